-- +goose Up

-- Two officers who enter a finding at once do not give both one number. Those of before have
-- theirs in the document alone.
ALTER TABLE security_finding ADD COLUMN number TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX security_finding_number ON security_finding (number) WHERE number <> '';

-- +goose Down
DROP INDEX security_finding_number;
ALTER TABLE security_finding DROP COLUMN number;
