package cleaning

import (
	"slices"

	"dean06/internal/citizen"
)

// level says how far two values agree. Each comparison has its own; 0 is that one of the
// two is missing.
type level uint8

// The comparisons, in the order in which their levels stand in a pattern. Those of texts
// come behind.
const (
	byNumber = iota
	byOld
	byName
	byBirth
	bySex
	byPlace
	byTexts
)

// mostComparisons fit into a pattern.
const mostComparisons = 16

// pattern is the levels of all comparisons of a pair.
type pattern uint64

func (p pattern) level(comparison int) level { return level(p >> (4 * comparison) & 15) }

func (p *pattern) put(comparison int, l level) { *p |= pattern(l) << (4 * comparison) }

// Levels of numbers. A number that is another person's speaks against a pair more than
// one that is nobody's.
const (
	numberEqual level = 1 + iota
	numberNear        // one slip of the keyboard
	numberNobodys
	numberAnothers
)

// Levels of names. A name without any accent is compared apart: of it nobody can say more
// than that the letters agree.
const (
	nameSame   level = 1 + iota // tone anywhere, i or y
	nameMarks                   // some accents are missing, none is another
	nameOrder                   // the words in another order
	nameTone                    // the letters agree, an accent is another: another name
	nameMiddle                  // a middle name is missing
	nameTypo                    // one slip, or words joined or parted
	nameTypos                   // two
	namePart                    // the given name and the surname, or all but the given name
	nameOther                   //
	bareSame                    //
	bareOrder                   //
	bareMiddle                  //
	bareTypo                    //
	barePart                    //
	bareOther                   //
)

// Levels of births. Partial days, and the first of January, which many forms write for a
// day that nobody knows, are compared apart.
const (
	birthEqual   level = 1 + iota
	birthSwapped       // day and month in each other's place
	birthSlip          // one part is another
	birthYear          // only the year agrees
	birthOther         //
	partFits           // a part is unknown, the others agree
	partNear           // one digit of the year is another
	partOther          //
	january            // 01/01 in both, or only the year is known in the register
	januaryYear        // the year agrees with 01/01
	januaryOther       //
)

// Levels of sexes.
const (
	sexEqual level = 1 + iota
	sexOther
)

// Levels of places: communes, districts and provinces of a row are compared apart.
const (
	placeLives       level = 1 + iota // somebody lives there, or did when it was written down
	placeOrigin                       // somebody was born there, or comes from there
	placeProvince                     //
	placeOther                        //
	districtSame                      //
	districtProvince                  //
	districtOther                     //
	provinceSame                      //
	provinceOther                     //
)

// Levels of texts, codes and categories.
const (
	textEqual level = 1 + iota
	textClose
	textAlike
	textOther
)

// groups are levels that exclude one another, given what the two values are: a row with a
// year alone can only fit or not. Weights are learned within a group.
func groups(comparison int) [][]level {
	run := func(from, to level) []level {
		var out []level
		for l := from; l <= to; l++ {
			out = append(out, l)
		}
		return out
	}
	switch comparison {
	case byNumber, byOld:
		return [][]level{run(numberEqual, numberAnothers)}
	case byName:
		return [][]level{run(nameSame, nameOther), run(bareSame, bareOther)}
	case byBirth:
		return [][]level{run(birthEqual, birthOther), run(partFits, partOther), run(january, januaryOther)}
	case bySex:
		return [][]level{run(sexEqual, sexOther)}
	case byPlace:
		return [][]level{run(placeLives, placeOther), run(districtSame, districtOther), run(provinceSame, provinceOther)}
	}
	return [][]level{run(textEqual, textOther)}
}

// nameLevel compares two names. Hashes of both are compared before.
func (l *Lexicon) nameLevel(row, person []wordID, bare, samePlain bool) level {
	if samePlain && len(row) == len(person) {
		return l.sameLetters(row, person, bare)
	}
	return l.otherLetters(row, person, bare)
}

func pick(bare bool, other, plain level) level {
	if bare {
		return plain
	}
	return other
}

// lacks says that a word has no accent, or d for the đ of the other, and no accent that
// the other does not have. Their letters agree.
func (w *word) lacks(of *word) bool { return w.bare || w.same == w.thin && w.thin == of.thin }

