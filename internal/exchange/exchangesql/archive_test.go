package exchangesql_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/archive"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// shelf is the archive of a logbook.
type shelf struct {
	*logbook
	db     *sqldb.DB
	keeper *archive.Keeper
	kept   exchange.WithFiles
}

func (l *logbook) trust(context.Context) (archive.Trust, error) {
	return archive.Trust{
		Authorities: [][]byte{l.authority}, Timestamps: [][]byte{},
		Stamp: func(tok, data []byte, _ [][]byte) (time.Time, error) { return checkToken(tok, data) },
	}, nil
}

func newShelf(t *testing.T, db *sqldb.DB, heads ...int64) *shelf {
	t.Helper()
	s := &shelf{logbook: newLogbook(t, db, heads...), db: db}
	s.keeper = &archive.Keeper{
		Log:   exchange.MessageArchive{Store: s.store, Trust: s.trust, Now: func() time.Time { return noon.AddDate(0, 1, 0) }},
		Index: s.store.Index(), Dir: filepath.Join(t.TempDir(), "archive"), Owner: func() string { return "G01-1" },
		Clock: clock.Fixed(noon.AddDate(0, 1, 0)),
	}
	s.kept = exchange.WithFiles{Archive: s.store, Files: s.store.Index(), Dir: s.keeper.Dir}
	return s
}

