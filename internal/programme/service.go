package programme

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"dean06/internal/org"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Parts is what the service is made of.
type Parts struct {
	Store     Store
	Country   func() Country
	Lineage   func(ctx context.Context) Lineage
	Clock     clock.Clock
	NewID     func() string
	Kinds     Kinds
	Figures   []Definition
	Published []Published
	// Readiness tells who of a kind ("ministry", "province") met everything, as known on a
	// day; nobody when the register has nothing of that day. nil: the register is not here.
	Readiness func(ctx context.Context, kind string, known clock.Date) (Ready, error)
	// URL is the address of this program, as people have it; "" when nobody said.
	URL string
	// Linked says to somebody what a page of another module is about, by the parts of its
	// path. It fails with NotFound for what is no page, and with Denied; nil when nobody knows.
	Linked func(ctx context.Context, who actor.Actor, path []string) (Linked, error)
	// SamePerson says that two accounts are one person's; nil when nobody knows.
	SamePerson func(ctx context.Context, a, b string) (bool, error)
}

// Service is what people do with the programme. Each method asks Permissions first: it
// fails with Unsigned or Denied before it reads anything. What is another agency's is
// NotFound to an agency.
type Service struct {
	Parts
	reading     singleflight.Group
	mu          sync.Mutex
	books       []*Book      // a few, the last used first
	geographies []*Geography // the same
	dir         atomic.Pointer[org.Directory]
	last        atomic.Pointer[seen]
}

// New makes it.
func New(p Parts) *Service { return &Service{Parts: p} }

// How many days are kept in memory, beside now.
const (
	maxBooks       = 3
	maxGeographies = 6
)

// Today is the day by the service's clock.
func (s *Service) Today() clock.Date { return clock.DayOf(s.Clock.Now()) }

// book is all that was known by the end of a day; zero is now.
func (s *Service) book(ctx context.Context, known clock.Date) (*Book, error) {
	n, err := s.revision(ctx)
	if err != nil {
		return nil, err
	}
	if !known.IsZero() && !known.Before(s.Today()) {
		known = clock.Date{}
	}
	s.mu.Lock()
	// What was known by the end of a day that is over does not change any more.
	i := slices.IndexFunc(s.books, func(b *Book) bool { return b.Known == known && (b.Revision >= n || !known.IsZero()) })
	if i >= 0 {
		b := s.books[i]
		s.books = append([]*Book{b}, slices.Delete(s.books, i, i+1)...)
		s.mu.Unlock()
		return b, nil
	}
	s.mu.Unlock()
	// Many ask at once for what somebody has just changed: one of them reads it.
	read, err, _ := s.reading.Do(fmt.Sprint(known, n), func() (any, error) { return s.Store.Book(context.WithoutCancel(ctx), known) })
	if err != nil {
		return nil, err
	}
	b := read.(*Book)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.books = slices.DeleteFunc(s.books, func(o *Book) bool { return o.Known == known })
	s.books = append([]*Book{b}, s.books[:min(len(s.books), maxBooks-1)]...)
	return b, nil
}

// revisionHolds is how long a revision is taken for the newest: a page asks many times.
// What is changed by this service is known at once, what another process changes after it.
const revisionHolds = 200 * time.Millisecond

// seen is a revision, and when it was read.
type seen struct {
	n  int64
	at time.Time
}

func (s *Service) revision(ctx context.Context) (int64, error) {
	now, last := s.Clock.Now(), s.last.Load()
	if last != nil && now.Sub(last.at) < revisionHolds && !now.Before(last.at) {
		return last.n, nil
	}
	n, err := s.Store.Revision(ctx)
	if err == nil {
		s.last.CompareAndSwap(last, &seen{n, now}) // not over what a change left meanwhile
	}
	return n, err
}

// changed has the revision read anew.
func (s *Service) changed() { s.last.Store(&seen{}) }

