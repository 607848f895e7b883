-- +goose Up

-- Files that the agency handed in to be cleaned at the register's node. live is the hash of one
-- that is not over: the member of the exchange has it there once; copy while the file is here.
CREATE TABLE handover (
  id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  live TEXT UNIQUE,
  copy TEXT NOT NULL,
  state TEXT NOT NULL,
  until TEXT NOT NULL,
  next_at TIMESTAMPTZ,
  doc TEXT NOT NULL
);
CREATE INDEX handover_agency ON handover (agency, id);
CREATE INDEX handover_next ON handover (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX handover_copy ON handover (copy) WHERE copy <> '';

-- Clean files that are here.
CREATE TABLE handover_paper (
  handover TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (handover, sha256)
);
CREATE INDEX handover_paper_sha256 ON handover_paper (sha256);

-- What became of rows since a file was linked.
CREATE TABLE handover_change (
  handover TEXT NOT NULL,
  seq BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (handover, seq)
);

-- +goose Down
DROP TABLE handover_change;
DROP TABLE handover_paper;
DROP TABLE handover;
