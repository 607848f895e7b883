package populationsql_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

func child(name, day string) population.Event {
	return population.Event{Kind: population.Birth, On: citizen.MustDay(day), Basis: "Giấy khai sinh số 7", Facts: population.Person{
		Name: name, Sex: citizen.Male, Birthplace: population.Place{Province: "01", Commune: "00097"},
		Mother: population.Relative{Number: wife}, Father: population.Relative{Number: thu},
	}}
}

// recordAnswered records what is asked about, with a reason.
func recordAnswered(t *testing.T, r *population.Register, e population.Event) {
	t.Helper()
	would, err := r.Preview(t.Context(), atDesk, e)
	if err != nil || len(would.Questions) == 0 {
		t.Fatalf("questions = %v, %v", would.Questions, err)
	}
	e.Answers = map[string]string{}
	for _, q := range would.Questions {
		e.Answers[q.Code] = "Đã xem giấy tờ gốc"
	}
	record(t, r, e)
}

// TestAnswersAreKept: with the event, and in the audit log.
func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, _ := register(t, db)
		load(t, r, thuFamily())
		record(t, r, child("Nguyễn Văn Mới", "2026-11-01"))
		e := child("Nguyễn Văn Mới", "2026-11-01")
		var open population.Questions
		if _, err := r.Record(t.Context(), clerk, e); !errors.As(err, &open) || len(open) != 1 || open[0].Kind != population.BirthAgain {
			t.Fatalf("questions = %v, %v", open, err)
		}
		e.Answers = map[string]string{open[0].Code: "Sinh đôi, hai giấy chứng sinh"}
		done := record(t, r, e)
		v, err := r.View(t.Context(), atDesk, done.Event.Number)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(e.Answers, v.Events[0].Answers); d != "" {
			t.Errorf("kept (-given +kept):\n%s", d)
		}
		detail, err := sqldb.One[string](t.Context(), db, `SELECT details FROM audit_entry WHERE subject_id = $1`, done.Event.ID)
		if err != nil || !strings.Contains(detail, `"answer.birth_again":"Sinh đôi, hai giấy chứng sinh"`) {
			t.Errorf("audit = %s, %v", detail, err)
		}
	})
}

// TestCardOfAnother: of people who were loaded, and of those who were given a card.
func TestCardOfAnother(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, _ := register(t, db)
		load(t, r, thuFamily())
		card := func(n citizen.Number, serial string) population.Event {
			return population.Event{Kind: population.NewCard, Number: n, On: citizen.MustDay("2026-11-10"), Facts: population.Person{
				Cards: []population.Card{{Kind: "CCCD", Serial: serial}},
			}}
		}
		asked := func(e population.Event) bool {
			would, err := r.Preview(t.Context(), atDesk, e)
			if err != nil {
				t.Fatal(err)
			}
			return len(would.Questions) == 1 && would.Questions[0].Kind == population.CardTaken && would.Questions[0].Facts[0].Number == thu
		}
		if !asked(card(wife, "A1")) || asked(card(wife, "A2")) {
			t.Error("the serial of a loaded card is not asked about, or another is")
		}
		record(t, r, card(thu, "A2"))
		if !asked(card(wife, "A1")) || !asked(card(wife, "A2")) {
			t.Error("the serial of a card before, or of one given here, is not asked about")
		}
	})
}

// TestTwoClerksOneBirth: of those who write one child down at the same moment, one is
// not asked and all others are.
func TestTwoClerksOneBirth(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		r, _ := register(t, db)
		load(t, r, thuFamily())
		orphan := child("Nguyễn Văn Côi", "2026-11-01")
		orphan.Facts.Mother, orphan.Facts.Father = population.Relative{}, population.Relative{}
		for _, e := range []population.Event{child("Nguyễn Văn Mới", "2026-11-02"), orphan} {
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				wg.Go(func() { _, errs[i] = r.Record(t.Context(), clerk, e) })
			}
			wg.Wait()
			written := 0
			for _, err := range errs {
				var open population.Questions
				switch {
				case err == nil:
					written++
				case !errors.As(err, &open):
					t.Errorf("%s: %v", e.Facts.Name, err)
				}
			}
			if written != 1 {
				t.Errorf("%s is written %d times", e.Facts.Name, written)
			}
		}
	})
}
