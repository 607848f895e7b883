package exchangesql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/packed"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

type headRow struct {
	Size      int64      `db:"size"`
	Root      []byte     `db:"root"`
	At        int64      `db:"at"`
	Nanos     int64      `db:"at_nanos"`
	KeyID     string     `db:"key_id"`
	Signature []byte     `db:"signature"`
	Token     []byte     `db:"token"`
	StampedAt *time.Time `db:"stamped_at"`
}

const headColumns = `size, root, at, at_nanos, key_id, signature, token, stamped_at`

func (row headRow) head() (exchange.Head, error) {
	root, err := digest(row.Root)
	if err != nil {
		return exchange.Head{}, fmt.Errorf("head of %d records: %w", row.Size, err)
	}
	h := exchange.Head{
		Size: row.Size, Root: root, At: time.Unix(row.At, row.Nanos).UTC(), KeyID: row.KeyID,
		Signature: row.Signature, Token: row.Token,
	}
	if row.StampedAt != nil {
		h.StampedAt = row.StampedAt.UTC()
	}
	return h, nil
}

// SaveHead adds a head of the log, or adds the token to one that is there. It
// fails with Conflict when there is another head of the same size.
func (s *Store) SaveHead(ctx context.Context, h exchange.Head) error {
	var token []byte
	var stamped *time.Time
	if len(h.Token) > 0 {
		at := h.StampedAt.UTC().Truncate(time.Microsecond)
		token, stamped = h.Token, &at
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `
		INSERT INTO gateway_head (size, root, at, at_nanos, key_id, signature, token, stamped_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (size) DO UPDATE
		SET token = COALESCE(gateway_head.token, excluded.token), stamped_at = COALESCE(gateway_head.stamped_at, excluded.stamped_at)
		WHERE gateway_head.root = excluded.root AND gateway_head.signature = excluded.signature`,
			h.Size, h.Root[:], h.At.Unix(), int64(h.At.Nanosecond()), h.KeyID, h.Signature, token, stamped, s.clock.Now().UTC())
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "exchange.log.head_exists", fault.Args{"size": h.Size})
		}
		if err != nil {
			return err
		}
		return ledgersql.Signed(ctx, tx, ledger.Messages, h.Size)
	})
}

func (s *Store) head(ctx context.Context, query string, args ...any) (exchange.Head, bool, error) {
	row, err := sqldb.One[headRow](ctx, s.db, query, args...)
	if errors.Is(err, sqldb.ErrNone) {
		return exchange.Head{}, false, nil
	}
	if err != nil {
		return exchange.Head{}, false, err
	}
	h, err := row.head()
	return h, err == nil, err
}

// LastHead gives the newest; ok is false when there is none.
func (s *Store) LastHead(ctx context.Context) (exchange.Head, bool, error) {
	return s.head(ctx, `SELECT `+headColumns+` FROM gateway_head ORDER BY size DESC LIMIT 1`)
}

// HeadOver gives the smallest head that covers a record, a stamped one if there is one.
func (s *Store) HeadOver(ctx context.Context, seq int64) (exchange.Head, bool, error) {
	h, ok, err := s.head(ctx, `SELECT `+headColumns+` FROM gateway_head WHERE size > $1 AND token IS NOT NULL ORDER BY size LIMIT 1`, seq)
	if err != nil || ok {
		return h, ok, err
	}
	return s.head(ctx, `SELECT `+headColumns+` FROM gateway_head WHERE size > $1 ORDER BY size LIMIT 1`, seq)
}

// Heads gives the heads that cover more than after records, by size.
func (s *Store) Heads(ctx context.Context, after int64, limit int) ([]exchange.Head, error) {
	return s.heads(ctx, `SELECT `+headColumns+` FROM gateway_head WHERE size > $1 ORDER BY size LIMIT $2`, after, limit)
}

// Unstamped gives heads that wait for a time stamp, oldest first.
func (s *Store) Unstamped(ctx context.Context, limit int) ([]exchange.Head, error) {
	return s.heads(ctx, `SELECT `+headColumns+` FROM gateway_head WHERE token IS NULL ORDER BY size LIMIT $1`, limit)
}

func (s *Store) heads(ctx context.Context, query string, args ...any) ([]exchange.Head, error) {
	rows, err := sqldb.All[headRow](ctx, s.db, query, args...)
	if err != nil {
		return nil, err
	}
	out := make([]exchange.Head, len(rows))
	for i, row := range rows {
		if out[i], err = row.head(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Used gives how often a right was used in a window.
func (s *Store) Used(ctx context.Context, rightID string, window time.Time) (int64, error) {
	if err := s.complete(ctx); err != nil {
		return 0, err
	}
	n, err := sqldb.One[int64](ctx, s.db, `SELECT calls FROM gateway_use WHERE right_id = $1 AND start = $2`, rightID, packed.Micros(window))
	if errors.Is(err, sqldb.ErrNone) {
		return 0, nil
	}
	return n, err
}

// SealedBody gives a kept body. It fails with NotFound.
func (s *Store) SealedBody(ctx context.Context, seq int64) ([]byte, error) {
	s.settle(ctx)
	b, err := sqldb.One[[]byte](ctx, s.db, `SELECT sealed FROM gateway_body WHERE seq = $1`, seq)
	if errors.Is(err, sqldb.ErrNone) {
		return nil, fault.New(fault.NotFound, "exchange.body.not_kept", fault.Args{"seq": seq})
	}
	return b, err
}

// DropBodies forgets the bodies of records before a moment.
func (s *Store) DropBodies(ctx context.Context, before time.Time) (int, error) {
	n, err := sqldb.Exec(ctx, s.db, `
		DELETE FROM gateway_body WHERE seq IN (
			SELECT b.seq FROM gateway_body b JOIN gateway_record r ON r.seq = b.seq WHERE r.at < $1)`, packed.Micros(before))
	return int(n), err
}
