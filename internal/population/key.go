package population

import (
	"hash/fnv"
	"slices"
	"strings"

	"dean06/internal/citizen"
)

// SearchKeys are the two integers by which a name is found: one of all its words, one
// of the first and the last, both without accents and in no order, as people swap
// them. The year of birth is in the lower bits, so that one index finds a name in any
// year or in one.
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
	words := strings.Fields(citizen.Fold(name))
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "y", "i")
	}
	return words
}

const yearBits = 12

func keyOf(words []string, year int) int64 {
	sorted := slices.Clone(words)
	slices.Sort(sorted)
	h := fnv.New64a()
	for _, w := range sorted {
		_, _ = h.Write([]byte(w))
		_, _ = h.Write([]byte{0})
	}
	return int64(h.Sum64()>>(yearBits+1))<<yearBits | int64(year&(1<<yearBits-1))
}

// KeyRange is the range of keys of a name in one year, or in any (0).
func KeyRange(key int64, year int) (from, until int64) {
	if year != 0 {
		k := key&^(1<<yearBits-1) | int64(year)
		return k, k
	}
	return key &^ (1<<yearBits - 1), key | (1<<yearBits - 1)
}
