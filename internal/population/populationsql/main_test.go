package populationsql_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

var asking = population.Inquiry{
	By: population.ThroughExchange("VN/GOV/H55/TTHC", "H55", "canbo.test"), Client: "VN/GOV/H55/TTHC",
	Purpose: "1.001193", Dossier: "000.00.06.H55-1", RequestID: "r-1",
	Service: population.ServiceMatch, Granted: []population.Field{population.AllFields}, At: now,
}

func granted(fields ...population.Field) population.Inquiry {
	in := asking
	in.Granted = fields
	return in
}

var numbers = cmp.Options{
	cmp.Comparer(func(a, b citizen.Number) bool { return a == b }),
	cmp.Comparer(func(a, b citizen.OldNumber) bool { return a == b }),
	cmpopts.EquateEmpty(),
}

func TestLoadMatchLog(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, store := register(t, db)
		if got := load(t, r, thuFamily()); got.Loaded != 4 || got.Bad != 0 {
			t.Fatalf("load = %+v, want 4 persons", got)
		}

		claim := population.Claim{
			Key: population.Key{Number: thu, Name: "NGUYENVANTHU", Birth: citizen.MustDay("1990")},
			Values: map[population.Field]string{
				population.FieldSex: "1", population.FieldEthnicity: "1", population.FieldPermanent: "00097", population.FieldOrigin: "00001",
				population.FieldFather: "nguyễn văn cha", population.FieldMother: "Trần Thị Mé", population.FieldMarital: "1",
				population.FieldHousehold: "1", population.FieldBirthplace: "79",
			},
		}
		other := population.Claim{Key: population.Key{Number: thu, Name: "Trần Văn Khác", Birth: citizen.MustDay("1980")}}
		half := population.Claim{Key: population.Key{Number: thu, Name: "Nguyễn Văn Thư", Birth: citizen.MustDay("1990-01-01")}}
		old := population.Claim{Key: population.Key{OldNumber: must(citizen.ParseOldNumber("111222333")), Name: "Nguyễn Văn Thử"}}
		none := population.Claim{Key: population.Key{Number: citizen.MustNumber("001090999999"), Name: "Nguyễn Văn Thử"}}
		got, err := r.Match(ctx, asking, []population.Claim{claim, other, half, old, none})
		if err != nil {
			t.Fatal(err)
		}
		want := []population.Verdict{
			{Found: true, Fields: map[population.Field]bool{
				"name": true, "birth": true, "sex": true, "ethnicity": true, "permanent": true, "origin": true, "father": true, "mother": false,
				"marital": false, "household": true, "birthplace": false,
			}},
			{},
			{Found: true, Fields: map[population.Field]bool{"name": false, "birth": true}},
			{Found: true, Fields: map[population.Field]bool{"name": true}},
			{},
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("match (-want +got):\n%s", d)
		}

		// What is not granted is refused, and logged.
		_, err = r.Match(ctx, granted(population.FieldName), []population.Claim{claim})
		if f := fault.As(err); f == nil || f.Kind != fault.Denied || !strings.Contains(f.Args["fields"].(string), "father") {
			t.Errorf("match beyond the right: %v", err)
		}
		facts, err := r.Facts(
			ctx, granted(population.FieldName, population.FieldFather, population.FieldHousehold), population.Key{Number: thu}, nil,
		)
		if err != nil {
			t.Fatal(err)
		}
		wantFacts := population.Facts{
			Fields: []population.Field{"name", "household", "father"}, AsOf: now,
			Person: population.Person{
				Name: "Nguyễn Văn Thử", Household: "000000001", Relation: "CH01",
				Father: population.Relative{Number: baba, Name: "Nguyễn Văn Cha", Nationality: "VN"},
			},
			Head: population.Relative{
				Number: thu, OldNumber: must(citizen.ParseOldNumber("012345678")), Name: "Nguyễn Văn Thử", Nationality: "VN",
			},
		}
		if d := cmp.Diff(wantFacts, facts, numbers); d != "" {
			t.Errorf("facts (-want +got):\n%s", d)
		}
		for name, key := range map[string]population.Key{
			"wrong name": {Number: thu, Name: "Lê Văn Thử"}, "wrong birth": {Number: thu, Birth: citizen.MustDay("1991")},
			"nobody": {Number: citizen.MustNumber("001090999999")},
		} {
			if _, err := r.Facts(ctx, asking, key, nil); fault.Of(err) != fault.NotFound || fault.As(err).Key != "population.person.not_found" {
				t.Errorf("%s: %v, want not found", name, err)
			}
		}

		// All facts are as they were loaded.
		all, err := r.Facts(ctx, asking, population.Key{Number: thu}, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantThu := thuFamily()[0]
		if d := cmp.Diff(wantThu, all.Person, numbers, cmpopts.IgnoreFields(population.Person{}, "Version", "UpdatedAt")); d != "" {
			t.Errorf("person (-want +got):\n%s", d)
		}
		if len(all.Members) != 1 || all.Members[0].Number != wife {
			t.Errorf("members = %+v, want the wife", all.Members)
		}
		res, err := r.Residence(ctx, granted(population.FieldName, population.FieldBirth, population.FieldPermanent), population.Key{Number: thu})
		if err != nil || res.Permanent.Commune != "00001" || len(res.Members) != 0 || res.Household != "" {
			t.Errorf("residence = %+v, %v", res, err)
		}
		house, err := r.Household(ctx, asking, population.Key{Number: wife})
		if err != nil || house.Number != "000000001" || len(house.Members) != 2 || house.Head.Number != thu {
			t.Errorf("household = %+v, %v", house, err)
		}

		// The person reads all of it: the match (once, though three claims met them),
		// four facts, residence, household.
		seen, err := r.Lookups(ctx, holder(thu), "", 0)
		if err != nil || len(seen) != 7 {
			t.Fatalf("look-ups = %+v, %v, want 7", seen, err)
		}
		if first := seen[len(seen)-1]; first.Persons != 5 || first.Outcome != population.Answered || first.Officer != "canbo.test" ||
			!slices.Contains(first.Fields, population.FieldFather) {
			t.Errorf("first look-up = %+v", first)
		}
		page, err := r.Lookups(ctx, holder(thu), seen[3].ID, 2)
		if err != nil || len(page) != 2 || page[0].ID != seen[4].ID {
			t.Errorf("second page = %+v, %v", page, err)
		}
		if n, err := store.VerifyLog(ctx); err != nil || n != 9 {
			t.Errorf("verify = %d, %v, want 9 look-ups in order", n, err)
		}

		// An objection, once, and its answer.
		if err := r.Object(ctx, holder(thu), seen[0].ID, "Tôi không làm thủ tục nào."); err != nil {
			t.Fatal(err)
		}
		if err := r.Object(ctx, holder(thu), seen[0].ID, "Lần nữa"); fault.Of(err) != fault.Conflict {
			t.Errorf("object again: %v", err)
		}
		if err := r.Object(ctx, holder(baba), seen[0].ID, "Không phải tôi"); fault.Of(err) != fault.NotFound {
			t.Errorf("object to another's: %v", err)
		}
		if again, err := r.Lookups(ctx, holder(thu), "", 1); err != nil || !again[0].Objected {
			t.Errorf("after the objection = %+v, %v", again, err)
		}
		open, err := r.Objections(ctx, clerk, true, "", 0)
		if err != nil || len(open) != 1 {
			t.Fatalf("open = %+v, %v", open, err)
		}
		if err := r.AnswerObjection(ctx, clerk, open[0].ID, "Đã xác minh."); err != nil {
			t.Fatal(err)
		}
		if err := r.AnswerObjection(ctx, clerk, open[0].ID, "Hai lần."); fault.Of(err) != fault.Conflict {
			t.Errorf("answer again: %v", err)
		}
		if of, err := r.ObjectionsOf(ctx, holder(thu)); err != nil || len(of) != 1 || of[0].Answer != "Đã xác minh." ||
			of[0].AnsweredBy != clerk.Name {
			t.Errorf("objections of = %+v, %v", of, err)
		}
	})
}

