package gateway_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// These are the points that X-Road's own black-box tests look at.

func TestIdsAndHashes(t *testing.T) {
	t.Parallel()
	_, province, _ := pair(t)
	seen := map[string]bool{}
	for range 3 {
		a := province.call(t, http.MethodGet, matchPath, nil, "X-Road-Id", "query-1", "X-Road-Request-Id", "mine", "X-Road-Request-Hash", "mine")
		if got := a.Header.Get("X-Road-Id"); got != "query-1" {
			t.Errorf("x-road-id = %q, want the client's", got)
		}
		for _, name := range []string{"X-Road-Request-Id", "X-Road-Request-Hash"} {
			v := a.Header.Get(name)
			if v == "" || v == "mine" || seen[v] {
				t.Errorf("%s = %q, want a new one each time", name, v)
			}
			seen[v] = true
		}
		for name, want := range map[string]string{"X-Road-Client": "VN/GOV/H55/TTHC", "X-Road-Service": "VN/GOV/G01/DANCU/match"} {
			if got := a.Header[name]; !cmp.Equal(got, []string{want}) {
				t.Errorf("%s = %q, want %q once", name, got, want)
			}
		}
		if n := len(a.Header["Date"]); n != 1 {
			t.Errorf("%d Date headers, want 1", n)
		}
		if strings.Contains(string(a.body), `"mine"`) {
			t.Errorf("the service was told %s, want the client's request id and hash dropped", a.body)
		}
	}
	if got := province.call(t, http.MethodGet, matchPath, nil).Header.Get("X-Road-Id"); !strings.HasPrefix(got, "VN-") || len(got) != 39 {
		t.Errorf("x-road-id = %q, want VN- and a uuid", got)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	var got http.Header
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		h := w.Header()
		h["Date"] = []string{"Fri, 01 Jan 2021 00:00:00 GMT"}
		h.Set("Server", "Apache")
		h.Set("X-Road-Id", "forged")
		h.Set("X-Road-Error", "forged")
		h.Set("X-Road-Request-Id", "forged")
		h["Set-Cookie"] = []string{"a=1", "b=2"}
		h.Set("Signature", "sig1=:AAAA:")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, `{"type":"own"}`)
	}))
	t.Cleanup(service.Close)
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", URL: service.URL, OwnFields: true}, nil)
	a := province.call(t, http.MethodGet, matchPath, nil,
		"User-Agent", "client", "Proxy-Authorization", "secret", "Te", "trailers", "X-Dean06-Fields", "*", "X-Dean06-Right", "x",
		"X-Dean06-Own-Cookie", "c=3", "Cookie", "a=1;b=2", "Signature", "sig1=:AQ==:", "Signature-Input", "sig1=()", "Content-Digest",
		"sha-256=:AA==:",
		"X-Multi", "1", "X-Multi", "2", "X-Empty", "", "Origin", "https://elsewhere.example", "X-Road-Represented-Party", "GOV/X",
		"Authorization", "Bearer t",
		"Connection", "x-hop, x-road-userid", "X-Hop", "1", "X-Road-UserId", "an", "X-Dean06-Purpose", "1.001")
	want := map[string][]string{
		"Cookie": {"a=1;b=2"}, "Signature": {"sig1=:AQ==:"}, "Signature-Input": {"sig1=()"}, "Content-Digest": {"sha-256=:AA==:"},
		"X-Multi": {"1", "2"}, "X-Empty": {""}, "Origin": {"https://elsewhere.example"}, "Accept": {"application/json"},
		"X-Road-Represented-Party": {"GOV/X"},
		"X-Road-Client":            {"VN/GOV/H55/TTHC"}, "X-Dean06-Fields": {"*"}, "Authorization": {"Bearer t"}, "X-Road-Userid": {"an"},
		"X-Dean06-Purpose": {"1.001"},
		"User-Agent":       nil, "Proxy-Authorization": nil, "Te": nil, "X-Hop": nil, "X-Dean06-Own-Cookie": nil, "X-Road-Request-Hash": nil,
	}
	for name, values := range want {
		if !cmp.Equal(got[name], values) {
			t.Errorf("the service got %s = %q, want %q", name, got[name], values)
		}
	}
	if got.Get("X-Dean06-Right") == "x" {
		t.Error("the service got the client's X-Dean06-Right")
	}
	if a.StatusCode != http.StatusTeapot || string(a.body) != `{"type":"own"}` {
		t.Errorf("answer %d %s, want the service's own", a.StatusCode, a.body)
	}
	for name, values := range map[string][]string{
		"Date": {"Fri, 01 Jan 2021 00:00:00 GMT"}, "Server": nil, "X-Road-Error": nil, "Set-Cookie": {"a=1", "b=2"}, "Signature": {"sig1=:AAAA:"},
		"Access-Control-Allow-Origin": nil, "X-Dean06-Head": nil, "Signature-Input": nil,
	} {
		if !cmp.Equal(a.Header[name], values) {
			t.Errorf("the client got %s = %q, want %q", name, a.Header[name], values)
		}
	}
	if id := a.Header.Get("X-Road-Id"); id == "forged" || a.Header.Get("X-Road-Request-Id") == "forged" {
		t.Error("the service's own X-Road headers got through")
	}
}

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	var uri, method string
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		uri, method = r.RequestURI, r.Method
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
	}))
	t.Cleanup(service.Close)
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", URL: service.URL + "/base", OwnFields: true}, nil)
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "", "/base"},
		{"GET", "/", "/base/"},
		{"DELETE", "/a/b?x=1&y=%20", "/base/a/b?x=1&y=%20"},
		{"PUT", "/path%3B/", "/base/path%3B/"},
		{"OPTIONS", "/a//b", "/base/a//b"},
		{"PATCH", "/%C4%91", "/base/%C4%91"},
		{"HEAD", "/a?", "/base/a?"},
		{"TRACE", "/t", "/base/t"},
		{"POST", "?q=/r1/x", "/base?q=/r1/x"},
	} {
		a := province.call(t, tt.method, matchPath+tt.path, nil)
		if a.StatusCode != http.StatusFound || a.Header.Get("Location") != "/elsewhere" {
			t.Errorf("%s %s: status %d, want the redirect itself: %s", tt.method, tt.path, a.StatusCode, a.body)
		}
		if uri != tt.want || method != tt.method {
			t.Errorf("%s %s reached the service as %s %s, want %s", tt.method, tt.path, method, uri, tt.want)
		}
	}
}

