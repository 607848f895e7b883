package programmexlsx_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/fault"
	"dean06/internal/programme"
	"dean06/internal/programme/programmexlsx"
)

var table = programme.Table{
	Columns: []programme.Column{
		{Key: "id", Head: "Mã", Width: 10, Locked: true, Hidden: true},
		{Key: "title", Head: "Nội dung", Width: 40},
		{Key: "state", Head: "Trạng thái", Width: 20, List: []string{"Cần sửa, chưa làm", "Đang sửa"}},
	},
	Rows:  [][]string{{"law-001", "Thông tư số 1", "Đang sửa"}, {"law-002", "=1+1", "007"}},
	Blank: 20, Choose: "Hãy chọn trong danh sách.",
}

var keys = []string{"id", "title", "state"}

func written(t *testing.T) []byte {
	t.Helper()
	raw, err := programmexlsx.Write(table)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func read(raw []byte) ([]programme.Line, error) {
	return programmexlsx.Read(bytes.NewReader(raw), int64(len(raw)), keys)
}

// TestWhatIsWrittenIsRead: as text, with zeros and signs as they were; empty rows are none.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	got, err := read(written(t))
	want := []programme.Line{
		{Number: 3, Cells: map[string]string{"id": "law-001", "title": "Thông tư số 1", "state": "Đang sửa"}},
		{Number: 4, Cells: map[string]string{"id": "law-002", "title": "=1+1", "state": "007"}},
	}
	if err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
}

