package exchangenode

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/journal"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

// record is one of the message log, as a gateway writes it.
func record(seq int64) exchange.Record {
	r := exchange.Record{
		Seq: seq, At: time.Date(2026, 11, 29, 5, 0, 0, 0, time.UTC), Side: exchange.Provider, Peer: "H55-1",
		Commitment: exchange.Commitment{
			Kind: exchange.Request, Method: "POST", Client: xroad.MustID("VN/GOV/H55/TTHC"), Service: xroad.MustID("VN/GOV/G01/DANCU/match"),
			MessageID: fmt.Sprint("m-", seq), RequestID: fmt.Sprint("r-", seq), Nonce: "n", KeyID: strings.Repeat("a", 64), Signature: make([]byte, 64),
		},
	}
	r.Leaf = r.LogLeaf()
	return r
}

// killed is the folder of a gateway that was killed with more in its journal, from first on,
// than in its table.
func killed(t *testing.T, db *sqldb.DB, first, table, all int64) (dir string) {
	t.Helper()
	dir = t.TempDir()
	tree, err := exchange.NewTree(exchange.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(filepath.Join(dir, journal.Folder), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b exchange.Batch
	for seq := range all {
		if seq == first {
			if err := j.Begin(tree.Frontier()); err != nil {
				t.Fatal(err)
			}
		}
		r := record(seq)
		if seq >= first {
			if err := errors.Join(j.Append([]*journal.Entry{{Records: []exchange.Record{r}}}), j.Sync()); err != nil {
				t.Fatal(err)
			}
		}
		tiles := tree.Append(r.Leaf)
		if seq < table {
			b.Records, b.Tiles, b.Frontier = append(b.Records, r), append(b.Tiles, tiles...), tree.Frontier()
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := exchangesql.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := exchangesql.New(db, clock.System{}).Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return dir
}

// listing is a folder with what its files hold.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %x\n", path, content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWhatWaitsInTheJournal: what a killed gateway left in its journal is part of the log,
// offline too; nothing is written to the journal, and one that is damaged, that belongs to
// another log or that begins too late is told.
func TestWhatWaitsInTheJournal(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(ledger.Texts, exchange.Messages)
	must(t, err)
	for name, c := range map[string]struct {
		first int64
		harm  func(t *testing.T, files []string, dir string)
		state ledger.State
		rows  int64
		at    int64
		says  string
	}{
		"killed":                 {0, nil, ledger.Whole, 300, 0, "Of these, 40 are in the gateway's journal"},
		"killed, old files gone": {250, nil, ledger.Whole, 300, 0, "Of these, 40 are"},
		"the folder is not here": {0, func(t *testing.T, _ []string, dir string) { must(t, os.RemoveAll(dir)) }, ledger.Whole, 260, 0, ""},
		"an empty folder":        {0, func(t *testing.T, files []string, _ string) { must(t, os.Remove(files[0])) }, ledger.Whole, 260, 0, ""},
		"torn at its end": {0, func(t *testing.T, files []string, _ string) {
			info, err := os.Stat(files[0])
			must(t, err)
			must(t, os.Truncate(files[0], info.Size()-3))
		}, ledger.Whole, 299, 0, "Of these, 39 are"},
		"damaged": {0, func(t *testing.T, files []string, _ string) {
			b, err := os.ReadFile(files[0])
			must(t, err)
			b[strings.LastIndex(string(b), "r-280")] ^= 1
			must(t, os.WriteFile(files[0], b, 0o600))
		}, ledger.Changed, 280, 280, "The journal of the message log is damaged"},
		"begins behind the table": {270, nil, ledger.Cut, 260, 260, "Records from 260 to before 270 are missing"},
		"an older copy of the database": {0, func(t *testing.T, _ []string, dir string) {
			must(t, journal.NoteMoved(dir, 290))
		}, ledger.Whole, 260, 0, "an older copy"},
		"another log's": {0, func(t *testing.T, files []string, dir string) {
			must(t, os.Remove(files[0]))
			j, err := journal.Open(dir, journal.Options{})
			must(t, err)
			tree, err := exchange.NewTree(exchange.Frontier{})
			must(t, err)
			for range 260 {
				tree.Append(ledger.LeafOf([]byte("x")))
			}
			must(t, j.Begin(tree.Frontier()))
			must(t, errors.Join(j.Append([]*journal.Entry{{Records: []exchange.Record{record(260)}}}), j.Sync(), j.Close()))
		}, ledger.Changed, 260, 260, "does not go on from the log in the database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
				dir := killed(t, db, c.first, 260, 300)
				if c.harm != nil {
					files, err := filepath.Glob(filepath.Join(dir, journal.Folder, "*.journal"))
					must(t, err)
					c.harm(t, files, filepath.Join(dir, journal.Folder))
				}
				before := listing(t, dir)
				check := logChecker{db: db, chains: []ledger.Chain{exchangesql.Chain(db)}, dir: dir, journal: true}
				found, err := check.run(t.Context())
				if err != nil || len(found) != 1 {
					t.Fatalf("%+v, %v", found, err)
				}
				got := found[0]
				said := strings.Join(got.Says(texts.In(i18n.En)), "\n")
				if got.State != c.state || got.Rows != c.rows || got.At != c.at || !strings.Contains(said, c.says) || strings.Contains(said, "ledger.") {
					t.Errorf("%s, %d rows, at %d: %s; want %s, %d, %d", got.State, got.Rows, got.At, said, c.state, c.rows, c.at)
				}
				if listing(t, dir) != before {
					t.Error("the check wrote to the gateway's folder")
				}
				if w := waitingIn(dir, ""); w != nil {
					store := exchangesql.New(db, clock.System{})
					n, err := w.behind(t.Context(), store, 260)
					if want := c.rows - 260; n != want || (err != nil) != (c.state != ledger.Whole) {
						t.Errorf("proof log: %d records more, %v; want %d", n, err, want)
					}
				}
			})
		})
	}
}

// TestTheWitnessSawWhatWaits: a table that lost what the hub has seen is whole as long as the
// journal has it, and it is the same.
func TestTheWitnessSawWhatWaits(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		dir := killed(t, db, 0, 260, 300)
		tree, err := exchange.NewTree(exchange.Frontier{})
		must(t, err)
		for seq := range int64(280) {
			r := record(seq)
			tree.Append(r.Leaf)
		}
		chain := exchangesql.Chain(db)
		w := waitingIn(dir, "")
		for name, c := range map[string]struct {
			seen ledger.Head
			want ledger.State
		}{
			"the same": {ledger.Head{Size: 280, Root: tree.Root()}, ledger.Whole},
			"another":  {ledger.Head{Size: 280, Root: ledger.EmptyRoot()}, ledger.Back},
			"more":     {ledger.Head{Size: 301, Root: tree.Root()}, ledger.Back},
		} {
			r, err := chain.Check(t.Context(), ledger.Checks{Seen: []ledger.Head{c.seen}, Rest: w.rest})
			if err != nil || r.State != c.want || r.Rows != 300 {
				t.Errorf("%s: %+v, %v; want %s", name, r, err, c.want)
			}
		}
	})
}

