package readiness_test

import (
	"strings"
	"testing"
	"unicode"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// Folding what is folded changes nothing, for every character that there is.
func TestFoldOfEachCharacterIsStable(t *testing.T) {
	t.Parallel()
	for r := range rune(unicode.MaxRune + 1) {
		once := readiness.Fold(string(r))
		if twice := readiness.Fold(once); twice != once {
			t.Errorf("%U: Fold gives %q, folded again %q", r, once, twice)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Đáp ứng  1 phần.":         "dap ung 1 phan",
		"ĐÁP ỨNG MỘT PHẦN":         "dap ung 1 phan",
		"Hoà Bình / Hòa-Bình":      "hoa binh hoa binh",
		"  …  ":                    "",
		"e\u0302\u0301 UBND":       "e ubnd",
		"một cửa":                  "1 cua",
		"Đề án 06/CP\u00a0(số\tI)": "de an 06 cp so i",
		"Ð là eth":                 "d la eth",
	} {
		if got := readiness.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		f := readiness.Fold(s)
		if again := readiness.Fold(f); again != f {
			t.Fatalf("Fold(%q) = %q, folded again %q", s, f, again)
		}
		if strings.Contains(f, "  ") || strings.TrimSpace(f) != f {
			t.Fatalf("Fold(%q) = %q has loose spaces", s, f)
		}
	})
}

func TestReadOption(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	const list = "- Đã đáp ứng\n- Đáp ứng một phần\n- Chưa đáp ứng"
	for _, c := range []struct {
		in     string // "~" around what is struck out, "*" around what is marked
		key    string
		reason string // empty: sure
	}{
		{"Đã đáp ứng", "met", ""},
		{"Đáp ứng", "met", ""},
		{"đã đáp ứng.", "met", ""},
		{"DA DAP UNG", "met", ""},
		{"- Đã đáp ứng;", "met", ""},
		{"Đã đáp ứng 100%", "met", ""},
		{"Đáp ứng 1 phần", "partially_met", ""},
		{"Đáp ứng một phần.", "partially_met", ""},
		{"Đã đáp ứng một phần", "partially_met", ""},
		{"Chưa đáp ứng đầy đủ", "partially_met", ""},
		{"chưa đáp ứng.", "not_met", ""},
		{"Không đáp ứng", "not_met", ""},
		{"Chọn một trong các phương án: Chưa đáp ứng", "not_met", ""},
		{"Chọn một trong các phương án:\n- Đáp ứng một phần", "partially_met", ""},
		{"~- Đã đáp ứng~\n- Đáp ứng một phần\n~- Chưa đáp ứng~", "partially_met", ""},
		{"~Đã đáp ứng/~ Đáp ứng một phần ~/Chưa đáp ứng~", "partially_met", ""},
		{"☒ Đã đáp ứng\n☐ Đáp ứng một phần\n☐ Chưa đáp ứng", "met", ""},
		{"☐ Đã đáp ứng ☑ Đáp ứng một phần ☐ Chưa đáp ứng", "partially_met", ""},
		{"Đã đáp ứng ☐ Đáp ứng một phần ☒ Chưa đáp ứng ☐", "partially_met", ""},
		{"Đã đáp ứng: ☐\nĐáp ứng một phần: ☒", "partially_met", ""},
		{"[ ] Đã đáp ứng\n[x] Chưa đáp ứng", "not_met", ""},
		{"( ) Đã đáp ứng\n(x) Chưa đáp ứng", "not_met", ""},
		{"✓ Đã đáp ứng", "met", ""},
		{"x Chưa đáp ứng", "not_met", ""},
		{"Chọn một trong các phương án:\n- Đã đáp ứng\n\nVí dụ: Chưa đáp ứng", "met", ""},

		{"", "", readiness.ReasonBlank},
		{"……", "", readiness.ReasonBlank},
		{"Chọn một trong các phương án:", "", readiness.ReasonBlank},
		{list, "", readiness.ReasonUntouched},
		{"Chọn một trong các phương án:\n" + list + "\nVí dụ: Chưa đáp ứng", "", readiness.ReasonUntouched},
		{"Đã đáp ứng - Đáp ứng một phần - Chưa đáp ứng", "", readiness.ReasonUntouched},
		{"☐ Đã đáp ứng\n☐ Đáp ứng một phần\n☐ Chưa đáp ứng", "", readiness.ReasonUntouched},
		{"Ví dụ: Chưa đáp ứng", "not_met", readiness.ReasonExample},
		{"- Đã đáp ứng\n*- Đáp ứng một phần*\n- Chưa đáp ứng", "partially_met", readiness.ReasonMarkedOnly},
		{"Đã đáp ứng\nChưa đáp ứng", "met", readiness.ReasonTwo},
		{"☒ Đã đáp ứng\n☒ Chưa đáp ứng", "met", readiness.ReasonTwo},
		{"Đã đáp ứng (đang nâng cấp)", "met", readiness.ReasonMore},
		{"Đã đáp ứng\nĐang nâng cấp", "met", readiness.ReasonMore},
		{"Không phải chưa đáp ứng", "not_met", readiness.ReasonMore},
		{"Chưa thể đáp ứng", "met", readiness.ReasonMore},
		{"Đang triển khai", "", readiness.ReasonFree},
		{"Đã đáp ứg", "met", readiness.ReasonFree},
		{"☒ Đang triển khai\n☐ Chưa đáp ứng", "", readiness.ReasonFree},
	} {
		got := readiness.ReadOption(tpl, readiness.ComplianceList, marked(c.in))
		sure := got.Confidence >= readiness.Sure
		if got.Key != c.key || got.Reason != c.reason || sure != (c.reason == "") {
			t.Errorf("%q: got %+v, want %q for %q", c.in, got, c.key, c.reason)
		}
	}
}

// marked makes lines of text in which "~" is around what is struck out and "*"
// around what is emphasised.
func marked(s string) []readiness.Line {
	var out []readiness.Line
	for line := range strings.SplitSeq(s, "\n") {
		var l readiness.Line
		for i, part := range strings.Split(line, "~") {
			for j, p := range strings.Split(part, "*") {
				l = append(l, readiness.Piece{Text: p, Struck: i%2 == 1, Marked: j%2 == 1})
			}
		}
		out = append(out, l)
	}
	return out
}

func TestReadDossier(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	for in, want := range map[string]string{
		"Đã được cấp có thẩm quyền phê duyệt": "approved",
		"đã phê duyệt": "approved",
		"Đã trình cấp có thẩm quyền phê duyệt":        "submitted",
		"Chưa lập, trình cấp có thẩm quyền phê duyệt": "not_submitted",
		"Chưa lập": "not_submitted",
	} {
		if got := readiness.ReadOption(tpl, readiness.DossierList, readiness.LinesOf(in)); got.Key != want || got.Confidence < readiness.Sure {
			t.Errorf("%q: got %+v, want %s", in, got, want)
		}
	}
}

func TestReadMonth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in        string
		month     readiness.Month
		precision readiness.Precision
		reason    string
	}{
		{"tháng 6/2023", "2023-06", readiness.ByMonth, ""},
		{"T12/2023", "2023-12", readiness.ByMonth, ""},
		{"6/2023", "2023-06", readiness.ByMonth, ""},
		{"06-2023", "2023-06", readiness.ByMonth, ""},
		{"2023-06", "2023-06", readiness.ByMonth, ""},
		{"tháng 6 năm 2023", "2023-06", readiness.ByMonth, ""},
		{"Tháng 06, 2023.", "2023-06", readiness.ByMonth, ""},
		{"31/12/2023", "2023-12", readiness.ByDay, ""},
		{"ngày 31 tháng 12 năm 2023", "2023-12", readiness.ByDay, ""},
		{"trước ngày 30.6.2023", "2023-06", readiness.ByDay, ""},
		{"2023-12-31", "2023-12", readiness.ByDay, ""},
		{"quý II/2023", "2023-06", readiness.ByQuarter, ""},
		{"Quý 2 năm 2023", "2023-06", readiness.ByQuarter, ""},
		{"Quí IV - 2023", "2023-12", readiness.ByQuarter, ""},
		{"Q3/2023", "2023-09", readiness.ByQuarter, ""},
		{"6 tháng đầu năm 2023", "2023-06", readiness.ByHalf, ""},
		{"sáu tháng cuối năm 2023", "2023-12", readiness.ByHalf, ""},
		{"cuối năm 2023", "2023-12", readiness.ByYear, ""},
		{"năm 2023", "2023-12", readiness.ByYear, ""},
		{"trong năm 2023", "2023-12", readiness.ByYear, ""},
		{"dự kiến hoàn thành, đưa vào khai thác chính thức tháng 6/2023", "2023-06", readiness.ByMonth, ""},

		{"", "", "", ""},
		{"chưa xác định", "", "", readiness.ReasonNoDate},
		{"6/023", "2023-06", readiness.ByMonth, readiness.ReasonShortYear},
		{"tháng 6/23", "2023-06", readiness.ByMonth, readiness.ReasonShortYear},
		{"13/2023", "", "", readiness.ReasonImpossible},
		{"tháng 0/2023", "", "", readiness.ReasonImpossible},
		{"31/2/2023", "2023-02", readiness.ByMonth, readiness.ReasonImpossible},
		{"tháng 6", "", "", readiness.ReasonNoYear},
		{"từ tháng 6/2023 đến tháng 9/2023", "2023-09", readiness.ByMonth, readiness.ReasonManyDates},
		{"đầu năm 2024", "2024-03", readiness.ByQuarter, readiness.ReasonVagueDate},
		{"sau tháng 6/2023", "2023-06", readiness.ByMonth, readiness.ReasonVagueDate},
		{"2023", "2023-12", readiness.ByYear, readiness.ReasonVagueDate},
	} {
		got := readiness.ReadMonth(c.in)
		if got.Month != c.month || got.Precision != c.precision || got.Reason != c.reason ||
			(got.Confidence >= readiness.Sure) != (c.reason == "" && c.in != "") {
			t.Errorf("%q: got %+v, want %s by %s, reason %q", c.in, got, c.month, c.precision, c.reason)
		}
	}
}

