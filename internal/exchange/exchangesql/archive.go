package exchangesql

import (
	"context"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/archive/archivesql"
	"dean06/internal/platform/sqldb"
)

// Index notes which records are in archive files.
func (s *Store) Index() *archivesql.Index { return archivesql.New(s.db, exchange.MessageChain) }

// Begin is where the log begins in the table: what is before is in archive files alone.
func (s *Store) Begin(ctx context.Context) (exchange.Frontier, error) {
	return s.Index().Begin(ctx)
}

// Remove removes the records before a place, with their bodies and the heads that cover
// no others, and notes it as where the log begins. It fails with Conflict when the log
// does not begin where the caller believes.
func (s *Store) Remove(ctx context.Context, from int64, to exchange.Frontier) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := s.Index().MoveBegin(ctx, tx, from, to); err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM gateway_body WHERE seq < $1`,
			`DELETE FROM gateway_record WHERE seq < $1`,
			`DELETE FROM gateway_head WHERE size <= $1 AND size < (SELECT MAX(size) FROM gateway_head)`,
		} {
			if _, err := sqldb.Exec(ctx, tx, query, to.Size); err != nil {
				return err
			}
		}
		return nil
	})
}

// FirstSince is the first record of a moment or later; the end of the log when there is none.
func (s *Store) FirstSince(ctx context.Context, at time.Time) (int64, error) {
	s.settle(ctx)
	return s.seqAt(ctx, at)
}
