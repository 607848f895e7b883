package cleaning

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sheet"
	"dean06/internal/platform/spelling"
)

// remark is a rule by which a value was understood as something else than it says.
type remark uint16

const (
	zerosLost     remark = 1 << iota // leading zeros that a spreadsheet ate were put back
	letterDigits                     // O read as 0, l as 1
	fromSerial                       // a day written as a spreadsheet counts days
	twoDigitYear                     // a year of two digits
	monthFirst                       // month before day
	impossibleDay                    // a day that no calendar has: only the year counts
	unreadNumber                     // something stands there that is no number
	unreadBirth                      // something stands there that is no day
	unreadSex
	oldLetters      // a name in an old code, in a file that is not
	numberYear      // the number names another year than the birth
	numberSex       // the number names another sex
	numberCentury   // the number names a century that has not begun
	numberProvince  // the number names a province that there is not
	numberElsewhere // the number names another province than where the birth was registered
	birthOdd        // the day has not come, or is too long ago
)

// idNumber is what stands in a cell for numbers: a personal number or something like one,
// or the number of an old card.
type idNumber struct {
	value uint64 // the digits
	size  uint8  // how many digits; 0: none
	notes remark
}

// numbersOf reads a cell for numbers: a personal number, an old card's, or both, also where
// words stand beside them ("CCCD: 001090000001", "012345678 / 001090000001").
func numbersOf(cell []byte) (number, old idNumber) {
	n := readNumber(cell)
	switch {
	case n.size == 9:
		return idNumber{}, n
	case n.size > 0 || n.notes&unreadNumber == 0:
		return n, old
	}
	for run := range bytes.FieldsFuncSeq(asciiDigits(cell), func(r rune) bool { return r < '0' || r > '9' }) {
		r := readNumber(run)
		switch {
		case len(run) == 12 && r.size == 12 && number.size == 0:
			number = r
		case len(run) == 9 && r.size == 9 && old.size == 0:
			old = r
		default: // something else, too: nobody can say which it is
			return n, idNumber{}
		}
	}
	if number.size+old.size == 0 {
		return n, old
	}
	return number, old
}

// asciiDigits writes the digits of other scripts' widths plainly and takes out what nobody
// sees; most cells are as they are.
func asciiDigits(cell []byte) []byte {
	if isASCII(cell) {
		return cell
	}
	text := spelling.Clean(string(cell))
	return []byte(strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '／':
			return '/'
		case r == '－' || r == '–' || r == '‐' || r == '‑' || r == '−':
			return '-'
		case r == '．':
			return '.'
		}
		return r
	}, text))
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// readNumber reads the digits of a cell that has one number.
func readNumber(cell []byte) idNumber {
	var n idNumber
	letters := false
	cell = bytes.TrimSuffix(bytes.TrimSpace(asciiDigits(cell)), []byte(".0"))
	for _, c := range cell {
		switch {
		case c >= '0' && c <= '9':
		case c == 'O' || c == 'o':
			c, letters = '0', true
		case c == 'l' || c == 'I':
			c, letters = '1', true
		case c == ' ' || c == '.' || c == '-' || c == '\'' || c == ',':
			continue
		default:
			return idNumber{notes: unreadNumber}
		}
		if n.size >= 14 {
			return idNumber{notes: unreadNumber}
		}
		n.value, n.size = n.value*10+uint64(c-'0'), n.size+1
	}
	if letters {
		n.notes = letterDigits
	}
	switch {
	case n.size == 0:
		return idNumber{}
	case n.value == 0 || n.size < 7:
		return idNumber{notes: unreadNumber}
	case n.size == 8, n.size == 7:
		n.size, n.notes = 9, n.notes|zerosLost
	case n.size == 10 || n.size == 11:
		if plausible(n.value) && n.value >= pow10(n.size-1) { // what begins with a zero has lost none
			n.size, n.notes = 12, n.notes|zerosLost
		}
	}
	return n
}

