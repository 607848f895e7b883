package dossier_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/calendar"
	"dean06/internal/deadline"
	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/eform"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	day := clock.MustDate("2026-11-21")
	tests := []struct {
		pattern, agency string
		n               int
		want            string
	}{
		{dossier.PatternPortal, "H55.12", 1, "H55.12-20261121-0000001"},
		{dossier.PatternPortal, "H55.C05443", 92637, "H55.C05443-20261121-0092637"},
		{dossier.PatternCircular, "H55", 361, "000.00.00.H55-261121-0361"},
		{dossier.PatternCircular, "H56.06", 361, "000.00.06.H56-261121-0361"},
		{dossier.PatternCircular, "H55.C05443", 10000, "000.54.43.H55-261121-10000"},
	}
	for _, tt := range tests {
		p, err := dossier.ParsePattern(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		unit := p.UnitOf(tt.agency)
		got := p.Format(unit, day, tt.n)
		if got != tt.want {
			t.Errorf("code of %s = %s, want %s", tt.agency, got, tt.want)
		}
		if u, d, n, ok := p.Parse(" " + strings.ToLower(got) + " "); !ok || u != unit || d != day || n != tt.n {
			t.Errorf("%s reads as %s, %s, %d, %v", got, u, d, n, ok)
		}
	}
	p, err := dossier.ParsePattern(dossier.PatternPortal)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "H55", "H55-20261121-0", "H55-20261121-0000000", "H55-20261321-0000001", "H55-261121-0001", "H55-20261121-00000001x"} {
		if _, _, _, ok := p.Parse(bad); ok {
			t.Errorf("%q is read as a code", bad)
		}
	}
	for _, bad := range []string{"", "{unit}", "{unit}-{n:4}", "{unit}-{yymmdd}-{n:0}"} {
		if _, err := dossier.ParsePattern(bad); fault.Of(err) != fault.Invalid {
			t.Errorf("pattern %q: %v", bad, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20000).Draw(t, "n")
		d := clock.MustDate("2026-01-01").AddDays(rapid.IntRange(0, 3000).Draw(t, "day"))
		c, err := dossier.ParsePattern(rapid.SampledFrom([]string{dossier.PatternCircular, dossier.PatternPortal}).Draw(t, "pattern"))
		if err != nil {
			t.Fatal(err)
		}
		if _, gotDay, gotN, ok := c.Parse(c.Format("000.05.43.H55", d, n)); !ok || gotDay != d || gotN != n {
			t.Fatalf("%s reads as %v %d", c.Format("000.05.43.H55", d, n), gotDay, gotN)
		}
	})
}

func FuzzParseCode(f *testing.F) {
	for _, seed := range []string{"H55.12-20261121-0000001", "000.00.06.H56-231027-0361", "-", "A-00000000-0000000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, pattern := range []string{dossier.PatternCircular, dossier.PatternPortal} {
			p, err := dossier.ParsePattern(pattern)
			if err != nil {
				t.Fatal(err)
			}
			if unit, day, n, ok := p.Parse(text); ok && p.Format(unit, day, n) != dossier.CleanCode(text) {
				t.Errorf("%q reads as %s, %s, %d", text, unit, day, n)
			}
		}
	})
}

