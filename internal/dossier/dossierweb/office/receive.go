package office

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/spelling"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// receivePath is where an officer fills in a form with a citizen at the desk.
const receivePath = Path + "/receive"

// maxScans bounds a form with scans that are sent without a script.
const maxScans = 64 << 20

func filled(id, rest string) string { return receivePath + "/" + url.PathEscape(id) + rest }

// deskRoutes are the addresses of reception.
func (p *Pages) deskRoutes() []web.Route {
	const (
		one  = receivePath + "/{id}"
		fill = "dossier.fill"
	)
	return []web.Route{
		{Pattern: "GET " + receivePath, Handler: p.receive, May: fill},
		{Pattern: "POST " + receivePath, Handler: p.receivePost, May: fill},
		{Pattern: "GET " + one, Handler: p.filling, May: fill},
		{Pattern: "POST " + one, Handler: p.fillingPost, MaxBody: maxScans, May: fill},
		{Pattern: "GET " + one + "/papers/{file}", Handler: p.scan, May: fill},
		{Pattern: "POST " + one + "/discard", Handler: p.discard, May: fill},
		{Pattern: "GET " + one + "/read", Handler: p.reading, May: fill},
		{Pattern: "POST " + one + "/read", Handler: p.readingPost, May: "dossier.submit"},
		{Pattern: "GET " + one + "/done", Handler: p.received, May: fill},
		{Pattern: "GET " + one + "/account", Handler: p.account, May: "dossier.open_account"},
		{Pattern: "POST " + one + "/account", Handler: p.accountPost, May: "dossier.open_account"},
		{Pattern: "POST " + Path + "/dossiers/{code}/supply", Handler: p.supply, May: "dossier.supply"},
	}
}

// receiveView is where reception begins.
type receiveView struct {
	ui.Page
	Search    string
	Procedure ui.Field
	Channel   ui.Field
	Open      ui.Table // forms that were not sent
}

func (p *Pages) receive(w http.ResponseWriter, r *http.Request) error {
	return p.receiveOf(w, r, http.StatusOK, nil, nil)
}

func (p *Pages) receiveOf(w http.ResponseWriter, r *http.Request, status int, form *web.Form, errs fault.List) error {
	ctx := r.Context()
	v := receiveView{Page: p.page(r, t(ctx, "receive.title")), Search: r.URL.Query().Get("q")}
	v.Errors = errs
	v.Procedure = ui.Field{Name: "procedure", Label: t(ctx, "receive.procedure"), Errors: errs, Small: true}
	v.Channel = ui.Field{Name: "channel", Label: t(ctx, "receive.channel"), Errors: errs, Inline: true, Small: true, Value: string(dossier.AtDesk)}
	for _, c := range []dossier.Channel{dossier.AtDesk, dossier.ByPost} {
		v.Channel.Options = append(v.Channel.Options, ui.Option{Value: string(c), Label: i18n.T(ctx, "dossier.channel."+string(c))})
	}
	all, err := p.Service.Packages.All(ctx, clock.DayOf(p.Clock.Now()))
	if err != nil {
		return err
	}
	lang := dossierweb.Lang(ctx)
	for _, pkg := range all {
		if !fits(pkg, v.Search) {
			continue
		}
		v.Procedure.Options = append(v.Procedure.Options, ui.Option{Value: pkg.Code, Label: pkg.Plain.In(lang), Hint: hint(ctx, pkg)})
	}
	if len(v.Procedure.Options) == 1 {
		v.Procedure.Value = v.Procedure.Options[0].Value
	}
	if form != nil {
		v.Procedure.Value, v.Channel.Value = form.Text("procedure"), form.Text("channel")
	}
	if v.Open, err = p.open(r); err != nil {
		return err
	}
	return web.Render(w, r, status, receivePage(v))
}

