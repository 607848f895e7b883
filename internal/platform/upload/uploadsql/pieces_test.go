package uploadsql_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/platform/blob"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/platform/upload/uploadtest"
)

// TestScanner: a virus is refused, and while nobody can look nothing is taken and nothing lost.
func TestScanner(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		stand, err := uploadtest.StartClamd("unix", filepath.Join(t.TempDir(), "clamd"))
		if err != nil {
			t.Fatal(err)
		}
		defer stand.Close()
		s := newSite(t, db, func(o *uploadsql.Options) {
			o.Scanner = &upload.Clamd{Network: "unix", Address: stand.Address(), Wait: 2 * time.Second}
		})
		big := uploadtest.PDF("", strings.Repeat("% chữ\n", 1<<17))
		sick := bytes.Replace(uploadtest.PDF(""), []byte("xref"), []byte("%"+uploadtest.EICAR+"\nxref"), 1)
		take := func(content []byte) (upload.Upload, upload.File, error) {
			u, err := s.Begin(ctx, "an", newOf("a.pdf", content))
			if err == nil {
				u, err = s.Append(ctx, "an", u.ID, 0, nil, bytes.NewReader(content))
			}
			if err != nil {
				t.Fatal(err)
			}
			f, err := s.Finish(ctx, "an", u.ID)
			return u, f, err
		}
		if _, f, err := take(big); err != nil || !f.Scanned {
			t.Errorf("%+v, %v", f, err)
		}
		_, _, err = take(sick)
		if f := fault.As(err); f == nil || f.Key != "upload.refused.virus" || f.Args["virus"] != "Eicar-Test-Signature" {
			t.Errorf("a virus: %v", err)
		}
		for _, m := range []uploadtest.Manner{uploadtest.Garbage, uploadtest.Closing, uploadtest.Half, uploadtest.Silent} {
			stand.Set(m)
			u, _, err := take(sick)
			want(t, fmt.Sprint("manner ", m), err, upload.ErrAway)
			if u, err := s.Stat(ctx, "an", u.ID); err != nil || u.State != upload.Open || !u.Complete() {
				t.Errorf("manner %d: %+v, %v", m, u, err)
			}
			stand.Set(uploadtest.Normal)
			if _, err := s.Finish(ctx, "an", u.ID); fault.Of(err) != fault.Invalid {
				t.Errorf("manner %d, later: %v", m, err)
			}
		}
		stand.Set(uploadtest.Limited)
		_, _, err = take(big)
		if f := fault.As(err); f == nil || f.Key != "upload.scanner.limit" {
			t.Errorf("larger than it takes: %v", err)
		}
		stand.Set(uploadtest.Normal)
		level := func(depth health.Depth) (out health.Level) {
			for _, f := range s.Examine(ctx, depth) {
				out = f.Level
			}
			return out
		}
		if got := level(health.Full); got != health.Fine {
			t.Errorf("doctor: %s", got)
		}
		stand.Close()
		u, _, err := take(big)
		want(t, "away", err, upload.ErrAway)
		if got := level(health.Regular); got != health.Failing {
			t.Errorf("doctor: %s", got)
		}
		s.o.Scanner = nil
		s.restart()
		if f, err := s.Finish(ctx, "an", u.ID); err != nil || f.Scanned {
			t.Errorf("%+v, %v", f, err)
		}
		if got := level(health.Full); got != health.Warning {
			t.Errorf("doctor: %s", got)
		}
		if got := level(health.Regular); got != "" {
			t.Errorf("doctor: %s", got)
		}
	})
}

