package population

import (
	"cmp"
	"slices"
	"strings"

	"dean06/internal/citizen"
)

// covers says that all words of a search are in a name, each word of the name used once.
// What one side writes in one word the other may write in several: hhen, h'hen, h hen;
// nguyenvanthu.
func covers(typed, held []string) bool {
	return coversFrom(typed, held, make([]bool, len(held)))
}

func coversFrom(typed, held []string, used []bool) bool {
	if len(typed) == 0 {
		return true
	}
	try := func(more, from, until int) bool {
		for i := from; i < until; i++ {
			if used[i] {
				return false
			}
		}
		for i := from; i < until; i++ {
			used[i] = true
		}
		ok := coversFrom(typed[more:], held, used)
		for i := from; i < until; i++ {
			used[i] = false
		}
		return ok
	}
	for i := range held {
		if typed[0] == held[i] && try(1, i, i+1) {
			return true
		}
	}
	for i := range held { // one word typed, several held
		for until := i + 2; until <= len(held); until++ {
			if typed[0] == strings.Join(held[i:until], "") && try(1, i, until) {
				return true
			}
		}
	}
	for n := 2; n <= len(typed); n++ { // several typed, one held
		one := strings.Join(typed[:n], "")
		for i := range held {
			if one == held[i] && try(n, i, i+1) {
				return true
			}
		}
	}
	return false
}

// rank puts first whose name is as typed, then those whose accents fit all that were typed,
// then the same words in order, then the same words, then longer names; the living before
// the dead, the younger first.
func rank(people []candidate, u *reading) {
	typed := strings.ToLower(citizen.Spell(u.Name))
	accents := accentsOf(typed)
	for i := range people {
		c := &people[i]
		if typed == "" || strings.ToLower(citizen.Spell(c.Name)) == typed {
			continue
		}
		c.score = 1 + 4*max(0, len(c.words)-len(u.words))
		switch {
		case slices.Equal(c.words, u.words):
		case len(c.words) == len(u.words):
			c.score++
		default:
			c.score += 2
		}
		c.score += 100 * accentsMissed(accents, c.Name)
	}
	slices.SortFunc(people, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(a.score, b.score), cmp.Compare(dead(a.Person), dead(b.Person)), cmp.Compare(b.Birth, a.Birth), byNumber(a.Number, b.Number),
		)
	})
}

// accentsOf are the words of a text, each as it is spelled; nil when none was typed with
// an accent, so that nothing is said about them.
func accentsOf(typed string) [][]rune {
	if !hasAccents(typed) {
		return nil
	}
	return spelledWords(typed)
}

func spelledWords(text string) [][]rune {
	var out [][]rune
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '-' }) {
		out = append(out, spelled(w))
	}
	return out
}

// accentsMissed counts the typed words of which a name has none, and no row of words,
// that is spelled so. One that was typed without an accent among others counts half as
// much: it may be meant so.
func accentsMissed(typed [][]rune, name string) int {
	if typed == nil {
		return 0
	}
	held := spelledWords(name)
	missed := 0
	for _, w := range typed {
		if !inOneWord(w, held) {
			missed++
			if hasAccents(string(w)) {
				missed++
			}
		}
	}
	return missed
}

// inOneWord says that a typed word is several of a name, one behind the other.
func inOneWord(typed []rune, held [][]rune) bool {
	for i := range held {
		var joined []rune
		for j := i; j < len(held) && len(joined) < len(typed); j++ {
			joined = append(joined, held[j]...)
			slices.Sort(joined) // as spelled has them
			if slices.Equal(joined, typed) {
				return true
			}
		}
	}
	return false
}

func dead(p Person) int {
	if p.Life == Dead {
		return 1
	}
	return 0
}
