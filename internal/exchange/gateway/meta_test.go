package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

const peopleYAML = `openapi: 3.0.0
info: {title: Dân cư, version: "1"}
servers:
  - url: http://10.0.0.5:9000/secret
paths:
  /people/{id}:
    servers: [{url: http://10.0.0.6}]
    get: {responses: {"200": {description: ok}}}
    delete: {responses: {"200": {description: ok}}}
`

const peopleJSON = `{"openapi":"3.0.1","info":{"title":"x","version":"1"},"servers":[{"url":"http://10.0.0.5/secret"}],
"paths":{"/a":{"get":{"servers":[{"url":"http://10.0.0.6"}],"responses":{"200":{"description":"ok"}}}}}}`

func TestMetaservices(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority, province := c.join("G01-1", dancu, nil), c.join("H55-1", tthc, nil)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("people"), Type: "OPENAPI", OpenAPI: []byte(peopleYAML)}, echo)
	authority.offer(t, exchange.LocalService{ID: dancu.Of("json"), Type: "OPENAPI", OpenAPI: []byte(peopleJSON)}, echo)
	authority.offer(t, exchange.LocalService{ID: match}, echo)
	authority.give(t, exchange.Right{Subject: tthc, Service: dancu.Of("people"), Method: "GET"})
	service := func(code, kind, endpoints string) string {
		return `{"object_type":"SERVICE","service_type":"` + kind +
			`","xroad_instance":"VN","member_class":"GOV","member_code":"G01","subsystem_code":"DANCU","service_code":"` + code +
			`","endpoint_list":[` + endpoints + `]}`
	}
	tests := []struct{ path, want string }{
		{"/r1/VN/GOV/G01/DANCU/allowedMethods", `{"service":[` + service("people", "OPENAPI", `{"method":"GET","path":"/people/*"}`) + `]}`},
		{"/r1/VN/GOV/G01/DANCU/listMethods", `{"service":[` + service(
			"json", "OPENAPI", `{"method":"GET","path":"/a"}`,
		) + "," + service("match", "REST", "") + "," +
			service("people", "OPENAPI", `{"method":"DELETE","path":"/people/*"},{"method":"GET","path":"/people/*"}`) + `]}`},
		{
			"/r1/VN/GOV/G01/DANCU/getOpenAPI?serviceCode=json",
			`{"servers":[{"url":"/r1/VN/GOV/G01/DANCU/json"}],"openapi":"3.0.1","info":{"title":"x","version":"1"},` +
				`"paths":{"/a":{"get":{"responses":{"200":{"description":"ok"}}}}}}`,
		},
	}
	for _, tt := range tests {
		a := province.call(t, http.MethodGet, tt.path, nil)
		if diff := cmp.Diff(tt.want, string(a.body)); diff != "" || a.StatusCode != http.StatusOK || a.Header.Get("X-Road-Request-Hash") == "" {
			t.Errorf("%s: %d, -want +got:\n%s", tt.path, a.StatusCode, diff)
		}
	}
	a := province.call(t, http.MethodGet, "/r1/VN/GOV/G01/DANCU/getOpenAPI?serviceCode=people", nil)
	if got := string(a.body); strings.Contains(got, "10.0.0") || !strings.Contains(got, "url: /r1/VN/GOV/G01/DANCU/people") ||
		!strings.HasPrefix(a.Header.Get("Content-Type"), "text/yaml") {
		t.Errorf("getOpenAPI: %v\n%s", a.Header, got)
	}
	for path, want := range map[string]xroad.Code{
		"getOpenAPI": xroad.ProviderBadMessage, "getOpenAPI?serviceCode=none": xroad.UnknownService,
		"getOpenAPI?serviceCode=match": xroad.ServiceType,
	} {
		if a := province.call(t, http.MethodGet, "/r1/VN/GOV/G01/DANCU/"+path, nil); a.code() != string(want) {
			t.Errorf("%s: %d %s, want %s", path, a.StatusCode, a.body, want)
		}
	}
	if a := province.call(t, http.MethodPost, "/r1/VN/GOV/G01/DANCU/listMethods", nil); a.code() != string(xroad.ProviderBadMessage) {
		t.Errorf("POST: %d %s", a.StatusCode, a.body)
	}
	if got, want := len(authority.records(t)), 16; got != want {
		t.Errorf("%d records at the provider, want %d: metaservices are logged", got, want)
	}
}

func TestListClients(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	n := c.join("H55-1", tthc, nil)
	a := n.call(t, http.MethodGet, "/listClients?xRoadInstance=VN", nil, "Accept", "application/json")
	want := `{"member":[{"id":{"object_type":"MEMBER","xroad_instance":"VN","member_class":"GOV","member_code":"H55"},` +
		`"name":"Tỉnh Thái Nguyên"},` +
		`{"id":{"object_type":"SUBSYSTEM","xroad_instance":"VN","member_class":"GOV","member_code":"H55","subsystem_code":"TTHC"},` +
		`"name":"Tỉnh Thái Nguyên","subsystem_name":"Một cửa"},`
	if !strings.HasPrefix(string(a.body), want) {
		t.Errorf("JSON: %s", a.body)
	}
	a = n.call(t, http.MethodGet, "/listClients", nil, "Accept", "text/xml")
	want = `<xrd:member><xrd:id id:objectType="SUBSYSTEM"><id:xRoadInstance>VN</id:xRoadInstance><id:memberClass>GOV</id:memberClass>` +
		`<id:memberCode>H55</id:memberCode><id:subsystemCode>TTHC</id:subsystemCode></xrd:id><xrd:name>Tỉnh Thái Nguyên</xrd:name>` +
		`<xrd:subsystemName>Một cửa</xrd:subsystemName></xrd:member>`
	if !strings.Contains(string(a.body), want) {
		t.Errorf("XML: %s", a.body)
	}
	if a := n.call(t, http.MethodGet, "/listClients?xRoadInstance=EE", nil); a.code() != string(xroad.ConsumerInternal) {
		t.Errorf("unknown instance: %d %s", a.StatusCode, a.body)
	}
}

