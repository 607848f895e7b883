package i18n_test

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
)

func bundle(vi, en string) fs.FS {
	return fstest.MapFS{"vi.json": {Data: []byte(vi)}, "en.json": {Data: []byte(en)}}
}

func printer(t *testing.T, lang i18n.Lang, vi, en string) *i18n.Printer {
	t.Helper()
	c, err := i18n.Load(bundle(vi, en))
	if err != nil {
		t.Fatal(err)
	}
	return c.In(lang)
}

func TestLoadNamesEachFault(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		bundles []fs.FS
		want    []string
	}{
		{"not closed", []fs.FS{bundle(`{"a.x":"{n"}`, `{"a.x":"{n|agency|agencies"}`)}, []string{"vi: a.x opens", "en: a.x opens"}},
		{"one in another", []fs.FS{bundle(`{"a.x":"{n {m}}"}`, `{"a.x":"n}"}`)}, []string{"vi: a.x opens", "en: a.x opens"}},
		{"missing in English", []fs.FS{bundle(`{"a.x":"1","a.y":"2"}`, `{"a.x":"1"}`)}, []string{"en lacks a.y"}},
		{"missing in Vietnamese", []fs.FS{bundle(`{}`, `{"a.x":"1"}`)}, []string{"vi lacks a.x"}},
		{
			"twice",
			[]fs.FS{bundle(`{"a.x":"1"}`, `{"a.x":"1"}`), bundle(`{"a.x":"2"}`, `{"a.x":"2"}`)},
			[]string{"vi: a.x is defined twice", "en: a.x is defined twice"},
		},
		{"not JSON", []fs.FS{bundle(`{`, `{}`)}, []string{"vi.json"}},
		{"no file", []fs.FS{fstest.MapFS{"vi.json": {Data: []byte(`{}`)}}}, []string{"en.json"}},
	}
	for _, c := range cases {
		_, err := i18n.Load(c.bundles...)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", c.name, err, want)
			}
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	vi := `{"n":"Có {n} cơ quan","d":"Hạn {day}","plain":"(n)","twice":"{a} {a}","list":"Vai trò: {c:role.}","role.a":"Kiểm toán"}`
	en := `{"n":"{n} {n|agency|agencies}","d":"Due {day}","plain":"(n)","twice":"{a} {a}","list":"Roles: {c:role.}","role.a":"Auditor"}`
	cases := []struct {
		lang i18n.Lang
		key  string
		args map[string]any
		want string
	}{
		{i18n.Vi, "n", map[string]any{"n": 1234}, "Có 1.234 cơ quan"},
		{i18n.En, "n", map[string]any{"n": 1}, "1 agency"},
		{i18n.En, "n", map[string]any{"n": 1234}, "1,234 agencies"},
		{i18n.En, "n", map[string]any{"n": 0}, "0 agencies"},
		{i18n.Vi, "d", map[string]any{"day": clock.MustDate("2023-02-28")}, "Hạn 28/02/2023"},
		{i18n.En, "d", map[string]any{"day": clock.MustDate("2023-02-28")}, "Due 28 February 2023"},
		{i18n.Vi, "plain", map[string]any{"n": 1}, "(n)"},
		{i18n.Vi, "twice", map[string]any{"a": "{a}"}, "{a} {a}"},
		{i18n.Vi, "list", map[string]any{"c": "a,b"}, "Vai trò: Kiểm toán, b"},
		{i18n.En, "list", map[string]any{"c": "a"}, "Roles: Auditor"},
		{i18n.Vi, "n", nil, "Có {n} cơ quan"},
		{i18n.Vi, "nothing", nil, "[nothing]"},
		{"fr", "n", map[string]any{"n": 2}, "Có 2 cơ quan"},
	}
	for _, c := range cases {
		if got := printer(t, c.lang, vi, en).T(c.key, c.args); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.lang, c.key, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	vi, en := printer(t, i18n.Vi, `{}`, `{}`), printer(t, i18n.En, `{}`, `{}`)
	ints := []struct {
		n      int64
		vi, en string
	}{
		{0, "0", "0"},
		{999, "999", "999"},
		{1000, "1.000", "1,000"},
		{-1234567, "-1.234.567", "-1,234,567"},
		{-100, "-100", "-100"},
		{-9223372036854775808, "-9.223.372.036.854.775.808", "-9,223,372,036,854,775,808"},
	}
	for _, c := range ints {
		if got := [2]string{vi.Int(c.n), en.Int(c.n)}; got != [2]string{c.vi, c.en} {
			t.Errorf("%d: got %v, want %s and %s", c.n, got, c.vi, c.en)
		}
	}
	floats := []struct {
		x        float64
		decimals int
		vi, en   string
	}{
		{1234.5, -1, "1.234,5", "1,234.5"}, {0.25, 1, "0,2", "0.2"}, {-0.5, 1, "-0,5", "-0.5"}, {12, 0, "12", "12"}, {99.95, 1, "100,0", "100.0"},
	}
	for _, c := range floats {
		if got := [2]string{vi.Float(c.x, c.decimals), en.Float(c.x, c.decimals)}; got != [2]string{c.vi, c.en} {
			t.Errorf("%v: got %v, want %s and %s", c.x, got, c.vi, c.en)
		}
	}
}

