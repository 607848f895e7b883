package readiness

import (
	"slices"
	"strings"

	"dean06/internal/platform/editdistance"
)

// Line is one line of text as it stands on paper: its pieces in order. Word and
// Excel forms are both handed to the reading functions as lines.
type Line []Piece

// Piece is a stretch of a line in one look.
type Piece struct {
	Text   string
	Struck bool // struck out: officials strike what does not apply
	Marked bool // bold, underlined or highlighted
}

// LinesOf makes lines of plain text.
func LinesOf(text string) []Line {
	var out []Line
	for s := range strings.SplitSeq(text, "\n") {
		out = append(out, Line{{Text: s}})
	}
	return out
}

// Raw is the text of lines as a person sees it, struck-out words included.
func Raw(lines []Line) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		var b strings.Builder
		for _, p := range l {
			b.WriteString(p.Text)
		}
		out[i] = strings.TrimSpace(b.String())
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// Kept is the text of lines without what is struck out and without the dots of
// lines left to write on.
func Kept(lines []Line) string {
	var out []string
	for _, l := range lines {
		var b strings.Builder
		for _, p := range l {
			if !p.Struck {
				b.WriteString(p.Text)
			}
		}
		if s := strings.TrimSpace(b.String()); !IsDots(s) {
			out = append(out, s)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// IsDots says that text is nothing but dots, dashes or rules to write on.
func IsDots(s string) bool {
	return s != "" && strings.Trim(s, ".…_-–—·‥ \t\u00a0") == ""
}

// IsNothing says that text tells that there is nothing to tell.
func IsNothing(s string) bool {
	switch Fold(s) {
	case "khong co", "khong", "khong de xuat", "khong co de xuat", "khong co y kien", "chua co", "none",
		"khong co noi dung", "khong co kho khan vuong mac", "khong co de xuat kien nghi":
		return true
	}
	return false
}

// IsExample says that text is an example that the form itself prints.
func IsExample(s string) bool {
	return startsWords(Fold(s), "vi du") || startsWords(Fold(s), "for example")
}

// The reasons for which a reading is not sure. Each is a message key.
const (
	ReasonBlank       = "readiness.problem.blank"         // nothing was answered
	ReasonUntouched   = "readiness.problem.untouched"     // the whole list still stands
	ReasonTwo         = "readiness.problem.two_chosen"    // more than one choice is left
	ReasonExample     = "readiness.problem.example"       // only the form's example stands there
	ReasonFree        = "readiness.problem.no_option"     // the text is none of the choices
	ReasonMore        = "readiness.problem.more_text"     // a choice with words that may change it
	ReasonMarkedOnly  = "readiness.problem.marked_only"   // the list stands, one choice is emphasised
	ReasonOtherBlank  = "readiness.problem.other_blank"   // "Khác: ghi rõ" without saying which
	ReasonNoYear      = "readiness.problem.no_year"       // a month without its year
	ReasonShortYear   = "readiness.problem.short_year"    // "6/23", "6/023"
	ReasonImpossible  = "readiness.problem.impossible"    // month 13, day 31/2
	ReasonManyDates   = "readiness.problem.several_dates" // more than one time
	ReasonVagueDate   = "readiness.problem.vague_date"    // "đầu năm", "sau tháng 6"
	ReasonNoDate      = "readiness.problem.no_date"       // text where a time should stand
	ReasonCountLabel  = "readiness.problem.count_label"   // numbers of what is not clear
	ReasonCountOrder  = "readiness.problem.count_order"   // a part larger than its whole
	ReasonCountUnread = "readiness.problem.count_unread"  // numbers beside those that were taken
	ReasonTwoReadings = "readiness.problem.two_readings"  // 1.234: a thousand or a fraction
	ReasonManyNumbers = "readiness.problem.many_numbers"  // several decisions
)

// Chosen is the option that a cell gives.
type Chosen struct {
	Key        string // the best candidate when it is not sure; empty for none
	Other      string // text of a free option ("Khác: …")
	Confidence float64
	Reason     string // empty when sure
}

// longText is the length in bytes from which text is prose: it is kept, but no
// choice, time or count is looked for in it, whatever that would cost.
const longText = 4000

// sure reports confidence in a value that stands on the paper word for word.
const sure = 1.0

// ReadOption finds the choice of an option list in a cell. A choice is sure when
// the cell says one choice and nothing else: in the official words or an alias,
// ticked, or left over while the others are struck out or deleted. The whole
// list left standing is no answer.
func ReadOption(tpl *Template, list string, lines []Line) Chosen {
	return newChoices(tpl, list).read(tpl, lines)
}

// choices are the wordings of one option list.
type choices struct {
	options []Option
	texts   []wording
}

type wording struct {
	key  string
	text string
	fold string
}

func newChoices(tpl *Template, list string) choices { return choicesOf(tpl.Options[list]) }

func choicesOf(options []Option) choices {
	c := choices{options: options}
	for _, o := range c.options {
		for _, text := range append([]string{o.Vi, o.En}, o.Aliases...) {
			c.texts = append(c.texts, wording{key: o.Key, text: text, fold: Fold(text)})
		}
	}
	return c
}

// match finds the option that a line says whole.
func (c choices) match(line string) (string, float64) {
	line = trimMarks(line)
	for _, w := range c.texts {
		if line == w.text {
			return w.key, sure
		}
	}
	folded := Fold(line)
	if folded == "" {
		return "", 0
	}
	best, confidence := "", 0.0
	for _, w := range c.texts {
		if folded != w.fold {
			continue
		}
		// Accents may have been lost on the way; the words are the same.
		level := 0.92
		if strings.Trim(strings.ToLower(line), " .,;:") == strings.ToLower(w.text) {
			level = 0.98
		}
		if level > confidence {
			best, confidence = w.key, level
		}
	}
	return best, confidence
}

// trimMarks takes bullets and closing punctuation off a line.
func trimMarks(s string) string {
	return strings.TrimRight(strings.TrimLeft(s, "-–—+*•·▪●○◦➢ \t\u00a0"), " \t\u00a0.,;:/")
}

func (c choices) read(tpl *Template, lines []Line) Chosen {
	items, found := splitItems(tpl, lines)
	var texts []item
	for _, it := range items {
		if it.text != "" {
			texts = append(texts, it)
		}
	}
	if len(texts) == 0 {
		if found.example != "" {
			key, _ := c.match(found.example)
			if key == "" {
				key = c.candidate(found.example)
			}
			return Chosen{Key: key, Confidence: 0.3, Reason: ReasonExample}
		}
		return Chosen{Reason: ReasonBlank}
	}
	if found.boxes {
		return c.ticked(texts)
	}
	var keys []string // of the lines that are a choice, each once
	lowest, extra, marked := sure, false, []string(nil)
	free := ""
	for _, it := range texts {
		key, level := c.match(it.text)
		if key == "" {
			if key, free = c.freeOption(it.text); key == "" {
				extra = true
				continue
			}
			level = 0.95
		}
		if it.marked {
			marked = append(marked, key)
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
		lowest = min(lowest, level)
	}
	switch {
	case len(keys) == 0:
		return c.inText(texts)
	case len(keys) >= len(c.options) && len(c.options) > 1:
		if len(marked) == 1 {
			return Chosen{Key: marked[0], Confidence: 0.7, Reason: ReasonMarkedOnly}
		}
		return Chosen{Reason: ReasonUntouched}
	case len(keys) > 1:
		return Chosen{Key: keys[0], Confidence: 0.4, Reason: ReasonTwo}
	case extra:
		return Chosen{Key: keys[0], Other: free, Confidence: 0.6, Reason: ReasonMore}
	case found.example != "" && lowest < sure:
		return Chosen{Key: keys[0], Other: free, Confidence: 0.8, Reason: ReasonExample}
	}
	return c.finish(Chosen{Key: keys[0], Other: free, Confidence: lowest})
}

// finish asks a free option for its text.
func (c choices) finish(ch Chosen) Chosen {
	for _, o := range c.options {
		if o.Key == ch.Key && o.Free && ch.Other == "" {
			ch.Confidence, ch.Reason = 0.6, ReasonOtherBlank
		}
	}
	return ch
}

// freeOption reads "Khác: text": the option and its text.
func (c choices) freeOption(line string) (key, text string) {
	line = strings.TrimLeft(line, "-–—+*•·▪●○◦➢ \t\u00a0")
	for _, o := range c.options {
		if !o.Free {
			continue
		}
		for _, name := range append([]string{o.Vi, o.En}, o.Aliases...) {
			name, _, _ = strings.Cut(name, ":")
			name, _, _ = strings.Cut(name, " (")
			ws := words(line)
			want := strings.Fields(Fold(name))
			if len(ws) <= len(want) || len(want) == 0 || !wordsAt(ws, 0, want) {
				continue
			}
			rest := line[ws[len(want)-1].end:]
			if r := strings.TrimLeft(rest, " \t\u00a0"); strings.HasPrefix(r, ":") || strings.HasPrefix(r, "-") || strings.HasPrefix(r, "(") {
				text = strings.TrimSpace(strings.TrimLeft(r, ":-"))
				if strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
					text = text[1 : len(text)-1]
				}
				if _, hint, ok := strings.Cut(o.Vi, ":"); ok && strings.HasPrefix(Fold(text), Fold(hint)) && Fold(text) == Fold(hint) {
					text = ""
				}
				return o.Key, text
			}
		}
	}
	return "", ""
}

// ticked reads a list with boxes: the one that is ticked is the choice.
func (c choices) ticked(items []item) Chosen {
	var keys []string
	level, other := sure, ""
	unread := false
	for _, it := range items {
		if it.box != ticked {
			continue
		}
		key, l := c.match(it.text)
		if key == "" {
			key, other = c.freeOption(it.text)
			l = 0.95
		}
		if key == "" {
			unread = true
			key = c.candidate(it.text)
		}
		if key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
		level = min(level, l)
	}
	switch {
	case len(keys) == 0 && unread:
		return Chosen{Reason: ReasonFree}
	case len(keys) == 0:
		for _, it := range items {
			if it.box == unmarked {
				// Boxes stand empty, yet something was written beside them.
				return Chosen{Key: c.candidate(it.text), Confidence: 0.4, Reason: ReasonFree}
			}
		}
		return Chosen{Reason: ReasonUntouched}
	case len(keys) > 1:
		return Chosen{Key: keys[0], Confidence: 0.4, Reason: ReasonTwo}
	case unread:
		return Chosen{Key: keys[0], Confidence: 0.5, Reason: ReasonFree}
	}
	return c.finish(Chosen{Key: keys[0], Other: other, Confidence: level})
}

// inText looks for choices inside running text. One that is found is only a
// candidate: the words around it may turn its meaning.
func (c choices) inText(items []item) Chosen {
	var all []string
	for _, it := range items {
		all = append(all, it.text)
	}
	text := strings.Join(all, "\n")
	if len(text) > longText {
		return Chosen{Reason: ReasonFree}
	}
	if key, level := c.match(strings.Join(all, " ")); key != "" { // one choice, broken over lines
		return c.finish(Chosen{Key: key, Confidence: level})
	}
	keys, rest := c.contained(text)
	switch {
	case len(keys) == 0:
		if key := c.nearest(Fold(text)); key != "" {
			return Chosen{Key: key, Confidence: 0.6, Reason: ReasonFree}
		}
		return Chosen{Reason: ReasonFree}
	case len(keys) >= len(c.options) && rest == "":
		return Chosen{Reason: ReasonUntouched}
	case len(keys) > 1:
		return Chosen{Key: keys[0], Confidence: 0.4, Reason: ReasonTwo}
	}
	return Chosen{Key: keys[0], Confidence: 0.5, Reason: ReasonMore}
}

// candidate is the option that text most likely means, or none.
func (c choices) candidate(text string) string {
	if len(text) > longText {
		return ""
	}
	if keys, _ := c.contained(text); len(keys) > 0 {
		return keys[0]
	}
	return c.nearest(Fold(text))
}

// contained finds the options named inside text, the longest wordings first so
// that "đáp ứng một phần" is not also "đáp ứng". The rest is what remains.
func (c choices) contained(text string) (keys []string, rest string) {
	folded := " " + Fold(text) + " "
	type hit struct {
		at  int
		key string
	}
	var hits []hit
	for {
		best := wording{}
		for _, w := range c.texts {
			if len(w.fold) > len(best.fold) && strings.Contains(folded, " "+w.fold+" ") {
				best = w
			}
		}
		if best.fold == "" {
			break
		}
		at := strings.Index(folded, " "+best.fold+" ")
		folded = folded[:at+1] + strings.Repeat("#", len(best.fold)) + folded[at+1+len(best.fold):]
		hits = append(hits, hit{at, best.key})
	}
	for len(hits) > 0 { // in the order of the text
		first := 0
		for i := range hits {
			if hits[i].at < hits[first].at {
				first = i
			}
		}
		if !slices.Contains(keys, hits[first].key) {
			keys = append(keys, hits[first].key)
		}
		hits = append(hits[:first], hits[first+1:]...)
	}
	return keys, strings.Trim(folded, "# ")
}

// nearest is the option whose words differ by a slip or two of the keyboard.
func (c choices) nearest(folded string) string {
	best, least := "", len(folded)/6+1
	for _, w := range c.texts {
		if abs(len(w.fold)-len(folded)) > 2 {
			continue
		}
		if d := editdistance.Within(least, folded, w.fold); d < least {
			best, least = w.key, d
		}
	}
	return best
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// wordsAt says whether the folded words stand in ws from i on.
func wordsAt(ws []word, i int, want []string) bool {
	if i+len(want) > len(ws) {
		return false
	}
	for j, w := range want {
		if ws[i+j].fold != w {
			return false
		}
	}
	return true
}

// findWords is the index of the first place where the words stand, or -1.
func findWords(ws []word, want []string) int {
	for i := range ws {
		if wordsAt(ws, i, want) {
			return i
		}
	}
	return -1
}
