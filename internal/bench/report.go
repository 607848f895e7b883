package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/measure"
)

// Result is what a benchmark measured, in the order in which it did.
type Result struct {
	Machine  measure.Machine `json:"machine"`
	Engine   string          `json:"engine"`
	N        int             `json:"n"` // people in the register
	Sections []Section       `json:"sections"`
	// LoadAfter is the load average at the end.
	LoadAfter string `json:"load_average_after"`
}

// Section is one measurement: its calls, when it made calls, its runs, when all was done
// several times, and further values whose keys name what they are and in what unit.
type Section struct {
	Name   string             `json:"name"`
	Calls  *measure.Figures   `json:"calls,omitempty"`
	Runs   *measure.Runs      `json:"runs,omitempty"`
	Values map[string]float64 `json:"values,omitempty"`
}

// Section gives the one of a name, with so many callers (0: the first).
func (b *Result) Section(name string, callers int) (Section, bool) {
	i := slices.IndexFunc(b.Sections, func(s Section) bool {
		return s.Name == name && (callers == 0 || s.Calls != nil && s.Calls.Callers == callers)
	})
	if i < 0 {
		return Section{}, false
	}
	return b.Sections[i], true
}

// Print writes the figures as a table.
func (b *Result) Print(w io.Writer, p *i18n.Printer) error {
	m := b.Machine
	fmt.Fprintf(w, "%s\n%s (%d), %s, %s, %s\n%s\n\n", m.At, m.CPU, m.Cores, m.Memory, m.System, m.Go,
		p.T("bench.load", map[string]any{"before": m.Load, "after": b.LoadAfter}))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := make([]string, 0, 9)
	for _, c := range []string{"what", "callers", "rate", "p50", "p95", "p99", "max", "errors", "more"} {
		head = append(head, p.T("bench.column."+c))
	}
	fmt.Fprintln(t, strings.Join(head, "\t"))
	for _, s := range b.Sections {
		cells := make([]string, 8)
		cells[0] = p.T("bench.section." + s.Name)
		if c := s.Calls; c != nil {
			for i, v := range []float64{c.PerSecond, c.P50, c.P95, c.P99, c.Max} {
				cells[2+i] = p.Float(v, digitsOf(v))
			}
			cells[1], cells[7] = p.Int(int64(c.Callers)), p.Int(int64(c.Errors))
			if c.FirstErr != "" {
				cells[7] += " (" + c.FirstErr + ")"
			}
		}
		var more []string
		for _, k := range slices.Sorted(maps.Keys(s.Values)) {
			more = append(more, p.T("bench.value."+k)+" "+p.Float(s.Values[k], digitsOf(s.Values[k])))
		}
		fmt.Fprintln(t, strings.Join(slices.Concat(cells, []string{strings.Join(more, ", ")}), "\t"))
	}
	return t.Flush()
}

// digitsOf gives about three figures.
func digitsOf(v float64) int {
	switch {
	case v >= 100 || v == float64(int64(v)):
		return 0
	case v >= 10:
		return 1
	}
	return 2
}
