package programme

import (
	"cmp"
	"slices"

	"dean06/internal/platform/clock"
)

// Picture is how the rows of a register are drawn: bars, one for each value of something, or
// for each of some fields with yes and no; or a time line of their days.
type Picture struct {
	Title    Words    `json:"title"`
	By       string   `json:"by,omitempty"`       // a field, "owner" or "title"
	States   bool     `json:"states,omitempty"`   // each bar is parted by state
	Add      string   `json:"add,omitempty"`      // the field that is added up; else rows are counted
	Of       string   `json:"of,omitempty"`       // the field of which Add is a part
	Distinct string   `json:"distinct,omitempty"` // the field of which values are counted, each once
	Yes      []string `json:"yes,omitempty"`      // a bar for each of these
	Line     bool     `json:"line,omitempty"`
}

// fits says that the picture names only what the register has.
func (p *Picture) fits(k *Kind) bool {
	there := func(key string) bool {
		_, ok := k.Field(key)
		return ok || key == ""
	}
	return p.Title.Vi != "" && p.Title.En != "" && (p.By == ownerField || p.By == titleField || there(p.By)) && there(p.Add) && there(p.Of) &&
		there(p.Distinct) && !slices.ContainsFunc(p.Yes, func(key string) bool { return key == "" || !there(key) }) &&
		(p.By != "") != (p.Line || len(p.Yes) > 0)
}

// What every row has beside its fields, as a picture names it.
const (
	ownerField = "owner"
	titleField = "title"
)

// Bar is a bar of a picture: what stands in a field, how many, of how many, and by state.
type Bar struct {
	Key    string
	N, Of  int
	States map[string]int
}

// Bars draws rows as the register says. Values that are chosen of a list stand in its order,
// months in theirs, all others with the longest bar first.
func (k *Kind) Bars(rows []Record) []Bar {
	p := &k.Picture
	var out []Bar
	at := map[string]int{}
	bar := func(key string) *Bar {
		if _, ok := at[key]; !ok {
			at[key] = len(out)
			out = append(out, Bar{Key: key, States: map[string]int{}})
		}
		return &out[at[key]]
	}
	for _, key := range p.Yes {
		b := bar(key)
		for i := range rows {
			b.Of++
			if rows[i].Fields[key] == "yes" {
				b.N++
			}
		}
	}
	if p.By == "" {
		return out
	}
	seen := map[[2]string]bool{}
	for i := range rows {
		r := &rows[i]
		n := 1
		switch {
		case p.Add != "":
			n = r.Number(p.Add)
		case p.Distinct != "":
			key := [2]string{r.Owner, r.Fields[p.Distinct]}
			if seen[key] || key[1] == "" {
				continue
			}
			seen[key] = true
		}
		keys := []string{r.field(p.By)}
		if f, _ := k.Field(p.By); f.Type == PlacesField {
			if keys = split(keys[0]); len(keys) == 0 {
				keys = []string{""}
			}
		}
		for _, key := range keys {
			b := bar(key)
			b.N += n
			b.States[r.State] += n
			if p.Of != "" {
				b.Of += r.Number(p.Of)
			}
		}
	}
	f, _ := k.Field(p.By)
	slices.SortStableFunc(out, func(a, b Bar) int {
		switch f.Type {
		case ChoiceField:
			return f.at(a.Key) - f.at(b.Key)
		case MonthField:
			return cmp.Compare(a.Key, b.Key)
		case TextField, LongField, NumberField, DayField, AgencyField, PlacesField, YesNoField:
		}
		return b.N - a.N
	})
	return out
}

// at is where a choice stands in its list; what is none of them is the last.
func (f Field) at(code string) int {
	i := slices.IndexFunc(f.Choices, func(c Choice) bool { return c.Code == code })
	if i < 0 {
		return len(f.Choices)
	}
	return i
}

// Moment is a row on a time line: the day that was set, and the day on which it came true, or
// up to which it has not.
type Moment struct {
	ID, Title string
	Set, Now  clock.Date
	Done      bool
}

// Moments puts rows with a day on a time line, the first day first.
func (k *Kind) Moments(rows []Record, today clock.Date) []Moment {
	var out []Moment
	for i := range rows {
		r := &rows[i]
		if r.Due.IsZero() {
			continue
		}
		s, _ := k.State(r.State)
		m := Moment{ID: r.ID, Title: r.Title, Set: r.Due, Now: latest(r.Due, today), Done: s.Final}
		if s.Final {
			m.Now = r.Since
		}
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b Moment) int { return a.Set.Compare(b.Set) })
	return out
}
