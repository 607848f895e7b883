package population

import (
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
)

// What is asked about births.
const (
	BirthAgain QuestionKind = "birth_again" // this child seems to be registered already
	BirthsNear QuestionKind = "births_near" // one mother, two births too near to each other
)

// Between two births of one mother are at least this many days, unless they are of one
// confinement, whose children come within two days.
const (
	minBirthGap  = 180
	sameDelivery = 1
)

// sameBirth is how many days the same birth may be off when somebody writes it down again.
const sameBirth = 31

// dayRange are the first and the last day that a day can be of which a part is unknown.
func dayRange(d citizen.Day) (first, last clock.Date) {
	return FirstOf(d), LastOf(d)
}

// gap is how many days are between two days: at least and at most, as far as they are known.
func gap(a, b citizen.Day) (least, most int) {
	aFirst, aLast := dayRange(a)
	bFirst, bLast := dayRange(b)
	if aLast.Before(bFirst) {
		return aLast.DaysUntil(bFirst), aFirst.DaysUntil(bLast)
	}
	if bLast.Before(aFirst) {
		return bLast.DaysUntil(aFirst), bFirst.DaysUntil(aLast)
	}
	return 0, max(aFirst.DaysUntil(bLast), bFirst.DaysUntil(aLast))
}

// TooNear says that two births, of one mother, cannot both be right: too far from each
// other for one confinement, too near for two. It says no where a part of a day that is
// not known could make it right.
func TooNear(a, b citizen.Day) bool {
	if a == 0 || b == 0 {
		return false
	}
	least, most := gap(a, b)
	return least > sameDelivery && most < minBirthGap
}

// SameChild says that a birth seems to be one that is registered already: born of the
// same mother or father with the same or nearly the same name about the same day, or of
// parents who are not known, with the same name on the same day in the same place.
// Basis and held are the papers of both.
func SameChild(born, child *Person, basis, heldBasis string) bool {
	mother, father := sameKin(born.Mother, child.Mother), sameKin(born.Father, child.Father)
	same, paper := sameWords(born.Name, child.Name), samePaper(basis, heldBasis)
	otherSex := born.Sex != child.Sex && born.Sex != citizen.SexUnknown && child.Sex != citizen.SexUnknown
	least, _ := gap(born.Birth, child.Birth)
	switch {
	case mother != fits && father != fits && (mother == differs || father == differs):
		return false // each of them known, or of the one who is known another
	case mother != fits && father != fits:
		return same && !otherSex && born.Birth.Fits(child.Birth) && couldBe(born.Birthplace, child.Birthplace)
	case least <= sameDelivery:
		return same || paper || !otherSex && nearName(born.Name, child.Name)
	}
	// Nobody gives two living children of theirs one name.
	return same && !otherSex && (least <= sameBirth || mother == fits && child.Life == Alive)
}

// The ways in which two statements about one relative go together.
const (
	unknown = iota
	fits
	differs
)

func sameKin(a, b Relative) int {
	switch {
	case !a.Number.IsZero() && !b.Number.IsZero():
		if a.Number == b.Number {
			return fits
		}
		return differs
	case a.Name != "" && b.Name != "":
		if sameWords(a.Name, b.Name) {
			return fits
		}
		return differs
	}
	return unknown
}

// couldBe says that two places can be one, as far as they are known.
func couldBe(a, b Place) bool {
	one := func(x, y string) bool { return x == "" || y == "" || x == y }
	return one(a.Country, b.Country) && one(a.Province, b.Province) && one(a.Commune, b.Commune)
}

// samePaper says that two events name one paper; a text without a number names none.
func samePaper(a, b string) bool {
	return strings.ContainsAny(a, "0123456789") && strings.EqualFold(citizen.Fold(a), citizen.Fold(b))
}

// sameWords says that two names have the same words without accents, in any order.
func sameWords(a, b string) bool {
	x, y := searchWords(a), searchWords(b)
	slices.Sort(x)
	slices.Sort(y)
	return len(x) > 0 && slices.Equal(x, y) || citizen.Squeeze(a) != "" && citizen.Squeeze(a) == citizen.Squeeze(b)
}

// nearName says that two names are a slip of one letter apart.
func nearName(a, b string) bool {
	x, y := citizen.Squeeze(a), citizen.Squeeze(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) < 4 || len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) == len(y) {
		return i == len(x) || x[i+1:] == y[i+1:] || i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && x[i+2:] == y[i+2:]
	}
	return x[i:] == y[i+1:]
}

// birthFields are what a question tells of a child that the register has.
var birthFields = []Field{FieldNumber, FieldName, FieldBirth, FieldSex, FieldBirthplace, FieldMother, FieldFather, FieldLife}

// askBirth looks for the child among those that the register has: of its parents, and of
// those with its name and day. Others who write down a child of the same parents, or of
// the same name, wait until this one is there.
func (d *deed) askBirth(p *Person) error {
	if d.world != nil {
		return nil
	}
	keys := []int64{p.Mother.Number.Int(), p.Father.Number.Int()}
	all, _ := SameLetters(p.Name, p.Birth.Year())
	if err := d.tx.HoldKeys(d.ctx, append(keys, all)); err != nil {
		return err
	}
	var held []Person
	for _, parent := range []citizen.Number{p.Mother.Number, p.Father.Number} {
		if parent.IsZero() {
			continue
		}
		children, err := d.tx.Children(d.ctx, parent)
		if err != nil {
			return err
		}
		held = append(held, children...)
	}
	others, err := d.tx.Namesakes(d.ctx, p.Name, p.Birth)
	if err != nil {
		return err
	}
	held = append(held, others...)
	slices.SortFunc(held, func(a, b Person) int { return byNumber(a.Number, b.Number) })
	held = slices.CompactFunc(held, func(a, b Person) bool { return a.Number == b.Number })
	for i := range held {
		if err := d.askChild(p, &held[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *deed) askChild(p, child *Person) error {
	near := !p.Mother.Number.IsZero() && p.Mother.Number == child.Mother.Number && TooNear(p.Birth, child.Birth)
	if !near && !SameChild(p, child, d.e.Basis, d.e.Basis) {
		return nil // whatever paper it came by: of a common name a year has hundreds
	}
	events, err := d.tx.Events(d.ctx, child.Number)
	if err != nil {
		return err
	}
	fact := d.r.Fields.fact("child", child, birthFields...)
	var basis string
	for i := range events {
		if e := &events[i]; e.Kind == Birth && e.Number == child.Number {
			fact, basis = fact.after(e), e.Basis
		}
	}
	switch {
	case SameChild(p, child, d.e.Basis, basis):
		d.ask(BirthAgain, "name", fact)
	case near:
		d.ask(BirthsNear, "on", fact)
	}
	return nil
}
