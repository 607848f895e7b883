// Package ledgersql keeps what makes the hash-chained logs of a node checkable by
// others: their trees, signed heads, the certificates that these were signed with, and
// what the last check found. It writes no log itself.
package ledgersql

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
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
	return sqldb.Migrate(ctx, db, "ledger", files)
}

// HasTable says whether a table is there, without making it: a check also reads
// databases that no program of this version has written yet.
func HasTable(ctx context.Context, db *sqldb.DB, name string) (bool, error) {
	query := `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1`
	if db.Engine() == sqldb.Postgres {
		query = `SELECT COUNT(to_regclass(CAST($1 AS TEXT)))`
	}
	n, err := sqldb.One[int64](ctx, db, query, name)
	return n > 0, err
}

// Unreadable says that a row holds something that no program of ours writes, such as words
// where a number belongs: it was changed.
func Unreadable(err error) bool {
	return err != nil && strings.Contains(err.Error(), "sql: Scan error")
}

// Store is the ledger tables of a node.
type Store struct{ db *sqldb.DB }

// New makes the store.
func New(db *sqldb.DB) *Store { return &Store{db} }

// Node says whose logs these are, and who witnesses them.
type Node struct {
	Gateway string `db:"gateway"` // "H55-1"
	Hub     string `db:"hub"`     // address
	Dir     string `db:"dir"`     // of the gateway's key and certificate
}

// Node is what was last saved; ok is false when the node has not joined.
func (s *Store) Node(ctx context.Context) (n Node, ok bool, err error) {
	if there, err := HasTable(ctx, s.db, "ledger_node"); err != nil || !there {
		return n, false, err
	}
	n, err = sqldb.One[Node](ctx, s.db, `SELECT gateway, hub, dir FROM ledger_node WHERE id = 1`)
	if errors.Is(err, sqldb.ErrNone) {
		return n, false, nil
	}
	return n, err == nil, err
}

// SaveNode keeps whose logs these are, and a certificate (DER) with which heads will be
// signed.
func (s *Store) SaveNode(ctx context.Context, n Node, certificate []byte) error {
	now := time.Now().UTC().Truncate(time.Microsecond) //nolint:forbidigo // only says when the row was written
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := sqldb.Exec(ctx, tx, `
			INSERT INTO ledger_node (id, gateway, hub, dir, updated_at) VALUES (1, $1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET gateway = excluded.gateway, hub = excluded.hub, dir = excluded.dir, updated_at = excluded.updated_at`,
			n.Gateway, n.Hub, n.Dir, now); err != nil {
			return err
		}
		sum := sha256.Sum256(certificate)
		_, err := sqldb.Exec(ctx, tx, `INSERT INTO ledger_certificate (fingerprint, der, created_at) VALUES ($1, $2, $3)
			ON CONFLICT (fingerprint) DO NOTHING`, hex.EncodeToString(sum[:]), certificate, now)
		return err
	})
}

// Certificate gives one (DER) that was saved; ok is false when there is none.
func (s *Store) Certificate(ctx context.Context, keyID string) (der []byte, ok bool, err error) {
	if there, err := HasTable(ctx, s.db, "ledger_certificate"); err != nil || !there {
		return nil, false, err
	}
	der, err = sqldb.One[[]byte](ctx, s.db, `SELECT der FROM ledger_certificate WHERE fingerprint = $1`, keyID)
	if errors.Is(err, sqldb.ErrNone) {
		return nil, false, nil
	}
	return der, err == nil, err
}

type headRow struct {
	Chain     string     `db:"chain"`
	Size      int64      `db:"size"`
	Root      []byte     `db:"root"`
	At        int64      `db:"at"`
	Nanos     int64      `db:"at_nanos"`
	KeyID     string     `db:"key_id"`
	Signature []byte     `db:"signature"`
	Token     []byte     `db:"token"`
	StampedAt *time.Time `db:"stamped_at"`
}

const headColumns = `chain, size, root, at, at_nanos, key_id, signature, token, stamped_at`

func (r headRow) head() ledger.Head {
	h := ledger.Head{
		Chain: r.Chain, Size: r.Size, At: time.Unix(r.At, r.Nanos).UTC(), KeyID: r.KeyID, Signature: r.Signature, Token: r.Token,
	}
	copy(h.Root[:], r.Root) // of another length it is no root that fits
	if r.StampedAt != nil {
		h.StampedAt = r.StampedAt.UTC()
	}
	return h
}

