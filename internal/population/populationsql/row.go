package populationsql

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/population"
)

// columns of population_person in the order in which rows are written.
var columns = []string{
	"number", "name", "birth", "sex", "ethnicity", "religion", "blood", "marital", "life", "ended", "nationality",
	"birthplace", "origin", "permanent", "permanent_detail", "permanent_since", "temporary", "present",
	"household", "relation", "father", "mother", "spouse", "guardian", "old_number",
	"name_key", "pair_key", "version", "load_seq", "changed_at", "rest",
}

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
	vietnam  = "VN"
	unsaid   = "-"
	samePerm = -1
)

var lives = []population.Life{population.Alive, population.Dead, population.Missing}

// values are the columns of a person; the caller gives the last few.
func values(p *population.Person, load any, changed any) []any {
	var r rest
	v := make([]any, 0, len(columns))
	v = append(v, p.Number.Int(), p.Name, int64(p.Birth), int64(p.Sex), code(p.Ethnicity), code(p.Religion), code(p.Blood), code(p.Marital),
		int64(max(0, slices.Index(lives, p.Life))), day(p.Ended))
	if p.Nationality == vietnam {
		v = append(v, nil)
	} else {
		v = append(v, p.Nationality)
	}
	v = append(v, r.place("b", p.Birthplace, false), r.place("o", p.Origin, false), r.place("p", p.Permanent, true), words(p.Permanent.Detail), day(p.PermanentSince),
		r.place("t", p.Temporary, false))
	if p.Present == p.Permanent && !p.Present.IsZero() {
		v = append(v, int64(samePerm))
	} else {
		v = append(v, r.place("r", p.Present, false))
	}
	v = append(v, r.household(p.Household), words(p.Relation),
		r.relative("f", p.Father), r.relative("m", p.Mother), r.relative("s", p.Spouse), r.relative("g", p.Guardian))
	if len(p.OldNumbers) == 0 {
		v = append(v, nil)
	} else {
		v = append(v, p.OldNumbers[0].Int())
		for _, n := range p.OldNumbers[1:] {
			r.Old = append(r.Old, n.Int())
		}
	}
	name, pair := population.SearchKeys(p.Name, p.Birth.Year())
	v = append(v, name, pair, p.Version, load, changed)
	r.Names, r.Since = p.OtherNames, p.TemporarySince
	for _, c := range p.Cards {
		r.Cards = append(r.Cards, card{c.Serial, c.Kind, int32(c.Issued), int32(c.Expires)})
	}
	return append(v, r.text())
}

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

