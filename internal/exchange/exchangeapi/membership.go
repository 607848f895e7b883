package exchangeapi

import (
	"context"
	"crypto"
	"sync"
	"sync/atomic"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/clock"
)

// Membership is a gateway that has joined, as the centre knows it: what the join left,
// and what renewals have put in its place since. It may be used by many at once.
type Membership struct {
	client *Client
	dir    string
	held   atomic.Pointer[held]
	renew  sync.Mutex // one renews at a time, or takes up what another left
}

// held is what was left in the folder, with the key that it belongs to.
type held struct {
	Saved
	key crypto.Signer
}

// NewMembership is that of a gateway whose join left s in the folder dir; see Load.
func NewMembership(s Saved, dir string, key crypto.Signer, c clock.Clock) *Membership {
	m := &Membership{client: &Client{URL: s.Hub, Clock: c}, dir: dir}
	m.held.Store(&held{s, key})
	return m
}

// Saved is what is known now. It never changes: a renewal puts another in its place.
func (m *Membership) Saved() Saved { return m.held.Load().Saved }

// Identity is with what the gateway speaks to the centre now.
func (m *Membership) Identity() Identity {
	h := m.held.Load()
	return h.Saved.Identity(h.key)
}

// Configuration fetches the newest; see Client.Configuration.
func (m *Membership) Configuration(ctx context.Context) (exchange.Signed, error) {
	return m.client.Configuration(ctx)
}

// Show shows the centre a configuration that it forgot; see Client.Show.
func (m *Membership) Show(ctx context.Context, s exchange.Signed, serial int64) error {
	return m.client.Show(ctx, s, serial)
}

// Ahead is how far the centre's clock is ahead; see Client.Ahead.
func (m *Membership) Ahead() (off time.Duration, ok bool) { return m.client.Ahead() }

// Apply asks the centre for an entry, a change or its end.
func (m *Membership) Apply(ctx context.Context, a exchange.Application) (exchange.Application, error) {
	return m.client.Apply(ctx, m.Identity(), a)
}

// Report says how the gateway is; see Client.Report.
func (m *Membership) Report(ctx context.Context, r exchange.Report) (a exchange.ReportAnswer, ok bool, err error) {
	return m.client.Report(ctx, m.Identity(), r)
}

// Restore tells the centre of a restore; see Client.Restore.
func (m *Membership) Restore(ctx context.Context, r exchange.Restore) error {
	return m.client.Restore(ctx, m.Identity(), r)
}

// Clear says how secure systems are; see Client.Clear.
func (m *Membership) Clear(ctx context.Context, s exchange.Security) error {
	return m.client.Clear(ctx, m.Identity(), s)
}

// Witness asks what the centre holds of this gateway's logs, and checks who signed it.
func (m *Membership) Witness(ctx context.Context) (exchange.Witness, error) {
	s := m.Saved()
	w, err := m.client.Witness(ctx, s.Gateway)
	if err != nil {
		return w, err
	}
	return w, w.Check(s.Gateway, s.Authorities())
}

// Renew gets the next certificate when it is due, keeps it in the folder, and hands it
// to take, which begins its use. It does nothing when there is no need.
func (m *Membership) Renew(ctx context.Context, take func(key crypto.Signer, der []byte) error) error {
	m.renew.Lock()
	defer m.renew.Unlock()
	h := m.held.Load()
	next, renewed, err := m.client.Renew(ctx, m.dir, h.Saved, h.key)
	if err != nil || !renewed {
		return err
	}
	m.held.Store(&held{next, h.key})
	return take(h.key, next.DER())
}

// Adopt takes up what another join left in the folder for the same gateway at the same
// centre, and hands it to take, which begins its use; when that fails, Adopt can be called again. What Renew
// itself has written is no news.
func (m *Membership) Adopt(s Saved, key crypto.Signer, take func(key crypto.Signer, s Saved) error) (news bool, err error) {
	m.renew.Lock()
	defer m.renew.Unlock()
	if s.Certificate == m.Saved().Certificate {
		return false, nil
	}
	if err := take(key, s); err != nil {
		return true, err
	}
	m.held.Store(&held{s, key})
	return true, nil
}
