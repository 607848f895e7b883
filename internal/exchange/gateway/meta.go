package gateway

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// identifier is an ID as X-Road's metaservices write it in JSON.
type identifier struct {
	Type        string `json:"object_type"`
	ServiceType string `json:"service_type,omitempty"`
	Instance    string `json:"xroad_instance"`
	Class       string `json:"member_class"`
	Member      string `json:"member_code"`
	Subsystem   string `json:"subsystem_code,omitempty"`
	Service     string `json:"service_code,omitempty"`
}

func identify(id xroad.ID) identifier {
	kind := "MEMBER"
	switch {
	case id.Service != "":
		kind = "SERVICE"
	case id.Subsystem != "":
		kind = "SUBSYSTEM"
	}
	return identifier{Type: kind, Instance: id.Instance, Class: id.Class, Member: id.Member, Subsystem: id.Subsystem, Service: id.Service}
}

// listed is a member or a subsystem in listClients.
type listed struct {
	ID        identifier `json:"id"`
	Name      string     `json:"name"`
	Subsystem string     `json:"subsystem_name,omitempty"`
}

// listClients tells who takes part, in X-Road's form or in GovStack's. Anybody who
// reaches the port may ask.
func (g *Gateway) listClients(r *http.Request, govStack bool) *reply {
	accept := r.Header["Accept"]
	fail := func(c xroad.Code, text string) *reply {
		return g.turnAway(xroad.Errorf(c, "%s", text), newDetail(), accept)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return fail(xroad.BadRequest, "listClients is asked for with GET")
	}
	v := g.view.Load()
	if v == nil {
		return fail(xroad.ConfigurationOutdated, "the gateway has no configuration yet")
	}
	query := r.URL.Query()
	for _, name := range []string{"xRoadInstance", "instanceId"} { // X-Road's and GovStack's
		if instance := query.Get(name); instance != "" && instance != v.cfg.Instance {
			return fail(xroad.ConsumerInternal, "there is no instance of that name in the configuration")
		}
	}
	list := []listed{}
	for _, m := range v.cfg.Members {
		list = append(list, listed{ID: identify(m.ID), Name: m.Name})
		for _, s := range m.Subsystems {
			list = append(list, listed{ID: identify(s.ID), Name: m.Name, Subsystem: s.Name})
		}
	}
	if govStack || query.Has("instanceId") {
		return clientsAsGovStack(list)
	}
	if !acceptsJSON(accept) {
		return clientList(list)
	}
	return jsonReply(map[string]any{"member": list})
}

// acceptsJSON says whether Accept names JSON; X-Road tells in XML what is asked for without.
func acceptsJSON(accept []string) bool {
	for _, line := range accept {
		for part := range strings.SplitSeq(line, ",") {
			kind, _, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(kind), "application/json") {
				return true
			}
		}
	}
	return false
}

