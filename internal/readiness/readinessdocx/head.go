package readinessdocx

import (
	"regexp"
	"strings"

	"dean06/internal/platform/docx"
	"dean06/internal/readiness"
)

// headLine is a line above part 1.
type headLine struct {
	text  string
	place readiness.Place
}

func (p *paper) headLines(lines []docx.Line) {
	for _, l := range lines {
		if s := strings.Join(strings.Fields(l.Text()), " "); s != "" {
			p.head = append(p.head, headLine{s, p.place("")})
		}
	}
}

var (
	motto    = regexp.MustCompile(`^(cong hoa xa hoi chu nghia viet nam|doc lap tu do hanh phuc)$`)
	agencyRe = regexp.MustCompile(
		`^(uy ban nhan dan|ubnd|uy ban|bo|tinh|thanh pho|tp|ngan hang|thanh tra|van phong|bao hiem|dai|thong tan|vien|tong cuc|tong|ban|` +
			`kiem toan|hoc vien|hoi dong|so|toa an)( |$)`,
	)
	placeDay  = regexp.MustCompile(`ngay \d* ?thang \d* ?nam \d+$`)
	ownNumber = regexp.MustCompile(`^(so|kem theo|ban hanh kem theo|gui kem)( |$)`)
)

// finishHead finds the agency, its letter and the day of it above part 1.
func (p *paper) finishHead() {
	title := map[string]bool{}
	for line := range strings.SplitSeq(p.tpl.Title.Vi, "\n") {
		title[readiness.Fold(line)] = true
	}
	title[readiness.Fold(p.tpl.Title.Vi)] = true
	var names, rest []headLine
	dated := ""
	for _, l := range p.head {
		folded := readiness.Fold(l.text)
		switch {
		case motto.MatchString(folded), title[folded], strings.HasPrefix(folded, "phu luc"), readiness.IsDots(l.text):
		case ownNumber.MatchString(folded) && (strings.ContainsAny(l.text, "/:") || strings.Contains(folded, "kem theo")):
			if ref := readiness.FindLetter(l.text); p.ret.Letter.Number == "" && ref.Number != "" {
				p.ret.Letter = ref
			}
		case placeDay.MatchString(folded):
			dated = l.text
		case agencyRe.MatchString(folded):
			names = append(names, l)
		default:
			rest = append(rest, l)
		}
	}
	if p.ret.Letter.Date.IsZero() && p.ret.Letter.Number != "" && dated != "" {
		p.ret.Letter.Date = readiness.FindDay(dated)
	}
	if len(names) == 0 && len(rest) > 0 {
		names, rest = rest[:1], rest[1:]
	}
	if len(names) > 0 {
		p.ret.Heading = names[0].text
		names = names[1:]
		// "ỦY BAN NHÂN DÂN" and "TỈNH HÀ NAM" often stand on two lines.
		switch readiness.Fold(p.ret.Heading) {
		case "uy ban nhan dan", "ubnd", "bo", "uy ban":
			if len(names) > 0 {
				p.ret.Heading += " " + names[0].text
				names = names[1:]
			}
		}
	}
	var extra []readiness.Extra
	for _, l := range append(names, rest...) {
		extra = append(extra, readiness.Extra{Where: l.place, Text: l.text})
	}
	p.ret.Extra = append(extra, p.ret.Extra...)
}
