package journeys

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/internal/app"
	"dean06/internal/demo"
	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/tsa"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/xroad"
)

// land is one running demo country.
type land struct {
	country *demo.Country
	dir     string
	words   *i18n.Catalogue
	browser context.Context
}

// settle starts a demo country of its own for the test, and a browser.
func settle(t *testing.T) *land {
	t.Helper()
	browser := uitest.Browser(t) // first: it skips the test when there is none
	from, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	words, err := app.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil { // the board's share
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	c, err := demo.Start(ctx, demo.Options{Dir: dir, Addr: "127.0.0.1:0", People: 300, NoRounds: true})
	if err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := c.Wait(); err != nil {
			t.Errorf("the country ended with %v", err)
		}
	})
	return &land{country: c, dir: dir, words: words, browser: browser}
}

// at is the site of a node.
func (l *land) at(t *testing.T, node string) *house {
	return &house{t: t, dir: l.dir, url: l.country.Node(node).Named(), words: l.words, browser: l.browser}
}

// ask sends a question to a node's port for the agency's own systems.
func (l *land) ask(t *testing.T, node, path, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.country.Node(node).Local+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(raw)
}

// TestCountry is what people do in the demo country: a citizen sees who asked and
// objects, a clerk registers a move, the hub's operator lets an agency in, and the
// owner of the register gives a right and takes it back.
func TestCountry(t *testing.T) {
	t.Parallel()
	l := settle(t)
	t.Run("people", func(t *testing.T) {
		t.Run("the citizen sees who asked and objects", func(t *testing.T) { t.Parallel(); l.citizen(t) })
		t.Run("of one person", func(t *testing.T) { // one after the other: both write of the same man
			t.Parallel()
			t.Run("the clerk registers a move", l.clerk)
			t.Run("the register asks before it writes", l.asked)
		})
		t.Run("the operator lets an agency in", func(t *testing.T) { t.Parallel(); l.operator(t) })
		t.Run("the owner gives a right and ends it", func(t *testing.T) { t.Parallel(); l.owner(t) })
		t.Run("two give a role", func(t *testing.T) { t.Parallel(); l.roleByTwo(t) })
		t.Run("one takes a role in an emergency", func(t *testing.T) { t.Parallel(); l.emergency(t) })
		t.Run("two let the register leave as a file", func(t *testing.T) { t.Parallel(); l.exportByTwo(t) })
		t.Run("a login proves nobody", func(t *testing.T) { t.Parallel(); l.bound(t) })
		t.Run("two annul a death", func(t *testing.T) { t.Parallel(); l.annulment(t) })
		t.Run("no officer of another agency is entered", func(t *testing.T) { t.Parallel(); l.otherOfficer(t) })
		t.Run("a file is cleaned", func(t *testing.T) { t.Parallel(); l.cleaned(t) })
		t.Run("a file is handed over", func(t *testing.T) { t.Parallel(); l.handedOver(t) })
		t.Run("a birth goes the whole way", func(t *testing.T) { t.Parallel(); l.born(t) })
		t.Run("a birth in English", func(t *testing.T) { t.Parallel(); l.bornInEnglish(t) })
		t.Run("an identity opens every door", func(t *testing.T) { t.Parallel(); l.identities(t) })
		t.Run("an officer's position ends", func(t *testing.T) { t.Parallel(); l.ended(t) })
		t.Run("a province keeps its positions", func(t *testing.T) { t.Parallel(); l.offices(t) })
	})
	for _, node := range []string{"authority", "hub", "thainguyen", "bhxh"} {
		l.logs(t, node)
	}
}

// logs reads the whole audit log of a node, which says in words what all the others did.
func (l *land) logs(t *testing.T, node string) {
	t.Helper()
	for _, lang := range i18n.Langs {
		p := l.at(t, node).person(t, lang, uitest.Desktop)
		p.hurried = true // the page itself is looked at closely elsewhere
		p.signIn("kiemtoan")
		for next := "/audit"; next != ""; {
			p.open(next)
			next = eval[string](p, `document.querySelector("main a[rel=next]")?.getAttribute("href") ?? ""`)
		}
	}
}

