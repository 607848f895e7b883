package bench

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"dean06/data"
	"dean06/internal/cleaning"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/measure"
	"dean06/internal/population"
	"dean06/internal/population/people"
)

// Cleaning measures how a dirty file is held against the people of a register, by the
// program itself as a process of its own.
type Cleaning struct {
	Program string // the built dean06
	Rows    int    // of the dirty file
	People  int
	Seed    int64
	Profile string // of errors; "vaccination" when empty
	Dir     string // for the files
	Step    func(section string)
	// Peer measures another program on the same files, as they were understood; nil: none.
	Peer func(ctx context.Context, rows, people, truth string) (Section, error)
}

// denseCommunes are so few that of a million people some eight thousand live in each, as
// in the register of a province.
const denseCommunes = 125

// Run measures a country as it is, and one in which communes are as dense as they are in
// the country of a hundred million.
func (c Cleaning) Run(ctx context.Context) (out Result, err error) {
	if c.Profile == "" {
		c.Profile = "vaccination"
	}
	if c.Dir == "" {
		if c.Dir, err = os.MkdirTemp("", "dean06-cleaning-"); err != nil {
			return out, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(c.Dir)) }()
	}
	out = Result{Machine: measure.ThisMachine(), N: c.People}
	var steps []step
	for _, dense := range []bool{false, true} {
		name := "clean_country"
		if dense {
			name = "clean_dense"
		}
		steps = append(steps, step{name, func(ctx context.Context) error {
			list, err := c.measure(ctx, name, dense)
			out.Sections = append(out.Sections, list...)
			return err
		}})
	}
	err = inSteps(ctx, c.Step, steps)
	out.LoadAfter = measure.LoadAverage()
	return out, err
}

func (c Cleaning) measure(ctx context.Context, name string, dense bool) ([]Section, error) {
	at := func(file string) string { return filepath.Join(c.Dir, name+"-"+file+".csv") }
	if err := c.people(at("people"), dense); err != nil {
		return nil, err
	}
	if err := c.dirty(at("people"), at("dirty"), at("truth")); err != nil {
		return nil, err
	}
	s := Section{Name: name, Values: map[string]float64{"rows": float64(c.Rows), "people": float64(c.People)}}
	cmd := exec.CommandContext(ctx, c.Program, "clean", "link", at("dirty"), "--against", at("people"), "--out", at("result"), "--json")
	var said, failed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &failed
	began := clock.System{}.Now()
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("clean link: %w: %s", err, &failed)
	}
	s.Values["seconds"] = clock.System{}.Now().Sub(began).Seconds()
	s.Values["cpu_seconds"] = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.Values["memory_mb"] = float64(u.Maxrss) / 1024
	}
	var report cleaning.Report
	if err := json.Unmarshal(said.Bytes(), &report); err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	e, err := evaluated(at("result"), at("truth"))
	if err != nil {
		return nil, err
	}
	s.Values["precision"], s.Values["recall"], s.Values["f1"], s.Values["wrong"] = e.Precision, e.Recall, e.F1, float64(e.Wrong)
	s.Values["estimated_error"], s.Values["several"] = report.Estimated.Error, float64(report.Outcomes[cleaning.Several])
	list := []Section{s}
	if c.Peer == nil {
		return list, nil
	}
	if err := c.plain(at("dirty"), at("people"), at("plain-rows"), at("plain-people")); err != nil {
		return list, err
	}
	peer, err := c.Peer(ctx, at("plain-rows"), at("plain-people"), at("truth"))
	peer.Name = name + "_peer"
	return append(list, peer), err
}

// people invents a country; a dense one has few communes.
func (c Cleaning) people(path string, dense bool) error {
	return written(path, func(out *csv.Writer) error {
		if err := out.Write(population.Columns); err != nil {
			return err
		}
		var few []population.Place
		moved := map[population.Place]population.Place{}
		dwell := func(p *population.Place) {
			if !dense || p.Commune == "" {
				return
			}
			at := *p
			at.Detail = ""
			to, ok := moved[at]
			if !ok {
				if len(few) < denseCommunes {
					few = append(few, at)
				}
				to = few[len(moved)%len(few)]
				moved[at] = to
			}
			to.Detail = p.Detail
			*p = to
		}
		return people.Generate(c.People, c.Seed, func(p population.Person) error {
			for _, at := range []*population.Place{&p.Permanent, &p.Temporary, &p.Present, &p.Birthplace, &p.Origin} {
				dwell(at)
			}
			return out.Write(population.Row(p))
		}, people.Options{})
	})
}

