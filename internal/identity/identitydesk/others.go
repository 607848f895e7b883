package identitydesk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// next leads to whoever stands in the queue.
func next(ctx context.Context) templ.Component {
	return ui.Button(ui.Action{Label: t(ctx, "desk.next"), Href: DeskPath, Look: ui.Secondary})
}

// foreigner is where a foreigner with a residence card begins.
func (p *Pages) foreigner(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, p.foreignerForm(r, web.Form{}, nil), nil)
}

func (p *Pages) foreignerForm(r *http.Request, form web.Form, faults fault.List) view {
	ctx := r.Context()
	q := asked{ctx, form, faults}
	v := p.page(r, "foreigner", DeskPath)
	v.Errors = faults
	sexes := func(f *ui.Field) {
		f.Inline = true
		for _, s := range []citizen.Sex{citizen.Male, citizen.Female} {
			n := strconv.Itoa(int(s))
			f.Options = append(f.Options, ui.Option{Value: n, Label: i18n.T(ctx, "identity.page.sex."+n)})
		}
	}
	rename := func(key string) func(*ui.Field) {
		return func(f *ui.Field) { f.Label, f.Hint = t(ctx, key), has(ctx, key+".hint") }
	}
	v.Form = newForm(foreignerPath, []templ.Component{
		ui.Text(q.field("number", small, rename("foreigner.number"))), ui.Text(q.field("name")), ui.DateInput(q.field("birth")),
		ui.Radios(q.field("sex", sexes)), ui.Text(q.field("nationality", func(f *ui.Field) { f.Width = 2 })),
		ui.DateInput(q.field("issued")), ui.DateInput(q.field("expires", optional)),
		ui.Radios(q.field("level", value("2"), q.among("2", "1"))),
		ui.Text(q.field("guardian", optional, numeric, rename("foreigner.guardian"))),
		ui.Radios(q.field("guardian_kind", q.kinds(identity.Foreigner, identity.Citizen))),
		ui.Text(q.field("address", optional)), ui.Text(q.field("purpose", value(t(ctx, "person.purpose")))), q.tick("compared"),
	}, ui.Action{Label: t(ctx, "person.do")})
	return v
}

func (p *Pages) foreignerPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := reading{r: r, form: form.With(url.Values{"card": {"TCT"}})}
	sex, _ := strconv.Atoi(form.Text("sex")) // none is refused below
	d := identity.Residence{
		Number: form.Text("number"), Name: form.Text("name"), Birth: in.day("birth", "identity.enrol.birth"), Sex: citizen.Sex(sex),
		Nationality: form.Text("nationality"), Card: in.card(), Compared: form.Text("compared") != "", Purpose: form.Text("purpose"),
		Level: in.level(), Address: in.address(),
	}
	if dd, m, y := form.DateParts("expires"); dd+m+y != "" {
		d.Expires = in.day("expires", "identity.foreigner.expires")
	}
	if form.Text("guardian") != "" {
		d.Guardian = in.holder(identity.Kind(form.Text("guardian_kind")), "guardian")
	}
	_, rules := d.Check(p.today())
	var a identity.Account
	if err = in.all(rules); err == nil {
		a, err = p.Service.IdentifyForeigner(r.Context(), who(r), d)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) {
			return p.foreignerForm(r, form, faults.Moved("card", "issued")), nil
		})
	}
	out := identity.Identified{Account: a, New: a.Version == 1}
	return show(w, r, p.identified(r, out, identity.Present{Holder: a.Holder, Card: d.Card, Compared: true, Purpose: d.Purpose}), nil)
}

// organisation is where an organisation begins, whose legal representative stands there.
func (p *Pages) organisation(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, p.organisationForm(r, web.Form{}, nil), nil)
}

func (p *Pages) organisationForm(r *http.Request, form web.Form, faults fault.List) view {
	ctx := r.Context()
	q := asked{ctx, form, faults}
	v := p.page(r, "organisation", DeskPath)
	v.Errors = faults
	rename := func(key string) func(*ui.Field) {
		return func(f *ui.Field) { f.Label, f.Hint = t(ctx, key), has(ctx, key+".hint") }
	}
	v.Form = newForm(organisationPath, []templ.Component{
		ui.Text(q.field("number", rename("organisation.number"), func(f *ui.Field) { f.Width = 20 })),
		ui.Text(q.field("name", rename("organisation.name"))), ui.Text(q.field("paper")),
		ui.Text(q.field("head", numeric)), ui.Radios(q.field("head_kind", q.kinds(identity.Citizen, identity.Foreigner))),
		ui.Text(q.field("purpose", value(t(ctx, "organisation.purpose")))),
	}, ui.Action{Label: t(ctx, "organisation.do")})
	return v
}

