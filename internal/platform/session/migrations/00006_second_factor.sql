-- +goose Up
-- totp_secret is sealed with a key from outside of the database (platform/pki): what is not is
-- from before, and is sealed at the next start. Of recovery codes there are slow hashes; what
-- is none is from before, opens nothing, and is taken away at the next start, of which its
-- holder is told.
CREATE INDEX account_totp ON account (id) WHERE totp_secret <> '';
