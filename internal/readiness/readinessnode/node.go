// Package readinessnode brings the readiness register to a node: tables, forms and
// letters, pages, the API, the files that people download, what runs in the background,
// commands, and the rounds of the demo. It decides nothing: that is the root's.
package readinessnode

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessapi"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinessreport"
	"dean06/internal/readiness/readinesssql"
	"dean06/internal/readiness/readinessweb"
	"dean06/internal/readiness/readinessweb/board"
	"dean06/internal/readiness/readinessweb/fill"
	"dean06/internal/readiness/readinessweb/forms"
	"dean06/internal/readiness/readinessweb/office"
	"dean06/internal/readiness/readinessxlsx"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the module's part in the navigation, the audit log, the
// work list and the commands, and of its files and letters.
var Messages, _ = fs.Sub(messages, "messages")

// roleBoard is the role of the node that has the register.
const roleBoard = "board"

// Needs is what the module needs of others. It is asked only after they are open.
type Needs struct {
	// Org gives the agencies through time: *org.Agencies.
	Org func() readiness.Org
}

// Node is the module on one node.
type Node struct {
	needs Needs

	base     *node.Base // once open
	store    *readinesssql.Store
	register *readiness.Register
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name: "readiness",
		Messages: []fs.FS{
			readiness.Messages, readinessdocx.Messages, readinessxlsx.Messages, readinessreport.Messages, readinessapi.Messages,
			readinessweb.Messages, board.Messages, fill.Messages, office.Messages, forms.Messages, Messages,
		},
		Migrate: readinesssql.Migrate,
		Roles: []node.Role{
			// What focal points leave of themselves is personal data.
			{Code: readiness.Coordinator, Personal: true},
			{Code: readiness.Reviewer, Personal: true},
			{Code: readiness.FocalPoint},
			{Code: readiness.AgencyLeader},
			{Code: readiness.Leader},
		},
		Uploads:     true,
		Permissions: readiness.Permissions.Lines(),
		Scopes:      readinessapi.Scopes,
		Actions:     readinesssql.Actions,
		Commands:    []node.Command{command()},
		Open:        n.open,
	}
}

func (n *Node) open(ctx context.Context, b *node.Base) (*node.Part, error) {
	n.base, n.store = b, readinesssql.New(b.DB)
	var err error
	if n.register, err = n.registerAt(b.Clock, n.notify); err != nil {
		return nil, err
	}
	if err := n.install(ctx); err != nil {
		return nil, err
	}
	api := readinessapi.New(n.register, n.names(), n.log())
	part := &node.Part{
		Self: n, Home: home, Nav: nav, Waiting: n.waiting, Demo: n.demo,
		Footer: []node.Footer{{Key: "nav.api", Href: readinessapi.Path}},
		Jobs: map[string]jobs.Handler{
			importKind: n.importJob, sweepKind: n.sweepJob, lettersKind: n.lettersJob,
			remindKind: func(ctx context.Context, _ *jobs.Task) error { return n.remindDue(ctx) },
		},
		Periodic: []jobs.Periodic{{Kind: remindKind, Slot: jobs.Daily(8, 0)}, {Kind: sweepKind, Slot: jobs.Daily(3, 40)}},
	}
	shell := readinessweb.Shell{
		Register: n.register, Clock: b.Clock, Frame: b.Frame, Names: n.names(),
		Exports: exports{n}, Work: work{n}, Country: readiness.Country{Org: n.needs.Org()},
	}
	if b.Uploads != nil {
		mount, handlers := n.uploads(b)
		shell.Uploads, shell.UploadAttrs = b.Uploads, mount.Attrs
		part.Handlers = append(part.Handlers, handlers...)
	}
	part.Routes = append(part.Routes, board.New(shell).Routes()...)
	filling, offices := fill.New(shell), office.New(shell)
	part.Routes = append(part.Routes, filling.Routes()...)
	part.Routes = append(part.Routes, offices.Routes()...)
	part.Routes = append(part.Routes, (&forms.Pages{Shell: shell, Page: offices.Page, Filler: filling}).Routes()...)
	part.Routes = append(part.Routes, api.Routes(b.Frame)...)
	api.Mount(func(pattern string, h http.Handler, may string) {
		part.Handlers = append(part.Handlers, node.Handler{Pattern: pattern, Handler: h, May: may})
	})
	return part, nil
}

