package cleaning

import (
	"testing"

	"pgregory.net/rapid"
)

// The mean of the errors of settled rows is below the bound, whatever the rows; as many are
// settled as can be, and rows that are as sure are settled together or not.
func TestPromise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const bound = 1e-4
		errs := rapid.SliceOfN(rapid.SampledFrom([]float64{0, 1e-9, 1e-6, 5e-5, 1e-4, 1.5e-4, 2e-4, 5e-4, 1e-3}), 0, 30).Draw(t, "errors")
		l := Linked{options: Options{Bound: bound}, cut: bound * rowShare}
		for _, e := range errs {
			l.Decisions = append(l.Decisions, Decision{Outcome: Verified, Person: 1, Error: e})
		}
		l.keep()
		sum, n, least := 0.0, 0, 1.0
		for i, d := range l.Decisions {
			switch {
			case d.Person >= 0:
				sum, n = sum+errs[i], n+1
				if errs[i] > l.cut {
					t.Fatalf("%v: %v was settled, above %v", errs, errs[i], l.cut)
				}
			case d.Outcome != Several || d.doubt != doubtError:
				t.Fatalf("%v: given up as %s", errs, d.Outcome)
			default:
				least = min(least, errs[i])
			}
		}
		if sum > bound*float64(n)*(1+1e-9) {
			t.Fatalf("%v: %d rows were settled with %v together", errs, n, sum)
		}
		if least <= l.cut && least < 1 {
			t.Fatalf("%v: a row of %v was given up, though %v is settled", errs, least, l.cut)
		}
		together := sum
		for _, e := range errs { // the next, with all that are as sure
			if e == least {
				together, n = together+e, n+1
			}
		}
		if least < 1 && together <= bound*float64(n)*(1-1e-9) {
			t.Fatalf("%v: rows of %v could have been settled", errs, least)
		}
	})
}
