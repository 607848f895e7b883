package population

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// cells reads the cells of one row in the order of the table's columns; bad is the first that is wrong.
type cells struct {
	r    *rowReader
	i    int
	line int
	bad  *BadRow
	odd  []string // keys of warnings, if the row is a good one
}

func (c *cells) next() string {
	s := strings.TrimSpace(c.r.cells[c.i])
	c.i++
	return s
}

// fail says that the cell read last is wrong.
func (c *cells) fail(key string, args fault.Args) {
	if c.bad == nil {
		c.bad = &BadRow{Column: c.r.fields.columns[c.i-1], Key: key, Args: args}
	}
}

func (c *cells) failWith(err error) {
	if f := fault.As(err); f != nil {
		c.fail(f.Key, f.Args)
		return
	}
	c.fail("population.load.value", nil)
}

// once gives one string for all that are equal: a batch is full of the same codes.
func (c *cells) once(s string) string {
	if v, ok := c.r.text[s]; ok {
		return v
	}
	v := strings.Clone(s)
	if len(c.r.text) < 100_000 {
		c.r.text[v] = v
	}
	return v
}

func (c *cells) number() citizen.Number {
	s := c.next()
	if s == "" {
		return citizen.Number{}
	}
	n, err := citizen.ParseNumber(s)
	if err == nil {
		return n
	}
	if key := bySpreadsheet(s); key != "" {
		c.fail(key, fault.Args{"n": len(s)})
	}
	c.failWith(err)
	return n
}

// bySpreadsheet is the message for a number as a spreadsheet writes it that took it for
// an amount. What it was before, nobody can say.
func bySpreadsheet(s string) string {
	mantissa, exponent, split := strings.Cut(strings.ToUpper(s), "E+")
	switch {
	case split && strings.Trim(mantissa, "0123456789.,") == "" && strings.Trim(exponent, "0123456789") == "":
		return "population.load.amount"
	case (len(s) == 10 || len(s) == 11) && strings.Trim(s, "0123456789") == "":
		return "population.load.zeros"
	}
	return ""
}

// maxName bounds names and other texts, in letters.
const maxName = 200

func (c *cells) words() string {
	s := c.next()
	if utf8.RuneCountInString(s) > maxName {
		c.fail("population.text.long", fault.Args{"max": maxName})
	}
	return citizen.Spell(s)
}

// name reads a name. One that lost letters or is in an old encoding is wrong; one with
// signs that names do not have is taken, and a person looks.
func (c *cells) name() string {
	if s := strings.TrimSpace(c.r.cells[c.i]); c.r.keys.plain(s) { // nearly all
		c.i++
		return s
	}
	s := c.words()
	raw := strings.TrimSpace(c.r.cells[c.i-1])
	if raw == "" {
		return s
	}
	d, had := c.r.doubts[raw]
	if !had {
		d, _ = citizen.DoubtName(raw)
		if len(c.r.doubts) > 20_000 {
			clear(c.r.doubts)
		}
		c.r.doubts[raw] = d
	}
	switch d.Reason {
	case "":
	case citizen.DoubtEncoding:
		switch {
		case !isGarbled(raw, d):
			c.odd = append(c.odd, "population.load.name_encoding")
		case d.Encoding == "":
			c.fail("citizen.name.doubt.encoding", nil)
		default:
			c.fail("population.load.legacy", fault.Args{"encoding": encodingName(d.Encoding)})
		}
	case citizen.DoubtLost, citizen.DoubtControl:
		c.failWith(d.Fault())
	default:
		c.odd = append(c.odd, oddNames[d.Reason])
	}
	return s
}

// oddNames are the warnings of names in which only something is odd.
var oddNames = map[citizen.DoubtReason]string{
	citizen.DoubtLetters: "population.load.name_letters", citizen.DoubtSigns: "population.load.name_signs",
	citizen.DoubtDigits: "population.load.name_digits", citizen.DoubtAlphabets: "population.load.name_alphabets",
}

// isGarbled says that a name in an old encoding cannot be one as it stands: it has signs
// of no name, or more than two words that read as others. One or two words in letters of
// names, such as Leâ Hoaø, can be somebody's by chance; nobody is left out for that.
func isGarbled(raw string, d citizen.Doubt) bool {
	if d.Encoding == string(spelling.Twice) || strings.ContainsFunc(raw, func(r rune) bool {
		return r >= 0x80 && r < 0xC0 && r != 0xAD && r != '´' && r != '·' || r == '×' || r == '÷'
	}) {
		return true
	}
	changed := 0
	words := strings.Fields(raw)
	for i, w := range strings.Fields(d.Reading) {
		if i >= len(words) || words[i] != w {
			changed++
		}
	}
	return changed > 2
}

// encodingName is the name of an encoding, which is about nobody.
type encodingName string

