package populationapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
	"dean06/internal/population/populationapi"
)

var thu = population.Person{
	Number: citizen.MustNumber("001090000001"), OldNumbers: []citizen.OldNumber{citizen.OldFromInt(12345678)}, Name: "Nguyễn Văn Thử",
	Birth: citizen.MustDay("1990-01-01"), Sex: citizen.Male, Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "00", Marital: "2",
	Birthplace: population.Place{Province: "01", District: "001", Commune: "00001", Country: "VN"},
	Permanent:  population.Place{Province: "01", District: "001", Commune: "00001", Detail: "Số 1 phố Thử", Country: "VN"},
	Household:  "000000001", Relation: "CH01", Life: population.Alive,
	Father:   population.Relative{Number: citizen.MustNumber("001060000001"), Name: "Nguyễn Văn Cha", Nationality: "VN"},
	Spouse:   population.Relative{Number: citizen.MustNumber("001192000001"), Name: "Lê Thị Vợ", Nationality: "VN"},
	Cards:    []population.Card{{Serial: "001", Kind: "CCCD", Issued: citizen.MustDay("2021-04-15")}},
	Guardian: population.Relative{},
}

// fake is a register of one person.
type fake struct {
	last  population.Inquiry
	list  population.List
	facts *population.Facts // the answer, when it is not about thu
	err   error
}

var (
	nobody = fault.New(fault.NotFound, "population.person.not_found", nil)
	now    = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
)

func (f *fake) check(in population.Inquiry, asked []population.Field) error {
	f.last = in
	if f.err != nil {
		return f.err
	}
	for _, x := range asked {
		if !slices.Contains(in.Granted, x) && !slices.Contains(in.Granted, population.AllFields) {
			return fault.New(fault.Denied, "population.field.denied", fault.Args{"fields": string(x)})
		}
	}
	return nil
}

func (f *fake) Match(_ context.Context, in population.Inquiry, claims []population.Claim) ([]population.Verdict, error) {
	var list []population.Verdict
	for _, c := range claims {
		var asked []population.Field
		for x := range c.Values {
			asked = append(asked, x)
		}
		if err := f.check(in, asked); err != nil {
			return nil, err
		}
		v := population.Verdict{Found: c.Number == thu.Number}
		if v.Found {
			v.Fields = map[population.Field]bool{
				population.FieldName: citizen.SameName(c.Name, thu.Name), population.FieldBirth: c.Birth == thu.Birth,
			}
			if s, ok := c.Values[population.FieldSex]; ok {
				v.Fields[population.FieldSex] = s == "1"
			}
		}
		list = append(list, v)
	}
	return list, nil
}

func (f *fake) Facts(_ context.Context, in population.Inquiry, key population.Key, fields []population.Field) (population.Facts, error) {
	if err := f.check(in, fields); err != nil {
		return population.Facts{}, err
	}
	if key.Number != thu.Number && key.OldNumber != thu.OldNumbers[0] {
		return population.Facts{}, nobody
	}
	if f.facts != nil {
		return *f.facts, nil
	}
	if fields == nil {
		fields = population.Fields
	}
	return population.Facts{
		Fields: fields, Person: thu, AsOf: now, Head: population.Relative{Number: thu.Number, Name: thu.Name},
		Members: []population.Member{{Relation: "CH01", Number: thu.Number, Name: thu.Name, Birth: thu.Birth, Sex: citizen.Male}},
	}, nil
}

func (f *fake) Household(_ context.Context, in population.Inquiry, key population.Key) (population.Household, error) {
	if err := f.check(in, []population.Field{population.FieldHousehold}); err != nil {
		return population.Household{}, err
	}
	if key.Number != thu.Number {
		return population.Household{}, nobody
	}
	return population.Household{
		Number: "000000001", Place: thu.Permanent, Head: population.Member{Relation: "CH01", Number: thu.Number, Name: thu.Name}, AsOf: now,
	}, nil
}

func (f *fake) Residence(_ context.Context, in population.Inquiry, key population.Key) (population.Residence, error) {
	if err := f.check(in, []population.Field{population.FieldPermanent}); err != nil {
		return population.Residence{}, err
	}
	if key.Number != thu.Number {
		return population.Residence{}, nobody
	}
	return population.Residence{Number: thu.Number, Name: thu.Name, Permanent: thu.Permanent, Since: citizen.MustDay("2001"), AsOf: now}, nil
}

