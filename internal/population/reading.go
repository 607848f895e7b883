package population

import (
	"cmp"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// reading is one way in which a text can be meant.
type reading struct {
	Understood
	text   string
	units  []nameUnit // of the name
	words  []string   // the same, folded
	within []Ground   // where they live; in each of these
	lost   []span     // what this reading makes nothing of
	sure   bool       // that it is a place was said: by its kind, or a comma before it
	year   int        // of birth, and the sex, chosen beside the text
	only   citizen.Sex
}

// maxReadings bounds in how many ways a text is tried.
const maxReadings = 24

// understand takes numbers and a birth out of a text and gives the ways in which the
// rest can be read, the plainest first: all of it is a name; without the words that
// lead to a date ("sinh năm"); with a place in it. A name may be Năm, Sinh, Phương or
// Hà, so that the first reading that finds somebody counts. What is sure to be neither
// is lost in all of them.
func (r *Register) understand(text string) ([]reading, error) {
	encoding := ""
	if d, ok := citizen.DoubtName(text); ok && d.Reason == citizen.DoubtEncoding {
		if d.Reading == "" {
			return nil, d.Fault().At("text")
		}
		text, encoding = d.Reading, cmp.Or(d.Encoding, "?")
	}
	text = citizen.Spell(text)
	if text == "" {
		return nil, fault.New(fault.Invalid, "population.search.empty", nil).At("text")
	}
	year := 0
	if r.Clock != nil {
		year = r.Clock.Now().Year()
	}
	t := takeApart(text, year)
	if len([]rune(text)) > maxSearch || len(t.words) > maxSearchWords || len(t.atoms) == maxAtoms {
		return nil, fault.New(fault.Invalid, "population.search.long", nil).At("text")
	}
	b := &readings{typed: t, places: r.places.of(r.Units), encoding: encoding}
	b.all()
	if len(b.out) == 0 {
		return nil, fault.New(fault.Invalid, "population.search.nobody", nil).At("text")
	}
	return b.out, nil
}

// readings collects the ways to read one text.
type readings struct {
	*typed
	places   *places
	encoding string
	out      []reading
	seen     map[string]bool
}

// parting is what a reading makes of the words: those of the name, places, and what is lost.
type parting struct {
	name   []piece
	places []taken
	lost   []span
	led    []int // where in the name places were cut out
}

// taken is a place in the text.
type taken struct {
	span
	units []UnitName
}

func (b *readings) all() {
	b.seen = map[string]bool{}
	var bare [][]piece
	longest := 0
	for _, w := range b.words {
		longest = max(longest, w.lead)
	}
	for n := range longest + 1 {
		bare = append(bare, without(b.words, func(w piece) bool { return w.lead > 0 && w.lead <= n }))
	}
	if plain := withoutTitle(bare[len(bare)-1]); len(plain) < len(bare[len(bare)-1]) {
		bare = append(bare, plain)
	}
	// Behind a comma comes a place, not a name.
	apart := slices.ContainsFunc(b.words, b.afterComma)
	names := func() {
		for _, words := range bare {
			b.add(parting{name: words}, false)
		}
	}
	if !apart {
		names()
	}
	for _, words := range slices.Backward(bare) {
		c := b.kinds(parting{name: words})
		for _, d := range b.ends(c) {
			b.add(d, apart || len(c.places) > 0 || b.shortened(d))
		}
		b.add(c, len(c.places) > 0)
		if len(c.places) > 0 { // what was taken for a kind may be of a name: phuc xa ba dinh
			for _, d := range b.ends(parting{name: words}) {
				b.add(d, false)
			}
		}
	}
	names()
	for _, words := range slices.Backward(bare) {
		b.add(b.unknown(parting{name: words}), true)
	}
}

// afterComma says that a comma or semicolon stands before a word.
func (b *readings) afterComma(w piece) bool {
	before := strings.TrimRight(b.text[:w.from], " ")
	return strings.HasSuffix(before, ",") || strings.HasSuffix(before, ";")
}

// shortened says that a place was written as no name is: hn, hcm.
func (b *readings) shortened(c parting) bool {
	return slices.ContainsFunc(c.places, func(p taken) bool { _, ok := placeAliases[placeKey(b.at(p.span))]; return ok })
}

func without(words []piece, drop func(piece) bool) []piece {
	return slices.DeleteFunc(slices.Clone(words), drop)
}

// titles stand before a name and are none of it.
var titles = wordSet("ong ba anh chi co chu cu em chau be cau ho va ten la cong dan nguoi tim hi")

func withoutTitle(words []piece) []piece {
	for len(words) > 1 && titles[words[0].fold] {
		words = words[1:]
	}
	return words
}

// add keeps a reading that names somebody and is not there yet.
func (b *readings) add(c parting, sure bool) {
	u := Understood{Number: b.number, OldNumber: b.old, Birth: b.birth, Sex: b.sex, Encoding: b.encoding}
	var name, where []string
	for _, w := range c.name {
		name = append(name, w.text)
	}
	u.Name = strings.Join(name, " ")
	units := unitsOf(u.Name)
	less, led := b.withoutLeads(c)
	if led {
		defer func() { less.led = nil; b.add(less, sure) }()
	}
	if u.Name == "" && u.Number.IsZero() && u.OldNumber.IsZero() || led && len(c.lost) > 0 {
		return
	}
	for _, p := range c.places {
		where = append(where, b.at(p.span))
	}
	u.Place = strings.Join(where, ", ")
	key := u.Name + "|" + u.Place
	if len(b.out) == maxReadings || b.seen[key] {
		return
	}
	b.seen[key] = true
	r := reading{Understood: u, text: b.text, units: units, words: textsOf(units), lost: append(slices.Clone(b.lost), c.lost...), sure: sure}
	r.within, r.Units = b.ground(c.places)
	b.out = append(b.out, r)
}

// ground is where the places are: the narrowest, in those around it that it lies in. When
// it lies in none of them, people have to live in all.
func (b *readings) ground(list []taken) ([]Ground, []UnitName) {
	if len(list) == 0 {
		return nil, nil
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b taken) int { return int(level(b) - level(a)) })
	inner := list[0].units
	for _, outer := range list[1:] {
		if narrowed := b.places.within(inner, outer.units); len(narrowed) > 0 {
			inner = narrowed
			continue
		}
		var out []Ground
		for _, p := range list {
			out = append(out, b.places.ground(p.units))
		}
		return out, list[0].units
	}
	return []Ground{b.places.ground(inner)}, inner
}

