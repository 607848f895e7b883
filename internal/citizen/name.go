package citizen

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Spell gives a name its one spelling: composed characters, single spaces, nothing
// around it. Case is kept.
func Spell(name string) string {
	return strings.Join(strings.Fields(norm.NFC.String(name)), " ")
}

// Fold reduces a name to lower case without accents, đ as d, one space between
// words: what people type when they search.
func Fold(name string) string { return fold(name, true) }

// Squeeze is the name as the population contract carries it: upper case, no
// accents, no spaces (NGUYENVANTHU). Other signs, such as the apostrophe of K'Đăm,
// stay.
func Squeeze(name string) string { return strings.ToUpper(fold(name, false)) }

func fold(name string, spaced bool) string {
	var b strings.Builder
	b.Grow(len(name))
	gap := false
	put := func(r rune) {
		if gap && spaced && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	for _, r := range name {
		switch p := plainRune(r); {
		case unicode.IsSpace(r):
			gap = true
		case p > 0:
			put(p)
		case p < 0:
			for _, part := range norm.NFD.String(string(r)) {
				if !unicode.Is(unicode.Mn, part) {
					put(plainLetter(unicode.ToLower(part)))
				}
			}
		}
	}
	return b.String()
}

// plainRune is a letter in lower case without accents, 0 for a mark that goes, and -1
// for what is outside of the Latin alphabets.
func plainRune(r rune) rune {
	switch {
	case r < latinEnd:
		return latin()[r]
	case r >= latinMore && r < latinMoreEnd:
		return latin()[latinEnd+r-latinMore]
	case r >= 0x300 && r < 0x370: // combining marks
		return 0
	}
	return -1
}

// The blocks of letters that Vietnamese and its neighbours are written in: Latin to its
// extension B, and Latin Extended Additional.
const (
	latinEnd     = 0x250
	latinMore    = 0x1E00
	latinMoreEnd = 0x1F00
)

var latin = sync.OnceValue(func() []rune {
	t := make([]rune, latinEnd+latinMoreEnd-latinMore)
	for i := range t {
		r := rune(i)
		if r >= latinEnd {
			r += latinMore - latinEnd
		}
		t[i] = -1
		if parts := []rune(norm.NFD.String(string(r))); len(parts) == 1 || allMarks(parts[1:]) {
			t[i] = plainLetter(unicode.ToLower(parts[0]))
		}
	}
	return t
})

func allMarks(list []rune) bool {
	for _, r := range list {
		if !unicode.Is(unicode.Mn, r) {
			return false
		}
	}
	return true
}

// plainLetter takes a lower-case letter that no decomposition makes plain. Eth (ð)
// stands for đ in texts that came from older fonts.
func plainLetter(r rune) rune {
	switch r {
	case 'đ', 'ð':
		return 'd'
	case '’', '‘', 'ʼ', '`', '´':
		return '\''
	}
	return r
}

// SameName says whether a name that somebody claims is the one that is held. The
// spelling decides, not the bytes: composed or not, upper or lower case, the tone's
// place (Hoà, Hòa) and i or y at the end (Lý, Lí) are the same; another tone is
// another name (Thúy is not Thủy). A claim without any accent, with or without
// spaces, is compared without accents, as older systems send it (NGUYENVANTHU).
func SameName(claim, held string) bool {
	if strings.EqualFold(claim, held) && hasLetter(claim) || sameTyped(claim, held) {
		return true // nearly all claims end here
	}
	c, h := syllables(claim), syllables(held)
	if len(c) == 0 || len(h) == 0 {
		return false
	}
	accented := false
	for _, s := range c {
		accented = accented || s.accented
	}
	if !accented {
		return sameSqueezed(c, h)
	}
	if len(c) != len(h) {
		return false
	}
	for i := range c {
		if c[i].tone != h[i].tone || c[i].letters != h[i].letters {
			return false
		}
	}
	return true
}

// sameTyped says that a claim in plain letters is the held name without accents and
// spaces. When it says no, the claim may still be the name.
func sameTyped(claim, held string) bool {
	at, some := 0, false
	for _, r := range held {
		p := plainRune(r)
		switch {
		case p < 0:
			return false
		case p == 0 || unicode.IsSpace(r):
			continue
		}
		for at < len(claim) && claim[at] == ' ' {
			at++
		}
		if at == len(claim) || claim[at] >= 0x80 || plainRune(rune(claim[at])) != p {
			return false
		}
		at++
		some = true
	}
	return some && strings.TrimRight(claim[at:], " ") == ""
}

// sameSqueezed compares without accents and spaces. In the claim the ends of words
// may be lost, so that the held name says where i and y are one.
func sameSqueezed(claim, held []syllable) bool {
	var got, want strings.Builder
	for _, s := range claim {
		got.WriteString(s.typed)
	}
	for _, s := range held {
		want.WriteString(s.typed)
	}
	g, w := got.String(), want.String()
	if len(g) != len(w) {
		return false
	}
	if g == w {
		return true
	}
	end := 0
	for _, s := range held {
		end += len(s.typed)
		last := end - 1
		if s.loose && (g[last] == 'i' || g[last] == 'y') {
			g = g[:last] + w[last:end] + g[end:]
		}
	}
	return g == w
}

// syllable is one word of a name, taken apart for comparison.
type syllable struct {
	letters  string // lower case with â, ơ, đ …; the tone taken out, i for a loose y
	typed    string // the same without any accent, y as written
	tone     rune   // the combining mark, 0 for the level tone
	accented bool
	loose    bool // ends in an i or y that may be written either way
}

func syllables(name string) []syllable {
	words := strings.Fields(norm.NFD.String(name))
	list := make([]syllable, len(words))
	for i, w := range words {
		list[i] = syllableOf(w)
	}
	return list
}

// Combining marks of the five tones; the other marks (circumflex, breve, horn) make
// other letters.
const tones = "\u0300\u0301\u0303\u0309\u0323"

func syllableOf(word string) syllable {
	var s syllable
	letters, typed := make([]rune, 0, len(word)), make([]rune, 0, len(word))
	for _, r := range word {
		r = unicode.ToLower(r)
		if r == 'ð' {
			r = 'đ'
		}
		switch plain := plainLetter(r); {
		case strings.ContainsRune(tones, r):
			s.tone, s.accented = r, true
		case unicode.Is(unicode.Mn, r):
			letters, s.accented = append(letters, r), true
		case r == 'đ':
			letters, typed, s.accented = append(letters, r), append(typed, plain), true
		default:
			letters, typed = append(letters, plain), append(typed, plain)
		}
	}
	s.loose = loose(typed)
	if n := len(letters); s.loose && letters[n-1] == 'y' {
		letters[n-1] = 'i'
	}
	s.letters, s.typed = string(letters), string(typed)
	return s
}

// loose says that a word ends in an i or y that is its only vowel, as in Lý and Lí,
// or stands after qu. In Thúy and Thúi, Mai and May, it is another sound.
func loose(word []rune) bool {
	n := len(word)
	if n == 0 || word[n-1] != 'i' && word[n-1] != 'y' {
		return false
	}
	head := word[:n-1]
	if len(head) == 2 && head[0] == 'q' && head[1] == 'u' {
		return true
	}
	for _, r := range head {
		if strings.ContainsRune("aeiouy", r) {
			return false
		}
	}
	return true
}

// hasLetter says that there is a letter in a name, so that it is one.
func hasLetter(name string) bool {
	return strings.IndexFunc(name, unicode.IsLetter) >= 0
}
