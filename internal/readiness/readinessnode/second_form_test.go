package readinessnode_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessdocx"
	"dean06/internal/readiness/readinessnode"
	"dean06/internal/readiness/readinessxlsx"
)

// survey opens a round on the second form, which has nothing of letter 488: thirty rows of
// numbers, days, yes or no.
func survey(t *testing.T, o *opened) *readiness.Template {
	t.Helper()
	raw, err := os.ReadFile("../testdata/clinics.json")
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := o.Register().AddTemplate(t.Context(), coordinator, raw)
	if err != nil {
		t.Fatal(err)
	}
	day := clock.MustDate("2026-09-01")
	there, err := o.Register().Choosable(coordinator, []string{readiness.Province}, day)
	if err != nil {
		t.Fatal(err)
	}
	set := readiness.RecipientSet{On: day, Kinds: []string{readiness.Province}}.Resolve(there)
	err = o.Register().OpenCampaign(t.Context(), readinessnode.System(), readiness.Campaign{
		ID: "KSPK", Number: "77/SYT-NVY", Issued: day, Due: clock.MustDate("2026-12-30"), Template: tpl.Ref(),
		Issuer: readiness.Text{Vi: "Bộ Y tế", En: "Ministry of Health"}, Place: readiness.Text{Vi: "Hà Nội", En: "Hà Nội"},
		Subject: readiness.Text{Vi: "V/v khảo sát phòng khám", En: "Survey of clinics"}, Body: []readiness.Text{{Vi: "Đề nghị", En: "Please"}},
		Recipients: set,
	})
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

// surveyed fills the form in: each amount, day and choice the same but for what is given.
func surveyed(tpl *readiness.Template, agency, name, amount, has string) readiness.Return {
	ret := readiness.Return{
		Campaign: "KSPK", Agency: agency, Template: tpl.Ref(), Heading: strings.ToUpper(name),
		Contact: readiness.Contact{FullName: "Nguyễn Văn Mẫu", Organisation: name, Phone: "000 000 0123"},
	}
	for _, row := range tpl.Rows {
		if !row.Answered() {
			continue
		}
		a := readiness.Answer{Row: row.Key, Key: row.Key, Values: map[string]string{}}
		for _, c := range tpl.AskedOwn(row) {
			a.Values[c.Key] = map[readiness.ColumnKind]string{
				readiness.NumberColumn: amount, readiness.DateColumn: "2026-02-28", readiness.YesNoColumn: has,
			}[c.Kind]
		}
		ret.Answers = append(ret.Answers, a)
	}
	return ret
}

func TestSecondFormGoesTheWholeWay(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := context.Background()
		o := openOn(t, db, clock.System{})
		tpl := survey(t, o)
		word := surveyed(tpl, "H55", "UBND tỉnh Thái Nguyên", "25.5", readiness.Yes)
		excel := surveyed(tpl, "H26", "UBND thành phố Hà Nội", "4", readiness.No)
		doc, err := readinessdocx.Write(tpl, &word, readinessdocx.Options{Heading: word.Heading, Kind: readiness.Province})
		if err != nil {
			t.Fatal(err)
		}
		book, err := readinessxlsx.Write(tpl, &excel, readinessxlsx.Options{
			AgencyCode: "H26", AgencyName: "UBND thành phố Hà Nội", CampaignCode: "KSPK", Kind: readiness.Province, Lang: "vi",
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range intake(t, o, "KSPK",
			readiness.File{Name: "thai-nguyen.docx", Size: int64(len(doc)), Content: doc},
			readiness.File{Name: "ha-noi.xlsx", Size: int64(len(book)), Content: book},
		) {
			if i.Status != readiness.ItemAccepted {
				t.Errorf("%s: %s %v", i.File.Name, i.Status, found(i))
			}
		}
		// The third comes through the API: what it leaves out counts as nothing.
		third := surveyed(tpl, "H14", "UBND tỉnh Cao Bằng", "10", readiness.Yes)
		third.Answers = third.Answers[:len(third.Answers)-1]
		system := actor.Actor{Account: "0197-system", Agency: "H14", Roles: []string{readiness.FocalPoint}}
		if _, err := o.Register().SubmitReturn(ctx, system, "KSPK", "H14", third, readiness.ByAPI); err == nil {
			t.Error("a required row is left out, and nobody says so")
		}
		third = surveyed(tpl, "H14", "UBND tỉnh Cao Bằng", "10", readiness.Yes)
		if _, err := o.Register().SubmitReturn(ctx, system, "KSPK", "H14", third, readiness.ByAPI); err != nil {
			t.Fatal(err)
		}
		figures, err := o.Register().Figures(ctx, leader, readiness.Question{Campaign: "KSPK"})
		if err != nil {
			t.Fatal(err)
		}
		if figures.Rule != readiness.ComponentShare1 || len(figures.Provinces.Answered) != 2 {
			t.Errorf("rule %s, answered %v", figures.Rule, figures.Provinces.Answered)
		}
		for component, want := range map[string][]string{"staff": {"H55"}, "it": {"H55"}, "licence": {"H55"}} {
			if f, _ := figures.Provinces.Figure(component); !slices.Equal(f.Met, want) {
				t.Errorf("%s is met by %v, want %v", component, f.Met, want)
			}
		}
		sums, err := o.Register().Aggregate(ctx, leader, readiness.Question{Campaign: "KSPK"})
		if err != nil {
			t.Fatal(err)
		}
		if len(sums.Stages) != 0 || len(sums.Values) != 31 {
			t.Errorf("%d stages, %d values", len(sums.Stages), len(sums.Values))
		}
		beds := sums.Values[slices.IndexFunc(sums.Values, func(v readiness.ValueTotal) bool { return v.Row.Key == "8" })]
		if len(beds.Given) != 2 || beds.Sum != 29.5 || beds.Least != 4 || beds.Most != 25.5 || len(beds.Missing) != 0 {
			t.Errorf("beds: %+v", beds)
		}
		// Each of the papers is printed, in both languages, and says what the form asks.
		for _, format := range []string{"docx", "pdf", "xlsx"} {
			for _, lang := range []string{"vi", "en"} {
				f, err := o.Exports().Report(ctx, leader, readiness.Question{Campaign: "KSPK"}, format, lang)
				if err != nil || len(f.Content) < 1000 {
					t.Errorf("report as %s in %s: %d bytes, %v", format, lang, len(f.Content), err)
				}
			}
		}
	})
}

// A messy return on the second form goes to a person, as one on the first does.
func TestSecondFormInDoubt(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		o := openOn(t, db, clock.System{})
		tpl := survey(t, o)
		ret := surveyed(tpl, "H55", "UBND tỉnh Thái Nguyên", "98765", readiness.Yes)
		raw, err := readinessdocx.Write(tpl, &ret, readinessdocx.Options{Heading: ret.Heading, Kind: readiness.Province})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for old, news := range map[string][]string{
			">98765<":      {">1.234<", ">khoảng 98765<", ">98765?<", ">chưa rõ<", ">80 %<", ">98765 (trong đó 3 hỏng)<"},
			">28/02/2026<": {">31/02/2026<", ">28/2/26<", ">02/28/2026<", ">tháng 2/2026<", ">28/02/2126<"},
			">Có<":         {">Có?<", ">Cơ bản có<", ">Có một phần<", ">Chưa rõ<", ">Có/Không<"},
			"TỈNH THÁI":    {"HUYỆN ĐẠI TỪ, TỈNH THÁI"},
		} {
			for _, text := range news {
				w := openWord(t, raw)
				if !w.replace(old, text) {
					t.Fatalf("nothing to replace: %s", old)
				}
				changed := w.bytes(t)
				n++
				item := intake(t, o, "KSPK", readiness.File{Name: fmt.Sprintf("%d.docx", n), Size: int64(len(changed)), Content: changed})[0]
				if item.Status == readiness.ItemAccepted {
					t.Errorf("%s for %s: accepted", text, old)
				}
			}
		}
		if n != 17 {
			t.Errorf("%d were tried", n)
		}
	})
}
