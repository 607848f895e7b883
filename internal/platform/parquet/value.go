package parquet

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// mostDecimal is the bytes of a decimal number: 38 digits take 16.
const mostDecimal = 32

// plainValue reads a value as it stands and gives its text; nil for a number that is none.
func (c *column) plainValue() ([]byte, error) {
	take := func(n int) []byte {
		if len(c.plain) < n {
			return nil
		}
		v := c.plain[:n]
		c.plain = c.plain[n:]
		return v
	}
	var raw []byte
	switch c.is.physical {
	case typeBoolean:
		if len(c.plain) == 0 {
			return nil, c.damaged("a value is cut")
		}
		set := c.plain[0]>>c.bit&1 == 1
		if c.bit++; c.bit == 8 {
			c.plain, c.bit = c.plain[1:], 0
		}
		return strconv.AppendBool(c.scratch[:0], set), nil
	case typeInt32, typeFloat:
		raw = take(4)
	case typeInt64, typeDouble:
		raw = take(8)
	case typeInt96:
		raw = take(12)
	case typeFixed:
		raw = take(int(c.is.length))
	case typeBytes:
		size := take(4)
		if size == nil || uint64(binary.LittleEndian.Uint32(size)) > uint64(len(c.plain)) {
			return nil, c.damaged("a text is cut")
		}
		raw = take(int(binary.LittleEndian.Uint32(size)))
		if c.is.means != asDecimal {
			return raw, nil // an empty text is a text
		}
	}
	if c.is.means == asDecimal && len(raw) > mostDecimal {
		return nil, c.damaged("a number of %d bytes", len(raw))
	}
	if raw == nil {
		return nil, c.damaged("a value is cut")
	}
	return c.text(raw), nil
}

// text writes a value.
func (c *column) text(raw []byte) []byte {
	b := c.scratch[:0]
	switch c.is.physical {
	case typeInt32:
		b = c.is.whole(b, int64(int32(binary.LittleEndian.Uint32(raw))), 32)
	case typeInt64:
		b = c.is.whole(b, int64(binary.LittleEndian.Uint64(raw)), 64)
	case typeInt96: // nanoseconds of a Julian day, as older programs wrote moments
		day := int64(binary.LittleEndian.Uint32(raw[8:])) - 2440588
		b = moment(b, time.Unix(day*86400, 0).Add(time.Duration(binary.LittleEndian.Uint64(raw[:8])%uint64(24*time.Hour))))
	case typeFloat:
		return c.number(b, float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))), 32)
	case typeDouble:
		return c.number(b, math.Float64frombits(binary.LittleEndian.Uint64(raw)), 64)
	default:
		b = c.is.fixed(b, raw)
	}
	c.scratch = b
	return b
}

// number writes a number in full: many a column of numbers that name people was taken for
// one of measures.
func (c *column) number(b []byte, v float64, bits int) []byte {
	if math.IsNaN(v) {
		return nil
	}
	c.scratch = strconv.AppendFloat(b, v, 'f', -1, bits)
	return c.scratch
}

func (e *element) whole(b []byte, v int64, bits int) []byte {
	switch {
	case e.means == asUnsigned && bits == 32:
		return strconv.AppendUint(b, uint64(uint32(v)), 10)
	case e.means == asUnsigned:
		return strconv.AppendUint(b, uint64(v), 10)
	case e.means == asDecimal:
		return e.decimal(b, big.NewInt(v))
	case e.means == asDate:
		return time.Unix(v*86400, 0).UTC().AppendFormat(b, time.DateOnly)
	case e.means == asMoment && e.unit > 0:
		return moment(b, time.Unix(floor(v, e.unit), (v-floor(v, e.unit)*e.unit)*(1e9/e.unit)))
	case e.means == asTime && e.unit > 0:
		return time.Unix(floor(v, e.unit), 0).UTC().AppendFormat(b, time.TimeOnly)
	}
	return strconv.AppendInt(b, v, 10)
}

func floor(v, by int64) int64 {
	q := v / by
	if v%by < 0 {
		q--
	}
	return q
}

// moment writes a day alone where nothing is said of the hour.
func moment(b []byte, t time.Time) []byte {
	t = t.UTC()
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.AppendFormat(b, time.DateOnly)
	}
	return t.AppendFormat(b, "2006-01-02 15:04:05.999999999")
}

func (e *element) decimal(b []byte, v *big.Int) []byte {
	s := v.String()
	if e.scale == 0 {
		return append(b, s...)
	}
	if s[0] == '-' {
		b, s = append(b, '-'), s[1:]
	}
	if n := int(e.scale) + 1 - len(s); n > 0 {
		s = strings.Repeat("0", n) + s
	}
	at := len(s) - int(e.scale)
	return append(append(append(b, s[:at]...), '.'), s[at:]...)
}

// fixed writes bytes: a decimal, an identifier, or a text.
func (e *element) fixed(b, raw []byte) []byte {
	switch {
	case e.means == asDecimal:
		v := new(big.Int).SetBytes(raw)
		if len(raw) > 0 && raw[0] >= 0x80 {
			v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(len(raw))*8))
		}
		return e.decimal(b, v)
	case e.means == asUUID && len(raw) == 16:
		h := hex.EncodeToString(raw)
		return append(b, h[:8]+"-"+h[8:12]+"-"+h[12:16]+"-"+h[16:20]+"-"+h[20:]...)
	}
	return append(b, raw...)
}
