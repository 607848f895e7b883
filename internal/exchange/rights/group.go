package rights

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/xroad"
)

var _ exchange.SecondForGroups = Requests{}

// askedGroup is what a request for a group carries. Was are its members when it was asked:
// who decides has seen the difference from them.
type askedGroup struct {
	Group exchange.Group `json:"group"`
	Was   []xroad.ID     `json:"was"`
}

// AskGroup asks for a group to become g. It fails as Approvals.Ask does.
func (a Requests) AskGroup(ctx context.Context, by actor.Actor, g, old exchange.Group, reason string) (exchange.GroupWish, error) {
	content, err := json.Marshal(askedGroup{g, old.Members})
	if err != nil {
		return exchange.GroupWish{}, fmt.Errorf("write down a group: %w", err)
	}
	names := func(list []xroad.ID) any {
		if len(list) == 0 {
			return approval.Word("exchange.group.says.nobody")
		}
		out := make([]string, len(list))
		for i, id := range list {
			out[i] = a.name(id)
		}
		return out
	}
	var made approval.Request
	err = a.DB.InTx(ctx, func(tx *sqldb.Tx) error {
		made, err = a.Approvals.Ask(ctx, tx, by, approval.Request{
			Kind: GroupKind, Subject: g.Code, Reason: reason, Payload: content, SaysKey: "exchange.group.says",
			SaysArgs: fault.Args{"name": quoted(g.Name), "code": quoted(g.Code), "joins": names(g.Joins(old)), "leaves": names(old.Joins(g))},
		})
		return err
	})
	if err != nil {
		return exchange.GroupWish{}, err
	}
	return groupWish(made)
}

// GroupWishes are the groups that wait, the youngest first.
func (a Requests) GroupWishes(ctx context.Context) ([]exchange.GroupWish, error) {
	return waiting(ctx, a, GroupKind, groupWish)
}

func groupWish(r approval.Request) (exchange.GroupWish, error) {
	p, err := payload[askedGroup](r)
	if err != nil {
		return exchange.GroupWish{}, err
	}
	return exchange.GroupWish{ID: r.ID, Group: p.Group, Was: p.Was, By: r.By, At: r.At, Until: r.Until, Href: r.Href()}, nil
}

// GroupKind is the kind of these requests: another administrator of the node decides, and
// then who joins has the group's rights.
func (a Requests) GroupKind() approval.Kind {
	return approval.Kind{
		Code: GroupKind, Deciders: []string{exchange.Administrator}, Apply: a.applyGroup,
		Href: func(approval.Request) string { return "/gateway/groups" },
	}
}

func (a Requests) applyGroup(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
	p, err := payload[askedGroup](r)
	if err != nil {
		return err
	}
	if err := exchange.CheckGroup(p.Group); err != nil {
		return err
	}
	now, err := a.Store.GroupIn(ctx, tx, p.Group.Code)
	if err != nil {
		return err
	}
	if !slices.Equal(now.Members, p.Was) { // somebody left meanwhile, and would be back
		return fault.New(fault.Conflict, "exchange.group.changed", fault.Args{"code": p.Group.Code})
	}
	if err := a.Store.SaveGroupIn(ctx, tx, p.Group); err != nil {
		return err
	}
	_, err = jobs.Enqueue(ctx, tx, ReloadJob, struct{}{}, jobs.Options{})
	return err
}
