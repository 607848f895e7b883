package populationsql_test

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// TestFollow holds that who follows the register hears of each event once, in the order in
// which it came to be, also while clerks record at the same time; and what it made of whom.
func TestFollow(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, store := register(t, db)
		load(t, r, thuFamily())
		asOf, err := store.Whole(ctx, now, nil, func([]population.Person) error { return nil })
		if err != nil || asOf.Event != 0 || asOf.Load != 1 {
			t.Fatalf("%+v, %v", asOf, err)
		}
		all := []citizen.Number{thu, wife, baba}
		var wg sync.WaitGroup
		for i, n := range all {
			wg.Go(func() {
				for k := range 5 {
					to := population.Place{Province: "01", Commune: "00097", Detail: fmt.Sprintf("Số %d phố Mới", 10*i+k), Country: "VN"}
					record(t, r, population.Event{
						Kind: population.MovePresent, Number: n, On: citizen.MustDay(fmt.Sprintf("2026-11-%02d", 10+k)), Facts: population.Person{Present: to},
					})
				}
			})
		}
		heard := map[string]int{}
		var told []string
		after, last := int64(0), int64(0)
		hear := func() {
			list, err := store.Since(ctx, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range list {
				if h.Seq <= last || len(h.People) != 1 {
					t.Errorf("%+v after %d", h, last)
				}
				after, last = h.Seq, h.Seq
				heard[h.Event]++
				b, err := r.Became(ctx, h.People[0], h.Event)
				if err != nil || !b.Had || !b.Has || b.Before.Present == b.After.Present || b.Before.Name != b.After.Name {
					t.Errorf("%+v, %v", b, err)
				}
				told = append(told, h.People[0].Reveal()+" "+b.Before.Present.Detail+" → "+b.After.Present.Detail)
			}
		}
		for len(heard) < 15 && !t.Failed() {
			hear()
		}
		wg.Wait()
		hear()
		if len(heard) != 15 {
			t.Errorf("%d of 15 events", len(heard))
		}
		for id, n := range heard {
			if n != 1 {
				t.Errorf("%s was heard of %d times", id, n)
			}
		}
		if first := thu.Reveal() + " Số 1 phố Thử → Số 0 phố Mới"; !slices.Contains(told, first) {
			t.Errorf("%q is not in %q", first, told)
		}
		to, err := store.Mark(ctx, now)
		if err != nil || to.Event != 15 {
			t.Fatalf("%+v, %v", to, err)
		}
		for name, c := range map[string]struct {
			from, to population.Mark
			want     int
		}{
			"nothing":        {to, to, 0},
			"by events":      {asOf, to, 3},
			"by the load":    {population.Mark{Event: to.Event}, to, 4},
			"since the last": {population.Mark{Event: to.Event - 1, Load: 1}, to, 1},
		} {
			got := 0
			err := store.Fresh(ctx, c.from, c.to, []population.Field{population.FieldName}, func(list []population.Person) error {
				got += len(list)
				return nil
			})
			if err != nil || got != c.want {
				t.Errorf("%s: %d, want %d, %v", name, got, c.want, err)
			}
		}
		news, err := store.EventsAfter(ctx, wife, 0)
		if err != nil || len(news) != 5 {
			t.Errorf("%v, %v", news, err)
		}
	})
}

// TestMarkOfALoad holds that people of a load that goes on count as loaded when it is whole,
// and that a load that fell keeps nobody waiting for ever.
func TestMarkOfALoad(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, store := register(t, db)
		load(t, r, thuFamily())
		for i, name := range []string{"goes on", "whole"} {
			if _, err := sqldb.Exec(ctx, db, `INSERT INTO population_load (seq, name, by_account, by_name, agency, created_at, persons, finished_at)
				VALUES ($1, $2, '', '', '', $3, 0, `+[]string{"NULL", "$3"}[i]+`)`, 2+i, strconv.Quote(name), now); err != nil {
				t.Fatal(err)
			}
		}
		for hours, want := range map[int]int64{0: 1, 23: 1, 25: 3} {
			if got, err := store.Mark(ctx, now.Add(time.Duration(hours)*time.Hour)); err != nil || got.Load != want {
				t.Errorf("after %d hours: %+v, want %d, %v", hours, got, want, err)
			}
		}
	})
}
