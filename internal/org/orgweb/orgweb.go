// Package orgweb is the pages of the agencies and administrative units through
// time: what there was on a day, what became of it, and the changes that an
// administrator records. What a change may do is decided in org.
package orgweb

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"

	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Store is the register; orgsql keeps it in a database.
type Store interface {
	Counts(ctx context.Context, m org.Moment) (org.Counts, error)
	Unit(ctx context.Context, code string, m org.Moment) (org.Version, error)
	Units(ctx context.Context, m org.Moment, levels ...org.Level) ([]org.Version, error)
	Children(ctx context.Context, code string, m org.Moment) ([]org.Version, error)
	SearchUnits(ctx context.Context, text string, m org.Moment, limit int) ([]org.Version, error)
	Lineage(ctx context.Context, code string, from, to clock.Date) (org.Lineage, error)
	History(ctx context.Context, id string) ([]org.Recorded, error)
	Events(ctx context.Context, before string, limit int) ([]org.Event, error)
	Event(ctx context.Context, id string) (org.Event, error)
	Preview(ctx context.Context, e org.Edit) (org.Change, error)
	Apply(ctx context.Context, e org.Edit) (org.Event, error)
}

// Shell is what the pages need from the node around them.
type Shell struct {
	Store     Store
	Directory func() *org.Directory // as known now
	Clock     clock.Clock
	Frame     web.FrameFunc
	// Editors are the roles that may record changes; everybody who is signed in
	// may read.
	Editors []string
	// OnChange takes a change into what the node holds in memory.
	OnChange func(context.Context) error
}

// Pages are the pages.
type Pages struct{ Shell }

// New makes the pages.
func New(shell Shell) *Pages { return &Pages{shell} }

const (
	homePath     = "/org"
	agenciesPath = "/org/agencies"
	unitsPath    = "/org/units"
	changesPath  = "/org/changes"
	editPath     = "/org/edit"
)

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	read := func(h web.Handler) web.Handler { return session.Require(h) }
	edit := func(h web.Handler) web.Handler { return session.Require(h, p.Editors...) }
	return []web.Route{
		{Pattern: "GET " + homePath, Handler: read(p.home)},
		{Pattern: "GET " + agenciesPath, Handler: read(p.agencies)},
		{Pattern: "GET " + agenciesPath + ".csv", Handler: read(p.agenciesCSV)},
		{Pattern: "GET " + agenciesPath + "/{code}", Handler: read(p.agency)},
		{Pattern: "GET " + unitsPath, Handler: read(p.provinces)},
		{Pattern: "GET " + unitsPath + ".csv", Handler: read(p.unitsCSV)},
		{Pattern: "GET " + unitsPath + "/{code}", Handler: read(p.unit)},
		{Pattern: "GET " + changesPath, Handler: read(p.changes)},
		{Pattern: "GET " + editPath, Handler: edit(p.kinds)},
		{Pattern: "GET " + editPath + "/{kind}", Handler: edit(p.form)},
		{Pattern: "POST " + editPath + "/{kind}", Handler: edit(p.formPost)},
	}
}

// page is a page with its title and, under it, the way back to the first.
func (p *Pages) page(r *http.Request, title string, crumbs ...ui.Link) ui.Page {
	page := p.Frame(r).Page(title)
	page.Crumbs = append([]ui.Link{{Label: i18n.T(r.Context(), "orgweb.title"), Href: homePath}}, crumbs...)
	return page
}

func (p *Pages) today() clock.Date { return clock.DayOf(p.Clock.Now()) }

// day is the day that the query asks for: today when it asks for none. A day
// that is none is a fault of the form, and the page shows today.
func (p *Pages) day(form web.Form, name string, otherwise clock.Date) (clock.Date, fault.List, error) {
	d, err := form.Date(name)
	if list := web.FormErrors(err); list != nil {
		return otherwise, list, nil
	}
	if d.IsZero() || err != nil {
		return otherwise, nil, err
	}
	return d, nil, nil
}

// typed is a day as people type it in both languages.
func typed(d clock.Date) string { return fmt.Sprintf("%02d/%02d/%d", d.Day(), d.Month(), d.Year()) }

// mayEdit says that the one who looks may record changes.
func (p *Pages) mayEdit(ctx context.Context) bool {
	id, ok := session.From(ctx)
	return ok && id.Has(p.Editors...)
}

// address is a path with the day that is looked at.
func address(path string, on clock.Date, more ...string) string {
	q := url.Values{"on": {on.String()}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return path + "?" + q.Encode()
}

func agencyAddress(code string, on clock.Date) string {
	return address(agenciesPath+"/"+url.PathEscape(code), on)
}

func unitAddress(code string, on clock.Date) string {
	return address(unitsPath+"/"+url.PathEscape(code), on)
}

// pageOf is the page of a unit or agency.
func pageOf(level org.Level, code string, on clock.Date) string {
	if level.IsAgency() {
		return agencyAddress(code, on)
	}
	return unitAddress(code, on)
}

// knownNow is the versions of a history that are what is known, by day.
func knownNow(history []org.Recorded) []org.Version {
	var out []org.Version
	for _, v := range history {
		if v.KnownTo.IsZero() {
			out = append(out, v.Version)
		}
	}
	slices.SortFunc(out, func(a, b org.Version) int { return a.From.Compare(b.From) })
	return out
}

// at is the unit with an id as it was on a day.
func (p *Pages) at(ctx context.Context, id string, on clock.Date) (org.Version, bool, error) {
	history, err := p.Store.History(ctx, id)
	if err != nil {
		return org.Version{}, false, err
	}
	for _, v := range knownNow(history) {
		if v.On(on) {
			return v, true, nil
		}
	}
	return org.Version{}, false, nil
}

// above lists the units over one, the highest first.
func (p *Pages) above(ctx context.Context, v org.Version, on clock.Date) ([]org.Version, error) {
	var out []org.Version
	for v.Parent != "" && len(out) < len(org.Levels) {
		parent, ok, err := p.at(ctx, v.Parent, on)
		if err != nil || !ok {
			return out, err
		}
		out = append([]org.Version{parent}, out...)
		v = parent
	}
	return out, nil
}

// inWords is a note: the key of a message, or as an administrator wrote it.
func inWords(printer *i18n.Printer, note string) string {
	if len(note) > 9 && note[:9] == "org.note." {
		return printer.T(note)
	}
	return note
}
