package app

import (
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
	"dean06/internal/population/populationclient"
)

// TestKnown: what the register tells becomes answers of forms, and what it does not know
// stays unknown.
func TestKnown(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	f := populationclient.Facts{
		AsOf: at, Fields: population.Fields,
		Person: population.Person{
			Number: citizen.MustNumber("019194000102"), Name: "Nguyễn Thị Hoa", Birth: citizen.MustDay("1994-09"), Sex: citizen.Female,
			Ethnicity: "01", Religion: "00", Nationality: "VN", Blood: "00", Marital: "0",
			Permanent: population.Place{Province: "19", Commune: "05443", Detail: "Số 12", Country: "VN"},
			Household: "019000901", Relation: "CH02", Spouse: population.Relative{Number: citizen.MustNumber("019091000101"), Name: "Trần Văn Bình"},
			Father: population.Relative{Name: "Nguyễn Văn Ông"}, Life: population.Alive,
			Cards: []population.Card{{Serial: "1", Kind: "CC", Issued: citizen.MustDay("2024-08-08")}, {Kind: "CMND"}},
		},
		Head: population.Relative{Number: citizen.MustNumber("019091000101"), Name: "Trần Văn Bình"},
	}
	k := known(f.Person.Number, &f)
	for field, want := range map[string]string{
		"name": "Nguyễn Thị Hoa", "number": "019194000102", "birth": "1994-09", "sex": "2", "ethnicity": "01", "religion": "00", "nationality": "VN",
		"blood": "", "marital": "", "spouse": "Trần Văn Bình", "father": "Nguyễn Văn Ông", "mother": "", "household": "CH02",
		"household.number": "019000901", "life": "alive",
	} {
		if v, ok := k.Values[field]; !ok || v.Text != want {
			t.Errorf("%s = %+v, %t, want %q", field, v, ok, want)
		}
	}
	if p := k.Values["permanent"].Place; p == nil || p.Commune != "05443" || p.Detail != "Số 12" {
		t.Errorf("permanent = %+v", p)
	}
	if v, ok := k.Values["temporary"]; !ok || !v.IsZero() {
		t.Errorf("a home that there is not = %+v, %t: it was told, and there is none", v, ok)
	}
	if c := k.Values["cards"].Card; c == nil || c.Kind != "CC" || c.Issued != "2024-08-08" {
		t.Errorf("card = %+v", c)
	}
	if k.Kin["spouse"] != "019091000101" || k.Kin["head"] != "019091000101" || k.Kin["father"] != "" || !k.AsOf.Equal(at) {
		t.Errorf("kin = %v as of %s", k.Kin, k.AsOf)
	}
	few := known(f.Person.Number, &populationclient.Facts{Fields: []population.Field{"name"}, Person: f.Person})
	if _, ok := few.Values["birth"]; ok || len(few.Kin) > 0 {
		t.Errorf("what was not told is there: %+v", few)
	}
}

