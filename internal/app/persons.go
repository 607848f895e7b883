package app

import (
	"context"
	"slices"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identityweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
	"dean06/internal/population/populationnode"
	"dean06/internal/procedure"
)

// persons is the population register as the identities of the same node ask it.
type persons struct{ register func() *population.Register }

var _ identity.Register = persons{}

// purposes are why identities ask by themselves, as the register's log has it.
var purposes = map[string]string{
	identity.ForLevelOne: "identity_level_one", identity.ForChild: "identity_child", identity.ForNews: "identity_news",
}

// facts are what an identity rests on.
var facts = []population.Field{
	population.FieldNumber, population.FieldName, population.FieldBirth, population.FieldSex, population.FieldNationality, population.FieldLife,
	population.FieldFather, population.FieldMother, population.FieldGuardian, population.FieldPermanent,
}

// inquiry is how the register logs that identities asked: an officer as themselves, anybody
// else as who asked through the module.
func inquiry(why identity.Inquiry) population.Inquiry {
	in := population.Inquiry{By: why.By, Service: population.ServiceIdentity, Granted: facts}
	own, ok := purposes[why.Purpose]
	if !ok {
		in.Purpose = population.PurposeInWords(why.Purpose)
		return in
	}
	in.Purpose = own
	in.By = actor.Actor{
		Account: why.By.Account, Name: why.By.Account, Agency: why.By.Agency, Roles: []string{population.RightHolder}, Via: actor.Exchange,
	}
	return in
}

// Match says whether number, name and birth are one person's.
func (p persons) Match(ctx context.Context, why identity.Inquiry, n citizen.Number, name string, birth citizen.Day) (bool, error) {
	got, err := p.register().Match(ctx, inquiry(why), []population.Claim{{Key: population.Key{Number: n, Name: name, Birth: birth}}})
	if err != nil || len(got) != 1 {
		return false, err
	}
	v := got[0]
	return v.Found && v.Fields[population.FieldName] && v.Fields[population.FieldBirth], nil
}

// Facts are what the register says of a person.
func (p persons) Facts(ctx context.Context, why identity.Inquiry, n citizen.Number) (identity.Facts, error) {
	got, err := p.register().Facts(ctx, inquiry(why), population.Key{Number: n}, facts)
	if err != nil {
		return identity.Facts{}, err
	}
	who := got.Person
	f := identity.Facts{
		Number: n, Name: who.Name, Birth: who.Birth, Sex: who.Sex, Nationality: who.Nationality, Version: who.Version, AsOf: got.AsOf,
	}
	if who.Life == population.Dead {
		f.Dead = who.Ended
		if f.Dead == 0 { // the register knows that, and not when
			f.Dead = citizen.DayFrom(clock.DayOf(got.AsOf))
		}
	}
	for _, parent := range []population.Relative{who.Father, who.Mother} {
		if !parent.Number.IsZero() {
			f.Parents = append(f.Parents, parent.Number)
		}
	}
	if !who.Guardian.Number.IsZero() {
		f.Guardians = append(f.Guardians, who.Guardian.Number)
	}
	f.Commune = communeOf(p.register().Units, who.Permanent) // the register's own, which keep what they worked out
	return f, nil
}

// matters are the procedures in which one may act for another: those that the program brings
// packages of are offered, all of the catalogue can be named.
type matters struct{}

var _ identityweb.Matters = matters{}

// Common are the codes of the program's own packages.
func (matters) Common() []string {
	var out []string
	for _, p := range procedure.Packages() {
		out = append(out, p.Code)
	}
	return slices.Compact(out) // ordered by code
}

// Called is what a procedure is called, in the reader's language where its package says it.
func (matters) Called(ctx context.Context, code string) string {
	if p := procedure.Latest(procedure.Packages(), code); p != nil {
		return p.Name.In(string(i18n.From(ctx).Lang))
	}
	return procedure.Name(ctx, code)
}

// communeOf is the id of the commune of today that has the ground of a place, whatever it was
// called when the place was written; "" when nobody knows.
func communeOf(units population.Units, p population.Place) string {
	meant := population.Meant(units, p)
	if len(meant) == 0 {
		return ""
	}
	u := meant[len(meant)-1]
	if !u.Current {
		became := units.Became(u, clock.Date{})
		if len(became) == 0 {
			return ""
		}
		u = became[0]
	}
	return u.ID
}

// looked tells a holder who looked them up in the register of the same node.
type looked struct{ register *populationnode.Node }

// Looked are the last look-ups about whoever signed in with a number.
func (l looked) Looked(ctx context.Context, holder actor.Actor, n citizen.Number) ([]identityweb.Look, error) {
	holder.Roles = []string{population.Citizen} // to the register, which asks its own table
	list, err := l.register.Looked(ctx, holder, n)
	out := make([]identityweb.Look, len(list))
	for i, o := range list {
		out[i] = identityweb.Look(o)
	}
	return out, err
}
