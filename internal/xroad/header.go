package xroad

// Headers that a call carries: X-Road's (PR-REST), and our own beside them. Keys are in
// Go's canonical form.
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
	HeaderError       = "X-Road-Error" // a Code, in a Style

	// HeaderPurpose is the procedure (mã TTHC) for which a call is made. A client
	// that cannot send it has a right without named purposes.
	HeaderPurpose = "X-Dean06-Purpose"
	// HeaderFields and HeaderRight are set by the provider's gateway for the
	// service behind it, and never taken from outside: the fields that the right
	// lets it answer ("*" for all), and the right.
	HeaderFields = "X-Dean06-Fields"
	HeaderRight  = "X-Dean06-Right"
	// HeaderPersons is how many persons an answer is about. A service tells it to the
	// gateway before it, which counts by it and passes it on to nobody.
	HeaderPersons = "X-Dean06-Persons"
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
