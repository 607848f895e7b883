package readiness

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// NoteFacts is what the note column of a row says beyond its words. The words
// themselves are kept whole in Note.
type NoteFacts struct {
	Note       string // the agency's words, without what the form had printed there
	Causes     []string
	Unmet      []string
	Counts     *Counts
	Decision   *LetterRef
	Confidence float64
	Reason     string
}

// ReadNote finds causes, unmet items, counts and the approving decision in the
// note of a row, as far as the row asks for them.
func ReadNote(row Row, lines []Line) NoteFacts {
	kept, example := withoutPrinted(row, lines)
	facts := NoteFacts{Note: strings.Join(kept, "\n"), Confidence: sure}
	if facts.Note == "" {
		if example {
			facts.Reason = ReasonExample
		}
		return facts
	}
	doubt := func(reason string, confidence float64) {
		if reason != "" && facts.Reason == "" {
			facts.Reason, facts.Confidence = reason, confidence
		}
	}
	if len(facts.Note) > longText {
		doubt(ReasonMore, 0.5)
		return facts
	}
	asks := func(a Ask) bool { return slices.Contains(row.Asks, a) }
	rest := facts.Note
	if asks(AskUnits) || asks(AskDevices) {
		var reason string
		facts.Counts, rest, reason = readCounts(rest)
		doubt(reason, 0.5)
	}
	if asks(AskDecision) {
		var reason string
		facts.Decision, reason = readDecision(rest)
		doubt(reason, 0.5)
	}
	if asks(AskUnmet) {
		facts.Unmet, rest = readUnmet(rest)
	}
	if asks(AskCause) {
		facts.Causes = readCauses(rest)
	}
	return facts
}

// withoutPrinted drops the form's own hints, references and examples from a
// note, and says whether an example stood there.
func withoutPrinted(row Row, lines []Line) (kept []string, example bool) {
	var printed []string
	for _, t := range []Text{row.Reference, row.NoteHint} {
		for _, s := range []string{t.Vi, t.En} {
			for line := range strings.SplitSeq(s, "\n") {
				if f := Fold(line); f != "" {
					printed = append(printed, f)
				}
			}
		}
	}
	for line := range strings.SplitSeq(Kept(lines), "\n") {
		line = strings.TrimSpace(norm.NFC.String(line))
		head, ex := cutExample(line)
		example = example || ex != ""
		if ex != "" && ownExample(row, ex) {
			line = head
		} else if ex != "" && IsExample(line) {
			line = ""
		} else if ex != "" && slices.Contains(printed, Fold(head)) {
			line = ""
		}
		for _, p := range printed {
			if ws := words(line); wordsAt(ws, 0, strings.Fields(p)) {
				// What the agency wrote after the hint is its answer.
				line = strings.TrimLeft(line[ws[len(strings.Fields(p))-1].end:], " \t\u00a0.:;,)-")
			}
		}
		if line != "" && !IsDots(line) {
			kept = append(kept, line)
		}
	}
	return kept, example
}

func ownExample(row Row, example string) bool {
	own := Fold(row.Example.Vi)
	return own != "" && strings.HasSuffix(own, Fold(example))
}

var (
	countNumber = `(\d{1,3}(?:[., ]\d{3})+|\d+)`
	countPair   = regexp.MustCompile(countNumber + `\s*(?:/|tren tong so|trong tong so|tren)\s*` + countNumber)
	countSingle = regexp.MustCompile(countNumber)
	clauseEnd   = regexp.MustCompile(`[;\n]|[.,]\s|[.]$`)
)

// readCounts finds "64/187" and the like with the words that say what is
// counted. It gives the text without the counts and their labels.
func readCounts(text string) (*Counts, string, string) {
	var counts Counts
	reason, found := "", false
	var left []string
	for _, clause := range clauses(text) {
		low := plain(clause)
		pairs := countPair.FindAllStringSubmatchIndex(low, -1)
		pairs = slices.DeleteFunc(pairs, func(at []int) bool { return isPartOfDate(low, at) })
		switch {
		case len(pairs) > 0:
			if r := counts.addPairs(low, pairs); r != "" && reason == "" {
				reason = r
			}
			found = true
		case counts.addSingle(low):
			found = true
		default:
			left = append(left, clause)
		}
	}
	if !found {
		return nil, text, ""
	}
	if counts.wrongOrder() && reason == "" {
		reason = ReasonCountOrder
	}
	rest := strings.Join(left, "\n")
	if counts == (Counts{}) {
		return nil, rest, reason
	}
	return &counts, rest, reason
}

