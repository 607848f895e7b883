package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"dean06/internal/app"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that no line of the audit log was changed, removed or added."`
}

type auditVerifyCmd struct {
	database
	Checkpoint []string `help:"A checkpoint kept from before (number:hash), to see that nothing was cut off."`
}

// Run checks the chain.
func (c auditVerifyCmd) Run(ctx context.Context, s streams) error {
	var saved []audit.Checkpoint
	for _, text := range c.Checkpoint {
		cp, err := audit.ParseCheckpoint(text)
		if err != nil {
			return usageError{err}
		}
		saved = append(saved, cp)
	}
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	count, err := audit.Verify(ctx, n.DB, saved...)
	if err != nil {
		return err
	}
	head, err := audit.Head(ctx, n.DB)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, c.printer(n).T("cli.audit.ok", map[string]any{"n": count, "hash": head.String()}))
	return err
}

type accountCmd struct {
	Create accountCreateCmd `cmd:"" help:"Create one of the first two administrators with a one-time password, or ask for an account."`
}

type accountCreateCmd struct {
	database
	Login  string   `required:"" help:"What the person types to sign in."`
	Name   string   `required:"" help:"The person's name."`
	Email  string   `help:"E-mail address."`
	Agency string   `help:"Code of the agency; none at the centre."`
	Role   []string `required:"" help:"coordinator, reviewer, focal_point, leader, auditor, administrator."`
	Reason string   `help:"Why: asks the administrators, after the first two of the node."`
}

// Run creates the account.
func (c accountCreateCmd) Run(ctx context.Context, s streams) error {
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	password, err := app.CreateAccount(ctx, n, session.Draft{
		Login: c.Login, Name: c.Name, Email: c.Email, Agency: c.Agency, Roles: c.Role, Reason: c.Reason,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, c.printer(n).T("cli.account.created", map[string]any{"login": c.Login, "password": password}))
	return err
}

type backupCmd struct {
	database
	Out string `required:"" type:"path" help:"The file to write; it must not exist."`
}

// Run copies the database as it is at one moment.
func (c backupCmd) Run(ctx context.Context, s streams) error {
	n, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer n.Close()
	p := c.printer(n)
	if n.DB.Engine() != sqldb.SQLite {
		return usageError{fmt.Errorf("%s", p.T("cli.backup.postgres"))}
	}
	if _, err := os.Lstat(c.Out); err == nil {
		return fault.New(fault.Conflict, "cli.backup.exists", fault.Args{"file": c.Out})
	}
	if _, err := n.DB.ExecContext(ctx, `VACUUM INTO $1`, c.Out); err != nil {
		return fmt.Errorf("back up to %s: %w", c.Out, err)
	}
	_, err = fmt.Fprintln(s.out, p.T("cli.backup.done", map[string]any{"file": c.Out}))
	return err
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s streams) error {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	_, err := fmt.Fprintln(s.out, "dean06", version)
	return err
}
