package cleaning

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/parquet"
)

// parquet makes a Parquet file a source: its rows pass as a text with commas, as often as
// they are read, and never lie in memory together.
func (s *Source) parquet(name fault.Args) error {
	s.open = func() (io.ReadCloser, error) { return openParquet(s.file, s.size) }
	s.code, s.comma, s.named = utf8Code, ',', true
	if err := s.readHeader(name); err != nil {
		return refusedParquet(err) // its first page, too
	}
	s.quoted = true // also the register's own columns are written with quotes here
	return nil
}

// parquetText gives the rows as a text with commas.
type parquetText struct {
	rows *parquet.Rows
	text []byte
	at   int
	err  error
}

func openParquet(f io.ReaderAt, size int64) (io.ReadCloser, error) {
	table, err := parquet.Open(f, size, parquet.DefaultLimits)
	if err != nil {
		return nil, refusedParquet(err)
	}
	t := &parquetText{rows: table.Rows()}
	head := make([][]byte, len(table.Columns))
	for i, c := range table.Columns {
		head[i] = []byte(c)
	}
	t.line(head)
	return io.NopCloser(t), nil
}

func refusedParquet(err error) error {
	var r *parquet.Refusal
	if errors.As(err, &r) {
		return fault.New(fault.Invalid, "cleaning.parquet."+string(r.Reason), fault.Args{"column": r.Column}).Because(err)
	}
	return err
}

// Read gives the text.
func (t *parquetText) Read(p []byte) (int, error) {
	if t.at == len(t.text) {
		if t.err != nil {
			return 0, t.err
		}
		t.text, t.at = t.text[:0], 0
		for len(t.text) < 1<<16 {
			cells, err := t.rows.Next()
			if err != nil {
				t.err = refusedParquet(err)
				break
			}
			t.line(cells)
		}
		if len(t.text) == 0 {
			return 0, t.err
		}
	}
	n := copy(p, t.text[t.at:])
	t.at += n
	return n, nil
}

func (t *parquetText) line(cells [][]byte) {
	t.text = appendText(t.text, cells)
}

// WriteParquet writes a result, of Linked or of Join, as a Parquet file.
func WriteParquet(w io.Writer, write func(io.Writer) error) error {
	columns := make([]parquet.Column, len(ResultColumns))
	for i, name := range ResultColumns {
		columns[i].Name = name
		switch name {
		case "row", "duplicate_of":
			columns[i].Kind = parquet.Whole
		case "score", "second_score":
			columns[i].Kind = parquet.Real
		}
	}
	from, to := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := write(to)
		_ = to.CloseWithError(err) // never fails
		done <- err
	}()
	err := copyParquet(parquet.NewWriter(w, columns), from)
	_ = from.CloseWithError(err) // never fails
	if failed := <-done; err == nil {
		return failed
	}
	return err
}

// cleanParquet writes the clean file as columns of texts. A column without a heading is
// called by its place.
func cleanParquet(w io.Writer, rows func(give func([]string) error) error) error {
	var out *parquet.Writer
	err := rows(func(cells []string) error {
		if out != nil {
			return out.Row(cells)
		}
		columns := make([]parquet.Column, len(cells))
		seen := map[string]bool{}
		for i, name := range cells {
			if name == "" || seen[name] {
				name = fmt.Sprintf("%s#%d", name, i+1)
			}
			seen[name] = true
			columns[i].Name = name
		}
		out = parquet.NewWriter(w, columns)
		return nil
	})
	if err != nil {
		return err
	}
	return out.Close()
}

func copyParquet(out *parquet.Writer, from io.Reader) error {
	r := csv.NewReader(from)
	r.ReuseRecord = true
	for first := true; ; first = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out.Close()
		}
		if err != nil {
			return fmt.Errorf("read the result: %w", err)
		}
		if first {
			continue
		}
		if err := out.Row(cells); err != nil {
			return err
		}
	}
}
