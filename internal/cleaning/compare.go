package cleaning

import (
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
)

// Likeness says how a value of the file stands to the register's.
type Likeness string

// How values stand to one another.
const (
	Alike   Likeness = "alike"
	Unlike  Likeness = "unlike"
	Missing Likeness = "missing" // on one side
	Open    Likeness = "open"    // words that only a person can compare
)

// Pair is a value of the file beside the register's.
type Pair struct {
	What string // number, old, name, birth, sex, place
	File string
	Held string
	Like Likeness
	// Level is what the program found, a message; "" when it compared nothing.
	Level string
}

// alikeLevels are levels at which both say the same.
var alikeLevels = []string{
	"number.equal", "old.equal", "name.same", "name.bare_same", "birth.equal", "birth.part", "sex.equal", "place.lives", "place.province_same",
	"place.district", "birth.january",
}

// Compare sets a row beside a person, value by value. Where the program compared them
// (steps) its words count; what a row does not say is missing.
func Compare(l *Layout, cells []string, p *Person, steps []Step, today clock.Date) []Pair {
	number := l.Understood(cells, Number)
	n := readNumber([]byte(number))
	out := []Pair{{What: "number", File: number, Held: p.Number.Reveal(), Like: likeness(number == "", n.value == uint64(p.Number.Int()))}}
	if len(p.Old) > 0 {
		old := Pair{What: "old", Like: Missing}
		for _, o := range p.Old {
			old.Held = strings.TrimPrefix(old.Held+", "+o.Reveal(), ", ")
			if n.size == 9 && o.Reveal() == digitsOf(n.value, 9) {
				old.File, old.Like, out[0].File, out[0].Like = number, Alike, "", Missing
			}
		}
		out = append(out, old)
	}
	name := l.Understood(cells, Surname, Middle, Name, Given)
	out = append(out, Pair{What: "name", File: name, Held: p.Name, Like: likeness(name == "", strings.EqualFold(citizen.Spell(name), citizen.Spell(p.Name)))})
	birth := l.Understood(cells, Birth, DayPart, Month, Year, MaleMark, FemaleMark)
	day, _ := birthOf([]byte(birth), today, l.MonthFirst)
	out = append(out, Pair{What: "birth", File: birth, Held: p.Birth.String(), Like: likeness(birth == "", day == p.Birth)})
	sex := l.Understood(cells, Sex)
	read, _ := sexOf([]byte(sex), l)
	out = append(out, Pair{What: "sex", File: sex, Held: string(rune('0' + p.Sex)), Like: likeness(sex == "", read == p.Sex)})
	out = append(out, Pair{What: "place", File: placeSaid(l, cells), Held: p.Address, Like: Open})
	for i := range out {
		at := slices.IndexFunc(steps, func(s Step) bool { return s.What == out[i].What })
		switch {
		case at >= 0:
			out[i].Like, out[i].Level = Unlike, "cleaning.level."+steps[at].What+"."+steps[at].Level
			if slices.Contains(alikeLevels, steps[at].What+"."+steps[at].Level) {
				out[i].Like = Alike
			}
		case out[i].File == "":
			out[i].Like = Missing
		}
	}
	return out
}

// Steps are what the program found of the pair, without what has changed since: of that a
// person sees what stands there now.
func (v *Beside) Steps() []Step {
	if v.Candidate >= len(v.Row.Candidates) {
		return nil
	}
	whats := map[Kind]string{
		Name: "name", Surname: "name", Middle: "name", Given: "name", Birth: "birth", DayPart: "birth", Month: "birth", Year: "birth", Sex: "sex",
		Address: "place", Commune: "place", District: "place", Province: "place",
	}
	return slices.DeleteFunc(slices.Clone(v.Row.Candidates[v.Candidate].Steps), func(s Step) bool {
		return slices.ContainsFunc(v.Since, func(c Change) bool {
			return slices.ContainsFunc(c.Fields, func(t Told) bool { return whats[t.What] == s.What })
		})
	})
}

// placeSaid is what a row says of where somebody lives, from the small to the large.
func placeSaid(l *Layout, cells []string) string {
	var out []string
	for _, k := range []Kind{Address, Commune, District, Province} {
		if v := l.Understood(cells, k); v != "" {
			out = append(out, v)
		}
	}
	return strings.Join(out, ", ")
}

func likeness(missing, alike bool) Likeness {
	switch {
	case missing:
		return Missing
	case alike:
		return Alike
	}
	return Unlike
}
