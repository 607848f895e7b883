// Package programmenode brings the programme to the board: its tables, pages, files,
// commands, what runs in the background, and the tasks of the demo. It decides nothing:
// that is the root's.
package programmenode

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"slices"
	"sync/atomic"

	"dean06/data"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/programme"
	"dean06/internal/programme/programmereport"
	"dean06/internal/programme/programmesql"
	"dean06/internal/programme/programmeweb"
	"dean06/internal/programme/programmexlsx"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the module's part in the navigation, the audit log and the
// work list, and the words of its commands.
var Messages, _ = fs.Sub(messages, "messages")

// roleBoard is the role of the node that has the programme.
const roleBoard = "board"

// Needs is what the module needs of others. It is asked only after they are open.
type Needs struct {
	Country func() programme.Country
	Lineage func(ctx context.Context) programme.Lineage
	// Readiness is as in programme.Parts.
	Readiness func(ctx context.Context, kind string, known clock.Date) (programme.Ready, error)
	// Linked is as in programme.Parts.
	Linked func(ctx context.Context, who actor.Actor, path []string) (programme.Linked, error)
}

// Node is the module on one node.
type Node struct {
	needs   Needs
	base    *node.Base // once open
	store   *programmesql.Store
	service *programme.Service
	chosen  atomic.Pointer[choices]
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Service is the programme, for commands and measurements. It works once the module is open.
func (n *Node) Service() *programme.Service { return n.service }

// Store is where it is kept, for measurements.
func (n *Node) Store() *programmesql.Store { return n.store }

// The kinds of the module's jobs. "job.…" are their names.
const (
	periodsJob = "programme.periods"
	remindJob  = "programme.remind"
)

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name: "programme",
		Messages: []fs.FS{
			programme.Messages, programmexlsx.Messages, programmereport.Messages, programmeweb.Messages, Messages,
		},
		Migrate:     programmesql.Migrate,
		Uploads:     true,
		Permissions: programme.Permissions.Lines(),
		Actions:     programmesql.Actions,
		Commands:    []node.Command{command()},
		Open:        n.open,
	}
}

func (n *Node) open(_ context.Context, b *node.Base) (*node.Part, error) {
	n.base, n.store = b, programmesql.New(b.DB)
	var err error
	if n.service, err = n.make(); err != nil {
		return nil, err
	}
	pages := programmeweb.Pages{
		Service: n.service, Frame: b.Frame, Clock: b.Clock, Agency: b.Agencies.NameOf, Agencies: n.choices, Keep: n.keep, Show: n.show,
		WriteBook: programmexlsx.Write, ReadBook: programmexlsx.Read, Letter: n.letter,
	}
	return &node.Part{
		Self: n, Demo: n.demo, Routes: pages.Routes(), Nav: nav, Waiting: n.waiting,
		Jobs: map[string]jobs.Handler{
			periodsJob: func(ctx context.Context, _ *jobs.Task) error {
				_, err := n.service.OpenPeriods(ctx, actor.OfSystem())
				return err
			},
			remindJob: func(ctx context.Context, _ *jobs.Task) error { return n.remind(ctx) },
		},
		Periodic: []jobs.Periodic{{Kind: periodsJob, Slot: jobs.Daily(1, 20)}, {Kind: remindJob, Slot: jobs.Daily(7, 40)}},
	}, nil
}

func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if programme.Permissions.CanOwn(a, programme.Read, a.Agency != "") != nil {
		return nil
	}
	return []ui.NavItem{{Label: p.T("nav.programme"), Href: programmeweb.Path}}
}

// choices are the ministries and provinces of today, for fields of forms.
func (n *Node) choices() []ui.Option {
	of, today := n.needs.Country().Directory(), n.service.Today()
	if kept := n.chosen.Load(); kept != nil && kept.of == of && kept.day == today {
		return kept.list
	}
	var out []ui.Option
	for _, a := range of.Agencies(today) {
		out = append(out, ui.Option{Value: a.Code, Label: a.Name})
	}
	n.chosen.Store(&choices{of, today, slices.Clip(out)})
	return out
}

// choices are those of a day, of a register of agencies that never changes.
type choices struct {
	of   any
	day  clock.Date
	list []ui.Option
}

// waiting is what an agency owes and is late with or soon will be, and what waits for who
// accepts.
func (n *Node) waiting(ctx context.Context, a actor.Actor) ([]node.Waiting, error) {
	c, err := n.service.Waiting(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []node.Waiting
	if owed := c.Overdue + c.AtRisk; owed > 0 {
		out = append(out, node.Waiting{Key: "programme.waiting.owed", Count: owed, Href: programmeweb.Path})
	}
	if c.Waiting > 0 {
		out = append(out, node.Waiting{Key: "programme.waiting.accept", Count: c.Waiting, Href: programmeweb.Path + "/units?standing=waiting"})
	}
	return out, nil
}

func (n *Node) make() (*programme.Service, error) {
	kinds, err := read("kinds.json", programme.ReadKinds)
	if err != nil {
		return nil, err
	}
	defs, err := data.Programme.Open("programme/figures.json")
	if err != nil {
		return nil, err
	}
	defer defs.Close()
	printed, err := data.Programme.Open("programme/published.json")
	if err != nil {
		return nil, err
	}
	defer printed.Close()
	figures, published, err := programme.ReadDefinitions(defs, printed)
	if err != nil {
		return nil, err
	}
	return programme.New(programme.Parts{
		Store: n.store, Country: n.needs.Country, Lineage: n.needs.Lineage, Clock: n.base.Clock, NewID: sqldb.NewID,
		Kinds: kinds, Figures: figures, Published: published, Readiness: n.needs.Readiness, Linked: n.needs.Linked,
		URL: n.base.URL,
		SamePerson: func(ctx context.Context, a, b string) (bool, error) {
			return n.base.Sessions.SamePerson(ctx, n.base.DB, a, b)
		},
	}), nil
}

// demo loads the demo's past once, and opens what today asks for.
func (n *Node) demo(ctx context.Context, _ node.Demo) error {
	if err := n.seed(ctx); err != nil {
		return err
	}
	_, err := n.service.OpenPeriods(ctx, actor.OfSystem())
	return err
}

func (n *Node) seed(ctx context.Context) error {
	revision, err := n.store.Revision(ctx)
	if err != nil || revision > 0 {
		return err
	}
	f, err := data.Programme.Open("programme/demo.json")
	if err != nil {
		return err
	}
	defer f.Close()
	past, err := programme.ReadPast(f, n.needs.Country(), n.needs.Lineage(ctx), sqldb.NewID)
	if err != nil {
		return err
	}
	return n.store.Load(ctx, past, n.base.Clock.Now())
}

func read[T any](name string, parse func(r io.Reader) (T, error)) (T, error) {
	f, err := data.Programme.Open("programme/" + name)
	if err != nil {
		var zero T
		return zero, err
	}
	defer f.Close()
	return parse(f)
}
