package procedureweb

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/procedure"
)

// PackagesPath is the page of the packages.
const PackagesPath = "/packages"

const draftsPath = PackagesPath + "/drafts"

// DraftHref is the page of a package that was brought.
func DraftHref(id string) string { return draftsPath + "/" + url.PathEscape(id) }

func packageHref(p *procedure.Package) string {
	return PackagesPath + "/" + url.PathEscape(p.Code) + "/" + url.PathEscape(p.Version)
}

func (p *Pages) packageRoutes() []web.Route {
	const read, keep = "procedure.read_packages", "procedure.keep_packages"
	return []web.Route{
		{Pattern: "GET " + PackagesPath, Handler: p.packages, May: read},
		{Pattern: "POST " + PackagesPath, Handler: p.bringPost, May: keep, MaxBody: procedure.MaxPackage + 1<<20},
		{Pattern: "GET " + draftsPath + "/{id}", Handler: p.draft, May: read},
		{Pattern: "POST " + draftsPath + "/{id}/ask", Handler: p.askPost, May: keep},
		{Pattern: "GET " + PackagesPath + "/{code}/{version}", Handler: p.onePackage, May: read},
	}
}

type packagesView struct {
	ui.Page
	InForce, Drafts ui.Table
	MayKeep         bool
}

func (p *Pages) packages(w http.ResponseWriter, r *http.Request) error {
	v, err := p.packagesView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, packagesPage(v))
}

func (p *Pages) packagesView(r *http.Request) (packagesView, error) {
	ctx, pr := r.Context(), i18n.From(r.Context())
	who := actor.From(ctx)
	v := packagesView{Page: p.Frame(r).Page(pr.T("procedureweb.packages")), MayKeep: procedure.Permissions.Can(who, procedure.KeepPackages) == nil}
	drafts, err := p.Shelf.Drafts(ctx, who)
	if err != nil {
		return v, err
	}
	all, err := p.Shelf.All(ctx, clock.DayOf(p.Clock.Now()))
	if err != nil {
		return v, err
	}
	v.InForce = ui.Table{ID: "in-force", Caption: pr.T("procedureweb.packages.in_force"), Quiet: true, Stack: true, Columns: columns(pr,
		"procedureweb.procedure.name", "procedureweb.procedure.code", "procedureweb.package.version", "procedureweb.package.from")}
	for _, q := range all {
		v.InForce.Rows = append(v.InForce.Rows, ui.Row{Cells: []ui.Cell{
			{Text: q.Name.In(string(pr.Lang)), Href: packageHref(q)}, {Text: q.Code}, {Text: q.Version}, {Text: pr.Date(q.From)},
		}})
	}
	v.Drafts = ui.Table{
		ID: "drafts", Caption: pr.T("procedureweb.packages.brought"), Quiet: true, Stack: true, Empty: ui.Empty(pr.T("procedureweb.packages.none"), ui.Link{}),
		Columns: columns(pr, "procedureweb.procedure.code", "procedureweb.package.version", "procedureweb.package.from", "procedureweb.package.brought",
			"procedureweb.edition.state"),
	}
	for _, d := range drafts {
		v.Drafts.Rows = append(v.Drafts.Rows, ui.Row{Cells: []ui.Cell{
			{Text: orNotSaid(pr, d.Code), Href: DraftHref(d.ID)},
			{Text: orNotSaid(pr, d.Version)},
			{Text: day(pr, d.From)},
			{Text: p.brought(r, d)},
			{Body: stateTag(pr, d)},
		}})
	}
	return v, nil
}

func orNotSaid(pr *i18n.Printer, text string) string {
	if text == "" {
		return pr.T("procedureweb.package.not_said")
	}
	return text
}

func day(pr *i18n.Printer, d clock.Date) string {
	if d.IsZero() {
		return pr.T("procedureweb.package.not_said")
	}
	return pr.Date(d)
}

func (p *Pages) brought(r *http.Request, d procedure.Draft) string {
	pr := i18n.From(r.Context())
	return pr.T("procedureweb.edition.by", map[string]any{"time": pr.Time(d.At), "who": p.Names.NameOf(r.Context(), d.By, d.At)})
}

func (p *Pages) bringPost(w http.ResponseWriter, r *http.Request) error {
	who := actor.From(r.Context())
	if err := procedure.Permissions.Can(who, procedure.KeepPackages); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	d, err := p.takePackage(r, form, who)
	if faults := web.FormErrors(err); faults != nil {
		status := web.Status(err)
		v, err := p.packagesView(r)
		if err != nil {
			return err
		}
		v.Errors = faults
		return web.Render(w, r, status, packagesPage(v))
	}
	if err != nil {
		return err
	}
	return web.RedirectWith(w, r, DraftHref(d.ID), "procedureweb.package.brought.done", nil)
}

func (p *Pages) takePackage(r *http.Request, form web.Form, who actor.Actor) (procedure.Draft, error) {
	files := form.Files("file")
	if len(files) == 0 {
		return procedure.Draft{}, fault.New(fault.Invalid, "procedureweb.package.no_file", nil).At("file")
	}
	f, err := files[0].Open()
	if err != nil {
		return procedure.Draft{}, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, procedure.MaxPackage+1))
	if err != nil {
		return procedure.Draft{}, err
	}
	return p.Shelf.Bring(r.Context(), who, raw)
}

