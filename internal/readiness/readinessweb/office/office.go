// Package office is the pages on which the coordinator and the reviewers work:
// what waits for a person, campaigns, files taken in, the review of a return,
// reminders, published figures and forms. It shows and forwards; every rule and
// every permission is in package readiness.
package office

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"slices"
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
	const one = "/office/returns/{campaign}/{agency}"
	var (
		board, review, manage   = readiness.ReadBoard.Name(), readiness.ResolveReading.Name(), readiness.ManageCampaign.Name()
		intake, imports, remind = readiness.ReadIntake.Name(), readiness.ImportReturn.Name(), readiness.Remind.Name()
		back                    = readiness.SendBackReturn.Name()
	)
	return []web.Route{
		{Pattern: "GET /office", Handler: p.workList, May: review},

		{Pattern: "GET /office/campaigns", Handler: p.campaigns, May: board},
		{Pattern: "GET /office/campaigns/new", Handler: p.newCampaign, May: manage},
		{Pattern: "POST /office/campaigns/new", Handler: p.newCampaignPost, MaxBody: maxForm, May: manage},
		{Pattern: "GET /office/rounds/{draft}", Handler: p.draft, May: manage},
		{Pattern: "POST /office/rounds/{draft}", Handler: p.newCampaignPost, MaxBody: maxForm, May: manage},
		{Pattern: "POST /office/rounds/{draft}/drop", Handler: p.dropDraft, May: manage},
		{Pattern: "GET /office/campaigns/{campaign}/cancel", Handler: p.cancel, May: manage},
		{Pattern: "POST /office/campaigns/{campaign}/cancel", Handler: p.cancelPost, May: manage},
		{Pattern: "GET /office/campaigns/{campaign}", Handler: p.campaign, May: readiness.ReadReturn.Name()},
		{Pattern: "GET /office/campaigns/{campaign}/{file}", Handler: p.campaignFile, May: board},

		{Pattern: "GET /office/imports", Handler: p.imports, May: intake},
		{Pattern: "POST /office/imports", Handler: p.importsPost, MaxBody: maxUpload, May: imports},
		{Pattern: "GET /office/imports/{batch}", Handler: p.batch, May: intake},
		{Pattern: "GET /office/items/{item}", Handler: p.item, May: intake},
		{Pattern: "POST /office/items/{item}", Handler: p.itemPost, May: imports},
		{Pattern: "GET /office/items/{item}/file", Handler: p.itemFile, May: intake},
		{Pattern: "GET /office/items/{item}/shown", Handler: p.itemShown, May: intake},
		{Pattern: "GET /office/items/{item}/{letter}", Handler: p.itemLetter, May: intake},

		{Pattern: "GET " + one, Handler: p.review, May: intake},
		{Pattern: "POST " + one + "/resolve", Handler: p.resolvePost, MaxBody: maxForm, May: review},
		{Pattern: "POST " + one + "/accept", Handler: p.acceptPost, May: readiness.AcceptReturn.Name()},
		{Pattern: "POST " + one + "/reopen", Handler: p.reopenPost, May: readiness.ReopenReturn.Name()},
		{Pattern: "GET " + one + "/send-back", Handler: p.sendBack, May: back},
		{Pattern: "POST " + one + "/send-back", Handler: p.sendBackPost, MaxBody: maxForm, May: back},
		{Pattern: "GET " + one + "/compare", Handler: p.compare, May: intake},
		{Pattern: "GET " + one + "/file/{version}", Handler: p.paperFile, May: intake},

		{Pattern: "GET /office/chase", Handler: p.chaseNewest, May: remind},
		{Pattern: "GET /office/chase/{campaign}", Handler: p.chase, May: readiness.ReadReturn.Name()},
		{Pattern: "POST /office/chase/{campaign}", Handler: p.chasePost, May: remind},
		{Pattern: "POST /office/chase/{campaign}/letters", Handler: p.chaseLetters, May: remind},
		{Pattern: "GET /office/contacts/{campaign}", Handler: p.contacts, May: readiness.ReadReturn.Name()},
		{Pattern: "POST /office/contacts/{campaign}", Handler: p.contactsReveal, May: readiness.ReadContact.Name()},

		{Pattern: "GET /office/claims", Handler: p.claims, May: board},
		{Pattern: "GET /office/claims.csv", Handler: p.claimsCSV, May: board},
	}
}

// Page starts a page of the office, for the pages of forms, which stand beside these.
func (p *Pages) Page(r *http.Request, title string, args ...map[string]any) ui.Page {
	return p.page(r, title, args...)
}

// page starts a page of the office with its row of subjects.
func (p *Pages) page(r *http.Request, title string, args ...map[string]any) ui.Page {
	pr := i18n.From(r.Context())
	page := p.Frame(r).Page(pr.T(title, args...))
	page.Wide = true
	who := p.Actor(r)
	add := func(may readiness.Action, key, href string) {
		if readiness.Can(who, may, "") == nil {
			page.Sub = append(page.Sub, ui.NavItem{Label: pr.T("office.nav." + key), Href: href})
		}
	}
	add(readiness.ResolveReading, "work", "/office")
	add(readiness.ReadBoard, "campaigns", "/office/campaigns")
	add(readiness.ReadIntake, "imports", "/office/imports")
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

// names gives agencies their names in a campaign.
func (p *Pages) names(r *http.Request, campaign string) (func(code string) string, error) {
	return p.Register.AgencyNames(r.Context(), p.Actor(r), campaign)
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
	return options(
		list, func(a readiness.Agency) string { return a.Code },
		func(a readiness.Agency) string { return a.Name + " (" + a.Code + ")" },
	)
}

// letter names a campaign for people: its number and day.
func letter(pr *i18n.Printer, c readiness.Campaign) string {
	return pr.T("office.letter", map[string]any{"number": c.Number, "date": c.Issued})
}

// baseName is the last part of a file's name inside a zip.
func baseName(name string) string { return path.Base(strings.ReplaceAll(name, "\\", "/")) }
