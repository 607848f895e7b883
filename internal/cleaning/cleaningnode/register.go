package cleaningnode

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningsql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sheet"
	"dean06/internal/platform/sqldb"
)

// peopleFlags name who a file is held against: a file of people, or the register itself.
type peopleFlags struct {
	Against string `type:"path" placeholder:"PEOPLE" required:"" xor:"people" help:"The people: the file of population generate or export, or another."`
	DB      string `name:"db" placeholder:"URL" required:"" xor:"people" help:"The register's own database, sqlite:PATH or postgres://user@host/name."`
	Dir     string `type:"path" placeholder:"DIR" help:"With --db: folder of the register's key, as population.dir."`
	Purpose string `placeholder:"TEXT" help:"With --db: why people are matched; it stands in the log of each of them."`
}

// register is a register's own database as a run on the command line has it.
type register struct {
	node *node.Node
	self *Node
	run  cleaningsql.Run
	file *os.File // everybody, as of one moment; it has no name
}

// open opens the register, and says when the same file was linked with it before; nil when
// the people come from a file.
func (f peopleFlags) open(ctx context.Context, p node.Program, file reading) (*register, error) {
	purpose := strings.Join(strings.Fields(f.Purpose), " ")
	if f.DB == "" {
		if purpose != "" {
			return nil, node.UsageError{Err: errors.New("--purpose goes with --db")}
		}
		return nil, nil //nolint:nilnil // no register, and nothing wrong
	}
	if err := cleaning.CheckPurpose(purpose); err != nil {
		return nil, err
	}
	c, problems := config.Load(p.Shape, "", nil, f.settings())
	if len(problems) > 0 {
		return nil, node.UsageError{Err: errors.New(problems[0].Text(p.Messages.In(i18n.Vi)))}
	}
	n, err := p.Open(ctx, "authority", node.Settings{Config: c}, "population", "cleaning")
	if err != nil {
		return nil, err
	}
	r := &register{node: n, run: cleaningsql.Run{ID: sqldb.NewID(), Purpose: purpose}}
	r.self, _ = node.Find[*Node](n)
	if err = r.before(ctx, p, file); err == nil {
		r.file, err = sheet.Scratch()
	}
	if err == nil {
		var asOf cleaning.Moment
		asOf, err = r.self.needs.Register.People(ctx, r.file)
		r.run.At = asOf.At
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (f peopleFlags) settings() map[string]string {
	out := map[string]string{"node.role": "authority", "db.url": f.DB}
	if f.Dir != "" {
		out["population.dir"] = f.Dir
	}
	if path, ok := node.SQLitePath(f.DB); ok {
		beside := filepath.Dir(path)
		out["blob.dir"], out["upload.dir"], out["session.dir"] = filepath.Join(beside, "papers"), filepath.Join(beside, "uploads"), filepath.Join(beside, "session")
		if f.Dir == "" {
			out["population.dir"] = filepath.Join(beside, "authority", "register")
		}
	}
	return out
}

func (r *register) close() error {
	if r == nil {
		return nil
	}
	var err error
	if r.file != nil {
		err = r.file.Close()
	}
	return errors.Join(err, r.node.Close())
}

// source is everybody as of one moment.
func (r *register) source() (*cleaning.Source, error) {
	file := r.file
	r.file = nil
	return cleaning.OpenFile(file, "register")
}

// before says when the same file was linked with this register before.
func (r *register) before(ctx context.Context, p node.Program, file reading) error {
	f, err := os.Open(file.File)
	if err != nil {
		return fault.New(fault.NotFound, "cleaning.file.none", fault.Args{"file": file.File}).Because(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("read %s: %w", file.File, err)
	}
	r.run.SHA256 = hex.EncodeToString(h.Sum(nil))
	was, ok, err := r.self.store.RunOf(ctx, r.run.SHA256)
	if err == nil && ok {
		_, err = fmt.Fprintln(p.Err, file.Printer(p).T("cli.clean.again", fault.Args{"at": said(was.At), "purpose": was.Purpose}))
	}
	return err
}

// log writes that people were matched in the log of each of them, before anybody reads who
// they are, and that the run was. One that goes on under the same id writes nobody twice.
func (r *register) log(ctx context.Context, people []citizen.Number) error {
	if r == nil {
		return nil
	}
	return r.self.store.LogRun(ctx, r.run, actor.AtCommandLine(), people)
}
