package sqldbtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/sqldb"
)

// Contents are all rows of tables, as text, by the table's name.
func Contents(tb testing.TB, db *sqldb.DB, tables ...string) map[string][]string {
	tb.Helper()
	out := map[string][]string{}
	for _, table := range tables {
		out[table] = contents(tb, db, table)
	}
	return out
}

func contents(tb testing.TB, db *sqldb.DB, table string) (out []string) {
	tb.Helper()
	rows, err := db.QueryContext(tb.Context(), `SELECT * FROM `+table)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			tb.Fatal(err)
		}
		var line strings.Builder
		for _, v := range values {
			fmt.Fprint(&line, *v.(*any), "|")
		}
		out = append(out, line.String())
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// Break makes every write to a table fail until it is mended, as a full disk does.
func Break(tb testing.TB, db *sqldb.DB, table string) (mend func()) {
	tb.Helper()
	do := func(queries ...string) {
		tb.Helper()
		for _, q := range queries {
			if _, err := db.ExecContext(tb.Context(), q); err != nil {
				tb.Fatalf("%s: %v", q, err)
			}
		}
	}
	if db.Engine() == sqldb.Postgres {
		do(`CREATE OR REPLACE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''full''; END'`,
			`CREATE TRIGGER fails BEFORE INSERT OR UPDATE OR DELETE ON `+table+` FOR EACH ROW EXECUTE FUNCTION fails()`)
		return func() { do(`DROP TRIGGER fails ON ` + table) }
	}
	for _, on := range []string{"INSERT", "UPDATE", "DELETE"} {
		do(`CREATE TRIGGER fails_` + on + ` BEFORE ` + on + ` ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'full'); END`)
	}
	return func() { do(`DROP TRIGGER fails_INSERT`, `DROP TRIGGER fails_UPDATE`, `DROP TRIGGER fails_DELETE`) }
}