// clauses parts text at semicolons, line ends, full stops and commas that no
// number holds together.
func clauses(text string) []string {
	var out []string
	from := 0
	for _, at := range clauseEnd.FindAllStringIndex(text, -1) {
		if text[at[0]] == ',' && !countPair.MatchString(plain(text[from:at[0]])) {
			continue // a comma inside a sentence
		}
		out = append(out, text[from:at[0]])
		from = at[1]
	}
	out = append(out, text[from:])
	kept := out[:0]
	for _, c := range out {
		if c = strings.TrimSpace(trimMarks(c)); c != "" {
			kept = append(kept, c)
		}
	}
	return kept
}

func isPartOfDate(low string, at []int) bool {
	before, after := low[:at[0]], low[at[1]:]
	if strings.HasPrefix(after, "/") || strings.HasPrefix(after, "-") || strings.HasSuffix(before, "/") {
		return true
	}
	before = strings.TrimRight(before, " ")
	for _, w := range []string{"thang", "ngay", "quy", " t"} {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}

// addPairs reads the pairs of one clause.
func (c *Counts) addPairs(low string, pairs [][]int) (reason string) {
	for i, at := range pairs {
		before := low[:at[0]]
		if i > 0 {
			before = low[pairs[i-1][1]:at[0]]
		}
		after := low[at[1]:]
		if i+1 < len(pairs) {
			after = low[at[1]:pairs[i+1][0]]
		}
		a, b := countValue(low[at[2]:at[3]]), countValue(low[at[4]:at[5]])
		label := before
		kind := countKind(Fold(before))
		if kind == "" {
			label, kind = after, countKind(Fold(after))
		}
		if kind == "" { // "64/187 … chưa đáp ứng" with the unit on one side and the verb on the other
			label = before + " " + after
			kind = countKind(Fold(label))
		}
		folded := Fold(label)
		total, part := strings.Index(folded, "tong so"), partIndex(folded)
		if total >= 0 && part > total {
			a, b = b, a // "tổng số …/số đã có: 187/64"
		}
		switch kind {
		case "units":
			if strings.Contains(folded, "chua") || !hasMetWord(folded) {
				c.UnitsUnmet, c.UnitsTotal = &a, &b
			} else {
				// The form asks for those not equipped; this counts the equipped.
				unmet := b - a
				c.UnitsUnmet, c.UnitsTotal = &unmet, &b
				reason = ReasonCountLabel
			}
		case "devices":
			if hasWords(folded, "chua") || hasWords(folded, "thieu") {
				have := b - a
				c.DevicesHave, c.DevicesNeed = &have, &b
				reason = ReasonCountLabel
			} else {
				c.DevicesHave, c.DevicesNeed = &a, &b
			}
		default:
			reason = ReasonCountLabel
		}
	}
	return reason
}

// partIndex is where a label names the part of a whole, or -1.
func partIndex(folded string) int {
	best := -1
	for _, w := range []string{"da co", "chua dap ung", "chua duoc", "chua co", "chua trang bi", "hien co"} {
		if i := strings.Index(folded, w); i >= 0 && (best < 0 || i < best) {
			best = i
		}
	}
	return best
}

func hasMetWord(folded string) bool {
	return strings.Contains(folded, "da dap ung") || strings.Contains(folded, "da trang bi") ||
		strings.Contains(folded, "da duoc") || strings.Contains(folded, "da co")
}

// countKind says whether a label counts units or devices.
func countKind(folded string) string {
	units := -1
	for _, w := range []string{"co quan", "don vi", "bo phan 1 cua", "xa", "huyen", "diem", "chua dap ung"} {
		if i := strings.LastIndex(" "+folded+" ", " "+w+" "); i > units {
			units = i
		}
	}
	devices := -1
	for _, w := range []string{"thiet bi", "may", "bo may", "da co", "can mua sam"} {
		if i := strings.LastIndex(" "+folded+" ", " "+w+" "); i > devices {
			devices = i
		}
	}
	// "số cơ quan đã có" counts units; "thiết bị của các cơ quan" devices.
	switch {
	case units < 0 && devices < 0:
		return ""
	case hasWords(folded, "thiet bi") && !hasWords(folded, "so co quan"):
		return "devices"
	case hasWords(folded, "co quan"), hasWords(folded, "don vi"):
		return "units"
	case devices > units:
		return "devices"
	}
	return "units"
}

var singleLabels = []struct {
	label string
	field func(c *Counts) **int
}{
	{"tong so co quan", func(c *Counts) **int { return &c.UnitsTotal }},
	{"tong so don vi", func(c *Counts) **int { return &c.UnitsTotal }},
	{"so co quan can trang bi", func(c *Counts) **int { return &c.UnitsTotal }},
	{"co quan chua", func(c *Counts) **int { return &c.UnitsUnmet }},
	{"don vi chua", func(c *Counts) **int { return &c.UnitsUnmet }},
	{"tong so thiet bi", func(c *Counts) **int { return &c.DevicesNeed }},
	{"thiet bi can", func(c *Counts) **int { return &c.DevicesNeed }},
	{"thiet bi da co", func(c *Counts) **int { return &c.DevicesHave }},
	{"thiet bi hien co", func(c *Counts) **int { return &c.DevicesHave }},
}

// addSingle reads "tổng số cơ quan cần trang bị: 187": one label, one number.
func (c *Counts) addSingle(low string) bool {
	at := countSingle.FindAllStringIndex(low, -1)
	if len(at) != 1 || !strings.Contains(low[:at[0][0]], ":") && strings.TrimSpace(trimMarks(low[at[0][1]:])) != "" {
		return false
	}
	folded := Fold(low)
	for _, l := range singleLabels {
		if strings.Contains(folded, l.label) {
			if f := l.field(c); *f == nil {
				n := countValue(low[at[0][0]:at[0][1]])
				*f = &n
				return true
			}
		}
	}
	return false
}

func (c Counts) wrongOrder() bool {
	more := func(part, whole *int) bool {
		return part != nil && (*part < 0 || whole != nil && *part > *whole)
	}
	// More devices in place than needed is odd, not wrong: the form's "tổng số
	// thiết bị cần mua sắm" may be read as those still to buy.
	return more(c.UnitsUnmet, c.UnitsTotal) || more(c.DevicesHave, nil)
}

// countValue reads digits with or without a separator of thousands. A number
// with more digits than any count has is cut to the largest that is kept.
func countValue(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			if n = n*10 + int(r-'0'); n > 999_999_999 {
				return 999_999_999
			}
		}
	}
	return n
}

