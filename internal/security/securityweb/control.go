package securityweb

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

func complianceText(t words, st security.ControlState) string {
	if st.Compliance == "" {
		return t("compliance.none")
	}
	return t("compliance." + string(st.Compliance))
}

// complianceMark says with a sign how far a requirement is met.
func complianceMark(t words, st security.ControlState) templ.Component {
	sign := ui.Unknown
	switch st.Compliance {
	case security.Met, security.NotNeeded:
		sign = ui.Met
	case security.Partly:
		sign = ui.Partial
	case security.Unmet:
		sign = ui.NotMet
	}
	return ui.StatusText(sign, complianceText(t, st))
}

// controls is the standard's requirements of the system's level.
func (p *Pages) controls(w http.ResponseWriter, r *http.Request) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.view(r, t("controls.title", fault.Args{"standard": s.Standard.Code}), p.crumbs(r, s)...)
	v.Lead = s.Name
	asked := s.Standard.Asked(s.Level())
	if !s.Record.Asked {
		v.Add(ui.Empty(t("facts.not_yet"), p.askLink(r, s)))
		return show(w, r, v, typed{})
	}
	v.Stat = t("controls.stat", fault.Args{"n": len(s.Lacking), "all": len(asked)})
	if len(s.Lacking) > 0 {
		v.Proof = ui.Link{Label: t("unmet.see"), Href: href(s.Agency, "unmet")}
	}
	var waits []string
	table := ui.Table{
		ID: "controls", Caption: t("controls.caption"), Quiet: true, Dense: true, Stack: true,
		Columns: []ui.Column{{Label: t("control")}, {Label: t("group")}, {Label: t("compliance")}, {Label: t("control.owner")}, {Label: t("control.evidence")}},
	}
	for _, c := range asked {
		st := s.Record.Controls[c.Code]
		evidence := st.Evidence
		if e := st.Exception; e != nil {
			evidence = p.exceptionText(r, e)
			if e.ApprovedBy == "" && e.Stands(p.today()) {
				waits = append(waits, c.In(lang(r)))
			}
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: controlText(pr, c), Href: href(s.Agency, s.ID, "controls", c.Code)},
			{Text: groupText(pr, s.Standard, c.Group)},
			{Body: complianceMark(t, st)},
			{Text: st.Owner},
			{Text: evidence},
		}})
	}
	if len(waits) > 0 {
		v.Add(ui.Para(t("exception.waiting", fault.Args{"n": len(waits)})), ui.Bullets(waits))
	}
	v.Add(ui.DataTable(table), ui.Para(t("controls.sources")))
	return show(w, r, v, typed{})
}

// askLink leads to the questions about a system, for who may answer them.
func (p *Pages) askLink(r *http.Request, s security.View) ui.Link {
	if may(r, security.ActWrite, s.Agency) {
		return ui.Link{Label: say(r)("facts.ask"), Href: href(s.Agency, s.ID, "facts")}
	}
	return ui.Link{}
}

func (p *Pages) exceptionText(r *http.Request, e *security.Exception) string {
	key := "exception.asked"
	switch {
	case !e.Stands(p.today()):
		key = "exception.ended"
	case e.ApprovedBy != "":
		key = "exception.until"
	}
	return say(r)(key, fault.Args{"until": i18n.From(r.Context()).Date(e.Until), "reason": e.Reason})
}

func controlText(pr *i18n.Printer, c security.Control) string {
	text, t := c.In(string(pr.Lang)), wordsOf(pr)
	switch {
	case c.Value != "":
		text += ": " + t("unit."+c.Unit, fault.Args{"n": c.Value})
	case c.UnknownFrom > 0:
		text += " " + t("control.unknown", fault.Args{"n": int(c.UnknownFrom)})
	}
	return text
}

func groupText(pr *i18n.Printer, s security.Standard, code string) string {
	i := slices.IndexFunc(s.Groups, func(g security.Group) bool { return g.Code == code })
	switch {
	case i < 0:
		return ""
	case pr.Lang == i18n.En:
		return s.Groups[i].En
	}
	return s.Groups[i].Vi
}

// control is one requirement: how it stands, and an exception from it.
func (p *Pages) control(w http.ResponseWriter, r *http.Request) error {
	return p.showControl(w, r, typed{})
}

