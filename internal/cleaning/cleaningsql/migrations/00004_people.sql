-- +goose Up

-- Where those live whom a row may mean; whether two people judge it without knowing of one
-- another ('wanted', 'done'); whether it waits for somebody; since when who has it sees it.
ALTER TABLE cleaning_row ADD COLUMN commune TEXT NOT NULL DEFAULT '';
ALTER TABLE cleaning_row ADD COLUMN second_look TEXT NOT NULL DEFAULT '';
ALTER TABLE cleaning_row ADD COLUMN waits BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE cleaning_row ADD COLUMN shown_at TIMESTAMPTZ;
UPDATE cleaning_row SET waits = TRUE WHERE place IS NOT NULL AND decided = '';
DROP INDEX cleaning_row_place;
CREATE INDEX cleaning_row_place ON cleaning_row (batch, waits, place) WHERE place IS NOT NULL;
CREATE INDEX cleaning_row_commune ON cleaning_row (batch, commune, at);

-- What the program had said of the row, and when somebody first saw the pair.
ALTER TABLE cleaning_label ADD COLUMN machine TEXT NOT NULL DEFAULT '';
ALTER TABLE cleaning_label ADD COLUMN shown_at TIMESTAMPTZ;

-- +goose Down
ALTER TABLE cleaning_label DROP COLUMN shown_at;
ALTER TABLE cleaning_label DROP COLUMN machine;
DROP INDEX cleaning_row_commune;
DROP INDEX cleaning_row_place;
CREATE INDEX cleaning_row_place ON cleaning_row (batch, decided, place) WHERE place IS NOT NULL;
ALTER TABLE cleaning_row DROP COLUMN shown_at;
ALTER TABLE cleaning_row DROP COLUMN waits;
ALTER TABLE cleaning_row DROP COLUMN second_look;
ALTER TABLE cleaning_row DROP COLUMN commune;
