package org

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"dean06/internal/platform/clock"
)

var directory = sync.OnceValue(func() *Directory {
	h, err := reference()
	if err != nil {
		panic(err)
	}
	return NewDirectory(*h)
})

var (
	in2022 = clock.MustDate("2022-12-01")
	in2026 = clock.MustDate("2026-11-21")
)

// found writes a finding as "sure H55 merged part, …".
func found(f Finding) string {
	var s []string
	for _, m := range f.Matches {
		t := m.Agency.Code
		if m.Relation != RelSame {
			t += " " + string(m.Relation)
		}
		if m.Part {
			t += " part"
		}
		s = append(s, t)
	}
	slices.Sort(s)
	if f.Sure {
		return "sure " + strings.Join(s, ", ")
	}
	return strings.Join(s, ", ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text           string
		on2022, on2026 string
	}{
		{"Bộ Thông tin và Truyền thông", "sure G14", "G06 split, G16 split"},
		{"Bộ TT&TT", "sure G14", "G06 split, G16 split"},
		{"bo tt & tt", "sure G14", "G06 split, G16 split"},
		{"BTTTT", "sure G14", "G06 split, G16 split"},
		{"Bộ TTTT", "sure G14", "G06 split, G16 split"},
		{"G14", "sure G14", "G06 split, G16 split"},
		{"000.00.00.G14", "sure G14", "G06 split, G16 split"},
		{"Bộ LĐ-TB&XH", "sure G07", "G03 split, G09 split, G18 split"},
		{"Bộ GD-ĐT", "sure G03", "sure G03"},
		{"Bộ NN&PTNT", "sure G10", "sure G10"},
		{"Bộ Nông nghiệp và Môi trường", "G10 renamed", "sure G10"},
		{"Bộ Giao thông vận tải", "sure G04", "sure G17 merged"},
		{"Uỷ ban Dân tộc", "sure G21", "sure G21 renamed"},
		{"Tài chính", "sure G12", "sure G12"},
		{"Văn phòng Chính phủ", "sure G22", "sure G22"},
		{"Ủy ban Quản lý vốn nhà nước tại doanh nghiệp", "sure X06", ""},
		{"Vụ Tổ chức cán bộ - Bộ Công Thương", "sure G02 part", "sure G02 part"},

		{"UBND tỉnh Thái Nguyên", "sure H55", "sure H55"},
		{"ỦY BAN NHÂN DÂN TỈNH BẮC KẠN", "sure H03", "sure H55 merged"},
		{"Tỉnh Hoà Bình", "sure H28", "sure H44 merged"},
		{"hoa binh", "sure H28", "sure H44 merged"},
		{"ubnd-tinh-ba-ria-vung-tau", "sure H06", "sure H29 merged"},
		{"TP. Hồ Chí Minh", "sure H29", "sure H29"},
		{"TPHCM", "sure H29", "sure H29"},
		{"UBND thành phố Hồ Chí Minh", "sure H29", "sure H29"},
		{"Daklak", "sure H15", "sure H15"},
		{"Đăk Lăk", "sure H15", "sure H15"},
		{"Thừa Thiên - Huế", "sure H57", "sure H57 renamed"},
		{"UBND thành phố Huế", "H57 renamed", "sure H57"}, // a district of its own in 2022
		{"H26.16", "sure H26 part", "sure H26 part"},
		{"000.00.16.H26", "sure H26 part", "sure H26 part"},
		{"Sở TT&TT tỉnh Thái Nguyên", "sure H55 part", "sure H55 part"},
		{"Sở Thông tin và Truyền thông Hà Nội", "sure H26 part", "sure H26 part"},
		{"UBND TỈNH LÀO CAI\nSỞ THÔNG TIN VÀ TRUYỀN THÔNG", "sure H38 part", "sure H38 part"},
		{"UBND huyện Võ Nhai, tỉnh Thái Nguyên", "sure H55 part", "sure H55 part"},

		{"UBND tỉnh Thái Nguyn", "H55", "H55"},
		{"Phụ lục của UBND tỉnh Lai Châu gửi Bộ TTTT", "G14, H35", "G06 split, G16 split, H35"},
		{"Sở Tài chính", "G12", "G12"},
		{"Bộ", "", ""},
		{"UBND", "", ""},
		{"", "", ""},
		{"một cơ quan không có", "", ""},
	} {
		if got := found(Find(directory(), c.text, in2022)); got != c.on2022 {
			t.Errorf("%q in 2022: got %q, want %q", c.text, got, c.on2022)
		}
		if got := found(Find(directory(), c.text, in2026)); got != c.on2026 {
			t.Errorf("%q in 2026: got %q, want %q", c.text, got, c.on2026)
		}
	}
}

