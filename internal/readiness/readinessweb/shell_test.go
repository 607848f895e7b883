package readinessweb_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"dean06/internal/platform/i18n"
	"dean06/internal/readiness/readinessweb"
)

// people were called something else before 2023.
type people struct{}

func (people) NameOf(_ context.Context, stored string, at time.Time) string {
	switch {
	case stored != "0197-daumoi" && stored != "daumoi":
		return stored
	case at.Year() < 2023:
		return "Nguyễn Thị Mẫu"
	}
	return "Nguyễn Thị Mẫu Mới"
}

func TestWhoDidSomethingIsShownByTheNameOfThatDay(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load(readinessweb.Messages)
	if err != nil {
		t.Fatal(err)
	}
	ctx := i18n.With(t.Context(), words.In(i18n.Vi))
	in := func(year int) time.Time { return time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		stored string
		year   int
		want   string
	}{
		{"0197-daumoi", 2022, "Nguyễn Thị Mẫu"},
		{"0197-daumoi", 2023, "Nguyễn Thị Mẫu Mới"},
		{"daumoi", 2022, "Nguyễn Thị Mẫu"}, // stored before ids were
		{"system:dean06", 2023, "Hệ thống"},
		{"os:lan", 2023, "lan, dòng lệnh"},
		{"", 2023, ""},
	} {
		if got := (readinessweb.Shell{Names: people{}}).By(ctx, c.stored, in(c.year)); got != c.want {
			t.Errorf("%s in %d: %q, want %q", c.stored, c.year, got, c.want)
		}
	}
	if got := (readinessweb.Shell{}).By(ctx, "daumoi", in(2023)); got != "daumoi" {
		t.Errorf("where nobody knows names: %q", got)
	}
}

func TestFilesAreKeptUnderTheirNames(t *testing.T) {
	t.Parallel()
	f, err := readinessweb.CSV("danh-sách", [][]string{{"Cơ quan", "=1+1"}, {"H55", "2"}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := f.Send(w); err != nil {
		t.Fatal(err)
	}
	h := w.Header()
	if got := h.Get("Content-Disposition"); got != "attachment; filename*=utf-8''danh-s%C3%A1ch.csv" {
		t.Errorf("kept as %s", got)
	}
	if h.Get("Content-Type") != "text/csv; charset=utf-8" || h.Get("Cache-Control") != "no-store" || w.Body.Len() != len(f.Content) {
		t.Errorf("sent %v, %d bytes", h, w.Body.Len())
	}
	if got := readinessweb.NewFile("phu-luc", "docx", nil); got.Name != "phu-luc.docx" || got.MediaType == "" {
		t.Errorf("%+v", got)
	}
}
