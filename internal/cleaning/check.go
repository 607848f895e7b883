package cleaning

import (
	"strconv"
	"strings"

	"dean06/internal/citizen"
)

// The checks of a row need no register: what its own values say of one another. They change
// no outcome; they stand in the reasons, and the report counts them.

// oldest is how many years ago nobody who is in a file was born.
const oldest = 130

// checks are the remarks that say that a row contradicts itself.
const checks = numberYear | numberSex | numberCentury | numberProvince | numberElsewhere | birthOdd

// contradictions are the checks in the order in which they are said, each with its name in reports
// and messages. Of a corrected row the correction says already what stands behind silent.
var contradictions = []struct {
	note   remark
	name   string
	silent bool
}{
	{unreadNumber, "number_unread", true},
	{numberCentury, "number_century", false},
	{numberProvince, "number_province", false},
	{numberElsewhere, "number_birthplace", false},
	{numberYear, "number_year", false},
	{numberSex, "number_sex", false},
	{unreadBirth, "birth_unread", true},
	{impossibleDay, "birth_impossible", true},
	{birthOdd, "birth_odd", false},
	{unreadSex, "sex_unread", false},
}

// numberDigits is the check of numbers that have neither nine nor twelve digits.
const numberDigits = "number_digits"

// Checks are the names of all checks. "cleaning.checked.…" is each in words.
func Checks() []string {
	out := []string{numberDigits}
	for _, c := range contradictions {
		out = append(out, c.name)
	}
	return out
}

// against holds the parts of a personal number against what else a row says (Luật Căn cước
// 2023, Điều 12): the province where the birth was registered, the century and the sex, the
// year. A code above 100 is a country's. birthplace is where the birth was registered, as the
// file has it: where somebody lives says nothing of it.
func (g *Gazetteer) against(number uint64, birth citizen.Day, sex citizen.Sex, birthplace placeID) (notes remark) {
	n := citizen.FromInt(int64(number))
	if number/1e8%10 > 3 {
		return numberCentury // the year and the sex are none either
	}
	if province := number / 1e9; province < uint64(len(g.registered)) {
		region := g.registered[province]
		switch there := g.units[birthplace].province; {
		case region == 0:
			notes |= numberProvince
		case there != 0 && there != region:
			notes |= numberElsewhere
		}
	}
	if birth != 0 && birth.Year() != n.Year() {
		notes |= numberYear
	}
	if sex != citizen.SexUnknown && sex != n.Sex() {
		notes |= numberSex
	}
	return notes
}

// odd says that nobody was born on such a day who can be in a file.
func (w *World) odd(birth citizen.Day) bool {
	today := w.Today.Year()*10000 + int(w.Today.Month())*100 + w.Today.Day()
	first := int(birth) // of what a month or a year alone may be
	return first > today || birth.Year() < w.Today.Year()-oldest
}

// count counts what the checks found.
func (t *Table) count() map[string]int {
	out := map[string]int{}
	for _, name := range Checks() {
		out[name] = 0
	}
	for i := range t.n {
		if d := t.digits[i]; d != 0 && d != 12 {
			out[numberDigits]++
		}
		if t.notes[i] == 0 {
			continue
		}
		for _, c := range contradictions {
			if t.notes[i]&c.note != 0 {
				out[c.name]++
			}
		}
	}
	return out
}

// checks says what a row contradicts itself in, behind what was said before.
func (w *writer) checks(i int, d *Decision, cells [][]byte) {
	t := w.l.rows
	number := w.cell(cells, Number)
	if n := t.digits[i]; n != 0 && n != 12 {
		w.check(numberDigits, number, strconv.Itoa(int(n)))
	}
	if t.notes[i] == 0 {
		return
	}
	n := citizen.FromInt(int64(t.number[i]))
	for _, c := range contradictions {
		if t.notes[i]&c.note == 0 || c.silent && d.Outcome == Corrected {
			continue
		}
		from, to := number, ""
		switch c.note {
		case numberCentury:
			to = strconv.Itoa(int(t.number[i] / 1e8 % 10))
		case numberProvince:
			to = n.Province()
		case numberElsewhere:
			from, to = w.cell(cells, Birthplace), w.l.m.world.Places.registeredIn(n)
		case numberYear:
			from, to = w.cell(cells, Birth, DayPart, Month, Year), strconv.Itoa(n.Year())
		case numberSex:
			from, to = w.cell(cells, Sex), w.say.p.T(map[citizen.Sex]string{citizen.Male: "cleaning.male", citizen.Female: "cleaning.female"}[n.Sex()])
		case unreadBirth, impossibleDay, birthOdd:
			from = w.cell(cells, Birth, DayPart, Month, Year)
		case unreadSex:
			from = w.cell(cells, Sex)
		}
		w.check(c.name, from, to)
	}
}

func (w *writer) check(name string, from []byte, to string) {
	w.reason = w.say.add(w.reason, "cleaning.check."+name, from, to)
}

// registeredIn is the province of a number, as it was called when it gave numbers.
func (g *Gazetteer) registeredIn(n citizen.Number) string {
	return g.units[g.codes[strings.TrimPrefix(n.Province(), "0")]].name
}