// readDecision finds the decision that approves a level dossier. Its day is read
// only when no other letter is named before it.
func readDecision(text string) (*LetterRef, string) {
	var numbers []string
	for _, s := range letterSign.FindAllString(text, -1) {
		if n := NormalNumber(s); !slices.Contains(numbers, n) && strings.Contains(plain(n), "qd") {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == 0 {
		return nil, ""
	}
	ref := FindLetter(text)
	if ref.Number != numbers[0] { // another letter is named before it
		ref = LetterRef{Number: numbers[0]}
	}
	if len(numbers) > 1 {
		return &ref, ReasonManyNumbers
	}
	return &ref, ""
}

var unmetLabel = regexp.MustCompile(
	`(?i)(?:danh sách\s+)?(?:các\s+|những\s+|một số\s+)?(?:chức năng|tính năng|yêu cầu|nội dung|hạng mục|giải pháp|thiết bị|trang thiết bị)(?:\s+chính)?(?:\s+còn)?\s+(?:chưa|thiếu)(?:\s+\p{L}+){0,3}\s*:[ \t]*`,
)

// readUnmet finds the list after "Các chức năng chính chưa đáp ứng:" and gives
// the text without it.
func readUnmet(text string) (items []string, rest string) {
	at := unmetLabel.FindStringIndex(text)
	if at == nil {
		return nil, text
	}
	tail := text[at[1]:]
	end := len(tail)
	if first, _, many := strings.Cut(tail, "\n"); many && strings.TrimSpace(first) != "" {
		end = len(first)
	}
	if i := sentenceEnd.FindStringIndex(tail[:end]); i != nil {
		end = i[0]
	}
	list := tail[:end]
	cut := ","
	switch {
	case strings.Contains(list, "\n"):
		cut = "\n"
	case strings.Contains(list, ";"):
		cut = ";"
	}
	for item := range strings.SplitSeq(list, cut) {
		if item = strings.TrimRight(trimMarks(item), "….; "); item != "" {
			items = append(items, item)
		}
	}
	return items, text[:at[0]] + tail[end:]
}

var (
	sentenceEnd = regexp.MustCompile(`[.]\s+\p{Lu}|[.]\s*\n`)
	causeLabel  = regexp.MustCompile(`(?i)^(?:các\s+)?(?:nguyên nhân|lý do|lí do)[^:]{0,60}:\s*`)
)

// readCauses takes what is left of a note as causes, one for each sentence.
func readCauses(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		for part := range strings.SplitSeq(line, ";") {
			for _, s := range sentences(part) {
				s = causeLabel.ReplaceAllString(trimMarks(s), "")
				if s = trimMarks(s); s != "" && !IsNothing(s) && !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// sentences parts text at full stops that a capital letter follows.
func sentences(text string) []string {
	var out []string
	for {
		at := sentenceEnd.FindStringIndex(text)
		if at == nil {
			return append(out, text)
		}
		out = append(out, text[:at[0]])
		text = strings.TrimLeft(text[at[0]+1:], " \t\u00a0")
	}
}
