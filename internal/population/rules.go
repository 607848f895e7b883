package population

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// rules decides what an event makes true of whom, or which rule it breaks.
func (d *deed) rules() error {
	switch d.e.Kind {
	case Registration:
		return d.registration()
	case Birth:
		return d.birth()
	case Death:
		return d.death()
	case GoneMissing, FoundAgain:
		return d.missing()
	case Marriage:
		return d.marriage()
	case Divorce:
		return d.divorce()
	case MovePerm:
		return d.movePermanent()
	case MoveTemp, MovePresent:
		return d.moveOther()
	case Split:
		return d.split()
	case Join:
		return d.join()
	case Correction:
		return d.correction()
	case NewCard:
		return d.card()
	case NameChange:
		return d.rename()
	case Guardianship:
		return d.guardian()
	}
	return nil
}

// spoken is a day in a message: a whole one is written in the manner of the reader's language.
func spoken(d citizen.Day) any {
	if d.Whole() {
		return d.Date()
	}
	return d.String()
}

// living is somebody who lives on the day of the event.
func (d *deed) living(n citizen.Number, field string) (*subject, error) {
	s, err := d.person(n, field)
	if err != nil {
		return nil, err
	}
	switch {
	case d.e.On < s.then.Birth && !d.e.On.Fits(s.then.Birth):
		d.wrong("on", "population.day.before_birth", nil)
	case s.then.Life == Dead:
		d.wrong(field, "population.event.dead", fault.Args{"day": spoken(s.then.Ended)})
	}
	return s, nil
}

