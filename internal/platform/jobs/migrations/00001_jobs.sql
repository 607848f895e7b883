-- +goose Up
CREATE TABLE job (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  payload     TEXT NOT NULL,
  state       TEXT NOT NULL,             -- queued, running, done, dead, cancelled
  lane        TEXT NOT NULL,             -- jobs of one lane run one after another; empty: no lane
  unique_key  TEXT,
  run_at      TIMESTAMPTZ NOT NULL,
  tries       BIGINT NOT NULL,
  max_tries   BIGINT NOT NULL,
  owner       TEXT NOT NULL,
  lease_until TIMESTAMPTZ,
  cancel      BOOLEAN NOT NULL,
  done        BIGINT NOT NULL,
  total       BIGINT NOT NULL,
  note        TEXT NOT NULL,             -- message key and arguments, JSON
  error       TEXT NOT NULL,
  created_at  TIMESTAMPTZ NOT NULL,
  started_at  TIMESTAMPTZ,
  finished_at TIMESTAMPTZ
);
CREATE INDEX job_queued ON job (run_at, id) WHERE state = 'queued';
CREATE INDEX job_running ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_lane ON job (lane, id) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE state IN ('queued', 'running');
CREATE INDEX job_state ON job (state, id);
CREATE INDEX job_finished ON job (finished_at);
