package readinessxlsx_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessxlsx"
)

// zipOf packs parts in the order of their names.
func zipOf(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unzip is the reverse of zipOf.
func unzip(t testing.TB, raw []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(content)
	}
	return parts
}

// edit opens a workbook as Excel would, changes it and saves it.
func edit(t testing.TB, raw []byte, change func(f *excelize.File) error) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := change(f); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const state = "2. Hiện trạng"

// cellOf finds the cell of a row's key and a column of part 2.
func cellOf(t testing.TB, f *excelize.File, sheet, key, column string) string {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if len(row) > 0 && row[0] == key {
			ref, err := excelize.JoinCellName(column, i+1)
			if err != nil {
				t.Fatal(err)
			}
			return ref
		}
	}
	t.Fatalf("sheet %s has no row %s", sheet, key)
	return ""
}

type zeros int64

func (z zeros) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	return len(p), nil
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	ret := sample()
	good := write(t, tpl, &ret, options)
	parts := unzip(t, good)
	with := func(name, content string) []byte {
		p := maps.Clone(parts)
		p[name] = content
		return zipOf(t, p)
	}
	encrypted := edit(t, good, func(*excelize.File) error { return nil })
	encrypted, err := excelize.Encrypt(encrypted, &excelize.Options{Password: "matkhau"})
	if err != nil {
		t.Fatal(err)
	}
	cfb := "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600)
	wide := func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"empty":      {nil, "empty"},
		"truncated":  {good[:len(good)*2/3], "truncated"},
		"password":   {encrypted, "encrypted"},
		"old Excel":  {[]byte(cfb + wide("Workbook")), "old_format"},
		"old Word":   {[]byte(cfb + wide("WordDocument")), "another.doc"},
		"xlsb":       {zipOf(t, map[string]string{"xl/workbook.bin": "x"}), "old_format"},
		"macro part": {with("xl/vbaProject.bin", "x"), "macros"},
		"macro type": {
			with(
				"[Content_Types].xml",
				strings.Replace(parts["[Content_Types].xml"], "spreadsheetml.sheet.main+xml", "sheet.macroEnabled.main+xml", 1),
			),
			"macros",
		},
		"docx renamed":     {zipOf(t, map[string]string{"word/document.xml": "<x/>", "[Content_Types].xml": "<Types/>"}), "another.docx"},
		"ods":              {zipOf(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "another.ods"},
		"zip of something": {zipOf(t, map[string]string{"a.txt": "a"}), "another"},
		"PDF":              {[]byte("%PDF-1.7"), "another.pdf"},
		"text":             {[]byte("Kính gửi Bộ"), "another"},
		"page":             {[]byte("<html>"), "another"},
		"bomb":             {with("xl/media/a.xml", strings.Repeat(" ", 50<<20)), "bomb"},
		"bomb of strings":  {with("xl/sharedStrings.xml", "<sst>"+strings.Repeat("<si/>", 1_000_002)+"</sst>"), "bomb"},
		"broken XML":       {with("xl/worksheets/sheet4.xml", parts["xl/worksheets/sheet4.xml"][:5000]), "damaged"},
		"document type":    {with("xl/workbook.xml", `<!DOCTYPE x [<!ENTITY a "b">]>`+parts["xl/workbook.xml"]), "damaged"},
		"another workbook": {edit(t, good, func(f *excelize.File) error {
			for _, s := range f.GetSheetList() {
				if err := f.SetCellValue(s, "A1", "Báo cáo"); err != nil {
					return err
				}
			}
			return nil
		}), "another_form"},
		"missing sheet": {edit(t, good, func(f *excelize.File) error { return f.DeleteSheet("3. Đề xuất") }), "missing_sheet"},
		"no meta":       {edit(t, good, func(f *excelize.File) error { return f.DeleteSheet("_dean06") }), "missing_sheet"},
		"agency changed": {edit(t, good, func(f *excelize.File) error {
			return f.SetCellStr("_dean06", cellOf(t, f, "_dean06", "agency", "B"), "H01")
		}), "checksum"},
		"template changed": {edit(t, good, func(f *excelize.File) error {
			return f.SetCellStr("_dean06", cellOf(t, f, "_dean06", "template", "B"), "488/2")
		}), "other_template"},
		"wording changed": {edit(t, good, func(f *excelize.File) error {
			return f.SetCellStr("_dean06", cellOf(t, f, "_dean06", "template_hash", "B"), "00")
		}), "other_wording"},
		"label changed": {edit(t, good, func(f *excelize.File) error {
			return f.SetCellStr(state, cellOf(t, f, state, "3#1", "C"), "Máy in")
		}), "label_changed"},
		"label of a spare row changed": {edit(t, good, func(f *excelize.File) error {
			return f.SetCellStr(state, cellOf(t, f, state, "1.n#4", "C"), "Máy in")
		}), "label_changed"},
		"heading cleared": {edit(t, good, func(f *excelize.File) error {
			return f.SetCellStr(state, cellOf(t, f, state, "head", "F"), "")
		}), "label_changed"},
		"row removed": {edit(t, good, func(f *excelize.File) error {
			_, row, err := excelize.SplitCellName(cellOf(t, f, state, "4.1#1", "A"))
			return errors.Join(err, f.RemoveRow(state, row))
		}), "missing_row"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := readinessxlsx.Read(tpl, "mau.xlsx", bytes.NewReader(c.raw), int64(len(c.raw)))
			if f := fault.As(err); f == nil || f.Key != "readiness.workbook."+c.want || f.Args["file"] != "mau.xlsx" {
				t.Errorf("got %v, want readiness.workbook.%s", err, c.want)
			}
			wellSaid(t, err)
		})
	}
	_, _, err = readinessxlsx.Read(tpl, "mau.xlsx", zeros(200<<20), 200<<20)
	if f := fault.As(err); f == nil || f.Key != "readiness.workbook.too_large" || f.Kind != fault.TooLarge {
		t.Errorf("200 MB: got %v", err)
	}
}

