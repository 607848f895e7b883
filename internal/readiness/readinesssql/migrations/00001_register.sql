-- +goose Up

-- Forms and letters are documents: their shape is readiness.Template and readiness.Campaign.
CREATE TABLE readiness_template (
    ref        TEXT PRIMARY KEY,
    doc        TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE readiness_campaign (
    id         TEXT PRIMARY KEY,
    doc        TEXT NOT NULL,
    issued     TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Whom a letter asks, as a set fixed on the letter's day.
CREATE TABLE readiness_recipient (
    campaign   TEXT NOT NULL REFERENCES readiness_campaign (id),
    agency     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (campaign, agency)
);

-- The present state of one agency's return; derived from its events, in the same transaction.
CREATE TABLE readiness_return (
    id         TEXT PRIMARY KEY,
    campaign   TEXT NOT NULL REFERENCES readiness_campaign (id),
    agency     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    state      TEXT NOT NULL,
    version    BIGINT NOT NULL,
    steps      BIGINT NOT NULL,
    draft_rev  BIGINT NOT NULL, -- 0: no draft
    problems   BIGINT NOT NULL, -- of the newest version, that a person must decide
    updated_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (campaign, agency)
);

-- Every submitted version, never changed.
CREATE TABLE readiness_version (
    id          TEXT PRIMARY KEY,
    return_id   TEXT NOT NULL REFERENCES readiness_return (id),
    campaign    TEXT NOT NULL,
    agency      TEXT NOT NULL,
    n           BIGINT NOT NULL,
    channel     TEXT NOT NULL,
    doc         TEXT NOT NULL,
    problems    TEXT NOT NULL,
    verdict     TEXT NOT NULL,
    file_name   TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    file_size   BIGINT NOT NULL,
    account     TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (return_id, n)
);
CREATE INDEX readiness_version_known ON readiness_version (campaign, created_at);
CREATE INDEX readiness_version_file ON readiness_version (file_sha256);

-- Every step of a return: submitted, sent back (with comments), accepted, withdrawn.
CREATE TABLE readiness_event (
    id         TEXT PRIMARY KEY,
    return_id  TEXT NOT NULL REFERENCES readiness_return (id),
    campaign   TEXT NOT NULL,
    agency     TEXT NOT NULL,
    n          BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    version    BIGINT NOT NULL,
    reason     TEXT NOT NULL,
    comments   TEXT NOT NULL,
    account    TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (return_id, n)
);
CREATE INDEX readiness_event_campaign ON readiness_event (campaign, created_at);

-- Saved drafts. Earlier revisions are the base of a three-way merge.
CREATE TABLE readiness_draft (
    return_id  TEXT NOT NULL REFERENCES readiness_return (id),
    rev        BIGINT NOT NULL,
    base       BIGINT NOT NULL,
    doc        TEXT NOT NULL,
    account    TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (return_id, base, rev)
);

CREATE TABLE readiness_batch (
    id          TEXT PRIMARY KEY,
    campaign    TEXT NOT NULL REFERENCES readiness_campaign (id),
    account     TEXT NOT NULL,
    total       BIGINT NOT NULL,
    done        BIGINT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
);
CREATE INDEX readiness_batch_campaign ON readiness_batch (campaign, created_at);

-- One file of a batch and what became of it. A return that could not go in at
-- once is kept whole here until a person decides.
CREATE TABLE readiness_batch_item (
    id          TEXT PRIMARY KEY,
    batch_id    TEXT NOT NULL REFERENCES readiness_batch (id),
    campaign    TEXT NOT NULL,
    file_name   TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    file_size   BIGINT NOT NULL,
    agency      TEXT NOT NULL,
    status      TEXT NOT NULL,
    problems    TEXT NOT NULL,
    held        TEXT,
    version     BIGINT NOT NULL,
    resolution  TEXT NOT NULL,
    resolved_by TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX readiness_batch_item_batch ON readiness_batch_item (batch_id, created_at);
CREATE INDEX readiness_batch_item_campaign ON readiness_batch_item (campaign, status);

-- A reminder that was sent; the key makes it unique per agency and step.
CREATE TABLE readiness_reminder (
    id         TEXT PRIMARY KEY,
    campaign   TEXT NOT NULL REFERENCES readiness_campaign (id),
    agency     TEXT NOT NULL,
    step       TEXT NOT NULL,
    channel    TEXT NOT NULL,
    account    TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (campaign, agency, step, channel)
);
