package securitynode

import (
	"context"
	"time"

	"dean06/internal/platform/approval"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/security"
	"dean06/internal/security/securityweb"
)

// warnJob warns every morning whoever works on systems that will close, and inspectors.
const warnJob = "security.warn"

func (n *Node) warn(ctx context.Context, _ *jobs.Task) error {
	list, at, err := n.desk.Clearances(ctx)
	if err != nil {
		return err
	}
	for _, c := range security.Warnings(list, at) {
		if err := n.base.DB.InTx(ctx, func(tx *sqldb.Tx) error { return n.warnOf(ctx, tx, c, at) }); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) warnOf(ctx context.Context, tx *sqldb.Tx, c security.Clearance, at time.Time) error {
	own, err := n.base.Sessions.Holding(ctx, tx, security.Officer, security.UnitStaff, security.HeadRole)
	if err != nil {
		return err
	}
	inspectors, err := n.base.Sessions.Holding(ctx, tx, security.Examiner)
	if err != nil {
		return err
	}
	var to []string
	for _, a := range own {
		if n.desk.Answers(a.Agency, c.Agency) {
			to = append(to, a.ID)
		}
	}
	for _, a := range inspectors {
		to = append(to, a.ID)
	}
	return n.base.Approvals.Tell(ctx, tx, approval.Notice{
		Key: "security.told.closing", Href: securityweb.Path + "/" + c.Agency + "/" + c.System, Urgent: true,
		Args: fault.Args{
			"system": c.Name, "subsystem": c.Subsystem, "agency": n.base.Agencies.NameOf(c.Agency), "days": clock.DayOf(at).DaysUntil(clock.DayOf(c.Until)),
			"at": c.Until.In(clock.Zone).Format("15:04 02/01/2006"),
		},
		Says: approval.Says{Key: "secure.why." + string(c.Why), Args: fault.Args{"detail": c.Detail}},
	}, to...)
}
