package apply

import (
	"net/http"
	"net/url"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// The questions about who applies, each on a page of its own.
const (
	stepAs      = "as"      // in whose name
	stepKind    = "kind"    // of which kind the other is
	stepDetails = "details" // who that is
)

// whomView asks one thing about who applies and for whom.
type whomView struct {
	ui.Page
	ID, Plain string
	Version   int
	Step      string
	As, Kind  string // said before
	Choice    ui.Field
	Lead      string
	Fields    []ui.Field
	Note      string
}

// whom asks what is still owed of who applies. A step can be asked for, to change what was said.
func (p *Pages) whom(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return p.whomOf(w, r, http.StatusOK, whomView{As: q.Get("as"), Kind: q.Get("kind"), Step: q.Get("step")}, nil, nil)
}

func (p *Pages) whomOf(w http.ResponseWriter, r *http.Request, status int, v whomView, form *web.Form, errs fault.List) error {
	f, _, err := p.load(r)
	if err != nil {
		return err
	}
	ctx, d := r.Context(), f.Draft
	if d.Supplies != "" {
		return fault.New(fault.Denied, "dossier.draft.not_asked", nil)
	}
	v.Page, v.ID, v.Version, v.Plain = p.page(r, ""), d.ID, d.Version, f.Package.Plain.In(dossierweb.Lang(ctx))
	v.Errors, v.Back = errs, Mine
	if v.As == "" {
		v.As = dossierweb.AsOf(d)
	}
	if d.For != nil && v.Kind == "" {
		v.Kind = d.For.Kind
	}
	kinds := dossierweb.KindOptions(ctx, f.Package)
	if len(kinds) == 0 && len(f.Package.Who) == 1 {
		v.Kind = f.Package.Who[0].Kind
	}
	switch {
	case v.Step == stepAs || v.As != dossierweb.ForOther && !dossierweb.Organised(v.As):
		v.Step, v.Title = stepAs, t(ctx, "whom.as")
		v.Choice = ui.Field{Name: "as", Label: v.Title, Title: true, Options: dossierweb.AsOptions(ctx, f.Package), Value: v.As, Errors: errs}
	case v.As == dossierweb.ForOther && len(kinds) > 0 && (v.Kind == "" || v.Step == stepKind):
		v.Step, v.Title, v.Back = stepKind, t(ctx, "whom.kind"), at(d.ID, "/whom?step=as")
		v.Choice = ui.Field{Name: "for.kind", Label: v.Title, Title: true, Options: kinds, Value: v.Kind, Errors: errs}
	default:
		v.Step, v.Back = stepDetails, at(d.ID, "/whom?step=as")
		if v.As == dossierweb.ForOther && len(kinds) > 0 {
			v.Back = at(d.ID, "/whom?step=kind&as="+v.As)
		}
		v.details(r, d, form, errs)
	}
	return web.Render(w, r, status, whomPage(v))
}

// details asks name and number of the other, or name and code of an organisation.
func (v *whomView) details(r *http.Request, d dossier.Draft, form *web.Form, errs fault.List) {
	ctx := r.Context()
	field := func(name, key, was string, width int) ui.Field {
		out := ui.Field{Name: name, Label: t(ctx, key), Hint: t(ctx, key+".hint"), Value: was, Width: width, Errors: errs, Autocomplete: "off"}
		if form != nil && form.Has(name) {
			out.Value = form.Text(name)
		}
		return out
	}
	other := d.For
	if other == nil {
		other = &dossier.Party{}
	}
	organisation := func(prefix string, was *dossier.Organisation) {
		if was == nil {
			was = &dossier.Organisation{}
		}
		v.Fields = append(v.Fields, field(prefix+"name", "whom.organisation", was.Name, 0), field(prefix+"code", "whom.code", was.Code, 20))
	}
	switch {
	case v.As != dossierweb.ForOther:
		v.Title = t(ctx, "whom.own."+v.As)
		organisation("organisation.", d.Applicant.Organisation)
	case dossierweb.Organised(v.Kind):
		v.Title, v.Lead = t(ctx, "whom.which."+v.Kind), t(ctx, "whom.paper")
		organisation("for.", other.Organisation)
	default:
		v.Title, v.Lead, v.Note = t(ctx, "whom.who"), t(ctx, "whom.paper"), t(ctx, "whom.sees")
		number := field("for.number", "whom.number", other.Said(), 20)
		number.InputMode = "numeric"
		number.Optional = v.Kind == dossier.OfForeigner
		v.Fields = append(v.Fields, field("for.name", "whom.name", other.Name, 0), number)
	}
}

func (p *Pages) whomPost(w http.ResponseWriter, r *http.Request) error {
	form, version, err := dossierweb.Posted(r)
	if err != nil {
		return err
	}
	f, _, err := p.load(r)
	if err != nil {
		return err
	}
	id, as, step := f.Draft.ID, form.Text("as"), form.Text("step")
	asked := url.Values{"as": {as}}
	switch {
	case step == stepAs && (as == dossierweb.ForOther || dossierweb.Organised(as)):
		return web.Redirect(w, r, at(id, "/whom?"+asked.Encode()))
	case step == stepKind && form.Text("for.kind") == "":
		errs := fault.List{fault.New(fault.Invalid, "apply.whom.choose", nil).At("for.kind")}
		return p.whomOf(w, r, http.StatusUnprocessableEntity, whomView{As: as, Step: step}, &form, errs)
	case step == stepKind:
		asked.Set("kind", form.Text("for.kind"))
		return web.Redirect(w, r, at(id, "/whom?"+asked.Encode()))
	}
	whom := dossierweb.WhomPosted(form, f.Package)
	d, err := p.Service.Choose(r.Context(), p.Actor(r), id, version, dossier.Choice{Whom: &whom})
	if errs := web.FormErrors(dossierweb.AtNumber(err)); len(errs) > 0 {
		return p.whomOf(w, r, web.Status(errs), whomView{As: as, Kind: form.Text("for.kind"), Step: step}, &form, errs)
	}
	if err != nil {
		return err
	}
	if d, err = p.prefilled(r, d); err != nil {
		return err
	}
	if d.For != nil && d.For.Unproved != "" {
		return web.RedirectWith(w, r, at(id, ""), "apply.whom.away", nil)
	}
	return web.Redirect(w, r, at(id, ""))
}

// whomFacts say who applies, for a page before sending, with the way to change it.
func whomFacts(r *http.Request, d dossier.Draft) []ui.Fact {
	out := dossierweb.Parties(r.Context(), d.Applicant, d.For, true)
	if d.Supplies == "" {
		out[len(out)-1].Actions = []ui.Link{{Label: i18n.T(r.Context(), "ui.change"), Href: at(d.ID, "/whom?step=as")}}
	}
	return out
}
