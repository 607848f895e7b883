package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// maxFiltered bounds an answer that is held whole to take fields out of it.
const maxFiltered = 16 << 20

// Why fields cannot be taken out of an answer.
var (
	errUnfiltered      = errors.New("it is not a JSON object or a list of objects")
	errLargeUnfiltered = fmt.Errorf("it is larger than %d bytes", maxFiltered)
	errLostUnfiltered  = errors.New("this gateway could not read it again")
)

// everyField says that a right does not restrict fields.
func everyField(fields []string) bool { return slices.Contains(fields, "*") }

// filtered says that the gateway takes fields out of a service's answers.
func filtered(s exchange.LocalService, r exchange.Right) bool {
	return !s.OwnFields && !everyField(r.Fields)
}

// foresee says, before a service acts, that what it will answer cannot be filtered.
func (o offered) foresee(req *request) *xroad.Error {
	if req.c.Method == http.MethodHead {
		return nil // there will be no body
	}
	if _, ok := acceptOfFiltered(req.accept()); !ok {
		return xroad.Errorf(
			xroad.AccessDenied, "the right lets only some fields be answered, and they can be taken out of JSON alone: "+
				"ask with Accept: application/json. The service was not called",
		)
	}
	if o.OpenAPI == nil {
		return nil
	}
	other := o.other()
	covers := func(e exchange.Endpoint) bool { return e.Covers(req.c.Method, req.target.path) }
	if !slices.ContainsFunc(other, covers) ||
		slices.ContainsFunc(o.endpoints(), func(e exchange.Endpoint) bool { return covers(e) && !slices.Contains(other, e) }) {
		return nil
	}
	return xroad.Errorf(
		xroad.AccessDenied, "the right lets only some fields be answered, and by its description the service answers %s in something else than JSON, "+
			"out of which they cannot be taken. The service was not called", req.c.Method,
	)
}

// acceptOfFiltered is what a service is asked for when fields are to be taken out of
// its answer: the kinds of JSON that the client takes. ok is false when it takes none.
func acceptOfFiltered(accept []string) (kinds string, ok bool) {
	var list []string
	for _, line := range accept {
		for part := range strings.SplitSeq(line, ",") {
			kind, _, _ := strings.Cut(part, ";")
			switch kind = strings.ToLower(strings.TrimSpace(kind)); {
			case exchange.IsJSON(kind):
				list = append(list, strings.TrimSpace(part))
			case kind == "*/*", kind == "application/*":
				ok = true
			}
		}
	}
	if len(list) == 0 {
		return "application/json", ok
	}
	return strings.Join(list, ", "), true
}

// filterReply takes out of a service's answer what is not granted. Of an error it lets
// through the status and what describes a problem (RFC 9457), of a redirect no body. A
// success that cannot be filtered is withheld, with the truth: the service has acted.
func filterReply(r *reply, fields []string) *xroad.Error {
	if r.body.size == 0 {
		return nil
	}
	failed := r.status >= http.StatusBadRequest
	if failed {
		fields = slices.Concat(fields, problemFields)
	}
	left, err := filteredBody(r, fields)
	switch {
	case err == nil:
	case failed:
		left, _ = json.Marshal(map[string]any{ // a status and fixed words
			"type": "about:blank", "title": http.StatusText(r.status), "status": r.status, "detail": unreadableProblem,
		})
		r.header["Content-Type"] = []string{"application/problem+json"}
		delete(r.header, "Content-Encoding")
	case r.status >= http.StatusMultipleChoices:
		left = nil
		delete(r.header, "Content-Type")
		delete(r.header, "Content-Encoding")
	default:
		return xroad.Errorf(
			xroad.AnswerWithheld, "the service was called and may have acted: it answered with status %d. The right lets only some fields be answered, "+
				"and the answer cannot be shown in part: %s", r.status, err,
		)
	}
	r.body.Close()
	r.body = spoolBytes(left)
	for _, name := range []string{"Etag", "Digest", "Content-Md5", "Repr-Digest", http.CanonicalHeaderKey("Content-Digest")} {
		delete(r.header, name)
	}
	return nil
}

// problemFields are those by which an error is described.
var problemFields = []string{"type", "title", "status", "detail", "instance"}

const unreadableProblem = "The service answered with an error that is not a JSON object. The right lets only some fields be answered, so its text is left out."

// filteredBody is what may be answered. Its error says in words why there is none.
func filteredBody(r *reply, fields []string) ([]byte, error) {
	kind, _, _ := mime.ParseMediaType(r.header.Get("Content-Type"))
	if !exchange.IsJSON(kind) || len(r.header["Content-Encoding"]) > 0 {
		return nil, errUnfiltered
	}
	whole, err := r.body.all(maxFiltered)
	if errors.Is(err, errTooLarge) {
		return nil, errLargeUnfiltered
	}
	if err != nil {
		return nil, errLostUnfiltered
	}
	return filterJSON(whole, fields)
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
