package cleaningreport

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"dean06/internal/cleaning"
	"dean06/internal/platform/sheet"
)

// Book writes the rows of a cleaned file as a workbook, its headings first. Each cell is a
// text: a number keeps its zeros, and nothing is computed.
func Book(w io.Writer, b cleaning.Batch, rows func(give func([]string) error) error) error {
	f := excelize.NewFile()
	defer f.Close()
	styles, err := sheet.NewStyles(f)
	if err != nil {
		return fmt.Errorf("clean file of %s: %w", b.ID, err)
	}
	out, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	at := 0
	err = rows(func(cells []string) error {
		at++
		line := make([]any, len(cells))
		for i, c := range cells {
			line[i] = c
			if at == 1 {
				line[i] = excelize.Cell{StyleID: styles.Head, Value: c}
			}
		}
		return out.SetRow(fmt.Sprintf("A%d", at), line)
	})
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Write(w)
	}
	return err
}
