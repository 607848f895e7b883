package suggestion

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

//go:embed messages/*.json
var messages embed.FS

// Settings are the section "suggestion" of the configuration.
type Settings struct {
	Keep time.Duration `toml:"keep"` // how long suggestions are kept
}

const (
	path      = "/suggestions"
	forgetJob = "suggestion.forget"
)

// Module is what suggestions bring to a node.
func Module() node.Module {
	texts, _ := fs.Sub(messages, "messages")
	return node.Module{
		Name: "suggestion", Messages: []fs.FS{texts}, Migrate: migrate, Open: open,
		Permissions: Permissions.Lines(), Actions: []string{"suggestion.write"},
		Config: []config.Section{{
			Name: "suggestion", New: func() any { return &Settings{Keep: 365 * 24 * time.Hour} },
			Check: func(v any, c *config.Check) {
				if v.(*Settings).Keep < 24*time.Hour {
					c.Problem("suggestion.keep", "too_short", fault.Args{"min": "24h"})
				}
			},
		}},
		Commands: []node.Command{{
			Name: "suggestion", Help: "Suggestions of people.", Value: &commands{}, May: map[string]string{"list": "suggestion.read"},
		}},
	}
}

func open(_ context.Context, b *node.Base) (*node.Part, error) {
	box := &Box{Store: store{b.DB}, Clock: b.Clock, NewID: sqldb.NewID, Keep: config.In[Settings](b.Config).Keep}
	p := &pages{box, b}
	return &node.Part{
		Self: box,
		Routes: []web.Route{
			{Pattern: "GET " + path, Handler: p.show, May: "suggestion.write"},
			{Pattern: "POST " + path, Handler: p.put, May: "suggestion.write"},
		},
		Nav: func(p *i18n.Printer, _ actor.Actor) []ui.NavItem {
			return []ui.NavItem{{Label: p.T("nav.suggestion"), Href: path}}
		},
		Waiting: func(ctx context.Context, a actor.Actor) ([]node.Waiting, error) {
			list, err := box.All(ctx, a)
			if fault.Of(err) == fault.Denied || err == nil && len(list) == 0 {
				return nil, nil // nothing for this one
			}
			return []node.Waiting{{Key: "suggestion.waiting", Count: len(list), Href: path}}, err
		},
		Jobs:     map[string]jobs.Handler{forgetJob: func(ctx context.Context, _ *jobs.Task) error { return box.Forget(ctx) }},
		Periodic: []jobs.Periodic{{Kind: forgetJob, Slot: jobs.Daily(4, 0)}},
		Demo: func(ctx context.Context, _ node.Demo) error {
			return box.Put(ctx, actor.OfSystem(), "Xin cho đặt lịch hẹn vào thứ bảy.")
		},
	}, nil
}

type pages struct {
	box  *Box
	base *node.Base
}

type view struct {
	ui.Page
	Text string
	List []Suggestion
}

func (p *pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.page(w, r, http.StatusOK, "", nil)
}

func (p *pages) put(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.box.Put(r.Context(), session.Actor(r), form.Text("text")); err != nil {
		if faults := web.FormErrors(err); faults != nil {
			return p.page(w, r, web.Status(err), form.Text("text"), faults)
		}
		return err
	}
	return web.RedirectWith(w, r, path, "suggestion.thanks", nil)
}

func (p *pages) page(w http.ResponseWriter, r *http.Request, status int, text string, faults fault.List) error {
	a := session.Actor(r)
	if err := Permissions.Can(a, Write); err != nil {
		return err
	}
	v := view{Page: p.base.Frame(r).Page(i18n.T(r.Context(), "nav.suggestion")), Text: text}
	v.Errors = faults
	list, err := p.box.All(r.Context(), a)
	if err != nil && fault.Of(err) != fault.Denied { // who may write need not be allowed to read
		return err
	}
	v.List = list
	return web.Render(w, r, status, suggestionsPage(v))
}

type commands struct {
	List listCommand `cmd:"" help:"Print them, the youngest first."`
}

type listCommand struct{ node.Database }

// Run prints the suggestions.
func (c listCommand) Run(ctx context.Context, p node.Program) error {
	n, err := p.Open(ctx, "agency", c.Settings(p), "suggestion")
	if err != nil {
		return err
	}
	defer n.Close()
	box, _ := node.Find[*Box](n)
	list, err := box.All(ctx, actor.AtCommandLine())
	for _, s := range list {
		fmt.Fprintf(p.Out, "%s\t%s\n", c.Printer(p).Time(s.At), s.Text)
	}
	return err
}
