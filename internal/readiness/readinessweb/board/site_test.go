package board_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinesssql"
	"dean06/internal/readiness/readinessweb"
	"dean06/internal/readiness/readinessweb/board"
)

// nation is six agencies; from 2023-06-01 on Bạc Liêu is part of Thái Nguyên,
// however far apart they are.
type nation []readiness.Agency

var agencies = nation{
	{Code: "G03", Name: "Bộ Giáo dục và Đào tạo", Kind: readiness.Ministry},
	{Code: "G09", Name: "Bộ Giao thông vận tải", Kind: readiness.Ministry},
	{Code: "H04", Name: "UBND tỉnh Bạc Liêu", Kind: readiness.Province},
	{Code: "H17", Name: "UBND thành phố Đà Nẵng", Kind: readiness.Province},
	{Code: "H26", Name: "UBND thành phố Hà Nội", Kind: readiness.Province},
	{Code: "H55", Name: "UBND tỉnh Thái Nguyên", Kind: readiness.Province},
}

var merged = clock.MustDate("2023-06-01")

func (nation) Find(string, clock.Date) (f readiness.Finding) { return f }

func (n nation) Agency(code string, _ clock.Date) (readiness.Agency, bool) {
	i := slices.IndexFunc(n, func(a readiness.Agency) bool { return a.Code == code })
	if i < 0 {
		return readiness.Agency{}, false
	}
	return n[i], true
}

func (n nation) Of(kinds []string, _ clock.Date) []readiness.Agency {
	var out []readiness.Agency
	for _, a := range n {
		if slices.Contains(kinds, a.Kind) {
			out = append(out, a)
		}
	}
	return out
}

func (n nation) Geography(from, to clock.Date) readiness.Geography { return lineage{n, from, to} }

type lineage struct {
	nation
	from, to clock.Date
}

func (l lineage) Successors(code string) []readiness.Share {
	if code == "H04" && !l.to.Before(merged) {
		code = "H55"
	}
	a, _ := l.Agency(code, l.to)
	return []readiness.Share{{Agency: a.Code, Name: a.Name, Kind: a.Kind}}
}

// land has a province for each agency of one.
type land struct{}

var provinceOf = map[string]string{"H04": "95", "H17": "48", "H26": "01", "H55": "19"}

func (land) Tiles(on clock.Date) []readiness.Tile {
	out := []readiness.Tile{
		{Code: "48", Name: "Đà Nẵng", Col: 3, Row: 2},
		{Code: "01", Name: "Hà Nội", Col: 1, Row: 1},
		{Code: "19", Name: "Thái Nguyên", Col: 1},
		{Code: "48", Name: "Quần đảo Hoàng Sa", Col: 5, Row: 2, Isle: true},
	}
	if on.Before(merged) {
		out = append(out, readiness.Tile{Code: "95", Name: "Bạc Liêu", Col: 1, Row: 5})
	}
	return out
}

func (land) Shapes(clock.Date) readiness.LandMap {
	return readiness.LandMap{
		Width: 100, Height: 100, Provinces: []readiness.Shape{{Code: "48", Name: "Đà Nẵng", Path: "M0 0L50 0L50 50Z"}},
		Isles: []readiness.Isle{{Name: "Quần đảo Hoàng Sa", Of: "48", X: 80, Y: 40}},
	}
}

func (land) ProvinceOf(agency string, _ clock.Date) string { return provinceOf[agency] }

// reports writes down what it was asked for.
type reports struct{ readinessweb.Exports }

func (reports) Report(_ context.Context, _ actor.Actor, q readiness.Question, format, lang string) (readinessweb.File, error) {
	return readinessweb.File{
		Name: "bao-cao." + format, MediaType: "text/plain",
		Content: []byte(q.Campaign + " " + q.KnownOn.String() + " " + format + " " + lang),
	}, nil
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
	"admin":    {Account: "quantri", Roles: []string{readiness.Administrator}},
	"h55":      {Account: "thainguyen", Agency: "H55", Roles: []string{readiness.FocalPoint}},
	"h04":      {Account: "baclieu", Agency: "H04", Roles: []string{readiness.FocalPoint}},
}

