package app

import (
	"context"

	"dean06/internal/dossier"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
	"dean06/internal/procedure/procedurenode"
)

// packages are those of the node: of the program, and those that were signed off here. A
// command that leaves the module of procedures closed has those of the program.
type packages struct{ of *procedurenode.Node }

var _ dossier.Packages = packages{}

// Current is the package in force for a procedure on a day.
func (p packages) Current(ctx context.Context, code string, on clock.Date) (*procedure.Package, error) {
	if shelf := p.of.Packages(); shelf != nil {
		return shelf.Current(ctx, code, on)
	}
	if found := procedure.InForce(procedure.Packages(), code, on); found != nil {
		return found, nil
	}
	return nil, fault.New(fault.NotFound, "procedure.package.not_in_force", fault.Args{"code": code, "day": on})
}

// Version is a certain one.
func (p packages) Version(ctx context.Context, code, version string) (*procedure.Package, error) {
	if shelf := p.of.Packages(); shelf != nil {
		return shelf.Version(ctx, code, version)
	}
	if found := procedure.VersionOf(procedure.Packages(), code, version); found != nil {
		return found, nil
	}
	return nil, fault.New(fault.NotFound, "procedure.package.no_version", fault.Args{"code": code, "version": version})
}

// All are those in force on a day.
func (p packages) All(ctx context.Context, on clock.Date) ([]*procedure.Package, error) {
	if shelf := p.of.Packages(); shelf != nil {
		return shelf.All(ctx, on)
	}
	var out []*procedure.Package
	for _, found := range procedure.Packages() {
		if procedure.InForce(procedure.Packages(), found.Code, on) == found {
			out = append(out, found)
		}
	}
	return out, nil
}
