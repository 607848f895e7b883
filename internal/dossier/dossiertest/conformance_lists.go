package dossiertest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/platform/clock"
)

var (
	offices    = []string{"H55", "H55.C05443", "H55.C05449"}
	surnames   = []string{"Nguyễn", "Trần", "Đỗ", "Hoàng", "Ma"}
	givens     = []string{"Thị Lan", "Văn Lân", "Thị Lan Anh", "Văn An", "Thị Ánh", "Đức Ân"}
	procedures = []string{"1.001193", "1.004222", "1.010041"}
	duties     = []string{"desk", "reviewer", "leader", "police"}
)

func pick[T any](dice *rand.Rand, list []T) T { return list[dice.IntN(len(list))] }

// random is a dossier somewhere on its way.
func random(dice *rand.Rand, n int) (dossier.Dossier, []dossier.Action) {
	d, first := Sample(n)
	d.Applicant.Name = pick(dice, surnames) + " " + pick(dice, givens)
	d.Applicant.Account = fmt.Sprintf("a-%d", dice.IntN(20))
	d.Applicant.Number = fmt.Sprintf("0011900000%02d", dice.IntN(30))
	if d.For = nil; dice.IntN(5) == 0 {
		d.For = &dossier.Party{Kind: dossier.OfCitizen, Name: pick(dice, surnames) + " Thế Ẩn", Number: fmt.Sprintf("0011900000%02d", dice.IntN(30))}
	}
	d.Procedure = pick(dice, procedures)
	d.Competent = pick(dice, offices)
	d.Receiving = d.Competent
	if dice.IntN(4) == 0 {
		d.Receiving = pick(dice, offices)
	}
	d.SubmittedAt = day.Add(time.Duration(dice.IntN(20*24)) * time.Hour)
	d.Status = dossier.Status(1 + dice.IntN(10))
	d.Agency, d.Duty, d.Area = d.Competent, pick(dice, duties), pick(dice, []string{"05443", "05449", ""})
	if dice.IntN(2) == 0 {
		d.Agency = d.Receiving
	}
	if dice.IntN(2) == 0 {
		d.Holder = pick(dice, []string{"o-1", "o-2", "o-3"})
	}
	if d.Status != dossier.New && d.Status != dossier.RefusedIntake {
		d.ReceivedAt = d.SubmittedAt.Add(time.Hour)
		d.Promised = d.ReceivedAt.Add(time.Duration(1+dice.IntN(10)) * 24 * time.Hour)
		d.Warned = dice.IntN(3)
	}
	for range dice.IntN(3) {
		d.Supplements = append(d.Supplements, dossier.Supplying{At: d.SubmittedAt.Add(time.Duration(dice.IntN(200)) * time.Hour), By: "o-1"})
	}
	switch d.Status {
	case dossier.RefusedIntake, dossier.Stopped, dossier.Done, dossier.HandedOver:
		d.DoneAt = d.SubmittedAt.Add(time.Duration(1+dice.IntN(300)) * time.Hour)
		if d.Status != dossier.Done {
			d.Agency, d.Duty, d.Holder = "", "", ""
		}
	case dossier.Received, dossier.InProcess, dossier.Withdrawing:
		d.Due = d.Promised
		if d.Status == dossier.InProcess && dice.IntN(3) == 0 {
			d.Effect = &dossier.EffectState{State: dossier.EffectWaiting, Event: "birth"}
		}
	}
	return d, []dossier.Action{Acted(&d, first, nil)}
}

