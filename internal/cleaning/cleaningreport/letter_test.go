package cleaningreport

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
)

// TestLetter holds that the letter says in both languages what became of the rows and what
// proves the files, and names nobody who worked on them.
func TestLetter(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load(Messages, cleaning.Messages, chart.Messages, paper.Messages)
	if err != nil {
		t.Fatal(err)
	}
	sum := strings.Repeat("0a", 32)
	in := In{From: "Bộ Công an", To: "Bảo hiểm xã hội Việt Nam", URL: "https://dancu.example.vn/cleaning/x", Standing: cleaning.Standing{
		Batch: cleaning.Batch{
			ID: "01a22f14-5001-7a88-a2f2-e38c2cfb701b", Name: "mui-tiem.csv", Basis: "Công văn 1254/BHXH-CNTT", Purpose: "Bổ sung số định danh",
			By: "vu.thi.ho.tich", ApprovedBy: "do.van.cu.tru", At: time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC), AsOf: time.Date(2026, 11, 30, 2, 1, 0, 0, time.UTC),
			Until: clock.MustDate("2027-03-01"), Report: &cleaning.Report{Rows: 300},
			Papers: []cleaning.Paper{{Format: "csv", File: cleaning.File{SHA256: sum, Size: 62071}, Signature: cleaning.Signature{Signature: []byte("signed")}}},
		},
		Outcomes: map[cleaning.Outcome]int{cleaning.Verified: 97, cleaning.Corrected: 178, cleaning.NotFound: 25},
		Measured: cleaning.Measured{Control: 20, Right: 19, Precision: [2]float64{.76, .99}, Reviewers: 3, Recall: &cleaning.Recall{From: .912, To: .987, Open: 4}},
	}}
	for lang, want := range map[i18n.Lang][]string{
		i18n.Vi: {"Khớp", "32,3%", "62.071 byte", sum, "từ 91,2% đến 98,7%", "còn 4 dòng", ".sig.json", "01/03/2027", "Như trên"},
		i18n.En: {"Verified", "32.3%", "62,071 bytes", sum, "between 91.2% and 98.7%", "4 rows are not decided", ".sig.json", "1 March 2027", "As above"},
	} {
		p := texts.In(lang)
		var said []string
		d := Letter(p, in)
		for _, part := range d.Body {
			switch part := part.(type) {
			case paper.Para:
				for _, r := range part.Runs {
					said = append(said, r.Text)
				}
			case paper.Table:
				for _, row := range part.Rows {
					for _, cell := range row {
						said = append(said, cell.Text)
					}
				}
			}
		}
		all := strings.Join(append(said, d.CopiesTo...), "\n")
		for _, w := range want {
			if !strings.Contains(all, w) {
				t.Errorf("%s: %q is not said in:\n%s", lang, w, all)
			}
		}
		for _, no := range []string{"vu.thi.ho.tich", "do.van.cu.tru", "cleaning.", "c2lnbmVk"} {
			if strings.Contains(all, no) {
				t.Errorf("%s: the letter says %q", lang, no)
			}
		}
		for format, begins := range map[string]string{"docx": "PK", "pdf": "%PDF"} {
			if raw, err := Written(p, in, format); err != nil || !bytes.HasPrefix(raw, []byte(begins)) {
				t.Errorf("%s as %s: %v", lang, format, err)
			}
		}
	}
	if _, err := Written(texts.In(i18n.Vi), in, "exe"); err == nil {
		t.Error("a letter as exe")
	}
}
