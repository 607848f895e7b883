package forms_test

import (
	"bytes"
	"context"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinesssql"
	"dean06/internal/readiness/readinessweb"
	"dean06/internal/readiness/readinessweb/forms"
)

// The people of the tests, by the name that a request carries.
var people = map[string]actor.Actor{
	"centre":   {Account: "dieuphoi", Roles: []string{readiness.Coordinator}},
	"reviewer": {Account: "thamtra", Roles: []string{readiness.Reviewer}},
	"leader":   {Account: "lanhdao", Roles: []string{readiness.Leader}},
	"auditor":  {Account: "kiemtoan", Roles: []string{readiness.Auditor}},
	"h04":      {Account: "baclieu", Agency: "H04", Roles: []string{readiness.FocalPoint}},
}

// exports writes files that say what they are of.
type exports struct{ readinessweb.Exports }

func (exports) Return(_ context.Context, v readiness.View, _ *readiness.Return, format, _ string) (readinessweb.File, error) {
	return readinessweb.File{Name: "blank." + format, MediaType: "text/plain", Content: []byte(v.Template.Ref() + " " + v.Agency.Kind)}, nil
}

// filler answers row 1 with what was typed.
type filler struct{}

func (filler) Trial(_ *http.Request, v readiness.View, typed *web.Form) (ret readiness.Return, fields templ.Component, wrong fault.List) {
	fields = ui.Text(ui.Field{Name: "row.1", Label: "row 1"})
	if typed == nil {
		return ret, fields, nil
	}
	if typed.Text("row.1") == "wrong" {
		wrong = fault.List{fault.New(fault.Invalid, "web.form.number", fault.Args{"text": "wrong"}).At("row.1")}
	}
	own := v.Template.OwnColumns()[0].Key
	ret.Answers = []readiness.Answer{{Row: "1", Key: "1", Values: map[string]string{own: typed.Text("row.1")}}}
	return ret, fields, wrong
}

// reader reads any file but those that say that they are broken.
type reader struct{}

func (reader) Read(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error) {
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil && err != io.EOF {
		return readiness.Return{}, nil, err
	}
	if string(raw) == "broken" {
		return readiness.Return{}, nil, fault.New(fault.Invalid, "readiness.file.pdf", fault.Args{"file": name})
	}
	own := tpl.OwnColumns()[0].Key
	return readiness.Return{Answers: []readiness.Answer{{Row: "1", Key: "1", Values: map[string]string{own: string(raw)}}}}, nil, nil
}

type site struct {
	*testing.T
	handler  http.Handler
	register *readiness.Register
	routes   []web.Route
	raw      string // the form of letter 488
}

func newSite(t *testing.T) *site {
	t.Helper()
	ctx, db := context.Background(), sqldbtest.OpenSQLite(t)
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, readinesssql.Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile("../../../../data/readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	watch := &clocktest.Clock{}
	watch.Set("2026-11-30 09:00")
	s := &site{T: t, raw: string(raw)}
	s.register = readiness.New(readiness.Parts{Store: readinesssql.New(db), Word: reader{}, Excel: reader{}, Clock: watch, NewID: sqldb.NewID})
	if err := s.register.Install(ctx, people["centre"], raw); err != nil {
		t.Fatal(err)
	}
	catalogue, err := i18n.Load(ui.Messages, web.Messages, readiness.Messages, readinessweb.Messages, forms.Messages)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "dean06"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	shell := readinessweb.Shell{Register: s.register, Clock: watch, Frame: frame, Exports: exports{}}
	pages := &forms.Pages{Shell: shell, Filler: filler{}, Page: func(r *http.Request, title string, args ...map[string]any) ui.Page {
		return frame(r).Page(i18n.T(r.Context(), title, args...))
	}}
	within := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), people[r.Header.Get("X-Who")])))
		})
	}
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: catalogue, Frame: frame, Within: []web.Middleware{within}})
	s.routes = pages.Routes()
	rt.Mount(s.routes...)
	s.handler = rt.Handler()
	return s
}