func (s *Store) heads(ctx context.Context, query string, args ...any) ([]ledger.Head, error) {
	rows, err := sqldb.All[headRow](ctx, s.db, query, args...)
	out := make([]ledger.Head, len(rows))
	for i, r := range rows {
		out[i] = r.head()
	}
	return out, err
}

// Heads are those of a chain over more than after rows, by size.
func (s *Store) Heads(ctx context.Context, chain string, after int64, limit int) ([]ledger.Head, error) {
	return s.heads(ctx, `SELECT `+headColumns+` FROM ledger_head WHERE chain = $1 AND size > $2 ORDER BY size LIMIT $3`, chain, after, limit)
}

// LastHead is the newest of a chain; ok is false when there is none.
func (s *Store) LastHead(ctx context.Context, chain string) (h ledger.Head, ok bool, err error) {
	if there, err := HasTable(ctx, s.db, "ledger_head"); err != nil || !there {
		return h, false, err
	}
	list, err := s.heads(ctx, `SELECT `+headColumns+` FROM ledger_head WHERE chain = $1 ORDER BY size DESC LIMIT 1`, chain)
	if err != nil || len(list) == 0 {
		return h, false, err
	}
	return list[0], true, nil
}

// Unstamped are heads of all chains that wait for a time stamp, the oldest first.
func (s *Store) Unstamped(ctx context.Context, limit int) ([]ledger.Head, error) {
	return s.heads(ctx, `SELECT `+headColumns+` FROM ledger_head WHERE token IS NULL ORDER BY created_at, size LIMIT $1`, limit)
}

// SaveToken adds the time stamp to a head.
func (s *Store) SaveToken(ctx context.Context, h ledger.Head) error {
	_, err := sqldb.Exec(ctx, s.db, `UPDATE ledger_head SET token = $1, stamped_at = $2 WHERE chain = $3 AND size = $4 AND token IS NULL`,
		h.Token, h.StampedAt.UTC().Truncate(time.Microsecond), h.Chain, h.Size)
	return err
}

// SaveHead adds one that was signed. It fails with Conflict when there is another of
// that size.
func (s *Store) SaveHead(ctx context.Context, h ledger.Head) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `
			INSERT INTO ledger_head (chain, size, root, at, at_nanos, key_id, signature, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (chain, size) DO NOTHING`,
			h.Chain, h.Size, h.Root[:], h.At.Unix(), int64(h.At.Nanosecond()), h.KeyID, h.Signature, h.At.UTC().Truncate(time.Microsecond))
		if err != nil {
			return err
		}
		if n == 0 { // a commit whose answer was lost, or another log
			root, err := sqldb.One[[]byte](ctx, tx, `SELECT root FROM ledger_head WHERE chain = $1 AND size = $2`, h.Chain, h.Size)
			if err != nil {
				return err
			}
			if !bytes.Equal(root, h.Root[:]) {
				return fault.New(fault.Conflict, "ledger.other", fault.Args{"size": h.Size})
			}
		}
		return Signed(ctx, tx, h.Chain, h.Size)
	})
}

// Signed remembers in the transaction that saves a head how far its chain is signed. The
// head of messages has a table of its own.
func Signed(ctx context.Context, q sqldb.Queryer, chain string, size int64) error {
	_, err := sqldb.Exec(ctx, q, `
		INSERT INTO ledger_chain (chain, size, hashes, signed) VALUES ($1, 0, $2, $3)
		ON CONFLICT (chain) DO UPDATE SET signed = excluded.signed WHERE ledger_chain.signed < excluded.signed`, chain, []byte{}, size)
	return err
}

// Begun is since when the database has had trees and heads; ok is false when it is older
// than they are.
func (s *Store) Begun(ctx context.Context) (at time.Time, ok bool, err error) {
	if there, err := HasTable(ctx, s.db, "ledger_begin"); err != nil || !there {
		return at, false, err
	}
	// Without the row it was taken out, and everything counts.
	at, err = sqldb.One[time.Time](ctx, s.db, `SELECT at FROM ledger_begin WHERE id = 1`)
	if errors.Is(err, sqldb.ErrNone) {
		err = nil
	}
	return at, err == nil, err
}

