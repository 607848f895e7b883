package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/measure"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// logged holds the log against what was asked so far: each person of each look-up is
// in it, and nobody else.
func (r *populationRun) logged(ctx context.Context) error {
	rows, err := sqldb.One[int64](ctx, r.db, `SELECT COUNT(*) FROM population_lookup_subject`)
	if err != nil {
		return err
	}
	r.add(Section{Name: "logged", Values: map[string]float64{"asked": float64(r.asked.Load()), "logged": float64(rows)}})
	if rows != r.asked.Load() {
		return fmt.Errorf("%d of %d look-ups are in the log", rows, r.asked.Load())
	}
	return nil
}

// searches are as clerks type, each kind by itself: names without accents, swapped and
// shortened, with a year or a place or without. The commonest names and a given name alone
// are the worst that can be asked.
func (r *populationRun) searches(ctx context.Context) error {
	in := asking(population.ServiceSearch, population.AllFields)
	in.By, in.Client, in.Dossier = administrator, "", ""
	words := func(p *person) []string { return strings.Fields(citizen.Fold(p.name)) }
	given := func(p *person) string { w := words(p); return w[len(w)-1] }
	kinds := []struct {
		name string
		must bool // somebody is found
		ask  func(dice *rand.Rand, p *person) population.Query
	}{
		{"search", true, asTyped},
		{"search_common", false, func(dice *rand.Rand, _ *person) population.Query {
			q := population.Query{Text: citizen.Fold(r.common[dice.IntN(len(r.common))])}
			if dice.IntN(2) == 0 {
				q.Year = 1960 + dice.IntN(60)
			}
			return q
		}},
		{"search_given", false, func(_ *rand.Rand, p *person) population.Query { return population.Query{Text: given(p)} }},
		{"search_given_year", false, func(_ *rand.Rand, p *person) population.Query {
			return population.Query{Text: given(p) + " " + strconv.Itoa(p.birth.Year())}
		}},
		{"search_ends", true, func(_ *rand.Rand, p *person) population.Query {
			return population.Query{Text: strings.Fields(p.name)[0] + " " + given(p)}
		}},
		{"search_commune", false, func(_ *rand.Rand, p *person) population.Query {
			u, _ := r.register.Units.Commune(p.place.Commune, clock.Date{})
			return population.Query{Text: strings.TrimSpace(citizen.Fold(p.name) + " " + citizen.Fold(u.Name))}
		}},
		{"search_province", false, func(_ *rand.Rand, p *person) population.Query {
			u, _ := r.register.Units.Province(p.place.Province, clock.Date{})
			return population.Query{Text: strings.TrimSpace(words(p)[0] + " " + given(p) + " " + u.Name)}
		}},
	}
	for _, kind := range kinds {
		r.drive(ctx, kind.name, 1, func(ctx context.Context, dice *rand.Rand) error {
			found, err := r.register.Search(ctx, in, kind.ask(dice, r.any(dice)))
			if err == nil && kind.must && len(found.People) == 0 {
				err = errWrongAnswer
			}
			return err
		})
	}
	return nil
}

// asTyped is a whole name: mostly without accents, now and then swapped, with the year of
// birth in the text, beside it or nowhere.
func asTyped(dice *rand.Rand, p *person) population.Query {
	q := population.Query{Text: p.name}
	if dice.IntN(4) > 0 {
		q.Text = citizen.Fold(p.name)
	}
	if words := strings.Fields(q.Text); dice.IntN(4) == 0 && len(words) > 1 {
		q.Text = words[len(words)-1] + " " + strings.Join(words[:len(words)-1], " ")
	}
	switch dice.IntN(3) {
	case 0:
		q.Text += " " + strconv.Itoa(p.birth.Year())
	case 1:
		q.Year = p.birth.Year()
	}
	return q
}

// Whom the log is about: most people have been looked up some times, a few very often.
const (
	known     = 100 // people whom everybody looks up
	knownPart = 10  // one look-up of so many is about one of them
)

