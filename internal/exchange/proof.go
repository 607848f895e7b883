package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/strictjson"
)

// ProofFormat names the first format of a proof.
const ProofFormat = "dean06-proof-1"

// Bounds of a proof that is read: it comes from anywhere.
const (
	MaxProof        = 1 << 20
	maxProofRecords = 2
	maxProofCerts   = 32
)

// Proof is one file that shows, to whoever has it and no network, that one message
// was sent and what it said. It holds hashes; what was said is shown by the one who
// still has it.
type Proof struct {
	Format  string        `json:"format"`
	Gateway string        `json:"gateway"` // whose log it comes from
	Records []ProofRecord `json:"records"` // the request and its response, as far as the log has them
	Head    Head          `json:"head"`
	// Certificates (DER) of those who signed the records and the head.
	Certificates [][]byte `json:"certificates"`
	// Authorities and Timestamps are the certificates (DER) that issued those and the
	// time stamp. Who checks a proof should rather bring their own.
	Authorities [][]byte `json:"authorities"`
	Timestamps  [][]byte `json:"timestamps"`
}

// ProofRecord is one message, and its way to the root of the log.
type ProofRecord struct {
	Seq        int64      `json:"seq"`
	At         time.Time  `json:"at"`
	Side       Side       `json:"side"`
	Commitment Commitment `json:"commitment"`
	Details    Digest     `json:"details"` // Record.Details
	Path       []Digest   `json:"path"`
}

// leaf is the record's leaf in the log.
func (r ProofRecord) leaf() Digest { return LeafOver(r.Commitment.Leaf(), r.Details) }

// ExportMessage makes the proof of a call by its message id or request id. It fails
// with NotFound, and with Conflict ("exchange.proof.several") when a message id was
// used for several calls: the request ids in the fault tell them apart.
func ExportMessage(ctx context.Context, store Archive, dir *Directory, id string) (Proof, error) {
	list, err := store.Message(ctx, id)
	if err != nil {
		return Proof{}, err
	}
	if len(list) == 0 {
		return Proof{}, fault.New(fault.NotFound, "exchange.proof.no_message", fault.Args{"id": Clip(id)})
	}
	var calls []string
	for _, r := range list {
		if !slices.Contains(calls, r.Commitment.RequestID) {
			calls = append(calls, r.Commitment.RequestID)
		}
	}
	if len(calls) > 1 {
		if len(calls) > 10 {
			calls = append(calls[:10], "…")
		}
		return Proof{}, fault.New(fault.Conflict, "exchange.proof.several", fault.Args{"id": Clip(id), "calls": strings.Join(calls, ", ")})
	}
	return export(ctx, store, dir, list)
}

// Export makes the proof of the call that record seq belongs to. It fails with
// NotFound, with Unavailable while no head of the log covers the record yet, and
// with Conflict when the log does not hold together.
func Export(ctx context.Context, store Archive, dir *Directory, seq int64) (Proof, error) {
	one, err := store.Range(ctx, seq, seq+1)
	if err != nil {
		return Proof{}, err
	}
	if len(one) == 0 {
		return Proof{}, fault.New(fault.NotFound, "exchange.log.no_record", fault.Args{"seq": seq})
	}
	list, err := store.Message(ctx, one[0].Commitment.RequestID)
	if err != nil {
		return Proof{}, err
	}
	list = slices.DeleteFunc(list, func(r Record) bool {
		return r.Seq != seq && !one[0].answers(r)
	})
	return export(ctx, store, dir, list)
}

// answers says that r and o are the request and the response of one call, logged on
// the same side.
func (r Record) answers(o Record) bool {
	a, b := r.Commitment, o.Commitment
	return r.Side == o.Side && a.Kind != b.Kind && a.RequestID == b.RequestID && a.MessageID == b.MessageID &&
		a.Client == b.Client && a.Service == b.Service
}

// export proves a record and the one that belongs to it. A gateway that calls a
// service of its own logs both sides; then the first pair is taken.
func export(ctx context.Context, store Archive, dir *Directory, list []Record) (Proof, error) {
	pair := list[:1]
	for _, r := range list[1:] {
		if list[0].answers(r) {
			pair = append(pair[:1:1], r)
			break
		}
	}
	c := dir.Configuration()
	p := Proof{Format: ProofFormat, Authorities: c.Authorities, Timestamps: c.Timestamps}
	last := pair[len(pair)-1].Seq
	head, ok, err := store.HeadOver(ctx, last)
	if err != nil {
		return Proof{}, err
	}
	if !ok {
		return Proof{}, fault.New(fault.Unavailable, "exchange.proof.no_head", fault.Args{"seq": last})
	}
	p.Head = head
	if s, ok := dir.Speaker(head.KeyID); ok {
		p.Gateway = s.Gateway.ID
	}
	signers := []string{head.KeyID}
	for _, r := range pair {
		path, err := ledger.InclusionProof(ctx, store, r.Seq, head.Size)
		if err != nil {
			return Proof{}, err
		}
		proven := ProofRecord{Seq: r.Seq, At: r.At, Side: r.Side, Commitment: r.Commitment, Details: r.Details(), Path: path}
		root, err := ledger.RootFrom(proven.leaf(), r.Seq, head.Size, path)
		if err != nil || root != head.Root {
			return Proof{}, fault.New(fault.Conflict, "exchange.log.broken.changed", fault.Args{"seq": r.Seq})
		}
		p.Records = append(p.Records, proven)
		signers = append(signers, r.Commitment.KeyID)
	}
	slices.Sort(signers)
	for _, keyID := range slices.Compact(signers) {
		der, ok, err := store.Certificate(ctx, keyID)
		if err != nil {
			return Proof{}, err
		}
		if !ok {
			return Proof{}, fault.New(fault.NotFound, "exchange.proof.no_certificate", fault.Args{"key": keyID})
		}
		p.Certificates = append(p.Certificates, der)
	}
	return p, nil
}

// File writes the proof as it is handed out.
func (p Proof) File() ([]byte, error) {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write a proof: %w", err)
	}
	return append(b, '\n'), nil
}

// ReadProof reads what File wrote. It fails with Invalid ("exchange.proof.unreadable")
// for anything else, however it was made.
func ReadProof(file []byte) (Proof, error) {
	bad := fault.New(fault.Invalid, "exchange.proof.unreadable", nil)
	if len(file) > MaxProof {
		return Proof{}, bad
	}
	var p Proof
	if err := strictjson.Read(file, &p); err != nil {
		return Proof{}, bad.Because(err)
	}
	if p.Format != ProofFormat || len(p.Records) == 0 || len(p.Records) > maxProofRecords ||
		len(p.Certificates) > maxProofCerts || len(p.Authorities) > maxProofCerts || len(p.Timestamps) > maxProofCerts {
		return Proof{}, bad
	}
	return p, nil
}
