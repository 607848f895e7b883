package cleaning

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"dean06/internal/citizen"
)

// TestChecks holds what is said of a row that contradicts itself, in words and in figures,
// whatever else became of it.
func TestChecks(t *testing.T) {
	t.Parallel()
	head := "CCCD,Họ và tên,Ngày sinh,Giới tính,Nơi sinh\n"
	for _, c := range []struct {
		row   string
		check string // "" for none
		says  string
	}{
		{"001190000001,Nguyễn Thị Không,01/02/1990,Nữ,Hà Nội", "", ""},
		{"001190000001,Nguyễn Thị Không,01/02/1991,Nữ,Hà Nội", "number_year", "số định danh ghi năm sinh 1990, ngày sinh ghi 01/02/1991"},
		{"001190000001,Nguyễn Thị Không,1991,Nữ,", "number_year", "số định danh ghi năm sinh 1990, ngày sinh ghi 1991"},
		{"001190000001,Nguyễn Thị Không,01/02/1900,Nữ,", "number_year", "ghi năm sinh 1990"},
		{"001290000001,Nguyễn Thị Không,01/02/2090,Nam,", "birth_odd", "ngày sinh 01/02/2090 chưa tới hoặc đã quá 130 năm"},
		{",Nguyễn Thị Không,31/12/1895,Nữ,", "birth_odd", "ngày sinh 31/12/1895"},
		{",Nguyễn Thị Không,01/12/2026,Nữ,", "birth_odd", "ngày sinh 01/12/2026"}, // tomorrow
		{",Nguyễn Thị Không,30/11/2026,Nữ,", "", ""},
		{",Nguyễn Thị Không,2026,Nữ,", "", ""},
		{"001190000001,Nguyễn Văn Không,01/02/1990,Nam,", "number_sex", "số định danh là của nữ, giới tính ghi Nam"},
		{"001190000001,Nguyễn Văn Không,01/02/1990,,", "", ""},
		{"001590000001,Nguyễn Văn Không,01/02/1990,Nam,", "number_century", "chữ số thứ tư là 5"},
		{"003190000001,Nguyễn Thị Không,01/02/1990,Nữ,", "number_province", "không có tỉnh mã 003"},
		{"000190000001,Nguyễn Thị Không,01/02/1990,Nữ,", "number_province", "không có tỉnh mã 000"},
		{"127190000001,Nguyễn Thị Không,01/02/1990,Nữ,Lào", "", ""}, // a country's
		{"079190000001,Nguyễn Thị Không,01/02/1990,Nữ,Hà Nội", "number_birthplace", "nơi đăng ký khai sinh ở Thành phố Hồ Chí Minh, nơi sinh ghi Hà Nội"},
		{"074190000001,Nguyễn Thị Không,01/02/1990,Nữ,TP Hồ Chí Minh", "", ""}, // Bình Dương's ground now
		{"079190000001,Nguyễn Thị Không,01/02/1990,Nữ,một nơi xa", "", ""},
		{",Nguyễn Thị Không,30/02/1990,Nữ,", "birth_impossible", "ngày sinh 30/02/1990: lịch không có ngày ấy"},
		{",Nguyễn Thị Không,hôm nọ,Nữ,", "birth_unread", "“hôm nọ” không phải ngày sinh"},
		{"không nhớ,Nguyễn Thị Không,01/02/1990,Nữ,", "number_unread", "“không nhớ” không phải số định danh"},
		{"1190000001999,Nguyễn Thị Không,01/02/1990,Nữ,", "number_digits", "có 13 chữ số"},
		{"012345678,Nguyễn Thị Không,01/02/1990,Nữ,", "", ""},
		{",Nguyễn Thị Không,01/02/1990,khác,", "sex_unread", "“khác” không phải giới tính"},
	} {
		got, report := reported(t, head+c.row+"\n"+strings.Repeat("001190000001,Lê Thị Khác,01/02/1990,Nữ,Hà Nội\n", 3))
		for name, n := range report.Checks {
			if want := name == c.check; (n == 1) != want {
				t.Errorf("%s: %s is counted %d times", c.row, name, n)
			}
		}
		if c.says != "" && !strings.Contains(got[0].Reasons, c.says) || c.says == "" && got[0].Reasons != "không có ai trong sổ giống dòng này" {
			t.Errorf("%s: %q, want %q", c.row, got[0].Reasons, c.says)
		}
	}
}

