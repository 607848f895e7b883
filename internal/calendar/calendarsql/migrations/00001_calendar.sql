-- +goose Up
-- What administrators changed in the calendar of working time. Rows are only added.
CREATE TABLE calendar_change (
    version     INTEGER PRIMARY KEY CHECK (version > 0),
    kind        TEXT NOT NULL,
    details     TEXT NOT NULL, -- JSON: calendar.Change
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL  -- id of the account
);
