package populationsql_test

import (
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// TestNewField: a line in the table of fields and a column are all that the store needs.
func TestNewField(t *testing.T) {
	t.Parallel()
	withRole := population.PersonFields.With(population.FieldLine{Code: "role", Data: []population.Datum{
		{Member: "role", Text: func(p *population.Person) *string { return &p.Relation }},
	}})
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		_, store := register(t, db)
		store.Keep(withRole)
		r := population.New(population.Parts{
			Store: store, Units: units(), Clock: clock.Fixed(now), NewID: sqldb.NewID, NumberKey: []byte("key"), Fields: withRole,
		})
		if _, err := sqldb.Exec(ctx, db, `ALTER TABLE population_person ADD COLUMN role TEXT`); err != nil {
			t.Fatal(err)
		}
		report, err := r.Load(
			ctx,
			strings.NewReader("number,name,birth,sex,role\n"+thu.Reveal()+",Nguyễn Văn Thử,1990,1,CH01\n"),
			population.LoadOptions{Actor: clerk},
		)
		if err != nil || report.Loaded != 1 {
			t.Fatalf("%+v, %v", report, err)
		}
		kept, err := sqldb.One[string](ctx, db, `SELECT role FROM population_person`)
		if err != nil || kept != "CH01" {
			t.Errorf("kept %q, %v", kept, err)
		}
		f, err := r.Facts(ctx, granted("role"), population.Key{Number: thu}, nil)
		if err != nil || f.Person.Relation != "CH01" {
			t.Errorf("facts = %+v, %v", f, err)
		}
	})
}
