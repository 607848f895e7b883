-- +goose Up
-- For whom a session acts by a delegation of the provider of identities: its subject there, by
-- which the provider ends such sessions, and who that is, as JSON (personal data). '' for oneself.
ALTER TABLE account_session ADD COLUMN acts_subject TEXT NOT NULL DEFAULT '';
ALTER TABLE account_session ADD COLUMN acts TEXT NOT NULL DEFAULT '';
