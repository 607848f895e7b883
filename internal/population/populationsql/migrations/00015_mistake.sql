-- +goose Up

-- What is said to be wrong in the register, passed on by other agencies' dossiers.
CREATE TABLE population_mistake (
  place TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  number BIGINT NOT NULL,
  field TEXT NOT NULL,
  says TEXT NOT NULL,
  why TEXT NOT NULL,
  client TEXT NOT NULL,
  agency TEXT NOT NULL,
  officer TEXT NOT NULL,
  purpose TEXT NOT NULL,
  dossier TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  state TEXT NOT NULL,
  answer TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_at TIMESTAMPTZ
);
CREATE INDEX population_mistake_open ON population_mistake (state, place);

-- +goose Down
DROP TABLE population_mistake;