func (f *fake) RequestList(_ context.Context, in population.Inquiry, q population.ListQuery) (population.List, error) {
	f.list = population.List{
		ID: "l1", Query: q, State: population.ListWaiting, RequestedAt: now,
		Steps: []population.ListStep{{State: population.ListWaiting, At: now}},
	}
	return f.list, f.check(in, q.Fields)
}

func (f *fake) Lists(context.Context, population.Inquiry, string, int) ([]population.List, error) {
	return []population.List{f.list}, nil
}

func (f *fake) ListStatus(_ context.Context, _ population.Inquiry, id string) (population.List, error) {
	if id != f.list.ID {
		return population.List{}, fault.New(fault.NotFound, "population.list.not_found", nil)
	}
	return f.list, nil
}

func (f *fake) ListRecords(_ context.Context, _ population.Inquiry, _ string, after citizen.Number, _ int) (population.ListPage, error) {
	if after == thu.Number {
		return population.ListPage{}, nil
	}
	return population.ListPage{
		Records: []population.Facts{{Fields: []population.Field{population.FieldName}, Person: thu, AsOf: now}}, Next: thu.Number,
	}, nil
}

func (f *fake) ListFile(_ context.Context, _ population.Inquiry, _ string, w io.Writer) error {
	_, _ = io.WriteString(w, "name\n")
	return f.err
}

func (f *fake) DeleteList(context.Context, population.Inquiry, string) error { return nil }

func (f *fake) Report(_ context.Context, in population.Inquiry, p population.Report) (population.Recorded, error) {
	p.Event.ID, p.Event.RecordedAt = "r-1", now
	return population.Recorded{Event: p.Event}, f.check(in, []population.Field{population.Reporting(p.Event.Kind)})
}

func (f *fake) ReportsOf(_ context.Context, in population.Inquiry, _ string) ([]population.Recorded, error) {
	e := population.Event{ID: "r-1", Kind: population.Death, Number: thu.Number, RecordedAt: now}
	return []population.Recorded{{Event: e, Again: true}}, f.check(in, nil)
}

// Usage has 2,500 entries, the older the smaller their ids.
func (f *fake) Usage(
	_ context.Context, in population.Inquiry, n citizen.Number, _ population.Period, before string, limit int,
) ([]population.Lookup, error) {
	f.last = in
	if n != thu.Number {
		return nil, nil
	}
	next := 2500
	if id, err := strconv.Atoi(before); err == nil {
		next = id - 1
	}
	var list []population.Lookup
	for ; next > 0 && len(list) < min(limit, 1000); next-- {
		l := population.Lookup{
			ID: fmt.Sprint(next), At: now, Client: "VN/GOV/H55/TTHC", Agency: "H55", Service: "facts", Purpose: "1.001193",
			Fields: []population.Field{"name"}, Persons: 1,
		}
		if next == 1 {
			l = population.Lookup{ID: "1", At: now, Client: "VN/GOV/G24/BHXH", Agency: "G24", Service: "match", Persons: 1000}
		}
		list = append(list, l)
	}
	return list, nil
}

func (f *fake) UsagePeriod(context.Context, population.Inquiry) (population.Period, error) {
	return population.Period{From: now}, nil
}

func (f *fake) Heartbeat(context.Context) error { return f.err }

var texts = sync.OnceValue(func() *i18n.Catalogue {
	c, err := i18n.Load(populationapi.Messages, citizen.Messages)
	if err != nil {
		panic(err)
	}
	return c
})

func newAPI(t testing.TB, f *fake) *populationapi.API {
	t.Helper()
	return populationapi.New(populationapi.Parts{
		Register: f, Texts: texts(), Clock: clock.Fixed(now), Log: slog.New(slog.DiscardHandler),
		Agency: func(code string) string { return "Cơ quan " + code },
	})
}

type ask struct {
	service, method, path, body string
	header                      map[string]string
}

