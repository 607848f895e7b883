package population

import (
	"cmp"
	"encoding/json"
	"strings"

	"dean06/internal/citizen"
)

// Columns are those of the file that Load reads and Export writes: CSV as RFC 4180
// says, UTF-8, a header, one person a row. Load takes them in any order; only number,
// name, birth and sex must be there. Days are 1990-01-01, 1990-01 or 1990. A place is
// its codes, province/district/commune ("01/001/00001", since 1 July 2025
// "01//00097"), and its detail; its country is VN when it is not said. old_numbers are
// separated by spaces, newest first. A parent, spouse or guardian has a number of twelve
// or nine digits or none, a name, and is of VN when nothing else is said. cards and
// other_names are JSON lists.
var Columns = []string{
	"number", "old_numbers", "name", "birth", "sex", "ethnicity", "religion", "nationality", "blood", "marital",
	"birthplace", "birthplace_detail", "birthplace_country", "origin", "origin_detail", "origin_country",
	"permanent", "permanent_detail", "permanent_country", "permanent_since",
	"temporary", "temporary_detail", "temporary_country", "temporary_since",
	"present", "present_detail", "present_country",
	"household", "relation",
	"father_number", "father_name", "father_nationality", "mother_number", "mother_name", "mother_nationality",
	"spouse_number", "spouse_name", "spouse_nationality", "guardian_number", "guardian_name", "guardian_nationality",
	"life", "ended", "other_names", "cards",
}

const vietnam = "VN"

// Row writes a person in the order of Columns.
func Row(p Person) []string {
	row := make([]string, 0, len(Columns))
	add := func(v ...string) { row = append(row, v...) }
	place := func(p Place) {
		codes, country := "", p.Country
		if p.Province != "" || p.Commune != "" {
			codes = p.Province + "/" + p.District + "/" + p.Commune
		}
		if country == vietnam {
			country = ""
		}
		add(codes, p.Detail, country)
	}
	old := make([]string, len(p.OldNumbers))
	for i, n := range p.OldNumbers {
		old[i] = n.Reveal()
	}
	sex := ""
	if p.Sex != citizen.SexUnknown {
		sex = string(rune('0' + p.Sex))
	}
	add(p.Number.Reveal(), strings.Join(old, " "), p.Name, p.Birth.String(), sex, p.Ethnicity, p.Religion, p.Nationality, p.Blood, p.Marital)
	place(p.Birthplace)
	place(p.Origin)
	place(p.Permanent)
	add(p.PermanentSince.String())
	place(p.Temporary)
	add(p.TemporarySince.String())
	place(p.Present)
	add(p.Household, p.Relation)
	for _, r := range []Relative{p.Father, p.Mother, p.Spouse, p.Guardian} {
		nation := r.Nationality
		if nation == vietnam {
			nation = ""
		}
		add(cmp.Or(r.Number.Reveal(), r.OldNumber.Reveal()), r.Name, nation)
	}
	life := ""
	if p.Life != Alive {
		life = string(p.Life)
	}
	add(life, p.Ended.String(), list(p.OtherNames), list(p.Cards))
	return row
}

func list[T any](v []T) string {
	if len(v) == 0 {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "" // texts and days always marshal
	}
	return string(b)
}
