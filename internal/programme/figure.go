package programme

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
)

// Rows that a figure counts, beside the registers by their codes.
const (
	FromTasks      = "task"
	FromDirectives = "directive"
	FromUnits      = "unit_task"
	FromReadiness  = "readiness" // the register of who meets the requirements
)

// Measure is what a figure makes of its rows: "rows" counts them; "distinct:FIELD" counts
// what stands in a field, each once; "sum:FIELD" adds up; "several:FIELD" counts owners
// that have more than one thing in a field; "list:FIELD" lists what stands there, each once;
// "day:FIELD" is the one day that stands there.
type Measure string

// Definition is how a figure is computed: data, so that whoever reads a number can read
// where it comes from.
type Definition struct {
	Key     string            `json:"key"`
	Name    Words             `json:"name"`
	From    string            `json:"from"`
	Where   map[string]string `json:"where,omitempty"` // field → "value", "a|b", or "!value"
	Measure Measure           `json:"measure"`
	// Known says of which rows one must be recorded for anything to be known of it: without
	// one there is no number, not even nothing. Left out, it is the rows of Of, or any of From.
	Known map[string]string `json:"known,omitempty"`
	// Of is what it is a part of; nil for nothing.
	Of *Counted `json:"of,omitempty"`
	// Note says what has to be known with the number: how it was read, and why it differs. It
	// may name "{value}", "{of}" and the numbers of With, and is left out when one of these is
	// nothing. Example is added when a row is made up.
	Note    Words              `json:"note"`
	With    map[string]Counted `json:"with,omitempty"`
	Example Words              `json:"example,omitzero"`
	Letter  bool               `json:"letter,omitempty"` // it is in the monthly letter
}

// Counted is a number of rows beside those of a figure.
type Counted struct {
	Where   map[string]string `json:"where,omitempty"`
	Measure Measure           `json:"measure"`
}

// Published is a figure as a document prints it.
type Published struct {
	Key         string     `json:"key"`
	AsOf        clock.Date `json:"as_of"`
	Source      string     `json:"source"`
	Value       any        `json:"value"`
	Of          *int       `json:"of"`
	Approximate bool       `json:"approximate"`
	Note        string     `json:"note"`
}

// Figure is a figure as computed, beside what was published of the same day.
type Figure struct {
	Key         string     `json:"key"`
	Name        Words      `json:"-"`
	AsOf        clock.Date `json:"as_of"`
	Value       any        `json:"value"` // int, a day as text, a list of texts, or nil: nothing is known
	Said        []Words    `json:"-"`     // the texts of a list, when they are codes
	Of          *int       `json:"of"`
	Published   any        `json:"published"`
	PublishedOf *int       `json:"published_of"`
	Source      string     `json:"source,omitempty"`
	// Approximate says that the rows are no exact numbers, and About how: more, nearly, about.
	Approximate          bool   `json:"approximate"`
	About                string `json:"about,omitempty"`
	PublishedApproximate bool   `json:"published_approximate"`
	Rows                 int    `json:"rows"` // how many rows it was computed from
	Note                 string `json:"note"`
	// Differs says that what was computed is not what was published. A figure of a register
	// that is not this one's then stands as published, beside what that register tells.
	Differs     bool `json:"differs"`
	AsPublished bool `json:"as_published"`
	Computed    any  `json:"computed,omitempty"`
	ComputedOf  *int `json:"computed_of,omitempty"`
}

// ReadDefinitions reads how the figures are computed, and what was published.
func ReadDefinitions(defs, published io.Reader) ([]Definition, []Published, error) {
	var list []Definition
	d := json.NewDecoder(defs)
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return nil, nil, fmt.Errorf("read the figures: %w", err)
	}
	var printed struct {
		Figures []Published `json:"figures"`
	}
	if err := json.NewDecoder(published).Decode(&printed); err != nil {
		return nil, nil, fmt.Errorf("read the published figures: %w", err)
	}
	for i := range printed.Figures {
		p := &printed.Figures[i]
		if !slices.ContainsFunc(list, func(d Definition) bool { return d.Key == p.Key }) {
			return nil, nil, fmt.Errorf("read the published figures: nothing says how %s is computed", p.Key)
		}
		switch v := p.Value.(type) {
		case float64:
			p.Value = int(v)
		case []any:
			texts := make([]string, len(v))
			for j := range v {
				texts[j] = fmt.Sprint(v[j])
			}
			p.Value = texts
		}
	}
	return list, printed.Figures, nil
}

