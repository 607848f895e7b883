package cleaning

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// openAtOnce is how many rows are held against those who came at once.
const openAtOnce = 50_000

// tryAgain tries rows that have nobody when people came, or something happened to people, who
// may be theirs. Such a row is decided as it was when the file was linked, by the weights of then
// against everybody of now: accepted within the same bound and margin, else people get it.
func (d *Desk) tryAgain(ctx context.Context, b Batch) error {
	was, err := d.Store.Following(ctx, b.ID)
	if err != nil || b.Weights.IsZero() {
		return gone(err)
	}
	to, err := d.Register.Mark(ctx)
	if err != nil || to == was.Tried {
		return err
	}
	next := was
	next.Tried = to
	w, err := d.World()
	if err != nil {
		return err
	}
	defer func() { _ = w.Disk.Close() }() // its files have gone already
	rows, err := d.mayFit(ctx, w, b, was.Tried, to)
	if err != nil {
		return err
	}
	var changes []Change
	if len(rows) > 0 {
		var m Moment
		if rows, m, err = d.decideAgain(ctx, w, b, rows); err != nil {
			return err
		}
		next.Tried = m.Mark
		for i := range rows {
			if !rows[i].held().IsZero() {
				changes = append(changes, foundOf(&rows[i], m))
			}
		}
	}
	err = d.Store.Follow(ctx, b, was, next, changes, rows)
	if fault.Of(err) == fault.Conflict { // the next job comes to the same
		return nil
	}
	return gone(err)
}

// mayFit are the rows without anybody for whom one who came since a mark may be meant, or of
// whose candidates something happened to one.
func (d *Desk) mayFit(ctx context.Context, w *World, b Batch, from, to Mark) ([]Row, error) {
	concerned, err := d.concerned(ctx, from.Event, to.Event)
	if err != nil {
		return nil, err
	}
	var fresh *Table
	var out []Row
	for after := 0; ; {
		rows, err := d.Store.Nobodys(ctx, b.ID, after, openAtOnce)
		if err != nil || len(rows) == 0 {
			return out, err
		}
		after = rows[len(rows)-1].At
		rows = slices.DeleteFunc(rows, func(r Row) bool { return len(r.Cells) == 0 }) // it could not be read
		if fresh == nil {
			fresh, _, err = d.readPeople(ctx, w, func(out io.Writer) error { return d.Register.Fresh(ctx, from, to, out) })
			if err != nil {
				return nil, err
			}
		}
		fits := w.fits(b.Layout, rows, fresh)
		for i := range rows {
			if fits[i] || slices.ContainsFunc(rows[i].Candidates, func(e Explained) bool { return concerned[e.Number] }) {
				out = append(out, rows[i])
			}
		}
	}
}

// concerned are those to whom something happened between two events, also who is gone since.
func (d *Desk) concerned(ctx context.Context, after, until int64) (map[string]bool, error) {
	out := map[string]bool{}
	for after < until {
		list, err := d.Register.Since(ctx, after, perFollow)
		if err != nil || len(list) == 0 {
			return out, err
		}
		for _, h := range list {
			after = h.Seq
			for _, n := range h.People {
				out[n.Reveal()] = true
			}
		}
	}
	return out, nil
}

// readPeople reads people of the register, whom fill writes; who reads them closes the disk
// of the world. What is wrong with them is not the fault of a file.
func (d *Desk) readPeople(ctx context.Context, w *World, fill func(w io.Writer) error) (*Table, Layout, error) {
	people, err := d.Files.Scratch(ctx, fill)
	if err != nil {
		return nil, Layout{}, err
	}
	s, err := OpenFile(people, "register")
	if err != nil {
		return nil, Layout{}, fmt.Errorf("read the register: %w", errors.New(err.Error()))
	}
	defer s.Close()
	if d.Disk != nil && w.Disk == nil {
		w.Disk = d.Disk(s.Size())
	}
	return w.readRegister(s)
}

// pack reads rows of a batch again as they stood in its file.
func (w *World) pack(l Layout, rows []Row) (*Table, [][][]byte) {
	cells := make([][][]byte, len(rows))
	for i := range rows {
		cells[i] = bytesOf(rows[i].Cells)
	}
	return newPacker(w, nil, l, l.shape()).rows(cells, nil), cells
}

// fits says for which rows one of some people is a candidate.
func (w *World) fits(l Layout, rows []Row, people *Table) []bool {
	out := make([]bool, len(rows))
	if len(rows) == 0 || people.n == 0 {
		return out
	}
	t, _ := w.pack(l, rows)
	all := make([]int, len(rows))
	for i := range all {
		all[i] = i
	}
	who := newMatcher(w, t, people, nil).find(all, true)
	for i := range out {
		out[i] = len(who.of(i)) > 0 || who.crowded[i]
	}
	return out
}

