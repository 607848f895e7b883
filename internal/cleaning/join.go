package cleaning

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// Join puts the parts that Score wrote together to the result that Link gives: as if one
// process had decided all rows. It fails with Conflict where a row is not there or twice,
// a part ended early, or was decided by other weights.
type Join struct {
	Weights  Weights
	OneToOne bool
	Texts    *i18n.Printer
	// World makes what is needed to hold rows that are nobody's against one another.
	World  func() (*World, error)
	parts  []*os.File
	alone  map[int]*lone // by row
	linked Linked
	at     []place // of each row
}

// place is where a row lies.
type place struct {
	from int64
	size int32
	part int32 // from 1; 0: not there
}

// Write reads the parts and writes the result.
func (j *Join) Write(names []string, out io.Writer) (err error) {
	j.at, j.alone = make([]place, j.Weights.Rows), map[int]*lone{}
	o := Options{Bound: j.Weights.Bound, OneToOne: j.OneToOne}
	j.linked = Linked{options: o, Decisions: make([]Decision, j.Weights.Rows), cut: min(o.Bound*rowShare, .5)}
	defer func() {
		for _, f := range j.parts {
			err = errors.Join(err, f.Close())
		}
	}()
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return fault.New(fault.NotFound, "cleaning.file.none", fault.Args{"file": name}).Because(err)
		}
		j.parts = append(j.parts, f)
		if err := j.read(name, f); err != nil {
			return err
		}
	}
	if err := j.whole(); err != nil {
		return err
	}
	rows, first, err := j.among()
	if err != nil {
		return err
	}
	j.linked.keep()
	j.linked.repeated()
	j.linked.markAlone(rows, first)
	return j.write(out)
}

// read takes the rows of a part in.
func (j *Join) read(name string, f io.Reader) error {
	l := newLines(f)
	id := j.Weights.ID()
	rows := 0
	ended := true // an empty file is a part that nobody wrote
	conflict := func(key string, args fault.Args) error {
		args["file"], args["line"] = name, l.n
		return fault.New(fault.Conflict, "cleaning.part."+key, args)
	}
	for {
		text, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return conflict("cut", fault.Args{"rows": rows})
		}
		var r struct {
			scoredRow
			scoredEnd
		}
		if text[0] == '{' && !json.Valid(text) { // who reads lines ends a half one, too
			return conflict("cut", fault.Args{"rows": rows})
		}
		if err := json.Unmarshal(text, &r); err != nil {
			return fault.New(fault.Invalid, "cleaning.part.line", fault.Args{"file": name, "line": l.n}).Because(err)
		}
		switch {
		case r.End != nil && r.scoredEnd.Weights != id:
			return conflict("weights", fault.Args{})
		case r.End != nil && *r.End != rows:
			return conflict("count", fault.Args{"rows": rows, "count": *r.End})
		case r.End != nil:
			rows, ended = 0, true
			continue
		}
		rows, ended = rows+1, false
		d, ok := r.decision(j.Weights)
		if !ok {
			return fault.New(fault.Invalid, "cleaning.part.line", fault.Args{"file": name, "line": l.n})
		}
		at := &j.at[r.Row-1]
		if at.part != 0 {
			return conflict("twice", fault.Args{"row": r.Row})
		}
		if r.Alone != nil {
			j.alone[r.Row-1] = r.Alone
		}
		*at = place{l.at, int32(l.to - l.at), int32(len(j.parts))}
		j.linked.Decisions[r.Row-1] = d
	}
	if !ended {
		return conflict("cut", fault.Args{"rows": rows})
	}
	return nil
}

