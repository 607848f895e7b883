package cleaning

import (
	"encoding/csv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

const fileHead = "Họ và tên,Ngày sinh,Giới tính,Số CCCD/CMND,Địa chỉ\n"

func TestFindsTheirPeople(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"vaccination", "heavy"} {
		file, truth := dirty(t, 4000, profile, 3)
		right, wrong, there := 0, 0, 0
		for i, r := range linked(t, file, country(), Options{}) {
			if truth[i] != "" {
				there++
			}
			switch {
			case r.Number == "":
			case r.Number == truth[i]:
				right++
			default:
				wrong++
				t.Logf("row %d is %q: %+v", i+1, truth[i], r)
			}
			if (r.Number != "") != (r.Outcome == "verified" || r.Outcome == "corrected") {
				t.Fatalf("row %d: %+v", i+1, r)
			}
		}
		least := map[string]float64{"vaccination": .98, "heavy": .85}[profile]
		if recall := float64(right) / float64(there); wrong > 1 || recall < least {
			t.Errorf("%s: %d of %d found, %d wrong; recall %.4f, want %.2f", profile, right, there, wrong, recall, least)
		}
	}
}

// TestOrderAndWriting holds that the order of rows and columns, case, composition and the
// size of pieces change nothing.
func TestOrderAndWriting(t *testing.T) {
	t.Parallel()
	file, _ := dirty(t, 700, "heavy", 5)
	lines, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	text := func(lines [][]string) string {
		var b strings.Builder
		w := csv.NewWriter(&b)
		_ = w.WriteAll(lines)
		return b.String()
	}
	want := linked(t, file, country(), Options{})
	order := rand.New(rand.NewPCG(1, 1)).Perm(len(lines) - 1)
	shuffled := [][]string{lines[0]}
	for _, i := range order {
		shuffled = append(shuffled, lines[i+1])
	}
	turned := make([][]string, len(lines))
	for i, l := range lines {
		turned[i] = slices.Clone(l)
		slices.Reverse(turned[i])
	}
	people := strings.Split(strings.TrimSpace(country()), "\n")
	rand.New(rand.NewPCG(2, 2)).Shuffle(len(people)-1, func(i, j int) { people[i+1], people[j+1] = people[j+1], people[i+1] })
	cased := func(f func(string) string) string {
		out := [][]string{lines[0]}
		for _, l := range lines[1:] {
			l = slices.Clone(l)
			l[1], l[5] = f(l[1]), f(l[5])
			out = append(out, l)
		}
		return text(out)
	}
	small := func(s *Source) { s.blocks = 3000 }
	for _, tt := range []struct {
		name, file, people string
		at                 func(i int) int
		change             []func(*Source)
	}{
		{name: "rows", file: text(shuffled), at: func(i int) int { return order[i] }},
		{name: "columns", file: text(turned)},
		{name: "people", file: file, people: strings.Join(people, "\n") + "\n"},
		{name: "upper case", file: cased(strings.ToUpper)},
		{name: "lower case", file: cased(strings.ToLower)},
		{name: "decomposed", file: cased(norm.NFD.String)},
		{name: "composed", file: cased(norm.NFC.String)},
		{name: "line breaks", file: strings.ReplaceAll(file, "\n", "\r\n")},
		{name: "pieces", file: file, change: []func(*Source){small}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.people == "" {
				tt.people = country()
			}
			got := linked(t, tt.file, tt.people, Options{}, tt.change...)
			for i, r := range got {
				k := i
				if tt.at != nil {
					k = tt.at(i)
				}
				w := want[k]
				if r.Outcome != w.Outcome || r.Number != w.Number || r.Score != w.Score || r.Second != w.Second {
					t.Fatalf("row %d: %+v, want %+v", i+1, r, w)
				}
			}
		})
	}
}

