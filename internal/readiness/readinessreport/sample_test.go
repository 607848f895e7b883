package readinessreport

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/readiness"
)

func printer(t testing.TB, lang i18n.Lang) *i18n.Printer {
	t.Helper()
	c, err := i18n.Load(Messages, paper.Messages, chart.Messages)
	if err != nil {
		t.Fatal(err)
	}
	return c.In(lang)
}

func file(t testing.TB, path ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "..", "data"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func table(t testing.TB, path ...string) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(file(t, path...)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func template(t testing.TB) *readiness.Template {
	t.Helper()
	tpl, err := readiness.LoadTemplate(file(t, "readiness", "template-488.v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func campaigns(t testing.TB) []readiness.Campaign {
	t.Helper()
	cs, err := readiness.LoadCampaigns(file(t, "readiness", "campaigns.json"))
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

func ptr(n int) *int { return &n }

// made makes the return of agency number i in a round: the later the round, the
// more is met.
func made(a readiness.Agency, i, round int, nasty string) readiness.Return {
	level := []string{"not_met", "partially_met", "met"}
	pick := func(k int) string {
		if i%6 == 0 && round > 1 {
			return "met"
		}
		return level[min(2, ((i*7+k*3)%5+round-i%2)/2)]
	}
	ret := readiness.Return{
		Agency: a.Code, Heading: a.Name, Template: "488/1", Letter: readiness.LetterRef{
			Number: "812/UBND-CNN", Date: clock.MustDate("2023-02-24"),
		},
		Contact: readiness.Contact{
			FullName: "Nguyễn Văn Mẫu", Organisation: "Sở Thông tin và Truyền thông", Position: "Chuyên viên", Phone: "0900000000",
			Email: "mau@example.vn",
		},
		Proposals: []readiness.Proposal{
			{Group: "online_services", Text: nasty + "Xem xét bổ sung hệ thống cấp số thứ tự tại bộ phận một cửa."},
			{Group: "security"},
		},
		Difficulties:    []string{nasty + "Chưa được bố trí đủ kinh phí.", "Nhân lực chuyên trách còn thiếu."},
		Recommendations: []string{"Đề nghị ban hành hướng dẫn chi tiết kết nối."},
	}
	add := func(row, key, system, compliance string, k int) {
		ans := readiness.Answer{Row: row, Key: key, System: system, Unit: "Sở Thông tin và Truyền thông", Compliance: compliance}
		if compliance != "met" && compliance != "approved" && compliance != "submitted" {
			ans.Stage = []string{"not_planned", "tendering", "procuring", "project_approval"}[(i+k)%4]
			ans.ExpectedMonth = readiness.Month(fmt.Sprintf("2023-%02d", 3+(i+k)%9))
			ans.Note = nasty + "Chưa được bố trí kinh phí."
			ans.Causes = []string{ans.Note}
			ans.Unmet = []string{"Số hoá hồ sơ", "IDS/IPS, WAF"}
		}
		if key == "3" && i%3 > 0 {
			ans.Counts = &readiness.Counts{UnitsUnmet: ptr(64), UnitsTotal: ptr(187), DevicesHave: ptr(1240), DevicesNeed: ptr(1875)}
		}
		ret.Answers = append(ret.Answers, ans)
	}
	const main = "Hệ thống thông tin giải quyết thủ tục hành chính"
	add("1.1", "1.n", main, pick(1), 1)
	add("1.2", "1.n", "CSDL chuyên ngành", pick(2), 2)
	add("2", "2", "", pick(3), 3)
	add("3", "3", "", pick(4), 4)
	add("4.1", "4.1", main, pick(5), 5)
	add("4.3", "4.3", "Hệ thống quản lý văn bản", pick(6), 6)
	add("5.1-a", "5.n-a", main, []string{"submitted", "approved"}[min(1, (i+1)%3)], 7)
	add("5.1-b", "5.n-b", main, pick(8), 8)
	return ret
}

// input makes a whole report from returns, the way that the program does.
func input(t testing.TB, nasty string) Input {
	t.Helper()
	tpl, cs := template(t), campaigns(t)
	causes, err := readiness.LoadCauses(file(t, "readiness", "causes.json"))
	if err != nil {
		t.Fatal(err)
	}
	province := map[string]string{} // agency → province code
	var all []readiness.Agency
	for _, r := range table(t, "codes", "agencies.csv") {
		a := readiness.Agency{Code: r["code"], Name: nasty + r["name_2023"], Kind: readiness.Ministry}
		if p := r["province_code_2022"]; p != "" {
			a.Kind, province[p] = readiness.Province, a.Code
		}
		all = append(all, a)
	}
	round := func(c readiness.Campaign, n int) (Round, []readiness.Return) {
		var statements []readiness.Statement
		var returns []readiness.Return
		for i, a := range all {
			if !c.Recipients.Has(a.Code) {
				continue
			}
			s := readiness.Statement{Agency: a.Code, Name: a.Name, Kind: a.Kind, Recipient: true}
			ret := made(a, i, n, nasty)
			if i%31 != 5 || n == 2 {
				v, err := readiness.Evaluate(readiness.ComponentMet1, tpl, ret, a.Kind)
				if err != nil {
					t.Fatal(err)
				}
				s.Version, s.KnownAt, s.Verdict = 1, c.Due.Start().Add(9*time.Hour), v
				returns = append(returns, ret)
			}
			statements = append(statements, s)
		}
		q := readiness.Question{Campaign: c.ID, KnownOn: c.Due.AddDays(10), TrueOn: c.Recipients.On}
		return Round{Campaign: c, Figures: readiness.Tally(q, readiness.ComponentMet1, tpl, statements), Statements: statements}, returns
	}
	before, old := round(cs[0], 1)
	now, returns := round(cs[1], 2)
	now.Statements[3].Version = 0 // one that has not answered
	now.Figures = readiness.Tally(now.Figures.Question, readiness.ComponentMet1, tpl, now.Statements)
	byAgency := map[string]*readiness.Return{}
	for i := range old {
		byAgency[old[i].Agency] = &old[i]
	}
	var reported []readiness.Reported
	for _, ret := range returns {
		for _, a := range all {
			if a.Code == ret.Agency {
				reported = append(reported, readiness.Reported{Agency: a, Return: ret, Previous: byAgency[a.Code]})
			}
		}
	}
	in := Input{
		Round: now, Previous: &before, Template: tpl, Aggregate: readiness.Add(tpl, causes, "2023-06", reported),
		Chased: readiness.Chase(cs[1], cs[1].Due.AddDays(10), []readiness.Standing{{
			Agency: readiness.Agency{Code: "G05", Name: now.Statements[3].Name}, State: readiness.SentBack, Problems: 3,
		}}),
		Claims: []Claim{
			{
				Text: "Đáp ứng 100%", Source: "Văn bản số 1877/BTTTT-CĐSQG", AsOf: "22/5/2023", Claimed: "5/20", Recomputed: "5/20",
				Difference: "0", Equal: true,
			},
			{
				Text: "Nhiệm vụ của trung ương đã hoàn thành", Source: "Hội nghị ngày 9/8/2022", AsOf: "09/8/2022", Claimed: "21/89",
				Recomputed: "không tính được", Difference: "–",
			},
		},
		Symbol: "BC-BTTTT", Date: clock.MustDate("2023-07-03"), Signatory: readiness.Signatory{
			Position: readiness.Text{Vi: "BỘ TRƯỞNG", En: "Minister"}, Name: "Nguyễn Văn Mẫu",
		},
		CopiesTo: []string{"Như trên", "Các Phó Thủ tướng Chính phủ", "Bộ Công an, Văn phòng Chính phủ", "Lưu: VT, CĐSQG"},
		Proof:    "https://board.example.vn/readiness/1877?known=2023-06-30",
		Map:      Map{Width: 576, Height: 660},
	}
	names := map[string]string{}
	for _, r := range table(t, "admin", "provinces_2022.csv") {
		names[r["code"]] = r["name"]
	}
	paths := map[string]string{}
	for _, r := range table(t, "map", "vn63.csv") {
		paths[r["code"]] = r["path"]
	}
	archipelagos := map[string]string{}
	for _, r := range table(t, "map", "archipelagos.csv") {
		archipelagos[r["key"]] = r["name"]
	}
	for _, r := range table(t, "map", "tiles.csv") {
		if r["geography"] != "63" {
			continue
		}
		col, _ := strconv.Atoi(r["col"])
		row, _ := strconv.Atoi(r["row"])
		if r["archipelago"] != "" {
			in.Map.Islands = append(in.Map.Islands, chart.Tile{
				Code: r["archipelago"], Name: archipelagos[r["archipelago"]], Col: col, Row: row, PartOf: r["code"],
			})
			continue
		}
		in.Map.Places = append(in.Map.Places, Place{
			Agency: province[r["code"]], Code: r["code"], Name: names[r["code"]], Col: col, Row: row, Path: paths[r["code"]],
		})
	}
	for _, r := range table(t, "map", "archipelagos.csv") {
		x, _ := strconv.ParseFloat(r["x"], 64)
		y, _ := strconv.ParseFloat(r["y"], 64)
		in.Map.Archipelagos = append(in.Map.Archipelagos, chart.Archipelago{Name: r["name"], X: x, Y: y, Of: r["province"]})
	}
	return in
}

// save keeps an output where SAMPLES says, to be looked at.
func save(t testing.TB, name string, raw []byte) {
	t.Helper()
	if dir := os.Getenv("SAMPLES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
