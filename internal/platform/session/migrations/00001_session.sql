-- +goose Up
CREATE TABLE account (
  id          TEXT PRIMARY KEY,
  login       TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  email       TEXT NOT NULL,
  agency      TEXT NOT NULL,           -- empty at the centre
  roles       TEXT NOT NULL,           -- JSON list, in order
  active      BOOLEAN NOT NULL,
  password    TEXT NOT NULL,           -- argon2id in PHC form; empty when sign-in is elsewhere
  must_change BOOLEAN NOT NULL,        -- the password was given by an administrator
  totp_secret TEXT NOT NULL,           -- base32; empty when there is none
  totp_on     BOOLEAN NOT NULL,        -- false while the secret awaits its first code
  totp_step   BIGINT NOT NULL,         -- the last time step used: a code is taken once
  search      TEXT NOT NULL,           -- login, name and e-mail, folded
  version     BIGINT NOT NULL,
  created_at  TIMESTAMPTZ NOT NULL,
  updated_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX account_agency ON account (agency, login);

CREATE TABLE account_recovery_code (
  account_id TEXT NOT NULL REFERENCES account (id),
  hash       TEXT NOT NULL,
  PRIMARY KEY (account_id, hash)
);

CREATE TABLE account_session (
  id         TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,     -- SHA-256 of the cookie
  account_id TEXT NOT NULL REFERENCES account (id),
  step       TEXT NOT NULL,            -- what is still to do before the session counts: '', 'code', 'password'
  via        TEXT NOT NULL,
  address    TEXT NOT NULL,
  agent      TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  seen_at    TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX account_session_account ON account_session (account_id, seen_at);
CREATE INDEX account_session_expires ON account_session (expires_at);

CREATE TABLE account_sign_in (
  id         TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id),
  at         TIMESTAMPTZ NOT NULL,
  outcome    TEXT NOT NULL,            -- 'ok', 'wrong_password', 'wrong_code', 'inactive'
  via        TEXT NOT NULL,
  address    TEXT NOT NULL,
  agent      TEXT NOT NULL
);
CREATE INDEX account_sign_in_account ON account_sign_in (account_id, at);
CREATE INDEX account_sign_in_at ON account_sign_in (at);

-- Failures by login typed and by address. The key is a hash: people type
-- passwords into the wrong field.
CREATE TABLE account_throttle (
  id       TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at  TIMESTAMPTZ NOT NULL,
  until_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE account_token (
  id         TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  agency     TEXT NOT NULL,
  name       TEXT NOT NULL,
  scopes     TEXT NOT NULL,            -- JSON list
  created_by TEXT NOT NULL REFERENCES account (id),
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  revoked_at TIMESTAMPTZ,
  used_at    TIMESTAMPTZ
);
CREATE INDEX account_token_agency ON account_token (agency, created_at);
CREATE INDEX account_token_created_by ON account_token (created_by);
