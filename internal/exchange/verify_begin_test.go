package exchange_test

import (
	"testing"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/fault"
	merkle "dean06/internal/platform/ledger"
)

// TestLogThatBeginsLater: records that were archived are counted, not read; the heads
// over later records still cover them, so that a changed beginning is found.
func TestLogThatBeginsLater(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	stamp := exchange.LogChecks{Stamp: func(_, _ []byte) (time.Time, error) { return noon, nil }}
	m := newLedger(t, 1000)
	begin, err := merkle.FrontierAt(ctx, m, 768)
	if err != nil {
		t.Fatal(err)
	}
	m.begin = begin
	got, err := exchange.CheckLog(ctx, m, stamp)
	if err != nil || got.Records != 1000 || got.Archived != 768 || got.Stamped != 1000 || got.Heads != 3 {
		t.Errorf("a log that begins at 768: %+v, %v", got, err)
	}
	key := func(err error) string {
		if f := fault.As(err); f != nil {
			return f.Key
		}
		return ""
	}
	for name, c := range map[string]struct {
		change func(m *ledger)
		want   string
	}{
		"the beginning of another log": {func(m *ledger) { m.begin.Hashes[0][0] ^= 1 }, "exchange.log.broken.begin"},
		"and the subtree with it": {func(m *ledger) {
			m.begin.Hashes[1][0] ^= 1
			m.tiles[1][2] = m.begin.Hashes[1]
		}, "exchange.log.broken.range"},
		"begins behind its end":      {func(m *ledger) { m.begin.Size, m.begin.Hashes = 1024, m.begin.Hashes[:1] }, "exchange.log.broken.begin"},
		"a record is gone after it":  {func(m *ledger) { m.records[768].Seq++ }, "exchange.log.broken.removed"},
		"the first kept one changed": {func(m *ledger) { m.records[768].UserID = "x" }, "exchange.log.broken.changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newLedger(t, 1000)
			var err error
			if m.begin, err = merkle.FrontierAt(ctx, m, 768); err != nil {
				t.Fatal(err)
			}
			c.change(m)
			if _, err := exchange.CheckLog(ctx, m, stamp); key(err) != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
