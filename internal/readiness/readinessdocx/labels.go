package readinessdocx

import (
	"regexp"
	"strings"

	"dean06/internal/readiness"
)

// labels are the folded wordings that the form prints.
type labels struct {
	parts    map[string]string // part → title without its number
	numbers  map[string]string // part → the number that its title prints
	printed  map[string]bool   // sentences of the form that are no answer
	columns  map[string]string
	starts   []string // first words of the component columns of parts 2 and 3
	proposal map[string]string
	groups   []readiness.Labelled
	diff     string
	rec      string
	options  map[string]bool // the options of all lists
	more     string          // the list of other text that Write adds
}

var leadingNumber = regexp.MustCompile(`^(?:phan )?(\d+|i{1,3}|iv|[a-z]) `)

func newLabels(tpl *readiness.Template) labels {
	l := labels{
		parts: map[string]string{}, numbers: map[string]string{}, printed: map[string]bool{}, columns: map[string]string{}, proposal: map[string]string{},
		groups: tpl.Proposals, diff: bare(tpl.Difficulty.Vi), rec: bare(tpl.Recommend.Vi),
	}
	if w, err := formWords(tpl); err == nil {
		l.more = bare(w.form.T("readiness.docx.extra"))
	}
	for n, t := range map[string]readiness.Text{"1": tpl.Part1, "2": tpl.Part2, "3": tpl.Part3, "4": tpl.Part4} {
		if t.Vi != "" { // a form may end with part 2
			l.parts[n], l.numbers[n] = bare(t.Vi), numberOf(t.Vi)
		}
	}
	for _, t := range []readiness.Text{tpl.Title, tpl.Part3Intro, tpl.Nothing} {
		if t.Vi != "" {
			l.printed[readiness.Fold(t.Vi)] = true
		}
	}
	l.options = map[string]bool{}
	for _, list := range tpl.Options {
		for _, o := range list {
			l.options[readiness.Fold(o.Vi)] = true
		}
	}
	for _, c := range tpl.Columns {
		l.columns[c.Key] = readiness.Fold(c.Label.Vi)
	}
	for _, c := range tpl.ProposalColumns {
		l.proposal[c.Key] = readiness.Fold(c.Label.Vi)
	}
	for _, label := range []string{l.columns[readiness.ColComponent], l.proposal["group"]} {
		if ws := strings.Fields(label); len(ws) > 0 {
			l.starts = append(l.starts, strings.Join(ws[:min(2, len(ws))], " "))
		}
	}
	return l
}

// bare is folded text without its leading number.
func bare(s string) string {
	f := readiness.Fold(s)
	return strings.TrimPrefix(f, leadingNumber.FindString(f))
}

func (l labels) isPrinted(text string) bool { return l.printed[readiness.Fold(text)] }

// part is the number of the part that a line is the title of, or "". The first
// words decide, for titles are often shortened; with the number three suffice.
func (l labels) part(line string) string {
	if len(line) > 600 {
		return ""
	}
	number := numberOf(line)
	line = bare(line)
	for n, title := range l.parts {
		same := sameStart(line, title)
		if line == title || number != "" && number == l.numbers[n] && same >= 3 || number == "" && same >= 4 && (l.diff == "" || !strings.HasPrefix(line, l.diff)) {
			return n
		}
	}
	return ""
}

// numberOf is the number that a title begins with, in digits.
func numberOf(title string) string {
	number := strings.TrimSpace(strings.TrimPrefix(leadingNumber.FindString(readiness.Fold(title)), "phan "))
	if n, ok := map[string]string{"i": "1", "ii": "2", "iii": "3", "iv": "4"}[number]; ok {
		return n
	}
	return number
}

// sameStart counts the words with which two folded texts both begin.
func sameStart(a, b string) int {
	wa, wb := strings.Fields(a), strings.Fields(b)
	n := 0
	for n < len(wa) && n < len(wb) && wa[n] == wb[n] {
		n++
	}
	return n
}

// alike says how alike two folded labels are, from 0 to 1, by the words that
// they share in order. A missing word costs as much as a wrong one.
func alike(a, b string) float64 {
	if a == b {
		return 1
	}
	return alikeWords(strings.Fields(a), strings.Fields(b))
}

func alikeWords(wa, wb []string) float64 {
	if len(wa) == 0 || len(wb) == 0 || len(wa) > 200 {
		return 0
	}
	if short, long := min(len(wa), len(wb)), max(len(wa), len(wb)); 3*short < long {
		return 0 // at most a third
	}
	row := make([]int, len(wb)+1) // longest common sequence of words
	for i := range wa {
		diagonal := 0
		for j := range wb {
			above := row[j+1]
			switch {
			case wa[i] == wb[j]:
				row[j+1] = diagonal + 1
			case row[j] > row[j+1]:
				row[j+1] = row[j]
			}
			diagonal = above
		}
	}
	return float64(row[len(wb)]) / float64(max(len(wa), len(wb)))
}

// heading finds the column of a table that a heading names.
func heading(columns map[string]string, cell string) string {
	folded := readiness.Fold(cell)
	switch folded {
	case "":
		return ""
	case "tt", "so tt", "so thu tu", "stt":
		return readiness.ColNumber
	}
	for key, label := range columns {
		if folded == label {
			return key
		}
	}
	best, score := "", 0.0
	for key, label := range columns {
		s := alike(folded, label)
		if n := sameStart(folded, label); n >= 2 {
			s += 0.3
		}
		if s > score {
			best, score = key, s
		}
	}
	if score < 0.6 {
		return ""
	}
	return best
}
