package programme_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"dean06/data"
	"dean06/internal/org"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/programme"
)

// TestPublishedFigures: each figure that a source document prints comes out of rows of the
// demo, or is of another register; both parts of a fraction.
func TestPublishedFigures(t *testing.T) {
	t.Parallel()
	defs, published := definitions(t)
	if len(published) != 56 {
		t.Errorf("%d published figures, want 56", len(published))
	}
	books := map[clock.Date]*programme.Book{}
	for _, p := range published {
		i := slices.IndexFunc(defs, func(d programme.Definition) bool { return d.Key == p.Key })
		if defs[i].From == programme.FromReadiness {
			continue
		}
		if books[p.AsOf] == nil {
			books[p.AsOf] = known(t, p.AsOf)
		}
		f := books[p.AsOf].Compute(&defs[i])
		if fmt.Sprint(f.Value) != fmt.Sprint(p.Value) {
			t.Errorf("%s on %s: got %v, published %v", p.Key, p.AsOf, f.Value, p.Value)
		}
		if p.Of != nil && (f.Of == nil || *f.Of != *p.Of) {
			t.Errorf("%s on %s: of %v, published of %d", p.Key, p.AsOf, f.Of, *p.Of)
		}
		if n := len(books[p.AsOf].Behind(&defs[i])); f.Rows == 0 || n == 0 {
			t.Errorf("%s comes of no row", p.Key)
		}
	}
}

// TestWhatWasKnownThen: what was recorded later changes no figure of before.
func TestWhatWasKnownThen(t *testing.T) {
	t.Parallel()
	defs, _ := definitions(t)
	value := func(key, on string) any {
		i := slices.IndexFunc(defs, func(d programme.Definition) bool { return d.Key == key })
		return known(t, day(on)).Compute(&defs[i]).Value
	}
	for _, tt := range []struct {
		key, on string
		want    any
	}{
		{"tasks.central.specific", "2022-01-31", nil}, // nothing is known yet: that is not none
		{"tasks.central.done", "2021-01-01", nil},
		{"tasks.central.done", "2022-02-01", 0}, // 89 are known, and none of them is done
		{"inspections.localities_not_secure", "2022-08-08", 0},
		{"inspections.localities_not_secure", "2022-07-01", nil},
		{"identity.accounts", "2022-08-08", nil},
		{"doses.not_entered", "2022-09-28", nil}, // other reported figures are known
		{"procedure_system.findings", "2023-04-03", nil},
		{"tasks.central.specific", "2023-04-04", 98}, // those of the meeting of 2023 are not of the decision
		{"local_agenda.contents", "2022-09-30", nil},
		{"law.household_book_documents", "2023-04-03", nil},
		{"law.ministries_review_unfinished", "2022-08-09", 23},
		{"milestone.household_book_ends", "2022-08-09", nil},
	} {
		if got := value(tt.key, tt.on); got != tt.want {
			t.Errorf("%s on %s = %v, want %v", tt.key, tt.on, got, tt.want)
		}
	}
}

