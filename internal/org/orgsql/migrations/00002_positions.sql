-- +goose Up

-- Offices of agencies, their positions, and who is appointed to them: append-only. A row
-- is one record of its id; the record with the highest version is what is known. What
-- ends, or was recorded by mistake, is said by another record.
CREATE TABLE org_office (
    id          TEXT NOT NULL,
    version     INTEGER NOT NULL,
    agency      TEXT NOT NULL,
    name        TEXT NOT NULL,
    valid_from  TEXT NOT NULL,
    valid_to    TEXT,
    withdrawn   BOOLEAN NOT NULL,
    basis       TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE INDEX org_office_agency ON org_office (agency);

CREATE TABLE org_position (
    id          TEXT NOT NULL,
    version     INTEGER NOT NULL,
    office      TEXT NOT NULL,
    title       TEXT NOT NULL,
    duty        TEXT NOT NULL,
    roles       TEXT NOT NULL,
    area        TEXT NOT NULL,
    area_id     TEXT NOT NULL,
    valid_from  TEXT NOT NULL,
    valid_to    TEXT,
    withdrawn   BOOLEAN NOT NULL,
    basis       TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE INDEX org_position_office ON org_position (office);
CREATE INDEX org_position_duty ON org_position (duty);

CREATE TABLE org_appointment (
    id          TEXT NOT NULL,
    version     INTEGER NOT NULL,
    position    TEXT NOT NULL,
    account     TEXT NOT NULL,
    stand_in    BOOLEAN NOT NULL,
    vacancy     TEXT NOT NULL,
    request     TEXT NOT NULL,
    second_id   TEXT NOT NULL,
    valid_from  TEXT NOT NULL,
    valid_to    TEXT,
    withdrawn   BOOLEAN NOT NULL,
    basis       TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE INDEX org_appointment_position ON org_appointment (position);
CREATE INDEX org_appointment_account ON org_appointment (account);

-- Who records something of an agency's offices holds its row: two at once come one after
-- the other.
CREATE TABLE org_book (
    agency  TEXT PRIMARY KEY,
    changes INTEGER NOT NULL
);
