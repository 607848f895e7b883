package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"

	"dean06/internal/xroad"
)

// archivedRecord is a record as its line of an archive file has it: everything that the
// leaf of the log covers, so that it can be computed anew. Moments are microseconds since
// 1970; what is absent was empty.
type archivedRecord struct {
	Seq         int64    `json:"seq"`
	At          int64    `json:"at"`
	Side        Side     `json:"side"`
	Kind        Kind     `json:"kind"`
	Client      xroad.ID `json:"client"`
	Service     xroad.ID `json:"service"`
	Peer        anyText  `json:"peer,omitempty"`
	Method      anyText  `json:"method,omitempty"`
	Status      int      `json:"status,omitempty"`
	MessageID   anyText  `json:"message_id"`
	RequestID   anyText  `json:"request_id"`
	Head        Digest   `json:"head"`
	Body        Digest   `json:"body"`
	RequestHash anyText  `json:"request_hash,omitempty"`
	Created     int64    `json:"created"`
	Nonce       anyText  `json:"nonce"`
	KeyID       anyText  `json:"key_id"`
	Signature   []byte   `json:"signature"`
	UserID      anyText  `json:"user_id,omitempty"`
	Issue       anyText  `json:"issue,omitempty"`
	Purpose     anyText  `json:"purpose,omitempty"`
	RightID     anyText  `json:"right_id,omitempty"`
	Size        int64    `json:"size,omitempty"`
	Fault       anyText  `json:"fault,omitempty"`
	FaultText   anyText  `json:"fault_text,omitempty"`
	RequestIn   *int64   `json:"request_in,omitempty"`
	RequestOut  *int64   `json:"request_out,omitempty"`
	ResponseIn  *int64   `json:"response_in,omitempty"`
	ResponseOut *int64   `json:"response_out,omitempty"`
	RequestSize int64    `json:"request_size,omitempty"`
	ServiceType anyText  `json:"service_type,omitempty"`
}

// anyText is words as they were signed, whatever bytes they are: {"base64":…} where they
// are no UTF-8.
type anyText string

type rawText struct {
	Base64 []byte `json:"base64"`
}

// MarshalJSON writes the words.
func (t anyText) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(rawText{[]byte(t)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *anyText) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		return json.Unmarshal(b, (*string)(t))
	}
	var raw rawText
	err := json.Unmarshal(b, &raw)
	*t = anyText(raw.Base64)
	return err
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
		Seq: r.Seq, At: r.At.UnixMicro(), Side: r.Side, Kind: c.Kind, Client: c.Client, Service: c.Service, Peer: anyText(r.Peer),
		Method: anyText(c.Method), Status: c.Status, MessageID: anyText(c.MessageID), RequestID: anyText(c.RequestID),
		Head: c.Head, Body: c.Body, RequestHash: anyText(c.RequestHash), Created: c.Created, Nonce: anyText(c.Nonce), KeyID: anyText(c.KeyID),
		Signature: c.Signature, UserID: anyText(r.UserID), Issue: anyText(r.Issue), Purpose: anyText(r.Purpose), RightID: anyText(r.RightID),
		Size: r.Size, Fault: anyText(r.Fault), FaultText: anyText(r.FaultText),
		RequestIn: since1970(r.RequestIn), RequestOut: since1970(r.RequestOut), ResponseIn: since1970(r.ResponseIn),
		ResponseOut: since1970(r.ResponseOut), RequestSize: r.RequestSize, ServiceType: anyText(r.ServiceType),
	}
}

// record gives the record back, with the leaf that it has in the log.
func (a *archivedRecord) record() (Record, error) {
	r := Record{
		Seq: a.Seq, At: time.UnixMicro(a.At).UTC(), Side: a.Side, Peer: string(a.Peer), UserID: string(a.UserID), Issue: string(a.Issue),
		Purpose: string(a.Purpose), RightID: string(a.RightID), Size: a.Size, Fault: xroad.Code(a.Fault), FaultText: string(a.FaultText),
		RequestIn: momentOf(a.RequestIn), RequestOut: momentOf(a.RequestOut), ResponseIn: momentOf(a.ResponseIn),
		ResponseOut: momentOf(a.ResponseOut), RequestSize: a.RequestSize, ServiceType: string(a.ServiceType),
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
