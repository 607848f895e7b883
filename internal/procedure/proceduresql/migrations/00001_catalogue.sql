-- +goose Up
-- Editions of the catalogue of procedures, each with the file that was imported. Rows are
-- added and never changed.
CREATE TABLE procedure_catalogue (
  id         TEXT PRIMARY KEY,
  source     TEXT NOT NULL,
  taken      TEXT NOT NULL, -- the day on which it was taken from its source
  hash       TEXT NOT NULL UNIQUE, -- SHA-256 of the file
  report     TEXT NOT NULL,
  file       BYTEA NOT NULL, -- gzip
  account    TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);

-- Which edition was put in force; the last row is.
CREATE TABLE procedure_catalogue_use (
  id         TEXT PRIMARY KEY,
  catalogue  TEXT NOT NULL, -- "built-in" is no row of procedure_catalogue
  account    TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX procedure_catalogue_use_catalogue ON procedure_catalogue_use (catalogue);

-- +goose Down
DROP TABLE procedure_catalogue_use;
DROP TABLE procedure_catalogue;
