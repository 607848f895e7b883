-- +goose Up
-- The names of an account through time: a timeline shows who somebody was on that
-- day. What was before this table is not known: the name at hand counts from the start.
CREATE TABLE account_name (
  account_id TEXT NOT NULL REFERENCES account (id),
  from_at    TIMESTAMPTZ NOT NULL,
  name       TEXT NOT NULL,
  PRIMARY KEY (account_id, from_at)
);
INSERT INTO account_name (account_id, from_at, name) SELECT id, created_at, name FROM account;
