package population

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/clock"
)

// Ground is where somebody has to live to be meant: in any of these.
type Ground struct {
	Communes  []string // codes, old or new, in whatever province they are recorded
	Districts []Home   // Province and District: until 30 June 2025
	Homes     []Home   // Province and Commune of today
	Provinces []string // whole ones
	Before    []string // provinces of before, of those who are recorded in a district of it
}

// Home is a part of a Place by its codes.
type Home struct{ Province, District, Commune string }

// IsZero says that it narrows nothing.
func (g *Ground) IsZero() bool {
	return len(g.Communes) == 0 && len(g.Districts) == 0 && len(g.Homes) == 0 && len(g.Provinces) == 0 && len(g.Before) == 0
}

// Has says that a place is within.
func (g *Ground) Has(p Place) bool {
	return g.IsZero() || slices.Contains(g.Communes, p.Commune) || slices.Contains(g.Provinces, p.Province) ||
		p.District != "" && slices.Contains(g.Districts, Home{Province: p.Province, District: p.District}) ||
		p.District != "" && slices.Contains(g.Before, p.Province) ||
		p.District == "" && slices.Contains(g.Homes, Home{Province: p.Province, Commune: p.Commune})
}

// places finds units by what people call them.
type places struct {
	units Units
	names []UnitName
	by    map[string][]int32 // squeezed names without their kind: places in names
	homes sync.Map           // UnitName of a district or province of before: []Home on its ground today
}

// placesOf keeps the index of the units until they are others.
type placesOf struct {
	mu    sync.Mutex
	index *places
}

func (k *placesOf) of(u Units) *places {
	k.mu.Lock()
	defer k.mu.Unlock()
	names := u.Names()
	if k.index == nil || len(k.index.names) != len(names) || len(names) > 0 && &k.index.names[0] != &names[0] {
		k.index = newPlaces(u, names)
	}
	return k.index
}

func newPlaces(u Units, names []UnitName) *places {
	x := &places{units: u, names: names, by: make(map[string][]int32, len(names))}
	for i, n := range names {
		key := placeKey(bareName(n.Name))
		x.by[key] = append(x.by[key], int32(i)) //nolint:gosec // some thousands
	}
	for alias, name := range placeAliases {
		if len(x.by[alias]) == 0 {
			for _, i := range x.by[name] {
				if x.names[i].Level != CommuneLevel {
					x.by[alias] = append(x.by[alias], i)
				}
			}
		}
	}
	return x
}

// placeAliases are other names in use of provinces and cities, squeezed.
var placeAliases = map[string]string{
	"hn": "hanoi", "hcm": "hochiminh", "tphcm": "hochiminh", "saigon": "hochiminh", "sg": "hochiminh", "tphochiminh": "hochiminh", "hp": "haiphong",
	"dng": "danang", "brvt": "bariavungtau", "vt": "vungtau", "tth": "thuathienhue", "tthue": "thuathienhue", "bmt": "buonmathuot",
	"buonmethuot": "buonmathuot", "banmethuot": "buonmathuot", "daclac": "daklak", "darlac": "daklak", "dacnong": "daknong",
	"baccan": "backan", "contum": "kontum", "komtum": "kontum", "pleicu": "pleiku",
}

// placeKey is a name of a place as it is looked up: folded, in one word, i and y are one,
// numbers without zeros before.
func placeKey(name string) string {
	words := searchWords(name)
	for i, w := range words {
		if strings.Trim(w, "0123456789") == "" {
			words[i] = strings.TrimLeft(w, "0")
		}
	}
	return strings.Join(words, "")
}

// kindOfPlace is a word before the name of a place.
type kindOfPlace struct {
	words  string // folded
	full   string // as it is spelled with accents; "" for what is short for it
	levels []UnitLevel
}