// geography is that of a day; zero is today.
func (s *Service) geography(day clock.Date) *Geography {
	if day.IsZero() {
		day = s.Today()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.Country()
	if dir := c.Directory(); s.dir.Load() != dir { // somebody edited the register of agencies
		s.dir.Store(dir)
		s.geographies = nil
	}
	if i := slices.IndexFunc(s.geographies, func(g *Geography) bool { return g.Day == day }); i >= 0 {
		return s.geographies[i]
	}
	g := GeographyOf(c, day)
	s.geographies = append([]*Geography{g}, s.geographies[:min(len(s.geographies), maxGeographies-1)]...)
	return g
}

// heritage lists the codes whose tasks an agency answers for today.
func (s *Service) heritage(ctx context.Context, agency string) ([]string, error) {
	return Heritage(s.geography(clock.Date{}), s.Lineage(ctx), agency)
}

// Sees says whether somebody reads everything, or what is their agency's. It fails with
// Unsigned and Denied.
func Sees(who actor.Actor) (all bool, err error) {
	if Permissions.Can(who, Read) == nil {
		return true, nil
	}
	return false, Permissions.CanOwn(who, Read, who.Agency != "")
}

// errHidden is what an agency is told of another's.
var errHidden = fault.New(fault.NotFound, "programme.unknown", nil)

// Question is what a roll-up is asked for.
type Question struct {
	By        By
	Narrow    Narrow
	Known     clock.Date // zero: now
	Geography clock.Date // zero: today
}

// Answer is a roll-up with the days that it is of.
type Answer struct {
	Parts     []Part
	Total     Count
	Day       clock.Date
	Geography *Geography
	Book      *Book
}

// RollUp counts the unit tasks of the whole country, as known on a day and as they stood on
// that day. An agency has its own counted.
func (s *Service) RollUp(ctx context.Context, who actor.Actor, q Question) (Answer, error) {
	all, err := Sees(who)
	if err != nil {
		return Answer{}, err
	}
	g := s.geography(q.Geography)
	if !all {
		if _, _, local := org.ParseLocalCode(who.Agency); local {
			return Answer{}, fault.New(fault.Denied, "programme.denied.read", nil)
		}
		q.Narrow.Agency = who.Agency
	}
	b, err := s.book(ctx, q.Known)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Day: s.dayOf(q.Known), Geography: g, Book: b}
	a.Parts = b.RollUp(q.By, q.Narrow, g, a.Day)
	a.Total = Total(a.Parts)
	return a, nil
}

func (s *Service) dayOf(known clock.Date) clock.Date {
	if today := s.Today(); known.IsZero() || known.After(today) {
		return today
	}
	return known
}

// Units counts the unit tasks of the agencies of a province, or of others, one by one: by
// the code of each, with what it inherited.
func (s *Service) Units(ctx context.Context, who actor.Actor, agencies []string) ([]AgencyCount, error) {
	all, err := Sees(who)
	if err != nil {
		return nil, err
	}
	of := map[string]string{}
	var codes []string
	for _, code := range agencies {
		if !all && !oversees(who.Agency, code) || !s.Country().Knows(code) {
			return nil, errHidden
		}
		own, err := s.heritage(ctx, code)
		if err != nil {
			return nil, err
		}
		for _, c := range own {
			of[c] = code
			codes = append(codes, c)
		}
	}
	counts, err := s.Store.Counts(ctx, codes, s.Today())
	if err != nil {
		return nil, err
	}
	out := make([]AgencyCount, len(agencies))
	for i, code := range agencies {
		out[i].Agency = code
		for _, c := range counts {
			if of[c.Agency] == code {
				out[i].Count = out[i].Plus(c.Count)
			}
		}
	}
	return out, nil
}

// UnitTasks lists unit tasks that somebody may see by due date. Agencies of the filter are
// asked for with what they inherited; an agency sees its own, and a province those of its
// communes when it asks for them. Any other is NotFound.
func (s *Service) UnitTasks(ctx context.Context, who actor.Actor, f Filter, after Cursor, limit int) ([]UnitTask, error) {
	all, err := Sees(who)
	if err != nil {
		return nil, err
	}
	if !all && len(f.Agencies) == 0 {
		f.Agencies = []string{who.Agency}
	}
	for _, code := range f.Agencies {
		if !all && !oversees(who.Agency, code) {
			return nil, errHidden
		}
	}
	var codes []string
	for _, code := range f.Agencies {
		own, err := s.heritage(ctx, code)
		if err != nil {
			return nil, err
		}
		codes = append(codes, own...)
	}
	var origins []string
	for _, code := range f.Origins {
		origins = append(origins, s.geography(clock.Date{}).Heritage(code)...)
	}
	f.Agencies, f.Origins, f.Day = codes, origins, s.Today()
	if len(f.Agencies) > 0 {
		return s.Store.UnitTasks(ctx, f, after, limit)
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return nil, err
	}
	next := b.page(&f, after, limit)
	if next.few {
		list, err := s.Store.UnitTasksOf(ctx, next.cells, next.begin, limit)
		if err != nil || next.whole || len(list) == limit {
			return list, err
		}
		// Somebody changed something since the book was read.
	}
	return s.Store.UnitTasks(ctx, f, next.begin, limit)
}

