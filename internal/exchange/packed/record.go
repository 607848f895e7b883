package packed

import (
	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

const recordFormat = 1

const (
	flagResponse = 1 << iota
	flagProvider
)

// Record writes all but Seq, At, Leaf, Client and Service: a format number, then the
// fields in a fixed order, the represented party last and only when there is one. Words are kept byte for byte as they were signed; those that
// are hex, base64 or a UUID in shorter form.
func Record(r *exchange.Record) []byte {
	c := &r.Commitment
	w := Writer{make([]byte, 0, 512)}
	w.Byte(recordFormat)
	w.Byte(flagsOf(r))
	w.Text(c.Method)
	w.Int(int64(c.Status))
	w.Text(c.MessageID)
	w.Text(c.RequestID)
	w.Fixed(c.Head)
	w.Fixed(c.Body)
	w.Text(c.RequestHash)
	w.Int(c.Created)
	w.Text(c.Nonce)
	w.Text(c.KeyID)
	w.Bytes(c.Signature)
	w.Text(r.Peer)
	w.Text(r.UserID)
	w.Text(r.Issue)
	w.Text(r.Purpose)
	w.Text(r.RightID)
	w.Int(r.Size)
	w.Text(string(r.Fault))
	w.Text(r.FaultText)
	w.Time(r.RequestIn)
	w.Time(r.RequestOut)
	w.Time(r.ResponseIn)
	w.Time(r.ResponseOut)
	w.Int(r.RequestSize)
	w.Text(r.ServiceType)
	if r.Represented != "" {
		w.Text(r.Represented)
	}
	return w.B
}

// flagsOf says of a record whether it is a response, and on which side it was written.
func flagsOf(r *exchange.Record) (flags byte) {
	if r.Commitment.Kind == exchange.Response {
		flags |= flagResponse
	}
	if r.Side == exchange.Provider {
		flags |= flagProvider
	}
	return flags
}

func takeFlags(flags byte, out *exchange.Record) {
	out.Commitment.Kind, out.Side = exchange.Request, exchange.Consumer
	if flags&flagResponse != 0 {
		out.Commitment.Kind = exchange.Response
	}
	if flags&flagProvider != 0 {
		out.Side = exchange.Provider
	}
}

// last reads a word that is not written when it is empty, at the end.
func (r *Reader) last(text func(*Reader) string) string {
	if r.Err != nil || len(r.B) == 0 {
		return ""
	}
	s := text(r)
	if s == "" {
		r.Fail()
	}
	return s
}

// TakeRecord reads what Record wrote.
func TakeRecord(b []byte, out *exchange.Record) error {
	r := Reader{B: b}
	if r.Byte() != recordFormat {
		return ErrUnreadable
	}
	takeFlags(r.Byte(), out)
	c := &out.Commitment
	c.Method = r.Text()
	c.Status = int(r.Int())
	c.MessageID = r.Text()
	c.RequestID = r.Text()
	c.Head = r.Fixed()
	c.Body = r.Fixed()
	c.RequestHash = r.Text()
	c.Created = r.Int()
	c.Nonce = r.Text()
	c.KeyID = r.Text()
	c.Signature = append([]byte(nil), r.Bytes()...)
	out.Peer = r.Text()
	out.UserID = r.Text()
	out.Issue = r.Text()
	out.Purpose = r.Text()
	out.RightID = r.Text()
	out.Size = r.Int()
	out.Fault = xroad.Code(r.Text())
	out.FaultText = r.Text()
	out.RequestIn = r.Time()
	out.RequestOut = r.Time()
	out.ResponseIn = r.Time()
	out.ResponseOut = r.Time()
	out.RequestSize = r.Int()
	out.ServiceType = r.Text()
	out.Represented = r.last((*Reader).Text)
	if r.Err == nil && len(r.B) > 0 {
		r.Fail()
	}
	return r.Err
}
