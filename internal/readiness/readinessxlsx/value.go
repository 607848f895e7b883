package readinessxlsx

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
)

// clean is how texts are compared and kept: composed letters, \n between lines,
// nothing blank around.
func clean(s string) string {
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return norm.NFC.String(strings.TrimSpace(s))
}

// readTrace takes what Write hid in a cell, and says whether it could. It is taken
// as it stands: clean would compose a letter with the end of the escape before it,
// and "\u003c" with an accent after it would be no JSON any more.
func readTrace(c found, into any) bool {
	return c.Text != "" && json.Unmarshal([]byte(c.Text), into) == nil
}

func showDate(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day(), int(d.Month()), d.Year())
}

var dayForm = regexp.MustCompile(`^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})$`)

// readDate reads dd/mm/yyyy; it fails for a day that the calendar lacks.
func readDate(s string) (clock.Date, bool) {
	m := dayForm.FindStringSubmatch(s)
	if m == nil {
		return clock.Date{}, false
	}
	pad := func(s string) string { return strings.Repeat("0", 2-len(s)) + s }
	d, err := clock.ParseDate(m[3] + "-" + pad(m[2]) + "-" + pad(m[1]))
	return d, err == nil && d.Year() > 0
}

// showMonth writes 06/2023, or the period of which it is the last month.
func showMonth(m readiness.Month, by readiness.Precision, lang string) string {
	var year, month int
	if _, err := fmt.Sscanf(string(m), "%04d-%02d", &year, &month); err != nil || !m.Valid() {
		return string(m)
	}
	say := func(key string) string {
		return texts().In(i18n.Lang(lang)).T("readiness.workbook.month."+key, map[string]any{
			"year": fmt.Sprintf("%04d", year), "roman": [...]string{"I", "II", "III", "IV"}[(month-1)/3], "quarter": strconv.Itoa((month + 2) / 3),
		})
	}
	switch {
	case by == readiness.ByQuarter && month%3 == 0:
		return say("quarter")
	case by == readiness.ByHalf && month == 6:
		return say("first_half")
	case by == readiness.ByHalf && month == 12:
		return say("second_half")
	case by == readiness.ByYear && month == 12:
		return say("year")
	}
	return fmt.Sprintf("%02d/%04d", month, year)
}

var countForm = regexp.MustCompile(`^\d{1,9}$|^\d{1,3}([., \x{a0}]\d{3}){1,2}$`)

// readCount reads a whole number, also with thousands set apart.
func readCount(s string) (int, bool) {
	if !countForm.MatchString(s) {
		return 0, false
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	n, err := strconv.Atoi(digits)
	return n, err == nil
}
