// Package people invents a country: families over three and four generations with
// the names, peoples, religions and places of Vietnam, numbers that agree with
// province, sex and year, people who moved, married, parted, died or are missing.
// The same seed gives the same people. Nobody in it lives.
//
// It keeps only the family at hand and a bounded pool of brides in memory, whatever
// the number of people.
package people

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/population"
)

// Options say which day the country is shown on.
type Options struct {
	AsOf clock.Date // 2026-11-01 when it is zero
}

// errEnough ends the making of people when n are there.
var errEnough = errors.New("enough people")

// Generate makes n people and gives them to emit one after the other, household by
// household. The first are always Nguyễn Văn Thử, 001090000001, with his father,
// his mother and his wife. Nothing of a person is shared with the next: emit may
// keep it. It ends with the first error of emit.
func Generate(n int, seed int64, emit func(population.Person) error, o Options) error {
	left := n
	m, err := newMaker(seed, o, func(p population.Person) error {
		if left <= 0 {
			return errEnough
		}
		left--
		return emit(p)
	})
	if err != nil {
		return err
	}
	for _, p := range m.first() {
		if err == nil {
			err = m.emit(p)
		}
	}
	for err == nil && left > 0 {
		err = m.family()
	}
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("make people: %w", err)
	}
	return nil
}

func newMaker(seed int64, o Options, emit func(population.Person) error) (*maker, error) {
	c, err := theCountry()
	if err != nil {
		return nil, err
	}
	if o.AsOf.IsZero() {
		o.AsOf = clock.NewDate(2026, time.November, 1)
	}
	return &maker{
		country: c, asOf: o.AsOf, year: o.AsOf.Year(), at: o.AsOf.Start().UTC(), emit: emit,
		rand: rand.New(rand.NewPCG(uint64(seed), 0x6465616e3036)), numbers: newNumbers(uint64(seed)),
		brides: map[brideKey][]*member{},
	}, nil
}

// first are the people whom samples and papers know.
func (m *maker) first() []population.Person {
	bare := population.Place{Province: "01", District: "001", Commune: "00001", Country: vietnam}
	home := bare
	home.Detail = "Số 1 phố Thử"
	person := func(number, name, birth, relation string, sex citizen.Sex) population.Person {
		return population.Person{
			Number: citizen.MustNumber(number), Name: name, Birth: citizen.MustDay(birth), Sex: sex,
			Ethnicity: kinh, Religion: noReligion, Nationality: vietnam, Blood: "00", Marital: married,
			Birthplace: bare, Origin: bare, Permanent: home, Present: home,
			PermanentSince: citizen.MustDay("2012-05-20"),
			Household:      "000000001", Relation: relation, Life: population.Alive, Version: 1, UpdatedAt: m.at,
		}
	}
	thu := person("001090000001", "Nguyễn Văn Thử", "1990-01-01", population.HeadOfHousehold, citizen.Male)
	old, _ := citizen.ParseOldNumber("012345678")
	thu.OldNumbers = []citizen.OldNumber{old}
	thu.Cards = []population.Card{
		{Serial: "000000001", Kind: "CCCD", Issued: citizen.MustDay("2021-04-15"), Expires: citizen.MustDay("2030-01-01")},
		{Kind: "CMND", Issued: citizen.MustDay("2006-03-20")},
	}
	father := person("001060000001", "Nguyễn Văn Cha", "1960-02-10", relParent, citizen.Male)
	mother := person("001162000001", "Trần Thị Mẹ", "1962-09-02", relParent, citizen.Female)
	wife := person("001192000001", "Lê Thị Vợ", "1992-06-15", relSpouse, citizen.Female)
	thu.Father, thu.Mother, thu.Spouse = relative(father), relative(mother), relative(wife)
	father.Spouse, mother.Spouse, wife.Spouse = relative(mother), relative(father), relative(thu)
	m.households = 1
	return []population.Person{thu, father, mother, wife}
}

func relative(p population.Person) population.Relative {
	r := population.Relative{Number: p.Number, Name: p.Name, Nationality: p.Nationality}
	return r
}
