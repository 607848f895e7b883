// Package editdistance says how many slips of the keyboard lie between two words,
// so that a misspelt name can be answered with the one that was probably meant. It
// compares bytes: texts with accents are folded before. Which words are compared,
// and how many slips are forgiven, is the caller's rule.
package editdistance

import "slices"

// Within is the number of letters to add, drop or change between a and b
// (Levenshtein's distance), or limit+1 when there are more than limit.
func Within(limit int, a, b string) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
		if slices.Min(row) > limit {
			return limit + 1
		}
	}
	return min(row[len(b)], limit+1)
}
