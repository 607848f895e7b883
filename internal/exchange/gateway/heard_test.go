package gateway_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/exchange/gateway"
	"dean06/internal/xroad"
)

// rawService listens as a service, keeps the lines of each head as they came, and
// answers all with the same words.
type rawService struct {
	url   string
	mu    sync.Mutex
	heads [][]string
}

func newRawService(t *testing.T) *rawService {
	t.Helper()
	ln := listen(t)
	s := &rawService{url: "http://" + ln.Addr().String() + "/"}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go s.answer(conn)
		}
	}()
	return s
}

func (s *rawService) answer(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	var lines []string
	length := int64(0)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			break
		}
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-Length") {
			length, _ = strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		}
		lines = append(lines, line)
	}
	// A connection that is closed with something unread is reset, and the answer with it.
	if _, err := io.CopyN(io.Discard, in, length); err != nil {
		return
	}
	s.mu.Lock()
	s.heads = append(s.heads, lines)
	s.mu.Unlock()
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
}

// last gives the lines of the last request, without its first.
func (s *rawService) last(t *testing.T) []string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.heads) == 0 {
		t.Fatal("the service was not asked")
	}
	return s.heads[len(s.heads)-1][1:]
}

// TestNamesKeepTheirCase: a service sees the names of headers as its caller wrote them,
// through both gateways, over plain HTTP and TLS, on the same connection again and again.
func TestNamesKeepTheirCase(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, gateway.Door{Plain: []string{"TTHC"}})
	service := newRawService(t)
	authority := h.authority
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", URL: service.url, OwnFields: true}, nil)
	cert := h.system(t, tthc, 1e15, true)
	plain, err := net.Dial("tcp", h.port)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	safe, err := tls.Dial("tcp", h.port, &tls.Config{RootCAs: h.pool, Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	defer safe.Close()
	for what, conn := range map[string]net.Conn{"plain": plain, "TLS": safe} {
		back := bufio.NewReader(conn)
		for i, names := range [][]string{
			{"X-Road-Client", "X-Road-UserId", "accept", "SOAPAction", "x-trace-ID", "X-Plain"},
			{"x-road-client", "X-ROAD-USERID", "Accept", "soapaction", "X-Trace-Id", "x-PLAIN"},
			{"X-Road-Client", "X-Road-Userid", "ACCEPT", "Soapaction", "X-TRACE-id", "X-Plain"},
		} {
			body := strings.Repeat("X-Trace-Id: 1\r\n\r\n", i*1000) // looks like a head, and is none
			var head strings.Builder
			for _, name := range names {
				value := "1"
				if strings.EqualFold(name, xroad.HeaderClient) {
					value = tthc.String()
				}
				if strings.EqualFold(name, "Accept") {
					value = "*/*"
				}
				fmt.Fprintf(&head, "%s: %s\r\n", name, value)
			}
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %d\r\n\r\n%s", matchPath, head.String(), len(body), body)
			resp, err := http.ReadResponse(back, nil)
			if err != nil {
				t.Fatalf("%s, request %d: %v", what, i, err)
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%s, request %d: status %d, %v", what, i, resp.StatusCode, err)
			}
			var seen []string
			for _, line := range service.last(t) {
				name, _, _ := strings.Cut(line, ":")
				seen = append(seen, name)
			}
			for _, name := range names {
				if !slices.Contains(seen, name) {
					t.Errorf("%s, request %d: the service saw %q, want %s in it", what, i, seen, name)
				}
			}
			for j, name := range seen {
				if slices.ContainsFunc(seen[j+1:], func(other string) bool { return strings.EqualFold(name, other) }) {
					t.Errorf("%s, request %d: the service saw %s twice: %q", what, i, name, seen)
				}
			}
		}
	}
}

// TestForgedNames: what a peer says about names changes nothing but letters' case of
// headers that it has signed.
func TestForgedNames(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	service := newRawService(t)
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", URL: service.url, OwnFields: true}, nil)
	f := province.forge(t, nil)
	f.header.Set("X-Dean06-Own-Names", "ACCEPT,X-Road-Issue,X_Road_Client,x-dean06-fields,Evil: 1,X-ROAD-CLIENT")
	a, err := f.deliver(t, province, authority)
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("%v %s %v", a.Response, a.body, err)
	}
	lines := service.last(t)
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		if strings.ContainsAny(name, "_ ") || name == "x-dean06-fields" || strings.EqualFold(name, "Evil") || strings.EqualFold(name, "X-Road-Issue") {
			t.Errorf("the service saw %q", line)
		}
	}
	if !slices.Contains(lines, "X-ROAD-CLIENT: "+tthc.String()) {
		t.Errorf("the service saw %q, want the client as its gateway says that it wrote it", lines)
	}
}

