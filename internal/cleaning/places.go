package cleaning

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
)

// placeID names a unit of any time in a Gazetteer; 0 is no place.
type placeID uint16

// unit is a province, district or commune of some time, by the ground that it has now.
type unit struct {
	level    org.Level
	province uint16   // of now
	district placeID  // of a commune of the time of districts
	home     uint16   // the commune of now that stands for it; 0 for provinces and districts
	also     []uint16 // other communes of now that have some of its ground
	code     string
	name     string  // as it is shown
	kind     string  // the word before its name, folded: "phuong"
	above    placeID // the district or province
}

// Gazetteer is the units of all times, prepared for reading addresses and for saying
// whether two of them lie on the same ground.
type Gazetteer struct {
	units      []unit
	provinces  map[string]placeID   // by folded short name
	districts  map[placed][]placeID // in a province of now
	communes   map[placed][]placeID // in a province of now
	codes      map[string]placeID   // of provinces and districts
	before     map[string]placeID   // communes of the time of districts, by code
	now        map[string]placeID   // communes of now, by code
	standing   []placeID            // the communes of now, by ordinal
	registered [100]uint16          // the provinces of now of the codes in personal numbers
	homes      int                  // how many communes there are now, and one
	regions    int                  // how many provinces, and one
}

type placed struct {
	province uint16
	name     string
}

// placeNames are other names by which people write provinces.
var placeNames = map[string]string{
	"hcm": "ho chi minh", "tphcm": "ho chi minh", "sai gon": "ho chi minh", "hn": "ha noi",
	"thua thien hue": "hue", "brvt": "ba ria vung tau", "daklak": "dak lak", "dac lac": "dak lak", "daknong": "dak nong",
}

// NewGazetteer prepares the territory as it stands on a day.
func NewGazetteer(t *org.Territory, versions []org.Version, on clock.Date) *Gazetteer {
	g := &Gazetteer{
		units: make([]unit, 1, len(versions)+1), provinces: map[string]placeID{}, districts: map[placed][]placeID{}, communes: map[placed][]placeID{},
		codes: map[string]placeID{}, before: map[string]placeID{}, now: map[string]placeID{}, homes: 1, regions: 1,
	}
	region, home := map[string]uint16{}, map[string]uint16{} // ordinals of today's provinces and communes, by id
	for _, v := range versions {
		if !v.On(on) {
			continue
		}
		switch v.Level {
		case org.Province:
			region[v.ID] = uint16(g.regions)
			g.regions++
		case org.Commune:
			home[v.ID] = uint16(g.homes)
			g.homes++
		}
	}
	regionOf := func(v org.Version) uint16 {
		for _, b := range t.Became(v, on) {
			if r := region[b.ID]; r != 0 {
				return r
			}
		}
		return 0
	}
	districtID := map[string]placeID{}
	for _, level := range []org.Level{org.Province, org.District, org.Commune} {
		for _, v := range versions {
			if v.Level == level {
				g.add(t, v, on, region, home, districtID, regionOf)
			}
		}
	}
	for alias, name := range placeNames {
		if id := g.provinces[name]; id != 0 {
			g.provinces[alias] = id
		}
	}
	return g
}

func (g *Gazetteer) add(
	t *org.Territory, v org.Version, on clock.Date, region, home map[string]uint16, districtID map[string]placeID, regionOf func(org.Version) uint16,
) {
	id, u, name := placeID(len(g.units)), unit{level: v.Level, code: v.Code, name: v.Name, kind: citizen.Fold(v.Type())}, shortPlace(citizen.Fold(v.Short()))
	put := func(m map[placed][]placeID) {
		k := placed{u.province, name}
		m[k] = append(m[k], id)
	}
	switch v.Level {
	case org.Province:
		if u.province = regionOf(v); u.province == 0 {
			return
		}
		g.provinces[name], g.codes[v.Code] = id, id
		if code, err := strconv.Atoi(v.Code); err == nil && code < len(g.registered) {
			g.registered[code] = u.province
		}
	case org.District:
		if u.province = g.regionByCode(t.ProvinceOf(v)); u.province == 0 {
			return
		}
		u.above = g.codes[t.ProvinceOf(v)]
		u.district = id
		if old, ok := districtID[v.ID]; ok {
			u.district = old // renamed
		}
		districtID[v.ID], g.codes[v.Code] = u.district, id
		put(g.districts)
	case org.Commune:
		for _, b := range t.Became(v, on) {
			h := home[b.ID]
			switch {
			case h == 0:
			case u.home == 0:
				u.home = h
				u.province = g.regionByCode(t.ProvinceOf(b))
			default:
				u.also = append(u.also, h)
			}
		}
		if u.home == 0 || u.province == 0 {
			return
		}
		if u.district = districtID[v.Parent]; u.district != 0 {
			g.before[v.Code], u.above = id, u.district
		} else {
			g.now[v.Code], u.above = id, g.codes[t.ProvinceOf(v)]
			if v.On(on) {
				for len(g.standing) < g.homes {
					g.standing = append(g.standing, 0)
				}
				g.standing[u.home] = id
			}
		}
		put(g.communes)
	default:
		return
	}
	g.units = append(g.units, u)
}

