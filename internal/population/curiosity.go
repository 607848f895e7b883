package population

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
)

// What makes the look-ups of an officer unusual. Few of anything is no finding.
const (
	manyTimes   = 5  // times the median of the officers of the same agency and service
	manyAtLeast = 30 // persons
	oddAtLeast  = 5  // look-ups at odd hours
	bareAtLeast = 10 // without a dossier
	sameAtLeast = 4  // days on which one person, or one household, was looked up
	missAtLeast = 15 // persons asked about in vain

	batchAtLeast = 100 // persons in batches of an officer
	rowAtLeast   = 8   // numbers one after the other
	probeAtLeast = 10  // claims about one person on one day
	emptyAtLeast = 30  // searches that found nobody
	listsAtLeast = 6   // lists on one day

	// mostTracked bounds how many persons are kept in memory of one who asks: of a system
	// with millions, the first are judged.
	mostTracked = 200_000

	// A system that names no officer asks for many: it has to stand out by more.
	systemBatch = 1000 // persons in its batches
	systemMiss  = 20   // one in so many asked about in vain
)

type watched struct {
	Finding
	odd, bare, missed, batched, row, probe, empty int
	days                                          map[citizen.Number]map[clock.Date]bool // single look-ups by person
	claims                                        map[citizen.Number]int                 // single claims of the day by person
	day                                           clock.Date                             // that claims are of
	lists                                         map[clock.Date]map[string]bool         // requests for lists by day
	services                                      map[string]int                         // persons by service
}

// system says that no officer was named.
func (w *watched) system() bool { return w.Officer == "" }

// Curiosity are the officers, and the systems that named none, whose look-ups of a period
// were unusual, the most unusual first. It judges nobody: an auditor asks. It fails with Denied.
func (r *Register) Curiosity(ctx context.Context, a actor.Actor, from, until time.Time) ([]Finding, error) {
	if err := Permissions.Can(a, Audit); err != nil {
		return nil, err
	}
	officers, desk := map[[3]string]*watched{}, map[string]string{}
	err := r.Store.EachLookup(ctx, Period{From: from, Until: until}, func(l Lookup, subject citizen.Number) error {
		if l.Service == ServiceUsage || l.Service == ServiceFeed {
			return nil // the person's own question, or news to those who keep copies
		}
		if l.Client == "" { // of the desk: before ids were kept, logins were
			if _, known := desk[l.Officer]; !known {
				desk[l.Officer] = r.namesOf(ctx, l.Officer)[0]
			}
			l.Officer = desk[l.Officer]
		}
		key := [3]string{l.Agency, l.Client, l.Officer}
		w := officers[key]
		if w == nil {
			w = &watched{
				Finding: Finding{Agency: l.Agency, Client: l.Client, Officer: l.Officer, First: l.At, LookupID: l.ID},
				days:    map[citizen.Number]map[clock.Date]bool{}, services: map[string]int{},
				claims: map[citizen.Number]int{}, lists: map[clock.Date]map[string]bool{},
			}
			officers[key] = w
		}
		w.see(l, subject)
		return nil
	})
	if err != nil {
		return nil, err
	}
	usual := medians(officers)
	var out []Finding
	for _, w := range officers {
		if err := r.judge(ctx, w, usual); err != nil {
			return nil, err
		}
		if len(w.Reasons) > 0 {
			out = append(out, w.Finding)
		}
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(len(b.Reasons), len(a.Reasons)), cmp.Compare(b.Persons, a.Persons), cmp.Compare(a.Agency+a.Officer, b.Agency+b.Officer),
		)
	})
	return out, nil
}

func (w *watched) see(l Lookup, subject citizen.Number) {
	w.Lookups++
	w.Persons += l.Persons
	w.Last = l.At
	w.services[l.Service] += l.Persons
	day := clock.DayOf(l.At)
	switch l.Service {
	case ServiceSearch:
		if l.Outcome == NotFound {
			w.empty++
		}
	case ServiceList:
		if w.lists[day] == nil {
			w.lists[day] = map[string]bool{}
		}
		w.lists[day][l.RequestID] = true
	default:
		w.ask(l, subject, day)
	}
	if l.Persons > 1 {
		return // a batch or a list is the work of a program, at whatever hour
	}
	if oddHour(l.At) {
		w.odd++
	}
	if subject.IsZero() {
		return
	}
	if w.days[subject] == nil {
		if len(w.days) >= mostTracked {
			return
		}
		w.days[subject] = map[clock.Date]bool{}
	}
	w.days[subject][day] = true
}

// ask counts a question about persons who were named, one or many: each of a batch is a
// person as any other.
func (w *watched) ask(l Lookup, subject citizen.Number, day clock.Date) {
	if l.Dossier == "" {
		w.bare += max(1, l.Persons)
	}
	if l.Service == ServiceMatch && l.Persons > 1 {
		w.batched += l.Persons
		w.row, w.probe = max(w.row, l.Batch.InRow), max(w.probe, l.Batch.Same)
	}
	switch {
	case l.Batch.Missed > 0:
		w.missed += l.Batch.Missed
	case l.Outcome == NotFound:
		w.missed += max(1, l.Persons)
	}
	if l.Service != ServiceMatch || subject.IsZero() {
		return
	}
	if day != w.day { // the log comes in the order of time
		w.day = day
		clear(w.claims)
	}
	if _, known := w.claims[subject]; known || len(w.claims) < mostTracked {
		w.claims[subject]++
		w.probe = max(w.probe, w.claims[subject])
	}
}

