package people

import (
	"strings"

	"dean06/internal/citizen"
)

// surname draws a family name for a people; "" for those who have none.
func (m *maker) surname(p *province, ethnicity string) string {
	if n := m.country.naming[ethnicity]; n != nil {
		if len(n.Surnames) == 0 {
			return ""
		}
		return n.Surnames[m.rand.IntN(len(n.Surnames))]
	}
	return m.country.surnames[p.region].draw(m.rand)
}

// fullName makes a name in the manner of a people and a generation. A middle name
// that is given is kept: twins and brothers often share it.
func (m *maker) fullName(ethnicity string, sex citizen.Sex, surname string, born int, middle string) string {
	i := 0
	if sex == citizen.Female {
		i = 1
	}
	n := m.country.naming[ethnicity]
	if n == nil {
		if middle == "" {
			middle = m.middle(i, born)
		}
		return m.join(surname, middle, m.given(i, born))
	}
	forms, own := n.Male, n.MaleGiven
	if sex == citizen.Female {
		forms, own = n.Female, n.FemaleGiven
	}
	form := forms[m.rand.IntN(len(forms))]
	pick := func() string {
		if len(own) == 0 {
			return m.given(i, born)
		}
		return own[m.rand.IntN(len(own))]
	}
	var b strings.Builder
	for len(form) > 0 {
		at := strings.IndexByte(form, '{')
		if at < 0 {
			b.WriteString(form)
			break
		}
		b.WriteString(form[:at])
		switch form[at+1] {
		case 's':
			b.WriteString(surname)
		case 'm':
			b.WriteString(m.middle(i, born))
		case 'g':
			b.WriteString(m.given(i, born))
		default: // the names of the people's own
			b.WriteString(pick())
		}
		form = form[at+3:]
	}
	return strings.ReplaceAll(b.String(), "  ", " ") // some have no middle name
}

// middle draws a middle name: Văn and Thị for most of the old, for few of the young.
func (m *maker) middle(i, born int) string {
	plain := [2]string{"Văn", "Thị"}[i]
	often := [2]float64{.58, .82}[i]
	if born > 1965 {
		often -= float64(min(born, 2015)-1965) * [2]float64{.0098, .0125}[i]
	}
	if m.chance(often) {
		return plain
	}
	return m.country.middle[i].draw(m.rand)
}

// given draws a given name: of the old, often one of the old-fashioned ones.
func (m *maker) given(i, born int) string {
	old := .0
	if born < 1985 {
		old = min(float64(1985-born)*.013, .6)
	}
	if m.chance(old) {
		return m.country.oldGiven[i].draw(m.rand)
	}
	return m.country.given[i].draw(m.rand)
}

// join puts a name together without saying a word twice in a row.
func (m *maker) join(surname, middle, given string) string {
	if last := middle[strings.LastIndexByte(middle, ' ')+1:]; strings.EqualFold(last, given) {
		middle = strings.TrimSuffix(middle, last)
		middle = strings.TrimSpace(middle)
	}
	if middle == "" {
		return surname + " " + given
	}
	return surname + " " + middle + " " + given
}

// middleOf is the middle of somebody's name, for the twin.
func middleOf(a *member) string {
	rest, ok := strings.CutPrefix(a.Name, a.surname+" ")
	if !ok {
		return ""
	}
	if i := strings.LastIndexByte(rest, ' '); i > 0 {
		return rest[:i]
	}
	return ""
}
