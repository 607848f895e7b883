-- +goose Up
-- Older systems that call the population contract at this agency. Secrets are sealed.
CREATE TABLE contract_system (
  user_name  TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  secret     BYTEA NOT NULL,
  subsystem  TEXT NOT NULL,
  codes      TEXT NOT NULL,
  procedures TEXT NOT NULL,
  off        BOOLEAN NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  changed_at TIMESTAMPTZ NOT NULL
);

-- Officers as those systems name them.
CREATE TABLE contract_officer (
  subsystem  TEXT NOT NULL,
  code       TEXT NOT NULL,
  name       TEXT NOT NULL,
  office     TEXT NOT NULL,
  operations TEXT NOT NULL,
  key_pass   BYTEA NOT NULL,
  off        BOOLEAN NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  changed_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (subsystem, code)
);

-- Calls of the last minutes, by which a repeated one is recognised.
CREATE TABLE contract_seen (
  user_name  TEXT NOT NULL,
  stamp      TEXT NOT NULL,
  request    TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (user_name, stamp, request)
);
CREATE INDEX contract_seen_at ON contract_seen (created_at);

-- The log: each call, refused ones too, without personal data of those asked about.
CREATE TABLE contract_call (
  id         TEXT PRIMARY KEY,
  created_at TIMESTAMPTZ NOT NULL,
  user_name  TEXT NOT NULL,
  subsystem  TEXT NOT NULL,
  officer    TEXT NOT NULL,
  office     TEXT NOT NULL,
  operation  TEXT NOT NULL,
  code       TEXT NOT NULL,
  purpose    TEXT NOT NULL,
  dossier    TEXT NOT NULL,
  request    TEXT NOT NULL,
  request_id TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  took_us    BIGINT NOT NULL
);
CREATE INDEX contract_call_at ON contract_call (created_at);
CREATE INDEX contract_call_officer ON contract_call (officer, id);
CREATE INDEX contract_call_office ON contract_call (office, id);
