package identitynode

import (
	"dean06/internal/identity"
	"dean06/internal/identity/identitydesk"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
)

// navigation is the pages that have a place in it, with what each asks of the table.
var navigation = []struct {
	key, href string
	action    identity.Action
}{
	{"nav.identity.desk", identitydesk.DeskPath, identity.Identify},
	{"nav.identity.accounts", identitydesk.AccountsPath, identity.CountAll},
	{"nav.identity.clients", identitydesk.ClientsPath, identity.SeeClients},
}

// may says that the table lets somebody do something, to what is theirs at least.
func may(a actor.Actor, action identity.Action) bool {
	return identity.Permissions.CanOwn(a, action, true) == nil
}

func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	var out []ui.NavItem
	for _, item := range navigation {
		if may(a, item.action) {
			out = append(out, ui.NavItem{Label: p.T(item.key), Href: item.href})
		}
	}
	return out
}

// home is where somebody's work is.
func home(a actor.Actor) string {
	for _, item := range navigation {
		if may(a, item.action) {
			return item.href
		}
	}
	return ""
}
