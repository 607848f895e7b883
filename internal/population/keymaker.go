package population

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/spelling"
)

// KeyMaker makes the search keys of many names. It remembers words, as names repeat them:
// what it says is what SearchKeys and citizen.DoubtName say. It is for one goroutine.
type KeyMaker struct {
	words map[string]nameWord
	units []nameUnit
}

// nameWord is what is known of a word wherever it stands in a name.
type nameWord struct {
	unit  nameUnit
	whole bool // unit is the whole of it, and takes nothing from the words beside it
	plain bool // nobody need doubt it: a Vietnamese syllable of Latin letters, spelled as Spell does
}

// mostWords bounds the words that are remembered; a file may be full of others.
const mostWords = 20_000

// SearchKeys is SearchKeys.
func (k *KeyMaker) SearchKeys(name string, year int) (whole, ends int64) {
	return searchKeys(k.unitsOf(name), year)
}

// nameKey is nameKey.
func (k *KeyMaker) nameKey(name string) int64 {
	if name == "" {
		return 0
	}
	return nameKeyOf(k.unitsOf(name))
}

// unitsOf is unitsOf; the list is good until the next call.
func (k *KeyMaker) unitsOf(name string) []nameUnit {
	k.units = k.units[:0]
	for rest, more := name, true; more; {
		var word string
		word, rest, more = strings.Cut(rest, " ")
		w := k.word(word)
		if !w.whole {
			return unitsOf(name)
		}
		k.units = append(k.units, w.unit)
	}
	return k.units
}

// plain says that a name needs no look: it is of plain words with one space between. Of
// another name it says nothing.
func (k *KeyMaker) plain(name string) bool {
	if len(name) > maxName {
		return false
	}
	for more := true; more; {
		var word string
		if word, name, more = strings.Cut(name, " "); !k.word(word).plain {
			return false
		}
	}
	return true
}

func (k *KeyMaker) word(s string) nameWord {
	w, had := k.words[s]
	if had {
		return w
	}
	if k.words == nil || len(k.words) == mostWords {
		k.words = map[string]nameWord{}
	}
	letters, latin := s != "" && utf8.ValidString(s), true
	for _, r := range s {
		letters = letters && unicode.IsLetter(r) && spelling.Plain(r) > 0
		latin = latin && unicode.Is(unicode.Latin, r)
	}
	if letters {
		_, doubted := citizen.DoubtName(s)
		w.plain = latin && !doubted && spelling.IsSyllable(s) && citizen.Spell(s) == s
		if list := unitsOf(s); len(list) == 1 && len(list[0].text) > 1 && !list[0].prefixed {
			w.unit, w.whole = list[0], true
		}
	}
	k.words[strings.Clone(s)] = w
	return w
}
