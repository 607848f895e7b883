// Package programmeweb is the pages of the programme at the board: the leader's page, tasks
// and what each agency owes, the registers, the figures with their rows, and the files that
// people take away and hand in. Every rule is in programme; here it is only shown.
package programmeweb

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/programme"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Path is where the pages are.
const Path = "/programme"

// Pages are the pages.
type Pages struct {
	Service *programme.Service
	Frame   web.FrameFunc
	Clock   clock.Clock
	Agency  func(code string) string
	// Agencies are those that can be chosen, the highest first.
	Agencies func() []ui.Option
	// Name is what an account was called at a moment.
	Name func(ctx context.Context, account string, at time.Time) string
	// Keep keeps a file that shows a progress, after a look at what it is; Show gives it.
	Keep func(ctx context.Context, name string, r io.ReaderAt, size int64) (programme.Evidence, error)
	Show func(ctx context.Context, e programme.Evidence) (io.ReadCloser, error)
	// WriteBook makes a workbook of a table, and ReadBook reads one that people filled in.
	WriteBook func(t programme.Table) ([]byte, error)
	ReadBook  func(r io.ReaderAt, size int64, keys []string) ([]programme.Line, error)
	// Letter writes the monthly letter: docx or pdf.
	Letter func(ctx context.Context, who actor.Actor, day clock.Date, format string, p *i18n.Printer) ([]byte, error)
}

// maxEvidence is the largest file that a form takes.
const maxEvidence = 20 << 20

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	var out []web.Route
	add := func(action programme.Action, pattern string, h web.Handler, body int64) {
		method, path, _ := strings.Cut(pattern, " ")
		out = append(out, web.Route{Pattern: method + " " + Path + path, Handler: guard(action, h), MaxBody: body, May: action.Name()})
	}
	add(programme.Read, "GET ", p.home, 0)
	add(programme.Read, "GET /tasks", p.tasks, 0)
	add(programme.Manage, "GET /tasks/excel", p.tasksOut, 0)
	add(programme.Manage, "POST /tasks/excel", p.tasksIn, maxBook)
	add(programme.Read, "GET /tasks/{task}", p.task, 0)
	add(programme.Manage, "GET /new/task", p.taskForm, 0)
	add(programme.Manage, "POST /new/task", p.taskSave, 0)
	add(programme.Manage, "GET /tasks/{task}/edit", p.taskForm, 0)
	add(programme.Manage, "POST /tasks/{task}/edit", p.taskSave, 0)
	for _, way := range []string{toAssign, toEnd, toWithdraw, toTakeBack} {
		add(programme.Manage, "POST /tasks/{task}/"+way, p.taskAct(way), 0)
	}
	add(programme.Read, "GET /directives", p.directives, 0)
	add(programme.Manage, "POST /directives", p.directiveSave, 0)
	add(programme.Read, "GET /directives/{directive}", p.directive, 0)
	add(programme.Manage, "GET /directives/{directive}/edit", p.directiveEdit, 0)
	add(programme.Manage, "POST /directives/{directive}/edit", p.directiveSave, 0)
	add(programme.Read, "GET /units", p.units, 0)
	add(programme.Respond, "GET /units/excel", p.unitsOut, 0)
	add(programme.Respond, "POST /units/excel", p.unitsIn, maxBook)
	add(programme.Read, "GET /units/{unit}", p.unit, 0)
	add(programme.Read, "GET /units/{unit}/files/{hash}", p.evidence, 0)
	add(programme.Respond, "POST /units/{unit}/answer", p.act, maxEvidence)
	add(programme.Decide, "POST /units/{unit}/decide", p.act, 0)
	add(programme.Manage, "POST /units/{unit}/manage", p.act, 0)
	add(programme.Read, "GET /agencies/{agency}", p.agency, 0)
	add(programme.Read, "GET /agencies/{agency}/communes", p.communes, 0)
	add(programme.Read, "GET /roll-up", p.rollUp, 0)
	add(programme.Read, "GET /registers", p.registers, 0)
	add(programme.Read, "GET /registers/{kind}", p.register, 0)
	add(programme.Read, "GET /registers/{kind}/excel", p.registerOut, 0)
	add(programme.Write, "POST /registers/{kind}/excel", p.registerIn, maxBook)
	add(programme.Write, "GET /registers/{kind}/new", p.recordForm, 0)
	add(programme.Write, "POST /registers/{kind}/new", p.recordSave, 0)
	add(programme.Read, "GET /rows/{row}", p.record, 0)
	add(programme.Write, "GET /rows/{row}/edit", p.recordForm, 0)
	add(programme.Write, "POST /rows/{row}/edit", p.recordSave, 0)
	add(programme.Read, "GET /figures", p.figures, 0)
	add(programme.Read, "GET /figures/{key}", p.figure, 0)
	add(programme.Read, "GET /letter/{format}", p.letter, 0)
	return out
}

