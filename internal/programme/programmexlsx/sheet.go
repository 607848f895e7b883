// Package programmexlsx writes tables of the programme as workbooks with drop-downs, and
// reads what people made of them. What a row means is the root's.
package programmexlsx

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/sheet"
	"dean06/internal/programme"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the reasons for which a file is refused.
var Messages, _ = fs.Sub(messages, "messages")

const (
	mainSheet = "Bang"
	listSheet = "Danh muc"
)

// Write makes the workbook. Its first row holds the keys, hidden: by them a file is read
// again whatever the language of its headings. Cells are texts: nothing is computed.
func Write(t programme.Table) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	styles, err := sheet.NewStyles(f)
	if err != nil {
		return nil, err
	}
	w := &writer{f: f}
	w.try(f.SetSheetName("Sheet1", mainSheet))
	_, err = f.NewSheet(listSheet)
	w.try(err)
	for i, c := range t.Columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		w.try(err)
		w.try(f.SetColWidth(mainSheet, letter, letter, c.Width))
		if c.Hidden {
			w.try(f.SetColVisible(mainSheet, letter, false))
		}
		look := styles.Answer
		if c.Locked {
			look = styles.Label
		}
		last := len(t.Rows) + t.Blank + 2
		w.cell(mainSheet, i+1, 1, c.Key, styles.Plain)
		w.cell(mainSheet, i+1, 2, c.Head, styles.Head)
		for j, row := range t.Rows {
			w.cell(mainSheet, i+1, j+3, row[i], look)
		}
		for j := range t.Blank {
			w.cell(mainSheet, i+1, len(t.Rows)+j+3, "", look)
		}
		if len(c.List) > 0 && last > 2 {
			for j, text := range c.List {
				w.cell(listSheet, i+1, j+1, text, styles.Plain)
			}
			v := excelize.NewDataValidation(true)
			v.SetSqref(fmt.Sprintf("%s3:%s%d", letter, letter, last))
			v.SetSqrefDropList(fmt.Sprintf("'%s'!$%s$1:$%s$%d", listSheet, letter, letter, len(c.List)))
			w.try(f.AddDataValidation(mainSheet, v))
		}
	}
	w.try(f.SetRowVisible(mainSheet, 1, false))
	w.try(f.SetSheetVisible(listSheet, false))
	w.try(f.SetPanes(mainSheet, &excelize.Panes{Freeze: true, YSplit: 2, TopLeftCell: "A3", ActivePane: "bottomLeft"}))
	if w.err != nil {
		return nil, fmt.Errorf("write a workbook: %w", w.err)
	}
	var b bytes.Buffer
	err = f.Write(&b)
	return b.Bytes(), err
}

type writer struct {
	f   *excelize.File
	err error
}

func (w *writer) try(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) cell(name string, column, row int, text string, style int) {
	at, err := excelize.CoordinatesToCellName(column, row)
	w.try(err)
	if text != "" {
		w.try(w.f.SetCellStr(name, at, text))
	}
	w.try(w.f.SetCellStyle(name, at, at, style))
}

// limits of a file that is handed in.
var limits = sheet.Limits{Archive: 10 << 20, Content: 32 << 20, Cells: 150_000, Text: 8 << 20}

// Read gives the rows of a workbook that Write made and people filled in, under its keys.
// It fails with Invalid when the file is none, is hostile, or is of another table. A row
// that is empty is none; a formula is not taken: its row says so.
func Read(r io.ReaderAt, size int64, keys []string) ([]programme.Line, error) {
	b, err := sheet.Open(r, size, limits)
	if err != nil {
		var refusal *sheet.Refusal
		if errors.As(err, &refusal) {
			return nil, fault.New(fault.Invalid, "programme.workbook.refused", nil).At("file").Because(err)
		}
		return nil, err
	}
	i := slices.IndexFunc(b.Sheets, func(s sheet.Sheet) bool { return s.Name == mainSheet })
	if i < 0 || len(b.Sheets[i].Rows) == 0 {
		return nil, fault.New(fault.Invalid, "programme.workbook.other", nil).At("file")
	}
	rows := b.Sheets[i].Rows
	at := map[int]string{}
	for _, c := range rows[0].Cells {
		if slices.Contains(keys, c.Text) {
			at[c.Column] = c.Text
		}
	}
	if rows[0].Number != 1 || len(at) != len(keys) {
		return nil, fault.New(fault.Invalid, "programme.workbook.other", nil).At("file")
	}
	var out []programme.Line
	for _, row := range rows[1:] {
		if row.Number <= 2 {
			continue
		}
		l := programme.Line{Number: row.Number, Cells: map[string]string{}}
		for _, c := range row.Cells {
			if key, ok := at[c.Column]; ok && strings.TrimSpace(c.Text) != "" {
				l.Cells[key] = c.Text
				if c.Formula {
					return nil, fault.New(fault.Invalid, "programme.workbook.formula", fault.Args{"row": row.Number}).At("file")
				}
			}
		}
		if len(l.Cells) > 0 {
			out = append(out, l)
		}
	}
	return out, nil
}
