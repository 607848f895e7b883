package exchangesql_test

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

var noon = time.Date(2026, 11, 21, 5, 0, 0, 0, time.UTC)

func newStore(tb testing.TB, db *sqldb.DB) *exchangesql.Store {
	tb.Helper()
	for _, migrate := range []func() error{
		func() error { return audit.Migrate(tb.Context(), db) },
		func() error { return exchangesql.Migrate(tb.Context(), db) },
	} {
		if err := migrate(); err != nil {
			tb.Fatal(err)
		}
	}
	return exchangesql.New(db, clock.Fixed(noon))
}

// record makes the n-th record of a synthetic log.
func record(n int64) exchange.Record {
	c := exchange.Commitment{
		Kind: exchange.Request, Method: "POST",
		Client: xroad.MustID("VN/GOV/H55/TTHC"), Service: xroad.MustID("VN/GOV/G01/DANCU/match"),
		MessageID: fmt.Sprintf("VN-%d", n/2), RequestID: sqldb.NewID(),
		Head: sha256.Sum256(fmt.Append(nil, "head", n)), Body: sha256.Sum256(fmt.Append(nil, "body", n)),
		Created: noon.Unix() + n, Nonce: fmt.Sprintf("nonce-%d", n), KeyID: exchange.Fingerprint(fmt.Append(nil, n%2)),
		Signature: make([]byte, 64),
	}
	copy(c.Signature, c.Head[:])
	copy(c.Signature[32:], c.Body[:])
	r := exchange.Record{
		Seq: n, At: noon.Add(time.Duration(n) * time.Second), Side: exchange.Provider, Peer: "H55-1", Commitment: c,
		UserID: "canbo.test", Issue: fmt.Sprintf("H55-%d", n/10), Purpose: "1.004194",
		Represented: []string{"", "COM/0100109106"}[n%2], RightID: sqldb.NewID(), Size: 100 + n,
	}
	if n%2 == 1 {
		r.Commitment.Kind, r.Commitment.Method, r.Commitment.Status = exchange.Response, "", 200
		r.Commitment.RequestHash = exchange.RequestHash([]byte("x"), nil)
		r.RequestIn, r.RequestOut = r.At, r.At.Add(time.Millisecond)
		r.ResponseIn, r.ResponseOut = r.At.Add(2*time.Millisecond), r.At.Add(3*time.Millisecond)
		r.RequestSize, r.ServiceType = 100, "OPENAPI"
	}
	if n%10 == 9 {
		r.Fault, r.FaultText = xroad.AccessDenied, "no right"
	}
	r.Leaf = r.LogLeaf()
	return r
}

func batch(from, n int64) exchange.Batch {
	b := exchange.Batch{Frontier: exchange.Frontier{Size: from + n, Hashes: []exchange.Digest{{1}, {2}}}}
	for i := range n {
		b.Records = append(b.Records, record(from+i))
	}
	return b
}

