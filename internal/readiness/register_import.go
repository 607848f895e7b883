package readiness

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

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
	for group := range groups(r.readAll(ctx, c, t, files), commitEvery) {
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
	agency   Agency // zero when it is not sure
	fault    *fault.Error
	err      error // ours, not the file's
}

// readAll reads files on every processor and yields them in their order.
func (r *Register) readAll(ctx context.Context, c Campaign, t *Template, files func(yield func(File) bool)) <-chan incoming {
	type slot chan incoming
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
				s <- r.read(ctx, c, t, f)
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

// groups gathers what is ready, at most n at once and never waiting for more
// than a moment, so that progress is seen.
func groups(in <-chan incoming, n int) func(yield func([]incoming) bool) {
	return func(yield func([]incoming) bool) {
		for first := range in {
			group := []incoming{first}
			wait := time.After(100 * time.Millisecond)
		gather:
			for len(group) < n {
				select {
				case next, ok := <-in:
					if !ok {
						break gather
					}
					group = append(group, next)
				case <-wait:
					break gather
				}
			}
			if !yield(group) {
				return
			}
		}
	}
}

// read turns a file into a return, as far as that goes without the register.
func (r *Register) read(ctx context.Context, c Campaign, t *Template, f File) (in incoming) {
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
	reader := r.word
	if strings.EqualFold(filepath.Ext(f.Name), ".xlsx") {
		reader = r.excel
	}
	var err error
	in.ret, in.problems, err = reader.Read(t, f.Name, bytes.NewReader(f.Content), int64(len(f.Content)))
	if err != nil {
		if in.fault = fault.As(err); in.fault == nil {
			in.err = err
		}
		return in
	}
	if from := in.ret.Campaign; from != "" && from != c.ID {
		in.problems = append(in.problems, Problem{
			Severity: Reviews, Reason: otherCampaign, Text: from, Args: map[string]any{"campaign": from, "this": c.ID},
		})
	}
	in.ret.Campaign, in.ret.Template = c.ID, t.Ref()
	in.agency, in.problems = r.identify(c, in.ret, f.Name, in.problems)
	in.ret.Agency = in.agency.Code
	kind := in.agency.Kind
	if kind == "" {
		kind = Province
	}
	in.problems = union(union(in.problems, Check(t, in.ret, kind)), r.sense.Check(t, in.ret, kind, c.Issued))
	return in
}

// Why a file is held back until a person decides, besides an agency that is not
// known: a decision to take it in settles these.
const (
	agencyUnknown   = "readiness.problem.agency_unknown"
	agencyAmbiguous = "readiness.problem.agency_ambiguous"
	agencyMissing   = "readiness.problem.agency_missing"
	agencyDiffers   = "readiness.problem.agency_differs"
	otherCampaign   = "readiness.problem.other_campaign"
	secondReturn    = "readiness.problem.second_return"
	cameBack        = "readiness.problem.came_back"
	draftOpen       = "readiness.problem.draft_open"
)

func holdsBack(p Problem) bool {
	return p.Row == "" && slices.Contains(
		[]string{agencyUnknown, agencyAmbiguous, agencyMissing, agencyDiffers, otherCampaign, secondReturn, cameBack, draftOpen},
		p.Reason,
	)
}

// identify finds the agency that a return is from: the code that the form
// carries, else its heading; a person decides when they name two. The file's
// name and the focal point's organisation only help to decide.
func (r *Register) identify(c Campaign, ret Return, file string, problems []Problem) (Agency, []Problem) {
	found, sure := r.agencies.Find(ret.Heading, c.Recipients.On)
	if ret.Agency != "" {
		if a, ok := r.agencies.Agency(ret.Agency, c.Recipients.On); ok {
			// A city that is a district may bear the name of its province.
			if local := a.Kind == District || a.Kind == Commune; !local && sure && len(found) > 0 && found[0].Code != a.Code {
				return Agency{}, append(problems, Problem{
					Severity: Reviews, Text: ret.Heading, Reason: agencyDiffers,
					Args: map[string]any{"form": a.Name, "heading": found[0].Name},
				})
			}
			return a, problems
		}
	}
	if sure && len(found) > 0 {
		return found[0], problems
	}
	p := Problem{Severity: Reviews, Text: ret.Heading, Reason: agencyUnknown}
	if ret.Agency != "" {
		p.Text = ret.Agency
	}
	if len(found) > 0 {
		p.Reason = agencyAmbiguous
		names := make([]string, len(found))
		for i, a := range found {
			names[i] = a.Name
		}
		p.Args = map[string]any{"names": strings.Join(names, ", ")}
	}
	if p.Text == "" {
		p.Reason = agencyMissing
		p.Text = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	return Agency{}, append(problems, p)
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
	if in.fault != nil {
		item.Status = ItemRejected
		item.Problems = []Problem{{Severity: Rejects, Reason: in.fault.Key, Args: in.fault.Args}}
		return item, tx.SaveBatchItem(ctx, item, act)
	}
	if in.agency.Code == "" {
		item.Status, item.Held, item.IsHeld = ItemNeedsReview, &in.ret, true
		return item, tx.SaveBatchItem(ctx, item, act)
	}
	hold := func(p Problem) (BatchItem, error) {
		item.Status, item.Held, item.IsHeld = ItemNeedsReview, &in.ret, true
		item.Problems = append(item.Problems, p)
		return item, tx.SaveBatchItem(ctx, item, act)
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
		item.Status, item.Held, item.IsHeld = ItemNeedsReview, &in.ret, true
		return item, tx.SaveBatchItem(ctx, item, act)
	}
	v := View{Campaign: c, Template: t, Agency: in.agency, Record: was}
	return r.putIn(ctx, tx, who, v, item, in.ret, act)
}

// putIn puts a return in: accepted when nothing is left for a person to
// decide, submitted otherwise.
func (r *Register) putIn(ctx context.Context, tx Tx, who actor.Actor, v View, item BatchItem, ret Return, act Act) (BatchItem, error) {
	now, err := v.Record.Submit(ret, channelOf(item.File.Name), who.Account, act.At)
	if err != nil {
		return item, err
	}
	version := &now.Versions[len(now.Versions)-1]
	version.File, version.Problems = item.File, item.Problems
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

func channelOf(file string) Channel {
	if strings.EqualFold(filepath.Ext(file), ".xlsx") {
		return ByExcel
	}
	return ByWord
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
	switch d {
	case Discard:
	case TakeIn:
		if v, err = r.view(ctx, item.Campaign, agency); err != nil {
			return item, err
		}
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
		return r.settle(ctx, tx, who, v, item, act)
	})
	if err != nil {
		return item, err
	}
	return r.store.BatchItem(ctx, id)
}

func (r *Register) settle(ctx context.Context, tx Tx, who actor.Actor, v View, item BatchItem, act Act) error {
	was, err := tx.Record(ctx, v.Campaign.ID, v.Agency.Code)
	if err != nil {
		return err
	}
	ret := item.Held.Clone()
	ret.Agency = v.Agency.Code
	// What was held back for its agency or for a return that is there is decided now.
	var problems []Problem
	for _, p := range r.stillOpen(v, ret, item.Problems, nil) {
		if !holdsBack(p) {
			problems = append(problems, p)
		}
	}
	var now Record
	if _, ok := was.Latest(); ok && was.State() != Withdrawn && was.State() != SentBack {
		now, err = was.Replace(ret, channelOf(item.File.Name), who.Account, act.At, "import")
	} else {
		now, err = was.Submit(ret, channelOf(item.File.Name), who.Account, act.At)
	}
	if err != nil {
		return err
	}
	version := &now.Versions[len(now.Versions)-1]
	version.File, version.Problems = item.File, problems
	if !waits(problems) {
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
	item.Status = ItemAccepted
	if waits(problems) {
		item.Status = ItemNeedsReview
	}
	return tx.SaveBatchItem(ctx, item, act)
}
