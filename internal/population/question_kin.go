package population

import (
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
)

// What is asked about people and their kin.
const (
	ParentYoung   QuestionKind = "parent_young"   // at the birth
	ParentOld     QuestionKind = "parent_old"     // at the birth
	ParentDead    QuestionKind = "parent_dead"    // long before, or a mother before the birth
	ParentSex     QuestionKind = "parent_sex"     // a mother who is no woman, a father who is no man
	MotherMarried QuestionKind = "mother_married" // to another than the father
	SpouseSex     QuestionKind = "spouse_sex"     // both spouses of one sex
	SpouseYoung   QuestionKind = "spouse_young"   // married below the age of the law
	NumberDiffers QuestionKind = "number_differs" // the number says another year or sex
	NameOther     QuestionKind = "name_other"     // a correction that leaves no word of the name
	VeryOld       QuestionKind = "very_old"       // and alive
	AfterDeath    QuestionKind = "after_death"    // something of later than the death
	PersonAgain   QuestionKind = "person_again"   // somebody of this name, birth and kin is there
)

// The ages between which no question is asked. Of whom a part of the birth is unknown,
// the age is the one that makes a question.
const (
	youngParent = 15
	oldMother   = 55
	oldFather   = 80
	mostYears   = 115
	// A child is born within so many days of its father's death (Luật Hôn nhân và gia đình
	// 2014, Điều 88).
	afterFather = 300
)

// ageAt are the years that somebody has on a day, at least and at most.
func ageAt(birth, on citizen.Day) (least, most int) {
	bFirst, bLast := dayRange(birth)
	oFirst, oLast := dayRange(on)
	return citizen.YearsBetween(bLast, oFirst), citizen.YearsBetween(bFirst, oLast)
}

// ParentQuestions are what is to be asked about somebody's mother or father, who is given
// by sex: female is the mother. It looks at nothing but the two.
func ParentQuestions(child, parent *Person, as citizen.Sex) []QuestionKind {
	var out []QuestionKind
	if child.Birth != 0 && parent.Birth != 0 {
		least, most := ageAt(parent.Birth, child.Birth)
		limit := oldFather
		if as == citizen.Female {
			limit = oldMother
		}
		switch {
		case least < youngParent:
			out = append(out, ParentYoung)
		case most > limit:
			out = append(out, ParentOld)
		}
	}
	if parent.Life == Dead && parent.Ended != 0 && child.Birth != 0 {
		_, died := dayRange(parent.Ended)
		born, _ := dayRange(child.Birth)
		late := died.DaysUntil(born)
		if as == citizen.Female && late > 0 || late > afterFather {
			out = append(out, ParentDead)
		}
	}
	if parent.Sex != citizen.SexUnknown && parent.Sex != as {
		out = append(out, ParentSex)
	}
	return out
}

// OwnQuestions are what is to be asked about what somebody's own data say: the number
// beside birth and sex, the age.
func OwnQuestions(p *Person, today clock.Date) []QuestionKind {
	var out []QuestionKind
	if p.Birth != 0 && p.Number.Year() != p.Birth.Year() || p.Sex != citizen.SexUnknown && p.Number.Sex() != p.Sex {
		out = append(out, NumberDiffers)
	}
	if p.Birth != 0 && p.Life != Dead {
		if least, _ := ageAt(p.Birth, citizen.DayFrom(today)); least > mostYears {
			out = append(out, VeryOld)
		}
	}
	return out
}

// marriageAge is from how many years on somebody may marry (Luật Hôn nhân và gia đình
// 2014, Điều 8).
func marriageAge(s citizen.Sex) int {
	if s == citizen.Female {
		return 18
	}
	return 20
}

// kinFields are what a question tells of a relative.
var kinFields = []Field{FieldNumber, FieldName, FieldBirth, FieldSex, FieldLife}

// askParent asks about a parent whom the register has.
func (d *deed) askParent(child *Person, parent *Person, as citizen.Sex) {
	role := "father"
	if as == citizen.Female {
		role = "mother"
	}
	for _, kind := range ParentQuestions(child, parent, as) {
		d.ask(kind, role, d.r.Fields.fact(role, parent, kinFields...))
	}
}

