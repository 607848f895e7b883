package journeys

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/xroad"
)

// asked is a child whom the province reports, and whom two clerks are about to write down
// again: one of another child of the same name and day, who says how they know, and one
// who goes back.
func (l *land) asked(t *testing.T) {
	born := time.Now().In(clock.Zone)
	today := born.Format(time.DateOnly)
	report := `{"kind":"birth","on":"` + today + `","basis":"Giấy chứng sinh 12/2026","child":{"name":"Nguyễn Thị Hỏi","sex":"2",` +
		`"birthplace":{"province":"01","commune":"00097"}},"mother":{"number":"001192000001","name":"Lê Thị Vợ"},` +
		`"father":{"number":"001090000001","name":"Nguyễn Văn Thử"}}`
	header := map[string]string{
		xroad.HeaderClient: "VN/GOV/H55/TTHC", xroad.HeaderUserID: "canbo.test", xroad.HeaderIssue: "H55-HOI-0001", xroad.HeaderPurpose: "1.001193",
	}
	for _, status := range []int{http.StatusCreated, http.StatusOK} {
		answer, body := l.ask(t, "thainguyen", "/r1/VN/GOV/G01/DANCU/events", report, header)
		if answer.StatusCode != status || !strings.Contains(body, `"number":"0013`+today[2:4]) {
			t.Fatalf("the report was answered %s %s", answer.Status, body)
		}
	}
	header[xroad.HeaderIssue] = "H55-HOI-0002"
	if answer, body := l.ask(t, "thainguyen", "/r1/VN/GOV/G01/DANCU/events", report, header); answer.StatusCode != http.StatusConflict ||
		!strings.Contains(body, `"kind":"birth_again"`) {
		t.Fatalf("the second report was answered %s %s", answer.Status, body)
	}

	for _, who := range []struct {
		lang  i18n.Lang
		width int64
	}{{i18n.Vi, uitest.Desktop}, {i18n.En, uitest.Phone}, {i18n.En, uitest.Desktop}, {i18n.Vi, uitest.Phone}} {
		p := l.at(t, "authority").person(t, who.lang, who.width).signIn("canbo")
		p.choose("purpose", "civil_status")
		p.click("people.desk.go")
		p.fill("q", "thu nguyen van")
		p.click("ui.search")
		p.clickIn("001*******01", "Nguyễn Văn Thử")
		p.click("people.event.register")
		p.click("people.kind.birth")
		p.fill("name", "Nguyễn Thị Hỏi")
		p.fill("on", born.Format("02/01/2006"))
		p.choose("sex", "2")
		p.fill("birthplace", "phường Hồng Hà, Hà Nội")
		p.click("people.event.see")
		p.sees("population.question.birth_again")
		p.sees("Giấy chứng sinh 12/2026")
		p.click("people.preview.record")
		p.sees("people.question.answer")
		if who.lang == i18n.En || who.width == uitest.Phone {
			p.click("people.preview.change")
			p.sees("people.event.see")
			continue
		}
		p.fill(eval[string](p, `document.querySelector("main textarea").name`), "Sinh đôi, đã xem giấy chứng sinh số 13")
		p.click("people.preview.record")
		p.sees("people.born.title")
		p.click("people.born.person")
		p.press("people.tab.events")
		p.press("people.event.asked")
		p.sees("Sinh đôi, đã xem giấy chứng sinh số 13")
	}
}
