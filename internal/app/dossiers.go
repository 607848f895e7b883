package app

import (
	"context"

	"dean06/internal/dossier"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// packages are those that the program brings.
type packages struct{}

var _ dossier.Packages = packages{}

var errNoPackage = fault.New(fault.NotFound, "dossier.package.none", nil)

// Current is the package in force for a procedure on a day.
func (packages) Current(_ context.Context, code string, on clock.Date) (*procedure.Package, error) {
	if p := procedure.InForce(procedure.Packages(), code, on); p != nil {
		return p, nil
	}
	return nil, errNoPackage
}

// Version is a certain one.
func (packages) Version(_ context.Context, code, version string) (*procedure.Package, error) {
	if p := procedure.VersionOf(procedure.Packages(), code, version); p != nil {
		return p, nil
	}
	return nil, errNoPackage
}

// All are those in force on a day.
func (packages) All(_ context.Context, on clock.Date) ([]*procedure.Package, error) {
	var out []*procedure.Package
	for _, p := range procedure.Packages() {
		if procedure.InForce(procedure.Packages(), p.Code, on) == p {
			out = append(out, p)
		}
	}
	return out, nil
}