func jsonReply(v any) *reply {
	body, _ := json.Marshal(v) // only strings
	return &reply{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json;charset=utf-8"}}, body: spoolBytes(body)}
}

// xmlMember is a member or a subsystem in X-Road's clientList.
type xmlMember struct {
	ID struct {
		Type      string `xml:"id:objectType,attr"`
		Instance  string `xml:"id:xRoadInstance"`
		Class     string `xml:"id:memberClass"`
		Member    string `xml:"id:memberCode"`
		Subsystem string `xml:"id:subsystemCode,omitempty"`
	} `xml:"xrd:id"`
	Name      string `xml:"xrd:name"`
	Subsystem string `xml:"xrd:subsystemName,omitempty"`
}

func clientList(list []listed) *reply {
	out := struct {
		XMLName xml.Name    `xml:"xrd:clientList"`
		XRD     string      `xml:"xmlns:xrd,attr"`
		IDs     string      `xml:"xmlns:id,attr"`
		Members []xmlMember `xml:"xrd:member"`
	}{XRD: "http://x-road.eu/xsd/xroad.xsd", IDs: "http://x-road.eu/xsd/identifiers"}
	for _, m := range list {
		x := xmlMember{Name: m.Name, Subsystem: m.Subsystem}
		x.ID.Type, x.ID.Instance, x.ID.Class, x.ID.Member, x.ID.Subsystem = m.ID.Type, m.ID.Instance, m.ID.Class, m.ID.Member, m.ID.Subsystem
		out.Members = append(out.Members, x)
	}
	body, _ := xml.Marshal(out) // only strings
	return &reply{
		status: http.StatusOK, header: http.Header{"Content-Type": {"text/xml;charset=utf-8"}},
		body: spoolBytes(append([]byte(xml.Header), body...)),
	}
}

// method is a service in listMethods and allowedMethods.
type method struct {
	identifier
	Endpoints []endpoint `json:"endpoint_list"`
}

type endpoint struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// meta answers what a gateway answers itself about its services.
func (g *Gateway) meta(req *request) (*reply, *xroad.Error) {
	if req.c.Method != http.MethodGet && req.c.Method != http.MethodHead {
		return nil, xroad.Errorf(xroad.ProviderBadMessage, "%s is asked for with GET", req.c.Service.Service)
	}
	o := g.offers.Load()
	var r *reply
	switch req.c.Service.Service {
	case xroad.GetOpenAPI:
		var e *xroad.Error
		if r, e = openAPI(req, o); e != nil {
			return nil, e
		}
	default:
		r = g.methods(req, o)
	}
	r.header["Date"] = []string{g.date()}
	if req.c.Method == http.MethodHead {
		r.length = strconv.FormatInt(r.body.size, 10)
	}
	return r, nil
}

// methods lists the services of a subsystem: all, or those that the client has a right to.
func (g *Gateway) methods(req *request, o *offers) *reply {
	list := []method{}
	groups := g.groupsFor(o)
	for id, s := range o.services {
		if id.SubsystemID() != req.c.Service.SubsystemID() {
			continue
		}
		m := method{identifier: identify(id), Endpoints: []endpoint{}}
		m.ServiceType = s.Type
		endpoints := s.endpoints()
		if req.c.Service.Service == xroad.AllowedMethods {
			var any bool
			if endpoints, any = allowed(endpoints, o.rights[id], groups, req.c.Client, g.now()); !any {
				continue
			}
		}
		for _, e := range endpoints {
			m.Endpoints = append(m.Endpoints, endpoint(e))
		}
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b method) int { return strings.Compare(a.Service, b.Service) })
	return jsonReply(map[string]any{"service": list})
}

// allowed gives the endpoints that some right covers for some purpose, and those that
// rights name where there is no description; any says that there is such a right.
func allowed(
	endpoints []exchange.Endpoint, rights []exchange.Right, groups map[string][]xroad.ID, client xroad.ID, at time.Time,
) (out []exchange.Endpoint, any bool) {
	for _, r := range rights {
		covered := func(e exchange.Endpoint) bool {
			ask := exchange.Ask{Client: client, Service: r.Service, Method: e.Method, Path: strings.ReplaceAll(e.Path, "*", "x"), At: at}
			ask.Officer, ask.Dossier = "x", "x" // what a right wants named, a call can name
			ask.Clearing.Open = true            // and whoever lacks security is told so when they call
			if len(r.Purposes) > 0 {
				ask.Purpose = r.Purposes[0]
			}
			_, err := exchange.Decide([]exchange.Right{r}, groups, ask)
			return err == nil
		}
		method := r.Method
		if method == "" {
			method = http.MethodGet
		}
		if !covered(exchange.Endpoint{Method: method, Path: strings.ReplaceAll(r.Path, "**", "*")}) {
			continue
		}
		any = true
		found := false
		for _, e := range endpoints {
			if covered(e) || r.Path == e.Path && (r.Method == "" || r.Method == e.Method) {
				found = true
				out = append(out, e)
			}
		}
		if !found && r.Path != "" {
			if r.Method == "" {
				method = "*"
			}
			out = append(out, exchange.Endpoint{Method: method, Path: r.Path})
		}
	}
	slices.SortFunc(out, func(a, b exchange.Endpoint) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
	return slices.Compact(out), any
}

// openAPI gives the description of a service, with the address of the exchange in
// the place of the provider's own.
func openAPI(req *request, o *offers) (*reply, *xroad.Error) {
	query, err := url.ParseQuery(strings.TrimPrefix(req.target.query, "?"))
	code := query.Get("serviceCode")
	if err != nil || code == "" {
		return nil, xroad.Errorf(xroad.ProviderBadMessage, "the query must name a service: ?serviceCode=…")
	}
	s, ok := o.services[req.c.Service.SubsystemID().Of(code)]
	if !ok {
		return nil, xroad.Errorf(xroad.UnknownService, "there is no service %s", req.c.Service.SubsystemID().Of(code))
	}
	if s.OpenAPI == nil {
		return nil, xroad.Errorf(xroad.ServiceType, "service %s has no OpenAPI description", s.ID)
	}
	doc, kind, err := s.public()
	if err != nil {
		return nil, xroad.Errorf(xroad.ServiceFailed, "the description of %s cannot be read", s.ID).Because(err)
	}
	return &reply{status: http.StatusOK, header: http.Header{"Content-Type": {kind}}, body: spoolBytes(doc)}, nil
}
