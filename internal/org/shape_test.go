package org

import (
	"regexp"
	"slices"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
)

var pathShape = regexp.MustCompile(`^(M[0-9. -]+[lh][0-9. vhz-]+z)+$`)

func TestMapsAndTiles(t *testing.T) {
	t.Parallel()
	d := NewDirectory(*mustReference(t))
	for _, on := range []clock.Date{in2022, in2026} {
		g := GeographyOf(on)
		var want []string
		for _, p := range d.Provinces(on) {
			want = append(want, p.Code)
		}
		var shapes []string
		for _, s := range MapOf(g).Shapes {
			shapes = append(shapes, s.Province)
			if !pathShape.MatchString(s.Path) {
				t.Errorf("%s: path of %s is %.40q", g, s.Province, s.Path)
			}
		}
		slices.Sort(shapes)
		if !slices.Equal(shapes, want) {
			t.Errorf("map %s: %v, want %v", g, shapes, want)
		}
		if m := MapOf(g); len(m.Labels) != 2 || m.Labels[0].Province != "48" || m.Labels[1].Province != "56" {
			t.Errorf("map %s: labels %+v", g, m.Labels)
		}
		cells := map[[2]int]bool{}
		var tiles, islands []string
		for _, x := range TilesOf(g) {
			if cells[[2]int{x.Col, x.Row}] {
				t.Errorf("tiles %s: two at %d,%d", g, x.Col, x.Row)
			}
			cells[[2]int{x.Col, x.Row}] = true
			if x.Archipelago != "" {
				islands = append(islands, x.Archipelago+" "+x.Province)
				continue
			}
			tiles = append(tiles, x.Province)
		}
		slices.Sort(tiles)
		if !slices.Equal(tiles, want) {
			t.Errorf("tiles %s: %v, want %v", g, tiles, want)
		}
		if !slices.Equal(islands, []string{"hoang_sa 48", "truong_sa 56"}) {
			t.Errorf("tiles %s: archipelagos %v", g, islands)
		}
	}
}

// The tile map mirrors the country: of two provinces far apart from north to
// south, the northern one is the higher.
func TestTilesMirrorTheCountry(t *testing.T) {
	t.Parallel()
	for g, order := range map[Geography][]string{
		Provinces63: {"04", "20", "01", "38", "40", "42", "44", "46", "48", "51", "52", "54", "56", "79", "96"},
		Provinces34: {"04", "20", "01", "38", "40", "42", "44", "48", "51", "52", "66", "79", "96"},
	} {
		row := map[string]int{}
		for _, x := range TilesOf(g) {
			if x.Archipelago == "" {
				row[x.Province] = x.Row
			}
		}
		for i := 1; i < len(order); i++ {
			if row[order[i-1]] >= row[order[i]] {
				t.Errorf("%s: %s is not above %s", g, order[i-1], order[i])
			}
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load(Messages)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, l := range Levels {
		keys = append(keys, "org.level."+string(l))
	}
	for _, k := range EventKinds {
		keys = append(keys, "org.event."+string(k))
	}
	for _, r := range Relations {
		keys = append(keys, "org.relation."+string(r))
	}
	for _, l := range MapOf(Provinces34).Labels {
		keys = append(keys, "org.archipelago."+l.Key)
	}
	for _, e := range mustReference(t).Events {
		if len(e.Note) > 4 && e.Note[:4] == "org." {
			keys = append(keys, e.Note)
		}
	}
	for _, k := range keys {
		if !cat.Has(k) {
			t.Errorf("no message %s", k)
		}
	}
}
