package spelling_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"dean06/internal/platform/spelling"
)

func TestReadLegacy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in       string
		encoding spelling.Encoding
		text     string
	}{
		{"NguyÔn ThÞ BÝch Hµ", spelling.TCVN3, "Nguyễn Thị Bích Hà"},
		{"§Æng V¨n L\u00adu", spelling.TCVN3, "Đặng Văn Lưu"},
		{"TrÇn V¨n An", spelling.TCVN3, "Trần Văn An"},
		{"Vò ThÞ Hång", spelling.TCVN3, "Vũ Thị Hồng"},
		{"Hoµng", spelling.TCVN3, "Hoàng"},
		{"NGUYÔN THÞ Hµ", spelling.TCVN3, "NGUYỄN THỊ HÀ"}, // in a font of capitals
		{"Lª V¨n Hïng", spelling.TCVN3, "Lê Văn Hùng"},
		{"Nguyeãn Thò Bích Haø", spelling.VNI, "Nguyễn Thị Bích Hà"},
		{"NGUYEÃN VAÊN ÑÖÙC", spelling.VNI, "NGUYỄN VĂN ĐỨC"},
		{"Traàn Thò Phöôïng", spelling.VNI, "Trần Thị Phượng"},
		{"Ñoã Vaên Thuûy", spelling.VNI, "Đỗ Văn Thủy"},
		{"Nguyá»…n Thá»‹ Bích", spelling.Twice, "Nguyễn Thị Bích"},
		{"LÃª VÄƒn Ä\u0090á»©c", spelling.Twice, "Lê Văn Đức"},
		{twice(twice("Đặng Thị Ánh")), spelling.Twice, "Đặng Thị Ánh"},
		{"NguyêÞn Vãn Ðýìc", spelling.Windows1258, "Nguyễn Văn Đức"},
		{"Nguy®n Vån Ñông", "", ""}, // VISCII is seen, and not read
		{"H'Hen Niª", "", ""},       // surely old, but no Vietnamese syllable proves which
		{"Nguyá»", "", ""},
		{"LÃª VÄƒn Äá»©c", spelling.Twice, ""}, // a control character is lost
	} {
		got, ok := spelling.ReadLegacy(c.in)
		if !ok {
			t.Errorf("ReadLegacy(%q): not legacy", c.in)
		}
		if got.Encoding != c.encoding || got.Text != c.text {
			t.Errorf("ReadLegacy(%q) = %q, %q, want %q, %q", c.in, got.Encoding, got.Text, c.encoding, c.text)
		}
	}
	for _, s := range []string{
		"", "An", "Nguyễn Thị Bích Hà", norm.NFD.String("Nguyễn Thị Bích Hà"), "Vò Hà", "Hà Ý", "Lò Thị Só", "H'Hen Niê", "Y Bhăm Ñuôl", "Y Phôn Êban", "Y Pôt Lê",
		"Y Pôt Lê Sô",
		"H’Lan Mlô", "Ksor H´Nhan", "K'Đăm", "A Lăng Zơrâm", "Siu H'Blă", "Rơ Châm Ƀlưnh", "Đoàn", "Phạm Thị Ánh-Dương", "Chế Bồng Nga",
		"Jürgen Müller", "Sören Ångström", "François Lefèvre", "José Núñez", "René Ñato", "Håkan Møller", "Zoë Brontë", "Þórður Æsir", "Lü Bu",
		"Dương Thị Huyền Ðan", "Ɖỗ Thị Afri", "Иван Петров", "김민수", "王·明", "Nguyễn\u200bThị Zét", "Lê Thị Mềm\u00adMại",
	} {
		if got, ok := spelling.ReadLegacy(s); ok && !strings.Contains(s, "\u00ad") {
			t.Errorf("ReadLegacy(%q) = %q, %q, want none", s, got.Encoding, got.Text)
		}
	}
}

func twice(s string) string {
	var b strings.Builder
	for i := range len(s) {
		r := charmap.Windows1252.DecodeByte(s[i])
		if r == '\uFFFD' {
			r = rune(s[i])
		}
		b.WriteRune(r)
	}
	return b.String()
}

func TestReadLegacyTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"Nguyễn", "Thị", "Đức", "Hà", "Ước", "Ỷ", "Niê", "Ơ", "Êban"}), 1, 4).Draw(t, "words")
		name := strings.Join(words, " ")
		bad := twice(name)
		for range rapid.IntRange(0, 1).Draw(t, "more") {
			bad = twice(bad)
		}
		if got, ok := spelling.ReadLegacy(bad); !ok || got.Encoding != spelling.Twice || got.Text != name {
			t.Fatalf("ReadLegacy(%q) = %+v, %v, want %q", bad, got, ok, name)
		}
	})
}

func TestIsSyllable(t *testing.T) {
	t.Parallel()
	for _, w := range strings.Fields(`nguyễn Thị Hà gì giếng gìn Quý Quốc qua quyên Yến ý Ỷ Uyên Huỳnh khuỷu nghiêng Oanh ương ĐƯỜNG ngoằn xoong
		Bách thưa Tuấn huơ Hoà Hòa thuý thúy quyển Ước Út ẩm`) {
		if !spelling.IsSyllable(w) {
			t.Errorf("%q is a syllable", w)
		}
	}
	for _, w := range []string{"Niê", "Mlô", "hàc", "Nguyeãn", "bcan", "", "ä", "zơrâm", "hòá", "Đuôl2", "ñan", "ƀuôn", "H'En", "en-", "\u0306ban"} {
		if spelling.IsSyllable(w) {
			t.Errorf("%q is no syllable", w)
		}
	}
}

func FuzzReadLegacy(f *testing.F) {
	f.Add("NguyÔn ThÞ BÝch Hµ")
	f.Add("\xff\u00ad")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := spelling.ReadLegacy(s); ok && got.Text != "" && !norm.NFC.IsNormalString(got.Text) {
			t.Fatalf("%q: %q is not composed", s, got.Text)
		}
	})
}