// usualOf is a service as officers use it, or systems.
type usualOf struct {
	service string
	system  bool
}

// batches stands for no service but for all questions about several.
const batches = "batches"

// medians are how many persons the median officer, or system, of each service looked up.
func medians(officers map[[3]string]*watched) map[usualOf]int {
	all := map[usualOf][]int{}
	for _, w := range officers {
		for service, n := range w.services {
			all[usualOf{service, w.system()}] = append(all[usualOf{service, w.system()}], n)
		}
		if w.batched > 0 {
			all[usualOf{batches, w.system()}] = append(all[usualOf{batches, w.system()}], w.batched)
		}
	}
	out := map[usualOf]int{}
	for service, list := range all {
		slices.Sort(list)
		out[service] = list[(len(list)-1)/2]
	}
	return out
}

func (r *Register) judge(ctx context.Context, w *watched, usual map[usualOf]int) error {
	because := func(kind ReasonKind, count, least, normal int) {
		if count >= least {
			w.Reasons = append(w.Reasons, Reason{Kind: kind, Count: count, Usual: normal})
		}
	}
	for service, n := range w.services {
		if median := usual[usualOf{service, w.system()}]; n >= manyTimes*median && n > median {
			because(ManyPeople, n, manyAtLeast, median)
			break
		}
	}
	because(InRow, max(w.row, longestRow(slices.Collect(maps.Keys(w.days)))), rowAtLeast, 0)
	because(Probing, w.probe, probeAtLeast, 0)
	because(EmptySearch, w.empty, emptyAtLeast, 0)
	lists := 0
	for _, day := range w.lists {
		lists = max(lists, len(day))
	}
	because(ManyLists, lists, listsAtLeast, 0)
	other := usual[usualOf{batches, w.system()}]
	if other == w.batched {
		other = 0 // itself
	}
	if w.system() {
		// It works at night, for many dossiers, and asks about somebody as often as a
		// procedure wants.
		because(Batches, w.batched, systemBatch, other)
		if w.missed*systemMiss >= w.Persons {
			because(NotFoundMany, w.missed, missAtLeast, 0)
		}
		w.sort()
		return nil
	}
	because(Batches, w.batched, batchAtLeast, other)
	because(OddHours, w.odd, oddAtLeast, 0)
	because(NoDossier, w.bare, bareAtLeast, 0)
	because(NotFoundMany, w.missed, missAtLeast, 0)
	most := 0
	for _, days := range w.days {
		most = max(most, len(days))
	}
	because(SamePerson, most, sameAtLeast, 0)
	if err := r.judgeFamily(ctx, w, most, because); err != nil {
		return err
	}
	w.sort()
	return nil
}

func (w *watched) sort() {
	slices.SortFunc(w.Reasons, func(a, b Reason) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind)) })
}

// closeBy is how near the next number is to one for both to stand in a row: whoever
// counts up meets numbers that nobody has between them.
const closeBy = 10

// longestRow is the length of the longest row of numbers of which each comes close after
// the one before: of people who have nothing to do with each other it is short.
func longestRow(numbers []citizen.Number) int {
	slices.SortFunc(numbers, byNumber)
	longest, row := min(1, len(numbers)), 1
	for i := 1; i < len(numbers); i++ {
		step := numbers[i].Int() - numbers[i-1].Int()
		switch {
		case step == 0:
			continue
		case step <= closeBy:
			row++
		default:
			row = 1
		}
		longest = max(longest, row)
	}
	return longest
}

// judgeFamily looks for one household on many days, and for the officer's own.
func (r *Register) judgeFamily(ctx context.Context, w *watched, most int, because func(ReasonKind, int, int, int)) error {
	if len(w.days) == 0 || len(w.days) > 20_000 {
		return nil
	}
	numbers := make([]citizen.Number, 0, len(w.days))
	for n := range w.days {
		numbers = append(numbers, n)
	}
	slices.SortFunc(numbers, byNumber)
	persons, err := r.Store.Persons(ctx, numbers, []Field{FieldHousehold, FieldFather, FieldMother, FieldSpouse})
	if err != nil {
		return err
	}
	houses, members := map[string]map[clock.Date]bool{}, map[string]int{}
	for _, p := range persons {
		if p.Household == "" {
			continue
		}
		if houses[p.Household] == nil {
			houses[p.Household] = map[clock.Date]bool{}
		}
		members[p.Household]++
		for day := range w.days[p.Number] {
			houses[p.Household][day] = true
		}
	}
	days := 0
	for h, d := range houses {
		if members[h] > 1 {
			days = max(days, len(d))
		}
	}
	if days > most {
		because(SameFamily, days, sameAtLeast, 0)
	}
	if r.Officer == nil {
		return nil
	}
	own, ok := r.Officer(w.Agency, w.Officer)
	if !ok {
		return nil
	}
	self, err := r.Store.Persons(ctx, []citizen.Number{own}, []Field{FieldHousehold, FieldFather, FieldMother, FieldSpouse})
	if err != nil || len(self) == 0 {
		return err
	}
	kin := 0
	for i := range persons {
		if related(&persons[i], &self[0]) {
			kin += len(w.days[persons[i].Number])
		}
	}
	because(OwnRelatives, kin, 1, 0)
	return nil
}

func related(a, b *Person) bool {
	return a.Number == b.Number || a.Household != "" && a.Household == b.Household || kindred(a, b) ||
		a.Spouse.Number == b.Number || !a.Spouse.Number.IsZero() && a.Spouse.Number == b.Spouse.Number
}
