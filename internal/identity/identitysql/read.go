package identitysql

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/sqldb"
)

// reader reads through a database or a transaction.
type reader struct{ q sqldb.Queryer }

// one reads the document of a row.
func one[T any](ctx context.Context, r reader, query string, args ...any) (v T, err error) {
	doc, err := sqldb.One[string](ctx, r.q, query, args...)
	if errors.Is(err, sqldb.ErrNone) {
		return v, identity.ErrUnknown
	}
	if err != nil {
		return v, err
	}
	return decoded[T](doc)
}

// many reads the documents of rows.
func many[T any](ctx context.Context, r reader, query string, args ...any) ([]T, error) {
	docs, err := sqldb.All[string](ctx, r.q, query, args...)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(docs))
	for i, doc := range docs {
		if out[i], err = decoded[T](doc); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func decoded[T any](doc string) (v T, err error) {
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		return v, fmt.Errorf("read %T: %w", v, err)
	}
	return v, nil
}

// accountRow is a row of identity_account.
type accountRow struct {
	ID      string                 `db:"id"`
	Kind    string                 `db:"kind"`
	Number  string                 `db:"number"`
	Level   int64                  `db:"level"`
	State   string                 `db:"state"`
	Version int64                  `db:"version"`
	Doc     sqldb.JSON[accountDoc] `db:"doc"`
}

const accountColumns = `id, kind, number, level, state, version, doc`

// accountDoc is what no list asks for.
type accountDoc struct {
	LevelAt    time.Time            `json:"level_at,omitzero"`
	StateWhy   string               `json:"state_why,omitempty"`
	ByHolder   bool                 `json:"by_holder,omitempty"`
	Attributes []identity.Attribute `json:"attributes,omitempty"`
	Person     int64                `json:"person,omitempty"`
	Merged     string               `json:"merged,omitempty"`
	CreatedAt  time.Time            `json:"created_at"`
	UpdatedAt  time.Time            `json:"updated_at"`
}

func (r *accountRow) account() identity.Account {
	d := r.Doc.V
	return identity.Account{
		ID: r.ID, Holder: identity.NewHolder(identity.Kind(r.Kind), r.Number), Level: identity.Level(r.Level), State: identity.State(r.State),
		Version: r.Version, LevelAt: d.LevelAt, StateWhy: d.StateWhy, ByHolder: d.ByHolder, Attributes: d.Attributes, Person: d.Person,
		Merged: d.Merged, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt,
	}
}

// Account is an account by its id.
func (r reader) Account(ctx context.Context, id string) (identity.Account, error) {
	a, ok, err := r.account(ctx, `SELECT `+accountColumns+` FROM identity_account WHERE id = $1`, id)
	if err == nil && !ok {
		err = identity.ErrUnknown
	}
	return a, err
}

// ByHolder is the account of a holder.
func (r reader) ByHolder(ctx context.Context, h identity.Holder) (identity.Account, bool, error) {
	return r.account(ctx, `SELECT `+accountColumns+` FROM identity_account WHERE kind = $1 AND number = $2`, string(h.Kind), h.Reveal())
}

func (r reader) account(ctx context.Context, query string, args ...any) (identity.Account, bool, error) {
	row, err := sqldb.One[accountRow](ctx, r.q, query, args...)
	if errors.Is(err, sqldb.ErrNone) {
		return identity.Account{}, false, nil
	}
	if err != nil {
		return identity.Account{}, false, err
	}
	return row.account(), true, nil
}

// Proofings are those of an account, the oldest first.
func (r reader) Proofings(ctx context.Context, account string) ([]identity.Proofing, error) {
	return many[identity.Proofing](ctx, r, `SELECT doc FROM identity_proofing WHERE account = $1 ORDER BY id`, account)
}

// Secrets are those of an account.
func (r reader) Secrets(ctx context.Context, account string) (identity.Secrets, error) {
	s, err := one[identity.Secrets](ctx, r, `SELECT doc FROM identity_secrets WHERE id = $1`, account)
	if errors.Is(err, identity.ErrUnknown) {
		return identity.Secrets{Account: account}, nil
	}
	return s, err
}

