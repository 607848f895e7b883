package journeys

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// posts sends a form from the page that is open, as a program in it could; it says with which
// status it was answered.
func (p *person) posts(path, body string) int {
	p.t.Helper()
	return eval[int](p, fmt.Sprintf(
		`fetch(%q, {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"}, body: %q}).then(r => r.status)`, path, body,
	), chromedp.EvalAwaitPromise)
}

// status is how an address answers this person.
func (p *person) status(path string) int {
	p.t.Helper()
	return eval[int](p, fmt.Sprintf(`fetch(%q).then(r => r.status)`, path), chromedp.EvalAwaitPromise)
}

// Two coordinators change one task: who is later reads what the other changed, keeps what they
// typed, and saves it knowingly. The assignment ends with a reason, the whole is withdrawn and
// taken back; a province sees each.
func TestATaskThroughTime(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("dieuphoi")
	other := h.person(t, i18n.Vi, uitest.Phone).signIn("dieuphoi")
	p.open("/programme/tasks/hn-2-1/edit")
	other.open("/programme/tasks/hn-2-1/edit")
	other.fill("result", "Danh mục thủ tục đã cắt giảm")
	other.click("prog.save")
	other.sees("prog.saved")
	p.fill("basis", "Kết luận của Phó Thủ tướng")
	p.click("prog.save")
	p.sees("Danh mục thủ tục đã cắt giảm")
	p.check()
	p.click("prog.save")
	p.sees("prog.saved")
	p.sees("prog.history.version", map[string]any{"n": 3})
	p.sees("→ Kết luận của Phó Thủ tướng")

	p.unfold()
	p.fill("end-from-year", "2020")
	p.act("end")
	p.sees("programme.act.reason", map[string]any{"min": 5})
	p.check()
	p.fill("end-reason", "Giao các bộ làm thay")
	p.act("end")
	p.sees("Những gì đã qua không viết lại.")
	p.open("/programme/tasks/hn-2-1")
	p.unfold()
	p.fill("end-reason", "Giao các bộ làm thay")
	p.act("end")
	p.sees("Giao các bộ làm thay")
	p.sees("programme.state.withdrawn")

	p.unfold()
	p.fill("withdraw-reason", "Thôi cả nhiệm vụ <b>")
	p.act("withdraw")
	p.sees("prog.done.withdrawn")
	p.sees("Thôi cả nhiệm vụ <b>")
	p.pages("/programme/tasks/hn-2-1", "/programme/tasks?done=withdrawn", "/programme/directives/hn10")
	p.refused("/programme/tasks/hn-2-1/nothing")

	r := h.person(t, i18n.Vi, uitest.Phone).signIn("thainguyen")
	r.open("/programme/tasks/hn-2-1")
	r.sees("Thôi cả nhiệm vụ <b>")
	r.sees("programme.state.withdrawn")

	p.open("/programme/tasks/hn-2-1")
	p.unfold()
	p.fill("take-back-reason", "Vẫn cần làm")
	p.act("take-back")
	p.sees("prog.task.edit")
	p.sees("prog.sets.why")

	p.open("/programme/directives/hn10/edit")
	p.fill("title", "")
	p.click("prog.save")
	p.sees("programme.directive.text", map[string]any{"max": 600})
	p.check()
	p.fill("title", "Hội nghị thúc đẩy thực hiện Đề án 06")
	p.click("prog.save")
	p.sees("prog.saved")
	p.sees("→ Hội nghị thúc đẩy thực hiện Đề án 06")
}

// A ministry reports with a link to its own return; the reviewer reads how that stands. A link
// to another's is refused where it was typed.
func TestMinistryShowsItsReturn(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("giaoduc")
	p.click("nav.programme")
	p.pages("/programme")
	p.open("/programme/units?task=tw-c3")
	p.click("TW.C3 Cung cấp dịch vụ công thiết yếu trên môi trường điện tử")
	unit := p.path()
	p.unfold()
	p.fill("progress-link", "/returns/1877/H55")
	p.fill("progress-percent", "70")
	p.act("progress")
	p.sees("programme.act.evidence_nothing", map[string]any{"link": "/returns/1877/H55"})
	p.check()
	p.fill("progress-link", "/returns/1877/G03")
	p.act("progress")
	p.sees("prog.evidence.now")
	p.sees("1877/BTTTT-CĐSQG")
	p.pages(unit)
	r := h.person(t, i18n.En, uitest.Phone).signIn("thamtra")
	r.open(unit)
	r.sees("1877/BTTTT-CĐSQG")
	r.check()
}

