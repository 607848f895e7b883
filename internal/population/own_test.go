package population_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"dean06/internal/citizen"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// bindings are the numbers of accounts.
type bindings map[string]citizen.Number

func (b bindings) Bound(_ context.Context, account string) (citizen.Number, error) {
	return b[account], nil
}

// counting is a register in memory that counts what waits, and knows an export.
type counting struct{ *memory }

func (c counting) Waiting(context.Context) (population.Waiting, error) {
	return population.Waiting{Objections: len(c.objections), Mistakes: 1}, nil
}

func (c counting) Exports(context.Context, int) ([]population.Export, error) {
	return []population.Export{{ID: "q-1"}}, nil
}

// TestOwnIsOfTheBoundPerson: whose data it is follows from what the account is bound to now,
// and from nothing else; a login that is somebody's number shows nobody.
func TestOwnIsOfTheBoundPerson(t *testing.T) {
	t.Parallel()
	r, m := village()
	bound := bindings{}
	r.Store, r.Bindings = counting{m}, bound
	ctx := t.Context()
	me := actor.Actor{Account: "a-7", Login: thu.Reveal(), Name: "Nguyễn Văn Thử", Roles: []string{population.Citizen}}
	if _, err := r.Own(ctx, me); !population.IsUnbound(err) {
		t.Fatalf("bound to nobody: %v, want that the account is not bound", err)
	}
	bound["a-7"] = thu
	if v, err := r.Own(ctx, me); err != nil || v.Person.Number != thu {
		t.Errorf("own = %v, %v", v.Person.Number, err)
	}
	clerkToo := me
	clerkToo.Roles = []string{population.Registrar}
	if _, err := r.Own(ctx, clerkToo); fault.Of(err) != fault.Denied || population.IsUnbound(err) {
		t.Errorf("bound, but no citizen: %v, want denied", err)
	}
	if _, err := r.View(ctx, atDesk(), thu); err != nil {
		t.Fatal(err)
	}
	seen, err := r.Lookups(ctx, me, "", 0)
	if err != nil || len(seen) != 1 {
		t.Fatalf("look-ups = %+v, %v, want the clerk's", seen, err)
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
	delete(bound, "a-7")
	if _, err := r.Lookups(ctx, me, "", 0); !population.IsUnbound(err) {
		t.Errorf("bound no longer: %v, want that the account is not bound", err)
	}
	for _, tt := range []struct {
		name string
		who  actor.Actor
		want population.Waiting
	}{
		{"the auditor", auditor, population.Waiting{Objections: 1}},
		{"the clerk", clerk, population.Waiting{Mistakes: 1}},
		{"an administrator", manager, population.Waiting{}},
		{"the citizen", me, population.Waiting{}},
	} {
		if got, err := r.WaitingFor(ctx, tt.who); err != nil || got != tt.want {
			t.Errorf("waiting for %s = %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
}

func TestExportOfTheVillage(t *testing.T) {
	t.Parallel()
	r, b := village()
	r.Store = counting{b}
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
