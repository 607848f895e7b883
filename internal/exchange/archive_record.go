package exchange

import (
	"errors"
	"time"

	"dean06/internal/platform/archive"
	"dean06/internal/xroad"
)

// archivedRecord is a record as its line of an archive file has it: everything that the
// leaf of the log covers, so that it can be computed anew. Moments are microseconds since
// 1970; what is absent was empty.
type archivedRecord struct {
	Seq         int64        `json:"seq"`
	At          int64        `json:"at"`
	Side        Side         `json:"side"`
	Kind        Kind         `json:"kind"`
	Client      xroad.ID     `json:"client"`
	Service     xroad.ID     `json:"service"`
	Peer        archive.Text `json:"peer,omitempty"`
	Method      archive.Text `json:"method,omitempty"`
	Status      int          `json:"status,omitempty"`
	MessageID   archive.Text `json:"message_id"`
	RequestID   archive.Text `json:"request_id"`
	Head        Digest       `json:"head"`
	Body        Digest       `json:"body"`
	RequestHash archive.Text `json:"request_hash,omitempty"`
	Created     int64        `json:"created"`
	Nonce       archive.Text `json:"nonce"`
	KeyID       archive.Text `json:"key_id"`
	Signature   []byte       `json:"signature"`
	UserID      archive.Text `json:"user_id,omitempty"`
	Issue       archive.Text `json:"issue,omitempty"`
	Purpose     archive.Text `json:"purpose,omitempty"`
	RightID     archive.Text `json:"right_id,omitempty"`
	Size        int64        `json:"size,omitempty"`
	Fault       archive.Text `json:"fault,omitempty"`
	FaultText   archive.Text `json:"fault_text,omitempty"`
	RequestIn   *int64       `json:"request_in,omitempty"`
	RequestOut  *int64       `json:"request_out,omitempty"`
	ResponseIn  *int64       `json:"response_in,omitempty"`
	ResponseOut *int64       `json:"response_out,omitempty"`
	RequestSize int64        `json:"request_size,omitempty"`
	ServiceType archive.Text `json:"service_type,omitempty"`
	Represented archive.Text `json:"represented,omitempty"`
}

func since1970(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	us := t.UnixMicro()
	return &us
}

func momentOf(us *int64) time.Time {
	if us == nil {
		return time.Time{}
	}
	return time.UnixMicro(*us).UTC()
}

func archivedOf(r *Record) archivedRecord {
	c := &r.Commitment
	return archivedRecord{
		Seq: r.Seq, At: r.At.UnixMicro(), Side: r.Side, Kind: c.Kind, Client: c.Client, Service: c.Service, Peer: archive.Text(r.Peer),
		Method: archive.Text(c.Method), Status: c.Status, MessageID: archive.Text(c.MessageID), RequestID: archive.Text(c.RequestID),
		Head: c.Head, Body: c.Body, RequestHash: archive.Text(c.RequestHash), Created: c.Created, Nonce: archive.Text(c.Nonce), KeyID: archive.Text(c.KeyID),
		Signature: c.Signature, UserID: archive.Text(r.UserID), Issue: archive.Text(r.Issue), Purpose: archive.Text(r.Purpose), RightID: archive.Text(r.RightID),
		Size: r.Size, Fault: archive.Text(r.Fault), FaultText: archive.Text(r.FaultText),
		RequestIn: since1970(r.RequestIn), RequestOut: since1970(r.RequestOut), ResponseIn: since1970(r.ResponseIn),
		ResponseOut: since1970(r.ResponseOut), RequestSize: r.RequestSize, ServiceType: archive.Text(r.ServiceType), Represented: archive.Text(r.Represented),
	}
}

// record gives the record back, with the leaf that it has in the log.
func (a *archivedRecord) record() (Record, error) {
	r := Record{
		Seq: a.Seq, At: time.UnixMicro(a.At).UTC(), Side: a.Side, Peer: string(a.Peer), UserID: string(a.UserID), Issue: string(a.Issue),
		Purpose: string(a.Purpose), RightID: string(a.RightID), Size: a.Size, Fault: xroad.Code(a.Fault), FaultText: string(a.FaultText),
		RequestIn: momentOf(a.RequestIn), RequestOut: momentOf(a.RequestOut), ResponseIn: momentOf(a.ResponseIn),
		ResponseOut: momentOf(a.ResponseOut), RequestSize: a.RequestSize, ServiceType: string(a.ServiceType), Represented: string(a.Represented),
		Commitment: Commitment{
			Kind: a.Kind, Method: string(a.Method), Status: a.Status, Client: a.Client, Service: a.Service, MessageID: string(a.MessageID),
			RequestID: string(a.RequestID), Head: a.Head, Body: a.Body, RequestHash: string(a.RequestHash), Created: a.Created,
			Nonce: string(a.Nonce), KeyID: string(a.KeyID), Signature: a.Signature,
		},
	}
	if k := a.Kind; k != Request && k != Response {
		return r, errors.New("neither a request nor a response")
	}
	r.Leaf = r.LogLeaf()
	return r, nil
}
