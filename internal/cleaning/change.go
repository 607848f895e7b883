package cleaning

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/i18n"
)

// Mark is how far the register was at a moment: the last event that it had, and the last load
// of people that was whole.
type Mark struct {
	Event int64 `json:"event"`
	Load  int64 `json:"load"`
}

// Moment is when the register was read, and how far it was.
type Moment struct {
	At   time.Time
	Mark Mark
}

// Happened is an event of the register with its place in their order, and whom it concerns.
type Happened struct {
	Seq    int64
	Event  string
	People []citizen.Number
}

// Became is what an event of the register made of a person.
type Became struct {
	On            citizen.Day
	RecordedAt    time.Time
	Mends         bool // it sets right what was recorded before: a correction, an annulment
	Before, After Person
	Had, Has      bool // they were in the register, and are
}

// ChangeKind is what became of a row. "cleaning.change.…" is its name for people.
type ChangeKind string

// The kinds of changes.
const (
	Died      ChangeKind = "death"
	Lives     ChangeKind = "alive" // the death was none
	Moved     ChangeKind = "move"
	Renamed   ChangeKind = "name"
	Mended    ChangeKind = "correction"
	Withdrawn ChangeKind = "withdrawn" // the registration was annulled: the number is nobody's
	Restored  ChangeKind = "restored"  // the annulment was
	FoundNow  ChangeKind = "found"     // of a row that had nobody
	Undone    ChangeKind = "undone"    // a person decided that it is not whom the program took it for
)

// ChangeKinds lists them.
var ChangeKinds = []ChangeKind{Died, Lives, Moved, Renamed, Mended, Withdrawn, Restored, FoundNow, Undone}

// Change is what became of a row since its file was linked. It tells of the register no more
// than what the columns of the file hold, and that somebody died.
type Change struct {
	Seq    int64          `json:"seq"` // from 1, within the batch
	Row    int            `json:"row"`
	Number citizen.Number `json:"number"` // of the person of the row; of one withdrawn, whose it was
	Kind   ChangeKind     `json:"kind"`
	Fields []Told         `json:"fields,omitempty"`
	On     citizen.Day    `json:"on,omitzero"` // since when it is true
	At     time.Time      `json:"at"`          // when it was recorded

	// Cause is what it follows from: with it a row has one change.
	Cause string `json:"-"`
	// Outcome is the row's since; "" for the one it has.
	Outcome Outcome `json:"-"`
}

// Told is a value of a kind of columns, before and after. Sex is "1" or "2", days are
// 1990-01-31.
type Told struct {
	What Kind   `json:"what"`
	From string `json:"from"`
	To   string `json:"to"`
}

// changeOf is what an event makes of a row whose person it concerns; ok is false when it
// changes nothing that the file asked for.
func changeOf(l *Layout, n citizen.Number, e *Became) (c Change, ok bool) {
	c = Change{Number: n, On: e.On, At: e.RecordedAt}
	switch {
	case e.Had && !e.Has:
		c.Kind, c.Outcome = Withdrawn, NotFound
		c.Fields = []Told{{Number, n.Reveal(), ""}}
		return c, true
	case !e.Had && e.Has && e.Mends:
		c.Kind = Restored
		c.Fields = []Told{{Number, "", n.Reveal()}}
		return c, true
	case !e.Had || !e.Has:
		return c, false // what brought them into the register is no change of a row
	}
	c.Kind = Mended
	for _, k := range toldKinds {
		if !slices.Contains(l.Kinds, k) {
			continue
		}
		if from, to := l.told(k, &e.Before), l.told(k, &e.After); from != to {
			c.Fields = append(c.Fields, Told{k, from, to})
		}
	}
	of := func(kinds ...Kind) bool {
		return !slices.ContainsFunc(c.Fields, func(t Told) bool { return !slices.Contains(kinds, t.What) })
	}
	switch a, b := &e.Before, &e.After; {
	case b.Dead && (!a.Dead || a.Died != b.Died):
		c.Kind, c.On = Died, b.Died
	case a.Dead && !b.Dead:
		c.Kind = Lives
	case len(c.Fields) == 0:
		return c, false
	case e.Mends:
	case of(Name, Surname, Middle, Given):
		c.Kind = Renamed
	case of(Address, Commune, District, Province):
		c.Kind = Moved
	}
	return c, true
}

