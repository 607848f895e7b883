package journeys

import (
	"testing"
	"time"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// The coordinator sends the next letter; the focal point of Thái Nguyên, for
// whom nothing has changed, answers it in fewer than ten clicks.
func TestNextRound(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("dieuphoi")
	p.isAt("/office")
	p.click("office.nav.campaigns")
	p.click("office.new.title")
	p.fill("id", "2026-4")
	p.fill("number", "9/BTTTT-CĐSQG")
	due := time.Now().AddDate(0, 0, 20)
	p.fill("due-day", due.Format("2"))
	p.fill("due-month", due.Format("1"))
	p.fill("due-year", due.Format("2006"))
	p.click("office.new.preview")
	p.sees("UBND tỉnh Thái Nguyên")
	p.click("Phát hành tới")
	p.isAt("/office/campaigns/2026-4")
	p.sees("office.new.done", map[string]any{"number": "9/BTTTT-CĐSQG"})
	p.picture("campaign")

	for _, c := range []struct {
		lang  i18n.Lang
		width int64
		login string
	}{{i18n.Vi, uitest.Phone, "thainguyen"}, {i18n.En, uitest.Desktop, "giaoduc"}} {
		p := h.person(t, c.lang, c.width).signIn(c.login)
		p.isAt("/returns")
		p.clickIn("9/BTTTT-CĐSQG", "fill.start.last")
		if c.lang == i18n.Vi {
			p.picture("next-round")
		}
		if p.has("fill.review.all") {
			p.click("fill.review.all")
		} else {
			p.click("fill.review.rest")
		}
		p.choose("declare", "1")
		p.click("fill.check.submit")
		p.sees("fill.done.title")
		if p.clicks >= 10 {
			t.Errorf("%s: %d clicks from signing in to handed in, want fewer than 10", c.login, p.clicks)
		}
	}

	p.open("/office")
	p.sees("UBND tỉnh Thái Nguyên")
}
