package dossierpaper_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/deadline"
	"dean06/internal/dossier"
	"dean06/internal/dossier/dossierpaper"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/platform/paper/papertest"
	"dean06/internal/procedure"
)

var update = flag.Bool("update", false, "write the golden files anew")

// country knows one commune.
type country struct{}

func (country) Called(string) []eform.Unit { return nil }

func (country) Commune(code string, _ clock.Date) (eform.Unit, bool) {
	return eform.Unit{Code: code, Name: "Phường Phan Đình Phùng", Province: "19", ProvinceName: "Tỉnh Thái Nguyên"}, code == "05443"
}

func (country) Province(code string, _ clock.Date) (eform.Unit, bool) {
	return eform.Unit{Code: code, Name: "Tỉnh Thái Nguyên", Province: code}, code == "19"
}
func (country) Provinces(clock.Date) []eform.Unit          { return nil }
func (country) Became(eform.Unit, clock.Date) []eform.Unit { return nil }

func maker(t *testing.T) dossierpaper.Maker {
	t.Helper()
	texts, err := i18n.Load(dossierpaper.Messages, paper.Messages, eform.Messages)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"H55.C05443": "Ủy ban nhân dân phường Phan Đình Phùng", "H55": "Ủy ban nhân dân tỉnh Thái Nguyên"}
	return dossierpaper.Maker{
		Texts: texts, Units: country{},
		Agency:  func(code string) string { return names[code] },
		Above:   func(code string) string { return "" },
		Seat:    func(string) string { return "Phan Đình Phùng" },
		Person:  func(context.Context, string) string { return "Lường Thị Một Cửa" },
		Address: func(proof string) string { return "https://dichvu.example.vn/proof/" + proof },
	}
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func birth(t *testing.T) *procedure.Package {
	t.Helper()
	p := procedure.InForce(procedure.Packages(), "1.001193", clock.MustDate("2026-11-27"))
	if p == nil {
		t.Fatal("there is no package of births")
	}
	return p
}

func sample(p *procedure.Package) dossier.Dossier {
	said := func(text string) eform.Answer {
		return eform.Answer{Value: eform.Value{Text: text}, Source: eform.Typed}
	}
	home := eform.Answer{Value: eform.Value{Place: &eform.Place{Country: "VN", Province: "19", Commune: "05443", Detail: "Số 12, ngõ 3"}}, Source: eform.Register}
	d := dossier.Dossier{
		Code: "H55.C05443-20261127-0000012", Procedure: p.Code, Package: p.Version, Case: "married", Channel: dossier.Online,
		Applicant: dossier.Party{Kind: "citizen", Name: "H'Hen Niê Kđăm Nguyễn Thị Hoàng Mai", Phone: "0912345678", Email: "me@example.vn"},
		Answers: eform.Answers{
			"request.situation": said("married"), "child.name": said("Nguyễn Bình An"), "child.birth": said("2026-11-20"), "child.sex": said("2"),
			"child.ethnicity": said("01"), "child.nationality": said("VN"), "mother.name": said("Nguyễn Thị Hoàng Mai"), "mother.birth": said("1996-03-08"),
			"mother.residence": home, "applicant.residence": home, "father.name": said("Trần Văn Nam"), "child.number": said("019326000123"),
			"request.entry": said("87"), "request.book": said("02/2026"), "applicant.name": said("Nguyễn Thị Hoàng Mai"),
		},
		Papers:    []dossier.Paper{{Requirement: p.Papers[0].ID, How: dossier.ByUpload, Name: "giay-chung-sinh.jpg"}},
		Receiving: "H55.C05443", Competent: "H55.C05443", Agency: "H55.C05443",
		SubmittedAt: at("2026-11-27 09:12"), ReceivedAt: at("2026-11-27 10:05"), Due: at("2026-11-27 17:00"), Rule: deadline.Rule{SameDay: true},
	}
	return d
}

