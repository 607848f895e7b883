package sheet

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Styles are the looks of cells in our workbooks, registered in one file.
type Styles struct {
	Title  int // a heading of one line, running over the columns to its right
	Line   int // a line of text, running over likewise
	Plain  int // running text in its column, locked
	Head   int // column headings
	Label  int // a label of the form, locked
	Group  int // a heading row inside a table
	Answer int // text to fill in
	Count  int // whole number to fill in
	Off    int // a cell that this row does not ask for
}

// The font is on every Windows and in every free substitute, with all
// Vietnamese letters.
const fontName = "Times New Roman"

// asText is the number format @: what is typed stays text, also "=1+1" typed
// or edited by hand.
const asText = 49

// NewStyles registers the styles.
func NewStyles(f *excelize.File) (Styles, error) {
	edge := func(color string) []excelize.Border {
		var out []excelize.Border
		for _, side := range []string{"left", "right", "top", "bottom"} {
			out = append(out, excelize.Border{Type: side, Color: color, Style: 1})
		}
		return out
	}
	fill := func(color string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	}
	font := func(size float64, bold bool) *excelize.Font {
		return &excelize.Font{Family: fontName, Size: size, Bold: bold}
	}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	centre := &excelize.Alignment{Vertical: "center", Horizontal: "center", WrapText: true}
	open := &excelize.Protection{Locked: false}
	var s Styles
	for _, c := range []struct {
		into *int
		look excelize.Style
	}{
		{&s.Title, excelize.Style{Font: font(14, true), Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&s.Line, excelize.Style{Font: font(12, false), Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&s.Plain, excelize.Style{Font: font(12, false), Alignment: top, NumFmt: asText}},
		{&s.Head, excelize.Style{Font: font(11, true), Alignment: centre, Fill: fill("D9E2EC"), Border: edge("808080")}},
		{&s.Label, excelize.Style{Font: font(11, false), Alignment: top, Fill: fill("F2F5F8"), Border: edge("B0B0B0"), NumFmt: asText}},
		{&s.Group, excelize.Style{Font: font(11, true), Alignment: top, Fill: fill("E6ECF2"), Border: edge("B0B0B0"), NumFmt: asText}},
		{
			&s.Answer,
			excelize.Style{Font: font(11, false), Alignment: top, Fill: fill("FFFFFF"), Border: edge("808080"), NumFmt: asText, Protection: open},
		},
		{
			&s.Count,
			excelize.Style{Font: font(11, false), Alignment: top, Fill: fill("FFFFFF"), Border: edge("808080"), NumFmt: 3, Protection: open},
		},
		{&s.Off, excelize.Style{Font: font(11, false), Alignment: top, Fill: fill("E0E0E0"), Border: edge("B0B0B0"), NumFmt: asText}},
	} {
		id, err := f.NewStyle(&c.look)
		if err != nil {
			return Styles{}, fmt.Errorf("make styles: %w", err)
		}
		*c.into = id
	}
	return s, nil
}

// Print lays a sheet out for A4 across, so many pages wide. The rows down to head
// and, when it is wider than a page, the columns to the left of freeze are
// repeated on each page.
func Print(f *excelize.File, name string, pages, head, freeze int) error {
	a4, across, tall, fit, edge := 9, "landscape", 0, true, 0.4
	if err := f.SetPageLayout(name, &excelize.PageLayoutOptions{
		Size: &a4, Orientation: &across, FitToWidth: &pages, FitToHeight: &tall,
	}); err != nil {
		return fmt.Errorf("lay out sheet %s: %w", name, err)
	}
	if err := f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &edge, Right: &edge, Top: &edge, Bottom: &edge}); err != nil {
		return fmt.Errorf("lay out sheet %s: %w", name, err)
	}
	if err := f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return fmt.Errorf("lay out sheet %s: %w", name, err)
	}
	if head == 0 {
		return nil
	}
	titles := fmt.Sprintf("'%s'!$%d:$%d", name, head, head)
	if pages > 1 {
		titles = fmt.Sprintf("'%s'!$A:$%s,%s", name, ColumnName(freeze), titles)
	}
	if err := f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: name, RefersTo: titles}); err != nil {
		return fmt.Errorf("lay out sheet %s: %w", name, err)
	}
	return nil
}

// Lock protects a sheet without a password: cells of style Answer and Count
// stay open, rows and columns can be made larger or smaller.
func Lock(f *excelize.File, name string) error {
	err := f.ProtectSheet(name, &excelize.SheetProtectionOptions{
		SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true,
	})
	if err != nil {
		return fmt.Errorf("lock sheet %s: %w", name, err)
	}
	return nil
}