func (r *rest) placeOf(name string, v sql.NullInt64) population.Place {
	if !v.Valid {
		return population.Place{}
	}
	p := population.Place{Country: vietnam}
	if n := v.Int64 / 100_000_000; n > 0 {
		p.Province = pad(n, 2)
	}
	if n := v.Int64 / 100_000 % 1000; n > 0 {
		p.District = pad(n, 3)
	}
	if n := v.Int64 % 100_000; n > 0 {
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

func (r *rest) relativeOf(name string, v sql.NullInt64) population.Relative {
	more, ok := r.Kin[name]
	if !v.Valid && !ok {
		return population.Relative{}
	}
	rel := population.Relative{Number: citizen.FromInt(v.Int64), Name: more.Name, OldNumber: citizen.OldFromInt(more.Old), Nationality: more.Nationality}
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

// needs are the columns that a field is read from.
var needs = map[population.Field][]string{
	population.FieldOldNumber:   {"old_number", "rest"},
	population.FieldName:        {"name"},
	population.FieldOtherNames:  {"rest"},
	population.FieldBirth:       {"birth"},
	population.FieldSex:         {"sex"},
	population.FieldEthnicity:   {"ethnicity"},
	population.FieldReligion:    {"religion"},
	population.FieldNationality: {"nationality"},
	population.FieldBlood:       {"blood"},
	population.FieldMarital:     {"marital"},
	population.FieldBirthplace:  {"birthplace", "rest"},
	population.FieldOrigin:      {"origin", "rest"},
	population.FieldPermanent:   {"permanent", "permanent_detail", "permanent_since", "rest"},
	population.FieldTemporary:   {"temporary", "rest"},
	population.FieldPresent:     {"present", "permanent", "permanent_detail", "rest"},
	population.FieldHousehold:   {"household", "relation", "rest"},
	population.FieldFather:      {"father", "rest"},
	population.FieldMother:      {"mother", "rest"},
	population.FieldSpouse:      {"spouse", "rest"},
	population.FieldGuardian:    {"guardian", "rest"},
	population.FieldCards:       {"rest"},
	population.FieldLife:        {"life", "ended"},
}

// everything is the columns of all fields.
var everything = slices.DeleteFunc(slices.Clone(columns), func(c string) bool {
	return c == "name_key" || c == "pair_key" || c == "load_seq"
})

// columnsFor are the columns to read for some fields; nil is all.
func columnsFor(fields []population.Field) []string {
	if fields == nil {
		return everything
	}
	want := map[string]bool{"number": true, "version": true}
	for _, f := range fields {
		for _, c := range needs[f] {
			want[c] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(everything), func(c string) bool { return !want[c] })
}

// line is a row as it is read; columns that were not asked for stay zero.
type line struct {
	number, version                                   int64
	name                                              string
	birth, sex                                        int64
	ethnicity, religion, blood, marital, life, ended  sql.NullInt64
	nationality, permanentDetail, relation, rest      sql.NullString
	birthplace, origin, permanent, temporary, present sql.NullInt64
	permanentSince, household                         sql.NullInt64
	father, mother, spouse, guardian, old             sql.NullInt64
	changed                                           sql.NullTime
}

func (l *line) into(cols []string) []any {
	dst := make([]any, len(cols))
	for i, c := range cols {
		switch c {
		case "number":
			dst[i] = &l.number
		case "version":
			dst[i] = &l.version
		case "name":
			dst[i] = &l.name
		case "birth":
			dst[i] = &l.birth
		case "sex":
			dst[i] = &l.sex
		case "ethnicity":
			dst[i] = &l.ethnicity
		case "religion":
			dst[i] = &l.religion
		case "blood":
			dst[i] = &l.blood
		case "marital":
			dst[i] = &l.marital
		case "life":
			dst[i] = &l.life
		case "ended":
			dst[i] = &l.ended
		case "nationality":
			dst[i] = &l.nationality
		case "birthplace":
			dst[i] = &l.birthplace
		case "origin":
			dst[i] = &l.origin
		case "permanent":
			dst[i] = &l.permanent
		case "permanent_detail":
			dst[i] = &l.permanentDetail
		case "permanent_since":
			dst[i] = &l.permanentSince
		case "temporary":
			dst[i] = &l.temporary
		case "present":
			dst[i] = &l.present
		case "household":
			dst[i] = &l.household
		case "relation":
			dst[i] = &l.relation
		case "father":
			dst[i] = &l.father
		case "mother":
			dst[i] = &l.mother
		case "spouse":
			dst[i] = &l.spouse
		case "guardian":
			dst[i] = &l.guardian
		case "old_number":
			dst[i] = &l.old
		case "changed_at":
			dst[i] = &l.changed
		case "rest":
			dst[i] = &l.rest
		}
	}
	return dst
}

// person makes the person of a row of which some columns were read.
func (l *line) person(cols []string) (population.Person, error) {
	p := population.Person{Number: citizen.FromInt(l.number), Version: l.version}
	var r rest
	if l.rest.Valid {
		if err := json.Unmarshal([]byte(l.rest.String), &r); err != nil {
			return p, fmt.Errorf("read the rest of a person: %w", err)
		}
	}
	for _, c := range cols {
		switch c {
		case "name":
			p.Name = l.name
		case "birth":
			p.Birth = citizen.Day(l.birth)
		case "sex":
			p.Sex = citizen.Sex(l.sex)
		case "ethnicity":
			p.Ethnicity = codeOf(l.ethnicity, 2)
		case "religion":
			p.Religion = codeOf(l.religion, 2)
		case "blood":
			p.Blood = codeOf(l.blood, 2)
		case "marital":
			p.Marital = codeOf(l.marital, 1)
		case "life":
			p.Life = lives[l.life.Int64]
		case "ended":
			p.Ended = citizen.Day(l.ended.Int64)
		case "nationality":
			p.Nationality = vietnam
			if l.nationality.Valid {
				p.Nationality = l.nationality.String
			}
		case "birthplace":
			p.Birthplace = r.placeOf("b", l.birthplace)
		case "origin":
			p.Origin = r.placeOf("o", l.origin)
		case "permanent":
			p.Permanent = r.placeOf("p", l.permanent)
			p.Permanent.Detail = l.permanentDetail.String
		case "permanent_since":
			p.PermanentSince = citizen.Day(l.permanentSince.Int64)
		case "temporary":
			p.Temporary, p.TemporarySince = r.placeOf("t", l.temporary), r.Since
		case "present":
			if p.Present = r.placeOf("r", l.present); l.present.Valid && l.present.Int64 == samePerm {
				p.Present = p.Permanent
			}
		case "household":
			if l.household.Valid {
				p.Household = pad(l.household.Int64, 9)
			}
			if r.House != "" {
				p.Household = r.House
			}
		case "relation":
			p.Relation = l.relation.String
		case "father":
			p.Father = r.relativeOf("f", l.father)
		case "mother":
			p.Mother = r.relativeOf("m", l.mother)
		case "spouse":
			p.Spouse = r.relativeOf("s", l.spouse)
		case "guardian":
			p.Guardian = r.relativeOf("g", l.guardian)
		case "old_number":
			if l.old.Valid {
				p.OldNumbers = []citizen.OldNumber{citizen.OldFromInt(l.old.Int64)}
				for _, n := range r.Old {
					p.OldNumbers = append(p.OldNumbers, citizen.OldFromInt(n))
				}
			}
		case "changed_at":
			p.UpdatedAt = l.changed.Time.UTC()
		case "rest":
			p.OtherNames = r.Names
			for _, c := range r.Cards {
				p.Cards = append(p.Cards, population.Card{Serial: c.Serial, Kind: c.Kind, Issued: citizen.Day(c.Issued), Expires: citizen.Day(c.Expires)})
			}
		}
	}
	return p, nil
}

func codeOf(v sql.NullInt64, width int) string {
	if !v.Valid {
		return ""
	}
	return pad(v.Int64, width)
}

// selected is the start of a query for some columns.
func selected(cols []string) string {
	return "SELECT " + strings.Join(cols, ", ") + " FROM population_person "
}

func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
