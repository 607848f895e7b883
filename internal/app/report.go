package app

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
	"dean06/internal/population/populationclient"
)

// eventOf is an event of a dossier as the register is told. Its members are named as in the
// register's message: "child.name", "mother.number", "place", "members.1.name". It fails
// with Invalid for a member that no event has: a package that names one is wrong, and its
// fact would be lost without a word.
func eventOf(e dossier.Event) (populationclient.Event, error) {
	on, err := citizen.ParseDay(e.On)
	if err != nil {
		return populationclient.Event{}, err
	}
	out := populationclient.Event{Kind: population.Kind(e.Kind), On: on, Basis: e.Basis, Item: e.Item, Answers: e.Answers}
	for _, name := range slices.Sorted(maps.Keys(e.Members)) {
		v := e.Members[name]
		if v.IsZero() {
			continue
		}
		if err := member(&out, name, v); err != nil {
			return populationclient.Event{}, err
		}
	}
	// Who has no number is named by what is known; who has one is in the register.
	for _, p := range []*populationclient.Person{out.Mother, out.Father} {
		if p != nil && !p.Number.IsZero() {
			p.Nationality = ""
		}
	}
	return out, nil
}

// member puts one member of an event where the message has it.
func member(e *populationclient.Event, name string, v eform.Value) error {
	unknown := fault.New(fault.Invalid, "populationclient.member", fault.Args{"member": name})
	of, what, inside := strings.Cut(name, ".")
	if !inside {
		switch of {
		case "place":
			e.Place = place(v)
		case "household":
			e.Household = v.Text
		case "relation":
			e.Relation = v.Text
		case "end":
			e.End = v.Text == "yes"
		default:
			return unknown
		}
		return nil
	}
	who := map[string]**populationclient.Person{"mother": &e.Mother, "father": &e.Father, "person": &e.Person, "spouse": &e.Spouse}[of]
	switch {
	case of == "child":
		return child(e, what, v)
	case of == "members":
		row, what, ok := strings.Cut(what, ".")
		i, err := strconv.Atoi(row)
		if !ok || err != nil || i < 1 || i > maxMembers {
			return unknown
		}
		for len(e.Members) < i {
			e.Members = append(e.Members, populationclient.Person{})
		}
		return person(&e.Members[i-1], name, what, v)
	case who == nil:
		return unknown
	case *who == nil:
		*who = &populationclient.Person{}
	}
	return person(*who, name, what, v)
}

// maxMembers is how many may move along.
const maxMembers = 50

func person(p *populationclient.Person, name, what string, v eform.Value) (err error) {
	switch what {
	case "number":
		p.Number, err = citizen.ParseNumber(v.Text)
	case "name":
		p.Name = v.Text
	case "birth":
		p.Birth, err = citizen.ParseDay(v.Text)
	case "nationality":
		p.Nationality = v.Text
	case "relation":
		p.Relation = v.Text
	default:
		return fault.New(fault.Invalid, "populationclient.member", fault.Args{"member": name})
	}
	if f := fault.As(err); f != nil {
		return f.At(name)
	}
	return nil
}

func child(e *populationclient.Event, what string, v eform.Value) error {
	if e.Child == nil {
		e.Child = &populationclient.Child{}
	}
	c := e.Child
	switch what {
	case "name":
		c.Name = v.Text
	case "sex":
		c.Sex = v.Text
	case "ethnicity":
		c.Ethnicity = v.Text
	case "religion":
		c.Religion = v.Text
	case "nationality":
		c.Nationality = v.Text
	case "birthplace":
		c.Birthplace = place(v)
	case "origin":
		c.Origin = place(v)
	default:
		return fault.New(fault.Invalid, "populationclient.member", fault.Args{"member": "child." + what})
	}
	return nil
}

func place(v eform.Value) *population.Place {
	if v.Place == nil {
		return nil
	}
	return &population.Place{
		Province: v.Place.Province, District: v.Place.District, Commune: v.Place.Commune, Detail: v.Place.Detail, Country: v.Place.Country,
	}
}

// questions are those of the register as an officer answers them.
func questions(words *i18n.Printer, asked populationclient.Questions) []dossier.EffectQuestion {
	out := make([]dossier.EffectQuestion, 0, len(asked))
	for _, q := range asked {
		one := dossier.EffectQuestion{Code: q.Code, Text: q.Text, Answer: q.Answer}
		for _, f := range q.Facts {
			lines := f.Lines(words)
			if q.Answer == populationclient.ByChoice {
				one.Choice = append(one.Choice, f.Choice)
				lines[0] = fmt.Sprintf("%s. %s", f.Choice, lines[0])
			}
			one.Facts = append(one.Facts, lines...)
		}
		out = append(out, one)
	}
	return out
}
