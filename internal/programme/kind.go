package programme

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Words is a text of the data in both languages.
type Words struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// In gives the text in a language.
func (w Words) In(lang string) string {
	if lang == "en" {
		return w.En
	}
	return w.Vi
}

// FieldType is what a field of a register holds.
type FieldType string

// The types.
const (
	TextField   FieldType = "text"
	LongField   FieldType = "long" // of several lines
	NumberField FieldType = "number"
	DayField    FieldType = "day"
	MonthField  FieldType = "month"
	AgencyField FieldType = "agency" // a code; shown by its name
	PlacesField FieldType = "places" // codes of agencies, joined by commas
	ChoiceField FieldType = "choice"
	YesNoField  FieldType = "yes_no"
)

// FieldTypes lists them.
var FieldTypes = []FieldType{
	TextField, LongField, NumberField, DayField, MonthField, AgencyField, PlacesField, ChoiceField, YesNoField,
}

// Choice is a value with its name.
type Choice struct {
	Code  string `json:"code"`
	Name  Words  `json:"name"`
	Final bool   `json:"final,omitempty"` // of a state: nothing is owed any more
}

// Field is a field of a register.
type Field struct {
	Key      string    `json:"key"`
	Name     Words     `json:"name"`
	Type     FieldType `json:"type"`
	Choices  []Choice  `json:"choices,omitempty"`
	Required bool      `json:"required,omitempty"`
	List     bool      `json:"list,omitempty"` // shown in the list
}

// Kind is one register: what its rows are, as data.
type Kind struct {
	Code   string   `json:"code"`
	Name   Words    `json:"name"` // of the register
	One    Words    `json:"one"`  // of a row
	About  Words    `json:"about"`
	Owner  Words    `json:"owner"` // what the owner is to a row: "drafts it", "answers for it"
	States []Choice `json:"states"`
	Fields []Field  `json:"fields"`
	// Centre says that only the coordinator writes rows; else their owner does too.
	Centre bool `json:"centre,omitempty"`
	// Due is what the day of a row is; no words, no day.
	Due Words `json:"due"`
	// Picture is how the rows are drawn.
	Picture Picture `json:"picture"`
}

// State gives a state of the register.
func (k *Kind) State(code string) (Choice, bool) {
	i := slices.IndexFunc(k.States, func(c Choice) bool { return c.Code == code })
	if i < 0 {
		return Choice{}, false
	}
	return k.States[i], true
}

// Field gives a field of the register.
func (k *Kind) Field(key string) (Field, bool) {
	i := slices.IndexFunc(k.Fields, func(f Field) bool { return f.Key == key })
	if i < 0 {
		return Field{}, false
	}
	return k.Fields[i], true
}

// Choice gives a choice of the field.
func (f Field) Choice(code string) (Choice, bool) {
	i := slices.IndexFunc(f.Choices, func(c Choice) bool { return c.Code == code })
	if i < 0 {
		return Choice{}, false
	}
	return f.Choices[i], true
}

// Kinds is all registers.
type Kinds []Kind

// Kind gives one.
func (ks Kinds) Kind(code string) (*Kind, bool) {
	i := slices.IndexFunc(ks, func(k Kind) bool { return k.Code == code })
	if i < 0 {
		return nil, false
	}
	return &ks[i], true
}

// ReadKinds reads the registers. It fails when the data contradicts itself.
func ReadKinds(r io.Reader) (Kinds, error) {
	var out Kinds
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("read the registers: %w", err)
	}
	seen := map[string]bool{}
	for i := range out {
		k := &out[i]
		bad := func(format string, args ...any) error {
			return fmt.Errorf("read the registers: %s: %s", k.Code, fmt.Sprintf(format, args...))
		}
		if k.Code == "" || seen[k.Code] || len(k.States) == 0 || k.Name.Vi == "" || k.Name.En == "" || k.One.Vi == "" || k.One.En == "" {
			return nil, bad("want one code, a name in both languages, and states")
		}
		seen[k.Code] = true
		keys := map[string]bool{}
		for _, f := range k.Fields {
			if f.Key == "" || keys[f.Key] || !slices.Contains(FieldTypes, f.Type) || (f.Type == ChoiceField) != (len(f.Choices) > 0) ||
				f.Name.Vi == "" || f.Name.En == "" {
				return nil, bad("field %q", f.Key)
			}
			keys[f.Key] = true
		}
		if !k.Picture.fits(k) {
			return nil, bad("picture")
		}
	}
	return out, nil
}

// Record is a row of a register.
type Record struct {
	ID     string            `json:"id"`
	Kind   string            `json:"kind"`
	Title  string            `json:"title"`
	Owner  string            `json:"owner,omitempty"` // code of the agency
	State  string            `json:"state"`
	Since  clock.Date        `json:"since"` // from which day the state is true
	Due    clock.Date        `json:"due"`
	Fields map[string]string `json:"fields,omitempty"`
	Note   string            `json:"note,omitempty"`
	Gone   bool              `json:"gone,omitempty"` // entered by mistake: it counts nowhere, and is kept
	// Example says that the row is made up for the demo.
	Example bool `json:"example,omitempty"`
	Version int  `json:"version"`
}

