package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"dean06/internal/bench"
)

// askers are how many ask the register at once.
var askers = []int{1, 64}

// population measures the register at each size on each engine; the notes say how it
// grows from the size before.
func (l *load) population(ctx context.Context) error {
	return l.each(func(g bench.Ground, engine string) error {
		var before *bench.Result
		for size := range strings.SplitSeq(l.people, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(size))
			if err != nil {
				return fmt.Errorf("-people: %w", err)
			}
			got, err := l.register(ctx, g, n)
			if err != nil {
				return err
			}
			l.registered(engine, &got, before)
			before = &got
		}
		return nil
	})
}

func (l *load) register(ctx context.Context, g bench.Ground, n int) (got bench.Result, err error) {
	address, drop, err := g.Database(ctx)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, drop(context.WithoutCancel(ctx))) }()
	return bench.Population{N: n, DB: address, Lookups: l.lookups, For: l.length(), Callers: askers}.Run(ctx)
}

// searchTarget is of one caller and of 64 at once.
const searchTarget = "p99 20 ms, 150 ms at 64"

// What the rows of the register are called, and the targets.
var registerRows = []struct{ section, what, target string }{
	{"generate", "people invented", ""},
	{"load", "people loaded from a file", ""},
	{"read", "one person read by number", ""},
	{"facts", "facts about one person, logged", ""},
	{"match", "one person matched, logged", ""},
	{"match_batch", "batch of 1,000 matched, logged", ""},
	{"search", "name search", searchTarget},
	{"search_common", "name search, the commonest names", searchTarget},
	{"search_given", "search by the given name alone", searchTarget},
	{"search_given_year", "search by given name and year", searchTarget},
	{"search_ends", "search by the first and the last word", searchTarget},
	{"search_commune", "search by name and commune", searchTarget},
	{"search_province", "search by first and last word and province", searchTarget},
	{"log", "look-ups logged", ""},
	{"page", "the citizen's page of who looked", "p95 50 ms"},
	{"page_known", "that page of those who are looked up most", "p95 50 ms"},
	{"birth", "birth registered, number given", ""},
	{"move", "residence registered", ""},
}

func (l *load) registered(engine string, got, before *bench.Result) {
	for _, r := range registerRows {
		for _, s := range got.Sections {
			if s.Name == r.section {
				l.add(registered(s, fmt.Sprintf("%s, %d people, %s", r.what, got.N, engine), r.target, before))
			}
		}
	}
}

func registered(s bench.Section, what, target string, before *bench.Result) row {
	out := of(s, what, target, "")
	var notes []string
	if s.Calls != nil {
		out.what += fmt.Sprintf(", %d at once", s.Calls.Callers)
		out.value = rate(s.Calls)
		if s.Calls.Errors > 0 {
			notes = append(notes, strings.TrimPrefix(failed(s.Calls), "; "))
		}
	}
	for _, v := range []struct{ key, unit string }{
		{"persons_per_second", "persons/s"}, {"lookups_per_second", "look-ups/s"},
	} {
		if x, ok := s.Values[v.key]; ok {
			out.value = bold(fmt.Sprintf("%.0f %s", x, v.unit))
		}
	}
	for _, v := range []struct{ key, unit string }{
		{"cpu_ms", "ms of processor time a call"},
		{"cpu_us_a_person", "µs of processor time a person"},
		{"bytes_a_person", "bytes a person"},
		{"bytes_a_lookup", "bytes a look-up"},
		{"lookups", "look-ups in the log"},
	} {
		if x, ok := s.Values[v.key]; ok {
			format := "%.0f %s"
			if v.key == "cpu_ms" {
				format = "%.2f %s"
			}
			notes = append(notes, fmt.Sprintf(format, x, v.unit))
		}
	}
	if before != nil && s.Calls != nil {
		if old, ok := before.Section(s.Name, s.Calls.Callers); ok && old.Calls.P50 > 0 && old.Calls.P99 > 0 {
			notes = append(notes, fmt.Sprintf("p50 × %.2f and p99 × %.2f of that at %d people",
				s.Calls.P50/old.Calls.P50, s.Calls.P99/old.Calls.P99, before.N))
		}
	}
	out.note = strings.Join(notes, "; ")
	return out
}
