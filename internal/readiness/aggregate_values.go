package readiness

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"dean06/internal/platform/clock"
)

// ValueTotal is what the answers of one row in one column of the form's own come to. Only
// what is sure is counted; who answered without it is named, and counts as nothing.
type ValueTotal struct {
	Row    Row
	Column Column
	Given  []Entry // with the value as people write it, in Text
	// Missing are the agencies that the row is for and whose return says nothing sure here.
	Missing []string

	Sum, Least, Most float64 // of numbers; of counts Sum is that of the parts
	Whole            float64 // of counts, the sum of the wholes
	First, Last      clock.Date
	// Buckets are the choices of a list, or yes and no, in the order of the form.
	Buckets []Bucket
}

// Mean is the sum over those who gave a number; 0 of none.
func (t ValueTotal) Mean() float64 {
	if len(t.Given) == 0 {
		return 0
	}
	return t.Sum / float64(len(t.Given))
}

// Words says what the total comes to: a message key and its arguments.
func (t ValueTotal) Words() (key string, args map[string]any) {
	if len(t.Given) == 0 {
		return "readiness.value.none", nil
	}
	args = map[string]any{"n": len(t.Given), "unit": t.Column.Unit}
	switch t.Column.Kind {
	case NumberColumn:
		args["sum"], args["mean"], args["least"], args["most"] = round2(t.Sum), round2(t.Mean()), t.Least, t.Most
		if t.Column.Unit.Vi != "" {
			return "readiness.value.number.unit", args
		}
		return "readiness.value.number", args
	case CountsColumn:
		args["part"], args["whole"] = int(t.Sum), int(t.Whole)
		if t.Whole == 0 {
			return "readiness.value.counts.none", args
		}
		args["percent"] = math.Round(t.Sum/t.Whole*1000) / 10
		return "readiness.value.counts", args
	case DateColumn:
		args["first"], args["last"] = t.First, t.Last
		return "readiness.value.date", args
	case YesNoColumn, ChoiceColumn:
		var vi, en []string
		for _, b := range t.Buckets {
			n := strconv.Itoa(len(b.Entries))
			vi, en = append(vi, b.Label.Vi+": "+n), append(en, b.Label.In("en")+": "+n)
		}
		args["list"] = Text{Vi: strings.Join(vi, "; "), En: strings.Join(en, "; ")}
		return "readiness.value.list", args
	case TextColumn:
	}
	return "readiness.value.text", args
}

func round2(x float64) float64 { return math.Round(x*100) / 100 }

// Key names the total among those of a form: "12/beds".
func (t ValueTotal) Key() string { return t.Row.Key + "/" + t.Column.Key }

// valueAdder adds the form's own columns up.
type valueAdder struct {
	tpl    *Template
	totals []ValueTotal
}

func newValueAdder(tpl *Template) *valueAdder {
	v := &valueAdder{tpl: tpl}
	for _, row := range tpl.Rows {
		for _, c := range tpl.AskedOwn(row) {
			t := ValueTotal{Row: row, Column: c}
			for _, o := range tpl.Choices(c) {
				t.Buckets = append(t.Buckets, Bucket{Key: o.Key, Label: o.Text})
			}
			v.totals = append(v.totals, t)
		}
	}
	return v
}

// add counts one return.
func (v *valueAdder) add(r Reported) {
	for i := range v.totals {
		t := &v.totals[i]
		if !t.Row.IsFor(FormKind(r.Agency.Kind)) {
			continue
		}
		given := false
		for _, a := range r.Return.Answers {
			value := a.Values[t.Column.Key]
			if a.Key != t.Row.Key || value == "" || CheckValue(v.tpl, t.Column, value) == ReasonNotValue {
				continue
			}
			if reading, read := a.Readings[t.Column.Key]; read && !reading.IsSure() {
				continue
			}
			given = true
			t.take(v.tpl, Entry{
				Agency: r.Agency.Code, Name: r.Agency.Name, Row: a.Row, System: a.System, Field: AnswerField(v.tpl, a, t.Column.Key),
			}, value)
		}
		if !given {
			t.Missing = append(t.Missing, r.Agency.Code)
		}
	}
}

func (t *ValueTotal) take(tpl *Template, e Entry, value string) {
	e.Value = ShowValue(tpl, t.Column, value)
	e.Text = e.Value.Vi
	switch t.Column.Kind {
	case NumberColumn:
		n, _ := strconv.ParseFloat(value, 64) // it was checked
		if len(t.Given) == 0 || n < t.Least {
			t.Least = n
		}
		if len(t.Given) == 0 || n > t.Most {
			t.Most = n
		}
		t.Sum += n
	case CountsColumn:
		part, whole, _ := countsOf(value)
		t.Sum += float64(part)
		t.Whole += float64(whole)
	case DateColumn:
		d, _ := clock.ParseDate(value)
		if t.First.IsZero() || d.Before(t.First) {
			t.First = d
		}
		if t.Last.Before(d) {
			t.Last = d
		}
	case YesNoColumn, ChoiceColumn:
		if i := slices.IndexFunc(t.Buckets, func(b Bucket) bool { return b.Key == value }); i >= 0 {
			t.Buckets[i].Entries = append(t.Buckets[i].Entries, e)
		}
	case TextColumn:
	}
	t.Given = append(t.Given, e)
}

// AsksStage says that some row asks how far a purchase is.
func (t *Template) AsksStage() bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Stage })
}

// AsksFact says that the note of some row demands something.
func (t *Template) AsksFact(a Ask) bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool { return slices.Contains(r.Asks, a) })
}
