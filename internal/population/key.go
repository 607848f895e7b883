package population

import (
	"strings"

	"dean06/internal/citizen"
)

// KeyRule is the number of the rule by which SearchKeys makes keys. A store remembers by
// which rule its keys were made, and makes them anew when this number has changed.
const KeyRule = 2

// SearchKeys are the two integers by which a name is found: one of all its letters, one
// of those of the first and the last word, both without accents. They are of the letters
// in no order, so that neither the order of words counts nor how they are parted
// (H'Hen Niê, HHENNIE, Niê H Hen). A key is therefore a hint: names of the same letters
// share it, and what it finds is compared as text. The year of birth is in the lower
// bits, so that one index finds a name in any year or in one.
func SearchKeys(name string, year int) (all, pair int64) {
	words := searchWords(name)
	if len(words) == 0 {
		return keyOf(nil, year), keyOf(nil, year)
	}
	ends := []string{words[0], words[len(words)-1]}
	return keyOf(words, year), keyOf(ends, year)
}

// searchWords are the words of a name as they are compared in a search: i and y are
// one, so is what stands for it at the end of a word.
func searchWords(name string) []string {
	words := citizen.Words(name)
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "y", "i")
	}
	return words
}

// sameLetters says that what was typed is a whole name, its words in any order or parted
// in another way; keys alone do not say so.
func sameLetters(typed, name []string) bool {
	return strings.Join(typed, "") == strings.Join(name, "")
}

const yearBits = 12

func keyOf(words []string, year int) int64 {
	var sum uint64
	for _, w := range words {
		for _, r := range w {
			sum += spread(uint64(r))
		}
	}
	return int64(spread(sum)>>(yearBits+1))<<yearBits | int64(year&(1<<yearBits-1))
}

// spread spreads a number over all bits (the finalizer of SplitMix64, by Steele, Lea and
// Flood, 2014).
func spread(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// KeyRange is the range of keys of a name in one year, or in any (0).
func KeyRange(key int64, year int) (from, until int64) {
	if year != 0 {
		k := key&^(1<<yearBits-1) | int64(year)
		return k, k
	}
	return key &^ (1<<yearBits - 1), key | (1<<yearBits - 1)
}
