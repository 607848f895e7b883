package people

import (
	"bytes"
	"encoding/csv"
	"errors"
	"hash/fnv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// twentyThousand are the people whom several tests look at.
var twentyThousand = sync.OnceValues(func() ([]population.Person, error) {
	var all []population.Person
	err := Generate(20_000, 1, func(p population.Person) error { all = append(all, p); return nil }, Options{})
	return all, err
})

func make20000(t *testing.T) []population.Person {
	t.Helper()
	all, err := twentyThousand()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 20_000 {
		t.Fatalf("got %d people, want 20000", len(all))
	}
	return all
}

func TestShares(t *testing.T) {
	t.Parallel()
	count := map[string]float64{}
	provinces := map[string]bool{}
	for _, p := range make20000(t) {
		count["all"]++
		if p.Life == population.Dead {
			count["dead"]++
			continue
		}
		count["living"]++
		add := func(name string, is bool) {
			if is {
				count[name]++
			}
		}
		age := 2026 - p.Birth.Year()
		add("under 15", age < 15)
		add("65 and older", age >= 65)
		add("over 100", age > 100)
		add("women", p.Sex == citizen.Female)
		add("Nguyễn", strings.HasPrefix(p.Name, "Nguyễn "))
		add("Kinh", p.Ethnicity == kinh)
		add("no religion", p.Religion == noReligion)
		add("married", p.Marital == married)
		add("parted", p.Marital == parted)
		add("heads", p.Relation == population.HeadOfHousehold)
		add("year only", p.Birth.Month() == 0)
		add("old number", len(p.OldNumbers) > 0)
		add("two old numbers", len(p.OldNumbers) > 1)
		add("card", len(p.Cards) > 0)
		add("elsewhere for a time", !p.Temporary.IsZero())
		add("codes since July 2025", p.Permanent.District == "")
		add("moved", p.Permanent.Province != p.Birthplace.Province && p.Permanent.District != "")
		add("without a surname", !strings.Contains(p.Name, " "))
		add("K'", strings.Contains(p.Name, "K'"))
		provinces[p.Permanent.Province] = true
	}
	tests := []struct {
		name     string
		min, max float64 // percent of the living
	}{
		{"under 15", 20, 27},
		{"65 and older", 7, 12},
		{"over 100", 0, .3},
		{"women", 48.5, 52.5},
		{"Nguyễn", 24, 33},
		{"Kinh", 83, 90},
		{"no religion", 76, 92},
		{"married", 42, 54},
		{"parted", 5, 12},
		{"heads", 25, 33.4},
		{"year only", .5, 4},
		{"old number", 52, 68},
		{"two old numbers", .1, 8},
		{"card", 68, 82},
		{"elsewhere for a time", 2, 9},
		{"codes since July 2025", 4, 14},
		{"moved", 5, 30},
		{"without a surname", .02, 3},
		{"K'", .05, 3},
	}
	for _, tt := range tests {
		if got := count[tt.name] / count["living"] * 100; got < tt.min || got > tt.max {
			t.Errorf("%s: got %.2f %%, want %.2f to %.2f", tt.name, got, tt.min, tt.max)
		}
	}
	if got := count["dead"] / count["all"] * 100; got < 3 || got > 11 {
		t.Errorf("dead: got %.1f %%", got)
	}
	if len(provinces) < 63 {
		t.Errorf("got people in %d provinces, want all", len(provinces))
	}
}

func TestPeopleAgreeWithThemselves(t *testing.T) {
	t.Parallel()
	all := make20000(t)
	by := map[citizen.Number]population.Person{}
	old := map[citizen.OldNumber]bool{}
	heads := map[string]int{}
	twins := 0
	for i, p := range all {
		if _, twice := by[p.Number]; twice {
			t.Fatalf("%s twice", p.Number.Reveal())
		}
		by[p.Number] = p
		for _, n := range p.OldNumbers {
			if old[n] {
				t.Fatalf("old number %s twice", n.Reveal())
			}
			old[n] = true
		}
		if p.Relation == population.HeadOfHousehold {
			heads[p.Household]++
		}
		if i > 0 && p.Birth.Whole() && p.Birth == all[i-1].Birth && p.Mother.Number == all[i-1].Mother.Number && p.Mother.Name != "" {
			twins++
		}
	}
	if twins < 20 {
		t.Errorf("got %d twins", twins)
	}
	for _, p := range all {
		if p.Number.Year() != p.Birth.Year() || p.Number.Sex() != p.Sex {
			t.Errorf("%s: number of a person born %s, sex %d", p.Number.Reveal(), p.Birth, p.Sex)
		}
		if p.Birthplace.District != "" && p.Number.Province() != "0"+p.Birthplace.Province {
			t.Errorf("%s: born in %s", p.Number.Reveal(), p.Birthplace.Province)
		}
		if p.Name != citizen.Spell(p.Name) || p.Name == "" {
			t.Errorf("name %q is not spelt as names are", p.Name)
		}
		if (p.Life == population.Dead) != (p.Household == "") || p.Household != "" && p.Relation == "" {
			t.Errorf("%s: %s in household %q as %q", p.Number.Reveal(), p.Life, p.Household, p.Relation)
		}
		if p.Life != population.Alive && (p.Ended == 0 || p.Ended < p.Birth) {
			t.Errorf("%s: born %s, %s since %s", p.Number.Reveal(), p.Birth, p.Life, p.Ended)
		}
		if p.Permanent.Commune == "" || p.Permanent.Province == "" || p.Permanent.Detail == "" || p.PermanentSince == 0 {
			t.Errorf("%s: no permanent residence: %+v", p.Number.Reveal(), p.Permanent)
		}
		if p.Household != "" && heads[p.Household] != 1 && p.Household != all[len(all)-1].Household {
			t.Errorf("household %s has %d heads", p.Household, heads[p.Household])
		}
		for _, r := range []population.Relative{p.Father, p.Mother} {
			parent, ok := by[r.Number]
			if !ok {
				continue
			}
			if age := p.Birth.Year() - parent.Birth.Year(); age < 16 || age > 50 && r == p.Mother || age > 70 {
				t.Errorf("%s has a child at %d", r.Number.Reveal(), age)
			}
		}
		spouse, ok := by[p.Spouse.Number]
		if ok && (spouse.Spouse.Number != p.Number || spouse.Marital != married || p.Marital != married || spouse.Sex == p.Sex) {
			t.Errorf("%s and %s do not agree that they are married", p.Number.Reveal(), spouse.Number.Reveal())
		}
		if p.Marital != married && p.Spouse.Name != "" {
			t.Errorf("%s has a spouse and is not married", p.Number.Reveal())
		}
	}
}

func TestFirstPeople(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 5} {
		var names []string
		err := Generate(
			n, int64(n), func(p population.Person) error { names = append(names, p.Number.Reveal()+" "+p.Name); return nil }, Options{},
		)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"001090000001 Nguyễn Văn Thử", "001060000001 Nguyễn Văn Cha", "001162000001 Trần Thị Mẹ", "001192000001 Lê Thị Vợ",
		}[:min(n, 4)]
		if len(names) != n {
			t.Errorf("got %d people, want %d", len(names), n)
		}
		if diff := cmp.Diff(
			want, names[:min(n, 4)], cmp.Transformer("none", func(s []string) []string { return append([]string{}, s...) }),
		); diff != "" {
			t.Errorf("the first people (-want +got):\n%s", diff)
		}
	}
}