// TestEventOf: each member of an event comes where the register has it, and none is lost.
func TestEventOf(t *testing.T) {
	t.Parallel()
	text := func(s string) eform.Value { return eform.Value{Text: s} }
	at := func(commune string) eform.Value {
		return eform.Value{Place: &eform.Place{Province: "19", Commune: commune, Detail: "Bệnh viện"}}
	}
	born, err := eventOf(dossier.Event{Kind: "birth", Item: 1, On: "2026-11-20", Basis: "Giấy chứng sinh 12", Members: map[string]eform.Value{
		"child.name": text("Trần Minh An"), "child.sex": text("2"), "child.birthplace": at("05443"), "child.ethnicity": text("01"),
		"child.nationality": text("VN"), "child.origin": at("05440"), "child.religion": text(""),
		"mother.number": text("019194000102"), "mother.name": text("Nguyễn Thị Hoa"), "mother.birth": text("1994-09-05"), "mother.nationality": text("VN"),
		"father.name": text("John Smith"), "father.nationality": text("US"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if c := born.Child; c.Name != "Trần Minh An" || c.Sex != "2" || c.Birthplace.Commune != "05443" || c.Origin.Commune != "05440" || c.Ethnicity != "01" {
		t.Errorf("child = %+v", c)
	}
	if m := born.Mother; m.Number.Reveal() != "019194000102" || m.Birth.Year() != 1994 || m.Nationality != "" {
		t.Errorf("mother = %+v: who is in the register has her nationality there", m)
	}
	if p := born.Father; p.Name != "John Smith" || p.Nationality != "US" || !p.Number.IsZero() {
		t.Errorf("father = %+v", p)
	}
	moved, err := eventOf(dossier.Event{Kind: "move_permanent", On: "2026-11-20", Members: map[string]eform.Value{
		"person.number": text("019098000150"), "person.name": text("Lý Văn Nam"), "place": at("05443"), "household": text("019000901"),
		"relation": text("CH11"), "members.2.name": text("B"), "members.1.name": text("A"), "members.1.relation": text("CH03"),
	}})
	if err != nil || moved.Place.Commune != "05443" || len(moved.Members) != 2 || moved.Members[0].Relation != "CH03" || moved.Members[1].Name != "B" {
		t.Errorf("moved = %+v, %v", moved, err)
	}
	for _, name := range []string{"child.hair", "uncle.name", "members.x.name", "members.0.name", "members.51.name", "colour", "mother.blood"} {
		_, err := eventOf(dossier.Event{Kind: "birth", On: "2026-11-20", Members: map[string]eform.Value{name: text("x")}})
		if fault.Of(err) != fault.Invalid || fault.As(err).Args["member"] != name {
			t.Errorf("%s: %v: it would be lost without a word", name, err)
		}
	}
	if _, err := eventOf(dossier.Event{Kind: "birth", On: "sớm"}); fault.Of(err) != fault.Invalid {
		t.Errorf("on no day: %v", err)
	}
}

// TestQuestions: an officer reads what the register holds, and who may be chosen.
func TestQuestions(t *testing.T) {
	t.Parallel()
	cat, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	fact := populationclient.Fact{
		As: "child", Fields: []population.Field{"number", "name", "birth"},
		Person: population.Person{Number: citizen.MustNumber("019226000001"), Name: "Trần Minh An", Birth: citizen.MustDay("2026-11-20")},
		Past:   &population.Past{Kind: population.Birth, On: citizen.MustDay("2026-11-20"), Basis: "Giấy chứng sinh 12"},
	}
	chosen := fact
	chosen.As, chosen.Choice = "head", "1"
	got := questions(cat.In(i18n.Vi), populationclient.Questions{
		{Code: "birth_again-1", Text: "Trẻ này có vẻ đã được đăng ký.", Answer: populationclient.ByReason, Facts: []populationclient.Fact{fact}},
		{Code: "head_next-1", Text: "Ai là chủ hộ?", Answer: populationclient.ByChoice, Facts: []populationclient.Fact{chosen}},
	})
	want := []string{
		"Người con đã có trong cơ sở dữ liệu: Trần Minh An", "Số định danh: 019*******01", "Sinh: 20/11/2026",
		"Việc đã ghi: khai sinh, ngày 20/11/2026, căn cứ: Giấy chứng sinh 12",
	}
	if len(got) != 2 || len(got[0].Facts) != len(want) {
		t.Fatalf("questions = %+v", got)
	}
	for i, line := range want {
		if got[0].Facts[i] != line {
			t.Errorf("line %d = %q, want %q", i, got[0].Facts[i], line)
		}
	}
	if len(got[1].Choice) != 1 || got[1].Choice[0] != "1" || got[1].Facts[0] != "1. Có thể làm chủ hộ: Trần Minh An" {
		t.Errorf("a choice = %+v", got[1])
	}
}