// guard asks the table before a page reads what was sent.
func guard(action programme.Action, h web.Handler) web.Handler {
	return session.Guard(h, func(_ *http.Request, by actor.Actor) error {
		return programme.Permissions.CanOwn(by, action, by.Agency != "")
	})
}

func who(ctx context.Context) actor.Actor {
	id, _ := session.From(ctx)
	return id.Actor
}

// may says that somebody may do something whatever it is about.
func may(ctx context.Context, action programme.Action) bool {
	return programme.Permissions.Can(who(ctx), action) == nil
}

// t is a text of the pages.
func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "prog."+key, args...)
}

func langOf(ctx context.Context) string { return string(i18n.From(ctx).Lang) }

// How a question is asked.
type manner int

const (
	asText manner = iota
	asLong
	asSelect
	asDay
	asFile
	asTicks
	asHidden
)

// question is a field with how it is asked.
type question struct {
	Kind manner
	ui.Field
}

// form is a form that is posted.
type form struct {
	Action    string
	Files     bool
	Questions []question
	Buttons   []ui.Action
}

// part is a part of a page. What is empty is not shown.
type part struct {
	ID     string // of the title, for links to it
	Title  string
	Text   string
	Fold   bool // hidden until it is asked for
	Links  []ui.Link
	Table  *ui.Table
	Pages  ui.Pages
	Chart  templ.Component
	Facts  []ui.Fact
	Events []ui.Event
	Form   form
}

// view is a page.
type view struct {
	ui.Page
	Lead     string
	Sentence string
	Proof    ui.Link
	About    string
	Strip    *ui.Strip
	Days     []question // of the strip
	Figures  []ui.Figure
	Actions  []ui.Action
	Filter   ui.Filter
	Narrow   []question // of the filter; none is no list
	Parts    []part
}

// page begins a page. Those who read everything have the programme's parts above it.
func (p *Pages) page(r *http.Request, title string, crumbs ...ui.Link) view {
	ctx := r.Context()
	v := view{Page: p.Frame(r).Page(title)}
	v.Wide, v.Crumbs = true, crumbs
	item := func(key, href string, also ...string) {
		at := slices.ContainsFunc(also, func(path string) bool { return strings.HasPrefix(r.URL.Path, Path+path) })
		v.Sub = append(v.Sub, ui.NavItem{Label: t(ctx, "nav."+key), Href: Path + href, Current: at})
	}
	if may(ctx, programme.Read) {
		v.Sub = append(v.Sub, ui.NavItem{Label: t(ctx, "nav.board"), Href: Path, Current: r.URL.Path == Path})
		item("tasks", "/tasks", "/new/task")
		item("units", "/units")
		item("rollup", "/roll-up")
		item("registers", "/registers", "/rows/")
		item("figures", "/figures")
		item("directives", "/directives")
	} else {
		v.Sub = append(v.Sub, ui.NavItem{Label: t(ctx, "nav.owed"), Href: Path, Current: r.URL.Path == Path})
		item("units", "/units")
		item("registers", "/registers", "/rows/")
	}
	return v
}

func show(w http.ResponseWriter, r *http.Request, v *view) error {
	return web.Render(w, r, http.StatusOK, pageOf(*v))
}

// again shows a form again with what is wrong with it.
func again(w http.ResponseWriter, r *http.Request, v *view, err error) error {
	v.Errors = web.FormErrors(err)
	for i := range v.Parts {
		for j := range v.Parts[i].Form.Questions {
			v.Parts[i].Form.Questions[j].Errors = v.Errors
		}
	}
	return web.Retry(w, r, err, pageOf(*v))
}

// tone is the colour of a standing.
func tone(s programme.Standing) ui.Tone {
	switch s {
	case programme.StandOverdue, programme.StandBlocked:
		return ui.Bad
	case programme.StandAtRisk:
		return ui.Caution
	case programme.StandDone, programme.StandDoneLate:
		return ui.Good
	case programme.StandWaiting:
		return ui.Info
	case programme.StandOnTrack, programme.StandWithdrawn:
	}
	return ui.Neutral
}