// Device is a device by its id.
func (r reader) Device(ctx context.Context, id string) (identity.Device, error) {
	return one[identity.Device](ctx, r, `SELECT doc FROM identity_device WHERE id = $1`, id)
}

// DeviceByKey is the device with a key.
func (r reader) DeviceByKey(ctx context.Context, key []byte) (identity.Device, error) {
	if len(key) == 0 {
		return identity.Device{}, identity.ErrUnknown
	}
	return one[identity.Device](ctx, r, `SELECT doc FROM identity_device WHERE key = $1`, key)
}

// Devices are all of an account.
func (r reader) Devices(ctx context.Context, account string) ([]identity.Device, error) {
	return many[identity.Device](ctx, r, `SELECT doc FROM identity_device WHERE account = $1 ORDER BY added_at DESC, id DESC`, account)
}

// Session is a session by its id.
func (r reader) Session(ctx context.Context, id string) (identity.Session, error) {
	return one[identity.Session](ctx, r, `SELECT doc FROM identity_session WHERE id = $1`, id)
}

// SessionByToken is the session of a cookie.
func (r reader) SessionByToken(ctx context.Context, token string) (identity.Session, error) {
	if token == "" {
		return identity.Session{}, identity.ErrUnknown
	}
	return one[identity.Session](ctx, r, `SELECT doc FROM identity_session WHERE token = $1`, token)
}

// Sessions are those of an account that go on.
func (r reader) Sessions(ctx context.Context, account string, at time.Time) ([]identity.Session, error) {
	return many[identity.Session](ctx, r, `SELECT doc FROM identity_session WHERE account = $1 AND ended_at IS NULL AND expires_at > $2
		ORDER BY created_at DESC, id DESC`, account, micro(at))
}

// Delegation is a delegation by its id.
func (r reader) Delegation(ctx context.Context, id string) (identity.Delegation, error) {
	return one[identity.Delegation](ctx, r, `SELECT doc FROM identity_delegation WHERE id = $1`, id)
}

// ActingFor are those by which an account acts.
func (r reader) ActingFor(ctx context.Context, by string) ([]identity.Delegation, error) {
	return many[identity.Delegation](ctx, r, `SELECT doc FROM identity_delegation WHERE by_account = $1 ORDER BY created_at DESC, id DESC`, by)
}

// ActedFor are those by which others act for an account.
func (r reader) ActedFor(ctx context.Context, account string) ([]identity.Delegation, error) {
	return many[identity.Delegation](ctx, r,
		`SELECT doc FROM identity_delegation WHERE for_account = $1 ORDER BY created_at DESC, id DESC`, account)
}

// DelegationsOver are those whose term ended.
func (r reader) DelegationsOver(ctx context.Context, at time.Time, limit int) ([]identity.Delegation, error) {
	return many[identity.Delegation](ctx, r, `SELECT doc FROM identity_delegation WHERE ended_at IS NULL AND until <= $1
		ORDER BY until, id LIMIT $2`, micro(at), limit)
}

// clientDoc is a client with what its registration does not show.
type clientDoc struct {
	identity.Client
	Secret     string    `json:"secret,omitempty"`
	Version    int64     `json:"version"`
	CreatedAt  time.Time `json:"created_at"`
	ApprovedBy string    `json:"approved_by,omitempty"`
}

func (d clientDoc) client() identity.Client {
	c := d.Client
	c.Secret, c.Version, c.CreatedAt, c.ApprovedBy = d.Secret, d.Version, d.CreatedAt, d.ApprovedBy
	return c
}

// Client is a client by its id.
func (r reader) Client(ctx context.Context, id string) (identity.Client, error) {
	d, err := one[clientDoc](ctx, r, `SELECT doc FROM identity_client WHERE id = $1`, id)
	return d.client(), err
}

// Clients are those of an owner.
func (r reader) Clients(ctx context.Context, owner string) ([]identity.Client, error) {
	var a sqldb.Args
	query := `SELECT doc FROM identity_client`
	if owner != "" {
		query += ` WHERE owner = ` + a.Add(owner)
	}
	docs, err := many[clientDoc](ctx, r, query+` ORDER BY name, id`, a.Values()...)
	out := make([]identity.Client, len(docs))
	for i, d := range docs {
		out[i] = d.client()
	}
	return out, err
}

