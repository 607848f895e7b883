package alarm_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/alarm"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/health"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// hand is a clock that is moved by hand.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.at }

func (h *hand) pass(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.at = h.at.Add(d) }

// office tells and asks as platform/approval does, and remembers whom.
type office struct {
	told  []string
	asked []approval.Request
}

func (o *office) Ask(_ context.Context, _ sqldb.Queryer, by actor.Actor, r approval.Request) (approval.Request, error) {
	r.By = by
	o.asked = append(o.asked, r)
	return r, nil
}

func (o *office) TellRoles(_ context.Context, _ sqldb.Queryer, n approval.Notice, roles ...string) error {
	o.told = append(o.told, roles[0]+" "+n.Says.Key)
	return nil
}

func (o *office) Find(context.Context, approval.Filter) ([]approval.Request, error) {
	return o.asked, nil
}

var (
	keeper  = actor.Actor{Account: "k", Name: "Giữ Nút", Roles: []string{"administrator"}, Via: actor.Password}
	second  = actor.Actor{Account: "s", Name: "Người Hai", Roles: []string{"administrator"}, Via: actor.Password}
	auditor = actor.Actor{Account: "a", Name: "Kiểm Toán", Roles: []string{"auditor"}, Via: actor.Password}
	clerk   = actor.Actor{Account: "c", Name: "Cán Bộ", Roles: []string{"registrar"}, Via: actor.Password}
)

func open(t *testing.T, db *sqldb.DB) (*alarm.Service, *hand, *office) {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, alarm.Migrate} {
		must(t, migrate(t.Context(), db))
	}
	clock, people := &hand{at: time.Date(2026, 11, 29, 1, 0, 0, 0, time.UTC)}, &office{}
	return alarm.New(db, clock, people, alarm.Options{Readers: []string{"auditor"}}), clock, people
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func theOne(t *testing.T, s *alarm.Service) alarm.Alarm {
	t.Helper()
	list, err := s.Open(t.Context())
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("open alarms: %+v, want one", list)
	}
	return list[0]
}

var disk = alarm.Alarm{Kind: "disk", Subject: "/var/lib", Level: health.Failing, Key: "test.disk", Args: fault.Args{"megabytes": 3}}

// What is found again and again is one alarm, told once; when its cause is gone it ends,
// and when that comes back soon it is the same one.
func TestOnceWhileOpen(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s, clock, people := open(t, db)
		ctx := t.Context()
		must(t, s.Raise(ctx, disk))
		clock.pass(time.Minute)
		worse := disk
		worse.Args = fault.Args{"megabytes": 1}
		must(t, s.Raise(ctx, worse))
		a := theOne(t, s)
		if a.Seen.Sub(a.Since) != time.Minute || a.Args["megabytes"] != 1.0 || a.Owner != "administrator" || a.Times != 1 {
			t.Errorf("alarm: %+v", a)
		}
		if len(people.told) != 1 || people.told[0] != "administrator test.disk" {
			t.Errorf("told: %v, want the owner once", people.told)
		}
		must(t, s.Clear(ctx, "disk", "another"))
		theOne(t, s)
		must(t, s.Clear(ctx, "disk", "/var/lib"))
		if list, err := s.Open(ctx); err != nil || len(list) != 0 {
			t.Fatalf("open after its cause was gone: %v, %v", list, err)
		}
		clock.pass(10 * time.Minute)
		must(t, s.Raise(ctx, disk))
		if again := theOne(t, s); again.ID != a.ID || again.Times != 2 || len(people.told) != 1 {
			t.Errorf("came back as %+v, told %v", again, people.told)
		}
		must(t, s.Clear(ctx, "disk", "/var/lib"))
		clock.pass(time.Hour)
		must(t, s.Raise(ctx, disk))
		if later := theOne(t, s); later.ID == a.ID || len(people.told) != 2 {
			t.Errorf("an hour later: %+v, told %v", later, people.told)
		}
		past, err := s.Past(ctx, auditor, "", 10)
		must(t, err)
		if len(past) != 1 || past[0].ID != a.ID || !past[0].EndedBy.Nobody() {
			t.Errorf("past: %+v", past)
		}
	})
}

// Many who find the same at once raise one.
func TestRaisedByManyAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s, _, _ := open(t, db)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				s := alarm.New(db, &hand{at: time.Unix(1_800_000_000, 0)}, nil, alarm.Options{})
				if err := s.Raise(t.Context(), disk); err != nil {
					t.Errorf("raise: %v", err)
				}
			})
		}
		wg.Wait()
		theOne(t, s)
	})
}

