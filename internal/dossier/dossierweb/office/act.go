package office

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// actView is the page on which something is done with a dossier.
type actView struct {
	ui.Page
	Code, Verb string
	Version    int
	Lead       string // what it will do
	Fields     []control
	Lines      []askLine // of a checklist
	Groups     []askGroup
	Originals  []ui.Field // name and count in turn
	First      bool       // the questions come before the other fields
	Button     string
	Weighty    bool
}

// control is a field with the component that draws it.
type control struct {
	Kind  string // text, area, radios, select, date
	Field ui.Field
}

// askLine is one line of a checklist: a paper or a part of the form, with its reason.
type askLine struct {
	About        ui.Field // of a part of the form: which; empty Name: the paper stands in Title
	Title        string
	Reason, Note ui.Field
	Folded       bool // of many, shown when it is wanted
}

// askGroup is the questions of one section of the form.
type askGroup struct {
	ID, Title string // Title is "" where there is only one
	Asks      []eformweb.Ask
}

// lines is how many parts of the form can be asked for at once; papers each have a line.
const lines = 6

// fewLines is how many of them stand open.
const fewLines = 2

func (p *Pages) ask(verb dossier.Verb) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := dossier.Permissions.CanOwn(p.Actor(r), dossier.Deed(verb), true); err != nil {
			return err // nobody looks for what they may never do
		}
		got, err := p.Service.Look(r.Context(), p.Actor(r), r.PathValue("code"), p.purpose(r))
		if err != nil {
			return err
		}
		if err := allowed(got, verb); err != nil {
			f := fault.As(err)
			if f == nil || f.Kind != fault.Conflict {
				return err
			}
			v := p.view(r, got)
			v.Refused = t(r.Context(), "refused", map[string]any{"why": i18n.T(r.Context(), f.Key, f.Args)})
			return web.Render(w, r, http.StatusConflict, dossierPage(v))
		}
		v, err := p.form(r, got, verb, nil, nil)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, actPage(v))
	}
}

// allowed fails as the act itself would.
func allowed(v dossier.View, verb dossier.Verb) error {
	for _, a := range v.Allowed {
		if a.Verb == verb && a.Why != "" {
			kind := fault.Conflict
			if !a.Theirs {
				kind = fault.Denied
			}
			return fault.New(kind, a.Why, a.Args)
		}
	}
	return nil
}

func (p *Pages) act(verb dossier.Verb) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, code := r.Context(), r.PathValue("code")
		if err := dossier.Permissions.CanOwn(p.Actor(r), dossier.Deed(verb), true); err != nil {
			return err
		}
		form, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		got, err := p.Service.Look(ctx, p.Actor(r), code, p.purpose(r))
		if err != nil {
			return err
		}
		act, err := p.read(got, verb, form)
		if err == nil {
			_, err = p.Service.Do(ctx, p.Actor(r), code, act)
		}
		if errs := web.FormErrors(err); len(errs) > 0 {
			v, err2 := p.form(r, got, verb, &form, errs)
			if err2 != nil {
				return err2
			}
			// Who sends it again has read what happened meanwhile.
			v.Version = got.Dossier.Version
			return web.Render(w, r, web.Status(errs), actPage(v))
		}
		if err != nil {
			return err
		}
		return web.RedirectWith(w, r, at(code, ""), "desk.did", fault.Args{"what": dossierweb.VerbName(ctx, verb)})
	}
}

// read makes an act of what was posted.
func (p *Pages) read(v dossier.View, verb dossier.Verb, form web.Form) (dossier.Act, error) {
	version, _, err := form.Int("version")
	if err != nil {
		return dossier.Act{}, err
	}
	said := dossier.Said{
		Note: form.Text("note"), Basis: form.Text("basis"), Refuse: form.Text("proposal") == "refuse", Receiver: form.Text("receiver"), How: form.Text("how"),
		Original: form.Text("original"), Requires: form.Text("paper"), File: form.Text("file"), Check: form.Text("check"), Reason: form.Text("reason"),
		Result: form.Text("result"), Letting: form.Text("letting"), Receipt: form.Text("receipt") == "yes", Asked: asked(v, form),
	}
	if account, post, ok := strings.Cut(form.Text("to"), " "); ok {
		said.To, said.Post = account, post
	}
	for i := range 4 {
		name := form.Text("original-" + strconv.Itoa(i))
		if name == "" {
			continue
		}
		n, given, err := form.Int("count-" + strconv.Itoa(i))
		if err != nil {
			return dossier.Act{}, err
		}
		if !given {
			n = 1
		}
		said.Originals = append(said.Originals, dossier.Original{Name: name, Count: n})
	}
	switch verb {
	case dossier.Extend:
		if said.Until, err = form.Date("until"); err != nil {
			return dossier.Act{}, err
		}
	case dossier.Pay:
		amount, _, err := form.Int("amount")
		if err != nil {
			return dossier.Act{}, err
		}
		said.Fee = &dossier.FeeItem{ID: form.Text("fee"), Amount: int64(amount), Receipt: form.Text("receipt-number"), Exempt: form.Text("exempt")}
	case dossier.AnswerEffect:
		said.Effect = map[string]string{}
		for i, q := range questions(v) {
			said.Effect[q.Code] = form.Text("effect-" + strconv.Itoa(i))
		}
	}
	act := dossier.Act{Verb: verb, Version: version, Said: said}
	var errs fault.List
	for _, q := range p.asks(v, verb) {
		value, wrong := eformweb.Read(form, q, p.Shell.Facts(v.Dossier))
		if wrong != nil {
			errs = append(errs, wrong)
			continue
		}
		if act.Answers == nil {
			act.Answers = map[string]eform.Value{}
		}
		if !value.Same(q.Answer.Value) {
			act.Answers[q.Path] = value
		}
	}
	if len(errs) > 0 {
		return act, errs
	}
	return act, nil
}

