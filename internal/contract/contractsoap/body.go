package contractsoap

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"strings"

	"dean06/internal/platform/fault"
)

// maxBody bounds a call as it comes, and again as it is when unpacked.
const maxBody = 64 << 10

// message is a call as text, in UTF-8 and without an XML declaration.
type message struct {
	text  []byte
	plain bool // the JSON variant
	newer bool // SOAP 1.2, by its envelope or, when that cannot be seen, by its Content-Type
}

// open reads a request to its text: unpacked, out of its envelope of MIME, decoded. A
// message that is refused still says in which form it wants to hear so.
func open(r *http.Request) (message, *refusal) {
	kind, params := mediaType(r.Header.Get("Content-Type"))
	m := message{plain: isJSON(kind), newer: kind == typeSOAP12}
	b, no := unpack(r)
	if no != nil {
		return m, no
	}
	charset := params["charset"]
	if strings.HasPrefix(kind, "multipart/") {
		for _, of := range []string{params["type"], params["start-info"]} {
			of, _ = mediaType(of)
			m.newer = m.newer || of == typeSOAP12
		}
		if b, charset, no = rootPart(b, kind, params); no != nil {
			return m, no
		}
	}
	if bytes.HasPrefix(b, []byte("\x1F\x8B")) {
		return m, client("packed", nil)
	}
	if m.text, no = decode(b, charset); no != nil {
		return m, no
	}
	if m.plain {
		return m, nil
	}
	if m.text, no = withoutDeclaration(m.text); no != nil {
		return m, no
	}
	if e, ok, err := newParser(m.text).start(); err == nil && ok && e.Name.Local == "Envelope" {
		m.newer = e.Name.Space == nsSOAP12
	}
	return m, nil
}

const (
	typeSOAP   = "text/xml"
	typeSOAP12 = "application/soap+xml"
)

// isJSON says that a call is of the JSON variant. Anything else is taken for SOAP: old
// systems send text/xml, application/soap+xml, or no type at all.
func isJSON(kind string) bool {
	return kind == "application/json" || kind == "text/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
}

// unpack reads a body and undoes its Content-Encoding.
func unpack(r *http.Request) ([]byte, *refusal) {
	b, err := bounded(r.Body)
	if err != nil {
		return nil, tooLarge(err)
	}
	coding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ",")))
	var packed io.Reader
	switch coding {
	case "", "identity":
		return b, nil
	case "gzip", "x-gzip":
		packed, err = gzip.NewReader(bytes.NewReader(b))
	case "deflate": // zlib, as RFC 9110 has it, or bare, as some send it
		if packed, err = zlib.NewReader(bytes.NewReader(b)); err != nil {
			packed, err = flate.NewReader(bytes.NewReader(b)), nil
		}
	default:
		no := client("coding", fault.Args{"coding": clip(coding)})
		no.status = http.StatusUnsupportedMediaType
		return nil, no
	}
	if err == nil {
		b, err = bounded(packed)
	}
	switch {
	case errors.Is(err, errTooLarge):
		return nil, tooLarge(err)
	case err != nil:
		return nil, client("coding_broken", fault.Args{"coding": clip(coding)})
	}
	return b, nil
}

var errTooLarge = errors.New("larger than a call may be")

func bounded(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err == nil && len(b) > maxBody {
		return nil, errTooLarge
	}
	return b, err
}

func tooLarge(err error) *refusal {
	if !errors.Is(err, errTooLarge) {
		return client("cut", nil)
	}
	no := client("too_large", fault.Args{"kilobytes": maxBody >> 10})
	no.status = http.StatusRequestEntityTooLarge
	return no
}

// maxParts bounds how many parts of a multipart message are looked at.
const maxParts = 20

// rootPart finds the envelope in a message with attachments (SOAP with Attachments, MTOM):
// the part that start names, or the first (RFC 2387). The other parts are not looked at; a
// field that stands in one of them is refused where the envelope points there.
func rootPart(b []byte, kind string, params map[string]string) (root []byte, charset string, no *refusal) {
	bad := client("multipart", fault.Args{"type": clip(kind)})
	if kind != "multipart/related" && kind != "multipart/mixed" || params["boundary"] == "" {
		return nil, "", bad
	}
	parts := multipart.NewReader(bytes.NewReader(b), params["boundary"])
	start := strings.Trim(params["start"], "<> ")
	for range maxParts {
		p, err := parts.NextRawPart()
		if err != nil {
			return nil, "", bad
		}
		if start != "" && strings.Trim(p.Header.Get("Content-Id"), "<> ") != start {
			continue
		}
		if root, err = bounded(transferred(p)); err != nil {
			return nil, "", bad
		}
		// Whoever cuts the message short ends it in the middle of a part or without its end.
		for range maxParts {
			if _, err = parts.NextRawPart(); err != nil {
				break
			}
		}
		if !errors.Is(err, io.EOF) {
			return nil, "", bad
		}
		_, of := mediaType(p.Header.Get("Content-Type"))
		return root, of["charset"], nil
	}
	return nil, "", bad
}

// transferred undoes a part's Content-Transfer-Encoding.
func transferred(p *multipart.Part) io.Reader {
	switch strings.ToLower(strings.TrimSpace(p.Header.Get("Content-Transfer-Encoding"))) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, p)
	case "quoted-printable":
		return quotedprintable.NewReader(p)
	}
	return p
}
