package readinesssql_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinesssql"
)

var (
	ctx = context.Background()
	t0  = time.Date(2023, 2, 20, 8, 0, 0, 0, time.UTC)
	ha  = readiness.Agency{Code: "H55", Name: "UBND tỉnh Mẫu", Kind: readiness.Province}
)

// same compares stored values: nothing and an empty list are one.
var same = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b clock.Date) bool { return a == b })}

func hour(n int) time.Time { return t0.Add(time.Duration(n) * time.Hour) }

func act(action readiness.Action, n int) readiness.Act {
	return readiness.Act{Actor: actor.Actor{Account: "mau", Name: "Nguyễn Văn Mẫu"}, Action: action, At: hour(n)}
}

// fixture is a store with the form and two letters.
type fixture struct {
	*testing.T
	db *sqldb.DB
	*readinesssql.Store
}

func open(t *testing.T, db *sqldb.DB) fixture {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, readinesssql.Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	f := fixture{t, db, readinesssql.New(db)}
	raw, err := os.ReadFile("../../../data/readiness/template-488.v1.json")
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := readiness.LoadTemplate(raw)
	if err != nil {
		t.Fatal(err)
	}
	f.tx(func(tx readiness.Tx) error {
		if err := tx.SaveTemplate(ctx, tpl, raw, t0); err != nil {
			return err
		}
		for _, c := range []readiness.Campaign{letter("488", "2023-02-15"), letter("1877", "2023-06-01")} {
			if err := tx.SaveCampaign(ctx, c, []readiness.Agency{ha}, t0); err != nil {
				return err
			}
		}
		return nil
	})
	return f
}

func letter(id, day string) readiness.Campaign {
	return readiness.Campaign{ID: id, Number: id + "/BTTTT", Issued: clock.MustDate(day), Template: "488/1"}
}

func (f fixture) tx(do func(tx readiness.Tx) error) {
	f.Helper()
	if err := f.InTx(ctx, do); err != nil {
		f.Fatal(err)
	}
}

func (f fixture) record() readiness.Record {
	f.Helper()
	rec, err := f.Record(ctx, "488", "H55")
	if err != nil {
		f.Fatal(err)
	}
	return rec
}

// step changes the record as readiness does, stores it and checks that the same comes back.
func (f fixture) step(n int, change func(readiness.Record) (readiness.Record, error)) readiness.Record {
	f.Helper()
	was := f.record()
	now, err := change(was)
	if err != nil {
		f.Fatal(err)
	}
	verdicts := map[int]readiness.Verdict{}
	for _, v := range now.Versions[len(was.Versions):] {
		verdicts[v.Number] = readiness.Verdict{Rule: "rule/1"}
	}
	f.tx(func(tx readiness.Tx) error {
		return tx.SaveRecord(ctx, was, now, ha, verdicts, act(readiness.SubmitReturn, n))
	})
	got := f.record()
	if diff := cmp.Diff(now, got, same); diff != "" {
		f.Fatalf("stored (-want +got):\n%s", diff)
	}
	return got
}

func answering(note string) readiness.Return {
	units := 3
	return readiness.Return{
		Campaign: "488", Agency: "H55", Template: "488/1", Heading: "TỈNH MẪU",
		Contact: readiness.Contact{FullName: "Nguyễn Văn Mẫu", Email: "mau@example.vn"},
		Systems: []readiness.System{{ID: "s1", Name: "HTTT một", Kind: readiness.SystemOther}},
		Answers: []readiness.Answer{{
			Row: "2", Key: "2", Compliance: "partially_met", Note: note, ExpectedMonth: "2023-08",
			Counts:   &readiness.Counts{UnitsUnmet: &units},
			Readings: map[string]readiness.Reading{"note": {Raw: note, Confidence: 0.5}},
		}},
	}
}

