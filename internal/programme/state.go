package programme

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// State is where a unit task is.
type State string

// The states.
const (
	Given     State = "given"     // the agency has it and has said nothing yet
	Doing     State = "doing"     // in hand
	Blocked   State = "blocked"   // cannot go on, for a reason that is written down
	Reported  State = "reported"  // the agency says that it is done; nobody has accepted it yet
	Done      State = "done"      // accepted by another person
	Withdrawn State = "withdrawn" // not asked for any more
)

// States lists the states.
var States = []State{Given, Doing, Blocked, Reported, Done, Withdrawn}

// Open says that the agency still owes it.
func (s State) Open() bool { return s == Given || s == Doing || s == Blocked }

// Act is something that is done to a unit task.
type Act string

// The acts.
const (
	Assign   Act = "assign"
	Start    Act = "start"
	Progress Act = "progress" // how far it is, with evidence
	Block    Act = "block"
	Resume   Act = "resume"
	Report   Act = "report" // as done
	Recall   Act = "recall" // a report that was too early
	Accept   Act = "accept"
	SendBack Act = "send_back"
	Reopen   Act = "reopen"
	AskTime  Act = "ask_time" // a later due date
	Grant    Act = "grant"
	Refuse   Act = "refuse"
	Withdraw Act = "withdraw"
	Restore  Act = "restore"
	// What follows of the task: nobody does it to one unit task.
	End    Act = "end"   // it is withdrawn, or no assignment has the agency any more
	Renew  Act = "renew" // it is asked for again, and is as it was
	Redate Act = "redate"
)

// Side is who does an act.
type Side string

// The sides.
const (
	OfAgency Side = "agency" // who has the task
	OfCentre Side = "centre" // who gave it, and looks whether it was done
	OfTask   Side = "task"   // it follows from what was done to the whole task
)

// step is a line of the table of what may follow what.
type step struct {
	act    Act
	side   Side
	from   []State
	to     State // "" stays
	reason bool  // has to be given
}

var steps = []step{
	{act: Start, side: OfAgency, from: []State{Given}, to: Doing},
	{act: Progress, side: OfAgency, from: []State{Given, Doing}, to: Doing},
	{act: Block, side: OfAgency, from: []State{Given, Doing}, to: Blocked, reason: true},
	{act: Resume, side: OfAgency, from: []State{Blocked}, to: Doing},
	{act: Report, side: OfAgency, from: []State{Given, Doing}, to: Reported},
	{act: Recall, side: OfAgency, from: []State{Reported}, to: Doing, reason: true},
	{act: AskTime, side: OfAgency, from: []State{Given, Doing, Blocked}, reason: true},
	{act: Accept, side: OfCentre, from: []State{Reported}, to: Done},
	{act: SendBack, side: OfCentre, from: []State{Reported}, to: Doing, reason: true},
	{act: Reopen, side: OfCentre, from: []State{Done}, to: Doing, reason: true},
	{act: Grant, side: OfCentre, from: []State{Given, Doing, Blocked}},
	{act: Refuse, side: OfCentre, from: []State{Given, Doing, Blocked}, reason: true},
	{act: Withdraw, side: OfCentre, from: []State{Given, Doing, Blocked, Reported}, to: Withdrawn, reason: true},
	{act: Restore, side: OfCentre, from: []State{Withdrawn}, to: Given, reason: true},
	{act: End, side: OfTask, from: []State{Given, Doing, Blocked}, to: Withdrawn, reason: true},
	{act: Renew, side: OfTask, from: []State{Withdrawn}},
	{act: Redate, side: OfTask, from: []State{Given, Doing, Blocked}},
}

func stepOf(a Act) (step, bool) {
	i := slices.IndexFunc(steps, func(s step) bool { return s.act == a })
	if i < 0 {
		return step{}, false
	}
	return steps[i], true
}

// SideOf says who does an act.
func SideOf(a Act) Side {
	s, _ := stepOf(a)
	return s.side
}

// NeedsReason says that an act is done only with a reason.
func NeedsReason(a Act) bool {
	s, _ := stepOf(a)
	return s.reason
}

// UnitTask is a task as one agency has it.
type UnitTask struct {
	ID     string     `json:"id"`
	Task   string     `json:"task"`
	Agency string     `json:"agency"` // to which it was given; who answers for it now, Heirs say
	Period string     `json:"period,omitempty"`
	Level  Level      `json:"level"`
	Origin string     `json:"origin"` // the ministry, or the committee of the province; see OriginOf
	State  State      `json:"state"`
	From   clock.Date `json:"from"`
	Due    clock.Date `json:"due"`
	// Percent is how much of it the agency says is done.
	Percent int `json:"percent"`
	// DoneOn is the day on which the agency reported what then was accepted.
	DoneOn clock.Date `json:"done_on"`
	// Reporter is the account that reported it done: somebody else accepts it.
	Reporter string `json:"reporter,omitempty"`
	// Asked is the later due date that the agency asks for, and Asker the account that does.
	Asked   clock.Date `json:"asked"`
	Asker   string     `json:"asker,omitempty"`
	Version int        `json:"version"`
}

