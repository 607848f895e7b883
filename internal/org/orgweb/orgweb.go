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
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

//go:embed messages
var messages embed.FS

// Messages are the texts of the pages.
var Messages, _ = fs.Sub(messages, "messages")

// Shell is what the pages need from the node around them.
type Shell struct {
	Register *org.Register
	Names    org.Names
	Clock    clock.Clock
	Frame    web.FrameFunc
}

// Pages are the pages.
type Pages struct{ Shell }

// New makes the pages.
func New(shell Shell) *Pages { return &Pages{shell} }

// Path is the first of the pages of agencies and units.
const Path = homePath

const (
	homePath     = "/org"
	agenciesPath = "/org/agencies"
	unitsPath    = "/org/units"
	changesPath  = "/org/changes"
	editPath     = "/org/edit"
)

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	const read, edit = "org.read", "org.edit"
	return []web.Route{
		{Pattern: "GET " + homePath, Handler: p.home, May: read},
		{Pattern: "GET " + agenciesPath, Handler: p.agencies, May: read},
		{Pattern: "GET " + agenciesPath + ".csv", Handler: p.agenciesCSV, May: read},
		{Pattern: "GET " + agenciesPath + "/{code}", Handler: p.agency, May: read},
		{Pattern: "GET " + unitsPath, Handler: p.provinces, May: read},
		{Pattern: "GET " + unitsPath + ".csv", Handler: p.unitsCSV, May: read},
		{Pattern: "GET " + unitsPath + "/{code}", Handler: p.unit, May: read},
		{Pattern: "GET " + changesPath, Handler: p.changes, May: read},
		{Pattern: "GET " + editPath, Handler: p.kinds, May: edit},
		{Pattern: "GET " + editPath + "/{kind}", Handler: p.form, May: edit},
		{Pattern: "POST " + editPath + "/{kind}", Handler: p.formPost, May: edit},
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
	return p.Register.Can(actor.From(ctx), org.EditCountry) == nil
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
	history, err := p.Register.History(ctx, actor.From(ctx), id)
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
