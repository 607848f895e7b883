package contractnode

import (
	"context"
	"encoding/json"
	"fmt"

	"dean06/internal/contract"
	"dean06/internal/contract/contractsql"
	"dean06/internal/contract/contractweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// The kinds of requests.
const (
	kindSystem  = "contract.system"
	kindOfficer = "contract.officer"
)

// second asks a second person through the requests of the node. It is a contract.Second.
type second struct {
	db        *sqldb.DB
	approvals *approval.Service
	sealer    contractsql.Sealer
	store     *contractsql.Store
	rules     *contract.Service
}

// asked is what a request carries. Its secret is sealed for its place.
type asked struct {
	contract.Wish
	Secret []byte `json:"secret,omitempty"`
}

func place(w contract.Wish) []byte { return []byte("contract request " + w.Subject()) }

func kindOf(w contract.Wish) string {
	if w.OfOfficer() {
		return kindOfficer
	}
	return kindSystem
}

// Ask makes the request.
func (s *second) Ask(ctx context.Context, by actor.Actor, w contract.Wish) error {
	p := asked{Wish: w}
	if secret := w.System.Secret + w.Officer.KeyPass; secret != "" {
		var err error
		if p.Secret, err = s.sealer.Seal([]byte(secret), place(w)); err != nil {
			return fmt.Errorf("seal the secret of %s: %w", w.Subject(), err)
		}
	}
	payload, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write down a wish: %w", err)
	}
	open, err := s.approvals.Find(ctx, approval.Filter{Kind: kindOf(w), State: approval.Open, About: w.Subject(), Limit: 1})
	if err != nil {
		return fmt.Errorf("wishes for %s: %w", w.Subject(), err)
	}
	if len(open) > 0 {
		return contract.ErrAsked
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := s.approvals.Ask(ctx, tx, by, approval.Request{
			Kind: kindOf(w), Subject: w.Subject(), Reason: w.Reason, Payload: payload,
			SaysKey: "contract.asks." + string(w.Does) + "." + string(w.Action()), SaysArgs: says(w),
		})
		return err
	})
}

// says is what whoever decides reads: all that a system or an officer may do then.
func says(w contract.Wish) fault.Args {
	// In quotation marks, so that no name is taken for a message of ours.
	args := fault.Args{"name": "“" + w.Name() + "”"}
	list := func(codes []string) any {
		if len(codes) == 0 || codes[0] == contract.AllOperations {
			return approval.Word("contract.asks.any")
		}
		return codes
	}
	if w.OfOfficer() {
		args["code"], args["office"], args["subsystem"] = w.Officer.Code, w.Officer.Office, w.Subsystem
		args["operations"] = list(w.Officer.Operations)
		return args
	}
	args["code"], args["subsystem"] = w.System.User, w.System.Subsystem
	args["codes"], args["procedures"] = list(w.System.Codes), list(w.System.Procedures)
	return args
}

// mostWaiting bounds how many open requests are read of each kind.
const mostWaiting = 200

// Waiting are the wishes that wait.
func (s *second) Waiting(ctx context.Context) ([]contract.Waiting, error) {
	var out []contract.Waiting
	for _, kind := range []string{kindSystem, kindOfficer} {
		list, err := s.approvals.Find(ctx, approval.Filter{Kind: kind, State: approval.Open, Limit: mostWaiting})
		if err != nil {
			return nil, fmt.Errorf("wishes that wait: %w", err)
		}
		for _, r := range list {
			if r.Origin != "" { // another node's, which only is decided here
				continue
			}
			var p asked
			if err := json.Unmarshal(r.Payload, &p); err != nil {
				return nil, fmt.Errorf("read request %s: %w", r.ID, err)
			}
			out = append(out, contract.Waiting{Wish: p.Wish, By: r.By, At: r.At, Until: r.Until, Href: r.Href()})
		}
	}
	return out, nil
}

// kind is a kind of these requests: another administrator decides.
func (s *second) kind(code string) approval.Kind {
	return approval.Kind{
		Code: code, Deciders: []string{contract.Administrator}, Apply: s.apply,
		Href: func(approval.Request) string { return contractweb.Path },
	}
}

func (s *second) apply(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
	var p asked
	if err := json.Unmarshal(r.Payload, &p); err != nil {
		return fmt.Errorf("read request %s: %w", r.ID, err)
	}
	if len(p.Secret) > 0 {
		secret, err := s.sealer.Open(p.Secret, place(p.Wish))
		if err != nil {
			return fmt.Errorf("open the secret of request %s: %w", r.ID, err)
		}
		if p.OfOfficer() {
			p.Officer.KeyPass = string(secret)
		} else {
			p.System.Secret = string(secret)
		}
	}
	return s.rules.Fulfil(ctx, s.store.In(tx, r.ID), r.By, r.Decider, p.Wish)
}
