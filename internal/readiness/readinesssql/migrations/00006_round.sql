-- +goose Up

-- A round that is being prepared; its row goes when it is issued or given up.
CREATE TABLE readiness_campaign_draft (
    id         TEXT PRIMARY KEY,
    doc        TEXT NOT NULL,
    rev        BIGINT NOT NULL,
    account    TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- The letters with which rounds were cancelled. The rounds themselves never change.
CREATE TABLE readiness_cancellation (
    campaign   TEXT PRIMARY KEY REFERENCES readiness_campaign (id),
    number     TEXT NOT NULL,
    day        TEXT NOT NULL,
    reason     TEXT NOT NULL,
    account    TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
