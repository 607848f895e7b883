package parquet

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files of testdata were made by testdata/make.py with pyarrow 26.0.1 and DuckDB 2.0.1.
func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const gap = "∅"

// all reads a file whole; gaps are shown.
func all(b []byte, limits Limits) (head []string, rows [][]string, err error) {
	f, err := Open(bytes.NewReader(b), int64(len(b)), limits)
	if err != nil {
		return nil, nil, err
	}
	for r := f.Rows(); ; {
		cells, err := r.Next()
		if errors.Is(err, io.EOF) {
			return f.Columns, rows, nil
		}
		if err != nil {
			return nil, nil, err
		}
		row := make([]string, len(cells))
		for i, c := range cells {
			if row[i] = string(c); c == nil {
				row[i] = gap
			}
		}
		rows = append(rows, row)
	}
}

func TestReadsWhatOthersWrite(t *testing.T) {
	t.Parallel()
	want, err := csv.NewReader(bytes.NewReader(file(t, "want.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	moment := slices.Index(want[0], "moment")
	for _, row := range want[1:] {
		row[moment] = strings.TrimSuffix(row[moment], " 00:00:00") // a day alone is a day
	}
	for _, name := range []string{
		"arrow-none", "arrow-snappy", "arrow-gzip", "arrow-brotli", "arrow-zstd", "arrow-plain", "arrow-v2", "arrow-old", "arrow-delta",
		"arrow-lengths", "duckdb", "duckdb-v2",
	} {
		head, rows, err := all(file(t, name+".parquet"), DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(head, want[0]) || len(rows) != len(want)-1 {
			t.Errorf("%s: %d rows of %v", name, len(rows), head)
			continue
		}
		for i, row := range rows {
			if !slices.Equal(row, want[i+1]) {
				t.Errorf("%s: row %d is %q, want %q", name, i+1, row, want[i+1])
				break
			}
		}
	}
	if head, rows, err := all(file(t, "empty.parquet"), DefaultLimits); err != nil || len(rows) != 0 || len(head) != len(want[0]) {
		t.Errorf("an empty table: %v, %v, %v", head, rows, err)
	}
}

func TestRefusesByName(t *testing.T) {
	t.Parallel()
	good := file(t, "arrow-zstd.parquet")
	small := DefaultLimits
	small.Rows = 100
	narrow := DefaultLimits
	narrow.Column = 3
	short := DefaultLimits
	short.Text = 1000
	little := DefaultLimits
	little.Held = 5000
	for _, tt := range []struct {
		name   string
		b      []byte
		limits Limits
		why    Reason
		column string
	}{
		{"a list", file(t, "list.parquet"), DefaultLimits, Nested, "list"},
		{"a structure", file(t, "struct.parquet"), DefaultLimits, Nested, "deep"},
		{"a rare compression", file(t, "lz4.parquet"), DefaultLimits, Unsupported, "lz4"},
		{"nothing", nil, DefaultLimits, Damaged, ""},
		{"cut at the end", good[:len(good)-9], DefaultLimits, Damaged, ""},
		{"cut in the middle", slices.Concat(good[:900], good[1500:]), DefaultLimits, Damaged, ""},
		{"an encrypted footer", append(slices.Clone(good[:len(good)-4]), "PARE"...), DefaultLimits, Encrypted, ""},
		{"too many rows", good, small, Bomb, ""},
		{"too many columns", good, narrow, Bomb, ""},
		{"too much text", good, short, Bomb, ""},
		{"too much at a time", good, little, Bomb, ""},
	} {
		_, _, err := all(tt.b, tt.limits)
		var r *Refusal
		if !errors.As(err, &r) || r.Reason != tt.why || tt.column != "" && r.Column != tt.column {
			t.Errorf("%s: %v, want %s %s", tt.name, err, tt.why, tt.column)
		}
	}
}

// TestClaims holds that what a page claims is not believed.
func TestClaims(t *testing.T) {
	t.Parallel()
	build := func(codec int32, body []byte, unpacked, values int) []byte {
		e := &encoder{b: []byte(magic)}
		e.begin()
		e.i32(1, pageData)
		e.i32(2, unpacked)
		e.i32(3, len(body))
		e.structure(5, func() {
			e.i32(1, values)
			e.i32(2, encodingPlain)
			e.i32(3, encodingRLE)
		})
		e.end()
		e.b = append(e.b, body...)
		end := len(e.b)
		e.begin()
		e.list(2, thriftStruct, 2)
		e.begin()
		e.text(4, "schema")
		e.i32(5, 1)
		e.end()
		e.begin()
		e.i32(1, typeBytes)
		e.i32(3, 0)
		e.text(4, "x")
		e.end()
		e.i64(3, int64(values))
		e.list(4, thriftStruct, 1)
		e.begin()
		e.list(1, thriftStruct, 1)
		e.begin()
		e.structure(3, func() {
			e.i32(1, typeBytes)
			e.i32(4, int(codec))
			e.i64(5, int64(values))
			e.i64(7, int64(end-4))
			e.i64(9, 4)
		})
		e.end()
		e.i64(3, int64(values))
		e.end()
		e.end()
		e.b = binary.LittleEndian.AppendUint32(e.b, uint32(len(e.b)-end))
		return append(e.b, magic...)
	}
	text := []byte("\x02\x00\x00\x00ab")
	if _, rows, err := all(build(codecNone, text, 6, 1), DefaultLimits); err != nil || rows[0][0] != "ab" {
		t.Fatalf("%v: %v", rows, err)
	}
	for name, b := range map[string][]byte{
		"a text longer than the page": build(codecNone, []byte("\xff\xff\xff\x7fab"), 6, 1),
		"more values than there are":  build(codecNone, text, 6, 100),
		"another size":                build(codecNone, text, 7, 1),
		"a snappy bomb":               build(codecSnappy, []byte("\xff\xff\xff\x7f\x00"), 1<<31-1, 1),
		"snappy of another size":      build(codecSnappy, []byte("\x10\x00"), 6, 1),
		"zstd that is none":           build(codecZstd, text, 6, 1),
		"gzip that is none":           build(codecGzip, text, 200<<20, 1),
		"brotli that is none":         build(codecBrotli, text, 200<<20, 1),
		"an unknown compression":      build(5, text, 6, 1),
		"rows without end":            build(codecNone, nil, 0, 1<<31-1),
	} {
		_, _, err := all(b, DefaultLimits)
		var r *Refusal
		if !errors.As(err, &r) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWritesWhatItReads(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 9, groupRows + 3} {
		var b bytes.Buffer
		w := NewWriter(&b, []Column{{"row", Whole}, {"name", Text}, {"score", Real}})
		row := func(i int) []string {
			r := []string{fmt.Sprint(i), fmt.Sprintf("Đỗ \"%d\"\n", i%50), fmt.Sprint(float64(i) / 4)}
			if i%3 == 0 {
				r[0], r[1], r[2] = "", "", ""
			}
			return r
		}
		for i := range n {
			if err := w.Row(row(i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		head, rows, err := all(b.Bytes(), DefaultLimits)
		if err != nil || len(rows) != n || !slices.Equal(head, []string{"row", "name", "score"}) {
			t.Fatalf("%d rows: %d of %v, %v", n, len(rows), head, err)
		}
		for i, got := range rows {
			want := row(i)
			for k := range want {
				if want[k] == "" {
					want[k] = gap
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("row %d is %q, want %q", i, got, want)
			}
		}
	}
	w := NewWriter(io.Discard, []Column{{"row", Whole}, {"score", Real}})
	for _, bad := range [][]string{{"x", "1"}, {"1", "x"}, {"1"}} {
		if w.Row(bad) == nil {
			t.Errorf("%q is written", bad)
		}
	}
}

func FuzzRead(f *testing.F) {
	names, err := filepath.Glob("testdata/*.parquet")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	limits := Limits{Rows: 5000, Held: 16 << 20, Text: 4 << 20, Column: 50}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _, err := all(b, limits)
		var r *Refusal
		if err != nil && !errors.As(err, &r) {
			t.Fatalf("%v is no refusal", err)
		}
	})
}
