// Package centresql keeps the register of the exchange's centre in a database:
// who takes part, applications, tokens, certificates, configurations, and what
// gateways report. It decides nothing; exchange.Centre does.
package centresql

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "centre", files)
}

// Store is the register in a database. It implements exchange.CentreStore.
type Store struct {
	reader
	db *sqldb.DB
}

// New makes the store on a migrated database.
func New(db *sqldb.DB) *Store { return &Store{reader{db}, db} }

// InTx runs f in one transaction.
func (s *Store) InTx(ctx context.Context, f func(tx centre.Tx) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return f(writer{reader{tx}}) })
}

// reader reads through a database or a transaction.
type reader struct{ q sqldb.Queryer }

// writer is a transaction.
type writer struct{ reader }

var _ centre.Store = (*Store)(nil)

// one reads a row that may be missing.
func one[T any](ctx context.Context, q sqldb.Queryer, query string, args ...any) (row T, ok bool, err error) {
	row, err = sqldb.One[T](ctx, q, query, args...)
	if errors.Is(err, sqldb.ErrNone) {
		return row, false, nil
	}
	return row, err == nil, err
}

// each turns rows into values.
func each[R interface{ value() V }, V any](rows []R, err error) ([]V, error) {
	out := make([]V, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, err
}

// null stores the zero time as NULL.
func null(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

// detail is what differs by the kind of an entry.
type detail struct {
	Address    string              `json:"address,omitempty"`
	Subsystems []xroad.ID          `json:"subsystems,omitempty"`
	Type       string              `json:"type,omitempty"`
	Endpoints  []exchange.Endpoint `json:"endpoints,omitempty"`
	Members    []xroad.ID          `json:"members,omitempty"`
}

type entryRow struct {
	Kind      string             `db:"kind"`
	Key       string             `db:"key"`
	Member    string             `db:"member"`
	Name      string             `db:"name"`
	State     string             `db:"state"`
	Reason    string             `db:"reason"`
	Version   int64              `db:"version"`
	Doc       sqldb.JSON[detail] `db:"doc"`
	OpenAPI   []byte             `db:"openapi"`
	ChangedBy string             `db:"changed_by"`
	ChangedAt time.Time          `db:"changed_at"`
}

func id(s string) (out xroad.ID) {
	_ = out.UnmarshalText([]byte(s)) // we wrote it
	return out
}

func (r entryRow) value() exchange.Entry {
	d := r.Doc.V
	return exchange.Entry{
		Kind: exchange.EntryKind(r.Kind), Key: r.Key, Member: id(r.Member), Name: r.Name, State: exchange.EntryState(r.State), Reason: r.Reason,
		Version: r.Version, ChangedBy: r.ChangedBy, ChangedAt: r.ChangedAt, OpenAPI: r.OpenAPI,
		Address: d.Address, Subsystems: d.Subsystems, Type: d.Type, Endpoints: d.Endpoints, Members: d.Members,
	}
}

func (r reader) Entries(ctx context.Context, kind exchange.EntryKind) ([]exchange.Entry, error) {
	return each(sqldb.All[entryRow](ctx, r.q, `
		SELECT kind, key, member, name, state, reason, version, doc, changed_by, changed_at FROM centre_entry
		WHERE CAST($1 AS TEXT) = '' OR kind = $1 ORDER BY kind, key`, string(kind)))
}

func (r reader) Entry(ctx context.Context, kind exchange.EntryKind, key string) (exchange.Entry, bool, error) {
	row, ok, err := one[entryRow](ctx, r.q, `
		SELECT kind, key, member, name, state, reason, version, doc, openapi, changed_by, changed_at FROM centre_entry
		WHERE kind = $1 AND key = $2`, string(kind), key)
	return row.value(), ok, err
}

func (w writer) SaveEntry(ctx context.Context, e exchange.Entry) error {
	doc := sqldb.JSON[detail]{V: detail{e.Address, e.Subsystems, e.Type, e.Endpoints, e.Members}}
	args := []any{
		string(e.Kind), e.Key, e.Member.String(), e.Name, string(e.State), e.Reason, e.Version + 1, doc, e.OpenAPI, e.ChangedBy,
		e.ChangedAt.UTC(),
	}
	query := `
		INSERT INTO centre_entry (kind, key, member, name, state, reason, version, doc, openapi, changed_by, changed_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT (kind, key) DO NOTHING`
	if e.Version > 0 {
		query = `
			UPDATE centre_entry SET member = $3, name = $4, state = $5, reason = $6, version = $7,
				doc = $8, openapi = $9, changed_by = $10, changed_at = $11
			WHERE kind = $1 AND key = $2 AND version = $12`
		args = append(args, e.Version)
	}
	n, err := sqldb.Exec(ctx, w.q, query, args...)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "exchange.entry.changed", fault.Args{"key": e.Key})
	}
	return err
}

