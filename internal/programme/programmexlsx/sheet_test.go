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
	Blank: 20,
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
		t.Errorf("%+v, %v", list, err)
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
		"no such sheet": changed(t, func(f *excelize.File) { must(f.SetSheetName("Bang", "Sheet9")) }),
		"a formula": changed(t, func(f *excelize.File) {
			must(f.SetCellFormula("Bang", "B3", `HYPERLINK("http://evil.example","x")`))
			must(f.SetCellStr("Bang", "C3", "Đang sửa"))
		}),
	} {
		got, err := read(raw)
		if name == "a formula" && err == nil && len(got) > 0 && got[0].Cells["title"] == "" { // without a value it is no text
			continue
		}
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
