package population

import (
	"slices"

	"dean06/internal/citizen"
)

// Field names a fact about a person, as rights grant it and messages carry it. What
// the register does with each is said once, in PersonFields.
type Field string

// The fields that rules know by name.
const (
	FieldNumber      Field = "number"
	FieldOldNumber   Field = "old_number"
	FieldName        Field = "name"
	FieldOtherNames  Field = "other_names"
	FieldBirth       Field = "birth"
	FieldSex         Field = "sex"
	FieldEthnicity   Field = "ethnicity"
	FieldReligion    Field = "religion"
	FieldNationality Field = "nationality"
	FieldBlood       Field = "blood"
	FieldMarital     Field = "marital"
	FieldBirthplace  Field = "birthplace"
	FieldOrigin      Field = "origin"
	FieldPermanent   Field = "permanent"
	FieldTemporary   Field = "temporary"
	FieldPresent     Field = "present"
	FieldHousehold   Field = "household" // its number, the person's relation to its head, and who the head is
	FieldMembers     Field = "members"   // the other members of the household
	FieldFather      Field = "father"
	FieldMother      Field = "mother"
	FieldSpouse      Field = "spouse"
	FieldGuardian    Field = "guardian"
	FieldCards       Field = "cards"
	FieldLife        Field = "life" // alive, dead or missing, and since when
)

// AllFields in a right grants every field.
const AllFields = "*"

// Label is the key of the field's name in the messages of the pages.
func (f Field) Label() string { return "people.field." + string(f) }

// Fields lists all fields in the order in which answers carry them.
var Fields = PersonFields.All()

// Columns are those of the file that Load reads and Export writes: CSV as RFC 4180
// says, UTF-8, a header, one person a row. Load takes them in any order; only number,
// name, birth and sex must be there. Days are 1990-01-01, 1990-01 or 1990. A place is
// its codes, province/district/commune ("01/001/00001", since 1 July 2025
// "01//00097"), and its detail; its country is VN when it is not said. old_numbers are
// separated by spaces, newest first. A parent, spouse or guardian has a number of twelve
// or nine digits or none, a name, and is of VN when nothing else is said. cards and
// other_names are JSON lists.
var Columns = PersonFields.Columns()

// Row writes a person in the order of Columns.
func Row(p Person) []string { return PersonFields.Row(&p) }

// FieldTable is what a person consists of, said once: files, answers, documents of the
// services, the database, the feed and the pages are all read from it.
//
// A new field is a member of Person that holds it and a line here; in populationsql a
// migration that adds its column; and its name in the messages of populationweb.
type FieldTable struct {
	lines   []FieldLine
	all     []Field
	state   []Field
	kin     []*FieldLine // of relatives
	file    []*Datum     // in the order of the columns of a file
	columns []string
}

// FieldLine is a line of the table: one field.
type FieldLine struct {
	Code Field
	// Data are what it consists of: one datum, or a few that belong together. A field
	// without any is no part of the person, but read through another.
	Data  []Datum
	Group Group
	Late  int  // on pages it stands behind those of its group that are less late
	Fixed bool // it changes by events of its own, and no correction sets it right
	Asked bool // the form of a correction asks for it
}

// Group is the heading under which pages show a field; the zero Group shows it nowhere
// by itself.
type Group string

// The groups.
const (
	GroupSelf   Group = "self"
	GroupPlaces Group = "places"
)