func TestTraps(t *testing.T) {
	t.Parallel()
	at := "01/001/00001" // Phường Phúc Xá, Quận Ba Đình, Hà Nội
	lives := `"Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội"`
	people := country() +
		somebody("001185000051", "012300051", "Trịnh Thị Thủy Tiên", "1985-03-04", "2", at) +
		somebody("001190000052", "", "Phùng Ngọc Thúy", "1990-05-06", "2", at) + // twins
		somebody("001190000053", "", "Phùng Ngọc Thủy", "1990-05-06", "2", at) +
		somebody("001075000054", "012300054", "Quách Đình Đệ", "1975-02-11", "1", at) +
		somebody("001075000055", "", "Tạ Hoà Lý", "1975-10-23", "1", at) +
		somebody("001055000056", "", "Kiều Bá Trọng", "1955", "1", at) +
		somebody("001088000057", "", "Mạc Đăng Khoa", "1988-09-12", "1", at) +
		somebody("001088000058", "", "Mạc Đăng Khoa", "1988-09-12", "1", at) + // one name, one day, one place
		somebody("010041000059", "", "Hàng Thị Sen", "1941-02-08", "2", "10/085/02869") // alone where she lives
	tests := []struct {
		name, row, outcome, number, says string
	}{
		{"all agrees", "Trịnh Thị Thủy Tiên,04/03/1985,Nữ,001185000051," + lives, "verified", "001185000051", ""},
		{"placement of tones, i and y", "Tạ Hòa Lí,23/10/1975,Nam,001075000055," + lives, "verified", "001075000055", ""},
		{"no accents, đ as d", "QUACH DINH DE,11/02/1975,Nam,001075000054," + lives, "corrected", "001075000054", "thiếu dấu"},
		{"đ alone as d", "Quách Dình Dệ,11/02/1975,Nam,001075000054," + lives, "corrected", "001075000054", "thiếu dấu"},
		{"another order", "Đệ Quách Đình,11/02/1975,Nam,001075000054," + lives, "corrected", "001075000054", "thứ tự"},
		{"old number", "Quách Đình Đệ,11/02/1975,Nam,012300054," + lives, "corrected", "001075000054", "CMND"},
		{"old number without its zero", "Quách Đình Đệ,11/02/1975,Nam,12300054," + lives, "corrected", "001075000054", "CMND"},
		{"number without its zeros", "Quách Đình Đệ,11/02/1975,Nam,1075000054," + lives, "corrected", "001075000054", "số 0"},
		{"day and month exchanged", "Quách Đình Đệ,02/11/1975,Nam,001075000054," + lives, "corrected", "001075000054", "đổi chỗ"},
		{"year alone", "Quách Đình Đệ,1975,Nam,001075000054," + lives, "corrected", "001075000054", "thiếu ngày"},
		{"first of January", "Quách Đình Đệ,01/01/1975,Nam,001075000054," + lives, "corrected", "001075000054", "01/01"},
		{"the register knows the year alone", "Kiều Bá Trọng,01/01/1955,Nam,001055000056," + lives, "corrected", "001055000056", ""},
		{"the year alone in both", "Kiều Bá Trọng,1955,Nam,001055000056," + lives, "verified", "001055000056", ""},
		{"no number", "Quách Đình Đệ,11/02/1975,Nam,," + lives, "corrected", "001075000054", "trống"},
		{"another tone is another name", "Trịnh Thị Thúy Tiên,04/03/1985,Nữ,," + lives, "several", "", "khác dấu"},
		{"the number of one twin, the name of the other", "Phùng Ngọc Thúy,06/05/1990,Nữ,001190000053," + lives, "several", "", "của người khác"},
		{"a twin by her own number", "Phùng Ngọc Thúy,06/05/1990,Nữ,001190000052," + lives, "verified", "001190000052", ""},
		{"a twin without accents and number", "Phung Ngoc Thuy,06/05/1990,Nữ,," + lives, "several", "", ""},
		{"a tie", "Mạc Đăng Khoa,12/09/1988,Nam,," + lives, "several", "", "hai người"},
		{"a name alone", "Nguyễn Văn Hùng,,,,", "several", "", ""},
		{"another name, where one was born on the day", "Lèm Thị Ngân,08/02/1941,Nữ,,\"Xã Bản Liền, Huyện Bắc Hà, Tỉnh Lào Cai\"", "several", "", "chưa đủ chắc"},
		{"a sister's", "Hàng Thị Ngân,08/02/1941,Nữ,,\"Xã Bản Liền, Huyện Bắc Hà, Tỉnh Lào Cai\"", "several", "", "họ tên khác"},
		{"another name, with the number", "Hàng Thị Ngân,08/02/1941,Nữ,010041000059,\"Xã Bản Liền, Huyện Bắc Hà, Tỉnh Lào Cai\"", "corrected", "010041000059", "(khác)"},
		{"nobody", "Triệu Quang Phục,01/02/1933,Nam,001033999999," + lives, "not_found", "", ""},
		{"another's number, the rest another's again", "Quách Đình Đệ,11/02/1975,Nam,001185000051," + lives, "corrected", "001075000054", "của người khác"},
	}
	file, _ := dirty(t, 2000, "vaccination", 9) // weights are learned on a file
	lines, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(fileHead)
	w := csv.NewWriter(&b)
	for _, l := range lines[1:] {
		_ = w.Write(l[1:])
	}
	w.Flush()
	for _, tt := range tests {
		b.WriteString(tt.row + "\n")
	}
	got := linked(t, b.String(), people, Options{})[len(lines)-1:]
	for i, tt := range tests {
		if r := got[i]; r.Outcome != tt.outcome || r.Number != tt.number || !strings.Contains(r.Reasons, tt.says) {
			t.Errorf("%s: %+v, want %s %s %q", tt.name, r, tt.outcome, tt.number, tt.says)
		}
	}
}

