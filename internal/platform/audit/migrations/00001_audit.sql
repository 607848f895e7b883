-- +goose Up
-- The log itself. Rows are only ever added; hash binds a row to all rows before it.
CREATE TABLE audit_entry (
  seq          BIGINT PRIMARY KEY,
  at           TIMESTAMPTZ NOT NULL,
  actor        TEXT NOT NULL,
  actor_name   TEXT NOT NULL,
  role         TEXT NOT NULL,
  agency       TEXT NOT NULL,
  action       TEXT NOT NULL,
  subject_type TEXT NOT NULL,
  subject_id   TEXT NOT NULL,
  purpose      TEXT NOT NULL,
  details      TEXT NOT NULL,
  request_id   TEXT NOT NULL,
  network      TEXT NOT NULL,
  hash         TEXT NOT NULL
);
CREATE INDEX audit_entry_actor ON audit_entry (actor, seq);
CREATE INDEX audit_entry_action ON audit_entry (action, seq);
CREATE INDEX audit_entry_subject ON audit_entry (subject_type, subject_id, seq);
CREATE INDEX audit_entry_agency ON audit_entry (agency, seq);
CREATE INDEX audit_entry_at ON audit_entry (at);

-- The end of the chain, one row: writers queue up on it, so that numbers have no gap.
CREATE TABLE audit_head (
  id   INTEGER PRIMARY KEY,
  seq  BIGINT NOT NULL,
  hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
