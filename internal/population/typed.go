package population

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"dean06/internal/citizen"
)

// typed is a text that was searched for, taken apart: its words, and what is a number or a
// day whatever else is meant.
type typed struct {
	text   string
	atoms  []atom
	number citizen.Number
	old    citizen.OldNumber
	birth  citizen.Day
	sex    citizen.Sex
	words  []piece
	lost   []span // what is no word and was not understood
	year   int    // this year
}

// span is a stretch of the text, in bytes.
type span struct{ from, to int }

// atom is a run of letters or of digits, or something else that is neither.
type atom struct {
	span
	kind atomKind
	fold string // letters without accents, y as i; the digits
}

type atomKind int8

const (
	letterAtom atomKind = iota
	digitAtom
	oddAtom
)

// piece is a word that may be of a name or a place.
type piece struct {
	span
	text  string
	fold  string
	apart bool // a comma, a number or a day stands before it
	lead  int  // how many words from here lead to a fact, this one among them; 0 leads to none
}

// maxAtoms bounds what is read of a text.
const maxAtoms = 60

// takeApart reads a text. this is the year of today.
func takeApart(text string, this int) *typed {
	t := &typed{text: plainSigns(text), year: this}
	t.split()
	t.facts()
	return t
}

// plainSigns gives letters and digits of full width their usual form, and all kinds of
// apostrophes and hyphens one.
func plainSigns(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case isApostrophe(r):
			return '\''
		case unicode.Is(unicode.Dash, r):
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, citizen.Spell(s))
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) }

