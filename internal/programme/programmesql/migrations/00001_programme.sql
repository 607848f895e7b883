-- +goose Up

-- Grows with every change: by it a process knows whether what it has in memory holds.
CREATE TABLE programme_revision (
  id BIGINT PRIMARY KEY,
  n BIGINT NOT NULL
);
INSERT INTO programme_revision (id, n) VALUES (1, 0);

-- Directives, tasks and rows of registers, version after version. day is when a version
-- was recorded, in Vietnam.
CREATE TABLE programme_doc (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  version BIGINT NOT NULL,
  day TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  account TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (kind, id, version)
);

-- Tasks as one agency has them. half is the day on which half of the time is gone.
CREATE TABLE programme_unit_task (
  id TEXT PRIMARY KEY,
  task TEXT NOT NULL,
  agency TEXT NOT NULL,
  period TEXT NOT NULL,
  level TEXT NOT NULL,
  origin TEXT NOT NULL,
  state TEXT NOT NULL,
  still_open BOOLEAN NOT NULL,
  from_day TEXT NOT NULL,
  due TEXT NOT NULL,
  half TEXT NOT NULL,
  percent BIGINT NOT NULL,
  done_on TEXT,
  reporter TEXT NOT NULL,
  asked TEXT,
  asker TEXT NOT NULL,
  version BIGINT NOT NULL,
  given_at TIMESTAMPTZ NOT NULL,
  UNIQUE (task, agency, period)
);
CREATE INDEX programme_unit_task_due ON programme_unit_task (due, id);
CREATE INDEX programme_unit_task_open ON programme_unit_task (still_open, due, id);
CREATE INDEX programme_unit_task_state ON programme_unit_task (state, due, id);
CREATE INDEX programme_unit_task_task ON programme_unit_task (task, state, due, id);
CREATE INDEX programme_unit_task_agency ON programme_unit_task (agency, due, id);
CREATE INDEX programme_unit_task_origin ON programme_unit_task (origin, state, due, id);

-- What was done to them.
CREATE TABLE programme_event (
  unit_task TEXT NOT NULL,
  version BIGINT NOT NULL,
  day TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  act TEXT NOT NULL,
  account TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (unit_task, version)
);

-- How the number of those that are alike changed on a day: the sum up to a day is what was
-- known by its end.
CREATE TABLE programme_tally (
  task TEXT NOT NULL,
  level TEXT NOT NULL,
  origin TEXT NOT NULL,
  state TEXT NOT NULL,
  late BOOLEAN NOT NULL,
  from_day TEXT NOT NULL,
  due TEXT NOT NULL,
  day TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (task, level, origin, state, late, from_day, due, day)
);

-- +goose Down
DROP TABLE programme_tally;
DROP TABLE programme_event;
DROP TABLE programme_unit_task;
DROP TABLE programme_doc;
DROP TABLE programme_revision;
