package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// dossierView is one dossier: answers and papers side by side, and what may be done.
type dossierView struct {
	ui.Page
	View     dossier.View
	Facts    []ui.Fact
	Groups   []eformweb.Group
	Papers   []paperView
	Issued   []issuedView
	Actions  []ui.Action
	Closed   []closed // what is not to be done now, and why
	Note     string   // of the bar
	Supply   bool     // the citizen may bring what was asked to the desk
	Timeline []ui.Event
	Looks    []ui.Event
	Alert    string // what waits: the register, a question
	Refused  string // why what was asked for cannot be done
	Fees     []feeView
	Back     []string // originals that are still here
}

// closed is something that cannot be done now.
type closed struct{ Label, Why string }

// paperView is a requirement with what met it.
type paperView struct {
	ID, Name string
	Met      []metView
	Missing  bool
	ByDesk   bool
}

type metView struct {
	How, Name, Href, Type string
	Picture               bool
	Check, Reason         string
	Warnings              []string
	Removed               bool
	Mark                  string // address where it is marked
}

type issuedView struct {
	Name, Href, When string
	Gone             string // replaced or revoked
}

type feeView struct{ Name, Amount, State string }

func (p *Pages) dossier(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("code")
	got, err := p.Service.Look(ctx, p.Actor(r), code, p.purpose(r))
	if err != nil {
		return err
	}
	v := p.view(r, got)
	return web.Render(w, r, http.StatusOK, dossierPage(v))
}

func (p *Pages) view(r *http.Request, got dossier.View) dossierView {
	ctx, d := r.Context(), got.Dossier
	v := dossierView{Page: p.page(r, d.Code), View: got}
	v.Crumbs = []ui.Link{{Label: t(ctx, "list.title"), Href: Path}}
	v.Facts = p.facts(ctx, got)
	v.Groups = eformweb.Summary(ctx, &got.Package.Form, d.Answers, p.Shell.Facts(d), nil, eformweb.Links{})
	v.Papers = p.papers(ctx, got)
	v.Issued = p.issuedOf(ctx, got)
	v.Timeline = p.Timeline(ctx, got)
	v.Fees = p.fees(ctx, got)
	for _, l := range got.Looks {
		v.Looks = append(v.Looks, ui.Event{Title: dossierweb.PurposeShown(ctx, l.Purpose), By: dossierweb.Joined(l.Name, p.Agency(l.Agency)), At: l.At})
	}
	for _, o := range d.Originals {
		if o.BackAt.IsZero() {
			v.Back = append(v.Back, t(ctx, "original.line", map[string]any{"name": o.Name, "count": o.Count}))
		}
	}
	v.Alert = p.alert(ctx, d)
	p.buttons(ctx, &v)
	return v
}

// alert is what waits for somebody outside.
func (p *Pages) alert(ctx context.Context, d dossier.Dossier) string {
	e := d.Effect
	if e == nil {
		return ""
	}
	switch e.State {
	case dossier.EffectWaiting:
		text := t(ctx, "effect.waiting")
		if e.Error != "" {
			text += " " + i18n.T(ctx, e.Error)
		}
		if !e.TriedAt.IsZero() {
			text += " " + t(ctx, "effect.tried", map[string]any{"n": e.Tries, "at": dossierweb.Moment(ctx, e.TriedAt)})
		}
		return text
	case dossier.EffectAsked:
		return t(ctx, "effect.asked", map[string]any{"n": len(e.Questions)})
	case dossier.EffectRefused:
		return t(ctx, "effect.refused")
	}
	return ""
}

func (p *Pages) facts(ctx context.Context, v dossier.View) []ui.Fact {
	d := v.Dossier
	due, _ := dossierweb.Due(ctx, d.Head(), p.Clock.Now())
	fact := func(key, value string) ui.Fact { return ui.Fact{Key: t(ctx, "fact."+key), Value: value} }
	out := append([]ui.Fact{fact("procedure", v.Package.Name.In(dossierweb.Lang(ctx)))}, dossierweb.Parties(ctx, d.Applicant, d.For, true)...)
	if reach := dossierweb.Joined(d.Applicant.Phone, d.Applicant.Email); reach != "" {
		out = append(out, fact("reach", reach))
	}
	out = append(out, fact("channel", i18n.T(ctx, "dossier.channel."+string(d.Channel))), fact("submitted", dossierweb.Moment(ctx, d.SubmittedAt)))
	if !d.ReceivedAt.IsZero() {
		out = append(out, fact("received", dossierweb.Moment(ctx, d.ReceivedAt)))
	}
	if due != "" {
		out = append(out, fact("due", due))
	}
	if step := dossierweb.StepName(ctx, v.Package, d.Step); step != "" {
		holder := d.HolderName
		if holder == "" && d.Duty != "" {
			holder = i18n.T(ctx, "dossier.who."+d.Duty)
		}
		out = append(out, fact("step", dossierweb.Joined(step, p.Agency(d.Agency), holder)))
	}
	if p.Agency(d.Competent) != p.Agency(d.Receiving) {
		out = append(out, fact("receiving", p.Agency(d.Receiving)))
	}
	out = append(out, fact("competent", p.Agency(d.Competent)))
	if pr := d.Proposed; pr != nil {
		text := t(ctx, "fact.proposed.approve")
		if pr.Refuse {
			text = t(ctx, "fact.proposed.refuse")
		}
		out = append(out, fact("proposed", dossierweb.Joined(text, pr.Note)))
	}
	return out
}

