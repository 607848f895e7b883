package handoversql_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/handover"
	"dean06/internal/cleaning/handover/handoversql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/clock/clocktest"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/upload/uploadsql"
)

var (
	an      = actor.Actor{Account: "an", Login: "an.yt", Agency: "H55", Roles: []string{handover.Officer}}
	other   = actor.Actor{Account: "binh", Login: "binh.gd", Agency: "H55.C05443", Roles: []string{handover.Officer}}
	auditor = actor.Actor{Account: "kt", Login: "kt", Agency: "H55", Roles: []string{handover.Auditor}}
)

// far is the register's node as a desk sees it. trip is asked before and after each call has
// done its work: what it fails with is told.
type far struct {
	files map[string]*remote
	trip  func() error
	took  int64 // of one piece, at most; 0: all
	lie   func(piece []byte) []byte
	sign  error
}

type remote struct {
	offer   cleaning.Offer
	content []byte
	state   cleaning.State
	paper   []byte
	changes int64
}

func (f *far) call(do func() error) error {
	if err := f.trip(); err != nil { // it never came there
		return err
	}
	err := do()
	if lost := f.trip(); lost != nil { // the answer was lost
		return lost
	}
	return err
}

func (f *far) told(id string) cleaning.Handed {
	r := f.files[id]
	h := cleaning.Handed{ID: id, File: r.offer.File, State: r.state, Received: int64(len(r.content)), Rows: 3, Open: 1}
	if r.state == cleaning.Refused {
		h.Why = "không phải tệp bảng"
	}
	if r.state == cleaning.Columns {
		h.Columns = []cleaning.HandedColumn{{Heading: "Họ tên", Kind: cleaning.Name, Examples: []string{"Ai Đó"}}}
	}
	if r.state == cleaning.Released {
		h.Changes = r.changes
		h.Papers = []cleaning.Paper{{Format: "csv", File: fileOf(r.paper)}}
	}
	return h
}

func fileOf(content []byte) cleaning.File {
	sum := sha256.Sum256(content)
	return cleaning.File{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(content))}
}

func (f *far) Begin(_ context.Context, _ handover.Asker, o cleaning.Offer) (h cleaning.Handed, twice string, err error) {
	err = f.call(func() error {
		id := "r-" + o.SHA256[:8]
		if r := f.files[id]; r != nil && r.state != cleaning.Coming && r.state != cleaning.Checking {
			twice = id
			return nil
		}
		if f.files[id] == nil {
			f.files[id] = &remote{offer: o, state: cleaning.Coming}
		}
		h = f.told(id)
		return nil
	})
	if err != nil {
		twice = ""
	}
	return h, twice, err
}

func (f *far) by(id string, do func(r *remote) error) (h cleaning.Handed, err error) {
	err = f.call(func() error {
		r := f.files[id]
		if r == nil {
			return fault.New(fault.NotFound, "x", nil)
		}
		if err := do(r); err != nil {
			return err
		}
		h = f.told(id)
		return nil
	})
	return h, err
}

func (f *far) File(_ context.Context, _ handover.Asker, id string) (cleaning.Handed, error) {
	return f.by(id, func(*remote) error { return nil })
}

func (f *far) Append(_ context.Context, _ handover.Asker, id string, offset int64, piece []byte) (cleaning.Handed, error) {
	return f.by(id, func(r *remote) error {
		if offset != int64(len(r.content)) {
			return fault.New(fault.Conflict, "x", nil)
		}
		if f.took > 0 { // the line was cut within the piece
			piece = piece[:min(int64(len(piece)), f.took)]
		}
		r.content = append(r.content, piece...)
		return nil
	})
}

func (f *far) Finish(_ context.Context, _ handover.Asker, id string) (cleaning.Handed, error) {
	return f.by(id, func(r *remote) error {
		if r.state == cleaning.Coming {
			r.state = cleaning.Checking
		}
		return nil
	})
}

