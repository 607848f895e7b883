package populationsql_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

func TestSearchAsPeopleSpeak(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, _ := register(t, db)
		load(t, r, append(thuFamily(), crowd(600)...))
		for _, text := range []string{
			"Nguyễn Văn Thử", "nguyen van thu", "NGUYEN VAN THU", "Thử Nguyễn Văn", "thu nguyen", "nguyễn thử", "Nguyen Van Thu 1990",
			"nguyen van thu 01/1990",
			"nguyen thu sinh năm 1990", "Nguyễn Văn Thử, xã Phúc Xá", "nguyen van thu phuong phuc xa", "nguyen van thu phường Hồng Hà",
			"001090000001", "0010 9000 0001"[:4] + "90000001",
			"012345678", "111222333", "111222333 thu", "Nguyễn Văn Thử 1/1/1990",
		} {
			got, err := r.Search(t.Context(), atDesk, population.Query{Text: text})
			if err != nil || len(got.People) == 0 || got.People[0].Number != thu {
				t.Errorf("%q = %+v, %v", text, got, err)
			}
		}
		for _, text := range []string{
			"nguyen van thu 1991", "nguyen van thu 02/1990", "001090000001 trần", "Nguyễn Văn Thử phường Bến Nghé", "Phan Văn Thử",
		} {
			got, err := r.Search(t.Context(), atDesk, population.Query{Text: text})
			if err != nil || slices.ContainsFunc(got.People, func(h population.Hit) bool { return h.Number == thu }) {
				t.Errorf("%q = %+v, %v; want not him", text, got.People, err)
			}
		}
		for _, text := range []string{"", "   ", "1990", strings.Repeat("a ", 50)} {
			if _, err := r.Search(t.Context(), atDesk, population.Query{Text: text}); fault.Of(err) != fault.Invalid {
				t.Errorf("%q: %v, want invalid", text, err)
			}
		}
		// Words that lead to a date or a place are names too.
		for i, name := range []string{"Trần Văn Sinh", "Lê Thị Năm", "Nguyễn Thị Phương Mai", "Phạm Xã"} {
			p := crowd(1)[0]
			p.Number, p.Name, p.Birth, p.OldNumbers = citizen.NumberOf(1, 1977, citizen.Female, 500+i), name, citizen.MustDay("1977"), nil
			load(t, r, []population.Person{p})
			for _, text := range []string{
				name, citizen.Fold(name), citizen.Fold(name) + " 1977", name + " sinh năm 1977", name + " ở phường Phúc Xá",
			} {
				got, err := r.Search(t.Context(), atDesk, population.Query{Text: text})
				if err != nil || len(got.People) == 0 || got.People[0].Number != p.Number {
					t.Errorf("%q = %+v, %v", text, got, err)
				}
			}
		}
		// The accent decides the order: Thúy before Thủy when Thúy was typed.
		got, err := r.Search(t.Context(), atDesk, population.Query{Text: "Trần Thị Thúy", Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range got.People {
			if i > 0 && h.Exact && !got.People[i-1].Exact {
				t.Errorf("an exact name after others: %+v", got.People)
			}
		}
		younger := crowd(1)[0]
		younger.Number, younger.Name = citizen.NumberOf(1, 2008, citizen.Male, 700), "Nguyễn Văn Thứ"
		younger.Birth, younger.OldNumbers = citizen.MustDay("2008"), nil
		load(t, r, []population.Person{younger})
		for _, text := range []string{"NguyễnVănThử", "nguyễn vănthử", "Nguyễn\u200bVăn\u200bThử"} {
			if got, err := r.Search(t.Context(), atDesk, population.Query{Text: text}); err != nil || len(got.People) < 2 || got.People[0].Number != thu {
				t.Errorf("%q = %+v, %v; want him first, and others behind", text, got.People, err)
			}
		}
		// Whoever is shown reads it in the log.
		seen, err := r.Lookups(t.Context(), holder(thu), "", 1)
		if err != nil || len(seen) != 1 || seen[0].Service != population.ServiceDesk {
			t.Errorf("log = %+v, %v", seen, err)
		}
	})
}

