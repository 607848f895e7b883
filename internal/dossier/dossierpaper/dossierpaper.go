// Package dossierpaper makes the papers of a dossier as PDF: reception and appointment (01),
// request for a supplement (02), refusal (03), as Thông tư 01/2018/TT-VPCP, Điều 9 lays them
// down and Thông tư 03/2025/TT-VPCP keeps them, and results from their package's template.
//
// Papers are in Vietnamese, whatever the reader's language. They are not signed yet, and say
// so; each carries a QR code that leads to the page that proves it. The same input gives the
// same bytes. What is not known stays blank on paper.
package dossierpaper

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/paper"
	"dean06/internal/procedure"
)

//go:embed messages
var messages embed.FS

// Messages are the words of the papers.
var Messages fs.FS = must(fs.Sub(messages, "messages"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Maker makes papers. It is a dossier.Papers.
type Maker struct {
	Texts *i18n.Catalogue
	// Units names places; nil leaves codes of units out.
	Units eform.Units
	// Agency is what an agency is called, Above the agency above it ("" for none), Seat the
	// name of the place that stands before a date.
	Agency, Above, Seat func(code string) string
	// Person is what an account's holder is called.
	Person func(ctx context.Context, account string) string
	// Address is where a paper is proven, by the unguessable part.
	Address func(proof string) string
}

// Make makes a paper of a kind: "01", "02", "03" or "result".
func (m Maker) Make(ctx context.Context, kind string, d dossier.Dossier, p *procedure.Package, issue dossier.ResultPaper) ([]byte, error) {
	s := sheet{
		Maker: m, p: m.Texts.In(i18n.Vi), d: d, pkg: p, issue: issue, officer: m.Person(ctx, issue.By),
		on: clock.DayOf(issue.At),
	}
	s.answers = p.Form.Computed(d.Answers, s.facts(), issue.At)
	var doc paper.Document
	switch kind {
	case dossier.PaperReceipt:
		doc = s.receipt()
	case dossier.PaperSupplement:
		doc = s.supplement()
	case dossier.PaperRefusal:
		doc = s.refusal()
	case dossier.PaperResult:
		result, ok := p.Result(issue.Result)
		if !ok || result.Paper == nil {
			return nil, fmt.Errorf("package %s %s has no template for result %q", p.Code, p.Version, issue.Result)
		}
		doc = s.result(result)
	default:
		return nil, fmt.Errorf("no paper of kind %q", kind)
	}
	return paper.PDF(s.p, doc)
}

// sheet is a paper that is being made.
type sheet struct {
	Maker
	p       *i18n.Printer
	d       dossier.Dossier
	pkg     *procedure.Package
	issue   dossier.ResultPaper
	officer string
	on      clock.Date
	answers eform.Answers // with what is computed of them
}

func (s *sheet) t(key string, args ...map[string]any) string {
	return s.p.T("dossierpaper."+key, args...)
}

// form is what the three standard papers share.
func (s *sheet) form(agency, kind, abstract string) paper.Document {
	return paper.Document{
		Title: kind + " " + s.issue.Number, Parent: s.Above(agency), Agency: s.Agency(agency), Number: s.issue.Number,
		Place: s.Seat(agency), Date: s.on, Kind: kind, Abstract: abstract, Half: true,
		Proof: paper.Proof{URL: s.Address(s.issue.Proof), Text: s.t("proof")},
	}
}

// receipt is Mẫu số 01, Giấy tiếp nhận hồ sơ và hẹn trả kết quả.
func (s *sheet) receipt() paper.Document {
	doc := s.form(s.d.Receiving, s.t("receipt.kind"), s.t("code", map[string]any{"code": s.d.Code}))
	doc.Body = append(doc.Body, s.intro("receipt.intro", s.d.Receiving))
	doc.Body = append(doc.Body, s.applicant()...)
	rows := s.papers()
	if len(rows) > 0 {
		doc.Body = append(doc.Body, paper.Text(s.t("receipt.papers")), paper.Table{
			Widths: []float64{8, 62, 30}, Size: 12.5, Rows: rows,
			Head: paper.HeadCells(s.t("no"), s.t("paper.name"), s.t("paper.form")),
		})
	}
	for _, o := range s.d.Originals {
		doc.Body = append(doc.Body, paper.Text(s.t("receipt.original", map[string]any{"name": o.Name, "count": o.Count})))
	}
	lines := [][2]string{
		{"receipt.sets", "1"},
		{"receipt.limit", s.limit()},
		{"receipt.received", s.moment(s.d.ReceivedAt)},
		{"receipt.due", s.due()},
		{"receipt.where", s.Agency(s.d.Receiving)},
	}
	lines = append(lines, s.fees()...)
	for _, l := range lines {
		doc.Body = append(doc.Body, s.line(s.t(l[0]), l[1]))
	}
	if s.replaces() {
		doc.Body = append(doc.Body, paper.Rich("__"+s.t("receipt.again")+"__"))
	}
	doc.Beside = paper.Signature{Title: s.t("sign.applicant"), Name: s.d.Applicant.Name}
	doc.Signature = paper.Signature{Title: s.t("sign.receiver"), Name: s.officer, Note: s.unsigned()}
	return doc
}

// replaces says that this receipt stands in for an earlier one, whose intake was corrected.
func (s *sheet) replaces() bool {
	return slices.ContainsFunc(s.d.Results, func(r dossier.ResultPaper) bool {
		return r.Kind == dossier.PaperReceipt && r.ID != s.issue.ID && r.Replaced == s.issue.ID
	})
}

// supplement is Mẫu số 02, Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ: one complete list.
func (s *sheet) supplement() paper.Document {
	agency := s.agencyNow()
	doc := s.form(agency, s.t("supplement.kind"), s.t("code", map[string]any{"code": s.d.Code}))
	doc.Body = append(doc.Body, s.intro("supplement.intro", agency))
	doc.Body = append(doc.Body, s.applicant()...)
	var asked []dossier.Asked
	if n := len(s.d.Supplements); n > 0 {
		asked = s.d.Supplements[n-1].Asked
	}
	doc.Body = append(doc.Body, paper.Text(s.t("supplement.asked")), s.checklist(asked))
	doc.Body = append(doc.Body, paper.Text(s.t("supplement.clock")), s.contact(agency))
	doc.Signature = paper.Signature{Title: s.t("sign.guide"), Name: s.officer, Note: s.unsigned()}
	return doc
}

// refusal is Mẫu số 03, Phiếu từ chối tiếp nhận, giải quyết hồ sơ.
func (s *sheet) refusal() paper.Document {
	agency := s.agencyNow()
	doc := s.form(agency, s.t("refusal.kind"), s.t("code", map[string]any{"code": s.d.Code}))
	doc.Body = append(doc.Body, s.intro("refusal.intro", agency))
	doc.Body = append(doc.Body, s.applicant()...)
	doc.Body = append(doc.Body, paper.Text(s.t("refusal.reasons")), s.checklist(s.d.Refused))
	doc.Body = append(doc.Body, paper.Text(s.t("refusal.appeal")), s.contact(agency))
	doc.Beside = paper.Signature{Title: s.t("sign.applicant"), Name: s.d.Applicant.Name}
	doc.Signature = paper.Signature{Title: s.t("sign.receiver"), Name: s.officer, Note: s.unsigned()}
	return doc
}

// agencyNow is the agency that speaks: that which decides once it has it.
func (s *sheet) agencyNow() string {
	if s.d.Agency != "" {
		return s.d.Agency
	}
	return s.d.Receiving
}

func (s *sheet) unsigned() string {
	if s.issue.Unsigned {
		return s.t("unsigned")
	}
	return ""
}

func (s *sheet) intro(key, agency string) paper.Block {
	return paper.Para{Flat: true, Center: true, Runs: []paper.Run{{Text: s.t(key, map[string]any{"agency": s.Agency(agency)}), Italic: true}}}
}

func (s *sheet) contact(agency string) paper.Block {
	return paper.Text(s.t("contact", map[string]any{"agency": s.Agency(agency), "officer": s.officer}))
}

// line is a label and a value; a value that is not known leaves room to write.
func (s *sheet) line(label, value string) paper.Para {
	if value == "" {
		value = "…………………………"
	}
	return paper.Para{Flat: true, Runs: []paper.Run{{Text: label + ": "}, {Text: value, Bold: true}}}
}

// applicant is who applies and for what.
func (s *sheet) applicant() []paper.Block {
	a := s.d.Applicant
	out := []paper.Block{s.line(s.t("of"), a.Name)}
	if o := a.Organisation; o != nil {
		out = append(out, s.line(s.t("organisation"), s.t("coded", map[string]any{"name": o.Name, "code": o.Code})))
	}
	if address := s.address(); address != "" {
		out = append(out, s.line(s.t("address"), address))
	}
	if contact := strings.Join(slices.DeleteFunc([]string{a.Phone, a.Email}, func(t string) bool { return t == "" }), " – "); contact != "" {
		out = append(out, s.line(s.t("reach"), contact))
	}
	if other := s.d.For; other != nil {
		name := other.Called()
		if o := other.Organisation; o != nil {
			name = s.t("coded", map[string]any{"name": o.Name, "code": o.Code})
		}
		out = append(out, s.line(s.t("for"), name))
	}
	return append(out, s.line(s.t("content"), s.pkg.Name.Vi))
}

// address is the applicant's, where the form asks for it.
func (s *sheet) address() string {
	for i := range s.pkg.Form.Sections {
		for j := range s.pkg.Form.Sections[i].Questions {
			q := &s.pkg.Form.Sections[i].Questions[j]
			if q.Kind == eform.KindAddress && strings.HasPrefix(q.Meaning, "applicant.") {
				if a, ok := s.answers[q.ID]; ok {
					return s.say(q, a.Value)
				}
			}
		}
	}
	return ""
}

// papers are the rows of what was handed in and what the state had.
func (s *sheet) papers() [][]paper.Cell {
	var out [][]paper.Cell
	for _, p := range s.d.Papers {
		if p.Removed {
			continue
		}
		name := p.Name
		if known, ok := s.pkg.Paper(p.Requirement); ok {
			name = known.Name.Vi
		}
		out = append(out, []paper.Cell{
			{Text: fmt.Sprint(len(out) + 1), Center: true}, {Text: name}, {Text: s.t("how." + string(p.How))},
		})
	}
	return out
}

// fees are the lines of what is paid.
func (s *sheet) fees() [][2]string {
	var out [][2]string
	var sum int64
	unknown := false
	for _, f := range s.d.Fees {
		if f.Exempt != "" {
			continue
		}
		sum += f.Amount
		unknown = unknown || f.Unknown && f.Amount == 0
	}
	switch {
	case unknown:
		out = append(out, [2]string{"receipt.fee", s.t("fee.unknown")})
	case sum > 0:
		out = append(out, [2]string{"receipt.fee", s.t("fee.amount", map[string]any{"amount": sum})})
	default:
		out = append(out, [2]string{"receipt.fee", s.t("fee.none")})
	}
	return out
}

// limit is the time limit in words.
func (s *sheet) limit() string {
	r := s.d.Rule
	if r.SameDay {
		cutoff := r.Cutoff
		if cutoff == "" {
			cutoff = "15:00"
		}
		return s.t("limit.same_day", map[string]any{"cutoff": cutoff})
	}
	if r.Limit.Value == 0 {
		return ""
	}
	return s.t("limit."+string(r.Limit.Unit), map[string]any{"n": r.Limit.Value})
}

func (s *sheet) due() string {
	if s.d.Due.IsZero() {
		return ""
	}
	text := s.moment(s.d.Due)
	if s.d.Provisional {
		text += " " + s.t("provisional")
	}
	return text
}

// moment is an hour and a day as the forms write them.
func (s *sheet) moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	l := at.In(clock.Zone)
	return s.t("moment", map[string]any{
		"hour": fmt.Sprintf("%02d", l.Hour()), "minute": fmt.Sprintf("%02d", l.Minute()),
		"day": fmt.Sprintf("%02d", l.Day()), "month": fmt.Sprintf("%02d", int(l.Month())), "year": fmt.Sprint(l.Year()),
	})
}

// checklist is what is asked or wrong, each with its reason.
func (s *sheet) checklist(asked []dossier.Asked) paper.Block {
	t := paper.Table{Widths: []float64{8, 40, 52}, Size: 12.5, Head: paper.HeadCells(s.t("no"), s.t("asked.what"), s.t("asked.why"))}
	for i, a := range asked {
		why := a.Reason
		if r, ok := s.pkg.Reason(a.Reason); ok {
			why = r.Text.Vi
		}
		if a.Note != "" {
			why += "\n" + a.Note
		}
		t.Rows = append(t.Rows, []paper.Cell{{Text: fmt.Sprint(i + 1), Center: true}, {Text: s.what(a)}, {Text: why}})
	}
	return t
}

// what is the paper or the question that a line is about.
func (s *sheet) what(a dossier.Asked) string {
	if a.Paper != "" {
		if known, ok := s.pkg.Paper(a.Paper); ok {
			return known.Name.Vi
		}
		return a.Paper
	}
	if a.Field != "" {
		if sec, q, _, ok := s.pkg.Form.Find(a.Field); ok {
			return sec.Title.Vi + " – " + strings.TrimRight(q.Label.Vi, ": ")
		}
		return a.Field
	}
	return s.t("asked.whole")
}