// CountUnits counts the unit tasks of a list for who reads everything; false when only the
// list itself tells: of agencies below the province.
func (s *Service) CountUnits(ctx context.Context, who actor.Actor, f Filter) (int, bool) {
	if Permissions.Can(who, Read) != nil {
		return 0, false
	}
	var origins []string
	for _, code := range f.Origins {
		origins = append(origins, s.geography(clock.Date{}).Heritage(code)...)
	}
	f.Origins, f.Day = origins, s.Today()
	return s.countOf(ctx, f)
}

func (s *Service) countOf(ctx context.Context, f Filter) (n int, known bool) {
	if len(f.Agencies) > 0 {
		return 0, false
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return 0, false
	}
	return b.count(&f), true
}

// Looked is a unit task as somebody looks at it.
type Looked struct {
	UnitTask
	Of     Task
	Events []Event
	Judged Judged
	Acts   []Act // that they may do
}

// UnitTask gives one with its history. It fails with NotFound, also for an agency whose it
// is not.
func (s *Service) UnitTask(ctx context.Context, who actor.Actor, id string) (Looked, error) {
	all, err := Sees(who)
	if err != nil {
		return Looked{}, err
	}
	u, err := s.Store.UnitTask(ctx, id)
	if err != nil {
		return Looked{}, err
	}
	own, err := s.isOwn(ctx, who, &u)
	if err != nil {
		return Looked{}, err
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return Looked{}, err
	}
	t, _ := b.Task(u.Task)
	if t == nil {
		return Looked{}, errHidden
	}
	if !all && !own && !s.isBelow(who, &u) {
		heirOf, err := s.heritage(ctx, who.Agency)
		if err != nil {
			return Looked{}, err
		}
		if !t.IsLed(heirOf...) {
			return Looked{}, errHidden
		}
	}
	out := Looked{UnitTask: u, Of: *t, Judged: u.Stands(s.Today())}
	if out.Events, err = s.Store.Events(ctx, id); err != nil {
		return Looked{}, err
	}
	for _, act := range u.May(OfAgency) {
		if Permissions.CanOwn(who, Respond, own) == nil {
			out.Acts = append(out.Acts, act)
		}
	}
	for _, act := range u.May(OfCentre) {
		if act == Restore && s.asked(ctx, &u) != nil {
			continue
		}
		if Permissions.Can(who, actionOf(act)) == nil && u.second(who, act) == nil {
			out.Acts = append(out.Acts, act)
		}
	}
	return out, nil
}

// actionOf is what somebody must be allowed who does an act of the centre.
func actionOf(a Act) Action {
	switch a {
	case Withdraw, Restore, Reopen:
		return Manage
	case Assign, Start, Progress, Block, Resume, Report, Recall, AskTime:
		return Respond
	case Accept, SendBack, Grant, Refuse:
	}
	return Decide
}

// oversees says that an agency reads what another has: it is itself, or of its province.
func oversees(agency, code string) bool {
	return agency != "" && (code == agency || committeeOf(code) == agency)
}

// isBelow says that a unit task is of a commune of somebody's province, or of one that this
// came from.
func (s *Service) isBelow(who actor.Actor, u *UnitTask) bool {
	return who.Agency != "" && slices.Contains(s.geography(clock.Date{}).Heritage(who.Agency), committeeOf(u.Agency))
}

func (s *Service) isOwn(ctx context.Context, who actor.Actor, u *UnitTask) (bool, error) {
	if who.Agency == "" {
		return false, nil
	}
	own, err := s.heritage(ctx, who.Agency)
	return slices.Contains(own, u.Agency), err
}

