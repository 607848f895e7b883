package population

import (
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/spelling"
)

// KeyRule is the number of the rule by which SearchKeys makes keys. A store remembers by
// which rule its keys were made, and makes them anew when this number has changed.
const KeyRule = 3

// SearchKeys are the two integers by which a name is found, from the highest bit down:
//
//	whole: 45 bits of all its letters, 9 of the year of birth, 9 of its accents
//	ends:  24 bits of the given name, 20 of the other end, 9 of the year, 10 of the given name's accents
//
// Letters are without accents, i and y are one, and they count in no order, so that
// neither the order of words matters nor how they are parted (H'Hen Niê, HHENNIE, Niê H
// Hen). A key is therefore a hint: names of the same letters share it, and what it finds
// is compared as text. As an index is sorted by these bits, one finds a name in any year,
// the youngest last, or in one; and everybody of one given name.
func SearchKeys(name string, year int) (whole, ends int64) {
	return searchKeys(unitsOf(name), year)
}

func searchKeys(list []nameUnit, year int) (whole, ends int64) {
	given, other := endsOf(list)
	var accents uint64
	for _, u := range list {
		accents += u.accents
	}
	whole = keyBits(wholeBits(list), year, wholeAccents, accents)
	ends = keyBits(endBits(given, other), year, givenAccents, given.accents)
	return whole, ends
}

// Bits of the keys.
const (
	yearBits     = 9
	wholeAccents = 9
	givenAccents = 10
	givenBits    = 24
	otherBits    = 20
	firstYear    = 1700 // of which the bits are 0, as those of no year
)

func keyBits(letters uint64, year, accentBits int, accents uint64) int64 {
	return int64((letters<<yearBits|yearOf(year))<<accentBits | spread(accents)>>(64-accentBits)) //nolint:gosec // 63 bits
}

func yearOf(year int) uint64 {
	return uint64(max(0, min(year-firstYear, 1<<yearBits-1))) //nolint:gosec // it is not below 0
}

func wholeBits(list []nameUnit) uint64 {
	var sum uint64
	for _, u := range list {
		sum += u.letters
	}
	return spread(sum) >> (1 + yearBits + wholeAccents)
}

func endBits(given, other nameUnit) uint64 {
	return spread(given.letters)>>(64-givenBits)<<otherBits | spread(other.letters)>>(64-otherBits)
}

// SameLetters is the range of the whole keys of those who have all letters of a name, born
// in a year. Its beginning stands for the name and the year.
func SameLetters(name string, year int) (from, until int64) {
	k := wholeKey(unitsOf(name), year, false)
	return k.From, k.Until
}

// KeyRange finds people by one of their keys: it is in the range, and under the mask it is
// the value.
type KeyRange struct {
	Ends        bool // the key is of the ends, else the whole
	From, Until int64
	Mask, Value int64
}

// Has says that one of a person's keys is meant.
func (k KeyRange) Has(whole, ends int64) bool {
	key := whole
	if k.Ends {
		key = ends
	}
	return key >= k.From && key <= k.Until && key&k.Mask == k.Value
}

// among are the keys with these upper bits; of one year unless that is 0, and with the
// accents of some letters when that is said.
func among(ends bool, letters uint64, lower, year, accentBits int, accented bool, accents uint64) KeyRange {
	k := KeyRange{Ends: ends}
	from := letters << lower
	until := from | (1<<lower - 1)
	if year != 0 && lower == yearBits+accentBits { // the year comes next
		from |= yearOf(year) << accentBits
		until = from | (1<<accentBits - 1)
	} else if year != 0 {
		k.Mask = (1<<yearBits - 1) << accentBits
		k.Value = int64(yearOf(year) << accentBits) //nolint:gosec // some bits
	}
	if accented {
		k.Mask |= 1<<accentBits - 1
		k.Value |= int64(spread(accents) >> (64 - accentBits)) //nolint:gosec // some bits
	}
	k.From, k.Until = int64(from), int64(until) //nolint:gosec // 63 bits
	return k
}

// wholeKey finds names of all these letters.
func wholeKey(list []nameUnit, year int, accented bool) KeyRange {
	var accents uint64
	for _, u := range list {
		accents += u.accents
	}
	return among(false, wholeBits(list), yearBits+wholeAccents, year, wholeAccents, accented, accents)
}