// askHusband asks when a child's father is another than the mother's husband: who is born
// in a marriage is the child of both (Điều 88).
func (d *deed) askHusband(p *Person, mother *subject) {
	if mother == nil || p.Father.IsZero() || mother.then.Marital != Married || mother.then.Spouse.IsZero() {
		return
	}
	if sameKin(p.Father, mother.then.Spouse) == fits {
		return
	}
	if p.Father.Number.IsZero() || mother.then.Spouse.Number.IsZero() || p.Father.Number != mother.then.Spouse.Number {
		d.ask(MotherMarried, "father", d.r.Fields.fact("mother", &mother.then, FieldNumber, FieldName, FieldMarital, FieldSpouse))
	}
}

// one reads somebody as they are now; nil when the register has nobody of that number.
func (d *deed) one(n citizen.Number) (*Person, error) {
	if n.IsZero() {
		return nil, nil
	}
	found, err := d.tx.Persons(d.ctx, []citizen.Number{n}, nil)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// askOwn asks about what somebody's own data say.
func (d *deed) askOwn(p *Person, field string) {
	for _, kind := range OwnQuestions(p, clock.DayOf(d.r.Clock.Now())) {
		d.ask(kind, field, d.r.Fields.fact("self", p, FieldNumber, FieldBirth, FieldSex))
	}
}

// askCorrected asks what a correction would contradict: kin, marriages, the number.
func (d *deed) askCorrected(s *subject) error {
	e := d.e
	e.Parts = []Part{{Number: s.n, Fields: s.t.InOrder(s.fields), Facts: s.facts}}
	e.RecordedAt = d.r.Clock.Now()
	events := append(slices.Clone(s.events), e)
	p, _ := s.t.stateOf(events, s.n, 0, time.Time{})
	has := func(fields ...Field) bool {
		return slices.ContainsFunc(fields, func(f Field) bool { return slices.Contains(s.fields, f) })
	}
	if has(FieldName) && !shareWord(s.now.Name, p.Name) {
		d.ask(NameOther, "name", d.r.Fields.fact("self", &s.now, FieldNumber, FieldName))
	}
	if has(FieldBirth, FieldSex) {
		d.askOwn(&p, string(s.fields[0]))
		if err := d.askChildren(&p, has(FieldBirth)); err != nil {
			return err
		}
		if err := d.askSpouse(&p, events, has(FieldBirth)); err != nil {
			return err
		}
	}
	if has(FieldBirth, FieldMother, FieldFather) {
		if err := d.askParents(&p); err != nil {
			return err
		}
	}
	if has(FieldBirth, FieldLife) {
		d.askDeath(&p)
	}
	if has(FieldLife) {
		return d.askChildren(&p, true)
	}
	return nil
}

// shareWord says that two names have a word in common, without accents.
func shareWord(a, b string) bool {
	words := searchWords(b)
	return slices.ContainsFunc(searchWords(a), func(w string) bool { return slices.Contains(words, w) })
}

// askChildren asks about somebody as the parent that they are; withBirth also when.
func (d *deed) askChildren(p *Person, withBirth bool) error {
	children, err := d.tx.Children(d.ctx, p.Number)
	if err != nil {
		return err
	}
	slices.SortFunc(children, func(a, b Person) int { return byNumber(a.Number, b.Number) })
	for i := range children {
		c := &children[i]
		as := citizen.Male
		if c.Mother.Number == p.Number {
			as = citizen.Female
		}
		for _, kind := range ParentQuestions(c, p, as) {
			if kind == ParentSex || withBirth {
				d.ask(kind, "birth", d.r.Fields.fact("child", c, kinFields...))
			}
		}
	}
	return nil
}

// askSpouse asks about somebody as the spouse that they are, or were.
func (d *deed) askSpouse(p *Person, events []Event, withBirth bool) error {
	spouse, err := d.one(p.Spouse.Number)
	if err != nil {
		return err
	}
	if spouse != nil && p.Marital == Married && spouse.Sex == p.Sex && p.Sex != citizen.SexUnknown {
		d.ask(SpouseSex, "sex", d.r.Fields.fact("spouse", spouse, kinFields...))
	}
	if !withBirth {
		return nil
	}
	young := false
	for _, s := range d.r.Fields.timeline(events, p.Number, time.Time{}) {
		if s.event.Kind == Marriage && !oldEnough(p.Birth, marriageAge(p.Sex), s.on) {
			d.ask(SpouseYoung, "birth", d.r.Fields.fact("self", p, FieldNumber, FieldMarital).after(&s.event))
			young = true
		}
	}
	if today := citizen.DayFrom(clock.DayOf(d.r.Clock.Now())); !young && p.Marital != Single && p.Marital != "" &&
		!oldEnough(p.Birth, marriageAge(p.Sex), today) {
		d.ask(SpouseYoung, "birth", d.r.Fields.fact("self", p, FieldNumber, FieldMarital))
	}
	return nil
}

// askParents asks about the parents of somebody who is in the register.
func (d *deed) askParents(p *Person) error {
	mother, err := d.one(p.Mother.Number)
	if err != nil {
		return err
	}
	if mother != nil {
		d.askParent(p, mother, citizen.Female)
		children, err := d.tx.Children(d.ctx, mother.Number)
		if err != nil {
			return err
		}
		for i := range children {
			if c := &children[i]; c.Number != p.Number && c.Mother.Number == mother.Number && TooNear(p.Birth, c.Birth) {
				d.ask(BirthsNear, "birth", d.r.Fields.fact("child", c, birthFields...))
			}
		}
	}
	father, err := d.one(p.Father.Number)
	if err == nil && father != nil {
		d.askParent(p, father, citizen.Male)
	}
	return err
}

// askDeath asks about what is of later than somebody's death. What they did themselves
// later is no question: their timeline refuses it.
func (d *deed) askDeath(p *Person) {
	if p.Life != Dead || p.Ended == 0 {
		return
	}
	_, died := dayRange(p.Ended)
	later := slices.ContainsFunc(p.Cards, func(c Card) bool { return c.Issued != 0 && died.Before(FirstOf(c.Issued)) })
	if later || p.PermanentSince != 0 && died.Before(FirstOf(p.PermanentSince)) || p.TemporarySince != 0 && died.Before(FirstOf(p.TemporarySince)) {
		d.ask(AfterDeath, "on", d.r.Fields.fact("self", p, FieldNumber, FieldCards, FieldPermanent, FieldTemporary))
	}
}

// askDead asks about somebody who is to be dead.
func (d *deed) askDead(s *subject) error {
	p := s.now
	p.Life, p.Ended = Dead, d.e.On
	d.askDeath(&p)
	children, err := d.tx.Children(d.ctx, s.n)
	if err != nil {
		return err
	}
	slices.SortFunc(children, func(a, b Person) int { return byNumber(a.Number, b.Number) })
	for i := range children {
		as := citizen.Male
		if children[i].Mother.Number == s.n {
			as = citizen.Female
		}
		if slices.Contains(ParentQuestions(&children[i], &p, as), ParentDead) {
			d.ask(AfterDeath, "on", d.r.Fields.fact("child", &children[i], kinFields...))
		}
	}
	return nil
}

// askAgain looks whether somebody who is to be registered is there under another number.
func (d *deed) askAgain(p *Person) error {
	all, _ := SameLetters(p.Name, p.Birth.Year())
	if err := d.tx.HoldKeys(d.ctx, []int64{all}); err != nil {
		return err
	}
	others, err := d.tx.Namesakes(d.ctx, p.Name, p.Birth)
	if err != nil {
		return err
	}
	slices.SortFunc(others, func(a, b Person) int { return byNumber(a.Number, b.Number) })
	for i := range others {
		if o := &others[i]; o.Number != p.Number && p.Birth.Whole() && o.Birth == p.Birth && SameChild(p, o, "", "") {
			d.ask(PersonAgain, "name", d.r.Fields.fact("holder", o, birthFields...))
		}
	}
	return nil
}
