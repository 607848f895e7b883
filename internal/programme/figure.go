package programme

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
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
	// Of is what it is a part of; nil for nothing.
	Of *struct {
		Where   map[string]string `json:"where,omitempty"`
		Measure Measure           `json:"measure"`
	} `json:"of,omitempty"`
	// Note says what has to be known with the number: how it was read, and why it differs.
	Note Words `json:"note"`
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
	Value       any        `json:"value"` // int, a day as text, or a list of texts
	Of          *int       `json:"of"`
	Published   any        `json:"published"`
	PublishedOf *int       `json:"published_of"`
	Source      string     `json:"source,omitempty"`
	Approximate bool       `json:"approximate"`
	Rows        int        `json:"rows"` // how many rows it was computed from
	Note        string     `json:"note"`
	Differs     bool       `json:"differs"`
}

// Row is a row behind a figure.
type Row struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Title   string `json:"title"`
	Owner   string `json:"owner,omitempty"`
	State   string `json:"state,omitempty"`
	Example bool   `json:"example"`
	N       int    `json:"n"` // of unit tasks: how many

	field func(key string) string
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

// rows lists what a figure may count, by where it comes from.
func (b *Book) rows(from string) []Row {
	var out []Row
	switch from {
	case FromTasks:
		for i := range b.Tasks {
			t := &b.Tasks[i]
			if t.Ended != "" { // it was withdrawn: nothing is left to count
				continue
			}
			out = append(out, Row{Kind: from, ID: t.ID, Title: t.Code + " " + t.Title, Owner: t.Lead, Example: t.Example, N: 1, field: b.taskField(t)})
		}
	case FromDirectives:
		for i := range b.Directives {
			d := &b.Directives[i]
			out = append(out, Row{Kind: from, ID: d.ID, Title: d.Number + " " + d.Title, Example: d.Example, N: 1, field: func(key string) string {
				return map[string]string{"kind": string(d.Kind), "issuer": d.Issuer, "day": d.Day.String()}[key]
			}})
		}
	case FromUnits:
		for i := range b.Cells {
			c := &b.Cells[i]
			t := b.tasks[c.Task]
			if t == nil || c.N == 0 {
				continue
			}
			task := b.taskField(t)
			out = append(out, Row{
				Kind: from, ID: t.ID, Title: t.Code + " " + t.Title, Owner: c.Origin, State: string(c.State), Example: t.Example, N: c.N,
				field: func(key string) string {
					switch key {
					case "state":
						return string(c.State)
					case "owner":
						return c.Origin
					case "level":
						return string(c.Level)
					}
					return task(key)
				},
			})
		}
	default:
		for _, r := range b.Of(from) {
			out = append(out, Row{Kind: from, ID: r.ID, Title: r.Title, Owner: r.Owner, State: r.State, Example: r.Example, N: 1, field: r.field})
		}
	}
	return out
}

func (r *Record) field(key string) string {
	switch key {
	case "owner":
		return r.Owner
	case "state":
		return r.State
	case "due":
		return dayText(r.Due)
	case "since":
		return dayText(r.Since)
	case "title":
		return r.Title
	}
	return r.Fields[key]
}

func dayText(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// taskField gives what a figure can ask of a task. Several values are joined by commas.
func (b *Book) taskField(t *Task) func(string) string {
	return func(key string) string {
		switch key {
		case "code":
			return t.Code
		case "level":
			return string(t.Level)
		case "scope":
			return string(t.Scope)
		case "group":
			return t.Group
		case "owner":
			return t.Lead
		case "directive":
			return strings.Join(t.Directives, ",")
		case "gave":
			if len(t.Directives) > 0 {
				return t.Directives[0]
			}
		case "directive_kind":
			var kinds []string
			for _, id := range t.Directives {
				if d, ok := b.directives[id]; ok {
					kinds = append(kinds, string(d.Kind))
				}
			}
			return strings.Join(kinds, ",")
		case "part":
			return yesNo(t.Parent != "")
		case "ends":
			return yesNo(t.Every.Ends())
		case "done":
			return yesNo(b.done[t.ID])
		}
		return ""
	}
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// lets says that a row has what a figure asks for.
func lets(row Row, where map[string]string) bool {
	for key, want := range where {
		has := split(row.field(key))
		if not, ok := strings.CutPrefix(want, "!"); ok {
			if slices.Contains(has, not) {
				return false
			}
			continue
		}
		if !slices.ContainsFunc(strings.Split(want, "|"), func(w string) bool { return slices.Contains(has, w) }) {
			return false
		}
	}
	return true
}

// Behind lists the rows of which a figure was computed.
func (b *Book) Behind(d *Definition) []Row {
	return slices.DeleteFunc(b.rows(d.From), func(r Row) bool { return !lets(r, d.Where) })
}

// of makes a number, a day or a list of rows.
func (m Measure) of(rows []Row) any {
	what, field, _ := strings.Cut(string(m), ":")
	switch what {
	case "distinct":
		return len(valuesOf(rows, field))
	case "list":
		return valuesOf(rows, field)
	case "several":
		by := map[string][]Row{}
		for _, r := range rows {
			by[r.Owner] = append(by[r.Owner], r)
		}
		n := 0
		for _, of := range by {
			if len(valuesOf(of, field)) > 1 {
				n++
			}
		}
		return n
	case "sum":
		n := 0
		for _, r := range rows {
			x, _ := strconv.Atoi(r.field(field))
			n += x
		}
		return n
	case "day":
		for _, r := range rows {
			if v := r.field(field); v != "" {
				return v
			}
		}
		return nil
	}
	n := 0
	for _, r := range rows {
		n += r.N
	}
	return n
}

// valuesOf lists what stands in a field, each once, in the order of the rows.
func valuesOf(rows []Row, field string) []string {
	seen := map[string]bool{}
	out := []string{}
	for _, r := range rows {
		for _, v := range split(r.field(field)) {
			if !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}

// Compute computes a figure from the book.
func (b *Book) Compute(d *Definition) Figure {
	rows := b.Behind(d)
	f := Figure{Key: d.Key, Name: d.Name, AsOf: b.Known, Value: d.Measure.of(rows), Rows: count(rows)}
	if d.Of != nil {
		all := slices.DeleteFunc(b.rows(d.From), func(r Row) bool { return !lets(r, d.Of.Where) })
		if n, ok := d.Of.Measure.of(all).(int); ok {
			f.Of = &n
		}
	}
	return f
}

func count(rows []Row) int {
	n := 0
	for _, r := range rows {
		n += r.N
	}
	return n
}

// beside puts what was published beside what was computed. lang is of the note: ours, which
// says what the published one does and more, or else that one, which is English.
func (f *Figure) beside(d *Definition, p *Published, lang string) {
	f.Note = d.Note.In(lang)
	if p == nil {
		return
	}
	f.Published, f.PublishedOf, f.Source, f.Approximate = p.Value, p.Of, p.Source, p.Approximate
	f.Differs = fmt.Sprint(f.Value) != fmt.Sprint(p.Value) || p.Of != nil && (f.Of == nil || *f.Of != *p.Of)
	if f.Note == "" && lang == "en" {
		f.Note = p.Note
	}
}

// sortFigures puts figures into the order of their keys' definitions.
func sortFigures(figures []Figure, defs []Definition) {
	at := map[string]int{}
	for i, d := range defs {
		at[d.Key] = i
	}
	slices.SortStableFunc(figures, func(a, b Figure) int { return cmp.Compare(at[a.Key], at[b.Key]) })
}
