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
// in the text. It fails with Invalid when the text names nobody, and with Denied away
// from the desk.
func (r *Register) Search(ctx context.Context, in Inquiry, q Query) (Found, error) {
	if in.Service == "" {
		in.Service = ServiceSearch
	}
	if err := r.may(ctx, in, LookUp); err != nil {
		return Found{}, err
	}
	readings, err := r.understand(q.Text)
	if err != nil {
		return Found{}, err
	}
	var found Found
	var people []candidate
	for _, u := range readings {
		if q.Commune != "" {
			u.Communes = []string{q.Commune}
		}
		found = Found{Understood: u}
		if people, found.More, err = r.candidates(ctx, q, u); err != nil {
			return Found{}, err
		}
		if len(people) > 0 {
			break
		}
	}
	rank(people, found.Understood.Name)
	limit := maxFound
	if q.Limit > 0 {
		limit = min(q.Limit, maxFound)
	}
	if len(people) > limit {
		people, found.More = people[:limit], true
	}
	numbers := make([]citizen.Number, len(people))
	for i, c := range people {
		numbers[i] = c.Number
	}
	whole, err := r.Store.Persons(ctx, numbers, []Field{FieldName, FieldBirth, FieldSex, FieldPermanent, FieldLife})
	if err != nil {
		return Found{}, err
	}
	for _, c := range people {
		if i := slices.IndexFunc(whole, func(p Person) bool { return p.Number == c.Number }); i >= 0 {
			p := whole[i]
			found.People = append(found.People, Hit{
				Number: p.Number, Name: p.Name, Birth: p.Birth, Sex: p.Sex, Permanent: p.Permanent, Life: p.Life, Exact: c.score == 0,
			})
		}
	}
	outcome := Answered
	if len(people) == 0 {
		outcome = NotFound
	}
	shown := []Field{FieldNumber, FieldName, FieldBirth, FieldSex, FieldPermanent, FieldLife}
	return found, r.log(ctx, in, shown, len(people), outcome, numbers)
}

// candidate is somebody who may be meant, with the words of the name.
type candidate struct {
	Person
	words []string
	score int
}

// candidates are those whom one reading of a text may mean.
func (r *Register) candidates(ctx context.Context, q Query, u Understood) ([]candidate, bool, error) {
	words := searchWords(u.Name)
	var people []candidate
	var more bool
	var err error
	if !u.Number.IsZero() || !u.OldNumber.IsZero() {
		people, err = r.byNumber(ctx, u, words)
	} else {
		people, more, err = r.byName(ctx, words, NameQuery{
			Year: cmp.Or(u.Birth.Year(), q.Year), Communes: r.alsoNow(u.Communes), Sex: q.Sex, Limit: maxRead,
		})
	}
	people = slices.DeleteFunc(people, func(p candidate) bool {
		return u.Birth != 0 && !u.Birth.Fits(p.Birth) || q.Year != 0 && p.Birth.Year() != q.Year || q.Sex != citizen.SexUnknown && p.Sex != q.Sex
	})
	return people, more, err
}

// understand takes numbers and a birth out of a text and gives the ways in which the
// rest can be read, the plainest first: all of it is a name; without the words that
// lead to a date ("sinh năm"); without a commune. A name may be Năm, Sinh or Phương,
// so that the first reading that finds somebody counts.
func (r *Register) understand(text string) ([]Understood, error) {
	text = citizen.Spell(text)
	if text == "" {
		return nil, fault.New(fault.Invalid, "population.search.empty", nil).At("text")
	}
	var u Understood
	var words []string
	before := 0 // of how many words a date or number comes
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' || r == ':' }) {
		if isFact(w, &u) {
			before = max(before, len(words))
			continue
		}
		words = append(words, w)
	}
	if len([]rune(text)) > maxSearch || len(words) > maxSearchWords {
		return nil, fault.New(fault.Invalid, "population.search.long", nil).At("text")
	}
	numbered := !u.Number.IsZero() || !u.OldNumber.IsZero()
	var out []Understood
	add := func(v Understood, words []string) {
		v.Name = strings.Join(words, " ")
		if (v.Name != "" || numbered) && !slices.ContainsFunc(out, func(o Understood) bool { return o.Name == v.Name }) {
			out = append(out, v)
		}
	}
	var readings [][]string
	for bare := words; ; before-- {
		readings = append(readings, bare)
		if before == 0 || !leads[strings.ToLower(words[before-1])] {
			break
		}
		bare = append(slices.Clone(words[:before-1]), words[len(words)-(len(bare)-before):]...)
	}
	for _, words := range readings {
		add(u, words)
	}
	for _, words := range readings {
		placed := u
		rest := r.takePlace(words, &placed)
		add(placed, rest)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "population.search.nobody", nil).At("text")
	}
	return out, nil
}

// leads are the words that stand before a date or a number and mean nothing then.
var leads = map[string]bool{
	"sinh": true, "sn": true, "năm": true, "nam": true, "ngày": true, "ngay": true, "tháng": true, "thang": true,
	"số": true, "so": true, "cccd": true, "cmnd": true, "cmt": true,
}

