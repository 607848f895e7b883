package cleaningsql_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
)

// past is what happened in the register of a test.
type past struct {
	events []happened
	piece  int // most events that are given at once; 0: as many as are asked for
	told   map[citizen.Number]int
	fresh  string // who came
}

type happened struct {
	id     string
	became map[citizen.Number]cleaning.Became
	order  []citizen.Number
}

func (p *past) mark() cleaning.Mark { return cleaning.Mark{Event: int64(len(p.events))} }

func (p *past) Mark(context.Context) (cleaning.Mark, error) { return p.mark(), nil }

func (p *past) Fresh(_ context.Context, _, _ cleaning.Mark, w io.Writer) error {
	_, err := io.WriteString(w, peopleHead+p.fresh)
	return err
}

func (p *past) Since(_ context.Context, after int64, limit int) ([]cleaning.Happened, error) {
	if p.piece > 0 {
		limit = min(limit, p.piece)
	}
	var out []cleaning.Happened
	for i := int(after); i < len(p.events) && len(out) < limit; i++ {
		out = append(out, cleaning.Happened{Seq: int64(i + 1), Event: p.events[i].id, People: p.events[i].order})
	}
	return out, nil
}

func (p *past) Became(_ context.Context, n citizen.Number, event string) (cleaning.Became, error) {
	for _, e := range p.events {
		if b, ok := e.became[n]; e.id == event && ok {
			return b, nil
		}
	}
	return cleaning.Became{}, fault.New(fault.NotFound, "population.person.not_found", nil)
}

func (p *past) News(ctx context.Context, n citizen.Number, after int64) ([]cleaning.Became, error) {
	var out []cleaning.Became
	for _, e := range p.events[after:] {
		if b, ok := e.became[n]; ok {
			out = append(out, b)
		}
	}
	return out, nil
}

// happens adds an event of one person.
func (p *past) happens(n citizen.Number, b cleaning.Became) {
	id := fmt.Sprintf("event-%d", len(p.events)+1)
	b.RecordedAt = time.Date(2026, 12, 1, 2, len(p.events), 0, 0, time.UTC)
	p.events = append(p.events, happened{id, map[citizen.Number]cleaning.Became{n: b}, []citizen.Number{n}})
}

// everyone are the people of the test as the register has them.
func everyone() map[citizen.Number]cleaning.Person {
	out := map[citizen.Number]cleaning.Person{}
	for _, line := range strings.Split(strings.TrimSpace(everybody), "\n") {
		c := strings.Split(line, ",")
		n := citizen.MustNumber(c[0])
		out[n] = cleaning.Person{
			Number: n, Name: c[2], Birth: citizen.MustDay(c[3]), Sex: citizen.Sex(c[4][0] - '0'),
			Home: cleaning.Home{Detail: "Số 1", Commune: "Phường Phúc Xá", Province: "Thành phố Hà Nội"},
		}
	}
	return out
}

// randomPast makes people die, move, be called otherwise, be corrected and be annulled, again and
// again: also many who are not in the file.
func (p *past) randomPast(seed uint64, n int) {
	r := rand.New(rand.NewPCG(seed, 6))
	people := everyone()
	numbers := make([]citizen.Number, 0, len(people))
	for n := range people {
		numbers = append(numbers, n)
	}
	slices.SortFunc(numbers, func(a, b citizen.Number) int { return int(a.Int() - b.Int()) })
	gone := map[citizen.Number]bool{}
	for i := range n {
		n := numbers[r.IntN(60)*37%len(numbers)] // few, so that much happens to each
		before := people[n]
		e := cleaning.Became{On: citizen.MustDay("2026-11-20"), Before: before, After: before, Had: !gone[n], Has: !gone[n]}
		a := &e.After
		switch k := r.IntN(8); {
		case gone[n] || k == 0:
			gone[n] = !gone[n]
			e.Has, e.Mends = !gone[n], true
		case k == 1:
			a.Dead, a.Died, e.Mends = !a.Dead, citizen.MustDay("2026-11-19"), a.Dead
			if !a.Dead {
				a.Died = 0
			}
		case k == 2:
			a.Home.Commune = fmt.Sprintf("Phường %d", i)
		case k == 3:
			a.Name += " " + string(rune('A'+i%26))
		case k == 4:
			a.Sex, e.Mends = 3-a.Sex, true
		case k == 5:
			a.Birth, e.Mends = citizen.MustDay(fmt.Sprintf("1970-01-%02d", 1+i%28)), true
		} // else what the file has no column for
		people[n] = *a
		p.happens(n, e)
	}
}

