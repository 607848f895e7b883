// Package node is the frame that every node is built in: what a node stands on
// (Base), and what a module brings to it (Module, Part). It knows no module: app
// says which role has which, and hands the offers of one to the needs of another.
//
// docs/architecture.md, "Add a module", walks through a small one.
package node

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"dean06/internal/platform/alarm"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/session"
	"dean06/internal/platform/signon"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/platform/web"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the words of the frame itself: names of nodes, navigation, commands.
var Messages, _ = fs.Sub(messages, "messages")

// Base is what every node stands on, whatever its role.
type Base struct {
	Role     string // "board", "authority", "hub", "agency"
	Config   config.Config
	DB       *sqldb.DB
	Clock    clock.Clock
	Messages *i18n.Catalogue
	Chains   []ledger.Chain // the logs that are checked and witnessed; there from the opening on
	Files    blob.Store
	// Uploads are files that people send in pieces; a module that takes some mounts uploadweb
	// and says so with Module.Uploads.
	Uploads   *uploadsql.Service
	Mail      mail.Sender
	Log       *slog.Logger
	Sessions  *session.Service
	Approvals *approval.Service
	// Alarms are what does not work and waits for a person.
	Alarms   *alarm.Service
	Agencies Agencies
	// Frame is the layout around the pages of a request.
	Frame web.FrameFunc
	// URL is the address that people use, for letters; "" for none.
	URL    string
	Secure bool // reached over TLS
	Demo   bool // invented people, known passwords
	// Examine really tries all that the node needs, as far as it is asked to; there once
	// the node is open.
	Examine func(ctx context.Context, depth health.Depth) []health.Finding
	// ReadOnly says that the node was opened for looking: a module makes no file, no key
	// and no row, and does without what only a running node needs.
	ReadOnly bool

	leases leases
}

// Agencies are the agencies of the country, as the frame needs them.
type Agencies interface {
	// NameOf is what an agency is called today, or was called last; the code itself
	// when there never was one.
	NameOf(code string) string
	// Choices are the agencies that an account may belong to.
	Choices(ctx context.Context) ([]Agency, error)
}

// Agency is an agency to choose.
type Agency struct{ Code, Name string }

// Settings say how a node is opened.
type Settings struct {
	Config   config.Config
	Clock    clock.Clock  // the machine's when nil
	Log      *slog.Logger // slog's default when nil
	Mail     mail.Sender  // as configured when nil
	Files    blob.Store   // as configured when nil
	Agencies Agencies     // nil: codes stand for names
	// Owner is whose node it is, when a module knows: the agency whose gateway it is.
	Owner func() string
	// Roles are known beside those of the modules: a command that opens few modules still
	// knows the roles of all.
	Roles   []Role
	Relaxed bool // see sqldb.Options
	// Serving says that the node will run: an SQLite database is its alone from now on.
	Serving bool
	// ReadOnly opens the node for looking: nothing is migrated, filled in or written.
	// Modules see it on Base.
	ReadOnly bool
	// Others are modules that are not opened, but whose tables are not to be newer than
	// this program either.
	Others []Module
	// MayMake lets a command make the database when it is a file that is not there.
	MayMake bool
	// Memory opens a new database of this process, see sqldb.Options.
	Memory bool
	// Demo are the accounts to show where one signs in; nil is no demo.
	Demo []session.SeedAccount
}

// Node is a node that has been opened.
type Node struct {
	*Base
	modules []Module
	others  []Module
	more    []Role
	parts   []*Part
	owner   func() string
	shown   []session.SeedAccount
	serving bool
	relays  relays
	metrics *web.Metrics
	door    *signon.Door              // nil: there are local accounts alone
	served  atomic.Pointer[time.Time] // when it began to do its work; nil while it does not
	looked  readiness
}

// Close closes the modules, the youngest first, and the database.
func (n *Node) Close() error {
	var all error
	for _, p := range slices.Backward(n.parts) {
		if p.Close != nil {
			all = errors.Join(all, p.Close())
		}
	}
	_ = n.leases.release() // it lapses by itself when the database is away
	return errors.Join(all, n.DB.Close())
}

// Door is the way in with an electronic identity; nil where there are local accounts alone.
func (n *Node) Door() *signon.Door { return n.door }

// Parts are the opened modules, in their order.
func (n *Node) Parts() []*Part { return n.parts }

// Find gives what a module works on, by its type; false when the node has it not.
func Find[T any](n *Node) (T, bool) {
	for _, p := range n.parts {
		if self, ok := p.Self.(T); ok {
			return self, true
		}
	}
	var none T
	return none, false
}

// Sections are the parts of the configuration that modules bring.
func Sections(modules []Module) []config.Section {
	var out []config.Section
	for _, m := range modules {
		out = append(out, m.Config...)
	}
	return out
}

// Roles are the roles that accounts of a node with these modules may hold, each once:
// what one module says of a role holds for all.
func Roles(modules []Module) []Role {
	out := []Role{{Code: "administrator", Keeps: true, Second: true}, {Code: "auditor", ReadsLog: true, Second: true}}
	for _, m := range modules {
		for _, r := range m.Roles {
			i := slices.IndexFunc(out, func(o Role) bool { return o.Code == r.Code })
			if i < 0 {
				out = append(out, r)
				continue
			}
			out[i].Personal = out[i].Personal || r.Personal
			out[i].ReadsLog = out[i].ReadsLog || r.ReadsLog
			out[i].Keeps = out[i].Keeps || r.Keeps
			out[i].Bound = out[i].Bound || r.Bound
			out[i].Second = out[i].Second || r.Second
		}
	}
	return out
}

// nobodysAgencies stand in where no module knows agencies.
type nobodysAgencies struct{}

// NameOf gives the code.
func (nobodysAgencies) NameOf(code string) string { return code }

// Choices gives none.
func (nobodysAgencies) Choices(context.Context) ([]Agency, error) { return nil, nil }
