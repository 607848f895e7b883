package journeys

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/ui/uitest"
	"dean06/internal/population"
)

// followed is a file after it was given out: somebody of it dies, somebody is called otherwise,
// and its page comes to say so; the values stand in a signed file, and on the row's page.
func (l *land) followed(t *testing.T, clerk, phone *person, at string, rows [][]string) {
	t.Helper()
	clerk.open(at)
	clerk.sees("clean.batch.changes", map[string]any{"n": 0})
	register := l.country.Node("authority").Modules.Population.Register()
	who := actor.Actor{Account: "system:journey", Name: "Vũ Thị Hộ Tịch", Agency: "G01", Roles: []string{population.Registrar}}
	on := citizen.DayFrom(clock.DayOf(register.Clock.Now()).AddDays(-1))
	events := []population.Event{
		{Kind: population.NameChange, Facts: population.Person{Name: "Nguyễn Thị Tên Mới"}}, {Kind: population.Death},
	}
	for _, row := range rows[1:] {
		n, err := citizen.ParseNumber(row[len(row)-4])
		if err != nil || len(events) == 0 {
			continue
		}
		e := events[0]
		e.Number, e.On, e.Basis = n, on, "Giấy tờ số 15/2026 ngày 20/11/2026"
		if _, err := register.Record(t.Context(), who, e); err == nil { // of some it asks more than is known here
			events = events[1:]
		}
	}
	if len(events) > 0 {
		t.Fatalf("nobody of the file could be recorded: %v", events)
	}
	for end := time.Now().Add(uitest.Patience); !clerk.has("clean.batch.changes", map[string]any{"n": 2}); clerk.open(at) {
		if time.Now().After(end) {
			clerk.fail("the changes do not come")
		}
		time.Sleep(500 * time.Millisecond)
	}
	clerk.picture("cleaning-alive")
	clerk.click("clean.batch.changes", map[string]any{"n": 2})
	clerk.sees("cleaning.change.death")
	clerk.sees("cleaning.change.name")
	if strings.Contains(clerk.text(), "Tên Mới") {
		t.Error("the list tells values, and nobody's look is logged")
	}
	clerk.picture("cleaning-changes")
	file, _ := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(clerk.download(at+"/files/changes-2.csv"), []byte("\ufeff")))).ReadAll()
	if len(file) != 3 || file[1][6] != "Nguyễn Thị Tên Mới" {
		t.Errorf("the file of changes: %v", file)
	}
	clerk.refused(at + "/files/changes-3.csv")
	phone.open(at + "/changes")
	phone.picture("cleaning-changes-phone")
	phone.open(at + "/rows/" + file[1][1])
	phone.sees("cleaning.change.name")
	phone.picture("cleaning-row-since")
}