func TestEncodedIdentifiers(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	odd := xroad.ID{Instance: "VN", Class: "GOV", Member: "G01", Subsystem: "DÂN CƯ/1"}
	asker := xroad.ID{Instance: "VN", Class: "GOV", Member: "H55", Subsystem: "MỘT CỬA"}
	c.cfg.Members[0].Subsystems = append(c.cfg.Members[0].Subsystems, exchange.Subsystem{ID: asker})
	c.cfg.Members[2].Subsystems = append(c.cfg.Members[2].Subsystems, exchange.Subsystem{ID: odd})
	authority, province := c.join("G01-1", odd, nil), c.join("H55-1", asker, nil)
	authority.offer(t, exchange.LocalService{ID: odd.Of("tìm"), OwnFields: true}, echo)
	authority.give(t, exchange.Right{Subject: asker, Service: odd.Of("tìm")})
	a := province.call(
		t, http.MethodGet, "/r1/VN/GOV/G01/D%C3%82N%20C%C6%AF%2F1/t%C3%ACm/x", nil, "X-Road-Client", "VN/GOV/H55/M%e1%bb%98T%20C%e1%bb%acA",
	)
	if a.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", a.StatusCode, a.body)
	}
	if got := a.Header.Get("X-Road-Service"); got != odd.Of("tìm").String() {
		t.Errorf("service = %q", got)
	}
}

