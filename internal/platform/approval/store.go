package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
)

// row is a request as it is stored.
type row struct {
	ID         string                          `db:"id"`
	Kind       string                          `db:"kind"`
	Subject    string                          `db:"subject"`
	Benefits   string                          `db:"benefits"`
	SaysKey    string                          `db:"says_key"`
	SaysArgs   sqldb.JSON[fault.Args]          `db:"says_args"`
	Words      sqldb.JSON[map[i18n.Lang]Words] `db:"words"`
	Reason     string                          `db:"reason"`
	Payload    string                          `db:"payload"`
	ByAccount  string                          `db:"by_account"`
	By         sqldb.JSON[actor.Actor]         `db:"by_actor"`
	At         time.Time                       `db:"created_at"`
	Until      time.Time                       `db:"expires_at"`
	State      State                           `db:"state"`
	Needs      int                             `db:"needs"`
	Votes      sqldb.JSON[[]Vote]              `db:"votes"`
	Decider    string                          `db:"decider"`
	DeciderAs  sqldb.JSON[actor.Actor]         `db:"decider_as"`
	Decided    *time.Time                      `db:"decided_at"`
	Why        string                          `db:"why"`
	Trouble    sqldb.JSON[*Trouble]            `db:"trouble"`
	Origin     string                          `db:"origin"`
	SentTo     string                          `db:"sent_to"`
	SentFor    string                          `db:"sent_for"`
	Digest     string                          `db:"digest"`
	Arrived    *time.Time                      `db:"arrived_at"`
	Tried      *time.Time                      `db:"tried_at"`
	Tries      int                             `db:"tries"`
	TryTrouble string                          `db:"try_trouble"`
	Version    int64                           `db:"version"`
}

const columns = `id, kind, subject, benefits, says_key, says_args, words, reason, payload, by_account, by_actor,
	created_at, expires_at, state, needs, votes, decider, decider_as, decided_at, why, trouble,
	origin, sent_to, sent_for, digest, arrived_at, tried_at, tries, try_trouble, version`

func rowOf(r Request) row {
	payload := string(r.Payload)
	if payload == "" {
		payload = "null"
	}
	return row{
		ID: r.ID, Kind: r.Kind, Subject: r.Subject, Benefits: r.Benefits, SaysKey: r.SaysKey, SaysArgs: sqldb.JSON[fault.Args]{V: r.SaysArgs},
		Words: sqldb.JSON[map[i18n.Lang]Words]{V: r.Words}, Reason: r.Reason, Payload: payload,
		ByAccount: r.By.Account, By: sqldb.JSON[actor.Actor]{V: r.By}, At: r.At, Until: r.Until, State: r.State, Needs: r.Needs,
		Votes: sqldb.JSON[[]Vote]{V: r.Votes}, Decider: r.Decider.Account, DeciderAs: sqldb.JSON[actor.Actor]{V: r.Decider},
		Decided: moment(r.Decided), Why: r.Why, Trouble: sqldb.JSON[*Trouble]{V: r.Trouble}, Origin: r.Origin,
		SentTo: r.SentTo, SentFor: r.Trip.For, Arrived: moment(r.Trip.Arrived), Tried: moment(r.Trip.Tried), Tries: r.Trip.Tries,
		TryTrouble: r.Trip.Trouble,
	}
}

func (w row) request() Request {
	r := Request{
		ID: w.ID, Kind: w.Kind, Subject: w.Subject, Benefits: w.Benefits, SaysKey: w.SaysKey, SaysArgs: w.SaysArgs.V, Words: w.Words.V,
		Reason: w.Reason, By: w.By.V, At: w.At, Until: w.Until, State: w.State, Needs: w.Needs, Votes: w.Votes.V,
		Decider: w.DeciderAs.V, Decided: value(w.Decided), Why: w.Why, Trouble: w.Trouble.V, Origin: w.Origin, SentTo: w.SentTo,
		Trip: Trip{For: w.SentFor, Arrived: value(w.Arrived), Tried: value(w.Tried), Tries: w.Tries, Trouble: w.TryTrouble},
	}
	if w.Payload != "null" {
		r.Payload = json.RawMessage(w.Payload)
	}
	return r
}

// moment is nil for no moment, which is stored as NULL.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func value(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func (s *Service) insert(ctx context.Context, q sqldb.Queryer, r Request) error {
	return s.insertWith(ctx, q, r, "")
}

func (s *Service) insertWith(ctx context.Context, q sqldb.Queryer, r Request, digest string) error {
	w := rowOf(r)
	w.Digest, w.Version = digest, 1
	return sqldb.Insert(ctx, q, "approval_request", w)
}

