package approval_test

import (
	"testing"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/fault"
)

var noon = time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)

// one person has the accounts "an" and "an2", another "giang" and "giang2".
func one(a, b string) bool { return a+"2" == b && pair(b) || b+"2" == a && pair(a) }

func pair(second string) bool { return second == "an2" || second == "giang2" }

func key(err error) string {
	if f := fault.As(err); f != nil {
		return f.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestCanAsk(t *testing.T) {
	t.Parallel()
	an := actor.Actor{Account: "an", Via: actor.Password}
	tests := []struct {
		name     string
		by       actor.Actor
		benefits string
		reason   string
		oneself  bool
		want     string
	}{
		{name: "for somebody else", by: an, benefits: "binh", reason: "thay người nghỉ"},
		{name: "for nobody's gain", by: an, reason: "mở quyền"},
		{name: "at the command line", by: actor.Actor{Account: "os:an", Via: actor.Command}, reason: "x"},
		{name: "nobody", reason: "x", want: "approval.denied.unsigned"},
		{name: "a programme", by: actor.Actor{Account: "token:1", Via: actor.Token}, reason: "x", want: "approval.denied.person"},
		{
			name: "another node as if it sat here",
			by:   actor.Actor{Account: "VN#1", Via: actor.Exchange}, reason: "x", want: "approval.denied.person",
		},
		{name: "one's own gain", by: an, benefits: "an", reason: "x", want: "approval.denied.own_gain"},
		{name: "the gain of one's other account", by: an, benefits: "an2", reason: "x", want: "approval.denied.own_gain"},
		{name: "one's own gain where the kind lets one", by: an, benefits: "an", reason: "x", oneself: true},
		{name: "without a reason", by: an, reason: " \n", want: "approval.reason.missing"},
		{name: "with a book for a reason", by: an, reason: string(make([]byte, 3000)), want: "approval.reason.long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := approval.Request{Benefits: tt.benefits, Reason: tt.reason}
			if got := key(approval.CanAsk(approval.Kind{Oneself: tt.oneself}, tt.by, r, one)); got != tt.want {
				t.Errorf("CanAsk = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCanDecide(t *testing.T) {
	t.Parallel()
	admin := func(id string) approval.Account {
		return approval.Account{ID: id, Login: id, Roles: []string{"administrator"}, Active: true}
	}
	gone := admin("chi")
	gone.Active = false
	tests := []struct {
		name   string
		who    approval.Account
		change func(*approval.Request)
		want   string
	}{
		{name: "a second administrator", who: admin("chi")},
		{name: "the asker", who: admin("an"), want: "approval.denied.own_request"},
		{name: "the asker's other account", who: admin("an2"), want: "approval.denied.own_request"},
		{name: "the one who gains", who: admin("binh"), want: "approval.denied.own_gain"},
		{name: "who had a hand in it", who: admin("giang"), want: "approval.denied.hand"},
		{name: "their other account", who: admin("giang2"), want: "approval.denied.hand"},
		{name: "another role", who: approval.Account{ID: "chi", Roles: []string{"leader"}, Active: true}, want: "approval.denied.decide"},
		{name: "no role", who: approval.Account{ID: "chi", Active: true}, want: "approval.denied.decide"},
		{name: "a closed account", who: gone, want: "approval.denied.inactive"},
		{
			name: "what was sent away", who: admin("chi"),
			change: func(r *approval.Request) { r.SentTo = "VN/GOV/G06/TRUC" }, want: "approval.denied.elsewhere",
		},
		{name: "one moment before the end", who: admin("chi"), change: func(r *approval.Request) { r.Until = noon.Add(time.Microsecond) }},
		{name: "at the end", who: admin("chi"), change: func(r *approval.Request) { r.Until = noon }, want: "approval.closed.expired"},
		{
			name: "withdrawn", who: admin("chi"),
			change: func(r *approval.Request) { r.State = approval.Taken }, want: "approval.closed.withdrawn",
		},
		{
			name: "refused by another", who: admin("chi"),
			change: func(r *approval.Request) { r.State = approval.Refused }, want: "approval.closed.refused",
		},
		{
			name: "approved by another", who: admin("chi"),
			change: func(r *approval.Request) { r.State = approval.Approved }, want: "approval.closed.approved",
		},
		{
			name: "another node's, that names somebody else", who: admin("chi"), want: "approval.denied.decide",
			change: func(r *approval.Request) { r.Origin, r.Trip.For = "VN/GOV/H55/TTHC", "dung" },
		},
		{
			name: "another node's, that names them", who: admin("chi"),
			change: func(r *approval.Request) { r.Origin, r.Trip.For = "VN/GOV/H55/TTHC", "chi" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := approval.Request{By: actor.Actor{Account: "an"}, Benefits: "binh", State: approval.Open, Until: noon.Add(time.Hour)}
			if tt.change != nil {
				tt.change(&r)
			}
			k := approval.Kind{Deciders: []string{"administrator"}, Barred: func(approval.Request) []string { return []string{"hoa", "giang"} }}
			if got := key(approval.CanDecide(k, r, tt.who, one, noon)); got != tt.want {
				t.Errorf("CanDecide = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCanBreakGlass(t *testing.T) {
	t.Parallel()
	allowed := []approval.Emergency{{Role: "registrar", By: []string{"leader"}}}
	leader := approval.Account{ID: "an", Roles: []string{"leader"}, Active: true}
	old := func(ended time.Duration) []approval.Grant {
		return []approval.Grant{{Role: "registrar", Until: noon.Add(-ended)}}
	}
	tests := []struct {
		name   string
		who    approval.Account
		role   string
		reason string
		long   time.Duration
		before []approval.Grant
		want   string
	}{
		{name: "a day", who: leader, role: "registrar", reason: "bão", long: 24 * time.Hour},
		{name: "longer", who: leader, role: "registrar", reason: "bão", long: 24*time.Hour + 1, want: "approval.emergency.hours"},
		{name: "no time at all", who: leader, role: "registrar", reason: "bão", want: "approval.emergency.hours"},
		{name: "without a reason", who: leader, role: "registrar", long: time.Hour, want: "approval.reason.missing"},
		{
			name: "a role that nobody may take", who: leader,
			role: "administrator", reason: "bão", long: time.Hour, want: "approval.denied.break_glass",
		},
		{
			name: "by others", who: approval.Account{ID: "b", Roles: []string{"auditor"}, Active: true},
			role: "registrar", reason: "bão", long: time.Hour, want: "approval.denied.break_glass",
		},
		{
			name: "by a closed account", who: approval.Account{ID: "b", Roles: []string{"leader"}},
			role: "registrar", reason: "bão", long: time.Hour, want: "approval.denied.inactive",
		},
		{
			name: "what they have", who: approval.Account{ID: "b", Roles: []string{"leader", "registrar"}, Active: true},
			role: "registrar", reason: "bão", long: time.Hour, want: "approval.emergency.held",
		},
		{
			name: "while it runs", who: leader,
			role: "registrar", reason: "bão", long: time.Hour, before: old(-time.Hour), want: "approval.emergency.again",
		},
		{
			name: "the day after", who: leader,
			role: "registrar", reason: "bão", long: time.Hour, before: old(24 * time.Hour), want: "approval.emergency.again",
		},
		{name: "a week after", who: leader, role: "registrar", reason: "bão", long: time.Hour, before: old(approval.Rest)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := key(approval.CanBreakGlass(allowed, tt.who, tt.role, tt.reason, tt.long, tt.before, noon)); got != tt.want {
				t.Errorf("CanBreakGlass = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAGrantEndsByTheTimeItself(t *testing.T) {
	t.Parallel()
	g := approval.Grant{At: noon, Until: noon.Add(24 * time.Hour)}
	for at, want := range map[time.Time]bool{
		noon.Add(-1): false, noon: true, noon.Add(24*time.Hour - 1): true, noon.Add(24 * time.Hour): false,
	} {
		if got := g.Holds(at); got != want {
			t.Errorf("Holds(%s) = %v, want %v", at, got, want)
		}
	}
}
