package password

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/spelling"
)

// Limits of a password, in characters.
const (
	Min = 12
	Max = 128
)

// left is how many characters must be left of a password without what is easily guessed.
const left = 6

// commonFile is a sorted list of folded passwords, a line each; package generate makes it.
//
//go:embed common.txt.gz
var commonFile []byte

var common = sync.OnceValue(func() []string {
	z, err := gzip.NewReader(bytes.NewReader(commonFile))
	if err != nil {
		panic("password: the embedded list: " + err.Error()) // it was built so
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		panic("password: the embedded list: " + err.Error())
	}
	return strings.Split(strings.TrimSpace(string(raw)), "\n")
})

// Check holds a new password against the rules (NIST SP 800-63B, 3.1.1.2): long enough, not
// one that many choose, and not made of names that belong to its holder: person, login,
// agency, place, birth. It fails with Invalid at a field.
func Check(field, text string, names ...string) error {
	bad := func(why string, args fault.Args) error {
		return fault.New(fault.Invalid, "password."+why, args).At(field)
	}
	n := utf8.RuneCountInString(text)
	switch {
	case n < Min:
		return bad("short", fault.Args{"min": Min})
	case n > Max:
		return bad("long", fault.Args{"max": Max})
	}
	plain := Squeeze(text)
	switch {
	case strings.Trim(plain, "0123456789.,/+-") == "":
		return bad("digits", nil)
	case ofNames(plain, names) || ofNames(unleet.Replace(plain), names):
		return bad("personal", nil)
	case isRun(plain) || isCommon(plain) || isCommon(unleet.Replace(plain)):
		return bad("common", nil)
	}
	return nil
}

// Squeeze folds a text and leaves out the space in it: "Mật khẩu 1" is "matkhau1".
func Squeeze(s string) string { return strings.Join(strings.Fields(spelling.Unaccent(s)), "") }

// unleet undoes what people put for letters, in folded text.
var unleet = strings.NewReplacer("@", "a", "4", "a", "3", "e", "0", "o", "1", "i", "!", "i", "$", "s", "5", "s", "7", "t")

// behind is what people put behind a word to make it a password.
const behind = "0123456789!@#$%&*?.,-_"

// ofNames says that little remains without names and their words, whole and squeezed, and
// without the digits and signs that people put behind them.
func ofNames(plain string, names []string) bool {
	plain = strings.TrimRight(plain, behind)
	covered := make([]bool, len(plain))
	for _, name := range names {
		words := strings.FieldsFunc(spelling.Unaccent(name), func(r rune) bool { return strings.ContainsRune(" .@_-,/", r) })
		for _, w := range append(words, Squeeze(name), strings.Join(words, "")) {
			if len(w) < 3 {
				continue
			}
			for at := 0; ; {
				i := strings.Index(plain[at:], w)
				if i < 0 {
					break
				}
				for j := at + i; j < at+i+len(w); j++ {
					covered[j] = true
				}
				at += i + 1
			}
		}
	}
	rest := 0
	for _, c := range covered {
		if !c {
			rest++
		}
	}
	return rest < left && rest < len(plain)
}

// phone is a telephone number as people write it without spaces.
var phone = regexp.MustCompile(`(\+?84|0)[1-9][0-9]{8}`)

// isCommon says that little remains of a password without one that many choose, or without
// a telephone number.
func isCommon(plain string) bool {
	if len(phone.ReplaceAllString(plain, "")) < left {
		return true
	}
	if listed(strings.TrimRight(plain, behind)) {
		return true
	}
	seen := map[string]bool{}
	for i := range plain {
		for j := i + 3; j <= len(plain); j++ {
			word := plain[i:j]
			if seen[word] || len(strings.ReplaceAll(plain, word, "")) >= left {
				continue
			}
			if seen[word] = true; listed(word) {
				return true
			}
		}
	}
	return false
}

func listed(word string) bool {
	_, found := slices.BinarySearch(common(), word)
	return found
}

// keys are rows and columns of the keyboard.
const keys = "1234567890 qwertyuiop asdfghjkl zxcvbnm 1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik, 9ol. 0p;/"

// isRun says that the text is a few characters over and over, or for three quarters a row
// of neighbours, in the alphabet or on the keyboard.
func isRun(s string) bool {
	kinds, steps, n := map[rune]bool{}, 0, 0
	prev := rune(-2)
	for _, r := range s {
		kinds[r] = true
		n++
		d := r - prev
		pair, back := string([]rune{prev, r}), string([]rune{r, prev})
		if n > 1 && (d >= -1 && d <= 1 || strings.Contains(keys, pair) || strings.Contains(keys, back)) {
			steps++
		}
		prev = r
	}
	return len(kinds) < 5 || steps*4 >= n*3
}
