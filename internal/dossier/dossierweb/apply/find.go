package apply

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dean06/internal/deadline"
	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// findView is the search, and what was found.
type findView struct {
	ui.Page
	Text  string
	Here  []hit // can be done here
	Other []hit // of the catalogue
	Asked bool
}

type hit struct{ Name, About, Href string }

// mostHits is how many procedures a search shows.
const mostHits = 12

func (p *Pages) find(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := findView{Page: p.page(r, t(ctx, "find.title")), Text: strings.TrimSpace(r.URL.Query().Get("q"))}
	v.Asked = v.Text != ""
	packages, err := p.Service.Packages.All(ctx, clock.DayOf(p.Clock.Now()))
	if err != nil {
		return err
	}
	lang := dossierweb.Lang(ctx)
	here := map[string]hit{}
	for _, pkg := range packages {
		here[pkg.Code] = hit{Name: pkg.Plain.In(lang), About: pkg.Name.In(lang), Href: Find + "/" + pkg.Code}
	}
	if !v.Asked {
		for _, pkg := range packages {
			v.Here = append(v.Here, here[pkg.Code])
		}
		return web.Render(w, r, http.StatusOK, findPage(v))
	}
	catalogue, err := p.Catalogue(ctx)
	if err != nil {
		return err
	}
	for _, found := range catalogue.Search(v.Text, mostHits) {
		if h, ok := here[found.Code]; ok {
			v.Here = append(v.Here, h)
			continue
		}
		v.Other = append(v.Other, hit{Name: found.Name, About: found.Agency.Name, Href: Find + "/" + found.Code})
	}
	return web.Render(w, r, http.StatusOK, findPage(v))
}

// startView is the start page of a procedure.
type startView struct {
	ui.Page
	Code     string
	Package  *procedure.Package // nil: of the catalogue only
	Official string
	Facts    []ui.Fact
	Need     []string
	Limits   []string
	Now      string // what filing now would give
	Fees     []string
	Who      []string
	Channels []string
	Outages  []string
	Closed   string // why nothing can be filed online now
	Bound    bool
	SignedIn bool
	SignIn   string
	As       ui.Field // in whose name
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	return p.startPage(w, r, http.StatusOK, nil, nil)
}

func (p *Pages) startPage(w http.ResponseWriter, r *http.Request, status int, form *web.Form, errs fault.List) error {
	ctx, code := r.Context(), r.PathValue("code")
	now := p.Clock.Now()
	pkg, err := p.Service.Packages.Current(ctx, code, clock.DayOf(now))
	if fault.Of(err) == fault.NotFound {
		return p.elsewhere(w, r, code)
	}
	if err != nil {
		return err
	}
	lang := dossierweb.Lang(ctx)
	who := p.Actor(r)
	v := startView{
		Page: p.page(r, pkg.Plain.In(lang)), Code: code, Package: pkg, Official: pkg.Name.In(lang), SignedIn: !who.Nobody(),
		SignIn: ui.SignInPath + "?next=" + url.QueryEscape(Find+"/"+code),
	}
	v.Errors = errs
	v.As = ui.Field{Name: "as", Label: t(ctx, "whom.as"), Options: dossierweb.AsOptions(ctx, pkg), Errors: errs}
	if who.For != nil { // settled at the sign-in
		v.As.Options = []ui.Option{{Value: dossierweb.ForOther, Label: t(ctx, "whom.as.acting", map[string]any{"name": who.For.Name})}}
	}
	if v.As.Value = v.As.Options[0].Value; form != nil {
		v.As.Value = form.Text("as")
	}
	for _, n := range pkg.Need {
		v.Need = append(v.Need, n.In(lang))
	}
	for _, l := range pkg.Limits {
		v.Limits = append(v.Limits, cmp.Or(l.Name.In(lang), limitText(ctx, l.Rule)))
	}
	v.Now = p.promise(ctx, pkg, now)
	for _, f := range pkg.Fees {
		v.Fees = append(v.Fees, feeText(ctx, f, lang))
	}
	for _, a := range pkg.Who {
		text := t(ctx, "who."+a.Kind)
		if note := a.Note.In(lang); note != "" {
			text += ": " + note
		}
		v.Who = append(v.Who, text)
	}
	for _, c := range pkg.Channels {
		text := i18n.T(ctx, "dossier.channel."+c)
		if c == string(dossier.Online) && pkg.Level.Number() > 1 {
			text += " " + t(ctx, "start.channels.level", map[string]any{"level": pkg.Level.Number()})
		}
		v.Channels = append(v.Channels, text)
	}
	for _, o := range p.Service.Outages() {
		v.Outages = append(v.Outages, t(ctx, "start.outage", map[string]any{
			"from": dossierweb.Long(ctx, o.From), "to": dossierweb.Long(ctx, o.To), "why": o.Text.In(lang),
		}))
		if !now.Before(o.From) && now.Before(o.To) {
			v.Closed = t(ctx, "start.away", map[string]any{"to": dossierweb.Long(ctx, o.To)})
		}
	}
	if !slices.Contains(pkg.Channels, string(dossier.Online)) || !p.Service.Settings.Online {
		v.Closed = i18n.T(ctx, "dossier.online.off")
	}
	return web.Render(w, r, status, startPage(v))
}

