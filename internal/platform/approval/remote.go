package approval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
)

// most bounds what another node may send.
const (
	mostBody = 64 << 10
	mostText = 2000
	mostWait = 90 * 24 * time.Hour
	mostOpen = 200 // requests of one node
)

// Receive stores what another node asks; from is its subsystem, as the gateway verified it. The
// same parcel again changes nothing; one that has been withdrawn is withdrawn here too. It
// fails with Denied when the parcel names another node, Invalid when it cannot be
// read by a person, Conflict when something else came under its id, and Unavailable when nobody decides
// here for others.
func (s *Service) Receive(ctx context.Context, from string, p Parcel) error {
	self := s.away.Load().Self
	if from == "" || p.Node != from || self != "" && p.To != self {
		return fault.New(fault.Denied, "approval.remote.stranger", fault.Args{"node": from})
	}
	if len(s.opts.Remote) == 0 {
		return fault.New(fault.Unavailable, "approval.remote.nobody", nil)
	}
	now := s.clock.Now()
	if err := p.check(now); err != nil {
		return err
	}
	asker := actor.Actor{Account: from + "#" + p.Account, Name: p.Name, Agency: p.Agency, Via: actor.Exchange}
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		w, err := s.lockRow(ctx, tx, p.ID)
		if errors.Is(err, errUnknown) {
			if p.State != Open {
				return nil
			}
			r := Request{
				ID: p.ID, Kind: p.Kind, Subject: p.Subject, Reason: p.Reason, By: asker, At: p.At.UTC(), Until: p.Until.UTC(),
				State: Open, Needs: max(1, p.Needs), Origin: from, Words: p.Words, Trip: Trip{For: p.For},
			}
			if err := s.room(ctx, tx, from); err != nil {
				return err
			}
			if err := s.insertWith(ctx, tx, r, p.Digest()); err != nil {
				return err
			}
			return s.record(ctx, tx, asker, "ask", r, nil)
		}
		if err != nil {
			return err
		}
		if w.Origin != from || w.Digest != p.Digest() {
			return fault.New(fault.Conflict, "approval.remote.other", nil)
		}
		r := w.request()
		if p.State != Taken || r.open(now) != nil {
			return nil //nolint:nilerr // it was decided or has expired, which stands
		}
		r = r.end(Taken, now)
		if err := s.save(ctx, tx, r); err != nil {
			return err
		}
		return s.record(ctx, tx, asker, "withdraw", r, nil)
	})
	if err != nil {
		return fmt.Errorf("receive request %s of %s: %w", p.ID, from, err)
	}
	return nil
}

// room says whether a node may send one more. It fails with TooMany.
func (s *Service) room(ctx context.Context, q sqldb.Queryer, from string) error {
	n, err := sqldb.One[int](ctx, q, `SELECT COUNT(*) FROM approval_request WHERE origin = $1 AND state = 'open'`, from)
	if err != nil {
		return err
	}
	if n >= mostOpen {
		return fault.New(fault.TooMany, "approval.remote.many", fault.Args{"most": mostOpen})
	}
	return nil
}

// check says whether a parcel can be shown to a person and decided.
func (p Parcel) check(now time.Time) error {
	bad := fault.New(fault.Invalid, "approval.remote.broken", nil)
	texts := []string{p.ID, p.Kind, p.Subject, p.Reason, p.Account, p.Name, p.Agency, p.For}
	for _, l := range i18n.Langs {
		w := p.Words[l]
		if w.Kind == "" || w.Says == "" {
			return bad
		}
		texts = append(texts, w.Kind, w.Says, w.Node)
	}
	for _, t := range texts {
		if !utf8.ValidString(t) || utf8.RuneCountInString(t) > mostText || strings.ContainsRune(t, 0) {
			return bad
		}
	}
	switch {
	case len(p.ID) != 36 || p.Kind == "" || p.Reason == "" || p.Account == "" || len(p.Words) != len(i18n.Langs):
		return bad
	case p.State != Open && p.State != Taken || p.Needs < 0 || p.Needs > 5:
		return bad
	case p.At.IsZero() || !p.Until.After(p.At) || p.Until.After(now.Add(mostWait)):
		return bad
	}
	return nil
}