// A sticky alarm is ended by a person who says why, and stays with that; one that takes
// two waits for the second.
func TestPeopleEndIt(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		s, _, people := open(t, db)
		ctx := t.Context()
		must(t, s.Raise(ctx, alarm.Alarm{Kind: "log.back", Subject: "messages", Key: "test.back", Second: true}))
		must(t, s.Clear(ctx, "log.back", "messages"))
		a := theOne(t, s)

		for who, want := range map[string]fault.Kind{"auditor": fault.Denied, "clerk": fault.Denied, "nobody": fault.Unsigned} {
			one := map[string]actor.Actor{"auditor": auditor, "clerk": clerk, "nobody": {}}[who]
			if err := s.Take(ctx, one, a.ID); fault.Of(err) != want {
				t.Errorf("%s takes it: %v", who, err)
			}
			if _, err := s.End(ctx, one, a.ID, "xong"); fault.Of(err) != want {
				t.Errorf("%s ends it: %v", who, err)
			}
		}
		if _, err := s.Get(ctx, clerk, a.ID); fault.Of(err) != fault.Denied {
			t.Errorf("a clerk reads it: %v", err)
		}
		if n, err := s.Waiting(ctx, keeper); err != nil || n != 1 {
			t.Errorf("waits for a keeper: %d, %v", n, err)
		}
		must(t, s.Take(ctx, keeper, a.ID))
		if a = theOne(t, s); a.Taken.Account != "k" || a.TakenAt.IsZero() {
			t.Errorf("taken: %+v", a)
		}
		if n, err := s.Waiting(ctx, second); err != nil || n != 0 {
			t.Errorf("waits although somebody has it: %d, %v", n, err)
		}
		if _, err := s.End(ctx, keeper, a.ID, "  "); fault.Of(err) != fault.Invalid {
			t.Errorf("ended without a why: %v", err)
		}
		asked, err := s.End(ctx, keeper, a.ID, "Khôi phục theo biên bản 12")
		if err != nil || !asked || len(people.asked) != 1 {
			t.Fatalf("end: %v, %v, %v", asked, err, people.asked)
		}
		theOne(t, s)
		if _, err := s.End(ctx, keeper, a.ID, "lần nữa"); fault.Of(err) != fault.Conflict {
			t.Errorf("asked twice: %v", err)
		}
		must(t, db.InTx(ctx, func(tx *sqldb.Tx) error { return s.Kind().Apply(ctx, tx, people.asked[0]) }))
		past, err := s.Past(ctx, auditor, "", 10)
		must(t, err)
		if len(past) != 1 || past[0].EndedBy.Account != "k" || past[0].Why != "Khôi phục theo biên bản 12" {
			t.Errorf("past: %+v", past)
		}
		if err := s.Take(ctx, keeper, a.ID); fault.Of(err) != fault.Conflict {
			t.Errorf("taken after its end: %v", err)
		}
		acts, err := sqldb.All[string](ctx, db, `SELECT action FROM audit_entry ORDER BY seq`)
		must(t, err)
		if len(acts) != 3 || acts[0] != "alarm.raise" || acts[1] != "alarm.take" || acts[2] != "alarm.end" {
			t.Errorf("audit log: %v", acts)
		}
	})
}

// The metrics count by kind, go back to 0, and go on with the last count while the
// database is away.
func TestMetrics(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenSQLite(t)
	s, _, _ := open(t, db)
	registry := prometheus.NewRegistry()
	registry.MustRegister(s.Metrics())
	value := func() float64 {
		found, err := registry.Gather()
		must(t, err)
		if len(found) != 1 || len(found[0].Metric) != 1 {
			t.Fatalf("figures: %v", found)
		}
		return found[0].Metric[0].Gauge.GetValue()
	}
	must(t, s.Raise(t.Context(), disk))
	if got := value(); got != 1 {
		t.Errorf("open: %v", got)
	}
	must(t, s.Clear(t.Context(), "disk", "/var/lib"))
	if got := value(); got != 0 {
		t.Errorf("ended: %v", got)
	}
	must(t, s.Raise(t.Context(), disk))
	value()
	must(t, db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `ALTER TABLE alarm RENAME TO gone`)
		return err
	}))
	if got := value(); got != 1 {
		t.Errorf("while it cannot be counted: %v", got)
	}
}