// Late says that it was done after its due date.
func (u *UnitTask) Late() bool {
	return u.State == Done && !u.Due.IsZero() && u.DoneOn.After(u.Due)
}

// EvidenceKind is what shows a progress.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidenceFile   EvidenceKind = "file"
	EvidenceFigure EvidenceKind = "figure" // a number, with what it counts
	EvidenceLink   EvidenceKind = "link"   // a page: of this program, or of a public site
)

// Evidence shows a progress.
type Evidence struct {
	Kind EvidenceKind `json:"kind"`
	Text string       `json:"text"`           // what it is
	Link string       `json:"link,omitempty"` // of a link
	Hash string       `json:"hash,omitempty"` // of a file: its SHA-256
	Size int64        `json:"size,omitempty"`
	Name string       `json:"name,omitempty"`
	// Media is the type of a file, by its content.
	Media string `json:"media,omitempty"`
}

// Change is what somebody wants to do to a unit task.
type Change struct {
	Act      Act
	Reason   string
	Percent  int
	Due      clock.Date // that is asked for, or that the task has now
	Evidence []Evidence
	Was      State // of Renew: as it was before its end
}

// Event is what was done to a unit task. State, due date and the rest are as they were
// after it.
type Event struct {
	ID       string      `json:"id"`
	UnitTask string      `json:"unit_task"`
	Version  int         `json:"version"`
	At       time.Time   `json:"at"`
	Day      clock.Date  `json:"day"` // on which it was recorded
	Act      Act         `json:"act"`
	By       actor.Actor `json:"by"`
	Reason   string      `json:"reason,omitempty"`
	Evidence []Evidence  `json:"evidence,omitempty"`
	State    State       `json:"state"`
	Due      clock.Date  `json:"due"`
	Asked    clock.Date  `json:"asked"`
	Percent  int         `json:"percent"`
	Was      State       `json:"was,omitempty"` // of End: the state before it
}

const (
	minReason   = 5
	maxReason   = 2000
	maxEvidence = 10
)

// May lists the acts of a side that are possible now, by whoever may do them at all.
func (u *UnitTask) May(side Side) []Act {
	var out []Act
	for _, s := range steps {
		if s.side == side && slices.Contains(s.from, u.State) && u.awaits(s.act) == nil {
			out = append(out, s.act)
		}
	}
	return out
}

// awaits says why an act about a later due date is not to be done now.
func (u *UnitTask) awaits(a Act) error {
	switch {
	case a == AskTime && !u.Asked.IsZero():
		return fault.New(fault.Conflict, "programme.act.asked", fault.Args{"day": u.Asked})
	case a == AskTime && u.Due.IsZero():
		return fault.New(fault.Conflict, "programme.act.no_due", nil)
	case (a == Grant || a == Refuse) && u.Asked.IsZero():
		return fault.New(fault.Conflict, "programme.act.not_asked", nil)
	}
	return nil
}

// Do does a change at a moment and gives the unit task as it is then, with the event. It
// fails with Conflict when the state does not let it happen, with Denied when who did
// something would confirm it themselves, and with Invalid when something is missing.
func (u UnitTask) Do(by actor.Actor, c Change, at time.Time) (UnitTask, Event, error) {
	s, ok := stepOf(c.Act)
	if !ok {
		return u, Event{}, fault.New(fault.Invalid, "programme.act.unknown", nil)
	}
	if !slices.Contains(s.from, u.State) {
		return u, Event{}, fault.New(fault.Conflict, "programme.act.state", fault.Args{
			"act": string(c.Act), "state": string(u.State),
		})
	}
	if err := u.awaits(c.Act); err != nil {
		return u, Event{}, err
	}
	if err := u.second(by, c.Act); err != nil {
		return u, Event{}, err
	}
	day := clock.DayOf(at)
	if err := u.check(s, c, day).Err(); err != nil {
		return u, Event{}, err
	}
	next := u
	next.Version++
	if s.to != "" {
		next.State = s.to
	}
	next.follow(by, c, day)
	e := Event{
		UnitTask: u.ID, Version: next.Version, At: at, Day: day, Act: c.Act, By: by, Reason: strings.TrimSpace(c.Reason), Evidence: c.Evidence,
		State: next.State, Due: next.Due, Asked: next.Asked, Percent: next.Percent,
	}
	if c.Act == End {
		e.Was = u.State
	}
	return next, e, nil
}

