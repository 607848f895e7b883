package main

import (
	"math"
	"testing"
)

func TestQuarters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ratios []float64
		n      int
		want   float64
	}{
		{[]float64{1.02}, 2, 2},
		{[]float64{1, 1.02}, 2, 1},
		{[]float64{0.9, 1, 1.1, 1.2, 1.3}, 1, 0},
		{[]float64{0.9, 1, 1.1, 1.2, 1.3}, 2, 10},
		{[]float64{0.9, 1, 1.1, 1.2}, 3, 12.5},
	} {
		if got := quarter(c.ratios, c.n); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("quarter %d of %v is %v, want %v", c.n, c.ratios, got, c.want)
		}
	}
}