type answer struct {
	code     int
	location string
	body     string
}

func (s *site) do(who string, r *http.Request) answer {
	s.Helper()
	r.Header.Set("X-Who", who)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("Location"), w.Body.String()}
}

func (s *site) get(who, path string) answer {
	s.Helper()
	return s.do(who, httptest.NewRequest("GET", path, nil))
}

// post sends a form written "name, value", in pairs.
func (s *site) post(who, path string, fields ...string) answer {
	s.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(who, r)
}

// upload sends a file beside a form.
func (s *site) upload(who, path, name, content string, fields ...string) answer {
	s.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := m.WriteField(fields[i], fields[i+1]); err != nil {
			s.Fatal(err)
		}
	}
	if name != "" {
		w, err := m.CreateFormFile("file", name)
		if err != nil {
			s.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			s.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		s.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(who, r)
}

func (s *site) want(a answer, code int, texts ...string) {
	s.Helper()
	if a.code != code {
		s.Errorf("got %d, want %d: %.3000s", a.code, code, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			s.Errorf("the page lacks %q", text)
		}
	}
}

// draft begins a draft and gives its address.
func (s *site) draft(fields ...string) string {
	s.Helper()
	a := s.post("centre", "/office/forms/new", fields...)
	if a.code != http.StatusSeeOther {
		s.Fatalf("begin: %d: %.2000s", a.code, a.body)
	}
	return a.location
}

// of is the draft at an address as it is kept.
func (s *site) of(path string) readiness.FormDraft {
	s.Helper()
	d, err := s.register.FormDraft(context.Background(), people["centre"], path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		s.Fatal(err)
	}
	return d
}

// save posts to a page of a draft, from its present revision, and wants it kept.
func (s *site) save(draft, path string, fields ...string) answer {
	s.Helper()
	a := s.post("centre", draft+path, append(fields, "revision", strconv.Itoa(s.of(draft).Revision))...)
	if a.code != http.StatusSeeOther {
		s.Errorf("%s: got %d: %s", path, a.code, errorsOf(a.body))
	}
	return a
}

var errorLine = regexp.MustCompile(`(?s)govuk-error-summary__body.*?</ul>`)

func errorsOf(body string) string { return errorLine.FindString(body) }

// TestWhoMayEnter walks all routes for those who have no business there.
func TestWhoMayEnter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	draft := s.draft("title", "Khảo sát", "title_en", "Survey")
	fill := strings.NewReplacer(
		"/office/forms/{draft}", draft, "{section}", "rows", "{key}", "1", "{id}", "488", "{version}", "1", "{file}", "form.json",
	)
	for _, route := range s.routes {
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = fill.Replace(path)
		for who, want := range map[string]int{"h04": 403, "reviewer": 403, "leader": 403, "auditor": 403, "nobody": 303} {
			if reads := method == "GET" && strings.HasPrefix(path, "/office/templates"); reads && who != "h04" && who != "nobody" {
				want = http.StatusOK
			}
			if method == "POST" && who == "nobody" {
				want = http.StatusUnauthorized
			}
			var got answer
			if method == "GET" {
				got = s.get(who, path)
			} else {
				got = s.post(who, path, "revision", "1", "do", "publish")
			}
			if got.code != want {
				t.Errorf("%s at %s: got %d, want %d", who, route.Pattern, got.code, want)
			}
		}
	}
}

