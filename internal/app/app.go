// Package app says which role has which modules, and hands the offers of one to the
// needs of another. It is the only package that knows several modules; it decides
// nothing of their subjects.
package app

import (
	"context"
	"io/fs"
	"slices"

	"dean06/internal/calendar/calendarnode"
	"dean06/internal/calendar/calendarweb"
	"dean06/internal/citizen"
	"dean06/internal/cleaning/cleaningnode"
	"dean06/internal/cleaning/handover/handovernode"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/cleaning/reconcilenode"
	"dean06/internal/contract/contractnode"
	"dean06/internal/deadline/deadlinenode"
	"dean06/internal/dossier/dossiernode"
	"dean06/internal/eform"
	"dean06/internal/eform/eformweb"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/identity/identitynode"
	"dean06/internal/org/orgnode"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/populationnode"
	"dean06/internal/procedure"
	"dean06/internal/procedure/procedurenode"
	"dean06/internal/programme/programmenode"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
	"dean06/internal/security/securitynode"
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

// Modules is the modules of one node, by what they are. Those that the node's role has
// not are nil.
type Modules struct {
	Org        *orgnode.Node
	Gateway    *exchangenode.Gateway
	Readiness  *readinessnode.Node
	Programme  *programmenode.Node
	Population *populationnode.Node
	Identity   *identitynode.Node
	Centre     *exchangenode.Centre
	Contract   *contractnode.Node
	Procedure  *procedurenode.Node
	Calendar   *calendarnode.Node
	Dossier    *dossiernode.Node
	Cleaning   *cleaningnode.Node
	Security   *securitynode.Node
	Handover   *handovernode.Node
	Feed       *exchangenode.Publisher // of the register

	register *register // as an agency's own modules ask it
	modules  []node.Module
}

// Build makes the modules of a role, in the order in which they are opened: what one
// needs when it is opened stands above it. An offer is asked only after all are open.
func Build(role string) (*Modules, []node.Module) {
	m := &Modules{}
	name := procedure.Name // as the program's own catalogue has it
	if role == Agency {
		m.Procedure = procedurenode.New()
		name = m.Procedure.Name
	}
	m.Gateway = exchangenode.NewGateway(exchangenode.GatewayNeeds{Procedure: name, Fields: fields})
	m.Org = orgnode.New(orgnode.Needs{Owner: m.Gateway, Roles: m})
	switch role {
	case Board:
		m.Readiness = readinessnode.New(readinessnode.Needs{Org: func() readiness.Org { return m.Org.Agencies() }})
		tasks := followed(m)
		m.Programme = programmenode.New(tasks)
		whose := &heirs{country: tasks.Country, lineage: tasks.Lineage, today: func() clock.Date { return clock.DayOf(m.Org.Clock().Now()) }}
		m.Security = securitynode.New(securitynode.Needs{
			Systems: declared{m.Readiness}, Fill: declared{m.Readiness}.fill, Clear: cleared(m.Gateway), Heritage: whose.of,
		})
		m.modules = []node.Module{m.Org.Module(), m.Readiness.Module(), m.Programme.Module(), m.Security.Module(), m.Gateway.Module()}
	case Authority:
		m.Feed = m.Gateway.Publish(feed())
		m.Population = populationnode.New(populationnode.Needs{
			Procedure: name, Units: territory(m.Org), Publisher: m.Feed, Trust: m.Gateway.Trust,
			Changed: func(ctx context.Context, q sqldb.Queryer, people []citizen.Number) error {
				if err := m.Identity.PeopleChanged(ctx, q, people); err != nil {
					return err
				}
				return m.Cleaning.PeopleChanged(ctx, q)
			},
		})
		m.Identity = identitynode.New(identitynode.Needs{
			Register: persons{m.Population.Register}, Territory: m.Org.Territory, Looks: looked{m.Population},
			Matters: matters{},
		})
		register := cleaned{m.Population}
		m.Cleaning = cleaningnode.New(cleaningnode.Needs{
			Register: register, Matched: register.matched, Followed: register.followed, Sign: m.Gateway.SignFile, Subsystem: populationnode.Subsystem,
			Alike: register, Told: register.told,
		})
		m.modules = []node.Module{m.Org.Module(), m.Population.Module(), m.Identity.Module(), m.Cleaning.Module(), m.Gateway.Module(), cleaningnode.Words()}
	case Hub:
		m.Centre = exchangenode.NewCentre(exchangenode.CentreNeeds{Gateway: m.Gateway, Members: members(m.Org), Agency: m.Org.NameOf})
		m.modules = []node.Module{m.Org.Module(), m.Centre.Module(), m.Gateway.Module()}
	case Agency:
		m.Contract = contractnode.New(contractnode.Needs{Gateway: m.Gateway, Procedure: name})
		m.register = newRegister(m.Gateway)
		m.Calendar = calendarnode.New(calendarnode.Needs{
			Changed: func(ctx context.Context, tx *sqldb.Tx, version int) error {
				return m.Dossier.CalendarChanged(ctx, tx, version)
			},
			Moved: func(ctx context.Context, limit int) ([]calendarweb.Moved, error) {
				list, err := m.Dossier.Store().Moved(ctx, limit)
				out := make([]calendarweb.Moved, len(list))
				for i, d := range list {
					out[i] = calendarweb.Moved(d)
				}
				return out, err
			},
		})
		deadlines := deadlinenode.New(deadlinenode.Needs{Calendar: m.Calendar.Calendar})
		m.Dossier = dossiernode.New(dossiernode.Needs{
			Register: m.register, Posts: posts{m.Org, m.register.called}, Packages: packages{m.Procedure}, Calendar: m.Calendar.Calendar, Province: m.Gateway.Agency,
			Catalogue: m.Procedure.Catalogue, Units: &formUnits{org: m.Org},
		})
		m.Handover = handovernode.New(handovernode.Needs{Call: m.Gateway.Call, Register: m.register.subsystem, Signed: m.Gateway.CheckFile})
		m.modules = []node.Module{
			m.Org.Module(), m.register.module(), m.Gateway.Module(), m.Contract.Module(), m.Procedure.Module(),
			m.Calendar.Module(), deadlines.Module(), m.Dossier.Module(), reconcilenode.Module(reconcilenode.Needs{Ask: m.register.Reconcile}),
			m.Handover.Module(), cleaningnode.Words(),
		}
	}
	m.modules = append(m.modules, node.Module{Name: "citizen", Messages: []fs.FS{
		citizen.Messages, eform.Messages, eformweb.Messages, reconcile.Messages,
	}}) // words that several speak
	return m, m.modules
}

// Roles are the roles that accounts of the node may hold.
func (m *Modules) Roles() []node.Role { return node.Roles(m.modules) }

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
func Shape() config.Shape {
	modules := Every()
	s := config.Shape{Roles: Roles, Sections: node.Sections(modules)}
	for _, r := range node.Roles(modules) {
		s.AccountRoles = append(s.AccountRoles, r.Code)
	}
	return s
}

// Chains are the logs that nodes keep, of all modules: a database has some of them. It
// fails with Conflict when a newer program has written there.
func Chains(ctx context.Context, db *sqldb.DB) ([]ledger.Chain, error) {
	modules := Every()
	for _, m := range modules {
		if m.Migrate == nil {
			continue
		}
		if err := m.Migrate(ctx, db.Examine()); err != nil {
			return nil, err
		}
	}
	return node.Chains(modules, db), nil
}

// Catalogue is the messages of the whole program.
func Catalogue() (*i18n.Catalogue, error) { return node.Catalogue(Every()) }

// Open opens a node as its role has it. Only the modules that are named are opened,
// with the agencies that every node knows; none named opens all.
func Open(ctx context.Context, role string, s node.Settings, only ...string) (*node.Node, *Modules, error) {
	m, modules := Build(role)
	if len(only) > 0 {
		modules = slices.DeleteFunc(modules, func(o node.Module) bool {
			return o.Open != nil && o.Name != "org" && !slices.Contains(only, o.Name)
		})
	}
	s.Config.Node.Role = role
	s.Agencies, s.Others = m.Org, Every()
	s.Owner = func() string {
		if code := m.Gateway.Agency(); code != "" && role == Agency {
			return m.Org.NameOf(code)
		}
		return ""
	}
	n, err := node.Open(ctx, modules, s)
	return n, m, err
}

// fields are what the register's services can answer.
func fields(subsystem, service string) []exchangenode.Field {
	var out []exchangenode.Field
	for _, f := range (&populationnode.Node{}).Fields(subsystem, service) {
		out = append(out, exchangenode.Field(f))
	}
	return out
}

// territory is the provinces, districts and communes, as the node's register of units knows
// them after its last edit.
func territory(o *orgnode.Node) func(context.Context) (population.Units, error) {
	return func(ctx context.Context) (population.Units, error) {
		now, err := o.Territory(ctx)
		if err != nil {
			return nil, err
		}
		return population.UnitsOf(now, o.Clock()), nil
	}
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