// elsewhere is a procedure of the catalogue that cannot be done here.
func (p *Pages) elsewhere(w http.ResponseWriter, r *http.Request, code string) error {
	ctx := r.Context()
	catalogue, err := p.Catalogue(ctx)
	if err != nil {
		return err
	}
	entry, ok := catalogue.At(code)
	if !ok {
		return fault.New(fault.NotFound, "apply.find.unknown", nil)
	}
	v := startView{Page: p.page(r, entry.Name), Code: entry.Code}
	v.Facts = []ui.Fact{{Key: t(ctx, "start.agency"), Value: entry.Agency.Name}, {Key: t(ctx, "start.code"), Value: entry.Code}}
	return web.Render(w, r, http.StatusOK, elsewherePage(v))
}

// promise is by when the result of what is filed now would be there.
func (p *Pages) promise(ctx context.Context, pkg *procedure.Package, now time.Time) string {
	i := slices.IndexFunc(pkg.Limits, func(l procedure.Limit) bool { return l.When == nil })
	if i < 0 {
		return ""
	}
	due, provisional, err := p.Service.Deadline.Due(dossier.Dossier{ReceivedAt: now, Rule: pkg.Limits[i].Rule})
	if err != nil || due.IsZero() {
		return ""
	}
	key := "start.now"
	if provisional {
		key = "start.now_provisional"
	}
	return t(ctx, key, map[string]any{"at": dossierweb.Long(ctx, due)})
}

// limitText is a time limit in words.
func limitText(ctx context.Context, r deadline.Rule) string {
	if r.SameDay {
		cutoff := r.Cutoff
		if cutoff == "" {
			cutoff = "15:00"
		}
		return t(ctx, "limit.same_day", map[string]any{"cutoff": cutoff})
	}
	return t(ctx, "limit."+string(r.Limit.Unit), map[string]any{"n": r.Limit.Value})
}

// feeText is a fee in words: what is not known is said so, never zero.
func feeText(ctx context.Context, f procedure.Fee, lang string) string {
	args := map[string]any{"name": f.Name.In(lang)}
	key := "fee.unknown"
	switch {
	case f.Amount != nil && *f.Amount == 0:
		key = "fee.free"
	case f.Amount != nil:
		key, args["amount"] = "fee.amount", i18n.From(ctx).Int(*f.Amount)
		if f.Per != "" {
			key = "fee.each"
		}
	}
	text := t(ctx, key, args)
	var exempt []string
	for _, e := range f.Exempt {
		exempt = append(exempt, e.Name.In(lang))
	}
	if len(exempt) > 0 {
		text += ". " + t(ctx, "fee.exempt", map[string]any{"who": strings.Join(exempt, "; ")})
	}
	return text
}

// startPost begins a draft, filled from the register where that may be.
func (p *Pages) startPost(w http.ResponseWriter, r *http.Request) error {
	if err := dossier.Permissions.CanOwn(p.Actor(r), dossier.Fill, true); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, as := r.Context(), form.Text("as")
	if as == "" {
		errs := fault.List{fault.New(fault.Invalid, "apply.whom.choose", nil).At("as")}
		return p.startPage(w, r, http.StatusUnprocessableEntity, &form, errs)
	}
	start := dossier.Starting{Procedure: r.PathValue("code"), Channel: dossier.Online, Applicant: dossier.Party{Kind: as}}
	if as == dossierweb.ForOther {
		start.Applicant.Kind, start.For = "", &dossier.Party{} // who that is comes next
	}
	d, err := p.Service.Start(ctx, p.Actor(r), start)
	if errs := web.FormErrors(err); len(errs) > 0 {
		return p.startPage(w, r, web.Status(errs), &form, errs)
	}
	if err != nil {
		return err
	}
	d, err = p.prefilled(r, d)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, at(d.ID, ""))
}

// prefilled asks the register for what the form needs now; without proof of who somebody is,
// or while the register is away, the form goes on without.
func (p *Pages) prefilled(r *http.Request, d dossier.Draft) (dossier.Draft, error) {
	if d.Supplies != "" {
		return d, nil
	}
	filled, _, err := p.Service.Prefill(r.Context(), p.Actor(r), d.ID)
	if err == nil {
		return filled, nil
	}
	if f := fault.As(err); f != nil && (f.Kind == fault.Denied || f.Kind == fault.Unavailable || errors.Is(err, context.DeadlineExceeded)) {
		return d, nil
	}
	return d, err
}
