// Package readinessxlsx writes the form of a campaign as an Excel workbook for
// one agency and reads it back.
//
//	layout ──▶ form: which cell holds which label or answer
//	             │         ▲
//	   Return ─▶ fill      │ compare labels, take answers ◀─ workbook
//	             ▼         │
//	          workbook   Return + problems
//
// Each row of the workbook carries its key in hidden column A, so that rows may
// be moved, copied or inserted without an answer changing its question. A
// hidden sheet names the template, the agency and the campaign, with a checksum
// over these and over all labels: it finds accidents, it is no signature.
// Whether the answers are complete or allowed is not decided here.
package readinessxlsx

import (
	"embed"
	"io/fs"
	"sync"

	"dean06/internal/platform/i18n"
)

//go:embed messages
var embedded embed.FS

// Messages are this package's texts: what stands in a workbook around the
// template's own words, and the reasons why a workbook is refused.
var Messages fs.FS = must(fs.Sub(embedded, "messages"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // a mistake in what was built in
	}
	return v
}

// texts prints this package's own messages.
var texts = sync.OnceValue(func() *i18n.Catalogue { return must(i18n.Load(Messages)) })
