package readiness

import (
	"strconv"

	"dean06/internal/platform/clock"
)

// Judge says from which value on a row is met, in a column of the form's own. A row with
// several is met when each of them is. Bounds that are left out do not bind.
type Judge struct {
	Column string `json:"column"`
	// AtLeast and AtMost bound numbers, and of counts the part in per cent of the whole
	// (there AtLeast is 100 when both are left out). What misses them yet keeps to the
	// partly bounds is partly met.
	AtLeast       *float64 `json:"at_least,omitempty"`
	AtMost        *float64 `json:"at_most,omitempty"`
	PartlyAtLeast *float64 `json:"partly_at_least,omitempty"`
	PartlyAtMost  *float64 `json:"partly_at_most,omitempty"`
	// Is is the answer that meets a yes or no: Yes when it is left out.
	Is string `json:"is,omitempty"`
	// NotBefore and NotAfter bound days.
	NotBefore clock.Date `json:"not_before,omitzero"`
	NotAfter  clock.Date `json:"not_after,omitzero"`
}

// Status is what choosing the option amounts to. An option that names no level is met
// when it says so, and not met when it is the foot of one of the lists of letter 488.
func (o Option) Status() Status {
	switch {
	case o.Met:
		return Met
	case o.Level != "":
		return o.Level
	case o.Key == string(NotMet) || o.Key == dossierNotSubmitted:
		return NotMet
	}
	return PartiallyMet // partly met; a dossier that waits for approval
}

const dossierNotSubmitted = "not_submitted"

// IsJudged says that answers to the row are met or not. One that is not judged only
// informs: its component asks that it is given.
func (r Row) IsJudged() bool { return r.Options != "" || len(r.Judged) > 0 }

// status is what a value amounts to; Unknown when there is none, or none of the
// column's kind.
func (j Judge) status(tpl *Template, value string) Status {
	c, ok := tpl.Column(j.Column)
	if !ok || CheckValue(tpl, c, value) == ReasonNotValue {
		return Unknown
	}
	switch c.Kind {
	case NumberColumn:
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return Unknown
		}
		return j.within(n)
	case CountsColumn:
		part, whole, ok := countsOf(value)
		if !ok || whole == 0 {
			return Unknown
		}
		if j.AtLeast == nil && j.AtMost == nil {
			hundred := 100.0
			j.AtLeast = &hundred
			if j.PartlyAtLeast == nil && part > 0 {
				j.PartlyAtLeast = new(float64)
			}
		}
		return j.within(100 * float64(part) / float64(whole))
	case YesNoColumn:
		if value == No == (j.Is == No) {
			return Met
		}
		return NotMet
	case DateColumn:
		d, err := clock.ParseDate(value)
		switch {
		case err != nil:
			return Unknown
		case !j.NotBefore.IsZero() && d.Before(j.NotBefore), !j.NotAfter.IsZero() && j.NotAfter.Before(d):
			return NotMet
		}
		return Met
	case ChoiceColumn:
		if o, ok := tpl.Option(c.Options, value); ok {
			return o.Status()
		}
	case TextColumn:
	}
	return Unknown
}

func (j Judge) within(n float64) Status {
	in := func(least, most *float64) bool { return (least == nil || n >= *least) && (most == nil || n <= *most) }
	switch {
	case in(j.AtLeast, j.AtMost):
		return Met
	case (j.PartlyAtLeast != nil || j.PartlyAtMost != nil) && in(j.PartlyAtLeast, j.PartlyAtMost):
		return PartiallyMet
	}
	return NotMet
}

// ValueStatus is what an answer's value in a column of the form's own amounts to; judged
// says that the row is met by it.
func ValueStatus(tpl *Template, a Answer, column string) (s Status, judged bool) {
	row, _ := tpl.Row(a.Key)
	for _, j := range row.Judged {
		if j.Column == column {
			if r, read := a.Readings[column]; read && !r.IsSure() {
				return Unknown, true
			}
			return j.status(tpl, a.Values[column]), true
		}
	}
	return Unknown, false
}

// worst is what several judgements of one answer amount to together: met when all are,
// not met when none is even partly, and unknown when one of them is.
func worst(all []Status) Status {
	met, notMet := 0, 0
	for _, s := range all {
		switch s {
		case Unknown:
			return Unknown
		case Met:
			met++
		case NotMet:
			notMet++
		case PartiallyMet:
		}
	}
	switch {
	case len(all) == 0:
		return Unknown
	case met == len(all):
		return Met
	case notMet == len(all):
		return NotMet
	}
	return PartiallyMet
}
