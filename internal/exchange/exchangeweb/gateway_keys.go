package exchangeweb

import (
	"net/http"

	"github.com/a-h/templ"

	"dean06/internal/exchange"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

const keysPath = "/gateway/keys"

// keys shows the gateway's keys and certificates, those that it had before, and whom it trusts.
func (p *Gateway) keys(w http.ResponseWriter, r *http.Request) error {
	pr := in(r)
	v, err := p.page(r, pr.t("gw.keys.title"))
	if err != nil {
		return err
	}
	k, err := p.Desk.Keys(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	now := p.Clock.Now()
	v.Stat = pr.t("gw.keys.stat.ended", args{"gateway": k.Gateway})
	for _, c := range k.Own {
		if c.State != exchange.KeyInUse {
			continue
		}
		v.Stat = pr.t("gw.keys.stat", args{"gateway": k.Gateway, "span": pr.span(c.Until.Sub(now))})
		due := !now.Before(c.RenewalFrom())
		renewal := pr.t("gw.keys.renewal.later", args{"at": pr.when(c.RenewalFrom())})
		if due {
			renewal = pr.t("gw.keys.renewal.due")
		}
		facts := append(keyFacts(pr, c), ui.Fact{Key: pr.t("gw.keys.since"), Value: pr.when(k.Since)}, ui.Fact{Key: pr.t("gw.keys.renewal"), Value: renewal})
		blocks := components(ui.SummaryList(facts))
		if p.may(r, exchange.ActRenew) {
			if due {
				blocks = append(blocks, form(keysPath+"/renew", nil, nil, ui.Action{Label: pr.t("gw.keys.renew")}))
			}
			blocks = append(blocks, muted(pr.t("gw.keys.anew")))
		}
		v.Add(section("present", pr.t("gw.keys.present"), blocks...))
	}
	v.Add(keyTable(pr, "certificates", pr.t("gw.keys.history"), k.Own, true))
	port := ui.Para(pr.t("gw.keys.port.none"))
	if len(k.Port) > 0 {
		port = keyTable(pr, "port-certificates", pr.t("gw.keys.port"), k.Port, false)
	}
	v.Add(
		port, ui.Buttons(ui.Action{Label: pr.t("gw.keys.systems"), Href: systemsPath, Look: ui.Secondary}),
		keyTable(pr, "authorities", pr.t("gw.keys.trusted"), k.Trusted, false), keyTable(pr, "timestamps", pr.t("gw.keys.stamps"), k.Stamps, false),
	)
	return render(w, r, v)
}

func keyFacts(pr words, c exchange.KeyCertificate) []ui.Fact {
	return []ui.Fact{
		{Key: pr.t("gw.keys.fingerprint"), Value: spaced(c.Fingerprint)},
		{Key: pr.t("gw.keys.key"), Value: spaced(c.Key)},
		{Key: pr.t("gw.keys.algorithm"), Value: c.Algorithm},
		{Key: pr.t("gw.keys.issuer"), Value: c.Issuer},
		{Key: pr.t("gw.keys.serial"), Value: spaced(c.Serial)},
		{Key: pr.t("gw.keys.from"), Value: pr.when(c.From)},
		{Key: pr.t("gw.keys.until"), Value: pr.when(c.Until)},
	}
}

// spaced writes hex in groups of four, as people compare it, and so that it can be broken.
func spaced(hex string) string {
	const group = 4
	out := make([]byte, 0, len(hex)+len(hex)/group)
	for i := range len(hex) {
		if i > 0 && i%group == 0 {
			out = append(out, ' ')
		}
		out = append(out, hex[i])
	}
	return string(out)
}

// keyTable lists certificates; own says that they are of one gateway, of which it is told
// when they came.
func keyTable(pr words, id, caption string, list []exchange.KeyCertificate, own bool) templ.Component {
	t := ui.Table{ID: id, Stack: true, Caption: caption, Empty: ui.Para(pr.t("gw.keys.none", args{"what": caption}))}
	if !own {
		t.Columns = append(t.Columns, ui.Column{Label: pr.t("gw.keys.name")})
	}
	t.Columns = append(t.Columns, ui.Column{Label: pr.t("gw.keys.fingerprint")}, ui.Column{Label: pr.t("gw.keys.from")}, ui.Column{Label: pr.t("gw.keys.until")})
	if own {
		t.Columns = append(t.Columns, ui.Column{Label: pr.t("gw.keys.seen")})
	}
	t.Columns = append(t.Columns, ui.Column{Label: pr.t("entry.state")})
	for _, c := range list {
		var cells []ui.Cell
		if !own {
			cells = append(cells, ui.Cell{Body: coded(c.Name, c.Algorithm, "")})
		}
		cells = append(cells, ui.Cell{Text: spaced(c.Fingerprint)}, ui.Cell{Text: pr.when(c.From)}, ui.Cell{Text: pr.when(c.Until)})
		if own {
			cells = append(cells, ui.Cell{Text: pr.when(c.SeenAt)})
		}
		t.Rows = append(t.Rows, ui.Row{Cells: append(cells, ui.Cell{Body: keyMark(pr, c)})})
	}
	return ui.DataTable(t)
}

func keyMark(pr words, c exchange.KeyCertificate) templ.Component {
	status := ui.Met
	switch c.State {
	case exchange.KeyEnded, exchange.KeyRevoked:
		status = ui.NotMet
	case exchange.KeyWaits, exchange.KeyGone:
		status = ui.Partial
	case exchange.KeyInUse, exchange.KeyCounts:
	}
	text := pr.t("key.state." + string(c.State))
	if !c.RevokedAt.IsZero() {
		text += ", " + pr.when(c.RevokedAt)
	}
	return ui.StatusText(status, text)
}

// renewKey asks the hub for the next certificate.
func (p *Gateway) renewKey(w http.ResponseWriter, r *http.Request) error {
	renewed, err := p.Desk.RenewKey(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	done := "exchangeweb.gw.keys.renew.early"
	if renewed {
		done = "exchangeweb.gw.keys.renew.done"
	}
	return web.RedirectWith(w, r, keysPath, done, nil)
}
