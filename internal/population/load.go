package population

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// loadBatch is how many persons go in at once.
const loadBatch = 10_000

// Load reads a file of persons (Columns). Rows that cannot go in are reported, the others
// go in. It fails with Denied, and with Invalid when the file is no such file at all.
func (r *Register) Load(ctx context.Context, file io.Reader, o LoadOptions) (LoadReport, error) {
	if err := Permissions.Can(o.Actor, Load); err != nil {
		return LoadReport{}, err
	}
	reader, err := r.Fields.Reader(file, clock.DayOf(r.Clock.Now()))
	if err != nil {
		return LoadReport{}, err
	}
	started := r.Clock.Now()
	loader, err := r.Store.Loading(ctx, o.Actor, o.Name, started)
	if err != nil {
		return LoadReport{}, err
	}
	if o.MaxBad == 0 {
		o.MaxBad = 1000
	}
	report, err := r.load(ctx, reader, loader, o)
	err = errors.Join(err, loader.Close(ctx))
	report.Took = r.Clock.Now().Sub(started)
	r.forget()
	return report, err
}

// read is a batch of the file: persons with their lines, and what was wrong.
type read struct {
	persons []Person
	lines   []int
	bad     []BadRow
	err     error
}

func (r *Register) load(ctx context.Context, reader *PersonReader, loader Loader, o LoadOptions) (LoadReport, error) {
	report := LoadReport{Warnings: reader.Warnings}
	ctx, stop := context.WithCancel(ctx)
	batches := make(chan read, 1)
	go func() { // ends when the file does, or when stop is called
		defer close(batches)
		for {
			b := reader.batch(loadBatch)
			select {
			case batches <- b:
			case <-ctx.Done():
				return
			}
			if b.err != nil {
				return
			}
		}
	}()
	defer func() {
		stop()
		for range batches { // the reader has ended when the channel is closed
		}
	}()
	keep := func(bad ...BadRow) {
		withoutPersons(bad)
		report.BadCount += len(bad)
		report.Bad = append(report.Bad, bad[:min(len(bad), o.MaxBad-len(report.Bad))]...)
	}
	for b := range batches {
		report.Rows += len(b.persons) + len(b.bad)
		keep(b.bad...)
		if len(b.persons) > 0 {
			taken, err := loader.Add(ctx, b.persons)
			if err != nil {
				return report, err
			}
			for _, i := range taken {
				keep(BadRow{Line: b.lines[i], Column: "number", Key: "population.load.taken"})
			}
			report.Loaded += len(b.persons) - len(taken)
		}
		if o.Progress != nil {
			o.Progress(report.Rows)
		}
		if errors.Is(b.err, io.EOF) {
			slices.SortStableFunc(report.Bad, func(a, b BadRow) int { return a.Line - b.Line })
			return report, nil
		}
		if b.err != nil {
			return report, b.err
		}
	}
	return report, ctx.Err()
}

// PersonReader reads a file of persons.
type PersonReader struct {
	csv    *csv.Reader
	fields *FieldTable
	at     []int // place in the table's columns of each column of the file
	today  citizen.Day
	cells  []string
	lists  []citizen.CodeList // of the table's data, in the order of a file
	person Person             // that is being read
	// Warnings counts what is odd and no reason to refuse, by message key.
	Warnings map[string]int
	text     map[string]string // codes and the like, kept once
}

// NewPersonReader reads the header. It fails with Invalid when there is none, when a column
// is not known or there twice, and when number, name, birth or sex is missing.
func NewPersonReader(file io.Reader, today clock.Date) (*PersonReader, error) {
	return PersonFields.Reader(file, today)
}

// Reader is NewPersonReader for a file with the columns of the table.
func (t *FieldTable) Reader(file io.Reader, today clock.Date) (*PersonReader, error) {
	buffered := bufio.NewReaderSize(file, 1<<20)
	if start, err := buffered.Peek(3); err == nil && bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		_, _ = buffered.Discard(3)
	}
	r := &PersonReader{
		csv: csv.NewReader(buffered), fields: t, today: citizen.DayFrom(today), cells: make([]string, len(t.columns)),
		Warnings: map[string]int{}, text: map[string]string{},
	}
	for _, d := range t.file {
		var list citizen.CodeList
		if d.List != nil {
			list = d.List()
		}
		r.lists = append(r.lists, list)
	}
	r.csv.ReuseRecord = true
	r.csv.FieldsPerRecord = -1
	header, err := r.csv.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "population.load.header", nil).Because(err)
	}
	seen := map[int]bool{}
	for place, name := range header {
		i := slices.Index(t.columns, strings.ToLower(strings.TrimSpace(name)))
		if i < 0 || seen[i] {
			return nil, fault.New(fault.Invalid, "population.load.column", fault.Args{"column": columnName(name, place)})
		}
		seen[i] = true
		r.at = append(r.at, i)
	}
	for _, d := range t.file {
		if d.Must != "" && !seen[slices.Index(t.columns, d.Member)] {
			return nil, fault.New(fault.Invalid, "population.load.no_column", fault.Args{"column": d.Member})
		}
	}
	return r, nil
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}

