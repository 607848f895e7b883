package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/contract"
	"dean06/internal/contract/contractnode"
	"dean06/internal/contract/contractsoap"
	"dean06/internal/contract/contractweb"
	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangeweb"
	"dean06/internal/exchange/gateway"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/org/orgweb"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/paper"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/styleguide"
	"dean06/internal/platform/web"
	"dean06/internal/population"
	"dean06/internal/population/populationapi"
	"dean06/internal/population/populationnode"
	"dean06/internal/population/populationweb"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessapi"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinessreport"
	"dean06/internal/readiness/readinesssql"
	"dean06/internal/readiness/readinessweb"
	"dean06/internal/readiness/readinessweb/board"
	"dean06/internal/readiness/readinessweb/fill"
	"dean06/internal/readiness/readinessweb/office"
	"dean06/internal/readiness/readinessxlsx"
)

// Settings say where a node lives.
type Settings struct {
	DB      string           // sqlite:PATH or postgres://…
	Papers  readiness.Papers // of a board
	Clock   clock.Clock
	Relaxed bool // for the demo and benchmarks, see sqldb.Options
}

// Base is what every node stands on, whatever its role.
type Base struct {
	DB       *sqldb.DB
	Clock    clock.Clock
	Org      *orgsql.Store
	Agencies *org.Agencies
	Country  *org.Register
	Messages *i18n.Catalogue
}

// Node is the board: the base, and the register of who meets the requirements.
type Node struct {
	*Base
	Papers   readiness.Papers
	Store    *readinesssql.Store
	Register *readiness.Register
}

// System is who acts when the program itself does, with every right that
// loading the register needs.
var System = readiness.Actor{Account: "system:dean06", Name: "dean06", Roles: []readiness.Role{readiness.Coordinator}}

// Open opens the database of a board, brings its tables up to date, loads the
// reference data that it lacks and makes the modules.
func Open(ctx context.Context, s Settings) (*Node, error) {
	b, err := openBase(ctx, s)
	if err != nil {
		return nil, err
	}
	n := &Node{Base: b, Papers: s.Papers}
	if err := n.start(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return n, nil
}

// openBase opens the database, brings the tables of the platform and of the
// country's units up to date and loads the reference data that they lack.
func openBase(ctx context.Context, s Settings) (*Base, error) {
	if s.Clock == nil {
		s.Clock = clock.System{}
	}
	catalogue, err := Catalogue()
	if err != nil {
		return nil, err
	}
	db, err := sqldb.Open(ctx, s.DB, sqldb.Options{Relaxed: s.Relaxed})
	if err != nil {
		return nil, err
	}
	b := &Base{DB: db, Clock: s.Clock, Org: orgsql.New(db, s.Clock), Messages: catalogue}
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return b, nil
}

// Close closes the database.
func (b *Base) Close() error { return b.DB.Close() }

func (b *Base) start(ctx context.Context) error {
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, session.Migrate, jobs.Migrate} {
		if err := migrate(ctx, b.DB); err != nil {
			return err
		}
	}
	if err := b.Org.Migrate(ctx); err != nil {
		return err
	}
	if err := b.Org.Seed(ctx, data.FS); err != nil {
		return err
	}
	var err error
	b.Agencies, err = org.NewAgencies(ctx, b.Org, b.Clock)
	b.Country = org.NewRegister(b.Org, b.Agencies)
	return err
}

func (n *Node) start(ctx context.Context) error {
	if err := readinesssql.Migrate(ctx, n.DB); err != nil {
		return err
	}
	n.Store = readinesssql.New(n.DB)
	causes, err := load("readiness/causes.json", readiness.LoadCauses)
	if err != nil {
		return err
	}
	claims, err := load("readiness/claims.json", readiness.LoadClaims)
	if err != nil {
		return err
	}
	n.Register = readiness.New(readiness.Parts{
		Store: n.Store, Agencies: agencies{n.Agencies}, Papers: n.Papers,
		Word: wordForms{}, Excel: excelForms{}, Clock: n.Clock, NewID: sqldb.NewID,
		Causes: causes, Claims: claims,
	})
	return n.install(ctx)
}

// load reads a file that the program carries.
func load[T any](file string, read func([]byte) (T, error)) (T, error) {
	raw, err := data.Readiness.ReadFile(file)
	if err != nil {
		var none T
		return none, err
	}
	return read(raw)
}

// install puts in the forms and letters that the program carries.
func (n *Node) install(ctx context.Context) error {
	templates, err := fs.Glob(data.Readiness, "readiness/template-*.json")
	if err != nil {
		return err
	}
	for _, file := range templates {
		raw, err := data.Readiness.ReadFile(file)
		if err != nil {
			return err
		}
		if err := n.Register.Install(ctx, raw); err != nil {
			return fmt.Errorf("%s: %w", path.Base(file), err)
		}
	}
	campaigns, err := load("readiness/campaigns.json", readiness.LoadCampaigns)
	if err != nil {
		return err
	}
	for _, c := range campaigns {
		if _, err := n.Store.Campaign(ctx, c.ID); err == nil {
			continue
		}
		if err := n.Register.OpenCampaign(ctx, System, c); err != nil && fault.Of(err) != fault.Conflict {
			return fmt.Errorf("campaign %s: %w", c.ID, err)
		}
	}
	return nil
}

// Catalogue joins the messages of all packages.
func Catalogue() (*i18n.Catalogue, error) {
	return i18n.Load(Messages, ui.Messages, web.Messages, styleguide.Messages, chart.Messages, paper.Messages,
		session.Messages, audit.Messages, jobs.Messages, blob.Messages, mail.Messages, config.Messages, pki.Messages, tsa.Messages,
		org.Messages, orgweb.Messages, citizen.Messages,
		readiness.Messages, readinessdocx.Messages, readinessxlsx.Messages, readinessreport.Messages, readinessweb.Messages,
		readinessapi.Messages, board.Messages, fill.Messages, office.Messages,
		exchange.Messages, centre.Messages, gateway.Messages, exchangeapi.Messages, exchangeweb.Messages,
		population.Messages, populationapi.Messages, populationweb.Messages, populationnode.Messages,
		contract.Messages, contractsoap.Messages, contractweb.Messages, contractnode.Messages)
}

// Describe writes an error for a person: faults in words, one a line.
func Describe(p *i18n.Printer, err error) string {
	var list fault.List
	if errors.As(err, &list) {
		lines := make([]string, len(list))
		for i, f := range list {
			lines[i] = p.T(f.Key, f.Args)
		}
		return strings.Join(lines, "\n")
	}
	if f := fault.As(err); f != nil {
		return p.T(f.Key, f.Args)
	}
	return err.Error()
}

// wordForms and excelForms give the register its readers.
type (
	wordForms  struct{}
	excelForms struct{}
)

// Read reads a Word file.
func (wordForms) Read(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error) {
	return readinessdocx.Read(tpl, name, r, size)
}

// Read reads an Excel file.
func (excelForms) Read(tpl *readiness.Template, name string, r io.ReaderAt, size int64) (readiness.Return, []readiness.Problem, error) {
	return readinessxlsx.Read(tpl, name, r, size)
}
