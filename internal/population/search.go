package population

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
)

// maxSearch bounds the text and the words of a search.
const (
	maxSearch      = 200
	maxSearchWords = 12
	maxFound       = 50
	// maxRead bounds what one key may cost, however common the name.
	maxRead = 400
)

// Search finds people as people speak of them: a name with or without accents, in any
// order, with words missing in the middle; a number of twelve or nine digits; with a
// birth (1990, 01/1990, 01/01/1990) and a commune, by an old or a new name, anywhere
// in the text. It fails with Invalid when the text names nobody.
func (r *Register) Search(ctx context.Context, in Inquiry, q Query) (Found, error) {
	if in.Service == "" {
		in.Service = ServiceSearch
	}
	u, words, err := r.understand(q.Text)
	if err != nil {
		return Found{}, err
	}
	if q.Commune != "" {
		u.Communes = []string{q.Commune}
	}
	year := cmp.Or(u.Birth.Year(), q.Year)
	found := Found{Understood: u}
	var people []Person
	switch {
	case !u.Number.IsZero() || !u.OldNumber.IsZero():
		people, err = r.byNumber(ctx, u, words)
	case len(words) > 0:
		people, found.More, err = r.byName(ctx, words, NameQuery{Year: year, Communes: r.alsoNow(u.Communes), Sex: q.Sex, Limit: maxRead})
	default:
		return Found{}, fault.New(fault.Invalid, "population.search.nobody", nil).At("text")
	}
	if err != nil {
		return Found{}, err
	}
	people = slices.DeleteFunc(people, func(p Person) bool {
		return u.Birth != 0 && !u.Birth.Fits(p.Birth) || q.Year != 0 && p.Birth.Year() != q.Year || q.Sex != citizen.SexUnknown && p.Sex != q.Sex
	})
	rank(people, u.Name, words)
	limit := maxFound
	if q.Limit > 0 {
		limit = min(q.Limit, maxFound)
	}
	if len(people) > limit {
		people, found.More = people[:limit], true
	}
	subjects := make([]citizen.Number, len(people))
	for i, p := range people {
		subjects[i] = p.Number
		found.People = append(found.People, Hit{
			Number: p.Number, Name: p.Name, Birth: p.Birth, Sex: p.Sex, Permanent: p.Permanent, Life: p.Life,
			Exact: u.Name != "" && strings.EqualFold(u.Name, citizen.Spell(p.Name)),
		})
	}
	outcome := Answered
	if len(people) == 0 {
		outcome = NotFound
	}
	return found, r.log(ctx, in, []Field{FieldNumber, FieldName, FieldBirth, FieldSex, FieldPermanent, FieldLife}, len(people), outcome, subjects)
}

// understand takes numbers, a birth and a commune out of a text; what is left is a name.
func (r *Register) understand(text string) (Understood, []string, error) {
	var u Understood
	text = citizen.Spell(text)
	if text == "" {
		return u, nil, fault.New(fault.Invalid, "population.search.empty", nil).At("text")
	}
	var words []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		if !r.isFact(w, &u) {
			words = append(words, w)
		}
	}
	if len([]rune(text)) > maxSearch || len(words) > maxSearchWords {
		return u, nil, fault.New(fault.Invalid, "population.search.long", nil).At("text")
	}
	words = r.takePlace(words, &u)
	u.Name = strings.Join(words, " ")
	return u, searchWords(u.Name), nil
}

// isFact says that a word is a number or a birth, and keeps it. "sinh", "năm" and the
// like before a birth mean nothing by themselves.
func (r *Register) isFact(w string, u *Understood) bool {
	switch n := strings.NewReplacer(".", "", "-", "").Replace(w); {
	case digits(n, 12):
		v, err := citizen.ParseNumber(n)
		u.Number = v
		return err == nil
	case digits(n, 9):
		v, err := citizen.ParseOldNumber(n)
		u.OldNumber = v
		return err == nil
	}
	if strings.IndexFunc(w, unicode.IsDigit) >= 0 {
		d, err := citizen.ParseDay(strings.ReplaceAll(w, ".", "/"))
		if err == nil && u.Birth == 0 {
			u.Birth = d
			return true
		}
		return false
	}
	switch strings.ToLower(w) {
	case "sinh", "sn", "năm", "nam:", "ngày", "tháng", "sinh:", "ở", "tại", "cccd", "cmnd":
		return true
	}
	return false
}

