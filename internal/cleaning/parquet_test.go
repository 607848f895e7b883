package cleaning

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/parquet"
)

// asParquet writes a text with commas as a Parquet file of texts.
func asParquet(t *testing.T, text string) string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := make([]parquet.Column, len(lines[0]))
	for i, name := range lines[0] {
		columns[i].Name = name
	}
	var b bytes.Buffer
	w := parquet.NewWriter(&b, columns)
	for _, l := range lines[1:] {
		if err := w.Row(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "table.parquet")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func readBy(t *testing.T, open func() (*Source, error), people func() (*Source, error)) []result {
	t.Helper()
	w := world(t)
	s, err := open()
	if err != nil {
		t.Fatal(err)
	}
	register, err := people()
	if err != nil {
		t.Fatal(err)
	}
	layout, err := LayoutOf(s, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	of, err := LayoutOf(register, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.Read(s, layout)
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.Read(register, of)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, w.Link(a, b, nil, Options{}, nil), s, layout)
}

func TestParquetIsReadAsCSVIs(t *testing.T) {
	t.Parallel()
	file, _ := dirty(t, 900, "heavy", 12)
	lines := strings.SplitAfter(file, "\n")
	for _, i := range []int{4, 9} { // a gap as wide as the row, and a cell of two lines
		lines[i] = strings.Repeat(",", strings.Count(lines[0], ",")) + "\n"
	}
	lines[12] = strings.Replace(lines[12], "\n", "", 1)
	cells, err := csv.NewReader(strings.NewReader(lines[12])).Read()
	if err != nil {
		t.Fatal(err)
	}
	cells[len(cells)-1] += "\n\"x\"; y"
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(cells)
	w.Flush()
	lines[12] = b.String()
	file = strings.Join(lines, "")
	text := func(s string) func() (*Source, error) { return func() (*Source, error) { return OpenText([]byte(s)) } }
	want := readBy(t, text(file), text(country()))
	name, people := asParquet(t, file), asParquet(t, country())
	got := readBy(t, func() (*Source, error) { return OpenSource(name) }, func() (*Source, error) { return OpenSource(people) })
	if !slices.Equal(got, want) {
		i := 0
		for i < min(len(got), len(want)) && got[i] == want[i] {
			i++
		}
		t.Errorf("%d rows, want %d; row %d is another", len(got), len(want), i+1)
	}
	one := asParquet(t, "number\n001085000001\n\"\"\n001085000002\n")
	s, err := OpenSource(one)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.WriteRows(io.Discard); n != 3 || err != nil {
		t.Errorf("a column alone with a gap: %d rows, %v", n, err)
	}
}

func TestParquetIsRefusedInWords(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(asParquet(t, fileHead+strings.Repeat("Lê Văn A,1990,Nam,001090000001,x\n", 5000)))
	if err != nil {
		t.Fatal(err)
	}
	spoilt := bytes.Clone(good)
	copy(spoilt[100:], bytes.Repeat([]byte{0xff}, 200))
	for name, tt := range map[string]struct {
		b   []byte
		key string
	}{
		"cut":          {good[:len(good)/2], "cleaning.parquet.damaged"},
		"spoilt":       {spoilt, "cleaning.parquet.damaged"},
		"four letters": {[]byte("PAR1"), "cleaning.parquet.damaged"},
		"encrypted":    {append(bytes.Clone(good[:len(good)-4]), "PARE"...), "cleaning.parquet.encrypted"},
		"a list":       {mustRead(t, "../platform/parquet/testdata/list.parquet"), "cleaning.parquet.nested"},
		"LZ4":          {mustRead(t, "../platform/parquet/testdata/lz4.parquet"), "cleaning.parquet.unsupported"},
	} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, tt.b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenSource(path)
		if f := fault.As(err); f == nil || f.Key != tt.key {
			t.Errorf("%s: %v, want %s", name, err, tt.key)
		}
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestResultAsParquet(t *testing.T) {
	t.Parallel()
	text := strings.Join(ResultColumns, ",") + "\n1,verified,001085000001,42.50,,,\"a, \"\"b\"\"\"\n2,several,,1.25,-0.50,1,x\n"
	var b bytes.Buffer
	if err := WriteParquet(&b, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		t.Fatal(err)
	}
	f, err := parquet.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), parquet.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for r := f.Rows(); ; {
		cells, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%q\n", cells)
	}
	want := `["1" "verified" "001085000001" "42.5" "" "" "a, \"b\""]` + "\n" + `["2" "several" "" "1.25" "-0.5" "1" "x"]` + "\n"
	if got.String() != want {
		t.Errorf("%s, want %s", &got, want)
	}
	broken := errors.New("broken")
	if err := WriteParquet(io.Discard, func(w io.Writer) error { _, _ = io.WriteString(w, text); return broken }); !errors.Is(err, broken) {
		t.Errorf("what fails to write: %v", err)
	}
	if err := WriteParquet(failing{broken}, func(w io.Writer) error { _, err := io.WriteString(w, strings.Repeat(text, 9)); return err }); err == nil {
		t.Error("a full disk is not noticed")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
