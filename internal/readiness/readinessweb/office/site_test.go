package office_test

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
	"sync"
	"sync/atomic"
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
	"dean06/internal/readiness/readinesssql"
	"dean06/internal/readiness/readinessweb"
	"dean06/internal/readiness/readinessweb/office"
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
	if text == "Sở Mẫu" {
		return readiness.Finding{Matches: []readiness.Match{{Agency: c[2]}, {Agency: c[3]}}}
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
	return slices.DeleteFunc(slices.Clone(c), func(a readiness.Agency) bool { return !slices.Contains(kinds, a.Kind) })
}

func (country) Geography(_, _ clock.Date) readiness.Geography { return nil }

// papers keeps files by a name made of their content.
type papers map[string][]byte

var papersLock sync.Mutex // files are read on several processors

func (p papers) Put(_ context.Context, content []byte) (string, error) {
	papersLock.Lock()
	defer papersLock.Unlock()
	key := "sha-" + string(content)
	p[key] = content
	return key, nil
}

func (p papers) Get(_ context.Context, f readiness.FileRef) ([]byte, error) { return p[f.SHA256], nil }
func (p papers) Delete(context.Context, readiness.FileRef) error            { return nil }

// forms reads files that name their agency, then "unsure" for a file with two
// places that a person must look at, "partial" for one with gaps, or any word
// to tell two apart.
type forms struct{}

func (forms) Read(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error) {
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil && err != io.EOF {
		return readiness.Return{}, nil, err
	}
	agency, what, _ := strings.Cut(string(raw), " ")
	switch agency {
	case "broken":
		return readiness.Return{}, nil, fault.New(fault.Invalid, "readiness.file.pdf", fault.Args{"file": name})
	case "nobody":
		ret := complete(tpl, "")
		ret.Heading = "Sở Mẫu"
		return ret, nil, nil
	}
	ret := complete(tpl, agency)
	if what == "partial" {
		ret.Contact = readiness.Contact{}
		ret.Answers = slices.DeleteFunc(ret.Answers, func(a readiness.Answer) bool { return a.Row == "2" || a.Key == "1.n" })
		return ret, nil, nil
	}
	for i := range ret.Answers {
		a := &ret.Answers[i]
		if a.Row != "2" {
			continue
		}
		a.Note = what
		if what == "unsure" {
			a.Readings = map[string]readiness.Reading{
				readiness.ColCompliance: {
					Raw: "Cơ bản đáp ứng", Confidence: 0.5, Reason: "readiness.problem.more_text",
					Where: readiness.Place{Part: "2", Table: 1, Line: 4},
				},
				readiness.ColStage: {Raw: "cuối năm", Confidence: 0.6, Reason: "readiness.problem.vague_date"},
			}
		}
	}
	return ret, nil, nil
}

// complete is a return that nothing is missing in.
func complete(tpl *readiness.Template, agency string) readiness.Return {
	ret := readiness.Return{Agency: agency, Contact: readiness.Contact{
		FullName: "Nguyễn Văn Mẫu", Organisation: "Sở TTTT", Position: "Chuyên viên",
		Phone: "000 000 0123", Email: "dau-moi@tinh.example.vn",
	}}
	for _, row := range tpl.Rows {
		if !row.Answered() || !row.Required || !row.IsFor(readiness.Province) {
			continue
		}
		a := readiness.Answer{Row: row.Numbered(1), Key: row.Key, Compliance: string(readiness.Met)}
		if row.Options == readiness.DossierList {
			a.Compliance, a.Decision = "approved", &readiness.LetterRef{Number: "632/QĐ-UBND"}
		}
		if row.Kind != readiness.Single {
			a.SystemID, a.System = "s1", "Hệ thống giải quyết TTHC"
			if len(ret.Systems) == 0 {
				ret.Systems = []readiness.System{{ID: "s1", Name: a.System, Kind: readiness.SystemProcedure}}
			}
		}
		ret.Answers = append(ret.Answers, a)
	}
	return ret
}

// exports writes files that say what they are of.
type exports struct{ readinessweb.Exports }

func (exports) Letter(_ context.Context, _ actor.Actor, campaign, format string) (readinessweb.File, error) {
	if format != "docx" {
		return readinessweb.File{}, fault.New(fault.NotFound, "web.not_found", nil)
	}
	return readinessweb.File{Name: "Văn bản.docx", MediaType: "text/plain", Content: []byte("letter " + campaign)}, nil
}

func (exports) Reminder(_ context.Context, _ actor.Actor, campaign, agency, _ string) (readinessweb.File, error) {
	return readinessweb.File{Name: agency + ".docx", Content: []byte(campaign + " " + agency)}, nil
}