// endsKey finds names of these ends.
func endsKey(given, other nameUnit, year int, accented bool) KeyRange {
	return among(true, endBits(given, other), yearBits+givenAccents, year, givenAccents, accented, given.accents)
}

// givenKey finds everybody of a given name.
func givenKey(given nameUnit, year int, accented bool) KeyRange {
	return among(
		true, spread(given.letters)>>(64-givenBits), otherBits+yearBits+givenAccents, year, givenAccents, accented, given.accents,
	)
}

// nameUnit is a word of a name as it is compared in a search.
type nameUnit struct {
	text     string // without accents, i and y are one
	letters  uint64 // a sum over them, in no order
	accents  uint64 // a sum over the marks and strokes; 0 is none
	prefixed bool   // a letter before the word belongs to it: H'Hen, Y Thông, K'Brôi
}

// and is two words in one.
func (u nameUnit) and(v nameUnit) nameUnit {
	return nameUnit{text: u.text + v.text, letters: u.letters + v.letters, accents: u.accents + v.accents, prefixed: u.prefixed}
}

// withoutPrefix is the word alone, whatever its accents are.
func (u nameUnit) withoutPrefix() nameUnit {
	return nameUnit{text: u.text[1:], letters: u.letters - spread(uint64(u.text[0]))}
}

// unitsOf are the words of a name. A letter by itself belongs to the word after it, as in
// H'Hen, H Hen or HHen, Y-Thông or Y Thông; a vowel inside a name does not (Nguyễn Ý Nhi).
func unitsOf(name string) []nameUnit {
	var list []nameUnit
	var text []byte
	var u nameUnit
	end := func() {
		if len(text) > 0 {
			u.text = string(text)
			list = append(list, u)
		}
		u, text = nameUnit{}, text[:0]
	}
	for _, l := range spelling.Letters(name) {
		if l.First {
			lone := len(text) == 1 && (len(list) == 0 || !strings.ContainsRune("aeiou", rune(text[0])))
			if lone {
				u.prefixed = true
			} else {
				end()
			}
		}
		if l.Plain == 'y' {
			l.Plain = 'i'
		}
		text = append(text, string(l.Plain)...)
		u.letters += spread(uint64(l.Plain)) //nolint:gosec // a letter
		for _, m := range l.Marks {
			u.accents += spread(uint64(m)) //nolint:gosec // a mark
		}
		if l.Tone != 0 {
			u.accents += spread(uint64(l.Tone)) //nolint:gosec // a mark
		}
		if l.Stroke {
			u.accents += spread(1)
		}
	}
	end()
	if i := strings.IndexFunc(name, isApostrophe); i > 0 && utf8.RuneCountInString(name[:i]) == 1 && len(list) > 0 {
		list[0].prefixed = true // H'Hen
	}
	return list
}

func isApostrophe(r rune) bool { return spelling.Plain(r) == spelling.Apostrophe }

// endsOf are the given name and the other end. The given name comes last; where it has a
// prefix of the Ê Đê, Gia Rai or Cơ Ho it comes first, and the family after it (H'Hen Niê, Y
// Thông Êban).
func endsOf(list []nameUnit) (given, other nameUnit) {
	if len(list) == 0 {
		return nameUnit{}, nameUnit{}
	}
	given, other = list[len(list)-1], list[0]
	if other.prefixed && strings.ContainsRune("hik", rune(other.text[0])) {
		given, other = other, given
	}
	return given, other
}

// searchWords are the words of a name as they are compared in a search.
func searchWords(name string) []string { return textsOf(unitsOf(name)) }

func textsOf(list []nameUnit) []string {
	out := make([]string, len(list))
	for i, u := range list {
		out[i] = u.text
	}
	return out
}

// accented says that a word of a text was typed with an accent, so that the accents of
// all its words are meant.
func accented(list []nameUnit) bool {
	return slices.ContainsFunc(list, func(u nameUnit) bool { return u.accents != 0 })
}

// spread spreads a number over all bits (the finalizer of SplitMix64, by Steele, Lea and
// Flood, 2014).
func spread(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}
