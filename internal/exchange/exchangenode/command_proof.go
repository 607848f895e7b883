package exchangenode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/node"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
)

var quiet = slog.New(slog.DiscardHandler)

type proofCommand struct {
	Export proofExportCommand `cmd:"" help:"Write one file that proves one message of a gateway's log."`
	Verify proofVerifyCommand `cmd:"" help:"Check such a file, without a network."`
	Log    proofLogCommand    `cmd:"" help:"Check the whole log of a gateway."`
}

// logFlag is the flag that names a gateway's database.
type logFlag struct {
	DB string `name:"db" placeholder:"URL" default:"sqlite:${demo_dir}/thainguyen.db" help:"The gateway's database: sqlite:PATH or postgres://user@host/name."`
	node.Lang
}

// open opens the log of a gateway's database.
func (f logFlag) open(ctx context.Context) (*exchangesql.Store, *sqldb.DB, error) {
	db, err := sqldb.Open(ctx, f.DB, sqldb.Options{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	if err := exchangesql.Migrate(ctx, db); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return exchangesql.New(db, clock.System{}), db, nil
}

// desk is where whoever runs the command asks.
func (f logFlag) desk(ctx context.Context) (*exchange.Desk, *sqldb.DB, error) {
	store, db, err := f.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	return exchange.NewDesk(exchange.DeskParts{
		Store: store, Log: filed(store, gatewayDir(f.DB, "var/gateway")), Clock: clock.System{}, NewID: sqldb.NewID, Stamp: tsa.Verify,
	}), db, nil
}

type proofExportCommand struct {
	logFlag
	Message string `required:"" help:"The message: X-Road-Id or X-Road-Request-Id."`
	Out     string `required:"" type:"path" help:"File to write."`
}

// Run writes the proof.
func (c proofExportCommand) Run(ctx context.Context) error {
	desk, db, err := c.desk(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	proof, err := desk.ProofOf(ctx, actor.AtCommandLine(), c.Message)
	if err != nil {
		return err
	}
	file, err := proof.File()
	if err != nil {
		return err
	}
	return node.WriteFile(c.Out, file)
}

type proofVerifyCommand struct {
	File        string `arg:"" type:"existingfile" help:"The proof."`
	Body        string `type:"existingfile" help:"The body of the request or of the response, if one has it."`
	Head        string `type:"existingfile" help:"The head of the request or of the response, if one has it."`
	Authorities string `type:"existingfile" help:"Certificates (PEM) of the exchange's authorities that one trusts; without them those of the file count."`
	node.Lang
}

// Run says what the proof proves.
func (c proofVerifyCommand) Run(p node.Program) error {
	var content [4][]byte
	for i, name := range []string{c.File, c.Body, c.Head, c.Authorities} {
		if name == "" {
			continue
		}
		var err error
		if content[i], err = os.ReadFile(name); err != nil {
			return err
		}
	}
	proof, err := exchange.ReadProof(content[0])
	if err != nil {
		return err
	}
	checks := exchange.Checks{Stamp: tsa.Verify}
	if content[3] != nil {
		if checks.Authorities, err = pki.ReadCertificates(content[3]); err != nil {
			return err
		}
		checks.Timestamps = checks.Authorities
	}
	found, err := proof.Verify(checks, content[1], content[2])
	if printErr := printFindings(p, c.Printer(p), found); err == nil {
		err = printErr
	}
	return err
}

type proofLogCommand struct{ logFlag }

// Run reads the whole log, and says what holds or what was changed first.
func (c proofLogCommand) Run(ctx context.Context, p node.Program) error {
	desk, db, err := c.desk(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	w, err := c.waiting(ctx, db)
	if err != nil {
		return err
	}
	r, err := desk.CheckLog(ctx, actor.AtCommandLine())
	if err != nil {
		return err
	}
	more, err := w.behind(ctx, filed(exchangesql.New(db, clock.System{}), gatewayDir(c.DB, "var/gateway")), r.Records)
	if err != nil {
		return err
	}
	pr := c.Printer(p)
	_, err = fmt.Fprintln(p.Out, pr.T("cli.proof.log", map[string]any{
		"records": r.Records + more, "signed": r.Signed, "stamped": r.Stamped, "waiting": r.Waiting,
	}))
	for _, n := range w.notes {
		if err == nil {
			_, err = fmt.Fprintln(p.Out, pr.T(n.Key, n.Args))
		}
	}
	return err
}

// waiting is what the journal holds of the gateway that last ran on the database.
func (c proofLogCommand) waiting(ctx context.Context, db *sqldb.DB) (*waiting, error) {
	node := ledgersql.Node{}
	there, err := ledgersql.HasTable(ctx, db, "ledger_node")
	if err == nil && there {
		node, _, err = ledgersql.New(db).Node(ctx)
	}
	if err != nil {
		return nil, err
	}
	if w := waitingIn(cmp.Or(node.Dir, gatewayDir(c.DB, "")), node.Gateway); w != nil {
		return w, nil
	}
	return &waiting{}, nil
}

// printFindings writes findings as lines, and fails when something does not work.
func printFindings(p node.Program, pr *i18n.Printer, list []health.Finding) error {
	for _, f := range list {
		if _, err := fmt.Fprintf(p.Out, "%s %s\n", health.Signs[f.Level], pr.T(f.Key, f.Args)); err != nil {
			return err
		}
	}
	if health.Worst(list) == health.Failing {
		return node.ErrNotAll
	}
	return nil
}
