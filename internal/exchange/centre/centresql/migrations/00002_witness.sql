-- +goose Up

-- Heads of all logs of a node, and not of messages alone; an alarm can be closed.
ALTER TABLE centre_witness ADD COLUMN chain TEXT NOT NULL DEFAULT 'messages';
ALTER TABLE centre_witness ADD COLUMN line BIGINT NOT NULL DEFAULT 0;
ALTER TABLE centre_witness ADD COLUMN proved BIGINT NOT NULL DEFAULT 0;
ALTER TABLE centre_witness ADD COLUMN closed_at TIMESTAMPTZ;
ALTER TABLE centre_witness ADD COLUMN closed_by TEXT NOT NULL DEFAULT '';

-- The head that a log may never again fall short of. pending_at is since when newer ones
-- come without a proof, kept_at when one was last put into centre_witness.
CREATE TABLE centre_head (
    gateway    TEXT NOT NULL,
    chain      TEXT NOT NULL,
    line       BIGINT NOT NULL,
    head       TEXT NOT NULL,
    proved     BIGINT NOT NULL,
    seen_at    TIMESTAMPTZ NOT NULL,
    pending_at TIMESTAMPTZ,
    kept_at    TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (gateway, chain)
);
INSERT INTO centre_head (gateway, chain, line, head, proved, seen_at, kept_at, created_at)
SELECT w.gateway, 'messages', 0, w.head, 0, w.created_at, w.created_at, w.created_at FROM centre_witness w
WHERE w.id = (SELECT x.id FROM centre_witness x WHERE x.gateway = w.gateway AND x.alarm = '' ORDER BY x.size DESC, x.id DESC LIMIT 1);

-- Restores that people acknowledged; never changed.
CREATE TABLE centre_restore (
    id         TEXT NOT NULL,
    chain      TEXT NOT NULL,
    gateway    TEXT NOT NULL,
    line       BIGINT NOT NULL,
    doc        TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id, chain)
);
CREATE INDEX centre_restore_gateway ON centre_restore (gateway, created_at);
