package readiness_test

import (
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
)

// scan is a file that no reader reads.
func scan(name string) readiness.File {
	return readiness.File{Name: name, Size: 8, Content: []byte("%PDF-1.4" + name)}
}

func TestAPaperThatNoProgramReadsIsWork(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		ctx := t.Context()
		item := o.takeIn(scan("38-scan.pdf"))[0]
		if item.Status != readiness.ItemRejected || !item.Open() || len(item.Suggests) > 0 {
			t.Fatalf("a scan: %+v", item)
		}
		late := clock.MustDate("2023-04-01")
		chased := func(agency string) readiness.Chased {
			t.Helper()
			list, err := o.Chased(ctx, coordinator, "488", late)
			if err != nil {
				t.Fatal(err)
			}
			return list[slices.IndexFunc(list, func(c readiness.Chased) bool { return c.Agency.Code == agency })]
		}
		if c := chased("H55"); c.Late == 0 || len(c.Papers) > 0 {
			t.Errorf("whose it is nobody has said, and %+v is not chased", c)
		}

		// Nothing can be entered before somebody says whose it is.
		if _, err := o.Entry(ctx, coordinator, item.ID); fault.Of(err) != fault.Conflict {
			t.Errorf("entry of nobody's: %v", err)
		}
		if _, err := o.DecideItem(ctx, coordinator, item.ID, readiness.TakeIn, "H55"); fault.Of(err) != fault.Conflict {
			t.Errorf("nothing was entered, and it is taken in: %v", err)
		}
		if _, err := o.AssignItem(ctx, coordinator, item.ID, "ZZ"); fault.Of(err) != fault.NotFound {
			t.Errorf("of no agency: %v", err)
		}
		if _, err := o.AssignItem(ctx, coordinator, item.ID, "H04"); err != nil {
			t.Fatal(err)
		}
		if _, err := o.AssignItem(ctx, coordinator, item.ID, "H55"); err != nil { // it may be said again
			t.Fatal(err)
		}
		if c := chased("H55"); c.Late != 0 || c.Due != nil || !slices.Equal(c.Papers, []string{item.ID}) {
			t.Errorf("the agency is taken for silent: %+v", c)
		}
		if c := chased("H04"); c.Late == 0 {
			t.Errorf("the agency whose it is not any more is not chased: %+v", c)
		}
		if _, err := o.Remind(ctx, coordinator, "488", "H55", "x", "email", nil); fault.Of(err) != fault.Conflict {
			t.Errorf("it is reminded: %v", err)
		}
		papers, err := o.PapersOf(ctx, focal, "488", "H55")
		if err != nil || len(papers) != 1 {
			t.Errorf("the agency sees %d papers, %v", len(papers), err)
		}
		if _, err := o.PapersOf(ctx, elsewhere, "488", "H55"); fault.Of(err) != fault.NotFound {
			t.Errorf("another agency sees them: %v", err)
		}

		// The agency's own draft is neither shown nor touched by what is entered.
		if _, err := o.Save(ctx, focal, "488", "H55", whole(t, "nháp của cơ quan"), 0); err != nil {
			t.Fatal(err)
		}
		e, err := o.Entry(ctx, coordinator, item.ID)
		if err != nil || e.View.Record.Draft != nil {
			t.Fatalf("an entry begins with %+v, %v", e.View.Record.Draft, err)
		}
		typed := func(ret readiness.Return) readiness.Return {
			all := whole(t, "từ bản quét")
			ret.Contact, ret.Systems, ret.Answers = all.Contact, all.Systems, all.Answers
			ret.Proposals, ret.Difficulties, ret.Recommendations = all.Proposals, all.Difficulties, all.Recommendations
			ret.Agency = "H04" // whoever types cannot make it another's
			return ret
		}
		if _, err := o.Enter(ctx, reviewer, item.ID, 0, typed); fault.Of(err) != fault.Denied {
			t.Errorf("a reviewer enters: %v", err)
		}
		if e, err = o.Enter(ctx, coordinator, item.ID, 0, typed); err != nil || e.View.Record.Draft.Revision != 1 {
			t.Fatalf("enter: %+v, %v", e.View.Record, err)
		}
		if _, err := o.Enter(ctx, coordinator, item.ID, 0, typed); fault.Of(err) != fault.Conflict {
			t.Errorf("two people save the same revision: %v", err)
		}
		if left := e.Problems; readiness.Open(left) > 0 {
			t.Errorf("left: %+v", left)
		}
		got, err := o.DecideItem(ctx, coordinator, item.ID, readiness.TakeIn, "H55")
		if err != nil || got.Status != readiness.ItemNeedsReview || got.Version != 1 || got.Open() {
			t.Fatalf("taken in: %+v, %v", got, err)
		}
		rec := o.now("H55")
		o.want(rec, readiness.Submitted, 1) // it counts once another has looked
		v := rec.Versions[0]
		if v.Channel != readiness.ByEntry || v.Return.EnteredFrom != "38-scan.pdf" || v.File.SHA256 != item.File.SHA256 || v.Return.Agency != "H55" {
			t.Errorf("the version is not marked as entered from its paper: %+v", v)
		}
		if readiness.Open(v.Problems) > 0 {
			t.Errorf("what was wrong with the file is still asked: %+v", v.Problems)
		}
		if _, content, err := o.Paper(ctx, reviewer, "488", "H55", 1); err != nil || !strings.HasPrefix(string(content), "%PDF") {
			t.Errorf("the original: %q, %v", content, err)
		}
		// What the agency sends afterwards is its own word again.
		if _, err := o.SendBack(ctx, reviewer, "488", "H55", 1, []readiness.Comment{{Text: "Xem lại"}}); err != nil {
			t.Fatal(err)
		}
		mended, _ := o.now("H55").Working()
		if _, err := o.SubmitReturn(ctx, focal, "488", "H55", mended, readiness.ByAPI); err != nil {
			t.Fatal(err)
		}
		if rec := o.now("H55"); rec.Versions[1].Return.EnteredFrom != "" {
			t.Error("the agency's own version is marked as entered for it")
		}
	})
}

