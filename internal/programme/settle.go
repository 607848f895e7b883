package programme

import (
	"context"
	"slices"
	"strings"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Holds says that an assignment is in force on a day.
func (a *Assigned) Holds(day clock.Date) bool {
	return !a.From.After(day) && (a.To.IsZero() || !a.To.Before(day))
}

// Over says that an assignment was ended before a day.
func (a *Assigned) Over(day clock.Date) bool { return !a.To.IsZero() && a.To.Before(day) }

// covers says that an agency is of the set, whether it is still there or not: what a
// predecessor was given is not taken from its heir because the predecessor is gone.
func (s Set) covers(code string, kind org.Kind) bool {
	if slices.Contains(s.Except, code) {
		return false
	}
	return slices.Contains(s.Agencies, code) || slices.Contains(s.Kinds, kind) && (s.Under == "" || committeeOf(code) == s.Under)
}

// Levels are those of whose agencies the set has all, the highest first.
func (s Set) Levels() []Level {
	return slices.DeleteFunc(slices.Clone(Levels), func(l Level) bool {
		return !slices.ContainsFunc(l.Kinds(), func(k org.Kind) bool { return slices.Contains(s.Kinds, k) })
	})
}

func (s Set) same(o Set) bool {
	return s.Under == o.Under && slices.Equal(s.Kinds, o.Kinds) && slices.Equal(s.Agencies, o.Agencies) && slices.Equal(s.Except, o.Except)
}

// kindOf is what the agency of a unit task is, or was.
func kindOf(c Country, u *UnitTask, day clock.Date) org.Kind {
	if u.Level != Ministry {
		return u.Level.Kinds()[0]
	}
	a, _ := c.Directory().Last(u.Agency, day)
	return a.Kind()
}

// released says whether the task does not ask for a unit task any more, and why: the whole
// was withdrawn, or the assignment by which it was given has ended and no other has it.
func (t *Task) released(c Country, u *UnitTask, day clock.Date) (why string, ok bool) {
	if t.Ended != "" {
		return t.Ended, true
	}
	kind := kindOf(c, u, day)
	for i := range t.Sets {
		switch a := &t.Sets[i]; {
		case !a.covers(u.Agency, kind):
		case a.Over(day):
			why, ok = a.Why, true
		default:
			return "", false
		}
	}
	return why, ok
}

// settle is what follows for a unit task from its task on a day. last is what was done to it
// last. What is reported or done stays, and so does what was withdrawn for itself.
func (t *Task) settle(c Country, u *UnitTask, last *Event, day clock.Date) (Change, bool) {
	if !u.State.Open() && (u.State != Withdrawn || last.Act != End) {
		return Change{}, false
	}
	why, released := t.released(c, u, day)
	switch {
	case released && u.State.Open():
		return Change{Act: End, Reason: why}, true
	case !released && u.State == Withdrawn:
		due, ok := t.dueOf(u)
		if !ok || !due.IsZero() && due.Before(u.Due) {
			due = u.Due
		}
		return Change{Act: Renew, Was: last.Was, Due: due}, true
	}
	return Change{}, false
}

// dueOf is when the task wants a unit task of it done; false for a period that the task does
// not ask for.
func (t *Task) dueOf(u *UnitTask) (clock.Date, bool) {
	if u.Period == "" {
		return t.Due, true
	}
	p, ok := t.PeriodOn(latest(u.From, t.From))
	return p.To, ok && p.Name == u.Period
}

// redate is what a changed due date does to an open unit task: one that has the date of the
// task follows it, one that was granted another keeps that.
func redate(was, is *Task, u *UnitTask) (Change, bool) {
	before, ok := was.dueOf(u)
	after, still := is.dueOf(u)
	if !ok || !still || !u.State.Open() || u.Due != before || before == after {
		return Change{}, false
	}
	return Change{Act: Redate, Due: after}, true
}

// apply has the store keep versions and do what follows of them, all at once.
func (s *Service) apply(
	ctx context.Context, who actor.Actor, docs []Doc, tasks []string, what func(u *UnitTask, last *Event) (Change, bool),
) (int, error) {
	now := s.Clock.Now()
	for i := range docs {
		docs[i].At, docs[i].By, docs[i].Day = now, who, clock.DayOf(now)
	}
	defer s.changed()
	return s.Store.Settle(ctx, docs, tasks, who, now, func(u UnitTask, last Event) (UnitTask, Event, error) {
		c, ok := what(&u, &last)
		if !ok {
			return u, Event{}, nil
		}
		next, e, err := u.Do(who, c, now)
		e.ID = s.NewID()
		return next, e, err
	})
}

// whole finds a task of which somebody wants to change what it asks, with its book.
func (s *Service) whole(ctx context.Context, who actor.Actor, id, reason string) (Task, *Book, error) {
	if err := Permissions.Can(who, Manage); err != nil {
		return Task{}, nil, err
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return Task{}, nil, err
	}
	found, ok := b.Task(id)
	if !ok {
		return Task{}, nil, errHidden
	}
	if err := checkReason(reason, true); err != nil {
		return Task{}, nil, err
	}
	return *found, b, nil
}

// EndAssignment ends the assignment of a task to one of its sets: from a day on, not before
// today, its agencies do not have it. Of those that no other set has, the open unit tasks are
// withdrawn on that day; what is reported or done stays. It says how many were withdrawn now.
func (s *Service) EndAssignment(ctx context.Context, who actor.Actor, id string, version, set int, from clock.Date, reason string) (int, error) {
	t, _, err := s.whole(ctx, who, id, reason)
	if err != nil {
		return 0, err
	}
	today := s.Today()
	switch {
	case set < 0 || set >= len(t.Sets):
		return 0, fault.New(fault.NotFound, "programme.unknown", nil)
	case t.Sets[set].Over(today):
		return 0, fault.New(fault.Conflict, "programme.task.set_over", fault.Args{"day": t.Sets[set].To})
	case from.IsZero() || from.Before(today):
		return 0, fault.New(fault.Invalid, "programme.task.end_day", fault.Args{"day": today}).At("from")
	}
	t.Sets = slices.Clone(t.Sets)
	t.Sets[set].To, t.Sets[set].Why = from.AddDays(-1), strings.TrimSpace(reason)
	return s.apply(ctx, who, []Doc{taskDoc(&t, version+1)}, []string{id}, func(u *UnitTask, last *Event) (Change, bool) {
		return t.settle(s.Country(), u, last, today)
	})
}

func taskDoc(t *Task, version int) Doc {
	return Doc{Kind: TaskDoc, ID: t.ID, Version: version, Task: t}
}

// WithdrawTask withdraws a whole task and its parts: nobody is asked for it from today on, and
// it counts among the tasks no more. It says how many unit tasks were withdrawn with it.
func (s *Service) WithdrawTask(ctx context.Context, who actor.Actor, id string, version int, reason string) (int, error) {
	t, b, err := s.whole(ctx, who, id, reason)
	if err != nil {
		return 0, err
	}
	if t.Ended != "" {
		return 0, fault.New(fault.Conflict, "programme.task.withdrawn", nil)
	}
	return s.both(ctx, who, &t, b, version, func(o *Task) bool {
		if o.Ended != "" {
			return false
		}
		if o.Ended = strings.TrimSpace(reason); o.ID != id {
			o.EndedWith = id
		}
		return true
	})
}

// TakeBack asks for a withdrawn task again, and for the parts that were withdrawn with it: the
// unit tasks that ended with it are as they were before.
func (s *Service) TakeBack(ctx context.Context, who actor.Actor, id string, version int, reason string) (int, error) {
	t, b, err := s.whole(ctx, who, id, reason)
	if err != nil {
		return 0, err
	}
	if t.Ended == "" {
		return 0, fault.New(fault.Conflict, "programme.task.not_withdrawn", nil)
	}
	if parent, ok := b.Task(t.Parent); ok && parent.Ended != "" {
		return 0, fault.New(fault.Conflict, "programme.task.parent_withdrawn", fault.Args{"parent": parent.Code})
	}
	n, err := s.both(ctx, who, &t, b, version, func(o *Task) bool {
		if o.ID != id && o.EndedWith != id {
			return false
		}
		o.Ended, o.EndedWith = "", ""
		return true
	})
	if err != nil {
		return n, err
	}
	given, err := s.give(ctx, who, &t) // agencies that came meanwhile
	return n + given, err
}

// both changes a task and its parts, and does what follows to the unit tasks of all of them.
func (s *Service) both(ctx context.Context, who actor.Actor, t *Task, b *Book, version int, change func(*Task) bool) (int, error) {
	change(t)
	docs, tasks := []Doc{taskDoc(t, version+1)}, map[string]*Task{t.ID: t}
	ids := []string{t.ID}
	for _, part := range b.Parts(t.ID) {
		o := *part
		if !change(&o) {
			continue
		}
		history, err := s.Store.History(ctx, TaskDoc, o.ID)
		if err != nil {
			return 0, err
		}
		docs, tasks[o.ID], ids = append(docs, taskDoc(&o, history[0].Version+1)), &o, append(ids, o.ID)
	}
	today := s.Today()
	return s.apply(ctx, who, docs, ids, func(u *UnitTask, last *Event) (Change, bool) {
		return tasks[u.Task].settle(s.Country(), u, last, today)
	})
}

// endSets withdraws what assignments that ended before today have left open.
func (s *Service) endSets(ctx context.Context, by actor.Actor, b *Book) error {
	today := s.Today()
	for i := range b.Tasks {
		t := &b.Tasks[i]
		if t.Ended == "" && !slices.ContainsFunc(t.Sets, func(a Assigned) bool { return a.Over(today) }) || b.Count(t.ID, today).Open() == 0 {
			continue
		}
		if _, err := s.apply(ctx, by, nil, []string{t.ID}, func(u *UnitTask, last *Event) (Change, bool) {
			return t.settle(s.Country(), u, last, today)
		}); err != nil {
			return err
		}
	}
	return nil
}
