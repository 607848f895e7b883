package population

import (
	"context"
	"slices"

	"dean06/internal/citizen"
)

// Likeness is what is said of one person, right or wrong. What is not said is zero.
type Likeness struct {
	Number    citizen.Number
	OldNumber citizen.OldNumber
	Name      string
	Birth     citizen.Day // as far as it is known
}

// mostAlike bounds how many are read of those who share a key.
const mostAlike = 200

// Alike gives, in the order of their numbers, those of whom something that is said may be
// said, with some fields: who have one of the numbers; all letters of the name; its first
// and last word and the year. crowded says that more have the name, in that year where one
// is known, than were read. It decides nothing and logs nothing: whoever tells anything of
// somebody logs that.
func (r *Register) Alike(ctx context.Context, l Likeness, fields []Field) (people []Person, crowded bool, err error) {
	var numbers []citizen.Number
	if !l.Number.IsZero() {
		numbers = append(numbers, l.Number)
	}
	if !l.OldNumber.IsZero() {
		who, err := r.Store.ByOldNumber(ctx, []citizen.OldNumber{l.OldNumber})
		if err != nil {
			return nil, false, err
		}
		numbers = append(numbers, who[l.OldNumber]...)
	}
	if units := unitsOf(l.Name); len(units) > 0 {
		more, err := r.namedAlike(ctx, units, l.Birth.Year(), func(n citizen.Number) { numbers = append(numbers, n) })
		if err != nil {
			return nil, false, err
		}
		crowded = more
	}
	slices.SortFunc(numbers, byNumber)
	people, err = r.Store.Persons(ctx, slices.Compact(numbers), fields)
	slices.SortFunc(people, func(a, b Person) int { return byNumber(a.Number, b.Number) })
	return people, crowded, err
}

// namedAlike gives those whose names have all letters of one, in any order and any accent,
// or its ends and the year.
func (r *Register) namedAlike(ctx context.Context, units []nameUnit, year int, add func(citizen.Number)) (crowded bool, err error) {
	first, last := units[0], units[len(units)-1]
	keys := []KeyRange{wholeKey(units, year, false)}
	if year != 0 {
		keys = append(keys, wholeKey(units, 0, false)) // the year may be wrong
		if len(units) > 1 {
			keys = append(keys, endsKey(last, first, year, false), endsKey(first, last, year, false))
		}
	}
	if err := r.searching.Acquire(ctx, 1); err != nil {
		return false, err
	}
	defer r.searching.Release(1)
	for i, k := range keys {
		found, more, err := r.Store.Names(ctx, NameQuery{Keys: k, Limit: mostAlike, Scan: maxScan})
		if err != nil {
			return false, err
		}
		crowded = crowded || more && i == 0
		for j := range found {
			add(found[j].Number)
		}
	}
	return crowded, nil
}