// made is the address of a draft of a survey, made as its pages are filled in.
func made(t *testing.T) (*site, string) {
	t.Helper()
	s := newSite(t)
	draft := s.draft("title", "Khảo sát phòng khám", "title_en", "Survey of clinics")
	s.save(draft, "/components", "lines", "Nhân lực | Staff\nDịch vụ | Services | DV | Svc")
	s.save(draft, "/columns", "label", "Số lượng", "label_en", "Amount", "kind", "number")
	s.save(draft, "/lists", "lines", "Tốt | Good\nVừa | Fair\nKém | Poor")
	s.save(draft, "/columns", "label", "Chất lượng", "label_en", "Quality", "kind", "choice")
	s.save(draft, "/columns/chat_luong", "label", "Chất lượng", "label_en", "Quality", "kind", "choice", "options", "tot_vua_kem")
	s.save(
		draft, "/rows", "lines", "Số bác sĩ | Doctors\n7\tSố y tá\tNurses", "component", "nhan_luc", "kind", "single", "columns", "so_luong",
		"required", "1", "judge.so_luong.at_least", "10", "judge.so_luong.partly_at_least", "2,5",
	)
	s.save(
		draft, "/rows", "lines", "Dịch vụ thế nào | How good", "component", "dich_vu", "kind", "single", "columns", "chat_luong",
		"judge.chat_luong.on", "1",
	)
	return s, draft
}

