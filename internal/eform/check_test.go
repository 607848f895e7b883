package eform

import (
	"slices"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

func TestNormal(t *testing.T) {
	t.Parallel()
	text := func(s string) Value { return Value{Text: s} }
	for _, c := range []struct {
		q    Question
		in   Value
		want string // text, or code of the commune
		key  string
	}{
		{Question{Kind: KindName}, text("  Nguyễn\u200b  Thị A "), "Nguyễn Thị A", ""},
		{Question{Kind: KindName}, text("Nguyễn 3"), "", "citizen.name.doubt.digits"},
		{Question{Kind: KindName}, text("12?"), "", "citizen.name.doubt.lost"},
		{Question{Kind: KindName}, text("NguyÔn ThÞ"), "", "citizen.name.doubt.encoding_named"},
		{Question{Kind: KindName}, text(strings.Repeat("An ", 60)), "", "eform.wrong.long"},
		{Question{Kind: KindNumber}, text("001 192 000 001"), "001192000001", ""},
		{Question{Kind: KindNumber}, text("00119200000"), "", "citizen.number.digits"},
		{Question{Kind: KindNumber}, text("000000000000"), "", "citizen.number.zeros"},
		{Question{Kind: KindDate}, text("20/11/2026"), "2026-11-20", ""},
		{Question{Kind: KindDate}, text("20 / 11 / 2026"), "2026-11-20", ""},
		{Question{Kind: KindDate}, text("31/02/2026"), "", "eform.wrong.day"},
		{Question{Kind: KindDate}, text("2026-11"), "", "eform.wrong.day_part"},
		{Question{Kind: KindDate}, text("hôm qua"), "", "citizen.day.bad"},
		{Question{Kind: KindPartial}, text("1950"), "1950", ""},
		{Question{Kind: KindPartial}, text("3/1950"), "1950-03", ""},
		{Question{Kind: KindPartial}, text("30/02/1950"), "", "eform.wrong.day"},
		{Question{Kind: KindYes}, text("có"), "", "eform.wrong.yes"},
		{Question{Kind: KindCode, List: "ethnicity"}, text("01"), "01", ""},
		{Question{Kind: KindCode, List: "ethnicity"}, text("Kinh"), "", "eform.wrong.option"},
		{Question{Kind: KindCode, List: "sex"}, text("0"), "", "eform.wrong.option"},
		{Question{Kind: KindCode, List: "nationality"}, text("LA"), "LA", ""},
		{Question{Kind: KindCode, List: "unheard"}, text("1"), "", "eform.wrong.kind"},
		{Question{Kind: KindChoice, Options: []Option{{Value: "a"}}}, text("b"), "", "eform.wrong.option"},
		{Question{Kind: KindCount, Max: 20}, text("3"), "3", ""},
		{Question{Kind: KindCount, Max: 20}, text("21"), "", "eform.wrong.most"},
		{Question{Kind: KindCount, Min: 1}, text("0"), "", "eform.wrong.least"},
		{Question{Kind: KindCount}, text("-1"), "", "eform.wrong.count"},
		{Question{Kind: KindCount}, text("1.5"), "", "eform.wrong.count"},
		{Question{Kind: KindAmount}, text("1.000.000 đ"), "1000000", ""},
		{Question{Kind: KindAmount}, text("1,000,000 VNĐ"), "1000000", ""},
		{Question{Kind: KindAmount}, text("20000 đồng"), "20000", ""},
		{Question{Kind: KindAmount}, text("1.5"), "", "eform.wrong.amount"},
		{Question{Kind: KindAmount}, text("1 triệu"), "", "eform.wrong.amount"},
		{Question{Kind: KindAmount}, text("99999999999999999999"), "", "eform.wrong.amount"},
		{Question{Kind: KindPhone}, text("0912 345 678"), "0912345678", ""},
		{Question{Kind: KindPhone}, text("+84 912.345.678"), "0912345678", ""},
		{Question{Kind: KindPhone}, text("0084 (0)912 345 678"), "0912345678", ""},
		{Question{Kind: KindPhone}, text("0208 3855 123"), "02083855123", ""},
		{Question{Kind: KindPhone}, text("+856 20 5551234"), "+856205551234", ""},
		{Question{Kind: KindPhone}, text("01681234567"), "", "citizen.phone.old"},
		{Question{Kind: KindPhone}, text("12345"), "", "citizen.phone.bad"},
		{Question{Kind: KindEmail}, text("Me.Thu@Vidu.VN"), "Me.Thu@vidu.vn", ""},
		{Question{Kind: KindEmail}, text("me@vidu"), "", "eform.wrong.email"},
		{Question{Kind: KindEmail}, text("mẹ@vidu.vn"), "", "eform.wrong.email"},
		{Question{Kind: KindText, Max: 5}, text("sáu chữ"), "", "eform.wrong.long"},
		{Question{Kind: KindText}, text("a\x07b"), "", "eform.wrong.control"},
		{Question{Kind: KindText}, text("\u200b\u00a0"), "", ""},
		{Question{Kind: KindText}, text("a\xffb"), "", "eform.wrong.lost"},
		{Question{Kind: KindLong}, text("dòng một\r\n\r\n\r\n dòng  hai\n"), "dòng một\n\ndòng hai", ""},
		{Question{Kind: KindText}, Value{Files: []string{"x"}}, "", "eform.wrong.kind"},
		{Question{Kind: KindName}, Value{Place: &Place{Detail: "x"}}, "", "eform.wrong.kind"},
		{Question{Kind: KindCard}, text("CCCD 001"), "", "eform.wrong.kind"},
		{Question{Kind: "unheard"}, text("x"), "", "eform.wrong.kind"},
		{Question{Kind: KindFile, Max: 1}, Value{Files: []string{"a", "b"}}, "", "eform.wrong.files"},
		{Question{Kind: KindAddress}, Value{Place: &Place{Commune: "05443", Detail: "Số 5"}}, "05443", ""},
		{Question{Kind: KindAddress}, text("phan dinh phung"), "05443", ""},
		{Question{Kind: KindAddress}, text("05455"), "05455", ""},
		{Question{Kind: KindAddress}, text("Phường Hoàng Văn Thụ, Thái Nguyên"), "", "eform.place.old"},
		{Question{Kind: KindAddress}, text("P. Quyết Thắng, TP. Thái Nguyên"), "05455", ""},
		{Question{Kind: KindAddress}, text("P. Quyết Thắng, T. Thái Nguyên"), "05455", ""},
		{Question{Kind: KindAddress}, text("P.HOÀNG VĂN THỤ, tp Thái Nguyên"), "", "eform.place.old"},
		{Question{Kind: KindAddress}, text("Xã Tân Hoà"), "", "eform.place.split"},
		{Question{Kind: KindAddress}, text("Xã Tân Hòa"), "", "eform.place.split"},
		{Question{Kind: KindAddress}, text("tan hoa"), "", "eform.place.several"},
		{Question{Kind: KindAddress}, Value{Text: "tan hoa", Place: &Place{Province: "01"}}, "00098", ""},
		{Question{Kind: KindAddress}, Value{Text: "Quyết Thắng", Place: &Place{Province: "01"}}, "", "eform.place.elsewhere"},
		{Question{Kind: KindAddress}, text("Phường Không Có"), "", "eform.place.unknown"},
		{Question{Kind: KindAddress}, Value{Place: &Place{Detail: "Số 5"}}, "", "eform.place.missing"},
		{Question{Kind: KindAddress}, Value{Place: &Place{Commune: "05440"}}, "", "eform.place.old"},
		{Question{Kind: KindAddress}, Value{Place: &Place{Commune: "99999"}}, "", "eform.place.code"},
		{Question{Kind: KindAddress}, Value{Place: &Place{Commune: "05443", Province: "01"}}, "", "eform.place.province"},
		{Question{Kind: KindAddress}, Value{Place: &Place{Country: "LA"}}, "", "eform.place.abroad"},
		{Question{Kind: KindAddress}, Value{Place: &Place{Country: "ZZ", Detail: "x"}}, "", "eform.place.country"},
		{Question{Kind: KindCard}, Value{Card: &CardPaper{Kind: "CCCD", Serial: "001 192 000 001", Issued: "1/2/2022"}}, "001192000001", ""},
		{Question{Kind: KindCard}, Value{Card: &CardPaper{Kind: "CCCD", Serial: "123"}}, "", "eform.wrong.card_serial"},
		{Question{Kind: KindCard}, Value{Card: &CardPaper{Kind: "passport", Serial: "c1234567"}}, "C1234567", ""},
		{Question{Kind: KindCard}, Value{Card: &CardPaper{Kind: "passport", Serial: "Ế12"}}, "", "eform.wrong.passport"},
		{Question{Kind: KindCard}, Value{Card: &CardPaper{Serial: "1"}}, "", "eform.wrong.card_kind"},
		{Question{Kind: KindCard}, Value{Card: &CardPaper{Kind: "CC"}}, "", "eform.wrong.card_serial_missing"},
		{Question{Kind: KindCard}, Value{Card: &CardPaper{Kind: "CMND", Serial: "012345678", Issued: "2027-01-01"}}, "", "eform.wrong.future"},
	} {
		got, wrong := c.q.Normal(c.in, here)
		key, out := "", got.Text
		if wrong != nil {
			key, out = wrong.Key, ""
		}
		switch {
		case wrong == nil && got.Place != nil:
			out = got.Place.Commune
		case wrong == nil && got.Card != nil:
			out = got.Card.Serial
		}
		if key != c.key || out != c.want {
			t.Errorf("%s %+v %+v: %q %q, want %q %q", c.q.Kind, c.in, c.in.Place, out, key, c.want, c.key)
		}
		if wrong == nil {
			again, w := c.q.Normal(got, here)
			if w != nil || !again.Same(got) {
				t.Errorf("%s: what is normal is not so again: %+v, %v", c.q.Kind, again, w)
			}
		}
	}
}

// allAnswers are answers to everything that the form of a birth asks.
func allAnswers() Answers {
	home := typedPlace(Place{Commune: "05443", Province: "19", Detail: "Số 5 phố Thử"})
	return Answers{
		"req.relation": typed("mother"), "req.name": typed("Lê Thị Vợ"), "req.birth": typed("1992-05-06"), "req.residence": home,
		"req.card":   {Value: Value{Card: &CardPaper{Kind: "CCCD", Serial: "001192000001"}}, Source: Typed},
		"child.name": typed("Nguyễn Thị Bé"), "child.birth": typed("2026-11-20"), "child.sex": typed("2"), "child.birthplace": home,
		"child.ethnicity": typed("01"), "child.nationality": typed("VN"), "child.origin": home, "parents.married": typed("yes"),
		"mother.number": typed("001192000001"), "mother.name": typed("Lê Thị Vợ"), "mother.birth": typed("1992"), "mother.residence": home,
		"father.number": typed("001090000001"), "father.name": typed("Nguyễn Văn Thử"), "father.birth": typed("1990-01"),
		"copies.want": typed("yes"), "copies.count": typed("2"),
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	if got := said(f.Check(allAnswers(), here)); len(got) != 0 {
		t.Fatalf("a whole form has faults: %v", got)
	}
	for _, c := range []struct {
		name, path string
		answer     *Answer
		want       string
	}{
		{"missing", "child.name", nil, "child.name missing.text"},
		{"left empty", "child.sex", &Answer{Source: Typed}, "child.sex missing.choice"},
		{"of the future", "child.birth", ptr(typed("2026-12-24")), "child.birth wrong.future"},
		{"a child that applies", "req.birth", ptr(typed("2015-01-01")), "req.birth wrong.young"},
		{"born after the child", "mother.birth", ptr(typed("2027")), "mother.birth wrong.before"},
		{"the same two", "father.number", ptr(typed("001192000001")), "father.number wrong.same"},
		{"what nobody asked", "child.shoe", ptr(typed("17")), "child.shoe wrong.unknown"},
		{"what others fill in", "entry.number", ptr(typed("1/2026")), "entry.number wrong.not_asked"},
		{"locked and typed over", "req.name", &Answer{Value: Value{Text: "Ai Khác"}, Source: Typed, Locked: true}, "req.name wrong.locked"},
		{"from nowhere", "req.phone", &Answer{Value: Value{Text: "0912345678"}}, "req.phone wrong.source"},
		{"too many", "copies.count", ptr(typed("21")), "copies.count wrong.most"},
	} {
		a := allAnswers()
		if delete(a, c.path); c.answer != nil {
			a[c.path] = *c.answer
		}
		same(t, said(f.Check(a, here)), c.want)
	}
	a := allAnswers()
	a["child.origin"] = Answer{Value: Value{Text: "x"}, Source: Typed, Offered: []Offer{{Value: Value{Text: "y"}}, {Value: Value{Text: "z"}}}}
	if got := said(f.Check(a, here)); !slices.Contains(got, "child.origin place.unknown") {
		t.Error(got)
	}
	a = allAnswers()
	a["child.ethnicity"] = Answer{Value: Value{Text: "03"}, Source: Typed, Offered: []Offer{{Value: Value{Text: "01"}}, {Value: Value{Text: "02"}}}}
	same(t, said(f.Check(a, here)), "child.ethnicity wrong.offered")
}

// TestOfferedOldPlace: of a mother and a father who come from where it is called otherwise
// today, one can be chosen; what the register says is not judged.
func TestOfferedOldPlace(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	a := allAnswers()
	offered := []Offer{
		{Value: Value{Place: &Place{Country: Vietnam, Commune: "05500", Province: "19", District: "165"}}, Of: []string{"father"}},
		{Value: Value{Place: &Place{Country: Vietnam, Commune: "05443", Province: "19", District: "164"}}, Of: []string{"mother"}},
	}
	a["child.origin"] = Answer{Source: Typed, Offered: offered}
	for _, o := range offered {
		got, err := f.Put(a, here, "child.origin", o.Value.Clone(), Typed, noon)
		if err != nil {
			t.Fatalf("%s is refused: %v", o.Value.Place.Commune, err)
		}
		if !got["child.origin"].Value.Same(o.Value) {
			t.Errorf("%+v became %+v", o.Value.Place, got["child.origin"].Value.Place)
		}
		same(t, said(f.Check(got, here)))
		if next := Next(f.Pages(got, here), ""); next.Path == "child.origin" {
			t.Errorf("it is asked again after %s", o.Value.Place.Commune)
		}
	}
	if _, err := f.Put(a, here, "child.origin", Value{}, Typed, noon); fault.As(err) == nil || fault.As(err).Key != "eform.missing.choice" {
		t.Errorf("nothing chosen: %v", err)
	}
}

func ptr(a Answer) *Answer { return &a }

func TestCheckNamesTheQuestionInBothLanguages(t *testing.T) {
	t.Parallel()
	f := readForm(t, "birth")
	catalogue, err := i18n.Load(Messages, citizen.Messages)
	if err != nil {
		t.Fatal(err)
	}
	wrong := f.Check(Answers{}, here)
	if len(wrong) < 10 {
		t.Fatal(said(wrong))
	}
	for _, w := range wrong {
		vi, en := catalogue.In(i18n.Vi).T(w.Key, w.Args), catalogue.In(i18n.En).T(w.Key, w.Args)
		_, q, _, _ := f.Find(w.Field)
		if !strings.Contains(vi, q.Label.Vi) || !strings.Contains(en, q.Label.En) || strings.ContainsAny(vi+en, "{}[]") {
			t.Errorf("%s: %q, %q", w.Field, vi, en)
		}
	}
}

func TestKnownChecks(t *testing.T) {
	t.Parallel()
	for check, want := range map[string]bool{
		"not_after_today": true, "before:child.birth": true, "age_at_least:18": true, "differs:mother.number": true, "fits_number:mother.number": true,
		"before": false, "age_at_least:x": false, "not_after_today:x": false, "unheard": false, "before:": false,
	} {
		if _, ok := KnownCheck(check); ok != want {
			t.Errorf("%s: %v", check, ok)
		}
	}
}