// Every agency of the day is found by its name however it is typed.
func TestFindHoweverTyped(t *testing.T) {
	t.Parallel()
	d := directory()
	rapid.Check(t, func(t *rapid.T) {
		on := rapid.SampledFrom([]clock.Date{in2022, clock.MustDate("2025-04-01"), in2026}).Draw(t, "on")
		a := rapid.SampledFrom(d.Agencies(on)).Draw(t, "agency")
		s := a.Name
		if a.Level == Committee {
			s = rapid.SampledFrom([]string{
				s, strings.Replace(s, "UBND", "Ủy ban nhân dân", 1), strings.Replace(s, "UBND", "Uỷ ban  nhân dân", 1),
				strings.TrimPrefix(s, "UBND "), (Version{Name: s}).Short(), strings.Replace(s, "thành phố", "TP.", 1),
			}).Draw(t, "form")
		} else {
			s = rapid.SampledFrom([]string{s, a.Abbr, a.Code, EDocCode(a.Code), strings.ReplaceAll(s, " và ", " & ")}).Draw(t, "form")
			if s == "" {
				s = a.Name
			}
		}
		for _, change := range rapid.SliceOfDistinct(
			rapid.SampledFrom([]string{"upper", "lower", "strip", "đ", "nfd", "tone", "spaces", "y"}),
			rapid.ID[string],
		).Draw(t, "changes") {
			switch change {
			case "upper":
				s = strings.ToUpper(s)
			case "lower":
				s = strings.ToLower(s)
			case "strip":
				s = strip(s)
			case "đ":
				s = strings.NewReplacer("đ", "d", "Đ", "D").Replace(s)
			case "nfd":
				s = norm.NFD.String(s)
			case "tone":
				s = strings.NewReplacer("òa", "oà", "óa", "oá", "ủy", "uỷ", "oà", "òa").Replace(s)
			case "spaces":
				s = "  " + strings.ReplaceAll(s, " ", "   ") + " . "
				if _, _, ok := ParseCode(strings.TrimSpace(strings.Trim(s, " ."))); ok {
					s = strings.Trim(s, " .")
				}
			case "y":
				if a.Level == Committee {
					s = strings.NewReplacer("ý", "í", "ỳ", "ì").Replace(s)
				}
			}
		}
		f := Find(d, s, on)
		if !f.Sure || f.Matches[0].Agency.ID != a.ID || f.Matches[0].Part {
			t.Fatalf("%q on %s: got %q, want sure %s", s, on, found(f), a.Code)
		}
	})
}

// No two agencies of a day share a name, so a name is never ambiguous by itself.
func TestNamesAreApart(t *testing.T) {
	t.Parallel()
	d := directory()
	for key, es := range d.index {
		for _, on := range []clock.Date{in2022, in2026} {
			ids := map[string]bool{}
			for _, e := range es {
				if e.on(on) && d.lives(e.id, on) {
					ids[e.id] = true
				}
			}
			if len(ids) > 1 {
				t.Errorf("%q means %v on %s", key, sortedKeys(ids), on)
			}
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"UBND tỉnh Thái Nguyên", "Bộ TT&TT", "000.00.00.G14", "H26.16", "Sở TT&TT\nHà Nội", "\xff\x00", "ﬀ ½ Ⅷ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := directory()
		for _, on := range []clock.Date{in2022, in2026, clock.MustDate("2000-01-01")} {
			got := Find(d, s, on)
			if got.Sure != (len(got.Matches) == 1) && got.Sure {
				t.Errorf("%q: sure of %d matches", s, len(got.Matches))
			}
			for _, m := range got.Matches {
				if _, ok := d.AgencyByID(m.Agency.ID, on); !ok {
					t.Errorf("%q: %s is not there on %s", s, m.Agency.Code, on)
				}
			}
		}
	})
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	d := directory()
	for _, c := range []struct {
		on                           clock.Date
		central, government, country int
	}{{in2022, 22, 8, 63}, {clock.MustDate("2025-06-30"), 17, 5, 63}, {in2026, 17, 5, 34}} {
		central, government, country := 0, 0, 0
		for _, a := range d.Agencies(c.on) {
			switch {
			case a.IsCentral():
				central++
			case a.Level == Government:
				government++
			case a.Province != "":
				country++
			}
		}
		if central != c.central || government != c.government || country != c.country || len(d.Provinces(c.on)) != c.country {
			t.Errorf("on %s: %d, %d, %d", c.on, central, government, country)
		}
	}
	a, ok := d.Agency("000.00.00.H55", in2022)
	want := Agency{ID: "AH55", Code: "H55", EDoc: "000.00.00.H55", Name: "UBND tỉnh Thái Nguyên", Level: Committee, Province: "19"}
	if !ok || a != want {
		t.Errorf("got %+v, want %+v", a, want)
	}
	if _, ok := d.Agency("H03", in2026); ok {
		t.Error("H03 is there in 2026")
	}
	if a, ok := d.Agency("X02", in2026); !ok || a.EDoc != "" {
		t.Errorf("X02 is %+v, %v", a, ok)
	}
}
