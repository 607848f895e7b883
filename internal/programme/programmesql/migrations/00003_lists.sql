-- +goose Up

-- A list is read in its order, or looked up cell by cell (programme.Book knows where what is
-- rare is): an index for each, and one for an agency's own.
DROP INDEX programme_unit_task_open;
DROP INDEX programme_unit_task_state;
DROP INDEX programme_unit_task_late;
DROP INDEX programme_unit_task_task;
DROP INDEX programme_unit_task_origin;
CREATE INDEX programme_unit_task_cell ON programme_unit_task (task, origin, due, state, level, id);

-- +goose Down
DROP INDEX programme_unit_task_cell;
CREATE INDEX programme_unit_task_open ON programme_unit_task (still_open, due, id);
CREATE INDEX programme_unit_task_state ON programme_unit_task (state, due, id);
CREATE INDEX programme_unit_task_late ON programme_unit_task (due, id) WHERE late;
CREATE INDEX programme_unit_task_task ON programme_unit_task (task, due, id);
CREATE INDEX programme_unit_task_origin ON programme_unit_task (origin, due, id);
