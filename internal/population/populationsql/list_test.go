package populationsql_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// listed puts a list together and gives the names in it, in order.
func listed(t *testing.T, r *population.Register, q population.ListQuery) (names []string, id string) {
	t.Helper()
	in := granted(population.AllFields)
	l, err := r.RequestList(t.Context(), in, q)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.RunList(t.Context(), l.ID, nil); err != nil {
		t.Fatal(err)
	}
	page, err := r.ListRecords(t.Context(), in, l.ID, citizen.Number{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range page.Records {
		names = append(names, f.Person.Name)
	}
	return names, l.ID
}

// at is the register on another day.
func at(t *testing.T, db *sqldb.DB, day time.Time) *population.Register {
	t.Helper()
	_, store := register(t, db)
	return population.New(population.Parts{
		Store: store, Units: units(), Clock: clock.Fixed(day), NewID: sqldb.NewID, NumberKey: []byte("key"), Bindings: boundByName{},
	})
}

const leap = `number,name,birth,sex,permanent
001210900001,Lê Sinh Bốn,2010-02-28,1,01//00004
001210900002,Lê Sinh Năm,2010-03-01,1,01//00004
001210900003,Lê Sinh Sáu,2010-03-02,1,01//00004
001208900004,Lê Sinh Nhuận,2008-02-29,1,01//00004
001209900005,Lê Cuối,2009-02-28,1,01//00004
001209900006,Lê Đầu,2009-03-01,1,01//00004
`

// TestListsOnLeapDays: who is of an age on 29 February, and when those become older who
// were born on one.
func TestListsOnLeapDays(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 5, 0, 0, 0, time.UTC) }
		if report, err := at(t, db, day(2026, 1, 1)).Load(t.Context(), strings.NewReader(leap), population.LoadOptions{Actor: clerk}); err != nil ||
			report.Loaded != 6 {
			t.Fatalf("%+v, %v", report, err)
		}
		for _, tt := range []struct {
			on   time.Time
			age  int
			want string
		}{
			{day(2028, 2, 29), 18, "Lê Đầu, Lê Sinh Bốn"},
			{day(2028, 2, 29), 17, "Lê Sinh Năm, Lê Sinh Sáu"},
			{day(2028, 2, 29), 19, "Lê Cuối"},
			{day(2028, 2, 29), 20, "Lê Sinh Nhuận"},
			{day(2028, 2, 28), 20, ""},
			{day(2026, 2, 27), 17, "Lê Sinh Nhuận"},
			{day(2026, 2, 28), 18, "Lê Sinh Nhuận"}, // the last day of February
			{day(2028, 3, 1), 18, "Lê Sinh Bốn, Lê Sinh Năm"},
			{day(2028, 3, 1), 19, "Lê Cuối, Lê Đầu"},
		} {
			got, _ := listed(t, at(t, db, tt.on), population.ListQuery{Kind: population.ListByAge, AgeFrom: new(tt.age), AgeTo: new(tt.age)})
			slices.SortFunc(got, func(a, b string) int { return strings.Compare(citizen.Fold(a), citizen.Fold(b)) })
			want := strings.Split(tt.want, ", ")
			slices.SortFunc(want, func(a, b string) int { return strings.Compare(citizen.Fold(a), citizen.Fold(b)) })
			if strings.Join(got, ", ") != strings.Join(want, ", ") {
				t.Errorf("%s, %d years: %v, want %s", tt.on.Format(time.DateOnly), tt.age, got, tt.want)
			}
		}
	})
}

const several = `number,name,birth,sex,ethnicity,permanent,permanent_detail
001095888001,=1+1,1995-01-01,1,01,01//00008,=HYPERLINK(http://x.vn)
001195888002,@SUM(1),1995-01-02,2,03,01//00008,-2+3+cmd|' /C calc'!A0
001040888003,Trần Năm Sinh,1940,1,01,01//00008,
001126888004,Trần Mới Sinh,,2,01,01//00004,
001226888005,Trần Sơ Sinh,2026-11-20,1,01,01//00008,
`

