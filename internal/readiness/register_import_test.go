package readiness_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

// What becomes of a file, by where its agency's return stands.
func TestImportWhereSomethingIsThere(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	one, two := "một", "hai"
	for name, c := range map[string]struct {
		before  func(o office) error
		note    string
		status  readiness.ItemStatus
		reasons string
		state   readiness.State
		n       int // versions afterwards
	}{
		"nothing there": {nil, one, readiness.ItemAccepted, "", readiness.Accepted, 1},
		"the same, accepted": {
			func(o office) error { o.takeIn(file("a.docx", whole(o.T, one))); return nil }, one, readiness.ItemAccepted, "same_again",
			readiness.Accepted, 1,
		},
		"another, accepted": {
			func(o office) error { o.takeIn(file("a.docx", whole(o.T, one))); return nil }, two, readiness.ItemNeedsReview, "second_return",
			readiness.Accepted, 1,
		},
		"another, submitted on web": {
			func(o office) error { return webbed(o) }, two, readiness.ItemNeedsReview, "second_return", readiness.Submitted, 1,
		},
		"another, withdrawn": {func(o office) error {
			if err := webbed(o); err != nil {
				return err
			}
			_, err := o.Withdraw(ctx, focal, "488", "H55", "")
			return err
		}, two, readiness.ItemAccepted, "", readiness.Accepted, 2},
		"the same, sent back": {
			func(o office) error { return sentBack(o, one) }, one, readiness.ItemNeedsReview, "came_back", readiness.SentBack, 1,
		},
		"another, sent back": {func(o office) error { return sentBack(o, one) }, two, readiness.ItemAccepted, "", readiness.Accepted, 2},
		"the agency is writing": {
			func(o office) error { _, err := o.Save(ctx, focal, "488", "H55", whole(o.T, "nháp"), 0); return err }, one, readiness.ItemNeedsReview,
			"draft_open", readiness.Drafted, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := onSQLite(t)
			if c.before != nil {
				if err := c.before(o); err != nil {
					t.Fatal(err)
				}
			}
			item := o.takeIn(file("a.docx", whole(t, c.note)))[0]
			if item.Status != c.status || reasons(item) != c.reasons {
				t.Errorf("%s for %q, want %s for %q", item.Status, reasons(item), c.status, c.reasons)
			}
			o.want(o.now("H55"), c.state, c.n)
			if !item.Open() {
				return
			}
			// A person takes it in; the second who decides is told so.
			if _, err := o.DecideItem(ctx, coordinator, item.ID, readiness.TakeIn, "H55"); err != nil {
				t.Fatal(err)
			}
			o.want(o.now("H55"), readiness.Accepted, c.n+1)
			for _, d := range []readiness.Decision{readiness.TakeIn, readiness.Discard} {
				if _, err := o.DecideItem(ctx, coordinator, item.ID, d, "H55"); fault.Of(err) != fault.Conflict {
					t.Errorf("%s again: %v", d, err)
				}
			}
			if open, err := o.OpenItems(ctx, coordinator, "488"); err != nil || len(open) > 0 {
				t.Errorf("%d items still open, %v", len(open), err)
			}
		})
	}
}

func webbed(o office) error {
	_, err := o.SubmitReturn(context.Background(), focal, "488", "H55", whole(o.T, "web"), readiness.ByWeb)
	return err
}

func sentBack(o office, note string) error {
	ctx := context.Background()
	o.takeIn(file("a.docx", whole(o.T, note)))
	if _, err := o.Reopen(ctx, coordinator, "488", "H55", "xem lại"); err != nil {
		return err
	}
	_, err := o.SendBack(ctx, reviewer, "488", "H55", 1, []readiness.Comment{{Text: "Sửa"}})
	return err
}

func TestImportWhoseFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := onSQLite(t)
	from := func(heading, code, campaign string) readiness.File {
		ret := whole(t, heading+code+campaign)
		ret.Heading, ret.Agency, ret.Campaign = heading, code, campaign
		return file(heading+code+".xlsx", ret)
	}
	items := o.takeIn(
		from("Bộ Không Có", "", ""), from("UBND", "", ""), from("", "", ""),
		from("Bộ Tư pháp", "H55", ""), from("UBND tỉnh Thái Nguyên", "H55", "1877"), from("Bộ Tư pháp", "ZZ", ""),
		readiness.File{Name: "x.docx", Content: []byte("{")}, readiness.File{Name: "p.docx", Content: []byte("panic")},
	)
	want := []string{"agency_unknown", "agency_ambiguous", "agency_missing", "agency_differs", "other_campaign", "", "damaged", "unreadable"}
	for i, item := range items {
		if got := reasons(item); got != want[i] {
			t.Errorf("%s: %q, want %q", item.File.Name, got, want[i])
		}
		if len(o.papers.kept[item.File.SHA256]) == 0 {
			t.Errorf("%s is not kept", item.File.Name)
		}
		if waits := i != 5; item.Open() != waits { // the sixth went in
			t.Errorf("%s waits for a person: %v, want %v", item.File.Name, item.Open(), waits)
		}
	}
	if got := items[1].Problems[0].Args["names"]; got != "UBND tỉnh Bạc Liêu, UBND tỉnh Thái Nguyên" {
		t.Errorf("the choice is %q", got)
	}
	for name, c := range map[string]struct {
		d      readiness.Decision
		agency string
		want   fault.Kind
	}{
		"no such decision": {"burn", "H55", fault.Invalid},
		"no such agency":   {readiness.TakeIn, "Z9", fault.NotFound},
		"no agency":        {readiness.TakeIn, "", fault.NotFound},
	} {
		if _, err := o.DecideItem(ctx, coordinator, items[0].ID, c.d, c.agency); fault.Of(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if item, err := o.DecideItem(ctx, coordinator, items[0].ID, readiness.TakeIn, "H55"); err != nil ||
		item.Status != readiness.ItemAccepted || item.Agency != "H55" || item.Version != 1 {
		t.Errorf("taken in: %+v, %v", item, err)
	}
	if item, err := o.DecideItem(ctx, coordinator, items[1].ID, readiness.Discard, ""); err != nil || item.Resolution != "discarded" ||
		item.Held == nil {
		t.Errorf("set aside: %+v, %v", item, err)
	}
	o.want(o.now("H55"), readiness.Accepted, 1)
}

// Many who import the same files at once, and two who decide at once: one wins,
// the others find what was done; nothing is lost and nothing twice.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		o := newOffice(t, db)
		var files []readiness.File
		for _, a := range country {
			ret := whole(t, a.Code)
			ret.Heading = a.Name
			if a.Kind == readiness.Ministry {
				ret.Answers = slices.DeleteFunc(ret.Answers, func(a readiness.Answer) bool { return a.Key == "4.3" })
			}
			files = append(files, file(a.Code+".docx", ret))
		}
		results := make([]map[string]int, 8)
		var wg sync.WaitGroup
		for i := range results {
			results[i] = map[string]int{}
			wg.Go(func() {
				if _, err := o.Import(ctx, coordinator, readiness.Batch{Campaign: "488"}, slices.Values(files), func(item readiness.BatchItem) {
					results[i][string(item.Status)+" "+reasons(item)]++
				}); err != nil {
					t.Errorf("import %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		sum := map[string]int{}
		for _, r := range results {
			for k, n := range r {
				sum[k] += n
			}
		}
		if want := map[string]int{"accepted ": 3, "accepted same_again": 21}; !maps.Equal(sum, want) {
			t.Errorf("results %v, want %v", sum, want)
		}
		for _, a := range country {
			o.want(o.now(a.Code), readiness.Accepted, 1)
		}

		if err := sentBackAgain(o); err != nil {
			t.Fatal(err)
		}
		var won, refused atomic.Int64
		for i := range 4 {
			wg.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = o.Accept(ctx, reviewer, "488", "H55", 2)
				} else {
					_, err = o.SendBack(ctx, coordinator, "488", "H55", 2, []readiness.Comment{{Text: "Sửa"}})
				}
				switch {
				case err == nil:
					won.Add(1)
				case fault.Of(err) == fault.Conflict:
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || refused.Load() != 3 {
			t.Errorf("%d decided and %d were refused, want 1 and 3", won.Load(), refused.Load())
		}
		if _, err := audit.Verify(ctx, db); err != nil {
			t.Errorf("the audit log: %v", err)
		}
	})
}

func sentBackAgain(o office) error {
	ctx := context.Background()
	if _, err := o.Reopen(ctx, coordinator, "488", "H55", "x"); err != nil {
		return err
	}
	if _, err := o.SendBack(ctx, reviewer, "488", "H55", 1, []readiness.Comment{{Text: "x"}}); err != nil {
		return err
	}
	return webbed(o)
}

// An import that is killed leaves whole returns only; again, it goes on.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	var files []readiness.File
	for i := range 100 {
		ret := whole(t, fmt.Sprint(i))
		if i != 70 {
			ret.Heading = fmt.Sprint("Cơ quan ", i)
		}
		files = append(files, file(fmt.Sprintf("%03d.docx", i), ret))
	}
	stored := 0
	_, err := o.Import(ctx, coordinator, readiness.Batch{Campaign: "488"}, slices.Values(files), func(readiness.BatchItem) {
		if stored++; stored == 10 {
			kill()
		}
	})
	if err == nil {
		t.Fatal("the import went on")
	}
	bg := context.Background()
	batches, err := o.Batches(bg, coordinator, "488")
	if err != nil || len(batches) != 1 {
		t.Fatalf("%d batches, %v", len(batches), err)
	}
	_, items, err := o.Batch(bg, coordinator, batches[0].ID)
	if err != nil || len(items) != batches[0].Done || len(items) == len(files) || len(items) < stored {
		t.Fatalf("%d items stored, %d told, batch %+v, %v", len(items), stored, batches[0], err)
	}
	again := o.takeIn(files...)
	if len(again) != len(files) {
		t.Errorf("%d results of %d files", len(again), len(files))
	}
	o.want(o.now("H55"), readiness.Accepted, 1)
}

// The same file handed in twice is one work, whatever it waits for.
func TestSameFileWaitsOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		unread := readiness.File{Name: "cu.docx", Size: 5, Content: []byte("no me")}
		unclear := whole(t, "một")
		unclear.Heading = "Không rõ"
		again := unread
		again.Name = "cu-lan-2.docx"
		other := readiness.File{Name: "khac.docx", Size: 5, Content: []byte("other")}
		items := o.takeIn(unread, again, other, file("a.docx", unclear), file("b.docx", unclear))
		items = append(items, o.takeIn(unread)...)
		var got []bool
		for _, i := range items {
			got = append(got, i.Open())
			if notes := slices.ContainsFunc(i.Problems, func(p readiness.Problem) bool { return p.Reason == "readiness.problem.same_waits" }); notes == i.Open() {
				t.Errorf("%s: open %t, said to be the same %t", i.File.Name, i.Open(), notes)
			}
		}
		if want := []bool{true, false, true, true, false, false}; !slices.Equal(got, want) {
			t.Errorf("waiting: %v, want %v", got, want)
		}
		open, err := o.store.OpenItems(t.Context(), "488")
		if err != nil || len(open) != 3 {
			t.Errorf("%d works wait, want 3: %v", len(open), err)
		}
		// Once the first is settled, the paper may come again.
		if _, err := o.DecideItem(t.Context(), coordinator, items[0].ID, readiness.Discard, ""); err != nil {
			t.Fatal(err)
		}
		if i := o.takeIn(unread)[0]; !i.Open() {
			t.Error("a file whose first copy was settled does not wait")
		}
	})
}