func TestReadStage(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	all := ""
	for _, o := range tpl.Options[readiness.StageList] {
		all += "\n- " + o.Vi
	}
	for _, c := range []struct {
		in, key, other string
		month          readiness.Month
		reason         string
	}{
		{"Hoàn thành mua sắm", "procured", "", "", ""},
		{"Triển khai mua sắm; dự kiến hoàn thành, đưa vào khai thác chính thức tháng 6/2023", "procuring", "", "2023-06", ""},
		{"Triển khai mua sắm; dự kiến hoàn thành, đưa vào khai thác tháng 6/2023", "procuring", "", "2023-06", ""},
		{
			"Trình, phê duyệt dự án/kế hoạch thuê dịch vụ/đề cương, dự toán chi tiết; dự kiến hoàn thành quý II/2023",
			"project_approval", "", "2023-06", "",
		},
		{"Tổ chức đấu thầu (T6/2023)", "tendering", "", "2023-06", ""},
		{"Tổ chức đấu thầu, hoàn thành trong tháng 6/2023", "tendering", "", "2023-06", ""},
		{
			"Chưa lập dự án/kế hoạch thuê dịch vụ/đề cương, dự toán chi tiết; ; dự kiến hoàn thành, đưa vào khai thác chính thức tháng 6/2023",
			"not_planned", "", "2023-06", "",
		},
		{"Đang tổ chức đấu thầu\nDự kiến hoàn thành: 31/12/2023", "tendering", "", "2023-12", ""},
		{"Khác: dùng chung hạ tầng của tỉnh", "other", "dùng chung hạ tầng của tỉnh", "", ""},
		{"Khác (thuê của VNPT); dự kiến hoàn thành tháng 9/2023", "other", "thuê của VNPT", "2023-09", ""},
		{
			"Chọn một trong các phương án và dự kiến thời gian hoàn thành, đưa vào khai thác chính thức:\n- Tổ chức đấu thầu\nVí dụ: Hoàn thành " +
				"mua sắm",
			"tendering", "", "", "",
		},
		{
			"Tổ chức đấu thầu; dự kiến hoàn thành, đưa vào khai thác chính thức tháng …/2023", "tendering", "", "2023-12",
			readiness.ReasonVagueDate,
		},

		{"", "", "", "", readiness.ReasonBlank},
		{all, "", "", "", readiness.ReasonUntouched},
		{
			"Chọn một trong các phương án và dự kiến thời gian hoàn thành, đưa vào khai thác chính thức:" + all +
				"\nVí dụ: Triển khai mua sắm; dự kiến hoàn thành, đưa vào khai thác tháng 6/023",
			"", "", "", readiness.ReasonUntouched,
		},
		{"Ví dụ: Hoàn thành mua sắm", "procured", "", "", readiness.ReasonExample},
		{"Khác: ghi rõ", "other", "", "", readiness.ReasonOtherBlank},
		{"Tháng 12/2023", "", "", "2023-12", readiness.ReasonFree},
		{"Tổ chức đấu thầu; dự kiến hoàn thành tháng 13/2023", "tendering", "", "", readiness.ReasonImpossible},
		{"Triển khai mua sắm; dự kiến 6/023", "procuring", "", "2023-06", readiness.ReasonShortYear},
		{"Đang xin ý kiến các sở", "", "", "", readiness.ReasonFree},
		{"Tổ chức đấu thầu; dự kiến sớm có kết quả", "tendering", "", "", readiness.ReasonNoDate},
	} {
		got := readiness.ReadStage(tpl, readiness.LinesOf(c.in))
		if got.Key != c.key || got.Other != c.other || got.Time.Month != c.month || got.Reason != c.reason ||
			(got.Confidence >= readiness.Sure) != (c.reason == "") {
			t.Errorf("%q: got %+v, want %q %q %s, reason %q", c.in, got, c.key, c.other, c.month, c.reason)
		}
	}
}

