-- +goose Up

-- What a call must name, and what a quota counts ('' is calls, 'persons' is persons).
ALTER TABLE gateway_right ADD COLUMN officer BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE gateway_right ADD COLUMN dossier BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE gateway_right ADD COLUMN quota_of TEXT NOT NULL DEFAULT '';
