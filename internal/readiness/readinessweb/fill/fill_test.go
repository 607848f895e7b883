package fill_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinesssql"
	"dean06/internal/readiness/readinessweb"
	"dean06/internal/readiness/readinessweb/fill"
	"dean06/internal/readiness/readinessxlsx"
)

// country is six agencies, by code.
type country []readiness.Agency

var agencies = country{
	{Code: "G03", Name: "Bộ Giáo dục và Đào tạo", Kind: readiness.Ministry},
	{Code: "G09", Name: "Bộ Giao thông vận tải", Kind: readiness.Ministry},
	{Code: "H04", Name: "UBND tỉnh Bạc Liêu", Kind: readiness.Province},
	{Code: "H17", Name: "UBND thành phố Đà Nẵng", Kind: readiness.Province},
	{Code: "H26", Name: "UBND thành phố Hà Nội", Kind: readiness.Province},
	{Code: "H55", Name: "UBND tỉnh Thái Nguyên", Kind: readiness.Province},
}

func (c country) Find(text string, _ clock.Date) readiness.Finding {
	for _, a := range c {
		name := readiness.Fold(strings.TrimPrefix(a.Name, "UBND "))
		if text != "" && strings.Contains(readiness.Fold(text), name) {
			return readiness.Finding{Matches: []readiness.Match{{Agency: a}}, Sure: true}
		}
	}
	return readiness.Finding{}
}

func (c country) Agency(code string, _ clock.Date) (readiness.Agency, bool) {
	i := slices.IndexFunc(c, func(a readiness.Agency) bool { return a.Code == code })
	if i < 0 {
		return readiness.Agency{}, false
	}
	return c[i], true
}

func (c country) Of(kinds []string, _ clock.Date) []readiness.Agency {
	var out []readiness.Agency
	for _, a := range c {
		if slices.Contains(kinds, a.Kind) {
			out = append(out, a)
		}
	}
	return out
}

func (country) Geography(_, _ clock.Date) readiness.Geography { return nil }

type noPapers struct{}

func (noPapers) Put(context.Context, []byte) (string, error)            { return "sha", nil }
func (noPapers) Get(context.Context, readiness.FileRef) ([]byte, error) { return nil, nil }
func (noPapers) Delete(context.Context, readiness.FileRef) error        { return nil }

type reader func(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error)

func (f reader) Read(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error) {
	return f(tpl, name, r, size)
}

// files gives a file that says what it is of.
type files struct{ readinessweb.Exports }

func (files) Return(_ context.Context, v readiness.View, ret *readiness.Return, format, lang string) (readinessweb.File, error) {
	if format != "docx" {
		return readinessweb.File{}, fault.New(fault.NotFound, "web.not_found", nil)
	}
	content := v.Agency.Code + " blank"
	if ret != nil {
		content = v.Agency.Code + " " + ret.Contact.FullName
	}
	return readinessweb.File{Name: "Phụ lục.docx", MediaType: "text/plain", Content: []byte(content + " " + lang)}, nil
}

// signIn lets a request act as whom its header names.
func signIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), people[r.Header.Get("X-Who")])))
	})
}

// The people of the tests, by the name that a request carries.
var people = map[string]actor.Actor{
	"h55":    {Account: "thainguyen", Agency: "H55", Roles: []string{readiness.FocalPoint}},
	"h55b":   {Account: "thainguyen2", Agency: "H55", Roles: []string{readiness.FocalPoint}},
	"chief":  {Account: "lanhdaotn", Agency: "H55", Roles: []string{readiness.AgencyLeader}},
	"h04":    {Account: "baclieu", Agency: "H04", Roles: []string{readiness.FocalPoint}},
	"centre": {Account: "dieuphoi", Roles: []string{readiness.Coordinator}},
	"leader": {Account: "lanhdao", Roles: []string{readiness.Leader}},
}

// site is the pages on an empty register with two letters: 1, to which H55 and
// H04 have answered, and 2, which follows it.
type site struct {
	t        *testing.T
	db       *sqldb.DB
	handler  http.Handler
	register *readiness.Register
	routes   []web.Route
	tpl      *readiness.Template
}

func (files) Receipt(_ context.Context, r readiness.Receipt, format, _ string) (readinessweb.File, error) {
	if format != "pdf" {
		return readinessweb.File{}, fault.New(fault.NotFound, "web.not_found", nil)
	}
	return readinessweb.File{Name: "Phiếu.pdf", MediaType: "text/plain", Content: []byte("receipt " + r.Version.Arrival.String())}, nil
}

var now = clock.MustDate("2023-06-10").Start().Add(8 * time.Hour)

func newSite(t *testing.T) *site {
	t.Helper()
	ctx := context.Background()
	db := sqldbtest.OpenSQLite(t)
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, readinesssql.Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	s := &site{t: t, db: db}
	s.register = readiness.New(readiness.Parts{
		Store: readinesssql.New(db), Agencies: agencies, Papers: noPapers{},
		Word: reader(readinessdocx.Read), Excel: reader(func(
			tpl *readiness.Template, name string, r io.ReaderAt, size int64,
		) (readiness.Return, []readiness.Problem, error) {
			return readinessxlsx.Read(tpl, name, r, size)
		}), Clock: clock.Fixed(now), NewID: sqldb.NewID,
	})
	raw, err := os.ReadFile("../../../../data/readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.register.Install(ctx, people["centre"], raw); err != nil {
		t.Fatal(err)
	}
	if s.tpl, err = readiness.LoadTemplate(raw); err != nil {
		t.Fatal(err)
	}
	s.open("1", "", "2023-02-15", "2023-02-28")
	s.open("2", "1", "2023-05-22", "2023-06-20")
	for _, code := range []string{"H55", "H04"} {
		ret := complete(s.tpl, code)
		if _, err := s.register.SubmitReturn(
			ctx, actor.Actor{Account: "x", Agency: code, Roles: []string{readiness.FocalPoint}}, "1", code, ret, readiness.ByAPI,
		); err != nil {
			t.Fatal(err)
		}
		if _, err := s.register.Accept(ctx, people["centre"], "1", code, 1); err != nil {
			t.Fatal(err)
		}
	}
	catalogue, err := i18n.Load(ui.Messages, web.Messages, readiness.Messages, readinessxlsx.Messages, readinessweb.Messages, fill.Messages)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "dean06"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	pages := fill.New(readinessweb.Shell{
		Register: s.register, Clock: clock.Fixed(now), Frame: frame, Exports: files{},
		Uploads: uploads{},
	})
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: catalogue, Frame: frame, Within: []web.Middleware{signIn}})
	s.routes = pages.Routes()
	rt.Mount(s.routes...)
	s.handler = rt.Handler()
	return s
}