// Act does something to a unit task that somebody saw in a version. It fails with NotFound,
// Denied, Invalid, and with Conflict when it is not as they saw it.
func (s *Service) Act(ctx context.Context, who actor.Actor, id string, version int, c Change) (UnitTask, error) {
	u, err := s.Store.UnitTask(ctx, id)
	if err != nil {
		return u, err
	}
	if SideOf(c.Act) == OfTask {
		return u, fault.New(fault.Invalid, "programme.act.unknown", nil)
	}
	if SideOf(c.Act) == OfAgency {
		own, err := s.isOwn(ctx, who, &u)
		if err != nil {
			return u, err
		}
		if err := Permissions.CanOwn(who, Respond, own); err != nil {
			if who.Has(FocalPoint) && !own { // that it is there is not told
				return u, errHidden
			}
			return u, err
		}
	} else if err := Permissions.Can(who, actionOf(c.Act)); err != nil {
		return u, err
	} else if err := s.another(ctx, who, &u, c.Act); err != nil {
		return u, err
	} else if c.Act == Restore {
		if err := s.asked(ctx, &u); err != nil {
			return u, err
		}
	}
	if err := s.checkLinks(ctx, who, c.Evidence); err != nil {
		return u, err
	}
	now := s.Clock.Now()
	defer s.changed()
	return s.Store.Change(ctx, id, func(u UnitTask) (UnitTask, Event, error) {
		if u.Version != version {
			return u, Event{}, fault.New(fault.Conflict, "programme.moved", nil)
		}
		next, e, err := u.Do(who, c, now)
		e.ID = s.NewID()
		return next, e, err
	})
}

// asked refuses to give one unit task again that its task does not ask for: it would be
// withdrawn the next night.
func (s *Service) asked(ctx context.Context, u *UnitTask) error {
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return err
	}
	if t, ok := b.Task(u.Task); ok {
		if why, released := t.released(s.Country(), u, s.Today()); released {
			return fault.New(fault.Conflict, "programme.task.released", fault.Args{"why": why})
		}
	}
	return nil
}

// another refuses a second account of who reported, or asked for time. That it is the very
// account, UnitTask.Do refuses.
func (s *Service) another(ctx context.Context, who actor.Actor, u *UnitTask, a Act) error {
	did := map[Act]string{Accept: u.Reporter, Grant: u.Asker}[a]
	if did == "" || s.SamePerson == nil {
		return nil
	}
	same, err := s.SamePerson(ctx, who.Account, did)
	if err == nil && same {
		return fault.New(fault.Denied, "programme.denied.alone", nil)
	}
	return err
}

// SaveDirective keeps a directive; one without an id is new.
func (s *Service) SaveDirective(ctx context.Context, who actor.Actor, d Directive, version int) (Directive, error) {
	if err := Permissions.Can(who, Manage); err != nil {
		return d, err
	}
	if err := d.Check(s.Today()).Err(); err != nil {
		return d, err
	}
	if d.ID == "" {
		d.ID = s.NewID()
	}
	return d, s.save(ctx, who, Doc{Kind: DirectiveDoc, ID: d.ID, Version: version + 1, Directive: &d})
}

// SaveTask keeps a task; one without an id is new.
func (s *Service) SaveTask(ctx context.Context, who actor.Actor, t Task, version int) (Task, error) {
	if err := Permissions.Can(who, Manage); err != nil {
		return t, err
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return t, err
	}
	was, _ := b.Task(t.ID)
	if was != nil && was.Ended != "" {
		return t, fault.New(fault.Conflict, "programme.task.withdrawn", nil)
	}
	parent, ok := b.Task(t.Parent)
	if t.Parent != "" && !ok {
		return t, fault.New(fault.NotFound, "programme.unknown", nil)
	}
	list := t.Check(s.Country(), parent)
	for _, id := range t.Directives {
		if _, ok := b.Directive(id); !ok {
			list = append(list, fault.New(fault.Invalid, "programme.task.directive", nil).At("directive"))
		}
	}
	for i := range b.Tasks {
		if o := &b.Tasks[i]; strings.EqualFold(o.Code, strings.TrimSpace(t.Code)) && o.ID != t.ID {
			list = append(list, fault.New(fault.Invalid, "programme.task.code_taken", fault.Args{"code": t.Code, "title": o.Title}).At("code"))
		}
	}
	if was != nil {
		list = append(list, t.checkChange(was, b.Parts(t.ID))...)
		t.Sets = was.Sets // they are given and ended, not written
	}
	if err := list.Err(); err != nil {
		return t, err
	}
	if was == nil {
		t.ID, t.Sets = s.NewID(), nil
		return t, s.save(ctx, who, taskDoc(&t, version+1))
	}
	var follow []string
	if was.Due != t.Due || was.From != t.From {
		follow = []string{t.ID}
	}
	_, err = s.apply(ctx, who, []Doc{taskDoc(&t, version+1)}, follow, func(u *UnitTask, _ *Event) (Change, bool) {
		return redate(was, &t, u)
	})
	return t, err
}