// Consents are those of an account.
func (r reader) Consents(ctx context.Context, account string) ([]identity.Consent, error) {
	return many[identity.Consent](ctx, r, `SELECT doc FROM identity_consent WHERE account = $1 ORDER BY at DESC, id DESC`, account)
}

// Request is a request by its id.
func (r reader) Request(ctx context.Context, id string) (identity.Request, error) {
	return one[identity.Request](ctx, r, `SELECT doc FROM identity_request WHERE id = $1`, id)
}

// RequestByURI is the pushed request with an address.
func (r reader) RequestByURI(ctx context.Context, hash string) (identity.Request, error) {
	return one[identity.Request](ctx, r, `SELECT doc FROM identity_request WHERE uri = $1 AND uri <> ''`, hash)
}

// RequestByCode is the request that was answered with a code.
func (r reader) RequestByCode(ctx context.Context, hash string) (identity.Request, error) {
	return one[identity.Request](ctx, r, `SELECT doc FROM identity_request WHERE code = $1 AND code <> ''`, hash)
}

// Grant is a grant by its id.
func (r reader) Grant(ctx context.Context, id string) (identity.Grant, error) {
	return one[identity.Grant](ctx, r, `SELECT doc FROM identity_grant WHERE id = $1`, id)
}

// GrantByRefresh is the grant of a refresh token: of the valid one, which is asked for nearly
// always, or of the one before.
func (r reader) GrantByRefresh(ctx context.Context, hash string) (identity.Grant, error) {
	g, err := one[identity.Grant](ctx, r, `SELECT doc FROM identity_grant WHERE refresh = $1 AND refresh <> ''`, hash)
	if errors.Is(err, identity.ErrUnknown) {
		g, err = one[identity.Grant](ctx, r, `SELECT doc FROM identity_grant WHERE before = $1 AND before <> ''`, hash)
	}
	return g, err
}

// Grants are those that a filter means.
func (r reader) Grants(ctx context.Context, f identity.GrantFilter) ([]identity.Grant, error) {
	var a sqldb.Args
	query := `SELECT doc FROM identity_grant WHERE 1 = 1`
	if f.Account != "" {
		query += ` AND account <> '' AND account = ` + a.Add(f.Account)
	}
	if f.For != "" {
		query += ` AND for_account <> '' AND for_account = ` + a.Add(f.For)
	}
	if f.Client != "" {
		query += ` AND client = ` + a.Add(f.Client)
	}
	if f.Session != "" {
		query += ` AND session <> '' AND session = ` + a.Add(f.Session)
	}
	if !f.At.IsZero() {
		query += ` AND ended_at IS NULL AND expires_at > ` + a.Add(f.At)
	}
	return many[identity.Grant](ctx, r, query+` ORDER BY created_at DESC, id DESC`, a.Values()...)
}

// theRing is the id of the one row of identity_ring.
const theRing = "ring"

// Ring is what the provider signs with.
func (r reader) Ring(ctx context.Context) (sealed []byte, version int64, err error) {
	type row struct {
		Version int64  `db:"version"`
		Sealed  []byte `db:"sealed"`
	}
	rows, err := sqldb.All[row](ctx, r.q, `SELECT version, sealed FROM identity_ring WHERE id = $1`, theRing)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	return rows[0].Sealed, rows[0].Version, nil
}

// entryRow is a row of identity_entry.
type entryRow struct {
	Seq     int64     `db:"seq"`
	Account string    `db:"account"`
	At      time.Time `db:"at"`
	What    string    `db:"what"`
	By      string    `db:"by_actor"`
	For     string    `db:"for_account"`
	Client  string    `db:"client"`
	Device  string    `db:"device"`
	Address string    `db:"address"`
	Args    string    `db:"args"`
	State   string    `db:"state"`
	Sum     []byte    `db:"sum"`
}

const entryColumns = `seq, account, at, what, by_actor, for_account, client, device, address, args, state, sum`

