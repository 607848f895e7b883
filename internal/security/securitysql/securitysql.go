// Package securitysql keeps what is known of the security of systems in a database. It
// decides nothing; security does.
package securitysql

import (
	"context"
	"embed"
	"errors"
	"io/fs"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/security"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "security", files)
}

// Store is a security.Store.
type Store struct {
	reader
	db *sqldb.DB
}

var _ security.Store = (*Store)(nil)

// New makes it.
func New(db *sqldb.DB) *Store { return &Store{reader{db}, db} }

// InTx runs f in one transaction.
func (s *Store) InTx(ctx context.Context, f func(tx security.Tx) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return f(In(tx)) })
}

// In is the store in somebody's transaction.
func In(tx *sqldb.Tx) security.Tx { return writer{reader{tx}, tx} }

// reader reads from a database or a transaction.
type reader struct{ q sqldb.Queryer }

type writer struct {
	reader
	tx *sqldb.Tx
}

// documents are those of a table for an agency or one of its systems, the oldest first.
func documents[T any](ctx context.Context, q sqldb.Queryer, query string, of security.Of) ([]T, error) {
	list, err := sqldb.All[sqldb.JSON[T]](ctx, q, query, of.Agency, of.System)
	out := make([]T, len(list))
	for i, w := range list {
		out[i] = w.V
	}
	return out, err
}

// document is one of a table.
func document[T any](ctx context.Context, q sqldb.Queryer, query, id, unknown string) (T, error) {
	w, err := sqldb.One[sqldb.JSON[T]](ctx, q, query, id)
	if errors.Is(err, sqldb.ErrNone) {
		err = fault.New(fault.NotFound, unknown, nil)
	}
	return w.V, err
}

const whose = ` WHERE ($1 = '' OR agency = $1) AND ($2 = '' OR system = $2) ORDER BY `

// Records gives the records of systems.
func (r reader) Records(ctx context.Context, of security.Of) ([]security.Record, error) {
	return documents[security.Record](ctx, r.q, `SELECT doc FROM security_record`+whose+`agency, system`, of)
}

// Dossiers gives dossiers.
func (r reader) Dossiers(ctx context.Context, of security.Of) ([]security.Dossier, error) {
	return documents[security.Dossier](ctx, r.q, `SELECT doc FROM security_dossier`+whose+`id`, of)
}

// Checks gives inspections.
func (r reader) Checks(ctx context.Context, of security.Of) ([]security.Check, error) {
	return documents[security.Check](ctx, r.q, `SELECT doc FROM security_check`+whose+`id`, of)
}

// Findings gives findings.
func (r reader) Findings(ctx context.Context, of security.Of) ([]security.Finding, error) {
	return documents[security.Finding](ctx, r.q, `SELECT doc FROM security_finding`+whose+`id`, of)
}

// Incidents gives incidents.
func (r reader) Incidents(ctx context.Context, of security.Of) ([]security.Incident, error) {
	return documents[security.Incident](ctx, r.q, `SELECT doc FROM security_incident`+whose+`id`, of)
}

// Graces gives graces.
func (r reader) Graces(ctx context.Context, of security.Of) ([]security.Grace, error) {
	return documents[security.Grace](ctx, r.q, `SELECT doc FROM security_grace`+whose+`id`, of)
}

// Dossier gives one.
func (r reader) Dossier(ctx context.Context, id string) (security.Dossier, error) {
	return document[security.Dossier](ctx, r.q, `SELECT doc FROM security_dossier WHERE id = $1`, id, "security.dossier.unknown")
}

// Finding gives one.
func (r reader) Finding(ctx context.Context, id string) (security.Finding, error) {
	return document[security.Finding](ctx, r.q, `SELECT doc FROM security_finding WHERE id = $1`, id, "security.finding.unknown")
}

// Incident gives one.
func (r reader) Incident(ctx context.Context, id string) (security.Incident, error) {
	return document[security.Incident](ctx, r.q, `SELECT doc FROM security_incident WHERE id = $1`, id, "security.incident.unknown")
}

// moved is for who saves what another has changed meanwhile.
func moved() error { return fault.New(fault.Conflict, "security.dossier.moved", nil) }

// saved turns what a statement did into the error of who was too late.
func saved(n int64, err error) error {
	switch {
	case sqldb.IsDuplicate(err):
		return moved()
	case err == nil && n == 0:
		return moved()
	}
	return err
}

