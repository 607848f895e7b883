package eformweb

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
)

// Ask is one question as a page asks it.
type Ask struct {
	Asked eform.Asked
	Facts eform.Facts
	View  eform.View // for options with conditions; nil shows all
	// Form is what was posted, when the page is shown again because of Errors; nil shows the
	// answer that there is.
	Form   Posted
	Errors fault.List
	// Owner names whose facts are offered: "mother" → "mẹ". nil shows no names.
	Owner func(owner string) string
	Title bool // the label is the heading of the page: one question a page
	Small bool // dense, for an office
	// Upload draws the control of a file, with what was uploaded; nil draws a plain one.
	Upload templ.Component
}

// field is what all controls of a question share.
func (a Ask) field(p *i18n.Printer) ui.Field {
	q := a.Asked.Question
	label := q.Label
	if q.Ask != nil && !a.Small {
		label = *q.Ask
	}
	f := ui.Field{
		Name: a.Asked.Path, Label: label.In(string(p.Lang)), Title: a.Title, Small: a.Small, Errors: a.Errors, Autocomplete: "off",
		Optional: !a.Asked.Required, Value: a.text(),
	}
	if a.Title && !a.Asked.Required {
		f.Label += " (" + p.T("ui.optional") + ")"
	}
	if q.Hint != nil && !a.Small {
		f.Hint = q.Hint.In(string(p.Lang))
	}
	if a.Asked.Row > 0 && a.Title {
		f.Label = p.T("eformweb.row.of", map[string]any{"one": a.Asked.Section.Repeat.One, "n": a.Asked.Nth, "question": f.Label})
	}
	return f
}

// Heading is the question as the title of its page.
func (a Ask) Heading(ctx context.Context) string { return a.field(i18n.From(ctx)).Label }

// text is what stands in the field: what was posted, else the answer.
func (a Ask) text() string {
	if a.Form != nil {
		return a.Form.Text(a.Asked.Path)
	}
	return a.Asked.Answer.Value.Text
}

func (a Ask) part(part, else_ string) string {
	if a.Form != nil {
		return a.Form.Text(a.Asked.Path + part)
	}
	return else_
}

// line is a field of one line, as its kind is typed.
func (a Ask) line(p *i18n.Printer) ui.Field {
	f := a.field(p)
	q := a.Asked.Question
	switch q.Kind {
	case eform.KindNumber:
		f.InputMode, f.Width = "numeric", 20
	case eform.KindCount:
		f.InputMode, f.Width = "numeric", 5
	case eform.KindAmount:
		f.InputMode, f.Width, f.Suffix = "numeric", 20, p.T("eformweb.amount.unit")
		if n := q.Say(p, a.Asked.Answer.Value, a.Facts); a.Form == nil && n != "" {
			f.Value = strings.TrimSpace(strings.TrimSuffix(n, f.Suffix))
		}
	case eform.KindPhone:
		f.Type, f.Width, f.Autocomplete = "tel", 20, "tel"
	case eform.KindEmail:
		f.Type, f.Autocomplete = "email", "email"
	}
	return f
}

// day are the three fields of a day.
func (a Ask) day(p *i18n.Printer) ui.Field {
	f := a.field(p)
	if a.Asked.Question.Kind == eform.KindPartial && f.Hint == "" && !a.Small {
		f.Hint = p.T("eformweb.partial.hint")
	}
	f.Day, f.Month, f.Year = a.dayParts("", a.Asked.Answer.Value.Text)
	return f
}

func (a Ask) dayParts(part, text string) (day, month, year string) {
	if a.Form != nil {
		name := a.Asked.Path + part
		if d, m, y := a.Form.Text(name+partDay), a.Form.Text(name+partMonth), a.Form.Text(name+partYear); d+m+y != "" {
			return d, m, y
		}
		text = a.Form.Text(name)
	}
	pieces := strings.Split(text, "-")
	slices.Reverse(pieces)
	switch len(pieces) {
	case 3:
		return pieces[0], pieces[1], pieces[2]
	case 2:
		return "", pieces[0], pieces[1]
	}
	return "", "", text
}

