package board_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dean06/internal/readiness"
)

// TestWhoMayRead holds every route against every role.
func TestWhoMayRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	paths := strings.NewReplacer(
		"{campaign}", "2", "{group}", "provinces", "{key}", "network", "{list}", "slips", "{agency}", "H55",
		"{file}", "matrix.csv",
	)
	for _, route := range s.routes {
		path := paths.Replace(strings.TrimPrefix(route.Pattern, "GET "))
		if strings.HasSuffix(path, "/report/file") {
			path += "?format=docx&language=vi"
		}
		// That a return of another agency exists is itself not told.
		other := http.StatusForbidden
		if strings.Contains(route.Pattern, "{agency}") {
			other = http.StatusNotFound
		}
		ok := http.StatusOK
		if route.Pattern == "GET /board" {
			ok = http.StatusSeeOther
		}
		want := map[string]int{
			"centre": ok, "reviewer": ok, "leader": ok, "auditor": ok, "admin": 403, "h55": 403, "h04": other,
			"": http.StatusSeeOther,
		}
		for who, code := range want {
			got := s.get(who, path)
			if got.code != code {
				t.Errorf("%s %s: got %d, want %d", who, path, got.code, code)
			}
			if who == "" && !strings.HasPrefix(got.location, "/sign-in") {
				t.Errorf("nobody at %s: got sent to %q, want the sign-in page", path, got.location)
			}
		}
	}
}

// words is a page as it is read, without its marks.
func words(body string) string {
	body = regexp.MustCompile(`(?s)<script.*?</script>|<[^>]*>`).ReplaceAllString(body, " ")
	return strings.Join(strings.Fields(html.UnescapeString(body)), " ")
}

