package identityweb

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// Matters are the procedures in which one may act for another.
type Matters interface {
	// Common are those that the page offers, by code.
	Common() []string
	// Called is what a procedure is called; "" when there is none of that code.
	Called(ctx context.Context, code string) string
}

type actingView struct {
	ui.Page
	May         bool // name somebody, take something on
	Waiting     ui.Table
	For, By     ui.Table
	Ended       ui.Table
	MayAskChild bool
}

func (p *Pages) acting(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	v, err := p.actingView(r, in)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, actingPage(v))
}

func (p *Pages) actingView(r *http.Request, in identity.SignedIn) (actingView, error) {
	ctx := r.Context()
	list, err := p.Service.ActingOf(ctx, in)
	if err != nil {
		return actingView{}, err
	}
	table := func(id string, first, last string) ui.Table {
		return ui.Table{
			ID: id, Caption: t(ctx, "acting."+id), Stack: true, Columns: columns(ctx, first, "acting.ground", "acting.in", "since", "consents.until", last),
		}
	}
	full := in.Account.Level >= identity.Two
	v := actingView{
		Page: p.own(r, "acting", in), May: full, MayAskChild: full && in.Account.Holder.Kind == identity.Citizen,
		Waiting: table("waiting", "acting.whose.column", "acting.state"), For: table("for", "acting.whose.column", "acting.state"),
		By: table("by", "acting.who", "acting.state"), Ended: table("ended", "acting.who", "acting.ended"),
	}
	v.For.Empty, v.By.Empty = ui.Empty(t(ctx, "acting.for.none"), ui.Link{}), ui.Empty(t(ctx, "acting.by.none"), ui.Link{})
	for _, both := range []*ui.Table{&v.By, &v.Ended} { // for an organisation that one heads, others act too
		both.Columns = slices.Insert(both.Columns, 1, ui.Column{Label: t(ctx, "acting.whose.column")})
	}
	now := p.Service.Clock.Now()
	for _, d := range list {
		mine := d.By == in.Account.ID
		who, whose := ui.Cell{Text: d.ByName}, ui.Cell{Text: d.ForName}
		rest := []ui.Cell{{Text: i18n.T(ctx, d.Ground.Key())}, {Text: p.scope(ctx, d.Scope)}, {Text: day(ctx, d.From)}, {Text: dayOr(ctx, d.Until)}}
		line := func(first []ui.Cell, last ui.Cell) ui.Row {
			return ui.Row{Cells: slices.Concat(first, rest, []ui.Cell{last})}
		}
		switch {
		case !d.EndedAt.IsZero():
			v.Ended.Rows = append(v.Ended.Rows, line([]ui.Cell{who, whose}, ui.Cell{Text: day(ctx, d.EndedAt)}))
		case mine && d.Waits(now):
			v.Waiting.Rows = append(v.Waiting.Rows, line([]ui.Cell{whose}, ui.Cell{Body: offered(d.ID)}))
		case mine:
			v.For.Rows = append(v.For.Rows, line([]ui.Cell{whose}, ui.Cell{Body: actingState(d, stateOf(d, now), "give_back")}))
		default:
			v.By.Rows = append(v.By.Rows, line([]ui.Cell{who, whose}, ui.Cell{Body: actingState(d, stateOf(d, now), "withdraw")}))
		}
	}
	return v, nil
}

// stateOf is the word for how a delegation stands that was not ended.
func stateOf(d identity.Acting, now time.Time) string {
	switch {
	case d.Holds(now):
		return "holds"
	case d.Waits(now):
		return "waits"
	}
	return "not_now"
}

func dayOr(ctx context.Context, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return day(ctx, at)
}

// scope is in what somebody may act, in words.
func (p *Pages) scope(ctx context.Context, codes []string) string {
	if slices.Contains(codes, "*") {
		return t(ctx, "acting.everything")
	}
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = p.matter(ctx, code)
	}
	return strings.Join(out, "; ")
}

// matter is a procedure with its code, as people find it.
func (p *Pages) matter(ctx context.Context, code string) string {
	if p.Matters != nil {
		if name := p.Matters.Called(ctx, code); name != "" {
			return name + " (" + code + ")"
		}
	}
	return code
}

// actingAgain shows the page once more with what went wrong.
func (p *Pages) actingAgain(w http.ResponseWriter, r *http.Request, in identity.SignedIn, err error) error {
	return again(w, r, err, func(faults fault.List) error {
		v, viewErr := p.actingView(r, in)
		if viewErr != nil {
			return viewErr
		}
		v.Errors = faults
		return web.Render(w, r, web.Status(err), actingPage(v))
	})
}

func (p *Pages) actingAccept(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Service.Accept(r.Context(), in, form.Text("offer"), p.browser(w, r)); err != nil {
		return p.actingAgain(w, r, in, err)
	}
	return web.RedirectWith(w, r, actingPath, "identity.page.acting.accepted", nil)
}

// actingEnd withdraws, gives back or declines.
func (p *Pages) actingEnd(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := p.Service.EndDelegation(r.Context(), in, form.Text("offer"), p.browser(w, r)); err != nil {
		return p.actingAgain(w, r, in, err)
	}
	done := "withdrawn"
	if form.Text("do") == "decline" {
		done = "declined"
	}
	return web.RedirectWith(w, r, actingPath, "identity.page.acting."+done, nil)
}

