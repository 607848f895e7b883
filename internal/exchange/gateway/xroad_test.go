package gateway_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// These tests stand in the place of X-Road clients that know nothing of this gateway:
// one that walks the metaservices as the tool xrdinfo does, and one that speaks HTTP
// by hand, so that no library smooths what goes over the wire.

// onPort serves the local port as it is served in earnest and gives its address.
func (n *node) onPort(t testing.TB) string {
	t.Helper()
	ln, err := n.LocalListener(listen(t))
	if err != nil {
		t.Fatal(err)
	}
	s := n.LocalServer(n.Local())
	done := make(chan struct{})
	go func() { _ = s.Serve(ln); close(done) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return ln.Addr().String()
}

func TestWalkAsXRDInfo(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("people"), Type: "OPENAPI", OpenAPI: []byte(peopleYAML)}, echo)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("json"), Type: "OPENAPI", OpenAPI: []byte(peopleJSON)}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: dancu.Of("json")})
	base := "http://" + province.onPort(t)
	get := func(path string, header ...string) (*http.Response, []byte) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, body
	}
	const all = "VN/GOV/H55 VN/GOV/H55/TTHC VN/GOV/G24 VN/GOV/G24/BHXH VN/GOV/G01 VN/GOV/G01/DANCU"
	type part struct {
		Kind      string `json:"object_type"`
		Instance  string `json:"xroad_instance"`
		Class     string `json:"member_class"`
		Member    string `json:"member_code"`
		Subsystem string `json:"subsystem_code"`
		Service   string `json:"service_code"`
		Endpoints []struct{ Method, Path string }
	}
	id := func(parts ...string) string {
		return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "/")
	}
	var clients struct {
		Member []struct{ ID part }
	}
	if _, body := get("/listClients", "Accept", "application/json"); json.Unmarshal(body, &clients) != nil {
		t.Fatalf("listClients: %s", body)
	}
	var got []string
	for _, m := range clients.Member {
		got = append(got, id(m.ID.Instance, m.ID.Class, m.ID.Member, m.ID.Subsystem))
	}
	if s := strings.Join(got, " "); s != all {
		t.Errorf("listClients in JSON: %s, want %s", s, all)
	}
	var doc struct {
		XMLName xml.Name `xml:"http://x-road.eu/xsd/xroad.xsd clientList"`
		Member  []struct {
			ID struct {
				Kind      string `xml:"http://x-road.eu/xsd/identifiers objectType,attr"`
				Instance  string `xml:"http://x-road.eu/xsd/identifiers xRoadInstance"`
				Class     string `xml:"http://x-road.eu/xsd/identifiers memberClass"`
				Member    string `xml:"http://x-road.eu/xsd/identifiers memberCode"`
				Subsystem string `xml:"http://x-road.eu/xsd/identifiers subsystemCode"`
			} `xml:"http://x-road.eu/xsd/xroad.xsd id"`
			Name string `xml:"http://x-road.eu/xsd/xroad.xsd name"`
		} `xml:"http://x-road.eu/xsd/xroad.xsd member"`
	}
	if _, body := get("/listClients"); xml.Unmarshal(body, &doc) != nil {
		t.Fatalf("listClients: %s", body)
	}
	got = nil
	for _, m := range doc.Member {
		if want := map[bool]string{true: "MEMBER", false: "SUBSYSTEM"}[m.ID.Subsystem == ""]; m.ID.Kind != want || m.Name == "" {
			t.Errorf("listClients in XML: %+v", m)
		}
		got = append(got, id(m.ID.Instance, m.ID.Class, m.ID.Member, m.ID.Subsystem))
	}
	if s := strings.Join(got, " "); s != all {
		t.Errorf("listClients in XML: %s, want %s", s, all)
	}
	for service, want := range map[string]string{"listMethods": "json match people", "allowedMethods": "json match"} {
		var list struct{ Service []part }
		resp, body := get("/r1/VN/GOV/G01/DANCU/"+service, "X-Road-Client", "VN/GOV/H55/TTHC", "Accept", "application/json")
		if err := json.Unmarshal(body, &list); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", service, resp.StatusCode, body)
		}
		var codes []string
		for _, s := range list.Service {
			if id(s.Instance, s.Class, s.Member, s.Subsystem) != "VN/GOV/G01/DANCU" || s.Kind != "SERVICE" {
				t.Errorf("%s: %+v", service, s)
			}
			codes = append(codes, s.Service)
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%s: %s, want %s", service, got, want)
		}
	}
	for service, mark := range map[string]string{"people": "/people/{id}", "json": `"/a"`} {
		if resp, body := get(
			"/r1/VN/GOV/G01/DANCU/getOpenAPI?serviceCode="+url.QueryEscape(service), "X-Road-Client", "VN/GOV/H55/TTHC",
		); resp.StatusCode != http.StatusOK ||
			!bytes.Contains(body, []byte(mark)) || bytes.Contains(body, []byte("10.0.0")) {
			t.Errorf("getOpenAPI %s: %d %s", service, resp.StatusCode, body)
		}
	}
}

