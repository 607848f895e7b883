package audit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

func open(t *testing.T, db *sqldb.DB) context.Context {
	t.Helper()
	ctx := audit.With(context.Background(), audit.Who{
		Actor:     actor.Actor{Account: "a1", Name: "Nguyễn Văn Mẫu", Roles: []string{"coordinator", "leader"}},
		RequestID: "r1", Address: "203.0.113.77:4711",
	})
	if err := audit.Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	return ctx
}

func TestRecordAndFind(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		start := time.Date(2025, 7, 1, 1, 0, 0, 0, time.UTC)
		for i := range 7 {
			e := audit.Entry{
				At: start.Add(time.Duration(i) * time.Hour), Action: "return.submit",
				Subject: audit.Subject{Type: "return", ID: fmt.Sprint(i % 2)},
			}
			if i == 3 {
				e.Action, e.Who.Agency, e.Purpose, e.Details = "account.create", "H55", "NĐ 13/2023", map[string]string{"to": "x"}
			}
			if err := audit.Record(ctx, db, e); err != nil {
				t.Fatal(err)
			}
		}
		tests := []struct {
			name string
			f    audit.Filter
			want []int64
		}{
			{"all, newest first", audit.Filter{}, []int64{7, 6, 5, 4, 3, 2, 1}},
			{"first page", audit.Filter{Limit: 2}, []int64{7, 6}},
			{"next page", audit.Filter{Limit: 2, Below: 6}, []int64{5, 4}},
			{"action", audit.Filter{Action: "account.create"}, []int64{4}},
			{"actions below", audit.Filter{Action: "return."}, []int64{7, 6, 5, 3, 2, 1}},
			{"subject", audit.Filter{Subject: audit.Subject{Type: "return", ID: "0"}}, []int64{7, 5, 3, 1}},
			{"agency", audit.Filter{Agency: "H55"}, []int64{4}},
			{"actor", audit.Filter{Actors: []string{"nobody"}}, nil},
			{"from and to", audit.Filter{From: start.Add(time.Hour), To: start.Add(3 * time.Hour)}, []int64{3, 2}},
		}
		for _, tt := range tests {
			got, err := audit.Find(ctx, db, tt.f)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			var seqs []int64
			for _, e := range got {
				seqs = append(seqs, e.Seq)
			}
			if diff := cmp.Diff(tt.want, seqs); diff != "" {
				t.Errorf("%s: -want +got\n%s", tt.name, diff)
			}
		}
		got, _ := audit.Find(ctx, db, audit.Filter{Action: "account.create"})
		want := audit.Entry{
			Seq: 4, At: start.Add(3 * time.Hour), Action: "account.create", Subject: audit.Subject{Type: "return", ID: "1"},
			Purpose: "NĐ 13/2023", Details: map[string]string{"to": "x"},
			Who: audit.Who{
				Actor:     actor.Actor{Account: "a1", Name: "Nguyễn Văn Mẫu", Roles: []string{"coordinator", "leader"}, Agency: "H55"},
				RequestID: "r1", Address: "203.0.113.0/24",
			},
		}
		if diff := cmp.Diff([]audit.Entry{want}, got, cmpopts.IgnoreFields(audit.Entry{}, "Hash")); diff != "" {
			t.Errorf("entry: -want +got\n%s", diff)
		}
	})
}