// sameLetters compares names whose words agree without accents, in some order.
func (l *Lexicon) sameLetters(row, person []wordID, bare bool) level {
	ordered, marks := true, true
	for i := range row {
		a, b := l.at(row[i]), l.at(person[i])
		if a.plain != b.plain {
			ordered = false
			break
		}
		marks = marks && (a.same == b.same || a.lacks(b))
	}
	switch {
	case ordered && bare:
		return bareSame
	case ordered && marks:
		return nameMarks
	case ordered:
		return nameTone
	case bare:
		return bareOrder
	}
	for _, w := range row { // each word must have its like
		a := l.at(w)
		if !slices.ContainsFunc(person, func(v wordID) bool { b := l.at(v); return a.same == b.same || a.plain == b.plain && a.lacks(b) }) {
			return nameTypos
		}
	}
	return nameOrder
}

func (l *Lexicon) otherLetters(row, person []wordID, bare bool) level {
	if len(row) == 0 || len(person) == 0 {
		return 0
	}
	agree := func(a, b wordID) bool { // with what the row says of accents
		x, y := l.at(a), l.at(b)
		return x.plain == y.plain && (x.same == y.same || x.lacks(y) || bare)
	}
	last, end := row[len(row)-1], person[len(person)-1]
	first, given := agree(row[0], person[0]), agree(last, end)
	if len(row) != len(person) {
		if first && given && l.within(row, person, agree) {
			return pick(bare, nameMiddle, bareMiddle)
		}
		if l.letters(row) == l.letters(person) {
			return pick(bare, nameTypo, bareTypo)
		}
		if slips := l.slipsApart(row, person); slips <= 1 {
			return pick(bare, nameTypo, bareTypo)
		}
		if first && given {
			return pick(bare, namePart, barePart)
		}
		return pick(bare, nameOther, bareOther)
	}
	slips, other, tones := 0, 0, 0
	for i := range row {
		a, b := l.at(row[i]), l.at(person[i])
		switch {
		case a.plain == b.plain:
			if a.same != b.same && !a.lacks(b) && !bare {
				tones++
			}
			continue
		case oneSlip(a.folded, b.folded):
			slips++
		case len(a.folded) > 4 && len(b.folded) > 4 && fewSlips(a.folded, b.folded):
			slips += 2
		default:
			other++
		}
	}
	switch {
	case other == 0 && slips == 1 && tones == 0:
		return pick(bare, nameTypo, bareTypo)
	case other == 0 && slips+tones <= 2:
		return pick(bare, nameTypos, barePart)
	case first && given, other == 1 && !agree(last, end) && len(row) > 2 && slips+tones == 0:
		return pick(bare, namePart, barePart)
	}
	return pick(bare, nameOther, bareOther)
}

// within says that the shorter name has the words of the longer, in order, and some less.
func (l *Lexicon) within(a, b []wordID, agree func(a, b wordID) bool) bool {
	if len(a) > len(b) {
		i := 0
		for _, w := range a {
			if i < len(b) && agree(w, b[i]) {
				i++
			}
		}
		return i == len(b)
	}
	i := 0
	for _, w := range b {
		if i < len(a) && agree(a[i], w) {
			i++
		}
	}
	return i == len(a) && len(a) > 1
}

func (l *Lexicon) letters(name []wordID) string {
	var b []byte
	for _, w := range name {
		b = append(b, l.at(w).folded...)
	}
	return string(b)
}

// slipsApart counts the slips between names of which one has a word more, when a word was
// parted or joined: 2 for more than one.
func (l *Lexicon) slipsApart(row, person []wordID) int {
	a, b := l.letters(row), l.letters(person)
	if oneSlip(a, b) {
		return 1
	}
	return 2
}

// oneSlip says that a word becomes the other by a letter that is added, left out, changed,
// or changes places with its neighbour.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(b) < 2 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) {
		return true
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// fewSlips says that two words lie two slips apart at most.
func fewSlips(a, b string) bool {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return false
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 || len(b) == 0 {
		return len(a)+len(b) <= 2
	}
	return oneSlip(a[1:], b) || oneSlip(a, b[1:]) || oneSlip(a[1:], b[1:]) || len(a) <= 2 && len(b) <= 2
}

// nearNumber says that two numbers of about twelve digits lie one slip apart.
func nearNumber(a uint64, sizeA uint8, b uint64, sizeB uint8) bool {
	if a == b {
		return sizeA != sizeB
	}
	if sizeA == sizeB { // mostly; the difference of one digit, or of two neighbours, is short
		d := a - b
		if a < b {
			d = b - a
		}
		for d%10 == 0 {
			d /= 10
		}
		if d >= 10 && (d%9 != 0 || d >= 90) {
			return false
		}
		return oneSlip(digitsOf(a, sizeA), digitsOf(b, sizeB))
	}
	return oneSlip(digitsOf(a, sizeA), digitsOf(b, sizeB))
}

