package cleaning

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sheet"
)

// perWrite is how many rows are written down at once.
const perWrite = 2000

// Run links a batch and writes its rows down. The handler of its job calls it, and calls it
// again after a fall: the link is made anew from the start, for it is of one moment of the
// register; rows are written from that one result, behind those that are there. step hears
// how many of how many rows are done; while the file is linked it hears 0.
func (d *Desk) Run(ctx context.Context, id string, step func(done, of int)) error {
	b, err := d.Store.Batch(ctx, id)
	if err != nil {
		return err
	}
	program := actor.OfSystem(Registrar)
	if b.State == Waiting {
		if b, err = d.link(ctx, b, program, step); err != nil {
			return err
		}
	}
	if b.State != Writing {
		return nil
	}
	if err := d.write(ctx, b, step); err != nil {
		return err
	}
	_, err = d.Store.Update(ctx, id, "", program, func(b *Batch) error {
		if b.State == Writing {
			b.State = Reviewed
		}
		return nil
	})
	return err
}

// link holds the file against the register, and keeps what it found as a file.
func (d *Desk) link(ctx context.Context, b Batch, program actor.Actor, step func(done, of int)) (Batch, error) {
	var asOf Moment
	var report Report
	var result, weights File
	layout := b.Layout
	step(0, 0)
	by, err := d.taught(ctx, b)
	if err != nil {
		return b, err
	}
	err = d.source(ctx, b.File, func(file *Source) error {
		w, err := d.World()
		if err != nil {
			return err
		}
		people, persons, err := d.readPeople(ctx, w, func(w io.Writer) (err error) {
			asOf, err = d.Register.People(ctx, w)
			return err
		})
		defer func() { _ = w.Disk.Close() }() // its files have gone already
		if err != nil {
			return err
		}
		sample, err := file.sample(sampleRows)
		if err != nil {
			return err
		}
		layout.settleSex(sample) // somebody may have said which column is the sex
		rows, err := w.Read(file, layout)
		if err != nil {
			return err
		}
		l := w.Link(rows, people, nil, Options{Taught: by}, nil)
		report = l.Report(file, layout, d.Texts[0])
		k := l.Weights(layout, persons)
		if weights, err = d.keep(ctx, k.Write); err != nil {
			return err
		}
		result, err = d.keep(ctx, func(w io.Writer) error { return writeRows(w, l, file, layout, d) })
		return err
	})
	refused := fault.As(err)
	if refused != nil && (refused.Kind == fault.Internal || refused.Kind == fault.Unavailable) {
		refused = nil
	}
	if err != nil && refused == nil {
		return b, err
	}
	return d.Store.Update(ctx, b.ID, "", program, func(b *Batch) error {
		switch {
		case b.State != Waiting: // it was deleted
		case refused != nil:
			f := fault.As(named(refused, b.Name))
			b.State, b.Failure, b.FailureArgs = Failed, f.Key, f.Args
		default:
			b.State, b.Report, b.Result, b.Weights, b.Examples = Writing, &report, result, weights, nil
			b.AsOf, b.Mark, b.Layout, b.Linked = asOf.At, asOf.Mark, layout, d.Clock.Now()
		}
		return nil
	})
}

// keep keeps a file while it is written.
func (d *Desk) keep(ctx context.Context, write func(w io.Writer) error) (File, error) {
	r, w := io.Pipe()
	var writing sync.WaitGroup
	writing.Go(func() { w.CloseWithError(write(w)) })
	defer writing.Wait() // it may read what its caller lets go of
	defer r.Close()
	return d.Files.Keep(ctx, r)
}

// readRegister reads the register's own file.
func (w *World) readRegister(people *Source) (*Table, Layout, error) {
	of, err := LayoutOf(people, nil, true)
	if err != nil {
		return nil, of, fmt.Errorf("read the register: %w", errors.New(err.Error()))
	}
	t, err := w.ReadPeople(people, of)
	return t, of, err
}

func writeRows(w io.Writer, l *Linked, file *Source, layout Layout, d *Desk) error {
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	if err := l.Rows(file, layout, d.Texts, func(r Row) error { return enc.Encode(r) }); err != nil {
		return err
	}
	return out.Flush()
}