func TestRecordBelongsToTheTransaction(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		boom := errors.New("boom")
		err := db.InTx(ctx, func(tx *sqldb.Tx) error {
			if err := audit.Record(ctx, tx, audit.Entry{Action: "x.y"}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if n, err := audit.Verify(ctx, db); n != 0 || err != nil {
			t.Errorf("Verify = %d, %v; want an empty, whole log", n, err)
		}
		if err := audit.Record(ctx, db, audit.Entry{}); err == nil {
			t.Error("an entry without an action was recorded")
		}
	})
}

func TestConcurrentWritersKeepOneChain(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					if err := audit.Record(ctx, db, audit.Entry{Action: "x.y"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() { // a check during writing finds nothing wrong
			for range 5 {
				if _, err := audit.Verify(ctx, db); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Wait()
		if n, err := audit.Verify(ctx, db); n != 80 || err != nil {
			t.Errorf("Verify = %d, %v; want 80", n, err)
		}
	})
}

// TestAnyMutationIsFound changes the table in one random way and undoes it again.
func TestAnyMutationIsFound(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := open(t, db)
		const rows = 12
		for i := range rows {
			n := fmt.Sprint(i)
			if err := audit.Record(ctx, db, audit.Entry{
				Action: "return.submit", Subject: audit.Subject{Type: "return", ID: n}, Details: map[string]string{"n": n},
			}); err != nil {
				t.Fatal(err)
			}
		}
		saved, err := audit.Head(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		text := []string{
			"actor", "actor_name", "role", "agency", "action", "subject_type", "subject_id", "purpose", "details", "request_id", "network", "hash",
		}
		rapid.Check(t, func(rt *rapid.T) {
			k := rapid.Int64Range(1, rows).Draw(rt, "row")
			bad := k
			var sqls []string
			switch how := rapid.SampledFrom([]string{"text", "time", "delete", "move", "swap", "append", "head", "cut"}).Draw(rt, "how"); how {
			case "text":
				column := rapid.SampledFrom(text).Draw(rt, "column")
				sqls = append(sqls, fmt.Sprintf(`UPDATE audit_entry SET %s = %[1]s || 'x' WHERE seq = %d`, column, k))
			case "time":
				sqls = append(sqls, fmt.Sprintf(`UPDATE audit_entry SET at = '2001-01-01 00:00:00+00:00' WHERE seq = %d`, k))
			case "delete":
				sqls = append(sqls, fmt.Sprintf(`DELETE FROM audit_entry WHERE seq = %d`, k))
			case "move":
				to := rapid.SampledFrom([]int64{-1, 0, rows + 1, rows + 5}).Draw(rt, "to")
				sqls = append(sqls, fmt.Sprintf(`UPDATE audit_entry SET seq = %d WHERE seq = %d`, to, k))
				bad = 0 // a number below one is found at once
			case "swap":
				o := k%rows + 1
				sqls = append(sqls, fmt.Sprintf(`UPDATE audit_entry SET seq = 99 WHERE seq = %d`, k),
					fmt.Sprintf(`UPDATE audit_entry SET seq = %d WHERE seq = %d`, k, o), fmt.Sprintf(`UPDATE audit_entry SET seq = %d WHERE seq = 99`, o))
				bad = min(k, o)
			case "append":
				const columns = `at, actor, actor_name, role, agency, action, subject_type, subject_id, purpose, details, request_id, network, hash`
				sqls = append(sqls, `INSERT INTO audit_entry (seq, `+columns+`) SELECT 13, `+columns+` FROM audit_entry WHERE seq = 12`)
				bad = 13
			case "head":
				sqls = append(sqls, fmt.Sprintf(`UPDATE audit_head SET seq = %d`, k-1))
				bad = 0
			case "cut": // the tail goes and the head is set back to match: only the saved checkpoint knows
				sqls = append(sqls, fmt.Sprintf(`DELETE FROM audit_entry WHERE seq >= %d`, k),
					fmt.Sprintf(`UPDATE audit_head SET seq = %d, hash = COALESCE((SELECT hash FROM audit_entry WHERE seq = %[1]d), '')`, k-1))
				bad = rows
			}
			broken := mutate(ctx, rt, db, sqls, saved)
			f := fault.As(broken)
			if f == nil || !strings.HasPrefix(f.Key, "audit.broken.") {
				rt.Fatalf("after %v Verify says %v", sqls, broken)
			}
			if bad > 0 && f.Args["seq"] != bad {
				rt.Errorf("after %v Verify names %v, want %d", sqls, f.Args["seq"], bad)
			}
		})
		if n, err := audit.Verify(ctx, db, saved); n != rows || err != nil {
			t.Errorf("Verify after undoing all = %d, %v", n, err)
		}
	})
}

// mutate runs the statements, verifies, and puts the tables back.
func mutate(ctx context.Context, rt *rapid.T, db *sqldb.DB, sqls []string, saved audit.Checkpoint) error {
	do := func(s ...string) {
		if err := db.InTx(ctx, func(tx *sqldb.Tx) error {
			for _, s := range s {
				if _, err := sqldb.Exec(ctx, tx, s); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			rt.Fatal(err)
		}
	}
	do(`CREATE TABLE kept AS SELECT * FROM audit_entry`)
	do(sqls...)
	_, broken := audit.Verify(ctx, db, saved)
	do(`DELETE FROM audit_entry`, `INSERT INTO audit_entry SELECT * FROM kept`, `DROP TABLE kept`,
		fmt.Sprintf(`UPDATE audit_head SET seq = %d, hash = '%s'`, saved.Seq, saved.Hash))
	return broken
}

func TestCheckpointText(t *testing.T) {
	t.Parallel()
	good := audit.Checkpoint{Seq: 12, Hash: strings.Repeat("ab", 32)}
	if got, err := audit.ParseCheckpoint(good.String()); got != good || err != nil {
		t.Errorf("ParseCheckpoint(%s) = %v, %v", good, got, err)
	}
	for _, s := range []string{"", "12", "12:zz", "0:" + good.Hash, "x:" + good.Hash} {
		if _, err := audit.ParseCheckpoint(s); fault.Of(err) != fault.Invalid {
			t.Errorf("ParseCheckpoint(%q): %v, want Invalid", s, err)
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(audit.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"audit.broken.changed", "audit.broken.missing", "audit.broken.extra", "audit.broken.checkpoint", "audit.checkpoint.unreadable",
	} {
		if !c.Has(key) {
			t.Errorf("no message %s", key)
		}
	}
}
