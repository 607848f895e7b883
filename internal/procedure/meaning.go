package procedure

import (
	"reflect"
	"strings"
	"sync"

	"dean06/data"
	"dean06/internal/eform"
)

// Meaning is what a field of a form means: whose fact, and which. An address and an
// identity paper have Parts, each a meaning of its own.
type Meaning struct {
	ID    string // "mother.residence", of a part "mother.residence.commune"
	Owner Owner
	Fact  string
	Name  eform.Text
	Kind  eform.Kind
	// Register are the fields of the population register that have it, of which the first
	// that is filled counts; none: the register does not have it.
	Register []string
	// Follows are meanings of which it follows: a child's ethnicity of its parents'.
	Follows   []string
	Elsewhere eform.Text // who else might have it
	Parts     []Meaning
}

// InRegister says that the register has it, or has that of which it follows.
func (m Meaning) InRegister() bool { return len(m.Register) > 0 || len(m.Follows) > 0 }

// Owner is whose facts there are.
type Owner struct {
	ID     string
	Person bool // somebody whom the register may know
	Name   eform.Text
}

// MeaningList is the list of all meanings.
type MeaningList struct {
	owners map[string]Owner
	by     map[string]Meaning
	words  []paperWord
	// register are the fields of the register that some meaning is read from.
	register map[string]bool
}

// paperWord is a word in the name of a paper by which it shows a fact of the register.
type paperWord struct{ word, fact string }

// Of is a meaning by its id; ok is false when it is not in the list. A part is one, too.
func (l *MeaningList) Of(id string) (m Meaning, ok bool) {
	m, ok = l.by[id]
	return m, ok
}

// Owner is whose facts have this id.
func (l *MeaningList) Owner(id string) (Owner, bool) {
	o, ok := l.owners[id]
	return o, ok
}

// Leaves are the parts of a meaning, or itself when it has none.
func (m Meaning) Leaves() []Meaning {
	if len(m.Parts) == 0 {
		return []Meaning{m}
	}
	return m.Parts
}

// meaningFile is data/tthc/meanings.yaml.
type meaningFile struct {
	Owners []struct {
		ID     string `yaml:"id"`
		Person bool   `yaml:"person"`
		Vi     string `yaml:"vi"`
		En     string `yaml:"en"`
	} `yaml:"owners"`
	Facts []struct {
		Fact      string     `yaml:"fact"`
		Of        []string   `yaml:"of"`
		Vi        string     `yaml:"vi"`
		En        string     `yaml:"en"`
		Kind      string     `yaml:"kind"`
		Register  []string   `yaml:"register"`
		Follows   []string   `yaml:"follows"`
		Elsewhere eform.Text `yaml:"elsewhere"`
		Papers    []string   `yaml:"papers"`
		Parts     []struct {
			Part      string     `yaml:"part"`
			Vi        string     `yaml:"vi"`
			En        string     `yaml:"en"`
			Register  []string   `yaml:"register"`
			Follows   []string   `yaml:"follows"`
			Elsewhere eform.Text `yaml:"elsewhere"`
		} `yaml:"parts"`
	} `yaml:"facts"`
}

// Meanings is the list that the program brings. A list that cannot be read is a broken
// build.
var Meanings = sync.OnceValue(func() *MeaningList {
	var f meaningFile
	s := &source{at: map[string]place{}, named: map[string]bool{}, fsys: data.Packages, dir: "tthc"}
	if root := s.parse("meanings.yaml", place{}); root != nil {
		s.decode(root, reflect.ValueOf(&f).Elem(), "", "meanings.yaml", 2)
	}
	if len(s.faults) > 0 {
		panic("procedure: data/tthc/meanings.yaml: " + s.faults[0].Rule)
	}
	return listOf(f)
})

func listOf(f meaningFile) *MeaningList {
	l := &MeaningList{owners: map[string]Owner{}, by: map[string]Meaning{}, register: map[string]bool{}}
	for _, o := range f.Owners {
		l.owners[o.ID] = Owner{ID: o.ID, Person: o.Person, Name: eform.Text{Vi: o.Vi, En: o.En}}
	}
	for _, x := range f.Facts {
		for _, of := range x.Of {
			m := Meaning{
				ID: of + "." + x.Fact, Owner: l.owners[of], Fact: x.Fact, Name: eform.Text{Vi: x.Vi, En: x.En}, Kind: eform.Kind(x.Kind),
				Register: x.Register, Follows: x.Follows, Elsewhere: x.Elsewhere,
			}
			for _, p := range x.Parts {
				part := Meaning{
					ID: m.ID + "." + p.Part, Owner: m.Owner, Fact: x.Fact + "." + p.Part, Name: eform.Text{Vi: x.Vi + ": " + p.Vi, En: x.En + ": " + p.En},
					Kind: eform.KindText, Register: p.Register, Follows: p.Follows, Elsewhere: p.Elsewhere,
				}
				m.Parts = append(m.Parts, part)
				l.by[part.ID] = part
			}
			for _, field := range m.Register {
				l.register[field] = true
			}
			l.by[m.ID] = m
		}
		for _, w := range x.Papers {
			l.words = append(l.words, paperWord{strings.ToLower(w), x.Fact})
		}
	}
	return l
}

// shownBy is a word in the name of a paper by which it shows a fact that the register has,
// and that fact.
func (l *MeaningList) shownBy(name eform.Text) (word, fact string, ok bool) {
	text := strings.ToLower(name.Vi + "\n" + name.En)
	for _, w := range l.words {
		if strings.Contains(text, w.word) {
			return w.word, w.fact, true
		}
	}
	return "", "", false
}

// registerHas says that the register has a field of this name.
func (l *MeaningList) registerHas(field string) bool { return l.register[field] }
