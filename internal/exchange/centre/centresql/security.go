package centresql

import (
	"context"

	"dean06/internal/exchange"
	"dean06/internal/platform/sqldb"
)

// Security gives what was said last of the security of systems.
func (r reader) Security(ctx context.Context) (exchange.Security, bool, error) {
	row, ok, err := one[sqldb.JSON[exchange.Security]](ctx, r.q, `SELECT doc FROM centre_security WHERE id = 1`)
	return row.V, ok, err
}

// SaveSecurity puts what was said in the place of what was said before.
func (w writer) SaveSecurity(ctx context.Context, s exchange.Security) error {
	_, err := sqldb.Exec(ctx, w.q, `INSERT INTO centre_security (id, said_at, doc) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET said_at = excluded.said_at, doc = excluded.doc`, s.At.UTC(), sqldb.JSON[exchange.Security]{V: s})
	return err
}