var placeKinds = []kindOfPlace{
	{"thi tran", "thị trấn", []UnitLevel{CommuneLevel}},
	{"dac khu", "đặc khu", []UnitLevel{CommuneLevel}},
	{"thanh pho", "thành phố", []UnitLevel{ProvinceLevel, DistrictLevel}},
	{"thi xa", "thị xã", []UnitLevel{DistrictLevel}},
	{"tinh", "tỉnh", []UnitLevel{ProvinceLevel}},
	{"phuong", "phường", []UnitLevel{CommuneLevel}},
	{"xa", "xã", []UnitLevel{CommuneLevel}},
	{"huien", "huyện", []UnitLevel{DistrictLevel}},
	{"quan", "quận", []UnitLevel{DistrictLevel}},
	{"tt", "", []UnitLevel{CommuneLevel}},
	{"tp", "", []UnitLevel{ProvinceLevel, DistrictLevel}},
	{"tx", "", []UnitLevel{DistrictLevel}},
	{"p", "", []UnitLevel{CommuneLevel}},
	{"f", "", []UnitLevel{CommuneLevel}},
	{"x", "", []UnitLevel{CommuneLevel}},
	{"h", "", []UnitLevel{DistrictLevel}},
	{"q", "", []UnitLevel{DistrictLevel}},
	{"t", "", []UnitLevel{ProvinceLevel}},
}

// bareName is the name of a unit without its kind.
func bareName(name string) string {
	lower := strings.ToLower(norm.NFC.String(name))
	for _, k := range placeKinds {
		if k.full != "" && strings.HasPrefix(lower, k.full+" ") {
			return strings.TrimSpace(lower[len(k.full):])
		}
	}
	return lower
}

// isKind says that one word is the kind of a place, its accents too if it has some.
func isKind(word string) bool {
	lower := strings.ToLower(norm.NFC.String(word))
	return slices.ContainsFunc(placeKinds, func(k kindOfPlace) bool { return k.full == lower || !hasAccents(lower) && k.words == lower })
}

// kindAt says which kind of place words begin with, and in how many words.
func kindAt(words []piece) (kindOfPlace, int) {
	for _, k := range placeKinds {
		n := strings.Count(k.words, " ") + 1
		if n > len(words) || joined(words[:n], " ") != k.words {
			continue
		}
		var full []string
		for _, w := range words[:n] {
			full = append(full, strings.ToLower(norm.NFC.String(w.text)))
		}
		if said := strings.Join(full, " "); hasAccents(said) && said != k.full {
			continue
		}
		return k, n
	}
	return kindOfPlace{}, 0
}

func joined(words []piece, by string) string {
	var list []string
	for _, w := range words {
		list = append(list, w.fold)
	}
	return strings.Join(list, by)
}

func hasAccents(s string) bool {
	for _, r := range norm.NFD.String(s) {
		if unicode.Is(unicode.Mn, r) || r == 'đ' || r == 'Đ' {
			return true
		}
	}
	return false
}

// named are the units that words name. A kind says of which level, and of two with one
// name in a level those of that kind; typed accents decide when somebody fits them.
func (x *places) named(words []piece, kind kindOfPlace) []UnitName {
	var all []UnitName
	for _, i := range x.by[placeKey(joined(words, " "))] {
		if n := x.names[i]; len(kind.levels) == 0 || slices.Contains(kind.levels, n.Level) {
			all = append(all, n)
		}
	}
	var texts []string
	for _, w := range words {
		texts = append(texts, w.text)
	}
	if typed := strings.Join(texts, " "); hasAccents(typed) {
		all = preferring(all, func(n UnitName) bool { return slices.Equal(spelled(typed), spelled(bareName(n.Name))) })
	}
	if kind.full != "" {
		all = preferring(all, func(n UnitName) bool {
			return strings.HasPrefix(strings.ToLower(norm.NFC.String(n.Name)), kind.full+" ")
		})
	}
	return all
}