// asked reads a checklist.
func asked(v dossier.View, form web.Form) []dossier.Asked {
	var out []dossier.Asked
	for _, n := range v.Needs {
		if reason := form.Text("reason-" + n.Paper.ID); reason != "" {
			out = append(out, dossier.Asked{Paper: n.Paper.ID, Reason: reason, Note: form.Text("note-" + n.Paper.ID)})
		}
	}
	for i := range lines {
		n := strconv.Itoa(i)
		if reason := form.Text("field-reason-" + n); reason != "" || form.Text("field-"+n) != "" {
			out = append(out, dossier.Asked{Field: form.Text("field-" + n), Reason: reason, Note: form.Text("field-note-" + n)})
		}
	}
	for _, reason := range form.Values("reasons") {
		out = append(out, dossier.Asked{Reason: reason})
	}
	return out
}

// asks are the questions of the form that an officer answers with an act: the number of the
// entry at the decision, what was wrong at intake, what is right in a result.
func (p *Pages) asks(v dossier.View, verb dossier.Verb) []eform.Asked {
	switch verb {
	case dossier.Approve:
		return entered(v)
	case dossier.Correct, dossier.Replace:
		return slices.DeleteFunc(v.Package.Form.Fields(v.Dossier.Answers, p.Shell.Facts(v.Dossier)), func(q eform.Asked) bool {
			return q.Answer.Locked || q.Question.FilledBy == "system" || q.Question.Kind == eform.KindFile
		})
	}
	return nil
}

func questions(v dossier.View) []dossier.EffectQuestion {
	if v.Dossier.Effect == nil {
		return nil
	}
	return v.Dossier.Effect.Questions
}

