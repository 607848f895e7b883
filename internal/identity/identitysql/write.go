package identitysql

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"dean06/internal/identity"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

// writer is a transaction.
type writer struct {
	reader
	saved map[string]string // account → its digest, until an entry tells of it
}

var _ identity.Tx = (*writer)(nil)

// cell is a column and what it is to hold.
type cell struct {
	column string
	value  any
}

// insert adds a row unless there is one with a key of it; tail says what happens then.
func (w *writer) insert(ctx context.Context, table, tail string, cells ...cell) error {
	var a sqldb.Args
	names, values := make([]string, len(cells)), make([]string, len(cells))
	for i, c := range cells {
		names[i], values[i] = c.column, a.Add(c.value)
	}
	return w.changed(ctx, table, `INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(values, ", ")+`)
		ON CONFLICT `+tail, a)
}

// update changes the row of an id, where it also is as the conditions say.
func (w *writer) update(ctx context.Context, table string, cells []cell, where ...cell) error {
	var a sqldb.Args
	set := make([]string, len(cells))
	for i, c := range cells {
		set[i] = c.column + " = " + a.Add(c.value)
	}
	conditions := make([]string, len(where))
	for i, c := range where {
		conditions[i] = c.column + " = " + a.Add(c.value)
	}
	return w.changed(ctx, table, `UPDATE `+table+` SET `+strings.Join(set, ", ")+` WHERE `+strings.Join(conditions, " AND "), a)
}

// changed runs a statement that is to change one row.
func (w *writer) changed(ctx context.Context, table, query string, a sqldb.Args) error {
	n, err := sqldb.Exec(ctx, w.q, query, a.Values()...)
	switch {
	case sqldb.IsDuplicate(err):
		return identity.ErrChanged
	case err != nil:
		return fmt.Errorf("write %s: %w", table, err)
	case n == 0:
		return identity.ErrChanged
	}
	return nil
}

// versioned writes a row whose stored version is was, and counts it on.
func (w *writer) versioned(ctx context.Context, table, id string, was int64, cells ...cell) error {
	cells = append(cells, cell{"version", was + 1})
	if was == 0 {
		return w.insert(ctx, table, "DO NOTHING", append(cells, cell{"id", id})...)
	}
	return w.update(ctx, table, cells, cell{"id", id}, cell{"version", was})
}

// upsert writes a row of an id; where it is there, only if it fits what is to be written.
func (w *writer) upsert(ctx context.Context, table, id, fits string, cells ...cell) error {
	set := make([]string, len(cells))
	for i, c := range cells {
		set[i] = c.column + " = excluded." + c.column
	}
	return w.insert(ctx, table, `(id) DO UPDATE SET `+strings.Join(set, ", ")+` WHERE `+fits, append(cells, cell{"id", id})...)
}

// doc is the column with all of a value.
func doc(v any) (cell, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return cell{}, fmt.Errorf("write %T: %w", v, err)
	}
	return cell{"doc", string(raw)}, nil
}

// SaveAccount writes an account.
func (w *writer) SaveAccount(ctx context.Context, a identity.Account) error {
	was := a.Version
	a.Version++
	d, err := doc(accountDoc{
		LevelAt: a.LevelAt, StateWhy: a.StateWhy, ByHolder: a.ByHolder, Attributes: a.Attributes, Person: a.Person, Merged: a.Merged,
		CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
	})
	if err != nil {
		return err
	}
	err = w.versioned(ctx, "identity_account", a.ID, was, cell{"kind", string(a.Holder.Kind)}, cell{"number", a.Holder.Reveal()},
		cell{"level", int64(a.Level)}, cell{"state", string(a.State)}, d)
	if err != nil {
		return err
	}
	w.saved[a.ID] = a.Sum()
	return nil
}

// SavePlace keeps in which commune a holder lives.
func (w *writer) SavePlace(ctx context.Context, account, commune string) error {
	return w.upsert(ctx, "identity_place", account, "TRUE", cell{"commune", commune})
}

// AddProofing adds how a holder was identified.
func (w *writer) AddProofing(ctx context.Context, p identity.Proofing) error {
	d, err := doc(p)
	if err != nil {
		return err
	}
	return w.insert(ctx, "identity_proofing", "DO NOTHING", cell{"id", p.ID}, cell{"account", p.Account}, d)
}

// SaveSecrets writes what a holder shows.
func (w *writer) SaveSecrets(ctx context.Context, s identity.Secrets) error {
	was := s.Version
	s.Version++
	d, err := doc(s)
	if err != nil {
		return err
	}
	return w.versioned(ctx, "identity_secrets", s.Account, was, d)
}

// SaveDevice writes a device.
func (w *writer) SaveDevice(ctx context.Context, v identity.Device) error {
	d, err := doc(v)
	if err != nil {
		return err
	}
	return w.upsert(ctx, "identity_device", v.ID, `identity_device.account = excluded.account AND identity_device.key = excluded.key
		AND (identity_device.closed_at IS NULL OR identity_device.closed_at = excluded.closed_at)`,
		cell{"account", v.Account}, cell{"key", v.Key}, cell{"added_at", moment(v.AddedAt)}, cell{"closed_at", moment(v.ClosedAt)}, d)
}

// SaveSession writes a session.
func (w *writer) SaveSession(ctx context.Context, s identity.Session) error {
	d, err := doc(s)
	if err != nil {
		return err
	}
	return w.upsert(ctx, "identity_session", s.ID, `identity_session.account = excluded.account
		AND (identity_session.ended_at IS NULL OR identity_session.ended_at = excluded.ended_at)`,
		cell{"token", s.Token}, cell{"account", s.Account}, cell{"created_at", moment(s.CreatedAt)}, cell{"expires_at", moment(s.ExpiresAt)},
		cell{"ended_at", moment(s.EndedAt)}, cell{"over_at", over(s.EndedAt, s.ExpiresAt)}, d)
}

// SaveDelegation writes a delegation.
func (w *writer) SaveDelegation(ctx context.Context, v identity.Delegation) error {
	was := v.Version
	v.Version++
	d, err := doc(v)
	if err != nil {
		return err
	}
	return w.versioned(ctx, "identity_delegation", v.ID, was, cell{"for_account", v.For}, cell{"by_account", v.By},
		cell{"created_at", moment(v.CreatedAt)}, cell{"until", moment(v.Until)}, cell{"ended_at", moment(v.EndedAt)}, d)
}

// SaveClient writes a client.
func (w *writer) SaveClient(ctx context.Context, c identity.Client) error {
	was := c.Version
	d, err := doc(clientDoc{Client: c, Secret: c.Secret, Version: was + 1, CreatedAt: c.CreatedAt, ApprovedBy: c.ApprovedBy})
	if err != nil {
		return err
	}
	return w.versioned(ctx, "identity_client", c.ID, was, cell{"owner", c.Owner}, cell{"name", c.Name.Vi}, d)
}

// SaveConsent writes a consent.
func (w *writer) SaveConsent(ctx context.Context, c identity.Consent) error {
	d, err := doc(c)
	if err != nil {
		return err
	}
	return w.upsert(ctx, "identity_consent", c.ID, `identity_consent.account = excluded.account
		AND (identity_consent.ended_at IS NULL OR identity_consent.ended_at = excluded.ended_at)`,
		cell{"account", c.Account}, cell{"at", moment(c.At)}, cell{"ended_at", moment(c.EndedAt)}, d)
}

func requestCells(r identity.Request) ([]cell, error) {
	d, err := doc(r)
	return []cell{{"state", string(r.State)}, {"uri", r.URI}, {"code", r.Code}, {"expires_at", moment(r.ExpiresAt)}, d}, err
}

// AddRequest adds a request.
func (w *writer) AddRequest(ctx context.Context, r identity.Request) error {
	cells, err := requestCells(r)
	if err != nil {
		return err
	}
	return w.insert(ctx, "identity_request", "DO NOTHING", append(cells, cell{"id", r.ID})...)
}

// MoveRequest writes a request that was in a state.
func (w *writer) MoveRequest(ctx context.Context, r identity.Request, from identity.RequestState) error {
	cells, err := requestCells(r)
	if err != nil {
		return err
	}
	return w.update(ctx, "identity_request", cells, cell{"id", r.ID}, cell{"state", string(from)})
}

func grantCells(g identity.Grant) ([]cell, error) {
	d, err := doc(g)
	return []cell{
		{"account", g.Account},
		{"for_account", g.For},
		{"client", g.Client},
		{"session", g.Session},
		{"refresh", g.Refresh},
		{"before", g.Before},
		{"created_at", moment(g.CreatedAt)},
		{"expires_at", moment(g.ExpiresAt)},
		{"ended_at", moment(g.EndedAt)},
		{"over_at", over(g.EndedAt, g.ExpiresAt)},
		d,
	}, err
}

// AddGrant adds a grant.
func (w *writer) AddGrant(ctx context.Context, g identity.Grant) error {
	cells, err := grantCells(g)
	if err != nil {
		return err
	}
	return w.insert(ctx, "identity_grant", "DO NOTHING", append(cells, cell{"id", g.ID})...)
}

// MoveGrant writes a grant whose valid refresh token was refresh.
func (w *writer) MoveGrant(ctx context.Context, g identity.Grant, refresh string) error {
	cells, err := grantCells(g)
	if err != nil {
		return err
	}
	var a sqldb.Args
	set := make([]string, len(cells))
	for i, c := range cells {
		set[i] = c.column + " = " + a.Add(c.value)
	}
	return w.changed(ctx, "identity_grant", `UPDATE identity_grant SET `+strings.Join(set, ", ")+
		` WHERE id = `+a.Add(g.ID)+` AND refresh = `+a.Add(refresh)+` AND ended_at IS NULL`, a)
}

// AddEntry appends to the chain. Other writers wait from here.
func (w *writer) AddEntry(ctx context.Context, e identity.Entry) error {
	end, err := ledgersql.Next(ctx, w.q, ends, EntryChain, 1)
	if err != nil {
		return err
	}
	e.At = micro(e.At)
	e.Seq, e.State, e.Before = end.Seq+1, w.saved[e.Account], hex.EncodeToString(end.Sum)
	delete(w.saved, e.Account)
	sum, err := e.Sum()
	if err != nil {
		return fmt.Errorf("log identities: %w", err)
	}
	row := entryRow{
		Seq: e.Seq, Account: e.Account, At: e.At, What: e.What, For: e.For, Client: e.Client, Device: e.Device, Address: e.Address, State: e.State,
	}
	by, err := json.Marshal(e.By)
	if err != nil {
		return err
	}
	args, err := json.Marshal(e.Args)
	if err != nil {
		return err
	}
	row.By, row.Args = string(by), string(args)
	if row.Sum, err = hex.DecodeString(sum); err != nil {
		return err
	}
	if err := sqldb.Insert(ctx, w.q, "identity_entry", row); err != nil {
		return err
	}
	if err := ledgersql.Ends(ctx, w.q, ends, EntryChain, row.Sum); err != nil {
		return err
	}
	if e.By.Via == actor.OIDC || e.By.Via == actor.System || strings.HasPrefix(e.By.Account, "client:") {
		return nil // holders, services and the program are in this log alone
	}
	return audit.Record(ctx, w.q, audit.Entry{
		At: e.At, Who: audit.Who{Actor: e.By}, Action: Action, Subject: audit.Subject{Type: "identity", ID: e.Account}, Purpose: e.Args["purpose"],
		Details: map[string]string{"what": e.What, "reason": e.Args["reason"]},
	})
}

// Action is what officers leave in the audit log: which account, which step, and why.
const Action = "identity.act"

// SaveRing writes what the provider signs with.
func (w *writer) SaveRing(ctx context.Context, sealed []byte, version int64) error {
	return w.versioned(ctx, "identity_ring", theRing, version, cell{"sealed", sealed})
}

// SaveRecovery writes a way back.
func (w *writer) SaveRecovery(ctx context.Context, r identity.Recovery) error {
	was := r.Version
	r.Version++
	d, err := doc(r)
	if err != nil {
		return err
	}
	return w.versioned(ctx, "identity_recovery", r.ID, was, cell{"account", r.Account}, cell{"asked_at", moment(r.AskedAt)},
		cell{"over_at", over(r.DoneAt, r.StopAt)}, d)
}

// SaveChallenge writes a challenge.
func (w *writer) SaveChallenge(ctx context.Context, c identity.Challenge) error {
	was := c.Version
	c.Version++
	d, err := doc(c)
	if err != nil {
		return err
	}
	return w.versioned(ctx, "identity_challenge", c.ID, was, cell{"expires_at", moment(c.ExpiresAt)}, d)
}

// Once notes that something was used.
func (w *writer) Once(ctx context.Context, key string, until time.Time) error {
	err := w.insert(ctx, "identity_once", "DO NOTHING", cell{"name", key}, cell{"until", micro(until)})
	if errors.Is(err, identity.ErrChanged) {
		return identity.ErrAgain
	}
	return err
}

// Count counts a failure.
func (w *writer) Count(ctx context.Context, key string, at time.Time, within time.Duration) (int, error) {
	n, err := sqldb.One[int64](ctx, w.q, `INSERT INTO identity_failure (name, n, last_at, until) VALUES ($1, 1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET last_at = excluded.last_at,
			n = CASE WHEN identity_failure.until <= excluded.last_at THEN 1 ELSE identity_failure.n + 1 END,
			until = CASE WHEN identity_failure.until <= excluded.last_at THEN excluded.until ELSE identity_failure.until END
		RETURNING n`, key, micro(at), micro(at.Add(within)))
	return int(n), err
}

// Failures are how many were counted.
func (w *writer) Failures(ctx context.Context, key string, since time.Time) (int, time.Time, error) {
	type failures struct {
		N    int64     `db:"n"`
		Last time.Time `db:"last_at"`
	}
	f, err := sqldb.One[failures](ctx, w.q, `SELECT n, last_at FROM identity_failure WHERE name = $1 AND last_at >= $2`, key, micro(since))
	if errors.Is(err, sqldb.ErrNone) {
		return 0, time.Time{}, nil
	}
	return int(f.N), f.Last, err
}

// Forgive forgets failures.
func (w *writer) Forgive(ctx context.Context, key string) error {
	_, err := sqldb.Exec(ctx, w.q, `DELETE FROM identity_failure WHERE name = $1`, key)
	return err
}