// TestHeadKeepsItsLength: HEAD tells the length that GET has, of services of every kind
// and of what gateways say themselves.
func TestHeadKeepsItsLength(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	word := strings.Repeat("một chữ ", 20_000)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/none"):
			w.WriteHeader(http.StatusNoContent)
		case strings.HasSuffix(r.URL.Path, "/same"):
			w.WriteHeader(http.StatusNotModified)
		case strings.HasSuffix(r.URL.Path, "/empty"):
			w.Header().Set("Content-Length", "0")
		case strings.HasSuffix(r.URL.Path, "/told") && r.Method == http.MethodHead:
			w.Header().Set("Content-Length", fmt.Sprint(len(word)))
		case strings.HasSuffix(r.URL.Path, "/unknown") && r.Method == http.MethodHead:
		default:
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", fmt.Sprint(len(word)))
			w.Header().Set("X-Dean06-Length", "7")
			_, _ = io.WriteString(w, word)
		}
	})
	behind := httptest.NewServer(handler)
	t.Cleanup(behind.Close)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("behind"), Name: "behind", URL: behind.URL, OwnFields: true}, nil)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("inside"), Name: "inside", OwnFields: true}, handler)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("json"), Type: "OPENAPI", OpenAPI: []byte(peopleJSON)}, echo)
	for _, s := range []string{"behind", "inside"} {
		authority.give(t, exchange.Right{Subject: tthc, Service: dancu.Of(s)})
	}
	at := province.onPort(t)
	ask := func(method, path string) (status int, length string, body string) {
		t.Helper()
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: localhost\r\nX-Road-Client: %s\r\nAccept: */*\r\nConnection: close\r\n\r\n", method, path, tthc)
		all, err := io.ReadAll(conn)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := strings.Cut(string(all), "\r\n\r\n")
		for line := range strings.SplitSeq(head, "\r\n") {
			if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				length += v
			}
			if strings.Contains(line, "X-Dean06-Length") {
				t.Errorf("%s %s: %s", method, path, line)
			}
		}
		_, _ = fmt.Sscanf(head, "HTTP/1.1 %d", &status)
		return status, length, body
	}
	base := "/r1/VN/GOV/G01/DANCU/"
	for _, path := range []string{
		base + "behind", base + "behind/empty", base + "behind/told", base + "behind/none", base + "behind/same",
		base + "inside", base + "inside/empty", base + "inside/told", base + "inside/none", base + "inside/same",
		base + "listMethods", base + "allowedMethods", base + "getOpenAPI?serviceCode=json", "/listClients",
	} {
		status, length, body := ask(http.MethodGet, path)
		headStatus, headLength, none := ask(http.MethodHead, path)
		if headStatus != status || headLength != length || none != "" {
			t.Errorf("%s: GET %d, length %q (%d bytes); HEAD %d, length %q, body %.20q", path, status, length, len(body), headStatus, headLength, none)
		}
		if bare := status == http.StatusNoContent || status == http.StatusNotModified; bare && (length != "" || body != "") ||
			!bare && length != fmt.Sprint(len(body)) {
			t.Errorf("GET %s: status %d, length %q, and %d bytes", path, status, length, len(body))
		}
	}
	for _, path := range []string{base + "behind/unknown", base + "inside/unknown"} {
		if status, length, _ := ask(http.MethodHead, path); status != http.StatusOK || length != "" {
			t.Errorf("HEAD %s: %d, length %q, but the service says none", path, status, length)
		}
	}
}
