// Package proceduresql keeps the editions of the catalogue of procedures that a node has
// imported, and which one is in force.
package proceduresql

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/procedure"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Actions are the codes of what is written to the audit log.
var Actions = []string{actionImport, actionUse, actionBring, actionSign}

const (
	actionImport = "procedure.catalogue.import"
	actionUse    = "procedure.catalogue.use"
	subject      = "procedure.catalogue"
)

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "procedure", files)
}

// Store keeps editions. It implements procedure.EditionStore.
type Store struct{ db *sqldb.DB }

// New makes the store on a migrated database.
func New(db *sqldb.DB) *Store { return &Store{db} }

type editionRow struct {
	ID        string                       `db:"id"`
	Source    string                       `db:"source"`
	Taken     clock.Date                   `db:"taken"`
	Hash      string                       `db:"hash"`
	Report    sqldb.JSON[procedure.Report] `db:"report"`
	Account   string                       `db:"account"`
	CreatedAt time.Time                    `db:"created_at"`
}

type fileRow struct {
	editionRow
	File []byte `db:"file"`
}

// Add keeps a edition with its file, and says so in the audit log.
func (s *Store) Add(ctx context.Context, by actor.Actor, v procedure.Edition, file []byte) error {
	packed, err := pack(file)
	if err != nil {
		return err
	}
	row := fileRow{File: packed, editionRow: editionRow{
		ID: v.ID, Source: v.Source, Taken: v.Taken, Hash: v.Hash, Report: sqldb.JSON[procedure.Report]{V: v.Report}, Account: v.By, CreatedAt: v.At,
	}}
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := sqldb.Insert(ctx, tx, "procedure_catalogue", row); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: v.At, Who: audit.Who{Actor: by}, Action: actionImport, Subject: audit.Subject{Type: subject, ID: v.ID},
			Details: map[string]string{
				"source": v.Source, "taken": v.Taken.String(), "hash": v.Hash,
				"rows": strconv.Itoa(v.Report.Rows), "loaded": strconv.Itoa(v.Report.Loaded),
			},
		})
	})
	if sqldb.IsDuplicate(err) {
		return fault.New(fault.Conflict, "procedure.edition.there", nil).At("file").Because(err)
	}
	if err != nil {
		return fmt.Errorf("add edition %s of the catalogue: %w", v.ID, err)
	}
	return nil
}

type useRow struct {
	ID        string    `db:"id"`
	Catalogue string    `db:"catalogue"`
	Account   string    `db:"account"`
	CreatedAt time.Time `db:"created_at"`
}

// Use puts a edition in force.
func (s *Store) Use(ctx context.Context, by actor.Actor, u procedure.Using) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := sqldb.Insert(ctx, tx, "procedure_catalogue_use", useRow{u.ID, u.Edition, u.By, u.At}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			At: u.At, Who: audit.Who{Actor: by}, Action: actionUse, Subject: audit.Subject{Type: subject, ID: u.Edition},
		})
	})
	if err != nil {
		return fmt.Errorf("use edition %s of the catalogue: %w", u.Edition, err)
	}
	return nil
}

// Editions are all, the youngest first.
func (s *Store) Editions(ctx context.Context) ([]procedure.Edition, error) {
	rows, err := sqldb.All[editionRow](ctx, s.db,
		`SELECT id, source, taken, hash, report, account, created_at FROM procedure_catalogue ORDER BY id DESC`)
	if err != nil {
		return nil, err
	}
	out := make([]procedure.Edition, len(rows))
	for i, r := range rows {
		out[i] = procedure.Edition{ID: r.ID, Source: r.Source, Taken: r.Taken, Hash: r.Hash, Report: r.Report.V, By: r.Account, At: r.CreatedAt}
	}
	return out, nil
}

// File is what was imported as a edition; nil when there is no such edition.
func (s *Store) File(ctx context.Context, id string) ([]byte, error) {
	rows, err := sqldb.All[[]byte](ctx, s.db, `SELECT file FROM procedure_catalogue WHERE id = $1`, id)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(rows[0]))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, procedure.MaxFile+1))
}

// InForce is what was put in force last; false when nothing was.
func (s *Store) InForce(ctx context.Context) (procedure.Using, bool, error) {
	rows, err := sqldb.All[useRow](ctx, s.db,
		`SELECT id, catalogue, account, created_at FROM procedure_catalogue_use ORDER BY id DESC LIMIT 1`)
	if err != nil || len(rows) == 0 {
		return procedure.Using{}, false, err
	}
	r := rows[0]
	return procedure.Using{ID: r.ID, Edition: r.Catalogue, By: r.Account, At: r.CreatedAt}, true, nil
}

func pack(file []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(file); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
