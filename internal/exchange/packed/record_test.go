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
			rapid.StringMatching(`[A-Za-z0-9+/]{24}`), rapid.StringMatching(`[A-Za-z0-9_-]{22}`), rapid.SampledFrom([]string{"GET", "REST"}),
			rapid.StringMatching(`[A-Z]{1,20}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
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
			RightID: word.Draw(t, "right"), Represented: word.Draw(t, "represented"),
			Size: rapid.Int64().Draw(t, "size"), Fault: xroad.Code(word.Draw(t, "fault")), FaultText: word.Draw(t, "text"),
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
		words := dictionary{want.Peer: 1, want.RightID: 2}
		want.At = time.UnixMicro(rapid.Int64Range(0, 1e16).Draw(t, "at")).UTC()
		covered := want
		if covered.Commitment.Kind == exchange.Response {
			covered.Commitment.Method = ""
		} else {
			covered.Commitment.Status, covered.Commitment.RequestHash = 0, ""
		}
		compact := exchange.Record{At: want.At}
		if err := TakeCompact(Compact(&covered, words), words, &compact); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(covered, compact); diff != "" {
			t.Fatalf("compact (-want +got):\n%s", diff)
		}
		want.At = time.Time{}
		var got exchange.Record
		if err := TakeRecord(Record(&want), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// dictionary numbers some words.
type dictionary map[string]int64

func (d dictionary) Number(word string) int64 { return d[word] }

func (d dictionary) Word(n int64) (string, bool) {
	for word, i := range d {
		if i == n {
			return word, true
		}
	}
	return "", false
}

// FuzzCompact: bytes that somebody changed are refused or read, and never end the program.
func FuzzCompact(f *testing.F) {
	at, words := time.UnixMicro(1_700_000_000_000_000).UTC(), dictionary{"G01-1": 1, "r1": 2}
	f.Add(Compact(&exchange.Record{At: at, UserID: "canbo.test", Peer: "G01-1", RequestIn: at, Commitment: exchange.Commitment{
		Method: "GET", MessageID: "VN-01a228fc-ee1c-7af2-97f3-61bac1d2f3f5", Nonce: "AAAAAAAAAAAAAAAAAAAAAA", Signature: make([]byte, 64),
	}}, words))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := exchange.Record{At: at}
		if TakeCompact(b, words, &r) != nil {
			return
		}
		again := exchange.Record{At: at}
		if err := TakeCompact(Compact(&r, words), words, &again); err != nil || !bytes.Equal(Compact(&r, words), Compact(&again, words)) {
			t.Errorf("read and written again it is another: %v", err)
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
