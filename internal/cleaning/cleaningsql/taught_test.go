package cleaningsql_test

import (
	"strings"
	"testing"

	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
)

// TestTaught holds that what people said of a file counts for the next one of the same agency
// with the same columns, and for no other; and that a row which was verified stays as it was.
func TestTaught(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		link := func(content string, change func(*cleaning.Draft)) cleaning.Standing {
			t.Helper()
			d := draft
			if change != nil {
				change(&d)
			}
			batch, err := b.HandIn(ctx, an, d, strings.NewReader(content))
			if err == nil {
				err = b.Map(ctx, an, batch.ID, batch.Layout.Kinds, false)
			}
			if err == nil {
				err = b.Run(ctx, batch.ID, nothing)
			}
			s, err2 := b.Batch(ctx, an, batch.ID)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			return s
		}
		first := link(file(900), nil)
		if first.Batch.Report.Learned.Taught != 0 {
			t.Errorf("of nothing: %+v", first.Batch.Report.Learned)
		}
		before, err := b.Rows(ctx, an, first.Batch.ID, cleaning.Which{Outcome: cleaning.Verified}, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		few := link(file(901), nil) // nobody has judged enough
		if few.Batch.Report.Learned.Taught != 0 {
			t.Errorf("of too little: %+v", few.Batch.Report.Learned)
		}
		judged := 0
		for {
			v, err := b.Next(ctx, an, first.Batch.ID, "")
			if fault.Of(err) == fault.NotFound {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := b.Decide(ctx, an, first.Batch.ID, v.Row.At, v.Candidate, cleaning.Same); err != nil {
				t.Fatal(err)
			}
			judged++
		}
		if judged < 20 {
			t.Fatalf("only %d rows wait for people", judged)
		}
		next := link(file(902), nil)
		if l := next.Batch.Report.Learned; l.Taught != judged || l.TaughtBy != first.Batch.Code() {
			t.Errorf("%+v, want %d of %s", l, judged, first.Batch.Code())
		}
		for name, s := range map[string]cleaning.Standing{
			"of another agency":  link(file(903), func(d *cleaning.Draft) { d.Agency = "G12" }),
			"with other columns": link(strings.Replace(file(904), "STT", "Mã", 1), nil),
		} {
			if l := s.Batch.Report.Learned; l.Taught != 0 {
				t.Errorf("%s: %+v", name, l)
			}
		}
		after, err := b.Rows(ctx, an, first.Batch.ID, cleaning.Which{Outcome: cleaning.Verified}, 0, 1000)
		if err != nil || len(after) < len(before) {
			t.Errorf("%d rows were verified, now %d, %v", len(before), len(after), err)
		}
		for i, r := range before {
			if after[i].At != r.At || after[i].Person != r.Person || after[i].Score != r.Score {
				t.Errorf("row %d was %+v", r.At, after[i])
			}
		}
		if err := b.EndNow(ctx, an, first.Batch.ID); err != nil { // with its rows goes what they taught
			t.Fatal(err)
		}
		if last := link(file(905), nil); last.Batch.Report.Learned.Taught != 0 {
			t.Errorf("of a deleted file: %+v", last.Batch.Report.Learned)
		}
	})
}
