package cleaningsql_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningsql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

var (
	an   = actor.Actor{Account: "an", Agency: "G01", Roles: []string{cleaning.Registrar}}
	binh = actor.Actor{Account: "binh", Agency: "G01", Roles: []string{cleaning.Registrar}}
)

// bench is a desk on an empty database with a register of few people.
type bench struct {
	*cleaning.Desk
	db     *sqldb.DB
	clock  *clocktest.Clock
	logged map[citizen.Number]int // how often the register's log has somebody
	fail   func() error           // of the log, to be a fall
	people string
	blobs  *blob.Dir
	dir    string
	claims []string
	past
}

const peopleHead = "number,old_numbers,name,birth,sex,birthplace,origin,permanent,temporary,present\n"

func (b *bench) People(_ context.Context, w io.Writer) (cleaning.Moment, error) {
	_, err := io.WriteString(w, peopleHead+b.people)
	return cleaning.Moment{At: b.clock.Now(), Mark: b.mark()}, err
}

func (b *bench) Look(_ context.Context, _ actor.Actor, _ cleaning.Batch, n citizen.Number) (cleaning.Person, error) {
	return cleaning.Person{Number: n, Name: "Ai Đó"}, nil
}

func (b *bench) Commune(code string) string { return "Xã " + code }

func (b *bench) Claim(_ context.Context, _ actor.Actor, _ cleaning.Batch, row int, n citizen.Number, what, says, words string) error {
	b.claims = append(b.claims, fmt.Sprintln(row, n.Reveal(), what, says, words))
	return nil
}

func (b *bench) AskRelease(context.Context, actor.Actor, cleaning.Batch, string, int) (string, error) {
	return "request", nil
}

func (b *bench) Keep(ctx context.Context, r io.Reader) (cleaning.File, error) {
	ref, err := b.blobs.Put(ctx, r, 1<<30)
	return cleaning.File(ref), err
}

func (b *bench) Open(ctx context.Context, f cleaning.File) (io.ReadCloser, error) {
	return b.blobs.Open(ctx, blob.Ref(f))
}

func (b *bench) Drop(ctx context.Context, f cleaning.File) error {
	return b.blobs.Delete(ctx, blob.Ref(f))
}

func (b *bench) Scratch(_ context.Context, fill func(io.Writer) error) (*os.File, error) {
	f, err := os.Create(filepath.Join(b.dir, sqldb.NewID()))
	if err == nil {
		err = fill(f)
	}
	return f, err
}

func run(t *testing.T, f func(t *testing.T, b *bench)) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, cleaningsql.Migrate} {
			if err := migrate(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		dir := t.TempDir()
		blobs, err := blob.NewDir(filepath.Join(dir, "files"))
		if err != nil {
			t.Fatal(err)
		}
		words, err := i18n.Load(cleaning.Messages, citizen.Messages)
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{db: db, clock: &clocktest.Clock{}, logged: map[citizen.Number]int{}, blobs: blobs, dir: dir, people: everybody}
		b.clock.Set("2026-11-30 09:00")
		var mu sync.Mutex
		logs := func(count map[citizen.Number]int) cleaningsql.Logged {
			return func(ctx context.Context, _ cleaning.Batch, do func(*sqldb.Tx) ([]citizen.Number, error)) error {
				var people []citizen.Number
				err := db.InTx(ctx, func(tx *sqldb.Tx) (err error) {
					if people, err = do(tx); err == nil && b.fail != nil {
						err = b.fail()
					}
					return err
				})
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					for _, n := range people {
						count[n]++
					}
				}
				return err
			}
		}
		b.told = map[citizen.Number]int{}
		store := cleaningsql.New(db, logs(b.logged), logs(b.told))
		b.Desk = &cleaning.Desk{
			Store: store, Files: b, Register: b, Second: b, Clock: b.clock, NewID: sqldb.NewID, Texts: [2]*i18n.Printer{words.In(i18n.Vi), words.In(i18n.En)},
			World: func() (*cleaning.World, error) {
				g, err := places()
				return cleaning.NewWorld(g, clock.MustDate("2026-11-30")), err
			},
			Disk: func(int64) *cleaning.Disk { return cleaning.NewDisk(b.dir) },
			Sign: func(_ context.Context, f cleaning.File) (cleaning.Signature, error) {
				return cleaning.Signature{Text: f.SHA256}, nil
			},
		}
		f(t, b)
	})
}