// Compute computes a figure from the book.
func (b *Book) Compute(d *Definition) Figure {
	f := Figure{Key: d.Key, Name: d.Name, AsOf: b.Known}
	if !b.knows(d) {
		return f
	}
	rows := b.Behind(d)
	f.Value, f.Rows = d.Measure.of(rows), count(rows)
	if strings.HasPrefix(string(d.Measure), "sum:") {
		f.About = about(rows)
		f.Approximate = f.About != ""
	}
	if d.Of != nil {
		if n, ok := b.counted(d.From, *d.Of); ok {
			f.Of = &n
		}
	}
	return f
}

func (b *Book) counted(from string, c Counted) (int, bool) {
	rows := slices.DeleteFunc(b.rows(from), func(r Row) bool { return !lets(r, c.Where) })
	n, ok := c.Measure.of(rows).(int)
	return n, ok
}

// note is what has to be known with a figure.
func (b *Book) note(d *Definition, f *Figure, say *i18n.Printer) string {
	lang := string(say.Lang)
	named := []string{"{value}", say.Value(f.Value)}
	if f.Of != nil {
		named = append(named, "{of}", say.Value(*f.Of))
	}
	told := true
	for name, c := range d.With {
		n, _ := b.counted(d.From, c)
		told = told && n > 0
		named = append(named, "{"+name+"}", say.Value(n))
	}
	var out []string
	if note := d.Note.In(lang); note != "" && told {
		out = append(out, strings.NewReplacer(named...).Replace(note))
	}
	if made := d.Example.In(lang); made != "" && slices.ContainsFunc(b.rows(d.From), func(r Row) bool { return r.Example && d.takes(r) }) {
		out = append(out, made)
	}
	return strings.Join(out, " ")
}

// takes says that a row is behind a figure, or in what it is a part of.
func (d *Definition) takes(r Row) bool {
	return lets(r, d.Where) || d.Of != nil && lets(r, d.Of.Where)
}

// knows says that something is recorded of what a figure counts.
func (b *Book) knows(d *Definition) bool {
	where := d.Known
	if where == nil && d.Of != nil {
		where = d.Of.Where
	}
	return slices.ContainsFunc(b.rows(d.From), func(r Row) bool { return lets(r, where) })
}

// How far numbers are from exact ones, as registers say it.
const (
	exact    = "exact"
	somehow  = "about"
	howExact = "approximate" // the field
)

// about says how exact the sum of rows is: as those say that are not exact, when they say
// the same. "" is exact.
func about(rows []Row) string {
	out := ""
	for _, r := range rows {
		switch how := r.field(howExact); {
		case how == "" || how == exact || how == out:
		case out == "":
			out = how
		default:
			out = somehow
		}
	}
	return out
}

func count(rows []Row) int {
	n := 0
	for _, r := range rows {
		n += r.N
	}
	return n
}

// beside puts what was published beside what was computed, with the note of the definition,
// or else that of the document, which is English.
func (f *Figure) beside(note string, p *Published, say *i18n.Printer) {
	f.Note = note
	if p != nil {
		f.Published, f.PublishedOf, f.Source, f.PublishedApproximate = p.Value, p.Of, p.Source, p.Approximate
		f.Differs = fmt.Sprint(f.Value) != fmt.Sprint(p.Value) || p.Of != nil && (f.Of == nil || *f.Of != *p.Of)
		if f.Note == "" && say.Lang == i18n.En {
			f.Note = p.Note
		}
	}
	if f.Value == nil {
		f.Note = say.T("programme.figure.nothing")
	}
}

// stand has the published figure stand, where another register does not tell it.
func (f *Figure) stand(p *Published, told Ready, say *i18n.Printer) {
	args := fault.Args{"met": told.Met(), "of": len(told.Agencies), "letter": told.Letter}
	f.Note, f.Differs = say.T("programme.figure.stands"), false
	if f.Value != nil {
		f.Computed, f.ComputedOf, f.Differs = f.Value, f.Of, true
		f.Note = say.T("programme.figure.stands_beside", args)
	}
	f.Value, f.Of, f.AsPublished = p.Value, p.Of, true
	if f.Approximate = p.Approximate; f.Approximate {
		f.About = somehow
	}
}

// AsPrinted is the published figure in the place of the computed one.
func (f *Figure) AsPrinted() *Figure {
	out := *f
	out.Value, out.Of, out.Approximate = f.Published, f.PublishedOf, f.PublishedApproximate
	if f.About == "" {
		out.About = somehow
	}
	return &out
}

// sortFigures puts figures into the order of their keys' definitions.
func sortFigures(figures []Figure, defs []Definition) {
	at := map[string]int{}
	for i, d := range defs {
		at[d.Key] = i
	}
	slices.SortStableFunc(figures, func(a, b Figure) int { return cmp.Compare(at[a.Key], at[b.Key]) })
}