// Growing says that the tree of a chain has begun and is not yet as long as its log: no
// head of it can be expected.
func (s *Store) Growing(ctx context.Context, chain string, rows int64) (bool, error) {
	row, begun, err := s.grown(ctx, chain)
	return begun && row.Size > 0 && row.Size < rows, err
}

// SignedUpTo is how many rows of a chain the newest head covered; 0 when none was made.
func (s *Store) SignedUpTo(ctx context.Context, chain string) (int64, error) {
	row, _, err := s.grown(ctx, chain)
	return row.Signed, err
}

type chainRow struct {
	Size   int64  `db:"size"`
	Hashes []byte `db:"hashes"`
	Signed int64  `db:"signed"`
}

// grown is how far the tree of a chain is; ok is false when it has not begun.
func (s *Store) grown(ctx context.Context, chain string) (row chainRow, ok bool, err error) {
	if there, err := HasTable(ctx, s.db, "ledger_chain"); err != nil || !there {
		return row, false, err
	}
	row, err = sqldb.One[chainRow](ctx, s.db, `SELECT size, hashes, signed FROM ledger_chain WHERE chain = $1`, chain)
	if errors.Is(err, sqldb.ErrNone) {
		return row, false, nil
	}
	return row, err == nil, err
}

func (r chainRow) frontier() (ledger.Frontier, error) {
	f := ledger.Frontier{Size: r.Size}
	for part := range slices.Chunk(r.Hashes, 32) {
		if len(part) != 32 {
			return f, fmt.Errorf("the frontier of a log of %d rows has %d bytes", r.Size, len(r.Hashes))
		}
		f.Hashes = append(f.Hashes, ledger.Digest(part))
	}
	return f, nil
}

func (s *Store) tiles(ctx context.Context, chain string, level int, from, until int64) ([]ledger.Digest, error) {
	var out []ledger.Digest
	for b, err := range sqldb.Each[[]byte](ctx, s.db,
		`SELECT hash FROM ledger_tile WHERE chain = $1 AND level = $2 AND ix >= $3 AND ix < $4 ORDER BY ix`, chain, level, from, until) {
		if err != nil {
			return nil, err
		}
		var d ledger.Digest
		copy(d[:], b)
		out = append(out, d)
	}
	return out, nil
}

type tileRow struct {
	Chain string `db:"chain"`
	Level int64  `db:"level"`
	Index int64  `db:"ix"`
	Hash  []byte `db:"hash"`
}

// grow writes that the tree of a chain has grown. It fails with Conflict when another
// process has grown it meanwhile.
func (s *Store) grow(ctx context.Context, chain string, from int64, to ledger.Frontier, tiles []ledger.Tile) error {
	var hashes []byte
	for _, h := range to.Hashes {
		hashes = append(hashes, h[:]...)
	}
	rows := make([]tileRow, len(tiles))
	for i, t := range tiles {
		rows[i] = tileRow{chain, int64(t.Level), t.Index, t.Hash[:]}
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `
			INSERT INTO ledger_chain (chain, size, hashes, signed) VALUES ($1, $2, $3, 0)
			ON CONFLICT (chain) DO UPDATE SET size = excluded.size, hashes = excluded.hashes WHERE ledger_chain.size = $4`,
			chain, to.Size, hashes, from)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "ledger.moved", nil)
		}
		return sqldb.Insert(ctx, tx, "ledger_tile", rows...)
	})
}

// Check is what the last check of a chain found.
type Check struct {
	At    time.Time    `json:"at"` // when
	Found ledger.Found `json:"found"`
}

// SaveCheck keeps what a check found, in the place of what the one before it found.
func (s *Store) SaveCheck(ctx context.Context, c Check) error {
	_, err := sqldb.Exec(ctx, s.db, `
		INSERT INTO ledger_check (chain, checked_at, doc) VALUES ($1, $2, $3)
		ON CONFLICT (chain) DO UPDATE SET checked_at = excluded.checked_at, doc = excluded.doc`,
		c.Found.Chain, c.At.UTC().Truncate(time.Microsecond), sqldb.JSON[Check]{V: c})
	return err
}

// LastChecks are what the last checks found, by chain.
func (s *Store) LastChecks(ctx context.Context) ([]Check, error) {
	list, err := sqldb.All[sqldb.JSON[Check]](ctx, s.db, `SELECT doc FROM ledger_check ORDER BY chain`)
	out := make([]Check, len(list))
	for i, c := range list {
		out[i] = c.V
	}
	return out, err
}
