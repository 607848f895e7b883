package rights_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/exchange/rights"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

var (
	now     = clock.Fixed(time.Date(2026, 3, 2, 2, 30, 0, 0, time.UTC))
	match   = xroad.MustID("VN/GOV/G01/DANCU/match")
	tthc    = xroad.MustID("VN/GOV/H55/TTHC")
	quan    = admin("a-quan", "Phạm Thị Quản")
	hai     = admin("a-hai", "Lý Văn Hai")
	program = actor.OfSystem(exchange.Administrator, exchange.Program)
)

func admin(id, name string) actor.Actor {
	return actor.Actor{Account: id, Name: name, Roles: []string{exchange.Administrator}, Via: actor.Password}
}

// accounts are the two administrators of the node.
type accounts []actor.Actor

func (l accounts) Holding(_ context.Context, _ sqldb.Queryer, roles ...string) ([]approval.Account, error) {
	var out []approval.Account
	for _, a := range l {
		if a.Has(roles...) {
			out = append(out, approval.Account{ID: a.Account, Name: a.Name, Roles: a.Roles, Active: true})
		}
	}
	return out, nil
}

func (l accounts) ByID(_ context.Context, _ sqldb.Queryer, id string) (approval.Account, error) {
	i := slices.IndexFunc(l, func(a actor.Actor) bool { return a.Account == id })
	if i < 0 {
		return approval.Account{}, fault.New(fault.NotFound, "approval.unknown", nil)
	}
	return approval.Account{ID: id, Name: l[i].Name, Roles: l[i].Roles, Active: true}, nil
}

type node struct {
	desk      *exchange.Desk
	store     *exchangesql.Store
	approvals *approval.Service
	db        *sqldb.DB
}

func open(t *testing.T, db *sqldb.DB) *node {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{
		audit.Migrate, jobs.Migrate, approval.Migrate, exchangesql.Migrate,
	} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	n := &node{db: db, store: exchangesql.New(db, now)}
	n.approvals = approval.New(db, now, approval.Options{Accounts: accounts{quan, hai}})
	requests := rights.Requests{DB: db, Store: n.store, Approvals: n.approvals, Clock: now}
	n.approvals.Register(requests.Kind())
	n.approvals.Register(requests.GroupKind())
	n.desk = exchange.NewDesk(exchange.DeskParts{
		Store: n.store, Log: n.store, Clock: now, NewID: sqldb.NewID,
		Second: requests, Groups: requests, Running: joined,
	})
	if err := n.desk.Provide(t.Context(), program, exchange.LocalService{ID: match, Name: "Đối khớp", Type: "REST"}); err != nil {
		t.Fatal(err)
	}
	return n
}

func right(id string) exchange.Right {
	return exchange.Right{
		ID: id, Subject: tthc, Service: match, LegalBasis: "Nghị định 107/2021/NĐ-CP, điều 1", Purposes: []string{"1.004222"},
		Fields: []string{"name", "birth"}, From: clock.MustDate("2026-03-01"), Quota: exchange.Quota{Calls: 1000, Per: exchange.Day},
	}
}

func (n *node) rights(t *testing.T) []exchange.Right {
	t.Helper()
	list, err := n.store.Rights(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func wants(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.As(err); f == nil || f.Kind != kind || key != "" && f.Key != key {
		t.Errorf("got %v, want %s %s", err, kind, key)
	}
}

// TestNobodyGivesARightAlone: what one administrator asks for holds when another has
// approved it, and not before.
func TestNobodyGivesARightAlone(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		n, ctx := open(t, db), t.Context()
		_, wish, err := n.desk.Give(ctx, quan, right("r1"), "")
		if err != nil || wish.ID == "" {
			t.Fatalf("ask: %v, %v, want a wish", wish, err)
		}
		if got := n.rights(t); len(got) != 0 {
			t.Fatalf("a right holds before anybody approved it: %v", got)
		}
		_, again, err := n.desk.Give(ctx, quan, right("r1"), "")
		if err != nil || again.ID != wish.ID {
			t.Errorf("the second click: %v, %v, want the same wish", again, err)
		}
		_, _, err = n.desk.Give(ctx, hai, right("r2"), "")
		wants(t, err, fault.Conflict, "exchange.right.asked")

		_, err = n.approvals.Approve(ctx, quan, wish.ID)
		wants(t, err, fault.Denied, "approval.denied.own_request")
		if _, err := n.approvals.Approve(ctx, hai, wish.ID); err != nil {
			t.Fatal(err)
		}
		got := n.rights(t)
		want := right("r1")
		want.GivenBy, want.ApprovedBy, want.GivenAt = quan.Account, hai.Account, now.Now()
		if diff := cmp.Diff([]exchange.Right{want}, got, cmp.Comparer(func(a, b clock.Date) bool { return a == b })); diff != "" {
			t.Errorf("the right (-want +got):\n%s", diff)
		}
		left, err := n.desk.Wishes(ctx, quan)
		if err != nil || len(left) != 0 {
			t.Errorf("still waits: %v, %v", left, err)
		}
		queued, err := jobs.List(ctx, db, jobs.Filter{})
		if err != nil || !slices.ContainsFunc(queued, func(j jobs.Job) bool { return j.Kind == rights.ReloadJob }) {
			t.Errorf("jobs: %v, %v, want one that has the gateway take the right in", queued, err)
		}
		_, _, err = n.desk.Give(ctx, hai, right("r3"), "")
		wants(t, err, fault.Conflict, "exchange.right.exists")
	})
}

