package org

import (
	"slices"
	"strings"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Personal says that a role opens personal data or gives rights.
type Personal func(role string) bool

// Opens says that who acts in the position has a role that opens personal data.
func (p Position) Opens(personal Personal) bool { return slices.ContainsFunc(p.Roles, personal) }

func wrong(key, field string, args fault.Args) *fault.Error {
	return fault.New(fault.Invalid, "org.position."+key, args).At(field)
}

func clash(key, field string, args fault.Args) *fault.Error {
	return fault.New(fault.Conflict, "org.position."+key, args).At(field)
}

// complete checks what every first record must have.
func (f Fact) complete() error {
	var all fault.List
	if f.From.IsZero() {
		all = append(all, wrong("no_day", "from", nil))
	}
	if !f.To.IsZero() && !f.To.After(f.From) {
		all = append(all, wrong("order", "to", nil))
	}
	if strings.TrimSpace(f.Basis) == "" {
		all = append(all, wrong("no_basis", "basis", nil))
	}
	return all.Err()
}

// Open decides on a new office. It fails with Invalid when it lacks something, and with
// Conflict when the agency has an office of that name.
func (b Book) Open(o Office) (Office, error) {
	o.Agency, o.Name, o.Version, o.Withdrawn = b.Agency, strings.TrimSpace(o.Name), 1, false
	if o.Name == "" {
		return o, wrong("no_name", "name", nil)
	}
	if err := o.complete(); err != nil {
		return o, err
	}
	for _, other := range b.Offices {
		if other.Meets(o.Fact) && SameSpelling(other.Name, o.Name) {
			return o, clash("office_taken", "name", fault.Args{"name": o.Name})
		}
	}
	return o, nil
}

// Create decides on a new position. It fails with Invalid when it lacks something, with
// NotFound without its office, and with Conflict when the office is not there on its day.
func (b Book) Create(p Position) (Position, error) {
	p.Title, p.Version, p.Withdrawn = strings.TrimSpace(p.Title), 1, false
	var all fault.List
	if p.Title == "" {
		all = append(all, wrong("no_title", "title", nil))
	}
	if !slices.Contains(Duties, p.Duty) {
		all = append(all, wrong("no_duty", "duty", nil))
	}
	if p.Duty == DutyPolice && p.Area == "" {
		all = append(all, wrong("no_area", "area", nil))
	}
	if err := all.Err(); err != nil {
		return p, err
	}
	if err := p.complete(); err != nil {
		return p, err
	}
	o, ok := b.Office(p.Office)
	if !ok {
		return p, fault.New(fault.NotFound, "org.position.unknown_office", nil)
	}
	if !b.there(o, p.From) {
		return p, clash("office_not_there", "from", fault.Args{"name": o.Name, "date": p.From})
	}
	p.To = earlier(p.To, o.To)
	slices.Sort(p.Roles)
	p.Roles = slices.Compact(p.Roles)
	return p, nil
}

// Appoint decides on a holder or a stand-in. Where the position ends before, so does the
// appointment. It fails with Invalid when it lacks something, with NotFound without the
// position, and with Conflict when the position is not there on the first day, somebody
// holds it or stands in on one of the days, or somebody would stand in for themselves.
func (b Book) Appoint(a Appointment) (Appointment, error) {
	a.Vacancy, a.Version, a.Withdrawn = strings.TrimSpace(a.Vacancy), 1, false
	if a.Account == "" {
		return a, wrong("no_account", "account", nil)
	}
	if err := a.complete(); err != nil {
		return a, err
	}
	p, ok := b.Position(a.Position)
	if !ok {
		return a, fault.New(fault.NotFound, "org.position.unknown", nil)
	}
	if !b.open(p, a.From) {
		return a, clash("not_there", "from", fault.Args{"title": p.Title, "date": a.From})
	}
	a.To = earlier(a.To, p.To)
	if !a.StandIn {
		a.Vacancy = ""
	}
	var holders []Fact
	for _, o := range b.Appointments {
		if o.Position != a.Position || !o.Meets(a.Fact) {
			continue
		}
		switch {
		case o.StandIn == a.StandIn && a.StandIn:
			return a, clash("stand_in_taken", "from", fault.Args{"title": p.Title, "date": later(o.From, a.From)})
		case o.StandIn == a.StandIn:
			return a, clash("holder_taken", "from", fault.Args{"title": p.Title, "date": later(o.From, a.From)})
		case o.Account == a.Account:
			return a, clash("oneself", "account", nil)
		}
		holders = append(holders, o.Fact)
	}
	if a.StandIn && a.Vacancy == "" && !covers(holders, a.Fact) {
		return a, wrong("no_holder", "vacancy", fault.Args{"title": p.Title})
	}
	return a, nil
}

// covers says that on each day of f one of the others was true. They do not overlap.
func covers(others []Fact, f Fact) bool {
	slices.SortFunc(others, func(a, b Fact) int { return a.From.Compare(b.From) })
	day := f.From
	for _, o := range others {
		if o.From.After(day) {
			return false
		}
		if o.To.IsZero() {
			return true
		}
		day = later(day, o.To)
		if !f.To.IsZero() && !day.Before(f.To) {
			return true
		}
	}
	return false
}

// earlier is the earlier of two days on which something ends; zero is never.
func earlier(a, b clock.Date) clock.Date {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b clock.Date) clock.Date {
	if b.After(a) {
		return b
	}
	return a
}

// End decides that an office, a position or an appointment ends on a day: the last day
// is the one before. What stands on it ends with it: positions with their office,
// appointments with their position, and a stand-in with the holder unless it was said
// why the position is vacant. f gives the new records their basis, time and author.
//
// It fails with NotFound when nothing known has the id, with Invalid without a day or
// basis, and with Conflict when it would end before it begins or later than it does.
func (b Book) End(id string, on clock.Date, f Fact) (Book, error) {
	if on.IsZero() {
		return Book{}, wrong("no_day", "on", nil)
	}
	return b.close(id, f, func(old Fact) (Fact, bool, error) {
		switch {
		case !on.After(old.From):
			return old, true, clash("end_first", "on", fault.Args{"date": old.From})
		case !old.To.IsZero() && !on.Before(old.To):
			return old, true, clash("end_later", "on", fault.Args{"date": old.To})
		}
		old.To = on
		return old, true, nil
	}, func(old Fact) (Fact, bool) {
		if !old.To.IsZero() && !on.Before(old.To) {
			return old, false
		}
		old.Withdrawn = !on.After(old.From) // it was to begin later
		if !old.Withdrawn {
			old.To = on
		}
		return old, true
	})
}

// Withdraw decides that an office, a position or an appointment was recorded by mistake
// and never was. It fails as End does, and with Conflict while something stands on it.
func (b Book) Withdraw(id string, f Fact) (Book, error) {
	stands := false
	out, err := b.close(id, f, func(old Fact) (Fact, bool, error) {
		old.Withdrawn = true
		return old, true, nil
	}, func(old Fact) (Fact, bool) {
		stands = true
		return old, false
	})
	if err == nil && stands {
		return Book{}, clash("stood_on", "on", nil)
	}
	return out, err
}

// close makes new records: of the id by first, of what stands on it by rest.
func (b Book) close(id string, f Fact, first func(Fact) (Fact, bool, error), rest func(Fact) (Fact, bool)) (Book, error) {
	if strings.TrimSpace(f.Basis) == "" {
		return Book{}, wrong("no_basis", "basis", nil)
	}
	out := Book{Agency: b.Agency}
	var failed error
	next := func(old Fact, decide func(Fact) (Fact, bool)) (Fact, bool) {
		if old.Withdrawn {
			return old, false
		}
		now, yes := decide(old)
		now.Version, now.Basis, now.At, now.By = old.Version+1, strings.TrimSpace(f.Basis), f.At, f.By
		return now, yes
	}
	asked := func(old Fact) (Fact, bool) {
		now, yes, err := first(old)
		failed = err
		return now, yes && err == nil
	}
	under := map[string]bool{} // ids on which others stand
	found := false
	for _, o := range b.Offices {
		if o.ID != id || o.Withdrawn {
			continue
		}
		found, under[o.ID] = true, true
		if now, yes := next(o.Fact, asked); yes {
			o.Fact = now
			out.Offices = append(out.Offices, o)
		}
	}
	for _, p := range b.Positions {
		decide := rest
		switch {
		case p.ID == id && !p.Withdrawn:
			found, decide = true, asked
		case !under[p.Office]:
			continue
		}
		under[p.ID] = true
		if now, yes := next(p.Fact, decide); yes {
			p.Fact = now
			out.Positions = append(out.Positions, p)
		}
	}
	ending, _ := b.Appointment(id)
	for _, a := range b.Appointments {
		decide := rest
		switch {
		case a.ID == id && !a.Withdrawn:
			found, decide = true, asked
		case !under[a.Position] && !standsOn(a, ending):
			continue
		}
		if now, yes := next(a.Fact, decide); yes {
			a.Fact = now
			out.Appointments = append(out.Appointments, a)
		}
	}
	if !found {
		return Book{}, fault.New(fault.NotFound, "org.position.unknown", nil)
	}
	return out, failed
}

// standsOn says that a is a stand-in who acts only because another holds the position.
func standsOn(a, holder Appointment) bool {
	return a.StandIn && a.Vacancy == "" && holder.ID != "" && !holder.StandIn && holder.Position == a.Position && a.Meets(holder.Fact)
}
