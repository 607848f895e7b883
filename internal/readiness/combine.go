package readiness

import (
	"slices"
	"time"
)

// CombineRule names how the statements of several units become that of the
// unit into which they were merged.
type CombineRule string

// The rules of combination.
const (
	// CombineAll: met only when each predecessor answered and meets it. The default.
	CombineAll CombineRule = "all"
	// CombineAny: met when one predecessor meets it; 100 % when one meets 100 %.
	CombineAny CombineRule = "any"
	// CombineWeighted: the share of the weight (population, or one each) of the
	// predecessors that meet it. A unit counts as met at the full weight only.
	CombineWeighted CombineRule = "weighted"
)

// Share is one unit that follows an agency, with the weight that the agency brings to it.
type Share struct {
	Agency string
	Name   string
	Kind   string
	Weight float64 // 0 is taken as 1
}

// Geography says into which units the agencies of the letter's day went by the
// day of the geography. An agency that stayed gives itself.
type Geography interface {
	Successors(agency string) []Share
}

// Combine shows statements in the units of another day. Nothing is overwritten:
// each combined statement keeps those behind it, also those without an answer.
func Combine(rule CombineRule, statements []Statement, geo Geography) []Statement {
	type unit struct {
		share   Share
		from    []Statement
		weights []float64
	}
	units := map[string]*unit{}
	var order []string
	for _, s := range statements {
		shares := geo.Successors(s.Agency)
		if len(shares) == 0 { // abolished without a successor: shown as it was
			shares = []Share{{Agency: s.Agency, Name: s.Name, Kind: s.Kind}}
		}
		for _, sh := range shares {
			u := units[sh.Agency]
			if u == nil {
				u = &unit{share: sh}
				units[sh.Agency] = u
				order = append(order, sh.Agency)
			}
			u.from = append(u.from, s)
			if sh.Weight <= 0 {
				sh.Weight = 1
			}
			u.weights = append(u.weights, sh.Weight)
		}
	}
	out := make([]Statement, 0, len(order))
	for _, code := range order {
		u := units[code]
		if len(u.from) == 1 && u.from[0].Agency == code {
			out = append(out, u.from[0])
			continue
		}
		out = append(out, combined(rule, u.share, u.from, u.weights))
	}
	return out
}

func combined(rule CombineRule, to Share, from []Statement, weights []float64) Statement {
	s := Statement{Agency: to.Agency, Name: to.Name, Kind: to.Kind, From: from}
	keys := map[string]bool{}
	for _, f := range from {
		s.Recipient = s.Recipient || f.Recipient
		s.Version = max(s.Version, f.Version)
		s.KnownAt = latest(s.KnownAt, f.KnownAt)
		if f.TrueOn.After(s.TrueOn) {
			s.TrueOn = f.TrueOn
		}
		if f.Verdict.Rule != "" {
			s.Verdict.Rule = f.Verdict.Rule
		}
		for k := range f.Verdict.Components {
			keys[k] = true
		}
	}
	s.Verdict.Components = make(map[string]Status, len(keys))
	if rule == CombineWeighted {
		s.Share = map[string]float64{AllFive: shareMet(AllFive, from, weights)}
	}
	for k := range keys {
		s.Verdict.Components[k] = combinedStatus(rule, k, from)
		if rule == CombineWeighted {
			s.Share[k] = shareMet(k, from, weights)
		}
	}
	meets := func(f Statement) bool { return f.Meets(AllFive) }
	if rule == CombineAny {
		s.Verdict.AllMet = slices.ContainsFunc(from, meets)
	} else {
		s.Verdict.AllMet = !slices.ContainsFunc(from, func(f Statement) bool { return !meets(f) })
	}
	return s
}

func combinedStatus(rule CombineRule, key string, from []Statement) Status {
	count := map[Status]int{}
	for _, f := range from {
		st := f.Verdict.Components[key]
		if !f.Answered() || st == "" {
			st = Unknown
		}
		count[st]++
	}
	known := len(from) - count[Unknown]
	switch {
	case count[Met] == len(from), rule == CombineAny && count[Met] > 0:
		return Met
	case known == 0:
		return Unknown
	case count[NotMet] == known:
		return NotMet
	}
	return PartiallyMet
}

func shareMet(key string, from []Statement, weights []float64) float64 {
	var met, all float64
	for i, f := range from {
		all += weights[i]
		if f.Meets(key) {
			met += weights[i]
		}
	}
	return met / all
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
