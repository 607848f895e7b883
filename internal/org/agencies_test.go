package org

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// country is a store of the reference data, with the committees of one commune: the one
// that there is since the reform, and the one that went into it.
type country struct {
	territory *Territory
	directory *Directory
	loads     int
	away      error
}

func (c *country) Directory(context.Context) (*Directory, error) { return c.directory, c.away }

func (c *country) Territory(context.Context) (*Territory, error) { return c.territory, c.away }

var (
	nowThere = Agency{ID: "n", Code: "H55.C05869", Name: "UBND phường Phổ Yên", Level: Commune, Place: "tỉnh Thái Nguyên"}
	longGone = Agency{ID: "g", Code: "H55.D172", Name: "UBND thành phố Phổ Yên", Level: District, Place: "tỉnh Thái Nguyên"}
)

func (c *country) Respondents(_ context.Context, m Moment, _ ...Level) ([]Agency, error) {
	c.loads++
	if c.away != nil {
		return nil, c.away
	}
	if m.On.Before(clock.MustDate("2025-07-01")) {
		return []Agency{longGone}, nil
	}
	return []Agency{nowThere}, nil
}

func (c *country) LastRespondent(_ context.Context, code string) (Agency, error) {
	if code == longGone.Code {
		return longGone, c.away
	}
	return Agency{}, fault.New(fault.NotFound, "org.edit.unknown_code", fault.Args{"code": code})
}

func newCountry(t *testing.T, today string) (*Agencies, *country) {
	t.Helper()
	c := &country{directory: NewDirectory(*mustReference(t))}
	a, err := NewAgencies(t.Context(), c, clock.Fixed(clock.MustDate(today).Start()))
	if err != nil {
		t.Fatal(err)
	}
	return a, c
}

func TestNameOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, today, code, want string }{
		{"there", "2026-11-21", "H55", "UBND tỉnh Thái Nguyên"},
		{"in the older shape", "2026-11-21", "000.00.00.H55", "UBND tỉnh Thái Nguyên"},
		{"merged before", "2026-11-21", "G14", "Bộ Thông tin và Truyền thông"},
		{"merged, in the older shape", "2026-11-21", "000.00.00.G14", "Bộ Thông tin và Truyền thông"},
		{"renamed since", "2026-11-21", "G10", "Bộ Nông nghiệp và Môi trường"},
		{"renamed later", "2022-12-30", "G10", "Bộ Nông nghiệp và Phát triển nông thôn"},
		{"before the register begins", "2020-01-01", "G14", "Bộ Thông tin và Truyền thông"},
		{"commune", "2026-11-21", "H55.C05869", "UBND phường Phổ Yên, tỉnh Thái Nguyên"},
		{"district that is gone", "2026-11-21", "H55.D172", "UBND thành phố Phổ Yên, tỉnh Thái Nguyên"},
		{"no such commune", "2026-11-21", "H55.C99999", "H55.C99999"},
		{"no such agency", "2026-11-21", "Z99", "Z99"},
		{"nothing", "2026-11-21", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, _ := newCountry(t, tt.today)
			for range 2 { // from the store, and then from memory
				if got := a.NameOf(tt.code); got != tt.want {
					t.Errorf("%s is called %q on %s, want %q", tt.code, got, tt.today, tt.want)
				}
			}
			if known := a.Knows(tt.code); known != (tt.want != tt.code) {
				t.Errorf("%s is known: %v", tt.code, known)
			}
		})
	}
}

// Those who may have accounts and systems were once listed by a day written in code.
// The list from the data alone is the same.
func TestEverIsThoseOfTodayAndThoseOfTheLettersTime(t *testing.T) {
	t.Parallel()
	a, _ := newCountry(t, "2026-11-21")
	var want, got []string
	for _, day := range []string{"2026-11-21", "2023-02-15"} {
		for _, found := range a.Of(clock.MustDate(day), KindMinistry, KindGovernment, KindProvince) {
			if !slices.Contains(want, found.Code) {
				want = append(want, found.Code)
			}
		}
	}
	for _, found := range a.Ever() {
		got = append(got, found.Code)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestOfAndAgencyKnowTheDay(t *testing.T) {
	t.Parallel()
	a, c := newCountry(t, "2026-11-21")
	for _, tt := range []struct {
		on    string
		kinds []Kind
		want  int
	}{
		{"2022-12-30", []Kind{KindMinistry}, 22},
		{"2022-12-30", []Kind{KindMinistry, KindGovernment, KindProvince}, 93},
		{"2026-11-21", []Kind{KindProvince}, 34},
		{"2022-12-30", []Kind{KindDistrict, KindCommune}, 1},
		{"2026-11-21", []Kind{KindDistrict}, 0},
		{"2026-11-21", nil, 0},
	} {
		if got := a.Of(clock.MustDate(tt.on), tt.kinds...); len(got) != tt.want {
			t.Errorf("%v on %s: %d, want %d", tt.kinds, tt.on, len(got), tt.want)
		}
	}
	if _, ok := a.Agency(longGone.Code, clock.MustDate("2022-12-30")); !ok {
		t.Error("the district is not found on a day when there was one")
	}
	if _, ok := a.Agency(longGone.Code, clock.MustDate("2026-11-21")); ok {
		t.Error("the district is found after it ended")
	}
	if c.loads != 2 {
		t.Errorf("the local committees of two days were loaded %d times", c.loads)
	}
	if got := a.ProvinceNames(clock.MustDate("2022-12-30")); len(got) != 63 || got["19"] != "Thái Nguyên" {
		t.Errorf("%d provinces, 19 is %q", len(got), got["19"])
	}
}

func TestSuccessors(t *testing.T) {
	t.Parallel()
	a, _ := newCountry(t, "2026-11-21")
	from, to := clock.MustDate("2022-12-30"), clock.MustDate("2026-11-21")
	for code, want := range map[string][]string{"G14": {"G06", "G16"}, "H55": {"H55"}, "G07": {"G03", "G09", "G18"}, "Z99": nil} {
		var got []string
		for _, k := range a.Successors(code, from, to) {
			got = append(got, k.Code)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", code, d)
		}
	}
}

func TestAStoreThatIsAwayIsAskedAgain(t *testing.T) {
	t.Parallel()
	a, c := newCountry(t, "2026-11-21")
	c.away = errors.New("away")
	for _, code := range []string{nowThere.Code, longGone.Code} {
		if got := a.NameOf(code); got != code {
			t.Errorf("%s is called %q while the store is away", code, got)
		}
	}
	if err := a.Reload(t.Context()); err == nil {
		t.Error("reloaded from a store that is away")
	}
	c.away = nil
	for _, want := range []Agency{nowThere, longGone} {
		if got := a.NameOf(want.Code); got != want.FullName() {
			t.Errorf("%s is called %q", want.Code, got)
		}
	}
	if err := a.Reload(t.Context()); err != nil {
		t.Error(err)
	}
}
