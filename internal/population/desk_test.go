package population_test

import (
	"context"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// What of the store and of these tests knows who acts.

var (
	clerk   = population.Actor{Account: "a-1", Name: "Lê Thị Hồ", Agency: "G01", Roles: []population.Role{population.Registrar}}
	auditor = population.Actor{Account: "a-2", Name: "Trần Văn Soát", Agency: "G01", Roles: []population.Role{population.Auditor}}
	manager = population.Actor{Account: "a-3", Name: "Phạm Thị Quản", Agency: "G01", Roles: []population.Role{population.Administrator}}
)

// asking is an agency's question through the exchange, with a right to some fields.
func asking(fields ...population.Field) population.Inquiry {
	if fields == nil {
		fields = []population.Field{population.AllFields}
	}
	return population.Inquiry{
		Client: "VN/GOV/H55/TTHC", Agency: "H55", Officer: "canbo.test", Purpose: "1.001193", Dossier: "H55-1", RequestID: "r-1",
		Service: population.ServiceFacts, Granted: fields, At: now,
	}
}

// atDesk is a question of the clerk's.
func atDesk() population.Inquiry {
	return population.Inquiry{Agency: clerk.Agency, Officer: clerk.Account, Purpose: "resident", At: now}
}

func (m *memory) OfficerLookups(
	_ context.Context, agency, officer string, p population.Period, before string, limit int,
) ([]population.Lookup, error) {
	return m.page(p, before, limit, func(l *looked) bool { return l.Agency == agency && l.Officer == officer }), nil
}

func (m *memory) AnswerObjection(_ context.Context, id, answer string, a population.Actor, at time.Time) error {
	for i := range m.objections {
		if o := &m.objections[i]; o.ID == id {
			if o.Answer != "" {
				return fault.New(fault.Conflict, "population.objection.answered", nil)
			}
			o.Answer, o.AnsweredBy, o.AnsweredAt = answer, a.Name, at
			return nil
		}
	}
	return fault.New(fault.NotFound, "population.objection.not_found", nil)
}

func (m *memory) Loading(_ context.Context, _ population.Actor, _ string, at time.Time) (population.Loader, error) {
	return loader{m, at}, m.fails("loading")
}

func (m *memory) Exported(_ context.Context, _ population.ExportOptions, persons int, _ time.Time) error {
	m.exported = append(m.exported, persons)
	return m.fails("exported")
}

func own(ctx context.Context, r *population.Register, n citizen.Number) (population.PersonView, error) {
	return r.Own(ctx, n)
}

func at(ctx context.Context, r *population.Register, n citizen.Number, on string, known time.Time) (population.Person, error) {
	return r.At(ctx, n, date(on), known)
}

func curiosityOf(ctx context.Context, r *population.Register) error {
	_, err := findings(ctx, r, now, now)
	return err
}

func findings(ctx context.Context, r *population.Register, from, until time.Time) ([]population.Finding, error) {
	return r.Curiosity(ctx, from, until)
}

func periodOf(ctx context.Context, r *population.Register) (population.Period, error) {
	return r.UsagePeriod(ctx)
}

func statistics(ctx context.Context, r *population.Register) (population.Statistics, error) {
	return r.Statistics(ctx)
}

func fixed(at time.Time) clock.Clock { return clock.Fixed(at) }
