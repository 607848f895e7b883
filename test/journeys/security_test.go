package journeys

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	officer.click("secure.facts.send")
	officer.sees("secure.done.facts")
	officer.sees("Cấp độ 3")
	at := officer.path()
	officer.click("secure.dossier.begin")
	officer.choose("level", "2")
	officer.click("secure.draft.submit")
	officer.sees("security.level.low", map[string]any{"rules": "85/2016/NĐ-CP", "least": 3, "level": 2})
	officer.choose("level", "3")
	officer.click("secure.draft.submit")
	officer.sees("security.dossier.part_missing")
	officer.fill("design", "Ba vùng mạng: công khai, ứng dụng, dữ liệu.")
	officer.picture("security-dossier")
	officer.click("secure.draft.submit")
	officer.sees("secure.done.submit")

	unit := h.person(t, i18n.En, uitest.Phone).signIn("chuyentrach")
	unit.open(at)
	unit.click("secure.dossier.decide")
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
	chief.open(at + "/decide")
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
	officer.click("PH-H55-003")
	officer.fill("note", "Đã đóng cổng quản trị")
	officer.click("secure.finding.mend")
	officer.sees("secure.done.mend")
	officer.open(at + "/controls?control=application.waf")
	officer.choose("compliance", "met")
	officer.click("secure.control.save")
	officer.sees("security.control.evidence")
	officer.fill("evidence", "Cấu hình WAF, biên bản 3")
	officer.click("secure.control.save")
	officer.sees("secure.done.save")
	officer.picture("security-controls")
	unit.open(at)
	unit.click("PH-H55-003")
	unit.fill("note", "Tried from outside")
	unit.click("secure.finding.good")
	unit.sees("secure.done.retest")

	inspector := h.person(t, i18n.Vi, uitest.Phone).signIn("thanhtra")
	inspector.isAt("/security")
	inspector.sees("Hệ thống bảo hiểm xã hội")
	inspector = h.person(t, i18n.En, uitest.Desktop).signIn("thanhtra")
	inspector.picture("security-board")
	inspector.click("Hệ thống thông tin y tế")
	inspector.click("secure.grace.title")
	inspector.fill("reason", "The decision is signed this week")
	inspector.click("secure.grace.ask")
	inspector.sees("secure.done.grace")
	inspector.refused("/security/H55/s1/facts", "/accounts")

	h.nextLetter("2026-6", "16/BTTTT-CĐSQG")
	focal := h.person(t, i18n.Vi, uitest.Desktop).signIn("thainguyen")
	focal.clickIn("16/BTTTT-CĐSQG", "fill.start.last")
	focal.open("/security/H55")
	focal.click("secure.fill.send")
	focal.isAt("/returns/2026-6/H55")
	focal.open("/returns/2026-6/H55/part/security")
	focal.sees("Hệ thống quản lý trường học")
	if page := string(focal.fetch("/returns/2026-6/H55/part/security")); !strings.Contains(page, "3456/QĐ-UBND") || !strings.Contains(page, "IDS/IPS") {
		t.Error("row 5 has not the decision and what is not met")
	}
}
