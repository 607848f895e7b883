-- +goose Up

-- For whom a dossier was filed by authorisation.
ALTER TABLE dossier ADD COLUMN principal TEXT NOT NULL DEFAULT ''; -- personal data: the name
ALTER TABLE dossier ADD COLUMN principal_number TEXT NOT NULL DEFAULT ''; -- personal data
CREATE INDEX dossier_principal ON dossier (principal_number, id) WHERE principal_number <> '';
