package population_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/population"
)

// warned are the warnings of a report: the lines of each by its key without what all have.
func warned(got population.LoadReport) map[string][]int {
	out := map[string][]int{}
	for _, w := range got.Warnings {
		out[strings.TrimPrefix(w.Key, "population.load.")] = w.Lines
	}
	return out
}

// TestHouses: each contradiction of the sample is a bad row or a warning with its lines.
func TestHouses(t *testing.T) {
	t.Parallel()
	r, _ := village()
	got := load(t, r, sample(t, "csv_house.csv"))
	wantCounts(t, got, 16, 15, 1, 0)
	if b := got.BadRows; len(b) != 1 || b[0].Line != 5 || b[0].Column != "father_number" || b[0].Key != "population.load.own_relative" {
		t.Errorf("bad rows = %+v", b)
	}
	have := warned(got)
	for key, lines := range map[string][]int{
		"two_heads": {2, 3}, "no_head": {4}, "head_dead": {9}, "parent_younger": {2, 6}, "spouse_single": {7, 8},
		"relation": {10}, "place_unknown": {11, 15}, "place_elsewhere": {13}, "parent_sex": {2, 16, 8, 16}, "dead_when": {17},
	} {
		if !slices.Equal(have[key], lines) {
			t.Errorf("%s: lines %v, want %v", key, have[key], lines)
		}
	}
}

const houseColumns = "number,name,birth,sex,marital,household,relation,permanent,father_number,father_name,mother_number,spouse_number,life,ended,cards\n"

