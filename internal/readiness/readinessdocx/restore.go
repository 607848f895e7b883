package readinessdocx

import (
	"bytes"
	"cmp"
	"encoding/json"
	"reflect"
	"slices"

	"dean06/internal/platform/docx"
	"dean06/internal/readiness"
)

// hiddenReturn is the return that Write puts into the document out of sight.
type hiddenReturn struct {
	Template string           `json:"template"`
	Options  Options          `json:"options"`
	Return   readiness.Return `json:"return"`
	Blank    bool             `json:"blank,omitempty"` // nothing was printed but the heading
}

// restore takes the values that a document of our own carries hidden, wherever
// the paper says what would be printed for them. For that the hidden return is
// printed again and that print is read like the paper: hidden values that do not
// show on the paper can therefore never come in. It says whether all of part 2
// was taken, systems and all.
func (p *paper) restore(hidden []byte) bool {
	var h hiddenReturn
	if len(hidden) == 0 || json.Unmarshal(hidden, &h) != nil {
		return false
	}
	p.ret.Seen.Form = readiness.MadeFor{
		Agency: h.Return.Agency, Name: cmp.Or(h.Return.Heading, h.Options.Heading), Campaign: h.Return.Campaign,
	}
	if h.Template != p.tpl.Ref() || h.Blank {
		return false
	}
	raw, err := Write(p.tpl, &h.Return, h.Options)
	if err != nil {
		return false // what cannot be printed cannot have been printed
	}
	file, err := docx.Open(bytes.NewReader(raw), int64(len(raw)), docx.DefaultLimits)
	if err != nil {
		return false
	}
	q := newPaper(p.tpl)
	q.read(file)
	form, err := formWords(p.tpl)
	if err != nil {
		return false
	}

	if p.ret.Heading == q.ret.Heading && h.Return.Heading != "" {
		p.ret.Heading = h.Return.Heading
	}
	if p.ret.Letter == q.ret.Letter {
		p.ret.Letter = h.Return.Letter
	}
	if p.ret.Contact == q.ret.Contact {
		p.ret.Contact = h.Return.Contact
	}
	if slices.Equal(p.ret.Proposals, q.ret.Proposals) {
		p.ret.Proposals = h.Return.Proposals
		p.problems = slices.DeleteFunc(p.problems, func(pr readiness.Problem) bool { return pr.Column == "text" })
	}
	sameLists := slices.Equal(p.ret.Difficulties, q.ret.Difficulties) && slices.Equal(p.ret.Recommendations, q.ret.Recommendations)
	if sameLists && reflect.DeepEqual(extraTexts(p.ret), extraTexts(q.ret)) {
		p.ret.Difficulties, p.ret.Recommendations = h.Return.Difficulties, h.Return.Recommendations
		p.ret.Extra = h.Return.Extra
	}
	return p.restoreAnswers(q, h.Return, formRows(form, h.Return))
}

func extraTexts(ret readiness.Return) []string {
	var out []string
	for _, e := range ret.Extra {
		out = append(out, e.Text)
	}
	return out
}

// restoreAnswers takes the hidden answer of each row that still says what was
// printed, and the declared systems with it.
func (p *paper) restoreAnswers(q *paper, h readiness.Return, printed []formRow) bool {
	// The print's only table of part 2 has one row of headings, then the rows.
	byText := map[string][]int{}
	for _, row := range q.rows {
		i := row.place.Line - 2
		if i < 0 || i >= len(printed) {
			return false
		}
		byText[p.textOf(row)] = append(byText[p.textOf(row)], printed[i].answer)
	}
	from := map[int][]int{} // answers by the row of the paper that they came from
	for i, row := range p.from {
		from[row] = append(from[row], i)
	}
	taken := map[int]bool{} // hidden answers
	whole := len(p.rows) == len(q.rows)
	drop := map[string]bool{}
	var answers []readiness.Answer
	for r, row := range p.rows {
		key := p.textOf(row)
		ids, known := byText[key]
		if !known || len(ids) == 0 {
			whole = false
			for _, i := range from[r] {
				answers = append(answers, p.ret.Answers[i])
			}
			continue
		}
		id := ids[0]
		byText[key] = ids[1:]
		if id < 0 || taken[id] {
			for _, i := range from[r] {
				answers = append(answers, p.ret.Answers[i])
			}
			continue
		}
		taken[id] = true
		a := h.Answers[id]
		a.Readings = p.readingsOf(row, a)
		for _, i := range from[r] {
			drop[p.ret.Answers[i].Row] = true
		}
		answers = append(answers, a)
	}
	whole = whole && len(taken) == len(h.Answers)
	if len(taken) == 0 && !whole {
		return false
	}
	p.problems = slices.DeleteFunc(p.problems, func(pr readiness.Problem) bool { return drop[pr.Row] })
	p.ret.Systems = h.Systems
	if whole {
		// The order of the paper is that of the form; the return has its own.
		answers = make([]readiness.Answer, len(h.Answers))
		for i, row := range q.rows {
			if id := printed[row.place.Line-2].answer; id >= 0 {
				answers[id] = h.Answers[id]
				answers[id].Readings = p.readingsOf(p.rows[i], h.Answers[id])
			}
		}
	}
	p.ret.Answers = answers
	p.own = true
	return whole
}

// textOf is all that a row says, for comparison.
func (p *paper) textOf(r paperRow) string {
	var b bytes.Buffer
	for _, key := range append(p.columnKeys(), "?") {
		b.WriteString(r.cells.Raw(key))
		b.WriteByte(0)
	}
	return b.String()
}

// columnKeys lists all columns that a row may have text in.
func (p *paper) columnKeys() []string {
	keys := []string{
		readiness.ColNumber, readiness.ColComponent, readiness.ColUnit, readiness.ColCompliance, readiness.ColStage, readiness.ColNote,
	}
	for _, c := range p.tpl.OwnColumns() {
		keys = append(keys, c.Key)
	}
	return keys
}

// readingsOf is, for a restored answer, where each value stands on this paper. What
// nobody had decided when the return was printed stays undecided.
func (p *paper) readingsOf(r paperRow, a readiness.Answer) map[string]readiness.Reading {
	out := map[string]readiness.Reading{}
	for _, key := range p.columnKeys()[1:] {
		raw := r.cells.Raw(key)
		before, had := a.Readings[key]
		if raw == "" && !had {
			continue
		}
		at := r.place
		at.Column = key
		now := readiness.Reading{Raw: raw, Where: at, Confidence: 1}
		if had && !before.IsSure() {
			now.Confidence, now.Reason = before.Confidence, before.Reason
		}
		out[key] = now
	}
	return out
}