// TestListsApplyWhatTheyAreGiven: each condition narrows, zero is an age, an end that is
// left out is open, and what is stored of the question has its ages. The file has a mark
// and nothing in it that computes.
func TestListsApplyWhatTheyAreGiven(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r := at(t, db, now)
		file := strings.ReplaceAll(several, "001126888004,Trần Mới Sinh,,2", "001326888004,Trần Mới Sinh,2026-01-02,2")
		if report, err := r.Load(t.Context(), strings.NewReader(file), population.LoadOptions{Actor: clerk}); err != nil || report.Loaded != 5 {
			t.Fatalf("%+v, %v", report, err)
		}
		for name, tt := range map[string]struct {
			q    population.ListQuery
			want int
		}{
			"place":              {population.ListQuery{Kind: population.ListByPlace, Place: "00008"}, 4},
			"place, old":         {population.ListQuery{Kind: population.ListByPlace, Place: "00008", AgeFrom: new(60), AgeTo: new(99)}, 1},
			"place, grown up":    {population.ListQuery{Kind: population.ListByPlace, Place: "00008", AgeFrom: new(18)}, 3},
			"place, in age 0":    {population.ListQuery{Kind: population.ListByPlace, Place: "00008", AgeTo: new(0)}, 1},
			"all of age 0":       {population.ListQuery{Kind: population.ListByAge, AgeFrom: new(0), AgeTo: new(0)}, 2},
			"80 and more":        {population.ListQuery{Kind: population.ListByAge, AgeFrom: new(80)}, 1},
			"from birth on":      {population.ListQuery{Kind: population.ListByAge, AgeFrom: new(0)}, 5},
			"men":                {population.ListQuery{Kind: population.ListBySex, Code: "1"}, 3},
			"men of 60":          {population.ListQuery{Kind: population.ListBySex, Code: "1", AgeFrom: new(60)}, 1},
			"the third people":   {population.ListQuery{Kind: population.ListByEthnicity, Code: "3"}, 1},
			"the Kinh, young":    {population.ListQuery{Kind: population.ListByEthnicity, Code: "1", AgeTo: new(17), Place: "01"}, 2},
			"86 by year alone":   {population.ListQuery{Kind: population.ListByAge, AgeFrom: new(86), AgeTo: new(86)}, 1},
			"85 is over by then": {population.ListQuery{Kind: population.ListByAge, AgeFrom: new(85), AgeTo: new(85)}, 0},
		} {
			got, id := listed(t, r, tt.q)
			if len(got) != tt.want {
				t.Errorf("%s: %v, want %d", name, got, tt.want)
			}
			l, err := r.ListStatus(t.Context(), granted(population.AllFields), id)
			if err != nil || (l.Query.AgeFrom == nil) != (tt.q.AgeFrom == nil) || (l.Query.AgeTo == nil) != (tt.q.AgeTo == nil) ||
				l.Query.AgeTo != nil && *l.Query.AgeTo != *tt.q.AgeTo || tt.q.Code == "3" && l.Query.Code != "03" {
				t.Errorf("%s: kept as %+v, %v", name, l.Query, err)
			}
		}
		_, id := listed(t, r, population.ListQuery{Kind: population.ListByPlace, Place: "00008", AgeFrom: new(1)})
		var b bytes.Buffer
		if err := r.ListFile(t.Context(), granted(population.AllFields), id, &b); err != nil {
			t.Fatal(err)
		}
		for _, cell := range []string{"\ufeffnumber,", ",'=1+1,", ",'=HYPERLINK(http://x.vn),", ",'@SUM(1),", ",'-2+3+cmd|"} {
			if !strings.Contains(b.String(), cell) {
				t.Errorf("no %q in %s", cell, &b)
			}
		}
	})
}
