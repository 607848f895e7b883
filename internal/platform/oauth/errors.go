package oauth

import "errors"

// Error is what a client is answered (RFC 6749, section 5.2). Its text is for whoever
// writes the client and stands in the answer: ASCII, and nothing of a person.
type Error struct {
	Code string // "invalid_grant"
	Text string
	// Cause is for the log.
	Cause error
}

// Error is the code with the text.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Code + ": " + e.Text + ": " + e.Cause.Error()
	}
	return e.Code + ": " + e.Text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Because is the error with its cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Status is the HTTP status of the answer.
func (e *Error) Status() int {
	switch e.Code {
	case InvalidClient, InvalidToken:
		return 401
	case InsufficientScope:
		return 403
	case SlowDown:
		return 429
	case ServerError:
		return 500
	}
	return 400
}

// As finds the error of the protocol in err; nil when there is none.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// The codes.
const (
	InvalidRequest       = "invalid_request"
	InvalidClient        = "invalid_client"
	InvalidGrant         = "invalid_grant"
	InvalidScope         = "invalid_scope"
	InvalidToken         = "invalid_token"      // RFC 6750
	InsufficientScope    = "insufficient_scope" // RFC 6750
	UnauthorizedClient   = "unauthorized_client"
	UnsupportedGrant     = "unsupported_grant_type"
	UnsupportedResponse  = "unsupported_response_type"
	UnsupportedTokenType = "unsupported_token_type" // RFC 7009
	AccessDenied         = "access_denied"
	ServerError          = "server_error"
	SlowDown             = "slow_down"
	InvalidProof         = "invalid_dpop_proof" // RFC 9449
	UseNonce             = "use_dpop_nonce"
	LoginRequired        = "login_required" // OpenID Connect Core, 3.1.2.6
	ConsentRequired      = "consent_required"
	InteractionRequired  = "interaction_required"
	InvalidRequestURI    = "invalid_request_uri"
	InvalidRequestObject = "invalid_request_object"
	NoRequest            = "request_not_supported"
	NoRequestURI         = "request_uri_not_supported"
	Unmet                = "unmet_authentication_requirements"
)

// ErrAgain says that what may be used once was used before.
var ErrAgain = errors.New("it was used before")

// New is an error with a code and a text for whoever writes the client.
func New(code, text string) *Error { return &Error{Code: code, Text: text} }