// write writes the rows of the result down, from the first that is not there.
func (d *Desk) write(ctx context.Context, b Batch, step func(done, of int)) error {
	last, err := d.Store.LastRow(ctx, b.ID)
	if err != nil {
		return err
	}
	r, err := d.Files.Open(ctx, b.Result)
	if err != nil {
		return err
	}
	defer r.Close()
	in := json.NewDecoder(bufio.NewReaderSize(r, 1<<16))
	var rows []Row
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		if err := d.Store.AddRows(ctx, b, rows); err != nil {
			return err
		}
		last = rows[len(rows)-1].At
		rows = rows[:0]
		step(last, b.Report.Rows)
		return ctx.Err()
	}
	for {
		var row Row
		switch err := in.Decode(&row); {
		case errors.Is(err, io.EOF):
			if err := flush(); err != nil {
				return err
			}
			if last != b.Report.Rows {
				return fmt.Errorf("the result of %s has %d rows, want %d", b.ID, last, b.Report.Rows)
			}
			return nil
		case err != nil:
			return fmt.Errorf("read the result of %s: %w", b.ID, err)
		case row.At <= last:
			continue
		}
		if rows = append(rows, row); len(rows) == perWrite {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// Publish makes the clean file that a second person let leave, and signs it. Made again
// after a fall, it is the same.
func (d *Desk) Publish(ctx context.Context, id string) error {
	b, err := d.Store.Batch(ctx, id)
	if err != nil || b.State != Approved {
		return err
	}
	var papers []Paper
	paper := func(format string, write func(w io.Writer) error) error {
		f, err := d.keep(ctx, write)
		if err != nil {
			return fmt.Errorf("make the clean file of %s: %w", id, err)
		}
		s, err := d.Sign(ctx, f)
		if err != nil {
			return err
		}
		papers = append(papers, Paper{format, f, s})
		return nil
	}
	rows := func(give func([]string) error) error { return d.clean(ctx, b, give) }
	if err := paper("csv", func(w io.Writer) error { return cleanCSV(w, rows) }); err != nil {
		return err
	}
	if err := paper("parquet", func(w io.Writer) error { return cleanParquet(w, rows) }); err != nil {
		return err
	}
	if d.Book != nil && b.Report.Rows < bookRows {
		if err := paper("xlsx", func(w io.Writer) error { return d.Book(w, b, rows) }); err != nil {
			return err
		}
	}
	_, err = d.Store.Update(ctx, id, "", actor.OfSystem(Registrar), func(b *Batch) error {
		if b.State == Approved {
			b.State, b.Papers = Released, papers
		}
		return nil
	})
	return err
}

// bookRows is how many rows a sheet of a workbook can have, with its heading.
const bookRows = 1<<20 - 1

func cleanCSV(w io.Writer, rows func(give func([]string) error) error) error {
	out, err := sheet.NewCSV(w)
	if err != nil {
		return err
	}
	err = rows(func(cells []string) error { return out.Write(cells...) })
	return errors.Join(err, out.Flush())
}

// clean gives the rows of the clean file: the columns that it had, and number, outcome,
// confidence and reason behind.
func (d *Desk) clean(ctx context.Context, b Batch, give func([]string) error) error {
	p := d.Texts[0]
	head := slices.Clone(b.Layout.Headings)
	for _, key := range []string{"number", "outcome", "confidence", "reason"} {
		head = append(head, p.T("cleaning.clean."+key))
	}
	if err := give(head); err != nil {
		return err
	}
	for after := 0; ; {
		rows, err := d.Store.Rows(ctx, b.ID, Which{}, after, perWrite)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			r := &rows[i]
			cells := slices.Grow(slices.Clone(r.Cells), 4)
			for len(cells) < len(b.Layout.Headings) { // of a row that could not be read
				cells = append(cells, "")
			}
			cells = cells[:len(b.Layout.Headings)]
			number, confidence := "", ""
			if !r.Person.IsZero() {
				number = r.Person.Reveal()
				confidence = strconv.FormatFloat(1-r.Error, 'f', 6, 64)
			}
			reason := r.Reasons[0]
			if r.Decided != Undecided {
				confidence, reason = "", p.T("cleaning.clean.decided."+string(r.Decided))
			}
			if err := give(append(cells, number, p.T("cleaning.outcome."+string(r.Outcome)), confidence, reason)); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].At
	}
}

// End deletes what is kept of batches whose term has ended, and says what it was.
func (d *Desk) End(ctx context.Context) error {
	ended, err := d.Store.Ended(ctx, clock.DayOf(d.Clock.Now()))
	if err != nil {
		return err
	}
	for _, b := range ended {
		if err := d.end(ctx, b, actor.OfSystem(Registrar), "term"); err != nil {
			return err
		}
	}
	return nil
}

// EndNow deletes what is kept of a batch before its term. It fails with Denied, NotFound,
// and Conflict while it is being worked on.
func (d *Desk) EndNow(ctx context.Context, a actor.Actor, id string) error {
	if err := Permissions.Can(a, HandIn); err != nil {
		return err
	}
	b, err := d.Store.Batch(ctx, id)
	if err != nil {
		return err
	}
	return d.endNow(ctx, a, b)
}

func (d *Desk) endNow(ctx context.Context, a actor.Actor, b Batch) error {
	switch b.State {
	case Waiting, Writing, Approved, Deleted:
		return fault.New(fault.Conflict, "cleaning.batch.running", nil)
	}
	return d.end(ctx, b, a, "asked")
}

func (d *Desk) end(ctx context.Context, b Batch, by actor.Actor, why string) error {
	rows, err := d.Store.LastRow(ctx, b.ID)
	if err != nil {
		return err
	}
	f, err := d.Store.Following(ctx, b.ID)
	if gone(err) != nil {
		return err
	}
	proof := Proof{At: d.Clock.Now(), Rows: rows, Changes: int(f.Seq), Files: []File{b.File}, Why: why}
	for _, made := range []File{b.Result, b.Weights} {
		if !made.IsZero() {
			proof.Files = append(proof.Files, made)
		}
	}
	for _, p := range b.Papers {
		proof.Files = append(proof.Files, p.File)
	}
	// The files first: what falls between is done again, and nothing is said to be gone that is not.
	for _, f := range proof.Files {
		if err := d.drop(ctx, f, b.ID); err != nil {
			return err
		}
	}
	return d.Store.Clear(ctx, b, proof, by)
}
