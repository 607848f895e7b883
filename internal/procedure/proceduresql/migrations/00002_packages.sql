-- +goose Up
-- Packages that were brought, each with its file. Rows are added and never changed.
CREATE TABLE procedure_package (
  id         TEXT PRIMARY KEY,
  code       TEXT NOT NULL,
  version    TEXT NOT NULL,
  starts     TEXT NOT NULL, -- the day from which it would be in force; "" when it does not say
  hash       TEXT NOT NULL, -- SHA-256 of the file
  faults     INTEGER NOT NULL,
  file       BYTEA NOT NULL,
  account    TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);

-- Those that a second person signed off. A version of a procedure is signed off once.
CREATE TABLE procedure_package_sign (
  package    TEXT PRIMARY KEY REFERENCES procedure_package (id),
  code       TEXT NOT NULL,
  version    TEXT NOT NULL,
  account    TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  UNIQUE (code, version)
);

-- +goose Down
DROP TABLE procedure_package_sign;
DROP TABLE procedure_package;