func TestLists(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, store := register(t, db)
		load(t, r, append(thuFamily(), crowd(400)...))
		in := granted(population.FieldNumber, population.FieldName, population.FieldBirth, population.FieldSex)
		run := func(q population.ListQuery) population.List {
			t.Helper()
			l, err := r.RequestList(ctx, in, q)
			if err != nil {
				t.Fatal(err)
			}
			job, err := jobs.Get(ctx, db, l.ID)
			if err != nil || job.Kind != populationsql.ListJob {
				t.Fatalf("job = %+v, %v", job, err)
			}
			if err := r.RunList(ctx, l.ID, nil); err != nil {
				t.Fatal(err)
			}
			l, err = r.ListStatus(ctx, in, l.ID)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		all := run(population.ListQuery{Kind: population.ListByPlace, Place: "01"})
		if all.State != population.ListDone || all.Total != 204 || len(all.Steps) != 3 || len(all.Query.Fields) != 4 {
			t.Errorf("province = %+v", all)
		}
		// Old and new codes of the same ground.
		if l := run(population.ListQuery{Kind: population.ListByPlace, Place: "00097"}); l.Total != 204 {
			t.Errorf("new commune = %d, want 204", l.Total)
		}
		if l := run(population.ListQuery{Kind: population.ListByAge, Place: "01", AgeFrom: new(36), AgeTo: new(36)}); l.Total < 1 || l.Total > 10 {
			t.Errorf("age 36 = %d", l.Total)
		}
		if l := run(population.ListQuery{Kind: population.ListBySex, Code: "1"}); l.Total == 0 || l.Total == 404 {
			t.Errorf("men = %d", l.Total)
		}
		for name, q := range map[string]population.ListQuery{
			"no place": {Kind: population.ListByPlace}, "unknown place": {Kind: population.ListByPlace, Place: "98"},
			"ages":  {Kind: population.ListByAge, AgeFrom: new(9), AgeTo: new(1)},
			"blood": {Kind: population.ListByBlood, Code: "9"}, "kind": {Kind: "x"},
		} {
			if _, err := r.RequestList(ctx, in, q); fault.Of(err) != fault.Invalid {
				t.Errorf("%s: %v, want invalid", name, err)
			}
		}
		if _, err := r.RequestList(
			ctx, in, population.ListQuery{Kind: population.ListBySex, Code: "1", Fields: []population.Field{population.FieldReligion}},
		); fault.Of(err) != fault.Denied {
			t.Errorf("beyond the right: %v", err)
		}
		// Page by page, each once, only what is granted.
		count := 0
		var after citizen.Number
		for {
			page, err := r.ListRecords(ctx, in, all.ID, after, 50)
			if err != nil {
				t.Fatal(err)
			}
			count += len(page.Records)
			if page.Records[0].Person.Ethnicity != "" || page.Records[0].Person.Name == "" {
				t.Errorf("record = %+v", page.Records[0])
			}
			if after = page.Next; after.IsZero() {
				break
			}
		}
		if count != 204 {
			t.Errorf("%d records, want 204", count)
		}
		var file bytes.Buffer
		if err := r.ListFile(ctx, in, all.ID, &file); err != nil || strings.Count(file.String(), "\n") != 205 ||
			!strings.HasPrefix(file.String(), "\ufeffnumber,name,birth,sex\r\n") {
			t.Errorf("file = %.60q, %v", file.String(), err)
		}
		// Each person in it reads of it: two lists by place; and a list is a client's own.
		seen, err := r.Lookups(ctx, holder(thu), "", 0)
		if err != nil || len(seen) != 4 || seen[0].Service != population.ServiceList || seen[0].Persons < 2 {
			t.Errorf("log = %+v, %v", seen, err)
		}
		if _, err := store.VerifyLog(ctx); err != nil {
			t.Error(err)
		}
		stranger := in
		stranger.Client = "VN/GOV/G24/BHXH"
		if _, err := r.ListStatus(ctx, stranger, all.ID); fault.Of(err) != fault.NotFound {
			t.Errorf("a stranger: %v", err)
		}
		if err := r.DeleteList(ctx, in, all.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := r.ListRecords(ctx, in, all.ID, citizen.Number{}, 1); fault.Of(err) != fault.Conflict {
			t.Errorf("deleted: %v", err)
		}
		if lists, err := r.Lists(ctx, in, "", 0); err != nil || len(lists) != 4 {
			t.Errorf("lists = %d, %v", len(lists), err)
		}
	})
}

