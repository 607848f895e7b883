package contractsql_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/contract"
	"dean06/internal/contract/contractsql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

var _ contract.Store = (*contractsql.Store)(nil)

// mask hides nothing and checks the context.
type mask struct{}

func (mask) Seal(plain, context []byte) ([]byte, error) {
	for i := range plain {
		plain[i] ^= 0x5A
	}
	return slices.Concat(context, []byte{0}, plain), nil
}

func (mask) Open(sealed, context []byte) ([]byte, error) {
	head, plain, ok := bytes.Cut(sealed, []byte{0})
	if !ok || !bytes.Equal(head, context) {
		return nil, errors.New("sealed for another place")
	}
	for i := range plain {
		plain[i] ^= 0x5A
	}
	return plain, nil
}

var at = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

var admin = actor.Actor{Account: "0190", Login: "quantri", Name: "Hoàng Thị Quản Trị", Roles: []string{contract.Administrator}}

func newStore(t *testing.T, db *sqldb.DB) *contractsql.Store {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, contractsql.Migrate} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	return contractsql.New(db, mask{})
}

func TestSystemsAndOfficers(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s, ctx := newStore(t, db), t.Context()
		const subsystem = "VN/GOV/H55/TTHC"
		for range 2 { // seeding again changes nothing
			if err := s.SeedDemo(ctx, subsystem, at); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.System(ctx, "test-user")
		if err != nil || got.Secret != "test-secret" || got.Subsystem != subsystem || got.Off {
			t.Errorf("%+v, %v", got, err)
		}
		want := contract.System{
			User: "ak", Secret: "sk", Name: "LGSP", Subsystem: subsystem, Codes: []string{"037"}, Procedures: []string{"1.001193"}, Off: true,
		}
		if err := s.AddSystem(ctx, admin, want, at); err != nil {
			t.Fatal(err)
		}
		other := want
		other.Secret = "another"
		if err := s.AddSystem(ctx, admin, other, at); fault.Of(err) != fault.Conflict {
			t.Errorf("added twice: %v", err)
		}
		if got, err = s.System(ctx, "ak"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		list, err := s.Systems(ctx)
		if err != nil || len(list) != 2 || list[0].Secret != "" {
			t.Errorf("%+v, %v", list, err)
		}
		o, err := s.Officer(ctx, subsystem, "canbo.test")
		if err != nil || o.KeyPass != "pass" || !slices.Equal(o.Operations, []string{"*"}) {
			t.Errorf("%+v, %v", o, err)
		}
		if err := s.AddOfficer(ctx, admin, subsystem, contract.Officer{Code: "a", Operations: []string{"x"}}, at); err != nil {
			t.Fatal(err)
		}
		if err := s.AddOfficer(ctx, admin, subsystem, contract.Officer{Code: "a"}, at); fault.Of(err) != fault.Conflict {
			t.Errorf("added twice: %v", err)
		}
		if officers, err := s.Officers(ctx, subsystem); err != nil || len(officers) != 2 || officers[1].KeyPass != "" {
			t.Errorf("%+v, %v", officers, err)
		}
		if _, err := s.Officer(ctx, "VN/GOV/H56/TTHC", "canbo.test"); fault.Of(err) != fault.NotFound {
			t.Errorf("another agency's officer: %v", err)
		}
		if _, err := s.System(ctx, "nobody"); fault.Of(err) != fault.NotFound {
			t.Errorf("nobody: %v", err)
		}
		raw, err := sqldb.One[[]byte](ctx, db, `SELECT secret FROM contract_system WHERE user_name = 'test-user'`)
		if err != nil || bytes.Contains(raw, []byte("test-secret")) {
			t.Errorf("stored as %q, %v", raw, err)
		}
		acts, err := audit.Find(ctx, db, audit.Filter{Action: "contract."})
		if err != nil || len(acts) != 4 || acts[0].Who.Account != admin.Account || strings.Contains(fmt.Sprint(acts), "test-secret") {
			t.Errorf("acts = %+v, %v, want one for each system and officer", acts, err)
		}
		// A secret that somebody copies to another system opens nothing.
		if _, err := sqldb.Exec(ctx, db, `UPDATE contract_system
			SET secret = (SELECT secret FROM contract_system WHERE user_name = 'test-user') WHERE user_name = 'ak'`); err != nil {
			t.Fatal(err)
		}
		if _, err := s.System(ctx, "ak"); err == nil {
			t.Error("a copied secret opens")
		}
	})
}

