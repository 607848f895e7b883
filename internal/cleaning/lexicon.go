package cleaning

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/spelling"
)

// wordID names a word of a lexicon.
type wordID uint32

// word is a word of names as it is compared: a written form and what is left of it.
type word struct {
	written string // lower case, composed: what is shown
	folded  string // without accents; an i that may be a y is an i
	same    uint64 // hash of what counts as the same: tone anywhere, i or y
	plain   uint64 // hash of folded
	thin    uint64 // as same, with d for đ
	bare    bool   // written without any accent or stroke
}

// Lexicon holds the words of names, for all who read names at once. The numbers of words
// depend on who comes first; nothing that is compared does.
type Lexicon struct {
	mu    sync.RWMutex
	ids   map[string]wordID // by written form
	words []word
}

// NewLexicon makes an empty one.
func NewLexicon() *Lexicon { return &Lexicon{ids: map[string]wordID{}, words: make([]word, 1)} }

func (l *Lexicon) at(id wordID) *word { return &l.words[id] }

func (l *Lexicon) put(w word) wordID {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id, ok := l.ids[w.written]; ok {
		return id
	}
	id := wordID(len(l.words))
	l.words = append(l.words, w)
	l.ids[w.written] = id
	return id
}

// split takes a piece of text without plain spaces apart into words.
func (l *Lexicon) split(raw string) []known {
	var out []known
	for part := range strings.FieldsFuncSeq(raw, func(r rune) bool { return !isLost(r) && spelling.Plain(r) == spelling.Gap }) {
		if letters := lettersOf(part); len(letters) > 0 {
			w := newWord(part, letters)
			out = append(out, known{l.put(w), w.same, w.plain, w.bare})
		}
	}
	return out
}

// lost stands for a letter that an old system could not write: "Nguy?n".
const lost = '?'

func isLost(r rune) bool { return r == lost || r == utf8.RuneError }

// lettersOf takes a word apart; a letter that was lost is one of its own.
func lettersOf(part string) []spelling.Letter {
	i := strings.IndexFunc(part, isLost)
	if i < 0 {
		return spelling.Letters(part)
	}
	_, size := utf8.DecodeRuneInString(part[i:])
	head := append(spelling.Letters(part[:i]), spelling.Letter{Plain: lost})
	return append(head, lettersOf(part[i+size:])...)
}

func newWord(part string, letters []spelling.Letter) word {
	var folded strings.Builder
	same, thin := uint64(hashSeed), uint64(hashSeed)
	loose := citizen.LooseEnds(letters)
	var tones uint64
	w := word{written: spelling.Clean(strings.ToLower(part)), bare: true}
	for i, a := range letters {
		p := a.Plain
		if loose[i] && p == 'y' {
			p = 'i'
		}
		folded.WriteRune(p)
		same, thin = mix(same, uint64(p)), mix(thin, uint64(p))
		if a.Stroke {
			same = mix(same, 1)
		}
		for _, m := range a.Marks {
			same, thin = mix(same, uint64(m)), mix(thin, uint64(m))
		}
		if a.Tone != 0 {
			tones = mix(tones, uint64(a.Tone))
		}
		w.bare = w.bare && !a.Stroke && a.Tone == 0 && len(a.Marks) == 0
	}
	w.folded = folded.String()
	w.same, w.thin, w.plain = mix(same, tones), mix(thin, tones), hashString(w.folded)
	return w
}

// title writes a word as names are written.
func title(written string) string {
	var b strings.Builder
	up := true
	for _, r := range written {
		if up {
			r = unicode.ToUpper(r)
		}
		up = !unicode.IsLetter(r) && !unicode.Is(unicode.M, r)
		b.WriteRune(r)
	}
	return b.String()
}

const hashSeed = 0x9E3779B97F4A7C15

// mix takes v into h (the finisher of SplitMix64).
func mix(h, v uint64) uint64 {
	h ^= v + hashSeed + h<<6 + h>>2
	h ^= h >> 30
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 27
	h *= 0x94D049BB133111EB
	return h ^ h>>31
}

func hashString(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h, uint64(len(s)))
}