var places = sync.OnceValues(func() (*cleaning.Gazetteer, error) {
	return cleaning.ReadGazetteer(data.FS, clock.MustDate("2026-11-30"))
})

// everybody is three thousand people of few names, some of them twins in name and birth.
var everybody = func() string {
	var b strings.Builder
	for i := range 3000 {
		name := []string{"Nguyễn Văn Hùng", "Trần Thị Lan", "Lê Văn Nam", "Phạm Thị Hoa", "Võ Minh Đức"}[i%5] + " " + string(rune('A'+i%23))
		n := citizen.NumberOf(1+i%60, 1960+i%50, citizen.Sex(1+i%2), 100+i)
		fmt.Fprintf(&b, "%s,,%s,%d-%02d-%02d,%d,01/001/00001,01/001/00001,01/001/00001,,01/001/00001\n", n.Reveal(), name, 1960+i%50, 1+i%12, 1+i%4, 1+i%2)
	}
	return b.String()
}()

// file takes people of the register, with their number and without.
func file(rows int) string {
	out := "STT,Họ và tên,Ngày sinh,Số CCCD\n"
	for i, line := range strings.Split(strings.TrimSpace(everybody), "\n")[:rows] {
		c := strings.Split(line, ",")
		number := c[0]
		if i%4 == 0 {
			number = ""
		}
		out += fmt.Sprintf("%d,%s,%s,%s\n", i+1, c[2], c[3], number)
		if i%10 == 0 { // twice, as doses are
			out += fmt.Sprintf("%d,%s,%s,%s\n", i+1, c[2], c[3], number)
		}
	}
	return out
}

func (b *bench) handIn(t *testing.T, content string) cleaning.Batch {
	t.Helper()
	batch, err := b.HandIn(t.Context(), an, draft, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Map(t.Context(), an, batch.ID, batch.Layout.Kinds, false); err != nil {
		t.Fatal(err)
	}
	return batch
}

var draft = cleaning.Draft{
	Name: "a.csv", Agency: "G24", Basis: "Công văn 1/BHXH", Purpose: "Bổ sung số định danh", Until: clock.MustDate("2026-12-31"),
}

func nothing(int, int) {}

// TestKilled holds that a run which falls again and again loses no row, writes none twice
// and logs everybody once.
func TestKilled(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		batch := b.handIn(t, file(2500))
		fell := errors.New("fell")
		for n := 0; ; n++ {
			calls := 0
			b.fail = func() error {
				if calls++; calls == 2 && n < 3 { // after the first piece of rows
					return fell
				}
				return nil
			}
			if n == 1 {
				b.people = "" // the register changes: what was linked is of its moment
			}
			err := b.Run(t.Context(), batch.ID, nothing)
			if err == nil {
				break
			}
			if n > 5 || !errors.Is(err, fell) {
				t.Fatal(err)
			}
		}
		s, err := b.Batch(t.Context(), an, batch.ID)
		if err != nil || s.Batch.State != cleaning.Reviewed || s.Rows != 2750 || s.Batch.Report.Rows != 2750 {
			t.Fatalf("%+v, %v", s, err)
		}
		total := 0
		for _, n := range s.Outcomes {
			total += n
		}
		if total != 2750 || s.Outcomes[cleaning.Verified] == 0 {
			t.Errorf("%v", s.Outcomes)
		}
		for n, times := range b.logged {
			if times != 1 {
				t.Errorf("%s is in the log %d times", n.Reveal(), times)
			}
		}
		if len(b.logged) < 1800 {
			t.Errorf("%d people in the log", len(b.logged))
		}
	})
}