// registerAt makes the register with a clock: the demo takes its rounds in at their time,
// and tells nobody.
func (n *Node) registerAt(c clock.Clock, notify readiness.Notify) (*readiness.Register, error) {
	causes, err := load("causes.json", readiness.LoadCauses)
	if err != nil {
		return nil, err
	}
	claims, err := load("claims.json", readiness.LoadClaims)
	if err != nil {
		return nil, err
	}
	sense, err := load("sense.v1.json", readiness.LoadSense)
	if err != nil {
		return nil, err
	}
	return readiness.New(readiness.Parts{
		Store: n.store, Agencies: readiness.AgenciesOf(n.needs.Org()), Papers: papers{n.base.Files},
		Word: wordForms{}, Excel: excelForms{}, Clock: c, NewID: sqldb.NewID,
		Causes: causes, Sense: sense, Claims: claims, Notify: notify, Colleagues: n.colleagues(),
	}), nil
}

// names are how people are called; nil on a node without accounts.
func (n *Node) names() readinessweb.Names {
	if n.base.Sessions == nil {
		return nil
	}
	return n.base.Sessions
}

func (n *Node) log() *slog.Logger {
	if n.base.Log == nil {
		return slog.Default()
	}
	return n.base.Log
}

// Register is the register, for commands and measurements. It works once the module is
// open.
func (n *Node) Register() *readiness.Register { return n.register }

// Exports makes the files that people download.
func (n *Node) Exports() readinessweb.Exports { return exports{n} }

// Work runs what takes longer than a request.
func (n *Node) Work() readinessweb.Work { return work{n} }

// System is who acts when the program itself does, with every right that the register's
// own work needs.
func System() actor.Actor { return actor.OfSystem(readiness.Coordinator) }

// home is where somebody's work is.
func home(a actor.Actor) string {
	switch {
	case readiness.Can(a, readiness.ResolveReading, "") == nil:
		return "/office"
	case a.Has(readiness.Auditor): // may read the board, and works in the log
		return ""
	case readiness.Can(a, readiness.ReadBoard, "") == nil:
		return "/board"
	case readiness.Can(a, readiness.EditDraft, a.Agency) == nil, readiness.Can(a, readiness.ApproveReturn, a.Agency) == nil:
		return "/returns"
	}
	return ""
}

func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	var out []ui.NavItem
	add := func(may error, key, href string) {
		if may == nil {
			out = append(out, ui.NavItem{Label: p.T("nav." + key), Href: href})
		}
	}
	own := readiness.Can(a, readiness.EditDraft, a.Agency)
	if own != nil {
		own = readiness.Can(a, readiness.ApproveReturn, a.Agency)
	}
	add(own, "returns", "/returns")
	add(readiness.Can(a, readiness.ResolveReading, ""), "office", "/office")
	add(readiness.Can(a, readiness.ReadBoard, ""), "board", "/board")
	if readiness.Can(a, readiness.ResolveReading, "") != nil { // who works on them gets there from the work list
		add(readiness.Can(a, readiness.ReadIntake, ""), "files", "/office/imports")
	}
	return out
}

// waiting counts what waits for somebody, by what is to be done: of one letter alone it
// leads there, of several to their list.
func (n *Node) waiting(ctx context.Context, a actor.Actor) ([]node.Waiting, error) {
	all, err := n.register.Waiting(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []node.Waiting
	at := map[readiness.WaitKind]int{}
	for _, w := range all {
		list, one := placeOf(w)
		i, ok := at[w.Kind]
		if !ok {
			at[w.Kind] = len(out)
			out = append(out, node.Waiting{Key: "readiness.waiting." + string(w.Kind), Count: w.Count, Href: one})
			continue
		}
		out[i].Count += w.Count
		out[i].Href = list
	}
	return out, nil
}

// placeOf is where a kind of work is done: the list of all letters, and the one letter.
func placeOf(w readiness.Waiting) (list, one string) {
	switch w.Kind {
	case readiness.WaitReturn, readiness.WaitSentBack:
		return "/returns", "/returns/" + w.Campaign.ID + "/" + w.Agency
	case readiness.WaitApproval:
		return "/returns", "/returns/" + w.Campaign.ID + "/" + w.Agency + "/approval"
	case readiness.WaitFiles:
		return "/office", "/office/imports?campaign=" + w.Campaign.ID
	}
	return "/office", "/office/campaigns/" + w.Campaign.ID + "?state=" + string(readiness.Submitted)
}
