package readiness

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// boxState is the box in front of a choice.
type boxState int

const (
	unmarked boxState = iota // there is no box
	unticked
	ticked
)

// item is one choice of a cell, with its box.
type item struct {
	text   string
	box    boxState
	marked bool
}

// aside is what a cell holds besides its choices.
type aside struct {
	boxes   bool   // there are boxes
	example string // text of an example that the form printed
}

var (
	boxPattern = regexp.MustCompile(`☒|☑|✓|✔|✗|✘|🗹|🗷|☐|□|▢|◻|❑|❏|\[\s*[xX✓vV]?\s*\]|\(\s*[xX✓vV]\s*\)|\(\s+\)`)
	leadingX   = regexp.MustCompile(`^[xXvV]\s+(\p{L}.*)$`)
)

func boxOf(mark string) boxState {
	switch strings.ToLower(strings.Trim(mark, "[]() \t\u00a0")) {
	case "", "☐", "□", "▢", "◻", "❑", "❏":
		return unticked
	}
	return ticked
}

// splitItems gives the choices of a cell, one for each line or box, without
// what is struck out, the form's own instruction and its examples.
func splitItems(tpl *Template, lines []Line) ([]item, aside) {
	var items []item
	var side aside
	for _, l := range lines {
		text, marked := keptPiece(l)
		text = dropInstruction(tpl, strings.TrimSpace(text))
		text, example := cutExample(text)
		if example != "" && side.example == "" {
			side.example = example
		}
		if text == "" || IsDots(text) {
			continue
		}
		boxed := splitBoxes(text)
		for _, it := range boxed {
			side.boxes = side.boxes || it.box != unmarked
			it.marked = marked
			items = append(items, it)
		}
	}
	return items, side
}

// keptPiece is a line without what is struck out; marked says that all that
// stays is emphasised.
func keptPiece(l Line) (string, bool) {
	var b strings.Builder
	marked := false
	all := true
	for _, p := range l {
		if p.Struck {
			continue
		}
		b.WriteString(p.Text)
		if strings.TrimSpace(p.Text) != "" {
			marked = marked || p.Marked
			all = all && p.Marked
		}
	}
	return norm.NFC.String(b.String()), marked && all
}

// dropInstruction takes "Chọn một trong các phương án…:" off a line.
func dropInstruction(tpl *Template, line string) string {
	for _, t := range []Text{tpl.ChooseStage, tpl.Choose} {
		for _, s := range []string{t.Vi, t.En} {
			want := strings.Fields(Fold(s))
			ws := words(line)
			if len(want) > 0 && wordsAt(ws, 0, want) {
				return strings.TrimLeft(line[ws[len(want)-1].end:], " :.\t\u00a0")
			}
		}
	}
	return line
}

// cutExample parts a line from the example at its end ("… Ví dụ: …").
func cutExample(line string) (text, example string) {
	ws := words(line)
	for i := range ws {
		if !wordsAt(ws, i, []string{"vi", "du"}) && !wordsAt(ws, i, []string{"for", "example"}) {
			continue
		}
		// "ví dụ như …" inside a sentence is the agency's own.
		rest := strings.TrimLeft(line[ws[i+1].end:], " \u00a0")
		if i == 0 || strings.HasPrefix(rest, ":") {
			return strings.TrimRight(line[:ws[i].start], " (\u00a0"), strings.TrimSpace(strings.TrimLeft(rest, ":"))
		}
	}
	return line, ""
}

// splitBoxes gives each box of a line the words that belong to it: those after
// it, or those before it when the line ends with a box.
func splitBoxes(line string) []item {
	at := boxPattern.FindAllStringIndex(line, -1)
	if len(at) == 0 {
		if m := leadingX.FindStringSubmatch(line); m != nil {
			return []item{{text: m[1], box: ticked}}
		}
		return []item{{text: line}}
	}
	var items []item
	clean := func(s string) string { return strings.Trim(s, " \t\u00a0;,") }
	if trimMarks(line[:at[0][0]]) != "" && clean(line[at[len(at)-1][1]:]) == "" {
		from := 0
		for _, a := range at {
			items = append(items, item{text: clean(strings.TrimRight(clean(line[from:a[0]]), ":")), box: boxOf(line[a[0]:a[1]])})
			from = a[1]
		}
		return items
	}
	if head := trimMarks(line[:at[0][0]]); head != "" {
		items = append(items, item{text: head})
	}
	for i, a := range at {
		end := len(line)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		items = append(items, item{text: clean(line[a[1]:end]), box: boxOf(line[a[0]:a[1]])})
	}
	return items
}
