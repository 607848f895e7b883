package procedure

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// lintPapers looks at what is asked for, and whether the state has it already.
func (l *linter) lintPapers() {
	papers := l.p.Papers
	l.named("papers[%d].id", len(papers), func(i int) string { return papers[i].ID })
	for i := range papers {
		p := &papers[i]
		at := fmt.Sprintf("papers[%d]", i)
		l.needed(at+".name", p.Name == eform.Text{})
		l.shape(at+".code", p.Code, paperShape, "000.00.00.G15-KQ004389")
		l.shape(at+".result", p.Result, resultShape, "KQ.G15.000031")
		l.condition(at+".when", p.When, nil)
		l.needed(at+".basis", p.Basis == "")
		l.oneOf(at+".sure", p.Sure, sures)
		if p.Originals < 0 || p.Copies < 0 || p.Originals+p.Copies == 0 {
			l.fault(at, "paper_of_none", fault.Args{"paper": p.ID})
		}
		for k, id := range p.OneOf {
			if id == p.ID || !slices.ContainsFunc(papers, func(o Paper) bool { return o.ID == id }) {
				l.fault(fmt.Sprintf("%s.one_of[%d]", at, k), "unknown_paper", fault.Args{"paper": id})
			}
		}
		for k, proof := range p.Proved {
			l.lintProof(fmt.Sprintf("%s.proved[%d]", at, k), proof)
		}
		l.lintShown(at, p)
	}
}

func (l *linter) lintProof(at string, proof Proof) {
	l.oneOf(at+".by", proof.By, proofs)
	l.condition(at+".when", proof.When, nil)
	if proof.By != "register" {
		return
	}
	if proof.Of != eform.Applicant && !slices.ContainsFunc(l.p.People, func(p Person) bool { return p.Owner == proof.Of }) {
		l.fault(at+".of", "unknown_owner", fault.Args{"owner": proof.Of})
	}
	l.needed(at+".facts", len(proof.Facts) == 0)
	for k, fact := range proof.Facts {
		if !l.meanings.registerHas(fact) {
			l.fault(fmt.Sprintf("%s.facts[%d]", at, k), "unknown_register_field", fault.Args{"field": fact})
		}
	}
}

