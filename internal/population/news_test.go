package population_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// TestNews: what a subscriber hears by each field, and nothing of what did not change.
func TestNews(t *testing.T) {
	t.Parallel()
	old, err := citizen.ParseOldNumber("012345678")
	if err != nil {
		t.Fatal(err)
	}
	change := population.Change{
		Event: "e-1", Kind: population.Death, Number: citizen.MustNumber("001060000001"), On: citizen.MustDay("2026-11-01"),
		RecordedAt: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC), Version: 7,
		Fields: []population.Field{population.FieldOldNumber, population.FieldName, population.FieldHousehold, population.FieldLife},
		Facts: population.Person{
			OldNumbers: []citizen.OldNumber{old}, Name: "Nguyễn Văn Cha", Household: "000000002", Relation: "CH01",
			Life: population.Dead, Ended: citizen.MustDay("2026-11-01"),
		},
	}
	news, err := population.PersonFields.News(change)
	if err != nil || news.EventType != "death" {
		t.Fatalf("news = %+v, %v", news, err)
	}
	got := map[string]string{}
	for name, v := range news.Fields {
		got[name] = string(v)
	}
	want := map[string]string{
		"event": `"e-1"`, "kind": `"death"`, "of": `""`, "on": `"2026-11-01"`, "recorded_at": `"2026-11-02T03:04:05Z"`, "version": "7",
		"changed": `["old_number","name","household","life"]`, "number": `"001060000001"`,
		"old_number": `["012345678"]`, "name": `"Nguyễn Văn Cha"`, "household": `{"household":"000000002","relation":"CH01"}`,
		"life": `{"ended":"2026-11-01","life":"dead"}`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("news (-want +got):\n%s", d)
	}
	// Everybody hears that there was a change, and by that alone not of whom.
	for _, name := range population.Heard {
		if _, ok := news.Fields[name]; !ok {
			t.Errorf("%s is heard by all and not there", name)
		}
	}
	for _, f := range population.Fields {
		if slices.Contains(population.Heard, string(f)) {
			t.Errorf("%s is told without a right to it", f)
		}
	}
	raw, err := json.Marshal(news)
	if err != nil {
		t.Fatal(err)
	}
	var shape map[string]json.RawMessage
	if err := json.Unmarshal(raw, &shape); err != nil || len(shape) != 2 || shape["event_type"] == nil || shape["fields"] == nil {
		t.Errorf("%s, %v; want event_type and fields", raw, err)
	}
	if types := population.EventTypes(); len(types) != len(population.Kinds)+2 || types[0] != "registration" {
		t.Errorf("types = %v", types)
	}
}

// TestReportsNameNobody: what a report of a load says of a file with shifted columns, or
// without a header, is no name.
func TestReportsNameNobody(t *testing.T) {
	t.Parallel()
	r := population.New(population.Parts{Store: &taking{}, Clock: testClock{}, NewID: func() string { return "1" }})
	load := func(text string) (population.LoadReport, error) {
		return r.Load(t.Context(), reader(text), population.LoadOptions{Actor: administrator})
	}
	report, err := load("number,name,birth,sex,ethnicity,nationality\n001090000001,1990-01-01,1990,Nguyễn Văn Thử,,\n" +
		"001090000002,A,1990,1,TRAN THI ME,\n001090000003,A,1990,1,98,\n001090000004,A,1990,1,,Nguyễn\n")
	if err != nil || report.Bad != 4 {
		t.Fatalf("report = %+v, %v", report, err)
	}
	var codes []any
	for _, b := range report.BadRows {
		codes = append(codes, b.Args["code"])
	}
	if d := cmp.Diff([]any{"…", "…", "98", "…"}, codes); d != "" {
		t.Errorf("codes (-want +got):\n%s", d)
	}
	for text, want := range map[string]string{
		"001090000001,Nguyễn Văn Thử,1990,1\n": "1", "number,NGUYEN VAN THU\n": "2", "number,brith\n": "brith", "number,number\n": "number",
	} {
		_, err := load(text)
		if f := faultOf(err); f == nil || f.Args["column"] != want {
			t.Errorf("%q: %v, want column %s", text, err, want)
		}
	}
}
