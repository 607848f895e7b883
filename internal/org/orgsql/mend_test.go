package orgsql_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/org/orgsql"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestOldReferenceDataIsMended: a database that was made with the mistakes of 1 July 2025
// has, after its migration, what one has that is made today; and what an administrator
// changed in between is kept.
func TestOldReferenceDataIsMended(t *testing.T) {
	t.Parallel()
	mend, err := os.ReadFile("migrations/00003_communes_of_2025.sql")
	if err != nil {
		t.Fatal(err)
	}
	gone, right, _ := strings.Cut(string(mend), "UPDATE org_link SET whole")
	pair := regexp.MustCompile(`from_id = '(\w+)' AND to_id = '([\w.]+)'`)
	crossed, whole := pair.FindAllStringSubmatch(gone, -1), pair.FindAllStringSubmatch(right, -1)
	if len(crossed) != 28 || len(whole) != 26 {
		t.Fatalf("%d links are taken away and %d mended", len(crossed), len(whole))
	}
	h, err := org.ReadHistory(data.FS)
	if err != nil {
		t.Fatal(err)
	}
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		dir := t.TempDir()
		for _, name := range []string{"00001_org.sql", "00002_positions.sql"} {
			raw, err := os.ReadFile(filepath.Join("migrations", name))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name), raw, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := audit.Migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		if err := sqldb.Migrate(ctx, db, "org", os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		s := orgsql.New(db, newClock())
		if err := s.Seed(ctx, data.FS); err != nil {
			t.Fatal(err)
		}
		do := func(query string, args ...any) {
			t.Helper()
			if _, err := sqldb.Exec(ctx, db, query, args...); err != nil {
				t.Fatal(err)
			}
		}
		do(`UPDATE org_version SET id = 'C06978.20250701', code = '06978' WHERE id = 'C06970.20250701'`)
		do(`UPDATE org_link SET to_id = 'C06978.20250701' WHERE to_id = 'C06970.20250701'`)
		for _, p := range crossed {
			event := ""
			for _, l := range h.Links {
				if l.To == p[2] {
					event = l.Event
				}
			}
			do(`INSERT INTO org_link (event, from_id, to_id, whole, main) VALUES ($1, $2, $3, FALSE, FALSE)`, event, p[1], p[2])
		}
		for _, p := range whole {
			do(`UPDATE org_link SET whole = FALSE WHERE from_id = $1 AND to_id = $2`, p[1], p[2])
		}
		edited, err := s.Apply(ctx, org.Edit{
			Kind: org.Renamed, On: clock.MustDate("2026-10-01"), Basis: "1/NQ", Codes: []string{"06978"}, Name: "Phường Ba Chẽ",
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}

		links, err := sqldb.All[org.Link](ctx, db, `SELECT event, from_id, to_id, whole, main FROM org_link`)
		if err != nil {
			t.Fatal(err)
		}
		byEnds := func(a, b org.Link) int { return strings.Compare(a.From+a.To+a.Event, b.From+b.To+b.Event) }
		want := slices.Clone(h.Links)
		slices.SortFunc(want, byEnds)
		slices.SortFunc(links, byEnds)
		if d := cmp.Diff(want, links); d != "" {
			t.Errorf("links (-want +got)\n%s", d)
		}
		l, err := s.Lineage(ctx, "06970", clock.MustDate("2025-07-01"), clock.MustDate("2026-11-30"))
		if err != nil || len(l.Units) != 1 || l.Units[0].Name != "Phường Ba Chẽ" || l.Events[0].ID != edited.ID {
			t.Errorf("Ba Chẽ: %+v, %v", l, err)
		}
		if v, err := s.Unit(ctx, "06970", on("2025-07-01")); err != nil || v.Name != "Xã Ba Chẽ" {
			t.Errorf("Ba Chẽ on the first day: %+v, %v", v, err)
		}
		if v, err := s.Unit(ctx, "06978", on("2026-11-30")); err == nil {
			t.Errorf("06978 is still there: %+v", v)
		}
	})
}
