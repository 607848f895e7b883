package centresql

import (
	"context"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/sqldb"
)

type publishedRow struct {
	Serial      int64     `db:"serial"`
	IssuedAt    time.Time `db:"issued_at"`
	StaleAfter  time.Time `db:"stale_after"`
	ValidUntil  time.Time `db:"valid_until"`
	Cause       string    `db:"cause"`
	Key         string    `db:"subject"`
	By          string    `db:"acted_by"`
	Body        []byte    `db:"body"`
	Signature   []byte    `db:"signature"`
	Certificate []byte    `db:"certificate"`
}

func (r publishedRow) value() centre.Published {
	return centre.Published{
		Signed: exchange.Signed{Body: r.Body, Signature: r.Signature, Certificate: r.Certificate}, Serial: r.Serial, IssuedAt: r.IssuedAt,
		StaleAfter: r.StaleAfter, ValidUntil: r.ValidUntil, Cause: r.Cause, Key: r.Key, By: r.By,
	}
}

func (r reader) Newest(ctx context.Context) (centre.Published, bool, error) {
	row, ok, err := one[publishedRow](ctx, r.q, `
		SELECT serial, issued_at, stale_after, valid_until, cause, subject, acted_by, body, signature, certificate
		FROM centre_published ORDER BY serial DESC LIMIT 1`)
	return row.value(), ok, err
}

func (r reader) History(ctx context.Context, below int64, limit int) ([]centre.Published, error) {
	return each(sqldb.All[publishedRow](ctx, r.q, `
		SELECT serial, issued_at, stale_after, valid_until, cause, subject, acted_by FROM centre_published
		WHERE $1 = 0 OR serial < $1 ORDER BY serial DESC LIMIT $2`, below, limit))
}

func (w writer) SavePublished(ctx context.Context, p centre.Published) error {
	if _, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO centre_published (serial, issued_at, stale_after, valid_until, cause, subject, acted_by,
			body, signature, certificate, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $2)`,
		p.Serial, p.IssuedAt.UTC(), p.StaleAfter.UTC(), p.ValidUntil.UTC(), p.Cause, p.Key, p.By,
		p.Body, p.Signature, p.Certificate); err != nil {
		return err
	}
	_, err := sqldb.Exec(ctx, w.q, `DELETE FROM centre_published WHERE cause = 'renewed' AND valid_until < $1`, p.IssuedAt.UTC())
	return err
}

type reportRow struct {
	Gateway string                      `db:"gateway"`
	Doc     sqldb.JSON[exchange.Report] `db:"doc"`
}

func (r reportRow) value() exchange.Report {
	rep := r.Doc.V
	rep.Gateway = r.Gateway
	return rep
}

func (r reader) Reports(ctx context.Context) ([]exchange.Report, error) {
	return each(sqldb.All[reportRow](ctx, r.q, `SELECT gateway, doc FROM centre_report ORDER BY gateway`))
}

func (w writer) LastReport(ctx context.Context, gateway string) (exchange.Report, bool, error) {
	row, ok, err := one[reportRow](ctx, w.q, `UPDATE centre_report SET created_at = created_at WHERE gateway = $1 RETURNING gateway, doc`, gateway)
	return row.value(), ok, err
}

func (w writer) SaveReport(ctx context.Context, r exchange.Report) error {
	_, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO centre_report (gateway, doc, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (gateway) DO UPDATE SET doc = excluded.doc, created_at = excluded.created_at`,
		r.Gateway, sqldb.JSON[exchange.Report]{V: r}, r.At.UTC())
	return err
}
