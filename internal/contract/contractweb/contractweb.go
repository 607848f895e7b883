// Package contractweb is the pages on which an agency looks after its older systems,
// those that ask the register in the words of the old contract: which systems may ask,
// which officers may ask what, and what was asked.
package contractweb

import (
	"cmp"
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/contract"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the texts of these pages.
var Messages, _ = fs.Sub(messages, "messages")

// Shell is what the pages need from the node around them.
type Shell struct {
	Rules *contract.Service
	Clock clock.Clock
	Frame web.FrameFunc
	// Subsystems are those under which the node's gateway may ask, with their names.
	Subsystems func() []ui.Option
	// Agency and Procedure name a code; "" or the code itself when nothing is known.
	Agency    func(ctx context.Context, code string) string
	Procedure func(ctx context.Context, code string) string
}

// Pages are the pages.
type Pages struct{ Shell }

// New makes them.
func New(s Shell) *Pages { return &Pages{s} }

// Path is where the pages begin.
const Path = "/contract"

const (
	systemsPath  = Path + "/systems/"
	officersPath = Path + "/officers/"
	logPath      = Path + "/log"
	countedFor   = 30 * 24 * time.Hour
	logPage      = 50
)

var errNoPage = fault.New(fault.NotFound, "web.not_found", nil)

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + Path, Handler: p.overview, May: "contract.look"},
		{Pattern: "GET " + logPath, Handler: p.log, May: "contract.log"},
		{Pattern: "GET " + systemsPath + "{user}", Handler: p.system, May: "contract.system"},
		{Pattern: "POST " + systemsPath + "{user}", Handler: p.systemPost, May: "contract.system"},
		{Pattern: "GET " + officersPath + "{code}", Handler: p.officer, May: "contract.officer"},
		{Pattern: "POST " + officersPath + "{code}", Handler: p.officerPost, May: "contract.officer"},
	}
}

// who acts in a request.
func who(r *http.Request) actor.Actor { return actor.From(r.Context()) }

type args = map[string]any

func say(r *http.Request) func(key string, a ...map[string]any) string {
	pr := i18n.From(r.Context())
	return func(key string, a ...map[string]any) string { return pr.T("contractweb."+key, a...) }
}

// view is a page of blocks.
type view = ui.Blocks

func (p *Pages) page(r *http.Request, title string) view {
	t := say(r)
	page := p.Frame(r).Page(title)
	page.Wide = true
	page.Sub = []ui.NavItem{{Label: t("title"), Href: Path}, {Label: t("log"), Href: logPath}}
	return view{Page: page}
}

// may says what to offer; the rules ask again when it is done.
func may(r *http.Request, action contract.Action) bool {
	return contract.Permissions.Can(who(r), action) == nil
}

func officerPath(subsystem, code string) string {
	return officersPath + url.PathEscape(code) + "?" + url.Values{"subsystem": {subsystem}}.Encode()
}

