package exchange_test

import (
	"encoding/hex"
	"testing"
	"time"

	"dean06/internal/exchange"
)

// TestDetailsStay: what is written of a record later changes no hash of those that were
// written before, and is covered itself.
func TestDetailsStay(t *testing.T) {
	t.Parallel()
	r := exchange.Record{
		Side: exchange.Provider, Peer: "H55-1", UserID: "canbo", Issue: "H55-don-1", Purpose: "1.004194", RightID: "r", Size: 9, RequestSize: 5,
		ServiceType: "REST", At: time.UnixMicro(1_700_000_000_000_001), RequestIn: time.UnixMicro(1_700_000_000_000_000),
	}
	const before = "8f1837bc1abc1ac0fa3b811a5aa351a0ce6d87343d0311c812beacb8bc1bb43a"
	if got := r.Details(); hex.EncodeToString(got[:]) != before {
		t.Errorf("the details of an older record are %x, want %s", got, before)
	}
	seen := map[exchange.Digest]string{r.Details(): ""}
	for _, party := range []string{"COM/1", "1", "COM/2"} {
		r.Represented = party
		if other, met := seen[r.Details()]; met {
			t.Errorf("%q and %q have the same details", party, other)
		}
		seen[r.Details()] = party
	}
}
