package bench

import (
	"context"
	"fmt"
)

// step is one of a benchmark.
type step struct {
	name string
	do   func(context.Context) error
}

// inSteps does the steps one after the other, each told before it begins.
func inSteps(ctx context.Context, tell func(name string), steps []step) error {
	for _, p := range steps {
		if tell != nil {
			tell(p.name)
		}
		if err := p.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}
