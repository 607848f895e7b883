package readiness_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/readiness"
)

func causes(t testing.TB) readiness.Causes {
	t.Helper()
	cs, err := readiness.LoadCauses(dataFile(t, "causes.json"))
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

func TestClassify(t *testing.T) {
	t.Parallel()
	cs := causes(t)
	for text, want := range map[string][]string{
		"Chưa được bố trí kinh phí.":           {"budget"},
		"CHUA DUOC BO TRI KINH PHI":            {"budget"},
		"Thiếu nhân lực chuyên trách CNTT.":    {"staff"},
		"Nhà cung cấp chậm tiến độ.":           {"vendor"},
		"Đang hoàn thiện hồ sơ mời thầu.":      {"tender"},
		"Thiếu nhân lực; chưa bố trí kinh phí": {"budget", "staff"},
		"Nhà thầu chậm bàn giao thiết bị":      {"vendor"},
		"Do thời tiết":                         {"other"},
		"":                                     {"other"},
		"kinh phíxyz":                          {"other"}, // whole words only
		"mới chỉ có một số cơ quan được bố trí kinh phí đầu tư, mua sắm": {"budget"},
		// The form's own examples.
		"Một số hệ thống thuê đặt tại trung tâm dữ liệu của doanh nghiệp, chưa có kênh truyền kết nối vào Mạng TSLCD của các cơ quan Đảng, " +
			"Nhà nước.": {"hosting"},
		"Hoàn thành thử nghiệm kết nối, chưa được đánh giá bảo đảm an toàn thông tin để đưa vào kết nối chính thức.": {"not_assessed"},
		"trang thiết bị đã đầu tư lâu, không được cập nhật, gia hạn bản quyền.":                                      {"outdated"},
	} {
		if d := cmp.Diff(want, cs.Classify(text)); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
}

func TestLoadCausesNamesTheLine(t *testing.T) {
	t.Parallel()
	raw := string(dataFile(t, "causes.json"))
	for name, c := range map[string]struct{ old, new, want string }{
		"twice":       {`"code": "tender"`, `"code": "budget"`, "stands twice"},
		"no English":  {`"en": "The vendor is late"`, `"en": ""`, "needs code"},
		"same phrase": {`"hồ sơ mời thầu"`, `"KINH PHÍ"`, "already stands"},
		"no other":    {`"code": "other"`, `"code": "rest"`, "missing"},
		"unknown":     {`"phrases"`, `"phrase"`, "phrase"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(raw, c.old, c.new, 1)
			if _, err := readiness.LoadCauses([]byte(broken)); broken == raw || err == nil || !strings.Contains(err.Error(), c.want) ||
				!strings.Contains(err.Error(), "line ") {
				t.Errorf("got %v, want a line number and %q", err, c.want)
			}
		})
	}
}

func TestAggregate(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	unmet := func(stage string, month readiness.Month, note string) func(*readiness.Answer) {
		return func(a *readiness.Answer) {
			a.Compliance, a.Stage, a.ExpectedMonth, a.Note = "not_met", stage, month, note
		}
	}
	province := func(code string, r, previous readiness.Return) readiness.Reported {
		r.Agency = code
		return readiness.Reported{Agency: readiness.Agency{Code: code, Name: code, Kind: readiness.Province}, Return: r, Previous: &previous}
	}
	base := metReturn(1)
	before := change(change(base, "2", unmet("tendering", "2023-03", "")), "4.1", unmet("tendering", "2023-12", ""))

	a := change(base, "2", unmet("procuring", "2023-09", "Chưa được bố trí kinh phí."))
	a = change(a, "3", func(x *readiness.Answer) {
		x.Compliance, x.Counts = "partially_met", counts(64, 187, 1240, 1875)
		x.Note, x.Causes = "Chưa có kinh phí. Số cơ quan 64/187", []string{"Chưa có kinh phí."}
	})
	a.Proposals = []readiness.Proposal{{Group: "security", Text: "Bổ sung mô hình"}, {Group: "network", Text: " "}}
	a.Difficulties = []string{"Thiếu hướng dẫn", ""}
	a.Recommendations = []string{"Sớm ban hành"}
	// b still promises the month that has passed, moved the other, and lists what is unmet.
	b := change(base, "2", func(x *readiness.Answer) {
		unmet("procuring", "2023-03", "Nhà cung cấp chậm")(x)
		x.Compliance = "partially_met"
		x.Unmet = []string{"Số hoá hồ sơ", "SSO"}
	})
	b = change(b, "4.1", func(x *readiness.Answer) { unmet("", "", "")(x); x.Unmet = []string{"số hóa hồ sơ."} })
	b = change(b, "3", func(x *readiness.Answer) { x.Counts = &readiness.Counts{DevicesHave: num(10), DevicesNeed: num(10)} })
	got := readiness.Add(tpl, causes(t), "2023-06", []readiness.Reported{province("H02", b, before), province("H01", a, before)})

	if got.Units.Part != 64 || got.Units.Whole != 187 || got.Devices.Part != 1250 || got.Devices.Whole != 1885 {
		t.Errorf("units %d/%d, devices %d/%d", got.Units.Part, got.Units.Whole, got.Devices.Part, got.Devices.Whole)
	}
	if len(got.Units.Missing) != 0 || len(got.Devices.Given) != 2 {
		t.Errorf("units missing %v, devices given %d: who meets the row need not count units", got.Units.Missing, len(got.Devices.Given))
	}
	stage := func(component, key string) []string {
		for _, f := range got.Stages {
			if f.Component == component {
				return wrote(bucket(f.Stages, key).Entries)
			}
		}
		return nil
	}
	for name, c := range map[string]struct{ got, want []string }{
		"procuring": {stage("procedure_system", "procuring"), []string{"H01 2 ", "H02 2 "}},
		"no stage":  {stage("connection", ""), []string{"H02 4.1 "}},
		"undated":   {wrote(got.Undated), []string{"H01 3 ", "H02 4.1 "}},
		"march":     {wrote(bucket(got.Months, "2023-03").Entries), []string{"H02 2 "}},
		"budget": {
			wrote(bucket(got.Causes, "budget").Entries), []string{"H01 2 Chưa được bố trí kinh phí.", "H01 3 Chưa có kinh phí."},
		},
		"vendor":             {wrote(bucket(got.Causes, "vendor").Entries), []string{"H02 2 Nhà cung cấp chậm"}},
		"unmet, however put": {wrote(bucket(got.Unmet, "so hoa ho so").Entries), []string{"H02 2 Số hoá hồ sơ", "H02 4.1 số hóa hồ sơ."}},
		"proposals":          {wrote(bucket(got.Proposals, "security").Entries), []string{"H01  Bổ sung mô hình"}},
		"nothing proposed":   {wrote(bucket(got.Proposals, "network").Entries), nil},
		"difficulties":       {wrote(got.Difficulties), []string{"H01  Thiếu hướng dẫn"}},
		"recommendations":    {wrote(got.Recommendations), []string{"H01  Sớm ban hành"}},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	slips := map[string]int{}
	for _, e := range got.Slips {
		slips[e.Agency+" "+e.Row] = e.N
	}
	// H01 moved row 2 from March to September; H02 still says March in June.
	// Row 4.1 of H02 was promised for December: no slip yet.
	if d := cmp.Diff(map[string]int{"H01 2": 6, "H02 2": 3}, slips); d != "" {
		t.Error(d)
	}
	if got.Unmet[0].Key != "so hoa ho so" {
		t.Errorf("the most frequent is %q", got.Unmet[0].Key)
	}
}

func bucket(bs []readiness.Bucket, key string) readiness.Bucket {
	for _, b := range bs {
		if b.Key == key {
			return b
		}
	}
	return readiness.Bucket{}
}

func wrote(es []readiness.Entry) []string {
	var out []string
	for _, e := range es {
		out = append(out, e.Agency+" "+e.Row+" "+e.Text)
	}
	return out
}