func (g *Gazetteer) regionByCode(code string) uint16 { return g.units[g.codes[code]].province }

// same says that two places of communes may be the same ground now.
func (g *Gazetteer) same(a, b placeID) bool {
	x, y := &g.units[a], &g.units[b]
	if x.home == 0 || y.home == 0 {
		return false
	}
	if x.home == y.home {
		return true
	}
	return len(x.also) > 0 && slices.Contains(x.also, y.home) || len(y.also) > 0 && slices.Contains(y.also, x.home)
}

// codeOf is the code of the commune of now that has the ground of a place; "" when that is none,
// or several.
func (g *Gazetteer) codeOf(id placeID) string {
	if u := &g.units[id]; u.home != 0 && len(u.also) == 0 {
		return g.units[g.standing[u.home]].code
	}
	return ""
}

// coded reads "74/724/25948" and "79//00123": the codes of province, district and commune.
// A district says that the place is of the time of districts.
func (g *Gazetteer) coded(s string) placeID {
	at := strings.LastIndexByte(s, '/')
	commune, above := s[at+1:], ""
	if at > 0 {
		above = s[:at]
	}
	province, district, _ := strings.Cut(above, "/")
	first, second := g.now, g.before
	if district != "" {
		first, second = g.before, g.now
	}
	if commune != "" {
		if id := first[commune]; id != 0 {
			return id
		}
		if id := second[commune]; id != 0 {
			return id
		}
	}
	if id := g.codes[district]; id != 0 && district != "" {
		return id
	}
	return g.codes[province]
}

// kindWords are the words before names of units, as people write them.
var kindWords = [...]struct {
	words string
	level org.Level
}{
	{"thanh pho", ""},
	{"tinh", org.Province},
	{"tp", ""},
	{"t p", ""},
	{"quan", org.District},
	{"huyen", org.District},
	{"thi xa", org.District},
	{"thi tran", org.Commune},
	{"phuong", org.Commune},
	{"dac khu", org.Commune},
	{"xa", org.Commune},
	{"tx", org.District},
	{"tt", org.Commune},
	{"q", org.District},
	{"h", org.District},
	{"p", org.Commune},
	{"x", org.Commune},
	{"t", org.Province},
}

// shortPlace takes the word before a folded name off: "phuong 01" is "1".
func shortPlace(s string) string {
	name, _ := cutKind(s)
	return name
}

func cutKind(s string) (string, org.Level) {
	for _, k := range kindWords {
		rest, ok := strings.CutPrefix(s, k.words)
		switch {
		case !ok || rest == "":
		case rest[0] == ' ':
			return plainNumber(rest[1:]), k.level
		case len(k.words) == 1 && rest[0] >= '0' && rest[0] <= '9':
			return plainNumber(rest), k.level
		}
	}
	return plainNumber(s), ""
}

func plainNumber(s string) string {
	if n, err := strconv.Atoi(s); err == nil {
		return strconv.Itoa(n)
	}
	return s
}

// parts cuts an address at commas; where there are none, before the words for units.
func parts(text string) []string {
	var out []string
	for p := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == '|' || r == '\n' }) {
		for q := range strings.SplitSeq(p, " - ") {
			if f := citizen.Fold(q); f != "" {
				out = append(out, f)
			}
		}
	}
	if len(out) != 1 {
		return out
	}
	words := strings.Fields(strings.ToLower(citizen.Spell(text)))
	out = out[:0]
	start := 0
	for i := 1; i < len(words); i++ {
		if beginsUnit(words, i) {
			out = append(out, citizen.Fold(strings.Join(words[start:i], " ")))
			start = i
		}
	}
	return append(out, citizen.Fold(strings.Join(words[start:], " ")))
}

// beginsUnit says that a word is what units are, and not a part of their names: "xã" is,
// "Xá" is not.
func beginsUnit(words []string, i int) bool {
	next := ""
	if i+1 < len(words) {
		next = words[i+1]
	}
	switch words[i] {
	case "xã", "xa":
		return words[i-1] != "thị" && words[i-1] != "thi"
	case "phường", "phuong", "huyện", "huyen", "quận", "quan", "tỉnh", "tinh", "tp", "tp.":
		return true
	case "thị", "thi":
		return next == "xã" || next == "xa" || next == "trấn" || next == "tran"
	case "thành", "thanh":
		return next == "phố" || next == "pho"
	}
	return false
}

