package population

import (
	"context"
	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"errors"
	"io"
	"time"
)

var errNotYet = errors.New("not yet")

// Facts tells facts about one person; no fields are all that are granted. It fails with
// RequestList asks for a list, which is put together in the background.
func (r *Register) RequestList(ctx context.Context, in Inquiry, q ListQuery) (List, error) {
	return List{}, errNotYet
}

// RunList puts a list together; the handler of its job calls it. progress may be nil.
func (r *Register) RunList(ctx context.Context, id string, progress func(done int)) error {
	return errNotYet
}

// Lists gives the lists that a client asked for, newest first; before is the id of the
// last one of the page before.
func (r *Register) Lists(ctx context.Context, in Inquiry, before string, limit int) ([]List, error) {
	return nil, errNotYet
}

// ListStatus gives one list of the client's. It fails with NotFound.
func (r *Register) ListStatus(ctx context.Context, in Inquiry, id string) (List, error) {
	return List{}, errNotYet
}

// ListRecords gives people of a list that is done, by number, after a number. It fails
// with NotFound, and Conflict ("population.list.not_done").
func (r *Register) ListRecords(ctx context.Context, in Inquiry, id string, after citizen.Number, limit int) (ListPage, error) {
	return ListPage{}, errNotYet
}

// ListFile writes a list that is done as CSV. It fails as ListRecords does.
func (r *Register) ListFile(ctx context.Context, in Inquiry, id string, w io.Writer) error {
	return errNotYet
}

// DeleteList forgets who is in a list, and stops one that is being put together.
func (r *Register) DeleteList(ctx context.Context, in Inquiry, id string) error { return errNotYet }

// Curiosity are the officers whose look-ups were unusual, the most unusual first.
func (r *Register) Curiosity(ctx context.Context, from, until time.Time) ([]Finding, error) {
	return nil, errNotYet
}

// View is all about one person, for a clerk. It fails with NotFound.
func (r *Register) View(ctx context.Context, in Inquiry, n citizen.Number) (PersonView, error) {
	return PersonView{}, errNotYet
}

// Own is all about one person, for that person. It is no look-up by others and not logged.
func (r *Register) Own(ctx context.Context, n citizen.Number) (PersonView, error) {
	return PersonView{}, errNotYet
}

// At is a person as they were on a day, as the register knew it at a moment (zero: now).
// It fails with NotFound when it knew nobody then.
func (r *Register) At(ctx context.Context, n citizen.Number, validOn clock.Date, knownAt time.Time) (Person, error) {
	return Person{}, errNotYet
}

// Preview is what an event would change, without recording it. It fails as Record does.
func (r *Register) Preview(ctx context.Context, a Actor, e Event) (Recorded, error) {
	return Recorded{}, errNotYet
}

// Record records a life event. It fails with Denied, with Invalid when the event breaks
// a rule (several faults as a fault.List), NotFound for a person who is not in the
// register, and Conflict ("population.event.stale") when a person was changed meanwhile.
func (r *Register) Record(ctx context.Context, a Actor, e Event) (Recorded, error) {
	return Recorded{}, errNotYet
}

// Statistics are counts; they may be some minutes old.
func (r *Register) Statistics(ctx context.Context) (Statistics, error) {
	return Statistics{}, errNotYet
}
