package populationweb_test

import (
	"encoding/csv"
	"html"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/population"
)

// oldNames are names of communes that ended between 2022 and June 2025, and what has the
// ground of each in November 2026.
var oldNames = []struct{ typed, now string }{
	{"phường Quỳnh Lôi", "Phường Bạch Mai"},
	{"phường Trung Tự", "Phường Kim Liên"},
	{"thị trấn Mộc Châu", "Phường Mộc Sơn"},
	{"xã Văn Đức, Gia Lâm", "Xã Bát Tràng"},
	{"xã Đông Động", "Xã Nam Đông Hưng"},
}

// TestFormTakesTheNamesOfTheDay: the form of an event takes the names that communes had on
// its day, refuses them for today and offers what has their ground, and takes what is
// chosen of that.
func TestFormTakesTheNamesOfTheDay(t *testing.T) {
	t.Parallel()
	reg, _ := realRegister(t, 10)
	s := newSiteOf(t, reg)
	s.begin()
	form := s.address(thu) + "/events/" + string(population.MovePresent)
	hidden := s.get("registrar", form).hidden()
	ask := func(place, day string, more ...string) answer {
		t.Helper()
		return s.post("registrar", form, append(append(hidden, "place", place, "on", day), more...)...)
	}
	for _, c := range oldNames {
		name := strings.Split(c.typed, ",")[0]
		shown := strings.ToUpper(name[:1]) + name[1:]
		s.want(ask(c.typed, "10/05/2023"), http.StatusOK, "những gì sẽ thay đổi", shown)
		refused := ask(c.typed, "20/11/2026")
		s.want(refused, http.StatusUnprocessableEntity, shown, c.now, "20/11/2026", "Nơi nào?")
		choice := regexp.MustCompile(`(?s)name="place-code"[^>]*value="(\d{5})".{0,200}?` + c.now).FindStringSubmatch(html.UnescapeString(refused.body))
		if choice == nil {
			t.Errorf("%s: %s cannot be chosen: %s", c.typed, c.now, refused.text())
			continue
		}
		s.want(ask(c.typed, "20/11/2026", "place-code", choice[1]), http.StatusOK, "những gì sẽ thay đổi", c.now)
		// What is not among the choices is no answer.
		s.want(ask(c.typed, "20/11/2026", "place-code", "00001"), http.StatusUnprocessableEntity)
	}
	// What is recorded of a day has its name of that day, in the timeline too.
	preview := ask("phường Quỳnh Lôi", "10/05/2023")
	s.want(preview, http.StatusOK, "Phường Quỳnh Lôi, Thành phố Hà Nội")
	s.want(s.post("registrar", form, append(preview.hidden(), "confirm", "1")...), http.StatusSeeOther)
	s.want(s.get("registrar", strings.TrimSuffix(form, "/events/"+string(population.MovePresent))), http.StatusOK, "Phường Quỳnh Lôi, Thành phố Hà Nội")
	hidden = s.get("registrar", form).hidden()
	// The last day of a name, and the first of the next.
	s.want(ask("phường Quỳnh Lôi, Hà Nội", "31/12/2024"), http.StatusOK, "Phường Quỳnh Lôi")
	s.want(ask("phường Quỳnh Lôi, Hà Nội", "01/01/2025"), http.StatusUnprocessableEntity, "31/12/2024", "Phường Bạch Mai")
	s.want(ask("phường Ba Đình, Hà Nội", "30/06/2025"), http.StatusUnprocessableEntity, "chỉ có tên này từ ngày 01/07/2025")
	// One that was split leads to all its parts and is not decided.
	split := ask("thị trấn Mộc Châu", "20/11/2026")
	if n := strings.Count(split.body, `name="place-code"`); n < 1 || strings.Contains(split.body, `value="03979" checked`) {
		t.Errorf("%d choices: %s", n, split.text())
	}
	s.want(ask("xã Không Đâu Có", "20/11/2026"), http.StatusUnprocessableEntity, "Không có xã, phường nào tên")
}

// TestALoadedPlaceShowsItsNames: a file gives no day, so all names that it can be are shown.
func TestALoadedPlaceShowsItsNames(t *testing.T) {
	t.Parallel()
	// Loaded as a file gives it, without a day.
	reg, _ := realRegister(t, 10)
	raw, err := os.ReadFile("testdata/csv_old_name.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	report, err := reg.Load(t.Context(), strings.NewReader(string(raw)), population.LoadOptions{
		Actor: actor.Actor{Account: "1", Name: "Quản trị", Roles: []string{population.Administrator}}, Name: "csv_old_name.csv",
	})
	if err != nil || report.Loaded != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	s := newSiteOf(t, reg)
	s.begin()
	page := s.address(citizen.MustNumber(rows[1][0]))
	for _, path := range []string{page, page + "/residence"} {
		s.want(s.get("registrar", path), http.StatusOK, "Phường Quỳnh Lôi")
	}
	for _, text := range []string{"phan van quynh phường quỳnh lôi", "Phan Văn Quỳnh phuong bach mai"} {
		s.want(s.post("registrar", "/people", "q", text), http.StatusOK, "Phan Văn Quỳnh", "Phường Quỳnh Lôi")
	}
	s.want(s.post("registrar", "/people", "q", "phan van quynh", "commune", "phường Quỳnh Lôi"), http.StatusOK, "Phan Văn Quỳnh")
	s.want(s.post("registrar", "/people", "q", "phan van quynh", "commune", "xã Hòa Bình"), http.StatusUnprocessableEntity, "sau dấu phẩy")
}
