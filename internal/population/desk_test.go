package population_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// What of the store and of these tests knows who acts.

var (
	clerk   = actor.Actor{Account: "a-1", Name: "Lê Thị Hồ", Agency: "G01", Roles: []string{population.Registrar}}
	auditor = actor.Actor{Account: "a-2", Name: "Trần Văn Soát", Agency: "G01", Roles: []string{population.Auditor}}
	manager = actor.Actor{Account: "a-3", Name: "Phạm Thị Quản", Agency: "G01", Roles: []string{population.Administrator}}
	shell   = actor.Actor{Account: "os:lan", Name: "lan", Via: actor.Command}
)

// asking is an agency's question through the exchange, with a right to some fields.
func asking(fields ...population.Field) population.Inquiry {
	if fields == nil {
		fields = []population.Field{population.AllFields}
	}
	return population.Inquiry{
		By: population.ThroughExchange("VN/GOV/H55/TTHC", "H55", "canbo.test"), Client: "VN/GOV/H55/TTHC",
		Purpose: "1.001193", Dossier: "H55-1", RequestID: "r-1", Service: population.ServiceFacts, Granted: fields, At: now,
	}
}

// atDesk is a question of the clerk's.
func atDesk() population.Inquiry { return population.Inquiry{By: clerk, Purpose: "resident", At: now} }

// boundByName binds the account "of 001090000001" to that number.
type boundByName struct{}

func (boundByName) Bound(_ context.Context, account string) (citizen.Number, error) {
	return citizen.ParseNumber(strings.TrimPrefix(account, "of "))
}

func (m *memory) OfficerLookups(
	_ context.Context, agency string, officer []string, p population.Period, before string, limit int,
) ([]population.Lookup, error) {
	return m.page(p, before, limit, func(l *looked) bool { return l.Agency == agency && slices.Contains(officer, l.Officer) }), nil
}

func (m *memory) AnswerObjection(_ context.Context, id, answer string, a actor.Actor, at time.Time) error {
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

func (m *memory) Loading(_ context.Context, _ actor.Actor, _ string, at time.Time) (population.Loader, error) {
	return &loader{m: m, at: at}, m.fails("loading")
}

func (m *memory) UseExport(_ context.Context, id string, _ time.Time) (population.Export, error) {
	province, ok := m.approved[id]
	if !ok {
		return population.Export{}, fault.New(fault.NotFound, "population.export.not_approved", nil)
	}
	return population.Export{ID: id, ExportRequest: population.ExportRequest{Purpose: "sao lưu", Province: province}}, nil
}

func (m *memory) Exported(_ context.Context, _ actor.Actor, _ population.Export, persons int, _ time.Time) error {
	m.exported = append(m.exported, persons)
	return m.fails("exported")
}

func at(ctx context.Context, r *population.Register, n citizen.Number, on string, known time.Time) (population.Person, error) {
	return r.At(ctx, atDesk(), n, date(on), known)
}

func curiosityOf(ctx context.Context, r *population.Register) error {
	_, err := findings(ctx, r, now, now)
	return err
}

func findings(ctx context.Context, r *population.Register, from, until time.Time) ([]population.Finding, error) {
	return r.Curiosity(ctx, auditor, from, until)
}

func periodOf(ctx context.Context, r *population.Register) (population.Period, error) {
	return r.UsagePeriod(ctx, asking())
}

func statistics(ctx context.Context, r *population.Register) (population.Statistics, error) {
	return r.Statistics(ctx, manager)
}

func fixed(at time.Time) clock.Clock { return clock.Fixed(at) }
