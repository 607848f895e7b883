package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// What a document may be: deep enough for any event, and no work for a mill.
const (
	maxSchema = 64 << 10
	maxDepth  = 32
	maxNodes  = 20000
)

func invalid(format string, args ...any) *Error {
	return errorf(http.StatusBadRequest, "Invalid", format, args...)
}

// parse reads one JSON value with its numbers as written. It refuses what is deep,
// and numbers that take memory to work out (1e999999999).
func parse(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, invalid("not JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, invalid("more than one JSON value")
	}
	if err := sane(v, 0); err != nil {
		return nil, err
	}
	return v, nil
}

func sane(v any, depth int) error {
	if depth > maxDepth {
		return invalid("nested more than %d deep", maxDepth)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if err := sane(e, depth+1); err != nil {
				return err
			}
		}
	case []any:
		for _, e := range v {
			if err := sane(e, depth+1); err != nil {
				return err
			}
		}
	case json.Number:
		f, err := strconv.ParseFloat(v.String(), 64)
		if err != nil || math.IsInf(f, 0) || len(v) > 40 || (f == 0 && strings.ContainsAny(v.String(), "123456789")) {
			return invalid("a number is out of range")
		}
	}
	return nil
}

// compile reads the schema of an event type. References lead only into the schema
// itself and never round in a ring, so that to check an event costs what its size
// and the schema's allow. It fails with *Error.
func compile(raw json.RawMessage) (*jsonschema.Schema, error) {
	if len(raw) > maxSchema {
		return nil, invalid("the schema is larger than %d bytes", maxSchema)
	}
	doc, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if _, ok := doc.(map[string]any); !ok {
		return nil, invalid("the schema is not an object")
	}
	w := weighing{root: doc, open: map[string]bool{}, left: maxNodes}
	if err := w.weigh(doc); err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(nowhere{})
	const name = "mem:///schema"
	if err := c.AddResource(name, doc); err != nil {
		return nil, invalid("the schema cannot be read")
	}
	s, err := c.Compile(name)
	if err != nil {
		return nil, invalid("the schema is not a valid JSON Schema: %s", short(err.Error()))
	}
	return s, nil
}

// nowhere loads nothing: a schema is whole.
type nowhere struct{}

// Load fails.
func (nowhere) Load(url string) (any, error) { return nil, fmt.Errorf("%s is not loaded", url) }

// weighing walks a schema as a validator may, every reference followed.
type weighing struct {
	root any
	open map[string]bool
	left int
}

func (w *weighing) weigh(v any) error {
	if w.left--; w.left < 0 {
		return invalid("the schema is too large when its references are followed")
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if err := w.weigh(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, e := range v {
			text, isText := e.(string)
			switch {
			case isText && name == "$ref":
				if err := w.follow(text); err != nil {
					return err
				}
			case isText && (name == "$dynamicRef" || name == "$recursiveRef"):
				return invalid("%s is not taken", name)
			default:
				if err := w.weigh(e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (w *weighing) follow(ref string) error {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return invalid("a $ref must begin with #/ and stay in the schema")
	}
	if w.open[ref] {
		return invalid("the references of the schema go round in a ring")
	}
	at := w.root
	for _, part := range strings.Split(path, "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch node := at.(type) {
		case map[string]any:
			at, ok = node[part]
		case []any:
			i, err := strconv.Atoi(part)
			if ok = err == nil && i >= 0 && i < len(node); ok {
				at = node[i]
			}
		default:
			ok = false
		}
		if !ok {
			return invalid("a $ref leads nowhere")
		}
	}
	w.open[ref] = true
	defer delete(w.open, ref)
	return w.weigh(at)
}

// conform checks an event. The error says where and by which rule, and never what
// stood there.
func conform(s *jsonschema.Schema, raw json.RawMessage) error {
	v, err := parse(raw)
	if err != nil {
		return err
	}
	if _, ok := v.(map[string]any); !ok {
		return invalid("the event is not an object")
	}
	err = s.Validate(v)
	var bad *jsonschema.ValidationError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &bad):
		return invalid("the event cannot be checked against the schema")
	}
	for len(bad.Causes) > 0 {
		bad = bad.Causes[0]
	}
	return invalid("the event does not fit the schema: /%s breaks %s",
		short(strings.Join(bad.InstanceLocation, "/")), strings.Join(bad.ErrorKind.KeywordPath(), "/"))
}

func short(s string) string {
	if len(s) > 300 {
		s = s[:300] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