func TestRefusingAPaper(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		ctx := t.Context()
		item := o.takeIn(scan("a.pdf"))[0]
		sent := 0
		send := func(readiness.Tx) error { sent++; return nil }
		if _, err := o.RefuseItem(ctx, coordinator, item.ID, "Mờ", send); fault.Of(err) != fault.Conflict {
			t.Errorf("nobody's is refused: %v", err)
		}
		if _, err := o.AssignItem(ctx, coordinator, item.ID, "H55"); err != nil {
			t.Fatal(err)
		}
		if _, err := o.RefuseItem(ctx, coordinator, item.ID, " ", send); fault.Of(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := o.RefuseItem(ctx, reviewer, item.ID, "Mờ", send); fault.Of(err) != fault.Denied {
			t.Errorf("by a reviewer: %v", err)
		}
		// A letter that cannot go out refuses nothing.
		if _, err := o.RefuseItem(ctx, coordinator, item.ID, "Mờ", func(readiness.Tx) error { return errNoPost }); err == nil {
			t.Error("no letter, and no error")
		}
		if _, err := o.RefuseItem(ctx, coordinator, item.ID, "Mờ", send); err != nil {
			t.Fatal(err)
		}
		if _, err := o.RefuseItem(ctx, coordinator, item.ID, "Mờ", send); fault.Of(err) != fault.Conflict || sent != 1 {
			t.Errorf("refused twice: %v, %d letters", err, sent)
		}
		r, err := o.Refusal(ctx, coordinator, item.ID, "")
		if err != nil || r.Reason != "Mờ" || r.Agency.Code != "H55" || len(r.Found) != 1 {
			t.Errorf("the letter says %+v, %v", r, err)
		}
		if papers, err := o.PapersOf(ctx, focal, "488", "H55"); err != nil || len(papers) != 1 || papers[0].Reason != "Mờ" {
			t.Errorf("the agency sees %+v, %v", papers, err)
		}
		list, err := o.Chased(ctx, coordinator, "488", clock.MustDate("2023-04-01"))
		if err != nil || slices.ContainsFunc(list, func(c readiness.Chased) bool { return len(c.Papers) > 0 || c.Late == 0 }) {
			t.Errorf("nothing waits any more, and somebody is not chased: %+v, %v", list, err)
		}
	})
}

var errNoPost = fault.New(fault.Invalid, "readiness.chase.no_address", nil)

