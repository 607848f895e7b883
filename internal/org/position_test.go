package org

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

var someDay = clock.MustDate("2026-01-01")

// at is the nth day after some day.
func nth(n int) clock.Date { return someDay.AddDays(n) }

// span is a record of these days; until below from is until further notice.
func span(id string, from, until int) Fact {
	f := Fact{ID: id, Version: 1, From: nth(from), Basis: "QĐ 1", At: time.Unix(1, 0)}
	if until > from {
		f.To = nth(until)
	}
	return f
}

// desk is an agency with an office, two positions in it, a holder and a stand-in.
func desk() Book {
	return Book{
		Agency: "H55",
		Offices: []Office{
			{Fact: span("o", 0, -1), Agency: "H55", Name: "Bộ phận một cửa"},
			{Fact: span("old", 0, 10), Agency: "H55", Name: "Phòng cũ"},
		},
		Positions: []Position{
			{Fact: span("p", 0, -1), Office: "o", Title: "Cán bộ tiếp nhận", Duty: DutyDesk},
			{Fact: span("q", 5, -1), Office: "o", Title: "Thẩm tra viên", Duty: DutyReviewer, Roles: []string{"reviewer"}},
		},
		Appointments: []Appointment{
			{Fact: span("h", 0, 100), Position: "p", Account: "an"},
			{Fact: span("s", 20, 30), Position: "p", Account: "binh", StandIn: true},
		},
	}
}

func fails(t *testing.T, err error, key string) {
	t.Helper()
	if key == "" {
		if err != nil {
			t.Errorf("fails with %v", err)
		}
		return
	}
	if f := fault.As(err); f == nil || f.Key != "org.position."+key {
		t.Errorf("got %v, want %s", err, key)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   Office
		want string
	}{
		{"good", Office{Fact: span("n", 0, -1), Name: "Phòng Tư pháp"}, ""},
		{"no name", Office{Fact: span("n", 0, -1), Name: " "}, "no_name"},
		{"no day", Office{Fact: Fact{Basis: "x"}, Name: "A"}, "no_day"},
		{"no basis", Office{Fact: Fact{From: someDay}, Name: "A"}, "no_basis"},
		{"ends before it begins", Office{Fact: Fact{From: nth(3), To: nth(3), Basis: "x"}, Name: "A"}, "order"},
		{"name taken", Office{Fact: span("n", 5, -1), Name: "Bộ phận một cửa"}, "office_taken"},
		{"name free again", Office{Fact: span("n", 10, -1), Name: "Phòng cũ"}, ""},
	} {
		_, err := desk().Open(tt.in)
		t.Run(tt.name, func(t *testing.T) { fails(t, err, tt.want) })
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   Position
		want string
		to   clock.Date
	}{
		{"good", Position{Fact: span("n", 0, -1), Office: "o", Title: "Văn thư", Duty: DutyClerk}, "", clock.Date{}},
		{"ends with its office", Position{Fact: span("n", 0, -1), Office: "old", Title: "Văn thư", Duty: DutyClerk}, "", nth(10)},
		{"no title", Position{Fact: span("n", 0, -1), Office: "o", Duty: DutyClerk}, "no_title", clock.Date{}},
		{"no such duty", Position{Fact: span("n", 0, -1), Office: "o", Title: "A", Duty: "king"}, "no_duty", clock.Date{}},
		{"policeman of nowhere", Position{Fact: span("n", 0, -1), Office: "o", Title: "A", Duty: DutyPolice}, "no_area", clock.Date{}},
		{"no such office", Position{Fact: span("n", 0, -1), Office: "x", Title: "A", Duty: DutyClerk}, "unknown_office", clock.Date{}},
		{"office is gone", Position{Fact: span("n", 10, -1), Office: "old", Title: "A", Duty: DutyClerk}, "office_not_there", clock.Date{}},
	} {
		got, err := desk().Create(tt.in)
		t.Run(tt.name, func(t *testing.T) {
			fails(t, err, tt.want)
			if err == nil && got.To != tt.to {
				t.Errorf("ends %v, want %v", got.To, tt.to)
			}
		})
	}
}

