-- +goose Up

-- Whom a grant is of, when its holder acts for another.
ALTER TABLE identity_grant ADD COLUMN for_account TEXT /* bytes */ NOT NULL DEFAULT '';
CREATE INDEX identity_grant_for ON identity_grant (for_account) WHERE for_account <> '';

-- What the provider signs with, sealed with a key from elsewhere: one row.
CREATE TABLE identity_ring (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
