package journeys

import (
	"bytes"
	"strings"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/readiness"
)

// The survey of health clinics: 30 rows of numbers, days, yes or no, in three components.
// Nothing of it is in letter 488.
var (
	surveyNumbers = []string{
		"Số giường bệnh | Beds", "Số bác sĩ | Doctors", "Số điều dưỡng | Nurses", "Số dược sĩ | Pharmacists", "Số máy siêu âm | Ultrasound machines",
		"Số máy X-quang | X-ray machines", "Số máy xét nghiệm | Laboratory machines", "Số máy tính | Computers", "Số lượt khám mỗi ngày | Visits a day",
		"Diện tích (m²) | Floor area (m²)",
	}
	surveyDays = []string{
		"Ngày cấp phép hoạt động | Day of the licence", "Ngày hết hạn phép | Day on which the licence ends", "Ngày kiểm tra phòng cháy | Day of the fire inspection",
		"Ngày kiểm định máy X-quang | Day on which the X-ray machine was checked", "Ngày tập huấn gần nhất | Day of the last training",
		"Ngày kiểm kê thuốc | Day of the medicine inventory", "Ngày bảo trì gần nhất | Day of the last maintenance",
		"Ngày nối cơ sở dữ liệu | Day of the connection to the database",
	}
	surveyYesNo = []string{
		"Có mạng Internet | Internet", "Có bệnh án điện tử | Electronic records", "Có kê đơn điện tử | Electronic prescriptions",
		"Có thanh toán không tiền mặt | Payment without cash", "Có đọc được căn cước gắn chip | Reads chip cards", "Có tủ thuốc cấp cứu | Emergency medicines",
		"Có xe cứu thương | Ambulance", "Có nước sạch | Clean water", "Có máy phát điện | Generator", "Có xử lý rác y tế | Medical waste is treated",
		"Có lối đi cho xe lăn | Wheelchair access", "Có bảng giá | Prices are shown",
	}
)

// surveyCode is the code of the survey's form.
const surveyCode = "phong-kham"

// makesSurvey makes the form of the survey on pages alone and gives the address of its
// draft. Whoever goes on publishes it with publishesSurvey, or looks at it first.
func (p *person) makesSurvey() (draft string) {
	p.t.Helper()
	p.open("/office/templates")
	p.click("forms.new.title")
	p.fill("title", "Khảo sát phòng khám đa khoa")
	p.fill("title_en", "Survey of health clinics")
	p.fill("code", surveyCode)
	p.click("forms.new.begin")
	p.sees("forms.begun")
	draft = p.path()
	p.sees("forms.wrong.text") // nothing is asked yet

	p.click("forms.section.components")
	p.fill("lines", "Nhân lực và trang thiết bị | Staff and equipment | Nhân lực | Staff\n"+
		"Giấy phép và kiểm tra | Licences and inspections | Giấy phép | Licences\nDịch vụ | Services")
	p.click("forms.add.components")
	p.sees("forms.added")
	p.open(draft + "/columns")
	for _, c := range []struct{ vi, en, kind string }{
		{"Số lượng", "Amount", "number"}, {"Ngày", "Day", "date"}, {"Có hay không", "Yes or no", "yes_no"},
	} {
		p.fill("label", c.vi)
		p.fill("label_en", c.en)
		p.choose("kind", c.kind)
		p.click("forms.add.columns")
		if c.kind == "number" { // the page of the column asks for its bounds
			p.fill("decimals", "1")
			p.fill("min", "0")
			p.click("forms.save")
		} else {
			p.click("forms.back_list")
		}
	}

	p.open(draft + "/rows")
	p.addsRows("Nhân lực và trang thiết bị", "Số lượng", surveyNumbers, func() {
		p.press("forms.rows.judge", map[string]any{"column": "Số lượng"})
		p.fill("judge.so_luong.at_least", "10")
		p.fill("judge.so_luong.partly_at_least", "5")
	})
	p.addsRows("Giấy phép và kiểm tra", "Ngày", surveyDays, func() { p.tick("required", "Bắt buộc trả lời", false) })
	p.addsRows("Dịch vụ", "Có hay không", surveyYesNo, func() { p.choose("judge.co_hay_khong.is", readiness.Yes) })
	p.picture("form-rows")

	p.open(draft + "/summary")
	p.choose("rule", readiness.ComponentShare1)
	p.fill("share", "80")
	p.click("forms.save")
	p.click("forms.section.parts")
	p.tick("asks4", "Biểu mẫu hỏi khó khăn, kiến nghị (phần 4)", true)
	p.click("forms.save")
	p.isAt(draft)
	p.sees("forms.ready")
	return draft
}

