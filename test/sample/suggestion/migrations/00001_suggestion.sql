-- +goose Up
CREATE TABLE suggestion (
    id      TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    at      TIMESTAMPTZ NOT NULL,
    text    TEXT NOT NULL
);
