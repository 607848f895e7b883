-- +goose Up

-- Where the gateway of this node posts the events of a subscription.
CREATE TABLE event_push (
    client     TEXT NOT NULL,
    room       TEXT NOT NULL,
    event_type TEXT NOT NULL,
    url        TEXT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (client, room, event_type)
);

-- +goose Down
DROP TABLE event_push;