func TestExportLoadsAgain(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, store := register(t, db)
		load(t, r, append(thuFamily(), crowd(50)...))
		shell := actor.Actor{Account: "os:lan", Name: "lan", Via: actor.Command}
		var out bytes.Buffer
		if err := populationsql.AllowExport(ctx, db, approved("q-1")); err != nil {
			t.Fatal(err)
		}
		if n, err := r.Export(ctx, shell, "q-1", &out); err != nil || n != 54 {
			t.Fatalf("export = %d, %v", n, err)
		}
		other, _ := register(t, sqldbtest.OpenSQLite(t))
		report, err := other.Load(ctx, &out, population.LoadOptions{Actor: clerk})
		if err != nil || report.Loaded != 54 {
			t.Fatalf("load = %+v, %v", report, err)
		}
		want, err := store.Persons(ctx, []citizen.Number{thu, wife}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := other.Facts(ctx, asking, population.Key{Number: want[0].Number}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(
			want[0], got.Person, numbers, cmpopts.IgnoreFields(population.Person{}, "Version", "UpdatedAt"),
			cmpopts.IgnoreFields(population.Relative{}, "Name", "Nationality"),
		); d != "" {
			t.Errorf("person (-want +got):\n%s", d)
		}
		seen, err := r.Lookups(ctx, holder(thu), "", 1)
		if err != nil || len(seen) != 1 || seen[0].Service != population.ServiceExport || seen[0].Officer != "os:lan" ||
			seen[0].Purpose != "sao lưu" {
			t.Errorf("log = %+v, %v, want the export with who and why", seen, err)
		}
	})
}