// TestStandbyIsWaitedFor: a standby that is late is no log that went back; one that stays
// behind is said to be a standby.
func TestStandbyIsWaitedFor(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		var seen exchange.Witness
		hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(seen) }))
		defer hub.Close()
		l, _ := newLogged(t, db, hub.URL)
		l.write(3)
		last := l.write(2)
		seen = exchange.Witness{Gateway: "H55-1", Heads: []exchange.SeenHead{{Head: last}}, Certificates: [][]byte{l.cert}}
		asked := 0
		chain := &late{Chain: l.chain, size: func(size int64) int64 {
			if asked++; asked < 3 {
				return 3
			}
			return size
		}}
		follows := func() (bool, error) { return true, nil }
		check := logChecker{db: db, chains: []ledger.Chain{chain}, follows: follows}
		found, err := check.run(t.Context())
		if err != nil || found[0].State != ledger.Whole || asked < 3 || len(found[0].Notes) > 0 {
			t.Errorf("a late standby: %+v, %v, asked %d times", found, err, asked)
		}
		more := last
		more.Size = 12
		must(t, more.Sign(rand.Reader, l.key))
		seen.Heads[0].Head = more
		check = logChecker{db: db, chains: []ledger.Chain{l.chain}, follows: follows, wait: time.Millisecond}
		found, err = check.run(t.Context())
		if err != nil || found[0].State != ledger.Back || len(found[0].Notes) != 1 || !strings.HasPrefix(found[0].Notes[0].Key, "ledger.check.standby") {
			t.Errorf("a standby that stays behind: %+v, %v", found, err)
		}
	})
}

