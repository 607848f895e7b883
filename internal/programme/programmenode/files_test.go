package programmenode

import (
	"bytes"
	"io/fs"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/platform/upload/uploadtest"
)

// A file that shows a progress is looked at by the node's scanner: one with a virus is refused
// and kept nowhere.
func TestEvidenceIsLookedAt(t *testing.T) {
	t.Parallel()
	db, dir := sqldbtest.OpenSQLite(t), t.TempDir()
	stand, err := uploadtest.StartClamd("unix", filepath.Join(t.TempDir(), "clamd"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stand.Close() })
	files, err := blob.NewDir(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	if err := uploadsql.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	n := &Node{base: &node.Base{Uploads: uploadsql.New(uploadsql.Options{
		DB: db, Dir: filepath.Join(dir, "uploads"), Files: files, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
		Scanner: &upload.Clamd{Network: "unix", Address: stand.Address(), Wait: 5 * time.Second}, Relaxed: true,
	})}}
	ctx := actor.With(t.Context(), actor.Actor{Account: "tn"})
	count := func() (n int) {
		_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() {
				n++
			}
			return err
		})
		return n
	}
	good := uploadtest.PDF("")
	e, err := n.keep(ctx, "ket-qua.pdf", bytes.NewReader(good), int64(len(good)))
	if err != nil || e.Hash == "" || e.Name != "ket-qua.pdf" || e.Media != "application/pdf" {
		t.Fatalf("%+v, %v", e, err)
	}
	before := count()
	sick := bytes.Replace(good, []byte("xref"), []byte("%"+uploadtest.EICAR+"\nxref"), 1)
	if _, err := n.keep(ctx, "ket-qua.pdf", bytes.NewReader(sick), int64(len(sick))); fault.As(err) == nil || fault.As(err).Key != "upload.refused.virus" {
		t.Errorf("a virus: %v", err)
	}
	stand.Set(uploadtest.Closing)
	if _, err := n.keep(ctx, "ket-qua.pdf", bytes.NewReader(good), int64(len(good))); !upload.Is(err, upload.ErrAway) {
		t.Errorf("nobody can look: %v", err)
	}
	if got := count(); got != before {
		t.Errorf("%d files are kept, want %d", got, before)
	}
}