// preferring are those that are better, or all when none is.
func preferring(all []UnitName, better func(UnitName) bool) []UnitName {
	var out []UnitName
	for _, n := range all {
		if better(n) {
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// spelled are letters and accents of a text in an order in which the tone's place in a
// word says nothing.
func spelled(s string) []rune {
	list := []rune(norm.NFD.String(strings.ToLower(s)))
	list = slices.DeleteFunc(list, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && (r < '0' || r > '9') })
	slices.Sort(list)
	return list
}

// within are the units of which some part lies in one of the others.
func (x *places) within(inner, outer []UnitName) []UnitName {
	var out []UnitName
	for _, n := range inner {
		if slices.ContainsFunc(outer, func(o UnitName) bool { return x.lies(n, o) }) {
			out = append(out, n)
		}
	}
	return out
}

func (x *places) lies(n, o UnitName) bool {
	if o.Level >= n.Level {
		return o == n
	}
	if o.Level == ProvinceLevel {
		return x.inProvince(n, o)
	}
	if n.District != "" { // of before, and the district
		return n.District == o.Code && n.Province == o.Province
	}
	return slices.ContainsFunc(x.units.Old(n.Code), func(code string) bool {
		was, ok := x.units.Commune(code, LastOldDay)
		return ok && was.District == o.Code && was.Province == o.Province
	})
}

// inProvince says that a unit lies in a province: one of before in it or in what became
// of it, one of today in it or on its ground.
func (x *places) inProvince(n, o UnitName) bool {
	switch {
	case n.Province == o.Code && n.Current == o.Current:
		return true
	case n.Current == o.Current:
		return false
	case o.Current: // the provinces became others whole
		return slices.Contains(x.units.SameProvince(o.Code), n.Province) && slices.Contains(x.now(n.Province), o.Code)
	}
	return slices.ContainsFunc(x.units.Old(n.Code), func(code string) bool {
		was, ok := x.units.Commune(code, LastOldDay)
		return ok && was.Province == o.Code
	})
}

// now are the provinces of today on the ground of one of before.
func (x *places) now(code string) []string {
	var out []string
	for _, c := range x.units.SameProvince(code) {
		if _, ok := x.units.Province(c, clock.Date{}); ok {
			out = append(out, c)
		}
	}
	return out
}

// ground is where one lives who lives in one of the units: as they were recorded there,
// before the reform and since, and in what took over the ground or had it.
func (x *places) ground(units []UnitName) Ground {
	var g Ground
	for _, n := range units {
		switch n.Level {
		case CommuneLevel:
			g.Communes = append(g.Communes, n.Code)
			g.Communes = append(g.Communes, x.units.Successors(n.Code)...)
			if n.Current {
				g.Communes = append(g.Communes, x.units.Old(n.Code)...)
			}
		case DistrictLevel:
			g.Districts = append(g.Districts, Home{Province: n.Province, District: n.Code})
			g.Homes = append(g.Homes, x.since(n, func(u UnitName) bool { return u.District == n.Code && u.Province == n.Province })...)
		case ProvinceLevel:
			switch {
			case n.Current: // those that it was made of, too
				g.Provinces = append(g.Provinces, x.units.SameProvince(n.Code)...)
				continue
			case slices.Contains(x.now(n.Code), n.Code): // its code is that of a wider one today
				g.Before = append(g.Before, n.Code)
			default:
				g.Provinces = append(g.Provinces, n.Code)
			}
			g.Homes = append(g.Homes, x.since(n, func(u UnitName) bool { return u.Province == n.Code })...)
		}
	}
	g.Communes, g.Provinces = sortedSet(g.Communes), sortedSet(g.Provinces)
	slices.SortFunc(g.Homes, compareHomes)
	g.Homes = slices.Compact(g.Homes)
	return g
}

// since are today's communes on the ground of a unit: of its communes of before.
func (x *places) since(unit UnitName, before func(UnitName) bool) []Home {
	if known, ok := x.homes.Load(unit); ok {
		return known.([]Home)
	}
	var out []Home
	for _, u := range x.names {
		if u.Level != CommuneLevel || u.Current || !before(u) {
			continue
		}
		for _, code := range x.units.Successors(u.Code) {
			if now, ok := x.units.Commune(code, clock.Date{}); ok && now.Current {
				out = append(out, Home{Province: now.Province, Commune: now.Code})
			}
		}
	}
	x.homes.Store(unit, out)
	return out
}

func compareHomes(a, b Home) int {
	return strings.Compare(a.Province+a.District+a.Commune, b.Province+b.District+b.Commune)
}

func sortedSet(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
