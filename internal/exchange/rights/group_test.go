package rights_test

import (
	"context"
	"slices"
	"testing"

	"dean06/internal/exchange"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/xroad"
)

// country is a gateway that knows three systems and a group of the hub.
type country struct{ exchange.Running }

var bhxh, lang = xroad.MustID("VN/GOV/G24/BHXH"), xroad.MustID("VN/GOV/H55/LANG")

func (country) Directory() *exchange.Directory {
	return exchange.Index(exchange.Configuration{
		Members: []exchange.Member{
			{ID: tthc.MemberID(), Subsystems: []exchange.Subsystem{{ID: tthc}, {ID: lang}}}, {ID: bhxh.MemberID(), Subsystems: []exchange.Subsystem{{ID: bhxh}}},
		},
		Groups: []exchange.Group{{Code: "tinh", Members: []xroad.ID{tthc}}},
	})
}

func (country) ReloadRights(context.Context) error { return nil }

func joined() exchange.Running { return country{} }

func (n *node) group(t *testing.T, code string) []xroad.ID {
	t.Helper()
	list, err := n.store.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(g exchange.Group) bool { return g.Code == code })
	if i < 0 {
		return nil
	}
	return list[i].Members
}

// TestNobodyJoinsAGroupWithRightsAlone: a group without rights is its owner's; who joins
// one that has rights waits for a second person; who leaves has left.
func TestNobodyJoinsAGroupWithRightsAlone(t *testing.T) {
	t.Parallel()
	sqldbtest.Run(t, func(t *testing.T, db *sqldb.DB) {
		n, ctx := open(t, db), t.Context()
		g := exchange.Group{Code: "xa", Name: "Các xã", Members: []xroad.ID{tthc}}
		if err := n.desk.MakeGroup(ctx, quan, g); err != nil {
			t.Fatal(err)
		}
		wants(t, n.desk.MakeGroup(ctx, quan, g), fault.Conflict, "exchange.group.exists")
		with := func(members ...xroad.ID) exchange.Group {
			return exchange.Group{Code: "xa", Name: "Các xã", Members: members}
		}
		change := func(by actor.Actor, members ...xroad.ID) exchange.GroupWish {
			t.Helper()
			wish, err := n.desk.ChangeGroup(ctx, by, with(members...), "theo công văn 12/UBND")
			if err != nil {
				t.Fatal(err)
			}
			return wish
		}
		if wish := change(quan, tthc, bhxh); wish.ID != "" || len(n.group(t, "xa")) != 2 {
			t.Fatalf("a group without rights: %+v, %v", wish, n.group(t, "xa"))
		}
		r := right("r1")
		r.Subject, r.Group = xroad.ID{}, "xa"
		if _, wish, err := n.desk.Give(ctx, quan, r, ""); err != nil || wish.ID == "" {
			t.Fatalf("%v %v", wish, err)
		}
		_, err := n.desk.ChangeGroup(ctx, quan, with(tthc, bhxh, lang), " ")
		wants(t, err, fault.Invalid, "approval.reason.missing")
		// The right waits only, and already nobody joins alone.
		if wish := change(quan, tthc, bhxh, lang); wish.ID == "" || len(n.group(t, "xa")) != 2 {
			t.Fatalf("a group that a right waits for: %+v, %v", wish, n.group(t, "xa"))
		}
		_, err = n.desk.ChangeGroup(ctx, hai, with(tthc), "")
		wants(t, err, fault.Conflict, "exchange.group.asked")
		wishes, err := n.desk.GroupWishes(ctx, quan)
		if err != nil || len(wishes) != 1 {
			t.Fatalf("%v %v", wishes, err)
		}
		_, err = n.approvals.Approve(ctx, quan, wishes[0].ID)
		wants(t, err, fault.Denied, "approval.denied.own_request")
		if _, err := n.approvals.Approve(ctx, hai, wishes[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := n.group(t, "xa"); !slices.Equal(got, []xroad.ID{tthc, bhxh, lang}) {
			t.Errorf("approved: %v", got)
		}
		if wish := change(quan, tthc); wish.ID != "" || len(n.group(t, "xa")) != 1 {
			t.Errorf("to leave waits for nobody: %+v, %v", wish, n.group(t, "xa"))
		}
		// One is asked in while another leaves: what was approved is no longer what was read.
		wish := change(quan, tthc, bhxh)
		if err := n.store.SaveGroup(ctx, with()); err != nil {
			t.Fatal(err)
		}
		_, err = n.approvals.Approve(ctx, hai, wish.ID)
		wants(t, err, fault.Conflict, "exchange.group.changed")
		if got := n.group(t, "xa"); len(got) != 0 {
			t.Errorf("who had left is back: %v", got)
		}
	})
}

// TestGroupsThatNobodyMakes: the program's own, one that would hide the hub's, strangers.
func TestGroupsThatNobodyMakes(t *testing.T) {
	t.Parallel()
	n, ctx := open(t, sqldbtest.OpenSQLite(t)), t.Context()
	for _, tt := range []struct {
		by   actor.Actor
		g    exchange.Group
		kind fault.Kind
		key  string
	}{
		{quan, exchange.Group{Code: exchange.Everybody, Name: "x", Members: []xroad.ID{tthc}}, fault.Denied, "exchange.group.program"},
		{quan, exchange.Group{Code: "tinh", Name: "x", Members: []xroad.ID{tthc}}, fault.Conflict, "exchange.group.hub"},
		{quan, exchange.Group{Code: "a b", Name: "x"}, fault.Invalid, ""},
		{quan, exchange.Group{Code: "a", Name: ""}, fault.Invalid, ""},
		{quan, exchange.Group{Code: "a", Name: "x", Members: []xroad.ID{tthc, tthc}}, fault.Invalid, ""},
		{quan, exchange.Group{Code: "a", Name: "x", Members: []xroad.ID{xroad.MustID("VN/GOV/H99/X")}}, fault.Invalid, "exchange.group.members"},
		{actor.Actor{Account: "o", Roles: []string{exchange.Operator}}, exchange.Group{Code: "a", Name: "x"}, fault.Denied, "exchange.denied.group"},
	} {
		wants(t, n.desk.MakeGroup(ctx, tt.by, tt.g), tt.kind, tt.key)
	}
	// By hand nobody takes the program's way past the second person.
	wants(t, n.desk.SetGroup(ctx, quan, exchange.Group{Code: "a", Name: "x", Members: []xroad.ID{tthc}}), fault.Denied, "exchange.denied.group")
	if list, err := n.store.Groups(ctx); err != nil || len(list) != 0 {
		t.Errorf("groups: %v, %v", list, err)
	}
}
