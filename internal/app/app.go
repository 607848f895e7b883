// Package app says which role has which modules, and hands the offers of one to the
// needs of another. It is the only package that knows several modules; it decides
// nothing of their subjects.
package app

import (
	"context"
	"io/fs"
	"slices"

	"dean06/internal/citizen"
	"dean06/internal/contract/contractnode"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/org/orgnode"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/population/populationnode"
	"dean06/internal/procedure"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
)

// The roles of nodes.
const (
	Board     = "board"     // the coordinating ministry
	Authority = "authority" // the register of persons
	Hub       = "hub"       // the centre of the exchange
	Agency    = "agency"    // a ministry or province
)

// Roles lists the roles.
var Roles = []string{Board, Authority, Hub, Agency}

// House is the modules of one node, by what they are. Those that the node's role has
// not are nil.
type House struct {
	Org        *orgnode.Node
	Gateway    *exchangenode.Gateway
	Readiness  *readinessnode.Node
	Population *populationnode.Node
	Centre     *exchangenode.Centre
	Contract   *contractnode.Node
	Feed       *exchangenode.Publisher // of the register

	modules []node.Module
}

// Build makes the modules of a role, in the order in which they are opened: what one
// needs when it is opened stands above it. An offer is asked only after all are open.
func Build(role string) (*House, []node.Module) {
	h := &House{}
	h.Gateway = exchangenode.NewGateway(exchangenode.GatewayNeeds{Procedure: procedure.Name, Fields: fields})
	h.Org = orgnode.New(orgnode.Needs{Owner: h.Gateway, Roles: h})
	switch role {
	case Board:
		h.Readiness = readinessnode.New(readinessnode.Needs{Org: func() readiness.Org { return h.Org.Agencies() }})
		h.modules = []node.Module{h.Org.Module(), h.Readiness.Module(), h.Gateway.Module()}
	case Authority:
		h.Feed = h.Gateway.Publish(feed())
		h.Population = populationnode.New(populationnode.Needs{Procedure: procedure.Name, Publisher: h.Feed})
		h.modules = []node.Module{h.Org.Module(), h.Population.Module(), h.Gateway.Module()}
	case Hub:
		h.Centre = exchangenode.NewCentre(exchangenode.CentreNeeds{Gateway: h.Gateway, Members: members(h.Org), Agency: h.Org.NameOf})
		h.modules = []node.Module{h.Org.Module(), h.Centre.Module(), h.Gateway.Module()}
	case Agency:
		h.Contract = contractnode.New(contractnode.Needs{Gateway: h.Gateway, Procedure: procedure.Name})
		h.modules = []node.Module{h.Org.Module(), h.Gateway.Module(), h.Contract.Module()}
	}
	h.modules = append(h.modules, node.Module{Name: "citizen", Messages: []fs.FS{citizen.Messages}}) // words that several speak
	return h, h.modules
}

// Roles are the roles that accounts of the node may hold.
func (h *House) Roles() []node.Role { return node.Roles(h.modules) }

// Every is one of each module, for what is known before a node is opened: messages,
// configuration, permissions, commands.
func Every() []node.Module {
	var out []node.Module
	for _, role := range Roles {
		_, modules := Build(role)
		for _, m := range modules {
			if !slices.ContainsFunc(out, func(o node.Module) bool { return o.Name == m.Name }) {
				out = append(out, m)
			}
		}
	}
	return out
}

// Shape is what the program's configuration may hold.
func Shape() config.Shape { return config.Shape{Roles: Roles, Sections: node.Sections(Every())} }

// Catalogue is the messages of the whole program.
func Catalogue() (*i18n.Catalogue, error) { return node.Catalogue(Every()) }

// Open opens a node as its role has it. Only the modules that are named are opened,
// with the agencies that every node knows; none named opens all.
func Open(ctx context.Context, role string, s node.Settings, only ...string) (*node.Node, *House, error) {
	h, modules := Build(role)
	if len(only) > 0 {
		modules = slices.DeleteFunc(modules, func(m node.Module) bool { return m.Name != "org" && !slices.Contains(only, m.Name) })
	}
	s.Config.Node.Role = role
	s.Agencies = h.Org
	s.Owner = func() string {
		if code := h.Gateway.Agency(); code != "" && role == Agency {
			return h.Org.NameOf(code)
		}
		return ""
	}
	n, err := node.Open(ctx, modules, s)
	return n, h, err
}

// fields are what the register's services can answer.
func fields(subsystem, service string) []exchangenode.Field {
	var out []exchangenode.Field
	for _, f := range (&populationnode.Node{}).Fields(subsystem, service) {
		out = append(out, exchangenode.Field(f))
	}
	return out
}

// members are the agencies that may take part in the exchange.
func members(o *orgnode.Node) func() []centre.Agency {
	return func() []centre.Agency {
		var out []centre.Agency
		for _, a := range o.Agencies().Ever() {
			out = append(out, centre.Agency{Code: a.Code, Name: a.Name})
		}
		return out
	}
}

// feed is what the register publishes.
func feed() exchangenode.Feed {
	f := (&populationnode.Node{}).Feed()
	return exchangenode.Feed{Subsystem: f.Subsystem, Right: f.Right, Types: f.Types, Always: f.Heard}
}
