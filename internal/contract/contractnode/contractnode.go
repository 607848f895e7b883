// Package contractnode brings the contract of older systems to a node: its tables,
// its pages, and its face on the gateway's port for the agency's own systems, whose
// questions go on through the exchange. It decides nothing: that is the root's.
package contractnode

import (
	"context"
	"embed"
	"io/fs"
	"iter"
	"net/http"
	"path/filepath"

	"dean06/internal/contract"
	"dean06/internal/contract/contractsoap"
	"dean06/internal/contract/contractsql"
	"dean06/internal/contract/contractweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/xroad"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the module's part in the navigation and the audit log.
var Messages, _ = fs.Sub(messages, "messages")

// Needs is what the contract needs of other modules.
type Needs struct {
	Gateway Gateway
	// Procedure is a procedure's name by its code; "" when it is not known.
	Procedure func(ctx context.Context, code string) string
}

// Gateway is the node's gateway to the exchange. Dir and ContractURLs are asked when
// the contract is opened.
type Gateway interface {
	// Dir is the folder of the gateway's keys, in which the contract keeps its own.
	Dir() string
	// ContractURLs are other addresses under which older systems know the contract.
	ContractURLs() []string
	// Instance is the exchange's name; "" before the node has joined.
	Instance() string
	// Subsystems are those for which the gateway speaks, with their names; none before
	// the node has joined.
	Subsystems() iter.Seq2[xroad.ID, string]
	// Call puts a question to a service of the exchange. A gateway's refusal is an
	// answer (X-Road-Error).
	Call(ctx context.Context, r *http.Request) (*http.Response, error)
}

// Node is the contract on one node.
type Node struct {
	needs Needs
	store *contractsql.Store // once open
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Module is what the contract brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name:        "contract",
		Messages:    []fs.FS{contract.Messages, contractsoap.Messages, contractweb.Messages, Messages},
		Migrate:     contractsql.Migrate,
		Permissions: contract.Permissions.Lines(),
		Actions:     contractsql.Actions,
		Open:        n.open,
	}
}

func (n *Node) open(_ context.Context, b *node.Base) (*node.Part, error) {
	dir := n.needs.Gateway.Dir()
	keys := []node.KeyFile{{Path: filepath.Join(dir, "contract.key"), Read: func(path string) error {
		_, err := pki.ReadSealer(path)
		return err
	}}}
	if b.ReadOnly && keys[0].Read(keys[0].Path) != nil { // it is looked at as it is
		return &node.Part{Folders: []string{dir}, Keys: keys}, nil //nolint:nilerr // the look at the keys says it
	}
	sealer, err := pki.FileSealer(keys[0].Path)
	if err != nil {
		return nil, err
	}
	n.store = contractsql.New(b.DB, sealer)
	asks := &second{db: b.DB, approvals: b.Approvals, sealer: sealer, store: n.store}
	asks.rules = contract.New(contract.Parts{Store: n.store, Second: asks, Clock: b.Clock, Subsystems: n.subsystems})
	rules := asks.rules
	pages := contractweb.New(contractweb.Shell{
		Rules: rules, Clock: b.Clock, Frame: b.Frame, Subsystems: n.choices, Procedure: n.needs.Procedure,
		Agency: func(_ context.Context, code string) string { return b.Agencies.NameOf(code) },
	})
	face := contractsoap.New(contractsoap.Parts{
		Rules: rules, Exchange: n.needs.Gateway, Clock: b.Clock, NewID: sqldb.NewID, Texts: b.Messages, Logger: b.Log,
		Register:   func() string { return contract.Register(n.needs.Gateway.Instance()).String() },
		PublicURLs: n.needs.Gateway.ContractURLs(),
	})
	return &node.Part{
		Self:      rules,
		Folders:   []string{dir},
		Keys:      keys,
		Routes:    pages.Routes(),
		Home:      n.home,
		Nav:       n.nav,
		Faces:     []func(http.Handler) http.Handler{face.Face},
		Approvals: []approval.Kind{asks.kind(kindSystem), asks.kind(kindOfficer)},
		Demo: func(ctx context.Context, d node.Demo) error {
			return n.store.SeedDemo(ctx, d.Subsystem, b.Clock.Now())
		},
	}, nil
}

func (n *Node) subsystems() []string {
	var out []string
	for id := range n.needs.Gateway.Subsystems() {
		out = append(out, id.String())
	}
	return out
}

// choices are the subsystems as fields of forms offer them.
func (n *Node) choices() []ui.Option {
	var out []ui.Option
	for id, name := range n.needs.Gateway.Subsystems() {
		if name == "" {
			name = id.String()
		}
		out = append(out, ui.Option{Value: id.String(), Label: name})
	}
	return out
}

// home of an agency's auditor is the gateway, whose log holds the contract's calls and
// all others.
func (n *Node) home(a actor.Actor) string {
	if a.Has(contract.Auditor) && n.needs.Gateway.Instance() != "" {
		return "/gateway"
	}
	return ""
}

func (n *Node) nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if n.needs.Gateway.Instance() == "" || contract.Permissions.Can(a, contract.Look) != nil {
		return nil
	}
	return []ui.NavItem{{Label: p.T("nav.contract"), Href: contractweb.Path}}
}
