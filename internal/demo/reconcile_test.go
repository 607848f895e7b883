package demo

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/cleaning/reconcileweb"
	"dean06/internal/platform/session"
	"dean06/internal/population"
)

// TestReconcileThroughTheExchange: a program with a key that two people gave asks at its
// agency's node about rows, and the register tells who matched, and them that it did.
func TestReconcileThroughTheExchange(t *testing.T) {
	t.Parallel()
	c := startCountry(t, t.TempDir())
	authority, insurance, province := c.Node("authority"), c.Node("bhxh"), c.Node("thainguyen")
	register := authority.Modules.Population.Register()
	who := citizen.MustNumber("001090000001")
	list, err := register.Store.Persons(t.Context(), []citizen.Number{who}, nil)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d people, %v", len(list), err)
	}
	keyOf := func(n *Node) string {
		t.Helper()
		first, second := n.signIn(t, "quantri"), n.signIn(t, "quantri2")
		made, err := n.Node.Sessions.CreateToken(first.as(), session.TokenDraft{
			Agency: n.member, Name: "Lan", Scopes: []string{reconcileweb.Scope}, ExpiresAt: n.Node.Clock.Now().Add(time.Hour), Reason: "Đối soát tệp",
		})
		if err != nil || made.Asked.ID == "" {
			t.Fatalf("%+v, %v", made.Asked, err)
		}
		if _, err := n.Node.Approvals.Approve(second.as(), second.actor, made.Asked.ID); err != nil {
			t.Fatal(err)
		}
		return made.Text
	}
	once := func(n *Node, key, purpose string, rows map[string]any) (int, string) {
		t.Helper()
		queries, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		form := url.Values{"queries": {string(queries)}}.Encode()
		r := httptest.NewRequest(http.MethodPost, reconcileweb.Path+"/"+key+"/"+purpose+"/BHXH-2026-11", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		n.Node.Handler().ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	ask := func(n *Node, key, purpose string, rows map[string]any) (status int, body string) {
		t.Helper()
		eventually(t, "an answer", func() bool {
			status, body = once(n, key, purpose, rows)
			// The register is getting ready, or a busy machine did not reach it in time: both say so.
			return status != http.StatusConflict && status != http.StatusServiceUnavailable
		})
		return status, body
	}
	type said = map[string]any
	row := func(name, number, birth string) said {
		return said{"query": name, "properties": []said{{"pid": "number", "v": number}, {"pid": "birth", "v": birth}}}
	}
	p := list[0]
	full := said{"q0": row(p.Name, who.Reveal(), p.Birth.String())}

	key := keyOf(insurance)
	status, body := ask(insurance, key, "2.000986", full)
	if status != http.StatusOK || !strings.Contains(body, `"id":"001090000001"`) || !strings.Contains(body, `"match":true`) {
		t.Fatalf("%d %s", status, body)
	}
	status, body = ask(insurance, key, "2.000986", said{"q0": row("Đặng Lạ Lùng", who.Reveal(), p.Birth.String()), "q1": row(p.Name, "", p.Birth.String()[:4])})
	if status != http.StatusOK || strings.Contains(body, who.Reveal()) || strings.Contains(body, p.Name) {
		t.Errorf("who did not match is told: %d %s", status, body)
	}
	looks, err := register.Store.Lookups(t.Context(), who, population.Period{}, "", 50)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, l := range looks {
		if l.Agency != "G24" || l.Service != population.ServiceClean {
			continue
		}
		if lines++; l.Officer != "lan" || l.Purpose != "2.000986" || l.Dossier != "BHXH-2026-11" || l.RequestID == "" {
			t.Errorf("%+v", l)
		}
	}
	if lines != 1 {
		t.Errorf("%d lines in the log of who matched and was asked about, want one", lines)
	}
	if status, body = ask(insurance, key, "9.999999", full); status != http.StatusForbidden || !strings.Contains(body, "detail") {
		t.Errorf("another purpose: %d %s", status, body)
	}
	if status, body = ask(province, keyOf(province), "2.000986", full); status != http.StatusForbidden || strings.Contains(body, who.Reveal()) {
		t.Errorf("who has no right: %d %s", status, body)
	}
	if status, _ = ask(province, key, "2.000986", full); status != http.StatusNotFound {
		t.Errorf("a key of another node: %d", status)
	}
}
