package cleaningsql_test

import (
	"strings"
	"testing"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// policeOf is an officer of the police of a commune.
func policeOf(commune string) actor.Actor {
	return actor.Actor{Account: "ca-" + commune, Agency: "H26.P" + commune, Roles: []string{cleaning.CommunePolice}}
}

// inTwoCommunes links a file of people of two communes, and gives what waits in each.
func (b *bench) inTwoCommunes(t *testing.T) (batch cleaning.Batch, left []cleaning.Left) {
	t.Helper()
	lines := strings.Split(everybody, "\n")
	for i := range lines {
		if i%2 == 1 { // namesakes live beside one another
			lines[i] = strings.ReplaceAll(lines[i], "01/001/00001", "79/760/26734")
		}
	}
	b.people = strings.Join(lines, "\n")
	batch = b.handIn(t, file(400)+"999,Không Có Ai,1901-02-03,\n")
	if err := b.Run(t.Context(), batch.ID, nothing); err != nil {
		t.Fatal(err)
	}
	s, err := b.Batch(t.Context(), an, batch.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Communes {
		if l.Commune != "" && l.Left > 2 {
			left = append(left, l)
		}
	}
	if len(left) != 2 {
		t.Fatalf("rows wait in %+v", s.Communes)
	}
	if sum, of := cleaning.LeftOf(s.Communes, ""); sum != s.Left || of != s.Of {
		t.Errorf("%d of %d wait in all communes, %d of %d in all", sum, of, s.Left, s.Of)
	}
	return batch, left
}

// TestCommune holds that the police of a commune get its people's rows and no other,
// whichever way they come.
func TestCommune(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		batch, left := b.inTwoCommunes(t)
		mine, theirs := left[0], left[1]
		police := policeOf(mine.Commune)
		s, err := b.Batch(ctx, police, batch.ID)
		if err != nil || s.Left != mine.Left || s.Of != mine.Of || s.Commune != mine.Commune || s.Communes != nil || s.Batch.Report != nil ||
			s.Batch.Examples != nil {
			t.Errorf("%+v, %v", s, err)
		}
		all, err := b.Rows(ctx, an, batch.ID, cleaning.Which{}, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Rows(ctx, police, batch.ID, cleaning.Which{}, 0, 1000)
		if err != nil || len(got) == 0 {
			t.Fatal(len(got), err)
		}
		seen := map[int]bool{}
		for _, r := range got {
			seen[r.At] = true
			if r.Commune != mine.Commune {
				t.Errorf("row %d is of %s", r.At, r.Commune)
			}
		}
		others := 0
		for _, r := range all {
			_, err := b.Row(ctx, police, batch.ID, r.At, 0)
			switch {
			case seen[r.At] != (r.Commune == mine.Commune):
				t.Errorf("row %d of %q is in the list: %v", r.At, r.Commune, seen[r.At])
			case seen[r.At] && err != nil, !seen[r.At] && fault.Of(err) != fault.Denied:
				t.Errorf("row %d of %q is opened: %v", r.At, r.Commune, err)
			case !seen[r.At]:
				others++
			}
		}
		if others == 0 {
			t.Error("all rows are of one commune")
		}
		// Asking for another commune by its code is refused, not narrowed.
		if _, err := b.Rows(ctx, police, batch.ID, cleaning.Which{Commune: theirs.Commune}, 0, 10); fault.Of(err) != fault.Denied {
			t.Errorf("rows of another commune: %v", err)
		}
		if _, err := b.Next(ctx, police, batch.ID, theirs.Commune); fault.Of(err) != fault.Denied {
			t.Errorf("the queue of another commune: %v", err)
		}
		// A clerk may look at one commune, or at all.
		v, err := b.Next(ctx, an, batch.ID, theirs.Commune)
		if err != nil || v.Row.Commune != theirs.Commune {
			t.Fatalf("%+v, %v", v.Row, err)
		}
		if _, err := b.Decide(ctx, policeOf(mine.Commune), batch.ID, v.Row.At, 0, cleaning.Same); fault.Of(err) != fault.Conflict {
			t.Errorf("on a row that is another's: %v", err)
		}
		// Not even a row that an officer held when they were moved to another commune.
		moved := policeOf(mine.Commune)
		moved.Account = an.Account
		if _, err := b.Decide(ctx, moved, batch.ID, v.Row.At, 0, cleaning.Same); fault.Of(err) != fault.Denied {
			t.Errorf("on a row of another commune that is theirs: %v", err)
		}
		for range mine.Of * 6 {
			v, err := b.Next(ctx, police, batch.ID, "")
			if fault.Of(err) == fault.NotFound {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if v.Row.Commune != mine.Commune {
				t.Fatalf("row %d of %s is given", v.Row.At, v.Row.Commune)
			}
			if _, err := b.Decide(ctx, police, batch.ID, v.Row.At, v.Candidate, cleaning.Same); err != nil {
				t.Fatal(err)
			}
		}
		after, err := b.Batch(ctx, an, batch.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range after.Communes {
			switch l.Commune {
			case mine.Commune: // what is for two waits for another
				if l.Left*3 >= mine.Left || l.Of != mine.Of {
					t.Errorf("%+v of %+v", l, mine)
				}
			case theirs.Commune:
				if l != theirs {
					t.Errorf("%+v was %+v", l, theirs)
				}
			}
		}
	})
}

// TestCommuneOfNothing holds that police elsewhere learn nothing of a file that has none of
// their people, and that the role opens nothing without a commune.
func TestCommuneOfNothing(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		early := b.handIn(t, file(7)) // not linked yet
		batch, left := b.inTwoCommunes(t)
		for _, who := range []actor.Actor{
			policeOf("31117"),
			{Account: "x", Agency: "H26.C" + left[0].Commune, Roles: []string{cleaning.CommunePolice}},
			{Account: "y", Roles: []string{cleaning.CommunePolice}},
			{Account: "z", Agency: "H26.P" + left[0].Commune, Roles: []string{cleaning.Auditor, "official"}[1:]},
		} {
			for name, do := range map[string]func() error{
				"batch": func() error { _, err := b.Batch(ctx, who, batch.ID); return err },
				"early": func() error { _, err := b.Batch(ctx, who, early.ID); return err },
				"row":   func() error { _, err := b.Row(ctx, who, batch.ID, 1, 0); return err },
				"claim": func() error { return b.Desk.Claim(ctx, who, batch.ID, 1, "name", "giấy khai sinh ghi như thế") },
				"hand in": func() error {
					_, err := b.HandIn(ctx, who, draft, strings.NewReader(file(3)))
					return err
				},
				"release": func() error { return b.Desk.AskRelease(ctx, who, batch.ID, "trả kết quả cho cơ quan") },
				"fetch":   func() error { _, _, _, err := b.Fetch(ctx, who, batch.ID, "csv"); return err },
				"end":     func() error { return b.EndNow(ctx, who, batch.ID) },
			} {
				if err := do(); fault.Of(err) != fault.Denied {
					t.Errorf("%s at %q: %s: %v", who.Account, who.Agency, name, err)
				}
			}
		}
		if list, err := b.Batches(ctx, policeOf("31117"), "", 10); err != nil || len(list) != 0 {
			t.Errorf("%d files, %v", len(list), err)
		}
		if list, err := b.Batches(ctx, policeOf(left[1].Commune), "", 10); err != nil || len(list) != 1 || list[0].ID != batch.ID {
			t.Errorf("%d files, %v", len(list), err)
		}
	})
}

// TestSecondLook holds that a row for two is judged by a second person who does not see what
// the first said, by nobody twice, and that it opens again where they differ.
func TestSecondLook(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		batch := b.handIn(t, file(400))
		if err := b.Run(ctx, batch.ID, nothing); err != nil {
			t.Fatal(err)
		}
		for {
			v, err := b.Next(ctx, an, batch.ID, "")
			if fault.Of(err) == fault.NotFound {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			b.clock.Pass(3 * time.Second)
			if _, err := b.Next(ctx, an, batch.ID, ""); err != nil { // looked again, which begins no new look
				t.Fatal(err)
			}
			b.clock.Pass(2 * time.Second)
			if _, err := b.Decide(ctx, an, batch.ID, v.Row.At, v.Candidate, cleaning.Same); err != nil {
				t.Fatal(err)
			}
		}
		s, err := b.Batch(ctx, an, batch.ID)
		if err != nil || s.Left == 0 || s.Left != s.Of/9 || s.Own.Pace == nil || s.Own.Pace.Seconds != 5 || s.Measured.Pace != nil {
			t.Fatalf("%d of %d left, %+v, %v", s.Left, s.Of, s.Own, err)
		}
		seen := 0
		for {
			v, err := b.Next(ctx, binh, batch.ID, "")
			if fault.Of(err) == fault.NotFound {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if hidden, err := b.Row(ctx, binh, batch.ID, v.Row.At, 0); err != nil || !hidden.Blind {
				t.Errorf("row %d is open before binh judged: %v", v.Row.At, err)
			}
			if open, err := b.Row(ctx, an, batch.ID, v.Row.At, 0); err != nil || open.Blind {
				t.Errorf("row %d is shut after an judged: %v", v.Row.At, err)
			}
			seen++
			says, person := cleaning.Same, v.Row.Person
			if seen == 1 {
				says = cleaning.Unsure
			}
			row, err := b.Decide(ctx, binh, batch.ID, v.Row.At, v.Candidate, says)
			if err != nil {
				t.Fatal(err)
			}
			if seen == 1 && (row.Decided != cleaning.Unsure || !row.Person.IsZero() || row.Outcome != cleaning.Several) {
				t.Errorf("two differ: %+v", row)
			}
			if seen > 1 && (row.Decided != cleaning.Same || row.Person != person) {
				t.Errorf("two agree: %+v", row)
			}
			if _, err := b.Decide(ctx, binh, batch.ID, v.Row.At, v.Candidate, says); fault.Of(err) != fault.Conflict {
				t.Errorf("a second click: %v", err)
			}
		}
		after, err := b.Batch(ctx, binh, batch.ID)
		if err != nil || seen != s.Left || after.Left != 0 {
			t.Errorf("%d of %d looked at twice, %d left, %v", seen, s.Left, after.Left, err)
		}
		if a := after.Measured.Agreement; seen >= 5 && (a == nil || a.Pairs != seen || a.Alike != seen-1) {
			t.Errorf("%+v of %d", a, seen)
		}
		for n, times := range b.logged {
			if times != 1 {
				t.Errorf("%s is in the log %d times", n.Reveal(), times)
			}
		}
	})
}
