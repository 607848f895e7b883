package readiness

import (
	"context"
	"io"
	"slices"
	"strings"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// Agencies finds the agencies of the country through time. AgenciesOf makes one of
// what package org knows.
type Agencies interface {
	// Find lists the agencies that a text may mean on a day, the likeliest first.
	Find(text string, on clock.Date) Finding
	// Agency gives the agency with this code as it was called on a day.
	Agency(code string, on clock.Date) (Agency, bool)
	// Of lists the agencies of these kinds on a day, by code.
	Of(kinds []string, on clock.Date) []Agency
	// Geography says what became of the agencies of one day by another.
	Geography(from, to clock.Date) Geography
}

// FormReader reads a file of one kind into a return. An error is a fault: the
// file cannot become a return.
type FormReader interface {
	Read(tpl *Template, name string, r io.ReaderAt, size int64) (Return, []Problem, error)
}

// Papers keeps the files that were taken in, by content.
type Papers interface {
	Put(ctx context.Context, content []byte) (sha256 string, err error)
	Get(ctx context.Context, file FileRef) ([]byte, error)
	Delete(ctx context.Context, file FileRef) error
}

// Register is the readiness register: what people do with campaigns and
// returns. Each method asks first whether whoever acts may do it (Permissions), and
// does its work in one transaction, with its line in the audit log.
type Register struct {
	store    Store
	agencies Agencies
	papers   Papers
	word     FormReader
	excel    FormReader
	clock    clock.Clock
	newID    func() string
	causes   Causes
	sense    *Sense
	claims   []Claim
	notify   Notify

	colleagues func(ctx context.Context, agency string) ([]Colleague, error)

	bases cache[Basis]
	sums  cache[Aggregate]

	boards    cache[Board]
	histories cache[[]Basis]
	profiles  cache[Profile]
	rounds    roundList
}

// Parts are what a register is made of.
type Parts struct {
	Store    Store
	Agencies Agencies
	Papers   Papers
	Word     FormReader
	Excel    FormReader
	Clock    clock.Clock
	NewID    func() string // makes time-ordered ids
	Causes   Causes        // how causes are told apart
	Sense    *Sense        // how answers are held against themselves; nil: they are not
	Claims   []Claim       // what was published
	Notify   Notify        // mails agencies about decisions; nil: nobody is told
	// Colleagues lists who fills in the returns of an agency; nil: whoever asks alone.
	Colleagues func(ctx context.Context, agency string) ([]Colleague, error)
}

// New makes a register.
func New(p Parts) *Register {
	return &Register{
		store: p.Store, agencies: p.Agencies, papers: p.Papers, word: p.Word, excel: p.Excel,
		clock: p.Clock, newID: p.NewID, causes: p.Causes, sense: p.Sense, claims: p.Claims, notify: p.Notify, colleagues: p.Colleagues,
	}
}

// Install puts a template into the register when it is not there yet. A stored
// template never changes: another wording is another version.
func (r *Register) Install(ctx context.Context, who actor.Actor, raw []byte) error {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return err
	}
	t, err := LoadTemplate(raw)
	if err != nil {
		return err
	}
	return r.store.InTx(ctx, func(tx Tx) error { return tx.SaveTemplate(ctx, t, raw, r.clock.Now()) })
}

// OpenCampaign sends out a letter. The recipients are fixed on its day. It
// fails with Conflict when the campaign exists, and with Invalid when it breaks
// a rule of campaigns.
func (r *Register) OpenCampaign(ctx context.Context, who actor.Actor, c Campaign) error {
	return r.openCampaign(ctx, who, c, func(Tx) error { return nil })
}

