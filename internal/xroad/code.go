package xroad

import (
	"fmt"
	"strings"
)

// Code is what went wrong in a call, in the parts that X-Road writes:
// {"Server", "ServerProxy", "AccessDenied"}. Both ways of writing it (before and
// since X-Road 7.8) come from the same parts.
type Code string

// The codes, written in the older form; the part before the first dot says whose
// mistake it is.
const (
	AccessDenied       Code = "Server.ServerProxy.AccessDenied"
	UnknownService     Code = "Server.ServerProxy.UnknownService"
	ServiceDisabled    Code = "Server.ServerProxy.ServiceDisabled"
	ServiceType        Code = "Server.ServerProxy.ServiceType"
	ServiceFailed      Code = "Server.ServerProxy.ServiceFailed"
	ServiceUnreachable Code = "Server.ServerProxy.ServiceFailed.NetworkError"
	AnswerWithheld     Code = "Server.ServerProxy.ServiceFailed.AnswerWithheld" // ours: the service has answered, but a right cannot be kept to
	QuotaExceeded      Code = "Server.ServerProxy.QuotaExceeded"                // ours: X-Road has no quota
	PurposeRefused     Code = "Server.ServerProxy.PurposeRefused"               // ours: X-Road has no purpose
	NotNamed           Code = "Server.ServerProxy.MissingHeader"                // ours: X-Road requires no officer and no dossier
	// A right that demands security was refused, and why: ours.
	SecurityRefused      Code = "Server.ServerProxy.SecurityRefused"
	SecurityNoFacts      Code = SecurityRefused + ".NoFacts"
	SecurityNoSystem     Code = SecurityRefused + ".NoSystem"
	SecurityNoDossier    Code = SecurityRefused + ".NoDossier"
	SecurityDossierEnded Code = SecurityRefused + ".DossierEnded"
	SecurityOutgrown     Code = SecurityRefused + ".Outgrown"
	SecurityFinding      Code = SecurityRefused + ".FindingOverdue"
	SecurityNotChecked   Code = SecurityRefused + ".NotChecked"
	SecurityCheckStale   Code = SecurityRefused + ".CheckStale"

	ProviderLogFailed     Code = "Server.ServerProxy.LoggingFailed"
	ProviderSignature     Code = "Server.ServerProxy.InvalidSignatureValue"
	Replayed              Code = "Server.ServerProxy.Replayed"  // ours
	ClockSkew             Code = "Server.ServerProxy.ClockSkew" // ours
	ProviderCertificate   Code = "Server.ServerProxy.SslAuthenticationFailed"
	ProviderBadMessage    Code = "Server.ServerProxy.InvalidRequest"
	TooLarge              Code = "Server.ServerProxy.TooLarge"
	UnknownMember         Code = "Server.ClientProxy.UnknownMember"
	NetworkError          Code = "Server.ClientProxy.NetworkError"
	PeerCertificate       Code = "Server.ClientProxy.SslAuthenticationFailed"
	ConfigurationOutdated Code = "Server.ClientProxy.OutdatedGlobalConf"
	ConsumerLogFailed     Code = "Server.ClientProxy.LoggingFailed"
	ConsumerSignature     Code = "Server.ClientProxy.InvalidSignatureValue"
	ConsumerSuspended     Code = "Server.ClientProxy.CannotCreateSignature"
	ConsumerInternal      Code = "Server.ClientProxy.InternalError"
	ConsumerTooLarge      Code = "Server.ClientProxy.TooLarge"
	MissingClient         Code = "Server.ClientProxy.MissingHeader" // 500, as X-Road's own tests expect
	InvalidClient         Code = "Client.ClientProxy.InvalidClientIdentifier"
	BadRequest            Code = "Server.ClientProxy.BadRequest" // a path that names no service; 500, as X-Road's own tests expect
	ClientDenied          Code = "Client.ClientProxy.AccessDenied"
	BadHeader             Code = "Client.ClientProxy.InvalidHeader" // ours: a header that could be taken for another
)

// Style is how codes are written.
type Style string

// The styles.
const (
	StyleOld Style = "7.7" // Server.ServerProxy.AccessDenied
	StyleNew Style = "7.8" // server.serverproxy.access_denied
)

// In writes the code in a style. Anything but StyleNew is the old form.
func (c Code) In(s Style) string {
	if s != StyleNew {
		return string(c)
	}
	parts := strings.Split(string(c), ".")
	for i, p := range parts {
		if i < 2 {
			parts[i] = strings.ToLower(p)
			continue
		}
		parts[i] = snake(p)
	}
	return strings.Join(parts, ".")
}

func snake(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ParseCode finds the code in either style, as a peer may have written it.
func ParseCode(s string) Code {
	for _, c := range codes {
		if s == string(c) || s == c.In(StyleNew) {
			return c
		}
	}
	return Code(s)
}

var codes = []Code{
	AccessDenied, UnknownService, ServiceDisabled, ServiceType, ServiceFailed, ServiceUnreachable, AnswerWithheld, QuotaExceeded,
	PurposeRefused, NotNamed, SecurityRefused, SecurityNoFacts, SecurityNoSystem, SecurityNoDossier, SecurityDossierEnded,
	SecurityOutgrown, SecurityFinding, SecurityNotChecked, SecurityCheckStale,
	ProviderLogFailed, ProviderSignature, Replayed, ClockSkew, ProviderCertificate, ProviderBadMessage, TooLarge,
	UnknownMember, NetworkError, PeerCertificate, ConfigurationOutdated, ConsumerLogFailed, ConsumerSignature, ConsumerSuspended,
	ConsumerInternal, ConsumerTooLarge, MissingClient, InvalidClient, BadRequest, ClientDenied, BadHeader,
}

// OfSecurity says that a right demanded security and the call was refused for it.
func (c Code) OfSecurity() bool { return strings.HasPrefix(string(c), string(SecurityRefused)) }

// Status is the HTTP status of a code: 500 for one of ours or of the other side,
// 400 for one of the caller (PR-REST, section 4.6).
func (c Code) Status() int {
	if strings.HasPrefix(string(c), "Server.") || strings.HasPrefix(string(c), "server.") {
		return 500
	}
	return 400
}

// Error is a call that a gateway refused or could not make. Text is for the
// programmer at the other end and is in English, as X-Road's is; it holds no
// personal data.
type Error struct {
	Code  Code
	Text  string
	Cause error // for the log, never sent
}

// Errorf makes an Error.
func Errorf(c Code, format string, args ...any) *Error {
	return &Error{Code: c, Text: fmt.Sprintf(format, args...)}
}

// Error is the text for the log.
func (e *Error) Error() string {
	if e.Cause != nil {
		return string(e.Code) + ": " + e.Text + ": " + e.Cause.Error()
	}
	return string(e.Code) + ": " + e.Text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Because returns a copy of e that carries its cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}