func (s *site) open(id, previous, issued, due string) {
	s.t.Helper()
	day := clock.MustDate(issued)
	err := s.register.OpenCampaign(context.Background(), people["centre"], readiness.Campaign{
		ID: id, Number: id + "/BTTTT-CĐSQG", Previous: previous,
		Issued: day, Due: clock.MustDate(due), Template: s.tplRef(), Issuer: readiness.Text{
			Vi: "Bộ Thông tin và Truyền thông", En: "The Ministry",
		},
		Place: readiness.Text{Vi: "Hà Nội", En: "Hanoi"}, Subject: readiness.Text{Vi: "V/v cung cấp thông tin", En: "Information"},
		Addressees: []readiness.Text{{Vi: "Các bộ", En: "Ministries"}}, Body: []readiness.Text{{Vi: "Đề nghị", En: "Please"}},
		Signatory:  readiness.Signatory{Position: readiness.Text{Vi: "THỨ TRƯỞNG", En: "Deputy Minister"}},
		Recipients: readiness.RecipientSet{On: day, Kinds: []string{readiness.Ministry, readiness.Province}}, Source: "test",
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) tplRef() string { return "488/1" }

// complete is a return in which nothing is missing: all met but row 2, which is
// promised for a month to come.
func complete(tpl *readiness.Template, agency string) readiness.Return {
	ret := readiness.Return{Agency: agency, Heading: "UBND tỉnh Mẫu", Contact: readiness.Contact{
		FullName: "Nguyễn Văn Mẫu", Organisation: "Sở TTTT", Position: "Chuyên viên",
		Phone: "000 000 0000", Email: "dau-moi@tinh.example.vn",
	}, Proposals: []readiness.Proposal{{Group: "network"}}}
	ret = readiness.SetSystems(tpl, ret, readiness.Province, []readiness.System{
		{ID: "s1", Name: "Hệ thống giải quyết TTHC", Kind: readiness.SystemProcedure, Unit: "Sở TTTT"},
		{ID: "s2", Name: "Hệ thống quản lý hộ nghèo", Kind: readiness.SystemOther, Unit: "Sở LĐTBXH"},
	})
	for _, c := range tpl.Components {
		for _, slot := range readiness.Slots(tpl, ret, readiness.Province, c.Key) {
			if !slot.Given {
				ret.Answers = append(ret.Answers, slot.Answer)
			}
		}
	}
	readiness.Arrange(tpl, &ret)
	for i := range ret.Answers {
		a := &ret.Answers[i]
		row, _ := tpl.Row(a.Key)
		a.Compliance = string(readiness.Met)
		if row.Options == readiness.DossierList {
			a.Compliance, a.Decision = "approved", &readiness.LetterRef{Number: "632/QĐ-UBND"}
		}
		if a.Key == "2" {
			a.Compliance, a.Stage, a.ExpectedMonth, a.Precision = string(readiness.NotMet), "tendering", "2023-12", readiness.ByMonth
			a.Note, a.Causes = "Đang hoàn thiện hồ sơ mời thầu.", []string{"Đang hoàn thiện hồ sơ mời thầu"}
		}
	}
	return ret
}

// answer is what the site said.
type answer struct {
	code     int
	location string
	body     string
}

func (s *site) send(who, method, path string, form url.Values, header ...string) answer {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.do(who, r)
}

func (s *site) do(who string, r *http.Request) answer {
	r.Header.Set("X-Who", who)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("Location"), w.Body.String()}
}

func (s *site) get(who, path string) answer { s.t.Helper(); return s.send(who, "GET", path, nil) }

func (s *site) post(who, path string, form url.Values, header ...string) answer {
	s.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return s.send(who, "POST", path, form, header...)
}

func (s *site) upload(who, path, name string, content []byte, form url.Values) answer {
	s.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k := range form {
		if err := m.WriteField(k, form.Get(k)); err != nil {
			s.t.Fatal(err)
		}
	}
	f, err := m.CreateFormFile("file", name)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.Write(content); err != nil {
		s.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(who, r)
}

func (s *site) record(campaign, agency string) readiness.Record {
	s.t.Helper()
	rec, err := readinesssql.New(s.db).Record(context.Background(), campaign, agency)
	if err != nil {
		s.t.Fatal(err)
	}
	return rec
}

// want fails the test when the answer is not as expected; text must all be in it.
func (a answer) want(t *testing.T, code int, location string, text ...string) {
	t.Helper()
	if a.code != code || a.location != location {
		t.Errorf("got %d to %q, want %d to %q", a.code, a.location, code, location)
	}
	for _, x := range text {
		if !strings.Contains(a.body, x) {
			t.Errorf("the page does not say %q", x)
		}
	}
}
