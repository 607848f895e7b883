package gateway_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/journal"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

// goBack takes the table back to its first size records, as a failover to a replica that
// was behind does, and gives where it stood.
func goBack(t *testing.T, db *sqldb.DB, size int64) (was exchange.Frontier) {
	t.Helper()
	store := exchangesql.New(db, nil)
	was, err := store.Frontier(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	setEnd(t, db, endAt(t, db, size))
	for _, query := range []string{
		`DELETE FROM gateway_record WHERE seq >= $1`, `DELETE FROM gateway_head WHERE size > $1`, `UPDATE gateway_use SET calls = CAST($1 AS BIGINT) / 2`,
	} {
		if _, err := sqldb.Exec(t.Context(), db, query, size); err != nil {
			t.Fatal(err)
		}
	}
	return was
}

// endAt is where the table's first size records end.
func endAt(t *testing.T, db *sqldb.DB, size int64) exchange.Frontier {
	t.Helper()
	leaves, err := exchangesql.New(db, nil).Leaves(t.Context(), 0, size)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := exchange.NewTree(exchange.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range leaves {
		tree.Append(leaf)
	}
	return tree.Frontier()
}

func setEnd(t *testing.T, db *sqldb.DB, f exchange.Frontier) {
	t.Helper()
	hashes := []byte{}
	for _, h := range f.Hashes {
		hashes = append(hashes, h[:]...)
	}
	if _, err := sqldb.Exec(t.Context(), db, `UPDATE gateway_log SET size = $1, hashes = $2`, f.Size, hashes); err != nil {
		t.Fatal(err)
	}
}

// TestDatabaseGoesBack: what a database had acknowledged and lost is put back from the
// journal, byte for byte, in a gateway that runs and in one that starts; what the journal
// does not have is told, and a table that is another is not written to.
func TestDatabaseGoesBack(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		c := newCountry(t)
		authority := c.join("G01-1", dancu, func(n *node) { n.db = db })
		province := c.join("H55-1", tthc, nil)
		authority.offer(t, exchange.LocalService{ID: match, OwnFields: true}, echo)
		r := authority.give(t, exchange.Right{Subject: tthc, Service: match, Quota: exchange.Quota{Calls: 1000, Per: exchange.Month}})
		call := func(n int) {
			for range n {
				province.wants(t, "")
			}
		}
		again := func() {
			authority.restart(t)
			authority.Provide(match, echo)
		}
		whole := func(want int) {
			t.Helper()
			eventually(t, "all is in the table", func() bool { return len(authority.records(t)) == want })
			authority.check(t)
		}
		call(5)
		before := authority.records(t)

		// A failover while it runs.
		goBack(t, db, 4)
		call(1)
		whole(12)
		for i, r := range authority.records(t)[:10] {
			if r.Leaf != before[i].Leaf {
				t.Errorf("record %d is another", i)
			}
		}
		if s := authority.status(t); s.LogRestored != 6 || s.LogLost != 0 || s.LogFault != "" {
			t.Errorf("status %+v, want 6 put back", s)
		}
		// Nobody calls: it is noticed all the same.
		goBack(t, db, 6)
		eventually(t, "it is noticed", func() bool { return authority.status(t).LogRestored == 12 })
		whole(12)

		// Yesterday's backup while it stood still.
		authority.stop()
		goBack(t, db, 2)
		again()
		whole(12)
		if s := authority.status(t); s.LogRestored != 10 || s.LogLost != 0 {
			t.Errorf("status %+v, want 10 put back", s)
		}
		call(1)
		whole(14)
		if n, err := authority.store.Used(t.Context(), r.ID, exchange.Window(r.Quota, authority.clock.Now())); err != nil || n != 7 {
			t.Errorf("used %d, %v; want each of 7 calls once", n, err)
		}

		// The table is changed behind the gateway's back: nothing is written to it, and
		// nothing is answered, until it is right again.
		authority.stop()
		right := endAt(t, db, 14)
		wrong := endAt(t, db, 14)
		wrong.Hashes[0][3] ^= 1
		setEnd(t, db, wrong)
		again()
		eventually(t, "calls are refused", func() bool {
			return province.call(t, http.MethodGet, matchPath, nil).code() == string(xroad.ProviderLogFailed)
		})
		if s := authority.status(t); s.LogFault == "" {
			t.Error("it is not shown why")
		}
		setEnd(t, db, right)
		eventually(t, "it goes on by itself", func() bool { return province.call(t, http.MethodGet, matchPath, nil).code() == "" })
		whole(16)

		// The journal is gone with the newest records.
		authority.stop()
		files, err := filepath.Glob(filepath.Join(authority.settings.Dir, "journal", "*.journal"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		goBack(t, db, 10)
		again()
		call(1)
		whole(12)
		if s := authority.status(t); s.LogLost != 6 || s.LogRestored != 0 {
			t.Errorf("status %+v, want 6 lost", s)
		}
	})
}

// TestBackToBeforeTheJournal: what is between is told to be lost, and what the journal
// has is put behind what the table has.
func TestBackToBeforeTheJournal(t *testing.T) {
	t.Parallel()
	_, province, authority := pairOf(t, func(n *node) { n.settings.Journal = journal.Options{FileSize: 1, Keep: 1} })
	for range 6 {
		province.wants(t, "")
	}
	eventually(t, "old files go", func() bool {
		c, err := journal.First(filepath.Join(authority.settings.Dir, "journal"))
		return err == nil && c.Frontier().Size > 4
	})
	records := authority.records(t)
	eventually(t, "all heads are stamped", func() bool {
		h, ok, err := authority.store.LastHead(t.Context())
		return err == nil && ok && h.Size == int64(len(records)) && authority.status(t).Unstamped == 0
	})
	goBack(t, authority.db, 3)
	eventually(t, "it goes on", func() bool {
		return authority.status(t).LogLost > 0 && province.call(t, http.MethodGet, matchPath, nil).code() == ""
	})
	first := 3 + authority.status(t).LogLost
	if first < 5 || first > int64(len(records)) {
		t.Errorf("the journal is said to begin at record %d", first)
	}
	got := authority.records(t)
	for i, r := range records[first:] {
		if got[3+i].Leaf != r.Leaf {
			t.Errorf("record %d of the journal is not there", i)
		}
	}
	authority.check(t)
	if aside, err := filepath.Glob(filepath.Join(authority.settings.Dir, "journal.before-*")); err != nil || len(aside) != 1 {
		t.Errorf("%v %v, want the journal as it was", aside, err)
	}
}

// TestKilledIsKnownAgain: a call that is in the journal only is known again after a start.
func TestKilledIsKnownAgain(t *testing.T) {
	t.Parallel()
	_, province, authority := pair(t)
	old := province.forge(t, nil)
	if a, err := old.deliver(t, province, authority); err != nil || a.code() != "" {
		t.Fatalf("%v %s", err, a.body)
	}
	authority.stop()
	goBack(t, authority.db, 0) // the mover never ran
	authority.restart(t)
	authority.Provide(match, echo)
	if a, err := old.deliver(t, province, authority); err != nil || a.code() != string(xroad.Replayed) {
		t.Errorf("sent again: %v %s, want %s", err, a.body, xroad.Replayed)
	}
	authority.check(t)
}
