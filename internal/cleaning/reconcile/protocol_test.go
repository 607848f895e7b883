package reconcile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

func printer(t *testing.T, lang i18n.Lang) *i18n.Printer {
	t.Helper()
	c, err := i18n.Load(reconcile.Messages, cleaning.Messages, citizen.Messages)
	if err != nil {
		t.Fatal(err)
	}
	return c.In(lang)
}

// valid holds a document against a schema of testdata.
func valid(t *testing.T, schema string, document []byte) error {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", schema+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	form, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file:///"+schema, form); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("file:///" + schema)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return s.Validate(value)
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestManifest(t *testing.T) {
	t.Parallel()
	m := asJSON(t, reconcile.NewManifest("https://bhxh.example.vn/reconcile/k/2.000986/F-1", "https://bhxh.example.vn/reconcile", printer(t, i18n.Vi)))
	if err := valid(t, "manifest", m); err != nil {
		t.Error(err)
	}
	// What tells more of the register than a match is not offered.
	var got map[string]any
	if err := json.Unmarshal(m, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"preview", "extend", "view"} {
		if got[name] != nil {
			t.Errorf("the manifest offers %s", name)
		}
	}
	if s := got["suggest"].(map[string]any); s["entity"] != nil {
		t.Error("the manifest offers to suggest persons")
	}
	if err := valid(t, "manifest", []byte(`{"versions":["0.1"],"name":"x","identifierSpace":"urn:x","schemaSpace":"urn:y"}`)); err == nil {
		t.Error("the schema takes any manifest")
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	vi, en := printer(t, i18n.Vi), printer(t, i18n.En)
	ids := func(s reconcile.Suggested) string {
		if err := valid(t, "suggested", asJSON(t, s)); err != nil {
			t.Error(err)
		}
		var out []string
		for _, n := range s.Result {
			out = append(out, n.ID)
		}
		return strings.Join(out, " ")
	}
	for prefix, want := range map[string]string{
		"Ngày sinh": "birth", "ngay_sinh": "birth", "Số CCCD": "number", "giới": "sex", "Địa chỉ": "address", "zzz": "",
		"": "number name birth sex address surname middle given day month year commune district province",
	} {
		if got := ids(reconcile.Properties(prefix, vi)); got != want {
			t.Errorf("%q: %q, want %q", prefix, got, want)
		}
	}
	if got := ids(reconcile.Properties("date of", en)); got != "birth" {
		t.Errorf("date of: %q", got)
	}
	if got := ids(reconcile.Types("", vi)); got != "person" {
		t.Errorf("types: %q", got)
	}
}

func TestParseBatch(t *testing.T) {
	t.Parallel()
	type said = cleaning.Said
	for _, tt := range []struct {
		about, text string
		want        []reconcile.Question
	}{
		{"none", `{}`, nil},
		{"a name alone, as types are guessed by", `{"q0":{"query":"Nguyễn Văn An","limit":3}}`, []reconcile.Question{
			{Said: said{"name": "Nguyễn Văn An"}, Limit: 3},
		}},
		{
			"as OpenRefine writes a row",
			`{"q0":{"query":"Trần Thị Bé","type":"person","type_strict":"should","properties":[{"pid":"birth","v":"1990-05-01T00:00:00Z"},` +
				`{"pid":"number","v":1090000001},{"pid":"sex","v":"Nữ"},{"pid":"màu tóc","v":"đen"}]}}`,
			[]reconcile.Question{{Said: said{"name": "Trần Thị Bé", "birth": "1990-05-01T00:00:00Z", "number": "1090000001", "sex": "Nữ"}, Limit: 5}},
		},
		{
			"headings for properties, lists, what was matched before, nothing known",
			`{"a":{"query":"An","properties":[{"pid":"Ngày sinh","v":["1/1/1990","x"]},{"pid":"number","v":{"id":"001090000001","name":"Ai"}},` +
				`{"pid":"address","v":{"id":"u-1","name":"Hà Nội"}},{"pid":"sex","v":null},{"pid":"commune","v":[]}]}}`,
			[]reconcile.Question{{Said: said{
				"name": "An", "birth": "1/1/1990", "number": "001090000001", "address": "Hà Nội",
			}, Limit: 5}},
		},
		{"a column of numbers", `{"x":{"query":"001090000001","properties":[{"pid":"Họ và tên","v":"An"}]}}`, []reconcile.Question{
			{Said: said{"number": "001090000001", "name": "An"}, Limit: 5},
		}},
		{"properties alone", `{"x":{"properties":[{"pid":"name","v":"An"}],"limit":100}}`, []reconcile.Question{{Said: said{"name": "An"}, Limit: 5}}},
		{"the name in parts", `{"x":{"query":"An","properties":[{"pid":"surname","v":"Lê"},{"pid":"given","v":"An"}]}}`, []reconcile.Question{
			{Said: said{"surname": "Lê", "given": "An"}, Limit: 5},
		}},
		{"in their order", `{"q9":{"query":"A"},"q1":{"query":"B"}}`, []reconcile.Question{
			{Said: said{"name": "A"}, Limit: 5}, {Said: said{"name": "B"}, Limit: 5},
		}},
	} {
		got, err := reconcile.ParseBatch(tt.text)
		if d := cmp.Diff(tt.want, got.Questions); err != nil || d != "" {
			t.Errorf("%s: %v %s", tt.about, err, d)
		}
	}
}

// TestParseBatchHostile: what is none is refused in words, whatever it is.
func TestParseBatchHostile(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 51 {
		fmt.Fprintf(&many, `,"q%d":{"query":"An"}`, i)
	}
	long := strings.Repeat("a", 401)
	for text, want := range map[string]fault.Kind{
		``: fault.Invalid, `null`: fault.Invalid, `[]`: fault.Invalid, `[{"query":"x"}]`: fault.Invalid, `"x"`: fault.Invalid, `{`: fault.Invalid,
		`{"a":{"query":"x"}`: fault.Invalid, `{"a":{"query":"x"}}}`: fault.Invalid, `{"a":{"query":"x"}} {}`: fault.Invalid,
		`{"a":{}}`: fault.Invalid, `{"a":null}`: fault.Invalid, `{"a":[]}`: fault.Invalid, `{"a":"x"}`: fault.Invalid, `{"a":7}`: fault.Invalid,
		`{"a":{"query":""}}`: fault.Invalid, `{"a":{"query":"x","limit":0}}`: fault.Invalid, `{"a":{"query":"x","limit":-1}}`: fault.Invalid,
		`{"a":{"query":"x","limit":"3"}}`: fault.Invalid, `{"a":{"query":"x","limit":1e999}}`: fault.Invalid,
		`{"a":{"query":"x"},"a":{"query":"y"}}`:                                                 fault.Invalid,
		`{"a":{"query":"` + long + `"}}`:                                                        fault.Invalid,
		`{"a":{"query":"x","properties":[{"pid":"birth","v":"` + long + `"}]}}`:                 fault.Invalid,
		`{"a":{"query":"x","properties":{}}}`:                                                   fault.Invalid,
		`{"a":{"query":"x","properties":[` + strings.Repeat(`{"pid":"x","v":1},`, 40) + `{}]}}`: fault.Invalid,
		`{"a":{"query":"x","properties":[{"pid":"birth","v":[[["x"]]]}]}}`:                      fault.Invalid,
		`{"a":{"query":"x","properties":[{"pid":"birth","v":{"id":7}}]}}`:                       fault.Invalid,
		`{"a":` + strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000) + `}`:                 fault.Invalid,
		`{"a":{"query":` + strings.Repeat(`[`, 5000) + `"x"` + strings.Repeat(`]`, 5000) + `}}`: fault.Invalid,
		"{\"a\":{\"query\":\"\xff\"}}":                                                          fault.Invalid,
		`{"` + long + `":{"query":"x"}}`:                                                        fault.Invalid,
		"{" + many.String()[1:] + "}":                                                           fault.TooLarge,
	} {
		if _, err := reconcile.ParseBatch(text); fault.Of(err) != want {
			t.Errorf("%.80s: %v, want %s", text, err, want)
		}
	}
}

