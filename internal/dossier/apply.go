package dossier

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/deadline"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/procedure"
)

// done is what came of an act: the dossier after it, the action, the work that follows, and
// which of the papers in the dossier have still to be made.
type done struct {
	d      Dossier
	action Action
	said   Said
	work   []Work
	issued []ResultPaper // new ones: they stand in the dossier without File
}

// apply does an act. It changes nothing but the copy that it gives back, so that the store
// writes state and action together.
func (s *scene) apply(act Act) (done, error) {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.verb == act.Verb })
	if i < 0 {
		return done{}, fault.New(fault.Invalid, "dossier.act.unknown", fault.Args{"verb": string(act.Verb)})
	}
	may := s.allow(&rules[i])
	if may.Why != "" {
		kind := fault.Conflict
		if !may.Theirs {
			kind = fault.Denied
		}
		return done{}, fault.New(kind, may.Why, may.Args)
	}
	act.Said.Note = strings.TrimSpace(act.Said.Note)
	if err := act.Said.bounded(); err != nil {
		return done{}, err
	}
	if may.Letting != "" && strings.TrimSpace(act.Said.Letting) == "" {
		return done{}, fault.New(fault.Invalid, "dossier.act.letting_missing", nil).At("letting")
	}
	if may.Letting == "" {
		act.Said.Letting = ""
	}
	a := &applying{scene: s, act: act, d: s.d.clone(), said: act.Said}
	if err := a.verb(may); err != nil {
		return done{}, err
	}
	return a.finish(), nil
}

// How long what is said with an act may be: it is kept for good.
const (
	longSaid  = 2000 // characters of a reason
	shortSaid = 200  // of a name, a number
	mostLines = 100  // of a checklist, of originals
)

func (s *Said) bounded() error {
	for field, text := range map[string]string{"note": s.Note, "letting": s.Letting, "basis": s.Basis} {
		if utf8.RuneCountInString(text) > longSaid {
			return fault.New(fault.Invalid, "dossier.act.long", fault.Args{"most": longSaid}).At(field)
		}
	}
	for code, text := range s.Effect {
		if utf8.RuneCountInString(text) > longSaid {
			return fault.New(fault.Invalid, "dossier.act.long", fault.Args{"most": longSaid}).At("effect." + code)
		}
	}
	short := map[string]string{"receiver": s.Receiver, "how": s.How, "reason": s.Reason}
	if s.Fee != nil {
		short["receipt-number"] = s.Fee.Receipt
	}
	for _, o := range s.Originals {
		if utf8.RuneCountInString(o.Name) > shortSaid {
			short["originals"] = o.Name
		}
	}
	for field, text := range short {
		if utf8.RuneCountInString(text) > shortSaid {
			return fault.New(fault.Invalid, "dossier.act.long", fault.Args{"most": shortSaid}).At(field)
		}
	}
	for _, line := range s.Asked {
		if utf8.RuneCountInString(line.Note) > longSaid {
			return fault.New(fault.Invalid, "dossier.act.long", fault.Args{"most": longSaid}).At("asked")
		}
	}
	if len(s.Asked) > mostLines || len(s.Originals) > mostLines {
		return fault.New(fault.Invalid, "dossier.act.many", fault.Args{"most": mostLines}).At("asked")
	}
	return nil
}

// applying is an act on its way.
type applying struct {
	*scene
	act    Act
	d      Dossier // after it
	said   Said
	issued []ResultPaper
	work   []Work
}

// clone copies what an act changes.
func (d Dossier) clone() Dossier {
	d.Answers = maps.Clone(d.Answers)
	d.Papers, d.Originals = slices.Clone(d.Papers), slices.Clone(d.Originals)
	d.Pauses, d.Fees, d.Results = slices.Clone(d.Pauses), slices.Clone(d.Fees), slices.Clone(d.Results)
	d.Supplements, d.Wrongs = slices.Clone(d.Supplements), slices.Clone(d.Wrongs)
	if d.Extended != nil {
		d.Extended = new(*d.Extended)
	}
	if d.Effect != nil {
		d.Effect = new(*d.Effect)
		d.Effect.Answers = maps.Clone(d.Effect.Answers)
	}
	if d.Proposed != nil {
		d.Proposed = new(*d.Proposed)
	}
	if d.Decided != nil {
		d.Decided = new(*d.Decided)
	}
	return d
}