// many fills a store.
func many(t *testing.T, s dossier.Store, n int) []dossier.Dossier {
	t.Helper()
	dice := rand.New(rand.NewPCG(7, uint64(n))) //nolint:gosec // the same each time
	var out []dossier.Dossier
	must(t, within(t, s, func(ctx context.Context, tx dossier.Tx) error {
		for i := range n {
			d, acts := random(dice, i)
			if err := tx.Add(ctx, d, acts[0], ""); err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	}))
	return out
}

// fits is a slow reading of ListQuery.
func fits(q dossier.ListQuery, d *dossier.Dossier) bool {
	has := slices.Contains[[]string]
	if len(q.Agencies) > 0 && !has(q.Agencies, d.Receiving) && !has(q.Agencies, d.Competent) && !has(q.Agencies, d.Agency) ||
		len(q.Holding) > 0 && !has(q.Holding, d.Agency) ||
		len(q.Duties) > 0 && !slices.ContainsFunc(q.Duties, func(u dossier.Duty) bool {
			return u.Agency == d.Agency && u.Duty == d.Duty && (u.Area == "" || u.Area == d.Area)
		}) ||
		len(q.Holders) > 0 && !has(q.Holders, d.Holder) || q.Free && d.Holder != "" ||
		len(q.Statuses) > 0 && !slices.Contains(q.Statuses, d.Status) ||
		q.Procedure != "" && q.Procedure != d.Procedure || q.Number != "" && q.Number != d.Applicant.Number && (d.For == nil || d.For.Number != q.Number) ||
		q.Code != "" && !strings.HasPrefix(d.Code, q.Code) && !strings.HasSuffix(d.Code, q.Code) ||
		q.Open && !d.DoneAt.IsZero() || q.Late && (d.Due.IsZero() || !d.Due.Before(q.Now)) ||
		!q.From.IsZero() && d.SubmittedAt.Before(q.From.Start()) || !q.To.IsZero() && !d.SubmittedAt.Before(q.To.Start()) {
		return false
	}
	words, named := strings.Fields(q.Name), strings.Fields(citizen.Fold(d.Applicant.Called()+" "+d.For.Called()))
	for i, w := range words {
		if i < len(words)-1 && !has(named, w) ||
			i == len(words)-1 && !slices.ContainsFunc(named, func(n string) bool { return strings.HasPrefix(n, w) }) {
			return false
		}
	}
	return true
}

func lists(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	all := many(t, s, 300)
	now := day.Add(10 * 24 * time.Hour)
	agency := func(list ...string) dossier.ListQuery { return dossier.ListQuery{Agencies: list} }
	queries := []dossier.ListQuery{
		{},
		agency("H55.C05443"), agency("H55.C05443", "H55"), agency("G01"),
		{Holding: []string{"H55"}},
		{Duties: []dossier.Duty{{Agency: "H55", Duty: "desk"}}},
		{Duties: []dossier.Duty{{Agency: "H55", Duty: "desk", Area: "05443"}, {Agency: "H55", Duty: "desk"}, {Agency: "H55.C05449", Duty: "police"}}},
		{Duties: []dossier.Duty{{Agency: "H55.C05443", Duty: "reviewer"}}, Free: true},
		{Holders: []string{"o-2"}},
		{Holders: []string{"o-9", "o-1"}},
		{Statuses: []dossier.Status{dossier.Supplement}},
		{Agencies: offices, Statuses: []dossier.Status{4, 5}},
		{Procedure: "1.004222", Agencies: []string{"H55"}},
		{Code: "H55.C05443-20261102-0000007"},
		{Code: "H55.C05443-20261102-00000"},
		{Code: "0007"},
		{Code: "7"},
		{Code: "nothing"},
		{Number: "001190000007"},
		{Number: "001190000099"},
		{Open: true},
		{Open: true, Agencies: []string{"H55"}},
		{Late: true, Now: now},
		{Late: true, Now: now, Holding: offices[:2]},
		{From: clock.MustDate("2026-11-05"), To: clock.MustDate("2026-11-08")},
		{Agencies: offices, From: clock.MustDate("2026-11-15")},
		{Agencies: offices, Code: "007"},
		{Agencies: offices[:1], Number: "001190000003"},
	}
	for _, name := range []string{
		"lan", "lan anh", "anh lan", "nguyen thi lan", "ma a", "thi", "do", "duc an do", "khong co", "l", "nguyen thi lan anh x", "an an", "the an",
	} {
		queries = append(queries, dossier.ListQuery{Name: name}, dossier.ListQuery{Name: name, Agencies: offices[1:2]},
			dossier.ListQuery{Name: name, Agencies: offices, Statuses: []dossier.Status{4, 10}})
	}
	for _, q := range queries {
		var want []string
		var sorted []dossier.Head
		for i := range all {
			if fits(q, &all[i]) {
				sorted = append(sorted, all[i].Head())
			}
		}
		slices.SortFunc(sorted, func(a, b dossier.Head) int { return strings.Compare(a.Order()+a.ID, b.Order()+b.ID) })
		for _, h := range sorted {
			want = append(want, h.ID)
		}
		if n, err := s.Count(ctx, q); err != nil || n != len(want) {
			t.Errorf("%+v: counts %d, want %d, %v", q, n, len(want), err)
		}
		for _, limit := range []int{0, 7} {
			q.Limit, q.After = limit, ""
			var got []string
			for {
				page, err := s.List(ctx, q)
				if err != nil {
					t.Fatalf("%+v: %v", q, err)
				}
				for _, h := range page {
					got = append(got, h.ID)
				}
				if limit > 0 && len(page) > limit {
					t.Errorf("%+v: %d in a page", q, len(page))
				}
				if limit == 0 || len(page) < limit {
					break
				}
				q.After = page[len(page)-1].Cursor()
			}
			if d := cmp.Diff(want, got, same); d != "" {
				t.Errorf("%+v (-want +got):\n%s", q, d)
			}
		}
	}
	heads, err := s.List(ctx, dossier.ListQuery{})
	must(t, err)
	by := map[string]dossier.Head{}
	for _, h := range heads {
		by[h.ID] = h
	}
	for i := range all {
		if d := cmp.Diff(all[i].Head(), by[all[i].ID], same); d != "" {
			t.Fatalf("head (-want +got):\n%s", d)
		}
	}

	// A dossier is found by the name, and at the agency, that it has now.
	d := all[0]
	before, err := s.Actions(ctx, d.ID)
	must(t, err)
	was := d.Version
	d.Applicant.Name, d.Receiving, d.Competent, d.Agency = "Lò Thị Mới", "H55.C05500", "H55.C05500", "H55.C05500"
	a := Acted(&d, dossier.Action{Verb: dossier.Correct, At: day, By: "o-1"}, before)
	must(t, within(t, s, func(ctx context.Context, tx dossier.Tx) error { return tx.Save(ctx, d, was, []dossier.Action{a}) }))
	if got, err := s.List(ctx, dossier.ListQuery{Agencies: []string{"H55.C05500"}, Name: "moi"}); err != nil || len(got) != 1 || got[0].ID != d.ID {
		t.Errorf("by the new name: %+v, %v", got, err)
	}
	if got, err := s.List(ctx, dossier.ListQuery{Agencies: offices, Name: "lo thi"}); err != nil || len(got) != 0 {
		t.Errorf("where it is no more: %+v, %v", got, err)
	}
}

func own(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	all := many(t, s, 60)
	for _, c := range [][2]string{{"a-3", ""}, {"a-3", "001190000004"}, {"", "001190000004"}, {"", ""}, {"a-99", "x"}} {
		var want []string
		for i := range all {
			p, other := all[i].Applicant, all[i].For
			if c[0] != "" && p.Account == c[0] || c[1] != "" && (p.Number == c[1] || other != nil && other.Number == c[1]) {
				want = append(want, all[i].ID)
			}
		}
		slices.Reverse(want)
		for _, limit := range []int{100, 2} {
			got, err := s.Own(ctx, c[0], c[1], limit)
			must(t, err)
			ids := make([]string, len(got))
			for i, h := range got {
				ids[i] = h.ID
			}
			if d := cmp.Diff(want[:min(len(want), limit)], ids, same); d != "" {
				t.Errorf("%v (-want +got):\n%s", c, d)
			}
		}
	}
}

// moves holds that what changes of the calendar moved is told with the day before and after,
// the latest first, and an open pause as none.
func moves(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	if got, err := s.Moved(ctx, 10); err != nil || len(got) != 0 {
		t.Fatalf("nothing was moved: %+v, %v", got, err)
	}
	var want []dossier.Moved
	for i := range 4 {
		d, first := Sample(i)
		acts := []dossier.Action{first}
		from, to, counted := day.Add(72*time.Hour), day.Add(96*time.Hour), day.Add(time.Duration(10+i)*time.Hour)
		if i == 3 {
			from, to = time.Time{}, time.Time{}
		}
		d.Status, d.Step, d.Due, d.Promised, d.ReceivedAt = dossier.Received, "review", from, day.Add(72*time.Hour), day.Add(time.Hour)
		acts = append(acts, Acted(&d, dossier.Action{Verb: dossier.Receive, At: day.Add(time.Hour), By: "o-1"}, acts))
		if i > 0 { // the first stays where it is
			d.Due = to
			acts = append(acts, Acted(&d, dossier.Action{Verb: dossier.Recounted, At: counted, By: "system:dean06"}, acts))
			acts = append(acts, Acted(&d, dossier.Action{Verb: dossier.Note, At: counted.Add(time.Minute), By: "o-1"}, acts))
			want = append([]dossier.Moved{{Code: d.Code, At: counted, From: from, To: to}}, want...)
		}
		must(t, within(t, s, func(ctx context.Context, tx dossier.Tx) error {
			sent, _ := Sample(i)
			if err := tx.Add(ctx, sent, acts[0], ""); err != nil {
				return err
			}
			return tx.Save(ctx, d, sent.Version, acts[1:])
		}))
	}
	for _, limit := range []int{10, 2} {
		got, err := s.Moved(ctx, limit)
		if d := cmp.Diff(want[:min(limit, len(want))], got, same); err != nil || d != "" {
			t.Errorf("moved, at most %d: %v (-want +got):\n%s", limit, err, d)
		}
	}
}

func waits(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	all := many(t, s, 240)
	var effects, due, running []string
	before := day.Add(20 * 24 * time.Hour)
	for i := range all {
		d := &all[i]
		if d.Effect != nil && d.Effect.State == dossier.EffectWaiting {
			effects = append(effects, d.ID)
		}
		if !d.Due.IsZero() && d.Due.Before(before) && d.Warned < 2 {
			due = append(due, d.ID)
		}
		if !d.Promised.IsZero() && d.DoneAt.IsZero() {
			running = append(running, d.ID)
		}
	}
	if min(len(effects), len(due), len(running)) < 3 {
		t.Fatalf("the sample is too small: %d, %d, %d", len(effects), len(due), len(running))
	}
	got, err := s.DueBefore(ctx, before, 2, 1000)
	slices.Sort(got)
	if d := cmp.Diff(due, got); err != nil || d != "" {
		t.Errorf("due: %v (-want +got):\n%s", err, d)
	}
	if got, err := s.DueBefore(ctx, before, 2, 2); err != nil || len(got) != 2 {
		t.Errorf("two that are due: %v, %v", got, err)
	}
	var run []string
	for after := ""; ; after = run[len(run)-1] {
		page, err := s.Running(ctx, after, 5)
		must(t, err)
		run = append(run, page...)
		if len(page) < 5 {
			break
		}
	}
	if d := cmp.Diff(running, run); d != "" {
		t.Errorf("running (-want +got):\n%s", d)
	}
	got, err = s.EffectsWaiting(ctx, 1000)
	slices.Sort(got)
	if d := cmp.Diff(effects, got); err != nil || d != "" {
		t.Errorf("effects: %v (-want +got):\n%s", err, d)
	}
	// Whoever was tried is tried last.
	at := day.Add(100 * 24 * time.Hour)
	first := effects[0]
	for range 2 {
		must(t, within(t, s, func(ctx context.Context, tx dossier.Tx) error { return tx.Tried(ctx, first, at) }))
	}
	got, err = s.EffectsWaiting(ctx, 1000)
	if err != nil || len(got) != len(effects) || got[len(got)-1] != first {
		t.Errorf("after a try: %v, %v", got, err)
	}
	d, err := s.Dossier(ctx, first)
	if err != nil || d.Effect.Tries != 2 || !d.Effect.TriedAt.Equal(at) || d.Version != 1 {
		t.Errorf("after two tries: %+v, %v", d.Effect, err)
	}
	acts, err := s.Actions(ctx, first)
	must(t, err)
	must(t, dossier.VerifyChain(acts, d))
}

func rates(t *testing.T, s dossier.Store) {
	ctx := t.Context()
	all := many(t, s, 200)
	now := day.Add(12 * 24 * time.Hour)
	yes, no := true, false
	for _, q := range []dossier.OnTimeQuery{
		{Now: now},
		{Now: now, Agencies: offices[:1]},
		{Now: now, Agencies: offices, Unit: "H55.C05443"},
		{Now: now, Procedure: "1.001193"},
		{Now: now, From: clock.MustDate("2026-11-05"), To: clock.MustDate("2026-11-10")},
		{Now: now, To: clock.MustDate("2027-01-01")},
		{Now: now, Unit: "G01"},
	} {
		at := q.Now
		if !q.To.IsZero() && q.To.Start().Before(at) {
			at = q.To.Start()
		}
		want := map[string]dossier.OnTimeCount{}
		var lates, goods []string
		for i := range all {
			d := &all[i]
			j := dossier.Judge(d.Head(), d.Asked(), at)
			if !j.Counts || len(q.Agencies) > 0 && !slices.Contains(q.Agencies, d.Competent) || q.Unit != "" && d.Competent != q.Unit ||
				q.Procedure != "" && d.Procedure != q.Procedure || !q.To.IsZero() && !d.ReceivedAt.Before(q.To.Start()) ||
				!q.From.IsZero() && !d.DoneAt.IsZero() && d.DoneAt.Before(q.From.Start()) {
				continue
			}
			key := d.Procedure + " " + d.Competent
			c := want[key]
			c.Procedure, c.Agency, c.All = d.Procedure, d.Competent, c.All+1
			if j.Late {
				lates = append(lates, d.ID)
			} else {
				goods = append(goods, d.ID)
				c.OnTime++
			}
			want[key] = c
		}
		got, err := s.OnTime(ctx, q)
		must(t, err)
		have := map[string]dossier.OnTimeCount{}
		for _, c := range got {
			have[c.Procedure+" "+c.Agency] = c
		}
		if d := cmp.Diff(want, have, same); d != "" {
			t.Errorf("%+v (-want +got):\n%s", q, d)
		}
		for which, ids := range map[*bool][]string{&yes: lates, &no: goods, nil: append(slices.Clone(lates), goods...)} {
			q.Late = which
			heads, err := s.OnTimeHeads(ctx, q, 1000)
			must(t, err)
			got := make([]string, len(heads))
			for i, h := range heads {
				got[i] = h.ID
			}
			slices.Sort(got)
			slices.Sort(ids)
			if d := cmp.Diff(ids, got, same); d != "" {
				t.Errorf("%+v, behind it (-want +got):\n%s", q, d)
			}
		}
	}
}
