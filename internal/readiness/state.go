package readiness

import (
	"slices"
	"time"

	"dean06/internal/platform/fault"
)

// State is where the return of one agency to one campaign stands.
type State string

// The states. A record without a version is not started, or a draft.
const (
	NotStarted State = "not_started"
	Drafted    State = "draft"
	Submitted  State = "submitted"
	SentBack   State = "sent_back"
	Accepted   State = "accepted"
	Withdrawn  State = "withdrawn"
	Replaced   State = "replaced" // of a version only: a later version was put in its place
)

// States lists the states of a record in the order in which people read them.
var States = []State{NotStarted, Drafted, Submitted, SentBack, Accepted, Withdrawn}

// Event is a step that moves a return from one state to another.
type Event string

// The events.
const (
	EventSubmit   Event = "submit"
	EventReplace  Event = "replace" // another version in place of one that is already in
	EventSendBack Event = "send_back"
	EventAccept   Event = "accept"
	EventReopen   Event = "reopen"
	EventWithdraw Event = "withdraw"
)

// transitions say what may follow on what. Saving a draft is no transition: see
// Editable.
var transitions = map[State]map[Event]State{
	NotStarted: {EventSubmit: Submitted},
	Drafted:    {EventSubmit: Submitted},
	Submitted:  {EventSendBack: SentBack, EventAccept: Accepted, EventWithdraw: Withdrawn, EventReplace: Submitted},
	SentBack:   {EventSubmit: Submitted},
	Accepted:   {EventReopen: Submitted, EventReplace: Submitted},
	Withdrawn:  {EventSubmit: Submitted},
}

// Next gives the state after an event. It fails with Conflict when the event
// cannot happen in this state.
func Next(s State, e Event) (State, error) {
	next, ok := transitions[s][e]
	if !ok {
		return s, fault.New(fault.Conflict, "readiness.state.refused."+string(e), fault.Args{"state": string(s)})
	}
	return next, nil
}

// Editable says that the agency may write a draft.
func Editable(s State) bool {
	return s == NotStarted || s == Drafted || s == SentBack || s == Withdrawn
}

// Channel says how a version came in.
type Channel string

// The channels.
const (
	ByWeb   Channel = "web"
	ByWord  Channel = "docx"
	ByExcel Channel = "xlsx"
	ByAPI   Channel = "api"
	ByEntry Channel = "entered" // by the coordinator, beside the agency's paper
)

// Record is all that is kept of one agency's return to one campaign.
type Record struct {
	Campaign string
	Agency   string
	Draft    *Draft
	Versions []Version // numbered from 1, oldest first; never removed or changed
	Steps    []Step    // oldest first; never removed or changed
	// Attachments are the files at its answers, of all versions, in the order in which they came.
	Attachments []Attachment
	// Parts say who of the agency has which part of the form; Approvals what its leader says
	// of the draft, Replies what it says to comments, the oldest first.
	Parts     []PartHolder
	Approvals []Approval
	Replies   []Reply
}

// Draft is the return while it is being written.
type Draft struct {
	Base     int // the version that it was begun from; 0: none
	Revision int // grows with each save; a save names the revision it started from
	Return   Return
	SavedAt  time.Time
	SavedBy  string // account
}

// Version is a return as it was handed in.
type Version struct {
	Number  int
	Return  Return
	Channel Channel
	At      time.Time
	By      string // account

	// Arrival is that of the paper that the version was read from, or of the version.
	Arrival Arrival
	// File is the original: the paper that the version was read from, or what was typed
	// on the web or sent by a programme, as it came. Zero in versions of before it was kept.
	File FileRef
	// Problems are what was found wrong or unsure when it was handed in.
	Problems []Problem
}

// FileRef names a file that was taken in, by its content.
type FileRef struct {
	Name   string
	SHA256 string
	Size   int64
}

// Step is one thing that happened to a version.
type Step struct {
	Version  int
	Event    Event
	At       time.Time
	By       string // account
	Reason   string // for a withdrawal, a reopening, a replacement
	Comments []Comment
}

// Comment is a reviewer's remark on one answer, or on the whole return.
type Comment struct {
	Field string `json:"field,omitempty"` // see Problem.Field; empty: the whole return
	Text  string `json:"text"`
	// Reply is what the agency says to it; it stands beside the comment, which never changes.
	Reply string `json:"-"`
}

// State is where the record stands after all its steps.
func (r Record) State() State {
	if len(r.Steps) == 0 {
		if r.Draft != nil {
			return Drafted
		}
		return NotStarted
	}
	return r.VersionState(len(r.Versions), time.Time{})
}

// VersionState is where a version stood at a moment; the zero moment is now. It
// is NotStarted when the version was not there yet.
func (r Record) VersionState(version int, at time.Time) State {
	s := NotStarted
	for _, st := range r.Steps {
		if !at.IsZero() && st.At.After(at) {
			break
		}
		if st.Version > version && s != NotStarted {
			return Replaced
		}
		if st.Version == version {
			s = after[st.Event]
		}
	}
	return s
}

// after is the state of a version after an event on it.
var after = map[Event]State{
	EventSubmit: Submitted, EventReplace: Submitted, EventSendBack: SentBack,
	EventAccept: Accepted, EventReopen: Submitted, EventWithdraw: Withdrawn,
}

