package exchange_test

import (
	"crypto"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// hub is a centre's authority and the key that signs its configurations.
type hub struct {
	authority pki.Authority
	key       crypto.Signer
	cert      []byte
}

func newCentre(t *testing.T) hub {
	t.Helper()
	root := newKey(t)
	der, err := pki.NewAuthority(root, "VN", noon.AddDate(-1, 0, 0), 10)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	c := hub{authority: pki.Authority{Certificate: ca, Key: root}, key: newKey(t)}
	c.cert = c.issue(t, c.key, pki.ConfigurationSigner, noon.AddDate(0, 0, 1))
	return c
}

func (c hub) issue(t *testing.T, key crypto.Signer, use pki.Use, until time.Time) []byte {
	t.Helper()
	der, err := c.authority.Issue(pki.Leaf{
		Public: key.Public(), Name: "H55-1", Hosts: []string{"127.0.0.1"}, From: noon.AddDate(0, -1, 0), Until: until, Use: use,
	})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func (c hub) configuration(t *testing.T) exchange.Configuration {
	t.Helper()
	return exchange.Configuration{
		Instance: "VN", Serial: 7, IssuedAt: noon, StaleAfter: noon.Add(time.Hour), ValidUntil: noon.AddDate(0, 0, 14),
		Authorities: [][]byte{c.authority.Certificate.Raw},
		Members: []exchange.Member{
			{ID: xroad.MustID("VN/GOV/H55"), Name: "Thái Nguyên", Subsystems: []exchange.Subsystem{{ID: province, Name: "Một cửa"}}},
			{ID: xroad.MustID("VN/GOV/G01"), Name: "Bộ Công an", Subsystems: []exchange.Subsystem{{ID: match.SubsystemID(), Name: "Dân cư"}}},
		},
		Gateways: []exchange.Gateway{{
			ID: "H55-1", Member: xroad.MustID("VN/GOV/H55"), Address: "127.0.0.1:8038", Subsystems: []xroad.ID{province},
			Certificates: [][]byte{
				c.issue(t, newKey(t), pki.Gateway, noon.AddDate(1, 0, 0)), c.issue(t, newKey(t), pki.Gateway, noon.AddDate(0, 0, 1)),
			},
		}},
		Services: []exchange.ServiceEntry{{ID: match, Name: "Đối chiếu", Type: "OPENAPI"}},
		Groups:   []exchange.Group{{Code: "tinh", Name: "Các tỉnh", Members: []xroad.ID{province}}},
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	c, other := newCentre(t), newCentre(t)
	trusted := [][]byte{other.authority.Certificate.Raw, c.authority.Certificate.Raw}
	want := c.configuration(t)
	signed, err := exchange.Sign(want, c.key, c.cert)
	if err != nil {
		t.Fatal(err)
	}
	got, err := exchange.Open(signed, trusted, noon)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	// The signer's certificate ends a day after it signed: what it signed still counts.
	if _, err := exchange.Open(signed, trusted, noon.AddDate(0, 0, 10)); err != nil {
		t.Errorf("ten days later: %v", err)
	}
	gateway := newKey(t)
	wrongUse, err := exchange.Sign(want, gateway, c.issue(t, gateway, pki.Gateway, noon.AddDate(1, 0, 0)))
	if err != nil {
		t.Fatal(err)
	}
	changed := signed
	changed.Body = append([]byte(nil), signed.Body...)
	changed.Body[20] ^= 1
	stolen := signed
	stolen.Certificate = other.cert
	tests := []struct {
		name        string
		s           exchange.Signed
		authorities [][]byte
		at          time.Time
		key         string
	}{
		{"changed", changed, trusted, noon, "signature"},
		{"another's certificate", stolen, trusted, noon, "signature"},
		{"no authority of ours", signed, trusted[:1], noon, "signer"},
		{"signed by a gateway", wrongUse, trusted, noon, "signer"},
		{"nothing", exchange.Signed{}, trusted, noon, "unreadable"},
		{"from the future", signed, trusted, noon.Add(-10 * time.Minute), "early"},
		{"run out", signed, trusted, noon.AddDate(0, 0, 14), "expired"},
	}
	for _, tt := range tests {
		got, err := exchange.Open(tt.s, tt.authorities, tt.at)
		if f := fault.As(err); f == nil || f.Key != "exchange.configuration."+tt.key || (got.Serial != 0) != (tt.key == "expired") {
			t.Errorf("%s: %v, serial %d, want %s", tt.name, err, got.Serial, tt.key)
		}
	}
}

func TestConfigurationCheck(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	for name, change := range map[string]func(c *exchange.Configuration){
		"no instance":          func(c *exchange.Configuration) { c.Instance = "" },
		"another instance":     func(c *exchange.Configuration) { c.Instance = "LA" },
		"no serial":            func(c *exchange.Configuration) { c.Serial = 0 },
		"no authority":         func(c *exchange.Configuration) { c.Authorities = nil },
		"a leaf as authority":  func(c *exchange.Configuration) { c.Authorities = c.Gateways[0].Certificates },
		"times":                func(c *exchange.Configuration) { c.ValidUntil = c.IssuedAt },
		"member twice":         func(c *exchange.Configuration) { c.Members = append(c.Members, c.Members[0]) },
		"subsystem of another": func(c *exchange.Configuration) { c.Members[0].Subsystems[0].ID = match.SubsystemID() },
		"gateway for another":  func(c *exchange.Configuration) { c.Gateways[0].Subsystems = []xroad.ID{match.SubsystemID()} },
		"gateway twice":        func(c *exchange.Configuration) { c.Gateways = append(c.Gateways, c.Gateways[0]) },
		"gateway of nobody":    func(c *exchange.Configuration) { c.Gateways[0].Member = xroad.MustID("VN/GOV/G99") },
		"no port":              func(c *exchange.Configuration) { c.Gateways[0].Address = "127.0.0.1" },
		"bad certificate":      func(c *exchange.Configuration) { c.Gateways[0].Certificates[0] = []byte("x") },
		"service of nobody":    func(c *exchange.Configuration) { c.Services[0].ID = xroad.MustID("VN/GOV/G99/X/y") },
		"group of strangers":   func(c *exchange.Configuration) { c.Groups[0].Members[0] = xroad.MustID("VN/GOV/G99/X") },
		"revocation":           func(c *exchange.Configuration) { c.Revoked = []exchange.Revocation{{Fingerprint: "x"}} },
	} {
		conf := c.configuration(t)
		change(&conf)
		if f := fault.As(conf.Check(noon)); f == nil || f.Key != "exchange.configuration.inconsistent" {
			t.Errorf("%s: %v", name, f)
		}
		if _, err := exchange.Sign(conf, c.key, c.cert); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	conf := newCentre(t).configuration(t)
	long, short := exchange.Fingerprint(conf.Gateways[0].Certificates[0]), exchange.Fingerprint(conf.Gateways[0].Certificates[1])
	suspended := conf.Gateways[0]
	suspended.ID, suspended.Suspended, suspended.Certificates = "H55-2", true, [][]byte{newCentre(t).cert}
	conf.Gateways = append(conf.Gateways, suspended)
	conf.Revoked = []exchange.Revocation{{Fingerprint: long, At: noon.Add(time.Hour)}}
	d := exchange.Index(conf)
	tests := []struct {
		name  string
		keyID string
		id    xroad.ID
		at    time.Time
		want  error
	}{
		{"good", long, province, noon, nil},
		{"the member itself", long, province.MemberID(), noon, nil},
		{"a service of it", long, province.Of("x"), noon, nil},
		{"another subsystem", long, match.SubsystemID(), noon, exchange.ErrNotForIt},
		{"another member", long, match.MemberID(), noon, exchange.ErrNotForIt},
		{"revoked", long, province, noon.Add(time.Hour), exchange.ErrRevoked},
		{"expired", short, province, noon.AddDate(0, 0, 2), exchange.ErrOutOfTime},
		{"early", short, province, noon.AddDate(-1, 0, 0), exchange.ErrOutOfTime},
		{"stranger", "00", province, noon, exchange.ErrUnknownKey},
		{"suspended", exchange.Fingerprint(suspended.Certificates[0]), province, noon, exchange.ErrSuspended},
	}
	for _, tt := range tests {
		if _, err := d.Speaks(tt.keyID, tt.id, tt.at); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
	if list := d.GatewaysOf(province); len(list) != 1 || list[0].ID != "H55-1" {
		t.Errorf("gateways %v", list)
	}
	for at, want := range map[time.Time]exchange.Freshness{
		noon: exchange.Fresh, noon.Add(time.Hour): exchange.Stale, conf.ValidUntil: exchange.Expired,
	} {
		if got := d.FreshAt(at); got != want {
			t.Errorf("at %s: got %s, want %s", at, got, want)
		}
	}
	if _, ok := d.Service(match); !ok {
		t.Error("no service")
	}
	if _, ok := d.Subsystem(province); !ok || len(d.Groups()["tinh"]) != 1 {
		t.Error("no subsystem or group")
	}
}

func TestMonitor(t *testing.T) {
	t.Parallel()
	req := exchange.Record{Commitment: exchange.Commitment{Kind: exchange.Request, Method: "POST"}}
	res := exchange.Record{
		At: noon, Side: exchange.Provider, Peer: "H55-1", UserID: "u", Issue: "i", Represented: "R", Size: 5, RequestSize: 9, ServiceType: "REST",
		Fault: xroad.AccessDenied, FaultText: "no", RequestIn: noon, ResponseOut: noon.Add(3 * time.Millisecond),
		Commitment: exchange.Commitment{Kind: exchange.Response, Status: 500, Client: province, Service: match, MessageID: "m", RequestID: "r"},
	}
	got := exchange.Monitor{
		IP: "10.0.0.1", Address: "own:1", Version: "7.7", Style: xroad.StyleNew, AddressOf: func(p string) string { return p + ":1" },
	}.Of(req, res)
	want := exchange.Monitoring{
		MonitoringDataTs: noon.Unix(), SecurityServerInternalIP: "10.0.0.1", SecurityServerType: "Producer",
		RequestInTs: noon.UnixMilli(), ResponseOutTs: noon.UnixMilli() + 3,
		ClientXRoadInstance: "VN", ClientMemberClass: "GOV", ClientMemberCode: "H55", ClientSubsystemCode: "TTHC",
		ServiceXRoadInstance: "VN", ServiceMemberClass: "GOV", ServiceMemberCode: "G01", ServiceSubsystemCode: "DANCU", ServiceCode: "match",
		RESTMethod: "POST", MessageID: "m", MessageUserID: "u", MessageIssue: "i", RepresentedPartyCode: "R", MessageProtocolVersion: "1",
		ClientSecurityServerAddr: "H55-1:1", ServiceSecurityServerAddr: "own:1", RequestSize: 9, ResponseSize: 5, StatusCode: 500,
		FaultCode: "server.serverproxy.access_denied", FaultString: "no", ServiceType: "REST", XRequestID: "r", XRoadVersion: "7.7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