func (s *Service) save(ctx context.Context, who actor.Actor, d Doc) error {
	d.At, d.By = s.Clock.Now(), who
	d.Day = clock.DayOf(d.At)
	defer s.changed()
	return s.Store.Save(ctx, d)
}

// Assign gives a task to the agencies of a set from today on, and says to how many. Who
// has it already, or inherited it, keeps it as it is.
func (s *Service) Assign(ctx context.Context, who actor.Actor, task string, version int, set Set) (int, error) {
	if err := Permissions.Can(who, Manage); err != nil {
		return 0, err
	}
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return 0, err
	}
	found, ok := b.Task(task)
	if !ok {
		return 0, errHidden
	}
	t := *found
	today := s.Today()
	if t.Ended != "" {
		return 0, fault.New(fault.Conflict, "programme.task.withdrawn", nil)
	}
	if !t.Due.IsZero() && t.Due.Before(today) {
		return 0, fault.New(fault.Conflict, "programme.task.over", fault.Args{"due": t.Due})
	}
	if f := s.missing(set.Agencies); f != nil {
		return 0, f.At("codes")
	}
	if len(set.On(s.Country(), today)) == 0 {
		return 0, fault.New(fault.Invalid, "programme.task.set_empty", nil).At("set")
	}
	renewed := 0
	if !slices.ContainsFunc(t.Sets, func(a Assigned) bool { return a.To.IsZero() && a.same(set) }) {
		t.Sets = append(slices.Clone(t.Sets), Assigned{Set: set, From: today})
		if renewed, err = s.apply(ctx, who, []Doc{taskDoc(&t, version+1)}, []string{t.ID}, func(u *UnitTask, last *Event) (Change, bool) {
			return t.settle(s.Country(), u, last, today)
		}); err != nil {
			return 0, err
		}
	}
	given, err := s.give(ctx, who, &t)
	return renewed + given, err
}

// missing tells of a code that no agency of today has: who typed it wrong would believe that
// it has the task.
func (s *Service) missing(codes []string) *fault.Error {
	for _, code := range codes {
		if _, ok := s.Country().Agency(code, s.Today()); !ok {
			return fault.New(fault.Invalid, "programme.task.agency", fault.Args{"code": code, "day": s.Today()})
		}
	}
	return nil
}

// give makes the unit tasks that a task asks for today and that nobody has yet.
func (s *Service) give(ctx context.Context, by actor.Actor, t *Task) (int, error) {
	now := s.Clock.Now()
	today := clock.DayOf(now)
	p, ok := t.PeriodOn(today)
	if !ok {
		return 0, nil
	}
	given, err := s.Store.Given(ctx, t.ID, p.Name)
	if err != nil {
		return 0, err
	}
	has := map[string]bool{}
	for _, code := range given {
		has[code] = true
	}
	var list []UnitTask
	for _, set := range t.Sets {
		if !set.Holds(today) {
			continue
		}
		for _, a := range set.On(s.Country(), today) {
			if has[a.Code] {
				continue
			}
			own, err := Heritage(s.geography(clock.Date{}), s.Lineage(ctx), a.Code)
			if err != nil {
				return 0, err
			}
			if slices.ContainsFunc(own, func(code string) bool { return has[code] }) { // inherited
				continue
			}
			origin, err := Origin(s.Country(), s.Lineage(ctx), a.Code, today)
			if err != nil {
				return 0, err
			}
			has[a.Code] = true
			u := Give(t, p, a.Code, LevelOf(a.Kind()), origin)
			u.ID = s.NewID()
			u.From = latest(u.From, set.From)
			list = append(list, u)
		}
	}
	if len(list) == 0 {
		return 0, nil
	}
	defer s.changed()
	return s.Store.Give(ctx, list, by, now)
}

// OpenPeriods gives what tasks that come again, and agencies that are new, ask for today, and
// withdraws what assignments that are over have left open.
// It is done once a day; twice changes nothing.
func (s *Service) OpenPeriods(ctx context.Context, by actor.Actor) (int, error) {
	b, err := s.book(ctx, clock.Date{})
	if err != nil {
		return 0, err
	}
	if err := s.endSets(ctx, by, b); err != nil {
		return 0, err
	}
	n := 0
	for i := range b.Tasks {
		t := &b.Tasks[i]
		if t.Every.Ends() && !t.Due.IsZero() && t.Due.Before(s.Today()) {
			continue
		}
		added, err := s.give(ctx, by, t)
		if err != nil {
			return n, err
		}
		n += added
	}
	return n, nil
}
