package populationsql

import (
	"encoding/json"
	"strconv"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// rest is what few people have, or what is too long for a column, as JSON with short names.
type rest struct {
	Names  []string         `json:"n,omitempty"`
	Old    []int64          `json:"o,omitempty"` // old numbers after the newest
	Cards  []card           `json:"c,omitempty"`
	Places map[string]place `json:"p,omitempty"`
	Kin    map[string]kin   `json:"k,omitempty"`
	Since  citizen.Day      `json:"s,omitempty"` // of temporary residence
	House  string           `json:"h,omitempty"` // household as written, when it is no number of nine digits
}

type card struct {
	Serial  string `json:"s,omitempty"`
	Kind    string `json:"k,omitempty"`
	Issued  int32  `json:"i,omitempty"`
	Expires int32  `json:"e,omitempty"`
}

type place struct {
	Detail  string `json:"d,omitempty"`
	Country string `json:"c,omitempty"` // "" is VN, "-" is none said
}

type kin struct {
	Name        string `json:"n,omitempty"`
	Old         int64  `json:"o,omitempty"`
	Nationality string `json:"c,omitempty"` // "" is VN, "-" is none said
}

const (
	vietnam = "VN"
	unsaid  = "-"
)

func (r *rest) text() any {
	if r.Names == nil && r.Old == nil && r.Cards == nil && r.Places == nil && r.Kin == nil && r.Since == 0 && r.House == "" {
		return nil
	}
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts and integers always marshal
	}
	return string(b)
}

// code stores "01" as 1; nothing as NULL.
func code(s string) any {
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return nil // population checked it
	}
	return int64(n)
}

func day(d citizen.Day) any {
	if d == 0 {
		return nil
	}
	return int64(d)
}

func words(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// place gives the integer of a place's codes and keeps the rest of it.
func (r *rest) place(name string, p population.Place, ownDetail bool) any {
	if p.IsZero() {
		return nil
	}
	more := place{Detail: p.Detail, Country: p.Country}
	if ownDetail {
		more.Detail = ""
	}
	switch p.Country {
	case vietnam:
		more.Country = ""
	case "":
		more.Country = unsaid
	}
	if more != (place{}) {
		if r.Places == nil {
			r.Places = map[string]place{}
		}
		r.Places[name] = more
	}
	return (number(p.Province)*1000+number(p.District))*100_000 + number(p.Commune)
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (r *rest) placeOf(name string, v *cell) population.Place {
	if !v.ok {
		return population.Place{}
	}
	p := population.Place{Country: vietnam}
	if n := v.n / 100_000_000; n > 0 {
		p.Province = pad(n, 2)
	}
	if n := v.n / 100_000 % 1000; n > 0 {
		p.District = pad(n, 3)
	}
	if n := v.n % 100_000; n > 0 {
		p.Commune = pad(n, 5)
	}
	if more, ok := r.Places[name]; ok {
		p.Detail = more.Detail
		switch more.Country {
		case "":
		case unsaid:
			p.Country = ""
		default:
			p.Country = more.Country
		}
	}
	return p
}

// oldNumbers gives the newest and keeps those before it.
func (r *rest) oldNumbers(list []citizen.OldNumber) any {
	if len(list) == 0 {
		return nil
	}
	for _, n := range list[1:] {
		r.Old = append(r.Old, n.Int())
	}
	return list[0].Int()
}

func (r *rest) oldNumbersOf(v *cell) []citizen.OldNumber {
	if !v.ok {
		return nil
	}
	list := []citizen.OldNumber{citizen.OldFromInt(v.n)}
	for _, n := range r.Old {
		list = append(list, citizen.OldFromInt(n))
	}
	return list
}

func (r *rest) cards(list []population.Card) {
	for _, c := range list {
		r.Cards = append(r.Cards, card{c.Serial, c.Kind, int32(c.Issued), int32(c.Expires)})
	}
}

func (r *rest) cardsOf() []population.Card {
	var list []population.Card
	for _, c := range r.Cards {
		list = append(list, population.Card{Serial: c.Serial, Kind: c.Kind, Issued: citizen.Day(c.Issued), Expires: citizen.Day(c.Expires)})
	}
	return list
}

func pad(n int64, width int) string {
	s := strconv.FormatInt(n, 10)
	if len(s) < width {
		s = "000000000"[:width-len(s)] + s
	}
	return s
}

func (r *rest) household(s string) any {
	if s == "" {
		return nil
	}
	n := number(s)
	if pad(n, 9) != s {
		r.House = s
	}
	return n
}

func (r *rest) relative(name string, rel population.Relative) any {
	more := kin{Name: rel.Name, Old: rel.OldNumber.Int(), Nationality: rel.Nationality}
	switch rel.Nationality {
	case vietnam:
		more.Nationality = ""
	case "":
		more.Nationality = unsaid
	}
	// Of somebody in the register, the name is read from there.
	if more != (kin{}) && more != (kin{Nationality: unsaid}) {
		if r.Kin == nil {
			r.Kin = map[string]kin{}
		}
		r.Kin[name] = more
	}
	if rel.Number.IsZero() {
		return nil
	}
	return rel.Number.Int()
}

func (r *rest) relativeOf(name string, v *cell) population.Relative {
	more, ok := r.Kin[name]
	if !v.ok && !ok {
		return population.Relative{}
	}
	rel := population.Relative{
		Number: citizen.FromInt(v.n), Name: more.Name, OldNumber: citizen.OldFromInt(more.Old), Nationality: more.Nationality,
	}
	switch {
	case !ok:
		rel.Nationality = ""
	case more.Nationality == "":
		rel.Nationality = vietnam
	case more.Nationality == unsaid:
		rel.Nationality = ""
	}
	return rel
}

func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
