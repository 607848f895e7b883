package centresql

import (
	"context"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/sqldb"
)

type witnessRow struct {
	ID       string                    `db:"id"`
	Gateway  string                    `db:"gateway"`
	Chain    string                    `db:"chain"`
	Line     int64                     `db:"line"`
	Head     sqldb.JSON[exchange.Head] `db:"head"`
	Proved   int64                     `db:"proved"`
	SeenAt   time.Time                 `db:"created_at"`
	Alarm    string                    `db:"alarm"`
	ClosedAt time.Time                 `db:"closed_at"`
	ClosedBy string                    `db:"closed_by"`
}

func (r witnessRow) value() centre.Witness {
	w := centre.Witness{
		ID: r.ID, Gateway: r.Gateway, Line: r.Line, Head: r.Head.V, Proved: r.Proved > 0, SeenAt: r.SeenAt, Alarm: r.Alarm, ClosedAt: r.ClosedAt,
		ClosedBy: r.ClosedBy,
	}
	w.Head.Chain = r.Chain
	return w
}

func (r reader) Witnessed(ctx context.Context, gateway string, alarms bool, limit int) ([]centre.Witness, error) {
	return each(sqldb.All[witnessRow](ctx, r.q, `
		SELECT id, gateway, chain, line, head, proved, alarm, created_at, closed_at, closed_by FROM centre_witness
		WHERE (CAST($1 AS TEXT) = '' OR gateway = $1) AND (CAST($2 AS BIGINT) = 0 OR alarm <> '' AND closed_at IS NULL)
		ORDER BY id DESC LIMIT $3`, gateway, number(alarms), limit))
}

func (w writer) SaveWitness(ctx context.Context, x centre.Witness) error {
	_, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO centre_witness (id, gateway, chain, line, size, head, proved, alarm, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		x.ID, x.Gateway, x.Head.Chain, x.Line, x.Head.Size, sqldb.JSON[exchange.Head]{V: x.Head}, number(x.Proved), x.Alarm, x.SeenAt.UTC())
	return err
}

func (w writer) CloseAlarms(ctx context.Context, gateway, chain, alarm, by string, at time.Time) (int64, error) {
	return sqldb.Exec(ctx, w.q, `
		UPDATE centre_witness SET closed_at = $1, closed_by = $2
		WHERE gateway = $3 AND chain = $4 AND alarm <> '' AND closed_at IS NULL AND (CAST($5 AS TEXT) = '' OR alarm = $5)`,
		at.UTC(), by, gateway, chain, alarm)
}

type heldRow struct {
	Gateway string                    `db:"gateway"`
	Chain   string                    `db:"chain"`
	Line    int64                     `db:"line"`
	Head    sqldb.JSON[exchange.Head] `db:"head"`
	Proved  int64                     `db:"proved"`
	SeenAt  time.Time                 `db:"seen_at"`
	Pending time.Time                 `db:"pending_at"`
	Kept    time.Time                 `db:"kept_at"`
}

func (r heldRow) value() centre.Held {
	h := centre.Held{
		Gateway: r.Gateway, Line: r.Line, Head: r.Head.V, Proved: r.Proved > 0, SeenAt: r.SeenAt, Pending: r.Pending, Kept: r.Kept,
	}
	h.Head.Chain = r.Chain
	return h
}

func (r reader) Held(ctx context.Context, gateway string) ([]centre.Held, error) {
	return each(sqldb.All[heldRow](ctx, r.q, `
		SELECT gateway, chain, line, head, proved, seen_at, pending_at, kept_at FROM centre_head
		WHERE CAST($1 AS TEXT) = '' OR gateway = $1 ORDER BY gateway, chain`, gateway))
}

func (w writer) SaveHeld(ctx context.Context, h centre.Held) error {
	_, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO centre_head (gateway, chain, line, head, proved, seen_at, pending_at, kept_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $6)
		ON CONFLICT (gateway, chain) DO UPDATE SET line = excluded.line, head = excluded.head, proved = excluded.proved,
			seen_at = excluded.seen_at, pending_at = excluded.pending_at, kept_at = excluded.kept_at`,
		h.Gateway, h.Head.Chain, h.Line, sqldb.JSON[exchange.Head]{V: h.Head}, number(h.Proved), h.SeenAt.UTC(), null(h.Pending), h.Kept.UTC())
	return err
}

type restoreRow struct {
	Line int64                        `db:"line"`
	Doc  sqldb.JSON[exchange.Restore] `db:"doc"`
	At   time.Time                    `db:"created_at"`
}

func (r restoreRow) value() centre.Restored {
	return centre.Restored{Restore: r.Doc.V, Line: r.Line, At: r.At}
}

func (r reader) Restores(ctx context.Context, gateway string, limit int) ([]centre.Restored, error) {
	return each(sqldb.All[restoreRow](ctx, r.q, `
		SELECT line, doc, created_at FROM centre_restore WHERE gateway = $1 ORDER BY created_at DESC, id, chain LIMIT $2`, gateway, limit))
}

func (w writer) SaveRestore(ctx context.Context, r centre.Restored) error {
	_, err := sqldb.Exec(ctx, w.q, `INSERT INTO centre_restore (id, chain, gateway, line, doc, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		r.ID, r.Chains[0].Chain, r.Gateway, r.Line, sqldb.JSON[exchange.Restore]{V: r.Restore}, r.At.UTC())
	return err
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