func TestAppoint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		in   Appointment
		want string
	}{
		{"next holder", Appointment{Fact: span("n", 100, -1), Position: "p", Account: "chi"}, ""},
		{"two holders on a day", Appointment{Fact: span("n", 99, -1), Position: "p", Account: "chi"}, "holder_taken"},
		{"the same holder twice", Appointment{Fact: span("n", 50, 60), Position: "p", Account: "an"}, "holder_taken"},
		{"nobody", Appointment{Fact: span("n", 100, -1), Position: "p"}, "no_account"},
		{"no such position", Appointment{Fact: span("n", 100, -1), Position: "x", Account: "chi"}, "unknown"},
		{"before the position", Appointment{Fact: span("n", 4, -1), Position: "q", Account: "chi"}, "not_there"},
		{"stand-in", Appointment{Fact: span("n", 30, 100), Position: "p", Account: "chi", StandIn: true}, ""},
		{"two stand-ins on a day", Appointment{Fact: span("n", 29, 31), Position: "p", Account: "chi", StandIn: true}, "stand_in_taken"},
		{"stands in for oneself", Appointment{Fact: span("n", 40, 50), Position: "p", Account: "an", StandIn: true}, "oneself"},
		{"holds what one stands in for", Appointment{Fact: span("n", 40, -1), Position: "q", Account: "binh"}, ""},
		{"nobody to stand in for", Appointment{Fact: span("n", 40, 50), Position: "q", Account: "chi", StandIn: true}, "no_holder"},
		{"vacant, and why", Appointment{Fact: span("n", 40, 50), Position: "q", Account: "chi", StandIn: true, Vacancy: "nghỉ hưu"}, ""},
		{"longer than the holder", Appointment{Fact: span("n", 90, 101), Position: "p", Account: "chi", StandIn: true}, "no_holder"},
		{"without end", Appointment{Fact: span("n", 90, -1), Position: "p", Account: "chi", StandIn: true}, "no_holder"},
	} {
		_, err := desk().Appoint(tt.in)
		t.Run(tt.name, func(t *testing.T) { fails(t, err, tt.want) })
	}
	// A stand-in through two holders, one after the other, needs no other reason.
	b := desk()
	b.Appointments = append(b.Appointments, Appointment{Fact: span("h2", 100, -1), Position: "p", Account: "chi"})
	_, err := b.Appoint(Appointment{Fact: span("n", 90, -1), Position: "p", Account: "dung", StandIn: true})
	fails(t, err, "")
	_, err = b.Appoint(Appointment{Fact: span("n", 90, -1), Position: "p", Account: "chi", StandIn: true})
	fails(t, err, "oneself")
}

func TestWhoActs(t *testing.T) {
	t.Parallel()
	b := desk()
	for _, tt := range []struct {
		day            int
		holder, acting string
	}{
		{-1, "", ""},
		{0, "an", "an"},
		{19, "an", "an"},
		{20, "an", "binh"},
		{29, "an", "binh"},
		{30, "an", "an"},
		{99, "an", "an"},
		{100, "", ""},
	} {
		h, _ := b.HolderOn("p", nth(tt.day))
		a, _ := b.ActingOn("p", nth(tt.day))
		if h.Account != tt.holder || a.Account != tt.acting {
			t.Errorf("day %d: %q holds, %q acts; want %q, %q", tt.day, h.Account, a.Account, tt.holder, tt.acting)
		}
	}
	// What the agency was ends with it; what is opened under the same code later goes on.
	b.Ends = []clock.Date{nth(25)}
	b.Offices = append(b.Offices, Office{Fact: span("o2", 25, -1), Agency: "H55", Name: "Bộ phận mới"})
	if _, ok := b.ActingOn("p", nth(24)); !ok {
		t.Error("nobody acts on the last day of the agency")
	}
	if _, ok := b.ActingOn("p", nth(25)); ok || len(b.HeldBy("an", nth(25))) > 0 {
		t.Error("somebody acts after the agency ended")
	}
	if got := b.OfficesOn(nth(25)); len(got) != 1 || got[0].ID != "o2" {
		t.Errorf("offices after the end: %+v", got)
	}
}