func (a *applying) verb(may Allowed) error {
	switch a.act.Verb {
	case Receive:
		return a.receive(may.To)
	case RefuseIntake:
		return a.refuse(RefusedIntake)
	case Refuse:
		return a.refuse(Stopped)
	case Stop:
		return a.stop()
	case AskMore:
		return a.askMore(may)
	case Supply:
		return a.supplied()
	case AskFee:
		return a.askFee()
	case Pay:
		return a.pay()
	case Take:
		return a.take()
	case Assign:
		return a.assign()
	case Propose:
		return a.propose(may.To)
	case ReturnBack:
		return a.returnBack()
	case Approve:
		return a.approve(may.To)
	case Withdraw:
		a.d.Status = Withdrawing
		return nil
	case AgreeBack:
		a.end(Stopped)
		return nil
	case Extend:
		return a.extend()
	case AnswerEffect:
		return a.answerEffect()
	case Registered:
		return a.registered()
	case EffectFailed:
		return a.effectFailed()
	case HandOver:
		return a.handOver(may.To)
	case GiveBack:
		return a.giveBack()
	case Correct:
		return a.correct()
	case Replace, Revoke:
		return a.redo()
	case Check:
		return a.check()
	case Note:
		return a.want(a.said.Note != "", "dossier.act.note_missing", "note")
	case Warned:
		a.d.Warned = max(a.d.Warned, a.said.Level)
		return nil
	case Recounted:
		a.recountStep()
		return a.count()
	case Answered:
		return a.answered()
	}
	return fault.New(fault.Invalid, "dossier.act.unknown", fault.Args{"verb": string(a.act.Verb)})
}

func (a *applying) want(ok bool, key, field string) error {
	if ok {
		return nil
	}
	return fault.New(fault.Invalid, key, nil).At(field)
}

// finish makes the action.
func (a *applying) finish() done {
	a.d.Version++
	a.d.ChangedAt = a.now
	a.d.Digest = DigestAnswers(a.d.Answers, a.d.Papers)
	post := a.post()
	a.said.Title = post.Title
	return done{
		d: a.d, said: a.said, work: a.work, issued: a.issued,
		action: Action{
			Dossier: a.d.ID, Seq: a.d.Version, Verb: a.act.Verb, At: a.now, By: a.who.Account, Name: a.who.Name,
			Agency: cmp.Or(post.Agency, a.who.Agency), Post: post.ID, From: a.scene.d.Status, To: a.d.Status, Step: a.d.Step, Due: a.d.Due,
		},
	}
}

// seal writes what was said into the action, with the digest of the dossier after it, and
// links it behind the one before.
func (d *done) seal(before string) error {
	said := d.said
	for _, r := range d.issued {
		i := slices.IndexFunc(d.d.Results, func(x ResultPaper) bool { return x.ID == r.ID })
		said.Issued = append(said.Issued, d.d.Results[i])
	}
	said.Digest, said.State = d.d.Digest, DigestState(d.d)
	raw, err := json.Marshal(said)
	if err != nil {
		return err
	}
	d.action.Data = raw
	d.action.link(before)
	return nil
}

// post is the position in which somebody acts: the one that has to do with the dossier.
func (a *applying) post() Post {
	for _, agency := range []string{a.scene.d.Agency, a.d.Competent, a.d.Receiving} {
		for _, p := range a.who.Posts {
			if p.Agency == agency {
				return p
			}
		}
	}
	return Post{}
}

// receivingAgency is Holder.At of a step that is held where the dossier was handed in.
const receivingAgency = "receiving"