func (p *Pages) papers(ctx context.Context, v dossier.View) []paperView {
	var out []paperView
	mark := v.May(dossier.Check)
	for _, n := range v.Needs {
		one := paperView{ID: n.Paper.ID, Name: n.Paper.Name.In(dossierweb.Lang(ctx)), Missing: n.Asked, ByDesk: n.ByDesk}
		for _, m := range n.Met {
			met := metView{How: dossierweb.How(ctx, m), Name: m.Name, Type: m.Type, Check: m.Check, Warnings: m.Warnings, Removed: m.Removed}
			if m.Reason != "" {
				met.Reason = dossierweb.ReasonText(ctx, v.Package, m.Reason)
			}
			if m.File != "" {
				met.Href = at(v.Dossier.Code, "/papers/"+m.File)
				met.Picture = m.Type == "image/jpeg" || m.Type == "image/png"
			}
			if mark && (m.How == dossier.ByUpload || m.How == dossier.ByScan) {
				met.Mark = at(v.Dossier.Code, "/check?"+url.Values{"paper": {m.Requirement}, "file": {m.File}}.Encode())
			}
			one.Met = append(one.Met, met)
		}
		out = append(out, one)
	}
	return out
}

func (p *Pages) issuedOf(ctx context.Context, v dossier.View) []issuedView {
	var out []issuedView
	for _, i := range slices.Backward(v.Dossier.Results) {
		one := issuedView{
			Name: dossierweb.IssuedName(ctx, v.Package, i, v.Dossier.Code), Href: at(v.Dossier.Code, "/issued/"+url.PathEscape(i.ID)),
			When: dossierweb.Moment(ctx, i.At),
		}
		switch {
		case !i.Revoked.IsZero():
			one.Gone = t(ctx, "issued.revoked", map[string]any{"at": dossierweb.Moment(ctx, i.Revoked)})
		case i.Replaced != "":
			one.Gone = t(ctx, "issued.replaced")
		}
		out = append(out, one)
	}
	return out
}

func (p *Pages) fees(ctx context.Context, v dossier.View) []feeView {
	pr := i18n.From(ctx)
	var out []feeView
	for _, f := range v.Dossier.Fees {
		one := feeView{Name: dossierweb.FeeName(ctx, v.Package, f.ID), Amount: t(ctx, "fee.amount", map[string]any{"amount": pr.Int(f.Amount)})}
		if f.Unknown && f.Amount == 0 {
			one.Amount = t(ctx, "fee.unknown")
		}
		switch {
		case f.Exempt != "":
			one.State = t(ctx, "fee.exempt")
		case !f.PaidAt.IsZero():
			one.State = t(ctx, "fee.paid", map[string]any{"receipt": f.Receipt, "at": dossierweb.Moment(ctx, f.PaidAt)})
		default:
			one.State = t(ctx, "fee.open")
		}
		out = append(out, one)
	}
	return out
}

// mostButtons is how many actions stand in the bar; the others are a click away.
const mostButtons = 3

// buttons are what the rules let this officer do now, the first one the weightiest; and what
// not, with why and who can.
func (p *Pages) buttons(ctx context.Context, v *dossierView) {
	for _, verb := range acts {
		i := slices.IndexFunc(v.View.Allowed, func(a dossier.Allowed) bool { return a.Verb == verb })
		if i < 0 || verb == dossier.Check {
			continue
		}
		a := v.View.Allowed[i]
		if a.Why != "" {
			v.Closed = append(v.Closed, closed{dossierweb.VerbName(ctx, verb), dossierweb.Why(ctx, a)})
			continue
		}
		b := ui.Action{Label: dossierweb.VerbName(ctx, verb), Look: ui.Secondary, Href: at(v.View.Dossier.Code, "/"+string(verb))}
		if len(v.Actions) == 0 {
			b.Look = ui.Primary
		}
		v.Actions = append(v.Actions, b)
	}
	v.Supply = v.View.May(dossier.Supply)
	if len(v.Actions) == 0 && !v.Supply {
		v.Note = t(ctx, "bar.nothing")
	}
}

// paper shows a file: a picture or a PDF in its place, the rest to be saved.
func (p *Pages) paper(w http.ResponseWriter, r *http.Request) error {
	m, f, err := p.Service.OpenPaper(r.Context(), p.Actor(r), r.PathValue("code"), r.PathValue("file"), p.purpose(r))
	if err != nil {
		return err
	}
	defer f.Close()
	return web.SendPaper(w, f, m.Type, m.Name)
}

func (p *Pages) issued(w http.ResponseWriter, r *http.Request) error {
	m, f, err := p.Service.OpenResult(r.Context(), p.Actor(r), r.PathValue("code"), r.PathValue("id"), p.purpose(r))
	if err != nil {
		return err
	}
	defer f.Close()
	return web.SendPaper(w, f, "application/pdf", fmt.Sprintf("%s-%s.pdf", r.PathValue("code"), m.Kind))
}

// image is a picture of a paper, or the place where a PDF is read.
func image(m metView) templ.Component {
	if m.Picture {
		return picture(m)
	}
	return document(m)
}

// entered are the questions that the officer answers at the decision.
func entered(v dossier.View) []eform.Asked {
	return slices.DeleteFunc(v.Package.Form.Fields(v.Dossier.Answers, dossier.FactsOf(v.Dossier)), func(q eform.Asked) bool {
		return q.Question.FilledBy != "officer"
	})
}