func (f *far) Confirm(_ context.Context, _ handover.Asker, id string, _ []cleaning.Kind, _ bool) (cleaning.Handed, error) {
	return f.by(id, func(r *remote) error {
		r.state = cleaning.Waiting
		return nil
	})
}

func (f *far) End(_ context.Context, _ handover.Asker, id string) (cleaning.Handed, error) {
	return f.by(id, func(r *remote) error {
		r.state = cleaning.Deleted
		return nil
	})
}

func (f *far) Unsettled(context.Context, handover.Asker, string, int) (p cleaning.Page[cleaning.Unsettled], err error) {
	p.List = []cleaning.Unsettled{{Row: 2}, {Row: 5}}
	return p, f.call(func() error { return nil })
}

func (f *far) Ask(_ context.Context, _ handover.Asker, _ string, row int) (q cleaning.Question, err error) {
	if row == 2 {
		return q, fault.New(fault.Conflict, "x", nil) // somebody else has it
	}
	q.Row, q.Of = row, 1
	return q, nil
}

func (f *far) Settle(context.Context, handover.Asker, string, int, cleaning.Verdict) (cleaning.Decided, error) {
	return cleaning.Same, nil
}

func (f *far) Piece(_ context.Context, _ handover.Asker, id string, p cleaning.Paper, offset int64) (piece []byte, err error) {
	err = f.call(func() error {
		piece = bytes.Clone(f.files[id].paper[offset:min(offset+700, p.File.Size)])
		if f.lie != nil {
			piece = f.lie(piece)
		}
		return nil
	})
	return piece, err
}

func (f *far) Changes(_ context.Context, _ handover.Asker, id string, after int64) (p cleaning.Page[cleaning.Change], err error) {
	err = f.call(func() error {
		for seq := after + 1; seq <= min(after+3, f.files[id].changes); seq++ {
			p.List = append(p.List, cleaning.Change{Seq: seq, Row: int(seq), Kind: cleaning.Moved})
		}
		return nil
	})
	return p, err
}

// bench is a desk on an empty database.
type bench struct {
	*handover.Desk
	far   *far
	clock *clocktest.Clock
	db    *sqldb.DB
	dir   string
	blobs *blob.Dir
}

func (b *bench) Keep(ctx context.Context, r io.Reader) (cleaning.File, error) {
	ref, err := b.blobs.Put(ctx, r, 1<<30)
	return cleaning.File(ref), err
}

func (b *bench) Open(ctx context.Context, f cleaning.File) (io.ReadCloser, error) {
	return b.blobs.Open(ctx, blob.Ref(f))
}

func (b *bench) Part(ctx context.Context, f cleaning.File, offset int64) (io.ReadCloser, error) {
	return b.blobs.OpenAt(ctx, blob.Ref(f), offset)
}

func (b *bench) Drop(ctx context.Context, f cleaning.File) error {
	return b.blobs.Delete(ctx, blob.Ref(f))
}

// kept is how many files are in the folder.
func (b *bench) kept(t *testing.T) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(b.dir, "files"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func run(t *testing.T, f func(t *testing.T, b *bench)) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, uploadsql.Migrate, handoversql.Migrate} {
			if err := migrate(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		}
		dir := t.TempDir()
		blobs, err := blob.NewDir(filepath.Join(dir, "files"))
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{
			db: db, dir: dir, blobs: blobs, clock: &clocktest.Clock{}, far: &far{files: map[string]*remote{}, trip: func() error { return nil }},
		}
		b.clock.Set("2026-11-30 09:00")
		b.begin()
		f(t, b)
	})
}

// begin is the node after it was started again: of what it held in memory nothing is left.
func (b *bench) begin() {
	b.Desk = &handover.Desk{
		Store: handoversql.New(b.db), Files: b, Service: b.far, Clock: b.clock, NewID: sqldb.NewID,
		Pieces: uploadsql.New(uploadsql.Options{DB: b.db, Dir: filepath.Join(b.dir, "pieces"), Files: b.blobs, Clock: b.clock, Relaxed: true}),
		Signed: func(context.Context, cleaning.Paper) (time.Time, error) { return b.clock.Now(), b.far.sign },
	}
}

