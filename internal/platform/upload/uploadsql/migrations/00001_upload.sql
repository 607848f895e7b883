-- +goose Up
CREATE TABLE upload (
  id         TEXT PRIMARY KEY,           -- also the name of its file
  owner      TEXT NOT NULL,
  purpose    TEXT NOT NULL,              -- what it is for, opaque
  name       TEXT NOT NULL,              -- as the sender calls it
  meta       TEXT NOT NULL,              -- Upload-Metadata as it was sent
  policy     TEXT NOT NULL,              -- JSON
  place      TEXT NOT NULL,              -- which folder holds its pieces
  size       BIGINT NOT NULL,
  received   BIGINT NOT NULL,            -- so many bytes are on the disk
  state      TEXT NOT NULL,              -- open, taken, refused
  result     TEXT NOT NULL,              -- JSON: the file, or why it was refused
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX upload_owner ON upload (owner, purpose, id);
CREATE INDEX upload_open ON upload (owner) WHERE state = 'open';
CREATE INDEX upload_expires ON upload (expires_at);
-- Who begins an upload touches this row, so that quotas are counted one after another.
CREATE TABLE upload_gate (
  id    BIGINT PRIMARY KEY,
  begun BIGINT NOT NULL
);
INSERT INTO upload_gate (id, begun) VALUES (1, 0);
