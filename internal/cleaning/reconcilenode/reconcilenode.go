// Package reconcilenode brings to an agency's node the address at which programs such as
// OpenRefine ask about the rows of a file. It keeps nothing: keys are the node's tokens, and
// what is asked goes on through the exchange.
package reconcilenode

import (
	"context"
	"embed"
	"io/fs"

	"dean06/internal/cleaning/reconcile"
	"dean06/internal/cleaning/reconcileweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/platform/ui"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the name of its part in the navigation.
var Messages, _ = fs.Sub(messages, "messages")

// Needs is what reconciling needs of others on the node.
type Needs struct {
	// Ask asks the register through the exchange.
	Ask func(ctx context.Context, as reconcileweb.Asker, ask reconcile.Ask) (reconcile.Answer, error)
}

// Module is what it brings.
func Module(needs Needs) node.Module {
	return node.Module{
		Name: "reconcile", Messages: []fs.FS{reconcileweb.Messages, Messages},
		Scopes: []string{reconcileweb.Scope}, PersonalScopes: []string{reconcileweb.Scope},
		Open: func(_ context.Context, b *node.Base) (*node.Part, error) {
			endpoint := reconcileweb.New(reconcileweb.Shell{
				Ask: needs.Ask, Programme: b.Sessions.Programme, Frame: b.Frame, URL: b.URL, Secure: b.Secure, Log: b.Log,
				May: func(ctx context.Context) bool { return makesTokens(actor.From(ctx)) },
			})
			return &node.Part{Self: endpoint, Routes: endpoint.Routes(), Nav: nav}, nil
		},
	}
}

func makesTokens(a actor.Actor) bool { return session.Permissions.Can(a, session.CreateToken) == nil }

// nav shows the page to those who make keys; they lead others there.
func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if !makesTokens(a) {
		return nil
	}
	return []ui.NavItem{{Label: p.T("nav.reconcile"), Href: reconcileweb.Path}}
}
