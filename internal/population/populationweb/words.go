package populationweb

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"dean06/data"
	"dean06/internal/citizen"
	"dean06/internal/platform/i18n"
	"dean06/internal/population"
)

// words says what the register holds as people say it.
type words struct {
	*i18n.Printer
	ctx   context.Context // of the page for which they are
	pages *Pages
}

func (p *Pages) words(ctx context.Context) words { return words{i18n.From(ctx), ctx, p} }

// day is a day of which a part may be unknown.
func (w words) day(d citizen.Day) string {
	switch {
	case d == 0:
		return ""
	case d.Whole():
		return w.Date(d.Date())
	case d.Month() != 0:
		return w.Printer.T("people.day.month", map[string]any{"day": fmt.Sprintf("%02d/%d", d.Month(), d.Year())})
	}
	return w.Printer.T("people.day.year", map[string]any{"year": fmt.Sprint(d.Year())})
}

// since is ", since …" of a residence.
func (w words) since(d citizen.Day) string {
	if d == 0 {
		return ""
	}
	return w.Printer.T("people.since", map[string]any{"day": w.day(d)})
}

func (w words) country(code string) string {
	if key := "people.country." + strings.ToLower(code); code == "VN" {
		return w.Printer.T(key)
	}
	return code
}

// relations are our names of how somebody is related to the head of a household.
var relations = sync.OnceValue(func() []relation {
	var file struct {
		Relations []relation `json:"relations"`
	}
	raw, err := data.FS.ReadFile("codes/household-relations.json")
	if err == nil {
		err = json.Unmarshal(raw, &file)
	}
	if err != nil {
		panic(err) // embedded: a build without it is broken
	}
	return file.Relations
})

type relation struct {
	Code string `json:"code"`
	Vi   string `json:"vi"`
	En   string `json:"en"`
}

func (w words) relation(code string) string {
	for _, r := range relations() {
		if r.Code == code {
			if w.Lang == i18n.En {
				return r.En
			}
			return r.Vi
		}
	}
	return code
}

func (w words) agency(code string) string {
	if code == "" {
		return w.Printer.T("people.agency.desk")
	}
	if name := w.pages.Agency(w.ctx, code); name != "" {
		return name
	}
	return w.Printer.T("people.agency.unknown", map[string]any{"code": code})
}

// purpose is why somebody looked: a procedure by name, or a word of the desk's own.
func (w words) purpose(code string) string {
	switch {
	case code == "":
		return w.Printer.T("people.purpose.none")
	case slices.Contains(population.DeskPurposes, code), slices.Contains(population.IdentityPurposes, code), code == population.ServiceBind,
		code == population.PurposeUnstated:
		return w.Printer.T("people.purpose." + code)
	}
	if reason, ok := population.ReasonOf(code); ok {
		return w.Printer.T("people.purpose.other.is", map[string]any{"reason": reason})
	}
	if w.pages.Procedure != nil {
		if name := w.pages.Procedure(w.ctx, code); name != "" {
			return w.Printer.T("people.purpose.named", map[string]any{"name": name, "code": code})
		}
	}
	return w.Printer.T("people.purpose.procedure", map[string]any{"code": code})
}

func (w words) field(f population.Field) string { return w.Printer.T(f.Label()) }

func (w words) fields(fs []population.Field) string {
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = w.field(f)
	}
	return sentence(strings.Join(names, ", "))
}

