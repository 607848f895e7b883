package identitydesk_test

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identitydesk"
	"dean06/internal/identity/identitytest"
	"dean06/internal/identity/identityweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/password"
	"dean06/internal/platform/session"
	"dean06/internal/platform/throttle"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
)

// cardOf is the line that a scanner types of a person's card.
func cardOf(p identity.Facts) string {
	b := p.Birth.String()
	return p.Number.Reveal() + "||" + p.Name + "|" + b[8:10] + b[5:7] + b[:4] + "|" + map[citizen.Sex]string{citizen.Male: "Nam", citizen.Female: "Nữ"}[p.Sex] +
		"|Số 1 phố Thử, Đại Từ, Thái Nguyên|01082024"
}

// people are who can sign in, by the word that the cookie of the tests has.
var people = map[string]actor.Actor{
	"officer": identitytest.Officer, "operator": identitytest.Operator, "auditor": identitytest.Auditor, "keeper": identitytest.Keeper,
	"elsewhere": {Account: "o-5", Login: "noiKhac", Name: "Lê Văn Khác", Agency: "H01", Roles: []string{identity.ClientKeeper}},
	"admin":     {Account: "o-6", Login: "quantri", Name: "Trần Quản Trị", Roles: []string{identity.Administrator}},
}

// office is the pages of a world, served.
type office struct {
	*identitytest.World
	t    *testing.T
	base string
}

func open(t *testing.T) *office {
	t.Helper()
	o := &office{World: identitytest.NewWorld(nil), t: t}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{
			Node: ui.Node{Name: "Cơ quan quản lý định danh", Accent: ui.Authority}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r),
			Viewer: ui.Viewer{Name: session.Actor(r).Name, SignedIn: true},
		}
	}
	agencies := map[string]string{"H55": "Ủy ban nhân dân tỉnh Thái Nguyên", "G01": "Bộ Công an"}
	pages := &identitydesk.Pages{Service: o.Service, Frame: frame, Agency: func(code string) string { return agencies[code] }}
	cat, err := i18n.Load(ui.Messages, web.Messages, session.Messages, password.Messages, throttle.Messages, citizen.Messages, identity.Messages,
		identityweb.Messages, identitydesk.Messages)
	o.must(err)
	who := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, err := r.Cookie("who"); err == nil {
				r = r.WithContext(session.With(r.Context(), session.Identity{Actor: people[c.Value]}))
			}
			next.ServeHTTP(w, r)
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: cat, Frame: frame, Within: []web.Middleware{who}})
	rt.Mount(pages.Routes()...)
	srv := httptest.NewServer(rt.Handler())
	t.Cleanup(srv.Close)
	o.base = srv.URL
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// send makes a request and gives the answer without following it.
func (o *office) send(who, method, path string, body io.Reader, head http.Header) (status int, text, to string) {
	o.t.Helper()
	r, err := http.NewRequestWithContext(o.t.Context(), method, o.base+path, body)
	o.must(err)
	if head != nil {
		r.Header = head
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "who", Value: who})
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	o.must(err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	o.must(err)
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") && resp.StatusCode != http.StatusSeeOther {
		for _, f := range uitest.Markup(string(raw)) {
			o.t.Errorf("%s %s: %s", method, path, f)
		}
	}
	return resp.StatusCode, string(raw), resp.Header.Get("Location")
}

func (o *office) get(who, path string) (int, string) {
	o.t.Helper()
	status, text, _ := o.send(who, http.MethodGet, path, nil, nil)
	return status, text
}

func (o *office) post(who, path string, form url.Values) (int, string, string) {
	o.t.Helper()
	head := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}}
	return o.send(who, http.MethodPost, path, strings.NewReader(form.Encode()), head)
}

// says fails unless a page holds all words.
func (o *office) says(what, text string, words ...string) {
	o.t.Helper()
	plain := html.UnescapeString(text)
	for _, w := range words {
		if !strings.Contains(plain, w) {
			o.t.Errorf("%s does not say %q:\n%s", what, w, clip(plain))
		}
	}
}

