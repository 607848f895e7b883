package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// All reads every row into a T. A struct is filled by column name, through its
// `db:"name"` tags (embedded structs included); anything else takes the one
// column. NULL becomes the zero value.
func All[T any](ctx context.Context, q Queryer, query string, args ...any) ([]T, error) {
	db, outside := q.(*DB)
	for try := (tries{}); ; {
		out, err := all[T](ctx, q, query, args...)
		if err == nil || !outside || !isQuestion(query) || !isAway(err) || !try.again(ctx, db, err) {
			return out, err
		}
	}
}

func all[T any](ctx context.Context, q Queryer, query string, args ...any) ([]T, error) {
	var out []T
	for v, err := range Each[T](ctx, q, query, args...) {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// One reads the first row; it fails with ErrNone when there is none.
func One[T any](ctx context.Context, q Queryer, query string, args ...any) (T, error) {
	for v, err := range Each[T](ctx, q, query, args...) {
		return v, err
	}
	var zero T
	return zero, ErrNone
}

// Each yields row after row, so that a large result is never held whole. An
// error is yielded last. Do not use the same Tx inside the loop.
func Each[T any](ctx context.Context, q Queryer, query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		rows, err := q.QueryContext(ctx, query, args...)
		if err != nil {
			yield(zero, fmt.Errorf("query %s: %w", short(query), err))
			return
		}
		defer rows.Close()
		cols, err := rows.Columns()
		if err != nil {
			yield(zero, err)
			return
		}
		var v T
		dst, after, err := into(&v, cols)
		if err != nil {
			yield(zero, fmt.Errorf("read %s: %w", short(query), err))
			return
		}
		for rows.Next() {
			v = zero
			if err := rows.Scan(dst...); err != nil {
				yield(zero, fmt.Errorf("read %s: %w", short(query), err))
				return
			}
			for _, do := range after {
				do()
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(zero, fmt.Errorf("read %s: %w", short(query), err))
		}
	}
}

// Exec runs a statement and gives the number of rows that it changed.
func Exec(ctx context.Context, q Queryer, query string, args ...any) (int64, error) {
	res, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("exec %s: %w", short(query), err)
	}
	return res.RowsAffected()
}

// maxParams bounds the parameters of one statement: above a few hundred the
// embedded engine's parser becomes quadratic.
const maxParams = 400

// Insert writes rows of a struct type with `db` tags, many in one statement.
func Insert[T any](ctx context.Context, q Queryer, table string, rows ...T) error {
	if len(rows) == 0 {
		return nil
	}
	fields := fieldsOf(reflect.TypeFor[T]())
	per := max(1, maxParams/len(fields))
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	head := "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES "
	for len(rows) > 0 {
		batch := rows[:min(per, len(rows))]
		rows = rows[len(batch):]
		var a Args
		var b strings.Builder
		b.WriteString(head)
		for i, row := range batch {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('(')
			v := reflect.ValueOf(row)
			for j, f := range fields {
				if j > 0 {
					b.WriteByte(',')
				}
				b.WriteString(a.Add(v.FieldByIndex(f.index).Interface()))
			}
			b.WriteByte(')')
		}
		if _, err := q.ExecContext(ctx, b.String(), a.Values()...); err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
	}
	return nil
}

// Args collects the arguments of a query that is put together from parts.
type Args struct{ values []any }

// Add appends an argument and gives its placeholder, such as "$3".
func (a *Args) Add(v any) string {
	if t, ok := v.(time.Time); ok {
		v = t.UTC().Truncate(time.Microsecond)
	}
	a.values = append(a.values, v)
	return "$" + strconv.Itoa(len(a.values))
}

// In appends the arguments of an IN list and gives "($3,$4)"; an empty list
// gives "(NULL)", which matches nothing.
func In[T any](a *Args, list []T) string {
	if len(list) == 0 {
		return "(NULL)"
	}
	s := make([]string, len(list))
	for i, v := range list {
		s[i] = a.Add(v)
	}
	return "(" + strings.Join(s, ",") + ")"
}

// Values are the arguments in order.
func (a *Args) Values() []any { return a.values }

// JSON stores V as JSON text in a TEXT column. NULL is the zero value.
type JSON[T any] struct{ V T }

// Scan reads JSON text.
func (j *JSON[T]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		var zero T
		j.V = zero
		return nil
	case string:
		return json.Unmarshal([]byte(v), &j.V)
	case []byte:
		return json.Unmarshal(v, &j.V)
	}
	return fmt.Errorf("scan JSON from %T", src)
}

