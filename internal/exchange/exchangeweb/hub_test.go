package exchangeweb_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/centre/centresql"
	"dean06/internal/exchange/exchangeweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/xroad"
)

var people = map[string]actor.Actor{
	"operator": {Account: "1", Name: "Lê Thị Vận", Roles: []string{exchange.Operator}},
	"auditor":  {Account: "2", Name: "Trần Văn Kiểm", Roles: []string{exchange.Auditor}},
	"owner":    {Account: "3", Name: "Phạm Thị Quản", Roles: []string{exchange.Administrator}},
}

var now = clock.Fixed(time.Date(2026, 3, 2, 2, 30, 0, 0, time.UTC))

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// site serves routes to people named by a header, or by a query in a browser.
type site struct {
	t       testing.TB
	handler http.Handler
	routes  []web.Route
}

func serve(t testing.TB, name string, accent ui.Accent, routes func(web.FrameFunc, func(*http.Request) actor.Actor) []web.Route) *site {
	t.Helper()
	texts, err := i18n.Load(ui.Messages, web.Messages, exchange.Messages, centre.Messages, exchangeweb.Messages, chart.Messages, pki.Messages)
	must(t, err)
	who := func(r *http.Request) actor.Actor { return people[r.Header.Get("X-Who")] }
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: name, Accent: accent}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: texts, Frame: frame})
	s := &site{t: t, routes: routes(frame, who)}
	rt.Mount(s.routes...)
	s.handler = rt.Handler()
	return s
}

type answer struct {
	t        testing.TB
	code     int
	location string
	body     string
	header   http.Header
}

func (s *site) do(who string, r *http.Request) answer {
	s.t.Helper()
	r.Header.Set("X-Who", who)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{s.t, w.Code, w.Header().Get("Location"), w.Body.String(), w.Header()}
}

func (s *site) get(who, path string) answer {
	s.t.Helper()
	return s.do(who, httptest.NewRequest(http.MethodGet, path, nil))
}

func (s *site) post(who, path string, fields ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(who, r)
}

// send uploads a file as "openapi" beside fields.
func (s *site) send(who, path, file string, fields ...string) answer {
	s.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		must(s.t, m.WriteField(fields[i], fields[i+1]))
	}
	w, err := m.CreateFormFile("openapi", "openapi.yaml")
	must(s.t, err)
	_, err = w.Write([]byte(file))
	must(s.t, err, m.Close())
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(who, r)
}

var unfilled = regexp.MustCompile(`\{[a-z_]+\}`)

var unknownText = regexp.MustCompile(`\[[a-z]+(\.[a-z_0-9-]+)+\]`)

// want checks an answer's code and what its page says.
func (a answer) want(code int, texts ...string) answer {
	a.t.Helper()
	if a.code != code {
		a.t.Errorf("got %d, want %d: %s", a.code, code, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.t.Errorf("the page lacks %q", text)
		}
	}
	if missing := unknownText.FindString(a.body); missing != "" {
		a.t.Errorf("no text for %s", missing)
	}
	for _, open := range unfilled.FindAllString(a.body, -1) {
		if open != "{id}" { // of a path in a description
			a.t.Errorf("a text lacks %s", open)
		}
	}
	return a
}

const openapi = `openapi: 3.0.3
info: {title: Tình trạng hồ sơ, version: "1"}
paths:
  /dossiers/{id}:
    get: {responses: {200: {description: ok}}}
  /dossiers:
    post: {responses: {201: {description: made}}}
`

