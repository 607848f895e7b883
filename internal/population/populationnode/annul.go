package populationnode

import (
	"context"
	"encoding/json"
	"fmt"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// annulCode is the request that life events are annulled.
const annulCode = "population.annul"

// annulKind lets another registrar decide on it. What it is about is personal data, so it
// is read on the register's own page, where every look is logged.
func (n *Node) annulKind() approval.Kind {
	return approval.Kind{
		Code: annulCode, Deciders: []string{population.Registrar}, Apply: n.annul,
	}
}

// AskAnnulment leaves a request, and gives its id. Its words name nobody.
func (e exports) AskAnnulment(
	ctx context.Context, by actor.Actor, q population.AnnulmentRequest, plan population.AnnulmentPlan,
) (string, error) {
	payload, err := json.Marshal(q)
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
