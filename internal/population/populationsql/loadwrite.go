package populationsql

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
)

// writeBatch is how many persons go in in one transaction: what a load that breaks off loses at most.
const writeBatch = 20_000

// The kinds of values in a packed row.
const (
	packedNull = iota
	packedInt
	packedText
)

// packRow writes the values of a row, and the person's old numbers after the newest, as
// bytes that are sorted before they go in.
func packRow(b []byte, values []any, old []citizen.OldNumber) []byte {
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			b = binary.AppendVarint(append(b, packedInt), v)
		case string:
			b = binary.AppendUvarint(append(b, packedText), uint64(len(v)))
			b = append(b, v...)
		default:
			b = append(b, packedNull)
		}
	}
	for i, o := range old {
		if i > 0 {
			b = binary.AppendVarint(b, o.Int())
		}
	}
	return b
}

// errPacked is a packed row that does not read as one: the temporary file is damaged.
var errPacked = errors.New("a sorted row of a load cannot be read")

// unpackRow reads count values, and the old numbers.
func unpackRow(values []any, old []int64, b []byte, count int) ([]any, []int64, error) {
	for range count {
		if len(b) == 0 {
			return nil, nil, errPacked
		}
		kind := b[0]
		b = b[1:]
		switch kind {
		case packedInt:
			v, n := binary.Varint(b)
			if n <= 0 {
				return nil, nil, errPacked
			}
			values, b = append(values, v), b[n:]
		case packedText:
			size, n := binary.Uvarint(b)
			if n <= 0 || size > uint64(len(b)-n) {
				return nil, nil, errPacked
			}
			values, b = append(values, string(b[n:n+int(size)])), b[n+int(size):]
		default:
			values = append(values, nil)
		}
	}
	for len(b) > 0 {
		v, n := binary.Varint(b)
		if n <= 0 {
			return nil, nil, errPacked
		}
		old, b = append(old, v), b[n:]
	}
	return values, old, nil
}

// rowBatch are sorted rows that go in in one transaction.
type rowBatch struct {
	width   int
	numbers []int64
	lines   []int
	values  []any   // width of each row
	old     [][]any // rows of population_old_number
	refused []refusal
}

// refusal is a row that does not go in.
type refusal struct {
	line int
	key  string
	args fault.Args
}

func (b *rowBatch) row(i int) []any { return b.values[i*b.width : (i+1)*b.width] }

// leave takes rows out, by their places.
func (b *rowBatch) leave(out map[int]bool) {
	kept := 0
	gone := map[int64]bool{}
	for i := range b.numbers {
		if out[i] {
			gone[b.numbers[i]] = true
			continue
		}
		b.numbers[kept], b.lines[kept] = b.numbers[i], b.lines[i]
		copy(b.row(kept), b.row(i))
		kept++
	}
	b.numbers, b.lines, b.values = b.numbers[:kept], b.lines[:kept], b.values[:kept*b.width]
	old := b.old[:0]
	for _, o := range b.old {
		if n, _ := o[1].(int64); !gone[n] {
			old = append(old, o)
		}
	}
	b.old = old
}

// Finish writes what was taken.
func (l *loader) Finish(ctx context.Context, refused func(line int, key string, args fault.Args), loaded func(persons int)) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	full, empty := make(chan *rowBatch, 1), make(chan *rowBatch, 3)
	for range cap(empty) {
		empty <- &rowBatch{width: len(l.s.layout.names)}
	}
	go func() { // ends when all is read, or when ctx does
		defer close(full)
		if err := l.batches(ctx, empty, full); err != nil {
			stop(err)
		}
	}()
	for b := range full {
		err := l.write(ctx, b)
		for _, r := range b.refused {
			refused(r.line, r.key, r.args)
		}
		if err != nil {
			stop(err)
			for range full { // until its writer has ended
			}
			return err
		}
		l.persons += len(b.numbers)
		loaded(len(b.numbers))
		*b = rowBatch{width: b.width, numbers: b.numbers[:0], lines: b.lines[:0], values: b.values[:0], old: b.old[:0]}
		empty <- b
	}
	return context.Cause(ctx)
}

