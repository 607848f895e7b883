// Package securityweb is the pages of the security of systems: an agency's systems with their
// level, dossier, controls, inspections, findings and incidents, and at the board who is
// closed, who will be, and why. Every rule is in security; here it is only shown.
package securityweb

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Path is where the pages are.
const Path = "/security"

const (
	maxFile = 20 << 20
	maxBody = 4 * maxFile // a file that is too large is told beside its field, and nothing that was typed is lost
)

// warnDays is how many days before it closes a system is among those that will.
const warnDays = 14

// Pages are the pages.
type Pages struct {
	Desk  *security.Desk
	Frame web.FrameFunc
	Clock clock.Clock
	Files blob.Store
	// Uploads looks at files that people send before they are kept.
	Uploads upload.Service
	Agency  func(code string) string
	// Name is what an account was called at a moment.
	Name func(ctx context.Context, account string, at time.Time) string
	// Fill puts answers to row 5 into the agency's return that is being written, and gives the
	// page where it is seen, "" for who does not see it. It fails with Conflict when none is.
	Fill func(ctx context.Context, by actor.Actor, agency string, rows []security.Row5) (href string, err error)
}

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	var out []web.Route
	add := func(action security.Action, pattern string, h web.Handler, body int64) {
		out = append(out, web.Route{
			Pattern: pattern, Handler: p.guard(action, h), MaxBody: body, May: security.Permissions.Module + "." + string(action),
		})
	}
	agency := Path + "/{agency}"
	system := agency + "/{system}"
	dossier := system + "/dossiers/{dossier}"
	add(security.ActSee, "GET "+Path, p.front, 0)
	add(security.ActSee, "GET "+Path+"/findings", p.findings, 0)
	add(security.ActSee, "GET "+Path+"/incidents", p.incidents, 0)
	add(security.ActSee, "GET "+agency, p.agency, 0)
	add(security.ActSee, "GET "+agency+"/findings", p.findings, 0)
	add(security.ActSee, "GET "+agency+"/incidents", p.incidents, 0)
	add(security.ActSee, "GET "+agency+"/unmet", p.unmet, 0)
	add(security.ActSee, "GET "+agency+"/unmet.docx", p.unmetWord, 0)
	add(security.ActSee, "GET "+agency+"/unmet.csv", p.unmetCSV, 0)
	add(security.ActWrite, "POST "+agency, p.announce, 0)
	add(security.ActWrite, "POST "+agency+"/return", p.fill, 0)
	add(security.ActInspect, "GET "+agency+"/vulnerability", p.vulnerability, 0)
	add(security.ActInspect, "POST "+agency+"/vulnerability", p.vulnerabilityPost, 0)
	add(security.ActSee, "GET "+system, p.system, 0)
	add(security.ActWrite, "GET "+system+"/facts", p.facts, 0)
	add(security.ActWrite, "POST "+system+"/facts", p.factsPost, 0)
	add(security.ActWrite, "POST "+system+"/begin", p.begin, 0)
	add(security.ActSee, "GET "+dossier, p.dossier, 0)
	add(security.ActWrite, "POST "+dossier, p.draftPost, 0)
	add(security.ActSee, "GET "+dossier+"/word", p.word, 0)
	add(security.ActSee, "GET "+dossier+"/decision", p.decision, 0)
	add(security.ActDecide, "POST "+dossier+"/decide", p.decidePost, maxBody)
	add(security.ActSee, "GET "+dossier+"/withdraw", p.withdraw, 0)
	add(security.ActSee, "POST "+dossier+"/withdraw", p.withdrawPost, 0)
	add(security.ActSee, "GET "+system+"/controls", p.controls, 0)
	add(security.ActSee, "GET "+system+"/controls/{control}", p.control, 0)
	add(security.ActSee, "POST "+system+"/controls/{control}", p.controlPost, 0)
	add(security.ActInspect, "GET "+system+"/check", p.check, 0)
	add(security.ActInspect, "POST "+system+"/check", p.checkPost, 0)
	add(security.ActSee, "GET "+system+"/findings/{finding}", p.finding, 0)
	add(security.ActWrite, "POST "+system+"/findings/{finding}/mend", p.mend, 0)
	add(security.ActInspect, "POST "+system+"/findings/{finding}/retest", p.retest, 0)
	add(security.ActWrite, "GET "+system+"/incident", p.notice, 0)
	add(security.ActWrite, "POST "+system+"/incident", p.noticePost, 0)
	add(security.ActSee, "GET "+system+"/incidents/{incident}", p.incident, 0)
	add(security.ActWrite, "POST "+system+"/incidents/{incident}", p.incidentPost, 0)
	add(security.ActGrace, "GET "+system+"/grace", p.grace, 0)
	add(security.ActGrace, "POST "+system+"/grace", p.gracePost, 0)
	return out
}