// hint names a procedure, and by which ways it may be handed in where those are not all that a
// desk has.
func hint(ctx context.Context, pkg *procedure.Package) string {
	out := pkg.Name.In(dossierweb.Lang(ctx)) + " (" + pkg.Code + ")"
	var ways []string
	for _, c := range pkg.Channels {
		ways = append(ways, i18n.T(ctx, "dossier.channel."+c))
	}
	if slices.Contains(pkg.Channels, string(dossier.AtDesk)) && slices.Contains(pkg.Channels, string(dossier.ByPost)) {
		return out
	}
	return out + " – " + t(ctx, "receive.ways", map[string]any{"ways": strings.Join(ways, ", ")})
}

// fits says that a procedure is meant by words, however they are typed.
func fits(pkg *procedure.Package, words string) bool {
	text := spelling.Unaccent(strings.Join([]string{pkg.Code, pkg.Name.Vi, pkg.Plain.Vi, pkg.Name.En, pkg.Plain.En}, " "))
	for _, word := range strings.Fields(spelling.Unaccent(words)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// open are the forms that this officer began and did not send.
func (p *Pages) open(r *http.Request) (ui.Table, error) {
	ctx := r.Context()
	out := ui.Table{ID: "open", Caption: t(ctx, "receive.open"), Stack: true, Columns: []ui.Column{
		{Label: t(ctx, "list.procedure")}, {Label: t(ctx, "list.applicant")}, {Label: t(ctx, "receive.changed")},
	}}
	drafts, err := p.Service.Drafts(ctx, p.Actor(r))
	if err != nil {
		return out, err
	}
	for i := range drafts {
		d := &drafts[i]
		if !d.Assisted || d.Sent != "" {
			continue
		}
		name := d.Applicant.Called()
		if name == "" {
			name = t(ctx, "receive.nobody")
		}
		name = dossierweb.ApplicantOf(ctx, dossier.Head{Applicant: name, For: d.For.Called()})
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{
			{Text: p.procedureName(ctx, dossier.Head{Procedure: d.Procedure, Package: d.Package}), Href: filled(d.ID, "")},
			{Text: name},
			{Text: dossierweb.Moment(ctx, d.ChangedAt)},
		}})
	}
	return out, nil
}

func (p *Pages) receivePost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if form.Text("procedure") == "" {
		return p.receiveOf(w, r, http.StatusUnprocessableEntity, &form, fault.List{fault.New(fault.Invalid, "desk.receive.choose", nil).At("procedure")})
	}
	d, err := p.Service.Start(r.Context(), p.Actor(r), dossier.Starting{
		Procedure: form.Text("procedure"), Channel: dossier.Channel(form.Text("channel")),
	})
	if errs := web.FormErrors(err); len(errs) > 0 {
		return p.receiveOf(w, r, web.Status(errs), &form, errs)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, filled(d.ID, ""))
}

// supply begins the supplement of a dossier with the citizen at the desk.
func (p *Pages) supply(w http.ResponseWriter, r *http.Request) error {
	d, err := p.Service.StartSupply(r.Context(), p.Actor(r), r.PathValue("code"))
	if err != nil {
		return err
	}
	return web.Redirect(w, r, filled(d.ID, ""))
}

func (p *Pages) discard(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.Discard(r.Context(), p.Actor(r), r.PathValue("id")); err != nil {
		return err
	}
	return web.RedirectWith(w, r, receivePath, "desk.receive.discarded", nil)
}

