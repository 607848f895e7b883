package eformweb

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"dean06/internal/eform"
	"dean06/internal/platform/fault"
)

// Posted is what a page sent; web.Form is one.
type Posted interface {
	Text(name string) string
	Values(name string) []string
	Has(name string) bool
}

// The parts of a question's controls: each is named by the path and one of these.
const (
	partDay      = "-day"
	partMonth    = "-month"
	partYear     = "-year"
	partProvince = "-province"
	partDetail   = "-detail"
	partCountry  = "-country"
	partCode     = "-code"   // of a commune that was proposed
	partFor      = "-for"    // the text for which communes were proposed
	partKind     = "-kind"   // of an identity paper
	partBy       = "-by"     // who issued it
	partIssued   = "-issued" // when
	partOffer    = "-offer"
)

// Read is the answer that a page posted, in its one form. A zero value says that it was
// left empty; whether it may be is for eform.Form.Put to say. It fails with Invalid at the
// path; what was typed is given then, too, so that the page can be shown again.
func Read(form Posted, q eform.Asked, facts eform.Facts) (eform.Value, *fault.Error) {
	v := typedValue(form, q, facts)
	if q.Answer.Offers(v) {
		return v, nil // as the register has it
	}
	normal, wrong := q.Question.Normal(v, facts)
	if wrong != nil {
		args := fault.Args{"question": q.Question.Label}
		for k, a := range wrong.Args {
			args[k] = a
		}
		wrong = wrong.At(q.Path)
		wrong.Args = args
		return v, wrong
	}
	return normal, nil
}

// ReadAll reads the answers to those of the questions that were posted, as a page with a
// section of them sends them. Faults are at their paths; the others are given.
func ReadAll(form Posted, asked []eform.Asked, facts eform.Facts) (map[string]eform.Value, fault.List) {
	out := map[string]eform.Value{}
	var faults fault.List
	for _, q := range asked {
		if !posted(form, q) {
			continue
		}
		v, wrong := Read(form, q, facts)
		if wrong != nil {
			faults = append(faults, wrong)
			continue
		}
		out[q.Path] = v
	}
	return out, faults
}

// posted says that the page had the question. Radios of which none is chosen send nothing:
// a hidden field stands for them.
func posted(form Posted, q eform.Asked) bool {
	for _, part := range []string{"", partDay, partProvince, partKind, partOffer, partShown} {
		if form.Has(q.Path + part) {
			return true
		}
	}
	return false
}

// partShown is the hidden field by which a page says that it had the question.
const partShown = "-shown"

func typedValue(form Posted, q eform.Asked, facts eform.Facts) eform.Value {
	text := form.Text(q.Path)
	if len(q.Answer.Offered) > 1 {
		chosen := form.Text(q.Path + partOffer)
		for _, o := range q.Answer.Offered {
			if OfferKey(o) == chosen {
				return o.Value.Clone()
			}
		}
		return eform.Value{}
	}
	switch q.Question.Kind {
	case eform.KindAddress:
		return typedPlace(form, q.Path, facts)
	case eform.KindCard:
		card := eform.CardPaper{Serial: text, Kind: form.Text(q.Path + partKind), By: form.Text(q.Path + partBy), Issued: typedDay(form, q.Path+partIssued)}
		if card.Serial == "" && card.By == "" && card.Issued == "" {
			return eform.Value{}
		}
		return eform.Value{Card: &card}
	case eform.KindDate, eform.KindPartial:
		return eform.Value{Text: typedDay(form, q.Path)}
	case eform.KindFile:
		return eform.Value{Files: form.Values(q.Path)}
	}
	return eform.Value{Text: text}
}

// typedDay joins the parts of a day; what was left empty is not there.
func typedDay(form Posted, name string) string {
	day, month, year := form.Text(name+partDay), form.Text(name+partMonth), form.Text(name+partYear)
	if day+month+year == "" {
		return form.Text(name)
	}
	var parts []string
	for _, part := range []string{day, month, year} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	if year == "" || day != "" && month == "" {
		// A day without its month, or no year, is no day of which a part is unknown.
		return day + "/" + month + "/" + year
	}
	return strings.Join(parts, "/")
}

func typedPlace(form Posted, path string, facts eform.Facts) eform.Value {
	text, detail, country := form.Text(path), form.Text(path+partDetail), form.Text(path+partCountry)
	province := form.Text(path + partProvince)
	switch {
	case country != "" && country != eform.Vietnam:
		return eform.Value{Text: text, Place: &eform.Place{Country: country, Detail: detail}}
	case text == "" && detail == "" && province == "":
		return eform.Value{}
	}
	v := eform.Value{Text: text, Place: &eform.Place{Country: eform.Vietnam, Province: province, Detail: detail}}
	code := form.Text(path + partCode)
	if code == "" || form.Text(path+partFor) != text {
		return v
	}
	for _, u := range eform.Propose(facts.Units, text, province, facts.Today).Now {
		if u.Code == code {
			v.Text, v.Place.Commune, v.Place.Province = "", u.Code, u.Province
		}
	}
	return v
}

// OfferKey is how a page names a value that is offered.
func OfferKey(o eform.Offer) string {
	document, err := json.Marshal(o.Value)
	if err != nil {
		return "" // a value is text alone: it cannot fail
	}
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:6])
}
