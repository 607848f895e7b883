package exchange

// Headers that gateways send each other beside X-Road's. Keys are in Go's canonical form.
const (
	// HeaderHead commits to everything before the body, see HeadDigest.
	HeaderHead = "X-Dean06-Head"

	// HeaderLength of an answer to HEAD is the Content-Length that GET would have. It is
	// signed with the others, as Content-Length itself is not.
	HeaderLength = "X-Dean06-Length"

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
