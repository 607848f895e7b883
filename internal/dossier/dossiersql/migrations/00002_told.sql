-- +goose Up

-- Which actions people were told of: each once, whatever fails on the way.
CREATE TABLE dossier_told (
  dossier TEXT /* bytes */ NOT NULL REFERENCES dossier (id),
  n BIGINT NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (dossier, n)
) /* narrow */;
