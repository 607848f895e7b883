package readiness

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"dean06/internal/platform/clock"
)

// AllFive is the figure of those that meet every component.
const AllFive = "all_five"

// Statement is what one agency's counted return amounts to; a recipient that
// has none is a Statement with Version 0.
type Statement struct {
	Agency    string
	Name      string
	Kind      string
	Recipient bool
	Version   int       // 0: no counted return
	KnownAt   time.Time // when the version became counted
	TrueOn    clock.Date
	Verdict   Verdict

	// From lists the statements behind a combined one (see Combine).
	From []Statement
	// Share is, for a combined statement, the part of its weight that meets
	// each component and AllFive.
	Share map[string]float64
}

// Answered says that there is a counted return, or one behind a combined statement.
func (s Statement) Answered() bool { return s.Version > 0 }

// Meets says that the agency meets a component, or AllFive.
func (s Statement) Meets(figure string) bool {
	if !s.Answered() {
		return false
	}
	if figure == AllFive {
		return s.Verdict.AllMet
	}
	return s.Verdict.Components[figure] == Met
}

// Question says which figures are asked for.
type Question struct {
	Campaign string
	KnownOn  clock.Date // as known at the end of this day; zero: now
	// KnownBefore is the end of KnownOn where its day is not Vietnam's, as on a
	// command line in another time zone; zero: KnownOn.End().
	KnownBefore time.Time
	TrueOn      clock.Date // as true on this day; zero: no limit
	Geography   clock.Date // shown in the units of this day; zero: those of the letter
	Combine     CombineRule
}

// Figure is a number with the agencies behind it.
type Figure struct {
	Key string   // component key, or AllFive
	Met []string // codes of the agencies that meet it
	Of  []string // codes of those that answered
	// Sum is the number met; under the weighted rule it counts shares.
	Sum float64
}

// Block is the figures of one group of agencies.
type Block struct {
	Recipients []string // expected to answer
	Answered   []string // Of, of each figure
	Missing    []string // expected, without a counted return
	Figures    []Figure // by component in the template's order, then AllFive
}

// Figure finds a figure of the block by key.
func (b Block) Figure(key string) (Figure, bool) {
	i := slices.IndexFunc(b.Figures, func(f Figure) bool { return f.Key == key })
	if i < 0 {
		return Figure{}, false
	}
	return b.Figures[i], true
}

// Figures are the answers to a Question. Ministries and Provinces are the two
// groups whose figures are published; what any other agency answered (a
// Government agency, a district, one that was not asked) is in Others by kind.
type Figures struct {
	Question
	Rule       string
	Ministries Block
	Provinces  Block
	Others     map[string]Block
}

// Block finds a block by the name that the JSON uses: "ministries", "provinces", or a kind.
func (f Figures) Block(name string) Block {
	switch name {
	case "ministries":
		return f.Ministries
	case "provinces":
		return f.Provinces
	}
	return f.Others[name]
}

// Tally counts statements. Their verdicts come from one rule.
func Tally(q Question, rule string, tpl *Template, statements []Statement) Figures {
	groups := map[string][]Statement{}
	for _, s := range statements {
		name := s.Kind
		if s.Recipient {
			switch s.Kind {
			case Ministry:
				name = "ministries"
			case Province:
				name = "provinces"
			}
		}
		groups[name] = append(groups[name], s)
	}
	out := Figures{Question: q, Rule: rule, Others: map[string]Block{}}
	for name, group := range groups {
		out.Others[name] = block(tpl, group)
	}
	out.Ministries, out.Provinces = block(tpl, groups["ministries"]), block(tpl, groups["provinces"])
	delete(out.Others, "ministries")
	delete(out.Others, "provinces")
	return out
}

func block(tpl *Template, group []Statement) Block {
	group = slices.Clone(group)
	slices.SortFunc(group, func(a, b Statement) int { return bytes.Compare([]byte(a.Agency), []byte(b.Agency)) })
	var b Block
	for _, s := range group {
		if s.Recipient {
			b.Recipients = append(b.Recipients, s.Agency)
		}
		if s.Answered() {
			b.Answered = append(b.Answered, s.Agency)
		} else if s.Recipient {
			b.Missing = append(b.Missing, s.Agency)
		}
	}
	keys := make([]string, 0, len(tpl.Components)+1)
	for _, c := range tpl.Components {
		keys = append(keys, c.Key)
	}
	for _, key := range append(keys, AllFive) {
		f := Figure{Key: key, Of: b.Answered}
		for _, s := range group {
			if s.Meets(key) {
				f.Met = append(f.Met, s.Agency)
			}
			f.Sum += s.part(key)
		}
		b.Figures = append(b.Figures, f)
	}
	return b
}

// MarshalJSON writes the numbers in a fixed order: each component of the
// template, all_five, respondents. Others are written only when there are any.
func (f Figures) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteString(`{"ministries":`)
	f.Ministries.write(&buf)
	buf.WriteString(`,"provinces":`)
	f.Provinces.write(&buf)
	if len(f.Others) > 0 {
		buf.WriteString(`,"others":{`)
		for i, kind := range slices.Sorted(maps.Keys(f.Others)) {
			if i > 0 {
				buf.WriteByte(',')
			}
			writeKey(&buf, kind)
			f.Others[kind].write(&buf)
		}
		buf.WriteByte('}')
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}

func (b Block) write(buf *bytes.Buffer) {
	buf.WriteByte('{')
	for _, f := range b.Figures {
		writeKey(buf, f.Key)
		writeInt(buf, len(f.Met))
		buf.WriteByte(',')
	}
	writeKey(buf, "respondents")
	writeInt(buf, len(b.Answered))
	buf.WriteByte('}')
}

func writeKey(buf *bytes.Buffer, key string) {
	k, _ := json.Marshal(key) // a string always can be
	buf.Write(k)
	buf.WriteByte(':')
}

func writeInt(buf *bytes.Buffer, n int) {
	s, _ := json.Marshal(n) // a number always can be
	buf.Write(s)
}
