package spelling_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"dean06/internal/platform/spelling"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"NGUYỄN  Văn Thử ", "nguyen van thu"},
		{norm.NFD.String("Nguyễn Văn Thử"), "nguyen van thu"},
		{"H'Hen Niê", "hhen nie"},
		{"H’Lan Mlô", "hlan mlo"},
		{"HʼBia Kbuôr", "hbia kbuor"},
		{"H´Hen", "hhen"},
		{"H＇Hen", "hhen"},
		{"Y-Thông", "y thong"},
		{"Y\u2011Thông", "y thong"},
		{"Ánh–Dương", "anh duong"},
		{"Đỗ Ðỗ Ɖỗ D\u0335ỗ đỗ ðỗ ɖỗ", "do do do do do do do"},
		{"Ƀuôn", "buon"},
		{"Nguyễn\u200bThị\u2060 Z\ufeffét", "nguyenthi zet"},
		{"Mềm\u00adMại \u202aTrái\u202c", "memmai trai"},
		{"Ma\ufe0fi\U000e0041 \u034fAn\u180e\u061c", "mai an"},
		{"ＮＧＵＹỄＮ　Ａｎ", "nguyen an"},
		{"Nguyễn Vаn", "nguyen van"}, // the second а is Cyrillic
		{"ΑΝ", "an"},
		{"ﬁn", "fin"},
		{"12/3-4", "12 3 4"},
		{"…", ""},
		{"' '", ""},
		{"", ""},
	} {
		if got := spelling.Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestUnaccent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"Đỗ.Văn-An@Example.VN", "do.van-an@example.vn"},
		{"Số 12/QĐ-UBND\n", "so 12/qd-ubnd\n"},
		{"K'Brôi\u200b", "k'broi"},
	} {
		if got := spelling.Unaccent(c.in); got != c.want {
			t.Errorf("Unaccent(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{" ", ""},
		{"An", "An"},
		{" An", "An"},
		{"An ", "An"},
		{"A  B", "A B"},
		{"Ậ  B", "Ậ B"},
		{" Ậ", "Ậ"},
		{"Ậ ", "Ậ"},
		{"Nguyễn\u00a0Thị\tBé\u3000Hai", "Nguyễn Thị Bé Hai"},
		{norm.NFD.String("Tổ"), "Tổ"},
		{"Nguyễn\u200bThị", "NguyễnThị"},
		{"Trần\ufeff Thị", "Trần Thị"},
		{"a\u200b\u0301", "á"}, // the sign stood between letter and mark
		{"A\u2800B", "A B"},
		{"Hà\x06", "Hà\x06"}, // damage is not spelling: DoubtName says so
		{"Ɖỗ K’Brôi", "Ɖỗ K’Brôi"},
		{"Ma\U000e0020\U000e007fi\ufe0f", "Mai"},
	} {
		if got := spelling.Clean(c.in); got != c.want {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestEveryCharacter: folding once is enough, the way in which a character is encoded
// does not count, and nothing that Unicode calls a format character or lets renderers
// ignore comes through.
func TestEveryCharacter(t *testing.T) {
	t.Parallel()
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		s := "a" + string(r) + "b"
		once := spelling.Fold(s)
		if twice := spelling.Fold(once); twice != once {
			t.Errorf("%U: Fold gives %q, again %q", r, once, twice)
		}
		if got := spelling.Fold(norm.NFD.String(s)); got != once {
			t.Errorf("%U: Fold gives %q, of the decomposed %q", r, once, got)
		}
		if clean := spelling.Clean(s); spelling.Clean(clean) != clean || spelling.Fold(clean) != once {
			t.Errorf("%U: Clean gives %q, again %q; folded %q, not %q", r, clean, spelling.Clean(clean), spelling.Fold(clean), once)
		}
		if unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			if once != "ab" || spelling.Clean(s) != "ab" {
				t.Errorf("%U is not hidden: Fold gives %q, Clean %q", r, once, spelling.Clean(s))
			}
		}
	}
}

func TestFoldProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := spelling.Fold(s)
		for name, form := range map[string]string{
			"again": once, "decomposed": norm.NFD.String(s), "clean": spelling.Clean(s), "around": " \u200b" + s + "\ufeff ",
		} {
			if got := spelling.Fold(form); got != once {
				t.Fatalf("%s: %q, want %q", name, got, once)
			}
		}
		if clean := spelling.Clean(s); strings.TrimSpace(clean) != clean || !norm.NFC.IsNormalString(clean) || spelling.Clean(clean) != clean {
			t.Fatalf("Clean(%q) = %q", s, clean)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for b.Loop() {
		spelling.Fold("Nguyễn Văn Thử")
	}
}

func BenchmarkClean(b *testing.B) {
	for b.Loop() {
		spelling.Clean("Nguyễn Văn Thử")
	}
}
