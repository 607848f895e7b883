package cleaning

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"dean06/internal/citizen"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sheet"
)

// ResultColumns are the columns of a result: a row for each row of the file, in its order.
var ResultColumns = []string{"row", "outcome", "number", "score", "second_score", "duplicate_of", "reasons"}

// Write writes the result. The file is read again, so that the reasons say what stood
// there.
func (l *Linked) Write(w io.Writer, s *Source, layout Layout, p *i18n.Printer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	if _, err := out.WriteString(strings.Join(ResultColumns, ",") + "\n"); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	var mu sync.Mutex
	var failed error
	ready, next := map[int][]byte{}, 0
	blocks := make(chan block, 2)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			wr := &writer{l: l, layout: layout, say: newSayer(p)}
			for b := range blocks {
				text := wr.block(s, b)
				mu.Lock()
				ready[b.index] = text
				for {
					t, ok := ready[next]
					if !ok {
						break
					}
					delete(ready, next)
					next++
					if _, err := out.Write(t); err != nil && failed == nil {
						failed = err
					}
				}
				mu.Unlock()
			}
		})
	}
	index := 0
	err := s.eachBlock(func(b block) bool {
		mu.Lock()
		for ; index < b.index; index++ { // a piece without a row
			ready[index] = nil
		}
		mu.Unlock()
		index++
		blocks <- b
		return true
	})
	close(blocks)
	wg.Wait()
	for _, e := range []error{err, failed, out.Flush()} {
		if e != nil {
			return fmt.Errorf("write the result: %w", e)
		}
	}
	return nil
}

// writer writes the rows of blocks.
type writer struct {
	l      *Linked
	layout Layout
	say    *sayer
	out    []byte
	reason []byte
	number []byte
}

func (w *writer) block(s *Source, b block) []byte {
	w.out = make([]byte, 0, len(b.text)*2)
	row := w.l.rows.blocks[b.index]
	s.eachRow(b.text, func(_ int, cells [][]byte, why rowReason) {
		w.row(row, cells, why)
		row++
	})
	return w.out
}

func (w *writer) row(i int, cells [][]byte, why rowReason) {
	d := &w.l.Decisions[i]
	w.reason, w.number = w.reason[:0], w.number[:0]
	w.reasons(i, d, cells, why)
	if d.Person >= 0 {
		w.number = w.l.appendNumber(w.number, d.Person)
	}
	w.out = d.appendLine(w.out, i, w.number, w.reason)
}

// appendLine writes the line of a row.
func (d *Decision) appendLine(b []byte, i int, number, reasons []byte) []byte {
	b = append(strconv.AppendInt(b, int64(i+1), 10), ',')
	b = append(append(b, d.Outcome...), ',')
	b = append(appendCell(b, number), ',')
	if d.scored {
		b = strconv.AppendFloat(b, d.Score, 'f', 2, 64)
	}
	b = append(b, ',')
	if d.seconded {
		b = strconv.AppendFloat(b, d.Second, 'f', 2, 64)
	}
	b = append(b, ',')
	if d.Of >= 0 {
		b = strconv.AppendInt(b, int64(d.Of+1), 10)
	}
	return append(appendCell(append(b, ','), reasons), '\n')
}

// appendCell writes a cell that no spreadsheet takes for a formula.
func appendCell(b, cell []byte) []byte {
	if len(cell) > 0 && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 {
		cell = []byte(sheet.CSVCell(string(cell)))
	}
	if !bytes.ContainsAny(cell, "\",\n\r") {
		return append(b, cell...)
	}
	b = append(b, '"')
	for _, c := range cell {
		if c == '"' {
			b = append(b, '"')
		}
		b = append(b, c)
	}
	return append(b, '"')
}

// appendNumber is what names a person: the number, an id, or the row.
func (l *Linked) appendNumber(b []byte, j int) []byte {
	switch {
	case len(l.people.id(j)) > 0:
		return append(b, l.people.id(j)...)
	case l.people.number[j] != 0:
		return append(b, digitsOf(l.people.number[j], l.people.digits[j])...)
	}
	return strconv.AppendInt(b, int64(j+1), 10)
}

