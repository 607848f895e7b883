package board

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
	"dean06/internal/readiness"
)

var (
	reportFormats = []string{"docx", "pdf", "xlsx"}
	reportLangs   = []string{"vi", "en"}
)

// reportPage offers the report to the Prime Minister and says what is in it.
func reportPage(v *view, _ *http.Request) (string, bodyFunc, error) {
	return v.t("board.title.report"), func(ctx context.Context) (templ.Component, error) {
		sums, err := v.sums(ctx)
		return report(v, sums), err
	}, readiness.Can(v.reader, readiness.ReadReport, "")
}

// download makes the report under the question of the page.
func (p *Pages) download(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	if err := readiness.Can(v.reader, readiness.ReadReport, ""); err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	format, lang := f.Text("format"), f.Text("language")
	if !slices.Contains(reportFormats, format) || !slices.Contains(reportLangs, lang) {
		return notFound()
	}
	file, err := p.shell.Exports.Report(r.Context(), v.reader, v.ask.question(), format, lang)
	if err != nil {
		return err
	}
	return file.Send(w)
}

func (v *view) formatField() ui.Field {
	f := ui.Field{Name: "format", Label: v.t("board.report.format"), Value: "docx", Inline: true}
	for _, name := range reportFormats {
		f.Options = append(f.Options, ui.Option{Value: name, Label: v.t("board.report." + name)})
	}
	return f
}

func (v *view) languageField() ui.Field {
	f := ui.Field{Name: "language", Label: v.t("board.report.language"), Value: "vi", Inline: true}
	for _, name := range reportLangs {
		f.Options = append(f.Options, ui.Option{Value: name, Label: v.t("board.report." + name)})
	}
	return f
}

// contents says what else the report holds, and how much of it.
func (v *view) contents(a readiness.Aggregate) []string {
	proposals := 0
	for _, b := range a.Proposals {
		proposals += len(b.Entries)
	}
	var out []string
	for _, c := range []struct {
		key string
		n   int
	}{
		{"agencies", len(v.Statements)},
		{"missing", len(v.missing())},
		{"maps", v.provinces(v.Question.Geography)},
		{"causes", len(a.Causes)},
		{"proposals", proposals},
		{"difficulties", len(a.Difficulties)},
		{"recommendations", len(a.Recommendations)},
	} {
		if c.n > 0 {
			out = append(out, v.t("board.report.has."+c.key, map[string]any{"n": c.n}))
		}
	}
	return out
}
