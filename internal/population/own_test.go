package population_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// binding is a register in memory in which accounts ask to be bound, and are.
type binding struct {
	*memory
	tries    map[string]int
	requests []population.BindRequest
	bound    []population.Binding
}

func (b *binding) NoteBindTry(_ context.Context, account string, _ time.Time, _ time.Duration, most int) error {
	if b.tries[account]++; b.tries[account] > most {
		return fault.New(fault.TooMany, "population.bind.many", nil)
	}
	return nil
}

func (b *binding) SaveBindRequest(_ context.Context, q population.BindRequest) error {
	b.requests = append(slices.DeleteFunc(b.requests, func(o population.BindRequest) bool { return o.Account == q.Account }), q)
	return nil
}

func (b *binding) BindRequestOf(_ context.Context, account string) (population.BindRequest, bool, error) {
	i := slices.IndexFunc(b.requests, func(q population.BindRequest) bool { return q.Account == account })
	if i < 0 {
		return population.BindRequest{}, false, nil
	}
	return b.requests[i], true, nil
}

func (b *binding) BindRequests(_ context.Context, n citizen.Number, _ int) ([]population.BindRequest, error) {
	return slices.DeleteFunc(slices.Clone(b.requests), func(q population.BindRequest) bool { return !n.IsZero() && q.Number != n }), nil
}

func (b *binding) EndBindRequest(_ context.Context, account string) error {
	b.requests = slices.DeleteFunc(b.requests, func(q population.BindRequest) bool { return q.Account == account })
	return nil
}

func (b *binding) Waiting(context.Context) (population.Waiting, error) {
	return population.Waiting{Objections: len(b.objections), Bindings: len(b.requests)}, nil
}

func (b *binding) Exports(context.Context, int) ([]population.Export, error) {
	return []population.Export{{ID: "q-1"}}, nil
}

func (b *binding) Bound(_ context.Context, account string) (citizen.Number, error) {
	i := slices.IndexFunc(b.bound, func(o population.Binding) bool { return o.Account == account })
	if i < 0 {
		return citizen.Number{}, nil
	}
	return b.bound[i].Number, nil
}

func (b *binding) Bind(_ context.Context, one population.Binding) error {
	if slices.ContainsFunc(b.bound, func(o population.Binding) bool { return o.Number == one.Number }) {
		return fault.New(fault.Conflict, "session.binding.number_taken", nil)
	}
	b.bound = append(b.bound, one)
	return nil
}

// bindingVillage is the village with accounts that are bound by proof.
func bindingVillage() (*population.Register, *binding) {
	r, m := village()
	b := &binding{memory: m, tries: map[string]int{}}
	p := m.persons[thu]
	p.Cards = []population.Card{{Kind: "CC", Serial: "N2"}, {Kind: "CCCD", Serial: "O1"}}
	m.persons[thu] = p
	r.Store, r.Bindings = b, b
	return r, b
}

