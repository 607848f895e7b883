package calendar

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// ChangeKind is what an administrator may change.
type ChangeKind string

// The kinds of change. Each is said of one day, but for the last three.
const (
	ChangeOff          ChangeKind = "off"           // a day off
	ChangeMorningOff   ChangeKind = "morning_off"   // only the afternoon is worked
	ChangeAfternoonOff ChangeKind = "afternoon_off" // only the morning is worked: the last day before Tết
	ChangeWork         ChangeKind = "work"          // a Saturday that is worked
	ChangeConfirm      ChangeKind = "confirm"       // the day is as it stands here
	ChangeRestore      ChangeKind = "restore"       // the day is again what the program brings
	ChangeHours        ChangeKind = "hours"         // the hours of a working day, from a day on
	ChangeOfficial     ChangeKind = "official"      // the days off of a year are published and entered
	ChangeNotOfficial  ChangeKind = "not_official"  // they are not
)

// ChangeKinds lists the kinds.
var ChangeKinds = []ChangeKind{
	ChangeOff, ChangeMorningOff, ChangeAfternoonOff, ChangeWork, ChangeConfirm, ChangeRestore, ChangeHours, ChangeOfficial, ChangeNotOfficial,
}

// OfYear says that the kind is said of a year.
func (k ChangeKind) OfYear() bool { return k == ChangeOfficial || k == ChangeNotOfficial }

// Change is one change of a calendar. What was changed is never taken out again: a
// mistake is mended by another change.
type Change struct {
	Kind  ChangeKind `json:"kind"`
	Date  clock.Date `json:"date,omitzero"` // for hours: the first day of theirs
	Year  int        `json:"year,omitempty"`
	For   clock.Date `json:"for,omitzero"`    // the day that it is exchanged with
	Spans []Span     `json:"spans,omitempty"` // the hours
	Note  string     `json:"note,omitempty"`  // why, in the administrator's words
	Basis string     `json:"basis"`           // the document: its number
}

const (
	mostNote  = 200
	mostBasis = 200
)

// Check fails with Invalid when the change says too little, or something that cannot be.
func (ch Change) Check() error {
	var list fault.List
	add := func(field, key string, args fault.Args) {
		list = append(list, fault.New(fault.Invalid, key, args).At(field))
	}
	if !slices.Contains(ChangeKinds, ch.Kind) {
		add("kind", "calendar.change.kind", nil)
	}
	switch {
	case ch.Kind.OfYear():
		if ch.Year < First.Year() || ch.Year > Last.Year() {
			add("year", "calendar.change.year", fault.Args{"from": First.Year(), "to": Last.Year()})
		}
	case ch.Date.IsZero(), ch.Date.Before(First), ch.Date.After(Last):
		add("date", "calendar.change.date", fault.Args{"from": First, "to": Last})
	}
	if !ch.For.IsZero() && (ch.For.Before(First) || ch.For.After(Last)) {
		add("for", "calendar.change.date", fault.Args{"from": First, "to": Last})
	}
	if ch.Kind == ChangeHours {
		if err := checkSpans(ch.Spans); err != nil {
			list = append(list, fault.As(err).At("spans"))
		}
	}
	if strings.TrimSpace(ch.Basis) == "" {
		add("basis", "calendar.change.basis", nil)
	}
	if utf8.RuneCountInString(ch.Basis) > mostBasis {
		add("basis", "calendar.change.long", fault.Args{"most": mostBasis})
	}
	if utf8.RuneCountInString(ch.Note) > mostNote {
		add("note", "calendar.change.long", fault.Args{"most": mostNote})
	}
	return list.Err()
}

