package fontcode_test

import (
	"testing"

	"dean06/internal/platform/fontcode"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for font, want := range map[string]fontcode.Code{
		".VnTime": fontcode.TCVN3, ".VnTimeH": fontcode.TCVN3, ".VNARIAL": fontcode.TCVN3, "@.VnTime": fontcode.TCVN3, ".VnArial NarrowH": fontcode.TCVN3,
		"VNI-Times": fontcode.VNI, "VNI-Helve-Condense": fontcode.VNI, "vni-aptima": fontcode.VNI,
		"Wingdings": fontcode.Symbols, "wingdings 2": fontcode.Symbols, "Symbol": fontcode.Symbols, "ITC Zapf Dingbats": fontcode.Symbols,
		"Times New Roman": "", "": "", "Segoe UI Symbol": "", "Arial": "", "VNPT Sans": "",
	} {
		if got := fontcode.Of(font); got != want {
			t.Errorf("%s: %q, want %q", font, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		font, in, want string
		old            bool
	}{
		{".VnTime", "§· ®¸p øng", "Đã đáp ứng", true},
		{".VnTime", "Ch\u00ada ®¸p øng", "Chưa đáp ứng", true},
		{".VnTimeH", "tØnh th¸i nguyªn", "TỈNH THÁI NGUYÊN", true},
		{".VnTimeH", "ubnd", "UBND", true},
		{".VnTime", "ñY BAN NH¢N D¢N TØNH TH¸I NGUY£N", "ỦY BAN NHÂN DÂN TỈNH THÁI NGUYÊN", true},
		{".VnTime", "V¡N B¶N Sè 1552", "VĂN BẢN SỐ 1552", true},
		{".VnTime", "Sè 12/UBND ®·", "Số 12/UBND đã", true},
		{".VnTime", "UBND", "UBND", false},
		{".VnTime", "Đã đáp ứng", "Đã đáp ứng", false},                 // Unicode under an old font
		{".VnTime", "không có, hòa bình", "không có, hòa bình", false}, // letters of Latin-1 only
		{"VNI-Times", "Chöa ñaùp öùng", "Chưa đáp ứng", true},
		{"VNI-Times", "ÑAÕ ÑAÙP ÖÙNG", "ĐÃ ĐÁP ỨNG", true},
		{"VNI-Times", "Đã đáp ứng", "Đã đáp ứng", false},
		{"Arial", "§· ®¸p øng", "§· ®¸p øng", false},
	} {
		if got, old := fontcode.Decode(c.font, c.in); got != c.want || old != c.old {
			t.Errorf("%s %q = %q, %v, want %q, %v", c.font, c.in, got, old, c.want, c.old)
		}
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		font    string
		r       rune
		want    string
		meaning fontcode.Meaning
	}{
		{"Wingdings", 'þ', "☒", fontcode.Ticks},
		{"Wingdings", 0xF0FE, "☒", fontcode.Ticks},
		{"Wingdings", 'ü', "✓", fontcode.Ticks},
		{"Wingdings", 0xF0A8, "☐", fontcode.Ticks},
		{"Wingdings 2", 'R', "☒", fontcode.Ticks},
		{"Wingdings 2", 'P', "✓", fontcode.Ticks},
		{"Wingdings 2", 'O', "✗", fontcode.Ticks},
		{"Webdings", 'a', "✓", fontcode.Ticks},
		{"Symbol", 0xF0D6, "✓", fontcode.Ticks},
		{"Symbol", 0xF0B7, "•", fontcode.Ornament},
		{"Wingdings", 0xF0D8, "➢", fontcode.Ornament},
		{"Symbol", 'a', "α", fontcode.Ornament},
		{"Wingdings", 'Q', "▯", fontcode.Unknown},
		{"Times New Roman", 0xF0FE, "▯", fontcode.Unknown},
		{"Wingdings 3", 0xF0FF, "▯", fontcode.Unknown},
		{"Wingdings", ' ', " ", fontcode.Ornament},
		{"Wingdings", 'ệ', "ệ", fontcode.Ornament},
		{"Arial", 'x', "x", fontcode.Ornament},
	} {
		if got, meaning := fontcode.Sign(c.font, c.r); got != c.want || meaning != c.meaning {
			t.Errorf("%s %U = %q, %d, want %q, %d", c.font, c.r, got, meaning, c.want, c.meaning)
		}
	}
}
