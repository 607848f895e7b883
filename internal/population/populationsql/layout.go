package populationsql

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// layout is how population_person keeps what a person consists of: the table of fields
// says which columns there are, and from the type of each datum follows what they hold.
type layout struct {
	fields *population.FieldTable
	data   []column // one for each datum that has a column, or two
	inRest []kept   // those that have none
	names  []string // of all columns, in the order in which rows are written
	all    picked
}

// column keeps a datum.
type column struct {
	name  string
	field population.Field
	datum string // its member
	write func(p *population.Person, r *rest) any
	read  func(p *population.Person, c *cell, r *rest)
	rest  bool   // what the column cannot say is in rest
	with  string // the member of another datum without which it cannot be read
}

// kept is a datum that few people have, in rest.
type kept struct {
	field population.Field
	write func(p *population.Person, r *rest)
	read  func(p *population.Person, r *rest)
}

// beside are the columns that no datum has.
var beside = []string{"name_key", "pair_key", "version", "load_seq", "changed_at", "rest"}

// standard is the layout of the register's own table of fields.
var standard = sync.OnceValue(func() *layout { return layoutOf(population.PersonFields) })

func layoutOf(fields *population.FieldTable) *layout {
	l := &layout{fields: fields}
	for _, line := range fields.Lines() {
		for i := range line.Data {
			d := line.Data[i]
			if d.InRest {
				k := keptOf(d)
				k.field = line.Code
				l.inRest = append(l.inRest, k)
				continue
			}
			for _, c := range l.columnsOf(d) {
				c.field, c.datum = line.Code, d.Member
				l.data, l.names = append(l.data, c), append(l.names, c.name)
			}
		}
	}
	l.names = append(l.names, beside...)
	l.all = l.pick(fields.All())
	l.all.names += ", changed_at"
	l.all.changed = true
	return l
}

// columnsOf are the columns of a datum.
func (l *layout) columnsOf(d population.Datum) []column {
	c := column{name: d.Column}
	if c.name == "" {
		c.name = d.Member
	}
	if d.Short == "" {
		d.Short = d.Member
	}
	switch {
	case d.Number != nil:
		c.write = func(p *population.Person, _ *rest) any { return d.Number(p).Int() }
		c.read = func(p *population.Person, v *cell, _ *rest) { *d.Number(p) = citizen.FromInt(v.n) }
	case d.OldNumbers != nil:
		c.rest = true
		c.write = func(p *population.Person, r *rest) any { return r.oldNumbers(*d.OldNumbers(p)) }
		c.read = func(p *population.Person, v *cell, r *rest) { *d.OldNumbers(p) = r.oldNumbersOf(v) }
	case d.Text != nil:
		textColumn(&c, d)
	case d.Day != nil:
		c.write = func(p *population.Person, _ *rest) any { return day(*d.Day(p)) }
		if d.Must != "" {
			c.write = func(p *population.Person, _ *rest) any { return int64(*d.Day(p)) }
		}
		c.read = func(p *population.Person, v *cell, _ *rest) { *d.Day(p) = citizen.Day(v.n) }
	case d.Sex != nil:
		c.write = func(p *population.Person, _ *rest) any { return int64(*d.Sex(p)) }
		c.read = func(p *population.Person, v *cell, _ *rest) { *d.Sex(p) = citizen.Sex(v.n) }
	case d.Life != nil:
		c.write = func(p *population.Person, _ *rest) any { return int64(max(0, slices.Index(lives, *d.Life(p)))) }
		c.read = func(p *population.Person, v *cell, _ *rest) { *d.Life(p) = lives[v.n] }
	case d.Relative != nil:
		c.rest = true
		c.write = func(p *population.Person, r *rest) any { return r.relative(d.Short, *d.Relative(p)) }
		c.read = func(p *population.Person, v *cell, r *rest) { *d.Relative(p) = r.relativeOf(d.Short, v) }
	case d.Place != nil:
		return l.placeColumns(c, d)
	default:
		panic("populationsql: no column can keep " + d.Member) // a line of the table that a test would have found
	}
	return []column{c}
}

