package securityweb

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/security"
)

// lookAt gives the systems of an agency with those that it inherited, or of all for "".
func (p *Pages) lookAt(r *http.Request, agency string) ([]security.View, error) {
	ctx, by := r.Context(), session.Actor(r)
	if agency == "" {
		return p.Desk.All(ctx, by)
	}
	own, err := p.Desk.Look(ctx, by, agency)
	if err != nil {
		return nil, err
	}
	inherited, err := p.Desk.Inherited(ctx, by, agency)
	return append(own, inherited...), err
}

// below is what stands below a system's name in a list of an agency: whose it was, when it was
// inherited, and its subsystems.
func (p *Pages) below(s security.View, agency string) string {
	ids := strings.Join(s.Record.Subsystems, ", ")
	if s.Agency == agency {
		return ids
	}
	return strings.TrimSuffix(p.Agency(s.Agency)+" · "+ids, " · ")
}

// inherited is the name of a system with whose it was.
func (p *Pages) inherited(name, from string) string { return name + " (" + p.Agency(from) + ")" }

// titled is what a system is called in a paper of an agency: with whose it was, when it was
// inherited.
func (p *Pages) titled(s security.View, agency string) string {
	if s.Agency == agency {
		return s.Name
	}
	return p.inherited(s.Name, s.Agency)
}

// front leads an agency's people to their own systems, and shows inspectors who is closed.
func (p *Pages) front(w http.ResponseWriter, r *http.Request) error {
	by := session.Actor(r)
	if !seesAll(r) {
		return web.Redirect(w, r, href(by.Agency))
	}
	all, err := p.lookAt(r, "")
	if err != nil {
		return err
	}
	t := say(r)
	v := p.view(r, t("title"))
	v.Sub = sub(r, "")
	now := p.Clock.Now()
	var connected []security.View
	closed, closing := 0, 0
	soon := p.today().AddDays(warnDays).End()
	for _, s := range all {
		c, ok := s.Gate()
		if !ok {
			continue
		}
		connected = append(connected, s)
		switch {
		case !c.Passes(now):
			closed++
		case !c.Until.After(soon):
			closing++
		}
	}
	slices.SortStableFunc(connected, func(a, b security.View) int { return gateOf(a).Until.Compare(gateOf(b).Until) })
	if len(connected) > 0 {
		key := "board.stat"
		if closing == 0 {
			key = "board.stat.calm"
		}
		v.Stat = t(key, fault.Args{"closed": closed, "all": len(connected), "closing": closing, "days": warnDays})
	}
	v.Add(ui.Para(t("board.lead")))
	v.Add(p.reviews(r, all)...)
	table := ui.Table{
		ID: "gate", Caption: t("board.caption"), Quiet: true, Stack: true, Empty: ui.Empty(t("board.none")+" "+t("board.none.how"), ui.Link{}),
		Columns: []ui.Column{{Label: t("system")}, {Label: t("agency")}, {Label: t("level")}, {Label: t("gate")}, {Label: t("why")}, {Label: t("who_hit")}},
	}
	for _, s := range connected {
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Body: ui.Named(s.Name, strings.Join(s.Record.Subsystems, ", "), href(s.Agency, s.ID))},
			{Text: p.Agency(s.Agency), Href: href(s.Agency)},
			{Text: levelText(t, s)},
			{Body: p.gateMark(r, gateOf(s), now)},
			{Text: capital(p.gateWhy(r, s, now))},
			{Text: hit(r, s)},
		}})
	}
	v.Add(ui.DataTable(table))
	return show(w, r, v, typed{})
}

func gateOf(s security.View) security.Clearance {
	c, _ := s.Gate()
	return c
}

// gateWhy says of a connected system what closes it, and when; and through whose dossier it is
// open, when that is another system's.
func (p *Pages) gateWhy(r *http.Request, s security.View, now time.Time) string {
	c := gateOf(s)
	why := p.why(r, c, now)
	if through(s, c) && c.Passes(now) {
		return say(r)("why.through", fault.Args{"name": c.Name, "why": why})
	}
	return why
}

