package readiness

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A phrase of a rule is found in text that was typed with its accents, without any, or
// with some of them lost; never in text that has other accents: "chua" and "chưa" are
// "chưa", "chữa" and "chứa" are not.

// letters is a word by its letters, each with its marks, and the tone of the whole,
// wherever it was put ("hoà" is "hòa").
type letters struct {
	base  string
	marks []string // of each letter: ˆ, ˘, ʼ (of ơ, ư), - (of đ)
	tone  rune
}

type phrase []letters

// The tones, as combining marks: huyền, sắc, ngã, hỏi, nặng.
const tones = "\u0300\u0301\u0303\u0309\u0323"

func lettersOf(word string) letters {
	var out letters
	var base []rune
	var room [64]byte // for nearly every word
	parts := norm.NFD.AppendString(room[:0], strings.ToLower(word))
	for len(parts) > 0 {
		r, size := utf8.DecodeRune(parts)
		parts = parts[size:]
		switch {
		case strings.ContainsRune(tones, r):
			out.tone = r
		case r == 'đ' || r == 'ð' || r == 'ɖ':
			base, out.marks = append(base, 'd'), append(out.marks, "-")
		case r >= 0x300 && r < 0x370:
			if n := len(out.marks); n > 0 {
				out.marks[n-1] += string(r)
			}
		default:
			base, out.marks = append(base, r), append(out.marks, "")
		}
	}
	out.base = string(base)
	return out
}

// reads says whether a word of a text may be the word of a phrase.
func (l letters) reads(want letters) bool {
	if l.base != want.base || l.tone != 0 && l.tone != want.tone {
		return false
	}
	for i, m := range l.marks {
		if m != "" && m != want.marks[i] {
			return false
		}
	}
	return true
}

func (l letters) same(o letters) bool {
	return l.base == o.base && l.tone == o.tone && slices.Equal(l.marks, o.marks)
}

func phraseOf(text string) phrase {
	var out phrase
	text = norm.NFC.String(text)
	for _, w := range words(text) {
		out = append(out, lettersOf(text[w.start:w.end]))
	}
	return out
}

// text is the words of a column; a sentence ends where no phrase goes on.
type wordsOf []letters

// words gives the words of a text, shorthand written out, without what the form printed
// and what is harmless.
func (s *Sense) words(row Row, text string) wordsOf {
	if IsNothing(text) && startsWords(Fold(text), "khong") {
		return nil
	}
	out := wordsOf(phraseOf(text))
	for i, short := range s.shorthand {
		for at := 0; at+len(short) <= len(out); at++ {
			if !slices.EqualFunc(out[at:at+len(short)], short, letters.same) {
				continue
			}
			out = slices.Replace(out, at, at+len(short), s.expanded[i]...)
		}
	}
	out.without(s.printed(row.NoteHint.Vi))
	out.without(s.harmless)
	return out
}

// printed is what the form prints into a column, line by line. The forms are few, and each is
// sent by many.
func (s *Sense) printed(hint string) []phrase {
	if known, ok := s.hints.Load(hint); ok {
		return known.([]phrase)
	}
	var out []phrase
	for line := range strings.SplitSeq(hint, "\n") {
		if p := phraseOf(line); len(p) > 0 {
			out = append(out, p)
		}
	}
	s.hints.Store(hint, out)
	return out
}

// gone stands where a phrase was taken out, so that its neighbours do not meet.
var gone = letters{base: "#"}

func (w wordsOf) without(phrases []phrase) {
	for _, p := range phrases {
		for at := 0; at+len(p) <= len(w); at++ {
			if w.at(at, p) {
				for i := range p {
					w[at+i] = gone
				}
			}
		}
	}
}

func (w wordsOf) at(i int, p phrase) bool { return slices.EqualFunc(w[i:i+len(p)], p, letters.reads) }

func (w wordsOf) has(phrases []phrase) bool {
	for _, p := range phrases {
		for at := 0; at+len(p) <= len(w); at++ {
			if w.at(at, p) {
				return true
			}
		}
	}
	return false
}

// hasSign says that a line has one of the signs behind its bullet.
func hasSign(text string, signs []string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimLeft(line, "-–—+*•·▪●○◦➢> \t\u00a0")
		if slices.ContainsFunc(signs, func(s string) bool { return strings.Contains(line, s) }) {
			return true
		}
	}
	return false
}

var percentOf = regexp.MustCompile(`(\d+(?:[.,]\d+)?)\s*(?:%|phan tram)`)

func hasPercent(text string) bool {
	return slices.ContainsFunc(percentOf.FindAllStringSubmatch(plain(text), -1), func(m []string) bool { return m[1] != "100" })
}