var lives = []population.Life{population.Alive, population.Dead, population.Missing}

func textColumn(c *column, d population.Datum) {
	switch {
	case d.Form == population.FormCode:
		width := len(d.List().All()[0].Code)
		c.write = func(p *population.Person, _ *rest) any { return code(*d.Text(p)) }
		c.read = func(p *population.Person, v *cell, _ *rest) { *d.Text(p) = v.padded(width) }
	case d.Form == population.FormHousehold:
		c.rest = true
		c.write = func(p *population.Person, r *rest) any { return r.household(*d.Text(p)) }
		c.read = func(p *population.Person, v *cell, r *rest) {
			if *d.Text(p) = v.padded(9); r.House != "" {
				*d.Text(p) = r.House
			}
		}
	case d.Form == population.FormNation: // NULL is the one that is meant when none is said
		c.write = func(p *population.Person, _ *rest) any {
			if *d.Text(p) == d.Unsaid {
				return nil
			}
			return *d.Text(p)
		}
		c.read = func(p *population.Person, v *cell, _ *rest) {
			if *d.Text(p) = v.s; !v.ok {
				*d.Text(p) = d.Unsaid
			}
		}
	case d.Must != "":
		c.write = func(p *population.Person, _ *rest) any { return *d.Text(p) }
		c.read = func(p *population.Person, v *cell, _ *rest) { *d.Text(p) = v.s }
	default:
		c.write = func(p *population.Person, _ *rest) any { return words(*d.Text(p)) }
		c.read = func(p *population.Person, v *cell, _ *rest) { *d.Text(p) = v.s }
	}
}

// samePlace stands in the column of a place that is the other one which it mostly is.
const samePlace = -1

func (l *layout) placeColumns(c column, d population.Datum) []column {
	c.rest, c.with = true, d.SameAs
	c.write = func(p *population.Person, r *rest) any { return r.place(d.Short, *d.Place(p), d.Detail != "") }
	c.read = func(p *population.Person, v *cell, r *rest) { *d.Place(p) = r.placeOf(d.Short, v) }
	switch {
	case d.Detail != "":
		detail := column{
			name:  d.Detail,
			write: func(p *population.Person, _ *rest) any { return words(d.Place(p).Detail) },
			read:  func(p *population.Person, v *cell, _ *rest) { d.Place(p).Detail = v.s },
		}
		return []column{c, detail}
	case d.SameAs != "":
		write, read, other := c.write, c.read, l.place(d.SameAs)
		c.write = func(p *population.Person, r *rest) any {
			if at := *d.Place(p); at == *other(p) && !at.IsZero() {
				return int64(samePlace)
			}
			return write(p, r)
		}
		c.read = func(p *population.Person, v *cell, r *rest) {
			if v.ok && v.n == samePlace {
				*d.Place(p) = *other(p)
				return
			}
			read(p, v, r)
		}
	}
	return []column{c}
}

// place is where a person holds a place, by its member.
func (l *layout) place(member string) func(*population.Person) *population.Place {
	for _, line := range l.fields.Lines() {
		for _, d := range line.Data {
			if d.Member == member && d.Place != nil {
				return d.Place
			}
		}
	}
	panic("populationsql: there is no place " + member) // a line of the table that a test would have found
}

// keptOf keeps what has no column.
func keptOf(d population.Datum) kept {
	switch {
	case d.Texts != nil:
		return kept{
			write: func(p *population.Person, r *rest) { r.Names = *d.Texts(p) },
			read:  func(p *population.Person, r *rest) { *d.Texts(p) = r.Names },
		}
	case d.Cards != nil:
		return kept{
			write: func(p *population.Person, r *rest) { r.cards(*d.Cards(p)) },
			read:  func(p *population.Person, r *rest) { *d.Cards(p) = r.cardsOf() },
		}
	case d.Day != nil:
		return kept{
			write: func(p *population.Person, r *rest) { r.Since = *d.Day(p) },
			read:  func(p *population.Person, r *rest) { *d.Day(p) = r.Since },
		}
	}
	panic("populationsql: the rest cannot keep " + d.Member) // a line of the table that a test would have found
}

