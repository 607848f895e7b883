package demo

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/xroad"
)

// TestAGatewayThatJoinsAgain: a gateway whose certificate was revoked joins anew while its
// node runs, and calls again within seconds, without a restart. So does one that becomes
// another gateway. Files that do not fit together are waited for, with an alarm.
func TestAGatewayThatJoinsAgain(t *testing.T) {
	t.Parallel()
	c := startCountry(t, t.TempDir())
	province, authority, hub := c.Node("thainguyen"), c.Node("authority"), c.Node("hub")
	dir := config.In[exchangenode.GatewayConfig](province.config).Dir
	register, operator := hub.Modules.Centre.Register(), actor.OfSystem(exchange.Operator)
	admin := province.signIn(t, "quantri")

	ask := func() (int, string) {
		answer, _ := post(t, province.Local+"/r1/VN/GOV/G01/DANCU/match", thu, map[string]string{
			xroad.HeaderClient: "VN/GOV/H55/TTHC", xroad.HeaderUserID: "canbo.test",
		})
		return answer.StatusCode, answer.Header.Get(xroad.HeaderError)
	}
	join := func(gateway string) exchangeapi.Saved {
		t.Helper()
		token, _, err := register.Invite(t.Context(), operator, centre.Invitation{
			Member: province.memberID(), Gateway: gateway, Subsystems: []xroad.ID{province.SubsystemID()},
		})
		if err != nil {
			t.Fatal(err)
		}
		saved, err := (&exchangeapi.Client{URL: hub.Pages, Clock: clock.System{}}).Join(t.Context(), dir, token.Text(), province.Peer, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return saved
	}
	// refreshed gives both the newest configuration: a check asks the centre.
	refreshed := func() {
		t.Helper()
		for _, n := range []*Node{province, authority} {
			if status, _ := n.signIn(t, "quantri").ask(http.MethodPost, "/gateway/doctor"); status != http.StatusOK {
				t.Fatalf("check of %s: %d", n.Key, status)
			}
		}
	}
	status := func() string {
		code, page := admin.ask(http.MethodGet, "/gateway")
		if code != http.StatusOK {
			t.Fatalf("page of the gateway: %d", code)
		}
		return page
	}

	if code, fault := ask(); code != http.StatusOK {
		t.Fatalf("before: %d %s", code, fault)
	}
	old, err := exchangeapi.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := register.Revoke(t.Context(), operator, exchange.Fingerprint(old.DER()), "Khóa bị lộ"); err != nil {
		t.Fatal(err)
	}
	refreshed()
	if code, fault := ask(); code == http.StatusOK {
		t.Fatalf("a revoked gateway calls: %d %s", code, fault)
	}

	fresh := join(province.gatewayID())
	eventually(t, "a call with the new certificate", func() bool { code, _ := ask(); return code == http.StatusOK })
	if now, _ := province.Modules.Gateway.Certificate(); exchange.Fingerprint(now.Raw) != exchange.Fingerprint(fresh.DER()) {
		t.Errorf("the certificate in use is not the one of the last join")
	}

	// Another's key beside the old certificate.
	keyFile := filepath.Join(dir, exchangeapi.KeyFile)
	key, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(filepath.Join(config.In[exchangenode.GatewayConfig](authority.config).Dir, exchangeapi.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	write(t, keyFile, other)
	open := func() bool {
		list, err := province.Node.Alarms.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			if a.Kind == "gateway.files" {
				return true
			}
		}
		return false
	}
	eventually(t, "the alarm about the files", open)
	if code, fault := ask(); code != http.StatusOK {
		t.Errorf("while the files do not fit: %d %s, want what was read before to go on", code, fault)
	}
	write(t, keyFile, key)
	eventually(t, "the end of the alarm", func() bool { return !open() })

	second := province.gatewayID() + "-2"
	join(second)
	eventually(t, "a call of the other gateway", func() bool {
		code, _ := ask()
		return code == http.StatusOK && strings.Contains(status(), second)
	})
}

// write replaces a file as an editor does: it is there whole or not at all.
func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
