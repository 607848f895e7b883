package dossiersql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

var (
	errNone    = fault.New(fault.NotFound, "dossier.unknown", nil)
	errNoDraft = fault.New(fault.NotFound, "dossier.draft.unknown", nil)
	errNoProof = fault.New(fault.NotFound, "dossier.proof.unknown", nil)
)

// Draft reads a draft.
func (r reader) Draft(ctx context.Context, id string) (dossier.Draft, error) {
	doc, err := sqldb.One[string](ctx, r.q, `SELECT doc FROM dossier_draft WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return dossier.Draft{}, errNoDraft
	}
	if err != nil {
		return dossier.Draft{}, fmt.Errorf("read draft: %w", err)
	}
	return draftOf(doc)
}

// Drafts are those of an account that were not sent, the newest change first.
func (r reader) Drafts(ctx context.Context, account string, limit int) ([]dossier.Draft, error) {
	docs, err := sqldb.All[string](ctx, r.q,
		`SELECT doc FROM dossier_draft WHERE account = $1 AND sent = '' ORDER BY changed_at DESC, id DESC LIMIT $2`, account, limit)
	if err != nil {
		return nil, fmt.Errorf("read drafts: %w", err)
	}
	return each(docs, draftOf)
}

// SupplyDraft is the draft of a supplement of a dossier that was not sent.
func (r reader) SupplyDraft(ctx context.Context, id string) (dossier.Draft, bool, error) {
	doc, err := sqldb.One[string](ctx, r.q,
		`SELECT doc FROM dossier_draft WHERE supplies = $1 AND supplies <> '' AND sent = '' ORDER BY changed_at DESC LIMIT 1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return dossier.Draft{}, false, nil
	}
	if err != nil {
		return dossier.Draft{}, false, fmt.Errorf("read draft of a supplement: %w", err)
	}
	d, err := draftOf(doc)
	return d, err == nil, err
}

