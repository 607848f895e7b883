package procedure

import (
	"math/bits"
	"slices"
	"strings"

	"dean06/internal/platform/editdistance"
)

// readings are the ways in which a text may be understood: as it stands with its slips
// mended, with words mended that are ones by themselves and not beside their neighbours,
// with phrases turned into the catalogue's words. at is the province that it names.
func (x *index) readings(ws []word) (out []reading, at string) {
	ws, at = x.withoutPlace(x.parted(ws))
	first := x.mended(ws, false)
	accents := slices.ContainsFunc(ws, word.accented)
	out = append(out, reading{first, 1, accents})
	if second := x.mended(ws, true); !slices.Equal(first, second) {
		out = append(out, reading{second, 0.93, accents})
	}
	for _, r := range slices.Clone(out) {
		x.meant(r, &out)
	}
	return out[:min(len(out), maxReadings)], at
}

// meant adds readings in which phrases are replaced by the words for which they stand: the
// longest first, all together and each alone.
func (x *index) meant(r reading, out *[]reading) {
	type found struct {
		from, to int
		means    []word
	}
	var all []found
	taken := make([]bool, len(r.words))
	for _, s := range x.means {
		for i := 0; i+len(s.phrase) <= len(r.words); i++ {
			if slices.Contains(taken[i:i+len(s.phrase)], true) || !samePhrase(r.words[i:i+len(s.phrase)], s.phrase) {
				continue
			}
			all = append(all, found{i, i + len(s.phrase), s.means})
			for j := range s.phrase {
				taken[i+j] = true
			}
		}
	}
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, func(a, b found) int { return a.from - b.from })
	replace := func(some []found) {
		var ws []word
		at := 0
		for _, f := range some {
			ws = append(append(ws, r.words[at:f.from]...), f.means...)
			at = f.to
		}
		*out = append(*out, reading{append(ws, r.words[at:]...), r.worth * 0.98, r.accents})
	}
	replace(all)
	if len(all) > 1 {
		for i := range all {
			replace(all[i : i+1])
		}
	}
}

// samePhrase says that a text has a phrase; where it is written with accents, the same.
func samePhrase(ws, phrase []word) bool {
	for i, w := range ws {
		if w.plain != phrase[i].plain || w.accented() && w.form != phrase[i].form {
			return false
		}
	}
	return true
}

// withoutPlace takes the name of a province out, with the words that lead to it.
func (x *index) withoutPlace(ws []word) (rest []word, at string) {
	for range 3 { // from one to another
		var place string
		if ws, place = x.withoutOne(ws); place == "" {
			break
		}
		at = place // one moves to the last
	}
	return ws, at
}

func (x *index) withoutOne(ws []word) ([]word, string) {
	for i := range ws {
		for _, p := range x.places[ws[i].plain] {
			if i+len(p.words) > len(ws) || len(p.words) == len(ws) {
				continue
			}
			same := true
			for j, w := range p.words {
				same = same && ws[i+j].plain == w
			}
			if !same {
				continue
			}
			from := i
			for from > 0 && slices.Contains([]string{"o", "tai", "tinh", "tp", "pho", "thanh", "tu", "ve"}, ws[from-1].plain) && from > 1 {
				from--
			}
			return slices.Concat(ws[:from], ws[i+len(p.words):]), p.key
		}
	}
	return ws, ""
}

func (x *index) known(plain string) bool { _, ok := x.words[plain]; return ok }

// together is how many titles have two words side by side.
func (x *index) together(a, b string) int32 {
	m, ok := x.words[a]
	n, ok2 := x.words[b]
	if !ok || !ok2 {
		return 0
	}
	return x.pairs[pairOf(m, n)]
}

// longestSyllable is how long a Vietnamese syllable is at most, without accents.
const longestSyllable = 7

// parted takes words apart that were run together ("khaisinh").
func (x *index) parted(ws []word) []word {
	var out []word
	for i, w := range ws {
		parts := []string(nil)
		switch n := len(w.plain); {
		case x.known(w.plain) || n < 4 || isNumber(w.plain):
		case n > longestSyllable && strings.ContainsAny(w.plain, "0123456789"):
			for _, run := range runsOf(w.plain) {
				if x.known(run) {
					parts = append(parts, run)
				} else if cut := x.split(run); cut != nil {
					parts = append(parts, cut...)
				} else {
					parts = append(parts, run)
				}
			}
		case n > longestSyllable || !x.fitsIn(ws, i):
			parts = x.split(w.plain)
		}
		for _, p := range parts {
			out = append(out, word{plain: p})
		}
		if parts == nil {
			out = append(out, w)
		}
	}
	return out
}

// isNumber says that a word is of digits only: it is no misspelt word.
func isNumber(plain string) bool { return strings.Trim(plain, "0123456789") == "" }

// fitsIn says that a word which nobody uses becomes one by a slip, and is then seen beside
// a neighbour: it is misspelt, not two words.
func (x *index) fitsIn(ws []word, i int) bool {
	for _, o := range x.options(ws, i, false)[1:] {
		if i > 0 && x.together(ws[i-1].plain, o.plain) >= common || i+1 < len(ws) && x.together(o.plain, ws[i+1].plain) >= common {
			return true
		}
	}
	return false
}