func TestCuriosityAndCounts(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, _ := register(t, db)
		r.Officer = func(_, officer string) (citizen.Number, bool) { return thu, officer == "husband" }
		people := crowd(120)
		load(t, r, append(thuFamily(), people...))
		ask := func(officer, dossier string, at time.Time, n citizen.Number) {
			t.Helper()
			in := granted(population.FieldName)
			in.By.Name, in.Dossier, in.At, in.Service = officer, dossier, at, population.ServiceFacts
			if _, err := r.Facts(ctx, in, population.Key{Number: n}, nil); err != nil && fault.Of(err) != fault.NotFound {
				t.Fatal(err)
			}
		}
		noon := time.Date(2026, 11, 16, 5, 0, 0, 0, time.UTC) // a Monday
		for i := range 4 {
			for _, o := range []string{"a", "b", "c"} {
				ask(o, "d", noon, people[i].Number)
			}
			ask("faithful", "d", noon.AddDate(0, 0, i), wife)
		}
		for i := range 40 {
			ask("greedy", "d", noon, people[i].Number)
		}
		for i := range 6 {
			ask("owl", "d", noon.Add(11*time.Hour), people[i].Number)
		}
		for i := range 12 {
			ask("bare", "", noon, people[i].Number)
		}
		for i := range 16 {
			ask("guesser", "d", noon, citizen.NumberOf(1, 1990, citizen.Male, 900_000+i))
		}
		ask("husband", "d", noon, wife)
		// What a batch looked like is kept with it: numbers counted up, and one person's
		// birth day tried out.
		for officer, claim := range map[string]func(i int) population.Claim{
			"stepper": func(i int) population.Claim {
				return population.Claim{Key: population.Key{Number: citizen.NumberOf(1, 1990, citizen.Male, 800_000+i), Name: "X"}}
			},
			"prober": func(i int) population.Claim {
				return population.Claim{Key: population.Key{
					Number: people[0].Number, Name: people[0].Name, Birth: citizen.MustDay(fmt.Sprintf("1941-03-%02d", 1+i)),
				}}
			},
		} {
			in := granted(population.FieldName, population.FieldBirth)
			in.By.Name, in.Dossier, in.At, in.Service = officer, "d", noon, population.ServiceMatch
			claims := make([]population.Claim, 14)
			for i := range claims {
				claims[i] = claim(i)
			}
			if _, err := r.Match(ctx, in, claims); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.VerifyLog(ctx, clerk); err != nil {
			t.Errorf("the log with batches: %v", err)
		}
		found, err := r.Curiosity(ctx, clerk, noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 7))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]population.ReasonKind{}
		for _, f := range found {
			for _, why := range f.Reasons {
				got[f.Officer] = append(got[f.Officer], why.Kind)
			}
		}
		want := map[string][]population.ReasonKind{
			"greedy": {population.ManyPeople}, "owl": {population.OddHours}, "bare": {population.NoDossier}, "guesser": {population.NotFoundMany},
			"stepper": {population.InRow}, "prober": {population.Probing},
			"faithful": {population.SamePerson}, "husband": {population.OwnRelatives},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("curiosity (-want +got):\n%s", d)
		}
		page, err := r.OfficerLookups(ctx, clerk, "H55", "owl", population.Period{}, "", 4)
		if err != nil || len(page) != 4 || page[0].Officer != "owl" {
			t.Errorf("officer = %+v, %v", page, err)
		}

		s, err := r.Statistics(ctx, clerk)
		if err != nil {
			t.Fatal(err)
		}
		if s.Living != 124 || s.Dead != 0 || s.Households != 32 || len(s.Provinces) != 3 ||
			s.Provinces[0] != (population.PlaceCount{Code: "01", Count: 64}) {
			t.Errorf("statistics = %+v", s)
		}
		men, women := 0, 0
		for _, band := range s.Ages {
			men, women = men+band.Male, women+band.Female
		}
		if men+women != 124 || len(s.Lookups) == 0 {
			t.Errorf("%d men, %d women, look-ups %+v", men, women, s.Lookups)
		}

		// findUsage, in a period; the question is a look-up itself.
		in := asking
		usage, err := r.Usage(ctx, in, wife, population.Period{From: noon.AddDate(0, 0, 1), Until: noon.AddDate(0, 0, 3)}, "", 0)
		if err != nil || len(usage) != 2 {
			t.Errorf("usage = %+v, %v", usage, err)
		}
		if mine, err := r.Lookups(ctx, holder(wife), "", 1); err != nil || mine[0].Service != population.ServiceUsage {
			t.Errorf("log = %+v, %v", mine, err)
		}
		if p, err := r.UsagePeriod(ctx, asking); err != nil || !p.From.Equal(noon) || r.Heartbeat(ctx) != nil {
			t.Errorf("period = %+v, %v", p, err)
		}
	})
}

// Sixty-four who search at once, more than are served side by side, are all answered, and
// each of them is logged; who has left before the turn came is not answered.
func TestSearchManyAtOnce(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, _ := register(t, db)
		load(t, r, append(thuFamily(), crowd(600)...))
		const callers = 64
		failed := make(chan error, callers)
		for range callers {
			go func() {
				got, err := r.Search(t.Context(), atDesk, population.Query{Text: "nguyen van thu"})
				if err == nil && (len(got.People) == 0 || got.People[0].Number != thu) {
					err = fmt.Errorf("found %+v", got.People)
				}
				failed <- err
			}()
		}
		for range callers {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
		if n, err := sqldb.One[int](t.Context(), db, `SELECT COUNT(*) FROM population_lookup`); err != nil || n != callers {
			t.Errorf("%d look-ups in the log, %v, want %d", n, err, callers)
		}
		left, leave := context.WithCancel(t.Context())
		leave()
		if _, err := r.Search(left, atDesk, population.Query{Text: "nguyen van thu"}); err == nil {
			t.Error("somebody who has left is answered")
		}
	})
}
