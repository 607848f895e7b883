package people

import "math/rand/v2"

// choice draws values by weight in constant time (Walker's alias method, as Vose
// arranged it).
type choice[T any] struct {
	values []T
	prob   []float64
	alias  []int
}

func newChoice[T any](values []T, weights []float64) *choice[T] {
	n := len(values)
	c := &choice[T]{values: values, prob: make([]float64, n), alias: make([]int, n)}
	var sum float64
	for _, w := range weights {
		sum += w
	}
	scaled := make([]float64, n)
	var small, large []int
	for i, w := range weights {
		scaled[i] = w * float64(n) / sum
		if scaled[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small, large = small[:len(small)-1], large[:len(large)-1]
		c.prob[s], c.alias[s] = scaled[s], l
		if scaled[l] -= 1 - scaled[s]; scaled[l] < 1 {
			small = append(small, l)
		} else {
			large = append(large, l)
		}
	}
	for _, i := range append(small, large...) {
		c.prob[i] = 1
	}
	return c
}

func even[T any](values []T) *choice[T] {
	weights := make([]float64, len(values))
	for i := range weights {
		weights[i] = 1
	}
	return newChoice(values, weights)
}

func (c *choice[T]) draw(r *rand.Rand) T {
	i := r.IntN(len(c.values))
	if r.Float64() < c.prob[i] {
		return c.values[i]
	}
	return c.values[c.alias[i]]
}
