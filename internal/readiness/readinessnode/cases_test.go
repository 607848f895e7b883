package readinessnode_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
)

const cases = "../testdata/cases/"

// intake takes files into a round of a new register.
func intake(t *testing.T, o *opened, campaign string, files ...readiness.File) []readiness.BatchItem {
	t.Helper()
	var items []readiness.BatchItem
	_, err := o.Register().Import(t.Context(), shell, readiness.Batch{Campaign: campaign}, slices.Values(files), func(i readiness.BatchItem) {
		items = append(items, i)
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// rounds opens copies of letter 488, one for each test of a table: a register is made once.
func rounds488(t *testing.T, o *opened, n int) []string {
	t.Helper()
	round, err := o.Register().Campaign(t.Context(), shell, "488")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range n {
		round.ID = fmt.Sprintf("488-%d", i)
		if err := o.Register().OpenCampaign(t.Context(), readinessnode.System(), round); err != nil {
			t.Fatal(err)
		}
		out = append(out, round.ID)
	}
	return out
}

func fileAt(t *testing.T, path string) readiness.File {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return readiness.File{Name: filepath.Base(path), Size: int64(len(raw)), Content: raw}
}

// found writes the problems of an item as "row reason", those that only tell in brackets.
func found(i readiness.BatchItem) []string {
	var out []string
	for _, p := range i.Problems {
		s := strings.TrimSpace(p.Row + " " + strings.TrimPrefix(p.Reason, "readiness.problem."))
		if p.Severity == readiness.Notes {
			s = "(" + s + ")"
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// What is right for each file of the cases that is about whose it is or about what stands
// beside the text. "says" are words that a person must be shown.
func TestCases(t *testing.T) {
	t.Parallel()
	o := openOn(t, sqldbtest.OpenSQLite(t), clock.System{})
	table := []struct {
		file   string
		status readiness.ItemStatus
		agency string
		find   []string // among the problems
		says   []string // among their texts
		answer string   // "row=option" of the return, as far as it is read
	}{
		{"01-tracked-answer.docx", readiness.ItemNeedsReview, "H55", []string{"4.3 trace.changed"}, []string{"Đã đáp ứng", "Chưa đáp ứng"}, ""},
		{"11-nested-table.docx", readiness.ItemNeedsReview, "H55", []string{"3 trace.nested_table"}, []string{"64", "1875"}, ""},
		{
			"14b-agency-bac-kan-contact-thai-nguyen.docx", readiness.ItemNeedsReview, "",
			[]string{"agency_contact", "agency_mail"},
			[]string{"Sở Thông tin và Truyền thông tỉnh Thái Nguyên", "@thainguyen.example.vn"},
			"",
		},
		{"14e-agency-district.docx", readiness.ItemNeedsReview, "", []string{"agency_part"}, []string{"HUYỆN ĐẠI TỪ"}, ""},
		{"17-x-in-columns.docx", readiness.ItemNeedsReview, "H55", nil, nil, "1.2=partially_met"},
		{"20-tcvn3.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.old_font"}, nil, "2=partially_met"},
		{"41-docx-named-xlsx.xlsx", "", "H55", nil, nil, "2=partially_met"},
		{"61-hidden-rows.xlsx", readiness.ItemNeedsReview, "H55", []string{"4.3 trace.hidden_row", "2 trace.hidden_column"}, nil, ""},
		{"71-copied-sheet.xlsx", readiness.ItemNeedsReview, "H55", []string{"trace.other_sheet.file"}, []string{"Chưa đáp ứng"}, ""},
		{"72-comment.xlsx", readiness.ItemNeedsReview, "H55", []string{"1.1 trace.comment"}, []string{"Thực ra chưa đáp ứng"}, ""},
		{"cell-comment.xlsx", readiness.ItemNeedsReview, "H55", []string{"2 trace.comment"}, []string{"Thực ra chưa nghiệm thu"}, ""},
		{"count-1.234-number.xlsx", readiness.ItemNeedsReview, "H55", nil, []string{"1.234"}, ""},
		{"comment.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.comment"}, []string{"Đề nghị sửa thành Chưa đáp ứng"}, ""},
		{"footnote.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.footnote"}, nil, ""},
		{"footnote-choice.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.footnote"}, []string{"Thực ra mới đáp ứng một phần"}, ""},
		{"letter-5.docx", "", "H55", []string{"(letter_number)"}, nil, ""},
		{"letter-7.docx", readiness.ItemNeedsReview, "H55", []string{"letter_date"}, []string{"31/6/2023"}, ""},
		{"name-in-header.docx", "", "H55", nil, nil, ""},
		{"tcvn3-note.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.old_font"}, []string{"Đang chờ phê duyệt kinh phí"}, ""},
		{"tcvn3.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.old_font"}, nil, ""},
		{"tick-02-font-wingdings-thorn.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.symbol"}, nil, "2=met"},
		{"tick-03-font-wingdings-pua.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.symbol"}, nil, "2=met"},
		{"tick-04-font-wingdings2.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.symbol"}, nil, "2=met"},
		{"x-footer.docx", readiness.ItemNeedsReview, "H55", []string{"trace.edge.file"}, []string{"Sở TTTT xác nhận chưa nghiệm thu"}, ""},
		{"x-picture-note.docx", readiness.ItemNeedsReview, "H55", []string{"2 trace.picture"}, nil, ""},
	}
	rounds := rounds488(t, o, len(table))
	for i, c := range table {
		t.Run(c.file, func(t *testing.T) {
			round := rounds[i]
			item := intake(t, o, round, fileAt(t, cases+c.file))[0]
			got := found(item)
			if c.status != "" && item.Status != c.status || item.Agency != c.agency || item.Status == readiness.ItemRejected {
				t.Errorf("%s of %q for %q, want %s of %q", item.Status, item.Agency, got, c.status, c.agency)
			}
			for _, want := range c.find {
				if !slices.Contains(got, want) {
					t.Errorf("problems %q, want %q", got, want)
				}
			}
			var said strings.Builder
			for _, p := range item.Problems {
				was, _ := p.Args["was"].(string)
				said.WriteString(p.Text + "\n" + was + "\n")
			}
			for _, want := range c.says {
				if !strings.Contains(said.String(), want) {
					t.Errorf("%q is shown to nobody:\n%s", want, said.String())
				}
			}
			if c.answer == "" {
				return
			}
			rec, err := o.store.Record(t.Context(), round, item.Agency)
			if err != nil || len(rec.Versions) == 0 {
				t.Fatalf("no version, %v", err)
			}
			row, option, _ := strings.Cut(c.answer, "=")
			for _, a := range rec.Versions[0].Return.Answers {
				if a.Row == row && a.Compliance != option {
					t.Errorf("row %s is %q, want %s", row, a.Compliance, option)
				}
			}
		})
	}
}

