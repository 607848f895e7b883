package programme_test

import (
	"slices"
	"testing"

	"dean06/internal/programme"
)

// TestPicturesOfTheDemo: every register is drawn from its rows, and what is drawn adds up.
func TestPicturesOfTheDemo(t *testing.T) {
	t.Parallel()
	today := day("2026-12-01")
	b := known(t, today)
	for _, k := range kinds(t) {
		var rows []programme.Record
		for _, r := range b.Of(k.Code) {
			rows = append(rows, *r)
		}
		if k.Picture.Line {
			list := k.Moments(rows, today)
			if len(list) != 5 || !slices.IsSortedFunc(list, func(a, b programme.Moment) int { return a.Set.Compare(b.Set) }) {
				t.Errorf("%s: %+v", k.Code, list)
			}
			continue
		}
		bars := k.Bars(rows)
		if len(bars) == 0 {
			t.Errorf("%s has no picture", k.Code)
		}
		n, parts := 0, 0
		for _, bar := range bars {
			n += bar.N
			for _, of := range bar.States {
				parts += of
			}
			if bar.Of > 0 && bar.N > bar.Of {
				t.Errorf("%s: %d of %d", k.Code, bar.N, bar.Of)
			}
		}
		if len(k.Picture.Yes) == 0 && parts != n {
			t.Errorf("%s: the states add up to %d, the bars to %d", k.Code, parts, n)
		}
		switch k.Code {
		case "law":
			if n != 48 || len(bars) != 16 {
				t.Errorf("law: %d documents of %d ministries", n, len(bars))
			}
		case "system":
			if bars[0].N != 2 { // several vendors in one province
				t.Errorf("vendors: %+v", bars)
			}
		case "database":
			if bars[0].N != 6 || bars[1].N != 5 || bars[2].N != 4 || bars[0].Of != 14 {
				t.Errorf("databases: %+v", bars)
			}
		}
	}
}
