package office

import (
	"context"
	"net/http"
	"strconv"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// readView is what the citizen reads and confirms, and what goes with it.
type readView struct {
	ui.Page
	ID, Plain string
	Version   int
	Supplies  bool
	Whom      []ui.Fact
	Groups    []eformweb.Group
	Papers    []ui.Fact
	Contact   []ui.Fact
	How       ui.Field
	Notice    ui.Field
	Originals []ui.Field // name, count, name, count, …
	Fees      []payView
	Receipt   ui.Field // of a procedure with an immediate result
}

// payView is one fee: paid now, not to be paid, or later.
type payView struct {
	Name, Amount            string
	State                   ui.Field
	Paid, Receipt, Exempted ui.Field
}

// mostOriginals is how many originals can be listed at once.
const mostOriginals = 4

func (p *Pages) reading(w http.ResponseWriter, r *http.Request) error {
	f, err := p.load(r)
	if err != nil {
		return err
	}
	if f.Draft.Sent != "" {
		return web.Redirect(w, r, filled(f.Draft.ID, "/done"))
	}
	v, err := p.readView(r, f, nil, nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, readPage(v))
}

func (p *Pages) readView(r *http.Request, f dossier.Filling, form *web.Form, errs fault.List) (readView, error) {
	ctx, d, lang := r.Context(), f.Draft, dossierweb.Lang(r.Context())
	v := readView{Page: p.page(r, t(ctx, "read.title")), ID: d.ID, Version: d.Version, Plain: f.Package.Plain.In(lang), Supplies: d.Supplies != ""}
	v.Wide, v.Back = false, filled(d.ID, "")
	missing, err := p.Service.CheckAll(ctx, p.Actor(r), d.ID)
	if err != nil {
		return v, err
	}
	missing = unconfirmed(missing)
	v.Errors = append(append(fault.List{}, pointed(missing)...), errs...)
	v.Whom = append(dossierweb.Parties(ctx, d.Applicant, d.For, true), ui.Fact{
		Key: t(ctx, "receive.channel"), Value: i18n.T(ctx, "dossier.channel."+string(d.Channel)),
	})
	v.Groups = eformweb.Summary(ctx, &f.Package.Form, d.Answers, p.Service.Facts(d), missing, eformweb.Links{})
	for _, n := range f.Needs {
		fact := ui.Fact{Key: n.Paper.Name.In(lang)}
		for _, m := range n.Met {
			if fact.Value != "" {
				fact.Value += "\n"
			}
			fact.Value += dossierweb.Joined(dossierweb.How(ctx, m), m.Name)
		}
		switch {
		case fact.Value != "":
		case n.Asked:
			fact.Value = t(ctx, "papers.missing")
		case n.ByDesk:
			fact.Value = t(ctx, "papers.show")
		default:
			continue
		}
		v.Papers = append(v.Papers, fact)
	}
	v.Contact = []ui.Fact{{Key: t(ctx, "receive.phone"), Value: d.Applicant.Phone}, {Key: t(ctx, "receive.email"), Value: d.Applicant.Email}}
	for _, a := range f.Deciders {
		if len(f.Deciders) == 1 || a.Agency == d.Competent {
			v.Contact = append(v.Contact, ui.Fact{Key: t(ctx, "receive.agency"), Value: a.Name})
		}
	}
	text := func(name string) string {
		if form == nil {
			return ""
		}
		return form.Text(name)
	}
	v.How = ui.Field{Name: "confirm", Label: t(ctx, "read.how"), Errors: errs, Small: true, Value: text("confirm")}
	for _, how := range []string{"read", "heard", "paper"} {
		v.How.Options = append(v.How.Options, ui.Option{Value: how, Label: i18n.T(ctx, "desk.read.how."+how)})
	}
	v.Notice = ui.Field{
		Name: "notice", Label: t(ctx, "read.notice"), Hint: t(ctx, "read.notice.text"), Errors: errs, Small: true,
		Options: []ui.Option{{Value: "yes", Label: t(ctx, "read.notice.yes")}},
	}
	if text("notice") == "yes" {
		v.Notice.Values = []string{"yes"}
	}
	if f.Package.Immediate {
		v.Receipt = ui.Field{Name: "receipt", Label: t(ctx, "field.receipt"), Inline: true, Small: true, Value: "no", Options: []ui.Option{
			{Value: "yes", Label: t(ctx, "yes")}, {Value: "no", Label: t(ctx, "no")},
		}}
	}
	v.originals(ctx, f, text, errs)
	for _, item := range f.Fees {
		v.Fees = append(v.Fees, payField(ctx, f, item, text, errs))
	}
	return v, nil
}

// originals proposes the papers of which the original was handed over.
func (v *readView) originals(ctx context.Context, f dossier.Filling, text func(string) string, errs fault.List) {
	if v.Supplies {
		return
	}
	var names []string
	for _, n := range f.Needs {
		if n.Paper.Originals > 0 && len(n.Met) > 0 && n.Met[0].How == dossier.ByScan {
			names = append(names, n.Paper.Name.In(dossierweb.Lang(ctx)))
		}
	}
	for i := range mostOriginals {
		n := strconv.Itoa(i)
		name := ui.Field{Name: "original-" + n, Label: t(ctx, "field.original"), Value: text("original-" + n), Autocomplete: "off", Optional: true}
		count := ui.Field{Name: "count-" + n, Label: t(ctx, "field.count"), Value: text("count-" + n), Width: 3, InputMode: "numeric", Errors: errs}
		if i < len(names) {
			name.Hint = t(ctx, "read.original.scanned", map[string]any{"name": names[i]})
		}
		if i == 0 {
			name.Errors = errs.Moved("originals", name.Name)
		}
		v.Originals = append(v.Originals, name, count)
	}
}

func payField(ctx context.Context, f dossier.Filling, item dossier.FeeItem, text func(string) string, errs fault.List) payView {
	pr, lang := i18n.From(ctx), dossierweb.Lang(ctx)
	one := payView{Name: item.ID, Amount: t(ctx, "fee.amount", map[string]any{"amount": pr.Int(item.Amount)})}
	if item.Unknown {
		one.Amount = t(ctx, "fee.unknown")
	}
	one.State = ui.Field{Name: "fee-" + item.ID, Label: t(ctx, "read.fee"), Errors: errs, Small: true, Value: text("fee-" + item.ID)}
	if one.State.Value == "" {
		one.State.Value = "later"
	}
	one.Paid = ui.Field{
		Name: "amount-" + item.ID, Label: t(ctx, "field.amount"), InputMode: "numeric", Width: 10, Errors: errs, Value: text("amount-" + item.ID),
		Autocomplete: "off",
	}
	one.Receipt = ui.Field{
		Name: "receipt-" + item.ID, Label: t(ctx, "field.receipt_number"), Width: 20, Value: text("receipt-" + item.ID), Optional: true, Autocomplete: "off",
	}
	one.Exempted = ui.Field{
		Name: "exempt-" + item.ID, Label: t(ctx, "field.exempt"), Errors: errs, Value: text("exempt-" + item.ID),
		Options: []ui.Option{{Label: t(ctx, "choose")}},
	}
	for _, fee := range f.Package.Fees {
		if fee.ID != item.ID {
			continue
		}
		one.Name = fee.Name.In(lang)
		for _, e := range fee.Exempt {
			one.Exempted.Options = append(one.Exempted.Options, ui.Option{Value: e.ID, Label: e.Name.In(lang)})
		}
	}
	return one
}

// paying reads what was paid or is not to be paid, in the order of the fees.
func paying(f dossier.Filling, form web.Form) ([]dossier.FeeItem, fault.List) {
	var out []dossier.FeeItem
	var wrong fault.List
	for _, item := range f.Fees {
		fee := dossier.FeeItem{ID: item.ID, Receipt: form.Text("receipt-" + item.ID)}
		switch form.Text("fee-" + item.ID) {
		case "paid":
			amount, _, err := form.Int("amount-" + item.ID)
			switch {
			case err != nil:
				wrong = append(wrong, fault.As(err).At("amount-"+item.ID))
				continue
			case item.Unknown && amount <= 0, !item.Unknown && amount != 0 && int64(amount) != item.Amount:
				wrong = append(wrong, fault.New(fault.Invalid, "dossier.act.amount", fault.Args{"amount": item.Amount}).At("amount-"+item.ID))
				continue
			}
			fee.Amount = int64(amount)
		case "exempt":
			if fee.Exempt = form.Text("exempt-" + item.ID); fee.Exempt == "" {
				wrong = append(wrong, fault.New(fault.Invalid, "desk.read.exempt", nil).At("exempt-"+item.ID))
				continue
			}
		default:
			continue
		}
		out = append(out, fee)
	}
	return out, wrong
}

// readingPost sends what the citizen confirmed, and receives it. Each step can be repeated: who
// presses again, or comes back after the line was lost, goes on where it stopped.
func (p *Pages) readingPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f, err := p.load(r)
	if err != nil {
		return err
	}
	id := f.Draft.ID
	if f.Draft.Sent != "" {
		return web.Redirect(w, r, filled(id, "/done"))
	}
	again := func(err error) error {
		errs := web.FormErrors(err)
		if len(errs) == 0 {
			return err
		}
		fresh, err := p.load(r)
		if err != nil {
			return err
		}
		v, err := p.readView(r, fresh, &form, errs)
		if err != nil {
			return err
		}
		return web.Render(w, r, web.Status(errs), readPage(v))
	}
	act, err := p.read(dossier.View{Package: f.Package}, dossier.Receive, form)
	if err != nil {
		return again(err)
	}
	fees, wrong := paying(f, form)
	if f.Draft.Supplies == "" && form.Text("notice") != "yes" {
		wrong = append(wrong, fault.New(fault.Invalid, "dossier.submit.notice", nil).At("notice"))
	}
	if form.Text("confirm") == "" {
		wrong = append(wrong, fault.New(fault.Invalid, "dossier.draft.confirm_how", nil).At("confirm"))
	}
	if len(wrong) > 0 {
		return again(wrong)
	}
	d, err := p.sent(r, f, act, form.Text("confirm"))
	if err != nil {
		return again(err)
	}
	if f.Draft.Supplies != "" {
		return web.RedirectWith(w, r, at(d.Code, ""), "desk.did", fault.Args{"what": dossierweb.VerbName(r.Context(), dossier.Supply)})
	}
	for i := range fees {
		if d, err = p.Service.Do(r.Context(), p.Actor(r), d.Code, dossier.Act{Verb: dossier.Pay, Version: d.Version, Said: dossier.Said{Fee: &fees[i]}}); err != nil {
			return err
		}
	}
	return web.Redirect(w, r, filled(id, "/done"))
}

