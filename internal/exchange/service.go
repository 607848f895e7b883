package exchange

import (
	"net/url"
	"strings"
	"time"

	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// LocalService is a service that a gateway offers for one of its subsystems.
type LocalService struct {
	ID       xroad.ID
	Name     string
	Type     string // "OPENAPI" or "REST"
	URL      string // where it answers; "" for one that this program serves itself
	OpenAPI  []byte // JSON or YAML as its owner gave it; nil for REST
	Timeout  time.Duration
	Disabled bool
	Notice   string // why it is disabled, told to callers
	// OwnFields says that the service itself keeps to HeaderFields. Of any other
	// service that answers in JSON the gateway takes out what a right does not grant.
	OwnFields bool
}

// maxNotice is how many bytes a notice to callers may have.
const maxNotice = 1000

// Check says what is wrong with the form of a service, field by field ("name", "url",
// "timeout", "type", "openapi", "notice").
func (s LocalService) Check() error {
	var wrong fault.List
	bad := func(field, key string) {
		wrong = append(wrong, fault.New(fault.Invalid, "exchange.service."+key, nil).At(field))
	}
	if n := len([]rune(s.Name)); n == 0 || n > maxName {
		bad("name", "name")
	}
	if s.URL != "" && !reachable(s.URL) {
		bad("url", "url")
	}
	// What the program answers itself needs no other time than a call has.
	if (s.URL != "" || s.Timeout != 0) && (s.Timeout < time.Second || s.Timeout > 10*time.Minute) {
		bad("timeout", "timeout")
	}
	switch {
	case s.Type != "REST" && s.Type != "OPENAPI":
		bad("type", "type")
	case s.Type == "OPENAPI" && s.OpenAPI == nil:
		wrong = append(wrong, fault.New(fault.Invalid, "exchange.openapi.missing", nil).At("openapi"))
	case s.Type == "OPENAPI":
		if _, _, err := ReadOpenAPI(s.OpenAPI); err != nil {
			wrong = append(wrong, fault.As(err))
		}
	}
	if s.Disabled && (strings.TrimSpace(s.Notice) == "" || len(s.Notice) > maxNotice) {
		bad("notice", "notice")
	}
	return wrong.Err()
}

// reachable says whether a service can be called under an address.
func reachable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= 500 && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") &&
		u.User == nil && u.Fragment == "" && u.RawQuery == ""
}