func (p *Pages) organisationPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := reading{r: r, form: form}
	d := identity.Registration{
		Code: form.Text("number"), Name: form.Text("name"), Paper: form.Text("paper"), Purpose: form.Text("purpose"),
		Head: in.holder(identity.Kind(form.Text("head_kind")), "head"),
	}
	_, rules := d.Check()
	var a identity.Account
	if err = in.all(rules); err == nil {
		a, err = p.Service.IdentifyOrganisation(r.Context(), who(r), d)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) { return p.organisationForm(r, form, faults), nil })
	}
	return show(w, r, p.identified(r, identity.Identified{Account: a, New: a.Version == 1}, identity.Present{Holder: a.Holder}), nil)
}

// What a holder at the desk can want of an account that there is.
const (
	wantRecover = "recover"
	wantLost    = "lost"
	wantSuspend = "suspend"
	wantReopen  = "reopen"
)

// account is where a holder comes about an account that they have.
func (p *Pages) account(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, p.scan(r, "account", accountPath, web.Form{}, nil), nil)
}

func (p *Pages) accountForm(r *http.Request, form web.Form, faults fault.List) view {
	ctx := r.Context()
	q := asked{ctx, form, faults}
	v := p.page(r, "account", accountPath)
	v.Lead = t(ctx, "account.check")
	v.Errors = faults
	wants := func(f *ui.Field) {
		q.among(wantRecover, wantLost, wantSuspend, wantReopen)(f)
		f.Options[1].Reveal = ui.Checkboxes(q.field("what", func(f *ui.Field) { f.Values, f.Small = form.Values("what"), true }, q.among("card", "devices")))
	}
	v.Form = newForm(accountPath, []templ.Component{
		ui.Radios(q.field("kind", q.kinds(identity.Citizen, identity.Foreigner))), ui.Text(q.field("number", numeric)),
		ui.Select(q.field("card", value("CC"), q.among("CC", "CCCD", "TCT", "KS"))), ui.DateInput(q.field("issued")),
		ui.Radios(q.field("want", wants)), ui.Text(q.field("purpose")), q.tick("compared"),
	}, ui.Action{Label: t(ctx, "account.do"), Name: "do", Value: doIt})
	return v
}

func (p *Pages) accountPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if form.Text("do") != doIt {
		return p.scanned(w, r, form, "account", accountPath, p.accountForm)
	}
	in := reading{r: r, form: form}
	d := identity.Present{
		Holder: in.holder(identity.Kind(form.Text("kind")), "number"), Card: in.card(), Compared: form.Text("compared") != "",
		Purpose: form.Text("purpose"),
	}
	want := form.Text("want")
	if !slices.Contains([]string{wantRecover, wantLost, wantSuspend, wantReopen}, want) {
		in.fail(fault.New(fault.Invalid, "identity.office.want.none", nil), "want")
	}
	var code string
	if err = in.all(d.Check(p.today(), want == wantRecover || want == wantReopen)); err == nil {
		code, err = p.atDesk(r, form, want, d)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) { return p.accountForm(r, form, faults), nil })
	}
	return show(w, r, p.done(r, want, code, d.Holder), nil)
}

// atDesk does what the holder wants.
func (p *Pages) atDesk(r *http.Request, form web.Form, want string, d identity.Present) (code string, err error) {
	ctx, by := r.Context(), who(r)
	switch want {
	case wantRecover:
		return p.Service.RecoverAtDesk(ctx, by, d)
	case wantSuspend:
		return "", p.Service.SuspendAtDesk(ctx, by, d)
	case wantReopen:
		return "", p.Service.ReopenAtDesk(ctx, by, d)
	case wantLost:
		what := form.Values("what")
		return "", p.Service.ReportLostAtDesk(ctx, by, d, identity.Lost{Card: slices.Contains(what, "card"), All: slices.Contains(what, "devices")})
	}
	return "", errors.New("no such thing at the desk: " + want)
}

// done says what was done; a code is shown this one time.
func (p *Pages) done(r *http.Request, want, code string, h identity.Holder) view {
	ctx := r.Context()
	v := p.page(r, "done."+want, DeskPath)
	v.Lead = t(ctx, "done."+want+".text", map[string]any{"number": h.String()})
	if code != "" {
		v.Before = []templ.Component{
			once(code), para(t(ctx, "done.code", map[string]any{"address": p.Service.Settings.Issuer + "/identity/recover/code"})),
			ui.Button(ui.Action{Label: t(ctx, "done.print"), Attrs: templ.Attributes{"data-print": true, "type": "button"}}),
		}
	}
	v.After = []templ.Component{next(ctx)}
	return v
}
