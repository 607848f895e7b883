package exchangesql_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestDiskFull: a batch that finds no room leaves nothing behind, and the log goes on
// where it was once there is room again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := sqldbtest.OpenSQLite(t)
	s := newStore(t, db)
	if _, err := sqldb.Exec(ctx, db, `PRAGMA max_page_count = 1`); err != nil { // at least what there is
		t.Fatal(err)
	}
	size, full := int64(0), error(nil)
	for size < 100_000 {
		if full = s.Append(ctx, batch(size, 50)); full != nil {
			break
		}
		size += 50
	}
	if full == nil || !strings.Contains(full.Error(), "full") {
		t.Fatalf("after %d records: %v, want a full disk", size, full)
	}
	left := func() {
		t.Helper()
		f, err := s.Frontier(ctx)
		leaves, err2 := s.Leaves(ctx, 0, size+100)
		if err != nil || err2 != nil || f.Size != size || int64(len(leaves)) != size {
			t.Fatalf("the log ends at %d with %d leaves, want %d: %v, %v", f.Size, len(leaves), size, err, err2)
		}
	}
	left()
	if _, err := sqldb.Exec(ctx, db, `PRAGMA max_page_count = 1000000`); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(ctx, batch(size, 50)); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	size += 50
	left()
}

// TestPowerCut: whatever moment the files are copied at, the copy opens with a log
// that is whole up to some batch, and no shorter than what was confirmed by then.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	db, err := sqldb.Open(ctx, "sqlite:"+filepath.Join(dir, "log.db"), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := newStore(t, db)
	// A checkpoint between the two copies would make what no power cut leaves.
	if _, err := sqldb.Exec(ctx, db, `PRAGMA wal_autocheckpoint = 0`); err != nil {
		t.Fatal(err)
	}
	for i := range int64(5) {
		confirmed := i * 40
		done := make(chan error, 1)
		go func() {
			var err error
			for j := int64(0); j < 4 && err == nil; j++ {
				err = s.Append(ctx, batch(confirmed+j*10, 10))
			}
			done <- err
		}()
		// The main file first: what is written to it meanwhile comes from the journal,
		// which is copied after it and only grows here.
		copyTo := t.TempDir()
		for _, name := range []string{"log.db", "log.db-wal"} {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if i == 4 && name == "log.db-wal" { // torn in the middle of a page
				raw = raw[:len(raw)-len(raw)%4096-1000]
			}
			if err := os.WriteFile(filepath.Join(copyTo, name), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		size := wholeLog(t, filepath.Join(copyTo, "log.db"))
		if i < 4 && size < confirmed {
			t.Errorf("copy %d ends at %d, though %d were confirmed", i, size, confirmed)
		}
	}
}

// wholeLog opens a copy, compares the records with where the log says it ends, and
// goes on with it.
func wholeLog(t *testing.T, path string) int64 {
	t.Helper()
	ctx := t.Context()
	db, err := sqldb.Open(ctx, "sqlite:"+path, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := exchangesql.New(db, clock.Fixed(noon))
	f, err := s.Frontier(ctx)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Range(ctx, 0, 1<<40)
	if err != nil || int64(len(list)) != f.Size {
		t.Fatalf("%d records, the log ends at %d: %v", len(list), f.Size, err)
	}
	for i, r := range list {
		if r.Seq != int64(i) || r.Leaf != r.LogLeaf() {
			t.Fatalf("record %d is not whole", i)
		}
	}
	if err := s.Append(
		ctx, exchange.Batch{Records: []exchange.Record{record(f.Size)}, Frontier: exchange.Frontier{Size: f.Size + 1}},
	); err != nil {
		t.Fatal(err)
	}
	return f.Size
}
