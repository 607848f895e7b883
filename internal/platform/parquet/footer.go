package parquet

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// File is an open file.
type File struct {
	Columns []string
	Count   int64 // of the rows
	r       io.ReaderAt
	limits  Limits
	schema  []element
	groups  []group
	zstd    *zstd.Decoder
}

// element is a column as the schema says it.
type element struct {
	physical, length int32
	optional         bool
	name             string
	means            meaning
	scale            int32
	unit             int64 // of a second, for times
	children         int32
	repeated         bool
	unknown          bool // a type of which nothing is known
}

// meaning is what a value is read as.
type meaning uint8

const (
	asIs meaning = iota
	asUnsigned
	asDecimal
	asDate
	asTime
	asMoment
	asUUID
)

type group struct {
	rows    int64
	columns []chunk
}

// chunk is a column of a row group.
type chunk struct {
	physical, codec  int32
	values           int64
	start, size      int64
	data, dictionary int64
	elsewhere        bool // in another file
	encrypted        bool
	told             bool
}

const mostFooter = 64 << 20

// Open reads the footer. It fails with a *Refusal for what is not read.
func Open(r io.ReaderAt, size int64, limits Limits) (*File, error) {
	var tail [8]byte
	if size < int64(len(magic))*2+4 {
		return nil, refuse(Damaged, "%d bytes", size)
	}
	if _, err := r.ReadAt(tail[:], size-8); err != nil && !errors.Is(err, io.EOF) {
		return nil, refuse(Damaged, "read the end: %w", err)
	}
	switch string(tail[4:]) {
	case magic:
	case "PARE":
		return nil, refuse(Encrypted, "the footer")
	default:
		return nil, refuse(Damaged, "the end is missing")
	}
	n := int64(binary.LittleEndian.Uint32(tail[:4]))
	if n > size-12 || n > mostFooter {
		return nil, refuse(Damaged, "a footer of %d bytes in %d", n, size)
	}
	b := make([]byte, n)
	if _, err := r.ReadAt(b, size-8-n); err != nil {
		return nil, refuse(Damaged, "read the footer: %w", err)
	}
	f := &File{r: r, limits: limits}
	if err := f.footer(b); err != nil {
		return nil, err
	}
	return f, f.check(size - 8 - n)
}

func (f *File) footer(b []byte) error {
	d := &decoder{b: b}
	encrypted := false
	var all []element
	d.fields(func(id int16, kind byte) bool {
		switch {
		case id == 2 && kind == thriftList:
			d.list(func(byte) { all = append(all, d.element()) })
		case id == 3 && kind == thriftI64:
			f.Count = d.int()
		case id == 4 && kind == thriftList:
			d.list(func(byte) { f.groups = append(f.groups, d.group()) })
		case id == 8:
			encrypted = true
			return false
		default:
			return false
		}
		return true
	})
	switch {
	case d.err != nil:
		return refuse(Damaged, "footer: %w", d.err)
	case encrypted:
		return refuse(Encrypted, "columns")
	case len(all) == 0 || all[0].children < 1:
		return refuse(Damaged, "a schema without columns")
	}
	for _, e := range all[1:] {
		if e.children > 0 || e.repeated {
			return &Refusal{Reason: Nested, Column: e.name}
		}
	}
	f.schema = all[1:]
	if int(all[0].children) != len(f.schema) {
		return refuse(Damaged, "%d columns of %d", len(f.schema), all[0].children)
	}
	if len(f.schema) > f.limits.Column {
		return refuse(Bomb, "%d columns", len(f.schema))
	}
	for _, e := range f.schema {
		if e.unknown || e.physical < typeBoolean || e.physical > typeFixed || e.physical == typeFixed && (e.length < 1 || e.length > 1<<16) {
			return &Refusal{Reason: Unsupported, Column: e.name}
		}
		f.Columns = append(f.Columns, e.name)
	}
	return nil
}

// check holds what the footer claims against the file, whose data ends at end.
func (f *File) check(end int64) error {
	if f.Count < 0 || f.Count > f.limits.Rows {
		return refuse(Bomb, "%d rows", f.Count)
	}
	rows := int64(0)
	for _, g := range f.groups {
		if g.rows < 0 || g.rows > f.Count-rows || len(g.columns) != len(f.schema) {
			return refuse(Damaged, "a row group of %d rows and %d columns", g.rows, len(g.columns))
		}
		rows += g.rows
		for i := range g.columns {
			c, e := &g.columns[i], f.schema[i]
			c.start = c.data
			if c.dictionary > 0 && c.dictionary < c.data {
				c.start = c.dictionary
			}
			switch {
			case c.encrypted:
				return &Refusal{Reason: Encrypted, Column: e.name}
			case c.elsewhere:
				return &Refusal{Reason: Unsupported, Column: e.name, Cause: errors.New("in another file")}
			case g.rows == 0: // its offsets may be anything
			case !c.told || c.physical != e.physical || c.values != g.rows || c.start < int64(len(magic)) || c.size < 0 || c.size > end-c.start:
				return &Refusal{Reason: Damaged, Column: e.name, Cause: errors.New("its place or number of values")}
			}
		}
	}
	if rows != f.Count {
		return refuse(Damaged, "%d rows in groups of %d", rows, f.Count)
	}
	return nil
}