func (c *cells) day() citizen.Day {
	s := c.next()
	if s == "" {
		return 0
	}
	d, err := citizen.ParseDay(s)
	if err != nil {
		if len(s) == 5 && s < "60000" && strings.Trim(s, "0123456789") == "" {
			c.fail("population.load.serial_day", nil) // days since 1900, as a spreadsheet counts
		}
		c.failWith(err)
	}
	if d > c.r.today {
		c.fail("population.day.future", nil)
	}
	return d
}

// code reads a code of a list, for which older systems leave out the first zero.
func (c *cells) code(list *citizen.CodeList, without string) string {
	s := c.next()
	switch {
	case s == "":
		return without
	case !list.Has(s) && list.Has("0"+s):
		s = "0" + s
	case !list.Has(s):
		c.fail("population.code.unknown", fault.Args{"code": cut(s, 20)})
	}
	return c.once(s)
}

func (c *cells) place() Place {
	codes, detail, country := c.next(), c.words(), c.next()
	if codes == "" && detail == "" && country == "" {
		return Place{}
	}
	p := Place{Detail: detail, Country: vietnam}
	if country != "" {
		p.Country = c.once(country)
		if !isNation(country) {
			c.fail("population.code.unknown", fault.Args{"code": cut(country, 20)})
		}
	}
	if codes == "" {
		return p
	}
	known, ok := c.r.place(codes)
	if !ok {
		c.i -= 2
		c.fail("population.load.place", nil)
		c.i += 2
		return p
	}
	p.Province, p.District, p.Commune = known.province, known.district, known.commune
	if known.odd != "" && p.Country == vietnam {
		c.odd = append(c.odd, known.odd)
	}
	return p
}

// placed is a place as its codes say it.
type placed struct {
	province, district, commune string
	odd                         string // what is odd about it in Vietnam; "" is nothing
}

// place reads the codes of a place; of what are none it says so.
func (r *rowReader) place(codes string) (placed, bool) {
	if known, had := r.places[codes]; had {
		return known, true
	}
	codes = strings.Clone(codes)
	province, rest, _ := strings.Cut(codes, "/")
	district, commune, _ := strings.Cut(rest, "/")
	if !digits(province, 2) || district != "" && !digits(district, 3) || commune != "" && !digits(commune, 5) ||
		strings.Count(codes, "/") > 2 {
		return placed{}, false
	}
	known := placed{province: province, district: district, commune: commune}
	if r.units != nil {
		known.odd = oddPlace(r.units, &Place{Province: province, District: district, Commune: commune})
	}
	if len(r.places) < 100_000 {
		r.places[codes] = known
	}
	return known, true
}