func TestLargeBodies(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	t.Cleanup(service.Close)
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", URL: service.URL, OwnFields: true}, nil)
	for _, size := range []int{1, 256 << 10, 256<<10 + 1, 13 << 20} {
		body := make([]byte, size)
		_, _ = rand.Read(body)
		a := province.call(t, http.MethodPost, matchPath, body)
		if a.StatusCode != http.StatusOK || sha256.Sum256(a.body) != sha256.Sum256(body) {
			t.Errorf("%d bytes: status %d, %d bytes back, want the same", size, a.StatusCode, len(a.body))
		}
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority := c.join("G01-1", dancu, func(n *node) { n.settings.MaxBody = 1 << 10 })
	province := c.join("H55-1", tthc, func(n *node) { n.settings.MaxBody = 2 << 10 })
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 1500))
	}))
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	for _, tt := range []struct {
		size int
		want xroad.Code
	}{{3000, xroad.ConsumerTooLarge}, {1500, xroad.TooLarge}, {10, xroad.TooLarge}} {
		if a := province.call(t, http.MethodPost, matchPath, make([]byte, tt.size)); a.code() != string(tt.want) {
			t.Errorf("%d bytes: %d %s, want %s", tt.size, a.StatusCode, a.body, tt.want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	c, province, authority := pair(t)
	c.join("G24-1", bhxh, nil)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("off"), Disabled: true, Notice: "bảo trì"}, nil)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("dead"), URL: "http://127.0.0.1:1"}, nil)
	authority.give(t, exchange.Right{Subject: tthc, Service: dancu.Of("dead")})
	authority.offer(
		t, exchange.LocalService{ID: dancu.Of("panics")}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no") }),
	)
	authority.give(t, exchange.Right{Subject: tthc, Service: dancu.Of("panics")})
	authority.offer(t, exchange.LocalService{ID: dancu.Of("patch")}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: dancu.Of("patch"), Method: "GET", Path: "/a/*"})
	authority.offer(t, exchange.LocalService{ID: dancu.Of("why")}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: dancu.Of("why"), Purposes: []string{"1.004194"}})
	tests := []struct {
		name, method, path string
		headers            []string
		status             int
		want               xroad.Code
	}{
		{"path without a service", "GET", "/r1/VN/GOV/G01/DANCU", nil, 500, xroad.BadRequest},
		{"empty part", "GET", "/r1/VN/GOV//DANCU/match", nil, 500, xroad.BadRequest},
		{"encoded whole id", "GET", "/r1/VN%2FGOV%2FG01%2FDANCU%2Fmatch", nil, 500, xroad.BadRequest},
		{"another path", "GET", "/favicon.ico", nil, 500, xroad.BadRequest},
		{"client with two parts", "GET", matchPath, []string{"X-Road-Client", "VN/GOV"}, 400, xroad.InvalidClient},
		{"client of another gateway", "GET", matchPath, []string{"X-Road-Client", bhxh.String()}, 400, xroad.InvalidClient},
		{"client twice", "GET", matchPath, []string{"X-Road-Client", tthc.String(), "X-Road-Client", bhxh.String()}, 500, xroad.BadRequest},
		{"officer twice", "GET", matchPath, []string{"X-Road-UserId", "an", "X-Road-UserId", "bình"}, 500, xroad.BadRequest},
		{"unknown member", "GET", "/r1/VN/GOV/G99/X/y", nil, 500, xroad.UnknownMember},
		{"unknown instance", "GET", "/r1/EE/GOV/G01/DANCU/match", nil, 500, xroad.UnknownMember},
		{"unknown server", "GET", matchPath, []string{"X-Road-Security-Server", "VN/GOV/G01/G01-2"}, 500, xroad.UnknownMember},
		{"unknown service", "GET", "/r1/VN/GOV/G01/DANCU/nothing", nil, 500, xroad.UnknownService},
		{"disabled service", "GET", "/r1/VN/GOV/G01/DANCU/off", nil, 500, xroad.ServiceDisabled},
		{"service does not answer", "GET", "/r1/VN/GOV/G01/DANCU/dead", nil, 500, xroad.ServiceUnreachable},
		{"service panics", "GET", "/r1/VN/GOV/G01/DANCU/panics", nil, 500, xroad.ServiceFailed},
		{"patch denied by the right to an endpoint", "PATCH", "/r1/VN/GOV/G01/DANCU/patch/a/b", nil, 500, xroad.AccessDenied},
		{"path climbs out of the right", "GET", "/r1/VN/GOV/G01/DANCU/patch/a/..%2Fb", nil, 500, xroad.AccessDenied},
		{"without the purpose", "GET", "/r1/VN/GOV/G01/DANCU/why", nil, 500, xroad.PurposeRefused},
		{"another subsystem's right", "GET", matchPath, []string{"X-Road-Client", "VN/GOV/H55"}, 500, xroad.AccessDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := province.call(t, tt.method, tt.path, nil, tt.headers...)
			var body struct{ Type, Message, Detail string }
			if err := json.Unmarshal(a.body, &body); err != nil {
				t.Fatalf("body %q: %v", a.body, err)
			}
			if a.StatusCode != tt.status || body.Type != string(tt.want) || a.code() != string(tt.want) || body.Message == "" ||
				len(body.Detail) != 36 {
				t.Errorf("got %d %s %s, want %d %s", a.StatusCode, a.code(), a.body, tt.status, tt.want)
			}
			if len(a.Header["Date"]) != 1 {
				t.Errorf("Date = %q, want one", a.Header["Date"])
			}
		})
	}
	if a := province.call(
		t, "GET", "/r1/VN/GOV/G01/DANCU/patch/a/b", nil, "X-Road-Security-Server", "VN/GOV/G01/G01-1",
	); a.StatusCode != http.StatusOK {
		t.Errorf("named gateway: %d %s", a.StatusCode, a.body)
	}
}

