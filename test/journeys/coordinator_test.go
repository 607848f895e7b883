package journeys

import (
	"bytes"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/readiness"
)

// nextLetter is a round whose due day was yesterday, and to which nobody has
// answered yet.
func (h *house) nextLetter(id, number string) {
	h.t.Helper()
	register, by := h.modules.Readiness.Register(), actor.OfSystem(readiness.Coordinator)
	c, err := register.Campaign(h.t.Context(), by, "1877")
	if err != nil {
		h.t.Fatal(err)
	}
	today := clock.DayOf(time.Now())
	c.ID, c.Number, c.Previous, c.Round = id, number, "1877", 4
	// The samples are of 2023: a letter of today would ask why they are older than it.
	c.Issued, c.Due = c.Issued.AddDays(1), today.AddDays(-1)
	if err := register.OpenCampaign(h.t.Context(), by, c); err != nil {
		h.t.Fatal(err)
	}
}

// The coordinator takes in a zip of returns, decides what the machine could
// not, sends one back, and chases those who are late.
func TestCoordinatorTakesIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.nextLetter("2026-4", "9/BTTTT-CĐSQG")
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("dieuphoi")
	p.click("office.nav.imports")
	p.choose("campaign", "2026-4")
	p.upload("files", batch(t))
	p.click("office.import.send")
	p.waits("office.batch.waiting", map[string]any{"n": 5, "total": 9})
	p.check()
	p.sees("khong-ro.docx")
	p.picture("batch")
	all := p.path()

	// Files that are none say why, and what to do.
	p.click("d/bi-cut.docx")
	p.sees("bị hỏng hoặc tải lên chưa hết")
	p.click("office.batch")

	// A file of nobody gets its agency; of two returns of one agency a person takes one,
	// and the other then replaces it.
	p.click("office.batch.waiting.see")
	p.click("c/khong-ro.docx")
	p.open(p.path() + "?agency=H22")
	p.click("office.item.take")
	p.open(all)
	p.click("a/bo-noi-vu.docx")
	p.picture("two-returns")
	p.click("office.item.take")
	p.open("/office")
	p.click("office.work.do.second")
	p.picture("second-return")
	p.click("office.item.replace")

	// An unsure reading is confirmed beside the paper's own words.
	p.open("/office/returns/2026-4/G03")
	p.sees("Cơ bản đáp ứng")
	p.picture("unsure-reading")
	p.choose(p.named("compliance"), "partially_met")
	// The papers are of 2023: months that had passed when this letter was written are asked about.
	eval[bool](p, `(() => { for (const e of document.querySelectorAll("#resolve [type=checkbox]:not(:checked)")) e.click(); return true })()`)
	p.click("office.review.save")
	p.click("office.review.accept")
	p.sees("office.review.accepted", map[string]any{"agency": "Bộ Giáo dục và Đào tạo"})

	// Another goes back with a comment, which the focal point finds on a phone.
	p.open("/office/returns/2026-4/H55")
	p.click("office.review.back")
	p.fill("comment-", "Đề nghị ghi rõ mức đáp ứng ở mục 1.2.")
	p.picture("send-back")
	p.click("office.back.send")
	p.sees("office.back.done", map[string]any{"agency": "UBND tỉnh Thái Nguyên"})
	focal := h.person(t, i18n.Vi, uitest.Phone).signIn("thainguyen")
	focal.clickIn("9/BTTTT-CĐSQG", "fill.open.mend")
	focal.sees("Đề nghị ghi rõ mức đáp ứng ở mục 1.2.")
	focal.picture("sent-back")

	// The late are chased: one by e-mail, one by letter.
	p.click("office.nav.chase")
	p.picture("chase")
	p.choose("agency", "H04")
	p.click("office.chase.email")
	for end := time.Now().Add(uitest.Patience); !h.mailed("baclieu@dean06.example.vn"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no reminder to Bạc Liêu came")
		}
	}
	p.choose("agency", "H12")
	if zip := p.submitted("office.chase.letters"); !bytes.HasPrefix(zip, []byte("PK")) {
		t.Errorf("the letters begin with %q", zip[:min(len(zip), 8)])
	}
	p.open("/office/contacts/2026-4")
	p.click("office.contacts.reveal")
	p.click("office.nav.claims")
	p.picture("claims")
	p.click("office.nav.templates")

	phone := h.person(t, i18n.En, uitest.Phone).signIn("thamtra")
	for _, path := range []string{
		"/office", "/office/campaigns", "/office/campaigns/2026-4", "/office/imports", "/office/returns/2026-4/G03",
		"/office/chase/2026-4", "/office/contacts/2026-4", "/office/claims", "/office/templates/488/1",
	} {
		phone.open(path)
	}
}