// Overdue says that something is still owed after its day.
func (r *Record) Overdue(k *Kind, day clock.Date) bool {
	s, _ := k.State(r.State)
	return !s.Final && !r.Due.IsZero() && r.Due.Before(day)
}

// Concerns says that one of some agencies owns the row or is named in it.
func (r *Record) Concerns(k *Kind, codes ...string) bool {
	among := func(code string) bool { return code != "" && slices.Contains(codes, code) }
	if among(r.Owner) {
		return true
	}
	return slices.ContainsFunc(k.Fields, func(f Field) bool {
		switch f.Type {
		case AgencyField:
			return among(r.Fields[f.Key])
		case PlacesField:
			return slices.ContainsFunc(split(r.Fields[f.Key]), among)
		case TextField, LongField, NumberField, DayField, MonthField, ChoiceField, YesNoField:
		}
		return false
	})
}

// Number is a number of the row; 0 when it has none.
func (r *Record) Number(key string) int {
	n, _ := strconv.Atoi(r.Fields[key])
	return n
}

func split(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// Check says what is wrong with a row that is to be saved, and puts what can be read in
// two ways into one: numbers without points, codes without blanks.
func (r *Record) Check(k *Kind, c Country, today clock.Date) fault.List {
	var out fault.List
	bad := func(field, key string, args fault.Args) {
		out = append(out, fault.New(fault.Invalid, "programme.record."+key, args).At(field))
	}
	r.Title = strings.TrimSpace(r.Title)
	if n := utf8.RuneCountInString(r.Title); n < 3 || n > maxTitle {
		bad("title", "length", fault.Args{"min": 3, "max": maxTitle, "n": n})
	} else if !plain(r.Title) {
		bad("title", "signs", nil)
	}
	if utf8.RuneCountInString(r.Note) > maxText || !plain(r.Note) {
		bad("note", "long", fault.Args{"max": maxText})
	}
	if _, ok := k.State(r.State); !ok {
		bad("state", "state", nil)
	}
	if r.Since.IsZero() || r.Since.After(today) {
		bad("since", "since", nil)
	}
	if r.Owner != "" && !c.Knows(r.Owner) {
		bad("owner", "agency", fault.Args{"code": r.Owner})
	}
	for key := range r.Fields {
		if _, ok := k.Field(key); !ok {
			delete(r.Fields, key)
		}
	}
	for _, f := range k.Fields {
		value := strings.TrimSpace(r.Fields[f.Key])
		if value == "" {
			delete(r.Fields, f.Key)
			if f.Required {
				bad(f.Key, "required", fault.Args{"name": f.Name})
			}
			continue
		}
		clean, key := f.read(value, c)
		if key != "" {
			bad(f.Key, key, fault.Args{"name": f.Name, "text": short(value), "max": maxText})
			continue
		}
		r.Fields[f.Key] = clean
	}
	return out
}

// whole is a number without a fraction as people write it: 10599, 10.599 or 10 599. In 1.5
// the point parts no thousands, and nobody knows what was meant.
var (
	whole    = regexp.MustCompile(`^(\d+|\d{1,3}([. \x{a0}\x{202f}]\d{3})+)$`)
	grouping = strings.NewReplacer(".", "", " ", "", "\u00a0", "", "\u202f", "")
)

// maxDigits bounds a number, so that sums of many are numbers.
const maxDigits = 15

// read gives a value as it is kept, or the key of what is wrong with it.
func (f Field) read(value string, c Country) (clean, wrong string) {
	if utf8.RuneCountInString(value) > maxText || !plain(value) {
		return "", "long"
	}
	switch f.Type {
	case NumberField:
		if !whole.MatchString(value) {
			return "", "number"
		}
		digits := strings.TrimLeft(grouping.Replace(value), "0")
		if len(digits) > maxDigits {
			return "", "number"
		}
		return cmp.Or(digits, "0"), ""
	case DayField:
		d, err := ReadDay(value)
		if err != nil {
			return "", "day"
		}
		return d.String(), ""
	case MonthField:
		d, err := ReadDay("01/" + value)
		if err != nil {
			if d, err = clock.ParseDate(value + "-01"); err != nil {
				return "", "month"
			}
		}
		return d.String()[:7], ""
	case AgencyField:
		if !c.Knows(value) {
			return "", "agency_field"
		}
	case PlacesField:
		list := split(value)
		for _, code := range list {
			if !c.Knows(code) {
				return "", "agency_field"
			}
		}
		return strings.Join(list, ","), ""
	case ChoiceField:
		if _, ok := f.Choice(value); !ok {
			return "", "choice"
		}
	case YesNoField:
		if value != "yes" && value != "no" {
			return "", "choice"
		}
	case TextField, LongField:
	}
	return value, ""
}

// ReadDay reads a whole day as people write it, 31/12/2026, or as programs do, 2026-12-31.
func ReadDay(s string) (clock.Date, error) {
	d, err := citizen.ParseDay(strings.TrimSpace(s))
	if err == nil && !d.Whole() {
		err = fault.New(fault.Invalid, "programme.record.day", fault.Args{"name": "", "text": short(s)})
	}
	if err != nil {
		return clock.Date{}, err
	}
	return d.Date(), nil
}

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
