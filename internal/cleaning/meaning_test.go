package cleaning

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestMeanings(t *testing.T) {
	t.Parallel()
	w := world(t)
	l := Layout{
		Headings: []string{"STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Địa chỉ"},
		Kinds:    []Kind{Ignore, Name, Birth, Sex, Number, Address},
	}
	for _, c := range []struct {
		cells []string
		want  []string // what, means, rules
	}{
		{
			[]string{"1", "NGUYỄN VĂN HÙNG", "32904", "nam", "1090000001", "Phường Phúc Xá, Quận Ba Đình, Hà Nội"},
			[]string{
				"number 001090000001 zeros", "name Nguyễn Văn Hùng case", "birth 1990-01-31 serial", "sex 1",
				"place Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội before",
			},
		},
		{
			[]string{"2", "tran  thi hoa", "30/02/1990", "?", "123456789", "Hà Nội"},
			[]string{"number 123456789 old", "name Tran Thi Hoa cleaned,bare", "birth 1990 impossible", "sex  unread", "place Thành phố Hà Nội province"},
		},
		{
			[]string{"3", norm.NFD.String("Lê Thị Hòa"), "01/31/90", "Nữ", "không có", "Sao Hỏa"},
			[]string{"number  unread", "name Lê Thị Hòa composed", "birth 1990-01-31 two_digits,month_first", "sex 2", "place  unread"},
		},
		{[]string{"4", "", "", "", "", ""}, nil},
		{[]string{"5"}, nil},
	} {
		got := w.Meanings(l, c.cells)
		var said []string
		for _, m := range got {
			rules := make([]string, len(m.Rules))
			for i, r := range m.Rules {
				rules[i] = strings.TrimPrefix(r, m.What+".")
			}
			said = append(said, strings.TrimSpace(m.What+" "+m.Means+" "+strings.Join(rules, ",")))
			if p := printer(t); m.Words(p) != "" && strings.Contains(m.Words(p), "cleaning.rule") {
				t.Errorf("%v: no words for %v", c.cells, m.Rules)
			}
		}
		if !slices.Equal(said, c.want) {
			t.Errorf("%q: %q, want %q", c.cells, said, c.want)
		}
	}
}

func TestRowOfASource(t *testing.T) {
	t.Parallel()
	s := source(t, "a,b\n1,2\n\"x,\n3,\"4,5\"\n")
	for at, want := range map[int][]string{0: nil, 1: {"1", "2"}, 2: nil, 3: {"3", "4,5"}, 4: nil} {
		if got, err := s.Row(at); err != nil || !slices.Equal(got, want) {
			t.Errorf("row %d is %q, want %q; %v", at, got, want, err)
		}
	}
}
