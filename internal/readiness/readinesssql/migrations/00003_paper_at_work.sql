-- +goose Up

-- A file that no program can read is work for a person. Whom its name or heading
-- suggests is not chased while it waits; what is entered beside it is kept in held, with
-- the number of its save; a refusal has its reason.
ALTER TABLE readiness_batch_item ADD COLUMN suggests TEXT NOT NULL DEFAULT '[]';
ALTER TABLE readiness_batch_item ADD COLUMN entry BIGINT NOT NULL DEFAULT 0;
ALTER TABLE readiness_batch_item ADD COLUMN entered_by TEXT NOT NULL DEFAULT '';
ALTER TABLE readiness_batch_item ADD COLUMN reason TEXT NOT NULL DEFAULT '';
CREATE INDEX readiness_batch_item_agency ON readiness_batch_item (campaign, agency);