// released has a file linked and given out.
func (b *bench) released(t *testing.T, content string) cleaning.Batch {
	t.Helper()
	batch := b.handIn(t, content)
	if err := b.Run(t.Context(), batch.ID, nothing); err != nil {
		t.Fatal(err)
	}
	return b.release(t, batch.ID)
}

func (b *bench) release(t *testing.T, id string) cleaning.Batch {
	t.Helper()
	_, err := b.Store.Update(t.Context(), id, "", an, func(x *cleaning.Batch) error { x.State = cleaning.Approved; return nil })
	if err == nil {
		err = b.Publish(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Store.Batch(t.Context(), id)
	if err != nil || got.State != cleaning.Released {
		t.Fatal(got.State, err)
	}
	return got
}

func (b *bench) changes(t *testing.T, id string) []cleaning.Change {
	t.Helper()
	var out []cleaning.Change
	for after := int64(0); ; {
		list, err := b.Changes(t.Context(), an, id, after, 7)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return out
		}
		for _, c := range list {
			if c.Seq != after+1 {
				t.Fatalf("change %d comes behind %d", c.Seq, after)
			}
			after = c.Seq
			out = append(out, c)
		}
	}
}

// TestAliveInPieces holds that a history of the register which is followed piece by piece, with
// falls between and while it still goes on, changes the rows as it does in one go: each change
// once, none of people whom the file has not, and nobody of whom it is not in their log.
func TestAliveInPieces(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		content := file(400)
		first := b.released(t, content)
		b.randomPast(1, 300)
		if err := b.Alive(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		want := b.changes(t, first.ID)
		kinds := map[cleaning.ChangeKind]int{}
		people := map[citizen.Number]bool{}
		type once struct {
			row   int
			cause string
		}
		seen := map[once]bool{}
		for _, c := range want {
			kinds[c.Kind]++
			people[c.Number] = true
			if seen[once{c.Row, c.Cause}] {
				t.Errorf("row %d is changed twice by %s", c.Row, c.Cause)
			}
			seen[once{c.Row, c.Cause}] = true
			row, err := b.Store.Row(t.Context(), first.ID, c.Row)
			if err != nil || row.Person != c.Number {
				t.Errorf("change %d is of %v, row %d of %v, %v", c.Seq, c.Number, c.Row, row.Person, err)
			}
			for _, f := range c.Fields {
				if f.What != cleaning.Name && f.What != cleaning.Birth && f.What != cleaning.Number || f.From == f.To {
					t.Errorf("the file has no column for %+v", f)
				}
			}
		}
		for _, k := range []cleaning.ChangeKind{cleaning.Died, cleaning.Lives, cleaning.Renamed, cleaning.Mended, cleaning.Withdrawn, cleaning.Restored} {
			if kinds[k] == 0 {
				t.Errorf("nothing was %s of %v", k, kinds)
			}
		}
		if kinds[cleaning.Moved] > 0 || len(people) != len(b.told) {
			t.Errorf("%v; %d people changed, %d in the log", kinds, len(people), len(b.told))
		}

		history := b.events
		b.events = nil
		second := b.released(t, content+"\n")
		fell := errors.New("fell")
		for n := 0; ; n++ {
			b.piece = 1 + n%5
			calls := 0
			b.fail = func() error {
				if calls++; calls == 1+n%3 && n%2 == 0 {
					return fell
				}
				return nil
			}
			b.events = history[:min(len(history), 20*(n+1))]
			err := b.Alive(t.Context(), false)
			if err != nil && !errors.Is(err, fell) {
				t.Fatal(err)
			}
			if err == nil && len(b.events) == len(history) {
				break
			}
		}
		if diff := cmp.Diff(want, b.changes(t, second.ID), cmp.Comparer(func(a, b citizen.Number) bool { return a == b })); diff != "" {
			t.Error(diff)
		}
		if got := b.changes(t, first.ID); len(got) != len(want) {
			t.Errorf("the first file has %d changes, had %d", len(got), len(want))
		}
		for _, table := range []string{"outcome", "person"} {
			n, err := sqldb.One[int](t.Context(), b.db, `SELECT COUNT(*) FROM cleaning_row a JOIN cleaning_row b ON a.at = b.at
				WHERE a.batch = $1 AND b.batch = $2 AND a.`+table+` <> b.`+table, first.ID, second.ID)
			if err != nil || n != 0 {
				t.Errorf("%s of %d rows differs, %v", table, n, err)
			}
		}
	})
}

