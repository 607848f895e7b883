//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"dean06/internal/app"
	"dean06/internal/platform/measure"
)

// body is the size of questions and answers.
const body = 1024

var callers = []int{1, 32, 256}

// self runs `dean06 bench …` and gives what it measured.
func (b *bench) self(ctx context.Context, args ...string) (app.Bench, error) {
	var out app.Bench
	program, err := b.build(ctx)
	if err != nil {
		return out, err
	}
	cmd := exec.CommandContext(ctx, program, append(append([]string{"bench"}, args...), "--json", "--seconds", fmt.Sprint(b.seconds))...)
	cmd.Stderr = os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("bench %v: %w", args, err)
	}
	return out, json.NewDecoder(bytes.NewReader(raw)).Decode(&out)
}

func rate(f *measure.Figures) string { return fmt.Sprintf("**%.0f/s**", f.PerSecond) }

// carried is what the peers did, to compare with.
type carried struct {
	figures measure.Figures
	cpu     time.Duration // of both sides, for one call
	rss     int64         // of both sides
}

// exchange measures calls through two gateways, and the same calls through other
// programs that only carry them.
func (b *bench) exchange(ctx context.Context) error {
	floor, others, err := b.carry(ctx)
	if err != nil {
		return err
	}
	engines := []string{"SQLite"}
	if b.postgres != "" {
		engines = append(engines, "PostgreSQL")
	}
	for _, engine := range engines {
		args := []string{"exchange"}
		if engine == "PostgreSQL" {
			args = append(args, "--postgres", b.postgres)
		}
		ours, err := b.self(ctx, args...)
		if err != nil {
			return err
		}
		b.compare(engine, ours, floor, others)
	}
	return nil
}

// carry drives the service alone and behind each peer.
func (b *bench) carry(ctx context.Context) (floor map[int]carried, others map[string]map[int]carried, err error) {
	address, stop, err := service(ctx, body)
	if err != nil {
		return nil, nil, err
	}
	defer stop()
	none := func() measure.Process { return measure.Process{} }
	floor = b.drive(ctx, "http://"+address, none)
	for _, n := range callers {
		c := floor[n]
		b.add(row{what: fmt.Sprintf("1 KB calls of the service itself, %d at once", n), value: rate(&c.figures), figures: &c.figures, note: "no gateway, no TLS: the floor"})
	}
	others = map[string]map[int]carried{}
	for _, p := range peers() {
		if p.program == "" {
			b.add(row{what: "1 KB calls through two " + p.name, value: "not installed", note: p.install})
			continue
		}
		h, err := p.start(ctx, filepath.Join(b.dir, p.name), address)
		if err != nil {
			return nil, nil, err
		}
		others[p.name] = b.drive(ctx, h.url, h.cost)
		if err := h.stop(); err != nil {
			return nil, nil, err
		}
		for _, n := range callers {
			c := others[p.name][n]
			b.add(row{
				what: fmt.Sprintf("1 KB calls through two %s, %d at once", p.name, n), value: rate(&c.figures), figures: &c.figures, cpu: c.cpu, count: 1,
				note: fmt.Sprintf("mutual TLS only: nothing signed, nothing logged; both sides %.0f MB resident%s", float64(c.rss)/1e6, failed(&c.figures)),
			})
		}
	}
	return floor, others, nil
}

func failed(f *measure.Figures) string {
	if f.Errors == 0 {
		return ""
	}
	return fmt.Sprintf("; %d errors: %s", f.Errors, f.FirstErr)
}

func (b *bench) drive(ctx context.Context, url string, cost func() measure.Process) map[int]carried {
	out := map[int]carried{}
	question := document(body)
	period := time.Duration(b.seconds * float64(time.Second))
	for _, n := range callers {
		before := cost()
		made := make([]int, n) // in the warming-up too
		f := measure.Load{Callers: n, Warm: period / 10, For: period}.Run(ctx, func(ctx context.Context, caller, _ int) error {
			made[caller]++
			return post(ctx, url, question)
		})
		all := 0
		for _, m := range made {
			all += m
		}
		after := cost()
		out[n] = carried{figures: f, cpu: (after.CPU - before.CPU) / time.Duration(max(1, all)), rss: after.RSS}
	}
	return out
}

// compare adds the rows of two gateways, with the ratios to the others.
func (b *bench) compare(engine string, ours app.Bench, floor map[int]carried, others map[string]map[int]carried) {
	for _, n := range callers {
		s, ok := ours.Section("call", n)
		if !ok {
			continue
		}
		cpu := s.Values["cpu_ms_gateways"]
		note := fmt.Sprintf("signed, verified and logged four times; gateways %.0f and %.0f MB resident, %.0f and %.0f MB of it their own",
			s.Values["rss_mb_consumer"], s.Values["rss_mb_provider"], s.Values["own_mb_consumer"], s.Values["own_mb_provider"])
		if f := floor[n].figures.PerSecond; f > 0 {
			note += fmt.Sprintf("; %.2f of the floor", s.Calls.PerSecond/f)
		}
		for _, p := range peers() {
			if c, ok := others[p.name][n]; ok && c.figures.PerSecond > 0 && c.cpu > 0 {
				note += fmt.Sprintf("; %.2f of the calls of %s, %.1f of its processor time", s.Calls.PerSecond/c.figures.PerSecond, p.name, cpu/measure.Milliseconds(c.cpu))
			}
		}
		target := ""
		if n > 1 {
			target = "1,000/s"
		}
		b.add(row{
			what: fmt.Sprintf("1 KB calls through two gateways, %d at once, %s", n, engine), target: target, value: rate(s.Calls), figures: s.Calls,
			cpu: time.Duration(cpu * float64(time.Millisecond)), count: 1, note: note + failed(s.Calls),
		})
	}
	for _, n := range []int{1, 8} {
		s, ok := ours.Section("match_batch", n)
		if !ok {
			continue
		}
		b.add(row{
			what: "batches of 1,000 matched through two gateways, " + strconv.Itoa(n) + " at once, " + engine, target: "20,000 persons/s",
			value: fmt.Sprintf("**%.0f persons/s**", s.Values["persons_per_second"]), figures: s.Calls, cpu: time.Duration(s.Values["cpu_us_a_person"] * float64(time.Microsecond)), count: 1,
			note: fmt.Sprintf("each look-up logged; register of %d people; processor time of one person; MOSIP publishes 140/s%s", ours.N, failed(s.Calls)),
		})
	}
	if s, ok := ours.Section("log_consumer", 0); ok {
		b.add(row{
			what: "message log checked, " + engine, value: fmt.Sprintf("**%.0f records/s**", s.Values["records_checked_per_second"]),
			note: fmt.Sprintf("%.0f calls answered, each found in both logs", s.Values["calls_answered"]),
		})
	}
}