// A return of 2023 in a round of 2026: its agency has ended, its letter is older than the
// round's.
func TestAnOldReturnInALaterRound(t *testing.T) {
	t.Parallel()
	o := openOn(t, sqldbtest.OpenSQLite(t), clock.System{})
	round, err := o.Register().Campaign(t.Context(), shell, "1877")
	if err != nil {
		t.Fatal(err)
	}
	round.ID, round.Number, round.Previous = "2026", "2026/BTTTT-CĐSQG", "1877"
	round.Issued, round.Due = clock.MustDate("2026-11-29"), clock.MustDate("2026-12-20")
	round.Schedule = nil
	round.Recipients = readiness.RecipientSet{On: round.Issued, Kinds: []string{readiness.Ministry, readiness.Province}}
	if err := o.Register().OpenCampaign(t.Context(), readinessnode.System(), round); err != nil {
		t.Fatal(err)
	}
	item := intake(t, o, "2026", fileAt(t, cases+"80-ha-nam-in-2026.docx"))[0]
	got := found(item)
	if item.Status != readiness.ItemNeedsReview || item.Agency != "" || !slices.Contains(got, "agency_ended") || !slices.Contains(got, "letter_earlier") {
		t.Errorf("%s of %q for %q", item.Status, item.Agency, got)
	}
	// The person who knows says whose it is, and it is taken in.
	if item, err = o.Register().DecideItem(t.Context(), shell, item.ID, readiness.TakeIn, "H42"); err != nil || item.Version != 1 {
		t.Errorf("taken in: %+v, %v", item, err)
	}
}

// Several returns of one agency in one batch: none counts until a person has chosen,
// whatever their names and their order; the same file twice is one.
func TestSeveralOfOneAgency(t *testing.T) {
	t.Parallel()
	old, final := fileAt(t, cases+"two-in-one-batch/a-ban-cu.docx"), fileAt(t, cases+"two-in-one-batch/b-ban-chinh-thuc.docx")
	third, other := fileAt(t, cases+"letter-5.docx"), fileAt(t, cases+"80-ha-nam-in-2026.docx")
	copied := old
	copied.Name = "c-ban-sao.docx"
	o := openOn(t, sqldbtest.OpenSQLite(t), clock.System{})
	rounds := rounds488(t, o, 6)
	for name, c := range map[string]struct {
		files []readiness.File
		asked int // how many wait for a person to choose
	}{
		"two":              {[]readiness.File{old, final}, 2},
		"the other way":    {[]readiness.File{final, old}, 2},
		"three":            {[]readiness.File{old, other, final, third}, 3},
		"a copy":           {[]readiness.File{old, copied}, 0},
		"a copy of one":    {[]readiness.File{old, final, copied}, 2},
		"of two provinces": {[]readiness.File{old, other}, 0},
	} {
		round := rounds[0]
		rounds = rounds[1:]
		t.Run(name, func(t *testing.T) {
			items := intake(t, o, round, c.files...)
			asked := 0
			for _, i := range items {
				if slices.ContainsFunc(i.Problems, func(p readiness.Problem) bool { return p.Reason == "readiness.problem.same_waits" }) {
					if i.Open() {
						t.Errorf("%s: the same content waits twice", i.File.Name)
					}
				} else if slices.Contains(found(i), "several_in_batch") {
					asked++
					if i.Status != readiness.ItemNeedsReview || !i.Open() {
						t.Errorf("%s: %s", i.File.Name, i.Status)
					}
				} else if i.Status != readiness.ItemAccepted {
					t.Errorf("%s: %s for %q", i.File.Name, i.Status, found(i))
				}
			}
			if asked != c.asked {
				t.Errorf("%d wait, want %d", asked, c.asked)
			}
			rec, err := o.store.Record(t.Context(), round, "H55")
			if err != nil {
				t.Fatal(err)
			}
			if _, _, counts := rec.Counted(clock.System{}.Now()); counts != (c.asked == 0) {
				t.Errorf("something counts: %v", counts)
			}
		})
	}
}