func TestWhatPagesSay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cases := []struct {
		path string
		says []string
		not  []string
	}{
		{
			"/board/1?lang=vi",
			[]string{
				"1 trong 2 địa phương đã báo cáo và 0 trong 0 bộ, ngành đã báo cáo đáp ứng đủ năm thành phần",
				"4 nơi chưa có báo cáo được chấp nhận", "Đôn đốc những nơi này",
			},
			nil,
		},
		{
			"/board/2?lang=vi",
			[]string{"1 trong 2 địa phương đã báo cáo và 1 trong 1 bộ, ngành đã báo cáo đáp ứng đủ năm thành phần", "Khớp"},
			nil,
		},
		{
			"/board/2?lang=en",
			[]string{"1 of the 2 provinces that reported and 1 of the 1 ministries that reported meet all five components", "Equal"},
			nil,
		},
		{
			"/board/2?lang=vi&known=2023-06-01",
			[]string{"Chưa có báo cáo nào theo văn bản 2/BTTTT-CĐSQG được chấp nhận", "Xem đợt trước, văn bản 1/BTTTT-CĐSQG"},
			[]string{"Số liệu đã công bố"},
		},
		{"/board/2?lang=vi&geography=2023-06-10", []string{"0 trong 1 địa phương đã báo cáo", "Địa giới ngày 10/06/2023"}, nil},
		{"/board/2?lang=vi&geography=2023-06-10&combine=any", []string{"1 trong 1 địa phương đã báo cáo"}, nil},
		{"/board/2?lang=vi&geography=2023-06-10&combine=weighted", []string{"0,5 trong 1 địa phương đã báo cáo", "0,5/1", "50,0%"}, nil},
		{
			"/board/2/matrix?lang=vi",
			[]string{"6 bộ, ngành, địa phương theo từng thành phần", "Bộ Giáo dục và Đào tạo", "Thái Nguyên"},
			[]string{"UBND"},
		},
		{"/board/2/matrix?lang=vi&status=all_five", []string{"Bộ Giáo dục và Đào tạo", "Bạc Liêu"}, []string{"Bộ Giao thông", "Thái Nguyên"}},
		{
			"/board/2/matrix?lang=vi&component=procedure_system&status=partially_met",
			[]string{"1 bộ, ngành, địa phương", "Thái Nguyên"},
			[]string{"Bạc Liêu", "Bộ Giáo dục"},
		},
		{"/board/2/matrix?lang=vi&status=none", []string{"Đà Nẵng", "Hà Nội", "Bộ Giao thông vận tải"}, []string{"Thái Nguyên", "Bạc Liêu"}},
		{
			"/board/1/matrix?lang=vi&group=ministries&status=all_five",
			[]string{"Không có bộ, ngành, địa phương nào hợp với lựa chọn này.", "Xem tất cả"},
			nil,
		},
		{"/board/2/matrix?lang=vi&geography=2023-06-10", []string{"5 bộ, ngành, địa phương", "Thái Nguyên"}, []string{"Bạc Liêu"}},
		{"/board/2/map?lang=vi", []string{"1 trong 2 địa phương đã báo cáo đáp ứng đủ năm thành phần (50,0%)", "Quần đảo Hoàng Sa", "4/5"}, nil},
		{"/board/2/map?lang=vi&component=network", []string{"2 trong 2 địa phương đã báo cáo đáp ứng “Hạ tầng mạng” (100,0%)"}, nil},
		{
			"/board/2/figure/provinces/procedure_system?lang=vi",
			[]string{
				"1 trong 2 địa phương đã báo cáo đáp ứng “Hệ thống TTHC” (50,0%)", "Đáp ứng: 1", "Đáp ứng một phần: 1",
				"Chưa báo cáo: 2",
			},
			nil,
		},
		{"/board/2/stages?lang=vi", []string{"12/2023", "1 câu trả lời chậm so với tháng đã hẹn", "chậm 9 tháng"}, nil},
		{"/board/1/stages?lang=vi", []string{"Đây là đợt đầu tiên nên chưa có tháng đã hẹn để so sánh."}, nil},
		{
			"/board/2/change?lang=vi",
			[]string{"Từ đợt 1 đến đợt 2, trong 2 nơi trả lời cả hai đợt: thêm 0 nơi đáp ứng đủ năm thành phần, không nơi nào tụt lại ở thành phần nào", "Bộ Giáo dục và Đào tạo"},
			nil,
		},
		{"/board/1/change?lang=vi", []string{"Đây là đợt đầu tiên nên chưa có gì để so sánh."}, nil},
		{"/board/1/causes?lang=vi", []string{"kinh phí"}, nil},
		{"/board/2/causes?lang=vi&view=difficulties", []string{"1 ý kiến của 1 cơ quan", "=cmd|"}, nil},
		{"/board/2/causes?lang=vi&view=counts", []string{"Cơ quan, đơn vị chưa được trang bị đủ"}, nil},
		{"/board/2/entries/cause?lang=vi&key=other", []string{"=cmd|"}, nil},
		{
			"/board/2/agency/H55?lang=vi",
			[]string{
				"Đáp ứng 4 trong 5 thành phần", "Cơ quan này đã được sắp xếp lại", "chậm 9 tháng", "1 (hạn 28/02/2023)",
				"Chấp nhận, bản 1", "Mở báo cáo này",
			},
			nil,
		},
		{"/board/2/agency/H04?lang=vi", []string{"Đáp ứng đủ năm thành phần", "Hiện nay thuộc: UBND tỉnh Thái Nguyên"}, nil},
		{
			"/board/2/agency/H55?lang=vi&geography=2023-06-10",
			[]string{"đơn vị này gồm các cơ quan sau", "UBND tỉnh Bạc Liêu (5/5)", "UBND tỉnh Thái Nguyên (4/5)"},
			[]string{"Cơ quan này đã được sắp xếp lại"},
		},
		{"/board/2/agency/H17?lang=vi", []string{"Chưa có báo cáo theo văn bản 2/BTTTT-CĐSQG được chấp nhận", "trạng thái: Đã gửi"}, nil},
		{"/board/2/report?lang=vi", []string{"Báo cáo Thủ tướng Chính phủ", "Danh sách 6 bộ, ngành, địa phương"}, nil},
	}
	for _, c := range cases {
		got := s.get("centre", c.path)
		text := words(got.body)
		if got.code != http.StatusOK {
			t.Errorf("%s: got %d, want 200", c.path, got.code)
		}
		for _, w := range c.says {
			if !strings.Contains(text, w) {
				t.Errorf("%s: got no %q in: %s", c.path, w, text)
			}
		}
		main := text
		if i := strings.Index(text, "Chọn đợt, thời điểm"); i >= 0 {
			main = text[i:]
		}
		for _, w := range c.not {
			if strings.Contains(main, w) {
				t.Errorf("%s: got %q, want none", c.path, w)
			}
		}
	}
}