// TestChanges: a change touches what it means to, and the log says whether a secret is new.
func TestChanges(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s, ctx := newStore(t, db), t.Context()
		const subsystem = "VN/GOV/H55/TTHC"
		if err := s.SeedDemo(ctx, subsystem, at); err != nil {
			t.Fatal(err)
		}
		before, err := s.System(ctx, "test-user")
		if err != nil {
			t.Fatal(err)
		}
		turn := func(c *contract.System) { c.Off = true }
		if err := s.ChangeSystem(ctx, admin, "test-user", at, turn); err != nil {
			t.Fatal(err)
		}
		if err := s.ChangeSystem(ctx, admin, "test-user", at, func(c *contract.System) { c.Secret = "another" }); err != nil {
			t.Fatal(err)
		}
		got, err := s.System(ctx, "test-user")
		if err != nil {
			t.Fatal(err)
		}
		want := before
		want.Off, want.Secret = true, "another"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := s.ChangeSystem(ctx, admin, "nobody", at, turn); fault.Of(err) != fault.NotFound {
			t.Errorf("nobody's change: %v", err)
		}
		for _, change := range []func(*contract.Officer){
			func(o *contract.Officer) { o.Name = "Người khác" },
			func(o *contract.Officer) { o.KeyPass = "other" },
		} {
			if err := s.ChangeOfficer(ctx, admin, subsystem, "canbo.test", at, change); err != nil {
				t.Fatal(err)
			}
		}
		o, err := s.Officer(ctx, subsystem, "canbo.test")
		if err != nil || o.Name != "Người khác" || o.KeyPass != "other" || o.Office != "H55.16" {
			t.Errorf("%+v, %v", o, err)
		}
		if err := s.ChangeOfficer(ctx, admin, "VN/GOV/H56/TTHC", "canbo.test", at, func(*contract.Officer) {}); fault.Of(err) != fault.NotFound {
			t.Errorf("another agency's officer: %v", err)
		}
		acts, err := audit.Find(ctx, db, audit.Filter{Actors: []string{admin.Account}})
		if err != nil {
			t.Fatal(err)
		}
		var renewed []string
		for _, a := range acts { // newest first
			renewed = append(renewed, a.Details["secret"]+a.Details["key"])
		}
		if diff := cmp.Diff([]string{"new", "", "new", ""}, renewed); diff != "" {
			t.Errorf("which secrets are new (-want +got):\n%s", diff)
		}
	})
}

func TestTake(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s, ctx := newStore(t, db), t.Context()
		var wg sync.WaitGroup
		var fresh atomic.Int32
		for range 8 {
			wg.Go(func() {
				ok, err := s.Take(ctx, "u", "1700000000", "1", at, 20*time.Minute)
				if err != nil {
					t.Error(err)
				}
				if ok {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		if fresh.Load() != 1 {
			t.Errorf("%d of 8 were the first", fresh.Load())
		}
		for _, other := range [][3]string{{"u", "1700000000", "2"}, {"u", "1700000001", "1"}, {"v", "1700000000", "1"}} {
			if ok, err := s.Take(ctx, other[0], other[1], other[2], at, 20*time.Minute); err != nil || !ok {
				t.Errorf("%v: %v, %v", other, ok, err)
			}
		}
		if ok, err := s.Take(ctx, "u", "1700000000", "1", at.Add(5*time.Minute), 20*time.Minute); err != nil || ok {
			t.Errorf("within the window: %v, %v", ok, err)
		}
		if _, err := s.Take(ctx, "u", "2", "1", at.Add(time.Hour), 20*time.Minute); err != nil {
			t.Fatal(err)
		}
		if n, err := sqldb.One[int](ctx, db, `SELECT COUNT(*) FROM contract_seen`); err != nil || n != 1 {
			t.Errorf("%d notes are kept, %v", n, err)
		}
	})
}

func TestLog(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s, ctx := newStore(t, db), t.Context()
		outcomes := []string{"answered", "not_found", "004", "answered"}
		for i, outcome := range outcomes {
			err := s.Log(ctx, contract.Call{
				ID: fmt.Sprintf("%02d", i), At: at.Add(time.Duration(i) * time.Minute), System: "test-user", Subsystem: "VN/GOV/H55/TTHC",
				Officer: "canbo.test", Office: fmt.Sprintf("H55.%d", i%2), Operation: "TraCuuThongTinCongDan", Code: "037", Purpose: "1.001193",
				Dossier: "H55-1", Request: "yc", RequestID: "r", Outcome: outcome, Took: 5 * time.Millisecond,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		page, err := s.Calls(ctx, contract.Filter{Officer: "canbo.test"}, "", 3)
		if err != nil || len(page) != 3 || page[0].ID != "03" {
			t.Fatalf("%+v, %v", page, err)
		}
		want := contract.Call{
			ID: "03", At: at.Add(3 * time.Minute), System: "test-user", Subsystem: "VN/GOV/H55/TTHC", Officer: "canbo.test", Office: "H55.1",
			Operation: "TraCuuThongTinCongDan", Code: "037", Purpose: "1.001193", Dossier: "H55-1", Request: "yc", RequestID: "r",
			Outcome: "answered", Took: 5 * time.Millisecond,
		}
		if diff := cmp.Diff(want, page[0]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if page, err = s.Calls(ctx, contract.Filter{}, page[2].ID, 3); err != nil || len(page) != 1 || page[0].ID != "00" {
			t.Errorf("%+v, %v", page, err)
		}
		counts, err := s.Counts(ctx, contract.Filter{From: at, Until: at.Add(3 * time.Minute)}, true)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]contract.Count{
			{Office: "H55.0", Officer: "canbo.test", Calls: 2, Answered: 1, Refused: 1},
			{Office: "H55.1", Officer: "canbo.test", Calls: 1, NotFound: 1},
		}, counts); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		counts, err = s.Counts(ctx, contract.Filter{Office: "H55.1"}, false)
		if err != nil || len(counts) != 1 || counts[0].Calls != 2 || counts[0].Officer != "" {
			t.Errorf("%+v, %v", counts, err)
		}
	})
}
