package org

import (
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/editdistance"
)

// Match is an agency that a text may mean.
type Match struct {
	Agency   Agency   `json:"agency"`
	Relation Relation `json:"relation"` // from the agency that bore the name to this one: RelSame on a day when it bears it
	Part     bool     `json:"part"`     // the text names something within the agency, such as a department of a province
	Like     bool     `json:"like"`     // the text is no name of it, and differs from one in a letter or two
}

// Finding is what Find found. Sure says that there is one match and that the
// text was a name or code of it, not merely like one. When it is not sure a
// person decides; nothing is guessed.
type Finding struct {
	Matches []Match `json:"matches"`
	Sure    bool    `json:"sure"`
}

// entry is a way of writing an agency: the days on which it was its name, or
// always for an alias.
type entry struct {
	id       string
	from, to clock.Date
	always   bool
	bare     bool // without the word that makes it a name: "tài chính"
}

func (e entry) on(day clock.Date) bool {
	return e.always || Version{From: e.from, To: e.to}.On(day)
}

// These bound the work on a text that is no name at all.
const (
	maxText  = 1000
	maxWords = 40
)

// Find says which agency of a day a text means, however it is typed: upper or
// lower case, with or without accents, "UBND tỉnh", "Ủy ban nhân dân tỉnh" or
// the bare name, abbreviations, codes of both shapes. A name that the agency
// bore before or bears later is found too, and an agency that is gone leads to
// its successors on the day. A department ("Sở TT&TT tỉnh …") leads to its
// province or ministry as a part.
func Find(d *Directory, text string, on clock.Date) Finding {
	if len(text) > maxText {
		return Finding{}
	}
	if top, code, ok := ParseCode(text); ok {
		if f := d.byCode(top, top != code, on); len(f.Matches) > 0 {
			return f
		}
	}
	words := canonical(text)
	if len(words) == 0 || len(words) > maxWords {
		return Finding{}
	}
	if f := d.resolve(d.index[strings.Join(words, "")], false, on); len(f.Matches) > 0 {
		return f
	}
	if f := d.resolve(d.partOf(words), true, on); len(f.Matches) > 0 {
		return f
	}
	var f Finding
	for _, es := range d.within(words) {
		f.join(d.resolve(es, false, on))
	}
	if len(f.Matches) == 0 {
		f = d.resolve(d.near(strings.Join(words, "")), false, on)
		for i := range f.Matches {
			f.Matches[i].Like = true
		}
	}
	f.Sure = false
	return f
}

// canonical gives the words of a text with the long forms shortened, so that
// all ways of writing a name give the same words.
func canonical(s string) []string {
	s = " " + Fold(s) + " "
	for _, r := range [...][2]string{
		{" ui ban nhan dan ", " ubnd "},
		{" ui ban ", " ub "},
		{" uiban ", " ub "},
		{" thanh pho ", " tp "},
		{" va ", " "},
	} {
		s = strings.ReplaceAll(s, r[0], r[1])
	}
	return strings.Fields(s)
}

func (d *Directory) buildIndex(versions []Version, aliases []Alias) {
	add := func(e entry, words ...string) {
		if key := strings.Join(words, ""); key != "" && !slices.Contains(d.index[key], e) {
			d.index[key] = append(d.index[key], e)
		}
	}
	for _, v := range versions {
		if !v.Level.IsAgency() {
			continue
		}
		words := canonical(v.Name)
		e := entry{id: v.ID, from: v.From, to: v.To}
		bare := e
		bare.bare = true
		add(e, words...)
		if v.Level == Committee {
			short := canonical(v.Short())
			add(e, words[1:]...)
			add(e, short...)
			add(e, append([]string{words[0]}, short...)...)
			continue
		}
		if words[0] == "bo" {
			var initials []string
			for _, w := range words[1:] {
				initials = append(initials, w[:1])
			}
			add(e, append([]string{"bo"}, initials...)...)
			add(bare, words[1:]...)
			if len(initials) > 2 {
				add(bare, initials...)
			}
		}
	}
	for _, a := range aliases {
		add(entry{id: a.ID, always: true}, canonical(a.Text)...)
	}
	d.keys = sortedKeys(d.index)
}

