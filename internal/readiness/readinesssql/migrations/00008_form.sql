-- +goose Up

-- Forms that are being made: their shape is readiness.Template, which may still be wrong.
CREATE TABLE readiness_form_draft (
    id         TEXT PRIMARY KEY,
    doc        TEXT NOT NULL,
    doc_before TEXT NOT NULL, -- before the last save; '': there was none
    revision   BIGINT NOT NULL,
    account    TEXT NOT NULL, -- who saved it last
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- Forms with which no round is begun any more. A form that is used again has no row; the
-- audit log keeps both.
CREATE TABLE readiness_form_withdrawal (
    ref        TEXT PRIMARY KEY REFERENCES readiness_template (ref),
    reason     TEXT NOT NULL,
    account    TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
