-- +goose Up

-- What happened: append-only.
CREATE TABLE org_event (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    valid_date  TEXT NOT NULL,
    date_sure   BOOLEAN NOT NULL,
    basis       TEXT NOT NULL,
    note        TEXT NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    recorded_by TEXT NOT NULL
);

-- Units as they were: a row says what was true from valid_from until valid_to,
-- and was known from known_from until known_to. Rows are added; known_to is set
-- once, when a later row says otherwise.
CREATE TABLE org_version (
    id         TEXT NOT NULL,
    level      TEXT NOT NULL,
    code       TEXT NOT NULL,
    name       TEXT NOT NULL,
    parent     TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to   TEXT,
    event      TEXT NOT NULL,
    ended      TEXT NOT NULL,
    known_from TIMESTAMPTZ NOT NULL,
    known_to   TIMESTAMPTZ,
    PRIMARY KEY (id, valid_from, known_from)
);
CREATE INDEX org_version_code ON org_version (code);
CREATE INDEX org_version_parent ON org_version (parent);
-- One unit a code, one open version a unit: two edits at once cannot both win.
CREATE UNIQUE INDEX org_version_open_code ON org_version (code) WHERE valid_to IS NULL AND known_to IS NULL;
CREATE UNIQUE INDEX org_version_open_id ON org_version (id) WHERE valid_to IS NULL AND known_to IS NULL;

-- What became of what: append-only.
CREATE TABLE org_link (
    event   TEXT NOT NULL REFERENCES org_event (id),
    from_id TEXT NOT NULL,
    to_id   TEXT NOT NULL,
    whole   BOOLEAN NOT NULL,
    main    BOOLEAN NOT NULL,
    PRIMARY KEY (from_id, to_id, event)
);
CREATE INDEX org_link_to ON org_link (to_id);
CREATE INDEX org_link_event ON org_link (event);

-- Other ways in which agencies are written: append-only.
CREATE TABLE org_alias (
    id   TEXT NOT NULL,
    text TEXT NOT NULL,
    abbr BOOLEAN NOT NULL,
    PRIMARY KEY (id, text)
);