func pow10(n uint8) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// plausible says that twelve digits can be somebody's: the province is one that gives
// numbers, and the century has begun.
func plausible(v uint64) bool {
	province, century := v/1e9, v/1e8%10
	return province >= 1 && province <= 96 && century <= 3
}

// birthOf reads a day as people write it. today bounds years of two digits.
func birthOf(cell []byte, today clock.Date, monthsFirst bool) (citizen.Day, remark) {
	cell = bytes.TrimSpace(cell)
	if len(cell) == 0 {
		return 0, 0
	}
	if d, ok := isoDay(cell); ok {
		return d, 0
	}
	cell = asciiDigits(cell)
	if d, ok := namedMonth(cell, today); ok {
		return d, 0
	}
	var part, width [3]int
	n, inside := 0, false
	for i, c := range cell {
		if c >= '0' && c <= '9' {
			if !inside {
				if n == 3 {
					break // the time of day
				}
				n++
				inside = true
			}
			if width[n-1] > 8 {
				return 0, unreadBirth
			}
			part[n-1], width[n-1] = part[n-1]*10+int(c-'0'), width[n-1]+1
			continue
		}
		if inside && n == 3 || i > 0 && c == 'T' && n >= 3 {
			break
		}
		inside = false
	}
	switch {
	case n == 0:
		return 0, unreadBirth
	case n == 1, n == 2 && width[0] == 5: // 32874.0
		return lump(part[0], width[0], today)
	case n == 2 && width[1] == 4 && part[0] <= 12:
		return checked(part[1], part[0], 0, false)
	case n == 2 && width[0] == 4 && part[1] <= 12:
		return checked(part[0], part[1], 0, false)
	case n == 2:
		return 0, unreadBirth
	case width[0] == 4:
		return checked(part[0], part[1], part[2], false)
	case width[2] == 4:
		return checked(part[2], part[1], part[0], monthsFirst)
	case width[2] == 2:
		d, notes := checked(century(part[2], today), part[1], part[0], monthsFirst)
		return d, notes | twoDigitYear
	}
	return 0, unreadBirth
}

// months are the English names by their first letters, as programs write days: 31-Jan-1990.
var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

// namedMonth reads a day whose month is a word; ok is false for all others.
func namedMonth(cell []byte, today clock.Date) (d citizen.Day, ok bool) {
	if bytes.IndexFunc(cell, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' && r != 'T' && r != 'Z' }) < 0 {
		return 0, false
	}
	month, day, year := 0, 0, 0
	for w := range strings.FieldsFuncSeq(strings.ToLower(string(cell)), func(r rune) bool { return strings.ContainsRune(" -/.,", r) }) {
		n, err := strconv.Atoi(w)
		switch {
		case err != nil && len(w) >= 3 && slices.Contains(months, w[:3]) && month == 0:
			month = slices.Index(months, w[:3]) + 1
		case err != nil:
			return 0, false
		case len(w) == 4 && year == 0:
			year = n
		case len(w) <= 2 && day == 0:
			day = n
		case len(w) == 2 && year == 0:
			year = century(n, today)
		default:
			return 0, false
		}
	}
	if month == 0 || year == 0 {
		return 0, false
	}
	d, notes := checked(year, month, day, false)
	return d, notes == 0
}

