package populationweb_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
	"dean06/internal/population/people"
	"dean06/internal/population/populationweb"
)

var (
	now = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	thu = citizen.MustNumber("001090000001")
)

// register is a small one in memory. It knows no rules but those that the pages must
// be able to show.
type register struct {
	mu         sync.Mutex
	people     map[citizen.Number]population.Person
	order      []citizen.Number
	events     []population.Event
	lookedUp   []population.Lookup
	objections []population.Objection
	mistakes   []population.Mistake
	findings   []population.Finding
}

func newRegister() *register {
	r := &register{people: map[citizen.Number]population.Person{}}
	err := people.Generate(400, 1, func(p population.Person) error {
		r.people[p.Number] = p
		r.order = append(r.order, p.Number)
		return nil
	}, people.Options{})
	if err != nil {
		panic(err)
	}
	r.events = []population.Event{{
		ID: "e-1", Kind: population.Registration, On: citizen.MustDay("2016-01-04"), RecordedAt: time.Date(2016, 3, 4, 2, 0, 0, 0, time.UTC),
		ByName: "Phạm Thị Mẫu", Number: thu,
		Parts: []population.Part{
			{
				Number: thu,
				Fields: []population.Field{
					population.FieldName, population.FieldBirth, population.FieldSex, population.FieldPermanent, population.FieldFather,
				},
				Facts: r.people[thu],
			},
		},
	}}
	at := now
	for i := range 45 {
		at = at.Add(-7 * time.Hour)
		l := population.Lookup{
			ID: fmt.Sprintf("%06d", 1000-i), At: at, Client: "VN/GOV/H55/TTHC", Agency: "H55", Officer: "canbo.moc",
			Service: population.ServiceFacts, Purpose: "1.004194", Dossier: "H55-261121-0007",
			Fields: []population.Field{population.FieldName, population.FieldBirth, population.FieldPermanent}, Persons: 1,
			Outcome: population.Answered,
		}
		switch i % 5 {
		case 1:
			l.Agency, l.Service, l.Persons, l.Purpose, l.Dossier = "G24", population.ServiceMatch, 1000, "2.000748", ""
		case 2:
			l.Agency, l.Officer, l.Service, l.Purpose, l.Dossier = "", "tructiep", population.ServiceDesk, "citizen_asks", ""
		case 3:
			l.Outcome, l.Fields = population.Refused, nil
		}
		r.lookedUp = append(r.lookedUp, l)
	}
	r.findings = []population.Finding{{
		Agency: "H55", Officer: "canbo.moc", Lookups: 240, Persons: 812,
		First: now.Add(-20 * 24 * time.Hour), Last: now, Reasons: []population.Reason{
			{Kind: population.ManyPeople, Count: 812, Usual: 40},
			{Kind: population.OddHours, Count: 61, Usual: 2},
			{Kind: population.NoDossier, Count: 33},
			{Kind: population.SameFamily, Count: 9},
		},
	}}
	return r
}

// self is the number to which the account is bound; the one who has none is unbound.
func (r *register) self(a actor.Actor) (citizen.Number, error) {
	if !a.Has(population.Citizen) || a.Login == "unbound" {
		return citizen.Number{}, population.Unbound()
	}
	return thu, nil
}

func (r *register) Lookups(_ context.Context, a actor.Actor, before string, limit int) ([]population.Lookup, error) {
	if _, err := r.self(a); err != nil {
		return nil, err
	}
	return r.looked(before, limit)
}

func (r *register) looked(before string, limit int) ([]population.Lookup, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []population.Lookup
	for _, l := range r.lookedUp {
		if (before == "" || l.ID < before) && len(out) < limit {
			out = append(out, l)
		}
	}
	return out, nil
}

func (r *register) Object(_ context.Context, a actor.Actor, lookup, text string) error {
	n, err := r.self(a)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if text == "" {
		return fault.New(fault.Invalid, "people.ask.empty", nil).At("text")
	}
	i := slices.IndexFunc(r.lookedUp, func(l population.Lookup) bool { return l.ID == lookup })
	r.lookedUp[i].Objected = true
	r.objections = append(r.objections, population.Objection{ID: "o" + lookup, Number: n, Lookup: r.lookedUp[i], Text: text, At: now})
	return nil
}