func (exports) Cancellation(_ context.Context, _ actor.Actor, campaign, _ string) (readinessweb.File, error) {
	return readinessweb.File{Name: "Hủy.docx", Content: []byte("cancelled " + campaign)}, nil
}

func (exports) Refusal(_ context.Context, _ actor.Actor, item, format string) (readinessweb.File, error) {
	return readinessweb.File{Name: "Từ chối." + format, MediaType: "text/plain", Content: []byte("refused " + item)}, nil
}

func (exports) Return(_ context.Context, v readiness.View, _ *readiness.Return, format, _ string) (readinessweb.File, error) {
	return readinessweb.File{Name: "blank." + format, MediaType: "text/plain", Content: []byte(v.Template.Ref() + " " + v.Agency.Kind)}, nil
}

// work does at once what a node queues.
type work struct{ register *readiness.Register }

func (w work) Import(ctx context.Context, who actor.Actor, campaign string, files []readiness.File) (string, error) {
	b, err := w.register.Import(
		ctx, who, readiness.Batch{Campaign: campaign, Total: len(files)}, slices.Values(files), func(readiness.BatchItem) {},
	)
	return b.ID, err
}

func (w work) Remind(ctx context.Context, who actor.Actor, campaign, agency, step string) (bool, error) {
	if agency == "H17" {
		return false, fault.New(fault.Invalid, "readiness.agency.not_found", fault.Args{"agency": agency})
	}
	return w.register.Remind(ctx, who, campaign, agency, step, "email", func(readiness.Tx) error { return nil })
}

func (w work) Issue(ctx context.Context, who actor.Actor, c readiness.Campaign, draft string, revision int) error {
	return w.register.IssueCampaign(ctx, who, c, draft, revision, func(readiness.Tx) error { return nil })
}

func (w work) Cancel(ctx context.Context, who actor.Actor, campaign string, x readiness.Cancellation) error {
	return w.register.CancelCampaign(ctx, who, campaign, x, func(readiness.Tx) error { return nil })
}

func (w work) Refuse(ctx context.Context, who actor.Actor, item, reason string, mailed bool) error {
	if mailed && reason == "unreached" {
		return fault.New(fault.Invalid, "readiness.chase.no_address", fault.Args{"agency": "Bộ Tư pháp"})
	}
	_, err := w.register.RefuseItem(ctx, who, item, reason, func(readiness.Tx) error { return nil })
	return err
}

// signIn lets a request act as whom its header names.
func signIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), people[r.Header.Get("X-Who")])))
	})
}

// The people of the tests, by the name that a request carries.
var people = map[string]actor.Actor{
	"centre":   {Account: "dieuphoi", Roles: []string{readiness.Coordinator}},
	"reviewer": {Account: "thamtra", Roles: []string{readiness.Reviewer}},
	"leader":   {Account: "lanhdao", Roles: []string{readiness.Leader}},
	"auditor":  {Account: "kiemtoan", Roles: []string{readiness.Auditor}},
	"h04":      {Account: "baclieu", Agency: "H04", Roles: []string{readiness.FocalPoint}},
}

// site is the pages on a register with one letter to five agencies.
type site struct {
	t        *testing.T
	db       *sqldb.DB
	handler  http.Handler
	register *readiness.Register
	routes   []web.Route
	tpl      *readiness.Template
	raw      []byte
}

// ticking is a clock that goes on by a second each time it is read.
type ticking struct{ n atomic.Int64 }

func (c *ticking) Now() time.Time {
	return clock.MustDate("2023-06-10").Start().Add(8*time.Hour + time.Duration(c.n.Add(1))*time.Second).UTC()
}

