package uploadsql_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/platform/upload/uploadtest"
)

// site is a service with what it stands on; restart makes another on the same.
type site struct {
	*uploadsql.Service
	o     uploadsql.Options
	dir   string
	now   *hand
	blobs *blob.Dir
}

// hand is a clock that is turned by hand.
type hand struct{ at atomic.Int64 }

func (h *hand) Now() time.Time { return time.UnixMicro(h.at.Load()).UTC() }

func (h *hand) turn(d time.Duration) { h.at.Add(d.Microseconds()) }

var _ clock.Clock = (*hand)(nil)

func newSite(t testing.TB, db *sqldb.DB, change func(*uploadsql.Options)) *site {
	t.Helper()
	if err := uploadsql.Migrate(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	blobs, err := blob.NewDir(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{dir: filepath.Join(dir, "uploads"), now: &hand{}, blobs: blobs}
	s.now.at.Store(time.Now().UnixMicro())
	s.o = uploadsql.Options{
		DB: db, Dir: s.dir, Files: blobs.Relaxed(), Clock: s.now, Log: slog.New(slog.DiscardHandler), Relaxed: true,
		Most: 8 << 20, Free: func(string) (int64, bool) { return 100 << 30, true },
	}
	if change != nil {
		change(&s.o)
	}
	s.restart()
	return s
}

// restart is what a kill and a new start leave: the folder and the database.
func (s *site) restart() { s.Service = uploadsql.New(s.o) }

func (s *site) files(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range entries {
		if e.Name() != ".place" {
			out = append(out, e.Name())
		}
	}
	return out
}

func (s *site) stored(t testing.TB, f upload.File) []byte {
	t.Helper()
	r, err := s.blobs.Open(context.Background(), blob.Ref{SHA256: f.SHA256, Size: f.Size})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// cut gives so much and then breaks off, as a line does.
func cut(content []byte) io.Reader {
	return io.MultiReader(bytes.NewReader(content), errReader{})
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func newOf(name string, content []byte) upload.New {
	return upload.New{For: "hồ sơ 7/giấy 1", Name: name, Size: int64(len(content))}
}

func want(t *testing.T, what string, err error, f *fault.Error) {
	t.Helper()
	if !upload.Is(err, f) {
		t.Errorf("%s: %v, want %s", what, err, f.Key)
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newSite(t, db, nil)
		doc := append(uploadtest.PDF("", strings.Repeat("% chữ\n", 1<<18)), '\n')
		u, err := s.Begin(ctx, "an", newOf("Giấy\u200b khai sinh.pdf", doc))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Stat(ctx, "bình", u.ID)
		want(t, "another's", err, upload.ErrUnknown)
		_, err = s.Append(ctx, "bình", u.ID, 0, nil, bytes.NewReader(doc))
		want(t, "a piece of another", err, upload.ErrUnknown)
		want(t, "another's end", s.Cancel(ctx, "bình", u.ID), upload.ErrUnknown)
		_, err = s.Finish(ctx, "an", u.ID)
		want(t, "nothing came", err, upload.ErrPartial)

		u, err = s.Append(ctx, "an", u.ID, 0, nil, cut(doc[:1000]))
		want(t, "the line was lost", err, upload.ErrCut)
		if u.Received != 1000 {
			t.Errorf("%d bytes are there, want 1000", u.Received)
		}
		s.restart()
		_, err = s.Append(ctx, "an", u.ID, 999, nil, bytes.NewReader(doc[999:]))
		want(t, "another offset", err, upload.ErrOffset)
		_, err = s.Append(ctx, "an", u.ID, 1000, nil, bytes.NewReader(append(doc[1000:], 'x')))
		want(t, "more than was said", err, upload.ErrBeyond)
		if u, err = s.Stat(ctx, "an", u.ID); err != nil || u.Received != 1000 {
			t.Errorf("%+v, %v", u, err)
		}
		sum := sha256.Sum256(doc[1000:])
		_, err = s.Append(ctx, "an", u.ID, 1000, &upload.Sum{Algorithm: "sha256", Want: sum[:]}, bytes.NewReader(append([]byte{'x'}, doc[1001:]...)))
		want(t, "another sum", err, upload.ErrSum)
		if u, err = s.Append(ctx, "an", u.ID, 1000, &upload.Sum{Algorithm: "sha256", Want: sum[:]}, bytes.NewReader(doc[1000:])); err != nil || !u.Complete() {
			t.Fatalf("%+v, %v", u, err)
		}
		f, err := s.Finish(ctx, "an", u.ID)
		if err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256(doc)
		if f.Name != "Giấy khai sinh.pdf" || f.Type != upload.PDF || f.SHA256 != hex.EncodeToString(hash[:]) || f.Sent != f.SHA256 || f.For != u.For || f.Scanned {
			t.Errorf("%+v", f)
		}
		if !bytes.Equal(s.stored(t, f), doc) {
			t.Error("what is stored is not what was sent")
		}
		s.restart()
		again, err := s.Finish(ctx, "an", u.ID)
		if d := cmp.Diff(f, again); err != nil || d != "" {
			t.Errorf("a second time: %v %s", err, d)
		}
		if left := s.files(t); len(left) > 0 {
			t.Errorf("pieces are left: %v", left)
		}
		want(t, "end of what was taken", s.Cancel(ctx, "an", u.ID), upload.ErrClosed)
		if _, err := s.Append(ctx, "an", u.ID, f.Size, nil, strings.NewReader("")); err != nil {
			t.Errorf("nothing more: %v", err)
		}
		_, err = s.Append(ctx, "an", u.ID, f.Size, nil, strings.NewReader("x"))
		want(t, "more", err, upload.ErrBeyond)
		_, err = s.Append(ctx, "an", u.ID, 0, nil, strings.NewReader("x"))
		want(t, "from the beginning", err, upload.ErrClosed)
		if list, err := s.List(ctx, "an", u.For); err != nil || len(list) != 1 || list[0].State != upload.Taken {
			t.Errorf("%+v, %v", list, err)
		}
		if list, err := s.List(ctx, "bình", u.For); err != nil || len(list) != 0 {
			t.Errorf("another's: %+v, %v", list, err)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newSite(t, db, nil)
		for name, n := range map[string]upload.New{
			"too_large": {Name: "a.pdf", Size: 2 << 30}, "empty": {Name: "a.pdf"}, "not_taken": {Name: "a.exe", Size: 10},
			"too_large_kb": {Name: "a.pdf", Size: 10_000, Policy: upload.Policy{Max: 5000}},
		} {
			_, err := s.Begin(ctx, "an", n)
			if f := fault.As(err); f == nil || f.Key != "upload.refused."+name {
				t.Errorf("%s: %v", name, err)
			}
		}
		if left := s.files(t); len(left) > 0 {
			t.Errorf("something was stored: %v", left)
		}
		u, err := s.Begin(ctx, "an", upload.New{Name: "a.pdf", Size: 4})
		if err == nil {
			u, err = s.Append(ctx, "an", u.ID, 0, nil, strings.NewReader("MZab"))
		}
		if err != nil {
			t.Fatal(err)
		}
		_, first := s.Finish(ctx, "an", u.ID)
		s.restart()
		_, second := s.Finish(ctx, "an", u.ID)
		if f, g := fault.As(first), fault.As(second); f == nil || g == nil || f.Key != "upload.refused.wrong_type" || f.Key != g.Key || !cmp.Equal(f.Args, g.Args) {
			t.Errorf("%v, then %v", first, second)
		}
		if left := s.files(t); len(left) > 0 {
			t.Errorf("what was refused is still there: %v", left)
		}
		if err := s.Cancel(ctx, "an", u.ID); err != nil {
			t.Error(err)
		}
	})
}

func TestTake(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newSite(t, db, nil)
		doc := uploadtest.PDF("")
		for name, size := range map[string]int64{"known": int64(len(doc)), "not known": -1} {
			f, err := s.Take(ctx, "an", upload.New{Name: "C:\\giấy\\a.pdf", Size: size}, bytes.NewReader(doc))
			if err != nil || f.Name != "a.pdf" || f.Size != int64(len(doc)) {
				t.Errorf("%s: %+v, %v", name, f, err)
			}
		}
		picture := uploadtest.Located(uploadtest.JPEG(uploadtest.Page(900, 1200, 1), 80), 6)
		f, err := s.Take(ctx, "an", upload.New{Name: "IMG_1", Size: -1, Policy: upload.Papers}, bytes.NewReader(picture))
		if err != nil || f.Name != "IMG_1.jpg" || f.Sent == f.SHA256 || !cmp.Equal(f.Warnings, []upload.Warning{upload.Located}) || f.Width != 900 {
			t.Errorf("%+v, %v", f, err)
		}
		if bytes.Contains(s.stored(t, f), []byte("21.5942")) {
			t.Error("where it was taken is stored")
		}
		for name, c := range map[string]struct {
			n    upload.New
			body io.Reader
			key  string
		}{
			"empty":           {upload.New{Name: "a.pdf", Size: -1}, strings.NewReader(""), "upload.refused.empty"},
			"too large":       {upload.New{Name: "a.pdf", Size: -1}, io.LimitReader(zeros{}, 9<<20), "upload.refused.too_large"},
			"more than said":  {upload.New{Name: "a.pdf", Size: 10}, bytes.NewReader(doc), "upload.refused.too_large_kb"},
			"broken off":      {upload.New{Name: "a.pdf", Size: -1}, cut(doc), "upload.cut"},
			"less than said":  {upload.New{Name: "a.pdf", Size: 1 << 20}, bytes.NewReader(doc), "upload.partial"},
			"something else":  {upload.New{Name: "a.pdf", Size: -1}, strings.NewReader("just words"), "upload.refused.wrong_type"},
			"not to be taken": {upload.New{Name: "a.zip", Size: -1}, strings.NewReader("PK"), "upload.refused.not_taken"},
		} {
			_, err := s.Take(ctx, "an", c.n, c.body)
			if f := fault.As(err); f == nil || f.Key != c.key {
				t.Errorf("%s: %v, want %s", name, err, c.key)
			}
		}
		if left := s.files(t); len(left) > 0 {
			t.Errorf("pieces are left: %v", left)
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestQuota: room is counted before a byte comes, also when many begin at once.
func TestQuota(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		free := int64(100 << 30)
		s := newSite(t, db, func(o *uploadsql.Options) {
			o.OwnerOpen, o.OwnerBytes, o.MostOpen = 5, 4<<20, 6<<20
			o.Free = func(string) (int64, bool) { return free, true }
		})
		var began, refused atomic.Int64
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				_, err := s.Begin(ctx, "an", upload.New{Name: "a.pdf", Size: 1000})
				switch {
				case err == nil:
					began.Add(1)
				case fault.Of(err) == fault.TooMany:
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if began.Load() != 5 || refused.Load() != 7 {
			t.Errorf("%d began, %d were refused; want 5 and 7", began.Load(), refused.Load())
		}
		if _, err := s.Begin(ctx, "bình", upload.New{Name: "a.pdf", Size: 4 << 20}); err != nil {
			t.Error(err)
		}
		_, err := s.Begin(ctx, "bình", upload.New{Name: "a.pdf", Size: 1})
		if fault.Of(err) != fault.TooMany {
			t.Errorf("more bytes than one may: %v", err)
		}
		_, err = s.Begin(ctx, "chi", upload.New{Name: "a.pdf", Size: 3 << 20})
		want(t, "more than all may", err, upload.ErrNoRoom)
		free = 1<<30 + 4<<20
		_, err = s.Begin(ctx, "chi", upload.New{Name: "a.pdf", Size: 1 << 20})
		want(t, "no room on the disk", err, upload.ErrNoRoom)
		free = 100 << 30
		s.now.turn(2 * time.Hour) // nothing came: the room is free again
		if _, err := s.Begin(ctx, "an", upload.New{Name: "a.pdf", Size: 1 << 20}); err != nil {
			t.Error(err)
		}
	})
}

// TestTwoAtOnce: of two pieces one waits its turn.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newSite(t, db, nil)
		u, err := s.Begin(ctx, "an", upload.New{Name: "a.pdf", Size: 10})
		if err != nil {
			t.Fatal(err)
		}
		r, w := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			_, err := s.Append(ctx, "an", u.ID, 0, nil, r)
			ended <- err
		}()
		_, _ = w.Write([]byte("12345")) // it has begun
		other := uploadsql.New(s.o)     // another process
		_, err = other.Append(ctx, "an", u.ID, 0, nil, strings.NewReader("abcde"))
		want(t, "the second piece", err, upload.ErrBusy)
		want(t, "an end meanwhile", other.Cancel(ctx, "an", u.ID), upload.ErrBusy)
		if n, err := other.Forget(ctx); err != nil || n != 0 {
			t.Errorf("forgot %d, %v", n, err)
		}
		_ = w.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if u, err := other.Stat(ctx, "an", u.ID); err != nil || u.Received != 5 {
			t.Errorf("%+v, %v", u, err)
		}
	})
}

// TestFinishTwiceAtOnce: both hear the same.
func TestFinishTwiceAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newSite(t, db, nil)
		doc := uploadtest.PDF("")
		u, err := s.Begin(ctx, "an", newOf("a.pdf", doc))
		if err == nil {
			_, err = s.Append(ctx, "an", u.ID, 0, nil, bytes.NewReader(doc))
		}
		if err != nil {
			t.Fatal(err)
		}
		got := make([]upload.File, 4)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				f, err := uploadsql.New(s.o).Finish(ctx, "an", u.ID)
				if err != nil {
					t.Error(err)
				}
				got[i] = f
			})
		}
		wg.Wait()
		for _, f := range got[1:] {
			if d := cmp.Diff(got[0], f); d != "" {
				t.Error(d)
			}
		}
	})
}

