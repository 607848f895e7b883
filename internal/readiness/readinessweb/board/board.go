// Package board is the pages that say who meets what: the sentence and its
// proof, the matrix of agencies by component, maps, stages, the change between
// rounds, causes and proposals, one agency's answers through time, and the
// report. Every number opens on the agencies or the words behind it. It shows
// what counts only, never a draft, and changes nothing.
package board

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/actor"
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

// Messages are the texts of the board.
var Messages, _ = fs.Sub(messages, "messages")

// Pages are the pages of the board.
type Pages struct {
	shell readinessweb.Shell
	kept  shelf
}

// New makes the pages.
func New(shell readinessweb.Shell) *Pages { return &Pages{shell: shell} }

// Routes are the addresses of the board.
func (p *Pages) Routes() []web.Route {
	const one = "/board/{campaign}"
	read, report := readiness.ReadBoard.Name(), readiness.ReadReport.Name()
	return []web.Route{
		{Pattern: "GET /board", Handler: p.newest, May: read},
		{Pattern: "GET " + one, Handler: p.show(homePage), May: read},
		{Pattern: "GET " + one + "/matrix", Handler: p.show(matrixPage), May: read},
		{Pattern: "GET " + one + "/map", Handler: p.show(mapPage), May: read},
		{Pattern: "GET " + one + "/stages", Handler: p.show(stagesPage), May: read},
		{Pattern: "GET " + one + "/values", Handler: p.show(valuesPage), May: read},
		{Pattern: "GET " + one + "/change", Handler: p.show(changePage), May: read},
		{Pattern: "GET " + one + "/causes", Handler: p.show(causesPage), May: read},
		{Pattern: "GET " + one + "/figure/{group}/{key}", Handler: p.show(figurePage), May: read},
		{Pattern: "GET " + one + "/entries/{list}", Handler: p.show(entriesPage), May: read},
		{Pattern: "GET " + one + "/agency/{agency}", Handler: p.agency, May: read},
		{Pattern: "GET " + one + "/report", Handler: p.show(reportPage), May: report},
		{Pattern: "GET " + one + "/report/file", Handler: p.download, May: report},
		{Pattern: "GET " + one + "/data/{file}", Handler: p.data, May: read},
	}
}

// newest leads to the newest round.
func (p *Pages) newest(w http.ResponseWriter, r *http.Request) error {
	if err := readiness.Can(p.shell.Actor(r), readiness.ReadBoard, ""); err != nil {
		return err
	}
	all, err := p.shell.Register.Campaigns(r.Context(), p.shell.Actor(r))
	if err != nil {
		return err
	}
	all = readiness.Live(all)
	if len(all) == 0 {
		page := p.shell.Frame(r).Page(i18n.T(r.Context(), "board.title"))
		return web.Render(w, r, http.StatusOK, noRounds(page))
	}
	return web.Redirect(w, r, "/board/"+all[0].ID)
}

// view is one page of the board about to be shown.
type view struct {
	ui.Page
	readiness.Board
	ask    ask
	p      *i18n.Printer
	shell  readinessweb.Shell
	reader actor.Actor
}

// pageFunc makes the title and the body of a page. The body is made when it is
// not kept from before, so what costs time belongs into it.
type pageFunc func(v *view, r *http.Request) (title string, body bodyFunc, err error)

// show answers with a page of the board.
func (p *Pages) show(f pageFunc) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := p.view(r)
		if v == nil {
			return err
		}
		if to := v.elsewhere(r); err == nil && to != "" {
			return web.Redirect(w, r, to)
		}
		title, body, pageErr := f(v, r)
		if pageErr != nil {
			return pageErr
		}
		v.Title = title
		page := p.body(v, r.URL.Path, body)
		if err != nil {
			return web.Retry(w, r, err, v.with(err, page))
		}
		return web.Render(w, r, http.StatusOK, v.with(nil, page))
	}
}

// view reads the question and asks the register. A question that cannot be
// read gives the view of the plain question and the fault.
func (p *Pages) view(r *http.Request) (*view, error) {
	asked, formErr := readAsk(r)
	if formErr != nil && web.FormErrors(formErr) == nil {
		return nil, formErr
	}
	b, err := p.shell.Register.Board(r.Context(), p.shell.Actor(r), asked.question())
	if err != nil {
		return nil, err
	}
	return p.viewOf(r, b, asked), formErr
}

