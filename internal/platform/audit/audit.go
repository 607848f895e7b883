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
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"strings"
	"time"

	"dean06/internal/platform/actor"
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

// Who is who acts, and by which request. Session puts it into the context of each
// request. Name and roles are kept as they were at that moment.
type Who struct {
	actor.Actor
	RequestID string
	Address   string // remote address; only its network is kept
}

// Subject is the record acted upon.
type Subject struct {
	Type string // such as "return"
	ID   string
}

// Entry is one line of the log. Who acts is taken from the context when Who says
// nothing, and a zero At is the present moment.
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

// With puts who acts and by which request into the context, for the log alone:
// a session that still lacks a step acts nowhere else (actor.With).
func With(ctx context.Context, who Who) context.Context {
	return context.WithValue(ctx, ctxKey{}, who)
}

// From gives who acts; zero when nobody was put there. Work that acts for
// somebody else within a request (actor.With) is logged as theirs.
func From(ctx context.Context) Who {
	who, _ := ctx.Value(ctxKey{}).(Who)
	if a := actor.From(ctx); !a.Nobody() && a.Account != who.Account {
		who.Actor = a
	}
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

const columns = `seq, at, actor, actor_name, role, agency,
	action, subject_type, subject_id, purpose, details, request_id, network, hash`

func rowOf(ctx context.Context, e Entry) (row, error) {
	if e.Action == "" {
		return row{}, fmt.Errorf("an entry needs an action")
	}
	who, from := e.Who, From(ctx)
	if who.Nobody() || who.Account == from.Account { // the context knows their roles, too
		from.Agency = cmp.Or(who.Agency, from.Agency)
		who.Actor = from.Actor
	}
	who.RequestID = cmp.Or(who.RequestID, from.RequestID)
	who.Address = cmp.Or(who.Address, from.Address)
	at := e.At
	if at.IsZero() {
		at = clock.System{}.Now()
	}
	if who.For != nil { // what is done shows both
		e.Details = maps.Clone(e.Details)
		if e.Details == nil {
			e.Details = map[string]string{}
		}
		e.Details["acts_for"], e.Details["ground"] = who.For.Subject, who.For.Ground
	}
	details := []byte("{}")
	if len(e.Details) > 0 {
		var err error
		if details, err = json.Marshal(e.Details); err != nil {
			return row{}, err
		}
	}
	return row{
		At: at.UTC().Truncate(time.Microsecond), Actor: who.Account, ActorName: who.Name,
		Role: strings.Join(who.Roles, ","), Agency: who.Agency,
		Action: e.Action, SubjectType: e.Subject.Type, SubjectID: e.Subject.ID, Purpose: e.Purpose, Details: string(details),
		RequestID: who.RequestID, Network: network(who.Address),
	}, nil
}

func (r row) entry() (Entry, error) {
	e := Entry{
		Seq: r.Seq, At: r.At, Action: r.Action, Subject: Subject{r.SubjectType, r.SubjectID}, Purpose: r.Purpose, Hash: r.Hash,
		Who: Who{
			Actor:     actor.Actor{Account: r.Actor, Name: r.ActorName, Agency: r.Agency},
			RequestID: r.RequestID, Address: r.Network,
		},
	}
	if r.Role != "" {
		e.Who.Roles = strings.Split(r.Role, ",")
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
	Actors  []string // any of them: an account's id, and its login of older entries
	Agency  string
	Action  string // a code, or with a dot at its end all codes below it
	Subject Subject
	From    time.Time // at or after
	To      time.Time // before
	Below   int64     // entries with smaller numbers only: the last number of the page before
	Limit   int       // 50 when zero
}

// NameOf gives the name under which the last entry of an actor was written. It
// fails with sqldb.ErrNone when there is no entry.
func NameOf(ctx context.Context, q sqldb.Queryer, account string) (string, error) {
	return sqldb.One[string](ctx, q,
		`SELECT actor_name FROM audit_entry WHERE actor = $1 AND actor_name <> '' ORDER BY seq DESC LIMIT 1`, account)
}

// Find reads entries, newest first.
func Find(ctx context.Context, q sqldb.Queryer, f Filter) ([]Entry, error) {
	var a sqldb.Args
	where := "seq > 0"
	and := func(cond string, v any) { where += " AND " + cond + a.Add(v) }
	if len(f.Actors) > 0 {
		where += " AND actor IN " + sqldb.In(&a, f.Actors)
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
	rows, err := sqldb.All[row](ctx, q,
		`SELECT `+columns+` FROM audit_entry WHERE `+where+` ORDER BY seq DESC LIMIT `+a.Add(f.Limit), a.Values()...)
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
