package population

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/citizen"
)

// Datum is one thing that a field consists of. Exactly one of the functions that reach
// into a Person is set. It says where the datum is and of which type, and from the type
// follows how files and messages write it, how it is compared with a claim, how the
// database keeps it, and how pages say it: numbers mask themselves.
type Datum struct {
	Member string // its name in JSON, of its first column in files, and of its column in the database

	Number     func(*Person) *citizen.Number
	OldNumbers func(*Person) *[]citizen.OldNumber
	Text       func(*Person) *string
	Texts      func(*Person) *[]string
	Day        func(*Person) *citizen.Day // behind another datum: since when that is so
	Sex        func(*Person) *citizen.Sex
	Place      func(*Person) *Place
	Relative   func(*Person) *Relative
	Cards      func(*Person) *[]Card
	Life       func(*Person) *Life

	Form   TextForm                // of a Text
	List   func() citizen.CodeList // of a FormCode
	Unsaid string                  // of a Text: what it is when a file says nothing
	Must   string                  // a file has to have it; the key of what is wrong when it does not
	Inner  bool                    // the general answers and the feed do not carry it

	Column   string // in the database, when it is not named like Member
	Detail   string // of a Place: a column of its own for the detail
	Short    string // of a Place or Relative: the name by which the database keeps what has no column
	SameAs   string // of a Place: the other one that it mostly is
	InRest   bool   // few people have it, and it has no column
	FileLast bool   // in files it stands behind all others

	wrong func(*Person) string // the key of what is wrong, beside what was read before it
}

// TextForm says what a text is.
type TextForm int

// The forms.
const (
	FormWords     TextForm = iota // a name, or other words of people
	FormCode                      // of the datum's List
	FormNation                    // "VN"
	FormHousehold                 // its number, "000000001"
	FormRelation                  // to the head of household, "CH02"
)

// codes are the lists of the codes that a person has.
var codes = struct{ ethnicity, religion, blood, marital func() citizen.CodeList }{
	ethnicity: func() citizen.CodeList { return citizen.Codes().Ethnicity },
	religion:  func() citizen.CodeList { return citizen.Codes().Religion },
	blood:     func() citizen.CodeList { return citizen.Codes().Blood },
	marital:   func() citizen.CodeList { return citizen.Codes().Marital },
}

const vietnam = "VN"

// columns are those of a file.
func (d *Datum) columns() []string {
	switch {
	case d.Place != nil:
		return []string{d.Member, d.Member + "_detail", d.Member + "_country"}
	case d.Relative != nil:
		return []string{d.Member + "_number", d.Member + "_name", d.Member + "_nationality"}
	}
	return []string{d.Member}
}

func (d *Datum) take(to, from *Person) {
	switch {
	case d.Text != nil:
		*d.Text(to) = *d.Text(from)
	case d.Day != nil:
		*d.Day(to) = *d.Day(from)
	case d.Place != nil:
		*d.Place(to) = *d.Place(from)
	case d.Relative != nil:
		*d.Relative(to) = *d.Relative(from)
	case d.Number != nil:
		*d.Number(to) = *d.Number(from)
	case d.OldNumbers != nil:
		*d.OldNumbers(to) = *d.OldNumbers(from)
	case d.Texts != nil:
		*d.Texts(to) = *d.Texts(from)
	case d.Sex != nil:
		*d.Sex(to) = *d.Sex(from)
	case d.Cards != nil:
		*d.Cards(to) = *d.Cards(from)
	case d.Life != nil:
		*d.Life(to) = *d.Life(from)
	}
}

// Value is what a person has there, as JSON writes it; nil when nothing is known.
func (d *Datum) Value(p *Person) any {
	switch {
	case d.Text != nil:
		return unlessZero(*d.Text(p))
	case d.Day != nil:
		return unlessZero(*d.Day(p))
	case d.Place != nil:
		return unlessZero(*d.Place(p))
	case d.Relative != nil:
		return unlessZero(*d.Relative(p))
	case d.Number != nil:
		return unlessZero(*d.Number(p))
	case d.OldNumbers != nil:
		return unlessEmpty(*d.OldNumbers(p))
	case d.Texts != nil:
		return unlessEmpty(*d.Texts(p))
	case d.Sex != nil:
		return unlessZero(*d.Sex(p))
	case d.Cards != nil:
		return unlessEmpty(*d.Cards(p))
	case d.Life != nil:
		return unlessZero(*d.Life(p))
	}
	return nil
}

