package main

import (
	"context"
	"fmt"
	"os"

	"dean06/internal/app"
	"dean06/internal/platform/i18n"
)

type proofCmd struct {
	Export proofExportCmd `cmd:"" help:"Write one file that proves one message of a gateway's log."`
	Verify proofVerifyCmd `cmd:"" help:"Check such a file, without a network."`
	Log    proofLogCmd    `cmd:"" help:"Check the whole log of a gateway."`
}

// gatewayDatabase is the flag that names a gateway's database.
type gatewayDatabase struct {
	DB   string `name:"db" placeholder:"URL" default:"sqlite:${demo_dir}/thainguyen.db" help:"The gateway's database: sqlite:PATH or postgres://user@host/name."`
	Lang string `enum:"vi,en" default:"vi" help:"Language of messages: vi or en."`
}

type proofExportCmd struct {
	gatewayDatabase
	Message string `required:"" help:"The message: X-Road-Id or X-Road-Request-Id."`
	Out     string `required:"" type:"path" help:"File to write."`
}

// Run writes the proof.
func (c proofExportCmd) Run(ctx context.Context) error {
	file, err := app.ExportProof(ctx, c.DB, c.Message)
	if err != nil {
		return err
	}
	return write(c.Out, file)
}

type proofVerifyCmd struct {
	File        string `arg:"" type:"existingfile" help:"The proof."`
	Body        string `type:"existingfile" help:"The body of the request or of the response, if one has it."`
	Head        string `type:"existingfile" help:"The head of the request or of the response, if one has it."`
	Authorities string `type:"existingfile" help:"Certificates (PEM) of the exchange's authorities that one trusts; without them those of the file count."`
	Lang        string `enum:"vi,en" default:"vi" help:"Language of messages: vi or en."`
}

// Run says what the proof proves.
func (c proofVerifyCmd) Run(s streams) error {
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
	found, err := app.VerifyProof(content[0], content[1], content[2], content[3])
	if printErr := printFindings(s, c.Lang, found); err == nil {
		err = printErr
	}
	return err
}

type proofLogCmd struct{ gatewayDatabase }

// Run reads the whole log.
func (c proofLogCmd) Run(ctx context.Context, s streams) error {
	r, err := app.CheckLog(ctx, c.DB)
	if err != nil {
		return err
	}
	catalogue, err := app.Catalogue()
	if err != nil {
		return err
	}
	p := catalogue.In(i18n.Lang(c.Lang))
	_, err = fmt.Fprintln(s.out, p.T("cli.proof.log", map[string]any{"records": r.Records, "signed": r.Signed, "stamped": r.Stamped, "waiting": r.Waiting}))
	return err
}
