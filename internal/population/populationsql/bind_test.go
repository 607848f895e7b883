package populationsql_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// bindings are kept in memory, as the accounts' own keeper keeps them in its table.
type bindings struct {
	mu   sync.Mutex
	list []population.Binding
}

func (b *bindings) Bind(_ context.Context, one population.Binding) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.list, func(o population.Binding) bool { return o.Account == one.Account || o.Number == one.Number }) {
		return fault.New(fault.Conflict, "session.binding.number_taken", nil)
	}
	b.list = append(b.list, one)
	return nil
}

func (b *bindings) Bound(_ context.Context, account string) (citizen.Number, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.list, func(o population.Binding) bool { return o.Account == account })
	if i < 0 {
		return citizen.Number{}, nil
	}
	return b.list[i].Number, nil
}

// bound is a register that binds accounts, with the family of the samples.
func bound(t *testing.T, db *sqldb.DB) (*population.Register, *bindings) {
	t.Helper()
	r, _ := register(t, db)
	b := &bindings{}
	r.Bindings = b
	load(t, r, thuFamily())
	return r, b
}

func citizenOf(account, login string) actor.Actor {
	return actor.Actor{Account: account, Login: login, Name: "Nguyễn Văn Thử", Roles: []string{population.Citizen}}
}

// right is what the holder of the sample's card says.
var right = population.SelfProof{Number: thu, Name: "NGUYEN VAN THU", Birth: citizen.MustDay("1990-01-01"), Serial: "a1", Confirmed: true}

// TestALoginProvesNothing: who ticks the role citizen for an account and types
// another's number as its login sees nothing.
func TestALoginProvesNothing(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, _ := bound(t, db)
		me := citizenOf("a-7", thu.Reveal())
		me.Roles = append(me.Roles, population.Administrator)
		_, own := r.Own(ctx, me)
		_, lookups := r.Lookups(ctx, me, "", 10)
		_, objections := r.ObjectionsOf(ctx, me)
		for name, err := range map[string]error{
			"own": own, "look-ups": lookups, "objections": objections, "object": r.Object(ctx, me, "1", "x"),
		} {
			if !population.IsUnbound(err) {
				t.Errorf("%s: %v, want that the account is not bound", name, err)
			}
		}
	})
}

func TestHolderProves(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, b := bound(t, db)
		me, stranger := citizenOf("a-7", "thu"), citizenOf("a-8", "la")
		for name, change := range map[string]func(p *population.SelfProof){
			"another's name": func(p *population.SelfProof) { p.Name = "Trần Văn Khác" },
			"a year alone":   func(p *population.SelfProof) { p.Birth = citizen.MustDay("1990") },
			"another card":   func(p *population.SelfProof) { p.Serial = "B2" },
			"nobody":         func(p *population.SelfProof) { p.Number = citizen.MustNumber("001090999999") },
		} {
			p := right
			change(&p)
			// Each says the same: no. What it was is not told.
			if err := r.Prove(ctx, stranger, p); fault.Of(err) != fault.Invalid || fault.As(err).Key != "population.bind.no" ||
				fault.As(err).Field != "" {
				t.Errorf("%s: %v, want no", name, err)
			}
		}
		var list fault.List
		if err := r.Prove(ctx, stranger, population.SelfProof{}); !errors.As(err, &list) || len(list) != 5 {
			t.Errorf("nothing was said: %v, want a fault at each field", err)
		}
		if err := r.Prove(
			ctx, stranger, population.SelfProof{Number: thu, Name: "x", Birth: right.Birth, Serial: "x", Confirmed: true},
		); fault.As(err).Key != "population.bind.no" {
			t.Errorf("a fifth try: %v, want no", err)
		}
		// A sixth is one too many, right or wrong; others are not shut out.
		if err := r.Prove(ctx, stranger, right); fault.Of(err) != fault.TooMany {
			t.Errorf("a sixth try: %v, want too many", err)
		}
		if err := r.Prove(ctx, me, right); err != nil {
			t.Fatalf("the holder: %v", err)
		}
		v, err := r.Own(ctx, me)
		if err != nil || v.Person.Number != thu || b.list[0].How != population.BoundByMatch || b.list[0].Proof != "CCCD" {
			t.Errorf("own = %v, %v, bound %+v", v.Person.Number, err, b.list)
		}
		if err := r.Prove(ctx, me, right); fault.Of(err) != fault.Conflict {
			t.Errorf("once more: %v, want conflict", err)
		}
		if err := r.Prove(ctx, citizenOf("a-9", "other"), right); fault.As(err).Key != "population.bind.no" {
			t.Errorf("who knows it too when it is bound: %v, want no", err)
		}
		// The person reads who tried, and as whom.
		seen, err := r.Lookups(ctx, me, "", 10)
		if err != nil || len(seen) != 6 || seen[5].Service != population.ServiceBind || seen[5].Officer != "a-8" ||
			seen[5].Outcome != population.NotFound {
			t.Errorf("log = %+v, %v, want each try", seen, err)
		}
	})
}