func clip(page string) string {
	if _, body, ok := strings.Cut(page, "<main"); ok {
		return regexp.MustCompile(`(?s)<[^>]*>|\s{2,}`).ReplaceAllString("<main"+body, " ")
	}
	return page
}

var (
	inputs  = regexp.MustCompile(`<input[^>]*>`)
	attr    = func(name string) *regexp.Regexp { return regexp.MustCompile(` ` + name + `="([^"]*)"`) }
	theName = attr("name")
	theVal  = attr("value")
	theType = attr("type")
)

// filled are the values that the fields of a page have.
func filled(page string) url.Values {
	out := url.Values{}
	for _, in := range inputs.FindAllString(page, -1) {
		name, val, kind := theName.FindStringSubmatch(in), theVal.FindStringSubmatch(in), theType.FindStringSubmatch(in)
		if name == nil || kind != nil && (kind[1] == "checkbox" || kind[1] == "radio") && !strings.Contains(in, "checked") {
			continue
		}
		v := ""
		if val != nil {
			v = html.UnescapeString(val[1])
		}
		out.Add(name[1], v)
	}
	return out
}

// The main path: the card's QR fills the page, the officer compares the face, the account is
// opened at level 2, and a code lets its holder in.
func TestLevelTwoByTheCard(t *testing.T) {
	t.Parallel()
	o := open(t)
	status, page := o.get("officer", "/identity/desk")
	o.says("the start", page, "Cấp hoặc nâng mức tài khoản", "Người nước ngoài", "Tài khoản đã có", "Cơ quan, tổ chức")
	if status != http.StatusOK {
		t.Error(status)
	}
	status, page, _ = o.post("officer", "/identity/desk/person", url.Values{"qr": {"không phải mã"}, "do": {"read"}})
	o.says("a wrong code", page, `href="#qr"`)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	// A scanner ends with Enter, which presses no button by name in some browsers.
	_, page, _ = o.post("officer", "/identity/desk/person", url.Values{"qr": {cardOf(identitytest.Mother)}})
	form := filled(page)
	for name, want := range map[string]string{
		"number": "001190000011", "name": "Trần Thị Mẹ", "birth-day": "8", "birth-month": "3", "birth-year": "1990", "issued-day": "1", "issued-month": "8",
		"issued-year": "2024", "level": "2", "compared": "",
	} {
		if form.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, form.Get(name), want)
		}
	}
	form.Set("card", "CC")
	form.Set("do", "do")
	status, page, _ = o.post("officer", "/identity/desk/person", form)
	o.says("nobody compared the face", page, "Hãy đối chiếu khuôn mặt", `href="#compared"`)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	form.Set("compared", "yes")
	form.Set("name", "Trần Thị Khác")
	_, page, _ = o.post("officer", "/identity/desk/person", form)
	o.says("another name", page, `href="#name"`, "khác với cơ sở dữ liệu dân cư")
	if strings.Contains(page, "Trần Thị Mẹ") {
		t.Error("the page says what the register says")
	}
	form.Set("name", "Trần Thị Mẹ")
	status, page, _ = o.post("officer", "/identity/desk/person", form)
	o.says("the account", page, "Đã mở tài khoản", "Trần Thị Mẹ", "•••••••••011", "Mức độ 2", "Cấp mã vào tài khoản")
	if status != http.StatusOK || strings.Contains(clip(page), "001190000011") {
		t.Errorf("%d, or the number stands on the page", status)
	}
	status, _, _ = o.post("officer", "/identity/desk/account", filled(page))
	if status != http.StatusUnprocessableEntity { // the button's own name was not sent: nothing is done by accident
		t.Errorf("without the button: %d", status)
	}
	form.Set("want", "recover")
	form.Set("kind", "citizen")
	_, page, _ = o.post("officer", "/identity/desk/account", form)
	code := regexp.MustCompile(`(?i)[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}`).FindString(clip(page))
	out, err := o.RecoverByCode(t.Context(), identity.OfCitizen(identitytest.Mother.Number), code, identity.Browser{ID: "x", Address: "203.0.113.9"})
	if err != nil || out.Account.Level != identity.Two {
		t.Errorf("the code %q lets nobody in: %v\n%s", code, err, clip(page))
	}
}

