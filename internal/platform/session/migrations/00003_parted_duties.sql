-- +goose Up
-- Which person an account belongs to, by proof. An account from before that bears a
-- number as its login is bound to nobody by that. The register holds the number
-- anyway; here it is plain, shown masked and never logged.
CREATE TABLE account_binding (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  number     TEXT NOT NULL,
  how        TEXT NOT NULL,            -- 'match', 'officer', 'seed'
  proof      TEXT NOT NULL,            -- what was shown, without personal data
  bound_by   TEXT NOT NULL,            -- who acted: an account's id, or as actor.Actor says
  created_at TIMESTAMPTZ NOT NULL,
  ended_at   TIMESTAMPTZ,
  ended_by   TEXT NOT NULL
);
CREATE UNIQUE INDEX account_binding_account ON account_binding (account_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX account_binding_number ON account_binding (number) WHERE ended_at IS NULL;
CREATE INDEX account_binding_of ON account_binding (account_id, created_at);

-- Accounts whose password two persons make: the hash of the half that the first
-- of them holds, until the second takes theirs.
CREATE TABLE account_half (
  account_id TEXT PRIMARY KEY REFERENCES account (id),
  first_hash TEXT NOT NULL,
  asked_by   TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