// What was written where it must not be read.
const (
	inDraft     = "chỉ mới nháp"
	notAccepted = "chưa được chấp nhận"
)

// site is the board on a register with two letters. To letter 1 two provinces
// have answered, to letter 2 one more ministry; one return is not accepted and
// one is a draft.
type site struct {
	t        *testing.T
	handler  http.Handler
	register *readiness.Register
	routes   []web.Route
	tpl      *readiness.Template
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
	s := &site{t: t}
	five := 1
	causes, err := readiness.LoadCauses(s.file("causes.json"))
	if err != nil {
		t.Fatal(err)
	}
	s.register = readiness.New(readiness.Parts{
		Store: readinesssql.New(db), Agencies: agencies, Papers: noPapers{}, Clock: clock.Fixed(now), NewID: sqldb.NewID, Causes: causes,
		Claims: []readiness.Claim{{
			ID: "five", Text: readiness.Text{Vi: "Bộ đáp ứng đủ", En: "Ministries that meet all"}, Value: &five,
			AsOf: clock.MustDate("2023-05-26"), Source: "Tin",
			Place: readiness.Text{Vi: "đoạn 1", En: "paragraph 1"}, Figure: &readiness.FigureRef{
				Campaign: "2", Block: "ministries", Figure: readiness.AllFive,
			},
		}},
	})
	raw := s.file("template-488.v1.json")
	if err := s.register.Install(ctx, people["centre"], raw); err != nil {
		t.Fatal(err)
	}
	if s.tpl, err = readiness.LoadTemplate(raw); err != nil {
		t.Fatal(err)
	}
	s.open("1", "", "2023-02-15", "2023-02-28")
	s.open("2", "1", "2023-05-22", "2023-06-20")
	s.accept("1", "H55", s.answers("H55", readiness.NotMet, "2023-03", "thiếu kinh phí"))
	s.accept("1", "H04", s.answers("H04", readiness.Met, "", ""))
	s.accept("2", "H55", s.answers("H55", readiness.PartiallyMet, "2023-12", "=cmd|' /C calc'!A0"))
	s.accept("2", "H04", s.answers("H04", readiness.Met, "", ""))
	s.accept("2", "G03", s.answers("G03", readiness.Met, "", ""))
	s.submit("2", "H17", s.answers("H17", readiness.NotMet, "2023-12", notAccepted))
	draft := s.answers("H26", readiness.NotMet, "2023-12", inDraft)
	if _, err := s.register.Save(ctx, focal("H26"), "2", "H26", draft, 0); err != nil {
		t.Fatal(err)
	}
	s.serve()
	return s
}

func (s *site) file(name string) []byte {
	s.t.Helper()
	raw, err := os.ReadFile("../../../../data/readiness/" + name)
	if err != nil {
		s.t.Fatal(err)
	}
	return raw
}

func (s *site) serve() {
	s.t.Helper()
	catalogue, err := i18n.Load(ui.Messages, web.Messages, chart.Messages, readiness.Messages, readinessweb.Messages, board.Messages)
	if err != nil {
		s.t.Fatal(err)
	}
	frame := func(r *http.Request) ui.Frame {
		return ui.Frame{Node: ui.Node{Name: "dean06"}, Here: r.URL.RequestURI(), Flash: web.FlashOf(r)}
	}
	pages := board.New(readinessweb.Shell{
		Register: s.register, Clock: clock.Fixed(now), Frame: frame, Exports: reports{}, Country: land{},
	})
	rt := web.NewRouter(web.Config{
		Log: slog.New(slog.NewTextHandler(testLog{s.t}, &slog.HandlerOptions{Level: slog.LevelError})), Messages: catalogue,
		Frame: frame, Within: []web.Middleware{signIn},
	})
	s.routes = pages.Routes()
	rt.Mount(s.routes...)
	s.handler = rt.Handler()
}

// testLog shows what a page logs as an error: none should.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Errorf("got an error in the log: %s", b)
	return len(b), nil
}

