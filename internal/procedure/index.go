package procedure

import (
	"encoding/csv"
	"math"
	"slices"
	"strings"

	"dean06/data"
)

// index finds procedures by words. A procedure has titles: its name, and what people say
// for it. All texts are kept as numbers of words.
type index struct {
	list   []Procedure
	titles []title
	tokens []int32 // the forms of all titles, one after the other

	words   map[string]int32 // without accents
	plains  []string         // the words, by number
	letters []uint32         // which letters a word has, one bit each
	rarity  []float32        // of a word: how rare it is among names
	forms   map[string]int32
	weight  []float32 // of a form: its rarity, and little when it is a filler
	bare    []int32   // the word of a form

	posts   [][]int32         // the titles that have a word
	phrases map[int32][]int32 // the titles that are phrases, by their first word
	pairs   map[uint64]int32  // how many titles have two words side by side
	prior   []float32         // of a procedure
	special []uint8           // of a procedure: the circumstances that its name names
	local   map[int32]string  // of a procedure of one province: the words of its agency
	means   []said            // phrases that stand for other words
	places  map[string][]province
}

type title struct {
	doc        int32
	start, end int32 // in tokens
	sum        float32
	said       float32 // 0: a name; else how much is thought of the phrase
}

// province is a province by the words of its name.
type province struct {
	words []string
	key   string
}

func buildIndex(list []Procedure, phrases []said) *index {
	x := &index{
		list: list, words: map[string]int32{}, forms: map[string]int32{}, pairs: map[uint64]int32{}, phrases: map[int32][]int32{},
		prior: make([]float32, len(list)), special: make([]uint8, len(list)), local: map[int32]string{}, places: provinces(),
	}
	byCode := map[string]int{}
	var df []int32
	for i, p := range list {
		if p.Flaw == "" {
			byCode[p.Code] = i
		}
		x.prior[i] = priorOf(p)
		if p.Type == Specific {
			x.local[int32(i)] = " " + strings.Join(plainsOf(p.Agency.Name), " ") + " " //nolint:gosec // a catalogue has 100,000 rows at most
		}
		name := cutName(wordsOf(p.Name))
		x.special[i] = specialOf(name)
		x.add(int32(i), name, 0) //nolint:gosec // a catalogue has 100,000 rows at most
	}
	df = make([]int32, len(x.plains))
	for w, p := range x.posts {
		df[w] = int32(len(p)) //nolint:gosec // as above
	}
	for _, s := range phrases {
		for rank, code := range s.codes {
			if doc, ok := byCode[code]; ok {
				x.add(int32(doc), s.phrase, float32(math.Pow(0.93, float64(rank)))) //nolint:gosec // as above
			}
		}
		if len(s.codes) == 0 {
			x.means = append(x.means, s)
			for _, w := range append(slices.Clone(s.phrase), s.means...) {
				x.form(w)
			}
			x.pair(s.phrase)
		}
	}
	slices.SortStableFunc(x.means, func(a, b said) int { return len(b.phrase) - len(a.phrase) })
	x.rarity = make([]float32, len(x.plains))
	for w := range x.plains {
		n := int32(0)
		if w < len(df) {
			n = df[w]
		}
		x.rarity[w] = rarityOf(len(list), n)
	}
	x.letters = make([]uint32, len(x.plains))
	for w, p := range x.plains {
		x.letters[w] = lettersOf(p)
	}
	x.weight = make([]float32, len(x.bare))
	for form, f := range x.forms {
		x.weight[f] = x.rarity[x.bare[f]]
		if fillerForms[form] {
			x.weight[f] *= filler
		}
	}
	for i := range x.titles {
		t := &x.titles[i]
		for _, f := range x.tokens[t.start:t.end] {
			t.sum += x.weight[f]
		}
	}
	return x
}

// cutName leaves out the words with which names begin whatever they are of.
func cutName(ws []word) []word {
	if len(ws) > 2 && ws[0].plain == "thu" && ws[1].plain == "tuc" {
		ws = ws[2:]
	}
	return ws[:min(len(ws), 120)]
}

// filler is how much is left of the weight of a filler; of a word that may be one, its
// accents being left out, more is.
const (
	filler      = 0.12
	maybeFiller = 0.16
)

func rarityOf(of int, n int32) float32 { return float32(math.Log(1 + float64(of)/float64(n+1))) }

func (x *index) form(w word) int32 {
	f, ok := x.forms[w.form]
	if ok {
		return f
	}
	n, ok := x.words[w.plain]
	if !ok {
		n = int32(len(x.plains)) //nolint:gosec // there are some thousand words
		x.words[w.plain] = n
		x.plains = append(x.plains, w.plain)
		x.posts = append(x.posts, nil)
	}
	f = int32(len(x.bare)) //nolint:gosec // as above
	x.forms[w.form] = f
	x.bare = append(x.bare, n)
	return f
}

func (x *index) add(doc int32, ws []word, said float32) {
	n := int32(len(x.titles))                                     //nolint:gosec // there are some thousand
	t := title{doc: doc, start: int32(len(x.tokens)), said: said} //nolint:gosec // as above
	for _, w := range ws {
		f := x.form(w)
		x.tokens = append(x.tokens, f)
		b := x.bare[f]
		if p := x.posts[b]; len(p) == 0 || p[len(p)-1] != n {
			x.posts[b] = append(p, n)
		}
	}
	t.end = int32(len(x.tokens)) //nolint:gosec // as above
	x.titles = append(x.titles, t)
	if said > 0 {
		first := x.bare[x.tokens[t.start]]
		x.phrases[first] = append(x.phrases[first], n)
	}
	x.pair(ws)
}

func (x *index) pair(ws []word) {
	for i := 1; i < len(ws); i++ {
		x.pairs[pairOf(x.words[ws[i-1].plain], x.words[ws[i].plain])]++
	}
}

func pairOf(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) } //nolint:gosec // numbers of words

// priorOf is how likely a procedure is meant, before a word is read: of the whole country
// before one province's, for people before what agencies do among themselves, at home
// before abroad.
func priorOf(p Procedure) float32 {
	v := 1.0
	switch p.Type {
	case Specific:
		v *= 0.72
	case Internal:
		v *= 0.6
	}
	if !strings.Contains(p.Subjects, "Công dân") && p.Subjects != "" {
		v *= 0.95
	}
	switch {
	case p.Levels == "K":
		v *= 0.88
	case strings.ContainsAny(p.Levels, "X"):
		v *= 1.02
	case !strings.ContainsAny(p.Levels, "TX"):
		v *= 0.97
	}
	if p.Flaw != "" {
		v *= 0.8
	}
	switch p.State {
	case "ACTIVE", "UPDATED", "":
	default:
		v *= 0.5
	}
	return float32(v)
}

// provinces are the names of provinces, of today and before, by their first words.
func provinces() map[string][]province {
	out := map[string][]province{}
	for _, file := range []string{"admin/provinces_2022.csv", "admin/provinces_2025.csv"} {
		f, err := data.FS.Open(file)
		if err != nil {
			panic(err) // it is embedded
		}
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			panic(err)
		}
		for _, r := range rows[1:] {
			p := province{words: plainsOf(r[1])}
			p.key = strings.Join(p.words, " ")
			first := p.words[0]
			if !slices.ContainsFunc(out[first], func(o province) bool { return o.key == p.key }) {
				out[first] = append(out[first], p)
			}
		}
	}
	return out
}
