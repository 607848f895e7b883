package people

import (
	"dean06/internal/citizen"
)

// numbers gives personal numbers and nine-digit numbers, none twice, with one
// counter a prefix, so that memory does not grow with the number of people. Serials
// are a permutation of the counter, so that neighbours do not look like neighbours.
type numbers struct {
	next  map[int]int // by the first six digits
	old   [100]int
	shift int
}

func newNumbers(seed uint64) *numbers {
	return &numbers{next: map[int]int{}, shift: int(seed % 999_983)}
}

// draw gives the next number of a prefix. Serials below 100 are kept for the people
// whom samples and papers know by number. It says no when all are given.
func (n *numbers) draw(province, year int, sex citizen.Sex) (citizen.Number, bool) {
	prefix := int(citizen.NumberOf(province, year, sex, 0).Int() / 1_000_000)
	for {
		i := n.next[prefix]
		if i >= 1_000_000 {
			return citizen.Number{}, false
		}
		n.next[prefix] = i + 1
		// 618033 has no factor in common with a million: each serial comes once.
		if serial := (i*618_033 + n.shift + prefix*7919) % 1_000_000; serial >= 100 {
			return citizen.NumberOf(province, year, sex, serial), true
		}
	}
}

// kept is the nine-digit number of the first person.
const kept = 12345678

// drawOld gives the next nine-digit number of a prefix of two digits.
func (n *numbers) drawOld(prefix int) (citizen.OldNumber, bool) {
	if prefix < 0 {
		return citizen.OldNumber{}, false
	}
	for {
		i := n.old[prefix]
		if i >= 10_000_000 {
			return citizen.OldNumber{}, false
		}
		n.old[prefix] = i + 1
		if v := prefix*10_000_000 + (i*6_180_339+n.shift)%10_000_000; v != kept {
			return citizen.OldFromInt(int64(v)), true
		}
	}
}
