-- +goose Up

-- The files of an upload until its batch is done: written before the first of them is
-- kept, so that those of an upload that a crash cut off are found and removed.
CREATE TABLE readiness_upload_file (
    batch_id    TEXT NOT NULL,
    n           BIGINT NOT NULL,
    file_name   TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    file_size   BIGINT NOT NULL,
    campaign    TEXT NOT NULL,
    account     TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (batch_id, n)
);
CREATE INDEX readiness_upload_file_sha ON readiness_upload_file (file_sha256);
CREATE INDEX readiness_upload_file_created ON readiness_upload_file (created_at);

-- All returns of one agency: what waits for it.
CREATE INDEX readiness_return_agency ON readiness_return (agency);
