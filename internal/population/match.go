package population

import (
	"context"
	"maps"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/org"
	"dean06/internal/platform/fault"
)

// Match says of each claim whether it is about somebody and which of the claimed facts
// fit. The rule is one for all who ask, and written in docs/population.md: a claim is
// about somebody who has the number and whose name fits, or whose birth fits in more than
// the year; then each claimed fact is answered, else nothing is.
//
// It fails with Denied ("population.field.denied") naming fields that the right does not
// grant, with Invalid when a claim has no number, has nothing that could prove it
// ("population.claim.unproven") or claims what cannot be compared, and with TooLarge
// beyond MaxBatch.
func (r *Register) Match(ctx context.Context, in Inquiry, claims []Claim) ([]Verdict, error) {
	if err := r.may(ctx, in, LookUp); err != nil {
		return nil, err
	}
	if len(claims) > MaxBatch {
		err := fault.New(fault.TooLarge, "population.batch.large", fault.Args{"max": MaxBatch, "claims": len(claims)})
		return nil, r.refuse(ctx, in, nil, len(claims), err)
	}
	fields, err := r.Fields.claimed(claims)
	if err == nil {
		err = in.allows(fields)
	}
	if err != nil {
		return nil, r.refuse(ctx, in, fields, len(claims), err)
	}
	held, of, err := r.held(ctx, claims, fields)
	if err != nil {
		return nil, err
	}
	verdicts := make([]Verdict, len(claims))
	var batch Batch
	asked := map[citizen.Number]int{}
	subjects := make([]citizen.Number, 0, len(claims))
	outcome := NotFound
	for i := range claims {
		p := r.choose(held, of[i], claims[i].Key)
		for _, n := range of[i] {
			asked[n]++
			batch.Same = max(batch.Same, asked[n])
		}
		if p == nil {
			batch.Missed++
			// Somebody's number was asked about, if only with another's name: that
			// person reads it in the log.
			subjects = append(subjects, known(held, of[i])...)
			continue
		}
		subjects = append(subjects, p.Number)
		verdicts[i] = r.verdict(&claims[i], p)
		outcome = Answered
	}
	e := r.entry(in, fields, len(claims), outcome, subjects)
	if len(claims) > 1 {
		batch.InRow = longestRow(slices.Collect(maps.Keys(asked)))
		e.Batch = batch
	}
	return verdicts, r.Store.Log(ctx, e)
}

// claimed gives the fields that claims are about.
func (t *FieldTable) claimed(claims []Claim) ([]Field, error) {
	set := map[Field]bool{}
	for i := range claims {
		c := &claims[i]
		if c.Number.IsZero() && c.OldNumber.IsZero() {
			return nil, fault.New(fault.Invalid, "population.key.missing", fault.Args{"n": i + 1})
		}
		if !c.Proves() {
			return nil, fault.New(fault.Invalid, "population.claim.unproven", fault.Args{"n": i + 1})
		}
		set[FieldNumber] = set[FieldNumber] || !c.Number.IsZero()
		set[FieldOldNumber] = set[FieldOldNumber] || !c.OldNumber.IsZero()
		set[FieldName] = set[FieldName] || c.Name != ""
		set[FieldBirth] = set[FieldBirth] || c.Birth != 0
		for f := range c.Values {
			switch {
			case !t.comparable(f):
				return nil, fault.New(fault.Invalid, "population.claim.field", fault.Args{"n": i + 1, "field": string(f)})
			case f == FieldNumber, f == FieldOldNumber, f == FieldName, f == FieldBirth:
				return nil, fault.New(fault.Invalid, "population.claim.twice", fault.Args{"n": i + 1, "field": string(f)})
			}
			set[f] = true
		}
	}
	fields := make([]Field, 0, len(set))
	for _, f := range t.all {
		if set[f] {
			fields = append(fields, f)
		}
	}
	return fields, nil
}

// comparable says that a claim may be about a field: it is part of a person.
func (t *FieldTable) comparable(f Field) bool {
	l := t.Line(f)
	return l != nil && len(l.Data) > 0
}

// HasNames says that the values of a field are names of persons: of relatives, or other
// names of the person.
func (t *FieldTable) HasNames(f Field) bool {
	l := t.Line(f)
	return l != nil && len(l.Data) > 0 && (l.Data[0].Relative != nil || l.Data[0].Texts != nil)
}

