// Package spelling is the one rule by which text that people wrote is cleaned, folded
// and compared, whatever it is: names of persons, of units and agencies, labels of
// forms, accounts. It also says which old encoding a text was written in.
package spelling

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What Plain says of a character that is no letter or digit.
const (
	Mark       rune = -1 // a combining mark: it belongs to the letter before it
	Hidden     rune = -2 // a sign that nobody sees, such as U+200B or a soft hyphen
	Apostrophe rune = -3 // in any of its shapes; people leave it out
	Gap        rune = -4 // everything that parts words: spaces, hyphens, punctuation
	several    rune = -5 // a letter that stands for more than one, such as ﬁ or 가
)

// Plain gives the letter or digit that is left of a character without accents and case
// (a of Ậ, d of Đ, Ð and Ɖ, a of a Cyrillic а), or one of the constants above. A
// character that stands for several letters gives the first of them.
func Plain(r rune) rune {
	p := plain(r)
	if p == several {
		p = plain(decompose(r)[0])
	}
	return p
}

func plain(r rune) rune {
	if r >= 0 && int(r) < len(table) {
		return table[r]
	}
	return classify(r)
}

// Fold reduces text to what all ways of typing it share: lower case, no accents, đ as
// d, no invisible signs, no apostrophes, words of letters and digits with one space
// between. "NGUYỄN  Văn-Thử" is "nguyen van thu" and "H’Hen Niê" is "hhen nie".
func Fold(s string) string {
	out := make([]byte, 0, len(s))
	gap := false
	put := func(p rune) {
		if gap && len(out) > 0 {
			out = append(out, ' ')
		}
		gap = false
		if p < utf8.RuneSelf {
			out = append(out, byte(p))
		} else {
			out = utf8.AppendRune(out, p)
		}
	}
	for _, r := range s {
		switch p := plain(r); {
		case p > 0:
			put(p)
		case p == Gap:
			gap = true
		case p == several:
			for _, part := range decompose(r) {
				if p := plain(part); p > 0 {
					put(p)
				}
			}
		}
	}
	return string(out)
}

// Unaccent is lower-case text without accents and invisible signs; spaces, apostrophes
// and punctuation stay as they are written. It is for texts in which they count: login
// names, mail addresses, numbers, dates.
func Unaccent(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		switch p := plain(r); {
		case p > 0:
			out = utf8.AppendRune(out, p)
		case p == Gap || p == Apostrophe:
			out = utf8.AppendRune(out, r)
		case p == several:
			for _, part := range decompose(r) {
				if p := plain(part); p > 0 {
					out = utf8.AppendRune(out, p)
				}
			}
		}
	}
	return string(out)
}

// Clean composes characters and takes out what nobody sees (format characters, variation
// selectors, tags); spaces of every kind become one plain space between words and none
// around them. Case, accents and all that can be seen stay, and so do control
// characters, which are damage and not spelling.
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == blank:
			b.WriteByte(' ')
		case hidden(r) && !unicode.IsControl(r):
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(norm.NFC.String(b.String())), " ")
}

// blank is the empty pattern of Braille, which is a sign and looks like a space.
const blank = '\u2800'

// isClean says quickly that most texts need nothing.
func isClean(s string) bool {
	if isInert(s) {
		return true
	}
	if !norm.NFC.IsNormalString(s) {
		return false
	}
	before := ' '
	for _, r := range s {
		switch {
		case r == ' ' && before == ' ', r == utf8.RuneError:
			return false
		case r < utf8.RuneSelf:
			if r < ' ' {
				return false
			}
		case plain(r) == Hidden, plain(r) == Gap && (unicode.IsSpace(r) || r == blank):
			return false
		}
		before = r
	}
	return len(s) == 0 || before != ' '
}

// isInert says of most texts, in one pass, that they are clean: letters and signs that can be
// seen and that nothing before or after them changes, one space between words.
func isInert(s string) bool {
	before := ' '
	for _, r := range s {
		if int(r) >= len(inert) || !inert[r] || r == ' ' && before == ' ' {
			return false
		}
		before = r
	}
	return len(s) == 0 || before != ' '
}

// inert are the characters that stand in clean text whatever is beside them.
var inert = func() (t [len(table)]bool) {
	for r := range t {
		c := rune(r)
		p := norm.NFC.PropertiesString(string(c))
		t[r] = c == ' ' || norm.NFC.IsNormalString(string(c)) && p.BoundaryBefore() && p.CCC() == 0 &&
			!unicode.IsControl(c) && !unicode.IsSpace(c) && table[r] != Hidden && c != blank
	}
	return t
}()

// hidden says that nobody sees a character: format characters, what Unicode lets every
// renderer ignore, and controls.
func hidden(r rune) bool {
	if r < 0x80 {
		return unicode.IsControl(r) && !unicode.IsSpace(r)
	}
	return !unicode.IsSpace(r) &&
		(unicode.Is(unicode.Cf, r) || unicode.IsControl(r) ||
			unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r))
}

// table holds what is said of the blocks in which nearly all text is written: Latin,
// Greek, Cyrillic and their neighbours, to general punctuation.
var table = func() (t [0x2070]rune) {
	for r := range rune(len(t)) {
		t[r] = classify(r)
	}
	return t
}()

