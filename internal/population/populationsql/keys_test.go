package populationsql_test

import (
	"fmt"
	"testing"

	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

// TestKeysOfAnOlderRule: in a database that was filled by a program with another rule,
// people are found after the next start, wherever an earlier change to the new rule was
// stopped.
func TestKeysOfAnOlderRule(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]string{
		"none yet": `DELETE FROM population_key_rule`,
		"an older": `UPDATE population_key_rule SET rule = 1, making = 1, up_to = 1090000001`,
		"stopped":  fmt.Sprintf(`UPDATE population_key_rule SET rule = 1, making = %d, up_to = 1060000009`, population.KeyRule),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
				ctx := t.Context()
				r, _ := register(t, db)
				load(t, r, thuFamily())
				old := `UPDATE population_person SET name_key = 1, pair_key = 1`
				if name == "stopped" {
					old += ` WHERE number > 1060000009`
				}
				for _, q := range []string{old, rule} {
					if _, err := sqldb.Exec(ctx, db, q); err != nil {
						t.Fatal(err)
					}
				}
				if err := populationsql.Migrate(ctx, db); err != nil {
					t.Fatal(err)
				}
				for p, err := range sqldb.Each[stored](ctx, db, `SELECT name, birth, name_key, pair_key FROM population_person`) {
					if err != nil {
						t.Fatal(err)
					}
					if all, pair := population.SearchKeys(p.Name, p.Birth/10000); all != p.All || pair != p.Pair {
						t.Errorf("%s has the keys %d, %d, want %d, %d", p.Name, p.All, p.Pair, all, pair)
					}
				}
				got, err := sqldb.One[int64](ctx, db, `SELECT rule FROM population_key_rule`)
				if err != nil || got != population.KeyRule {
					t.Errorf("rule = %d, %v", got, err)
				}
			})
		})
	}
}

type stored struct {
	Name  string `db:"name"`
	Birth int    `db:"birth"`
	All   int64  `db:"name_key"`
	Pair  int64  `db:"pair_key"`
}
