// Package ledgertest holds every chain of a node to the same: each way to change, cut or
// replace it shows, on both engines.
package ledgertest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// Subject is a chain on a database of the test's own.
type Subject struct {
	Chain ledger.Chain
	// Rows is the table of its rows, Number the column with their number, First the first.
	Rows, Number string
	First        int64
	// Beside are the other tables that say something of the log. Shrink are statements that
	// make them say that row %[1]d is the last.
	Beside []string
	Shrink []string
	// Heads is the table of its heads; Whose the condition that picks its own, such as
	// "chain = 'audit'".
	Heads, Whose string
	// Write adds n rows; Sign makes a head over all there are.
	Write  func(t *testing.T, n int)
	Sign   func(t *testing.T)
	Checks ledger.Checks
}

// Key makes a key and the checks that believe it alone.
func Key(t *testing.T) (*ecdsa.PrivateKey, ledger.Checks) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key, ledger.Checks{Key: func(_ context.Context, h ledger.Head) (*ecdsa.PublicKey, error) {
		if h.KeyID == KeyID {
			return &key.PublicKey, nil
		}
		return nil, nil
	}}
}

// KeyID names the key of Key.
const KeyID = "the gateway's"

// Signer signs heads with a key.
func Signer(key *ecdsa.PrivateKey) func(h *ledger.Head) error {
	return func(h *ledger.Head) error {
		h.KeyID = KeyID
		return h.Sign(rand.Reader, key)
	}
}

// The sizes of the log of a test: a head at each, and some rows that no head covers.
const (
	early = 30
	late  = 300 // past the first tile
	open  = 7
)

type run struct {
	*testing.T
	db *sqldb.DB
	Subject
	tables []string
}

// Run tests a chain on both engines.
func Run(t *testing.T, subject func(t *testing.T, db *sqldb.DB) Subject) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r := &run{T: t, db: db, Subject: subject(t, db)}
		r.tables = append([]string{r.Rows, "ledger_chain", "ledger_tile", r.Heads}, r.Beside...)
		if got := r.check(nil); got.State != ledger.Whole || got.Rows != 0 {
			t.Fatalf("an empty log: %+v", got)
		}
		r.Write(t, early)
		r.Sign(t)
		r.keep("early")
		seenEarly := r.head()
		r.Write(t, late-early)
		r.Sign(t)
		r.Write(t, open)
		if got := r.check(nil); got.State != ledger.Whole || got.Rows != late+open || got.Heads != 2 || got.Signed == nil || got.Signed.Size != late {
			t.Fatalf("a log in order: %+v", got)
		}
		r.proofs(seenEarly, r.head())
		r.keep("whole")
		r.columns()
		r.removed()
		r.headsGone()
		r.back(r.head())
		r.restore("whole")
		if got := r.check([]ledger.Head{seenEarly, r.head()}); got.State != ledger.Whole {
			t.Errorf("at the end of the test: %+v", got)
		}
	})
}

func (r *run) check(seen []ledger.Head) ledger.Result {
	r.Helper()
	c := r.Checks
	c.Seen = seen
	got, err := r.Chain.Check(r.Context(), c)
	if err != nil {
		r.Fatal(err)
	}
	return got
}

func (r *run) head() ledger.Head {
	r.Helper()
	h, ok, err := r.Chain.LastHead(r.Context())
	if err != nil || !ok || h.Chain != r.Chain.Name() {
		r.Fatalf("%+v, %v, %v", h, ok, err)
	}
	return h
}

// proofs: the log of the later head begins with that of the earlier.
func (r *run) proofs(a, b ledger.Head) {
	r.Helper()
	way, err := r.Chain.Consistency(r.Context(), a.Size, b.Size)
	if err == nil {
		err = ledger.VerifyConsistency(a.Size, b.Size, a.Root, b.Root, way)
	}
	if err != nil {
		r.Error(err)
	}
	if root, err := r.Chain.Root(r.Context(), a.Size); err != nil || root != a.Root {
		r.Errorf("root of %d: %x, %v", a.Size, root, err)
	}
}

func (r *run) exec(query string, args ...any) error {
	_, err := sqldb.Exec(r.Context(), r.db, query, args...)
	return err
}

func (r *run) must(query string, args ...any) {
	r.Helper()
	if err := r.exec(query, args...); err != nil {
		r.Fatal(err)
	}
}

// keep copies all tables of the chain; restore puts them back as they were.
func (r *run) keep(name string) {
	for _, t := range r.tables {
		r.must("CREATE TABLE " + name + "_" + t + " AS SELECT * FROM " + t)
	}
}

func (r *run) restore(name string) {
	for _, t := range r.tables {
		r.must("DELETE FROM " + t)
		r.must("INSERT INTO " + t + " SELECT * FROM " + name + "_" + t)
	}
}

