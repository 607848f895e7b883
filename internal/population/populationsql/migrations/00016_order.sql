-- +goose Up

-- The order in which events came to be, for those who follow the register: each is given its
-- place at the end of its transaction, which others wait for, so that none comes to be before
-- one that was read. Loads have their order already.
CREATE TABLE population_event_order (
  seq BIGINT PRIMARY KEY,
  event TEXT NOT NULL
);
CREATE INDEX population_event_order_event ON population_event_order (event);

-- +goose Down
DROP TABLE population_event_order;
