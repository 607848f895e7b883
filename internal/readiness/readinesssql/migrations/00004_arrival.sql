-- +goose Up

-- The register of arrivals: each paper and each return that comes in gets the next number
-- of its year (Nghị định 30/2020, Điều 22: văn bản đến).
CREATE TABLE readiness_arrival (
    year BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
);
ALTER TABLE readiness_batch_item ADD COLUMN arrival BIGINT NOT NULL DEFAULT 0;
ALTER TABLE readiness_version ADD COLUMN arrival BIGINT NOT NULL DEFAULT 0;
-- When it came; of what a person took in later, before created_at.
ALTER TABLE readiness_version ADD COLUMN arrived_at TIMESTAMPTZ;