func (s *site) open(id, previous, issued, due string) {
	s.t.Helper()
	day := clock.MustDate(issued)
	err := s.register.OpenCampaign(context.Background(), people["centre"], readiness.Campaign{
		ID: id, Number: id + "/BTTTT-CĐSQG", Previous: previous,
		Issued: day, Due: clock.MustDate(due), Template: s.tpl.Ref(), Issuer: readiness.Text{Vi: "Bộ", En: "The Ministry"},
		Place: readiness.Text{Vi: "Hà Nội", En: "Hanoi"}, Subject: readiness.Text{Vi: "V/v cung cấp thông tin", En: "Information"},
		Addressees: []readiness.Text{{Vi: "Các bộ", En: "Ministries"}}, Body: []readiness.Text{{Vi: "Đề nghị", En: "Please"}},
		Signatory:  readiness.Signatory{Position: readiness.Text{Vi: "THỨ TRƯỞNG", En: "Deputy Minister"}},
		Recipients: readiness.RecipientSet{On: day, Kinds: []string{readiness.Ministry, readiness.Province}}, Source: "test",
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func focal(agency string) actor.Actor {
	return actor.Actor{Account: "dau-moi-" + agency, Agency: agency, Roles: []string{readiness.FocalPoint}}
}

func (s *site) submit(campaign, agency string, ret readiness.Return) {
	s.t.Helper()
	if _, err := s.register.SubmitReturn(context.Background(), focal(agency), campaign, agency, ret, readiness.ByAPI); err != nil {
		s.t.Fatalf("submit %s to %s: %v", agency, campaign, err)
	}
}

func (s *site) accept(campaign, agency string, ret readiness.Return) {
	s.t.Helper()
	s.submit(campaign, agency, ret)
	if _, err := s.register.Accept(context.Background(), people["centre"], campaign, agency, 1); err != nil {
		s.t.Fatal(err)
	}
}

// answers is a whole return: all met but row 2, which has the status, the month
// and the words.
func (s *site) answers(agency string, two readiness.Status, month readiness.Month, words string) readiness.Return {
	a, _ := agencies.Agency(agency, clock.Date{})
	ret := readiness.Return{Agency: agency, Contact: readiness.Contact{
		FullName: "Nguyễn Văn Mẫu", Organisation: "Sở TTTT", Position: "Chuyên viên",
		Phone: "024 123 4567", Email: "dau-moi@tinh.example.vn",
	}, Proposals: []readiness.Proposal{{Group: "network", Text: words}}}
	ret = readiness.SetSystems(s.tpl, ret, a.Kind, []readiness.System{{
		ID: "s1", Name: "Hệ thống giải quyết TTHC", Kind: readiness.SystemProcedure, Unit: "Sở TTTT",
	}})
	for _, c := range s.tpl.Components {
		for _, slot := range readiness.Slots(s.tpl, ret, a.Kind, c.Key) {
			if !slot.Given {
				ret.Answers = append(ret.Answers, slot.Answer)
			}
		}
	}
	readiness.Arrange(s.tpl, &ret)
	for i := range ret.Answers {
		x := &ret.Answers[i]
		row, _ := s.tpl.Row(x.Key)
		x.Compliance = string(readiness.Met)
		if row.Options == readiness.DossierList {
			x.Compliance, x.Decision = "approved", &readiness.LetterRef{Number: "632/QĐ-UBND"}
		}
		if x.Key == "2" && two != readiness.Met {
			x.Compliance, x.Stage, x.ExpectedMonth, x.Precision = string(two), "tendering", month, readiness.ByMonth
			x.Note, x.Causes, x.Unmet = words, []string{words}, []string{words}
		}
	}
	if words != "" {
		ret.Difficulties, ret.Recommendations = []string{words}, []string{words}
	}
	return ret
}

// answer is what the site said.
type answer struct {
	code     int
	location string
	body     string
}

func (s *site) get(who, path string) answer {
	s.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("X-Who", who)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{w.Code, w.Header().Get("Location"), string(body)}
}

// noPapers keeps no file.
type noPapers struct{}

func (noPapers) Put(context.Context, []byte) (string, error)            { return "sha", nil }
func (noPapers) Get(context.Context, readiness.FileRef) ([]byte, error) { return nil, nil }
func (noPapers) Delete(context.Context, readiness.FileRef) error        { return nil }
