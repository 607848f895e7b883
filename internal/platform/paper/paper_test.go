package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/platform/chart"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper/papertest"
)

func printer(t testing.TB, lang i18n.Lang) *i18n.Printer {
	t.Helper()
	c, err := i18n.Load(Messages, chart.Messages)
	if err != nil {
		t.Fatal(err)
	}
	return c.In(lang)
}

const long = "Thực hiện chỉ đạo của Chính phủ, Thủ tướng Chính phủ, Bộ Thông tin và Truyền thông đã phối hợp với Bộ Công an, Văn phòng " +
	"Chính phủ ban hành Văn bản số 1552/BTTTT-THH ngày 26/4/2022 về việc hướng dẫn kỹ thuật triển khai Đề án 06 (phiên bản 1.0), nhằm hỗ " +
	"trợ các bộ, ngành, địa phương xác định các nội dung cần thực hiện, đầu tư, mua sắm."

func sample(p *i18n.Printer) Document {
	bars := chart.Bars(p, chart.BarsInput{Head: chart.Head{ID: "b", Title: "Mức đáp ứng"}, LabelHead: "Thành phần", Bars: []chart.Bar{
		{
			Label: "Hạ tầng mạng, đường truyền", Of: 63,
			Segments: []chart.Segment{
				{Status: chart.Met, Value: 37},
				{Status: chart.Partial, Value: 12},
				{Status: chart.NotMet, Value: 10},
				{Status: chart.Unknown, Value: 4},
			},
		},
		{
			Label: "An toàn, an ninh mạng", Of: 63,
			Segments: []chart.Segment{{Status: chart.Met, Value: 16}, {Status: chart.Partial, Value: 22}, {Status: chart.NotMet, Value: 25}},
		},
	}})
	table := Table{Widths: []float64{1, 6, 2, 2}, Caption: "Bảng 1. Kết quả", Head: HeadCells("STT", "Cơ quan", "Mạng", "An toàn")}
	for i := range 70 {
		table.Rows = append(table.Rows, []Cell{
			{Text: p.Int(int64(i + 1)), Center: true},
			{Text: "Bộ Lao động - Thương binh và Xã hội"},
			{Status: chart.Statuses[i%5]},
			{Text: "1.234,5", Right: true},
		})
	}
	table.Rows = append(table.Rows, []Cell{{Text: "x"}, {Text: strings.Repeat(long+"\n", 14)}, {Text: "=1+1"}, {Status: chart.Met}})
	return Document{
		Title: "Công văn mẫu", Agency: "Bộ Thông tin và Truyền thông", Number: "488/BTTTT-CĐSQG", Place: "Hà Nội",
		Date:    clock.MustDate("2023-02-05"),
		Subject: "V/v đôn đốc triển khai và đề nghị cung cấp thông tin kết quả triển khai Văn bản số 1552/BTTTT-THH",
		To:      []string{"Các Bộ, cơ quan ngang Bộ, cơ quan thuộc Chính phủ", "Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương"},
		Body: []Block{
			Text(long),
			Heading{1, "I. TÌNH HÌNH CHUNG"},
			Rich("Có **37/62** địa phương __đáp ứng__ yêu cầu. " + long),
			Heading{2, "1. Hạ tầng mạng"},
			Text(long),
			Figure{Chart: bars, Caption: "Hình 1. Mức đáp ứng theo thành phần"},
			Text(long), Text(long + " " + long),
		},
		CopiesTo: []string{
			"Như trên;", "Phó Thủ tướng Chính phủ (để b/c);",
			"Đơn vị chuyên trách về CNTT của các Bộ, cơ quan ngang Bộ, cơ quan thuộc Chính phủ;", "Lưu: VT, CĐSQG.",
		},
		Signature: Signature{Title: "KT. Bộ trưởng\nThứ trưởng", Name: "Nguyễn Văn Mẫu"},
		Proof: Proof{
			URL: "https://board.example.vn/campaigns/488?known=2023-03-01", Text: "Quét mã để xem số liệu và các phiếu làm căn cứ.",
		},
		Appendices: []Appendix{{
			Label: "Phụ lục I", Name: "Kết quả từng cơ quan", Note: "(Kèm theo Công văn số 488/BTTTT-CĐSQG)", Landscape: true,
			Body: []Block{table},
		}},
	}
}

