package procedurenode

import (
	"context"
	"encoding/json"
	"fmt"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/procedure"
	"dean06/internal/procedure/proceduresql"
	"dean06/internal/procedure/procedureweb"
)

// kindPackage is the code of requests to sign a package off.
const kindPackage = "procedure.package"

// second asks a second administrator through the requests of the node. It is a
// procedure.SecondPerson.
type second struct {
	db        *sqldb.DB
	approvals *approval.Service
	shelf     *procedure.Shelf
}

// asked is what a request carries.
type asked struct {
	ID string `json:"id"`
}

// Ask makes the request.
func (s *second) Ask(ctx context.Context, by actor.Actor, d procedure.Draft, reason string) error {
	open, err := s.open(ctx, d.ID)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		return fault.New(fault.Conflict, "procedure.package.asked", nil)
	}
	payload, err := json.Marshal(asked{d.ID})
	if err != nil {
		return fmt.Errorf("write down what is asked: %w", err)
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := s.approvals.Ask(ctx, tx, by, approval.Request{
			Kind: kindPackage, Subject: d.ID, Reason: reason, Payload: payload,
			SaysKey: "procedure.package.asks", SaysArgs: fault.Args{"code": d.Code, "version": d.Version, "from": d.From.String()},
		})
		return err
	})
}

func (s *second) open(ctx context.Context, id string) ([]approval.Request, error) {
	open, err := s.approvals.Find(ctx, approval.Filter{Kind: kindPackage, State: approval.Open, About: id, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("requests about package %s: %w", id, err)
	}
	return open, nil
}

// Asked is where the request about a draft is read.
func (s *second) Asked(ctx context.Context, id string) (string, error) {
	open, err := s.open(ctx, id)
	if err != nil || len(open) == 0 {
		return "", err
	}
	return open[0].Href(), nil
}

// kind is the kind of these requests: another administrator decides.
func (s *second) kind() approval.Kind {
	return approval.Kind{
		Code: kindPackage, Deciders: []string{procedure.Administrator},
		Href: func(r approval.Request) string { return procedureweb.DraftHref(r.Subject) },
		Apply: func(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
			var p asked
			if err := json.Unmarshal(r.Payload, &p); err != nil {
				return fmt.Errorf("read request %s: %w", r.ID, err)
			}
			return s.shelf.Fulfil(ctx, proceduresql.Signing{Tx: tx}, r.Decider, p.ID)
		},
	}
}
