package procedurenode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
	"dean06/internal/procedure"
)

type lintCommand struct {
	node.Lang
	Dir  string `arg:"" type:"path" help:"The folder of a package: manifest.yaml and what it names."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// lintedFault is a fault as programs read it.
type lintedFault struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// Run prints what is wrong with a package. Faults end it with 1.
func (c lintCommand) Run(_ context.Context, p node.Program) error {
	pr := c.Printer(p)
	if err := isFolder(c.Dir); err != nil {
		return node.UsageError{Err: errors.New(pr.T("cli.procedure.no_folder", fault.Args{"dir": c.Dir}))}
	}
	out := struct {
		Faults []lintedFault `json:"faults"`
	}{Faults: []lintedFault{}}
	folder, err := os.OpenRoot(c.Dir) // a link that leads out of the folder is none of its files
	if err != nil {
		return err
	}
	defer folder.Close()
	for _, f := range procedure.Lint(folder.FS(), ".") {
		out.Faults = append(out.Faults, lintedFault{File: f.File, Line: f.Line, Rule: f.Rule, Message: f.In(pr)})
	}
	switch {
	case c.JSON:
		if err := p.PrintJSON(out); err != nil {
			return err
		}
	case len(out.Faults) == 0:
		fmt.Fprintln(p.Out, pr.T("cli.procedure.clean"))
	default:
		for _, f := range out.Faults {
			fmt.Fprintf(p.Out, "%s:%d: %s (%s)\n", f.File, f.Line, f.Message, f.Rule)
		}
	}
	if len(out.Faults) > 0 {
		return node.ErrNotAll
	}
	return nil
}

func isFolder(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("is no folder")
	}
	return err
}

type coverageCommand struct {
	node.Lang
	Package string `arg:"" name:"code" help:"Code of a procedure (1.001193), or the folder of a package."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run prints how far the form of a procedure is filled from the population register.
func (c coverageCommand) Run(_ context.Context, p node.Program) error {
	pr := c.Printer(p)
	pkg, err := c.find()
	if err != nil {
		return err
	}
	cover := pkg.Coverage()
	if c.JSON {
		return p.PrintJSON(cover)
	}
	fmt.Fprintln(p.Out, pr.T("cli.procedure.coverage", fault.Args{"fields": cover.Fields, "register": cover.InRegister, "bound": cover.Bound}))
	for _, id := range cover.Unbound {
		m, _ := procedure.Meanings().Of(id)
		fmt.Fprintln(p.Out, pr.T("cli.procedure.unbound", fault.Args{"owner": m.Owner.Name.In(c.Lang.Lang), "fact": m.Name.In(c.Lang.Lang), "id": id}))
	}
	return nil
}

var looksLikeCode = regexp.MustCompile(`^\d+\.\d+$`)

// find is the package in force today, or the one in a folder.
func (c coverageCommand) find() (*procedure.Package, error) {
	name := strings.TrimSpace(c.Package)
	if pkg := procedure.InForce(procedure.Packages(), name, clock.DayOf(clock.System{}.Now())); pkg != nil {
		return pkg, nil
	}
	if pkg := procedure.Latest(procedure.Packages(), name); pkg != nil {
		return pkg, nil // none is in force today
	}
	if isFolder(name) != nil {
		if looksLikeCode.MatchString(name) {
			return nil, fault.New(fault.NotFound, "cli.procedure.no_package", fault.Args{"code": name})
		}
		return nil, fault.New(fault.NotFound, "cli.procedure.no_package_or_folder", fault.Args{"code": name})
	}
	folder, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	pkg, faults := procedure.ReadPackage(folder.FS(), ".")
	if len(faults) > 0 {
		return nil, fault.New(fault.Invalid, "cli.procedure.broken", fault.Args{"dir": c.Package, "file": faults[0].File, "line": faults[0].Line})
	}
	return pkg, nil
}