func TestAFormIsMadeOnPages(t *testing.T) {
	t.Parallel()
	s, draft := made(t)
	s.save(
		draft, "/lists/tot_vua_kem", "o.tot.level", "met", "o.tot.aliases", "Rất tốt\n\nĐạt", "o.vua.level", "partially_met", "o.kem.level", "not_met",
		"o.kem.place", "1", "o.tot.place", "2", "o.vua.place", "0", "lines", "Chưa rõ | Unknown",
	)
	f := s.of(draft).Template
	if wrong := f.Faults(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	r, _ := f.Row("7")
	if r.Label.En != "Nurses" || !r.Required || len(r.Judged) != 1 || *r.Judged[0].PartlyAtLeast != 2.5 {
		t.Errorf("row %+v", r)
	}
	if q, _ := f.Row("8"); q.Required || len(q.Judged) != 1 || q.Judged[0].Column != "chat_luong" {
		t.Errorf("row %+v", q)
	}
	var got []string
	for _, o := range f.Options["tot_vua_kem"] {
		got = append(got, o.Key+":"+string(o.Level)+":"+strings.Join(o.Aliases, "+"))
	}
	if want := "kem:not_met: tot:met:Rất tốt+Đạt chua_ro::"; strings.Join(got, " ") != want {
		t.Errorf("options %q, want %q", got, want)
	}
	s.save(draft, "/summary", "rule", "component-share/1", "share", "75")
	s.save(draft, "/parts", "asks3", "1", "proposals", "Thể chế | Law", "asks4", "1")
	s.save(
		draft, "/general", "title", "Phòng khám", "title_en", "Clinics", "code", "pk", "version", "2", "from-day", "1", "from-month", "2",
		"from-year", "2027", "contact", "full_name", "contact", "phone", "one", "phòng khám", "one_en", "clinic", "kinds", "Công | Public\nTư | Private",
	)
	f = s.of(draft).Template
	if f.Ref() != "pk/2" || f.From.String() != "2027-02-01" || f.Summary.Share != 0.75 || len(f.Proposals) != 1 || !f.HasPart4() ||
		len(f.Contact) != 2 || len(f.Subject.Kinds) != 2 {
		t.Errorf("form %+v", f)
	}
	// One row is changed: its number, and with it its key.
	s.save(
		draft, "/rows/7", "number", "2", "label", "Số y tá", "label_en", "Nurses", "component", "nhan_luc", "kind", "single", "columns", "so_luong",
		"judge.so_luong.at_least", "", "judge.so_luong.partly_at_least", "", "hint", "Cả hợp đồng", "hint_en", "Contracts too",
	)
	f = s.of(draft).Template
	if r, ok := f.Row("2"); !ok || r.Hint.Vi != "Cả hợp đồng" || len(r.Judged) != 0 || r.Required {
		t.Errorf("row %+v", r)
	}
	// Nothing that stands before an order ends: the first goes no further up.
	s.save(draft, "/rows", "do", "up:1")
	s.save(draft, "/rows", "do", "down:1")
	s.save(draft, "/rows", "do", "renumber")
	if f = s.of(draft).Template; f.Rows[0].Label.En != "Nurses" || f.Rows[0].Key != "1" {
		t.Errorf("rows %+v", f.Rows)
	}
	s.want(s.get("centre", draft+"/preview?kind=ministry"), 200, "Phòng khám", "Số y tá")
	s.want(s.get("centre", draft+"/file/blank.docx?kind=ministry"), 200, "pk/2 ministry")
	if a := s.get("centre", draft+"/file/form.json"); !strings.Contains(a.body, "Số y tá") {
		t.Error("the form's file lacks a row")
	} else if b := s.upload("centre", "/office/forms/new", "pk.json", a.body, "do", "file"); b.code != 303 ||
		len(s.of(b.location).Template.Faults()) > 0 {
		t.Errorf("the form's own file: %d %s", b.code, errorsOf(b.body))
	}
	s.want(s.get("centre", draft+"/file/blank.exe"), 200) // what the exporter makes of it is its own
	s.want(s.get("centre", draft+"/file/other.docx"), 404)

	a := s.save(draft, "", "do", "publish")
	if a.location != "/office/templates/pk/2" {
		t.Errorf("published at %s", a.location)
	}
	s.want(s.get("centre", draft), 404)
	s.want(s.get("leader", "/office/templates"), 200, "pk/2", "488/1")
	s.want(s.post("centre", "/office/templates/pk/2/withdraw", "reason", " "), 422, `href="#reason"`)
	s.post("centre", "/office/templates/pk/2/withdraw", "reason", "Sai <b>đơn vị</b>")
	s.want(s.get("leader", "/office/templates/pk/2"), 200, "Sai &lt;b&gt;đơn vị&lt;/b&gt;")
	s.want(s.get("centre", "/office/templates"), 200, "Thôi dùng từ 30/11/2026")
	s.post("centre", "/office/templates/pk/2/restore")
	if a := s.get("leader", "/office/templates/pk/2"); strings.Contains(a.body, "Sai") {
		t.Error("the form is still withdrawn")
	}
	s.want(s.post("centre", "/office/templates/pk/3/withdraw", "reason", "x"), 404)
}

// What can't be understood is said at its field, and what was typed stays.
func TestWhatIsNotUnderstood(t *testing.T) {
	t.Parallel()
	s, draft := made(t)
	now := strconv.Itoa(s.of(draft).Revision)
	for name, c := range map[string]struct {
		path   string
		fields []string
		want   []string
	}{
		"no name":          {"/columns", []string{"label_en", "x", "kind", "text"}, []string{`href="#label"`, `value="x"`}},
		"no kind":          {"/columns", []string{"label", "x", "kind", "shared:evil"}, []string{`href="#kind"`}},
		"two readings":     {"/columns/so_luong", []string{"label", "x", "min", "1.234", "kind", "number"}, []string{`href="#min"`, `value="1.234"`}},
		"no number":        {"/columns/so_luong", []string{"label", "x", "max", "nhiều", "kind", "number"}, []string{`href="#max"`, "nhiều"}},
		"no share":         {"/summary", []string{"rule", "component-share/1", "share", "0"}, []string{`href="#share"`}},
		"no date":          {"/general", []string{"from-day", "31", "from-month", "2", "from-year", "2026"}, []string{`href="#from"`, `value="31"`}},
		"too many parts":   {"/rows", []string{"lines", "1 | a | b | c", "component", "nhan_luc", "kind", "single"}, []string{`href="#lines"`, "1 | a | b | c"}},
		"a line of bars":   {"/rows", []string{"lines", "x | y\n | | ", "component", "nhan_luc", "kind", "single"}, []string{"Dòng 2 chưa có"}},
		"nothing to add":   {"/components", []string{"lines", "\n \n"}, []string{`href="#lines"`}},
		"one choice":       {"/lists", []string{"lines", "Tốt | Good"}, []string{`href="#lines"`}},
		"not to publish":   {"", []string{"do", "publish"}, []string{"cần"}},
		"markup is a text": {"/components", []string{"lines", "a|b|c|d|<script>"}, []string{"&lt;script&gt;"}},
	} {
		if name == "not to publish" {
			s.save(draft, "/general", "title", "")
			now = strconv.Itoa(s.of(draft).Revision)
		}
		before := s.of(draft)
		s.want(s.post("centre", draft+c.path, append(c.fields, "revision", now)...), http.StatusUnprocessableEntity, c.want...)
		if after := s.of(draft); after.Revision != before.Revision {
			t.Errorf("%s: the draft was saved", name)
		}
		now = strconv.Itoa(before.Revision)
	}
	for _, path := range []string{"/rows/99", "/rows/", "/nothing", "/general/x", "/lists/compliance", "/columns/system"} {
		s.want(s.get("centre", draft+path), http.StatusNotFound)
	}
	s.want(s.post("centre", draft+"/rows/99", "revision", now), http.StatusNotFound)
	s.want(s.post("centre", draft, "revision", now, "do", "anything"), http.StatusNotFound)
}

// Two people on one draft: the later one is told, loses nothing that was typed, and saves
// over the newest.
func TestTwoPeopleOnOneDraft(t *testing.T) {
	t.Parallel()
	s, draft := made(t)
	old := strconv.Itoa(s.of(draft).Revision)
	s.save(draft, "/components/nhan_luc", "label", "Nhân lực", "label_en", "People", "short", "NL", "short_en", "P")
	fields := []string{"label", "Dịch vụ khám", "label_en", "Care", "short", "DV", "short_en", "S"}
	a := s.post("centre", draft+"/components/dich_vu", append(fields, "revision", old)...)
	s.want(a, http.StatusConflict, "Người khác đã lưu", "Dịch vụ khám")
	revision := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(a.body)
	if revision == nil || revision[1] == old {
		t.Fatalf("the page goes on from revision %v", revision)
	}
	if b := s.post("centre", draft+"/components/dich_vu", append(fields, "revision", revision[1])...); b.code != http.StatusSeeOther {
		t.Errorf("saved again: %d", b.code)
	}
	f := s.of(draft).Template
	if f.Components[0].Label.En != "People" || f.Components[1].Label.En != "Care" {
		t.Errorf("components %+v", f.Components)
	}
	s.want(s.post("centre", draft, "do", "publish", "revision", old), http.StatusConflict)
	s.want(s.post("centre", draft, "do", "discard", "revision", old), http.StatusConflict)
	s.want(s.post("centre", draft, "do", "undo"), http.StatusConflict)
}

func TestAFormIsTriedOnPages(t *testing.T) {
	t.Parallel()
	s, draft := made(t)
	s.want(s.get("centre", draft+"/try"), 200, `id="row.1"`)
	s.want(s.post("centre", draft+"/try", "do", "check", "row.1", "12"), 200, "Nhân lực", "Đáp ứng một phần")
	s.want(s.post("centre", draft+"/try", "do", "check", "row.1", "wrong"), 422, `href="#row.1"`)
	s.want(s.upload("centre", draft+"/try", "", "", "do", "file"), 422, `href="#file"`)
	s.want(s.upload("centre", draft+"/try", "a.docx", "broken", "do", "file"), 422, `href="#file"`)
	s.want(s.upload("centre", draft+"/try", "a.docx", "12", "do", "file"), 200, "Kết quả đọc thử a.docx")
	// A form that is not right is tried by nobody, and is in no paper.
	s.save(draft, "/general", "title", "")
	for _, path := range []string{"/try", "/file/blank.docx"} {
		if a := s.get("centre", draft+path); a.location != draft {
			t.Errorf("%s: got %d to %q", path, a.code, a.location)
		}
	}
	s.want(s.post("centre", draft+"/try", "do", "check", "row.1", "12"), 422)
	s.want(s.get("centre", draft+"/file/form.json"), 200, "Số bác sĩ")
}

func TestFilesOfForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const path = "/office/templates"
	s.want(s.upload("centre", path, "", ""), 422, `href="#file"`)
	s.want(s.upload("centre", path, "a.json", "{\n\"id\": 7}"), 422, "Dòng 2: giá trị của mục /id")
	s.want(s.upload("centre", path, "a.json", `{"id": "x", "version": 1, "from": "2024-01-01"}`), 422, "ít nhất một thành phần")
	s.want(s.upload("centre", path, "a.json", s.raw), http.StatusConflict)
	next := strings.Replace(s.raw, `"version": 1`, `"version": 2`, 1)
	if got := s.upload("centre", path, "a.json", next); got.location != path+"/488/2" {
		t.Errorf("add: got %d to %q: %s", got.code, got.location, errorsOf(got.body))
	}
	s.want(s.get("leader", path), 200, "488/2", "488/1")
	s.want(s.get("leader", path+"/488/2/blank.docx?kind=ministry"), 200, "488/2 ministry")
	s.want(s.get("leader", path+"/488/2/form.json"), 200, "Hạ tầng mạng")
	s.want(s.get("leader", path+"/488/2/other.docx"), 404)
	s.want(s.get("leader", path+"/488/9"), 404)

	// Into a draft goes what can be read at all.
	const begin = "/office/forms/new"
	s.want(s.upload("centre", begin, "", "", "do", "file"), 422, `href="#file"`)
	s.want(s.upload("centre", begin, "a.json", "{", "do", "file"), 422, "Dòng 1")
	a := s.upload("centre", begin, "a.json", `{"id": "x", "version": 1, "from": "2024-01-01", "columns": [{"key": "z", "kind": "odd"}]}`, "do", "file")
	for _, page := range []string{"", "/general", "/columns", "/columns/z", "/rows", "/lists", "/preview"} {
		s.want(s.get("centre", a.location+page), 200)
	}
	s.want(s.get("centre", a.location), 200, "Biểu mẫu cần ít nhất một thành phần")
	s.want(s.post("centre", begin, "do", "empty", "title_en", "x"), 422, `href="#title"`, `value="x"`)
	s.want(s.post("centre", begin, "do", "copy", "copy", "none/1"), 422, `href="#copy"`)
	s.want(s.post("centre", begin, "do", "copy", "copy", "488/1", "as", "code"), 422, `href="#copy_code"`)
	if f := s.of(s.draft("do", "copy", "copy", "488/1", "as", "version")).Template; f.Ref() != "488/3" || len(f.Faults()) > 0 {
		t.Errorf("the next version is %s, %v", f.Ref(), f.Faults())
	}
	if f := s.of(s.draft("do", "copy", "copy", "488/1", "as", "code", "copy_code", "khac")).Template; f.Ref() != "khac/1" {
		t.Errorf("the copy is %s", f.Ref())
	}
}

