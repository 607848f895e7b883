-- +goose Up

-- An electronic identity as it is now; the digest of a row is in the last entry that changed
-- it. The number is kept as the register of persons keeps it, in the same database.
CREATE TABLE identity_account (
  id TEXT /* bytes */ PRIMARY KEY,
  kind TEXT NOT NULL,
  number TEXT NOT NULL, -- personal data: of whom it is
  level SMALLINT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL, -- personal data: what it says of its holder
  UNIQUE (kind, number)
);

CREATE TABLE identity_proofing (
  id TEXT /* bytes */ PRIMARY KEY,
  account TEXT /* bytes */ NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX identity_proofing_account ON identity_proofing (account, id);

-- What a holder shows: slow hashes, and a seed that is sealed with a key from elsewhere.
CREATE TABLE identity_secrets (
  id TEXT /* bytes */ PRIMARY KEY, -- the account
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);

CREATE TABLE identity_device (
  id TEXT /* bytes */ PRIMARY KEY,
  account TEXT /* bytes */ NOT NULL,
  key BYTEA NOT NULL UNIQUE,
  added_at TIMESTAMPTZ,
  closed_at TIMESTAMPTZ,
  doc TEXT NOT NULL
);
CREATE INDEX identity_device_account ON identity_device (account, added_at);

-- A sign-in; token is the SHA-256 of the cookie.
CREATE TABLE identity_session (
  id TEXT /* bytes */ PRIMARY KEY,
  token TEXT NOT NULL UNIQUE,
  account TEXT /* bytes */ NOT NULL,
  created_at TIMESTAMPTZ,
  expires_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,
  over_at TIMESTAMPTZ,
  doc TEXT NOT NULL
);
CREATE INDEX identity_session_account ON identity_session (account, created_at);
CREATE INDEX identity_session_over ON identity_session (over_at);

CREATE TABLE identity_delegation (
  id TEXT /* bytes */ PRIMARY KEY,
  for_account TEXT /* bytes */ NOT NULL,
  by_account TEXT /* bytes */ NOT NULL,
  created_at TIMESTAMPTZ,
  until TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX identity_delegation_for ON identity_delegation (for_account, created_at);
CREATE INDEX identity_delegation_by ON identity_delegation (by_account, created_at);
CREATE INDEX identity_delegation_until ON identity_delegation (until) WHERE ended_at IS NULL;

CREATE TABLE identity_client (
  id TEXT /* bytes */ PRIMARY KEY,
  owner TEXT NOT NULL,
  name TEXT /* bytes */ NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX identity_client_owner ON identity_client (owner);

CREATE TABLE identity_consent (
  id TEXT /* bytes */ PRIMARY KEY,
  account TEXT /* bytes */ NOT NULL,
  at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,
  doc TEXT NOT NULL
);
CREATE INDEX identity_consent_account ON identity_consent (account, at);

-- A request to sign in; uri and code are SHA-256.
CREATE TABLE identity_request (
  id TEXT /* bytes */ PRIMARY KEY,
  state TEXT NOT NULL,
  uri TEXT NOT NULL,
  code TEXT NOT NULL,
  expires_at TIMESTAMPTZ,
  doc TEXT NOT NULL
);
CREATE UNIQUE INDEX identity_request_uri ON identity_request (uri) WHERE uri <> '';
CREATE UNIQUE INDEX identity_request_code ON identity_request (code) WHERE code <> '';
CREATE INDEX identity_request_expires ON identity_request (expires_at);

-- What a client holds; refresh and before are SHA-256 of its tokens.
CREATE TABLE identity_grant (
  id TEXT /* bytes */ PRIMARY KEY,
  account TEXT /* bytes */ NOT NULL,
  client TEXT /* bytes */ NOT NULL,
  session TEXT /* bytes */ NOT NULL,
  refresh TEXT NOT NULL,
  before TEXT NOT NULL,
  created_at TIMESTAMPTZ,
  expires_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,
  over_at TIMESTAMPTZ,
  doc TEXT NOT NULL
);
CREATE INDEX identity_grant_account ON identity_grant (account, created_at) WHERE account <> '';
CREATE INDEX identity_grant_client ON identity_grant (client, created_at);
CREATE INDEX identity_grant_session ON identity_grant (session) WHERE session <> '';
CREATE UNIQUE INDEX identity_grant_refresh ON identity_grant (refresh) WHERE refresh <> '';
CREATE INDEX identity_grant_before ON identity_grant (before) WHERE before <> '';
CREATE INDEX identity_grant_over ON identity_grant (over_at);

CREATE TABLE identity_recovery (
  id TEXT /* bytes */ PRIMARY KEY,
  account TEXT /* bytes */ NOT NULL,
  asked_at TIMESTAMPTZ,
  over_at TIMESTAMPTZ,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX identity_recovery_account ON identity_recovery (account, asked_at);
CREATE INDEX identity_recovery_over ON identity_recovery (over_at) WHERE over_at IS NOT NULL;

CREATE TABLE identity_challenge (
  id TEXT /* bytes */ PRIMARY KEY,
  expires_at TIMESTAMPTZ,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX identity_challenge_expires ON identity_challenge (expires_at);

-- What was used once.
CREATE TABLE identity_once (
  name TEXT /* bytes */ PRIMARY KEY,
  until TIMESTAMPTZ NOT NULL
) /* narrow */;
CREATE INDEX identity_once_until ON identity_once (until);

-- Failures, one row for each key.
CREATE TABLE identity_failure (
  name TEXT /* bytes */ PRIMARY KEY,
  n BIGINT NOT NULL,
  last_at TIMESTAMPTZ NOT NULL,
  until TIMESTAMPTZ NOT NULL
) /* narrow */;
CREATE INDEX identity_failure_until ON identity_failure (until);

-- What happened: rows are only ever added. sum binds a row to all rows before it; state is the
-- digest of the account after it, '' when it did not change.
CREATE TABLE identity_entry (
  seq BIGINT /* row */ PRIMARY KEY,
  account TEXT /* bytes */ NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  what TEXT NOT NULL,
  by_actor TEXT NOT NULL,
  for_account TEXT NOT NULL,
  client TEXT NOT NULL,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  args TEXT NOT NULL,
  state TEXT NOT NULL,
  sum BYTEA NOT NULL
);
CREATE INDEX identity_entry_account ON identity_entry (account, seq);
CREATE INDEX identity_entry_changed ON identity_entry (account, seq) WHERE state <> '';

-- The end of the log.
CREATE TABLE identity_log (
  name TEXT PRIMARY KEY,
  seq BIGINT NOT NULL,
  sum BYTEA NOT NULL
);

INSERT INTO identity_log (name, seq, sum) VALUES ('identities', 0, '');
