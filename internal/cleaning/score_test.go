package cleaning

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/fault"
)

// parted is a file with what it takes to decide it in parts.
type parted struct {
	weights Weights
	rows    []string  // as they are handed on
	whole   [2]string // what one process gives: many rows of a person, one to one
}

func part(t *testing.T, file string) parted {
	t.Helper()
	var p parted
	for i, o := range []Options{{}, {OneToOne: true}} {
		w := world(t)
		s, people := source(t, file), source(t, country())
		layout, err := LayoutOf(s, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		of, err := LayoutOf(people, nil, true)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := w.Read(s, layout)
		if err != nil {
			t.Fatal(err)
		}
		persons, err := w.Read(people, of)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			p.weights = throughFile(t, w.Learn(rows, persons, layout, of, nil, DefaultBound))
			var b bytes.Buffer
			if n, err := s.WriteRows(&b); err != nil || n != rows.Len() {
				t.Fatalf("%d rows of %d: %v", n, rows.Len(), err)
			}
			p.rows = strings.SplitAfter(strings.TrimSuffix(b.String(), "\n"), "\n")
			p.rows[len(p.rows)-1] += "\n"
		}
		o.Weights = &p.weights
		var out bytes.Buffer
		if err := w.Link(rows, persons, nil, o, nil).Write(&out, s, layout, printer(t)); err != nil {
			t.Fatal(err)
		}
		p.whole[i] = out.String()
	}
	return p
}

// throughFile writes weights and reads them again.
func throughFile(t *testing.T, k Weights) Weights {
	t.Helper()
	var b bytes.Buffer
	if err := k.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := ReadWeights(&b)
	if err != nil {
		t.Fatal(err)
	}
	if again.ID() != k.ID() || again.M != k.M || again.U != k.U {
		t.Error("weights are others when they are read again")
	}
	return again
}

// score runs one part, as a process of its own does: nothing is shared.
func (p parted) score(t *testing.T, in string, atOnce int) (string, error) {
	t.Helper()
	s := Scorer{Weights: p.weights, Texts: printer(t), AtOnce: atOnce, People: func() (*World, *Table, error) {
		w := world(t)
		people, err := p.weights.ReadPeople(w, source(t, country()))
		return w, people, err
	}}
	var out bytes.Buffer
	err := s.Score(strings.NewReader(in), &out)
	return out.String(), err
}

