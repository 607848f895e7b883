package readinessnode

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"dean06/data"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/node"
	"dean06/internal/readiness"
)

// sample is files that came in for a campaign at a time.
type sample struct {
	campaign, folder string
	from             time.Time
}

// rounds are the sample returns of both letters.
var rounds = []sample{
	{"488", "demo/appendix-488/round-2022", time.Date(2023, 2, 22, 8, 0, 0, 0, clock.Zone)},
	{"1877", "demo/appendix-488/round-2023", time.Date(2023, 6, 14, 8, 0, 0, 0, clock.Zone)},
}

// secondPapers are of agencies that had answered letter 488 before.
var secondPapers = sample{"488", "demo/appendix-488/second", time.Date(2023, 2, 28, 14, 0, 0, 0, clock.Zone)}

// demo takes in the two rounds, as if the files had come in at their time, and then the
// second papers, which wait for a person. What an interrupted start left out is taken in
// by the next.
func (n *Node) demo(ctx context.Context, d node.Demo) error {
	if !d.Rounds {
		return nil
	}
	watch := &pastClock{}
	past, err := n.registerAt(watch, nil) // on the same tables
	if err != nil {
		return err
	}
	for _, round := range rounds {
		heads, err := n.store.Heads(ctx, round.campaign)
		if err != nil {
			return err
		}
		names, err := fs.Glob(data.Demo, round.folder+"/*.docx")
		if err != nil {
			return err
		}
		if len(heads) >= len(names) {
			continue
		}
		watch.set(round.from)
		accepted, err := takeInDemo(ctx, past, round.campaign, names)
		if err != nil {
			return err
		}
		if accepted != len(names) {
			return fmt.Errorf("load the demo: %d of %d returns of letter %s went in", accepted, len(names), round.campaign)
		}
	}
	batches, err := n.store.Batches(ctx, secondPapers.campaign)
	if err != nil || len(batches) > 1 {
		return err
	}
	names, err := fs.Glob(data.Demo, secondPapers.folder+"/*.docx")
	if err != nil {
		return err
	}
	watch.set(secondPapers.from)
	_, err = takeInDemo(ctx, past, secondPapers.campaign, names)
	return err
}

// takeInDemo imports sample files and says how many were accepted.
func takeInDemo(ctx context.Context, r *readiness.Register, campaign string, names []string) (accepted int, err error) {
	files := func(yield func(readiness.File) bool) {
		for _, name := range names {
			content, err := data.Demo.ReadFile(name)
			if err != nil || !yield(readiness.File{Name: filepath.Base(name), Size: int64(len(content)), Content: content}) {
				return
			}
		}
	}
	_, err = r.Import(ctx, System(), readiness.Batch{Campaign: campaign, Total: len(names)}, files, func(i readiness.BatchItem) {
		if i.Status == readiness.ItemAccepted {
			accepted++
		}
	})
	return accepted, err
}

// pastClock is set to a past moment and goes on by a quarter of an hour each time it is
// read.
type pastClock struct {
	mu   sync.Mutex
	past time.Time
}

func (c *pastClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = t
}

// Now is the next past moment.
func (c *pastClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = c.past.Add(15 * time.Minute)
	return c.past.UTC()
}
