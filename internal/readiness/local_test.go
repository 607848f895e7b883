package readiness

import (
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
)

// shire is a country with two provinces, in which communes are called the same.
type shire struct{ Agencies }

var shireAgencies = []Agency{
	{Code: "H55", Name: "UBND tỉnh Thái Nguyên", Kind: Province},
	{Code: "H26", Name: "UBND thành phố Hà Nội", Kind: Province},
	{Code: "H55.C1", Name: "UBND xã Đại Từ, tỉnh Thái Nguyên", Kind: Commune},
	{Code: "H55.C2", Name: "UBND xã Tân Tiến, tỉnh Thái Nguyên", Kind: Commune},
	{Code: "H26.C3", Name: "UBND xã Tân Tiến, thành phố Hà Nội", Kind: Commune},
}

func (shire) Find(text string, _ clock.Date) (f Finding) {
	for _, a := range shireAgencies[:2] {
		own := strings.TrimPrefix(strings.TrimPrefix(Fold(a.Name), "ubnd "), "tinh ")
		if strings.Contains(strings.ReplaceAll(Fold(text), " ", ""), strings.ReplaceAll(strings.TrimPrefix(own, "thanh pho "), " ", "")) {
			f.Matches = append(f.Matches, Match{Agency: a, Part: strings.Contains(Fold(text), " xa ")})
		}
	}
	f.Sure = len(f.Matches) == 1
	return f
}

func (shire) Agency(code string, _ clock.Date) (Agency, bool) {
	i := slices.IndexFunc(shireAgencies, func(a Agency) bool { return a.Code == code })
	if i < 0 {
		return Agency{}, false
	}
	return shireAgencies[i], true
}

func (shire) Of(kinds []string, _ clock.Date) (out []Agency) {
	return slices.DeleteFunc(slices.Clone(shireAgencies), func(a Agency) bool { return !slices.Contains(kinds, a.Kind) })
}

// A commune's own paper is the commune's where everything on it agrees, in a round that
// asks communes.
func TestWhoseOfCommunes(t *testing.T) {
	t.Parallel()
	const thaiNguyen = "UBND TỈNH THÁI NGUYÊN"
	for _, tt := range []struct {
		name, heading, email, organisation string
		above                              []string
		form                               MadeFor
		want                               string // code; empty: a person decides
	}{
		{name: "its name alone", heading: "ỦY BAN NHÂN DÂN XÃ ĐẠI TỪ", want: "H55.C1"},
		{name: "below its province", heading: thaiNguyen, above: []string{"UBND XÃ ĐẠI TỪ"}, want: "H55.C1"},
		{name: "with its province", heading: "UBND xã Đại Từ, tỉnh Thái Nguyên", want: "H55.C1"},
		{name: "in one line", heading: "UBND XÃ TÂN TIẾN TỈNH THÁI NGUYÊN", above: []string{thaiNguyen}, want: "H55.C2"},
		{name: "the address agrees", heading: "UBND xã Tân Tiến", email: "tantien@thainguyen.gov.vn", organisation: "UBND xã Tân Tiến", want: "H55.C2"},
		{name: "our own form", heading: "UBND xã Tân Tiến", form: MadeFor{Agency: "H26.C3"}, want: "H26.C3"},
		{name: "two are called so", heading: "UBND xã Tân Tiến"},
		{name: "the address is of another province", heading: "UBND xã Đại Từ", email: "x@hanoi.gov.vn"},
		{name: "another province above", heading: "UBND THÀNH PHỐ HÀ NỘI", above: []string{"UBND XÃ ĐẠI TỪ"}},
		{name: "two communes", heading: "UBND XÃ ĐẠI TỪ", above: []string{"UBND XÃ TÂN TIẾN"}},
		{name: "the focal point sits in another", heading: "UBND XÃ ĐẠI TỪ", organisation: "UBND xã Tân Tiến"},
		{name: "our form of another", heading: "UBND XÃ ĐẠI TỪ", form: MadeFor{Agency: "H55.C2"}},
		{name: "none is called so", heading: "UBND XÃ KHÔNG CÓ"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ret := Return{Heading: tt.heading, Contact: Contact{Email: tt.email, Organisation: tt.organisation}}
			ret.Seen = Evidence{Names: tt.above, Form: tt.form}
			on := clock.MustDate("2026-01-01")
			asked := Campaign{Recipients: RecipientSet{On: on, Kinds: []string{Commune}}}
			if got := whoseAmong(shire{}, localsOf(shire{}, asked), on, ret, "a.docx").Agency.Code; got != tt.want {
				t.Errorf("is of %q, want %q", got, tt.want)
			}
			// A round that asks provinces alone takes no commune for one of them.
			asked.Recipients.Kinds = []string{Province}
			if got := whoseAmong(shire{}, localsOf(shire{}, asked), on, ret, "a.docx").Agency.Code; strings.Contains(got, ".") {
				t.Errorf("a round of provinces takes it for %q", got)
			}
		})
	}
}

// Our own workbook says for which commune it was made; a heading, an organisation or an
// address of another makes a person decide.
func TestWhoseOfCommunesByOurForm(t *testing.T) {
	t.Parallel()
	on := clock.MustDate("2026-01-01")
	asked := Campaign{Recipients: RecipientSet{On: on, Kinds: []string{Commune}}}
	for _, tt := range []struct{ name, heading, email, organisation, want string }{
		{"all agrees", "UBND XÃ TÂN TIẾN", "tantien@thainguyen.gov.vn", "UBND xã Tân Tiến", "H55.C2"},
		{"nothing but the code", "", "", "", "H55.C2"},
		{"the heading of another", "UBND XÃ ĐẠI TỪ", "", "", ""},
		{"a heading of nobody", "UBND XÃ KHÔNG CÓ", "", "", ""},
		{"in another province", "UBND xã Tân Tiến, thành phố Hà Nội", "", "", ""},
		{"the focal point sits elsewhere", "UBND XÃ TÂN TIẾN", "", "UBND thành phố Hà Nội", ""},
		{"the address is elsewhere", "UBND XÃ TÂN TIẾN", "x@hanoi.gov.vn", "", ""},
	} {
		ret := Return{Agency: "H55.C2", Heading: tt.heading, Contact: Contact{Email: tt.email, Organisation: tt.organisation}}
		if got := whoseAmong(shire{}, localsOf(shire{}, asked), on, ret, "a.xlsx"); got.Agency.Code != tt.want {
			t.Errorf("%s: is of %q, want %q", tt.name, got.Agency.Code, tt.want)
		} else if tt.want == "" && len(got.problems) == 0 {
			t.Errorf("%s: nobody says why", tt.name)
		}
	}
}
