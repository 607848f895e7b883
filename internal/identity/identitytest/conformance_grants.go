package identitytest

import (
	"context"
	"testing"
	"time"

	"dean06/internal/identity"
)

func held(t *testing.T, s identity.Store) {
	ctx := t.Context()
	g := identity.Grant{
		ID: "g-1", Client: "c-1", Account: "a-1", For: "a-2", Session: "s-1", Scope: []string{"openid"}, Claims: []string{"name"}, Purposes: []string{"birth"},
		Asked: `{"userinfo":{}}`, Methods: []identity.Method{identity.ByKey}, ACR: identity.Two, AuthAt: noon, Nonce: "n", Key: "k",
		Refresh: "r1", CreatedAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
	must(t, save(t, s, identity.Tx.AddGrant, g))
	wantErr(t, "made twice", save(t, s, identity.Tx.AddGrant, g), identity.ErrChanged)
	move := func(g identity.Grant, refresh string) error {
		return within(t, s, func(ctx context.Context, tx identity.Tx) error { return tx.MoveGrant(ctx, g, refresh) })
	}
	g.Refresh, g.Before, g.RotatedAt = "r2", "r1", noon.Add(time.Minute)
	must(t, move(g, "r1"))
	wantErr(t, "the token before", move(g, "r1"), identity.ErrChanged)
	for _, token := range []string{"r1", "r2"} {
		got, err := s.GrantByRefresh(ctx, token)
		equal(t, "by "+token, g, got, err)
	}
	_, err := s.GrantByRefresh(ctx, "")
	wantErr(t, "by none", err, identity.ErrUnknown)
	own := identity.Grant{ID: "g-2", Client: "c-2", CreatedAt: noon.Add(time.Second), ExpiresAt: noon.Add(time.Minute)}
	must(t, save(t, s, identity.Tx.AddGrant, own))
	for name, c := range map[string]struct {
		f    identity.GrantFilter
		want []identity.Grant
	}{
		"of the account": {identity.GrantFilter{Account: "a-1"}, []identity.Grant{g}},
		"of the client":  {identity.GrantFilter{Client: "c-2"}, []identity.Grant{own}},
		"of the session": {identity.GrantFilter{Session: "s-1", Account: "a-1", At: noon}, []identity.Grant{g}},
		"of another":     {identity.GrantFilter{Account: "a-1", Client: "c-2"}, nil},
		"acted for":      {identity.GrantFilter{For: "a-2"}, []identity.Grant{g}},
		"who acts":       {identity.GrantFilter{For: "a-1"}, nil},
		"that hold":      {identity.GrantFilter{At: noon.Add(time.Minute)}, []identity.Grant{g}},
		"all":            {identity.GrantFilter{}, []identity.Grant{own, g}},
	} {
		list, err := s.Grants(ctx, c.f)
		equal(t, name, c.want, list, err)
	}
	g.EndedAt, g.EndedWhy = noon.Add(time.Minute), "reused"
	must(t, move(g, "r2"))
	wantErr(t, "an ended one", move(g, "r2"), identity.ErrChanged)
	got, err := s.Grant(ctx, "g-1")
	equal(t, "ended", g, got, err)
	list, err := s.Grants(ctx, identity.GrantFilter{Account: "a-1", At: noon})
	equal(t, "none holds", nil, list, err)
}

// The ring is written over the version that was read, and kept as it was written.
func ring(t *testing.T, s identity.Store) {
	save := func(text string, version int64) error {
		return within(t, s, func(ctx context.Context, tx identity.Tx) error { return tx.SaveRing(ctx, []byte(text), version) })
	}
	none, version, err := s.Ring(t.Context())
	if none != nil || version != 0 || err != nil {
		t.Errorf("before there is one: %q, %d, %v", none, version, err)
	}
	must(t, save("a", 0))
	must(t, save("b", 1))
	wantErr(t, "over another version", save("c", 1), identity.ErrChanged)
	wantErr(t, "as if there were none", save("d", 0), identity.ErrChanged)
	got, version, err := s.Ring(t.Context())
	equal(t, "the ring", "b", string(got), err)
	equal(t, "its version", int64(2), version, nil)
}