// enter brings the dossier to a step.
func (a *applying) enter(id string) error {
	step, ok := a.p.Step(id)
	if !ok {
		return fault.New(fault.Internal, "dossier.act.no_step", fault.Args{"step": id})
	}
	d := &a.d
	d.Step, d.StepSince = id, a.now
	d.Holder, d.HolderName, d.Post, d.Duty, d.Agency = "", "", "", "", d.Competent
	if step.Holder.At == receivingAgency {
		d.Agency = d.Receiving
	}
	if !step.Holder.System {
		d.Duty = step.Holder.Duty
	}
	a.outer(Status(step.Status))
	d.StepDue = time.Time{}
	if step.Budget != nil && d.Status != Done && d.Status != HandedOver {
		d.StepDue = a.scene.work.After(a.now, *step.Budget)
	}
	if step.End {
		d.Agency, d.Duty = "", ""
	}
	return nil
}

// outer sets the outer status, with what is so in it.
func (a *applying) outer(to Status) {
	a.d.Status = to
	if to == Done || to == HandedOver {
		a.closePauses()
		a.d.Due = time.Time{}
		if a.d.DoneAt.IsZero() {
			a.d.DoneAt = a.now
		}
	}
	if to == HandedOver {
		a.d.HandedAt = a.now
	}
}

// end ends it before a decision.
func (a *applying) end(with Status) {
	a.closePauses()
	d := &a.d
	d.Status, d.DoneAt = with, a.now
	d.Due, d.StepDue = time.Time{}, time.Time{}
	d.Agency, d.Duty, d.Holder, d.HolderName, d.Post = "", "", "", "", ""
}

func (a *applying) closePauses() {
	for i := range a.d.Pauses {
		if a.d.Pauses[i].To.IsZero() {
			a.d.Pauses[i].To = a.now
		}
	}
}

// pause stops the clock, where one runs.
func (a *applying) pause(why string) error {
	if a.d.ReceivedAt.IsZero() {
		return nil
	}
	a.d.Pauses = append(a.d.Pauses, Pause{Why: why, From: a.now})
	a.d.StepDue = time.Time{}
	return a.count()
}

// resume lets it run on: back at the step where it stood.
func (a *applying) resume() error {
	step, ok := a.p.Step(a.d.Step)
	if !ok {
		return fault.New(fault.Internal, "dossier.act.no_step", fault.Args{"step": a.d.Step})
	}
	a.closePauses()
	a.d.Status = Status(step.Status)
	if step.Budget != nil {
		a.d.StepDue = a.scene.work.After(a.now, *step.Budget)
	}
	return a.count()
}

// dueOf is when a dossier is due; zero while something stops its clock, also where it was
// due before that began.
func dueOf(work Clockwork, d Dossier) (time.Time, bool, error) {
	due, provisional, err := work.Due(d)
	if slices.ContainsFunc(d.Pauses, func(p Pause) bool { return p.To.IsZero() && d.Rule.Stops(p.Why) }) {
		due = time.Time{}
	}
	return due, provisional, err
}

// count computes when it is due.
func (a *applying) count() error {
	d := &a.d
	if d.ReceivedAt.IsZero() || !d.DoneAt.IsZero() {
		d.Due = time.Time{}
		return nil
	}
	due, provisional, err := dueOf(a.scene.work, *d)
	if err != nil {
		return err
	}
	if !due.Equal(d.Due) && !due.IsZero() && due.After(d.Promised) {
		d.Warned = 0
	}
	d.Due = moment(due)
	if !due.IsZero() {
		d.Promised, d.Provisional = d.Due, provisional
	}
	return nil
}

func (a *applying) hold(account, name, post string) {
	a.d.Holder, a.d.HolderName, a.d.Post = account, name, post
}

