package readinessreport

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/platform/paper/papertest"
	"dean06/internal/readiness"
)

// wordText gives the text of a Word document, its paragraphs set apart by spaces.
func wordText(t testing.TB, raw []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	dec := xml.NewDecoder(f)
	var b strings.Builder
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("document.xml is not well formed: %v", err)
		}
		switch x := tok.(type) {
		case xml.CharData:
			b.Write(x)
		case xml.EndElement:
			if x.Name.Local == "p" {
				b.WriteByte(' ')
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestReport(t *testing.T) {
	t.Parallel()
	in := input(t, "")
	all := in.Round.figure(groups[1], readiness.AllFive)
	network := in.Round.figure(groups[0], "network")
	wants := []string{
		"THỦ TƯỚNG", "BÁO CÁO", "I. TÌNH HÌNH CHUNG", "II. KẾT QUẢ THEO TỪNG THÀNH PHẦN", "III. NGUYÊN NHÂN CHƯA ĐÁP ỨNG",
		"IV. ĐỀ XUẤT, KIẾN NGHỊ", "V. KIẾN NGHỊ THỦ TƯỚNG CHÍNH PHỦ", "ngày 03 tháng 7 năm 2023", "/BC-BTTTT",
		fmt.Sprintf("%d/%d địa phương", len(all.Met), len(all.Of)), fmt.Sprintf("%d/%d bộ, ngành", len(network.Met), len(network.Of)),
		"theo báo cáo được chấp nhận đến hết ngày 30/06/2023", "tính tại ngày", "Quần đảo Hoàng Sa", "Quần đảo Trường Sa", "Nguyễn Văn Mẫu",
		"Bà Rịa - Vũng Tàu", "Xem xét bổ sung hệ thống cấp số thứ tự", "Nhân lực chuyên trách còn thiếu", "21/89", "Nơi nhận:",
	}
	for _, l := range i18n.Langs {
		p := printer(t, l)
		start := time.Now()
		pdf, err := PDF(p, in)
		if err != nil {
			t.Fatal(err)
		}
		word, err := Word(p, in)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: both in %v, pdf %d bytes, word %d bytes", l, time.Since(start), len(pdf), len(word))
		save(t, "report-"+string(l)+".pdf", pdf)
		save(t, "report-"+string(l)+".docx", word)
		for kind, text := range map[string]string{"PDF": papertest.Running(t, pdf), "Word": wordText(t, word)} {
			for _, bad := range []string{
				"[report.", "[paper.", "[chart.", "NaN", "%!", "{n}", "{names}", // and nothing that only the program calls so
				"component-met", "not_met", "partially_met", "all_five", "procedure_system", "onestop_equipment", "readiness.",
			} {
				if strings.Contains(text, bad) {
					t.Errorf("%s %s holds %q", l, kind, bad)
				}
			}
			if l != i18n.Vi {
				continue
			}
			for _, want := range wants {
				if kind == "Word" && strings.HasPrefix(want, "Quần đảo") {
					continue // in the picture; its words are tested below
				}
				if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
					t.Errorf("%s lacks %q", kind, want)
				}
			}
		}
	}
}

// Each agency that meets a figure is named behind it.
func TestFiguresNameTheirAgencies(t *testing.T) {
	t.Parallel()
	in, p := input(t, ""), printer(t, i18n.Vi)
	raw, err := PDF(p, in)
	if err != nil {
		t.Fatal(err)
	}
	text := papertest.Running(t, raw)
	for _, s := range in.Round.Statements {
		// Once in the matrix at least, and once for each component that it meets.
		want := 1
		for _, status := range s.Verdict.Components {
			if s.Answered() && status == readiness.Met {
				want++
			}
		}
		if got := strings.Count(text, strings.Join(strings.Fields(s.Name), " ")); got == 0 {
			t.Errorf("%s is not named, want at least %d times", s.Name, want)
		}
	}
}

func TestReportOfNothing(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	c := campaigns(t)[0]
	tpl := template(t)
	in := Input{
		Round:    Round{Campaign: c, Figures: readiness.Tally(readiness.Question{Campaign: "488"}, readiness.ComponentMet1, tpl, nil)},
		Template: tpl,
	}
	for name, write := range map[string]func(*i18n.Printer, Input) ([]byte, error){"pdf": PDF, "word": Word, "excel": Excel} {
		if raw, err := write(p, in); err != nil || len(raw) == 0 {
			t.Errorf("%s: got %d bytes, error %v", name, len(raw), err)
		}
	}
}

// In the units of a later day the report names the rule and the units behind each.
func TestMergedUnits(t *testing.T) {
	t.Parallel()
	in, p := input(t, ""), printer(t, i18n.Vi)
	var kept []readiness.Statement
	var merged []readiness.Statement
	for _, s := range in.Round.Statements {
		if s.Agency == "H03" || s.Agency == "H55" {
			merged = append(merged, s)
			continue
		}
		kept = append(kept, s)
	}
	whole := merged[1]
	whole.Name, whole.From = "UBND tỉnh Thái Nguyên", merged
	in.Round.Statements = append(kept, whole)
	in.Round.Figures = readiness.Tally(in.Round.Figures.Question, readiness.ComponentMet1, in.Template, in.Round.Statements)
	raw, err := Word(p, in)
	if err != nil {
		t.Fatal(err)
	}
	text := wordText(t, raw)
	for _, want := range []string{
		"UBND tỉnh Thái Nguyên (" + short(p, merged[0].Name) + "; " + short(p, merged[1].Name) + ")",
		"chỉ được tính là đáp ứng khi mọi đơn vị trước sáp nhập đều đã trả lời và đáp ứng", "tại Phụ lục I",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

// Texts that look like formulas stay texts in each format.
func TestNothingBecomesAFormula(t *testing.T) {
	t.Parallel()
	const nasty = "=cmd|'/c calc'!A1 <b>&amp;\x01 "
	in, p := input(t, nasty), printer(t, i18n.Vi)
	raw, err := Excel(p, in)
	if err != nil {
		t.Fatal(err)
	}
	save(t, "nasty.xlsx", raw)
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	cells := 0
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, v := range row {
				name, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				formula, err := f.GetCellFormula(sheet, name)
				if err != nil {
					t.Fatal(err)
				}
				if formula != "" {
					t.Errorf("%s!%s holds the formula %q", sheet, name, formula)
				}
				if strings.HasPrefix(v, "=cmd") {
					cells++
				}
			}
		}
	}
	if cells == 0 {
		t.Error("no cell holds the text: it was lost")
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(body, []byte("<f>")) || bytes.Contains(body, []byte("<f ")) {
			t.Errorf("%s holds a formula", part.Name)
		}
	}
	word, err := Word(p, in)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(wordText(t, word), "=cmd|'/c calc'!A1 <b>&amp;") {
		t.Error("Word lost the text")
	}
}

func TestExcelSheets(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	in := input(t, "")
	raw, err := Excel(p, in)
	if err != nil {
		t.Fatal(err)
	}
	save(t, "report.xlsx", raw)
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Tổng hợp")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(rows), 3+2*6; got != want {
		t.Fatalf("got %d rows of figures, want %d", got, want)
	}
	network := in.Round.figure(groups[0], "network")
	if got, want := rows[3][2]+"/"+rows[3][3], fmt.Sprintf("%d/%d", len(network.Met), len(network.Of)); got != want {
		t.Errorf("network of the ministries: got %s, want %s", got, want)
	}
	if got, want := len(f.GetSheetList()), 12; got != want {
		t.Errorf("got %d sheets %v, want %d", got, f.GetSheetList(), want)
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	tpl := template(t)
	for _, l := range i18n.Langs {
		p := printer(t, l)
		for _, c := range campaigns(t) {
			doc := Letter(p, c, tpl)
			pdf, err := paper.PDF(p, doc)
			if err != nil {
				t.Fatal(err)
			}
			word, err := paper.Word(p, doc)
			if err != nil {
				t.Fatal(err)
			}
			save(t, "letter-"+c.ID+"-"+string(l)+".pdf", pdf)
			save(t, "letter-"+c.ID+"-"+string(l)+".docx", word)
			for kind, text := range map[string]string{"PDF": papertest.Running(t, pdf), "Word": wordText(t, word)} {
				wants := []string{c.Number, p.T("paper.to"), p.T("paper.copies"), strings.Join(strings.Fields(c.Body[0].In(string(l))), " ")}
				for _, row := range tpl.Rows {
					if row.Answered() {
						wants = append(wants, strings.Join(strings.Fields(row.Label.In(string(l)))[:2], " "))
					}
				}
				for _, want := range wants {
					if !strings.Contains(text, want) {
						t.Errorf("%s %s %s lacks %q", c.ID, l, kind, want)
					}
				}
			}
		}
	}
}

func TestReminder(t *testing.T) {
	t.Parallel()
	c := campaigns(t)[0] // due on 28/02/2023
	p := printer(t, i18n.Vi)
	a := readiness.Agency{Code: "H55", Name: "Ủy ban nhân dân tỉnh Thái Nguyên"}
	for _, tt := range []struct {
		day   string
		state readiness.State
		want  []string
		not   string
	}{
		{"2023-02-25", readiness.NotStarted, []string{"V/v nhắc gửi báo cáo", "Thời hạn còn 3 ngày", "trước ngày 28/02/2023"}, "quá hạn"},
		{"2023-02-28", readiness.Drafted, []string{"Hôm nay là hạn cuối", "đã nhập một phần"}, "quá hạn"},
		{"2023-03-07", readiness.NotStarted, []string{"quá hạn 7 ngày", "V/v đôn đốc"}, "Thời hạn còn"},
		{"2023-03-01", readiness.SentBack, []string{"đã được trả lại để bổ sung", "quá hạn 1 ngày"}, "chưa nhận được"},
	} {
		doc := Reminder(p, c, Chase{
			Agency: a, State: tt.state, Today: clock.MustDate(tt.day), Missing: []string{"Mục 3: chưa trả lời"},
			Symbol: "BTTTT-CĐSQG", URL: "https://board.example.vn/returns/488",
		})
		pdf, err := paper.PDF(p, doc)
		if err != nil {
			t.Fatal(err)
		}
		save(t, "reminder-"+tt.day+".pdf", pdf)
		word, err := paper.Word(p, doc)
		if err != nil {
			t.Fatal(err)
		}
		for kind, text := range map[string]string{"PDF": papertest.Running(t, pdf), "Word": wordText(t, word)} {
			for _, want := range append(tt.want, a.Name, "Mục 3: chưa trả lời", "488/BTTTT-CĐSQG") {
				if !strings.Contains(text, want) {
					t.Errorf("%s %s: lacks %q", tt.day, kind, want)
				}
			}
			if strings.Contains(text, tt.not) {
				t.Errorf("%s %s: holds %q", tt.day, kind, tt.not)
			}
		}
	}
}

func TestReturnPDF(t *testing.T) {
	t.Parallel()
	tpl, p := template(t), printer(t, i18n.Vi)
	ret := made(readiness.Agency{Code: "H55", Name: "Ủy ban nhân dân tỉnh Thái Nguyên"}, 4, 1, "")
	open, err := ReturnPDF(p, tpl, &ret, FormOptions{Kind: readiness.Province, Proof: "https://board.example.vn/returns/488/H55"})
	if err != nil {
		t.Fatal(err)
	}
	save(t, "return.pdf", open)
	text := papertest.Running(t, open)
	for _, want := range []string{
		"THÁI NGUYÊN", "Nguyễn Văn Mẫu", "0900000000", "1.240/1.875", "64/187", "Hệ thống quản lý văn bản", "5.1", "Không có",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the return lacks %q", want)
		}
	}
	if strings.Contains(text, "chỉ dành cho bộ, ngành") {
		t.Error("the return of a province prints the row for ministries")
	}
	hidden, err := ReturnPDF(p, tpl, &ret, FormOptions{HideFocal: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Nguyễn Văn Mẫu", "0900000000", "mau@example.vn"} {
		if strings.Contains(papertest.Running(t, hidden), secret) {
			t.Errorf("the masked return shows %q", secret)
		}
	}
	blank, err := ReturnPDF(p, tpl, nil, FormOptions{})
	if err != nil {
		t.Fatal(err)
	}
	save(t, "blank.pdf", blank)
	if got := papertest.Running(t, blank); !strings.Contains(got, "Chọn một trong các phương án:") || !strings.Contains(got, "chỉ dành cho bộ, ngành") {
		t.Error("the blank form lacks its choices or rows")
	}
}

func TestSystemAndMonthWords(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	if got := month(p, "2023-06"); got != "06/2023" {
		t.Errorf("got %q, want 06/2023", got)
	}
	if got := month(p, "sai"); got != "sai" {
		t.Errorf("got %q, want what stood there", got)
	}
	if got := percent(p, 37, 62); got != "59,7%" {
		t.Errorf("got %q, want 59,7%%", got)
	}
	if got := percent(p, 0, 0); got != "–" {
		t.Errorf("got %q, want a dash", got)
	}
	for in, want := range map[string]string{"Chưa có hoặc thiếu": "chưa có hoặc thiếu", "CSDL quốc gia": "CSDL quốc gia", "": ""} {
		if got := lowerFirst(in); got != want {
			t.Errorf("lowerFirst(%q) = %q, want %q", in, got, want)
		}
	}
}

func BenchmarkReport(b *testing.B) {
	in, p := input(b, ""), printer(b, i18n.Vi)
	for name, write := range map[string]func(*i18n.Printer, Input) ([]byte, error){"pdf": PDF, "word": Word, "excel": Excel} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := write(p, in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is asked of the Prime Minister follows from the causes that agencies give.
func TestAsksFollowFromCauses(t *testing.T) {
	t.Parallel()
	in, p := input(t, ""), printer(t, i18n.Vi)
	raw, err := Word(p, in)
	if err != nil {
		t.Fatal(err)
	}
	text := wordText(t, raw)
	_, asks, ok := strings.Cut(text, "V. KIẾN NGHỊ THỦ TƯỚNG CHÍNH PHỦ")
	if !ok {
		t.Fatal("no recommendations")
	}
	asks, _, _ = strings.Cut(asks, "Trân trọng báo cáo")
	causes := in.topCauses()
	if len(causes) == 0 {
		t.Fatal("no causes")
	}
	for _, c := range causes {
		if !strings.Contains(asks, c.Remedy.Vi) || !strings.Contains(strings.ToLower(asks), strings.ToLower(c.Label.Vi)) {
			t.Errorf("nothing is asked about %q: %s", c.Label.Vi, asks)
		}
	}
}
