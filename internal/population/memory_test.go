package population_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// memory is a register in memory, for tests that need no database. A transaction works
// on a copy, which takes the place of what was there when it ends well.
type memory struct {
	population.Store // methods that a test of rules has no use for
	mu               sync.Mutex
	state
	journal    []looked
	objections []population.Objection
	mistakes   []population.Mistake
	lists      map[string]*listed
	published  []population.Change
	loads      []population.Event // registrations that loads made, not stored by themselves
	exported   []int
	approved   map[string]string // provinces of approved exports, by request
	fields     *population.FieldTable
	// broken makes the operation of this name fail.
	broken string
	// rival changes a person once, after the next transaction has begun.
	rival func(*state)
}

type state struct {
	persons    map[citizen.Number]population.Person
	events     []population.Event
	serials    map[int]int
	households int64
}

type looked struct {
	population.Lookup
	subjects []citizen.Number
}

type listed struct {
	list    population.List
	granted []population.Field
	people  []citizen.Number
}

var errBroken = errors.New("the store is broken")

func newMemory() *memory {
	return &memory{
		state: state{persons: map[citizen.Number]population.Person{}, serials: map[int]int{}},
		lists: map[string]*listed{}, fields: population.PersonFields,
	}
}

func (m *memory) fails(operation string) error {
	if m.broken == operation {
		return errBroken
	}
	return nil
}

func byNumber(a, b citizen.Number) int { return cmp.Compare(a.Int(), b.Int()) }

// sorted are the persons by number.
func (s *state) sorted() []population.Person {
	return slices.SortedFunc(maps.Values(s.persons), func(a, b population.Person) int { return byNumber(a.Number, b.Number) })
}

// txn is a transaction; it is also how the store itself reads.
type txn struct {
	*state
	m         *memory
	published []population.Change
}

func (m *memory) reader() *txn { return &txn{state: &m.state, m: m} }

