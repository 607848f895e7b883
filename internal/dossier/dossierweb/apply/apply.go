// Package apply is the citizen's pages: finding a procedure, what it needs, the form one
// question a page, papers, sending, and following a dossier with or without signing in. It
// shows and forwards; every rule and every permission is in package dossier.
package apply

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of these pages.
var Messages, _ = fs.Sub(messages, "messages")

// Needs are what these pages need beside the shell.
type Needs struct {
	// Catalogue finds procedures of the national catalogue.
	Catalogue func(ctx context.Context) (*procedure.Catalogue, error)
	// Uploads takes files; Attrs is what a file field needs so that a script sends its file
	// in pieces, nil where there is none.
	Uploads upload.Service
	Attrs   func(p *i18n.Printer, purpose string, policy upload.Policy) templ.Attributes
	// Address is where a request comes from, behind the node's proxies.
	Address func(r *http.Request) string
	// StepUp is where somebody signs in more surely and comes back to a page; nil where nobody can.
	StepUp func(next string) string
}

// Pages are the citizen's pages of a node.
type Pages struct {
	dossierweb.Shell
	Needs
}

// New makes the pages.
func New(shell dossierweb.Shell, needs Needs) *Pages { return &Pages{shell, needs} }

// Addresses of the pages.
const (
	Find  = "/procedures"
	Mine  = "/applications"
	Track = "/track"
	proof = "/proof"
	own   = "/dossiers"
)

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	const (
		one    = Mine + "/{id}"
		sent   = own + "/{code}"
		anyone = "anyone"
		fill   = "dossier.fill"
		read   = "dossier.read"
	)
	routes := []web.Route{
		{Pattern: "GET " + Find, Handler: p.find, May: anyone},
		{Pattern: "GET " + Find + "/{code}", Handler: p.start, May: anyone},
		{Pattern: "POST " + Find + "/{code}", Handler: p.startPost, May: fill},

		{Pattern: "GET " + Mine, Handler: p.mine, May: read},
		{Pattern: "GET " + one, Handler: p.goOn, May: fill},
		{Pattern: "GET " + one + "/fill", Handler: p.fill, May: fill},
		{Pattern: "GET " + one + "/whom", Handler: p.whom, May: fill},
		{Pattern: "POST " + one + "/whom", Handler: p.whomPost, May: fill},
		{Pattern: "GET " + one + "/q/{path}", Handler: p.question, May: fill},
		{Pattern: "POST " + one + "/q/{path}", Handler: p.questionPost, May: fill},
		{Pattern: "GET " + one + "/wrong/{path}", Handler: p.wrong, May: fill},
		{Pattern: "POST " + one + "/wrong/{path}", Handler: p.wrongPost, May: fill},
		{Pattern: "GET " + one + "/papers", Handler: p.papers, May: fill},
		{Pattern: "POST " + one + "/papers", Handler: p.papersPost, MaxBody: maxPapers, May: fill},
		{Pattern: "GET " + one + "/papers/{file}", Handler: p.draftPaper, May: fill},
		{Pattern: "GET " + one + "/contact", Handler: p.contact, May: fill},
		{Pattern: "POST " + one + "/contact", Handler: p.contactPost, May: fill},
		{Pattern: "GET " + one + "/check", Handler: p.check, May: fill},
		{Pattern: "POST " + one + "/check", Handler: p.send, May: "dossier.submit"},
		{Pattern: "POST " + one + "/discard", Handler: p.discard, May: fill},

		{Pattern: "GET " + sent, Handler: p.followed, May: read},
		{Pattern: "GET " + sent + "/sent", Handler: p.sent, May: read},
		{Pattern: "GET " + sent + "/withdraw", Handler: p.withdraw, May: "dossier.withdraw"},
		{Pattern: "POST " + sent + "/withdraw", Handler: p.withdrawPost, May: "dossier.withdraw"},
		{Pattern: "POST " + sent + "/supply", Handler: p.supply, May: "dossier.supply"},
		{Pattern: "GET " + sent + "/export", Handler: p.export, May: "dossier.export"},
		{Pattern: "GET " + sent + "/papers/{file}", Handler: p.paper, May: read},
		{Pattern: "GET " + sent + "/issued/{id}", Handler: p.issued, May: read},

		{Pattern: "GET " + Track, Handler: p.track, May: anyone},
		{Pattern: "POST " + Track, Handler: p.trackPost, May: anyone},
		{Pattern: "GET " + proof + "/{proof}", Handler: p.prove, May: anyone},
		{Pattern: "POST " + proof + "/{proof}", Handler: p.provePost, MaxBody: maxProof, May: anyone},
	}
	for i := range routes {
		routes[i].Handler = p.sure(routes[i].Handler)
	}
	return routes
}

// sure leads whoever is not known surely enough to where they sign in more surely, and back to
// the page: the draft stays where it is.
func (p *Pages) sure(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		if f := fault.As(err); f == nil || f.Key != dossier.ErrLevel.Key || p.StepUp == nil {
			return err
		}
		next := r.URL.RequestURI()
		if id := r.PathValue("id"); id != "" && r.Method != http.MethodGet {
			next = at(id, "")
		}
		return web.Redirect(w, r, p.StepUp(next))
	}
}

func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "apply."+key, args...)
}

func (p *Pages) page(r *http.Request, title string) ui.Page { return p.Frame(r).Page(title) }

// at is the address of a page of a draft.
func at(id, rest string) string { return Mine + "/" + url.PathEscape(id) + rest }

// asks is the address of the page with a question.
func asks(id, path string) string {
	if path == eform.CheckPath {
		return at(id, "/check")
	}
	return at(id, "/q/"+url.PathEscape(path))
}

// Of is the address of a dossier.
func Of(code string) string { return own + "/" + url.PathEscape(code) }

// of is the address of a page of a dossier.
func of(code, rest string) string { return Of(code) + rest }

// owner names whose facts something is, in words: "mother" → "mẹ".
func owner(ctx context.Context) func(string) string {
	return func(o string) string {
		if m, ok := procedure.Meanings().Owner(o); ok {
			return strings.ToLower(m.Name.In(dossierweb.Lang(ctx)))
		}
		return o
	}
}

// Nav are the addresses of these pages in the navigation of a node.
func Nav(ctx context.Context, signedIn bool) []ui.NavItem {
	out := []ui.NavItem{{Label: t(ctx, "find.nav"), Href: Find}}
	if signedIn {
		return append(out, ui.NavItem{Label: t(ctx, "mine.title"), Href: Mine})
	}
	return append(out, ui.NavItem{Label: t(ctx, "track.title"), Href: Track})
}