func unlessZero[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func unlessEmpty[T any](v []T) any {
	if len(v) == 0 {
		return nil
	}
	return v
}

// AppendJSON appends what is known of a person as a JSON object.
func (t *FieldTable) AppendJSON(b []byte, p *Person) ([]byte, error) {
	start := len(b)
	for i := range t.lines {
		for k := range t.lines[i].Data {
			d := &t.lines[i].Data[k]
			v := d.Value(p)
			if v == nil {
				continue
			}
			text, err := json.Marshal(v)
			if err != nil {
				return b, err
			}
			b = append(append(append(append(b, ','), '"'), d.Member...), `":`...)
			b = append(b, text...)
		}
	}
	if len(b) == start {
		return append(b, "{}"...), nil
	}
	b[start] = '{'
	return append(b, '}'), nil
}

// Row writes a person in the order of Columns.
func (t *FieldTable) Row(p *Person) []string {
	row := make([]string, 0, len(t.columns))
	for _, d := range t.file {
		row = d.cells(row, p)
	}
	return row
}

// cells appends what a file has in the columns of the datum.
func (d *Datum) cells(row []string, p *Person) []string {
	switch {
	case d.Text != nil:
		return append(row, *d.Text(p))
	case d.Day != nil:
		return append(row, d.Day(p).String())
	case d.Place != nil:
		return d.Place(p).cells(row)
	case d.Relative != nil:
		r := d.Relative(p)
		return append(row, cmp.Or(r.Number.Reveal(), r.OldNumber.Reveal()), r.Name, abroad(r.Nationality))
	case d.Number != nil:
		return append(row, d.Number(p).Reveal())
	case d.OldNumbers != nil:
		old := make([]string, len(*d.OldNumbers(p)))
		for i, n := range *d.OldNumbers(p) {
			old[i] = n.Reveal()
		}
		return append(row, strings.Join(old, " "))
	case d.Texts != nil:
		return append(row, list(*d.Texts(p)))
	case d.Sex != nil:
		if *d.Sex(p) == citizen.SexUnknown {
			return append(row, "")
		}
		return append(row, strconv.Itoa(int(*d.Sex(p))))
	case d.Cards != nil:
		return append(row, list(*d.Cards(p)))
	case d.Life != nil:
		if *d.Life(p) == Alive {
			return append(row, "")
		}
		return append(row, string(*d.Life(p)))
	}
	return row
}

func (p *Place) cells(row []string) []string {
	codes := ""
	if p.Province != "" || p.Commune != "" {
		codes = p.Province + "/" + p.District + "/" + p.Commune
	}
	return append(row, codes, p.Detail, abroad(p.Country))
}

// abroad is a country that is not the one that is meant when none is said.
func abroad(country string) string {
	if country == vietnam {
		return ""
	}
	return country
}

func list[T any](v []T) string {
	if len(v) == 0 {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "" // texts and days always marshal
	}
	return string(b)
}

// same says that a file would say the same of two persons.
func (t *FieldTable) same(a, b *Person) bool { return slices.Equal(t.Row(a), t.Row(b)) }

// Alike says that a file would say the same of two persons, but for the names of
// relatives who have numbers: those stand with the relatives.
func (t *FieldTable) Alike(a, b *Person) bool {
	x, y := *a, *b
	for _, p := range []*Person{&x, &y} {
		for _, k := range t.kin {
			if r := k.Data[0].Relative(p); !r.Number.IsZero() {
				*r = Relative{Number: r.Number}
			}
		}
	}
	return t.same(&x, &y)
}

// changed are the fields that differ.
func (t *FieldTable) changed(a, b *Person) []Field {
	var out []Field
	var x, y []string
	for i := range t.lines {
		x, y = x[:0], y[:0]
		for k := range t.lines[i].Data {
			d := &t.lines[i].Data[k]
			x, y = d.cells(x, a), d.cells(y, b)
		}
		if !slices.Equal(x, y) {
			out = append(out, t.lines[i].Code)
		}
	}
	return out
}
