package population

import (
	"cmp"
	"context"
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
	missAtLeast = 15 // look-ups of numbers that nobody has
)

type watched struct {
	Finding
	odd, bare, missed int
	days              map[citizen.Number]map[clock.Date]bool // single look-ups by person
	services          map[string]int                         // persons by service
}

// Curiosity are the officers whose look-ups of a period were unusual, the most unusual
// first. It judges nobody: an auditor asks. It fails with Denied.
func (r *Register) Curiosity(ctx context.Context, a actor.Actor, from, until time.Time) ([]Finding, error) {
	if err := Permissions.Can(a, Audit); err != nil {
		return nil, err
	}
	officers, desk := map[[3]string]*watched{}, map[string]string{}
	err := r.Store.EachLookup(ctx, Period{From: from, Until: until}, func(l Lookup, subject citizen.Number) error {
		if l.Officer == "" || l.Service == ServiceUsage || l.Service == ServiceFeed {
			return nil // a system, or the person's own question
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
	if l.Persons > 1 {
		return // a batch or a list is the work of a system
	}
	if oddHour(l.At) {
		w.odd++
	}
	if l.Dossier == "" && l.Service != ServiceSearch {
		w.bare++
	}
	if l.Outcome == NotFound && subject.IsZero() && l.Service != ServiceSearch {
		w.missed++
	}
	if !subject.IsZero() {
		if w.days[subject] == nil {
			w.days[subject] = map[clock.Date]bool{}
		}
		w.days[subject][clock.DayOf(l.At)] = true
	}
}

// medians are how many persons the median officer of each service looked up.
func medians(officers map[[3]string]*watched) map[string]int {
	all := map[string][]int{}
	for _, w := range officers {
		for service, n := range w.services {
			all[service] = append(all[service], n)
		}
	}
	out := map[string]int{}
	for service, list := range all {
		slices.Sort(list)
		out[service] = list[(len(list)-1)/2]
	}
	return out
}

func (r *Register) judge(ctx context.Context, w *watched, usual map[string]int) error {
	because := func(kind ReasonKind, count, least, normal int) {
		if count >= least {
			w.Reasons = append(w.Reasons, Reason{Kind: kind, Count: count, Usual: normal})
		}
	}
	for service, n := range w.services {
		if median := usual[service]; n >= manyTimes*median && n > median {
			because(ManyPeople, n, manyAtLeast, median)
			break
		}
	}
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
	slices.SortFunc(w.Reasons, func(a, b Reason) int { return cmp.Compare(b.Count, a.Count) })
	return nil
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
