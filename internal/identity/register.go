package identity

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// Register is the population register, as identities need it. Each question stands in the
// register's own log of look-ups, where the person sees it.
type Register interface {
	// Match says whether number, name and birth are one living person's; no more. A number
	// that the register does not know does not match.
	Match(ctx context.Context, why Inquiry, n citizen.Number, name string, birth citizen.Day) (bool, error)
	// Facts are what the register says of a person. It fails with NotFound.
	Facts(ctx context.Context, why Inquiry, n citizen.Number) (Facts, error)
}

// Inquiry is who asks the register, and why.
type Inquiry struct {
	By actor.Actor
	// Purpose is an officer's reason in words, or one of those below.
	Purpose string
}

// The reasons for which the program itself asks.
const (
	ForLevelOne = "level_one" // somebody opens an account
	ForChild    = "child"     // a parent or guardian asks for a child's account
	ForNews     = "news"      // something about the person changed
)

// Facts are what an account rests on.
type Facts struct {
	Number      citizen.Number // the one that counts: another than was asked for after a merger
	Name        string
	Birth       citizen.Day
	Sex         citizen.Sex
	Nationality string
	Dead        citizen.Day      // zero while alive
	Parents     []citizen.Number // that the register knows, living
	Guardians   []citizen.Number
	// Commune is the id of the commune of their permanent residence, as the register of units
	// has it today; "" when it is not known. Accounts are counted by it.
	Commune string
	Version int64
	AsOf    time.Time
}

// age is how many years a person surely has on a day: where the day of birth is not known,
// the last one that it can be counts.
func age(birth citizen.Day, on clock.Date) int { return citizen.YearsBetween(lastBirth(birth), on) }

// lastBirth is the last day on which somebody can be born of whom a part of the day is known.
func lastBirth(d citizen.Day) clock.Date {
	switch {
	case d.Whole():
		return d.Date()
	case d.Month() != 0:
		return clock.NewDate(d.Year(), time.Month(d.Month())+1, 1).AddDays(-1)
	}
	return clock.NewDate(d.Year(), time.December, 31)
}

// turns is the first moment at which a person surely has so many years.
func turns(birth citizen.Day, years int) time.Time {
	born := lastBirth(birth)
	day := clock.NewDate(born.Year()+years, born.Month(), 1)
	last := clock.NewDate(born.Year()+years, born.Month()+1, 1).AddDays(-1)
	return day.AddDays(min(born.Day(), last.Day()) - 1).Start().UTC()
}

// The ages of the law (Nghị định 69/2024, Điều 7 and 11; Bộ luật Dân sự 2015, Điều 20 and 136).
const (
	secondAge = 6  // from which a child may have level 2
	ownAge    = 14 // from which one has an account of one's own
	fullAge   = 18 // at which parents and guardians stop acting
)

// learn takes over what the register says of the holder, and gives the fields that changed.
// Where they live is kept beside the account, to be counted by; the account does not say it.
func (s *Service) learn(ctx context.Context, tx Tx, a *Account, f Facts) ([]Field, error) {
	if err := tx.SavePlace(ctx, a.ID, f.Commune); err != nil {
		return nil, fmt.Errorf("keep the commune of an account: %w", err)
	}
	return a.takeOver(f, s.Clock.Now()), nil
}

// takeOver is the part of learn that the account says.
func (a *Account) takeOver(f Facts, now time.Time) []Field {
	var changed []Field
	for _, v := range []Attribute{
		{Field: FieldName, Value: f.Name},
		{Field: FieldBirth, Value: f.Birth.String()},
		{Field: FieldSex, Value: strconv.Itoa(int(f.Sex))},
		{Field: FieldNationality, Value: f.Nationality},
	} {
		v.Basis, v.Since = FromRegister, now
		if a.set(v) {
			changed = append(changed, v.Field)
		}
	}
	a.Person = f.Version
	return changed
}

// set says a fact, since when it is another or rests on something else. The list is the
// account's own afterwards.
func (a *Account) set(v Attribute) (changed bool) {
	a.Attributes = slices.Clone(a.Attributes)
	i := slices.IndexFunc(a.Attributes, func(at Attribute) bool { return at.Field == v.Field })
	switch {
	case i < 0 && v.Value == "":
		return false
	case i < 0:
		a.Attributes = append(a.Attributes, v)
	case a.Attributes[i].Value == v.Value && a.Attributes[i].Basis == v.Basis:
		return false
	case v.Value == "":
		a.Attributes = slices.Delete(a.Attributes, i, i+1)
	default:
		a.Attributes[i] = v
	}
	return true
}