// decideAgain gives the rows that are otherwise now.
func (d *Desk) decideAgain(ctx context.Context, w *World, b Batch, rows []Row) ([]Row, Moment, error) {
	var m Moment
	k, err := d.weights(ctx, b.Weights)
	if err != nil {
		return nil, m, err
	}
	people, _, err := d.readPeople(ctx, w, func(out io.Writer) (err error) {
		m, err = d.Register.People(ctx, out)
		return err
	})
	if err != nil {
		return nil, m, err
	}
	labels, err := d.Store.Labels(ctx, b.ID)
	if err != nil {
		return nil, m, err
	}
	judged := map[int]bool{}
	for _, l := range labels {
		judged[l.Row] = true
	}
	now := w.again(&k, b.Report.RowBound, b.Layout, rows, people, judged, d.Texts)
	var out []Row
	var found []citizen.Number
	for i := range rows {
		if r, ok := rows[i].renewed(&now[i], judged[rows[i].At]); ok {
			out = append(out, r)
			if n := r.held(); !n.IsZero() {
				found = append(found, n)
			}
		}
	}
	return out, m, d.repeats(ctx, b, out, found)
}

// repeats says of rows that were found whose person an earlier row is.
func (d *Desk) repeats(ctx context.Context, b Batch, rows []Row, found []citizen.Number) error {
	first := map[citizen.Number]int{}
	earlier := func(list []Row) {
		for i := range list {
			r := &list[i]
			if n := r.held(); !n.IsZero() && (first[n] == 0 || r.At < first[n]) {
				first[n] = r.At
			}
		}
	}
	there, err := d.Store.RowsOf(ctx, b.ID, found)
	earlier(there)
	earlier(rows)
	for i := range rows {
		rows[i].Of = 0
		if at := first[rows[i].held()]; at != 0 && at < rows[i].At {
			rows[i].Of = at
		}
	}
	return err
}

func (d *Desk) weights(ctx context.Context, f File) (Weights, error) {
	r, err := d.Files.Open(ctx, f)
	if err != nil {
		return Weights{}, err
	}
	defer r.Close()
	return ReadWeights(r)
}

// again decides rows by weights that were learned before, none above the estimated error that
// the file's last accepted row had. Those that people are to see have their candidates with them.
func (w *World) again(
	k *Weights, bound float64, layout Layout, rows []Row, people *Table, judged map[int]bool, texts [2]*i18n.Printer,
) []Row {
	t, cells := w.pack(layout, rows)
	m := newMatcher(w, t, people, nil)
	m.take(k)
	l := m.decided(Options{Bound: k.Bound})
	queue := map[int]int{}
	for i := range l.Decisions {
		d := &l.Decisions[i]
		if d.Person >= 0 && d.Error > bound {
			d.Person, d.Outcome, d.doubt = -1, Several, doubtError
		}
		if d.Outcome == Several && d.scored || d.Person >= 0 && judged[rows[i].At] {
			queue[i] = i + 1
		}
	}
	candidates := l.explained(queue)
	var writers [2]*writer
	for i, p := range texts {
		writers[i] = &writer{l: l, layout: layout, say: newSayer(p)}
	}
	out := make([]Row, len(rows))
	for i := range rows {
		out[i] = l.row(i, cells[i], "", writers, 0, candidates[i])
		out[i].At = rows[i].At
	}
	return out
}

// renewed is a row after it was tried again; ok is false when nothing is otherwise. Of a row
// that somebody has judged already people decide, and only when there is somebody whom they
// have not seen.
func (r *Row) renewed(now *Row, judged bool) (out Row, ok bool) {
	out = *now
	if !now.Person.IsZero() && !judged {
		return out, true
	}
	// Labels count candidates by their place, so that those of before keep theirs.
	out.Candidates = slices.Clone(r.Candidates)
	for _, e := range now.Candidates {
		if !slices.ContainsFunc(r.Candidates, func(o Explained) bool { return o.Number == e.Number }) {
			out.Candidates = append(out.Candidates, e)
		}
	}
	if len(out.Candidates) == len(r.Candidates) {
		return out, false
	}
	if out.Commune != r.Commune { // who they have seen lives elsewhere than who came
		out.Commune = ""
	}
	out.Person, out.Outcome, out.Queue = r.Person, Several, Behind // whose number was withdrawn may be there again
	return out, true
}

// Behind is the place of a row behind all others of the queue.
const Behind = -1
