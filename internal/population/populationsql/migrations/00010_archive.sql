-- +goose Up

-- The last look-up that is in archive files alone: the next one's hash covers its.
CREATE TABLE population_lookup_begin (
  id INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash BYTEA NOT NULL
);

-- Whom look-ups were about, in the order of the log: for its check and its archive.
CREATE INDEX population_lookup_subject_lookup ON population_lookup_subject (lookup, subject);