// choices are the options that hold, of a choice, a code list, yes and no, or an offer.
func (a Ask) choices(p *i18n.Printer) ui.Field {
	f := a.field(p)
	q := a.Asked.Question
	lang := string(p.Lang)
	if a.offered() {
		f.Name = a.Asked.Path + partOffer
		f.Errors = a.at(f.Name)
		for _, o := range a.Asked.Answer.Offered {
			option := ui.Option{Value: OfferKey(o), Label: q.Say(p, o.Value, a.Facts)}
			var of []string
			for _, owner := range o.Of {
				if a.Owner != nil {
					of = append(of, a.Owner(owner))
				}
			}
			if len(of) > 0 {
				option.Hint = p.T("eformweb.offer.of", map[string]any{"of": strings.Join(of, ", ")})
			}
			if o.Value.Same(a.Asked.Answer.Value) && a.Form == nil {
				f.Value = option.Value
			}
			f.Options = append(f.Options, option)
		}
		if a.Form != nil {
			f.Value = a.Form.Text(f.Name)
		} else if f.Value == a.Asked.Answer.Value.Text {
			f.Value = ""
			for i, o := range a.Asked.Answer.Offered {
				if o.Value.Same(a.Asked.Answer.Value) {
					f.Value = f.Options[i].Value
				}
			}
		}
		return f
	}
	switch q.Kind {
	case eform.KindYes:
		f.Inline = true
		f.Options = []ui.Option{{Value: "yes", Label: p.T("eform.say.yes")}, {Value: "no", Label: p.T("eform.say.no")}}
	case eform.KindCode:
		list, _ := eform.ListOf(q.List)
		for _, item := range list.All() {
			f.Options = append(f.Options, ui.Option{Value: item.Code, Label: item.In(lang)})
		}
	case eform.KindChoice:
		for _, o := range q.Options {
			if o.When != nil && a.View != nil && !o.When.Holds(a.View) {
				continue
			}
			option := ui.Option{Value: o.Value, Label: o.Label.In(lang)}
			if o.Hint != nil {
				option.Hint = o.Hint.In(lang)
			}
			f.Options = append(f.Options, option)
		}
	}
	return f
}

// at are the faults of the question moved to another of its controls, which is the first
// one that can be corrected.
func (a Ask) at(name string) fault.List { return a.Errors.Moved(a.Asked.Path, name) }

// fewChoices is up to how many options are shown as radios: more are a list to open.
const fewChoices = 10

func (a Ask) offered() bool { return len(a.Asked.Answer.Offered) > 1 }

// asSelect is a choice from a long list.
func (a Ask) asSelect(p *i18n.Printer) (ui.Field, bool) {
	f := a.choices(p)
	if len(f.Options) <= fewChoices {
		return f, false
	}
	f.Options = append([]ui.Option{{Label: p.T("eformweb.choose")}}, f.Options...)
	return f, true
}

// address are the controls of an address.
type address struct {
	Commune, Province, Detail, Country, Proposed ui.Field
	Abroad                                       bool
	For                                          string // text for which communes are proposed
	Note                                         string
}

func (a Ask) address(p *i18n.Printer) address {
	path, value := a.Asked.Path, a.Asked.Answer.Value
	place := eform.Place{}
	if value.Place != nil {
		place = *value.Place
	}
	commune := value.Text
	if u := a.unit(place.Commune); u != nil {
		commune = u.Name
		place.Province = u.Province
	}
	out := address{
		Commune: ui.Field{
			Name: path, Label: p.T("eformweb.place.commune"), Hint: p.T("eformweb.place.commune.hint"), Autocomplete: "off", Errors: a.Errors,
			Value: a.part("", commune),
		},
		Province: ui.Field{Name: path + partProvince, Label: p.T("eformweb.place.province"), Value: a.part(partProvince, place.Province)},
		Detail:   ui.Field{Name: path + partDetail, Label: p.T("eformweb.place.detail"), Autocomplete: "off", Value: a.part(partDetail, place.Detail)},
		Country:  ui.Field{Name: path + partCountry, Label: p.T("eformweb.place.country"), Value: a.part(partCountry, cmp.Or(place.Country, eform.Vietnam))},
	}
	if a.Small {
		out.Commune.Hint = ""
	}
	out.Province.Options = []ui.Option{{Label: p.T("eformweb.place.any_province")}}
	if a.Facts.Units != nil {
		for _, u := range a.Facts.Units.Provinces(a.Facts.Today) {
			out.Province.Options = append(out.Province.Options, ui.Option{Value: u.Code, Label: u.Name})
		}
	}
	countries, _ := eform.ListOf("country")
	for _, item := range countries.All() {
		out.Country.Options = append(out.Country.Options, ui.Option{Value: item.Code, Label: item.In(string(p.Lang))})
	}
	out.Abroad = out.Country.Value != eform.Vietnam && out.Country.Value != ""
	if a.Form != nil && out.Commune.Value != "" && !out.Abroad {
		a.propose(p, &out)
	}
	return out
}

