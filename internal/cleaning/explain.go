package cleaning

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/chart"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// Explanation is what weighs for and against the candidates of a row, the best first.
type Explanation struct {
	Row        int         `json:"row"`
	Outcome    Outcome     `json:"outcome"`
	Score      float64     `json:"score"`
	Error      float64     `json:"error"`
	Candidates []Explained `json:"candidates"`
	Read       []Meaning   `json:"read,omitempty"` // what the row was understood as
}

// People are who is shown.
func (e *Explanation) People() []citizen.Number {
	var out []citizen.Number
	for _, c := range e.Candidates {
		if n, err := citizen.ParseNumber(c.Number); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// Explained is one candidate: what is thought before anything is compared, and what each
// comparison adds. Together they are the score.
type Explained struct {
	Number string  `json:"number"`
	Score  float64 `json:"score"`
	Prior  float64 `json:"prior"`
	Steps  []Step  `json:"steps"`

	person int // of the table of people
}

// Step is what one comparison adds, in bits: one bit doubles the odds.
type Step struct {
	What  string  `json:"what"`  // number, old, name, birth, sex, place, or a column
	Level string  `json:"level"` // key of what was found
	Bits  float64 `json:"bits"`
	Match float64 `json:"match"` // how often it comes of one person
	Other float64 `json:"other"` // how often by chance
}

// mostExplained candidates are explained.
const mostExplained = 10

// Explain says what weighs for and against the candidates of a row. It fails with NotFound
// for a row that is not there.
func (l *Linked) Explain(i int) (Explanation, error) {
	if i < 0 || i >= l.rows.n {
		return Explanation{}, fault.New(fault.NotFound, "cleaning.explain.row", fault.Args{"row": i + 1, "rows": l.rows.n})
	}
	m, d := l.m, l.Decisions[i]
	e := Explanation{Row: i + 1, Outcome: d.Outcome, Score: d.Score, Error: d.Error}
	e.Candidates = l.explain(i, m.find([]int{i}, true).of(0))
	e.Candidates = e.Candidates[:min(len(e.Candidates), mostExplained)]
	return e, nil
}

// explain says of each of some people what weighs for and against, the best first.
func (l *Linked) explain(i int, found []uint32) []Explained {
	m := l.m
	prior := m.prior(i)
	out := make([]Explained, 0, len(found))
	for _, j := range found {
		p, shares := m.compare(i, int(j))
		c := Explained{Number: string(l.appendNumber(nil, int(j))), Prior: prior, Score: prior + m.weigh(p) - shares, person: int(j)}
		for k := range m.comparisons {
			if p.level(k) != 0 {
				c.Steps = append(c.Steps, m.step(i, int(j), k, p))
			}
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Explained) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Number, b.Number))
	})
	return out
}

// comparisonNames are those of the comparisons, for messages.
var comparisonNames = [byTexts]string{"number", "old", "name", "birth", "sex", "place"}

// levelNames are those of the levels, for messages.
var levelNames = [byTexts][]string{
	{"", "equal", "near", "nobodys", "anothers"},
	{"", "equal", "near", "nobodys", "anothers"},
	{
		"", "same", "marks", "order", "tone", "middle", "typo", "typos", "part", "other", "bare_same", "bare_order", "bare_middle", "bare_typo",
		"bare_part", "bare_other",
	},
	{"", "equal", "swapped", "slip", "year", "other", "part", "part_near", "part_other", "january", "january_year", "january_other"},
	{"", "equal", "other"},
	{"", "lives", "origin", "province", "other", "district", "district_province", "district_other", "province_same", "province_other"},
}

// textLevelNames are those of texts.
var textLevelNames = []string{"", "equal", "close", "alike", "other"}

// step is what one comparison adds to the score of a pair: what is left when the others are
// taken away.
func (m *matcher) step(i, j, comparison int, p pattern) Step {
	l := p.level(comparison)
	s := Step{Match: m.w.m[comparison][l], Other: m.w.u[comparison][l]}
	if comparison < byTexts {
		s.What, s.Level = comparisonNames[comparison], levelNames[comparison][l]
	} else {
		s.What, s.Level = fmt.Sprintf("text_%d", comparison-byTexts+1), textLevelNames[l]
	}
	s.Bits = m.w.logM[comparison][l] - m.w.logU[comparison][l] - m.share(i, j, comparison, p)
	return s
}

// Picture draws what is thought before anything is compared, what each comparison adds, and
// what they come to.
func (c Explained) Picture(p *i18n.Printer) *chart.Chart {
	in := chart.WaterfallInput{
		Head: chart.Head{
			ID: "steps", Title: p.T("cleaning.picture.title"), Desc: p.T("cleaning.picture.said", map[string]any{"score": p.Float(c.Score, 1)}),
		},
		LabelHead: p.T("cleaning.picture.what"), ValueHead: p.T("cleaning.picture.bits"), SumHead: p.T("cleaning.picture.so_far"),
		Sum: p.T("cleaning.picture.sum"), Steps: []chart.Fall{{Label: p.T("cleaning.explain.prior"), Value: c.Prior}},
	}
	for _, s := range c.Steps {
		in.Steps = append(in.Steps, chart.Fall{Label: p.T(s.key()), Value: s.Bits})
	}
	return chart.Waterfall(p, in)
}

// key is the message of what was found.
func (s Step) key() string {
	if strings.HasPrefix(s.What, "text_") {
		return "cleaning.level.text." + s.Level
	}
	return "cleaning.level." + s.What + "." + s.Level
}

// Words is the explanation for a person to read.
func (e Explanation) Words(p *i18n.Printer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", p.T("cleaning.explain.head", map[string]any{"row": e.Row, "outcome": p.T("cleaning.outcome." + string(e.Outcome))}))
	for _, m := range e.Read {
		fmt.Fprintf(&b, "  %s: %q → %q", p.T("cleaning.what."+m.What), m.Stood, m.Means)
		if rules := m.Words(p); rules != "" {
			fmt.Fprintf(&b, " (%s)", rules)
		}
		b.WriteString("\n")
	}
	for k, c := range e.Candidates {
		fmt.Fprintf(&b, "\n%s\n", p.T("cleaning.explain.candidate", map[string]any{"n": k + 1, "number": c.Number, "score": p.Float(c.Score, 1)}))
		line := func(bits float64, text string) {
			bar := strings.Repeat("█", min(int(max(bits, -bits)+.5), 30))
			fmt.Fprintf(&b, "  %+7.1f  %-30s %s\n", bits, bar, text)
		}
		line(c.Prior, p.T("cleaning.explain.prior"))
		for _, s := range c.Steps {
			line(s.Bits, p.T(s.key()))
		}
	}
	return b.String()
}