func TestWhomAPaperSuggests(t *testing.T) {
	t.Parallel()
	o := onSQLite(t)
	for name, want := range map[string]string{
		"Bộ Tư pháp.pdf":                    "G15",
		"nộp/UBND tỉnh Thái Nguyên (2).pdf": "H55",
		"UBND tỉnh.pdf":                     "H04 H55", // either: neither is silent
		"38-scan.pdf":                       "",
		"2023.02.28.pdf":                    "",
	} {
		item := o.takeIn(scan(name))[0]
		if got := strings.Join(item.Suggests, " "); got != want {
			t.Errorf("%s suggests %q, want %q", name, got, want)
		}
	}
	unsure := whole(t, "x")
	unsure.Heading = "UBND tỉnh"
	if item := o.takeIn(file("x.docx", unsure))[0]; len(item.Suggests) != 2 {
		t.Errorf("an ambiguous heading suggests %v", item.Suggests)
	}
	list, err := o.Chased(t.Context(), coordinator, "488", clock.MustDate("2023-04-01"))
	if err != nil || slices.ContainsFunc(list, func(c readiness.Chased) bool { return c.Due != nil || len(c.Papers) == 0 }) {
		t.Errorf("whom a waiting paper suggests is chased: %+v, %v", list, err)
	}
}

func TestArrivals(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		ctx := t.Context()
		items := o.takeIn(scan("a.pdf"), file("b.docx", whole(t, "một")), file("b.docx", whole(t, "một")))
		for n, i := range items {
			if i.Arrival != n+1 {
				t.Errorf("%s has the number %d, want %d", i.File.Name, i.Arrival, n+1)
			}
		}
		first := o.now("H55").Versions[0]
		if first.Arrival.String() != "2/2023" || first.DaysLate(readiness.Campaign{Due: clock.MustDate("2023-02-28")}) > 0 {
			t.Errorf("the version's arrival is %s", first.Arrival)
		}
		// What a person changes in it stays the paper that came.
		if _, err := o.Reopen(ctx, coordinator, "488", "H55", "xem"); err != nil {
			t.Fatal(err)
		}
		keep := func(r readiness.Return) readiness.Return { return r }
		rec, err := o.Resolve(ctx, reviewer, "488", "H55", 1, keep, nil)
		if err != nil || rec.Versions[1].Arrival != first.Arrival || rec.Versions[1].File != first.File {
			t.Errorf("after a resolution: %+v, %v", rec.Versions, err)
		}
		// By web and by programme too, with its original.
		typed := whole(t, "gõ")
		rec, err = o.SubmitReturn(ctx, elsewhere, "488", "H04", typed, readiness.ByAPI)
		if err != nil || rec.Versions[0].Arrival.Number != 4 {
			t.Fatalf("by programme: %+v, %v", rec.Versions, err)
		}
		if got := o.now("H04").Versions[0]; got.Arrival.Number != 4 || !got.Arrival.At.Equal(rec.Versions[0].Arrival.At) {
			t.Errorf("stored: %+v", got.Arrival)
		}
		name, original, err := o.Paper(ctx, elsewhere, "488", "H04", 1) // its own agency has it too
		if err != nil || name.Name != "488-H04-api.json" || !strings.Contains(string(original), `"gõ"`) {
			t.Errorf("the original: %s %.80q, %v", name.Name, original, err)
		}
		if _, _, err := o.Paper(ctx, focal, "488", "H04", 1); fault.Of(err) != fault.NotFound {
			t.Errorf("another agency has it: %v", err)
		}
		if _, _, err := o.Paper(ctx, leader, "488", "H04", 1); fault.Of(err) != fault.Denied {
			t.Errorf("a leader has it, with the focal point: %v", err)
		}

		receipt, err := o.Receipt(ctx, elsewhere, "488", "H04", 1)
		if err != nil || receipt.Version.Arrival.String() != "4/2023" || !receipt.Handed || receipt.Version.Return.Contact != (readiness.Contact{}) {
			t.Errorf("the receipt: %+v, %v", receipt.Version.Arrival, err)
		}
		for _, n := range []int{0, 2, -1} {
			if _, err := o.Receipt(ctx, elsewhere, "488", "H04", n); fault.Of(err) != fault.NotFound {
				t.Errorf("receipt of version %d: %v", n, err)
			}
		}
		// A paper that came in time and that a person took in late is in time.
		waited := readiness.Version{At: clock.MustDate("2023-03-20").Start(), Arrival: readiness.Arrival{Number: 1, At: clock.MustDate("2023-02-28").Start()}}
		due := readiness.Campaign{Due: clock.MustDate("2023-02-28")}
		if waited.DaysLate(due) > 0 {
			t.Error("late by the day on which it was taken in")
		}
		waited.Arrival.At = clock.MustDate("2023-03-02").Start()
		if got := waited.DaysLate(due); got != 2 {
			t.Errorf("%d days late, want 2", got)
		}
	})
}