func write(t testing.TB, name string, raw []byte) {
	t.Helper()
	dir := os.Getenv("SAMPLES")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPDFText(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	raw, err := PDF(p, sample(p))
	if err != nil {
		t.Fatal(err)
	}
	write(t, "sample.pdf", raw)
	got := strings.Join(strings.Fields(papertest.Text(t, raw)), " ")
	for _, want := range []string{
		"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "BỘ THÔNG TIN VÀ TRUYỀN THÔNG", "Số: 488/BTTTT-CĐSQG",
		"Hà Nội, ngày 05 tháng 02 năm 2023", "Kính gửi:", "- Các Bộ, cơ quan ngang Bộ, cơ quan thuộc Chính phủ;", "trực thuộc Trung ương.",
		"Có 37/62 địa phương đáp ứng yêu cầu.", "Nơi nhận:", "- Lưu: VT, CĐSQG.", "THỨ TRƯỞNG", "Nguyễn Văn Mẫu", "PHỤ LỤC I", "=1+1", "Hình 1.",
	} {
		if !strings.Contains(got, want) && !strings.Contains(strings.ToUpper(got), want) {
			t.Errorf("the text of the PDF lacks %q", want)
		}
	}
	// The head of the table stands on each page that the table takes.
	if n := strings.Count(got, "STT Cơ quan"); n < 3 {
		t.Errorf("the head of the table stands %d times, want at least 3", n)
	}
	if n := strings.Count(got, "Thực hiện chỉ đạo"); n != 6+14 {
		t.Errorf("the long text stands %d times, want 20: a row higher than a page lost lines", n)
	}
}

// TestNobodySignsAPageWithoutAWord: however long the text is, the page that is signed has the
// end of it.
func TestNobodySignsAPageWithoutAWord(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	d := sample(p)
	d.Appendices = nil
	for lines := 14; lines < 36; lines += 2 {
		for _, end := range []string{"Kính báo cáo, hết./.", long + " hết./."} {
			d.Body = nil
			for range lines {
				d.Body = append(d.Body, Text("Một dòng."))
			}
			d.Body = append(d.Body, Text(end))
			raw, err := PDF(p, d)
			if err != nil {
				t.Fatal(err)
			}
			for page := range strings.SplitSeq(papertest.Text(t, raw), "\f") {
				if strings.Contains(page, "Nguyễn Văn Mẫu") && !strings.Contains(page, "hết./.") {
					t.Errorf("after %d lines the signature stands alone:\n%s", lines, page)
				}
			}
		}
	}
}

func TestPDFIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	a, err := PDF(p, sample(p))
	if err != nil {
		t.Fatal(err)
	}
	b, err := PDF(p, sample(p))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("two PDFs of one document differ")
	}
}

func TestWordIsWellFormed(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Langs {
		p := printer(t, lang)
		raw, err := Word(p, sample(p))
		if err != nil {
			t.Fatal(err)
		}
		write(t, "sample-"+string(lang)+".docx", raw)
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		pictures := 0
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(f.Name, ".png") {
				pictures++
				if _, err := png.Decode(bytes.NewReader(body)); err != nil {
					t.Errorf("%s: %v", f.Name, err)
				}
				continue
			}
			dec := xml.NewDecoder(bytes.NewReader(body))
			for {
				if _, err := dec.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s is not well formed: %v", f.Name, err)
				}
			}
			if f.Name == "word/document.xml" {
				for _, want := range []string{
					p.T("paper.nation"), p.T("paper.motto"), "BỘ THÔNG TIN VÀ TRUYỀN THÔNG", "=1+1", "w:tblHeader", "landscape",
				} {
					if !strings.Contains(string(body), want) {
						t.Errorf("%s lacks %q", f.Name, want)
					}
				}
				rows := strings.Split(string(body), "<w:tr>")
				for _, row := range rows[1:] { // none is cut by the end of a page but one that is higher than that
					row, _, _ = strings.Cut(row, "</w:tr>")
					if whole := strings.Contains(row, "<w:cantSplit/>"); whole == (strings.Count(row, "Thực hiện chỉ đạo") > 1) {
						t.Errorf("%s: whole %v: %.300s", f.Name, whole, row)
					}
					if strings.Contains(row, "Nguyễn Văn Mẫu") && !strings.Contains(row, "<w:keepNext/>") {
						t.Errorf("%s: the code may stand on a page without the signature", f.Name)
					}
				}
			}
		}
		if pictures != 2 {
			t.Errorf("got %d pictures, want the chart and the code", pictures)
		}
	}
}

func TestPlaceAndDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ day, want string }{
		{"2023-02-05", "Hà Nội, ngày 05 tháng 02 năm 2023"},
		{"2023-05-22", "Hà Nội, ngày 22 tháng 5 năm 2023"},
		{"2023-12-01", "Hà Nội, ngày 01 tháng 12 năm 2023"},
	} {
		got := Document{Place: "Hà Nội", Date: clock.MustDate(tt.day)}.placeAndDate(printer(t, i18n.Vi))
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.day, got, tt.want)
		}
	}
	open := Document{Date: clock.MustDate("2023-12-01")}
	if got := open.placeAndDate(printer(t, i18n.Vi)); got != "…………, ngày 01 tháng 12 năm 2023" {
		t.Errorf("without a place: %q", got)
	}
}

func TestRich(t *testing.T) {
	t.Parallel()
	got := Rich("có **37/62** tỉnh __đủ__")
	want := []Run{{Text: "có "}, {Text: "37/62", Bold: true}, {Text: " tỉnh "}, {Text: "đủ", Italic: true}}
	if len(got.Runs) != len(want) {
		t.Fatalf("got %+v, want %+v", got.Runs, want)
	}
	for i := range want {
		if got.Runs[i] != want[i] {
			t.Errorf("run %d: got %+v, want %+v", i, got.Runs[i], want[i])
		}
	}
}

// Whatever the text, both outputs come out and no line is wider than its column.
func TestAnyText(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	// Each document parses the fonts anew: a few documents of any text are enough.
	for seed := range 12 {
		s := strings.Join(rapid.SliceOfN(rapid.String(), 1, 12).Example(seed), " ")
		d := Document{
			Title: s, Agency: s, Kind: s, Abstract: s, To: []string{s},
			Body: []Block{
				Text(s), Rich(s),
				Heading{2, s},
				Table{Widths: []float64{1, 9}, Head: HeadCells(s, s), Rows: [][]Cell{HeadCells(s, s)}},
			},
			CopiesTo: []string{s},
		}
		if _, err := PDF(p, d); err != nil {
			t.Fatal(err)
		}
		if _, err := Word(p, d); err != nil {
			t.Fatal(err)
		}
		w := newPDF(p, d)
		w.page(false, true)
		for _, l := range w.wrap([]Run{{Text: s}}, 14, 40, 0) {
			var wide float64
			for i, wd := range l {
				if wide += wd.width; i > 0 && !wd.glued {
					wide += w.measure(" ", wd.style, 14)
				}
			}
			if wide > 40.1 && len([]rune(clean(s))) > 1 && len(l) > 1 {
				t.Fatalf("a line is %.1f mm wide, want at most 40", wide)
			}
		}
	}
}

func TestPictureHoldsLetters(t *testing.T) {
	t.Parallel()
	p := printer(t, i18n.Vi)
	raw, err := Picture(sample(p).Body[5].(Figure).Chart)
	if err != nil {
		t.Fatal(err)
	}
	write(t, "picture.png", raw)
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	dark := 0
	for y := range img.Bounds().Dy() {
		for x := range 300 { // where the labels stand
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x4000 {
				dark++
			}
		}
	}
	if dark < 500 {
		t.Errorf("got %d dark points where labels should be, want at least 500", dark)
	}
}

func BenchmarkPDF(b *testing.B) {
	p := printer(b, i18n.Vi)
	d := sample(p)
	for b.Loop() {
		if _, err := PDF(p, d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWord(b *testing.B) {
	p := printer(b, i18n.Vi)
	d := sample(p)
	for b.Loop() {
		if _, err := Word(p, d); err != nil {
			b.Fatal(err)
		}
	}
}