func number(n int) *int { return &n }

func TestReadNoteCounts(t *testing.T) {
	t.Parallel()
	row, _ := appendix488(t).Row("3")
	counts := func(a, b, c, d int) *readiness.Counts {
		var out readiness.Counts
		for i, p := range []**int{&out.UnitsUnmet, &out.UnitsTotal, &out.DevicesHave, &out.DevicesNeed} {
			if n := []int{a, b, c, d}[i]; n >= 0 {
				*p = number(n)
			}
		}
		return &out
	}
	for _, c := range []struct {
		in     string
		want   *readiness.Counts
		causes []string
		reason string
	}{
		{
			"Chưa được bố trí kinh phí; số cơ quan chưa đáp ứng: 64/187; số lượng thiết bị đã có: 1240/1875.",
			counts(64, 187, 1240, 1875),
			[]string{"Chưa được bố trí kinh phí"},
			"",
		},
		{
			"Nhà cung cấp chậm tiến độ. Số cơ quan chưa đáp ứng: 171/237; số lượng thiết bị đã có: 353/826.",
			counts(171, 237, 353, 826),
			[]string{"Nhà cung cấp chậm tiến độ"},
			"",
		},
		{"Số lượng thiết bị đã có: 1.240/1.875", counts(-1, -1, 1240, 1875), nil, readiness.ReasonTwoReadings},
		{"Số lượng thiết bị đã có: 1 240/1 875", counts(-1, -1, 1240, 1875), nil, ""},
		{"Số lượng thiết bị đã có: 1,240/1,875", counts(-1, -1, 1240, 1875), nil, readiness.ReasonTwoReadings},
		{"64 trên tổng số 187 cơ quan chưa đáp ứng", counts(64, 187, -1, -1), nil, ""},
		{"64/187 cơ quan chưa đáp ứng, 1240/1875 thiết bị đã có", counts(64, 187, 1240, 1875), nil, ""},
		{"chưa đáp ứng: 171/237\nđã có: 353/826", counts(171, 237, 353, 826), nil, ""},
		{"Tổng số thiết bị cần mua sắm/đã có: 1875/1240", counts(-1, -1, 1240, 1875), nil, ""},
		{
			"Số lượng cơ quan chưa đáp ứng/tổng số cơ quan cần trang bị: 64/187; số lượng thiết bị đã có/tổng số thiết bị cần mua sắm: 1240/1875",
			counts(64, 187, 1240, 1875), nil, "",
		},
		{"Tổng số cơ quan cần trang bị: 187; số cơ quan chưa đáp ứng: 64", counts(64, 187, -1, -1), nil, ""},
		{"Hoàn thành ngày 12/5/2022", nil, []string{"Hoàn thành ngày 12/5/2022"}, ""},

		{"64/187", nil, nil, readiness.ReasonCountLabel},
		{
			"Mới trang bị được 64 trên tổng số 187 xã; thiết bị đạt khoảng 66% (1.240 chiếc)", counts(123, 187, -1, -1),
			[]string{"thiết bị đạt khoảng 66% (1.240 chiếc)"},
			readiness.ReasonCountLabel,
		},
		{"64/187 cơ quan chưa đáp ứng và 1240/1875 thiết bị đã có", counts(64, 187, 1240, 1875), nil, ""},
		{"Số thiết bị còn thiếu: 635/1875", counts(-1, -1, 1240, 1875), nil, readiness.ReasonCountLabel},
		{"64 xã trên tổng số 187 xã chưa được trang bị", counts(64, 187, -1, -1), nil, ""},
		{"Tổng số thiết bị còn thiếu: 635", nil, []string{"Tổng số thiết bị còn thiếu: 635"}, readiness.ReasonCountUnread},
		{"Số cơ quan: 64/187", counts(64, 187, -1, -1), nil, readiness.ReasonCountLabel},
		{"Số cơ quan chưa đáp ứng: 187/64", counts(187, 64, -1, -1), nil, readiness.ReasonCountOrder},
		{"Số cơ quan đã đáp ứng: 123/187", counts(64, 187, -1, -1), nil, readiness.ReasonCountLabel},
	} {
		got := readiness.ReadNote(row, readiness.LinesOf(c.in))
		if diff := cmp.Diff(c.want, got.Counts); diff != "" {
			t.Errorf("%q counts (-want +got):\n%s", c.in, diff)
		}
		if diff := cmp.Diff(c.causes, got.Causes, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q causes (-want +got):\n%s", c.in, diff)
		}
		if got.Reason != c.reason || got.Note != c.in {
			t.Errorf("%q: reason %q, want %q; note %q", c.in, got.Reason, c.reason, got.Note)
		}
	}
}

