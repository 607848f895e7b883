package populationsql_test

import (
	"os"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// TestBaCheIsMended: whoever was recorded in 06978, which this program's data had for xã Ba
// Chẽ, is after the migration in 06970, in all places and in what was recorded.
func TestBaCheIsMended(t *testing.T) {
	t.Parallel()
	mend, err := os.ReadFile("migrations/00013_ba_che.sql")
	if err != nil {
		t.Fatal(err)
	}
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, store := register(t, db)
		right := population.Place{Province: "22", Commune: "06970", Detail: "Thôn Thử", Country: "VN"}
		wrong := right
		wrong.Commune = "06978"
		other := population.Place{Province: "22", District: "202", Commune: "06970", Country: "VN"}
		family := thuFamily()
		for i := range family {
			family[i].Birthplace, family[i].Origin, family[i].Permanent, family[i].Temporary, family[i].Present = wrong, wrong, wrong, wrong, wrong
		}
		family[3].Birthplace = other
		if _, err := r.Load(ctx, strings.NewReader(file(family)), population.LoadOptions{Actor: clerk, Name: "old"}); err != nil {
			t.Fatal(err)
		}
		record(t, r, population.Event{
			Kind: population.MovePresent, Number: thu, On: citizen.MustDay("2026-11-20"), Facts: population.Person{Present: right},
		})
		for _, table := range []string{"population_event", "population_event_part"} {
			if _, err := sqldb.Exec(ctx, db, `UPDATE `+table+` SET doc = REPLACE(doc, '"commune":"06970"', '"commune":"06978"')`); err != nil {
				t.Fatal(err)
			}
		}
		_, statements, _ := strings.Cut(string(mend), "-- +goose Up")
		for _, s := range strings.Split(statements, ";\n") {
			if strings.TrimSpace(s) == "" {
				continue
			}
			if _, err := sqldb.Exec(ctx, db, s); err != nil {
				t.Fatal(err)
			}
		}
		people, err := store.Persons(ctx, []citizen.Number{thu, wife, baba}, nil)
		if err != nil || len(people) != 3 {
			t.Fatalf("%d people, %v", len(people), err)
		}
		for _, p := range people {
			for name, at := range map[string]population.Place{
				"birthplace": p.Birthplace, "origin": p.Origin, "permanent": p.Permanent, "temporary": p.Temporary, "present": p.Present,
			} {
				want := "06970"
				if name == "birthplace" && p.Number == wife {
					want = other.Commune
				}
				if at.Commune != want || at.Province != "22" {
					t.Errorf("%s of %s: %+v", name, p.Name, at)
				}
			}
		}
		history, err := store.Events(ctx, thu)
		if err != nil || len(history) != 2 {
			t.Fatalf("%d events, %v", len(history), err)
		}
		for _, e := range history {
			for _, part := range e.Parts {
				for _, at := range []population.Place{part.Facts.Permanent, part.Facts.Present} {
					if at.Commune != "06970" && !at.IsZero() {
						t.Errorf("%s says %+v", e.Kind, at)
					}
				}
			}
		}
	})
}