func classify(r rune) rune {
	if one := []rune(norm.NFC.String(string(r))); len(one) == 1 {
		r = one[0] // some signs are only another code of the same one
	}
	switch {
	case hidden(r):
		return Hidden
	case isApostrophe(r):
		return Apostrophe
	case unicode.Is(unicode.M, r):
		return Mark
	case !unicode.IsLetter(r) && !unicode.IsDigit(r):
		return Gap
	}
	switch parts := decompose(r); {
	case len(parts) == 0 || unicode.Is(unicode.M, parts[0]):
		return Mark // of an alphabet that writes it as a letter
	case slices.ContainsFunc(parts[1:], func(p rune) bool { return !unicode.Is(unicode.M, p) }):
		return several
	default:
		return parts[0]
	}
}

// decompose takes a letter apart: its compatible forms (full width, ligatures), its
// marks, in lower case, with strokes and lookalikes as the plain letter.
func decompose(r rune) []rune {
	var parts []rune
	for _, p := range norm.NFKD.String(string(unicode.ToLower(r))) {
		p = unicode.ToLower(p)
		if l, ok := alike[p]; ok {
			p = l
		}
		if !unicode.IsSpace(p) {
			parts = append(parts, p)
		}
	}
	return parts
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', 'ʹ', 'ʻ', 'ʼ', 'ʽ', 'ʾ', 'ʿ', 'ˈ', 'ˊ', 'ˋ', '΄', '՚', '‘', '’', '‚', '‛', '′', '‵', 'ꞌ', 'Ꞌ', '＇', '｀':
		return true
	}
	return false
}

// alike are letters that no decomposition makes plain: with a stroke, or of another
// alphabet and looking like a Latin one, in one case or the other. Eth and the African
// Ɖ stand for đ in texts that came from older fonts; ƀ is of the Ê Đê and Gia Rai.
var alike = func() map[rune]rune {
	m := map[rune]rune{}
	for plain, list := range map[rune]string{
		'a': "аαɑ", 'b': "ƀвβ", 'c': "сϲ", 'd': "đðɖɗꟈԁ", 'e': "еεɛ", 'g': "ɡǥ", 'h': "ħнһη", 'i': "ıɨіιɩ", 'j': "јϳ", 'k': "кκ",
		'l': "łƚ", 'm': "мμ", 'n': "ν", 'o': "оοøσ", 'p': "рρ", 'q': "ԛ", 's': "ѕ", 't': "тτŧ", 'u': "ʉ", 'v': "ѵ", 'w': "ԝ", 'x': "хχ",
		'y': "уυү", 'z': "ζƶ",
	} {
		for _, r := range list {
			m[r] = plain
		}
	}
	return m
}()

// strokes are the letters of alike whose stroke is drawn through a Latin letter. Taking
// accents away leaves them as they are, because the stroke is no combining mark.
const strokes = "đðɖɗꟈƀħłƚøŧʉɨƶǥ"

// Letter is a letter or digit of a text with what is written on it.
type Letter struct {
	Plain  rune   // in lower case, without accents
	Marks  []rune // combining marks without the tone, sorted as Unicode sorts them
	Tone   rune   // the combining mark of one of the five tones; 0 for the level one
	Stroke bool   // đ, ƀ …
	First  bool   // it begins a word: something that parts words stands before it
}

// Letters takes a text apart. Invisible signs and apostrophes are left out and part
// nothing.
func Letters(s string) []Letter {
	list := make([]Letter, 0, len(s))
	gap := true
	put := func(r, p rune) {
		switch {
		case p > 0:
			list = append(list, Letter{Plain: p, Stroke: strings.ContainsRune(strokes, unicode.ToLower(r)), First: gap})
			gap = false
		case p == Gap:
			gap = true
		case p == Mark && len(list) > 0 && !gap:
			list[len(list)-1].mark(r)
		}
	}
	for _, r := range norm.NFD.String(s) {
		if p := plain(r); p == several {
			for _, part := range decompose(r) {
				put(part, plain(part))
			}
		} else {
			put(r, p)
		}
	}
	return list
}

func (l *Letter) mark(r rune) {
	switch {
	case r >= '\u0335' && r <= '\u0338': // strokes of all lengths
		l.Stroke = true
	case l.Tone == 0 && strings.ContainsRune(tones, r):
		l.Tone = r
	default:
		l.Marks = append(l.Marks, r)
	}
}

// tones are the combining marks of huyền, sắc, ngã, hỏi and nặng. The other marks
// (circumflex, breve, horn) make other letters.
const tones = "\u0300\u0301\u0303\u0309\u0323"

// Latin writes letters of other alphabets that look like Latin ones as these; what looks
// like none stays.
func Latin(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.In(r, unicode.Cyrillic, unicode.Greek) {
			return r
		}
		p, ok := alike[unicode.ToLower(r)]
		switch {
		case !ok:
			return r
		case unicode.IsUpper(r):
			return unicode.ToUpper(p)
		}
		return p
	}, s)
}
