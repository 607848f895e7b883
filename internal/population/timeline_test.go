package population

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"dean06/internal/citizen"
)

var opts = cmp.Options{
	cmp.Comparer(func(a, b citizen.Number) bool { return a == b }),
	cmp.Comparer(func(a, b citizen.OldNumber) bool { return a == b }),
	cmpopts.EquateEmpty(),
}

var someone = citizen.MustNumber("001090000001")

// anEvents draws what may have happened to somebody, in the order in which it was
// recorded, with corrections of earlier events and of corrections.
func anEvents(t *rapid.T) []Event {
	recorded := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	events := []Event{{
		ID: "0", Kind: Registration, On: citizen.MustDay("1990-01-01"), RecordedAt: recorded, Number: someone,
		Parts: []Part{
			{
				Number: someone,
				Fields: PersonFields.state,
				Facts:  Person{Number: someone, Name: "A", Birth: citizen.MustDay("1990-01-01"), Life: Alive, Marital: Single},
			},
		},
	}}
	for i := range rapid.IntRange(0, 8).Draw(t, "events") {
		recorded = recorded.Add(time.Duration(rapid.IntRange(1, 1000).Draw(t, "later")) * time.Microsecond)
		e := Event{
			ID:         fmt.Sprint(i + 1),
			RecordedAt: recorded,
			Number:     someone,
			On:         citizen.Day(20260101 + rapid.IntRange(0, 27).Draw(t, "day")),
		}
		part := Part{Number: someone}
		word := fmt.Sprint("v", i)
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			e.Kind, part.Fields, part.Facts = MovePerm, []Field{
				FieldPermanent,
			}, Person{
				Permanent:      Place{Detail: word},
				PermanentSince: e.On,
			}
		case 1:
			e.Kind, part.Fields, part.Facts = NameChange, []Field{FieldName}, Person{Name: word}
		case 2:
			e.Kind, part.Fields, part.Facts = NewCard, []Field{FieldCards}, Person{Cards: []Card{{Serial: word}}}
		case 3:
			e.Kind, part.Fields, part.Facts = Death, []Field{FieldLife}, Person{Life: Dead, Ended: e.On}
		default:
			target := events[rapid.IntRange(0, len(events)-1).Draw(t, "target")]
			e.Kind, e.Corrects = Correction, target.ID
			part.Fields = []Field{rapid.SampledFrom(target.Parts[0].Fields).Draw(t, "field")}
			said := Person{
				Name: word, Permanent: Place{Detail: word}, Cards: []Card{{Serial: word}},
				Life: Dead, Ended: citizen.Day(20260201), Birth: citizen.MustDay("1990-02-02"),
			}
			part.Facts = PersonFields.Only(&said, part.Fields)
		}
		e.Parts = []Part{part}
		events = append(events, e)
	}
	return events
}

// TestOrderOfReadingDoesNotMatter: the state follows from the times of events alone.
func TestOrderOfReadingDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := anEvents(t)
		on := citizen.Day(20260101 + rapid.IntRange(-1, 40).Draw(t, "on"))
		want, _ := PersonFields.stateOf(events, someone, on, time.Time{})
		mixed := slices.Clone(events)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		got, _ := PersonFields.stateOf(mixed, someone, on, time.Time{})
		if d := cmp.Diff(want, got, opts); d != "" {
			t.Fatalf("in another order (-want +got):\n%s", d)
		}
	})
}

// TestWhatWasKnownStays: whatever is recorded later, the past as it was known does not change.
func TestWhatWasKnownStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := anEvents(t)
		n := rapid.IntRange(1, len(events)).Draw(t, "known")
		on := citizen.Day(20260101 + rapid.IntRange(-1, 40).Draw(t, "on"))
		want, _ := PersonFields.stateOf(events[:n], someone, on, time.Time{})
		got, _ := PersonFields.stateOf(events, someone, on, events[n-1].RecordedAt)
		if d := cmp.Diff(want, got, opts); d != "" {
			t.Fatalf("known then (-want +got):\n%s", d)
		}
	})
}