// overview is the systems, the officers, and how much both asked.
func (p *Pages) overview(w http.ResponseWriter, r *http.Request) error {
	t, ctx := say(r), r.Context()
	systems, err := p.Rules.Systems(ctx, who(r))
	if err != nil {
		return err
	}
	counts, err := p.Rules.Counts(ctx, who(r), contract.Filter{From: p.Clock.Now().Add(-countedFor)}, true)
	if err != nil {
		return err
	}
	v, change := p.page(r, t("title")), may(r, contract.SaveSystem)
	on, calls := 0, 0
	for _, c := range counts {
		calls += c.Calls
	}
	list := ui.Table{ID: "systems", Caption: t("systems"), Columns: []ui.Column{
		{Label: t("system")}, {Label: t("under")}, {Label: t("codes")}, {Label: t("procedures")}, {Label: t("state")},
	}}
	if list.Empty = ui.Para(t("systems.none")); change {
		list.Empty = ui.Empty(t("systems.none"), ui.Link{Label: t("system.new"), Href: systemsPath + "-"})
	}
	var under []string
	for _, s := range systems {
		if !s.Off {
			on++
		}
		if !slices.Contains(under, s.Subsystem) {
			under = append(under, s.Subsystem)
		}
		procedures := t("procedures.any")
		if n := len(s.Procedures); n > 0 {
			procedures = t("procedures.n", args{"n": n})
		}
		href := ""
		if change {
			href = systemsPath + url.PathEscape(s.User)
		}
		list.Rows = append(list.Rows, ui.Row{Cells: []ui.Cell{
			{Body: ui.Named(s.Name, s.User, href)},
			{Text: p.subsystem(s.Subsystem)},
			{Text: orAny(s.Codes, t("codes.any"))},
			{Text: procedures},
			{Body: mark(t, s.Off)},
		}})
	}
	v.Stat = t("stat", args{"n": on, "calls": calls})
	v.Add(ui.Para(t("lead")))
	if change {
		v.Add(ui.Buttons(ui.Action{Label: t("system.new"), Href: systemsPath + "-"}))
	} else {
		v.Add(ui.Para(t("who")))
	}
	v.Add(ui.DataTable(list))
	waiting, err := p.waiting(r)
	if err != nil {
		return err
	}
	v.Add(waiting)
	for _, s := range under {
		table, err := p.officers(r, s)
		if err != nil {
			return err
		}
		v.Add(table)
		if may(r, contract.SaveOfficer) {
			v.Add(ui.Buttons(ui.Action{Label: t("officer.new"), Look: ui.Secondary, Href: officerPath(s, "-")}))
		}
	}
	v.Add(p.counts(r, counts))
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

// waiting is what takes effect only with a second person; nothing when nothing waits.
func (p *Pages) waiting(r *http.Request) (templ.Component, error) {
	t, pr := say(r), i18n.From(r.Context())
	list, err := p.Rules.Waiting(r.Context(), who(r))
	if err != nil || len(list) == 0 {
		return templ.NopComponent, err
	}
	table := ui.Table{ID: "waiting", Caption: t("waiting"), Columns: []ui.Column{
		{Label: t("name")}, {Label: t("waiting.does")}, {Label: t("waiting.by")}, {Label: t("waiting.until")},
	}}
	for _, w := range list {
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Body: ui.Named(w.Name(), w.System.User+w.Officer.Code, w.Href)},
			{Text: t("waiting." + string(w.Does))},
			{Text: w.By.Name},
			{Text: pr.Date(clock.DayOf(w.Until))},
		}})
	}
	return ui.DataTable(table), nil
}

func orAny(list []string, any string) string {
	if len(list) == 0 {
		return any
	}
	return strings.Join(list, ", ")
}

func mark(t func(string, ...map[string]any) string, off bool) templ.Component {
	if off {
		return ui.StatusText(ui.NotMet, t("off"))
	}
	return ui.StatusText(ui.Met, t("on"))
}

func (p *Pages) subsystem(id string) string {
	for _, o := range p.Subsystems() {
		if o.Value == id {
			return o.Label
		}
	}
	return id
}

// office names an office by its code; offices below an agency have none of their own.
func (p *Pages) office(ctx context.Context, code string) string {
	if code == "" {
		return "–"
	}
	if name := p.Agency(ctx, code); name != "" && name != code {
		return name + " (" + code + ")"
	}
	if agency, _, below := strings.Cut(code, "."); below {
		if name := p.Agency(ctx, agency); name != "" && name != agency {
			return name + " (" + code + ")"
		}
	}
	return code
}

// operation says what an operation of the contract does; a name that callers made up
// stays as it is.
func (p *Pages) operation(r *http.Request, name string) string {
	switch {
	case name == "":
		return "–"
	case name == contract.AllOperations:
		return say(r)("op.all")
	case slices.Contains(contract.Operations(), name):
		return say(r)("op." + name)
	}
	return name
}

func (p *Pages) officers(r *http.Request, subsystem string) (templ.Component, error) {
	t := say(r)
	list, err := p.Rules.Officers(r.Context(), who(r), subsystem)
	if err != nil {
		return nil, err
	}
	table := ui.Table{
		ID: "officers-" + strings.ReplaceAll(subsystem, "/", "-"), Caption: t("officers", args{"system": p.subsystem(subsystem)}),
		Columns: []ui.Column{{Label: t("officer")}, {Label: t("office")}, {Label: t("operations")}, {Label: t("state")}},
		Empty:   ui.Para(t("officers.none")),
	}
	for _, o := range list {
		href := ""
		if may(r, contract.SaveOfficer) {
			href = officerPath(subsystem, o.Code)
		}
		what := t("operations.n", args{"n": len(o.Operations)})
		if slices.Contains(o.Operations, contract.AllOperations) {
			what = t("op.all")
		} else if len(o.Operations) == 1 {
			what = p.operation(r, o.Operations[0])
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Body: ui.Named(o.Name, o.Code, href)}, {Text: p.office(r.Context(), o.Office)}, {Text: what}, {Body: mark(t, o.Off)},
		}})
	}
	return ui.DataTable(table), nil
}

