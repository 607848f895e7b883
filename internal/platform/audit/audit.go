// Package audit is the log of who did what to which record.
//
// An entry is written in the transaction that does the deed, so that there is
// no deed without an entry and no entry without a deed. Each entry carries a
// hash over itself and the hash before it; Verify names the first entry that
// was changed, removed, added or moved. A checkpoint kept outside of the
// database (Head) also proves that nothing was cut off at the end.
//
// The log is for ever, so it holds no personal data beyond the name of the
// officer who acted: identifiers, codes and counts only.
package audit

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/netip"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of this package.
var Messages, _ = fs.Sub(messages, "messages")

// Migrate makes the tables.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "audit", files)
}

// Who is the person or programme that acts. Session puts it into the context of
// each request; background work puts its own.
type Who struct {
	Account   string // account id, "token:…" or "system:…"
	Name      string // the name at that moment
	Role      string // the roles held at that moment, joined by commas
	Agency    string // code of the agency acted for; empty at the centre
	RequestID string
	Address   string // remote address; only its network is kept
}

// Subject is the record acted upon.
type Subject struct {
	Type string // such as "return"
	ID   string
}

// Entry is one line of the log. Empty fields of Who are taken from the context,
// and a zero At is the present moment.
type Entry struct {
	Seq     int64 // given by the log
	At      time.Time
	Who     Who
	Action  string // stable code, such as "return.submit"
	Subject Subject
	Purpose string            // why, where a law asks for it
	Details map[string]string // identifiers and counts, never personal data
	Hash    string            // given by the log
}

type ctxKey struct{}

// With puts the one who acts into the context.
func With(ctx context.Context, who Who) context.Context {
	return context.WithValue(ctx, ctxKey{}, who)
}

// From gives the one who acts; zero when nobody was put there.
func From(ctx context.Context) Who {
	who, _ := ctx.Value(ctxKey{}).(Who)
	return who
}

// Record adds an entry. q is the caller's transaction; given a *sqldb.DB, Record
// makes one of its own. Call it late in the transaction: from then on, other
// writers of the log wait.
func Record(ctx context.Context, q sqldb.Queryer, e Entry) error {
	if db, ok := q.(*sqldb.DB); ok {
		return db.InTx(ctx, func(tx *sqldb.Tx) error { return Record(ctx, tx, e) })
	}
	r, err := rowOf(ctx, e)
	if err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	// The update holds the head row until the end of the transaction.
	head, err := sqldb.One[Checkpoint](ctx, q, `UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash`)
	if err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	r.Seq = head.Seq
	r.Hash = r.chain(head.Hash)
	if err := sqldb.Insert(ctx, q, "audit_entry", r); err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	if _, err := sqldb.Exec(ctx, q, `UPDATE audit_head SET hash = $1 WHERE id = 1`, r.Hash); err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	return nil
}

// row is an entry as it is stored; what is hashed is exactly what is stored.
type row struct {
	Seq         int64     `db:"seq"`
	At          time.Time `db:"at"`
	Actor       string    `db:"actor"`
	ActorName   string    `db:"actor_name"`
	Role        string    `db:"role"`
	Agency      string    `db:"agency"`
	Action      string    `db:"action"`
	SubjectType string    `db:"subject_type"`
	SubjectID   string    `db:"subject_id"`
	Purpose     string    `db:"purpose"`
	Details     string    `db:"details"`
	RequestID   string    `db:"request_id"`
	Network     string    `db:"network"`
	Hash        string    `db:"hash"`
}

const columns = `seq, at, actor, actor_name, role, agency, action, subject_type, subject_id, purpose, details, request_id, network, hash`

func rowOf(ctx context.Context, e Entry) (row, error) {
	if e.Action == "" {
		return row{}, fmt.Errorf("an entry needs an action")
	}
	who, from := e.Who, From(ctx)
	for _, f := range []struct{ to, from *string }{
		{&who.Account, &from.Account},
		{&who.Name, &from.Name},
		{&who.Role, &from.Role},
		{&who.Agency, &from.Agency},
		{&who.RequestID, &from.RequestID},
		{&who.Address, &from.Address},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	at := e.At
	if at.IsZero() {
		at = clock.System{}.Now()
	}
	details := []byte("{}")
	if len(e.Details) > 0 {
		var err error
		if details, err = json.Marshal(e.Details); err != nil {
			return row{}, err
		}
	}
	return row{
		At: at.UTC().Truncate(time.Microsecond), Actor: who.Account, ActorName: who.Name, Role: who.Role, Agency: who.Agency,
		Action: e.Action, SubjectType: e.Subject.Type, SubjectID: e.Subject.ID, Purpose: e.Purpose, Details: string(details),
		RequestID: who.RequestID, Network: network(who.Address),
	}, nil
}

func (r row) entry() (Entry, error) {
	e := Entry{
		Seq: r.Seq, At: r.At, Action: r.Action, Subject: Subject{r.SubjectType, r.SubjectID}, Purpose: r.Purpose, Hash: r.Hash,
		Who: Who{Account: r.Actor, Name: r.ActorName, Role: r.Role, Agency: r.Agency, RequestID: r.RequestID, Address: r.Network},
	}
	if r.Details == "{}" {
		return e, nil
	}
	if err := json.Unmarshal([]byte(r.Details), &e.Details); err != nil {
		return e, fmt.Errorf("read entry %d: %w", r.Seq, err)
	}
	return e, nil
}

// network is the part of an address that says where somebody sat but not at
// which machine: the log cannot be pruned, an address is personal data. The
// exact address of a sign-in is in the sign-in history, which can.
func network(address string) string {
	if ap, err := netip.ParseAddrPort(address); err == nil {
		address = ap.Addr().String()
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	bits := 48
	if a = a.Unmap(); a.Is4() {
		bits = 24
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// Filter narrows what Find gives. Zero fields do not narrow.
type Filter struct {
	Actor   string
	Agency  string
	Action  string // a code, or with a dot at its end all codes below it
	Subject Subject
	From    time.Time // at or after
	To      time.Time // before
	Below   int64     // entries with smaller numbers only: the last number of the page before
	Limit   int       // 50 when zero
}

// Find reads entries, newest first.
func Find(ctx context.Context, q sqldb.Queryer, f Filter) ([]Entry, error) {
	var a sqldb.Args
	where := "seq > 0"
	and := func(cond string, v any) { where += " AND " + cond + a.Add(v) }
	if f.Actor != "" {
		and("actor = ", f.Actor)
	}
	if f.Agency != "" {
		and("agency = ", f.Agency)
	}
	switch n := len(f.Action); {
	case n > 0 && f.Action[n-1] == '.':
		and(fmt.Sprintf("SUBSTR(action, 1, %d) = ", n), f.Action)
	case n > 0:
		and("action = ", f.Action)
	}
	if f.Subject.Type != "" {
		and("subject_type = ", f.Subject.Type)
	}
	if f.Subject.ID != "" {
		and("subject_id = ", f.Subject.ID)
	}
	if !f.From.IsZero() {
		and("at >= ", f.From)
	}
	if !f.To.IsZero() {
		and("at < ", f.To)
	}
	if f.Below > 0 {
		and("seq < ", f.Below)
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	rows, err := sqldb.All[row](ctx, q, `SELECT `+columns+` FROM audit_entry WHERE `+where+` ORDER BY seq DESC LIMIT `+a.Add(f.Limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("find audit entries: %w", err)
	}
	out := make([]Entry, len(rows))
	for i, r := range rows {
		if out[i], err = r.entry(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
