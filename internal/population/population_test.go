package population_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
)

var units = sync.OnceValue(func() population.Units {
	u, err := population.NewUnits(data.FS)
	if err != nil {
		panic(err)
	}
	return u
})

// TestEveryTextIsThere: each key that the package or its store names has its text in
// both languages.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(population.Messages, citizen.Messages)
	if err != nil {
		t.Fatal(err)
	}
	// Kinds of jobs and the codes of the audit log are no texts.
	other := []string{
		"population.record", "population.load", "population.export", "population.change", "population.list", "population.objection.answer",
		"population.mistake.settle",
	}
	var files []string
	for _, pattern := range []string{"*.go", "populationsql/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	literal := regexp.MustCompile(`"((?:population|citizen)\.[a-z0-9_.]*[a-z0-9])"`)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(raw), -1) {
			if !slices.Contains(other, m[1]) && !strings.HasSuffix(file, "_test.go") && !catalogue.Has(m[1]) {
				t.Errorf("%s: no text for %s", file, m[1])
			}
		}
	}
	for _, row := range population.Permissions.Rows {
		for _, key := range []string{"population.denied.", "population.may."} {
			if !catalogue.Has(key + string(row.Action)) {
				t.Errorf("no text for %s%s", key, row.Action)
			}
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	u := units()
	before := clock.MustDate("2025-06-30")
	old, ok := u.Commune("00001", before)
	if want := (population.Unit{
		ID: "C00001", Code: "00001", Name: "Phường Phúc Xá", District: "001", Province: "01",
		From: clock.MustDate("2021-11-01"), To: clock.MustDate("2025-07-01"),
	}); !ok || old != want {
		t.Errorf("00001 = %+v", old)
	}
	if _, ok := u.Commune("00001", clock.MustDate("2025-07-01")); ok {
		t.Error("00001 stands after the reform")
	}
	if now, ok := u.Commune("00004", clock.Date{}); !ok || now.Name != "Phường Ba Đình" || !now.Current {
		t.Errorf("00004 today = %+v", now)
	}
	if was, ok := u.Commune("00004", before); !ok || was.Name != "Phường Trúc Bạch" {
		t.Errorf("00004 before = %+v", was)
	}
	if got := u.Successors("00001"); !slices.Equal(got, []string{"00097"}) {
		t.Errorf("successors = %v", got)
	}
	if got := u.Old("00097"); !slices.Contains(got, "00001") {
		t.Errorf("old = %v", got)
	}
	if got := u.SameProvince("08"); !slices.Contains(got, "02") || got[0] != "08" {
		t.Errorf("same as Tuyên Quang = %v, want Hà Giang too", got)
	}
	for _, name := range []string{"phuc xa", "phuong phuc xa"} {
		if got := u.Called(name); len(got) != 1 || got[0].Code != "00001" {
			t.Errorf("called %q = %v", name, got)
		}
	}
}

// TestSearchKeys: what people swap, part in another way or do not accent leads to the same
// letters; the year and the accents are told apart below them.
func TestSearchKeys(t *testing.T) {
	t.Parallel()
	letters := func(name string, year int) int64 { from, _ := population.SameLetters(name, year); return from }
	all := letters("Nguyễn Văn Thử", 1990)
	for _, name := range []string{"nguyen van thu", "Thử Nguyễn Văn", "NGUYỄN VĂN THƯ", "NGUYENVANTHU", "thunguyen van"} {
		if letters(name, 1990) != all {
			t.Errorf("%q has other letters", name)
		}
	}
	hhen := letters("H'Hen Niê Êban", 1990)
	for _, name := range []string{"HHENNIEEBAN", "h hen nie eban", "hhen nie êban", "Êban H’Hen Niê", "h-hen nieeban"} {
		if letters(name, 1990) != hhen {
			t.Errorf("%q has other letters", name)
		}
	}
	for _, name := range []string{"Nguyễn Văn Thử", "H'Hen Niê", "Y Thông Êban", "Ý", "", "1"} {
		for _, year := range []int{0, 1800, 1990, 2199, 9999} {
			whole, ends := population.SearchKeys(name, year)
			from, until := population.SameLetters(name, year)
			if from < 0 || ends < 0 || whole < from || whole > until {
				t.Errorf("%q %d: %d, %d, not in %d…%d", name, year, whole, ends, from, until)
			}
		}
	}
	thu, _ := population.SearchKeys("Nguyễn Văn Thu", 1990)
	if whole, _ := population.SearchKeys("Nguyễn Văn Thử", 1990); whole == thu {
		t.Error("other accents have the same key")
	}
	if moved, _ := population.SearchKeys("Hoàng Thị Hoà", 1990); moved != first(population.SearchKeys("hoàng thị hòa", 1990)) {
		t.Error("a tone at another letter has another key")
	}
	if letters("Nguyễn Văn Thử", 1991) == all {
		t.Error("another year has the same key")
	}
	_, ends := population.SearchKeys("Nguyễn Văn Thử", 1990)
	for _, name := range []string{"Nguyễn Thử", "Nguyễn Thị Thử"} {
		if _, e := population.SearchKeys(name, 1990); e != ends {
			t.Errorf("%q has other ends", name)
		}
	}
}

func first(a, _ int64) int64 { return a }

var compare = cmp.Options{
	cmp.Comparer(func(a, b citizen.Number) bool { return a == b }),
	cmp.Comparer(func(a, b citizen.OldNumber) bool { return a == b }),
	cmpopts.EquateEmpty(),
}

// FuzzReader: a file of persons never panics, and what it reads is written and read the same.
func FuzzReader(f *testing.F) {
	head := strings.Join(population.Columns, ",") + "\n"
	f.Add(
		head +
			`001090000001,012345678 111222333,Nguyễn Văn Thử,1990-01-01,1,01,00,VN,00,2,01/001/00001,,,,,,01//00097,Số 1,,2026-01-01,,"Lào",LA,,,` +
			`,,1,CH01,001060000001,Cha,,,Mẹ,US,,,,,,,missing,2026-01-01,"[""Tèo""]","[{""kind"":""CC"",""issued"":""2021-01-01""}]"` + "\n",
	)
	f.Add("\xef\xbb\xbfnumber,name,birth,sex\n001090000001,\"a\nb\",1990,1\n\"")
	f.Add("number,name,birth,sex,cards\n001090000001,a,1990,1,{}\n")
	f.Fuzz(func(t *testing.T, text string) {
		today := clock.MustDate("2026-11-21")
		r, err := population.NewPersonReader(strings.NewReader(text), today)
		if err != nil {
			return
		}
		for {
			p, _, bad, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if bad != nil {
				continue
			}
			var b bytes.Buffer
			w := csv.NewWriter(&b)
			_ = w.WriteAll([][]string{population.Columns, population.Row(p)})
			again, err := population.NewPersonReader(&b, today)
			if err != nil {
				t.Fatal(err)
			}
			got, _, bad, err := again.Next()
			if err != nil || bad != nil {
				t.Fatalf("what was written cannot be read: %+v, %v\n%s", bad, err, fmt.Sprint(population.Row(p)))
			}
			if d := cmp.Diff(p, got, compare); d != "" {
				t.Errorf("read again (-first +second):\n%s", d)
			}
		}
	})
}