// sent confirms a form, sends it and receives the dossier that it became.
func (p *Pages) sent(r *http.Request, f dossier.Filling, act dossier.Act, how string) (dossier.Dossier, error) {
	ctx, who, id := r.Context(), p.Actor(r), f.Draft.ID
	draft, err := p.Service.Confirm(ctx, who, id, act.Version, how)
	if fault.Of(err) == fault.Invalid && err != nil {
		return dossier.Dossier{}, fault.As(err).At("confirm")
	}
	if err != nil {
		return dossier.Dossier{}, err
	}
	d, err := p.Service.Submit(ctx, who, id, dossier.Filing{
		Version: draft.Version, Key: "desk-" + id, Notice: true, Receipt: act.Said.Receipt, Originals: act.Said.Originals,
	})
	if err != nil || d.Status != dossier.New || f.Draft.Supplies != "" {
		return d, err
	}
	return p.Service.Do(ctx, who, d.Code, dossier.Act{Verb: dossier.Receive, Version: d.Version})
}

// doneView says what was received.
type doneView struct {
	ui.Page
	Code, Text string
	Due        string
	Receipt    string // address of receipt 01
	Dossier    string
	Account    string // address where an account is opened; "" when they have one
}

func (p *Pages) received(w http.ResponseWriter, r *http.Request) error {
	f, err := p.load(r)
	if err != nil {
		return err
	}
	if f.Draft.Sent == "" {
		return web.Redirect(w, r, filled(f.Draft.ID, ""))
	}
	ctx := r.Context()
	got, err := p.Service.Look(ctx, p.Actor(r), f.Draft.Sent, p.purpose(r))
	if err != nil {
		return err
	}
	d := got.Dossier
	v := doneView{Page: p.page(r, t(ctx, "done.title")), Code: d.Code, Text: dossierweb.StatusName(ctx, d.Status), Dossier: at(d.Code, "")}
	v.Wide = false
	if d.ReceivedAt.IsZero() {
		v.Title = t(ctx, "done.sent")
	}
	if !d.Due.IsZero() {
		v.Due = dossierweb.Long(ctx, d.Due)
	}
	for _, i := range d.Results {
		if i.Kind == dossier.PaperReceipt && i.Stands() {
			v.Receipt = at(d.Code, "/issued/"+i.ID)
		}
	}
	return web.Render(w, r, http.StatusOK, donePage(v))
}

// choice is whether a fee is paid now, with what is entered then.
func (f payView) choice(ctx context.Context) ui.Field {
	out := f.State
	out.Options = []ui.Option{{Value: "later", Label: t(ctx, "read.fee.later")}, {Value: "paid", Label: t(ctx, "read.fee.paid"), Reveal: paidNow(f)}}
	if len(f.Exempted.Options) > 1 {
		out.Options = append(out.Options, ui.Option{Value: "exempt", Label: t(ctx, "read.fee.exempt"), Reveal: ui.Select(f.Exempted)})
	}
	return out
}