func TestMissingClientAndErrorForm(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	n := c.join("H55-1", tthc, func(n *node) { n.settings.Style = xroad.StyleNew })
	for _, tt := range []struct{ accept, want string }{
		{"", "application/json;charset=utf-8"},
		{"application/json", "application/json;charset=utf-8"},
		{"*/*", "application/json;charset=utf-8"},
		{"text/xml", "text/xml;charset=utf-8"},
		{"application/xml", "application/xml;charset=utf-8"},
		{"text/html, text/*;q=0.1", "text/xml;charset=utf-8"},
		{"image/png, Application/XML;q=0.9, text/xml", "application/xml;charset=utf-8"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.local+matchPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		if tt.accept != "" {
			req.Header.Set("Accept", tt.accept)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := resp.Header.Get("Content-Type"); got != tt.want || resp.StatusCode != http.StatusInternalServerError ||
			resp.Header.Get("X-Road-Error") != "server.clientproxy.missing_header" ||
			!bytes.Contains(body, []byte("server.clientproxy.missing_header")) {
			t.Errorf("Accept %q: %d %s %s", tt.accept, resp.StatusCode, got, body)
		}
		if strings.Contains(tt.want, "xml") != bytes.Contains(body, []byte("<error><type>")) {
			t.Errorf("Accept %q: body %s", tt.accept, body)
		}
	}
}

func TestOwnGateway(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	n := c.join("G01-1", dancu, nil)
	n.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
	ask := func() answered {
		return n.call(t, http.MethodGet, matchPath, nil, "X-Road-Client", dancu.String())
	}
	if a := ask(); a.code() != string(xroad.AccessDenied) {
		t.Errorf("without a right: %d %s", a.StatusCode, a.body)
	}
	n.give(t, exchange.Right{Subject: dancu, Service: match})
	if a := ask(); a.StatusCode != http.StatusOK {
		t.Errorf("with a right: %d %s", a.StatusCode, a.body)
	}
	if got := len(n.records(t)); got != 8 {
		t.Errorf("%d records, want both sides of both calls", got)
	}
}

func TestFieldsAndQuota(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority, province := c.join("G01-1", dancu, nil), c.join("H55-1", tthc, nil)
	answers := map[string]string{
		"/object": `{"name":"A","born":"1990","name2":{"name":1}}`, "/list": `[{"name":"A","born":1},{}]`, "/text": `"A"`,
		"/mixed": `[{"name":1},"A"]`, "/cut": `{"name":`,
	}
	authority.offer(t, exchange.LocalService{ID: match}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/plain" {
			w.Header().Set("Content-Type", "text/plain")
		}
		_, _ = io.WriteString(w, answers[r.URL.Path]+strings.Repeat(" ", 1))
	}))
	r := authority.give(
		t, exchange.Right{Subject: tthc, Service: match, Fields: []string{"name"}, Quota: exchange.Quota{Calls: 7, Per: exchange.Month}},
	)
	for _, tt := range []struct{ path, want string }{
		{"/object", `{"name":"A"}`}, {"/list", `[{"name":"A"},{}]`}, {"/text", ""}, {"/mixed", ""}, {"/cut", ""}, {"/plain", ""},
	} {
		a := province.call(t, http.MethodGet, matchPath+tt.path, nil)
		if tt.want == "" && a.code() != string(xroad.AnswerWithheld) || tt.want != "" && string(a.body) != tt.want {
			t.Errorf("%s: %d %s, want %s", tt.path, a.StatusCode, a.body, tt.want)
		}
	}
	authority.restart(t)
	authority.Provide(match, echo)
	for i, want := range []string{"", string(xroad.QuotaExceeded)} {
		if a := province.call(t, http.MethodGet, matchPath, nil); a.code() != want {
			t.Errorf("call %d after a restart: %q %s, want %q", 7+i, a.code(), a.body, want)
		}
	}
	window := exchange.Window(r.Quota, authority.clock.Now())
	if got, err := authority.store.Used(t.Context(), r.ID, window); err != nil || got != 7 {
		t.Errorf("used = %d, %v, want 7", got, err)
	}
}

