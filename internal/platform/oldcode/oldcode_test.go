package oldcode_test

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/platform/oldcode"
)

// The published tables, letter by letter: TCVN 5712:1993 (set VN3) by the byte, VNI by
// what is typed. The order is that of the alphabet, each vowel with its five tones.
var alphabet = []struct{ letter, tcvn3, vni string }{
	{"à", "\u00b5", "aø"},
	{"á", "\u00b8", "aù"},
	{"ả", "\u00b6", "aû"},
	{"ã", "\u00b7", "aõ"},
	{"ạ", "\u00b9", "aï"},
	{"ă", "\u00a8", "aê"},
	{"ằ", "\u00bb", "aè"},
	{"ắ", "\u00be", "aé"},
	{"ẳ", "\u00bc", "aú"},
	{"ẵ", "\u00bd", "aü"},
	{"ặ", "\u00c6", "aë"},
	{"â", "\u00a9", "aâ"},
	{"ầ", "\u00c7", "aà"},
	{"ấ", "\u00ca", "aá"},
	{"ẩ", "\u00c8", "aå"},
	{"ẫ", "\u00c9", "aã"},
	{"ậ", "\u00cb", "aä"},
	{"đ", "\u00ae", "ñ"},
	{"è", "\u00cc", "eø"},
	{"é", "\u00d0", "eù"},
	{"ẻ", "\u00ce", "eû"},
	{"ẽ", "\u00cf", "eõ"},
	{"ẹ", "\u00d1", "eï"},
	{"ê", "\u00aa", "eâ"},
	{"ề", "\u00d2", "eà"},
	{"ế", "\u00d5", "eá"},
	{"ể", "\u00d3", "eå"},
	{"ễ", "\u00d4", "eã"},
	{"ệ", "\u00d6", "eä"},
	{"ì", "\u00d7", "ì"},
	{"í", "\u00dd", "í"},
	{"ỉ", "\u00d8", "æ"},
	{"ĩ", "\u00dc", "ó"},
	{"ị", "\u00de", "ò"},
	{"ò", "\u00df", "oø"},
	{"ó", "\u00e3", "où"},
	{"ỏ", "\u00e1", "oû"},
	{"õ", "\u00e2", "oõ"},
	{"ọ", "\u00e4", "oï"},
	{"ô", "\u00ab", "oâ"},
	{"ồ", "\u00e5", "oà"},
	{"ố", "\u00e8", "oá"},
	{"ổ", "\u00e6", "oå"},
	{"ỗ", "\u00e7", "oã"},
	{"ộ", "\u00e9", "oä"},
	{"ơ", "\u00ac", "ô"},
	{"ờ", "\u00ea", "ôø"},
	{"ớ", "\u00ed", "ôù"},
	{"ở", "\u00eb", "ôû"},
	{"ỡ", "\u00ec", "ôõ"},
	{"ợ", "\u00ee", "ôï"},
	{"ù", "\u00ef", "uø"},
	{"ú", "\u00f3", "uù"},
	{"ủ", "\u00f1", "uû"},
	{"ũ", "\u00f2", "uõ"},
	{"ụ", "\u00f4", "uï"},
	{"ư", "\u00ad", "ö"},
	{"ừ", "\u00f5", "öø"},
	{"ứ", "\u00f8", "öù"},
	{"ử", "\u00f6", "öû"},
	{"ữ", "\u00f7", "öõ"},
	{"ự", "\u00f9", "öï"},
	{"ỳ", "\u00fa", "yø"},
	{"ý", "\u00fd", "yù"},
	{"ỷ", "\u00fb", "yû"},
	{"ỹ", "\u00fc", "yõ"},
	{"ỵ", "\u00fe", "î"},
}

func TestWholeAlphabet(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range alphabet {
		if len([]rune(c.letter)) != 1 || seen[c.letter] {
			t.Fatalf("the test's letter %q", c.letter)
		}
		seen[c.letter] = true
		if got, ok := oldcode.FromTCVN3("x" + c.tcvn3 + "y"); !ok || got != "x"+c.letter+"y" {
			t.Errorf("TCVN3 %q = %q, %v, want %s", c.tcvn3, got, ok, c.letter)
		}
		if got, _, ok := oldcode.FromVNI("x" + c.vni + "z"); !ok || got != "x"+c.letter+"z" {
			t.Errorf("VNI %q = %q, %v, want %s", c.vni, got, ok, c.letter)
		}
		capital := strings.ToUpper(c.letter)
		if got, _, ok := oldcode.FromVNI(strings.ToUpper(c.vni)); !ok || got != capital {
			t.Errorf("VNI %q = %q, %v, want %s", strings.ToUpper(c.vni), got, ok, capital)
		}
	}
	if len(seen) != 67 { // 12 vowels with five tones, ă â ê ô ơ ư and đ
		t.Errorf("%d letters tested", len(seen))
	}
	for letter, code := range map[string]string{"Ă": "¡", "Â": "¢", "Ê": "£", "Ô": "¤", "Ơ": "¥", "Ư": "¦", "Đ": "§"} {
		if got, ok := oldcode.FromTCVN3(code); !ok || got != letter {
			t.Errorf("TCVN3 %q = %q, want %s", code, got, letter)
		}
	}
}

// Each byte of TCVN3 is another letter, and all are Vietnamese.
func TestTCVN3IsOneToOne(t *testing.T) {
	t.Parallel()
	from := map[rune]rune{}
	for r := rune(0); r < 0x200; r++ {
		letter, ok := oldcode.TCVN3(r)
		if !ok {
			continue
		}
		if was, twice := from[letter]; twice || !unicode.IsLetter(letter) || !norm.NFC.IsNormalString(string(letter)) {
			t.Errorf("%U is %c, as is %U", r, letter, was)
		}
		from[letter] = r
	}
	if len(from) != 74 {
		t.Errorf("%d letters, want 67 small ones and 7 capitals", len(from))
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, tcvn3, vni string }{
		{"§ang chê phª duyÖt kinh phÝ", "Đang chờ phê duyệt kinh phí", ""},
		{"Ñang chôø pheâ duyeät kinh phí", "", "Đang chờ phê duyệt kinh phí"},
		{"CHÖA ÑAÙP ÖÙNG", "", "CHƯA ĐÁP ỨNG"},
		{"§¸p øng mét phÇn", "Đáp ứng một phần", ""},
		{"Đã đáp ứng", "", ""}, // Unicode, whatever the font
	} {
		if got, ok := oldcode.FromTCVN3(c.in); c.tcvn3 != "" && got != c.tcvn3 || c.in == "Đã đáp ứng" && ok {
			t.Errorf("TCVN3 %q = %q, %v", c.in, got, ok)
		}
		if got, _, ok := oldcode.FromVNI(c.in); c.vni != "" && got != c.vni || c.in == "Đã đáp ứng" && ok {
			t.Errorf("VNI %q = %q, %v", c.in, got, ok)
		}
	}
	for _, s := range []string{"bù", "oê", "eê", "uâ"} {
		if got, _, ok := oldcode.FromVNI(s); ok {
			t.Errorf("VNI %q = %q: nothing bears that mark", s, got)
		}
	}
}
