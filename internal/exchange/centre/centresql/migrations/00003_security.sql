-- +goose Up

-- What was said last of the security of systems.
CREATE TABLE centre_security (
    id      BIGINT PRIMARY KEY,
    said_at TIMESTAMPTZ NOT NULL,
    doc     TEXT NOT NULL
);

-- +goose Down
DROP TABLE centre_security;
