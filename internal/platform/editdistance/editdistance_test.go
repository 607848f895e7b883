package editdistance_test

import (
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/platform/editdistance"
)

func TestWithin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"", "", 0, 0},
		{"", "abc", 3, 3},
		{"http.addr", "http.addr", 2, 0},
		{"htp.addr", "http.addr", 2, 1},
		{"kitten", "sitting", 5, 3},
		{"kitten", "sitting", 2, 3},
		{"kitten", "sitting", 1, 2},
		{"flaw", "lawn", 4, 2},
		{"so ba", "bay muoi", 2, 3},
	} {
		if got := editdistance.Within(test.limit, test.a, test.b); got != test.want {
			t.Errorf("Within(%d, %q, %q) = %d, want %d", test.limit, test.a, test.b, got, test.want)
		}
	}
}

// A limit only cuts: below it the distance is the one without a limit, which is
// the same both ways and no longer than a way through a third word.
func TestDistanceIsADistance(t *testing.T) {
	t.Parallel()
	words := rapid.StringMatching(`[a-d]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := words.Draw(t, "a"), words.Draw(t, "b"), words.Draw(t, "c")
		whole := func(a, b string) int { return editdistance.Within(100, a, b) }
		if whole(a, b) != whole(b, a) || (whole(a, b) == 0) != (a == b) || whole(a, c) > whole(a, b)+whole(b, c) {
			t.Fatalf("%q %q %q: %d, %d, %d", a, b, c, whole(a, b), whole(b, c), whole(a, c))
		}
		limit := rapid.IntRange(0, 8).Draw(t, "limit")
		if got, want := editdistance.Within(limit, a, b), min(whole(a, b), limit+1); got != want {
			t.Fatalf("Within(%d, %q, %q) = %d, want %d", limit, a, b, got, want)
		}
	})
}