func (p parted) join(t *testing.T, oneToOne bool, parts ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i, text := range parts {
		name := filepath.Join(dir, fmt.Sprintf("part-%05d", i))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	var out bytes.Buffer
	j := Join{Weights: p.weights, OneToOne: oneToOne, Texts: printer(t), World: func() (*World, error) { return world(t), nil }}
	err := j.Write(names, &out)
	return out.String(), err
}

// awkward is a file with what breaks lines, and rows that cannot be read.
func awkward(t *testing.T, n int) string {
	t.Helper()
	file, _ := dirty(t, n, "heavy", 11)
	lines, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines[1:] {
		switch i % 40 {
		case 3:
			l[5] = "Số 1\r\n" + l[5] + "\u2028\t\x00"
		case 5:
			l[1] = "  " + strings.ToUpper(l[1]) + "\u0085"
		case 7:
			l[2] = `"` + l[2] + `\`
		}
	}
	lines = append(lines, lines[1:min(len(lines), 200)]...) // also of those whom nobody knows
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	first := lines[1]
	text += strings.Join(first[:2], ",") + "\n" // fewer
	text += strings.Join(first, ",") + ",x,y\n" // more, or quotes
	text += "\xff\xfe" + strings.Join(first[1:], ",") + ",z\n"
	return text + strings.Split(text, "\n")[1] + "\n" // the first row again
}

func TestPartsTogetherAreTheWhole(t *testing.T) {
	t.Parallel()
	p := part(t, awkward(t, 1200))
	r := rand.New(rand.NewPCG(5, 5))
	for round, parts := range []int{1, 2, 7, 12} {
		inputs := make([][]string, parts) // some may stay empty
		for _, i := range r.Perm(len(p.rows)) {
			k := r.IntN(parts)
			inputs[k] = append(inputs[k], p.rows[i])
		}
		if parts == 12 {
			inputs[4] = append(inputs[4], inputs[5]...)
			inputs[5] = nil
		}
		outputs := make([]string, parts)
		for i, in := range inputs {
			var err error
			if outputs[i], err = p.score(t, strings.Join(in, ""), []int{0, 1 << 20, 97, 1000}[round]); err != nil {
				t.Fatal(err)
			}
		}
		r.Shuffle(parts, func(a, b int) { outputs[a], outputs[b] = outputs[b], outputs[a] })
		for k, oneToOne := range []bool{false, true} {
			got, err := p.join(t, oneToOne, outputs...)
			if err != nil {
				t.Fatal(err)
			}
			if got != p.whole[k] {
				a, b := strings.Split(got, "\n"), strings.Split(p.whole[k], "\n")
				i := slices.IndexFunc(a, func(l string) bool { return !slices.Contains(b, l) })
				t.Fatalf("%d parts, one to one %v: line %d is %q", parts, oneToOne, i, a[max(i, 0)])
			}
		}
	}
	if many, one := p.whole[0], p.whole[1]; many == one || !strings.Contains(one, ",duplicate,") {
		t.Error("the file has no duplicate: nothing was shown of it")
	}
	for _, says := range []string{"có lẽ cùng một người với dòng", "số định danh ghi năm sinh"} {
		if !strings.Contains(p.whole[0], says) {
			t.Errorf("no row says %q: nothing was shown of it", says)
		}
	}
}

// TestPromiseIsOfAllParts holds that rows which the promise for all takes back are taken
// back when no part knows of the others.
func TestPromiseIsOfAllParts(t *testing.T) {
	t.Parallel()
	l := Linked{options: Options{Bound: 1e-4}, cut: 1e-3}
	k := Weights{Version: weightsVersion, Rows: 12, People: 50, Bound: 1e-4}
	p := parted{weights: k}
	var parts []string
	for i := range 12 {
		e := []float64{1e-9, 9e-4}[i%2]
		person := i
		l.Decisions = append(l.Decisions, Decision{Outcome: Corrected, Person: person, Error: e, Of: -1})
		end := 1
		var b bytes.Buffer
		enc := newEncoder(&b)
		_ = enc.Encode(scoredRow{Row: i + 1, Outcome: Corrected, Person: &person, Number: "1", Error: e, Candidates: 4, Reasons: "x"})
		_ = enc.Encode(scoredEnd{&end, k.ID()})
		parts = append(parts, b.String())
	}
	l.keep()
	got, err := p.join(t, false, parts...)
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for i, line := range strings.Split(strings.TrimSpace(got), "\n")[1:] {
		want := string(l.Decisions[i].Outcome)
		if l.Decisions[i].Outcome == Several {
			want += ",,,,,"
			taken++
		}
		if !strings.Contains(line, ","+want) || strings.Contains(line, ",several,") != (want != "corrected") || taken > 0 && strings.Contains(line, "several") &&
			!strings.Contains(line, "4") {
			t.Errorf("row %d: %s, want %s", i+1, line, want)
		}
	}
	if taken == 0 || taken == 12 {
		t.Errorf("%d rows were taken back", taken)
	}
}

func TestPartThatEndsEarly(t *testing.T) {
	t.Parallel()
	p := part(t, awkward(t, 1000))
	half := len(p.rows) / 2
	first, err := p.score(t, strings.Join(p.rows[:half], ""), 0)
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.score(t, strings.Join(p.rows[half:], ""), 0)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what, key string, parts ...string) {
		t.Helper()
		_, err := p.join(t, false, parts...)
		if f := fault.As(err); f == nil || f.Key != key {
			t.Errorf("%s: %v, want %s", what, err, key)
		}
	}
	r := rand.New(rand.NewPCG(6, 6))
	for range 60 { // killed at any byte
		at := 1 + r.IntN(len(second)-1)
		if _, err := p.join(t, false, first, second[:at]); err == nil {
			t.Errorf("a part that ends after %d of %d bytes is taken", at, len(second))
		}
	}
	lines := strings.SplitAfter(second, "\n")
	lines = lines[:len(lines)-1]
	last := len(lines) - 1
	refused("without its count", "cleaning.part.cut", first, strings.Join(lines[:last], ""))
	refused("half a line that somebody ended", "cleaning.part.cut", first, strings.Join(lines[:9], "")+lines[9][:30]+"\n")
	refused("without a row", "cleaning.part.count", first, strings.Join(slices.Delete(slices.Clone(lines), 3, 4), ""))
	refused("without a part", "cleaning.part.missing", first)
	refused("an empty part", "cleaning.part.missing", first, "")
	refused("a part twice", "cleaning.part.twice", first, second, second)
	refused("something else", "cleaning.part.line", first, second, "b'{\"row\":1}'\n")
	refused("a result that cannot be", "cleaning.part.line", first, second, `{"row":1,"outcome":"verified","error":0,"reasons":""}`+"\n")
	refused("other weights", "cleaning.part.weights", first, strings.Join(lines[:last], "")+strings.Replace(lines[last], `"weights":"`, `"weights":"0`, 1))
	if short, err := p.score(t, strings.Join(p.rows[half:len(p.rows)-5], ""), 0); err != nil {
		t.Error(err)
	} else {
		refused("whose input ended early", "cleaning.part.missing", first, short)
	}
	if both, err := p.join(t, false, first+second); err != nil || both != p.whole[0] {
		t.Errorf("two parts in one file: %v", err)
	}
}

func TestRowsThatAreNone(t *testing.T) {
	t.Parallel()
	p := part(t, awkward(t, 300))
	long := `{"row":1,"cells":["` + strings.Repeat("x", mostLine) + `"]}` + "\n"
	for name, in := range map[string]string{
		"a line of Python":   "b'{}'\n",
		"no row":             "{}\n",
		"row 0":              strings.Replace(p.rows[0], `"row":1`, `"row":0`, 1),
		"a row too far":      `{"row":99999999,"cells":["x"]}` + "\n",
		"an unknown reason":  `{"row":1,"unread":"whatever"}` + "\n",
		"cells and a reason": `{"row":1,"cells":["x"],"unread":"more"}` + "\n",
		"something unknown":  `{"row":1,"cells":["x"],"of":1}` + "\n",
		"two in a line":      strings.TrimSpace(p.rows[0]) + p.rows[1],
		"half a line":        p.rows[0] + p.rows[1][:len(p.rows[1])/2],
		"too long":           long,
	} {
		out, err := p.score(t, in, 0)
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(out, `"end"`) {
			t.Errorf("%s: a part that failed says that it is whole", name)
		}
	}
	none := Scorer{Weights: p.weights, Texts: printer(t), People: func() (*World, *Table, error) { return nil, nil, errors.New("read for nothing") }}
	var out bytes.Buffer
	if err := none.Score(strings.NewReader(""), &out); err != nil || !strings.HasPrefix(out.String(), `{"end":0,`) {
		t.Errorf("an empty part: %v, %s", err, &out)
	}
	if err := none.Score(strings.NewReader(p.rows[0]), io.Discard); err == nil {
		t.Error("a row without people")
	}
}

func TestWeightsOfOthers(t *testing.T) {
	t.Parallel()
	p := part(t, awkward(t, 300))
	lines := strings.SplitAfter(country(), "\n")
	for name, people := range map[string]string{
		"one less":     strings.Join(lines[:len(lines)-2], ""),
		"another name": strings.Replace(country(), "Nguyễn", "Nguyên", 1),
		"other order":  strings.Join(append(append([]string{lines[0]}, lines[2], lines[1]), lines[3:]...), ""),
	} {
		if _, err := p.weights.ReadPeople(world(t), source(t, people)); fault.Of(err) != fault.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.weights.ReadPeople(world(t), source(t, country())); err != nil {
		t.Error(err)
	}
	if err := p.weights.SameColumns([]string{"x"}); fault.Of(err) != fault.Invalid {
		t.Errorf("other columns: %v", err)
	}
	var b bytes.Buffer
	if err := p.weights.Write(&b); err != nil {
		t.Fatal(err)
	}
	good := b.String()
	for _, bad := range []string{
		"", "{}", "[]", good[:len(good)/2],
		strings.Replace(good, `"version": 1`, `"version": 2`, 1), strings.Replace(good, `"share": 0`, `"share": 7`, 1),
		strings.Replace(good, `"bound": 0.0001`, `"bound": -1`, 1),
		strings.Replace(good, `"rows": `, `"rows": -`, 1), strings.Replace(good, `"m": [`, `"m": [[9],`, 1),
	} {
		if _, err := ReadWeights(strings.NewReader(bad)); fault.Of(err) != fault.Invalid {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}