// among holds the rows that are nobody's against one another, as Link does.
func (j *Join) among() (rows, first []int, err error) {
	if len(j.alone) < 2 {
		return nil, nil, nil
	}
	w, err := j.World()
	if err != nil {
		return nil, nil, err
	}
	kinds, err := TextKinds(j.Weights.File, j.Weights.Persons)
	if err != nil {
		return nil, nil, err
	}
	shape := j.Weights.File.shape()
	for range shape.texts {
		w.texts = append(w.texts, newDictionary())
	}
	p := newPacker(w, nil, j.Weights.File, shape)
	p.t = newTable(len(j.alone), len(shape.texts))
	rows = slices.Sorted(maps.Keys(j.alone))
	of := make([]common, len(rows))
	for k, i := range rows {
		of[k] = j.alone[i].Common
		var cells [][]byte
		for _, c := range j.alone[i].Cells {
			cells = append(cells, []byte(c))
		}
		p.row(cells)
		j.alone[i] = nil
	}
	m := matcher{}
	m.take(&j.Weights)
	return rows, w.among(p.t, of, j.Weights.People, kinds, m.w, j.linked.options), nil
}

// decision is what a row says was decided.
func (r *scoredRow) decision(k Weights) (d Decision, ok bool) {
	d = Decision{Outcome: r.Outcome, Person: -1, Error: r.Error, Of: -1, candidates: r.Candidates}
	if r.Person != nil {
		d.Person = *r.Person
	}
	if r.Score != nil {
		d.Score, d.scored = *r.Score, true
	}
	if r.Second != nil {
		d.Second, d.seconded = *r.Second, true
	}
	settled := r.Outcome == Verified || r.Outcome == Corrected
	return d, r.Row >= 1 && r.Row <= k.Rows && d.Person < k.People && settled == (d.Person >= 0) && (settled || r.Outcome == Several || r.Outcome == NotFound)
}

// whole fails when rows are not there.
func (j *Join) whole() error {
	missing, first := 0, 0
	for i, at := range j.at {
		if at.part == 0 {
			if missing++; missing == 1 {
				first = i + 1
			}
		}
	}
	if missing > 0 {
		return fault.New(fault.Conflict, "cleaning.part.missing", fault.Args{"missing": missing, "first": first, "rows": j.Weights.Rows})
	}
	return nil
}

func (j *Join) write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	_, failed := out.WriteString(strings.Join(ResultColumns, ",") + "\n")
	say := newSayer(j.Texts)
	var text, line, reason []byte
	for i := range j.at {
		at, d := j.at[i], &j.linked.Decisions[i]
		if cap(text) < int(at.size) {
			text = make([]byte, at.size)
		}
		text = text[:at.size]
		if _, err := j.parts[at.part-1].ReadAt(text, at.from); err != nil {
			return fmt.Errorf("read a part again: %w", err)
		}
		var r scoredRow
		if err := json.Unmarshal(bytes.TrimSpace(text), &r); err != nil || r.Row != i+1 {
			return fault.New(fault.Conflict, "cleaning.part.changed", fault.Args{"file": j.parts[at.part-1].Name()}).Because(err)
		}
		reason = append(reason[:0], r.Reasons...)
		switch {
		case d.Outcome == r.Outcome:
		case d.Outcome == Duplicate:
			reason = say.add(reason[:0], "cleaning.reason.duplicate", nil, strconv.Itoa(d.Of+1))
		default: // the promise for all rows takes it back
			reason = say.add(reason[:0], "cleaning.reason."+doubtKeys[d.doubt], nil, strconv.Itoa(d.candidates))
			r.Number = ""
		}
		if d.Of >= 0 && d.Person < 0 && d.Outcome != Duplicate {
			reason = say.add(reason, "cleaning.reason.again", nil, strconv.Itoa(d.Of+1))
		}
		if r.Checks != "" {
			reason = append(append(reason, "; "...), r.Checks...)
		}
		line = d.appendLine(line[:0], i, []byte(r.Number), reason)
		if _, err := out.Write(line); err != nil {
			failed = errors.Join(failed, err)
			break
		}
	}
	if err := errors.Join(failed, out.Flush()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
