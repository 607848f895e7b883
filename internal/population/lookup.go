package population

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
)

// log keeps a look-up before it is answered.
func (r *Register) log(ctx context.Context, in Inquiry, fields []Field, persons int, outcome string, subjects []citizen.Number) error {
	return r.Store.Log(ctx, r.entry(in, fields, persons, outcome, subjects))
}

func (r *Register) entry(in Inquiry, fields []Field, persons int, outcome string, subjects []citizen.Number) Entry {
	at := in.At
	if at.IsZero() {
		at = r.Clock.Now()
	}
	sorted := slices.Clone(subjects)
	slices.SortFunc(sorted, byNumber)
	return Entry{
		Lookup: Lookup{
			At: at, Client: in.Client, Agency: in.By.Agency, Officer: in.Officer(), Service: in.Service, Purpose: in.Purpose,
			Dossier: in.Dossier, Fields: fields, RequestID: in.RequestID, Persons: persons, Outcome: outcome,
		},
		Subjects: slices.Compact(sorted),
	}
}

// refuse logs that a look-up was refused and gives the reason.
func (r *Register) refuse(ctx context.Context, in Inquiry, fields []Field, persons int, why error) error {
	if err := r.log(ctx, in, fields, persons, Refused, nil); err != nil {
		return err
	}
	return why
}

// pageOf bounds how much is read at once.
func pageOf(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, 1000)
}

// Usage answers findUsage: the look-ups about a person in a period, newest first. It is
// a look-up itself and logged as one.
func (r *Register) Usage(ctx context.Context, in Inquiry, n citizen.Number, p Period, before string, limit int) ([]Lookup, error) {
	in.Service = ServiceUsage
	if err := r.may(ctx, in, Answer); err != nil {
		return nil, err
	}
	if n.IsZero() {
		return nil, r.refuse(ctx, in, nil, 1, fault.New(fault.Invalid, "population.key.missing", fault.Args{"n": 1}))
	}
	found, err := r.Store.Lookups(ctx, n, p, before, pageOf(limit))
	if err != nil {
		return nil, err
	}
	held, err := r.Store.Persons(ctx, []citizen.Number{n}, []Field{FieldNumber})
	if err != nil {
		return nil, err
	}
	if len(held) == 0 {
		return nil, r.log(ctx, in, nil, 1, NotFound, nil)
	}
	return found, r.log(ctx, in, nil, 1, Answered, []citizen.Number{n})
}

// UsagePeriod is the time over which the log of look-ups goes.
func (r *Register) UsagePeriod(ctx context.Context, in Inquiry) (Period, error) {
	if err := in.asks(Answer); err != nil {
		return Period{}, err
	}
	first, err := r.Store.FirstLookup(ctx)
	return Period{From: first, Until: r.Clock.Now()}, err
}

// Heartbeat fails when the register cannot answer now. It tells nothing else, so anybody
// may ask.
func (r *Register) Heartbeat(ctx context.Context) error {
	_, err := r.Store.FirstLookup(ctx)
	return err
}

// Objections are those of everybody, for the auditor, newest first; open only those
// without an answer.
func (r *Register) Objections(ctx context.Context, a actor.Actor, open bool, before string, limit int) ([]Objection, error) {
	if err := Permissions.Can(a, Audit); err != nil {
		return nil, err
	}
	return r.Store.Objections(ctx, open, before, pageOf(limit))
}

// AnswerObjection answers one. It fails with NotFound, and Conflict when it has an answer.
func (r *Register) AnswerObjection(ctx context.Context, a actor.Actor, id, answer string) error {
	if err := Permissions.Can(a, Audit); err != nil {
		return err
	}
	answer = strings.TrimSpace(answer)
	switch {
	case answer == "":
		return fault.New(fault.Invalid, "population.answer.empty", nil).At("answer")
	case utf8.RuneCountInString(answer) > maxText:
		return fault.New(fault.Invalid, "population.text.long", fault.Args{"max": maxText}).At("answer")
	}
	return r.Store.AnswerObjection(ctx, id, answer, a, r.Clock.Now())
}

// OfficerLookups are the look-ups of one officer in a period, for the auditor, newest first.
func (r *Register) OfficerLookups(
	ctx context.Context, a actor.Actor, agency, officer string, p Period, before string, limit int,
) ([]Lookup, error) {
	if err := Permissions.Can(a, Audit); err != nil {
		return nil, err
	}
	return r.Store.OfficerLookups(ctx, agency, r.namesOf(ctx, officer), p, before, pageOf(limit))
}

// namesOf are the words under which the log keeps an officer.
func (r *Register) namesOf(ctx context.Context, officer string) []string {
	if r.Names == nil || officer == "" {
		return []string{officer}
	}
	return r.Names.FoundBy(ctx, officer)
}

// VerifyLog reads the whole log of look-ups and says how many are in order. It fails
// with Conflict, naming the first that was changed or taken out.
func (r *Register) VerifyLog(ctx context.Context, a actor.Actor) (int, error) {
	if err := Permissions.Can(a, Verify); err != nil {
		return 0, err
	}
	return r.Store.VerifyLog(ctx)
}

// oddHour says that a moment is at night or on a weekend in Vietnam.
func oddHour(t time.Time) bool {
	t = t.In(clock.Zone)
	return t.Hour() >= 22 || t.Hour() < 6 || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}