// reported links a file with the country and gives its result and report.
func reported(t testing.TB, rows string) ([]result, Report) {
	t.Helper()
	w := world(t)
	file, register := source(t, rows), source(t, country())
	a, b, layout := bothRead(t, w, file, register)
	l := w.Link(a, b, nil, Options{}, nil)
	return written(t, l, file, layout), l.Report(file, layout, printer(t))
}

// TestChecksChangeNothing holds that a row which contradicts itself is what it is without the
// check: what the register says counts.
func TestChecksChangeNothing(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(country()), "\n")[1:]
	file := "CCCD,Họ và tên,Ngày sinh,Giới tính\n"
	var people strings.Builder
	people.WriteString(peopleHead)
	for i, line := range lines[:2000] {
		c := strings.Split(line, ",")
		if i%3 == 0 { // the register itself has another year than the number: it was corrected
			c[3] = "1951-02-03"
		}
		people.WriteString(strings.Join(c, ",") + "\n")
		province, bare := strings.TrimPrefix(c[0][:3], "0"), c[2] == citizen.Fold(c[2])
		if bare = bare || len(c[2]) == len([]rune(c[2])); !bare && province == "01" && i < 2000 {
			file += fmt.Sprintf("%s,%s,%s,%s\n", c[0], c[2], c[3], c[4])
		}
	}
	said := 0
	for i, r := range linked(t, file, people.String(), Options{}) {
		if r.Outcome != string(Verified) {
			t.Errorf("row %d is %+v", i+1, r)
		}
		if strings.HasPrefix(r.Reasons, "khớp với sổ; số định danh ghi năm sinh") {
			said++
		} else if r.Reasons != "khớp với sổ" {
			t.Errorf("row %d: %q", i+1, r.Reasons)
		}
	}
	if said < 5 {
		t.Errorf("%d rows say that number and birth differ", said)
	}
}

// strangers are people who are not in the register, each with a line.
func strangers(r *rand.Rand, n int) []string {
	var out []string
	for i := range n {
		number := citizen.NumberOf(1+i%60, 1950+i%60, citizen.Female, 900000+i).Reveal()
		if i%3 == 0 {
			number = ""
		}
		name := "Đinh Thị Lạ " + string('A'+rune(i%26)) + string('a'+rune(r.IntN(5)))
		birth := fmt.Sprintf("%02d/%02d/%d", 1+r.IntN(28), 1+r.IntN(12), 1950+i%60)
		out = append(out, number+","+name+","+birth+`,Nữ,"Phường Ba Đình, Hà Nội"`)
	}
	return out
}

const strangersHead = "CCCD,Họ và tên,Ngày sinh,Giới tính,Địa chỉ\n"

// TestAgain holds that rows of one person whom the register does not have find one another:
// in a small file and in a large one, in any order, with slips, and nobody else's.
func TestAgain(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 300} {
		r := rand.New(rand.NewPCG(3, uint64(n)))
		lines := strangers(r, n)
		first := lines[0]
		again := strings.ReplaceAll(strings.ToUpper(first), "ĐINH THỊ LẠ", "DINH THI LA")
		rows := append([]string{first}, lines[1:]...)
		rows = append(rows, again, first)
		got := linked(t, strangersHead+strings.Join(rows, "\n")+"\n", country(), Options{})
		for i, row := range got {
			want := ""
			if i >= n {
				want = "1"
			}
			if row.Of != want || row.Outcome != string(NotFound) || row.Number != "" {
				t.Errorf("%d rows: row %d, %q, is %+v, want to be of %q", n, i+1, rows[i], row, want)
			}
			if said := strings.Contains(row.Reasons, "có lẽ cùng một người với dòng 1"); said != (want == "1") {
				t.Errorf("%d rows: row %d says %q", n, i+1, row.Reasons)
			}
		}
		for i, row := range linked(t, strangersHead+strings.Join(rows, "\n")+"\n", country(), Options{OneToOne: true}) {
			if duplicate := row.Outcome == string(Duplicate); duplicate != (i >= n) {
				t.Errorf("%d rows, one to one: row %d is %+v", n, i+1, row)
			}
		}
	}
}