func (r *Register) openCampaign(ctx context.Context, who actor.Actor, c Campaign, then func(tx Tx) error) error {
	if err := Can(who, ManageCampaign, ""); err != nil {
		return err
	}
	if len(c.Recipients.Agencies) == 0 {
		c.Recipients = c.Recipients.Resolve(r.agencies.Of(c.Recipients.Kinds, c.Recipients.On))
	}
	if err := c.Check(); err != nil {
		return err
	}
	if err := r.usable(ctx, c.Template); err != nil {
		return err
	}
	if err := r.sameForm(ctx, c); err != nil {
		return err
	}
	recipients := make([]Agency, 0, len(c.Recipients.Agencies))
	for _, code := range c.Recipients.Agencies {
		a, ok := r.agencies.Agency(code, c.Recipients.On)
		if !ok {
			return fault.New(fault.Invalid, "readiness.campaign.unknown_recipient", fault.Args{"agency": code, "date": c.Recipients.On})
		}
		recipients = append(recipients, a)
	}
	return r.store.InTx(ctx, func(tx Tx) error {
		if err := tx.SaveCampaign(ctx, c, recipients, r.clock.Now()); err != nil {
			return err
		}
		return then(tx)
	})
}

// sameForm refuses a round that follows one on another form: nothing in the two could be
// compared or carried over, although their rows may have the same numbers.
func (r *Register) sameForm(ctx context.Context, c Campaign) error {
	if c.Previous == "" {
		return nil
	}
	before, err := r.store.Campaign(ctx, c.Previous)
	if err != nil {
		return err
	}
	if before.Form() != c.Form() {
		return fault.New(fault.Invalid, "readiness.campaign.wrong.previous_form", fault.Args{
			"number": before.Number, "form": before.Form(), "want": c.Form(),
		}).At("previous")
	}
	return nil
}

// act describes what somebody does now, for the audit log.
func (r *Register) act(who actor.Actor, action Action, details map[string]string) Act {
	return Act{Actor: who, Action: action, At: r.clock.Now(), Details: details}
}

// View is one agency's return with what is needed to show it.
type View struct {
	Campaign Campaign
	Template *Template
	Agency   Agency
	Record   Record
	Previous *Return // the last counted return of the campaign before, if any
}

// agency finds an agency for a campaign: a recipient under the name it had on
// the letter's day, or any other agency of that day.
func (r *Register) agency(c Campaign, code string) (Agency, error) {
	if a, ok := r.agencies.Agency(code, c.Recipients.On); ok {
		return a, nil
	}
	return Agency{}, fault.New(fault.NotFound, "readiness.agency.not_found", fault.Args{"agency": code})
}

