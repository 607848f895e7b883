package exchangenode

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/platform/config"
	"dean06/internal/xroad"
)

// TestAgencyFile reads the configuration that joining writes for a new agency.
func TestAgencyFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "dean06.toml")
	shape := config.Shape{Roles: []string{"agency"}, Sections: []config.Section{GatewaySection}}
	want := *config.In[GatewayConfig](config.Default(shape.Sections...))
	want.Dir, want.Address = `var\gate "way"`, "h99.example.vn:8008"
	body, err := json.Marshal(exchange.Configuration{Instance: "VN", Gateways: []exchange.Gateway{
		{ID: "H99-1", Subsystems: []xroad.ID{xroad.MustID("VN/GOV/H99/TTHC"), xroad.MustID("VN/GOV/H99/MOTCUA")}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	saved := exchangeapi.Saved{Gateway: "H99-1", Address: want.Address, Configuration: exchange.Signed{Body: body}}
	if err := os.WriteFile(file, AgencyFile(want, saved), 0o600); err != nil {
		t.Fatal(err)
	}
	got, problems := config.Load(shape, file, nil, nil)
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	if g := config.In[GatewayConfig](got); got.Node.Role != "agency" || !slices.Equal(g.LocalPlain, []string{"TTHC"}) ||
		g.Dir != want.Dir || g.Address != want.Address {
		t.Errorf("configuration = %+v, want an agency's", got)
	}
}

// TestGatewaySettingsAreChecked: each wrong setting is named.
func TestGatewaySettingsAreChecked(t *testing.T) {
	t.Parallel()
	shape := config.Shape{Roles: []string{"agency", "hub"}, Sections: []config.Section{GatewaySection, HubSection}}
	for text, want := range map[string]string{
		"[gateway]\nlocal_addr = \"0.0.0.0:8007\"":           "gateway.local_addr",
		"[gateway]\nlocal_plain = [\"a b\"]":                 "gateway.local_plain",
		"[gateway]\nlocal_hosts = [\"https://x\"]":           "gateway.local_hosts",
		"[gateway]\nmonitoring = [\"a/b\"]":                  "gateway.monitoring",
		"[gateway]\nown_subsystem = \"MỘT\"":                 "gateway.own_subsystem",
		"[gateway]\npeer_addr = \"8008\"":                    "gateway.peer_addr",
		"[gateway]\naddress = \"h55.example.vn\"":            "gateway.address",
		"[gateway]\ndir = \"\"":                              "gateway.dir",
		"[gateway]\ntsa = \"ftp://x\"":                       "gateway.tsa",
		"[gateway]\nerror_style = \"8\"":                     "gateway.error_style",
		"[gateway]\nmax_body = 1":                            "gateway.max_body",
		"[gateway]\nkeep_bodies = \"-1s\"":                   "gateway.keep_bodies",
		"[gateway]\napprover = \"the hub\"":                  "gateway.approver",
		"[gateway.pkcs11]\nmodule = \"/none/lib.so\"":        "gateway.pkcs11.module",
		"[node]\nrole = \"hub\"":                             "hub.member",
		"[hub]\ncertificates = \"1h\"":                       "hub.certificates",
		"[hub]\nstale_after = \"1m\"":                        "hub.stale_after",
		"[hub]\nvalid_for = \"1h\"":                          "hub.valid_for",
		"[hub.cluster]\nreplicas = 9":                        "hub.cluster.replicas",
		"[gateway]\ncontract_urls = [\"lgsp.example.vn/x\"]": "gateway.contract_urls",
	} {
		file := filepath.Join(t.TempDir(), "dean06.toml")
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, problems := config.Load(shape, file, nil, nil)
		found := false
		for _, p := range problems {
			found = found || p.Key == want && (p.Line > 0 || want == "hub.member")
		}
		if !found {
			t.Errorf("%q: problems %+v, want one of %s with its line", text, problems, want)
		}
	}
}
