package exchange

import (
	"context"
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/xroad"
)

// LocalSystems lists the certificates by which the agency's own systems may speak on
// the gateway's local port.
func (d *Desk) LocalSystems(ctx context.Context, by actor.Actor) ([]LocalCertificate, error) {
	if err := Permissions.Can(by, ActRead); err != nil {
		return nil, err
	}
	return d.at.Local.LocalCertificates(ctx)
}

// AddLocalSystem lets a system speak as a subsystem by a certificate (DER). It fails with
// Invalid (field "certificate" or "subsystem") and Conflict.
func (d *Desk) AddLocalSystem(ctx context.Context, by actor.Actor, subsystem xroad.ID, kind LocalKind, der []byte) (LocalCertificate, error) {
	ctx, err := enter(ctx, by, ActLocal)
	if err != nil {
		return LocalCertificate{}, err
	}
	if !slices.Contains(d.OutsideSystems(ctx), subsystem) {
		return LocalCertificate{}, fault.New(fault.Invalid, "exchange.local.no_subsystem", nil).At("subsystem")
	}
	c, err := NewLocalCertificate(der, subsystem, kind, by.Account, d.at.Clock.Now())
	if err != nil {
		return c, err
	}
	if err := d.at.Local.AddLocalCertificate(ctx, c); err != nil {
		return c, err
	}
	return c, d.reload(ctx)
}

// RemoveLocalSystem takes a certificate away for ever. It fails with NotFound.
func (d *Desk) RemoveLocalSystem(ctx context.Context, by actor.Actor, fingerprint string) error {
	ctx, err := enter(ctx, by, ActLocal)
	if err != nil {
		return err
	}
	if err := d.at.Local.RemoveLocalCertificate(ctx, fingerprint, by.Account, d.at.Clock.Now()); err != nil {
		return err
	}
	return d.reload(ctx)
}

// OutsideSystems are the subsystems of the gateway that are not the node itself: those
// as which the agency's own systems may speak.
func (d *Desk) OutsideSystems(ctx context.Context) []xroad.ID {
	if d.at.Outside == nil {
		return nil
	}
	return d.at.Outside(ctx)
}
