-- +goose Up

-- What is known of a system for its security, beside what its agency declares.
CREATE TABLE security_record (
  agency TEXT NOT NULL,
  system TEXT NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (agency, system)
);

-- Dossiers of level. Of one system one is open and one approved: open_of and approved_of
-- hold the system then.
CREATE TABLE security_dossier (
  id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  system TEXT NOT NULL,
  state TEXT NOT NULL,
  open_of TEXT UNIQUE,
  approved_of TEXT UNIQUE,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX security_dossier_system ON security_dossier (agency, system);

-- Inspections, findings, incidents and graces.
CREATE TABLE security_check (
  id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  system TEXT NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX security_check_system ON security_check (agency, system);
CREATE TABLE security_finding (
  id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  system TEXT NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX security_finding_system ON security_finding (agency, system);
CREATE TABLE security_incident (
  id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  system TEXT NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX security_incident_system ON security_incident (agency, system);
CREATE TABLE security_grace (
  id TEXT PRIMARY KEY,
  agency TEXT NOT NULL,
  system TEXT NOT NULL,
  version BIGINT NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX security_grace_system ON security_grace (agency, system);

-- +goose Down
DROP TABLE security_grace;
DROP TABLE security_incident;
DROP TABLE security_finding;
DROP TABLE security_check;
DROP TABLE security_dossier;
DROP TABLE security_record;
