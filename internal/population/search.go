package population

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"dean06/internal/citizen"
)

// maxSearch bounds the text and the words of a search.
const (
	maxSearch      = 200
	maxSearchWords = 16
	maxFound       = 50
	// maxRead bounds what one key may cost, however common the name; maxParts when only
	// some of those it finds can have the other words; maxScan how many keys are looked at.
	// Of a key at first firstRead are read: each is a page of the disk, and mostly they do.
	firstRead = 60
	maxRead   = 120
	maxParts  = 400
	maxScan   = 10_000
)

// Search finds people as people speak of them: a name with or without accents, in any
// order, with words missing in the middle, in one word or several; a given name alone; a
// number of twelve or nine digits, in groups or not; with a birth (1990, 01/1990,
// 1-1-1990, ngày 1 tháng 1 năm 1990), and a commune, district or province, by an old or a
// new name, with or without its kind, anywhere in the text. What of the text was not
// understood is in the answer. It fails with Invalid when the text names nobody, and with
// Denied away from the desk.
func (r *Register) Search(ctx context.Context, in Inquiry, q Query) (Found, error) {
	if in.Service == "" {
		in.Service = ServiceSearch
	}
	if err := r.may(ctx, in, LookUp); err != nil {
		return Found{}, err
	}
	if text := strings.ReplaceAll(q.Text, "｜", "|"); isCard(text) {
		return r.searchCard(ctx, in, text)
	}
	readings, err := r.understand(q.Text)
	if err != nil {
		return Found{}, err
	}
	for i := range readings {
		readings[i].narrow(r, q)
	}
	found, people, err := r.find(ctx, q, readings)
	if err != nil {
		return Found{}, err
	}
	outcome := Answered
	if len(people) == 0 {
		outcome = NotFound
	}
	numbers := make([]citizen.Number, len(people))
	for i, p := range people {
		numbers[i] = p.Number
		found.People = append(found.People, hitOf(&p.Person, p.score == 0))
	}
	return found, r.log(ctx, in, shownFields(), len(people), outcome, numbers)
}

// find gives those who are shown, by the first reading that finds somebody. Whoever comes
// when as many search as the machine can serve waits, and is served in the order of coming.
func (r *Register) find(ctx context.Context, q Query, readings []reading) (Found, []candidate, error) {
	if err := r.searching.Acquire(ctx, 1); err != nil {
		return Found{}, nil, fmt.Errorf("search: wait for others: %w", err)
	}
	defer r.searching.Release(1)
	people, chosen, more, err := r.firstFound(ctx, readings)
	if err != nil {
		return Found{}, nil, err
	}
	u := &readings[chosen]
	found := Found{Understood: u.Understood, NotUnderstood: u.notUnderstood(), More: more}
	for i := range readings {
		if o := &readings[i]; i != chosen && len(o.within) > 0 && len(found.Also) < maxAlso {
			found.Also = append(found.Also, o.Understood)
		}
	}
	rank(people, u)
	limit := maxFound
	if q.Limit > 0 {
		limit = min(q.Limit, maxFound)
	}
	if len(people) > limit {
		people, found.More = people[:limit], true
	}
	if len(people) == 0 {
		found.Without, err = r.relaxed(ctx, *u)
	}
	return found, people, err
}

func hitOf(p *Person, exact bool) Hit {
	return Hit{
		Number: p.Number, Name: p.Name, Birth: p.Birth, Sex: p.Sex, Permanent: p.Permanent, Since: p.PermanentSince, Life: p.Life, Exact: exact,
	}
}

// SearchFields are what is read of those whom a search may mean.
var SearchFields = []Field{FieldName, FieldBirth, FieldSex, FieldPermanent, FieldLife}

// shownFields are what a search shows of somebody.
func shownFields() []Field { return append([]Field{FieldNumber}, SearchFields...) }

// maxAlso bounds how many other readings are told.
const maxAlso = 3

// candidate is somebody who may be meant, with the words of the name.
type candidate struct {
	Person
	words []string
	score int
}

// narrow adds what was chosen beside the text.
func (u *reading) narrow(r *Register, q Query) {
	u.year = q.Year
	if q.Commune != "" {
		u.within = append(u.within, Ground{Communes: r.alsoNow([]string{q.Commune})})
	}
	if q.Sex != citizen.SexUnknown {
		u.only = q.Sex
	}
}

