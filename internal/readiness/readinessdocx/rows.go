package readinessdocx

import (
	"regexp"
	"strconv"
	"strings"

	"dean06/internal/readiness"
)

// rowReader turns the rows of part 2 into answers.
type rowReader struct {
	p       *paper
	rows    []rowLabel
	at      int            // index of the row in paper.rows
	section string         // heading row that we are under
	last    readiness.Row  // the repeat or single row answered last
	group   int            // ordinal of the system in a group
	name    string         // its name
	count   map[string]int // ordinals given so far by row key
	own     []string       // keys of the form's own columns
}

// rowLabel is a row of the template with its folded wordings.
type rowLabel struct {
	readiness.Row
	folded []string
	words  [][]string // of folded
	hint   string
	ref    string
}

// finishTable reads the rows that were gathered from all tables of part 2.
func (p *paper) finishTable() {
	r := rowReader{p: p, count: map[string]int{}}
	for _, row := range p.tpl.Rows {
		l := rowLabel{Row: row, hint: readiness.Fold(row.Hint.Vi), ref: readiness.Fold(row.Reference.Vi)}
		for _, s := range append([]string{row.Label.Vi, row.Label.Vi + " " + row.Hint.Vi, row.Label.En}, row.LabelAliases...) {
			l.folded = append(l.folded, readiness.Fold(s))
			l.words = append(l.words, strings.Fields(readiness.Fold(s)))
		}
		r.rows = append(r.rows, l)
	}
	for _, c := range p.tpl.OwnColumns() {
		r.own = append(r.own, c.Key)
	}
	p.join()
	p.numbers = make([]string, len(p.rows))
	for i, row := range p.rows {
		r.at = i
		r.read(row)
		for _, t := range row.traces {
			t.row = i
			p.traces = append(p.traces, t)
		}
	}
}

// join puts the halves of a row that was split between two pages together: the
// second half has neither number nor component nor choice.
func (p *paper) join() {
	var out []paperRow
	for _, row := range p.rows {
		if len(row.cells) == 0 {
			p.traces = append(p.traces, row.traces...)
			continue
		}
		_, number := row.cells[readiness.ColNumber]
		_, component := row.cells[readiness.ColComponent]
		_, choice := row.cells[readiness.ColCompliance]
		for _, c := range p.tpl.OwnColumns() {
			_, has := row.cells[c.Key]
			choice = choice || has && c.Kind != readiness.TextColumn
		}
		if n := len(out); n > 0 && !number && !component && !choice {
			for key, lines := range row.cells {
				out[n-1].cells[key] = append(out[n-1].cells[key], lines...)
			}
			for _, t := range row.traces {
				t.Where.Table, t.Where.Line = out[n-1].place.Table, out[n-1].place.Line
				out[n-1].traces = append(out[n-1].traces, t)
			}
			continue
		}
		out = append(out, row)
	}
	p.rows = out
}

var (
	numberCell = regexp.MustCompile(`^\(?\s*(\d{1,2}(?:\s*\.\s*\d{1,3})*|[ivxIVX]{1,4}|[a-zđA-ZĐ]|[-–+*])\s*[.)]*\s*$`)
	numberText = regexp.MustCompile(`^(\d{1,2}(?:\.\d{1,3})+|\d{1,2}[.)]|[a-zđ]\)|[IVX]{1,4}[.)])[.)]?\s+`)
)

