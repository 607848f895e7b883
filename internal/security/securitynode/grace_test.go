package securitynode

import (
	"context"
	"sync"
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/security"
	"dean06/internal/security/securitysql"
)

// inspectors are the accounts of the test's node.
type inspectors []approval.Account

func (l inspectors) Holding(context.Context, sqldb.Queryer, ...string) ([]approval.Account, error) {
	return l, nil
}

func (l inspectors) ByID(_ context.Context, _ sqldb.Queryer, id string) (approval.Account, error) {
	for _, a := range l {
		if a.ID == id {
			return a, nil
		}
	}
	return approval.Account{}, fault.New(fault.NotFound, "session.account.unknown", nil)
}

// codes stand for the names of agencies.
type codes struct{ node.Agencies }

func (codes) NameOf(code string) string { return code }

// Of inspectors who ask for grace for one system at the same moment one asks, and the others
// are told.
func TestOneAsksForGraceAtATime(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, approval.Migrate, securitysql.Migrate} {
			if err := migrate(ctx, db); err != nil {
				t.Fatal(err)
			}
		}
		for _, system := range []string{"s1", "s2"} {
			if err := securitysql.New(db).InTx(ctx, func(tx security.Tx) error {
				return tx.SaveRecord(ctx, security.Record{Agency: "H55", System: system})
			}); err != nil {
				t.Fatal(err)
			}
		}
		now := clock.Fixed(time.Date(2026, 11, 30, 9, 0, 0, 0, clock.Zone))
		var people inspectors
		for _, id := range []string{"an", "binh", "chi", "dung", "em"} {
			people = append(people, approval.Account{ID: id, Roles: []string{security.Examiner}, Active: true})
		}
		n := &Node{base: &node.Base{DB: db, Clock: now, Agencies: codes{}, Approvals: approval.New(db, now, approval.Options{Accounts: people})}}
		n.base.Approvals.Register(n.graceKind())
		ask := func(who, system string) error {
			g := security.Grace{Agency: "H55", System: system, Until: clock.MustDate("2026-12-03"), Reason: "Chờ quyết định"}
			return second{n}.AskGrace(ctx, actor.Actor{Account: who, Roles: []string{security.Examiner}}, g, "Hệ thống")
		}
		errs := make([]error, len(people))
		var wg sync.WaitGroup
		for i, a := range people {
			wg.Go(func() { errs[i] = ask(a.ID, "s1") })
		}
		wg.Wait()
		asked := 0
		for _, err := range errs {
			switch f := fault.As(err); {
			case err == nil:
				asked++
			case f == nil || f.Kind != fault.Conflict || f.Key != "security.grace.asked":
				t.Errorf("got %v", err)
			}
		}
		open, err := n.base.Approvals.Find(ctx, approval.Filter{Kind: graceCode, State: approval.Open})
		if err != nil || asked != 1 || len(open) != 1 {
			t.Errorf("%d asked, %d are open, %v", asked, len(open), err)
		}
		if end := clock.MustDate("2026-12-03").End(); len(open) > 0 && !open[0].Until.Equal(end) {
			t.Errorf("a request for a grace until %v waits until %v", end, open[0].Until)
		}
		if err := ask("an", "s2"); err != nil {
			t.Errorf("for another system: %v", err)
		}
	})
}