// TestChainTellsWhatWasChanged changes each part of what is kept behind the back of all.
func TestChainTellsWhatWasChanged(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.To(ctx, dossier.HandedOver)
	if err != nil {
		t.Fatal(err)
	}
	type change = func(d *dossier.Dossier, a []dossier.Action) []dossier.Action
	tests := map[string]struct {
		change change
		want   string
	}{
		"a status":        {func(d *dossier.Dossier, a []dossier.Action) []dossier.Action { d.Status = dossier.Done; return a }, "dossier.chain.status"},
		"a removed end":   {func(_ *dossier.Dossier, a []dossier.Action) []dossier.Action { return a[:len(a)-1] }, "dossier.chain.version"},
		"a removed piece": {func(_ *dossier.Dossier, a []dossier.Action) []dossier.Action { return append(a[:2], a[3:]...) }, "dossier.chain.missing"},
		"nothing left":    {func(*dossier.Dossier, []dossier.Action) []dossier.Action { return nil }, "dossier.chain.empty"},
		"who did it":      {func(_ *dossier.Dossier, a []dossier.Action) []dossier.Action { a[2].Name = "Người khác"; return a }, "dossier.chain.changed"},
		"when": {func(_ *dossier.Dossier, a []dossier.Action) []dossier.Action {
			a[1].At = a[1].At.Add(-time.Hour)
			return a
		}, "dossier.chain.changed"},
		"what was said": {func(_ *dossier.Dossier, a []dossier.Action) []dossier.Action {
			a[3].Data = []byte(`{}`)
			return a
		}, "dossier.chain.changed"},
		"an action that was put anew": {func(_ *dossier.Dossier, a []dossier.Action) []dossier.Action {
			a[2].Name = "Người khác"
			a[2].Hash = a[2].Sum()
			return a
		}, "dossier.chain.link"},
		"another dossier's": {func(_ *dossier.Dossier, a []dossier.Action) []dossier.Action { a[0].Dossier = "x"; return a }, "dossier.chain.foreign"},
		"an answer": {func(d *dossier.Dossier, a []dossier.Action) []dossier.Action {
			d.Answers["child.name"] = eform.Answer{Value: eform.Value{Text: "Trần Khác"}, Source: eform.Typed}
			return a
		}, "dossier.chain.answers"},
		"a paper": {func(d *dossier.Dossier, a []dossier.Action) []dossier.Action { d.Papers[0].Check = "ok"; return a }, "dossier.chain.answers"},
		"the due day": {func(d *dossier.Dossier, a []dossier.Action) []dossier.Action {
			d.Promised = d.Promised.AddDate(0, 0, 9)
			return a
		}, "dossier.chain.state"},
		"a result": {func(d *dossier.Dossier, a []dossier.Action) []dossier.Action { d.Results[1].File = "00"; return a }, "dossier.chain.state"},
		"whose it is": {func(d *dossier.Dossier, a []dossier.Action) []dossier.Action {
			d.Applicant.Account = "stranger"
			return a
		}, "dossier.chain.state"},
		"who decides":  {func(d *dossier.Dossier, a []dossier.Action) []dossier.Action { d.Competent = "H55"; return a }, "dossier.chain.state"},
		"who approved": {func(d *dossier.Dossier, a []dossier.Action) []dossier.Action { d.Decided.Name = "Ai đó"; return a }, "dossier.chain.state"},
	}
	back := w.Store.Mark()
	for name, tt := range tests {
		back()
		w.Store.Tamper(d.ID, tt.change)
		c, err := w.Chain(ctx, dossiertest.Auditor, d.Code)
		if err != nil || c.Broken == nil || c.Broken.What != tt.want {
			t.Errorf("%s: %+v, %v, want %s", name, c.Broken, err, tt.want)
		}
	}
	back()
	if c, err := w.Chain(ctx, dossiertest.Auditor, d.Code); err != nil || c.Broken != nil || len(c.Actions) != d.Version {
		t.Errorf("unchanged: %+v, %v", c.Broken, err)
	}
}

