package exchange_test

import (
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/exchange/centre"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/permit"
)

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	as := func(roles ...string) actor.Actor { return actor.Actor{Account: "1", Roles: roles, Via: actor.Password} }
	tests := []struct {
		who  string
		by   actor.Actor
		do   exchange.Action
		want fault.Kind
	}{
		{"an operator", as(exchange.Operator), exchange.ActRead, ""},
		{"an operator", as(exchange.Operator), exchange.ActGive, fault.Denied},
		{"an administrator", as(exchange.Administrator), exchange.ActGive, ""},
		{"an administrator", as(exchange.Administrator), exchange.ActOffer, ""},
		{"an administrator", as(exchange.Administrator), exchange.ActGroup, ""},
		{"an administrator", as(exchange.Administrator), exchange.ActJoin, fault.Denied},
		{"an auditor", as(exchange.Auditor), exchange.ActProve, ""},
		{"an auditor", as(exchange.Auditor), exchange.ActEnd, fault.Denied},
		{"an auditor who operates", as(exchange.Auditor, exchange.Operator), exchange.ActOffer, fault.Denied},
		{"a coordinator", as("coordinator"), exchange.ActRead, fault.Denied},
		{"the command line", actor.AtCommandLine(), exchange.ActProve, ""},
		{"the command line", actor.AtCommandLine(), exchange.ActJoin, ""},
		{"the command line", actor.AtCommandLine(), exchange.ActGive, fault.Denied},
		{"the program", actor.OfSystem(exchange.Program), exchange.ActGroup, ""},
		{"nobody", actor.Actor{}, exchange.ActRead, fault.Unsigned},
	}
	for _, tt := range tests {
		err := exchange.Permissions.Can(tt.by, tt.do)
		if (err == nil) != (tt.want == "") || err != nil && fault.Of(err) != tt.want {
			t.Errorf("%s, %s: got %v, want %q", tt.who, tt.do, err, tt.want)
		}
	}
}

// TestPermissionsHaveTexts: each action has a name, and words for whoever may not.
func TestPermissionsHaveTexts(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(exchange.Messages, centre.Messages)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range [][]permit.Line{exchange.Permissions.Lines(), centre.Permissions.Lines()} {
		for _, l := range table {
			for _, key := range []string{l.Module + ".may." + l.Action, l.Module + ".denied." + l.Action, l.Module + ".denied.unsigned"} {
				if !catalogue.Has(key) {
					t.Errorf("no text for %s", key)
				}
			}
		}
	}
}
