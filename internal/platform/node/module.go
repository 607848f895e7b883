package node

import (
	"context"
	"io/fs"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/permit"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// Module is what a module brings to the nodes that have it. Everything but Open is
// known before anything is opened: configurations are checked with it, messages
// joined, permissions printed.
type Module struct {
	Name     string // "population"
	Config   []config.Section
	Messages []fs.FS
	Migrate  func(ctx context.Context, db *sqldb.DB) error // nil: no tables
	// Chains are its logs that are checked and witnessed. They are there in a database that
	// is only read, too.
	Chains      func(db *sqldb.DB) []ledger.Chain
	Roles       []Role
	Permissions []permit.Line
	Scopes      []string // of programmes' tokens; "api.scope.…" are their names
	// PersonalScopes are those of them that open personal data.
	PersonalScopes []string
	Actions        []string // that it leaves in the audit log; "act.…" are their names
	Commands       []Command
	// Uploads says that it takes files by Base.Uploads: their folder and their scanner are
	// then looked after.
	Uploads bool
	// Open makes the module on a node. Modules are opened in the order of the table in
	// app, so what Open needs of another module must stand above it there. nil is a module
	// that only has words.
	Open func(ctx context.Context, b *Base) (*Part, error)
}

// Role is a role that accounts of a node may hold. "role.…" is its name.
type Role struct {
	Code string
	// Personal says that it opens personal data or gives rights: it is given and taken
	// only with a second person's approval.
	Personal bool
	// ReadsLog lets it read the audit log, and has it told of every grant.
	ReadsLog bool
	// Keeps lets it look after the node's alarms, as administrators do.
	Keeps bool
	// Bound says that the account must be bound to a person's number by proof.
	Bound bool
	// Second says that its holders sign in with a second factor, unless the node's settings
	// (session.second_factor) name other roles.
	Second bool
	// Deputy lets it decide for other nodes, whose own people cannot.
	Deputy bool
	// Emergency lets those roles take it alone for at most a day, when there is no time to
	// ask: everybody concerned is told.
	Emergency []string
}

// Command is a group of commands that a module adds to the program: Value is a
// struct that kong reads.
type Command struct {
	Name, Help string
	Value      any
	// May names what each command asks, by its path below Name ("load"):
	// "population.bulk". "" as the path is the command itself.
	May map[string]string
}

// Part is a module that has been opened on a node.
type Part struct {
	// Self is what the module's commands and its tests work on; Find gives it.
	Self   any
	Routes []web.Route
	// Handlers answer for their own errors and limit their own bodies: APIs.
	Handlers []Handler
	// Home is where somebody's work is; "" when it is not here.
	Home func(a actor.Actor) string
	// Front is where those begin who are not signed in; "" is the page to sign in.
	Front string
	// Nav is its share of the navigation.
	Nav func(p *i18n.Printer, a actor.Actor) []ui.NavItem
	// RolesOf are the roles that somebody has by the positions that they hold.
	RolesOf func(ctx context.Context, account string, at time.Time) ([]string, error)
	// NamesOf are the names of offices and places around an account, of which no password is
	// made.
	NamesOf func(ctx context.Context, account string, at time.Time) ([]string, error)
	// NodeName names another node by its system in the exchange: "VN/GOV/G06/TRUC".
	NodeName func(subsystem string) string
	// Footer are links at the foot of every page.
	Footer []Footer
	// Waiting is what waits for somebody, what is due first above.
	Waiting func(ctx context.Context, a actor.Actor) ([]Waiting, error)
	// Approvals are the kinds of requests that take effect with a second person.
	Approvals []approval.Kind
	Jobs      map[string]jobs.Handler
	Periodic  []jobs.Periodic
	// Alone names what no second process on the database may do, before anything runs; ""
	// when there is nothing yet. See Base.Alone.
	Alone func() string
	// Run works beside the pages until ctx ends.
	Run   []func(ctx context.Context) error
	Ready func(ctx context.Context) error // for /readyz
	// Doctor really tries what the module needs, as far as it is asked to.
	Doctor func(ctx context.Context, depth health.Depth) []health.Finding
	// Folders are those that the module writes to: each is tried.
	Folders []string
	// Keys are files of the module that nothing can take the place of: each is looked at.
	Keys    []KeyFile
	Metrics []prometheus.Collector
	// Services are offered on the exchange through the node's gateway.
	Services []Service
	// Faces stand before the gateway's answers on the port for the agency's own
	// systems; each leaves to next what is not its own.
	Faces []func(next http.Handler) http.Handler
	// Demo fills the module with what the demo shows; it is called at every start.
	Demo func(ctx context.Context, d Demo) error
	// Opened is called once all modules of the node are open: what gathers the others'
	// offers does it here.
	Opened func(parts []*Part) error
	Close  func() error
}

// KeyFile is a file with a key that was made once.
type KeyFile struct {
	Path string
	// Read says whether the file holds such a key; it makes none.
	Read func(path string) error
}

// Handler is one line of what answers beside the pages.
type Handler struct {
	Pattern string
	Handler http.Handler
	May     string // as web.Route.May
}

// Footer is a link at the foot of every page, with the key of its words.
type Footer struct{ Key, Href string }

// Waiting is one kind of work that waits for a person.
type Waiting struct {
	Key   string // message that names it: "báo cáo chờ đọc"
	Count int
	Href  string
}

// Service is a service of the exchange that a module answers. Its code is the last
// part of its identifier.
type Service struct {
	Subsystem string // "DANCU"
	Code      string // "facts"
	NameKey   string // message with its name
	Type      string // "REST", "OPENAPI"
	OpenAPI   []byte
	// Members says that every subsystem of the exchange may ask it.
	Members bool
	Handler http.Handler
}

// Demo is what the demo tells a module when it fills it.
type Demo struct {
	Dir    string // of the node's files
	People int    // in the register
	Rounds bool   // with the returns of both letters
	// Subsystem is the node's own in the exchange, which it may not have joined yet:
	// "VN/GOV/H55/TTHC".
	Subsystem string
}