// application is what is stored of one as a document.
type application struct {
	Withdraw  bool           `json:"withdraw,omitempty"`
	Entry     exchange.Entry `json:"entry"`
	Note      string         `json:"note,omitempty"`
	Reason    string         `json:"reason,omitempty"`
	DecidedBy string         `json:"decided_by,omitempty"`
	DecidedAt time.Time      `json:"decided_at,omitzero"`
}

type applicationRow struct {
	ID      string                  `db:"id"`
	Gateway string                  `db:"gateway"`
	State   string                  `db:"state"`
	Doc     sqldb.JSON[application] `db:"doc"`
	OpenAPI []byte                  `db:"openapi"`
	At      time.Time               `db:"created_at"`
}

func (r applicationRow) value() exchange.Application {
	d := r.Doc.V
	d.Entry.OpenAPI = r.OpenAPI
	return exchange.Application{
		ID: r.ID, Gateway: r.Gateway, Withdraw: d.Withdraw, Entry: d.Entry, Note: d.Note, At: r.At,
		State: exchange.ApplicationState(r.State), Reason: d.Reason, DecidedBy: d.DecidedBy, DecidedAt: d.DecidedAt,
	}
}

func (r reader) Applications(ctx context.Context, state exchange.ApplicationState, limit int) ([]exchange.Application, error) {
	return each(sqldb.All[applicationRow](ctx, r.q, `
		SELECT id, gateway, state, doc, created_at FROM centre_application WHERE state = $1 ORDER BY created_at, id LIMIT $2`,
		string(state), limit))
}

func (r reader) Application(ctx context.Context, id string) (exchange.Application, bool, error) {
	row, ok, err := one[applicationRow](
		ctx, r.q, `SELECT id, gateway, state, doc, openapi, created_at FROM centre_application WHERE id = $1`, id,
	)
	return row.value(), ok, err
}

func (w writer) SaveApplication(ctx context.Context, a exchange.Application) error {
	d := application{a.Withdraw, a.Entry, a.Note, a.Reason, a.DecidedBy, a.DecidedAt}
	d.Entry.OpenAPI = nil
	_, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO centre_application (id, gateway, state, doc, openapi, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, doc = excluded.doc`,
		a.ID, a.Gateway, string(a.State), sqldb.JSON[application]{V: d}, a.Entry.OpenAPI, a.At.UTC())
	return err
}

func (w writer) Turn(ctx context.Context) (int64, error) {
	return sqldb.One[int64](ctx, w.q, `UPDATE centre_turn SET serial = serial + 1 WHERE id = 1 RETURNING serial`)
}

func (w writer) PassSerial(ctx context.Context, serial int64) error {
	_, err := sqldb.Exec(ctx, w.q, `UPDATE centre_turn SET serial = $1 WHERE id = 1 AND serial < $1`, serial)
	return err
}

func (w writer) Note(ctx context.Context, a centre.Act) error {
	e := audit.Entry{
		At: a.At, Action: "exchange." + a.Action, Subject: audit.Subject{Type: a.Subject, ID: a.Key}, Details: a.Details,
		Who: audit.Who{Actor: a.By},
	}
	if audit.From(ctx).Account == a.By.Account {
		e.Who = audit.Who{} // the context knows more
	}
	return audit.Record(ctx, w.q, e)
}