func TestRecordsVersionsAndSteps(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		f := open(t, db)
		if rec := f.record(); rec.State() != readiness.NotStarted {
			t.Errorf("state %s before anything", rec.State())
		}
		save := func(note string, revision, n int) {
			f.step(n, func(r readiness.Record) (readiness.Record, error) {
				return r.Save(answering(note), revision, "mau", hour(n))
			})
		}
		save("một", 0, 1)
		save("hai", 1, 2)
		if first, err := f.DraftRevision(ctx, "488", "H55", 1); err != nil || first.Answers[0].Note != "một" {
			t.Errorf("revision 1: %+v, %v", first.Answers, err)
		}
		if _, err := f.DraftRevision(ctx, "488", "H55", 9); fault.Of(err) != fault.NotFound {
			t.Errorf("revision 9: %v", err)
		}
		f.step(3, func(r readiness.Record) (readiness.Record, error) {
			r, err := r.Submit(r.Draft.Return, readiness.ByWeb, "mau", hour(3))
			r.Versions[0].Problems = []readiness.Problem{{
				Severity: readiness.Reviews, Row: "2", Reason: "readiness.problem.blank", Args: map[string]any{"row": "2"},
			}}
			return r, err
		})
		heads, err := f.Heads(ctx, "488")
		if err != nil {
			t.Fatal(err)
		}
		want := []readiness.Head{{Campaign: "488", Agency: ha, State: readiness.Submitted, Version: 1, Problems: 1, Updated: hour(3), HandedIn: hour(3)}}
		if diff := cmp.Diff(want, heads); diff != "" {
			t.Errorf("heads (-want +got):\n%s", diff)
		}
		f.step(4, func(r readiness.Record) (readiness.Record, error) {
			return r.SendBack([]readiness.Comment{{Field: "row.2", Text: "Ghi rõ số liệu"}}, "soat", hour(4))
		})
		save("ba", 0, 5) // a draft begun from what came back: revision 1 again, of another base
		if first, err := f.DraftRevision(ctx, "488", "H55", 1); err != nil || first.Answers[0].Note != "ba" {
			t.Errorf("revision 1 of the second draft: %+v, %v", first.Answers, err)
		}
		f.step(6, func(r readiness.Record) (readiness.Record, error) {
			return r.Submit(r.Draft.Return, readiness.ByWord, "mau", hour(6))
		})
		f.step(7, func(r readiness.Record) (readiness.Record, error) { return r.Accept(nil, "soat", hour(7)) })
		rec := f.record()
		if rec.State() != readiness.Accepted || len(rec.Versions) != 2 || len(rec.Steps) != 4 || rec.Draft != nil {
			t.Errorf("%s, %d versions, %d steps, draft %v", rec.State(), len(rec.Versions), len(rec.Steps), rec.Draft)
		}
		entries, err := audit.Find(ctx, f.db, audit.Filter{Subject: audit.Subject{Type: "return", ID: "488/H55"}})
		if err != nil || len(entries) != 7 {
			t.Errorf("%d audit entries, %v; want one for each of the 7 changes", len(entries), err)
		}
		if other, err := f.Record(ctx, "1877", "H55"); err != nil || len(other.Versions) > 0 {
			t.Errorf("the other letter has %d versions, %v", len(other.Versions), err)
		}
	})
}

func TestWhoIsSecondGetsConflict(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		f := open(t, db)
		submit := func(r readiness.Record, by string) (readiness.Record, error) {
			return r.Submit(answering(by), readiness.ByWeb, by, hour(1))
		}
		for _, round := range []struct {
			name   string
			change func(r readiness.Record, by string) (readiness.Record, error)
		}{
			{"the first version", submit},
			{"a decision", func(r readiness.Record, by string) (readiness.Record, error) {
				if by == "0" {
					return r.Accept(nil, by, hour(2))
				}
				return r.SendBack([]readiness.Comment{{Text: by}}, by, hour(2))
			}},
		} {
			was := f.record()
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				wg.Go(func() {
					now, err := round.change(was, string(rune('0'+i)))
					if err != nil {
						errs[i] = err
						return
					}
					errs[i] = f.InTx(ctx, func(tx readiness.Tx) error {
						return tx.SaveRecord(ctx, was, now, ha, map[int]readiness.Verdict{}, act(readiness.AcceptReturn, 2))
					})
				})
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				switch {
				case err == nil:
					won++
				case fault.Of(err) != fault.Conflict:
					t.Errorf("%s: %v", round.name, err)
				}
			}
			if now := f.record(); won != 1 || len(now.Steps) != len(was.Steps)+1 {
				t.Errorf("%s: %d won, %d steps more", round.name, won, len(now.Steps)-len(was.Steps))
			}
		}
		entries, err := audit.Find(ctx, f.db, audit.Filter{})
		if err != nil || len(entries) != 2 {
			t.Errorf("%d audit entries, %v; want 2: who was refused did nothing", len(entries), err)
		}
	})
}

