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
// abbreviations. A code in it finds its procedure and nothing else. Procedures of one
// province come after those of the country, unless the text names it. Nothing is found when
// nothing fits.
func (c *Catalogue) Search(text string, n int) []Hit {
	if n <= 0 {
		return nil
	}
	ws := wordsOf(cutText(text))
	ws = ws[:min(len(ws), maxQueryWords)]
	if hits := c.named(ws); len(hits) > 0 {
		return hits[:min(len(hits), n)]
	}
	x := c.index()
	if x.isCodeOfNone(ws) {
		return nil
	}
	return x.search(ws, n)
}

// named are the procedures whose codes stand among words, in their order: 1.001193, and as
// people write it without the point or with another sign. What follows for a case (".01") is
// a word of its own.
func (c *Catalogue) named(ws []word) []Hit {
	var out []Hit
	for i, w := range ws {
		code := ""
		switch {
		case !isNumber(w.plain):
		case len(w.plain) == 7:
			code = w.plain[:1] + "." + w.plain[1:]
		case len(w.plain) == 6 && i > 0 && len(ws[i-1].plain) == 1:
			code = ws[i-1].plain + "." + w.plain
		}
		p, ok := c.At(code)
		if ok && !slices.ContainsFunc(out, func(h Hit) bool { return h.Code == p.Code }) {
			out = append(out, Hit{p, 1})
		}
	}
	return out
}

func cutText(s string) string {
	if len(s) <= maxQuery {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuery], "")
}

// isCodeOfNone says that words are numbers of which one is in no title: a mistyped code, of
// which the 1 alone is no request.
func (x *index) isCodeOfNone(ws []word) bool {
	none := false
	for _, w := range ws {
		if !isNumber(w.plain) {
			return false
		}
		none = none || !x.known(w.plain)
	}
	return none
}

func (x *index) search(ws []word, n int) []Hit {
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
				s *= 2
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
	seen := make([]bool, len(x.titles))
	for i, w := range q.words {
		if w < 0 || q.weight[i] < q.strong {
			continue
		}
		for _, t := range x.posts[w] {
			if seen[t] {
				continue
			}
			seen[t] = true
			s, doc := x.answer(&q, &x.titles[t])*r.worth, x.titles[t].doc
			if x.titles[t].said == 0 && x.special[doc]&^q.special != 0 {
				s *= notSpecial
			}
			best[doc] = max(best[doc], s)
		}
	}
}

// question is a reading as numbers.
type question struct {
	words   []int32   // -1: in no title
	weight  []float32 // of the words
	pairs   []float32 // of a word and the one before it
	sum     float32   // of all
	strong  float32   // words of this weight and more are looked up
	fits    []fit
	first   []int16 // of a word of the titles: where it first is in the text, from 1
	next    []int16 // where a word of the text is again, from 1
	special uint8   // the circumstances that are named

	found, together []float32 // how well a title has each word, and each with the one before it
}

// notSpecial is how much counts of a procedure for circumstances that are not named.
const notSpecial = 0.82

// phraseWeight is what a word of a phrase that people say weighs at least: "đỏ" in "sổ đỏ".
const phraseWeight = 2

// phrased says which words of a text stand in a phrase that people say.
func (x *index) phrased(ws []word) []bool {
	out := make([]bool, len(ws))
	for i, w := range ws {
		n, ok := x.words[w.plain]
		if !ok {
			continue
		}
		for _, t := range x.phrases[n] {
			tokens := x.tokens[x.titles[t].start:x.titles[t].end]
			if len(tokens) < 2 || i+len(tokens) > len(ws) {
				continue
			}
			same := true
			for j, f := range tokens {
				at := ws[i+j]
				same = same && x.plains[x.bare[f]] == at.plain && (!at.accented() || x.forms[at.form] == f)
			}
			for j := range tokens {
				out[i+j] = out[i+j] || same
			}
		}
	}
	return out
}

// actionWeight is what a word that says what is to be done weighs at least.
const actionWeight = 3

// unknownWeight is that of a word which no title has: what is asked for is not here.
const unknownWeight = 5

func (x *index) question(r reading) question {
	ws := r.words
	q := question{special: specialOf(ws), first: make([]int16, len(x.plains)), next: make([]int16, len(ws))}
	most := float32(0)
	said := x.phrased(ws)
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
		case said[i]:
			weight = max(weight, phraseWeight)
		case !isWeak(w):
		case w.accented() || r.accents:
			weight *= filler
		default:
			weight *= maybeFiller
		}
		if n >= 0 && (actionForms[w.form] || !w.accented() && !r.accents && actionPlains[w.plain]) {
			weight = max(weight, actionWeight)
		}
		pair := float32(0)
		if i > 0 && n >= 0 && q.words[i-1] >= 0 {
			before := q.words[i-1]
			pair = 0.8 * min(rarityOf(len(x.list), x.pairs[pairOf(before, n)]), 2*max(weight, q.weight[i-1]))
			if x.pairs[pairOf(before, n)] == 0 {
				pair = 0 // nobody says this, so that it is missing says nothing
			}
			weak := 0
			for _, j := range []int{i - 1, i} {
				if !said[j] && isWeak(ws[j]) {
					weak++
				}
			}
			pair *= []float32{1, 0.5, filler}[weak]
		}
		q.words, q.fits = append(q.words, n), append(q.fits, f)
		q.weight, q.pairs = append(q.weight, weight), append(q.pairs, pair)
		q.sum += weight + pair
		most = max(most, weight)
		if n >= 0 {
			q.next[i], q.first[n] = q.first[n], int16(i+1) //nolint:gosec // there are 40 words at most, and parts of them
		}
	}
	q.strong = most * 0.25
	q.found, q.together = make([]float32, len(ws)), make([]float32, len(ws))
	return q
}

// isWeak says that a word is a filler, or may be one.
func isWeak(w word) bool {
	return fillerForms[w.form] || !w.accented() && fillerPlains[w.plain]
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

func (x *index) answer(q *question, t *title) float32 {
	found, pairs := q.found, q.together
	clear(found)
	clear(pairs)
	covered, before := float32(0), int32(-1)
	for _, f := range x.tokens[t.start:t.end] {
		w := x.bare[f]
		top := float32(0)
		for at := q.first[w]; at > 0; at = q.next[at-1] {
			i := int(at - 1)
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