// What is changed on no page comes out of a page as it was: the form of letter 488, each
// part saved as it is shown.
func TestSavingChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	draft := s.draft("do", "copy", "copy", "488/1", "as", "version")
	before, err := readiness.FormFile(s.of(draft).Template)
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"/general", "/summary", "/parts"}
	f := s.of(draft).Template
	for _, c := range f.Components {
		paths = append(paths, "/components/"+c.Key)
	}
	for list := range f.Options {
		paths = append(paths, "/lists/"+list)
	}
	for _, c := range f.Columns {
		paths = append(paths, "/columns/"+c.Key)
	}
	for _, r := range f.Rows {
		paths = append(paths, "/rows/"+r.Key)
	}
	for _, path := range paths {
		page := s.get("centre", draft+path)
		s.want(page, 200)
		s.save(draft, path, controls(page.body)...)
		after, err := readiness.FormFile(s.of(draft).Template)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(after), string(before); got != want {
			t.Fatalf("%s changes the form: %s", path, difference(want, got))
		}
	}
}

func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return a[max(0, i-80):min(len(a), i+80)] + " became " + b[max(0, i-80):min(len(b), i+80)]
}

var (
	control  = regexp.MustCompile(`(?s)<(input)([^>]*)>|<(textarea)([^>]*)>([^<]*)</textarea>|<(select)([^>]*)>(.*?)</select>`)
	attr     = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	selected = regexp.MustCompile(`<option value="([^"]*)" selected`)
	option   = regexp.MustCompile(`<option value="([^"]*)"`)
)