// through says that a subsystem stands before the gate by another system's dossier.
func through(s security.View, c security.Clearance) bool {
	return c.Agency != s.Agency || c.System != s.ID
}

// reviews says how many approved dossiers are to be looked at again, since other rules count now.
func (p *Pages) reviews(r *http.Request, list []security.View) []templ.Component {
	n, by := 0, security.View{}
	for _, s := range list {
		if !s.Review.IsZero() {
			n, by = n+1, s
		}
	}
	if n == 0 {
		return nil
	}
	return []templ.Component{ui.Para(say(r)("review.list", fault.Args{
		"n": n, "rules": by.Proposal.Rules, "day": i18n.From(r.Context()).Date(by.Review),
	}))}
}

// hit is whom it hits when a system closes.
func hit(r *http.Request, s security.View) string {
	t, pr := say(r), i18n.From(r.Context())
	unit := s.Unit
	if unit == "" {
		unit = t("unit.unknown")
	}
	if n := people(s); n > 0 {
		return t("hit.people", fault.Args{"unit": unit, "n": pr.Int(n)})
	}
	return unit
}

// people is of how many people a system holds data.
func people(s security.View) int64 { return max(s.Record.Facts.People, s.Record.Facts.Sensitive) }

func levelText(t words, s security.View) string {
	switch {
	case s.Approved != nil:
		return t("level.approved", fault.Args{"n": int(s.Approved.Level)})
	case s.Record.Asked:
		return t("level.proposed", fault.Args{"n": int(s.Proposal.Level)})
	}
	return t("level.unknown")
}

// gateMark says with a sign whether a system passes.
func (p *Pages) gateMark(r *http.Request, c security.Clearance, now time.Time) templ.Component {
	status, key := p.gateState(c, now)
	return ui.StatusText(status, say(r)(key))
}

func (p *Pages) gateState(c security.Clearance, now time.Time) (status ui.Status, key string) {
	switch {
	case !c.Passes(now):
		return ui.NotMet, "gate.closed"
	case c.Grace:
		return ui.Partial, "gate.grace"
	case !c.Until.After(p.today().AddDays(warnDays).End()):
		return ui.Partial, "gate.closing"
	}
	return ui.Met, "gate.open"
}

// why says what closes a system, and when.
func (p *Pages) why(r *http.Request, c security.Clearance, now time.Time) string {
	t, pr := say(r), i18n.From(r.Context())
	if c.Why == "" {
		return t("why.never")
	}
	reason := p.obstacle(r, c)
	if c.Passes(now) {
		return t("why.from", fault.Args{"at": pr.Time(c.Until), "reason": reason})
	}
	return reason
}

// obstacle says what stands in a system's way, with its detail as people write it.
func (p *Pages) obstacle(r *http.Request, c security.Clearance) string {
	detail := c.Detail
	if c.Why == security.CheckStale {
		if d, err := parseDay(c.Detail); err == nil {
			detail = i18n.From(r.Context()).Date(d)
		}
	}
	return say(r)("why."+string(c.Why), fault.Args{"detail": detail})
}

// agency is the systems of an agency.
func (p *Pages) agency(w http.ResponseWriter, r *http.Request) error {
	return p.showAgency(w, r, typed{})
}