func TestOneToOne(t *testing.T) {
	t.Parallel()
	file, _ := dirty(t, 1500, "light", 4)
	line := strings.Split(file, "\n")[1]
	file += line + "\n"
	many, one := linked(t, file, country(), Options{}), linked(t, file, country(), Options{OneToOne: true})
	last := len(many) - 1
	if r := many[last]; r.Of != "1" || r.Outcome != many[0].Outcome || r.Number != many[0].Number {
		t.Errorf("several rows of one person: %+v after %+v", r, many[0])
	}
	if r := one[last]; r.Of != "1" || r.Outcome != "duplicate" {
		t.Errorf("one row of a person: %+v", r)
	}
}

func TestDedupe(t *testing.T) {
	t.Parallel()
	file, _ := dirty(t, 1500, "light", 6)
	lines := strings.Split(strings.TrimSpace(file), "\n")
	file += lines[3] + "\n" + strings.ToUpper(lines[8]) + "\n"
	w := world(t)
	s := source(t, file)
	layout, err := LayoutOf(s, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.Read(s, layout)
	if err != nil {
		t.Fatal(err)
	}
	got := written(t, w.Dedupe(rows, nil, Options{}), s, layout)
	n := len(got)
	if got[n-2].Of != "3" || got[n-1].Of != "8" || got[n-1].Outcome != "duplicate" {
		t.Errorf("%+v, %+v", got[n-2], got[n-1])
	}
	for i, r := range got[:n-2] {
		if r.Outcome == "duplicate" {
			t.Errorf("row %d: %+v", i+1, r)
		}
	}
}

func TestExplanationAddsUp(t *testing.T) {
	t.Parallel()
	file, _ := dirty(t, 1500, "heavy", 8)
	w := world(t)
	s, people := source(t, file), source(t, country())
	layout, _ := LayoutOf(s, nil, false)
	of, _ := LayoutOf(people, nil, true)
	a, _ := w.Read(s, layout)
	b, _ := w.Read(people, of)
	l := w.Link(a, b, nil, Options{}, nil)
	p := printer(t)
	for i := range 200 {
		e, err := l.Explain(i)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range e.Candidates {
			sum := c.Prior
			for _, s := range c.Steps {
				sum += s.Bits
			}
			if d := sum - c.Score; d > 1e-6 || d < -1e-6 {
				t.Errorf("row %d: steps add up to %v, score %v", i+1, sum, c.Score)
			}
		}
		if words := e.Words(p); strings.Contains(words, "[") {
			t.Errorf("row %d: %s", i+1, words)
		}
	}
	if _, err := l.Explain(-1); err == nil {
		t.Error("a row that is not there is explained")
	}
}
