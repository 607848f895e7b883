package jobs_test

import (
	"context"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// Work that failed is seen, run again and given up by those who may, and by them alone.
func TestDesk(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate} {
			if err := migrate(ctx, db); err != nil {
				t.Fatal(err)
			}
		}
		id, err := jobs.Enqueue(ctx, db, "kitchen.cook", map[string]string{"name": "Nguyễn Văn Thử"}, jobs.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sqldb.Exec(ctx, db, `UPDATE job SET state = 'dead', error = 'no stove' WHERE id = $1`, id); err != nil {
			t.Fatal(err)
		}
		desk := jobs.Desk{DB: db}
		admin := actor.Actor{Account: "a1", Name: "Hoàng Thị Quản Trị", Roles: []string{"administrator"}}
		clerk := actor.Actor{Account: "a2", Roles: []string{"registrar"}}
		if _, err := desk.List(ctx, clerk, jobs.Filter{}); fault.Of(err) != fault.Denied {
			t.Errorf("a clerk lists: %v, want denied", err)
		}
		if err := desk.Retry(ctx, clerk, id); fault.Of(err) != fault.Denied {
			t.Errorf("a clerk runs it again: %v, want denied", err)
		}
		list, err := desk.List(ctx, admin, jobs.Filter{State: jobs.Dead})
		if err != nil || len(list) != 1 || list[0].Payload != "" || list[0].Error != "no stove" {
			t.Fatalf("dead = %+v, %v; want the one job with its error and without what it was given", list, err)
		}
		state := func() jobs.State {
			t.Helper()
			j, err := desk.Get(ctx, actor.AtCommandLine(), id)
			if err != nil {
				t.Fatal(err)
			}
			return j.State
		}
		steps := []struct {
			name  string
			do    func(context.Context, actor.Actor, string) error
			want  fault.Kind
			state jobs.State
		}{
			{"run again", desk.Retry, "", jobs.Queued},
			{"run again what waits", desk.Retry, fault.Conflict, jobs.Queued},
			{"give up what waits", desk.GiveUp, "", jobs.Cancelled},
			{"give up twice", desk.GiveUp, fault.Conflict, jobs.Cancelled},
			{"run again what was given up", desk.Retry, "", jobs.Queued},
		}
		for _, s := range steps {
			if err := s.do(ctx, admin, id); err == nil && s.want != "" || err != nil && fault.Of(err) != s.want {
				t.Errorf("%s: %v, want %q", s.name, err, s.want)
			}
			if got := state(); got != s.state {
				t.Errorf("%s: %s, want %s", s.name, got, s.state)
			}
		}
		if _, err := sqldb.Exec(ctx, db, `UPDATE job SET state = 'dead' WHERE id = $1`, id); err != nil {
			t.Fatal(err)
		}
		if err := desk.GiveUp(ctx, actor.AtCommandLine(), id); err != nil || state() != jobs.Cancelled {
			t.Errorf("giving up what failed: %v, %s", err, state())
		}
		entries, err := audit.Find(ctx, db, audit.Filter{Subject: audit.Subject{Type: "job", ID: id}})
		if err != nil || len(entries) != 4 || entries[3].Action != "jobs.retry" || entries[3].Who.Account != "a1" ||
			entries[0].Who.Account != actor.AtCommandLine().Account {
			t.Errorf("the log has %+v, %v; want each of four acts with who did it", entries, err)
		}
	})
}
