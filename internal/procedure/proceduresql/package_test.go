package proceduresql_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"strings"
	"testing"

	"dean06/data"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/procedure"
	"dean06/internal/procedure/proceduresql"
)

var other = actor.Actor{Account: "0191", Login: "quantri2", Name: "Lê Văn Quản Trị", Roles: []string{procedure.Administrator}}

// packed is the birth package as a zip, in a folder, with texts of its manifest replaced.
func packed(t *testing.T, folder string, replace ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	const dir = "procedures/1.001193"
	entries, err := fs.ReadDir(data.Packages, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := fs.ReadFile(data.Packages, dir+"/"+e.Name())
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.Create(folder + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := strings.NewReplacer(replace...).WriteString(w, string(raw)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// later is the birth package as a law of tomorrow has it.
func later(t *testing.T) []byte {
	return packed(t, "1.001193/", `version: "2026-07-18.1"`, `version: "2026-12-01.1"`, "from: 2026-01-16", "from: 2026-12-01")
}

// desk is a second person who notes what is asked.
type desk struct{ asked map[string]bool }

func (d desk) Ask(_ context.Context, _ actor.Actor, p procedure.Draft, _ string) error {
	d.asked[p.ID] = true
	return nil
}

func (d desk) Asked(_ context.Context, id string) (string, error) {
	if d.asked[id] {
		return "/approvals/1", nil
	}
	return "", nil
}

func shelf(t *testing.T, db *sqldb.DB) (*procedure.Shelf, desk) {
	t.Helper()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, proceduresql.Migrate} {
		if err := migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	second := desk{map[string]bool{}}
	return procedure.NewShelf(proceduresql.New(db), second, clock.Fixed(at), sqldb.NewID), second
}

// A package that was brought governs nothing before another person signed it off, then from
// its day on; what came before keeps the package that it names.
func TestPackages(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s, second := shelf(t, db)
		d, err := s.Bring(ctx, admin, later(t))
		if err != nil {
			t.Fatal(err)
		}
		if d.Code != "1.001193" || d.Version != "2026-12-01.1" || d.Faults != 0 || d.Signed() {
			t.Errorf("brought: %+v", d)
		}
		inForce := func(day string) string {
			t.Helper()
			p, err := s.Current(ctx, "1.001193", clock.MustDate(day))
			if err != nil {
				t.Fatal(err)
			}
			return p.Version
		}
		if got := inForce("2026-12-01"); got != "2026-07-18.1" {
			t.Errorf("a draft is in force: %s", got)
		}
		if err := s.Ask(ctx, admin, d.ID, "Luật mới từ ngày 01/12/2026"); err != nil || !second.asked[d.ID] {
			t.Fatalf("ask: %v", err)
		}
		look, err := s.Look(ctx, other, d.ID)
		if err != nil || look.Asked == "" || look.Package == nil || len(look.Wrong) != 0 {
			t.Errorf("look: %+v, %v", look, err)
		}
		sign := func() error {
			return db.InTx(ctx, func(tx *sqldb.Tx) error { return s.Fulfil(ctx, proceduresql.Signing{Tx: tx}, other, d.ID) })
		}
		if err := sign(); err != nil {
			t.Fatal(err)
		}
		if a, b := inForce("2026-11-30"), inForce("2026-12-01"); a != "2026-07-18.1" || b != "2026-12-01.1" {
			t.Errorf("in force: %s, then %s", a, b)
		}
		if p, err := s.Version(ctx, "1.001193", "2026-07-18.1"); err != nil || p.Version != "2026-07-18.1" {
			t.Errorf("the package of what runs is gone: %v", err)
		}
		if all, err := s.All(ctx, clock.MustDate("2026-12-01")); err != nil || len(all) != len(procedure.Packages()) {
			t.Errorf("%d packages in force, %v", len(all), err)
		}
		if err := sign(); fault.Of(err) != fault.Conflict {
			t.Errorf("signed twice: %v", err)
		}
		drafts, err := s.Drafts(ctx, other)
		if err != nil || len(drafts) != 1 || drafts[0].SignedBy != other.Account {
			t.Errorf("drafts: %+v, %v", drafts, err)
		}
		// The same version once more, by another file.
		again, err := s.Bring(ctx, admin, packed(t, "", `version: "2026-07-18.1"`, `version: "2026-12-01.1"`, "from: 2026-01-16", "from: 2026-12-02"))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ask(ctx, admin, again.ID, "Thử lại cùng phiên bản"); fault.Of(err) != fault.Conflict {
			t.Errorf("a version that is there: %v", err)
		}
	})
}

// What is no package is refused with its reason; one with faults, or from a day that is past,
// is kept and cannot be asked for.
func TestPackagesRefused(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		s, _ := shelf(t, db)
		refused := func(err error, kind fault.Kind, key string) {
			t.Helper()
			if f := fault.As(err); f == nil || f.Kind != kind || f.Key != key {
				t.Errorf("want %s %s, got %v", kind, key, err)
			}
		}
		_, err := s.Bring(ctx, actor.Actor{Account: "1", Roles: []string{"citizen"}}, later(t))
		if fault.Of(err) != fault.Denied {
			t.Errorf("a citizen brings a package: %v", err)
		}
		_, err = s.Bring(ctx, admin, []byte("PK nothing"))
		refused(err, fault.Invalid, "procedure.package.no_zip")
		_, err = s.Bring(ctx, admin, packed(t, "a/b/"))
		refused(err, fault.Invalid, "procedure.package.no_manifest")
		_, err = s.Bring(ctx, admin, packed(t, "../1.001193/"))
		refused(err, fault.Invalid, "procedure.package.names")
		_, err = s.Bring(ctx, admin, make([]byte, procedure.MaxPackage+1))
		refused(err, fault.Invalid, "procedure.package.large")

		broken, err := s.Bring(ctx, admin, packed(t, "", "to: review}", "to: nowhere}", "from: 2026-01-16", "from: 2026-12-01"))
		if err != nil || broken.Faults == 0 {
			t.Fatalf("broken: %+v, %v", broken, err)
		}
		refused(s.Ask(ctx, admin, broken.ID, "Cần gấp cho kịp ngày"), fault.Invalid, "procedure.package.faults")
		past, err := s.Bring(ctx, admin, packed(t, "", `version: "2026-07-18.1"`, `version: "2026-11-20.1"`, "from: 2026-01-16", "from: 2026-11-20"))
		if err != nil {
			t.Fatal(err)
		}
		refused(s.Ask(ctx, admin, past.ID, "Cần gấp cho kịp ngày"), fault.Invalid, "procedure.package.past")
		refused(s.Ask(ctx, admin, past.ID, "  gấp "), fault.Invalid, "procedure.package.reason")
		refused(s.Ask(ctx, admin, "nobody", "Cần gấp cho kịp ngày"), fault.NotFound, "procedure.package.none")
		_, err = s.Current(ctx, "9.999999", clock.MustDate("2026-11-30"))
		refused(err, fault.NotFound, "procedure.package.not_in_force")
		_, err = s.Version(ctx, "1.001193", "x")
		refused(err, fault.NotFound, "procedure.package.no_version")
	})
}
