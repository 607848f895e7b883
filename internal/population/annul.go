package population

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// The way back: what should never have been registered is annulled on a legal basis (hủy
// bỏ: Luật Hộ tịch 2014 of papers of civil status, Luật Cư trú 2020, Điều 35 of residence), asked for by
// one person and decided by another. Nothing is erased: the annulment is an event that
// names others, and the state is derived without them (docs/adr/0016).

// AnnulmentRequest is what one person asks.
type AnnulmentRequest struct {
	Events []string       `json:"events"` // ids, all or none of which are annulled
	Basis  string         `json:"basis"`  // the paper that says so: number, date, issuer
	Number citizen.Number `json:"number"` // at whose page it was asked
	Digest string         `json:"digest"` // of what the one who asked saw it change
}

// MaxAnnulled is how many events one request can take away, and the bounds of its basis.
const (
	MaxAnnulled = 50
	MinBasis    = 10
	MaxBasis    = 500
)

// AnnulmentPlan is what an annulment changes.
type AnnulmentPlan struct {
	// Event is the annulment; its Parts are what is true since, for everybody concerned.
	Event    Event
	Annulled []Event // that count no longer, as they were recorded
	Again    []Event // that count again, as what took them away is annulled
	Restated []Event // from which something else follows
	// Follows are events that cannot stand without the others: while there are any, nothing
	// is asked or done. Why says which rule they would break.
	Follows []Follow
	// Unsaid is what nobody has said of the households that lose their head: who of them is
	// it, and what the others are to them. The register takes the oldest, and leaves the rest.
	Unsaid []Unsaid
	// Left are those whose own registrations still name somebody who is no longer in the register.
	Left   []Left
	Before map[citizen.Number]Person // zero for who was not in the register
	After  map[citizen.Number]Person // with Life Annulled for who is no longer
	Digest string
}

// Left is somebody who lives in the household that Gone was the head of and that nobody heads
// now (Field is FieldHousehold), or is written as married to Gone (FieldSpouse).
type Left struct {
	Gone   citizen.Number
	Field  Field
	Person Person
}

var noTime time.Time

func isFault(err error) bool {
	f := fault.As(err)
	return f != nil && f.Kind != fault.Internal
}

func errContradicts() error {
	return fault.New(fault.Conflict, "population.event.contradicts", nil).At("on")
}

// PlanAnnulment is what an annulment would change, for who asks and who decides. Everybody
// concerned is looked up by it. It fails with Denied, with Invalid for an empty request,
// NotFound for an event that is not there, and Conflict when one of them was annulled
// before or what an annulment took away cannot count again.
func (r *Register) PlanAnnulment(ctx context.Context, in Inquiry, q AnnulmentRequest) (AnnulmentPlan, error) {
	if in.Service == "" {
		in.Service = ServiceDesk
	}
	if err := r.may(ctx, in, Annul); err != nil {
		return AnnulmentPlan{}, err
	}
	plan, err := r.wouldAnnul(ctx, q)
	if err != nil {
		return plan, err
	}
	for _, list := range []map[citizen.Number]Person{plan.Before, plan.After} {
		for n, p := range list {
			one := []Person{p}
			if err := r.nameKin(ctx, one, nil); err != nil {
				return plan, err
			}
			list[n] = one[0]
		}
	}
	told := slices.Collect(maps.Keys(plan.After))
	for i := range plan.Left {
		told = append(told, plan.Left[i].Person.Number)
	}
	slices.SortFunc(told, byNumber)
	subjects := slices.Compact(told)
	return plan, r.log(ctx, in, r.Fields.All(), len(subjects), Answered, subjects)
}

// wouldAnnul works an annulment out and undoes it.
func (r *Register) wouldAnnul(ctx context.Context, q AnnulmentRequest) (AnnulmentPlan, error) {
	var plan AnnulmentPlan
	err := r.Store.InTx(ctx, func(tx Tx) (err error) {
		if plan, _, err = r.planAnnulment(ctx, tx, "-", q); err == nil {
			err = errPreview
		}
		return err
	})
	if errors.Is(err, errPreview) {
		err = nil
	}
	return plan, err
}

