-- +goose Up

-- What a question about several looked like: how many claims fitted nobody, the longest
-- row of numbers that follow each other, the most claims about one number.
ALTER TABLE population_lookup ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE population_lookup ADD COLUMN in_row INTEGER NOT NULL DEFAULT 0;
ALTER TABLE population_lookup ADD COLUMN same INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE population_lookup DROP COLUMN same;
ALTER TABLE population_lookup DROP COLUMN in_row;
ALTER TABLE population_lookup DROP COLUMN missed;