// read finds which row of the form a row of the paper is and takes its answer.
func (r *rowReader) read(row paperRow) {
	number := strings.TrimSpace(row.cells.Raw(readiness.ColNumber))
	names := r.component(row.cells[readiness.ColComponent])
	if m := numberCell.FindStringSubmatch(number); m != nil {
		number = strings.ReplaceAll(m[1], " ", "")
	} else if number != "" && len(names.lines) == 0 {
		// The number column holds words: number and label in one cell.
		names = r.component(row.cells[readiness.ColNumber])
		number = ""
	} else if strings.Contains(number, "\n") {
		number, _, _ = strings.Cut(number, "\n")
	}
	if number == "" && len(names.lines) > 0 {
		if m := numberText.FindStringSubmatch(names.lines[0]); m != nil {
			number = strings.TrimRight(m[1], ".)")
			names.lines[0] = names.lines[0][len(m[0]):]
		}
	}
	label := strings.Join(names.lines, " ")
	if readiness.IsDots(label) || readiness.IsDots(number) {
		label = ""
	}
	r.p.numbers[r.at] = number
	target, ok, doubt := r.find(number, label, row)
	if !ok {
		r.unknown(row, number)
		return
	}
	switch target.Kind {
	case readiness.Heading:
		r.section, r.group, r.name = target.Key, 0, ""
		r.last = readiness.Row{}
		if r.hasAnswer(row.cells) {
			r.unknown(row, number)
		}
	case readiness.Group:
		r.startGroup(target, number, names)
		if r.hasAnswer(row.cells) {
			r.unknown(row, number)
		}
	case readiness.Item:
		if r.group == 0 {
			r.startGroup(r.row(target.Parent), "", component{})
		}
		r.take(row, target.Row, target.Numbered(r.group), r.name, doubt)
	case readiness.Repeat:
		r.section = target.Parent
		r.last = target.Row
		r.repeat(row, target, number, names, doubt)
	case readiness.Single:
		r.section = target.Parent
		r.last = target.Row
		r.take(row, target.Row, target.Numbered(1), "", doubt)
	}
}

func (r *rowReader) hasAnswer(cells readiness.Cells) bool {
	for _, key := range append([]string{readiness.ColUnit, readiness.ColCompliance, readiness.ColStage}, r.own...) {
		if own, _ := ownText(readiness.Raw(cells[key])); own != "" {
			return true
		}
	}
	return false
}

// component is what a component cell names: a label of the form or systems.
type component struct {
	lines   []string // without hints and examples
	listed  bool     // each line is an entry of a list
	example bool
}

func (r *rowReader) component(lines []readiness.Line) component {
	var c component
	marks := 0
	for line := range strings.SplitSeq(readiness.Kept(lines), "\n") {
		own, example := ownText(strings.TrimSpace(line))
		c.example = c.example || example != ""
		name := readiness.CleanName(own)
		if name == "" || r.isHint(name) {
			continue
		}
		if own[0] == '-' || own[0] == '+' || strings.HasPrefix(own, "•") || strings.HasPrefix(own, "–") || listMark.MatchString(own) {
			marks++
			name = readiness.CleanName(listMark.ReplaceAllString(own, ""))
		}
		c.lines = append(c.lines, name)
	}
	c.listed = len(c.lines) > 1 && marks >= len(c.lines)-1
	return c
}

var listMark = regexp.MustCompile(`^(?:[a-zđ]|\d{1,2})\)\s+`)

// isHint says that a line is the form's parenthesis below a label.
func (r *rowReader) isHint(s string) bool {
	folded := readiness.Fold(s)
	for _, row := range r.rows {
		if row.hint != "" && alike(folded, row.hint) > 0.8 || row.ref != "" && folded == row.ref {
			return true
		}
	}
	return false
}

func (r *rowReader) row(key string) rowLabel {
	for _, row := range r.rows {
		if row.Key == key {
			return row
		}
	}
	return rowLabel{}
}

// likeness says how well a label of the paper is the label of a row.
func (l rowLabel) likeness(folded string) float64 {
	best := 0.0
	words := strings.Fields(folded)
	for i, f := range l.folded {
		switch {
		case folded == f:
			return 1
		case len(l.words[i]) >= 4 && strings.HasPrefix(folded, f+" "):
			best = max(best, 0.95) // the label with more after it
		case len(words) <= 2*len(l.words[i]) && len(l.words[i]) <= 2*len(words):
			best = max(best, alikeWords(words, l.words[i]))
		}
	}
	return best
}

const alikeEnough = 0.8 // likeness from which a label is taken as the form's own