// AskAnnulment asks that events are annulled, and gives the request's id: a second person
// decides. It fails as PlanAnnulment does, with Invalid without a basis, and with Conflict
// ("population.annul.follows") while other events follow from those that are named.
func (r *Register) AskAnnulment(ctx context.Context, a actor.Actor, q AnnulmentRequest) (string, error) {
	if err := Permissions.Can(a, Annul); err != nil {
		return "", err
	}
	q.Basis = strings.TrimSpace(q.Basis)
	if n := utf8.RuneCountInString(q.Basis); n < MinBasis || n > MaxBasis || letters(q.Basis) < MinBasis/2 || !plain(q.Basis) {
		return "", fault.New(fault.Invalid, "population.annul.basis", fault.Args{"min": MinBasis, "max": MaxBasis}).At("basis")
	}
	plan, err := r.wouldAnnul(ctx, q)
	if err != nil {
		return "", err
	}
	if err := plan.stands(); err != nil {
		return "", err
	}
	if q.Digest != "" && q.Digest != plan.Digest {
		return "", fault.New(fault.Conflict, "population.annul.moved", nil).At("basis")
	}
	q.Digest = plan.Digest
	if r.Approvals == nil {
		return "", fault.New(fault.Unavailable, "population.annul.alone", nil)
	}
	return r.Approvals.AskAnnulment(ctx, a, q, plan)
}

func errChanged() error { return fault.New(fault.Conflict, "population.annul.changed", nil) }

// stands fails while other events follow from those that are annulled.
func (p *AnnulmentPlan) stands() error {
	if len(p.Follows) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "population.annul.follows", fault.Args{"n": len(p.Follows)})
}

// Annul takes events away, in the transaction of the one who approves. id is that of the
// request and becomes that of the event: a second time it changes nothing. It fails with
// Denied when one person would be both, or recorded what is annulled and approves; with
// Conflict when it changes something else by now than the one who asked saw; and as
// AskAnnulment does.
func (r *Register) Annul(ctx context.Context, tx Tx, id string, by, approver actor.Actor, q AnnulmentRequest) (Event, error) {
	if had, err := tx.Event(ctx, id); err == nil || fault.Of(err) != fault.NotFound {
		return had, err
	}
	if by.Account == "" || approver.Account == "" || by.Account == approver.Account {
		return Event{}, fault.New(fault.Denied, "population.annul.one", nil)
	}
	plan, p, err := r.planAnnulment(ctx, tx, id, q)
	if err != nil {
		return Event{}, err
	}
	if err := plan.stands(); err != nil {
		return Event{}, err
	}
	if plan.Digest != q.Digest {
		return Event{}, errChanged()
	}
	for i := range plan.Annulled {
		if e := &plan.Annulled[i]; e.By == approver.Account {
			return Event{}, fault.New(fault.Denied, "population.annul.recorder", nil)
		}
	}
	plan.Event.By, plan.Event.ByName, plan.Event.Agency = by.Account, by.Name, by.Agency
	plan.Event.Approver, plan.Event.ApproverName = approver.Account, approver.Name
	return plan.Event, p.save(&plan)
}

// planAnnulment finds out what is otherwise without some events.
func (r *Register) planAnnulment(ctx context.Context, tx Tx, id string, q AnnulmentRequest) (AnnulmentPlan, *replay, error) {
	now := r.Clock.Now().UTC().Truncate(time.Microsecond)
	p := &replay{
		r: r, ctx: ctx, tx: tx, events: map[citizen.Number][]Event{}, parts: map[citizen.Number][]Restated{},
		houses: map[string][]citizen.Number{}, made: map[string]string{}, reads: map[string]Reads{}, pool: map[string]*Event{}, asked: map[string]bool{},
		concerned: map[citizen.Number]bool{},
		draft: Event{
			ID: id, Kind: Annulment, On: citizen.DayFrom(clock.DayOf(now)), Basis: q.Basis, Number: q.Number, RecordedAt: now,
		},
	}
	// One annulment at a time: each may reach far.
	if err := tx.Hold(ctx, "0"); err != nil {
		return AnnulmentPlan{}, p, err
	}
	first, err := p.named(q)
	if err != nil {
		return AnnulmentPlan{}, p, err
	}
	if err := p.run(first); err != nil {
		return AnnulmentPlan{}, p, err
	}
	plan, err := p.plan()
	return plan, p, err
}

