package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"dean06/internal/bench"
)

// body is the size of questions and answers.
const body = 1024

// batched is how many people the register has that batches are matched against.
const batched = 200_000

var callers = []int{1, 32, 256}

func (l *load) length() time.Duration { return time.Duration(l.seconds * float64(time.Second)) }

// carried is what a peer did, by the number of callers.
type carried map[int]bench.Section

// exchange measures calls through two gateways, and the same calls through other
// programs that only carry them.
func (l *load) exchange(ctx context.Context) error {
	program, err := l.program(ctx)
	if err != nil {
		return err
	}
	floor, others, err := l.carry(ctx)
	if err != nil {
		return err
	}
	return l.each(func(g bench.Ground, engine string) error {
		ours, err := bench.Exchange{
			Program: program, Callers: callers, For: l.length(), Body: body, People: batched, Postgres: g.Postgres,
		}.Run(ctx)
		if err != nil {
			return err
		}
		l.compare(engine, &ours, floor, others)
		return nil
	})
}

// carry drives the service alone and behind each peer.
func (l *load) carry(ctx context.Context) (floor carried, others map[string]carried, err error) {
	measured := bench.Carried{Dir: l.dir, Callers: callers, For: l.length(), Body: body}
	all, err := measured.Floor(ctx)
	if err != nil {
		return nil, nil, err
	}
	floor = byCallers(all)
	for _, s := range all {
		r := of(s, fmt.Sprintf("1 KB calls of the service itself, %d at once", s.Calls.Callers), "", "no gateway, no TLS: the floor")
		r.value = rate(s.Calls)
		l.add(r)
	}
	others = map[string]carried{}
	for _, p := range bench.Peers() {
		if p.Program == "" {
			l.add(row{what: "1 KB calls through two " + p.Name, value: "not installed", note: p.Install})
			continue
		}
		all, err := measured.By(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		others[p.Name] = byCallers(all)
		for _, s := range all {
			note := fmt.Sprintf("mutual TLS only: nothing signed, nothing logged; both sides %.0f MB resident%s",
				s.Values["rss_mb_peer"], failed(s.Calls))
			r := of(s, fmt.Sprintf("1 KB calls through two %s, %d at once", p.Name, s.Calls.Callers), "", note)
			r.value, r.cpu = rate(s.Calls), s.Values["cpu_ms_peer"]
			l.add(r)
		}
	}
	return floor, others, nil
}

func byCallers(all []bench.Section) carried {
	out := carried{}
	for _, s := range all {
		out[s.Calls.Callers] = s
	}
	return out
}

// compare adds the rows of two gateways, with the ratios to the others.
func (l *load) compare(engine string, ours *bench.Result, floor carried, others map[string]carried) {
	for _, n := range callers {
		s, ok := ours.Section("call", n)
		if !ok {
			continue
		}
		v := s.Values
		note := fmt.Sprintf("signed, verified and logged four times; gateways %.0f and %.0f MB resident, %.0f and %.0f MB of it their own",
			v["rss_mb_consumer"], v["rss_mb_provider"], v["own_mb_consumer"], v["own_mb_provider"])
		if f, ok := floor[n]; ok && f.Calls.PerSecond > 0 {
			note += fmt.Sprintf("; %.2f of the floor", s.Calls.PerSecond/f.Calls.PerSecond)
		}
		for _, p := range bench.Peers() {
			if c, ok := others[p.Name][n]; ok && c.Calls.PerSecond > 0 && c.Values["cpu_ms_peer"] > 0 {
				note += fmt.Sprintf("; %.2f of the calls of %s, %.1f of its processor time",
					s.Calls.PerSecond/c.Calls.PerSecond, p.Name, v["cpu_ms_gateways"]/c.Values["cpu_ms_peer"])
			}
		}
		r := of(s, fmt.Sprintf("1 KB calls through two gateways, %d at once, %s", n, engine), "", note+failed(s.Calls))
		if n > 1 {
			r.target = "1,000/s"
		}
		r.value, r.cpu = rate(s.Calls), v["cpu_ms_gateways"]
		l.add(r)
	}
	for _, n := range []int{1, 8} {
		s, ok := ours.Section("match_batch", n)
		if !ok {
			continue
		}
		r := of(s, "batches of 1,000 matched through two gateways, "+strconv.Itoa(n)+" at once, "+engine, "20,000 persons/s",
			fmt.Sprintf("each look-up logged; register of %d people; processor time of one person; MOSIP publishes 140/s%s",
				ours.N, failed(s.Calls)))
		r.value, r.cpu = bold(fmt.Sprintf("%.0f persons/s", s.Values["persons_per_second"])), s.Values["cpu_us_a_person"]/1000
		l.add(r)
	}
	for _, side := range []string{"consumer", "provider"} {
		if s, ok := ours.Section("log_"+side, 0); ok {
			l.add(row{
				what: "message log of the " + side + ", " + engine, value: bold(fmt.Sprintf("%.0f bytes a call", s.Values["bytes_a_call"])),
				target: "950 bytes", note: fmt.Sprintf("tables and indexes, after %.0f records; beside it a journal of 24 hours", s.Values["records"]),
			})
		}
	}
	if s, ok := ours.Section("log_consumer", 0); ok {
		l.add(row{
			what: "message log checked, " + engine, value: bold(fmt.Sprintf("%.0f records/s", s.Values["records_checked_per_second"])),
			note: fmt.Sprintf("%.0f calls answered, each found in both logs", s.Values["calls_answered"]),
		})
	}
}