func definitions(t testing.TB) ([]programme.Definition, []programme.Published) {
	t.Helper()
	f, err := data.Programme.Open("programme/figures.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := data.Programme.Open("programme/published.json")
	if err != nil {
		t.Fatal(err)
	}
	defs, published, err := programme.ReadDefinitions(f, p)
	if err != nil {
		t.Fatal(err)
	}
	return defs, published
}

func kinds(t testing.TB) programme.Kinds {
	t.Helper()
	f, err := data.Programme.Open("programme/kinds.json")
	if err != nil {
		t.Fatal(err)
	}
	ks, err := programme.ReadKinds(f)
	if err != nil {
		t.Fatal(err)
	}
	return ks
}

// TestDemoRowsAreGood: the demo's rows and tasks pass the checks that people's do, and
// figures ask only for what there is.
func TestDemoRowsAreGood(t *testing.T) {
	t.Parallel()
	ks := kinds(t)
	defs, _ := definitions(t)
	for _, d := range defs {
		if _, ok := ks.Kind(d.From); !ok && !slices.Contains([]string{
			programme.FromTasks, programme.FromUnits, programme.FromDirectives, programme.FromReadiness,
		}, d.From) {
			t.Errorf("%s counts rows of %q, which there are not", d.Key, d.From)
		}
	}
	b := known(t, day("2026-12-01"))
	for i := range b.Records {
		r := b.Records[i]
		k, ok := ks.Kind(r.Kind)
		if !ok {
			t.Fatalf("%s is in no register", r.ID)
		}
		r.Fields = maps.Clone(r.Fields) // others read it
		if err := r.Check(k, vietnam(), day("2026-12-01")).Err(); err != nil {
			t.Errorf("%s: %v", r.ID, err)
		}
	}
	for i := range b.Tasks {
		task := &b.Tasks[i]
		parent, _ := b.Task(task.Parent)
		if err := task.Check(vietnam(), parent).Err(); err != nil {
			t.Errorf("%s: %v", task.Code, err)
		}
	}
}

func TestReadKindsRefuses(t *testing.T) {
	t.Parallel()
	good := `{"code":"a","name":{"vi":"A","en":"A"},"one":{"vi":"A","en":"A"},"states":[{"code":"x"}],"fields":[%s]}`
	for name, text := range map[string]string{
		"no state":            `[{"code":"a","name":{"vi":"A","en":"A"},"one":{"vi":"A","en":"A"}}]`,
		"twice":               `[` + fmt.Sprintf(good, "") + `,` + fmt.Sprintf(good, "") + `]`,
		"unknown type":        `[` + fmt.Sprintf(good, `{"key":"k","name":{"vi":"K","en":"K"},"type":"date"}`) + `]`,
		"choice of nothing":   `[` + fmt.Sprintf(good, `{"key":"k","name":{"vi":"K","en":"K"},"type":"choice"}`) + `]`,
		"field without names": `[` + fmt.Sprintf(good, `{"key":"k","type":"text"}`) + `]`,
		"unknown key":         `[{"cod":"a"}]`,
	} {
		if _, err := programme.ReadKinds(strings.NewReader(text)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestRecordCheck(t *testing.T) {
	t.Parallel()
	ks := kinds(t)
	k, _ := ks.Kind("difficulty")
	training, _ := ks.Kind("training")
	good := func() programme.Record {
		return programme.Record{
			Kind: "difficulty", Title: "Chưa có kinh phí", Owner: "H55", State: "open", Since: day("2026-11-30"),
			Fields: map[string]string{"to": "G12", "question": "Nguồn nào?"},
		}
	}
	for _, tt := range []struct {
		name, field string
		kind        *programme.Kind
		do          func(r *programme.Record)
	}{
		{name: "good", kind: k, do: func(*programme.Record) {}},
		{name: "no title", field: "title", kind: k, do: func(r *programme.Record) { r.Title = "  " }},
		{name: "a title that nobody sees", field: "title", kind: k, do: func(r *programme.Record) { r.Title = "abc\u202edef" }},
		{name: "an unknown state", field: "state", kind: k, do: func(r *programme.Record) { r.State = "burnt" }},
		{name: "a day to come", field: "since", kind: k, do: func(r *programme.Record) { r.Since = day("2026-12-02") }},
		{name: "an unknown owner", field: "owner", kind: k, do: func(r *programme.Record) { r.Owner = "H99" }},
		{name: "nobody to answer", field: "to", kind: k, do: func(r *programme.Record) { delete(r.Fields, "to") }},
		{name: "who is no agency", field: "to", kind: k, do: func(r *programme.Record) { r.Fields["to"] = "<b>" }},
		{name: "a field that there is not", kind: k, do: func(r *programme.Record) { r.Fields["drop table"] = "x" }},
		{name: "a number", field: "people", kind: training, do: func(r *programme.Record) { r.State, r.Fields["people"] = "done", "mười" }},
		{name: "less than nothing", field: "people", kind: training, do: func(r *programme.Record) { r.State, r.Fields["people"] = "done", "-1" }},
		{name: "a number with points", kind: training, do: func(r *programme.Record) { r.State, r.Fields["people"] = "done", "1.204" }},
	} {
		r := good()
		tt.do(&r)
		list := r.Check(tt.kind, vietnam(), day("2026-12-01"))
		switch {
		case tt.field == "" && len(list) > 0:
			t.Errorf("%s: %v", tt.name, list)
		case tt.field != "" && (len(list) != 1 || list[0].Field != tt.field || list[0].Kind != fault.Invalid):
			t.Errorf("%s: %v, want one at %s", tt.name, list, tt.field)
		}
		if _, there := r.Fields["drop table"]; there {
			t.Error("a field that there is not was kept")
		}
	}
}

func TestTaskCheck(t *testing.T) {
	t.Parallel()
	good := func() programme.Task {
		return programme.Task{
			ID: "t", Code: "A.1", Directives: []string{"d"}, Title: "Kết nối dữ liệu", Scope: programme.Specific, Level: programme.Province,
			From: day("2022-02-01"), Due: day("2022-12-31"), Lead: "H03",
		}
	}
	parent := &programme.Task{ID: "p", Code: "A", Due: day("2022-06-30")}
	for _, tt := range []struct {
		name, field string
		parent      *programme.Task
		do          func(*programme.Task)
	}{
		{name: "good", do: func(*programme.Task) {}},
		{name: "no due date", field: "due", do: func(t *programme.Task) { t.Due = clock.Date{} }},
		{name: "kept up without one", do: func(t *programme.Task) { t.Due, t.Every = clock.Date{}, programme.Always }},
		{name: "due before it begins", field: "due", do: func(t *programme.Task) { t.Due = day("2022-01-31") }},
		{name: "an agency that was gone", field: "lead", do: func(t *programme.Task) { t.From, t.Due = day("2025-07-01"), day("2026-01-01") }},
		{name: "after its parent", field: "due", parent: parent, do: func(*programme.Task) {}},
		{name: "a part of a part", field: "parent", parent: &programme.Task{ID: "p", Parent: "q"}, do: func(*programme.Task) {}},
		{name: "no directive", field: "directive", do: func(t *programme.Task) { t.Directives = nil }},
		{name: "a group of our own", field: "group", do: func(t *programme.Task) { t.Group = "x" }},
		{name: "a title of one letter", field: "title", do: func(t *programme.Task) { t.Title = "A" }},
	} {
		task := good()
		tt.do(&task)
		list := task.Check(vietnam(), tt.parent)
		if tt.field == "" && len(list) > 0 || tt.field != "" && (len(list) != 1 || list[0].Field != tt.field) {
			t.Errorf("%s: %v, want one at %q", tt.name, list, tt.field)
		}
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		every          programme.Every
		on             string
		name, from, to string
	}{
		{programme.Once, "2026-02-01", "", "2026-01-15", "2026-12-20"},
		{programme.Monthly, "2026-02-11", "2026-02", "2026-02-01", "2026-02-28"},
		{programme.Monthly, "2026-01-20", "2026-01", "2026-01-15", "2026-01-31"},
		{programme.Monthly, "2026-12-01", "2026-12", "2026-12-01", "2026-12-20"},
		{programme.Quarterly, "2026-05-31", "2026-Q2", "2026-04-01", "2026-06-30"},
		{programme.Yearly, "2026-05-31", "2026", "2026-01-15", "2026-12-20"},
		{programme.Monthly, "2026-01-14", "-", "", ""},
		{programme.Monthly, "2026-12-21", "-", "", ""},
	} {
		task := programme.Task{Every: tt.every, From: day("2026-01-15"), Due: day("2026-12-20")}
		p, ok := task.PeriodOn(day(tt.on))
		if !ok {
			p.Name = "-"
		}
		if p.Name != tt.name || ok && (p.From != day(tt.from) || p.To != day(tt.to)) {
			t.Errorf("%s on %s: %+v %v", tt.every, tt.on, p, ok)
		}
	}
}

// TestHeirs: after a merger the successor answers for what its predecessors were given, and
// everybody's heritage is nobody else's.
func TestHeirs(t *testing.T) {
	t.Parallel()
	c := vietnam()
	today := programme.GeographyOf(c, day("2026-12-01"))
	if got := today.Heritage("H55"); !slices.Equal(got, []string{"H55", "H03"}) {
		t.Errorf("Thái Nguyên answers for %v", got)
	}
	before := programme.GeographyOf(c, day("2025-06-30"))
	if got := before.Heritage("H55"); !slices.Equal(got, []string{"H55"}) {
		t.Errorf("Thái Nguyên answered for %v", got)
	}
	whose := map[string]string{}
	for _, a := range c.dir.Agencies(day("2026-12-01")) {
		for _, code := range today.Heritage(a.Code) {
			if other := whose[code]; other != "" {
				t.Errorf("%s is of %s and of %s", code, other, a.Code)
			}
			whose[code] = a.Code
		}
	}
	for _, p := range c.dir.Agencies(day("2022-10-01")) {
		if p.Level == org.Committee && whose[p.Code] == "" {
			t.Errorf("nobody answers for %s", p.Code)
		}
	}
}

// TestHeirsOfCommunes: of a commune of today, the communes of which it is the main heir; of
// each commune of 2022 at most one.
func TestHeirsOfCommunes(t *testing.T) {
	t.Parallel()
	c := vietnam()
	g := programme.GeographyOf(c, day("2026-12-01"))
	whose := map[string]string{}
	n := 0
	for _, a := range c.Of(day("2026-12-01"), org.KindCommune) {
		if !strings.HasPrefix(a.Code, "H55.") {
			continue
		}
		own, err := programme.Heritage(g, c.lineage, a.Code)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range own {
			if !c.Knows(code) {
				continue
			}
			n++
			if other := whose[code]; other != "" && code != a.Code {
				t.Errorf("%s is of %s and of %s", code, other, a.Code)
			}
			whose[code] = a.Code
		}
		origin, err := programme.Origin(c, c.lineage, a.Code, day("2026-12-01"))
		if err != nil || origin != "H55" && origin != "H03" {
			t.Errorf("%s lies in %q of 2022, %v", a.Code, origin, err)
		}
	}
	if n < 250 {
		t.Errorf("communes of the new Thái Nguyên answer for %d codes only", n)
	}
}

func TestDoneTasks(t *testing.T) {
	t.Parallel()
	tasks := map[string]*programme.Task{"all": {}, "some": {}, "none": {}, "always": {Every: programme.Always}, "withdrawn": {}}
	done := programme.DoneTasks([]programme.Cell{
		{Task: "all", State: programme.Done, N: 62},
		{Task: "all", State: programme.Withdrawn, N: 1},
		{Task: "some", State: programme.Done, N: 62},
		{Task: "some", State: programme.Reported, N: 1},
		{Task: "always", State: programme.Done, N: 1},
		{Task: "withdrawn", State: programme.Withdrawn, N: 3},
	}, tasks)
	for id, want := range map[string]bool{"all": true, "some": false, "none": false, "always": false, "withdrawn": false} {
		if done[id] != want {
			t.Errorf("%s: %v", id, done[id])
		}
	}
}

// TestWholeNumbers: thousands may be parted; what could be a fraction is no number.
func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	kinds, err := programme.ReadKinds(strings.NewReader(`[{"code": "x", "name": {"vi": "x", "en": "x"}, "one": {"vi": "x", "en": "x"},
		"states": [{"code": "a", "name": {"vi": "a", "en": "a"}}], "fields": [{"key": "n", "name": {"vi": "n", "en": "n"}, "type": "number"}],
		"picture": {"title": {"vi": "x", "en": "x"}, "by": "owner", "add": "n"}}]`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"10599": "10599", "10.599": "10599", "10 599": "10599", "1.000.000": "1000000", "007": "7", "0": "0", "000": "0", "999999999999999": "999999999999999",
		"1.5": "", "12.50": "", "1.2345": "", "12,5": "", "1,234": "", "-3": "", "1e3": "", ".5": "", "1..000": "", "1000.000": "", "١٢": "",
		"1000000000000000": "", "99999999999999999999": "",
	} {
		r := programme.Record{Kind: "x", Title: "Dòng", State: "a", Since: day("2022-01-01"), Fields: map[string]string{"n": text}}
		wrong := r.Check(&kinds[0], nil, day("2022-01-01"))
		if (wrong.Err() == nil) != (want != "") || want != "" && r.Fields["n"] != want {
			t.Errorf("%q is %q, %v; want %q", text, r.Fields["n"], wrong.Err(), want)
		}
	}
}
