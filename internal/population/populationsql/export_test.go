package populationsql_test

import (
	"context"
	"io"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

// approved is an export that an administrator asked for and an auditor approved.
func approved(id string) population.Export {
	return population.Export{
		ExportRequest: population.ExportRequest{Purpose: "sao lưu", Until: clock.DayOf(now).AddDays(7)},
		ID:            id, AskedBy: "a-9", ApprovedBy: "a-8", ApprovedAt: now,
	}
}

// asked is where requests go that nobody has approved yet.
type asked struct{ by []string }

func (a *asked) AskExport(_ context.Context, by actor.Actor, _ population.ExportRequest) (string, error) {
	a.by = append(a.by, by.Account)
	return "q-new", nil
}

func (a *asked) AskAnnulment(
	_ context.Context, by actor.Actor, _ population.AnnulmentRequest, _ population.AnnulmentPlan,
) (string, error) {
	a.by = append(a.by, by.Account)
	return "q-annul", nil
}

// TestNobodyExportsAlone: neither the administrator nor whoever may open the database.
func TestNobodyExportsAlone(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, _ := register(t, db)
		load(t, r, thuFamily())
		requests := &asked{}
		r.Approvals = requests
		admin := actor.Actor{Account: "a-9", Name: "Hoàng Thị Quản Trị", Roles: []string{population.Administrator}}
		shell := actor.Actor{Account: "os:lan", Name: "lan", Via: actor.Command}

		id, err := r.RequestExport(ctx, admin, population.ExportRequest{Purpose: "sao lưu"})
		if err != nil || id != "q-new" || len(requests.by) != 1 {
			t.Fatalf("request = %q, %v", id, err)
		}
		late, used, own := approved("late"), approved("used"), approved("own")
		late.Until = clock.DayOf(now).AddDays(-1)
		own.ApprovedBy = own.AskedBy
		for _, e := range []population.Export{late, used} {
			if err := populationsql.AllowExport(ctx, db, e); err != nil {
				t.Fatal(err)
			}
		}
		if err := populationsql.AllowExport(ctx, db, own); fault.Of(err) != fault.Denied {
			t.Errorf("approved by the one who asked: %v, want denied", err)
		}
		if _, err := r.Export(ctx, shell, "used", io.Discard); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name, request string
			who           actor.Actor
			want          fault.Kind
		}{
			{"the administrator, with a request that was approved", "used", admin, fault.Denied},
			{"nobody", "used", actor.Actor{}, fault.Unsigned},
			{"the command line without a request", "", shell, fault.NotFound},
			{"the command line with a request that waits", "q-new", shell, fault.NotFound},
			{"a second time", "used", shell, fault.Conflict},
			{"after the last day", "late", shell, fault.Conflict},
		} {
			if n, err := r.Export(ctx, tt.who, tt.request, io.Discard); fault.Of(err) != tt.want || n > 0 {
				t.Errorf("%s: %d, %v, want %s", tt.name, n, err, tt.want)
			}
		}
		for name, q := range map[string]population.ExportRequest{
			"no purpose": {}, "a day long ahead": {Purpose: "x", Until: clock.DayOf(now).AddDays(400)},
			"a day that has passed": {Purpose: "x", Until: clock.DayOf(now).AddDays(-1)}, "no such province": {Purpose: "x", Province: "98"},
		} {
			if _, err := r.RequestExport(ctx, admin, q); fault.Of(err) != fault.Invalid {
				t.Errorf("%s: %v, want invalid", name, err)
			}
		}
		if _, err := r.RequestExport(ctx, clerkOnly, population.ExportRequest{Purpose: "x"}); fault.Of(err) != fault.Denied {
			t.Errorf("a registrar asks: %v, want denied", err)
		}
		list, err := r.Exports(ctx, admin, 0)
		if err != nil || len(list) != 2 {
			t.Errorf("exports = %+v, %v", list, err)
		}
	})
}

// clerkOnly works at the desk and does nothing else.
var clerkOnly = actor.Actor{Account: "a-3", Name: "Vũ Thị Hộ Tịch", Agency: "G01", Roles: []string{population.Registrar}}
