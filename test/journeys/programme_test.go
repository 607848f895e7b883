package journeys

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// pages opens pages one by one at both widths; KEEP_PAGES names a folder for their pictures.
func (p *person) pages(paths ...string) {
	p.t.Helper()
	for _, path := range paths {
		p.open(path)
		for _, width := range []int64{uitest.Desktop, uitest.Phone} {
			p.do("turn", chromedp.EmulateViewport(width, windowHeight))
			p.check()
			if dir := os.Getenv("KEEP_PAGES"); dir != "" {
				uitest.Screenshot(p.t, p.ctx, filepath.Join(dir, uitest.Slug(path, string(p.lang), width)+".png"))
			}
		}
		p.do("turn", chromedp.EmulateViewport(p.width, windowHeight))
	}
}

// unfold opens all that is folded on the page.
func (p *person) unfold() {
	p.t.Helper()
	p.do("unfold", chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("main details").forEach(d => d.open = true)`))
}

// act presses the button of an act.
func (p *person) act(code string) {
	p.t.Helper()
	p.clicks++
	p.sends(code, "button[value="+code+"]")
}

// The leader reads how many tasks are done and why the denominator is what it is, opens one,
// goes back to what was known in August 2022, and takes the letter away.
func TestLeaderReadsTheProgramme(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("lanhdao")
	p.click("nav.programme")
	p.sees("prog.board.sentence", map[string]any{"done": 21, "of": 89})
	p.sees("Mẫu số là 89, không phải 98")
	p.picture("programme")
	p.click("prog.board.proof")
	p.sees("prog.figures.behind")
	p.click("TW.1 Cung cấp dịch vụ công thiết yếu")
	p.sees("prog.task.result")
	p.sees("06/QĐ-TTg")
	p.open("/programme?as_of=2022-08-09")
	p.sees("prog.board.sentence", map[string]any{"done": 21, "of": 89})
	if raw := p.download("/programme/letter/docx?as_of=2022-08-09"); !bytes.HasPrefix(raw, []byte("PK")) {
		t.Error("the letter is no Word file")
	}
	if raw := p.download("/programme/letter/pdf?as_of=2022-08-09"); !bytes.HasPrefix(raw, []byte("%PDF")) {
		t.Error("the letter is no PDF")
	}
	for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
		p.lang = lang
		p.open("/programme?lang=" + string(lang))
		p.pages(
			"/programme", "/programme/tasks", "/programme/tasks/dp-c9", "/programme/tasks/hn-2", "/programme/units?standing=overdue",
			"/programme/roll-up?by=agency&geography=2022-08-09", "/programme/roll-up?by=level", "/programme/registers", "/programme/registers/law",
			"/programme/registers/need", "/programme/rows/milestone-001", "/programme/figures?as_of=2022-08-09", "/programme/figures/survey.localities?as_of=2023-04-04",
			"/programme/agencies/H55",
		)
	}
	for _, nothing := range []string{
		"/programme/units?standing=nonsense", "/programme/units?agency=X99", "/programme/units?month=13", "/programme/tasks?level=x", "/programme/roll-up?by=x",
		"/programme/registers/law?state=x", "/programme/agencies/H55/communes?standing=x",
	} {
		p.openFor(nothing, 422)
		p.sees("ui.filter")
	}
	p.refused("/programme/directives/qd06/edit", "/programme/new/task", "/programme/units/excel")
}

// A province reports with a figure, a reviewer accepts, and the province sees it done; it
// never sees another's.
func TestProvinceReportsAndReviewerAccepts(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("thainguyen")
	p.click("nav.programme")
	p.sees("prog.nav.owed")
	p.open("/programme/units?standing=overdue")
	p.click("DP.C11 Làm sạch dữ liệu tiêm chủng, an sinh")
	unit := p.path()
	p.pages(unit)
	p.unfold()
	p.act("report")
	p.sees("programme.act.evidence")
	p.fill("report-figure", "12.431 liều đã nhập")
	p.act("report")
	p.sees("programme.state.reported")
	p.openFor("/programme/tasks", 200)
	p.refused("/programme/figures", "/programme/directives")

	r := h.person(t, i18n.Vi, uitest.Phone).signIn("thamtra")
	r.open(unit)
	r.sees("12.431 liều đã nhập")
	r.act("accept")
	r.sees("programme.state.done")
	r.check()
	p.open(unit)
	p.sees("programme.state.done")

	// As Excel: the file comes back, every row accounted for.
	raw := p.download("/programme/units/excel")
	if !bytes.HasPrefix(raw, []byte("PK")) {
		t.Fatal("no workbook")
	}
	file := filepath.Join(t.TempDir(), "nhiem-vu.xlsx")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	p.open("/programme/units")
	p.unfold()
	p.upload("file", file)
	p.click("prog.excel.in")
	p.sees("prog.account.title")
	p.check()

	ward := h.person(t, i18n.Vi, uitest.Phone).signIn("phuong")
	ward.open("/programme")
	ward.sees("XA.3 Lập tổ hướng dẫn người dân dùng tài khoản định danh")
	ward.pages("/programme", "/programme/units")
	if strings.Contains(ward.text(), "Bạc Liêu") {
		t.Error("a ward sees another province")
	}
	ward.openFor(strings.TrimPrefix(unit, ward.url), 404)
}

// The coordinator gives a new task to all provinces and writes a row of a register.
func TestCoordinatorGivesATask(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("dieuphoi")
	p.open("/programme/new/task")
	p.pages("/programme/new/task", "/programme/directives", "/programme/registers/difficulty/new")
	p.open("/programme/new/task")
	p.fill("code", "MOI.1")
	p.click("prog.save")
	p.sees("programme.task.directive")
	p.fill("title", "Công bố số liệu hằng tháng của tỉnh")
	p.choose("directive", "hop0404")
	p.fill("due-day", "30")
	p.fill("due-month", "6")
	p.fill("due-year", strconv.Itoa(time.Now().Year()+1))
	p.click("prog.save")
	p.sees("prog.saved")
	p.unfold()
	p.do("tick", chromedp.Evaluate[chromedp.Void](`document.querySelector('input[name=set][value=province]').click()`))
	p.click("prog.assign.send")
	p.sees("prog.assign.done", map[string]any{"n": 34})
	p.open("/programme/registers/difficulty/new")
	p.fill("title", "Đường truyền cấp xã yếu")
	p.fill("owner", "H55")
	p.fill("f-to", "G14")
	p.fill("f-question", "Bộ có hướng dẫn nâng cấp không?")
	p.click("prog.save")
	p.sees("prog.saved")
	p.sees("prog.history.version", map[string]any{"n": 1})
}