func TestTracking(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	d, err := w.To(ctx, dossier.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	number := dossiertest.MotherNumber[8:]
	for _, proof := range []string{number, " 5678 ", "5678"} {
		got, err := w.Track(ctx, actor.Actor{}, strings.ToLower(d.Code), proof, "203.0.113.9")
		if err != nil {
			t.Fatalf("with %q: %v", proof, err)
		}
		if got.Status != dossier.InProcess || len(got.Steps) != 2 || got.Agency == "" || got.Promised.IsZero() {
			t.Fatalf("tracked: %+v", got)
		}
		if got.Steps[0].Has != "Ủy ban nhân dân phường Phan Đình Phùng" || got.Steps[0].Duty != dossier.DutyDesk || got.Steps[1].Duty != dossier.DutyReviewer {
			t.Errorf("who has it: %+v", got.Steps)
		}
		if got.Steps[0].Person != "" || got.Steps[1].Person != "Hoàng Thị Lan" || got.Steps[1].Title == "" {
			t.Errorf("who had it: %+v", got.Steps)
		}
	}
	if _, err := w.Track(ctx, actor.Actor{}, "H55.C05443-20261201-0000999", number, "203.0.113.9"); firstKey(err) != "dossier.track.unknown" {
		t.Errorf("an unknown code: %v", err)
	}
	// Guesses are bounded by code, whatever address they come from …
	for i := range 10 {
		if _, err := w.Track(ctx, actor.Actor{}, d.Code, "0000", "198.51.100."+string('0'+rune(i))); firstKey(err) != "dossier.track.unknown" {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if _, err := w.Track(ctx, actor.Actor{}, d.Code, number, "192.0.2.1"); fault.Of(err) != fault.TooMany {
		t.Errorf("after ten wrong guesses: %v", err)
	}
	// … which shuts out nobody who is signed in …
	if _, err := w.Track(ctx, dossiertest.Mother, d.Code, "", "192.0.2.1"); err != nil {
		t.Errorf("the owner: %v", err)
	}
	if _, err := w.Track(ctx, dossiertest.Stranger, d.Code, "0000", "192.0.2.1"); fault.Of(err) != fault.TooMany {
		t.Errorf("a stranger who is signed in: %v", err)
	}
	// … and by address, whatever code is asked for; of IPv6 all of a network is one.
	for i := range 31 {
		_, err = w.Track(ctx, actor.Actor{}, "H55-20261201-00001"+string('0'+rune(i%10))+string('0'+rune(i/10)), "1234", "2001:db8:1:1::"+string('1'+rune(i%9)))
	}
	if fault.Of(err) != fault.TooMany {
		t.Errorf("after thirty codes: %v", err)
	}
	w.Clock.Pass(25 * time.Hour)
	if _, err := w.Track(ctx, actor.Actor{}, d.Code, number, "192.0.2.1"); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	due := at("2026-12-02 17:00")
	head := func(status dossier.Status, done time.Time, supplements int) dossier.Head {
		return dossier.Head{Status: status, Promised: due, DoneAt: done, Supplements: supplements}
	}
	tests := []struct {
		name   string
		h      dossier.Head
		asked  time.Time
		at     time.Time
		counts bool
		late   bool
	}{
		{"decided in time", head(dossier.Done, at("2026-12-02 16:59"), 0), time.Time{}, at("2026-12-31 00:00"), true, false},
		{"decided to the minute", head(dossier.Done, due, 0), time.Time{}, at("2026-12-31 00:00"), true, false},
		{"decided late", head(dossier.HandedOver, at("2026-12-02 17:01"), 0), time.Time{}, at("2026-12-31 00:00"), true, true},
		{"refused in time", head(dossier.Stopped, at("2026-12-01 10:00"), 0), time.Time{}, at("2026-12-31 00:00"), true, false},
		{"open before it is due", head(dossier.InProcess, time.Time{}, 0), time.Time{}, at("2026-12-02 08:00"), true, false},
		{"open after it was due", head(dossier.InProcess, time.Time{}, 0), time.Time{}, at("2026-12-03 08:00"), true, true},
		{"decided late, but after the period", head(dossier.Done, at("2026-12-09 08:00"), 0), time.Time{}, at("2026-12-02 08:00"), true, false},
		{"waits for a supplement", head(dossier.Supplement, time.Time{}, 1), at("2026-12-01 09:00"), at("2026-12-31 00:00"), true, false},
		{"asked twice", head(dossier.Done, at("2026-12-01 10:00"), 2), time.Time{}, at("2026-12-31 00:00"), true, true},
		{"never promised", dossier.Head{Status: dossier.New}, time.Time{}, at("2026-12-31 00:00"), false, false},
	}
	for _, tt := range tests {
		if got := dossier.Judge(tt.h, tt.asked, tt.at); got.Counts != tt.counts || got.Late != tt.late {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	if _, err := w.To(ctx, dossier.Done); err != nil {
		t.Fatal(err)
	}
	w.Clock.Set("2026-12-02 08:00")
	late, err := w.To(ctx, dossier.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Set("2026-12-08 08:00")
	q := dossier.OnTimeQuery{From: clock.MustDate("2026-12-01"), To: clock.MustDate("2027-01-01")}
	rates, err := w.OnTime(ctx, dossiertest.Leader, q)
	if err != nil || len(rates) != 1 || rates[0].All != 2 || rates[0].OnTime != 1 || rates[0].Name.Vi == "" || rates[0].Unit == "" {
		t.Fatalf("rates: %+v, %v", rates, err)
	}
	yes := true
	q.Late = &yes
	if heads, err := w.Behind(ctx, dossiertest.Leader, q); err != nil || len(heads) != 1 || heads[0].Code != late.Code || heads[0].Applicant != "N. T. H. N." {
		t.Errorf("behind it: %+v, %v", heads, err)
	}
	if heads, err := w.Behind(ctx, dossiertest.Auditor, q); err != nil || len(heads) != 1 || heads[0].Applicant != "N. T. H. N." {
		t.Errorf("the auditor reads %+v, %v", heads, err)
	}
	if got, err := w.OnTime(ctx, dossiertest.OtherLeader, q); err != nil || len(got) != 0 {
		t.Errorf("another agency's leader: %+v, %v", got, err)
	}
	q.Agencies = []string{dossiertest.Commune}
	if _, err := w.OnTime(ctx, dossiertest.OtherLeader, q); fault.Of(err) != fault.Denied {
		t.Errorf("another agency's leader who names this one: %v", err)
	}
}

func TestWorkListAndSearch(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	var codes []string
	for _, status := range []dossier.Status{dossier.New, dossier.InProcess, dossier.Supplement, dossier.HandedOver} {
		w.Clock.Set("2026-12-01 08:00")
		d, err := w.To(ctx, status)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, d.Code)
	}
	lists := []struct {
		who  actor.Actor
		page dossier.Page
		want []string
	}{
		{dossiertest.Desk, dossier.Page{}, codes[:1]},
		{dossiertest.Reviewer, dossier.Page{View: "mine"}, codes[1:3]},
		{dossiertest.Reviewer2, dossier.Page{View: "mine"}, nil},
		{dossiertest.Reviewer2, dossier.Page{}, codes[1:3]},
		{dossiertest.Leader, dossier.Page{View: "agency"}, []string{codes[0], codes[1], codes[2], codes[3]}},
		{dossiertest.Leader, dossier.Page{View: "agency", Statuses: []dossier.Status{dossier.Supplement}}, codes[2:3]},
		{dossiertest.OtherLeader, dossier.Page{View: "agency"}, nil},
	}
	for _, tt := range lists {
		var got []string
		for page := tt.page; ; {
			page.Limit = 1
			one, err := w.WorkList(ctx, tt.who, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range one.Heads {
				got = append(got, h.Code)
			}
			if page.After = one.Next; page.After == "" {
				break
			}
		}
		if strings.Join(got, " ") != strings.Join(tt.want, " ") {
			t.Errorf("%s, %+v: %v, want %v", tt.who.Account, tt.page, got, tt.want)
		}
		if n, err := w.Counts(ctx, tt.who, tt.page); err != nil || n != len(tt.want) {
			t.Errorf("%s, %+v: %d, %v", tt.who.Account, tt.page, n, err)
		}
	}
	for text, want := range map[string]int{
		codes[0]: 1, "0000002": 1, "nguyen thi hong nh": 4, "nhung": 4, dossiertest.MotherNumber: 4, "lan": 0, dossiertest.FatherNumber: 0,
	} {
		got, err := w.Search(ctx, dossiertest.Reviewer, text, dossiertest.Purpose)
		if err != nil || len(got) != want {
			t.Errorf("search %q: %d, %v, want %d", text, len(got), err, want)
		}
		if got, err := w.Search(ctx, dossiertest.OtherReviewer, text, dossiertest.Purpose); err != nil || len(got) != 0 {
			t.Errorf("another agency finds %d with %q, %v", len(got), text, err)
		}
	}
	if _, err := w.Search(ctx, dossiertest.Reviewer, "nhung", ""); firstKey(err) != "dossier.look.purpose" {
		t.Errorf("a search without a purpose: %v", err)
	}
}

// TestStandIn: who stands in acts in the place of whom they stand in for.
func TestStandIn(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := begin(t, dossier.InProcess)
	s.fails(s.try(dossiertest.Reviewer2, dossier.Propose, dossier.Said{}), "dossier.why.held")
	for i := range s.Posts.List {
		if s.Posts.List[i].Account == "reviewer" {
			s.Posts.List[i].Account, s.Posts.List[i].Name = "reviewer2", dossiertest.Reviewer2.Name
		}
	}
	s.fails(s.try(dossiertest.Reviewer, dossier.Propose, dossier.Said{}), "dossier.denied.propose")
	if got, err := s.WorkList(ctx, dossiertest.Reviewer2, dossier.Page{View: "mine"}); err != nil || len(got.Heads) != 1 {
		t.Errorf("of the stand-in: %+v, %v", got, err)
	}
	s.do(dossiertest.Reviewer2, dossier.Propose, dossier.Said{})
	s.is(dossier.InProcess, "decide")
}

// TestOwnMatter: nobody deals with their own dossier.
func TestOwnMatter(t *testing.T) {
	t.Parallel()
	s := begin(t, dossier.Received)
	s.Bindings["reviewer"] = dossiertest.MotherNumber
	s.fails(s.try(dossiertest.Reviewer, dossier.Take, dossier.Said{}), "dossier.why.own_matter")
	s.do(dossiertest.Reviewer2, dossier.Take, dossier.Said{})
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := begin(t, dossier.InProcess) // due on Tuesday, 1 December, at five
	s.Settings.Warn, s.Settings.Escalate = deadline.Limit{Value: 2, Unit: deadline.Hour}, deadline.Limit{Value: 1, Unit: deadline.WorkingDay}
	steps := []struct {
		at      string
		n, then int
	}{
		{"2026-12-01 14:00", 0, 0},
		{"2026-12-01 15:30", 1, 1},
		{"2026-12-01 16:00", 0, 1},
		{"2026-12-02 08:00", 1, 2},
		{"2026-12-08 08:00", 1, 3},
		{"2026-12-09 08:00", 0, 3},
	}
	for _, x := range steps {
		s.Clock.Set(x.at)
		n, err := s.Warn(ctx)
		s.whole()
		if err != nil || n != x.n || s.d.Warned != x.then {
			t.Errorf("at %s: %d, level %d, %v, want %d and %d", x.at, n, s.d.Warned, err, x.n, x.then)
		}
	}
	warned := 0
	for _, err := range s.Work(ctx) {
		t.Error(err)
	}
	for _, a := range s.Teller.Told {
		if a.Verb == dossier.Warned {
			warned++
		}
	}
	if warned != 3 {
		t.Errorf("told %d times", warned)
	}
}

// TestCalendarMoves: a new day off moves what runs, and says whom.
func TestCalendarMoves(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := begin(t, dossier.New)
	s.Clock.Set("2026-12-01 16:30")
	s.do(dossiertest.Desk, dossier.Receive, dossier.Said{})
	before := s.d.Due
	now, err := dossiertest.Calendar().Apply(calendar.Change{
		Kind: calendar.ChangeOff, Date: clock.MustDate("2026-12-02"), Basis: "QĐ 99/QĐ-TTg",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Deadline = dossier.ByCalendar(func() *calendar.Calendar { return now })
	moved, err := s.Recompute(ctx, dossiertest.Program)
	if err != nil || len(moved) != 1 || moved[0].Code != s.d.Code || !moved[0].From.Equal(before) || !moved[0].To.Equal(at("2026-12-03 17:00")) {
		t.Fatalf("moved: %+v, %v", moved, err)
	}
	if d, err := s.Store.Dossier(ctx, s.d.ID); err != nil || !d.StepDue.Equal(at("2026-12-03 08:00")) {
		t.Errorf("the step, one hour of work from 16:30 on 1 December, is due %v: %v", d.StepDue, err)
	}
	s.whole()
	told, err := s.Store.Moved(ctx, 10)
	if err != nil || len(told) != 1 || told[0].Code != s.d.Code || !told[0].From.Equal(before) || !told[0].To.Equal(moved[0].To) {
		t.Errorf("told afterwards: %+v, %v", told, err)
	}
	if again, err := s.Recompute(ctx, dossiertest.Program); err != nil || len(again) != 0 {
		t.Errorf("moved again: %+v, %v", again, err)
	}
}

// TestImmediate: a result that is given at once is one step, without a receipt unless it is
// asked for (Nghị định 61/2018, Điều 17.4).
func TestImmediate(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, receipt := range []bool{false, true} {
		w := dossiertest.New()
		p := *w.Packages.List[0]
		for _, one := range w.Packages.List {
			if one.Code == dossiertest.Birth {
				p = *one
			}
		}
		p.Code, p.Immediate, p.Effect = "9.000001", true, nil
		p.Process.Start = "give"
		first := p.Process.Steps[0]
		first.ID, first.Status, first.Holder.Duty, first.Holder.At, first.Next = "give", int(dossier.InProcess), dossier.DutyLeader, "competent", nil
		last := p.Process.Steps[len(p.Process.Steps)-1]
		way := p.Process.Steps[0].Next[0]
		way.On, way.To = string(dossier.Approve), last.ID
		first.Next = append(first.Next, way)
		p.Process.Steps = append(p.Process.Steps[:0:0], first, last)
		w.Packages.List = append(w.Packages.List, &p)
		d, err := w.Start(ctx, dossiertest.Mother, dossier.Starting{Procedure: p.Code, Channel: dossier.Online})
		if err != nil {
			t.Fatal(err)
		}
		if d, err = w.Complete(ctx, dossiertest.Mother, d, dossiertest.BirthAnswers()); err != nil {
			t.Fatal(err)
		}
		s := &story{World: w, t: t}
		if s.d, err = w.Submit(ctx, dossiertest.Mother, d.ID, dossier.Filing{Version: d.Version, Notice: true, Receipt: receipt}); err != nil {
			t.Fatal(err)
		}
		s.whole()
		s.is(dossier.InProcess, "give")
		if n := len(paper(s.d, dossier.PaperReceipt)); s.d.Due.IsZero() || (n == 1) != receipt {
			t.Errorf("due %v with %d receipts, wanted %v", s.d.Due, n, receipt)
		}
		s.do(dossiertest.Leader, dossier.Approve, dossier.Said{})
		s.is(dossier.HandedOver, "closed")
		if len(paper(s.d, dossier.PaperResult)) != 1 {
			t.Errorf("papers: %+v", s.d.Results)
		}
	}
}

// TestLawChanges: a package that comes into force governs what is begun and sent from then
// on, and nothing that runs.
func TestLawChanges(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := dossiertest.New()
	runs, err := w.To(ctx, dossier.Received)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := w.Begin(ctx, dossiertest.Mother, dossiertest.BirthAnswers())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range w.Packages.List {
		if one.Code == dossiertest.Birth {
			p := *one
			p.Version, p.From = "2026-12-02.1", clock.MustDate("2026-12-02")
			w.Packages.List = append(w.Packages.List, &p)
			break
		}
	}
	w.Clock.Set("2026-12-02 09:00")
	s := &story{World: w, t: t, d: runs}
	s.do(dossiertest.Reviewer, dossier.Take, dossier.Said{})
	if s.d.Package != runs.Package {
		t.Errorf("what runs is governed by %s now", s.d.Package)
	}
	sent, err := w.Submit(ctx, dossiertest.Mother, draft.ID, dossier.Filing{Version: draft.Version, Notice: true})
	if err != nil || sent.Package != "2026-12-02.1" {
		t.Errorf("what is sent is governed by %s, %v", sent.Package, err)
	}
}
