-- +goose Up

-- How far files that were released follow the register: the last event that was looked at, and
-- how far it was when rows without anybody were tried last. seq is that of the last change.
CREATE TABLE cleaning_follow (
  batch TEXT PRIMARY KEY,
  event BIGINT NOT NULL,
  tried_event BIGINT NOT NULL,
  tried_load BIGINT NOT NULL,
  seq BIGINT NOT NULL
);
INSERT INTO cleaning_follow (batch, event, tried_event, tried_load, seq)
  SELECT id, 0, 0, 0, 0 FROM cleaning_batch WHERE state = 'released';

-- What became of their rows since. A cause changes a row once.
CREATE TABLE cleaning_change (
  batch TEXT NOT NULL,
  seq BIGINT NOT NULL,
  at_row BIGINT NOT NULL,
  cause TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (batch, seq)
);
CREATE UNIQUE INDEX cleaning_change_cause ON cleaning_change (batch, at_row, cause);
CREATE INDEX cleaning_row_person ON cleaning_row (batch, person) WHERE person <> 0;

-- +goose Down
DROP INDEX cleaning_row_person;
DROP TABLE cleaning_change;
DROP TABLE cleaning_follow;
