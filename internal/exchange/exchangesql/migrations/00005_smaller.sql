-- +goose Up

-- Words that many records repeat, by number: key ids of certificates, names of gateways,
-- ids of rights. None is about a person.
CREATE TABLE gateway_word (
    id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    word TEXT NOT NULL UNIQUE
);

-- Places grow with moments, so that a moment is found by halving.
DROP INDEX gateway_record_at;