func (p *Pages) viewOf(r *http.Request, b readiness.Board, asked ask) *view {
	v := &view{
		Page: p.shell.Frame(r).Page(""), Board: b, ask: asked,
		p: i18n.From(r.Context()), shell: p.shell, reader: p.shell.Actor(r),
	}
	v.Wide = true
	for _, name := range v.navigation() {
		label := "board.nav." + name
		if name == "" {
			label = "board.nav.home"
		}
		v.Sub = append(v.Sub, ui.NavItem{Label: v.p.T(label), Href: v.at(name)})
	}
	return v
}

// navigation lists the pages of the board that the form has something for.
func (v *view) navigation() []string {
	out := []string{"", "matrix", "map"}
	if v.Template.AsksStage() {
		out = append(out, "stages")
	}
	if len(v.Template.OwnColumns()) > 0 {
		out = append(out, "values")
	}
	out = append(out, "change")
	if len(v.causeViews()) > 0 {
		out = append(out, "causes")
	}
	return append(out, "report")
}

func (v *view) with(err error, body templ.Component) templ.Component {
	v.Errors = web.FormErrors(err)
	return frame(v, body)
}

// office says that the reader also sees the returns where they are worked on.
func (v *view) office() bool { return readiness.Can(v.reader, readiness.ReadIntake, "") == nil }

// at is the address of a page of this round under the same question.
func (v *view) at(path string, query ...string) string {
	return v.ask.at(v.Campaign.ID, path, query...)
}

func (v *view) lang() string { return string(v.p.Lang) }

func (v *view) in(t readiness.Text) string { return t.In(v.lang()) }

func (v *view) t(key string, args ...map[string]any) string { return v.p.T(key, args...) }

// today is the day on which the page is read.
func (v *view) today() clock.Date { return clock.DayOf(v.shell.Clock.Now()) }

// figureName is what a figure is called.
func (v *view) figureName(key string) string {
	if key == readiness.AllFive {
		return v.t("board.all", map[string]any{"all": v.all()})
	}
	c, _ := v.Template.Component(key)
	return v.in(c.Short)
}

// all is "cả năm" components as a person says it.
func (v *view) all() string {
	n := len(v.Template.Components)
	if n < 2 || n > 9 {
		return v.p.Int(int64(n))
	}
	return v.t("board.number." + v.p.Int(int64(n)))
}

// keys are the figures in the order of the form, all of them last.
func (v *view) keys() []string {
	var out []string
	for _, c := range v.Template.Components {
		out = append(out, c.Key)
	}
	return append(out, readiness.AllFive)
}

// groups are the two groups that the figures are published for, as far as they were asked,
// and what else has answered.
func (v *view) groups() []string {
	var out []string
	for _, g := range []string{"ministries", "provinces"} {
		if b := v.Figures.Block(g); len(b.Recipients)+len(b.Answered) > 0 {
			out = append(out, g)
		}
	}
	if len(out)+len(v.Figures.Others) == 0 {
		out = []string{"ministries", "provinces"}
	}
	for _, k := range readiness.Kinds {
		if _, ok := v.Figures.Others[k]; ok {
			out = append(out, k)
		}
	}
	return out
}

func (v *view) groupName(group string) string {
	switch group {
	case "ministries", "provinces":
		return v.t("board.group." + group)
	}
	if (group == readiness.Ministry || group == readiness.Province) && len(v.Figures.Block(group).Recipients) == 0 {
		return v.t("board.group.not_asked", map[string]any{"kind": v.t("readiness.kind." + group)})
	}
	return v.t("readiness.kind." + group)
}

// groupOf is the group that a statement is counted in, as readiness.Tally does.
func groupOf(s readiness.Statement) string {
	if s.Recipient && s.Kind == readiness.Ministry {
		return "ministries"
	}
	if s.Recipient && s.Kind == readiness.Province {
		return "provinces"
	}
	return s.Kind
}

// of lists the statements of a group by name.
func (v *view) of(group string) []readiness.Statement {
	var out []readiness.Statement
	for _, s := range v.Statements {
		if group == "" || groupOf(s) == group {
			out = append(out, s)
		}
	}
	i18n.SortBy(out, func(s readiness.Statement) string { return placeName(s.Name) })
	return out
}

// placeName is the name of an agency where many stand together: a province
// without "UBND tỉnh".
func placeName(name string) string {
	rest, ok := strings.CutPrefix(name, "UBND ")
	if !ok {
		return name
	}
	for _, kind := range []string{"tỉnh ", "thành phố "} {
		rest = strings.TrimPrefix(rest, kind)
	}
	return rest
}

// met counts the components that a statement meets.
func met(s readiness.Statement) int {
	n := 0
	for _, st := range s.Verdict.Components {
		if st == readiness.Met && s.Answered() {
			n++
		}
	}
	return n
}

func notFound() error { return fault.New(fault.NotFound, "board.not_found", nil) }