// A province looks at its communes one by one, in the geography of today and of 2022, and
// opens what one of them owes; a commune sees its own.
func TestProvinceLooksAtItsCommunes(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("thainguyen")
	p.open("/programme")
	p.click("prog.communes.open")
	p.sees("UBND phường Phan Đình Phùng")
	p.picture("programme-communes")
	p.pages("/programme/agencies/H55/communes?standing=all", "/programme/agencies/H55/communes?geography=09/08/2022")
	p.open("/programme/agencies/H55/communes?standing=overdue&sort=name")
	p.click("UBND phường Phan Đình Phùng, tỉnh Thái Nguyên")
	p.click("XA.3 Lập tổ hướng dẫn người dân dùng tài khoản định danh")
	p.seesNot("programme.act.name.start")
	p.sees("prog.unit.history")

	w := h.person(t, i18n.Vi, uitest.Phone).signIn("phuong")
	w.open("/programme/units")
	w.click("XA.3 Lập tổ hướng dẫn người dân dùng tài khoản định danh")
	w.act("start")
	w.sees("programme.state.doing")
	w.check()
}

// Every register has a picture with its table, and its list narrows by what is drawn.
func TestRegistersHavePictures(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("lanhdao")
	var paths []string
	for _, kind := range []string{
		"law", "service", "service_report", "connection", "database", "plan", "milestone", "inspection", "survey", "difficulty", "training", "system",
		"norm", "need", "communication", "reported",
	} {
		paths = append(paths, "/programme/registers/"+kind)
	}
	for _, path := range paths {
		p.open(path)
		if !eval[bool](p, `document.querySelector("figure.app-chart svg") !== null`) {
			t.Errorf("%s has no picture", path)
		}
	}
	p.open("/programme/registers/law")
	p.picture("programme-law")
	p.pages("/programme/registers/law", "/programme/registers/milestone", "/programme/registers/survey?f-places=H55")
	p.open("/programme/registers/connection?f-partner=enterprise&state=official")
	p.seesNot("Bộ Tài chính kết nối")
	p.openFor("/programme/registers/connection?f-partner=%3Cb%3E&state=zz&owner=zz&from=-5", http.StatusUnprocessableEntity)
	p.sees("web.not_offered", map[string]any{"label": "Trạng thái", "value": "zz"})
	p.seesNot("Bộ Tài chính kết nối")
}

// tried fails the test for each page and form of the node below a path that is not among those
// that are tried: of a new one it has to be said who may.
func (h *house) tried(below string, pages, forms []string) {
	h.t.Helper()
	router, seen := http.NewServeMux(), map[string]bool{}
	for _, r := range h.node.Routes() {
		router.Handle(r.Pattern, http.NotFoundHandler())
	}
	for method, paths := range map[string][]string{http.MethodGet: pages, http.MethodPost: forms} {
		for _, path := range paths {
			_, pattern := router.Handler(httptest.NewRequest(method, path, nil))
			seen[pattern] = true
		}
	}
	for _, r := range h.node.Routes() {
		if strings.Contains(r.Pattern, " "+below) && !seen[r.Pattern] {
			h.t.Errorf("who may open %s is tried with nobody", r.Pattern)
		}
	}
}