func digits(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789") == "" }

func isNation(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

func (c *cells) relative() Relative {
	var rel Relative
	if s := c.next(); len(s) == 9 {
		old, err := citizen.ParseOldNumber(s)
		if err != nil {
			c.failWith(err)
		}
		rel.OldNumber = old
	} else {
		c.i--
		rel.Number = c.number()
	}
	rel.Name, rel.Nationality = c.name(), c.once(c.next())
	if rel.Nationality != "" && !isNation(rel.Nationality) {
		c.fail("population.code.unknown", fault.Args{"code": cut(rel.Nationality, 20)})
	}
	if rel.Nationality == "" && !rel.IsZero() {
		rel.Nationality = vietnam
	}
	return rel
}

// person reads a row, datum by datum in the order of the columns.
func (c *cells) person() *Person {
	p := &c.r.person // one for all rows: the table's functions would make each a new one
	*p = Person{Life: Alive, Version: 1}
	for i, d := range c.r.fields.file {
		c.read(d, &c.r.lists[i], p)
	}
	c.together(p)
	if c.bad != nil {
		return p
	}
	for i, key := range c.odd {
		if !slices.Contains(c.odd[:i], key) {
			c.r.odd.add(key, c.line)
		}
	}
	for _, kind := range OwnQuestions(p, c.r.today.Date()) {
		c.r.odd.add("population.load."+string(kind), c.line)
	}
	if _, known := citizen.CheckProvince(p.Number); !known {
		c.r.odd.add("population.load.unknown_province", c.line)
	}
	return p
}

// together holds the cells of a row against one another.
func (c *cells) together(p *Person) {
	for _, k := range c.r.fields.Kin() {
		d := &k.Data[0]
		if r := d.Relative(p); !r.Number.IsZero() && r.Number == p.Number {
			c.failAt(d.Member+"_number", "population.load.own_relative")
		}
	}
	if !p.Father.Number.IsZero() && p.Father.Number == p.Mother.Number {
		c.failAt("mother_number", "population.birth.same_parent")
	}
	note := func(is bool, key string) {
		if is {
			c.odd = append(c.odd, key)
		}
	}
	note(p.Relation != "" && !IsRelation(p.Relation), "population.load.relation")
	note(p.Life == Dead && p.Ended == 0, "population.load.dead_when")
	note(p.Marital == Single && !p.Spouse.IsZero(), "population.load.single_spouse")
	note(p.Marital == Married && !oldEnough(p.Birth, marriageAge(p.Sex), c.r.today), "population.load.married_young")
	for _, card := range p.Cards {
		note(!slices.Contains(cardKinds, card.Kind), "population.load.card_kind")
		before := card.Issued != 0 && card.Issued < p.Birth && !card.Issued.Fits(p.Birth)
		note(before || card.Expires != 0 && card.Expires <= card.Issued, "population.load.card_days")
	}
	note(p.PermanentSince != 0 && p.PermanentSince < p.Birth && !p.PermanentSince.Fits(p.Birth), "population.load.since_before_birth")
}

func (c *cells) failAt(column, key string) {
	if c.bad == nil {
		c.bad = &BadRow{Column: column, Key: key}
	}
}

// oddPlace says what is odd about the codes of a place in Vietnam.
func oddPlace(units Units, p *Place) string {
	if p.Commune == "" {
		if _, known := units.Province(p.Province, clock.Date{}); !known {
			return "population.load.place_unknown"
		}
		return ""
	}
	coded := units.Coded(p.Commune)
	if len(coded) == 0 {
		return "population.load.place_unknown"
	}
	fits := func(u Unit) bool { return u.Province == p.Province && (p.District == "" || u.District == p.District) }
	switch {
	case !slices.ContainsFunc(coded, fits):
		return "population.load.place_elsewhere"
	case p.District == "" && !slices.ContainsFunc(coded, func(u Unit) bool { return fits(u) && u.District == "" }):
		return "population.load.place_ended" // without a district it says that it is of July 2025 or later
	}
	return ""
}

// read takes the next cells for one datum.
func (c *cells) read(d *Datum, list *citizen.CodeList, p *Person) {
	missing := false
	switch {
	case d.Text != nil:
		s := c.text(d, list)
		*d.Text(p), missing = s, s == ""
	case d.Day != nil:
		day := c.day()
		*d.Day(p), missing = day, day == 0
	case d.Place != nil:
		*d.Place(p) = c.place()
	case d.Relative != nil:
		*d.Relative(p) = c.relative()
	case d.Number != nil:
		n := c.number()
		*d.Number(p), missing = n, n.IsZero()
	case d.OldNumbers != nil:
		*d.OldNumbers(p) = c.oldNumbers()
	case d.Sex != nil:
		*d.Sex(p) = c.sex()
	case d.Life != nil:
		*d.Life(p) = c.life()
	case d.Texts != nil:
		c.json(d.Texts(p))
	case d.Cards != nil:
		c.cards(d.Cards(p))
	}
	if missing && d.Must != "" {
		c.fail(d.Must, nil)
	}
	if d.wrong != nil {
		if key := d.wrong(p); key != "" {
			c.fail(key, nil)
		}
	}
}

func (c *cells) text(d *Datum, list *citizen.CodeList) string {
	switch d.Form {
	case FormCode:
		return c.code(list, d.Unsaid)
	case FormNation:
		return c.nation(d.Unsaid)
	case FormHousehold:
		return c.household()
	case FormRelation:
		return c.once(c.next())
	}
	if d.Must != "" { // what everybody has and is words is the name
		return c.name()
	}
	return c.words()
}

func (c *cells) oldNumbers() []citizen.OldNumber {
	var out []citizen.OldNumber
	for s := range strings.FieldsSeq(c.next()) {
		old, err := citizen.ParseOldNumber(s)
		if err != nil {
			c.failWith(err)
		}
		out = append(out, old)
	}
	return out
}

func (c *cells) sex() citizen.Sex {
	switch s := c.next(); s {
	case "0", "1", "2":
		return citizen.Sex(s[0] - '0')
	default:
		c.fail("population.code.unknown", fault.Args{"code": cut(s, 20)})
		return citizen.SexUnknown
	}
}

func (c *cells) nation(unsaid string) string {
	s := c.once(c.next())
	if s == "" {
		return unsaid
	}
	if !isNation(s) {
		c.fail("population.code.unknown", fault.Args{"code": cut(s, 20)})
	}
	return s
}

// household reads the number of a household, of which older systems leave out the first
// zeros.
func (c *cells) household() string {
	s := c.next()
	if s == "" {
		return ""
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || len(s) > 12 {
		c.fail("population.load.household", nil)
	}
	if len(s) < 9 {
		return "000000000"[len(s):] + s
	}
	return strings.Clone(s)
}

func (c *cells) life() Life {
	switch s := Life(c.next()); s {
	case "", Alive:
		return Alive
	case Dead:
		return Dead
	case Missing:
		return Missing
	default:
		c.fail("population.code.unknown", fault.Args{"code": cut(string(s), 20)})
		return Alive
	}
}

func (c *cells) cards(to *[]Card) {
	if list, ok := plainCards(strings.TrimSpace(c.r.cells[c.i])); ok {
		c.i++
		*to = list
		return
	}
	c.json(to)
}

func (c *cells) json(v any) {
	if s := c.next(); s != "" && json.Unmarshal([]byte(s), v) != nil {
		c.fail("population.load.value", nil)
	}
}