// DecisionFor is the decision on what a node asked; false while there is none. It fails
// with NotFound for what that node did not ask.
func (s *Service) DecisionFor(ctx context.Context, from, id string) (Decision, bool, error) {
	w, err := sqldb.One[row](ctx, s.db, `SELECT `+columns+` FROM approval_request WHERE id = $1 AND origin = $2`, id, from)
	if errors.Is(err, sqldb.ErrNone) || from == "" {
		return Decision{}, false, errUnknown
	}
	if err != nil {
		return Decision{}, false, fmt.Errorf("decision on request %s of %s: %w", id, from, err)
	}
	r := w.request()
	if r.State != Approved && r.State != Refused {
		return Decision{}, false, nil
	}
	return Decision{
		ID: r.ID, Digest: w.Digest, Node: s.away.Load().Self, State: r.State,
		Account: r.Decider.Account, Name: r.Decider.Name, At: r.Decided, Why: r.Why,
	}, true, nil
}

// Remote answers other nodes: POST /requests takes a parcel, GET /requests/{id} gives the decision
// (204 while there is none). caller names the node that asks, which a gateway has verified.
func Remote(s *Service, caller func(*http.Request) string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /requests", func(w http.ResponseWriter, r *http.Request) {
		var p Parcel
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
		if err == nil {
			err = json.Unmarshal(raw, &p)
		}
		if err != nil {
			problem(w, fault.New(fault.Invalid, "approval.remote.broken", nil))
			return
		}
		if err := s.Receive(r.Context(), caller(r), p); err != nil {
			problem(w, err)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("GET /requests/{id}", func(w http.ResponseWriter, r *http.Request) {
		d, ok, err := s.DecisionFor(r.Context(), caller(r), r.PathValue("id"))
		switch {
		case err != nil:
			problem(w, err)
		case !ok:
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(d) // the caller may have gone
		}
	})
	return mux
}

var remoteStatus = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Denied: http.StatusForbidden, fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict, fault.Unavailable: http.StatusServiceUnavailable,
	fault.TooMany: http.StatusTooManyRequests,
}

// problem answers with a fault's key; its text is for people and stays here.
func problem(w http.ResponseWriter, err error) {
	status, key := http.StatusInternalServerError, "internal"
	if f := fault.As(err); f != nil && remoteStatus[f.Kind] != 0 {
		status, key = remoteStatus[f.Kind], f.Key
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": key, "status": status})
}

// Calls is a Courier over calls of another node's Remote: Do makes one, to the node's service, at a path
// below it, and gives the status and the body of the answer.
type Calls struct {
	Do func(ctx context.Context, node, method, path string, body []byte) (status int, answer []byte, err error)
}

// Send posts a parcel.
func (c Calls) Send(ctx context.Context, p Parcel) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	status, answer, err := c.Do(ctx, p.To, http.MethodPost, "/requests", raw)
	if err != nil {
		return err
	}
	if status/100 != 2 {
		return refusal(p.To, status, answer)
	}
	return nil
}

// Answer asks for a decision. It fails with NotFound when the other node does not know the request.
func (c Calls) Answer(ctx context.Context, node, id string) (Decision, bool, error) {
	status, answer, err := c.Do(ctx, node, http.MethodGet, "/requests/"+id, nil)
	switch {
	case err != nil:
		return Decision{}, false, err
	case status == http.StatusNoContent:
		return Decision{}, false, nil
	case status == http.StatusNotFound:
		return Decision{}, false, errUnknown
	case status != http.StatusOK:
		return Decision{}, false, refusal(node, status, answer)
	}
	var d Decision
	if err := json.Unmarshal(answer, &d); err != nil {
		return Decision{}, false, fmt.Errorf("decision of %s: %w", node, err)
	}
	return d, true, nil
}

func refusal(node string, status int, answer []byte) error {
	answer = bytes.ToValidUTF8(answer[:min(len(answer), 300)], nil)
	return fmt.Errorf("%s answered %d: %s", node, status, answer)
}