// SaveRecord writes a record over the version that was read.
func (w writer) SaveRecord(ctx context.Context, r security.Record) error {
	r.Version++
	doc := sqldb.JSON[security.Record]{V: r}
	if r.Version == 1 {
		return saved(sqldb.Exec(ctx, w.tx, `INSERT INTO security_record (agency, system, version, doc) VALUES ($1, $2, $3, $4)`,
			r.Agency, r.System, r.Version, doc))
	}
	return saved(sqldb.Exec(ctx, w.tx, `UPDATE security_record SET version = $1, doc = $2 WHERE agency = $3 AND system = $4 AND version = $5`,
		r.Version, doc, r.Agency, r.System, r.Version-1))
}

// SaveDossier writes a dossier over the version that was read.
func (w writer) SaveDossier(ctx context.Context, d security.Dossier) error {
	d.Version++
	var open, approved *string
	system := d.Agency + "/" + d.System
	switch {
	case d.State.Open():
		open = &system
	case d.State == security.Approved:
		approved = &system
	}
	doc := sqldb.JSON[security.Dossier]{V: d}
	if d.Version == 1 {
		n, err := sqldb.Exec(ctx, w.tx, `INSERT INTO security_dossier (id, agency, system, state, open_of, approved_of, version, doc)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, d.ID, d.Agency, d.System, string(d.State), open, approved, d.Version, doc)
		if sqldb.IsDuplicate(err) {
			return fault.New(fault.Conflict, "security.dossier.open", nil)
		}
		return saved(n, err)
	}
	return saved(sqldb.Exec(ctx, w.tx, `UPDATE security_dossier SET state = $1, open_of = $2, approved_of = $3, version = $4, doc = $5
		WHERE id = $6 AND version = $7`, string(d.State), open, approved, d.Version, doc, d.ID, d.Version-1))
}

// AddCheck adds an inspection.
func (w writer) AddCheck(ctx context.Context, c security.Check) error {
	return saved(sqldb.Exec(ctx, w.tx, `INSERT INTO security_check (id, agency, system, version, doc) VALUES ($1, $2, $3, 1, $4)`,
		c.ID, c.Agency, c.System, sqldb.JSON[security.Check]{V: c}))
}

// SaveFinding writes a finding over the version that was read. A new one whose number another
// has got meanwhile fails with Conflict.
func (w writer) SaveFinding(ctx context.Context, f security.Finding) error {
	f.Version++
	doc := sqldb.JSON[security.Finding]{V: f}
	if f.Version == 1 {
		return saved(sqldb.Exec(ctx, w.tx, `INSERT INTO security_finding (id, agency, system, number, version, doc) VALUES ($1, $2, $3, $4, $5, $6)`,
			f.ID, f.Agency, f.System, f.Number, f.Version, doc))
	}
	return saved(sqldb.Exec(ctx, w.tx, `UPDATE security_finding SET version = $1, doc = $2 WHERE id = $3 AND version = $4`,
		f.Version, doc, f.ID, f.Version-1))
}

// SaveIncident writes an incident over the version that was read.
func (w writer) SaveIncident(ctx context.Context, i security.Incident) error {
	i.Version++
	doc := sqldb.JSON[security.Incident]{V: i}
	if i.Version == 1 {
		return saved(sqldb.Exec(ctx, w.tx, `INSERT INTO security_incident (id, agency, system, version, doc) VALUES ($1, $2, $3, $4, $5)`,
			i.ID, i.Agency, i.System, i.Version, doc))
	}
	return saved(sqldb.Exec(ctx, w.tx, `UPDATE security_incident SET version = $1, doc = $2 WHERE id = $3 AND version = $4`,
		i.Version, doc, i.ID, i.Version-1))
}

// SaveGrace adds a grace, or changes it.
func (w writer) SaveGrace(ctx context.Context, g security.Grace) error {
	_, err := sqldb.Exec(ctx, w.tx, `INSERT INTO security_grace (id, agency, system, version, doc) VALUES ($1, $2, $3, 1, $4)
		ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`, g.ID, g.Agency, g.System, sqldb.JSON[security.Grace]{V: g})
	return err
}

// Hold keeps whoever else holds the same system waiting until the transaction ends.
func Hold(ctx context.Context, tx *sqldb.Tx, of security.Of) error {
	_, err := sqldb.Exec(ctx, tx, `UPDATE security_record SET version = version WHERE agency = $1 AND system = $2`, of.Agency, of.System)
	return err
}

// Note writes a line of the audit log.
func (w writer) Note(ctx context.Context, a security.Act) error {
	return audit.Record(ctx, w.tx, audit.Entry{
		At: a.At, Who: audit.Who{Actor: a.By}, Action: a.Action, Subject: audit.Subject{Type: a.Kind, ID: a.ID}, Details: a.Details,
	})
}