func (p *Pages) showControl(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.Standard.Controls, func(c security.Control) bool { return c.Code == r.PathValue("control") })
	if i < 0 {
		return fault.New(fault.NotFound, "security.control.unknown", nil)
	}
	t, pr := say(r), i18n.From(r.Context())
	c := s.Standard.Controls[i]
	st := s.Record.Controls[c.Code]
	list := href(s.Agency, s.ID, "controls")
	v := p.formView(r, s, controlText(pr, c), in)
	v.Crumbs = append(v.Crumbs, ui.Link{Label: t("controls.title", fault.Args{"standard": s.Standard.Code}), Href: list})
	v.Add(ui.SummaryList([]ui.Fact{
		{Key: t("group"), Value: groupText(pr, s.Standard, c.Group)},
		{Key: t("control.from"), Value: t("level.n", fault.Args{"n": int(c.Level)})},
		{Key: t("control.source"), Value: t("source." + c.Source)},
		{Key: t("compliance"), Body: complianceMark(t, st)},
	}))
	v.Add(p.exceptionBlocks(r, s, c.Code, st)...)
	write := may(r, security.ActWrite, s.Agency) && s.Record.Asked
	if !write {
		v.Add(ui.SummaryList([]ui.Fact{{Key: t("control.owner"), Value: st.Owner}, {Key: t("control.evidence"), Value: st.Evidence}}))
		v.Add(in.kept(r, "evidence", "note")...)
		return show(w, r, v, in)
	}
	var options []ui.Option
	for _, x := range security.Compliances {
		options = append(options, ui.Option{Value: string(x), Label: t("compliance." + string(x))})
	}
	at := href(s.Agency, s.ID, "controls", c.Code)
	v.Add(p.controlChanges(r, st, in)...)
	v.Add(ui.Form(at, []templ.Component{
		ui.Hidden("seen", st.Mark()),
		ui.Radios(in.fill(ui.Field{Name: "compliance", Label: t("compliance"), Value: string(st.Compliance), Options: options, Small: true})),
		ui.Text(in.fill(ui.Field{Name: "owner", Label: t("control.owner"), Hint: t("control.owner.hint"), Value: st.Owner, Optional: true})),
		ui.Textarea(in.fill(ui.Field{Name: "evidence", Label: t("control.evidence"), Hint: t("control.evidence.hint"), Value: st.Evidence, Rows: 3})),
	}, ui.Action{Label: t("control.save"), Name: "do", Value: "save"}))
	if !st.Exception.Stands(p.today()) && st.Compliance != security.Met && st.Compliance != security.NotNeeded {
		ask := []templ.Component{ui.Para(t("exception.lead")), ui.Form(at, []templ.Component{
			ui.Hidden("seen", st.Mark()),
			ui.Textarea(in.fill(ui.Field{Name: "note", Label: t("exception.why"), Rows: 3})),
			ui.DateInput(in.fillDate(ui.Field{Name: "until", Label: t("exception.last")})),
		}, ui.Action{Label: t("exception.ask"), Look: ui.Secondary, Name: "do", Value: "except"})}
		if in.Text("do") == "except" { // what is wrong stands open
			v.Add(ui.Subheading(t("exception.title")))
			v.Add(ask...)
		} else {
			v.Add(ui.Fold(t("exception.title"), ask...))
		}
	} else {
		v.Add(in.kept(r, "note")...) // another has asked meanwhile
	}
	return show(w, r, v, in)
}

// exceptionBlocks is the exception from a requirement, and what can be done about it.
func (p *Pages) exceptionBlocks(r *http.Request, s security.View, code string, st security.ControlState) []templ.Component {
	e := st.Exception
	if e == nil {
		return nil
	}
	t := say(r)
	out := []templ.Component{ui.Para(p.exceptionText(r, e))}
	if !e.Stands(p.today()) {
		return out
	}
	var buttons []ui.Action
	key := "exception.end"
	if e.ApprovedBy == "" {
		if p.Desk.MayApproveException(r.Context(), session.Actor(r), s.Agency, st) == nil {
			buttons, key = append(buttons, ui.Action{Label: t("exception.approve"), Name: "do", Value: "approve"}), "exception.refuse"
		} else {
			out = append(out, ui.Para(t("exception.other")))
		}
	}
	if may(r, security.ActDecide, s.Agency) || may(r, security.ActWrite, s.Agency) {
		buttons = append(buttons, ui.Action{Label: t(key), Look: ui.Secondary, Name: "do", Value: "end"})
	}
	if len(buttons) > 0 {
		out = append(out, ui.Form(href(s.Agency, s.ID, "controls", code), []templ.Component{ui.Hidden("seen", st.Mark())}, buttons...))
	}
	return out
}

// controlChanges shows what another has written meanwhile, beside what was sent.
func (p *Pages) controlChanges(r *http.Request, st security.ControlState, in typed) []templ.Component {
	if !in.sent || in.Text("do") != "save" || in.Text("seen") == st.Mark() {
		return nil
	}
	t := say(r)
	mine := security.ControlState{Compliance: security.Compliance(in.Text("compliance"))}
	list := []ui.Change{{Label: t("compliance"), Old: complianceText(t, st), New: complianceText(t, mine)}}
	if !slices.Contains(security.Compliances, mine.Compliance) {
		list[0].New = ""
	}
	list = append(
		list, ui.Change{Label: t("control.owner"), Old: st.Owner, New: in.Text("owner")},
		ui.Change{Label: t("control.evidence"), Old: st.Evidence, New: in.Text("evidence")},
	)
	return changes(t, list)
}

// changes shows what is stored beside what was sent; nothing when they are one.
func changes(t words, list []ui.Change) []templ.Component {
	list = slices.DeleteFunc(list, func(c ui.Change) bool { return c.Old == c.New })
	if len(list) == 0 {
		return nil
	}
	return []templ.Component{ui.Changes("meanwhile", t("moved.title"), t("moved.stored"), t("moved.yours"), list)}
}

func (p *Pages) controlPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, by := r.Context(), session.Actor(r)
	of := security.Requirement{Of: of(r), Code: r.PathValue("control"), Seen: f.Text("seen")}
	done := "secure.done.save"
	switch f.Text("do") {
	case "except":
		done = "secure.done.except"
		var until clock.Date
		if until, err = f.Date("until"); err == nil {
			err = p.Desk.AskException(ctx, by, of, f.Text("note"), until)
		}
	case "approve":
		done, err = "secure.done.exception", p.Desk.ApproveException(ctx, by, of)
	case "end":
		done, err = "secure.done.exception_end", p.Desk.EndException(ctx, by, of)
	default:
		err = p.Desk.SetControl(ctx, by, of, security.Compliance(f.Text("compliance")), f.Text("owner"), f.Text("evidence"))
	}
	return after(w, r, err, href(of.Agency, of.System, "controls", of.Code), done, func(errs fault.List) error {
		return p.showControl(w, r, typed{f, errs, true})
	})
}
