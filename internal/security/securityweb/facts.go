package securityweb

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

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
	others, err := p.Desk.Look(r.Context(), session.Actor(r), s.Agency)
	if err != nil {
		return err
	}
	t := say(r)
	v := p.view(r, t("facts.title"), p.crumbs(r, s)...)
	v.Lead, v.Wide, v.Errors = s.Name, false, in.errs
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
			text = strconv.FormatInt(value, 10)
		}
		return ui.Text(in.fill(ui.Field{Name: name, Label: t("fact." + name), Hint: t("fact." + name + ".hint"), Value: text, InputMode: "numeric", Width: 10}))
	}
	wholes := []ui.Option{{Value: "", Label: t("whole.none")}}
	for _, o := range others {
		if o.ID != s.ID && o.Record.Asked {
			wholes = append(wholes, ui.Option{Value: o.ID, Label: o.Name})
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
	v.Add(ui.Form(href(s.Agency, s.ID, "facts"), fields, ui.Action{Label: t("facts.send")}))
	if in.errs != nil {
		return web.Retry(w, r, in.errs, ui.Stack(v))
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
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
		Whole: f.Text("whole"), Subsystems: strings.Fields(strings.ToUpper(f.Text("subsystems"))), Regulation: security.Paper{Number: f.Text("regulation")},
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

func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	agency, system := r.PathValue("agency"), r.PathValue("system")
	d, err := p.Desk.Begin(r.Context(), session.Actor(r), agency, system)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, href(agency, system, "dossiers", d.ID))
}

// drafted is what the node knows of a part of a dossier, to begin with.
func (p *Pages) drafted(r *http.Request, s security.View, part security.Part) string {
	t, pr := say(r), i18n.From(r.Context())
	switch part {
	case security.Overview:
		return t("draft.overview", fault.Args{
			"system": s.Name, "unit": s.Unit, "agency": p.Agency(s.Agency), "people": pr.Int(max(s.Record.Facts.People, s.Record.Facts.Sensitive)),
			"subsystems": strings.Join(s.Record.Subsystems, ", "),
		})
	case security.Justification:
		return t("draft.justification", fault.Args{"n": int(s.Proposal.Level), "rules": s.Proposal.Rules}) + "\n– " + strings.Join(reasons(r, s.Proposal), "\n– ")
	case security.Plan:
		var list []string
		for _, c := range s.Lacking {
			list = append(list, c.In(lang(r)))
		}
		text := t("draft.plan", fault.Args{"standard": s.Standard.Code, "met": len(s.Standard.Asked(s.Level())) - len(list), "all": len(s.Standard.Asked(s.Level()))})
		if len(list) > 0 {
			text += "\n" + t("draft.plan.lacking") + "\n– " + strings.Join(list, "\n– ")
		}
		return text
	}
	return ""
}

// draft is the dossier that is being written.
func (p *Pages) draft(w http.ResponseWriter, r *http.Request) error {
	return p.showDraft(w, r, typed{})
}

func (p *Pages) showDraft(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	d := s.Open
	if d == nil || d.ID != r.PathValue("dossier") || d.State != security.Draft {
		return web.Redirect(w, r, href(s.Agency, s.ID))
	}
	t := say(r)
	v := p.view(r, t("draft.title"), p.crumbs(r, s)...)
	v.Lead, v.Wide, v.Errors = s.Name, false, in.errs
	for _, x := range youngest(d.Steps) {
		if x.What == "return" {
			v.Add(ui.WarningText(t("draft.returned", fault.Args{"note": x.Note})))
			break
		}
	}
	v.Add(ui.Para(t("draft.lead", fault.Args{"n": int(s.Proposal.Level)})))
	var levels []ui.Option
	for l := security.Lowest; l <= security.Highest; l++ {
		levels = append(levels, ui.Option{Value: strconv.Itoa(int(l)), Label: t("level.n", fault.Args{"n": int(l)})})
	}
	fields := []templ.Component{
		hidden(d.Version), ui.Select(in.fill(ui.Field{Name: "level", Label: t("level"), Value: strconv.Itoa(int(d.Level)), Options: levels})),
	}
	for _, part := range security.PartsOf(max(d.Level, s.Proposal.Level)) {
		text := d.Parts[part]
		if text == "" {
			text = p.drafted(r, s, part)
		}
		fields = append(fields, ui.Textarea(in.fill(ui.Field{
			Name: string(part), Label: t("part." + string(part)), Hint: t("part." + string(part) + ".hint"), Value: text, Rows: 8,
		})))
	}
	v.Add(ui.Form(href(s.Agency, s.ID, "dossiers", d.ID), fields,
		ui.Action{Label: t("draft.submit"), Name: "do", Value: "submit"}, ui.Action{Label: t("draft.save"), Look: ui.Secondary, Name: "do", Value: "save"}))
	v.Add(ui.Fold(t("draft.withdraw"), ui.Form(href(s.Agency, s.ID, "withdraw"), []templ.Component{
		hidden(d.Version), ui.Hidden("dossier", d.ID), ui.Textarea(ui.Field{Name: "note", Label: t("note"), Rows: 2}),
	}, ui.Action{Label: t("draft.withdraw"), Look: ui.Warning})))
	if in.errs != nil {
		return web.Retry(w, r, in.errs, ui.Stack(v))
	}
	return web.Render(w, r, http.StatusOK, ui.Stack(v))
}

func (p *Pages) draftPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	agency, system, id := r.PathValue("agency"), r.PathValue("system"), r.PathValue("dossier")
	parts := map[security.Part]string{}
	for _, part := range security.PartsOf(security.Highest) {
		if f.Has(string(part)) {
			parts[part] = f.Text(string(part))
		}
	}
	level, _ := strconv.Atoi(f.Text("level")) // what is none is refused with its reason
	again := func(errs fault.List) error { return p.showDraft(w, r, typed{f, errs, true}) }
	if err := p.Desk.Write(r.Context(), session.Actor(r), id, version(f), security.Level(level), parts); err != nil {
		return after(w, r, err, "", "", again)
	}
	if f.Text("do") != "submit" {
		return web.RedirectWith(w, r, href(agency, system, "dossiers", id), "secure.done.save", nil)
	}
	err = p.Desk.Submit(r.Context(), session.Actor(r), id, version(f)+1)
	if err != nil && web.FormErrors(err) != nil { // what was written is saved: the form is that of the next version
		f = f.With(map[string][]string{"version": {strconv.FormatInt(version(f)+1, 10)}})
	}
	return after(w, r, err, href(agency, system), "secure.done.submit", again)
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Desk.Withdraw(r.Context(), session.Actor(r), f.Text("dossier"), version(f), f.Text("note")); err != nil {
		return err
	}
	return web.RedirectWith(w, r, href(r.PathValue("agency"), r.PathValue("system")), "secure.done.withdraw", nil)
}
