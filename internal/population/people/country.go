package people

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"weak"

	"dean06/data"
	"dean06/internal/citizen"
)

// country is what the people are invented from: places, names, peoples.
type country struct {
	provinces []*province
	byCode    map[string]*province
	home      *choice[*province] // by population
	cities    *choice[*province] // where people move to
	given     [2]*choice[string] // male, female
	oldGiven  [2]*choice[string]
	middle    [2]*choice[string]
	surnames  map[string]*choice[string] // by region: north, central, south
	naming    map[string]*naming
	streets   []string
	urban     map[string][]string
	rural     map[string][]string
	religion  map[string]*choice[string] // by province, "*" for the others
	faith     map[string]*choice[string] // by people
	spot      spot                       // the first person's
}

// province is one of the 63, with its communes.
type province struct {
	code      string
	region    string // north, central, south
	land      string // how villages are called there
	number    int    // the first three digits of personal numbers
	oldPrefix int    // the first two digits of nine-digit numbers; -1 without
	communes  *choice[spot]
	peoples   *choice[string]
}

// spot is a commune through the reforms: as it was in 2022, before July 2025 and since.
type spot struct {
	province, district, commune       string
	midProvince, midDistrict, midCode string
	newProvince, newCode              string
	urban                             bool
}

// naming is how a people names its children.
type naming struct {
	Surnames    []string `json:"surnames"`
	Male        []string `json:"male"`
	Female      []string `json:"female"`
	MaleGiven   []string `json:"male_given"`
	FemaleGiven []string `json:"female_given"`
	Inherits    string   `json:"inherits"` // father unless said: "mother", "none"
}

type countryFile struct {
	Ethnic    map[string]map[string]float64 `json:"ethnic_by_province"`
	Naming    map[string]*naming            `json:"naming"`
	Religion  map[string]map[string]float64 `json:"religion_by_province"`
	Faith     map[string]map[string]float64 `json:"religion_by_ethnicity"`
	OldGiven  map[string][]string           `json:"old_given"`
	Addresses struct {
		Urban     []string            `json:"urban"`
		UrbanForm map[string][]string `json:"urban_form"`
		RuralForm map[string][]string `json:"rural_form"`
	} `json:"addresses"`
	Cities map[string]float64 `json:"cities"`
	Old    map[string]string  `json:"old_number_prefix"`
}

const kinh, noReligion = "01", "00"

// theCountry reads the reference data, which never changes while the program runs, unless
// somebody still holds it: people are invented once, and then five megabytes are free.
func theCountry() (*country, error) {
	held.Lock()
	defer held.Unlock()
	if c := held.country.Value(); c != nil {
		return c, nil
	}
	c, err := readCountry()
	if err == nil {
		held.country = weak.Make(c)
	}
	return c, err
}

var held struct {
	sync.Mutex

	country weak.Pointer[country]
}

func readCountry() (*country, error) {
	var f countryFile
	raw, err := data.Names.ReadFile("names/country.json")
	if err != nil {
		return nil, fmt.Errorf("read the country: %w", err)
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("read the country: %w", err)
	}
	c := &country{
		byCode: map[string]*province{}, surnames: map[string]*choice[string]{}, naming: f.Naming,
		streets: f.Addresses.Urban, urban: f.Addresses.UrbanForm, rural: f.Addresses.RuralForm,
		religion: map[string]*choice[string]{}, faith: map[string]*choice[string]{},
	}
	return c, errors.Join(c.readNames(f), c.readProvinces(f), c.readCommunes())
}

func (c *country) readNames(f countryFile) error {
	for _, file := range []struct {
		name, column string
		to           *[2]*choice[string]
	}{{"given_names", "given", &c.given}, {"middle_names", "middle", &c.middle}} {
		rows, err := table(data.Names, "names/"+file.name+".csv")
		if err != nil {
			return err
		}
		var values [2][]string
		var weights [2][]float64
		for _, r := range rows {
			i := 0
			if r["sex"] == "F" {
				i = 1
			}
			if word, _, _ := strings.Cut(r[file.column], " "); i == 0 && word == "Thị" || i == 1 && word == "Văn" {
				continue // slips of the source
			}
			n, err := strconv.ParseFloat(r["count"], 64)
			if err != nil {
				return fmt.Errorf("read %s: %w", file.name, err)
			}
			values[i], weights[i] = append(values[i], citizen.Spell(r[file.column])), append(weights[i], n)
		}
		for i := range 2 {
			file.to[i] = newChoice(values[i], weights[i])
		}
	}
	for i, sex := range []string{"M", "F"} {
		c.oldGiven[i] = even(f.OldGiven[sex])
	}
	raw, err := data.Names.ReadFile("names/surnames_by_region.json")
	if err != nil {
		return fmt.Errorf("read surnames: %w", err)
	}
	var regions map[string][]struct {
		Surname string  `json:"surname"`
		Weight  float64 `json:"weight"`
	}
	if err := json.Unmarshal(raw, &regions); err != nil {
		return fmt.Errorf("read surnames: %w", err)
	}
	for region, list := range regions {
		var values []string
		var weights []float64
		for _, s := range list {
			values, weights = append(values, citizen.Spell(s.Surname)), append(weights, s.Weight)
		}
		c.surnames[region] = newChoice(values, weights)
	}
	return nil
}

