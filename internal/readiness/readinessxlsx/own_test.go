package readinessxlsx_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessxlsx"
)

// survey is a form with a column of each kind of its own.
func survey(t testing.TB) *readiness.Template {
	t.Helper()
	raw, err := os.ReadFile("../testdata/survey.json")
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := readiness.LoadTemplate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func surveyed() readiness.Return {
	return readiness.Return{
		Agency: "H55", Campaign: "9", Template: "clinics/1", Contact: readiness.Contact{FullName: "Nguyễn Văn Mẫu", Phone: "000 000 0123"},
		Answers: []readiness.Answer{
			{Row: "1", Key: "1", Note: "đã kiểm kê", Values: map[string]string{"amount": "12.5"}},
			{Row: "2", Key: "2", Values: map[string]string{"day": "2024-06-05"}},
			{Row: "3", Key: "3", Values: map[string]string{"has": "no"}},
			{Row: "4", Key: "4", Values: map[string]string{"grade": "b", "equipped": "64/187"}},
		},
	}
}

func TestOwnColumnsComeBack(t *testing.T) {
	t.Parallel()
	tpl, want := survey(t), surveyed()
	for _, lang := range []string{"vi", "en"} {
		raw, err := readinessxlsx.Write(tpl, &want, readinessxlsx.Options{Kind: readiness.Province, Lang: lang, CampaignCode: "9", AgencyCode: "H55"})
		if err != nil {
			t.Fatal(err)
		}
		got, problems, err := readinessxlsx.Read(tpl, "a.xlsx", bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		opts := cmp.Options{
			cmpopts.EquateEmpty(), cmpopts.IgnoreFields(readiness.Answer{}, "Readings"), cmpopts.IgnoreFields(readiness.Return{}, "Seen"),
			cmpopts.EquateComparable(want.Letter.Date),
		}
		if diff := cmp.Diff(want, got, opts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
		if len(problems) != 0 {
			t.Errorf("%s: problems %+v", lang, problems)
		}
	}
}

// What Excel keeps is taken as it is kept; what is not certain goes to a person.
func TestOwnCells(t *testing.T) {
	t.Parallel()
	tpl, ret := survey(t), surveyed()
	raw, err := readinessxlsx.Write(tpl, &ret, readinessxlsx.Options{Kind: readiness.Province, Lang: "vi", CampaignCode: "9", AgencyCode: "H55"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		at    string // text of the cell that is overwritten
		with  any
		row   string
		col   string
		value string
		asked bool
	}{
		"a number":           {"12,5", 7.5, "1", "amount", "7.5", false},
		"a whole number":     {"12,5", 40, "1", "amount", "40", false},
		"two readings":       {"12,5", 1.234, "1", "amount", "1234", true},
		"beyond the bounds":  {"12,5", 100001, "1", "amount", "100001", true},
		"words":              {"12,5", "khoảng 12", "1", "amount", "12", true},
		"a date of Excel":    {"05/06/2024", 45000, "2", "day", "2023-03-15", false},
		"an impossible day":  {"05/06/2024", "31/06/2024", "2", "day", "", true},
		"another choice":     {"Không", "Có", "3", "has", "yes", false},
		"a doubtful choice":  {"Không", "Không?", "3", "has", "no", true},
		"another grade":      {"Hạng hai", "hạng ba", "4", "grade", "c", false},
		"no grade":           {"Hạng hai", "Hạng tư", "4", "grade", "", true},
		"part above whole":   {"64", "640", "4", "equipped", "640/187", true},
		"the whole is empty": {"187", "", "4", "equipped", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := excelize.OpenReader(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			const sheet = "2. Hiện trạng"
			at, err := f.SearchSheet(sheet, c.at)
			if err != nil || len(at) != 1 {
				t.Fatalf("cells %v with %q, %v; sheets %v", at, c.at, err, f.GetSheetList())
			}
			if err := f.SetCellValue(sheet, at[0], c.with); err != nil {
				t.Fatal(err)
			}
			var changed bytes.Buffer
			if err := f.Write(&changed); err != nil {
				t.Fatal(err)
			}
			got, problems, err := readinessxlsx.Read(tpl, "a.xlsx", bytes.NewReader(changed.Bytes()), int64(changed.Len()))
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(got.Answers, func(a readiness.Answer) bool { return a.Row == c.row })
			if v := got.Answers[i].Values[c.col]; v != c.value {
				t.Errorf("got %q, want %q", v, c.value)
			}
			all := append(problems, readiness.Check(tpl, got, readiness.Province)...)
			asked := slices.ContainsFunc(all, func(p readiness.Problem) bool { return p.Severity == readiness.Reviews && p.Row == c.row })
			if asked != c.asked {
				t.Errorf("asked %v, want %v: %+v", asked, c.asked, all)
			}
		})
	}
}
