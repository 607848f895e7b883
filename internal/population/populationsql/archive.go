package populationsql

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"dean06/internal/platform/archive"
	"dean06/internal/platform/archive/archivesql"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

// Lookups archives the log of look-ups: each as it was hashed, with all whom it was about.
type Lookups struct {
	DB *sqldb.DB
	// Trust is who vouches for the certificates of the node's gateway.
	Trust func(ctx context.Context) (archive.Trust, error)
	Now   func() time.Time
}

var _ archive.Log = Lookups{}

// keepAtLeast is how old a look-up is at least before it leaves the database: what shows
// to the auditor is counted there.
const keepAtLeast = 30 * 24 * time.Hour

// LookupIndex notes which look-ups are in archive files.
func LookupIndex(db *sqldb.DB) *archivesql.Index { return archivesql.New(db, ledger.Lookups) }

// LookupsArchived is the moment of the last look-up that is in archive files alone; zero
// when none is.
func LookupsArchived(ctx context.Context, db *sqldb.DB) (last time.Time, err error) {
	begin, err := LookupIndex(db).Begin(ctx)
	if err != nil || begin.Size == 0 {
		return last, err
	}
	list, err := LookupIndex(db).Segments(ctx)
	for _, s := range list {
		if s.From < begin.Size {
			last = s.LastAt
		}
	}
	return last, err
}

// Chain is the log's name.
func (Lookups) Chain() string { return ledger.Lookups }

// Begin is where the log begins in the database.
func (a Lookups) Begin(ctx context.Context) (ledger.Frontier, error) {
	return LookupIndex(a.DB).Begin(ctx)
}

// Frontier is how the log of size look-ups went on.
func (a Lookups) Frontier(ctx context.Context, size int64) (ledger.Frontier, error) {
	return ledger.FrontierAt(ctx, Chain(a.DB), size)
}

func (a Lookups) heads(ctx context.Context, after int64, limit int) ([]ledger.Head, error) {
	return ledgersql.New(a.DB).Heads(ctx, ledger.Lookups, after, limit)
}

// Bound gives the last stamped head that is older than before.
func (a Lookups) Bound(ctx context.Context, from int64, before time.Time, most int64) (int64, error) {
	return archive.Heads(a.heads).Bound(ctx, from, before, most)
}

// Spared is the first look-up that is to stay in the database.
func (a Lookups) Spared(ctx context.Context) (int64, error) {
	seq, err := sqldb.One[int64](ctx, a.DB, `SELECT seq FROM population_lookup WHERE at >= $1 ORDER BY at LIMIT 1`, a.Now().Add(-keepAtLeast))
	if !errors.Is(err, sqldb.ErrNone) {
		return seq - 1, err
	}
	return lookupLog{a.DB}.Size(ctx)
}

// archivedLookup is a look-up as its line of an archive file has it: everything that its
// hash covers. At is microseconds since 1970.
type archivedLookup struct {
	Seq       int64        `json:"seq"` // from 1
	At        int64        `json:"at"`
	Client    archive.Text `json:"client,omitempty"`
	Agency    archive.Text `json:"agency,omitempty"`
	Officer   archive.Text `json:"officer,omitempty"`
	Service   archive.Text `json:"service"`
	Purpose   archive.Text `json:"purpose,omitempty"`
	Dossier   archive.Text `json:"dossier,omitempty"`
	Fields    archive.Text `json:"fields,omitempty"`
	RequestID archive.Text `json:"request_id,omitempty"`
	Persons   int64        `json:"persons"`
	Outcome   archive.Text `json:"outcome"`
	Subjects  []int64      `json:"subjects,omitempty"` // personal numbers
	// Before is the hash of the look-up before, in the first line of a file.
	Before []byte `json:"before,omitempty"`
}

func (l *archivedLookup) row() lookupRow {
	w := lookupRow{
		Seq: l.Seq, At: time.UnixMicro(l.At).UTC(), Client: string(l.Client), Agency: string(l.Agency), Officer: string(l.Officer),
		Service: string(l.Service), Purpose: string(l.Purpose), Dossier: string(l.Dossier), Fields: string(l.Fields),
		RequestID: string(l.RequestID), Persons: l.Persons, Outcome: string(l.Outcome), Subjects: sumOf(l.Subjects),
	}
	if len(l.Subjects) == 1 {
		w.Subject = sql.NullInt64{Int64: l.Subjects[0], Valid: true}
	}
	return w
}