func (p *Pages) counts(r *http.Request, list []contract.Count) templ.Component {
	t, pr := say(r), i18n.From(r.Context())
	table := ui.Table{
		ID: "counts", Caption: t("counts"), Columns: []ui.Column{
			{Label: t("officer")},
			{Label: t("office")},
			{Label: t("calls"), Numeric: true},
			{Label: t("outcome.answered"), Numeric: true},
			{Label: t("outcome.not_found"), Numeric: true},
			{Label: t("refused"), Numeric: true},
		},
		Empty: ui.Para(t("counts.none")),
	}
	for _, c := range list {
		who := c.Officer
		if who == "" {
			who = t("unknown")
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: who, Href: logPath + "?" + url.Values{"officer": {c.Officer}, "office": {c.Office}}.Encode()},
			{Text: p.office(r.Context(), c.Office)},
			{Text: pr.Int(int64(c.Calls))},
			{Text: pr.Int(int64(c.Answered))},
			{Text: pr.Int(int64(c.NotFound))},
			{Text: pr.Int(int64(c.Refused))},
		}})
	}
	return ui.DataTable(table)
}

// Outcomes that are called by one name: who asks could not prove who they are.
var unproven = []string{"no_password", "password", "timestamp", "token", "auth_hash"}

// misspelt are those of messages whose letters could not be read.
var misspelt = []string{"encoding", "encoding_broken", "encoding_other", "bad_name"}

// outcomes are those with a name of their own; what is left is a message that was
// not written as the contract says.
var outcomes = []string{
	"answered", "not_found", "clock", "repeated", "code", "004", "005", "officer_agency", "denied", "quota", "network", "answer", "store", "no_list", "refused",
}

func outcome(t func(string, ...map[string]any) string, code string) templ.Component {
	name := "unread"
	switch {
	case slices.Contains(unproven, code):
		name = "unproven"
	case slices.Contains(misspelt, code):
		name = "encoding"
	case slices.Contains(outcomes, code):
		name = code
	}
	status := ui.NotMet
	switch name {
	case "answered":
		status = ui.Met
	case "not_found", "network", "answer", "store":
		status = ui.Partial
	}
	return ui.StatusText(status, t("outcome."+name))
}

// log is the calls, newest first.
func (p *Pages) log(w http.ResponseWriter, r *http.Request) error {
	t, ctx, pr := say(r), r.Context(), i18n.From(r.Context())
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	only := contract.Filter{Officer: f.Text("officer"), Office: f.Text("office"), Outcome: f.Text("outcome")}
	list, err := p.Rules.Calls(ctx, who(r), only, f.Text("before"), logPage+1)
	if err != nil {
		return err
	}
	query, pages := r.URL.Query(), ui.Pages{}
	if len(list) > logPage {
		list = list[:logPage]
		query.Set("before", list[logPage-1].ID)
		pages.Next = logPath + "?" + query.Encode()
	}
	if f.Text("before") != "" {
		query.Del("before")
		pages.Previous = logPath + "?" + query.Encode()
	}
	v := p.page(r, t("log.title"))
	v.Lead = t("title")
	fields := filled{values: f}
	v.Add(ui.Para(t("log.lead")), ui.Choice(logPath, t("show"), []templ.Component{
		ui.Text(fields.fill(ui.Field{Name: "officer", Label: t("officer.code"), Width: 20, Optional: true})),
		ui.Text(fields.fill(ui.Field{Name: "office", Label: t("office.code"), Width: 20, Optional: true})),
	}))
	table := ui.Table{
		ID: "calls", Caption: t("log"), Quiet: true, Dense: true, Columns: []ui.Column{
			{Label: t("at")},
			{Label: t("system")},
			{Label: t("officer")},
			{Label: t("operation")},
			{Label: t("purpose")},
			{Label: t("dossier")},
			{Label: t("outcome")},
		},
		Empty: ui.Para(t("log.none")),
	}
	for _, c := range list {
		at := ui.Cell{Text: pr.Time(c.At)}
		if c.RequestID != "" {
			at.Href = "/gateway/log?" + url.Values{"q": {c.RequestID}}.Encode()
		}
		purpose := cmp.Or(p.Procedure(ctx, c.Purpose), c.Purpose)
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			at,
			{Text: c.System},
			{Body: ui.Named(c.Officer, c.Office, "")},
			{Body: ui.Named(p.operation(r, c.Operation), c.Code, "")},
			{Body: ui.Named(purpose, c.Purpose, "")},
			{Text: c.Dossier},
			{Body: outcome(t, c.Outcome)},
		}})
	}
	v.Add(ui.DataTable(table), ui.Pagination(pages))
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}