// isoDay reads 1990-01-31, as most files have it.
func isoDay(s []byte) (citizen.Day, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	v := 0
	for i, c := range s {
		if i == 4 || i == 7 {
			continue
		}
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	y, m, d := v/10000, v/100%100, v%100
	return citizen.Day(v), y >= 1800 && y <= 2199 && m >= 1 && m <= 12 && d >= 1 && d <= 28
}

// lump reads a day without anything between its parts: 1990, 19900131, 31011990, 310190,
// or the days since 1900 of a spreadsheet.
func lump(v, width int, today clock.Date) (citizen.Day, remark) {
	switch width {
	case 4:
		return checked(v, 0, 0, false)
	case 8:
		if y := v / 10000; y >= 1800 && y <= 2199 && v/100%100 <= 12 {
			return checked(y, v/100%100, v%100, false)
		}
		return checked(v%10000, v/10000%100, v/1000000, false)
	case 7:
		return checked(v%10000, v/10000%100, v/1000000, false)
	case 6:
		if y := v / 100; y >= 1880 && y <= 2199 && v%100 <= 12 && v%100 > 0 {
			return checked(y, v%100, 0, false)
		}
		d, notes := checked(century(v%100, today), v/100%100, v/10000, false)
		return d, notes | twoDigitYear
	case 5:
		if d, ok := sheet.DayOf(float64(v), false); ok && v >= 367 {
			return citizen.DayFrom(d), fromSerial
		}
	}
	return 0, unreadBirth
}

// century is the year that two digits mean for somebody who is born.
func century(yy int, today clock.Date) int {
	y := today.Year()/100*100 + yy
	if y > today.Year() {
		y -= 100
	}
	return y
}

// checked makes a day of its parts. What the calendar does not have keeps what is sure.
func checked(y, m, d int, monthsFirst bool) (citizen.Day, remark) {
	if y < 1800 || y > 2199 {
		return 0, unreadBirth
	}
	var notes remark
	if monthsFirst || m > 12 && d <= 12 && d > 0 && m <= 31 {
		m, d, notes = d, m, monthFirst
	}
	switch {
	case m == 0:
		return citizen.Day(y * 10000), notes
	case m > 12 || d > 31:
		return citizen.Day(y * 10000), notes | impossibleDay
	case d == 0:
		return citizen.Day(y*10000 + m*100), notes
	case time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Day() != d:
		return citizen.Day(y * 10000), notes | impossibleDay
	}
	return citizen.Day(y*10000 + m*100 + d), notes
}

// sexOf reads the sex as people write it. What 0 and 1 stand for is a matter of the column.
func sexOf(cell []byte, l *Layout) (citizen.Sex, remark) {
	cell = bytes.TrimSpace(cell)
	if len(cell) == 0 {
		return citizen.SexUnknown, 0
	}
	if len(cell) == 1 {
		switch cell[0] {
		case '1':
			if l.OneIsFemale {
				return citizen.Female, 0
			}
			return citizen.Male, 0
		case '2':
			if l.OneIsFemale {
				return citizen.Male, 0
			}
			return citizen.Female, 0
		case 'M', 'm', 'T', 't':
			return citizen.Male, 0
		case 'F', 'f', 'G', 'g':
			return citizen.Female, 0
		case '0':
			switch {
			case l.ZeroIsFemale:
				return citizen.Female, 0
			case l.OneIsFemale:
				return citizen.Male, 0
			}
			return citizen.SexUnknown, 0
		}
	}
	word := spelling.Fold(string(cell))
	if i := strings.IndexAny(word, "012"); i >= 0 { // "1 - Nam"
		if w := strings.Trim(word, "012 "); w != "" {
			word = w
		}
	}
	switch word {
	case "nam", "male", "trai", "man", "boy", "ong", "nam gioi", "01", "con trai", "true", "mr":
		return citizen.Male, 0
	case "nu", "female", "gai", "woman", "girl", "ba", "nu gioi", "02", "con gai", "false", "mrs", "ms":
		return citizen.Female, 0
	case "n":
		return citizen.SexUnknown, 0
	}
	return citizen.SexUnknown, unreadSex
}

// marked says that a cell of a column for one sex is filled: by a cross, or by a birth.
func marked(cell []byte) bool {
	switch spelling.Fold(string(cell)) {
	case "0", "khong", "no", "false", "k":
		return false
	case "":
		return bytes.ContainsAny(cell, "+*√✓✔☑☒●■×✗✘")
	}
	return true
}

// parseYear reads a year alone.
func parseYear(cell []byte) int {
	v, err := strconv.Atoi(string(bytes.TrimSpace(cell)))
	if err != nil {
		return 0
	}
	return v
}