// TestLastCorrectionHolds: of corrections of one field of one event, also of corrections
// of corrections, the one recorded last holds, and nothing is erased.
func TestLastCorrectionHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := anEvents(t)[:1]
		last := "A"
		for i := range rapid.IntRange(1, 6).Draw(t, "corrections") {
			last = fmt.Sprint("name ", i)
			events = append(events, Event{
				ID: fmt.Sprint("c", i), Kind: Correction, Corrects: events[rapid.IntRange(0, len(events)-1).Draw(t, "target")].ID,
				RecordedAt: events[0].RecordedAt.Add(time.Duration(i+1) * time.Second),
				Parts:      []Part{{Number: someone, Fields: []Field{FieldName}, Facts: Person{Name: last}}},
			})
		}
		p, ok := PersonFields.stateOf(events, someone, 0, time.Time{})
		if !ok || p.Name != last || p.Version != int64(len(events)) {
			t.Fatalf("name = %q, version %d; want %q", p.Name, p.Version, last)
		}
		if p, _ := PersonFields.stateOf(events, someone, 0, events[0].RecordedAt); p.Name != "A" {
			t.Fatalf("before = %q", p.Name)
		}
	})
}

// TestLateEventIsOfItsDay: an event that comes late about the past changes that past and
// what nothing later overrode, not what is.
func TestLateEventIsOfItsDay(t *testing.T) {
	t.Parallel()
	events := anEventsFixed()
	late := Event{
		ID: "late", Kind: MovePerm, On: citizen.MustDay("2026-01-05"), RecordedAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Number: someone,
		Parts: []Part{
			{
				Number: someone,
				Fields: []Field{FieldPermanent},
				Facts:  Person{Permanent: Place{Detail: "between"}, PermanentSince: citizen.MustDay("2026-01-05")},
			},
		},
	}
	events = append(events, late)
	for on, want := range map[string]string{"2026-01-04": "", "2026-01-06": "between", "2026-01-10": "later"} {
		if p, _ := PersonFields.stateOf(events, someone, citizen.MustDay(on), time.Time{}); p.Permanent.Detail != want {
			t.Errorf("on %s = %q, want %q", on, p.Permanent.Detail, want)
		}
	}
}

func anEventsFixed() []Event {
	recorded := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return []Event{
		{
			ID:         "0",
			Kind:       Registration,
			On:         citizen.MustDay("1990"),
			RecordedAt: recorded,
			Parts:      []Part{{Number: someone, Fields: PersonFields.state, Facts: Person{Number: someone, Name: "A", Life: Alive}}},
		},
		{
			ID:         "1",
			Kind:       MovePerm,
			On:         citizen.MustDay("2026-01-10"),
			RecordedAt: recorded.Add(time.Hour),
			Number:     someone,
			Parts: []Part{
				{
					Number: someone,
					Fields: []Field{FieldPermanent},
					Facts:  Person{Permanent: Place{Detail: "later"}, PermanentSince: citizen.MustDay("2026-01-10")},
				},
			},
		},
	}
}

// TestShuffleIsAPermutation: each serial of a slot is given once.
func TestShuffleIsAPermutation(t *testing.T) {
	t.Parallel()
	const size = serials / 2
	seen := map[int]bool{}
	rising, last := 0, -1
	for k := range 5000 {
		v := shuffle([]byte("key"), 1090, k, size)
		if v < 0 || v >= size || seen[v] {
			t.Fatalf("%d → %d, out of range or twice", k, v)
		}
		seen[v] = true
		if v == last+1 {
			rising++
		}
		last = v
	}
	if rising > 10 {
		t.Errorf("%d of 5000 follow one another", rising)
	}
}

// FuzzUnderstand: whatever is typed, reading it never panics and invents no words.
func FuzzUnderstand(f *testing.F) {
	for _, s := range []string{
		"Thử Nguyễn Văn 1990", "nguyen van thu 01/1990 xã Phúc Xá", "001090000001", "012345678 thu", "p phuc xa", "1.1.1990 ơi", "thị trấn",
		"xa xa xa",
	} {
		f.Add(s)
	}
	r := New(Parts{Units: oneUnit{}})
	f.Fuzz(func(t *testing.T, text string) {
		readings, err := r.understand(text)
		if err == nil && (len(readings) == 0 || len(readings) > maxReadings) {
			t.Errorf("%d readings of %q", len(readings), text)
		}
		for i := range readings {
			u := &readings[i]
			if parts := u.notUnderstood(); !strings.Contains(u.text, strings.Join(parts[:min(1, len(parts))], "")) {
				t.Errorf("%q is not in %q", parts, u.text)
			}
			if len(strings.Fields(u.Name)) > maxSearchWords {
				t.Errorf("%q of %q", u.Name, text)
			}
		}
	})
}

// oneUnit is a country of one commune.
type oneUnit struct{ Units }

func (oneUnit) Names() []UnitName {
	return []UnitName{{CommuneLevel, Unit{Code: "00001", Name: "Phường Phúc Xá", District: "001", Province: "01"}}}
}

func (oneUnit) Successors(string) []string { return nil }
func (oneUnit) Old(string) []string        { return nil }
