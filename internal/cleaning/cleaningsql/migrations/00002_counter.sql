-- +goose Up

-- Files that agencies hand in through the exchange, before they are batches. The batch has the
-- same id. live keeps an agency from handing one file in twice at once.
CREATE TABLE cleaning_incoming (
  id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  live TEXT UNIQUE,
  state TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX cleaning_incoming_agency ON cleaning_incoming (agency, id);

ALTER TABLE cleaning_batch ADD COLUMN agency TEXT NOT NULL DEFAULT '';
CREATE INDEX cleaning_batch_agency ON cleaning_batch (agency, id);

-- Which values of the file the agency says are wrong.
ALTER TABLE cleaning_label ADD COLUMN wrong TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE cleaning_label DROP COLUMN wrong;
DROP INDEX cleaning_batch_agency;
ALTER TABLE cleaning_batch DROP COLUMN agency;
DROP TABLE cleaning_incoming;