func (r *register) ObjectionsOf(context.Context, actor.Actor) ([]population.Objection, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.objections), nil
}

func (r *register) Own(ctx context.Context, a actor.Actor) (population.PersonView, error) {
	n, err := r.self(a)
	if err != nil {
		return population.PersonView{}, err
	}
	return r.view(ctx, n)
}

func (r *register) view(_ context.Context, n citizen.Number) (population.PersonView, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.people[n]
	if !ok {
		return population.PersonView{}, fault.New(fault.NotFound, "people.person.gone", nil)
	}
	v := population.PersonView{Person: p}
	for as, rel := range map[population.Field]population.Relative{
		population.FieldFather: p.Father, population.FieldMother: p.Mother, population.FieldSpouse: p.Spouse,
	} {
		if !rel.IsZero() {
			o := r.people[rel.Number]
			v.Family = append(v.Family, population.Kin{As: as, Relative: rel, Birth: o.Birth, Sex: o.Sex, Life: o.Life})
		}
	}
	slices.SortFunc(v.Family, func(a, b population.Kin) int { return strings.Compare(string(a.As), string(b.As)) })
	for _, n := range r.order {
		if o := r.people[n]; o.Household == p.Household && p.Household != "" {
			v.Members = append(v.Members, population.Member{Relation: o.Relation, Number: n, Name: o.Name, Birth: o.Birth, Sex: o.Sex})
		}
	}
	for _, e := range slices.Backward(r.events) {
		if slices.ContainsFunc(e.Parts, func(p population.Part) bool { return p.Number == n }) {
			v.Events = append(v.Events, e)
		}
	}
	return v, nil
}

func (r *register) note(in population.Inquiry, fields []population.Field) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lookedUp = append([]population.Lookup{{
		ID: fmt.Sprintf("%06d", 1001+len(r.lookedUp)), At: now, Agency: in.By.Agency, Officer: in.Officer(), Service: in.Service,
		Purpose: in.Purpose, Dossier: in.Dossier,
		Fields: fields, Persons: 1, Outcome: population.Answered,
	}}, r.lookedUp...)
}

func (r *register) View(ctx context.Context, in population.Inquiry, n citizen.Number) (population.PersonView, error) {
	r.note(in, []population.Field{population.FieldName})
	return r.view(ctx, n)
}

func (r *register) Facts(
	ctx context.Context, in population.Inquiry, key population.Key, fields []population.Field,
) (population.Facts, error) {
	r.note(in, fields)
	v, err := r.view(ctx, key.Number)
	return population.Facts{Fields: fields, Person: v.Person}, err
}

func (r *register) Residence(ctx context.Context, in population.Inquiry, key population.Key) (population.Residence, error) {
	r.note(in, []population.Field{population.FieldPermanent})
	v, err := r.view(ctx, key.Number)
	p := v.Person
	return population.Residence{
		Number: p.Number, Name: p.Name, Birth: p.Birth, Permanent: p.Permanent, Since: p.PermanentSince, Present: p.Present,
		Household: p.Household, Relation: p.Relation, Members: v.Members,
	}, err
}

func (r *register) Search(_ context.Context, _ population.Inquiry, q population.Query) (population.Found, error) {
	f := population.Found{Understood: population.Understood{Name: q.Text}}
	for _, n := range r.order {
		p := r.people[n]
		if !strings.Contains(citizen.Fold(p.Name), citizen.Fold(q.Text)) || q.Year != 0 && p.Birth.Year() != q.Year {
			continue
		}
		if f.More = len(f.People) == 50; f.More {
			break
		}
		f.People = append(f.People, population.Hit{Number: n, Name: p.Name, Birth: p.Birth, Sex: p.Sex, Permanent: p.Permanent, Life: p.Life})
	}
	return f, nil
}

func (r *register) At(ctx context.Context, _ population.Inquiry, n citizen.Number, on clock.Date, _ time.Time) (population.Person, error) {
	if on.Before(clock.MustDate("2016-01-04")) {
		return population.Person{}, fault.New(fault.NotFound, "people.person.gone", nil)
	}
	v, err := r.view(ctx, n)
	return v.Person, err
}