// runsOf are the letters and the digits of a word, apart.
func runsOf(s string) []string {
	var out []string
	start := 0
	isDigit := func(c byte) bool { return c >= '0' && c <= '9' }
	for i := 1; i <= len(s); i++ {
		if i == len(s) || isDigit(s[i]) != isDigit(s[i-1]) {
			out = append(out, s[start:i])
			start = i
		}
	}
	return out
}

// split finds the words of which a text without spaces is made; nil when there are none. Of
// several ways it takes the one with the fewest words that are not seen side by side. One
// part of two may be misspelt.
func (x *index) split(s string) []string {
	const longest, most = 12, 60 // of a word, of the text
	if len(s) > most {
		return nil
	}
	type way struct {
		parts []string
		cost  float32
	}
	best := make([]map[string]way, len(s)+1) // by the last word
	best[0] = map[string]way{"": {}}
	for end := 1; end <= len(s); end++ {
		best[end] = map[string]way{}
		for start := max(0, end-longest); start < end; start++ {
			part := s[start:end]
			if len(part) < 2 && part != "o" && part != "i" {
				continue
			}
			price := float32(1)
			if !x.known(part) {
				if part = x.soundsLike(part); part == "" {
					continue
				}
				price = 2
			}
			for last, w := range best[start] {
				cost := w.cost + price
				if last != "" {
					cost += 1.2 - x.bond(last, part)
				}
				if old, there := best[end][part]; !there || cost < old.cost {
					best[end][part] = way{append(slices.Clip(w.parts), part), cost}
				}
			}
		}
	}
	var out way
	for _, w := range best[len(s)] {
		if len(w.parts) > 1 && (out.parts == nil || w.cost < out.cost) {
			out = w
		}
	}
	// Letters without sense can be cut into words too, but not into words that are said together.
	sense := float32(1.7)
	if len(s) <= longestSyllable && len(x.options([]word{{s, s}}, 0, false)) > 1 {
		sense = 1.31 // it may as well be one misspelt word, unless the two are seen side by side
	}
	if out.parts != nil && out.cost < sense*float32(len(out.parts)) && len(s) >= 2*len(out.parts) {
		return out.parts
	}
	return x.splitNear(s)
}

// soundsLike is a known word that sounds like another; "" when there is none.
func (x *index) soundsLike(s string) string {
	if len(s) > 2 && len(s) <= longestSyllable {
		for _, o := range sounds(s) {
			if x.known(o) {
				return o
			}
		}
	}
	return ""
}

// splitNear takes two words apart of which one is misspelt.
func (x *index) splitNear(s string) []string {
	if len(s) < 6 || len(s) > 16 {
		return nil
	}
	var out []string
	best := float32(0)
	try := func(a, b string) {
		if bond := x.bond(a, b); bond > best && bond >= 1 {
			best, out = bond, []string{a, b}
		}
	}
	for i := 2; i <= len(s)-2; i++ {
		a, b := s[:i], s[i:]
		if x.known(a) {
			x.near(b, func(p string) { try(a, p) })
		}
		if x.known(b) {
			x.near(a, func(p string) { try(p, b) })
		}
	}
	return out
}

// near gives the words that differ from one of three letters or more by one slip.
func (x *index) near(s string, found func(string)) {
	if len(s) < 3 {
		return
	}
	letters := lettersOf(s)
	for k, p := range x.plains {
		if d := len(p) - len(s); d > 1 || d < -1 || len(p) < 3 || bits.OnesCount32(x.letters[k]^letters) > 2 {
			continue
		}
		if editdistance.Within(1, p, s) == 1 {
			found(p)
		}
	}
	for j := 1; j < len(s); j++ {
		b := []byte(s)
		b[j-1], b[j] = b[j], b[j-1]
		if x.known(string(b)) {
			found(string(b))
		}
	}
}

// candidate is a word that may have been meant, and what it costs to think so.
type candidate struct {
	word
	cost float32
}

// mended replaces words that nobody uses by the likeliest that are near. With bold, words
// that are used are replaced too, where they are never beside their neighbours and others
// are.
func (x *index) mended(ws []word, bold bool) []word {
	options := make([][]candidate, len(ws))
	for i, w := range ws {
		options[i] = x.options(ws, i, bold)
		if len(options[i]) == 0 {
			options[i] = []candidate{{w, 0}}
		}
	}
	// The likeliest way through all of them.
	type step struct {
		cost float32
		from int
	}
	steps := make([][]step, len(ws))
	for i, list := range options {
		steps[i] = make([]step, len(list))
		for j, c := range list {
			s := step{c.cost, -1}
			if i > 0 {
				for k, b := range options[i-1] {
					cost := steps[i-1][k].cost + c.cost - x.bond(b.plain, c.plain)
					if s.from < 0 || cost < s.cost {
						s = step{cost, k}
					}
				}
			}
			steps[i][j] = s
		}
	}
	out := slices.Clone(ws)
	at := -1
	for i := len(ws) - 1; i >= 0; i-- {
		if at < 0 {
			at = 0
			for j := range steps[i] {
				if steps[i][j].cost < steps[i][at].cost {
					at = j
				}
			}
		}
		out[i] = options[i][at].word
		at = steps[i][at].from
	}
	return out
}

