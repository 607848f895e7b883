-- +goose Up

-- Files that agencies add at answers. Rows stay: until is the first version without it.
CREATE TABLE readiness_attachment (
    id          TEXT PRIMARY KEY,
    return_id   TEXT NOT NULL REFERENCES readiness_return (id),
    field       TEXT NOT NULL,
    file_name   TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    file_size   BIGINT NOT NULL,
    media       TEXT NOT NULL,
    since       BIGINT NOT NULL,
    until       BIGINT NOT NULL,
    account     TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX readiness_attachment_return ON readiness_attachment (return_id);
CREATE INDEX readiness_attachment_file ON readiness_attachment (file_sha256);
