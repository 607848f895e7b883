package journeys

import (
	"bytes"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// A leader reads who meets what, by the provinces of then and of today, opens a
// figure on its rows and takes the report along.
func TestLeaderReads(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Desktop).signIn("lanhdao")
	p.isAt("/board/1877")
	p.sees("13 trong 63 địa phương và 5 trong 20 bộ, ngành đáp ứng đủ năm thành phần")
	p.picture("board")
	p.click("board.nav.matrix")
	p.picture("matrix")
	p.click("Thái Nguyên")
	p.isAt("/board/1877/agency/H55")
	p.picture("agency")
	p.open("/board/1877")
	p.click("board.nav.map")
	p.sees("board.map.isles")
	p.picture("map")

	// The same answers by the provinces of today: 34 of them.
	p.press("board.time")
	p.pick("geography", "34")
	p.click("board.time.show")
	p.sees("trong 34 địa phương")
	p.picture("map-34")
	p.click("board.nav.home")
	p.sees("trong 34 địa phương")

	p.open("/board/1877")
	p.clickIn("13/63", "13")
	p.sees("board.figure.sentence.all", map[string]any{"who": "13 trong 63 địa phương", "all": "năm", "share": "20,6%"})
	p.picture("figure")
	for _, page := range []string{"board.nav.stages", "board.nav.change", "board.nav.causes"} {
		p.click(page)
	}
	p.click("board.nav.report")
	p.picture("report")
	for format, magic := range map[string]string{"docx": "PK\x03\x04", "xlsx": "PK\x03\x04", "pdf": "%PDF-"} {
		if raw := p.download("/board/1877/report/file?language=vi&format=" + format); !bytes.HasPrefix(raw, []byte(magic)) {
			t.Errorf("the report as %s begins with %q", format, raw[:min(len(raw), 8)])
		}
	}

	// A leader reads all and changes nothing.
	p.seesNot("nav.office")
	p.refused("/office", "/office/imports", "/office/campaigns/new", "/audit", "/accounts")

	p = h.person(t, i18n.En, uitest.Phone).signIn("lanhdao")
	p.picture("board-phone-en")
	for _, page := range []string{
		"matrix", "map?geography=2025-07-01", "stages", "change", "causes", "figure/provinces/all_five", "agency/H55", "report",
	} {
		p.open("/board/1877/" + page)
	}
}
