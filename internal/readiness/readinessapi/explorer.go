package readinessapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// Path is the page on which people try the calls.
const Path = "/api"

// Routes is the page on which people try the calls, with their own account. It
// needs no sign-in to be read, as the document needs none.
func (a *API) Routes(frame web.FrameFunc) []web.Route {
	e := explorer{a, frame}
	return []web.Route{
		{Pattern: "GET " + Path, Handler: e.page, May: "anyone"},
		{Pattern: "POST " + Path, Handler: e.page, MaxBody: 2 * maxBody, May: "anyone"}, // escaped for a form, a body is longer
	}
}

type explorer struct {
	*API
	frame web.FrameFunc
}

type explorerView struct {
	ui.Page
	Table ui.Table
}

// callView is one call with its form and, when it was just tried, its answer.
type callView struct {
	ui.Page
	operation
	Fields []ui.Field
	Text   ui.Field
	Curl   string
	Answer *answerView
}

func (c callView) form() string {
	if c.Body {
		return "post"
	}
	return "get"
}

type answerView struct {
	Code int
	Text string
	Cut  int // length of the whole answer when only its beginning is shown
}

func (v answerView) status() string { return fmt.Sprintf("%d %s", v.Code, http.StatusText(v.Code)) }

func (e explorer) page(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p := i18n.From(r.Context())
	page := e.frame(r).Page(p.T("api.page.title"))
	if !form.Has("call") {
		return web.Render(w, r, http.StatusOK, listPage(explorerView{page, e.table(p)}))
	}
	i := slices.IndexFunc(e.ops, func(op operation) bool { return op.ID == form.Text("call") })
	if i < 0 {
		return fault.New(fault.NotFound, "web.not_found", nil)
	}
	page.Crumbs = []ui.Link{{Label: page.Title, Href: Path}}
	page.Title = p.T("api.op." + e.ops[i].ID)
	view := callOf(p, e.ops[i], form)
	view.Page = page
	// A call that changes something is made by a post only.
	if form.Has("try") && view.Body == (r.Method == http.MethodPost) {
		view.Answer = e.try(r, view)
	}
	return web.Render(w, r, http.StatusOK, callPage(view))
}

func (e explorer) table(p *i18n.Printer) ui.Table {
	t := ui.Table{ID: "calls", Caption: p.T("api.page.calls"), Columns: []ui.Column{
		{Label: p.T("api.page.call")}, {Label: p.T("api.page.address")}, {Label: p.T("api.page.scope")},
	}}
	for _, op := range e.ops {
		scope := op.Scope
		if scope == "" {
			scope = p.T("api.page.scope.any")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.T("api.op." + op.ID), Href: Path + "?call=" + op.ID}, {Body: ui.Reference(op.Method + " " + op.Path)}, {Text: scope},
		}})
	}
	return t
}

func callOf(p *i18n.Printer, op operation, form web.Form) callView {
	c := callView{operation: op}
	for _, param := range op.Params {
		f := ui.Field{
			Name: param.Name, Label: param.Name, Hint: p.T("api.param." + param.Name), Optional: !param.Required, Width: 20,
			Value: form.Text(param.Name),
		}
		if !form.Has("try") && param.Example != nil {
			f.Value = fmt.Sprint(param.Example)
		}
		c.Fields = append(c.Fields, f)
	}
	data := ""
	if op.Body {
		c.Text = ui.Field{Name: "body", Label: p.T("api.page.body"), Hint: p.T("api.page.body.hint"), Rows: 12, Value: sample}
		if form.Has("try") {
			c.Text.Value = form.Text("body")
		}
		data = "  -X " + op.Method + " -H 'Content-Type: application/json' --data @return.json \\\n"
	}
	c.Curl = "curl -H \"Authorization: Bearer $TOKEN\" \\\n" + data + "  \"$BOARD" + c.address() + "\""
	return c
}

const sample = `{
  "contact": {"full_name": "Nguyễn Văn Mẫu", "organisation": "", "position": "", "phone": "", "email": "nguyenvanmau@example.vn"},
  "systems": [],
  "answers": [
    {"row": "2", "key": "2", "compliance": "met"}
  ],
  "proposals": [], "difficulties": [], "recommendations": []
}`

// address is the path and query of the call as its fields are filled in.
func (c callView) address() string {
	path, query := c.Path, url.Values{}
	for i, param := range c.Params {
		value := c.Fields[i].Value
		switch {
		case param.In == "path":
			path = strings.Replace(path, "{"+param.Name+"}", url.PathEscape(value), 1)
		case value != "":
			query.Set(param.Name, value)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// shown bounds how much of an answer the page shows.
const shown = 20000

// try makes the call in the name of the one who looks at the page.
func (e explorer) try(r *http.Request, c callView) *answerView {
	var in io.Reader = http.NoBody
	if c.Body {
		in = strings.NewReader(c.Text.Value)
	}
	call, err := http.NewRequestWithContext(r.Context(), c.Method, c.address(), in)
	if err != nil {
		return &answerView{Code: http.StatusBadRequest}
	}
	if c.Body {
		call.Header.Set("Content-Type", "application/json")
	}
	got := &captured{header: http.Header{}, code: http.StatusOK}
	e.routes.ServeHTTP(got, call)
	v := &answerView{Code: got.code, Text: got.body.String()}
	var tidy bytes.Buffer
	if json.Indent(&tidy, got.body.Bytes(), "", "  ") == nil {
		v.Text = tidy.String()
	}
	if runes := []rune(v.Text); len(runes) > shown {
		v.Text, v.Cut = string(runes[:shown]), len(runes)
	}
	return v
}

// captured is an answer kept in memory.
type captured struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (c *captured) Header() http.Header         { return c.header }
func (c *captured) WriteHeader(code int)        { c.code = code }
func (c *captured) Write(b []byte) (int, error) { return c.body.Write(b) }