type draftView struct {
	ui.Page
	Facts   []ui.Fact
	Wrong   ui.Table
	Asked   string
	Ask     string // where to ask; "" when one may not, or cannot yet
	Reason  string
	Package *packageParts
}

func (p *Pages) draft(w http.ResponseWriter, r *http.Request) error {
	v, err := p.draftView(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, draftPage(v))
}

func (p *Pages) draftView(r *http.Request) (draftView, error) {
	ctx, pr := r.Context(), i18n.From(r.Context())
	who := actor.From(ctx)
	look, err := p.Shelf.Look(ctx, who, r.PathValue("id"))
	if err != nil {
		return draftView{}, err
	}
	v := draftView{
		Page:  p.Frame(r).Page(pr.T("procedureweb.package.title", map[string]any{"code": orNotSaid(pr, look.Code), "version": orNotSaid(pr, look.Version)})),
		Asked: look.Asked,
	}
	v.Crumbs = []ui.Link{{Label: pr.T("procedureweb.packages"), Href: PackagesPath}}
	v.Facts = []ui.Fact{
		{Key: pr.T("procedureweb.edition.state"), Body: stateTag(pr, look.Draft)},
		{Key: pr.T("procedureweb.package.from"), Value: day(pr, look.From)},
		{Key: pr.T("procedureweb.package.brought"), Value: p.brought(r, look.Draft)},
		{Key: pr.T("procedureweb.edition.hash"), Value: look.Hash},
	}
	if look.Signed() {
		v.Facts = append(v.Facts, ui.Fact{Key: pr.T("procedureweb.package.signed"), Value: pr.T("procedureweb.edition.by", map[string]any{
			"time": pr.Time(look.SignedAt), "who": p.Names.NameOf(ctx, look.SignedBy, look.SignedAt),
		})})
	}
	v.Wrong = ui.Table{ID: "faults", Caption: pr.T("procedureweb.package.faults"), Quiet: true, Stack: true, Columns: columns(pr,
		"procedureweb.package.file", "procedureweb.report.line", "procedureweb.package.what")}
	for _, f := range look.Wrong {
		v.Wrong.Rows = append(v.Wrong.Rows, ui.Row{Cells: []ui.Cell{{Text: f.File}, {Text: strconv.Itoa(f.Line)}, {Text: f.In(pr)}}})
	}
	if !look.Signed() && look.Asked == "" && len(look.Wrong) == 0 && procedure.Permissions.Can(who, procedure.KeepPackages) == nil {
		v.Ask = DraftHref(look.ID) + "/ask"
	}
	if look.Package != nil {
		v.Package = partsOf(pr, look.Package)
	}
	return v, nil
}

func (p *Pages) askPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = p.Shelf.Ask(r.Context(), actor.From(r.Context()), id, form.Text("reason"))
	if faults := web.FormErrors(err); faults != nil {
		status := web.Status(err)
		v, err := p.draftView(r)
		if err != nil {
			return err
		}
		v.Errors, v.Reason = faults, form.Text("reason")
		return web.Render(w, r, status, draftPage(v))
	}
	if err != nil {
		return err
	}
	return web.RedirectWith(w, r, DraftHref(id), "procedureweb.package.asked.done", nil)
}

type packageView struct {
	ui.Page
	Lead    string
	Facts   []ui.Fact
	Package *packageParts
}

func (p *Pages) onePackage(w http.ResponseWriter, r *http.Request) error {
	ctx, pr := r.Context(), i18n.From(r.Context())
	if err := procedure.Permissions.Can(actor.From(ctx), procedure.ReadPackages); err != nil {
		return err
	}
	q, err := p.Shelf.Version(ctx, r.PathValue("code"), r.PathValue("version"))
	if err != nil {
		return err
	}
	lang := string(pr.Lang)
	v := packageView{Page: p.Frame(r).Page(q.Name.In(lang)), Lead: q.Code, Package: partsOf(pr, q)}
	v.Crumbs = []ui.Link{{Label: pr.T("procedureweb.packages"), Href: PackagesPath}}
	cover := q.Coverage()
	v.Facts = []ui.Fact{
		{Key: pr.T("procedureweb.package.plain"), Value: q.Plain.In(lang)},
		{Key: pr.T("procedureweb.package.version"), Value: q.Version},
		{Key: pr.T("procedureweb.package.from"), Value: pr.Date(q.From)},
		{Key: pr.T("procedureweb.package.channels"), Value: words(pr, "procedureweb.channel.", q.Channels)},
		{Key: pr.T("procedureweb.package.level"), Value: strconv.Itoa(q.Level.Number())},
		{Key: pr.T("procedureweb.package.competent"), Value: pr.T("procedureweb.competent." + q.Competent.Kind + "." + q.Competent.Level)},
		{Key: pr.T("procedureweb.package.covered"), Value: pr.T("procedureweb.package.coverage", map[string]any{
			"fields": cover.Fields, "register": cover.InRegister, "bound": cover.Bound,
		})},
	}
	return web.Render(w, r, http.StatusOK, packagePage(v))
}

func words(pr *i18n.Printer, prefix string, codes []string) string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = pr.T(prefix + c)
	}
	return strings.Join(out, ", ")
}

func length(pr *i18n.Printer, l deadline.Limit) string {
	return pr.T("procedureweb.length."+string(l.Unit), map[string]any{"n": l.Value})
}

func inLang(pr *i18n.Printer, t eform.Text) string { return t.In(string(pr.Lang)) }
