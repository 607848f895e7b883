package identitynode

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
)

// command is "dean06 identity …".
func command() node.Command {
	return node.Command{
		Name: name, Help: "Electronic identities of the authority.", Value: &commands{},
		May: map[string]string{
			"list": "identity.count", "show": "identity.inspect", "client list": "identity.clients", "client add": "identity.client.register",
			"client approve": "identity.client.approve", "client stop": "identity.client.stop",
		},
	}
}

type commands struct {
	List   listCommand    `cmd:"" help:"Count identities by kind, level and state; no names."`
	Show   showCommand    `cmd:"" help:"Show one identity and what happened to it; stands in its holder's log, with why."`
	Client clientCommands `cmd:"" help:"Services that sign people in (clients): register, approve, list, stop."`
}

// database is the flags of all.
type database struct {
	DB   string `name:"db" placeholder:"URL" default:"sqlite:${demo_dir}/authority.db" help:"The authority's database: sqlite:PATH or postgres://user@host/name."`
	Dir  string `type:"path" placeholder:"DIR" help:"Folder of the module's keys, as identity.dir; by default beside an SQLite database, else var/identity."`
	JSON bool   `name:"json" help:"Print the answer for programs."`
	node.Lang
}

// open opens the authority as it is.
func (d database) open(ctx context.Context, p node.Program) (*Node, *node.Node, error) {
	s := node.Database{DB: d.DB, Lang: d.Lang}.Settings(p)
	s.Config.Node.Role = roleAuthority
	section := config.In[Config](s.Config)
	section.Dir = d.keyFolder(section.Dir)
	n, err := p.Open(ctx, roleAuthority, s, name)
	if err != nil {
		return nil, nil, err
	}
	self, _ := node.Find[*Node](n)
	return self, n, nil
}

// keyFolder is the folder of the keys; otherwise is that of a database which is no file, and
// beside which there is nothing.
func (d database) keyFolder(otherwise string) string {
	path, isFile := node.SQLitePath(d.DB)
	switch {
	case d.Dir != "":
		return d.Dir
	case isFile:
		return filepath.Join(filepath.Dir(path), roleAuthority, name)
	}
	return otherwise
}

type listCommand struct{ database }

// counted is a line for programs.
type counted struct {
	Kind  string `json:"kind"`
	Level int    `json:"level"`
	State string `json:"state"`
	N     int    `json:"n"`
}

// Run counts.
func (c listCommand) Run(ctx context.Context, p node.Program) error {
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	list, err := self.service.Counts(ctx, actor.AtCommandLine())
	if err != nil {
		return err
	}
	if c.JSON {
		out := struct {
			Accounts []counted `json:"accounts"`
		}{Accounts: []counted{}}
		for _, l := range list {
			out.Accounts = append(out.Accounts, counted{string(l.Kind), int(l.Level), string(l.State), l.N})
		}
		return p.PrintJSON(out)
	}
	texts := c.Printer(p)
	for _, l := range list {
		fmt.Fprintf(p.Out, "%s\t%s\t%s\t%d\n", texts.T(l.Kind.Key()), texts.T(l.Level.Key()), texts.T(l.State.Key()), l.N)
	}
	return nil
}

type showCommand struct {
	database
	Account string `arg:"" help:"Id of the account, as logs have it."`
	Purpose string `required:"" placeholder:"TEXT" help:"Why; it stands in the holder's log."`
}

// shown is an account for programs. The number is masked.
type shown struct {
	ID      string  `json:"id"`
	Kind    string  `json:"kind"`
	Holder  string  `json:"holder"`
	Level   int     `json:"level"`
	State   string  `json:"state"`
	Why     string  `json:"why,omitempty"`
	Devices int     `json:"devices"`
	Entries []entry `json:"entries"`
}

type entry struct {
	Seq  int64  `json:"seq"`
	At   string `json:"at"`
	What string `json:"what"`
	By   string `json:"by"`
}

// Run shows.
func (c showCommand) Run(ctx context.Context, p node.Program) error {
	if strings.TrimSpace(c.Purpose) == "" {
		return node.UsageError{Err: fault.New(fault.Invalid, "identity.desk.purpose", nil)}
	}
	self, n, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer n.Close()
	v, err := self.service.Inspect(ctx, actor.AtCommandLine(), c.Account, c.Purpose)
	if err != nil {
		return err
	}
	texts := c.Printer(p)
	out := shown{
		ID: v.Account.ID, Kind: string(v.Account.Holder.Kind), Holder: v.Account.Holder.String(), Level: int(v.Account.Level),
		State: string(v.Account.State), Why: v.Account.StateWhy, Devices: v.Devices, Entries: []entry{},
	}
	for _, e := range v.Entries {
		out.Entries = append(out.Entries, entry{e.Seq, e.At.Format("2006-01-02T15:04:05Z07:00"), e.What, e.By.Account})
	}
	if c.JSON {
		return p.PrintJSON(out)
	}
	fmt.Fprintf(p.Out, "%s\t%s\t%s\t%s\t%s\n", out.ID, texts.T(v.Account.Holder.Kind.Key()), out.Holder, texts.T(v.Account.Level.Key()),
		texts.T(v.Account.State.Key()))
	for _, e := range v.Entries {
		fmt.Fprintf(p.Out, "%d\t%s\t%s\t%s\n", e.Seq, texts.Time(e.At), e.Say(texts, e.Client), e.By.Account)
	}
	return nil
}
