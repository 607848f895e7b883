package readiness

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Reported is a counted return that goes into an aggregate, with the agency's
// return of the round before where there is one.
type Reported struct {
	Agency   Agency
	Return   Return
	Previous *Return
}

// Entry is one thing that one agency wrote, with where it stands: every number
// of an aggregate opens on its entries.
type Entry struct {
	Agency string
	Name   string
	Row    string // numbered row; empty outside of part 2
	System string
	Field  string // see AnswerField
	Text   string // as the agency wrote it
	Value  Text   // of a value in the form's own columns, as each language writes it
	Month  Month  // the expected month, where the entry is about one
	N      int    // a count, or months of slip
}

// Total adds up a count of row 3. A return that gives only one of the two
// numbers is counted as missing: a sum of halves would mean nothing.
type Total struct {
	Part    int // units not yet equipped; devices in place
	Whole   int // units to equip; devices needed
	Given   []Entry
	Missing []string // agencies that answered the row without both numbers
}

// Bucket is a class with its entries.
type Bucket struct {
	Key     string
	Label   Text
	Remedy  Text // of a cause: what would lift it
	Entries []Entry
}

// Funnel is how far the purchases of a component are, over all answers that
// are not met, by stage in the order of the form; the last bucket (key "")
// holds those without a stage.
type Funnel struct {
	Component string
	Stages    []Bucket
}

// Aggregate is what the returns of a round add up to, beyond the figures.
type Aggregate struct {
	Units   Total
	Devices Total
	Stages  []Funnel
	// Months are the months by which what is not met is expected, the earliest
	// first; Undated are the answers not met that give none.
	Months  []Bucket
	Undated []Entry
	// Slips are answers that in the round before were expected by a month and
	// now are expected later, or that month has passed: N is the number of months.
	Slips           []Entry
	Causes          []Bucket
	Unmet           []Bucket // by what is unmet, the most frequent first
	Proposals       []Bucket // by group of the form
	Difficulties    []Entry
	Recommendations []Entry
	// Values are the form's own columns, by row in the order of the form.
	Values []ValueTotal
}

// Add adds returns up. The month is that of the round: what was promised for an
// earlier month and is not met has slipped at least until then.
func Add(tpl *Template, causes Causes, month Month, returns []Reported) Aggregate {
	ad := adder{
		tpl: tpl, causes: causes, month: month,
		stages: map[string]map[string][]Entry{}, months: map[Month][]Entry{}, byCause: map[string][]Entry{}, unmet: map[string][]Entry{},
		proposals: map[string][]Entry{}, values: newValueAdder(tpl),
	}
	returns = slices.Clone(returns)
	slices.SortStableFunc(returns, func(a, b Reported) int { return cmp.Compare(a.Agency.Code, b.Agency.Code) })
	for _, r := range returns {
		ad.add(r)
	}
	return ad.result()
}

type adder struct {
	tpl       *Template
	causes    Causes
	month     Month
	out       Aggregate
	stages    map[string]map[string][]Entry // component → stage
	months    map[Month][]Entry
	byCause   map[string][]Entry
	unmet     map[string][]Entry // folded item
	proposals map[string][]Entry
	values    *valueAdder
}

func (ad *adder) add(r Reported) {
	entry := Entry{Agency: r.Agency.Code, Name: r.Agency.Name}
	var before map[string]Answer
	if r.Previous != nil {
		before = map[string]Answer{}
		aligned := alignSystems(r.Return, *r.Previous)
		for _, a := range aligned.Answers {
			before[answerID(a)] = a
		}
	}
	for _, a := range Applicable(ad.tpl, r.Return, r.Agency.Kind) {
		e := entry
		e.Row, e.System, e.Field = a.Row, a.System, AnswerField(ad.tpl, a)
		ad.answer(e, a, before)
	}
	ad.values.add(r)
	for _, p := range r.Return.Proposals {
		if text := strings.TrimSpace(p.Text); text != "" {
			e := entry
			e.Field, e.Text = FieldOf("proposal", p.Group), text
			ad.proposals[p.Group] = append(ad.proposals[p.Group], e)
		}
	}
	ad.out.Difficulties = appendTexts(ad.out.Difficulties, entry, "difficulties", r.Return.Difficulties)
	ad.out.Recommendations = appendTexts(ad.out.Recommendations, entry, "recommendations", r.Return.Recommendations)
}

func appendTexts(to []Entry, entry Entry, field string, texts []string) []Entry {
	entry.Field = field
	for _, t := range texts {
		if entry.Text = strings.TrimSpace(t); entry.Text != "" {
			to = append(to, entry)
		}
	}
	return to
}

