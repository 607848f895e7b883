package exchange

import (
	"strings"
	"time"

	"dean06/internal/xroad"
)

// Monitoring is one call in the words of X-Road's operational monitoring
// (PR-OPMON); moments are milliseconds since 1970.
type Monitoring struct {
	MonitoringDataTs          int64  `json:"monitoringDataTs"` // seconds
	SecurityServerInternalIP  string `json:"securityServerInternalIp"`
	SecurityServerType        string `json:"securityServerType"` // "Client" or "Producer"
	RequestInTs               int64  `json:"requestInTs,omitempty"`
	RequestOutTs              int64  `json:"requestOutTs,omitempty"`
	ResponseInTs              int64  `json:"responseInTs,omitempty"`
	ResponseOutTs             int64  `json:"responseOutTs,omitempty"`
	ClientXRoadInstance       string `json:"clientXRoadInstance"`
	ClientMemberClass         string `json:"clientMemberClass"`
	ClientMemberCode          string `json:"clientMemberCode"`
	ClientSubsystemCode       string `json:"clientSubsystemCode,omitempty"`
	ServiceXRoadInstance      string `json:"serviceXRoadInstance"`
	ServiceMemberClass        string `json:"serviceMemberClass"`
	ServiceMemberCode         string `json:"serviceMemberCode"`
	ServiceSubsystemCode      string `json:"serviceSubsystemCode,omitempty"`
	ServiceCode               string `json:"serviceCode,omitempty"`
	RESTMethod                string `json:"restMethod,omitempty"`
	MessageID                 string `json:"messageId"`
	MessageUserID             string `json:"messageUserId,omitempty"`
	MessageIssue              string `json:"messageIssue,omitempty"`
	RepresentedPartyClass     string `json:"representedPartyClass,omitempty"`
	RepresentedPartyCode      string `json:"representedPartyCode,omitempty"`
	MessageProtocolVersion    string `json:"messageProtocolVersion"`
	ClientSecurityServerAddr  string `json:"clientSecurityServerAddress,omitempty"`
	ServiceSecurityServerAddr string `json:"serviceSecurityServerAddress,omitempty"`
	RequestSize               int64  `json:"requestSize"`
	ResponseSize              int64  `json:"responseSize"`
	Succeeded                 bool   `json:"succeeded"`
	StatusCode                int    `json:"statusCode,omitempty"`
	FaultCode                 string `json:"faultCode,omitempty"`
	FaultString               string `json:"faultString,omitempty"`
	ServiceType               string `json:"serviceType,omitempty"`
	XRequestID                string `json:"xRequestId"`
	XRoadVersion              string `json:"xRoadVersion"`
}

// Monitor is the gateway as its monitoring records name it.
type Monitor struct {
	IP      string // of the gateway, within its agency
	Address string // where other gateways reach it
	Version string
	Style   xroad.Style // of fault codes
	// AddressOf gives the address of a peer by its ID; "" when it is not known.
	AddressOf func(peer string) string
}

// Of makes the record of one call from that of its response, and that of its
// request, from which the method comes; it may be zero.
func (m Monitor) Of(request, response Record) Monitoring {
	c := response.Commitment
	out := Monitoring{
		MonitoringDataTs: response.At.Unix(), SecurityServerInternalIP: m.IP, SecurityServerType: "Client",
		RequestInTs: millis(response.RequestIn), RequestOutTs: millis(response.RequestOut),
		ResponseInTs: millis(response.ResponseIn), ResponseOutTs: millis(response.ResponseOut),
		ClientXRoadInstance: c.Client.Instance, ClientMemberClass: c.Client.Class, ClientMemberCode: c.Client.Member,
		ClientSubsystemCode:  c.Client.Subsystem,
		ServiceXRoadInstance: c.Service.Instance, ServiceMemberClass: c.Service.Class, ServiceMemberCode: c.Service.Member,
		ServiceSubsystemCode: c.Service.Subsystem, ServiceCode: c.Service.Service,
		RESTMethod: request.Commitment.Method, MessageID: c.MessageID, MessageUserID: response.UserID, MessageIssue: response.Issue,
		MessageProtocolVersion: "1", ClientSecurityServerAddr: m.Address, ServiceSecurityServerAddr: m.peer(response.Peer),
		RequestSize: response.RequestSize, ResponseSize: response.Size, Succeeded: response.Fault == "", StatusCode: c.Status,
		FaultString: response.FaultText, ServiceType: response.ServiceType, XRequestID: c.RequestID, XRoadVersion: m.Version,
	}
	out.RepresentedPartyCode = response.Represented
	if class, code, both := strings.Cut(response.Represented, "/"); both {
		out.RepresentedPartyClass, out.RepresentedPartyCode = class, code
	}
	if response.Fault != "" {
		out.FaultCode = response.Fault.In(m.Style)
	}
	if response.Side == Provider {
		out.SecurityServerType = "Producer"
		out.ClientSecurityServerAddr, out.ServiceSecurityServerAddr = out.ServiceSecurityServerAddr, out.ClientSecurityServerAddr
	}
	return out
}

func (m Monitor) peer(id string) string {
	if m.AddressOf == nil {
		return ""
	}
	return m.AddressOf(id)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
