-- +goose Up

-- Since when this database has had trees and heads: what was written long after has some.
CREATE TABLE ledger_begin (
    id BIGINT PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL
);
INSERT INTO ledger_begin (id, at) VALUES (1, CURRENT_TIMESTAMP);
