package cleaningweb

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/cleaning"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// What the pages of an agency, which hands files in through the exchange, show in the same way:
// the addresses below Path are the same, too.

// FileView is what the page of a file shows.
type FileView = batchView

// FilePage is the page of a file.
func FilePage(v FileView) templ.Component { return batchPage(v) }

// Tone is how urgent a state looks.
func Tone(s cleaning.State) ui.Tone { return tone(s) }

// ColumnsView is what the page of a file's columns shows.
type ColumnsView = columnsView

// ColumnsPage is the page on which columns are confirmed.
func ColumnsPage(v ColumnsView) templ.Component { return columnsPage(v) }

// Columns fills a view in: what each column is taken for, or was said to hold, with values of
// the file.
func Columns(ctx context.Context, v *ColumnsView, form *web.Form, errs fault.List) {
	columnFields(ctx, v, form, errs)
}

// Kinds reads what a form says that columns hold.
func Kinds(form web.Form, n int) []cleaning.Kind { return kindsIn(form, n) }

// Outcomes is the table of what became of a file's rows; href gives the address of those of an
// outcome, "" for none.
func Outcomes(ctx context.Context, rows int, counts map[cleaning.Outcome]int, href func(cleaning.Outcome) string) ui.Table {
	say := i18n.From(ctx)
	out := ui.Table{ID: "outcomes", Caption: t(ctx, "batch.outcomes"), Quiet: true, Columns: []ui.Column{
		{Label: t(ctx, "batch.outcome")}, {Label: t(ctx, "batch.rows"), Numeric: true}, {Label: t(ctx, "batch.share"), Numeric: true},
	}}
	for _, o := range cleaning.Outcomes {
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{
			{Text: say.T("cleaning.outcome." + string(o)), Href: href(o)},
			{Text: say.Int(int64(counts[o]))},
			{Text: say.Float(100*float64(counts[o])/float64(max(rows, 1)), 1) + "%"},
		}})
	}
	return out
}

// Unread is the table of rows that could not be read.
func Unread(ctx context.Context, n int, list []cleaning.BadRow) ui.Table {
	out := ui.Table{ID: "bad", Caption: t(ctx, "batch.bad", map[string]any{"n": n}), Dense: true, Stack: true, Columns: []ui.Column{
		{Label: t(ctx, "batch.row"), Numeric: true}, {Label: t(ctx, "batch.line"), Numeric: true}, {Label: t(ctx, "batch.why")},
	}}
	say := i18n.From(ctx)
	for _, row := range list[:min(len(list), 50)] {
		out.Rows = append(out.Rows, ui.Row{Cells: []ui.Cell{{Text: say.Int(int64(row.Row))}, {Text: say.Int(int64(row.Line))}, {Text: why(say, row)}}})
	}
	return out
}

// Estimated says what error the accepted rows are expected to have.
func Estimated(ctx context.Context, e cleaning.Estimate, bound float64) string {
	say := i18n.From(ctx)
	return t(ctx, "batch.error", map[string]any{
		"error": say.Float(1e4*e.Error, 2), "from": say.Float(1e4*e.ErrorInterval[0], 2), "to": say.Float(1e4*e.ErrorInterval[1], 2),
		"bound": say.Float(1e4*bound, 1), "recall": say.Float(100*e.Recall, 1),
		"recall_from": say.Float(100*e.RecallInterval[0], 1), "recall_to": say.Float(100*e.RecallInterval[1], 1),
	})
}

// Answers are what one may say of a pair, each with its key.
func Answers(ctx context.Context) []ui.Action { return answers(ctx) }

// Says says that a word is one of the answers.
func Says(s string) bool { return says(s) }

// MediaType is the type of a file by the end of its name.
func MediaType(name string) string {
	return mediaTypes[name[strings.LastIndexByte(name, '.')+1:]]
}