// PersonFields is the table, in the order in which answers carry the fields.
var PersonFields = NewFieldTable(
	FieldLine{Code: FieldNumber, Fixed: true, Data: []Datum{
		{Member: "number", Number: func(p *Person) *citizen.Number { return &p.Number }, Must: "citizen.number.digits"},
	}},
	FieldLine{Code: FieldOldNumber, Group: GroupSelf, Late: 2, Data: []Datum{
		{Member: "old_numbers", Column: "old_number", OldNumbers: func(p *Person) *[]citizen.OldNumber { return &p.OldNumbers }},
	}},
	FieldLine{Code: FieldName, Group: GroupSelf, Asked: true, Data: []Datum{
		{Member: "name", Text: func(p *Person) *string { return &p.Name }, Must: "population.name.missing"},
	}},
	FieldLine{Code: FieldOtherNames, Group: GroupSelf, Data: []Datum{
		{Member: "other_names", Texts: func(p *Person) *[]string { return &p.OtherNames }, InRest: true, FileLast: true},
	}},
	FieldLine{Code: FieldBirth, Group: GroupSelf, Asked: true, Data: []Datum{
		{Member: "birth", Day: func(p *Person) *citizen.Day { return &p.Birth }, Must: "population.birth.missing"},
	}},
	FieldLine{Code: FieldSex, Group: GroupSelf, Asked: true, Data: []Datum{
		{Member: "sex", Sex: func(p *Person) *citizen.Sex { return &p.Sex }, Must: "population.code.unknown"},
	}},
	FieldLine{Code: FieldEthnicity, Group: GroupSelf, Asked: true, Data: []Datum{
		{Member: "ethnicity", Text: func(p *Person) *string { return &p.Ethnicity }, Form: FormCode, List: codes.ethnicity},
	}},
	FieldLine{Code: FieldReligion, Group: GroupSelf, Asked: true, Data: []Datum{
		{Member: "religion", Text: func(p *Person) *string { return &p.Religion }, Form: FormCode, List: codes.religion},
	}},
	FieldLine{Code: FieldNationality, Group: GroupSelf, Data: []Datum{
		{Member: "nationality", Text: func(p *Person) *string { return &p.Nationality }, Form: FormNation, Unsaid: vietnam},
	}},
	FieldLine{Code: FieldBlood, Group: GroupSelf, Asked: true, Data: []Datum{
		{Member: "blood", Text: func(p *Person) *string { return &p.Blood }, Form: FormCode, List: codes.blood, Unsaid: "00"},
	}},
	FieldLine{Code: FieldMarital, Group: GroupSelf, Fixed: true, Data: []Datum{
		{Member: "marital", Text: func(p *Person) *string { return &p.Marital }, Form: FormCode, List: codes.marital, Unsaid: "0"},
	}},
	FieldLine{Code: FieldBirthplace, Group: GroupPlaces, Late: 1, Asked: true, Data: []Datum{
		{Member: "birthplace", Short: "b", Place: func(p *Person) *Place { return &p.Birthplace }},
	}},
	FieldLine{Code: FieldOrigin, Group: GroupPlaces, Late: 1, Asked: true, Data: []Datum{
		{Member: "origin", Short: "o", Place: func(p *Person) *Place { return &p.Origin }},
	}},
	FieldLine{Code: FieldPermanent, Group: GroupPlaces, Asked: true, Data: []Datum{
		{Member: "permanent", Short: "p", Detail: "permanent_detail", Place: func(p *Person) *Place { return &p.Permanent }},
		{Member: "permanent_since", Inner: true, Day: func(p *Person) *citizen.Day { return &p.PermanentSince }},
	}},
	FieldLine{Code: FieldTemporary, Group: GroupPlaces, Asked: true, Data: []Datum{
		{Member: "temporary", Short: "t", Place: func(p *Person) *Place { return &p.Temporary }},
		{Member: "temporary_since", Inner: true, Day: func(p *Person) *citizen.Day { return &p.TemporarySince }, InRest: true},
	}},
	FieldLine{Code: FieldPresent, Group: GroupPlaces, Asked: true, Data: []Datum{
		{Member: "present", Short: "r", SameAs: "permanent", Place: func(p *Person) *Place { return &p.Present }},
	}},
	FieldLine{Code: FieldHousehold, Fixed: true, Data: []Datum{
		{Member: "household", Text: func(p *Person) *string { return &p.Household }, Form: FormHousehold},
		{Member: "relation", Text: func(p *Person) *string { return &p.Relation }, Form: FormRelation, wrong: relationWithout},
	}},
	FieldLine{Code: FieldMembers, Fixed: true},
	FieldLine{Code: FieldFather, Asked: true, Data: []Datum{
		{Member: "father", Short: "f", Relative: func(p *Person) *Relative { return &p.Father }},
	}},
	FieldLine{Code: FieldMother, Asked: true, Data: []Datum{
		{Member: "mother", Short: "m", Relative: func(p *Person) *Relative { return &p.Mother }},
	}},
	FieldLine{Code: FieldSpouse, Fixed: true, Data: []Datum{
		{Member: "spouse", Short: "s", Relative: func(p *Person) *Relative { return &p.Spouse }},
	}},
	FieldLine{Code: FieldGuardian, Data: []Datum{
		{Member: "guardian", Short: "g", Relative: func(p *Person) *Relative { return &p.Guardian }},
	}},
	FieldLine{Code: FieldCards, Group: GroupSelf, Late: 2, Data: []Datum{
		{Member: "cards", Cards: func(p *Person) *[]Card { return &p.Cards }, InRest: true, FileLast: true},
	}},
	FieldLine{Code: FieldLife, Group: GroupSelf, Late: 1, Asked: true, Data: []Datum{
		{Member: "life", Life: func(p *Person) *Life { return &p.Life }},
		{Member: "ended", Day: func(p *Person) *citizen.Day { return &p.Ended }, wrong: endedWithout},
	}},
)