// TestAliveBetween holds that nothing is lost of what happens between the moment of the link and
// the release, and that what was before it is no change.
func TestAliveBetween(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		n := citizen.MustNumber(strings.Split(strings.Split(everybody, "\n")[1], ",")[0])
		who := everyone()[n]
		renamed := func(to string) cleaning.Became {
			e := cleaning.Became{On: citizen.MustDay("2026-11-25"), Before: who, After: who, Had: true, Has: true}
			e.After.Name = to
			who = e.After
			return e
		}
		b.happens(n, renamed("Trước Khi Nối"))
		batch := b.handIn(t, file(50))
		if err := b.Run(ctx, batch.ID, nothing); err != nil {
			t.Fatal(err)
		}
		b.happens(n, renamed("Trong Khi Xem"))
		if err := b.Alive(ctx, true); err != nil {
			t.Fatal(err)
		}
		if list, err := b.Changes(ctx, an, batch.ID, 0, 10); err != nil || len(list) != 0 {
			t.Errorf("before it is released: %+v, %v", list, err)
		}
		at := slices.IndexFunc(rowsOf(t, b, batch.ID), func(r cleaning.Row) bool { return r.Person == n }) + 1
		v, err := b.Row(ctx, an, batch.ID, at, 0)
		if err != nil || len(v.Since) != 1 || v.Since[0].Fields[0].To != "Trong Khi Xem" {
			t.Errorf("an officer sees %+v, %v", v.Since, err)
		}
		b.release(t, batch.ID)
		b.happens(n, renamed("Sau Khi Trả"))
		for range 2 {
			if err := b.Alive(ctx, true); err != nil {
				t.Fatal(err)
			}
		}
		list := b.changes(t, batch.ID)
		last := cleaning.Told{What: cleaning.Name, From: "Trong Khi Xem", To: "Sau Khi Trả"}
		if len(list) != 2 || list[0].Fields[0].From != "Trước Khi Nối" || list[1].Fields[0] != last {
			t.Errorf("%+v", list)
		}
		if b.told[n] != 2 && b.told[n] != 1 {
			t.Errorf("%d lines in the log", b.told[n])
		}
		s, err := b.Batch(ctx, an, batch.ID)
		if err != nil || s.Changes != 2 {
			t.Errorf("%d changes, %v", s.Changes, err)
		}
		if err := b.EndNow(ctx, an, batch.ID); err != nil {
			t.Fatal(err)
		}
		s, err = b.Batch(ctx, an, batch.ID)
		if err != nil || s.Batch.Proof.Changes != 2 || !s.Batch.Weights.IsZero() || len(s.Batch.Proof.Files) < 4 {
			t.Errorf("%+v, %v", s.Batch.Proof, err)
		}
		b.happens(n, renamed("Khi Đã Xóa"))
		if err := b.Alive(ctx, true); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Changes(ctx, an, batch.ID, 0, 10); err != nil {
			t.Error(err)
		}
		if n, err := sqldb.One[int](ctx, b.db, `SELECT COUNT(*) FROM cleaning_change`); err != nil || n != 0 {
			t.Errorf("%d changes are left, %v", n, err)
		}
	})
}

