package forms

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

// section is a part of a form with a page of its own: fields, or a list of entries that
// are added, moved, removed and changed one by one.
type section struct {
	name string
	// ask are the fields of the page; of a list, those that add to it.
	ask func(q *visit, t *readiness.Template) []question
	// list is what the section lists; nil for one of fields only.
	list *list
}

type list struct {
	columns func(q *visit) []ui.Column
	entries func(q *visit, t *readiness.Template) []entry
	// move and remove change the list; nil where it has no order.
	move   func(t *readiness.Template, key string, by int)
	remove func(t *readiness.Template, key string)
	// ask are the fields of an entry; false when there is none with this key.
	ask func(q *visit, t *readiness.Template, key string) ([]question, bool)
	// renumber counts the entries anew; nil where they have no numbers.
	renumber func(t *readiness.Template)
	// then leads to the entry that was added or changed, to go on with it.
	then bool
}

// entry is a line of a list.
type entry struct {
	key   string
	name  string
	cells []ui.Cell // after the name
	fixed bool      // may not be removed
}

var sections = []section{general, summary, parts, components, lists, columns, rows}

func sectionOf(name string) (section, bool) {
	i := slices.IndexFunc(sections, func(s section) bool { return s.name == name })
	if i < 0 {
		return section{}, false
	}
	return sections[i], true
}

// sectionOfFault is the section in which a fault is mended, and the entry.
func sectionOfFault(f *fault.Error) (name, key string) {
	head, key, _ := strings.Cut(f.Field, ".")
	if strings.HasSuffix(f.Key, ".component_empty") {
		return "rows", "" // a row is what it lacks
	}
	switch head {
	case "columns", "components", "rows":
		return head, key
	case "options":
		return "lists", key
	case "summary":
		return "summary", ""
	case "proposals":
		return "parts", ""
	}
	return "general", ""
}

// faultLink is a fault of a form in words, with the page that mends it.
type faultLink struct {
	Fault *fault.Error
	Href  string
}

// capital begins a sentence: in a file, the line stands before it.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func (q *visit) faults() []faultLink {
	var out []faultLink
	for _, f := range q.tpl().WordedFaults() {
		name, key := sectionOfFault(f)
		href := q.at("/" + name)
		if s, ok := sectionOf(name); ok && s.list != nil && key != "" {
			if _, has := s.list.ask(q, q.tpl(), key); has {
				href += "/" + url.PathEscape(key)
			}
		}
		out = append(out, faultLink{f, href})
	}
	return out
}

// faultsOf are those that one section mends.
func (q *visit) faultsOf(name string) []faultLink {
	return slices.DeleteFunc(q.faults(), func(l faultLink) bool { s, _ := sectionOfFault(l.Fault); return s != name })
}

type sectionView struct {
	ui.Page
	*visit
	Heading string
	Name    string
	Action  string
	Faults  []faultLink
	Table   *ui.Table
	Fields  []templ.Component
	Count   bool   // the entries can be counted anew
	Save    string // label of the button
	Back    string // address of the list; "" on a section's own page
}

// section shows a part of the form.
func (p *Pages) section(q *visit) error { return p.showSection(q, http.StatusOK) }

func (p *Pages) showSection(q *visit, status int) error {
	s, ok := sectionOf(q.PathValue("section"))
	if !ok {
		return errNoPage
	}
	v := sectionView{
		Page: p.draftPage(q, "forms.section."+s.name), visit: q, Heading: q.p.T("forms.section." + s.name), Name: s.name,
		Action: q.at("/" + s.name), Faults: q.faultsOf(s.name),
		Fields: shown(s.ask(q, q.tpl())), Save: q.p.T("forms.save"),
	}
	if s.list != nil {
		v.Save = q.p.T("forms.add." + s.name)
		v.Table = s.list.table(q, s.name)
		v.Count = s.list.renumber != nil && len(v.Table.Rows) > 1
	}
	return web.Render(q.w, q.Request, status, sectionPage(v))
}

// table lists the entries with what can be done with each.
func (l *list) table(q *visit, name string) *ui.Table {
	t := &ui.Table{
		ID: name, Caption: q.p.T("forms.section." + name), Quiet: true, Stack: true, Columns: l.columns(q),
		Empty: ui.Empty(q.p.T("forms.empty."+name), ui.Link{}),
	}
	t.Columns = append(t.Columns, ui.Column{Label: q.p.T("forms.do"), Hidden: true})
	for _, e := range l.entries(q, q.tpl()) {
		cells := append([]ui.Cell{{Text: e.name, Href: q.at("/" + name + "/" + url.PathEscape(e.key))}}, e.cells...)
		t.Rows = append(t.Rows, ui.Row{Cells: append(cells, ui.Cell{Body: entryButtons(l.buttons(q, e))})})
	}
	return t
}

