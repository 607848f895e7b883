package password

import (
	"strings"
	"testing"

	"dean06/internal/platform/fault"
)

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	g := NewGate(Cheap)
	codes, kept, err := g.RecoveryCodes(t.Context(), 10)
	if err != nil || len(codes) != 10 || len(kept) != 10 {
		t.Fatal(codes, kept, err)
	}
	starts := map[string]bool{}
	for i, code := range codes {
		starts[code[:selectorLen]] = true
		if !IsRecovery(code) || strings.Contains(strings.Join(kept, " "), Bare(code)) || !strings.Contains(kept[i], " $argon2id$") {
			t.Errorf("%s is kept as %s", code, kept[i])
		}
		if got := g.Recovery(kept, " "+strings.ToUpper(code)+" "); got != kept[i] {
			t.Errorf("%s finds %q", code, got)
		}
	}
	if len(starts) != 10 {
		t.Error("two begin alike")
	}
	one := Bare(codes[0])
	for _, wrong := range []string{"", "ab", one[:11], one + "x", one[:2] + Bare(codes[1])[2:], one[:11] + "1"} {
		if got := g.Recovery(kept, wrong); got != "" {
			t.Errorf("%q finds %q", wrong, got)
		}
	}
	// What is no slow hash opens nothing: neither its own text nor what it was made of.
	if got := g.Recovery([]string{"ab", "ab ", "ab 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"}, "abcdefghjkmn"); got != "" {
		t.Errorf("%q", got)
	}
}

// TestNamesInDisguise: of what belongs to its holder no dress makes a password.
func TestNamesInDisguise(t *testing.T) {
	t.Parallel()
	names := []string{"hotich.daitu", "Nguyễn Thị Đoan Trang", "H55", "Ủy ban nhân dân xã Đại Phúc", "tỉnh Thái Nguyên"}
	for _, text := range []string{
		"NguyenThiDoanTrang", "nguyễnthịđoantrang", "Đoan Trang Nguyễn 1990!!", "D0anTr4ngNguy3n", "doantrang20261231", "Trang.Doan@Nguyen#2026",
		"uybannhandanxadaiphuc", "ỦY BAN NHÂN DÂN XÃ ĐẠI PHÚC", "xadaiphuc-thainguyen", "DaiPhucThaiNguyen2026", "Thái Nguyên@123456789", "Th4iNguy3nD4iPhuc",
		"hotich.daitu2026", "HOTICHDAITU!!!!!", "h55thainguyen0123456789",
	} {
		if err := Check("p", text, names...); fault.Of(err) != fault.Invalid {
			t.Errorf("%q passes", text)
		}
	}
	for _, text := range []string{"ba con meo leo cay cau", "Đoan Trang ăn bún riêu", "qua cau gio bay 2026"} {
		if err := Check("p", text, names...); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
