package citizen_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

func load(t *testing.T, name string, to any) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, to); err != nil {
		t.Fatal(err)
	}
}

func TestNumberCases(t *testing.T) {
	t.Parallel()
	var cases []struct {
		ID, Province, Sex, Error string
		Century, Year            int
	}
	load(t, "personal-id-cases.json", &cases)
	for _, c := range cases {
		n, err := citizen.ParseNumber(c.ID)
		name, known := citizen.CheckProvince(n)
		switch {
		case strings.HasPrefix(c.Error, "province code"): // a warning: lists change
			if err != nil || known || name != "" {
				t.Errorf("%s: %q, known %v, %v; want it accepted with a warning", c.ID, name, known, err)
			}
		case c.Error != "":
			if fault.Of(err) != fault.Invalid {
				t.Errorf("%s: %v, want it refused: %s", c.ID, err, c.Error)
			}
		default:
			got := fmt.Sprint(err, n.Province(), n.Century(), citizen.Codes().Sex.Name(fmt.Sprint(n.Sex()), "vi"), n.Year(), known)
			want := fmt.Sprint(nil, c.Province, c.Century, c.Sex, c.Year, true)
			if got != want {
				t.Errorf("%s: got %s, want %s", c.ID, got, want)
			}
		}
	}
}

func TestParseQRCases(t *testing.T) {
	t.Parallel()
	var cases []struct {
		Raw, Error string
		Expect     map[string]string
	}
	load(t, "qr-cases.json", &cases)
	for _, c := range cases {
		qr, err := citizen.ParseQR(c.Raw)
		if c.Error != "" {
			if fault.Of(err) != fault.Invalid {
				t.Errorf("%s: %v, want %s", c.Raw, err, c.Error)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.Raw, err)
			continue
		}
		got := map[string]string{
			"id": qr.Number.Reveal(), "old_id": qr.OldNumber.Reveal(), "name": qr.Name, "dob": qr.Birth.String(),
			"sex": citizen.Codes().Sex.Name(fmt.Sprint(qr.Sex), "vi"), "address": qr.Address, "issued": qr.Issued.String(),
		}
		if diff := cmp.Diff(c.Expect, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.Raw, diff)
		}
	}
}

func TestParseQRRefuses(t *testing.T) {
	t.Parallel()
	good := []string{"001090000001", "012345678", "Nguyễn Văn Thử", "01011990", "Nam", "Số 1", "15042021"}
	tests := []struct {
		at    int
		value string
		field string
	}{
		{0, "", "number"},
		{0, "000000000000", "number"},
		{1, "12345678", "old_number"},
		{2, " ", "name"},
		{3, "30021990", "birth"},
		{3, "1990-01-01", "birth"},
		{4, "Male", "sex"},
		{6, "", "issued"},
	}
	for _, tt := range tests {
		parts := append([]string(nil), good...)
		parts[tt.at] = tt.value
		_, err := citizen.ParseQR(strings.Join(parts, "|"))
		f := fault.As(err)
		if f == nil || f.Field != tt.field {
			t.Errorf("%d = %q: %v, want a fault at %s", tt.at, tt.value, err, tt.field)
		}
	}
	for _, s := range []string{
		"", "|", strings.Repeat("|", 2000), strings.Join(good, "|") + "\xff", strings.Join(good, "|") + strings.Repeat("x", 2000),
	} {
		if _, err := citizen.ParseQR(s); fault.Of(err) != fault.Invalid {
			t.Errorf("%.20q: %v", s, err)
		}
	}
	if qr, err := citizen.ParseQR(strings.Join(good, "|") + "|more\r\n"); err != nil || qr.Issued != citizen.MustDay("2021-04-15") {
		t.Errorf("a longer code: %v, %v", qr.Issued, err)
	}
	good[3] = "00001945"
	if qr, err := citizen.ParseQR(strings.Join(good, "|")); err != nil || qr.Birth != citizen.MustDay("1945") {
		t.Errorf("the year alone: %v, %v", qr.Birth, err)
	}
}

func element(kind byte, body ...byte) []byte {
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{kind, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{kind, 0x81, byte(n)}, body...)
	default:
		return append([]byte{kind, 0x82, byte(n >> 8), byte(n)}, body...)
	}
}

func pair(tag byte, texts ...string) []byte {
	var value []byte
	for _, s := range texts {
		value = append(value, element(0x0C, []byte(s)...)...)
	}
	if len(texts) > 1 {
		value = element(0x30, value...)
	}
	return element(0x30, append([]byte{2, 1, tag}, value...)...)
}

func group(pairs ...[]byte) []byte {
	var all []byte
	for _, p := range pairs {
		all = append(all, p...)
	}
	return element(0x30, all...)
}