func TestTwoSavesOfOneRevision(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		f := open(t, db)
		f.step(1, func(r readiness.Record) (readiness.Record, error) { return r.Save(answering("một"), 0, "a", hour(1)) })
		was := f.record()
		for i, want := range []fault.Kind{"", fault.Conflict} {
			now, err := was.Save(answering("hai"), 1, "b", hour(2))
			if err != nil {
				t.Fatal(err)
			}
			err = f.InTx(ctx, func(tx readiness.Tx) error {
				return tx.SaveRecord(ctx, was, now, ha, nil, act(readiness.EditDraft, 2))
			})
			if err != nil && fault.Of(err) != want || err == nil && want != "" {
				t.Errorf("save %d: %v, want %q", i, err, want)
			}
		}
	})
}

func TestWhatCountsAtAMoment(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		f := open(t, db)
		steps := []func(r readiness.Record, n int) (readiness.Record, error){
			1: func(r readiness.Record, n int) (readiness.Record, error) {
				return r.Submit(answering("một"), readiness.ByWeb, "a", hour(n))
			},
			2: func(r readiness.Record, n int) (readiness.Record, error) { return r.Accept(nil, "b", hour(n)) },
			3: func(r readiness.Record, n int) (readiness.Record, error) {
				return r.Replace(answering("hai"), readiness.ByWord, "b", hour(n), "bản mới")
			},
			4: func(r readiness.Record, n int) (readiness.Record, error) { return r.Accept(nil, "b", hour(n)) },
			5: func(r readiness.Record, n int) (readiness.Record, error) { return r.Reopen("nhầm", "b", hour(n)) },
			6: func(r readiness.Record, n int) (readiness.Record, error) { return r.Withdraw("rút", "a", hour(n)) },
			7: func(r readiness.Record, n int) (readiness.Record, error) {
				return r.Submit(answering("ba"), readiness.ByAPI, "a", hour(n))
			},
			8: func(r readiness.Record, n int) (readiness.Record, error) { return r.Accept(nil, "b", hour(n)) },
		}
		revisions := map[string]bool{}
		for n := 1; n < len(steps); n++ {
			f.step(n, func(r readiness.Record) (readiness.Record, error) { return steps[n](r, n) })
			rev, err := f.Revision(ctx, "488")
			if err != nil || revisions[rev] {
				t.Errorf("after step %d: revision %q again, %v", n, rev, err)
			}
			revisions[rev] = true
		}
		rec := f.record()
		// A moment just after each step; the zero moment is now.
		for n := 0; n <= len(steps); n++ {
			at := hour(n).Add(time.Minute)
			if n == len(steps) {
				at = time.Time{}
			}
			got, err := f.Counted(ctx, "488", at, true)
			if err != nil {
				t.Fatal(err)
			}
			want := map[int]int{2: 1, 3: 1, 4: 2, 5: 1, 6: 1, 7: 1, 8: 3, 9: 3}[n]
			v, since, ok := rec.Counted(at)
			if v.Number != want || ok != (want > 0) {
				t.Errorf("moment %d: the rule counts version %d, want %d", n, v.Number, want)
			}
			if want == 0 {
				if len(got) > 0 {
					t.Errorf("moment %d: %d counted, want none", n, len(got))
				}
				continue
			}
			if len(got) != 1 || got[0].Version != want || !got[0].Since.Equal(since) || got[0].Agency != ha ||
				got[0].Return.Answers[0].Note != v.Return.Answers[0].Note {
				t.Errorf("moment %d: %+v, want version %d since %v", n, got, want, since)
			}
			if bare, err := f.Counted(ctx, "488", at, false); err != nil || len(bare) != 1 || len(bare[0].Return.Answers) > 0 ||
				bare[0].Verdict.Rule != "rule/1" {
				t.Errorf("moment %d, without answers: %+v, %v", n, bare, err)
			}
		}
	})
}