func newSite(t *testing.T) *site {
	t.Helper()
	ctx, db := context.Background(), sqldbtest.OpenSQLite(t)
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, readinesssql.Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	s, watch := &site{t: t, db: db}, &ticking{}
	keep, value, of := papers{}, 1, 2
	claims := []readiness.Claim{{
		ID: "c1", Text: readiness.Text{Vi: "Địa phương đáp ứng mạng", En: "Provinces with network"}, Value: &value, Of: &of, Source: "Tin mẫu",
		Place: readiness.Text{Vi: "Đoạn 1", En: "Paragraph 1"}, AsOf: clock.MustDate("2023-02-28"),
		Figure: &readiness.FigureRef{Campaign: "1", Block: "provinces", Figure: "network"},
	}}
	s.register = readiness.New(readiness.Parts{
		Store: readinesssql.New(db), Agencies: agencies, Papers: keep, Word: forms{}, Excel: forms{},
		Clock: watch, NewID: sqldb.NewID, Claims: claims,
	})
	var err error
	if s.raw, err = os.ReadFile("../../../../data/readiness/template-488.v1.json"); err != nil {
		t.Fatal(err)
	}
	if err := s.register.Install(ctx, people["centre"], s.raw); err != nil {
		t.Fatal(err)
	}
	if s.tpl, err = readiness.LoadTemplate(s.raw); err != nil {
		t.Fatal(err)
	}
	text := readiness.Text{Vi: "Mẫu", En: "Sample"}
	if err := s.register.OpenCampaign(ctx, people["centre"], readiness.Campaign{
		ID: "1", Number: "1/MAU", Issued: clock.MustDate("2023-02-15"), Due: clock.MustDate("2023-02-28"),
		Template: "488/1", Subject: text, Issuer: text, Place: text, Body: []readiness.Text{text},
		Schedule: []readiness.ChaseStep{{Days: -7, Name: text}, {Days: 7, Name: text}},
		Recipients: readiness.RecipientSet{
			On: clock.MustDate("2023-02-15"), Kinds: []string{readiness.Ministry, readiness.Province}, Exclude: []string{"G03"},
		},
	}); err != nil {
		t.Fatal(err)
	}
	catalogue, err := i18n.Load(ui.Messages, web.Messages, readiness.Messages, readinessweb.Messages, office.Messages)
	if err != nil {
		t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "dean06"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	pages := office.New(readinessweb.Shell{
		Register: s.register, Clock: watch, Frame: frame, Exports: exports{}, Work: work{s.register},
	})
	rt := web.NewRouter(web.Config{Log: slog.New(slog.DiscardHandler), Messages: catalogue, Frame: frame, Within: []web.Middleware{signIn}})
	s.routes = pages.Routes()
	rt.Mount(s.routes...)
	s.handler = rt.Handler()
	return s
}

// answer is what the site said.
type answer struct {
	code     int
	location string
	body     string
}

func (s *site) do(who string, r *http.Request) answer {
	s.t.Helper()
	r.Header.Set("X-Who", who)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header().Get("Location"), w.Body.String()}
}

func (s *site) get(who, path string) answer {
	s.t.Helper()
	return s.do(who, httptest.NewRequest("GET", path, nil))
}

// post sends a form written "name=value", values in pairs.
func (s *site) post(who, path string, fields ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(who, r)
}

// upload sends files, name and content in pairs, in one field.
func (s *site) upload(who, path, field string, fields map[string]string, files ...string) answer {
	s.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := m.WriteField(k, v); err != nil {
			s.t.Fatal(err)
		}
	}
	for i := 0; i+1 < len(files); i += 2 {
		w, err := m.CreateFormFile(field, files[i])
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(who, r)
}

// take imports files into the letter and gives the address of the batch.
func (s *site) take(files ...string) string {
	s.t.Helper()
	a := s.upload("centre", "/office/imports", "files", map[string]string{"campaign": "1"}, files...)
	if a.code != http.StatusSeeOther {
		s.t.Fatalf("upload: got %d, want 303: %s", a.code, a.body)
	}
	return a.location
}

// item finds the open item of the letter.
func (s *site) item() readiness.BatchItem {
	s.t.Helper()
	items, err := s.register.OpenItems(context.Background(), people["centre"], "1")
	items = slices.DeleteFunc(items, readiness.BatchItem.Unread)
	if err != nil || len(items) != 1 {
		s.t.Fatalf("open items: %d, %v; want one", len(items), err)
	}
	return items[0]
}

// unread finds the file of the letter that no program can read.
func (s *site) unread() readiness.BatchItem {
	s.t.Helper()
	items, err := s.register.OpenItems(context.Background(), people["centre"], "1")
	items = slices.DeleteFunc(items, func(i readiness.BatchItem) bool { return !i.Unread() })
	if err != nil || len(items) != 1 {
		s.t.Fatalf("unread items: %d, %v; want one", len(items), err)
	}
	return items[0]
}

func (s *site) record(agency string) readiness.Record {
	s.t.Helper()
	rec, err := readinesssql.New(s.db).Record(context.Background(), "1", agency)
	if err != nil {
		s.t.Fatal(err)
	}
	return rec
}

// want checks an answer's code and what its page says.
func (s *site) want(a answer, code int, texts ...string) {
	s.t.Helper()
	if a.code != code {
		s.t.Errorf("got %d, want %d: %s", a.code, code, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			s.t.Errorf("the page lacks %q", text)
		}
	}
}
