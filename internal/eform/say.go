package eform

import (
	"slices"
	"strconv"
	"strings"

	"dean06/internal/citizen"
	"dean06/internal/platform/i18n"
)

// Say is an answer as a person reads it: names instead of codes, days and amounts in the
// manner of the language, addresses with the names of their units. An answer of which the
// form has no words any more is said as it was kept.
func (q *Question) Say(p *i18n.Printer, v Value, facts Facts) string {
	lang := string(p.Lang)
	switch q.Kind {
	case KindAddress:
		return SayPlace(p, v, facts)
	case KindCard:
		return sayCard(p, v.Card)
	case KindFile:
		if len(v.Files) == 0 {
			return ""
		}
		return p.T("eform.say.files", map[string]any{"n": len(v.Files)})
	case KindChoice:
		for _, o := range q.Options {
			if o.Value == v.Text {
				return o.Label.In(lang)
			}
		}
	case KindCode:
		if l, ok := ListOf(q.List); ok {
			return l.Name(v.Text, lang)
		}
	case KindYes:
		switch v.Text {
		case "yes":
			return p.T("eform.say.yes")
		case "no":
			return p.T("eform.say.no")
		}
	case KindDate, KindPartial:
		return SayDay(p, v.Text)
	case KindCount:
		if n, ok := whole(v.Text); ok {
			return p.Int(n)
		}
	case KindAmount:
		if n, ok := whole(v.Text); ok {
			return p.T("eform.say.amount", map[string]any{"n": n})
		}
	}
	return v.Text
}

// SayDay is a day of which a part may be unknown: 20/11/2026, 11/2026, 2026.
func SayDay(p *i18n.Printer, text string) string {
	d, err := citizen.ParseDay(text)
	switch {
	case err != nil || d == 0:
		return text
	case d.Whole():
		return p.Date(d.Date())
	case d.Month() == 0:
		return strconv.Itoa(d.Year())
	}
	month := strconv.Itoa(d.Month())
	if d.Month() < 10 {
		month = "0" + month
	}
	return month + "/" + strconv.Itoa(d.Year())
}

// SayPlace is an address in words.
func SayPlace(p *i18n.Printer, v Value, facts Facts) string {
	if v.Place == nil {
		return v.Text
	}
	commune, district, province := v.Place.Commune, "", v.Place.Province
	if facts.Units != nil {
		if u, ok := facts.Units.Commune(v.Place.Commune, facts.Today); ok {
			commune, district, province = u.Name, u.DistrictName, u.ProvinceName
		} else if u, ok := facts.Units.Province(v.Place.Province, facts.Today); ok {
			province = u.Name
		}
	}
	parts := []string{v.Place.Detail, commune, district, province}
	if commune == "" && v.Text != "" {
		parts[1] = v.Text
	}
	if c := v.Place.Country; c != "" && c != Vietnam {
		parts = append(parts, Lists()["country"].Name(c, string(p.Lang)))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func sayCard(p *i18n.Printer, card *CardPaper) string {
	if card == nil || *card == (CardPaper{}) {
		return ""
	}
	kind := card.Kind
	if slices.Contains(CardKinds, kind) {
		kind = p.T("eform.card." + kind)
	}
	parts := []string{strings.TrimSpace(kind + " " + card.Serial)}
	if card.Issued != "" {
		parts = append(parts, p.T("eform.say.issued", map[string]any{"day": SayDay(p, card.Issued)}))
	}
	if card.By != "" {
		parts = append(parts, p.T("eform.say.issued_by", map[string]any{"by": card.By}))
	}
	return strings.Join(parts, ", ")
}