// lock reads a request and holds it until the end of the transaction, so that of two who
// decide at once the second sees what the first did. It fails with NotFound.
func (s *Service) lock(ctx context.Context, tx *sqldb.Tx, id string) (Request, error) {
	w, err := s.lockRow(ctx, tx, id)
	return w.request(), err
}

func (s *Service) lockRow(ctx context.Context, tx *sqldb.Tx, id string) (row, error) {
	w, err := sqldb.One[row](ctx, tx, `UPDATE approval_request SET version = version + 1 WHERE id = $1 RETURNING `+columns, id)
	if errors.Is(err, sqldb.ErrNone) {
		return row{}, errUnknown
	}
	return w, err
}

// save stores what a decision changes.
func (s *Service) save(ctx context.Context, tx *sqldb.Tx, r Request) error {
	w := rowOf(r)
	_, err := sqldb.Exec(ctx, tx, `
		UPDATE approval_request SET state = $1, votes = $2, decider = $3, decider_as = $4, decided_at = $5, why = $6, trouble = $7
		WHERE id = $8`,
		w.State, w.Votes, w.Decider, w.DeciderAs, w.Decided, w.Why, w.Trouble, w.ID)
	return err
}

// Get reads a request, with the state that it has at this moment. It fails with
// NotFound. Pages ask See, which says who may read it.
func (s *Service) Get(ctx context.Context, id string) (Request, error) {
	w, err := sqldb.One[row](ctx, s.db, `SELECT `+columns+` FROM approval_request WHERE id = $1`, id)
	if errors.Is(err, sqldb.ErrNone) {
		return Request{}, errUnknown
	}
	if err != nil {
		return Request{}, fmt.Errorf("read request %s: %w", id, err)
	}
	return s.today(w.request()), nil
}

func (s *Service) today(r Request) Request {
	r.State = r.StateAt(s.clock.Now())
	return r
}

// Filter narrows what Find gives. Zero fields do not narrow.
type Filter struct {
	State  State
	Kind   string
	For    string // account that asked, gains or decided
	By     string // account that asked
	About  string // Subject
	Origin string // node that asks
	Below  string // requests before that one only: the last of the page before
	Limit  int    // 50 when zero
}

// Find reads requests, the youngest first.
func (s *Service) Find(ctx context.Context, f Filter) ([]Request, error) {
	return s.FindIn(ctx, s.db, f)
}

// FindIn is Find in the caller's transaction.
func (s *Service) FindIn(ctx context.Context, q sqldb.Queryer, f Filter) ([]Request, error) {
	var a sqldb.Args
	where := "1 = 1"
	and := func(cond string, v any) { where += " AND " + cond + a.Add(v) }
	now := s.clock.Now()
	switch f.State {
	case "":
	case Open:
		where += " AND state = 'open'"
		and("expires_at > ", now)
	case Expired:
		where += " AND (state = 'expired' OR state = 'open' AND expires_at <= " + a.Add(now) + ")"
	default:
		and("state = ", string(f.State))
	}
	if f.For != "" {
		who := a.Add(f.For)
		where += " AND (by_account = " + who + " OR benefits = " + who + " OR decider = " + who + ")"
	}
	for _, c := range []struct{ cond, v string }{
		{"kind = ", f.Kind}, {"by_account = ", f.By}, {"subject = ", f.About}, {"origin = ", f.Origin}, {"id < ", f.Below},
	} {
		if c.v != "" {
			and(c.cond, c.v)
		}
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	rows, err := sqldb.All[row](ctx, q, `
		SELECT `+columns+` FROM approval_request WHERE `+where+` ORDER BY id DESC LIMIT `+a.Add(f.Limit), a.Values()...)
	if err != nil {
		return nil, fmt.Errorf("find requests: %w", err)
	}
	out := make([]Request, len(rows))
	for i, w := range rows {
		out[i] = s.today(w.request())
	}
	return out, nil
}

// mostWaiting bounds how many open requests are looked through for one person.
const mostWaiting = 500

// Waiting are the open requests that somebody may decide on now, the oldest first.
func (s *Service) Waiting(ctx context.Context, who actor.Actor) ([]Request, error) {
	c, err := s.chair(ctx, s.db, who)
	if fault.As(err) != nil {
		return nil, nil //nolint:nilerr // nobody who decides
	}
	if err != nil {
		return nil, fmt.Errorf("what waits for %s: %w", who.Account, err)
	}
	open, err := s.Find(ctx, Filter{State: Open, Limit: mostWaiting})
	if err != nil {
		return nil, err
	}
	var out []Request
	for i := len(open) - 1; i >= 0; i-- {
		r := open[i]
		err := c.may(ctx, r)
		switch {
		case err == nil && !r.said(who.Account, Approved):
			out = append(out, r)
		case err != nil && fault.As(err) == nil:
			return nil, fmt.Errorf("what waits for %s: %w", who.Account, err)
		}
	}
	return out, nil
}