// batches makes batches of the sorted rows. Of several rows of one number the first in
// the file counts.
func (l *loader) batches(ctx context.Context, empty <-chan *rowBatch, full chan<- *rowBatch) error {
	width, version := len(l.s.layout.names), len(l.s.layout.names)-4 // beside: version, load_seq, changed_at, rest
	b := <-empty
	var last struct {
		number int64
		line   int
		packed []byte
	}
	var old []int64
	send := func() error {
		select {
		case full <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case b = <-empty:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := l.rows.Each(func(number, order int64, packed []byte) (err error) {
		line := int(order)
		switch {
		case l.burnt[number]:
			b.refused = append(b.refused, refusal{line, "population.load.burnt", nil})
			return nil
		case number == last.number && string(packed) == string(last.packed):
			b.refused = append(b.refused, refusal{line, "population.load.twice_same", fault.Args{"line": last.line}})
			return nil
		case number == last.number:
			b.refused = append(b.refused, refusal{line, "population.load.twice", fault.Args{"line": last.line}})
			return nil
		}
		last.number, last.line, last.packed = number, line, append(last.packed[:0], packed...)
		if b.values, old, err = unpackRow(b.values, old[:0], packed, width); err != nil {
			return err
		}
		b.values[len(b.values)-width+version+1] = l.seq
		b.numbers, b.lines = append(b.numbers, number), append(b.lines, line)
		for _, o := range old {
			b.old = append(b.old, []any{o, number})
		}
		if len(b.numbers) == writeBatch {
			return send()
		}
		return nil
	})
	if err == nil && len(b.numbers)+len(b.refused) > 0 {
		select {
		case full <- b:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	return err
}

// write puts a batch in, but those whose number is taken.
func (l *loader) write(ctx context.Context, b *rowBatch) error {
	if !l.bare {
		if err := l.leaveTaken(ctx, b); err != nil {
			return err
		}
	}
	err := l.insert(ctx, b)
	if err == nil || !sqldb.IsDuplicate(err) {
		return err
	}
	if err := l.leaveTaken(ctx, b); err != nil { // somebody was registered meanwhile
		return err
	}
	return l.insert(ctx, b)
}

func (l *loader) insert(ctx context.Context, b *rowBatch) error {
	if len(b.numbers) == 0 {
		return nil
	}
	if l.pool != nil {
		return l.copy(ctx, b)
	}
	return l.s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := insertRows(ctx, tx, "population_person", l.s.layout.names, b.values); err != nil {
			return err
		}
		var old []any
		for _, o := range b.old {
			old = append(old, o...)
		}
		return insertRows(ctx, tx, "population_old_number", oldNumberColumns, old)
	})
}

var oldNumberColumns = []string{"old_number", "number"}

// leaveTaken takes out those who are in the register already, and says whether the
// register has just the same of them.
func (l *loader) leaveTaken(ctx context.Context, b *rowBatch) error {
	at := make(map[int64]int, len(b.numbers))
	asked := make([]citizen.Number, len(b.numbers))
	for i, n := range b.numbers {
		at[n], asked[i] = i, citizen.FromInt(n)
	}
	have, err := l.s.Persons(ctx, asked, nil)
	if err != nil || len(have) == 0 {
		return err
	}
	out := map[int]bool{}
	row := l.s.layout.all.line()
	for i := range have {
		k := at[have[i].Number.Int()]
		out[k] = true
		p, err := row.of(b.row(k))
		if err != nil {
			return err
		}
		key := "population.load.other"
		if l.s.layout.fields.Alike(&p, &have[i]) {
			key = "population.load.same"
		}
		b.refused = append(b.refused, refusal{b.lines[k], key, nil})
	}
	b.leave(out)
	return nil
}

// of is the person of a row that was not written yet.
func (l *line) of(values []any) (population.Person, error) {
	n := len(l.data)
	for i, v := range values[:n] {
		if err := l.cells[i].Scan(v); err != nil {
			return population.Person{}, err
		}
	}
	// beside: two keys, version, load_seq, changed_at, rest; a line reads version, rest, changed_at.
	for i, v := range []any{values[n+2], values[n+5], values[n+4]} {
		if err := l.cells[n+i].Scan(v); err != nil {
			return population.Person{}, err
		}
	}
	return l.person()
}

// valuesAtOnce is how many values one statement of SQLite's takes.
const valuesAtOnce = 400

// insertRows writes rows, many in each use of one prepared statement.
func insertRows(ctx context.Context, tx *sqldb.Tx, table string, cols []string, values []any) error {
	width := len(cols)
	for per := max(1, valuesAtOnce/width); len(values) > 0; per = len(values) / width {
		one := "(" + strings.TrimSuffix(strings.Repeat("?,", width), ",") + "),"
		query := "INSERT INTO " + table + " (" + strings.Join(cols, ", ") + ") VALUES " + strings.TrimSuffix(strings.Repeat(one, per), ",")
		rest, err := useAll(ctx, tx, query, values, per*width)
		if err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
		values = rest
	}
	return nil
}

// useAll runs a statement as often as there are values for it, and gives those left.
func useAll(ctx context.Context, tx *sqldb.Tx, query string, values []any, n int) ([]any, error) {
	if len(values) < n {
		return values, nil
	}
	st, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	for len(values) >= n {
		if _, err := st.ExecContext(ctx, values[:n]...); err != nil {
			return nil, err
		}
		values = values[n:]
	}
	return values, nil
}

func (l *loader) copy(ctx context.Context, b *rowBatch) error {
	conn, err := l.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		return pgx.BeginFunc(ctx, driver.(*stdlib.Conn).Conn(), func(tx pgx.Tx) error {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"population_person"}, l.s.layout.names,
				pgx.CopyFromSlice(len(b.numbers), func(i int) ([]any, error) { return b.row(i), nil }))
			if err == nil && len(b.old) > 0 {
				_, err = tx.CopyFrom(ctx, pgx.Identifier{"population_old_number"}, oldNumberColumns, pgx.CopyFromRows(b.old))
			}
			return err
		})
	})
}