func TestSameSeedSamePeople(t *testing.T) {
	t.Parallel()
	sum := func(seed int64) uint64 {
		h := fnv.New64()
		if err := WriteCSV(h, 5000, seed, Options{}); err != nil {
			t.Fatal(err)
		}
		return h.Sum64()
	}
	if a, b, c := sum(3), sum(3), sum(4); a != b || a == c {
		t.Errorf("got %x and %x for one seed, %x for another", a, b, c)
	}
}

func TestFileCanBeRead(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteCSV(&b, 300, 1, Options{}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(population.Columns, rows[0]); diff != "" || len(rows) != 301 {
		t.Errorf("%d rows; header (-want +got):\n%s", len(rows), diff)
	}
}

// What is kept from family to family is bounded, however many there are.
func TestMemoryDoesNotGrow(t *testing.T) {
	t.Parallel()
	m, err := newMaker(1, Options{}, func(population.Person) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for range 4000 {
		if err := m.family(); err != nil {
			t.Fatal(err)
		}
	}
	years := m.year - 1900
	if got, most := len(m.brides), 3*years; got > most {
		t.Errorf("got %d pools of brides, want %d at most", got, most)
	}
	for k, pool := range m.brides {
		if len(pool) > poolDepth {
			t.Errorf("pool %v holds %d", k, len(pool))
		}
	}
	if got, most := len(m.numbers.next), len(m.country.provinces)*2*years; got > most {
		t.Errorf("got %d counters of numbers, want %d at most", got, most)
	}
}

func TestEmitEndsIt(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	if err := Generate(100, 1, func(population.Person) error { return full }, Options{}); !errors.Is(err, full) {
		t.Errorf("got %v, want the error of emit", err)
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if err := Generate(100_000, 1, func(population.Person) error { return nil }, Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "persons/s")
}

// TestNoNameIsInDoubt: what finds names in old encodings and other damage finds none in
// names as people of the country have them, composed or not, in capitals or not.
func TestNoNameIsInDoubt(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	err := Generate(100_000, 7, func(p population.Person) error {
		for _, name := range []string{p.Name, p.Father.Name, p.Mother.Name} {
			if name == "" || seen[name] {
				continue
			}
			seen[name] = true
			for _, form := range []string{name, strings.ToUpper(name), strings.ToLower(name), norm.NFD.String(name), citizen.Squeeze(name)} {
				if d, ok := citizen.DoubtName(form); ok {
					t.Errorf("%q: %v", form, d)
				}
			}
		}
		return nil
	}, Options{})
	if err != nil || len(seen) < 20_000 {
		t.Fatalf("%d names, %v", len(seen), err)
	}
}