// issue adds a paper that is to be made.
func (a *applying) issue(kind, result, number string) ResultPaper {
	r := ResultPaper{
		ID: a.newID(), Kind: kind, Result: result, Number: number, Proof: a.secret(), At: a.now, By: a.who.Account, Unsigned: true,
	}
	if kind == PaperResult && a.d.Decided != nil && a.program() {
		r.By = a.d.Decided.By
	}
	a.d.Results = append(a.d.Results, r)
	a.issued = append(a.issued, r)
	return r
}

// limit is the rule of the dossier: the first whose condition holds.
func (a *applying) limit() (deadline.Rule, bool) {
	view := ViewOf(a.p, a.d)
	for _, l := range a.p.Limits {
		if l.When == nil || l.When.Holds(view) {
			return l.Rule, true
		}
	}
	return deadline.Rule{}, false
}

// begin starts the clock of a dossier that is received.
func (a *applying) begin() error {
	a.d.ReceivedAt = a.now
	r, ok := a.limit()
	if !ok {
		return fault.New(fault.Internal, "dossier.act.no_limit", fault.Args{"procedure": a.d.Procedure})
	}
	a.d.Rule = r
	if err := a.count(); err != nil {
		return err
	}
	if !a.p.Immediate || a.said.Receipt {
		a.issue(PaperReceipt, "", a.d.Code)
	}
	return nil
}

func (a *applying) receive(to string) error {
	if err := a.takeOriginals(); err != nil {
		return err
	}
	if err := a.begin(); err != nil {
		return err
	}
	return a.enter(to)
}

func (a *applying) takeOriginals() error {
	for i, o := range a.said.Originals {
		o.Name = strings.TrimSpace(o.Name)
		if o.Name == "" || o.Count < 1 || o.Count > 99 {
			return fault.New(fault.Invalid, "dossier.act.original_shape", nil).At("originals")
		}
		o = Original{Name: o.Name, Count: o.Count, TakenAt: a.now, TakenBy: a.who.Account}
		a.said.Originals[i] = o
		a.d.Originals = append(a.d.Originals, o)
	}
	return nil
}

// reasons checks a list of coded reasons for a purpose: supplement, refusal, stop.
func (a *applying) reasons(purpose string) error {
	if len(a.said.Asked) == 0 {
		return fault.New(fault.Invalid, "dossier.act.reasons_missing", nil).At("asked")
	}
	for _, line := range a.said.Asked {
		if r, ok := a.p.Reason(line.Reason); !ok || len(r.For) > 0 && !slices.Contains(r.For, purpose) {
			return fault.New(fault.Invalid, "dossier.act.reason_unknown", fault.Args{"reason": line.Reason}).At("asked")
		}
		if _, ok := a.p.Paper(line.Paper); line.Paper != "" && !ok {
			return fault.New(fault.Invalid, "dossier.act.paper_unknown", fault.Args{"paper": line.Paper}).At("asked")
		}
		if line.Field != "" {
			if _, _, _, ok := a.p.Form.Find(line.Field); !ok {
				return fault.New(fault.Invalid, "dossier.act.field_unknown", fault.Args{"field": line.Field}).At("asked")
			}
		}
	}
	return nil
}

func (a *applying) refuse(with Status) error {
	if len(a.said.Asked) == 0 && a.d.Proposed != nil && a.d.Proposed.Refuse {
		a.said.Asked = a.d.Proposed.Asked
	}
	if err := a.reasons("refusal"); err != nil {
		return err
	}
	a.d.Refused = a.said.Asked
	a.end(with)
	a.issue(PaperRefusal, "", a.d.Code)
	return nil
}

func (a *applying) stop() error {
	if err := a.want(strings.TrimSpace(a.said.Basis) != "", "dossier.act.basis_missing", "basis"); err != nil {
		return err
	}
	if len(a.said.Asked) > 0 {
		if err := a.reasons("stop"); err != nil {
			return err
		}
	}
	a.end(Stopped)
	return nil
}

