package cleaning

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// What goes between processes is a line of JSON for each row: in any order, in any parts.
// No cell's line break, carriage return or broken letter lies bare in a line, as programs
// that hand lines on each have their own opinion of these.

// sentRow is a row on its way to be decided.
type sentRow struct {
	Row    int       `json:"row"` // from 1
	Cells  []string  `json:"cells,omitempty"`
	Unread rowReason `json:"unread,omitempty"` // why it could not be read
}

// scoredRow is a row that was decided by itself. What depends on the other rows, whether
// an earlier one is the same person and the promise for all together, is Join's.
type scoredRow struct {
	Row        int      `json:"row"`
	Outcome    Outcome  `json:"outcome"`
	Person     *int     `json:"person,omitempty"` // the row of the people
	Number     string   `json:"number,omitempty"`
	Score      *float64 `json:"score,omitempty"`
	Second     *float64 `json:"second,omitempty"`
	Error      float64  `json:"error"`
	Candidates int      `json:"candidates,omitempty"`
	Reasons    string   `json:"reasons"`
	Checks     string   `json:"checks,omitempty"` // what the row contradicts itself in
	Alone      *lone    `json:"alone,omitempty"`  // of a row that is nobody's
}

// lone is what Join needs to hold rows that are nobody's against one another.
type lone struct {
	Cells  []string `json:"cells"`
	Common common   `json:"common"`
}

// scoredEnd is the last line of a part: a part without it ended early.
type scoredEnd struct {
	End     *int   `json:"end"` // so many rows came before
	Weights string `json:"weights"`
}

// mostLine bounds a line: a row, each letter written as an escape.
const mostLine = 8 * longestRow

func newEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// WriteRows writes the rows of a file as lines for Score, and gives how many.
func (s *Source) WriteRows(w io.Writer) (int, error) {
	out := bufio.NewWriterSize(w, 1<<20)
	e := newEncoder(out)
	n := 0
	var failed error
	err := s.eachBlock(func(b block) bool {
		s.eachRow(b.text, func(_ int, cells [][]byte, why rowReason) {
			n++
			r := sentRow{Row: n, Unread: why}
			if why == "" {
				r.Cells = make([]string, len(cells))
				for i, c := range cells {
					r.Cells[i] = string(c)
				}
			}
			failed = errors.Join(failed, e.Encode(r))
		})
		return failed == nil
	})
	if err = errors.Join(err, failed, out.Flush()); err != nil {
		return n, fmt.Errorf("write rows: %w", err)
	}
	return n, nil
}

// Scorer decides rows that come in lines, by weights that were learned before.
type Scorer struct {
	Weights Weights
	// People reads the people, as ReadPeople does. It is asked when the first row comes: a
	// part may have none.
	People func() (*World, *Table, error)
	Texts  *i18n.Printer
	AtOnce int // rows whose candidates are found at once; as Link does when 0
}

// Score reads rows and writes what became of each, and at the end how many they were.
func (s *Scorer) Score(in io.Reader, out io.Writer) error {
	if s.AtOnce == 0 {
		s.AtOnce = atOnce
	}
	w := bufio.NewWriterSize(out, 1<<16)
	e := newEncoder(w)
	lines := newLines(in)
	var d *decider
	n := 0
	for {
		rows, err := s.read(lines)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		if d == nil {
			if d, err = s.decider(); err != nil {
				return err
			}
		}
		if err := d.decide(rows, e); err != nil {
			return err
		}
		n += len(rows)
	}
	if err := errors.Join(e.Encode(scoredEnd{&n, s.Weights.ID()}), w.Flush()); err != nil {
		return fmt.Errorf("write scores: %w", err)
	}
	return nil
}

// read reads as many rows as are decided at once; none at the end.
func (s *Scorer) read(l *lines) ([]sentRow, error) {
	var rows []sentRow
	for len(rows) < s.AtOnce {
		text, err := l.next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		var r sentRow
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil || d.More() || r.Row < 1 || r.Row > s.Weights.Rows || (r.Cells == nil) == (r.Unread == "") {
			return nil, fault.New(fault.Invalid, "cleaning.score.line", fault.Args{"line": l.n}).Because(err)
		}
		if r.Unread != "" && !slices.Contains(rowReasons, r.Unread) {
			return nil, fault.New(fault.Invalid, "cleaning.score.line", fault.Args{"line": l.n})
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// decider is a scorer with the people at hand.
type decider struct {
	s      *Scorer
	world  *World
	people *Table
	kinds  []Kind
	packer *packer
}

func (s *Scorer) decider() (*decider, error) {
	w, people, err := s.People()
	if err != nil {
		return nil, err
	}
	kinds, err := TextKinds(s.Weights.File, s.Weights.Persons)
	if err != nil {
		return nil, err
	}
	return &decider{s, w, people, kinds, newPacker(w, nil, s.Weights.File, s.Weights.File.shape())}, nil
}

func (d *decider) decide(rows []sentRow, e *json.Encoder) error {
	cells := make([][][]byte, len(rows))
	var bad []badRow
	for i, r := range rows {
		if r.Unread != "" {
			bad = append(bad, badRow{row: i, why: r.Unread})
		}
		cells[i] = bytesOf(r.Cells)
	}
	m := newMatcher(d.world, d.packer.rows(cells, bad), d.people, d.kinds)
	m.take(&d.s.Weights)
	l := m.decided(Options{Bound: d.s.Weights.Bound})
	wr := &writer{l: l, layout: d.s.Weights.File, say: newSayer(d.s.Texts)}
	for i, r := range rows {
		if err := e.Encode(wr.scored(i, r, cells[i])); err != nil {
			return fmt.Errorf("write scores: %w", err)
		}
	}
	return nil
}

func (w *writer) scored(i int, r sentRow, cells [][]byte) scoredRow {
	d := &w.l.Decisions[i]
	w.reason = w.reason[:0]
	if r.Unread != "" {
		w.reasons(i, d, cells, r.Unread)
	} else {
		w.decided(i, d, cells)
	}
	out := scoredRow{Row: r.Row, Outcome: d.Outcome, Error: d.Error, Candidates: d.candidates, Reasons: string(w.reason)}
	if r.Unread == "" {
		w.reason = w.reason[:0]
		w.checks(i, d, cells)
		out.Checks = string(w.reason)
		if d.Person < 0 {
			out.Alone = &lone{r.Cells, w.l.m.commonOf(i)}
		}
	}
	if d.Person >= 0 {
		out.Person, out.Number = &d.Person, string(w.l.appendNumber(nil, d.Person))
	}
	if d.scored {
		out.Score = &d.Score
	}
	if d.seconded {
		out.Second = &d.Second
	}
	return out
}

// lines reads lines of some length.
type lines struct {
	r  *bufio.Reader
	n  int   // of the line that was given last
	at int64 // where it begins
	to int64 // where it ends
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 1<<16)} }

// next gives the next line that is not empty, io.EOF after the last. A last line without
// its end was cut.
func (l *lines) next() ([]byte, error) {
	for {
		var line []byte
		for {
			piece, err := l.r.ReadSlice('\n')
			line = append(line, piece...)
			if errors.Is(err, io.EOF) && len(line) == 0 {
				return nil, io.EOF
			}
			if err == nil && len(line) <= mostLine {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) || len(line) > mostLine {
				return nil, fault.New(fault.Invalid, "cleaning.score.cut", fault.Args{"line": l.n + 1})
			}
		}
		l.n++
		l.at, l.to = l.to, l.to+int64(len(line))
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}
