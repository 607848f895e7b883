-- +goose Up

-- By which rule the search keys of persons are made (population.KeyRule), and how far a
-- change to the next one has come: the last number that has keys by "making".
CREATE TABLE population_key_rule (
  id INTEGER PRIMARY KEY,
  rule BIGINT NOT NULL,
  making BIGINT NOT NULL,
  up_to BIGINT NOT NULL
);