// TestAnyPieces: whatever pieces come, with lines lost, restarts, wrong offsets and wrong
// sums in between, the file is the one that was sent.
func TestAnyPieces(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenSQLite(t)
	s := newSite(t, db, func(o *uploadsql.Options) { o.OwnerOpen, o.OwnerBytes, o.MostOpen = 1<<20, 1<<40, 1<<40 })
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		doc := uploadtest.PDF("", "% "+rapid.StringMatching(`[ -~]{0,900}`).Draw(t, "text"))
		u, err := s.Begin(ctx, "an", newOf("a.pdf", doc))
		if err != nil {
			t.Fatal(err)
		}
		told := int64(0)
		for step := 0; step < 40 && told < int64(len(doc)); step++ {
			n := rapid.Int64Range(0, int64(len(doc))-told).Draw(t, "n")
			part := doc[told : told+n]
			before := told
			switch rapid.SampledFrom([]string{"piece", "piece", "sum", "lost", "wrong offset", "wrong sum", "restart", "junk"}).Draw(t, "what") {
			case "piece":
				_, err = s.Append(ctx, "an", u.ID, told, nil, bytes.NewReader(part))
			case "sum":
				h := sha256.Sum256(part)
				_, err = s.Append(ctx, "an", u.ID, told, &upload.Sum{Algorithm: "sha256", Want: h[:]}, bytes.NewReader(part))
			case "lost":
				if _, err = s.Append(ctx, "an", u.ID, told, nil, cut(part)); upload.Is(err, upload.ErrCut) || n == int64(len(doc))-told {
					err = nil
				}
			case "wrong offset":
				if _, err = s.Append(ctx, "an", u.ID, told+1+n, nil, bytes.NewReader(part)); upload.Is(err, upload.ErrOffset) {
					err = nil
				}
			case "wrong sum":
				none := &upload.Sum{Algorithm: "sha256", Want: make([]byte, 32)}
				if _, err = s.Append(ctx, "an", u.ID, told, none, bytes.NewReader(part)); upload.Is(err, upload.ErrSum) {
					err = nil
				}
				n = 0
			case "restart":
				s.restart()
			case "junk": // written and not waited for
				f, e := os.OpenFile(filepath.Join(s.dir, u.ID), os.O_APPEND|os.O_WRONLY, 0o600)
				if e == nil {
					_, e = f.WriteString("junk")
					e = errors.Join(e, f.Close())
				}
				if e != nil && !errors.Is(e, fs.ErrNotExist) {
					t.Fatal(e)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			now, err := s.Stat(ctx, "an", u.ID)
			if err != nil || now.Received < before || now.Received > before+n {
				t.Fatalf("%d bytes are told after %d and %d more: %v", now.Received, before, n, err)
			}
			told = now.Received
		}
		if _, err := s.Append(ctx, "an", u.ID, told, nil, bytes.NewReader(doc[told:])); err != nil {
			t.Fatal(err)
		}
		f, err := s.Finish(ctx, "an", u.ID)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.blobs.Open(ctx, blob.Ref{SHA256: f.SHA256, Size: f.Size})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, doc) {
			t.Fatalf("another file: %d bytes of %d, %v", len(got), len(doc), err)
		}
	})
}

// TestCheckpoints: of one long piece that a kill ends, what was waited for is there.
func TestCheckpoints(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newSite(t, db, nil)
		u, err := s.Begin(ctx, "an", upload.New{Name: "a.pdf", Size: 7 << 20})
		if err != nil {
			t.Fatal(err)
		}
		r, w := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			_, err := s.Append(ctx, "an", u.ID, 0, nil, r)
			ended <- err
		}()
		_, _ = w.Write(make([]byte, 6<<20)) // all of it was read when this comes back
		if u, err := uploadsql.New(s.o).Stat(ctx, "an", u.ID); err != nil || u.Received < 4<<20 {
			t.Errorf("%d bytes are told in the middle, want 4 MB: %v", u.Received, err)
		}
		_ = w.CloseWithError(io.ErrUnexpectedEOF)
		want(t, "the line", <-ended, upload.ErrCut)
		if u, err := s.Stat(ctx, "an", u.ID); err != nil || u.Received != 6<<20 {
			t.Errorf("%d bytes in the end, %v", u.Received, err)
		}
	})
}
