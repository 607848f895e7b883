package cleaning

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
)

var today = clock.MustDate("2026-11-30")

var gazetteer = sync.OnceValues(func() (*Gazetteer, error) { return ReadGazetteer(data.FS, today) })

func world(t testing.TB) *World {
	t.Helper()
	g, err := gazetteer()
	if err != nil {
		t.Fatal(err)
	}
	return NewWorld(g, today)
}

func printer(t testing.TB) *i18n.Printer {
	t.Helper()
	c, err := i18n.Load(Messages, citizen.Messages)
	if err != nil {
		t.Fatal(err)
	}
	return c.In(i18n.Vi)
}

const peopleHead = "number,old_numbers,name,birth,sex,birthplace,origin,permanent,temporary,present\n"

// somebody is a line of the register's file.
func somebody(number, old, name, birth, sex, place string) string {
	return strings.Join([]string{number, old, name, birth, sex, place, place, place, "", place}, ",") + "\n"
}

var communes = []string{"01/001/00001", "01/001/00004", "74/724/25948", "54/555/22048", "79/760/26734", "48/490/20194"}

// country is people with common names, and few communes: many are alike.
var country = sync.OnceValue(func() string {
	r := rand.New(rand.NewPCG(7, 7))
	of := func(list string) string {
		words := strings.Fields(list)
		return words[int(float64(len(words))*r.Float64()*r.Float64())]
	}
	var b strings.Builder
	b.WriteString(peopleHead)
	for i := range 20000 {
		sex, middle := 1, of("Văn Đức Hữu Minh Quang Thành Đình Xuân Ngọc Công")
		given := of("Hùng Nam Dũng Thắng Tuấn Hải Sơn Long Đạt Phúc Lộc Bình Quý Thái Đông Hiếu Khoa Vinh Trung Lâm Tài Lý Hòa")
		if r.IntN(2) == 0 {
			sex, middle = 2, of("Thị Ngọc Thanh Thu Kim Mỹ Hồng Bích Thùy Phương")
			given = of("Hoa Lan Hương Thúy Thủy Mai Hà Hạnh Nga Yến Linh Trang Huyền Ngân Oanh Quyên Tuyết Xuân Đào Cúc Vy Hằng Hòa")
		}
		year := 1940 + r.IntN(80)
		birth := fmt.Sprintf("%d-%02d-%02d", year, 1+r.IntN(12), 1+r.IntN(28))
		if year < 1960 && r.IntN(5) == 0 {
			birth = strconv.Itoa(year)
		}
		old := ""
		if year < 2000 {
			old = fmt.Sprintf("%09d", 100_000_000+i*37)
		}
		number := citizen.NumberOf(1+r.IntN(60), year, citizen.Sex(sex), 100+i).Reveal()
		name := of("Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý") + " " + middle + " " + given
		b.WriteString(somebody(number, old, name, birth, strconv.Itoa(sex), communes[r.IntN(len(communes))]))
	}
	return b.String()
})

func source(t testing.TB, text string) *Source {
	t.Helper()
	s, err := OpenText([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// result is a line of a result, by its columns.
type result struct{ Outcome, Number, Score, Second, Of, Reasons string }

// bothRead is what a file and a register say, each by its own columns.
func bothRead(t testing.TB, w *World, file, register *Source) (a, b *Table, layout Layout) {
	t.Helper()
	var err error
	layout, err = LayoutOf(file, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	of, err := LayoutOf(register, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	a, err = w.Read(file, layout)
	if err != nil {
		t.Fatal(err)
	}
	b, err = w.Read(register, of)
	if err != nil {
		t.Fatal(err)
	}
	return a, b, layout
}

// linked links texts and gives the result of each row.
func linked(t testing.TB, rows, people string, o Options, change ...func(*Source)) []result {
	t.Helper()
	w := world(t)
	file, register := source(t, rows), source(t, people)
	for _, c := range change {
		c(file)
		c(register)
	}
	a, b, layout := bothRead(t, w, file, register)
	return written(t, w.Link(a, b, nil, o, nil), file, layout)
}

func written(t testing.TB, l *Linked, s *Source, layout Layout) []result {
	t.Helper()
	var out bytes.Buffer
	if err := l.Write(&out, s, layout, printer(t)); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lines[0], ","); got != strings.Join(ResultColumns, ",") {
		t.Fatalf("columns %s", got)
	}
	var list []result
	for i, l := range lines[1:] {
		if l[0] != strconv.Itoa(i+1) {
			t.Fatalf("line %d is of row %s", i+1, l[0])
		}
		list = append(list, result{l[1], l[2], l[3], l[4], l[5], l[6]})
	}
	return list
}

// dirty makes a dirty file of the country and its truth.
func dirty(t testing.TB, n int, profile string, seed uint64) (file string, truth []string) {
	t.Helper()
	var out, numbers bytes.Buffer
	d := Dirty{World: world(t), Profile: Profiles[profile], Rows: n, Seed: seed}
	if err := d.Write(source(t, country()), &out, &numbers); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(numbers.String()), "\n")[1:] {
		_, number, _ := strings.Cut(line, ",")
		truth = append(truth, number)
	}
	return out.String(), truth
}