// TestTwice holds that a file is noticed that is there already, whoever hands it in, also at
// the same time, and that it may come again when it was deleted.
func TestTwice(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		var wg sync.WaitGroup
		var errs [4]error
		for i := range errs {
			wg.Go(func() { _, errs[i] = b.HandIn(t.Context(), an, draft, strings.NewReader(file(5))) })
		}
		wg.Wait()
		fine := 0
		for _, err := range errs {
			if err == nil {
				fine++
			} else if fault.Of(err) != fault.Conflict {
				t.Error(err)
			}
		}
		list, err := b.Batches(t.Context(), an, "", 10)
		if err != nil || fine != 1 || len(list) != 1 {
			t.Fatalf("%d taken, %d there, %v", fine, len(list), err)
		}
		if _, err := b.Open(t.Context(), list[0].File); err != nil {
			t.Errorf("the file went with the ones that were refused: %v", err)
		}
		// What another batch gave out is handed in: when that one ends, the file stays.
		other := b.handIn(t, "Họ và tên,Số CCCD\nAi Đó,001090000001\n")
		_, err = b.Store.Update(t.Context(), other.ID, "", an, func(x *cleaning.Batch) error {
			x.State, x.Papers = cleaning.Released, []cleaning.Paper{{Format: "csv", File: list[0].File}}
			return nil
		})
		if err == nil {
			err = b.EndNow(t.Context(), an, other.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Open(t.Context(), list[0].File); err != nil {
			t.Errorf("the file went with another batch: %v", err)
		}
		if err := b.EndNow(t.Context(), binh, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Open(t.Context(), list[0].File); !errors.Is(err, blob.ErrMissing) {
			t.Errorf("the file of a deleted batch: %v", err)
		}
		if _, err := b.HandIn(t.Context(), an, draft, strings.NewReader(file(5))); err != nil {
			t.Error(err)
		}
	})
}

// TestLease holds that no two officers get one row, that a lease ends, and that nobody decides
// on what is not theirs.
func TestLease(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		batch := b.handIn(t, file(400))
		if err := b.Run(ctx, batch.ID, nothing); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		given := map[int]string{}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				a := actor.Actor{Account: fmt.Sprint("nguoi", i), Roles: []string{cleaning.Registrar}}
				v, err := b.Next(ctx, a, batch.ID, "")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if given[v.Row.At] != "" {
					t.Errorf("row %d is %s's and %s's", v.Row.At, given[v.Row.At], a.Account)
				}
				given[v.Row.At] = a.Account
			})
		}
		wg.Wait()
		first, err := b.Next(ctx, an, batch.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.Next(ctx, an, batch.ID, ""); err != nil || again.Row.At != first.Row.At {
			t.Errorf("an officer who comes again gets row %d, %v", again.Row.At, err)
		}
		if _, err := b.Decide(ctx, binh, batch.ID, first.Row.At, 0, cleaning.Same); fault.Of(err) != fault.Conflict {
			t.Errorf("another decides: %v", err)
		}
		if _, err := b.Decide(ctx, an, batch.ID, first.Row.At, 3, cleaning.Same); fault.Of(err) != fault.Conflict {
			t.Errorf("another candidate than the one that was shown: %v", err)
		}
		if _, err := b.Decide(ctx, an, batch.ID, first.Row.At, 0, "verified"); fault.Of(err) != fault.Invalid {
			t.Errorf("a word that is none: %v", err)
		}
		b.clock.Pass(time.Hour)
		if _, err := b.Decide(ctx, an, batch.ID, first.Row.At, 0, cleaning.Same); fault.Of(err) != fault.Conflict {
			t.Errorf("after the lease: %v", err)
		}
		before, err := b.Batch(ctx, an, batch.ID)
		if err != nil {
			t.Fatal(err)
		}
		for n := range before.Left * 6 { // candidates, and those who are not sure
			v, err := b.Next(ctx, an, batch.ID, "")
			if fault.Of(err) == fault.NotFound {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			says := []cleaning.Decided{cleaning.Same, cleaning.Other, cleaning.Unsure}[n%3]
			if _, err := b.Decide(ctx, an, batch.ID, v.Row.At, v.Candidate, says); err != nil {
				t.Fatal(err)
			}
		}
		after, err := b.Batch(ctx, an, batch.ID)
		if err != nil || after.Left == 0 || after.Left == before.Left || after.Measured.Labels == 0 {
			t.Errorf("left %d of %d, %+v, %v", after.Left, before.Left, after.Measured, err)
		}
		v, err := b.Next(ctx, binh, batch.ID, "") // what one was not sure of
		if err != nil {
			t.Fatal(err)
		}
		if row, err := b.Decide(ctx, binh, batch.ID, v.Row.At, 0, cleaning.Unsure); err != nil || row.Decided != cleaning.Unsure {
			t.Errorf("two who are not sure: %+v, %v", row, err)
		}
		for n, times := range b.logged {
			if times != 1 {
				t.Errorf("%s is in the log %d times", n.Reveal(), times)
			}
		}
	})
}