// toldKinds are the kinds of columns of which a change tells. A number changes by another
// registration alone.
var toldKinds = []Kind{Name, Surname, Middle, Given, Birth, DayPart, Month, Year, Sex, Address, Commune, District, Province}

// told is what the register says of a person in a column of a kind, and no more: the year
// alone where the file has the year, the province where it has that.
func (l *Layout) told(k Kind, p *Person) string {
	switch k {
	case Name:
		return p.Name
	case Surname, Middle, Given:
		return l.part(k, strings.Fields(p.Name))
	case Birth:
		return p.Birth.String()
	case DayPart:
		return digit(p.Birth.DayOfMonth())
	case Month:
		return digit(p.Birth.Month())
	case Year:
		return digit(p.Birth.Year())
	case Sex:
		return digit(int(p.Sex))
	case Address:
		if slices.Contains(l.Kinds, Commune) || slices.Contains(l.Kinds, Province) { // which stand beside it
			return p.Home.Detail
		}
		return p.Home.String()
	case Commune:
		return p.Home.Commune
	case District:
		return p.Home.District
	case Province:
		return p.Home.Province
	}
	return ""
}

// part is a part of a name. Where a file has no column of middle names they stand with the
// surname.
func (l *Layout) part(k Kind, words []string) string {
	if len(words) == 0 {
		return ""
	}
	last := len(words) - 1
	switch {
	case k == Given:
		return words[last]
	case k == Middle:
		return strings.Join(words[min(1, last):last], " ")
	case slices.Contains(l.Kinds, Middle):
		return words[0]
	}
	return strings.Join(words[:max(1, last)], " ")
}

func digit(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Home is where somebody lives, by the names of its units.
type Home struct{ Detail, Commune, District, Province string }

// String is the address, from the small to the large.
func (h Home) String() string {
	parts := []string{h.Detail, h.Commune, h.District, h.Province}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// DecisionOf is the change that comes of a decision on a row of a file that was released
// already; ok is false when the row is whose it was.
func DecisionOf(before, after *Row, l Label) (c Change, ok bool) {
	from, to := before.held(), after.held()
	c = Change{
		Row: after.At, Number: to, Kind: FoundNow, At: l.At, Cause: "decision " + l.ID, Fields: []Told{{Number, from.Reveal(), to.Reveal()}},
	}
	if to.IsZero() {
		c.Kind, c.Number = Undone, from
	}
	return c, from != to
}

// held is whose row it is; nobody's once their number is.
func (r *Row) held() citizen.Number {
	if r.Outcome == NotFound || r.Outcome == Several {
		return citizen.Number{}
	}
	return r.Person
}

// foundOf is the change that comes of a row that was tried again.
func foundOf(r *Row, m Moment) Change {
	return Change{
		Row: r.At, Number: r.Person, Kind: FoundNow, At: m.At, Cause: fmt.Sprintf("found %d %d", m.Mark.Event, m.Mark.Load),
		Fields: []Told{{Number, "", r.Person.Reveal()}},
	}
}

// Column is what the file calls the column of a value.
func (l *Layout) Column(k Kind, p *i18n.Printer) string {
	if i := slices.Index(l.Kinds, k); i >= 0 && k != Number { // numbers are told in a column of their own
		return l.Headings[i]
	}
	return p.T("cleaning.clean." + string(k))
}

// Words are both values for a person to read.
func (t Told) Words(p *i18n.Printer) (from, to string) {
	say := func(v string) string {
		switch t.What {
		case Sex:
			return map[string]string{"1": p.T("cleaning.male"), "2": p.T("cleaning.female")}[v]
		case Birth:
			if d, err := citizen.ParseDay(v); err == nil {
				return d.Say(p)
			}
		}
		return v
	}
	return say(t.From), say(t.To)
}

// lines are a change as lines of a table: one for each value that is otherwise.
func (c *Change) lines(l *Layout, p *i18n.Printer) [][]string {
	line := func(what, from, to string) []string {
		return []string{
			strconv.FormatInt(c.Seq, 10), strconv.Itoa(c.Row), c.Number.Reveal(), p.T("cleaning.change." + string(c.Kind)), what, from, to,
			c.On.Say(p), p.Time(c.At),
		}
	}
	if len(c.Fields) == 0 {
		return [][]string{line("", "", "")}
	}
	var out [][]string
	for _, t := range c.Fields {
		from, to := t.Words(p)
		out = append(out, line(l.Column(t.What, p), from, to))
	}
	return out
}