// sentence makes the first letter large and the rest as it is.
func sentence(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

func (w words) sex(s citizen.Sex) string {
	return citizen.Codes().Sex.Name(strconv.Itoa(int(s)), string(w.Lang))
}

func (w words) life(l population.Life, ended citizen.Day) string {
	if l == "" {
		l = population.Alive
	}
	s := w.Printer.T("people.life." + string(l))
	if ended != 0 {
		s += " " + w.since(ended)
	}
	return s
}

func (w words) relative(r population.Relative) string {
	if r.IsZero() {
		return ""
	}
	number := ""
	if !r.Number.IsZero() {
		number = r.Number.String()
	} else if !r.OldNumber.IsZero() {
		number = r.OldNumber.String()
	}
	switch {
	case r.Name == "": // events keep the number alone of those whom the register has
		return number
	case number == "":
		return r.Name
	}
	return r.Name + " (" + number + ")"
}

func (w words) card(c population.Card) string {
	args := map[string]any{"kind": w.Printer.T("people.card." + strings.ToLower(c.Kind)), "issued": w.day(c.Issued)}
	s := w.Printer.T("people.card.issued", args)
	if c.Expires != 0 {
		s += w.Printer.T("people.card.expires", map[string]any{"day": w.day(c.Expires)})
	}
	return s
}

// value is what a field says of a person; "" when it says nothing. Numbers are masked.
func (w words) value(p *population.Person, f population.Field) string { return w.valueOn(p, f, 0) }

// valueOn is value with the day of the event that says it: a place has its name of that day
// when nothing else tells since when it is true.
func (w words) valueOn(p *population.Person, f population.Field, on citizen.Day) string {
	l := w.pages.Fields.Line(f)
	switch {
	case l == nil:
		return ""
	case f == population.FieldHousehold && p.Household == "":
		return ""
	case f == population.FieldHousehold:
		return w.Printer.T("people.household.as", map[string]any{"number": p.Household, "relation": w.relation(p.Relation)})
	}
	var parts []string
	for i := range l.Data {
		said := w.datum(p, cmp.Or(w.placeDay(p, f), on), &l.Data[i])
		if l.Data[i].Day != nil && i > 0 {
			said = w.since(*l.Data[i].Day(p))
		}
		if said != "" {
			parts = append(parts, said)
		}
	}
	return strings.Join(parts, " ")
}

// datum is what a part of a field says; on is the day of a place.
func (w words) datum(p *population.Person, on citizen.Day, d *population.Datum) string {
	switch {
	case d.Number != nil:
		return d.Number(p).String()
	case d.OldNumbers != nil:
		return joined(*d.OldNumbers(p), ", ", citizen.OldNumber.String)
	case d.Text != nil:
		return w.said(d, *d.Text(p))
	case d.Texts != nil:
		return strings.Join(*d.Texts(p), ", ")
	case d.Day != nil:
		return w.day(*d.Day(p))
	case d.Sex != nil:
		return w.sex(*d.Sex(p))
	case d.Place != nil:
		return w.place(*d.Place(p), on)
	case d.Relative != nil:
		return w.relative(*d.Relative(p))
	case d.Cards != nil:
		return joined(*d.Cards(p), "; ", w.card)
	case d.Life != nil:
		return w.life(*d.Life(p), 0)
	}
	return ""
}

// said is a text as people say it.
func (w words) said(d *population.Datum, text string) string {
	switch {
	case text == "":
		return ""
	case d.Form == population.FormCode:
		return d.List().Name(text, string(w.Lang))
	case d.Form == population.FormNation:
		return w.country(text)
	case d.Form == population.FormRelation:
		return w.relation(text)
	}
	return text
}

func joined[T any](list []T, by string, say func(T) string) string {
	s := make([]string, len(list))
	for i, v := range list {
		s[i] = say(v)
	}
	return strings.Join(s, by)
}

// placeIn is the place that a field means, nil when it means none.
func (p *Pages) placeIn(person *population.Person, f population.Field) *population.Place {
	if l := p.Fields.Line(f); l != nil && len(l.Data) > 0 && l.Data[0].Place != nil {
		return l.Data[0].Place(person)
	}
	return nil
}

// Say is what a field says of a person, in the words of the pages.
func (p *Pages) Say(ctx context.Context, person *population.Person, f population.Field) string {
	return p.words(ctx).value(person, f)
}
