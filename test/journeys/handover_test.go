package journeys

import (
	"bytes"
	"testing"
	"time"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// handedOver is a file of Social Security that goes to the register through the exchange and
// comes back: handed in at its own node, columns confirmed, rows settled without seeing the
// register, let leave by two clerks there, fetched, its signature checked.
func (l *land) handedOver(t *testing.T) {
	path, truth := l.dirtyFile(t, "so-bhxh-2026.csv", 160, 21)
	officer := l.at(t, "bhxh").person(t, i18n.Vi, uitest.Desktop).signIn("dulieu")
	officer.click("nav.handover")
	officer.click("handover.new.title")
	officer.click("handover.new.send")
	officer.sees("clean.new.file.none")
	officer.upload("file", path)
	officer.click("handover.new.send")
	officer.sees("cleaning.batch.basis", map[string]any{"min": 10, "max": 200})
	officer.fill("basis", "Công văn 1410/BHXH-CNTT ngày 21/11/2026")
	officer.fill("purpose", "Bổ sung số định danh cho sổ bảo hiểm xã hội")
	officer.upload("file", path)
	officer.picture("handover-new")
	officer.click("handover.new.send")
	at := officer.path()
	officer.waits("clean.batch.columns")
	officer.click("clean.batch.columns")
	officer.sees("clean.kind.birth")
	officer.picture("handover-columns")
	officer.click("clean.columns.send")
	officer.waits("clean.state.review")
	officer.picture("handover-file")

	again := l.at(t, "bhxh").person(t, i18n.En, uitest.Phone).signIn("dulieu")
	again.open("/cleaning")
	again.sees("so-bhxh-2026.csv")
	again.open("/cleaning/new")
	again.fill("basis", "Letter 1410/BHXH of 21/11/2026")
	again.fill("purpose", "To add personal numbers to books")
	again.upload("file", path)
	again.click("handover.new.send")
	again.sees("so-bhxh-2026.csv") // it was handed in before
	again.open(at)
	again.click("clean.batch.review")
	again.sees("handover.settle.lead")
	again.picture("handover-settle-phone")

	officer.click("clean.batch.review")
	officer.sees("handover.settle.keys")
	officer.picture("handover-settle")
	for _, key := range []string{"j", "2", "0", "1"} {
		officer.key(key)
	}
	officer.open(at)
	officer.refused(at + "/files/clean.csv")
	l.at(t, "thainguyen").person(t, i18n.Vi, uitest.Desktop).signIn("dulieu").refused(at)

	clerk := l.at(t, "authority").person(t, i18n.Vi, uitest.Desktop).signIn("canbo")
	clerk.open("/cleaning")
	clerk.clickIn("Bảo hiểm xã hội Việt Nam", "so-bhxh-2026.csv")
	clerk.sees("clean.batch.settled", map[string]any{"n": 2})
	clerk.sees("clean.fact.dossier")
	there := clerk.path()
	clerk.fill("reason", "Cơ quan đã xác nhận các dòng của mình")
	clerk.click("clean.batch.release.ask")
	clerk.sees("clean.batch.asked")
	second := l.at(t, "authority").person(t, i18n.Vi, uitest.Desktop).signIn("canbo2")
	second.open(there)
	second.click("clean.batch.request")
	second.click("approval.page.approve")
	second.sees("approval.page.approved")

	for end := time.Now().Add(uitest.Patience); ; time.Sleep(500 * time.Millisecond) {
		if officer.open(at); officer.has("clean.batch.papers") {
			break
		}
		if time.Now().After(end) {
			officer.fail("the clean file does not come")
		}
	}
	officer.sees("handover.state.done")
	officer.picture("handover-done")
	rows := clean(t, officer, at)
	right := 0
	for i, whose := range truth {
		if got := rows[i+1][len(rows[0])-4]; got != "" && got == whose[1] {
			right++
		}
	}
	if len(rows) != len(truth)+1 || right < len(truth)*7/10 {
		t.Errorf("%d rows, %d right, want %d and most", len(rows)-1, right, len(truth))
	}
	if raw := officer.download(at + "/files/clean.xlsx"); !bytes.HasPrefix(raw, []byte("PK")) {
		t.Errorf("the workbook begins with %q", raw[:8])
	}
	auditor := l.at(t, "bhxh").person(t, i18n.En, uitest.Desktop).signIn("kiemtoan")
	auditor.open(at)
	auditor.sees("handover.state.done")
	auditor.refused(at+"/review", at+"/columns", at+"/changes", at+"/files/clean.csv", at+"/files/changes.csv", "/cleaning/new")
	phone := l.at(t, "bhxh").person(t, i18n.Vi, uitest.Phone).signIn("dulieu")
	officer.open(at + "/changes") // others of the country may have moved or died meanwhile
	officer.sees("clean.changes.title")
	phone.open(at)
	phone.picture("handover-done-phone")
	for _, page := range []string{"/cleaning", "/cleaning/new", at, at + "/changes"} {
		phone.open(page)
		again.open(page)
		officer.open(page)
	}
	officer.open(at)
	officer.press("clean.batch.end")
	officer.click("clean.batch.end.now")
	officer.sees("clean.batch.ended")
	officer.sees("handover.state.ended")
	officer.refused(at + "/files/clean.csv")
	clerk.open(there)
	clerk.sees("clean.state.deleted")
}
