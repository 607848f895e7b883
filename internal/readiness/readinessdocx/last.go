package readinessdocx

import (
	"regexp"
	"strings"

	"dean06/internal/readiness"
)

// signature is where the form ends and the signature begins.
var signature = regexp.MustCompile(
	`^(noi nhan|kt |tm |tl |tuq |chu tich$|pho chu tich$|giam doc$|pho giam doc$|bo truong$|thu truong$|nguoi lap|nguoi bao cao|` +
		`thu truong don vi|xac nhan cua|ky ten|dai dien )`,
)

// difficulties reads lines of part 4.
func (p *paper) difficulties(lines []readiness.Line) {
	for line := range strings.SplitSeq(readiness.Kept(lines), "\n") {
		folded := bare(line)
		if signature.MatchString(readiness.Fold(line)) {
			p.ended = true
		}
		if name, ok := strings.CutPrefix(readiness.Fold(line), "tm "); ok && agencyRe.MatchString(name) {
			p.signNames = append(p.signNames, strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line)[2:], ". ")))
		}
		if p.ended {
			p.extra(line, "")
			continue
		}
		switch n := leadingNumber.FindString(readiness.Fold(line) + " "); {
		case sameStart(folded, p.labels.diff) >= 4 && (n != "" || p.list == ""):
			p.list, line = "a", afterLabel(line)
		case sameStart(folded, p.labels.rec) >= 3 && (n != "" || p.list == "a"):
			p.list, line = "b", afterLabel(line)
		case p.labels.more != "" && folded == p.labels.more && n != "":
			p.list, line = "c", ""
		}
		p.listItem(line)
	}
}

// afterLabel is what stands on a line after its label.
func afterLabel(line string) string {
	_, rest, _ := strings.Cut(line, ":")
	return rest
}

func (p *paper) listItem(line string) {
	item := strings.TrimSpace(strings.TrimLeft(line, "-–—+*•· \t\u00a0"))
	if item == "" || readiness.IsDots(item) || readiness.IsNothing(item) {
		return
	}
	p.aboveText()
	switch p.list {
	case "a":
		p.ret.Difficulties = append(p.ret.Difficulties, item)
	case "b":
		p.ret.Recommendations = append(p.ret.Recommendations, item)
	default: // above the lists, or in that of other text
		p.extra(item, "")
	}
}
