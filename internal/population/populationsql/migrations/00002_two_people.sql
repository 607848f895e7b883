-- +goose Up

-- Accounts that ask an officer to be bound to a number: one each.
CREATE TABLE population_bind_request (
  account TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  login TEXT NOT NULL,
  name TEXT NOT NULL,
  number BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX population_bind_request_number ON population_bind_request (number);

-- Tries of accounts to say who they are.
CREATE TABLE population_bind_try (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX population_bind_try_account ON population_bind_try (account, created_at);

-- Exports that a second person approved; each lets one file be written.
CREATE TABLE population_export (
  id TEXT PRIMARY KEY, -- of the request
  purpose TEXT NOT NULL,
  province TEXT NOT NULL,
  until TEXT NOT NULL, -- the last day
  asked_by TEXT NOT NULL,
  approved_by TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  used_at TIMESTAMPTZ
);

-- Files that are being kept before there is a job for them, so that what a fall left
-- behind is found.
CREATE TABLE population_upload (
  id TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE population_upload;
DROP TABLE population_export;
DROP TABLE population_bind_try;
DROP TABLE population_bind_request;
