package packed

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// TestRecord: whatever a record holds comes back byte for byte.
func TestRecord(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(
			rapid.String(), rapid.StringMatching(`[0-9a-fA-F]{64}`), rapid.StringMatching(`[A-Za-z0-9+/]{86}==`),
			rapid.StringMatching(`[A-Za-z0-9+/]{24}`),
			rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-fA]{12}`),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 80), func(b []byte) string { return string(b) }),
		)
		moment := rapid.Custom(func(t *rapid.T) time.Time {
			if rapid.Bool().Draw(t, "zero") {
				return time.Time{}
			}
			return time.UnixMicro(rapid.Int64Range(-1e15, 1e16).Draw(t, "us")).UTC()
		})
		want := exchange.Record{
			Side: rapid.SampledFrom([]exchange.Side{exchange.Consumer, exchange.Provider}).Draw(t, "side"),
			Peer: word.Draw(t, "peer"), UserID: word.Draw(t, "user"), Issue: word.Draw(t, "issue"), Purpose: word.Draw(t, "purpose"),
			RightID: word.Draw(t, "right"),
			Size:    rapid.Int64().Draw(t, "size"), Fault: xroad.Code(word.Draw(t, "fault")), FaultText: word.Draw(t, "text"),
			RequestIn: moment.Draw(t, "in"), RequestOut: moment.Draw(t, "out"), ResponseIn: moment.Draw(t, "in"), ResponseOut: moment.Draw(t, "out"),
			RequestSize: rapid.Int64().Draw(t, "size"), ServiceType: word.Draw(t, "type"),
			Commitment: exchange.Commitment{
				Kind:   rapid.SampledFrom([]exchange.Kind{exchange.Request, exchange.Response}).Draw(t, "kind"),
				Method: word.Draw(t, "method"), Status: rapid.IntRange(0, 999).Draw(t, "status"), MessageID: word.Draw(t, "message"),
				RequestID: word.Draw(t, "request"),
				Head:      exchange.Digest(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "head")), RequestHash: word.Draw(t, "hash"),
				Created: rapid.Int64().Draw(t, "created"), Nonce: word.Draw(t, "nonce"), KeyID: word.Draw(t, "key"),
				Signature: rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "signature"),
			},
		}
		var got exchange.Record
		if err := TakeRecord(Record(&want), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// FuzzRecord: bytes that somebody changed are refused or read, and never end the program.
func FuzzRecord(f *testing.F) {
	f.Add(Record(&exchange.Record{UserID: "canbo.test", Commitment: exchange.Commitment{Signature: make([]byte, 64)}}))
	f.Add([]byte{recordFormat, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r exchange.Record
		if TakeRecord(b, &r) != nil {
			return
		}
		var again exchange.Record
		if err := TakeRecord(Record(&r), &again); err != nil || !bytes.Equal(Record(&r), Record(&again)) {
			t.Errorf("read and written again it is another: %v", err)
		}
	})
}
