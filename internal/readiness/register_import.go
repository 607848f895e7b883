package readiness

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// commitEvery is how many files share a transaction: each return still goes in
// whole or not at all, and the disk is asked to flush less often.
const commitEvery = 32

// Import takes in files as one batch: reads each, finds its agency, and puts in
// what is sure. What is not waits for a person, what cannot be read is refused
// with its reason; every file is kept. Done is called after each file, in the
// order of the files, once its result is stored.
//
// It fails only when the campaign does not exist, the actor may not import, or
// the store is away; what was stored by then stays, and importing the same
// files again goes on from there.
func (r *Register) Import(
	ctx context.Context, who actor.Actor, batch Batch, files func(yield func(File) bool), done func(BatchItem),
) (Batch, error) {
	if err := Can(who, ImportReturn, ""); err != nil {
		return batch, err
	}
	c, err := r.store.Campaign(ctx, batch.Campaign)
	if err != nil {
		return batch, err
	}
	if err := c.Live(); err != nil {
		return batch, err
	}
	t, err := r.store.Template(ctx, c.Template)
	if err != nil {
		return batch, err
	}
	if batch.ID == "" {
		batch.ID, batch.By, batch.At = r.newID(), who.Account, r.clock.Now()
	}
	if err := r.store.InTx(ctx, func(tx Tx) error { return tx.SaveBatch(ctx, batch) }); err != nil {
		return batch, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for group := range groups(whole(r.readAll(ctx, c, t, files)), commitEvery) {
		if err := ctx.Err(); err != nil {
			return batch, err
		}
		items, err := r.takeGroup(ctx, who, c, t, batch, group)
		if err != nil {
			return batch, err
		}
		batch.Done += len(items)
		batch.Total = max(batch.Total, batch.Done)
		for _, i := range items {
			done(i)
		}
	}
	if err := ctx.Err(); err != nil {
		return batch, err
	}
	batch.Finished, batch.Total = r.clock.Now(), batch.Done
	return batch, r.store.InTx(ctx, func(tx Tx) error { return tx.SaveBatch(ctx, batch) })
}

// takeGroup stores some files and their results in one transaction. When
// somebody else was quicker with one of the returns it is tried again on what
// they left.
func (r *Register) takeGroup(
	ctx context.Context, who actor.Actor, c Campaign, t *Template, batch Batch, group []incoming,
) (items []BatchItem, err error) {
	for try := 0; ; try++ {
		err = r.store.InTx(ctx, func(tx Tx) error {
			items = items[:0]
			for _, in := range group {
				item, err := r.takeIn(ctx, tx, who, c, t, batch, in)
				if err != nil {
					return err
				}
				items = append(items, item)
			}
			batch := batch
			batch.Done += len(items)
			batch.Total = max(batch.Total, batch.Done)
			return tx.SaveBatch(ctx, batch)
		})
		if !changedMeanwhile(err) || try == maxTries {
			return items, err
		}
	}
}

// incoming is a file that has been read.
type incoming struct {
	file     File
	sha256   string
	ret      Return
	problems []Problem
	channel  Channel
	agency   Agency // zero when it is not sure
	packed   []byte // return and problems, while others are read
	fault    *fault.Error
	err      error // ours, not the file's
}

// readAll reads files on every processor and yields them in their order.
func (r *Register) readAll(ctx context.Context, c Campaign, t *Template, files func(yield func(File) bool)) <-chan incoming {
	type slot chan incoming
	among := localsOf(r.agencies, c)
	slots := make(chan slot, 2*runtime.GOMAXPROCS(0))
	out := make(chan incoming)
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	go func() {
		defer close(slots)
		for f := range files {
			s := make(slot, 1)
			select {
			case slots <- s:
			case <-ctx.Done():
				return
			}
			limit <- struct{}{}
			go func() {
				s <- r.read(ctx, c, t, among, f)
				<-limit
			}()
		}
	}()
	go func() {
		defer close(out)
		for s := range slots {
			select {
			case out <- <-s:
			case <-ctx.Done():
				for range slots { // let the reader of files end
				}
				return
			}
		}
	}()
	return out
}

// groups gathers n at once.
func groups(in func(yield func(incoming) bool), n int) func(yield func([]incoming) bool) {
	return func(yield func([]incoming) bool) {
		var group []incoming
		for one := range in {
			if group = append(group, one); len(group) == n {
				if !yield(group) {
					return
				}
				group = nil
			}
		}
		if len(group) > 0 {
			yield(group)
		}
	}
}

// read turns a file into a return, as far as that goes without the register.
func (r *Register) read(ctx context.Context, c Campaign, t *Template, among *locals, f File) (in incoming) {
	in = incoming{file: f, fault: f.Fault}
	if f.Content != nil || in.fault == nil {
		if in.sha256, in.err = r.papers.Put(ctx, f.Content); in.err != nil {
			return in
		}
	}
	if in.fault != nil {
		return in
	}
	defer func() {
		// One file must not stop those beside it, whatever a reader makes of it.
		if p := recover(); p != nil {
			in.fault = fault.New(fault.Invalid, "readiness.intake.unreadable", fault.Args{"file": f.Name}).Because(fmt.Errorf("panic: %v", p))
		}
	}()
	in.channel = kindOf(f.Name, f.Content)
	var err error
	in.ret, in.problems, err = r.readerOf(f).Read(t, f.Name, bytes.NewReader(f.Content), int64(len(f.Content)))
	if err != nil {
		if in.fault = fault.As(err); in.fault == nil {
			in.err = err
		}
		return in
	}
	o := whoseAmong(r.agencies, among, c.Recipients.On, in.ret, f.Name)
	in.agency = o.Agency
	in.problems = append(in.problems, o.problems...)
	in.problems = append(in.problems, answers(c, in.ret)...)
	in.ret.Campaign, in.ret.Agency, in.ret.Template, in.ret.Seen = c.ID, in.agency.Code, t.Ref(), Evidence{}
	kind := in.agency.Kind
	if kind == "" {
		kind = Province
	}
	in.problems = union(union(in.problems, Check(t, in.ret, kind)), r.sense.Check(t, in.ret, kind, c.Issued))
	return in
}

// takeIn stores one file and its result.
func (r *Register) takeIn(
	ctx context.Context, tx Tx, who actor.Actor, c Campaign, t *Template, batch Batch, in incoming,
) (BatchItem, error) {
	if in.err != nil {
		return BatchItem{}, in.err
	}
	item := BatchItem{
		ID: r.newID(), Batch: batch.ID, Campaign: c.ID, At: r.clock.Now(), Agency: in.agency.Code, Problems: in.problems,
		File: FileRef{Name: in.file.Name, SHA256: in.sha256, Size: in.file.Size},
	}
	act := r.act(who, ImportReturn, nil)
	if in.sha256 != "" {
		came, err := arrival(ctx, tx, item.At)
		if err != nil {
			return item, err
		}
		item.Arrival = came.Number
	}
	if in.agency.Code == "" {
		item.Suggests = r.suggested(c, in.ret, in.file.Name)
	}
	if in.fault != nil {
		item.Status = ItemRejected
		item.Problems = []Problem{{Severity: Rejects, Reason: in.fault.Key, Args: in.fault.Args}}
		return saveWaiting(ctx, tx, item, act)
	}
	hold := func(p ...Problem) (BatchItem, error) {
		item.Status, item.Held, item.IsHeld = ItemNeedsReview, &in.ret, true
		item.Problems = append(item.Problems, p...)
		return saveWaiting(ctx, tx, item, act)
	}
	if in.agency.Code == "" {
		return hold()
	}
	if !c.Recipients.Has(in.agency.Code) {
		item.Problems = append(item.Problems, Problem{Severity: Notes, Text: in.agency.Name, Reason: "readiness.problem.not_recipient"})
	}
	was, err := tx.Record(ctx, c.ID, in.agency.Code)
	if err != nil {
		return item, err
	}
	last, some := was.Latest()
	there := some && was.State() != Withdrawn && was.State() != SentBack
	version := map[string]any{"version": last.Number, "date": clock.DayOf(last.At)}
	switch again := some && last.File.SHA256 == in.sha256; {
	case there && again: // the same paper once more changes nothing
		item.Status, item.Version, item.Resolution = ItemAccepted, last.Number, "imported"
		if was.State() != Accepted {
			item.Status = ItemNeedsReview
		}
		item.Problems = append(item.Problems, Problem{Severity: Notes, Reason: "readiness.problem.same_again", Text: in.file.Name, Args: version})
		return item, tx.SaveBatchItem(ctx, item, act)
	case there:
		return hold(Problem{Severity: Reviews, Reason: secondReturn, Text: in.agency.Name, Args: version})
	case again: // what was sent back or withdrawn does not come in again by itself
		return hold(Problem{Severity: Reviews, Reason: cameBack, Text: in.agency.Name, Args: version})
	case was.Draft != nil: // the agency would lose what it is writing
		return hold(Problem{
			Severity: Reviews, Reason: draftOpen, Text: in.agency.Name, Args: map[string]any{"date": clock.DayOf(was.Draft.SavedAt)},
		})
	case slices.ContainsFunc(item.Problems, holdsBack):
		return hold()
	}
	v := View{Campaign: c, Template: t, Agency: in.agency, Record: was}
	return r.putIn(ctx, tx, who, v, item, in, act)
}

// saveWaiting saves a file that waits for a person. The same file handed in twice is one
// work: the second says that the first waits, and is put aside.
func saveWaiting(ctx context.Context, tx Tx, item BatchItem, act Act) (BatchItem, error) {
	first, there, err := tx.OpenItemOf(ctx, item.Campaign, item.File.SHA256)
	if err != nil {
		return item, err
	}
	if there && item.File.SHA256 != "" {
		item.Held, item.IsHeld = nil, false
		item.Resolution, item.ResolvedBy = "discarded", act.Actor.Account
		item.Problems = append(item.Problems, Problem{
			Severity: Notes, Reason: "readiness.problem.same_waits", Text: item.File.Name, Args: map[string]any{"file": first.File.Name},
		})
	}
	return item, tx.SaveBatchItem(ctx, item, act)
}

// putIn puts a return in: accepted when nothing is left for a person to
// decide, submitted otherwise.
func (r *Register) putIn(ctx context.Context, tx Tx, who actor.Actor, v View, item BatchItem, in incoming, act Act) (BatchItem, error) {
	now, err := v.Record.Submit(in.ret, in.channel, who.Account, act.At)
	if err != nil {
		return item, err
	}
	version := &now.Versions[len(now.Versions)-1]
	version.File, version.Arrival, version.Problems = item.File, item.arrival(), item.Problems
	item.Status, item.Version, item.Resolution = ItemNeedsReview, version.Number, "imported"
	if !waits(item.Problems) {
		if now, err = now.Accept(item.Problems, who.Account, act.At); err != nil {
			return item, err
		}
		item.Status = ItemAccepted
	}
	verdicts, err := r.verdicts(v, v.Record, now)
	if err != nil {
		return item, err
	}
	if err := tx.SaveRecord(ctx, v.Record, now, v.Agency, verdicts, act); err != nil {
		return item, err
	}
	return item, tx.SaveBatchItem(ctx, item, act)
}

// union adds to a list of problems those that it does not say yet.
func union(a, b []Problem) []Problem {
	for _, p := range b {
		said := func(q Problem) bool {
			return q.Row == p.Row && q.Reason == p.Reason && (q.Column == p.Column || q.Field != "" && q.Field == p.Field)
		}
		if !slices.ContainsFunc(a, said) {
			a = append(a, p)
		}
	}
	return a
}

func waits(problems []Problem) bool {
	for _, p := range problems {
		if p.Severity != Notes {
			return true
		}
	}
	return false
}

// Decision is what a person does with a file that waits.
type Decision string

// The decisions.
const (
	Discard Decision = "discard" // it stays in the list of the batch, and changes nothing
	TakeIn  Decision = "take_in" // as the return of the agency, in place of one that is there
)

// DecideItem settles a file that waits for a person. TakeIn needs an agency.
// It fails with Conflict when somebody settled it before.
func (r *Register) DecideItem(ctx context.Context, who actor.Actor, id string, d Decision, agency string) (BatchItem, error) {
	if err := Can(who, ImportReturn, agency); err != nil {
		return BatchItem{}, err
	}
	item, err := r.store.BatchItem(ctx, id)
	if err != nil {
		return item, err
	}
	var v View
	var channel Channel
	switch d {
	case Discard:
	case TakeIn:
		if item.Unread() && !item.entered() {
			return item, fault.New(fault.Conflict, "readiness.entry.none", nil).At("decision")
		}
		if v, err = r.view(ctx, item.Campaign, agency); err != nil {
			return item, err
		}
		if err := v.Campaign.Live(); err != nil {
			return item, err
		}
		_, content, err := r.paper(ctx, item.File)
		if err != nil {
			return item, err
		}
		channel = kindOf(item.File.Name, content)
	default:
		return item, fault.New(fault.Invalid, "readiness.batch.no_decision", nil).At("decision")
	}
	err = r.store.InTx(ctx, func(tx Tx) error {
		if item, err = tx.BatchItem(ctx, id); err != nil {
			return err
		}
		if !item.Open() {
			return fault.New(fault.Conflict, "readiness.batch.settled", nil)
		}
		item.ResolvedBy = who.Account
		act := r.act(who, ImportReturn, map[string]string{"decision": string(d)})
		if d == Discard {
			item.Resolution = "discarded"
			return tx.SaveBatchItem(ctx, item, act)
		}
		return r.settle(ctx, tx, who, v, item, channel, act)
	})
	if err != nil {
		return item, err
	}
	return r.store.BatchItem(ctx, id)
}

func (r *Register) settle(ctx context.Context, tx Tx, who actor.Actor, v View, item BatchItem, channel Channel, act Act) error {
	was, err := tx.Record(ctx, v.Campaign.ID, v.Agency.Code)
	if err != nil {
		return err
	}
	ret := item.Held.Clone()
	ret.Agency = v.Agency.Code
	// What was held back for its agency or for a return that is there is decided now.
	var problems []Problem
	for _, p := range r.stillOpen(v, ret, item.Problems, nil) {
		if !holdsBack(p) && !(p.Severity == Rejects && item.entered()) {
			problems = append(problems, p)
		}
	}
	if item.entered() {
		channel = ByEntry
	}
	var now Record
	if _, ok := was.Latest(); ok && was.State() != Withdrawn && was.State() != SentBack {
		now, err = was.Replace(ret, channel, who.Account, act.At, "import")
	} else {
		now, err = was.Submit(ret, channel, who.Account, act.At)
	}
	if err != nil {
		return err
	}
	version := &now.Versions[len(now.Versions)-1]
	version.File, version.Arrival, version.Problems = item.File, item.arrival(), problems
	// What one person typed another looks at beside the paper before it counts.
	accepted := !waits(problems) && !item.entered()
	if accepted {
		if now, err = now.Accept(problems, who.Account, act.At); err != nil {
			return err
		}
	}
	verdicts, err := r.verdicts(v, was, now)
	if err != nil {
		return err
	}
	if err := tx.SaveRecord(ctx, was, now, v.Agency, verdicts, act); err != nil {
		return err
	}
	item.Agency, item.Version, item.Resolution = v.Agency.Code, version.Number, "imported"
	item.Status = ItemNeedsReview
	if accepted {
		item.Status = ItemAccepted
	}
	return tx.SaveBatchItem(ctx, item, act)
}
