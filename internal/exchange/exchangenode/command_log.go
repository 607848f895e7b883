package exchangenode

import (
	"context"
	"fmt"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/ledger"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
)

type logVerifyCommand struct {
	DB      string `name:"db" placeholder:"URL" help:"The node's database, sqlite:PATH or postgres://user@host/name, instead of that of --config."`
	Config  string `type:"path" placeholder:"FILE" help:"The node's configuration: where its gateway's folder is, when the database is a copy."`
	Witness string `placeholder:"URL" help:"Address of the hub that witnesses the logs, instead of the one that the node has joined."`
	JSON    bool   `name:"json" help:"Print one line of JSON."`
	node.Lang
	Fallback string `hidden:"" default:"sqlite:${demo_dir}/thainguyen.db"`
}

// verified is one log in the command's JSON. At is the number of the first row that does
// not fit; 0, and without a meaning, when the state is "whole".
type verified struct {
	Chain   string         `json:"chain"`
	Rows    int64          `json:"rows"`
	State   ledger.State   `json:"state"`
	At      int64          `json:"at"`
	Witness ledger.Witness `json:"witness"`
	// Restores are those of this log that two people acknowledged; left out without one.
	Restores []ledger.Restored `json:"restores,omitempty"`
}

// Run checks all logs, and fails when one of them is not whole.
func (c logVerifyCommand) Run(ctx context.Context, p node.Program) error {
	if err := ledger.Permissions(nil, nil).Can(actor.AtCommandLine(), ledger.ActCheck); err != nil {
		return err
	}
	url, checker := c.DB, logChecker{hub: witnessURL(c.Witness), journal: true}
	if c.Config != "" {
		cfg, err := node.ConfigFile{Config: c.Config, Lang: c.Lang}.Load(p, nil)
		if err != nil {
			return err
		}
		checker.dir = config.In[GatewayConfig](cfg).Dir
		if url == "" {
			url = cfg.DB.URL.Reveal()
		}
	}
	if url == "" {
		url = c.Fallback
	}
	db, err := sqldb.Open(ctx, url, sqldb.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer db.Close()
	checker.db = db
	if checker.chains, err = p.Chains(ctx, db); err != nil {
		return err
	}
	found, err := checker.run(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		err = p.PrintJSON(map[string]any{"chains": asJSON(found)})
	} else {
		err = c.print(p, found)
	}
	if err != nil {
		return err
	}
	for _, f := range found {
		if !f.Fine() {
			return node.ErrNotAll
		}
	}
	return nil
}

func asJSON(found []ledger.Found) []verified {
	out := make([]verified, len(found))
	for i, f := range found {
		out[i] = verified{Chain: f.Chain, Rows: f.Rows, State: f.State, At: f.At, Witness: f.By, Restores: f.Restores}
	}
	return out
}

// print says log by log what holds, and what to do where something does not.
func (c logVerifyCommand) print(p node.Program, found []ledger.Found) error {
	pr := c.Printer(p)
	for _, f := range found {
		sign := "✓"
		if !f.Fine() {
			sign = "✕"
		}
		for i, line := range f.Says(pr) {
			if i > 0 {
				sign = " "
			}
			if _, err := fmt.Fprintf(p.Out, "%s %s\n", sign, line); err != nil {
				return err
			}
		}
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(p.Out, pr.T("ledger.check.no_logs"))
		return err
	}
	return nil
}
