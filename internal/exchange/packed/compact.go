package packed

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

const compactFormat = 2

// Compact forms of text, beside those of Writer.Text.
const (
	textTailUUID = textBase64 + 1 + iota // "VN-" and a UUID
	textNonce                            // base64 without padding, of the alphabet of URLs
)

// Words number words that many records repeat.
type Words interface {
	// Number gives the number of a word, from 1; 0 when it has none.
	Number(word string) int64
	// Word gives the word of a number; ok is false when there is none.
	Word(number int64) (word string, ok bool)
}

var (
	methods = []string{"", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}
	types   = []string{"", "REST", "OPENAPI"}
)

// Repeated gives the words of a record that should have a number.
func Repeated(r *exchange.Record) [3]string { return [3]string{r.Commitment.KeyID, r.Peer, r.RightID} }

// IsCompact says in which form a record was written.
func IsCompact(b []byte) bool { return len(b) > 0 && b[0] == compactFormat }

const flagTimes = flagProvider << 1

// Compact is Record in fewer bytes: moments count from At, and words have numbers. Only
// what the signature covers is written; a record that has more is written by Record.
func Compact(r *exchange.Record, words Words) []byte {
	c := &r.Commitment
	request := c.Kind != exchange.Response
	if request && (c.Status != 0 || c.RequestHash != "") || !request && c.Method != "" {
		return Record(r)
	}
	w := Writer{make([]byte, 0, 384)}
	w.Byte(compactFormat)
	times := [4]time.Time{r.RequestIn, r.RequestOut, r.ResponseIn, r.ResponseOut}
	flags := flagsOf(r)
	for i, t := range times {
		if !t.IsZero() {
			flags |= flagTimes << i
		}
	}
	w.Byte(flags)
	if request {
		w.oneOf(c.Method, methods)
	} else {
		w.Int(int64(c.Status))
		w.short(c.RequestHash)
	}
	w.short(c.MessageID)
	w.short(c.RequestID)
	w.Fixed(c.Head)
	w.Fixed(c.Body)
	w.Int(r.At.Unix() - c.Created)
	w.short(c.Nonce)
	w.number(c.KeyID, words)
	w.Bytes(c.Signature)
	w.number(r.Peer, words)
	w.short(r.UserID)
	w.short(r.Issue)
	w.short(r.Purpose)
	w.number(r.RightID, words)
	w.Int(r.Size)
	w.short(string(r.Fault))
	w.short(r.FaultText)
	for _, t := range times {
		if !t.IsZero() {
			w.Int(r.At.UnixMicro() - t.UnixMicro())
		}
	}
	w.Int(r.RequestSize)
	w.oneOf(r.ServiceType, types)
	if r.Represented != "" {
		w.short(r.Represented)
	}
	return w.B
}

// TakeCompact reads what Compact wrote. At must be there.
func TakeCompact(b []byte, words Words, out *exchange.Record) error {
	r := Reader{B: b}
	if r.Byte() != compactFormat {
		return ErrUnreadable
	}
	flags := r.Byte()
	c := &out.Commitment
	takeFlags(flags, out)
	if c.Kind == exchange.Request {
		c.Method = r.oneOf(methods)
	} else {
		c.Status = int(r.Int())
		c.RequestHash = r.short()
	}
	c.MessageID = r.short()
	c.RequestID = r.short()
	c.Head = r.Fixed()
	c.Body = r.Fixed()
	c.Created = out.At.Unix() - r.Int()
	c.Nonce = r.short()
	c.KeyID = r.number(words)
	c.Signature = append([]byte(nil), r.Bytes()...)
	out.Peer = r.number(words)
	out.UserID = r.short()
	out.Issue = r.short()
	out.Purpose = r.short()
	out.RightID = r.number(words)
	out.Size = r.Int()
	out.Fault = xroad.Code(r.short())
	out.FaultText = r.short()
	for i, t := range []*time.Time{&out.RequestIn, &out.RequestOut, &out.ResponseIn, &out.ResponseOut} {
		*t = time.Time{}
		if flags&(flagTimes<<i) != 0 {
			*t = time.UnixMicro(out.At.UnixMicro() - r.Int()).UTC()
		}
	}
	out.RequestSize = r.Int()
	out.ServiceType = r.oneOf(types)
	out.Represented = r.last((*Reader).short)
	if r.Err == nil && len(r.B) > 0 {
		r.Fail()
	}
	return r.Err
}

// short is Text with more forms.
func (w *Writer) short(s string) {
	if n := len(s) - 36; n > 0 && n < 16 {
		if id, err := uuid.Parse(s[n:]); err == nil && id.String() == s[n:] {
			w.raw(textTailUUID, []byte(s[:n]))
			w.B = append(w.B, id[:]...)
			return
		}
	}
	if len(s) == 22 {
		if p, err := base64.RawURLEncoding.DecodeString(s); err == nil && base64.RawURLEncoding.EncodeToString(p) == s {
			w.raw(textNonce, p)
			return
		}
	}
	w.Text(s)
}

func (r *Reader) short() string {
	if len(r.B) == 0 {
		r.Fail()
		return ""
	}
	switch r.B[0] {
	case textTailUUID:
		r.Byte()
		head := string(r.Bytes())
		if len(r.B) < 16 {
			r.Fail()
			return ""
		}
		id := uuid.UUID(r.B[:16])
		r.B = r.B[16:]
		return head + id.String()
	case textNonce:
		r.Byte()
		return base64.RawURLEncoding.EncodeToString(r.Bytes())
	}
	return r.Text()
}

// oneOf writes a word of a list as its place, any other behind the last.
func (w *Writer) oneOf(s string, list []string) {
	if i := slices.Index(list, s); i >= 0 {
		w.Byte(byte(i))
		return
	}
	w.Byte(byte(len(list)))
	w.short(s)
}

func (r *Reader) oneOf(list []string) string {
	switch i := int(r.Byte()); {
	case i < len(list):
		return list[i]
	case i == len(list):
		return r.short()
	}
	r.Fail()
	return ""
}

// number writes the number of a word, or 0 and the word.
func (w *Writer) number(s string, words Words) {
	n := words.Number(s)
	w.Int(n)
	if n == 0 {
		w.short(s)
	}
}

func (r *Reader) number(words Words) string {
	n := r.Int()
	if n == 0 {
		return r.short()
	}
	s, ok := words.Word(n)
	if !ok {
		r.Fail()
	}
	return strings.Clone(s)
}
