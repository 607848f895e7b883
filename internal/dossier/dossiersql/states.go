package dossiersql

import (
	"context"
	"errors"
	"slices"
	"strings"

	"dean06/internal/dossier"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
)

// dossiersAtOnce is how many dossiers a check reads at once.
const dossiersAtOnce = 500

// states holds each dossier against its actions: that they are its own and all there, that
// it is as the last of them left it, and that what lists and searches go by is what it says.
func states(ctx context.Context, db *sqldb.DB) error {
	type lost struct {
		Seq     int64  `db:"seq"`
		Dossier string `db:"dossier"`
	}
	gone, err := sqldb.One[lost](ctx, db, `SELECT a.seq, a.dossier FROM dossier_action a LEFT JOIN dossier d ON d.id = a.dossier
		WHERE d.id IS NULL ORDER BY a.seq LIMIT 1`)
	if err == nil {
		return brokenDossier(gone.Seq, "gone", gone.Dossier)
	}
	if !errors.Is(err, sqldb.ErrNone) {
		return err
	}
	for after := ""; ; {
		rows, err := sqldb.All[dossierRow](ctx, db, `SELECT `+dossierColumns+` FROM dossier WHERE id > $1 ORDER BY id LIMIT $2`, after, dossiersAtOnce)
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]string, len(rows))
		for i := range rows {
			ids[i] = rows[i].ID
		}
		acts, err := actionsOf(ctx, db, ids...)
		if err != nil {
			return err
		}
		for i := range rows {
			err := rows[i].fits(acts[rows[i].ID])
			if err != nil {
				err = again(ctx, db, rows[i].ID)
			}
			if err != nil {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
}

func actionsOf(ctx context.Context, db *sqldb.DB, ids ...string) (map[string][]actionRow, error) {
	var a sqldb.Args
	rows, err := sqldb.All[actionRow](ctx, db,
		`SELECT `+actionColumns+` FROM dossier_action WHERE dossier IN `+sqldb.In(&a, ids)+` ORDER BY dossier, n`, a.Values()...)
	of := make(map[string][]actionRow, len(ids))
	for _, r := range rows {
		of[r.Dossier] = append(of[r.Dossier], r)
	}
	return of, err
}

// again judges a dossier that did not fit: it may have been changed between the reading of
// the dossier and of its actions.
func again(ctx context.Context, db *sqldb.DB, id string) error {
	read := func() (dossierRow, error) {
		return sqldb.One[dossierRow](ctx, db, `SELECT `+dossierColumns+` FROM dossier WHERE id = $1`, id)
	}
	row, err := read()
	for err == nil {
		acts, e := actionsOf(ctx, db, id)
		if e != nil {
			return e
		}
		now, e := read()
		if e != nil {
			return e
		}
		if now.Version == row.Version && now.Doc == row.Doc {
			return now.fits(acts[id])
		}
		row = now
	}
	return err
}

// fits holds a dossier against its actions.
func (r *dossierRow) fits(acts []actionRow) error {
	if len(acts) == 0 {
		return brokenDossier(0, "empty", r.Code)
	}
	end := acts[len(acts)-1]
	if r.state() != end.State {
		return brokenDossier(end.Seq, "row", r.Code)
	}
	d, err := dossierOf(docRow{r.Doc, r.Tries, r.TriedAt})
	if err != nil {
		return brokenDossier(end.Seq, "row", r.Code)
	}
	actions := make([]dossier.Action, len(acts))
	for i := range acts {
		actions[i] = acts[i].action()
	}
	var odd *dossier.Broken
	if err := dossier.VerifyChain(actions, d); errors.As(err, &odd) {
		seq := end.Seq
		if i := slices.IndexFunc(acts, func(a actionRow) bool { return a.N == int64(odd.Seq) }); i >= 0 {
			seq = acts[i].Seq
		}
		return brokenDossier(seq, odd.What[strings.LastIndexByte(odd.What, '.')+1:], r.Code)
	} else if err != nil {
		return err
	}
	fresh, err := rowOf(&d)
	if err != nil {
		return err
	}
	if fresh.columns() != r.columns() {
		return brokenDossier(end.Seq, "columns", r.Code)
	}
	return nil
}

// columns is the digest of what lists and searches go by.
func (r *dossierRow) columns() string {
	c := *r
	c.Doc = ""
	return c.state()
}

func brokenDossier(seq int64, how, code string) error {
	return &ledger.Broken{State: ledger.Changed, At: seq, Key: "dossiersql.broken." + how, Args: fault.Args{"seq": seq, "code": code}}
}