func (r *PersonReader) batch(n int) read {
	var b read
	for len(b.persons)+len(b.bad) < n {
		p, line, bad, err := r.Next()
		switch {
		case err != nil:
			b.err = err
			return b
		case bad != nil:
			b.bad = append(b.bad, *bad)
		default:
			b.persons, b.lines = append(b.persons, p), append(b.lines, line)
		}
	}
	return b
}

// Next reads a row: a person, or why the row cannot be one. It ends with io.EOF.
func (r *PersonReader) Next() (p Person, line int, bad *BadRow, err error) {
	row, err := r.csv.Read()
	if len(row) > 0 {
		line, _ = r.csv.FieldPos(0)
	}
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken):
		return p, line, &BadRow{Line: broken.StartLine, Key: "population.load.csv"}, nil
	case err != nil:
		return p, line, nil, err
	case len(row) != len(r.at):
		bad := BadRow{Line: line, Key: "population.load.cells", Args: fault.Args{"cells": len(row), "columns": len(r.at)}}
		return p, line, &bad, nil
	}
	clear(r.cells)
	for i, cell := range row {
		if !utf8.ValidString(cell) || strings.ContainsRune(cell, 0) {
			return p, line, &BadRow{Line: line, Column: r.fields.columns[r.at[i]], Key: "population.load.utf8"}, nil
		}
		r.cells[r.at[i]] = cell
	}
	c := cells{r: r}
	p = c.person()
	if c.bad != nil {
		c.bad.Line = line
		return p, line, c.bad, nil
	}
	return p, line, nil, nil
}

// cells reads the cells of one row in the order of the table's columns; bad is the first that is wrong.
type cells struct {
	r   *PersonReader
	i   int
	bad *BadRow
}

func (c *cells) next() string {
	s := strings.TrimSpace(c.r.cells[c.i])
	c.i++
	return s
}

// fail says that the cell read last is wrong.
func (c *cells) fail(key string, args fault.Args) {
	if c.bad == nil {
		c.bad = &BadRow{Column: c.r.fields.columns[c.i-1], Key: key, Args: args}
	}
}

func (c *cells) failWith(err error) {
	if f := fault.As(err); f != nil {
		c.fail(f.Key, f.Args)
		return
	}
	c.fail("population.load.value", nil)
}

// once gives one string for all that are equal: a batch is full of the same codes.
func (c *cells) once(s string) string {
	if v, ok := c.r.text[s]; ok {
		return v
	}
	v := strings.Clone(s)
	if len(c.r.text) < 100_000 {
		c.r.text[v] = v
	}
	return v
}

func (c *cells) number() citizen.Number {
	s := c.next()
	if s == "" {
		return citizen.Number{}
	}
	n, err := citizen.ParseNumber(s)
	if err != nil {
		c.failWith(err)
	}
	return n
}

// maxName bounds names and other texts, in letters.
const maxName = 200

func (c *cells) words() string {
	s := c.next()
	if utf8.RuneCountInString(s) > maxName {
		c.fail("population.text.long", fault.Args{"max": maxName})
	}
	return citizen.Spell(s)
}

func (c *cells) day() citizen.Day {
	s := c.next()
	if s == "" {
		return 0
	}
	d, err := citizen.ParseDay(s)
	if err != nil {
		c.failWith(err)
	}
	if d > c.r.today {
		c.fail("population.day.future", nil)
	}
	return d
}

// code reads a code of a list, for which older systems leave out the first zero.
func (c *cells) code(list *citizen.CodeList, without string) string {
	s := c.next()
	switch {
	case s == "":
		return without
	case !list.Has(s) && list.Has("0"+s):
		s = "0" + s
	case !list.Has(s):
		c.fail("population.code.unknown", fault.Args{"code": cut(s, 20)})
	}
	return c.once(s)
}

func (c *cells) place() Place {
	codes, detail, country := c.next(), c.words(), c.next()
	if codes == "" && detail == "" && country == "" {
		return Place{}
	}
	p := Place{Detail: detail, Country: vietnam}
	if country != "" {
		p.Country = c.once(country)
		if !isNation(country) {
			c.fail("population.code.unknown", fault.Args{"code": cut(country, 20)})
		}
	}
	if codes == "" {
		return p
	}
	province, rest, _ := strings.Cut(codes, "/")
	district, commune, _ := strings.Cut(rest, "/")
	if !digits(province, 2) || district != "" && !digits(district, 3) || commune != "" && !digits(commune, 5) ||
		strings.Count(codes, "/") > 2 {
		c.i -= 2
		c.fail("population.load.place", nil)
		c.i += 2
		return p
	}
	p.Province, p.District, p.Commune = c.once(province), c.once(district), c.once(commune)
	return p
}

