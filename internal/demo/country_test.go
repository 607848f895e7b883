package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/health"
	"dean06/internal/platform/tsa"
	"dean06/internal/population"
	"dean06/internal/xroad"
)

// startCountry starts a small demo country on free ports.
func startCountry(t *testing.T, dir string) *Country {
	t.Helper()
	return startWith(t, Options{Dir: dir, People: 200})
}

// startWith starts one with options of its own.
func startWith(t *testing.T, o Options) *Country {
	t.Helper()
	o.Addr, o.NoRounds, o.NoDossiers, o.NoCleaning = "127.0.0.1:0", true, true, true
	ctx, cancel := context.WithCancel(context.Background())
	c, err := Start(ctx, o)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := c.Wait(); err != nil {
			t.Errorf("the country ended with %v", err)
		}
	})
	return c
}

// post asks through a node's gateway as a system of the agency does.
func post(t *testing.T, url, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	return call(t, http.MethodPost, url, body, header)
}

func get(t *testing.T, url string, header map[string]string) (*http.Response, string) {
	t.Helper()
	return call(t, http.MethodGet, url, "", header)
}

func call(t *testing.T, method, url, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(raw)
}

const thu = `{"number":"001090000001","name":"NGUYENVANTHU","birth":"1990"}`

// TestCountry walks one question from a province to the register and back, and then
// all that it left behind.
func TestCountry(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := startCountry(t, dir)
	province, insurance, authority := c.Node("thainguyen"), c.Node("bhxh"), c.Node("authority")
	register := authority.Modules.Population.Register()
	as := func(extra ...string) map[string]string {
		h := map[string]string{
			xroad.HeaderClient: "VN/GOV/H55/TTHC", xroad.HeaderUserID: "canbo.test",
			xroad.HeaderID: "YC-" + strconv.Itoa(len(extra)), xroad.HeaderIssue: "H55-1",
		}
		for i := 0; i+1 < len(extra); i += 2 {
			h[extra[i]] = extra[i+1]
		}
		return h
	}

	answer, body := post(t, province.Local+"/r1/VN/GOV/G01/DANCU/match", thu, as())
	if answer.StatusCode != http.StatusOK ||
		body != `{"found":true,"fields":{"name":true,"birth":true}}`+"\n" && body != `{"found":true,"fields":{"name":true,"birth":true}}` {
		t.Fatalf("match answered %s %s", answer.Status, body)
	}
	if got := answer.Header.Get(xroad.HeaderID); got != "YC-0" {
		t.Errorf("query id = %q, want it kept", got)
	}

	t.Run("Social Security needs a purpose and sees only its fields", func(t *testing.T) {
		url := insurance.Local + "/r1/VN/GOV/G01/DANCU/facts"
		header := map[string]string{xroad.HeaderClient: "VN/GOV/G24/BHXH", xroad.HeaderUserID: "bhxh.01"}
		answer, body := post(t, url, `{"number":"001090000001"}`, header)
		if got := answer.Header.Get(xroad.HeaderError); got != string(xroad.PurposeRefused) {
			t.Errorf("without a purpose: %s %q %s, want %s", answer.Status, got, body, xroad.PurposeRefused)
		}
		header[xroad.HeaderPurpose] = "2.000986"
		answer, body = post(t, url, `{"number":"001090000001"}`, header)
		if answer.StatusCode != http.StatusOK || strings.Contains(body, "marital") || !strings.Contains(body, `"name":"Nguyễn Văn Thử"`) {
			t.Errorf("facts = %s %s, want the name and not the marital status", answer.Status, body)
		}
		answer, body = post(t, url, `{"number":"001090000001","fields":["marital"]}`, header)
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("a field that is not granted: %s %s, want 403", answer.Status, body)
		}
	})

	t.Run("the one-stop shop names an officer and a dossier", func(t *testing.T) {
		ask := func(header map[string]string) (code, body string) {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/r1/VN/GOV/G01/DANCU/facts",
				strings.NewReader(`{"number":"001090000001","fields":["name"]}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(xroad.HeaderClient, province.OwnID().String())
			for k, v := range header {
				r.Header.Set(k, v)
			}
			answer, err := province.Modules.Gateway.Call(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			b, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			return answer.Header.Get(xroad.HeaderError), string(b)
		}
		code, body := ask(map[string]string{xroad.HeaderUserID: "canbo.test"})
		if code != string(xroad.NotNamed) || !strings.Contains(body, "X-Road-Issue") {
			t.Errorf("without a dossier: %q %s", code, body)
		}
		if code, body = ask(map[string]string{xroad.HeaderIssue: "H55-1"}); code != string(xroad.NotNamed) || !strings.Contains(body, "X-Road-UserId") {
			t.Errorf("without an officer: %q %s", code, body)
		}
		if code, body = ask(map[string]string{xroad.HeaderUserID: "canbo.test", xroad.HeaderIssue: "H55-1"}); code != "" {
			t.Errorf("with both: %q %s", code, body)
		}
	})

	t.Run("the contract of older systems answers the sample as it stands", func(t *testing.T) {
		request, err := os.ReadFile("../contract/contractsoap/testdata/TraCuuThongTinCongDan-037.request.xml")
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("../contract/contractsoap/testdata/TraCuuThongTinCongDan.response.xml")
		if err != nil {
			t.Fatal(err)
		}
		answer, body := post(t, province.Local+"/csdlqgdc/037", string(request), contractHeader(t, province.Local+"/csdlqgdc/037"))
		if answer.StatusCode != http.StatusOK || body != string(want) {
			t.Errorf("contract answered %s %s, want\n%s", answer.Status, body, want)
		}
	})

	t.Run("a right that changes counts for the contract at once", func(t *testing.T) { changeRights(t, province, authority) })

	t.Run("the citizen sees who asked", func(t *testing.T) {
		list, err := register.Store.Lookups(t.Context(), citizen.MustNumber("001090000001"), population.Period{}, "", 50)
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		for _, l := range list {
			seen = seen || l.Agency == "H55" && l.Officer == "canbo.test" && l.Service == population.ServiceMatch && l.Dossier == "H55-1"
		}
		if !seen {
			t.Errorf("look-ups = %+v, want that of the province", list)
		}
	})

	t.Run("both sides can prove it", func(t *testing.T) {
		for _, n := range []*Node{province, authority} {
			eventually(t, "a stamped head of "+n.Key, func() bool {
				file, err := proofOf(t, n, "YC-0")
				if err != nil {
					return false
				}
				found, err := verify(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range found {
					if f.Check == "stamp" && f.Level != health.Fine {
						return false
					}
				}
				if _, err := verify(bytes.Replace(file, []byte("YC-0"), []byte("YC-1"), 1)); err == nil {
					t.Error("a proof of another message passes")
				}
				return len(found) > 0
			})
			if _, err := deskOf(n).CheckLog(t.Context(), actor.AtCommandLine()); err != nil {
				t.Errorf("the log of %s: %v", n.Key, err)
			}
		}
	})

	t.Run("the doctor finds everything well", func(t *testing.T) {
		found := province.Node.Examine(t.Context(), health.Full)
		if len(found) < 5 {
			t.Fatalf("doctor = %v", found)
		}
		for _, f := range found {
			if f.Level == health.Failing {
				t.Errorf("%s: %s %v", f.Check, f.Key, f.Args)
			}
		}
	})

	t.Run("a change reaches the subscriber with its fields only", func(t *testing.T) {
		room := insurance.Local + "/r1/VN/GOV/G01/DANCU"
		header := map[string]string{"X-Govstack-Client": "VN/GOV/G24/BHXH", xroad.HeaderClient: "VN/GOV/G24/BHXH"}
		post(t, room+"/api/v1/subs/death", `{"eventType":"death","delivery":"PULL"}`, header)
		eventually(t, "the subscription, and the owner's leave", func() bool {
			answer, body := get(t, room+"/api/v1/subs/death", header)
			if answer.StatusCode == http.StatusNotFound { // the type was not there yet
				post(t, room+"/api/v1/subs/death", `{"eventType":"death","delivery":"PULL"}`, header)
			}
			return strings.Contains(body, `"state":"ALLOWED"`)
		})
		number := citizen.MustNumber("001060000001")
		if _, err := register.Record(t.Context(), actor.Actor{
			Account: "canbo", Name: "Vũ Thị Hộ Tịch", Agency: "G01", Roles: []string{population.Registrar},
		},
			population.Event{
				Kind: population.Death, Number: number, On: citizen.DayFrom(clock.MustDate("2026-11-01")),
				Basis: "Luật Hộ tịch 2014, Điều 32",
			}); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the event", func() bool {
			_, raw := get(t, room+"/pull/v1/death", header)
			if !strings.Contains(raw, "001060000001") {
				return false
			}
			if strings.Contains(raw, "Nguyễn") {
				t.Errorf("event = %s, want nothing but what is granted", raw)
			}
			return true
		})
	})

	t.Run("the tour leads where it says", func(t *testing.T) { tour(t, c) })

	t.Run("what an administrator does alone", func(t *testing.T) { waysIn(t, c) })
}

// TestCountryStartsAgain starts the same country on other ports: nothing is lost, and
// the gateways are known at their new addresses.
func TestCountryStartsAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	first, err := Start(ctx, Options{Dir: dir, Addr: "127.0.0.1:0", People: 60, NoRounds: true})
	if err != nil {
		t.Fatal(err)
	}
	post(t, first.Node("thainguyen").Local+"/r1/VN/GOV/G01/DANCU/match", thu, map[string]string{xroad.HeaderClient: "VN/GOV/H55/TTHC"})
	cancel()
	if err := first.Wait(); err != nil {
		t.Fatal(err)
	}
	second := startCountry(t, dir)
	eventually(t, "an answer at the new addresses", func() bool {
		answer, body := post(
			t, second.Node("thainguyen").Local+"/r1/VN/GOV/G01/DANCU/match", thu,
			map[string]string{xroad.HeaderClient: "VN/GOV/H55/TTHC"},
		)
		return answer.StatusCode == http.StatusOK && strings.Contains(body, `"found":true`)
	})
	all, err := second.Node("authority").Modules.Population.Register().Statistics(t.Context(), actor.OfSystem(population.Administrator))
	if err != nil || all.Living+all.Dead+all.Missing < 200 {
		t.Errorf("statistics = %+v, %v, want those of the larger country", all, err)
	}
}

// deskOf is where the owner of a node's gateway works at the command line.
func deskOf(n *Node) *exchange.Desk {
	store := exchangesql.New(n.Node.DB, clock.System{})
	return exchange.NewDesk(exchange.DeskParts{Store: store, Log: store, Clock: clock.System{}, Stamp: tsa.Verify})
}

// changeRights narrows the province's right to facts to one procedure, ends it and gives it
// again, as another process than the gateway's would, and asks the contract each time.
func changeRights(t *testing.T, province, authority *Node) {
	t.Helper()
	request, err := os.ReadFile("../contract/contractsoap/testdata/04-soap-procedure-case.xml")
	if err != nil {
		t.Fatal(err)
	}
	const found = "<ns1:SoDinhDanh>001090000001<"
	n := 0
	ask := func(procedure string) string {
		t.Helper()
		n++
		text := strings.NewReplacer("REPLACE-WITH-UUID", "right-"+strconv.Itoa(n), "1.001193.01", procedure).Replace(string(request))
		_, body := post(t, province.Local+"/csdlqgdc/037", text, contractHeader(t, province.Local+"/csdlqgdc/037"))
		return body
	}
	ctx, desk, owner := t.Context(), deskOf(authority), actor.OfSystem(exchange.Administrator, exchange.Program)
	rights, err := desk.Rights(ctx, owner, false)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rights, func(r exchange.Right) bool {
		return r.Subject == province.SubsystemID() && r.Service == authority.SubsystemID().Of(population.ServiceFacts)
	})
	if i < 0 {
		t.Fatal("the province has no right to facts")
	}
	whole := rights[i]
	narrow := whole
	narrow.ID, narrow.Purposes = "only-1.001193", []string{"1.001193"}
	if _, _, err := desk.Give(ctx, owner, narrow, whole.ID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a procedure that is not the right's is refused", func() bool { return strings.Contains(ask("1.004222"), "<ns1:MaLoi>004<") })
	for _, procedure := range []string{"1.001193", "1.001193.01"} {
		if body := ask(procedure); !strings.Contains(body, found) {
			t.Errorf("for %s: %s", procedure, body)
		}
	}
	if err := desk.End(ctx, owner, narrow.ID); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the right has ended", func() bool { return strings.Contains(ask("1.001193"), "<ns1:MaLoi>denied<") })
	whole.ID = "whole-again"
	if _, _, err := desk.Give(ctx, owner, whole, ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the right is there again", func() bool { return strings.Contains(ask("1.001193.01"), found) })
}

func proofOf(t *testing.T, n *Node, message string) ([]byte, error) {
	t.Helper()
	proof, err := deskOf(n).ProofOf(t.Context(), actor.AtCommandLine(), message)
	if err != nil {
		return nil, err
	}
	return proof.File()
}

func verify(file []byte) ([]health.Finding, error) {
	proof, err := exchange.ReadProof(file)
	if err != nil {
		return nil, err
	}
	return proof.Verify(exchange.Checks{Stamp: tsa.Verify}, nil, nil)
}

// contractHeader signs in as the demo's older system.
func contractHeader(t *testing.T, url string) map[string]string {
	t.Helper()
	stamp := strconv.FormatInt(clock.System{}.Now().UnixMilli(), 10)
	sum := sha256.Sum256([]byte(url + "test-user" + stamp + "test-secret"))
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth("test-user", hex.EncodeToString(sum[:]))
	return map[string]string{"Authorization": r.Header.Get("Authorization"), "Timestamp": stamp, "Content-Type": "text/xml"}
}

// eventually waits for what a busy machine may do late.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := (clock.System{}).Now().Add(60 * time.Second); (clock.System{}).Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s did not come", what)
}
