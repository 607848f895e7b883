package identitynode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"dean06/internal/identity"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
)

// clientCommands is "dean06 identity client …". Whoever has the authority's machine and its
// database acts for the authority: what they add may ask at once, unless they leave the
// approval to others.
type clientCommands struct {
	Add     clientAdd     `cmd:"" help:"Register a service by a file, and approve it. Its secret, if it has one, is shown once."`
	List    clientList    `cmd:"" help:"The services, and whether they may ask."`
	Approve clientApprove `cmd:"" help:"Let a service ask, or a change of one count."`
	Stop    clientStop    `cmd:"" help:"End what a service holds; it may ask no more until it is approved again."`
}

type clientAdd struct {
	database
	File string `required:"" placeholder:"FILE" help:"The registration, JSON with the names of RFC 7591 (docs/sign-in.md); - reads standard input."`
	// Owner is of a file that names none.
	Owner string `placeholder:"CODE" default:"authority" help:"Code of the agency whose service it is, when the file names none; by default the authority's own."`
	Wait  bool   `help:"Only register it: an operator approves on the authority's pages."`
}

// maxClientFile is how large a registration may be.
const maxClientFile = 1 << 20

// read reads the file.
func (c clientAdd) read() ([]byte, error) {
	var from io.Reader = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, fault.New(fault.Invalid, "identity.client.file.closed", fault.Args{"file": c.File, "reason": err.Error()})
		}
		defer f.Close()
		from = f
	}
	raw, err := io.ReadAll(io.LimitReader(from, maxClientFile+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "identity.client.file.closed", fault.Args{"file": c.File, "reason": err.Error()})
	}
	if len(raw) > maxClientFile {
		return nil, fault.New(fault.Invalid, "identity.client.file.large", fault.Args{"max": maxClientFile})
	}
	return raw, nil
}

// Run registers and approves.
func (c clientAdd) Run(ctx context.Context, p node.Program) error {
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	raw, err := c.read()
	if err != nil {
		return err
	}
	texts := c.Printer(p)
	client, err := identity.ReadClient(raw, c.Owner)
	var faults fault.List
	if errors.As(err, &faults) { // each with its line, as each stands somewhere else in the file
		for _, f := range faults {
			fmt.Fprintln(p.Err, texts.T("identity.client.file.at", map[string]any{"line": f.Args["line"], "text": texts.T(f.Key, f.Args)}))
		}
		return node.ErrNotAll
	}
	if err != nil {
		return err
	}
	if len(client.NotUsed) > 0 && !c.JSON {
		fmt.Fprintln(p.Err, texts.T("identity.client.file.not_used", map[string]any{"members": strings.Join(client.NotUsed, ", ")}))
	}
	by := actor.AtCommandLine()
	client, secret, err := self.service.RegisterClient(ctx, by, client)
	if err != nil {
		return err
	}
	if !c.Wait {
		if err := self.service.ApproveClient(ctx, by, client.ID); err != nil {
			return err
		}
		client.State = identity.ClientApproved
	}
	if c.JSON {
		return p.PrintJSON(client.Answer(secret))
	}
	key := "identity.client.added"
	if c.Wait {
		key = "identity.client.added_asked"
	}
	fmt.Fprintln(p.Out, texts.T(key, map[string]any{"client": client.ID, "name": client.Name.In(c.Lang.Lang)}))
	if secret != "" {
		fmt.Fprintln(p.Out, texts.T("identity.client.secret_once", map[string]any{"secret": secret}))
	}
	return nil
}

type clientList struct {
	database
	Owner string `placeholder:"CODE" help:"Of this agency alone."`
}

// Run lists.
func (c clientList) Run(ctx context.Context, p node.Program) error {
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	list, err := self.service.Clients(ctx, actor.AtCommandLine(), c.Owner)
	if err != nil {
		return err
	}
	if c.JSON {
		out := struct {
			Clients []identity.Registered `json:"clients"`
		}{Clients: []identity.Registered{}}
		for _, l := range list {
			out.Clients = append(out.Clients, l.Answer(""))
		}
		return p.PrintJSON(out)
	}
	texts := c.Printer(p)
	for _, l := range list {
		state := texts.T("identity.client.state." + string(l.State))
		if l.Change != nil {
			state += " (" + texts.T("identity.client.changes") + ")"
		}
		fmt.Fprintf(p.Out, "%s\t%s\t%s\t%s\n", l.ID, l.Owner, state, l.Name.In(c.Lang.Lang))
	}
	return nil
}

type clientApprove struct {
	database
	Client string `arg:"" help:"client_id."`
}

// Run approves.
func (c clientApprove) Run(ctx context.Context, p node.Program) error {
	return c.decide(ctx, p, c.Client, "identity.client.is_approved", func(s *identity.Service, by actor.Actor) error {
		return s.ApproveClient(ctx, by, c.Client)
	})
}

type clientStop struct {
	database
	Client  string `arg:"" help:"client_id."`
	Purpose string `required:"" placeholder:"TEXT" help:"Why; it stands in the log."`
}

// Run stops.
func (c clientStop) Run(ctx context.Context, p node.Program) error {
	if strings.TrimSpace(c.Purpose) == "" {
		return node.UsageError{Err: fault.New(fault.Invalid, "identity.client.no_reason", nil)}
	}
	return c.decide(ctx, p, c.Client, "identity.client.is_stopped", func(s *identity.Service, by actor.Actor) error {
		return s.StopClient(ctx, by, c.Client, c.Purpose)
	})
}

// decide does something with a client and says so.
func (d database) decide(ctx context.Context, p node.Program, client, says string, do func(*identity.Service, actor.Actor) error) error {
	self, n, err := d.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	if err := do(self.service, actor.AtCommandLine()); err != nil {
		return err
	}
	if d.JSON {
		c, err := self.store.Client(ctx, client)
		if err != nil {
			return err
		}
		return p.PrintJSON(c.Answer(""))
	}
	_, err = fmt.Fprintln(p.Out, d.Printer(p).T(says, map[string]any{"client": client}))
	return err
}