func (a *applying) askMore(may Allowed) error {
	if err := a.reasons("supplement"); err != nil {
		return err
	}
	for _, line := range a.said.Asked {
		if line.Paper == "" && line.Field == "" {
			return fault.New(fault.Invalid, "dossier.act.line_of_nothing", nil).At("asked")
		}
	}
	s := Supplying{At: a.now, By: a.who.Account, Asked: a.said.Asked, DueBefore: a.d.Due}
	if may.Letting != "" {
		s.Supervisor = a.who.Account
	}
	a.d.Supplements = append(a.d.Supplements, s)
	a.d.Status = Supplement
	a.issue(PaperSupplement, "", a.d.Code)
	return a.pause("supplement")
}

func (a *applying) askFee() error {
	a.d.Status = FeeDue
	return a.pause("fee")
}

// mostFee is how much a fee can be that the desk enters: more is a typing error.
const mostFee = 1_000_000_000

// pay notes what was paid at the desk, or that somebody need not pay.
func (a *applying) pay() error {
	f := a.said.Fee
	if f == nil {
		return fault.New(fault.Invalid, "dossier.act.fee_missing", nil).At("fee")
	}
	i := slices.IndexFunc(a.d.Fees, func(x FeeItem) bool { return x.ID == f.ID && x.owed() })
	if i < 0 {
		return fault.New(fault.Invalid, "dossier.act.fee_unknown", fault.Args{"fee": f.ID}).At("fee")
	}
	item := &a.d.Fees[i]
	switch {
	case f.Exempt != "":
		fee, _ := a.p.Fee(f.ID)
		if !slices.ContainsFunc(fee.Exempt, func(e procedure.Exemption) bool { return e.ID == f.Exempt }) {
			return fault.New(fault.Invalid, "dossier.act.exemption_unknown", fault.Args{"exemption": f.Exempt}).At("exempt")
		}
		item.Exempt = f.Exempt
	case item.Unknown && (f.Amount <= 0 || f.Amount > mostFee), !item.Unknown && f.Amount != 0 && f.Amount != item.Amount:
		return fault.New(fault.Invalid, "dossier.act.amount", fault.Args{"amount": item.Amount}).At("amount")
	default:
		if item.Unknown {
			item.Amount = f.Amount
		}
		item.PaidAt, item.PaidBy, item.Receipt, item.Gathered = a.now, a.who.Account, strings.TrimSpace(f.Receipt), string(AtDesk)
	}
	item.Unknown = false
	a.said.Fee = new(*item)
	if a.d.Status == FeeDue && len(Unpaid(a.d)) == 0 {
		return a.resume()
	}
	return nil
}

// take gives it to whoever takes it; where the package has a way for that, the work begins.
func (a *applying) take() error {
	if w, ok := a.way(Take); ok {
		if err := a.enter(w.To); err != nil {
			return err
		}
	}
	a.hold(a.who.Account, a.who.Name, "")
	return nil
}

func (a *applying) assign() error {
	if err := a.want(a.said.To != "", "dossier.act.whom_missing", "to"); err != nil {
		return err
	}
	a.hold(a.said.To, a.said.ToName, a.said.Post)
	return nil
}

func (a *applying) propose(to string) error {
	if a.said.Refuse {
		if err := a.reasons("refusal"); err != nil {
			return err
		}
	}
	a.d.Proposed = &Proposal{
		By: a.who.Account, Name: a.who.Name, At: a.now, Refuse: a.said.Refuse, Asked: a.said.Asked, Note: a.said.Note, Step: a.d.Step,
	}
	if err := a.fillIn(); err != nil {
		return err
	}
	if w, ok := (&scene{d: a.d, p: a.p}).way(Propose); ok {
		to = w.To // ways may hang on what is proposed
	}
	return a.enter(to)
}