func do(t testing.TB, api *populationapi.API, a ask) *httptest.ResponseRecorder {
	t.Helper()
	s, ok := api.Service(a.service)
	if !ok {
		t.Fatalf("no service %s", a.service)
	}
	if a.method == "" {
		a.method = http.MethodPost
	}
	if a.path == "" {
		a.path = "/"
	}
	r := httptest.NewRequestWithContext(t.Context(), a.method, a.path, strings.NewReader(a.body))
	r.Header.Set("X-Road-Client", "VN/GOV/H55/TTHC")
	r.Header.Set("X-Road-UserId", "canbo.test")
	r.Header.Set("X-Road-Issue", "H55.1")
	r.Header.Set("X-Dean06-Purpose", "1.001193")
	r.Header.Set("X-Dean06-Fields", "*")
	r.Header.Set("X-Road-Request-Id", "req-1")
	r.Header.Set("Content-Type", "application/json")
	for k, v := range a.header {
		if r.Header.Set(k, v); v == "" {
			r.Header.Del(k)
		}
	}
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	return w
}

const (
	key  = `{"number":"001090000001"}`
	none = `{"number":"001090000002","name":"Nguyễn Văn Không"}`
	// claim is a claim about the one of key.
	claim = `{"number":"001090000001","name":"NGUYENVANTHU","birth":"1991-05"}`
)