// find says which row of the form is meant. The label decides; the number
// helps where a label can mean two rows. The third value is a doubt.
func (r *rowReader) find(number, label string, row paperRow) (rowLabel, bool, string) {
	folded := readiness.Fold(label)
	byNumber, numbered := r.byNumber(number)
	if folded != "" {
		best, score := rowLabel{}, 0.0
		for _, l := range r.rows {
			if l.Kind == readiness.Repeat && l.Number == l.Key && l.Parent != "" && l.System == "" || l.Kind == readiness.Group {
				continue // their labels never stand on paper
			}
			s := l.likeness(folded)
			if l.Parent != "" && l.Kind == readiness.Single && r.section != l.Parent && !(numbered && byNumber.Key == l.Key) {
				continue // "Hệ thống … thủ tục hành chính" means 4.1 in section 4 only
			}
			if numbered && byNumber.Key == l.Key {
				s += 0.1
			}
			if s > score {
				best, score = l, s
			}
		}
		if numbered && byNumber.Key != best.Key && best.Kind == readiness.Single && best.Parent != "" && byNumber.Kind != readiness.Single {
			// "1.1" and "5.1" name the same system as row 4.1.
			return byNumber, true, ""
		}
		if score >= alikeEnough {
			return best, true, ""
		}
		// A label cut short is the form's own when the number agrees.
		if numbered && shortOf(byNumber, folded) {
			return byNumber, true, ""
		}
	}
	if numbered {
		switch byNumber.Kind {
		case readiness.Repeat, readiness.Group:
			return byNumber, true, ""
		case readiness.Heading, readiness.Single:
			if folded == "" {
				return byNumber, true, ""
			}
			if rep, ok := r.repeatOf(r.section); ok && byNumber.Parent == r.section && r.section != "" && r.hasAnswer(row.cells) {
				return rep, true, "readiness.problem.row_unclear"
			}
			return byNumber, true, "readiness.problem.row_unclear"
		}
	}
	return r.byPlace(folded, row)
}

// shortOf says that a label is the beginning of the row's own.
func shortOf(l rowLabel, folded string) bool {
	for _, f := range l.folded {
		if len(strings.Fields(folded)) >= 2 && strings.HasPrefix(f, folded+" ") {
			return true
		}
	}
	return false
}

// byPlace finds the row from where it stands: under which heading, after what.
func (r *rowReader) byPlace(folded string, row paperRow) (rowLabel, bool, string) {
	group, isGroup := r.groupOf(r.section)
	switch {
	case isGroup && folded != "" && !r.hasAnswer(row.cells):
		return group, true, ""
	case isGroup:
		return rowLabel{}, false, ""
	case folded == "" && !r.hasAnswer(row.cells):
		return rowLabel{}, false, ""
	case r.last.Kind == readiness.Repeat:
		return r.row(r.last.Key), true, ""
	}
	rep, ok := r.repeatOf(r.section)
	return rep, ok, ""
}

// byNumber reads a number of the form: "1.3" is row "1.n", "4.3.2" row "4.3".
func (r *rowReader) byNumber(number string) (rowLabel, bool) {
	number = strings.Trim(number, ".")
	if n, ok := romans[strings.ToUpper(number)]; ok {
		number = n
	}
	parts := strings.Split(number, ".")
	if _, err := strconv.Atoi(parts[0]); err != nil {
		return rowLabel{}, false
	}
	for len(parts) > 0 {
		for _, l := range r.rows {
			if l.Number != "" && sameShape(l.Number, parts) {
				if l.Kind == readiness.Single && len(parts) < strings.Count(number, ".")+1 {
					continue // "2.1" is not row 2
				}
				if l.Kind == readiness.Heading && len(parts) < strings.Count(number, ".")+1 {
					return r.repeatOf(l.Key) // "4.4" is one more system under 4
				}
				if l.Kind == readiness.Group && len(parts) < strings.Count(number, ".")+1 {
					return rowLabel{}, false // "5.1.1" is an item: its label decides
				}
				return l, true
			}
		}
		parts = parts[:len(parts)-1]
	}
	return rowLabel{}, false
}

var romans = map[string]string{"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7"}

func sameShape(pattern string, parts []string) bool {
	want := strings.Split(pattern, ".")
	if len(want) != len(parts) {
		return false
	}
	for i, w := range want {
		if w != "n" && w != parts[i] {
			return false
		}
	}
	return true
}

// repeatOf is the last repeated row under a heading: the one that is for all.
func (r *rowReader) repeatOf(section string) (rowLabel, bool) {
	found, ok := rowLabel{}, false
	for _, l := range r.rows {
		if l.Kind == readiness.Repeat && l.Parent == section && section != "" {
			found, ok = l, true
		}
	}
	return found, ok
}

func (r *rowReader) groupOf(section string) (rowLabel, bool) {
	for _, l := range r.rows {
		if l.Kind == readiness.Group && l.Parent == section && section != "" {
			return l, true
		}
	}
	return rowLabel{}, false
}
