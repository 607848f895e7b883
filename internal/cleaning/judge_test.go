package cleaning

import (
	"strings"
	"sync"
	"testing"
	"time"
)

var judge = sync.OnceValues(func() (*Judge, error) {
	g, err := gazetteer()
	if err != nil {
		return nil, err
	}
	s, err := OpenText([]byte(country()))
	if err != nil {
		return nil, err
	}
	return NewJudge(NewWorld(g, today), s, time.Unix(1, 0))
})

// alike are the lines of the register's file that hold one of some words, and how many.
func alike(words ...string) (string, int) {
	out, n := peopleHead, 0
	for line := range strings.SplitSeq(strings.TrimPrefix(country(), peopleHead), "\n") {
		for _, w := range words {
			if line != "" && strings.Contains(line, w) {
				out, n = out+line+"\n", n+1
				break
			}
		}
	}
	return out, n
}

func cellsOf(t *testing.T, i int) []string {
	t.Helper()
	return strings.Split(strings.Split(country(), "\n")[i], ",")
}

func TestJudge(t *testing.T) {
	t.Parallel()
	j, err := judge()
	if err != nil {
		t.Fatal(err)
	}
	if j.People != 20000 {
		t.Errorf("%d people", j.People)
	}
	who := cellsOf(t, 100)
	number, name, birth, sex := who[0], who[2], who[3], who[4]
	people, n := alike(name, number)
	if n < 2 {
		t.Fatalf("%d namesakes, want some", n)
	}
	three := map[Kind]bool{Number: true, Name: true, Birth: true}
	for _, tt := range []struct {
		about string
		said  Said
		match bool
		fits  map[Kind]bool
	}{
		{"all of it", Said{Number: number, Name: name, Birth: birth, Sex: sex}, true, map[Kind]bool{Number: true, Name: true, Birth: true, Sex: true}},
		{"as OpenRefine writes days", Said{Number: number, Name: strings.ToUpper(name), Birth: birth + "T00:00:00Z"}, true, three},
		{"a number whose zeros were eaten", Said{Number: strings.TrimLeft(number, "0"), Name: name, Birth: birth}, true, three},
		{"in parts", Said{
			Number: number, Surname: strings.Fields(name)[0], Middle: strings.Fields(name)[1], Given: strings.Fields(name)[2], Year: birth[:4],
		}, true, three},
		{"another's name", Said{Number: number, Name: "Đinh Khắc Lạ", Birth: birth}, false, nil},
		{"the name alone", Said{Name: name}, false, nil},
	} {
		a := j.Ask(tt.said)
		got, err := a.Decide([]byte(people), false)
		if err != nil || len(got) == 0 {
			t.Fatalf("%s: %+v, %v", tt.about, got, err)
		}
		if got[0].Match != tt.match {
			t.Errorf("%s: %+v, want match %v", tt.about, got[0], tt.match)
		}
		for k, want := range tt.fits {
			if fits, said := got[0].Fits[k]; !said || fits != want {
				t.Errorf("%s: %s fits %v %v, want %v", tt.about, k, fits, said, want)
			}
		}
		for i, c := range got {
			if i > 0 && (c.Match || c.Bits > got[i-1].Bits) {
				t.Errorf("%s: %d is %+v after %+v", tt.about, i, c, got[i-1])
			}
		}
	}
}

// TestJudgeTies: two who are alike in all that is said are nobody, and so is one of whom
// not all who are as alike were looked at.
func TestJudgeTies(t *testing.T) {
	t.Parallel()
	j, err := judge()
	if err != nil {
		t.Fatal(err)
	}
	one := somebody("001190000111", "", "Đoàn Khánh Vi", "1990-04-05", "2", communes[0])
	twin := somebody("001190000222", "", "Đoàn Khánh Vi", "1990-04-05", "2", communes[0])
	said := Said{Name: "Đoàn Khánh Vi", Birth: "05/04/1990", Sex: "Nữ", Address: "phường Phúc Xá, quận Ba Đình, Hà Nội"}
	decide := func(people string, crowded bool) []Judged {
		got, err := j.Ask(said).Decide([]byte(peopleHead+people), crowded)
		if err != nil || len(got) == 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		return got
	}
	if got := decide(one, false); !got[0].Match {
		t.Errorf("alone: %+v, want a match", got)
	}
	if got := decide(one+twin, false); got[0].Match || got[1].Match || got[0].Share > .51 {
		t.Errorf("twins: %+v, want none", got)
	}
	if got := decide(one, true); got[0].Match {
		t.Errorf("in a crowd: %+v, want none", got)
	}
}

func TestJudgeMeans(t *testing.T) {
	t.Parallel()
	j, err := judge()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		said Said
		want bool
	}{
		{Said{}, false},
		{Said{Name: "Nguyễn Văn An"}, false},
		{Said{Number: "001090000001"}, false},
		{Said{Number: "001090000001", Birth: "1990"}, false},
		{Said{Number: "001090000001", Birth: "1/1/1990"}, false},
		{Said{Number: "001090000001", Name: "An"}, true},
		{Said{Number: "012345678", Name: "An"}, true},
		{Said{Number: "abc", Name: "An"}, false},
		{Said{Name: "Nguyễn Văn An", Birth: "1990"}, true},
		{Said{Name: "Nguyễn Văn An", Birth: "xyz"}, false},
		{Said{Name: "Nguyễn Văn An", Address: "phường Phúc Xá, quận Ba Đình, Hà Nội"}, true},
		{Said{Name: "Nguyễn Văn An", Address: "Hà Nội"}, false},
		{Said{Name: "   ", Birth: "1/1/1990"}, false},
	} {
		if got := j.Ask(tt.said).Means(); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.said, got, tt.want)
		}
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]Kind{
		"birth": Birth, "Ngày sinh": Birth, "NGAY_SINH": Birth, "Số CCCD": Number, "Giới tính": Sex, "Địa chỉ": Address, "number": Number, "màu": "", "": "",
	} {
		if got := KindOf(word); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
