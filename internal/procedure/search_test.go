package procedure_test

import (
	"encoding/csv"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/platform/spelling"
	"dean06/internal/procedure"
)

// wanted is what somebody says, and the procedures of which one is meant.
type wanted struct {
	query  string
	codes  []string
	within int // among the first so many
}

// sayings are what people say; most were written before the search was tuned.
func sayings(t *testing.T) []wanted {
	t.Helper()
	f, err := os.Open("testdata/search.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []wanted
	for _, r := range rows[1:] {
		within, err := strconv.Atoi(r[2])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, wanted{r[0], strings.Fields(r[1]), within})
	}
	return out
}

func (w wanted) found(query string) (bool, []procedure.Hit) {
	hits := procedure.Builtin().Search(query, 5)
	first := hits[:min(w.within, len(hits))]
	return slices.ContainsFunc(first, func(h procedure.Hit) bool { return slices.Contains(w.codes, h.Code) }), hits
}

// What people say finds what they mean.
func TestSearch(t *testing.T) {
	t.Parallel()
	list := sayings(t)
	found := 0
	for _, w := range list {
		ok, hits := w.found(w.query)
		if ok {
			found++
			continue
		}
		t.Errorf("%q: want %s within %d", w.query, w.codes, w.within)
		for _, h := range hits {
			t.Logf("\t%.2f %s %s", h.Score, h.Code, h.Name)
		}
	}
	t.Logf("%d of %d are found", found, len(list))
}

// Whatever slips of the keyboard are in it, nearly all that is said is still found.
func TestSearchForgivesSlips(t *testing.T) {
	t.Parallel()
	inWord := func(change func(rnd *rand.Rand, w []byte) []byte) func(*rand.Rand, string) string {
		return func(rnd *rand.Rand, s string) string {
			ws := strings.Fields(spelling.Unaccent(s))
			i := rnd.IntN(len(ws))
			for range 20 {
				if len(ws[i]) >= 4 {
					break
				}
				i = rnd.IntN(len(ws))
			}
			if len(ws[i]) < 4 {
				return s
			}
			ws[i] = string(change(rnd, []byte(ws[i])))
			return strings.Join(ws, " ")
		}
	}
	tests := []struct {
		name  string
		slip  func(*rand.Rand, string) string
		least int // of a hundred
	}{
		{"no accents", func(_ *rand.Rand, s string) string { return spelling.Unaccent(s) }, 98},
		{"capitals", func(_ *rand.Rand, s string) string { return strings.ToUpper(s) }, 98},
		{"a question around it", func(_ *rand.Rand, s string) string { return "cho em hoi thu tuc " + s + " o dau a" }, 96},
		{"a letter left out", inWord(func(rnd *rand.Rand, w []byte) []byte {
			j := 1 + rnd.IntN(len(w)-1)
			return append(w[:j:j], w[j+1:]...)
		}), 86},
		{"a letter twice", inWord(func(rnd *rand.Rand, w []byte) []byte {
			j := rnd.IntN(len(w))
			return slices.Insert(w, j, w[j])
		}), 94},
		{"two letters in the wrong order", inWord(func(rnd *rand.Rand, w []byte) []byte {
			j := 1 + rnd.IntN(len(w)-1)
			w[j-1], w[j] = w[j], w[j-1]
			return w
		}), 90},
		{"another letter", inWord(func(rnd *rand.Rand, w []byte) []byte {
			w[rnd.IntN(len(w))] = byte('a' + rnd.IntN(26))
			return w
		}), 90},
		{"two words run together", func(rnd *rand.Rand, s string) string {
			ws := strings.Fields(spelling.Unaccent(s))
			if len(ws) < 2 {
				return s
			}
			i := rnd.IntN(len(ws) - 1)
			ws[i] += ws[i+1]
			return strings.Join(slices.Delete(ws, i+1, i+2), " ")
		}, 92},
		{"no spaces", func(_ *rand.Rand, s string) string { return strings.ReplaceAll(spelling.Unaccent(s), " ", "") }, 90},
	}
	list := sayings(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same slips each time
			found := 0
			for _, w := range list {
				query := tt.slip(rnd, w.query)
				if ok, _ := w.found(query); ok {
					found++
				} else {
					t.Logf("%q is not found: %v", query, w.codes)
				}
			}
			if share := 100 * found / len(list); share < tt.least {
				t.Errorf("%d of %d are found, want %d %%", found, len(list), tt.least)
			}
		})
	}
}