func TestReadNoteUnmetAndDecision(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	for _, c := range []struct {
		row, in string
		want    readiness.NoteFacts
	}{
		{"2", "Các chức năng chính chưa đáp ứng: Số hoá hồ sơ; kết nối Hệ thống định danh và xác thực điện tử.", readiness.NoteFacts{
			Unmet: []string{"Số hoá hồ sơ", "kết nối Hệ thống định danh và xác thực điện tử"},
		}},
		{"2", "Chưa bố trí kinh phí. Chức năng chưa đáp ứng:\n- Số hoá hồ sơ\n- Thanh toán", readiness.NoteFacts{
			Causes: []string{"Chưa bố trí kinh phí"}, Unmet: []string{"Số hoá hồ sơ", "Thanh toán"},
		}},
		{"5.n-b", "Yêu cầu chưa đáp ứng: IDS/IPS, WAF.", readiness.NoteFacts{Unmet: []string{"IDS/IPS", "WAF"}}},
		{"5.n-a", "Quyết định số 1033/QĐ-STTTT", readiness.NoteFacts{Decision: &readiness.LetterRef{Number: "1033/QĐ-STTTT"}}},
		{
			"5.n-a", "QĐ 58/QĐ-STTTT ngày 12/5/2022",
			readiness.NoteFacts{Decision: &readiness.LetterRef{Number: "58/QĐ-STTTT", Date: clock.NewDate(2022, 5, 12)}},
		},
		{
			"5.n-a", "Quyết định số 58 / QĐ - STTTT, ngày 12 tháng 5 năm 2022",
			readiness.NoteFacts{Decision: &readiness.LetterRef{Number: "58/QĐ-STTTT", Date: clock.NewDate(2022, 5, 12)}},
		},
		{"5.n-a", "Quyết định số 808/QĐ-2023", readiness.NoteFacts{Decision: &readiness.LetterRef{Number: "808/QĐ-2023"}}},
		{"5.n-a", "Cung cấp số quyết định phê duyệt", readiness.NoteFacts{}},
		{"5.n-a", "Ví dụ: Quyết định số .../QĐ-BGDĐT", readiness.NoteFacts{Reason: readiness.ReasonExample}},
		{
			"5.n-a", "QĐ 58/QĐ-STTTT và 59/QĐ-STTTT",
			readiness.NoteFacts{Decision: &readiness.LetterRef{Number: "58/QĐ-STTTT"}, Reason: readiness.ReasonManyNumbers},
		},
		{"4.1", "- Nguyên nhân chưa đáp ứng/đáp ứng một phần: Chưa có kinh phí", readiness.NoteFacts{Causes: []string{"Chưa có kinh phí"}}},
		{"4.1", "- Nguyên nhân chưa đáp ứng/đáp ứng một phần.\nVí dụ: Chưa có kinh phí.", readiness.NoteFacts{Reason: readiness.ReasonExample}},
	} {
		row, _ := tpl.Row(c.row)
		got := readiness.ReadNote(row, readiness.LinesOf(c.in))
		got.Note, got.Confidence = "", 0
		if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(clock.Date{})); diff != "" {
			t.Errorf("row %s %q (-want +got):\n%s", c.row, c.in, diff)
		}
	}
}