func (l *land) citizen(t *testing.T) {
	me := l.at(t, "authority").person(t, i18n.Vi, 390).enter("001090000001")
	me.isAt("/my-data/lookups")

	answer, body := l.ask(t, "thainguyen", "/r1/VN/GOV/G01/DANCU/match",
		`{"number":"001090000001","name":"NGUYENVANTHU","birth":"1990"}`, map[string]string{
			xroad.HeaderClient: "VN/GOV/H55/TTHC", xroad.HeaderUserID: "canbo.test", xroad.HeaderIssue: "H55-DI-THU",
			xroad.HeaderPurpose: "1.001193",
		})
	if answer.StatusCode != http.StatusOK || !strings.Contains(body, `"found":true`) {
		t.Fatalf("the question was answered %s %s", answer.Status, body)
	}
	// Nothing waits: what was asked is on the page as soon as the answer is there.
	me.open("/my-data/lookups")
	me.sees("H55-DI-THU")
	l.askOldWay(t)
	me.open("/my-data/lookups")
	if got := strings.Count(me.text(), "canbo.test"); got < 2 {
		t.Errorf("the page names the officer %d times, want both questions", got)
	}
	me.picture("citizen-lookups")

	me.clickIn("H55-DI-THU", "people.object.link")
	me.fill("text", "Tôi không nộp hồ sơ nào ở tỉnh này.")
	me.click("people.object.send")
	me.sees("people.object.sent")

	auditor := l.at(t, "authority").person(t, i18n.Vi, 1280).signIn("kiemtoan")
	auditor.click("nav.population.objections")
	auditor.sees("Tôi không nộp hồ sơ nào ở tỉnh này.")
	auditor.seesNot("001090000001")
	auditor.fill(
		eval[string](auditor, `document.querySelector("main textarea").name`),
		"Hồ sơ do người nhà nộp; đã nhắc cơ quan ghi rõ người nộp.",
	)
	auditor.click("people.objections.send")
	auditor.sees("people.objections.answered")
	auditor.click("nav.audit")
	auditor.sees("act.population.objection.answer")
	auditor.seesNot("[act.")

	me.open("/my-data/lookups")
	me.clickIn("H55-DI-THU", "people.object.see")
	me.sees("đã nhắc cơ quan ghi rõ người nộp")

	// On the province's node the old system's call stands in its own log.
	admin := l.at(t, "thainguyen").person(t, i18n.Vi, 1280).signIn("quantri")
	admin.click("nav.contract")
	admin.sees("test-user")
	admin.click("contractweb.log")
	admin.sees("contractweb.outcome.answered")
	admin.seesNot("001090000001")
}

// askOldWay asks as the province's old system does: SOAP, Basic authentication.
func (l *land) askOldWay(t *testing.T) {
	t.Helper()
	request, err := os.ReadFile(filepath.Join(
		"..", "..", "internal", "contract", "contractsoap", "testdata", "TraCuuThongTinCongDan-037.request.xml",
	))
	if err != nil {
		t.Fatal(err)
	}
	const path = "/csdlqgdc/037"
	stamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
	sum := sha256.Sum256([]byte(l.country.Node("thainguyen").Local + path + "test-user" + stamp + "test-secret"))
	answer, body := l.ask(t, "thainguyen", path, string(request), map[string]string{
		"Content-Type": "text/xml", "Timestamp": stamp,
		"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("test-user:"+hex.EncodeToString(sum[:]))),
	})
	if answer.StatusCode != http.StatusOK || !strings.Contains(body, "CongdanCollection") {
		t.Fatalf("the old system was answered %s %s", answer.Status, body)
	}
}

