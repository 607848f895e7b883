package procedure

import "dean06/internal/eform"

// Coverage says how far a form is filled from the population register. It counts meanings,
// each once, over the whole form with all of its fields, as for married parents: an address
// and an identity paper count by their parts.
type Coverage struct {
	Fields     int      `json:"fields"`
	InRegister int      `json:"in_register"` // that the register has, or of which they follow
	Bound      int      `json:"bound"`       // that arrive filled: the package says whose record has them
	Unbound    []string `json:"unbound"`     // that the register has and the package does not take
}

// Coverage is that of the package's form.
func (p *Package) Coverage() Coverage {
	list := Meanings()
	c := Coverage{Unbound: []string{}}
	seen := map[string]bool{}
	for _, s := range p.Form.Sections {
		for _, q := range s.Questions {
			whole, ok := list.Of(q.Meaning)
			if !ok {
				continue
			}
			for _, m := range whole.Leaves() {
				if seen[m.ID] {
					continue
				}
				seen[m.ID] = true
				c.Fields++
				switch {
				case !m.InRegister():
				case len(m.Register) > 0 && p.knows(m.Owner.ID), p.follows(list, q):
					c.InRegister++
					c.Bound++
				default:
					c.InRegister++
					c.Unbound = append(c.Unbound, m.ID)
				}
			}
		}
	}
	return c
}

// follows says that an answer arrives filled of those that it follows: one of them, whose
// owner becomes known.
func (p *Package) follows(list *MeaningList, q eform.Question) bool {
	for _, id := range q.Follows {
		if of, ok := list.Of(id); ok && len(of.Register) > 0 && p.knows(of.Owner.ID) {
			return true
		}
	}
	return false
}

// knows says that an owner is the applicant, or becomes known through people in another way
// than by typing: of whoever is only typed nothing is shown, and so nothing is filled.
func (p *Package) knows(owner string) bool {
	if owner == eform.Applicant {
		return true
	}
	for _, person := range p.People {
		if person.Owner != owner {
			continue
		}
		for _, by := range person.From {
			if by.Is != "" || by.Kin != "" {
				return true
			}
		}
	}
	return false
}
