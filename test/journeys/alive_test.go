package journeys

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
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
	// Others of the country are born, move and die meanwhile, and may stand in the file too.
	for end := time.Now().Add(uitest.Patience); ; time.Sleep(500 * time.Millisecond) {
		clerk.open(at + "/changes")
		if clerk.has("cleaning.change.death") && clerk.has("cleaning.change.name") {
			break
		}
		if time.Now().After(end) {
			clerk.fail("the changes do not come")
		}
	}
	clerk.picture("cleaning-changes")
	if strings.Contains(clerk.text(), "Tên Mới") {
		t.Error("the list tells values, and nobody's look is logged")
	}
	href := clerk.href("clean.changes.csv")
	file, _ := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(clerk.download(href), []byte("\ufeff")))).ReadAll()
	named := slices.IndexFunc(file, func(row []string) bool { return len(row) > 6 && row[6] == "Nguyễn Thị Tên Mới" })
	if named < 1 || !strings.HasSuffix(href, fmt.Sprintf("/changes-%d.csv", len(file)-1)) {
		t.Fatalf("the file of changes %s: %v", href, file)
	}
	clerk.refused(at + "/files/changes-999.csv")
	clerk.open(at)
	clerk.picture("cleaning-alive")
	phone.open(at + "/changes")
	phone.picture("cleaning-changes-phone")
	phone.open(at + "/rows/" + file[named][1])
	phone.sees("cleaning.change.name")
	phone.picture("cleaning-row-since")
}