func (d *Directory) byCode(top string, part bool, on clock.Date) Finding {
	var es []entry
	for _, id := range sortedKeys(d.versions) {
		for _, v := range d.versions[id] {
			if v.Code == top && v.Level.IsAgency() {
				es = append(es, entry{id: id, from: v.From, to: v.To})
			}
		}
	}
	return d.resolve(es, part, on)
}

// partOf finds the agency that a department names after itself ("Sở TT&TT tỉnh
// X") or before ("UBND tỉnh X - Sở TT&TT").
func (d *Directory) partOf(words []string) []entry {
	if partWords[words[0]] {
		for i := 1; i < len(words); i++ {
			if es := d.named(words[i:]); es != nil {
				return es
			}
		}
	}
	for i := len(words) - 1; i > 0; i-- {
		if es := d.named(words[:i]); es != nil && partWords[words[i]] {
			return es
		}
	}
	return nil
}

// partWords begin the names of what is within an agency.
var partWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields("so van cuc vu tong chi trung ban phong thanh cong ubnd hdnd huien quan thi xa phuong dac tp kho " +
		"truong hoc vien benh to doan bao") {
		m[w] = true
	}
	return m
}()

// named gives the entries of a key that is a name by itself, which the bare
// name of a ministry within another text is not.
func (d *Directory) named(words []string) []entry {
	var out []entry
	for _, e := range d.index[strings.Join(words, "")] {
		if !e.bare {
			out = append(out, e)
		}
	}
	return out
}

// within finds names somewhere in a text, the longer before those inside them.
func (d *Directory) within(words []string) [][]entry {
	var out [][]entry
	taken := make([]bool, len(words))
	for n := len(words) - 1; n >= 2; n-- {
		for i := 0; i+n <= len(words); i++ {
			if es := d.named(words[i : i+n]); es != nil && !slices.Contains(taken[i:i+n], true) {
				out = append(out, es)
				for j := range n {
					taken[i+j] = true
				}
			}
		}
	}
	return out
}

// near finds names that differ in one or two letters.
func (d *Directory) near(key string) []entry {
	if len(key) < 6 || len(key) > 60 {
		return nil
	}
	best, limit := []entry(nil), 2
	for _, k := range d.keys {
		n := editdistance.Within(limit, k, key)
		if n > limit || len(k) < 6 {
			continue
		}
		if n < limit {
			best, limit = nil, n
		}
		best = append(best, d.index[k]...)
	}
	return best
}

// resolve turns entries into the agencies of the day. Names that are borne on
// the day go before names of other days.
func (d *Directory) resolve(es []entry, part bool, on clock.Date) Finding {
	if slices.ContainsFunc(es, func(e entry) bool { return e.on(on) && d.lives(e.id, on) }) {
		es = slices.DeleteFunc(slices.Clone(es), func(e entry) bool { return !e.on(on) || !d.lives(e.id, on) })
	}
	var f Finding
	foreseen := false // a name that is borne only later: on this day it may be another's
	for _, e := range es {
		foreseen = foreseen || !e.always && e.from.After(on)
		if a, ok := d.AgencyByID(e.id, on); ok {
			relation := RelSame
			if !e.on(on) {
				relation = RelRenamed
			}
			f.add(Match{Agency: a, Relation: relation, Part: part})
			continue
		}
		vs := d.versions[e.id]
		if len(vs) == 0 {
			continue
		}
		day := vs[len(vs)-1].From // the agency's last form, or its first when it is still to come
		if day.After(on) {
			day = vs[0].From
		}
		for _, k := range d.Lineage(e.id, day, on).Units {
			if a, ok := d.AgencyByID(k.ID, on); ok {
				f.add(Match{Agency: a, Relation: k.Relation, Part: part})
			}
		}
	}
	f.Sure = len(f.Matches) == 1 && !foreseen
	return f
}

func (d *Directory) lives(id string, on clock.Date) bool {
	_, ok := d.At(id, on)
	return ok
}

// add adds a match unless the agency is among them.
func (f *Finding) add(m Match) {
	if !slices.ContainsFunc(f.Matches, func(o Match) bool { return o.Agency.ID == m.Agency.ID }) {
		f.Matches = append(f.Matches, m)
	}
}

func (f *Finding) join(o Finding) {
	for _, m := range o.Matches {
		f.add(m)
	}
}
