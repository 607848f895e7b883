package cleaning

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/i18n"
)

func TestChangeOf(t *testing.T) {
	t.Parallel()
	n := citizen.MustNumber("001090000001")
	who := Person{
		Number: n, Name: "Nguyễn Thị Ngọc Thử", Birth: citizen.MustDay("1990-01-31"), Sex: citizen.Male,
		Home: Home{"Số 1 phố Thử", "Phường Phúc Xá", "Quận Ba Đình", "Thành phố Hà Nội"},
	}
	event := func(change func(p *Person)) Became {
		e := Became{On: citizen.MustDay("2026-11-20"), Before: who, After: who, Had: true, Has: true}
		change(&e.After)
		return e
	}
	mends := func(e Became) Became { e.Mends = true; return e }
	dies := event(func(p *Person) { p.Dead, p.Died = true, citizen.MustDay("2026-11-18") })
	back := Became{Before: dies.After, After: who, Had: true, Has: true, Mends: true}
	other := Became{Before: dies.After, After: dies.After, Had: true, Has: true, Mends: true}
	other.After.Died = citizen.MustDay("2026-11-17")
	renamed := event(func(p *Person) { p.Name = "Nguyễn Thị Bích Thử" })
	next := event(func(p *Person) { p.Home.Detail, p.Home.Commune = "Số 2", "Phường Hồng Hà" })
	far := event(func(p *Person) { p.Home = Home{"Xóm 1", "Xã Đồng Hỷ", "", "Tỉnh Thái Nguyên"} })
	born := mends(event(func(p *Person) { p.Birth = citizen.MustDay("1990-02-28") }))
	sex := mends(event(func(p *Person) { p.Sex = citizen.Female }))
	gone, came := mends(event(func(*Person) {})), mends(event(func(*Person) {}))
	gone.Has, came.Had = false, false
	registered := came
	registered.Mends = false
	for _, c := range []struct {
		name  string
		kinds string
		event Became
		want  string
	}{
		{"death is told always", "number", dies, "death 2026-11-18"},
		{"a death that was none", "number", back, "alive"},
		{"the day of a death", "number", other, "death 2026-11-17"},
		{"nothing else without a column", "number", far, ""},
		{"a name", "name birth", renamed, "name name:Nguyễn Thị Ngọc Thử→Nguyễn Thị Bích Thử"},
		{"a name of which the part stays", "surname given", event(func(p *Person) { p.Name = "Nguyễn Thị Ngọc Thử" }), ""},
		{"the middle name alone", "surname middle given", renamed, "name middle:Thị Ngọc→Thị Bích"},
		{"the middle name with the surname", "surname given", renamed, "name surname:Nguyễn Thị Ngọc→Nguyễn Thị Bích"},
		{"the given name that stays", "given", renamed, ""},
		{"a name set right", "name", mends(renamed), "correction name:Nguyễn Thị Ngọc Thử→Nguyễn Thị Bích Thử"},
		{"birth", "birth", born, "correction birth:1990-01-31→1990-02-28"},
		{"a year that stays", "name year", born, ""},
		{"day and month", "day month year", born, "correction day:31→28 month:1→2"},
		{"sex", "sex", sex, "correction sex:1→2"},
		{"an address", "address", next, "move address:Số 1 phố Thử, Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội→Số 2, Phường Hồng Hà, Quận Ba Đình, Thành phố Hà Nội"},
		{"a province that stays", "province", next, ""},
		{"a province", "name province", far, "move province:Thành phố Hà Nội→Tỉnh Thái Nguyên"},
		{"a commune", "commune province", next, "move commune:Phường Phúc Xá→Phường Hồng Hà"},
		{"an address beside a commune", "address commune", next, "move address:Số 1 phố Thử→Số 2 commune:Phường Phúc Xá→Phường Hồng Hà"},
		{"annulled", "name", gone, "withdrawn number:001090000001→"},
		{"there again", "name", came, "restored number:→001090000001"},
		{"registered", "name", registered, ""},
		{"what no column holds", "name birth sex address", event(func(p *Person) { p.Old = []citizen.OldNumber{citizen.OldFromInt(123456789)} }), ""},
	} {
		var l Layout
		for _, k := range strings.Fields(c.kinds) {
			l.Kinds, l.Headings = append(l.Kinds, Kind(k)), append(l.Headings, k)
		}
		got := ""
		if change, ok := changeOf(&l, n, &c.event); ok {
			got = string(change.Kind)
			if change.Kind == Died {
				got += " " + change.On.String()
			}
			for _, f := range change.Fields {
				got += fmt.Sprintf(" %s:%s→%s", f.What, f.From, f.To)
			}
			if change.Number != n {
				t.Errorf("%s: of %v", c.name, change.Number)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDecisionOf(t *testing.T) {
	t.Parallel()
	a, b := citizen.MustNumber("001090000001"), citizen.MustNumber("019194000102")
	row := func(o Outcome, n citizen.Number) *Row { return &Row{At: 7, Outcome: o, Person: n} }
	none := citizen.Number{}
	for _, c := range []struct {
		name          string
		before, after *Row
		want          string
	}{
		{"stays", row(Verified, a), row(Verified, a), ""},
		{"nobody stays", row(Several, none), row(NotFound, none), ""},
		{"found", row(Several, none), row(Corrected, a), "found →" + a.Reveal()},
		{"not the one", row(Verified, a), row(NotFound, none), "undone " + a.Reveal() + "→"},
		{"doubted", row(Verified, a), row(Several, none), "undone " + a.Reveal() + "→"},
		{"withdrawn before", row(NotFound, a), row(Corrected, b), "found →" + b.Reveal()},
		{"withdrawn, and nobody else", row(Several, a), row(NotFound, none), ""},
	} {
		got := ""
		if d, ok := DecisionOf(c.before, c.after, Label{ID: "1"}); ok {
			got = fmt.Sprintf("%s %s→%s", d.Kind, d.Fields[0].From, d.Fields[0].To)
			if d.Row != 7 || d.Cause == "" || d.Number.IsZero() {
				t.Errorf("%s: %+v", c.name, d)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestAgainIsTheSameRule holds that rows which have nobody are decided as they were while the
// register stays as it was, and that one who comes is found as if they had been there.
func TestAgainIsTheSameRule(t *testing.T) {
	t.Parallel()
	w := world(t)
	text, truth := dirty(t, 1500, "heavy", 9)
	s := source(t, text)
	layout, err := LayoutOf(s, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimPrefix(country(), peopleHead), "\n")
	// Every tenth person of the file comes later.
	later := map[string]bool{}
	for i := 0; i < len(truth); i += 10 {
		later[truth[i]] = truth[i] != ""
	}
	var there, fresh strings.Builder
	for _, line := range lines {
		if len(line) > 12 && later[line[:12]] {
			fresh.WriteString(line)
		} else {
			there.WriteString(line)
		}
	}
	p := printer(t)
	texts := [2]*i18n.Printer{p, p.In(i18n.En)}
	linkedTo := func(people string, k *Weights) (*Linked, Weights, []Row) {
		t.Helper()
		file := source(t, text)
		rows, err := w.Read(file, layout)
		if err != nil {
			t.Fatal(err)
		}
		persons, of, err := w.readRegister(source(t, peopleHead+people))
		if err != nil {
			t.Fatal(err)
		}
		l := w.Link(rows, persons, nil, Options{Weights: k}, nil)
		var out []Row
		if err := l.Rows(file, layout, texts, func(r Row) error { out = append(out, r); return nil }); err != nil {
			t.Fatal(err)
		}
		return l, l.Weights(layout, of), out
	}
	l, k, before := linkedTo(there.String(), nil)
	bound := l.Report(s, layout, p).RowBound
	open := slices.DeleteFunc(slices.Clone(before), func(r Row) bool {
		return r.Outcome != NotFound && r.Outcome != Several || len(r.Cells) == 0
	})
	again := func(people string) (found, asked int, out map[int]Row) {
		t.Helper()
		persons, _, err := w.readRegister(source(t, peopleHead+people))
		if err != nil {
			t.Fatal(err)
		}
		out = map[int]Row{}
		for i, r := range w.again(&k, bound, layout, open, persons, nil, texts) {
			if now, ok := open[i].renewed(&r, false); ok {
				out[now.At] = now
				if now.Person.IsZero() {
					asked++
				} else {
					found++
				}
			}
		}
		return found, asked, out
	}
	if found, asked, _ := again(there.String()); found+asked > 0 {
		t.Errorf("with nobody new %d rows are found, and %d go to people", found, asked)
	}
	everybody := there.String() + fresh.String()
	found, asked, now := again(everybody)
	_, _, whole := linkedTo(everybody, &k)
	t.Logf("%d open rows: %d found, %d to people", len(open), found, asked)
	right := 0
	for at, r := range now {
		if r.Person.IsZero() {
			continue
		}
		if want := whole[at-1]; r.Person != want.Person || r.Outcome != want.Outcome || r.Score != want.Score {
			t.Errorf("row %d: %v %s %.1f, the whole file says %v %s %.1f", at, r.Person, r.Outcome, r.Score, want.Person, want.Outcome, want.Score)
		}
		if r.Person.Reveal() == truth[at-1] {
			right++
		}
	}
	if found < 80 || right < found {
		t.Errorf("%d found, %d of them right", found, right)
	}
	// Who came is a candidate for the rows that they are found for.
	persons, _, err := w.readRegister(source(t, peopleHead+fresh.String()))
	if err != nil {
		t.Fatal(err)
	}
	fits := w.fits(layout, open, persons)
	for i, r := range open {
		if n := now[r.At]; !n.Person.IsZero() && later[n.Person.Reveal()] && !fits[i] {
			t.Errorf("row %d would not be looked at", r.At)
		}
	}
	if none, _, err := w.readRegister(source(t, peopleHead)); err != nil || slices.Contains(w.fits(layout, open, none), true) {
		t.Errorf("nobody fits: %v", err)
	}
}
