package exchange

// Headers that a call carries: X-Road's (PR-REST), those of RFC 9421 and RFC 9530
// between gateways, and our own. Keys are in Go's canonical form.
const (
	HeaderClient      = "X-Road-Client"
	HeaderService     = "X-Road-Service"
	HeaderID          = "X-Road-Id"
	HeaderRequestID   = "X-Road-Request-Id"
	HeaderRequestHash = "X-Road-Request-Hash"
	HeaderUserID      = "X-Road-Userid"
	HeaderIssue       = "X-Road-Issue" // the dossier
	HeaderServer      = "X-Road-Security-Server"
	HeaderRepresented = "X-Road-Represented-Party"
	HeaderError       = "X-Road-Error"

	// HeaderPurpose is the procedure (mã TTHC) for which a call is made. A client
	// that cannot send it has a right without named purposes.
	HeaderPurpose = "X-Dean06-Purpose"
	// HeaderFields and HeaderRight are set by the provider's gateway for the
	// service behind it, and never taken from outside: the fields that the right
	// lets it answer ("*" for all), and the right.
	HeaderFields = "X-Dean06-Fields"
	HeaderRight  = "X-Dean06-Right"
	// HeaderHead commits to everything before the body, see HeadDigest.
	HeaderHead = "X-Dean06-Head"

	HeaderContentDigest  = "Content-Digest"  // RFC 9530
	HeaderSignature      = "Signature"       // RFC 9421
	HeaderSignatureInput = "Signature-Input" // RFC 9421
)

// Paths on the port where gateways meet.
const (
	// PathCall is followed by the same "/r1/…" that the client asked for.
	PathCall = "/x1/call"
	// PathEcho answers a signed echo of the doctor.
	PathEcho = "/x1/echo"
	// PathEvents is the hub's, for events; see exchange/events.
	PathEvents = "/x1/events"
)

// Services that a gateway answers itself for each of its subsystems.
const (
	ListMethods    = "listMethods"
	AllowedMethods = "allowedMethods"
	GetOpenAPI     = "getOpenAPI"
)

// IsMeta says that a service is one of those.
func IsMeta(service string) bool {
	return service == ListMethods || service == AllowedMethods || service == GetOpenAPI
}
