package approval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/sqldb"
)

// Deputy is who decides for a node whose own accounts cannot.
type Deputy struct {
	Self string // this node's subsystem in the exchange: "VN/GOV/H55/TTHC"
	Node string // the other node's: "VN/GOV/G06/TRUC"; "" for none
	For  string // login or id of the account there that is named; "" for any that may
}

// Parcel is a request on its way to another node. It carries no payload and no personal
// data beyond the name under which an officer acts.
type Parcel struct {
	ID      string              `json:"id"`
	Node    string              `json:"node"` // that asks
	To      string              `json:"to"`   // that is asked
	For     string              `json:"for,omitempty"`
	Kind    string              `json:"kind"`
	Subject string              `json:"subject,omitempty"`
	Words   map[i18n.Lang]Words `json:"words"`
	Reason  string              `json:"reason"`
	Account string              `json:"account"` // of the one who asks, on their node
	Name    string              `json:"name"`
	Agency  string              `json:"agency,omitempty"`
	At      time.Time           `json:"at"`
	Until   time.Time           `json:"until"`
	Needs   int                 `json:"needs"`
	State   State               `json:"state"` // open, or withdrawn when it is sent again
}

// Digest is the hash of what is asked, by which a decision says what it decides.
func (p Parcel) Digest() string {
	p.State = ""
	p.At, p.Until = p.At.UTC().Truncate(time.Microsecond), p.Until.UTC().Truncate(time.Microsecond)
	raw, err := json.Marshal(p) // of texts, times and a map with sorted keys: it cannot fail
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Decision is what the other node decided.
type Decision struct {
	ID      string    `json:"id"`
	Digest  string    `json:"digest"` // of the parcel that was decided
	Node    string    `json:"node"`   // that decided
	State   State     `json:"state"`  // approved or refused
	Account string    `json:"account"`
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	Why     string    `json:"why,omitempty"`
}

// Courier carries requests to another node, and decisions back. What it brings, it must have
// from that node and no other: the exchange's gateways verify it.
type Courier interface {
	// Send hands a parcel over; again is no harm.
	Send(ctx context.Context, p Parcel) error
	// Answer asks a node for its decision; false while there is none. It fails with NotFound
	// when that node does not know the request: then it is sent again.
	Answer(ctx context.Context, node, id string) (Decision, bool, error)
}

type deputy struct {
	Deputy
	courier Courier
}

// Elsewhere says who decides where this node's accounts cannot, and who carries it there.
func (s *Service) Elsewhere(d Deputy, c Courier) { s.away.Store(&deputy{d, c}) }

// Deputy is who decides where this node's accounts cannot; zero for nobody.
func (s *Service) Deputy() Deputy { return s.away.Load().Deputy }

// route sends a request to the other node when nobody here can decide on it.
func (s *Service) route(ctx context.Context, q sqldb.Queryer, k Kind, r *Request) error {
	away := s.away.Load()
	if away.Node == "" || away.Self == "" || r.Origin != "" || r.SentTo != "" {
		return nil
	}
	here, err := s.deciders(ctx, q, k, *r)
	if err != nil || len(here) >= max(1, r.Needs-len(r.Votes)) {
		return err
	}
	r.SentTo, r.Trip = away.Node, Trip{For: away.For}
	return s.send(ctx, q, *r)
}

const topic = "approval"

// send puts a request into the outbox of the caller's transaction.
func (s *Service) send(ctx context.Context, q sqldb.Queryer, r Request) error {
	_, err := outbox.Put(ctx, q, topic, r.ID, r.ID)
	return err
}

// parcel is a request as the other node gets it.
func (s *Service) parcel(r Request) Parcel {
	p := Parcel{
		ID: r.ID, Node: s.away.Load().Self, To: r.SentTo, For: r.Trip.For, Kind: r.Kind, Subject: r.Subject, Reason: r.Reason,
		Account: r.By.Account, Name: r.By.Name, Agency: r.By.Agency, At: r.At, Until: r.Until, Needs: r.Needs, State: r.State,
		Words: map[i18n.Lang]Words{},
	}
	if s.opts.Messages == nil {
		return p
	}
	for _, l := range i18n.Langs {
		w := s.opts.Messages.In(l)
		p.Words[l] = Words{Kind: r.KindName(w), Says: r.Says().In(w), Node: s.opts.Name}
	}
	return p
}

var errNoCourier = errors.New("no courier is set")

// deliver sends one request and writes down how that went.
func (s *Service) deliver(ctx context.Context, id string) error {
	r, err := s.Get(ctx, id)
	if fault.Of(err) == fault.NotFound {
		return jobs.Permanent(err)
	}
	if err != nil {
		return err
	}
	if r.SentTo == "" || r.State != Open && r.State != Taken {
		return nil
	}
	p := s.parcel(r)
	if c := s.away.Load().courier; c == nil {
		err = errNoCourier
	} else {
		err = c.Send(ctx, p)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("send request %s to %s: %w", id, r.SentTo, err), s.tried(ctx, id, err))
	}
	now := s.clock.Now()
	_, err = sqldb.Exec(ctx, s.db, `
		UPDATE approval_request SET arrived_at = $1, tried_at = $1, tries = 0, try_trouble = '', digest = $2 WHERE id = $3`, now, p.Digest(), id)
	if err != nil {
		return fmt.Errorf("request %s has arrived: %w", id, err)
	}
	return s.askLater(ctx)
}

// tried writes down a try that failed.
func (s *Service) tried(ctx context.Context, id string, why error) error {
	_, err := sqldb.Exec(ctx, s.db, `UPDATE approval_request SET tried_at = $1, tries = tries + 1, try_trouble = $2 WHERE id = $3`,
		s.clock.Now(), why.Error(), id)
	return err
}

// Accept takes a decision that the courier brought from a node. It is as if a person of this node
// had decided, but who is named by their node and account there. It fails with Denied when the request was not sent
// to that node or the decision is about something else, NotFound, Conflict when the request is no
// longer open, and with what Kind.Apply said. The same decision again changes nothing.
func (s *Service) Accept(ctx context.Context, node string, d Decision) (Request, error) {
	who := actor.Actor{Account: node + "#" + d.Account, Name: d.Name, Via: actor.Exchange}
	var out Request
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		w, err := s.lockRow(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		r := w.request()
		switch {
		case r.SentTo == "" || r.SentTo != node || d.Node != node:
			return fault.New(fault.Denied, "approval.answer.stranger", fault.Args{"node": node})
		case w.Digest == "" || w.Digest != d.Digest:
			return fault.New(fault.Denied, "approval.answer.other", fault.Args{"node": node})
		case d.State != Approved && d.State != Refused || d.Account == "":
			return fault.New(fault.Denied, "approval.answer.none", fault.Args{"node": node})
		}
		if out = r; r.said(who.Account, d.State) {
			return nil
		}
		if err := r.open(s.clock.Now()); err != nil {
			return err
		}
		r.Needs = 1 // the other node has counted
		if out = r.approve(who, s.clock.Now()); d.State == Refused {
			out = r.refuse(who, d.Why, s.clock.Now())
		}
		return s.settle(ctx, tx, who, out)
	})
	return s.outcome(ctx, d.ID, out, err)
}