func digits(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789") == "" }

func isNation(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

func (c *cells) relative() Relative {
	var rel Relative
	if s := c.next(); len(s) == 9 {
		old, err := citizen.ParseOldNumber(s)
		if err != nil {
			c.failWith(err)
		}
		rel.OldNumber = old
	} else {
		c.i--
		rel.Number = c.number()
	}
	rel.Name, rel.Nationality = c.words(), c.once(c.next())
	if rel.Nationality != "" && !isNation(rel.Nationality) {
		c.fail("population.code.unknown", fault.Args{"code": cut(rel.Nationality, 20)})
	}
	if rel.Nationality == "" && !rel.IsZero() {
		rel.Nationality = vietnam
	}
	return rel
}

// person reads a row, datum by datum in the order of the columns.
func (c *cells) person() Person {
	p := &c.r.person // one for all rows: the table's functions would make each a new one
	*p = Person{Life: Alive, Version: 1}
	for i, d := range c.r.fields.file {
		c.read(d, &c.r.lists[i], p)
	}
	if c.bad != nil {
		return *p
	}
	if p.Number.Year() != p.Birth.Year() || p.Sex != citizen.SexUnknown && p.Number.Sex() != p.Sex {
		c.r.Warnings["population.load.number_differs"]++
	}
	if _, known := citizen.CheckProvince(p.Number); !known {
		c.r.Warnings["population.load.unknown_province"]++
	}
	return *p
}

// read takes the next cells for one datum.
func (c *cells) read(d *Datum, list *citizen.CodeList, p *Person) {
	missing := false
	switch {
	case d.Text != nil:
		s := c.text(d, list)
		*d.Text(p), missing = s, s == ""
	case d.Day != nil:
		day := c.day()
		*d.Day(p), missing = day, day == 0
	case d.Place != nil:
		*d.Place(p) = c.place()
	case d.Relative != nil:
		*d.Relative(p) = c.relative()
	case d.Number != nil:
		n := c.number()
		*d.Number(p), missing = n, n.IsZero()
	case d.OldNumbers != nil:
		*d.OldNumbers(p) = c.oldNumbers()
	case d.Sex != nil:
		*d.Sex(p) = c.sex()
	case d.Life != nil:
		*d.Life(p) = c.life()
	case d.Texts != nil:
		c.json(d.Texts(p))
	case d.Cards != nil:
		c.json(d.Cards(p))
	}
	if missing && d.Must != "" {
		c.fail(d.Must, nil)
	}
	if d.wrong != nil {
		if key := d.wrong(p); key != "" {
			c.fail(key, nil)
		}
	}
}

func (c *cells) text(d *Datum, list *citizen.CodeList) string {
	switch d.Form {
	case FormCode:
		return c.code(list, d.Unsaid)
	case FormNation:
		return c.nation(d.Unsaid)
	case FormHousehold:
		return c.household()
	case FormRelation:
		return c.once(c.next())
	}
	return c.words()
}

func (c *cells) oldNumbers() []citizen.OldNumber {
	var out []citizen.OldNumber
	for s := range strings.FieldsSeq(c.next()) {
		old, err := citizen.ParseOldNumber(s)
		if err != nil {
			c.failWith(err)
		}
		out = append(out, old)
	}
	return out
}

func (c *cells) sex() citizen.Sex {
	switch s := c.next(); s {
	case "0", "1", "2":
		return citizen.Sex(s[0] - '0')
	default:
		c.fail("population.code.unknown", fault.Args{"code": cut(s, 20)})
		return citizen.SexUnknown
	}
}

func (c *cells) nation(unsaid string) string {
	s := c.once(c.next())
	if s == "" {
		return unsaid
	}
	if !isNation(s) {
		c.fail("population.code.unknown", fault.Args{"code": cut(s, 20)})
	}
	return s
}

// household reads the number of a household, of which older systems leave out the first
// zeros.
func (c *cells) household() string {
	s := c.next()
	if s == "" {
		return ""
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || len(s) > 12 {
		c.fail("population.load.household", nil)
	}
	if len(s) < 9 {
		return "000000000"[len(s):] + s
	}
	return strings.Clone(s)
}

func (c *cells) life() Life {
	switch s := Life(c.next()); s {
	case "", Alive:
		return Alive
	case Dead:
		return Dead
	case Missing:
		return Missing
	default:
		c.fail("population.code.unknown", fault.Args{"code": cut(string(s), 20)})
		return Alive
	}
}

func (c *cells) json(v any) {
	if s := c.next(); s != "" && json.Unmarshal([]byte(s), v) != nil {
		c.fail("population.load.value", nil)
	}
}
