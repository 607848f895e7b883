package programme

import (
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
)

// Row is a row behind a figure.
type Row struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Title   string `json:"title"`
	Owner   string `json:"owner,omitempty"`
	State   string `json:"state,omitempty"`
	Example bool   `json:"example"`
	N       int    `json:"n"` // of unit tasks: how many
	// Takes is what a figure takes of the row when it does not count rows: the number that is
	// added up, or what stands in the field that is counted, each once.
	Takes string `json:"takes,omitempty"`

	field func(key string) string
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
	return d.Measure.takes(slices.DeleteFunc(b.rows(d.From), func(r Row) bool { return !lets(r, d.Where) }))
}

// Beyond lists the rows of what a figure is a part of that are not behind it.
func (b *Book) Beyond(d *Definition) []Row {
	if d.Of == nil {
		return nil
	}
	return d.Of.Measure.takes(slices.DeleteFunc(b.rows(d.From), func(r Row) bool { return !lets(r, d.Of.Where) || lets(r, d.Where) }))
}

// Field is the field of which a measure is made; "" of one that counts rows.
func (m Measure) Field() string {
	_, field, _ := strings.Cut(string(m), ":")
	return field
}

// takes has each row say what is taken of it.
func (m Measure) takes(rows []Row) []Row {
	if field := m.Field(); field != "" {
		for i := range rows {
			rows[i].Takes = rows[i].field(field)
		}
	}
	return rows
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
