package cleaning

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// Kind is what a column holds.
type Kind string

// The kinds of columns. Text, Code and Category are for what the register does not have:
// files of other countries, a phone, a card of insurance.
const (
	ID      Kind = "id"      // what names a row; of people, what the result gives as number
	Number  Kind = "number"  // a personal number, or the nine digits of an old card
	Name    Kind = "name"    // in full
	Surname Kind = "surname" // Họ
	Middle  Kind = "middle"  // chữ đệm
	Given   Kind = "given"   // tên
	Birth   Kind = "birth"   // a day, a month or a year
	DayPart Kind = "day"     // of birth
	Month   Kind = "month"   // of birth
	Year    Kind = "year"    // of birth
	Sex     Kind = "sex"     //
	// Of two columns "Nam" and "Nữ" the one that is filled says the sex: by a cross, or by the birth.
	MaleMark   Kind = "male"
	FemaleMark Kind = "female"
	Address    Kind = "address"  // as text, units from the small to the large
	Commune    Kind = "commune"  // by name or code
	District   Kind = "district" // by name or code
	Province   Kind = "province" // by name or code
	Text       Kind = "text"     // compared by its letters
	Code       Kind = "code"     // compared sign by sign
	Category   Kind = "category" // equal or not
	// Birthplace is where the birth was registered; it is held against the number alone.
	Birthplace Kind = "birthplace"
	Ignore     Kind = "ignore"

	oldNumbers Kind = "old_numbers" // of the register: several, with spaces between
	dwelling   Kind = "dwelling"    // of the register: codes of where somebody lives
	origin     Kind = "origin"      // of the register: codes of where somebody was born or comes from
)

// kinds are those that a mapping may name.
var kinds = []Kind{
	ID, Number, Name, Surname, Middle, Given, Birth, DayPart, Month, Year, Sex, MaleMark, FemaleMark,
	Address, Commune, District, Province, Birthplace, Text, Code, Category, Ignore,
}

// Mapping says what the columns of a file hold, by their headings. People is for the other
// file, where its columns are called otherwise.
type Mapping struct {
	Columns map[string]Kind `json:"columns"`
	People  map[string]Kind `json:"people,omitempty"`
	// MonthFirst says that days are written 12/31/1990.
	MonthFirst bool `json:"month_first,omitempty"`
	// Women is the code of women in a column of codes for the sex: "0", "1" or "2". What stands
	// there says it when it is left out.
	Women string `json:"women,omitempty"`
}

// MappingOf is the mapping that says of two files what was recognised of them.
func MappingOf(file, people Layout) Mapping {
	m := Mapping{Columns: file.columns(), MonthFirst: file.MonthFirst}
	if _, own := peopleLayout(people.Headings); !own {
		m.People = people.columns()
	}
	switch {
	case file.ZeroIsFemale:
		m.Women = "0"
	case file.OneIsFemale:
		m.Women = "1"
	}
	return m
}

func (l Layout) columns() map[string]Kind {
	out := map[string]Kind{}
	for i, h := range l.Headings {
		if h != "" {
			out[h] = l.Kinds[i]
		}
	}
	return out
}

// ReadMapping reads a mapping from JSON. It fails with Invalid for what is none.
func ReadMapping(r io.Reader) (Mapping, error) {
	var m Mapping
	d := json.NewDecoder(io.LimitReader(r, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, fault.New(fault.Invalid, "cleaning.mapping.json", fault.Args{"why": err.Error()}).Because(err)
	}
	if len(m.Columns) == 0 {
		return m, fault.New(fault.Invalid, "cleaning.mapping.empty", nil)
	}
	if !slices.Contains([]string{"", "0", "1", "2"}, m.Women) {
		return m, fault.New(fault.Invalid, "cleaning.mapping.women", fault.Args{"women": m.Women})
	}
	for _, columns := range []map[string]Kind{m.Columns, m.People} {
		for _, heading := range slices.Sorted(maps.Keys(columns)) {
			if !slices.Contains(kinds, columns[heading]) {
				return m, fault.New(fault.Invalid, "cleaning.mapping.kind", fault.Args{
					"column": heading, "kind": string(columns[heading]), "kinds": kindList(),
				})
			}
		}
	}
	return m, nil
}

func kindList() string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = string(k)
	}
	return strings.Join(list, ", ")
}

