package populationweb_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// TestAskedAtTheDesk: a child is registered twice; the second time the register asks.
func TestAskedAtTheDesk(t *testing.T) {
	t.Parallel()
	reg, _ := realRegister(t, 800)
	s := newSiteOf(t, reg)
	s.begin()
	page := s.address(thu)
	form := page + "/events/birth"
	typed := []string{
		"name", "Nguyễn Thị Bé", "on", "20/11/2026", "sex", "2", "mother", "001*******01", "father", "001*******01", "ethnicity", "01",
		"religion", "00", "birthplace", "phường Hồng Hà, Hà Nội", "basis", "Giấy chứng sinh 12",
	}
	_, first := s.record(page, population.Birth, typed...)
	number := regexp.MustCompile(`001326\d{6}`).FindString(first.text())
	if number == "" {
		t.Fatalf("no number: %s", first.text())
	}

	open := s.get("registrar", form)
	seen := s.post("registrar", form, append(open.hidden(), typed...)...)
	s.want(seen, http.StatusOK, "Trẻ này có vẻ đã được đăng ký khai sinh", "Nguyễn Thị Bé", "Giấy chứng sinh 12", "Lê Thị Vợ")
	if strings.Contains(seen.body, number) {
		t.Error("the number is shown unmasked")
	}
	field := regexp.MustCompile(`name="(answer-birth_again-[0-9a-f]+)"`).FindStringSubmatch(seen.body)
	if field == nil {
		t.Fatalf("no field for the reason: %s", seen.body)
	}
	// Without a reason, and with one that says nothing, it is asked again beside the field.
	none := s.post("registrar", form, append(seen.hidden(), "confirm", "1")...)
	s.want(none, http.StatusUnprocessableEntity, `href="#`+field[1]+`"`, "Hãy trả lời câu hỏi này")
	short := s.post("registrar", form, append(seen.hidden(), "confirm", "1", field[1], "ok")...)
	s.want(short, http.StatusUnprocessableEntity, `href="#`+field[1]+`"`, "Hãy viết lý do", ">ok</textarea>")
	// One goes back with what was typed.
	s.want(s.post("registrar", form, append(seen.hidden(), "change", "1")...), http.StatusOK, `value="Nguyễn Thị Bé"`)
	// Or goes on with a reason; a second click records nothing twice.
	why := "Sinh đôi cùng tên gọi ở nhà, đã xem giấy chứng sinh 13"
	var numbers []string
	for range 2 {
		done := s.post("registrar", form, append(short.hidden(), "confirm", "1", field[1], why)...)
		s.want(done, http.StatusOK)
		numbers = append(numbers, regexp.MustCompile(`001326\d{6}`).FindString(done.text()))
	}
	if numbers[0] == "" || numbers[0] != numbers[1] || numbers[0] == number {
		t.Errorf("numbers = %v beside %s", numbers, number)
	}
	s.want(s.get("registrar", s.address(citizen.MustNumber(numbers[0]))), http.StatusOK, "Đã được hỏi trước khi ghi", why)
	// The child of whom was told sees that somebody looked.
	looked, err := reg.Store.Lookups(t.Context(), citizen.MustNumber(number), population.Period{}, "", 10)
	if err != nil || len(looked) == 0 {
		t.Errorf("look-ups of the first child = %v, %v", looked, err)
	}
}

// TestHeadAtTheDesk: who is left in a household is asked for when it does not follow.
func TestHeadAtTheDesk(t *testing.T) {
	t.Parallel()
	reg, all := realRegister(t, 2000)
	s := newSiteOf(t, reg)
	s.begin()
	houses := map[string][]population.Person{}
	for _, p := range all {
		if p.Life == population.Alive && p.Household != "" {
			houses[p.Household] = append(houses[p.Household], p)
		}
	}
	var head population.Person
	for _, house := range houses {
		grown, spouse := 0, false
		var h population.Person
		for _, p := range house {
			switch {
			case p.Relation == population.HeadOfHousehold:
				h = p
			case p.Relation == "CH02":
				spouse = true
			case p.Birth.Year() < 2007:
				grown++
			}
		}
		if !spouse && grown > 1 && (head.Number.IsZero() || h.Number.Int() < head.Number.Int()) {
			head = h
		}
	}
	if head.Number.IsZero() {
		t.Fatal("no such household among those invented")
	}
	page := s.address(head.Number)
	form := page + "/events/death"
	open := s.get("registrar", form)
	seen := s.post("registrar", form, append(open.hidden(), "on", "20/11/2026", "basis", "Giấy báo tử 3")...)
	s.want(seen, http.StatusOK, "Ai là chủ hộ mới?")
	s.want(s.post("registrar", form, append(seen.hidden(), "confirm", "1")...), http.StatusUnprocessableEntity, `href="#head"`)
	option := regexp.MustCompile(`name="head"[^>]*value="([^"]+)"`).FindStringSubmatch(seen.body)
	if option == nil {
		option = regexp.MustCompile(`value="([^"]+)"[^>]*name="head"`).FindStringSubmatch(seen.body)
	}
	if option == nil {
		t.Fatalf("nobody to choose: %s", seen.body)
	}
	next := s.post("registrar", form, append(seen.hidden(), "confirm", "1", "head", option[1])...)
	for next.status == http.StatusUnprocessableEntity {
		pairs := append(next.hidden(), "confirm", "1")
		left := regexp.MustCompile(`<select[^>]*name="(left-[^"]+)"`).FindAllStringSubmatch(next.body, -1)
		if len(left) == 0 {
			t.Fatalf("refused for what? %s", next.text())
		}
		for _, m := range left {
			pairs = append(pairs, m[1], "CH10")
		}
		next = s.post("registrar", form, pairs...)
	}
	s.want(next, http.StatusSeeOther)
	v, err := reg.Store.Members(t.Context(), head.Household)
	heads := 0
	for _, m := range v {
		if m.Relation == population.HeadOfHousehold {
			heads++
		}
	}
	if err != nil || heads != 1 {
		t.Errorf("%d heads of %d, %v", heads, len(v), err)
	}
}
