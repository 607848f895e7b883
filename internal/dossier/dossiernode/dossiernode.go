// Package dossiernode brings dossiers to an agency's node: tables, logs, roles, settings,
// jobs, commands, and the places of the pages. What it needs of others it states as Needs.
// It decides nothing: that is the root's.
package dossiernode

import (
	"context"
	"embed"
	"io/fs"

	"dean06/internal/calendar"
	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierpaper"
	"dean06/internal/dossier/dossiersql"
	"dean06/internal/dossier/dossierweb"
	"dean06/internal/dossier/dossierweb/apply"
	"dean06/internal/dossier/dossierweb/office"
	"dean06/internal/eform"
	"dean06/internal/platform/config"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/procedure"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the module's part in the navigation, of its roles, work, jobs
// and commands.
var Messages, _ = fs.Sub(messages, "messages")

// name of the module, by which commands open it; roleAgency is the role that has it.
const (
	name       = "dossier"
	roleAgency = "agency"
)

// Actions are what dossiers leave in the audit log.
var Actions = []string{"dossier.act", "dossier.refused"}

// Needs are what dossiers need of other modules. Methods and functions are called only after
// everything was opened.
type Needs struct {
	// Register is the population register, through the exchange.
	Register dossier.Register
	// Posts says who holds which position.
	Posts dossier.Posts
	// Packages are those that govern dossiers.
	Packages dossier.Packages
	// Calendar is the calendar of working time as it is now.
	Calendar func(ctx context.Context) (*calendar.Calendar, error)
	// Units are the provinces and communes, for addresses; nil: they are not looked up.
	Units eform.Units
	// Province is the code of the agency whose node it is; "" before it has joined the
	// exchange.
	Province func() string
	// Catalogue is the national catalogue of procedures in force.
	Catalogue func(ctx context.Context) (*procedure.Catalogue, error)
	// Opens are the modules whose answers a command needs: it opens them too.
	Opens []string
}

// Node is the module on one node.
type Node struct {
	needs   Needs
	base    *node.Base
	store   *dossiersql.Store
	service *dossier.Service
	config  *Config
	days    *days
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name:     name,
		Config:   []config.Section{Section},
		Messages: []fs.FS{dossier.Messages, dossiersql.Messages, dossierpaper.Messages, dossierweb.Messages, apply.Messages, office.Messages, Messages},
		Uploads:  true,
		Migrate:  dossiersql.Migrate,
		Chains:   dossiersql.Chains,
		Roles: []node.Role{
			{Code: dossier.Receiver, Personal: true},
			{Code: dossier.Processor, Personal: true},
			{Code: dossier.Decider, Personal: true},
			{Code: dossier.Citizen, Bound: true},
			{Code: dossier.Auditor, ReadsLog: true},
			{Code: dossier.Administrator},
		},
		Permissions: dossier.Permissions.Lines(),
		Actions:     Actions,
		Commands:    []node.Command{command()},
		Open:        n.open,
	}
}

func (n *Node) open(_ context.Context, b *node.Base) (*node.Part, error) {
	n.base, n.config = b, config.In[Config](b.Config)
	n.store = dossiersql.New(b.DB)
	n.days = &days{ask: n.needs.Calendar, log: b.Log}
	province := ""
	if n.needs.Province != nil {
		province = n.needs.Province()
	}
	n.service = dossier.NewService(dossier.Parts{
		Store: n.store, Register: n.needs.Register, Posts: n.needs.Posts, Packages: n.needs.Packages, Files: files{b.Files},
		Papers: n.maker(), Bindings: bindings{b.Sessions}, Accounts: accounts{b.Sessions}, Deadline: dossier.ByCalendar(n.days.now), Clock: b.Clock,
		Units: n.needs.Units, NewID: sqldb.NewID, Province: n.needs.Province, Settings: n.config.settings(province),
		Teller: newTeller(b, n.needs, n.config),
	})
	routes, handlers := n.pages()
	return &node.Part{
		Self:     n,
		Routes:   routes,
		Handlers: handlers,
		Front:    apply.Find,
		Home:     home,
		Nav:      nav,
		Waiting:  n.waiting,
		Jobs:     n.jobs(),
		Periodic: periodic,
		Run:      []func(context.Context) error{n.reportWaiting},
		Doctor:   n.doctor,
	}, nil
}

// Service is what people do with dossiers, for pages, the demo, benchmarks and tests.
func (n *Node) Service() *dossier.Service { return n.service }

// Store is where dossiers are.
func (n *Node) Store() *dossiersql.Store { return n.store }

// CalendarChanged is told in the transaction of a change of the calendar: what is promised is
// computed again.
func (n *Node) CalendarChanged(ctx context.Context, tx *sqldb.Tx, _ int) error {
	_, err := jobs.Enqueue(ctx, tx, recountKind, struct{}{}, jobs.Options{})
	return err
}
