-- +goose Up
-- Who is alive, and that the table can be written to.
CREATE TABLE job_beat (
  name TEXT PRIMARY KEY,                 -- runner, check
  at   TIMESTAMPTZ NOT NULL
);