// hub is the pages of a centre with a member that has joined, and one that waits.
func hub(t testing.TB) (*site, *centre.Centre) {
	t.Helper()
	ctx := t.Context()
	db := sqldbtest.OpenSQLite(t)
	must(t, audit.Migrate(ctx, db), centresql.Migrate(ctx, db))
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(t, err)
		return k
	}
	c := centre.New(centre.Parts{
		Store: centresql.New(db), Clock: now, NewID: sqldb.NewID, Instance: "VN", CA: key(), Signer: key(),
		Agencies: func() []centre.Agency {
			return []centre.Agency{
				{Code: "G01", Name: "Bộ Công an"}, {Code: "G24", Name: "Bảo hiểm xã hội Việt Nam"}, {Code: "H55", Name: "UBND tỉnh Thái Nguyên"},
			}
		},
	})
	op := people["operator"]
	heard := actor.Actor{Account: "gateway:H55-1", Name: "H55-1", Roles: []string{centre.TakesPart}, Via: actor.Exchange}
	must(t, c.Begin(ctx))
	for _, e := range []exchange.Entry{
		{Kind: exchange.MemberEntry, Key: "VN/GOV/H55", Name: "UBND tỉnh Thái Nguyên"},
		{Kind: exchange.SubsystemEntry, Key: "VN/GOV/H55/TTHC", Name: "Giải quyết thủ tục hành chính"},
		{Kind: exchange.MemberEntry, Key: "VN/GOV/G01", Name: "Bộ Công an"},
		{Kind: exchange.SubsystemEntry, Key: "VN/GOV/G01/DANCU", Name: "Cơ sở dữ liệu quốc gia về dân cư"},
		{
			Kind: exchange.ServiceOffered, Key: "VN/GOV/G01/DANCU/match", Name: "Đối khớp thông tin công dân", Type: "OPENAPI",
			OpenAPI: []byte(openapi),
		},
	} {
		e.Member = e.ID().MemberID()
		must(t, c.Enter(ctx, op, e))
	}
	k := key()
	text, _, err := c.Invite(
		ctx, op, centre.Invitation{Member: xroad.MustID("VN/GOV/H55"), Gateway: "H55-1", Subsystems: []xroad.ID{xroad.MustID("VN/GOV/H55/TTHC")}},
	)
	must(t, err)
	csr, err := pki.Request(k, "x", nil)
	must(t, err)
	j, err := c.Join(ctx, exchange.NewJoin(text, csr, "127.0.0.1:8038"))
	must(t, err)
	head := exchange.Head{Size: 1204, At: now.Now(), KeyID: exchange.Fingerprint(j.Certificate), Root: exchange.Digest{7}}
	must(t, head.Sign(rand.Reader, k))
	_, err = c.Report(ctx, heard, exchange.Report{Version: "1.0.0", Serial: 5, LogSize: 1204, Head: &head})
	must(t, err)
	_, err = c.Apply(ctx, heard, exchange.Application{ID: "a1", Note: "Theo công văn của tỉnh", Entry: exchange.Entry{
		Kind: exchange.ServiceOffered, Key: "VN/GOV/H55/TTHC/status", Name: "Tình trạng hồ sơ", Type: "OPENAPI", OpenAPI: []byte(openapi),
	}})
	must(t, err)
	return serve(t, "Trục liên thông", ui.Hub, func(frame web.FrameFunc, who func(*http.Request) actor.Actor) []web.Route {
		return exchangeweb.NewHub(exchangeweb.HubShell{
			Centre: c, Frame: frame, Actor: who, Names: called{"1": "Lê Thị Vận"}, URL: "http://127.0.0.1:8026/",
		}).Routes()
	}), c
}

func TestHubPages(t *testing.T) {
	t.Parallel()
	s, _ := hub(t)
	for _, lang := range []string{"vi", "en"} {
		for _, path := range hubPages {
			s.get("operator", path+"?lang="+lang).want(http.StatusOK)
			s.get("auditor", path+"?lang="+lang)
		}
	}
	s.get("operator", "/exchange").want(200, "1 trong 2 thành viên đang kết nối; 1 đề nghị chờ duyệt", "H55-1", "Hoạt động tốt")
	s.get("auditor", "/exchange/applications/a1").want(200, "Người vận hành")
	if a := s.get("auditor", "/exchange/applications/a1"); strings.Contains(a.body, `value="approve"`) {
		t.Error("an auditor sees a button that is not for them")
	}
	s.get("nobody", "/exchange").want(303)
	s.get("operator", "/exchange/entry/member/VN/GOV/X9").want(404)
	s.get("operator", "/exchange/new/nothing").want(404)
	s.get("auditor", "/exchange/new/member").want(403)
	s.post("auditor", "/exchange/applications/a1", "do", "approve").want(403)
	s.post("auditor", "/exchange/entry/member/VN/GOV/H55", "do", "suspended", "version", "1", "reason-suspended", "x").want(403)
}

var hubPages = []string{
	"/exchange", "/exchange/applications", "/exchange/applications/a1", "/exchange/members", "/exchange/services", "/exchange/groups",
	"/exchange/keys", "/exchange/tokens", "/exchange/configuration",
	"/exchange/new/member", "/exchange/new/subsystem", "/exchange/new/service", "/exchange/new/group", "/exchange/tokens/new",
	"/exchange/tokens/new?member=VN/GOV/H55",
	"/exchange/entry/member/VN/GOV/H55", "/exchange/entry/subsystem/VN/GOV/G01/DANCU", "/exchange/entry/service/VN/GOV/G01/DANCU/match",
	"/exchange/entry/gateway/H55-1",
}

