package readiness

import (
	"slices"
	"strings"
)

// OtherCause is the class of a cause that no phrase was found in.
const OtherCause = "other"

// Cause is a class of causes with the phrases by which it is known.
type Cause struct {
	Code string `json:"code"`
	Text
	Phrases []string `json:"phrases"`
	// Remedy is what is asked for so that the cause goes away, as a recommendation says it.
	Remedy Text     `json:"remedy,omitzero"`
	folded []string // Phrases as they are looked for: whole words
}

// Causes is the list of classes, in the order in which reports show them.
type Causes []Cause

// LoadCauses reads the classes. An error names every line that is wrong.
func LoadCauses(raw []byte) (Causes, error) {
	var out Causes
	err := loadList(raw, "causes", func(say func(near, format string, args ...any)) {
		codes, phrases := map[string]bool{}, map[string]string{}
		for i := range out {
			c := &out[i]
			switch {
			case (c.Remedy.Vi == "") != (c.Remedy.En == ""):
				say(c.Code, "cause %q needs its remedy in vi and en", c.Code)
			case c.Code == "" || c.Vi == "" || c.En == "":
				say(c.Code, "cause %q needs code, vi and en", c.Code)
			case codes[c.Code]:
				say(c.Code, "cause %q stands twice", c.Code)
			case c.Code != OtherCause && len(c.Phrases) == 0:
				say(c.Code, "cause %q needs phrases", c.Code)
			}
			codes[c.Code] = true
			for _, p := range c.Phrases {
				f := Fold(p)
				if f == "" || phrases[f] != "" {
					say(p, "phrase %q is empty or already stands in %q", p, phrases[f])
				}
				phrases[f] = c.Code
				c.folded = append(c.folded, " "+f+" ")
			}
		}
		if !codes[OtherCause] {
			say("code", "cause %q is missing", OtherCause)
		}
	}, &out)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Classify names the classes whose phrases the text holds, in the order of the
// list; OtherCause when there are none. Case and accents do not matter.
func (cs Causes) Classify(text string) []string {
	folded := " " + Fold(text) + " "
	var out []string
	for _, c := range cs {
		if slices.ContainsFunc(c.folded, func(p string) bool { return strings.Contains(folded, p) }) {
			out = append(out, c.Code)
		}
	}
	if len(out) == 0 {
		return []string{OtherCause}
	}
	return out
}
