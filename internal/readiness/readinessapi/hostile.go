package readinessapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/web"
)

// decode reads JSON whose texts are clean in the sense of web.Clean, as those of
// forms are.
func decode(data []byte, v any) error {
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return err
	}
	tree, err := clean(tree)
	if err != nil {
		return err
	}
	if to, ok := v.(*any); ok {
		*to = tree
		return nil
	}
	if data, err = json.Marshal(tree); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

func clean(v any) (any, error) {
	var err error
	switch x := v.(type) {
	case string:
		return web.Clean(x)
	case []any:
		for i := range x {
			if x[i], err = clean(x[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range x {
			if x[k], err = clean(x[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// wrong translates what huma finds against the schema, by how its texts begin.
var wrong = []struct{ begins, key string }{
	{"expected required property ", "missing"},
	{"unexpected property", "unknown"},
	{"unknown query parameter", "unknown"},
	{"expected string to be RFC 3339 date", "date"},
	{"expected string", "text"},
	{"expected integer", "number"},
	{"expected number", "number"},
	{"invalid integer", "number"},
	{"expected array length", "length"},
	{"expected array", "list"},
	{"expected object", "object"},
	{"expected value to be one of", "choice"},
}

// inWords puts huma's own errors, which are about the shape of a call, into the
// caller's language. What stood in the wrong place is not repeated: it may be
// somebody's data.
func inWords(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	f := fault.New(fault.Invalid, "api.invalid", nil)
	switch m.Status {
	case http.StatusBadRequest:
		f = fault.New(fault.Invalid, "api.json", nil)
	case http.StatusUnsupportedMediaType:
		f = fault.New(fault.Invalid, "api.media", nil)
	case http.StatusRequestEntityTooLarge:
		f = fault.New(fault.TooLarge, "web.too_large", fault.Args{"megabytes": maxBody >> 20})
	case http.StatusRequestTimeout:
		f = fault.New(fault.Unavailable, "api.slow", nil)
	case http.StatusInternalServerError:
		f = fault.New(fault.Internal, "web.internal", nil)
	}
	var list fault.List
	if m.Status == http.StatusUnprocessableEntity {
		for _, d := range m.Errors {
			list = append(list, detail(d))
		}
	}
	return problem{web.NewProblem(ctx.Context(), m.Status, f, list.Err())}, nil
}

func detail(d *huma.ErrorDetail) *fault.Error {
	field := d.Location
	for _, w := range wrong {
		rest, ok := strings.CutPrefix(d.Message, w.begins)
		if !ok {
			continue
		}
		if w.key == "missing" {
			name, _, _ := strings.Cut(rest, " ")
			field += "." + name
		}
		return fault.New(fault.Invalid, "api.wrong."+w.key, nil).At(field)
	}
	return fault.New(fault.Invalid, "api.wrong.value", nil).At(field)
}
