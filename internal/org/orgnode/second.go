package orgnode

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"dean06/internal/org"
	"dean06/internal/org/orgweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
)

// kindHolder is the request to give somebody a position that opens personal data.
const kindHolder = "org.holder"

// second asks a second person through the requests of the node.
type second struct{ node *Node }

// Ask makes the request and gives its id.
func (s second) Ask(ctx context.Context, by actor.Actor, p org.Proposal) (string, error) {
	payload, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("ask for a holder: %w", err)
	}
	var asked approval.Request
	err = s.node.base.DB.InTx(ctx, func(tx *sqldb.Tx) error {
		asked, err = s.node.base.Approvals.Ask(ctx, tx, by, approval.Request{
			Kind: kindHolder, Subject: p.Appointment.Position, Benefits: p.Appointment.Account,
			SaysKey: "org.approval.holder", SaysArgs: fault.Args{
				"title": p.Title, "agency": s.node.agencies.NameOf(p.Agency), "roles": strings.Join(p.Roles, ", "),
			},
			Reason: p.Appointment.Basis, Payload: payload,
		})
		return err
	})
	return asked.ID, err
}

// holderKind makes an appointment happen once it was approved.
func (n *Node) holderKind() approval.Kind {
	return approval.Kind{
		Code: kindHolder, Deciders: []string{org.Administrator},
		Apply: func(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
			var p org.Proposal
			if err := json.Unmarshal(r.Payload, &p); err != nil {
				return fmt.Errorf("read request %s: %w", r.ID, err)
			}
			p.By = r.By
			return n.positions.Confirm(ctx, n.store.In(tx), p, r.ID, r.Decider)
		},
		Href: func(r approval.Request) string { return orgweb.PositionsPath + "/" + r.Subject },
	}
}

// accounts finds the accounts of the node by their login.
type accounts struct{ sessions *session.Service }

// ByLogin gives the id of the active account with a login; false when there is none. It
// asks as the one who acts.
func (a accounts) ByLogin(ctx context.Context, login string) (string, bool, error) {
	found := a.sessions.FoundBy(ctx, strings.ToLower(strings.TrimSpace(login)))
	if len(found) < 2 {
		return "", false, nil
	}
	account, err := a.sessions.Account(ctx, found[0])
	if fault.Of(err) == fault.NotFound {
		return "", false, nil
	}
	return account.ID, account.Active, err
}