// Preview says what the few kinds that the tests use would change.
func (r *register) Preview(_ context.Context, _ population.Inquiry, e population.Event) (population.Recorded, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n, seen := range e.Versions {
		if r.people[n].Version != seen {
			return population.Recorded{}, fault.New(fault.Conflict, "people.meanwhile.title", nil)
		}
	}
	if e.On > citizen.DayFrom(clock.DayOf(now)) {
		return population.Recorded{}, fault.New(fault.Invalid, "citizen.day.bad", nil).At("on")
	}
	p := r.people[e.Number]
	fields := []population.Field{population.FieldName}
	switch e.Kind {
	case population.Birth:
		p = e.Facts
		p.Number, p.Life = citizen.MustNumber("001326000777"), population.Alive
		fields = []population.Field{
			population.FieldNumber, population.FieldName, population.FieldBirth, population.FieldSex, population.FieldMother,
			population.FieldBirthplace,
		}
	case population.NameChange:
		p.Name = e.Facts.Name
	case population.Death:
		p.Life, p.Ended = population.Dead, e.On
		fields = []population.Field{population.FieldLife}
	case population.MovePerm:
		p.Permanent = e.Facts.Permanent
		fields = []population.Field{population.FieldPermanent}
	case population.Correction:
		fields = e.Fields
		p = e.Facts
		p.Number = e.Number
	}
	p.Version = r.people[e.Number].Version + 1
	e.RecordedAt, e.ByName = now.Add(time.Minute), "Phạm Thị Mẫu"
	e.Parts = []population.Part{{Number: p.Number, Fields: fields, Facts: population.PersonFields.Only(&p, fields)}}
	return population.Recorded{Event: e, Persons: []population.Person{p}}, nil
}

func (r *register) Record(ctx context.Context, a actor.Actor, e population.Event) (population.Recorded, error) {
	r.mu.Lock()
	again := slices.IndexFunc(r.events, func(o population.Event) bool { return o.ID == e.ID })
	if again >= 0 {
		old := r.events[again]
		p := r.people[old.Parts[0].Number]
		r.mu.Unlock()
		return population.Recorded{Event: old, Persons: []population.Person{p}, Again: true}, nil
	}
	r.mu.Unlock()
	done, err := r.Preview(ctx, population.Inquiry{By: a}, e)
	if err != nil {
		return done, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.Kind != population.Correction {
		r.people[done.Persons[0].Number] = done.Persons[0]
	}
	r.events = append(r.events, done.Event)
	return done, nil
}

func (r *register) Curiosity(context.Context, actor.Actor, time.Time, time.Time) ([]population.Finding, error) {
	return r.findings, nil
}

func (r *register) OfficerLookups(
	_ context.Context, _ actor.Actor, _, officer string, _ population.Period, before string, limit int,
) ([]population.Lookup, error) {
	all, err := r.looked(before, 1000)
	all = slices.DeleteFunc(all, func(l population.Lookup) bool { return l.Officer != officer })
	return all[:min(limit, len(all))], err
}

func (r *register) Objections(_ context.Context, _ actor.Actor, open bool, _ string, _ int) ([]population.Objection, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.objections), func(o population.Objection) bool { return open && !o.AnsweredAt.IsZero() }), nil
}

func (r *register) AnswerObjection(_ context.Context, a actor.Actor, id, answer string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if answer == "" {
		return fault.New(fault.Invalid, "people.ask.empty", nil).At("answer")
	}
	i := slices.IndexFunc(r.objections, func(o population.Objection) bool { return o.ID == id })
	r.objections[i].Answer, r.objections[i].AnsweredBy, r.objections[i].AnsweredAt = answer, a.Name, now
	return nil
}

