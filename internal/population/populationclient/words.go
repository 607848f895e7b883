package populationclient

import (
	"strconv"

	"dean06/internal/citizen"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
	"dean06/internal/xroad/ask"
)

// Lines say what the register holds, as a person reads it before they answer: who it is and
// what is recorded, one thing a line. Numbers are masked.
func (f Fact) Lines(p *i18n.Printer) []string {
	who := p.T("populationclient.as." + f.As)
	if !p.Has("populationclient.as." + f.As) {
		who = p.T("populationclient.as.other")
	}
	if f.Person.Name != "" {
		who += ": " + f.Person.Name
	}
	lines := []string{who}
	add := func(field, value string) {
		if value != "" {
			lines = append(lines, p.T("populationclient.fact."+field, map[string]any{"value": value}))
		}
	}
	has := Facts{Fields: f.Fields}.Has
	m := &f.Person
	if has(population.FieldNumber) && !m.Number.IsZero() {
		add("number", m.Number.String())
	}
	if has(population.FieldBirth) {
		add("birth", m.Birth.Say(p))
	}
	if has(population.FieldSex) && m.Sex != citizen.SexUnknown {
		add("sex", citizen.Codes().Sex.Name(strconv.Itoa(int(m.Sex)), string(p.Lang)))
	}
	if has(population.FieldMarital) && m.Marital != "" {
		add("marital", citizen.Codes().Marital.Name(m.Marital, string(p.Lang)))
	}
	if has(population.FieldSpouse) {
		add("spouse", m.Spouse.Name)
	}
	if has(population.FieldFather) {
		add("father", m.Father.Name)
	}
	if has(population.FieldMother) {
		add("mother", m.Mother.Name)
	}
	if has(population.FieldLife) && m.Ended != 0 {
		add("ended", m.Ended.Say(p))
	}
	if f.Past != nil {
		kind := "populationclient.event." + string(f.Past.Kind)
		if !p.Has(kind) {
			kind = "populationclient.event.other"
		}
		add("event", p.T("populationclient.event", map[string]any{"kind": p.T(kind), "on": f.Past.On.Say(p), "basis": ask.Clean(f.Past.Basis)}))
	}
	return lines
}
