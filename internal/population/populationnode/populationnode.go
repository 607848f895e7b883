// Package populationnode brings the population register to the authority's node: its
// key, tables, roles, pages, services on the exchange, jobs, commands and the people of
// the demo. What it needs of others it states as interfaces (Needs); what it offers are
// the methods of Node that work once the module is open. It decides nothing: that is the
// root's.
package populationnode

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/config"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/node"
	"dean06/internal/platform/outbox"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/signon"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/populationapi"
	"dean06/internal/population/populationsql"
	"dean06/internal/population/populationweb"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the names of the module's part in the navigation, of its roles, work,
// jobs and commands.
var Messages, _ = fs.Sub(messages, "messages")

// Subsystem is the subsystem under which the register offers its services.
const Subsystem = "DANCU"

// Actions are what the register leaves in the audit log.
var Actions = []string{
	"population.record", "population.load", "population.export", "population.objection.answer", "population.mistake.settle", "population.matter",
}

// Node is the module on one node.
type Node struct {
	needs    Needs
	base     *node.Base
	register *population.Register
	store    *populationsql.Store
	units    population.Units
	api      *populationapi.API
	loads    *loads
	pages    *populationweb.Pages
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name:     "population",
		Config:   []config.Section{Section},
		Messages: []fs.FS{population.Messages, populationapi.Messages, populationweb.Messages, Messages},
		Migrate:  populationsql.Migrate,
		Chains:   func(db *sqldb.DB) []ledger.Chain { return []ledger.Chain{populationsql.Chain(db)} },
		Roles: []node.Role{
			{Code: population.Registrar, Personal: true, Second: true, Emergency: []string{population.Administrator}},
			{Code: population.CommunePolice, Personal: true, Second: true},
			{Code: population.Auditor, ReadsLog: true},
			{Code: population.Administrator},
			{Code: population.Citizen, Bound: true, Personal: true},
		},
		Permissions: population.Permissions.Lines(),
		Actions:     Actions,
		Commands:    []node.Command{command()},
		Open:        n.open,
	}
}

func (n *Node) open(ctx context.Context, b *node.Base) (*node.Part, error) {
	n.base = b
	c := config.In[Config](b.Config)
	keys := []node.KeyFile{{Path: filepath.Join(c.Dir, keyFile), Read: func(path string) error {
		_, err := pki.ReadKey(path)
		return err
	}}}
	if b.ReadOnly && keys[0].Read(keys[0].Path) != nil { // it is looked at as it is
		return &node.Part{Self: n, Folders: []string{c.Dir}, Keys: keys}, nil //nolint:nilerr // the look at the keys says it
	}
	key, err := registerKey(c.Dir)
	if err != nil {
		return nil, err
	}
	if n.units, err = n.needs.Units(ctx); err != nil {
		return nil, fmt.Errorf("read the administrative units: %w", err)
	}
	n.store = populationsql.New(b.DB, n.changed)
	n.register = population.New(population.Parts{
		Store: n.store, Units: n.units, Clock: b.Clock, NewID: sqldb.NewID,
		Slot: population.Slot{Index: c.Slot, Of: c.Slots}, NumberKey: key("numbers"),
		Names: b.Sessions, Bindings: bindings{n}, Approvals: exports{n},
	})
	n.loads = &loads{db: b.DB, files: b.Files, clock: b.Clock, load: n.register.Load}
	n.api = populationapi.New(populationapi.Parts{
		Register: n.register, Texts: b.Messages, Clock: b.Clock, Log: b.Log, CursorKey: key("cursors"), Agency: n.agency,
	})
	n.pages = populationweb.New(populationweb.Shell{
		Register: n.register, Loads: n.loads, Units: n.units, Clock: b.Clock, Frame: b.Frame, NewID: sqldb.NewID, Names: b.Sessions,
		Agency:    func(_ context.Context, code string) string { return n.agency(code) },
		Procedure: n.needs.Procedure, HandleKey: key("handles"), Secure: b.Secure,
		Archived: func(ctx context.Context) (time.Time, error) { return populationsql.LookupsArchived(ctx, b.DB) }, Chosen: n.chosen,
		Annulments: n.annulment, SignIn: signIn(b),
	})
	return &node.Part{
		Self: n, Routes: n.pages.Routes(), Home: home, Nav: nav, Waiting: n.waiting,
		Approvals: []approval.Kind{exportKind, n.annulKind()},
		Jobs: map[string]jobs.Handler{
			populationsql.ListJob:            populationsql.ListHandler(n.register),
			outbox.Kind(populationsql.Topic): outbox.Handler(populationsql.Topic, n.publish),
			loadKind:                         n.loads.handle,
			archiveJob:                       n.archiveOld,
			sweepKind:                        func(ctx context.Context, _ *jobs.Task) error { return n.loads.sweep(ctx) },
		},
		Periodic: []jobs.Periodic{{Kind: sweepKind, Slot: jobs.Every(uploadTime)}, {Kind: archiveJob, Slot: jobs.Daily(2, 40)}},
		Ready:    n.register.Heartbeat,
		Folders:  []string{c.Dir},
		Keys:     keys,
		Services: n.services(),
		Demo:     n.demo,
	}, nil
}

// signIn is where people sign in with their electronic identity; "" where the node has local
// accounts alone.
func signIn(b *node.Base) string {
	if b.Config.SignIn.Issuer == "" {
		return ""
	}
	return signon.Path
}

// changed hands changes to the feed, and to whoever else wants to know, in the transaction that
// records them.
func (n *Node) changed(ctx context.Context, q sqldb.Queryer, changes []population.Change) error {
	if err := populationsql.Outbox(ctx, q, changes); err != nil || n.needs.Changed == nil {
		return err
	}
	people := make([]citizen.Number, len(changes))
	for i := range changes {
		people[i] = changes[i].Number
	}
	return n.needs.Changed(ctx, q, people)
}

// chosen keeps in the audit log what an officer began to work on. The reason in the
// officer's own words stands with each look-up, where the citizen reads it, and not here.
func (n *Node) chosen(ctx context.Context, m population.Matter) error {
	purpose := m.Logged()
	if m.Purpose == population.PurposeOther {
		purpose = m.Purpose
	}
	return audit.Record(ctx, n.base.DB, audit.Entry{
		At: n.base.Clock.Now(), Action: "population.matter", Purpose: purpose, Details: map[string]string{"dossier": m.Dossier},
	})
}

// keyFile is the register's key in its folder.
const keyFile = "register.key"

// registerKey derives what the register keeps secret from its key, one secret for each
// use.
func registerKey(dir string) (func(use string) []byte, error) {
	key, err := pki.FileKey(filepath.Join(dir, keyFile))
	if err != nil {
		return nil, err
	}
	secret, err := key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("read the register's key: %w", err)
	}
	return func(use string) []byte {
		out, err := hkdf.Key(sha256.New, secret, nil, "dean06 population "+use, 32)
		if err != nil {
			panic(err) // lengths are constants
		}
		return out
	}, nil
}

// agency is what an agency is called.
func (n *Node) agency(code string) string {
	if n.base.Agencies == nil {
		return code
	}
	return n.base.Agencies.NameOf(code)
}

func (n *Node) services() []node.Service {
	var out []node.Service
	for _, s := range n.api.Services() {
		out = append(out, node.Service{
			Subsystem: Subsystem, Code: s.Code, NameKey: "populationapi.service." + s.Code, Type: "OPENAPI", OpenAPI: s.OpenAPI, Handler: s.Handler,
		})
	}
	return out
}
