package populationnode

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/populationweb"
)

// annulCode is the request that life events are annulled.
const annulCode = "population.annul"

// annulKind lets another registrar decide on it. What it is about is personal data, so it
// is read on the register's own page, where every look is logged.
func (n *Node) annulKind() approval.Kind {
	return approval.Kind{
		Code: annulCode, Deciders: []string{population.Registrar}, Apply: n.annul, Barred: recorders,
		Href: func(r approval.Request) string { return populationweb.AnnulmentPath(r.ID) },
	}
}

// asked is what a request keeps for its decision.
type asked struct {
	population.AnnulmentRequest
	Recorders []string `json:"recorders,omitempty"` // the accounts that recorded what is annulled
}

// recorders keep away from a request that takes away what they recorded. The register refuses
// them too; so nobody is sent to them.
func recorders(r approval.Request) []string {
	var q asked
	if json.Unmarshal(r.Payload, &q) != nil {
		return nil // Apply says what is wrong
	}
	return q.Recorders
}

// AskAnnulment leaves a request, and gives its id. Its words name nobody.
func (e exports) AskAnnulment(
	ctx context.Context, by actor.Actor, q population.AnnulmentRequest, plan population.AnnulmentPlan,
) (string, error) {
	keep := asked{AnnulmentRequest: q}
	for i := range plan.Annulled {
		if by := plan.Annulled[i].By; by != "" && !slices.Contains(keep.Recorders, by) {
			keep.Recorders = append(keep.Recorders, by)
		}
	}
	payload, err := json.Marshal(keep)
	if err != nil {
		return "", fmt.Errorf("ask for an annulment: %w", err)
	}
	kind := population.Registration
	if named := append(plan.Annulled, plan.Again...); len(named) > 0 {
		kind = named[0].Kind
	}
	if len(plan.Again) > 0 {
		kind = population.Annulment
	}
	r := approval.Request{
		Kind: annulCode, Subject: q.Events[0], Reason: q.Basis, Payload: payload, SaysKey: "population.annul.says",
		SaysArgs: fault.Args{"kind": approval.Word("people.kind." + string(kind)), "n": len(q.Events), "persons": len(plan.Event.Parts)},
	}
	err = e.n.base.DB.InTx(ctx, func(tx *sqldb.Tx) (err error) {
		r, err = e.n.base.Approvals.Ask(ctx, tx, by, r)
		if err == nil && r.SentTo != "" { // who decides must see whom it changes, and that only this node shows
			err = fault.New(fault.Unavailable, "population.annul.alone", nil)
		}
		return err
	})
	return r.ID, err
}

// annul takes the events away, in the transaction of the decision.
func (n *Node) annul(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
	var q population.AnnulmentRequest
	if err := json.Unmarshal(r.Payload, &q); err != nil {
		return fmt.Errorf("read what annulment %s asked: %w", r.ID, err)
	}
	_, err := n.register.Annul(ctx, n.store.Within(tx), r.ID, r.By, r.Decider, q)
	return err
}

// annulment is a request as its page shows it. It fails with NotFound.
func (n *Node) annulment(ctx context.Context, id string) (populationweb.Annulment, error) {
	var out populationweb.Annulment
	r, err := n.base.Approvals.Get(ctx, id)
	if err == nil && r.Kind != annulCode {
		err = fault.New(fault.NotFound, "approval.unknown", nil)
	}
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(r.Payload, &out.AnnulmentRequest); err != nil {
		return out, fmt.Errorf("read what annulment %s asked: %w", r.ID, err)
	}
	out.By, out.At, out.Open = r.By, r.At, r.State == approval.Open
	out.State, out.Href = "approval.state."+string(r.State), r.Href()
	return out, nil
}
