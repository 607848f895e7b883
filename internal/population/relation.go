package population

import (
	"cmp"
	"encoding/json"
	"fmt"
	"sync"

	"dean06/data"
	"dean06/internal/citizen"
)

// Relations to the head of household that the register gives by itself (data/codes/household-relations.json).
const (
	relationSpouse     = "CH02"
	relationChild      = "CH03"
	relationParent     = "CH04"
	relationChildInLaw = "CH05"
	relationGrandchild = "CH06"
	relationInLaw      = "CH07"
	relationGrand      = "CH08"
	relationSibling    = "CH09"
	relationOther      = "CH10"
	relationLodger     = "CH12"
)

// kinship are people of whom the register knows how they are related.
type kinship map[citizen.Number]*Person

// relation is what somebody is to another, as their numbers say; "" when they do not.
func (k kinship) relation(of, to *Person) string {
	is := func(a, b citizen.Number) bool { return !a.IsZero() && a == b }
	childOf := func(c, p *Person) bool { return is(c.Mother.Number, p.Number) || is(c.Father.Number, p.Number) }
	switch {
	case is(of.Spouse.Number, to.Number), is(to.Spouse.Number, of.Number):
		return relationSpouse
	case childOf(of, to):
		return relationChild
	case childOf(to, of):
		return relationParent
	case is(of.Mother.Number, to.Mother.Number), is(of.Father.Number, to.Father.Number):
		return relationSibling
	}
	for _, n := range []citizen.Number{of.Mother.Number, of.Father.Number} {
		if parent := k[n]; parent != nil && childOf(parent, to) {
			return relationGrandchild
		}
	}
	for _, n := range []citizen.Number{to.Mother.Number, to.Father.Number} {
		if parent := k[n]; parent != nil && childOf(parent, of) {
			return relationGrand
		}
	}
	if s := k[of.Spouse.Number]; s != nil && childOf(s, to) {
		return relationChildInLaw
	}
	if s := k[to.Spouse.Number]; s != nil && childOf(s, of) {
		return relationInLaw
	}
	return ""
}

// succeeded is what somebody who was was to a head is to the next one, who was next to
// the former, as far as it follows from these two alone; "" where it does not.
func succeeded(was, next string) string {
	if was == relationLodger {
		return relationLodger
	}
	return succession[next][was]
}

// succession: by what the next head was to the former one, and what somebody else was.
// A child of the former head may be another's than the spouse's; a "cháu" is a grandchild
// or a nephew: neither is here.
var succession = map[string]map[string]string{
	relationSpouse: {
		relationParent: relationInLaw, relationInLaw: relationParent, relationGrand: relationOther, relationSibling: relationOther,
		relationOther: relationOther,
	},
	relationChild: {
		relationChild: relationSibling, relationParent: relationGrand, relationSibling: relationOther, relationGrand: relationOther,
		relationOther: relationOther,
	},
	relationParent: {
		relationChild: relationGrandchild, relationSpouse: relationChildInLaw, relationOther: relationOther,
	},
	relationSibling: {
		relationSibling: relationSibling, relationParent: relationParent, relationGrand: relationGrand, relationSpouse: relationOther,
		relationOther: relationOther,
	},
}

// bornInto is what a new-born is to the head, the first of the members of its household: what
// the numbers of the parents say, else what follows from what the parent there is.
func bornInto(members []Person, child *Person) string {
	if r := (kinship{}).relation(child, &members[0]); r != "" {
		return r
	}
	for i := range members {
		if n := members[i].Number; n == child.Mother.Number || n == child.Father.Number {
			return cmp.Or(bornTo[members[i].Relation], relationOther)
		}
	}
	return relationGrandchild // at the home of neither: most often the grandparents'
}

// bornTo: by what the mother or father is to the head. "Cháu" is a nephew or niece, too.
var bornTo = map[string]string{
	relationSpouse: relationChild, relationChild: relationGrandchild, relationChildInLaw: relationGrandchild,
	relationParent: relationSibling, relationSibling: relationGrandchild, relationLodger: relationLodger,
}

// relationCodes are those of data/codes/household-relations.json.
var relationCodes = sync.OnceValue(func() map[string]bool {
	var list struct {
		Relations []struct {
			Code string `json:"code"`
		} `json:"relations"`
	}
	raw, err := data.FS.ReadFile("codes/household-relations.json")
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil {
		panic(fmt.Errorf("relations to the head of household: %w", err)) // it is in the program
	}
	out := map[string]bool{}
	for _, r := range list.Relations {
		out[r.Code] = true
	}
	return out
})

// IsRelation says that a code of the relation to the head of household is known.
func IsRelation(code string) bool { return relationCodes()[code] }
