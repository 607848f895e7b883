package population

import (
	"context"
	"slices"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Facts tells facts about one person; no fields are all that are granted. It fails with
// NotFound ("population.person.not_found"), which tells nothing more, and with Denied
// naming fields that the right does not grant.
func (r *Register) Facts(ctx context.Context, in Inquiry, key Key, fields []Field) (Facts, error) {
	if len(fields) == 0 {
		fields = in.all(r.Fields)
	}
	fields, p, members, err := r.ask(ctx, in, key, fields)
	if err != nil {
		return Facts{}, err
	}
	return r.facts(p, fields, members), nil
}

// all are the fields that a right grants.
func (in Inquiry) all(t *FieldTable) []Field {
	return slices.DeleteFunc(t.All(), func(f Field) bool { return !in.grants(f) })
}

func notFound() error { return fault.New(fault.NotFound, "population.person.not_found", nil) }

// ask finds the one whom a key means and logs that somebody asked. Members are those of
// the household when a field needs them.
func (r *Register) ask(ctx context.Context, in Inquiry, key Key, fields []Field) ([]Field, Person, []Person, error) {
	beat := in.beat()
	if beat == "" {
		if err := r.may(ctx, in, LookUp); err != nil {
			return nil, Person{}, nil, err
		}
	}
	for _, f := range fields {
		if !r.Fields.Has(f) {
			err := fault.New(fault.Invalid, "population.field.unknown", fault.Args{"field": string(f)})
			return nil, Person{}, nil, r.refuse(ctx, in, nil, 1, err)
		}
	}
	fields = r.Fields.InOrder(fields)
	err := in.allowsAll(fields)
	if err == nil && key.Number.IsZero() && key.OldNumber.IsZero() {
		err = fault.New(fault.Invalid, "population.key.missing", fault.Args{"n": 1})
	}
	if err != nil {
		return nil, Person{}, nil, r.refuse(ctx, in, fields, 1, err)
	}
	need := append([]Field{FieldName, FieldBirth, FieldOldNumber}, fields...)
	withHouse := slices.Contains(fields, FieldHousehold) || slices.Contains(fields, FieldMembers)
	if withHouse {
		need = append(need, FieldHousehold)
	}
	if beat != "" {
		need = append(need, FieldPermanent, FieldTemporary, FieldPresent)
	}
	held, of, err := r.held(ctx, []Claim{{Key: key}}, need)
	if err != nil {
		return nil, Person{}, nil, err
	}
	p := meant(held, of[0], key)
	if p == nil {
		if err := r.log(ctx, in, fields, 1, NotFound, known(held, of[0])); err != nil {
			return nil, Person{}, nil, err
		}
		return nil, Person{}, nil, notFound()
	}
	if beat != "" && !r.livesIn(p, beat) {
		return nil, Person{}, nil, r.refuse(ctx, in, fields, 1, fault.New(fault.Denied, "population.denied.elsewhere", nil))
	}
	subjects := []citizen.Number{p.Number}
	var members []Person
	if withHouse && p.Household != "" {
		if members, err = r.Store.Members(ctx, p.Household); err != nil {
			return nil, Person{}, nil, err
		}
		headFirst(members)
		if slices.Contains(fields, FieldMembers) {
			for _, m := range members {
				if m.Number != p.Number {
					subjects = append(subjects, m.Number)
				}
			}
		}
	}
	return fields, *p, members, r.log(ctx, in, fields, len(subjects), Answered, subjects)
}

// livesIn says that somebody lives on the ground that a commune of today has: where they are
// registered, else where they stay.
func (r *Register) livesIn(p *Person, commune string) bool {
	home := p.Permanent
	for _, next := range []Place{p.Temporary, p.Present} {
		if home.Commune == "" {
			home = next
		}
	}
	return slices.ContainsFunc(Meant(r.Units, home), func(u Unit) bool {
		return slices.ContainsFunc(r.Units.Became(u, clock.Date{}), func(now Unit) bool { return now.Code == commune })
	})
}

// allowsAll is allows for answers, in which the numbers tell something too.
func (in Inquiry) allowsAll(fields []Field) error {
	if err := in.allows(fields); err != nil {
		return err
	}
	for _, f := range fields {
		if !in.grants(f) {
			return fault.New(fault.Denied, "population.field.denied", fault.Args{"fields": string(f)})
		}
	}
	return nil
}

// meant gives the one whom a key means, all of it.
func meant(held map[citizen.Number]*Person, numbers []citizen.Number, k Key) *Person {
	var one *Person
	for _, n := range numbers {
		p := held[n]
		if p == nil || k.Name != "" && !citizen.SameName(k.Name, p.Name) || k.Birth != 0 && !k.Birth.Fits(p.Birth) ||
			!k.OldNumber.IsZero() && !slices.Contains(p.OldNumbers, k.OldNumber) {
			continue
		}
		if one != nil {
			return nil
		}
		one = p
	}
	return one
}

func (r *Register) facts(p Person, fields []Field, members []Person) Facts {
	f := Facts{Fields: fields, Person: r.Fields.Only(&p, fields), AsOf: r.Clock.Now()}
	if slices.Contains(fields, FieldHousehold) && len(members) > 0 && members[0].Relation == HeadOfHousehold {
		h := members[0]
		f.Head = Relative{Number: h.Number, Name: h.Name, Nationality: h.Nationality}
		if len(h.OldNumbers) > 0 {
			f.Head.OldNumber = h.OldNumbers[0]
		}
	}
	if slices.Contains(fields, FieldMembers) {
		for _, m := range members {
			if m.Number != p.Number {
				f.Members = append(f.Members, m.member())
			}
		}
	}
	return f
}

func (p Person) member() Member {
	return Member{Relation: p.Relation, Number: p.Number, Name: p.Name, Birth: p.Birth, Sex: p.Sex}
}

// headFirst puts the head first, the others by age.
func headFirst(members []Person) {
	slices.SortFunc(members, func(a, b Person) int {
		ah, bh := a.Relation == HeadOfHousehold, b.Relation == HeadOfHousehold
		switch {
		case ah != bh && ah:
			return -1
		case ah != bh:
			return 1
		case a.Birth != b.Birth:
			return int(a.Birth) - int(b.Birth)
		}
		return byNumber(a.Number, b.Number)
	})
}

// Household tells the household of a person. It fails as Facts does; of somebody in no
// household it has no number.
func (r *Register) Household(ctx context.Context, in Inquiry, key Key) (Household, error) {
	_, p, members, err := r.ask(ctx, in, key, []Field{FieldHousehold, FieldMembers})
	if err != nil {
		return Household{}, err
	}
	h := Household{Number: p.Household, AsOf: r.Clock.Now()}
	for i, m := range members {
		if i == 0 {
			h.Place, h.Head = m.Permanent, m.member()
		}
		h.Members = append(h.Members, m.member())
	}
	if !in.grants(FieldPermanent) {
		h.Place = Place{}
	}
	return h, nil
}

// Residence confirms where a person lives; it fails as Facts does. Whoever may not see
// other members of the household gets none.
func (r *Register) Residence(ctx context.Context, in Inquiry, key Key) (Residence, error) {
	fields := []Field{FieldName, FieldBirth, FieldPermanent}
	for _, f := range []Field{FieldTemporary, FieldPresent, FieldHousehold, FieldMembers} {
		if in.grants(f) {
			fields = append(fields, f)
		}
	}
	fields, p, members, err := r.ask(ctx, in, key, fields)
	if err != nil {
		return Residence{}, err
	}
	f := r.facts(p, fields, members)
	return Residence{
		Number: p.Number, Name: p.Name, Birth: p.Birth, Permanent: f.Person.Permanent, Since: f.Person.PermanentSince,
		Temporary: f.Person.Temporary, TempSince: f.Person.TemporarySince, Present: f.Person.Present,
		Household: f.Person.Household, Relation: f.Person.Relation, Head: f.Head, Members: f.Members, AsOf: f.AsOf,
	}, nil
}
