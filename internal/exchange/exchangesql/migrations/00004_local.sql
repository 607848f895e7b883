-- +goose Up

-- Certificates of the agency's own systems: by which they may speak on the gateway's
-- local port. One that was removed stays, so that it never counts again.
CREATE TABLE gateway_local_certificate (
    fingerprint TEXT PRIMARY KEY, -- SHA-256 of der, in hex
    subsystem   TEXT NOT NULL,
    kind        TEXT NOT NULL, -- issued, pinned
    der         BYTEA NOT NULL,
    name        TEXT NOT NULL,
    from_at     TIMESTAMPTZ NOT NULL,
    until_at    TIMESTAMPTZ NOT NULL,
    added_by    TEXT NOT NULL,
    removed_by  TEXT NOT NULL DEFAULT '',
    removed_at  TIMESTAMPTZ,
    created_at  TIMESTAMPTZ NOT NULL
);

-- How the gateway makes sure of a service, and shows who it is itself: its authorities
-- (PEM), its name, and the files of a client certificate, in JSON.
ALTER TABLE gateway_service ADD COLUMN tls TEXT NOT NULL DEFAULT '{}';
