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
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"

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
			v.SetError(excelize.DataValidationErrorStyleStop, t.Choose, t.Choose)
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

// Read gives the rows of a workbook that Write made and people filled in, under its keys,
// wherever its columns are and whatever its sheet is called. It fails with Invalid when the
// file is none, is hostile, is of another table, or has the table twice. A row that is empty
// is none; one with a formula or merged cells says why it is not taken.
func Read(r io.ReaderAt, size int64, keys []string) ([]programme.Line, error) {
	b, err := sheet.Open(r, size, limits)
	if err != nil {
		var refusal *sheet.Refusal
		if errors.As(err, &refusal) {
			return nil, fault.New(fault.Invalid, "programme.workbook.refused", nil).At("file").Because(err)
		}
		return nil, err
	}
	var of *sheet.Sheet
	var at map[int]string
	for i := range b.Sheets {
		found, ok := keyed(&b.Sheets[i], keys)
		switch {
		case !ok:
		case of != nil:
			return nil, fault.New(fault.Invalid, "programme.workbook.twice", fault.Args{"one": of.Name, "two": b.Sheets[i].Name}).At("file")
		default:
			of, at = &b.Sheets[i], found
		}
	}
	if of == nil {
		return nil, fault.New(fault.Invalid, "programme.workbook.other", nil).At("file")
	}
	var out []programme.Line
	for _, row := range of.Rows {
		if row.Number <= headRows {
			continue
		}
		if l := lineOf(of, row, at); len(l.Cells) > 0 || l.Why != nil {
			out = append(out, l)
		}
	}
	return out, nil
}

// headRows are the keys and the headings.
const headRows = 2

// keyed finds the columns of a sheet by the keys in its first row: each is there once.
func keyed(s *sheet.Sheet, keys []string) (map[int]string, bool) {
	if len(s.Rows) == 0 || s.Rows[0].Number != 1 {
		return nil, false
	}
	at, seen := map[int]string{}, map[string]bool{}
	for _, c := range s.Rows[0].Cells {
		if key := tidy(c.Text); slices.Contains(keys, key) {
			at[c.Column], seen[key] = key, true
		}
	}
	return at, len(at) == len(keys) && len(seen) == len(keys)
}

func lineOf(s *sheet.Sheet, row sheet.Row, at map[int]string) programme.Line {
	l := programme.Line{Number: row.Number, Cells: map[string]string{}}
	for _, c := range row.Cells {
		key, ok := at[c.Column]
		if !ok {
			continue
		}
		if c.Formula {
			l.Why = wrong("formula", c.Column, row.Number).At(key)
		}
		text := tidy(c.Text)
		if c.Kind == sheet.Number { // its point parts a fraction, never thousands
			text = strings.Replace(text, ".", ",", 1)
		}
		if text != "" {
			l.Cells[key] = text
		}
	}
	for _, m := range s.Merges {
		for column, key := range at {
			if row.Number >= m.Row && row.Number <= m.LastRow && column >= m.Column && column <= m.LastColumn && len(l.Cells) > 0 {
				l.Why = wrong("merged", column, row.Number).At(key)
			}
		}
	}
	return l
}

// wrong says what is wrong with a cell.
func wrong(what string, column, row int) *fault.Error {
	name, _ := excelize.CoordinatesToCellName(column, row)
	return fault.New(fault.Invalid, "programme.workbook."+what, fault.Args{"cell": name})
}

// tidy writes a text as it looks: composed letters, digits and signs of the usual width, and
// nothing that nobody sees.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r >= '！' && r <= '～': // the wide forms of ASCII
			return r - '！' + '!'
		case unicode.Is(unicode.Z, r):
			return ' '
		case unicode.Is(unicode.C, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	return strings.TrimSpace(norm.NFC.String(s))
}
