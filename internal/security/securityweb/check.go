package securityweb

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

// most findings are few: more are entered one inspection after the other.
const findingsAtOnce = 5

// check is the form for an inspection.
func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	return p.showCheck(w, r, typed{})
}

func (p *Pages) showCheck(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t := say(r)
	v := p.formView(r, s, t("check.new"), in)
	fields := []templ.Component{
		ui.DateInput(in.fillDate(date(ui.Field{Name: "day", Label: t("check.day")}, p.today()))),
		ui.Text(in.fill(ui.Field{Name: "report", Label: t("check.report"), Hint: t("check.report.hint")})),
		ui.Subheading(t("check.found")), ui.Para(t("check.found.lead")),
	}
	var more []templ.Component
	for i := range findingsAtOnce {
		n := strconv.Itoa(i + 1)
		one := []templ.Component{
			ui.Text(in.fill(ui.Field{Name: "title-" + n, Label: t("finding.n", fault.Args{"n": i + 1}), Optional: true})),
			ui.Select(in.fill(ui.Field{Name: "severity-" + n, Label: t("severity.n", fault.Args{"n": i + 1}), Value: string(security.Medium), Options: p.terms(t)})),
		}
		if i == 0 || in.sent {
			fields = append(fields, one...)
		} else {
			more = append(more, one...) // most have one or none
		}
	}
	if len(more) > 0 {
		fields = append(fields, ui.Fold(t("check.more"), more...))
	}
	v.Add(ui.Form(href(s.Agency, s.ID, "check"), fields, ui.Action{Label: t("check.send")}))
	return show(w, r, v, in)
}

// terms are the severities with the days that each gives.
func (p *Pages) terms(t words) []ui.Option {
	var out []ui.Option
	for _, s := range security.Severities {
		out = append(out, ui.Option{Value: string(s), Label: t("severity.days", fault.Args{"severity": t("severity." + string(s)), "n": p.Desk.Rules().MendDays[s]})})
	}
	return out
}

func (p *Pages) checkPost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	by := session.Actor(r)
	c := security.Check{Agency: r.PathValue("agency"), System: r.PathValue("system"), Report: f.Text("report")}
	var wrong fault.List
	if c.Day, err = f.Date("day"); err != nil {
		wrong = append(wrong, fault.As(err))
	} else if _, err := security.NewCheck(c, by, p.Clock.Now()); err != nil {
		wrong = append(wrong, fault.As(err).At(checkField(fault.As(err).Field)))
	}
	var found []security.Finding
	for i := range findingsAtOnce {
		n := strconv.Itoa(i + 1)
		title := f.Text("title-" + n)
		if title == "" {
			continue
		}
		one := security.Finding{Title: title, Severity: security.Severity(f.Text("severity-" + n))}
		if _, err := security.NewFinding(one, p.Desk.Rules(), by, p.Clock.Now()); err != nil {
			for _, e := range web.FormErrors(err) {
				wrong = append(wrong, e.At(e.Field+"-"+n))
			}
		}
		found = append(found, one)
	}
	if err = wrong.Err(); err == nil {
		err = p.Desk.EnterCheck(r.Context(), by, c, found)
	}
	return after(w, r, err, href(c.Agency, c.System), "secure.done.check", func(errs fault.List) error {
		return p.showCheck(w, r, typed{f, errs, true})
	})
}

// checkField is the field of the form: what the rules call a note is the report here.
func checkField(field string) string {
	if field == "note" {
		return "report"
	}
	return field
}
