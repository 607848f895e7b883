package readiness

import (
	"strings"

	"dean06/internal/platform/spelling"
)

// Fold brings text to the form in which it is compared: spelling.Fold, and "một" as 1.
// Officials write one label in many ways; what is left after folding is the same.
func Fold(s string) string {
	folded := spelling.Fold(s)
	if !strings.Contains(folded, "mot") {
		return folded
	}
	words := strings.Split(folded, " ")
	for i, w := range words {
		if w == "mot" {
			words[i] = "1"
		}
	}
	return strings.Join(words, " ")
}

// word is a word of a text: its folded form, and where it stands.
type word struct {
	fold       string
	start, end int // bytes of the text
}

// words splits a text at everything that is no letter or digit.
func words(s string) []word {
	var out []word
	start := -1
	flush := func(end int) {
		if start >= 0 {
			if f := Fold(s[start:end]); f != "" {
				out = append(out, word{f, start, end})
			}
		}
		start = -1
	}
	for i, r := range s {
		if spelling.Plain(r) == spelling.Gap {
			flush(i)
		} else if start < 0 {
			start = i
		}
	}
	flush(len(s))
	return out
}

// plain is lower-case text without accents; everything else stays in its place.
func plain(s string) string { return sameSigns.Replace(spelling.Unaccent(s)) }

var sameSigns = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "–", "-", "—", "-", "\u2011", "-", "−", "-")

// hasWords says whether folded text contains folded words in a row.
func hasWords(folded, phrase string) bool {
	return phrase != "" && strings.Contains(" "+folded+" ", " "+phrase+" ")
}

// startsWords says whether folded text begins with folded words.
func startsWords(folded, phrase string) bool {
	return phrase != "" && strings.HasPrefix(folded+" ", phrase+" ")
}