func TestHubWork(t *testing.T) {
	t.Parallel()
	s, c := hub(t)
	s.post("operator", "/exchange/applications/a1", "do", "refuse").want(422, `href="#reason"`)
	s.post("operator", "/exchange/applications/a1", "do", "approve").want(303)
	s.post("operator", "/exchange/applications/a1", "do", "approve").want(409, "vừa được người khác xử lý")
	s.get("operator", "/exchange/services").want(200, "Tình trạng hồ sơ")

	s.post("operator", "/exchange/new/member", "key", "").want(422, `href="#key"`)
	if a := s.post("operator", "/exchange/new/member", "key", "VN/GOV/G24"); a.location != "/exchange/entry/member/VN/GOV/G24" {
		t.Errorf("a new member: got %d to %q", a.code, a.location)
	}
	s.post("operator", "/exchange/new/member", "key", "VN/GOV/G24").want(409)
	s.post("operator", "/exchange/new/subsystem", "member", "VN/GOV/G24", "key", "BHXH", "name", "Bảo hiểm xã hội").want(303)
	s.send(
		"operator", "/exchange/new/service", "x: 1", "subsystem", "VN/GOV/G24/BHXH", "key", "card", "name", "Thẻ", "type", "OPENAPI",
	).want(422, `href="#openapi"`, `value="card"`)
	s.send(
		"operator", "/exchange/new/service", openapi, "subsystem", "VN/GOV/G24/BHXH", "key", "card", "name", "Thẻ", "type", "OPENAPI",
	).want(303)
	s.post("operator", "/exchange/new/group", "key", "tinh", "name", "Các tỉnh", "members", "VN/GOV/H55/TTHC").want(303)
	s.get("operator", "/exchange/groups").want(200, "Các tỉnh", "VN/GOV/H55/TTHC")

	s.post("operator", "/exchange/tokens/new", "member", "VN/GOV/G24", "gateway", "H99-1", "days", "7").want(422, `href="#gateway"`)
	s.post("operator", "/exchange/tokens/new", "member", "VN/GOV/G24", "gateway", "G24-1", "days", "bảy").want(422, `href="#days"`)
	made := s.post(
		"operator", "/exchange/tokens/new", "member", "VN/GOV/G24", "gateway", "G24-1", "days", "7", "subsystems", "VN/GOV/G24/BHXH",
	).
		want(200, "dean06 gateway join --hub http://127.0.0.1:8026 --token ", "chỉ hiện một lần")
	if made.header.Get("Cache-Control") != "no-store" {
		t.Error("the page with the token may be kept by a cache")
	}
	tokens := s.get("operator", "/exchange/tokens").want(200, "G24-1", "Chờ dùng")
	id := regexp.MustCompile(`name="id" value="([0-9a-f]+)"`).FindStringSubmatch(tokens.body)
	s.post("operator", "/exchange/tokens", "id", id[1]).want(303)
	s.get("operator", "/exchange/tokens").want(200, "Đã rút")

	const group = "/exchange/edit/group/tinh"
	s.post("auditor", group, "version", "1", "name", "Tỉnh").want(403)
	s.post("operator", group, "version", "1", "name", "Tỉnh", "members", "").want(422, `href="#members"`, `value="Tỉnh"`)
	s.post("operator", group, "version", "1", "name", "Tỉnh, bộ", "members", "VN/GOV/H55/TTHC", "members", "VN/GOV/G24/BHXH").want(303)
	s.post("operator", group, "version", "1", "name", "Tỉnh", "members", "VN/GOV/H55/TTHC").want(409)
	s.get("operator", "/exchange/groups").want(200, "Tỉnh, bộ", "VN/GOV/G24/BHXH")
	s.send(
		"operator", "/exchange/edit/service/VN/GOV/G24/BHXH/card", strings.ReplaceAll(openapi, "/dossiers", "/cards"), "version", "1", "name",
		"Thẻ bảo hiểm",
	).want(303)
	s.get("operator", "/exchange/entry/service/VN/GOV/G24/BHXH/card").want(200, "/cards/*", "Thẻ bảo hiểm")
	s.post("operator", "/exchange/edit/member/VN/GOV/G24", "version", "1", "name", "X").want(404)

	e, err := c.Entry(context.Background(), people["auditor"], exchange.GatewayEntry, "H55-1")
	must(t, err)
	s.post(
		"operator", "/exchange/edit/gateway/H55-1", "version", strconv.FormatInt(e.Version, 10), "address", "nowhere", "subsystems",
		"VN/GOV/H55/TTHC",
	).want(422, `href="#address"`)
	s.post(
		"operator", "/exchange/edit/gateway/H55-1", "version", strconv.FormatInt(e.Version, 10), "address", "gw.example:5500", "subsystems",
		"VN/GOV/H55/TTHC",
	).want(303)
	gateway, version := "/exchange/entry/gateway/H55-1", regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(
		s.get("operator", "/exchange/entry/gateway/H55-1").body,
	)[1]
	s.post("operator", gateway, "do", "suspended", "version", version).want(422, `href="#reason-suspended"`)
	s.post("operator", gateway, "do", "suspended", "version", version, "reason-suspended", "Kiểm tra").want(303)
	s.post("operator", gateway, "do", "withdrawn", "version", version, "reason-withdrawn", "Kiểm tra").want(409)
	s.get("operator", "/exchange").want(200, "Tạm dừng")
	reg, err := c.Register(context.Background(), people["auditor"])
	must(t, err)
	for _, cert := range reg.Certificates {
		if cert.Gateway == e.Key {
			path, field := "/exchange/revoke/"+cert.Fingerprint, "revoke-"+cert.Fingerprint[:8]
			s.post("operator", path, "gateway", e.Key).want(422, `href="#`+field+`"`)
			s.get("auditor", "/exchange/keys").want(200, cert.Fingerprint[:4]+" "+cert.Fingerprint[4:8], "Ký cấu hình")
			s.post("operator", path, "gateway", e.Key, field, "Lộ khóa").want(303)
			s.get("auditor", "/exchange/keys").want(200, "bị thu hồi", "Lộ khóa")
			s.post("operator", path, "gateway", e.Key, field, "Lộ khóa").want(409)
		}
	}
}
