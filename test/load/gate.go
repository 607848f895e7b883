package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"dean06/internal/bench"
)

// gateCallers are how many call at once when the gate is measured.
const gateCallers = 32

// gate measures what a right that demands security costs a call, beside the same call by a
// right that does not: medians of turns that alternate.
func (l *load) gate(ctx context.Context) error {
	program, err := l.program(ctx)
	if err != nil {
		return err
	}
	return l.each(func(g bench.Ground, engine string) error {
		r, err := bench.Gate{
			Program: program, Callers: gateCallers, Turns: l.pairs, For: l.length(), Body: body, Postgres: g.Postgres,
		}.Run(ctx)
		if err != nil {
			return err
		}
		l.compareGate(engine, r)
		return nil
	})
}

func (l *load) compareGate(engine string, r bench.Result) {
	open, gated := turn(r.Sections, bench.GateOpen, gateCallers), turn(r.Sections, bench.GateGated, gateCallers)
	for _, x := range []struct {
		what  string
		turns []bench.Section
	}{{"that demands nothing", open}, {"that demands security", gated}} {
		if len(x.turns) == 0 {
			continue
		}
		s := middle(x.turns, gateways)
		row := of(s, fmt.Sprintf("1 KB calls by a right %s, %d at once, %s", x.what, gateCallers, engine), "",
			fmt.Sprintf("median of %d turns by processor time%s", len(x.turns), failed(s.Calls)))
		row.value, row.cpu = rate(s.Calls), gateways(s)
		l.add(row)
	}
	for _, x := range []struct {
		what string
		of   func(bench.Section) float64
	}{
		{"processor time", gateways},
		{"p50", func(s bench.Section) float64 { return s.Calls.P50 }},
		{"p99", func(s bench.Section) float64 { return s.Calls.P99 }},
	} {
		if ratios := paired(open, gated, x.of); len(ratios) > 0 {
			row := row{
				what:  "the gate: " + x.what + " with the demand beside without it, " + engine,
				value: bold(fmt.Sprintf("%+.2f %%", quarter(ratios, 2))),
				note:  fmt.Sprintf("median of %d pairs; half of them between %+.2f and %+.2f %%", len(ratios), quarter(ratios, 1), quarter(ratios, 3)),
			}
			if x.what == "processor time" {
				row.target = "below 1 %"
			}
			l.add(row)
		}
	}
	if s, ok := r.Section(bench.GateLookUp, 0); ok && len(gated) > 0 {
		ns := s.Values["ns"]
		l.add(row{
			what: "the gate's look-up alone, of 20,000 subsystems", target: "below 1 %", value: bold(fmt.Sprintf("%.0f ns", ns)),
			note: fmt.Sprintf("%.3f %% of a call's processor time, %s", ns/1e4/gateways(middle(gated, gateways)), engine),
		})
	}
}

// gateways is what a call takes of the processor in both gateways, in milliseconds.
func gateways(s bench.Section) float64 { return s.Values["cpu_ms_gateways"] }

// middle is the turn whose value is the median.
func middle(turns []bench.Section, of func(bench.Section) float64) bench.Section {
	turns = slices.Clone(turns)
	slices.SortFunc(turns, func(a, b bench.Section) int { return cmp.Compare(of(a), of(b)) })
	return turns[len(turns)/2]
}

// paired are the ratios of a value of other to that of base, turn by turn, the least first.
func paired(base, other []bench.Section, of func(bench.Section) float64) []float64 {
	var out []float64
	for i := range min(len(base), len(other)) {
		if x := of(base[i]); x > 0 {
			out = append(out, of(other[i])/x)
		}
	}
	slices.Sort(out)
	return out
}

// quarter is a quartile of ratios, the least of them first, as per cent above one: between the
// two that are nearest to it.
func quarter(ratios []float64, n int) float64 {
	at := float64((len(ratios)-1)*n) / 4
	low := int(at)
	high := min(low+1, len(ratios)-1)
	return 100 * (ratios[low] + (at-float64(low))*(ratios[high]-ratios[low]) - 1)
}