// each reads documents.
func each[R, T any](docs []R, of func(R) (T, error)) ([]T, error) {
	out := make([]T, 0, len(docs))
	for _, doc := range docs {
		v, err := of(doc)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// one reads the dossier of a query.
func (r reader) one(ctx context.Context, query string, args ...any) (dossier.Dossier, error) {
	row, err := sqldb.One[docRow](ctx, r.q, query, args...)
	if errors.Is(err, sqldb.ErrNone) {
		return dossier.Dossier{}, errNone
	}
	if err != nil {
		return dossier.Dossier{}, fmt.Errorf("read dossier: %w", err)
	}
	return dossierOf(row)
}

// Dossier reads a dossier by its id.
func (r reader) Dossier(ctx context.Context, id string) (dossier.Dossier, error) {
	return r.one(ctx, `SELECT `+docColumns+` FROM dossier WHERE id = $1`, id)
}

// ByCode reads a dossier by its code.
func (r reader) ByCode(ctx context.Context, code string) (dossier.Dossier, error) {
	return r.one(ctx, `SELECT `+docColumns+` FROM dossier WHERE code = $1`, code)
}

// ByKey is the dossier that a filing with this key became.
func (r reader) ByKey(ctx context.Context, account, key string) (dossier.Dossier, bool, error) {
	if key == "" {
		return dossier.Dossier{}, false, nil
	}
	d, err := r.one(ctx, `SELECT `+docColumns+` FROM dossier_filing f JOIN dossier d ON d.id = f.dossier WHERE f.account = $1 AND f.filing = $2`, account, key)
	if errors.Is(err, errNone) {
		return dossier.Dossier{}, false, nil
	}
	return d, err == nil, err
}

// ByProof finds a paper by the unguessable part of its address.
func (r reader) ByProof(ctx context.Context, proof string) (dossier.Dossier, dossier.ResultPaper, error) {
	type found struct {
		docRow
		Paper string `db:"paper"`
	}
	f, err := sqldb.One[found](ctx, r.q,
		`SELECT `+docColumns+`, p.paper FROM dossier_proof p JOIN dossier d ON d.id = p.dossier WHERE p.proof = $1 AND p.proof <> ''`, proof)
	if errors.Is(err, sqldb.ErrNone) {
		return dossier.Dossier{}, dossier.ResultPaper{}, errNoProof
	}
	if err != nil {
		return dossier.Dossier{}, dossier.ResultPaper{}, fmt.Errorf("read proof: %w", err)
	}
	d, err := dossierOf(f.docRow)
	if err != nil {
		return d, dossier.ResultPaper{}, err
	}
	i := slices.IndexFunc(d.Results, func(p dossier.ResultPaper) bool { return p.ID == f.Paper && p.Proof == proof })
	if i < 0 {
		return dossier.Dossier{}, dossier.ResultPaper{}, errNoProof
	}
	return d, d.Results[i], nil
}

// Actions are all of a dossier, in order.
func (r reader) Actions(ctx context.Context, id string) ([]dossier.Action, error) {
	rows, err := sqldb.All[actionRow](ctx, r.q, `SELECT `+actionColumns+` FROM dossier_action WHERE dossier = $1 ORDER BY n`, id)
	if err != nil {
		return nil, fmt.Errorf("read actions: %w", err)
	}
	out := make([]dossier.Action, len(rows))
	for i := range rows {
		out[i] = rows[i].action()
	}
	return out, nil
}

// Looks are those at a dossier, the newest first.
func (r reader) Looks(ctx context.Context, id string, limit int) ([]dossier.Look, error) {
	rows, err := sqldb.All[lookRow](ctx, r.q, `SELECT `+lookColumns+` FROM dossier_look WHERE dossier = $1 ORDER BY seq DESC LIMIT $2`, id, limit)
	if err != nil {
		return nil, fmt.Errorf("read looks: %w", err)
	}
	out := make([]dossier.Look, len(rows))
	for i := range rows {
		out[i] = rows[i].look()
	}
	return out, nil
}

// EarlierResults are dossiers that concern a person with a result of a procedure that still holds, the
// newest first.
func (r reader) EarlierResults(ctx context.Context, number, procedure string, limit int) ([]dossier.Dossier, error) {
	if number == "" {
		return nil, nil
	}
	docs, err := sqldb.All[docRow](ctx, r.q, `SELECT `+docColumns+` FROM (
			SELECT id, `+docColumns+` FROM dossier WHERE number = $1 AND number <> '' AND procedure = $2 AND done_at IS NOT NULL
			UNION ALL
			SELECT id, `+docColumns+` FROM dossier WHERE principal_number = $1 AND principal_number <> '' AND procedure = $2 AND done_at IS NOT NULL
		) AS theirs ORDER BY id DESC`, number, procedure)
	if err != nil {
		return nil, fmt.Errorf("read earlier results: %w", err)
	}
	list, err := each(docs, dossierOf)
	list = slices.DeleteFunc(list, func(d dossier.Dossier) bool { return !d.Concerns(number) || !slices.ContainsFunc(d.Results, holds) })
	return list[:min(len(list), max(limit, 0))], err
}

func holds(p dossier.ResultPaper) bool { return p.Kind == dossier.PaperResult && p.Stands() }

// Own are the dossiers of an account, and those that somebody with this number filed or that
// were filed for them, the newest first.
func (r reader) Own(ctx context.Context, account, number string, limit int) ([]dossier.Head, error) {
	return r.heads(ctx, `SELECT DISTINCT * FROM (
			SELECT * FROM (SELECT `+headColumns+` FROM dossier WHERE account = $1 AND account <> '' ORDER BY id DESC LIMIT $3) AS a
			UNION ALL SELECT * FROM (SELECT `+headColumns+` FROM dossier WHERE number = $2 AND number <> '' ORDER BY id DESC LIMIT $3) AS b
			UNION ALL SELECT * FROM (SELECT `+headColumns+` FROM dossier
				WHERE principal_number = $2 AND principal_number <> '' ORDER BY id DESC LIMIT $3) AS c
		) AS own ORDER BY id DESC LIMIT $3`, account, number, limit)
}

func (r reader) heads(ctx context.Context, query string, args ...any) ([]dossier.Head, error) {
	rows, err := sqldb.All[headRow](ctx, r.q, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list dossiers: %w", err)
	}
	out := make([]dossier.Head, len(rows))
	for i := range rows {
		out[i] = rows[i].head()
	}
	return out, nil
}

// EffectsWaiting are the dossiers whose decision the register has not recorded, the longest
// waiting first.
func (r reader) EffectsWaiting(ctx context.Context, limit int) ([]string, error) {
	return sqldb.All[string](ctx, r.q, `SELECT id FROM dossier WHERE effect = 'waiting' ORDER BY effect_at, id LIMIT $1`, limit)
}

// Waiting is how many dossiers wait for the register, and since when the one that waits
// longest; zero when none does.
func (s *Store) Waiting(ctx context.Context) (n int, since time.Time, err error) {
	all, err := sqldb.One[int64](ctx, s.q, `SELECT COUNT(*) FROM dossier WHERE effect = 'waiting'`)
	if err != nil || all == 0 {
		return 0, since, err
	}
	since, err = sqldb.One[time.Time](ctx, s.q, `SELECT changed_at FROM dossier WHERE effect = 'waiting' ORDER BY changed_at LIMIT 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return 0, since, nil
	}
	return int(all), since, err
}

// DueBefore are the dossiers whose clock runs, that are due before a moment and were warned
// less than that.
func (r reader) DueBefore(ctx context.Context, before time.Time, warned, limit int) ([]string, error) {
	return sqldb.All[string](ctx, r.q,
		`SELECT id FROM dossier WHERE due IS NOT NULL AND due < $1 AND warned < $2 AND done_at IS NULL ORDER BY due, id LIMIT $3`,
		micro(before), warned, limit)
}

// Running are the dossiers after one whose day was promised and that have not ended.
func (r reader) Running(ctx context.Context, after string, limit int) ([]string, error) {
	return sqldb.All[string](ctx, r.q,
		`SELECT id FROM dossier WHERE id > $1 AND promised IS NOT NULL AND done_at IS NULL ORDER BY id LIMIT $2`, after, limit)
}

// Moved are the dossiers that changes of the calendar moved, the latest first.
func (r reader) Moved(ctx context.Context, limit int) ([]dossier.Moved, error) {
	type row struct {
		Code string     `db:"code"`
		At   time.Time  `db:"at"`
		From *time.Time `db:"was"`
		To   *time.Time `db:"due"`
	}
	rows, err := sqldb.All[row](ctx, r.q,
		`SELECT d.code, a.at, b.due AS was, a.due FROM dossier_action a JOIN dossier_action b ON b.dossier = a.dossier AND b.n = a.n - 1
		JOIN dossier d ON d.id = a.dossier WHERE a.verb = 'recounted' ORDER BY a.at DESC, d.code DESC LIMIT $1`, limit)
	out := make([]dossier.Moved, len(rows))
	for i, m := range rows {
		out[i] = dossier.Moved{Code: m.Code, At: m.At, From: when(m.From), To: when(m.To)}
	}
	return out, err
}

// rateWhere are the dossiers that a rate counts: those that were promised a day, received
// before the end of the period and not ended before it.
func rateWhere(q *dossier.OnTimeQuery, a *sqldb.Args) string {
	where := []string{"promised IS NOT NULL"}
	if len(q.Agencies) > 0 {
		where = append(where, "competent IN "+sqldb.In(a, q.Agencies))
	}
	if q.Unit != "" {
		where = append(where, "competent = "+a.Add(q.Unit))
	}
	if q.Procedure != "" {
		where = append(where, "procedure = "+a.Add(q.Procedure))
	}
	if !q.To.IsZero() {
		where = append(where, "received_at < "+a.Add(q.To.Start()))
	}
	if !q.From.IsZero() {
		where = append(where, "(done_at IS NULL OR done_at >= "+a.Add(q.From.Start())+")")
	}
	return strings.Join(where, " AND ")
}

// late is true of a dossier that dossier.Judge finds late: what has not ended is judged now,
// or at the end of the period.
func late(q *dossier.OnTimeQuery, a *sqldb.Args) string {
	at := q.Now
	if !q.To.IsZero() && q.To.Start().Before(at) {
		at = q.To.Start()
	}
	end := a.Add(at)
	return `(supplements > 1 OR promised < CASE WHEN done_at <= ` + end + ` THEN done_at
		WHEN status = ` + a.Add(int64(dossier.Supplement)) + ` AND asked_at IS NOT NULL THEN asked_at ELSE ` + end + ` END)`
}

// OnTime counts by procedure and unit.
func (r reader) OnTime(ctx context.Context, q dossier.OnTimeQuery) ([]dossier.OnTimeCount, error) {
	type count struct {
		Procedure string `db:"procedure"`
		Agency    string `db:"competent"`
		All       int64  `db:"n"`
		OnTime    int64  `db:"on_time"`
	}
	var a sqldb.Args
	bad := late(&q, &a)
	rows, err := sqldb.All[count](ctx, r.q, `SELECT procedure, competent, COUNT(*) AS n, SUM(CASE WHEN `+bad+` THEN 0 ELSE 1 END) AS on_time
		FROM dossier WHERE `+rateWhere(&q, &a)+` GROUP BY procedure, competent ORDER BY procedure, competent`, a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("count dossiers on time: %w", err)
	}
	out := make([]dossier.OnTimeCount, len(rows))
	for i, c := range rows {
		out[i] = dossier.OnTimeCount{Procedure: c.Procedure, Agency: c.Agency, All: int(c.All), OnTime: int(c.OnTime)}
	}
	return out, nil
}

// OnTimeHeads are the dossiers behind such a count, the newest first.
func (r reader) OnTimeHeads(ctx context.Context, q dossier.OnTimeQuery, limit int) ([]dossier.Head, error) {
	var a sqldb.Args
	where := rateWhere(&q, &a)
	if q.Late != nil {
		bad := late(&q, &a)
		if !*q.Late {
			bad = "NOT " + bad
		}
		where += " AND " + bad
	}
	return r.heads(ctx, `SELECT `+headColumns+` FROM dossier WHERE `+where+` ORDER BY received_at DESC, id DESC LIMIT `+a.Add(limit), a.Values()...)
}
