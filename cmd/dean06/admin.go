package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"strings"

	"dean06/internal/app"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/readiness"
)

// look opens a database of any role for reading what all nodes have.
func look(ctx context.Context, p node.Program, d node.Database) (*node.Node, error) {
	return p.Open(ctx, app.Board, d.Reading(p), "org")
}

// open opens a database of any role for what all nodes have.
func open(ctx context.Context, p node.Program, d node.Database) (*node.Node, error) {
	return p.Open(ctx, app.Board, d.Settings(p), "org")
}

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that no line of the audit log was changed, removed or added."`
}

type auditVerifyCmd struct {
	node.Database
	Checkpoint []string `help:"A checkpoint kept from before (number:hash), to see that nothing was cut off."`
}

// Run checks the chain.
func (c auditVerifyCmd) Run(ctx context.Context, p node.Program) error {
	var saved []audit.Checkpoint
	for _, text := range c.Checkpoint {
		cp, err := audit.ParseCheckpoint(text)
		if err != nil {
			return node.UsageError{Err: err}
		}
		saved = append(saved, cp)
	}
	n, err := look(ctx, p, c.Database)
	if err != nil {
		return err
	}
	defer n.Close()
	if err := audit.Permissions(nil).Can(actor.AtCommandLine(), audit.Check); err != nil {
		return err
	}
	count, err := audit.Verify(ctx, n.DB, saved...)
	if err != nil {
		return err
	}
	head, err := audit.Head(ctx, n.DB)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Out, c.Printer(p).T("cli.audit.ok", map[string]any{"n": count, "hash": head.String()}))
	return err
}

type accountCmd struct {
	Create accountCreateCmd `cmd:"" help:"Create one of the first two administrators with a one-time password, or ask for an account."`
}

type accountCreateCmd struct {
	node.Database
	Login  string   `required:"" help:"What the person types to sign in; it cannot be changed later."`
	Name   string   `required:"" help:"The person's name."`
	Email  string   `help:"E-mail address."`
	Agency string   `help:"Code of the agency; none at the centre."`
	Role   []string `required:"" help:"The roles: administrator, or others of the node."`
	Reason string   `help:"Why: asks the administrators, after the first two of the node."`
}

// Run creates the account.
func (c accountCreateCmd) Run(ctx context.Context, p node.Program) error {
	all := node.Roles(app.Every())
	for _, role := range c.Role {
		if !slices.ContainsFunc(all, func(r node.Role) bool { return r.Code == role }) {
			return fault.New(fault.Invalid, "cli.account.role_unknown", fault.Args{"role": role, "roles": codes(all)})
		}
	}
	settings := c.Settings(p)
	settings.Roles, settings.MayMake = all, true
	p.Begins(c.Printer(p), c.DB)
	n, err := p.Open(ctx, app.Board, settings, "org")
	if err != nil {
		return err
	}
	defer n.Close()
	if err := c.check(ctx, n); err != nil {
		return err
	}
	made, err := n.Sessions.Create(actor.With(ctx, actor.AtCommandLine()), session.Draft{
		Login: c.Login, Name: c.Name, Email: c.Email, Agency: c.Agency, Roles: c.Role, Reason: c.Reason, Active: true,
	})
	if err != nil {
		return err
	}
	key := "cli.account.created"
	if made.Asked.ID != "" {
		key = "cli.account.asked"
	}
	_, err = fmt.Fprintln(p.Out, c.Printer(p).T(key, map[string]any{"login": c.Login, "password": made.Password}))
	return err
}

func codes(roles []node.Role) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = r.Code
	}
	return strings.Join(out, ", ")
}

// check refuses an agency that there is not, and an account that needs one without.
func (c accountCreateCmd) check(ctx context.Context, n *node.Node) error {
	if c.Agency == "" {
		if slices.Contains(c.Role, readiness.FocalPoint) || slices.Contains(c.Role, readiness.AgencyLeader) {
			return fault.New(fault.Invalid, "cli.account.agency_needed", nil)
		}
		return nil
	}
	list, err := n.Agencies.Choices(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(a node.Agency) bool { return a.Code == c.Agency }) {
		return fault.New(fault.Invalid, "cli.account.agency_unknown", fault.Args{"agency": c.Agency})
	}
	return nil
}

type backupCmd struct {
	node.Database
	Out string `required:"" type:"path" help:"The file to write; it must not exist."`
}

// Run copies the database as it is at one moment. One of an older program is copied too:
// a backup comes before an upgrade.
func (c backupCmd) Run(ctx context.Context, p node.Program) error {
	pr := c.Printer(p)
	if _, ok := sqldb.SQLitePath(c.DB); !ok {
		return node.UsageError{Err: fmt.Errorf("%s", pr.T("cli.backup.postgres"))}
	}
	db, err := sqldb.Open(ctx, c.DB, sqldb.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer db.Close()
	for _, m := range app.Every() {
		if m.Migrate == nil {
			continue
		}
		if err := m.Migrate(ctx, db.Examine()); err != nil {
			return err
		}
	}
	if err := db.CopyTo(ctx, c.Out); errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "cli.backup.exists", fault.Args{"file": c.Out})
	} else if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Out, pr.T("cli.backup.done", map[string]any{"file": c.Out}))
	return err
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(p node.Program) error {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	_, err := fmt.Fprintln(p.Out, "dean06", version)
	return err
}
