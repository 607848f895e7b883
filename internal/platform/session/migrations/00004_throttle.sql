-- +goose Up
-- Browsers on which an account signed in before: guesses of others cost them nothing.
CREATE TABLE account_known (
  account_id TEXT NOT NULL REFERENCES account (id),
  token_hash TEXT NOT NULL,            -- SHA-256 of the cookie
  seen_at    TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (account_id, token_hash)
);
CREATE INDEX account_known_seen ON account_known (seen_at);

-- The key by which the counters of account_throttle are found: strangers, who do not know it,
-- cannot aim at another's. until_at there is the end of a counter's window.
CREATE TABLE account_key (
  name TEXT PRIMARY KEY,
  key  TEXT NOT NULL
);
