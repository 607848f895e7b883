-- +goose Up

-- Those that were done late, and lists that begin with a task or a province.
ALTER TABLE programme_unit_task ADD COLUMN late BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE programme_unit_task SET late = TRUE WHERE state = 'done' AND done_on > due;
DROP INDEX programme_unit_task_task;
DROP INDEX programme_unit_task_origin;
CREATE INDEX programme_unit_task_late ON programme_unit_task (due, id) WHERE late;
CREATE INDEX programme_unit_task_task ON programme_unit_task (task, due, id);
CREATE INDEX programme_unit_task_origin ON programme_unit_task (origin, due, id);

-- How many are alike now: the sum of their changes.
CREATE TABLE programme_cell (
  task TEXT NOT NULL,
  level TEXT NOT NULL,
  origin TEXT NOT NULL,
  state TEXT NOT NULL,
  late BOOLEAN NOT NULL,
  from_day TEXT NOT NULL,
  due TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (task, level, origin, state, late, from_day, due)
);
INSERT INTO programme_cell (task, level, origin, state, late, from_day, due, n)
  SELECT task, level, origin, state, late, from_day, due, SUM(n) FROM programme_tally GROUP BY task, level, origin, state, late, from_day, due;

-- +goose Down
DROP TABLE programme_cell;
DROP INDEX programme_unit_task_late;
DROP INDEX programme_unit_task_task;
DROP INDEX programme_unit_task_origin;
CREATE INDEX programme_unit_task_task ON programme_unit_task (task, state, due, id);
CREATE INDEX programme_unit_task_origin ON programme_unit_task (origin, state, due, id);
ALTER TABLE programme_unit_task DROP COLUMN late;
