package eform

import (
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// Unit is a commune, or a province, as it was called over a span of days.
type Unit struct {
	Code         string // "05443"
	Name         string // "Phường Phan Đình Phùng"
	Province     string // code; of a province its own
	ProvinceName string
	District     string // code, "" since 1 July 2025
	DistrictName string
	From, To     clock.Date // the first day, and the day after the last; zero To is until further notice
}

// On says that there was the unit, under this name, on a day.
func (u Unit) On(day clock.Date) bool {
	return !u.From.After(day) && (u.To.IsZero() || u.To.After(day))
}

// Where is its name with what it lies in.
func (u Unit) Where() string {
	parts := []string{u.Name, u.DistrictName, u.ProvinceName}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// Units knows communes and provinces through time.
type Units interface {
	// Called lists the communes that have or had a name, folded as FoldUnit does, with its
	// kind ("phuong phan dinh phung") or without (BareUnit), each as it was then.
	Called(folded string) []Unit
	// Commune is the commune of a code on a day, or as it was last when it had ended by
	// then.
	Commune(code string, on clock.Date) (Unit, bool)
	// Province is a province in the same way.
	Province(code string, on clock.Date) (Unit, bool)
	// Provinces are those of a day, by name.
	Provinces(on clock.Date) []Unit
	// Became lists the communes that have the ground of one on a day, the likeliest first;
	// several when it was split.
	Became(u Unit, on clock.Date) []Unit
}

// MostProposed is how many communes a page offers; of more, the province is asked for.
const MostProposed = 20

// Proposal is what a name means that somebody typed as an address.
type Proposal struct {
	// Now are the communes of the day that it can mean, those first that have the name on
	// it. Of several one must be chosen.
	Now   []Unit
	Exact int // how many of Now have the name on the day
	// Old are those of other days that had the name; Now has those that have their ground.
	Old []Unit
}

// Propose finds what a text means on a day: the name of a commune as people say it, with or
// without its kind, alone or with what it lies in ("Hòa Bình, Hòa Vang, Đà Nẵng"), or its
// code. Old names lead to the communes that have the ground today. province narrows it to
// one of today's; "" does not.
func Propose(units Units, text, province string, on clock.Date) Proposal {
	if units == nil {
		return Proposal{}
	}
	name, above, _ := strings.Cut(line(text), ",")
	folded := FoldUnit(name)
	var found []Unit
	if len(folded) == 5 && strings.Trim(folded, "0123456789") == "" {
		if u, ok := units.Commune(folded, on); ok {
			found = []Unit{u}
		}
	} else if folded != "" {
		found = units.Called(folded)
	}
	for part := range strings.SplitSeq(above, ",") {
		if part = FoldUnit(part); part != "" {
			found = within(found, part)
		}
	}
	// Accents that were typed count: of "Từ Sơn" and "Tu Son" only the first is meant.
	if exact := slices.DeleteFunc(slices.Clone(found), func(u Unit) bool { return !spelledIn(name, u.Name) }); len(exact) > 0 {
		found = exact
	}
	var p Proposal
	in := func(u Unit) bool { return province == "" || u.Province == province }
	for _, u := range found {
		if u.On(on) && in(u) {
			p.Now = addUnit(p.Now, u)
		}
	}
	p.Exact = len(p.Now)
	for _, u := range found {
		if u.On(on) {
			continue
		}
		became := slices.DeleteFunc(slices.Clone(units.Became(u, on)), func(u Unit) bool { return !in(u) })
		if len(became) == 0 {
			continue
		}
		p.Old = addUnit(p.Old, u)
		for _, n := range became {
			p.Now = addUnit(p.Now, n)
		}
	}
	return p
}

func addUnit(list []Unit, u Unit) []Unit {
	if slices.ContainsFunc(list, func(o Unit) bool { return o.Code == u.Code && o.Name == u.Name }) {
		return list
	}
	return append(list, u)
}

// spelledIn says that a name was typed with its accents, or without any.
func spelledIn(typed, name string) bool {
	_, bare, _ := strings.Cut(name, " ")
	if rest, ok := strings.CutPrefix(strings.ToLower(bare), "trấn "); ok {
		bare = rest
	}
	if rest, ok := strings.CutPrefix(strings.ToLower(bare), "khu "); ok {
		bare = rest
	}
	for _, word := range []string{"p.", "x.", "tt."} {
		if rest, ok := strings.CutPrefix(strings.ToLower(typed), word); ok {
			typed = rest
		}
	}
	return citizen.SameName(typed, name) || citizen.SameName(typed, bare)
}

// unitKinds are the kinds of units, folded, with their short forms.
var unitKinds = map[string]string{
	"p": "phuong", "x": "xa", "tt": "thi tran", "dk": "dac khu", "q": "quan", "h": "huien", "tx": "thi xa", "tp": "thanh pho", "t": "tinh",
}

// FoldUnit reduces the name of a unit to what all ways of writing it share: without
// accents, y as i, short forms of its kind written out, numbers without zeros before them.
// "P. 05" and "Phường 5" are "phuong 5".
func FoldUnit(name string) string {
	words := strings.Fields(strings.ReplaceAll(spelling.Fold(name), "y", "i"))
	for i, w := range words {
		if n := strings.TrimLeft(w, "0"); n != "" && strings.Trim(w, "0123456789") == "" && len(w) < 4 {
			words[i] = n
		}
	}
	if len(words) > 1 {
		if kind, short := unitKinds[words[0]]; short {
			words[0] = kind
		}
	}
	return strings.Join(words, " ")
}

// BareUnit is a folded name without the kind of unit before it: "phuong 5" is "5".
func BareUnit(folded string) string {
	for _, kind := range unitKinds {
		if bare, ok := strings.CutPrefix(folded, kind+" "); ok && bare != "" {
			return bare
		}
	}
	return folded
}

// within are those that lie in a unit with a folded name. Of none, those that lie in one
// that is called so and is of another kind: people say "thành phố Thái Nguyên" of what is
// the province today.
func within(found []Unit, folded string) []Unit {
	in := func(name string) []Unit {
		return slices.DeleteFunc(slices.Clone(found), func(u Unit) bool { return !liesIn(u, name) })
	}
	if strict := in(folded); len(strict) > 0 {
		return strict
	}
	return in(BareUnit(folded))
}

// liesIn says that the district or the province of a unit has a folded name, with its kind
// or without.
func liesIn(u Unit, folded string) bool {
	has := func(above string) bool {
		full := FoldUnit(above)
		return full != "" && (full == folded || BareUnit(full) == folded)
	}
	return has(u.DistrictName) || has(u.ProvinceName)
}

// place reads an address. In Vietnam it is a commune that there is on the day, and what
// lies below it; elsewhere a country and text. A name instead of a code is looked up.
func (q *Question) place(v Value, facts Facts) (Value, *fault.Error) {
	p := Place{}
	if v.Place != nil {
		p = *v.Place
	}
	p.Detail = line(p.Detail)
	if p.Country == "" {
		p.Country = Vietnam
	}
	if _, wrong := (&Question{Max: q.Max}).length(p.Detail, longLine); wrong != nil {
		return v, wrong
	}
	if p.Country != Vietnam {
		country, known := Lists()["country"].Find(p.Country)
		switch {
		case !known:
			return v, invalid("eform.place.country", nil)
		case p.Detail == "" && line(v.Text) == "":
			return v, invalid("eform.place.abroad", fault.Args{"country": country})
		case p.Detail == "":
			p.Detail = line(v.Text)
		}
		return Value{Place: &Place{Country: p.Country, Detail: p.Detail}}, nil
	}
	if p.Commune == "" {
		return q.named(v, p, facts)
	}
	if facts.Units == nil {
		return Value{Place: &p}, nil
	}
	u, ok := facts.Units.Commune(p.Commune, facts.Today)
	switch {
	case !ok:
		return v, invalid("eform.place.code", nil)
	case !u.On(facts.Today):
		now := facts.Units.Became(u, facts.Today)
		return v, oldUnit(u, now)
	case p.Province != "" && p.Province != u.Province:
		return v, invalid("eform.place.province", fault.Args{"name": u.Name, "province": u.ProvinceName})
	}
	p.Province, p.District = u.Province, u.District
	return Value{Place: &p}, nil
}

// named reads an address of which the commune is a name.
func (q *Question) named(v Value, p Place, facts Facts) (Value, *fault.Error) {
	text := line(v.Text)
	if text == "" {
		return v, invalid("eform.place.missing", nil)
	}
	if utf8.RuneCountInString(text) > longLine {
		return v, invalid("eform.wrong.long", fault.Args{"n": utf8.RuneCountInString(text), "most": longLine})
	}
	if facts.Units == nil {
		return v, invalid("eform.place.unknown", fault.Args{"name": text})
	}
	found := Propose(facts.Units, text, p.Province, facts.Today)
	switch {
	case len(found.Now) == 0 && p.Province != "" && len(Propose(facts.Units, text, "", facts.Today).Now) > 0:
		return v, invalid("eform.place.elsewhere", fault.Args{"name": text})
	case len(found.Now) == 0:
		return v, invalid("eform.place.unknown", fault.Args{"name": text})
	case len(found.Now) > MostProposed:
		return v, invalid("eform.place.many", fault.Args{"name": text, "n": len(found.Now)})
	case found.Exact == 0 && len(found.Old) == 1:
		return v, oldUnit(found.Old[0], found.Now)
	case len(found.Now) > 1 || found.Exact == 0:
		return v, invalid("eform.place.several", fault.Args{"name": text, "n": len(found.Now)})
	}
	u := found.Now[0]
	p.Commune, p.Province, p.District = u.Code, u.Province, u.District
	return Value{Place: &p}, nil
}

// oldUnit says what became of a commune.
func oldUnit(u Unit, now []Unit) *fault.Error {
	switch len(now) {
	case 0:
		return invalid("eform.place.gone", fault.Args{"name": u.Name})
	case 1:
		return invalid("eform.place.old", fault.Args{"name": u.Name, "now": now[0].Where()})
	}
	return invalid("eform.place.split", fault.Args{"name": u.Name, "n": len(now)})
}
