package org

import (
	"slices"
	"time"

	"dean06/internal/platform/clock"
)

// Fact is what a record of an office, a position or an appointment says beside its
// matter: from when until when it was true, and when that was recorded. Nothing recorded
// is rewritten: what ends or was a mistake is said by another record of the same id.
type Fact struct {
	ID        string     `db:"id"`
	Version   int        `db:"version"`    // 1, 2, …: which record of the id it is
	From      clock.Date `db:"valid_from"` // the first day
	To        clock.Date `db:"valid_to"`   // the first day on which it is no longer; zero: until further notice
	Withdrawn bool       `db:"withdrawn"`  // recorded by mistake: it never was
	Basis     string     `db:"basis"`      // number of the decision, or why
	At        time.Time  `db:"recorded_at"`
	By        string     `db:"recorded_by"` // account id
}

// On says that it was true on the day.
func (f Fact) On(day clock.Date) bool {
	return !f.Withdrawn && !f.From.After(day) && (f.To.IsZero() || f.To.After(day))
}

// Meets says that both were true on some day.
func (f Fact) Meets(o Fact) bool {
	return !f.Withdrawn && !o.Withdrawn && (f.To.IsZero() || o.From.Before(f.To)) && (o.To.IsZero() || f.From.Before(o.To))
}

func (f Fact) fact() Fact { return f }

// Office is a part of an agency: a desk, a division, the police of a commune.
type Office struct {
	Fact
	Agency string `db:"agency"` // code
	Name   string `db:"name"`
}

// Position is a place in an office that somebody holds. The accounts that act in it have
// its roles for as long as they do.
type Position struct {
	Fact
	Office string   `db:"office"`
	Title  string   `db:"title"`
	Duty   Duty     `db:"duty"`
	Roles  []string // of accounts of the node; they never change: another position has others
	Area   string   `db:"area"`    // code of the commune that it is for; "" for all
	AreaID string   `db:"area_id"` // id of that unit: codes are used again
}

// Appointment says that an account holds a position, or stands in for who does.
type Appointment struct {
	Fact
	Position string `db:"position"`
	Account  string `db:"account"`
	StandIn  bool   `db:"stand_in"`
	Vacancy  string `db:"vacancy"` // why nobody holds the position while the stand-in acts
	// Request and Second are the approval and who gave it, where the position opens
	// personal data.
	Request string `db:"request"`
	Second  string `db:"second_id"`
}

// Duty is what a position does, by which other modules find it. "org.duty.…" is its name
// for people.
type Duty string

// The duties.
const (
	DutyLeader   Duty = "leader"   // người đứng đầu, cấp phó
	DutyDesk     Duty = "desk"     // tiếp nhận và trả kết quả ở Bộ phận một cửa
	DutyReviewer Duty = "reviewer" // thụ lý, thẩm định
	DutyPolice   Duty = "police"   // công an phụ trách địa bàn
	DutyClerk    Duty = "clerk"    // văn thư
	DutyOther    Duty = "other"
)

// Duties lists them.
var Duties = []Duty{DutyLeader, DutyDesk, DutyReviewer, DutyPolice, DutyClerk, DutyOther}

// Book is what is recorded of the offices of one agency: all records, each kind in the
// order in which they were made.
type Book struct {
	Agency string
	// Ends are the days on which an agency with this code ended: usually none, and several
	// when the code was given again. What was opened before such a day ended with it.
	Ends         []clock.Date
	Offices      []Office
	Positions    []Position
	Appointments []Appointment
}

// KnownAt is the book as it was known at a moment, the zero moment being now: the last
// record of each id.
func (b Book) KnownAt(at time.Time) Book {
	b.Offices, b.Positions, b.Appointments = lastOf(b.Offices, at), lastOf(b.Positions, at), lastOf(b.Appointments, at)
	return b
}

func lastOf[T interface{ fact() Fact }](records []T, at time.Time) []T {
	index := map[string]int{}
	var out []T
	for _, r := range records {
		f := r.fact()
		if !at.IsZero() && f.At.After(at) {
			continue
		}
		i, ok := index[f.ID]
		if !ok {
			index[f.ID] = len(out)
			out = append(out, r)
		} else if f.Version > out[i].fact().Version {
			out[i] = r
		}
	}
	return out
}