// columns changes every column of the rows that the schema has, one by one.
func (r *run) columns() {
	query := `SELECT name FROM pragma_table_info($1)`
	if r.db.Engine() == sqldb.Postgres {
		query = `SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`
	}
	list, err := sqldb.All[string](r.Context(), r.db, query, r.Rows)
	if err != nil || len(list) < 5 {
		r.Fatalf("%v, %v", list, err)
	}
	row := r.First + 12
	for _, column := range list {
		was, err := sqldb.One[any](r.Context(), r.db, fmt.Sprintf(`SELECT %s FROM %s WHERE %s = %d`, column, r.Rows, r.Number, row))
		if err != nil {
			r.Fatal(err)
		}
		set := fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE %s = %d`, r.Rows, column, r.Number, row)
		done := false
		for _, v := range others(was) {
			if r.exec(set, v) != nil {
				continue // the table does not take it
			}
			done = true
			if got := r.check(nil); got.State == ledger.Whole {
				r.Errorf("%s of row %d changed from %v to %v: %+v", column, row, was, v, got)
			} else if column != r.Number && got.At != row {
				r.Errorf("%s of row %d changed: found at %d, %s", column, row, got.At, got.Why)
			}
			break
		}
		if !done {
			r.Errorf("nothing else can stand in %s instead of %v", column, was)
		}
		r.restore("whole")
	}
}

// others are values that are not v, of which a column takes at least one.
func others(v any) []any {
	switch v := v.(type) {
	case string:
		return []any{v + "x"}
	case []byte:
		if len(v) == 0 {
			return []any{[]byte{1}}
		}
		b := bytes.Clone(v)
		b[len(b)/2] ^= 1
		return []any{b}
	case int64:
		if v == 0 || v == 1 { // it may stand for yes or no
			return []any{1 - v, v + 1}
		}
		return []any{v + 1000, v + 1, v - 1}
	case bool:
		return []any{!v}
	case time.Time:
		return []any{v.Add(time.Hour)}
	}
	return []any{int64(7), []byte{1}, "x"}
}

func (r *run) removed() {
	at := func(n int64) int64 { return r.First + n }
	del := `DELETE FROM ` + r.Rows + ` WHERE ` + r.Number
	for name, c := range map[string]struct {
		do   []string
		want ledger.State
		at   int64
	}{
		"in the middle":       {[]string{fmt.Sprintf(del+` = %d`, at(50))}, ledger.Cut, at(50)},
		"the first":           {[]string{fmt.Sprintf(del+` = %d`, at(0))}, ledger.Cut, at(0)},
		"the last":            {[]string{fmt.Sprintf(del+` = %d`, at(late+open-1))}, ledger.Cut, at(late + open - 1)},
		"all":                 {[]string{fmt.Sprintf(del+` >= %d`, at(0))}, ledger.Cut, at(0)},
		"the end, as it says": {append([]string{fmt.Sprintf(del+` > %d`, at(199))}, r.Shrink...), ledger.Cut, at(200)},
		"moved behind the end": {
			[]string{fmt.Sprintf(`UPDATE %s SET %[2]s = %[3]d WHERE %[2]s = %[4]d`, r.Rows, r.Number, at(late+open+5), at(late+open-1))},
			ledger.Cut,
			at(late + open - 1),
		},
	} {
		for _, s := range c.do {
			r.must(fill(s, at(199)))
		}
		if got := r.check(nil); got.State != c.want || got.At != c.at {
			r.Errorf("removed %s: %+v, want %s at %d", name, got, c.want, c.at)
		}
		r.restore("whole")
	}
}

func fill(s string, last int64) string {
	if !bytes.Contains([]byte(s), []byte("%[1]d")) {
		return s
	}
	return fmt.Sprintf(s, last)
}

func (r *run) headsGone() {
	whose := ` WHERE ` + r.Whose
	for name, c := range map[string]string{
		"all":                 `DELETE FROM ` + r.Heads + whose,
		"the newest":          `DELETE FROM ` + r.Heads + whose + fmt.Sprintf(` AND size = %d`, late),
		"signature forged":    `UPDATE ` + r.Heads + ` SET signature = root` + whose + fmt.Sprintf(` AND size = %d`, early),
		"another key":         `UPDATE ` + r.Heads + ` SET key_id = 'x'` + whose,
		"another root":        `UPDATE ` + r.Heads + ` SET root = signature` + whose + fmt.Sprintf(` AND size = %d`, late),
		"another time":        `UPDATE ` + r.Heads + ` SET at = at - 1` + whose,
		"of a later size":     `UPDATE ` + r.Heads + fmt.Sprintf(` SET size = %d`, late+1) + whose + fmt.Sprintf(` AND size = %d`, late),
		"beyond the last row": `UPDATE ` + r.Heads + fmt.Sprintf(` SET size = %d`, 5*late) + whose + fmt.Sprintf(` AND size = %d`, late),
	} {
		r.must(c)
		if got := r.check(nil); got.State == ledger.Whole {
			r.Errorf("heads, %s: %+v", name, got)
		}
		r.restore("whole")
	}
}

// back: yesterday's tables are put in the place of today's, and then written on.
func (r *run) back(seen ledger.Head) {
	r.restore("early")
	if got := r.check(nil); got.State != ledger.Whole {
		r.Errorf("an older log by itself: %+v", got)
	}
	if got := r.check([]ledger.Head{seen}); got.State != ledger.Back || got.At != r.First+early {
		r.Errorf("an older log before a witness: %+v", got)
	}
	r.Write(r.T, late)
	r.Sign(r.T)
	if got := r.check(nil); got.State != ledger.Whole {
		r.Errorf("an older log that was written on, by itself: %+v", got)
	}
	if got := r.check([]ledger.Head{seen}); got.State != ledger.Back || got.At > r.First+late {
		r.Errorf("an older log that was written on, before a witness: %+v", got)
	}
	// The chain was computed anew by somebody who has all but the key: the heads stay.
	r.must(`DELETE FROM ` + r.Heads + ` WHERE ` + r.Whose)
	r.must(`INSERT INTO ` + r.Heads + ` SELECT * FROM whole_` + r.Heads)
	if got := r.check(nil); got.State != ledger.Changed || got.At != r.First+early {
		r.Errorf("computed anew: %+v", got)
	}
	other := seen
	other.Size = early
	other.Root[0] ^= 1
	if got := r.check([]ledger.Head{other}); got.State == ledger.Whole {
		r.Errorf("another log of the same size: %+v", got)
	}
}