// TestAway holds what leaves and what is left at the end of the term.
func TestAway(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		batch := b.handIn(t, file(50)+"3,=cmd|' /C calc'!A0,1990,\n")
		if err := b.Desk.AskRelease(ctx, an, batch.ID, "trả kết quả cho cơ quan"); fault.Of(err) != fault.Conflict {
			t.Errorf("before it was linked: %v", err)
		}
		if err := b.Run(ctx, batch.ID, nothing); err != nil {
			t.Fatal(err)
		}
		if err := b.Desk.AskRelease(ctx, an, batch.ID, "ngắn"); fault.Of(err) != fault.Invalid {
			t.Error(err)
		}
		if err := b.Desk.AskRelease(ctx, an, batch.ID, "trả kết quả cho cơ quan"); err != nil {
			t.Fatal(err)
		}
		if err := b.Publish(ctx, batch.ID); err != nil { // nobody approved
			t.Fatal(err)
		}
		if _, _, _, err := b.Fetch(ctx, an, batch.ID, "csv"); fault.Of(err) != fault.NotFound {
			t.Errorf("before a second person: %v", err)
		}
		if _, err := b.Store.Update(ctx, batch.ID, "", an, func(x *cleaning.Batch) error { x.State = cleaning.Approved; return nil }); err != nil {
			t.Fatal(err)
		}
		for range 2 { // also after a fall
			if err := b.Publish(ctx, batch.ID); err != nil {
				t.Fatal(err)
			}
		}
		_, paper, r, err := b.Fetch(ctx, an, batch.ID, "csv")
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil || paper.Signature.Text != paper.File.SHA256 {
			t.Fatal(paper, err)
		}
		lines := strings.Split(strings.TrimSpace(string(raw)), "\r\n")
		if len(lines) != 1+50+5+1 || !strings.HasPrefix(lines[0], "\ufeffSTT,Họ và tên,Ngày sinh,Số CCCD,") || !strings.Contains(lines[len(lines)-1], ",'=cmd") {
			t.Errorf("%d lines: %s … %s", len(lines), lines[0], lines[len(lines)-1])
		}
		b.clock.Pass(31 * 24 * time.Hour)
		if err := b.End(ctx); err != nil {
			t.Fatal(err)
		}
		s, err := b.Batch(ctx, an, batch.ID)
		if err != nil || s.Batch.State != cleaning.Released { // its last day
			t.Fatal(s.Batch.State, err)
		}
		b.clock.Pass(24 * time.Hour)
		if err := b.End(ctx); err != nil {
			t.Fatal(err)
		}
		s, err = b.Batch(ctx, an, batch.ID)
		if err != nil || s.Batch.State != cleaning.Deleted || s.Batch.Proof == nil || s.Batch.Proof.Rows != 56 {
			t.Fatalf("%+v, %v", s.Batch, err)
		}
		for _, f := range s.Batch.Proof.Files {
			if _, err := b.Open(ctx, f); !errors.Is(err, blob.ErrMissing) {
				t.Errorf("%s is still there: %v", f.SHA256, err)
			}
		}
		for _, table := range []string{"cleaning_row", "cleaning_label", "cleaning_person", "cleaning_change", "cleaning_follow"} {
			if n, err := sqldb.One[int](ctx, b.db, "SELECT COUNT(*) FROM "+table); err != nil || n != 0 {
				t.Errorf("%s has %d rows, %v", table, n, err)
			}
		}
		acts, err := audit.Find(ctx, b.db, audit.Filter{Action: "cleaning."})
		var done []string
		for _, e := range acts {
			done = append(done, e.Action)
		}
		slices.Reverse(done)
		if want := []string{"cleaning.hand_in", "cleaning.run", "cleaning.fetch", "cleaning.delete"}; err != nil || !slices.Equal(done, want) {
			t.Errorf("the audit log has %v, %v", done, err)
		}
	})
}