func (l *land) clerk(t *testing.T) {
	p := l.at(t, "authority").person(t, i18n.Vi, 1280).signIn("canbo")
	p.choose("purpose", "residence")
	p.fill("dossier", "CT-2026-01")
	p.click("people.desk.go")
	p.fill("q", "thu nguyen van")
	p.click("ui.search")
	p.clickIn("001*******01", "Nguyễn Văn Thử")
	p.sees("Nguyễn Văn Thử")
	p.picture("register-person")
	p.click("people.event.register")
	p.click("people.kind.move_present")
	p.fill("place", "phuong hong ha")
	p.fill(p.named("detail"), "Số 5 phố Mới")
	p.click("people.event.see")
	if p.has("people.event.see") { // several places have the name
		p.choose(
			eval[string](p, `document.querySelector("main input[type=radio]").name`),
			eval[string](p, `document.querySelector("main input[type=radio]").value`),
		)
		p.click("people.event.see")
	}
	p.sees("Số 5 phố Mới")
	p.click("people.preview.record")
	p.sees("people.event.done", map[string]any{"kind": p.say("people.kind.move_present")})
	p.press("people.tab.events")
	p.sees("people.kind.move_present")

	en := l.at(t, "authority").person(t, i18n.En, 390).signIn("canbo")
	en.sees("people.desk.title")
	en.open("/people/statistics")
}

func (l *land) operator(t *testing.T) {
	p := l.at(t, "hub").person(t, i18n.Vi, 1280).signIn("vanhanh")
	p.isAt("/exchange")
	p.picture("hub-overview")
	p.click("exchangeweb.hub.nav.members")
	p.click("exchangeweb.hub.new.member")
	p.pick("key", "Bắc Ninh")
	p.click("exchangeweb.hub.enter")
	p.sees("Bắc Ninh")
	p.click("exchangeweb.hub.token.new")
	p.pick("member", "Bắc Ninh")
	p.click("exchangeweb.show")
	p.click("exchangeweb.token.make")
	p.sees("exchangeweb.token.once")
	words := strings.Fields(eval[string](p, `document.getElementsByName("command")[0].value`))
	if len(words) != 7 || words[4] != p.url {
		t.Fatalf("the command is %q", words)
	}
	c := l.newcomer(t)
	saved, err := join(t.Context(), c, words[4], words[6])
	if err != nil || saved.Gateway != "H05-1" {
		t.Fatalf("joined as %q, %v", saved.Gateway, err)
	}
	c.Dir = filepath.Join(t.TempDir(), "other")
	if _, err := join(t.Context(), c, words[4], words[6]); err == nil {
		t.Error("the same token let another machine in")
	}
	p.again(func() bool {
		p.open("/exchange/entry/gateway/H05-1")
		return p.has("exchangeweb.condition.sentence.fine", map[string]any{"gateway": "H05-1"})
	})
	p.press("exchangeweb.do.suspend")
	p.fill("reason-suspended", "Chờ nghiệm thu.")
	p.submit("button[value=suspended]")
	p.sees("exchangeweb.condition.sentence.suspended", map[string]any{"gateway": "H05-1"})
	p.sees("Chờ nghiệm thu.")

	auditor := l.at(t, "hub").person(t, i18n.En, 390).signIn("kiemtoan")
	auditor.open("/audit")
	auditor.sees("act.exchange.gateway.suspended")
	auditor.seesNot("[act.")
}

// newcomer starts the node of an agency that has not joined yet, and gives the
// settings of its gateway.
func (l *land) newcomer(t *testing.T) exchangenode.GatewayConfig {
	t.Helper()
	dir := t.TempDir()
	c := demo.Config(dir, "bacninh")
	c.Node.Role, c.HTTP.Addr = "agency", "127.0.0.1:0"
	g := config.In[exchangenode.GatewayConfig](c)
	g.LocalAddr, g.PeerAddr, g.Address = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:9"
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- app.Run(ctx, c, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		stop()
		if err := <-ran; err != nil {
			t.Errorf("the new node ended with %v", err)
		}
	})
	return *g
}

