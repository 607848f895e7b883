-- +goose Up

-- Files that were handed in to be cleaned. Of one whose term has ended only this row stays.
CREATE TABLE cleaning_batch (
  id TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  live TEXT UNIQUE,
  state TEXT NOT NULL,
  until TEXT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX cleaning_batch_until ON cleaning_batch (state, until);

-- Their rows. place is a row's place among those for people; NULL is none.
CREATE TABLE cleaning_row (
  batch TEXT NOT NULL,
  at BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  person BIGINT NOT NULL,
  place BIGINT,
  decided TEXT NOT NULL,
  lease_by TEXT NOT NULL,
  lease_until TIMESTAMPTZ,
  doc TEXT NOT NULL,
  PRIMARY KEY (batch, at)
);
CREATE INDEX cleaning_row_outcome ON cleaning_row (batch, outcome, at);
CREATE INDEX cleaning_row_place ON cleaning_row (batch, decided, place) WHERE place IS NOT NULL;

-- What people said of pairs.
CREATE TABLE cleaning_label (
  id TEXT PRIMARY KEY,
  batch TEXT NOT NULL,
  at_row BIGINT NOT NULL,
  candidate BIGINT NOT NULL,
  says TEXT NOT NULL,
  account TEXT NOT NULL,
  control BOOLEAN NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX cleaning_label_batch ON cleaning_label (batch, id);

-- Whom a batch has matched, so that the log of each has one line for it.
CREATE TABLE cleaning_person (
  batch TEXT NOT NULL,
  person BIGINT NOT NULL,
  PRIMARY KEY (batch, person)
);

-- +goose Down
DROP TABLE cleaning_person;
DROP TABLE cleaning_label;
DROP TABLE cleaning_row;
DROP TABLE cleaning_batch;