// allows fails with Denied when a right does not grant all of these fields. The numbers
// by which somebody is asked about tell nothing.
func (in Inquiry) allows(fields []Field) error {
	var denied []string
	for _, f := range fields {
		if f != FieldNumber && f != FieldOldNumber && !in.grants(f) {
			denied = append(denied, string(f))
		}
	}
	if len(denied) == 0 {
		return nil
	}
	return fault.New(fault.Denied, "population.field.denied", fault.Args{"fields": strings.Join(denied, ", ")})
}

func (in Inquiry) grants(f Field) bool {
	return slices.Contains(in.Granted, f) || slices.Contains(in.Granted, AllFields)
}

// held reads whom claims may mean: by number, and for each claim the numbers that it
// may mean (more than one only for an old number that several people have).
func (r *Register) held(ctx context.Context, claims []Claim, fields []Field) (map[citizen.Number]*Person, [][]citizen.Number, error) {
	of := make([][]citizen.Number, len(claims))
	flat := make([]citizen.Number, len(claims))
	var old []citizen.OldNumber
	for i := range claims {
		if claims[i].Number.IsZero() {
			old = append(old, claims[i].OldNumber)
			continue
		}
		flat[i] = claims[i].Number
		of[i] = flat[i : i+1 : i+1]
	}
	numbers := slices.Clone(flat)
	if len(old) > 0 {
		who, err := r.Store.ByOldNumber(ctx, old)
		if err != nil {
			return nil, nil, err
		}
		for i := range claims {
			if claims[i].Number.IsZero() {
				of[i] = who[claims[i].OldNumber]
				numbers = append(numbers, of[i]...)
			}
		}
	}
	slices.SortFunc(numbers, byNumber)
	numbers = slices.Compact(numbers)
	if len(numbers) > 0 && numbers[0].IsZero() {
		numbers = numbers[1:]
	}
	persons, err := r.Store.Persons(ctx, numbers, fields)
	if err != nil {
		return nil, nil, err
	}
	held := make(map[citizen.Number]*Person, len(persons))
	for i := range persons {
		held[persons[i].Number] = &persons[i]
	}
	return held, of, r.nameKin(ctx, persons, fields)
}

func byNumber(a, b citizen.Number) int {
	switch {
	case a.Int() < b.Int():
		return -1
	case a.Int() > b.Int():
		return 1
	}
	return 0
}

// nameKin fills in the names of relatives who are in the register themselves.
func (r *Register) nameKin(ctx context.Context, persons []Person, fields []Field) error {
	var kin []*FieldLine
	for _, l := range r.Fields.kin {
		if fields == nil || slices.Contains(fields, l.Code) {
			kin = append(kin, l)
		}
	}
	var unnamed []citizen.Number
	each := func(f func(*Relative)) {
		for i := range persons {
			for _, k := range kin {
				if rel := k.Data[0].Relative(&persons[i]); !rel.Number.IsZero() && rel.Name == "" {
					f(rel)
				}
			}
		}
	}
	each(func(rel *Relative) { unnamed = append(unnamed, rel.Number) })
	if len(unnamed) == 0 {
		return nil
	}
	slices.SortFunc(unnamed, byNumber)
	found, err := r.Store.Persons(ctx, slices.Compact(unnamed), []Field{FieldName, FieldNationality})
	if err != nil {
		return err
	}
	byNumber := make(map[citizen.Number]*Person, len(found))
	for i := range found {
		byNumber[found[i].Number] = &found[i]
	}
	each(func(rel *Relative) {
		if p := byNumber[rel.Number]; p != nil {
			rel.Name, rel.Nationality = p.Name, p.Nationality
		}
	})
	return nil
}

// Proves says that a key has something beside its number by which it can be known whom it
// means: a name, or a birth with at least the month. The year is in the number itself and
// proves nothing.
func (k *Key) Proves() bool { return k.Birth.Month() != 0 || citizen.Fold(k.Name) != "" }

// proven says that a key is about a person who has its number.
func (k *Key) proven(p *Person) bool {
	return k.Name != "" && citizen.SameName(k.Name, p.Name) ||
		k.Birth.Month() != 0 && p.Birth.Month() != 0 && k.Birth.Fits(p.Birth)
}

// choose gives the one whom a key means. An old number that is two people's, both of whom
// the key fits, means nobody.
func (r *Register) choose(held map[citizen.Number]*Person, numbers []citizen.Number, k Key) *Person {
	var chosen *Person
	for _, n := range numbers {
		p := held[n]
		if p == nil || !k.proven(p) {
			continue
		}
		if chosen != nil {
			return nil
		}
		chosen = p
	}
	return chosen
}

func known(held map[citizen.Number]*Person, numbers []citizen.Number) []citizen.Number {
	return slices.DeleteFunc(slices.Clone(numbers), func(n citizen.Number) bool { return held[n] == nil })
}