// TestClaim holds that what a file says against the register becomes a claim with its evidence.
func TestClaim(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		batch := b.handIn(t, file(5)+"9,Không Có Ai,1901-02-03,\n")
		if err := b.Run(ctx, batch.ID, nothing); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			row         int
			what, words string
			want        fault.Kind
		}{
			{3, "number", "giấy khai sinh ghi như thế", fault.Invalid},
			{3, "sex", "giấy khai sinh ghi như thế", fault.Invalid},
			{3, "name", "sai", fault.Invalid},
			{7, "name", "giấy khai sinh ghi như thế", fault.Conflict},
			{99, "name", "", fault.NotFound},
		} {
			if err := b.Desk.Claim(ctx, an, batch.ID, c.row, c.what, c.words); fault.Of(err) != c.want {
				t.Errorf("%+v: %v", c, err)
			}
		}
		if err := b.Desk.Claim(ctx, an, batch.ID, 3, "name", "giấy khai sinh ghi như thế"); err != nil {
			t.Fatal(err)
		}
		if len(b.claims) != 1 || !strings.Contains(b.claims[0], "a.csv") || !strings.Contains(b.claims[0], "giấy khai sinh") {
			t.Errorf("%q", b.claims)
		}
	})
}

// TestRefused holds that what is no table is refused in words, and that nothing is kept of it;
// and that nobody but a clerk gets anywhere.
func TestRefused(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		for _, bad := range []string{"", "\n\n", "PK\x03\x04 no workbook", "\x00\x01\n"} {
			if _, err := b.HandIn(ctx, an, draft, strings.NewReader(bad)); fault.Of(err) != fault.Invalid || fault.As(err).Field != "file" {
				t.Errorf("%q: %v", bad, err)
			}
		}
		var kept int
		err := filepath.WalkDir(filepath.Join(b.dir, "files"), func(_ string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				kept++
			}
			return err
		})
		if err != nil || kept != 0 {
			t.Errorf("%d files kept, %v", kept, err)
		}
		batch := b.handIn(t, "Cột lạ,Họ và tên\nx,Nguyễn Văn Hùng A\n")
		auditor := actor.Actor{Account: "kt", Roles: []string{cleaning.Auditor}}
		for name, do := range map[string]func(a actor.Actor) error{
			"hand in": func(a actor.Actor) error { _, err := b.HandIn(ctx, a, draft, strings.NewReader(file(3))); return err },
			"map":     func(a actor.Actor) error { return b.Map(ctx, a, batch.ID, batch.Layout.Kinds, false) },
			"rows":    func(a actor.Actor) error { _, err := b.Rows(ctx, a, batch.ID, cleaning.Which{}, 0, 1); return err },
			"row":     func(a actor.Actor) error { _, err := b.Row(ctx, a, batch.ID, 1, 0); return err },
			"next":    func(a actor.Actor) error { _, err := b.Next(ctx, a, batch.ID, ""); return err },
			"decide":  func(a actor.Actor) error { _, err := b.Decide(ctx, a, batch.ID, 1, 0, cleaning.Same); return err },
			"release": func(a actor.Actor) error {
				return b.Desk.AskRelease(ctx, a, batch.ID, "trả kết quả cho cơ quan")
			},
			"fetch": func(a actor.Actor) error { _, _, _, err := b.Fetch(ctx, a, batch.ID, "csv"); return err },
			"end":   func(a actor.Actor) error { return b.EndNow(ctx, a, batch.ID) },
			"claim": func(a actor.Actor) error {
				return b.Desk.Claim(ctx, a, batch.ID, 1, "name", "giấy khai sinh ghi như thế")
			},
			"leave":  func(a actor.Actor) error { return b.Leave(ctx, a, batch.ID, 1) },
			"reopen": func(a actor.Actor) error { return b.Reopen(ctx, a, batch.ID) },
		} {
			if err := do(auditor); fault.Of(err) != fault.Denied {
				t.Errorf("%s as auditor: %v", name, err)
			}
			if err := do(actor.Actor{}); fault.Of(err) != fault.Unsigned {
				t.Errorf("%s as nobody: %v", name, err)
			}
		}
		if s, err := b.Batch(ctx, auditor, batch.ID); err != nil || s.Batch.Examples != nil {
			t.Errorf("an auditor sees %v, %v", s.Batch.Examples, err)
		}
	})
}

