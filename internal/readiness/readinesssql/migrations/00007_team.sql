-- +goose Up

-- Who of an agency has which part of the form that it writes.
CREATE TABLE readiness_part (
    return_id  TEXT NOT NULL REFERENCES readiness_return (id),
    part       TEXT NOT NULL,
    holder     TEXT NOT NULL,
    done       BOOLEAN NOT NULL,
    account    TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (return_id, part)
);

-- Every step of the agency's own approval; mark names the draft that it is about.
CREATE TABLE readiness_approval (
    return_id  TEXT NOT NULL REFERENCES readiness_return (id),
    n          BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    mark       TEXT NOT NULL,
    reason     TEXT NOT NULL,
    account    TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (return_id, n)
);

-- Answers to the comments with which a version came back; the newest holds.
CREATE TABLE readiness_reply (
    return_id  TEXT NOT NULL REFERENCES readiness_return (id),
    n          BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    field      TEXT NOT NULL,
    reply      TEXT NOT NULL,
    account    TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (return_id, n)
);

-- What an agency's leader has settled.
CREATE TABLE readiness_agency (
    agency     TEXT PRIMARY KEY,
    approval   BOOLEAN NOT NULL,
    account    TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
