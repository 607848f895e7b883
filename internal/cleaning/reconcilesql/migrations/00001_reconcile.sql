-- +goose Up
-- What agencies' systems asked on a day; days that are over are taken out.
CREATE TABLE reconcile_day (
  day    TEXT NOT NULL,
  client TEXT NOT NULL,
  asked  BIGINT NOT NULL,
  missed BIGINT NOT NULL,
  PRIMARY KEY (day, client)
);

-- How often they asked about a number that is somebody's.
CREATE TABLE reconcile_about (
  day    TEXT NOT NULL,
  client TEXT NOT NULL,
  person BIGINT NOT NULL,
  asked  BIGINT NOT NULL,
  PRIMARY KEY (day, client, person)
);

-- Whom a session has met on a day: they have it in their log.
CREATE TABLE reconcile_met (
  day     TEXT NOT NULL,
  client  TEXT NOT NULL,
  session TEXT NOT NULL,
  person  BIGINT NOT NULL,
  PRIMARY KEY (day, client, session, person)
);
