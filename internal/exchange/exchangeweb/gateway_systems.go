package exchangeweb

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

const systemsPath = "/gateway/systems"

// soon is how long before its end a system's certificate is marked.
const soon = 14 * 24 * time.Hour

// systems lists the certificates by which the agency's own systems may speak.
func (p *Gateway) systems(w http.ResponseWriter, r *http.Request) error {
	v, err := p.systemsView(r, begin())
	if err != nil {
		return err
	}
	return render(w, r, v)
}

func (p *Gateway) systemsView(r *http.Request, t typed) (view, error) {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.systems.title"))
	if err != nil {
		return v, err
	}
	list, err := p.Desk.LocalSystems(r.Context(), p.Actor(r))
	if err != nil {
		return v, err
	}
	may := p.may(r, exchange.ActLocal)
	table := ui.Table{
		ID: "systems", Stack: true, Caption: pr.t("gw.systems.title"), Quiet: true, Columns: []ui.Column{
			{Label: pr.t("subsystem")},
			{Label: pr.t("gw.systems.certificate")},
			{Label: pr.t("gw.systems.kind")},
			{Label: pr.t("gw.systems.until")},
			{Label: pr.t("gw.systems.added")},
		},
		Empty: nothing(false, pr.t("gw.systems.empty"), ui.Link{}),
	}
	if may {
		table.Columns = append(table.Columns, ui.Column{Label: pr.t("gw.systems.remove")})
	}
	now := p.Clock.Now()
	for _, c := range list {
		row := ui.Row{Cells: []ui.Cell{
			{Body: coded(p.name(c.Subsystem), c.Subsystem.String(), "")},
			{Body: coded(c.Name, c.Fingerprint[:12]+"…", "")},
			{Text: pr.t("gw.systems.kind." + string(c.Kind))},
			{Body: certificateMark(pr, c, now)},
			{Text: p.who(r, c.AddedBy, c.AddedAt) + ", " + pr.Date(clock.DayOf(c.AddedAt))},
		}}
		if may {
			row.Cells = append(row.Cells, ui.Cell{Body: form(
				systemsPath+"/"+c.Fingerprint+"/remove", nil, nil, ui.Action{Label: pr.t("gw.systems.remove"), Look: ui.Secondary},
			)})
		}
		table.Rows = append(table.Rows, row)
	}
	v.Add(ui.Para(pr.t("gw.systems.text")), ui.DataTable(table))
	if !may {
		v.Add(ui.Para(pr.t("gw.who")))
		return v, nil
	}
	var options []ui.Option
	for _, id := range p.Desk.OutsideSystems(r.Context()) {
		options = append(options, ui.Option{Value: id.String(), Label: p.name(id) + " (" + id.String() + ")"})
	}
	if len(options) == 0 {
		v.Add(ui.Para(pr.t("gw.systems.none")))
		return v, nil
	}
	v.Add(section(
		"issue", pr.t("gw.systems.issue"), ui.Para(pr.t("gw.systems.issue.text")),
	), section("pin", pr.t("gw.systems.pin"), ui.Para(pr.t("gw.systems.pin.text")), form(systemsPath, nil, components(
		t.pick(ui.Field{Name: "subsystem", Label: pr.t("subsystem"), Options: options}),
		t.area(ui.Field{Name: "certificate", Label: pr.t("gw.systems.certificate"), Hint: pr.t("gw.systems.certificate.hint"), Rows: 8}),
	), ui.Action{Label: pr.t("gw.systems.pin.do")})))
	return v, nil
}

// certificateMark says until when a certificate counts.
func certificateMark(pr words, c exchange.LocalCertificate, now time.Time) templ.Component {
	day := pr.Date(clock.DayOf(c.Until))
	switch {
	case !c.CountsAt(now):
		return ui.StatusText(ui.NotMet, day)
	case c.Until.Sub(now) < soon:
		return ui.StatusText(ui.Partial, day)
	}
	return ui.StatusText(ui.Met, day)
}

// pinSystem lets a system speak by a certificate of its own.
func (p *Gateway) pinSystem(w http.ResponseWriter, r *http.Request) error {
	if err := exchange.Permissions.Can(p.Actor(r), exchange.ActLocal); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	der, err := exchange.ReadLocalPEM([]byte(f.Text("certificate")))
	if err == nil {
		id, _ := xroad.ParseID(f.Text("subsystem"), 4, 4) // what is none is no subsystem of this gateway
		_, err = p.Desk.AddLocalSystem(r.Context(), p.Actor(r), id, exchange.PinnedHere, der)
	}
	if err != nil {
		return retry(w, r, err, func() (view, error) { return p.systemsView(r, again(f, err)) })
	}
	return web.RedirectWith(w, r, systemsPath, "exchangeweb.gw.systems.done.pin", nil)
}

// removeSystem takes a certificate away.
func (p *Gateway) removeSystem(w http.ResponseWriter, r *http.Request) error {
	if err := p.Desk.RemoveLocalSystem(r.Context(), p.Actor(r), r.PathValue("fingerprint")); err != nil {
		return err
	}
	return web.RedirectWith(w, r, systemsPath, "exchangeweb.gw.systems.done.remove", nil)
}
