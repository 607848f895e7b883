package readinesssql

import (
	"context"
	"errors"
	"strconv"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

type formDraftRow struct {
	ID       string    `db:"id"`
	Doc      string    `db:"doc"`
	Before   string    `db:"doc_before"`
	Revision int       `db:"revision"`
	Account  string    `db:"account"`
	At       time.Time `db:"created_at"`
	Updated  time.Time `db:"updated_at"`
}

const formDraftColumns = `SELECT id, doc, doc_before, revision, account, created_at, updated_at FROM readiness_form_draft `

func (row formDraftRow) draft() (readiness.FormDraft, error) {
	d := readiness.FormDraft{ID: row.ID, Revision: row.Revision, By: row.Account, At: row.Updated}
	var err error
	if d.Template, err = readiness.StoredTemplate([]byte(row.Doc)); err == nil && row.Before != "" {
		d.Before, err = readiness.StoredTemplate([]byte(row.Before))
	}
	return d, err
}

func (r reader) FormDrafts(ctx context.Context) ([]readiness.FormDraft, error) {
	rows, err := sqldb.All[formDraftRow](ctx, r.q, formDraftColumns+`ORDER BY updated_at DESC, id DESC`)
	out := make([]readiness.FormDraft, len(rows))
	for i, row := range rows {
		if out[i], err = row.draft(); err != nil {
			return nil, err
		}
	}
	return out, err
}

func (r reader) FormDraft(ctx context.Context, id string) (readiness.FormDraft, error) {
	row, err := sqldb.One[formDraftRow](ctx, r.q, formDraftColumns+`WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return readiness.FormDraft{}, fault.New(fault.NotFound, "readiness.form.not_found", nil)
	}
	if err != nil {
		return readiness.FormDraft{}, err
	}
	return row.draft()
}

var errFormChanged = fault.New(fault.Conflict, "readiness.state.changed_meanwhile", nil)

func (w *writer) SaveFormDraft(ctx context.Context, d readiness.FormDraft, act readiness.Act) error {
	doc, err := toJSON(d.Template)
	if err != nil {
		return err
	}
	before := ""
	if d.Before != nil {
		if before, err = toJSON(d.Before); err != nil {
			return err
		}
	}
	if d.Revision == 1 {
		err = sqldb.Insert(ctx, w.q, "readiness_form_draft", formDraftRow{
			ID: d.ID, Doc: doc, Before: before, Revision: 1, Account: d.By, At: d.At.UTC(), Updated: d.At.UTC(),
		})
	} else {
		err = w.one(ctx, `
			UPDATE readiness_form_draft SET doc = $1, doc_before = $2, revision = $3, account = $4, updated_at = $5
			WHERE id = $6 AND revision = $7`, doc, before, d.Revision, d.By, d.At.UTC(), d.ID, d.Revision-1)
	}
	if err != nil {
		return err
	}
	return w.auditForm(ctx, act, d)
}

func (w *writer) RemoveFormDraft(ctx context.Context, d readiness.FormDraft, act readiness.Act) error {
	if err := w.one(ctx, `DELETE FROM readiness_form_draft WHERE id = $1 AND revision = $2`, d.ID, d.Revision); err != nil {
		return err
	}
	return w.auditForm(ctx, act, d)
}

// one changes the one row that is meant; when there is none, somebody else has changed it.
func (w *writer) one(ctx context.Context, query string, args ...any) error {
	n, err := sqldb.Exec(ctx, w.q, query, args...)
	if err == nil && n == 0 {
		return errFormChanged
	}
	return err
}

func (w *writer) auditForm(ctx context.Context, act readiness.Act, d readiness.FormDraft) error {
	return w.audit(ctx, act, "form_draft", d.ID, map[string]string{"template": d.Template.Ref(), "revision": strconv.Itoa(d.Revision)})
}

type withdrawalRow struct {
	Ref     string    `db:"ref"`
	Reason  string    `db:"reason"`
	Account string    `db:"account"`
	At      time.Time `db:"created_at"`
}

func (r reader) Withdrawals(ctx context.Context) (map[string]readiness.Withdrawal, error) {
	rows, err := sqldb.All[withdrawalRow](ctx, r.q, `SELECT ref, reason, account, created_at FROM readiness_form_withdrawal`)
	out := make(map[string]readiness.Withdrawal, len(rows))
	for _, row := range rows {
		out[row.Ref] = readiness.Withdrawal{Ref: row.Ref, Reason: row.Reason, By: row.Account, At: row.At}
	}
	return out, err
}

func (w *writer) SaveWithdrawal(ctx context.Context, v readiness.Withdrawal, act readiness.Act) error {
	_, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO readiness_form_withdrawal (ref, reason, account, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (ref) DO UPDATE SET reason = $2, account = $3, created_at = $4`, v.Ref, v.Reason, v.By, v.At.UTC())
	if err != nil {
		return err
	}
	return w.audit(ctx, act, "template", v.Ref, nil)
}

func (w *writer) RemoveWithdrawal(ctx context.Context, ref string, act readiness.Act) error {
	n, err := sqldb.Exec(ctx, w.q, `DELETE FROM readiness_form_withdrawal WHERE ref = $1`, ref)
	if err != nil || n == 0 {
		return err
	}
	return w.audit(ctx, act, "template", ref, nil)
}
