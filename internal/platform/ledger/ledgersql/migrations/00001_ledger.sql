-- +goose Up

-- How far the tree of a chain has grown, and the size of the newest head that was
-- signed: a head that is gone is missed.
CREATE TABLE ledger_chain (
    chain  TEXT PRIMARY KEY,
    size   BIGINT NOT NULL,
    hashes BYTEA NOT NULL, -- the complete subtrees, 32 bytes each, from large to small
    signed BIGINT NOT NULL
);

-- Complete subtrees of 256^level leaves.
CREATE TABLE ledger_tile (
    chain TEXT NOT NULL,
    level BIGINT NOT NULL,
    ix    BIGINT NOT NULL,
    hash  BYTEA NOT NULL,
    PRIMARY KEY (chain, level, ix)
);

CREATE TABLE ledger_head (
    chain      TEXT NOT NULL,
    size       BIGINT NOT NULL,
    root       BYTEA NOT NULL,
    at         BIGINT NOT NULL, -- seconds, as signed
    at_nanos   BIGINT NOT NULL,
    key_id     TEXT NOT NULL,
    signature  BYTEA NOT NULL,
    token      BYTEA, -- NULL: waits for a time stamp
    stamped_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (chain, size)
);
CREATE INDEX ledger_head_unstamped ON ledger_head (chain, size) WHERE token IS NULL;

-- Every certificate with which this node has signed heads.
CREATE TABLE ledger_certificate (
    fingerprint TEXT PRIMARY KEY,
    der         BYTEA NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

-- Whose logs these are and who witnesses them: one row, once the node has joined.
CREATE TABLE ledger_node (
    id         BIGINT PRIMARY KEY,
    gateway    TEXT NOT NULL,
    hub        TEXT NOT NULL, -- address
    dir        TEXT NOT NULL, -- of the gateway's key and certificate
    updated_at TIMESTAMPTZ NOT NULL
);

-- What the last check of each chain found.
CREATE TABLE ledger_check (
    chain      TEXT PRIMARY KEY,
    checked_at TIMESTAMPTZ NOT NULL,
    doc        TEXT NOT NULL -- JSON
);