// named are the events that are to be annulled.
func (p *replay) named(q AnnulmentRequest) ([]*Event, error) {
	if len(q.Events) == 0 || len(q.Events) > MaxAnnulled {
		return nil, fault.New(fault.Invalid, "population.annul.which", fault.Args{"most": MaxAnnulled}).At("event")
	}
	var first []*Event
	for _, id := range q.Events {
		if slices.Contains(p.draft.Annuls, id) {
			continue
		}
		e, err := p.find(id, q.Number)
		if err != nil {
			return nil, err
		}
		counts, err := p.counts(e, false)
		if err != nil {
			return nil, err
		}
		if !counts {
			return nil, fault.New(fault.Conflict, "population.annul.annulled", nil).At("event")
		}
		p.draft.Annuls = append(p.draft.Annuls, id)
		first = append(first, e)
		for _, part := range e.Parts {
			p.later(part.Number)
		}
	}
	return first, nil
}

// find is an event by its id; the registration of a load is found at the person of whom it is.
func (p *replay) find(id string, n citizen.Number) (*Event, error) {
	e, err := p.tx.Event(p.ctx, id)
	if fault.Of(err) != fault.NotFound {
		return &e, err
	}
	events, err2 := p.eventsOf(p.ctx, n, false)
	if err2 != nil {
		return nil, err2
	}
	for i := range events {
		if events[i].ID == id {
			return &events[i], nil
		}
	}
	return nil, fault.As(err).At("event")
}

// later keeps the annulment behind all that a person has, so that what was known stays.
func (p *replay) later(n citizen.Number) {
	for i := range p.events[n] {
		if e := &p.events[n][i]; !e.RecordedAt.Before(p.draft.RecordedAt) {
			p.draft.RecordedAt = e.RecordedAt.Add(time.Microsecond)
		}
	}
}

// plan is what changes for everybody concerned.
func (p *replay) plan() (AnnulmentPlan, error) {
	t := p.r.Fields
	plan := AnnulmentPlan{
		Event: p.draft, Annulled: p.dropped, Again: p.restored, Follows: p.follows, Unsaid: p.unsaid,
		Before: map[citizen.Number]Person{}, After: map[citizen.Number]Person{},
	}
	restated := map[string]bool{}
	digest := sha256.New()
	fmt.Fprintln(digest, plan.Event.Annuls)
	people := slices.SortedFunc(maps.Keys(p.concerned), byNumber)
	for _, n := range people {
		if _, err := p.eventsOf(p.ctx, n, false); err != nil {
			return plan, err
		}
		p.later(n)
	}
	plan.Event.RecordedAt = p.draft.RecordedAt
	plan.Event.Gone, plan.Event.Back = idsOf(p.dropped), idsOf(p.restored)
	for _, n := range people {
		before, had := t.stateOf(p.events[n], n, 0, noTime)
		would, err := p.eventsOf(p.ctx, n, true)
		if err != nil {
			return plan, err
		}
		after, has := t.stateOf(would, n, 0, noTime)
		part := Part{Number: n, Restated: p.parts[n]}
		switch {
		case had && has:
			part.Fields = t.changed(&before, &after)
		case had, has:
			part.Fields = t.State()
		}
		if had && !has {
			if err := p.leftOf(&plan, &before); err != nil {
				return plan, err
			}
		}
		if !has {
			after.Life = Annulled
		}
		part.Facts = t.Only(&after, part.Fields)
		plan.Event.Parts = append(plan.Event.Parts, part)
		for _, r := range part.Restated {
			restated[r.Event] = true
		}
		if had {
			plan.Before[n] = before
		}
		plan.After[n] = after
		fmt.Fprintln(digest, n.Int(), had, has, part.Fields, t.Row(&part.Facts))
	}
	for id := range restated {
		if e := p.pool[id]; e != nil && !slices.ContainsFunc(p.restored, func(r Event) bool { return r.ID == id }) {
			plan.Restated = append(plan.Restated, *e)
		}
	}
	slices.SortFunc(plan.Restated, func(a, b Event) int { return earlier(&a, &b) })
	plan.Digest = hex.EncodeToString(digest.Sum(nil))
	return plan, nil
}