func (m *memory) InTx(_ context.Context, f func(tx population.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := &txn{m: m, state: &state{
		persons: maps.Clone(m.persons), events: slices.Clone(m.events), serials: maps.Clone(m.serials), households: m.households,
	}}
	if m.rival != nil {
		m.rival(tx.state)
		m.rival = nil
	}
	if err := f(tx); err != nil {
		return err
	}
	m.state = *tx.state
	m.published = append(m.published, tx.published...)
	return nil
}

func (t *txn) Persons(_ context.Context, numbers []citizen.Number, fields []population.Field) ([]population.Person, error) {
	var out []population.Person
	for _, n := range numbers {
		p, ok := t.persons[n]
		if !ok {
			continue
		}
		if fields != nil {
			few := t.m.fields.Only(&p, fields)
			few.Number, few.Version = p.Number, p.Version
			p = few
		}
		out = append(out, p)
	}
	return out, t.m.fails("persons")
}

func (t *txn) ByOldNumber(_ context.Context, old []citizen.OldNumber) (map[citizen.OldNumber][]citizen.Number, error) {
	out := map[citizen.OldNumber][]citizen.Number{}
	for _, p := range t.sorted() {
		for _, o := range p.OldNumbers {
			if slices.Contains(old, o) && !slices.Contains(out[o], p.Number) {
				out[o] = append(out[o], p.Number)
			}
		}
	}
	return out, t.m.fails("old")
}

func (t *txn) Heads(_ context.Context, households []string) ([]population.Person, error) {
	return t.where(func(p *population.Person) bool {
		return slices.Contains(households, p.Household) && p.Relation == population.HeadOfHousehold && p.Life != population.Dead
	}), t.m.fails("heads")
}

func (t *txn) where(ok func(p *population.Person) bool) []population.Person {
	return slices.DeleteFunc(t.sorted(), func(p population.Person) bool { return !ok(&p) })
}

func (t *txn) Members(_ context.Context, household string) ([]population.Person, error) {
	n, _ := strconv.ParseInt(household, 10, 64)
	number := fmt.Sprintf("%09d", n)
	return t.where(
			func(p *population.Person) bool { return n != 0 && p.Household == number && p.Life != population.Dead },
		), t.m.fails(
			"members",
		)
}

func (t *txn) Children(_ context.Context, n citizen.Number) ([]population.Person, error) {
	return t.where(func(p *population.Person) bool { return p.Father.Number == n || p.Mother.Number == n }), t.m.fails("children")
}

func (t *txn) Events(_ context.Context, n citizen.Number) ([]population.Event, error) {
	has := func(e population.Event) bool {
		return slices.ContainsFunc(e.Parts, func(p population.Part) bool { return p.Number == n })
	}
	var out []population.Event
	stored := false
	for _, e := range t.events {
		if has(e) {
			out = append(out, e)
			stored = stored || e.Kind == population.Registration || e.Kind == population.Birth && e.Number == n
		}
	}
	for _, e := range t.m.loads {
		if !stored && e.Number == n {
			out = append(out, e)
		}
	}
	return out, t.m.fails("events")
}

func (t *txn) Event(_ context.Context, id string) (population.Event, error) {
	for _, e := range t.events {
		if e.ID == id {
			return e, nil
		}
	}
	return population.Event{}, fault.New(fault.NotFound, "population.event.not_found", nil)
}

func (t *txn) Concerning(_ context.Context, persons []citizen.Number, households []string) ([]population.Event, error) {
	in := func(h string) bool {
		return slices.ContainsFunc(households, func(o string) bool {
			return h != "" && strings.TrimLeft(h, "0") == strings.TrimLeft(o, "0")
		})
	}
	var out []population.Event
	for _, e := range t.events {
		about := slices.ContainsFunc(e.Parts, func(p population.Part) bool {
			return slices.Contains(persons, p.Number) || in(p.Facts.Household) ||
				slices.ContainsFunc(p.Restated, func(r population.Restated) bool { return in(r.Facts.Household) })
		})
		if about || slices.ContainsFunc(e.Reads.Persons, func(n citizen.Number) bool { return slices.Contains(persons, n) }) ||
			slices.ContainsFunc(e.Reads.Households, in) {
			out = append(out, e)
		}
	}
	return out, t.m.fails("concerning")
}

func (t *txn) RemovePerson(_ context.Context, n citizen.Number, was int64) error {
	if t.persons[n].Version != was {
		return fault.New(fault.Conflict, "population.event.stale", nil)
	}
	delete(t.persons, n)
	return t.m.fails("remove")
}

func (t *txn) Hold(context.Context, string) error { return t.m.fails("hold") }

func (t *txn) HoldKeys(context.Context, []int64) error { return t.m.fails("keys") }

func (t *txn) CardHolders(_ context.Context, serial string) ([]population.Person, error) {
	return t.where(func(p *population.Person) bool {
		return slices.ContainsFunc(p.Cards, func(c population.Card) bool { return c.Serial == serial })
	}), t.m.fails("cards")
}

func (t *txn) Namesakes(_ context.Context, name string, birth citizen.Day) ([]population.Person, error) {
	all, _ := population.SameLetters(name, birth.Year())
	return t.where(func(p *population.Person) bool {
		key, _ := population.SameLetters(p.Name, p.Birth.Year())
		return key == all && p.Birth.Fits(birth)
	}), t.m.fails("namesakes")
}

func (t *txn) NextSerial(_ context.Context, prefix int) (int, error) {
	t.serials[prefix]++
	return t.serials[prefix] - 1, t.m.fails("serial")
}

func (t *txn) NextHousehold(_ context.Context, of int) (int64, error) {
	t.households++
	above := func(household string) {
		if n, _ := strconv.ParseInt(household, 10, 64); n >= t.households*int64(of) {
			t.households = n/int64(of) + 1
		}
	}
	for _, p := range t.persons {
		above(p.Household)
	}
	for _, e := range t.events { // that nobody is in any more
		for _, h := range e.Reads.Households {
			above(h)
		}
		for _, p := range e.Parts {
			above(p.Facts.Household)
			for _, r := range p.Restated {
				above(r.Facts.Household)
			}
		}
	}
	return t.households, t.m.fails("household")
}

func (t *txn) SavePerson(_ context.Context, p population.Person, was int64) error {
	if t.persons[p.Number].Version != was {
		return fault.New(fault.Conflict, "population.event.stale", nil)
	}
	t.persons[p.Number] = p
	return t.m.fails("save")
}

func (t *txn) SaveEvent(_ context.Context, e population.Event) error {
	if e.Virtual {
		e.Virtual = false
	}
	if _, err := t.Event(context.Background(), e.ID); err == nil {
		return fault.New(fault.Conflict, "population.event.stale", nil)
	}
	t.events = append(t.events, e)
	return t.m.fails("event")
}

func (t *txn) AddReads(_ context.Context, event string, r population.Reads) error {
	for i := range t.events {
		if had := &t.events[i].Reads; t.events[i].ID == event {
			had.Persons, had.Households = slices.Concat(had.Persons, r.Persons), slices.Concat(had.Households, r.Households)
		}
	}
	return t.m.fails("reads")
}

func (t *txn) Publish(_ context.Context, changes []population.Change) error {
	t.published = append(t.published, changes...)
	return t.m.fails("publish")
}

func (m *memory) Persons(ctx context.Context, n []citizen.Number, f []population.Field) ([]population.Person, error) {
	return m.reader().Persons(ctx, n, f)
}

func (m *memory) ByOldNumber(ctx context.Context, old []citizen.OldNumber) (map[citizen.OldNumber][]citizen.Number, error) {
	return m.reader().ByOldNumber(ctx, old)
}

func (m *memory) Members(ctx context.Context, household string) ([]population.Person, error) {
	return m.reader().Members(ctx, household)
}

func (m *memory) Heads(ctx context.Context, households []string) ([]population.Person, error) {
	return m.reader().Heads(ctx, households)
}

func (m *memory) Children(ctx context.Context, n citizen.Number) ([]population.Person, error) {
	return m.reader().Children(ctx, n)
}

func (m *memory) Events(ctx context.Context, n citizen.Number) ([]population.Event, error) {
	return m.reader().Events(ctx, n)
}

func (m *memory) Event(ctx context.Context, id string) (population.Event, error) {
	return m.reader().Event(ctx, id)
}

func (m *memory) Concerning(ctx context.Context, n []citizen.Number, h []string) ([]population.Event, error) {
	return m.reader().Concerning(ctx, n, h)
}

func (m *memory) Log(_ context.Context, e population.Entry) error {
	if err := m.fails("log"); err != nil {
		return err
	}
	e.ID = fmt.Sprintf("l-%06d", len(m.journal))
	m.journal = append(m.journal, looked{e.Lookup, slices.Clone(e.Subjects)})
	return nil
}

func (m *memory) last() looked { return m.journal[len(m.journal)-1] }

func (m *memory) page(p population.Period, before string, limit int, ok func(l *looked) bool) []population.Lookup {
	var out []population.Lookup
	for _, l := range slices.Backward(m.journal) {
		within := (p.From.IsZero() || !l.At.Before(p.From)) && (p.Until.IsZero() || l.At.Before(p.Until))
		if within && (before == "" || l.ID < before) && len(out) < limit && ok(&l) {
			out = append(out, l.Lookup)
		}
	}
	return out
}

func (m *memory) Lookups(
	_ context.Context,
	n citizen.Number,
	p population.Period,
	before string,
	limit int,
) ([]population.Lookup, error) {
	return m.page(p, before, limit, func(l *looked) bool { return slices.Contains(l.subjects, n) }), m.fails("lookups")
}

func (m *memory) Lookup(_ context.Context, n citizen.Number, id string) (population.Lookup, error) {
	for _, l := range m.journal {
		if l.ID == id && slices.Contains(l.subjects, n) {
			return l.Lookup, nil
		}
	}
	return population.Lookup{}, fault.New(fault.NotFound, "population.lookup.not_found", nil)
}

func (m *memory) EachLookup(_ context.Context, p population.Period, f func(population.Lookup, citizen.Number) error) error {
	for _, l := range m.journal {
		if l.At.Before(p.From) || !p.Until.IsZero() && !l.At.Before(p.Until) {
			continue
		}
		var one citizen.Number // as the tables have it: given when there is one
		if len(l.subjects) == 1 {
			one = l.subjects[0]
		}
		if err := f(l.Lookup, one); err != nil {
			return err
		}
	}
	return m.fails("each")
}

func (m *memory) FirstLookup(context.Context) (time.Time, error) {
	if len(m.journal) == 0 {
		return time.Time{}, m.fails("first")
	}
	return m.journal[0].At, m.fails("first")
}

func (m *memory) VerifyLog(context.Context) (int, error) { return len(m.journal), nil }

func (m *memory) SaveObjection(_ context.Context, o population.Objection) error {
	if slices.ContainsFunc(
		m.objections,
		func(had population.Objection) bool { return had.Lookup.ID == o.Lookup.ID && had.Number == o.Number },
	) {
		return fault.New(fault.Conflict, "population.objection.again", nil)
	}
	m.objections = append(m.objections, o)
	return nil
}

func (m *memory) ObjectionsOf(_ context.Context, n citizen.Number) ([]population.Objection, error) {
	return slices.DeleteFunc(slices.Clone(m.objections), func(o population.Objection) bool { return o.Number != n }), nil
}

func (m *memory) Objections(_ context.Context, open bool, _ string, _ int) ([]population.Objection, error) {
	return slices.DeleteFunc(slices.Clone(m.objections), func(o population.Objection) bool { return open && o.Answer != "" }), nil
}

func (m *memory) SaveList(_ context.Context, l population.List, granted []population.Field) error {
	m.lists[l.ID] = &listed{list: l, granted: granted}
	return m.fails("list")
}

func (m *memory) UpdateList(_ context.Context, id string, change func(l *population.List) error) (population.List, error) {
	l, ok := m.lists[id]
	if !ok {
		return population.List{}, fault.New(fault.NotFound, "population.list.not_found", nil)
	}
	next := l.list
	if err := change(&next); err != nil {
		return next, err
	}
	l.list = next
	return next, nil
}

func (m *memory) List(_ context.Context, id string) (population.List, []population.Field, error) {
	l, ok := m.lists[id]
	if !ok {
		return population.List{}, nil, fault.New(fault.NotFound, "population.list.not_found", nil)
	}
	return l.list, l.granted, nil
}

func (m *memory) Lists(_ context.Context, client, _ string, _ int) ([]population.List, error) {
	var out []population.List
	for _, l := range m.lists {
		if l.list.Client == client {
			out = append(out, l.list)
		}
	}
	return out, nil
}

func (m *memory) AddToList(ctx context.Context, id string, people []citizen.Number, e population.Entry) error {
	m.lists[id].people = append(m.lists[id].people, people...)
	return m.Log(ctx, e)
}

func (m *memory) ListPeople(_ context.Context, id string, after citizen.Number, limit int) ([]citizen.Number, error) {
	var out []citizen.Number
	for _, n := range m.lists[id].people {
		if n.Int() > after.Int() && len(out) < limit {
			out = append(out, n)
		}
	}
	return out, nil
}

func (m *memory) ClearList(_ context.Context, id string) error {
	m.lists[id].people = nil
	return nil
}

func (m *memory) Select(_ context.Context, q population.Selection, after citizen.Number, limit int) ([]population.Person, error) {
	out := m.reader().where(func(p *population.Person) bool {
		return p.Number.Int() > after.Int() && (!q.Living || p.Life != population.Dead) &&
			(q.Provinces == nil || slices.Contains(q.Provinces, p.Permanent.Province)) &&
			(q.Communes == nil || slices.Contains(q.Communes, p.Permanent.Commune)) &&
			(q.BornFrom == 0 || p.Birth >= q.BornFrom) && (q.BornUntil == 0 || p.Birth <= q.BornUntil) &&
			(q.Sex == citizen.SexUnknown || p.Sex == q.Sex) && (q.Blood == "" || p.Blood == q.Blood) &&
			(q.Ethnicity == "" || p.Ethnicity == q.Ethnicity) && (q.Religion == "" || p.Religion == q.Religion)
	})
	return out[:min(limit, len(out))], m.fails("select")
}

func (m *memory) Names(_ context.Context, q population.NameQuery) ([]population.Person, bool, error) {
	out := m.reader().where(func(p *population.Person) bool {
		return q.Keys.Has(population.SearchKeys(p.Name, p.Birth.Year())) && q.Within.Has(p.Permanent) &&
			(q.Sex == citizen.SexUnknown || p.Sex == q.Sex)
	})
	return out[:min(q.Limit, len(out))], len(out) > q.Limit, m.fails("names")
}

// loader puts persons in as a load does: their registration is made up from the row.
type loader struct {
	m      *memory
	at     time.Time
	loaded int
	taken  []int // lines
}

func (l *loader) Add(_ context.Context, persons []population.Person, lines []int) error {
	if err := l.m.fails("add"); err != nil {
		return err
	}
	for i, p := range persons {
		if _, had := l.m.persons[p.Number]; had {
			l.taken = append(l.taken, lines[i])
			continue
		}
		l.loaded++
		l.m.persons[p.Number] = p
		said := p
		said.Version = 0
		l.m.loads = append(l.m.loads, population.Event{
			ID: "load-" + p.Number.Reveal(), Kind: population.Registration, On: p.Birth, RecordedAt: l.at, Number: p.Number, Virtual: true,
			Parts: []population.Part{{Number: p.Number, Fields: l.m.fields.State(), Facts: said}},
		})
	}
	return nil
}

func (l *loader) Finish(_ context.Context, refused func(int, string, fault.Args), loaded func(int)) error {
	for _, line := range l.taken {
		refused(line, "population.load.taken", nil)
	}
	loaded(l.loaded)
	return nil
}

func (*loader) Empty() bool { return false }

func (*loader) Scratch() string { return "" }

func (l *loader) Close(context.Context) error { return l.m.fails("close") }

func (m *memory) Counts(_ context.Context, now time.Time) (population.Counts, error) {
	c := population.Counts{Life: map[population.Life]int{}, Communes: map[string]int{}, Born: map[population.BornCount]int{}}
	houses := map[string]bool{}
	for _, p := range m.persons {
		c.Life[p.Life]++
		if p.Life == population.Dead {
			continue
		}
		c.Born[population.BornCount{Year: p.Birth.Year(), Sex: p.Sex}]++
		c.Communes[p.Permanent.Province+"/"+p.Permanent.Commune]++
		if p.Household != "" {
			houses[p.Household] = true
		}
	}
	c.Households = len(houses)
	day := now.In(clock.Zone).Format(time.DateOnly)
	c.Lookups = []population.LookupCount{{Day: day, Calls: len(m.journal)}, {Day: "2026-01-01", Calls: 1}}
	c.Events = []population.EventCount{
		{Month: "2026-02", Kind: population.Death, Count: 1},
		{Month: "2026-01", Kind: population.Birth, Count: 2},
	}
	return c, m.fails("counts")
}

func (m *memory) SaveMistake(_ context.Context, c population.Mistake) (population.Mistake, bool, error) {
	for _, had := range m.mistakes {
		if had.ID == c.ID {
			return had, false, nil
		}
	}
	c.Place = strconv.Itoa(len(m.mistakes))
	m.mistakes = append(m.mistakes, c)
	return c, true, nil
}

func (m *memory) Mistake(_ context.Context, id string) (population.Mistake, error) {
	for _, c := range m.mistakes {
		if c.ID == id {
			return c, nil
		}
	}
	return population.Mistake{}, fault.New(fault.NotFound, "population.mistake.not_found", nil)
}

func (m *memory) Mistakes(_ context.Context, open bool, _ string, _ int) ([]population.Mistake, error) {
	return slices.DeleteFunc(slices.Clone(m.mistakes), func(c population.Mistake) bool { return open && c.State != population.MistakeOpen }), nil
}

func (m *memory) SettleMistake(_ context.Context, c population.Mistake, _ actor.Actor) error {
	for i := range m.mistakes {
		if m.mistakes[i].ID == c.ID {
			m.mistakes[i] = c
		}
	}
	return nil
}