func FuzzParseBatch(f *testing.F) {
	f.Add(`{"q0":{"query":"An","properties":[{"pid":"birth","v":["1990",{"id":"x"}]}],"limit":3}}`)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := reconcile.ParseBatch(text)
		if err != nil {
			if k := fault.Of(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatal(err)
			}
			return
		}
		if len(b.Keys) != len(b.Questions) || len(b.Keys) > reconcile.MostQuestions {
			t.Fatalf("%d keys of %d questions", len(b.Keys), len(b.Questions))
		}
	})
}

// TestResults: results are by the names of the queries and fit the schema; of who did not match
// nothing stands in them but what agrees.
func TestResults(t *testing.T) {
	t.Parallel()
	b := reconcile.Batch{Keys: []string{"q0", "</script>", "q2"}, Questions: make([]reconcile.Question, 3)}
	fits := map[cleaning.Kind]bool{"name": true, "birth": false, "number": true}
	answer := reconcile.Answer{Answers: [][]reconcile.Candidate{
		{
			{ID: "x-1", Share: .999999, Bits: 31.26, Match: true, Name: "Nguyễn Văn Thử", Number: "001090000001", Fits: fits},
			{ID: "x-2", Share: .00001, Bits: 2, Fits: map[cleaning.Kind]bool{}},
		},
		{{ID: "x-3", Share: .5, Bits: 9, Fits: fits}},
		{},
	}}
	if err := answer.Check(3); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := reconcile.WriteResults(&out, b.Results(answer, printer(t, i18n.Vi))); err != nil {
		t.Fatal(err)
	}
	if err := valid(t, "results", out.Bytes()); err != nil {
		t.Error(err)
	}
	for _, want := range []string{
		`{"q0":{"result":[{"id":"001090000001","name":"Nguyễn Văn Thử",`, `"score":99.99,"match":true`, `{"id":"bits","value":31.3}`,
		`"description":"khớp: số định danh hoặc số CMND, họ và tên; không khớp: ngày sinh"`, `{"id":"birth","value":false}`,
		`"name":"Người số 2, chưa chắc chắn"`, `"q2":{"result":[]}`,
		`{"id":"x-3","name":"Người số 1, chưa chắc chắn (khớp: số định danh hoặc số CMND, họ và tên; không khớp: ngày sinh)"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s has no %s", &out, want)
		}
	}
	if strings.Contains(out.String(), "<") {
		t.Errorf("%s has a sign that begins a tag", &out)
	}
	if err := valid(t, "results", []byte(`{"q0":{"result":[{"id":"x"}]}}`)); err == nil {
		t.Error("the schema takes any result")
	}
}

// TestCheck: an answer that tells more than it may, or is about other questions, is not believed.
func TestCheck(t *testing.T) {
	t.Parallel()
	match := reconcile.Candidate{ID: "x", Share: 1, Match: true, Name: "An", Number: "001090000001"}
	other := reconcile.Candidate{ID: "y", Share: .1}
	for about, list := range map[string][]reconcile.Candidate{
		"no id":                    {{Share: 1}},
		"a share above one":        {{ID: "x", Share: 2}},
		"the name of another":      {{ID: "x", Share: .5, Name: "An"}},
		"the number of another":    {{ID: "x", Share: .5, Number: "001090000001"}},
		"a match without a number": {{ID: "x", Share: 1, Match: true, Name: "An"}},
		"a match without a name":   {{ID: "x", Share: 1, Match: true, Number: "001090000001"}},
		"two matches":              {match, match},
		"a match behind another":   {other, match},
		"more than there may be":   {other, other, other, other, other, other},
		"a number that nobody has": {{ID: "x", Share: 1, Match: true, Name: "An", Number: "1"}},
	} {
		if err := (reconcile.Answer{Answers: [][]reconcile.Candidate{list}}).Check(1); fault.Of(err) != fault.Unavailable {
			t.Errorf("%s: %v, want unavailable", about, err)
		}
	}
	if err := (reconcile.Answer{Answers: [][]reconcile.Candidate{{match, other}}}).Check(1); err != nil {
		t.Error(err)
	}
	if err := (reconcile.Answer{}).Check(1); fault.Of(err) != fault.Unavailable {
		t.Errorf("no answer: %v", err)
	}
}