// TestAgainIsSure holds that a likeness is no sameness: namesakes, twins, one number written
// for many, two numbers on one name and birth, and rows that say nothing.
func TestAgainIsSure(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]string{
		"namesakes of one year":   {",Đinh Thị Lạ Ab,1990,Nữ,", ",Đinh Thị Lạ Ab,1990,Nữ,"},
		"twins":                   {",Đinh Thị Lạ Ab,03/04/1990,Nữ,\"Phường Ba Đình, Hà Nội\"", ",Đinh Thị Lạ Ba,03/04/1990,Nữ,\"Phường Ba Đình, Hà Nội\""},
		"another accent":          {",Đinh Thị Lạ Thúy,03/04/1990,Nữ,\"Phường Ba Đình, Hà Nội\"", ",Đinh Thị Lạ Thủy,03/04/1990,Nữ,\"Phường Ba Đình, Hà Nội\""},
		"one number for all":      {"001190999999,Đinh Thị Lạ,03/04/1990,Nữ,", "001190999999,Đàng Năng Hải,09/11/1961,Nam,"},
		"two numbers":             {"001190999999,Đinh Thị Lạ Ab,03/04/1990,Nữ,", "079190888888,Đinh Thị Lạ Ab,03/04/1990,Nữ,"},
		"nothing":                 {",,,,", ",,,,"},
		"one common name in 2500": nil,
	} {
		if rows == nil {
			r := rand.New(rand.NewPCG(8, 8))
			for range 2500 { // some two of them share a day by chance
				rows = append(rows, fmt.Sprintf(",Nguyễn Văn Hùng,%02d/%02d/%d,,", 1+r.IntN(28), 1+r.IntN(12), 1950+r.IntN(60)))
			}
		}
		marked := 0
		for _, row := range linked(t, strangersHead+strings.Join(rows, "\n")+"\n", country(), Options{}) {
			if row.Of != "" && row.Number == "" {
				marked++
			}
		}
		if marked > 0 {
			t.Errorf("%s: %d rows are said to be one person's", name, marked)
		}
	}
}

// TestAgainInAnyOrder holds that who is the same as whom does not depend on where rows stand
// or how they are written, but for which of them is the first.
func TestAgainInAnyOrder(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	lines := strangers(r, 150)
	for i := range 40 { // some twice, some three times
		again := lines[r.IntN(150)]
		if i%2 == 0 {
			again = strings.ToUpper(norm.NFD.String(again))
		}
		lines = append(lines, again)
	}
	// together says for each line which is the first of the lines that are the same.
	together := func(order []int) []int {
		var b strings.Builder
		b.WriteString(strangersHead)
		for _, i := range order {
			b.WriteString(lines[i] + "\n")
		}
		first := make([]int, len(lines))
		groups := map[int][]int{}
		for k, row := range linked(t, b.String(), country(), Options{}) {
			of := k
			if row.Of != "" {
				n, err := strconv.Atoi(row.Of)
				if err != nil || n > k {
					t.Fatalf("row %d is of row %q", k+1, row.Of)
				}
				of = n - 1
			}
			groups[of] = append(groups[of], order[k])
		}
		for _, g := range groups {
			for _, i := range g {
				first[i] = slices.Min(g)
			}
		}
		return first
	}
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	want := together(order)
	found := 0
	for i, f := range want {
		if f != i {
			found++
		}
	}
	if found < 35 {
		t.Errorf("only %d of 40 find their like", found)
	}
	for range 3 {
		if got := together(r.Perm(len(lines))); !slices.Equal(got, want) {
			t.Errorf("in another order: %v, want %v", got, want)
		}
	}
}
