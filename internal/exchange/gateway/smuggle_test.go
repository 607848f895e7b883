package gateway_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// TestSmuggledHeaders sends headers byte for byte to the local port, and looks at what
// a service that reads them as PHP or WSGI do is told.
func TestSmuggledHeaders(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	var told http.Header
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told = r.Header.Clone()
		h := w.Header()
		h["X_Road_Client"] = []string{"VN/GOV/G01/DANCU"}
		h["X-Road-Service"] = []string{"forged"}
		h["X-Dean06-Fields"] = []string{"forged"}
		h["My_Word"] = []string{"1"}
		h["Connection"] = []string{"X-Road-Id, X-Kept"}
	}))
	t.Cleanup(service.Close)
	authority.offer(t, exchange.LocalService{ID: match, Name: "match", URL: service.URL, OwnFields: true}, nil)
	at := province.onPort(t)
	send := func(lines ...string) (status, body string, header http.Header) {
		t.Helper()
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", matchPath, strings.Join(lines, ""))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b := make([]byte, 4096)
		n, _ := resp.Body.Read(b)
		return resp.Status, string(b[:n]), resp.Header
	}
	const is = "X-Road-Client: VN/GOV/H55/TTHC\r\n"
	for _, line := range []string{
		"X_Road_Client: VN/GOV/G01/DANCU\r\n", "x.road.client: VN/GOV/G01/DANCU\r\n", "X-Road_Client: VN/GOV/G01/DANCU\r\n",
		"X_Dean06_Fields: everything\r\n", "X-Dean06-Field: everything\r\n", "X_GOVSTACK_CLIENT: VN/GOV/G01/DANCU\r\n",
		"X_ROAD_USERID: canbo\r\n", "X-Road-Client~: VN/GOV/G01/DANCU\r\n",
	} {
		told = nil
		status, body, _ := send(is, line)
		if !strings.HasPrefix(status, "400") || !strings.Contains(body, string(xroad.BadHeader)) || told != nil {
			t.Errorf("%q: %s %s, the service was asked: %v", line, status, body, told != nil)
		}
	}
	for what, lines := range map[string][]string{
		"a space before the colon": {is, "X-Road-UserId : canbo\r\n"},
		"two clients":              {is, "x-road-client: VN/GOV/G01/DANCU\r\n"},
		"a list of clients":        {"X-Road-Client: VN/GOV/H55/TTHC, VN/GOV/G01/DANCU\r\n"},
		"a folded client":          {"X-Road-Client: VN/GOV/H55/TTHC\r\n  ,VN/GOV/G01/DANCU\r\n"},
		"two lengths":              {is, "Content-Length: 0\r\nContent-Length: 5\r\n"},
		"an unknown coding":        {is, "Transfer-Encoding: xchunked\r\n\r\n"},
	} {
		told = nil
		if status, body, _ := send(lines...); !strings.HasPrefix(status, "4") && !strings.HasPrefix(status, "5") || told != nil {
			t.Errorf("%s: %s %s, the service was asked: %v", what, status, body, told != nil)
		}
	}
	status, body, answer := send(
		is, "My_Word: 1\r\nContent.Length: 9\r\nTransfer-Encoding: chunked\r\nTrailer: X-Road-UserId\r\nX-Road-Error: x\r\n",
		"X-Govstack-Client: VN/GOV/G01/DANCU\r\nX-Dean06-Fields: everything\r\nX-Kept: 1\r\n\r\n0\r\nX-Road-UserId: late\r\n",
	)
	if !strings.HasPrefix(status, "200") {
		t.Fatalf("%s %s", status, body)
	}
	for _, h := range []http.Header{told, answer} {
		for name, values := range h {
			if strings.ContainsAny(name, "_.") || len(values) > 1 {
				t.Errorf("%s: %q got through", name, values)
			}
		}
	}
	for name, want := range map[string]string{
		"X-Road-Client": "VN/GOV/H55/TTHC", "X-Dean06-Fields": "*", "X-Road-Userid": "", "X-Road-Error": "", "X-Govstack-Client": "", "X-Kept": "1",
	} {
		if got := told.Get(name); got != want {
			t.Errorf("the service was told %s: %q, want %q", name, got, want)
		}
	}
	if answer.Get("X-Road-Service") != match.String() || answer.Get("X-Dean06-Fields") != "" || answer.Get("X-Road-Id") == "" {
		t.Errorf("the client was told %v", answer)
	}
}