// Write gives the look-ups, the stamped heads over them, and the certificates.
func (a Lookups) Write(ctx context.Context, w *archive.Writer, from, until int64) error {
	first := true
	err := lookupLog{a.DB}.each(ctx, from, until, func(r *lookupRow, before []byte, about []int64) error {
		line := archivedLookup{
			Seq: r.Seq, At: r.At.UnixMicro(), Client: archive.Text(r.Client), Agency: archive.Text(r.Agency), Officer: archive.Text(r.Officer),
			Service: archive.Text(r.Service), Purpose: archive.Text(r.Purpose), Dossier: archive.Text(r.Dossier), Fields: archive.Text(r.Fields),
			RequestID: archive.Text(r.RequestID), Persons: r.Persons, Outcome: archive.Text(r.Outcome), Subjects: about,
		}
		if first {
			line.Before, first = before, false
		}
		return w.Record(r.Seq-1, line)
	})
	if err != nil {
		return err
	}
	signers := map[string]bool{}
	if err := archive.Heads(a.heads).Write(ctx, w, from, until, signers); err != nil {
		return err
	}
	trust, err := a.Trust(ctx)
	if err != nil {
		return err
	}
	return w.WriteCertificates(ctx, signers, trust, ledgersql.New(a.DB).Certificate)
}

// Read computes a file anew with whom the node trusts now.
func (a Lookups) Read(ctx context.Context, r *archive.Reader) (archive.Content, error) {
	trust, err := a.Trust(ctx)
	if err != nil {
		return archive.Content{}, err
	}
	return ReadLookups(ctx, trust, r)
}

// ReadLookups reads a file of the log of look-ups and computes it anew. It fails with
// Conflict when something does not fit.
func ReadLookups(ctx context.Context, t archive.Trust, r *archive.Reader) (archive.Content, error) {
	var hash []byte
	first := true
	return t.Read(ctx, r, func(l archive.Line) (archive.Entry, error) {
		var line archivedLookup
		if err := l.Read(&line); err != nil {
			return archive.Entry{}, err
		}
		if first {
			hash, first = line.Before, false
		}
		row := line.row()
		hash = row.sum(hash)
		return archive.Entry{Seq: line.Seq - 1, At: row.At, Leaf: ledger.LeafOf(hash)}, nil
	})
}

// narrowAtOnce is how many of the narrow rows go in one transaction.
const narrowAtOnce = 2000

// Remove removes look-ups from the database, and after them the narrow rows by which
// people find them.
func (a Lookups) Remove(ctx context.Context, from int64, to ledger.Frontier) error {
	err := a.DB.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := LookupIndex(a.DB).MoveBegin(ctx, tx, from, to); err != nil {
			return err
		}
		if _, err := sqldb.Exec(ctx, tx, `
			INSERT INTO population_lookup_begin (id, seq, hash) SELECT 1, seq, hash FROM population_lookup WHERE seq = $1
			ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`, to.Size); err != nil {
			return err
		}
		if n, err := sqldb.Exec(ctx, tx, `DELETE FROM population_lookup WHERE seq <= $1`, to.Size); err != nil || n != to.Size-from {
			return errors.Join(err, lookupGone(n, to.Size-from, to.Size))
		}
		_, err := sqldb.Exec(ctx, tx, `DELETE FROM ledger_head WHERE chain = $1 AND size <= $2
			AND size < (SELECT MAX(size) FROM ledger_head WHERE chain = $1)`, ledger.Lookups, to.Size)
		return err
	})
	for err == nil {
		var n int64
		n, err = sqldb.Exec(ctx, a.DB, `DELETE FROM population_lookup_subject WHERE (subject, lookup) IN
			(SELECT subject, lookup FROM population_lookup_subject WHERE lookup <= $1 ORDER BY lookup LIMIT $2)`, to.Size, narrowAtOnce)
		if n < narrowAtOnce {
			break
		}
	}
	return err
}

// lookupGone is the fault of rows that are not there to be removed; nil when all were.
func lookupGone(had, want, seq int64) error {
	if had == want {
		return nil
	}
	return fault.New(fault.Conflict, "ledger.incomplete", fault.Args{"seq": seq})
}
