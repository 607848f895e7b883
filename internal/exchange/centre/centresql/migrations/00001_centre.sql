-- +goose Up

-- The one row in whose lock the turns of the centre are taken.
CREATE TABLE centre_turn (
    id         BIGINT PRIMARY KEY,
    serial     BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
INSERT INTO centre_turn (id, serial, created_at) VALUES (1, 0, '2026-01-01 00:00:00+00:00');

-- Members, subsystems, services, gateways and groups. doc is what differs by kind.
CREATE TABLE centre_entry (
    kind       TEXT NOT NULL,
    key        TEXT NOT NULL,
    member     TEXT NOT NULL,
    name       TEXT NOT NULL,
    state      TEXT NOT NULL,
    reason     TEXT NOT NULL,
    version    BIGINT NOT NULL,
    doc        TEXT NOT NULL,
    openapi    BYTEA,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE TABLE centre_application (
    id         TEXT PRIMARY KEY,
    gateway    TEXT NOT NULL,
    state      TEXT NOT NULL,
    doc        TEXT NOT NULL,
    openapi    BYTEA,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX centre_application_state ON centre_application (state, created_at);

CREATE TABLE centre_token (
    id           TEXT PRIMARY KEY,
    member       TEXT NOT NULL,
    gateway      TEXT NOT NULL,
    subsystems   TEXT NOT NULL,
    public_key   BYTEA NOT NULL,
    authority    TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    used_at      TIMESTAMPTZ,
    certificate  TEXT NOT NULL,
    withdrawn_at TIMESTAMPTZ
);
CREATE INDEX centre_token_created ON centre_token (created_at);

CREATE TABLE centre_certificate (
    fingerprint TEXT PRIMARY KEY,
    purpose     TEXT NOT NULL,
    gateway     TEXT NOT NULL,
    key_hash    TEXT NOT NULL,
    der         BYTEA NOT NULL,
    valid_from  TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ NOT NULL,
    token       TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    revoked_at  TIMESTAMPTZ,
    reason      TEXT NOT NULL
);
CREATE INDEX centre_certificate_until ON centre_certificate (valid_until);

CREATE TABLE centre_ca (
    fingerprint TEXT PRIMARY KEY,
    der         BYTEA NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE centre_published (
    serial      BIGINT PRIMARY KEY,
    issued_at   TIMESTAMPTZ NOT NULL,
    stale_after TIMESTAMPTZ NOT NULL,
    valid_until TIMESTAMPTZ NOT NULL,
    cause       TEXT NOT NULL,
    subject     TEXT NOT NULL,
    acted_by    TEXT NOT NULL,
    body        BYTEA NOT NULL,
    signature   BYTEA NOT NULL,
    certificate BYTEA NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

-- The last that each gateway said of itself.
CREATE TABLE centre_report (
    gateway    TEXT PRIMARY KEY,
    doc        TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Heads of the gateways' logs as they were shown to the centre; never changed.
CREATE TABLE centre_witness (
    id         TEXT PRIMARY KEY,
    gateway    TEXT NOT NULL,
    size       BIGINT NOT NULL,
    head       TEXT NOT NULL,
    alarm      TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX centre_witness_gateway ON centre_witness (gateway, alarm, size);
