package exchange

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"dean06/internal/platform/fault"
)

// methods that OpenAPI knows.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

const (
	maxEndpoints = 2000
	maxDepth     = 200
)

// ReadOpenAPI finds the endpoints of a service in its description, JSON or YAML.
// A parameter of a path stands for one part ("/people/{id}" is "/people/*"). It
// fails with Invalid ("exchange.openapi.…", field "openapi").
func ReadOpenAPI(doc []byte) (title string, list []Endpoint, err error) {
	bad := func(key string) (string, []Endpoint, error) {
		return "", nil, fault.New(fault.Invalid, "exchange.openapi."+key, nil).At("openapi")
	}
	if len(doc) > MaxOpenAPI {
		return bad("large")
	}
	tree, ok := readTree(doc)
	if !ok {
		return bad("broken")
	}
	if v, _ := tree["openapi"].(string); !strings.HasPrefix(v, "3.") {
		if v, _ := tree["swagger"].(string); v != "2.0" {
			return bad("version")
		}
	}
	if info, ok := tree["info"].(map[string]any); ok {
		title, _ = info["title"].(string)
	}
	paths, _ := tree["paths"].(map[string]any)
	for path, item := range paths {
		operations, _ := item.(map[string]any)
		if !strings.HasPrefix(path, "/") || len(path) > 500 {
			continue
		}
		for _, m := range methods {
			if _, ok := operations[m].(map[string]any); ok {
				list = append(list, Endpoint{strings.ToUpper(m), globOf(path)})
			}
		}
	}
	if len(list) == 0 {
		return bad("empty")
	}
	if len(list) > maxEndpoints {
		return bad("large")
	}
	slices.SortFunc(list, func(a, b Endpoint) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	return Clip(title), slices.Compact(list), nil
}

// globOf turns the parameters of a path into stars.
func globOf(path string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(path, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, rest, closed := strings.Cut(after, "}")
		if !closed {
			return b.String() + "*"
		}
		b.WriteByte('*')
		path = rest
	}
}

// readTree reads JSON or YAML. YAML's references to earlier parts are refused:
// a few lines of them can stand for a gigabyte.
func readTree(doc []byte) (map[string]any, bool) {
	var tree map[string]any
	if trimmed := bytes.TrimSpace(doc); len(trimmed) > 0 && trimmed[0] == '{' {
		return tree, json.Unmarshal(doc, &tree) == nil
	}
	var node yaml.Node
	if yaml.Unmarshal(doc, &node) != nil || !harmless(&node, 0) || node.Decode(&tree) != nil {
		return nil, false
	}
	return tree, tree != nil
}

func harmless(n *yaml.Node, depth int) bool {
	if n.Kind == yaml.AliasNode || depth > maxDepth {
		return false
	}
	for _, c := range n.Content {
		if !harmless(c, depth+1) {
			return false
		}
	}
	return true
}

// Unfiltered finds the endpoints of a description that, by its own words, answer
// a success in something else than JSON: fields cannot be taken out of that. What it
// leaves open (a reference, no word about the content) is not among them. A
// description that cannot be read has none.
func Unfiltered(doc []byte) []Endpoint {
	tree, ok := readTree(doc)
	if !ok {
		return nil
	}
	var list []Endpoint
	paths, _ := tree["paths"].(map[string]any)
	for path, item := range paths {
		operations, _ := item.(map[string]any)
		for _, m := range methods {
			if op, ok := operations[m].(map[string]any); ok && otherThanJSON(op, tree["produces"]) {
				list = append(list, Endpoint{strings.ToUpper(m), globOf(path)})
			}
		}
	}
	return list
}

// otherThanJSON says that each success of an operation has a body and none can be JSON.
func otherThanJSON(op map[string]any, produces any) bool {
	if own, ok := op["produces"]; ok {
		produces = own
	}
	if list, ok := produces.([]any); ok && len(list) > 0 { // Swagger 2.0
		return !slices.ContainsFunc(list, func(v any) bool { kind, _ := v.(string); return IsJSON(kind) || strings.Contains(kind, "*") })
	}
	responses, _ := op["responses"].(map[string]any)
	other := false
	for status, v := range responses {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		answer, _ := v.(map[string]any)
		content, _ := answer["content"].(map[string]any)
		if len(content) == 0 {
			return false
		}
		for kind := range content {
			if IsJSON(kind) || strings.Contains(kind, "*") {
				return false
			}
		}
		other = true
	}
	return other
}

// IsJSON says whether a media type, with parameters or without, is JSON.
func IsJSON(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// Covers says whether an endpoint is meant by a method and a raw path below its service.
func (e Endpoint) Covers(method, path string) bool {
	return e.Method == method && pathFits(e.Path, path)
}
