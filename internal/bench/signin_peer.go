package bench

import (
	"context"
	"net"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// SignInPeer is another provider that does what Identity measures, in memory: npm
// oidc-provider, as its folder has it.
type SignInPeer struct {
	Dir     string // with server.mjs and what it needs
	Node    string // the program
	Callers []int
	For     time.Duration // of each measurement
}

// Run gives sections of the names and members that Identity gives.
func (o SignInPeer) Run(ctx context.Context) (out []Section, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	run, err := serve(ctx, o.Dir, o.Node, address, "server.mjs", port, clientID, clientSecret, clientBack)
	if run == nil {
		return nil, err
	}
	defer func() { _ = run.stop() }() // how it ends is of no interest
	if err != nil {
		return nil, err
	}
	most := 1
	for _, n := range o.Callers {
		most = max(most, n)
	}
	surfers := make([]*surfer, most)
	for i := range surfers {
		surfers[i] = &surfer{cookies: map[string]string{}}
	}
	issuer := strings.Replace(run.url, "127.0.0.1", "localhost", 1)
	r, err := newRelying(address, doors{par: issuer + "/request", authorize: issuer + "/auth", token: issuer + "/token"}, surfers)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	for _, n := range o.Callers {
		out = append(out, r.drive(ctx, "sign_in", n, o.For, run.cost, func(ctx context.Context, v *surfer, _ int) error { return r.signIn(ctx, v) }))
	}
	for _, n := range o.Callers {
		out = append(out, r.drive(ctx, "client_credentials", n, o.For, run.cost, func(ctx context.Context, v *surfer, _ int) error { return r.ownToken(ctx, v) }))
	}
	return out, nil
}

// begin signs each browser in once, so that their sessions exist; a few at a time.
func (r *relying) begin(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for _, v := range r.callers {
		g.Go(func() error { return r.signIn(ctx, v) })
	}
	return g.Wait()
}