func written(path string, write func(*csv.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out := csv.NewWriter(f)
	err = write(out)
	out.Flush()
	return errors.Join(err, out.Error(), f.Close())
}

func (c Cleaning) world() (*cleaning.World, error) {
	places, err := cleaning.ReadGazetteer(data.FS, clock.DayOf(clock.System{}.Now()))
	if err != nil {
		return nil, err
	}
	return cleaning.NewWorld(places, clock.DayOf(clock.System{}.Now())), nil
}

func (c Cleaning) dirty(from, to, truth string) error {
	profile, err := cleaning.ReadProfile(c.Profile)
	if err != nil {
		return err
	}
	w, err := c.world()
	if err != nil {
		return err
	}
	source, err := cleaning.OpenSource(from)
	if err != nil {
		return err
	}
	return toFiles(to, truth, func(a, b *os.File) error {
		return cleaning.Dirty{World: w, Profile: profile, Rows: c.Rows, Seed: uint64(c.Seed)}.Write(source, a, b)
	})
}

func toFiles(first, second string, write func(a, b *os.File) error) error {
	a, err := os.Create(first)
	if err != nil {
		return err
	}
	b, err := os.Create(second)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	return errors.Join(write(a, b), a.Close(), b.Close())
}

func evaluated(result, truth string) (e cleaning.Evaluation, err error) {
	a, err := os.Open(result)
	if err != nil {
		return e, err
	}
	defer a.Close()
	b, err := os.Open(truth)
	if err != nil {
		return e, err
	}
	defer b.Close()
	return cleaning.Evaluate(a, b)
}

// plain writes both files as they were understood.
func (c Cleaning) plain(rows, persons, plainRows, plainPersons string) error {
	w, err := c.world()
	if err != nil {
		return err
	}
	return toFiles(plainRows, plainPersons, func(a, b *os.File) error {
		for i, from := range []string{rows, persons} {
			s, err := cleaning.OpenSource(from)
			if err != nil {
				return err
			}
			l, err := cleaning.LayoutOf(s, nil, i == 1)
			if err != nil {
				return err
			}
			t, err := w.Read(s, l)
			if err != nil {
				return err
			}
			if err := w.WritePlain(t, []*os.File{a, b}[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Splink measures Splink on DuckDB: python is one that has them, script the models.
func Splink(ctx context.Context, python, script, kind string, files ...string) (Section, error) {
	s := Section{Name: "splink_" + kind, Values: map[string]float64{}}
	var said, failed bytes.Buffer
	cmd := exec.CommandContext(ctx, python, append([]string{script, kind}, files...)...)
	cmd.Stdout, cmd.Stderr = &said, &failed
	began := clock.System{}.Now()
	if err := cmd.Run(); err != nil {
		return s, fmt.Errorf("splink: %w: %s", err, last(failed.String(), 500))
	}
	s.Values["seconds"] = clock.System{}.Now().Sub(began).Seconds()
	var got map[string]any
	lines := bytes.Split(bytes.TrimSpace(said.Bytes()), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &got); err != nil {
		return s, fmt.Errorf("read what splink says: %w", err)
	}
	for from, to := range map[string]string{
		"f1": "f1", "recall": "recall", "recall_without_margin": "recall_without_margin", "cpu": "cpu_seconds", "pairs": "pairs",
	} {
		if v, ok := got[from].(float64); ok {
			s.Values[to] = v
		}
	}
	if v, ok := got["memory"].(float64); ok {
		s.Values["memory_mb"] = v / (1 << 20)
	}
	return s, nil
}

func last(s string, n int) string { return s[max(0, len(s)-n):] }
