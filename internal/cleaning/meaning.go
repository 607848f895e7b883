package cleaning

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/org"
	"dean06/internal/platform/i18n"
)

// Meaning is what cells of a row were understood as, beside what stood there, and the rules
// that made it so.
type Meaning struct {
	What  string   `json:"what"`  // number, old, name, birth, sex, place
	Stood string   `json:"stood"` // the cells as they are, joined by a space
	Means string   `json:"means"` // "": nothing
	Rules []string `json:"rules"` // "cleaning.rule.…" is what each says
}

// remarkRules are the rules of what is remarked of a row, by what they are about.
var remarkRules = map[string][]struct {
	of   remark
	name string
}{
	"number": {{zerosLost, "zeros"}, {letterDigits, "letters"}, {unreadNumber, "unread"}},
	"birth": {
		{fromSerial, "serial"}, {twoDigitYear, "two_digits"}, {monthFirst, "month_first"}, {impossibleDay, "impossible"}, {unreadBirth, "unread"},
	},
	"sex": {{unreadSex, "unread"}},
}

// Meanings are what the cells of a row were understood as. What says nothing of these is
// left out.
func (w *World) Meanings(l Layout, cells []string) []Meaning {
	sh := l.shape()
	sh.texts = nil
	p := newPacker(w, nil, l, sh)
	p.t = newTable(1, 0)
	raw := make([][]byte, len(cells))
	for i, c := range cells {
		raw[i] = []byte(c)
	}
	p.row(raw)
	t := p.t
	var out []Meaning
	add := func(what, stood, means string, rules ...string) {
		if stood == "" && means == "" {
			return
		}
		m := Meaning{What: what, Stood: stood, Means: means, Rules: []string{}}
		for _, r := range remarkRules[what] {
			if t.notes[0]&r.of != 0 {
				rules = append(rules, r.name)
			}
		}
		for _, r := range rules {
			m.Rules = append(m.Rules, what+"."+r)
		}
		out = append(out, m)
	}
	if number := l.Understood(cells, Number); t.old[0][0] != 0 && t.number[0] == 0 {
		add("number", number, digitsOf(uint64(t.old[0][0]), 9), "old")
	} else if t.digits[0] == 0 {
		add("number", number, "")
	} else {
		add("number", number, digitsOf(t.number[0], t.digits[0]))
	}
	name := l.Understood(cells, Surname, Middle, Name, Given)
	add("name", name, w.named(t.name(0)), nameRules(name, w.named(t.name(0)), t.bare[0])...)
	birth := ""
	if t.birth[0] != 0 {
		birth = t.birth[0].String()
	}
	add("birth", l.Understood(cells, Birth, DayPart, Month, Year), birth)
	sex := ""
	if t.sex[0] != 0 {
		sex = string(rune('0' + t.sex[0]))
	}
	add("sex", l.Understood(cells, Sex), sex)
	place := t.place[0][0]
	add("place", placeSaid(&l, cells), w.Places.called(place), w.Places.rules(place)...)
	return out
}

// named is a name of these words as names are written.
func (w *World) named(words []wordID) string {
	list := make([]string, len(words))
	for i, id := range words {
		list[i] = title(w.Words.at(id).written)
	}
	return strings.Join(list, " ")
}

func nameRules(stood, means string, bare bool) []string {
	var out []string
	composed := norm.NFC.String(stood)
	switch {
	case means == "" && stood != "":
		return []string{"unread"}
	case composed != stood:
		out = append(out, "composed")
	}
	if composed != means {
		if strings.EqualFold(composed, means) {
			out = append(out, "case")
		} else {
			out = append(out, "cleaned")
		}
	}
	if bare {
		out = append(out, "bare")
	}
	return out
}

// rules say how a place was understood: as what of today, and how closely.
func (g *Gazetteer) rules(id placeID) []string {
	u := &g.units[id]
	switch {
	case id == 0:
		return []string{"unread"}
	case u.level == org.Province:
		return []string{"province"}
	case u.level == org.District:
		return []string{"district"}
	case u.district != 0 && len(u.also) > 0:
		return []string{"parted"}
	case u.district != 0:
		return []string{"before"}
	}
	return nil
}

// Words are what the rules say, one sentence after the other.
func (m Meaning) Words(p *i18n.Printer) string {
	var out []string
	for _, r := range m.Rules {
		out = append(out, p.T("cleaning.rule."+r))
	}
	return strings.Join(out, "; ")
}

// Row is what stands in a row of the file, from 1 behind the header; nil for one that is not
// there or cannot be read.
func (s *Source) Row(at int) ([]string, error) {
	var out []string
	n := 0
	err := s.eachBlock(func(b block) bool {
		s.eachRow(b.text, func(_ int, cells [][]byte, why rowReason) {
			if n++; n == at && why == "" {
				for _, c := range cells {
					out = append(out, string(c))
				}
			}
		})
		return n < at
	})
	return out, err
}