// TestNarrowingWaitsForNobody: to widen waits, to narrow and to end does not.
func TestNarrowingWaitsForNobody(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		n, ctx := open(t, db), t.Context()
		if _, _, err := n.desk.Give(ctx, program, right("r1"), ""); err != nil {
			t.Fatal(err)
		}
		narrow := right("r2")
		narrow.Fields = []string{"name"}
		if _, wish, err := n.desk.Give(ctx, quan, narrow, "r1"); err != nil || wish.ID != "" {
			t.Fatalf("narrow: %v, %v", wish, err)
		}
		wide := right("r3")
		_, wish, err := n.desk.Give(ctx, quan, wide, "r2")
		if err != nil || wish.Replaces != "r2" {
			t.Fatalf("widen: %+v, %v, want a wish", wish, err)
		}
		if got := n.rights(t); len(got) != 1 || got[0].ID != "r2" || got[0].GivenBy != quan.Account || got[0].ApprovedBy != "" {
			t.Errorf("rights: %+v, want r2 alone", got)
		}
		if err := n.desk.End(ctx, quan, "r2"); err != nil {
			t.Fatal(err)
		}
		if got := n.rights(t); len(got) != 0 {
			t.Errorf("an ended right holds: %+v", got)
		}
		// What it would have replaced is gone: the request says so and stays open.
		_, err = n.approvals.Approve(ctx, hai, wish.ID)
		wants(t, err, fault.Conflict, "exchange.right.ended")
		if got := n.rights(t); len(got) != 0 {
			t.Errorf("a right came of it: %+v", got)
		}
	})
}

// TestWhoDecidesReadsItAll: the request names in both languages all that the right lets
// its subject do, and what somebody typed is not taken for a message.
func TestWhoDecidesReadsItAll(t *testing.T) {
	t.Parallel()
	n := open(t, sqldbtest.OpenSQLite(t))
	texts, err := i18n.Load(exchange.Messages)
	if err != nil {
		t.Fatal(err)
	}
	r := right("r1")
	r.Fields, r.Method, r.Path = []string{"@exchange.right.says.all_fields"}, "POST", "/people/*"
	_, wish, err := n.desk.Give(t.Context(), quan, r, "")
	if err != nil {
		t.Fatal(err)
	}
	q, err := n.approvals.Get(t.Context(), wish.ID)
	if err != nil {
		t.Fatal(err)
	}
	more := right("r2")
	more.Officer, more.Dossier, more.Purposes, more.Quota.Of = true, true, []string{"1.001193"}, exchange.OfPersons
	_, wish, err = n.desk.Give(t.Context(), quan, more, "")
	if err != nil {
		t.Fatal(err)
	}
	must, err := n.approvals.Get(t.Context(), wish.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := must.Says().In(texts.In(i18n.Vi)); !strings.Contains(got, "Mỗi lần gọi phải nêu: cán bộ tra cứu, mã hồ sơ. Hạn mức: 1000, tính theo số người, mỗi ngày.") {
		t.Errorf("what a call must name: %s", got)
	}
	for lang, want := range map[i18n.Lang]string{
		i18n.Vi: "Quyền mới: VN/GOV/H55/TTHC được gọi VN/GOV/G01/DANCU/match, POST /people/*. Trường được trả lời: " +
			"“@exchange.right.says.all_fields”." +
			" Mục đích: 1.004222. Hạn mức: 1000, mỗi ngày. Từ 01/03/2026 đến không thời hạn.",
		i18n.En: "A new right: VN/GOV/H55/TTHC may call VN/GOV/G01/DANCU/match, POST /people/*. Fields answered: " +
			"“@exchange.right.says.all_fields”." +
			" Purposes: 1.004222. Quota: 1000, a day. From 1 March 2026 until without end.",
	} {
		if got := q.Says().In(texts.In(lang)); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", lang, got, want)
		}
	}
}
