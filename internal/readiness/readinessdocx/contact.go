package readinessdocx

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"dean06/internal/readiness"
)

// contactNames are other words for the fields of part 1 that agencies use.
var contactNames = map[string]*regexp.Regexp{
	"full_name":    regexp.MustCompile(`(?i)(?:họ\s*(?:và|,)?\s*tên)[^:：\n]{0,20}[:：]`),
	"organisation": regexp.MustCompile(`(?i)(?:cơ\s*quan|đơn\s*vị)(?:\s*,?\s*(?:đơn\s*vị|cơ\s*quan))?\s*(?:công\s*tác)?\s*[:：]`),
	"position":     regexp.MustCompile(`(?i)chức\s*(?:vụ|danh)[^:：\n]{0,20}[:：]`),
	"phone":        regexp.MustCompile(`(?i)(?:số\s*)?(?:điện\s*thoại|đtdđ|sđt|đt|di\s*động|mobile|tel)\.?[^:：\n]{0,20}[:：]`),
	"email":        regexp.MustCompile(`(?i)(?:địa\s*chỉ\s*)?(?:e-?\s?mail|thư\s*điện\s*tử|thư\s*công\s*vụ)[^:：\n]{0,20}[:：]`),
}

// contact reads lines of part 1: labels with their values, several on a line or
// one over two lines.
func (p *paper) contact(lines []readiness.Line) {
	for line := range strings.SplitSeq(readiness.Kept(lines), "\n") {
		p.contactLine(line)
	}
}

type labelAt struct {
	key        string
	start, end int
}

func (p *paper) contactLine(line string) {
	var found []labelAt
	for key, re := range contactNames {
		if at := re.FindStringIndex(line); at != nil {
			found = append(found, labelAt{key, at[0], at[1]})
		}
	}
	for _, f := range p.tpl.Contact { // the template's own labels
		if at := strings.Index(line, f.Label.Vi+":"); at >= 0 && !slices.ContainsFunc(found, func(l labelAt) bool { return l.key == f.Key }) {
			found = append(found, labelAt{f.Key, at, at + len(f.Label.Vi) + 1})
		}
	}
	slices.SortFunc(found, func(a, b labelAt) int { return cmp.Compare(a.start, b.start) })
	// A label inside the value of another is no label of its own.
	for i := 1; i < len(found); i++ {
		if found[i].start < found[i-1].end {
			found = slices.Delete(found, i, i+1)
			i--
		}
	}
	if len(found) == 0 {
		p.contactMore(line)
		return
	}
	p.contactMore(strings.Trim(line[:found[0].start], " -–+*•\t\u00a0;,."))
	for i, f := range found {
		end := len(line)
		if i+1 < len(found) {
			end = found[i+1].start
		}
		p.field = f.key
		p.contactValue(line[f.end:end])
	}
}

// contactMore takes a line without a label as the value of the label above it.
func (p *paper) contactMore(line string) {
	if line == "" {
		return
	}
	if v := p.ret.Contact.Field(p.field); v != nil && *v == "" {
		p.contactValue(line)
		return
	}
	p.extra(line, "")
}

func (p *paper) contactValue(s string) {
	s = strings.TrimSpace(strings.Trim(strings.TrimSpace(s), ";,–-\t\u00a0"))
	s = strings.TrimSpace(s)
	if readiness.IsDots(s) {
		s = ""
	}
	s = strings.Trim(s, "…")
	if s == "" {
		return
	}
	v := p.ret.Contact.Field(p.field)
	if v == nil || *v != "" {
		p.extra(s, p.field)
		return
	}
	*v = strings.TrimSpace(s)
}
