package securityweb

import (
	"net/http"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

// grace lets a system pass for a time, with a second inspector.
func (p *Pages) grace(w http.ResponseWriter, r *http.Request) error {
	return p.showGrace(w, r, typed{})
}

func (p *Pages) showGrace(w http.ResponseWriter, r *http.Request, in typed) error {
	s, err := p.one(r)
	if err != nil {
		return err
	}
	t, pr := say(r), i18n.From(r.Context())
	v := p.formView(r, s, t("grace.title"), in)
	v.Stat = p.stat(r, s)
	v.Add(ui.Para(t("hit", fault.Args{"who": hit(r, s)})))
	at := href(s.Agency, s.ID, "grace")
	for _, g := range s.Graces {
		if !g.EndedAt.IsZero() || g.Until.Before(p.today()) {
			continue
		}
		v.Add(
			ui.Subheading(t("grace.now")),
			ui.SummaryList([]ui.Fact{
				{Key: t("grace.until"), Value: pr.Date(g.Until)},
				{Key: t("grace.reason"), Value: g.Reason},
				{Key: t("grace.asked"), Value: p.Name(r.Context(), g.AskedBy, g.At)},
				{Key: t("grace.approved"), Value: p.Name(r.Context(), g.ApprovedBy, g.At)},
			}),
			ui.Para(t("grace.end.lead")),
			ui.Form(at, nil, ui.Action{Label: t("grace.end"), Look: ui.Warning, Name: "do", Value: "end"}),
		)
		break // taking back takes all back
	}
	v.Add(ui.Subheading(t("grace.ask.title")), ui.Para(t("grace.lead", fault.Args{"days": security.MostGrace})), ui.Form(at, []templ.Component{
		ui.DateInput(in.fillDate(date(ui.Field{Name: "until", Label: t("grace.until")}, p.today().AddDays(7)))),
		ui.Textarea(in.fill(ui.Field{Name: "reason", Label: t("grace.reason"), Rows: 3})),
	}, ui.Action{Label: t("grace.ask"), Name: "do", Value: "ask"}))
	return show(w, r, v, in)
}

func (p *Pages) gracePost(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	of, done := of(r), "secure.done.grace"
	if f.Text("do") == "end" {
		done, err = "secure.done.grace_end", p.Desk.EndGrace(r.Context(), session.Actor(r), of)
	} else {
		g := security.Grace{Agency: of.Agency, System: of.System, Reason: f.Text("reason")}
		if g.Until, err = f.Date("until"); err == nil {
			err = p.Desk.AskGrace(r.Context(), session.Actor(r), g)
		}
	}
	return after(w, r, err, href(of.Agency, of.System), done, func(errs fault.List) error {
		return p.showGrace(w, r, typed{f, errs, true})
	})
}