// What is no request finds nothing, and no text is too much.
func TestSearchOfNothing(t *testing.T) {
	t.Parallel()
	c := procedure.Builtin()
	for _, text := range []string{"", "   ", "zzzz qqqq", "?!…", "\u200e", "asdfghjkl", "bitcoin"} {
		if hits := c.Search(text, 5); len(hits) > 0 {
			t.Errorf("%q finds %s %s", text, hits[0].Code, hits[0].Name)
		}
	}
	for _, n := range []int{0, -1} {
		if hits := c.Search("khai sinh", n); len(hits) > 0 {
			t.Errorf("at most %d: %d are found", n, len(hits))
		}
	}
	if hits := c.Search(strings.Repeat("khai sinh ", 100_000), 3); len(hits) != 3 {
		t.Errorf("a long text finds %d", len(hits))
	}
}

// A province's own procedures come after the country's, and first when it is named.
func TestSearchInAProvince(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"tách thửa đất":               "G10",
		"tách thửa đất ở Gia Lai":     "H21",
		"khai sinh ở Thái Nguyên":     "G15",
		"tach thua dat o thai nguyen": "",
	} {
		hits := procedure.Builtin().Search(query, 1)
		if len(hits) == 0 {
			t.Fatalf("%q finds nothing", query)
		}
		t.Logf("%q: %s %s %s", query, hits[0].Agency.Code, hits[0].Agency.Name, hits[0].Name)
		if want != "" && hits[0].Agency.Code != want {
			t.Errorf("%q finds one of %s, want %s", query, hits[0].Agency.Code, want)
		}
	}
}

// A code finds its procedure as people write it; a number that is none finds nothing and
// breaks nothing.
func TestSearchOfCode(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"1.001193": {"1.001193"}, " 1.001193\n": {"1.001193"}, "1.001193.01": {"1.001193"}, "1001193": {"1.001193"},
		"1,001193": {"1.001193"}, "1-001193": {"1.001193"}, "1 001193": {"1.001193"}, "１.００１１９３": {"1.001193"},
		"mã thủ tục 1.001193": {"1.001193"}, "khai sinh (1.001193)": {"1.001193"}, "1.004222 1.001193 1.004222": {"1.004222", "1.001193"},
		"1.999999": nil, "9999999": nil, "1.00119": nil, "1.0011933": nil, "12345": nil, "012345678901": nil,
	}
	for text, want := range tests {
		var got []string
		for _, h := range procedure.Builtin().Search(text, 5) {
			got = append(got, h.Code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", text, got, want)
		}
	}
	if hits := procedure.Builtin().Search("khai sinh 12345", 5); len(hits) == 0 || hits[0].Code != "1.001193" {
		t.Errorf("a number beside words finds %v", hits)
	}
}

// FuzzSearch: no text breaks the search, and what it finds is in the catalogue, each once.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"lam khai sinh cho con", "ddawng kys", "gia6y1 khai sinh", "kt3", "12345", "a 1004222", "\xff\xfe", "đăng ký ở Hà Nội"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[string]bool{}
		last := float32(1000)
		for _, h := range procedure.Builtin().Search(text, 20) {
			if _, ok := procedure.Builtin().At(h.Code); ok == (h.Flaw != "") || seen[h.Code] || h.Score > last {
				t.Errorf("%q finds %s: %v, again: %v", text, h.Code, ok, seen[h.Code])
			}
			seen[h.Code], last = true, h.Score
		}
	})
}