// returnBack gives it back to whoever proposed it.
func (a *applying) returnBack() error {
	if err := a.want(a.said.Note != "", "dossier.act.note_missing", "note"); err != nil {
		return err
	}
	to := ""
	if w, ok := a.way(ReturnBack); ok {
		to = w.To
	} else if a.d.Proposed != nil {
		to = a.d.Proposed.Step
	}
	proposed := a.d.Proposed
	a.d.Proposed, a.d.Effect, a.d.Decided = nil, nil, nil
	if err := a.enter(to); err != nil {
		return err
	}
	if proposed != nil && proposed.Step == to {
		a.hold(proposed.By, proposed.Name, "")
	}
	return nil
}

// mostLonger is by how many days a result may be promised later: more is a typing error.
const mostLonger = 366

func (a *applying) extend() error {
	if !a.said.Until.After(clock.DayOf(a.d.Due)) || a.said.Until.After(clock.DayOf(a.d.Due).AddDays(mostLonger)) {
		return fault.New(fault.Invalid, "dossier.act.until", fault.Args{"due": clock.DayOf(a.d.Due), "days": mostLonger}).At("until")
	}
	if err := a.want(a.said.Note != "", "dossier.act.apology_missing", "note"); err != nil {
		return err
	}
	a.d.Extended = &Extension{At: a.now, Until: a.said.Until, Reason: a.said.Note, By: a.who.Account}
	if err := a.count(); err != nil {
		return err
	}
	a.d.Extended.To = a.d.Due
	return nil
}

func (a *applying) handOver(to string) error {
	a.said.Receiver = strings.TrimSpace(a.said.Receiver)
	if err := a.want(a.said.Receiver != "", "dossier.act.receiver_missing", "receiver"); err != nil {
		return err
	}
	return a.enter(to)
}

func (a *applying) giveBack() error {
	a.said.Receiver = strings.TrimSpace(a.said.Receiver)
	if err := a.want(a.said.Receiver != "", "dossier.act.receiver_missing", "receiver"); err != nil {
		return err
	}
	i := slices.IndexFunc(a.d.Originals, func(o Original) bool { return o.Name == a.said.Original && o.BackAt.IsZero() })
	if i < 0 {
		return fault.New(fault.Invalid, "dossier.act.original_unknown", fault.Args{"name": a.said.Original}).At("original")
	}
	o := &a.d.Originals[i]
	o.BackAt, o.BackBy, o.Receiver = a.now, a.who.Account, a.said.Receiver
	return nil
}

// correct mends a mistake of intake; the receipt is issued again, and the old one says so.
func (a *applying) correct() error {
	if err := a.want(a.said.Note != "", "dossier.act.note_missing", "note"); err != nil {
		return err
	}
	if err := a.mend(func(q *eform.Question) bool { return q.FilledBy == "" }); err != nil {
		return err
	}
	if err := a.takeOriginals(); err != nil {
		return err
	}
	for i := range a.d.Results {
		if old := &a.d.Results[i]; old.Kind == PaperReceipt && old.Stands() {
			fresh := a.issue(PaperReceipt, "", old.Number)
			old = &a.d.Results[i] // issue may have moved them
			old.Replaced, old.Reason = fresh.ID, a.said.Note
			break
		}
	}
	return nil
}

// check notes what an officer found at a paper.
func (a *applying) check() error {
	i := slices.IndexFunc(a.d.Papers, func(p Paper) bool {
		return p.Requirement == a.said.Requires && p.File == a.said.File && !p.Removed
	})
	if i < 0 {
		return fault.New(fault.Invalid, "dossier.act.paper_unknown", fault.Args{"paper": a.said.Requires}).At("paper")
	}
	if a.said.Check != "ok" && a.said.Check != "bad" && a.said.Check != "" {
		return fault.New(fault.Invalid, "dossier.act.check_shape", nil).At("check")
	}
	if err := a.want(a.said.Check != "bad" || a.said.Reason != "" || a.said.Note != "", "dossier.act.note_missing", "note"); err != nil {
		return err
	}
	a.d.Papers[i].Check, a.d.Papers[i].Reason = a.said.Check, a.said.Reason
	if a.said.Reason == "" {
		a.d.Papers[i].Reason = a.said.Note
	}
	return nil
}