// TestContradictions: what rows say of one another, in whatever order they come, each with
// its lines, and nothing else.
func TestContradictions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rows string
		want map[string][]int
	}{
		"a family": {`002070000001,Ông Cả,1970,1,2,700,CH01,01//00004,,,,002172000002,,,
002172000002,Bà Cả,1972,2,2,700,CH02,01//00004,,,,002070000001,,,
002095000003,Con Cả,1995-02-01,1,1,700,CH03,01//00004,002070000001,Ông Cả,002172000002,,,,
002095000004,Con Đôi,1995-02-02,1,1,700,CH03,01//00004,002070000001,ong ca,002172000002,,,,`, map[string][]int{}},
		"communes that ended": {`002070000001,Ông Cả,1970,1,1,,,01//00001,,,,,,,
002070000002,Ông Hai,1970,1,1,,,01/001/00001,,,,,,,
002070000003,Ông Ba,1970,1,1,,,01//00292,,,,,,,`, map[string][]int{"place_ended": {2}}},
		"father by another name": {`002095000003,Con Cả,1995-02-01,1,1,,,,002070000001,Ông Hai,,,,,
002070000001,Ông Cả,1970,1,1,,,,,,,,,,`, map[string][]int{"name_differs": {2, 3}}},
		"births too near": {`002172000002,Bà Cả,1972,2,1,,,,,,,,,,
002095000003,Con Cả,1995-02-01,1,1,,,,,,002172000002,,,,
002095000004,Con Hai,1995-06-02,1,1,,,,,,002172000002,,,,
002096000005,Con Ba,1996,1,1,,,,,,002172000002,,,,`, map[string][]int{"births_near": {3, 4}}},
		"births of a mother who is not there": {`002095000003,Con Cả,1995-02-01,1,1,,,,,,002172000009,,,,
002095000004,Con Hai,1995-06-02,1,1,,,,,,002172000009,,,,`, map[string][]int{"births_near": {2, 3}}},
		"a child of a child": {`002090000001,Cha Trẻ,1990-05-01,1,1,,,,,,,,,,
002200000002,Mẹ Già,1930-01-01,2,1,,,,,,,,,,
002201000003,Con Cả,2001-04-30,1,1,,,,002090000001,,,,,,
002201000004,Con Hai,2001-04-29,2,1,,,,,,002200000002,,,,`, map[string][]int{"parent_young": {2, 4}, "parent_old": {3, 5}, "number_differs": {3, 5}}},
		"a child of the dead": {`002170000002,Mẹ Mất,1970,2,1,,,,,,,,dead,2000-05-01,
002070000001,Cha Mất,1970,1,1,,,,,,,,dead,2000-05-01,
002200000003,Con Cả,2000-05-02,1,1,,,,002070000001,,002170000002,,,,
002202000004,Con Hai,2002-01-01,1,1,,,,002070000001,,,,,,`, map[string][]int{"parent_dead": {3, 5, 2, 4}}},
		"spouses": {`002070000001,Anh Một,1970,1,2,,,,,,,002172000002,,,
002172000002,Chị Hai,1972,2,2,,,,,,,002070000003,,,
002070000003,Anh Ba,1970,1,2,,,,,,,,,,
002070000004,Anh Bốn,1970,1,2,,,,,,,002070000005,,,
002070000005,Anh Năm,1970,1,2,,,,,,,002070000004,,,
002070000006,Anh Sáu,1970,1,2,,,,,,,002172000007,,,
002172000007,Chị Bảy,1972,2,3,,,,,,,002070000006,dead,2020-01-01,
002070000008,Anh Tám,1970,1,1,,,,,,,002172000009,,,
002108000010,Em Mười,2010-01-01,1,2,,,,,,,,,,`, map[string][]int{
			"spouse_other": {2, 3}, "spouse_silent": {3, 4}, "spouse_sex": {5, 6}, "spouse_dead": {7, 8}, "single_spouse": {9}, "married_young": {10},
			"number_differs": {10},
		}},
		"a household in two communes": {`002070000001,Ông Cả,1970,1,1,700,CH01,01//00004,,,,,,,
002072000002,Em Trai,1972,1,1,700,CH09,01//00008,,,,,,,
002060000003,Con Già,1960,1,1,700,CH03,01//00004,,,,,,,`, map[string][]int{"household_places": {2, 3}, "child_older": {2, 4}}},
		"two wives": {`002070000001,Ông Cả,1970,1,2,700,CH01,01//00004,,,,,,,
002172000002,Vợ Cả,1972,2,2,700,CH02,01//00004,,,,,,,
002172000003,Vợ Hai,1972,2,2,700,CH02,01//00004,,,,,,,`, map[string][]int{"two_spouses": {3, 4}}},
		"a head's parent, spouse, and somebody dead": {`002070000001,Ông Cả,1970,1,2,700,CH01,01//00004,,,,,,,
002072000002,Bà Hai,1972,1,2,700,CH02,01//00004,,,,,,,
002075000003,Cha Trẻ,1975,1,2,700,CH04,01//00004,,,,,,,
002099000004,Con Mất,1999,1,1,700,CH03,01//00004,,,,,dead,2020-01-01,`, map[string][]int{
			"head_spouse": {2, 3}, "head_older": {2, 4}, "member_dead": {5},
		}},
		"a spouse of the head who is single": {`002070000001,Ông Cả,1970,1,2,700,CH01,01//00004,,,,,,,
002172000002,Bà Hai,1972,2,1,700,CH02,01//00004,,,,,,,`, map[string][]int{"head_spouse": {2, 3}}},
		"one child under two numbers": {`002172000002,Bà Cả,1972,2,1,,,,,,,,,,
002095000003,Con Cả,1995-02-01,1,1,,,,,,002172000002,,,,
002095000004,CON CẢ,1995-02-01,1,1,,,,,,002172000002,,,,
002095000005,Con Út,1995-02-01,1,1,,,,,,002172000002,,,,`, map[string][]int{"birth_again": {3, 4}}},
		"cards that cannot be": {
			`002070000001,Ông Cả,1970,1,1,,,,,,,,,,"[{""serial"":""A1"",""kind"":""CCCD"",""issued"":""2021-01-01"",""expires"":""2020-01-01""}]"
002070000002,Ông Hai,1970,1,1,,,,,,,,,,"[{""serial"":""A2"",""kind"":""CMND"",""issued"":""1969-12-31""}]"
002070000003,Ông Ba,1970,1,1,,,,,,,,,,"[{""serial"":""A3"",""kind"":""XX"",""issued"":""2022-01-01""}]"
002070000004,Ông Tư,1970,1,1,,,,,,,,,,"[{""serial"":""A4"",""kind"":""CC"",""issued"":""1970""}]"`,
			map[string][]int{"card_days": {2, 3}, "card_kind": {4}},
		},
		"a card of two": {
			`002070000001,Ông Cả,1970,1,1,,,,,,,,,,"[{""serial"":""A1B2"",""kind"":""CCCD"",""issued"":""2021-01-01""}]"
002070000002,Ông Hai,1970,1,1,,,,,,,,,,"[{""serial"":""A1B2"",""kind"":""CCCD"",""issued"":""2022-01-01""}]"
002070000003,Ông Ba,1970,1,1,,,,,,,,,,"[{""serial"":""A1B2"",""kind"":""CMND"",""issued"":""2022-01-01""}]"`,
			map[string][]int{"card_shared": {2, 3}},
		},
		"with whom the register has": {`001191000012,Vợ Nữa,1991,2,2,1,CH01,01//00004,,,,001090000001,,,
001191000013,Cháu Nhỏ,2015,2,1,2,CH06,01/001/00001,001192000001,,,,,,`, map[string][]int{
			"second_head": {2}, "spouse_other": {2}, "parent_sex": {3}, "number_differs": {3},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := village()
			got := load(t, r, houseColumns+tt.rows)
			if got.Bad != 0 || got.Loaded != strings.Count(tt.rows, "\n")+1 {
				t.Fatalf("report = %+v", got)
			}
			have := warned(got)
			delete(have, "unknown_province")
			if !maps.EqualFunc(have, tt.want, slices.Equal) {
				t.Errorf("warned of %v, want %v", have, tt.want)
			}
		})
	}
}