// ownKey is where a request keeps the agencies for which the reader's agency answers.
type ownKey struct{}

// guard asks the table before a page reads what was sent.
func (p *Pages) guard(action security.Action, h web.Handler) web.Handler {
	guarded := session.Guard(h, func(r *http.Request, by actor.Actor) error {
		agency := r.PathValue("agency")
		if agency == "" {
			agency = by.Agency
		}
		return security.Permissions.CanOwn(by, action, owns(r, agency))
	})
	return func(w http.ResponseWriter, r *http.Request) error {
		own := p.Desk.AnswersFor(session.Actor(r).Agency)
		return guarded(w, r.WithContext(context.WithValue(r.Context(), ownKey{}, own)))
	}
}

// owns says that the reader's agency answers for what is an agency's.
func owns(r *http.Request, agency string) bool {
	own, _ := r.Context().Value(ownKey{}).([]string)
	return agency != "" && slices.Contains(own, agency)
}

// may says that somebody may do something to what is an agency's.
func may(r *http.Request, action security.Action, agency string) bool {
	return security.Permissions.CanOwn(session.Actor(r), action, owns(r, agency)) == nil
}

// words are the texts of the pages in a language.
type words func(key string, a ...fault.Args) string

func wordsOf(pr *i18n.Printer) words {
	return func(key string, a ...fault.Args) string {
		if len(a) == 0 {
			return pr.T("secure." + key)
		}
		return pr.T("secure."+key, a[0])
	}
}

// say gives the texts of the pages in the reader's language.
func say(r *http.Request) words { return wordsOf(i18n.From(r.Context())) }

func lang(r *http.Request) string { return string(i18n.From(r.Context()).Lang) }

// capital begins a sentence with what else stands within one, lower the other way round.
func capital(s string) string { return first(s, strings.ToUpper) }

func lower(s string) string { return first(s, strings.ToLower) }

func first(s string, as func(string) string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return as(string(r[:1])) + string(r[1:])
}

// view is a page of blocks.
type view = ui.Blocks

func (p *Pages) view(r *http.Request, title string, crumbs ...ui.Link) view {
	page := p.Frame(r).Page(title)
	if r.Method == http.MethodPost { // a form again: what leads back to the page itself asks for it
		page.Here = shownAt(r)
	}
	page.Wide, page.Crumbs = true, crumbs
	return view{Page: page}
}

// formView is a page that asks something of a system.
func (p *Pages) formView(r *http.Request, s security.View, title string, in typed) view {
	v := p.view(r, title, p.crumbs(r, s)...)
	v.Lead, v.Wide, v.Errors = s.Name, false, in.errs
	return v
}

// show answers with a page, which is a form again when something is wrong with what was sent.
func show(w http.ResponseWriter, r *http.Request, v view, in typed) error {
	status := http.StatusOK
	if in.errs != nil {
		status = web.Status(in.errs)
	}
	return web.Render(w, r, status, ui.Stack(v))
}

// shownAt is where the page of a form is that was sent: most are sent to themselves.
func shownAt(r *http.Request) string {
	at := r.URL.Path
	for _, step := range []string{"/decide", "/mend", "/retest", "/begin"} {
		at = strings.TrimSuffix(at, step)
	}
	if agency, ok := strings.CutSuffix(at, "/return"); ok {
		return agency + "/unmet"
	}
	return at
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
	return append(p.listCrumbs(r, v.Agency), ui.Link{Label: v.Name, Href: href(v.Agency, v.ID)})
}

