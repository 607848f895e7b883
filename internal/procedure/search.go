package procedure

import (
	"cmp"
	"slices"
	"strings"
)

// Hit is a procedure that a text may mean.
type Hit struct {
	Procedure
	Score float32 // between 0 and about 1: how much of the text it answers
}

// These bound what is read of a text.
const (
	maxQuery      = 400 // bytes
	maxQueryWords = 40
	maxReadings   = 10
)

// What is no hit: less than this of the text, or of what the best answers.
const (
	least      = 0.24
	leastShare = 0.45
)

// Search finds the procedures that a text means, the likeliest first, at most n. The text is
// what people say: with or without accents, with typing errors, words run together,
// abbreviations. A code finds its procedure. Procedures of one province come after those
// of the country, unless the text names it. Nothing is found when nothing fits.
func (c *Catalogue) Search(text string, n int) []Hit {
	if n <= 0 {
		return nil
	}
	if code := strings.TrimSpace(text); len(code) <= maxQuery {
		if p, ok := c.At(code); ok {
			return []Hit{{p, 1}}
		}
	}
	return c.index().search(cutText(text), n)
}

func cutText(s string) string {
	if len(s) <= maxQuery {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuery], "")
}

func (x *index) search(text string, n int) []Hit {
	ws := wordsOf(text)
	ws = ws[:min(len(ws), maxQueryWords)]
	readings, at := x.readings(ws)
	best := map[int32]float32{}
	for _, r := range readings {
		x.score(r, best)
	}
	out := make([]Hit, 0, 64)
	top := float32(0)
	docs := make([]int32, 0, len(best))
	for doc, s := range best {
		s *= x.prior[doc]
		if local, ok := x.local[doc]; ok && at != "" {
			if strings.Contains(local, " "+at+" ") {
				s *= 1.5
			} else {
				s *= 0.5
			}
		}
		best[doc] = s
		if s >= least {
			docs = append(docs, doc)
			top = max(top, s)
		}
	}
	slices.SortFunc(docs, func(a, b int32) int {
		return cmp.Or(cmp.Compare(best[b], best[a]), cmp.Compare(len(x.list[a].Name), len(x.list[b].Name)), cmp.Compare(a, b))
	})
	for _, doc := range docs {
		if len(out) == n || best[doc] < top*leastShare {
			break
		}
		out = append(out, Hit{x.list[doc], best[doc]})
	}
	return out
}

// reading is one way to understand a text.
type reading struct {
	words []word
	worth float32 // how sure it is that this was meant
	// accents says that the text is written with accents: a word without any means one.
	accents bool
}

// score adds to best how well the titles answer a reading: which share of it they have, and
// a little of which share of them it has.
func (x *index) score(r reading, best map[int32]float32) {
	q := x.question(r)
	if q.sum == 0 {
		return
	}
	seen := map[int32]bool{}
	for i, w := range q.words {
		if w < 0 || q.weight[i] < q.strong {
			continue
		}
		for _, t := range x.posts[w] {
			if seen[t] {
				continue
			}
			seen[t] = true
			if s := x.answer(q, &x.titles[t]) * r.worth; s > best[x.titles[t].doc] {
				best[x.titles[t].doc] = s
			}
		}
	}
}

// question is a reading as numbers.
type question struct {
	words  []int32   // -1: in no title
	weight []float32 // of the words
	pairs  []float32 // of a word and the one before it
	sum    float32   // of all
	strong float32   // words of this weight and more are looked up
	fits   []fit
	at     map[int32][]int
}

// unknownWeight is that of a word which no title has: what is asked for is not here.
const unknownWeight = 5

func (x *index) question(r reading) question {
	ws := r.words
	q := question{at: map[int32][]int{}}
	most := float32(0)
	for i, w := range ws {
		n, ok := x.words[w.plain]
		weight := float32(unknownWeight)
		f := fit{form: -1, other: 1}
		if ok {
			weight = x.rarity[n]
			if form, there := x.forms[w.form]; there {
				f.form = form
			}
		} else {
			n = -1
		}
		switch {
		case w.accented():
			f.other = otherAccents
		case r.accents && w.form != "":
			f.other = noAccents
		}
		switch {
		case w.accented() && fillerForms[w.form]:
			weight *= filler
		case !w.accented() && fillerPlains[w.plain]:
			if weight *= maybeFiller; r.accents {
				weight *= filler / maybeFiller
			}
		}
		pair := float32(0)
		if i > 0 && n >= 0 && q.words[i-1] >= 0 {
			before := q.words[i-1]
			pair = 0.8 * min(rarityOf(len(x.list), x.pairs[pairOf(before, n)]), 2*max(weight, q.weight[i-1]))
			if x.pairs[pairOf(before, n)] == 0 {
				pair = 0 // nobody says this, so that it is missing says nothing
			}
			if isWeak(ws[i-1], r.accents) && isWeak(w, r.accents) {
				pair *= filler
			} else if isWeak(ws[i-1], r.accents) || isWeak(w, r.accents) {
				pair *= 0.5
			}
		}
		q.words, q.fits = append(q.words, n), append(q.fits, f)
		q.weight, q.pairs = append(q.weight, weight), append(q.pairs, pair)
		q.sum += weight + pair
		most = max(most, weight)
		if n >= 0 {
			q.at[n] = append(q.at[n], i)
		}
	}
	q.strong = most * 0.25
	return q
}

// isWeak says that a word is a filler, or may be one.
func isWeak(w word, accents bool) bool {
	if w.accented() || accents {
		return fillerForms[w.form]
	}
	return fillerPlains[w.plain]
}

// How much counts of a word that the title writes with other accents.
const (
	otherAccents = 0.35 // both have some
	noAccents    = 0.5  // the text has none here, and some elsewhere
)

// fit is how a word of a text is compared with one of a title.
type fit struct {
	form  int32   // -1: no title has it with these accents
	other float32 // what it counts when the title has other accents
}

func (f fit) of(form int32) float32 {
	if f.form == form {
		return 1
	}
	return f.other
}

func (x *index) answer(q question, t *title) float32 {
	var (
		found   = make([]float32, len(q.words)) // how well each word is found
		pairs   = make([]float32, len(q.words))
		covered float32
	)
	before := int32(-1)
	for _, f := range x.tokens[t.start:t.end] {
		w := x.bare[f]
		top := float32(0)
		for _, i := range q.at[w] {
			fit := q.fits[i].of(f)
			found[i] = max(found[i], fit)
			top = max(top, fit)
			if i > 0 && before >= 0 && q.words[i-1] == x.bare[before] {
				pairs[i] = max(pairs[i], fit*q.fits[i-1].of(before))
			}
		}
		covered += x.weight[f] * top
		before = f
	}
	got := float32(0)
	for i := range q.words {
		got += found[i]*q.weight[i] + pairs[i]*q.pairs[i]
	}
	share, whole := got/q.sum, float32(0)
	if t.sum > 0 {
		whole = covered / t.sum
	}
	if t.said > 0 {
		// A phrase is meant when it is there: half of it means something else.
		return share * (0.25 + 0.83*whole*whole) * t.said
	}
	return share * (0.62 + 0.38*whole)
}
