// Package exchangesql keeps a gateway's message log, what its owner decides
// (services, rights, groups) and the centre's configuration in a database. It
// decides nothing; exchange does.
package exchangesql

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"errors"
	"io/fs"
	"sync/atomic"

	"github.com/google/uuid"

	"dean06/internal/exchange"
	"dean06/internal/platform/archive/archivesql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return errors.Join(sqldb.Migrate(ctx, db, "gateway", files), archivesql.Migrate(ctx, db), ledgersql.Migrate(ctx, db))
}

// Store is one gateway's log and settings.
type Store struct {
	db     *sqldb.DB
	clock  clock.Clock
	routes routes
	words  words
	wait   atomic.Pointer[func(context.Context) error]
}

var (
	_ exchange.Archive      = (*Store)(nil)
	_ exchange.GatewayStore = (*Store)(nil)
)

// New makes the store on a migrated database.
func New(db *sqldb.DB, c clock.Clock) *Store { return &Store{db: db, clock: c} }

// BeforeReading takes what is called before the log is read: the gateway that runs on
// this store brings to the table what it has written to its journal.
func (s *Store) BeforeReading(wait func(ctx context.Context) error) { s.wait.Store(&wait) }

// complete returns when the table has what was written before, and fails when that
// cannot be.
func (s *Store) complete(ctx context.Context) error {
	if wait := s.wait.Load(); wait != nil {
		return (*wait)(ctx)
	}
	return nil
}

// settle is complete for those who are content with what there is.
func (s *Store) settle(ctx context.Context) { _ = s.complete(ctx) }

// key is what a word of any length is looked up by, in rows that version 0.4 wrote.
func key(s string) int64 {
	sum := sha256.Sum256([]byte(s))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// short is key in as few bytes as tell words apart well enough. That of a word that ends
// with a UUID of version 7 grows with its moment, so that an index on it grows at its end.
func short(s string) int64 {
	k := key(s)
	if len(s) >= 36 {
		if id, err := uuid.Parse(s[len(s)-36:]); err == nil && id.Version() == 7 {
			ms := int64(binary.BigEndian.Uint64(id[:8]) >> 16)
			return ms&(1<<41-1)<<6 | k&(1<<6-1)
		}
	}
	return k & (1<<47 - 1)
}

// optional is a key, or NULL for no word.
func optional(s string, key func(string) int64) *int64 {
	if s == "" {
		return nil
	}
	k := key(s)
	return &k
}
