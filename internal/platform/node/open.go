package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"

	"dean06/internal/platform/alarm"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/blob"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/mail"
	"dean06/internal/platform/paper"
	"dean06/internal/platform/password"
	"dean06/internal/platform/permit"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/session"
	"dean06/internal/platform/signon"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/throttle"
	"dean06/internal/platform/tsa"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/ui/styleguide"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/platform/web"
)

// Open opens a node's database, brings the tables up to date, and opens the modules
// in their order.
func Open(ctx context.Context, modules []Module, s Settings) (*Node, error) {
	n, err := prepare(modules, s)
	if err != nil {
		return nil, err
	}
	o := sqldb.Options{Relaxed: s.Relaxed, ReadOnly: s.ReadOnly, Memory: s.Memory, Log: n.Log}
	if s.Serving {
		o.Wait = s.Config.DB.Wait
	}
	if n.DB, err = sqldb.Open(ctx, s.Config.DB.URL.Reveal(), o); err != nil {
		return nil, err
	}
	if s.Serving && n.DB.Engine() == sqldb.SQLite {
		if _, err := n.Alone(ctx, wholeNode); err != nil {
			return nil, errors.Join(err, n.Close())
		}
	}
	if err := n.DB.Alone(ctx, n.tell, func(db *sqldb.DB) error { return n.open(ctx, db) }); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// tell says who changes tables while we wait for it.
func (n *Node) tell(h sqldb.Holder) {
	n.Log.Info("another process brings the tables up to date; waiting for it", "host", h.Host, "pid", h.PID)
}

// migrate brings the tables of the platform and of the modules up to date. A database
// that a newer program has changed is refused before anything is done to it.
func (n *Node) migrate(ctx context.Context, db *sqldb.DB, modules []Module) error {
	if err := audit.Migrate(ctx, db); err != nil {
		return err
	}
	rest := db
	if n.ReadOnly { // of an older program these may be missing: who only looks asks the modules
		rest = db.Examine()
	}
	for _, migrate := range []func(context.Context, *sqldb.DB) error{
		session.Migrate, jobs.Migrate, approval.Migrate, alarm.Migrate, ledgersql.Migrate, uploadsql.Migrate,
	} {
		if err := migrate(ctx, rest); err != nil {
			return err
		}
	}
	for _, m := range modules {
		if m.Migrate == nil {
			continue
		}
		if err := m.Migrate(ctx, db); err != nil {
			return fmt.Errorf("tables of %s: %w", m.Name, err)
		}
	}
	return nil
}

func (n *Node) open(ctx context.Context, db *sqldb.DB) error {
	if err := n.migrate(ctx, n.DB.Examine(), slices.Concat(n.modules, n.others)); err != nil {
		return err
	}
	if err := n.migrate(ctx, db, n.modules); err != nil {
		return err
	}
	n.Chains = Chains(n.modules, n.DB)
	n.openSessions()
	if err := n.openDoor(); err != nil {
		return err
	}
	if err := n.openUploads(); err != nil {
		return err
	}
	for _, r := range n.roles() {
		if len(r.Emergency) > 0 {
			n.Approvals.Allow(approval.Emergency{Role: r.Code, By: r.Emergency})
		}
	}
	n.Approvals.Register(n.Alarms.Kind())
	n.metrics.Registry.MustRegister(jobs.Metrics(n.DB), n.Alarms.Metrics(), ledgersql.Metrics(n.DB))
	for _, m := range n.modules {
		if m.Open == nil {
			n.parts = append(n.parts, &Part{})
			continue
		}
		p, err := m.Open(ctx, n.Base)
		if err != nil {
			return fmt.Errorf("open %s: %w", m.Name, err)
		}
		n.parts = append(n.parts, p)
		n.Approvals.Register(p.Approvals...)
		n.metrics.Registry.MustRegister(p.Metrics...)
	}
	n.joinSessions()
	for i, p := range n.parts {
		if p.Opened == nil {
			continue
		}
		if err := p.Opened(n.parts); err != nil {
			return fmt.Errorf("open %s: %w", n.modules[i].Name, err)
		}
	}
	if n.serving {
		return n.beginFactors(ctx)
	}
	return nil
}

// Chains are the logs that a node with these modules keeps, each a chain that nothing may
// be taken from unseen: the audit log first.
func Chains(modules []Module, db *sqldb.DB) []ledger.Chain {
	out := []ledger.Chain{audit.Chain(db)}
	for _, m := range modules {
		if m.Chains != nil {
			out = append(out, m.Chains(db)...)
		}
	}
	return out
}

// Catalogue joins the messages of the platform, of these modules, and more.
func Catalogue(modules []Module, more ...fs.FS) (*i18n.Catalogue, error) {
	all := []fs.FS{
		Messages, ui.Messages, web.Messages, styleguide.Messages, chart.Messages, paper.Messages, password.Messages, throttle.Messages,
		session.Messages, audit.Messages,
		approval.Messages, alarm.Messages, jobs.Messages, ledger.Texts, blob.Messages, upload.Messages, mail.Messages, config.Messages, pki.Messages,
		tsa.Messages, sqldb.Messages, signon.Messages,
	}
	for _, m := range modules {
		all = append(all, m.Messages...)
	}
	return i18n.Load(append(all, more...)...)
}

// Permissions are the rows of the tables of the platform and of these modules.
func Permissions(modules []Module) []permit.Line {
	roles := Roles(modules)
	out := slices.Concat(
		session.Permissions.Lines(), audit.Permissions(readersOf(roles)).Lines(), approval.Permissions.Lines(),
		alarm.Permissions(keepersOf(roles), readersOf(roles)).Lines(), ledger.Permissions(keepersOf(roles), readersOf(roles)).Lines(), jobs.Permissions.Lines(),
	)
	for _, m := range modules {
		out = append(out, m.Permissions...)
	}
	return out
}

// prepare makes all of a node that needs no database.
func prepare(modules []Module, s Settings) (*Node, error) {
	c := s.Config
	b := &Base{
		Role: c.Node.Role, Config: c, Clock: s.Clock, Log: s.Log, Mail: s.Mail, Files: s.Files, Agencies: s.Agencies,
		URL: c.HTTP.PublicURL, Secure: c.HTTP.Secure(), Demo: s.Demo != nil, ReadOnly: s.ReadOnly,
	}
	if b.Clock == nil {
		b.Clock = clock.System{}
	}
	if b.Log == nil {
		b.Log = slog.Default()
	}
	if b.Mail == nil {
		b.Mail = sender(c.Mail)
	}
	if b.Files == nil {
		b.Files = &files{open: func() (blob.Store, error) { return blobStore(c.Blob) }}
	}
	if b.Agencies == nil {
		b.Agencies = nobodysAgencies{}
	}
	var err error
	if b.Messages, err = Catalogue(modules); err != nil {
		return nil, err
	}
	n := &Node{Base: b, modules: modules, others: s.Others, more: s.Roles, owner: s.Owner, shown: s.Demo, serving: s.Serving, metrics: web.NewMetrics()}
	b.Frame, b.Examine = n.frame, n.examine
	return n, nil
}
