// Package alarmweb shows the alarms of a node to those who look after it: what is open,
// who looks after it, how it ended.
package alarmweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/alarm"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

const pageSize = 50

// Shell is what the pages need from the node around them.
type Shell struct {
	Service *alarm.Service
	Frame   web.FrameFunc
	// Names gives somebody's name today.
	Names interface {
		NameOf(ctx context.Context, stored string, at time.Time) string
	}
}

// Pages are the pages.
type Pages struct{ Shell }

// New makes them.
func New(s Shell) *Pages { return &Pages{s} }

// Routes are the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + alarm.Path, Handler: p.list, May: "alarm.read"},
		{Pattern: "GET " + alarm.Path + "/{id}", Handler: p.one, May: "alarm.read"},
		{Pattern: "POST " + alarm.Path + "/{id}/take", Handler: p.take, May: "alarm.take"},
		{Pattern: "POST " + alarm.Path + "/{id}/end", Handler: p.end, May: "alarm.end"},
	}
}

// Around puts into a frame the red bar of what does not work now, for those who may see it.
func Around(ctx context.Context, s *alarm.Service, p *i18n.Printer, f *ui.Frame) error {
	who := actor.From(ctx)
	if who.Nobody() || who.Via == actor.Token {
		return nil
	}
	n, err := s.Failing(ctx, who)
	if err != nil || n == 0 {
		return err
	}
	f.Alerts = append(f.Alerts, ui.Link{Label: p.T("alarm.bar", fault.Args{"n": n}), Href: alarm.Path})
	return nil
}

type listView struct {
	ui.Page
	Table ui.Table
	Pages ui.Pages
}

func t(ctx context.Context, key string, args ...map[string]any) string {
	return i18n.T(ctx, "alarm.page."+key, args...)
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	past := q.Get("state") == "past"
	view := listView{Page: p.Frame(r).Page(t(ctx, "title"))}
	view.Wide = true
	view.Sub = []ui.NavItem{
		{Label: t(ctx, "open"), Href: alarm.Path, Current: !past},
		{Label: t(ctx, "past"), Href: alarm.Path + "?state=past", Current: past},
	}
	view.Table = ui.Table{
		ID: "alarms", Stack: true, Caption: t(ctx, "title"), Quiet: true,
		Columns: []ui.Column{{Label: t(ctx, "what")}, {Label: t(ctx, "level")}, {Label: t(ctx, "since")}, {Label: t(ctx, "taken")}},
		Empty:   ui.Empty(t(ctx, "none"), ui.Link{Label: t(ctx, "see_past"), Href: alarm.Path + "?state=past"}),
	}
	var list []alarm.Alarm
	var err error
	if past {
		list, err = p.Service.Past(ctx, actor.From(ctx), q.Get("before"), pageSize+1)
		view.Table.Empty = ui.Empty(t(ctx, "none.past"), ui.Link{})
		view.Table.Columns[1], view.Table.Columns[3] = ui.Column{Label: t(ctx, "ended")}, ui.Column{Label: t(ctx, "why")}
	} else {
		list, err = p.Service.All(ctx, actor.From(ctx))
	}
	if err != nil {
		return err
	}
	if past && len(list) > pageSize {
		list = list[:pageSize]
		view.Pages.Next = alarm.Path + "?" + url.Values{"state": {"past"}, "before": {list[pageSize-1].ID}}.Encode()
	}
	if q.Get("before") != "" {
		view.Pages.Previous = alarm.Path + "?state=past"
	}
	pr := i18n.From(ctx)
	for _, a := range list {
		cells := []ui.Cell{{Text: firstSentence(a.Text(pr)), Href: a.Href()}, {Body: level(a)}, {Text: pr.Time(a.Since)}, {Text: p.taken(ctx, a)}}
		if past {
			cells[1], cells[3] = ui.Cell{Text: pr.Time(a.Ended)}, ui.Cell{Text: p.ending(ctx, a)}
		}
		view.Table.Rows = append(view.Table.Rows, ui.Row{Cells: cells})
	}
	return web.Render(w, r, http.StatusOK, listPage(view))
}