func (r *entryRow) entry() (identity.Entry, error) {
	by, err := decoded[actor.Actor](r.By)
	if err != nil {
		return identity.Entry{}, err
	}
	args, err := decoded[map[string]string](r.Args)
	return identity.Entry{
		Seq: r.Seq, Account: r.Account, At: r.At, What: r.What, By: by, For: r.For, Client: r.Client, Device: r.Device, Address: r.Address,
		Args: args, State: r.State, Hash: hex.EncodeToString(r.Sum),
	}, err
}

// Entries are those of an account, the youngest first.
func (r reader) Entries(ctx context.Context, account string, before int64, limit int) ([]identity.Entry, error) {
	type pair struct {
		entryRow
		Before []byte `db:"before"`
	}
	var a sqldb.Args
	query := `SELECT e.seq, e.account, e.at, e.what, e.by_actor, e.for_account, e.client, e.device, e.address, e.args, e.state, e.sum, b.sum AS before
		FROM identity_entry e LEFT JOIN identity_entry b ON b.seq = e.seq - 1 WHERE e.account = ` + a.Add(account)
	if before != 0 {
		query += ` AND e.seq < ` + a.Add(before)
	}
	rows, err := sqldb.All[pair](ctx, r.q, query+` ORDER BY e.seq DESC LIMIT `+a.Add(limit), a.Values()...)
	if err != nil {
		return nil, err
	}
	out := make([]identity.Entry, len(rows))
	for i := range rows {
		if out[i], err = rows[i].entry(); err != nil {
			return nil, err
		}
		out[i].Before = hex.EncodeToString(rows[i].Before)
	}
	return out, nil
}

// Recovery is a way back by its id.
func (r reader) Recovery(ctx context.Context, id string) (identity.Recovery, error) {
	return one[identity.Recovery](ctx, r, `SELECT doc FROM identity_recovery WHERE id = $1`, id)
}

// Recoveries are those of an account.
func (r reader) Recoveries(ctx context.Context, account string) ([]identity.Recovery, error) {
	return many[identity.Recovery](ctx, r, `SELECT doc FROM identity_recovery WHERE account = $1 ORDER BY asked_at DESC, id DESC`, account)
}

// Challenge is a challenge by its id.
func (r reader) Challenge(ctx context.Context, id string) (identity.Challenge, error) {
	return one[identity.Challenge](ctx, r, `SELECT doc FROM identity_challenge WHERE id = $1`, id)
}

// Places counts accounts of citizens by commune.
func (r reader) Places(ctx context.Context) ([]identity.PlaceCount, error) {
	type count struct {
		Commune string `db:"commune"`
		Level   int64  `db:"level"`
		State   string `db:"state"`
		N       int64  `db:"n"`
	}
	rows, err := sqldb.All[count](ctx, r.q, `SELECT COALESCE(p.commune, '') AS commune, a.level, a.state, COUNT(*) AS n
		FROM identity_account a LEFT JOIN identity_place p ON p.id = a.id WHERE a.kind = $1
		GROUP BY COALESCE(p.commune, ''), a.level, a.state ORDER BY 1, 2, 3`, string(identity.Citizen))
	out := make([]identity.PlaceCount, len(rows))
	for i, c := range rows {
		out[i] = identity.PlaceCount{Commune: c.Commune, Level: identity.Level(c.Level), State: identity.State(c.State), N: int(c.N)}
	}
	return out, err
}

// Counts counts accounts.
func (r reader) Counts(ctx context.Context) ([]identity.Count, error) {
	type count struct {
		Kind  string `db:"kind"`
		Level int64  `db:"level"`
		State string `db:"state"`
		N     int64  `db:"n"`
	}
	rows, err := sqldb.All[count](ctx, r.q, `SELECT kind, level, state, COUNT(*) AS n FROM identity_account
		GROUP BY kind, level, state ORDER BY kind, level, state`)
	out := make([]identity.Count, len(rows))
	for i, c := range rows {
		out[i] = identity.Count{Kind: identity.Kind(c.Kind), Level: identity.Level(c.Level), State: identity.State(c.State), N: int(c.N)}
	}
	return out, err
}
