package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// maxFiltered bounds an answer that is held whole to take fields out of it.
const maxFiltered = 16 << 20

// errUnfiltered is the error of an answer from which fields cannot be taken out.
var errUnfiltered = errors.New("not a JSON object or a list of objects")

// everyField says that a right does not restrict fields.
func everyField(fields []string) bool { return slices.Contains(fields, "*") }

// filterReply takes out of a service's answer what is not granted. It fails with
// errUnfiltered or errTooLarge.
func filterReply(r *reply, fields []string) error {
	if r.body.size == 0 {
		return nil
	}
	kind, _, _ := mime.ParseMediaType(r.header.Get("Content-Type"))
	if kind != "application/json" && !strings.HasSuffix(kind, "+json") || len(r.header["Content-Encoding"]) > 0 {
		return errUnfiltered
	}
	whole, err := r.body.all(maxFiltered)
	if err != nil {
		return err
	}
	left, err := filterJSON(whole, fields)
	if err != nil {
		return err
	}
	r.body.Close()
	r.body = spoolBytes(left)
	for _, name := range []string{"Etag", "Digest", "Content-Md5", "Repr-Digest", http.CanonicalHeaderKey("Content-Digest")} {
		delete(r.header, name)
	}
	return nil
}

// filterJSON keeps the granted members of an object, or of each object in a list.
func filterJSON(doc []byte, fields []string) ([]byte, error) {
	if !json.Valid(doc) {
		return nil, errUnfiltered
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	var out bytes.Buffer
	first, err := d.Token()
	if err != nil {
		return nil, errUnfiltered
	}
	switch first {
	case json.Delim('{'):
		err = filterObject(d, &out, fields)
	case json.Delim('['):
		out.WriteByte('[')
		for n := 0; d.More() && err == nil; n++ {
			if n > 0 {
				out.WriteByte(',')
			}
			var t json.Token
			if t, err = d.Token(); err == nil && t != json.Delim('{') {
				return nil, errUnfiltered
			}
			if err == nil {
				err = filterObject(d, &out, fields)
			}
		}
		out.WriteByte(']')
	default:
		return nil, errUnfiltered
	}
	if err != nil {
		return nil, errUnfiltered
	}
	return out.Bytes(), nil
}

// filterObject copies an object of which the brace has been read.
func filterObject(d *json.Decoder, out io.Writer, fields []string) error {
	sep := "{"
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		word, _ := name.(string)
		if !slices.Contains(fields, word) {
			continue
		}
		quoted, err := json.Marshal(word)
		if err != nil {
			return err
		}
		_, _ = io.WriteString(out, sep)
		_, _ = out.Write(quoted)
		_, _ = io.WriteString(out, ":")
		_, _ = out.Write(value)
		sep = ","
	}
	if sep == "{" {
		_, _ = io.WriteString(out, sep)
	}
	_, _ = io.WriteString(out, "}")
	_, err := d.Token()
	return err
}
