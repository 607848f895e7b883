// Package readinesssql keeps the readiness register in a database: forms,
// letters, returns with every version and step, batches of files, reminders.
// It decides nothing; readiness does.
package readinesssql

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"sync"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "readiness", files)
}

// Store is the register in a database. It implements readiness.Store.
type Store struct {
	reader
	db *sqldb.DB
}

// New makes the store on a migrated database.
func New(db *sqldb.DB) *Store {
	return &Store{reader: reader{q: db, templates: &sync.Map{}, campaigns: &sync.Map{}}, db: db}
}

// InTx runs f in one transaction.
func (s *Store) InTx(ctx context.Context, f func(tx readiness.Tx) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return f(&writer{reader: reader{q: tx, templates: s.templates}})
	})
}

// reader reads through a database or a transaction.
type reader struct {
	q         sqldb.Queryer
	templates *sync.Map // ref → *readiness.Template: a stored template never changes
	campaigns *sync.Map // id → readiness.Campaign: nor does a stored letter; nil in a transaction, which may be undone
}

// writer is a transaction.
type writer struct{ reader }

var _ readiness.Store = (*Store)(nil)

func (r reader) Template(ctx context.Context, ref string) (*readiness.Template, error) {
	if t, ok := r.templates.Load(ref); ok {
		return t.(*readiness.Template), nil
	}
	doc, err := sqldb.One[string](ctx, r.q, `SELECT doc FROM readiness_template WHERE ref = $1`, ref)
	if errors.Is(err, sqldb.ErrNone) {
		return nil, fault.New(fault.NotFound, "readiness.template.not_found", fault.Args{"template": ref})
	}
	if err != nil {
		return nil, err
	}
	t, err := readiness.StoredTemplate([]byte(doc))
	if err != nil {
		return nil, err
	}
	r.templates.Store(ref, t)
	return t, nil
}

func (r reader) Templates(ctx context.Context) ([]*readiness.Template, error) {
	refs, err := sqldb.All[string](ctx, r.q, `SELECT ref FROM readiness_template ORDER BY created_at DESC, ref DESC`)
	out := make([]*readiness.Template, len(refs))
	for i, ref := range refs {
		if out[i], err = r.Template(ctx, ref); err != nil {
			return nil, err
		}
	}
	return out, err
}

func (w *writer) SaveTemplate(ctx context.Context, t *readiness.Template, raw []byte, at time.Time) error {
	_, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO readiness_template (ref, doc, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (ref) DO NOTHING`, t.Ref(), string(raw), at.UTC())
	return err
}

func (r reader) Campaigns(ctx context.Context) ([]readiness.Campaign, error) {
	docs, err := sqldb.All[sqldb.JSON[readiness.Campaign]](ctx, r.q,
		`SELECT doc FROM readiness_campaign ORDER BY issued DESC, id DESC`)
	out := make([]readiness.Campaign, len(docs))
	for i, d := range docs {
		out[i] = d.V
	}
	if err != nil {
		return nil, err
	}
	return r.amid(ctx, out...)
}

func (r reader) Campaign(ctx context.Context, id string) (readiness.Campaign, error) {
	c, err := r.letter(ctx, id)
	if err != nil {
		return c, err
	}
	one, err := r.amid(ctx, c)
	if err != nil {
		return c, err
	}
	return one[0], nil
}

// letter is a campaign as it was issued.
func (r reader) letter(ctx context.Context, id string) (readiness.Campaign, error) {
	if r.campaigns != nil {
		if c, ok := r.campaigns.Load(id); ok {
			return c.(readiness.Campaign), nil
		}
	}
	doc, err := sqldb.One[sqldb.JSON[readiness.Campaign]](ctx, r.q, `SELECT doc FROM readiness_campaign WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return readiness.Campaign{}, fault.New(fault.NotFound, "readiness.campaign.not_found", fault.Args{"campaign": id})
	}
	if err == nil && r.campaigns != nil {
		r.campaigns.Store(id, doc.V)
	}
	return doc.V, err
}

func (w *writer) SaveCampaign(ctx context.Context, c readiness.Campaign, recipients []readiness.Agency, at time.Time) error {
	n, err := sqldb.Exec(ctx, w.q, `
		INSERT INTO readiness_campaign (id, doc, issued, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO NOTHING`, c.ID, sqldb.JSON[readiness.Campaign]{V: c}, c.Issued, at.UTC())
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "readiness.campaign.exists", fault.Args{"campaign": c.ID})
	}
	rows := make([]recipientRow, len(recipients))
	for i, a := range recipients {
		rows[i] = recipientRow{Campaign: c.ID, Agency: a.Code, Kind: a.Kind, Name: a.Name, At: at.UTC()}
	}
	return sqldb.Insert(ctx, w.q, "readiness_recipient", rows...)
}

type recipientRow struct {
	Campaign string    `db:"campaign"`
	Agency   string    `db:"agency"`
	Kind     string    `db:"kind"`
	Name     string    `db:"name"`
	At       time.Time `db:"created_at"`
}

func (r reader) Recipients(ctx context.Context, campaign string) ([]readiness.Agency, error) {
	rows, err := sqldb.All[recipientRow](ctx, r.q,
		`SELECT agency, kind, name FROM readiness_recipient WHERE campaign = $1 ORDER BY kind, agency`, campaign)
	out := make([]readiness.Agency, len(rows))
	for i, a := range rows {
		out[i] = readiness.Agency{Code: a.Agency, Name: a.Name, Kind: a.Kind}
	}
	return out, err
}

func toJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// Queryer gives the transaction behind tx to what must be written in it too,
// such as a letter in the outbox.
func Queryer(tx readiness.Tx) sqldb.Queryer { return tx.(*writer).q }
