package exchange

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// EntryKind is what an entry of the centre's register is about.
type EntryKind string

// The kinds of entries.
const (
	MemberEntry    EntryKind = "member"
	SubsystemEntry EntryKind = "subsystem"
	ServiceOffered EntryKind = "service"
	GatewayEntry   EntryKind = "gateway"
	GroupEntry     EntryKind = "group"
)

// EntryKinds lists the kinds, the outer ones first.
var EntryKinds = []EntryKind{MemberEntry, SubsystemEntry, ServiceOffered, GatewayEntry, GroupEntry}

// EntryState says whether an entry counts.
type EntryState string

// The states of an entry.
const (
	Active    EntryState = "active"
	Suspended EntryState = "suspended" // for a while
	Withdrawn EntryState = "withdrawn" // has left; may be entered again
)

// next says what may follow a state.
var next = map[EntryState][]EntryState{
	Active:    {Suspended, Withdrawn},
	Suspended: {Active, Withdrawn},
	Withdrawn: {Active},
}

// May says whether an entry may go from one state to another.
func (s EntryState) May(to EntryState) bool { return slices.Contains(next[s], to) }

// Entry is one line of the centre's register: a member, a subsystem, a service,
// a gateway or a group. Fields that its kind does not have are empty.
type Entry struct {
	Kind      EntryKind
	Key       string   // an ID as text, the ID of a gateway, the code of a group
	Member    xroad.ID // whose it is; zero for a group
	Name      string
	State     EntryState
	Reason    string // of the state
	Version   int64  // grows with each change
	ChangedBy string
	ChangedAt time.Time

	Address    string     // of a gateway
	Subsystems []xroad.ID // for which a gateway speaks
	Type       string     // of a service: "OPENAPI" or "REST"
	Endpoints  []Endpoint // of a service
	OpenAPI    []byte     // of a service; only when one entry is read
	Members    []xroad.ID // subsystems of a group
}

// ID reads the key of a member, a subsystem or a service.
func (e Entry) ID() xroad.ID {
	id, err := xroad.ParseID(e.Key, 3, 5)
	if err != nil {
		return xroad.ID{}
	}
	return id
}

// MaxOpenAPI is how many bytes a description of a service may have.
const MaxOpenAPI = 2 << 20

const maxName = 200

var (
	plainPart = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	gatewayID = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)+$`)
)

// parts is how many parts the key of a kind has.
var parts = map[EntryKind]int{MemberEntry: 3, SubsystemEntry: 4, ServiceOffered: 5}

// Check says what is wrong with the form of an entry, field by field ("key",
// "name", "address", "subsystems", "members", "openapi"). Whether what it belongs
// to is there, the register knows.
func (e Entry) Check(instance string) error {
	var wrong fault.List
	bad := func(field, key string) {
		wrong = append(wrong, fault.New(fault.Invalid, "exchange.entry."+key, nil).At(field))
	}
	if n := utf8.RuneCountInString(e.Name); n == 0 || n > maxName {
		bad("name", "name")
	}
	switch e.Kind {
	case MemberEntry, SubsystemEntry, ServiceOffered:
		id, err := xroad.ParseID(e.Key, parts[e.Kind], parts[e.Kind])
		if err != nil || id.Instance != instance || !allPlain(e.Key) || len(e.Key) > 200 {
			bad("key", "key."+string(e.Kind))
		} else if e.Member != id.MemberID() || xroad.IsMeta(id.Service) {
			bad("key", "key."+string(e.Kind))
		}
	case GatewayEntry:
		if len(e.Key) > 40 || !gatewayID.MatchString(e.Key) || !strings.HasPrefix(e.Key, e.Member.Member+"-") {
			bad("key", "key.gateway")
		}
		if CheckAddress(e.Address) != nil {
			bad("address", "address")
		}
		for _, s := range e.Subsystems {
			if s.MemberID() != e.Member || s.Subsystem == "" || s.Service != "" {
				bad("subsystems", "subsystems")
				break
			}
		}
	case GroupEntry:
		if len(e.Key) > 40 || !plainPart.MatchString(e.Key) {
			bad("key", "key.group")
		}
		if len(e.Members) == 0 {
			bad("members", "members")
		}
	default:
		bad("key", "kind")
	}
	if e.Kind == ServiceOffered && e.Type != "OPENAPI" && e.Type != "REST" {
		bad("type", "type")
	}
	if len(e.OpenAPI) > MaxOpenAPI {
		bad("openapi", "openapi.large")
	}
	return wrong.Err()
}

func allPlain(key string) bool {
	for p := range strings.SplitSeq(key, "/") {
		if !plainPart.MatchString(p) {
			return false
		}
	}
	return true
}

// CheckAddress says whether other gateways could reach a host:port. It fails with
// Invalid ("exchange.entry.address").
func CheckAddress(address string) error {
	bad := fault.New(fault.Invalid, "exchange.entry.address", nil).At("address")
	host, port, ok := cutPort(address)
	n, err := strconv.Atoi(port)
	if !ok || err != nil || n < 1 || n > 65535 || len(host) > 253 {
		return bad
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	if !hostName.MatchString(host) {
		return bad
	}
	return nil
}

var hostName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// HostOf is the host of an address that CheckAddress accepts.
func HostOf(address string) string {
	host, _, _ := cutPort(address)
	return host
}

// cutPort splits host:port and [v6]:port.
func cutPort(address string) (host, port string, ok bool) {
	i := strings.LastIndexByte(address, ':')
	if i < 0 {
		return "", "", false
	}
	host, port = address[:i], address[i+1:]
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return host[1 : len(host)-1], port, true
	}
	return host, port, host != "" && !strings.Contains(host, ":")
}

// ApplicationState says what became of an application.
type ApplicationState string

// The states of an application.
const (
	Pending  ApplicationState = "pending"
	Approved ApplicationState = "approved"
	Refused  ApplicationState = "refused"
)

// Application is what a gateway asks the centre for: a subsystem or a service to
// be entered or changed, its own address to be changed, or any of them taken out.
type Application struct {
	ID       string // made by the gateway, so that asking twice is asking once
	Gateway  string
	Withdraw bool  // take the entry out
	Entry    Entry // as it should become
	Note     string
	At       time.Time

	State     ApplicationState
	Reason    string // of a refusal
	DecidedBy string
	DecidedAt time.Time
}
