package dossiersql_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/dossier"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/dossier/dossiertest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// filed sends the nth draft as a service does: the number, the dossier, its first action, the
// draft and what is told of it are one transaction. A second time it changes nothing.
func filed(ctx context.Context, s *dossiersql.Store, n int) error {
	return s.InTx(ctx, func(tx dossier.Tx) error {
		draft, err := tx.Draft(ctx, fmt.Sprint("draft-", n))
		if fault.Of(err) == fault.NotFound {
			draft = dossier.Draft{ID: fmt.Sprint("draft-", n), Account: "a-1", Version: 1, CreatedAt: noon, ChangedAt: noon}
			err = tx.SaveDraft(ctx, draft, 0)
		}
		if err != nil || draft.Sent != "" {
			return err
		}
		number, err := tx.Next(ctx, "code")
		if err != nil {
			return err
		}
		d, first := dossiertest.Sample(n)
		d.Code = fmt.Sprintf("H55.C05443-20261120-%07d", number)
		d.Results = []dossier.ResultPaper{{ID: "r", Kind: dossier.PaperReceipt, Proof: fmt.Sprint("proof-", n)}}
		first = dossiertest.Acted(&d, first, nil)
		if err := tx.Add(ctx, d, first, draft.ID); err != nil {
			return err
		}
		draft.Sent, draft.Version = d.Code, 2
		if err := tx.SaveDraft(ctx, draft, 1); err != nil {
			return err
		}
		return tx.Queue(ctx, dossier.Work{Kind: dossier.TellPeople, Dossier: d.ID, Seq: 1})
	})
}

// decided is an act on a dossier.
func decided(ctx context.Context, s *dossiersql.Store, n int) error {
	sample, _ := dossiertest.Sample(n)
	return s.InTx(ctx, func(tx dossier.Tx) error {
		d, err := tx.Hold(ctx, sample.ID)
		if err != nil || d.Status == dossier.Done {
			return err
		}
		acts, err := tx.Actions(ctx, d.ID)
		if err != nil {
			return err
		}
		was := d.Version
		d.Status, d.Step, d.DoneAt = dossier.Done, "hand_over", noon
		d.Applicant.Name = "Lò Thị Khác"
		d.Results = append(d.Results, dossier.ResultPaper{ID: "r2", Kind: dossier.PaperResult, Proof: fmt.Sprint("result-", n)})
		a := dossiertest.Acted(&d, dossier.Action{Verb: dossier.Approve, At: noon, By: "o-1", Name: "Trần Thị Đứng Đầu"}, acts)
		if err := tx.Save(ctx, d, was, []dossier.Action{a}); err != nil {
			return err
		}
		return tx.Queue(ctx, dossier.Work{Kind: dossier.TellPeople, Dossier: d.ID, Seq: a.Seq})
	})
}

// tables are all that a filing or a decision writes to.
var tables = []string{
	"dossier_counter", "dossier", "dossier_filing", "dossier_word", "dossier_proof", "dossier_action", "dossier_log", "dossier_draft", "job",
	"audit_entry", "audit_head",
}

func whole(t *testing.T, db *sqldb.DB) {
	t.Helper()
	for _, c := range dossiersql.Chains(db) {
		if got, err := c.Check(t.Context(), ledger.Checks{}); err != nil || got.State != ledger.Whole {
			t.Errorf("%s: %+v, %v", c.Name(), got, err)
		}
	}
}

// TestNothingHalfDone: whichever write fails, nothing of the act is left; done again, it is
// done once.
func TestNothingHalfDone(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := migrate(t, db)
		if err := filed(ctx, s, 1); err != nil {
			t.Fatal(err)
		}
		n := 1
		for act, do := range map[string]func(context.Context, *dossiersql.Store, int) error{"filed": filed, "decided": decided} {
			for _, table := range tables {
				if act == "decided" && (table == "dossier_counter" || table == "dossier_filing" || table == "dossier_draft") {
					continue // not written to
				}
				n++
				if act == "decided" {
					if err := filed(ctx, s, n); err != nil {
						t.Fatal(err)
					}
				}
				before := sqldbtest.Contents(t, db, tables...)
				mend := sqldbtest.Break(t, db, table)
				if err := do(ctx, s, n); err == nil {
					t.Errorf("%s: nothing was written to %s", act, table)
				}
				if d := cmp.Diff(before, sqldbtest.Contents(t, db, tables...)); d != "" {
					t.Errorf("%s, %s is full: something is left (-before +after):\n%s", act, table, d)
				}
				mend()
				for range 2 {
					if err := do(ctx, s, n); err != nil {
						t.Errorf("%s, after %s was mended: %v", act, table, err)
					}
				}
			}
		}
		if got, err := s.Count(ctx, dossier.ListQuery{}); err != nil || got != n {
			t.Errorf("%d dossiers, want %d, %v", got, n, err)
		}
		whole(t, db)
	})
}

// killedHere names the database of the process that TestKilled kills.
const killedHere = "DEAN06_TEST_KILLED"

// TestKilled: a process is killed while it files and decides, again and again; each draft
// became one dossier, no number was given twice or left out, and both logs are whole.
func TestKilled(t *testing.T) {
	if path := os.Getenv(killedHere); path != "" {
		fileUntilKilled(t, path)
		return
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "killed.db")
	db, err := sqldb.Open(t.Context(), "sqlite:"+path, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := migrate(t, db)
	dice := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	for range 5 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), killedHere+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil { // it has begun
			t.Fatal(err)
		}
		time.Sleep(time.Duration(dice.IntN(150_000)) * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		whole(t, db)
	}
	type sent struct {
		Draft   string `db:"sent"`
		Dossier string `db:"code"`
	}
	odd, err := sqldb.All[sent](t.Context(), db, `SELECT COALESCE(f.sent, '') AS sent, COALESCE(d.code, '') AS code
		FROM dossier d FULL JOIN dossier_draft f ON f.sent = d.code WHERE f.sent IS NULL OR d.code IS NULL`)
	if err != nil || len(odd) > 0 {
		t.Errorf("drafts and dossiers that do not belong together: %v, %v", odd, err)
	}
	number, err := sqldb.One[int](t.Context(), db, `SELECT n FROM dossier_counter WHERE name = 'code'`)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Count(t.Context(), dossier.ListQuery{}); err != nil || n != number || n < 5 {
		t.Errorf("%d dossiers, %d numbers, %v", n, number, err)
	}
}

// fileUntilKilled goes on where the process before it was killed.
func fileUntilKilled(t *testing.T, path string) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), "sqlite:"+path, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := dossiersql.New(db)
	for n := range 1_000_000 {
		for _, do := range []func(context.Context, *dossiersql.Store, int) error{filed, decided} {
			if err := do(t.Context(), s, n); err != nil {
				t.Fatal(err)
			}
		}
		if n == 0 {
			fmt.Println("begun")
		}
	}
}