// addsRows pastes lines into the form's rows, of a component and asking for one column.
func (p *person) addsRows(component, column string, lines []string, more func()) {
	p.t.Helper()
	p.fill("lines", strings.Join(lines, "\n"))
	p.pick("component", component)
	for _, c := range []string{"Số lượng", "Ngày", "Có hay không", "Ghi chú"} {
		p.tick("columns", c, c == column || c == "Ghi chú")
	}
	more()
	p.click("forms.add.rows")
	p.sees("forms.added")
	for _, l := range lines {
		vi, _, _ := strings.Cut(l, " | ")
		p.sees(vi)
	}
}

// tick sets the box of a name whose label reads so.
func (p *person) tick(name, words string, on bool) {
	p.t.Helper()
	const script = `(name, words, on) => {
		const all = [...document.getElementsByName(name)];
		const e = all.find(e => e.labels[0].innerText.trim() === words) || all.find(e => e.labels[0].textContent.trim() === words);
		if (!e) return false;
		for (let d = e.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
		if (e.checked !== (on === "1")) e.click();
		return true; }`
	if !eval[bool](p, call(script, name, words, map[bool]string{true: "1"}[on])) {
		p.fail("no box %q of %q", words, name)
	}
}

// publishesSurvey publishes the draft that makesSurvey has made.
func (p *person) publishesSurvey(draft string) {
	p.t.Helper()
	p.open(draft)
	p.click("forms.publish")
	p.isAt("/office/templates/" + surveyCode + "/1")
	p.sees("forms.version.copy")
}

// TestSurveyIsMade makes a second form, which has nothing of letter 488, from pages alone.
func TestSurveyIsMade(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("dieuphoi")
	draft := p.makesSurvey()
	p.picture("form-draft")

	// What is wrong is said in words, with the page that mends it; the last save is taken back.
	p.click("forms.section.rows")
	p.click("Bỏ: 2. Số bác sĩ")
	p.sees("forms.removed")
	p.seesNot("2. Số bác sĩ")
	p.open(draft)
	p.click("forms.undo")
	p.click("forms.section.rows")
	p.click("Xuống: 1. Số giường bệnh")
	p.click("forms.do.renumber")
	p.sees("1. Số bác sĩ")
	p.sees("2. Số giường bệnh")
	p.open(draft)
	p.click("forms.section.columns")
	p.click("Lên: Có hay không")
	p.click("Xuống: Có hay không")
	p.click("Ngày")
	p.fill("label_en", "")
	p.click("forms.save")
	p.open(draft)
	p.sees("forms.wrong.text")
	p.seesNot("forms.publish")
	p.click("Tên cột “Ngày”")
	p.fill("label_en", "Day")
	p.click("forms.save")
	p.open(draft)
	p.sees("forms.ready")

	// As agencies get it: on the page, and as Word, Excel and PDF.
	p.click("forms.preview.title")
	p.picture("form-preview")
	for format, start := range map[string]string{"docx": "PK", "xlsx": "PK", "pdf": "%PDF"} {
		if f := p.download(draft + "/file/blank." + format + "?kind=province"); !bytes.HasPrefix(f, []byte(start)) {
			t.Errorf("the blank %s begins with %.8q", format, f)
		}
	}
	if f := p.download(draft + "/file/form.json"); !bytes.Contains(f, []byte("Số giường bệnh")) {
		t.Error("the form's file lacks a row")
	}

	// Tried: nothing is kept, and what is missing is said.
	p.click("forms.try.title")
	p.fill("contact.full_name", "Nguyễn Văn Mẫu")
	p.click("forms.try.check")
	p.sees("forms.try.verdict")
	p.picture("form-tried")

	// A phone shows the same in English.
	phone := h.person(t, i18n.En, uitest.Phone).signIn("dieuphoi")
	for _, path := range []string{
		"", "/general", "/summary", "/parts", "/components", "/lists", "/columns", "/columns/so_luong", "/rows", "/rows/1", "/preview", "/try",
	} {
		phone.open(draft + path)
	}
	phone.open("/office/templates")
	phone.open("/office/forms/new")

	p.publishesSurvey(draft)
	p.picture("form-published")

	// Withdrawn, the form is in no new round; used again, it is first among those of its code.
	p.press("forms.withdraw")
	p.fill("reason", "Sai đơn vị tính.")
	p.click("forms.withdraw.do")
	p.sees("forms.withdrawn")
	p.sees("Sai đơn vị tính.")
	p.open("/office/campaigns/new")
	p.seesNot(surveyCode + "/1")
	p.open("/office/templates/" + surveyCode + "/1")
	p.click("forms.restore")
	p.open("/office/campaigns/new")
	p.sees(surveyCode + "/1")

	// The next version begins with all that this one has.
	p.open("/office/templates/" + surveyCode + "/1")
	p.click("forms.version.copy")
	p.click("forms.new.copy_do")
	p.sees("forms.ready")
	p.sees("(phiên bản 2)")
	next := p.path()
	p.open("/office/templates")
	p.sees("forms.list.drafts")
	p.open(next)
	p.press("forms.discard")
	p.click("forms.discard.do")
	p.isAt("/office/templates")
}
