package gateway_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/gateway"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/health"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

var motcua = xroad.MustID("VN/GOV/H55/MOTCUA")

// house is a province whose gateway has a door of its own, and an authority.
type house struct {
	*node
	authority *node
	ca        pki.Authority
	pool      *x509.CertPool
	port      string
}

func newHouse(t *testing.T, db *sqldb.DB, door gateway.Door) house {
	t.Helper()
	c := newCountry(t)
	authority := c.join("G01-1", dancu, nil)
	h := house{authority: authority, pool: x509.NewCertPool()}
	key := newKey(t)
	der, err := pki.NewAuthority(key, "local", c.clock.Now(), 1)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	h.ca = pki.Authority{Certificate: cert, Key: key}
	h.pool.AddCert(cert)
	door.Own, door.Inside = "MOTCUA", []string{"MOTCUA"}
	door.Certificate = func() (*tls.Certificate, error) {
		key := newKey(t)
		now := c.clock.Now()
		der, err := h.ca.Issue(pki.Leaf{
			Public: key.Public(), Name: "port", Hosts: []string{"127.0.0.1"}, From: now.Add(-time.Hour), Until: now.Add(time.Hour), Use: pki.LocalPort,
		})
		return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
	}
	h.node = c.join("H55-1", tthc, func(n *node) { n.db, n.settings.Door = db, door })
	c.publish(func(cfg *exchange.Configuration) {
		gw := &cfg.Gateways[len(cfg.Gateways)-1]
		gw.Subsystems = append(gw.Subsystems, motcua)
		cfg.Members[0].Subsystems = append(cfg.Members[0].Subsystems, exchange.Subsystem{ID: motcua, Name: "Một cửa của nút"})
	})
	c.spread()
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", OwnFields: true}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	authority.give(t, exchange.Right{Subject: motcua, Service: match})
	ln, err := h.LocalListener(listen(t))
	if err != nil {
		t.Fatal(err)
	}
	s := h.LocalServer(h.Local())
	done := make(chan struct{})
	go func() { _ = s.Serve(ln); close(done) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	h.port = ln.Addr().String()
	return h
}

// system makes the certificate of a system; register lets it count.
func (h house) system(t *testing.T, id xroad.ID, until time.Duration, register bool) tls.Certificate {
	t.Helper()
	key := newKey(t)
	now := h.clock.Now()
	der, err := h.ca.Issue(pki.Leaf{
		Public: key.Public(), Name: id.String(), From: now.Add(-2 * time.Hour), Until: now.Add(until), Use: pki.LocalSystem,
	})
	if err != nil {
		t.Fatal(err)
	}
	if register {
		h.register(t, der, id)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (h house) register(t *testing.T, der []byte, id xroad.ID) {
	t.Helper()
	c, err := exchange.NewLocalCertificate(der, id, exchange.PinnedHere, "an", h.clock.Now().Add(-24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.AddLocalCertificate(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	h.reload(t)
}

// ask asks over TLS when there is a certificate or none is to be shown, else plainly.
func (h house) ask(t *testing.T, with *tls.Certificate, path string, change func(*http.Request)) answered {
	t.Helper()
	scheme, tr := "http", &http.Transport{DisableKeepAlives: true}
	if with != nil {
		scheme, tr.TLSClientConfig = "https", &tls.Config{RootCAs: h.pool, MinVersion: tls.VersionTLS12}
		if len(with.Certificate) > 0 {
			tr.TLSClientConfig.Certificates = []tls.Certificate{*with}
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://"+h.port+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Road-Client", tthc.String())
	if change != nil {
		change(r)
	}
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{resp, body}
}

func as(id string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("X-Road-Client", id) }
}

// TestWhoSpeaksOnTheLocalPort: a system speaks as the subsystem of its certificate and
// as no other; plain HTTP is for those whom the setting names; nobody is the node itself.
func TestWhoSpeaksOnTheLocalPort(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db, gateway.Door{Plain: []string{"OTHER"}})
		own := h.system(t, tthc, time.Hour, true)
		foreign := h.system(t, motcua, time.Hour, true) // registered, though no page would
		stranger := h.system(t, tthc, time.Hour, false)
		ended := h.system(t, tthc, -time.Hour, true)
		none := tls.Certificate{}
		for _, tt := range []struct {
			name string
			with *tls.Certificate
			as   string
			want xroad.Code
		}{
			{"its own certificate", &own, "VN/GOV/H55/TTHC", ""},
			{"another's name", &own, "VN/GOV/H55/MOTCUA", xroad.ClientDenied},
			{"its member's name", &own, "VN/GOV/H55", xroad.PeerCertificate},
			{"the name of a stranger", &own, "VN/GOV/G24/BHXH", xroad.InvalidClient},
			{"the node's own name with a certificate of it", &foreign, "VN/GOV/H55/MOTCUA", xroad.ClientDenied},
			{"a certificate of another subsystem", &foreign, "VN/GOV/H55/TTHC", xroad.PeerCertificate},
			{"a certificate that nobody registered", &stranger, "VN/GOV/H55/TTHC", xroad.PeerCertificate},
			{"a certificate that has ended", &ended, "VN/GOV/H55/TTHC", xroad.PeerCertificate},
			{"no certificate", &none, "VN/GOV/H55/TTHC", xroad.PeerCertificate},
			{"plain, not named", nil, "VN/GOV/H55/TTHC", xroad.PeerCertificate},
			{"plain, the node's own name", nil, "VN/GOV/H55/MOTCUA", xroad.ClientDenied},
		} {
			if a := h.ask(t, tt.with, matchPath, as(tt.as)); a.code() != string(tt.want) || tt.want == "" && a.StatusCode != http.StatusOK {
				t.Errorf("%s: %d %s, want %q", tt.name, a.StatusCode, a.body, tt.want)
			}
		}
		// The node's own modules call as it, without the port.
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+matchPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Road-Client", motcua.String())
		resp, err := h.Call(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("the node itself: %d %s", resp.StatusCode, resp.Header.Get("X-Road-Error"))
		}
		// What is removed counts no longer, on the connection that is open too.
		list, err := h.store.LocalCertificates(t.Context())
		if err != nil || len(list) != 3 {
			t.Fatalf("%d certificates, %v", len(list), err)
		}
		if err := h.store.RemoveLocalCertificate(t.Context(), exchange.Fingerprint(own.Certificate[0]), "an", h.clock.Now()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the removal", func() bool { return h.ask(t, &own, matchPath, nil).code() == string(xroad.PeerCertificate) })
		c, err := exchange.NewLocalCertificate(own.Certificate[0], tthc, exchange.PinnedHere, "an", h.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := h.store.AddLocalCertificate(t.Context(), c); err == nil {
			t.Error("a certificate that was removed counts again")
		}
		acts, err := audit.Find(t.Context(), h.db, audit.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		var did []string
		for _, a := range acts {
			did = append(did, a.Action)
		}
		if !slices.Contains(did, "exchange.local.add") || !slices.Contains(did, "exchange.local.remove") {
			t.Errorf("the audit log has %q", did)
		}
	})
}

// TestPlainLocalPort: what is plain is for programs of this machine that know where
// they are, not for pages in a browser.
func TestPlainLocalPort(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, gateway.Door{Plain: []string{"TTHC"}, Hosts: []string{"gateway.example.vn"}})
	for name, want := range map[string]bool{
		"127.0.0.1": true, "localhost:8007": true, "LOCALHOST": true, "[::1]:8007": true, "gateway.example.vn:8007": true, "Gateway.Example.VN": true,
		"evil.example": false, "127.0.0.1.evil.example": false, "localhost.evil.example": false, "10.0.0.1": false, "gateway.example.vn.": true,
	} {
		a := h.ask(t, nil, matchPath, func(r *http.Request) { r.Host = name })
		if ok := a.StatusCode == http.StatusOK; ok != want || !ok && (a.StatusCode != http.StatusBadRequest || a.code() != string(xroad.ClientDenied)) {
			t.Errorf("Host %s: %d %s", name, a.StatusCode, a.body)
		}
		if a := h.ask(t, nil, "/listClients", func(r *http.Request) { r.Host = name }); (a.StatusCode == http.StatusOK) != want {
			t.Errorf("Host %s, listClients: %d", name, a.StatusCode)
		}
	}
	for site, want := range map[string]int{"cross-site": 400, "same-site": 400, "same-origin": 400, "none": 200} {
		if a := h.ask(t, nil, matchPath, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", site) }); a.StatusCode != want {
			t.Errorf("from a browser, %s: %d %s", site, a.StatusCode, a.body)
		}
	}
	closed := newHouse(t, nil, gateway.Door{})
	if a := closed.ask(t, nil, "/listClients", nil); a.code() != string(xroad.PeerCertificate) || !strings.Contains(string(a.body), "HTTPS") {
		t.Errorf("plain where nobody may: %d %s", a.StatusCode, a.body)
	}
	if a := closed.ask(t, &tls.Certificate{}, "/listClients", nil); a.StatusCode != http.StatusOK {
		t.Errorf("who takes part, over TLS: %d %s", a.StatusCode, a.body)
	}
}

// TestWhoReadsMonitoring: whom the owner named, and each look is told before it is answered.
func TestWhoReadsMonitoring(t *testing.T) {
	t.Parallel()
	var looks []gateway.MonitoringLook
	var broken error
	looked := func(_ context.Context, l gateway.MonitoringLook) error { looks = append(looks, l); return broken }
	nobody := newHouse(t, nil, gateway.Door{Plain: []string{"TTHC"}, Looked: looked})
	certificate := nobody.system(t, tthc, time.Hour, true)
	for _, with := range []*tls.Certificate{nil, {}, &certificate} {
		if a := nobody.ask(t, with, gateway.PathMonitoring, nil); a.code() != string(xroad.ClientDenied) {
			t.Errorf("not named: %d %s", a.StatusCode, a.body)
		}
	}
	named := newHouse(t, nil, gateway.Door{Monitoring: []string{"TTHC", gateway.AnyLocal}, Plain: []string{"OTHER"}, Looked: looked})
	certificate = named.system(t, tthc, time.Hour, true)
	other := named.system(t, motcua, time.Hour, true)
	if a := named.ask(t, &other, gateway.PathMonitoring, nil); a.StatusCode == http.StatusOK || len(looks) > 0 {
		t.Errorf("another system: %d, %d looks", a.StatusCode, len(looks))
	}
	if a := named.ask(t, &certificate, gateway.PathMonitoring+"?from=1700000000&limit=7", nil); a.StatusCode != http.StatusOK || len(looks) != 1 ||
		looks[0].By != "VN/GOV/H55/TTHC" || looks[0].Limit != 7 || looks[0].From.Unix() != 1700000000 || looks[0].Address != "127.0.0.1" {
		t.Errorf("%d %s, looks %+v", a.StatusCode, a.body, looks)
	}
	if a := named.ask(t, nil, gateway.PathMonitoring, nil); a.StatusCode != http.StatusOK || looks[len(looks)-1].By != gateway.AnyLocal {
		t.Errorf("any program of this machine: %d %s", a.StatusCode, a.body)
	}
	broken = errors.New("full")
	if a := named.ask(t, &certificate, gateway.PathMonitoring, nil); a.code() != string(xroad.ConsumerLogFailed) || strings.Contains(string(a.body), "full") {
		t.Errorf("a look that cannot be logged: %d %s", a.StatusCode, a.body)
	}
}

// TestOtherWaysToAsk: who speaks another of X-Road's ways reads what there is instead.
func TestOtherWaysToAsk(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, gateway.Door{Plain: []string{"TTHC"}})
	post := func(path, kind, body string) answered {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+h.port+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answered{resp, b}
	}
	const envelope = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header/><soapenv:Body/></soapenv:Envelope>`
	for _, kind := range []string{"text/xml", "application/x-www-form-urlencoded"} {
		a := post("/", kind, envelope)
		if a.StatusCode != 500 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/xml") || !strings.Contains(string(a.body), "<faultstring>") ||
			!strings.Contains(string(a.body), "REST") {
			t.Errorf("%s: %d %s", kind, a.StatusCode, a.body)
		}
	}
	a := post("/", "application/soap+xml", strings.Replace(envelope, "schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope", 1))
	if !strings.Contains(string(a.body), "env:Reason") || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/soap+xml") {
		t.Errorf("SOAP 1.2: %s", a.body)
	}
	for kind, want := range map[string]string{
		"text/xml; charset=utf-8": "text/xml", "application/soap+xml": "application/soap+xml", // compressed: nothing of it can be read
		`multipart/related; type="text/xml"; boundary=b`: "text/xml", `multipart/related; type="application/soap+xml"; boundary=b`: "application/soap+xml",
	} {
		a := post("/", kind, "\x1f\x8b\x08\x00")
		if a.StatusCode != 500 || !strings.HasPrefix(a.Header.Get("Content-Type"), want) || !strings.Contains(string(a.body), "REST") {
			t.Errorf("%s: %d %s", kind, a.StatusCode, a.body)
		}
	}
	wide := []byte{0xff, 0xfe}
	for _, b := range []byte(envelope) {
		wide = append(wide, b, 0)
	}
	if a := post("/", "application/octet-stream", string(wide)); !strings.Contains(string(a.body), "<faultstring>") {
		t.Errorf("UTF-16: %d %s", a.StatusCode, a.body)
	}
	for _, path := range []string{"/verificationconf", "/asic?queryId=1"} {
		if a := post(path, "text/plain", ""); a.StatusCode != http.StatusNotFound || a.code() != string(xroad.BadRequest) {
			t.Errorf("POST %s: %d %s", path, a.StatusCode, a.body)
		}
	}
	// X-Road's message protocol 4.0.
	version4, err := os.ReadFile("testdata/xroad-soap-v4.xml")
	if err != nil {
		t.Fatal(err)
	}
	if a := post("/", "text/xml;charset=utf-8", string(version4)); !strings.Contains(string(a.body), "<faultstring>X-Road") || a.code() == "" {
		t.Errorf("message protocol 4.0: %d %s", a.StatusCode, a.body)
	}
	if a := post("/", "application/json", "{}"); a.code() != string(xroad.MissingClient) {
		t.Errorf("no SOAP: %d %s", a.StatusCode, a.body)
	}
	for path, want := range map[string]string{
		"/verificationconf": "/exchange/v1/configuration", "/asic?queryId=1": "dean06 proof export", "/?wsdl": "listMethods", "/wsdl": "getOpenAPI",
	} {
		if a := h.ask(t, nil, path, func(r *http.Request) { r.Header.Del("X-Road-Client") }); a.StatusCode != http.StatusNotFound ||
			!strings.Contains(string(a.body), want) {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
}

// TestDoctorLooksAtTheLocalPort: what is open, or ends soon, is said.
func TestDoctorLooksAtTheLocalPort(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, gateway.Door{Plain: []string{gateway.AnySubsystem}})
	h.system(t, tthc, 24*time.Hour, true)
	found := map[string]health.Level{}
	for _, f := range h.Doctor(t.Context()) {
		found[f.Key] = f.Level
	}
	for _, key := range []string{"gateway.doctor.local.open", "gateway.doctor.local.soon"} {
		if level, ok := found[key]; !ok || level != health.Warning {
			t.Errorf("%s is not said: %v", key, found)
		}
	}
	if _, ok := found["exchange.own.missing"]; ok {
		t.Error("the node's own subsystem is there")
	}
}

// TestProvidersWithTheirOwnTLS: a service is called by the authorities, the name and
// the certificate that its owner set; what does not fit is said as it is.
func TestProvidersWithTheirOwnTLS(t *testing.T) {
	t.Parallel()
	c, province, authority := pair(t)
	now := c.clock.Now()
	authorityOf := func(name string) (pki.Authority, []byte) {
		key := newKey(t)
		der, err := pki.NewAuthority(key, name, now, 1)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return pki.Authority{Certificate: cert, Key: key}, der
	}
	ca, caDER := authorityOf("service")
	_, otherDER := authorityOf("another")
	issue := func(key *ecdsa.PrivateKey, use pki.Use, from, until time.Duration, hosts ...string) []byte {
		der, err := ca.Issue(pki.Leaf{Public: key.Public(), Name: "x", Hosts: hosts, From: now.Add(from), Until: now.Add(until), Use: use})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.Certificate)
	serve := func(until time.Duration, auth tls.ClientAuthType, hosts ...string) string {
		key := newKey(t)
		ln := listen(t)
		s := &http.Server{
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, `{"ok":true}`) }),
			TLSConfig: &tls.Config{
				MinVersion: tls.VersionTLS12, ClientAuth: auth, ClientCAs: pool,
				Certificates: []tls.Certificate{{Certificate: [][]byte{issue(key, pki.LocalPort, -48*time.Hour, until, hosts...)}, PrivateKey: key}},
			},
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		}
		done := make(chan struct{})
		go func() { _ = s.ServeTLS(ln, "", ""); close(done) }()
		t.Cleanup(func() { _ = s.Close(); <-done })
		return "https://" + ln.Addr().String()
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	key, err := pki.FileKey(path("client.key"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(der []byte) {
		t.Helper()
		if err := os.WriteFile(path("client.pem"), pki.WriteCertificates(der), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(issue(key, pki.LocalSystem, -48*time.Hour, time.Hour))
	good := serve(time.Hour, tls.NoClientCert, "127.0.0.1")
	expired := serve(-time.Hour, tls.NoClientCert, "127.0.0.1")
	named := serve(time.Hour, tls.NoClientCert, "service.example.vn")
	strict := serve(time.Hour, tls.RequireAndVerifyClientCert, "127.0.0.1")
	own := string(pki.WriteCertificates(caDER))
	files := exchange.ServiceTLS{CA: own, Certificate: path("client.pem"), Key: path("client.key")}
	for _, tt := range []struct {
		name, url string
		tls       exchange.ServiceTLS
		says      string // "" for an answer
	}{
		{"its own authority", good, exchange.ServiceTLS{CA: own}, ""},
		{"no authority", good, exchange.ServiceTLS{}, "not by an authority"},
		{"a foreign authority", good, exchange.ServiceTLS{CA: string(pki.WriteCertificates(otherDER))}, "not by an authority"},
		{"ended", expired, exchange.ServiceTLS{CA: own}, "until " + now.Add(-time.Hour).UTC().Format("2006-01-02 15:04")},
		{"for another name", named, exchange.ServiceTLS{CA: own}, "for another name"},
		{"the name is set", named, exchange.ServiceTLS{CA: own, ServerName: "service.example.vn"}, ""},
		{"a certificate is wanted", strict, exchange.ServiceTLS{CA: own}, "does not accept"},
		{"the gateway's own, which it does not know", strict, exchange.ServiceTLS{CA: own, Certificate: exchange.OwnCertificate}, "does not accept"},
		{"a certificate in files", strict, files, ""},
		{"files that are not there", strict, exchange.ServiceTLS{CA: own, Certificate: "/none.pem", Key: "/none.key"}, "cannot be used"},
	} {
		authority.offer(t, exchange.LocalService{ID: match, Name: "match", URL: tt.url, OwnFields: true, TLS: tt.tls}, nil)
		a := province.call(t, http.MethodGet, matchPath, nil)
		if tt.says == "" && a.StatusCode != http.StatusOK || tt.says != "" && (a.code() != string(xroad.ServiceFailed) || !strings.Contains(a.message(), tt.says)) {
			t.Errorf("%s: %d %s, want %q", tt.name, a.StatusCode, a.body, tt.says)
		}
		stored, err := authority.store.Services(t.Context())
		if err != nil || len(stored) != 1 || stored[0].TLS != tt.tls {
			t.Fatalf("%s: stored %+v, %v", tt.name, stored, err)
		}
		// The doctor tries as a call does.
		_, err = authority.TryService(t.Context(), stored[0])
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: the doctor says %v", tt.name, err)
		}
	}
	// A certificate that was replaced is taken up by the next call.
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", URL: strict, OwnFields: true, TLS: files}, nil)
	write(issue(key, pki.LocalSystem, -48*time.Hour, -time.Hour))
	if a := province.call(t, http.MethodGet, matchPath, nil); !strings.Contains(a.message(), "ended on") {
		t.Errorf("an ended certificate of the gateway: %d %s", a.StatusCode, a.body)
	}
	write(issue(key, pki.LocalSystem, -47*time.Hour, 2*time.Hour))
	if a := province.call(t, http.MethodGet, matchPath, nil); a.StatusCode != http.StatusOK {
		t.Errorf("a new certificate of the gateway: %d %s", a.StatusCode, a.body)
	}
}
