package readinessreport

import (
	"strconv"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/readiness"
)

// Receipt is the paper that an agency keeps for a return that came in.
func Receipt(p *i18n.Printer, r readiness.Receipt, url string) paper.Document {
	doc := heading(p, r.Campaign)
	doc.Title = p.T("readiness.receipt.title", args{"number": r.Version.Arrival.String(), "agency": r.Agency.Name})
	doc.Number = r.Version.Arrival.String()
	doc.Date, doc.Kind, doc.Half = clock.DayOf(r.Version.Came()), p.T("readiness.receipt.kind"), true
	doc.Abstract = p.T("readiness.receipt.abstract", args{"number": r.Campaign.Number, "version": strconv.Itoa(r.Version.Number)})
	for _, l := range r.Lines() {
		doc.Body = append(doc.Body, paper.Para{Flat: true, Runs: []paper.Run{{Text: p.T(l.Label) + ": "}, {Text: p.T(l.Text, l.Args), Bold: true}}})
	}
	doc.Body = append(doc.Body, paper.Text(p.T("readiness.receipt.means")))
	doc.Signature = paper.Signature{Title: p.T("readiness.receipt.by"), Note: p.T("readiness.receipt.unsigned")}
	if url != "" {
		doc.Proof = paper.Proof{URL: url, Text: p.T("readiness.receipt.proof")}
	}
	return doc
}