// all are the one named and who goes along, each once.
func (d *deed) all() ([]*subject, error) {
	one, err := d.living(d.e.Number, "number")
	if err != nil {
		return nil, err
	}
	out := []*subject{one}
	for _, n := range d.e.Members {
		s, err := d.living(n, "members")
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

func (d *deed) codes(p *Person) {
	for _, datum := range d.r.Fields.file {
		if datum.Text == nil || datum.Form != FormCode {
			continue
		}
		if code := *datum.Text(p); code != "" && !datum.List().Has(code) {
			d.wrong(datum.Member, "population.code.unknown", fault.Args{"code": cut(code, 20)})
		}
	}
}

// place checks that a commune existed on a day, or on one of those that a day of which a
// part is unknown can be. A district that was left out is that of the day: without one the
// code would mean a commune of today.
func (d *deed) place(p *Place, field string, on citizen.Day) {
	if p.Country != "" && !isNation(p.Country) {
		d.wrong(field, "population.code.unknown", fault.Args{"code": cut(p.Country, 20)})
	}
	if p.Country != "" && p.Country != vietnam {
		return
	}
	coded := d.r.Units.Coded(p.Commune)
	var fit []Unit
	for _, u := range coded {
		if (on == 0 || u.Within(on)) && u.Province == p.Province && (p.District == "" || u.District == p.District) {
			fit = append(fit, u)
		}
	}
	switch {
	case len(fit) > 0:
		if p.District == "" && on != 0 {
			p.District = fit[0].District
		}
	case len(coded) > 0 && on != 0:
		d.notThen(*p, coded, field, FirstOf(on))
	default:
		d.wrong(field, "population.place.unknown", fault.Args{"code": cut(p.Commune, 20)})
	}
}

// notThen says when the commune of a place was, and what has its ground on the day.
func (d *deed) notThen(p Place, coded []Unit, field string, on clock.Date) {
	was := coded[0]
	for _, u := range coded {
		if u.From.After(on) {
			break
		}
		was = u
	}
	args := fault.Args{"code": cut(p.Commune, 20), "name": was.Name, "date": on, "from": was.From, "last": was.Last()}
	if was.On(on) { // there was one with the code: elsewhere
		args["where"] = strings.TrimSuffix(was.Province+"/"+was.District, "/")
		d.wrong(field, "population.place.elsewhere", args)
		return
	}
	var ground []string
	for _, u := range d.r.Units.Became(was, on) {
		ground = append(ground, u.Name+" ("+u.Code+")")
	}
	args["ground"] = strings.Join(ground, ", ")
	key := "population.place.ended"
	switch {
	case len(ground) == 0:
		key = "population.place.gone"
	case was.From.After(on):
		key = "population.place.begins"
	}
	d.wrong(field, key, args)
}

func (d *deed) registration() error {
	p := d.e.Facts
	d.codes(&p)
	switch {
	case p.Number.IsZero():
		d.wrong("number", "citizen.number.digits", nil)
	case p.Name == "":
		d.wrong("name", "population.name.missing", nil)
	case p.Birth == 0:
		d.wrong("birth", "population.birth.missing", nil)
	}
	had, err := d.tx.Events(d.ctx, p.Number)
	if err != nil {
		return err
	}
	if len(had) > 0 {
		return fault.New(fault.Conflict, "population.load.taken", nil).At("number")
	}
	if p.Life == "" {
		p.Life = Alive
	}
	d.e.Number, d.e.On = p.Number, p.Birth
	if len(d.faults) > 0 {
		return nil
	}
	d.newcomer(p)
	d.askOwn(&p, "number")
	if err := d.askParents(&p); err != nil {
		return err
	}
	return d.askAgain(&p)
}

func (d *deed) newcomer(p Person) {
	s := &subject{t: d.r.Fields, n: p.Number}
	s.becomes(p, s.t.state...)
	d.people[p.Number] = s
}

func (d *deed) birth() error {
	p := d.e.Facts
	said := p
	d.e.Said = &said
	p.Birth, p.Life, p.Marital, p.Version = d.e.On, Alive, Single, 0
	if p.Name == "" {
		d.wrong("name", "population.name.missing", nil)
	}
	if p.Sex != citizen.Male && p.Sex != citizen.Female {
		d.wrong("sex", "population.birth.sex", nil)
	}
	if !d.e.On.Whole() {
		d.wrong("on", "population.birth.whole", nil)
	}
	d.codes(&p)
	if !d.province(p.Birthplace.Province) {
		d.wrong("birthplace", "population.birth.province", nil)
	} else if p.Birthplace.Commune != "" {
		d.place(&p.Birthplace, "birthplace", d.e.On)
	}
	mother, err := d.parent(&p.Mother, "mother", citizen.Female)
	if err != nil {
		return err
	}
	father, err := d.parent(&p.Father, "father", citizen.Male)
	if err != nil {
		return err
	}
	if !p.Mother.Number.IsZero() && p.Mother.Number == p.Father.Number {
		d.wrong("father", "population.birth.same_parent", nil)
	}
	for _, parent := range []*subject{father, mother} {
		if parent == nil {
			continue
		}
		as := citizen.Male
		if parent == mother {
			as = citizen.Female
		}
		d.askParent(&p, &parent.now, as)
		p.Ethnicity, p.Religion = cmp.Or(p.Ethnicity, parent.now.Ethnicity), cmp.Or(p.Religion, parent.now.Religion)
		p.Nationality = cmp.Or(p.Nationality, parent.now.Nationality)
		if p.Origin.IsZero() {
			p.Origin = parent.now.Origin
		}
	}
	p.Nationality, p.Blood = cmp.Or(p.Nationality, vietnam), cmp.Or(p.Blood, "00")
	if err := d.childHome(&p, mother, father); err != nil || len(d.faults) > 0 {
		return err
	}
	if err := d.askBirth(&p); err != nil {
		return err
	}
	d.askHusband(&p, mother)
	if p.Number, err = d.give(p.Birthplace.Province, p.Birth.Year(), p.Sex); err != nil {
		return err
	}
	d.e.Number, d.e.Facts = p.Number, p
	d.newcomer(p)
	return nil
}

// province says that a province existed on the day of the event, or on one that it can be.
func (d *deed) province(code string) bool {
	for _, on := range []clock.Date{FirstOf(d.e.On), LastOf(d.e.On)} {
		if _, ok := d.r.Units.Province(code, on); ok {
			return true
		}
	}
	return false
}

// parent checks a parent who is in the register.
func (d *deed) parent(rel *Relative, field string, sex citizen.Sex) (*subject, error) {
	if rel.Number.IsZero() {
		return nil, nil
	}
	s, err := d.person(rel.Number, field)
	if err != nil {
		return nil, err
	}
	switch {
	case s.now.Sex != sex && s.now.Sex != citizen.SexUnknown:
		d.wrong(field, "population.birth.parent_sex", nil)
	case s.now.Birth.Year()+10 > d.e.On.Year():
		d.wrong(field, "population.birth.parent_age", nil)
	case s.now.Life == Dead && s.now.Ended != 0 && s.now.Ended.Year()+1 < d.e.On.Year(),
		sex == citizen.Female && s.then.Life == Dead && s.then.Ended < d.e.On && s.then.Ended.Whole():
		d.wrong(field, "population.birth.parent_dead", fault.Args{"day": spoken(s.now.Ended)})
	}
	// The name is read from the register.
	*rel = Relative{Number: rel.Number}
	return s, nil
}

// childHome gives a child the home of its household, or of its mother or father.
func (d *deed) childHome(p *Person, mother, father *subject) error {
	for _, parent := range []*subject{mother, father} {
		if parent != nil && p.Permanent.IsZero() {
			p.Permanent, p.Present = parent.now.Permanent, parent.now.Permanent
		}
		if parent != nil && p.Household == "" && parent.now.Life != Dead {
			p.Household = parent.now.Household
		}
	}
	if p.PermanentSince == 0 && !p.Permanent.IsZero() {
		p.PermanentSince = p.Birth
	}
	if p.Household == "" {
		p.Relation = ""
		return nil
	}
	members, err := d.members(p.Household)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		d.wrong("household", "population.household.unknown", nil)
		return nil
	}
	headFirst(members)
	p.Household = members[0].Household
	if p.Relation == "" {
		p.Relation = bornInto(members, p)
	}
	if p.Relation == HeadOfHousehold {
		d.wrong("relation", "population.household.two_heads", nil)
	}
	if p.Permanent.IsZero() {
		p.Permanent, p.Present, p.PermanentSince = members[0].Permanent, members[0].Permanent, p.Birth
	}
	return nil
}

func (d *deed) death() error {
	s, err := d.person(d.e.Number, "number")
	if err != nil {
		return err
	}
	switch {
	case s.now.Life == Dead:
		d.wrong("number", "population.event.dead", fault.Args{"day": spoken(s.now.Ended)})
	case d.e.On < s.now.Birth && !d.e.On.Fits(s.now.Birth):
		d.wrong("on", "population.day.before_birth", nil)
	}
	if len(d.faults) > 0 {
		return nil
	}
	s.becomes(Person{Life: Dead, Ended: d.e.On}, FieldLife)
	if err := d.askDead(s); err != nil {
		return err
	}
	if !s.now.Spouse.Number.IsZero() && s.now.Marital == Married {
		w, err := d.spouseOf(s)
		if err != nil {
			return err
		}
		if w != nil {
			w.becomes(Person{Marital: Alone}, FieldMarital, FieldSpouse)
		}
	}
	if s.now.Household == "" {
		return nil
	}
	if err := d.leave(s.now.Household, s); err != nil {
		return err
	}
	s.becomes(Person{}, FieldHousehold)
	return nil
}

// spouseOf is the spouse, nil when the register does not have them as such.
func (d *deed) spouseOf(s *subject) (*subject, error) {
	w, err := d.person(s.now.Spouse.Number, "other")
	if fault.Of(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil || w.now.Spouse.Number != s.n || w.now.Marital != Married || w.now.Life == Dead {
		return nil, err
	}
	return w, nil
}

func (d *deed) missing() error {
	s, err := d.living(d.e.Number, "number")
	if err != nil {
		return err
	}
	switch {
	case len(d.faults) > 0:
	case d.e.Kind == GoneMissing && s.then.Life != Alive:
		d.wrong("number", "population.event.missing", nil)
	case d.e.Kind == FoundAgain && s.then.Life != Missing:
		d.wrong("number", "population.event.not_missing", nil)
	case d.e.Kind == GoneMissing:
		s.becomes(Person{Life: Missing, Ended: d.e.On}, FieldLife)
	default:
		s.becomes(Person{Life: Alive}, FieldLife)
	}
	return nil
}

// marriage keeps to Luật Hôn nhân và gia đình 2014, Điều 5 and Điều 8.
func (d *deed) marriage() error {
	if d.e.Other.IsZero() || d.e.Other == d.e.Number {
		d.wrong("other", "population.marriage.two", nil)
		return nil
	}
	a, err := d.living(d.e.Number, "number")
	if err != nil {
		return err
	}
	b, err := d.living(d.e.Other, "other")
	if err != nil {
		return err
	}
	for i, s := range []*subject{a, b} {
		field, years := []string{"number", "other"}[i], marriageAge(s.then.Sex)
		switch {
		case s.then.Marital == Married:
			d.wrong(field, "population.marriage.married", nil)
		case s.then.Life == Missing:
			d.wrong(field, "population.event.missing", nil)
		case !oldEnough(s.then.Birth, years, d.e.On):
			d.wrong(field, "population.marriage.age", fault.Args{"years": years})
		}
	}
	if a.then.Sex == b.then.Sex && a.then.Sex != citizen.SexUnknown {
		d.wrong("other", "population.marriage.sex", nil)
	}
	if kindred(&a.then, &b.then) {
		d.wrong("other", "population.marriage.kin", nil)
	}
	if len(d.faults) > 0 {
		return nil
	}
	if err := d.askMarriage(a, b); err != nil {
		return err
	}
	a.becomes(Person{Marital: Married, Spouse: Relative{Number: b.n}}, FieldMarital, FieldSpouse)
	b.becomes(Person{Marital: Married, Spouse: Relative{Number: a.n}}, FieldMarital, FieldSpouse)
	return nil
}

// oldEnough counts a birth of which a part is unknown from the first day that it can be
// (Thông tư liên tịch 01/2016/TTLT-TANDTC-VKSNDTC-BTP, Điều 2).
func oldEnough(birth citizen.Day, years int, on citizen.Day) bool {
	b := FirstOf(birth)
	return !FirstOf(on).Before(clock.NewDate(b.Year()+years, b.Month(), b.Day()))
}

func kindred(a, b *Person) bool {
	parent := func(child, of *Person) bool {
		return child.Father.Number == of.Number || child.Mother.Number == of.Number
	}
	shared := func(x, y citizen.Number) bool { return !x.IsZero() && x == y }
	return parent(a, b) || parent(b, a) || shared(a.Father.Number, b.Father.Number) || shared(a.Mother.Number, b.Mother.Number)
}

func (d *deed) divorce() error {
	a, err := d.living(d.e.Number, "number")
	if err != nil {
		return err
	}
	if a.then.Marital != Married || a.then.Spouse.IsZero() {
		d.wrong("number", "population.divorce.unmarried", nil)
		return nil
	}
	if d.e.Other.IsZero() {
		d.e.Other = a.then.Spouse.Number
	}
	if a.then.Spouse.Number != d.e.Other {
		d.wrong("other", "population.divorce.other", nil)
		return nil
	}
	a.becomes(Person{Marital: Alone}, FieldMarital, FieldSpouse)
	if d.e.Other.IsZero() {
		return nil // of somebody who is not in the register
	}
	b, err := d.person(d.e.Other, "other")
	if err == nil && b.then.Spouse.Number == a.n {
		b.becomes(Person{Marital: Alone}, FieldMarital, FieldSpouse)
	}
	return err
}

func (d *deed) card() error {
	s, err := d.living(d.e.Number, "number")
	if err != nil {
		return err
	}
	if len(d.e.Facts.Cards) != 1 {
		d.wrong("card", "population.card.one", nil)
		return nil
	}
	c := d.e.Facts.Cards[0]
	if c.Issued == 0 {
		c.Issued = d.e.On
	}
	if !slices.Contains(cardKinds, c.Kind) {
		d.wrong("card", "population.card.kind", nil)
	}
	if c.Expires != 0 && c.Expires <= c.Issued {
		d.wrong("expires", "population.card.expires", nil)
	}
	if len(c.Serial) > 40 {
		d.wrong("serial", "population.text.long", fault.Args{"max": 40})
	}
	if c.Serial != "" && slices.ContainsFunc(s.now.Cards, func(o Card) bool { return o.Serial == c.Serial }) {
		d.wrong("serial", "population.card.again", nil)
	}
	if err := d.askCard(s.n, c); err != nil {
		return err
	}
	s.becomes(Person{Cards: []Card{c}}, FieldCards)
	return nil
}

func (d *deed) rename() error {
	s, err := d.living(d.e.Number, "number")
	if err != nil {
		return err
	}
	switch name := d.e.Facts.Name; name {
	case "":
		d.wrong("name", "population.name.missing", nil)
	case s.then.Name:
		d.wrong("name", "population.name.same", nil)
	default:
		s.becomes(Person{Name: name}, FieldName)
	}
	return nil
}

func (d *deed) guardian() error {
	s, err := d.living(d.e.Number, "number")
	if err != nil {
		return err
	}
	g := d.e.Facts.Guardian
	switch {
	case g.IsZero() && s.then.Guardian.IsZero():
		d.wrong("guardian", "population.guardian.none", nil)
	case g.Number == d.e.Number:
		d.wrong("guardian", "population.guardian.self", nil)
	case !g.Number.IsZero():
		o, err := d.living(g.Number, "guardian")
		if err != nil {
			return err
		}
		if !oldEnough(o.then.Birth, 18, d.e.On) {
			d.wrong("guardian", "population.guardian.age", nil)
		}
		g = Relative{Number: g.Number}
	}
	s.becomes(Person{Guardian: g}, FieldGuardian)
	return nil
}

func (d *deed) correction() error {
	s, err := d.person(d.e.Number, "number")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.events, func(e Event) bool { return e.ID == d.e.Corrects })
	if i < 0 {
		d.wrong("corrects", "population.correction.event", nil)
		return nil
	}
	target := s.events[i]
	said := d.e.Facts
	d.e.Said = &said
	if annulled(s.events, time.Time{})[target.ID] != nil || target.Kind == Annulment {
		d.wrong("corrects", "population.annul.annulled", nil)
		return nil
	}
	if d.e.On == 0 {
		d.e.On = target.On
	}
	part := target.part(s.n)
	d.e.Fields = s.t.InOrder(d.e.Fields)
	if len(d.e.Fields) == 0 || part == nil {
		d.wrong("corrects", "population.correction.fields", nil)
		return nil
	}
	if (target.Kind == Death || part.Facts.Life == Dead) && slices.Contains(d.e.Fields, FieldLife) { // of a death, or of what corrected one
		d.e.Facts.Life = Dead // another day; somebody who was never dead needs a court, not a correction
	}
	today := citizen.DayFrom(clock.DayOf(d.r.Clock.Now()))
	p := d.e.Facts
	d.codes(&p)
	for _, f := range d.e.Fields {
		switch {
		case s.t.Line(f).Fixed || !slices.Contains(part.Fields, f):
			d.wrong(string(f), "population.correction.field", fault.Args{"field": string(f)})
		case f == FieldName && p.Name == "":
			d.wrong("name", "population.name.missing", nil)
		case f == FieldBirth && p.Birth == 0:
			d.wrong("birth", "population.birth.missing", nil)
		case p.Birth > today || p.Ended > today || p.PermanentSince > today:
			d.wrong(string(f), "population.day.future", nil)
		case f == FieldPermanent && !p.Permanent.IsZero():
			on := cmp.Or(p.PermanentSince, part.Facts.PermanentSince, target.On)
			if on == target.On && target.Kind == Registration { // who was born then may have come there at any time
				on = 0
			}
			d.place(&d.e.Facts.Permanent, "permanent", on)
			if d.e.Facts.PermanentSince == 0 {
				d.e.Facts.PermanentSince = part.Facts.PermanentSince
			}
		case f == FieldSex && p.Sex != citizen.Male && p.Sex != citizen.Female:
			d.wrong("sex", "population.birth.sex", nil)
		}
	}
	s.becomes(d.e.Facts, d.e.Fields...)
	if said := s.t.Only(&part.Facts, d.e.Fields); s.t.same(&said, &s.facts) {
		d.wrong("corrects", "population.correction.same", nil)
	}
	if len(d.faults) > 0 {
		return nil
	}
	return d.askCorrected(s)
}