// values are a row; the caller knows from which load a person comes and when they changed.
func (l *layout) values(p *population.Person, load, changed any) []any {
	return l.appendValues(make([]any, 0, len(l.names)), p, population.SearchKeys, load, changed)
}

// appendValues appends a row; keys is population.SearchKeys, or quicker.
func (l *layout) appendValues(v []any, p *population.Person, keys func(name string, year int) (whole, ends int64), load, changed any) []any {
	var r rest
	for i := range l.data {
		v = append(v, l.data[i].write(p, &r))
	}
	for i := range l.inRest {
		l.inRest[i].write(p, &r)
	}
	name, pair := keys(p.Name, p.Birth.Year())
	return append(v, name, pair, p.Version, load, changed, r.text())
}

// picked are the columns to read for some fields.
type picked struct {
	names   string // for a SELECT: those of data, version, rest and changed_at if they are picked
	data    []*column
	inRest  []*kept
	rest    bool
	changed bool
}

// pick gives the columns for some fields; nil is all of them, and when a person changed.
func (l *layout) pick(fields []population.Field) picked {
	if fields == nil {
		return l.all
	}
	var out picked
	var names []string
	for i := range l.data {
		c := &l.data[i]
		wanted := c.field == population.FieldNumber || slices.Contains(fields, c.field)
		for k := range l.data {
			other := &l.data[k]
			wanted = wanted || other.with == c.datum && slices.Contains(fields, other.field)
		}
		if wanted {
			out.data, names = append(out.data, c), append(names, c.name)
			out.rest = out.rest || c.rest
		}
	}
	for i := range l.inRest {
		if k := &l.inRest[i]; slices.Contains(fields, k.field) {
			out.inRest, out.rest = append(out.inRest, k), true
		}
	}
	names = append(names, "version")
	if out.rest {
		names = append(names, "rest")
	}
	out.names = strings.Join(names, ", ")
	return out
}

// line is a row as it is read.
type line struct {
	picked
	one   population.Person // one for all rows: the functions of columns would make each a new one
	other rest
	cells []cell
	dst   []any
}

func (p picked) line() *line {
	l := &line{picked: p, cells: make([]cell, len(p.data)+3)}
	for i := range l.cells {
		l.dst = append(l.dst, &l.cells[i])
	}
	n := len(p.data) + 1
	if p.rest {
		n++
	}
	if p.changed {
		n++
	}
	l.dst = l.dst[:n]
	return l
}

// person makes the person of the row that was read last.
func (l *line) person() (population.Person, error) {
	l.one, l.other = population.Person{}, rest{}
	p, r := &l.one, &l.other
	more := l.cells[len(l.data):]
	p.Version, more = more[0].n, more[1:]
	if l.rest {
		if more[0].ok {
			if err := json.Unmarshal([]byte(more[0].s), r); err != nil {
				return *p, fmt.Errorf("read the rest of a person: %w", err)
			}
		}
		more = more[1:]
	}
	if l.changed {
		p.UpdatedAt = more[0].t.UTC()
	}
	for i, c := range l.data {
		c.read(p, &l.cells[i], r)
	}
	for _, k := range l.inRest {
		k.read(p, r)
	}
	return *p, nil
}

// cell is a value of a row: whole number, text or moment. It reads itself, as hundreds
// of thousands a second pass through it.
type cell struct {
	n  int64
	s  string
	t  time.Time
	ok bool // not NULL
}

// Scan takes what the driver gives.
func (c *cell) Scan(src any) error {
	*c = cell{ok: src != nil}
	switch v := src.(type) {
	case nil:
	case int64:
		c.n = v
	case string:
		c.s = v
	case []byte:
		c.s = string(v)
	case time.Time:
		c.t = v
	default:
		return fmt.Errorf("a column of a person holds %T", src)
	}
	return nil
}

// padded is a whole number with zeros before it; "" for NULL.
func (c *cell) padded(width int) string {
	if !c.ok {
		return ""
	}
	return pad(c.n, width)
}

// selected is the start of a query for some columns.
func selected(p picked) string { return "SELECT " + p.names + " FROM population_person " }
