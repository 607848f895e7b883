package spelling

import (
	"slices"
	"strings"
)

// IsSyllable says that a word can be a Vietnamese syllable: it begins and ends as one
// and has at most one tone, and a tone that its end allows. Words of other languages of
// the country, and most of any other, are none.
func IsSyllable(word string) bool {
	for i, r := range word {
		if p := Plain(r); p < 0 && (p != Mark || i == 0) {
			return false
		}
	}
	var b strings.Builder
	var tone rune
	for _, l := range Letters(word) {
		if l.Tone != 0 && (tone != 0 || !strings.ContainsRune("aeiouy", l.Plain)) {
			return false
		}
		tone = max(tone, l.Tone)
		r, ok := l.vietnamese()
		if !ok {
			return false
		}
		b.WriteRune(r)
	}
	s := b.String()
	for _, onset := range onsets {
		rime, ok := strings.CutPrefix(s, onset)
		if !ok || !rimes[rime] && !(onset == "gi" && rimes["i"+rime]) {
			continue
		}
		// After a stop only sắc and nặng can be spoken.
		stop := strings.HasSuffix(rime, "c") || strings.HasSuffix(rime, "ch") || strings.HasSuffix(rime, "p") || strings.HasSuffix(rime, "t")
		if !stop || tone == '\u0301' || tone == '\u0323' {
			return true
		}
	}
	return false
}

// vietnamese is the letter of the Vietnamese alphabet, without its tone.
func (l Letter) vietnamese() (rune, bool) {
	switch {
	case l.Stroke:
		return 'đ', l.Plain == 'd' && len(l.Marks) == 0
	case len(l.Marks) == 0:
		return l.Plain, l.Plain < 0x80
	case len(l.Marks) > 1:
		return 0, false
	}
	for _, m := range [...]struct{ plain, mark, is rune }{
		{'a', '\u0302', 'â'}, {'a', '\u0306', 'ă'}, {'e', '\u0302', 'ê'}, {'o', '\u0302', 'ô'}, {'o', '\u031B', 'ơ'}, {'u', '\u031B', 'ư'},
	} {
		if l.Plain == m.plain && l.Marks[0] == m.mark {
			return m.is, true
		}
	}
	return 0, false
}

// What Vietnamese syllables begin with, the longest first, and what follows.
var (
	onsets = func() []string {
		list := append(strings.Fields("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x"), "")
		slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
		return list
	}()
	rimes = func() map[string]bool {
		m := map[string]bool{}
		for _, r := range strings.Fields(`
			a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
			e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ich im in inh ip it iu ia iêc iêm iên iêng iêp iêt iêu
			o oc oi om on ong op ot oong ooc oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
			ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
			u uc ui um un ung up ut ua uôc uôi uôm uôn uông uôt uân uâng uât uây uê uêch uên uênh uơ
			uy uya uych uyên uyêt uyn uynh uyt uyu uyp uan uai uao uac uach uang uanh uat uay uăn uăng uăt uăc uen ueo uet ue uit
			ư ưc ưi ưm ưn ưng ưt ưu ưa ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu yn ynh yt`) {
			m[r] = true
		}
		return m
	}()
)
