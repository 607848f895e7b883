package fill

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// The returns that are compared beside the numbered versions.
const (
	theDraft = "draft"
	theLast  = "last" // of the campaign before
)

// texts are the returns that can be compared, the oldest first, with their names.
func (q *visit) texts() []ui.Option {
	var out []ui.Option
	if q.view.Previous != nil {
		out = append(out, ui.Option{Value: theLast, Label: q.p.T("fill.compare.last")})
	}
	for _, v := range q.view.Record.Versions {
		out = append(out, ui.Option{Value: strconv.Itoa(v.Number), Label: q.p.T("fill.compare.version", fault.Args{"n": v.Number, "time": v.At})})
	}
	if q.view.Record.Draft != nil {
		out = append(out, ui.Option{Value: theDraft, Label: q.p.T("fill.compare.draft")})
	}
	return out
}

// canCompare says that there are two returns to set side by side.
func canCompare(q *visit) bool { return len(q.texts()) > 1 }

// text finds one of the returns by its name.
func (q *visit) text(name string) (readiness.Return, bool) {
	switch {
	case name == theDraft && q.view.Record.Draft != nil:
		return q.view.Record.Draft.Return, true
	case name == theLast && q.view.Previous != nil:
		return *q.view.Previous, true
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || n > len(q.view.Record.Versions) {
		return readiness.Return{}, false
	}
	return q.view.Record.Versions[n-1].Return, true
}

type compareView struct {
	ui.Page
	*visit
	A, B    string
	Texts   []ui.Option
	Changes []ui.Change
}

func (v compareView) name(value string) string {
	i := slices.IndexFunc(v.Texts, func(o ui.Option) bool { return o.Value == value })
	return v.Texts[i].Label
}

// compare sets two versions side by side: by default the two newest.
func (p *Pages) compare(q *visit) error {
	v := compareView{
		Page: p.page(q, q.p.T("fill.compare.title")), visit: q, Texts: q.texts(), A: q.URL.Query().Get("a"),
		B: q.URL.Query().Get("b"),
	}
	v.Wide = true
	if len(v.Texts) < 2 {
		return web.Redirect(q.w, q.Request, q.at(""))
	}
	if v.A == "" && v.B == "" {
		v.A, v.B = v.Texts[len(v.Texts)-2].Value, v.Texts[len(v.Texts)-1].Value
	}
	a, okA := q.text(v.A)
	b, okB := q.text(v.B)
	if !okA || !okB {
		return fault.New(fault.NotFound, "fill.compare.not_found", nil)
	}
	if !q.may(readiness.ReadContact) {
		a.Contact, b.Contact = a.Contact.Masked(), b.Contact.Masked()
	}
	for _, c := range readiness.Diff(q.view.Template, a, b) {
		if c.Column == readiness.ColNumber || c.Column == "key" || c.Column == "system" {
			continue
		}
		old, now := q.in(c.Before), q.in(c.After)
		if c.Column == "kind" {
			old, now = kindWords(q, old), kindWords(q, now)
		}
		v.Changes = append(v.Changes, ui.Change{Label: conflictName(q, readiness.Conflict{Change: c}), Old: old, New: now})
	}
	return web.Render(q.w, q.Request, http.StatusOK, comparePage(v))
}

// file gives the form as a file: file.docx, file.xlsx, file.pdf.
func (p *Pages) file(q *visit) error {
	format, ok := strings.CutPrefix(q.PathValue("file"), "file.")
	if !ok {
		return fault.New(fault.NotFound, "web.not_found", nil)
	}
	query := q.URL.Query()
	var ret *readiness.Return
	if !query.Has("blank") {
		name := query.Get("version")
		if name == "" {
			name = strconv.Itoa(len(q.view.Record.Versions))
		}
		found, ok := q.text(name)
		if !ok {
			return fault.New(fault.NotFound, "fill.file.not_found", nil)
		}
		ret = &found
	}
	f, err := p.shell.Exports.Return(q.Context(), q.view, ret, format, string(q.p.Lang))
	if err != nil {
		return err
	}
	return f.Send(q.w)
}

// kindWords names the kind of a system.
func kindWords(q *visit, kind string) string {
	if kind == "" {
		return ""
	}
	for _, k := range q.view.Template.Subject.Kinds {
		if k.Key == kind {
			return q.in(k.Label)
		}
	}
	return q.p.T("fill.kind." + kind)
}