// level is the narrowest level among the units of a place.
func level(p taken) UnitLevel {
	out := ProvinceLevel
	for _, u := range p.units {
		out = max(out, u.Level)
	}
	return out
}

// beforePlace are words that lead to a place, as they are spelled.
var beforePlace = []string{
	"ở", "tại", "quê", "quê quán", "thường trú", "tạm trú", "trú", "nơi ở", "địa chỉ", "ở tại", "sống ở", "hiện ở", "thường trú tại", "trú tại",
	"hktt", "sống tại", "nhà ở",
}

// leadsToPlace says that words lead to a place; those that were typed with accents have to
// have the right ones.
func leadsToPlace(words []piece) bool {
	var list []string
	for _, w := range words {
		list = append(list, strings.ToLower(w.text))
	}
	text := strings.Join(list, " ")
	return slices.ContainsFunc(beforePlace, func(lead string) bool {
		return text == lead || !hasAccents(text) && strings.Join(searchWords(text), "") == strings.Join(searchWords(lead), "")
	})
}

// takeWords cuts words out for a place.
func (b *readings) takeWords(c parting, from, until int, units []UnitName) parting {
	out := parting{places: append(slices.Clone(c.places), taken{span{c.name[from].from, c.name[until-1].to}, units}), lost: c.lost}
	out.name = append(slices.Clone(c.name[:from]), c.name[until:]...)
	if from < len(out.name) {
		out.name[from].apart = true
	}
	out.led = append(slices.Clone(c.led), from)
	return out
}

