-- +goose Up

-- The second person who approved a right; empty for those given before there was one,
-- and for those that the program gives itself.
ALTER TABLE gateway_right ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';