// TestARunIsLoggedOnce holds that a run of the command line which falls while it logs whom it
// matched, and goes on, has everybody in the log once, and that it is known then.
func TestARunIsLoggedOnce(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx, store := t.Context(), b.Store.(*cleaningsql.Store)
		var people []citizen.Number
		for i := range 4500 {
			people = append(people, citizen.NumberOf(1, 1990, citizen.Male, i))
		}
		r := cleaningsql.Run{ID: sqldb.NewID(), SHA256: "ab", Purpose: "bổ sung số định danh", At: b.clock.Now()}
		if _, ok, err := store.RunOf(ctx, "ab"); ok || err != nil {
			t.Errorf("a run that was not: %v, %v", ok, err)
		}
		falls := 2
		b.fail = func() error {
			if falls--; falls == 0 {
				return errors.New("a fall")
			}
			return nil
		}
		if err := store.LogRun(ctx, r, actor.AtCommandLine(), people); err == nil {
			t.Error("no fall")
		}
		b.fail = nil
		if err := store.LogRun(ctx, r, actor.AtCommandLine(), people); err != nil {
			t.Fatal(err)
		}
		if len(b.logged) != len(people) {
			t.Errorf("%d people in the log, want %d", len(b.logged), len(people))
		}
		for n, times := range b.logged {
			if times != 1 {
				t.Fatalf("%s is there %d times", n.Reveal(), times)
			}
		}
		was, ok, err := store.RunOf(ctx, "ab")
		left, _ := sqldb.One[int](ctx, b.db, `SELECT COUNT(*) FROM cleaning_person`)
		if err != nil || !ok || was.People != 4500 || was.Purpose != r.Purpose || left != 0 {
			t.Errorf("%v %v %+v; %d people are kept", err, ok, was, left)
		}
	})
}

// TestAFileThatCameInPieces holds that a file which is kept already is handed in like another,
// and that one which nobody hands in goes, unless it is a batch's.
func TestAFileThatCameInPieces(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		kept, err := b.Keep(ctx, strings.NewReader(file(20)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.HandInKept(ctx, actor.Actor{Account: "x"}, draft, kept); fault.Of(err) != fault.Denied {
			t.Errorf("of somebody without the role: %v", err)
		}
		if _, err := b.HandInKept(ctx, an, cleaning.Draft{Name: "a.csv"}, kept); fault.Of(err) != fault.Invalid {
			t.Errorf("without why: %v", err)
		}
		batch, err := b.HandInKept(ctx, an, draft, kept)
		if err != nil || batch.File != kept || len(batch.Layout.Headings) != 4 {
			t.Fatalf("%v %+v", err, batch)
		}
		if was, err := b.HandInKept(ctx, binh, draft, kept); fault.Of(err) != fault.Conflict || was.ID != batch.ID {
			t.Errorf("a second time: %v", err)
		}
		if err := b.Left(ctx, kept); err != nil {
			t.Error(err)
		}
		if r, err := b.Open(ctx, kept); err != nil {
			t.Errorf("the file of a batch is gone: %v", err)
		} else {
			_ = r.Close()
		}
		other, err := b.Keep(ctx, strings.NewReader("x"))
		if err == nil {
			err = b.Left(ctx, other)
		}
		if _, gone := b.Open(ctx, other); err != nil || gone == nil {
			t.Errorf("a file that nobody handed in is there: %v", err)
		}
	})
}
