package exchangesql_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

func right(id string) exchange.Right {
	return exchange.Right{
		ID: id, Subject: xroad.MustID("VN/GOV/H55/TTHC"), Service: xroad.MustID("VN/GOV/G01/DANCU/match"), Method: "POST", Path: "/a/*",
		Purposes: []string{"1.004194", "2.000635"}, LegalBasis: "Nghị định 107/2021/NĐ-CP, điều 1",
		From: clock.MustDate("2026-01-01"), Until: clock.MustDate("2027-12-31"),
		Officer: true, Dossier: true, Quota: exchange.Quota{Calls: 100, Per: exchange.Day, Of: exchange.OfPersons},
		Fields: []string{"name", "born"}, GivenBy: "owner", GivenAt: noon,
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := audit.With(t.Context(), audit.Who{Actor: actor.Actor{Account: "owner", Name: "Chủ dịch vụ"}})
		s := newStore(t, db)
		if err := s.GiveRight(ctx, right("a")); err != nil {
			t.Fatal(err)
		}
		if err := s.GiveRight(ctx, right("b")); fault.Of(err) != fault.Conflict {
			t.Errorf("the same right again: %v, want Conflict", err)
		}
		past := right("past")
		past.Until = clock.DayOf(noon).AddDays(-1)
		if err := s.GiveRight(ctx, past); err != nil {
			t.Fatal(err)
		}
		got, err := s.Rights(ctx, false)
		if diff := cmp.Diff([]exchange.Right{right("a")}, got, cmp.Comparer(func(a, b clock.Date) bool { return a == b })); err != nil ||
			diff != "" {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
		next := right("c")
		next.Fields = []string{"*"}
		if err := s.ReplaceRight(ctx, "none", next); fault.Of(err) != fault.NotFound {
			t.Errorf("replace what is not there: %v", err)
		}
		if err := s.ReplaceRight(ctx, "a", next); err != nil {
			t.Fatal(err)
		}
		if err := s.ReplaceRight(ctx, "a", right("d")); fault.Of(err) != fault.Conflict {
			t.Errorf("replace it twice: %v, want Conflict", err)
		}
		// A right that ends is given back when what replaces it cannot be given.
		if err := s.GiveRight(ctx, func() exchange.Right { r := right("e"); r.Method = "GET"; return r }()); err != nil {
			t.Fatal(err)
		}
		if err := s.ReplaceRight(ctx, "e", next); fault.Of(err) != fault.Conflict {
			t.Errorf("replace by a right that is there: %v, want Conflict", err)
		}
		if err := s.EndRight(ctx, "c", "owner", noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := s.EndRight(ctx, "c", "owner", noon.Add(2*time.Hour)); fault.Of(err) != fault.Conflict {
			t.Errorf("end it twice: %v, want Conflict", err)
		}
		if err := s.EndRight(ctx, "none", "owner", noon); fault.Of(err) != fault.NotFound {
			t.Errorf("end what is not there: %v, want NotFound", err)
		}
		if got, err := s.Rights(ctx, false); err != nil || len(got) != 1 || got[0].ID != "e" {
			t.Errorf("rights that hold: %v, %v", got, err)
		}
		if mark, err := s.RightsMark(ctx); err != nil || mark != (exchange.RightsMark{Given: 4, Ended: 2}) {
			t.Errorf("mark %+v, %v", mark, err)
		}
		all, err := s.Rights(ctx, true)
		if err != nil || len(all) != 4 {
			t.Fatalf("all rights: %v, %v", all, err)
		}
		for _, r := range all {
			if r.ID == "c" && (r.EndedBy != "owner" || !r.EndedAt.Equal(noon.Add(time.Hour))) {
				t.Errorf("ended: %+v", r)
			}
		}
		entries, err := audit.Find(ctx, db, audit.Filter{Action: "exchange.right."})
		if err != nil {
			t.Fatal(err)
		}
		var acts []string
		for _, e := range entries {
			acts = append(acts, e.Action+" "+e.Subject.ID+" "+e.Who.Account)
		}
		want := []string{
			"exchange.right.end c owner", "exchange.right.give e owner", "exchange.right.give c owner", "exchange.right.end a owner",
			"exchange.right.give past owner", "exchange.right.give a owner",
		}
		if diff := cmp.Diff(want, acts); diff != "" {
			t.Errorf("audit (-want +got):\n%s", diff)
		}
	})
}

// TestGiveRightTwice: two officers who give one right at the same moment give it once.
func TestGiveRightTwice(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s := newStore(t, db)
		var given atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				err := s.GiveRight(t.Context(), right(sqldb.NewID()))
				switch {
				case err == nil:
					given.Add(1)
				case fault.Of(err) != fault.Conflict:
					t.Errorf("give: %v", err)
				}
			})
		}
		wg.Wait()
		if given.Load() != 1 {
			t.Errorf("given %d times, want once", given.Load())
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s := newStore(t, db)
		if _, _, ok, err := s.Configuration(ctx); ok || err != nil {
			t.Fatalf("a configuration before the first: %v", err)
		}
		one := exchange.Signed{Body: []byte(`{"serial":5}`), Signature: []byte{1}, Certificate: []byte{2}}
		for _, step := range []struct {
			serial int64
			want   fault.Kind
		}{{5, ""}, {5, ""}, {4, fault.Conflict}, {6, ""}} {
			if err := s.SaveConfiguration(ctx, one, step.serial, noon); (err == nil) != (step.want == "") ||
				(err != nil && fault.Of(err) != step.want) {
				t.Errorf("save %d: %v", step.serial, err)
			}
		}
		if got, at, ok, err := s.Configuration(ctx); err != nil || !ok || !at.Equal(noon) || cmp.Diff(one, got) != "" {
			t.Errorf("configuration %v, %v, %v", got, at, err)
		}
		service := exchange.LocalService{
			ID: xroad.MustID("VN/GOV/G01/DANCU/match"), Name: "Đối chiếu", Type: "OPENAPI", URL: "http://127.0.0.1:1",
			OpenAPI: []byte("openapi: 3.0.0"),
			Timeout: 30 * time.Second, OwnFields: true,
		}
		if err := s.SaveService(ctx, service); err != nil {
			t.Fatal(err)
		}
		service.Disabled, service.Notice, service.OpenAPI = true, "bảo trì", nil
		if err := s.SaveService(ctx, service); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Services(ctx); err != nil || cmp.Diff([]exchange.LocalService{service}, got) != "" {
			t.Errorf("services %v, %v", got, err)
		}
		group := exchange.Group{Code: "tinh", Name: "Các tỉnh", Members: []xroad.ID{xroad.MustID("VN/GOV/H55/TTHC")}}
		for range 2 {
			if err := s.SaveGroup(ctx, group); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.Groups(ctx); err != nil || cmp.Diff([]exchange.Group{group}, got) != "" {
			t.Errorf("groups %v, %v", got, err)
		}
		if entries, err := audit.Find(ctx, db, audit.Filter{Action: "exchange."}); err != nil || len(entries) != 4 {
			t.Errorf("%d audit entries, %v, want 4", len(entries), err)
		}
	})
}