// Apply gives the calendar after a change. It fails with Invalid when the change cannot
// be, and when it would change nothing.
func (c *Calendar) Apply(ch Change) (*Calendar, error) {
	if err := ch.Check(); err != nil {
		return nil, err
	}
	if ch.Kind == ChangeWork && !c.isWeekend(ch.Date) {
		return nil, fault.New(fault.Invalid, "calendar.change.not_weekend", fault.Args{"date": ch.Date}).At("date")
	}
	if (ch.Kind == ChangeMorningOff || ch.Kind == ChangeAfternoonOff) && !c.Day(ch.Date).Works {
		return nil, fault.New(fault.Invalid, "calendar.change.is_off", fault.Args{"date": ch.Date}).At("date")
	}
	after, err := build(c.base, append(slices.Clip(c.changes), ch))
	if err != nil {
		return nil, err
	}
	if len(Differences(c, after)) == 0 {
		field := "date"
		if ch.Kind.OfYear() {
			field = "year"
		}
		return nil, fault.New(fault.Invalid, "calendar.change.nothing", nil).At(field)
	}
	return after, nil
}

// ApplyAll gives the calendar after changes that were accepted when they were made.
func (c *Calendar) ApplyAll(changes []Change) (*Calendar, error) {
	for i, ch := range changes {
		if err := ch.Check(); err != nil {
			return nil, fmt.Errorf("change %d of the calendar: %w", len(c.changes)+i+1, err)
		}
	}
	if len(changes) == 0 {
		return c, nil
	}
	return build(c.base, slices.Concat(c.changes, changes))
}

// change takes a change into the days.
func (c *Calendar) change(ch Change) {
	more := detail{note: ch.Note, basis: ch.Basis, with: ch.For}
	full := c.hoursOn(ch.Date)
	switch ch.Kind {
	case ChangeOff:
		why := DayOff
		if !ch.For.IsZero() {
			why = ExchangedDayOff
		}
		if c.isWeekend(ch.Date) {
			why = Weekend // an exchanged Saturday that is none any more
		}
		c.set(ch.Date, nil, why, false, more)
	case ChangeMorningOff:
		c.set(ch.Date, afternoon(full), ShortDay, false, more)
	case ChangeAfternoonOff:
		c.set(ch.Date, morning(full), ShortDay, false, more)
	case ChangeWork:
		c.set(ch.Date, full, ExchangedSaturday, false, more)
	case ChangeConfirm:
		i := int32(First.DaysUntil(ch.Date))
		c.days[i].flags &^= flagUnconfirmed
		old := c.details[i]
		old.note, old.basis = ch.Note, ch.Basis
		c.details[i] = old
	case ChangeRestore:
		c.restore(ch.Date)
	case ChangeHours, ChangeOfficial, ChangeNotOfficial: // build has taken them
	}
}

// restore makes a day what the program brings.
func (c *Calendar) restore(d clock.Date) {
	plain, err := build(&base{
		WeeklyOff: c.base.WeeklyOff, Hours: c.hours, Fixed: c.base.Fixed, Tet: c.base.Tet, Moon: c.base.Moon, Years: c.base.Years,
	}, nil)
	if err != nil {
		return // it could be built before
	}
	was := plain.Day(d)
	c.set(d, was.Spans, was.Why, was.Unconfirmed, detail{name: was.Name, with: was.For})
}

// setHours takes hours that begin on a day.
func (c *Calendar) setHours(ch Change) {
	h := Hours{From: ch.Date, Spans: ch.Spans, Basis: ch.Basis}
	i, same := slices.BinarySearchFunc(c.hours, ch.Date, func(h Hours, d clock.Date) int { return h.From.Compare(d) })
	if same {
		c.hours[i] = h
		return
	}
	c.hours = slices.Insert(c.hours, i, h)
}

// Difference is a day that two calendars have differently.
type Difference struct{ Before, After Day }

// Differences are the days that two calendars have differently, the earliest first. A
// year that becomes official differs in all its days.
func Differences(before, after *Calendar) []Difference {
	var out []Difference
	for i := range before.days {
		a, b := before.days[i], after.days[i]
		if a.why != b.why || a.flags != b.flags || before.details[int32(i)] != after.details[int32(i)] ||
			!equalSpans(before.plans[a.plan].spans, after.plans[b.plan].spans) {
			out = append(out, Difference{before.at(i), after.at(i)})
		}
	}
	return out
}

// Moves says that the difference moves deadlines: the time that is worked is another.
func (d Difference) Moves() bool { return !equalSpans(d.Before.Spans, d.After.Spans) }