// Matched are the people whom rows were found to be, each once, by their numbers.
func (l *Linked) Matched() []citizen.Number {
	var list []int64
	for i := range l.Decisions {
		if j := l.Decisions[i].Person; j >= 0 && l.people.digits[j] == 12 {
			list = append(list, int64(l.people.number[j]))
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	out := make([]citizen.Number, len(list))
	for i, n := range list {
		out[i] = citizen.FromInt(n)
	}
	return out
}

// sayer fills messages quickly: each is looked up once.
type sayer struct {
	p     *i18n.Printer
	texts map[string][]string
}

func newSayer(p *i18n.Printer) *sayer { return &sayer{p: p, texts: map[string][]string{}} }

// Marks for what goes into a message.
const (
	markFrom = "\x01"
	markTo   = "\x02"
)

// add writes a message with what stood there and what the register has.
func (s *sayer) add(b []byte, key string, from []byte, to string) []byte {
	parts, ok := s.texts[key]
	if !ok {
		text := s.p.T(key, map[string]any{"from": markFrom, "to": markTo})
		for len(text) > 0 {
			i := strings.IndexAny(text, markFrom+markTo)
			if i < 0 {
				parts = append(parts, text)
				break
			}
			parts = append(parts, text[:i], text[i:i+1])
			text = text[i+1:]
		}
		s.texts[key] = parts
	}
	if len(b) > 0 {
		b = append(b, "; "...)
	}
	for _, p := range parts {
		switch p {
		case markFrom:
			b = append(b, bytes.TrimSpace(from)...)
		case markTo:
			b = append(b, to...)
		default:
			b = append(b, p...)
		}
	}
	return b
}

// cell is what stands in the columns of some kinds, joined.
func (w *writer) cell(cells [][]byte, kinds ...Kind) []byte {
	var out []byte
	for i, k := range w.layout.Kinds {
		if i < len(cells) && slices.Contains(kinds, k) && len(bytes.TrimSpace(cells[i])) > 0 {
			if out == nil {
				out = cells[i]
			} else {
				out = append(append(slices.Clone(out), ' '), cells[i]...)
			}
		}
	}
	return out
}

func (w *writer) add(key string, from []byte, to string) {
	w.reason = w.say.add(w.reason, "cleaning.reason."+key, from, to)
}

var doubtKeys = map[doubt]string{
	doubtError: "unsure", doubtClose: "close", doubtTone: "tone", doubtName: "name", doubtConflict: "conflict", doubtCrowd: "crowd",
}

// reasons says why a row is what it is, which earlier row is the same person's, and what it
// contradicts itself in.
func (w *writer) reasons(i int, d *Decision, cells [][]byte, why rowReason) {
	if why != "" {
		w.add("row."+string(why), nil, "")
		return
	}
	w.decided(i, d, cells)
	w.again(d)
	w.checks(i, d, cells)
}

// again says of a row that is nobody's which earlier one is the same person's.
func (w *writer) again(d *Decision) {
	if d.Of >= 0 && d.Person < 0 && d.Outcome != Duplicate && !w.l.self() {
		w.add("again", nil, strconv.Itoa(d.Of+1))
	}
}

func (w *writer) decided(i int, d *Decision, cells [][]byte) {
	switch {
	case d.Outcome == NotFound:
		w.add("not_found", nil, "")
		return
	case d.Outcome == Several && d.Of >= 0 && w.l.self():
		w.add("alike", nil, strconv.Itoa(d.Of+1))
		return
	case d.Outcome == Several:
		w.add(doubtKeys[d.doubt], nil, strconv.Itoa(d.candidates))
		return
	case d.Outcome == Duplicate:
		w.add("duplicate", nil, strconv.Itoa(d.Of+1))
		return
	case d.Outcome == Verified:
		w.add("agrees", nil, "")
		return
	}
	w.corrections(i, d, cells)
}

var nameReasons = map[level]string{
	nameMarks: "name_marks", nameOrder: "name_order", nameTone: "name_tone", nameMiddle: "name_middle", nameTypo: "name_typo", nameTypos: "name_typo",
	namePart: "name_other", nameOther: "name_other", bareSame: "name_marks", bareOrder: "name_order", bareMiddle: "name_middle", bareTypo: "name_typo",
	barePart: "name_other", bareOther: "name_other",
}

var birthReasons = map[level]string{
	birthSwapped: "birth_swapped", birthSlip: "birth_slip", birthYear: "birth_other", birthOther: "birth_other", partFits: "birth_part",
	partNear: "birth_slip", partOther: "birth_other", january: "birth_january", januaryYear: "birth_january", januaryOther: "birth_other",
}

// corrections says field by field what is otherwise in the register.
func (w *writer) corrections(i int, d *Decision, cells [][]byte) {
	t, q, j, p := w.l.rows, w.l.people, d.Person, d.pattern
	notes := t.notes[i]
	if q.number[j] != 0 {
		to := digitsOf(q.number[j], q.digits[j])
		from := w.cell(cells, Number)
		switch l := p.level(byNumber); {
		case l == numberNear:
			w.add("number_slip", from, to)
		case l == numberNobodys:
			w.add("number_nobodys", from, to)
		case l == numberAnothers:
			w.add("number_anothers", from, to)
		case l == numberEqual && notes&zerosLost != 0:
			w.add("number_zeros", from, to)
		case l == numberEqual && notes&letterDigits != 0:
			w.add("number_letters", from, to)
		case l == 0 && p.level(byOld) == numberEqual:
			w.add("number_old", from, to)
		case l == 0 && p.level(byOld) != 0:
			w.add("number_nobodys", from, to)
		case l == 0 && w.l.m.has[byNumber] && len(from) == 0:
			w.add("number_missing", nil, to)
		case l == 0 && len(from) > 0:
			w.add("number_nobodys", from, to)
		}
	}
	key := nameReasons[p.level(byName)]
	if key == "" && notes&oldLetters != 0 {
		key = "name_code"
	}
	if key != "" {
		w.add(key, w.cell(cells, Surname, Middle, Name, Given), w.l.nameOf(j))
	}
	if b := q.birth[j]; b != 0 {
		from, to := w.cell(cells, Birth, DayPart, Month, Year, MaleMark, FemaleMark), b.Say(w.say.p)
		key := birthReasons[p.level(byBirth)]
		switch {
		case key == "birth_part" && (t.birth[i].Whole() || t.birth[i] == b):
		case key == "birth_january" && t.birth[i] == b:
		case key == "birth_part" && notes&impossibleDay != 0:
			w.add("birth_impossible", from, to)
		case key != "":
			w.add(key, from, to)
		case notes&(monthFirst|twoDigitYear) != 0:
			w.add("birth_written", from, to)
		case t.birth[i] == 0 && w.l.m.has[byBirth]:
			w.add("birth_missing", from, to)
		}
	}
	if p.level(bySex) == sexOther {
		to := "cleaning.male"
		if q.sex[j] == citizen.Female {
			to = "cleaning.female"
		}
		w.add("sex", w.cell(cells, Sex), w.say.p.T(to))
	}
	switch p.level(byPlace) {
	case placeOrigin, placeProvince, placeOther, districtProvince, districtOther, provinceOther:
		id := q.place[0][j]
		w.add("place", w.cell(cells, Address, Commune, District, Province), w.l.m.world.Places.called(id))
	}
	for c, column := range w.layout.shape().texts {
		if l := p.level(byTexts + c); l > textEqual && column < len(cells) {
			w.add("text", slices.Concat([]byte(w.layout.Headings[column]+": "), cells[column]), w.l.m.world.texts[c].texts[q.values[c][j]])
		}
	}
	if len(w.reason) == 0 {
		w.add("agrees", nil, "")
	}
}

// nameOf is somebody's name as names are written.
func (l *Linked) nameOf(j int) string { return l.m.world.named(l.people.name(j)) }
