package populationsql

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// TestDocsStay: what events say is kept as it was, so that older nodes read it.
func TestDocsStay(t *testing.T) {
	t.Parallel()
	day := citizen.MustDay
	at := population.Place{Province: "01", District: "001", Commune: "00001", Detail: "Số 1 <Thử>", Country: "VN"}
	kin := population.Relative{
		Number:      citizen.MustNumber("001060000001"),
		OldNumber:   citizen.OldFromInt(12345678),
		Name:        "Nguyễn Văn Cha",
		Nationality: "VN",
	}
	whole := population.Person{
		Number: citizen.MustNumber("001090000001"), OldNumbers: []citizen.OldNumber{citizen.OldFromInt(12345678)}, Name: "Nguyễn Văn Thử",
		OtherNames: []string{
			"Tèo",
		}, Birth: day("1990-01-01"), Sex: citizen.Male, Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "02", Marital: "2",
		Birthplace: at, Origin: at, Permanent: at, PermanentSince: day("2020-05-01"), Temporary: at, TemporarySince: day("2026-01"), Present: at,
		Household: "000000001", Relation: "CH01", Father: kin, Mother: kin, Spouse: kin, Guardian: kin,
		Cards: []population.Card{
			{Serial: "A1", Kind: "CC", Issued: day("2024-07-01")},
		}, Life: population.Missing, Ended: day("2026-02-03"),
	}
	for name, want := range map[string]struct {
		person population.Person
		doc    string
	}{
		"everything": {whole, `{"x":"name life","f":{"number":"001090000001","old_numbers":["012345678"],"name":"Nguyễn Văn Thử",` +
			`"other_names":["Tèo"],` +
			`"birth":"1990-01-01","sex":1,"ethnicity":"01","religion":"00","nationality":"VN","blood":"02","marital":"2",` +
			`"birthplace":` + placeDoc + `,"origin":` + placeDoc + `,"permanent":` + placeDoc + `,"permanent_since":"2020-05-01",` +
			`"temporary":` + placeDoc + `,"temporary_since":"2026-01","present":` + placeDoc + `,"household":"000000001","relation":"CH01",` +
			`"father":` + kinDoc + `,"mother":` + kinDoc + `,"spouse":` + kinDoc + `,"guardian":` + kinDoc + `,` +
			`"cards":[{"serial":"A1","kind":"CC","issued":"2024-07-01"}],"life":"missing","ended":"2026-02-03"}}`},
		"nothing": {population.Person{}, `{"x":"name life","f":{}}`},
	} {
		part := population.Part{Fields: []population.Field{population.FieldName, population.FieldLife}, Facts: want.person}
		doc, err := standard().partDoc(part)
		if d := cmp.Diff(want.doc, doc); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
		}
		back, err := readPart(want.doc)
		if d := cmp.Diff(part, back, cmpopts.EquateEmpty(), cmp.AllowUnexported(citizen.Number{}, citizen.OldNumber{})); err != nil ||
			d != "" {
			t.Errorf("%s read: %v (-want +got):\n%s", name, err, d)
		}
	}
	if doc, err := standard().docOf(population.Event{Fields: []population.Field{population.FieldName}}); err != nil ||
		doc != `{"x":"name"}` {
		t.Errorf("an event without facts: %s, %v", doc, err)
	}
	if doc, err := standard().docOf(population.Event{Facts: population.Person{Name: "A"}}); err != nil || doc != `{"f":{"name":"A"}}` {
		t.Errorf("an event with a name: %s, %v", doc, err)
	}
}

const (
	placeDoc = `{"province":"01","district":"001","commune":"00001","detail":"Số 1 \u003cThử\u003e","country":"VN"}`
	kinDoc   = `{"number":"001060000001","old_number":"012345678","name":"Nguyễn Văn Cha","nationality":"VN"}`
)
