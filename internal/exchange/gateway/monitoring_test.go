package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange/gateway"
	"dean06/internal/xroad"
)

func TestOperationalMonitoring(t *testing.T) {
	t.Parallel()
	c, province, authority := pair(t)
	for range 3 {
		province.call(t, http.MethodPost, matchPath, []byte("hỏi"), "X-Road-Id", "query-1", "X-Road-UserId", "an", "X-Road-Issue", "H55-1")
	}
	last := province.call(t, http.MethodPut, matchPath+"/x", []byte("hỏi"), "X-Road-Id", "query-2", "X-Road-Represented-Party", "COM/0100109106")
	province.call(t, http.MethodGet, "/r1/VN/GOV/G01/DANCU/nothing", nil)
	type answer struct {
		Records    []map[string]any
		NextBefore int64 `json:"next_before"`
	}
	ask := func(n *node, query string) (out answer) {
		t.Helper()
		a := n.call(t, http.MethodGet, gateway.PathMonitoring+query, nil)
		if err := json.Unmarshal(a.body, &out); a.StatusCode != http.StatusOK || err != nil {
			t.Fatalf("%d %s: %v", a.StatusCode, a.body, err)
		}
		return out
	}
	for n, kind := range map[*node]string{province: "Client", authority: "Producer"} {
		got := ask(n, "")
		if len(got.Records) != 5 || got.NextBefore != 0 {
			t.Fatalf("%s: %d records, want 5", n.id, len(got.Records))
		}
		if r := got.Records[0]; r["succeeded"] != false || r["faultCode"] != string(xroad.UnknownService) || r["faultString"] == "" ||
			r["serviceCode"] != "nothing" || r["restMethod"] != "GET" {
			t.Errorf("%s: refused call %v", n.id, r)
		}
		want := map[string]any{
			"securityServerType": kind, "securityServerInternalIp": "127.0.0.1", "messageId": "query-2",
			"xRequestId": last.Header.Get("X-Road-Request-Id"),
			"restMethod": "PUT", "succeeded": true, "statusCode": 200.0, "clientMemberCode": "H55", "clientSubsystemCode": "TTHC",
			"serviceMemberCode":           "G01",
			"clientSecurityServerAddress": province.address, "serviceSecurityServerAddress": authority.address, "requestSize": 5.0,
			"messageUserId": nil, "representedPartyClass": "COM", "representedPartyCode": "0100109106",
		}
		for name, v := range want {
			if r := got.Records[1]; r[name] != v {
				t.Errorf("%s: %s = %v, want %v", n.id, name, r[name], v)
			}
		}
		for _, r := range n.records(t) {
			if want := map[bool]string{true: "COM/0100109106"}[r.Commitment.MessageID == "query-2"]; r.Represented != want || r.Leaf != r.LogLeaf() {
				t.Errorf("%s: the log has the represented party %q, want %q", n.id, r.Represented, want)
			}
		}
		if r := got.Records[4]; r["messageUserId"] != "an" || r["messageIssue"] != "H55-1" || r["representedPartyCode"] != nil {
			t.Errorf("%s: officer and dossier %v", n.id, r)
		}
	}
	// In pieces, and within a time.
	var ids []any
	for query := "?limit=2"; ; {
		got := ask(province, query)
		for _, r := range got.Records {
			ids = append(ids, r["xRequestId"])
			if r["restMethod"] == nil {
				t.Errorf("no method in %v", r)
			}
		}
		if got.NextBefore == 0 {
			break
		}
		query = fmt.Sprintf("?limit=2&before=%d", got.NextBefore)
	}
	if len(ids) != 5 {
		t.Errorf("in pieces %d, want 5", len(ids))
	}
	now := c.clock.Now()
	for query, want := range map[string]int{
		fmt.Sprintf("?from=%d", now.Add(-time.Hour).Unix()):                 5,
		fmt.Sprintf("?from=%d", now.Add(time.Hour).Unix()):                  0,
		"?to=" + now.Add(-time.Hour).UTC().Format(time.RFC3339):             0,
		"?from=1970-01-01T00:00:00Z&to=2999-12-31T00:00:00%2B07:00&limit=3": 3,
		"?limit=99999999": 5,
	} {
		if got := len(ask(province, query).Records); got != want {
			t.Errorf("%s: %d records, want %d", query, got, want)
		}
	}
	for _, query := range []string{"?from=yesterday", "?limit=0", "?limit=x", "?before=-1", "?to=-1", "?from=99999999999999999999"} {
		if a := province.call(t, http.MethodGet, gateway.PathMonitoring+query, nil); a.code() != string(xroad.BadRequest) {
			t.Errorf("%s: %d %s", query, a.StatusCode, a.body)
		}
	}
	if a := province.call(t, http.MethodPost, gateway.PathMonitoring, nil); a.code() != string(xroad.BadRequest) {
		t.Errorf("POST: %d %s", a.StatusCode, a.body)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, gateway.PathMonitoring, nil)
	r.RemoteAddr = "192.0.2.7:1234"
	w := httptest.NewRecorder()
	province.Local().ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), string(xroad.ClientDenied)) {
		t.Errorf("from elsewhere: %d %s", w.Code, w.Body)
	}
}
