package bench

import (
	"crypto/sha256"
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// TestSoakMissesAnswers: an accepted answer that a log has not, or not as the caller had
// it, is found.
func TestSoakMissesAnswers(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	address, drop, err := Ground{Dir: t.TempDir()}.Database(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = drop(ctx) })
	n := &member{code: "H55", subsystem: "TTHC", db: address}
	db, store, err := n.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := exchange.NewTree(exchange.Frontier{})
	if err != nil {
		t.Fatal(err)
	}
	var b exchange.Batch
	for i, kind := range []exchange.Kind{exchange.Request, exchange.Response} {
		r := exchange.Record{Seq: int64(i), At: time.Unix(1, 0).UTC(), Side: exchange.Consumer, Commitment: exchange.Commitment{
			Kind: kind, RequestID: "r-1", MessageID: "m-1", Body: sha256.Sum256([]byte(kind)), Status: 200,
			Client: xroad.MustID("VN/GOV/H55/TTHC"), Service: xroad.MustID("VN/GOV/G01/DANCU/match"),
		}}
		r.Leaf = r.LogLeaf()
		b.Records = append(b.Records, r)
		tree.Append(r.Leaf)
	}
	b.Frontier = tree.Frontier()
	if err := store.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	right := accepted{sha256.Sum256([]byte(exchange.Request)), sha256.Sum256([]byte(exchange.Response))}
	for name, c := range map[string]struct {
		answers map[string]accepted
		want    int
	}{
		"all are there":    {map[string]accepted{"r-1": right}, 0},
		"another answer":   {map[string]accepted{"r-1": {right.request, right.request}}, 1},
		"another question": {map[string]accepted{"r-1": {right.answer, right.answer}}, 1},
		"one is lost":      {map[string]accepted{"r-1": right, "r-2": right}, 1},
	} {
		s := &soakRun{answers: c.answers}
		var out SoakedNode
		if err := s.logged(ctx, n, &out); err != nil || out.Missing != c.want || len(s.out.Wrong) != c.want || out.Records != 2 {
			t.Errorf("%s: %+v, %v, %v", name, out, s.out.Wrong, err)
		}
	}
}

// TestSoakFlat: memory and files that grow are found, in a soak that is long enough.
func TestSoakFlat(t *testing.T) {
	t.Parallel()
	n := &member{code: "H55", subsystem: "TTHC"}
	run := func(d time.Duration, rss, files func(i int) int) (SoakedNode, int) {
		s := &soakRun{Soak: Soak{For: d}, samples: map[*member][]sampled{}}
		for i := range 200 {
			s.samples[n] = append(s.samples[n], sampled{soakWarm + time.Duration(i)*soakSample, int64(rss(i)), files(i)})
		}
		return *s.flat(n), len(s.out.Wrong)
	}
	same := func(v int) func(int) int { return func(int) int { return v } }
	if got, wrong := run(soakJudged, same(80e6), same(40)); wrong != 0 || !got.Judged {
		t.Errorf("flat: %+v, %d wrong", got, wrong)
	}
	if got, wrong := run(soakJudged, func(i int) int { return 80e6 + i*1e6 }, same(40)); wrong != 1 {
		t.Errorf("a megabyte every two seconds: %+v, %d wrong", got, wrong)
	}
	if got, wrong := run(soakJudged, same(80e6), func(i int) int { return 40 + i }); wrong != 1 {
		t.Errorf("a file every two seconds: %+v, %d wrong", got, wrong)
	}
	if got, wrong := run(time.Minute, func(i int) int { return 80e6 + i*1e6 }, same(40)); wrong != 0 || got.Judged {
		t.Errorf("too short: %+v, %d wrong", got, wrong)
	}
}
