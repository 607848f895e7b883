package readiness_test

import (
	"os"
	"testing"

	"dean06/internal/readiness"
)

// clinics is the second, different form: thirty rows of numbers, days, yes or no.
func clinics(t testing.TB) *readiness.Template {
	t.Helper()
	raw, err := os.ReadFile("testdata/clinics.json")
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := readiness.LoadTemplate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func TestSecondForm(t *testing.T) {
	t.Parallel()
	tpl := clinics(t)
	rows := 0
	for _, r := range tpl.Rows {
		if r.Answered() {
			rows++
		}
	}
	if rows < 30 || tpl.Repeats() || len(tpl.OwnColumns()) != 3 {
		t.Errorf("%d rows, own columns %v", rows, tpl.OwnColumns())
	}
	tasks := readiness.Tasks(tpl, readiness.Return{}, readiness.Province)
	var keys []string
	for _, task := range tasks {
		keys = append(keys, task.Key)
	}
	if len(tasks) != 6 || keys[0] != "contact" || keys[5] != "difficulties" {
		t.Errorf("tasks %v", keys)
	}
}
