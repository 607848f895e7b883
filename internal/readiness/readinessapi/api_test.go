package readinessapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessapi"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinesssql"
)

// agencies knows three agencies that never change.
type agencies struct{}

var known = []readiness.Agency{
	{Code: "G03", Name: "Bộ Giáo dục và Đào tạo", Kind: readiness.Ministry},
	{Code: "H04", Name: "Ủy ban nhân dân tỉnh Bạc Liêu", Kind: readiness.Province},
	{Code: "H55", Name: "Ủy ban nhân dân tỉnh Thái Nguyên", Kind: readiness.Province},
}

func (agencies) Find(string, clock.Date) (f readiness.Finding) { return f }

func (agencies) Agency(code string, _ clock.Date) (readiness.Agency, bool) {
	for _, a := range known {
		if a.Code == code {
			return a, true
		}
	}
	return readiness.Agency{}, false
}
func (agencies) Of([]string, clock.Date) []readiness.Agency           { return known }
func (agencies) Geography(clock.Date, clock.Date) readiness.Geography { return stay{} }

type stay struct{}

func (stay) Successors(code string) []readiness.Share {
	a, _ := agencies{}.Agency(code, clock.Date{})
	return []readiness.Share{{Agency: a.Code, Name: a.Name, Kind: a.Kind}}
}

// ticking moves on by a second each time it is read.
type ticking struct{ now time.Time }

func (c *ticking) Now() time.Time {
	c.now = c.now.Add(time.Second)
	return c.now
}

var coordinator = actor.Actor{Account: "dieuphoi", Name: "Nguyễn Thị Mẫu", Roles: []string{readiness.Coordinator}}

// site is a register with two letters, of which G03 and H55 answered the first.
type site struct {
	register *readiness.Register
	handler  http.Handler
}

func newSite(t *testing.T) *site {
	t.Helper()
	ctx := context.Background()
	db := sqldbtest.OpenSQLite(t)
	if err := readinesssql.Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	if err := audit.Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	reg := readiness.New(readiness.Parts{
		Store: readinesssql.New(db), Agencies: agencies{}, Papers: noPapers{}, NewID: sqldb.NewID,
		Clock: &ticking{time.Date(2023, 2, 20, 1, 0, 0, 0, time.UTC)},
	})
	raw, err := data.Readiness.ReadFile("readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := reg.Install(ctx, coordinator, raw); err != nil {
		t.Fatal(err)
	}
	raw, err = data.Readiness.ReadFile("readiness/campaigns.json")
	if err != nil {
		t.Fatal(err)
	}
	campaigns, err := readiness.LoadCampaigns(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range campaigns {
		c.Recipients.Agencies = []string{"G03", "H04", "H55"}
		if err := reg.OpenCampaign(ctx, coordinator, c); err != nil {
			t.Fatal(err)
		}
	}
	s := &site{register: reg}
	for code, file := range map[string]string{"G03": "bo-giao-duc-va-dao-tao.docx", "H55": "ubnd-tinh-thai-nguyen.docx"} {
		who := actor.Actor{Account: "dauMoi" + code, Agency: code, Roles: []string{readiness.FocalPoint}}
		rec, err := reg.SubmitReturn(ctx, who, "488", code, s.paper(t, file), readiness.ByWord)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reg.Accept(ctx, coordinator, "488", code, len(rec.Versions)); err != nil {
			t.Fatal(err)
		}
	}
	s.serve(t)
	return s
}

func (s *site) paper(t *testing.T, file string) readiness.Return {
	t.Helper()
	tpl, err := s.register.Template(context.Background(), coordinator, "488/1")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := data.Demo.ReadFile("demo/appendix-488/round-2022/" + file)
	if err != nil {
		t.Fatal(err)
	}
	ret, _, err := readinessdocx.Read(tpl, file, bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return ret
}

func (s *site) serve(t *testing.T) {
	t.Helper()
	catalogue, err := i18n.Load(ui.Messages, web.Messages, session.Messages, readiness.Messages, readinessapi.Messages)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	frame := func(r *http.Request) ui.Frame { return ui.Frame{Here: r.URL.RequestURI()} }
	rt := web.NewRouter(web.Config{Log: log, Messages: catalogue, Frame: frame, Within: []web.Middleware{load}})
	api := readinessapi.New(s.register, nil, log)
	api.Mount(func(pattern string, h http.Handler, _ string) { rt.Handle(pattern, h) })
	rt.Mount(api.Routes(frame)...)
	s.handler = rt.Handler()
}

// load finds who calls: a bearer text names an agency and scopes ("H55
// returns:read"), or an account and role ("@lanhdao leader").
func load(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		words := strings.Fields(text)
		id := session.Identity{Actor: actor.Actor{Account: "token:1", Agency: words[0], Via: actor.Token}, Scopes: words[1:]}
		if account, person := strings.CutPrefix(words[0], "@"); person {
			id = session.Identity{Actor: actor.Actor{Account: account, Login: account, Roles: words[1:], Via: actor.Password}}
		}
		next.ServeHTTP(w, r.WithContext(session.With(r.Context(), id)))
	})
}

type answer struct {
	status int
	header http.Header
	body   string
}

// call makes a call as somebody; body is nil, a text, or what becomes JSON.
func (s *site) call(t *testing.T, who, method, path string, body any) answer {
	t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	r := httptest.NewRequest(method, path, in)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	r.Header.Set("Accept-Language", "en")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		for _, fault := range uitest.Markup(w.Body.String()) {
			t.Errorf("%s: %s", path, fault)
		}
	}
	return answer{w.Code, w.Header(), w.Body.String()}
}

// into reads the JSON of an answer.
func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("answer %d %q: %v", a.status, a.body, err)
	}
}

// noPapers keeps no file.
type noPapers struct{}

func (noPapers) Put(context.Context, []byte) (string, error)            { return "sha", nil }
func (noPapers) Get(context.Context, readiness.FileRef) ([]byte, error) { return nil, nil }
func (noPapers) Delete(context.Context, readiness.FileRef) error        { return nil }
