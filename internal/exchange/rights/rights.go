// Package rights is the second person of the exchange: what an administrator of a
// gateway asks for is a request of the node (platform/approval), and becomes a right
// when another has approved it. What has to wait and what not, the desk decides.
package rights

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

const (
	// Kind is the code of requests for rights.
	Kind = "exchange.right"
	// GroupKind is the code of requests for who joins a group.
	GroupKind = "exchange.group"
	// ReloadJob is queued with each right that takes effect, so that the gateway takes
	// it in: see Desk.Reload.
	ReloadJob = "exchange.reload"
)

// Approvals keeps the requests of the node.
type Approvals interface {
	Ask(ctx context.Context, q sqldb.Queryer, by actor.Actor, r approval.Request) (approval.Request, error)
	Find(ctx context.Context, f approval.Filter) ([]approval.Request, error)
}

// Store keeps the rights of a gateway.
type Store interface {
	CanGive(ctx context.Context, q sqldb.Queryer, r exchange.Right, replaces string) error
	GiveIn(ctx context.Context, tx *sqldb.Tx, r exchange.Right, replaces string) error
	GroupIn(ctx context.Context, tx *sqldb.Tx, code string) (exchange.Group, error)
	SaveGroupIn(ctx context.Context, tx *sqldb.Tx, g exchange.Group) error
}

// Requests asks for rights in the requests of a node. It is an exchange.Second.
type Requests struct {
	DB        *sqldb.DB
	Store     Store
	Approvals Approvals
	Clock     clock.Clock
	// Name names subsystems and services for whoever decides; nil shows identifiers.
	Name func(xroad.ID) string
}

var _ exchange.Second = Requests{}

// asked is what a request carries.
type asked struct {
	Right    exchange.Right `json:"right"`
	Replaces string         `json:"replaces,omitempty"`
}

// Ask asks for a right. It fails with Conflict when the same subject has it, or waits
// for it, and as Approvals.Ask does.
func (a Requests) Ask(ctx context.Context, by actor.Actor, r exchange.Right, replaces string) (exchange.Wish, error) {
	open, err := a.Wishes(ctx)
	if err != nil {
		return exchange.Wish{}, err
	}
	for _, w := range open {
		if w.Right.Same(r) {
			return exchange.Wish{}, fault.New(fault.Conflict, "exchange.right.asked", nil)
		}
	}
	content, err := json.Marshal(asked{r, replaces})
	if err != nil {
		return exchange.Wish{}, fmt.Errorf("write down a right: %w", err)
	}
	var made approval.Request
	err = a.DB.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := a.Store.CanGive(ctx, tx, r, replaces); err != nil {
			return err
		}
		key, args := a.says(r, replaces)
		made, err = a.Approvals.Ask(ctx, tx, by, approval.Request{
			Kind: Kind, Subject: r.Service.String(), Reason: r.LegalBasis, Payload: content,
			SaysKey: key, SaysArgs: args,
		})
		return err
	})
	if err != nil {
		return exchange.Wish{}, err
	}
	return wish(made)
}

// mostWishes bounds how many open requests are read.
const mostWishes = 500

// Wishes are the rights that wait, the youngest first.
func (a Requests) Wishes(ctx context.Context) ([]exchange.Wish, error) {
	return waiting(ctx, a, Kind, wish)
}

// waiting are the requests of a kind that wait here, the youngest first.
func waiting[T any](ctx context.Context, a Requests, kind string, read func(approval.Request) (T, error)) ([]T, error) {
	list, err := a.Approvals.Find(ctx, approval.Filter{Kind: kind, State: approval.Open, Limit: mostWishes})
	if err != nil {
		return nil, fmt.Errorf("requests that wait: %w", err)
	}
	var out []T
	for _, r := range list {
		if r.Origin != "" { // another gateway's, which only is decided here
			continue
		}
		w, err := read(r)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// payload is what a request carries.
func payload[T any](r approval.Request) (p T, err error) {
	if err := json.Unmarshal(r.Payload, &p); err != nil {
		return p, fmt.Errorf("read request %s: %w", r.ID, err)
	}
	return p, nil
}

func wish(r approval.Request) (exchange.Wish, error) {
	p, err := payload[asked](r)
	if err != nil {
		return exchange.Wish{}, err
	}
	return exchange.Wish{ID: r.ID, Right: p.Right, Replaces: p.Replaces, By: r.By, At: r.At, Until: r.Until, Href: r.Href()}, nil
}

// Kind is the kind of these requests: another administrator of the node decides, and
// then the right begins.
func (a Requests) Kind() approval.Kind {
	return approval.Kind{
		Code: Kind, Deciders: []string{exchange.Administrator}, Apply: a.apply,
		Href: func(approval.Request) string { return "/gateway/rights" },
	}
}

func (a Requests) apply(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
	p, err := payload[asked](r)
	if err != nil {
		return err
	}
	if err := exchange.CheckRight(p.Right); err != nil {
		return err
	}
	p.Right.GivenBy, p.Right.ApprovedBy, p.Right.GivenAt = r.By.Account, r.Decider.Account, a.Clock.Now()
	if err := a.Store.GiveIn(ctx, tx, p.Right, p.Replaces); err != nil {
		return err
	}
	_, err = jobs.Enqueue(ctx, tx, ReloadJob, struct{}{}, jobs.Options{})
	return err
}

// says is what whoever decides reads: all that the right lets its subject do.
func (a Requests) says(r exchange.Right, replaces string) (key string, args fault.Args) {
	word := func(key string) string { return approval.Word("exchange.right.says." + key) }
	or := func(text, key string) any {
		if text == "" {
			return word(key)
		}
		return quoted(text)
	}
	args = fault.Args{
		"new": word("new"), "subject": quoted(r.Group), "service": a.name(r.Service),
		"endpoint": or(strings.TrimSpace(r.Method+" "+r.Path), "any_endpoint"), "fields": words(r.Fields), "purposes": words(r.Purposes),
		"quota": word("no_quota"), "from": r.From.String(), "until": or(r.Until.String(), "endless"),
	}
	if replaces != "" {
		args["new"] = word("replaces")
	}
	if r.Group == "" {
		args["subject"] = a.name(r.Subject)
	}
	if len(r.Purposes) == 0 {
		args["purposes"] = word("any_purpose")
	}
	if len(r.Fields) == 1 && r.Fields[0] == "*" {
		args["fields"] = word("all_fields")
	}
	if r.Quota.Bounded() {
		quota := []string{fmt.Sprint(r.Quota.Calls), word("per." + string(r.Quota.Per))}
		if r.Quota.Of == exchange.OfPersons {
			quota = slices.Insert(quota, 1, word("of.persons"))
		}
		args["quota"] = quota
	}
	key, must := "exchange.right.says", []string{}
	if r.Officer {
		must = append(must, word("must.officer"))
	}
	if r.Dossier {
		must = append(must, word("must.dossier"))
	}
	if r.Security {
		must = append(must, word("must.security"))
	}
	if len(must) > 0 {
		key, args["must"] = "exchange.right.says.all", must
	}
	return key, args
}

func (a Requests) name(id xroad.ID) string {
	if a.Name == nil {
		return id.String()
	}
	if name := a.Name(id); name != id.String() {
		return quoted(name) + " (" + id.String() + ")"
	}
	return id.String()
}

func words(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quoted(s)
	}
	return out
}

// quoted keeps what somebody wrote from being taken for a message of ours.
func quoted(s string) string {
	if strings.HasPrefix(s, "@") {
		return "“" + s + "”"
	}
	return s
}