// listCrumbs lead back from a page of an agency: to all of them for who may see them.
func (p *Pages) listCrumbs(r *http.Request, agency string) []ui.Link {
	own := ui.Link{Label: p.Agency(agency), Href: href(agency)}
	if seesAll(r) {
		return []ui.Link{{Label: say(r)("title"), Href: Path}, own}
	}
	return []ui.Link{own}
}

func seesAll(r *http.Request) bool {
	return security.Permissions.Can(session.Actor(r), security.ActSee) == nil
}

// sub is the navigation among the lists of an agency, or of all.
func sub(r *http.Request, agency string) []ui.NavItem {
	t := say(r)
	if agency == "" {
		return []ui.NavItem{
			{Label: t("nav.gate"), Href: Path}, {Label: t("nav.findings"), Href: Path + "/findings"}, {Label: t("incidents.title"), Href: Path + "/incidents"},
		}
	}
	return []ui.NavItem{
		{Label: t("nav.systems"), Href: href(agency)},
		{Label: t("nav.findings"), Href: href(agency, "findings")},
		{Label: t("incidents.title"), Href: href(agency, "incidents")},
		{Label: t("unmet"), Href: href(agency, "unmet")},
	}
}

// one is the system of the page.
func (p *Pages) one(r *http.Request) (security.View, error) {
	return p.Desk.One(r.Context(), session.Actor(r), r.PathValue("agency"), r.PathValue("system"))
}

// of is the system of the address.
func of(r *http.Request) security.Of {
	return security.Of{Agency: r.PathValue("agency"), System: r.PathValue("system")}
}

func (p *Pages) today() clock.Date { return clock.DayOf(p.Clock.Now()) }

// name is what somebody was called when they acted.
func (p *Pages) name(r *http.Request, s security.Step) string {
	return p.Name(r.Context(), s.By, s.At)
}

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

// kept is what somebody wrote for a step that is no longer there, so that it is not lost.
func (t typed) kept(r *http.Request, names ...string) []templ.Component {
	var out []templ.Component
	for _, name := range names {
		if text := t.Text(name); t.sent && text != "" {
			out = append(out, ui.Textarea(ui.Field{Name: "kept-" + name, Label: say(r)("kept"), Value: text, Rows: 4, ReadOnly: true}))
		}
	}
	return out
}

// after handles what a form led to: the page behind it, or the form again with what is wrong.
// Who may not take this step because they took the one before reads that there, too.
func after(w http.ResponseWriter, r *http.Request, err error, to, flash string, again func(errs fault.List) error) error {
	if err == nil {
		return web.RedirectWith(w, r, to, flash, nil)
	}
	errs := web.FormErrors(err)
	if e := fault.As(err); errs == nil && e != nil && e.Kind == fault.Denied {
		errs = fault.List{e}
	}
	if errs == nil {
		return err
	}
	return again(errs)
}

func severities(t words) []ui.Option {
	var out []ui.Option
	for _, s := range security.Severities {
		out = append(out, ui.Option{Value: string(s), Label: t("severity." + string(s))})
	}
	return out
}

// whyNot is why somebody may not take a step, where that is one of the reasons that concern
// them and not only their office; else what is said to everybody.
func whyNot(r *http.Request, e *fault.Error, everybody string, reasons ...string) string {
	if e == nil || !slices.Contains(reasons, e.Key) {
		return everybody
	}
	return i18n.From(r.Context()).T(e.Key)
}

// severityTag is how grave something is, seen before it is read.
func severityTag(t words, s security.Severity) templ.Component {
	tone := map[security.Severity]ui.Tone{security.Critical: ui.Bad, security.High: ui.Caution, security.Medium: ui.Info}[s]
	if tone == "" {
		tone = ui.Neutral
	}
	return ui.Tag(tone, t("severity."+string(s)))
}

// version is the version that a form was shown with.
func version(f web.Form) int64 {
	n, _ := strconv.ParseInt(f.Text("version"), 10, 64)
	return n
}

func hidden(n int64) templ.Component { return ui.Hidden("version", strconv.FormatInt(n, 10)) }