// An account that was opened at home: its address is asked for, and nothing is closed until the
// officer says that it is not theirs.
func TestTheConfirmedAddressIsAskedFor(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.Give(t, identitytest.Mother, identity.One)
	_, page, _ := o.post("officer", "/identity/desk/person", url.Values{"qr": {cardOf(identitytest.Mother)}})
	form := filled(page)
	if form.Has("knows") {
		t.Error("the page tells of an account before the officer saw anybody")
	}
	form.Set("card", "CC")
	form.Set("compared", "yes")
	form.Set("do", "do")
	_, page, _ = o.post("officer", "/identity/desk/person", form)
	o.says("the question", page, `href="#knows"`, "Hỏi người đến, không gợi ý", "Không phải của người này")
	if strings.Contains(page, identitytest.EmailOf(identitytest.Mother)) {
		t.Error("the page tells the address")
	}
	form.Set("knows", "khac@example.vn")
	status, page, _ := o.post("officer", "/identity/desk/person", form)
	if o.says("another address", page, `href="#knows"`); status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	theirs := url.Values{}
	for k, v := range form {
		theirs[k] = v
	}
	theirs.Set("knows", identitytest.EmailOf(identitytest.Mother))
	_, page, _ = o.post("officer", "/identity/desk/person", theirs)
	o.says("raised", page, "Đã định danh", "Mức độ 2")
	if strings.Contains(page, "đã bị đóng") {
		t.Error("it was closed")
	}

	o = open(t)
	o.Give(t, identitytest.Mother, identity.One)
	form.Set("not_theirs", "yes")
	_, page, _ = o.post("officer", "/identity/desk/person", form)
	o.says("closed", page, "Mọi phương tiện đăng nhập và địa chỉ cũ", "Mức độ 2")
}

func TestAChildAndItsParent(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.Give(t, identitytest.Mother, identity.Two)
	form := url.Values{
		"do": {"do"}, "number": {identitytest.Pupil.Number.Reveal()}, "name": {identitytest.Pupil.Name}, "birth-day": {"2"}, "birth-month": {"9"},
		"birth-year": {"2016"}, "card": {"KS"}, "issued-day": {"10"}, "issued-month": {"9"}, "issued-year": {"2016"}, "level": {"2"},
		"purpose": {"Định danh cho trẻ"}, "compared": {"yes"},
	}
	for _, c := range []struct {
		guardian string
		status   int
		words    []string
	}{
		{"", http.StatusUnprocessableEntity, []string{`href="#guardian"`, "phải có mặt"}},
		{"12", http.StatusUnprocessableEntity, []string{`href="#guardian"`}},
		{identitytest.Other.Number.Reveal(), http.StatusForbidden, []string{`href="#guardian"`, "không ghi người mang số này là cha, mẹ"}},
		{identitytest.Father.Number.Reveal(), http.StatusUnprocessableEntity, []string{`href="#guardian"`, "tài khoản mức độ 2"}},
		{identitytest.Mother.Number.Reveal(), http.StatusOK, []string{"Đã mở tài khoản", "Nguyễn Thị Học Trò"}},
	} {
		form.Set("guardian", c.guardian)
		status, page, _ := o.post("officer", "/identity/desk/person", form)
		if o.says(c.guardian, page, c.words...); status != c.status {
			t.Errorf("%q: %d, want %d", c.guardian, status, c.status)
		}
	}
}