// read finds the smallest unit that an address surely names. The address may begin with a
// house and a street; its units come from the small to the large, of the old or new time.
func (g *Gazetteer) read(address string) placeID {
	segments := parts(address)
	if len(segments) == 0 {
		return 0
	}
	var province placeID
	end := len(segments)
	if p := g.province(segments[end-1]); p != 0 {
		province, end = p, end-1
	} else if end > 1 {
		if p := g.province(segments[end-2]); p != 0 { // "…, Hà Nội, Việt Nam"
			province, end = p, end-2
		}
	}
	if province == 0 {
		return g.anywhere(segments)
	}
	if id, _ := g.within(g.units[province].province, segments[:end], end); id != 0 {
		return id
	}
	return province
}

// anywhere finds the unit of an address that names no province: files of one province leave
// it out. It must be the only one in the country that fits as well as it does.
func (g *Gazetteer) anywhere(segments []string) placeID {
	var found placeID
	best, twice := 0, false
	for region := 1; region < g.regions; region++ {
		id, fit := g.within(uint16(region), segments, 1)
		switch {
		case fit > best:
			found, best, twice = id, fit, false
		case fit == best && fit > 0:
			twice = true
		}
	}
	if twice {
		return 0
	}
	return found
}

// within finds the smallest unit of a province that the last segments of an address name,
// where one of the last few begins it, and how many of them say so.
func (g *Gazetteer) within(region uint16, segments []string, last int) (found placeID, fit int) {
	var district placeID
	end := len(segments)
	for i := end - 1; i >= 0 && i >= end-4; i-- {
		if district == 0 && end-i > last {
			break
		}
		name, level := cutKind(segments[i])
		if level != org.Commune && district == 0 {
			if ids := g.districts[placed{region, name}]; len(ids) > 0 {
				if c := g.commune(region, 0, segments[i]); level == "" && i == end-1 && i > 0 && c != 0 && g.inDistrict(region, ids, segments[i-1]) == 0 {
					return c, 1 // a name that a district and a commune of now share
				}
				district = ids[0]
				if i > 0 {
					if c := g.inDistrict(region, ids, segments[i-1]); c != 0 {
						return c, 2
					}
				}
				if i > 1 {
					continue
				}
				break
			}
		}
		if c := g.commune(region, district, segments[i]); c != 0 {
			if district != 0 {
				return c, 2
			}
			return c, 1
		}
	}
	if district != 0 {
		return district, 1
	}
	return 0, 0
}

func (g *Gazetteer) province(segment string) placeID {
	if id := g.provinces[segment]; id != 0 {
		return id
	}
	name, level := cutKind(segment)
	if level == org.Commune || level == org.District {
		return 0
	}
	return g.provinces[name]
}

// inDistrict finds a commune by name in one of these districts.
func (g *Gazetteer) inDistrict(region uint16, districts []placeID, segment string) placeID {
	for _, d := range districts {
		if c := g.commune(region, d, segment); c != 0 {
			return c
		}
	}
	return 0
}

// commune finds a commune by its name in a province, and in a district where one is given.
// Without a district the address is of today, if there is such a commune today. Two of the
// name on different ground are none.
func (g *Gazetteer) commune(region uint16, district placeID, segment string) placeID {
	name, level := cutKind(segment)
	if level == org.Province || level == org.District {
		return 0
	}
	kind := communeKind(segment)
	var found, now placeID
	several, nows := false, 0
	for _, id := range g.communes[placed{region, name}] {
		u := &g.units[id]
		switch {
		case district != 0 && u.district != g.units[district].district, kind != "" && district == 0 && u.kind != kind:
			continue
		case found == 0:
			found = id
		case g.units[found].home != u.home:
			several = true
		}
		if u.district == 0 && (now == 0 || g.units[now].home != u.home) {
			now = id
			nows++
		}
	}
	switch {
	case district == 0 && nows == 1:
		return now
	case several:
		return 0
	}
	return found
}

// communeKind is the word before a commune's name, in full; "" when there is none.
func communeKind(segment string) string {
	for _, k := range [...][2]string{
		{"phuong ", "phuong"}, {"p ", "phuong"}, {"xa ", "xa"}, {"x ", "xa"}, {"thi tran ", "thi tran"}, {"tt ", "thi tran"}, {"dac khu ", "dac khu"},
	} {
		if strings.HasPrefix(segment, k[0]) {
			return k[1]
		}
	}
	return ""
}

// called is a place with the units above it: "Xã A, Huyện B, Tỉnh C".
func (g *Gazetteer) called(id placeID) string {
	var names []string
	for id != 0 && len(names) < 3 {
		names = append(names, g.units[id].name)
		id = g.units[id].above
	}
	return strings.Join(names, ", ")
}

// ReadGazetteer prepares the units of the reference data as they stand on a day.
func ReadGazetteer(reference fs.FS, on clock.Date) (*Gazetteer, error) {
	h, err := org.ReadHistory(reference)
	if err != nil {
		return nil, fmt.Errorf("prepare places: %w", err)
	}
	return NewGazetteer(org.NewTerritory(*h), h.Versions, on), nil
}