// join is what the command `gateway join` does.
func join(ctx context.Context, c exchangenode.GatewayConfig, hub, token string) (exchangeapi.Saved, error) {
	client := exchangeapi.Client{URL: hub, Clock: clock.System{}}
	return client.Join(ctx, c.Dir, token, c.Address, nil, nil)
}

// verify is what the command `proof verify` does.
func verify(file []byte) ([]health.Finding, error) {
	proof, err := exchange.ReadProof(file)
	if err != nil {
		return nil, err
	}
	return proof.Verify(exchange.Checks{Stamp: tsa.Verify}, nil, nil)
}

// again tries until something is so.
func (p *person) again(ok func() bool) {
	p.t.Helper()
	for end := time.Now().Add(uitest.Patience); !ok(); time.Sleep(300 * time.Millisecond) {
		if time.Now().After(end) {
			p.fail("it does not come")
		}
	}
}

// submit presses a button that has the same words as what opens its form.
func (p *person) submit(selector string) {
	p.t.Helper()
	p.clicks++
	p.sends(selector, selector)
}

func (l *land) owner(t *testing.T) {
	const service = "VN/GOV/G01/DANCU/household"
	question := func() (*http.Response, string) {
		return l.ask(t, "bhxh", "/r1/"+service, `{"number":"001090000001"}`, map[string]string{
			xroad.HeaderClient: "VN/GOV/G24/BHXH", xroad.HeaderUserID: "bhxh.01", xroad.HeaderID: "HO-GIA-DINH-1",
			xroad.HeaderIssue: "G24-1", xroad.HeaderPurpose: "2.000986",
		})
	}
	answer, _ := question()
	if got := answer.Header.Get(xroad.HeaderError); got != string(xroad.AccessDenied) {
		t.Fatalf("before the right: %s %q, want %s", answer.Status, got, xroad.AccessDenied)
	}
	p := l.at(t, "authority").person(t, i18n.Vi, 1280).signIn("quantri")
	p.open("/gateway/rights/new?service=" + service)
	p.pick("subject", "VN/GOV/G24/BHXH")
	p.fill("legal_basis", "Luật Bảo hiểm xã hội 2024, Điều 20")
	p.fill("purposes", "2.000986")
	p.choose("fields", "*")
	p.click("exchangeweb.gw.right.give")
	l.secondForARight(t, p, question)
	if answer, body := question(); answer.StatusCode != http.StatusOK {
		t.Fatalf("with the right: %s %s", answer.Status, body)
	}
	right := p.path()
	p.open("/gateway/log?q=HO-GIA-DINH-1&faults=")
	record := eval[string](p, `document.querySelector("main table a[href^='/gateway/log/']").getAttribute("href")`)
	p.again(func() bool { // the head that holds the record is signed soon after
		p.open(record)
		return p.has("exchangeweb.gw.proof.download")
	})
	p.sees("HO-GIA-DINH-1")
	p.picture("log-record")
	file := p.download(p.href("exchangeweb.gw.proof.download"))
	if !json.Valid(file) {
		t.Error("the proof is no JSON")
	}
	if found, err := verify(file); err != nil || len(found) == 0 {
		t.Errorf("the proof says %v, %v", found, err)
	}
	p.open(right)
	p.press("exchangeweb.gw.right.end")
	p.submit("form[action$='/end'] button")
	p.sees("exchangeweb.gw.right.done")
	answer, body := question()
	if got := answer.Header.Get(xroad.HeaderError); got != string(xroad.AccessDenied) {
		t.Errorf("after the right: %s %q %s, want %s", answer.Status, got, body, xroad.AccessDenied)
	}
	p.refused("/people", "/my-data", "/audit")

	auditor := l.at(t, "bhxh").person(t, i18n.En, 1280).signIn("kiemtoan")
	auditor.open("/gateway/log?q=HO-GIA-DINH-1")
	auditor.sees("exchangeweb.fault.access")
	auditor.open("/gateway/traffic")
	auditor.refused("/gateway/rights/new?service=" + service)
}