// Who opens which page of the programme: an agency its own and what concerns it, and of what
// is another's it is not even told that it is there. Rubbish is refused in words.
func TestWhoOpensWhatOfTheProgramme(t *testing.T) {
	t.Parallel()
	h := open(t)
	lead := h.person(t, i18n.Vi, uitest.Desktop).signIn("lanhdao")
	lead.open("/programme/units?origin=H26")
	lead.click("DP.C9 Trang bị máy quét, máy tính cho bộ phận một cửa")
	foreign := lead.path()
	pages := map[string]string{ // who may: l the leader, t the province, p its ward, g a ministry
		"/programme": "ltpg", "/programme/tasks": "ltpg", "/programme/units": "ltpg", "/programme/registers": "ltpg", "/programme/registers/law": "ltpg",
		"/programme/roll-up": "ltg", "/programme/figures": "l", "/programme/figures/tasks.central.done": "l", "/programme/directives": "l",
		"/programme/directives/qd06": "l", "/programme/tasks/dp-c9": "lt", "/programme/tasks/xa-3": "ltp", "/programme/agencies/H55": "lt",
		"/programme/agencies/H55.C05443": "ltp", "/programme/agencies/H55/communes": "lt", "/programme/agencies/H26": "l",
		"/programme/agencies/H26/communes": "l", "/programme/units?agency=H26": "l", "/programme/units?agency=H55.C05443": "ltp",
		"/programme/letter/docx": "l", "/programme/new/task": "", "/programme/tasks/dp-c9/edit": "", "/programme/directives/qd06/edit": "",
		"/programme/tasks/excel": "", "/programme/units/excel": "tpg", "/programme/registers/difficulty/new": "tpg", "/programme/registers/inspection/new": "",
		"/programme/rows/inspection-001": "l", "/programme/rows/inspection-001/edit": "", foreign: "l", "/programme/units/zz": "", "/programme/rows/zz": "",
		"/programme/registers/law/excel": "ltpg", foreign + "/files/zz": "",
		"/programme/tasks/zz": "", "/programme/agencies/zz": "", "/programme/agencies/zz/communes": "", "/programme/registers/zz": "", "/programme/figures/zz": "",
	}
	posts := map[string]string{ // who may send there, and is told what is wrong with it
		"/programme/new/task": "", "/programme/tasks/excel": "", "/programme/tasks/dp-c9/edit": "", "/programme/tasks/dp-c9/end": "",
		"/programme/tasks/dp-c9/withdraw": "", "/programme/tasks/dp-c9/take-back": "", "/programme/tasks/dp-c9/assign": "", "/programme/directives": "",
		"/programme/directives/qd06/edit": "", foreign + "/decide": "", foreign + "/manage": "", foreign + "/answer": "", "/programme/units/excel": "tpg",
		"/programme/registers/difficulty/new": "tpg", "/programme/registers/difficulty/excel": "tpg", "/programme/registers/inspection/new": "",
		"/programme/rows/inspection-001/edit": "",
	}
	h.tried("/programme", slices.Collect(maps.Keys(pages)), slices.Collect(maps.Keys(posts)))
	for sign, login := range map[string]string{"l": "lanhdao", "t": "thainguyen", "p": "phuong", "g": "giaoduc"} {
		p := lead
		if sign != "l" {
			p = h.person(t, i18n.Vi, uitest.Desktop).signIn(login)
		}
		p.open("/programme")
		for path, who := range pages {
			want := strings.Contains(who, sign)
			status := p.status(path)
			if got := status == 200; got != want || !want && status != 403 && status != 404 {
				t.Errorf("%s opens %s: %d", login, path, status)
			}
			if path == foreign && sign != "l" && status != 404 {
				t.Errorf("%s is told of another's unit task: %d", login, status)
			}
		}
		for path, who := range posts {
			want := strings.Contains(who, sign)
			status := p.posts(path, "version=1&act=accept&way=end&end-reason=abcdef")
			if want != (status == 400 || status == 422) || !want && status != 403 && status != 404 {
				t.Errorf("%s posts to %s: %d", login, path, status)
			}
		}
		for _, path := range []string{
			"/programme/units?after=x_y&standing=zz&month=9999-99", "/programme/tasks?from=-9&level=zz&directive=%00", "/programme/units?after=31022020_1",
		} {
			if status := p.status(path); status >= 500 {
				t.Errorf("%s opens %s: %d", login, path, status)
			}
		}
	}
	lead.openFor("/programme?as_of=31/02/2022", 400, 422)
	lead.sees("prog.day_wrong", map[string]any{"text": "31/02/2022"})
	lead.openFor("/programme/agencies/H55/communes?geography=hom-qua", 400, 422)
	lead.openFor("/programme/agencies/H03/communes", 404)
	lead.open("/programme/agencies/H03/communes?geography=2022-08-09")
	lead.openFor("/programme/roll-up?geography=1/1/1900", 200)
}
