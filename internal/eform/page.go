package eform

import "slices"

// PageKind is what a citizen's page asks.
type PageKind string

// The kinds of pages. Whoever shows them adds their own, such as the papers before the
// last one.
const (
	PageQuestion PageKind = "question" // one question
	PageFilled   PageKind = "filled"   // all that arrived filled, to look over
	PageRepeat   PageKind = "repeat"   // those of a repeated section: add, take away, go on
	PageCheck    PageKind = "check"    // check your answers
)

// Where the two pages stand that belong to no question.
const (
	FilledPath = "filled"
	CheckPath  = "check"
)

// Page is one of a citizen's pages.
type Page struct {
	Kind    PageKind
	Path    string // in the address: the path of the question, the id of the section
	Section *Section
	Asked   []Asked // of PageQuestion the one, of PageFilled all that arrived
	Done    bool    // answered, or looked over
}

// Pages are the pages of a citizen, in order, as far as they are known by what has been
// said. What arrived filled shares one page, where the first of it would be asked.
func (f *Form) Pages(a Answers, facts Facts) []Page {
	var pages []Page
	filled := -1
	asked := f.Asked(a, facts)
	s := newState(f, a, facts)
	for i := range f.Sections {
		sec := &f.Sections[i]
		if s.section(i) != True {
			continue
		}
		for _, q := range asked {
			switch {
			case q.Section != sec:
			case !q.Arrived():
				pages = append(pages, Page{Kind: PageQuestion, Path: q.Path, Section: sec, Asked: []Asked{q}, Done: f.done(q, facts)})
			case filled < 0:
				filled = len(pages)
				pages = append(pages, Page{Kind: PageFilled, Path: FilledPath, Asked: []Asked{q}, Done: q.Answer.Seen})
			default:
				pages[filled].Asked = append(pages[filled].Asked, q)
				pages[filled].Done = pages[filled].Done && q.Answer.Seen
			}
		}
		if sec.Repeat != nil {
			_, said := a[sec.ID]
			pages = append(pages, Page{Kind: PageRepeat, Path: sec.ID, Section: sec, Done: said})
		}
	}
	return append(pages, Page{Kind: PageCheck, Path: CheckPath})
}

// done says that a question needs no more answer: what was answered fits, or what may be
// left empty was.
func (f *Form) done(q Asked, facts Facts) bool {
	if !q.Has || q.Required && !q.Given() {
		return false
	}
	if q.Answer.Offers(q.Answer.Value) {
		return true
	}
	_, wrong := q.Question.Normal(q.Answer.Value, facts)
	return wrong == nil && !q.chooses()
}

// chooses says that several values are offered and none of them is taken yet.
func (q Asked) chooses() bool {
	return len(q.Answer.Offered) > 0 && !q.Answer.Offers(q.Answer.Value)
}

// At finds the page at a path. A question that arrived filled is on the page of those.
func At(pages []Page, path string) (i int, ok bool) {
	i = slices.IndexFunc(pages, func(p Page) bool { return p.Path == path })
	if i < 0 {
		i = slices.IndexFunc(pages, func(p Page) bool {
			return slices.ContainsFunc(p.Asked, func(q Asked) bool { return q.Path == path })
		})
	}
	return max(i, 0), i >= 0
}

// Next is the page where to go on: the first behind a path that is not done, the last one
// when all are. An empty path begins from the front.
func Next(pages []Page, path string) Page {
	from := 0
	if i, ok := At(pages, path); ok && path != "" {
		from = i + 1
	}
	for _, p := range pages[min(from, len(pages)-1):] {
		if !p.Done {
			return p
		}
	}
	return pages[len(pages)-1]
}

// Beside are the paths of the pages before and after one; "" at the ends.
func Beside(pages []Page, path string) (before, after string) {
	i, ok := At(pages, path)
	if !ok {
		return "", ""
	}
	if i > 0 {
		before = pages[i-1].Path
	}
	if i+1 < len(pages) {
		after = pages[i+1].Path
	}
	return before, after
}

// Progress says that a page is the nth of so many, as far as is known now. The last page,
// where all is checked, is not counted.
func Progress(pages []Page, path string) (n, of int) {
	i, _ := At(pages, path)
	of = len(pages) - 1
	return min(i+1, of), of
}
