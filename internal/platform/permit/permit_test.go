package permit_test

import (
	"testing"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/permit"
)

func TestCan(t *testing.T) {
	t.Parallel()
	table := permit.Table[string]{Module: "kitchen", Rows: []permit.Row[string]{
		{Action: "cook", Roles: []string{"cook"}},
		{Action: "look", Everybody: true},
		{Action: "weigh", Roles: []string{"cook"}, Command: true},
		{Action: "eat", Own: []string{"guest"}},
		{Action: "pay", EverybodyOwn: true},
	}}
	cook := actor.Actor{Account: "1", Roles: []string{"cook"}}
	guest := actor.Actor{Account: "2", Roles: []string{"guest"}}
	shell := actor.Actor{Account: "os:lan", Via: actor.Command}
	tests := []struct {
		name   string
		who    actor.Actor
		action string
		own    bool
		want   fault.Kind
	}{
		{name: "a role that has it", who: cook, action: "cook"},
		{name: "a role that has it not", who: guest, action: "cook", want: fault.Denied},
		{name: "nobody", action: "look", want: fault.Unsigned},
		{name: "everybody who is signed in", who: guest, action: "look"},
		{name: "the command line, where the row says so", who: shell, action: "weigh"},
		{name: "the command line elsewhere", who: shell, action: "cook", want: fault.Denied},
		{name: "one's own", who: guest, action: "eat", own: true},
		{name: "another's", who: guest, action: "eat", want: fault.Denied},
		{name: "one's own, whoever it is", who: cook, action: "pay", own: true},
		{name: "another's, whoever it is", who: guest, action: "pay", want: fault.Denied},
		{name: "an action that no row has", who: cook, action: "burn", own: true, want: fault.Denied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := table.CanOwn(tt.who, tt.action, tt.own)
			if got == nil && tt.want != "" || got != nil && fault.Of(got) != tt.want {
				t.Errorf("CanOwn = %v, want %q", got, tt.want)
			}
		})
	}
}