// spoken is what came back over a socket.
type spoken struct {
	line   string
	header []string // "Name: value", as written
	body   string
}

func (s spoken) values(name string) (list []string) {
	for _, h := range s.header {
		if n, v, _ := strings.Cut(h, ": "); strings.EqualFold(n, name) {
			list = append(list, v)
		}
	}
	return list
}

// speak writes text to a socket and gives all that comes back until it is closed.
func speak(t testing.TB, addr, text string) spoken {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("after %q: %v", all, err)
	}
	return parseSpoken(t, string(all))
}

func parseSpoken(t testing.TB, all string) spoken {
	t.Helper()
	head, body, ok := strings.Cut(all, "\r\n\r\n")
	if !ok {
		t.Fatalf("no end of the head: %q", all)
	}
	lines := strings.Split(head, "\r\n")
	return spoken{lines[0], lines[1:], body}
}

// lines makes a request of its lines, with the headers that every one has.
func lines(first string, more ...string) string {
	return strings.Join(
		append([]string{first, "Host: gateway", "X-Road-Client: VN/GOV/H55/TTHC"}, more...), "\r\n",
	) + "\r\nConnection: close\r\n\r\n"
}

func TestSpokenByHand(t *testing.T) {
	t.Parallel()
	_, province, _ := pair(t)
	addr := province.onPort(t)
	const at = "/r1/VN/GOV/G01/DANCU/match"
	for _, tt := range []struct{ name, text, line, inBody string }{
		{"plain", lines("GET " + at + " HTTP/1.1"), "HTTP/1.1 200 OK", `"uri":"/"`},
		{"encoded ids", lines("GET /r1/VN/GOV/G01/D%41NC%55/%6Datch HTTP/1.1"), "HTTP/1.1 200 OK", `"uri":"/"`},
		{"two slashes", lines("GET " + at + "//a//b/ HTTP/1.1"), "HTTP/1.1 200 OK", `"uri":"//a//b/"`},
		{
			"encoded slash and semicolon", lines("GET " + at + "/a%2Fb%3Bc?x=%2F;y&z HTTP/1.1"), "HTTP/1.1 200 OK",
			`"uri":"/a%2Fb%3Bc?x=%2F;y\u0026z"`,
		},
		{"question mark alone", lines("GET " + at + "? HTTP/1.1"), "HTTP/1.1 200 OK", `"uri":"/?"`},
		{"absolute form", lines("GET http://elsewhere.example" + at + "/a HTTP/1.1"), "HTTP/1.1 200 OK", `"uri":"/a"`},
		{
			"climbing is refused, not tidied", lines("GET " + at + "/a/../../../secret HTTP/1.1"), "HTTP/1.1 500 Internal Server Error",
			"AccessDenied",
		},
		{"climbing in disguise", lines("GET " + at + "/%2e%2E/secret HTTP/1.1"), "HTTP/1.1 500 Internal Server Error", "AccessDenied"},
		{"climbing over the service", lines("GET /r1/VN/GOV/G01/DANCU/../match HTTP/1.1"), "HTTP/1.1 500 Internal Server Error", ""},
		{"slashes before", lines("GET /" + at + " HTTP/1.1"), "HTTP/1.1 500 Internal Server Error", "BadRequest"},
		{
			"lower case",
			"GET " + at + " HTTP/1.1\r\nhost: gateway\r\nx-road-client: VN/GOV/H55/TTHC\r\nx-road-userid: an\r\nCONNECTION: close\r\n\r\n",
			"HTTP/1.1 200 OK", `"X-Road-Userid":["an"]`,
		},
		{"HTTP/1.0", "GET " + at + " HTTP/1.0\r\nX-Road-Client: VN/GOV/H55/TTHC\r\n\r\n", "HTTP/1.0 200 OK", `"method":"GET"`},
		{
			"chunked", lines("POST "+at+" HTTP/1.1", "Transfer-Encoding: chunked") + "4\r\nm\u1ed9\r\n2;x=y\r\nt!\r\n0\r\nX-Trailer: 1\r\n\r\n",
			"HTTP/1.1 200 OK", `"body":"một!"`,
		},
		{"trace", lines("TRACE " + at + " HTTP/1.1"), "HTTP/1.1 200 OK", `"method":"TRACE"`},
		{"options", lines("OPTIONS " + at + " HTTP/1.1"), "HTTP/1.1 200 OK", `"method":"OPTIONS"`},
		{"own method", lines("PROPFIND " + at + " HTTP/1.1"), "HTTP/1.1 200 OK", `"method":"PROPFIND"`},
		{"options of all", lines("OPTIONS * HTTP/1.1"), "HTTP/1.1 500 Internal Server Error", "BadRequest"},
		{"connect", lines("CONNECT " + at + " HTTP/1.1"), "HTTP/1.1 500 Internal Server Error", "BadRequest"},
		{
			"no client", "GET " + at + " HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n", "HTTP/1.1 500 Internal Server Error",
			"MissingHeader",
		},
		{
			"error in XML", lines("GET /r1/VN/GOV/G01/DANCU/none HTTP/1.1", "Accept: text/html", "Accept: application/xml;q=0.1"),
			"HTTP/1.1 500 Internal Server Error", "<type>Server.ServerProxy.UnknownService</type>",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := speak(t, addr, tt.text)
			if got.line != tt.line || !strings.Contains(got.body, tt.inBody) {
				t.Errorf("got %s\n%s\n%s\nwant %s … %s", got.line, got.header, got.body, tt.line, tt.inBody)
			}
			for _, name := range []string{"Date", "Content-Length", "Content-Type"} {
				if n := len(got.values(name)); n != 1 {
					t.Errorf("%s comes %d times", name, n)
				}
			}
			if len(got.values("Server"))+len(got.values("Location"))+len(got.values("Access-Control-Allow-Origin")) > 0 {
				t.Errorf("headers that nobody sent: %s", got.header)
			}
			if strings.Contains(got.line, "200") == (len(got.values("X-Road-Error")) == 1) {
				t.Errorf("X-Road-Error %q with %s", got.values("X-Road-Error"), got.line)
			}
		})
	}
	t.Run("head", func(t *testing.T) {
		t.Parallel()
		got := speak(t, addr, lines("HEAD "+at+" HTTP/1.1"))
		if got.line != "HTTP/1.1 200 OK" || got.body != "" || len(got.values("Date")) != 1 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("expect", func(t *testing.T) {
		t.Parallel()
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		fmt.Fprint(conn, lines("POST "+at+" HTTP/1.1", "Content-Length: 3", "Expect: 100-continue"))
		r := bufio.NewReader(conn)
		if line, err := r.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
			t.Fatalf("%q %v", line, err)
		}
		_, _ = r.ReadString('\n')
		fmt.Fprint(conn, "abc")
		all, _ := io.ReadAll(r)
		if got := parseSpoken(t, string(all)); got.line != "HTTP/1.1 200 OK" || !strings.Contains(got.body, `"body":"abc"`) ||
			strings.Contains(got.body, "Expect") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("13 MB", func(t *testing.T) {
		t.Parallel()
		body := strings.Repeat("0123456789abc", 1<<20)
		got := speak(t, addr, lines("PUT "+at+" HTTP/1.1", fmt.Sprintf("Content-Length: %d", len(body)))+body)
		if got.line != "HTTP/1.1 200 OK" || !strings.Contains(got.body, body) {
			t.Errorf("%s, %d bytes back", got.line, len(got.body))
		}
	})
}

// provider answers each request with the bytes that script has for its path, and then
// hangs up; what script does not have hangs.
func provider(t testing.TB, script map[string]string) string {
	t.Helper()
	ln := listen(t)
	end := make(chan struct{})
	t.Cleanup(func() { close(end); ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				r, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				answer, ok := script[r.URL.Path]
				if !ok {
					<-end
				}
				_, _ = io.WriteString(conn, answer)
			}()
		}
	}()
	return "http://" + ln.Addr().String()
}

// TestServicesOfAllKinds: what a service says passes as it is, and one that says
// nothing sensible becomes an error of the provider's gateway, in both styles.
func TestServicesOfAllKinds(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, `{"packed":true}`)
	_ = z.Close()
	const dated = "Date: Fri, 01 Jan 2021 00:00:00 GMT\r\n"
	script := map[string]string{
		"/302":   "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/next?x=1\r\nContent-Length: 0\r\n\r\n",
		"/204":   "HTTP/1.1 204 No Content\r\n" + dated + dated + "\r\n",
		"/304":   "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n",
		"/404":   "HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}",
		"/999":   "HTTP/1.1 999 Own\r\nContent-Length: 2\r\n\r\nhm",
		"/early": "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"/gzip": fmt.Sprintf(
			"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", packed.Len(),
			packed.String(),
		),
		"/untyped":  "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
		"/toTheEnd": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil it hangs up",
		"/chunked": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\n" +
			"X-Sum: 1\r\n\r\n",
		"/dies":     "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
		"/diesToo":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
		"/silent":   "",
		"/garbage":  "SSH-2.0-OpenSSH_9.6\r\n",
		"/headless": "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
		"/twice":    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"/switch":   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
	}
	c := newCountry(t)
	authority := c.join("G01-1", dancu, nil)
	asker := map[xroad.Style]string{
		xroad.StyleOld: c.join("H55-1", tthc, nil).onPort(t),
		xroad.StyleNew: c.join("G24-1", bhxh, func(n *node) { n.settings.Style = xroad.StyleNew }).onPort(t),
	}
	subject := map[xroad.Style]xroad.ID{xroad.StyleOld: tthc, xroad.StyleNew: bhxh}
	authority.offer(t, exchange.LocalService{ID: match, URL: provider(t, script), OwnFields: true, Timeout: 10 * time.Second}, nil)
	slow := dancu.Of("slow")
	authority.offer(t, exchange.LocalService{ID: slow, URL: provider(t, nil), OwnFields: true, Timeout: 50 * time.Millisecond}, nil)
	for _, who := range subject {
		authority.give(t, exchange.Right{Subject: who, Service: match})
		authority.give(t, exchange.Right{Subject: who, Service: slow})
	}
	for _, tt := range []struct {
		path, line, header, body string
		fault                    xroad.Code
	}{
		{path: "match/302", line: "302 Found", header: "Location: http://127.0.0.1:1/next?x=1"},
		{path: "match/204", line: "204 No Content", header: "Date: Fri, 01 Jan 2021 00:00:00 GMT"},
		{path: "match/304", line: "304 Not Modified", header: `Etag: "a"`},
		{path: "match/404", line: "404 Not Found", header: "Content-Type: application/problem+json", body: "{}"},
		{path: "match/999", line: "999 status code 999", body: "hm"},
		{path: "match/early", line: "200 OK", body: "ok"},
		{path: "match/gzip", line: "200 OK", header: "Content-Encoding: gzip", body: packed.String()},
		{path: "match/untyped", line: "200 OK", body: "<html>"},
		{path: "match/toTheEnd", line: "200 OK", header: "Content-Length: 17", body: "until it hangs up"},
		{path: "match/chunked", line: "200 OK", header: "Content-Length: 2", body: "ok"},
		{path: "match/dies", fault: xroad.ServiceUnreachable},
		{path: "match/diesToo", fault: xroad.ServiceUnreachable},
		{path: "match/silent", fault: xroad.ServiceUnreachable},
		{path: "match/garbage", fault: xroad.ServiceUnreachable},
		{path: "match/headless", fault: xroad.ServiceUnreachable},
		{path: "match/twice", fault: xroad.ServiceUnreachable},
		{path: "match/switch", fault: xroad.ServiceFailed},
		{path: "slow/x", fault: xroad.ServiceFailed},
	} {
		for style, addr := range asker {
			t.Run(string(style)+" "+tt.path, func(t *testing.T) {
				t.Parallel()
				got := speak(
					t, addr,
					strings.Replace(
						lines("GET /r1/VN/GOV/G01/DANCU/"+tt.path+" HTTP/1.1", "Accept-Encoding: gzip"), tthc.String(), subject[style].String(), 1,
					),
				)
				line, body := "HTTP/1.1 "+tt.line, tt.body
				if tt.fault != "" {
					line = "HTTP/1.1 500 Internal Server Error"
					var e struct{ Type, Message, Detail string }
					if err := json.Unmarshal([]byte(got.body), &e); err != nil || e.Type != tt.fault.In(style) || e.Message == "" || len(e.Detail) != 36 {
						t.Errorf("error %s, want %s", got.body, tt.fault.In(style))
					}
					body = got.body
				}
				if want := tt.fault.In(style); strings.Join(got.values("X-Road-Error"), ",") != want {
					t.Errorf("X-Road-Error %q, want %q", got.values("X-Road-Error"), want)
				}
				if got.line != line || got.body != body || tt.header != "" && !slices.Contains(got.header, tt.header) {
					t.Errorf("got %s\n%q\n%q\nwant %s, %s, %q", got.line, got.header, got.body, line, tt.header, body)
				}
				if len(got.values("Date")) != 1 || len(got.values("X-Road-Request-Id")) != 1 || len(got.values("X-Road-Request-Hash")) != 1 {
					t.Errorf("headers %q", got.header)
				}
				if tt.path == "match/untyped" && len(got.values("Content-Type")) > 0 {
					t.Errorf("a type was guessed: %q", got.header)
				}
			})
		}
	}
}

// TestRequestHash computes X-Road-Request-Hash from what was asked.
func TestRequestHash(t *testing.T) {
	t.Parallel()
	_, province, _ := pair(t)
	for _, body := range []string{"", "hỏi"} {
		a := province.call(t, http.MethodPost, matchPath+"/b?x=1", []byte(body), "X-Road-Id", "q1", "Content-Type", "text/plain")
		head := sha512.Sum512([]byte("POST " + matchPath +
			"/b?x=1\r\naccept:application/json\r\ncontent-type:text/plain\r\nx-road-client:VN/GOV/H55/TTHC\r\nx-road-id:q1\r\n" +
			"x-road-request-id:" + a.Header.Get("X-Road-Request-Id") + "\r\n"))
		sum := head
		if body != "" {
			of := sha512.Sum512([]byte(body))
			sum = sha512.Sum512(append(head[:], of[:]...))
		}
		if got, want := a.Header.Get("X-Road-Request-Hash"), base64.StdEncoding.EncodeToString(sum[:]); got != want {
			t.Errorf("body %q: hash %s, want %s", body, got, want)
		}
	}
}
