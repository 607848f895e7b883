// Package securitynode brings the security of systems to the board's node: tables, roles,
// the second person for grace, what the hub is told, and the systems of the demo. It decides
// nothing: that is the root's.
package securitynode

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/security"
	"dean06/internal/security/securitysql"
	"dean06/internal/security/securityweb"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of roles, acts and requests.
var Messages, _ = fs.Sub(messages, "messages")

// Needs is what the module needs of others on the node.
type Needs struct {
	// Systems are those that agencies declare.
	Systems security.Systems
	// Heritage lists the agencies whose systems an agency answers for today; see security.Desk.
	Heritage func(agency string) []string
	// Fill answers row 5 of an agency's return; see securityweb.Pages.
	Fill func(ctx context.Context, by actor.Actor, agency string, rows []security.Row5) (href string, err error)
	// Clear says at the hub of the exchange who passes. It fails until the node has joined.
	Clear func(ctx context.Context, at time.Time, list []security.Clearance) error
}

// Node is the module on one node.
type Node struct {
	needs Needs
	base  *node.Base
	desk  *security.Desk
	bell  chan struct{}
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs, bell: make(chan struct{}, 1)} }

// Desk is where people work on systems, for tests of the whole.
func (n *Node) Desk() *security.Desk { return n.desk }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name: "security", Config: []config.Section{Section}, Messages: []fs.FS{security.Messages, securityweb.Messages, Messages},
		Migrate: securitysql.Migrate,
		Uploads: true,
		Roles: []node.Role{
			{Code: security.Officer}, {Code: security.UnitStaff}, {Code: security.HeadRole}, {Code: security.Examiner, Second: true},
		},
		Permissions: security.Permissions.Lines(),
		Actions:     security.Actions,
		Open:        n.open,
	}
}

func (n *Node) open(_ context.Context, b *node.Base) (*node.Part, error) {
	n.base = b
	set := config.In[Config](b.Config)
	rules, err := brought(set.Rules, "rules.json")
	if err != nil {
		return nil, err
	}
	book, err := security.ReadBook(rules)
	if err != nil {
		return nil, err
	}
	raw, err := brought(set.Standards, "standards.json")
	if err != nil {
		return nil, err
	}
	standards, err := security.ReadStandards(raw)
	if err != nil {
		return nil, err
	}
	n.desk = &security.Desk{
		Store: securitysql.New(b.DB), Systems: n.needs.Systems, Clock: b.Clock, NewID: sqldb.NewID, Book: book, Standards: standards,
		Second: second{n}, Changed: n.ring, Heritage: n.needs.Heritage,
		SamePerson: func(ctx context.Context, one, other string) (bool, error) {
			return b.Sessions.SamePerson(ctx, b.DB, one, other)
		},
	}
	pages := &securityweb.Pages{
		Desk: n.desk, Frame: b.Frame, Clock: b.Clock, Files: b.Files, Uploads: b.Uploads, Agency: b.Agencies.NameOf, Name: n.nameOf, Fill: n.needs.Fill,
	}
	return &node.Part{
		Self: n, Routes: pages.Routes(), Nav: nav, Home: home, Waiting: n.waiting, Demo: n.demo,
		Jobs: map[string]jobs.Handler{
			warnJob: n.warn,
			tellJob: func(context.Context, *jobs.Task) error { n.ring(); return nil },
		},
		Periodic:  []jobs.Periodic{{Kind: warnJob, Slot: jobs.Daily(7, 30)}},
		Approvals: []approval.Kind{n.graceKind()}, Run: []func(context.Context) error{n.tell},
	}, nil
}

// nameOf is what an account was called; the people of the demo's past have none.
func (n *Node) nameOf(ctx context.Context, account string, at time.Time) string {
	if strings.HasPrefix(account, demoAccounts) || n.base.Sessions == nil {
		return n.base.Messages.In(i18n.From(ctx).Lang).T("security.demo." + strings.TrimPrefix(account, demoAccounts))
	}
	return n.base.Sessions.NameOf(ctx, account, at)
}

// home is where somebody's work is.
func home(a actor.Actor) string {
	if a.Has(security.Officer, security.UnitStaff, security.Examiner) {
		return securityweb.Path
	}
	return ""
}

func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if security.Permissions.CanOwn(a, security.ActSee, a.Agency != "") != nil {
		return nil
	}
	return []ui.NavItem{{Label: p.T("nav.security"), Href: securityweb.Path}}
}

