package approval_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
)

// TestWhateverHappensToARequest lets accounts answer in any order, at any time and as often as
// they like: what was decided stays, and nobody was their own second person.
func TestWhateverHappensToARequest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		people := []string{"an", "an2", "binh", "chi", "dung", "em"}
		k := approval.Kind{Deciders: []string{"administrator"}}
		r := approval.Request{
			By: actor.Actor{Account: "an"}, Benefits: rapid.SampledFrom([]string{"", "binh"}).Draw(t, "benefits"), State: approval.Open,
			Needs: rapid.IntRange(1, 3).Draw(t, "needs"), At: noon, Until: noon.Add(10 * time.Hour),
		}
		now := noon
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "hours")) * time.Hour)
			before := r
			who := rapid.SampledFrom(people).Draw(t, "who")
			account := approval.Account{ID: who, Active: rapid.Bool().Draw(t, "active")}
			if rapid.Bool().Draw(t, "administrator") {
				account.Roles = []string{"administrator"}
			}
			to := rapid.SampledFrom([]approval.State{approval.Approved, approval.Refused}).Draw(t, "to")
			next, again, err := approval.Decide(k, r, actor.Actor{Account: who}, account, to, "không", one, now)
			if err == nil {
				r = next
			}
			if err == nil && !again {
				if before.StateAt(now) != approval.Open {
					t.Fatalf("%s answered a request that is %s", who, before.StateAt(now))
				}
				if who == "an" || who == "an2" || who == r.Benefits || !account.Active || len(account.Roles) == 0 {
					t.Fatalf("%s answered: %+v", who, account)
				}
			}
			if again && !same(before, r) {
				t.Fatalf("a second click changed %+v to %+v", before, r)
			}
			if before.State != approval.Open && !same(before, r) {
				t.Fatalf("a decision changed: %+v to %+v", before, r)
			}
			if before.StateAt(now) == approval.Expired && r.State != approval.Open {
				t.Fatal("an expired request was decided")
			}
			var voters []string
			for _, v := range r.Votes {
				voters = append(voters, v.By.Account)
			}
			slices.Sort(voters)
			if n := len(slices.Compact(voters)); n != len(r.Votes) || n > r.Needs {
				t.Fatalf("votes of %v, needs %d", voters, r.Needs)
			}
			if (r.State == approval.Approved) != (len(r.Votes) == r.Needs) {
				t.Fatalf("%s with %d of %d", r.State, len(r.Votes), r.Needs)
			}
		}
	})
}

func same(a, b approval.Request) bool {
	return a.State == b.State && a.Decider.Account == b.Decider.Account && a.Decided.Equal(b.Decided) && len(a.Votes) == len(b.Votes)
}