func TestForget(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newSite(t, db, nil)
		var left []string
		s.Left = func(_ context.Context, f upload.File) error {
			left = append(left, f.SHA256)
			return nil
		}
		begin := func(name, content string) upload.Upload {
			u, err := s.Begin(ctx, "an", upload.New{Name: name, Size: 10})
			if err == nil && content != "" {
				u, err = s.Append(ctx, "an", u.ID, 0, nil, strings.NewReader(content))
			}
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		never, half := begin("a.pdf", ""), begin("b.pdf", "12345")
		taken, err := s.Take(ctx, "an", upload.New{Name: "c.pdf", Size: -1}, bytes.NewReader(uploadtest.PDF("")))
		if err != nil {
			t.Fatal(err)
		}
		stray := filepath.Join(s.dir, "stray")
		old := time.Now().Add(-48 * time.Hour)
		if err := errors.Join(os.WriteFile(stray, []byte("x"), 0o600), os.Chtimes(stray, old, old)); err != nil {
			t.Fatal(err)
		}
		s.now.turn(2 * time.Hour)
		if n, err := s.Forget(ctx); err != nil || n != 1 {
			t.Errorf("after two hours: %d, %v", n, err)
		}
		_, err = s.Stat(ctx, "an", never.ID)
		want(t, "what never came", err, upload.ErrUnknown)
		if got := s.files(t); !cmp.Equal(got, []string{half.ID}) {
			t.Errorf("%v are left, want %s alone", got, half.ID)
		}
		s.now.turn(30 * time.Hour)
		_, err = s.Append(ctx, "an", half.ID, 5, nil, strings.NewReader("67890"))
		want(t, "too late", err, upload.ErrExpired)
		if n, err := s.Forget(ctx); err != nil || n != 2 {
			t.Errorf("after a day: %d, %v", n, err)
		}
		if got := s.files(t); len(got) > 0 {
			t.Errorf("%v are left", got)
		}
		if len(s.stored(t, taken)) == 0 {
			t.Error("the file is gone")
		}
		if !cmp.Equal(left, []string{taken.SHA256}) {
			t.Errorf("told of %v, want what was taken, once", left)
		}
	})
}

