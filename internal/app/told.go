package app

import (
	"strconv"

	"dean06/internal/citizen"
	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/population"
)

// kin notes the number of a relative who is in the register.
func kin(k dossier.Known, relation string, r population.Relative) {
	if !r.Number.IsZero() {
		k.Kin[relation] = r.Number.Reveal()
	}
}

// valueOf is a datum of the register as an answer of a form; empty when nothing is known.
func valueOf(d *population.Datum, p *population.Person) eform.Value {
	switch {
	case d.Text != nil:
		if s := *d.Text(p); d.Form != population.FormCode || s != d.Unsaid { // a code for "not known" is no answer
			return eform.Value{Text: s}
		}
	case d.Day != nil:
		return eform.Value{Text: d.Day(p).String()}
	case d.Number != nil:
		return eform.Value{Text: d.Number(p).Reveal()}
	case d.Sex != nil:
		if s := *d.Sex(p); s != citizen.SexUnknown {
			return eform.Value{Text: strconv.Itoa(int(s))}
		}
	case d.Place != nil:
		if q := d.Place(p); !q.IsZero() {
			return eform.Value{Place: &eform.Place{
				Country: q.Country, Province: q.Province, District: q.District, Commune: q.Commune, Detail: q.Detail,
			}}
		}
	case d.Relative != nil:
		return eform.Value{Text: d.Relative(p).Name}
	case d.Life != nil:
		return eform.Value{Text: string(*d.Life(p))}
	case d.OldNumbers != nil:
		if old := *d.OldNumbers(p); len(old) > 0 {
			return eform.Value{Text: old[0].Reveal()}
		}
	case d.Texts != nil:
		if names := *d.Texts(p); len(names) > 0 {
			return eform.Value{Text: names[0]}
		}
	case d.Cards != nil:
		if cards := *d.Cards(p); len(cards) > 0 { // newest first
			c := cards[0]
			return eform.Value{Card: &eform.CardPaper{Kind: c.Kind, Serial: c.Serial, Issued: c.Issued.String()}}
		}
	}
	return eform.Value{}
}