// isFact says that a word is a number or a birth, and keeps it.
func isFact(w string, u *Understood) bool {
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
	if u.Birth != 0 || strings.IndexFunc(w, unicode.IsDigit) < 0 {
		return false
	}
	d, err := citizen.ParseDay(strings.ReplaceAll(w, ".", "/"))
	if err == nil {
		u.Birth = d
	}
	return err == nil
}

// takePlace finds a commune, with its kind before it, and gives what is left of the words.
func (r *Register) takePlace(words []string, u *Understood) []string {
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = strings.Trim(citizen.Fold(w), ".")
	}
	for i, w := range slices.Backward(folded) { // the place comes last
		kind, from := placeKinds[w], i+1
		if i+1 < len(folded) && kind == "" {
			kind, from = placeKinds[w+" "+folded[i+1]], i+2
		}
		for end := min(len(folded), from+5); kind != "" && end > from; end-- {
			name := strings.Join(folded[from:end], " ")
			codes := preferred(r.Units.Find(kind+" "+name), r.Units.Find(name))
			if rest := append(slices.Clone(words[:i]), words[end:]...); len(codes) > 0 && (len(rest) > 0 || !u.Number.IsZero()) {
				u.Communes, u.Place = codes, strings.Join(words[i:end], " ")
				if i > 0 && (folded[i-1] == "o" || folded[i-1] == "tai") && len(rest) > 1 {
					rest = append(slices.Clone(words[:i-1]), words[end:]...)
				}
				return rest
			}
		}
	}
	return words
}

// placeKinds are the kinds of communes as people write them.
var placeKinds = map[string]string{
	"xa": "xa", "x": "xa", "phuong": "phuong", "p": "phuong", "thi tran": "thi tran", "tt": "thi tran", "dac khu": "dac khu",
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

func (r *Register) byNumber(ctx context.Context, u Understood, words []string) ([]candidate, error) {
	numbers := []citizen.Number{u.Number}
	if u.Number.IsZero() {
		who, err := r.Store.ByOldNumber(ctx, []citizen.OldNumber{u.OldNumber})
		if err != nil {
			return nil, err
		}
		numbers = who[u.OldNumber]
	}
	people, err := r.Store.Persons(ctx, numbers, []Field{FieldName, FieldBirth, FieldSex, FieldLife})
	return having(people, words), err // a name beside a number narrows
}

// having are those who have all the words in their names.
func having(people []Person, words []string) []candidate {
	out := make([]candidate, 0, len(people))
	for _, p := range people {
		if have := searchWords(p.Name); missing(words, have) == 0 || sameLetters(words, have) {
			out = append(out, candidate{Person: p, words: have})
		}
	}
	return out
}

// byName reads by all words first, then by pairs of them that may be the first and the
// last of a name of which words in the middle were left out.
func (r *Register) byName(ctx context.Context, words []string, q NameQuery) ([]candidate, bool, error) {
	people, more, err := r.names(ctx, q, words, false)
	if err != nil || len(words) < 2 || len(people) >= maxFound {
		return people, more, err
	}
	pairs := [][2]int{{0, len(words) - 1}}
	if len(people) == 0 {
		// Swapped and shortened: the family name may stand in the middle.
		for i := 1; i < len(words) && len(words) > 2; i++ {
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
		more = more || m
		for _, c := range found {
			if !seen[c.Number] && missing(words, c.words) == 0 {
				seen[c.Number] = true
				people = append(people, c)
			}
		}
		if len(people) >= maxRead {
			break
		}
	}
	return people, more && len(people) > 0, nil
}

func (r *Register) names(ctx context.Context, q NameQuery, words []string, pair bool) ([]candidate, bool, error) {
	if len(words) == 0 {
		return nil, false, nil
	}
	q.Pair, q.Key = pair, keyOf(words, 0)
	people, more, err := r.Store.Names(ctx, q)
	return having(people, words), more, err
}

// missing counts the words of a search that a name does not have.
func missing(words, name []string) int {
	n := 0
	for i, w := range words {
		// As often in the name as in the search so far.
		need := 1
		for _, before := range words[:i] {
			if before == w {
				need++
			}
		}
		for _, have := range name {
			if have == w {
				need--
			}
		}
		if need > 0 {
			n++
		}
	}
	return n
}

// rank puts first whose name is as typed, then the same words in order, then the same
// words, then longer names; the living before the dead, the younger first.
func rank(people []candidate, typed string) {
	typed = strings.ToLower(citizen.Spell(typed))
	words := searchWords(typed)
	for i := range people {
		c := &people[i]
		switch {
		case typed == "", strings.ToLower(citizen.Spell(c.Name)) == typed:
		case !slices.Equal(c.words, words):
			c.score = 3 + max(0, len(c.words)-len(words))
		case citizen.SameName(typed, c.Name):
			c.score = 1
		default:
			c.score = 2
		}
	}
	slices.SortFunc(people, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(a.score, b.score), cmp.Compare(dead(a.Person), dead(b.Person)), cmp.Compare(b.Birth, a.Birth), byNumber(a.Number, b.Number),
		)
	})
}

func dead(p Person) int {
	if p.Life == Dead {
		return 1
	}
	return 0
}
