package approval

import (
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
)

// Same says that two accounts belong to one person. It may be nil.
type Same func(a, b string) bool

func (same Same) is(a, b string) bool {
	return a != "" && b != "" && (a == b || same != nil && same(a, b))
}

// maxReason is how long a reason may be, in characters.
const maxReason = 2000

var (
	errUnsigned = fault.New(fault.Unsigned, "approval.denied.unsigned", nil)
	errPerson   = fault.New(fault.Denied, "approval.denied.person", nil)
	errInactive = fault.New(fault.Denied, "approval.denied.inactive", nil)
	errOwn      = fault.New(fault.Denied, "approval.denied.own_request", nil)
	errGain     = fault.New(fault.Denied, "approval.denied.own_gain", nil)
	errHand     = fault.New(fault.Denied, "approval.denied.hand", nil)
	errRole     = fault.New(fault.Denied, "approval.denied.decide", nil)
	errAlone    = fault.New(fault.Denied, "approval.denied.alone", nil)
	errNotYours = fault.New(fault.Denied, "approval.denied.withdraw", nil)
	errUnknown  = fault.New(fault.NotFound, "approval.unknown", nil)
)

// StateAt is where the request stands at a moment: an open one is expired from its
// time on, whether or not somebody has written it down.
func (r Request) StateAt(now time.Time) State {
	if r.State == Open && !r.Until.IsZero() && !now.Before(r.Until) {
		return Expired
	}
	return r.State
}

// CanAsk says whether somebody may make the request. It fails with Unsigned, Denied for
// a programme and for one's own gain, and Invalid without a reason.
func CanAsk(k Kind, by actor.Actor, r Request, same Same) error {
	switch {
	case by.Nobody():
		return errUnsigned
	case by.Via == actor.Token || by.Via == actor.Exchange:
		return errPerson
	case !k.Oneself && same.is(by.Account, r.Benefits):
		return errGain
	}
	return checkReason(r.Reason)
}

func checkReason(text string) error {
	if strings.TrimSpace(text) == "" {
		return fault.New(fault.Invalid, "approval.reason.missing", nil).At("reason")
	}
	if utf8.RuneCountInString(text) > maxReason {
		return fault.New(fault.Invalid, "approval.reason.long", fault.Args{"most": maxReason}).At("reason")
	}
	return nil
}

// CanDecide says whether an account, as it is at this moment, may decide on the request.
// It fails with Denied, and with Conflict when the request is no longer open.
func CanDecide(k Kind, r Request, who Account, same Same, now time.Time) error {
	switch {
	case !who.Active:
		return errInactive
	case same.is(who.ID, r.By.Account):
		return errOwn
	case same.is(who.ID, r.Benefits):
		return errGain
	case r.Origin != "" && r.Trip.For != "" && r.Trip.For != who.ID && r.Trip.For != who.Login:
		return errRole
	case !who.Has(k.Deciders...):
		return errRole
	}
	for _, v := range r.Votes {
		if v.By.Account != who.ID && same.is(who.ID, v.By.Account) {
			return errOwn
		}
	}
	for _, hand := range k.barred(r) {
		if same.is(who.ID, hand) {
			return errHand
		}
	}
	if r.SentTo != "" {
		return fault.New(fault.Denied, "approval.denied.elsewhere", fault.Args{"node": r.SentTo})
	}
	return r.open(now)
}

// CanWithdraw says whether somebody may take the request back. It fails with Denied, and
// with Conflict when it is no longer open.
func CanWithdraw(who actor.Actor, r Request, now time.Time) error {
	if who.Nobody() {
		return errUnsigned
	}
	if who.Account != r.By.Account {
		return errNotYours
	}
	return r.open(now)
}

func (r Request) open(now time.Time) error {
	switch r.StateAt(now) {
	case Open:
		return nil
	case Expired:
		return fault.New(fault.Conflict, "approval.closed.expired", nil)
	case Taken:
		return fault.New(fault.Conflict, "approval.closed.withdrawn", nil)
	case Refused:
		return fault.New(fault.Conflict, "approval.closed.refused", fault.Args{"name": r.Decider.Name})
	default:
		return fault.New(fault.Conflict, "approval.closed.approved", fault.Args{"name": r.Decider.Name})
	}
}

// Decide is the request after an answer of one account, as it is at this moment. again says that
// they had given this very answer before, and nothing changes. It fails as CanDecide does.
func Decide(
	k Kind, r Request, by actor.Actor, who Account, to State, why string, same Same, now time.Time,
) (out Request, again bool, err error) {
	if r.said(by.Account, to) {
		return r, true, nil
	}
	if err := CanDecide(k, r, who, same, now); err != nil {
		return r, false, err
	}
	if to == Refused {
		return r.refuse(by, why, now), false, nil
	}
	return r.approve(by, now), false, nil
}

// said says that somebody has already given this very answer.
func (r Request) said(who string, to State) bool {
	switch {
	case who == "":
		return false
	case r.State == to && (to == Approved || to == Refused) && r.Decider.Account == who:
		return true
	case to == Taken:
		return r.State == Taken && r.By.Account == who
	case to == Approved && (r.State == Open || r.State == Approved):
		for _, v := range r.Votes {
			if v.By.Account == who {
				return true
			}
		}
	}
	return false
}

// approve is the request after one more approval: approved when there are enough.
func (r Request) approve(by actor.Actor, at time.Time) Request {
	votes := append([]Vote(nil), r.Votes...)
	r.Votes = append(votes, Vote{By: by, At: at})
	if len(r.Votes) >= max(1, r.Needs) {
		r.State, r.Decider, r.Decided, r.Trouble = Approved, by, at, nil
	}
	return r
}

// refuse is the request after a refusal. One is enough, however many must approve.
func (r Request) refuse(by actor.Actor, why string, at time.Time) Request {
	r.State, r.Decider, r.Decided, r.Why, r.Trouble = Refused, by, at, why, nil
	return r
}

// end is the request withdrawn or expired.
func (r Request) end(to State, at time.Time) Request {
	r.State, r.Decided, r.Trouble = to, at, nil
	return r
}

// needs is how many must approve what was asked by that way.
func needs(by actor.Actor) int {
	if by.Via == actor.Command {
		return 2
	}
	return 1
}