// common is how many titles have two words side by side that belong together.
const common = 3

// bond is how much two words belong together.
func (x *index) bond(a, b string) float32 {
	switch n := x.together(a, b); {
	case n == 0:
		return 0
	case n < common:
		return 0.4
	case n < 6:
		return 1
	case n < 12:
		return 1.2
	}
	return 1.4
}

// options are the words that may have been meant by one of a text.
func (x *index) options(ws []word, i int, bold bool) []candidate {
	w := ws[i]
	if isNumber(w.plain) {
		return nil
	}
	out := []candidate{{w, 0}}
	known := x.known(w.plain)
	if known {
		if !bold || len(w.plain) < 2 || fillerPlains[w.plain] {
			return nil
		}
		if i > 0 && x.together(ws[i-1].plain, w.plain) >= common || i+1 < len(ws) && x.together(w.plain, ws[i+1].plain) >= common {
			return nil
		}
	} else {
		out[0].cost = 3 // to leave it as it is
	}
	add := func(plain string, cost float32) {
		if plain == w.plain || !x.known(plain) {
			return
		}
		for j := range out {
			if out[j].plain == plain {
				out[j].cost = min(out[j].cost, cost)
				return
			}
		}
		out = append(out, candidate{word{plain: plain}, cost})
	}
	if !known {
		for _, s := range typed(w.plain) {
			add(s, 0.3)
		}
	}
	for _, s := range sounds(w.plain) {
		add(s, 0.8)
	}
	for j := 1; j < len(w.plain); j++ { // two letters in the wrong order
		b := []byte(w.plain)
		b[j-1], b[j] = b[j], b[j-1]
		add(string(b), 0.85)
	}
	if n := len(w.plain); n >= 3 {
		limit := 1
		if n >= 8 && !known {
			limit = 2
		}
		letters := lettersOf(w.plain)
		for k, p := range x.plains {
			if d := len(p) - n; d > limit || -d > limit || len(p) < 2 || bits.OnesCount32(x.letters[k]^letters) > 2*limit {
				continue
			}
			if d := editdistance.Within(limit, p, w.plain); d <= limit {
				cost := float32(0.85) + 0.5*float32(d-1)
				if p[0] != w.plain[0] {
					cost += 0.25
				}
				if n == 3 {
					cost += 0.15
				}
				add(p, cost)
			}
		}
	}
	return out
}

// lettersOf are the letters of a word, one bit each.
func lettersOf(s string) uint32 {
	bits := uint32(0)
	for i := range len(s) {
		bits |= 1 << (s[i] % 32)
	}
	return bits
}

// typed undoes what is left of the keys with which accents are typed: ddawng, giaays,
// gia6y1.
func typed(s string) []string {
	var out []string
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
	if digits != s && len(digits) > 1 {
		out = append(out, digits)
	}
	double := strings.NewReplacer("dd", "d", "aa", "a", "ee", "e", "oo", "o").Replace(digits)
	double = strings.ReplaceAll(double, "w", "")
	out = append(out, double)
	for _, base := range []string{digits, double} {
		for i := 1; i < len(base); i++ {
			if strings.IndexByte("sfrxj", base[i]) >= 0 {
				out = append(out, base[:i]+base[i+1:])
			}
		}
	}
	return out
}

// confused are the sounds that are written one for the other where people speak so.
var (
	confusedFirst = [][2]string{
		{"ch", "tr"},
		{"s", "x"},
		{"l", "n"},
		{"d", "gi"},
		{"r", "gi"},
		{"d", "r"},
		{"v", "d"},
		{"v", "gi"},
		{"c", "k"},
		{"c", "q"},
		{"k", "kh"},
		{"ng", "ngh"},
		{"g", "gh"},
		{"qu", "w"},
		{"ph", "f"},
		{"d", "z"},
		{"gi", "z"},
		{"gi", "j"},
		{"c", "kh"},
		{"t", "th"},
	}
	confusedLast = [][2]string{
		{"n", "ng"},
		{"t", "c"},
		{"nh", "n"},
		{"nh", "ng"},
		{"ch", "c"},
		{"ch", "t"},
		{"m", "n"},
		{"ng", "g"},
		{"iu", "uu"},
		{"ieu", "iu"},
		{"ui", "uoi"},
	}
)

func sounds(s string) []string {
	var out []string
	first := func(a, b string) {
		if rest, ok := strings.CutPrefix(s, a); ok && rest != "" {
			out = append(out, b+rest)
		}
	}
	last := func(a, b string) {
		if rest, ok := strings.CutSuffix(s, a); ok && rest != "" {
			out = append(out, rest+b)
		}
	}
	for _, p := range confusedFirst {
		first(p[0], p[1])
		first(p[1], p[0])
	}
	for _, p := range confusedLast {
		last(p[0], p[1])
		last(p[1], p[0])
	}
	return out
}