// Layout says what each column of a file holds, in the order of the file.
type Layout struct {
	Headings     []string
	Kinds        []Kind
	MonthFirst   bool
	ZeroIsFemale bool
	OneIsFemale  bool `json:",omitempty"` // and 0, or 2, is male
}

// peopleLayout is the file that the register writes; ok says that this is one.
func peopleLayout(headings []string) (Layout, bool) {
	if len(headings) < 5 || headings[0] != "number" || !slices.Contains(headings, "permanent") || !slices.Contains(headings, "old_numbers") {
		return Layout{}, false
	}
	known := map[string]Kind{
		"number": Number, "old_numbers": oldNumbers, "name": Name, "birth": Birth, "sex": Sex,
		"permanent": dwelling, "temporary": dwelling, "present": dwelling, "birthplace": origin, "origin": origin,
	}
	l := Layout{Headings: headings, Kinds: make([]Kind, len(headings))}
	for i, h := range headings {
		l.Kinds[i] = Ignore
		if k, ok := known[h]; ok {
			l.Kinds[i] = k
		}
	}
	return l, true
}

// mapped is the layout that a mapping gives to a file. Each heading of the mapping must be
// there.
func mapped(headings []string, columns map[string]Kind) (Layout, error) {
	l := Layout{Headings: headings, Kinds: make([]Kind, len(headings))}
	given := make(map[string]Kind, len(columns)) // headings are read without what nobody sees
	for h, k := range columns {
		given[spelling.Clean(h)] = k
	}
	left := maps.Clone(given)
	for i, h := range headings {
		l.Kinds[i] = Ignore
		if k, ok := given[h]; ok {
			l.Kinds[i] = k
			delete(left, h)
		}
	}
	if len(left) > 0 {
		return l, fault.New(fault.Invalid, "cleaning.mapping.missing", fault.Args{
			"columns": inWords(slices.Sorted(maps.Keys(left))), "headings": inWords(headings),
		})
	}
	return l, l.check()
}

// check says whether a file with these columns can be linked.
func (l Layout) check() error {
	for _, k := range l.Kinds {
		switch k {
		case Number, Name, Given, Surname, Text, Code:
			return nil
		}
	}
	return fault.New(fault.Invalid, "cleaning.columns.none", fault.Args{"headings": inWords(l.Headings)})
}

// inWords are headings in a message, of which a page holds so many.
func inWords(headings []string) string { return cut(strings.Join(headings, ", "), 500) }

// fitting are what the values of a column must look like at least now and then to be what
// its heading says: headings lie.
var fitting = map[Kind]func(string) bool{
	Number: isNumber, Name: isWords, Birth: isBirth, Sex: isSex, Year: isBirth, DayPart: isDayPart, Month: isDayPart,
	MaleMark: isMark, FemaleMark: isMark,
}

// columnsOf gives the values of a column that are there.
func columnsOf(sample [][]string) func(i int) []string {
	return func(i int) []string {
		out := make([]string, 0, len(sample))
		for _, row := range sample {
			if i < len(row) {
				if v := strings.TrimSpace(row[i]); v != "" {
					out = append(out, v)
				}
			}
		}
		return out
	}
}

// recognise says by heading and by what stands in the first rows what a column holds.
// Nobody is asked; what is not sure is left out.
func recognise(headings []string, sample [][]string) Layout {
	l := Layout{Headings: headings, Kinds: readHeadings(headings)}
	column := columnsOf(sample)
	for i, k := range l.Kinds { // first those that are not what they say, so that another may be
		if fits := fitting[k]; fits != nil && len(column(i)) > 0 && share(column(i), fits) < .3 {
			l.Kinds[i] = ""
		}
	}
	for i, h := range headings {
		values := column(i)
		switch k := l.Kinds[i]; {
		case k == "":
			l.Kinds[i] = byContent(h, values, l.Kinds)
		case len(values) == 0:
		case k == Surname && !slices.Contains(l.Kinds, Given), k == Given && !slices.Contains(l.Kinds, Surname):
			if share(values, isName) > .5 {
				l.Kinds[i] = Name // "Tên" over full names
			}
		case (k == Commune || k == District || k == Province) && share(values, isAddress) > .5:
			l.Kinds[i] = Address
		}
	}
	l.resolve(column)
	l.settleNames(column)
	l.settleDays(column)
	l.settleSex(sample)
	return l
}

// settleDays says how days are written.
func (l *Layout) settleDays(column func(int) []string) {
	for i, k := range l.Kinds {
		if k == Birth || k == MaleMark {
			l.MonthFirst = l.MonthFirst || monthsFirst(column(i), saysMonthFirst.MatchString(l.Headings[i]))
		}
	}
}