func (s *shelf) archive(t *testing.T, seconds int) archive.Done {
	t.Helper()
	d, err := s.keeper.Archive(t.Context(), noon.Add(time.Duration(seconds)*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (s *shelf) reading(chain string) (func(context.Context, *archive.Reader) (archive.Content, error), *pki.Sealer, bool) {
	return s.keeper.Log.Read, nil, chain == exchange.MessageChain
}

func (s *shelf) audited(t *testing.T, action string) int {
	t.Helper()
	list, err := audit.Find(t.Context(), s.db, audit.Filter{Action: action})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func faultKey(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	return ""
}

// stampLast gives the last head, which waits for it, its time stamp.
func (s *shelf) stampLast(t *testing.T) {
	t.Helper()
	h := s.heads[len(s.heads)-1]
	h.Token, h.StampedAt = token(h.Stamped()), h.At
	if err := s.store.SaveHead(t.Context(), h); err != nil {
		t.Fatal(err)
	}
}

// TestArchive: what is old goes to a file with what proves it and leaves the table; the
// log goes on, and every record can be shown and proven as before.
func TestArchive(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newShelf(t, db, 100, 600, 900, 1300)
		all, err := s.store.Range(ctx, 0, 1300)
		if err != nil {
			t.Fatal(err)
		}
		d := s.archive(t, 901)
		if len(d.Made) != 1 || d.Made[0].From != 0 || d.Made[0].Until != 900 || d.Removed != 768 {
			t.Fatalf("done %+v", d)
		}
		if left, err := s.store.Range(ctx, 0, 1300); err != nil || len(left) != 532 || left[0].Seq != 768 {
			t.Errorf("%d records are left in the table, %v", len(left), err)
		}
		info, err := os.Stat(filepath.Join(s.keeper.Dir, d.Made[0].File))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("file %v, %v", info, err)
		}
		r, err := exchange.CheckLog(ctx, s.store, exchange.LogChecks{Stamp: checkToken})
		if err != nil || r.Records != 1300 || r.Archived != 768 {
			t.Errorf("check %+v, %v", r, err)
		}
		if got, err := s.kept.Range(ctx, 0, 1300); err != nil || cmp.Diff(all, got) != "" {
			t.Errorf("%v (-want +got):\n%s", err, cmp.Diff(all, got))
		}
		if got, err := s.kept.Range(ctx, 767, 769); err != nil || cmp.Diff(all[767:769], got) != "" {
			t.Errorf("over the edge: %v (-want +got):\n%s", err, cmp.Diff(all[767:769], got))
		}
		s.provable(t, 4, 599, 601, 767, 768, 899)
		for _, from := range []int64{1, 100, 256, 700, 900} {
			if err := ledger.GoesOn(ctx, s.kept, from, s.rootAt(t, all, from), 1300); err != nil {
				t.Errorf("a witness that saw %d records: %v", from, err)
			}
		}
		if d := s.archive(t, 901); len(d.Made) != 0 || d.Removed != 0 {
			t.Errorf("again: %+v", d)
		}
		s.stampLast(t)
		if d := s.archive(t, 1301); len(d.Made) != 1 || d.Made[0].From != 900 || d.Removed != 512 {
			t.Errorf("the next: %+v", d)
		}
		s.provable(t, 4, 899, 1203, 1299)
		paths, err := archive.Files(s.keeper.Dir)
		if err != nil || len(paths) != 2 {
			t.Fatalf("files %v, %v", paths, err)
		}
		list, err := archive.CheckRow(ctx, paths, s.reading)
		if err != nil || list[0].Error != nil || list[1].Error != nil || list[0].Content.Stamped != 3 {
			t.Errorf("row %+v, %v", list, err)
		}
		if here, err := archive.CheckIndex(ctx, s.store.Index(), 1280, s.keeper.Dir); err != nil || !here {
			t.Errorf("index %v, %v", here, err)
		}
		if n := s.audited(t, archive.ActionMade); n != 2 {
			t.Errorf("%d files are in the audit log", n)
		}
	})
}

func (s *shelf) rootAt(t *testing.T, all []exchange.Record, size int64) exchange.Digest {
	t.Helper()
	tree, err := exchange.NewTree(exchange.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all[:size] {
		tree.Append(r.Leaf)
	}
	return tree.Root()
}

// provable exports proofs of records and verifies them.
func (s *shelf) provable(t *testing.T, seqs ...int64) {
	t.Helper()
	for _, seq := range seqs {
		p, err := exchange.Export(t.Context(), s.kept, s.dir, seq)
		if err != nil {
			t.Errorf("proof of %d: %v", seq, err)
			continue
		}
		if _, err := p.Verify(checks(s.logbook), bodyOf(seq), nil); err != nil || len(p.Records) != 2 {
			t.Errorf("proof of %d: %d records, %v", seq, len(p.Records), err)
		}
		byID, err := exchange.ExportMessage(t.Context(), s.kept, s.dir, p.Records[0].Commitment.RequestID)
		if err != nil || cmp.Diff(p, byID) != "" {
			t.Errorf("proof by request id of %d: %v", seq, err)
		}
	}
}

// rewrite makes a file again with other lines, as somebody would who knows the form.
func rewrite(t *testing.T, path string, edit func(kind string, raw json.RawMessage) json.RawMessage) {
	t.Helper()
	r, err := archive.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := archive.NewWriter(filepath.Dir(path), r.Header, nil)
	if err != nil {
		t.Fatal(err)
	}
	type words struct {
		Seq       int64  `json:"seq"`
		MessageID string `json:"message_id"`
		RequestID string `json:"request_id"`
	}
	_ = r.Records(t.Context(), func(l archive.Line) (int64, []string, error) {
		if raw := edit(l.Kind, slices.Clone(l.JSON)); raw != nil {
			var x words
			if err := json.Unmarshal(raw, &x); err != nil {
				t.Fatal(err)
			}
			if err := w.Record(x.Seq, raw, x.MessageID, x.RequestID); err != nil {
				t.Fatal(err)
			}
		}
		return 0, nil, nil
	})
	if err := r.Proofs(func(l archive.Line) error {
		if raw := edit(l.Kind, slices.Clone(l.JSON)); raw != nil {
			return w.Proof(l.Kind, raw)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(r.End), r.Close(), os.Rename(w.Name(), path)); err != nil {
		t.Fatal(err)
	}
}

// changed sets a field in the lines of a kind that have some text in them.
func changed(kind, having, field string, value any) func(string, json.RawMessage) json.RawMessage {
	return func(k string, raw json.RawMessage) json.RawMessage {
		if k != kind || !strings.Contains(string(raw), having) {
			return raw
		}
		if field == "" {
			return nil
		}
		var m map[string]any
		if err := json.Unmarshal(raw, &m); err != nil {
			panic(err)
		}
		m[field] = value
		out, err := json.Marshal(m)
		if err != nil {
			panic(err)
		}
		return out
	}
}

// TestArchiveTampered: whatever is done to the files is found, by the file alone or by
// the row of them.
func TestArchiveTampered(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenSQLite(t)
	s := newShelf(t, db, 100, 600, 900, 1300)
	s.archive(t, 601)
	s.archive(t, 901)
	s.stampLast(t)
	s.archive(t, 1301)
	files, err := archive.Files(s.keeper.Dir)
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	forger := key(t)
	forged, err := s.ca.Issue(pki.Leaf{
		Public: forger.Public(), Name: "H55-1", From: noon.AddDate(0, -1, 0), Until: noon.AddDate(1, 0, 0), Use: pki.Gateway,
	})
	if err != nil {
		t.Fatal(err)
	}
	forgedHead := func(k string, raw json.RawMessage) json.RawMessage {
		switch {
		case k == archive.LineCert && strings.Contains(string(raw), `"gateway"`):
			out, _ := json.Marshal(archive.Certificate{For: "gateway", DER: forged})
			return out
		case k != archive.LineHead:
			return raw
		}
		var h exchange.Head
		if err := json.Unmarshal(raw, &h); err != nil {
			panic(err)
		}
		h.KeyID = exchange.Fingerprint(forged)
		if err := h.Sign(rand.Reader, forger); err != nil {
			panic(err)
		}
		h.Token = token(h.Stamped())
		out, _ := json.Marshal(h)
		return out
	}
	for name, c := range map[string]struct {
		do   func(t *testing.T, files []string)
		want string
	}{
		"untouched": {func(*testing.T, []string) {}, ""},
		"a record changed": {func(t *testing.T, f []string) {
			t.Helper()
			rewrite(t, f[1], changed(archive.LineRecord, `"seq":700,`, "user_id", "ai-khac"))
		}, "archive.file.range"},
		"a record removed": {func(t *testing.T, f []string) {
			t.Helper()
			rewrite(t, f[1], changed(archive.LineRecord, `"seq":700,`, "", nil))
		}, "archive.file.record"},
		"the last record removed": {func(t *testing.T, f []string) {
			t.Helper()
			rewrite(t, f[2], changed(archive.LineRecord, `"seq":1299,`, "", nil))
		}, "archive.file.end"},
		"an unknown field": {func(t *testing.T, f []string) {
			t.Helper()
			rewrite(t, f[1], changed(archive.LineRecord, `"seq":700,`, "note", "x"))
		}, "archive.file.record"},
		"the head's moment changed": {func(t *testing.T, f []string) {
			t.Helper()
			rewrite(t, f[1], changed(archive.LineHead, ``, "at", noon))
		}, "archive.file.head"},
		"the head removed": {func(t *testing.T, f []string) {
			t.Helper()
			rewrite(t, f[1], changed(archive.LineHead, ``, "", nil))
		}, "archive.file.end"},
		"a head of another gateway": {func(t *testing.T, f []string) { t.Helper(); rewrite(t, f[1], forgedHead) }, "archive.file.head"},
		"the stamp changed": {func(t *testing.T, f []string) {
			t.Helper()
			rewrite(t, f[1], changed(archive.LineHead, ``, "token", []byte("x")))
		}, "archive.file.stamp"},
		"a file removed in the middle": {func(t *testing.T, f []string) {
			t.Helper()
			if err := os.Remove(f[1]); err != nil {
				t.Fatal(err)
			}
		}, "archive.row.missing"},
		"a file made again": {func(t *testing.T, f []string) {
			t.Helper()
			rewrite(t, f[0], changed(archive.LineCert, `"timestamp"`, "", nil))
			rewrite(t, f[0], changed(archive.LineCert, `"authority"`, "", nil))
		}, "archive.row.other"},
		"a file under the name of another": {func(t *testing.T, f []string) {
			t.Helper()
			if err := os.Rename(f[1], f[2]); err != nil {
				t.Fatal(err)
			}
		}, "archive.file.name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(s.keeper.Dir)); err != nil {
				t.Fatal(err)
			}
			mine, err := archive.Files(dir)
			if err != nil {
				t.Fatal(err)
			}
			c.do(t, mine)
			if mine, err = archive.Files(dir); err != nil {
				t.Fatal(err)
			}
			list, err := archive.CheckRow(t.Context(), mine, s.reading)
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, f := range list {
				if f.Error != nil {
					found = append(found, f.Error.Key)
				}
			}
			if c.want == "" && len(found) > 0 || c.want != "" && !slices.Contains(found, c.want) {
				t.Errorf("found %v, want %q", found, c.want)
			}
			_, err = archive.CheckIndex(t.Context(), s.store.Index(), 1280, dir)
			if (err == nil) != (c.want == "") {
				t.Errorf("held against the database: %v", err)
			}
		})
	}
}

// TestArchiveEveryByte: no byte of a file can be another one unseen.
func TestArchiveEveryByte(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenSQLite(t)
	s := newShelf(t, db, 40, 50)
	d := s.archive(t, 41)
	path := filepath.Join(s.keeper.Dir, d.Made[0].File)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var places []int
	for i := 0; i < len(whole); i += 41 {
		places = append(places, i)
	}
	index := whole[binary.LittleEndian.Uint64(whole[len(whole)-8:])+8:]
	for i := range int(binary.LittleEndian.Uint32(index)) {
		at := int(binary.LittleEndian.Uint64(index[4+16*i:]))
		var h zstd.Header
		if err := h.Decode(whole[at:]); err != nil {
			t.Fatal(err)
		}
		for k := range h.HeaderSize { // bits that unpacking can do without
			places = append(places, at+k)
		}
	}
	for _, i := range places {
		other := slices.Clone(whole)
		other[i] ^= 0x20
		if err := os.WriteFile(path, other, 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := archive.CheckFile(t.Context(), path, s.reading); err != nil || c.Error == nil {
			t.Fatalf("byte %d of %d is another one: %v", i, len(whole), err)
		}
	}
	for _, n := range []int{0, 1, 100, len(whole) - 1} {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := archive.CheckFile(t.Context(), path, s.reading); err != nil || c.Error == nil {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
}

// broken fails at one step of a run.
type broken struct {
	archive.Index
	archive.Log
	add, remove int // at which call; 0: never
}

var errPower = errors.New("the power went")

func (b *broken) AddSegment(ctx context.Context, s archive.Segment) error {
	if b.add--; b.add == 0 {
		return errPower
	}
	return b.Index.AddSegment(ctx, s)
}

func (b *broken) Remove(ctx context.Context, from int64, to ledger.Frontier) error {
	if b.remove--; b.remove == 0 {
		return errPower
	}
	return b.Log.Remove(ctx, from, to)
}

// TestArchiveBrokenOff: wherever a run ends, nothing is lost, and the next one goes on
// and does nothing twice.
func TestArchiveBrokenOff(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]broken{"before the file is noted": {add: 1}, "before rows are removed": {remove: 1}, "between two removals": {remove: 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
				ctx := t.Context()
				s := newShelf(t, db, 600, 1300, 1310)
				all, err := s.store.Range(ctx, 0, 1310)
				if err != nil {
					t.Fatal(err)
				}
				index, log := s.keeper.Index, s.keeper.Log
				b := broken{index, log, b.add, b.remove}
				s.keeper.Index, s.keeper.Log = &b, &b
				if _, err := s.keeper.Archive(ctx, noon.Add(1305*time.Second)); !errors.Is(err, errPower) {
					t.Fatalf("%v, want the power to go", err)
				}
				if got, err := s.kept.Range(ctx, 0, 1310); err != nil || cmp.Diff(all, got) != "" {
					t.Errorf("broken off: %v (-want +got):\n%s", err, cmp.Diff(all, got))
				}
				if r, err := exchange.CheckLog(ctx, s.store, exchange.LogChecks{Stamp: checkToken}); err != nil || r.Records != 1310 {
					t.Errorf("broken off: check %+v, %v", r, err)
				}
				s.keeper.Index, s.keeper.Log = index, log
				s.archive(t, 1305)
				if got, err := s.kept.Range(ctx, 0, 1310); err != nil || cmp.Diff(all, got) != "" {
					t.Errorf("gone on: %v (-want +got):\n%s", err, cmp.Diff(all, got))
				}
				begin, err := s.store.Begin(ctx)
				if err != nil || begin.Size != 1280 {
					t.Errorf("begins at %d, %v", begin.Size, err)
				}
				files, err := archive.Files(s.keeper.Dir)
				if err != nil || len(files) != 1 || s.audited(t, archive.ActionMade) != 1 {
					t.Errorf("files %v, %v, %d noted", files, err, s.audited(t, archive.ActionMade))
				}
			})
		})
	}
}

// TestArchiveDamaged: as long as a file is not as it was written, no record that is in it
// leaves the table.
func TestArchiveDamaged(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := sqldbtest.OpenSQLite(t)
	s := newShelf(t, db, 600, 700)
	index, log := s.keeper.Index, s.keeper.Log
	b := broken{index, log, 0, 1}
	s.keeper.Log = &b
	if _, err := s.keeper.Archive(ctx, noon.Add(601*time.Second)); !errors.Is(err, errPower) {
		t.Fatal(err)
	}
	s.keeper.Log = log
	path := filepath.Join(s.keeper.Dir, archive.FileName(exchange.MessageChain, 0, 600, false))
	if err := os.Truncate(path, 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := s.keeper.Archive(ctx, noon.Add(601*time.Second)); faultKey(err) != "archive.file.damaged" {
		t.Errorf("with a damaged file: %v", err)
	}
	if list, err := s.store.Range(ctx, 0, 700); err != nil || len(list) != 700 {
		t.Errorf("%d records are left, %v", len(list), err)
	}
}

// TestArchiveTerm: a file goes when all of it is older than the term, and the audit log
// tells it from one that is missing.
func TestArchiveTerm(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newShelf(t, db, 600, 1300, 1310)
		s.archive(t, 601)
		s.archive(t, 1305)
		d, err := s.keeper.Drop(ctx, noon.Add(600*time.Second))
		if err != nil || len(d.Dropped) != 1 || d.Dropped[0].Until != 600 {
			t.Fatalf("dropped %+v, %v", d, err)
		}
		if d, err = s.keeper.Drop(ctx, noon.Add(600*time.Second)); err != nil || len(d.Dropped) != 0 || s.audited(t, archive.ActionDropped) != 1 {
			t.Errorf("again: %+v, %v", d, err)
		}
		index := s.store.Index()
		if _, err := archive.CheckIndex(ctx, index, 1280, s.keeper.Dir); err != nil {
			t.Errorf("after its term: %v", err)
		}
		if _, err := exchange.Export(ctx, s.kept, s.dir, 4); faultKey(err) != "archive.dropped" {
			t.Errorf("a record whose file is gone: %v", err)
		}
		s.provable(t, 601, 700, 767, 1281)
		files, err := archive.Files(s.keeper.Dir)
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		if err := os.Remove(files[0]); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.CheckIndex(ctx, index, 1280, s.keeper.Dir); faultKey(err) != "archive.file.missing" {
			t.Errorf("a missing file: %v", err)
		}
		if _, err := sqldb.Exec(ctx, db, `UPDATE archive_segment SET dropped_at = made_at`); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.CheckIndex(ctx, index, 1280, s.keeper.Dir); faultKey(err) != "archive.file.not_dropped" {
			t.Errorf("a missing file that was said to have been removed: %v", err)
		}
		if _, err := sqldb.Exec(ctx, db, `DELETE FROM archive_segment WHERE from_seq > 0`); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.CheckIndex(ctx, index, 1280, s.keeper.Dir); faultKey(err) != "archive.row.missing" {
			t.Errorf("a file that nobody knows of any more: %v", err)
		}
	})
}