// second refuses who would accept what they reported, or grant what they asked for.
func (u *UnitTask) second(by actor.Actor, a Act) error {
	if (a == Accept && by.Is(u.Reporter)) || (a == Grant && by.Is(u.Asker)) {
		return fault.New(fault.Denied, "programme.denied.alone", nil)
	}
	return nil
}

// follow sets what an act sets beside the state.
func (u *UnitTask) follow(by actor.Actor, c Change, day clock.Date) {
	switch c.Act {
	case Progress:
		u.Percent = c.Percent
	case Report:
		u.Percent, u.DoneOn, u.Reporter, u.Asked, u.Asker = 100, day, by.Account, clock.Date{}, ""
	case Recall, SendBack, Reopen:
		u.Percent, u.DoneOn, u.Reporter = min(u.Percent, 90), clock.Date{}, ""
	case AskTime:
		u.Asked, u.Asker = c.Due, by.Account
	case Grant:
		u.Due, u.Asked, u.Asker = u.Asked, clock.Date{}, ""
	case Refuse, Withdraw:
		u.Asked, u.Asker = clock.Date{}, ""
	case Restore:
		u.Percent, u.DoneOn, u.Reporter = 0, clock.Date{}, ""
	case Renew:
		if u.State, u.Due = Given, c.Due; c.Was.Open() {
			u.State = c.Was
		}
	case Redate:
		if u.Due = c.Due; u.Due.IsZero() || !u.Asked.After(u.Due) { // what was asked for is given
			u.Asked, u.Asker = clock.Date{}, ""
		}
	}
}

// check says what is missing or wrong in a change.
func (u *UnitTask) check(s step, c Change, day clock.Date) fault.List {
	var out fault.List
	bad := func(field, key string, args fault.Args) {
		out = append(out, fault.New(fault.Invalid, "programme.act."+key, args).At(field))
	}
	if wrong := fault.As(checkReason(c.Reason, s.reason)); wrong != nil {
		out = append(out, wrong)
	}
	switch s.act {
	case Progress:
		if c.Percent < 0 || c.Percent > 99 { // the whole is reported
			bad("percent", "percent", nil)
		}
	case Report:
		if len(c.Evidence) == 0 {
			bad("evidence", "evidence", nil)
		}
	case AskTime:
		if !c.Due.After(u.Due) || !c.Due.After(day) {
			bad("due", "later", fault.Args{"due": u.Due})
		} else if c.Due.After(latest(u.Due, day).AddDays(maxExtension)) {
			bad("due", "too_late", fault.Args{"days": maxExtension})
		}
	}
	if len(c.Evidence) > maxEvidence {
		bad("evidence", "evidence_many", fault.Args{"max": maxEvidence})
	}
	for _, e := range c.Evidence {
		if err := e.check(); err != nil {
			out = append(out, err)
		}
	}
	return out
}

// checkReason says what is wrong with a reason.
func checkReason(text string, needed bool) error {
	bad := func(key string, args fault.Args) error {
		return fault.New(fault.Invalid, "programme.act."+key, args).At("reason")
	}
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case needed && n < minReason:
		return bad("reason", fault.Args{"min": minReason})
	case n > maxReason:
		return bad("reason_long", fault.Args{"max": maxReason})
	case !plain(text):
		return bad("signs", nil)
	}
	return nil
}

// maxExtension is how many days a due date is moved at most at a time: two years.
const maxExtension = 731

func latest(a, b clock.Date) clock.Date {
	if a.After(b) {
		return a
	}
	return b
}

func (e Evidence) check() *fault.Error {
	at := "evidence" // a file; a figure and a link have fields of their own
	if e.Kind == EvidenceFigure || e.Kind == EvidenceLink {
		at = string(e.Kind)
	}
	bad := func(key string) *fault.Error {
		return fault.New(fault.Invalid, "programme.act."+key, nil).At(at)
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(e.Text)); n < 3 || n > maxTitle || !plain(e.Text) {
		return bad("evidence_text")
	}
	switch e.Kind {
	case EvidenceFigure:
		return nil
	case EvidenceFile:
		if len(e.Hash) != 64 || e.Name == "" {
			return bad("evidence_file")
		}
		return nil
	case EvidenceLink:
		if !goodLink(e.Link) {
			return bad("evidence_link")
		}
		return nil
	}
	return bad("evidence_kind")
}

// goodLink lets a path of this program through, or an address of a public site.
func goodLink(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > 500 || !plain(s) || strings.ContainsAny(s, "\\ \n\t") || u.User != nil {
		return false
	}
	if u.Scheme == "" {
		return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//")
	}
	return u.Scheme == "https" && u.Host != ""
}

// Give makes the unit task of an agency.
func Give(t *Task, p Period, agency string, level Level, origin string) UnitTask {
	return UnitTask{
		Task: t.ID, Agency: agency, Period: p.Name, Level: level, Origin: origin, State: Given, From: p.From, Due: p.To, Version: 1,
	}
}
