-- +goose Up
-- Whom the provider of identities calls what: its subject for a person stays the same when
-- their number becomes another.
CREATE TABLE account_subject (
  issuer     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account (id),
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX account_subject_account ON account_subject (account_id);

-- Of a session that rests on a sign-in there: how sure that is, which one it is, so that its
-- end ends this one too, and what shows at the end whose it was.
ALTER TABLE account_session ADD COLUMN level BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account_session ADD COLUMN issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE account_session ADD COLUMN issuer_session TEXT NOT NULL DEFAULT '';
ALTER TABLE account_session ADD COLUMN id_token TEXT NOT NULL DEFAULT '';
CREATE INDEX account_session_issuer ON account_session (issuer, issuer_session);
