package org

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"ỦY BAN  NHÂN DÂN", "ui ban nhan dan"},
		{"Đắk Lắk", "dak lak"},
		{" Bà Rịa – Vũng Tàu. ", "ba ria vung tau"},
		{"Lý Nhân", "li nhan"},
		{"Lí Nhân", "li nhan"},
		{"Hòa", "hoa"},
		{"Hoà", "hoa"},
		{norm.NFD.String("Hoà"), "hoa"},
		{"Bộ TT&TT", "bo tt tt"},
		{"", ""},
		{"  -- ", ""},
	} {
		if got := Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestFoldIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, again %q", s, once, twice)
		}
		if got := Fold(norm.NFD.String(s)); got != once {
			t.Fatalf("decomposed: %q, want %q", got, once)
		}
	})
}

func TestSameSpelling(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Tỉnh Khánh Hòa", "Tỉnh Khánh Hoà", true},
		{"Xã Bắc Sơn", "xã Bắc Sơn", true},
		{"Xã Thụy Hùng", norm.NFD.String("Xã Thuỵ Hùng"), true},
		{"Xã Phó Bảng", "Xã Phố Bảng", false},
		{"Xã Thạnh Qưới", "Xã Thạnh Quới", false},
		{"Xã Tân Khai", "Phường Tân Khai", false},
		{"Xã Hòa An", "Xã Hoa An", false},
	} {
		if got := SameSpelling(c.a, c.b); got != c.want {
			t.Errorf("SameSpelling(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

func TestParseCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, top, code string
		ok            bool
	}{
		{"G14", "G14", "G14", true},
		{" g14 ", "G14", "G14", true},
		{"000.00.00.G14", "G14", "G14", true},
		{"H26.16", "H26", "H26.16", true},
		{"000.00.16.H26", "H26", "H26.16", true},
		{"000.01.16.H26", "H26", "H26.16.01", true},
		{"000.00.051.H04", "H04", "H04.051", true},
		{"H55.C05869", "H55", "H55.C05869", true},
		{"0100100079", "0100100079", "0100100079", false},
		{"H26..16", "", "", false},
		{"H26.16.", "", "", false},
		{"Bộ", "", "", false},
		{"", "", "", false},
		{"H26." + strings.Repeat("1", 40), "", "", false},
	} {
		top, code, ok := ParseCode(c.in)
		if top != c.top || code != c.code || ok != c.ok {
			t.Errorf("ParseCode(%q) = %q, %q, %v; want %q, %q, %v", c.in, top, code, ok, c.top, c.code, c.ok)
		}
	}
}

func TestLocalCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, committee, unit string }{
		{LocalCode("H55", District, "164"), "H55", "164"},
		{LocalCode("H55", Commune, "05869"), "H55", "05869"},
		{"h55.c05869", "H55", "05869"},
		{"H55.D05869", "", ""},
		{"H55.C164", "", ""},
		{"H55", "", ""},
		{"H55.16", "", ""},
	} {
		committee, unit, ok := ParseLocalCode(c.in)
		if committee != c.committee || unit != c.unit || ok != (c.unit != "") {
			t.Errorf("ParseLocalCode(%q) = %q, %q, %v", c.in, committee, unit, ok)
		}
	}
}

// strip removes accents but leaves đ, as a careless typist does or not.
func strip(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}