func (p *Pages) showAgency(w http.ResponseWriter, r *http.Request, in typed) error {
	code := r.PathValue("agency")
	list, err := p.lookAt(r, code)
	if err != nil {
		return err
	}
	t, now := say(r), p.Clock.Now()
	v := p.listView(r, code, t("agency.title"))
	v.Errors = in.errs
	closed, connected, asked := 0, 0, 0
	table := ui.Table{
		ID: "systems", Caption: t("agency.caption"), Quiet: true, Stack: true,
		Empty:   ui.Empty(t("agency.none"), ui.Link{Label: t("agency.returns"), Href: "/returns"}),
		Columns: []ui.Column{{Label: t("system")}, {Label: t("unit")}, {Label: t("level")}, {Label: t("dossier")}, {Label: t("unmet")}, {Label: t("gate")}},
	}
	for _, s := range list {
		gate := ui.Cell{Text: "–"}
		if c, ok := s.Gate(); ok {
			connected++
			gate = ui.Cell{Body: p.gateMark(r, c, now)}
			if !c.Passes(now) {
				closed++
			}
		}
		unmet := "–"
		if s.Record.Asked {
			asked++
			unmet = i18n.From(r.Context()).Int(int64(len(s.Lacking)))
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Body: ui.Named(s.Name, p.below(s, code), href(s.Agency, s.ID))},
			{Text: s.Unit},
			{Text: levelText(t, s)},
			{Body: dossierMark(t, s)},
			{Text: unmet},
			gate,
		}})
	}
	switch {
	case closed > 0:
		v.Stat = t("agency.stat.closed", fault.Args{"closed": closed, "connected": connected})
	case connected > 0:
		v.Stat = t("agency.stat.open", fault.Args{"connected": connected})
	case len(list) > 0:
		v.Stat = t("agency.stat.none", fault.Args{"n": len(list)})
	}
	if asked < len(list) {
		v.Add(ui.Para(t("agency.asked", fault.Args{"n": len(list) - asked})))
	}
	v.Add(p.reviews(r, list)...)
	v.Add(ui.DataTable(table))
	if may(r, security.ActWrite, code) {
		fields := []templ.Component{
			ui.Text(in.fill(ui.Field{Name: "name", Label: t("announce.name"), MaxLength: 200})),
			ui.Text(in.fill(ui.Field{Name: "unit", Label: t("unit"), Optional: true, MaxLength: 200})),
		}
		announce := []templ.Component{ui.Para(t("announce.lead")), ui.Form(href(code), fields, ui.Action{Label: t("announce.send"), Look: ui.Secondary})}
		if in.errs != nil { // what is wrong stands open
			v.Add(ui.Subheading(t("announce.title")))
			v.Add(announce...)
		} else {
			v.Add(ui.Fold(t("announce.title"), announce...))
		}
	}
	return show(w, r, v, in)
}

func dossierMark(t words, s security.View) templ.Component {
	switch {
	case s.Open != nil && s.Approved != nil:
		return ui.Tag(ui.Info, t("state."+string(s.Open.State)))
	case s.Open != nil:
		return ui.Tag(ui.Caution, t("state."+string(s.Open.State)))
	case s.Approved != nil:
		return ui.Tag(ui.Good, t("state.approved"))
	}
	return ui.Tag(ui.Neutral, t("state.none"))
}

func (p *Pages) announce(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	code := r.PathValue("agency")
	s, err := p.Desk.Announce(r.Context(), session.Actor(r), code, f.Text("name"), f.Text("unit"))
	return after(w, r, err, href(code, s.ID, "facts"), "secure.done.announce", func(errs fault.List) error {
		return p.showAgency(w, r, typed{f, errs, true})
	})
}

// fill answers row 5 of the return that is being written.
func (p *Pages) fill(w http.ResponseWriter, r *http.Request) error {
	code := r.PathValue("agency")
	rows, err := p.Desk.Row5Of(r.Context(), session.Actor(r), code)
	if err != nil {
		return err
	}
	for i, row := range rows {
		if row.From != "" {
			rows[i].System.Name = p.inherited(row.System.Name, row.From)
		}
	}
	to, err := p.Fill(r.Context(), session.Actor(r), code, rows)
	done := "secure.done.fill"
	if to == "" { // of who does not see the return
		to, done = href(code, "unmet"), "secure.done.filled"
	}
	return after(w, r, err, to, done, func(errs fault.List) error { return p.showUnmet(w, r, typed{errs: errs}) })
}