func (d *decoder) element() (e element) {
	converted, logical := int32(-1), false
	e.physical = -1
	d.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == thriftI32:
			e.physical = d.int32()
		case id == 2 && kind == thriftI32:
			e.length = d.int32()
		case id == 3 && kind == thriftI32:
			r := d.int32()
			e.optional, e.repeated = r == 1, r > 1
		case id == 4 && kind == thriftBinary:
			e.name = string(d.bytes())
		case id == 5 && kind == thriftI32:
			e.children = d.int32()
		case id == 6 && kind == thriftI32:
			converted = d.int32()
		case id == 7 && kind == thriftI32:
			e.scale = d.int32()
		case id == 10 && kind == thriftStruct:
			logical = true
			d.logical(&e)
		default:
			return false
		}
		return true
	})
	if !logical {
		e.convert(converted)
	}
	e.unknown = e.unknown || e.scale < 0 || e.scale > 38
	return e
}

// convert takes the older way of saying what values mean.
func (e *element) convert(converted int32) {
	switch converted {
	case 5:
		e.means = asDecimal
	case 6:
		e.means = asDate
	case 7, 9:
		e.means, e.unit = asMoment, 1e3
		if converted == 7 {
			e.means = asTime
		}
	case 8, 10:
		e.means, e.unit = asMoment, 1e6
		if converted == 8 {
			e.means = asTime
		}
	case 11, 12, 13, 14:
		e.means = asUnsigned
	case 1, 2, 3, 21: // lists, maps, intervals
		e.unknown = true
	}
}

// logical reads the union of what values mean.
func (d *decoder) logical(e *element) {
	d.fields(func(id int16, kind byte) bool {
		if kind != thriftStruct {
			return false
		}
		switch id {
		case 5:
			e.means = asDecimal
			d.fields(func(id int16, kind byte) bool {
				if id != 1 || kind != thriftI32 {
					return false
				}
				e.scale = d.int32()
				return true
			})
			return true
		case 6:
			e.means = asDate
		case 7, 8:
			e.means = asMoment
			if id == 7 {
				e.means = asTime
			}
			e.unit = 1e3
			d.fields(func(id int16, kind byte) bool {
				if id != 2 || kind != thriftStruct {
					return false
				}
				d.fields(func(id int16, _ byte) bool {
					switch id {
					case 2:
						e.unit = 1e6
					case 3:
						e.unit = 1e9
					}
					return false
				})
				return true
			})
			return true
		case 10:
			d.fields(func(id int16, kind byte) bool {
				if id == 2 && kind == thriftFalse {
					e.means = asUnsigned
				}
				return false
			})
			return true
		case 14:
			e.means = asUUID
		case 2, 3, 13, 15, 16, 17, 18: // maps, lists, BSON, half numbers, variants, places on the globe
			e.unknown = true
		}
		return false
	})
}

func (d *decoder) group() (g group) {
	d.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1 && kind == thriftList:
			d.list(func(byte) { g.columns = append(g.columns, d.chunk()) })
		case id == 3 && kind == thriftI64:
			g.rows = d.int()
		default:
			return false
		}
		return true
	})
	return g
}

func (d *decoder) chunk() (c chunk) {
	d.fields(func(id int16, kind byte) bool {
		switch {
		case id == 1:
			c.elsewhere = true
			return false
		case id == 3 && kind == thriftStruct:
			c.told = true
			d.fields(func(id int16, kind byte) bool {
				switch {
				case id == 1 && kind == thriftI32:
					c.physical = d.int32()
				case id == 4 && kind == thriftI32:
					c.codec = d.int32()
				case id == 5 && kind == thriftI64:
					c.values = d.int()
				case id == 7 && kind == thriftI64:
					c.size = d.int()
				case id == 9 && kind == thriftI64:
					c.data = d.int()
				case id == 11 && kind == thriftI64:
					c.dictionary = d.int()
				default:
					return false
				}
				return true
			})
			return true
		case id == 8:
			c.encrypted = true
		}
		return false
	})
	return c
}
