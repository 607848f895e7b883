package cleaning

import "dean06/internal/platform/fault"

// sampleRows are looked at to recognise columns.
const sampleRows = 2000

// LayoutOf says what the columns of a file hold: those of the register's own file by their
// names, others by the mapping, else by what headings and values say.
func LayoutOf(s *Source, m *Mapping, people bool) (Layout, error) {
	if l, ok := peopleLayout(s.Header); ok {
		return l, nil
	}
	sample, err := s.sample(sampleRows)
	if err != nil {
		return Layout{}, err
	}
	if m != nil {
		columns := m.Columns
		if people && m.People != nil {
			columns = m.People
		}
		l, err := mapped(s.Header, columns)
		if err != nil {
			return l, err
		}
		l.MonthFirst = m.MonthFirst
		l.settleDays(columnsOf(sample))
		l.settleSex(sample)
		if m.Women != "" {
			l.ZeroIsFemale, l.OneIsFemale = m.Women == "0", m.Women == "1"
		}
		return l, nil
	}
	l := recognise(s.Header, sample)
	return l, l.check()
}

// TextKinds are the kinds of the columns of text, code and category, in the order in which
// tables have them. Two files must have the same for these to be compared.
func TextKinds(file, people Layout) ([]Kind, error) {
	a, b := file.shape().texts, people.shape().texts
	if len(a) > mostComparisons-byTexts {
		return nil, fault.New(fault.Invalid, "cleaning.columns.many", fault.Args{"most": mostComparisons - byTexts})
	}
	if len(a) != len(b) {
		return nil, fault.New(fault.Invalid, "cleaning.columns.apart", nil)
	}
	out := make([]Kind, len(a))
	for i := range a {
		if file.Headings[a[i]] != people.Headings[b[i]] {
			return nil, fault.New(fault.Invalid, "cleaning.columns.apart", nil)
		}
		out[i] = file.Kinds[a[i]]
	}
	return out, nil
}
