package population_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// withRole is the register's table with a field more: what somebody is in the household,
// for a right that does not tell which household it is.
var withRole = population.PersonFields.With(
	population.FieldLine{Code: "role", Group: population.GroupSelf, Asked: true, Data: []population.Datum{
		{Member: "role", Text: func(p *person) *string { return &p.Relation }},
	}},
)

// TestNewField: a line in the table is all that files, claims, answers, lists and
// corrections need for a new field. populationapi, populationweb and populationsql have
// tests of the same name.
func TestNewField(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	m := newMemory()
	m.fields = withRole
	r := population.New(population.Parts{
		Store: m, Units: units(), Clock: clock.Fixed(now), NumberKey: []byte("key"), NewID: func() string { return "id" }, Fields: withRole,
	})
	if report := load(t, r, "number,name,birth,sex,role\n001090000001,Nguyễn Văn Thử,1990,1,CH01\n"); report.Loaded != 1 {
		t.Fatalf("%+v", report)
	}
	if c := withRole.Columns(); !slices.Contains(c, "role") || len(c) != len(population.Columns)+1 ||
		slices.Contains(population.Columns, "role") {
		t.Errorf("columns = %v", c)
	}
	if p := m.persons[thu]; withRole.Row(&p)[slices.Index(withRole.Columns(), "role")] != "CH01" {
		t.Errorf("row = %v", withRole.Row(&p))
	}
	f, err := r.Facts(ctx, asking("role"), population.Key{Number: thu}, nil)
	if d := cmp.Diff(population.Facts{Fields: []field{"role"}, Person: person{Relation: "CH01"}, AsOf: now}, f, compare); err != nil ||
		d != "" {
		t.Errorf("facts: %v (-want +got):\n%s", err, d)
	}
	if _, err := r.Facts(ctx, asking("name"), population.Key{Number: thu}, []field{"role"}); fault.Of(err) != fault.Denied {
		t.Errorf("not granted: %v", err)
	}
	v, err := r.Match(
		ctx,
		asking("role", "name"),
		[]population.Claim{{Key: population.Key{Number: thu, Name: "NGUYENVANTHU"}, Values: map[field]string{"role": "CH01"}}},
	)
	if err != nil || !v[0].Fields["role"] {
		t.Errorf("match = %+v, %v", v, err)
	}
	p := m.persons[thu]
	if b, err := withRole.AppendJSON(nil, &p); err != nil || !strings.Contains(string(b), `"role":"CH01"`) {
		t.Errorf("document = %s, %v", b, err)
	}
	if got := withRole.Members("role"); !slices.Equal(got, []string{"role"}) {
		t.Errorf("in the feed = %v", got)
	}
}

// TestTable: the table is whole, and says of the feed what subscribers know.
func TestTable(t *testing.T) {
	t.Parallel()
	columns := map[string]bool{}
	for _, c := range population.Columns {
		if columns[c] {
			t.Errorf("the column %s is there twice", c)
		}
		columns[c] = true
	}
	seen := map[population.Field]bool{}
	for _, l := range population.PersonFields.Lines() {
		if seen[l.Code] {
			t.Errorf("%s is there twice", l.Code)
		}
		seen[l.Code] = true
		for _, d := range l.Data {
			set := 0
			for _, is := range []bool{
				d.Number != nil, d.OldNumbers != nil, d.Text != nil, d.Texts != nil, d.Day != nil, d.Sex != nil, d.Place != nil, d.Relative != nil,
				d.Cards != nil, d.Life != nil,
			} {
				if is {
					set++
				}
			}
			if set != 1 || (d.Form == population.FormCode) != (d.List != nil) {
				t.Errorf("%s is of %d types", d.Member, set)
			}
		}
	}
	for f, want := range map[population.Field][]string{
		"name": {"name"}, "old_number": {"old_numbers"}, "household": {"household", "relation"}, "life": {"life", "ended"},
		"permanent": {"permanent"}, "temporary": {"temporary"}, "members": nil, "x": nil,
	} {
		if got := population.PersonFields.Members(f); !slices.Equal(got, want) {
			t.Errorf("members of %s = %v, want %v", f, got, want)
		}
	}
	if got := population.FieldName.Label(); got != "people.field.name" {
		t.Errorf("label = %s", got)
	}
	if b, err := population.PersonFields.AppendJSON([]byte("x"), &person{}); err != nil || string(b) != "x{}" {
		t.Errorf("nobody = %s, %v", b, err)
	}
	everything := whole()
	b, err := population.PersonFields.AppendJSON(nil, &everything)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range population.PersonFields.Lines() {
		for _, d := range l.Data {
			if !strings.Contains(string(b), `"`+d.Member+`":`) {
				t.Errorf("no %s in %s", d.Member, b)
			}
		}
	}
	few := population.PersonFields.Only(&everything, []field{"name", "x", "life"})
	if d := cmp.Diff(person{Name: "Nguyễn Văn Thử", Life: population.Missing, Ended: citizen.MustDay("2026-02-03")}, few, compare); d != "" {
		t.Errorf("only (-want +got):\n%s", d)
	}
}