func TestPapers(t *testing.T) {
	t.Parallel()
	p := birth(t)
	reason := p.Reasons[0].Code
	for _, c := range []struct {
		name, kind string
		with       func(*dossier.Dossier)
		result     string
	}{
		{"receipt", dossier.PaperReceipt, func(*dossier.Dossier) {}, ""},
		{"authorised", dossier.PaperReceipt, func(d *dossier.Dossier) {
			d.For = &dossier.Party{Kind: dossier.OfCitizen, Name: "Vi Thị Hồng", Number: "019196000123"}
		}, ""},
		{"organisation", dossier.PaperReceipt, func(d *dossier.Dossier) {
			d.Applicant.Kind, d.Applicant.Organisation = dossier.OfOrganisation, &dossier.Organisation{Code: "0101234567", Name: "Làng trẻ em SOS"}
		}, ""},
		{"supplement", dossier.PaperSupplement, func(d *dossier.Dossier) {
			d.Supplements = []dossier.Supplying{{Asked: []dossier.Asked{
				{Paper: p.Papers[0].ID, Reason: reason, Note: "Ảnh chụp bị mất góc có dấu của bệnh viện"}, {Field: "child.birthplace", Reason: reason},
			}}}
		}, ""},
		{"refusal", dossier.PaperRefusal, func(d *dossier.Dossier) { d.Refused = []dossier.Asked{{Reason: reason}} }, ""},
		{"birth", dossier.PaperResult, func(*dossier.Dossier) {}, p.Results[0].ID},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := sample(p)
			c.with(&d)
			issue := dossier.ResultPaper{
				ID: "p1", Kind: c.kind, Result: c.result, Number: "12/TNHS", Proof: "k7Qm2Zx9Rb4Nf1Wv8Tc3Ld", At: at("2026-11-27 10:05"), By: "a1", Unsigned: true,
			}
			pdf, err := maker(t).Make(t.Context(), c.kind, d, p, issue)
			if err != nil {
				t.Fatal(err)
			}
			again, err := maker(t).Make(t.Context(), c.kind, d, p, issue)
			if err != nil || !bytes.Equal(pdf, again) {
				t.Errorf("the same paper made again differs (%v)", err)
			}
			got := strings.TrimRight(papertest.Text(t, pdf), "\n\f ") + "\n"
			golden := filepath.Join("testdata", c.name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("text of the paper (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProofHasCompany makes receipts of any length: the code that proves one stands under who
// signed, never on a page alone.
func TestProofHasCompany(t *testing.T) {
	t.Parallel()
	p := birth(t)
	d := sample(p)
	for n := range 24 {
		d.Originals = append(d.Originals, dossier.Original{Name: "Giấy tờ khác", Count: n + 1})
		d.Papers = append(d.Papers, dossier.Paper{Requirement: p.Papers[0].ID, How: dossier.ByUpload, Name: "trang.jpg"})
		pdf, err := maker(t).Make(t.Context(), dossier.PaperReceipt, d, p, dossier.ResultPaper{
			ID: "p1", Kind: dossier.PaperReceipt, Number: "12/TNHS", Proof: "k7Qm2Zx9Rb4Nf1Wv8Tc3Ld", At: at("2026-11-27 10:05"), By: "a1", Unsigned: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		pages := strings.Split(strings.TrimRight(papertest.Text(t, pdf), "\n\f "), "\f")
		if last := pages[len(pages)-1]; !strings.Contains(last, "dichvu.example.vn") || !strings.Contains(last, "Lường Thị Một Cửa") {
			t.Errorf("with %d papers the last of %d pages says only:\n%s", n+1, len(pages), last)
		}
	}
}

func TestNoTemplate(t *testing.T) {
	t.Parallel()
	p := birth(t)
	for kind, result := range map[string]string{"result": "nothing", "04": ""} {
		if _, err := maker(t).Make(t.Context(), kind, sample(p), p, dossier.ResultPaper{Kind: kind, Result: result}); err == nil {
			t.Errorf("a paper of kind %q, result %q, was made", kind, result)
		}
	}
}