// waiting is what waits for somebody: dossiers whose turn is theirs, findings to retest,
// systems that are closed.
func (n *Node) waiting(ctx context.Context, a actor.Actor) ([]node.Waiting, error) {
	if nav(n.base.Messages.In(i18n.Vi), a) == nil || a.Agency == "" {
		return nil, nil
	}
	views, err := n.desk.Look(ctx, a, a.Agency)
	if err != nil {
		return nil, err
	}
	inherited, err := n.desk.Inherited(ctx, a, a.Agency)
	if err != nil {
		return nil, err
	}
	views = append(views, inherited...)
	turns, retests, closed := 0, 0, 0
	now := n.base.Clock.Now()
	for _, v := range views {
		if v.Open != nil && n.desk.Turn(ctx, a, *v.Open) == nil {
			turns++
		}
		if c, connected := v.Gate(); connected && !c.Passes(now) && a.Has(security.Officer) {
			closed++
		}
		for _, f := range v.Findings {
			if f.State == security.FindingMended && n.desk.MayRetest(ctx, a, f) == nil {
				retests++
			}
		}
	}
	var out []node.Waiting
	for _, w := range []node.Waiting{
		{Key: "work.security.turn", Count: turns, Href: securityweb.Path},
		{Key: "work.security.retest", Count: retests, Href: securityweb.Path},
		{Key: "work.security.closed", Count: closed, Href: securityweb.Path},
	} {
		if w.Count > 0 {
			out = append(out, w)
		}
	}
	return out, nil
}

// ring lets the hub hear of a change at once.
func (n *Node) ring() {
	select {
	case n.bell <- struct{}{}:
	default:
	}
}

const (
	tellEvery = time.Minute     // how long the hub waits at most for what was decided on another process, or while it was away
	tellAgain = 2 * time.Second // after a try that failed: the hub or the gateway has just started
	tellSoon  = 30              // tries that fail in a row before it is every minute: a hub that refuses is not asked without end
)

// tell says at the hub who passes until ctx ends: at once after a change, and every minute,
// so that it is known how old what was said is. Nobody is closed because this node is away:
// time alone closes.
func (n *Node) tell(ctx context.Context) error {
	failed := 0
	for {
		wait := tellEvery
		list, at, err := n.desk.Clearances(ctx)
		if err == nil {
			err = n.needs.Clear(ctx, at, list)
		}
		if err != nil {
			if failed++; failed <= tellSoon {
				wait = tellAgain
			}
			if failed == 1 && ctx.Err() == nil {
				n.base.Log.Warn("the hub was not told who is secure", "error", err)
			}
		} else {
			failed = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-n.bell:
		case <-time.After(wait):
		}
	}
}

// tellJob lets the hub hear of what a second person decided, once that is stored.
const tellJob = "security.tell"

// graceCode is the code of requests for grace.
const graceCode = "security.grace"

// second asks another inspector.
type second struct{ n *Node }

// AskGrace leaves a request, one of a system at a time: of two who ask at the same moment one
// does, and the other is told. It waits no longer than the grace would last.
func (s second) AskGrace(ctx context.Context, by actor.Actor, g security.Grace, name string) error {
	payload, err := json.Marshal(g)
	if err != nil {
		return err
	}
	about := g.Agency + "/" + g.System
	return s.n.base.DB.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := securitysql.Hold(ctx, tx, security.Of{Agency: g.Agency, System: g.System}); err != nil {
			return err
		}
		open, err := s.n.base.Approvals.FindIn(ctx, tx, approval.Filter{State: approval.Open, Kind: graceCode, About: about, Limit: 1})
		if err != nil {
			return err
		}
		if len(open) > 0 {
			return fault.New(fault.Conflict, "security.grace.asked", nil)
		}
		_, err = s.n.base.Approvals.Ask(ctx, tx, by, approval.Request{
			Kind: graceCode, Subject: about, Reason: g.Reason, Payload: payload, Until: g.Until.End(), SaysKey: "security.grace.says",
			SaysArgs: fault.Args{
				"system": name, "agency": s.n.base.Agencies.NameOf(g.Agency), "until": g.Until.String(), "subsystems": strings.Join(g.Subsystems, ", "),
			},
		})
		return err
	})
}

func (n *Node) graceKind() approval.Kind {
	return approval.Kind{
		Code: graceCode, Deciders: []string{security.Examiner},
		Apply: func(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
			var g security.Grace
			if err := json.Unmarshal(r.Payload, &g); err != nil {
				return err
			}
			g.AskedBy = r.By.Account
			if err := n.desk.GiveGrace(ctx, securitysql.In(tx), g, r.Decider); err != nil {
				return err
			}
			_, err := jobs.Enqueue(ctx, tx, tellJob, nil, jobs.Options{})
			return err
		},
	}
}