func (a Ask) unit(code string) *eform.Unit {
	if code == "" || a.Facts.Units == nil {
		return nil
	}
	u, ok := a.Facts.Units.Commune(code, a.Facts.Today)
	if !ok || !u.On(a.Facts.Today) {
		return nil
	}
	return &u
}

// propose offers the communes that a text can mean, when there is a choice.
func (a Ask) propose(p *i18n.Printer, out *address) {
	found := eform.Propose(a.Facts.Units, out.Commune.Value, out.Province.Value, a.Facts.Today)
	if len(found.Now) == 0 || len(found.Now) > eform.MostProposed || len(found.Now) == 1 && found.Exact == 1 {
		return
	}
	out.For = out.Commune.Value
	out.Proposed = ui.Field{
		Name: a.Asked.Path + partCode, Label: p.T("eformweb.place.which"), Value: a.part(partCode, ""), Small: a.Small,
	}
	for i, u := range found.Now {
		option := ui.Option{Value: u.Code, Label: u.Where()}
		if i >= found.Exact {
			option.Hint = a.wasCalled(p, found, u)
		}
		out.Proposed.Options = append(out.Proposed.Options, option)
	}
	out.Proposed.Errors = a.at(out.Proposed.Name)
	out.Commune.Errors = nil
}

// wasCalled names the old units whose ground a commune has.
func (a Ask) wasCalled(p *i18n.Printer, found eform.Proposal, u eform.Unit) string {
	var names []string
	for _, old := range found.Old {
		if slices.ContainsFunc(a.Facts.Units.Became(old, a.Facts.Today), func(n eform.Unit) bool { return n.Code == u.Code }) {
			names = append(names, old.Where())
		}
	}
	if len(names) == 0 {
		return ""
	}
	return p.T("eformweb.place.was", map[string]any{"names": strings.Join(names[:min(len(names), 3)], "; ")})
}

// paper are the controls of an identity paper.
type paper struct{ Kind, Serial, Issued, By ui.Field }

func (a Ask) paper(p *i18n.Printer) paper {
	card := eform.CardPaper{}
	if c := a.Asked.Answer.Value.Card; c != nil {
		card = *c
	}
	path := a.Asked.Path
	kind := a.part(partKind, card.Kind)
	out := paper{
		Kind:   ui.Field{Name: path + partKind, Label: p.T("eformweb.card.kind"), Value: cmp.Or(kind, eform.CardKinds[0])},
		Serial: ui.Field{Name: path, Label: p.T("eformweb.card.serial"), Value: a.part("", card.Serial), Autocomplete: "off", Width: 20, Errors: a.Errors},
		Issued: ui.Field{Name: path + partIssued, Label: p.T("eformweb.card.issued"), Optional: true},
		By:     ui.Field{Name: path + partBy, Label: p.T("eformweb.card.by"), Value: a.part(partBy, card.By), Autocomplete: "off", Optional: true},
	}
	out.Issued.Day, out.Issued.Month, out.Issued.Year = a.dayParts(partIssued, card.Issued)
	for _, k := range eform.CardKinds {
		out.Kind.Options = append(out.Kind.Options, ui.Option{Value: k, Label: p.T("eform.card." + k)})
	}
	return out
}

// why says why a question is asked, for those who wonder.
func (a Ask) why(ctx context.Context) (lines []string) {
	p := i18n.From(ctx)
	q := a.Asked.Question
	if q.Ask != nil {
		lines = append(lines, p.T("eformweb.why.label", map[string]any{"label": q.Label}))
	}
	if q.Basis != "" {
		lines = append(lines, p.T("eformweb.why.basis", map[string]any{"basis": q.Basis}))
	}
	return lines
}

// legendOf is the legend of a question with several controls: the faults stand at these.
func legendOf(a Ask, p *i18n.Printer) ui.Field {
	f := a.field(p)
	f.Errors = nil
	f.Name += "-question"
	return f
}