// resolve takes out what two columns claim to be.
func (l *Layout) resolve(column func(int) []string) {
	for _, k := range []Kind{
		Name, Birth, Sex, MaleMark, FemaleMark, Given, Surname, Middle, Year, Month, DayPart, Commune, District, Province, Address, Birthplace,
	} {
		first := -1
		for i := range l.Kinds {
			switch {
			case l.Kinds[i] != k:
			case first < 0:
				first = i
			case len(column(first)) == 0 && len(column(i)) > 0: // the first is empty
				l.Kinds[first], first = Ignore, i
			default:
				l.Kinds[i] = Ignore
			}
		}
	}
	if !slices.Contains(l.Kinds, Year) || slices.Contains(l.Kinds, Birth) { // a column "Ngày" without a year is another day
		for i, k := range l.Kinds {
			if k == DayPart || k == Month || k == Year && slices.Contains(l.Kinds, Birth) {
				l.Kinds[i] = Ignore
			}
		}
	}
	if slices.Contains(l.Kinds, Name) { // then the parts of another's name
		for i, k := range l.Kinds {
			if k == Given || k == Surname || k == Middle {
				l.Kinds[i] = Ignore
			}
		}
	}
}

// settleNames exchanges two columns of names whose headings were taken for one another:
// "first name" is the surname to some.
func (l *Layout) settleNames(column func(int) []string) {
	s, g := slices.Index(l.Kinds, Surname), slices.Index(l.Kinds, Given)
	if s < 0 || g < 0 || slices.Contains(l.Kinds, Middle) {
		return
	}
	first := func(v string) bool { return surnames[firstWord(v)] }
	if share(column(g), first) > .6 && share(column(s), first) < .3 {
		l.Kinds[s], l.Kinds[g] = Given, Surname
	}
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(citizen.Fold(s), " ")
	return w
}

// settleSex says whom the codes of a column stand for: as the personal numbers beside them
// say, in which the sex is, else as its heading explains them.
func (l *Layout) settleSex(sample [][]string) {
	at, by := slices.Index(l.Kinds, Sex), slices.Index(l.Kinds, Number)
	if at < 0 {
		return
	}
	var times [3]int
	var women, numbers [3]float64
	for _, row := range sample {
		code := -1
		if at < len(row) {
			if v := strings.TrimSpace(row[at]); v == "0" || v == "1" || v == "2" {
				code = int(v[0] - '0')
			}
		}
		if code < 0 {
			continue
		}
		times[code]++
		if by < 0 || by >= len(row) {
			continue
		}
		if n, _ := numbersOf([]byte(row[by])); n.size == 12 && plausible(n.value) {
			numbers[code]++
			women[code] += float64(n.value / 1e8 % 10 % 2)
		}
	}
	l.ZeroIsFemale = times[0]*10 > times[0]+times[1] && times[2] == 0
	if said, ok := sexCodes(l.Headings[at]); ok && (said[0] || said[1]) {
		l.ZeroIsFemale, l.OneIsFemale = said[0], said[1]
	}
	const enough = 10
	is := func(code int) bool { return numbers[code] >= enough && women[code] > .9*numbers[code] }
	isNot := func(code int) bool { return numbers[code] >= enough && women[code] < .1*numbers[code] }
	switch {
	case is(1) && (isNot(0) || isNot(2)):
		l.ZeroIsFemale, l.OneIsFemale = false, true
	case isNot(1) && is(0):
		l.ZeroIsFemale, l.OneIsFemale = true, false
	case isNot(1) && is(2):
		l.ZeroIsFemale, l.OneIsFemale = false, false
	}
}

// monthsFirst says that the days of a column can only be read with the month first; of a
// column that can be read both ways its heading may say so.
func monthsFirst(values []string, saidSo bool) bool {
	first, second := 0, 0
	for _, v := range values {
		p := strings.FieldsFunc(v, func(r rune) bool { return r == '/' || r == '-' || r == '.' || r == ' ' })
		if len(p) < 3 || len(p[0]) > 2 || len(p[1]) > 2 {
			continue
		}
		if twoDigits(p[0]) > 12 {
			first++
		}
		if twoDigits(p[1]) > 12 {
			second++
		}
	}
	return second > 3 && second > first*20 || saidSo && first == 0
}

