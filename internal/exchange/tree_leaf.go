package exchange

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Details is a hash over what a record says beside its commitment: when, on which
// side, who asked and why, by which right, and how it went. With it in the leaf,
// none of that can be changed unseen either. Its place is covered by the tree.
func (r Record) Details() Digest {
	b := make([]byte, 0, 512)
	for _, s := range []string{
		string(r.Side), r.Peer, r.UserID, r.Issue, r.Purpose, r.RightID, string(r.Fault), r.FaultText, r.ServiceType,
	} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	for _, n := range []int64{r.Size, r.RequestSize} {
		b = binary.AppendVarint(b, n)
	}
	for _, t := range []time.Time{r.At, r.RequestIn, r.RequestOut, r.ResponseIn, r.ResponseOut} {
		if t.IsZero() {
			b = append(b, 0)
			continue
		}
		b = binary.AppendVarint(append(b, 1), t.UnixMicro())
	}
	if r.Represented != "" { // records from before it was kept have their hash as it was
		b = append(binary.AppendUvarint(b, uint64(len(r.Represented))), r.Represented...)
	}
	return sha256.Sum256(b)
}

// LeafOver is the leaf of a record: the hash of a leaf (RFC 6962, section 2.1) over
// the leaf of its commitment and its details.
func LeafOver(commitment, details Digest) Digest {
	b := make([]byte, 0, 1+2*sha256.Size)
	b = append(b, 0)
	b = append(b, commitment[:]...)
	return sha256.Sum256(append(b, details[:]...))
}

// LogLeaf is what the log holds of the record, once At is there.
func (r Record) LogLeaf() Digest { return LeafOver(r.Commitment.Leaf(), r.Details()) }
