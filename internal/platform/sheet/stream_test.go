package sheet

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestStreamGivesWhatOpenGives holds that a workbook says the same read as it goes.
func TestStreamGivesWhatOpenGives(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	for i := range 3000 {
		row := []any{fmt.Sprintf("Nguyễn Văn <A> & %d", i), i, float64(i) / 7, i%2 == 0, "", "một\nhai"}
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", 2*i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = f.NewSheet("Hai")
	_ = f.SetCellValue("Hai", "C5", "x")
	_ = f.SetCellFormula("Hai", "D5", "1+1")
	var raw bytes.Buffer
	if err := f.Write(&raw); err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(raw.Bytes())
	book, err := Open(r, r.Size(), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStream(r, r.Size(), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range book.Sheets {
		var rows []Row
		if err := s.Rows(i, func(r *Row) error {
			rows = append(rows, Row{r.Number, r.Hidden, slices.Clone(r.Cells)})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(rows, book.Sheets[i].Rows, func(a, b Row) bool {
			return a.Number == b.Number && a.Hidden == b.Hidden && slices.Equal(a.Cells, b.Cells)
		}) {
			t.Errorf("sheet %d: %d rows, want %d the same", i+1, len(rows), len(book.Sheets[i].Rows))
		}
	}
}

func TestPoolGoesToDisk(t *testing.T) {
	t.Parallel()
	var p stringPool
	defer p.close()
	text := bytes.Repeat([]byte("x"), 1<<20)
	for i := range pooled>>20 + 3 {
		if err := p.add(fmt.Sprint(i) + string(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range []int{0, p.len() - 1, p.len() - 2, 1} {
		if got, err := p.at(i); err != nil || got != fmt.Sprint(i)+string(text) {
			t.Errorf("string %d: %v, %d bytes", i, err, len(got))
		}
	}
	if _, err := os.Stat(p.file.Name()); err == nil {
		t.Error("the file still has its name")
	}
}
