package populationweb_test

import (
	"bytes"
	"context"
	"html"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/audit"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
	"dean06/internal/population/people"
	"dean06/internal/population/populationsql"
)

// ticking moves on by a second each time it is read, so that what is recorded later
// is later.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}

// bound binds the account of the tests' citizen, by its id and not by its login.
type bound struct{}

func (bound) Bound(_ context.Context, account string) (citizen.Number, error) {
	if account == "1-citizen" {
		return thu, nil
	}
	return citizen.Number{}, nil
}

// names are those of the tests' accounts.
type names struct{}

func (names) FoundBy(_ context.Context, stored string) []string {
	role := strings.TrimPrefix(stored, "1-")
	return []string{"1-" + role, role}
}

func (names) NameOf(_ context.Context, stored string, _ time.Time) string {
	if stored == "1-registrar" || stored == "registrar" {
		return "Phạm Thị Mẫu"
	}
	return stored
}

// realRegister is a register in a database with invented people.
func realRegister(t *testing.T, n int) (*population.Register, []population.Person) {
	t.Helper()
	ctx, db := t.Context(), sqldbtest.OpenSQLite(t)
	for _, migrate := range []func(context.Context, *sqldb.DB) error{audit.Migrate, jobs.Migrate, populationsql.Migrate} {
		if err := migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	r := population.New(population.Parts{
		Store: populationsql.New(db, populationsql.Outbox), Units: theUnits(), Clock: &ticking{now: now}, NewID: sqldb.NewID,
		NumberKey: []byte("key"),
		Bindings:  bound{}, Names: names{},
	})
	var file bytes.Buffer
	var all []population.Person
	if err := people.WriteCSV(&file, n, 1, people.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := people.Generate(n, 1, func(p population.Person) error { all = append(all, p); return nil }, people.Options{}); err != nil {
		t.Fatal(err)
	}
	report, err := r.Load(
		ctx, &file,
		population.LoadOptions{Actor: actor.Actor{Account: "1", Name: "Quản trị", Roles: []string{population.Administrator}}, Name: "dan-cu.csv"},
	)
	if err != nil {
		t.Fatal(err)
	}
	if report.Loaded != n || report.Bad > 0 {
		t.Fatalf("got %d of %d invented people loaded, %d bad: %+v", report.Loaded, n, report.Bad, report.BadRows[:min(5, len(report.BadRows))])
	}
	return r, all
}

// address finds the page of somebody by their number.
func (s *site) address(n citizen.Number) string {
	s.t.Helper()
	a := s.post("registrar", "/people", "q", n.Reveal())
	m := regexp.MustCompile(`href="(/people/person/[\w-]+)"`).FindStringSubmatch(a.body)
	if m == nil {
		s.t.Fatalf("%s not found: %s", n.Reveal(), a.text())
	}
	return m[1]
}

// record fills a form, looks at the preview and records it.
func (s *site) record(person string, kind population.Kind, pairs ...string) (preview, done answer) {
	s.t.Helper()
	form := person + "/events/" + string(kind)
	open := s.get("registrar", form)
	s.want(open, http.StatusOK)
	preview = s.post("registrar", form, append(open.hidden(), pairs...)...)
	s.want(preview, http.StatusOK, "những gì sẽ thay đổi")
	return preview, s.post("registrar", form, append(preview.hidden(), "confirm", "1")...)
}

// TestRealRegister walks through the pages on the register itself.
func TestRealRegister(t *testing.T) {
	t.Parallel()
	reg, all := realRegister(t, 800)
	s := newSiteOf(t, reg)
	s.begin()
	page := s.address(thu)
	s.want(s.post("registrar", "/people", "q", "Thử nguyen van 1990"), http.StatusOK, "Nguyễn Văn Thử")
	s.want(s.post("registrar", "/people", "q", "   1990  "), http.StatusUnprocessableEntity, `href="#q"`)
	s.want(s.get("registrar", page), http.StatusOK, "Nguyễn Văn Cha", "Trần Thị Mẹ", "Lê Thị Vợ", "Chủ hộ", "Đưa vào cơ sở dữ liệu")
	s.want(s.get("registrar", page+"/at?on=01/10/2026"), http.StatusOK, "Nguyễn Văn Thử")
	s.want(s.get("registrar", page+"/residence"), http.StatusOK, "Số 1 phố Thử", "Lê Thị Vợ")
	s.want(s.get("citizen", "/my-data/lookups"), http.StatusOK, "Xác nhận nơi cư trú", "HS-7", "Cơ quan quản lý dữ liệu dân cư")
	s.want(s.get("citizen", "/my-data"), http.StatusOK, "Nguyễn Văn Cha", "Số 1 phố Thử")

	// The citizen objects to one of the look-ups and is answered.
	card := regexp.MustCompile(`href="(/my-data/lookups/\d+)"`).FindStringSubmatch(s.get("citizen", "/my-data/lookups").body)
	if card == nil {
		t.Fatal("no look-up to object to")
	}
	s.want(s.post("citizen", card[1]), http.StatusUnprocessableEntity, `href="#text"`)
	for range 2 {
		s.want(s.post("citizen", card[1], "text", "Tôi không nhờ ai xem."), http.StatusSeeOther)
	}
	s.want(s.get("citizen", card[1]), http.StatusOK, "Tôi không nhờ ai xem.")
	answer := regexp.MustCompile(`name="(answer-[^"]+)"`).FindStringSubmatch(s.get("auditor", "/people/audit/objections").body)
	if answer == nil {
		t.Fatal("no objection to answer")
	}
	to := "/people/audit/objections/" + strings.TrimPrefix(answer[1], "answer-")
	s.want(s.post("auditor", to), http.StatusUnprocessableEntity, `href="#`+answer[1]+`"`)
	for range 2 {
		s.want(s.post("auditor", to, answer[1], "Chính bạn đã nộp hồ sơ HS-7."), http.StatusSeeOther)
	}
	s.want(s.get("citizen", card[1]), http.StatusOK, "Chính bạn đã nộp hồ sơ HS-7.")

	// A child is born; its number is shown; a second click gives the same.
	form := page + "/events/birth"
	open := s.get("registrar", form)
	seen := s.post(
		"registrar", form,
		append(
			open.hidden(), "name", "Nguyễn Thị Bé", "on", "20/11/2026", "sex", "2", "mother", "001*******01", "father", "001*******01", "ethnicity",
			"01", "religion", "00", "birthplace", "phường Hồng Hà, Hà Nội",
		)...,
	)
	s.want(seen, http.StatusOK, "Cấp khi ghi", "Nguyễn Thị Bé", "Nguyễn Văn Thử (001*******01)", "Lê Thị Vợ (001*******01)")
	born := s.post("registrar", form, append(seen.hidden(), "confirm", "1")...)
	number := regexp.MustCompile(`001326\d{6}`).FindString(born.text())
	if born.status != http.StatusOK || number == "" {
		t.Fatalf("no number for the new-born: %d %s", born.status, born.text())
	}
	s.want(s.post("registrar", form, append(seen.hidden(), "confirm", "1")...), http.StatusOK, number)
	child := s.address(citizen.MustNumber(number))
	s.want(s.get("registrar", child), http.StatusOK, "Nguyễn Thị Bé", "Lê Thị Vợ")
	s.want(s.get("registrar", page), http.StatusOK, "Nguyễn Thị Bé")

	// The family moves; the old form is stale then.
	stale := s.get("registrar", page+"/events/name_change").hidden()
	_, done := s.record(
		page, population.MovePerm, "place", "phường Hồng Hà, Hà Nội", "place-detail", "Số 2 phố Mới", "on", "21/11/2026", "basis", "ĐK 5",
	)
	s.want(done, http.StatusSeeOther)
	s.want(s.get("registrar", page), http.StatusOK, "Số 2 phố Mới", "ĐK 5", "Phường Hồng Hà")
	s.want(
		s.post("registrar", page+"/events/name_change", append(stale, "name", "Nguyễn Văn Khác", "on", "21/11/2026")...), http.StatusConflict,
		"Có người vừa ghi trước bạn", "Số 2 phố Mới",
	)

	// Rules answer beside the field.
	s.want(
		s.post("registrar", page+"/events/death", append(s.get("registrar", page+"/events/death").hidden(), "on", "01/01/2030")...),
		http.StatusUnprocessableEntity, `href="#on"`,
	)
	wrong := s.post(
		"registrar", page+"/events/household_join",
		append(s.get("registrar", page+"/events/household_join").hidden(), "household", "999999999", "relation", "CH10", "on", "21/11/2026")...,
	)
	s.want(wrong, http.StatusUnprocessableEntity, `href="#household"`)
	s.want(
		s.post(
			"registrar", page+"/events/guardian",
			append(s.get("registrar", page+"/events/guardian").hidden(), "guardian", "001090999999", "on", "21/11/2026")...,
		),
		http.StatusUnprocessableEntity,
	)

	// Others: a wedding, a divorce, a death, a card, a new name, a temporary home.
	single := map[citizen.Sex]population.Person{}
	for _, p := range all {
		if p.Marital == "1" && p.Life == population.Alive && p.Birth.Year() > 1980 && p.Birth.Year() < 2002 && single[p.Sex].Number.IsZero() {
			single[p.Sex] = p
		}
	}
	groom := s.address(single[citizen.Male].Number)
	preview, done := s.record(groom, population.Marriage, "other", single[citizen.Female].Number.Reveal(), "on", "01/11/2026")
	s.want(preview, http.StatusOK, single[citizen.Female].Name, "Đang có vợ/chồng")
	s.want(done, http.StatusSeeOther)
	for _, step := range []struct {
		kind  population.Kind
		pairs []string
		want  string
	}{
		{population.NewCard, []string{"card", "CC", "serial", "S123", "on", "10/11/2026"}, "cấp 10/11/2026"},
		{population.NameChange, []string{"name", "Nguyễn Văn Đổi Tên", "on", "11/11/2026"}, "Nguyễn Văn Đổi Tên"},
		{population.MoveTemp, []string{"place", "Bến Thành, Hồ Chí Minh", "on", "12/11/2026"}, "Phường Bến Thành"},
		{population.MoveTemp, []string{"end", "1", "on", "13/11/2026"}, "Chấm dứt"},
		{population.MovePresent, []string{"place", "phuong ben thanh", "on", "14/11/2026"}, "Phường Bến Thành"},
		{population.Guardianship, []string{"guardian", thu.Reveal(), "on", "15/11/2026"}, "Nguyễn Văn Thử"},
		{population.Divorce, []string{"on", "16/11/2026"}, "Đã ly hôn"},
		{population.GoneMissing, []string{"on", "17/11/2026"}, "Mất tích từ 17/11/2026"},
		{population.FoundAgain, []string{"on", "18/11/2026"}, "Tìm thấy"},
		{population.Split, []string{"on", "18/11/2026"}, "Tách hộ"},
		{population.Death, []string{"on", "19/11/2026"}, "Đã mất từ 19/11/2026"},
	} {
		_, done := s.record(groom, step.kind, step.pairs...)
		if done.status != http.StatusSeeOther {
			t.Errorf("%s: got %d: %s", step.kind, done.status, done.text())
			continue
		}
		if step.want != "Chấm dứt" {
			s.want(s.get("registrar", groom), http.StatusOK, step.want)
		}
	}

	// The birth of the groom was written down wrongly.
	link := regexp.MustCompile(`href="([^"]*correction\?corrects=[^"]*)"`).FindAllStringSubmatch(s.get("registrar", groom).body, -1)
	open = s.get("registrar", html.UnescapeString(link[len(link)-1][1]))
	fields := []string{}
	for _, m := range regexp.MustCompile(`<input[^>]*>`).FindAllString(open.body, -1) {
		name, value := regexp.MustCompile(` name="([^"]*)"`).FindStringSubmatch(m), regexp.MustCompile(` value="([^"]*)"`).FindStringSubmatch(m)
		if name != nil && value != nil && !strings.Contains(m, `type="radio"`) && !strings.Contains(m, `type="hidden"`) {
			fields = append(fields, name[1], html.UnescapeString(value[1]))
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]*name="([^"]*)".*?</select>`).FindAllStringSubmatch(open.body, -1) {
		if v := regexp.MustCompile(`<option value="([^"]*)" selected`).FindStringSubmatch(m[0]); v != nil {
			fields = append(fields, m[1], v[1])
		}
	}
	fields = append(fields, "sex", "1")
	for i := 0; i < len(fields); i += 2 {
		if fields[i] == "birth" {
			fields[i+1] = "15/06/" + fields[i+1][strings.LastIndex(fields[i+1], "/")+1:]
		}
	}
	path, _, _ := strings.Cut(html.UnescapeString(link[len(link)-1][1]), "?")
	seen = s.post("registrar", path, append(open.hidden(), append(fields, "basis", "Giấy khai sinh 12")...)...)
	s.want(seen, http.StatusOK, "15/06/")
	s.want(s.post("registrar", path, append(seen.hidden(), "confirm", "1")...), http.StatusSeeOther)
	s.want(s.get("registrar", groom), http.StatusOK, "Sửa thông tin ghi sai", "15/06/")

	s.want(s.get("auditor", "/people/audit"), http.StatusOK, "Tra cứu bất thường")
	s.want(s.get("auditor", "/people/audit/officer?officer=registrar&agency="), http.StatusOK, "HS-7", "Phạm Thị Mẫu")
	s.want(s.get("auditor", "/people/statistics"), http.StatusOK, "người đang sống", "Hà Nội")
	s.want(s.get("auditor", "/people/statistics?provinces=63"), http.StatusOK, "Hà Nội")
}