// facts shows records as "id/version from–to".
func facts(b Book) []string {
	var out []string
	add := func(f Fact) {
		s := fmt.Sprintf("%s/%d", f.ID, f.Version)
		if f.Withdrawn {
			s += " withdrawn"
		} else {
			s += " to " + f.To.String()
		}
		out = append(out, s)
	}
	for _, o := range b.Offices {
		add(o.Fact)
	}
	for _, p := range b.Positions {
		add(p.Fact)
	}
	for _, a := range b.Appointments {
		add(a.Fact)
	}
	return out
}

func TestEndAndWithdraw(t *testing.T) {
	t.Parallel()
	f := Fact{Basis: "QĐ 2", By: "me", At: time.Unix(2, 0)}
	to := func(id string, n int) string { return id + "/2 to " + nth(n).String() }
	end := func(id string, n int) func(Book) (Book, error) {
		return func(b Book) (Book, error) { return b.End(id, nth(n), f) }
	}
	withdraw := func(id string) func(Book) (Book, error) {
		return func(b Book) (Book, error) { return b.Withdraw(id, f) }
	}
	for _, tt := range []struct {
		name string
		do   func(Book) (Book, error)
		want []string
		fail string
	}{
		{"office", end("o", 25), []string{to("o", 25), to("p", 25), to("q", 25), to("h", 25), to("s", 25)}, ""},
		{"office before a position begins", end("o", 5), []string{to("o", 5), to("p", 5), "q/2 withdrawn", to("h", 5), "s/2 withdrawn"}, ""},
		{"position", end("p", 35), []string{to("p", 35), to("h", 35)}, ""},
		{"holder, and with them the stand-in", end("h", 22), []string{to("h", 22), to("s", 22)}, ""},
		{"stand-in", end("s", 22), []string{to("s", 22)}, ""},
		{"on its first day", end("h", 0), nil, "end_first"},
		{"later than it does", end("h", 100), nil, "end_later"},
		{"nothing", end("x", 3), nil, "unknown"},
		{"without a day", func(b Book) (Book, error) { return b.End("h", clock.Date{}, f) }, nil, "no_day"},
		{"without a basis", func(b Book) (Book, error) { return b.End("h", nth(3), Fact{Basis: " "}) }, nil, "no_basis"},
		{"stand-in by mistake", withdraw("s"), []string{"s/2 withdrawn"}, ""},
		{"empty position by mistake", withdraw("q"), []string{"q/2 withdrawn"}, ""},
		{"holder for whom somebody stands in", withdraw("h"), nil, "stood_on"},
		{"office with positions", withdraw("o"), nil, "stood_on"},
	} {
		got, err := tt.do(desk())
		t.Run(tt.name, func(t *testing.T) {
			fails(t, err, tt.fail)
			if err != nil {
				return
			}
			if d := cmp.Diff(tt.want, facts(got)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
	// A stand-in whose reason was told stays when the holder goes.
	b := desk()
	b.Appointments[1].Vacancy = "đi học"
	got, err := b.End("h", nth(22), f)
	if d := cmp.Diff([]string{to("h", 22)}, facts(got)); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
}

func TestDoingOn(t *testing.T) {
	t.Parallel()
	b := desk()
	b.Positions = append(b.Positions,
		Position{Fact: span("c1", 0, -1), Office: "o", Title: "CSKV 1", Duty: DutyPolice, Area: "05869", AreaID: "C1"},
		Position{Fact: span("c2", 0, -1), Office: "o", Title: "CSKV 2", Duty: DutyPolice, Area: "05872", AreaID: "C2"},
	)
	for _, tt := range []struct {
		name  string
		duty  Duty
		areas map[string]bool
		want  []string
	}{
		{"all", DutyPolice, nil, []string{"c1", "c2"}},
		{"one commune", DutyPolice, map[string]bool{"C2": true}, []string{"c2"}},
		{"the commune that followed both", DutyPolice, map[string]bool{"N": true, "C1": true, "C2": true}, []string{"c1", "c2"}},
		{"a desk is for all communes", DutyDesk, map[string]bool{"C2": true}, []string{"p"}},
		{"none", DutyLeader, nil, nil},
	} {
		var got []string
		for _, h := range b.DoingOn(tt.duty, tt.areas, nth(20)) {
			got = append(got, h.Position.ID)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

// Whatever is recorded, in whatever order: one holder and one stand-in a day at most,
// nobody stands in for themselves, nobody acts where there is nothing to act in, and what
// was known at a moment is known of it for ever.
func TestAnyTimelineKeepsItsRules(t *testing.T) {
	t.Parallel()
	const days = 40
	rapid.Check(t, func(t *rapid.T) {
		book := Book{Agency: "H55"}
		moments := []time.Time{}
		snapshots := []Book{}
		var ids []string
		day := rapid.IntRange(0, days)
		until := func(from int) clock.Date {
			if n := rapid.IntRange(-5, 20).Draw(t, "for"); n > 0 {
				return nth(from + n)
			}
			return clock.Date{}
		}
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			now := time.Unix(int64(step+1), 0)
			known := book.KnownAt(time.Time{})
			from := day.Draw(t, "from")
			fact := Fact{ID: fmt.Sprint("n", step), From: nth(from), To: until(from), Basis: "QĐ", At: now}
			pick := func(what string) string { return rapid.SampledFrom(append(ids, "none")).Draw(t, what) }
			var more Book
			var err error
			switch rapid.IntRange(0, 7).Draw(t, "act") {
			case 0:
				var o Office
				if o, err = known.Open(Office{Fact: fact, Name: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "name")}); err == nil {
					more.Offices = []Office{o}
				}
			case 1:
				var p Position
				if p, err = known.Create(Position{Fact: fact, Office: pick("office"), Title: "T", Duty: DutyDesk}); err == nil {
					more.Positions = []Position{p}
				}
			case 2:
				more, err = known.End(pick("end"), nth(day.Draw(t, "on")), Fact{Basis: "QĐ", At: now})
			case 3:
				more, err = known.Withdraw(pick("withdraw"), Fact{Basis: "QĐ", At: now})
			default:
				a := Appointment{Fact: fact, Position: pick("position"), Account: rapid.SampledFrom([]string{"an", "binh", "chi"}).Draw(t, "account")}
				if a.StandIn = rapid.Bool().Draw(t, "stand in"); rapid.Bool().Draw(t, "vacant") {
					a.Vacancy = "vì sao"
				}
				if a, err = known.Appoint(a); err == nil {
					more.Appointments = []Appointment{a}
				}
			}
			if err != nil {
				if fault.Of(err) == fault.Internal {
					t.Fatal(err)
				}
				continue
			}
			ids = append(ids, fact.ID)
			book.Offices = append(book.Offices, more.Offices...)
			book.Positions = append(book.Positions, more.Positions...)
			book.Appointments = append(book.Appointments, more.Appointments...)
			moments = append(moments, now)
			snapshots = append(snapshots, book.KnownAt(time.Time{}))
			checkTimeline(t, book.KnownAt(time.Time{}), days+25)
		}
		for i, at := range moments {
			if d := cmp.Diff(snapshots[i], book.KnownAt(at), cmpopts.EquateComparable(clock.Date{})); d != "" {
				t.Fatalf("what was known at %v has changed:\n%s", at, d)
			}
		}
	})
}

func checkTimeline(t *rapid.T, b Book, days int) {
	for n := range days {
		day := nth(n)
		for _, p := range b.Positions {
			holders := map[bool][]Appointment{}
			for _, a := range b.Appointments {
				if a.Position == p.ID && a.On(day) {
					holders[a.StandIn] = append(holders[a.StandIn], a)
				}
			}
			all := slices.Concat(holders[false], holders[true])
			switch {
			case len(holders[false]) > 1 || len(holders[true]) > 1:
				t.Fatalf("day %d: %+v", n, all)
			case len(all) == 2 && all[0].Account == all[1].Account:
				t.Fatalf("day %d: stands in for oneself: %+v", n, all)
			case len(all) > 0 && !b.open(p, day):
				t.Fatalf("day %d: acts in a position that is not there: %+v", n, all)
			case len(holders[true]) == 1 && len(holders[false]) == 0 && holders[true][0].Vacancy == "":
				t.Fatalf("day %d: stands in for nobody: %+v", n, all)
			}
		}
	}
}
