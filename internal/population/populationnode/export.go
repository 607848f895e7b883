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
	"dean06/internal/population/populationsql"
)

// exportKind is the request that the register may leave as a file: an auditor decides.
var exportKind = approval.Kind{
	Code: "population.export", Deciders: []string{population.Auditor}, Apart: true, Apply: allowExport,
}

// exports leaves requests for a second person.
type exports struct{ n *Node }

// AskExport leaves one, and gives its id. Who asks for a file and does not write it by
// its last day has asked for nothing, so the request ends then too.
func (e exports) AskExport(ctx context.Context, by actor.Actor, q population.ExportRequest) (string, error) {
	payload, err := json.Marshal(q)
	if err != nil {
		return "", fmt.Errorf("ask for an export: %w", err)
	}
	r := approval.Request{
		Kind: exportKind.Code, Subject: "population", Reason: q.Purpose, Payload: payload, Until: q.Until.End(),
		SaysKey: "population.export.says", SaysArgs: fault.Args{"where": e.n.where(q.Province), "until": q.Until.Start().Format("02/01/2006")},
	}
	err = e.n.base.DB.InTx(ctx, func(tx *sqldb.Tx) (err error) {
		r, err = e.n.base.Approvals.Ask(ctx, tx, by, r)
		return err
	})
	return r.ID, err
}

// where is the province of an export in words.
func (n *Node) where(province string) string {
	if u, ok := n.units.Province(province, n.today()); ok {
		return u.Name
	}
	if province == "" {
		return approval.Word("population.export.everywhere")
	}
	return province
}

// allowExport keeps what was approved, in the transaction of the decision.
func allowExport(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
	var q population.ExportRequest
	if err := json.Unmarshal(r.Payload, &q); err != nil {
		return fmt.Errorf("read what export %s asked: %w", r.ID, err)
	}
	return populationsql.AllowExport(ctx, tx, population.Export{
		ExportRequest: q, ID: r.ID, AskedBy: r.By.Account, ApprovedBy: r.Decider.Account, ApprovedAt: r.Decided,
	})
}