func TestBindingByProof(t *testing.T) {
	t.Parallel()
	r, b := bindingVillage()
	ctx := t.Context()
	me := actor.Actor{Account: "a-7", Login: thu.Reveal(), Name: "Nguyễn Văn Thử", Roles: []string{population.Citizen}}
	if _, err := r.Own(ctx, me); !population.IsUnbound(err) {
		t.Fatalf("before any proof: %v, want that the account is not bound", err)
	}
	held := b.persons[thu]
	proof := population.SelfProof{Number: thu, Name: held.Name, Birth: held.Birth, Serial: "O1", Confirmed: true}
	if err := r.Prove(ctx, me, proof); fault.As(err).Key != "population.bind.no" || len(b.bound) > 0 {
		t.Errorf("an older card: %v, want no", err)
	}
	if last := b.last(); last.Service != population.ServiceBind || last.Outcome != population.NotFound || last.Officer != "a-7" {
		t.Errorf("logged %+v", last)
	}
	if err := r.AskOfficer(ctx, me, citizen.Number{}); fault.Of(err) != fault.Invalid {
		t.Errorf("asked without a number: %v", err)
	}
	if err := r.AskOfficer(ctx, me, thu); err != nil {
		t.Fatal(err)
	}
	if w, err := r.WaitingFor(ctx, clerk); err != nil || w.Bindings != 1 || w.Objections != 0 {
		t.Errorf("waiting for the clerk = %+v, %v", w, err)
	}
	proof.Serial = "n2"
	if err := r.Prove(ctx, me, proof); err != nil || len(b.requests) > 0 || b.bound[0].Proof != "CC" {
		t.Fatalf("the newest card: %v, bound %+v, waiting %+v", err, b.bound, b.requests)
	}
	if v, err := r.Own(ctx, me); err != nil || v.Person.Number != thu {
		t.Errorf("own = %v, %v", v.Person.Number, err)
	}
	if state, err := r.MyBinding(ctx, me); err != nil || !state.Bound {
		t.Errorf("state = %+v, %v", state, err)
	}
	seen, err := r.Lookups(ctx, me, "", 0)
	if err != nil || len(seen) != 2 {
		t.Fatalf("look-ups = %+v, %v, want both tries", seen, err)
	}
	for text, want := range map[string]fault.Kind{"": fault.Invalid, strings.Repeat("x", 2001): fault.Invalid} {
		if err := r.Object(ctx, me, seen[0].ID, text); fault.Of(err) != want {
			t.Errorf("objection of %d letters: %v", len(text), err)
		}
	}
	if err := r.Object(ctx, me, seen[0].ID, "Không phải tôi."); err != nil {
		t.Error(err)
	}
	if mine, err := r.ObjectionsOf(ctx, me); err != nil || len(mine) != 1 {
		t.Errorf("objections = %+v, %v", mine, err)
	}
	if w, err := r.WaitingFor(ctx, auditor); err != nil || w.Objections != 1 || w.Bindings != 0 {
		t.Errorf("waiting for the auditor = %+v, %v", w, err)
	}
}

func TestBindingByAnOfficer(t *testing.T) {
	t.Parallel()
	r, b := bindingVillage()
	ctx := t.Context()
	me := actor.Actor{Account: "a-7", Roles: []string{population.Citizen}}
	if err := r.AskOfficer(ctx, me, thu); err != nil {
		t.Fatal(err)
	}
	all, err := r.BindRequests(ctx, clerk, 0)
	if err != nil || len(all) != 1 {
		t.Fatalf("waiting = %+v, %v", all, err)
	}
	if err := r.Bind(ctx, atDesk(), thu, all[0].ID, "passport"); fault.As(err).Key != "population.bind.card" {
		t.Errorf("no identity card: %v", err)
	}
	dead := b.persons[thu]
	dead.Life = population.Dead
	b.persons[thu] = dead
	if err := r.Bind(ctx, atDesk(), thu, all[0].ID, "CC"); fault.Of(err) != fault.Conflict {
		t.Errorf("of the dead: %v, want conflict", err)
	}
	dead.Life = population.Alive
	b.persons[thu] = dead
	// A crash came after the account was bound and before its request was forgotten.
	b.bound = []population.Binding{{Account: "a-7", Number: thu}}
	if err := r.Bind(ctx, atDesk(), thu, all[0].ID, "CC"); err != nil || len(b.requests) > 0 {
		t.Errorf("bound already: %v, waiting %+v", err, b.requests)
	}
}

func TestExportOfTheVillage(t *testing.T) {
	t.Parallel()
	r, b := bindingVillage()
	ctx := t.Context()
	b.approved = map[string]string{"q-1": "", "q-2": "79"}
	var out bytes.Buffer
	n, err := r.Export(ctx, shell, "q-1", &out)
	if err != nil || n != len(b.persons) || len(b.exported) != 1 || b.exported[0] != n {
		t.Errorf("export = %d of %d, %v", n, len(b.persons), err)
	}
	if last := b.last(); last.Service != population.ServiceExport || last.Purpose != "sao lưu" || last.RequestID != "q-1" {
		t.Errorf("logged %+v", last)
	}
	if _, err := r.Export(ctx, shell, "none", &out); fault.Of(err) != fault.NotFound {
		t.Errorf("no such request: %v", err)
	}
	if list, err := r.Exports(ctx, manager, 0); err != nil || len(list) != 1 {
		t.Errorf("exports = %+v, %v", list, err)
	}
	if _, err := r.RequestExport(
		ctx, manager, population.ExportRequest{Purpose: "x", Until: clock.DayOf(now)},
	); fault.Of(err) != fault.Unavailable {
		t.Errorf("nobody takes requests: %v", err)
	}
}