// firstSentence is what a list says of an alarm; its page says all.
func firstSentence(text string) string {
	first, _, more := strings.Cut(text, ". ")
	if more {
		first += "."
	}
	return first
}

func (p *Pages) taken(ctx context.Context, a alarm.Alarm) string {
	if a.TakenAt.IsZero() {
		return t(ctx, "taken.none")
	}
	return t(ctx, "taken.by", fault.Args{"name": p.Names.NameOf(ctx, a.Taken.Account, a.TakenAt), "at": a.TakenAt})
}

func (p *Pages) ending(ctx context.Context, a alarm.Alarm) string {
	if a.EndedBy.Nobody() {
		return t(ctx, "ended.itself")
	}
	return a.Why
}

type oneView struct {
	ui.Page
	Alarm alarm.Alarm
	Text  string
	Facts []ui.Fact
	Take  bool
	End   bool
	Why   string
}

func (p *Pages) one(w http.ResponseWriter, r *http.Request) error { return p.show(w, r, "", nil) }

// show is the page of an alarm, with what went wrong above it.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, why string, wrong error) error {
	ctx := r.Context()
	who, pr := actor.From(ctx), i18n.From(ctx)
	a, err := p.Service.Get(ctx, who, r.PathValue("id"))
	if err != nil {
		return err
	}
	view := oneView{Page: p.Frame(r).Page(t(ctx, "one")), Alarm: a, Text: a.Text(pr), Why: why}
	status := http.StatusOK
	if wrong != nil {
		if view.Errors = web.FormErrors(wrong); view.Errors == nil {
			return wrong
		}
		status = web.Status(wrong)
	}
	view.Take = a.Open() && p.Service.May(who, alarm.ActTake) == nil && a.Taken.Account != who.Account
	view.End = a.Open() && a.Sticky && p.Service.May(who, alarm.ActEnd) == nil
	view.Back = alarm.Path
	view.Facts = p.facts(ctx, a)
	if !a.Open() {
		view.Back += "?state=past"
	}
	return web.Render(w, r, status, onePage(view))
}

func (p *Pages) facts(ctx context.Context, a alarm.Alarm) []ui.Fact {
	pr := i18n.From(ctx)
	facts := []ui.Fact{
		{Key: t(ctx, "level"), Body: level(a)},
		{Key: t(ctx, "since"), Value: pr.Time(a.Since)},
	}
	add := func(key, value string) { facts = append(facts, ui.Fact{Key: t(ctx, key), Value: value}) }
	if a.Open() {
		add("seen", pr.Time(a.Seen))
	}
	if a.Times > 1 {
		add("times", pr.Int(int64(a.Times)))
	}
	add("owner", pr.T("role."+a.Owner))
	add("taken", p.taken(ctx, a))
	if a.Open() {
		how := "how.itself"
		switch {
		case a.Second:
			how = "how.two"
		case a.Sticky:
			how = "how.one"
		}
		add("how", t(ctx, how))
	} else {
		add("ended", pr.Time(a.Ended))
		if !a.EndedBy.Nobody() {
			add("ended.by", p.Names.NameOf(ctx, a.EndedBy.Account, a.Ended))
		}
		add("why", p.ending(ctx, a))
	}
	code := a.Kind
	if a.Subject != "" {
		code += " · " + a.Subject
	}
	add("code", code)
	return facts
}

func tone(l health.Level) ui.Tone {
	if l == health.Failing {
		return ui.Bad
	}
	return ui.Caution
}

func (p *Pages) take(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.Service.Take(r.Context(), actor.From(r.Context()), id); err != nil {
		return err
	}
	return web.RedirectWith(w, r, alarm.Path+"/"+id, "alarm.page.took", fault.Args{})
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	if err := p.Service.May(actor.From(r.Context()), alarm.ActEnd); err != nil {
		return err
	}
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	id, why := r.PathValue("id"), form.Text("why")
	asked, err := p.Service.End(r.Context(), actor.From(r.Context()), id, why)
	if err != nil {
		return p.show(w, r, why, err)
	}
	said := "alarm.page.did_end"
	if asked {
		said = "alarm.page.did_ask"
	}
	return web.RedirectWith(w, r, alarm.Path+"/"+id, said, fault.Args{})
}
