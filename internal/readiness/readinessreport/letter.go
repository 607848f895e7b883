package readinessreport

import (
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/readiness"
)

// Letter is the covering letter of a campaign, as its data words it, with the
// blank form as its appendix. A nil template leaves the form out.
func Letter(p *i18n.Printer, c readiness.Campaign, tpl *readiness.Template) paper.Document {
	doc := heading(p, c)
	doc.Title = p.T("report.letter.title", args{"number": c.Number})
	doc.Number, doc.Date, doc.Subject = c.Number, c.Issued, c.Subject.In(lang(p))
	doc.To = texts(p, c.Addressees)
	for _, b := range c.Body {
		doc.Body = append(doc.Body, paper.Text(b.In(lang(p))))
	}
	doc.CopiesTo = texts(p, c.CopiesTo)
	if tpl != nil {
		doc.Appendices = []paper.Appendix{{
			Name:      strings.ReplaceAll(tpl.Title.In(lang(p)), "\n", " "),
			Note:      p.T("report.form.letter", args{"number": c.Number, "date": c.Issued}),
			Landscape: true,
			Body:      formBody(p, tpl, nil, FormOptions{}),
		}}
	}
	return doc
}

// heading is the part that all letters of a campaign share.
func heading(p *i18n.Printer, c readiness.Campaign) paper.Document {
	return paper.Document{
		Agency: c.Issuer.In(lang(p)), Place: c.Place.In(lang(p)),
		Signature: paper.Signature{Title: c.Signatory.Position.In(lang(p)), Name: c.Signatory.Name},
	}
}

func texts(p *i18n.Printer, in []readiness.Text) []string {
	out := make([]string, len(in))
	for i, t := range in {
		out[i] = t.In(lang(p))
	}
	return out
}

// Chase is one reminder: to whom, on which day, and where the return stands.
type Chase struct {
	Agency  readiness.Agency
	State   readiness.State
	Today   clock.Date
	Missing []string // what is missing, in words
	Number  string   // of the reminder; room is left when empty
	Symbol  string   // "BTTTT-CĐSQG"
	URL     string   // where the agency fills its return in
}

// Reminder is the letter that reminds one agency, before the due day or after.
func Reminder(p *i18n.Printer, c readiness.Campaign, r Chase) paper.Document {
	when, key, n := "before", "subject.before", r.Today.DaysUntil(c.Due)
	switch {
	case n == 0:
		when = "today"
	case n < 0:
		when, key, n = "after", "subject.after", -n
	}
	state := r.State
	if state != readiness.Drafted && state != readiness.SentBack {
		state = readiness.NotStarted
	}
	subject := strings.TrimSpace(strings.TrimPrefix(c.Subject.In(lang(p)), "V/v"))
	a := args{
		"number": c.Number, "issued": c.Issued, "due": c.Due, "issuer": c.Issuer.In(lang(p)), "subject": lowerFirst(subject),
		"today": r.Today, "n": n, "url": r.URL,
	}
	say := func(key string) paper.Block { return paper.Text(p.T("report.reminder."+key, a)) }

	doc := heading(p, c)
	doc.Title = p.T("report.reminder.title", a)
	doc.Number, doc.Symbol, doc.Date = r.Number, r.Symbol, r.Today
	doc.Subject = p.T("report.reminder."+key, a)
	doc.To = []string{r.Agency.Name}
	doc.Body = []paper.Block{say("opening"), say(when + "." + string(state))}
	if len(r.Missing) > 0 {
		doc.Body = append(doc.Body, say("missing"))
		for _, m := range r.Missing {
			doc.Body = append(doc.Body, paper.Text("- "+m))
		}
	}
	if when == "after" {
		doc.Body = append(doc.Body, say("ask.after"))
	} else {
		doc.Body = append(doc.Body, say("ask.before"))
	}
	if r.URL != "" {
		doc.Body = append(doc.Body, say("where"))
		doc.Proof = paper.Proof{URL: r.URL, Text: p.T("report.reminder.proof")}
	}
	doc.Body = append(doc.Body, say("ignore"), say("thanks"))
	doc.CopiesTo = []string{p.T("report.reminder.copies.above"), p.T("report.reminder.copies.file")}
	return doc
}

// Refusal is the letter with which a paper that cannot become a return goes back to its
// agency, with the reason and what to send instead.
func Refusal(p *i18n.Printer, r readiness.Refusal, url string) paper.Document {
	c := r.Campaign
	a := args{
		"number": c.Number, "issued": c.Issued, "due": c.Due, "issuer": c.Issuer.In(lang(p)), "file": r.File, "came": r.Came, "url": url, "arrival": r.Number,
	}
	say := func(key string) paper.Block { return paper.Text(p.T("report.refusal."+key, a)) }
	doc := heading(p, c)
	doc.Title, doc.Date = p.T("report.refusal.title", a), r.On
	doc.Subject = p.T("report.refusal.subject", a)
	doc.To = []string{r.Agency.Name}
	opening := "opening"
	if r.Number != "" {
		opening = "opening.numbered"
	}
	doc.Body = []paper.Block{say(opening), say("reason")}
	for line := range strings.Lines(r.Reason) {
		doc.Body = append(doc.Body, paper.Text("- "+strings.TrimSpace(line)))
	}
	for _, found := range r.Found {
		doc.Body = append(doc.Body, paper.Text("- "+p.T(found.Reason, found.Args)))
	}
	doc.Body = append(doc.Body, say("ask"))
	if url != "" {
		doc.Body = append(doc.Body, paper.Text(p.T("report.reminder.where", a)))
		doc.Proof = paper.Proof{URL: url, Text: p.T("report.reminder.proof")}
	}
	doc.Body = append(doc.Body, paper.Text(p.T("report.reminder.thanks")))
	doc.CopiesTo = []string{p.T("report.reminder.copies.above"), p.T("report.reminder.copies.file")}
	return doc
}

// Cancellation is the letter with which a round was cancelled.
func Cancellation(p *i18n.Printer, c readiness.Campaign) paper.Document {
	x := c.Cancelled
	a := args{"number": c.Number, "issued": c.Issued, "due": c.Due, "issuer": c.Issuer.In(lang(p))}
	say := func(key string) paper.Block { return paper.Text(p.T("report.cancel."+key, a)) }
	doc := heading(p, c)
	doc.Title = p.T("report.cancel.title", a)
	doc.Number, doc.Date, doc.Subject = x.Number, x.Day, p.T("report.cancel.subject", a)
	doc.To = []string{p.T("report.cancel.to", a)}
	doc.Body = []paper.Block{say("opening")}
	for line := range strings.Lines(x.Reason) {
		doc.Body = append(doc.Body, paper.Text("- "+strings.TrimSpace(line)))
	}
	doc.Body = append(doc.Body, say("kept"), say("thanks"))
	doc.CopiesTo = texts(p, c.CopiesTo)
	return doc
}