func rowsOf(t *testing.T, b *bench, id string) []cleaning.Row {
	t.Helper()
	list, err := b.Store.Rows(t.Context(), id, cleaning.Which{}, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// newcomer is a line of the register's file.
func newcomer(number, name, birth string) string {
	return number + ",," + name + "," + birth + ",1,01/001/00001,01/001/00001,01/001/00001,,01/001/00001\n"
}

// TestTriedAgain holds that a row which had nobody finds who came since by the rule by which the
// file was linked, that people get it when two may be meant, once, and that a fall between
// changes nothing of it.
func TestTriedAgain(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		one, other := citizen.NumberOf(1, 1987, citizen.Male, 777777), citizen.NumberOf(2, 1987, citizen.Male, 777778)
		content := file(300) + "401,Đoàn Khắc Trường Giang,17/09/1987," + one.Reveal() + "\n" +
			"402,Uông Đại Nghĩa,03/02/1991,\n" + "403,Không Ai Giống Cả,01/02/1903,\n"
		batch := b.released(t, content)
		rows := rowsOf(t, b, batch.ID)
		at := len(rows) - 2 // of the first who is nobody yet
		for _, r := range rows[at-1:] {
			if r.Outcome != cleaning.NotFound || !r.Person.IsZero() {
				t.Fatalf("row %d is %s already", r.At, r.Outcome)
			}
		}
		if err := b.Alive(ctx, true); err != nil {
			t.Fatal(err)
		}
		come := func(lines ...string) {
			b.fresh = strings.Join(lines, "")
			b.people += b.fresh
			for _, l := range lines {
				n := citizen.MustNumber(l[:12])
				b.happens(n, cleaning.Became{After: cleaning.Person{Number: n}, Has: true})
			}
		}
		alive := func() {
			t.Helper()
			fell := errors.New("fell")
			b.fail = func() error { return fell }
			if err := b.Alive(ctx, true); err != nil && !errors.Is(err, fell) {
				t.Fatal(err)
			}
			b.fail = nil
			for range 2 {
				if err := b.Alive(ctx, true); err != nil {
					t.Fatal(err)
				}
			}
		}
		come(newcomer(one.Reveal(), "Đoàn Khắc Trường Giang", "1987-09-17"))
		alive()
		r, err := b.Store.Row(ctx, batch.ID, at)
		if err != nil || r.Person != one || r.Outcome != cleaning.Verified {
			t.Fatalf("%s %v, %v", r.Outcome, r.Person, err)
		}
		list := b.changes(t, batch.ID)
		if len(list) != 1 || list[0].Kind != cleaning.FoundNow || list[0].Number != one || list[0].Fields[0].To != one.Reveal() || b.told[one] != 1 {
			t.Fatalf("%+v; %d lines in the log", list, b.told[one])
		}

		// Two of one name and day: nobody but a person can say which.
		left, of, err := b.left(ctx, batch.ID)
		if err != nil {
			t.Fatal(err)
		}
		twins := []citizen.Number{citizen.NumberOf(1, 1991, citizen.Male, 5001), citizen.NumberOf(1, 1991, citizen.Male, 5002)}
		come(newcomer(twins[0].Reveal(), "Uông Đại Nghĩa", "1991-02-03"), newcomer(twins[1].Reveal(), "Uông Đại Nghĩa", "1991-02-03"))
		alive()
		r, err = b.Store.Row(ctx, batch.ID, at+1)
		if err != nil || !r.Person.IsZero() || r.Outcome != cleaning.Several || len(r.Candidates) != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		if l, o, err := b.left(ctx, batch.ID); err != nil || l != left+1 || o != of+1 {
			t.Errorf("%d of %d wait, were %d of %d, %v", l, o, left, of, err)
		}
		if got := b.changes(t, batch.ID); len(got) != 1 {
			t.Errorf("%+v", got)
		}
		// What is given out after the release needs two who say the same.
		decide := func(who actor.Actor) {
			t.Helper()
			for { // to the row, which is behind all others
				v, err := b.Next(ctx, who, batch.ID, "")
				if err != nil {
					t.Fatal(err)
				}
				if v.Row.At == at+1 {
					if _, err := b.Decide(ctx, who, batch.ID, v.Row.At, v.Candidate, cleaning.Same); err != nil {
						t.Fatal(err)
					}
					return
				}
				if err := b.Leave(ctx, who, batch.ID, v.Row.At); err != nil {
					t.Fatal(err)
				}
			}
		}
		decide(an)
		if list, err := b.Changes(ctx, an, batch.ID, 0, 10); err != nil || len(list) != 1 {
			t.Errorf("by one officer: %+v, %v", list, err)
		}
		if v, err := b.Next(ctx, an, batch.ID, ""); err != nil || v.Row.At == at+1 {
			t.Errorf("the same officer is given row %d, %v", v.Row.At, err)
		}
		decide(binh)
		list = b.changes(t, batch.ID)
		if len(list) != 2 || list[1].Kind != cleaning.FoundNow || !slices.Contains(twins, list[1].Number) || list[1].Row != at+1 {
			t.Errorf("%+v", list)
		}

		// Whose registration is annulled leaves the row to who else fits.
		gone := everyone()[one]
		b.people = strings.ReplaceAll(b.people, newcomer(one.Reveal(), "Đoàn Khắc Trường Giang", "1987-09-17"), "")
		b.happens(one, cleaning.Became{Before: gone, Had: true, Mends: true})
		come(newcomer(other.Reveal(), "Đoàn Khắc Trường Giang", "1987-09-17"))
		alive()
		list = b.changes(t, batch.ID)
		if len(list) < 3 || list[2].Kind != cleaning.Withdrawn || list[2].Fields[0] != (cleaning.Told{What: cleaning.Number, From: one.Reveal()}) {
			t.Fatalf("%+v", list)
		}
		r, err = b.Store.Row(ctx, batch.ID, at)
		if err != nil || r.Outcome == cleaning.Verified {
			t.Errorf("%+v, %v", r, err)
		}
		last, err := b.Store.Row(ctx, batch.ID, at+2)
		if err != nil || last.Outcome != cleaning.NotFound {
			t.Errorf("%+v, %v", last, err)
		}
	})
}

