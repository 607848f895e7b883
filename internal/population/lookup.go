package population

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dean06/internal/citizen"
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
			At: at, Client: in.Client, Agency: in.Agency, Officer: in.Officer, Service: in.Service, Purpose: in.Purpose, Dossier: in.Dossier,
			Fields: fields, RequestID: in.RequestID, Persons: persons, Outcome: outcome,
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

// Lookups are the look-ups about a person, newest first; before is the id of the last
// one of the page before, "" for the first page.
func (r *Register) Lookups(ctx context.Context, n citizen.Number, before string, limit int) ([]Lookup, error) {
	return r.Store.Lookups(ctx, n, Period{}, before, pageOf(limit))
}

// Usage answers findUsage: the look-ups about a person in a period, newest first. It is
// a look-up itself and logged as one.
func (r *Register) Usage(ctx context.Context, in Inquiry, n citizen.Number, p Period, before string, limit int) ([]Lookup, error) {
	if n.IsZero() {
		return nil, r.refuse(ctx, in, nil, 1, fault.New(fault.Invalid, "population.key.missing", fault.Args{"n": 1}))
	}
	found, err := r.Store.Lookups(ctx, n, p, before, pageOf(limit))
	if err != nil {
		return nil, err
	}
	in.Service = ServiceUsage
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
func (r *Register) UsagePeriod(ctx context.Context) (Period, error) {
	first, err := r.Store.FirstLookup(ctx)
	return Period{From: first, Until: r.Clock.Now()}, err
}

// Heartbeat fails when the register cannot answer now.
func (r *Register) Heartbeat(ctx context.Context) error {
	_, err := r.Store.FirstLookup(ctx)
	return err
}

// maxText bounds what people write.
const maxText = 2000

// Object records what a person says against a look-up about them. It fails with NotFound
// when the look-up was not about them, Conflict when they said so before, and Invalid
// without words.
func (r *Register) Object(ctx context.Context, n citizen.Number, lookup, text string) error {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return fault.New(fault.Invalid, "population.objection.empty", nil).At("text")
	case utf8.RuneCountInString(text) > maxText:
		return fault.New(fault.Invalid, "population.text.long", fault.Args{"max": maxText}).At("text")
	}
	l, err := r.Store.Lookup(ctx, n, lookup)
	if err != nil {
		return err
	}
	return r.Store.SaveObjection(ctx, Objection{ID: r.NewID(), Number: n, Lookup: l, Text: text, At: r.Clock.Now()})
}

// ObjectionsOf are the objections of one person, newest first.
func (r *Register) ObjectionsOf(ctx context.Context, n citizen.Number) ([]Objection, error) {
	return r.Store.ObjectionsOf(ctx, n)
}

// Objections are those of everybody, for the auditor, newest first; open only those
// without an answer.
func (r *Register) Objections(ctx context.Context, a Actor, open bool, before string, limit int) ([]Objection, error) {
	if err := a.Can(Audit); err != nil {
		return nil, err
	}
	return r.Store.Objections(ctx, open, before, pageOf(limit))
}

// AnswerObjection answers one. It fails with NotFound, and Conflict when it has an answer.
func (r *Register) AnswerObjection(ctx context.Context, a Actor, id, answer string) error {
	if err := a.Can(Audit); err != nil {
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
func (r *Register) OfficerLookups(ctx context.Context, a Actor, agency, officer string, p Period, before string, limit int) ([]Lookup, error) {
	if err := a.Can(Audit); err != nil {
		return nil, err
	}
	return r.Store.OfficerLookups(ctx, agency, officer, p, before, pageOf(limit))
}

// VerifyLog reads the whole log of look-ups and says how many are in order. It fails
// with Conflict, naming the first that was changed or taken out.
func (r *Register) VerifyLog(ctx context.Context) (int, error) { return r.Store.VerifyLog(ctx) }

// oddHour says that a moment is at night or on a weekend in Vietnam.
func oddHour(t time.Time) bool {
	t = t.In(clock.Zone)
	return t.Hour() >= 22 || t.Hour() < 6 || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}
