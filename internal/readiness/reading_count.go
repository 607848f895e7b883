package readiness

import (
	"regexp"
	"slices"
	"strings"
)

var (
	countNumber = `(\d{1,3}(?:[., ]\d{3})+|\d+)`
	// countPair is a part and its whole: "64/187", "64 trên tổng số 187", "64 xã trong số 187".
	countPair = regexp.MustCompile(
		countNumber + `((?:\s+[a-z]+){0,5}?)\s*(?:/|tren tong so|trong tong so|tren tong|tren|trong so|so voi tong so)\s*` + countNumber)
	countSingle = regexp.MustCompile(countNumber)
	clauseEnd   = regexp.MustCompile(`[;\n]|[.,]\s|[.]$`)
	// twoReadings is a number that is a thousand times larger in one country than in
	// another: 1.234 is a whole number here and a fraction in English, 1,234 the other
	// way round. 1.234.567 can be read in one way only.
	twoReadings = regexp.MustCompile(`(?:^|[^\d.,])\d{1,3}[.,]\d{3}(?:$|[^\d.,]|[.,](?:$|\D))`)
	fractionOf  = regexp.MustCompile(`^\s*(?:tong\s+)?so\b`)
	noCount     = regexp.MustCompile(`\b(?:1 cua|de an 0?6|nghi dinh \d+|khoa \d+|giai doan \d+|dot \d+|muc \d+(?:\.\d+)*|phu luc \d+)\b`)
)

// HasTwoReadings says that text writes a number like 1.234, which two countries read
// differently.
func HasTwoReadings(text string) bool { return twoReadings.MatchString(plain(text)) }

// countReader reads the numbers of one note. What it doubts it takes all the same: the
// first reason is kept, and a person looks.
type countReader struct {
	counts Counts
	reason string
	found  bool
}

func (c *countReader) doubt(reason string) {
	if c.reason == "" {
		c.reason = reason
	}
}

// readCounts finds "64/187" and the like with the words that say what is counted. It
// gives the text without the counts and their labels. A count is sure only in the
// form's own words: "chưa đáp ứng: 64/187" for units, "đã có: 1240/1875" for devices.
// Any other verb may say the opposite ("mới trang bị được 64/187").
func readCounts(text string) (*Counts, string, string) {
	var c countReader
	var left []string
	for _, clause := range clauses(text) {
		low := plain(clause)
		pairs := countPair.FindAllStringSubmatchIndex(low, -1)
		pairs = slices.DeleteFunc(pairs, func(at []int) bool { return isPartOfDate(low, at) })
		switch {
		case len(pairs) > 0:
			c.pairs(low, pairs)
			c.found = true
		case c.single(low):
			c.found = true
		default:
			if hasLooseNumber(clause) {
				c.doubt(ReasonCountUnread)
			}
			left = append(left, clause)
			continue
		}
		if HasTwoReadings(clause) {
			c.doubt(ReasonTwoReadings)
		}
	}
	if !c.found {
		return nil, text, c.reason
	}
	if c.counts.wrongOrder() {
		c.doubt(ReasonCountOrder)
	}
	rest := strings.Join(left, "\n")
	if c.counts == (Counts{}) {
		return nil, rest, c.reason
	}
	return &c.counts, rest, c.reason
}