// pages are of the citizen's own log, once it holds as many look-ups as were asked for.
func (r *populationRun) pages(ctx context.Context) error {
	before, err := sizeOf(ctx, r.db)
	if err != nil {
		return err
	}
	took := measure.Stopwatch()
	if err := r.fill(ctx); err != nil {
		return err
	}
	seconds := took()
	after, err := sizeOf(ctx, r.db)
	if err != nil {
		return err
	}
	r.add(Section{Name: "log", Values: map[string]float64{
		"lookups": float64(r.Lookups), "lookups_per_second": perSecond(r.Lookups, seconds),
		"bytes_a_lookup": float64((after - before) / int64(max(1, r.Lookups))),
	}})
	if _, err := r.db.ExecContext(ctx, "ANALYZE"); err != nil {
		return err
	}
	r.drive(ctx, "page", 1, func(ctx context.Context, dice *rand.Rand) error {
		_, err := r.register.Lookups(ctx, holder(r.about(dice)), "", 50)
		return err
	})
	r.drive(ctx, "page_known", 1, func(ctx context.Context, dice *rand.Rand) error {
		_, err := r.register.Lookups(ctx, holder(r.sample[dice.IntN(min(known, len(r.sample)))].number), "", 50)
		return err
	})
	return nil
}

func (r *populationRun) about(dice *rand.Rand) citizen.Number {
	if dice.IntN(knownPart) == 0 {
		return r.sample[dice.IntN(min(known, len(r.sample)))].number
	}
	return r.any(dice).number
}

// fill logs look-ups as the services do: half of the calls are about one person, the
// others are batches of a hundred.
func (r *populationRun) fill(ctx context.Context) error {
	const writers = 64
	var left atomic.Int64
	left.Store(int64(r.Lookups))
	work, ctx := errgroup.WithContext(ctx)
	for c := range writers {
		dice := rand.New(rand.NewPCG(seed, uint64(1<<33+c))) //nolint:gosec // no secret
		work.Go(func() error {
			for ctx.Err() == nil {
				size := 1 + 99*dice.IntN(2)
				had := left.Add(int64(-size)) + int64(size)
				if had <= 0 {
					return nil
				}
				in := asking(population.ServiceMatch, facts...)
				e := population.Entry{Lookup: population.Lookup{
					At: clock.System{}.Now(), Client: in.Client, Agency: in.By.Agency, Officer: in.Officer(), Service: in.Service, Purpose: in.Purpose,
					Dossier: in.Dossier, Fields: facts, RequestID: in.RequestID, Outcome: population.Answered,
				}}
				seen := map[citizen.Number]bool{}
				for range min(int64(size), had) {
					if n := r.about(dice); !seen[n] {
						seen[n] = true
						e.Subjects = append(e.Subjects, n)
					}
				}
				e.Persons = len(e.Subjects)
				if err := r.store.Log(ctx, e); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
	}
	return work.Wait()
}

// events are births, each of which gives out a number, and moves.
func (r *populationRun) events(ctx context.Context) error {
	var mothers, movers []*person
	var places []population.Place // of today's communes
	today := citizen.DayFrom(clock.DayOf(clock.System{}.Now()))
	for i := range r.sample {
		p := &r.sample[i]
		if p.alive && p.birth.Year()+18 < today.Year() { // of a child that moves alone the register asks
			movers = append(movers, p)
		}
		if u, ok := r.register.Units.Commune(p.place.Commune, clock.Date{}); !ok || !u.Current || p.place.District != "" {
			continue
		}
		places = append(places, p.place)
		if p.parent {
			mothers = append(mothers, p)
		}
	}
	if len(mothers) == 0 || len(movers) == 0 || len(places) == 0 {
		return nil
	}
	r.drive(ctx, "birth", 1, func(ctx context.Context, dice *rand.Rand) error {
		m, named := mothers[dice.IntN(len(mothers))], r.sample[dice.IntN(len(r.sample))].name
		_, err := r.register.Record(ctx, administrator, population.Event{
			Kind: population.Birth, On: today, Basis: "Giấy chứng sinh",
			Facts: population.Person{
				Name: named, Birth: today, Sex: citizen.Male + citizen.Sex(dice.IntN(2)), Ethnicity: "01", Nationality: "VN",
				Birthplace: m.place, Mother: population.Relative{Number: m.number}, Household: m.house,
			},
		})
		return err
	})
	r.drive(ctx, "move", 1, func(ctx context.Context, dice *rand.Rand) error {
		p, to := movers[dice.IntN(len(movers))], places[dice.IntN(len(places))]
		_, err := r.register.Record(ctx, administrator, population.Event{
			Kind: population.MovePresent, On: today, Basis: "Khai báo", Number: p.number, Facts: population.Person{Present: to},
		})
		return err
	})
	return nil
}