// controls are what a browser would send of a page's fields, but for its revision.
func controls(page string) []string {
	var out []string
	_, page, _ = strings.Cut(page, "data-keep")
	for _, m := range control.FindAllStringSubmatch(page, -1) {
		a, tag := map[string]string{}, m[1]+m[3]+m[6]
		for _, p := range attr.FindAllStringSubmatch(m[2]+m[4]+m[7], -1) {
			a[p[1]] = html.UnescapeString(p[2])
		}
		if a["name"] == "" || a["name"] == "revision" {
			continue
		}
		value := a["value"]
		switch tag {
		case "textarea":
			value = html.UnescapeString(m[5])
		case "select":
			if one := selected.FindStringSubmatch(m[8]); one != nil {
				value = html.UnescapeString(one[1])
			} else if one := option.FindStringSubmatch(m[8]); one != nil {
				value = html.UnescapeString(one[1])
			}
		case "input":
			if (a["type"] == "checkbox" || a["type"] == "radio") && !strings.Contains(m[2], " checked") {
				continue
			}
		}
		out = append(out, a["name"], value)
	}
	return out
}

// TestEveryTextIsThere shows each page in both languages and looks for keys without a
// text; then it looks for keys in the source.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	s, draft := made(t)
	old := s.draft("do", "copy", "copy", "488/1", "as", "version")
	paths := []string{"/office/templates", "/office/templates/488/1", "/office/forms/new", old + "/rows", old + "/lists/stage", old + "/columns"}
	for _, r := range s.of(old).Template.Rows {
		paths = append(paths, old+"/rows/"+r.Key)
	}
	for _, page := range []string{
		"", "/general", "/summary", "/parts", "/components", "/components/dich_vu", "/lists", "/lists/tot_vua_kem", "/columns", "/columns/so_luong",
		"/columns/chat_luong", "/columns/note", "/rows", "/rows/1", "/preview", "/try",
	} {
		paths = append(paths, draft+page)
	}
	missing := regexp.MustCompile(`\[[a-z]+\.[a-z0-9_.]+\]`)
	for _, path := range paths {
		for _, lang := range []string{"vi", "en"} {
			a := s.get("centre", path+"?lang="+lang)
			s.want(a, 200)
			if m := missing.FindString(a.body); m != "" {
				t.Errorf("%s (%s): no text for %s", path, lang, m)
			}
			if n := strings.Count(a.body, "<h1"); n != 1 {
				t.Errorf("%s: %d h1", path, n)
			}
		}
	}
	catalogue, err := i18n.Load(forms.Messages)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil || len(sources) == 0 {
		t.Fatal(err, "no sources")
	}
	for _, file := range sources {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(forms\.[a-z0-9_.]*[a-z0-9])"`).FindAllStringSubmatch(string(raw), -1) {
			if !catalogue.Has(m[1]) {
				t.Errorf("%s: no text for %s", file, m[1])
			}
		}
	}
}