// withoutLeads leaves out the words that lead to the places that were cut out.
func (b *readings) withoutLeads(c parting) (parting, bool) {
	drop := map[int]bool{}
	for _, at := range c.led {
		for n := min(3, at); n > 0; n-- {
			if at <= len(c.name) && leadsToPlace(c.name[at-n:at]) {
				for i := at - n; i < at; i++ {
					drop[i] = true
				}
				break
			}
		}
	}
	if len(drop) == 0 {
		return c, false
	}
	name := c.name
	c.name = nil
	for i, w := range name {
		if !drop[i] {
			c.name = append(c.name, w)
		}
	}
	return c, true
}

// maxPlaceWords bounds the words of a place: Chợ Cũ Thị Trấn …
const maxPlaceWords = 6

// kinds takes the places out whose kind is said (phường Phúc Xá).
func (b *readings) kinds(c parting) parting {
	for i := range c.name {
		kind, n := kindAt(c.name[i:])
		if n == 0 {
			continue
		}
		for until := min(len(c.name), i+n+maxPlaceWords); until > i+n; until-- {
			if slices.ContainsFunc(c.name[i+n+1:until], func(w piece) bool { return w.apart }) {
				continue
			}
			if units := b.places.named(c.name[i+n:until], kind); len(units) > 0 {
				return b.kinds(b.takeWords(c, i, until, units))
			}
		}
	}
	return c
}

// ends takes places out whose kind is not said, from the end of the words and from their
// beginning: the longest first, and more than one (phuc xa ba dinh ha noi).
func (b *readings) ends(c parting) []parting {
	var out []parting
	for _, until := range []int{len(c.name), 0} {
		for n := min(len(c.name), maxPlaceWords); n > 0; n-- {
			from, to := until-n, until
			if until == 0 {
				from, to = 0, n
			}
			words := c.name[from:to]
			if n == len(c.name) && b.number.IsZero() && b.old.IsZero() || slices.ContainsFunc(words[1:], func(w piece) bool { return w.apart }) {
				continue
			}
			units := b.places.named(words, kindOfPlace{})
			if n == 1 && !words[0].apart { // one word is a name rather, unless it is a province or a city
				units = slices.DeleteFunc(units, func(u UnitName) bool { return u.Level == CommuneLevel && !strings.Contains(bareName(u.Name), " ") })
			}
			if strings.Trim(joined(words, ""), "0123456789") == "" || len(units) == 0 {
				continue
			}
			d := b.takeWords(c, from, to, units)
			out = append(append(out, b.ends(d)...), d)
			if len(out) > maxReadings {
				return out
			}
		}
	}
	return out
}

// bornWords lead to a birth.
var bornWords = []string{"sinh nam", "sinh ngai", "nam sinh", "ngai sinh", "sinh thang"}

// unknown leaves out what was said to be a place or a birth and is none that is known.
func (b *readings) unknown(c parting) parting {
	c = b.kinds(c)
	for i := 1; i < len(c.name); i++ {
		_, n := kindAt(c.name[i:])
		if n == 0 && i+1 < len(c.name) && c.name[i].lead == 0 && slices.Contains(bornWords, joined(c.name[i:i+2], " ")) {
			n = 1
		}
		if n == 0 || i+n >= len(c.name) || len(joined(c.name[i:i+n], "")) < 2 && !c.name[i].apart {
			continue
		}
		until := i + n + 1
		for until < len(c.name) && !c.name[until].apart {
			if _, k := kindAt(c.name[until:]); k > 0 {
				break
			}
			until++
		}
		c.lost = append(slices.Clone(c.lost), span{c.name[i].from, c.name[until-1].to})
		c.name, c.led = append(slices.Clone(c.name[:i]), c.name[until:]...), append(slices.Clone(c.led), i)
		i--
	}
	// What stands behind a comma, is no place and would leave nobody.
	if i := slices.IndexFunc(c.name, b.afterComma); i > 1 {
		until := i + 1
		for until < len(c.name) && !c.name[until].apart {
			until++
		}
		if len(b.places.named(c.name[i:until], kindOfPlace{})) > 0 {
			return c
		}
		c.lost = append(slices.Clone(c.lost), span{c.name[i].from, c.name[until-1].to})
		c.name, c.led = append(slices.Clone(c.name[:i]), c.name[until:]...), append(slices.Clone(c.led), i)
	}
	return c
}
