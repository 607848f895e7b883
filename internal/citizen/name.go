package citizen

import (
	"slices"
	"strings"

	"dean06/internal/platform/spelling"
)

// Spell gives a name its one spelling: composed characters, no invisible signs, single
// spaces, nothing around it. Case and letters are kept.
func Spell(name string) string { return spelling.Clean(name) }

// Fold reduces a name to lower case without accents, apostrophes and invisible signs,
// đ as d, one space between words: what people type when they search.
func Fold(name string) string { return spelling.Fold(name) }

// Squeeze is the name as the population contract carries it: upper case, no
// accents, no spaces (NGUYENVANTHU). Other signs, such as the apostrophe of K'Đăm,
// stay.
func Squeeze(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	for _, r := range strings.ToUpper(spelling.Unaccent(Spell(name))) {
		switch {
		case r == ' ':
		case spelling.Plain(r) == spelling.Apostrophe:
			b.WriteByte('\'')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// SameName says whether a name that somebody claims is the one that is held. The
// spelling decides, not the bytes: composed or not, upper or lower case, with invisible
// signs or not, the tone's place (Hoà, Hòa) and i or y at the end (Lý, Lí) are the
// same; spaces, hyphens and apostrophes do not count (H'Hen Niê, HHEN NIÊ); another
// tone is another name (Thúy is not Thủy). A claim without any accent is compared
// without accents, as older systems send it (NGUYENVANTHU). What is left when a program
// takes accents away counts as none: Đ stays then (NGUYEN ĐINH ĐE). But a claim that
// has Đ somewhere has it wherever the name does.
func SameName(claim, held string) bool {
	if strings.EqualFold(claim, held) && Fold(claim) != "" || sameTyped(claim, held) {
		return true // nearly all claims end here
	}
	c, h := spelling.Letters(claim), spelling.Letters(held)
	if len(c) == 0 || len(c) != len(h) {
		return false
	}
	accented, stroked := false, false
	for _, l := range c {
		accented = accented || l.Tone != 0 || len(l.Marks) > 0
		stroked = stroked || l.Stroke
	}
	loose := LooseEnds(h)
	for i := range c {
		switch {
		case c[i].Plain != h[i].Plain && !(loose[i] && isI(c[i].Plain)),
			(accented || stroked) && c[i].Stroke != h[i].Stroke,
			accented && !slices.Equal(c[i].Marks, h[i].Marks):
			return false
		}
	}
	return !accented || sameTones(c, h)
}

// sameTyped says that a claim in plain letters is the held name without accents and
// what stands between words. When it says no, the claim may still be the name.
func sameTyped(claim, held string) bool {
	at, some := 0, false
	skip := func() {
		for at < len(claim) && claim[at] < 0x80 && spelling.Plain(rune(claim[at])) < 0 {
			at++
		}
	}
	for _, r := range held {
		p := spelling.Plain(r)
		if p < 0 {
			continue
		}
		skip()
		if at == len(claim) || claim[at] >= 0x80 || p >= 0x80 || spelling.Plain(rune(claim[at])) != p {
			return false
		}
		at++
		some = true
	}
	skip()
	return some && at == len(claim)
}

// sameTones compares the tones of each stretch in which neither name begins a word: the
// mark may stand on one or another letter of a word.
func sameTones(a, b []spelling.Letter) bool {
	var left, right []rune
	for i := range a {
		if a[i].First || b[i].First {
			if !slices.Equal(left, right) {
				return false
			}
			left, right = left[:0], right[:0]
		}
		if t := a[i].Tone; t != 0 {
			left = append(left, t)
		}
		if t := b[i].Tone; t != 0 {
			right = append(right, t)
		}
	}
	return slices.Equal(left, right)
}

// LooseEnds says of each letter of a name whether it is an i or y that may be written
// either way: at the end of a word of which it is the only vowel, as in Lý and Lí, or
// after qu. In Thúy and Thúi, Mai and May, it is another sound.
func LooseEnds(name []spelling.Letter) []bool {
	loose := make([]bool, len(name))
	start := 0
	for i := range name {
		if name[i].First {
			start = i
		}
		if last := i+1 == len(name) || name[i+1].First; !last || !isI(name[i].Plain) {
			continue
		}
		head := name[start:i]
		loose[i] = len(head) == 2 && head[0].Plain == 'q' && head[1].Plain == 'u' ||
			!slices.ContainsFunc(head, func(l spelling.Letter) bool { return strings.ContainsRune("aeiouy", l.Plain) })
	}
	return loose
}

func isI(r rune) bool { return r == 'i' || r == 'y' }
