package population

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// View is all about one person, for a clerk. It fails with NotFound. Those of the
// household and the relatives whom it shows are looked up too.
func (r *Register) View(ctx context.Context, in Inquiry, n citizen.Number) (PersonView, error) {
	if in.Service == "" {
		in.Service = ServiceDesk
	}
	if err := r.may(ctx, in, LookUp); err != nil {
		return PersonView{}, err
	}
	v, err := r.view(ctx, n)
	if fault.Of(err) == fault.NotFound {
		if err := r.log(ctx, in, r.Fields.All(), 1, NotFound, nil); err != nil {
			return PersonView{}, err
		}
	}
	if err != nil {
		return PersonView{}, err
	}
	subjects := []citizen.Number{n}
	for _, m := range v.Members {
		subjects = append(subjects, m.Number)
	}
	return v, r.log(ctx, in, r.Fields.All(), 1, Answered, subjects)
}

// view reads all about one person.
func (r *Register) view(ctx context.Context, n citizen.Number) (PersonView, error) {
	persons, err := r.Store.Persons(ctx, []citizen.Number{n}, nil)
	if err != nil {
		return PersonView{}, err
	}
	if len(persons) == 0 {
		return r.annulledView(ctx, n)
	}
	if err := r.nameKin(ctx, persons, nil); err != nil {
		return PersonView{}, err
	}
	v := PersonView{Person: persons[0]}
	if v.Events, err = r.Store.Events(ctx, n); err != nil {
		return v, err
	}
	v.arrange()
	for _, e := range v.Events {
		if e.RecordedAt.After(v.Person.UpdatedAt) {
			v.Person.UpdatedAt = e.RecordedAt
		}
	}
	if v.Person.Household != "" {
		members, err := r.Store.Members(ctx, v.Person.Household)
		if err != nil {
			return v, err
		}
		headFirst(members)
		for i, m := range members {
			if i == 0 && m.Relation == HeadOfHousehold {
				v.Head = m.member()
			}
			v.Members = append(v.Members, m.member())
		}
	}
	v.Family, err = r.family(ctx, &v.Person)
	return v, err
}

// arrange puts the newest event first, and says which no longer count.
func (v *PersonView) arrange() {
	slices.SortFunc(v.Events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(b.On, a.On), b.RecordedAt.Compare(a.RecordedAt), strings.Compare(b.ID, a.ID))
	})
	v.Annulled = map[string]Event{}
	for id, by := range annulled(v.Events, noTime) {
		v.Annulled[id] = *by
	}
}

// annulledView is the record of somebody whose birth or registration was annulled, as they
// were known before. It fails with NotFound when there is none.
func (r *Register) annulledView(ctx context.Context, n citizen.Number) (PersonView, error) {
	v := PersonView{}
	var err error
	if v.Events, err = r.Store.Events(ctx, n); err != nil {
		return v, err
	}
	all := annulments(v.Events, noTime)
	for _, a := range slices.Backward(all) {
		p, ok := r.Fields.stateOf(v.Events, n, 0, a.RecordedAt.Add(-time.Microsecond))
		if !ok {
			continue
		}
		p.Life, p.Ended, v.Person = Annulled, 0, p
		persons := []Person{p}
		err := r.nameKin(ctx, persons, nil)
		v.Person = persons[0]
		v.arrange()
		return v, err
	}
	return PersonView{}, notFound()
}

func (r *Register) family(ctx context.Context, p *Person) ([]Kin, error) {
	var kin []Kin
	var numbers []citizen.Number
	for _, l := range r.Fields.Kin() {
		if rel := *l.Data[0].Relative(p); !rel.IsZero() {
			kin = append(kin, Kin{As: l.Code, Relative: rel})
			if !rel.Number.IsZero() {
				numbers = append(numbers, rel.Number)
			}
		}
	}
	found, err := r.Store.Persons(ctx, numbers, []Field{FieldBirth, FieldSex, FieldLife})
	if err != nil {
		return nil, err
	}
	for i := range kin {
		for _, f := range found {
			if f.Number == kin[i].Relative.Number {
				kin[i].Birth, kin[i].Sex, kin[i].Life = f.Birth, f.Sex, f.Life
			}
		}
	}
	children, err := r.Store.Children(ctx, p.Number)
	slices.SortFunc(children, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.Birth, b.Birth), byNumber(a.Number, b.Number))
	})
	for _, c := range children {
		kin = append(kin, Kin{
			As: KinChild, Relative: Relative{Number: c.Number, Name: c.Name, Nationality: c.Nationality},
			Birth: c.Birth, Sex: c.Sex, Life: c.Life,
		})
	}
	return kin, err
}