func byID[T interface{ fact() Fact }](records []T, id string) (T, bool) {
	i := slices.IndexFunc(records, func(r T) bool { return r.fact().ID == id })
	if i < 0 {
		var none T
		return none, false
	}
	return records[i], true
}

// The questions below are for a book as it was known at one moment (KnownAt).

// Office is an office by its id.
func (b Book) Office(id string) (Office, bool) { return byID(b.Offices, id) }

// Position is a position by its id.
func (b Book) Position(id string) (Position, bool) { return byID(b.Positions, id) }

// Appointment is an appointment by its id.
func (b Book) Appointment(id string) (Appointment, bool) { return byID(b.Appointments, id) }

// OfficesOn lists the offices of a day. An agency that has ended has none.
func (b Book) OfficesOn(day clock.Date) []Office {
	var out []Office
	for _, o := range b.Offices {
		if b.there(o, day) {
			out = append(out, o)
		}
	}
	return out
}

// PositionsOn lists the positions of an office on a day.
func (b Book) PositionsOn(office string, day clock.Date) []Position {
	var out []Position
	for _, p := range b.Positions {
		if p.Office == office && b.open(p, day) {
			out = append(out, p)
		}
	}
	return out
}

// open says that a position, its office and its agency were all there on the day.
func (b Book) open(p Position, day clock.Date) bool {
	o, ok := b.Office(p.Office)
	return ok && b.there(o, day) && p.On(day)
}

// there says that an office and its agency were there on the day.
func (b Book) there(o Office, day clock.Date) bool {
	return o.On(day) && !slices.ContainsFunc(b.Ends, func(end clock.Date) bool { return o.From.Before(end) && !day.Before(end) })
}

// HolderOn is who holds a position on a day.
func (b Book) HolderOn(position string, day clock.Date) (Appointment, bool) {
	return b.appointed(position, day, false)
}

// StandInOn is who stands in on a day.
func (b Book) StandInOn(position string, day clock.Date) (Appointment, bool) {
	return b.appointed(position, day, true)
}

// ActingOn is who acts in a position on a day: the stand-in before the holder.
func (b Book) ActingOn(position string, day clock.Date) (Appointment, bool) {
	if a, ok := b.StandInOn(position, day); ok {
		return a, true
	}
	return b.HolderOn(position, day)
}

func (b Book) appointed(position string, day clock.Date, standIn bool) (Appointment, bool) {
	p, ok := b.Position(position)
	if !ok || !b.open(p, day) {
		return Appointment{}, false
	}
	for _, a := range b.Appointments {
		if a.Position == position && a.StandIn == standIn && a.On(day) {
			return a, true
		}
	}
	return Appointment{}, false
}

// Held is a position that somebody acts in, with its office.
type Held struct {
	Agency      string
	Office      Office
	Position    Position
	Appointment Appointment
}

// HeldBy lists the positions that an account holds or stands in on a day.
func (b Book) HeldBy(account string, day clock.Date) []Held {
	var out []Held
	for _, a := range b.Appointments {
		p, ok := b.Position(a.Position)
		if a.Account != account || !a.On(day) || !ok || !b.open(p, day) {
			continue
		}
		o, _ := b.Office(p.Office)
		out = append(out, Held{Agency: b.Agency, Office: o, Position: p, Appointment: a})
	}
	return out
}

// DoingOn lists who acts in the positions of a duty on a day. areas are the ids of the
// commune asked about and of those that went into it; a position for all areas counts.
// nil asks about no commune.
func (b Book) DoingOn(duty Duty, areas map[string]bool, day clock.Date) []Held {
	var out []Held
	for _, p := range b.Positions {
		if p.Duty != duty || !b.open(p, day) || areas != nil && p.AreaID != "" && !areas[p.AreaID] {
			continue
		}
		o, _ := b.Office(p.Office)
		a, _ := b.ActingOn(p.ID, day)
		out = append(out, Held{Agency: b.Agency, Office: o, Position: p, Appointment: a})
	}
	return out
}
