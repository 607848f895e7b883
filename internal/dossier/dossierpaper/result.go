package dossierpaper

import (
	"fmt"
	"regexp"
	"strings"

	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/paper"
	"dean06/internal/procedure"
)

// result is a result from its package's template.
func (s *sheet) result(r procedure.Result) paper.Document {
	t := r.Paper
	number := s.issue.Number
	if t.NumberSign != "" {
		number = s.fill(t.NumberSign)
	}
	doc := paper.Document{
		Title: t.Title.Vi + " " + number, Parent: s.Above(s.d.Competent), Agency: s.Agency(s.d.Competent), Number: number,
		Place: s.Seat(s.d.Competent), Date: s.on, Kind: t.Title.Vi,
		Proof:     paper.Proof{URL: s.Address(s.issue.Proof), Text: s.t("proof")},
		Signature: paper.Signature{Title: s.t("sign.issuer"), Name: s.officer, Note: s.unsigned()},
	}
	view := s.pkg.Form.View(s.answers, s.facts())
	for _, b := range t.Blocks {
		if b.When != nil && !b.When.Holds(view) {
			continue
		}
		switch {
		case b.Heading != nil:
			doc.Body = append(doc.Body, paper.Heading{Text: b.Heading.Vi})
		case b.Line != nil:
			doc.Body = append(doc.Body, s.line(b.Line.Label.Vi, s.value(b.Line.Value)))
		case b.Text != nil:
			doc.Body = append(doc.Body, paper.Rich(s.fill(b.Text.Vi)))
		case b.Table != nil:
			doc.Body = append(doc.Body, s.table(*b.Table))
		}
	}
	return doc
}

// facts are those of the dossier that are no answers, on the day on which it was sent.
func (s *sheet) facts() eform.Facts {
	f := dossier.FactsOf(s.d)
	f.Units = s.Units
	return f
}

// braced is an answer or a fact within a text.
var braced = regexp.MustCompile(`\{[a-z][a-z0-9_.:]*\}`)

// fill puts values into a text; one that is not known leaves room.
func (s *sheet) fill(text string) string {
	return braced.ReplaceAllStringFunc(text, func(m string) string {
		v := s.value(m[1 : len(m)-1])
		if v == "" {
			return "………"
		}
		return strings.ReplaceAll(strings.ReplaceAll(v, "**", "* *"), "__", "_ _") // no answer changes how a paper looks
	})
}

// value is a fact of the dossier, or the answer at a path, as it is written on paper; "" when
// it is not known.
func (s *sheet) value(name string) string {
	switch name {
	case "today", "decided_on":
		return s.p.Date(s.on)
	case "year":
		return fmt.Sprint(s.on.Year())
	case "received":
		return s.moment(s.d.ReceivedAt)
	case "agency":
		return s.Agency(s.d.Competent)
	case "code":
		return s.d.Code
	case "number":
		return s.issue.Number
	case "decider":
		return s.officer
	case "applicant":
		return s.d.Applicant.Name
	}
	return s.answer(name)
}

func (s *sheet) answer(path string) string {
	_, q, _, ok := s.pkg.Form.Find(path)
	if !ok {
		return ""
	}
	return s.say(q, s.answers[path].Value)
}

// table has a row for each answer of a repeated section.
func (s *sheet) table(t procedure.Table) paper.Block {
	out := paper.Table{Size: 12}
	for _, c := range t.Columns {
		out.Widths = append(out.Widths, 1)
		out.Head = append(out.Head, paper.HeadCells(c.Label.Vi)...)
	}
	for i := range s.pkg.Form.Sections {
		sec := &s.pkg.Form.Sections[i]
		if sec.ID != t.Section {
			continue
		}
		for _, row := range eform.Rows(sec, s.answers) {
			var cells []paper.Cell
			for _, c := range t.Columns {
				question := strings.TrimPrefix(c.Value, sec.ID+".")
				cells = append(cells, paper.Cell{Text: s.answer(fmt.Sprintf("%s.%d.%s", sec.ID, row, question))})
			}
			out.Rows = append(out.Rows, cells)
		}
	}
	return out
}

// say is a value in words.
func (s *sheet) say(q *eform.Question, v eform.Value) string {
	if v.IsZero() {
		return ""
	}
	return q.Say(s.p, v, s.facts())
}
