package dossier

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Patterns of codes that are in use.
const (
	// PatternCircular is that of Thông tư 01/2018/TT-VPCP, Điều 19: 000.00.06.H56-231027-0361.
	PatternCircular = "{unit}-{yymmdd}-{n:4}"
	// PatternPortal is the newer one: H55.12-20261121-0000001.
	PatternPortal = "{unit}-{yyyymmdd}-{n:7}"
)

// CodePattern makes and reads codes of dossiers. The sequence begins anew each day for each
// receiving unit.
type CodePattern struct {
	short  bool // of the year two digits
	digits int
	shape  *regexp.Regexp
}

var patternShape = regexp.MustCompile(`^\{unit\}-\{(yymmdd|yyyymmdd)\}-\{n:([1-9])\}$`)

// ParsePattern reads a setting such as PatternCircular. It fails with Invalid.
func ParsePattern(s string) (CodePattern, error) {
	m := patternShape.FindStringSubmatch(s)
	if m == nil {
		return CodePattern{}, fault.New(fault.Invalid, "dossier.code.pattern", fault.Args{
			"pattern": s, "one": PatternCircular, "other": PatternPortal,
		})
	}
	c := CodePattern{short: m[1] == "yymmdd", digits: int(m[2][0] - '0')}
	c.shape = regexp.MustCompile(`^([A-Z0-9]+(?:\.[A-Z0-9]+)*)-([0-9]{` + strconv.Itoa(len(m[1])) + `})-([0-9]{` + m[2] + `,9})$`)
	return c, nil
}

// Counter is the name of the sequence that counts the dossiers of a unit and a day.
func (c CodePattern) Counter(unit string, day clock.Date) string {
	return "code " + unit + " " + day.String()
}

// Format makes the nth code of a unit on a day. More than the digits hold makes the number
// longer: a code is never given twice.
func (c CodePattern) Format(unit string, day clock.Date, n int) string {
	text := fmt.Sprintf("%04d%02d%02d", day.Year(), int(day.Month()), day.Day())
	if c.short {
		text = text[2:]
	}
	return fmt.Sprintf("%s-%s-%0*d", unit, text, c.digits, n)
}

// Parse reads a code of this pattern, in any case and with blanks around. ok is false when
// it is none.
func (c CodePattern) Parse(code string) (unit string, day clock.Date, n int, ok bool) {
	m := c.shape.FindStringSubmatch(CleanCode(code))
	if m == nil {
		return "", clock.Date{}, 0, false
	}
	text := m[2]
	if c.short {
		text = "20" + text
	}
	day, err := clock.ParseDate(text[:4] + "-" + text[4:6] + "-" + text[6:])
	n, err2 := strconv.Atoi(m[3])
	if err != nil || err2 != nil || n < 1 || c.Format(m[1], day, n) != m[0] {
		return "", clock.Date{}, 0, false
	}
	return m[1], day, n, true
}

// CleanCode is a code as it is kept, of what somebody typed.
func CleanCode(code string) string {
	return strings.ToUpper(strings.Join(strings.Fields(code), ""))
}

var groups = regexp.MustCompile(`^([A-Z][0-9]{2})(?:\.([A-Z]?)([0-9]+))?$`)

// UnitOf is the unit of an agency in codes, where none is set: for the portal's pattern the
// agency's own code, for the circular's four groups with the province last.
func (c CodePattern) UnitOf(agency string) string {
	if !c.short {
		return agency
	}
	m := groups.FindStringSubmatch(agency)
	if m == nil {
		return agency
	}
	number := m[3]
	for len(number) < 7 {
		number = "0" + number
	}
	return number[len(number)-7:len(number)-4] + "." + number[len(number)-4:len(number)-2] + "." + number[len(number)-2:] + "." + m[1]
}
