package gateway_test

import (
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