func TestOfficerBinds(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, b := bound(t, db)
		me := citizenOf("a-7", "thu")
		if err := r.AskOfficer(ctx, me, wife); err != nil {
			t.Fatal(err)
		}
		if err := r.AskOfficer(ctx, me, thu); err != nil { // takes the place of the first
			t.Fatal(err)
		}
		if w, err := r.WaitingFor(ctx, clerkOnly); err != nil || w != (population.Waiting{Bindings: 1}) {
			t.Errorf("waiting = %+v, %v", w, err)
		}
		if w, err := r.WaitingFor(ctx, actor.Actor{Account: "x", Roles: []string{population.Administrator}}); err != nil ||
			w != (population.Waiting{}) {
			t.Errorf("waiting for an administrator = %+v, %v", w, err)
		}
		waiting, err := r.BindRequestsFor(ctx, clerkOnly, thu)
		if err != nil || len(waiting) != 1 || waiting[0].Login != "thu" {
			t.Fatalf("waiting = %+v, %v", waiting, err)
		}
		state, err := r.MyBinding(ctx, me)
		if err != nil || state.Bound || state.Request == nil {
			t.Errorf("state = %+v, %v", state, err)
		}
		desk := atDesk
		desk.By = clerkOnly
		own := desk
		own.By = actor.Actor{Account: me.Account, Roles: []string{population.Registrar, population.Citizen}}
		for _, tt := range []struct {
			name       string
			in         population.Inquiry
			n          citizen.Number
			id, card   string
			want       fault.Kind
			bindsAfter int
		}{
			{"an officer's own account", own, thu, waiting[0].ID, "CC", fault.Denied, 0},
			{"another person", desk, wife, waiting[0].ID, "CC", fault.NotFound, 0},
			{"no card", desk, thu, waiting[0].ID, "", fault.Invalid, 0},
			{"the card was seen", desk, thu, waiting[0].ID, "CC", "", 1},
			{"a second click", desk, thu, waiting[0].ID, "CC", fault.NotFound, 1},
		} {
			err := r.Bind(ctx, tt.in, tt.n, tt.id, tt.card)
			if err == nil && tt.want != "" || err != nil && fault.Of(err) != tt.want || len(b.list) != tt.bindsAfter {
				t.Errorf("%s: %v, %d bound, want %q and %d", tt.name, err, len(b.list), tt.want, tt.bindsAfter)
			}
		}
		if v, err := r.Own(ctx, me); err != nil || v.Person.Number != thu {
			t.Errorf("own = %v, %v", v.Person.Number, err)
		}
		if err := r.AskOfficer(ctx, citizenOf("a-8", "la"), thu); err != nil {
			t.Fatal(err)
		}
		again, err := r.BindRequestsFor(ctx, clerkOnly, thu)
		if err != nil || len(again) != 1 {
			t.Fatalf("waiting = %+v, %v", again, err)
		}
		if err := r.Bind(ctx, desk, thu, again[0].ID, "CC"); fault.Of(err) != fault.Conflict {
			t.Errorf("a second account of one person: %v, want conflict", err)
		}
	})
}

// names knows one account.
type names struct{}

func (names) FoundBy(_ context.Context, stored string) []string {
	if clerk.Is(stored) {
		return []string{clerk.Account, clerk.Login}
	}
	return []string{stored}
}

// TestOfficerIsFoundByEither: what the desk's log kept of an officer before, the login,
// and what it keeps now, the account, are one.
func TestOfficerIsFoundByEither(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, store := register(t, db)
		load(t, r, thuFamily())
		r.Names = names{}
		before := population.Entry{Lookup: population.Lookup{
			At: now, Agency: "G01", Officer: clerk.Login, Service: population.ServiceDesk, Persons: 1, Outcome: population.Answered,
		}, Subjects: []citizen.Number{thu}}
		if err := store.Log(ctx, before); err != nil {
			t.Fatal(err)
		}
		if _, err := r.View(ctx, atDesk, thu); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{clerk.Login, clerk.Account} {
			found, err := r.OfficerLookups(ctx, clerk, "G01", name, population.Period{}, "", 0)
			if err != nil || len(found) != 2 {
				t.Errorf("by %q: %+v, %v, want both look-ups", name, found, err)
			}
		}
	})
}