// split makes the atoms. A stretch between spaces that holds a sign of no name, number or
// day is one atom, so that it is named whole when it is not understood.
func (t *typed) split() {
	const between = " ,;:()[]{}\"“”«»"
	for from := 0; from < len(t.text) && len(t.atoms) < maxAtoms; {
		if strings.ContainsRune(between, firstRune(t.text[from:])) {
			from += len(string(firstRune(t.text[from:])))
			continue
		}
		to := from + strings.IndexFunc(t.text[from:], func(r rune) bool { return strings.ContainsRune(between, r) })
		if to < from {
			to = len(t.text)
		}
		chunk := t.text[from:to]
		inner := strings.Trim(chunk, ".-/\\_|!?'…")
		switch {
		case inner == "" && strings.ContainsAny(chunk, "?!|\\_"):
			t.atoms = append(t.atoms, atom{span{from, to}, oddAtom, ""})
		case inner == "":
		case strings.ContainsFunc(inner, func(r rune) bool {
			return !isLetter(r) && (r < '0' || r > '9') && !strings.ContainsRune(".-/'_", r)
		}):
			t.atoms = append(t.atoms, atom{span{from, to}, oddAtom, ""})
		default:
			t.runs(from, to)
		}
		from = to
	}
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// runs makes atoms of letters and of digits; an apostrophe between letters is a part.
func (t *typed) runs(from, to int) {
	kind, begin := oddAtom, from
	end := func(at int) {
		if kind != oddAtom {
			t.atoms = append(t.atoms, atom{span{begin, at}, kind, foldWord(t.text[begin:at])})
		}
	}
	for i, r := range t.text[from:to] {
		at, next := from+i, oddAtom
		switch {
		case r >= '0' && r <= '9':
			next = digitAtom
		case isLetter(r), r == '\'' && kind == letterAtom && isLetter(firstRune(t.text[at+1:to])):
			next = letterAtom
		}
		if next != kind {
			end(at)
			kind, begin = next, at
		}
	}
	end(to)
}

// foldWord is a word as it is compared: without accents and apostrophes, i and y are one.
func foldWord(w string) string { return strings.Join(searchWords(w), "") }

// between is what stands between an atom and the one before it.
func (t *typed) between(i int) string {
	if i == 0 {
		return ""
	}
	return t.text[t.atoms[i-1].to:t.atoms[i].from]
}

func (t *typed) at(s span) string { return t.text[s.from:s.to] }

func (t *typed) over(from, until int) span { return span{t.atoms[from].from, t.atoms[until-1].to} }

func (t *typed) lose(s span) { t.lost = append(t.lost, s) }

// digitsAt says that an atom is of digits, at most so many.
func (t *typed) digitsAt(i, most int) bool {
	return i >= 0 && i < len(t.atoms) && t.atoms[i].kind == digitAtom && t.atoms[i].to-t.atoms[i].from <= most
}

func (t *typed) wordAt(i int, words ...string) bool {
	return i >= 0 && i < len(t.atoms) && t.atoms[i].kind == letterAtom && slices.Contains(words, t.atoms[i].fold)
}

// near says that only spaces and dots stand between an atom and the one before.
func (t *typed) near(i int) bool { return i < len(t.atoms) && strings.Trim(t.between(i), " .") == "" }

// facts takes numbers and days out, and leaves the words.
func (t *typed) facts() {
	apart := false
	for i := 0; i < len(t.atoms); {
		if strings.ContainsAny(t.between(i), ",;:()[]{}\"“”«»") {
			apart = true
		}
		a := t.atoms[i]
		if a.kind == oddAtom {
			t.lose(a.span)
			i, apart = i+1, true
			continue
		}
		if n := t.spoken(i); n > 0 {
			t.leadsTo()
			i, apart = i+n, true
			continue
		}
		if a.kind == letterAtom || t.numbersPlace(i) {
			t.words = append(t.words, piece{span: a.span, text: t.at(a.span), fold: strings.TrimLeft(a.fold, "0"), apart: apart})
			i, apart = i+1, false
			continue
		}
		until := i + 1
		for until < len(t.atoms) && t.atoms[until].kind == digitAtom && strings.Trim(t.between(until), " ./-") == "" && !t.numbersPlace(until) {
			until++
		}
		if t.wordAt(until, "tuoi") && t.near(until) || t.wordAt(until, "am") && t.wordAt(until+1, "lich") {
			end := until + 1
			if t.wordAt(until, "am") {
				end++
			}
			t.lose(t.over(i, end)) // an age, a day of the moon's calendar
			until = end
		} else {
			t.leadsTo()
			t.digits(i, until)
		}
		i, apart = until, true
	}
	t.sexes()
}

// leads are the words that stand before a date or a number and mean nothing then.
var leads = wordSet("sinh sn ns nam ngai thang so cccd cmnd cmt cmtnd cc dinh danh ca nhan can cuoc cong dan chung minh the ma vao mung mong")

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// leadsTo marks the words before a fact that lead to it.
func (t *typed) leadsTo() {
	for i, n := len(t.words)-1, 1; i >= 0 && n <= 6 && leads[t.words[i].fold] && t.words[i].lead == 0; i, n = i-1, n+1 {
		t.words[i].lead = n
	}
}

// numbersPlace says that digits are the name of a place, as in phường 12 or q.1, or of a
// house or a hamlet, which are no place that people are found by: then with what stands
// before it it was not understood.
func (t *typed) numbersPlace(i int) bool {
	if !t.digitsAt(i, 2) || i == 0 || t.atoms[i-1].kind != letterAtom || !t.near(i) || t.atoms[i].fold == "" {
		return false
	}
	if !t.wordAt(i-1, "p", "phuong", "q", "quan", "f") || hasAccents(t.at(t.atoms[i-1].span)) && !isKind(t.at(t.atoms[i-1].span)) {
		return false
	}
	after := 0 // the digits behind it may make a day of all
	for t.digitsAt(i+1+after, 4) && strings.Trim(t.between(i+1+after), " ./-") == "" {
		after++
	}
	return after != 2 && (after == 0 || strings.TrimSpace(t.between(i+1)) == "")
}

// spoken reads a day in words from an atom on (ngày 11 tháng 11 năm 1990; tháng 11/1990;
// tháng tư năm 1990) or a part of an address with a number (tổ 5), and gives how many
// atoms it is.
func (t *typed) spoken(i int) int {
	n, day := i, ""
	if t.wordAt(i, "so") && t.wordAt(i+1, "nha") && t.near(i+1) && t.near(i+2) && t.digitsAt(i+2, 3) {
		t.lose(t.over(i, i+3))
		return 3
	}
	if t.wordAt(i, "to", "thon", "ap", "khu", "khom", "ngo", "ngach", "hem", "doi", "xom", "ban", "duong", "so", "nha") && t.near(i+1) &&
		t.digitsAt(i+1, 3) && (i+2 >= len(t.atoms) || t.atoms[i+2].kind != digitAtom) && !t.wordAt(i+2, "thang", "tuoi") &&
		(len(t.words) == 0 || t.atoms[i].fold != "so" || !leads[t.words[len(t.words)-1].fold]) {
		t.lose(t.over(i, i+2))
		return 2
	}
	if t.digitsAt(n, 2) {
		day = t.atoms[n].fold
		n++
	}
	if !t.wordAt(n, "thang", "thg", "th") || day != "" && !t.near(n) {
		return 0
	}
	n++
	month, used := t.month(n)
	if used == 0 {
		return 0
	}
	n += used
	if t.wordAt(n, "nam") {
		n++
	}
	if !t.digitsAt(n, 4) || t.atoms[n].to-t.atoms[n].from != 4 || strings.Trim(t.between(n), " ./-,") != "" {
		return 0
	}
	year := t.atoms[n].fold
	s := strings.TrimPrefix(day+"/"+month+"/"+year, "/")
	t.keepDay(s, t.over(i, n+1))
	return n + 1 - i
}

// months are their numbers in words. Tháng giêng and tháng chạp are the moon's.
var months = map[string]string{
	"mot": "1", "hai": "2", "ba": "3", "tu": "4", "bon": "4", "nam": "5", "sau": "6", "bai": "7", "tam": "8", "chin": "9", "muoi": "10",
}

func (t *typed) month(i int) (string, int) {
	if t.digitsAt(i, 2) {
		return t.atoms[i].fold, 1
	}
	if i >= len(t.atoms) || t.atoms[i].kind != letterAtom {
		return "", 0
	}
	m, ok := months[t.atoms[i].fold]
	switch {
	case !ok:
		return "", 0
	case m == "10" && t.wordAt(i+1, "mot"):
		return "11", 2
	case m == "10" && t.wordAt(i+1, "hai"):
		return "12", 2
	}
	return m, 1
}

// keepDay keeps a birth; what is none, or another one, was not understood.
func (t *typed) keepDay(s string, at span) {
	d, err := citizen.ParseDay(s)
	switch {
	case err != nil, t.birth != 0 && !t.birth.Fits(d):
		t.lose(at)
	case t.birth == 0 || d.Whole():
		t.birth = d
	}
}

// segment is how some atoms of digits are read; cost says how little it explains.
type segment struct {
	until int
	cost  int
	kind  segmentKind
	value string
}

type segmentKind int8

const (
	lostDigits segmentKind = iota
	numberDigits
	oldDigits
	dayDigits
)

// digits reads a run of atoms in the way that explains most of it.
func (t *typed) digits(from, until int) {
	best := make([]segment, until-from+1) // from each place to the end
	for i := until - 1; i >= from; i-- {
		for j := i + 1; j <= until; j++ {
			s := t.segment(i, j)
			if s.cost += best[j-from].cost; best[i-from].until == 0 || s.cost <= best[i-from].cost {
				best[i-from] = s
			}
		}
	}
	for i := from; i < until; i = best[i-from].until {
		s, at := best[i-from], t.over(i, best[i-from].until)
		switch s.kind {
		case numberDigits:
			n, err := citizen.ParseNumber(s.value)
			if err != nil || !t.number.IsZero() && t.number != n {
				t.lose(at)
				break
			}
			t.number = n
		case oldDigits:
			n, err := citizen.ParseOldNumber(s.value)
			if err != nil || !t.old.IsZero() && t.old != n {
				t.lose(at)
				break
			}
			t.old = n
		case dayDigits:
			t.keepDay(s.value, at)
		case lostDigits:
			t.lose(at)
		}
	}
}

// segment reads atoms as one thing.
func (t *typed) segment(from, until int) segment {
	var parts []string
	var signs string
	for i := from; i < until; i++ {
		parts = append(parts, t.at(t.atoms[i].span))
		if i > from {
			sign := strings.TrimSpace(t.between(i))
			if sign == "" {
				sign = " "
			}
			signs += sign[:1]
		}
	}
	s := segment{until: until, cost: 10 * len(parts)}
	all := strings.Join(parts, "")
	switch {
	case strings.Contains(signs, "/"):
	case len(all) == 12:
		s.kind, s.value, s.cost = numberDigits, all, 1
		if _, err := citizen.ParseNumber(all); err != nil {
			s.cost = 5
		}
	case len(all) == 9:
		s.kind, s.value, s.cost = oldDigits, all, 1
	}
	if day, ok := t.dayOf(parts, signs); ok && s.cost > 1 {
		s.kind, s.value, s.cost = dayDigits, day, 1
		if _, err := citizen.ParseDay(day); err != nil {
			s.cost = 6
		}
	}
	switch {
	case s.kind != lostDigits || len(parts) == 1:
	case strings.Contains(signs, " "):
		s.cost++ // better each by itself
	default:
		s.cost--
	}
	return s
}

// dayOf puts a day in the form that is parsed; false when it is not written as one.
func (t *typed) dayOf(parts []string, signs string) (string, bool) {
	sized := func(i, least, most int) bool { return len(parts[i]) >= least && len(parts[i]) <= most }
	switch {
	case len(parts) == 1 && (len(parts[0]) == 4 && parts[0] >= "1800" || len(parts[0]) == 8):
		return parts[0], true
	case len(parts) == 1 && len(parts[0]) == 2 && t.afterBorn():
		return t.century(parts[0]), true
	case len(parts) == 2 && sized(0, 1, 2) && sized(1, 4, 4):
		return parts[0] + "/" + parts[1], true
	case len(parts) == 2 && sized(0, 4, 4) && sized(1, 1, 2) && signs != " ":
		return parts[0] + "-" + parts[1], true
	case len(parts) == 3 && sized(0, 1, 2) && sized(1, 1, 2) && sized(2, 4, 4):
		return strings.Join(parts, "/"), true
	case len(parts) == 3 && sized(0, 4, 4) && sized(1, 1, 2) && sized(2, 1, 2):
		return strings.Join(parts, "-"), true
	case len(parts) == 3 && sized(0, 1, 2) && sized(1, 1, 2) && sized(2, 2, 2) && !strings.Contains(signs, " "):
		return parts[0] + "/" + parts[1] + "/" + t.century(parts[2]), true
	}
	return "", false
}

// afterBorn says that the words so far end with "sinh", "sinh năm" or "sn".
func (t *typed) afterBorn() bool {
	n := len(t.words)
	if n == 0 {
		return false
	}
	last := t.words[n-1].fold
	return last == "sn" || last == "sinh" || n > 1 && (last == "nam" && t.words[n-2].fold == "sinh")
}

// century completes a year of two digits: the last that is not to come.
func (t *typed) century(yy string) string {
	n, err := strconv.Atoi(yy)
	if err != nil {
		return yy
	}
	if year := t.year - t.year%100 + n; year <= t.year {
		return strconv.Itoa(year)
	}
	return strconv.Itoa(t.year - t.year%100 - 100 + n)
}

// sexes takes out a word for the sex that stands by itself, as in "Nguyễn Văn Thử, nam",
// or after "giới tính".
func (t *typed) sexes() {
	for i := range t.words {
		sex := citizen.SexUnknown
		switch strings.ToLower(t.words[i].text) {
		case "nam":
			sex = citizen.Male
		case "nữ", "nu":
			sex = citizen.Female
		}
		alone := i > 0 && t.words[i].apart && (i+1 == len(t.words) || t.words[i+1].apart) && t.words[i].lead == 0
		named := i > 1 && t.words[i-1].fold == "tinh" && t.words[i-2].fold == "gioi"
		if sex == citizen.SexUnknown || !alone && !named {
			continue
		}
		t.sex = sex
		from := i
		if named {
			from = i - 2
		}
		t.words = slices.Delete(t.words, from, i+1)
		if from < len(t.words) {
			t.words[from].apart = true
		}
		return
	}
}