// relationWithout: nobody is related to the head of no household.
func relationWithout(p *Person) string {
	if len(p.Relation) > 10 || p.Household == "" && p.Relation != "" {
		return "population.load.household"
	}
	return ""
}

// endedWithout: nobody ended alive, or before their birth.
func endedWithout(p *Person) string {
	if p.Ended != 0 && (p.Life == Alive || p.Ended < p.Birth) {
		return "population.day.before_birth"
	}
	return ""
}

// NewFieldTable makes a table of lines, in the order in which answers carry the fields.
func NewFieldTable(lines ...FieldLine) *FieldTable {
	t := &FieldTable{lines: lines}
	var last []*Datum
	for i := range lines {
		l := &lines[i]
		t.all = append(t.all, l.Code)
		if len(l.Data) > 0 {
			t.state = append(t.state, l.Code)
			if l.Data[0].Relative != nil {
				t.kin = append(t.kin, l)
			}
		}
		for k := range l.Data {
			if d := &l.Data[k]; d.FileLast {
				last = append(last, d)
			} else {
				t.file = append(t.file, d)
			}
		}
	}
	t.file = append(t.file, last...)
	for _, d := range t.file {
		t.columns = append(t.columns, d.columns()...)
	}
	return t
}

// With is a table with more lines; this one stays as it is.
func (t *FieldTable) With(more ...FieldLine) *FieldTable {
	return NewFieldTable(slices.Concat(t.lines, more)...)
}

// Lines are the lines of the table.
func (t *FieldTable) Lines() []FieldLine { return slices.Clone(t.lines) }

// Line is the line of a field, nil for one that is not known.
func (t *FieldTable) Line(f Field) *FieldLine {
	for i := range t.lines {
		if t.lines[i].Code == f {
			return &t.lines[i]
		}
	}
	return nil
}

// All are all fields, in order.
func (t *FieldTable) All() []Field { return slices.Clone(t.all) }

// Has says whether there is such a field.
func (t *FieldTable) Has(f Field) bool { return slices.Contains(t.all, f) }

// State are the fields of which a person's state consists.
func (t *FieldTable) State() []Field { return slices.Clone(t.state) }

// Columns are the columns of a file of persons.
func (t *FieldTable) Columns() []string { return slices.Clone(t.columns) }

// Members are the members of JSON in which messages carry a field.
func (t *FieldTable) Members(f Field) []string {
	var out []string
	if l := t.Line(f); l != nil {
		for i := range l.Data {
			if d := &l.Data[i]; !d.Inner {
				out = append(out, d.Member)
			}
		}
	}
	return out
}

// InOrder gives fields once each, in the order of the table.
func (t *FieldTable) InOrder(fields []Field) []Field {
	out := make([]Field, 0, len(fields))
	for _, f := range t.all {
		if slices.Contains(fields, f) {
			out = append(out, f)
		}
	}
	return out
}

// Only is a person of whom no more than some fields is known.
func (t *FieldTable) Only(p *Person, fields []Field) Person {
	var out Person
	for _, f := range fields {
		t.take(&out, p, f)
	}
	return out
}

// take copies what a field stands for from one person to another.
func (t *FieldTable) take(to, from *Person, f Field) {
	l := t.Line(f)
	if l == nil {
		return
	}
	for i := range l.Data {
		l.Data[i].take(to, from)
	}
}

// Kin are the lines of the fields that name relatives.
func (t *FieldTable) Kin() []*FieldLine { return t.kin }
