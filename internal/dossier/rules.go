package dossier

import (
	"slices"
	"time"

	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// scene is all that the rules look at: a dossier, its package, who acts, and when.
type scene struct {
	d    Dossier
	p    *procedure.Package
	who  Who
	now  time.Time
	work Clockwork
	// units are the places of the country, by which an address is read.
	units eform.Units
	// secret makes the unguessable part of an address, newID an id.
	secret, newID func() string
}

// rule says in which statuses a verb may be, whose it is, and what else stands against it.
type rule struct {
	verb Verb
	from []Status
	// way says that it is one of the ways out of the step where the dossier is.
	way    bool
	whose  func(*scene) bool
	who    func(*scene) string // message key of who does it
	unless func(*scene) refusal
}

// refusal is a message of why not; without a key there is nothing against it.
type refusal struct {
	key     string
	args    fault.Args
	letting bool // a supervisor may let it pass
}

func no(key string, args ...any) refusal {
	r := refusal{key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if r.args == nil {
			r.args = fault.Args{}
		}
		r.args[args[i].(string)] = args[i+1]
	}
	return r
}

func named(key string) func(*scene) string { return func(*scene) string { return key } }

var (
	running = []Status{New, Received, InProcess}
	open    = []Status{New, Received, InProcess, Supplement, FeeDue}
	whole   = []Status{
		New, Received, RefusedIntake, InProcess, Supplement, FeeDue, Withdrawing, Stopped, Done, HandedOver,
	}
)

// rules is the one table of what may be done, beside the ways of the package.
var rules = []rule{
	{verb: Receive, from: []Status{New}, way: true, whose: (*scene).holds, who: (*scene).holder},
	{verb: RefuseIntake, from: []Status{New}, whose: (*scene).atDesk, who: named("dossier.who.desk")},
	{verb: AskMore, from: running, whose: (*scene).mayAsk, who: (*scene).holder, unless: (*scene).asksAgain},
	{verb: Supply, from: []Status{Supplement}, whose: (*scene).theirsOrDesk, who: named("dossier.who.applicant")},
	{verb: AskFee, from: running, whose: (*scene).holds, who: (*scene).holder, unless: (*scene).owesNothing},
	{
		verb: Pay, from: []Status{New, Received, InProcess, Supplement, FeeDue, Done}, whose: (*scene).atDesk,
		who: named("dossier.who.desk"), unless: (*scene).owesNothing,
	},
	{verb: Take, from: running, whose: (*scene).onDuty, who: (*scene).holder, unless: (*scene).hasIt},
	{verb: Assign, from: running, whose: (*scene).leads, who: named("dossier.who.leader"), unless: (*scene).nobodys},
	{verb: Propose, from: running, way: true, whose: (*scene).holds, who: (*scene).holder},
	{verb: ReturnBack, from: running, whose: (*scene).mayReturn, who: (*scene).holder, unless: (*scene).noReturn},
	{verb: Approve, from: running, way: true, whose: (*scene).holds, who: (*scene).holder, unless: (*scene).notApproved},
	{verb: Refuse, from: []Status{Received, InProcess}, whose: (*scene).leads, who: named("dossier.who.leader"), unless: (*scene).decided},
	{
		verb: Stop, from: []Status{Received, InProcess, Supplement, FeeDue}, whose: (*scene).leads,
		who: named("dossier.who.leader"), unless: (*scene).decided,
	},
	{verb: Withdraw, from: open, whose: (*scene).theirsOrDesk, who: named("dossier.who.applicant"), unless: (*scene).decided},
	{verb: AgreeBack, from: []Status{Withdrawing}, whose: (*scene).officer, who: (*scene).holder},
	{verb: Extend, from: []Status{Received, InProcess}, whose: (*scene).leads, who: named("dossier.who.leader"), unless: (*scene).extended},
	{verb: AnswerEffect, from: []Status{InProcess}, whose: (*scene).decides, who: named("dossier.who.reviewer"), unless: (*scene).unasked},
	{verb: Registered, from: []Status{InProcess}, whose: (*scene).program, who: named("dossier.who.program"), unless: (*scene).noEffect},
	{verb: EffectFailed, from: []Status{InProcess}, whose: (*scene).program, who: named("dossier.who.program"), unless: (*scene).noEffect},
	{verb: HandOver, from: []Status{Done}, way: true, whose: (*scene).atDesk, who: named("dossier.who.desk"), unless: (*scene).owes},
	{verb: GiveBack, from: whole, whose: (*scene).atDesk, who: named("dossier.who.desk"), unless: (*scene).noOriginals},
	{verb: Correct, from: []Status{Received, InProcess}, whose: (*scene).atDesk, who: named("dossier.who.desk"), unless: (*scene).decided},
	{verb: Replace, from: []Status{Done, HandedOver}, whose: (*scene).leads, who: named("dossier.who.leader"), unless: (*scene).noResult},
	{verb: Revoke, from: []Status{Done, HandedOver}, whose: (*scene).leads, who: named("dossier.who.leader"), unless: (*scene).noResult},
	{verb: Check, from: open, whose: (*scene).checks, who: (*scene).holder, unless: (*scene).noPapers},
	{verb: Note, from: whole, whose: (*scene).officer, who: named("dossier.who.officer")},
	{verb: Warned, from: []Status{Received, InProcess}, whose: (*scene).program, who: named("dossier.who.program")},
	{verb: Recounted, from: []Status{Received, InProcess, Supplement, FeeDue, Withdrawing}, whose: (*scene).program, who: named("dossier.who.program")},
	{verb: Answered, from: whole, whose: (*scene).program, who: named("dossier.who.program"), unless: (*scene).noClaim},
}

// Allow says of each verb whether somebody may do it with a dossier now, and why not.
func Allow(d Dossier, p *procedure.Package, who Who, now time.Time, work Clockwork) []Allowed {
	s := scene{d: d, p: p, who: who, now: now, work: work}
	out := make([]Allowed, 0, len(rules))
	for i := range rules {
		out = append(out, s.allow(&rules[i]))
	}
	return out
}

func (s *scene) allow(r *rule) Allowed {
	a := Allowed{Verb: r.verb, Who: r.who(s)}
	a.Theirs = Permissions.CanOwn(s.who.Actor, Deed(r.verb), r.whose(s)) == nil && (r.whose(s) || s.program())
	if a.Theirs && s.own() && !slices.Contains([]Verb{Supply, Withdraw}, r.verb) && len(s.who.Posts) > 0 && !s.program() {
		a.Theirs = false
		a.Why = "dossier.why.own_matter"
		return a
	}
	switch {
	case !a.Theirs:
		a.Why = "dossier.denied." + string(r.verb)
		if name := s.heldByOther(r); name != "" {
			a.Why, a.Args = "dossier.why.held", fault.Args{"name": name}
		}
		return a
	case !slices.Contains(r.from, s.d.Status):
		a.Why = "dossier.why.status"
		return a
	}
	if r.way {
		w, ok := s.way(r.verb)
		if !ok {
			a.Why = "dossier.why.step"
			return a
		}
		a.To = w.To
	}
	if r.unless == nil {
		return a
	}
	if n := r.unless(s); n.key != "" {
		if n.letting && s.leads() {
			a.Letting, a.Args = n.key, n.args
			return a
		}
		a.Why, a.Args = n.key, n.args
		if n.letting {
			a.Who = "dossier.who.leader"
		}
	}
	return a
}

// heldByOther says that it would be theirs if a colleague had not taken it.
func (s *scene) heldByOther(r *rule) string {
	if s.d.Holder == "" || !s.onDuty() || s.holds() || !slices.Contains(r.from, s.d.Status) {
		return ""
	}
	if row, ok := Permissions.Row(Deed(r.verb)); !ok || !s.who.Has(row.Own...) {
		return ""
	}
	t := *s
	t.d.Holder, t.d.Post = "", ""
	if !r.whose(&t) {
		return ""
	}
	return s.d.HolderName
}

func (s *scene) program() bool { return s.who.Has(Program) }

// own says that it is the actor's own dossier: they filed it or it is about them.
func (s *scene) own() bool { return Owns(s.who, s.d) }

// Owns says that a dossier is somebody's own, as its applicant or as the one for whom it was
// filed by authorisation.
// Who acts for another by a delegation has what is that one's matter, in what they may act, and
// nothing of their own.
func Owns(who Who, d Dossier) bool {
	if who.For != nil {
		return who.For.Covers(d.Procedure) && (isFor(who.For, d.For) || isFor(who.For, &d.Applicant))
	}
	mine := func(p *Party) bool {
		return p != nil && (p.Account != "" && p.Account == who.Account || p.Number != "" && p.Number == who.Number)
	}
	if d.For != nil && d.For.Ground != "" { // filed by a right that is not at hand: it is the other's alone
		return mine(d.For)
	}
	return mine(&d.Applicant) || mine(d.For)
}

// acts says that somebody acts in a position with one of some duties at an agency, for the
// commune of the dossier.
func (s *scene) acts(agency string, duties ...string) bool {
	return agency != "" && slices.ContainsFunc(s.who.Posts, func(p Post) bool {
		return p.Agency == agency && slices.Contains(duties, p.Duty) && (p.Area == "" || s.d.Area == "" || p.Area == s.d.Area)
	})
}

// The duties of positions, as org has them.
const (
	DutyDesk     = "desk"
	DutyReviewer = "reviewer"
	DutyPolice   = "police"
	DutyLeader   = "leader"
)

// onDuty says that somebody has the duty of the step where the dossier is.
func (s *scene) onDuty() bool { return s.d.Duty != "" && s.acts(s.d.Agency, s.d.Duty) }

// holds says that somebody has it, or may have it without taking it first. Who stands in
// for somebody has what they have, and what was given to the position.
func (s *scene) holds() bool {
	if !s.onDuty() {
		return false
	}
	return s.d.Holder == "" && s.d.Post == "" || s.d.Holder == s.who.Account ||
		slices.ContainsFunc(s.who.Posts, func(p Post) bool {
			return p.Duty == s.d.Duty && p.Agency == s.d.Agency && (p.ID == s.d.Post || p.Holder != "" && p.Holder == s.d.Holder)
		})
}

func (s *scene) atDesk() bool  { return s.acts(s.d.Receiving, DutyDesk) }
func (s *scene) leads() bool   { return s.acts(s.d.Competent, DutyLeader) }
func (s *scene) decides() bool { return s.acts(s.d.Competent, DutyReviewer, DutyPolice, DutyLeader) }

func (s *scene) officer() bool {
	return s.acts(s.d.Receiving, DutyDesk, DutyLeader) || s.acts(s.d.Competent, DutyDesk, DutyReviewer, DutyPolice, DutyLeader)
}
func (s *scene) theirsOrDesk() bool { return s.own() || s.atDesk() }
func (s *scene) mayAsk() bool       { return s.holds() || s.leads() }
func (s *scene) mayReturn() bool    { return s.holds() || s.stuck() && s.leads() }
func (s *scene) checks() bool       { return s.atDesk() || s.acts(s.d.Competent, DutyReviewer, DutyPolice) }

// stuck says that the register refused what was decided.
func (s *scene) stuck() bool { return s.d.Effect != nil && s.d.Effect.State == EffectRefused }

// holder is the message key of who has the step.
func (s *scene) holder() string {
	if s.d.Duty == "" {
		return "dossier.who.program"
	}
	return "dossier.who." + s.d.Duty
}

// way is the way out of the step where the dossier is, by a verb.
func (s *scene) way(v Verb) (procedure.Way, bool) {
	step, ok := s.p.Step(s.d.Step)
	if !ok {
		return procedure.Way{}, false
	}
	var view eform.View
	for _, w := range step.Next {
		if w.On != string(v) {
			continue
		}
		if w.When == nil {
			return w, true
		}
		if view == nil {
			view = ViewOf(s.p, s.d)
		}
		if w.When.Holds(view) {
			return w, true
		}
	}
	return procedure.Way{}, false
}

// ViewOf is a dossier as conditions see it.
func ViewOf(p *procedure.Package, d Dossier) eform.View {
	return p.Form.View(d.Answers, FactsOf(d))
}

// FactsOf are what is known around the form of a dossier, on the day of its filing.
func FactsOf(d Dossier) eform.Facts {
	f := eform.Facts{Case: d.Case, Channel: string(d.Channel), Today: clock.DayOf(d.SubmittedAt), More: authorised(d.For)}
	if d.Proposed != nil {
		f.More["proposed"] = "approve"
		if d.Proposed.Refuse {
			f.More["proposed"] = "refuse"
		}
	}
	return f
}

// asksAgain: a checklist is complete, so that there is one; it comes within three working
// days of reception (Nghị định 61/2018, Điều 19.4).
func (s *scene) asksAgain() refusal {
	if r := s.decided(); r.key != "" {
		return r
	}
	if len(s.d.Supplements) > 0 {
		return refusal{key: "dossier.why.second_supplement", letting: true}
	}
	from := s.d.ReceivedAt
	if from.IsZero() {
		from = s.d.SubmittedAt
	}
	until := s.work.After(from, deadline.Limit{Value: 3, Unit: deadline.WorkingDay})
	if s.now.After(until) {
		return refusal{key: "dossier.why.late_supplement", args: fault.Args{"until": until}, letting: true}
	}
	return refusal{}
}

func (s *scene) owesNothing() refusal {
	if len(Unpaid(s.d)) == 0 {
		return no("dossier.why.no_fee")
	}
	return refusal{}
}

func (s *scene) owes() refusal {
	if n := len(Unpaid(s.d)); n > 0 {
		return no("dossier.why.unpaid", "count", n)
	}
	return refusal{}
}

// Unpaid are the fees that are not settled.
func Unpaid(d Dossier) []FeeItem {
	return slices.DeleteFunc(slices.Clone(d.Fees), func(f FeeItem) bool { return !f.owed() })
}

func (f *FeeItem) owed() bool {
	return f.Exempt == "" && f.PaidAt.IsZero() && (f.Amount != 0 || f.Unknown)
}

func (s *scene) hasIt() refusal {
	switch {
	case s.d.Holder == s.who.Account:
		return no("dossier.why.has_it")
	case s.d.Holder != "" && !s.holds():
		return no("dossier.why.held", "name", s.d.HolderName)
	}
	return refusal{}
}

func (s *scene) nobodys() refusal {
	if s.d.Duty == "" {
		return no("dossier.why.step")
	}
	return refusal{}
}

func (s *scene) noReturn() refusal {
	if s.stuck() {
		return refusal{}
	}
	if _, ok := s.way(ReturnBack); !ok {
		return no("dossier.why.step")
	}
	return refusal{}
}

// notApproved: nobody decides on what they proposed themselves, nor for what is proposed
// to be refused.
func (s *scene) notApproved() refusal {
	switch p := s.d.Proposed; {
	case p == nil:
		return refusal{}
	case p.By == s.who.Account:
		return no("dossier.why.own_proposal")
	case p.Refuse:
		return no("dossier.why.refusal_proposed")
	}
	return refusal{}
}

// decided: what was approved runs on, unless the register will never record it.
func (s *scene) decided() refusal {
	if s.d.Effect != nil && !s.stuck() {
		return no("dossier.why.decided")
	}
	return refusal{}
}

// extended: once, and at least a day before the last day (Điều 19.9).
func (s *scene) extended() refusal {
	switch {
	case s.d.Extended != nil:
		return no("dossier.why.extended")
	case s.d.Due.IsZero():
		return no("dossier.why.no_clock")
	case !clock.DayOf(s.now).Before(clock.DayOf(s.d.Due)):
		return no("dossier.why.too_late", "due", s.d.Due)
	}
	return s.decided()
}

func (s *scene) unasked() refusal {
	if s.d.Effect == nil || s.d.Effect.State != EffectAsked && s.d.Effect.State != EffectRefused {
		return no("dossier.why.unasked")
	}
	return refusal{}
}

func (s *scene) noEffect() refusal {
	if s.d.Effect == nil || s.d.Effect.State == EffectDone {
		return no("dossier.why.step")
	}
	return refusal{}
}

// noClaim looks for something that the citizen said is wrong, and that the register has not
// answered.
func (s *scene) noClaim() refusal {
	if !slices.ContainsFunc(s.d.Wrongs, func(w Wrong) bool { return w.State == "" }) {
		return no("dossier.why.no_claim")
	}
	return refusal{}
}

func (s *scene) noOriginals() refusal {
	if !slices.ContainsFunc(s.d.Originals, func(o Original) bool { return o.BackAt.IsZero() }) {
		return no("dossier.why.no_originals")
	}
	return refusal{}
}

// noResult looks for a result that stands.
func (s *scene) noResult() refusal {
	if !slices.ContainsFunc(s.d.Results, func(r ResultPaper) bool { return r.Kind == PaperResult && r.Stands() }) {
		return no("dossier.why.no_result")
	}
	return refusal{}
}

func (s *scene) noPapers() refusal {
	if !slices.ContainsFunc(s.d.Papers, func(p Paper) bool { return !p.Removed }) {
		return no("dossier.why.no_papers")
	}
	return refusal{}
}
