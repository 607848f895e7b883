package parquet

import "encoding/binary"

// delta reads whole numbers that are kept as what each adds to the one before.
type delta struct {
	b      []byte
	left   int    // numbers
	per    int    // of a small block
	minis  int    // small blocks of a block
	begun  bool   // the first number was given
	value  uint64 // the last; sums wrap around
	least  uint64 // of the block, added to each
	widths []byte // of the small blocks that follow
	small  []byte // the small block
	in     int    // numbers left of it
	bit    int
}

// newDelta reads the head of n numbers at most; ok is false when there is none.
func newDelta(b []byte, n int) (d delta, ok bool) {
	var head [4]uint64
	for i := range head {
		v, size := binary.Uvarint(b)
		if size <= 0 {
			return d, false
		}
		head[i], b = v, b[size:]
	}
	block, minis, count := head[0], head[1], head[2]
	if block == 0 || block > 1<<20 || minis == 0 || minis > block || block%minis != 0 || block/minis%8 != 0 || count > uint64(n) {
		return d, false
	}
	return delta{b: b, left: int(count), per: int(block / minis), minis: int(minis), value: zigzag(head[3])}, true
}

func zigzag(v uint64) uint64 { return v>>1 ^ -(v & 1) }

func (d *delta) next() (int64, bool) {
	if d.left == 0 {
		return 0, false
	}
	d.left--
	if !d.begun {
		d.begun = true
		return int64(d.value), true
	}
	if d.in == 0 && !d.block() {
		return 0, false
	}
	d.in--
	width := int(d.widths[0])
	v := uint64(0)
	for got := 0; got < width; {
		at, from := d.bit/8, d.bit%8
		take := min(8-from, width-got)
		v |= uint64(d.small[at]>>from&(1<<take-1)) << got
		got, d.bit = got+take, d.bit+take
	}
	if d.in == 0 {
		d.widths = d.widths[1:]
	}
	d.value += d.least + v
	return int64(d.value), true
}

// block makes the next small block ready.
func (d *delta) block() bool {
	if len(d.widths) == 0 {
		v, n := binary.Uvarint(d.b)
		if n <= 0 || len(d.b)-n < d.minis {
			return false
		}
		d.least, d.widths, d.b = zigzag(v), d.b[n:n+d.minis], d.b[n+d.minis:]
	}
	size := d.per / 8 * int(d.widths[0])
	if d.widths[0] > 64 || len(d.b) < size {
		return false
	}
	d.small, d.b, d.in, d.bit = d.b[:size], d.b[size:], d.per, 0
	return true
}

// after is what follows the numbers.
func (d delta) after() ([]byte, bool) {
	for d.left > 0 {
		if _, ok := d.next(); !ok {
			return nil, false
		}
	}
	return d.b, true
}

// deltaNumbers, deltaTexts and deltaStarts make a page in one of the three encodings ready.
func (c *column) deltaNumbers(body []byte) (func() ([]byte, error), error) {
	d, ok := newDelta(body, c.values)
	if !ok {
		return nil, c.damaged("differences")
	}
	raw := make([]byte, 8)
	return func() ([]byte, error) {
		v, ok := d.next()
		if !ok {
			return nil, c.damaged("differences")
		}
		binary.LittleEndian.PutUint64(raw, uint64(v))
		return c.text(raw), nil
	}, nil
}

func (c *column) deltaTexts(body []byte) (func() ([]byte, error), error) {
	sizes, ok := newDelta(body, c.values)
	if !ok {
		return nil, c.damaged("lengths")
	}
	rest, ok := sizes.after()
	if !ok {
		return nil, c.damaged("lengths")
	}
	return func() ([]byte, error) {
		n, ok := sizes.next()
		if !ok || n < 0 || n > int64(len(rest)) {
			return nil, c.damaged("lengths")
		}
		v := rest[:n]
		rest = rest[n:]
		return v, nil
	}, nil
}

// deltaStarts reads texts of which the beginning is the one's before.
func (c *column) deltaStarts(body []byte) (func() ([]byte, error), error) {
	starts, ok := newDelta(body, c.values)
	if !ok {
		return nil, c.damaged("lengths")
	}
	rest, ok := starts.after()
	if !ok {
		return nil, c.damaged("lengths")
	}
	ends, err := c.deltaTexts(rest)
	if err != nil {
		return nil, err
	}
	var last []byte
	return func() ([]byte, error) {
		n, ok := starts.next()
		if !ok || n < 0 || n > int64(len(last)) {
			return nil, c.damaged("lengths")
		}
		end, err := ends()
		if err != nil {
			return nil, err
		}
		if last = append(last[:n], end...); len(last) > mostPage {
			return nil, c.tooMuch()
		}
		if c.is.physical == typeFixed || c.is.means == asDecimal {
			if len(last) > mostDecimal && c.is.means == asDecimal {
				return nil, c.damaged("a number of %d bytes", len(last))
			}
			return c.text(last), nil
		}
		return last, nil
	}, nil
}

// split reads numbers whose first bytes stand together, then their second bytes.
func (c *column) split(body []byte) (func() ([]byte, error), error) {
	size := map[int32]int{typeInt32: 4, typeFloat: 4, typeInt64: 8, typeDouble: 8, typeFixed: int(c.is.length)}[c.is.physical]
	if size == 0 || len(body)%size != 0 || c.is.means == asDecimal && size > mostDecimal {
		return nil, c.damaged("split numbers")
	}
	n, i := len(body)/size, 0
	raw := make([]byte, size)
	return func() ([]byte, error) {
		if i == n {
			return nil, c.damaged("split numbers")
		}
		for k := range raw {
			raw[k] = body[k*n+i]
		}
		i++
		return c.text(raw), nil
	}, nil
}
