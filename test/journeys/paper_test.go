package journeys

import (
	"bytes"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper/papertest"
	"dean06/internal/platform/ui/uitest"
	"dean06/test/rawcode"
)

// paper takes a file along and fails the test for each word in it that only the program
// uses.
func (p *person) paper(path string) {
	p.t.Helper()
	p.readPaper(path, p.fetch(path))
}

func (p *person) readPaper(name string, raw []byte) {
	p.t.Helper()
	var text string
	if bytes.HasPrefix(raw, []byte("%PDF-")) {
		text = papertest.Running(p.t, raw)
	} else {
		var err error
		if text, err = rawcode.Paper(raw); err != nil {
			p.t.Fatalf("%s: %v", name, err)
		}
	}
	if len(text) < 200 {
		p.t.Errorf("%s says only %q", name, text)
	}
	p.plain(name, text)
}

// Papers say what people say: the forms, blank and filled in, the letters, the report and
// its annexes, in every format and both languages.
func TestPapers(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.nextLetter("2026-4", "9/BTTTT-CĐSQG")
	p := h.person(t, i18n.Vi, uitest.Desktop)
	p.hurried = true
	p.signIn("dieuphoi")
	p.open("/office/imports")
	p.choose("campaign", "2026-4")
	p.upload("files", batch(t))
	p.click("office.import.send")
	p.waits("office.batch.waiting", map[string]any{"n": 5, "total": 9})
	p.click("d/bi-cut.docx")
	item := p.path()
	p.fill("agency", "H31")
	p.click("office.item.assign")
	p.open(item)
	p.fill("reason", "Tệp bị hỏng, không mở được.")
	p.choose("by", "letter")
	p.click("office.refuse.do")
	p.open("/office/chase/2026-4")
	p.choose("agency", eval[string](p, `document.getElementsByName("agency")[0].value`))
	p.readPaper("letters that remind", p.submitted("office.chase.letters"))

	for _, lang := range i18n.Langs {
		p.lang = lang
		for path, formats := range map[string][]string{
			item + "/letter.":                                                 {"docx", "pdf"},
			"/office/campaigns/1877/letter.":                                  {"docx", "pdf"},
			"/office/templates/488/1/blank.":                                  {"docx", "xlsx", "pdf"},
			"/board/1877/report/file?language=" + string(lang) + "&format=":   {"docx", "xlsx", "pdf"},
			"/board/2026-4/report/file?language=" + string(lang) + "&format=": {"docx", "xlsx", "pdf"},
		} {
			p.open("/office?lang=" + string(lang))
			for _, format := range formats {
				p.paper(path + format)
			}
		}
		focal := h.person(t, lang, uitest.Desktop)
		focal.hurried = true
		focal.signIn("thainguyen")
		for _, path := range []string{"/returns/1877/H55/file.", "/returns/488/H55/file.", "/returns/2026-4/H55/file."} {
			for _, format := range []string{"docx", "xlsx", "pdf"} {
				focal.paper(path + format)
			}
		}
	}
}
