package approval_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/approval"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

func TestBreakGlass(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		var changed []string
		ctx, d := t.Context(), newDesk(t, db, people(), approval.Options{
			Changed: func(account string) { changed = append(changed, account) },
		})
		d.Allow(approval.Emergency{Role: "registrar", By: []string{"leader"}})
		if roles, err := d.Emergencies(ctx, d.who("dung")); err != nil || strings.Join(roles, ",") != "registrar" {
			t.Errorf("Emergencies = %v, %v", roles, err)
		}
		if roles, err := d.Emergencies(ctx, d.who("em")); err != nil || len(roles) > 0 {
			t.Errorf("Emergencies of a clerk = %v, %v", roles, err)
		}
		if _, err := d.BreakGlass(ctx, d.who("em"), "registrar", "bão", time.Hour); key(err) != "approval.denied.break_glass" {
			t.Errorf("a clerk takes it: %v", err)
		}
		g, err := d.BreakGlass(ctx, d.who("dung"), "registrar", "bão, cán bộ dân cư không đến được", 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"dung"}, changed); diff != "" {
			t.Errorf("whose roles are to be read again: %s", diff)
		}
		for at, want := range map[time.Duration]string{
			-time.Second: "", 0: "registrar",
			24*time.Hour - time.Second: "registrar", 24 * time.Hour: "",
		} {
			roles, err := d.Granted(ctx, "dung", noon.Add(at))
			if err != nil || strings.Join(roles, ",") != want {
				t.Errorf("Granted after %s = %v, %v; want %q", at, roles, err, want)
			}
			if held, _, err := d.Around(ctx, "dung", noon.Add(at)); err != nil || held != len(roles) {
				t.Errorf("held after %s: %d, %v; want %v", at, held, err, roles)
			}
		}
		for who, want := range map[string][]string{
			"an": {"break_glass"}, "binh": {"break_glass"}, "chi": {"break_glass"},
			"dung": {"break_glass"}, "em": nil,
		} {
			if diff := cmp.Diff(want, d.told(who)); diff != "" {
				t.Errorf("%s: %s", who, diff)
			}
		}
		if len(d.mails()) != 1 {
			t.Errorf("%d letters, want the auditor's", len(d.mails()))
		}
		if diff := cmp.Diff([]string{"break_glass dung"}, d.logged()); diff != "" {
			t.Error(diff)
		}
		d.clock.add(48 * time.Hour)
		if _, err := d.BreakGlass(ctx, d.who("dung"), "registrar", "vẫn bão", time.Hour); key(err) != "approval.emergency.again" {
			t.Errorf("prolonged alone: %v", err)
		}
		if _, err := d.Prolong(ctx, d.who("em"), "registrar", "tôi nữa"); key(err) != "approval.denied.break_glass" {
			t.Errorf("prolonged by a clerk: %v", err)
		}
		r, err := d.Prolong(ctx, d.who("dung"), "registrar", "vẫn bão")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Approve(ctx, d.who("dung"), r.ID); key(err) != "approval.denied.own_request" {
			t.Errorf("prolonged by themselves: %v", err)
		}
		if roles, err := d.Granted(ctx, "dung", d.clock.Now()); err != nil || len(roles) > 0 {
			t.Errorf("Granted before anybody approved: %v, %v", roles, err)
		}
		if _, err := d.Approve(ctx, d.who("chi"), r.ID); err != nil {
			t.Fatal(err)
		}
		if roles, err := d.Granted(ctx, "dung", d.clock.Now().Add(time.Hour)); err != nil || strings.Join(roles, ",") != "registrar" {
			t.Errorf("Granted after another approved: %v, %v", roles, err)
		}
		// The auditor reads them, and ticks them off.
		all, err := d.SeeGrants(ctx, d.who("chi"), approval.GrantFilter{Unread: true})
		if err != nil || len(all) != 2 || all[1].ID != g.ID || all[0].Request != r.ID {
			t.Fatalf("SeeGrants = %+v, %v", all, err)
		}
		if err := d.TickOff(ctx, d.who("an"), g.ID); key(err) != "approval.denied.tick_off" {
			t.Errorf("ticked off by an administrator: %v", err)
		}
		for range 2 {
			if err := d.TickOff(ctx, d.who("chi"), g.ID); err != nil {
				t.Error(err)
			}
		}
		if left, err := d.Grants(ctx, approval.GrantFilter{Unread: true}); err != nil || len(left) != 1 {
			t.Errorf("left: %v, %v", left, err)
		}
		if err := d.EndEmergency(ctx, d.who("em"), all[0].ID); key(err) != "approval.denied.end_emergency" {
			t.Errorf("ended by a clerk: %v", err)
		}
		if err := d.EndEmergency(ctx, d.who("an"), all[0].ID); err != nil {
			t.Error(err)
		}
		if roles, err := d.Granted(ctx, "dung", d.clock.Now()); err != nil || len(roles) > 0 {
			t.Errorf("Granted after it was ended: %v, %v", roles, err)
		}
		if err := d.EndEmergency(ctx, d.who("dung"), all[0].ID); key(err) != "approval.emergency.over" {
			t.Errorf("ended twice: %v", err)
		}
		if _, err := d.SeeGrant(ctx, d.who("em"), g.ID); key(err) != "approval.denied.emergencies" {
			t.Errorf("read by a clerk: %v", err)
		}
		if got, err := d.SeeGrant(ctx, d.who("dung"), g.ID); err != nil || got.Reader.Account != "chi" {
			t.Errorf("SeeGrant = %+v, %v", got, err)
		}
	})
}

func TestOneCannotTakeARoleTwiceAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		who := append(people(), approval.Account{ID: "dung2", Name: "Phạm Dũng", Roles: []string{"leader"}, Active: true})
		d := newDesk(t, db, who, approval.Options{
			SamePerson: func(_ context.Context, _ sqldb.Queryer, a, b string) (bool, error) {
				return a[:4] == "dung" && b[:4] == "dung", nil
			},
		})
		d.Allow(approval.Emergency{Role: "registrar", By: []string{"leader"}})
		ctx := t.Context()
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i, id := range []string{"dung", "dung2", "dung", "dung2"} {
			wg.Go(func() { _, errs[i] = d.BreakGlass(ctx, d.who(id), "registrar", "bão", time.Hour) })
		}
		wg.Wait()
		n := 0
		for _, err := range errs {
			if err == nil {
				n++
			} else if key(err) != "approval.emergency.again" {
				t.Error(err)
			}
		}
		if n != 1 {
			t.Errorf("taken %d times, want once", n)
		}
	})
}
