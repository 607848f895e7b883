-- +goose Up

-- Whether a right demands that the client's system is secure as its level demands.
ALTER TABLE gateway_right ADD COLUMN security BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE gateway_right DROP COLUMN security;
