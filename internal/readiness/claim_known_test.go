package readiness_test

import (
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/readiness"
)

// TestClaimIsRecomputedAsKnownThen: what came in after a figure was published makes it
// neither right nor wrong.
func TestClaimIsRecomputedAsKnownThen(t *testing.T) {
	t.Parallel()
	round := readiness.Campaign{Due: clock.MustDate("2023-02-28")}
	for asOf, want := range map[string]string{"": "2023-02-28", "2023-02-20": "2023-02-28", "2023-05-22": "2023-05-22"} {
		c := readiness.Claim{}
		if asOf != "" {
			c.AsOf = clock.MustDate(asOf)
		}
		if got := c.KnownOn(round).String(); got != want {
			t.Errorf("claim of %q: as known on %s, want %s", asOf, got, want)
		}
	}
	for at, late := range map[string]int{"2023-02-28": 0, "2023-01-02": 0, "2023-03-02": 2} {
		if got := round.LateBy(clock.MustDate(at).Start()); got != late {
			t.Errorf("handed in on %s: %d days late, want %d", at, got, late)
		}
	}
}
