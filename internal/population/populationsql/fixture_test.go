package populationsql_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/population"
	"dean06/internal/population/populationsql"
)

var units = sync.OnceValue(func() population.Units {
	u, err := population.NewUnits(data.FS)
	if err != nil {
		panic(err)
	}
	return u
})

// now is the day of the tests, a Saturday.
var now = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

var (
	clerk = actor.Actor{
		Account: "a-1", Login: "ho", Name: "Lê Thị Hồ", Agency: "G01",
		Roles: []string{population.Registrar, population.Administrator, population.Auditor},
	}
	// atDesk asks at the register's own desk.
	atDesk = population.Inquiry{
		By: clerk, Purpose: "citizen_asks", Service: population.ServiceDesk, Granted: []population.Field{population.AllFields}, At: now,
	}
	thu  = citizen.MustNumber("001090000001")
	wife = citizen.MustNumber("001192000001")
	baba = citizen.MustNumber("001060000001")
)

// thuFamily is the family of the sample messages.
func thuFamily() []population.Person {
	home := population.Place{Province: "01", District: "001", Commune: "00001", Detail: "Số 1 phố Thử", Country: "VN"}
	born := population.Place{Province: "01", District: "001", Commune: "00001", Country: "VN"}
	basic := population.Person{
		Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "00", Marital: "2", Birthplace: born, Origin: born,
		Permanent: home, Present: home, Life: population.Alive,
	}
	p, f, m, w := basic, basic, basic, basic
	p.Number, p.Name, p.Birth, p.Sex = thu, "Nguyễn Văn Thử", citizen.MustDay("1990-01-01"), citizen.Male
	p.OldNumbers = []citizen.OldNumber{must(citizen.ParseOldNumber("012345678")), must(citizen.ParseOldNumber("111222333"))}
	p.OtherNames = []string{"Tèo"}
	p.Cards = []population.Card{{Serial: "A1", Kind: "CCCD", Issued: citizen.MustDay("2021-05-01"), Expires: citizen.MustDay("2030-01-01")}}
	p.Household, p.Relation = "000000001", population.HeadOfHousehold
	p.Father = population.Relative{Number: baba, Name: "Nguyễn Văn Cha", Nationality: "VN"}
	p.Mother = population.Relative{Number: citizen.MustNumber("001162000001"), Name: "Trần Thị Mẹ", Nationality: "VN"}
	p.Spouse = population.Relative{Number: wife, Name: "Lê Thị Vợ", Nationality: "VN"}
	f.Number, f.Name, f.Birth, f.Sex = baba, "Nguyễn Văn Cha", citizen.MustDay("1960"), citizen.Male
	f.Spouse = population.Relative{Number: p.Mother.Number, Name: "Trần Thị Mẹ", Nationality: "VN"}
	f.Household, f.Relation = "000000002", population.HeadOfHousehold
	m.Number, m.Name, m.Birth, m.Sex = p.Mother.Number, "Trần Thị Mẹ", citizen.MustDay("1962-05"), citizen.Female
	m.Spouse = population.Relative{Number: baba, Name: "Nguyễn Văn Cha", Nationality: "VN"}
	m.Household, m.Relation = "000000002", "CH02"
	w.Number, w.Name, w.Birth, w.Sex = wife, "Lê Thị Vợ", citizen.MustDay("1992-03-04"), citizen.Female
	w.Spouse = population.Relative{Number: thu, Name: "Nguyễn Văn Thử", Nationality: "VN"}
	w.Household, w.Relation = "000000001", "CH02"
	return []population.Person{p, f, m, w}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// file writes persons as Load reads them.
func file(persons []population.Person) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(population.Columns)
	for _, p := range persons {
		_ = w.Write(population.Row(p))
	}
	w.Flush()
	return b.String()
}

func register(tb testing.TB, db *sqldb.DB) (*population.Register, *populationsql.Store) {
	tb.Helper()
	ctx := tb.Context()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, populationsql.Migrate} {
		if err := migrate(ctx, db); err != nil {
			tb.Fatal(err)
		}
	}
	store := populationsql.New(db, populationsql.Outbox)
	return population.New(population.Parts{
		Store: store, Units: units(), Clock: clock.Fixed(now), NewID: sqldb.NewID, NumberKey: []byte("key"), Bindings: boundByName{},
	}), store
}

// boundByName binds the account "of 001090000001" to that number.
type boundByName struct{}

func (boundByName) Bound(_ context.Context, account string) (citizen.Number, error) {
	text, ok := strings.CutPrefix(account, "of ")
	if !ok {
		return citizen.Number{}, nil
	}
	return citizen.ParseNumber(text)
}

// holder is the account of a person.
func holder(n citizen.Number) actor.Actor {
	return actor.Actor{Account: "of " + n.Reveal(), Roles: []string{population.Citizen}}
}

func load(tb testing.TB, r *population.Register, persons []population.Person) population.LoadReport {
	tb.Helper()
	report, err := r.Load(tb.Context(), strings.NewReader(file(persons)), population.LoadOptions{Actor: clerk, Name: "t.csv"})
	if err != nil {
		tb.Fatal(err)
	}
	return report
}

// crowd are n people of different numbers, names and communes.
func crowd(n int) []population.Person {
	family := []string{"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Đặng", "Bùi"}
	middle := []string{"Văn", "Thị", "Đức", "Ngọc", "Minh", "Thị Thu", "Quang"}
	given := []string{
		"An", "Bình", "Châu", "Dũng", "Giang", "Hà", "Hùng", "Lan", "Mai", "Nam", "Oanh", "Phúc", "Quý", "Sơn", "Thúy", "Thủy", "Tâm", "Uyên",
		"Việt", "Xuân", "Yến",
	}
	communes := [][3]string{{"01", "001", "00001"}, {"01", "", "00097"}, {"79", "760", "26734"}, {"48", "490", "20194"}}
	out := make([]population.Person, n)
	for i := range out {
		year, sex := 1940+i%80, citizen.Sex(1+i/3%2)
		c := communes[i%len(communes)]
		home := population.Place{Province: c[0], District: c[1], Commune: c[2], Detail: fmt.Sprintf("Số %d", i%200), Country: "VN"}
		out[i] = population.Person{
			Number: citizen.NumberOf(1+i%63, year, sex, 100+i/160), Name: family[i*i%10] + " " + middle[i%7] + " " + given[i*7%21],
			Birth: citizen.Day(year*10000 + (1+i%12)*100 + 1 + i%28), Sex: sex, Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "01",
			Marital:    "1",
			Birthplace: population.Place{Province: c[0], District: c[1], Commune: c[2], Country: "VN"}, Permanent: home, Present: home,
			Household: fmt.Sprintf("%09d", 1000+i/4), Relation: []string{population.HeadOfHousehold, "CH02", "CH03", "CH03"}[i%4],
			Life:       population.Alive,
			OldNumbers: []citizen.OldNumber{citizen.OldFromInt(int64(100_000_000 + i))},
		}
	}
	return out
}