func TestLogShowsTampering(t *testing.T) {
	t.Parallel()
	for name, deed := range map[string]string{
		"changed": `UPDATE population_lookup SET officer = 'x' WHERE seq = 2`,
		"removed": `DELETE FROM population_lookup WHERE seq = 2`,
		"cut off": `DELETE FROM population_lookup WHERE seq = 3`,
		"subject": `DELETE FROM population_lookup_subject WHERE lookup = 2`,
		"another": `UPDATE population_lookup_subject SET subject = 1060000001 WHERE lookup = 2 AND subject = 1090000001`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := sqldbtest.OpenSQLite(t)
			r, store := register(t, db)
			load(t, r, thuFamily())
			ctx := t.Context()
			for range 3 {
				if _, err := r.Facts(ctx, granted(population.FieldName), population.Key{Number: thu}, nil); err != nil {
					t.Fatal(err)
				}
			}
			if n, err := store.VerifyLog(ctx); n != 3 || err != nil {
				t.Fatalf("verify = %d, %v", n, err)
			}
			if _, err := sqldb.Exec(ctx, db, deed); err != nil {
				t.Fatal(err)
			}
			if _, err := store.VerifyLog(ctx); fault.Of(err) != fault.Conflict {
				t.Errorf("verify = %v, want conflict", err)
			}
		})
	}
}

func TestManyAskAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, store := register(t, db)
		load(t, r, thuFamily())
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 5 {
					if _, err := r.Facts(ctx, granted(population.FieldName), population.Key{Number: thu}, nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n, err := store.VerifyLog(ctx); n != 80 || err != nil {
			t.Errorf("verify = %d, %v, want 80", n, err)
		}
	})
}

func TestLoadReportsBadRows(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, _ := register(t, db)
		text := "\ufeffnumber,name,birth,sex,household,permanent,religion\n" +
			"001090000001,Nguyễn Văn Thử,1990-01-01,1,1,01/001/00001,99\n" + // 2: religion 99 is other
			"001090000001,Nguyễn Văn Hai,1990-01-01,1,,,\n" + // 3: again
			"00109000002,Ngắn,1990,1,,,\n" + // 4
			"001090000003,,1990,1,,,\n" + // 5
			"001090000004,Sai ngày,1990-13-01,1,,,\n" + // 6
			"001090000005,Tương lai,2030-01-01,1,,,\n" + // 7
			"001090000006,Sai giới,1990,3,,,\n" + // 8
			"001090000007,Thiếu ô,1990\n" + // 9
			"001090000008,Sai xã,1990,1,,01/1,\n" + // 10
			"101090000009,\"Sinh, nước ngoài\",1990,1,,,\n" + // 11: unknown province warns
			"001090000010,Sai nhà,1990,1,abc,,\n" // 12
		got, err := r.Load(t.Context(), strings.NewReader(text), population.LoadOptions{Actor: clerk})
		if err != nil {
			t.Fatal(err)
		}
		type bad struct {
			line int
			key  string
		}
		var bads []bad
		for _, b := range got.BadRows {
			bads = append(bads, bad{b.Line, b.Key})
		}
		want := []bad{
			{3, "population.load.twice"},
			{4, "population.load.zeros"},
			{5, "population.name.missing"},
			{6, "citizen.day.bad"},
			{7, "population.day.future"},
			{8, "population.code.unknown"},
			{9, "population.load.cells"},
			{10, "population.load.place"},
			{12, "population.load.household"},
		}
		if d := cmp.Diff(want, bads, cmp.AllowUnexported(bad{})); d != "" {
			t.Errorf("bad rows (-want +got):\n%s", d)
		}
		if got.Loaded != 2 || got.Lines != 11 || got.Bad != 9 || len(got.Warnings) == 0 {
			t.Errorf("report = %+v", got)
		}
		// Again: everybody is there.
		again, err := r.Load(t.Context(), strings.NewReader(text), population.LoadOptions{Actor: clerk})
		if err != nil || again.Loaded != 0 || again.Bad != 11 {
			t.Errorf("again = %+v, %v", again, err)
		}
		for _, head := range []string{"", "a,b\n", "number,name,birth\n", "number,number,name,birth,sex\n"} {
			if _, err := r.Load(t.Context(), strings.NewReader(head), population.LoadOptions{Actor: clerk}); fault.Of(err) != fault.Invalid {
				t.Errorf("header %q: %v, want invalid", head, err)
			}
		}
	})
}