// TestArchiveLeavesTheNew: what was just written is archived when somebody asks for it,
// and stays in the table, since the gateway reads there at its start what it has seen.
func TestArchiveLeavesTheNew(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newShelf(t, db, 600, 1300, 1310)
		now := noon.Add(1400 * time.Second)
		s.keeper.Log = exchange.MessageArchive{Store: s.store, Trust: s.trust, Now: func() time.Time { return now }}
		d := s.archive(t, 1400)
		if len(d.Made) != 1 || d.Made[0].Until != 1300 || d.Removed != 768 { // the ten minutes before begin at 800
			t.Errorf("%+v", d)
		}
		now = now.Add(time.Hour)
		if d := s.archive(t, 1400); len(d.Made) != 0 || d.Removed != 512 {
			t.Errorf("an hour later: %+v", d)
		}
	})
}

// TestChainWithArchive: the check of the chain reads the archive's files where they are,
// and an older witness is still answered.
func TestChainWithArchive(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := sqldbtest.OpenSQLite(t)
	s := newShelf(t, db, 600, 1300, 1310)
	if err := ledgersql.Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	all, err := s.store.Range(ctx, 0, 1310)
	if err != nil {
		t.Fatal(err)
	}
	if err := ledgersql.New(db).SaveNode(ctx, ledgersql.Node{Gateway: "G01-1", Dir: filepath.Dir(s.keeper.Dir)}, s.certs[0]); err != nil {
		t.Fatal(err)
	}
	d := s.archive(t, 1305)
	chain := exchangesql.Chain(db)
	if r, err := chain.Check(ctx, ledger.Checks{}); err != nil || r.State != ledger.Whole || r.Rows != 1310 {
		t.Errorf("%+v, %v", r, err)
	}
	root, err := chain.Root(ctx, 1310)
	if err != nil {
		t.Fatal(err)
	}
	way, err := chain.Consistency(ctx, 700, 1310)
	if err != nil || ledger.VerifyConsistency(700, 1310, s.rootAt(t, all, 700), root, way) != nil {
		t.Errorf("from 700, which is archived: %v", err)
	}
	path := filepath.Join(s.keeper.Dir, d.Made[0].File)
	if err := os.Truncate(path, 5000); err != nil {
		t.Fatal(err)
	}
	if r, err := chain.Check(ctx, ledger.Checks{}); err != nil || r.State != ledger.Changed {
		t.Errorf("with a damaged file: %+v, %v", r, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if r, err := chain.Check(ctx, ledger.Checks{}); err != nil || r.State != ledger.Cut {
		t.Errorf("without the file: %+v, %v", r, err)
	}
}