// form is the page of an act, with what was posted when it is shown again.
func (p *Pages) form(r *http.Request, v dossier.View, verb dossier.Verb, form *web.Form, errs fault.List) (actView, error) {
	ctx, d := r.Context(), v.Dossier
	out := actView{
		Page: p.page(r, dossierweb.VerbName(ctx, verb)), Code: d.Code, Verb: string(verb), Version: d.Version, Button: dossierweb.VerbName(ctx, verb),
		Lead: t(ctx, "act."+string(verb)),
	}
	out.Page.Wide = verb == dossier.Correct || verb == dossier.Replace
	out.Errors, out.Back = errs, at(d.Code, "")
	f := fields{ctx: ctx, form: form, errs: errs, query: r.URL.Query().Get}
	var err error
	switch verb {
	case dossier.Receive:
		out.Originals = f.handedOver()
		if v.Package.Immediate {
			f.radios("receipt", "receipt", []ui.Option{{Value: "yes", Label: t(ctx, "yes")}, {Value: "no", Label: t(ctx, "no")}})
		}
	case dossier.RefuseIntake, dossier.Refuse:
		f.checkboxes("reasons", "reasons", reasons(ctx, v.Package, "refusal"))
		f.remark()
		out.Weighty = true
	case dossier.AskMore:
		out.Lines = f.checklist(v)
		f.letting(v, verb)
	case dossier.Pay:
		p.feeFields(&f, v)
	case dossier.Assign:
		err = p.assignees(&f, r, d.Code)
	case dossier.Propose:
		why := ui.Checkboxes(f.boxes("reasons", "reasons", reasons(ctx, v.Package, "refusal")))
		f.radios("proposal", "proposal", []ui.Option{
			{Value: "approve", Label: t(ctx, "proposal.approve")}, {Value: "refuse", Label: t(ctx, "proposal.refuse"), Reveal: why},
		})
		f.remark()
	case dossier.ReturnBack, dossier.Note:
		f.area("note", "note")
	case dossier.Approve, dossier.Withdraw, dossier.AgreeBack:
		f.remark()
		out.First = true
	case dossier.Stop:
		f.text("basis", "basis", 0)
		f.remark()
		out.Weighty = true
	case dossier.Extend:
		f.date("until", "until")
		f.area("note", "apology")
	case dossier.AnswerEffect:
		f.questions(v)
	case dossier.HandOver:
		f.receiver(v.Dossier)
		f.radios("how", "how", []ui.Option{
			{Value: "desk", Label: t(ctx, "how.desk")}, {Value: "post", Label: t(ctx, "how.post")}, {Value: "online", Label: t(ctx, "how.online")},
		})
	case dossier.GiveBack:
		f.originals(v)
		f.receiver(v.Dossier)
	case dossier.Correct:
		f.area("note", "note.correct")
	case dossier.Replace, dossier.Revoke:
		f.results(v)
		f.text("basis", "basis", 0)
		f.area("note", "note.result")
		out.Weighty = verb == dossier.Revoke
	case dossier.Check:
		paper, ok := v.Package.Paper(f.hidden(form, "paper"))
		if !ok {
			return out, fault.New(fault.NotFound, "web.not_found", nil)
		}
		f.hidden(form, "file")
		out.Page.Title = dossierweb.VerbName(ctx, verb) + ": " + paper.Name.In(dossierweb.Lang(ctx))
		why := ui.Select(f.choice("reason", "reason", reasons(ctx, v.Package, "supplement")))
		f.radios("check", "check", []ui.Option{{Value: "ok", Label: t(ctx, "papers.ok")}, {Value: "bad", Label: t(ctx, "papers.bad"), Reveal: why}})
		f.remark()
	}
	out.Fields = f.out
	var posted eformweb.Posted
	if form != nil {
		posted = *form
	}
	facts := p.Shell.Facts(d)
	for _, q := range p.asks(v, verb) {
		if n := len(out.Groups); n == 0 || out.Groups[n-1].ID != q.Section.ID {
			out.Groups = append(out.Groups, askGroup{ID: q.Section.ID, Title: q.Section.Title.In(dossierweb.Lang(ctx))})
		}
		g := &out.Groups[len(out.Groups)-1]
		g.Asks = append(g.Asks, eformweb.Ask{Asked: q, Facts: facts, View: dossier.ViewOf(v.Package, d), Form: posted, Errors: errs, Small: true})
	}
	if len(out.Groups) == 1 {
		out.Groups[0].Title = ""
	}
	return out, err
}

// reasons are the coded reasons of a package for a purpose.
func reasons(ctx context.Context, p *procedure.Package, purpose string) []ui.Option {
	var out []ui.Option
	for _, r := range p.Reasons {
		if len(r.For) == 0 || slices.Contains(r.For, purpose) {
			out = append(out, ui.Option{Value: r.Code, Label: r.Text.In(dossierweb.Lang(ctx))})
		}
	}
	return out
}

func (p *Pages) assignees(f *fields, r *http.Request, code string) error {
	posts, err := p.Service.Assignees(r.Context(), p.Actor(r), code)
	if err != nil {
		return err
	}
	var options []ui.Option
	for _, post := range posts {
		if post.Account != "" {
			options = append(options, ui.Option{Value: post.Account + " " + post.ID, Label: dossierweb.Joined(post.Name, post.Title)})
		}
	}
	f.radios("to", "to", options)
	return nil
}

func (p *Pages) feeFields(f *fields, v dossier.View) {
	var open, exempt []ui.Option
	exempt = append(exempt, ui.Option{Value: "", Label: t(f.ctx, "exempt.none")})
	pr := i18n.From(f.ctx)
	var owed int64 // of the last one whose amount is known
	for _, item := range v.Dossier.Fees {
		if item.Exempt != "" || !item.PaidAt.IsZero() {
			continue
		}
		o := ui.Option{Value: item.ID, Label: dossierweb.FeeName(f.ctx, v.Package, item.ID)}
		o.Hint = t(f.ctx, "fee.amount", map[string]any{"amount": pr.Int(item.Amount)})
		if item.Unknown {
			o.Hint = t(f.ctx, "fee.unknown")
		} else {
			owed = item.Amount
		}
		open = append(open, o)
		for _, fee := range v.Package.Fees {
			if fee.ID != item.ID {
				continue
			}
			for _, e := range fee.Exempt {
				exempt = append(exempt, ui.Option{Value: e.ID, Label: e.Name.In(dossierweb.Lang(f.ctx))})
			}
		}
	}
	f.radios("fee", "fee", open)
	amount := f.field("amount", "amount")
	amount.Width, amount.InputMode = 10, "numeric"
	if f.form == nil && len(open) == 1 && owed > 0 {
		amount.Value = pr.Int(owed)
	}
	f.add("text", amount)
	f.text("receipt-number", "receipt_number", 20)
	if len(exempt) > 1 {
		f.choose("exempt", "exempt", exempt)
	}
}
