package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// A page has hundreds of cells and options. They are written here, for as templates each
// would cost several times what its text does.

// writer writes parts of a page until one fails.
type writer struct {
	to  io.Writer
	err error
}

// raw writes what is part of the page itself.
func (w *writer) raw(list ...string) {
	for _, s := range list {
		if w.err == nil {
			_, w.err = io.WriteString(w.to, s)
		}
	}
}

// text writes what was brought to the page.
func (w *writer) text(s string) { w.raw(templ.EscapeString(s)) }

// attr writes an attribute; one without a value is left out.
func (w *writer) attr(name, value string) {
	if value != "" {
		w.raw(" ", name, `="`, templ.EscapeString(value), `"`)
	}
}

// options are the lines of a choice.
func (f Field) options() templ.Component {
	return templ.ComponentFunc(func(_ context.Context, to io.Writer) error {
		w := writer{to: to}
		for _, o := range f.Options {
			w.raw(`<option value="`, templ.EscapeString(o.Value))
			if f.chosen(o) {
				w.raw(`" selected>`)
			} else {
				w.raw(`">`)
			}
			w.text(o.Label)
			w.raw(`</option>`)
		}
		return w.err
	})
}

// rows are the lines of a table.
func (t Table) rows() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, to io.Writer) error {
		w := writer{to: to}
		kinds := t.cellClasses()
		for _, r := range t.Rows {
			t.line(ctx, &w, classes("govuk-table__row", r.Class), "govuk-table__header app-row-name", t.Stack, kinds, r.Cells)
		}
		return w.err
	})
}

// foot is the last line of a table.
func (t Table) foot() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, to io.Writer) error {
		w := writer{to: to}
		t.line(ctx, &w, "govuk-table__row app-total", "govuk-table__header", false, t.cellClasses(), t.Foot)
		return w.err
	})
}

// line is a line of a table; one of which a phone may draw a card says what its parts are.
func (t Table) line(ctx context.Context, w *writer, class, name string, card bool, kinds []string, cells []Cell) {
	role := func(is string) {
		if card {
			w.attr("role", is)
		}
	}
	w.raw(`<tr`)
	w.attr("class", class)
	role("row")
	w.raw(`>`)
	for i, c := range cells {
		end := `</td>`
		if i == 0 {
			end = `</th>`
			w.raw(`<th scope="row"`)
			w.attr("class", name)
			role("rowheader")
		} else {
			kind := plainCell
			if i < len(kinds) {
				kind = kinds[i]
			}
			w.raw(`<td`)
			w.attr("class", kind)
			role("cell")
			if card && i < len(t.Columns) && (c.Text != "" || c.Body != nil) {
				w.attr("data-label", t.Columns[i].Label) // a card shows it above the cell
			}
		}
		w.raw(`>`)
		w.cell(ctx, c)
		w.raw(end)
	}
	w.raw(`</tr>`)
}

const plainCell = "govuk-table__cell"

// cellClasses are the classes of the cells of each column.
func (t Table) cellClasses() []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = classes(plainCell, when(c.Numeric, "govuk-table__cell--numeric"), when(c.Centred, "app-centre"), when(c.Minor, "app-minor"))
	}
	return out
}

// cell writes what stands in a cell.
func (w *writer) cell(ctx context.Context, c Cell) {
	switch {
	case w.err != nil:
	case c.Body != nil:
		w.err = c.Body.Render(ctx, w.to)
	case c.Href != "":
		w.raw(`<a class="govuk-link" href="`, templ.EscapeString(string(templ.URL(c.Href))), `">`, templ.EscapeString(c.Text), `</a>`)
	default:
		w.text(c.Text)
	}
}
