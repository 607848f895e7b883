package populationsql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// Counts are the raw counts of the statistics.
func (s *Store) Counts(ctx context.Context, now time.Time) (population.Counts, error) {
	c := population.Counts{Life: map[population.Life]int{}, Communes: map[string]int{}, Born: map[population.BornCount]int{}}
	type cell struct {
		A int64 `db:"a"`
		B int64 `db:"b"`
		N int64 `db:"n"`
	}
	each := func(query string, f func(cell), args ...any) error {
		for w, err := range sqldb.Each[cell](ctx, s.q, query, args...) {
			if err != nil {
				return fmt.Errorf("count people: %w", err)
			}
			f(w)
		}
		return nil
	}
	err := errors.Join(
		each(`SELECT birth / 10000 AS a, sex + 10 * life AS b, COUNT(*) AS n
			FROM population_person GROUP BY birth / 10000, sex + 10 * life`, func(w cell) {
			life := lives[w.B/10]
			c.Life[life] += int(w.N)
			if life != population.Dead {
				c.Born[population.BornCount{Year: int(w.A), Sex: citizen.Sex(w.B % 10)}] += int(w.N)
			}
		}),
		each(`SELECT permanent / 100000000 AS a, permanent % 100000 AS b, COUNT(*) AS n FROM population_person
			WHERE life <> 1 AND permanent IS NOT NULL GROUP BY permanent / 100000000, permanent % 100000`, func(w cell) {
			if w.A > 0 {
				c.Communes[pad(w.A, 2)+"/"+pad(w.B, 5)] += int(w.N)
			}
		}),
		each(`SELECT 0 AS a, 0 AS b, COUNT(DISTINCT household) AS n
			FROM population_person WHERE household IS NOT NULL`, func(w cell) { c.Households = int(w.N) }),
	)
	if err != nil {
		return c, err
	}
	since := micros(now.AddDate(-1, 0, 0))
	gone, err := s.annulled(ctx, since)
	if err != nil {
		return c, err
	}
	events := map[[2]string]int{}
	type happened struct {
		ID   string    `db:"id"`
		Kind string    `db:"kind"`
		At   time.Time `db:"created_at"`
	}
	for w, err := range sqldb.Each[happened](ctx, s.q, `SELECT id, kind, created_at FROM population_event
		WHERE created_at >= $1 AND kind <> 'registration'`, since) {
		if err != nil {
			return c, err
		}
		if gone[w.ID] {
			continue
		}
		events[[2]string{w.At.In(clock.Zone).Format("2006-01"), w.Kind}]++
	}
	for k, n := range events {
		c.Events = append(c.Events, population.EventCount{Month: k[0], Kind: population.Kind(k[1]), Count: n})
	}
	days := map[string]*population.LookupCount{}
	type looked struct {
		At      time.Time `db:"at"`
		Persons int64     `db:"persons"`
		Outcome string    `db:"outcome"`
	}
	month := micros(now.AddDate(0, 0, -30))
	for w, err := range sqldb.Each[looked](ctx, s.q, `SELECT at, persons, outcome FROM population_lookup WHERE at >= $1`, month) {
		if err != nil {
			return c, err
		}
		day := w.At.In(clock.Zone).Format(time.DateOnly)
		if days[day] == nil {
			days[day] = &population.LookupCount{Day: day}
		}
		days[day].Calls++
		days[day].Persons += int(w.Persons)
		if w.Outcome == population.Refused {
			days[day].Refused++
		}
	}
	for _, d := range days {
		c.Lookups = append(c.Lookups, *d)
	}
	return c, nil
}

// annulled are the events recorded since a moment that no longer count. What took them
// away was recorded later than they were.
func (s *Store) annulled(ctx context.Context, since time.Time) (map[string]bool, error) {
	type row struct {
		ID  string `db:"id"`
		Doc string `db:"doc"`
	}
	rows, err := sqldb.All[row](ctx, s.q, `SELECT id, doc FROM population_event
		WHERE created_at >= $1 AND kind = 'annulment' ORDER BY created_at DESC, id DESC`, since)
	gone := map[string]bool{}
	for _, w := range rows {
		var e population.Event
		if err := readEvent(w.Doc, &e); err != nil {
			return nil, fmt.Errorf("read annulment %s: %w", w.ID, err)
		}
		for _, id := range e.Annuls {
			if !gone[w.ID] {
				gone[id] = true
			}
		}
	}
	return gone, err
}