// late says another size than there is.
type late struct {
	ledger.Chain
	size func(int64) int64
}

func (l *late) Size(ctx context.Context) (int64, error) {
	n, err := l.Chain.Size(ctx)
	return l.size(n), err
}

// TestRestoresAreNamed: a restore that people acknowledged is said, from the audit log of the
// node and from what the witness answers.
func TestRestoresAreNamed(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(ledger.Texts)
	must(t, err)
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		var seen exchange.Witness
		hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(seen) }))
		defer hub.Close()
		l, _ := newLogged(t, db, hub.URL)
		entry := func(id, chain string) {
			must(t, audit.Record(t.Context(), db, audit.Entry{
				Action: restoreAction, Subject: audit.Subject{Type: "gateway", ID: "H55-1"}, Who: audit.Who{Actor: actor.Actor{Account: "2", Name: "Trần Bình"}},
				Details: map[string]string{"request": id, "asked": "1", "backup": "2026-11-28", "chain": chain, "size": "90", "to": "70"},
			}))
		}
		must(t, audit.Record(t.Context(), db, audit.Entry{Action: "x.y", Who: audit.Who{Actor: actor.Actor{Account: "1", Name: "Lê An"}}}))
		entry("a", ledger.Audit)
		entry("b", ledger.Audit)
		entry("c", ledger.Lookups)
		h := l.write(1)
		seen = exchange.Witness{
			Gateway: "H55-1", Heads: []exchange.SeenHead{{Head: h}}, Certificates: [][]byte{l.cert}, Restores: []exchange.SeenRestore{
				{ID: "a", Chain: ledger.Audit, Backup: "2026-11-28", Size: 90, ToSize: 70},
				{ID: "d", Chain: ledger.Audit, Backup: "2026-10-01", Size: 50, ToSize: 40},
			},
		}
		got := l.check()
		said := strings.Join(got.Says(texts.In(i18n.En)), "\n")
		if len(got.Restores) != 3 || got.State != ledger.Whole {
			t.Fatalf("%+v", got)
		}
		for _, want := range []string{
			"restore a: from the backup of 2026-11-28, from 90 rows to 70; asked by Lê An, approved by Trần Bình", "The hub knows of it",
			"restore b", "the hub has not said so now", "restore d: from the backup of 2026-10-01", "does not name it",
		} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not in %s", want, said)
			}
		}
		text, err := json.Marshal(asJSON([]ledger.Found{got})[0])
		must(t, err)
		if !strings.HasPrefix(string(text), `{"chain":"audit","rows":5,"state":"whole","at":0,"witness":"ok","restores":[{"id":"d",`) {
			t.Errorf("%s", text)
		}
		got.Restores = nil
		if text, err = json.Marshal(asJSON([]ledger.Found{got})[0]); err != nil || strings.Contains(string(text), "restores") {
			t.Errorf("%s %v", text, err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