// lintShown: nobody is asked for a paper about what the register knows. A paper states what it
// shows; where all of that is in the register, it says by which facts it is proved. A name that
// speaks of such a paper is asked about, whatever is stated.
func (l *linter) lintShown(at string, p *Paper) {
	if p.Shows == nil {
		l.fault(at, "paper_shows_nothing", fault.Args{"paper": p.ID})
	}
	known := len(p.Shows) > 0
	var names []string
	for k, id := range p.Shows {
		m, ok := l.meanings.Of(id)
		if !ok {
			l.fault(fmt.Sprintf("%s.shows[%d]", at, k), "unknown_meaning", fault.Args{"question": p.ID, "meaning": id})
		}
		if len(m.Register) == 0 {
			known = false
			continue
		}
		names = append(names, id)
	}
	byRegister := slices.ContainsFunc(p.Proved, func(x Proof) bool { return x.By == "register" })
	if known && !byRegister {
		l.fault(at, "paper_register_proves", fault.Args{"paper": p.ID, "name": p.Name.Vi, "facts": strings.Join(names, ", ")})
		return
	}
	byAgency := slices.ContainsFunc(p.Proved, func(x Proof) bool { return x.By == "agency" })
	if word, fact, ok := l.meanings.shownBy(p.Name); ok && !byRegister && !byAgency && p.Result == "" {
		l.fault(at, "paper_register_proves_name", fault.Args{"paper": p.ID, "name": p.Name.Vi, "word": word, "fact": fact})
		return
	}
	if !known {
		return
	}
	for _, id := range p.Shows {
		m, _ := l.meanings.Of(id)
		if !slices.ContainsFunc(p.Proved, func(x Proof) bool { return x.By == "register" && x.Of == m.Owner.ID && meet(x.Facts, m.Register) }) {
			l.fault(at+".proved", "proof_incomplete", fault.Args{"paper": p.ID, "meaning": id, "fields": strings.Join(m.Register, ", ")})
		}
	}
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

func (l *linter) lintFees() {
	fees := l.p.Fees
	l.named("fees[%d].id", len(fees), func(i int) string { return fees[i].ID })
	for i := range fees {
		f := &fees[i]
		at := fmt.Sprintf("fees[%d]", i)
		l.needed(at+".name", f.Name == eform.Text{})
		l.oneOf(at+".kind", f.Kind, feeKinds)
		l.oneOf(at+".sure", f.Sure, sures)
		l.needed(at+".basis", f.Basis == "")
		l.condition(at+".when", f.When, nil)
		switch {
		case f.Amount == nil && !f.Unknown:
			l.fault(at, "fee_without_amount", fault.Args{"fee": f.ID})
		case f.Amount != nil && f.Unknown:
			l.fault(at+".unknown", "fee_known_and_unknown", fault.Args{"fee": f.ID})
		case f.Amount != nil && *f.Amount < 0:
			l.fault(at+".amount", "fee_negative", fault.Args{"fee": f.ID, "value": *f.Amount})
		}
		if f.Per != "" {
			if q, ok := l.question(at+".per", f.Per); ok && q.Kind != eform.KindCount {
				l.fault(at+".per", "per_not_count", fault.Args{"question": f.Per})
			}
		}
		l.named(at+".exempt[%d].id", len(f.Exempt), func(k int) string { return f.Exempt[k].ID })
		for k, e := range f.Exempt {
			l.needed(fmt.Sprintf("%s.exempt[%d].name", at, k), e.Name == eform.Text{})
		}
	}
}

// paperFacts are what a paper may name that is no question.
var paperFacts = []string{"today", "year", "agency", "code", "decider", "decided_on", "number", "case", "applicant"}

var braces = regexp.MustCompile(`\{([^{}]*)\}`)

// lintResults looks at the results and their papers.
func (l *linter) lintResults() {
	results := l.p.Results
	l.named("results[%d].id", len(results), func(i int) string { return results[i].ID })
	for i := range results {
		r := &results[i]
		at := fmt.Sprintf("results[%d]", i)
		l.needed(at+".name", r.Name == eform.Text{})
		l.shape(at+".code", r.Code, resultShape, "KQ.G15.000031")
		if r.Paper == nil {
			continue
		}
		l.needed(at+".paper.title", r.Paper.Title == eform.Text{})
		l.needed(at+".paper.blocks", len(r.Paper.Blocks) == 0)
		l.inBraces(at+".paper.number_sign", r.Paper.NumberSign)
		for k := range r.Paper.Blocks {
			l.lintBlock(fmt.Sprintf("%s.paper.blocks[%d]", at, k), &r.Paper.Blocks[k])
		}
	}
}

func (l *linter) lintBlock(at string, b *Block) {
	shapes := 0
	for _, has := range []bool{b.Heading != nil, b.Line != nil, b.Text != nil, b.Table != nil} {
		if has {
			shapes++
		}
	}
	if shapes != 1 {
		l.fault(at, "block_shape", nil)
	}
	l.condition(at+".when", b.When, nil)
	if b.Line != nil {
		l.placed(at+".line.value", b.Line.Value, nil)
	}
	if b.Text != nil {
		l.inBraces(at+".text.vi", b.Text.Vi)
		l.inBraces(at+".text.en", b.Text.En)
	}
	if b.Table == nil {
		return
	}
	var in *eform.Section
	for i := range l.p.Form.Sections {
		if s := &l.p.Form.Sections[i]; s.ID == b.Table.Section && s.Repeat != nil {
			in = s
		}
	}
	if in == nil {
		l.fault(at+".table.section", "table_section", fault.Args{"section": b.Table.Section})
	}
	l.needed(at+".table.columns", len(b.Table.Columns) == 0)
	for k, c := range b.Table.Columns {
		l.placed(fmt.Sprintf("%s.table.columns[%d].value", at, k), c.Value, in)
	}
}

func (l *linter) inBraces(at, text string) {
	for _, m := range braces.FindAllStringSubmatch(text, -1) {
		l.placed(at, m[1], nil)
	}
	if rest := braces.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
		l.fault(at, "open_brace", fault.Args{"text": shorten(text)})
	}
}