type offerView struct {
	ui.Page
	Whose            []ui.Option // oneself, and organisations that one heads; one alone is not asked
	For              string
	Number, Name     string
	Scope            string // "all", "some"
	Chosen           []string
	Common           []ui.Option
	Codes            string
	Day, Month, Year string
}

func (p *Pages) offerView(r *http.Request, in identity.SignedIn) (offerView, error) {
	ctx := r.Context()
	v := offerView{
		Page:  p.own(r, "acting.offer", in),
		Whose: []ui.Option{{Value: "", Label: t(ctx, "whom.self", map[string]any{"name": in.Account.Value(identity.FieldName)})}},
	}
	v.Back = actingPath
	list, err := p.Service.ActingOf(ctx, in)
	if err != nil {
		return v, err
	}
	now := p.Service.Clock.Now()
	for _, d := range list {
		if d.By == in.Account.ID && d.Ground == identity.AsHead && d.Holds(now) {
			v.Whose = append(v.Whose, ui.Option{Value: d.For, Label: d.ForName, Hint: i18n.T(ctx, d.Ground.Key())})
		}
	}
	if p.Matters != nil {
		for _, code := range p.Matters.Common() {
			v.Common = append(v.Common, ui.Option{Value: code, Label: p.Matters.Called(ctx, code), Hint: code})
		}
	}
	return v, nil
}

func (p *Pages) offer(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if err := p.Service.MayAct(r.Context(), in); err != nil {
		return err
	}
	v, err := p.offerView(r, in)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, offerPage(v))
}

func (p *Pages) offerPost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	o, err := p.offerOf(r.Context(), form)
	if err == nil {
		_, err = p.Service.Offer(r.Context(), in, o, p.browser(w, r))
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v, viewErr := p.offerView(r, in)
			if viewErr != nil {
				return viewErr
			}
			v.For, v.Number, v.Name = form.Text("for"), form.Text("by"), form.Text("name")
			v.Scope, v.Chosen, v.Codes = form.Text("scope"), form.Values("code"), form.Text("codes")
			v.Day, v.Month, v.Year = form.DateParts("until")
			v.Errors = faults
			return web.Render(w, r, web.Status(err), offerPage(v))
		})
	}
	return web.RedirectWith(w, r, actingPath, "identity.page.acting.offered", nil)
}

// offerOf reads an offer. It fails with all that is missing or wrong.
func (p *Pages) offerOf(ctx context.Context, form web.Form) (identity.Offer, error) {
	o := identity.Offer{For: form.Text("for"), Name: form.Text("name")}
	var wrong fault.List
	var err error
	kind := identity.Citizen
	if strings.ContainsFunc(form.Text("by"), unicode.IsLetter) { // of a residence card
		kind = identity.Foreigner
	}
	if o.By, err = identity.ParseHolder(kind, form.Text("by")); err != nil {
		wrong = append(wrong, fault.As(err).At("by"))
	}
	switch form.Text("scope") {
	case "all":
		o.Scope = []string{"*"}
	case "some":
		o.Scope = form.Values("code")
		for _, code := range strings.FieldsFunc(form.Text("codes"), func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
			if p.Matters == nil || p.Matters.Called(ctx, code) == "" {
				wrong = append(wrong, fault.New(fault.Invalid, "identity.page.acting.code.unknown", fault.Args{"code": code}).At("codes"))
				continue
			}
			o.Scope = append(o.Scope, code)
		}
		o.Scope = slices.Compact(slices.Sorted(slices.Values(o.Scope)))
	}
	if on, err := form.Date("until"); err == nil && !on.IsZero() {
		o.Until = on.End().Add(-time.Minute)
	} else if err != nil {
		wrong = append(wrong, fault.As(err))
	}
	for _, f := range web.FormErrors(o.Check(p.Service.Clock.Now())) {
		if !slices.ContainsFunc(wrong, func(had *fault.Error) bool { return had.Field == f.Field }) {
			wrong = append(wrong, f)
		}
	}
	return o, wrong.Err()
}

type childView struct {
	ui.Page
	Number string
}

func (p *Pages) childView(r *http.Request, in identity.SignedIn) childView {
	v := childView{Page: p.own(r, "acting.child", in)}
	v.Back = actingPath
	return v
}

// child is where a parent or guardian asks for a child's account.
func (p *Pages) child(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	if err := p.Service.MayAct(r.Context(), in); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, childPage(p.childView(r, in)))
}

func (p *Pages) childPost(w http.ResponseWriter, r *http.Request, in identity.SignedIn) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	who, err := identity.ParseHolder(identity.Citizen, form.Text("number"))
	if err == nil {
		_, err = p.Service.AskForChild(r.Context(), in, who.Citizen(), p.browser(w, r))
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) error {
			v := p.childView(r, in)
			v.Number, v.Errors = form.Text("number"), fault.List{faults[0].At("number")}
			return web.Render(w, r, web.Status(err), childPage(v))
		})
	}
	return web.RedirectWith(w, r, actingPath, "identity.page.acting.child.done", nil)
}