// notUnderstood are the parts of the text that a reading makes nothing of, as they stand
// in it.
func (u *reading) notUnderstood() []string {
	var out []string
	slices.SortFunc(u.lost, func(a, b span) int { return a.from - b.from })
	for _, s := range u.lost {
		if part := u.text[s.from:s.to]; !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

// firstFound tries one reading after the other and gives the first that finds somebody, or
// the likeliest when none does: at first by whole names and by their ends, then by parts
// of them.
func (r *Register) firstFound(ctx context.Context, readings []reading) (people []candidate, chosen int, more bool, err error) {
	for _, parts := range []bool{false, true} {
		for i := range readings {
			people, m, err := r.candidates(ctx, &readings[i], parts)
			if err != nil || len(people) > 0 {
				return people, i, m, err
			}
			more = more || m
		}
	}
	for i := range readings {
		if readings[i].sure && len(readings[i].within)+len(readings[i].lost) > 0 {
			return nil, i, more, nil
		}
	}
	return nil, 0, more, nil
}

// candidates are those whom one reading of a text may mean; by parts of a name when whole
// names found nobody.
func (r *Register) candidates(ctx context.Context, u *reading, parts bool) (people []candidate, more bool, err error) {
	switch {
	case !u.Number.IsZero() || !u.OldNumber.IsZero():
		if parts {
			return nil, false, nil
		}
		people, err = r.byNumber(ctx, u)
	case parts:
		people, more, err = r.byParts(ctx, u)
	default:
		people, more, err = r.byName(ctx, u)
	}
	return slices.DeleteFunc(people, func(p candidate) bool { return !u.fits(&p.Person) }), more, err
}

// fits says that somebody is within all that narrows a reading beside the name.
func (u *reading) fits(p *Person) bool {
	return (u.Birth == 0 || u.Birth.Fits(p.Birth)) && (u.year == 0 || p.Birth.Year() == u.year) &&
		(u.Sex == citizen.SexUnknown || u.Sex == p.Sex) && (u.only == citizen.SexUnknown || u.only == p.Sex) &&
		!slices.ContainsFunc(u.within, func(g Ground) bool { return !g.Has(p.Permanent) })
}

// relaxed says what of a reading that found nobody stands in the way: without it alone,
// somebody would be found.
func (r *Register) relaxed(ctx context.Context, u reading) ([]string, error) {
	var out []string
	try := func(what string, without reading) error {
		people, _, err := r.candidates(ctx, &without, false)
		if len(people) > 0 {
			out = append(out, what)
		}
		return err
	}
	numbered := !u.Number.IsZero() || !u.OldNumber.IsZero()
	if numbered && len(u.words) > 0 {
		v := u
		v.words = nil
		if err := try(WithoutName, v); err != nil {
			return nil, err
		}
	}
	if u.Birth != 0 || u.year != 0 {
		v := u
		v.Birth, v.year = 0, 0
		if err := try(WithoutBirth, v); err != nil {
			return nil, err
		}
	}
	if len(u.within) > 0 {
		v := u
		v.within = nil
		if err := try(WithoutPlace, v); err != nil {
			return nil, err
		}
	}
	if u.Sex != citizen.SexUnknown || u.only != citizen.SexUnknown {
		v := u
		v.Sex, v.only = citizen.SexUnknown, citizen.SexUnknown
		if err := try(WithoutSex, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// alsoNow adds to communes what became of them, and what they were.
func (r *Register) alsoNow(codes []string) []string {
	out := slices.Clone(codes)
	for _, c := range codes {
		out = append(out, r.Units.Successors(c)...)
		out = append(out, r.Units.Old(c)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// byNumber reads by the numbers: by the old one when it is alone, else both are the
// person's. A name beside a number narrows.
func (r *Register) byNumber(ctx context.Context, u *reading) ([]candidate, error) {
	numbers := []citizen.Number{u.Number}
	if !u.OldNumber.IsZero() {
		who, err := r.Store.ByOldNumber(ctx, []citizen.OldNumber{u.OldNumber})
		if err != nil {
			return nil, err
		}
		held := who[u.OldNumber]
		if !u.Number.IsZero() && !slices.Contains(held, u.Number) {
			return nil, nil
		}
		if u.Number.IsZero() {
			numbers = held
		}
	}
	people, err := r.Store.Persons(ctx, numbers, SearchFields)
	return names{}.having(people, u), err
}

// names are the words of the names that a search has met: many people have the same.
type names map[string][]string

// having are those who have all the words in their names. A word of one letter is held as
// part of the next one (H Hen); in another order it stands by itself (Đào Y of Y Đào).
func (n names) having(people []Person, u *reading) []candidate {
	out := make([]candidate, 0, len(people))
	words, apart := u.words, wordsApart(u.Name)
	lone := slices.ContainsFunc(apart, func(w string) bool { return len(w) == 1 })
	for _, p := range people {
		have, met := n[p.Name]
		if !met {
			have = searchWords(p.Name)
			n[p.Name] = have
		}
		if covers(words, have) || lone && covers(apart, wordsApart(p.Name)) {
			out = append(out, candidate{Person: p, words: have})
		}
	}
	return out
}

// wordsApart are the words of a name as spaces and hyphens part them, i and y as one.
func wordsApart(name string) []string {
	return strings.Fields(strings.ReplaceAll(citizen.Fold(name), "y", "i"))
}

// byName reads by all words, and by the first and the last of them, between which words
// may have been left out; of one word, by the given name. Where accents were typed, those
// who have them come before the others.
func (r *Register) byName(ctx context.Context, u *reading) ([]candidate, bool, error) {
	if len(u.units) == 0 {
		return nil, false, nil
	}
	year, first, last := u.bornIn(), u.units[0], u.units[len(u.units)-1]
	var keys []KeyRange
	for _, accents := range u.accents() {
		keys = append(keys, wholeKey(u.units, year, accents))
	}
	for _, accents := range u.accents() {
		if len(u.units) == 1 {
			keys = append(keys, givenKey(last, year, accents))
		} else {
			keys = append(keys, endsKey(last, first, year, accents), endsKey(first, last, year, accents))
		}
	}
	return r.byKeys(ctx, u, keys, maxRead)
}

// byParts reads by pairs of neighbours, as of a name that is swapped and shortened the
// family may stand in the middle; then by the given name alone, of which only some are
// read.
func (r *Register) byParts(ctx context.Context, u *reading) ([]candidate, bool, error) {
	year, n := u.bornIn(), len(u.units)
	var keys []KeyRange
	for i := 1; i < n && n > 2; i++ {
		a, b := u.units[i-1], u.units[i]
		keys = append(keys, endsKey(b, a, year, false), endsKey(a, b, year, false))
	}
	if n > 1 {
		accents := u.accents()[0]
		keys = append(keys, givenKey(u.units[n-1], year, accents), givenKey(u.units[0], year, accents))
		keys = append(keys, givenKey(u.units[n-2].and(u.units[n-1]), year, accents)) // one word that was written as two
	}
	if n == 1 && u.units[0].prefixed {
		keys = append(keys, givenKey(u.units[0].withoutPrefix(), year, false)) // Ý Nhi of Nguyễn Ý Nhi
	}
	return r.byKeys(ctx, u, keys, maxParts)
}

// bornIn is the year to which a reading narrows; 0 is any.
func (u *reading) bornIn() int { return cmp.Or(u.Birth.Year(), u.year) }

// accents are whether to ask for the accents that were typed: first so, when there are
// some, then without.
func (u *reading) accents() []bool {
	if accented(u.units) {
		return []bool{true, false}
	}
	return []bool{false}
}

// byKeys reads by one key after the other until there are enough; who has not all words
// of the reading is left out. More says that not all were read who have one of the keys.
func (r *Register) byKeys(ctx context.Context, u *reading, keys []KeyRange, limit int) (people []candidate, more bool, err error) {
	seen, met := map[citizen.Number]bool{}, names{}
	for i, k := range keys {
		if len(people) >= maxFound {
			return people, true, nil
		}
		if slices.Contains(keys[:i], k) {
			continue
		}
		q := NameQuery{Keys: k, Sex: cmp.Or(u.Sex, u.only), Scan: maxScan}
		if len(u.within) > 0 {
			q.Within = u.within[0]
		}
		found, m, err := r.named(ctx, u, q, limit, met)
		if err != nil {
			return nil, false, err
		}
		more = more || m
		for _, c := range found {
			if !seen[c.Number] {
				seen[c.Number] = true
				people = append(people, c)
			}
		}
	}
	return people, more, nil
}

// named reads by one key those who have all words of a reading: so many as are shown when
// the first that are read are enough, else up to the limit.
func (r *Register) named(ctx context.Context, u *reading, q NameQuery, limit int, met names) ([]candidate, bool, error) {
	for _, q.Limit = range []int{min(firstRead, limit), limit} {
		people, more, err := r.Store.Names(ctx, q)
		if err != nil {
			return nil, false, err
		}
		found := met.having(people, u)
		if !more || q.Limit == limit || len(people) < q.Limit || u.many(found) {
			return found, more, nil
		}
	}
	return nil, false, nil
}

// many says that as many are within a reading as are shown.
func (u *reading) many(people []candidate) bool {
	n := 0
	for i := range people {
		if u.fits(&people[i].Person) {
			n++
		}
	}
	return n >= maxFound
}