func digitsOf(v uint64, size uint8) string {
	var b [16]byte
	for i := int(size) - 1; i >= 0; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return string(b[:size])
}

// birthLevel compares two births.
func birthLevel(row, person citizen.Day) level {
	if row == 0 || person == 0 {
		return 0
	}
	if !row.Whole() || !person.Whole() && row.Month()*100+row.DayOfMonth() != 101 {
		switch {
		case row.Fits(person):
			return partFits
		case nearYear(row.Year(), person.Year()) || row.Year() == person.Year():
			return partNear
		}
		return partOther
	}
	if row.Month() == 1 && row.DayOfMonth() == 1 {
		switch {
		case row.Fits(person):
			return january
		case row.Year() == person.Year():
			return januaryYear
		}
		return januaryOther
	}
	y, m, d := row.Year(), row.Month(), row.DayOfMonth()
	py, pm, pd := person.Year(), person.Month(), person.DayOfMonth()
	switch {
	case row == person:
		return birthEqual
	case y == py && m == pd && d == pm:
		return birthSwapped
	case y == py && (m == pm || d == pd), m == pm && d == pd && nearYear(y, py):
		return birthSlip
	case y == py:
		return birthYear
	}
	return birthOther
}

// nearYear says that one digit of a year is another, or two changed places.
func nearYear(a, b int) bool {
	if a == b {
		return false
	}
	diff := 0
	for x, y := a, b; x > 0 || y > 0; x, y = x/10, y/10 {
		if x%10 != y%10 {
			diff++
		}
	}
	return diff == 1 || a/100 == b/100 && a%10 == b/10%10 && a/10%10 == b%10
}

// placeLevel compares where a row says that somebody lives with where the register has
// them.
func (g *Gazetteer) placeLevel(row placeID, t *Table, j int) level {
	if row == 0 || t.place[0][j] == 0 && t.place[2][j] == 0 {
		return 0
	}
	u := &g.units[row]
	province, district := false, false
	for k := range t.place {
		id := t.place[k][j]
		if id == 0 {
			continue
		}
		if u.home != 0 && g.same(row, id) {
			if k < 2 {
				return placeLives
			}
			return placeOrigin
		}
		v := &g.units[id]
		province = province || v.province == u.province
		district = district || u.district != 0 && v.district == u.district
	}
	switch {
	case u.home != 0 && province:
		return placeProvince
	case u.home != 0:
		return placeOther
	case u.district != 0 && district:
		return districtSame
	case u.district != 0 && province:
		return districtProvince
	case u.district != 0:
		return districtOther
	case province:
		return provinceSame
	}
	return provinceOther
}

// textLevel compares two texts that are not equal.
func textLevel(a, b string, kind Kind) level {
	switch kind {
	case Category:
		return textOther
	case Code:
		switch {
		case oneSlip(a, b):
			return textClose
		case fewSlips(a, b):
			return textAlike
		}
		return textOther
	}
	switch s := jaroWinkler(a, b); {
	case s >= .92 || oneSlip(a, b) && len(a) > 3:
		return textClose
	case s >= .8:
		return textAlike
	}
	return textOther
}

// jaroWinkler is the likeness of two texts (Winkler 1990), 1 for equal ones.
func jaroWinkler(a, b string) float64 {
	if len(a) == 0 || len(b) == 0 || len(a) > 64 || len(b) > 64 {
		return 0
	}
	window := max(max(len(a), len(b))/2-1, 0)
	var inA, inB uint64
	matches := 0
	for i := range len(a) {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if inB&(1<<j) == 0 && a[i] == b[j] {
				inA, inB = inA|1<<i, inB|1<<j
				matches++
				break
			}
		}
	}
	if matches == 0 {
		return 0
	}
	moved, j := 0, 0
	for i := range len(a) {
		if inA&(1<<i) == 0 {
			continue
		}
		for inB&(1<<j) == 0 {
			j++
		}
		if a[i] != b[j] {
			moved++
		}
		j++
	}
	m := float64(matches)
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(moved)/2)/m) / 3
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*.1*(1-jaro)
}