// TestContradictionsInAnyOrder: the order of the rows changes no warning, nor does a memory
// so small that nearly all goes through the file.
func TestContradictionsInAnyOrder(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(sample(t, "csv_house.csv")), "\n")
	counts := func(report population.LoadReport) map[string]int {
		out := map[string]int{}
		for _, w := range report.Warnings {
			out[w.Key] = w.Count
		}
		return out
	}
	r, _ := village()
	want := counts(load(t, r, strings.Join(rows, "\n")))
	rapid.Check(t, func(rt *rapid.T) {
		mixed := rapid.Permutation(rows[1:]).Draw(rt, "order")
		most := rapid.IntRange(1, 1000).Draw(rt, "kept in memory")
		r, _ := village()
		got, err := r.Load(t.Context(), strings.NewReader(rows[0]+"\n"+strings.Join(mixed, "\n")), population.LoadOptions{Actor: manager, Keep: most})
		if err != nil {
			rt.Fatal(err)
		}
		if have := counts(got); !maps.Equal(have, want) {
			rt.Fatalf("warned of %v, want %v", have, want)
		}
	})
}

// TestManyAboutOne: a file can say of very many that they are of one; what is left out is said.
func TestManyAboutOne(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("number,name,birth,sex,household,relation\n")
	for i := range 20_010 {
		fmt.Fprintf(&b, "0010900%05d,Nguyễn Văn Đông,1990-01-01,1,77,CH03\n", 10+i)
	}
	r, _ := village()
	got := load(t, r, b.String())
	wantCounts(t, got, 20_010, 20_010, 0, 0)
	for _, w := range got.Warnings {
		switch w.Key {
		case "population.load.no_head":
			if w.Count != 1 || len(w.Lines) != 100 {
				t.Errorf("no head: %d times, %d lines", w.Count, len(w.Lines))
			}
		case "population.load.unchecked":
			if w.Count != 10 {
				t.Errorf("not looked at: %d, want 10", w.Count)
			}
		default:
			t.Errorf("warned of %+v", w)
		}
	}
}
