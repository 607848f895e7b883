package readiness_test

import (
	"encoding/json"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

func sense(t testing.TB) *readiness.Sense {
	t.Helper()
	s, err := readiness.LoadSense(dataFile(t, "sense.v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSampleReturnsMakeSense: the rules find nothing in the returns of both rounds.
func TestSampleReturnsMakeSense(t *testing.T) {
	t.Parallel()
	tpl, rules := appendix488(t), sense(t)
	for year, day := range map[string]clock.Date{"2022": clock.NewDate(2023, 2, 15), "2023": clock.NewDate(2023, 5, 22)} {
		for name, ret := range sample(t, year) {
			for _, p := range rules.Check(tpl, ret, kindOfFile(name), day) {
				t.Errorf("%s: %s %s %v", name, p.Row, p.Text, p.Args["why"])
			}
		}
	}
}

// TestAnswersThatMakeSense: sentences as officials write them, in answer to the letter of
// 15 February 2023. "choice | stage | note"; an empty cell is left out.
func TestAnswersThatMakeSense(t *testing.T) {
	t.Parallel()
	tpl, rules := appendix488(t), sense(t)
	const (
		plan     = "Chưa lập dự án/kế hoạch thuê dịch vụ/đề cương, dự toán chi tiết; dự kiến hoàn thành, đưa vào khai thác chính thức tháng 12/2023"
		approval = "Trình, phê duyệt dự án; dự kiến hoàn thành tháng 9/2023"
		buying   = "Triển khai mua sắm; dự kiến hoàn thành, đưa vào khai thác chính thức tháng 6/2023"
	)
	for row, cases := range map[string][]struct{ stops, in string }{
		"2": {
			// What stands beside "Đã đáp ứng" without a word against it.
			{"", "Đã đáp ứng"},
			{"", "Đã đáp ứng|Hoàn thành mua sắm"},
			{"", "Đã đáp ứng|Hoàn thành mua sắm|Không có"},
			{"", "Đã đáp ứng||Không có khó khăn, vướng mắc."},
			{"", "Đã đáp ứng||Hệ thống hoạt động ổn định, không phát sinh lỗi"},
			{"", "Đã đáp ứng||Hệ thống đang vận hành chính thức từ ngày 01/7/2022."},
			{"", "ĐÃ ĐÁP ỨNG||HE THONG DANG VAN HANH ON DINH"},
			{"", "Đã đáp ứng||Nâng cấp năm 2022, hệ thống mới đã đưa vào khai thác"},
			{"", "Đã đáp ứng||Đã hoàn thành thử nghiệm và đưa vào sử dụng chính thức"},
			{"", "Đã đáp ứng||Đã kết nối Cổng DVC quốc gia, phòng máy được sửa chữa năm 2022"},
			{"", "Đã đáp ứng||Thuê dịch vụ của VNPT, kho lưu trữ chứa dữ liệu hồ sơ từ 2015"},
			{"", "Đã đáp ứng||Đáp ứng 100% yêu cầu kỹ thuật"},
			{"", "Đã đáp ứng||Theo Kế hoạch số 12/KH-UBND ngày 10/01/2022"},
			{"", "Đã đáp ứng||Dùng chung mạng riêng ảo của tỉnh"},
			{"", "Đáp ứng đầy đủ||Đã nghiệm thu, bàn giao"},
			{"", "Đã đáp\nứng"},
			{"", "da dap ung"},
			// Answers that are not met, with their causes.
			{"", "Chưa đáp ứng|" + plan + "|Chưa được bố trí kinh phí."},
			{"", "Chưa đáp ứng|" + plan + "|Nguyên nhân chưa đáp ứng/đáp ứng một phần: chưa có kinh phí"},
			{"", "Chưa đáp ứng|" + approval + "|Đã hoàn thành hồ sơ mời thầu, đang chờ phê duyệt"},
			{"", "Chưa đáp ứng|" + buying + "|Đã hoàn thành thử nghiệm kết nối, chưa được đánh giá an toàn thông tin"},
			{"", "Chưa đáp ứng|" + buying + "|Đã đưa vào kế hoạch năm 2023"},
			{"", "Chưa đáp ứng|" + buying + "|Không đáp ứng được nhu cầu kết nối"},
			{"", "Đáp ứng một phần|" + buying + "|Nhà cung cấp chậm tiến độ. Các chức năng chính chưa đáp ứng: Số hoá hồ sơ; thanh toán"},
			{"", "Đáp ứng một phần|Hoàn thành mua sắm|Thiếu nhân lực vận hành"},
			{"", "Đáp ứng một phần|Tổ chức đấu thầu; dự kiến hoàn thành quý II/2023|Đã đáp ứng các chức năng tiếp nhận, trả kết quả; chưa có ký số"},
			{"", "Đáp ứng một phần|" + buying + "|Đã hoàn thành khoảng 80% khối lượng"},
			{"", "Đáp ứng một phần|Triển khai mua sắm; dự kiến hoàn thành 6 tháng cuối năm 2023|Thiếu máy chủ"},
			{"", "Đáp ứng một phần|Triển khai mua sắm; dự kiến hoàn thành tháng 12/2024|Vốn trung hạn"},

			// Question marks.
			{"question", "Đã đáp ứng?"},
			{"question", "Đã đáp ứng (?)"},
			{"question", "Đã đáp ứng ???"},
			{"question", "☒ Đã đáp ứng?\n☐ Đáp ứng một phần\n☐ Chưa đáp ứng"},
			{"question", "Chưa đáp ứng?|" + plan},
			{"question", "Chưa đáp ứng|Tổ chức đấu thầu? dự kiến tháng 6/2023"},
			{"question", "Đã đáp ứng||Hỏi lại VNPT?"},
			{"sign", "Đã đáp ứng*"},
			{"sign", "Đã đáp ứng (*)"},
			{"sign", "~ Đã đáp ứng"},
			// Choices that are none of the list.
			{"choice", "Cơ bản đáp ứng"},
			{"choice", "Đã cơ bản đáp ứng"},
			{"choice", "Đã đáp ứng cơ bản"},
			{"choice", "Đã đáp ứng 80%"},
			{"choice", "Đã đáp ứng khoảng 80 %"},
			{"choice", "Đã đáp ứng (chưa nghiệm thu)"},
			{"choice", "Sắp đáp ứng"},
			{"choice", "Đang đáp ứng"},
			{"choice", "Không phải chưa đáp ứng"},
			{"choice", "đ/ư"},
			{"choice", "chưa đ.ư"},
			{"choice", "ĐU"},
			{"choice", "Đã đáp ứng\nmột số chức năng"},
			// The choice against the stage.
			{"stage", "Đã đáp ứng|" + plan},
			{"stage", "Đã đáp ứng|" + approval},
			{"stage", "Đã đáp ứng|Tổ chức đấu thầu"},
			{"stage", "Đã đáp ứng|" + buying},
			{"stage", "Đã đáp ứng|Hoàn thành mua sắm; dự kiến hoàn thành tháng 9/2023"},
			{"stage", "Đã đáp ứng|Khác: đang xin chủ trương"},
			{"stage", "Đã đáp ứng|Khác: chờ bàn giao"},
			{"stage", "Chưa đáp ứng|Hoàn thành mua sắm"},
			// The choice against the note.
			{"note", "Đã đáp ứng||Chưa nghiệm thu"},
			{"note", "Đã đáp ứng||chua nghiem thu"},
			{"note", "Đã đáp ứng||CHƯA ĐƯA VÀO SỬ DỤNG"},
			{"note", "Đã đáp ứng||Một số chức năng chưa đ.ư"},
			{"note", "Đã đáp ứng||còn phần ký số chưa đ/ư"},
			{"note", "Đã đáp ứng||phần ký số chg ĐƯ"},
			{"note", "Đã đáp ứng||Ko kết nối được với CSDL dân cư"},
			{"note", "Đã đáp ứng||Thực ra chưa đáp ứng"},
			{"note", "Đã đáp ứng||Không đáp ứng yêu cầu ký số"},
			{"note", "Đã đáp ứng||Mới đáp ứng một phần"},
			{"note", "Đã đáp ứng||Về cơ bản"},
			{"note", "Đã đáp ứng||Đáp ứng 80%"},
			{"note", "Đã đáp ứng||Đạt 80 phần trăm"},
			{"note", "Đã đáp ứng||Đang nâng cấp"},
			{"note", "Đã đáp ứng||dang nang cap he thong"},
			{"note", "Đã đáp ứng||Đang\nhoàn thiện chức năng thanh toán"},
			{"note", "Đã đáp ứng||Dự kiến tháng 9/2023 đưa vào vận hành"},
			{"note", "Đã đáp ứng||Sẽ bổ sung chức năng số hoá"},
			{"note", "Đã đáp ứng||Hệ thống chạy thử từ tháng 01/2023"},
			{"note", "Đã đáp ứng||Còn thiếu chữ ký số"},
			{"note", "Đã đáp ứng||Chỉ có 3 sở dùng"},
			{"note", "Đã đáp ứng||Hầu hết các chức năng"},
			{"note", "Đã đáp ứng||Nguyên nhân: nhà cung cấp"},
			{"note", "Đã đáp ứng||Các chức năng chính chưa đáp ứng: Số hoá hồ sơ; ký số"},
			{"note", "Đã đáp ứng|Trình, phê duyệt dự án; dự kiến hoàn thành tháng 9/2023|Các chức năng chính chưa đáp ứng: Số hoá hồ sơ"},
			{"note", "Chưa đáp ứng|" + plan + "|Đã đáp ứng, đang vận hành chính thức"},
			{"note", "Chưa đáp ứng|" + plan + "|Đã hoàn thành, đưa vào khai thác"},
			{"note", "Chưa đáp ứng|" + plan + "|da nghiem thu, ban giao thang 01/2023"},
			{"note", "Chưa đáp ứng|" + plan + "|Đã đáp ứng một phần: tiếp nhận, trả kết quả"},
			{"note", "Chưa đáp ứng|" + plan + "|Thực tế đã có"},
			{"note", "Đáp ứng một phần|" + buying + "|Đã đáp ứng đầy đủ"},
			{"note", "Đáp ứng một phần|" + buying + "|Đã hoàn thành 100%"},
			{"note", "Đáp ứng một phần|" + buying + "|Hoàn toàn chưa triển khai"},
			// Times.
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành tháng 6/2032"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành tháng 6/2027"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành tháng 6/2022"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành tháng 6-9/2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành 6-9/2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành tháng 6, 7/2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành tháng 6 hoặc tháng 7/2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến từ tháng 6/2023 đến tháng 9/2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành quý II-III/2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành quý II, III năm 2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành quý 2 và quý 3/2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành 6 tháng đầu năm 2023 hoặc 6 tháng cuối năm 2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành 2023-2024"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành khoảng tháng 6/2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành tháng 6/2023 nếu được bố trí vốn"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành giai đoạn 1 tháng 6/2023"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành tháng 6"},
			{"time", "Chưa đáp ứng|Triển khai mua sắm; dự kiến hoàn thành sau tháng 6/2023"},
		},
		"3": {
			{"", "Đã đáp ứng||Số lượng thiết bị đã có: 1908/1908"},
			{"", "Đáp ứng một phần|" + buying + "|Chưa được bố trí kinh phí; số cơ quan chưa đáp ứng: 64/187; số lượng thiết bị đã có: 1240/1875."},
			{"", "Đáp ứng một phần|" + buying + "|So co quan chua dap ung: 64/187; so luong thiet bi da co: 1240/1875"},
			{"", "Đáp ứng một phần|" + buying + "|64 trên tổng số 187 cơ quan chưa đáp ứng"},
			{"", "Đáp ứng một phần|" + buying + "|Tổng số cơ quan cần trang bị: 187; số cơ quan chưa đáp ứng: 64"},
			{"", "Chưa đáp ứng|" + plan + "|Chưa có kinh phí. Số cơ quan chưa đáp ứng: 64/187; số lượng thiết bị đã có: 1 240/1 875."},
			{"", "Đáp ứng một phần|" + buying + "|Thực hiện Đề án 06 từ tháng 3/2022. Số cơ quan chưa đáp ứng: 64/187"},

			{"count", "Đã đáp ứng||Số lượng thiết bị đã có: 1240/1875"},
			{"count", "Đã đáp ứng||Số cơ quan chưa đáp ứng: 64/187"},
			{"count", "Đáp ứng một phần|" + buying + "|Số cơ quan chưa đáp ứng: 0/187; số lượng thiết bị đã có: 1875/1875"},
			{"count", "Đáp ứng một phần|" + buying + "|Số lượng thiết bị đã có: 1.240/1.875"},
			{"count", "Đáp ứng một phần|" + buying + "|Số lượng thiết bị đã có: 1,240/1,875"},
			{"count", "Đáp ứng một phần|" + buying + "|Đã trang bị 123/187"},
			{"count", "Đáp ứng một phần|" + buying + "|Đã trang bị 123/187 xã"},
			{"count", "Đáp ứng một phần|" + buying + "|Mới trang bị được 64 trên tổng số 187 xã; thiết bị đạt khoảng 66% (1.240 chiếc)"},
			{"count", "Đáp ứng một phần|" + buying + "|mới được 64 trên 187 đơn vị"},
			{"count", "Đáp ứng một phần|" + buying + "|Số thiết bị còn thiếu: 635/1875"},
			{"count", "Đáp ứng một phần|" + buying + "|Còn thiếu 635 thiết bị"},
			{"count", "Đáp ứng một phần|" + buying + "|Số cơ quan chưa đáp ứng: 64/187; số cơ quan đã đáp ứng: 120"},
			{"count", "Đáp ứng một phần|" + buying + "|Số cơ quan chưa đáp ứng: 187/64"},
			{"count", "Đáp ứng một phần|" + buying + "|2/3 số xã chưa đáp ứng"},
			{"count", "Đáp ứng một phần|" + buying + "|Hơn 60/187 cơ quan chưa đáp ứng"},
			{"count", "Đáp ứng một phần|" + buying + "|Khoảng 66% số xã"},
			{"count", "Đáp ứng một phần|" + buying + "|Không còn cơ quan chưa đáp ứng: 0/187 cơ quan; thiết bị cần mua thêm 12"},
			{"count", "Đáp ứng một phần|" + buying + "|64 xã trong số 187 xã đã được trang bị"},
		},
		"5.n-a": {
			{"", "Đã được cấp có thẩm quyền phê duyệt||Quyết định số 1033/QĐ-STTTT"},
			{"", "Đã trình cấp có thẩm quyền phê duyệt||Tờ trình số 12/TTr-STTTT ngày 10/01/2023"},
			{"", "Chưa lập, trình cấp có thẩm quyền phê duyệt"},
			{"dossier", "Đã được cấp có thẩm quyền phê duyệt||Đang trình Sở TTTT"},
			{"dossier", "Đã được cấp có thẩm quyền phê duyệt||Chưa có quyết định"},
			{"dossier", "Đã được cấp có thẩm quyền phê duyệt||Dự kiến phê duyệt trong tháng 3/2023"},
			{"dossier", "Chưa lập, trình cấp có thẩm quyền phê duyệt||Quyết định số 1033/QĐ-STTTT"},
			{"dossier", "Chưa lập, trình cấp có thẩm quyền phê duyệt||Đã trình Sở TTTT thẩm định"},
			{"dossier", "Đã trình cấp có thẩm quyền phê duyệt||Đã được phê duyệt tại Quyết định số 1033/QĐ-STTTT"},
		},
	} {
		form, ok := tpl.Row(row)
		if !ok {
			t.Fatal(row)
		}
		for _, c := range cases {
			cells := readiness.Cells{}
			for i, text := range strings.Split(c.in, "|") {
				if text != "" {
					cells[[]string{readiness.ColCompliance, readiness.ColStage, readiness.ColNote}[i]] = readiness.LinesOf(text)
				}
			}
			a, problems, _ := readiness.ReadAnswer(tpl, form, form.Numbered(1), cells, readiness.Place{})
			ret := readiness.Return{Answers: []readiness.Answer{a}}
			problems = append(problems, rules.Check(tpl, ret, readiness.Province, clock.NewDate(2023, 2, 15))...)
			var said []string
			for _, p := range problems {
				if p.Severity == readiness.Reviews {
					why, _ := p.Args["why"].(readiness.Text)
					said = append(said, p.Column+": "+p.Reason+" "+why.Vi)
				}
			}
			if (len(said) > 0) != (c.stops != "") {
				t.Errorf("row %s %q: %q, want a person: %v", row, c.in, said, c.stops != "")
			}
		}
	}
}

func TestLoadSenseNamesTheLine(t *testing.T) {
	t.Parallel()
	raw := string(dataFile(t, "sense.v1.json"))
	for name, c := range map[string]struct{ old, new, want string }{
		"twice":       {`"key": "met-denied"`, `"key": "met-limited"`, "stands twice"},
		"no reason":   {`"en": "the answer has a question mark"`, `"en": ""`, "needs its reason"},
		"no test":     {`"facts": "unmet"`, `"facts": ""`, "0 tests"},
		"two tests":   {`"facts": "unmet"`, `"facts": "unmet", "percent": true`, "2 tests"},
		"no such one": {`"counts": "left"`, `"counts": "gone"`, "tests counts"},
		"column":      {`"column": "unit", "signs"`, `"column": "units", "signs"`, "want a column"},
		"status":      {`"status": ["not_met"], "staged"`, `"status": ["no"], "staged"`, "want met"},
		"phrase":      {`"hoàn toàn chưa"`, `"..."`, "has no word"},
		"unknown":     {`"percent": true`, `"percents": true`, "percents"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(raw, c.old, c.new, 1)
			if _, err := readiness.LoadSense([]byte(broken)); broken == raw || err == nil || !strings.Contains(err.Error(), c.want) ||
				!strings.Contains(err.Error(), "line ") {
				t.Errorf("got %v, want a line number and %q", err, c.want)
			}
		})
	}
}

// TestSenseIsAskedOnce: what a person has settled is not said again, and a stored
// problem keeps its reason in both languages.
func TestSenseIsAskedOnce(t *testing.T) {
	t.Parallel()
	tpl, rules := appendix488(t), sense(t)
	ret := change(metReturn(1), "2", func(a *readiness.Answer) { a.Note = "Chưa nghiệm thu" })
	problems := rules.Check(tpl, ret, readiness.Province, clock.NewDate(2023, 2, 15))
	if len(problems) != 1 || problems[0].Column != readiness.ColCompliance || problems[0].Text != "Chưa nghiệm thu" {
		t.Fatalf("%+v", problems)
	}
	raw, err := json.Marshal(problems[0])
	if err != nil {
		t.Fatal(err)
	}
	var stored readiness.Problem
	if err := json.Unmarshal(raw, &stored); err != nil {
		t.Fatal(err)
	}
	if why := stored.Args["why"].(readiness.Text); why.Vi == "" || why != problems[0].Args["why"] {
		t.Errorf("stored reason is %+v", why)
	}
	settled := change(ret, "2", func(a *readiness.Answer) {
		a.Readings = map[string]readiness.Reading{readiness.ColCompliance: {ResolvedBy: "soat"}}
	})
	if again := rules.Check(tpl, settled, readiness.Province, clock.NewDate(2023, 2, 15)); len(again) != 0 {
		t.Errorf("asked again: %+v", again)
	}
}
