package parquet

import "io"

// Rows reads a file row by row.
type Rows struct {
	f       *File
	group   int
	left    int64
	columns []*column
	cells   [][]byte
	err     error
}

// Rows begins before the first row.
func (f *File) Rows() *Rows { return &Rows{f: f, cells: make([][]byte, len(f.schema))} }

// Next gives the texts of the next row, nil where nothing stands, and io.EOF after the
// last. They are the caller's until the next call.
func (r *Rows) Next() ([][]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	for r.left == 0 {
		for _, c := range r.columns {
			c.close()
		}
		r.columns = r.columns[:0]
		if r.group == len(r.f.groups) {
			r.err = io.EOF
			return nil, r.err
		}
		g := &r.f.groups[r.group]
		r.group++
		if r.left = g.rows; r.left > 0 {
			for i := range g.columns {
				r.columns = append(r.columns, r.f.column(g, i))
			}
		}
	}
	r.left--
	for i, c := range r.columns {
		v, err := c.next()
		if err != nil {
			r.err = err
			return nil, err
		}
		r.cells[i] = v
		if r.f.limits.Text -= int64(len(v)); r.f.limits.Text < 0 {
			r.err = refuse(Bomb, "texts beyond the limit")
			return nil, r.err
		}
	}
	return r.cells, nil
}
