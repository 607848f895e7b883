package securityweb

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

// facts asks once what levels are proposed from.
func (p *Pages) facts(w http.ResponseWriter, r *http.Request) error {
	return p.showFacts(w, r, typed{})
}

func (p *Pages) showFacts(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	others, err := p.lookAt(r, session.Actor(r).Agency) // whoever writes may, of an heir too
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.formView(r, s, t("facts.title"), in)
	known, answered := s.Record, s.Record.Asked // nothing is answered for anybody
	starts := []ui.Fact{}
	for _, start := range security.Starts {
		if r.URL.Query().Get("start") == start.Code {
			known.Facts, answered = start.Facts, true
		}
		starts = append(starts, ui.Fact{Key: t("start." + start.Code), Value: t("start." + start.Code + ".text"), Actions: []ui.Link{
			{Label: t("start.use"), Href: href(s.Agency, s.ID, "facts") + "?start=" + start.Code},
		}})
	}
	if !s.Record.Asked && !in.sent {
		v.Add(ui.Fold(t("start.title"), ui.SummaryList(starts)))
	}
	// What another has told meanwhile stands beside what was sent.
	var meanwhile []ui.Change
	compare := func(label, stored, sent string) {
		meanwhile = append(meanwhile, ui.Change{Label: label, Old: stored, New: sent})
	}
	yes := []ui.Option{{Value: "1", Label: t("yes")}, {Value: "0", Label: t("no")}}
	bit := func(b bool) string {
		if b {
			return "1"
		}
		return "0"
	}
	radios := func(name, value string, options []ui.Option) templ.Component {
		if !answered {
			value = "-"
		}
		compare(t("fact."+name), labelOf(options, value), labelOf(options, in.Text(name)))
		return ui.Radios(in.fill(ui.Field{Name: name, Label: t("fact." + name), Hint: t("fact." + name + ".hint"), Value: value, Options: options, Small: true}))
	}
	steps := func(name string, value int64, most int) templ.Component {
		var options []ui.Option
		for i := range most + 1 {
			options = append(options, ui.Option{Value: strconv.Itoa(i), Label: t("fact." + name + "." + strconv.Itoa(i))})
		}
		return radios(name, strconv.FormatInt(value, 10), options)
	}
	number := func(name string, value int64) templ.Component {
		text := ""
		if value > 0 {
			text = pr.Int(value)
		}
		sent := in.Text(name)
		if n, _, err := in.Int(name); err == nil && n > 0 {
			sent = pr.Int(int64(n))
		}
		compare(t("fact."+name), text, sent)
		return ui.Text(in.fill(ui.Field{Name: name, Label: t("fact." + name), Hint: t("fact." + name + ".hint"), Value: text, InputMode: "numeric", Width: 10}))
	}
	wholes := []ui.Option{{Value: "", Label: t("whole.none")}}
	for _, o := range others {
		if (o.Agency != s.Agency || o.ID != s.ID) && o.Record.Asked {
			wholes = append(wholes, ui.Option{Value: o.IDIn(s.Agency), Label: p.titled(o, s.Agency)})
		}
	}
	f := known.Facts
	fields := []templ.Component{
		hidden(s.Record.Version),
		steps("service", int64(f.Service), int(security.Full)), radios("procedures", bit(f.Procedures), yes),
		number("people", f.People), number("sensitive", f.Sensitive),
		steps("shared", int64(f.Shared), int(security.Nation)), radios("always", bit(f.Always), yes),
		radios("secret", bit(f.Secret), yes), steps("harm", int64(f.Harm), int(security.MostGrave)),
		ui.Select(in.fill(ui.Field{Name: "whole", Label: t("fact.whole"), Hint: t("fact.whole.hint"), Value: known.Whole, Options: wholes})),
		ui.Textarea(in.fill(ui.Field{
			Name: "subsystems", Label: t("subsystems"), Hint: t("subsystems.hint"), Value: strings.Join(known.Subsystems, "\n"), Rows: 3, Optional: true,
		})),
		ui.Text(in.fill(ui.Field{Name: "regulation", Label: t("regulation"), Hint: t("regulation.hint"), Value: known.Regulation.Number, Width: 20, Optional: true})),
		ui.DateInput(in.fillDate(date(ui.Field{Name: "regulation-day", Label: t("regulation.day"), Optional: true}, known.Regulation.Day))),
	}
	compare(t("fact.whole"), labelOf(wholes, known.Whole), labelOf(wholes, in.Text("whole")))
	compare(t("subsystems"), strings.Join(known.Subsystems, "\n"), strings.Join(subsystemsIn(in.Form), "\n"))
	compare(t("regulation"), known.Regulation.Number, in.Text("regulation"))
	compare(t("regulation.day"), dayText(pr, known.Regulation.Day), dayIn(pr, in, "regulation-day"))
	if in.sent && version(in.Form) != s.Record.Version {
		v.Add(changes(t, meanwhile)...)
	}
	v.Add(ui.Form(href(s.Agency, s.ID, "facts"), fields, ui.Action{Label: t("facts.send")}))
	return show(w, r, v, in)
}

// labelOf is what an option says; "" for none.
func labelOf(options []ui.Option, value string) string {
	i := slices.IndexFunc(options, func(o ui.Option) bool { return o.Value == value })
	if i < 0 {
		return ""
	}
	return options[i].Label
}

// subsystemsIn are the subsystems that a form names. One that is typed without any capital is
// meant in capitals, as nearly all are.
func subsystemsIn(f web.Form) []string {
	list := strings.Fields(f.Text("subsystems"))
	for i, s := range list {
		if s == strings.ToLower(s) {
			list[i] = strings.ToUpper(s)
		}
	}
	return list
}

func dayText(pr *i18n.Printer, d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return pr.Date(d)
}

// dayIn is a day as it was sent, be it none.
func dayIn(pr *i18n.Printer, in typed, name string) string {
	if d, err := in.Date(name); err == nil {
		return dayText(pr, d)
	}
	day, month, year := in.DateParts(name)
	return day + "/" + month + "/" + year
}

func (p *Pages) factsPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var wrong fault.List
	number := func(name string) int64 {
		n, _, err := f.Int(name)
		if e := fault.As(err); e != nil {
			wrong = append(wrong, e)
		}
		return int64(n)
	}
	chosen := func(name string) int64 {
		n, err := strconv.ParseInt(f.Text(name), 10, 64)
		if err != nil {
			wrong = append(wrong, fault.New(fault.Invalid, "security.facts.choose", nil).At(name))
		}
		return n
	}
	told := security.Told{
		Facts: security.Facts{
			Service: security.Service(chosen("service")), Procedures: chosen("procedures") == 1, People: number("people"), Sensitive: number("sensitive"),
			Shared: security.Shared(chosen("shared")), Always: chosen("always") == 1, Secret: chosen("secret") == 1, Harm: security.Harm(chosen("harm")),
		},
		Whole: f.Text("whole"), Subsystems: subsystemsIn(f), Regulation: security.Paper{Number: f.Text("regulation")},
	}
	if told.Regulation.Day, err = f.Date("regulation-day"); err != nil {
		wrong = append(wrong, fault.As(err))
	}
	agency, system := r.PathValue("agency"), r.PathValue("system")
	err = wrong.Err()
	if err == nil {
		err = p.Desk.Tell(r.Context(), session.Actor(r), agency, system, version(f), told)
	}
	return after(w, r, err, href(agency, system), "secure.done.facts", func(errs fault.List) error {
		return p.showFacts(w, r, typed{f, errs, true})
	})
}
