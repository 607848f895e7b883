package demo

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
)

// TestALogThatWentBack takes the end of a province's audit log away, as an older database
// would. The hub sees it, all who look are told, and it ends when two people of the
// province say that they restored a backup, and no sooner.
func TestALogThatWentBack(t *testing.T) {
	t.Parallel()
	c := startCountry(t, t.TempDir())
	province, hub := c.Node("thainguyen"), c.Node("hub")
	gateway := province.Modules.Gateway
	eventually(t, "the province takes part", func() bool { _, ok := gateway.Certificate(); return ok })
	saved, err := exchangeapi.Load(config.In[exchangenode.GatewayConfig](province.config).Dir)
	if err != nil {
		t.Fatal(err)
	}
	client := &exchangeapi.Client{URL: hub.Pages, Clock: clock.System{}}
	witness := func() exchange.Witness {
		t.Helper()
		w, err := client.Witness(t.Context(), saved.Gateway)
		if err == nil {
			err = w.Check(saved.Gateway, saved.Authorities())
		}
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	size := func() int64 {
		gateway.Show(t.Context())
		h, _ := witness().Head(ledger.Audit)
		return h.Size
	}
	admin, second, operator := province.signIn(t, "quantri"), province.signIn(t, secondAdministrator), hub.signIn(t, "vanhanh")
	page := func(p person, path string) string {
		t.Helper()
		status, text := p.ask(http.MethodGet, path)
		if status != http.StatusOK {
			t.Fatalf("%s: %d", path, status)
		}
		return text
	}
	metric := func(n *Node, line string) bool {
		t.Helper()
		_, text := get(t, n.Pages+"/metrics", nil)
		return strings.Contains(text, line+"\n")
	}

	var before int64
	eventually(t, "the hub has seen the audit log", func() bool { before = size(); return before > 0 })
	admin.ask(http.MethodPost, "/gateway/doctor") // nothing that is logged; a sign-in is:
	province.signIn(t, "kiemtoan")
	eventually(t, "the hub has seen more of it", func() bool { return size() > before })
	held := size()
	if w := witness(); len(w.Heads) == 0 || len(w.Restores) > 0 || !metric(province, `dean06_log_alarm{chain="audit"} 0`) {
		t.Fatalf("before anything happened: %+v", w.Heads)
	}
	if status, text := admin.ask(http.MethodPost, "/gateway/restore", "backup", "2026-01-02", "reason", "Hỏng ổ đĩa"); status == http.StatusSeeOther {
		t.Errorf("a restore of what fits was asked for: %d %s", status, text)
	}

	// The log goes back, and everything that says how long it was.
	err = province.Node.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		for _, q := range []string{
			`DELETE FROM audit_entry WHERE seq > $1`,
			`UPDATE audit_head SET seq = $1, hash = (SELECT hash FROM audit_entry WHERE seq = $1)`,
			`DELETE FROM ledger_head WHERE chain = 'audit' AND size > $1`,
			`DELETE FROM ledger_chain WHERE chain = 'audit' AND size >= $1`,
			`DELETE FROM ledger_tile WHERE chain = 'audit' AND $1 > 0`,
		} {
			if _, err := sqldb.Exec(t.Context(), tx, q, before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if h, ok := audited(t, gateway, witness); ok || h.Alarm == nil || h.Alarm.Code == "" || h.Size != held {
		t.Fatalf("the hub holds %+v, want an alarm", h)
	}
	for _, at := range []struct {
		who  person
		path string
		want string
	}{
		{admin, "/gateway", "Nhật ký kiểm toán không khớp với những gì trung tâm đã thấy"},
		{admin, "/gateway/restore", "Khai báo khôi phục từ bản sao lưu"},
		{admin, "/alarms", "Nhật ký kiểm toán không khớp"},
		{operator, "/exchange", "Cổng " + saved.Gateway + ": Nhật ký kiểm toán không khớp"},
		{operator, "/exchange/entry/gateway/" + saved.Gateway, "Cổng " + saved.Gateway + ": Nhật ký kiểm toán không khớp"},
	} {
		if !strings.Contains(page(at.who, at.path), at.want) {
			t.Errorf("%s of %s does not say %q", at.path, at.who.n.Key, at.want)
		}
	}
	eventually(t, "the alarm of the hub", func() bool { return strings.Contains(page(operator, "/alarms"), saved.Gateway) })
	if !metric(province, `dean06_log_alarm{chain="audit"} 1`) || metric(hub, `dean06_exchange_gateway_log_alarms{gateway="`+saved.Gateway+`"} 0`) {
		t.Error("the metrics do not say so")
	}
	failing := false
	for _, f := range province.Modules.Gateway.Examine(t.Context(), health.Full) {
		failing = failing || f.Key == "exchange.witness.back.audit"
	}
	if !failing {
		t.Error("the doctor does not say so")
	}

	// One person cannot end it, at neither node.
	status, _ := admin.ask(http.MethodPost, "/gateway/restore", "backup", "2026-01-02", "reason", "Khôi phục sau khi hỏng ổ đĩa")
	if status != http.StatusSeeOther {
		t.Fatalf("ask: %d", status)
	}
	link := regexp.MustCompile(`/approvals/[0-9a-f-]{36}`).FindString(page(admin, "/gateway/restore"))
	if status, _ := admin.ask(http.MethodPost, link+"/approve"); status != http.StatusForbidden {
		t.Errorf("who asked approves: %d", status)
	}
	if h, _ := audited(t, gateway, witness); h.Alarm == nil {
		t.Error("the alarm ended before a second person agreed")
	}
	if status, text := second.ask(http.MethodPost, link+"/approve"); status != http.StatusSeeOther {
		t.Fatalf("approve: %d %s", status, text)
	}
	eventually(t, "the hub knows of the restore", func() bool { return len(witness().Restores) == 1 })
	w := witness()
	h, _ := w.Head(ledger.Audit)
	if h.Alarm != nil || h.Line != 1 || h.Size < before || w.Restores[0].Size != held || w.Restores[0].ToSize < before || w.Restores[0].Chain != ledger.Audit {
		t.Errorf("after the restore: %+v, %+v", h, w.Restores)
	}
	// What happened stays to be seen.
	if !strings.Contains(page(operator, "/exchange/entry/gateway/"+saved.Gateway), "Khôi phục sau khi hỏng ổ đĩa") {
		t.Error("the hub does not show the restore")
	}
	if !strings.Contains(page(operator, "/alarms"), "khai báo đã khôi phục") {
		t.Error("the hub's operator is not told of the restore")
	}
	eventually(t, "the province's alarm ends", func() bool { // when it reads again what the hub holds
		gateway.Show(t.Context())
		return metric(province, `dean06_log_alarm{chain="audit"} 0`) && !strings.Contains(page(admin, "/alarms"), "Nhật ký kiểm toán không khớp với")
	})
}

// audited shows the logs and reads what the hub holds of the audit log; ok says that it fits.
func audited(t *testing.T, g *exchangenode.Gateway, read func() exchange.Witness) (h exchange.SeenHead, ok bool) {
	t.Helper()
	g.Show(t.Context())
	h, _ = read().Head(ledger.Audit)
	return h, h.Alarm == nil
}

// TestAHubThatWasRestored puts the hub's register back by some configurations. A gateway
// shows it what it forgot, and a suspension that is made then reaches the other gateway.
func TestAHubThatWasRestored(t *testing.T) {
	t.Parallel()
	c := startCountry(t, t.TempDir())
	province, authority, hub := c.Node("thainguyen"), c.Node("authority"), c.Node("hub")
	register, operator := hub.Modules.Centre.Register(), actor.OfSystem(exchange.Operator)
	refresh := func(n *Node) {
		t.Helper()
		if status, _ := n.signIn(t, "quantri").ask(http.MethodPost, "/gateway/doctor"); status != http.StatusOK {
			t.Fatalf("check of %s: %d", n.Key, status)
		}
	}
	serial := func() int64 {
		p, err := register.Configuration(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return p.Serial
	}
	eventually(t, "both take part", func() bool {
		_, one := province.Modules.Gateway.Certificate()
		_, two := authority.Modules.Gateway.Certificate()
		return one && two
	})
	refresh(province)
	seen := serial()
	for _, q := range []string{
		`DELETE FROM centre_published WHERE serial = (SELECT MAX(serial) FROM centre_published)`,
		`UPDATE centre_turn SET serial = (SELECT MAX(serial) FROM centre_published)`,
	} {
		if _, err := sqldb.Exec(t.Context(), hub.Node.DB, q); err != nil {
			t.Fatal(err)
		}
	}
	if serial() >= seen {
		t.Fatalf("the register did not go back: %d, %d", serial(), seen)
	}
	insurance := c.Node("bhxh").gatewayID()
	e, err := register.Entry(t.Context(), operator, exchange.GatewayEntry, insurance)
	if err != nil {
		t.Fatal(err)
	}
	if err := register.SetState(t.Context(), operator, e.Kind, e.Key, e.Version, exchange.Suspended, "Kiểm tra"); err != nil {
		t.Fatal(err)
	}
	refresh(province)
	if serial() <= seen {
		t.Errorf("the hub published %d, want it past %d", serial(), seen)
	}
	refresh(authority)
	for _, n := range []*Node{province, authority} {
		g, ok := n.Modules.Gateway.Directory().Gateway(insurance)
		if !ok || !g.Suspended {
			t.Errorf("%s does not know of the suspension: %+v", n.Key, g)
		}
	}
}