// TestQuotaOfPersons: a batch of 100 questions counts 100, before it is asked as far as
// the request shows, and afterwards what the answer was about.
func TestQuotaOfPersons(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority, province := c.join("G01-1", dancu, nil), c.join("H55-1", tthc, nil)
	calls := 0
	authority.offer(t, exchange.LocalService{ID: match}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/said":
			w.Header().Set(xroad.HeaderPersons, "20")
			_, _ = io.WriteString(w, `{"rows":[{}]}`)
		case "/shown":
			_, _ = io.WriteString(w, `{"rows":[{"number":"001090000001"}`+strings.Repeat(`,{}`, 14)+`]}`)
		default:
			_, _ = io.WriteString(w, `{"found":false}`)
		}
	}))
	r := authority.give(t, exchange.Right{
		Subject: tthc, Service: match, Fields: []string{"*"}, Quota: exchange.Quota{Calls: 100, Per: exchange.Month, Of: exchange.OfPersons},
	})
	batch := func(n int) string {
		return `{"persons":[{"number":"1"}` + strings.Repeat(`,{"number":"1"}`, n-1) + `]}`
	}
	over := string(xroad.QuotaExceeded)
	for _, tt := range []struct {
		name, path, body, code string
		used                   int64
	}{
		{"one", "", `{"number":"001090000001","fields":["name","birth","sex"]}`, "", 1},
		{"a batch", "", batch(40), "", 41},
		{"more than are left", "", batch(60), over, 41},
		{"more than there can be", "", batch(101), over, 41},
		{"numbers", "", `["001090000001","001090000002"]`, "", 43},
		{"the service says", "/said", "{}", "", 63},
		{"the answer shows", "/shown", "{}", "", 78},
		{"no JSON", "", "x", "", 79},
		{"the rest", "", batch(21), "", 100},
		{"nothing is left", "", "{}", over, 100},
	} {
		before := calls
		a := province.call(t, http.MethodPost, matchPath+tt.path, []byte(tt.body))
		if a.code() != tt.code || (calls > before) != (tt.code == "") {
			t.Errorf("%s: %q %s, %d calls; want %q", tt.name, a.code(), a.body, calls-before, tt.code)
		}
		if a.Header.Get(xroad.HeaderPersons) != "" {
			t.Errorf("%s: the count went out to the caller", tt.name)
		}
		got, err := authority.store.Used(t.Context(), r.ID, exchange.Window(r.Quota, authority.clock.Now()))
		if err != nil || got != tt.used {
			t.Errorf("%s: used = %d, %v, want %d", tt.name, got, err, tt.used)
		}
	}
	authority.restart(t)
	authority.Provide(match, echo)
	if a := province.call(t, http.MethodGet, matchPath, nil); a.code() != over {
		t.Errorf("after a restart: %q", a.code())
	}
}

// TestMustName: a right can want an officer and a dossier named; a call that names none
// does not reach the service.
func TestMustName(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority, province := c.join("G01-1", dancu, nil), c.join("H55-1", tthc, nil)
	calls := 0
	authority.offer(t, exchange.LocalService{ID: match}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(http.StatusNoContent)
	}))
	authority.give(t, exchange.Right{Subject: tthc, Service: match, Fields: []string{"*"}, Officer: true, Dossier: true})
	for _, tt := range []struct{ officer, dossier, want string }{
		{"canbo.test", "H55-1", ""},
		{"", "H55-1", "X-Road-UserId"},
		{"canbo.test", "", "X-Road-Issue"},
		{"", "", "X-Road-UserId and its dossier in X-Road-Issue"},
		{" ", "H55-1", "X-Road-UserId"},
		{"\u200b\u00a0-", "H55-1", "X-Road-UserId"},
	} {
		before := calls
		var h []string
		if tt.officer != "" {
			h = append(h, xroad.HeaderUserID, tt.officer)
		}
		if tt.dossier != "" {
			h = append(h, xroad.HeaderIssue, tt.dossier)
		}
		a := province.call(t, http.MethodGet, matchPath, nil, h...)
		if (a.code() == "") != (tt.want == "") || calls-before != map[bool]int{true: 1}[tt.want == ""] ||
			tt.want != "" && (a.code() != string(xroad.NotNamed) || !strings.Contains(string(a.body), tt.want)) {
			t.Errorf("%q, %q: %q %s", tt.officer, tt.dossier, a.code(), a.body)
		}
	}
}