func TestLog(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newStore(t, db)
		if f, err := s.Frontier(ctx); err != nil || f.Size != 0 || len(f.Hashes) != 0 {
			t.Fatalf("a new log ends at %+v, %v", f, err)
		}
		one := batch(0, 40)
		one.Uses = []exchange.Use{{RightID: "r1", Window: noon, Calls: 3}}
		one.Tiles = []exchange.Tile{{Level: 1, Index: 0, Hash: exchange.Digest{7}}, {Level: 1, Index: 1, Hash: exchange.Digest{8}}}
		one.Bodies = []exchange.Body{{Seq: 3, Sealed: []byte("sealed")}, {Seq: 39, Sealed: []byte("later")}}
		// Words as a hostile caller sends them: bytes that are no text, and very long.
		one.Records[4].UserID, one.Records[4].Issue = "\x00\xff", string(make([]byte, 9000))
		one.Records[4].Commitment.MessageID = "\xfe\x00"
		if err := s.Append(ctx, one); err != nil {
			t.Fatal(err)
		}
		if err := s.Append(ctx, one); fault.Of(err) != fault.Conflict {
			t.Errorf("append of the same batch again: %v, want Conflict", err)
		}
		two := batch(40, 10)
		two.Uses = []exchange.Use{{RightID: "r1", Window: noon, Calls: 4}, {RightID: "r1", Window: noon.Add(time.Minute), Calls: 1}}
		// What Append reads must come back the same from a store that has seen nothing.
		if err := exchangesql.New(db, clock.Fixed(noon)).Append(ctx, two); err != nil {
			t.Fatal(err)
		}
		all, err := s.Range(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append(one.Records, two.Records...), all); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		if f, err := s.Frontier(ctx); err != nil || cmp.Diff(two.Frontier, f) != "" {
			t.Errorf("frontier %+v, %v", f, err)
		}
		if n, err := s.Used(ctx, "r1", noon); n != 7 || err != nil {
			t.Errorf("used %d, %v, want 7", n, err)
		}
		if n, err := s.Used(ctx, "r2", noon); n != 0 || err != nil {
			t.Errorf("used %d, %v, want 0", n, err)
		}
		if got, err := s.Tiles(ctx, 1, 1, 5); err != nil || cmp.Diff([]exchange.Digest{{8}}, got) != "" {
			t.Errorf("tiles %v, %v", got, err)
		}
		if got, err := s.Leaves(ctx, 48, 60); err != nil || len(got) != 2 || got[1] != two.Records[9].Leaf {
			t.Errorf("leaves %v, %v", got, err)
		}
		ids, err := s.RequestIDs(ctx, noon.Add(46*time.Second))
		if err != nil || cmp.Diff([]string{two.Records[6].Commitment.RequestID, two.Records[8].Commitment.RequestID}, ids) != "" {
			t.Errorf("request ids %v, %v", ids, err)
		}
		if got, err := s.SealedBody(ctx, 3); err != nil || string(got) != "sealed" {
			t.Errorf("body %q, %v", got, err)
		}
		if n, err := s.DropBodies(ctx, noon.Add(30*time.Second)); n != 1 || err != nil {
			t.Errorf("dropped %d, %v", n, err)
		}
		if _, err := s.SealedBody(ctx, 3); fault.Of(err) != fault.NotFound {
			t.Errorf("a dropped body: %v", err)
		}
		for name, list := range map[string][]exchange.Record{
			"VN-20": two.Records[:2], two.Records[0].Commitment.RequestID: two.Records[:1], "\xfe\x00": one.Records[4:5], "none": nil,
		} {
			got, err := s.Message(ctx, name)
			if diff := cmp.Diff(list, got); err != nil || len(got) != len(list) || (len(list) > 0 && diff != "") {
				t.Errorf("message %q: %v\n%s", name, err, diff)
			}
		}
	})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newStore(t, db)
		b := batch(0, 40)
		b.Records[7].Commitment.Client = xroad.MustID("VN/GOV/G24/BHXH")
		b.Records[8].Commitment.Client = xroad.MustID("VN/GOV/G240/BHXH")
		b.Records[8].Side = exchange.Consumer
		b.Records[9].Commitment.Service = xroad.MustID("VN/GOV/G01/DANCU/facts%2Fall")
		if err := s.Append(ctx, b); err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			name string
			f    exchange.Filter
			want []int64
		}{
			{"newest first", exchange.Filter{Limit: 3}, []int64{39, 38, 37}},
			{"next page", exchange.Filter{Limit: 2, Before: 37}, []int64{36, 35}},
			{"time", exchange.Filter{From: noon.Add(2 * time.Second), Until: noon.Add(4 * time.Second)}, []int64{3, 2}},
			{"message id", exchange.Filter{Text: "VN-6"}, []int64{13, 12}},
			{"dossier", exchange.Filter{Text: "H55-1", Limit: 2}, []int64{19, 18}},
			{"officer, page", exchange.Filter{Text: "canbo.test", Limit: 2, Before: 20}, []int64{19, 18}},
			{"request id", exchange.Filter{Text: b.Records[5].Commitment.RequestID}, []int64{5}},
			{"member", exchange.Filter{Client: xroad.MustID("VN/GOV/G24")}, []int64{7}},
			{"subsystem", exchange.Filter{Client: xroad.MustID("VN/GOV/G24/BHXH")}, []int64{7}},
			{"service", exchange.Filter{Service: xroad.MustID("VN/GOV/G01/DANCU/facts%2Fall")}, []int64{9}},
			{"side", exchange.Filter{Side: exchange.Consumer}, []int64{8}},
			{"faults", exchange.Filter{OnlyFaults: true}, []int64{39, 29, 19, 9}},
			{"officer and faults", exchange.Filter{OnlyFaults: true, Text: "canbo.test", Limit: 2}, []int64{39, 29}},
			{"nothing", exchange.Filter{Text: "H55"}, nil},
		}
		for _, tt := range tests {
			list, err := s.Search(ctx, tt.f)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			var got []int64
			for _, r := range list {
				got = append(got, r.Seq)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
	})
}

// TestAppendConcurrently: of several writers at one place exactly one comes through.
func TestAppendConcurrently(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newStore(t, db)
		for round := range int64(4) {
			var won atomic.Int64
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					err := s.Append(ctx, batch(round*5, 5))
					switch {
					case err == nil:
						won.Add(1)
					case fault.Of(err) != fault.Conflict:
						t.Errorf("append: %v", err)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 {
				t.Fatalf("round %d: %d writers came through, want 1", round, won.Load())
			}
		}
		if leaves, err := s.Leaves(ctx, 0, 100); err != nil || len(leaves) != 20 {
			t.Errorf("%d leaves, %v, want 20", len(leaves), err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	ctx := b.Context()
	s := newStore(b, sqldbtest.OpenSQLite(b))
	var size int64
	for b.Loop() {
		b.StopTimer()
		next := batch(size, 200)
		b.StartTimer()
		if err := s.Append(ctx, next); err != nil {
			b.Fatal(err)
		}
		size += 200
	}
	b.ReportMetric(float64(size)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkInclusionProof reads from a log of ten million records, of which only the
// rows that a proof can touch are there.
func BenchmarkInclusionProof(b *testing.B) {
	ctx := b.Context()
	db := sqldbtest.OpenSQLite(b)
	s := newStore(b, db)
	const size, seq = 10_000_000, 4_321_987
	var tiles []exchange.Tile
	for level, n := 1, int64(size)>>8; n > 0; level, n = level+1, n>>8 {
		for i := range n {
			tiles = append(tiles, exchange.Tile{Level: level, Index: i, Hash: exchange.Digest{byte(i)}})
		}
	}
	if err := s.Append(ctx, exchange.Batch{Tiles: tiles}); err != nil {
		b.Fatal(err)
	}
	for _, from := range []int64{seq &^ 255, (size - 1) &^ 255} {
		if _, err := sqldb.Exec(ctx, db, `UPDATE gateway_log SET size = $1`, from); err != nil {
			b.Fatal(err)
		}
		if err := s.Append(ctx, batch(from, min(256, size-from))); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := ledger.InclusionProof(ctx, s, seq, size); err != nil {
			b.Fatal(err)
		}
	}
}
