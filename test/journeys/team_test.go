package journeys

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/platform/upload/uploadtest"
)

// A round is drafted and goes out by mail; in an agency two share the form, its leader
// approves it, a comment is answered; and the round is cancelled by a letter.
func TestRoundOfATeam(t *testing.T) {
	t.Parallel()
	h := open(t)
	centre := h.person(t, i18n.Vi, uitest.Desktop).signIn("dieuphoi")
	centre.click("office.nav.campaigns")
	centre.click("office.new.title")
	centre.fill("id", "2026-5")
	centre.fill("number", "15/BTTTT-CĐSQG")
	centre.click("office.draft.save")
	centre.sees("office.draft.saved")
	due := time.Now().AddDate(0, 0, 20)
	centre.fill("due-day", due.Format("2"))
	centre.fill("due-month", due.Format("1"))
	centre.fill("due-year", due.Format("2006"))
	centre.click("office.new.preview")
	centre.sees("readiness.fate.ended")
	centre.picture("round-draft")
	centre.click("Phát hành tới")
	centre.isAt("/office/campaigns/2026-5")
	for end := time.Now().Add(uitest.Patience); !h.mailed("thainguyen@dean06.example.vn"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody was told of the letter")
		}
	}

	chief := h.person(t, i18n.En, uitest.Phone).signIn("lanhdaotn")
	chief.isAt("/returns")
	chief.choose("approval", "1")
	chief.click("fill.approval.setting.save")
	chief.sees("fill.approval.setting.saved")

	const one = "/returns/2026-5/H55"
	first := h.person(t, i18n.Vi, uitest.Phone).signIn("thainguyen")
	first.clickIn("15/BTTTT-CĐSQG", "fill.start.last")
	first.open(one + "/team")
	first.pick("part.contact", "Hoàng Thị Mẫu")
	first.click("fill.team.save")
	first.sees("fill.team.saved")
	scan := filepath.Join(t.TempDir(), "ban-chup-co-dau.pdf")
	pdf := uploadtest.PDF(
		"/Type /Catalog /Pages 2 0 R", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
	)
	if err := os.WriteFile(scan, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	first.open(one + "/attachments?field=row.2")
	first.upload("file", scan)
	first.waits("ban-chup-co-dau.pdf")
	first.click("fill.attach.add")
	first.sees("fill.attach.done", map[string]any{"n": 1})
	first.picture("attachments")

	second := h.person(t, i18n.En, uitest.Desktop).signIn("thainguyen2")
	second.open(one + "/part/contact")
	second.sees("fill.team.part", map[string]any{"who": "Hoàng Thị Mẫu"})
	second.open(one + "/team")
	second.choose("done.contact", "1")
	second.click("fill.team.save")
	second.sees("fill.team.saved")
	second.picture("team")

	first.open(one + "/check")
	first.click("fill.approval.ask")
	first.isAt(one)
	first.sees("Chờ duyệt")
	chief.open("/returns")
	chief.click("fill.open.look")
	chief.click("fill.approval.open")
	chief.sees("ban-chup-co-dau.pdf")
	chief.click("fill.approval.yes")
	chief.sees("fill.approval.done")
	first.open(one + "/check")
	first.choose("declare", "1")
	first.click("fill.check.submit")
	first.sees("fill.done.title")
	first.open(one + "/receipt/1")
	first.sees("ban-chup-co-dau.pdf")

	centre.open("/office" + one)
	centre.click("office.review.back")
	centre.fill("comment-", "Bản chụp thiếu chữ ký.")
	centre.click("office.back.send")
	first.open(one)
	first.sees("Bản chụp thiếu chữ ký.")
	first.fill("text", "Đã thay bản chụp có chữ ký.")
	first.click("fill.reply.send")
	first.sees("fill.reply.saved")
	first.picture("comment-answered")

	centre.open("/office/campaigns/2026-5/cancel")
	centre.fill("number", "16/BTTTT-CĐSQG")
	centre.fill("reason", "Trùng với đợt báo cáo khác.")
	centre.click("office.cancel.do")
	centre.sees("Trùng với đợt báo cáo khác.")
	centre.picture("round-cancelled")
	centre.openFor("/board/2026-5", 409)
	first.open(one)
	first.sees("Trùng với đợt báo cáo khác.")
}