// Value writes JSON text.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// into gives where the columns of each row go so that v is the row, and what is to be done
// after each.
func into[T any](v *T, cols []string) (dst []any, after []func(), err error) {
	rv := reflect.ValueOf(v).Elem()
	fields := []reflect.Value{rv}
	if isRecord(rv.Type()) {
		plan, err := planOf(rv.Type(), cols)
		if err != nil {
			return nil, nil, err
		}
		fields = make([]reflect.Value, len(plan))
		for i, ix := range plan {
			fields[i] = rv.FieldByIndex(ix)
		}
	}
	for _, field := range fields {
		if read := reader(field); read != nil {
			dst = append(dst, read)
			continue
		}
		// A pointer to the field's type takes NULL as nil.
		p := reflect.New(reflect.PointerTo(field.Type()))
		dst = append(dst, p.Interface())
		after = append(after, func() {
			if !p.Elem().IsNil() {
				field.Set(p.Elem().Elem())
			}
		})
	}
	return dst, after, nil
}

// scanFunc reads what is not NULL.
type scanFunc func(src any) error

// Scan leaves the field as it is for NULL.
func (f scanFunc) Scan(src any) error {
	if src == nil {
		return nil
	}
	return f(src)
}

// reader reads a column into a field of a type that many have, without making anything for
// each row; nil for any other.
func reader(field reflect.Value) sql.Scanner {
	switch to := field.Addr().Interface().(type) {
	case sql.Scanner:
		return scanFunc(to.Scan)
	case *time.Time:
		return scanFunc(func(src any) error {
			var v sql.NullTime
			err := v.Scan(src)
			*to = v.Time.UTC()
			return err
		})
	}
	switch field.Kind() {
	case reflect.String:
		return scanFunc(func(src any) error {
			v, ok := src.(string)
			if !ok {
				var n sql.NullString
				if err := n.Scan(src); err != nil {
					return err
				}
				v = n.String
			}
			field.SetString(v)
			return nil
		})
	case reflect.Bool:
		return scanFunc(func(src any) error {
			var v sql.NullBool
			err := v.Scan(src)
			field.SetBool(v.Bool)
			return err
		})
	case reflect.Int, reflect.Int64:
		return scanFunc(func(src any) error {
			v, ok := src.(int64)
			if !ok {
				var n sql.NullInt64
				if err := n.Scan(src); err != nil {
					return err
				}
				v = n.Int64
			}
			field.SetInt(v)
			return nil
		})
	default:
		return nil
	}
}

var (
	scannerType = reflect.TypeFor[sql.Scanner]()
	timeType    = reflect.TypeFor[time.Time]()
)

func isRecord(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != timeType && !reflect.PointerTo(t).Implements(scannerType)
}

type field struct {
	name  string
	index []int
}

var (
	fieldCache sync.Map // reflect.Type → []field
	planCache  sync.Map // planKey → [][]int
)

type planKey struct {
	t    reflect.Type
	cols string
}

func fieldsOf(t reflect.Type) []field {
	if f, ok := fieldCache.Load(t); ok {
		return f.([]field)
	}
	var out []field
	var walk func(t reflect.Type, at []int)
	walk = func(t reflect.Type, at []int) {
		for i := range t.NumField() {
			f := t.Field(i)
			ix := append(append([]int(nil), at...), i)
			name := f.Tag.Get("db")
			switch {
			case name == "-":
			case name != "":
				out = append(out, field{name, ix})
			case f.Anonymous && f.Type.Kind() == reflect.Struct:
				walk(f.Type, ix)
			}
		}
	}
	walk(t, nil)
	fieldCache.Store(t, out)
	return out
}

func planOf(t reflect.Type, cols []string) ([][]int, error) {
	key := planKey{t, strings.Join(cols, ",")}
	if p, ok := planCache.Load(key); ok {
		return p.([][]int), nil
	}
	byName := map[string][]int{}
	for _, f := range fieldsOf(t) {
		byName[f.name] = f.index
	}
	plan := make([][]int, len(cols))
	for i, c := range cols {
		ix, ok := byName[c]
		if !ok {
			return nil, fmt.Errorf("%s has no field for column %s", t, c)
		}
		plan[i] = ix
	}
	planCache.Store(key, plan)
	return plan, nil
}

func short(query string) string {
	q := strings.Join(strings.Fields(query), " ")
	if len(q) > 80 {
		return q[:80] + "…"
	}
	return q
}