func TestForeignersAndOrganisations(t *testing.T) {
	t.Parallel()
	o := open(t)
	_, page := o.get("officer", "/identity/desk/foreigner")
	form := filled(page)
	status, page, _ := o.post("officer", "/identity/desk/foreigner", form)
	o.says("nothing", page, `href="#number"`, `href="#name"`, `href="#birth"`, `href="#nationality"`, `href="#issued"`, `href="#compared"`)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	for k, v := range map[string]string{
		"number": "TT1234567", "name": "Kim Min Jun", "birth-day": "5", "birth-month": "6", "birth-year": "1985", "sex": "1", "nationality": "kr",
		"issued-day": "1", "issued-month": "2", "issued-year": "2024", "expires-day": "1", "expires-month": "2", "expires-year": "2025",
		"compared": "yes", "address": "kim@example.kr",
	} {
		form.Set(k, v)
	}
	_, page, _ = o.post("officer", "/identity/desk/foreigner", form)
	o.says("a card that expired", page, `href="#expires"`)
	form.Set("expires-year", "2029")
	status, page, _ = o.post("officer", "/identity/desk/foreigner", form)
	o.says("a foreigner", page, "Đã mở tài khoản", "Kim Min Jun", "Người nước ngoài")
	a, has, err := o.Store.ByHolder(t.Context(), identity.NewHolder(identity.Foreigner, "TT1234567"))
	if status != http.StatusOK || err != nil || !has || a.Level != identity.Two {
		t.Errorf("%d, %+v, %v", status, a, err)
	}

	paper := url.Values{
		"number": {"0100100079"}, "name": {"Công ty Thử Nghiệm"}, "paper": {"GCN 0100100079 ngày 01/02/2020"}, "head": {identitytest.Father.Number.Reveal()},
		"head_kind": {"citizen"}, "purpose": {"Cấp tài khoản"},
	}
	_, page, _ = o.post("officer", "/identity/desk/organisation", paper)
	o.says("a representative without an account", page, `href="#head"`)
	o.Give(t, identitytest.Father, identity.Two)
	_, page, _ = o.post("officer", "/identity/desk/organisation", paper)
	o.says("an organisation", page, "Đã mở tài khoản", "Công ty Thử Nghiệm", "chọn làm thay tổ chức")
	if strings.Contains(page, "Cấp mã vào tài khoản") {
		t.Error("an organisation signs in by itself")
	}
}

func TestAnAccountAtTheDesk(t *testing.T) {
	t.Parallel()
	o := open(t)
	a := o.Give(t, identitytest.Mother, identity.Two)
	_, page, _ := o.post("officer", "/identity/desk/account", url.Values{"qr": {cardOf(identitytest.Mother)}})
	form := filled(page)
	form.Set("card", "CC")
	form.Set("do", "do")
	status, page, _ := o.post("officer", "/identity/desk/account", form)
	if o.says("nothing chosen", page, `href="#want"`); status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	form.Set("purpose", "Mất điện thoại")
	form.Set("compared", "yes")
	state := func() (identity.State, identity.Level) {
		t.Helper()
		got, err := o.Store.Account(t.Context(), a.ID)
		o.must(err)
		return got.State, got.Level
	}
	do := func(want string, words ...string) {
		t.Helper()
		form.Set("want", want)
		_, page, _ := o.post("officer", "/identity/desk/account", form)
		o.says(want, page, words...)
	}
	do("lost", `href="#what"`)
	form.Set("what", "devices")
	do("lost", "Đã báo mất", "•••••••••011")
	if s, l := state(); s != identity.Active || l != identity.One {
		t.Error(s, l)
	}
	do("suspend", "Đã khóa tài khoản")
	if s, _ := state(); s != identity.Suspended {
		t.Error(s)
	}
	do("reopen", "Đã mở lại tài khoản")
	if s, _ := state(); s != identity.Active {
		t.Error(s)
	}
	o.must(o.SuspendBy(t.Context(), identitytest.Operator, a.ID, "Điều tra"))
	do("reopen", "Chỉ cơ quan quản lý mở lại được")
	form.Set("number", identitytest.Other.Number.Reveal())
	do("suspend", `href="#number"`, "Chưa có tài khoản định danh nào mang số này")
}

