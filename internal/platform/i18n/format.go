package i18n

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"dean06/internal/platform/clock"
)

// Text is an argument that says something else in each language, such as the question
// of a form that is data.
type Text interface{ In(lang string) string }

// Value writes an argument in the manner of the language.
func (p *Printer) Value(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case int:
		return p.Int(int64(x))
	case int64:
		return p.Int(x)
	case float64:
		return p.Float(x, -1)
	case clock.Date:
		return p.Date(x)
	case time.Time:
		return p.Time(x)
	case Text:
		return x.In(string(p.Lang))
	}
	return fmt.Sprint(v)
}

// Int groups thousands: 1.234.567 in Vietnamese, 1,234,567 in English.
func (p *Printer) Int(n int64) string {
	sep := byte('.')
	if p.Lang == En {
		sep = ','
	}
	s := strconv.FormatInt(n, 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	var b strings.Builder
	if neg {
		b.WriteByte('-')
	}
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(sep)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Float writes x with the given number of decimals (-1: as few as needed):
// 1.234,5 in Vietnamese, 1,234.5 in English.
func (p *Printer) Float(x float64, decimals int) string {
	s := strconv.FormatFloat(x, 'f', decimals, 64)
	whole, frac, has := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return s
	}
	out := p.Int(n)
	if n == 0 && strings.HasPrefix(whole, "-") {
		out = "-0"
	}
	if has {
		if p.Lang == En {
			return out + "." + frac
		}
		return out + "," + frac
	}
	return out
}

// Date writes dd/mm/yyyy in Vietnamese, 2 January 2006 in English.
func (p *Printer) Date(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	if p.Lang == En {
		return fmt.Sprintf("%d %s %d", d.Day(), d.Month(), d.Year())
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day(), int(d.Month()), d.Year())
}

// Time writes the moment in Vietnam's time: 15:04 ngày 02/01/2006.
func (p *Printer) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(clock.Zone)
	if p.Lang == En {
		return t.Format("15:04, 2 January 2006")
	}
	return t.Format("15:04 02/01/2006")
}

// SortBy sorts items by name in the order of the Vietnamese alphabet.
func SortBy[T any](items []T, name func(T) string) {
	// A Collator is not safe for concurrent use; one per sort is.
	c := collate.New(language.Vietnamese)
	var buf collate.Buffer
	type keyed struct {
		key  []byte
		item T
	}
	ks := make([]keyed, len(items))
	for i, it := range items {
		ks[i] = keyed{c.KeyFromString(&buf, name(it)), it}
	}
	slices.SortStableFunc(ks, func(a, b keyed) int {
		return strings.Compare(string(a.key), string(b.key))
	})
	for i := range ks {
		items[i] = ks[i].item
	}
}
