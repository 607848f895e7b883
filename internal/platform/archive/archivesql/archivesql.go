// Package archivesql keeps, in a node's database, which stretches of its logs are in
// files and where each log begins.
package archivesql

import (
	"bytes"
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"dean06/internal/platform/archive"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables. Every module that archives a log calls it.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "archive", files)
}

// Index is the segments of one log of a node.
type Index struct {
	db    *sqldb.DB
	chain string
}

// New is the segments of a log.
func New(db *sqldb.DB, chain string) *Index { return &Index{db, chain} }

type segmentRow struct {
	Chain     string     `db:"chain"`
	From      int64      `db:"from_seq"`
	Until     int64      `db:"until_seq"`
	File      string     `db:"file"`
	Sum       []byte     `db:"sha256"`
	Bytes     int64      `db:"bytes"`
	Root      []byte     `db:"root"`
	FirstAt   time.Time  `db:"first_at"`
	LastAt    time.Time  `db:"last_at"`
	MadeAt    time.Time  `db:"made_at"`
	DroppedAt *time.Time `db:"dropped_at"`
	Rest      []byte     `db:"rest"`
}

const columns = `chain, from_seq, until_seq, file, sha256, bytes, root, first_at, last_at, made_at, dropped_at, rest`

// Segments are all of them, the oldest first, those too whose files were removed.
func (x *Index) Segments(ctx context.Context) ([]archive.Segment, error) {
	rows, err := sqldb.All[segmentRow](ctx, x.db, `SELECT `+columns+` FROM archive_segment WHERE chain = $1 ORDER BY from_seq`, x.chain)
	if err != nil {
		return nil, fmt.Errorf("read the segments of %s: %w", x.chain, err)
	}
	out := make([]archive.Segment, len(rows))
	for i, r := range rows {
		s := archive.Segment{
			Chain: r.Chain, From: r.From, Until: r.Until, File: r.File, Bytes: r.Bytes,
			FirstAt: r.FirstAt.UTC(), LastAt: r.LastAt.UTC(), MadeAt: r.MadeAt.UTC(),
		}
		if r.DroppedAt != nil {
			s.DroppedAt = r.DroppedAt.UTC()
		}
		if len(r.Sum) != len(s.SHA256) || len(r.Root) != len(s.Root) || len(r.Rest)%len(ledger.Digest{}) != 0 {
			return nil, fault.New(fault.Conflict, "archive.index.broken", fault.Args{"file": r.File})
		}
		copy(s.SHA256[:], r.Sum)
		copy(s.Root[:], r.Root)
		s.Rest = parted(r.Rest)
		out[i] = s
	}
	return out, nil
}

// AddSegment notes a file, in the audit log too. A file that is noted already stays as
// it is; it fails with Conflict when another one is.
func (x *Index) AddSegment(ctx context.Context, s archive.Segment) error {
	return x.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `
			INSERT INTO archive_segment (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, $11)
			ON CONFLICT (chain, from_seq) DO NOTHING`,
			x.chain, s.From, s.Until, s.File, s.SHA256[:], s.Bytes, s.Root[:], micro(s.FirstAt), micro(s.LastAt), micro(s.MadeAt),
			joined(s.Rest))
		if err != nil {
			return err
		}
		if n == 0 {
			sum, err := sqldb.One[[]byte](ctx, tx, `SELECT sha256 FROM archive_segment WHERE chain = $1 AND from_seq = $2`, x.chain, s.From)
			if err == nil && !bytes.Equal(sum, s.SHA256[:]) {
				err = fault.New(fault.Conflict, "archive.index.other", fault.Args{"file": s.File})
			}
			return err
		}
		return audit.Record(ctx, tx, noted(archive.ActionMade, s))
	})
}

// DropSegment notes that a file was removed by its term, in the audit log too, so that
// it is told apart from one that is missing. Once noted it stays.
func (x *Index) DropSegment(ctx context.Context, s archive.Segment, at time.Time) error {
	return x.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n, err := sqldb.Exec(ctx, tx, `UPDATE archive_segment SET dropped_at = $1 WHERE chain = $2 AND from_seq = $3 AND dropped_at IS NULL`,
			micro(at), x.chain, s.From)
		if err != nil || n == 0 {
			return err
		}
		return audit.Record(ctx, tx, noted(archive.ActionDropped, s))
	})
}

func noted(action string, s archive.Segment) audit.Entry {
	return audit.Entry{Action: action, Subject: audit.Subject{Type: "archive", ID: s.File}, Details: map[string]string{
		"chain": s.Chain, "from": strconv.FormatInt(s.From, 10), "until": strconv.FormatInt(s.Until, 10), "sha256": hex.EncodeToString(s.SHA256[:]),
	}}
}

// Noted says whether the audit log has that a file was removed by its term.
func (x *Index) Noted(ctx context.Context, s archive.Segment) (bool, error) {
	found, err := audit.Find(ctx, x.db, audit.Filter{
		Action: archive.ActionDropped, Subject: audit.Subject{Type: "archive", ID: s.File}, Limit: 10,
	})
	sum := hex.EncodeToString(s.SHA256[:])
	return slices.ContainsFunc(found, func(e audit.Entry) bool { return e.Details["chain"] == x.chain && e.Details["sha256"] == sum }), err
}

type beginRow struct {
	Size   int64  `db:"size"`
	Hashes []byte `db:"hashes"`
}

// Begin is where the log begins in the database: its size before, and the complete
// subtrees of that.
func (x *Index) Begin(ctx context.Context) (ledger.Frontier, error) {
	row, err := sqldb.One[beginRow](ctx, x.db, `SELECT size, hashes FROM archive_begin WHERE chain = $1`, x.chain)
	if errors.Is(err, sqldb.ErrNone) {
		return ledger.Frontier{}, nil
	}
	if err != nil {
		// A database that no program of this version has written yet has no archive.
		if there, e := ledgersql.HasTable(ctx, x.db, "archive_begin"); e == nil && !there {
			return ledger.Frontier{}, nil
		}
		return ledger.Frontier{}, fmt.Errorf("read where the log of %s begins: %w", x.chain, err)
	}
	if len(row.Hashes)%len(ledger.Digest{}) != 0 {
		return ledger.Frontier{}, fault.New(fault.Conflict, "archive.index.begin", nil)
	}
	return ledger.Frontier{Size: row.Size, Hashes: parted(row.Hashes)}, nil
}

func parted(raw []byte) []ledger.Digest {
	var out []ledger.Digest
	for part := range slices.Chunk(raw, len(ledger.Digest{})) {
		out = append(out, ledger.Digest(part))
	}
	return out
}

func joined(list []ledger.Digest) []byte {
	raw := make([]byte, 0, len(ledger.Digest{})*len(list))
	for _, h := range list {
		raw = append(raw, h[:]...)
	}
	return raw
}

// MoveBegin moves it in the transaction that removes the rows. It fails with Conflict
// when it is not where the caller believes.
func (x *Index) MoveBegin(ctx context.Context, tx *sqldb.Tx, from int64, to ledger.Frontier) error {
	if from == 0 {
		if _, err := sqldb.Exec(ctx, tx, `INSERT INTO archive_begin (chain, size, hashes) VALUES ($1, 0, $2) ON CONFLICT (chain) DO NOTHING`,
			x.chain, []byte{}); err != nil {
			return err
		}
	}
	n, err := sqldb.Exec(ctx, tx, `UPDATE archive_begin SET size = $1, hashes = $2 WHERE chain = $3 AND size = $4`, to.Size, joined(to.Hashes), x.chain, from)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "archive.index.moved", nil)
	}
	return err
}

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
