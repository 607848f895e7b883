package population

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
)

// reform is the day on which 63 provinces became 34 and the districts ended.
var reform = clock.MustDate("2025-07-01")

// unitFile is the units of data/admin: as they were in 2022, until 30 June 2025, and are.
// A code may stand for a commune of before and another one of now.
type unitFile struct {
	communes   map[string]Unit // today's
	before     map[string]Unit // until 30 June 2025, and those that ended since 2022
	provinces  map[string]Unit
	provinces6 map[string]Unit // the 63
	successors map[string][]string
	old        map[string][]string
	same       map[string][]string
	byName     map[string][]string
	names      []UnitName
	seen       map[UnitName]bool // while it is read
}

// NewUnits reads the units from the folder "admin" of the reference data.
func NewUnits(data fs.FS) (Units, error) {
	u := &unitFile{
		communes: map[string]Unit{}, before: map[string]Unit{}, provinces: map[string]Unit{}, provinces6: map[string]Unit{},
		successors: map[string][]string{}, old: map[string][]string{}, same: map[string][]string{}, byName: map[string][]string{},
		seen: map[UnitName]bool{},
	}
	districts := map[string]string{}
	var err error
	each := func(name string, columns []string, f func(c []string)) {
		if err == nil {
			err = eachRow(data, "admin/"+name, columns, f)
		}
	}
	for _, name := range []string{"districts_2022.csv", "districts_2025h1.csv"} {
		each(name, []string{"code", "full_name", "province_code"}, func(c []string) {
			districts[c[0]] = c[2]
			u.addName(UnitName{DistrictLevel, Unit{Code: c[0], Name: c[1], District: c[0], Province: c[2]}})
		})
	}
	for _, name := range []string{"communes_2022.csv", "communes_2025h1.csv"} {
		each(name, []string{"code", "full_name", "district_code"}, func(c []string) {
			u.before[c[0]] = Unit{Code: c[0], Name: c[1], District: c[2], Province: districts[c[2]]}
			u.addName(UnitName{CommuneLevel, u.before[c[0]]})
		})
	}
	each("communes_2025.csv", []string{"code", "full_name", "province_code"}, func(c []string) {
		u.communes[c[0]] = Unit{Code: c[0], Name: c[1], Province: c[2], Current: true}
		u.addName(UnitName{CommuneLevel, u.communes[c[0]]})
	})
	each("provinces_2025h1.csv", []string{"code", "full_name"}, func(c []string) {
		u.provinces6[c[0]] = Unit{Code: c[0], Name: c[1], Province: c[0]}
		u.addName(UnitName{ProvinceLevel, u.provinces6[c[0]]})
	})
	each("provinces_2025.csv", []string{"code", "full_name"}, func(c []string) {
		u.provinces[c[0]] = Unit{Code: c[0], Name: c[1], Province: c[0], Current: true}
		u.addName(UnitName{ProvinceLevel, u.provinces[c[0]]})
	})
	each("map_commune_2022_to_2025.csv", []string{"commune_2022", "commune_2025h1", "new_commune_code", "is_default"}, func(c []string) {
		for _, code := range c[:2] {
			if code != "" && c[2] != "" {
				u.successors[code] = addCode(u.successors[code], c[2], c[3] == "1")
				u.old[c[2]] = addCode(u.old[c[2]], code, c[3] == "1")
			}
		}
	})
	each("map_commune_2025h1_to_2025.csv", []string{"old_commune_code", "new_commune_code", "is_default"}, func(c []string) {
		if c[0] != "" && c[1] != "" {
			u.successors[c[0]] = addCode(u.successors[c[0]], c[1], c[2] == "1")
			u.old[c[1]] = addCode(u.old[c[1]], c[0], c[2] == "1")
		}
	})
	each("map_province_63_to_34.csv", []string{"old_code", "new_code"}, func(c []string) {
		u.same[c[0]] = addCode(u.same[c[0]], c[1], false)
		u.same[c[1]] = addCode(u.same[c[1]], c[0], false)
	})
	if err != nil {
		return nil, err
	}
	for code := range u.same {
		u.same[code] = addCode(u.same[code], code, true)
	}
	u.name()
	u.seen = nil
	return u, nil
}

// addName adds a name that is not there yet.
func (u *unitFile) addName(n UnitName) {
	if !u.seen[n] {
		u.seen[n] = true
		u.names = append(u.names, n)
	}
}

// addCode adds a code once; the likeliest comes first.
func addCode(list []string, code string, first bool) []string {
	if i := slices.Index(list, code); i >= 0 {
		if !first {
			return list
		}
		list = slices.Delete(list, i, i+1)
	}
	if first {
		return slices.Insert(list, 0, code)
	}
	return append(list, code)
}

// kinds of communes that stand before their names.
var communeKinds = []string{"xa ", "phuong ", "thi tran ", "dac khu "}

func (u *unitFile) name() {
	for _, all := range []map[string]Unit{u.communes, u.before} {
		for code, unit := range all {
			folded := citizen.Fold(unit.Name)
			u.byName[folded] = addCode(u.byName[folded], code, false)
			for _, kind := range communeKinds {
				if bare, ok := strings.CutPrefix(folded, kind); ok {
					u.byName[bare] = addCode(u.byName[bare], code, false)
				}
			}
		}
	}
	for _, codes := range u.byName {
		slices.Sort(codes)
	}
}

func eachRow(data fs.FS, name string, columns []string, f func(c []string)) error {
	raw, err := fs.ReadFile(data, name)
	if err != nil {
		return fmt.Errorf("read units: %w", err)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return fmt.Errorf("read units from %s: %w", name, err)
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i] = slices.Index(rows[0], c); at[i] < 0 {
			return fmt.Errorf("read units from %s: no column %s", name, c)
		}
	}
	c := make([]string, len(columns))
	for _, row := range rows[1:] {
		for i, k := range at {
			c[i] = ""
			if k < len(row) {
				c[i] = strings.Clone(row[k])
			}
		}
		f(c)
	}
	return nil
}

func pick(code string, on clock.Date, now, before map[string]Unit) (Unit, bool) {
	first, second := now, before
	if !on.IsZero() && on.Before(reform) {
		first, second = before, map[string]Unit(nil)
	} else if !on.IsZero() {
		second = nil
	}
	if u, ok := first[code]; ok {
		return u, true
	}
	u, ok := second[code]
	return u, ok
}

func (u *unitFile) Commune(code string, on clock.Date) (Unit, bool) {
	return pick(code, on, u.communes, u.before)
}

func (u *unitFile) Province(code string, on clock.Date) (Unit, bool) {
	return pick(code, on, u.provinces, u.provinces6)
}

func (u *unitFile) Successors(code string) []string   { return slices.Clone(u.successors[code]) }
func (u *unitFile) Old(code string) []string          { return slices.Clone(u.old[code]) }
func (u *unitFile) SameProvince(code string) []string { return slices.Clone(u.same[code]) }
func (u *unitFile) Find(folded string) []string       { return slices.Clone(u.byName[folded]) }
func (u *unitFile) Names() []UnitName                 { return u.names }
