-- +goose Up

-- In which commune the holder of an account lives, as the register of persons said last: accounts
-- are counted by it. It is no part of what the account says, and of its digest.
CREATE TABLE identity_place (
  id TEXT /* bytes */ PRIMARY KEY, -- the account
  commune TEXT /* bytes */ NOT NULL -- id of a unit, so that its code may become another's
);
