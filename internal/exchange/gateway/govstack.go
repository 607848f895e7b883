package gateway

import (
	"encoding/json"
	"net/http"

	"dean06/internal/xroad"
)

// GovStack's Information Mediator is X-Road under names of its own: who asks is in
// X-GovStack-Client (Directory Services API 1.0) or Information-Mediator-Client (as its
// other building blocks write it), and its service directory answers in another form.

// headerMediator is the other name of headerGovStack.
const headerMediator = "Information-Mediator-Client"

// spokenAsGovStack gives a request of X-Road in the place of one of GovStack's, and says
// that it was one. Who names X-Road-Client speaks X-Road, whatever else is there.
func spokenAsGovStack(r *http.Request) (*http.Request, bool, *xroad.Error) {
	if len(r.Header[xroad.HeaderClient]) > 0 {
		return r, false, nil
	}
	var client string
	for _, name := range []string{headerGovStack, headerMediator} {
		switch values := r.Header[name]; {
		case len(values) == 0:
		case len(values) > 1, client != "" && client != values[0]:
			return r, false, xroad.Errorf(xroad.BadRequest, "the client must be named once: X-Road-Client, X-GovStack-Client or Information-Mediator-Client")
		default:
			client = values[0]
		}
	}
	if client == "" {
		return r, false, nil
	}
	out := r.Clone(r.Context())
	out.Header[xroad.HeaderClient] = []string{client}
	return out, true, nil
}

// govStackID is an identifier as GovStack's directory has it.
type govStackID struct {
	Type        string `json:"objectType"` // MEMBER, APPLICATION or SERVICE
	ServiceType string `json:"serviceType,omitempty"`
	Instance    string `json:"instanceId"`
	Class       string `json:"memberClass"`
	Member      string `json:"memberCode"`
	Application string `json:"applicationCode,omitempty"`
	Service     string `json:"serviceCode,omitempty"`
}

func (id identifier) asGovStack() govStackID {
	out := govStackID{id.Type, id.ServiceType, id.Instance, id.Class, id.Member, id.Subsystem, id.Service}
	if out.Type == "SUBSYSTEM" {
		out.Type = "APPLICATION"
	}
	return out
}

// govStackList is what a directory of GovStack lists.
type govStackList[T any] struct {
	Member []T `json:"member"`
}

type govStackClient struct {
	Name string     `json:"name"`
	ID   govStackID `json:"id"`
}

type govStackService struct {
	govStackID
	Endpoints govStackList[endpoint] `json:"endpointList"`
}

func clientsAsGovStack(list []listed) *reply {
	out := govStackList[govStackClient]{Member: []govStackClient{}}
	for _, c := range list {
		name := c.Name
		if c.Subsystem != "" {
			name = c.Subsystem
		}
		out.Member = append(out.Member, govStackClient{name, c.ID.asGovStack()})
	}
	return jsonReply(out)
}

// methodsAsGovStack puts a list of services into GovStack's form; only is the code of the
// one that was asked for, "" for all. What is no such list stays as it is.
func methodsAsGovStack(r *reply, only string) *reply {
	body, err := r.body.all(maxFiltered)
	var in struct {
		Service []method `json:"service"`
	}
	if err != nil || json.Unmarshal(body, &in) != nil {
		return r
	}
	out := govStackList[govStackService]{Member: []govStackService{}}
	for _, m := range in.Service {
		if only == "" || only == m.Service {
			out.Member = append(out.Member, govStackService{m.asGovStack(), govStackList[endpoint]{m.Endpoints}})
		}
	}
	told := jsonReply(out)
	for name, values := range r.header {
		if name != "Content-Type" {
			told.header[name] = values
		}
	}
	told.status = r.status
	r.body.Close()
	return told
}

// askAsGovStack asks a call of X-Road, and tells a list of services as GovStack does.
func (g *Gateway) askAsGovStack(r *http.Request) *reply {
	t, e := parseTarget(rawTarget(r))
	lists := e == nil && (t.service.Service == xroad.ListMethods || t.service.Service == xroad.AllowedMethods)
	method := r.Method
	if lists && method == http.MethodHead { // the length of HEAD is that of this form
		r.Method = http.MethodGet
	}
	out := g.ask(r.Context(), r)
	if lists && out.status == http.StatusOK && out.header[xroad.HeaderError] == nil {
		out = methodsAsGovStack(out, r.URL.Query().Get("serviceId"))
	}
	r.Method = method
	return out
}