var (
	hrefs = regexp.MustCompile(`href="(/board[^"]*)"`)
	h1s   = regexp.MustCompile(`<h1[ >]`)
	ids   = regexp.MustCompile(` id="([^"]+)"`)
)

// TestEveryLinkLeads walks the whole board from its front page: no link is
// dead, every page has one heading, and what does not count is never shown.
func TestEveryLinkLeads(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, lang := range []string{"vi", "en"} {
		seen := map[string]bool{}
		queue := []string{"/board/2", "/board/2?geography=2023-06-10"}
		for len(queue) > 0 && len(seen) < 700 {
			path := queue[0]
			queue = queue[1:]
			if seen[path] {
				continue
			}
			seen[path] = true
			ask := path + "?"
			if strings.Contains(path, "?") {
				ask = path + "&"
			}
			got := s.get("centre", ask+"lang="+lang)
			if got.code != http.StatusOK {
				t.Errorf("%s: got %d, want 200", path, got.code)
				continue
			}
			for _, secret := range []string{inDraft, notAccepted, "[board.", "[readiness", "[ui.", "[chart."} {
				if strings.Contains(got.body, secret) {
					t.Errorf("%s: got %q on the page", path, secret)
				}
			}
			if strings.Contains(path, "/data/") {
				continue
			}
			if n := len(h1s.FindAllString(got.body, -1)); n != 1 {
				t.Errorf("%s: got %d headings of the first level, want 1", path, n)
			}
			twice := map[string]bool{}
			for _, m := range ids.FindAllStringSubmatch(got.body, -1) {
				if twice[m[1]] {
					t.Errorf("%s: got the id %q twice", path, m[1])
				}
				twice[m[1]] = true
			}
			for _, m := range hrefs.FindAllStringSubmatch(got.body, -1) {
				next, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
				if u, err := url.Parse(next); err == nil && !u.Query().Has("lang") {
					queue = append(queue, next)
				}
			}
		}
		if len(seen) < 100 {
			t.Errorf("%s: got %d pages, want the whole board", lang, len(seen))
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{
		"/board/9", "/board/9/agency/H55", "/board/2/agency/H99", "/board/2/figure/nobody/network", "/board/2/figure/provinces/nothing",
		"/board/2/entries/nothing", "/board/2/entries/cause?key=nothing", "/board/2/entries/stage?key=nothing",
		"/board/2/causes?view=nothing", "/board/2/matrix?group=nothing",
		"/board/2/map?component=nothing", "/board/2/change?component=nothing", "/board/2/data/matrix.xml",
		"/board/2/data/nothing.csv", "/board/1/data/moves.csv",
		"/board/2/report/file?format=exe&language=vi", "/board/2/report/file?format=pdf&language=fr",
	} {
		if got := s.get("centre", path); got.code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, got.code)
		}
	}
}

func TestADayThatIsNone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, page := range []string{"/board/2", "/board/2/matrix", "/board/2/agency/H55", "/board/2/report"} {
		got := s.get("centre", page+"?lang=vi&known=2023-02-31&true=2023-06-01")
		if got.code != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", page, got.code)
		}
		for _, want := range []string{`value="2023-02-31"`, `value="01/06/2023"`, `href="#known"`, `id="known-error"`} {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s: got no %s", page, want)
			}
		}
	}
}

func TestAnotherRound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cases := map[string]string{
		"/board/2?round=1": "/board/1",
		"/board/2/matrix?round=1&known=2023-06-01&sort=-met&group=provinces": "/board/1/matrix?group=provinces&known=2023-06-01&sort=-met",
		"/board/2/agency/H55?round=1&geography=2023-06-10":                   "/board/1/agency/H55?geography=2023-06-10",
	}
	for path, want := range cases {
		if got := s.get("centre", path); got.code != http.StatusSeeOther || got.location != want {
			t.Errorf("%s: got %d to %q, want 303 to %q", path, got.code, got.location, want)
		}
	}
}

func TestMatrixOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cell := regexp.MustCompile(`<a class="govuk-link" href="/board/2/agency/(\w+)`)
	cases := map[string]string{
		"":                             "G03 G09 H04 H17 H26 H55",
		"?sort=-name":                  "G09 G03 H55 H26 H17 H04",
		"?sort=-met&status=met":        "H04 G03 H55",
		"?sort=met&status=met":         "H55 H04 G03",
		"?sort=-procedure_system":      "H04 G03 H55 G09 H17 H26",
		"?group=provinces&status=none": "H17 H26",
	}
	for query, want := range cases {
		body := s.get("centre", "/board/2/matrix"+query).body
		var got []string
		for _, m := range cell.FindAllStringSubmatch(body, -1) {
			got = append(got, m[1])
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q: got %s, want %s", query, g, want)
		}
	}
}

// TestContacts asks in both orders, so that a page kept for one reader is not
// shown to another.
func TestContacts(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"centre", "leader"}, {"leader", "centre"}} {
		s := newSite(t)
		for _, who := range order {
			body := s.get(who, "/board/2/agency/H55").body
			if got, want := strings.Contains(body, "024 123 4567"), who == "centre"; got != want {
				t.Errorf("%v: got the telephone shown to %s: %v, want %v", order, who, got, want)
			}
			if got, want := strings.Contains(body, "/office/returns/2/H55"), who == "centre"; got != want {
				t.Errorf("%v: got the way to the office shown to %s: %v, want %v", order, who, got, want)
			}
		}
	}
}

// TestNewsShowAtOnce accepts a return after the page was read.
func TestNewsShowAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	pages := []string{"/board/2?lang=vi", "/board/2/matrix?lang=vi", "/board/2/change?lang=vi", "/board/2/agency/H17?lang=vi"}
	before := map[string]string{}
	for _, p := range pages {
		before[p] = s.get("centre", p).body
		if again := s.get("centre", p).body; again != before[p] {
			t.Errorf("%s: got another page the second time", p)
		}
	}
	if _, err := s.register.Accept(context.Background(), people["centre"], "2", "H17", 1); err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if s.get("centre", p).body == before[p] {
			t.Errorf("%s: got the page of before the acceptance", p)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.get("centre", "/board/2/data/difficulties.csv?lang=vi")
	want := "\ufeff\"Bộ, ngành, địa phương\",Nguyên văn\r\nThái Nguyên,'=cmd|' /C calc'!A0\r\n"
	if got.body != want {
		t.Errorf("got %q, want %q", got.body, want)
	}
	got = s.get("centre", "/board/2/data/figures.csv?lang=en")
	if !strings.HasPrefix(got.body, "\ufeffComponent,Ministries,Share,Provinces,Share\r\nNetwork,1/1,100.0%,2/2,100.0%\r\n") {
		t.Errorf("got %q, want the figures", got.body)
	}
	for path, want := range map[string]string{
		"/board/2/report/file?format=pdf&language=en":                   "2  pdf en",
		"/board/2/report/file?format=docx&language=vi&known=2023-06-01": "2 2023-06-01 docx vi",
	} {
		if got := s.get("leader", path); got.body != want {
			t.Errorf("%s: got %q, want %q", path, got.body, want)
		}
	}
}

func TestNothingYet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.open("3", "2", "2023-06-09", "2023-07-01")
	if got := s.get("leader", "/board"); got.location != "/board/3" {
		t.Errorf("got sent to %q, want the newest round", got.location)
	}
	for _, page := range []string{
		"", "/matrix", "/map", "/stages", "/change", "/causes", "/causes?view=counts", "/causes?view=proposals", "/report",
		"/agency/H55", "/figure/provinces/all_five",
	} {
		if got := s.get("leader", "/board/3"+page); got.code != http.StatusOK {
			t.Errorf("%s: got %d, want 200", page, got.code)
		}
	}
	text := words(s.get("leader", "/board/3/change?lang=vi").body)
	if !slices.ContainsFunc([]string{"Qua tất cả các đợt"}, func(w string) bool { return strings.Contains(text, w) }) {
		t.Errorf("got no trend over three rounds in: %s", text)
	}
	if err := readiness.Can(people["leader"], readiness.ReadContact, ""); err == nil {
		t.Error("got a leader who sees contacts, want none")
	}
}