// leftOf notes whom the registration of somebody who is no longer in the register leaves without
// a head of their household, or married to nobody: what others recorded of them stays.
func (p *replay) leftOf(plan *AnnulmentPlan, gone *Person) error {
	var home []citizen.Number
	if gone.Relation == HeadOfHousehold {
		ever, err := p.everIn(p.ctx, gone.Household)
		if err != nil {
			return err
		}
		home = ever
	}
	var left []Left
	headed := false
	for _, n := range slices.Concat(home, []citizen.Number{gone.Spouse.Number}) {
		if n.IsZero() {
			continue
		}
		events, err := p.eventsOf(p.ctx, n, true)
		if err != nil {
			return err
		}
		one, ok := p.r.Fields.stateOf(events, n, 0, noTime)
		if !ok || one.Life == Dead {
			continue
		}
		if one.Spouse.Number == gone.Number && !slices.ContainsFunc(plan.Left, func(l Left) bool { return l.Field == FieldSpouse && l.Person.Number == n }) {
			plan.Left = append(plan.Left, Left{gone.Number, FieldSpouse, one})
		}
		if gone.Relation == HeadOfHousehold && sameHousehold(one.Household, gone.Household) {
			headed = headed || one.Relation == HeadOfHousehold
			if !slices.ContainsFunc(left, func(l Left) bool { return l.Person.Number == n }) {
				left = append(left, Left{gone.Number, FieldHousehold, one})
			}
		}
	}
	if !headed {
		plan.Left = append(plan.Left, left...)
	}
	return nil
}

// save keeps an annulment and what everybody is since.
func (p *replay) save(plan *AnnulmentPlan) error {
	e := &plan.Event
	for _, part := range e.Parts {
		for _, old := range p.events[part.Number] {
			if !old.Virtual {
				continue
			}
			if err := p.tx.SaveEvent(p.ctx, old); err != nil {
				return err
			}
		}
	}
	if err := p.tx.SaveEvent(p.ctx, *e); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(p.reads)) {
		if err := p.tx.AddReads(p.ctx, id, p.reads[id]); err != nil {
			return err
		}
	}
	var changes []Change
	for i := range e.Parts {
		part := &e.Parts[i]
		n := part.Number
		after, before := plan.After[n], plan.Before[n] // before is zero when they were not in the register
		var err error
		switch gone := after.Life == Annulled; {
		case !gone:
			err = p.tx.SavePerson(p.ctx, after, before.Version)
		case before.Version != 0:
			err = p.tx.RemovePerson(p.ctx, n, before.Version)
		}
		if err != nil {
			return err
		}
		changes = append(changes, Change{
			Event: e.ID, Kind: Annulment, Of: plan.of(n), Number: n, On: e.On, RecordedAt: e.RecordedAt, Fields: part.Fields,
			Facts: part.Facts, Version: after.Version,
		})
	}
	return p.tx.Publish(p.ctx, changes)
}

// of is the kind of what is taken away from a person; of who is concerned by what follows
// alone, the kind of the first that was named.
func (p *AnnulmentPlan) of(n citizen.Number) Kind {
	kind := Kind("")
	for _, list := range [][]Event{p.Annulled, p.Again} {
		for i := range list {
			if list[i].part(n) != nil {
				return list[i].Kind
			}
			kind = cmp.Or(kind, list[i].Kind)
		}
	}
	return kind
}