func standing(ctx context.Context, s programme.Standing) string {
	return t(ctx, "standing."+string(s))
}

// day writes a day; what has none says so.
func day(ctx context.Context, d clock.Date) string {
	if d.IsZero() {
		return t(ctx, "no_day")
	}
	return i18n.From(ctx).Date(d)
}

// choices makes options of codes with names.
func choices(first string, list []string, name func(string) string) []ui.Option {
	out := []ui.Option{{Label: first}}
	for _, code := range list {
		out = append(out, ui.Option{Value: code, Label: name(code)})
	}
	return out
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// narrowed is a filter as it was chosen: each choice with the address without it.
type narrowed struct {
	ctx    context.Context
	path   string
	values url.Values
	chosen []ui.Link
	fields []question
	wrong  fault.List // what was chosen and is not to be had
}

func (p *Pages) narrow(r *http.Request) *narrowed {
	return &narrowed{ctx: r.Context(), path: r.URL.Path, values: r.URL.Query()}
}

// choose asks for one of several.
func (n *narrowed) choose(name, label string, options []ui.Option) string {
	value := n.values.Get(name)
	i := slices.IndexFunc(options, func(o ui.Option) bool { return o.Value == value })
	switch {
	case i >= 0 && value != "":
		n.chosen = append(n.chosen, ui.Link{Label: options[i].Label, Href: n.without(name)})
	case value != "":
		n.refuse(name, label)
		value = ""
	}
	n.fields = append(n.fields, question{asSelect, ui.Field{Name: name, Label: label, Value: value, Options: options, Errors: n.wrong}})
	return value
}

// refuse tells of a choice that there is not: who does not read it would take the whole list
// for the part that they asked for.
func (n *narrowed) refuse(name, label string) {
	value := strings.ToValidUTF8(n.values.Get(name), "")
	n.wrong = append(n.wrong, web.NotOffered(name, label, value))
	n.chosen = append(n.chosen, ui.Link{Label: "“" + short(value) + "”", Href: n.without(name)})
}

// again shows the filter with what is wrong with it, and no list.
func (n *narrowed) again(w http.ResponseWriter, r *http.Request, v *view) error {
	n.into(v)
	return again(w, r, v, n.wrong)
}

// text asks for words.
func (n *narrowed) text(name, label string) string {
	value, err := web.Clean(n.values.Get(name))
	switch {
	case err != nil || len(value) > 200:
		n.refuse(name, label)
		value = ""
	case value != "":
		n.chosen = append(n.chosen, ui.Link{Label: "“" + value + "”", Href: n.without(name)})
	}
	n.fields = append(n.fields, question{asText, ui.Field{Name: name, Label: label, Value: value, Errors: n.wrong}})
	return value
}

func (n *narrowed) without(names ...string) string {
	rest := url.Values{}
	for k, v := range n.values {
		if k != "after" && !slices.Contains(names, k) && len(v) > 0 && v[0] != "" {
			rest.Set(k, v[0])
		}
	}
	if len(rest) == 0 {
		return n.path
	}
	return n.path + "?" + rest.Encode()
}

func (n *narrowed) with(name, value string) string {
	rest := url.Values{}
	for k, v := range n.values {
		if len(v) > 0 && v[0] != "" {
			rest.Set(k, v[0])
		}
	}
	rest.Set(name, value)
	return n.path + "?" + rest.Encode()
}

func (n *narrowed) into(v *view) {
	v.Filter, v.Narrow = ui.Filter{Action: n.path, Chosen: n.chosen, Clear: n.path}, n.fields
}

// dayAsked reads a day of the address; zero when there is none, and Invalid when it is none.
func dayAsked(r *http.Request, name string) (clock.Date, error) {
	text := strings.TrimSpace(r.URL.Query().Get(name))
	if text == "" {
		return clock.Date{}, nil
	}
	d, err := programme.ReadDay(text)
	if err != nil {
		return d, fault.New(fault.Invalid, "prog.day_wrong", fault.Args{"text": text})
	}
	return d, nil
}

func columns(ctx context.Context, prefix string, keys ...string) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, key := range keys {
		key, number := strings.CutPrefix(key, "#")
		out[i] = ui.Column{Label: t(ctx, prefix+key), Numeric: number}
	}
	return out
}