// Counted is the version whose answers count in figures at a moment (zero:
// now), with the moment from which it did: the newest that was accepted and
// whose acceptance was not taken back. A later version counts only once it is
// accepted too, so that nobody leaves the figures by handing in again.
func (r Record) Counted(at time.Time) (Version, time.Time, bool) {
	accepted := map[int]time.Time{}
	for _, st := range r.Steps {
		if !at.IsZero() && st.At.After(at) {
			break
		}
		if st.Event == EventAccept {
			accepted[st.Version] = st.At
		} else {
			delete(accepted, st.Version)
		}
	}
	for _, v := range slices.Backward(r.Versions) {
		if since, ok := accepted[v.Number]; ok {
			return v, since, true
		}
	}
	return Version{}, time.Time{}, false
}

// HandedIn is when the first version came in; zero when none has.
func (r Record) HandedIn() time.Time {
	if len(r.Versions) == 0 {
		return time.Time{}
	}
	return r.Versions[0].Came()
}

// Latest is the newest version.
func (r Record) Latest() (Version, bool) {
	if len(r.Versions) == 0 {
		return Version{}, false
	}
	return r.Versions[len(r.Versions)-1], true
}

// Save puts a draft. It fails with Conflict when the return is with the
// coordinator, or when somebody saved after the revision that this one started
// from: then Merge helps.
func (r Record) Save(ret Return, revision int, by string, at time.Time) (Record, error) {
	s := r.State()
	if !Editable(s) {
		return r, fault.New(fault.Conflict, "readiness.state.not_editable", fault.Args{"state": string(s)})
	}
	d := Draft{Base: len(r.Versions), Revision: revision + 1, Return: ret, SavedAt: at, SavedBy: by}
	if r.Draft != nil {
		d.Base = r.Draft.Base
	}
	if have := r.revision(); have != revision {
		return r, fault.New(fault.Conflict, "readiness.state.saved_meanwhile", nil)
	}
	r.Draft = &d
	return r, nil
}

func (r Record) revision() int {
	if r.Draft == nil {
		return 0
	}
	return r.Draft.Revision
}

// Submit hands in a new version and closes the draft.
func (r Record) Submit(ret Return, channel Channel, by string, at time.Time) (Record, error) {
	return r.handIn(EventSubmit, ret, channel, by, at, "")
}

// Replace hands in another version in place of one that is already in. Only
// the coordinator does so, and says why.
func (r Record) Replace(ret Return, channel Channel, by string, at time.Time, reason string) (Record, error) {
	if reason == "" {
		return r, fault.New(fault.Invalid, "readiness.state.reason_needed", nil).At("reason")
	}
	return r.handIn(EventReplace, ret, channel, by, at, reason)
}

func (r Record) handIn(e Event, ret Return, channel Channel, by string, at time.Time, reason string) (Record, error) {
	if _, err := Next(r.State(), e); err != nil {
		return r, err
	}
	n := len(r.Versions) + 1
	at = r.notBefore(at)
	// Clip: the caller's slices stay as they are.
	r.Versions = append(slices.Clip(r.Versions), Version{Number: n, Return: ret, Channel: channel, At: at, By: by})
	r.Steps = append(slices.Clip(r.Steps), Step{Version: n, Event: e, At: at, By: by, Reason: reason})
	r.Draft = nil
	if channel != ByWeb && channel != ByAPI {
		r.Attachments = r.leftOut(n)
	}
	return r, nil
}

// leftOut takes out of a version that the agency did not hand in itself what it had
// attached to the one that it was writing.
func (r Record) leftOut(version int) []Attachment {
	out := slices.Clone(r.Attachments)
	for i := range out {
		if out[i].Since == version {
			out[i].Until = version
		}
	}
	return out
}

// SendBack returns the newest version to the agency with comments. It fails
// with Invalid when there is no comment: the agency must know what to change.
func (r Record) SendBack(comments []Comment, by string, at time.Time) (Record, error) {
	comments = slices.DeleteFunc(slices.Clone(comments), func(c Comment) bool { return c.Text == "" })
	if len(comments) == 0 {
		return r, fault.New(fault.Invalid, "readiness.state.comment_needed", nil).At("comments")
	}
	return r.step(Step{Event: EventSendBack, By: by, At: at, Comments: comments})
}

// Accept makes the newest version count. It fails with Conflict when the
// return still has problems that a person must decide.
func (r Record) Accept(problems []Problem, by string, at time.Time) (Record, error) {
	open := 0
	for _, p := range problems {
		if p.Severity != Notes {
			open++
		}
	}
	if open > 0 {
		return r, fault.New(fault.Conflict, "readiness.state.problems_open", fault.Args{"n": open})
	}
	return r.step(Step{Event: EventAccept, By: by, At: at})
}

// Reopen takes an acceptance back, with its reason.
func (r Record) Reopen(reason, by string, at time.Time) (Record, error) {
	if reason == "" {
		return r, fault.New(fault.Invalid, "readiness.state.reason_needed", nil).At("reason")
	}
	return r.step(Step{Event: EventReopen, By: by, At: at, Reason: reason})
}

// Withdraw takes the newest version back before it was accepted.
func (r Record) Withdraw(reason, by string, at time.Time) (Record, error) {
	return r.step(Step{Event: EventWithdraw, By: by, At: at, Reason: reason})
}

func (r Record) step(s Step) (Record, error) {
	if _, err := Next(r.State(), s.Event); err != nil {
		return r, err
	}
	s.Version, s.At = len(r.Versions), r.notBefore(s.At)
	r.Steps = append(slices.Clip(r.Steps), s)
	return r, nil
}

// notBefore keeps steps in order when two machines' clocks differ a little.
func (r Record) notBefore(at time.Time) time.Time {
	if len(r.Steps) == 0 {
		return at
	}
	return latest(at, r.Steps[len(r.Steps)-1].At)
}
