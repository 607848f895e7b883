package calendarsql_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/calendar"
	"dean06/internal/calendar/calendarsql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

var (
	sameDay = cmp.Comparer(func(a, b clock.Date) bool { return a == b })
	now     = clock.Fixed(time.Date(2026, 11, 30, 9, 0, 0, 0, clock.Zone))
	admin   = actor.Actor{Account: "acc-1", Login: "quantri", Roles: []string{calendar.Administrator}}
	guest   = actor.Actor{Account: "acc-2", Login: "can.bo", Roles: []string{"official"}}
)

func open(t *testing.T, db *sqldb.DB, also func(context.Context, *sqldb.Tx, int) error) *calendar.Keeper {
	t.Helper()
	if err := audit.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := calendarsql.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return calendar.NewKeeper(calendarsql.New(db, also), now)
}

func dayOff(date string) calendar.Change {
	return calendar.Change{Kind: calendar.ChangeOff, Date: clock.MustDate(date), Note: "Nghỉ  bù\nbão", Basis: " CV 12/UBND (dữ liệu mẫu) "}
}

func TestKeeper(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		k := open(t, db, nil)
		c, err := k.Calendar(ctx)
		if err != nil || c.Version() != 0 || !c.Day(clock.MustDate("2026-12-07")).Works {
			t.Fatalf("at first: %v", err)
		}
		before, after, err := k.Change(ctx, admin, 0, dayOff("2026-12-07"))
		if err != nil || len(calendar.Differences(before, after)) != 1 {
			t.Fatalf("Change: %v", err)
		}
		// Another process on the same database sees it.
		other := calendar.NewKeeper(calendarsql.New(db, nil), now)
		if c, err = other.Calendar(ctx); err != nil || c.Version() != 1 || c.Day(clock.MustDate("2026-12-07")).Works {
			t.Fatalf("in another process: version %d, %v", c.Version(), err)
		}
		spans := []calendar.Span{{From: 8 * 60, To: 12 * 60}, {From: 13 * 60, To: 17 * 60}}
		hours := calendar.Change{Kind: calendar.ChangeHours, Date: clock.MustDate("2027-01-01"), Spans: spans, Basis: "QĐ 2"}
		if _, _, err := other.Change(ctx, admin, 1, hours); err != nil {
			t.Fatal(err)
		}
		if c, err = k.Calendar(ctx); err != nil || c.Version() != 2 || cmp.Diff(spans, c.Day(clock.MustDate("2027-01-04")).Spans) != "" {
			t.Fatalf("back in the first: version %d, %v", c.Version(), err)
		}

		records, err := k.Records(ctx, guest)
		if err != nil {
			t.Fatal(err)
		}
		want := []calendar.Record{
			{Version: 1, At: now.Now(), By: "acc-1", Change: calendar.Change{
				Kind: calendar.ChangeOff, Date: clock.MustDate("2026-12-07"), Note: "Nghỉ bù bão", Basis: "CV 12/UBND (dữ liệu mẫu)",
			}},
			{Version: 2, At: now.Now(), By: "acc-1", Change: hours},
		}
		if diff := cmp.Diff(want, records, sameDay); diff != "" {
			t.Error(diff)
		}
		n, err := sqldb.One[int](ctx, db, `SELECT COUNT(*) FROM audit_entry WHERE action = 'calendar.change'`)
		if err != nil || n != 2 {
			t.Errorf("%d lines in the audit log, %v", n, err)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		k := open(t, db, nil)
		tests := []struct {
			name    string
			who     actor.Actor
			version int
			change  calendar.Change
			want    fault.Kind
		}{
			{name: "nobody", change: dayOff("2026-12-07"), want: fault.Unsigned},
			{name: "somebody else", who: guest, change: dayOff("2026-12-07"), want: fault.Denied},
			{name: "the command line", who: actor.Actor{Account: "os:lan", Via: actor.Command}, change: dayOff("2026-12-07"), want: fault.Denied},
			{name: "nothing", who: admin, change: dayOff("2026-12-06"), want: fault.Invalid},
			{name: "an older calendar", who: admin, version: -1, change: dayOff("2026-12-07"), want: fault.Conflict},
		}
		for _, tt := range tests {
			if tt.name == "nothing" {
				tt.change.Kind = calendar.ChangeRestore
			}
			if _, _, err := k.Change(ctx, tt.who, tt.version, tt.change); fault.Of(err) != tt.want || err == nil {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
			}
		}
		if c, err := k.Calendar(ctx); err != nil || c.Version() != 0 {
			t.Errorf("version %d, %v", c.Version(), err)
		}
	})
}

// Of two who change the same version at once, one does and the other hears it.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		k := open(t, db, nil)
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() {
				_, _, errs[i] = k.Change(t.Context(), admin, 0, dayOff(clock.MustDate("2026-12-07").AddDays(i).String()))
			})
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case fault.Of(err) != fault.Conflict:
				t.Errorf("got %v", err)
			}
		}
		if c, err := k.Calendar(t.Context()); done != 1 || err != nil || c.Version() != 1 {
			t.Errorf("%d of four changed it, %v", done, err)
		}
	})
}

// What belongs to a change and fails undoes it.
func TestTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		broken := errors.New("broken")
		k := open(t, db, func(context.Context, *sqldb.Tx, int) error { return broken })
		if _, _, err := k.Change(t.Context(), admin, 0, dayOff("2026-12-07")); !errors.Is(err, broken) {
			t.Fatalf("got %v", err)
		}
		if c, err := k.Calendar(t.Context()); err != nil || c.Version() != 0 {
			t.Errorf("version %d, %v", c.Version(), err)
		}
		n, err := sqldb.One[int](t.Context(), db, `SELECT COUNT(*) FROM audit_entry WHERE action = 'calendar.change'`)
		if err != nil || n != 0 {
			t.Errorf("%d lines in the audit log, %v", n, err)
		}
	})
}

// Who computes often has what was changed here at once, what another process changed
// within a second, and the last that was known while the database does not answer.
func TestCurrent(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		open(t, db, nil)
		watch := &hand{at: now.Now()}
		here := calendar.NewKeeper(calendarsql.New(db, nil), watch)
		there := calendar.NewKeeper(calendarsql.New(db, nil), watch)
		if v := here.Current().Version(); v != 0 {
			t.Fatalf("at first: version %d", v)
		}
		if _, _, err := here.Change(t.Context(), admin, 0, dayOff("2026-12-07")); err != nil {
			t.Fatal(err)
		}
		if v := here.Current().Version(); v != 1 {
			t.Errorf("changed here: version %d", v)
		}
		if _, _, err := there.Change(t.Context(), admin, 1, dayOff("2026-12-08")); err != nil {
			t.Fatal(err)
		}
		watch.at = watch.at.Add(time.Second)
		if v := here.Current().Version(); v != 2 {
			t.Errorf("changed there: version %d", v)
		}
		if _, err := sqldb.Exec(t.Context(), db, `ALTER TABLE calendar_change RENAME TO away`); err != nil {
			t.Fatal(err)
		}
		watch.at = watch.at.Add(time.Second)
		if v := here.Current().Version(); v != 2 {
			t.Errorf("without the table: version %d", v)
		}
	})
}

// hand is a clock that the test moves.
type hand struct{ at time.Time }

func (h *hand) Now() time.Time { return h.at }