func TestServices(t *testing.T) {
	t.Parallel()
	few := map[string]string{"X-Dean06-Fields": "name,birth"}
	tests := []struct {
		name   string
		ask    ask
		status int
		want   string // a part of the body
	}{
		{
			"match one",
			ask{service: "match", body: `{"number":"001090000001","name":"NGUYENVANTHU","birth":"1990-01-01","values":{"sex":"2"}}`},
			200, `{"found":true,"fields":{"name":true,"birth":true,"sex":false}}`,
		},
		{
			"match many",
			ask{service: "match", body: `{"persons":[` + claim + `,` + none + `]}`},
			200,
			`{"verdicts":[{"found":true,"fields":{"name":true,"birth":false}},{"found":false}]}`,
		},
		{
			"match not granted",
			ask{service: "match", body: `{"number":"001090000001","birth":"1990-01","values":{"religion":"00"}}`, header: few},
			403,
			`"fields":["religion"]`,
		},
		{
			"facts",
			ask{service: "facts", body: `{"number":"001090000001","fields":["name","sex"]}`},
			200,
			`"fields":["name","sex"],"person":{"name":"Nguyễn Văn Thử","sex":"1"}}`,
		},
		{
			"facts by old number",
			ask{service: "facts", body: `{"old_number":"012345678","fields":["number"]}`},
			200,
			`"person":{"number":"001090000001"}}`,
		},
		{"all facts", ask{service: "facts", body: key}, 200, `"head":{"number":"001090000001"`},
		{
			"facts not granted",
			ask{service: "facts", body: `{"number":"001090000001","fields":["name","father","marital"]}`, header: few},
			403,
			`"fields":["father","marital"]`,
		},
		{
			"facts as far as granted",
			ask{service: "facts", body: `{"number":"001090000001","fields":["birth"],"also":["name","father"]}`, header: few},
			200, `"fields":["birth","name"]`,
		},
		{
			"facts, of which none is granted",
			ask{service: "facts", body: `{"number":"001090000001","also":["father","marital"]}`, header: few},
			403, `"fields":["father","marital"]`,
		},
		{
			"facts beside one that is not granted",
			ask{service: "facts", body: `{"number":"001090000001","fields":["father"],"also":["name"]}`, header: few},
			403, `"fields":["father"]`,
		},
		{"facts of nobody", ask{service: "facts", body: none}, 404, `"found":false`},
		{"household", ask{service: "household", body: key}, 200, `"number":"000000001"`},
		{"household denied", ask{service: "household", body: key, header: few}, 403, `"fields":["household","members"]`},
		{"residence", ask{service: "residence", body: key}, 200, `"since":"2001"`},
		{"residence of nobody", ask{service: "residence", body: none}, 404, `"found":false`},
		{"marital", ask{service: "marital", body: key}, 200, `"marital":"2","spouse":{"number":"001192000001"`},
		{"marital alone", ask{service: "marital", body: key, header: map[string]string{"X-Dean06-Fields": "marital"}}, 200, `"marital":"2"}`},
		{"life", ask{service: "life", body: key}, 200, `"life":"alive"}`},
		{"guardian", ask{service: "guardian", body: key}, 200, `"guardian":null`},
		{
			"list", ask{service: "lists", body: `{"kind":"age","place":"01","age_from":18,"age_to":27,"fields":["name"]}`}, 202, `"state":"waiting"`,
		},
		{"lists", ask{service: "lists", method: "GET", path: "/?limit=1"}, 200, `"lists":[{"id":"l1"`},
		{"list status", ask{service: "lists", method: "GET", path: "/l1"}, 200, `"id":"l1"`},
		{"no list", ask{service: "lists", method: "GET", path: "/l2"}, 404, `"status":404`},
		{"list history", ask{service: "lists", method: "GET", path: "/l1/history"}, 200, `"steps":[{"state":"waiting"`},
		{"list records", ask{service: "lists", method: "GET", path: "/l1/records?limit=5"}, 200, `"person":{"name":"Nguyễn Văn Thử"}}],"next":"`},
		{"list file", ask{service: "lists", method: "GET", path: "/l1/file"}, 200, "name\n"},
		{"list deleted", ask{service: "lists", method: "DELETE", path: "/l1"}, 204, ""},
		{
			"usage",
			ask{service: "usage", method: "GET", path: "/findUsage?userCode=001090000001&periodStart=2026-01-01T00:00:00"},
			200,
			`"receiverCode":"H55","receiverName":"Cơ quan H55","receiverSystem":"TTHC"`,
		},
		{
			"usage posted",
			ask{service: "usage", path: "/findUsage", body: `{"userCode":"001090000001","offset":2499,"limit":5}`},
			200,
			`{"totalUsages":2500,"usages":[{"logtime":"2026-11-21T10:00:00+07:00","action":"So khớp thông tin","receiverCode":"G24"`,
		},
		{
			"some of many",
			ask{service: "usage", path: "/findUsage", body: `{"userCode":"001090000001","offset":1500,"limit":1}`},
			200,
			`{"usages":[{"logtime":"2026-11-21T10:00:00+07:00","action":"Tra cứu thông tin công dân, cho thủ tục 1.001193"`,
		},
		{"usage of nobody", ask{service: "usage", path: "/findUsage", body: `{"userCode":"001090000002"}`}, 200, `{"totalUsages":0,"usages":[]}`},
		{"usage period", ask{service: "usage", method: "GET", path: "/usagePeriod"}, 200, `{"periodStart":"2026-11-21T10:00:00+07:00"}`},
		{"heartbeat", ask{service: "usage", method: "GET", path: "/heartbeat"}, 200, `"status":"OK"`},
		{"the exchange's whole path", ask{service: "usage", method: "GET", path: "/r1/VN/GOV/G01/DANCU/usage/heartbeat"}, 200, `"OK"`},
		{"the exchange's path of a service", ask{service: "life", path: "/r1/VN/GOV/G01/DANCU/life", body: key}, 200, `"alive"`},

		{"no client", ask{service: "facts", body: key, header: map[string]string{"X-Road-Client": ""}}, 403, "gateway"},
		{
			"nothing granted",
			ask{service: "facts", body: `{"number":"001090000001","fields":["name"]}`, header: map[string]string{"X-Dean06-Fields": ""}},
			403,
			`"fields":["name"]`,
		},
		{"GET", ask{service: "facts", method: "GET", path: "/?number=001090000001"}, 405, "POST"},
		{"number in the address", ask{service: "facts", path: "/?number=001090000001", body: key}, 422, "populationapi.query"},
		{"no such path", ask{service: "facts", path: "/more", body: key}, 404, `"status":404`},
		{"no JSON by its type", ask{service: "facts", body: key, header: map[string]string{"Content-Type": "text/xml"}}, 415, "JSON"},
		{"unknown member", ask{service: "facts", body: `{"number":"001090000001","nmae":"A"}`}, 422, `nmae`},
		{"member in capitals", ask{service: "facts", body: `{"Number":"001090000001"}`}, 422, `Number`},
		{"unknown field", ask{service: "facts", body: `{"number":"001090000001","fields":["salary"]}`}, 422, `salary`},
		{"fields where none are", ask{service: "life", body: `{"number":"001090000001","fields":["life"]}`}, 422, `fields`},
		{"twice", ask{service: "facts", body: `{"number":"001090000001","number":"001090000002"}`}, 422, "populationapi.twice"},
		{"trailing data", ask{service: "facts", body: key + `{}`}, 422, "populationapi.json"},
		{"empty body", ask{service: "facts"}, 422, "populationapi.json"},
		{
			"escapes",
			ask{service: "facts", body: "{\n\t\"n\\u0075mber\" : \"001090000001\" , \"name\": null,\"fields\":[ \"name\" ]} "},
			200,
			`"found":true`,
		},
		{"a comma too many", ask{service: "facts", body: `{"number":"001090000001",}`}, 422, "populationapi.json"},
		{"a colon too few", ask{service: "facts", body: `{"number" "001090000001"}`}, 422, "populationapi.json"},
		{"a broken escape", ask{service: "facts", body: `{"number":"\x"}`}, 422, "populationapi.json"},
		{"a string without end", ask{service: "facts", body: `{"number":"00`}, 422, "populationapi.json"},
		{"a line break in a string", ask{service: "facts", body: "{\"name\":\"a\nb\"}"}, 422, "populationapi.json"},
		{"no value", ask{service: "facts", body: `{"number":nul}`}, 422, `"status":422`},
		{"a number with a zero before", ask{service: "lists", body: `{"kind":"age","age_from":018}`}, 422, "age_from"},
		{"NUL after it", ask{service: "facts", body: key + "\x00"}, 422, "populationapi.json"},
		{"a list", ask{service: "facts", body: `[]`}, 422, "populationapi.not_object"},
		{"no UTF-8", ask{service: "facts", body: "{\"name\":\"\xff\"}"}, 422, "populationapi.utf8"},
		{"no number", ask{service: "facts", body: `{"name":"A"}`}, 422, "populationapi.no_number"},
		{"bad number", ask{service: "facts", body: `{"number":"12"}`}, 422, `"field":"number","key":"citizen.number.digits"`},
		{"number as a number", ask{service: "facts", body: `{"number":1090000001}`}, 422, "populationapi.not_text"},
		{"bad birth", ask{service: "facts", body: `{"number":"001090000001","birth":"31/02/1990"}`}, 422, `"field":"birth"`},
		{
			"long name",
			ask{service: "facts", body: `{"number":"001090000001","name":"` + strings.Repeat("A", 500) + `"}`},
			422,
			"populationapi.too_long",
		},
		{"large body", ask{service: "facts", body: strings.Repeat(" ", 20<<10)}, 413, `"status":413`},
		{"which person is wrong", ask{service: "match", body: `{"persons":[` + claim + `,{"number":"1"}]}`}, 422, `persons[1].number`},
		{"value of the key", ask{service: "match", body: `{"number":"001090000001","values":{"name":"A"}}`}, 422, `values.name`},
		{"value is no text", ask{service: "match", body: `{"number":"001090000001","values":{"sex":1}}`}, 422, `values.sex`},
		{"nobody asked about", ask{service: "match", body: `{"persons":[]}`}, 422, "populationapi.nobody"},
		{"one and many", ask{service: "match", body: `{"number":"001090000001","persons":[` + claim + `]}`}, 422, "populationapi.both"},
		{"too many", ask{service: "match", body: `{"persons":[` + strings.Repeat(claim+",", 1000) + claim + `]}`}, 413, `"status":413`},
		{"deep", ask{service: "match", body: strings.Repeat(`{"values":`, 20000)}, 422, `"status":422`},
		{"list of no kind", ask{service: "lists", body: `{"kind":"salary"}`}, 422, "populationapi.list_kind"},
		{"negative age", ask{service: "lists", body: `{"kind":"age","age_from":-1}`}, 422, "age_from"},
		{"cursor of nobody", ask{service: "lists", method: "GET", path: "/l1/records?after=0123"}, 422, "populationapi.cursor"},
		{"limit", ask{service: "lists", method: "GET", path: "/?limit=5000"}, 422, "populationapi.limit"},
		{"usage of a bad number", ask{service: "usage", method: "GET", path: "/findUsage?userCode=1"}, 422, "userCode"},
		{
			"usage of a bad moment",
			ask{service: "usage", path: "/findUsage", body: `{"userCode":"001090000001","periodEnd":"yesterday"}`},
			422,
			"periodEnd",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{
				list: population.List{ID: "l1", State: population.ListWaiting, Steps: []population.ListStep{{State: population.ListWaiting, At: now}}},
			}
			api := newAPI(t, f)
			if tt.ask.header == nil {
				tt.ask.header = map[string]string{}
			}
			if _, ok := tt.ask.header["Accept-Language"]; !ok && tt.name == "no client" {
				tt.ask.header["Accept-Language"] = "en"
			}
			w := do(t, api, tt.ask)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Fatalf("%d %s\nwant %d with %s", w.Code, w.Body, tt.status, tt.want)
			}
			checkAnswer(t, api, tt.ask, w)
		})
	}
}

