// Package office is the pages on which the coordinator and the reviewers work:
// what waits for a person, campaigns, files taken in, the review of a return,
// reminders, published figures and forms. It shows and forwards; every rule and
// every permission is in package readiness.
package office

import (
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of these pages.
var Messages, _ = fs.Sub(messages, "messages")

// Pages are the office pages of a node.
type Pages struct {
	readinessweb.Shell
}

// New makes the pages.
func New(shell readinessweb.Shell) *Pages { return &Pages{shell} }

// maxUpload is the most that one upload may bring: a zip of all returns, with
// room for what the browser writes around it.
const maxUpload = 513 << 20

// maxForm is enough for a comment on every answer of a long return.
const maxForm = 4 << 20

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /office", Handler: p.workList},

		{Pattern: "GET /office/campaigns", Handler: p.campaigns},
		{Pattern: "GET /office/campaigns/new", Handler: p.newCampaign},
		{Pattern: "POST /office/campaigns/new", Handler: p.newCampaignPost, MaxBody: maxForm},
		{Pattern: "GET /office/campaigns/{campaign}", Handler: p.campaign},
		{Pattern: "GET /office/campaigns/{campaign}/{file}", Handler: p.campaignFile},

		{Pattern: "GET /office/imports", Handler: p.imports},
		{Pattern: "POST /office/imports", Handler: p.importsPost, MaxBody: maxUpload},
		{Pattern: "GET /office/imports/{batch}", Handler: p.batch},
		{Pattern: "GET /office/items/{item}", Handler: p.item},
		{Pattern: "POST /office/items/{item}", Handler: p.itemPost},
		{Pattern: "GET /office/items/{item}/file", Handler: p.itemFile},

		{Pattern: "GET /office/returns/{campaign}/{agency}", Handler: p.review},
		{Pattern: "POST /office/returns/{campaign}/{agency}/resolve", Handler: p.resolvePost, MaxBody: maxForm},
		{Pattern: "POST /office/returns/{campaign}/{agency}/accept", Handler: p.acceptPost},
		{Pattern: "POST /office/returns/{campaign}/{agency}/reopen", Handler: p.reopenPost},
		{Pattern: "GET /office/returns/{campaign}/{agency}/send-back", Handler: p.sendBack},
		{Pattern: "POST /office/returns/{campaign}/{agency}/send-back", Handler: p.sendBackPost, MaxBody: maxForm},
		{Pattern: "GET /office/returns/{campaign}/{agency}/compare", Handler: p.compare},
		{Pattern: "GET /office/returns/{campaign}/{agency}/file/{version}", Handler: p.paperFile},

		{Pattern: "GET /office/chase", Handler: p.chaseNewest},
		{Pattern: "GET /office/chase/{campaign}", Handler: p.chase},
		{Pattern: "POST /office/chase/{campaign}", Handler: p.chasePost},
		{Pattern: "POST /office/chase/{campaign}/letters", Handler: p.chaseLetters},
		{Pattern: "GET /office/contacts/{campaign}", Handler: p.contacts},
		{Pattern: "POST /office/contacts/{campaign}", Handler: p.contactsReveal},

		{Pattern: "GET /office/claims", Handler: p.claims},
		{Pattern: "GET /office/claims.csv", Handler: p.claimsCSV},

		{Pattern: "GET /office/templates", Handler: p.templates},
		{Pattern: "POST /office/templates", Handler: p.templatesPost, MaxBody: maxForm},
		{Pattern: "GET /office/templates/{id}/{version}", Handler: p.template},
		{Pattern: "GET /office/templates/{id}/{version}/{file}", Handler: p.templateFile},
	}
}

// page starts a page of the office with its row of subjects.
func (p *Pages) page(r *http.Request, title string, args ...map[string]any) ui.Page {
	pr := i18n.From(r.Context())
	page := p.Frame(r).Page(pr.T(title, args...))
	page.Wide = true
	actor := p.Actor(r)
	add := func(may readiness.Action, key, href string) {
		if readiness.Can(actor, may, "") == nil {
			page.Sub = append(page.Sub, ui.NavItem{Label: pr.T("office.nav." + key), Href: href})
		}
	}
	add(readiness.ResolveReading, "work", "/office")
	add(readiness.ReadBoard, "campaigns", "/office/campaigns")
	add(readiness.ResolveReading, "imports", "/office/imports")
	add(readiness.Remind, "chase", "/office/chase")
	add(readiness.ReadBoard, "claims", "/office/claims")
	add(readiness.ReadBoard, "templates", "/office/templates")
	return page
}

// may checks that the reader of a page may do what the page is for.
func (p *Pages) may(r *http.Request, action readiness.Action) error {
	return readiness.Can(p.Actor(r), action, r.PathValue("agency"))
}

// can says it for what a page merely offers.
func (p *Pages) can(r *http.Request, action readiness.Action) bool { return p.may(r, action) == nil }

// today is the present day.
func (p *Pages) today() clock.Date { return clock.DayOf(p.Clock.Now()) }

// lang is the reader's language.
func lang(r *http.Request) string { return string(i18n.From(r.Context()).Lang) }

// names gives agencies their names: those asked by a campaign as the letter
// called them, any other as it was called on the letter's day.
func (p *Pages) names(r *http.Request, campaign string) (func(code string) string, error) {
	c, err := p.Register.Campaign(r.Context(), campaign)
	if err != nil {
		return nil, err
	}
	recipients, err := p.Register.Recipients(r.Context(), campaign)
	if err != nil {
		return nil, err
	}
	known := make(map[string]string, len(recipients))
	for _, a := range recipients {
		known[a.Code] = a.Name
	}
	return func(code string) string {
		if n, ok := known[code]; ok {
			return n
		}
		if a, ok := p.Register.AgencyOn(code, c.Recipients.On); ok {
			return a.Name
		}
		return code
	}, nil
}

// send answers with a file to keep.
func send(w http.ResponseWriter, f readinessweb.File) error {
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", attachment(f.Name))
	h.Set("Content-Length", strconv.Itoa(len(f.Content)))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(f.Content) // the reader may have gone
	return nil
}

var errNoPage = fault.New(fault.NotFound, "web.not_found", nil)

func returnPath(campaign, agency string) string { return "/office/returns/" + campaign + "/" + agency }

// options makes a list to choose from.
func options[T any](list []T, value, label func(T) string) []ui.Option {
	out := make([]ui.Option, len(list))
	for i, v := range list {
		out[i] = ui.Option{Value: value(v), Label: label(v)}
	}
	return out
}

func agencyOptions(list []readiness.Agency) []ui.Option {
	list = slices.Clone(list)
	i18n.SortBy(list, func(a readiness.Agency) string { return a.Name })
	return options(list, func(a readiness.Agency) string { return a.Code }, func(a readiness.Agency) string { return a.Name + " (" + a.Code + ")" })
}

// letter names a campaign for people: its number and day.
func letter(pr *i18n.Printer, c readiness.Campaign) string {
	return pr.T("office.letter", map[string]any{"number": c.Number, "date": c.Issued})
}

// attachment is the header that makes a browser keep a file under its name.
func attachment(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}

// baseName is the last part of a file's name inside a zip.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, "\\", "/")) }