func (r *register) Statistics(context.Context, actor.Actor) (population.Statistics, error) {
	s := population.Statistics{
		AsOf: now, Living: 19_400, Dead: 600, Missing: 4, Households: 5_400,
		Provinces:   []population.PlaceCount{{Code: "01", Count: 1700}, {Code: "79", Count: 2800}, {Code: "19", Count: 420}},
		Provinces63: []population.PlaceCount{{Code: "06", Count: 70}, {Code: "19", Count: 350}},
		Events: []population.EventCount{
			{Month: "2026-11", Kind: population.Birth, Count: 12}, {Month: "2026-10", Kind: population.Death, Count: 7},
		},
		Lookups: []population.LookupCount{{Day: "2026-11-21", Calls: 40, Persons: 3020, Refused: 2}},
	}
	for age := 0; age < 100; age += 5 {
		s.Ages = append(s.Ages, population.AgeCount{From: age, To: age + 4, Male: 900 - age*8, Female: 850 - age*7})
	}
	return s, nil
}

func (r *register) RequestExport(_ context.Context, _ actor.Actor, q population.ExportRequest) (string, error) {
	if q.Purpose == "" {
		return "", fault.New(fault.Invalid, "population.purpose.missing", nil).At("purpose")
	}
	return "q-export", nil
}

func (r *register) Exports(context.Context, actor.Actor, int) ([]population.Export, error) {
	day := clock.DayOf(now)
	return []population.Export{
		{ID: "e-1", ExportRequest: population.ExportRequest{Purpose: "Chuyển hệ thống", Until: day}, UsedAt: now},
		{ID: "e-2", ExportRequest: population.ExportRequest{Purpose: "Sao lưu", Until: day.AddDays(-1)}},
		{ID: "e-3", ExportRequest: population.ExportRequest{Purpose: "Sao lưu", Until: day.AddDays(1)}},
	}, nil
}

// loads is one file that is under way and one that is done.
type loads struct {
	mu   sync.Mutex
	list []populationweb.Load
}

func (l *loads) Start(_ context.Context, a actor.Actor, name string, file io.ReadSeeker) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, err := io.ReadAll(file)
	if err != nil {
		return "", err
	}
	if len(b) == 0 {
		return "", fault.New(fault.Invalid, "people.loads.file.none", nil)
	}
	id := fmt.Sprint(len(l.list) + 1)
	l.list = append(l.list, populationweb.Load{ID: id, Name: name, By: a.Name, At: now, Rows: 1200})
	return id, nil
}

func (l *loads) Get(_ context.Context, _ actor.Actor, id string) (populationweb.Load, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.list {
		if one.ID == id {
			return one, nil
		}
	}
	return populationweb.Load{}, fault.New(fault.NotFound, "web.not_found", nil)
}

func (l *loads) Recent(context.Context, actor.Actor) ([]populationweb.Load, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list), nil
}

// PlanAnnulment knows one event, from which nothing follows; it is on the register itself
// that annulments are tried.
func (r *register) PlanAnnulment(
	context.Context, population.Inquiry, population.AnnulmentRequest,
) (population.AnnulmentPlan, error) {
	return population.AnnulmentPlan{Digest: "d", Annulled: r.events[:1]}, nil
}

func (r *register) AskAnnulment(_ context.Context, _ actor.Actor, q population.AnnulmentRequest) (string, error) {
	if q.Basis == "" {
		return "", fault.New(fault.Invalid, "population.annul.basis", fault.Args{"min": 10, "max": 500}).At("basis")
	}
	return "q-1", nil
}

func (r *register) Mistakes(_ context.Context, a actor.Actor, open bool, _ string, _ int) ([]population.Mistake, error) {
	if err := population.Permissions.Can(a, population.SettleMistake); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(r.mistakes), func(m population.Mistake) bool { return open && m.State != population.MistakeOpen }), nil
}

func (r *register) Mistake(_ context.Context, _ population.Inquiry, id string) (population.Mistake, error) {
	for _, m := range r.mistakes {
		if m.ID == id {
			return m, nil
		}
	}
	return population.Mistake{}, fault.New(fault.NotFound, "population.mistake.not_found", nil)
}

func (r *register) SettleMistake(_ context.Context, _ actor.Actor, id, refusal string) error {
	for i := range r.mistakes {
		if r.mistakes[i].ID == id {
			r.mistakes[i].State, r.mistakes[i].Answer = population.MistakeRefused, refusal
			return nil
		}
	}
	return fault.New(fault.NotFound, "population.mistake.not_found", nil)
}
