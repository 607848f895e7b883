// Package securityweb is the pages of the security of systems: an agency's systems with their
// level, dossier, controls, inspections and incidents, and at the board who is closed, who
// will be, and why. Every rule is in security; here it is only shown.
package securityweb

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Path is where the pages are.
const Path = "/security"

const maxFile = 20 << 20

// warnDays is how many days before it closes a system is among those that will.
const warnDays = 14

// Pages are the pages.
type Pages struct {
	Desk   *security.Desk
	Frame  web.FrameFunc
	Clock  clock.Clock
	Files  blob.Store
	Agency func(code string) string
	// Name is what an account was called at a moment.
	Name func(ctx context.Context, account string, at time.Time) string
	// Fill puts answers to row 5 into the agency's return that is being written, as somebody
	// who may write it, and gives the page where it is seen. It fails with Conflict when none is.
	Fill func(ctx context.Context, by actor.Actor, agency string, rows []security.Row5) (href string, err error)
}

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	var out []web.Route
	add := func(action security.Action, pattern string, h web.Handler, body int64) {
		out = append(out, web.Route{
			Pattern: pattern, Handler: guard(action, h), MaxBody: body, May: security.Permissions.Module + "." + string(action),
		})
	}
	agency := Path + "/{agency}"
	system := agency + "/{system}"
	add(security.ActSee, "GET "+Path, p.front, 0)
	add(security.ActSee, "GET "+agency, p.agency, 0)
	add(security.ActSee, "GET "+system, p.system, 0)
	add(security.ActSee, "GET "+system+"/dossiers/{dossier}/word", p.word, 0)
	add(security.ActSee, "GET "+system+"/dossiers/{dossier}/decision", p.decision, 0)
	add(security.ActWrite, "POST "+agency, p.announce, 0)
	add(security.ActWrite, "POST "+agency+"/return", p.fill, 0)
	add(security.ActWrite, "GET "+system+"/facts", p.facts, 0)
	add(security.ActWrite, "POST "+system+"/facts", p.factsPost, 0)
	add(security.ActWrite, "POST "+system+"/begin", p.begin, 0)
	add(security.ActWrite, "GET "+system+"/dossiers/{dossier}", p.draft, 0)
	add(security.ActWrite, "POST "+system+"/dossiers/{dossier}", p.draftPost, 0)
	add(security.ActSee, "GET "+system+"/controls", p.controls, 0)
	add(security.ActWrite, "POST "+system+"/controls", p.controlsPost, 0)
	add(security.ActDecide, "POST "+system+"/exceptions", p.exception, 0)
	add(security.ActSee, "POST "+system+"/withdraw", p.withdraw, 0)
	add(security.ActDecide, "GET "+system+"/decide", p.decide, 0)
	add(security.ActDecide, "POST "+system+"/decide", p.decidePost, maxFile)
	add(security.ActInspect, "GET "+system+"/check", p.check, 0)
	add(security.ActInspect, "POST "+system+"/check", p.checkPost, 0)
	add(security.ActSee, "GET "+system+"/findings/{finding}", p.finding, 0)
	add(security.ActWrite, "POST "+system+"/findings/{finding}/mend", p.mend, 0)
	add(security.ActInspect, "POST "+system+"/findings/{finding}/retest", p.retest, 0)
	add(security.ActWrite, "GET "+system+"/incident", p.incident, 0)
	add(security.ActWrite, "POST "+system+"/incident", p.incidentPost, 0)
	add(security.ActGrace, "GET "+system+"/grace", p.grace, 0)
	add(security.ActGrace, "POST "+system+"/grace", p.gracePost, 0)
	return out
}

// guard asks the table before a page reads what was sent.
func guard(action security.Action, h web.Handler) web.Handler {
	return session.Guard(h, func(r *http.Request, by actor.Actor) error {
		agency := r.PathValue("agency")
		if agency == "" {
			agency = by.Agency
		}
		return security.Permissions.CanOwn(by, action, agency != "" && agency == by.Agency)
	})
}

// may says that somebody may do something to what is an agency's.
func may(r *http.Request, action security.Action, agency string) bool {
	by := session.Actor(r)
	return security.Permissions.CanOwn(by, action, agency == by.Agency) == nil
}

// say gives the texts of the pages in the reader's language.
func say(r *http.Request) func(key string, a ...fault.Args) string {
	pr := i18n.From(r.Context())
	return func(key string, a ...fault.Args) string {
		if len(a) == 0 {
			return pr.T("secure." + key)
		}
		return pr.T("secure."+key, a[0])
	}
}

func lang(r *http.Request) string { return string(i18n.From(r.Context()).Lang) }

// view is a page of blocks.
type view = ui.Blocks

func (p *Pages) view(r *http.Request, title string, crumbs ...ui.Link) view {
	page := p.Frame(r).Page(title)
	page.Wide, page.Crumbs = true, crumbs
	return view{Page: page}
}

func href(agency string, more ...string) string {
	out := Path + "/" + agency
	for _, m := range more {
		out += "/" + m
	}
	return out
}

// crumbs lead back from a page of a system.
func (p *Pages) crumbs(r *http.Request, v security.View) []ui.Link {
	return []ui.Link{
		{Label: say(r)("title"), Href: Path}, {Label: p.Agency(v.Agency), Href: href(v.Agency)}, {Label: v.Name, Href: href(v.Agency, v.ID)},
	}
}

// one is the system of the page.
func (p *Pages) one(r *http.Request) (security.View, error) {
	return p.Desk.One(r.Context(), session.Actor(r), r.PathValue("agency"), r.PathValue("system"))
}

func (p *Pages) today() clock.Date { return clock.DayOf(p.Clock.Now()) }

// date is a DateInput with a day in it.
func date(f ui.Field, d clock.Date) ui.Field {
	if !d.IsZero() {
		f.Day, f.Month, f.Year = strconv.Itoa(d.Day()), strconv.Itoa(int(d.Month())), strconv.Itoa(d.Year())
	}
	return f
}

// typed is what was sent of a form, to show it again with what is wrong.
type typed struct {
	web.Form
	errs fault.List
	sent bool
}

func (t typed) fill(f ui.Field) ui.Field {
	f.Errors = t.errs
	if t.sent {
		f.Value = t.Text(f.Name)
		f.Values = nil
	}
	return f
}

func (t typed) fillDate(f ui.Field) ui.Field {
	f.Errors = t.errs
	if t.sent {
		f.Day, f.Month, f.Year = t.DateParts(f.Name)
	}
	return f
}

// after handles what a form led to: the page behind it, or the form again with what is wrong.
func after(w http.ResponseWriter, r *http.Request, err error, to, flash string, again func(errs fault.List) error) error {
	if err == nil {
		return web.RedirectWith(w, r, to, flash, nil)
	}
	errs := web.FormErrors(err)
	if errs == nil || again == nil {
		return err
	}
	return again(errs)
}

func severity(t func(string, ...fault.Args) string) []ui.Option {
	var out []ui.Option
	for _, s := range security.Severities {
		out = append(out, ui.Option{Value: string(s), Label: t("severity." + string(s))})
	}
	return out
}

// version is the version that a form was shown with.
func version(f web.Form) int64 {
	n, _ := strconv.ParseInt(f.Text("version"), 10, 64)
	return n
}

func hidden(n int64) templ.Component { return ui.Hidden("version", strconv.FormatInt(n, 10)) }

// oldest first is how the desk gives lists; people read the youngest first.
func youngest[T any](list []T) []T {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}
