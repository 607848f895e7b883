package populationsql_test

import (
	"strings"
	"testing"

	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
)

// TestReadsByIndex: what is asked often is read by an index and not sorted.
func TestReadsByIndex(t *testing.T) {
	t.Parallel()
	db := sqldbtest.OpenSQLite(t)
	r, _ := register(t, db)
	load(t, r, crowd(200))
	for name, query := range map[string]string{
		"log of a person": `SELECT l.seq FROM population_lookup_subject m JOIN population_lookup l ON l.seq = m.lookup
			LEFT JOIN population_objection o ON o.number = m.subject AND o.lookup = m.lookup
			WHERE m.subject = 1 AND m.lookup < 9 ORDER BY m.lookup DESC LIMIT 50`,
		"log of an officer": `SELECT l.seq FROM population_lookup l WHERE l.agency = 'a' AND l.officer = 'b' AND l.seq < 9 ` +
			`ORDER BY l.seq DESC LIMIT 50`,
		"by numbers":      `SELECT name FROM population_person WHERE number IN (1,2,3)`,
		"by old numbers":  `SELECT old_number, number FROM population_person WHERE old_number IN (1,2)`,
		"by name":         `SELECT name FROM population_person WHERE name_key BETWEEN 1 AND 9 AND permanent % 100000 IN (1) LIMIT 50`,
		"by pair":         `SELECT name FROM population_person WHERE pair_key BETWEEN 1 AND 9 LIMIT 50`,
		"household":       `SELECT name FROM population_person WHERE household = 1 AND life <> 1`,
		"children":        `SELECT name FROM population_person WHERE father = 1 OR mother = 1`,
		"a card":          `SELECT name FROM population_person WHERE json_extract(rest, '$.c[0].s') = 'a' OR json_extract(rest, '$.c[1].s') = 'a'`,
		"next household":  `SELECT MAX(household) FROM population_person`,
		"a list's people": `SELECT numbers FROM population_list_part WHERE list = 'a' AND last > 1 ORDER BY last`,
	} {
		type step struct {
			ID     int64  `db:"id"`
			Parent int64  `db:"parent"`
			Unused int64  `db:"notused"`
			Detail string `db:"detail"`
		}
		steps, err := sqldb.All[step](t.Context(), db, "EXPLAIN QUERY PLAN "+query)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			if strings.HasPrefix(s.Detail, "SCAN") || strings.Contains(s.Detail, "TEMP B-TREE FOR ORDER BY") {
				t.Errorf("%s: %s", name, s.Detail)
			}
		}
	}
}
