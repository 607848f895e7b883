package programmesql

import (
	"context"
	"fmt"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/sqldb"
	"dean06/internal/programme"
)

// Settle adds versions and does to the unit tasks of tasks that are not done what follows of
// them. The audit log has a line for each task: what was done to each agency stands in its
// events.
func (s *Store) Settle(
	ctx context.Context, docs []programme.Doc, tasks []string, by actor.Actor, at time.Time,
	do func(programme.UnitTask, programme.Event) (programme.UnitTask, programme.Event, error),
) (n int, err error) {
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		n = 0
		if err := changed(ctx, tx); err != nil {
			return err
		}
		for _, d := range docs {
			if err := save(ctx, tx, d); err != nil {
				return err
			}
		}
		for _, task := range tasks {
			changed, err := settle(ctx, tx, task, do)
			if err != nil {
				return err
			}
			if changed == 0 {
				continue
			}
			n += changed
			if err := audit.Record(ctx, tx, audit.Entry{
				At: at, Who: audit.Who{Actor: by}, Action: actionChange, Subject: audit.Subject{Type: "programme_task", ID: task},
				Details: map[string]string{"agencies": fmt.Sprint(changed)},
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if sqldb.IsDuplicate(err) {
		return n, errMoved
	}
	return n, err
}

func settle(
	ctx context.Context, tx *sqldb.Tx, task string, do func(programme.UnitTask, programme.Event) (programme.UnitTask, programme.Event, error),
) (int, error) {
	rows, err := sqldb.All[unitRow](ctx, tx, `SELECT `+unitColumns+` FROM programme_unit_task
		WHERE task = $1 AND (still_open OR state = 'withdrawn') ORDER BY id`, task)
	if err != nil {
		return 0, err
	}
	events, err := sqldb.All[sqldb.JSON[programme.Event]](ctx, tx, `SELECT e.doc FROM programme_unit_task u
		JOIN programme_event e ON e.unit_task = u.id AND e.version = u.version
		WHERE u.task = $1 AND u.state = 'withdrawn' ORDER BY u.id`, task)
	if err != nil {
		return 0, err
	}
	last := map[string]programme.Event{}
	for _, e := range events {
		last[e.V.UnitTask] = e.V
	}
	var done []eventRow
	var deltas []programme.Delta
	for i := range rows {
		was, err := rows[i].unit()
		if err != nil {
			return 0, err
		}
		is, e, err := do(was, last[was.ID])
		if err != nil {
			return 0, err
		}
		if e.Version == 0 {
			continue
		}
		if err := update(ctx, tx, &was, is, e.At); err != nil {
			return 0, err
		}
		done = append(done, eventRowOf(e))
		deltas = append(deltas, programme.Deltas(&was, &is, e.Day)...)
	}
	return len(done), write(ctx, tx, nil, done, deltas)
}