// wellSaid holds that a fault has its text in both languages, with each
// placeholder filled in.
func wellSaid(t testing.TB, err error) {
	t.Helper()
	cat, loadErr := i18n.Load(readinessxlsx.Messages)
	if loadErr != nil {
		t.Fatal(loadErr)
	}
	f := fault.As(err)
	if f == nil {
		return
	}
	for _, lang := range i18n.Langs {
		if s := cat.In(lang).T(f.Key, f.Args); strings.ContainsAny(s, "{}[]") {
			t.Errorf("%s: %s", lang, s)
		}
	}
}

func TestOldTemplateVersionIsRefused(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	raw := write(t, tpl, nil, options)
	newer := *tpl
	newer.Version = 2
	_, _, err := readinessxlsx.Read(&newer, "mau.xlsx", bytes.NewReader(raw), int64(len(raw)))
	if f := fault.As(err); f == nil || f.Key != "readiness.workbook.other_template" || f.Args["got"] != "488/1" || f.Args["want"] != "488/2" {
		t.Errorf("got %v", err)
	}
}

func TestTextLongerThanACellIsRefused(t *testing.T) {
	t.Parallel()
	ret := sample()
	ret.Answers[0].Note = strings.Repeat("đ", 32768)
	_, err := readinessxlsx.Write(appendix488(t), &ret, options)
	if f := fault.As(err); f == nil || f.Key != "readiness.workbook.too_long" {
		t.Errorf("got %v", err)
	}
	wellSaid(t, err)
}

