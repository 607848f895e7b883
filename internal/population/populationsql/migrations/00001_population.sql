-- +goose Up

-- A person as they are now. Codes and days are integers (19900101, 19900000 when only
-- the year is known), a place is province, district and commune in one integer
-- (0100100001), and what few people have is in rest. Of somebody to whom nothing
-- happened since a load, this row is the registration too: see store.Events.
CREATE TABLE population_person (
  number BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  birth INTEGER NOT NULL,
  sex SMALLINT NOT NULL,
  ethnicity SMALLINT,
  religion SMALLINT,
  blood SMALLINT,
  marital SMALLINT,
  life SMALLINT NOT NULL, -- 0 alive, 1 dead, 2 missing
  ended INTEGER,
  nationality TEXT, -- NULL is VN
  birthplace BIGINT,
  origin BIGINT,
  permanent BIGINT,
  permanent_detail TEXT,
  permanent_since INTEGER,
  temporary BIGINT,
  present BIGINT, -- -1 is the permanent place
  household BIGINT,
  relation TEXT,
  father BIGINT,
  mother BIGINT,
  spouse BIGINT,
  guardian BIGINT,
  old_number BIGINT, -- the newest; others are in population_old_number
  name_key BIGINT NOT NULL,
  pair_key BIGINT NOT NULL,
  version INTEGER NOT NULL,
  load_seq INTEGER, -- where they came from; NULL for those born here
  changed_at TIMESTAMPTZ, -- NULL until something happens
  rest TEXT
);

CREATE TABLE population_old_number (
  old_number BIGINT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (old_number, number)
) /* narrow */;

CREATE TABLE population_load (
  seq INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  by_account TEXT NOT NULL,
  by_name TEXT NOT NULL,
  agency TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  finished_at TIMESTAMPTZ,
  persons BIGINT NOT NULL
);

CREATE TABLE population_event (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  on_day INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  by_account TEXT NOT NULL,
  by_name TEXT NOT NULL,
  agency TEXT NOT NULL,
  basis TEXT,
  corrects TEXT,
  doc TEXT NOT NULL -- who and what was said
);
CREATE INDEX population_event_created ON population_event (created_at);

CREATE TABLE population_event_part (
  number BIGINT NOT NULL,
  event TEXT NOT NULL REFERENCES population_event (id),
  part INTEGER NOT NULL,
  doc TEXT NOT NULL, -- what became true of this person
  PRIMARY KEY (number, event)
);
CREATE INDEX population_event_part_event ON population_event_part (event);

CREATE TABLE population_serial (
  prefix BIGINT PRIMARY KEY,
  next BIGINT NOT NULL
);

CREATE TABLE population_household (
  household BIGINT PRIMARY KEY,
  changes BIGINT NOT NULL
);

-- Look-ups: one row a call, and one narrow row for each person it was about.
CREATE TABLE population_lookup (
  seq BIGINT PRIMARY KEY,
  at TIMESTAMPTZ NOT NULL,
  client TEXT NOT NULL,
  agency TEXT NOT NULL,
  officer TEXT NOT NULL,
  service TEXT NOT NULL,
  purpose TEXT NOT NULL,
  dossier TEXT NOT NULL,
  fields TEXT NOT NULL,
  request_id TEXT NOT NULL,
  persons INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  subject BIGINT, -- when it is about one person
  subjects BYTEA, -- hash over all of whom it is about
  hash BYTEA NOT NULL
);
CREATE INDEX population_lookup_at ON population_lookup (at);
CREATE INDEX population_lookup_officer ON population_lookup (agency, officer, seq);

CREATE TABLE population_lookup_subject (
  subject BIGINT NOT NULL,
  lookup BIGINT NOT NULL,
  PRIMARY KEY (subject, lookup)
) /* narrow */;

CREATE TABLE population_lookup_head (
  id INTEGER PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash BYTEA NOT NULL
);

CREATE TABLE population_objection (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL,
  lookup BIGINT NOT NULL,
  body TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  answer TEXT,
  answered_by TEXT,
  answered_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX population_objection_lookup ON population_objection (number, lookup);
CREATE INDEX population_objection_open ON population_objection (answered_at, id);

CREATE TABLE population_list (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL,
  doc TEXT NOT NULL,
  granted TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX population_list_client ON population_list (client, id);

CREATE TABLE population_list_part (
  list TEXT NOT NULL REFERENCES population_list (id),
  last BIGINT NOT NULL,
  numbers BYTEA NOT NULL, -- rising, eight bytes each
  PRIMARY KEY (list, last)
);

-- +goose Down
DROP TABLE population_list_part;
DROP TABLE population_list;
DROP TABLE population_objection;
DROP TABLE population_lookup_head;
DROP TABLE population_lookup_subject;
DROP TABLE population_lookup;
DROP TABLE population_household;
DROP TABLE population_serial;
DROP TABLE population_event_part;
DROP TABLE population_event;
DROP TABLE population_load;
DROP TABLE population_old_number;
DROP TABLE population_person;
