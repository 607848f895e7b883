// Package node is the frame that every node is built in: what a node stands on
// (Base), and what a module brings to it (Module, Part). It knows no module: app
// says which role has which, and hands the offers of one to the needs of another.
//
// docs/architecture.md, "Add a module", walks through a small one.
package node

import (
	"log/slog"
	"net/http"

	"dean06/internal/platform/approval"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
)

// Base is what every node stands on, whatever its role.
type Base struct {
	Role      string // "board", "authority", "hub", "agency"
	Config    config.Config
	DB        *sqldb.DB
	Clock     clock.Clock
	Messages  *i18n.Catalogue
	Files     blob.Store // opened when the first file comes
	Mail      mail.Sender
	Log       *slog.Logger
	Sessions  *session.Service
	Approvals *approval.Service
	// Frame is the layout around the pages of a request.
	Frame func(r *http.Request) ui.Frame
	// URL is the address that people use, for letters; "" for none.
	URL    string
	Secure bool // reached over TLS
	Demo   bool // invented people, known passwords
}

// NewID makes a time-ordered id.
func (b *Base) NewID() string { return sqldb.NewID() }