// checkAnswer holds an answer against the service's OpenAPI document.
func checkAnswer(t *testing.T, api *populationapi.API, a ask, w *httptest.ResponseRecorder) {
	t.Helper()
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	if kind != "application/json" && kind != "application/problem+json" {
		return
	}
	var body any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	s, _ := api.Service(a.service)
	at := "#/components/schemas/Problem"
	if kind == "application/json" {
		path, _, _ := strings.Cut(a.path, "?")
		switch method := strings.ToLower(cmpOr(a.method, "post")); {
		case strings.HasPrefix(path, "/r1/"):
			return
		case strings.HasPrefix(path, "/l1"):
			path = strings.Replace(path, "/l1", "/{id}", 1)
			fallthrough
		default:
			at = fmt.Sprintf(
				"#/paths/%s/%s/responses/%d/content/application~1json/schema", strings.ReplaceAll(cmpOr(path, "/"), "/", "~1"), method, w.Code,
			)
		}
	}
	schema, err := compile(t, s, strings.NewReplacer("{", "%7B", "}", "%7D").Replace(at))
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	if err := schema.Validate(body); err != nil {
		t.Errorf("the document says otherwise: %v\n%s", err, w.Body)
	}
}

// compiled are the schemas that were asked for, by service and place.
var compiled = struct {
	sync.Mutex
	schemas map[string]*jsonschema.Schema
}{schemas: map[string]*jsonschema.Schema{}}

