package cleaning

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/fault"
)

// booked makes a workbook and opens it.
func booked(t *testing.T, fill func(f *excelize.File)) *Source {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	path := filepath.Join(t.TempDir(), "tep.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSource(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func rowsOfSheet(t *testing.T, f *excelize.File, name string, rows ...[]any) {
	t.Helper()
	for i, row := range rows {
		if err := f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatLiesInWorkbooks(t *testing.T) {
	t.Parallel()
	head := []any{"Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Ghi chú"}
	s := booked(t, func(f *excelize.File) {
		rowsOfSheet(t, f, "Sheet1",
			[]any{"DANH SÁCH"}, nil, head,
			[]any{"Nguyễn Văn An", "31/01/1990", "Nam", "001090000001", "x"},
			[]any{"Trần Thị Bình", 31106, "Nữ", 1185000001},
			nil,
			[]any{"Lê Văn Tám\nhai dòng", "", "", "001091000003", "", "", "thừa"},
			[]any{"Phạm Thị Hoa", "1991-02-03", "", "001191000004"},
		)
		_, _ = f.NewSheet("Đợt 2")
		rowsOfSheet(t, f, "Đợt 2", head, []any{"Võ Văn Sáu", "05/06/1970", "Nam", "001070000005"})
		_, _ = f.NewSheet("Khác")
		rowsOfSheet(t, f, "Khác", []any{"Cơ sở", "Số mũi"}, []any{"Trạm y tế", 5})
		_, _ = f.NewSheet("Ẩn")
		rowsOfSheet(t, f, "Ẩn", head, []any{"Người Ẩn", "05/06/1970", "Nam", "001070000006"})
		for _, err := range []error{
			f.SetSheetVisible("Ẩn", false), f.SetRowVisible("Sheet1", 5, false), f.SetColVisible("Sheet1", "E", false),
			f.MergeCell("Sheet1", "A1", "D1"), f.SetCellFormula("Sheet1", "E8", "1+1"), f.AddComment("Sheet1", excelize.Comment{Cell: "A4", Text: "sai"}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	x := take(t, s)
	var names []string
	for _, c := range x.cells {
		names = append(names, c[0])
	}
	if !slices.Equal(names, []string{"Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Tám\nhai dòng", "Phạm Thị Hoa", "Võ Văn Sáu"}) ||
		!slices.Equal(x.why, []string{"", "", "more", "", ""}) || !slices.Equal(x.lines[:4], []int{4, 5, 7, 8}) {
		t.Errorf("rows %q, reasons %q, lines %v", x.cells, x.why, x.lines)
	}
	if want := "titles rows_hidden columns_hidden merged formulas_empty comments sheet_other sheet_hidden"; x.notes() != want {
		t.Errorf("notes %q, want %q", x.notes(), want)
	}
	rows, err := world(t).Read(s, x.layout)
	if err != nil || rows.birth[1].String() != "1985-02-28" || rows.number[1] != 1185000001 || rows.bad[0].line != 7 {
		t.Errorf("%v: births %v, numbers %v, bad %v", err, rows.birth, rows.number, rows.bad)
	}
	for _, n := range s.Notes {
		if text := printer(t).T(n.Key, n.Args); strings.HasPrefix(text, "[") || strings.Contains(text, "{") {
			t.Errorf("%s says %q", n.Key, text)
		}
	}
}

// parts writes an archive.
func archived(t *testing.T, parts map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tep.xlsx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	return path
}

// plainBook is the parts of a workbook with one sheet.
func plainBook(sheet string) map[string]string {
	return map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink" Target="file:///etc/passwd" TargetMode="External"/></Relationships>`,
		"xl/styles.xml":              `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml":   sheet,
	}
}

func sheetOf(rows string) string {
	return `<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>Họ và tên</t></is></c><c t="inlineStr"><is><t>Ngày sinh</t></is></c></row>` + rows + `</sheetData></worksheet>`
}

func TestHostileWorkbooks(t *testing.T) {
	t.Parallel()
	s, err := OpenSource(archived(t, plainBook(sheetOf(`<row r="2"><c t="inlineStr"><is><t>Lê Văn A</t></is></c><c s="1"><v>31442</v></c></row>`))))
	if err != nil {
		t.Fatal(err)
	}
	if x := take(t, s); len(x.cells) != 1 || x.cells[0][1] != "31/01/1990" {
		t.Errorf("days from 1904: %q", x.cells)
	}
	row := `<row r="2"><c r="A2" t="str"><v>Lê Văn A</v></c></row>`
	if s, err = OpenSource(archived(t, plainBook(sheetOf(row+row)))); err != nil {
		t.Fatal(err)
	}
	if x := take(t, s); len(x.cells) != 2 {
		t.Errorf("two rows of one number: %q", x.cells)
	}
	long := strings.Repeat("Nguyễn Văn An ", 40)
	for _, tt := range []struct {
		name, key string
		parts     map[string]string
	}{
		{"a document type", "cleaning.workbook.damaged", plainBook(`<!DOCTYPE x [<!ENTITY a "b">]>` + sheetOf(""))},
		{"an unknown entity", "cleaning.workbook.damaged", plainBook(sheetOf(`<row><c t="str"><v>&a;</v></c></row>`))},
		{"a text without end", "cleaning.workbook.damaged", plainBook(sheetOf(`<row><c t="str"><v>` + pseudoRandom(2<<20)))},
		{"a shared string that is not there", "cleaning.workbook.damaged", plainBook(sheetOf(`<row><c t="s"><v>7</v></c></row>`))},
		{"half of a sheet", "cleaning.workbook.damaged", plainBook(sheetOf(`<row><c t="str"><v>` + long + `</v></c></row>`)[:300])},
		{"a bomb", "cleaning.workbook.bomb", plainBook(sheetOf(`<row><c t="str"><v>` + strings.Repeat(" ", 8<<20) + `</v></c></row>`))},
		{"no sheet with a row", "cleaning.workbook.empty", plainBook(`<worksheet><sheetData/></worksheet>`)},
		{"a document of Word", "cleaning.workbook.another", map[string]string{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}},
		{"an archive", "cleaning.workbook.another", map[string]string{"tep.csv": "Họ tên\nAn\n"}},
	} {
		if _, err := OpenSource(archived(t, tt.parts)); fault.As(err) == nil || fault.As(err).Key != tt.key {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.key)
		}
	}
	for text, key := range map[string]string{
		"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1": "cleaning.workbook.old_format", "%PDF-1.7 x": "cleaning.workbook.another",
		"<html><table><tr><td>Họ tên": "cleaning.workbook.another", "\ufeff": "cleaning.file.empty", " \n\n": "cleaning.file.empty",
	} {
		path := filepath.Join(t.TempDir(), "tep.xls")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenSource(path); fault.As(err) == nil || fault.As(err).Key != key {
			t.Errorf("%.20q: %v, want %s", text, err, key)
		}
	}
}

func pseudoRandom(n int) string {
	var b strings.Builder
	for i := uint64(1); b.Len() < n; i++ {
		fmt.Fprintf(&b, "%x", mix(i, i))
	}
	return b.String()
}

// TestSharedStrings reads a workbook whose cells are all shared strings.
func TestSharedStrings(t *testing.T) {
	t.Parallel()
	const rows = 3000
	path := filepath.Join(t.TempDir(), "lon.xlsx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	parts := plainBook("")
	delete(parts, "xl/worksheets/sheet1.xml")
	parts["xl/_rels/workbook.xml.rels"] = strings.Replace(parts["xl/_rels/workbook.xml.rels"], "</Relationships>",
		`<Relationship Id="r3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`, 1)
	for name, text := range parts {
		w, _ := z.Create(name)
		_, _ = io.WriteString(w, text)
	}
	w, _ := z.Create("xl/sharedStrings.xml")
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(`<sst><si><t>Họ và tên</t></si><si><t>Ngày sinh</t></si>`)
	random := pseudoRandom(1 << 20)
	for i := range rows {
		at := i * 997 % (len(random) - 600) // not what was there a moment ago: that would pack too well
		fmt.Fprintf(out, `<si><t>Nguyễn Văn %x</t></si><si><t>%s%d</t></si>`, mix(uint64(i), 1), random[at:at+600], i)
	}
	_, _ = out.WriteString(`</sst>`)
	_ = out.Flush()
	w, _ = z.Create("xl/worksheets/sheet1.xml")
	out = bufio.NewWriter(w)
	_, _ = out.WriteString(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`)
	for i := range rows {
		fmt.Fprintf(out, `<row r="%d"><c r="A%d" t="s"><v>%d</v></c><c r="B%d" t="s"><v>%d</v></c></row>`, i+2, i+2, 2*i+2, i+2, 2*i+3)
	}
	_, _ = out.WriteString(`</sheetData></worksheet>`)
	_ = out.Flush()
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	s, err := OpenSource(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n, last := 0, ""
	if err := s.eachBlock(func(b block) bool {
		s.eachRow(b.text, func(_ int, cells [][]byte, why rowReason) {
			if why != "" || len(cells) != 2 || !strings.HasPrefix(string(cells[0]), "Nguyễn Văn ") {
				t.Errorf("row %d: %q %s", n+1, cells, why)
			}
			n, last = n+1, string(cells[1])
		})
		return !t.Failed()
	}); err != nil || n != rows || !strings.HasSuffix(last, fmt.Sprint(rows-1)) {
		t.Errorf("%v: %d rows, the last %.40q", err, n, last)
	}
}
