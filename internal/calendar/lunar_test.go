package calendar

import (
	"testing"
	"time"

	"dean06/internal/platform/clock"
)

// The table and the computation are two sources; they agree in every year of the table.
func TestMoonAgreesWithTheTable(t *testing.T) {
	t.Parallel()
	c, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.base.Moon) != 16 {
		t.Fatalf("the table has %d years, want 16", len(c.base.Moon))
	}
	for _, m := range c.base.Moon {
		if got := lunarDay(m.Year, 1, 1); got != m.Tet {
			t.Errorf("Tết %d: computed %s, the table has %s", m.Year, got, m.Tet)
		}
		if got := lunarDay(m.Year, 3, 10); got != m.HungKings {
			t.Errorf("10/3 of %d: computed %s, the table has %s", m.Year, got, m.HungKings)
		}
	}
	// Beyond the table and before it, as almanacs have them.
	for _, s := range []string{"2000-02-05", "2007-02-17", "2008-02-07", "2017-01-28", "2036-01-28", "2050-01-23"} {
		want := clock.MustDate(s)
		if got := lunarDay(want.Year(), 1, 1); got != want {
			t.Errorf("Tết %d = %s, want %s", want.Year(), got, want)
		}
	}
	for y := First.Year(); y <= Last.Year(); y++ {
		d := lunarDay(y, 1, 1)
		if d.Before(clock.NewDate(y, time.January, 20)) || d.After(clock.NewDate(y, time.February, 21)) {
			t.Errorf("Tết %d on %s", y, d)
		}
	}
}

// What the law alone gives for the years whose lists are known differs from the lists
// only where somebody chose otherwise: days exchanged with Saturdays, and which days Tết
// takes.
func TestLawAgainstTheLists(t *testing.T) {
	t.Parallel()
	c, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	bare := *c.base
	bare.Years = nil
	law, err := build(&bare, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Tết of 2023 to 2025 took two days of the old year, and ended a day sooner.
	chosen := map[string]bool{
		"2023-01-20": true, "2023-01-27": true, "2024-02-08": true, "2024-02-15": true, "2025-01-27": true, "2025-02-03": true,
	}
	for y := 2022; y <= 2026; y++ {
		if !c.Official(y) || law.Official(y) {
			t.Errorf("%d: official %v, by the law alone %v", y, c.Official(y), law.Official(y))
		}
		for _, d := range c.Year(y) {
			other := law.Day(d.Date)
			if !other.Provisional || d.Provisional {
				t.Fatalf("%s: provisional %v, by the law alone %v", d.Date, d.Provisional, other.Provisional)
			}
			if d.Works != other.Works && d.For.IsZero() && !chosen[d.Date.String()] {
				t.Errorf("%s works: %v (%s), by the law alone %v (%s)", d.Date, d.Works, d.Code(), other.Works, other.Code())
			}
		}
	}
}