func TestNoFieldsGranted(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority, province := c.join("G01-1", dancu, nil), c.join("H55-1", tthc, nil)
	authority.offer(t, exchange.LocalService{ID: match}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: match, Fields: []string{}})
	if a := province.call(t, http.MethodGet, matchPath, nil); string(a.body) != "{}" {
		t.Errorf("%d %s, want {}", a.StatusCode, a.body)
	}
}

func TestServiceTimeout(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority, province := c.join("G01-1", dancu, nil), c.join("H55-1", tthc, nil)
	authority.offer(
		t, exchange.LocalService{ID: match, Timeout: 50 * time.Millisecond},
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
	)
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	if a := province.call(t, http.MethodGet, matchPath, nil); a.code() != string(xroad.ServiceFailed) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	authority.Provide(match, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/none" {
			w.WriteHeader(http.StatusNoContent)
		}
		_, _ = io.WriteString(w, "a body that HTTP does not carry")
	}))
	for path, want := range map[string]int{
		matchPath: 200, matchPath + "/none": 204, "/r1/VN/GOV/G01/DANCU/listMethods": 200, "/r1/VN/GOV/G01/DANCU/nothing": 500,
	} {
		if a := province.call(t, http.MethodHead, path, nil); a.StatusCode != want ||
			(want == 500) != (a.code() == string(xroad.UnknownService)) {
			t.Errorf("HEAD %s: %d %s, want %d", path, a.StatusCode, a.code(), want)
		}
	}
	if a := province.call(t, http.MethodGet, matchPath+"/none", nil); a.StatusCode != http.StatusNoContent {
		t.Errorf("GET: %d %s", a.StatusCode, a.body)
	}
}

func TestCallWithoutSocket(t *testing.T) {
	t.Parallel()
	_, province, _ := pair(t)
	for _, size := range []int{10, 1 << 20} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, matchPath+"?x=1", bytes.NewReader(make([]byte, size)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Road-Client", tthc.String())
		resp, err := province.Call(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"uri":"/?x=1"`)) {
			t.Errorf("%d bytes: %d, %d bytes back, %v", size, resp.StatusCode, len(body), err)
		}
		for range 2 {
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestKeptBodies(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority := c.join("G01-1", dancu, nil)
	province := c.join("H55-1", tthc, func(n *node) {
		var err error
		if n.settings.Sealer, err = pki.FileSealer(filepath.Join(n.settings.Dir, "bodies.key")); err != nil {
			t.Fatal(err)
		}
		n.settings.KeepBodies = 24 * time.Hour
	})
	authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	a := province.call(t, http.MethodPost, matchPath, []byte("hỏi"))
	list := province.records(t)
	head, body, err := province.Kept(t.Context(), list[0])
	if err != nil || string(body) != "hỏi" || exchange.HeadDigest(head) != list[0].Commitment.Head {
		t.Errorf("request: %q %q %v", head, body, err)
	}
	if _, body, err = province.Kept(t.Context(), list[1]); err != nil || !bytes.Equal(body, a.body) {
		t.Errorf("response: %q %v", body, err)
	}
	if _, _, err := authority.Kept(t.Context(), authority.records(t)[0]); fault.Of(err) != fault.NotFound {
		t.Errorf("not kept: %v", err)
	}
	c.clock.set(25 * time.Hour)
	province.restart(t)
	eventually(t, "the bodies are dropped", func() bool {
		_, _, err := province.Kept(t.Context(), list[0])
		return fault.Of(err) == fault.NotFound
	})
}