func TestParseDG13(t *testing.T) {
	t.Parallel()
	pairs := [][]byte{
		pair(1, "001090000001"), pair(2, "Nguyễn Văn Thử"), pair(3, "01/01/1990"), pair(4, "Nam"), pair(5, "Việt Nam"),
		pair(6, "Kinh"), pair(7, "Không"), pair(8, "Hà Nội"), pair(9, strings.Repeat("Số 1 phố Thử ", 20)), pair(10, "Sẹo"),
		pair(11, "15/04/2021"), pair(12, "01/01/2030"), pair(13, "Nguyễn Văn Cha", "Trần Thị Mẹ"), pair(16, "012345678"), pair(99, "?"),
	}
	want := citizen.Chip{
		Number: "001090000001", Name: "Nguyễn Văn Thử", Birth: "01/01/1990", Sex: "Nam", Nationality: "Việt Nam", Ethnicity: "Kinh",
		Religion: "Không", Origin: "Hà Nội", Residence: strings.TrimSpace(strings.Repeat("Số 1 phố Thử ", 20)), Features: "Sẹo",
		Issued: "15/04/2021", Expires: "01/01/2030", Father: "Nguyễn Văn Cha", Mother: "Trần Thị Mẹ", OldNumber: "012345678",
		More: map[int]string{99: "?"},
	}
	plain := group(pairs...)
	for name, der := range map[string][]byte{
		"plain": plain, "in the file's tag": element(0x6D, plain...),
		"after a version": element(0x30, append([]byte{2, 1, 1, 6, 1, 42}, plain...)...),
	} {
		got, err := citizen.ParseDG13(der)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v", want, want, want); strings.Contains(s, "0010") {
		t.Errorf("printed: %s", s)
	}
	for name, der := range map[string][]byte{
		"nothing":    nil,
		"no number":  group(pair(2, "A")),
		"bad number": group(pair(1, "1")),
		"twice":      group(pair(1, "001090000001"), pair(1, "001090000002")),
		"cut":        plain[:len(plain)-1],
		"endless":    {0x30, 0x80, 0, 0},
		"no UTF-8":   group(pair(1, "001090000001"), pair(2, "\xff")),
		"huge":       make([]byte, citizen.MaxDG13+1),
	} {
		if _, err := citizen.ParseDG13(der); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	deep := pair(1, "001090000001")
	for range 20 {
		deep = element(0x30, deep...)
	}
	if _, err := citizen.ParseDG13(deep); err == nil {
		t.Error("twenty levels are read")
	}
}

func FuzzParseDG13(f *testing.F) {
	f.Add(group(pair(1, "001090000001"), pair(13, "A", "B")))
	f.Add(element(0x6D, group(pair(1, "001090000001"))...))
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := citizen.ParseDG13(der)
		if _, bad := citizen.ParseNumber(c.Number); err == nil && bad != nil {
			t.Fatal("accepted without a number")
		}
	})
}

func FuzzParseQR(f *testing.F) {
	f.Add("001090000001|012345678|Nguyễn Văn Thử|01011990|Nam|Số 1 phố Thử|15042021")
	f.Fuzz(func(t *testing.T, s string) {
		if qr, err := citizen.ParseQR(s); err == nil && (qr.Number.IsZero() || qr.Name == "" || qr.Birth == 0) {
			t.Fatal("accepted with nothing in it")
		}
	})
}

func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"1990-01-01", "1990", "01/1990", "01011990", "19900230", "1990-00-00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := citizen.ParseDay(s)
		if err != nil {
			return
		}
		if again, err := citizen.ParseDay(d.String()); err != nil || again != d {
			t.Fatalf("%q is %v, and read again %v, %v", s, d, again, err)
		}
	})
}

func TestDays(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"1990-01-01", "1990-01-01"},
		{"19900101", "1990-01-01"},
		{"01011990", "1990-01-01"},
		{"1/1/1990", "1990-01-01"},
		{"01/1990", "1990-01"},
		{"11-12-1990", "1990-12-11"},
		{"11.12.1990", "1990-12-11"},
		{"1990/12/11", "1990-12-11"},
		{"1-1990", "1990-01"},
		{"1-1/1990", ""},
		{"1-1-90", ""},
		{"1990", "1990"},
		{"1990-00-00", "1990"},
		{"19900000", "1990"},
		{"20012012", "2012-01-20"},
		{"29022024", "2024-02-29"},
		{"29022023", ""},
		{"1990-13-01", ""},
		{"1990-00-01", ""},
		{"90", ""},
		{"", ""},
		{"1990-01-01-01", ""},
		{"٢٠٢٤", ""},
		{"-1990", ""},
	}
	for _, tt := range tests {
		d, err := citizen.ParseDay(tt.in)
		if d.String() != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("ParseDay(%q) = %q, %v, want %q", tt.in, d, err, tt.want)
		}
	}
	if !citizen.MustDay("1990").Fits(citizen.MustDay("1990-05-06")) || citizen.MustDay("1990-04").Fits(citizen.MustDay("1990-05-06")) ||
		citizen.Day(0).Fits(0) {
		t.Error("Fits")
	}
}

func TestNumberProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		province, year := rapid.IntRange(1, 96).Draw(t, "province"), rapid.IntRange(1900, 2099).Draw(t, "year")
		sex, serial := rapid.SampledFrom([]citizen.Sex{citizen.Male, citizen.Female}).Draw(t, "sex"), rapid.IntRange(0, 999_999).Draw(t, "serial")
		n := citizen.NumberOf(province, year, sex, serial)
		again, err := citizen.ParseNumber(n.Reveal())
		if err != nil || again != n || n.Year() != year || n.Sex() != sex || n.Province() != fmt.Sprintf("%03d", province) {
			t.Fatalf("%d %d %d: %s, year %d, sex %d, %v", province, year, sex, n.Reveal(), n.Year(), n.Sex(), err)
		}
		if s := fmt.Sprintf("%v %+v %#v %s", n, n, n, n.LogValue()); strings.Contains(s, n.Reveal()) {
			t.Fatalf("printed: %s", s)
		}
		b, err := json.Marshal(n)
		if err != nil || string(b) != `"`+n.Reveal()+`"` {
			t.Fatalf("in JSON: %s, %v", b, err)
		}
	})
	for _, s := range []string{"000000000000", "00109000000", "0010900000011", "00109000000a", "+01090000001", "001490000001", ""} {
		if n, err := citizen.ParseNumber(s); err == nil {
			t.Errorf("ParseNumber(%q) = %s", s, n.Reveal())
		}
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	c := citizen.Codes()
	for _, tt := range []struct {
		list       citizen.CodeList
		n          int
		code       string
		name, text string
	}{
		{c.Sex, 3, "2", "Nữ", "Female"},
		{c.Marital, 4, "1", "Chưa kết hôn", "Single"},
		{c.Blood, 5, "03", "AB", "AB"},
		{c.Ethnicity, 56, "02", "Tày", "Tày"},
		{c.Religion, 16, "99", "Khác", "Other"},
	} {
		if got := len(tt.list.All()); got != tt.n {
			t.Errorf("%s: %d codes, want %d", tt.name, got, tt.n)
		}
		if vi, en := tt.list.Name(tt.code, "vi"), tt.list.Name(tt.code, "en"); vi != tt.name || en != tt.text || !tt.list.Has(tt.code) {
			t.Errorf("%s = %q, %q, want %q, %q", tt.code, vi, en, tt.name, tt.text)
		}
	}
	if c.Sex.Has("9") || c.Sex.Name("9", "vi") != "9" {
		t.Error("an unknown code")
	}
	if name, known := citizen.CheckProvince(citizen.MustNumber("079192000001")); name != "Hồ Chí Minh" && name != "TP. Hồ Chí Minh" || !known {
		t.Errorf("079 is %q, %v", name, known)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(citizen.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"citizen.number.digits", "citizen.number.century", "citizen.oldnumber.digits", "citizen.day.bad",
		"citizen.qr.fields", "citizen.qr.name", "citizen.qr.sex", "citizen.chip.bad",
	} {
		if !catalogue.Has(key) {
			t.Errorf("no text for %s", key)
		}
	}
}

// TestYears: whoever was born by the last day for an age has it, and nobody born later;
// nobody ever becomes younger.
func TestYears(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := clock.MustDate("1900-01-01")
		born := first.AddDays(rapid.IntRange(0, 50000).Draw(t, "born"))
		on := born.AddDays(rapid.IntRange(0, 50000).Draw(t, "lived"))
		if rapid.Bool().Draw(t, "on a leap day") {
			born = clock.NewDate(1904+4*rapid.IntRange(0, 20).Draw(t, "leap"), time.February, 29)
			on = clock.NewDate(born.Year()+rapid.IntRange(1, 120).Draw(t, "years"), time.February, 27).AddDays(rapid.IntRange(0, 3).Draw(t, "days"))
		}
		years := citizen.YearsBetween(born, on)
		if born.After(citizen.BornBy(on, years)) || !born.After(citizen.BornBy(on, years+1)) {
			t.Fatalf("born %s, on %s: %d years; by then %s, a year more %s", born, on, years, citizen.BornBy(on, years), citizen.BornBy(on, years+1))
		}
		if next := citizen.YearsBetween(born, on.AddDays(1)); next < years || next > years+1 {
			t.Fatalf("born %s, %d years on %s and %d the next day", born, years, on, next)
		}
	})
}