// Nobody gets further than the table lets them, and no other site makes an officer do anything.
func TestWhoMayAndFromWhere(t *testing.T) {
	t.Parallel()
	o := open(t)
	for path, may := range map[string][]string{
		"/identity/desk": {"officer"}, "/identity/desk/person": {"officer"}, "/identity/desk/foreigner": {"officer"},
		"/identity/desk/organisation": {"officer"}, "/identity/desk/account": {"officer"},
		"/identity/accounts": {"operator", "auditor"}, "/identity/accounts/places?province=01": {"operator", "auditor"}, "/identity/accounts/inspect": {"operator"},
		"/identity/clients": {"operator", "auditor", "keeper", "elsewhere"}, "/identity/clients/new": {"operator", "keeper", "elsewhere"},
	} {
		for who := range people {
			status, _ := o.get(who, path)
			if want := slices.Contains(may, who); (status == http.StatusOK) != want || !want && status != http.StatusForbidden {
				t.Errorf("%s as %s: %d", path, who, status)
			}
		}
		if status, _, to := o.send("", http.MethodGet, path, nil, nil); status != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("%s as nobody: %d %s", path, status, to)
		}
	}
	a := o.Give(t, identitytest.Mother, identity.Two)
	form := url.Values{"purpose": {"x"}, "what": {"suspend"}}
	head := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://ke-xau.example"}}
	status, _, _ := o.send("operator", http.MethodPost, "/identity/accounts/"+a.ID+"/decide", strings.NewReader(form.Encode()), head)
	if status != http.StatusForbidden {
		t.Errorf("from another site: %d", status)
	}
	for _, who := range []string{"officer", "auditor", "keeper", "admin"} {
		if status, _, _ := o.post(who, "/identity/accounts/"+a.ID+"/decide", form); status != http.StatusForbidden {
			t.Errorf("%s suspends: %d", who, status)
		}
	}
	if got, err := o.Store.Account(t.Context(), a.ID); err != nil || got.State != identity.Active {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTheAuthorityLooksAndDecides(t *testing.T) {
	t.Parallel()
	o := open(t)
	a := o.Give(t, identitytest.Mother, identity.Two)
	_, page := o.get("auditor", "/identity/accounts")
	o.says("counts", page, "Công dân Việt Nam", "Mức độ 2", "Chưa rõ nơi thường trú")
	if strings.Contains(page, "Trần Thị Mẹ") || strings.Contains(page, "Xem tình trạng một tài khoản") {
		t.Error("the auditor sees a name, or a way that is not theirs")
	}
	look := func(kind, number, why string) (int, string) {
		t.Helper()
		status, page, _ := o.post("operator", "/identity/accounts/inspect", url.Values{"kind": {kind}, "number": {number}, "purpose": {why}})
		return status, page
	}
	_, page = look("citizen", identitytest.Mother.Number.Reveal(), "")
	o.says("no reason", page, `href="#purpose"`)
	_, page = look("citizen", identitytest.Other.Number.Reveal(), "Khiếu nại")
	o.says("nobody", page, `href="#number"`)
	_, page = look("account", "khong-co", "Khiếu nại")
	o.says("no such id", page, `href="#number"`)
	for kind, number := range map[string]string{"citizen": identitytest.Mother.Number.Reveal(), "account": a.ID} {
		_, page = look(kind, number, "Khiếu nại số 5")
		o.says("the standing", page, "•••••••••011", "Mở tài khoản", "Khóa tài khoản", a.ID)
		if strings.Contains(page, "Trần Thị Mẹ") || strings.Contains(page, identitytest.EmailOf(identitytest.Mother)) {
			t.Error("the page tells of the holder")
		}
	}
	decide := func(what, why string) (int, string, string) {
		return o.post("operator", "/identity/accounts/"+a.ID+"/decide", url.Values{"what": {what}, "purpose": {why}})
	}
	_, page, _ = decide("suspend", " ")
	o.says("without a reason", page, `href="#purpose"`, a.ID)
	if _, _, to := decide("suspend", "Theo yêu cầu điều tra"); to != "/identity/accounts/inspect" {
		t.Error(to)
	}
	_, page = look("account", a.ID, "Xem lại")
	o.says("suspended", page, "Đang tạm khóa – Cơ quan quản lý khóa", "Mở lại tài khoản")
	decide("reopen", "Xong")
	if got, err := o.Store.Account(t.Context(), a.ID); err != nil || got.State != identity.Active {
		t.Errorf("%+v, %v", got, err)
	}
	entries, err := o.Store.Entries(t.Context(), a.ID, 0, 10)
	o.must(err)
	if e := entries[1]; e.What != "inspected" || e.Args["purpose"] != "Xem lại" || e.By.Account != identitytest.Operator.Account {
		t.Errorf("%+v", e)
	}
}

// registration is a form that is taken.
func registration() url.Values {
	return url.Values{
		"do": {"do"}, "client_name": {"Cổng dịch vụ công Thái Nguyên"}, "client_name_en": {"Thái Nguyên services"}, "client_id": {"dvc-thai-nguyen"},
		"redirect_uris": {"https://dvc.example.vn/back\r\nhttps://dvc.example.vn/back2"}, "token_endpoint_auth_method": {"client_secret_basic"},
		"level": {"2"}, "grant_types": {"authorization_code", "refresh_token"}, "subject_type": {"pairwise"}, "id_token_signed_response_alg": {"ES256"},
		"contract": {"standard"}, "n": {"1"}, "purpose-0-code": {"nop-ho-so"}, "purpose-0-text": {"Nộp hồ sơ trực tuyến"},
		"purpose-0-basis": {"Nghị định 61/2018/NĐ-CP, Điều 10"}, "purpose-0-claims": {"name", "birthdate"}, "purpose-0-days": {"180"},
	}
}

func TestAClientFromItsFormToItsEnd(t *testing.T) {
	t.Parallel()
	o := open(t)
	ctx := t.Context()
	status, page, _ := o.post("keeper", "/identity/clients/new", url.Values{"do": {"do"}, "n": {"1"}, "purpose-0-code": {"KHÔNG"}, "purpose-0-days": {"mười"}})
	o.says("nothing", page, `href="#purpose-0-days"`)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	status, page, _ = o.post("keeper", "/identity/clients/new", url.Values{"do": {"do"}, "n": {"1"}, "purpose-0-code": {"KHÔNG"}})
	o.says("nothing", page, `href="#client_name"`, `href="#redirect_uris"`, `href="#purposes"`, `id="purposes"`)
	if status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	_, page, _ = o.post("keeper", "/identity/clients/new", url.Values{"do": {"more"}, "n": {"1"}, "purpose-0-code": {"mot"}, "client_name": {"Còn đây"}})
	if f := filled(page); f.Get("purpose-0-code") != "mot" || !f.Has("purpose-1-code") || f.Get("client_name") != "Còn đây" || f.Get("n") != "2" {
		t.Errorf("what was typed is lost: %v", f)
	}
	form := registration()
	form.Set("owner", "G01") // not theirs to say
	status, page, _ = o.post("keeper", "/identity/clients/new", form)
	o.says("the secret", page, "Đã đăng ký, chờ duyệt", "dvc-thai-nguyen", "Trang này không hiện lại được")
	got, err := o.Store.Client(ctx, "dvc-thai-nguyen")
	o.must(err)
	if status != http.StatusOK || got.Owner != "H55" || got.State != identity.ClientAsked || len(got.RedirectURIs) != 2 || got.Purposes[0].Days != 180 ||
		!slices.Equal(got.Purposes[0].Claims, []string{"name", "birthdate"}) || got.Level != identity.Two || len(got.Grants) != 2 {
		t.Errorf("%d, %+v", status, got)
	}
	one := "/identity/clients/dvc-thai-nguyen"
	if status, _ := o.get("elsewhere", one); status != http.StatusForbidden {
		t.Errorf("another agency: %d", status)
	}
	if status, _, _ := o.post("keeper", one+"/approve", nil); status != http.StatusForbidden {
		t.Errorf("approved by its owner: %d", status)
	}
	_, page = o.get("operator", one)
	o.says("for the authority", page, "Ủy ban nhân dân tỉnh Thái Nguyên", "Nghị định 61/2018/NĐ-CP", "họ và tên, ngày sinh", "Duyệt", "Từ chối")
	_, page, _ = o.post("operator", one+"/refuse", url.Values{"refuse_reason": {" "}})
	o.says("no reason", page, `href="#refuse_reason"`)
	if _, _, to := o.post("operator", one+"/approve", nil); to != one {
		t.Error(to)
	}

	// A change waits and is shown before and after.
	_, page = o.get("keeper", one+"/change")
	change := filled(page)
	if change.Get("purpose-0-text") != "Nộp hồ sơ trực tuyến" || change.Get("client_name") != "Cổng dịch vụ công Thái Nguyên" {
		t.Errorf("%v", change)
	}
	change.Set("do", "do")
	change.Set("redirect_uris", "https://moi.example.vn/back")
	if _, page, to := o.post("keeper", one+"/change", change); to != one {
		t.Errorf("%s: %s", to, clip(page))
	}
	if status, page, _ := o.post("keeper", one+"/change", change); status != http.StatusConflict {
		t.Errorf("over another version: %d, %s", status, clip(page))
	}
	_, page = o.get("operator", one)
	o.says("before and after", page, "Thay đổi chờ duyệt", "https://dvc.example.vn/back", "https://moi.example.vn/back", "Đang dùng", "Sau khi duyệt")
	o.post("operator", one+"/refuse", url.Values{"refuse_reason": {"Địa chỉ chưa thuộc cơ quan"}})
	_, page = o.get("keeper", one)
	o.says("why", page, "Địa chỉ chưa thuộc cơ quan", "Đã duyệt")

	// A new secret, keys, and the end.
	_, page, _ = o.post("keeper", one+"/secret", nil)
	o.says("a new secret", page, "Khóa bí mật mới")
	fresh, err := o.Store.Client(ctx, "dvc-thai-nguyen")
	o.must(err)
	if fresh.Secret == got.Secret || strings.Contains(page, fresh.Secret) {
		t.Error("the secret is the old one, or the page shows what is kept of it")
	}
	version := filled(func() string { _, page := o.get("keeper", one); return page }()).Get("version")
	key := `{"kty":"EC","crv":"P-256","kid":"k-2026","alg":"ES256","use":"sig","x":"DBLdfUktv4ucFpXB6BwOcNLmsSV5QH3xgHyfdvLX2Us","y":"lYGfuq59X_-AmlWmg1GWBN43cHavv1RS49GccPLFw2A"}`
	_, page, _ = o.post("keeper", one+"/keys", url.Values{"version": {version}, "jwk": {"khóa"}})
	o.says("no key", page, `href="#jwk"`)
	if _, page, to := o.post("keeper", one+"/keys", url.Values{"version": {version}, "jwk": {key}}); to != one {
		t.Error(clip(page))
	}
	_, page = o.get("keeper", one)
	o.says("the key", page, "k-2026", "EC P-256 ES256")
	if _, _, to := o.post("keeper", one+"/keys/drop", url.Values{"version": {filled(page).Get("version")}, "nth": {"0"}}); to != one {
		t.Error(to)
	}
	if status, _, _ := o.post("elsewhere", one+"/stop", url.Values{"stop_reason": {"phá"}}); status != http.StatusForbidden {
		t.Errorf("stopped by another agency: %d", status)
	}
	o.post("keeper", one+"/stop", url.Values{"stop_reason": {"Thay hệ thống"}})
	got, err = o.Store.Client(ctx, "dvc-thai-nguyen")
	if err != nil || got.State != identity.ClientStopped || got.Reason != "Thay hệ thống" || len(got.KeyList()) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A file of RFC 7591 fills the form; what is wrong with one is told with its line.
func TestAClientFromAFile(t *testing.T) {
	t.Parallel()
	o := open(t)
	good := map[string]any{
		"client_id": "tu-tep", "client_name": "Từ tệp", "owner": "H55", "redirect_uris": []string{"https://tep.example.vn/back"},
		"token_endpoint_auth_method": "client_secret_post", "require_pushed_authorization_requests": true,
		"purposes": []map[string]any{{"code": "a", "text": map[string]string{"vi": "Để thử"}, "basis": "Luật Thử", "claims": []string{"email"}}},
	}
	raw, err := json.MarshalIndent(good, "", " ")
	o.must(err)
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	o.must(parts.WriteField("do", "file"))
	file, err := parts.CreateFormFile("file", "client.json")
	o.must(err)
	_, err = file.Write(raw)
	o.must(err)
	o.must(parts.Close())
	status, page, _ := o.send("keeper", http.MethodPost, "/identity/clients/new", &body, http.Header{
		"Content-Type": {parts.FormDataContentType()}, "Sec-Fetch-Site": {"same-origin"},
	})
	form := filled(page)
	if status != http.StatusOK || form.Get("client_id") != "tu-tep" || form.Get("purpose-0-basis") != "Luật Thử" ||
		!slices.Contains(form["purpose-0-claims"], "email") ||
		!slices.Contains(form["rules"], "require_pushed_authorization_requests") || form.Get("token_endpoint_auth_method") != "client_secret_post" {
		t.Errorf("%d, %v", status, form)
	}
	for text, words := range map[string][]string{
		"":                        {"Hãy chọn tệp hoặc dán nội dung"},
		"{":                       {"Dòng 1"},
		"{\n\"hoan_toan_la\": 1}": {"Dòng 2", "hoan_toan_la"},
		strings.Replace(string(raw), "https://tep", "http://tep", 1): {"Dòng ", "https://"},
	} {
		status, page, _ := o.post("keeper", "/identity/clients/new", url.Values{"do": {"file"}, "text": {text}})
		if o.says(text, page, append(words, `href="#text"`)...); status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", text, status)
		}
	}
	if list, err := o.Clients(t.Context(), identitytest.Keeper, "H55"); err != nil || len(list) != 0 {
		t.Errorf("a file that was read registers nothing by itself: %+v, %v", list, err)
	}
}

// What the desk does not mend stays an error.
func TestTheRegisterIsAway(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.Register.Away = fault.New(fault.Unavailable, "identity.office.want.none", nil)
	form := url.Values{
		"do": {"do"}, "number": {identitytest.Other.Number.Reveal()}, "name": {identitytest.Other.Name}, "birth-day": {"12"}, "birth-month": {"12"},
		"birth-year": {"1992"}, "card": {"CC"}, "issued-day": {"1"}, "issued-month": {"8"}, "issued-year": {"2024"}, "level": {"2"},
		"purpose": {"x"}, "compared": {"yes"},
	}
	status, page, _ := o.post("officer", "/identity/desk/person", form)
	if status != http.StatusServiceUnavailable || filled(page).Get("name") != identitytest.Other.Name {
		t.Errorf("%d: what was typed is lost", status)
	}
}

// Every message has its text in both languages.
func TestBothLanguages(t *testing.T) {
	t.Parallel()
	var vi, en map[string]string
	for lang, into := range map[string]*map[string]string{"vi": &vi, "en": &en} {
		raw, err := os.ReadFile("messages/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	for key, text := range vi {
		if strings.TrimSpace(text) == "" || strings.TrimSpace(en[key]) == "" {
			t.Errorf("%s is empty", key)
		}
	}
}