func twoDigits(s string) int {
	v := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0
		}
		v = v*10 + int(c-'0')
	}
	return v
}

func byContent(heading string, values []string, taken []Kind) Kind {
	if len(values) == 0 {
		return Ignore
	}
	for _, c := range []struct {
		kind Kind
		fits func(string) bool
		want float64
	}{{Number, isSureNumber, .6}, {Birth, isWrittenBirth, .8}, {Sex, isSex, .9}, {Name, isName, .7}} {
		if slices.Contains(taken, c.kind) || share(values, c.fits) < c.want {
			continue
		}
		if c.kind == Birth && (slices.Contains(taken, Year) || slices.Contains(taken, MaleMark) || isAnotherDay(heading) || !areBirths(values)) {
			continue
		}
		if c.kind == Sex && slices.Contains(taken, MaleMark) {
			continue
		}
		return c.kind
	}
	return Ignore
}

// isAnotherDay says that a heading speaks of a day that nobody knows as that of a birth.
func isAnotherDay(heading string) bool {
	h := " " + foldedHeading(heading) + " "
	return strings.Contains(h, " ngay ") || strings.Contains(h, " date ") || strings.Contains(h, " thoi gian ") || strings.Contains(h, " time ")
}

// areBirths says that days lie apart as births do: other days of a file are of few years.
func areBirths(values []string) bool {
	least, most := 9999, 0
	for _, v := range values {
		if d, _ := birthOf([]byte(v), clock.MustDate("2100-01-01"), false); d != 0 {
			least, most = min(least, d.Year()), max(most, d.Year())
		}
	}
	if share(values, isDate) < .5 { // years alone, which much else may be
		return most-least >= 20 && most < 2100
	}
	return most-least >= 5 || len(values) < 10
}

func share(values []string, fits func(string) bool) float64 {
	if len(values) == 0 {
		return 0
	}
	n := 0
	for _, v := range values {
		if fits(v) {
			n++
		}
	}
	return float64(n) / float64(len(values))
}

func isNumber(s string) bool {
	n, old := numbersOf([]byte(s))
	return n.size == 12 && plausible(n.value) || old.size == 9
}

// isSureNumber is isNumber without what may be a telephone's: nine digits that no province's
// police gave out.
func isSureNumber(s string) bool {
	n, old := numbersOf([]byte(s))
	return n.size == 12 && plausible(n.value) || old.size == 9 && old.value < 4e8
}

func isBirth(s string) bool {
	d, notes := birthOf([]byte(s), clock.MustDate("2100-01-01"), false)
	return d != 0 && notes&(impossibleDay|fromSerial) == 0 && d.Year() >= 1900 || notes == fromSerial && d.Year() >= 1920
}

// isDate is a day that can be nothing else: 31/12/1990.
func isDate(s string) bool {
	return len(s) >= 8 && strings.ContainsAny(s, "/-.") && strings.Trim(s, "0123456789/-.: T") == "" && isBirth(s)
}

// isWrittenBirth is a day, or a year, that needs no heading to be one: not a code of five digits.
func isWrittenBirth(s string) bool { return isDate(s) || len(s) == 4 && isBirth(s) }

// isDayPart is a day or a month alone.
func isDayPart(s string) bool { v := parseYear([]byte(s)); return v >= 1 && v <= 31 }

// isMark is a cross, or a birth in its place.
func isMark(s string) bool { return marked([]byte(s)) && (len(s) <= 4 || isBirth(s)) }

// isAddress is text with several units.
func isAddress(s string) bool { return strings.Count(s, ",") >= 2 || strings.Count(s, " - ") >= 2 }

func isSex(s string) bool {
	v, notes := sexOf([]byte(s), &Layout{ZeroIsFemale: true})
	return notes == 0 && v != citizen.SexUnknown
}

// surnames are the most common, which nearly all have: a column of which many values begin
// with one holds names.
var surnames = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields("nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly li dinh truong mai luong dao to trinh cao ha lam") {
		m[s] = true
	}
	return m
}()

// isWords is what a name can be, of any people: letters, no digit, and no word for a sex.
func isWords(s string) bool {
	return strings.ContainsFunc(s, unicode.IsLetter) && !strings.ContainsFunc(s, unicode.IsDigit) && !isSex(s)
}

func isName(s string) bool {
	words := strings.Fields(citizen.Fold(s))
	return len(words) >= 2 && len(words) <= 7 && (surnames[words[0]] || surnames[words[len(words)-1]])
}
