package identitynode

import (
	"context"
	"encoding/json"
	"fmt"

	"dean06/internal/citizen"
	"dean06/internal/identity"
	"dean06/internal/identity/identityweb"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/signon"
)

// demoSeed makes the one-time codes of everybody in the demo (base32).
const demoSeed = "TRINHDIENDEANKHONGSAUTRINHDIENDE"

// DemoHolders gives people of the demo an identity of level 2, all with the password of a hash, and offers
// them where one signs in. It is called before the node serves.
func (n *Node) DemoHolders(ctx context.Context, people []identityweb.DemoHolder, hashed func() (string, error)) error {
	holders := make([]identity.SeedHolder, len(people))
	for i, p := range people {
		number, err := citizen.ParseNumber(p.Number)
		if err != nil {
			return fmt.Errorf("the demo's %s: %w", p.Name, err)
		}
		holders[i] = identity.SeedHolder{Number: number, Email: "dd" + p.Number[6:] + "@dean06.example.vn"}
	}
	if err := n.service.Seed(ctx, actor.OfSystem(identity.Program), hashed, holders...); err != nil {
		return fmt.Errorf("the demo's people: %w", err)
	}
	n.shown.Demo = people
	return nil
}

// DemoClient lets a node of the demo ask who signs in, as its owner and the authority would:
// one registers, another approves. What changed since the last start is approved anew.
func (n *Node) DemoClient(ctx context.Context, owner string, name identity.Text, r signon.Registration) error {
	keys, err := json.Marshal(r.Keys)
	if err != nil {
		return err
	}
	c := identity.Client{
		ID: r.Client, Owner: owner, Name: name, RedirectURIs: []string{r.Redirect}, LogoutURIs: []string{r.Left}, BackChannel: r.BackChannel,
		Grants: []string{"authorization_code"}, Auth: identity.AuthKey, Keys: keys, PushedOnly: true,
		Purposes: []identity.Purpose{{
			Code: "dang-nhap", Text: identity.Text{Vi: "Biết ai đăng nhập", En: "To know who signs in"},
			Basis: "Nghị định 69/2024/NĐ-CP", Claims: []string{identity.ClaimName, identity.ClaimNumber, identity.ClaimKind}, Law: true,
		}},
	}
	keeper, operator := actor.OfSystem(identity.Operator), actor.OfSystem(identity.Operator)
	keeper.Account, operator.Account = "demo-keeper", "demo-operator"
	old, err := n.store.Client(ctx, r.Client)
	switch {
	case fault.Of(err) == fault.NotFound:
		_, _, err = n.service.RegisterClient(ctx, keeper, c)
	case err == nil:
		err = n.service.ChangeClient(ctx, keeper, c, old.Version)
	}
	if err != nil {
		return err
	}
	now, err := n.store.Client(ctx, r.Client)
	if err != nil || now.State == identity.ClientApproved && now.Change == nil {
		return err
	}
	return n.service.ApproveClient(ctx, operator, r.Client)
}
