package journeys

import (
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/population"
)

// atDesk begins to work at the register's desk.
func (p *person) atDesk(login string) *person {
	p.t.Helper()
	p.signIn(login)
	p.choose("purpose", "residence")
	p.click("people.desk.go")
	return p
}

// A death that was registered of the wrong person is annulled: one registrar asks, another
// sees what it changes and approves, and the record keeps both.
func (l *land) annulment(t *testing.T) {
	asks := l.at(t, "authority").person(t, i18n.Vi, uitest.Desktop).atDesk("canbo")
	asks.fill("q", "001060000001")
	asks.click("ui.search")
	asks.click("Nguyễn Văn Cha")
	page := asks.path()
	asks.click("people.event.register")
	asks.click("people.kind.death")
	asks.fill("on", "20/11/2026")
	asks.click("people.event.see")
	asks.click("people.preview.record")
	asks.press("people.tab.events")
	form := eval[string](asks, `document.querySelector("main a[href*='/annul?event=']").getAttribute("href")`)
	asks.clickIn("20/11/2026", "people.annul.link")
	asks.sees("people.annul.lead")
	asks.sees("Trần Thị Mẹ")
	asks.click("people.annul.ask")
	asks.sees("population.annul.basis", map[string]any{"min": population.MinBasis, "max": population.MaxBasis})
	asks.fill("basis", "Quyết định số 12/QĐ-UBND ngày 25/11/2026 của UBND phường Hồng Hà")
	asks.click("people.annul.ask")
	asks.sees("people.annul.asked")
	request := asks.path()
	asks.click("people.annul.request.decide")
	asks.sees("approval.denied.own_request")

	second := l.at(t, "authority").person(t, i18n.En, uitest.Phone).atDesk("canbo2")
	second.open("/approvals")
	second.open(request)
	second.sees("people.annul.changes")
	second.open(form)
	second.open(page)
	second.open(request)
	second.click("people.annul.request.decide")
	second.click("approval.page.approve")
	second.sees("approval.page.approved")
	second.open(request)
	second.sees("people.annul.request.over")

	asks.open(page)
	asks.press("people.tab.events")
	asks.sees("people.annul.is")
	asks.sees("people.annul.link.back")
}
