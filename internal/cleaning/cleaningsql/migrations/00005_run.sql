-- +goose Up

-- Files that were linked with the register on the command line: nothing of them is kept but that they were.
CREATE TABLE cleaning_run (
  id TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  purpose TEXT NOT NULL,
  people BIGINT NOT NULL,
  at TIMESTAMPTZ NOT NULL
);
CREATE INDEX cleaning_run_sha256 ON cleaning_run (sha256, at);

-- +goose Down
DROP TABLE cleaning_run;
