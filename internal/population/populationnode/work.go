package populationnode

import (
	"context"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/ui"
	"dean06/internal/population"
)

func (n *Node) today() clock.Date { return clock.DayOf(n.base.Clock.Now()) }

// may says that the table lets somebody do something, to what is theirs at least.
func may(a actor.Actor, action population.Action) bool {
	return population.Permissions.CanOwn(a, action, true) == nil
}

// home is where somebody's work is.
func home(a actor.Actor) string {
	switch {
	case may(a, population.ReadOwn):
		return "/my-data/lookups"
	case may(a, population.LookUp):
		return "/people"
	case may(a, population.Audit):
		return "/people/audit"
	}
	return ""
}

// navigation is the pages that have a place in it, with what each asks of the table.
var navigation = []struct {
	key, href string
	action    population.Action
}{
	{"lookups", "/my-data/lookups", population.ReadOwn},
	{"me", "/my-data", population.ReadOwn},
	{"people", "/people", population.LookUp},
	{"mistakes", "/people/mistakes", population.SettleMistake},
	{"curiosity", "/people/audit", population.Audit},
	{"objections", "/people/audit/objections", population.Audit},
	{"loads", "/people/loads", population.Load},
	{"exports", "/people/exports", population.RequestExport},
	{"statistics", "/people/statistics", population.Count},
}

func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	var out []ui.NavItem
	for _, item := range navigation {
		if may(a, item.action) {
			out = append(out, ui.NavItem{Label: p.T("nav.population." + item.key), Href: item.href})
		}
	}
	return out
}

// waiting is what waits for somebody: objections to answer, mistakes to settle.
func (n *Node) waiting(ctx context.Context, a actor.Actor) ([]node.Waiting, error) {
	w, err := n.register.WaitingFor(ctx, a)
	if err != nil {
		return nil, err
	}
	var out []node.Waiting
	if w.Objections > 0 {
		out = append(out, node.Waiting{Key: "work.population.objections", Count: w.Objections, Href: "/people/audit/objections"})
	}
	if w.Mistakes > 0 {
		out = append(out, node.Waiting{Key: "work.population.mistakes", Count: w.Mistakes, Href: "/people/mistakes"})
	}
	return out, nil
}