func TestLetterNumbers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]readiness.LetterRef{
		"(Kèm theo Văn bản số 812/UBND-CNN&XD ngày 24/02/2023)": {Number: "812/UBND-CNN&XD", Date: clock.NewDate(2023, 2, 24)},
		"Số: 488 /BTTTT-CĐSQG":                                  {Number: "488/BTTTT-CĐSQG"},
		"Quyết định số 06/QĐ-TTg ngày 06/01/2022":               {Number: "06/QĐ-TTg", Date: clock.NewDate(2022, 1, 6)},
		"Văn bản số     /BTTTT-CĐSQG ngày / /2023":              {},
		"Nghị định số 30/2020/NĐ-CP ngày 5/3/2020":              {Number: "30/2020/NĐ-CP", Date: clock.NewDate(2020, 3, 5)},
		"VB số 12/ubnd-vx, ngày 2 tháng 3 năm 2023 v":           {Number: "12/UBND-VX", Date: clock.NewDate(2023, 3, 2)},
	} {
		if got := readiness.FindLetter(in); got != want {
			t.Errorf("%q: got %v, want %v", in, got, want)
		}
	}
}

func TestDeclareSystems(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	ret := readiness.Return{Answers: []readiness.Answer{
		{Key: "1.n", Row: "1.1", System: "Hệ thống thông tin giải quyết thủ tục hành chính của Bộ"},
		{Key: "1.n", Row: "1.2", System: "CSDL ngành Giáo dục và Đào tạo", Unit: "Cục CNTT"},
		{Key: "2", Row: "2"},
		{Key: "3", Row: "3"},
		{Key: "4.1", Row: "4.1"},
		{Key: "4.2", Row: "4.2", System: "CSDL NGÀNH GIÁO DỤC VÀ ĐÀO TẠO"},
		{Key: "4.3", Row: "4.3", System: "Hệ thống tuyển sinh"},
		{Key: "5.n-a", Row: "5.1-a", System: "HTTT giải quyết TTHC"},
		{Key: "5.n-b", Row: "5.2-b", System: "Cơ sở dữ liệu chuyên ngành Giáo dục và Đào tạo"},
		{Key: "5.n-b", Row: "5.3-b", System: "CSDL ngành Giáo dục"},
	}}
	readiness.DeclareSystems(tpl, &ret)
	var got []string
	for _, a := range ret.Answers {
		got = append(got, a.Row+"="+a.SystemID)
	}
	want := []string{"1.1=s1", "1.2=s2", "2=s1", "3=", "4.1=s1", "4.2=s2", "4.3=s3", "5.1-a=s1", "5.2-b=s2", "5.3-b=s4"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	kinds := []string{}
	for _, s := range ret.Systems {
		kinds = append(kinds, s.Kind)
	}
	if diff := cmp.Diff([]string{"procedure_system", "database", "sector_system", "database"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	again := ret
	readiness.DeclareSystems(tpl, &again)
	if diff := cmp.Diff(ret, again, cmpopts.EquateComparable(clock.Date{})); diff != "" {
		t.Errorf("declared twice (-once +twice):\n%s", diff)
	}
}
