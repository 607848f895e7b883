package cleaning

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAKilledRunGoesOn runs with what runs that were killed at any moment left, and with
// what nobody wrote like that: the result is always the same to the byte.
func TestAKilledRunGoesOn(t *testing.T) {
	t.Parallel()
	file, _ := dirty(t, 600, "heavy", 12)
	other, _ := dirty(t, 600, "heavy", 13)
	w := world(t)
	register := source(t, strings.Join(strings.SplitAfter(country(), "\n")[:4001], "")) // few, to be quick
	of, _ := LayoutOf(register, nil, true)
	people, err := w.Read(register, of)
	if err != nil {
		t.Fatal(err)
	}
	run := func(text string, o Options) ([]byte, int) {
		s := source(t, text)
		layout, err := LayoutOf(s, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := w.Read(s, layout)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := w.Link(rows, people, nil, o, nil).Write(&out, s, layout, printer(t)); err != nil {
			t.Fatal(err)
		}
		if o.Checkpoint == nil {
			return out.Bytes(), 0
		}
		return out.Bytes(), o.Checkpoint.Loaded
	}
	want, _ := run(file, Options{})
	whole := t.TempDir()
	if got, n := run(file, Options{Checkpoint: &Checkpoint{Dir: whole}}); !bytes.Equal(got, want) || n != 0 {
		t.Fatalf("with a checkpoint the result is another, or %d steps were there", n)
	}
	steps := []string{"key", "weights", "early-0000", "late-0000"}
	var names []string
	list, _ := os.ReadDir(whole)
	for _, e := range list {
		names = append(names, e.Name())
	}
	if slices.Sort(names); !slices.Equal(names, []string{"early-0000", "key", "late-0000", "weights"}) {
		t.Fatalf("kept %q", names)
	}
	left := func(n int, change func(dir string)) string {
		dir := t.TempDir()
		for _, name := range steps[:n] {
			raw, err := os.ReadFile(filepath.Join(whole, name))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name), raw, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if change != nil {
			change(dir)
		}
		return dir
	}
	cut := func(name string, n int) func(string) {
		return func(dir string) {
			path := filepath.Join(dir, name)
			raw, _ := os.ReadFile(path)
			if n < 0 {
				raw[len(raw)+n] ^= 1
			} else {
				raw = raw[:n]
			}
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		dir    string
		text   string
		o      Options
		loaded int
	}{
		{name: "nothing was done", dir: left(0, nil)},
		{name: "nothing but the key", dir: left(1, nil)},
		{name: "the weights", dir: left(2, nil), loaded: 1},
		{name: "the first pass", dir: left(3, nil), loaded: 2},
		{name: "all but the result", dir: left(4, nil), loaded: 3},
		{name: "half of a file", dir: left(3, cut("early-0000", 1000)), loaded: 1},
		{name: "an empty file", dir: left(4, cut("weights", 0)), loaded: 2},
		{name: "a bit of another", dir: left(4, cut("late-0000", -7)), loaded: 2},
		{name: "another file", dir: left(4, nil), text: other},
		{name: "another bound", dir: left(4, nil), o: Options{Bound: .01}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.text == "" {
				tt.text = file
			}
			want := want
			if tt.text != file || tt.o.Bound != 0 {
				want, _ = run(tt.text, tt.o)
			}
			tt.o.Checkpoint = &Checkpoint{Dir: tt.dir}
			if got, n := run(tt.text, tt.o); !bytes.Equal(got, want) || n != tt.loaded {
				t.Errorf("the same: %v; %d steps were there, want %d", bytes.Equal(got, want), n, tt.loaded)
			}
		})
	}
}
