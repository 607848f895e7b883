package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"dean06/internal/platform/measure"
)

// Demo measures the demo: its starts, its memory, and the report that is made from it.
type Demo struct {
	Dir     string // a folder for what is not kept
	Program string // dean06 itself
	Runs    int    // of each
}

func (o Demo) data() string { return filepath.Join(o.Dir, "demo") }

func (o Demo) launch(ctx context.Context) (*site, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	return serve(ctx, o.Dir, o.Program, address, "demo", "--addr", address, "--data", o.data())
}

// Run measures its first start, later ones, and its memory after somebody has gone
// through everything.
func (o Demo) Run(ctx context.Context) ([]Section, error) {
	var first, later timing
	for i := range o.Runs + o.Runs {
		t := &later
		if i < o.Runs {
			t = &first
			if err := os.RemoveAll(o.data()); err != nil {
				return nil, err
			}
		}
		s, err := o.launch(ctx)
		if err != nil {
			return nil, err
		}
		t.runs, t.cpu, t.count = append(t.runs, s.ready), t.cpu+s.cost().CPU, t.count+1
		if err := s.stop(); err != nil {
			return nil, err
		}
	}
	out := []Section{first.section("demo_first", nil), later.section("demo_later", nil)}
	memory, err := o.memory(ctx)
	return append(out, memory...), err
}

func (o Demo) memory(ctx context.Context) (out []Section, err error) {
	if err := os.RemoveAll(o.data()); err != nil {
		return nil, err
	}
	s, err := o.launch(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	resident := func(name string) Section {
		c := s.cost()
		return Section{Name: name, Values: map[string]float64{"rss_mb": megabytes(c.RSS), "peak_mb": megabytes(c.Peak)}}
	}
	started := resident("demo_memory")
	pages, accounts, err := readEverything(ctx, s.url)
	if err != nil {
		return nil, err
	}
	uploaded, err := uploadAll(ctx, s.url)
	if err != nil {
		return nil, err
	}
	used := resident("demo_memory_used")
	used.Values["pages"], used.Values["accounts"], used.Values["files"] = float64(pages), float64(accounts), float64(uploaded)
	return []Section{started, used}, nil
}

// Report measures the report to the Prime Minister from the command line, the start of
// the program included.
func (o Demo) Report(ctx context.Context) (out []Section, err error) {
	s, err := o.launch(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.stop(); err != nil {
		return nil, err
	}
	for _, format := range []string{"docx", "pdf", "xlsx"} {
		var t timing
		file := filepath.Join(o.Dir, "report."+format)
		for range o.Runs {
			//nolint:gosec // this program itself
			cmd := exec.CommandContext(ctx, o.Program, "readiness", "report", "--campaign", "1877", "--format", format, "--out", file,
				"--db", "sqlite:"+filepath.Join(o.data(), "board.db"))
			took := measure.Stopwatch()
			if said, err := cmd.CombinedOutput(); err != nil {
				return nil, fmt.Errorf("report: %w: %s", err, said)
			}
			t.runs = append(t.runs, took())
			t.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			t.count++
		}
		info, err := os.Stat(file)
		if err != nil {
			return nil, err
		}
		out = append(out, t.section("report_"+format, map[string]float64{"bytes": float64(info.Size())}))
	}
	return out, nil
}