func compile(t *testing.T, s populationapi.Service, at string) (*jsonschema.Schema, error) {
	t.Helper()
	compiled.Lock()
	defer compiled.Unlock()
	if known := compiled.schemas[s.Code+at]; known != nil {
		return known, nil
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("https://example.vn/doc", parse(t, s.OpenAPI)); err != nil {
		return nil, err
	}
	schema, err := c.Compile("https://example.vn/doc" + at)
	compiled.schemas[s.Code+at] = schema
	return schema, err
}

func cmpOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// parse reads a document as JSON has it.
func parse(t *testing.T, doc []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(b, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// TestDocuments: each call that a document names is answered, and with no other method.
func TestDocuments(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fake{list: population.List{ID: "l1"}})
	for _, s := range api.Services() {
		doc, ok := parse(t, s.OpenAPI).(map[string]any)
		if !ok || doc["openapi"] != "3.1.0" {
			t.Fatalf("%s: no document", s.Code)
		}
		for path, item := range doc["paths"].(map[string]any) {
			calls := item.(map[string]any)
			for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH"} {
				w := do(t, api, ask{service: s.Code, method: method, path: strings.ReplaceAll(path, "{id}", "l1"), body: key})
				_, has := calls[strings.ToLower(method)]
				if got := w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound; got != has {
					t.Errorf("%s %s%s: answered %d, documented %v", method, s.Code, path, w.Code, has)
				}
			}
		}
	}
}

func TestInquiry(t *testing.T) {
	t.Parallel()
	f := &fake{}
	do(t, newAPI(t, f), ask{service: "facts", body: key, header: map[string]string{"X-Dean06-Fields": "name, birth"}})
	if got, want := fmt.Sprint(f.last), fmt.Sprint(population.Inquiry{
		By: population.ThroughExchange("VN/GOV/H55/TTHC", "H55", "canbo.test"), Client: "VN/GOV/H55/TTHC",
		Purpose: "1.001193", Dossier: "H55.1", RequestID: "req-1",
		Service: "facts", Granted: []population.Field{"name", "birth"}, At: now,
	}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fake{})
	for accept, want := range map[string]string{
		"": "Chỗ này", "en": "is expected", "en-GB,vi;q=0.5": "is expected", "fr, vi;q=0.9, en;q=0.8": "Chỗ này", "en;q=0, de": "Chỗ này",
		"en;q=x": "Chỗ này",
	} {
		w := do(t, api, ask{service: "facts", body: `[]`, header: map[string]string{"Accept-Language": accept}})
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q: %s", accept, w.Body)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	f := &fake{err: errors.New("disk 001090000001")}
	api := newAPI(t, f)
	if w := do(t, api, ask{service: "facts", body: key}); w.Code != 500 || strings.Contains(w.Body.String(), "disk") ||
		!strings.Contains(w.Body.String(), "req-1") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := do(t, api, ask{service: "lists", method: "GET", path: "/l1/file"}); w.Code != 500 || strings.Contains(w.Body.String(), "name\n") {
		t.Errorf("half a file: %d %s", w.Code, w.Body)
	}
	if w := do(t, api, ask{service: "usage", method: "GET", path: "/heartbeat"}); w.Code != 200 ||
		!strings.Contains(w.Body.String(), `"FAIL"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestPagesOfAList(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fake{list: population.List{ID: "l1"}})
	var page struct {
		Records []any
		Next    string
	}
	w := do(t, api, ask{service: "lists", method: "GET", path: "/l1/records"})
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || page.Next == "" || strings.Contains(page.Next, "1090000001") {
		t.Fatalf("%s: %v", w.Body, err)
	}
	w = do(t, api, ask{service: "lists", method: "GET", path: "/l1/records?after=" + page.Next})
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"records":[]`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w = do(t, api, ask{service: "lists", method: "GET", path: "/l2/records?after=" + page.Next}); w.Code != 422 {
		t.Errorf("a place of another list: %d %s", w.Code, w.Body)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(populationapi.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []fault.Kind{
		fault.Invalid, fault.NotFound, fault.Denied, fault.Conflict, fault.TooLarge, fault.TooMany, fault.Unavailable, fault.Unsigned,
		fault.Internal,
	} {
		if !texts.Has("populationapi.title." + string(k)) {
			t.Errorf("no title for %s", k)
		}
	}
	for _, s := range newAPI(t, &fake{}).Services() {
		if !texts.Has("populationapi.service." + s.Code) {
			t.Errorf("no name for %s", s.Code)
		}
	}
}

// FuzzMatch: what is taken is JSON, and what it says is what encoding/json reads.
func FuzzMatch(f *testing.F) {
	f.Add(key)
	f.Add(`{"persons":[` + key + `,{"old_number":"012345678","values":{"sex":"1","father":"\u0041"}}]}`)
	api := newAPI(f, &fake{})
	s, _ := api.Service("match")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("X-Road-Client", "VN/GOV/H55/TTHC")
		r.Header.Set("X-Dean06-Fields", "*")
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		var said struct {
			population.Claim
			Persons []population.Claim
		}
		if err := json.Unmarshal([]byte(body), &said); w.Code == 200 && err != nil {
			t.Fatalf("%q is taken: %v", body, err)
		}
	})
}

// BenchmarkMatch is a batch of 1,000 persons read and answered.
func BenchmarkMatch(b *testing.B) {
	one := `{"number":"001090000001","name":"Nguyễn Văn Thử","birth":"1990-01-01","values":{"sex":"1","ethnicity":"01"}}`
	body := `{"persons":[` + strings.Repeat(one+",", 999) + one + `]}`
	api := newAPI(b, &fake{})
	for b.Loop() {
		if w := do(b, api, ask{service: "match", body: body}); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "persons/s")
}
