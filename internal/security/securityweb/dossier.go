package securityweb

import (
	"net/http"
	"slices"
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

func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	agency, system := r.PathValue("agency"), r.PathValue("system")
	d, err := p.Desk.Begin(r.Context(), session.Actor(r), agency, system)
	if s, e := p.one(r); err != nil && e == nil && s.Open != nil { // a second click, or somebody else was quicker
		return web.Redirect(w, r, href(agency, system, "dossiers", s.Open.ID))
	}
	return after(w, r, err, href(agency, system, "dossiers", d.ID), "secure.done.begin", func(errs fault.List) error {
		return p.showSystem(w, r, typed{errs: errs})
	})
}

// dossierAction is the next step on a dossier, for whoever takes it.
func (p *Pages) dossierAction(r *http.Request, d security.Dossier, at func(...string) string) ui.Action {
	t := say(r)
	switch {
	case d.State == security.Draft && may(r, security.ActWrite, d.Agency):
		return ui.Action{Label: t("dossier.write"), Href: at("dossiers", d.ID)}
	case p.Desk.Turn(r.Context(), session.Actor(r), d) == nil:
		return ui.Action{Label: t("dossier." + string(d.State)), Href: at("dossiers", d.ID)}
	}
	return ui.Action{Label: t("dossier.read"), Look: ui.Secondary, Href: at("dossiers", d.ID)}
}

// turn says whose turn it is, and by when.
func (p *Pages) turn(r *http.Request, d security.Dossier) string {
	t, pr := say(r), i18n.From(r.Context())
	rules, _ := p.Desk.Book.Of(d.Rules)
	route := rules.Route(d.Level)
	switch d.State {
	case security.Submitted:
		key := "turn.appraise"
		if p.Clock.Now().After(d.Due) {
			key = "turn.late"
		}
		return t(key, fault.Args{"office": t("office." + string(route.Appraises)), "due": pr.Time(d.Due)})
	case security.Appraised:
		return t("turn.approve", fault.Args{"office": t("office." + string(route.Approves))})
	case security.Draft:
		return t("turn.write")
	}
	return t("turn.none")
}

// drafted is what the node knows of a part of a dossier, to begin with, in the language of
// official papers.
func (p *Pages) drafted(r *http.Request, s security.View, part security.Part) string {
	pr := i18n.From(r.Context()).In(i18n.Vi)
	t := wordsOf(pr)
	switch part {
	case security.Overview:
		unit := s.Unit
		if unit == "" {
			unit = p.Agency(s.Agency)
		}
		text := t("draft.overview", fault.Args{"system": s.Name, "unit": unit, "agency": p.Agency(s.Agency), "people": pr.Int(people(s))})
		if len(s.Record.Subsystems) > 0 {
			text += " " + t("draft.subsystems", fault.Args{"subsystems": strings.Join(s.Record.Subsystems, ", ")})
		}
		return text
	case security.Justification:
		return t("draft.justification", fault.Args{"n": int(s.Proposal.Level), "rules": s.Proposal.Rules}) + "\n– " + strings.Join(reasons(pr, s.Proposal), "\n– ")
	case security.Plan:
		all := len(s.Standard.Asked(s.Level()))
		text := t("draft.plan", fault.Args{"standard": s.Standard.Code, "met": all - len(s.Lacking), "all": all})
		var list []string
		for _, c := range s.Lacking {
			list = append(list, controlText(pr, c))
		}
		if len(list) > 0 {
			text += "\n" + t("draft.plan.lacking") + "\n– " + strings.Join(list, "\n– ")
		}
		return text
	}
	return ""
}

// dossierOf is the dossier of an address, of the system of the address.
func (p *Pages) dossierOf(r *http.Request) (security.View, security.Dossier, error) {
	s, err := p.one(r)
	if err != nil {
		return s, security.Dossier{}, err
	}
	d, err := named(s.Dossiers, "security.dossier.unknown", func(d security.Dossier) bool { return d.ID == r.PathValue("dossier") })
	return s, d, err
}

// named is the one of a list that an address names. It fails with NotFound.
func named[T any](list []T, unknown string, is func(T) bool) (found T, err error) {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return found, fault.New(fault.NotFound, unknown, nil)
	}
	return list[i], nil
}

// dossier is one dossier: its form for who writes it, the decision for whose turn it is.
func (p *Pages) dossier(w http.ResponseWriter, r *http.Request) error {
	return p.showDossier(w, r, typed{})
}

