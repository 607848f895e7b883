-- +goose Up
-- What does not work, since when, who looks after it and how it ended.
CREATE TABLE alarm (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  subject    TEXT NOT NULL,            -- what it is about: a gateway, a service, a chain; empty where the kind says it
  level      TEXT NOT NULL,            -- warning, failing
  owner      TEXT NOT NULL,            -- role that looks after it
  key        TEXT NOT NULL,            -- message: what was found and what to do
  args       TEXT NOT NULL,            -- JSON
  sticky     BOOLEAN NOT NULL,         -- only people end it
  second     BOOLEAN NOT NULL,         -- and two of them
  since_at   TIMESTAMPTZ NOT NULL,
  seen_at    TIMESTAMPTZ NOT NULL,     -- when the cause was last found
  times      BIGINT NOT NULL,          -- how often it came back soon after it had ended by itself
  taken_by   TEXT NOT NULL,            -- JSON, who looks after it
  taken_at   TIMESTAMPTZ,
  ended_by   TEXT NOT NULL,            -- JSON, nobody when the cause was gone
  ended_at   TIMESTAMPTZ,
  ended_why  TEXT NOT NULL
);
CREATE UNIQUE INDEX alarm_open ON alarm (kind, subject) WHERE ended_at IS NULL;
CREATE INDEX alarm_ended ON alarm (ended_at);
CREATE INDEX alarm_of ON alarm (kind, subject, ended_at);