// TestChangesOfOthers holds that an agency reads the changes of its own files alone, and does
// not learn that there are others; and that an account is none by the agency it has.
func TestChangesOfOthers(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		batch := b.released(t, file(400))
		b.randomPast(3, 200)
		if err := b.Alive(ctx, false); err != nil {
			t.Fatal(err)
		}
		system := func(agency string) actor.Actor {
			return actor.Actor{Account: "gateway:" + agency, Agency: agency, Roles: []string{cleaning.RightHolder}, Via: actor.Exchange}
		}
		for name, c := range map[string]struct {
			who  actor.Actor
			id   string
			want fault.Kind
		}{
			"its own":                       {system("G24"), batch.ID, ""},
			"another's":                     {system("H55"), batch.ID, fault.NotFound},
			"none":                          {system("G24"), "none", fault.NotFound},
			"without an agency":             {system(""), batch.ID, fault.NotFound},
			"a clerk":                       {an, batch.ID, ""},
			"a clerk, none":                 {an, "none", fault.NotFound},
			"an auditor":                    {actor.Actor{Account: "kt", Agency: "G24", Roles: []string{cleaning.Auditor}}, batch.ID, fault.Denied},
			"an account of the agency":      {actor.Actor{Account: "x", Agency: "G24"}, batch.ID, fault.Denied},
			"an account with the role":      {actor.Actor{Account: "x", Agency: "G24", Roles: []string{cleaning.RightHolder}}, batch.ID, fault.Denied},
			"through the exchange, no role": {actor.Actor{Account: "x", Agency: "G24", Via: actor.Exchange}, batch.ID, fault.Denied},
			"nobody":                        {actor.Actor{}, batch.ID, fault.Unsigned},
		} {
			list, err := b.Changes(ctx, c.who, c.id, 0, 5)
			is := func(err error) bool { return err == nil && c.want == "" || err != nil && fault.Of(err) == c.want }
			if !is(err) || (c.want == "" && len(list) != 5) || (c.want != "" && list != nil) {
				t.Errorf("%s: %d changes, %v", name, len(list), err)
			}
			if _, err := b.LatestChanges(ctx, c.who, c.id, 0, 5); !is(err) {
				t.Errorf("%s, the latest: %v", name, err)
			}
			if _, _, r, err := b.FetchChanges(ctx, c.who, c.id, 3); !is(err) {
				t.Errorf("%s, as a file: %v", name, err)
			} else if err == nil {
				_ = r.Close()
			}
		}

		// The file says the same however often it is made, and whatever comes behind it.
		var texts []string
		for range 2 {
			_, paper, r, err := b.FetchChanges(ctx, an, batch.ID, 3)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(r)
			if err != nil || int64(len(raw)) != paper.File.Size || paper.Signature.Text != paper.File.SHA256 {
				t.Fatal(paper, err)
			}
			texts = append(texts, string(raw))
			b.events = nil
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(texts[0], "\ufeff"))).ReadAll()
		if err != nil || texts[0] != texts[1] || lines[len(lines)-1][0] != "3" {
			t.Errorf("%v, %v", lines, err)
		}
		for _, upto := range []int64{0, -1, 1 << 40} {
			if _, _, _, err := b.FetchChanges(ctx, an, batch.ID, upto); fault.Of(err) != fault.NotFound {
				t.Errorf("up to %d: %v", upto, err)
			}
		}
		newest, err := b.LatestChanges(ctx, an, batch.ID, 3, 10)
		if err != nil || len(newest) != 2 || newest[0].Seq != 2 {
			t.Errorf("%+v, %v", newest, err)
		}
	})
}

// left is how many rows wait for people, and how many there were.
func (b *bench) left(ctx context.Context, batch string) (left, of int, err error) {
	list, err := b.Store.Left(ctx, batch)
	left, of = cleaning.LeftOf(list, "")
	return left, of, err
}