func (p *Pages) scan(w http.ResponseWriter, r *http.Request) error {
	m, f, err := p.Service.OpenDraftPaper(r.Context(), p.Actor(r), r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	defer f.Close()
	return web.SendPaper(w, f, m.Type, m.Name)
}

// fillView is the whole form on one page.
type fillView struct {
	ui.Page
	ID, Plain string
	Version   int
	Supplies  bool
	Asked     []string // of a supplement: what was asked
	Who       []ui.Fact
	As        ui.Field // in whose name
	Matched   bool
	Account   bool // one may be opened
	Card      ui.Field
	ByHand    []ui.Field // what stands on a card without a code
	Typed     bool       // … and was typed
	Case      ui.Field
	Agency    ui.Field
	Sections  []eformweb.Section
	Repeats   []repeatView
	Papers    []scanView
	Contact   []ui.Field
}

// repeatView is a section that is answered several times.
type repeatView struct {
	ID, Title, One string
	Rows           []eformweb.RowLine
	Full, Open     bool // Open: nobody has said yet that these are all
}

// scanView is a paper that is needed, what meets it, and how it is brought.
type scanView struct {
	ID, Name, Hint, Or string
	Asked, ByDesk      bool
	Met                []scanned
	Field, Show        ui.Field
}

type scanned struct {
	How, Name, Href string
	Remove          string // which can be taken away; "" when the state has it
	Warnings        []string
}

// load reads a form that is being filled in.
func (p *Pages) load(r *http.Request) (dossier.Filling, error) {
	f, err := p.Service.Draft(r.Context(), p.Actor(r), r.PathValue("id"))
	if err == nil && !f.Draft.Assisted {
		err = fault.New(fault.NotFound, "dossier.draft.unknown", nil)
	}
	return f, err
}

func (p *Pages) filling(w http.ResponseWriter, r *http.Request) error {
	f, err := p.load(r)
	if err != nil {
		return err
	}
	if f.Draft.Sent != "" {
		return web.Redirect(w, r, filled(f.Draft.ID, "/done"))
	}
	return web.Render(w, r, http.StatusOK, fillPage(p.fillView(r, f, nil, nil)))
}

// asks says whether something is asked in this form: of a supplement, only what was.
func asks(f dossier.Filling, field, paper string) bool {
	if f.Draft.Supplies == "" {
		return true
	}
	return slices.ContainsFunc(f.Asked, func(a dossier.Asked) bool { return field != "" && a.Field == field || paper != "" && a.Paper == paper })
}

func (p *Pages) fillView(r *http.Request, f dossier.Filling, form *web.Form, errs fault.List) fillView {
	ctx, d, lang := r.Context(), f.Draft, dossierweb.Lang(r.Context())
	v := fillView{
		Page: p.page(r, t(ctx, "receive.fill")), ID: d.ID, Version: d.Version, Plain: f.Package.Plain.In(lang), Supplies: d.Supplies != "",
		Matched: d.Applicant.Number != "", Account: d.Applicant.Number != "" && d.Applicant.Account == "",
	}
	v.Crumbs = []ui.Link{{Label: t(ctx, "receive.title"), Href: receivePath}}
	for _, a := range f.Asked {
		v.Asked = append(v.Asked, dossierweb.Joined(dossierweb.About(ctx, f.Package, a), dossierweb.ReasonText(ctx, f.Package, a.Reason), a.Note))
	}
	text := func(name, was string) string {
		if form != nil {
			return form.Text(name)
		}
		return was
	}
	field := func(name, key string, width int, was string) ui.Field {
		return ui.Field{Name: name, Label: t(ctx, key), Width: width, Autocomplete: "off", Errors: errs, Value: text(name, was)}
	}
	v.who(ctx, d)
	v.as(ctx, f, field, text)
	v.Card = field("card", "receive.card", 0, "")
	v.Card.Hint = t(ctx, "receive.card.hint")
	number := field("card-number", "receive.card.number", 20, "")
	number.InputMode = "numeric"
	birth := field("card-birth", "receive.card.birth", 10, "")
	birth.Hint = t(ctx, "receive.card.birth.hint")
	v.ByHand = []ui.Field{number, field("card-name", "receive.card.name", 30, ""), birth}
	for _, b := range v.ByHand {
		v.Typed = v.Typed || b.Value != ""
	}
	v.cases(ctx, f, text("case", d.Case), errs)
	v.Agency = ui.Field{Name: "competent", Label: t(ctx, "receive.agency"), Errors: errs, Small: true, Value: text("competent", d.Competent)}
	if len(f.Deciders) > 1 {
		for _, a := range f.Deciders {
			v.Agency.Options = append(v.Agency.Options, ui.Option{Value: a.Agency, Label: a.Name, Hint: dossierweb.FieldName(ctx, f.Package, a.By)})
		}
	}
	v.Contact = []ui.Field{field("phone", "receive.phone", 20, d.Applicant.Phone), field("email", "receive.email", 30, d.Applicant.Email)}
	v.Contact[0].Type, v.Contact[1].Type = "tel", "email"
	var posted eformweb.Posted
	if form != nil {
		posted = *form
	}
	facts := p.Service.Facts(d)
	for _, s := range eformweb.SectionsOf(ctx, &f.Package.Form, d.Answers, facts, posted, errs, ownerName(ctx)) {
		if s = shown(f, s); len(s.Asks) > 0 {
			v.Sections = append(v.Sections, s)
		}
	}
	for _, page := range f.Package.Form.Pages(d.Answers, facts) {
		if page.Kind == eform.PageRepeat && d.Supplies == "" {
			rows := eformweb.RowsOf(ctx, &f.Package.Form, page.Section, d.Answers, facts, nil)
			v.Repeats = append(v.Repeats, repeatView{
				ID: page.Section.ID, Title: page.Section.Title.In(lang), One: page.Section.Repeat.One.In(lang), Rows: rows.Lines, Full: rows.Full, Open: !page.Done,
			})
		}
	}
	for _, n := range f.Needs {
		if asks(f, "", n.Paper.ID) {
			v.Papers = append(v.Papers, p.scanView(ctx, f, n, errs))
		}
	}
	v.Errors = errs
	return v
}

// shown leaves of a section what is asked here, and what is known already.
func shown(f dossier.Filling, s eformweb.Section) eformweb.Section {
	out := eformweb.Section{Group: s.Group}
	out.Group.Lines = nil
	for i, a := range s.Asks {
		q := a.Asked
		if q.Question.FilledBy != "" && !q.Given() || !asks(f, q.Path, "") || q.Question.Kind == eform.KindFile {
			continue
		}
		out.Asks, out.Group.Lines = append(out.Asks, a), append(out.Group.Lines, s.Group.Lines[i])
	}
	return out
}

// ownerName names whose facts something is, in words.
func ownerName(ctx context.Context) func(string) string {
	return func(owner string) string {
		if m, ok := procedure.Meanings().Owner(owner); ok {
			return strings.ToLower(m.Name.In(dossierweb.Lang(ctx)))
		}
		return owner
	}
}

// who are the facts of the applicant.
func (v *fillView) who(ctx context.Context, d dossier.Draft) {
	name, state := d.Applicant.Name, ui.StatusText(ui.NotMet, t(ctx, "receive.unmatched"))
	if name == "" {
		name = t(ctx, "receive.nobody")
	}
	if v.Matched {
		state = ui.StatusText(ui.Met, t(ctx, "receive.matched"))
	}
	shown := d.Applicant
	shown.Name = name
	v.Who = dossierweb.Parties(ctx, shown, d.For, true)
	if v.Matched {
		v.Who = append(v.Who, ui.Fact{Key: t(ctx, "receive.card.number"), Value: d.Applicant.Number})
	}
	v.Who = append(v.Who, ui.Fact{Key: t(ctx, "receive.card"), Body: state})
	if d.Applicant.Account != "" {
		v.Who = append(v.Who, ui.Fact{Key: t(ctx, "account.one"), Value: t(ctx, "account.bound")})
	}
}

// as asks in whose name it is filed: what more is asked of an organisation, or of another
// person, stands under it.
func (v *fillView) as(
	ctx context.Context, f dossier.Filling, field func(name, key string, width int, was string) ui.Field, text func(name, was string) string,
) {
	d := f.Draft
	was := func(p *dossier.Party) dossier.Organisation {
		if p == nil || p.Organisation == nil {
			return dossier.Organisation{}
		}
		return *p.Organisation
	}
	other := d.For
	if other == nil {
		other = &dossier.Party{}
	}
	v.As = field("as", "receive.as", 0, dossierweb.AsOf(d))
	v.As.Small, v.As.Options = true, dossierweb.DeskOptions(ctx, f.Package)
	for i, o := range v.As.Options {
		switch {
		case dossierweb.Organised(o.Value):
			own := was(&d.Applicant)
			v.As.Options[i].Reveal = revealed([]ui.Field{
				field("organisation.name", "receive.organisation", 30, own.Name), field("organisation.code", "receive.code", 20, own.Code),
			})
		case o.Value == dossierweb.ForOther:
			theirs := was(other)
			number := field("for.number", "receive.for.number", 20, other.Said())
			number.InputMode = "numeric"
			all := []ui.Field{field("for.name", "receive.for.name", 30, cmp.Or(other.Name, theirs.Name)), number}
			if kinds := dossierweb.KindOptions(ctx, f.Package); len(kinds) > 0 {
				kind := ui.Field{Name: "for.kind", Label: t(ctx, "receive.for.kind"), Small: true, Options: kinds, Errors: v.As.Errors}
				kind.Value = text("for.kind", cmp.Or(other.Kind, kinds[0].Value))
				all = append([]ui.Field{kind}, all...)
				if slices.ContainsFunc(kinds, func(o ui.Option) bool { return dossierweb.Organised(o.Value) }) {
					all = append(all, field("for.code", "receive.for.code", 20, theirs.Code))
				}
			}
			v.As.Options[i].Reveal = revealed(all)
		}
	}
}

// cases lets the case be chosen where no answer decides it.
func (v *fillView) cases(ctx context.Context, f dossier.Filling, value string, errs fault.List) {
	v.Case = ui.Field{Name: "case", Label: t(ctx, "receive.case"), Errors: errs, Small: true, Value: value}
	free := slices.ContainsFunc(f.Package.Cases, func(c procedure.Case) bool { return !c.Adds && c.When == nil })
	if !free || f.Draft.Supplies != "" {
		return
	}
	for _, c := range f.Package.Cases {
		if !c.Adds {
			v.Case.Options = append(v.Case.Options, ui.Option{Value: c.ID, Label: c.Name.In(dossierweb.Lang(ctx))})
		}
	}
}

func (p *Pages) scanView(ctx context.Context, f dossier.Filling, n dossier.Need, errs fault.List) scanView {
	lang := dossierweb.Lang(ctx)
	one := scanView{ID: n.Paper.ID, Name: n.Paper.Name.In(lang), Hint: n.Paper.Hint.In(lang), Asked: n.Asked, ByDesk: n.Paper.Shown}
	for _, m := range n.Met {
		met := scanned{How: dossierweb.How(ctx, m), Name: m.Name}
		if m.File != "" && m.How != dossier.ByDossier {
			met.Href = filled(f.Draft.ID, "/papers/"+m.File)
		}
		if m.How == dossier.ByScan || m.How == dossier.ByUpload || m.How == dossier.ByShowing {
			met.Remove = n.Paper.ID + " " + m.File
		}
		for _, warning := range m.Warnings {
			met.Warnings = append(met.Warnings, i18n.T(ctx, upload.Warning(warning).Key()))
		}
		one.Met = append(one.Met, met)
	}
	if f.Draft.Supplies != "" {
		one.Asked = true
	}
	var or []string
	for _, id := range n.Paper.OneOf {
		or = append(or, strings.ToLower(dossierweb.PaperName(ctx, f.Package, id)))
	}
	if len(or) > 0 && n.Asked {
		one.Or = t(ctx, "receive.or", map[string]any{"papers": strings.Join(or, ", ")})
	}
	name := "paper-" + n.Paper.ID
	one.Field = ui.Field{
		Name: name, Label: t(ctx, "receive.scan"), Accept: upload.Papers.Accept(), Multiple: true, Errors: errs.Moved("papers."+n.Paper.ID, name),
	}
	if p.Attrs != nil {
		one.Field.Attrs = p.Attrs(i18n.From(ctx), dossierweb.UploadFor(f.Draft.ID, n.Paper.ID), upload.Papers)
	}
	if n.Paper.Shown && len(n.Met) == 0 {
		one.Show = ui.Field{Name: "show-" + n.Paper.ID, Small: true, Options: []ui.Option{{Value: "yes", Label: t(ctx, "receive.show")}}}
	}
	return one
}