func (p *Pages) showDossier(w http.ResponseWriter, r *http.Request, in typed) error {
	s, d, err := p.dossierOf(r)
	if err != nil {
		return err
	}
	if d.State == security.Draft && may(r, security.ActWrite, s.Agency) {
		return p.showDraft(w, r, s, d, in)
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.formView(r, s, t("dossier"), in)
	v.Wide = true
	v.Stat = p.turn(r, d)
	if d.State != security.Submitted && d.State != security.Appraised {
		v.Stat = t("dossier.stat." + string(d.State))
	}
	facts := []ui.Fact{
		{Key: t("state"), Value: t("state." + string(d.State)), Actions: []ui.Link{{Label: t("word"), Href: href(s.Agency, s.ID, "dossiers", d.ID, "word")}}},
		{Key: t("level"), Value: t("level.by", fault.Args{"n": int(d.Level), "rules": d.Rules})},
		{Key: t("ground"), Value: t("ground." + string(d.Ground))},
		{Key: t("subsystems"), Value: strings.Join(subsystemsOf(s, d), "\n")},
	}
	if d.Decision.Number != "" {
		facts = append(facts, ui.Fact{
			Key: t("decision.number"), Value: t("decision.of", fault.Args{"number": d.Decision.Number, "day": pr.Date(d.Decision.Day)}),
			Actions: []ui.Link{{Label: t("decision.file"), Href: href(s.Agency, s.ID, "dossiers", d.ID, "decision")}},
		})
	}
	for _, part := range security.PartsOf(d.Level) {
		facts = append(facts, ui.Fact{Key: t("part." + string(part)), Value: d.Parts[part]})
	}
	v.Add(ui.SummaryList(facts))
	if d.State.Open() {
		says := ui.Para(t("level.says", fault.Args{"n": int(s.Proposal.Level), "rules": s.Proposal.Rules}))
		v.Add(ui.Subheading(t("level.title")), says, ui.Bullets(reasons(pr, s.Proposal)))
		v.Add(p.unsure(r, d.Rules, d.Level)...)
	}
	v.Add(p.decideBlocks(r, s, d, in)...)
	if p.withdrawable(r, d) {
		v.Add(ui.Buttons(ui.Action{Label: t("withdraw." + withdrawKey(d)), Look: ui.Secondary, Href: href(s.Agency, s.ID, "dossiers", d.ID, "withdraw")}))
	}
	var events []ui.Event
	for _, x := range d.Steps {
		if x.What != "write" {
			events = append(events, p.event(r, lower(t("dossier")), x))
		}
	}
	youngestFirst(events)
	v.Add(ui.Subheading(t("history")), ui.Timeline(events))
	return show(w, r, v, in)
}

// subsystemsOf are the subsystems that a dossier is for: a draft follows the record.
func subsystemsOf(s security.View, d security.Dossier) []string {
	if d.State == security.Draft {
		return s.Record.Subsystems
	}
	return d.Subsystems
}

// showDraft is the form of a dossier that is being written.
func (p *Pages) showDraft(w http.ResponseWriter, r *http.Request, s security.View, d security.Dossier, in typed) error {
	t := say(r)
	v := p.formView(r, s, t("draft.title"), in)
	for _, x := range slices.Backward(d.Steps) {
		if x.What == "return" {
			v.Add(ui.WarningText(t("draft.returned", fault.Args{"note": x.Note})))
			break
		}
	}
	v.Add(ui.Para(t("draft.lead", fault.Args{"n": int(s.Proposal.Level)})))
	if len(s.Record.Subsystems) == 0 {
		v.Add(ui.Para(t("draft.unconnected")))
	}
	v.Add(p.draftChanges(r, d, in)...)
	var levels []ui.Option
	for l := security.Lowest; l <= security.Highest; l++ {
		levels = append(levels, ui.Option{Value: strconv.Itoa(int(l)), Label: t("level.n", fault.Args{"n": int(l)})})
	}
	fields := []templ.Component{
		hidden(d.Version),
		ui.Select(in.fill(ui.Field{Name: "level", Label: t("level"), Hint: t("draft.level.hint"), Value: strconv.Itoa(int(d.Level)), Options: levels})),
	}
	for _, part := range security.PartsOf(max(d.Level, s.Proposal.Level, levelOf(in))) {
		text := d.Parts[part]
		if text == "" {
			text = p.drafted(r, s, part)
		}
		fields = append(fields, ui.Textarea(in.fillIn(ui.Field{
			Name: string(part), Label: t("part." + string(part)), Hint: t("part." + string(part) + ".hint"), Value: text, Rows: 8,
		})))
	}
	at := href(s.Agency, s.ID, "dossiers", d.ID)
	v.Add(ui.Form(
		at, fields,
		ui.Action{Label: t("draft.submit"), Name: "do", Value: "submit"}, ui.Action{Label: t("draft.save"), Look: ui.Secondary, Name: "do", Value: "save"},
	))
	v.Add(ui.Buttons(
		ui.Action{Label: t("word"), Look: ui.Secondary, Href: at + "/word"}, ui.Action{Label: t("withdraw.open"), Look: ui.Secondary, Href: at + "/withdraw"},
	))
	return show(w, r, v, in)
}

// levelOf is the level that was sent, which may ask for more parts.
func levelOf(in typed) security.Level {
	if !in.sent {
		return 0
	}
	l, _ := strconv.Atoi(in.Text("level"))
	return security.Level(l)
}

// fillIn is fill for a field that may not have been in the form.
func (t typed) fillIn(f ui.Field) ui.Field {
	if t.sent && !t.Has(f.Name) {
		f.Errors = t.errs
		return f
	}
	return t.fill(f)
}

// draftChanges shows what another has written meanwhile, beside what was sent.
func (p *Pages) draftChanges(r *http.Request, d security.Dossier, in typed) []templ.Component {
	if !in.sent || version(in.Form) == d.Version {
		return nil
	}
	t := say(r)
	var list []ui.Change
	for _, part := range security.PartsOf(security.Highest) {
		if in.Has(string(part)) {
			list = append(list, ui.Change{Label: t("part." + string(part)), Old: d.Parts[part], New: in.Text(string(part))})
		}
	}
	return changes(t, list)
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
	again := func(errs fault.List) error { return p.showDossier(w, r, typed{f, errs, true}) }
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

// withdrawKey tells an open dossier that is given up from an approval that is taken back.
func withdrawKey(d security.Dossier) string {
	if d.State == security.Approved {
		return "approved"
	}
	return "open"
}

// withdrawable says that somebody may end a dossier.
func (p *Pages) withdrawable(r *http.Request, d security.Dossier) bool {
	return (d.State.Open() || d.State == security.Approved) && p.Desk.MayWithdraw(r.Context(), session.Actor(r), d) == nil
}

// withdraw asks why a dossier ends, and says what happens then.
func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	return p.showWithdraw(w, r, typed{})
}

func (p *Pages) showWithdraw(w http.ResponseWriter, r *http.Request, in typed) error {
	s, d, err := p.dossierOf(r)
	if err != nil {
		return err
	}
	if !p.withdrawable(r, d) {
		return p.showDossier(w, r, in)
	}
	t := say(r)
	v := p.formView(r, s, t("withdraw."+withdrawKey(d)), in)
	v.Crumbs = append(v.Crumbs, ui.Link{Label: t("dossier"), Href: href(s.Agency, s.ID, "dossiers", d.ID)})
	v.Add(ui.WarningText(t("withdraw."+withdrawKey(d)+".lead", fault.Args{"subsystems": strings.Join(d.Subsystems, ", ")})))
	if d.State == security.Approved {
		v.Add(ui.Para(t("hit", fault.Args{"who": hit(r, s)})))
	}
	v.Add(ui.Form(href(s.Agency, s.ID, "dossiers", d.ID, "withdraw"), []templ.Component{
		hidden(d.Version), ui.Textarea(in.fill(ui.Field{Name: "note", Label: t("withdraw.why"), Rows: 3})),
	}, ui.Action{Label: t("withdraw." + withdrawKey(d)), Look: ui.Warning}))
	return show(w, r, v, in)
}

func (p *Pages) withdrawPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = p.Desk.Withdraw(r.Context(), session.Actor(r), r.PathValue("dossier"), version(f), f.Text("note"))
	return after(w, r, err, href(r.PathValue("agency"), r.PathValue("system")), "secure.done.withdraw", func(errs fault.List) error {
		return p.showWithdraw(w, r, typed{f, errs, true})
	})
}
