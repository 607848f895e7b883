-- +goose Up

-- A stretch of a log that was written to a file, before its rows were removed.
CREATE TABLE archive_segment (
    chain      TEXT NOT NULL, -- "messages", "lookups"
    from_seq   BIGINT NOT NULL,
    until_seq  BIGINT NOT NULL,
    file       TEXT NOT NULL, -- its name in the folder
    sha256     BYTEA NOT NULL, -- of the file
    bytes      BIGINT NOT NULL,
    root       BYTEA NOT NULL, -- of the log of until_seq records
    first_at   TIMESTAMPTZ NOT NULL,
    last_at    TIMESTAMPTZ NOT NULL,
    made_at    TIMESTAMPTZ NOT NULL,
    dropped_at TIMESTAMPTZ, -- when the file was removed by its term
    PRIMARY KEY (chain, from_seq)
);

-- Where a log begins in the database: what is before is in files alone.
CREATE TABLE archive_begin (
    chain  TEXT PRIMARY KEY,
    size   BIGINT NOT NULL,
    hashes BYTEA NOT NULL -- the complete subtrees before, 32 bytes each, from large to small
);
