package population

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/citizen"
)

// TestKeyMaker: what it remembers of words gives the keys and doubts of the whole name,
// with words of every kind beside one another.
func TestKeyMaker(t *testing.T) {
	t.Parallel()
	words := []string{
		"Nguyễn", "NGUYỄN", "nguyễn", "Văn", "Thu\u031b\u0309", "Thử", "Ý", "Y", "H", "H'Hen", "H’Hen", "Niê", "K", "Brôi", "Đ", "Ðức", "Ɖức", "Nguy\u1ec5n",
		"NguyÔn", "ThÞ", "Nguyeãn", "Thò", "Nguyá»…n", "Ã¡", "V\u0430n", "\u0430n", "Иван", "Müller", "ﬁ", "가", "Tôn-Nữ", "2", "½", "@",
		"a\u200bn", "\u0301a", "\u0301",
		"", "?", "\ufffd", "ẤT", "ô", "oà", "Ất", "Pôt", "Lê", "×", "ª", "K\u00ad", "Ａn", "ſon", "Kim", "\u212aim", "strasse", "Straße", "ß", "Æ",
	}
	var k KeyMaker
	rapid.Check(t, func(rt *rapid.T) {
		name := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(words), rapid.SampledFrom(words), rapid.StringN(0, 4, 12)), 1, 5).Draw(rt, "words"), " ")
		year := rapid.IntRange(1800, 2100).Draw(rt, "year")
		whole, ends := k.SearchKeys(name, year)
		if w, e := SearchKeys(name, year); w != whole || e != ends {
			rt.Fatalf("keys of %q are %d and %d, want %d and %d", name, whole, ends, w, e)
		}
		if got, want := k.nameKey(name), nameKey(name); got != want {
			rt.Fatalf("nameKey of %q is %d, want %d", name, got, want)
		}
		if !k.plain(name) {
			return
		}
		if d, doubted := citizen.DoubtName(name); doubted || citizen.Spell(name) != name || name == "" {
			rt.Fatalf("%q is taken for plain; the doubt is %q, the spelling %q", name, d.Reason, citizen.Spell(name))
		}
	})
	if !k.plain("Nguyễn Thị Bích Hà") {
		t.Error("the commonest kind of name is not plain")
	}
}

// TestPlainCards: cards are read as encoding/json reads them, whatever the cell says.
func TestPlainCards(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		piece := rapid.SampledFrom([]string{
			"[", "]", "{", "}", ",", ":", " ", `"serial"`, `"kind"`, `"issued"`, `"expires"`, `"Serial"`, `"other"`, `"012345678"`, `"CCCD"`, `""`, `"2021-04-15"`,
			`"2021"`, `"15/04/2021"`, `"x"`, `"\u0041"`, "\"\t\"", `null`, `1`, `"é"`,
			`{"serial":"012345678","kind":"CCCD","issued":"2021-04-15"}`, `{"serial":"","kind":"CMND","issued":"2006-03-20","expires":"2021-03-20"}`,
			`{"kind":"CC","kind":"CMND","serial":"1"}`, `{}`,
		})
		s := strings.Join(rapid.SliceOfN(piece, 0, 9).Draw(rt, "pieces"), "")
		if rapid.Bool().Draw(rt, "list") {
			s = "[" + s + "]"
		}
		checkCards(rt, s)
	})
	for _, s := range []string{
		`[{"serial":"012345678","kind":"CCCD","issued":"2021-04-15","expires":"2030-01-01"},{"serial":"","kind":"CMND","issued":"2006-03-20"}]`,
		`[]`, `[{"serial":"1"}`, `[{"serial":"1"}]x`, `[{"serial":"1",}]`, `[,]`, `[{"issued":"2021-02-30"}]`,
	} {
		checkCards(t, s)
	}
}

func checkCards(t rapid.TB, s string) {
	t.Helper()
	got, ok := plainCards(s)
	if !ok {
		return
	}
	var want []Card
	if err := json.Unmarshal([]byte(s), &want); err != nil || len(got) != len(want) {
		t.Fatalf("%s is read as %d cards; want %d, %v", s, len(got), len(want), err)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("card %d of %s is read as %+v, want %+v", i, s, got[i], want[i])
		}
	}
}
