package exchangeweb

import (
	"net/http"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/ui"
)

// keys lists the hub's own certificates and all that its CA issued, also those that have ended.
func (p *Hub) keys(w http.ResponseWriter, r *http.Request) error {
	reg, err := p.register(r)
	if err != nil {
		return err
	}
	list, err := p.Centre.Keys(r.Context(), p.Actor(r))
	if err != nil {
		return err
	}
	pr := in(r)
	v := p.page(r, reg, pr.t("hub.keys.title"))
	counting := 0
	by := map[string][]exchange.KeyCertificate{}
	gateways := ui.Table{ID: "gateway-keys", Stack: true, Caption: pr.t("hub.keys.gateway"), Columns: []ui.Column{
		{Label: pr.t("gateway")},
		{Label: pr.t("gw.keys.fingerprint")},
		{Label: pr.t("gw.keys.from")},
		{Label: pr.t("gw.keys.until")},
		{Label: pr.t("entry.state")},
	}, Empty: ui.Para(pr.t("certificates.none"))}
	for _, k := range list {
		if k.State == exchange.KeyCounts || k.State == exchange.KeyInUse {
			counting++
		}
		if k.Use != centre.UseGateway {
			by[k.Use] = append(by[k.Use], k.KeyCertificate)
			continue
		}
		gateways.Rows = append(gateways.Rows, ui.Row{Cells: []ui.Cell{
			{Body: coded(k.Gateway, k.Reason, entryPath(exchange.GatewayEntry, k.Gateway))},
			{Text: spaced(k.Fingerprint)},
			{Text: pr.when(k.From)},
			{Text: pr.when(k.Until)},
			{Body: keyMark(pr, k.KeyCertificate)},
		}})
	}
	v.Stat = pr.t("hub.keys.stat", args{"n": counting, "all": len(list)})
	for _, use := range []string{centre.UseCA, centre.UseSigner, centre.UseTimestamp} {
		v.Add(keyTable(pr, use+"-keys", pr.t("hub.keys."+use), by[use], false))
	}
	v.Add(ui.DataTable(gateways), muted(pr.t("hub.keys.renewal")))
	return render(w, r, v)
}
