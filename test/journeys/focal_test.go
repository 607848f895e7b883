package journeys

import (
	"bytes"
	"testing"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
)

// The focal point of Bạc Liêu, who has not answered letter 488, fills in the
// return on a phone, is told what is missing, hands it in and takes it back;
// then hands it in again at a desk, in English.
func TestFocalPointFillsIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	p := h.person(t, i18n.Vi, uitest.Phone).signIn("baclieu")
	p.isAt("/returns")
	p.clickIn("488/BTTTT-CĐSQG", "fill.open.start")
	p.isAt("/returns/488/H04")
	p.click("fill.start.blank")
	p.sees("fill.next.draft")
	p.picture("focal-point-tasks")

	// Part 1. An address that is none is said at once, with a link to it.
	p.click("readiness.task.contact")
	p.fill("contact.full_name", "Lê Văn Mẫu")
	p.fill("contact.organisation", "Sở Thông tin và Truyền thông")
	p.fill("contact.position", "Trưởng phòng")
	p.fill("contact.phone", "0291 000 0000")
	p.fill("contact.email", "levanmau@")
	p.click("fill.save.next")
	p.isAt("/returns/488/H04/part/contact")
	p.sees("fill.part.saved_missing")
	p.fill("contact.email", "levanmau@baclieu.example.vn")
	p.click("fill.save.next")

	// Part 2. The systems are declared once; the rows ask for each.
	p.isAt("/returns/488/H04/part/systems")
	for _, s := range []struct{ name, kind string }{
		{"Hệ thống thông tin giải quyết thủ tục hành chính tỉnh Bạc Liêu", "procedure_system"},
		{"Hệ thống quản lý an sinh xã hội", "sector_system"},
	} {
		p.fill("system.new.name", s.name)
		p.choose("system.new.kind", s.kind)
		p.click("fill.systems.add", map[string]any{"one": "hệ thống"})
	}
	p.click("fill.save.next")
	for _, component := range []string{"network", "procedure_system", "onestop_equipment", "connection"} {
		p.isAt("/returns/488/H04/part/" + component)
		p.answer("")
		p.click("fill.save.next")
	}

	// Of the last component one answer is left out, and handing in is refused
	// with a link to just this one.
	p.isAt("/returns/488/H04/part/security")
	left := p.answer("last")
	p.click("fill.save.list")
	p.isAt("/returns/488/H04")
	p.click("fill.check.go")
	p.sees("fill.check.must", map[string]any{"n": 1})
	p.seesNot("fill.check.declare.text", map[string]any{"agency": "UBND tỉnh Bạc Liêu"})
	p.picture("focal-point-missing")
	p.click("Mục 5.2-b: chưa chọn mức đáp ứng.")
	p.isAt("/returns/488/H04/part/security")
	p.first(left)
	p.click("fill.save.next")

	// Parts 3 and 4.
	p.isAt("/returns/488/H04/part/proposals")
	p.fill("proposal.network", "Đề nghị hướng dẫn cụ thể về kết nối mạng Truyền số liệu chuyên dùng.")
	p.click("fill.save.next")
	p.fill("difficulties.1", "Thiếu cán bộ chuyên trách an toàn thông tin.")
	p.fill("recommendations.1", "Sớm ban hành định mức kinh phí.")
	p.click("fill.save.next")

	p.isAt("/returns/488/H04/check")
	p.sees("fill.check.ready")
	p.click("fill.check.submit")
	p.sees("fill.check.declare_missing")
	p.choose("declare", "1")
	p.click("fill.check.submit")
	p.isAt("/returns/488/H04/done")
	p.sees("fill.done.title")
	p.picture("focal-point-done")
	if docx := p.download(p.href("Word")); !bytes.HasPrefix(docx, []byte("PK")) {
		t.Errorf("the Word form begins with %q", docx[:min(len(docx), 8)])
	}

	p.click("fill.withdraw.go")
	p.click("fill.withdraw.title")
	p.sees("readiness.state.reason_needed")
	p.fill("reason", "Cần sửa số liệu mục 3.")
	p.click("fill.withdraw.title")
	p.isAt("/returns/488/H04")
	p.sees("fill.withdraw.done")

	p = h.person(t, i18n.En, uitest.Desktop).signIn("baclieu")
	p.clickIn("488/BTTTT-CĐSQG", "fill.open.continue")
	p.click("readiness.task.contact")
	p.fill("contact.position", "Phó Giám đốc")
	p.click("fill.save.list")
	p.picture("focal-point-tasks-en")
	for _, task := range []string{"systems", "network", "security", "proposals"} {
		p.open("/returns/488/H04/part/" + task)
	}
	p.open("/returns/488/H04/check")
	p.choose("declare", "1")
	p.click("fill.check.submit")
	p.sees("fill.done.title")
	p.click("fill.done.back")
	p.click("fill.compare.go")
	p.sees("Phó Giám đốc")
}

// answer answers what the page of a component asks with its first option, as if
// all were met; it gives the name of the last one, which "last" leaves out.
func (p *person) answer(except string) (last string) {
	p.t.Helper()
	names := eval[[]string](p, `[...new Set([...document.querySelectorAll("input[type=radio]")].map(e => e.name))]`)
	last = names[len(names)-1]
	for _, name := range names {
		if except != "last" || name != last {
			p.first(name)
		}
	}
	return last
}

// first picks the first of some radios.
func (p *person) first(name string) {
	p.t.Helper()
	p.choose(name, eval[string](p, call(`name => document.getElementsByName(name)[0].value`, name)))
}
