// Package office is the pages on which officers work: what waits for them, one dossier with
// its answers and papers side by side, what may be done with it, reception at the desk, and
// how many are on time. It shows and forwards; every rule and every permission is in package
// dossier.
package office

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of these pages.
var Messages, _ = fs.Sub(messages, "messages")

// Pages are the office pages of a node.
type Pages struct {
	dossierweb.Shell
	Needs
}

// Needs are what these pages need beside the shell.
type Needs struct {
	// Uploads takes scans, for dossierweb.UploadFor; Attrs is what a file field needs so that a
	// script sends its file in pieces, nil where there is none.
	Uploads upload.Service
	Attrs   func(p *i18n.Printer, purpose string, policy upload.Policy) templ.Attributes
}

// New makes the pages.
func New(shell dossierweb.Shell, needs Needs) *Pages { return &Pages{shell, needs} }

// Path is where the work list is.
const Path = "/desk"

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	const one = Path + "/dossiers/{code}"
	read, list := "dossier.read", "dossier.list"
	routes := []web.Route{
		{Pattern: "GET " + Path, Handler: p.list, May: list},
		{Pattern: "GET " + Path + "/search", Handler: p.search, May: list},
		{Pattern: "GET " + one, Handler: p.dossier, May: read},
		{Pattern: "GET " + one + "/papers/{file}", Handler: p.paper, May: read},
		{Pattern: "GET " + one + "/issued/{id}", Handler: p.issued, May: read},
		{Pattern: "GET " + Path + "/rates", Handler: p.rates, May: "dossier.rates"},
		{Pattern: "GET " + Path + "/rates.csv", Handler: p.ratesCSV, May: "dossier.rates"},
		{Pattern: "GET " + Path + "/rates/behind", Handler: p.behind, May: "dossier.rates"},
	}
	for _, v := range acts {
		at := one + "/" + string(v)
		routes = append(routes, web.Route{Pattern: "GET " + at, Handler: p.ask(v), May: "dossier." + string(v)},
			web.Route{Pattern: "POST " + at, Handler: p.act(v), May: "dossier." + string(v)})
	}
	return append(routes, p.deskRoutes()...)
}

// acts are what officers do with a dossier on these pages, in the order of the buttons.
var acts = []dossier.Verb{
	dossier.Receive, dossier.Take, dossier.Propose, dossier.Approve, dossier.AnswerEffect, dossier.HandOver, dossier.AskMore,
	dossier.ReturnBack, dossier.RefuseIntake, dossier.Refuse, dossier.AskFee, dossier.Pay, dossier.AgreeBack, dossier.Withdraw,
	dossier.GiveBack, dossier.Extend, dossier.Assign, dossier.Stop, dossier.Correct, dossier.Replace, dossier.Revoke, dossier.Check,
	dossier.Note,
}

func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "desk."+key, args...)
}

func (p *Pages) page(r *http.Request, title string) ui.Page {
	v := p.Frame(r).Page(title)
	v.Wide = true
	return v
}

// purpose is why an officer looks: what they chose in the search, else the work on the
// dossier itself. The applicant reads it.
func (p *Pages) purpose(r *http.Request) string {
	if code := r.URL.Query().Get("purpose"); known(code) {
		return dossierweb.Purpose(r.Context(), code)
	}
	return dossierweb.Purpose(r.Context(), "work")
}

// purposes are why dossiers are searched.
var purposes = []string{"work", "ask", "check", "complaint"}

func known(purpose string) bool {
	for _, p := range purposes {
		if p == purpose {
			return true
		}
	}
	return false
}

func at(code, rest string) string { return Path + "/dossiers/" + url.PathEscape(code) + rest }
