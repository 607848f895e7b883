package citizen

import (
	"database/sql/driver"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"dean06/internal/platform/fault"
)

// Sex is a code of the population database: 0 unknown, 1 male, 2 female.
type Sex int8

// The sexes.
const (
	SexUnknown Sex = 0
	Male       Sex = 1
	Female     Sex = 2
)

// Number is a personal number (số định danh cá nhân): twelve digits, of which the
// first three name the province of registration, the fourth century and sex, the
// next two the year of birth (Luật Căn cước 2023, Điều 12). The zero Number is none.
type Number struct{ n int64 }

// ParseNumber reads twelve digits. It fails with Invalid ("citizen.number.digits";
// "citizen.number.zeros" for twelve zeros), and with "citizen.number.century" when the fourth digit names a century that no
// living person can have been born in. Its province is not judged: see Number.Province.
func ParseNumber(s string) (Number, error) {
	var v int64
	digits := len(s) == 12
	for i := 0; i < len(s) && digits; i++ {
		digits = s[i] >= '0' && s[i] <= '9'
		v = v*10 + int64(s[i]-'0')
	}
	switch {
	case !digits:
		return Number{}, fault.New(fault.Invalid, "citizen.number.digits", nil)
	case v == 0: // what a form sends for nothing
		return Number{}, fault.New(fault.Invalid, "citizen.number.zeros", nil)
	}
	n := Number{v}
	if n.fourth() > 3 { // 4 is the 22nd century
		return Number{}, fault.New(fault.Invalid, "citizen.number.century", fault.Args{"digit": n.fourth()})
	}
	return n, nil
}

// MustNumber is ParseNumber for constants and tests.
func MustNumber(s string) Number {
	n, err := ParseNumber(s)
	if err != nil {
		panic(err)
	}
	return n
}

// NumberOf makes a number from its parts: the province's three digits, the year of
// birth, the sex, and the last six digits.
func NumberOf(province int, year int, sex Sex, serial int) Number {
	century := (year/100 - 19) * 2
	if sex == Female {
		century++
	}
	return Number{int64(province)*1e9 + int64(century)*1e8 + int64(year%100)*1e6 + int64(serial)}
}

// FromInt is the number that Int gave.
func FromInt(v int64) Number { return Number{v} }

// Int is the number as an integer, by which it is stored.
func (n Number) Int() int64 { return n.n }

// IsZero says that there is no number.
func (n Number) IsZero() bool { return n.n == 0 }

// fourth is the digit that names the century of birth and the sex.
func (n Number) fourth() int { return int(n.n / 1e8 % 10) }

// Province is the code of the province of registration, "001". Numbers of people
// born abroad, and of provinces not yet in our list, have others: warn, never reject.
func (n Number) Province() string { return n.Reveal()[:3] }

// Century is the century of birth, 20 for 1900 to 1999.
func (n Number) Century() int { return 20 + n.fourth()/2 }

// Sex is the sex that the number names.
func (n Number) Sex() Sex { return Male + Sex(n.fourth()%2) }

// Year is the year of birth that the number names.
func (n Number) Year() int { return (n.Century()-1)*100 + int(n.n/1e6%100) }

// Reveal is the twelve digits; "" for no number.
func (n Number) Reveal() string {
	return digits(n.n, 12)
}

// digits writes n with zeros before; "" for 0, which is no number.
func digits(n int64, size int) string {
	if n == 0 {
		return ""
	}
	var b [12]byte
	for i := size - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return string(b[:size])
}

// String is the number masked: "001*******01".
func (n Number) String() string {
	if n.n == 0 {
		return ""
	}
	s := n.Reveal()
	return s[:3] + "*******" + s[10:]
}

// GoString is the number masked, for %#v.
func (n Number) GoString() string { return n.String() }

// LogValue is the number masked.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MarshalText reveals the number: messages carry it whole.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.Reveal()), nil }

// UnmarshalText reads twelve digits; empty text is no number.
func (n *Number) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*n = Number{}
		return nil
	}
	v, err := ParseNumber(string(b))
	*n = v
	return err
}

// Value stores the number as an integer, no number as NULL.
func (n Number) Value() (driver.Value, error) {
	if n.n == 0 {
		return nil, nil
	}
	return n.n, nil
}

// Scan reads what Value stored.
func (n *Number) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		n.n = 0
	case int64:
		n.n = v
	default:
		return fmt.Errorf("a personal number cannot be read from %T", src)
	}
	return nil
}

// OldNumber is the number of an earlier card (số CMND): nine digits.
type OldNumber struct{ n int64 }

// ParseOldNumber reads nine digits. It fails with Invalid ("citizen.oldnumber.digits";
// "citizen.oldnumber.zeros" for nine zeros).
func ParseOldNumber(s string) (OldNumber, error) {
	if s == "000000000" {
		return OldNumber{}, fault.New(fault.Invalid, "citizen.oldnumber.zeros", nil)
	}
	if len(s) != 9 || strings.Trim(s, "0123456789") != "" {
		return OldNumber{}, fault.New(fault.Invalid, "citizen.oldnumber.digits", nil)
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return OldNumber{}, fault.New(fault.Invalid, "citizen.oldnumber.digits", nil)
	}
	return OldNumber{v}, nil
}

// OldFromInt is the number that Int gave.
func OldFromInt(v int64) OldNumber { return OldNumber{v} }

// Int is the number as an integer, by which it is stored.
func (n OldNumber) Int() int64 { return n.n }

// IsZero says that there is no number.
func (n OldNumber) IsZero() bool { return n.n == 0 }

// Reveal is the nine digits; "" for no number.
func (n OldNumber) Reveal() string {
	return digits(n.n, 9)
}

// String is the number masked: "01*****78".
func (n OldNumber) String() string {
	if n.n == 0 {
		return ""
	}
	s := n.Reveal()
	return s[:2] + "*****" + s[7:]
}

// GoString is the number masked, for %#v.
func (n OldNumber) GoString() string { return n.String() }

// LogValue is the number masked.
func (n OldNumber) LogValue() slog.Value { return slog.StringValue(n.String()) }

// MarshalText reveals the number: messages carry it whole.
func (n OldNumber) MarshalText() ([]byte, error) { return []byte(n.Reveal()), nil }

// UnmarshalText reads nine digits; empty text is no number.
func (n *OldNumber) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*n = OldNumber{}
		return nil
	}
	v, err := ParseOldNumber(string(b))
	*n = v
	return err
}
