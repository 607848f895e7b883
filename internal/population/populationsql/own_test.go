package populationsql_test

import (
	"context"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/population"
)

// bindings are the numbers of accounts, as the accounts' own keeper keeps them in its table.
type bindings map[string]citizen.Number

func (b bindings) Bound(_ context.Context, account string) (citizen.Number, error) {
	return b[account], nil
}

// bound is a register with the family of the samples, and who is bound to whom.
func bound(t *testing.T, db *sqldb.DB) (*population.Register, bindings) {
	t.Helper()
	r, _ := register(t, db)
	b := bindings{}
	r.Bindings = b
	load(t, r, thuFamily())
	return r, b
}

func citizenOf(account, login string) actor.Actor {
	return actor.Actor{Account: account, Login: login, Name: "Nguyễn Văn Thử", Roles: []string{population.Citizen}}
}

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

// TestBoundSeesTheirOwn: the account that is bound to a person sees that person, and the same
// account nobody once it is not.
func TestBoundSeesTheirOwn(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		r, b := bound(t, db)
		me, stranger := citizenOf("a-7", "thu"), citizenOf("a-8", thu.Reveal())
		b["a-7"], b["a-8"] = thu, wife
		if _, err := r.View(ctx, atDesk, thu); err != nil {
			t.Fatal(err)
		}
		if v, err := r.Own(ctx, me); err != nil || v.Person.Number != thu {
			t.Errorf("own = %v, %v", v.Person.Number, err)
		}
		if v, err := r.Own(ctx, stranger); err != nil || v.Person.Number != wife {
			t.Errorf("own of the one whose login is another's number = %v, %v", v.Person.Number, err)
		}
		seen, err := r.Lookups(ctx, me, "", 10)
		if err != nil || len(seen) != 1 {
			t.Fatalf("look-ups = %+v, %v", seen, err)
		}
		b["a-8"] = citizen.MustNumber("001090999999") // who is of no family here
		if err := r.Object(ctx, stranger, seen[0].ID, "x"); fault.Of(err) != fault.NotFound {
			t.Errorf("against a look-up of another: %v, want not found", err)
		}
		if seen, err := r.Lookups(ctx, stranger, "", 10); err != nil || len(seen) > 0 {
			t.Errorf("look-ups of another: %+v, %v", seen, err)
		}
		if err := r.Object(ctx, me, seen[0].ID, "Không phải tôi."); err != nil {
			t.Fatal(err)
		}
		auditor := actor.Actor{Account: "a-9", Roles: []string{population.Auditor}}
		for _, tt := range []struct {
			name string
			who  actor.Actor
			want population.Waiting
		}{{"the auditor", auditor, population.Waiting{Objections: 1}}, {"the clerk", clerkOnly, population.Waiting{}}} {
			if w, err := r.WaitingFor(ctx, tt.who); err != nil || w != tt.want {
				t.Errorf("waiting for %s = %+v, %v", tt.name, w, err)
			}
		}
		delete(b, "a-7")
		if _, err := r.Own(ctx, me); !population.IsUnbound(err) {
			t.Errorf("bound no longer: %v", err)
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
