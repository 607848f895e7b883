package app

import (
	"encoding/csv"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/cleaning"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/identity/identitynode"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/population"
	"dean06/internal/population/populationnode"
)

// TestRegisterReachesAFile holds, with the real register, that what its clerks record reaches
// the rows of a file that was given out, no more than the file has columns for, and that each
// person told of finds it in their log.
func TestRegisterReachesAFile(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	c := config.Default(Shape().Sections...)
	c.Node.Role, c.DB.URL = Authority, "sqlite:"+config.Secret(filepath.Join(dir, "node.db"))
	c.Blob.Dir, c.Mail.Dir = filepath.Join(dir, "files"), filepath.Join(dir, "mail")
	config.In[exchangenode.GatewayConfig](c).Dir = filepath.Join(dir, "gateway")
	config.In[populationnode.Config](c).Dir = filepath.Join(dir, "own")
	config.In[identitynode.Config](c).Dir = filepath.Join(dir, "own", "identity")
	n, m, err := Open(ctx, Authority, node.Settings{Config: c, Relaxed: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	register, desk := m.Population.Register(), m.Cleaning.Desk()
	clerk := actor.Actor{Account: "a-1", Name: "Lê Thị Hồ", Agency: "G01", Roles: []string{population.Registrar, population.Administrator}}

	home := population.Place{Province: "01", Commune: "00097", Detail: "Số 1 phố Thử", Country: "VN"}
	var people, file strings.Builder
	w := csv.NewWriter(&people)
	_ = w.Write(population.Columns)
	file.WriteString("STT,Họ và tên,Ngày sinh,Số CCCD,Tỉnh\n")
	numbers := make([]citizen.Number, 60)
	for i := range numbers {
		p := population.Person{
			Number: citizen.NumberOf(1, 1950+i%40, citizen.Sex(1+i%2), 100+i), Name: fmt.Sprintf("Nguyễn Văn %s", strings.Repeat(string(rune('A'+i%25)), 1+i/25)),
			Birth: citizen.MustDay(fmt.Sprintf("%d-%02d-%02d", 1950+i%40, 1+i%12, 1+i%28)), Sex: citizen.Sex(1 + i%2), Ethnicity: "01", Religion: "00",
			Nationality: "VN", Blood: "00", Marital: "1", Permanent: home, Present: home, Birthplace: home, Origin: home, Life: population.Alive,
		}
		numbers[i] = p.Number
		_ = w.Write(population.Row(p))
		fmt.Fprintf(&file, "%d,%s,%s,%s,Hà Nội\n", i+1, p.Name, p.Birth, p.Number.Reveal())
	}
	w.Flush()
	fmt.Fprintf(&file, "61,Đoàn Trường Giang,05/11/2026,,Hà Nội\n")
	report, err := register.Load(ctx, strings.NewReader(people.String()), population.LoadOptions{Actor: clerk, Name: "t.csv"})
	if err != nil || report.Loaded != len(numbers) {
		t.Fatalf("%+v, %v", report, err)
	}
	b, err := desk.HandIn(ctx, clerk, cleaning.Draft{
		Name: "a.csv", Agency: "G24", Basis: "Công văn 1/BHXH", Purpose: "Bổ sung số định danh", Until: clock.DayOf(desk.Clock.Now()).AddDays(30),
	}, strings.NewReader(file.String()))
	if err == nil {
		err = desk.Map(ctx, clerk, b.ID, b.Layout.Kinds, false)
	}
	if err == nil {
		err = desk.Run(ctx, b.ID, func(int, int) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	record := func(e population.Event) string {
		t.Helper()
		e.Basis = "Giấy số 1 ngày 20/11/2026"
		done, err := register.Record(ctx, clerk, e)
		if err != nil {
			t.Fatalf("%s: %v", e.Kind, err)
		}
		return done.Event.ID
	}
	today := citizen.DayFrom(clock.DayOf(desk.Clock.Now()).AddDays(-1))
	// Before it is given out.
	record(population.Event{Kind: population.NameChange, On: today, Number: numbers[3], Facts: population.Person{Name: "Nguyễn Văn Mới"}})
	if _, err := desk.Store.Update(ctx, b.ID, "", clerk, func(b *cleaning.Batch) error { b.State = cleaning.Released; return nil }); err != nil {
		t.Fatal(err)
	}
	record(population.Event{Kind: population.Death, On: today, Number: numbers[5]})
	near := home
	near.Detail = "Số 2 phố Thử"
	record(population.Event{Kind: population.MovePerm, On: today, Number: numbers[6], Facts: population.Person{Permanent: near}}) // in the same province
	far := population.Place{Province: "19", Commune: "05443", Detail: "Xóm 1", Country: "VN"}
	record(population.Event{Kind: population.MovePerm, On: today, Number: numbers[7], Facts: population.Person{Permanent: far}})
	if list, err := jobs.List(ctx, n.DB, jobs.Filter{Kind: "cleaning.alive", State: jobs.Queued, Limit: 10}); err != nil || len(list) < 2 {
		t.Errorf("%d jobs wait, %v", len(list), err)
	}
	for range 2 {
		if err := desk.Alive(ctx, true); err != nil {
			t.Fatal(err)
		}
	}
	changes, err := desk.Changes(ctx, clerk, b.ID, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		line := fmt.Sprint(c.Row, " ", c.Kind)
		for _, f := range c.Fields {
			line += fmt.Sprintf(" %s: %s → %s", f.What, f.From, f.To)
		}
		got = append(got, line)
	}
	want := []string{
		"4 name name: Nguyễn Văn D → Nguyễn Văn Mới", "6 death", "8 move province: Thành phố Hà Nội → Tỉnh Thái Nguyên",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("changes:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, lines := range map[int]int{3: 2, 5: 2, 6: 1, 7: 2, 8: 1} { // who was matched, and told of
		list, err := register.Store.Lookups(ctx, numbers[i], population.Period{}, "", 10)
		here := 0
		for _, l := range list {
			if l.Dossier == b.Code() {
				here++
			}
		}
		if err != nil || here != lines {
			t.Errorf("the log of person %d has %d lines of the file, want %d, %v", i, here, lines, err)
		}
	}

	// Who comes with a load is found, and may be told apart.
	late := strings.Replace(strings.Split(people.String(), "\n")[1], "Nguyễn Văn A", "Đoàn Trường Giang", 1)
	late = strings.Replace(late, numbers[0].Reveal(), citizen.NumberOf(1, 2026, citizen.Male, 777777).Reveal(), 1)
	late = strings.Replace(late, "1950-01-01", "2026-11-05", 1)
	file2 := strings.Split(people.String(), "\n")[0] + "\n" + late + "\n"
	report, err = register.Load(ctx, strings.NewReader(file2), population.LoadOptions{Actor: clerk, Name: "late.csv"})
	if err != nil || report.Loaded != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	for range 2 {
		if err := desk.Alive(ctx, true); err != nil {
			t.Fatal(err)
		}
	}
	row, err := desk.Store.Row(ctx, b.ID, 61)
	if err != nil || row.Person.IsZero() && len(row.Candidates) == 0 {
		t.Errorf("row 61 is %s of %v, %v", row.Outcome, row.Person, err)
	}
}