// hasLooseNumber says that text holds a number that is no date, no letter and no name.
func hasLooseNumber(text string) bool {
	text = letterSign.ReplaceAllStringFunc(text, func(m string) string {
		if strings.ContainsAny(m, "-–") {
			return "#"
		}
		return m
	})
	_, rest := findTimes(text)
	return strings.ContainsAny(noCount.ReplaceAllString(rest, "#"), "0123456789")
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

// pairs reads the pairs of one clause. The words that belong to a pair stand before it
// or, when nothing stands before the first one, after it.
func (c *countReader) pairs(low string, pairs [][]int) {
	labelled := countKind(Fold(low[:pairs[0][0]])) != ""
	rest, from := "", 0
	for i, at := range pairs {
		rest += low[from:at[0]]
		from = at[1]
		before, after := low[:at[0]], low[at[1]:]
		if i > 0 {
			before = low[pairs[i-1][1]:at[0]]
		}
		if i+1 < len(pairs) {
			after = low[at[1]:pairs[i+1][0]]
		}
		label := before + low[at[4]:at[5]]
		switch {
		case len(pairs) == 1: // "Mới trang bị được 64/187 xã": the verb on one side, the unit on the other
			label += " " + after
		case !labelled:
			before, label = "", low[at[4]:at[5]]+" "+after
		}
		if fractionOf.MatchString(after) {
			c.doubt(ReasonCountLabel) // "2/3 số xã"
		}
		c.pair(Fold(before), Fold(label), countValue(low[at[2]:at[3]]), countValue(low[at[6]:at[7]]))
	}
	if hasLooseNumber(rest + low[from:]) {
		c.doubt(ReasonCountUnread)
	}
}

// pair takes one part and its whole.
func (c *countReader) pair(before, label string, part, whole int) {
	kind := countKind(before)
	if kind == "" {
		kind = countKind(label)
	}
	if total, named := strings.Index(label, "tong so"), partIndex(label); total >= 0 && named > total {
		part, whole = whole, part // "tổng số …/số đã có: 187/64"
	}
	if anyWords(label, approximate) {
		c.doubt(ReasonCountLabel)
	}
	lacks, has := anyWords(label, lacking), anyWords(label, having)
	switch kind {
	case "units":
		// The form asks for those not equipped; "đã trang bị" counts the equipped.
		if has && !lacks {
			part = whole - part
		}
		if has || !hasWords(label, "chua") {
			c.doubt(ReasonCountLabel)
		}
		c.put(&c.counts.UnitsUnmet, part)
		c.put(&c.counts.UnitsTotal, whole)
	case "devices":
		// The form asks for those in place; "còn thiếu" counts the others.
		if lacks && !has {
			part = whole - part
		}
		if lacks || !has {
			c.doubt(ReasonCountLabel)
		}
		c.put(&c.counts.DevicesHave, part)
		c.put(&c.counts.DevicesNeed, whole)
	default:
		c.doubt(ReasonCountLabel)
	}
}

// put keeps a count; a second one for the same place is doubted.
func (c *countReader) put(at **int, n int) {
	if *at != nil && **at != n {
		c.doubt(ReasonCountUnread)
		return
	}
	*at = &n
}

var (
	// lacking are words of what is not there, having of what is.
	lacking = []string{"chua", "thieu", "can bo sung", "can them", "can mua them", "de nghi", "khong"}
	having  = []string{
		"da dap ung", "da trang bi", "da duoc", "da co", "hien co", "da mua", "san co", "moi", "dat", "duoc trang bi", "trang bi duoc",
		"dap ung duoc", "hoan thanh", "da lap", "da cap",
	}
	approximate = []string{"khoang", "hon", "gan", "uoc", "tren duoi", "xap xi", "it nhat", "toi da", "du kien", "chi"}
)

// anyWords says whether one of the phrases stands in folded text. "Chưa được" and
// "chưa có" hold no word of what is there.
func anyWords(folded string, phrases []string) bool {
	for _, not := range []string{"chua duoc trang bi", "chua dap ung duoc", "chua trang bi duoc", "chua hoan thanh", "chua dat"} {
		folded = strings.ReplaceAll(folded, not, "chua")
	}
	return slices.ContainsFunc(phrases, func(p string) bool { return hasWords(folded, p) })
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

// countKind says whether a label counts units or devices.
func countKind(folded string) string {
	units := -1
	for _, w := range []string{
		"co quan", "don vi", "bo phan 1 cua", "bo phan", "xa", "phuong", "huyen", "so nganh", "trung tam", "diem", "co so",
		"chua dap ung", "chua duoc trang bi",
	} {
		if i := strings.LastIndex(" "+folded+" ", " "+w+" "); i > units {
			units = i
		}
	}
	devices := -1
	for _, w := range []string{"thiet bi", "may", "bo may", "chiec", "da co", "can mua sam"} {
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

// single reads "tổng số cơ quan cần trang bị: 187": one label, one number.
func (c *countReader) single(low string) bool {
	at := countSingle.FindAllStringIndex(low, -1)
	if len(at) != 1 || !strings.Contains(low[:at[0][0]], ":") && strings.TrimSpace(trimMarks(low[at[0][1]:])) != "" {
		return false
	}
	folded := Fold(low)
	for _, l := range singleLabels {
		if !strings.Contains(folded, l.label) {
			continue
		}
		// "Tổng số thiết bị còn thiếu: 635" is none of the four numbers.
		others := strings.ReplaceAll(folded, l.label, "")
		if anyWords(others, []string{"thieu", "chua", "moi", "con"}) || anyWords(others, approximate) {
			return false
		}
		c.put(l.field(&c.counts), countValue(low[at[0][0]:at[0][1]]))
		return true
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
