// Package handovernode brings the handing in of files to be cleaned to an agency's node: its
// tables, pages and jobs, and the way through the exchange. It decides nothing; handover does.
package handovernode

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningclient"
	"dean06/internal/cleaning/handover"
	"dean06/internal/cleaning/handover/handoversql"
	"dean06/internal/cleaning/handover/handoverweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/xroad"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the module's part in the navigation, of its role, acts and jobs.
var Messages, _ = fs.Sub(messages, "messages")

// Needs are what it needs of others on the node.
type Needs struct {
	// Call carries a request through the exchange.
	Call func(ctx context.Context, r *http.Request) (*http.Response, error)
	// Register is the register's subsystem; false while it is not known.
	Register func() (xroad.ID, bool)
	// Signed says that a file was given out by a subsystem, and when. It fails with Conflict.
	Signed func(kind, sha256 string, size int64, by xroad.ID, text string, signature, der []byte) (time.Time, error)
}

// Node is the module on one node.
type Node struct {
	needs  Needs
	base   *node.Base
	store  *handoversql.Store
	pieces *uploadsql.Service
	desk   *handover.Desk
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Desk is where files are handed in, for the demo and tests of the whole.
func (n *Node) Desk() *handover.Desk { return n.desk }

const (
	endJob = "handover.end"
	// lookEvery is how often it is asked which files are to be worked on.
	lookEvery = 2 * time.Second
	atOnce    = 50
)

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name: "handover", Messages: []fs.FS{cleaningclient.Messages, handover.Messages, handoverweb.Messages, Messages},
		Migrate:     handoversql.Migrate,
		Uploads:     true,
		Roles:       []node.Role{{Code: handover.Officer, Personal: true}},
		Permissions: handover.Permissions.Lines(),
		Actions:     []string{"handover.hand_in", "handover.confirm", "handover.come", "handover.fetch", "handover.delete"},
		Open:        n.open,
	}
}

func (n *Node) open(_ context.Context, b *node.Base) (*node.Part, error) {
	n.base, n.store, n.pieces = b, handoversql.New(b.DB), b.Bulk("handover", cleaning.MaxHanded)
	n.desk = &handover.Desk{
		Store: n.store, Files: files{b.Files}, Pieces: n.pieces, Clock: b.Clock, NewID: sqldb.NewID, Signed: n.signed,
		Service: service{&cleaningclient.Client{Call: n.needs.Call, Register: n.needs.Register}},
	}
	pages := &handoverweb.Pages{Desk: n.desk, Frame: b.Frame, Clock: b.Clock, Name: b.Sessions.NameOf}
	return &node.Part{
		Self: n, Routes: pages.Routes(), Nav: nav, Home: home, Waiting: n.waiting,
		Jobs: map[string]jobs.Handler{
			handoversql.WorkJob: func(ctx context.Context, t *jobs.Task) error {
				var id string
				if err := t.Decode(&id); err != nil {
					return jobs.Permanent(err)
				}
				return n.desk.Work(ctx, id)
			},
			endJob: func(ctx context.Context, _ *jobs.Task) error {
				_, err := n.pieces.Forget(ctx)
				return errors.Join(n.desk.EndPast(ctx), err)
			},
		},
		Periodic: []jobs.Periodic{{Kind: endJob, Slot: jobs.Daily(3, 20)}},
		Run:      []func(context.Context) error{n.run},
	}, nil
}

// run has files worked on when their time has come, until ctx ends.
func (n *Node) run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		due, err := n.store.Due(ctx, n.base.Clock.Now(), atOnce)
		for _, id := range due {
			err = errors.Join(err, n.store.Soon(ctx, id))
		}
		if err != nil && ctx.Err() == nil {
			n.base.Log.ErrorContext(ctx, "look for files that were handed in", "error", err)
		}
	}
}

func (n *Node) signed(_ context.Context, p cleaning.Paper) (time.Time, error) {
	by, ok := n.needs.Register()
	if !ok {
		return time.Time{}, errors.New("the register's subsystem is not known")
	}
	s := p.Signature
	return n.needs.Signed(cleaning.SignedAs, p.File.SHA256, p.File.Size, by, s.Text, s.Signature, s.Certificate)
}

func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if handover.Permissions.Can(a, handover.HandIn) != nil {
		return nil
	}
	return []ui.NavItem{{Label: p.T("nav.handover"), Href: handoverweb.Path}}
}

// home is where somebody works who has nothing else to do here.
func home(a actor.Actor) string {
	if a.Has(handover.Officer) {
		return handoverweb.Path
	}
	return ""
}

// waiting are files that wait for somebody of the agency.
func (n *Node) waiting(ctx context.Context, a actor.Actor) ([]node.Waiting, error) {
	if handover.Permissions.Can(a, handover.HandIn) != nil {
		return nil, nil //nolint:nilerr // who may not has nothing waiting
	}
	list, err := n.desk.Handovers(ctx, a, "", atOnce)
	if err != nil {
		return nil, err
	}
	var columns, rows int
	for i := range list {
		if h := &list[i]; h.State == handover.There && h.Told != nil && h.Told.State == cleaning.Columns {
			columns++
		} else if h.State == handover.There && h.Told != nil {
			rows += h.Told.Open
		}
	}
	var out []node.Waiting
	if columns > 0 {
		out = append(out, node.Waiting{Key: "work.handover.columns", Count: columns, Href: handoverweb.Path})
	}
	if rows > 0 {
		out = append(out, node.Waiting{Key: "work.handover.rows", Count: rows, Href: handoverweb.Path})
	}
	return out, nil
}
