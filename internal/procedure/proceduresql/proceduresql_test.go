package proceduresql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/procedure"
	"dean06/internal/procedure/proceduresql"
)

var (
	at    = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	admin = actor.Actor{Account: "0190", Login: "quantri", Name: "Hoàng Thị Quản Trị", Roles: []string{procedure.Administrator}}
)

func file(rows ...string) []byte {
	return []byte("code,name,promulgator\n" + strings.Join(rows, "\n") + "\n")
}

func open(t *testing.T, db *sqldb.DB) *procedure.Editions {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, proceduresql.Migrate} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	return procedure.NewEditions(proceduresql.New(db), clock.Fixed(at), sqldb.NewID)
}

// An edition is kept beside the others, is in force when it is said to be, and can be taken
// back; every step is in the audit log.
func TestEditions(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		e := open(t, db)
		inForce := func() *procedure.Catalogue {
			t.Helper()
			c, err := e.InForce(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if inForce() != procedure.Builtin() {
			t.Error("at first another catalogue than the built-in one is in force")
		}
		up := procedure.Upload{Source: "Cổng dịch vụ công", Taken: clock.MustDate("2026-11-20"), File: file(
			"1.001193,Thủ tục đăng ký khai sinh cho trẻ em,Bộ Tư pháp", " 1.000002,Khoảng trắng,Bộ Tư pháp", "9.000001,Thủ tục mới,Bộ Tư pháp",
		)}
		v, err := e.Import(ctx, admin, up)
		if err != nil {
			t.Fatal(err)
		}
		want := procedure.Report{Rows: 3, Loaded: 2, Malformed: []procedure.Malformed{
			{Line: 3, Code: " 1.000002", Name: "Khoảng trắng", Reason: procedure.FlawSpace},
		}}
		if diff := cmp.Diff(want, v.Report); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
		if inForce() != procedure.Builtin() {
			t.Error("what is imported is in force at once")
		}
		if _, err := e.Import(ctx, admin, up); fault.Of(err) != fault.Conflict {
			t.Errorf("the same file again: %v", err)
		}
		list, _, err := e.All(ctx, admin)
		if err != nil {
			t.Fatal(err)
		}
		look, err := e.Look(ctx, admin, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		if d := look.Difference; len(d.New) != 1 || len(d.Changed) != 1 || d.Changed[0].What[0] != procedure.PartName ||
			len(d.Gone)+len(d.Changed)+d.Same != list[1].Report.Loaded || look.Against.ID != procedure.BuiltinID || look.InForce {
			t.Errorf("look: %d new, %d gone, %d changed, %d same, against %s", len(d.New), len(d.Gone), len(d.Changed), d.Same, look.Against.ID)
		}
		if err := e.Use(ctx, admin, v.ID); err != nil {
			t.Fatal(err)
		}
		if p, ok := inForce().At("9.000001"); !ok || p.Name != "Thủ tục mới" {
			t.Errorf("in force: %v, %v", p, ok)
		}
		if held := inForce(); held != inForce() {
			t.Error("it is read again each time")
		}
		if err := e.Use(ctx, admin, v.ID); fault.Of(err) != fault.Conflict {
			t.Errorf("used again: %v", err)
		}
		if err := e.Use(ctx, admin, "none"); fault.Of(err) != fault.NotFound {
			t.Errorf("one that is not there: %v", err)
		}
		if err := e.Use(ctx, admin, procedure.BuiltinID); err != nil || inForce() != procedure.Builtin() {
			t.Errorf("taken back: %v", err)
		}
		list, used, err := e.All(ctx, admin)
		if err != nil || len(list) != 2 || list[0].ID != v.ID || used != procedure.BuiltinID {
			t.Errorf("all: %v, %s, %v", list, used, err)
		}
		if diff := cmp.Diff(v, list[0], cmp.Comparer(func(a, b clock.Date) bool { return a == b })); diff != "" {
			t.Errorf("what was imported and what is kept (-want +got):\n%s", diff)
		}
		actions, err := sqldb.All[string](ctx, db, `SELECT action FROM audit_entry ORDER BY seq`)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"procedure.catalogue.import", "procedure.catalogue.use", "procedure.catalogue.use"}, actions); diff != "" {
			t.Errorf("audit log (-want +got):\n%s", diff)
		}
	})
}

// Files and words that are wrong leave nothing behind, and who may not may not.
func TestEditionsRefuse(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		e := open(t, db)
		good := procedure.Upload{Source: "Cổng", Taken: clock.MustDate("2026-11-20"), File: file("1.000001,Tên,Bộ")}
		with := func(f func(u *procedure.Upload)) procedure.Upload {
			u := good
			f(&u)
			return u
		}
		tests := []struct {
			name string
			who  actor.Actor
			up   procedure.Upload
			want fault.Kind
		}{
			{"nobody", actor.Actor{}, good, fault.Unsigned},
			{"somebody else", actor.Actor{Account: "1", Roles: []string{"official"}}, good, fault.Denied},
			{"no source", admin, with(func(u *procedure.Upload) { u.Source = " \u200e" }), fault.Invalid},
			{"no day", admin, with(func(u *procedure.Upload) { u.Taken = clock.Date{} }), fault.Invalid},
			{"a day to come", admin, with(func(u *procedure.Upload) { u.Taken = clock.MustDate("2026-11-22") }), fault.Invalid},
			{"an empty file", admin, with(func(u *procedure.Upload) { u.File = nil }), fault.Invalid},
			{"another file", admin, with(func(u *procedure.Upload) { u.File = []byte("%PDF-1.7\n…") }), fault.Invalid},
			{"no rows", admin, with(func(u *procedure.Upload) { u.File = file() }), fault.Invalid},
		}
		for _, tt := range tests {
			if _, err := e.Import(t.Context(), tt.who, tt.up); fault.Of(err) != tt.want {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
			}
		}
		if list, _, err := e.All(t.Context(), admin); err != nil || len(list) != 1 {
			t.Errorf("left behind: %v, %v", list, err)
		}
		if err := e.Use(t.Context(), actor.Actor{Account: "1"}, procedure.BuiltinID); fault.Of(err) != fault.Denied {
			t.Errorf("put in force by somebody else: %v", err)
		}
	})
}

// Two who import the same file at once: one edition is kept.
func TestEditionsAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		e := open(t, db)
		errs := make(chan error, 4)
		for i := range 4 {
			go func() {
				_, err := e.Import(t.Context(), admin, procedure.Upload{
					Source: fmt.Sprint("Nguồn ", i), Taken: clock.MustDate("2026-11-20"), File: file("1.000001,Tên,Bộ"),
				})
				errs <- err
			}()
		}
		kept := 0
		for range 4 {
			switch err := <-errs; {
			case err == nil:
				kept++
			case fault.Of(err) != fault.Conflict:
				t.Error(err)
			}
		}
		if list, _, err := e.All(t.Context(), admin); err != nil || kept != 1 || len(list) != 2 {
			t.Errorf("%d kept, %v, %v", kept, list, err)
		}
	})
}
