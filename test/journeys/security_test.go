package journeys

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/upload/uploadtest"
)

// The security officer's way: a system that came after the return is announced and asked
// about once; its dossier is written, appraised by the unit, approved by the head with a
// decision; a critical finding is mended and retested by another; an inspector sees who is
// closed and why, and asks a second one for grace; row 5 of the return is filled with a click.
func TestSecurityOfficer(t *testing.T) {
	t.Parallel()
	h := open(t)
	officer := h.person(t, i18n.Vi, uitest.Desktop).signIn("antoan")
	officer.isAt("/security/H55")
	officer.sees("Hệ thống thông tin y tế")
	officer.picture("security-agency")
	officer.click("Hệ thống thông tin y tế")
	officer.sees("secure.how.no_dossier")
	officer.sees("secure.against.lead")
	officer.picture("security-system")
	officer.open("/security/H55")
	officer.press("secure.announce.title")
	officer.fill("name", "Hệ thống quản lý trường học")
	officer.fill("unit", "Sở Giáo dục và Đào tạo")
	officer.click("secure.announce.send")
	officer.sees("secure.done.announce")
	officer.click("secure.facts.send") // nothing is answered for anybody
	officer.sees("security.facts.choose")
	officer.open(officer.path() + "?start=procedures")
	officer.fill("subsystems", "VN/GOV/H04/TRUONG")
	officer.click("secure.facts.send")
	officer.sees("security.subsystem.foreign", map[string]any{"id": "VN/GOV/H04/TRUONG", "agency": "H55"})
	officer.fill("subsystems", "vn/gov/h55/truong")
	officer.fill("regulation", "05/QĐ-UBND") // a decree of 2026 demands one before approval
	officer.fill("regulation-day-day", "2")
	officer.fill("regulation-day-month", "3")
	officer.fill("regulation-day-year", "2026")
	officer.click("secure.facts.send")
	officer.sees("secure.done.facts")
	officer.sees("Cấp độ 3")
	at := officer.path()
	officer.click("secure.dossier.begin")
	officer.choose("level", "2")
	officer.click("secure.draft.submit")
	officer.sees("security.level.low", map[string]any{"rules": h.modules.Security.Desk().Rules().Code, "least": 3, "level": 2})
	officer.choose("level", "3")
	officer.click("secure.draft.submit")
	officer.sees("security.dossier.part_missing")
	officer.fill("design", "Ba vùng mạng: công khai, ứng dụng, dữ liệu.")
	officer.click("secure.draft.submit")
	officer.sees("secure.done.submit")

	unit := h.person(t, i18n.En, uitest.Phone).signIn("chuyentrach")
	unit.open(at)
	unit.click("secure.dossier.submitted")
	unit.click("secure.decide.appraise")
	unit.sees("security.note", map[string]any{"most": 2000})
	unit.fill("note", "Complete")
	unit.click("secure.decide.appraise")
	unit.sees("secure.done.appraise")
	unit.click("secure.check.new")
	unit.fill("report", "BB 07/2026")
	unit.fill("title-1", "Trang quản trị thiếu xác thực")
	unit.choose("severity-1", "critical")
	unit.click("secure.check.send")
	unit.sees("secure.done.check")

	chief := h.person(t, i18n.Vi, uitest.Desktop).signIn("lanhdaotn")
	chief.open(at)
	chief.click("secure.dossier.appraised")
	chief.fill("number", "quyết định")
	chief.click("secure.decide.approve")
	chief.sees("security.decision.number")
	chief.sees("security.decision.file")
	chief.fill("number", "3456/QĐ-UBND")
	file := filepath.Join(t.TempDir(), "quyet-dinh.pdf")
	pdf := uploadtest.PDF("/Type /Catalog /Pages 2 0 R", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	chief.upload("file", file)
	chief.click("secure.decide.approve")
	chief.sees("secure.done.approve")
	chief.sees("3456/QĐ-UBND")

	officer.open(at)
	officer.sees("Kết nối đang mở")
	officer.click("Trang quản trị thiếu xác thực")
	officer.fill("note", "Đã đóng cổng quản trị")
	officer.click("secure.finding.mend")
	officer.sees("secure.done.mend")
	officer.open(at + "/controls")
	officer.open(eval[string](officer, call(`start => [...document.links].map(a => a.pathname).find(p => p.startsWith(start))`, at+"/controls/")))
	officer.choose("compliance", "met")
	officer.click("secure.control.save")
	officer.sees("security.control.evidence")
	officer.fill("evidence", "Cấu hình WAF, biên bản 3")
	officer.click("secure.control.save")
	officer.sees("secure.done.save")
	unit.open(at)
	unit.click("secure.incident.new")
	unit.fill("title", "Dò mật khẩu trang quản trị")
	unit.fill("time", "25:00")
	unit.click("secure.incident.send")
	unit.sees("security.incident.noticed")
	unit.fill("time", "00:00")
	unit.click("secure.incident.send")
	unit.sees("secure.done.incident")
	unit.click("Dò mật khẩu trang quản trị")
	unit.fill("note", "Đã chặn địa chỉ")
	unit.click("secure.incident.tell")
	unit.sees("secure.done.report")
	unit.open(at)
	unit.click("Trang quản trị thiếu xác thực")
	unit.fill("note", "Tried from outside")
	unit.click("secure.finding.good")
	unit.sees("secure.done.retest")

	exceptByTwo(officer, unit, at)
	vulnerability(unit)
	h.graceByTwo(t)

	h.nextLetter("2026-6", "16/BTTTT-CĐSQG")
	focal := h.person(t, i18n.Vi, uitest.Desktop).signIn("thainguyen")
	focal.clickIn("16/BTTTT-CĐSQG", "fill.start.last")
	focal.open("/security/H55/unmet")
	focal.sees("Hệ thống quản lý trường học")
	focal.click("secure.fill.send")
	focal.isAt("/returns/2026-6/H55")
	focal.open("/returns/2026-6/H55/part/security")
	focal.sees("Hệ thống quản lý trường học")
	if page := string(focal.fetch("/returns/2026-6/H55/part/security")); !strings.Contains(page, "3456/QĐ-UBND") || !strings.Contains(page, "IDS/IPS") {
		t.Error("row 5 has not the decision and what is not met")
	}
}

// An exception from a requirement counts once another person has approved it.
func exceptByTwo(officer, unit *person, at string) {
	officer.open(at + "/controls/network.ids")
	officer.press("secure.exception.title")
	officer.fill("note", "Chờ gói thầu 5")
	officer.fill("until-day", "1")
	officer.fill("until-month", "3")
	officer.fill("until-year", strconv.Itoa(time.Now().Year()+1))
	officer.click("secure.exception.ask")
	officer.sees("secure.done.except")
	officer.seesNot("secure.exception.approve") // somebody else does
	unit.open(at + "/controls")
	unit.sees("secure.exception.waiting", map[string]any{"n": 1})
	unit.open(at + "/controls/network.ids")
	unit.click("secure.exception.approve")
	unit.sees("secure.done.exception")
}

// A vulnerability that somebody told is entered by the unit, and stands in the list.
func vulnerability(unit *person) {
	unit.open("/security/H55/findings")
	unit.click("secure.vulnerability.new")
	unit.click("secure.vulnerability.send")
	unit.sees("security.facts.choose")
	unit.pick("system", "Hệ thống quản lý trường học")
	unit.fill("title", "Thư viện giải nén cũ")
	unit.choose("severity", "high")
	unit.fill("ref", "CVE-2026-1")
	unit.click("secure.vulnerability.send")
	unit.sees("security.finding.ref")
	unit.fill("ref", "CVE-2026-12345")
	unit.click("secure.vulnerability.send")
	unit.sees("secure.done.vulnerability")
	unit.sees("CVE-2026-12345")
	unit.open("/security/H55/findings?state=mended")
	unit.seesNot("CVE-2026-12345")
	unit.open("/security/H55/incidents")
	unit.sees("Dò mật khẩu trang quản trị")
}

// An inspector sees who is closed and asks for grace; another decides, and it is taken back.
func (h *house) graceByTwo(t *testing.T) {
	t.Helper()
	inspector := h.person(t, i18n.Vi, uitest.Phone).signIn("thanhtra")
	inspector.isAt("/security")
	inspector.sees("Hệ thống bảo hiểm xã hội")
	inspector = h.person(t, i18n.En, uitest.Desktop).signIn("thanhtra")
	inspector.picture("security-board")
	inspector.click("Hệ thống thông tin y tế")
	inspector.click("secure.grace.title")
	inspector.fill("reason", "Quyết định được ký trong tuần này")
	inspector.click("secure.grace.ask")
	inspector.sees("secure.done.grace")
	inspector.refused("/security/H55/s1/facts", "/accounts")
	inspector.open("/security/findings?severity=high")
	inspector.sees("CVE-2026-12345")
	inspector.open("/security/incidents")
	inspector.sees("Dò mật khẩu trang quản trị")
	other := h.person(t, i18n.Vi, uitest.Phone).signIn("giamsat")
	other.open("/approvals")
	other.click("Hệ thống thông tin y tế")
	other.click("approval.page.approve")
	other.open("/security")
	other.sees("secure.gate.grace")
	inspector.open("/security/H55/a1/grace")
	inspector.sees("secure.grace.now")
	inspector.click("secure.grace.end")
	inspector.sees("secure.done.grace_end")
}