func (ad *adder) answer(e Entry, a Answer, before map[string]Answer) {
	row, _ := ad.tpl.Row(a.Key)
	ad.totals(e, row, a)
	s := AnswerStatus(ad.tpl, a)
	if s != NotMet && s != PartiallyMet {
		return
	}
	ad.slip(e, a, before)
	if row.Stage {
		ad.stage(e, row.Component, a)
	}
	if slices.Contains(row.Asks, AskCause) {
		texts := a.Causes
		if len(texts) == 0 && strings.TrimSpace(a.Note) != "" {
			texts = []string{strings.TrimSpace(a.Note)}
		}
		for _, t := range texts {
			e.Text = t
			for _, code := range ad.causes.Classify(t) {
				ad.byCause[code] = append(ad.byCause[code], e)
			}
		}
	}
	for _, u := range a.Unmet {
		e.Text = u
		if key := Fold(u); key != "" {
			ad.unmet[key] = append(ad.unmet[key], e)
		}
	}
}

func (ad *adder) totals(e Entry, row Row, a Answer) {
	n := a.Counts
	if n == nil {
		n = &Counts{}
	}
	e.Text = a.Note
	// An agency that meets the row need not count what is missing.
	met := AnswerStatus(ad.tpl, a) == Met
	if slices.Contains(row.Asks, AskUnits) {
		ad.out.Units.add(e, n.UnitsUnmet, n.UnitsTotal, met)
	}
	if slices.Contains(row.Asks, AskDevices) {
		ad.out.Devices.add(e, n.DevicesHave, n.DevicesNeed, met)
	}
}

func (t *Total) add(e Entry, part, whole *int, met bool) {
	switch {
	case part != nil && whole != nil:
		t.Part += *part
		t.Whole += *whole
		e.N = *part
		t.Given = append(t.Given, e)
	case !met || part != nil || whole != nil:
		t.Missing = append(t.Missing, e.Agency)
	}
}

func (ad *adder) stage(e Entry, component string, a Answer) {
	e.Month = a.ExpectedMonth
	e.Text = a.StageOther
	if ad.stages[component] == nil {
		ad.stages[component] = map[string][]Entry{}
	}
	stage := a.Stage
	if _, ok := ad.tpl.Option(StageList, stage); !ok {
		stage = ""
	}
	ad.stages[component][stage] = append(ad.stages[component][stage], e)
	if a.ExpectedMonth.Valid() {
		ad.months[a.ExpectedMonth] = append(ad.months[a.ExpectedMonth], e)
	} else {
		ad.out.Undated = append(ad.out.Undated, e)
	}
}

// slip compares with the month declared in the round before.
func (ad *adder) slip(e Entry, a Answer, before map[string]Answer) {
	b, ok := before[answerID(a)]
	if !ok || !b.ExpectedMonth.Valid() {
		return
	}
	now := a.ExpectedMonth
	if !now.Valid() || now < ad.month {
		now = ad.month // what is still not met cannot be done before this round
	}
	if !now.Valid() {
		return
	}
	if e.N = b.ExpectedMonth.Until(now); e.N > 0 {
		e.Month = b.ExpectedMonth
		ad.out.Slips = append(ad.out.Slips, e)
	}
}

func (ad *adder) result() Aggregate {
	out := ad.out
	for _, c := range ad.tpl.Components {
		if !slices.ContainsFunc(ad.tpl.Rows, func(r Row) bool { return r.Component == c.Key && r.Stage }) {
			continue
		}
		f := Funnel{Component: c.Key}
		for _, o := range ad.tpl.Options[StageList] {
			f.Stages = append(f.Stages, Bucket{Key: o.Key, Label: o.Text, Entries: ad.stages[c.Key][o.Key]})
		}
		f.Stages = append(f.Stages, Bucket{Entries: ad.stages[c.Key][""]})
		out.Stages = append(out.Stages, f)
	}
	for _, m := range slices.Sorted(maps.Keys(ad.months)) {
		out.Months = append(out.Months, Bucket{Key: string(m), Entries: ad.months[m]})
	}
	for _, c := range ad.causes {
		if entries := ad.byCause[c.Code]; len(entries) > 0 {
			out.Causes = append(out.Causes, Bucket{Key: c.Code, Label: c.Text, Remedy: c.Remedy, Entries: entries})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(ad.unmet)) {
		entries := ad.unmet[key]
		out.Unmet = append(out.Unmet, Bucket{Key: key, Label: Text{Vi: entries[0].Text}, Entries: entries})
	}
	slices.SortStableFunc(out.Unmet, func(a, b Bucket) int { return len(b.Entries) - len(a.Entries) })
	for _, g := range ad.tpl.Proposals {
		out.Proposals = append(out.Proposals, Bucket{Key: g.Key, Label: g.Label, Entries: ad.proposals[g.Key]})
	}
	out.Values = ad.values.totals
	slices.SortStableFunc(out.Slips, func(a, b Entry) int { return b.N - a.N })
	return out
}
