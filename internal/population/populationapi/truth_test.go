package populationapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"dean06/internal/platform/fault"
	"dean06/internal/population"
	"dean06/internal/population/populationapi"
)

// operation is a call as a document describes it.
type operation struct {
	service, method, path string // path with "l1" for "{id}"
	spelled               string // as the document writes it
	call                  map[string]any
}

// operations are those of all documents.
func operations(t *testing.T, api *populationapi.API) (list []operation) {
	t.Helper()
	for _, s := range api.Services() {
		doc, ok := parse(t, s.OpenAPI).(map[string]any)
		if !ok {
			t.Fatalf("%s: no document", s.Code)
		}
		for path, item := range doc["paths"].(map[string]any) {
			for method, call := range item.(map[string]any) {
				list = append(list, operation{s.Code, strings.ToUpper(method), strings.ReplaceAll(path, "{id}", "l1"), path, call.(map[string]any)})
			}
		}
	}
	if len(list) < 18 {
		t.Fatalf("%d calls are documented", len(list))
	}
	return list
}

// body is the schema of an operation's body; nil when it has none.
func (o operation) body(t *testing.T, api *populationapi.API) *jsonschema.Schema {
	t.Helper()
	if o.call["requestBody"] == nil {
		return nil
	}
	s, _ := api.Service(o.service)
	at := fmt.Sprintf("#/paths/%s/%s/requestBody/content/application~1json/schema", strings.ReplaceAll(o.spelled, "/", "~1"), strings.ToLower(o.method))
	schema, err := compile(t, s, strings.NewReplacer("{", "%7B", "}", "%7D").Replace(at))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// documented says that an answer's status, type and body are what the document says.
func (o operation) documented(t *testing.T, api *populationapi.API, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	responses := o.call["responses"].(map[string]any)
	answer, ok := responses[fmt.Sprint(w.Code)].(map[string]any)
	if !ok {
		t.Errorf("%s %s%s, %s: answered %d, which is not documented: %s", o.method, o.service, o.path, what, w.Code, w.Body)
		return
	}
	s, _ := api.Service(o.service)
	if ref, ok := answer["$ref"].(string); ok {
		doc := parse(t, s.OpenAPI).(map[string]any)
		name := strings.TrimPrefix(ref, "#/components/responses/")
		if answer, ok = doc["components"].(map[string]any)["responses"].(map[string]any)[name].(map[string]any); !ok {
			t.Fatalf("%s: %s leads nowhere", o.service, ref)
		}
	}
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	content, _ := answer["content"].(map[string]any)
	if _, ok := content[kind]; !ok && w.Body.Len() > 0 {
		t.Errorf("%s %s%s, %s: answered %d as %s, which is not documented", o.method, o.service, o.path, what, w.Code, kind)
	}
	checkAnswer(t, api, ask{service: o.service, method: o.method, path: o.path}, w)
}

// TestDocumentsTellTheTruth: whatever comes, the answer is documented, and what the text
// forbids is refused.
func TestDocumentsTellTheTruth(t *testing.T) {
	t.Parallel()
	f := &fake{list: population.List{ID: "l1", State: population.ListDone}}
	api := newAPI(t, f)
	bodies := []string{
		"", "null", "[]", `"x"`, "{", "{}", `{"number":null}`, `{"number":""}`, `{"number":12}`, `{"number":"066 190 900 011"}`, `{"number":"000000000000"}`,
		`{"number":"001090000001","number":"001090000001"}`, `{"number":"001090000001","x":1}`, `{"number":"001090000001\u0000"}`,
		`{"number":"001090000001","name":null,"birth":null,"old_number":null}`, `{"number":"001090000001","old_number":""}`,
		`{"number":"001090000001","fields":null}`, `{"number":"001090000001","fields":[null]}`, `{"number":"001090000001","fields":["x"]}`,
		`{"number":"001090000001","name":"` + strings.Repeat("x", 500) + `"}`, `{"number":"001090000001","values":{"sex":null}}`,
		`{"number":"001090000001","values":[]}`, `{"persons":[]}`, `{"persons":{}}`, `{"persons":[{"number":"001090000001"}],"number":"001090000001"}`,
		`{"kind":"age","code":null,"place":null,"age_from":1,"age_to":5}`, `{"kind":null}`, `{"kind":"age","age_from":-1}`, `{"kind":"age","age_from":"1"}`,
		`{"kind":"age","age_from":null}`, `{"kind":"age","age_from":1.5}`, `{"kind":"sex","code":1}`, `{"userCode":"VN001090000001","periodStart":null}`,
		`{"userCode":null}`, `{"userCode":"001090000001","limit":0}`, `{"userCode":"001090000001","offset":10001}`, strings.Repeat(" ", 3<<20), "\xff\xfe",
	}
	met := map[int]bool{}
	defer func() {
		for _, status := range []int{403, 404, 500, 503} {
			if !met[status] {
				t.Errorf("no call was answered with %d", status)
			}
		}
	}()
	for _, o := range operations(t, api) {
		schema := o.body(t, api)
		send := func(what, query, kind, body string, header map[string]string) *httptest.ResponseRecorder {
			t.Helper()
			h := map[string]string{"Content-Type": kind}
			for k, v := range header {
				h[k] = v
			}
			w := do(t, api, ask{service: o.service, method: o.method, path: o.path + query, body: body, header: h})
			o.documented(t, api, what, w)
			return w
		}
		for _, query := range []string{
			"?x=1", "?limit=0", "?limit=-1", "?limit=x", "?limit=", "?limit=99999", "?limit=1&limit=2", "?before=%zz", "?after=x", "?userCode=", "?userCode=1;x=2",
			"?userCode=001090000001&offset=-1", "?userCode=001090000001&periodStart=x", "?before=%00",
		} {
			w := send("query "+query, query, "application/json", key, nil)
			if strings.Contains(query, "x=") || strings.Contains(query, "limit=") && w.Code < 300 {
				if w.Code < 400 {
					t.Errorf("%s %s%s%s is forbidden by the text, and answered %d", o.method, o.service, o.path, query, w.Code)
				}
			}
		}
		send("another client's form", "", "application/json", key, map[string]string{"X-Road-Client": "VN/GOV"})
		for err, want := range map[error]int{
			fault.New(fault.Unavailable, "population.person.not_found", nil): 503, errors.New("broken"): 500,
			fault.New(fault.NotFound, "population.person.not_found", nil): 404, fault.New(fault.Denied, "population.person.not_found", nil): 403,
		} {
			failing := newAPI(t, &fake{err: err, list: f.list})
			body := key
			if o.service == "lists" {
				body = `{"kind":"age","age_from":1,"age_to":5}`
			}
			if o.service == "usage" {
				body = `{"userCode":"001090000001"}`
			}
			query := ""
			if o.service == "usage" && o.method == http.MethodGet && o.path == "/findUsage" {
				query = "?userCode=001090000001"
			}
			w := do(t, failing, ask{service: o.service, method: o.method, path: o.path + query, body: body})
			o.documented(t, failing, err.Error(), w)
			met[w.Code] = met[w.Code] || w.Code == want
		}
		if schema == nil {
			continue
		}
		send("text", "", "text/plain", key, nil)
		for _, body := range bodies {
			w := send(body[:min(60, len(body))], "", "application/json", body, nil)
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
			if forbidden := err != nil || schema.Validate(v) != nil; forbidden && w.Code < 400 && !slices.Contains(twice, body) {
				t.Errorf("%s %s%s: the text forbids %.80s, and the answer is %d", o.method, o.service, o.path, body, w.Code)
			}
		}
	}
}

// twice are bodies of which JSON schema sees half.
var twice = []string{`{"number":"001090000001","number":"001090000001"}`}