// TestGovStackDirectory: GovStack's header in the place of X-Road's, and its form of the
// service directory (Directory Services API 1.0).
func TestGovStackDirectory(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	authority, province := c.join("G01-1", dancu, nil), c.join("H55-1", tthc, nil)
	var told http.Header
	authority.offer(t, exchange.LocalService{ID: dancu.Of("people"), Type: "OPENAPI", OpenAPI: []byte(peopleYAML)}, echo)
	authority.offer(t, exchange.LocalService{ID: match}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told = r.Header.Clone() }))
	authority.give(t, exchange.Right{Subject: tthc, Service: dancu.Of("people"), Method: "GET"})
	authority.give(t, exchange.Right{Subject: tthc, Service: match})
	ask := func(method, path string, header ...string) answered {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, province.local+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Add(header[i], header[i+1])
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answered{resp, body}
	}
	const id = `"instanceId":"VN","memberClass":"GOV","memberCode":"G01","applicationCode":"DANCU"`
	people := func(endpoints string) string {
		return `{"objectType":"SERVICE","serviceType":"OPENAPI",` + id + `,"serviceCode":"people","endpointList":{"member":[` + endpoints + `]}}`
	}
	const get, base = `{"method":"GET","path":"/people/*"}`, "/r1/VN/GOV/G01/DANCU/"
	rest := `{"objectType":"SERVICE","serviceType":"REST",` + id + `,"serviceCode":"match","endpointList":{"member":[]}}`
	for _, name := range []string{"X-GovStack-Client", "Information-Mediator-Client"} {
		for path, want := range map[string]string{
			base + "listMethods":                     `{"member":[` + rest + "," + people(`{"method":"DELETE","path":"/people/*"},`+get) + `]}`,
			base + "allowedMethods":                  `{"member":[` + rest + "," + people(get) + `]}`,
			base + "allowedMethods?serviceId=people": `{"member":[` + people(get) + `]}`,
			base + "listMethods?serviceId=none":      `{"member":[]}`,
		} {
			a := ask(http.MethodGet, path, name, tthc.String())
			if diff := cmp.Diff(want, string(a.body)); diff != "" || a.StatusCode != http.StatusOK ||
				!strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
				t.Errorf("%s as %s: %d, -want +got:\n%s", path, name, a.StatusCode, diff)
			}
			if h := ask(http.MethodHead, path, name, tthc.String()); h.ContentLength != int64(len(want)) {
				t.Errorf("HEAD %s: length %d, want %d", path, h.ContentLength, len(want))
			}
		}
		if a := ask(http.MethodGet, base+"getOpenAPI?serviceCode=people", name, tthc.String()); !strings.Contains(string(a.body), "openapi: 3.0.0") {
			t.Errorf("getOpenAPI as %s: %d %s", name, a.StatusCode, a.body)
		}
		if a := ask(http.MethodGet, base+"match", name, tthc.String()); a.StatusCode != http.StatusOK || told.Get(xroad.HeaderClient) != tthc.String() ||
			told.Get(name) != "" {
			t.Errorf("a call as %s: %d %s; the service was told %v", name, a.StatusCode, a.body, told)
		}
		if a := ask(http.MethodGet, base+"listMethods", name, "VN/GOV/H99/X"); a.code() != string(xroad.InvalidClient) {
			t.Errorf("somebody else as %s: %d %s", name, a.StatusCode, a.body)
		}
		if a := ask(http.MethodGet, "/listClients", name, tthc.String()); !strings.Contains(string(a.body), `{"objectType":"APPLICATION",`+id+`}`) ||
			strings.Contains(string(a.body), "SUBSYSTEM") {
			t.Errorf("listClients as %s: %s", name, a.body)
		}
		// X-Road's header counts, and the other one tells nobody anything.
		if a := ask(http.MethodGet, base+"match", name, "VN/GOV/G01/DANCU", "X-Road-Client", tthc.String()); a.StatusCode != http.StatusOK ||
			told.Get(name) != "" || told.Get(xroad.HeaderClient) != tthc.String() {
			t.Errorf("%s beside X-Road-Client: %d %s; the service was told %v", name, a.StatusCode, a.body, told)
		}
	}
	if a := ask(http.MethodGet, "/listClients?instanceId=VN"); !strings.Contains(string(a.body), `"instanceId":"VN"`) {
		t.Errorf("listClients of an instance: %s", a.body)
	}
	if a := ask(http.MethodGet, "/listClients?instanceId=XX"); a.StatusCode == http.StatusOK {
		t.Errorf("listClients of another instance: %s", a.body)
	}
	for _, header := range [][]string{
		{"X-GovStack-Client", tthc.String(), "Information-Mediator-Client", bhxh.String()},
		{"X-GovStack-Client", tthc.String(), "X-GovStack-Client", bhxh.String()},
	} {
		if a := ask(http.MethodGet, base+"listMethods", header...); a.code() != string(xroad.BadRequest) {
			t.Errorf("%v: %d %s", header, a.StatusCode, a.body)
		}
	}
}
