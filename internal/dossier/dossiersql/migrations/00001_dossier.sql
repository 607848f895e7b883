-- +goose Up

-- A form that is being filled in.
CREATE TABLE dossier_draft (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  procedure TEXT NOT NULL,
  sent TEXT NOT NULL, -- code of the dossier that it became
  supplies TEXT NOT NULL, -- dossier whose supplement it is
  version BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  changed_at TIMESTAMPTZ NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX dossier_draft_account ON dossier_draft (account, changed_at) WHERE sent = '';
CREATE INDEX dossier_draft_supplies ON dossier_draft (supplies) WHERE supplies <> '' AND sent = '';
CREATE INDEX dossier_draft_changed ON dossier_draft (changed_at);

-- A dossier as it is now: what lists and searches need in columns, all of it in doc. Its
-- digest is in the action that brought it there.
CREATE TABLE dossier (
  id TEXT /* bytes */ PRIMARY KEY,
  code TEXT /* bytes */ NOT NULL UNIQUE,
  code_back TEXT /* bytes */ NOT NULL, -- written backwards
  procedure TEXT NOT NULL,
  package TEXT NOT NULL,
  kase TEXT NOT NULL,
  channel TEXT NOT NULL,
  applicant TEXT NOT NULL, -- personal data: the name
  name_key TEXT NOT NULL, -- personal data: its words, folded
  number TEXT NOT NULL, -- personal data: of whom it is
  account TEXT NOT NULL,
  status SMALLINT NOT NULL,
  step TEXT NOT NULL,
  receiving TEXT NOT NULL,
  competent TEXT NOT NULL,
  agency TEXT NOT NULL,
  duty TEXT NOT NULL,
  area TEXT NOT NULL,
  holder TEXT NOT NULL,
  post TEXT NOT NULL,
  submitted_at TIMESTAMPTZ NOT NULL,
  received_at TIMESTAMPTZ,
  due TIMESTAMPTZ,
  step_due TIMESTAMPTZ,
  promised TIMESTAMPTZ,
  provisional BOOLEAN NOT NULL,
  done_at TIMESTAMPTZ,
  handed_at TIMESTAMPTZ,
  asked_at TIMESTAMPTZ, -- when the last supplement was asked for
  supplements INTEGER NOT NULL,
  effect TEXT NOT NULL,
  warned INTEGER NOT NULL,
  place TEXT /* bytes */ NOT NULL, -- in the order of lists
  version BIGINT NOT NULL,
  changed_at TIMESTAMPTZ NOT NULL,
  doc TEXT NOT NULL,
  tries INTEGER NOT NULL, -- how often the register was told in vain: no digest holds it
  tried_at TIMESTAMPTZ,
  effect_at TIMESTAMPTZ -- when it was last told, or could first have been
);
CREATE INDEX dossier_code_back ON dossier (code_back);
CREATE INDEX dossier_number ON dossier (number, id) WHERE number <> '';
CREATE INDEX dossier_account ON dossier (account, id) WHERE account <> '';
CREATE INDEX dossier_competent ON dossier (competent, status, place, id);
CREATE INDEX dossier_receiving ON dossier (receiving, status, place, id) WHERE receiving <> competent;
CREATE INDEX dossier_held ON dossier (agency, place, id, duty) WHERE agency <> '';
CREATE INDEX dossier_holder ON dossier (holder, place, id) WHERE holder <> '';
CREATE INDEX dossier_due ON dossier (due) WHERE due IS NOT NULL;
CREATE INDEX dossier_running ON dossier (id) WHERE promised IS NOT NULL AND done_at IS NULL;
CREATE INDEX dossier_effect ON dossier (effect_at) WHERE effect = 'waiting';
CREATE INDEX dossier_rate ON dossier (competent, procedure, received_at, promised, done_at, asked_at, status, supplements)
  WHERE promised IS NOT NULL;

-- The words of the applicant's name, for each agency that has to do with the dossier.
CREATE TABLE dossier_word (
  agency TEXT NOT NULL,
  word TEXT /* bytes */ NOT NULL,
  dossier TEXT /* bytes */ NOT NULL,
  PRIMARY KEY (agency, word, dossier)
) /* narrow */;
CREATE INDEX dossier_word_dossier ON dossier_word (dossier);

-- What happened: rows are only ever added. hash binds an action to those of its dossier
-- before it, sum a row to all rows before it; state is the digest of the dossier after it.
CREATE TABLE dossier_action (
  seq BIGINT PRIMARY KEY,
  dossier TEXT /* bytes */ NOT NULL,
  n BIGINT NOT NULL,
  verb TEXT NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  by_account TEXT NOT NULL,
  by_name TEXT NOT NULL,
  agency TEXT NOT NULL,
  post TEXT NOT NULL,
  from_status SMALLINT NOT NULL,
  to_status SMALLINT NOT NULL,
  step TEXT NOT NULL,
  due TIMESTAMPTZ,
  data TEXT NOT NULL,
  before TEXT NOT NULL,
  hash TEXT NOT NULL,
  state TEXT NOT NULL,
  sum BYTEA NOT NULL,
  UNIQUE (dossier, n)
);

-- Who looked: rows are only ever added.
CREATE TABLE dossier_look (
  seq BIGINT PRIMARY KEY,
  dossier TEXT /* bytes */ NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  by_account TEXT NOT NULL,
  by_name TEXT NOT NULL,
  agency TEXT NOT NULL,
  purpose TEXT NOT NULL,
  what TEXT NOT NULL,
  sum BYTEA NOT NULL
);
CREATE INDEX dossier_look_dossier ON dossier_look (dossier, seq);

-- The ends of both logs.
CREATE TABLE dossier_log (
  name TEXT PRIMARY KEY,
  seq BIGINT NOT NULL,
  sum BYTEA NOT NULL
);

-- The key of a page that sent a form: a second click gives the same dossier.
CREATE TABLE dossier_filing (
  account TEXT NOT NULL,
  filing TEXT NOT NULL,
  dossier TEXT /* bytes */ NOT NULL REFERENCES dossier (id),
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (account, filing)
) /* narrow */;
CREATE INDEX dossier_filing_dossier ON dossier_filing (dossier);

-- The addresses that prove papers.
CREATE TABLE dossier_proof (
  proof TEXT PRIMARY KEY,
  dossier TEXT /* bytes */ NOT NULL REFERENCES dossier (id),
  paper TEXT NOT NULL
) /* narrow */;
CREATE INDEX dossier_proof_dossier ON dossier_proof (dossier);

CREATE TABLE dossier_counter (
  name TEXT PRIMARY KEY,
  n BIGINT NOT NULL
);

-- Wrong tries at tracking: the moments of the last ones, in microseconds.
CREATE TABLE dossier_try (
  name TEXT PRIMARY KEY,
  last BIGINT NOT NULL,
  times TEXT NOT NULL
);
CREATE INDEX dossier_try_last ON dossier_try (last);

INSERT INTO dossier_log (name, seq, sum) VALUES ('dossiers', 0, ''), ('dossier_looks', 0, '');