func (r *Register) verdict(c *Claim, p *Person) Verdict {
	v := Verdict{Found: true, Fields: make(map[Field]bool, 2+len(c.Values))}
	if c.Name != "" {
		v.Fields[FieldName] = citizen.SameName(c.Name, p.Name)
	}
	if c.Birth != 0 {
		v.Fields[FieldBirth] = c.Birth.Fits(p.Birth)
	}
	if !c.Number.IsZero() && !c.OldNumber.IsZero() {
		v.Fields[FieldOldNumber] = slices.Contains(p.OldNumbers, c.OldNumber)
	}
	for f, value := range c.Values {
		v.Fields[f] = r.fits(f, strings.TrimSpace(value), p)
	}
	return v
}

// fits compares one claimed value with what is held. What is not known fits nothing.
func (r *Register) fits(f Field, claim string, p *Person) bool {
	l := r.Fields.Line(f)
	if claim == "" || l == nil || len(l.Data) == 0 {
		return false
	}
	d := &l.Data[0]
	switch {
	case d.Text != nil:
		return d.Form.fits(claim, *d.Text(p))
	case d.Place != nil:
		return r.samePlace(claim, *d.Place(p))
	case d.Sex != nil:
		return len(claim) == 1 && citizen.Sex(claim[0]-'0') == *d.Sex(p)
	case d.Relative != nil:
		return sameRelative(claim, *d.Relative(p))
	case d.Texts != nil:
		return slices.ContainsFunc(*d.Texts(p), func(name string) bool { return citizen.SameName(claim, name) })
	case d.Cards != nil:
		return slices.ContainsFunc(*d.Cards(p), func(c Card) bool { return c.Serial != "" && c.Serial == claim })
	case d.Life != nil:
		return claim == string(*d.Life(p))
	case d.Day != nil:
		day, err := citizen.ParseDay(claim)
		return err == nil && day.Fits(*d.Day(p))
	}
	return false
}

func (form TextForm) fits(claim, held string) bool {
	switch form {
	case FormCode:
		return sameCode(claim, held)
	case FormNation:
		return strings.EqualFold(claim, held)
	case FormHousehold:
		return sameHousehold(held, claim)
	case FormRelation:
		return claim == held
	}
	return held != "" && citizen.SameName(claim, held)
}

// sameCode compares codes of two digits, of which older systems leave out the zero.
func sameCode(claim, held string) bool {
	return held != "" && (claim == held || "0"+claim == held)
}

func sameRelative(claim string, held Relative) bool {
	if strings.Trim(claim, "0123456789") == "" {
		return claim == held.Number.Reveal() || claim == held.OldNumber.Reveal()
	}
	return held.Name != "" && citizen.SameName(claim, held.Name)
}

// samePlace compares a claimed code, of a province or a commune, old or new, with a
// place: the code itself, or one is what became of the other.
func (r *Register) samePlace(claim string, held Place) bool {
	parts := strings.Split(claim, "/")
	claim = parts[len(parts)-1]
	switch len(claim) {
	case 2:
		return held.Province != "" && (claim == held.Province ||
			slices.Contains(r.Units.SameProvince(claim), held.Province) && r.inProvince(held, claim))
	case 5:
		p := Place{Commune: claim}
		if len(parts) == 3 {
			p.District = parts[1]
		}
		return r.sameCommune(p, held)
	}
	return false
}

// sameCommune says that two places may be one: their communes are the same, or one has
// ground of the other. A code alone, without a district, is the one or the other commune
// that had it.
func (r *Register) sameCommune(claim, held Place) bool {
	if claim.Commune == "" || held.Commune == "" {
		return false
	}
	if claim.Commune == held.Commune && (claim.District == "" || claim.District == held.District) {
		return true
	}
	meant := Meant(r.Units, held)
	claimed := r.Units.Coded(claim.Commune)
	if claim.District != "" {
		claimed = Meant(r.Units, claim)
	}
	return slices.ContainsFunc(claimed, func(c Unit) bool {
		return slices.ContainsFunc(meant, func(h Unit) bool { return r.Units.Kin(c, h) })
	})
}

// inProvince says that a place lies in a province, old or new.
func (r *Register) inProvince(held Place, province string) bool {
	if held.Province == province {
		return true
	}
	codes, on := r.Units.Successors(held.Commune), org.Reform
	if held.District == "" {
		codes, on = r.Units.Old(held.Commune), LastOldDay
	}
	return slices.ContainsFunc(codes, func(code string) bool {
		u, ok := r.Units.Commune(code, on)
		return ok && u.Province == province
	})
}