func TestBatches(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		f := open(t, db)
		held := answering("giữ")
		batch := readiness.Batch{ID: "b1", Campaign: "488", By: "mau", Total: 3, At: hour(1)}
		items := []readiness.BatchItem{
			{
				ID: "i1", File: readiness.FileRef{Name: "một.docx", SHA256: "aa", Size: 5}, Agency: "H55",
				Status: readiness.ItemAccepted, Version: 1, Resolution: "imported", At: hour(1),
			},
			{
				ID: "i2", File: readiness.FileRef{Name: "hai.docx"}, Status: readiness.ItemRejected, At: hour(2),
				Problems: []readiness.Problem{{Severity: readiness.Rejects, Reason: "readiness.file.empty", Args: map[string]any{"file": "hai.docx"}}},
			},
			{ID: "i3", File: readiness.FileRef{Name: "ba.docx"}, Status: readiness.ItemNeedsReview, Held: &held, IsHeld: true, At: hour(3)},
		}
		f.tx(func(tx readiness.Tx) error {
			if err := tx.SaveBatch(ctx, batch); err != nil {
				return err
			}
			for i := range items {
				items[i].Batch, items[i].Campaign = "b1", "488"
				if err := tx.SaveBatchItem(ctx, items[i], act(readiness.ImportReturn, 3)); err != nil {
					return err
				}
			}
			return nil
		})
		batch.Done, batch.Finished = 3, hour(4)
		listed := slices.Clone(items) // a list says that a return is held, and leaves it where it is
		listed[2].Held = nil
		f.tx(func(tx readiness.Tx) error { return tx.SaveBatch(ctx, batch) })
		for what, get := range map[string]func() (any, any, error){
			"batch":      func() (any, any, error) { b, err := f.Batch(ctx, "b1"); return b, batch, err },
			"batches":    func() (any, any, error) { b, err := f.Batches(ctx, "488"); return b, []readiness.Batch{batch}, err },
			"of another": func() (any, any, error) { b, err := f.Batches(ctx, "1877"); return b, []readiness.Batch{}, err },
			"items":      func() (any, any, error) { i, err := f.BatchItems(ctx, "b1"); return i, listed, err },
			"item":       func() (any, any, error) { i, err := f.BatchItem(ctx, "i3"); return i, items[2], err },
			"open":       func() (any, any, error) { i, err := f.OpenItems(ctx, "488"); return i, listed[2:], err },
		} {
			got, want, err := get()
			if diff := cmp.Diff(want, got, same); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
			}
		}
		settled := items[2]
		settled.Resolution, settled.ResolvedBy = "discarded", "soat"
		f.tx(func(tx readiness.Tx) error { return tx.SaveBatchItem(ctx, settled, act(readiness.ImportReturn, 5)) })
		if open, err := f.OpenItems(ctx, "488"); err != nil || len(open) != 0 {
			t.Errorf("%d items open after the decision, %v", len(open), err)
		}
		if got, err := f.BatchItem(ctx, "i3"); err != nil || got.Held == nil {
			t.Errorf("what was held is gone after the decision: %+v, %v", got, err)
		}
		_, batchErr := f.Batch(ctx, "none")
		_, itemErr := f.BatchItem(ctx, "none")
		if fault.Of(batchErr) != fault.NotFound || fault.Of(itemErr) != fault.NotFound {
			t.Errorf("unknown: %v, %v", batchErr, itemErr)
		}
	})
}

func TestAReminderGoesOutOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		f := open(t, db)
		send := func(id, step, channel string) bool {
			var sent bool
			f.tx(func(tx readiness.Tx) (err error) {
				sent, err = tx.SaveReminder(
					ctx, readiness.Reminder{ID: id, Campaign: "488", Agency: "H55", Step: step, Channel: channel, By: "mau", At: hour(1)},
					act(readiness.Remind, 1),
				)
				return err
			})
			return sent
		}
		got := []bool{send("r1", "before", "email"), send("r2", "before", "email"), send("r3", "before", "letter"), send("r4", "after", "email")}
		if diff := cmp.Diff([]bool{true, false, true, true}, got); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		sent, err := f.Reminders(ctx, "488")
		entries, auditErr := audit.Find(ctx, f.db, audit.Filter{Action: "readiness.remind"})
		if err := errors.Join(err, auditErr); err != nil || len(sent) != 3 || len(entries) != 3 {
			t.Errorf("%d reminders, %d audit entries, %v; want 3 of each", len(sent), len(entries), err)
		}
	})
}

func TestFormsAndLettersNeverChange(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		f := open(t, db)
		changed := letter("488", "2024-01-01")
		err := f.InTx(ctx, func(tx readiness.Tx) error { return tx.SaveCampaign(ctx, changed, nil, t0) })
		if fault.Of(err) != fault.Conflict {
			t.Errorf("a letter again: %v, want conflict", err)
		}
		if c, err := f.Campaign(ctx, "488"); err != nil || c.Issued != clock.MustDate("2023-02-15") {
			t.Errorf("the letter is now of %v, %v", c.Issued, err)
		}
		before, err := f.Template(ctx, "488/1")
		if err != nil {
			t.Fatal(err)
		}
		other := *before
		f.tx(func(tx readiness.Tx) error { return tx.SaveTemplate(ctx, &other, []byte(`{}`), t0) })
		// A store of its own has nothing in memory.
		if after, err := readinesssql.New(f.db).Template(ctx, "488/1"); err != nil || len(after.Components) != len(before.Components) {
			t.Errorf("the form changed, %v", err)
		}
		campaigns, err := f.Campaigns(ctx)
		if err != nil || len(campaigns) != 2 || campaigns[0].ID != "1877" {
			t.Errorf("letters %v, %v; want the newest first", campaigns, err)
		}
		recipients, err := f.Recipients(ctx, "488")
		if diff := cmp.Diff([]readiness.Agency{ha}, recipients); diff != "" || err != nil {
			t.Errorf("recipients %v (-want +got):\n%s", err, diff)
		}
		_, campaignErr := f.Campaign(ctx, "1")
		_, templateErr := f.Template(ctx, "1/1")
		if fault.Of(campaignErr) != fault.NotFound || fault.Of(templateErr) != fault.NotFound {
			t.Errorf("unknown: %v, %v", campaignErr, templateErr)
		}
	})
}

func TestARolledBackDeedLeavesNothing(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		f := open(t, db)
		was := f.record()
		now, err := was.Submit(answering("một"), readiness.ByWeb, "a", hour(1))
		if err != nil {
			t.Fatal(err)
		}
		stop := errors.New("stop")
		err = f.InTx(ctx, func(tx readiness.Tx) error {
			if err := tx.SaveBatch(ctx, readiness.Batch{ID: "b1", Campaign: "488", At: t0}); err != nil {
				return err
			}
			if err := tx.SaveBatchItem(
				ctx, readiness.BatchItem{ID: "i1", Batch: "b1", Campaign: "488", At: t0}, act(readiness.ImportReturn, 1),
			); err != nil {
				return err
			}
			if err := tx.SaveRecord(ctx, was, now, ha, nil, act(readiness.SubmitReturn, 1)); err != nil {
				return err
			}
			if inside, err := tx.Record(ctx, "488", "H55"); err != nil || len(inside.Versions) != 1 {
				t.Errorf("within the transaction: %d versions, %v", len(inside.Versions), err)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatalf("got %v", err)
		}
		batches, err1 := f.Batches(ctx, "488")
		heads, err2 := f.Heads(ctx, "488")
		entries, err3 := audit.Find(ctx, f.db, audit.Filter{})
		if err := errors.Join(err1, err2, err3); err != nil || len(batches)+len(heads)+len(entries)+len(f.record().Versions) > 0 {
			t.Errorf("left behind: %d batches, %d heads, %d audit entries; %v", len(batches), len(heads), len(entries), err)
		}
	})
}