// takePlace finds the commune that the last words name: with its kind before it
// anywhere, or without one when words enough are left for a name.
func (r *Register) takePlace(words []string, u *Understood) []string {
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = citizen.Fold(w)
	}
	for i := range folded {
		two := ""
		if i+1 < len(folded) {
			two = folded[i] + " " + folded[i+1]
		}
		kind := folded[i] == "xa" || folded[i] == "phuong" || folded[i] == "p" || folded[i] == "x" || two == "thi tran" || two == "dac khu"
		if !kind {
			continue
		}
		from := i + 1
		if two == "thi tran" || two == "dac khu" {
			from = i + 2
		}
		for end := min(len(folded), from+5); end > from; end-- {
			name := strings.Join(folded[from:end], " ")
			codes := r.Units.Find(name)
			switch {
			case folded[i] == "p" || folded[i] == "phuong":
				codes = preferred(r.Units.Find("phuong "+name), codes)
			case folded[i] == "x" || folded[i] == "xa":
				codes = preferred(r.Units.Find("xa "+name), codes)
			case two != "":
				codes = preferred(r.Units.Find(two+" "+name), codes)
			}
			rest := append(slices.Clone(words[:i]), words[end:]...)
			if len(codes) > 0 && (len(rest) > 0 || !u.Number.IsZero()) {
				u.Communes, u.Place = codes, strings.Join(words[i:end], " ")
				return rest
			}
		}
	}
	return words
}

func preferred(a, b []string) []string {
	if len(a) > 0 {
		return a
	}
	return b
}

// alsoNow adds to communes what became of them, and what they were.
func (r *Register) alsoNow(codes []string) []string {
	out := slices.Clone(codes)
	for _, c := range codes {
		out = append(out, r.Units.Successors(c)...)
		out = append(out, r.Units.Old(c)...)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), 100)]
}

var hitFields = []Field{FieldName, FieldBirth, FieldSex, FieldPermanent, FieldLife}

func (r *Register) byNumber(ctx context.Context, u Understood, words []string) ([]Person, error) {
	numbers := []citizen.Number{u.Number}
	if u.Number.IsZero() {
		who, err := r.Store.ByOldNumber(ctx, []citizen.OldNumber{u.OldNumber})
		if err != nil {
			return nil, err
		}
		numbers = who[u.OldNumber]
	}
	people, err := r.Store.Persons(ctx, numbers, hitFields)
	// A name beside a number narrows.
	return slices.DeleteFunc(people, func(p Person) bool { return len(words) > 0 && missing(words, searchWords(p.Name)) > 0 }), err
}

// byName reads by all words first, then by pairs of them that may be the first and the
// last of a name of which words in the middle were left out.
func (r *Register) byName(ctx context.Context, words []string, q NameQuery) ([]Person, bool, error) {
	people, more, err := r.names(ctx, q, words, false)
	if err != nil || len(words) < 2 {
		return people, more, err
	}
	last := len(words) - 1
	pairs := [][2]int{{0, last}}
	if len(people) == 0 {
		// Swapped and shortened: the family name may stand in the middle.
		for i := 1; i < len(words); i++ {
			pairs = append(pairs, [2]int{i - 1, i})
		}
	}
	seen := map[citizen.Number]bool{}
	for _, p := range people {
		seen[p.Number] = true
	}
	for _, pair := range pairs {
		found, m, err := r.names(ctx, q, []string{words[pair[0]], words[pair[1]]}, true)
		if err != nil {
			return nil, false, err
		}
		more = more || m && len(people) == 0
		for _, p := range found {
			if !seen[p.Number] && missing(words, searchWords(p.Name)) == 0 {
				seen[p.Number] = true
				people = append(people, p)
			}
		}
		if len(people) >= maxRead {
			return people, true, nil
		}
	}
	return people, more, nil
}

func (r *Register) names(ctx context.Context, q NameQuery, words []string, pair bool) ([]Person, bool, error) {
	q.Pair, q.Key = pair, keyOf(words, 0)
	return r.Store.Names(ctx, q)
}

// missing counts the words of a search that a name does not have.
func missing(words, name []string) int {
	left := slices.Clone(name)
	n := 0
	for _, w := range words {
		if i := slices.Index(left, w); i >= 0 {
			left = slices.Delete(left, i, i+1)
			continue
		}
		n++
	}
	return n
}

// rank puts first whose name is as typed, then the same words in order, then the same
// words, then longer names; the living before the dead, the younger first.
func rank(people []Person, typed string, words []string) {
	typed = strings.ToLower(citizen.Spell(typed))
	score := func(p *Person) int {
		have := searchWords(p.Name)
		switch {
		case typed == "":
			return 0
		case strings.ToLower(citizen.Spell(p.Name)) == typed:
			return 0
		case citizen.SameName(typed, p.Name):
			return 1
		case slices.Equal(have, words):
			return 2
		case len(have) == len(words):
			return 3
		}
		return 3 + len(have) - len(words)
	}
	slices.SortFunc(people, func(a, b Person) int {
		return cmp.Or(cmp.Compare(score(&a), score(&b)), cmp.Compare(dead(a), dead(b)),
			cmp.Compare(b.Birth, a.Birth), byNumber(a.Number, b.Number))
	})
}

func dead(p Person) int {
	if p.Life == Dead {
		return 1
	}
	return 0
}
