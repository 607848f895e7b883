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
		if s := strings.Join(strings.Fields(l.Text()), " "); s != "" && !ownMark.MatchString(readiness.Fold(s)) {
			p.head = append(p.head, headLine{s, p.place("")})
		}
	}
}

var (
	// ownMark is the line of Write that says who entered the return; no answer of the agency.
	ownMark  = regexp.MustCompile(`^noi nhan nhap thay tu ban goc .* cua co quan$`)
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
			p.letter(l.text)
		case strings.HasPrefix(folded, "kinh gui"):
			rest = append(rest, l)
		case placeDay.MatchString(folded):
			dated = l.text
		case agencyRe.MatchString(folded):
			names = append(names, l)
		default:
			rest = append(rest, l)
		}
	}
	if p.ret.Letter.Date.IsZero() && dated != "" {
		p.letterDay(dated)
	}
	if len(names) == 0 && len(p.edgeNames) > 0 { // the name stands on top of each page
		names = []headLine{{text: p.edgeNames[0]}}
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
	p.evidence(names)
	var extra []readiness.Extra
	for _, l := range append(names, rest...) {
		extra = append(extra, readiness.Extra{Where: l.place, Text: l.text})
	}
	p.ret.Extra = append(extra, p.ret.Extra...)
}

// letter reads the line that names the agency's own letter.
func (p *paper) letter(line string) {
	ref := readiness.FindLetter(line)
	if p.ret.Letter.Number != "" || !p.ret.Letter.Date.IsZero() {
		return
	}
	if ref.Number != "" {
		p.ret.Letter = ref
	}
	if p.ret.Letter.Date.IsZero() {
		p.letterDay(line)
	}
	if ref.Number == "" && !p.ret.Letter.Date.IsZero() {
		p.problem(readiness.Notes, "", "", line, "readiness.problem.letter_number")
	}
}

// writtenDay is what stands where the day of a letter should: digits after "ngày", or
// digits set apart as days are.
var writtenDay = regexp.MustCompile(`(?i)ngày\s*([^,;)\n]*\d[^,;)\n]*)|(\d{1,4}\s*[/.\-]\s*\d{1,2}\s*[/.\-]\s*\d{1,4})`)

// blankDay is a day that was left to be filled in by hand: "ngày … tháng 6 năm 2023".
var blankDay = regexp.MustCompile(`(?i)^[\s.…_]*tháng|tháng[\s.…_]*năm`)

// letterDay reads the day of the agency's letter; one that cannot be read is told, for it
// is part of what says which letter the paper answers.
func (p *paper) letterDay(line string) {
	if day := readiness.FindDay(line); !day.IsZero() {
		p.ret.Letter.Date = day
		return
	}
	m := writtenDay.FindStringSubmatch(line)
	if m == nil {
		return
	}
	text := strings.TrimSpace(m[1] + m[2])
	if !blankDay.MatchString(text) {
		p.problem(readiness.Reviews, "", "", text, "readiness.problem.letter_date")
	}
}

// evidence gathers what else says whose the paper is and what it answers.
func (p *paper) evidence(names []headLine) {
	for _, l := range names {
		p.ret.Seen.Names = append(p.ret.Seen.Names, l.text)
	}
	for _, name := range append(p.edgeNames, p.signNames...) {
		if readiness.Fold(name) != readiness.Fold(p.ret.Heading) {
			p.ret.Seen.Names = append(p.ret.Seen.Names, name)
		}
	}
	for _, l := range p.head {
		for _, number := range readiness.FindNumbers(l.text) {
			if !strings.Contains(readiness.NormalNumber(p.tpl.Title.Vi), number) && number != p.ret.Letter.Number {
				p.ret.Seen.Cites = append(p.ret.Seen.Cites, number)
			}
		}
	}
}