// Look gives a return to somebody who may read it. The draft is there only for
// those who may read drafts, the contact masked for those who need not see it.
func (r *Register) Look(ctx context.Context, who actor.Actor, campaign, agency string) (View, error) {
	if err := Can(who, ReadReturn, agency); err != nil {
		return View{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return View{}, err
	}
	if Can(who, ReadDraft, agency) != nil {
		v.Record.Attachments, v.Record.Replies = v.Record.handedIn(), v.Record.handedInReplies()
		v.Record.Draft, v.Record.Parts, v.Record.Approvals = nil, nil, nil
	}
	if Can(who, ReadContact, agency) != nil {
		v.mask()
	}
	return v, nil
}

// mask hides what need not be seen of the focal point, wherever it stands.
func (v *View) mask() {
	if v.Previous != nil {
		v.Previous.Contact = v.Previous.Contact.Masked()
	}
	for i := range v.Record.Versions {
		version := &v.Record.Versions[i]
		version.Return.Contact = version.Return.Contact.Masked()
		for j, p := range version.Problems {
			if strings.HasPrefix(p.Field, "contact.") && p.Text != "" {
				version.Problems[j].Text, version.Problems[j].Args = "•••", map[string]any{"text": "•••"}
			}
		}
	}
}

func (r *Register) view(ctx context.Context, campaign, agency string) (View, error) {
	c, err := r.store.Campaign(ctx, campaign)
	if err != nil {
		return View{}, err
	}
	a, err := r.agency(c, agency)
	if err != nil {
		return View{}, err
	}
	t, err := r.store.Template(ctx, c.Template)
	if err != nil {
		return View{}, err
	}
	rec, err := r.store.Record(ctx, campaign, a.Code)
	if err != nil {
		return View{}, err
	}
	v := View{Campaign: c, Template: t, Agency: a, Record: rec}
	if c.Previous != "" {
		before, err := r.store.Record(ctx, c.Previous, a.Code)
		if err != nil {
			return View{}, err
		}
		if last, ok := before.Latest(); ok && before.State() != Withdrawn {
			v.Previous = &last.Return
		}
	}
	return v, nil
}

// change loads a record, applies a rule to it and stores what the rule added,
// in one transaction, with what is to go out with it. When somebody else was quicker it
// tries again on what they left, so that the rule decides, not the race.
func (r *Register) change(
	ctx context.Context, who actor.Actor, action Action, v View, f func(Record) (Record, error), then ...func(tx Tx, now Record) error,
) (Record, error) {
	var now Record
	for try := 0; ; try++ {
		err := r.store.InTx(ctx, func(tx Tx) error {
			c, err := tx.Campaign(ctx, v.Campaign.ID)
			if err == nil {
				err = c.Live()
			}
			if err != nil {
				return err
			}
			was, err := tx.Record(ctx, v.Campaign.ID, v.Agency.Code)
			if err != nil {
				return err
			}
			if now, err = f(was); err != nil {
				return err
			}
			if err := r.arrive(ctx, tx, was, now); err != nil {
				return err
			}
			verdicts, err := r.verdicts(v, was, now)
			if err != nil {
				return err
			}
			if err := tx.SaveRecord(ctx, was, now, v.Agency, verdicts, r.act(who, action, nil)); err != nil {
				return err
			}
			for _, also := range then {
				if err := also(tx, now); err != nil {
					return err
				}
			}
			return nil
		})
		if changedMeanwhile(err) && try < maxTries {
			continue
		}
		return now, err
	}
}

// maxTries bounds how often a change is tried again on what somebody else left.
const maxTries = 3

func changedMeanwhile(err error) bool {
	f := fault.As(err)
	return f != nil && f.Key == "readiness.state.changed_meanwhile"
}

// verdicts evaluates the versions that now has beyond was.
func (r *Register) verdicts(v View, was, now Record) (map[int]Verdict, error) {
	out := map[int]Verdict{}
	for _, ver := range now.Versions[len(was.Versions):] {
		verdict, err := Evaluate(v.Template.Rule(), v.Template, ver.Return, v.Agency.Kind)
		if err != nil {
			return nil, err
		}
		out[ver.Number] = verdict
	}
	return out, nil
}

// Save keeps a draft that was begun from a revision. It fails with Conflict
// when somebody saved since; the page then shows both and merges.
func (r *Register) Save(ctx context.Context, who actor.Actor, campaign, agency string, ret Return, revision int) (Record, error) {
	if err := Can(who, EditDraft, agency); err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	ret.Campaign, ret.Agency, ret.Template, ret.EnteredFrom = campaign, agency, v.Template.Ref(), ""
	return r.change(ctx, who, EditDraft, v, func(rec Record) (Record, error) {
		return r.saved(v, rec, ret, revision, who)
	})
}

// saved keeps a draft; parts that were done and have changed are not done any more.
func (r *Register) saved(v View, rec Record, ret Return, revision int, who actor.Actor) (Record, error) {
	was, _ := rec.Working()
	at := r.clock.Now()
	now, err := rec.Save(ret, revision, who.Account, at)
	if err != nil || len(rec.Parts) == 0 {
		return now, err
	}
	return now.reworked(partsChanged(v.Template, was, ret), who.Account, at), nil
}

// Submit hands in the draft of a revision. It fails with Invalid, listing
// every problem, when something that the form requires is missing or wrong.
func (r *Register) Submit(ctx context.Context, who actor.Actor, campaign, agency string, revision int) (Record, error) {
	if err := Can(who, SubmitReturn, agency); err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	var file FileRef
	if d := v.Record.Draft; d != nil && d.Revision == revision {
		if file, err = r.written(ctx, v, d.Return, ByWeb); err != nil {
			return Record{}, err
		}
	}
	return r.change(ctx, who, SubmitReturn, v, func(rec Record) (Record, error) {
		if rec.Draft == nil {
			return rec, fault.New(fault.Conflict, "readiness.draft.not_found", nil)
		}
		if rec.Draft.Revision != revision {
			return rec, fault.New(fault.Conflict, "readiness.state.saved_meanwhile", nil)
		}
		if err := ready(v, rec); err != nil {
			return rec, err
		}
		if err := r.approvedIfNeeded(ctx, v.Agency.Code, rec, ByWeb); err != nil {
			return rec, err
		}
		return r.handIn(v, rec, rec.Draft.Return, file, ByWeb, who)
	})
}

// SubmitReturn hands in a whole return at once, as the API does.
func (r *Register) SubmitReturn(
	ctx context.Context, who actor.Actor, campaign, agency string, ret Return, channel Channel,
) (Record, error) {
	if err := Can(who, SubmitReturn, agency); err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	ret.Campaign, ret.Agency, ret.Template = campaign, agency, v.Template.Ref()
	if err := r.approvedIfNeeded(ctx, v.Agency.Code, v.Record, channel); err != nil {
		return Record{}, err
	}
	file, err := r.written(ctx, v, ret, channel)
	if err != nil {
		return Record{}, err
	}
	return r.change(ctx, who, SubmitReturn, v, func(rec Record) (Record, error) {
		return r.handIn(v, rec, ret, file, channel, who)
	})
}

func (r *Register) handIn(v View, rec Record, ret Return, file FileRef, channel Channel, who actor.Actor) (Record, error) {
	ret.EnteredFrom = "" // whoever hands it in has written it
	problems := Check(v.Template, ret, v.Agency.Kind)
	if faults := Faults(problems); len(faults) > 0 {
		return rec, faults
	}
	now, err := rec.Submit(ret, channel, who.Account, r.clock.Now())
	if err != nil {
		return rec, err
	}
	version := &now.Versions[len(now.Versions)-1]
	version.File, version.Problems = file, union(problems, r.doubts(v, ret))
	return now, nil
}

// Faults are the problems that stop a return from being handed in.
func Faults(problems []Problem) fault.List {
	var out fault.List
	for _, p := range missing(problems) {
		out = append(out, fault.New(fault.Invalid, p.Reason, p.Args).At(p.Field))
	}
	return out
}

// Withdraw takes back what was submitted and not yet accepted.
func (r *Register) Withdraw(ctx context.Context, who actor.Actor, campaign, agency, reason string) (Record, error) {
	return r.decide(ctx, who, WithdrawReturn, campaign, agency, func(rec Record) (Record, error) {
		return rec.Withdraw(reason, who.Account, r.clock.Now())
	})
}

// SendBack returns a version to its agency with comments.
func (r *Register) SendBack(
	ctx context.Context, who actor.Actor, campaign, agency string, version int, comments []Comment,
) (Record, error) {
	return r.decideAndTell(ctx, who, SendBackReturn, campaign, agency, NoticeSentBack, comments, func(v View, rec Record) (Record, error) {
		if err := stillLatest(rec, version); err != nil {
			return rec, err
		}
		at := r.clock.Now()
		now, err := rec.SendBack(comments, who.Account, at)
		if err != nil {
			return now, err
		}
		var parts []string // what is commented is to be done again
		for _, c := range comments {
			parts = append(parts, TaskOf(v.Template, c.Field))
		}
		return now.reworked(parts, who.Account, at), nil
	})
}

// Accept makes a version count.
func (r *Register) Accept(ctx context.Context, who actor.Actor, campaign, agency string, version int) (Record, error) {
	return r.decideAndTell(ctx, who, AcceptReturn, campaign, agency, NoticeAccepted, nil, func(_ View, rec Record) (Record, error) {
		if err := stillLatest(rec, version); err != nil {
			return rec, err
		}
		return rec.Accept(rec.Versions[version-1].Problems, who.Account, r.clock.Now())
	})
}

// Reopen takes an acceptance back.
func (r *Register) Reopen(ctx context.Context, who actor.Actor, campaign, agency, reason string) (Record, error) {
	return r.decide(ctx, who, ReopenReturn, campaign, agency, func(rec Record) (Record, error) {
		return rec.Reopen(reason, who.Account, r.clock.Now())
	})
}

func (r *Register) decide(
	ctx context.Context, who actor.Actor, action Action, campaign, agency string, f func(Record) (Record, error),
) (Record, error) {
	if err := Can(who, action, agency); err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	return r.change(ctx, who, action, v, f)
}

// decideAndTell decides, and mails the agency about it in the same transaction.
func (r *Register) decideAndTell(
	ctx context.Context, who actor.Actor, action Action, campaign, agency string, kind NoticeKind, comments []Comment,
	f func(View, Record) (Record, error),
) (Record, error) {
	if err := Can(who, action, agency); err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	tell, err := r.notices(ctx, v, kind, comments)
	if err != nil {
		return Record{}, err
	}
	decide := func(rec Record) (Record, error) { return f(v, rec) }
	if tell == nil {
		return r.change(ctx, who, action, v, decide)
	}
	return r.change(ctx, who, action, v, decide, tell)
}

// stillLatest refuses a decision on a version that has been replaced since the
// page was shown.
func stillLatest(rec Record, version int) error {
	if version != len(rec.Versions) || version == 0 {
		return fault.New(fault.Conflict, "readiness.state.changed_meanwhile", nil)
	}
	return nil
}

// ProblemKey names a problem of a version. Rows that several systems share have the
// field too.
type ProblemKey struct{ Row, Column, Reason, Field string }

// KeyOf names a problem.
func KeyOf(p Problem) ProblemKey { return ProblemKey{p.Row, p.Column, p.Reason, p.Field} }

// Resolve stores answers that a person confirmed or corrected as a new version,
// and drops the problems that the person looked at and settled. The readings
// keep what stood on the paper, and who decided.
func (r *Register) Resolve(
	ctx context.Context, who actor.Actor, campaign, agency string, version int, edit func(Return) Return, settled []ProblemKey,
) (Record, error) {
	if err := Can(who, ResolveReading, agency); err != nil {
		return Record{}, err
	}
	v, err := r.view(ctx, campaign, agency)
	if err != nil {
		return Record{}, err
	}
	return r.change(ctx, who, ResolveReading, v, func(rec Record) (Record, error) {
		if err := stillLatest(rec, version); err != nil {
			return rec, err
		}
		last := rec.Versions[version-1]
		ret := edit(last.Return.Clone())
		now, err := rec.Replace(ret, last.Channel, who.Account, r.clock.Now(), "resolve")
		if err != nil {
			return rec, err
		}
		next := &now.Versions[len(now.Versions)-1]
		next.File, next.Arrival = last.File, last.Arrival
		next.Problems = r.stillOpen(v, ret, last.Problems, settled)
		return now, nil
	})
}

// stillOpen is what the reader found, less what is resolved by now, and what
// the check finds in the return as it is.
func (r *Register) stillOpen(v View, ret Return, found []Problem, settled []ProblemKey) []Problem {
	var left []Problem
	for _, p := range found {
		if slices.Contains(settled, KeyOf(p)) {
			continue
		}
		i := slices.IndexFunc(ret.Answers, func(a Answer) bool { return a.Row == p.Row })
		// A trace is there however sure the reading beside it is.
		if i >= 0 && !IsTrace(p) {
			reading, ok := ret.Answers[i].Readings[p.Column]
			if p.Reason == ReasonSense || ok && reading.IsSure() { // the rules say anew what still makes no sense
				continue
			}
		}
		left = append(left, p)
	}
	return union(union(left, Check(v.Template, ret, v.Agency.Kind)), r.doubts(v, ret))
}

// doubts are the places of a return where it does not make sense. They keep nobody from
// handing it in; whoever accepts it must have looked.
func (r *Register) doubts(v View, ret Return) []Problem {
	return r.sense.Check(v.Template, ret, v.Agency.Kind, v.Campaign.Issued)
}

// Doubts are the places where what an agency writes does not make sense, so that it can
// mend them before anybody asks.
func (r *Register) Doubts(who actor.Actor, v View, ret Return) ([]Problem, error) {
	if err := Can(who, EditDraft, v.Agency.Code); err != nil {
		return nil, err
	}
	return r.doubts(v, ret), nil
}
