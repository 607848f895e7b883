package jobs

import (
	"context"
	"fmt"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
	"dean06/internal/platform/sqldb"
)

// Action is something that a person may want to do with background work.
type Action string

// The actions.
const (
	Look     Action = "look"
	RunAgain Action = "retry"
	GiveUp   Action = "give_up"
)

// Permissions say who may do what. What a job was given stays covered: it may be
// about people.
var Permissions = permit.Table[Action]{Module: "jobs", Rows: []permit.Row[Action]{
	{Action: Look, Roles: []string{"administrator"}, Command: true},
	{Action: RunAgain, Roles: []string{"administrator"}, Command: true},
	{Action: GiveUp, Roles: []string{"administrator"}, Command: true},
}}

// Actions are what people leave in the audit log.
var Actions = []string{"jobs.retry", "jobs.give_up"}

// Desk is where people see to background work that failed.
type Desk struct{ DB *sqldb.DB }

// List reads jobs, the youngest first, without what they were given.
func (d Desk) List(ctx context.Context, who actor.Actor, f Filter) ([]Job, error) {
	if err := Permissions.Can(who, Look); err != nil {
		return nil, err
	}
	list, err := List(ctx, d.DB, f)
	for i := range list {
		list[i].Payload = ""
	}
	return list, err
}

// Get reads one job, without what it was given. It fails with NotFound.
func (d Desk) Get(ctx context.Context, who actor.Actor, id string) (Job, error) {
	if err := Permissions.Can(who, Look); err != nil {
		return Job{}, err
	}
	j, err := Get(ctx, d.DB, id)
	j.Payload = ""
	return j, err
}

// Retry puts a job that failed or was given up back into the queue. It fails with
// NotFound, and with Conflict when it did not fail.
func (d Desk) Retry(ctx context.Context, who actor.Actor, id string) error {
	return d.act(ctx, who, RunAgain, id, func(tx *sqldb.Tx) error { return Retry(ctx, tx, id) })
}

// GiveUp ends a job that failed, waits or runs: no further try is made, and it counts
// as failed no longer. It fails with NotFound, and with Conflict when it was done or
// given up before.
func (d Desk) GiveUp(ctx context.Context, who actor.Actor, id string) error {
	return d.act(ctx, who, GiveUp, id, func(tx *sqldb.Tx) error {
		j, err := Get(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case j.State == Done || j.State == Cancelled:
			return fault.New(fault.Conflict, "jobs.ended", nil)
		case j.State != Dead:
			return Cancel(ctx, tx, id)
		}
		n, err := sqldb.Exec(
			ctx, tx, `UPDATE job SET state = 'cancelled', finished_at = $1 WHERE id = $2 AND state = 'dead'`, clock.System{}.Now(), id,
		)
		if err != nil {
			return fmt.Errorf("give up job %s: %w", id, err)
		}
		if n == 0 { // somebody let it run again this very moment
			return fault.New(fault.Conflict, "jobs.ended", nil)
		}
		return nil
	})
}

// act does something to a job, with its entry in the audit log.
func (d Desk) act(ctx context.Context, who actor.Actor, what Action, id string, do func(*sqldb.Tx) error) error {
	if err := Permissions.Can(who, what); err != nil {
		return err
	}
	return d.DB.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Who: audit.Who{Actor: who}, Action: "jobs." + string(what), Subject: audit.Subject{Type: "job", ID: id},
		})
	})
}
