-- +goose Up
-- What one person asks and another decides.
CREATE TABLE approval_request (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  subject     TEXT NOT NULL,
  benefits    TEXT NOT NULL,           -- account that gains by it; empty when nobody does
  says_key    TEXT NOT NULL,
  says_args   TEXT NOT NULL,           -- JSON
  words       TEXT NOT NULL,           -- JSON, by language: of a request from another node, whose messages are not here
  reason      TEXT NOT NULL,
  payload     TEXT NOT NULL,           -- JSON, for whoever makes it happen
  by_account  TEXT NOT NULL,
  by_actor    TEXT NOT NULL,           -- JSON, as they were then
  created_at  TIMESTAMPTZ NOT NULL,
  expires_at  TIMESTAMPTZ NOT NULL,
  state       TEXT NOT NULL,           -- open, approved, refused, withdrawn, expired
  needs       BIGINT NOT NULL,         -- how many must approve
  votes       TEXT NOT NULL,           -- JSON list, who approved so far
  decider     TEXT NOT NULL,           -- account; empty while open
  decider_as  TEXT NOT NULL,           -- JSON
  decided_at  TIMESTAMPTZ,
  why         TEXT NOT NULL,
  trouble     TEXT NOT NULL,           -- JSON, why an approval could not take effect
  origin      TEXT NOT NULL,           -- the node that asks, when it is another
  sent_to     TEXT NOT NULL,           -- the node that decides, when it is another
  sent_for    TEXT NOT NULL,           -- the account there, empty for any that may
  digest      TEXT NOT NULL,           -- of what was sent or received
  arrived_at  TIMESTAMPTZ,             -- when the other node had it
  tried_at    TIMESTAMPTZ,             -- last try to send it or to ask for its decision
  tries       BIGINT NOT NULL,         -- that failed in a row
  try_trouble TEXT NOT NULL,           -- of the last try, for administrators
  version     BIGINT NOT NULL
);
CREATE INDEX approval_request_state ON approval_request (state, id);
CREATE INDEX approval_request_by ON approval_request (by_account, id);
CREATE INDEX approval_request_benefits ON approval_request (benefits, id);
CREATE INDEX approval_request_decider ON approval_request (decider, id);
CREATE INDEX approval_request_origin ON approval_request (origin, id);

-- Roles that somebody took alone in an emergency. They end by the time itself.
CREATE TABLE approval_emergency (
  id         TEXT PRIMARY KEY,
  account    TEXT NOT NULL,
  by_actor   TEXT NOT NULL,            -- JSON
  role       TEXT NOT NULL,
  reason     TEXT NOT NULL,
  request    TEXT NOT NULL,            -- the request by which it was prolonged; empty when taken alone
  created_at TIMESTAMPTZ NOT NULL,
  ends_at    TIMESTAMPTZ NOT NULL,
  ended_by   TEXT NOT NULL,            -- who gave it back or ended it before its time
  read_by    TEXT NOT NULL,            -- the auditor who ticked it off
  read_as    TEXT NOT NULL,            -- JSON
  read_at    TIMESTAMPTZ
);
CREATE INDEX approval_emergency_account ON approval_emergency (account, ends_at);
CREATE INDEX approval_emergency_read ON approval_emergency (read_by, id);

-- What somebody is told.
CREATE TABLE approval_notice (
  id         TEXT PRIMARY KEY,
  account    TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  key        TEXT NOT NULL,
  args       TEXT NOT NULL,            -- JSON
  says       TEXT NOT NULL,            -- JSON, what it is about, as a message
  href       TEXT NOT NULL,
  urgent     BOOLEAN NOT NULL,
  read_at    TIMESTAMPTZ
);
CREATE INDEX approval_notice_account ON approval_notice (account, id);
CREATE INDEX approval_notice_unread ON approval_notice (account) WHERE read_at IS NULL;