func TestWorkbookSavedByAnotherProgramReadsTheSame(t *testing.T) {
	t.Parallel()
	// sample(), opened and saved by LibreOffice 7.4.
	raw, err := os.ReadFile("testdata/saved-by-libreoffice.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	got, problems := read(t, appendix488(t), raw)
	if diff := cmp.Diff(sample(), got, same); diff != "" || len(problems) > 0 {
		t.Errorf("(-want +got):\n%s\nproblems %+v", diff, problems)
	}
}

// TestWhatPeopleType fills a blank form as people do, and looks at one answer.
func TestWhatPeopleType(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	blank := write(t, tpl, nil, options)
	type cells map[string]any // "key column" to value
	for name, c := range map[string]struct {
		fill     cells
		formula  map[string]string
		want     readiness.Answer
		problems []string // cell and reason
	}{
		"chosen from the lists": {
			fill: cells{"2#1 F": "Đáp ứng một phần", "2#1 G": "Tổ chức đấu thầu", "2#1 I": "06/2023", "2#1 L": "- Số hoá\n- Ký số"},
			want: readiness.Answer{
				Row: "2", Key: "2", SystemID: "s1", Compliance: "partially_met", Stage: "tendering", ExpectedMonth: "2023-06",
				Precision: readiness.ByMonth, Unmet: []string{"Số hoá", "Ký số"},
			},
		},
		"typed another way": {
			fill: cells{"2#1 F": "đáp ứng 1 phần.", "2#1 I": "quý II/2023"},
			want: readiness.Answer{
				Row: "2", Key: "2", SystemID: "s1", Compliance: "partially_met", ExpectedMonth: "2023-06",
				Precision: readiness.ByQuarter,
			},
		},
		"no option at all": {
			fill:     cells{"2#1 F": "Xem văn bản kèm theo"},
			want:     readiness.Answer{Row: "2", Key: "2", SystemID: "s1"},
			problems: []string{"F readiness.problem.no_option"},
		},
		"counts as text": {
			fill: cells{"3#1 F": "Chưa đáp ứng", "3#1 M": "1 240", "3#1 N": " 1 875 ", "3#1 O": 7.0, "3#1 P": "khoảng 10"},
			want: readiness.Answer{
				Row: "3", Key: "3", Compliance: "not_met",
				Counts: &readiness.Counts{UnitsUnmet: number(1240), UnitsTotal: number(1875), DevicesHave: number(7)},
			},

			problems: []string{"P readiness.workbook.problem.count"},
		},
		"counts that two countries read differently": {
			fill: cells{"3#1 F": "Chưa đáp ứng", "3#1 M": "1.240", "3#1 N": 1.875},
			want: readiness.Answer{
				Row: "3", Key: "3", Compliance: "not_met",
				Counts: &readiness.Counts{UnitsUnmet: number(1240), UnitsTotal: number(1875)},
			},
			problems: []string{"M readiness.problem.two_readings"},
		},
		"a number that is none": {
			fill:     cells{"3#1 F": "Chưa đáp ứng", "3#1 M": 6.5},
			want:     readiness.Answer{Row: "3", Key: "3", Compliance: "not_met"},
			problems: []string{"M readiness.workbook.problem.count"},
		},
		"dates of Excel": {
			fill: cells{
				"5.n#1 D": "CSDL đất đai", "5.n-a#1 R": time.Date(2022, 5, 12, 0, 0, 0, 0, time.UTC),
				"5.n-a#1 I": 45107, // 30/06/2023 in a cell formatted as text
			},
			want: readiness.Answer{
				Row: "5.1-a", Key: "5.n-a", SystemID: "s1", System: "CSDL đất đai", ExpectedMonth: "2023-06",
				Precision: readiness.ByDay, Decision: &readiness.LetterRef{Date: clock.MustDate("2022-05-12")},
			},
			problems: []string{"D readiness.workbook.problem.system"},
		},
		"a formula with its value": {
			fill:     cells{"3#1 F": "Đã đáp ứng", "3#1 M": 7},
			formula:  map[string]string{"3#1 M": "3+4"},
			want:     readiness.Answer{Row: "3", Key: "3", Compliance: "met", Counts: &readiness.Counts{UnitsUnmet: number(7)}},
			problems: []string{"M readiness.workbook.problem.formula"},
		},
		"a formula": {
			fill:     cells{"2#1 F": "Đã đáp ứng"},
			formula:  map[string]string{"2#1 E": `"Sở "&"TTTT"`},
			want:     readiness.Answer{Row: "2", Key: "2", SystemID: "s1", Compliance: "met"},
			problems: []string{"E readiness.workbook.problem.value"}, // excelize computes nothing: there is no last value
		},
		"a decision date that is none": {
			fill: cells{
				"5.n#1 D": "CSDL đất đai", "5.n-a#1 F": "Đã được cấp có thẩm quyền phê duyệt", "5.n-a#1 Q": "58/QĐ-STTTT",
				"5.n-a#1 R": "31/02/2022",
			},
			want: readiness.Answer{
				Row: "5.1-a", Key: "5.n-a", SystemID: "s1", System: "CSDL đất đai", Compliance: "approved",
				Decision: &readiness.LetterRef{Number: "58/QĐ-STTTT"},
			},
			problems: []string{"D readiness.workbook.problem.system", "R readiness.workbook.problem.date"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := edit(t, blank, func(f *excelize.File) error {
				var errs []error
				for at, v := range c.fill {
					key, col, _ := strings.Cut(at, " ")
					errs = append(errs, f.SetCellValue(state, cellOf(t, f, state, key, col), v))
				}
				for at, v := range c.formula {
					key, col, _ := strings.Cut(at, " ")
					errs = append(errs, f.SetCellFormula(state, cellOf(t, f, state, key, col), v))
				}
				return errors.Join(errs...)
			})
			ret, problems := read(t, tpl, raw)
			if len(ret.Answers) == 0 {
				t.Fatalf("no answers; problems %+v", problems)
			}
			if diff := cmp.Diff(c.want, ret.Answers[0], same); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var got []string
			for _, p := range problems {
				_, ref, ok := strings.Cut(p.Column, state+"!")
				if !ok {
					t.Errorf("problem without its cell: %+v", p)
				}
				got = append(got, strings.TrimRight(ref, "0123456789")+" "+p.Reason)
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.problems, got, same); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowsThatPeopleAddAreKept(t *testing.T) {
	t.Parallel()
	tpl := appendix488(t)
	want := sample()
	rowOf := func(f *excelize.File, key string) int {
		_, row, err := excelize.SplitCellName(cellOf(t, f, state, key, "A"))
		if err != nil {
			t.Fatal(err)
		}
		return row
	}
	raw := edit(t, write(t, tpl, &want, options), func(f *excelize.File) error {
		errCopy := f.DuplicateRow(state, rowOf(f, "1.n#2")) // one more system
		errInsert := f.InsertRows(state, rowOf(f, "3#1"), 1)
		errTop := f.InsertRows(state, 1, 1)
		ref, errRef := excelize.JoinCellName("D", rowOf(f, "3#1")-1)
		_, errSheet := f.NewSheet("Ghi thêm")
		return errors.Join(errCopy, errInsert, errTop, errRef, errSheet,
			f.SetCellStr(state, ref, "Chữ thêm vào"), f.SetCellStr("Ghi thêm", "B2", "Tài liệu kèm theo"))
	})
	got, problems := read(t, tpl, raw)
	if len(got.Answers) != len(want.Answers)+1 {
		t.Errorf("%d answers, want %d", len(got.Answers), len(want.Answers)+1)
	}
	var texts []string
	for _, x := range got.Extra {
		texts = append(texts, x.Text)
	}
	if diff := cmp.Diff([]string{"Xem phụ lục kèm theo", "Chữ thêm vào", "Tài liệu kèm theo"}, texts); diff != "" {
		t.Errorf("extra text (-want +got):\n%s", diff)
	}
	if len(problems) != 2 {
		t.Errorf("problems %+v, want one for the row and one for the sheet", problems)
	}
}

func TestMessagesAreInBothLanguages(t *testing.T) {
	t.Parallel()
	cat, err := i18n.Load(readinessxlsx.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range cat.Keys() {
		if !strings.HasPrefix(key, "readiness.workbook.") {
			t.Errorf("key %s, want the prefix readiness.workbook.", key)
		}
	}
}

func FuzzRead(f *testing.F) {
	tpl, ret := appendix488(f), sample()
	good := write(f, tpl, &ret, options)
	f.Add(good)
	f.Add(write(f, tpl, nil, options))
	f.Add(good[:len(good)/2])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, _, err := readinessxlsx.Read(tpl, "mau.xlsx", bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			if fault.As(err) == nil {
				t.Fatalf("no fault: %v", err)
			}
			wellSaid(t, err)
			return
		}
		if got.Template != tpl.Ref() {
			t.Errorf("template %q", got.Template)
		}
	})
}

// FuzzReadPart puts anything into one part of a good workbook, past the
// checksums of the archive that stop most of what FuzzRead tries.
func FuzzReadPart(f *testing.F) {
	tpl, ret := appendix488(f), sample()
	parts := unzip(f, write(f, tpl, &ret, options))
	names := []string{
		"xl/worksheets/sheet4.xml", "xl/worksheets/sheet3.xml", "xl/worksheets/sheet6.xml", "xl/worksheets/sheet8.xml",
		"xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
	}
	for i, name := range names {
		f.Add(i, parts[name])
	}
	f.Add(
		0,
		`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>dean06:part2</t></is></c></row><row><c r="F5" t="s"><v>3</v></c><c>`+
			`<f>1</f></c></row></sheetData></worksheet>`,
	)
	f.Fuzz(func(t *testing.T, i int, content string) {
		if i < 0 || i >= len(names) {
			return
		}
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for name, part := range parts {
			if name == names[i] {
				part = content
			}
			w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, part); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		_, problems, err := readinessxlsx.Read(tpl, "mau.xlsx", bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil && fault.As(err) == nil {
			t.Fatalf("no fault: %v", err)
		}
		wellSaid(t, err)
		for _, p := range problems {
			if p.Column == "" || p.Reason == "" {
				t.Errorf("problem without its cell or reason: %+v", p)
			}
		}
	})
}