// buttons are what can be done with an entry. They say to whom they belong for who
// hears them only.
func (l *list) buttons(q *visit, e entry) []ui.Action {
	var out []ui.Action
	add := func(do, key string) {
		label := q.p.T("forms.do." + do)
		out = append(out, ui.Action{
			Label: label, Look: ui.Plain, Name: "do", Value: do + ":" + key, Attrs: templ.Attributes{"aria-label": label + ": " + e.name},
		})
	}
	if l.move != nil {
		add("up", e.key)
		add("down", e.key)
	}
	if !e.fixed {
		add("remove", e.key)
	}
	return out
}

// sectionPost keeps the fields of a part, or changes its list.
func (p *Pages) sectionPost(q *visit) error {
	s, ok := sectionOf(q.PathValue("section"))
	if !ok {
		return errNoPage
	}
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	do, key, _ := strings.Cut(form.Text("do"), ":")
	flash, added := "forms.saved", ""
	d, err := p.Register.EditForm(q.Context(), p.Actor(q.Request), q.draft.ID, revision(form), func(t *readiness.Template) error {
		switch {
		case s.list != nil && s.list.move != nil && (do == "up" || do == "down"):
			s.list.move(t, key, map[string]int{"up": -1, "down": 1}[do])
			return nil
		case s.list != nil && s.list.renumber != nil && do == "renumber":
			s.list.renumber(t)
			return nil
		case s.list != nil && do == "remove":
			s.list.remove(t, key)
			flash = "forms.removed"
			return nil
		}
		before := s.keys(q, t)
		if err := take(form, s.ask(q, t)); err != nil || s.list == nil {
			return err
		}
		more := slices.DeleteFunc(s.keys(q, t), func(k string) bool { return slices.Contains(before, k) })
		if len(more) == 0 {
			return fault.New(fault.Invalid, "forms.nothing_added", nil).At("lines")
		}
		flash, added = "forms.added", more[len(more)-1]
		return nil
	})
	if err != nil {
		return p.again(q, form, err, func(status int) error { return p.showSection(q, status) })
	}
	q.draft = d
	to := q.at("")
	if s.list != nil {
		to = q.at("/" + s.name)
	}
	if s.list != nil && s.list.then && added != "" {
		to += "/" + url.PathEscape(added)
	}
	return web.RedirectWith(q.w, q.Request, to, flash, nil)
}

// keys are those of a section's list.
func (s section) keys(q *visit, t *readiness.Template) []string {
	if s.list == nil {
		return nil
	}
	var out []string
	for _, e := range s.list.entries(q, t) {
		out = append(out, e.key)
	}
	return out
}

// entry shows an entry of a list.
func (p *Pages) entry(q *visit) error { return p.showEntry(q, http.StatusOK) }

func (p *Pages) showEntry(q *visit, status int) error {
	s, ok := sectionOf(q.PathValue("section"))
	key := q.PathValue("key")
	if !ok || s.list == nil {
		return errNoPage
	}
	questions, ok := s.list.ask(q, q.tpl(), key)
	if !ok {
		return errNoPage
	}
	name := ""
	for _, e := range s.list.entries(q, q.tpl()) {
		if e.key == key {
			name = e.name
		}
	}
	v := sectionView{
		Page: p.draftPage(q, "forms.entry."+s.name, map[string]any{"name": name}), visit: q, Name: s.name,
		Heading: q.p.T("forms.entry."+s.name, map[string]any{"name": name}), Action: q.at("/" + s.name + "/" + url.PathEscape(key)),
		Fields: shown(questions), Save: q.p.T("forms.save"), Back: q.at("/" + s.name),
	}
	v.Crumbs = append(v.Crumbs, ui.Link{Label: q.p.T("forms.section." + s.name), Href: v.Back})
	for _, l := range q.faultsOf(s.name) {
		if _, of := sectionOfFault(l.Fault); of == key {
			v.Faults = append(v.Faults, l)
		}
	}
	return web.Render(q.w, q.Request, status, sectionPage(v))
}

// entryPost keeps an entry.
func (p *Pages) entryPost(q *visit) error {
	s, ok := sectionOf(q.PathValue("section"))
	if !ok || s.list == nil {
		return errNoPage
	}
	form, err := web.ReadForm(q.Request)
	if err != nil {
		return err
	}
	to, fields := q.at("/"+s.name), 0
	d, err := p.Register.EditForm(q.Context(), p.Actor(q.Request), q.draft.ID, revision(form), func(t *readiness.Template) error {
		questions, ok := s.list.ask(q, t, q.PathValue("key"))
		if !ok {
			return errNoPage
		}
		fields = len(questions)
		return take(form, questions)
	})
	if err != nil {
		return p.again(q, form, err, func(status int) error { return p.showEntry(q, status) })
	}
	// What was chosen may ask for more, such as a column that became one of numbers.
	if now, ok := s.list.ask(q, d.Template, q.PathValue("key")); ok && len(now) > fields {
		to += "/" + url.PathEscape(q.PathValue("key"))
	}
	return web.RedirectWith(q.w, q.Request, to, "forms.saved", nil)
}