func (c *country) readProvinces(f countryFile) error {
	rows, err := table(data.FS, "admin/provinces_63_population_est.csv")
	if err != nil {
		return err
	}
	regions, err := table(data.FS, "admin/provinces_2022.csv")
	if err != nil {
		return err
	}
	region := map[string]string{}
	for _, r := range regions {
		region[r["code"]] = r["region_id"]
	}
	var people, pull []float64
	for _, r := range rows {
		n, err := strconv.ParseFloat(r["population_est"], 64)
		if err != nil {
			return fmt.Errorf("read the population of %s: %w", r["code"], err)
		}
		p := &province{code: r["code"], oldPrefix: -1}
		if p.number, err = strconv.Atoi(p.code); err != nil {
			return fmt.Errorf("read province %s: %w", p.code, err)
		}
		if v, err := strconv.Atoi(f.Old[p.code]); err == nil {
			p.oldPrefix = v
		}
		p.region, p.land = lands(region[p.code])
		p.peoples = shares(f.Ethnic[p.code], kinh)
		c.provinces, c.byCode[p.code] = append(c.provinces, p), p
		people, pull = append(people, n), append(pull, f.Cities[p.code])
	}
	c.home, c.cities = newChoice(c.provinces, people), newChoice(c.provinces, pull)
	for p, s := range f.Religion {
		c.religion[p] = shares(s, noReligion)
	}
	for e, s := range f.Faith {
		c.faith[e] = shares(s, noReligion)
	}
	return nil
}

// lands tells by the eight regions of the country how people are named and how
// their villages are called.
func lands(region string) (names, villages string) {
	switch region {
	case "1", "2":
		return "north", "highland"
	case "3":
		return "north", "north"
	case "4", "5":
		return "central", "central"
	case "6":
		return "central", "tay_nguyen"
	}
	return "south", "south"
}

func (c *country) readCommunes() error {
	var err error
	read := func(name string) []map[string]string {
		rows, e := table(data.FS, "admin/"+name+".csv")
		err = errors.Join(err, e)
		return rows
	}
	index := func(rows []map[string]string, key string) map[string]map[string]string {
		m := make(map[string]map[string]string, len(rows))
		for _, r := range rows {
			m[r[key]] = r
		}
		return m
	}
	old, now := read("communes_2022"), index(read("communes_2025"), "code")
	districts, mid := index(read("districts_2022"), "code"), index(read("communes_2025h1"), "code")
	midDistricts := index(read("districts_2025h1"), "code")
	moves := map[string]map[string]string{}
	parts := map[string]float64{} // how many old communes went into a new one
	for _, r := range read("map_commune_2022_to_2025") {
		if _, known := moves[r["commune_2022"]]; known && r["is_default"] != "1" || r["new_commune_code"] == "" {
			continue
		}
		moves[r["commune_2022"]] = r
	}
	if err != nil {
		return err
	}
	for _, r := range moves {
		parts[r["new_commune_code"]]++
	}
	spots, weights := map[string][]spot{}, map[string][]float64{}
	for _, r := range old {
		m, ok := moves[r["code"]]
		if !ok {
			continue
		}
		d := districts[r["district_code"]]
		s := spot{
			province: d["province_code"], district: d["code"], commune: r["code"],
			newProvince: m["new_province_code"], newCode: m["new_commune_code"], urban: r["type"] == "Phường" || r["type"] == "Thị trấn",
		}
		s.midProvince, s.midDistrict, s.midCode = s.province, s.district, s.commune
		if h, ok := mid[m["commune_2025h1"]]; ok {
			s.midCode, s.midDistrict = h["code"], h["district_code"]
			s.midProvince = midDistricts[s.midDistrict]["province_code"]
		}
		w, err := strconv.ParseFloat(now[s.newCode]["population"], 64)
		if err != nil { // 66 are blank in the source
			w = 10000
		}
		spots[s.province], weights[s.province] = append(spots[s.province], s), append(weights[s.province], w/parts[s.newCode])
		if s.commune == "00001" {
			c.spot = s
		}
	}
	for _, p := range c.provinces {
		p.communes = newChoice(spots[p.code], weights[p.code])
	}
	return nil
}

// shares makes a choice from percentages; what is left of the hundred is rest.
func shares(of map[string]float64, rest string) *choice[string] {
	values, weights, left := []string{rest}, []float64{0}, 100.0
	for _, code := range slices.Sorted(maps.Keys(of)) {
		values, weights = append(values, code), append(weights, of[code])
		left -= of[code]
	}
	weights[0] = max(left, 0)
	return newChoice(values, weights)
}

// table reads a CSV file with a header.
func table(fsys fs.FS, name string) ([]map[string]string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	var rows []map[string]string
	for {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		row := make(map[string]string, len(header))
		for i, h := range header {
			row[h] = line[i]
		}
		rows = append(rows, row)
	}
}