func TestDropDowns(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(written(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := f.GetDataValidations("Bang")
	if err != nil || len(list) != 1 || list[0].Sqref != "C3:C24" || !strings.Contains(list[0].Formula1, "$C$1:$C$2") {
		t.Fatalf("%+v, %v", list, err)
	}
	if v := list[0]; !v.ShowErrorMessage || v.Error == nil || *v.Error != table.Choose {
		t.Errorf("what is not in the list can be typed: %+v", v)
	}
}

// TestNumbersAreRead: what a program computed with keeps its fraction, so that nobody takes
// 12.5 for 125; whole numbers and days are as they look.
func TestNumbersAreRead(t *testing.T) {
	t.Parallel()
	for value, want := range map[any]string{12.5: "12,5", 0.5: "0,5", 1.234: "1,234", 1200: "1200", "1.234": "1.234", "12,5": "12,5"} {
		lines, err := read(changed(t, func(f *excelize.File) {
			if err := f.SetCellValue("Bang", "C3", value); err != nil {
				t.Fatal(err)
			}
		}))
		if err != nil || len(lines) == 0 || lines[0].Cells["state"] != want {
			t.Errorf("%v is read as %q, want %q; %v", value, lines[0].Cells["state"], want, err)
		}
	}
}

// changed is the file as somebody changed it.
func changed(t *testing.T, do func(f *excelize.File)) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(written(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	do(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileFiles(t *testing.T) {
	t.Parallel()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, raw := range map[string][]byte{
		"nothing":     {},
		"a page":      []byte("<html>"),
		"half of one": written(t)[:900],
		"another table": changed(t, func(f *excelize.File) {
			must(f.SetCellStr("Bang", "B1", "khác"))
		}),
		"a key twice": changed(t, func(f *excelize.File) { must(f.SetCellStr("Bang", "D1", "title")) }),
		"the table twice": changed(t, func(f *excelize.File) {
			n, err := f.NewSheet("Bang (2)")
			must(err)
			must(f.CopySheet(0, n))
		}),
	} {
		got, err := read(raw)
		if fault.Of(err) != fault.Invalid || fault.As(err).Field != "file" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	moved := changed(t, func(f *excelize.File) { // columns that were moved are found by their keys
		for i := 1; i <= 4; i++ {
			b, _ := f.GetCellValue("Bang", fmt.Sprintf("B%d", i))
			c, _ := f.GetCellValue("Bang", fmt.Sprintf("C%d", i))
			must(f.SetCellStr("Bang", fmt.Sprintf("B%d", i), c))
			must(f.SetCellStr("Bang", fmt.Sprintf("C%d", i), b))
		}
	})
	got, err := read(moved)
	if err != nil || got[0].Cells["title"] != "Thông tư số 1" {
		t.Errorf("moved columns: %v, %v", got, err)
	}
}

// TestWhatPeopleDoToAWorkbook: columns are known by their keys and rows by what stands in
// them, whatever was renamed, hidden, or typed with signs that nobody sees; a row that does
// not say what it means is told by its number, and holds up no other.
func TestWhatPeopleDoToAWorkbook(t *testing.T) {
	t.Parallel()
	try := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func(do func(f *excelize.File)) []programme.Line {
		got, err := read(changed(t, do))
		try(err)
		return got
	}
	title := func(text string) func(f *excelize.File) {
		return func(f *excelize.File) { try(f.SetCellStr("Bang", "B3", text)) }
	}
	for text, want := range map[string]string{
		"  Thông tư số 1\u00a0 ": "Thông tư số 1", "Thông\u200b tư\ufeff số 1": "Thông tư số 1", "Tho\u0302ng tu\u031b so\u0302\u0301 1": "Thông tư số 1",
		"１２３／ＴＴ": "123/TT", "a\u202eb\u2066c": "abc", "dòng 1\r\ndòng 2": "dòng 1\ndòng 2", "=cmd|' /C calc'!A0": "=cmd|' /C calc'!A0", "\u3000": "",
	} {
		if got := read(title(text))[0].Cells["title"]; got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
	for name, do := range map[string]func(f *excelize.File){
		"renamed, with another sheet before it": func(f *excelize.File) {
			try(f.SetSheetName("Bang", "Danh sách"))
			_, err := f.NewSheet("Ghi chú")
			try(err)
			try(f.SetCellStr("Ghi chú", "A1", "title"))
			try(f.MoveSheet("Ghi chú", "Danh sách"))
		},
		"hidden": func(f *excelize.File) {
			try(f.SetRowVisible("Bang", 3, false))
			try(f.SetColVisible("Bang", "B", false))
		},
		"headings in another language": func(f *excelize.File) { try(f.SetCellStr("Bang", "B2", "Title")) },
		"a column inserted":            func(f *excelize.File) { try(f.InsertCols("Bang", "B", 2)) },
		"a row inserted":               func(f *excelize.File) { try(f.InsertRows("Bang", 3, 2)) },
		"a merged heading":             func(f *excelize.File) { try(f.MergeCell("Bang", "A2", "C2")) },
	} {
		got := read(do)
		if len(got) != 2 || got[0].Why != nil || got[0].Cells["title"] != "Thông tư số 1" || got[1].Cells["state"] != "007" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, do := range map[string]func(f *excelize.File){
		"a formula": func(f *excelize.File) { try(f.SetCellFormula("Bang", "B3", `HYPERLINK("http://evil.example","x")`)) },
		"a merge":   func(f *excelize.File) { try(f.MergeCell("Bang", "B3", "B9")) },
		"sideways":  func(f *excelize.File) { try(f.MergeCell("Bang", "B3", "C3")) },
	} {
		got := read(do)
		if len(got) != 2 || fault.As(got[0].Why) == nil || fault.As(got[0].Why).Args["cell"] == "" || (got[1].Why != nil) != (name == "a merge") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	many := read(func(f *excelize.File) {
		for _, row := range []int{100, 5_000, 1_000_000} {
			try(f.SetRowHeight("Bang", row, 20))
		}
	})
	if len(many) != 2 {
		t.Errorf("empty rows: %d", len(many))
	}
}

// FuzzRead reads whatever comes: it is refused in words, or every row has its number and only
// the keys that were asked for.
func FuzzRead(f *testing.F) {
	raw, err := programmexlsx.Write(table)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:len(raw)/2])
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lines, err := read(raw)
		if err != nil {
			if fault.Of(err) != fault.Invalid {
				t.Fatalf("not in words: %v", err)
			}
			return
		}
		for _, l := range lines {
			if l.Number < 3 || len(l.Cells) == 0 && l.Why == nil || len(l.Cells) > len(keys) {
				t.Fatalf("%+v", l)
			}
		}
	})
}