func TestGroupingLosesNoDigit(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi, `{}`, `{}`)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		if got := strings.ReplaceAll(p.Int(n), ".", ""); got != fmt.Sprint(n) {
			t.Fatalf("got %s, want the digits of %d", got, n)
		}
	})
}

func TestDatesAndTimes(t *testing.T) {
	t.Parallel()
	vi, en := printer(t, i18n.Vi, `{}`, `{}`), printer(t, i18n.En, `{}`, `{}`)
	// 18:30 in Greenwich is already the next day in Vietnam.
	at := time.Date(2023, 2, 28, 18, 30, 0, 0, time.UTC)
	got := []string{
		vi.Time(at), en.Time(at), vi.Time(time.Time{}), vi.Date(clock.Date{}), vi.Date(clock.MustDate("2025-07-01")),
		en.Date(clock.MustDate("2025-07-01")),
	}
	want := []string{"01:30 01/03/2023", "01:30, 1 March 2023", "", "", "01/07/2025", "1 July 2025"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("dates and times (-want +got):\n%s", d)
	}
}

func TestSortByVietnameseAlphabet(t *testing.T) {
	t.Parallel()
	got := []string{
		"An Giang", "Bà Rịa - Vũng Tàu", "Bạc Liêu", "Cà Mau", "Cần Thơ", "Cao Bằng", "Duy Tiên", "Đà Nẵng", "Đắk Lắk", "Điện Biên",
		"Hà Giang", "Hà Nội", "Hải Phòng", "Quảng Nam", "Quảng Ngãi", "Thanh Hóa", "Ưu Điềm",
	}
	slices.Reverse(got)
	i18n.SortBy(got, func(s string) string { return s })
	// đ is a letter of its own, after d; ă and â come after a.
	after := func(a, b string) {
		t.Helper()
		if slices.Index(got, a) < slices.Index(got, b) {
			t.Errorf("got %v, want %s after %s", got, a, b)
		}
	}
	after("Đà Nẵng", "Duy Tiên")
	after("Điện Biên", "Đắk Lắk")
	after("Hà Giang", "Điện Biên")
	after("Hà Nội", "Hà Giang")
	after("Ưu Điềm", "Thanh Hóa")
	after("Cần Thơ", "Cao Bằng")
	after("Bạc Liêu", "Bà Rịa - Vũng Tàu")
}

func TestPrintersAreSafeTogether(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi, `{"n":"Có {n} cơ quan"}`, `{"n":"{n}"}`)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			names := []string{"Đà Nẵng", "Cần Thơ", "An Giang"}
			for range 200 {
				if got, want := p.T("n", map[string]any{"n": i}), fmt.Sprintf("Có %d cơ quan", i); got != want {
					t.Errorf("got %q, want %q", got, want)
					return
				}
				i18n.SortBy(names, func(s string) string { return s })
			}
		})
	}
	wg.Wait()
}

func TestFromWithoutPrinterPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("got no panic, want one for a request outside the language middleware")
		}
	}()
	i18n.From(context.Background())
}
