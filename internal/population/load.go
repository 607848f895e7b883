package population

import (
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"dean06/internal/platform/bigsort"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// loadBatch is how many lines are read at once.
const loadBatch = 2000

// Load reads a file of persons (Columns). Rows that cannot go in are reported, the others
// go in. The report accounts for each line whatever happens, so it is worth reading beside
// an error too. It fails with Denied, with Invalid when the file is no such file at all,
// and when the file, the database or ctx ends before the load does.
func (r *Register) Load(ctx context.Context, file io.Reader, o LoadOptions) (LoadReport, error) {
	if err := Permissions.Can(o.Actor, Load); err != nil {
		return LoadReport{}, err
	}
	started := r.Clock.Now()
	if o.MaxBad == 0 {
		o.MaxBad = 1000
	}
	l := loading{r: r, o: o, odd: oddities{}, said: sayings{sorted: bigsort.Sorter{Most: cmp.Or(o.Keep, keptSayings)}}}
	err := l.run(ctx, file)
	l.report.NotRead = l.report.Lines - l.report.Loaded - l.report.Bad
	slices.SortStableFunc(l.report.BadRows, func(a, b BadRow) int { return cmp.Compare(a.Line, b.Line) })
	l.report.Warnings = l.odd.list()
	l.report.Took = r.Clock.Now().Sub(started)
	return l.report, err
}

// loading is one file that is being loaded.
type loading struct {
	r      *Register
	o      LoadOptions
	report LoadReport
	odd    oddities
	said   sayings
	unsaid error   // why what rows say of one another could not be kept
	taken  lineSet // lines whose persons did not go in, as somebody has their number
}

func (l *loading) run(ctx context.Context, file io.Reader) error {
	l.report.BadRows = []BadRow{}
	reader, err := l.r.Fields.Reader(file, clock.DayOf(l.r.Clock.Now()))
	if err != nil {
		if reader != nil { // a text, though not one of persons
			n, torn := reader.lines.rest()
			l.report.Lines = n
			err = errors.Join(err, torn)
		}
		return err
	}
	loader, err := l.r.Store.Loading(ctx, l.o.Actor, l.o.Name, l.r.Clock.Now())
	if err != nil {
		n, torn := reader.lines.rest()
		l.report.Lines = n
		return errors.Join(err, torn)
	}
	defer l.r.forget()
	l.said.sorted.Dir = loader.Scratch()
	if err = l.rows(ctx, reader, loader); err != nil {
		return errors.Join(err, l.said.sorted.Close(), loader.Close(ctx))
	}
	compared := make(chan error, 1)
	go func() { compared <- l.compare(ctx, loader.Empty()) }() // while the indexes are made
	err = loader.Close(ctx)
	return errors.Join(<-compared, err, l.said.sorted.Close())
}

// compare holds the rows against one another. Where that cannot be done, the persons are
// in all the same, and the report says that nobody looked.
func (l *loading) compare(ctx context.Context, empty bool) error {
	var register Reader
	if !empty {
		register = l.r.Store
	}
	odd, err := contradictions(ctx, &l.said, register, l.taken.has)
	l.odd.take(odd)
	if err == nil {
		err = l.unsaid
	}
	if err != nil && ctx.Err() == nil {
		l.odd.add("population.load.unchecked")
		err = nil
	}
	return err
}

// chunk is some lines of a file that follow one another, and what was read from them.
type chunk struct {
	first   int // number of the first line
	lines   []string
	long    map[int]bool // those that are not whole, by their place
	done    chan struct{}
	persons []Person
	at      []int // the line of each person
	bad     []BadRow
	said    []saying
	odd     oddities
	err     error // behind these lines the file cannot be read
}

// rows reads the file by several hands and lets the persons in, in the order of the file.
// When it has to stop, what is left of the file is counted and not read.
func (l *loading) rows(ctx context.Context, reader *PersonReader, loader Loader) error {
	hands := min(4, runtime.GOMAXPROCS(0))
	work, inOrder := make(chan *chunk, hands), make(chan *chunk, hands)
	var stopped atomic.Bool
	go reader.lines.chunks(work, inOrder, &stopped)
	for range hands {
		rows := reader.rows.another(l.r.Units)
		go func() {
			for c := range work {
				if !stopped.Load() {
					rows.chunk(c)
				}
				close(c.done)
			}
		}()
	}
	var err error
	for c := range inOrder {
		<-c.done // afterwards the reader has let go of it
		l.report.Lines += len(c.lines)
		if err == nil {
			err = cmp.Or(ctx.Err(), l.add(ctx, c, loader), c.err)
		}
		if err != nil {
			stopped.Store(true)
		}
		if c.err != nil {
			l.report.Lines++ // where it tore
		}
		c.free()
	}
	if err != nil {
		return err
	}
	of, progress := l.report.Lines, l.report.Bad
	return loader.Finish(ctx, func(line int, key string, args fault.Args) {
		l.taken.add(line)
		l.bad(BadRow{Line: line, Column: "number", Key: key, Args: args})
	}, func(persons int) {
		l.report.Loaded += persons
		if progress += persons; l.o.Progress != nil {
			l.o.Progress(progress, of)
		}
	})
}

// add takes what was read from some lines.
func (l *loading) add(ctx context.Context, c *chunk, loader Loader) error {
	l.bad(c.bad...)
	l.odd.take(c.odd)
	if l.unsaid == nil {
		l.unsaid = l.said.add(c.said)
	}
	if l.o.Progress != nil {
		l.o.Progress(l.report.Lines, 0)
	}
	return loader.Add(ctx, c.persons, c.at)
}

// bad counts bad rows, and names the first.
func (l *loading) bad(rows ...BadRow) {
	l.report.Bad += len(rows)
	for _, b := range rows[:min(len(rows), l.o.MaxBad-len(l.report.BadRows))] {
		withoutPersons(&b)
		l.report.BadRows = append(l.report.BadRows, b)
	}
}

// chunks cuts the file into chunks, which go to whoever reads them and, in order, to who
// waits for them. Once it is stopped, the chunks hold nothing but the count of their lines.
func (l *lines) chunks(work, inOrder chan<- *chunk, stopped *atomic.Bool) {
	defer close(inOrder)
	defer close(work)
	var text []byte
	var ends []int
	for {
		c := newChunk(l.n + 1)
		text, ends = text[:0], ends[:0]
		for len(ends) < loadBatch && len(text) < maxChunk && c.err == nil {
			line, long, err := l.next()
			if err != nil {
				c.err = err
				break
			}
			if long {
				if c.long == nil {
					c.long = map[int]bool{}
				}
				c.long[len(ends)] = true
			}
			if !stopped.Load() {
				text = append(text, line...)
			}
			ends = append(ends, len(text))
		}
		c.cut(string(text), ends)
		end := c.err != nil
		if errors.Is(c.err, io.EOF) {
			c.err = nil
		}
		work <- c
		inOrder <- c
		if end {
			return
		}
	}
}

// maxChunk is about how many bytes a chunk has at most, beside its last line.
const maxChunk = 4 << 20

// cut makes lines of a text by their ends.
func (c *chunk) cut(text string, ends []int) {
	start := 0
	for _, end := range ends {
		c.lines, start = append(c.lines, text[start:end]), end
	}
}

// chunks that were read and taken, whose room the next ones use: a person is large.
var chunks = sync.Pool{New: func() any { return &chunk{} }}

func newChunk(first int) *chunk {
	c := chunks.Get().(*chunk)
	c.first, c.done = first, make(chan struct{})
	return c
}

// free gives the chunk to the next. Nothing of it may be used any more but its texts.
func (c *chunk) free() {
	clear(c.lines) // so that their text is not kept, nor what the persons have
	clear(c.persons)
	*c = chunk{lines: c.lines[:0], persons: c.persons[:0], at: c.at[:0], said: c.said[:0]}
	chunks.Put(c)
}

// chunk reads the lines of a chunk.
func (r *rowReader) chunk(c *chunk) {
	c.persons, c.at = slices.Grow(c.persons, len(c.lines)), slices.Grow(c.at, len(c.lines))
	for i, text := range c.lines {
		line := c.first + i
		p, bad := r.read(text, line, c.long[i])
		if bad != nil {
			c.bad = append(c.bad, *bad)
			continue
		}
		c.persons, c.at = append(c.persons, *p), append(c.at, line)
		c.said = says(c.said, p, line, r.keys.nameKey)
	}
	c.odd, r.odd = r.odd, oddities{}
}