var offer = cleaning.Offer{
	Name: "mui-tiem.csv", Basis: "Công văn 12/SYT", Purpose: "Bổ sung số định danh cho mũi tiêm", Until: clock.MustDate("2026-12-31"),
}

func content(rows int) string {
	return "Họ và tên,Ngày sinh\n" + strings.Repeat("Nguyễn Văn A,1990-01-01\n", rows)
}

func (b *bench) handIn(t *testing.T, text string) handover.Handover {
	t.Helper()
	h, err := b.HandIn(t.Context(), an, offer, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (b *bench) work(t *testing.T, id string) handover.Handover {
	t.Helper()
	if err := b.Work(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	return b.get(t, id)
}

func (b *bench) get(t *testing.T, id string) handover.Handover {
	t.Helper()
	h, err := b.Store.Handover(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestWalk is a file on its way there and back.
func TestWalk(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		h := b.handIn(t, content(50))
		if _, err := b.HandIn(ctx, an, offer, strings.NewReader(content(50))); fault.Of(err) != fault.Conflict {
			t.Errorf("the same file once more: %v", err)
		}
		if _, err := b.HandIn(ctx, other, offer, strings.NewReader(content(50))); fault.Of(err) != fault.Conflict || fault.As(err).Key != "handover.another_office" {
			t.Errorf("the same file by another office: %v", err)
		}
		if _, err := b.fetched(ctx, h.ID); fault.Of(err) != fault.NotFound {
			t.Errorf("a clean file that is not there: %v", err)
		}
		h = b.work(t, h.ID)
		r := b.far.files[h.Remote]
		if h.State != handover.There || !h.Kept || string(r.content) != content(50) || r.state != cleaning.Checking {
			t.Fatalf("%+v, there %+v", h, r.state)
		}
		r.state = cleaning.Columns
		if h = b.work(t, h.ID); h.Kept || b.kept(t) != 0 || h.Told.State != cleaning.Columns {
			t.Errorf("%+v: the copy stays once the file was read", h)
		}
		if err := b.Confirm(ctx, an, h.ID, []cleaning.Kind{cleaning.Name, cleaning.Birth}, false, "vi"); err != nil {
			t.Fatal(err)
		}
		r.state = cleaning.Reviewed
		b.work(t, h.ID)
		if _, q, err := b.Next(ctx, an, h.ID, 0, "vi"); err != nil || q.Row != 5 {
			t.Errorf("the next row is %+v, %v, want the one that nobody has", q, err)
		}
		r.state, r.paper = cleaning.Released, []byte(strings.Repeat("sạch\n", 1000))
		if h = b.work(t, h.ID); h.State != handover.Done || len(h.Papers) != 1 || h.Papers[0].File != fileOf(r.paper) || h.Trouble != nil {
			t.Fatalf("%+v", h)
		}
		got, err := b.fetched(ctx, h.ID)
		if err != nil || !bytes.Equal(got, r.paper) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		r.changes = 7
		b.work(t, h.ID)
		r.changes = 8
		if h = b.work(t, h.ID); h.Changes != 8 {
			t.Errorf("%d changes have come of 8", h.Changes)
		}
		if _, list, err := b.Changes(ctx, an, h.ID, 0, 3); err != nil || len(list) != 3 || list[0].Seq != 8 || list[2].Seq != 6 {
			t.Errorf("the newest changes are %+v, %v", list, err)
		}
		// Others of the node, and who sees figures only.
		for _, try := range []func() error{
			func() error { _, err := b.Handover(ctx, other, h.ID); return err },
			func() error { _, _, err := b.Next(ctx, other, h.ID, 0, "vi"); return err },
			func() error {
				_, err := b.Settle(ctx, other, h.ID, 5, cleaning.Verdict{Says: cleaning.Same}, "vi")
				return err
			},
			func() error { _, _, _, err := b.Desk.Fetch(ctx, other, h.ID, "csv"); return err },
			func() error { _, _, err := b.Changes(ctx, other, h.ID, 0, 3); return err },
			func() error { return b.End(ctx, other, h.ID, "vi") },
		} {
			if err := try(); fault.Of(err) != fault.NotFound {
				t.Errorf("another agency's officer: %v", err)
			}
		}
		if seen, err := b.Handover(ctx, auditor, h.ID); err != nil || len(seen.Told.Columns) > 0 && seen.Told.Columns[0].Examples != nil {
			t.Errorf("an auditor sees %+v, %v", seen.Told, err)
		}
		for _, try := range []func() error{
			func() error { _, err := b.HandIn(ctx, auditor, offer, strings.NewReader("x")); return err },
			func() error { _, _, err := b.Next(ctx, auditor, h.ID, 0, "vi"); return err },
			func() error { _, _, _, err := b.Desk.Fetch(ctx, auditor, h.ID, "csv"); return err },
			func() error { _, err := b.Handover(ctx, actor.Actor{Account: "x", Agency: "H55"}, h.ID); return err },
		} {
			if err := try(); fault.Of(err) != fault.Denied {
				t.Errorf("who may not: %v", err)
			}
		}
		b.clock.Set("2027-01-01 04:00")
		if err := b.EndPast(ctx); err != nil {
			t.Fatal(err)
		}
		if h = b.get(t, h.ID); h.State != handover.Ended || b.kept(t) != 0 || h.Deleted.IsZero() {
			t.Errorf("after its term: %+v, %d files", h, b.kept(t))
		}
		if left, err := b.Store.Changes(ctx, h.ID, 0, 10); err != nil || len(left) > 0 {
			t.Errorf("%d changes are left, %v", len(left), err)
		}
	})
}

// fetched reads the clean file whole.
func (b *bench) fetched(ctx context.Context, id string) ([]byte, error) {
	_, _, r, err := b.Desk.Fetch(ctx, an, id, "csv")
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// TestKilled holds that a file goes there and back once and whole, wherever lines are cut,
// answers lost, and nodes killed.
func TestKilled(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		for seed := range 12 {
			r := rand.New(rand.NewPCG(uint64(seed), 5))
			text := fmt.Sprintf("%d,%s", seed, content(40))
			h := b.handIn(t, text)
			b.far.took = 100 + r.Int64N(400)
			b.far.trip = func() error {
				switch r.IntN(6) {
				case 0:
					return fault.New(fault.Unavailable, "cleaningclient.away.provider", nil)
				case 1:
					return errors.New("killed") // the process: the job is run again
				}
				return nil
			}
			deadline := 2000
			for ; deadline > 0 && (h.State != handover.Done || h.Changes < 10); deadline-- {
				b.begin()
				if err := b.Work(t.Context(), h.ID); err != nil && err.Error() != "killed" {
					t.Fatal(err)
				}
				h = b.get(t, h.ID)
				far := b.far.files[h.Remote]
				if far == nil {
					continue
				}
				switch far.state {
				case cleaning.Checking:
					if string(far.content) != text {
						t.Fatalf("seed %d: %d bytes came, want %d", seed, len(far.content), len(text))
					}
					far.state, far.paper, far.changes = cleaning.Released, []byte(strings.Repeat(text, 3)), 10
				case cleaning.Released:
					if h.State == handover.Refused {
						t.Fatalf("%+v", h)
					}
				}
			}
			if h.State != handover.Done || h.Papers[0].File != fileOf([]byte(strings.Repeat(text, 3))) || h.Kept {
				t.Fatalf("seed %d: %+v", seed, h)
			}
			if got, err := b.fetched(t.Context(), h.ID); err != nil || string(got) != strings.Repeat(text, 3) {
				t.Errorf("seed %d: %d bytes, %v", seed, len(got), err)
			}
		}
		if n := b.kept(t); n != 12 {
			t.Errorf("%d files are kept, want the twelve clean ones", n)
		}
	})
}

// TestPeerLies holds that what cannot be proved is not kept, is said, and is asked for again.
func TestPeerLies(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		h := b.handIn(t, content(10))
		h = b.work(t, h.ID)
		r := b.far.files[h.Remote]
		r.state, r.paper = cleaning.Released, []byte(strings.Repeat("sạch\n", 500))
		b.far.lie = func(p []byte) []byte { p[0] ^= 1; return p }
		if h = b.work(t, h.ID); h.State != handover.Fetching || h.Trouble == nil || h.Trouble.Key != "handover.paper.other" || len(h.Papers) > 0 {
			t.Fatalf("%+v, %+v", h, h.Trouble)
		}
		b.far.lie, b.far.sign = nil, fault.New(fault.Conflict, "exchange.file.unsigned", nil)
		if h = b.work(t, h.ID); h.Trouble == nil || h.Trouble.Key != "handover.paper.unsigned" || len(h.Papers) > 0 {
			t.Fatalf("%+v, %+v", h, h.Trouble)
		}
		if n := b.kept(t); n != 0 {
			t.Errorf("%d files of no proof are kept", n)
		}
		b.far.sign = nil
		if h = b.work(t, h.ID); h.State != handover.Done || h.Trouble != nil {
			t.Errorf("%+v, %+v", h, h.Trouble)
		}
		// It speaks of another file.
		second := b.handIn(t, content(11))
		second = b.work(t, second.ID)
		b.far.files[second.Remote].offer.Size++
		if second = b.work(t, second.ID); second.Trouble == nil || second.Trouble.Key != "handover.another" {
			t.Errorf("%+v", second.Trouble)
		}
		// It refuses, and it knows nothing any more.
		third := b.handIn(t, content(12))
		third = b.work(t, third.ID)
		b.far.files[third.Remote].state = cleaning.Refused
		if third = b.work(t, third.ID); third.State != handover.Refused || third.Kept || third.Trouble.Args["why"] != "không phải tệp bảng" {
			t.Errorf("%+v, %+v", third, third.Trouble)
		}
		if again := b.handIn(t, content(12)); again.ID == third.ID {
			t.Error("a refused file is not taken again")
		}
		fourth := b.handIn(t, content(13))
		fourth = b.work(t, fourth.ID)
		delete(b.far.files, fourth.Remote)
		if fourth = b.work(t, fourth.ID); fourth.State != handover.Refused {
			t.Errorf("%+v", fourth)
		}
	})
}

// TestEnd holds that nothing is said to be deleted that is not, there or here.
func TestEnd(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		h := b.handIn(t, content(10))
		h = b.work(t, h.ID)
		b.far.trip = func() error { return fault.New(fault.Unavailable, "cleaningclient.away.provider", nil) }
		if err := b.End(ctx, an, h.ID, "vi"); fault.Of(err) != fault.Unavailable {
			t.Errorf("%v", err)
		}
		if h = b.get(t, h.ID); h.State == handover.Ended || b.kept(t) != 1 {
			t.Errorf("%+v", h)
		}
		b.far.trip = func() error { return nil }
		if err := b.End(ctx, an, h.ID, "vi"); err != nil {
			t.Fatal(err)
		}
		if h = b.get(t, h.ID); h.State != handover.Ended || b.kept(t) != 0 || b.far.files[h.Remote].state != cleaning.Deleted {
			t.Errorf("%+v", h)
		}
		due, err := b.Store.Due(ctx, b.clock.Now().Add(24*time.Hour), 10)
		if err != nil || len(due) != 0 {
			t.Errorf("due: %v, %v", due, err)
		}
	})
}
