package procedure_test

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/procedure"
)

// TestSearch: what people say finds what they mean.
func TestSearch(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/search.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, r := range rows[1:] {
		within, err := strconv.Atoi(r[2])
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range procedure.Builtin().Search(r[0], 5) {
			got = append(got, h.Code+" "+h.Name)
		}
		if slices.ContainsFunc(got[:min(within, len(got))], func(g string) bool { return slices.Contains(strings.Fields(r[1]), g[:8]) }) {
			found++
			continue
		}
		t.Errorf("%q: want %s within %d, got\n\t%s", r[0], r[1], within, strings.Join(got, "\n\t"))
	}
	t.Logf("%d of %d are found", found, len(rows)-1)
}
