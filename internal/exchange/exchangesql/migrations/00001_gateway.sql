-- +goose Up

-- Where the message log ends: one row. A batch is written only when it begins there.
CREATE TABLE gateway_log (
    id     BIGINT PRIMARY KEY,
    size   BIGINT NOT NULL,
    hashes BYTEA NOT NULL -- the complete subtrees, 32 bytes each, from large to small
);
INSERT INTO gateway_log (id, size, hashes) VALUES (1, 0, '');

-- Who called what, by number, so that a record need not repeat it and a search for an
-- agency or a service becomes one for a few numbers.
CREATE TABLE gateway_route (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client  TEXT NOT NULL,
    service TEXT NOT NULL,
    UNIQUE (client, service)
);

-- A record of the log. Moments are microseconds since 1970. What is searched for is
-- a key (the first 8 bytes of its SHA-256); the words themselves are in entry, byte
-- for byte as they were signed, whatever they hold (see entry.go).
CREATE TABLE gateway_record (
    seq         BIGINT PRIMARY KEY,
    at          BIGINT NOT NULL,
    provider    BOOLEAN NOT NULL,
    failed      BOOLEAN NOT NULL,
    route       BIGINT NOT NULL REFERENCES gateway_route (id),
    message_key BIGINT NOT NULL,
    request_key BIGINT NOT NULL,
    user_key    BIGINT, -- NULL: none
    issue_key   BIGINT, -- NULL: none
    leaf        BYTEA NOT NULL,
    entry       BYTEA NOT NULL
);
CREATE INDEX gateway_record_at ON gateway_record (at);
CREATE INDEX gateway_record_message ON gateway_record (message_key);
CREATE INDEX gateway_record_request ON gateway_record (request_key);
CREATE INDEX gateway_record_user ON gateway_record (user_key, seq) WHERE user_key IS NOT NULL;
CREATE INDEX gateway_record_issue ON gateway_record (issue_key, seq) WHERE issue_key IS NOT NULL;
CREATE INDEX gateway_record_route ON gateway_record (route, seq);
CREATE INDEX gateway_record_failed ON gateway_record (seq) WHERE failed;

CREATE TABLE gateway_tile (
    level BIGINT NOT NULL,
    ix    BIGINT NOT NULL,
    hash  BYTEA NOT NULL,
    PRIMARY KEY (level, ix)
);

CREATE TABLE gateway_head (
    size       BIGINT PRIMARY KEY,
    root       BYTEA NOT NULL,
    at         BIGINT NOT NULL, -- seconds, as signed
    at_nanos   BIGINT NOT NULL,
    key_id     TEXT NOT NULL,
    signature  BYTEA NOT NULL,
    token      BYTEA, -- NULL: waits for a time stamp
    stamped_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE gateway_use (
    right_id TEXT NOT NULL,
    start    BIGINT NOT NULL,
    calls    BIGINT NOT NULL,
    PRIMARY KEY (right_id, start)
);

CREATE TABLE gateway_body (
    seq    BIGINT PRIMARY KEY REFERENCES gateway_record (seq),
    sealed BYTEA NOT NULL
);

-- The newest signed configuration that was verified: one row.
CREATE TABLE gateway_configuration (
    id         BIGINT PRIMARY KEY,
    serial     BIGINT NOT NULL,
    doc        TEXT NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL
);

-- Every gateway's certificate that was ever in a verified configuration, so that old
-- records can be proven after certificates were renewed.
CREATE TABLE gateway_certificate (
    fingerprint TEXT PRIMARY KEY,
    der         BYTEA NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE gateway_service (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    type       TEXT NOT NULL,
    url        TEXT NOT NULL,
    openapi    BYTEA,
    timeout_ms BIGINT NOT NULL,
    disabled   BOOLEAN NOT NULL,
    notice     TEXT NOT NULL,
    own_fields BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- A right never changes but for its end.
CREATE TABLE gateway_right (
    id          TEXT PRIMARY KEY,
    subject     TEXT NOT NULL, -- of a subsystem; empty for a group
    group_code  TEXT NOT NULL,
    service     TEXT NOT NULL,
    method      TEXT NOT NULL,
    path        TEXT NOT NULL,
    purposes    TEXT NOT NULL, -- JSON
    legal_basis TEXT NOT NULL,
    from_day    TEXT,
    until_day   TEXT,
    quota_calls BIGINT NOT NULL,
    quota_per   TEXT NOT NULL,
    fields      TEXT NOT NULL, -- JSON
    given_by    TEXT NOT NULL,
    given_at    TIMESTAMPTZ NOT NULL,
    ended_by    TEXT NOT NULL,
    ended_at    TIMESTAMPTZ,
    same_key    TEXT NOT NULL, -- hash of what makes two rights the same
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX gateway_right_same ON gateway_right (same_key) WHERE ended_at IS NULL;
CREATE INDEX gateway_right_service ON gateway_right (service);

CREATE TABLE gateway_group (
    code       TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    members    TEXT NOT NULL, -- JSON
    created_at TIMESTAMPTZ NOT NULL
);