// TestPowerCut: what was not waited for is not told, whatever the disk shows afterwards.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newSite(t, db, nil)
		doc := uploadtest.PDF("")
		u, err := s.Begin(ctx, "an", newOf("a.pdf", doc))
		if err == nil {
			u, err = s.Append(ctx, "an", u.ID, 0, nil, bytes.NewReader(doc[:100]))
		}
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(s.dir, u.ID)
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		// More bytes than were told, and of those nobody knows what they are.
		if err := os.WriteFile(name, append(bytes.Clone(doc[:100]), make([]byte, 50)...), 0o600); err != nil {
			t.Fatal(err)
		}
		s.restart()
		if u, err = s.Stat(ctx, "an", u.ID); err != nil || u.Received != 100 {
			t.Fatalf("%+v, %v", u, err)
		}
		// Fewer: the disk has lost some.
		if err := os.Truncate(name, 60); err != nil {
			t.Fatal(err)
		}
		if u, err = s.Stat(ctx, "an", u.ID); err != nil || u.Received != 60 {
			t.Fatalf("%+v, %v", u, err)
		}
		if _, err = s.Append(ctx, "an", u.ID, 60, nil, bytes.NewReader(doc[60:])); err != nil {
			t.Fatal(err)
		}
		f, err := s.Finish(ctx, "an", u.ID)
		if err != nil || !bytes.Equal(s.stored(t, f), doc) {
			t.Errorf("%+v, %v", f, err)
		}
		// All of it: sent again from the beginning.
		if u, err = s.Begin(ctx, "an", newOf("a.pdf", doc)); err == nil {
			_, err = s.Append(ctx, "an", u.ID, 0, nil, bytes.NewReader(doc[:100]))
		}
		if err := errors.Join(err, os.Remove(filepath.Join(s.dir, u.ID))); err != nil {
			t.Fatal(err)
		}
		if u, err = s.Stat(ctx, "an", u.ID); err != nil || u.Received != 0 {
			t.Errorf("%+v, %v", u, err)
		}
		if _, err = s.Append(ctx, "an", u.ID, 0, nil, bytes.NewReader(doc)); err != nil {
			t.Error(err)
		}
	})
}

// TestElsewhere: another machine does not take another folder's pieces for its own.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newSite(t, db, nil)
		u, err := s.Begin(ctx, "an", upload.New{Name: "a.pdf", Size: 10})
		if err != nil {
			t.Fatal(err)
		}
		o := s.o
		o.Dir = t.TempDir()
		other := uploadsql.New(o)
		_, err = other.Append(ctx, "an", u.ID, 0, nil, strings.NewReader("0123456789"))
		want(t, "on another machine", err, upload.ErrElsewhere)
		s.now.turn(48 * time.Hour)
		if n, err := other.Forget(ctx); err != nil || n != 0 {
			t.Errorf("the other forgot %d, %v", n, err)
		}
		if n, err := s.Forget(ctx); err != nil || n != 1 {
			t.Errorf("forgot %d, %v", n, err)
		}
	})
}
