package populationsql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// ordered gives an event its place behind all others. It is called when the transaction holds
// the head of the audit log: until it ends no other event is given one, and who reads the table
// sees no gap that is filled later.
func (w *writer) ordered(ctx context.Context, event string) error {
	_, err := sqldb.Exec(ctx, w.q, `INSERT INTO population_event_order (seq, event)
		SELECT COALESCE(MAX(seq), 0) + 1, CAST($1 AS TEXT) FROM population_event_order`, event)
	return err
}

// fallen is how long a load takes at most: one that is not finished by then never will be.
const fallen = 24 * time.Hour

// mark is how far the register is, as a transaction sees it.
func mark(ctx context.Context, q sqldb.Queryer, now time.Time) (m population.Mark, err error) {
	if m.Event, err = sqldb.One[int64](ctx, q, `SELECT COALESCE(MAX(seq), 0) FROM population_event_order`); err != nil {
		return m, err
	}
	m.Load, err = sqldb.One[int64](ctx, q, `SELECT COALESCE(
		(SELECT MIN(seq) - 1 FROM population_load WHERE finished_at IS NULL AND created_at > $1), (SELECT MAX(seq) FROM population_load), 0)`,
		micros(now.Add(-fallen)))
	return m, err
}

// Mark is how far the register is.
func (s *Store) Mark(ctx context.Context, now time.Time) (population.Mark, error) {
	return mark(ctx, s.db, now)
}

// Since gives the events behind a place, in their order, at most limit.
func (s *Store) Since(ctx context.Context, after int64, limit int) ([]population.Happened, error) {
	type row struct {
		Seq    int64  `db:"seq"`
		Event  string `db:"event"`
		Number int64  `db:"number"`
	}
	rows, err := sqldb.All[row](ctx, s.q, `SELECT o.seq, o.event, p.number FROM (
			SELECT seq, event FROM population_event_order WHERE seq > $1 ORDER BY seq LIMIT $2) AS o
		JOIN population_event_part p ON p.event = o.event ORDER BY o.seq, p.part`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("follow the register: %w", err)
	}
	var out []population.Happened
	for _, w := range rows {
		if len(out) == 0 || out[len(out)-1].Seq != w.Seq {
			out = append(out, population.Happened{Seq: w.Seq, Event: w.Event})
		}
		last := &out[len(out)-1]
		last.People = append(last.People, citizen.FromInt(w.Number))
	}
	return out, nil
}

// EventsAfter gives the events of a person behind a place, in their order.
func (s *Store) EventsAfter(ctx context.Context, n citizen.Number, after int64) ([]string, error) {
	return sqldb.All[string](ctx, s.q, `SELECT p.event FROM population_event_part p JOIN population_event_order o ON o.event = p.event
		WHERE p.number = $1 AND o.seq > $2 ORDER BY o.seq`, n.Int(), after)
}

// Fresh gives those, with some fields, who came or to whom something happened between two marks,
// and who are in the register.
func (s *Store) Fresh(
	ctx context.Context, from, to population.Mark, fields []population.Field, give func([]population.Person) error,
) error {
	numbers, err := sqldb.All[int64](ctx, s.q, `SELECT DISTINCT p.number FROM population_event_order o
		JOIN population_event_part p ON p.event = o.event WHERE o.seq > $1 AND o.seq <= $2`, from.Event, to.Event)
	if err == nil && from.Load < to.Load { // it takes a look at everybody
		var loaded []int64
		loaded, err = sqldb.All[int64](ctx, s.q, `SELECT number FROM population_person WHERE load_seq > $1 AND load_seq <= $2`, from.Load, to.Load)
		numbers = append(numbers, loaded...)
		slices.Sort(numbers)
		numbers = slices.Compact(numbers)
	}
	if err != nil {
		return fmt.Errorf("follow the register: %w", err)
	}
	for len(numbers) > 0 {
		n := min(wholeChunk, len(numbers))
		list := make([]citizen.Number, n)
		for i, v := range numbers[:n] {
			list[i] = citizen.FromInt(v)
		}
		numbers = numbers[n:]
		persons, err := s.Persons(ctx, list, fields)
		if err == nil && len(persons) > 0 {
			err = give(persons)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