// placed is a value that a paper shows: an answer, a fact, or what the register holds of
// somebody.
func (l *linter) placed(at, value string, in *eform.Section) {
	if slices.Contains(paperFacts, value) {
		return
	}
	if of, ok := strings.CutPrefix(value, "register:"); ok {
		owner, field, _ := strings.Cut(of, ".")
		if o, known := l.meanings.Owner(owner); !known || !o.Person || !l.meanings.registerHas(field) {
			l.fault(at, "unknown_value", fault.Args{"value": value})
		}
		return
	}
	f, ok := l.fields[value]
	switch {
	case !ok:
		l.fault(at, "unknown_value", fault.Args{"value": value})
	case f.section.Repeat != nil && f.section != in:
		l.fault(at, "repeated_outside", fault.Args{"question": value, "section": f.section.ID})
	}
}

// eventMembers are the members of the messages by which the register hears of events, those
// that it needs first.
var eventMembers = map[string]struct{ must, may []string }{
	"birth": {
		must: []string{"child.name", "child.sex", "child.birthplace"},
		may: []string{
			"child.ethnicity", "child.religion", "child.nationality", "child.origin", "mother.number", "mother.name", "mother.birth", "mother.nationality",
			"father.number", "father.name", "father.birth", "father.nationality", "household", "relation",
		},
	},
	"death":    {must: []string{"person.number", "person.name"}, may: []string{"person.birth"}},
	"marriage": {must: []string{"person.number", "person.name", "spouse.number", "spouse.name"}, may: []string{"person.birth", "spouse.birth"}},
	"move_permanent": {
		must: []string{"person.number", "person.name", "place"},
		may:  []string{"person.birth", "members.number", "members.name", "members.birth", "members.relation", "household", "relation"},
	},
	"move_temporary": {
		must: []string{"person.number", "person.name"},
		may:  []string{"person.birth", "members.number", "members.name", "members.birth", "members.relation", "place", "end"},
	},
	"move_present": {
		must: []string{"person.number", "person.name", "place"},
		may:  []string{"person.birth", "members.number", "members.name", "members.birth", "members.relation"},
	},
}

// lintEffect looks at what the register hears.
func (l *linter) lintEffect() {
	e := l.p.Effect
	if e == nil {
		return
	}
	members, ok := eventMembers[e.Event]
	if !ok {
		l.fault("effect.event", "unknown_word", fault.Args{"member": "event", "value": e.Event, "known": strings.Join(slices.Sorted(maps.Keys(eventMembers)), ", ")})
		return
	}
	if f, ok := l.question("effect.on", e.On); ok && f.Kind != eform.KindDate {
		l.fault("effect.on", "effect_day", fault.Args{"question": e.On})
	}
	for _, member := range slices.Sorted(maps.Keys(e.Map)) {
		at := "effect.map.<" + member + ">"
		if !slices.Contains(members.must, member) && !slices.Contains(members.may, member) {
			l.fault(at, "effect_member", fault.Args{"member": member, "event": e.Event, "known": strings.Join(slices.Concat(members.must, members.may), ", ")})
		}
		f, ok := l.fields[e.Map[member]]
		repeated := ok && f.section.Repeat != nil
		switch {
		case !ok:
			l.fault(at, "unknown_question", fault.Args{"question": e.Map[member]})
		case repeated != strings.HasPrefix(member, "members."):
			l.fault(at, "repeated_outside", fault.Args{"question": f.ID, "section": f.section.ID})
		}
	}
	for _, member := range members.must {
		if _, ok := e.Map[member]; !ok {
			l.fault("effect.map", "effect_lacks", fault.Args{"member": member, "event": e.Event})
		}
	}
	if e.Gives != "" {
		if f, ok := l.question("effect.gives", e.Gives); ok && f.FilledBy != "system" {
			l.fault("effect.gives", "gives_not_system", fault.Args{"question": e.Gives})
		}
	}
}
