package journeys

import (
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// otherOfficer: an officer of another agency is not entered for the agency's older systems,
// and the page says whose the system is.
func (l *land) otherOfficer(t *testing.T) {
	for _, c := range []struct {
		lang  i18n.Lang
		width int64
	}{{i18n.Vi, uitest.Desktop}, {i18n.En, uitest.Desktop}, {i18n.Vi, uitest.Phone}, {i18n.En, uitest.Phone}} {
		p := l.at(t, "thainguyen").person(t, c.lang, c.width).signIn("quantri")
		p.open("/contract")
		p.click("contractweb.officer.new")
		p.fill("code", "canbo.khac")
		p.fill("name", "Lê Văn Khác")
		p.fill("office", "H26.16")
		p.fill("reason", "Tăng cường từ cơ quan khác.")
		p.choose("operations", "TraCuuThongTinCongDan")
		p.click("contractweb.officer.add")
		p.sees("contract.wrong.office.other", map[string]any{"agency": "H55"})
	}
}
